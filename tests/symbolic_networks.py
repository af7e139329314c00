"""Random network files with symbols for sizes of their inputs, held against runs with numbers."""

from __future__ import annotations

from contextlib import redirect_stdout
from typing import Any, NamedTuple

import convshape as cs
from convshape.analysis.symbols import at_sizes, closed_forms
from convshape.readers.network_file.reader import read
from convshape.run.fit import Fit, fit
from convshape.run.program import Program
from convshape.run.record import Run, tensors
from convshape.run.varying import Varying
from convshape.shapetorch.tensor import Tensor
from convshape.symbolic.dim import Dim
from convshape.verify.generators.choices import Pick

#: Up to which size inputs are looked at.
LIMIT = 24


class Found(NamedTuple):
    """A disagreement, in words, or none; and whether the network took the size."""

    wrong: str
    accepted: bool
    claimed: bool


def symbolic_program(text: str) -> Program:
    """Return a network with symbols for some axes of its inputs, one symbol for each size."""
    return with_symbols_everywhere(read(text, "net.yaml"))


def with_symbols_everywhere(network: Program) -> Program:
    """Return a network with a symbol for each axis of its inputs behind the channels."""
    names = iter("HWDLKM")
    by_size: dict[int, Dim] = {}
    inputs = []
    for tensor in network.inputs:
        lead = min(2, tensor.ndim - 1)
        sizes = [
            by_size.get(n) or by_size.setdefault(n, Dim(next(names), n))
            for n in tensor.shape[lead:]
        ]
        inputs.append(Tensor((*tensor.shape[:lead], *sizes), tensor.dtype))
    return Program(network.module, inputs)


def compared(text: str, pick: Pick, tries: int = 4) -> list[Found]:
    """Compare the closed forms and the sizes that fit with runs with numbers, at random sizes."""
    try:
        program = symbolic_program(text)
    except (cs.ShapeError, cs.SpecError):
        return []  # refused before anything runs
    result, sizes = closed_forms(program), fit(Varying(program), LIMIT, 20)
    trials = Varying(program)
    found = []
    drawn = (_sizes(trials.symbols, pick) for _ in range(tries))
    for at in map(dict, dict.fromkeys(tuple(sizes.items()) for sizes in drawn)):
        with redirect_stdout(None):
            numbers = trials.run(at, plain=True)
        found.append(
            Found(_wrong(result, sizes, at, numbers), numbers.error is None, claims(result, at))
        )
    return found


def _sizes(symbols: dict[str, int], pick: Pick) -> dict[str, int]:
    """Draw a size of each symbol, often near to that which the network was made for."""
    if pick((True, False)):
        return {n: max(1, min(LIMIT, v + pick((-2, -1, 0, 1, 2, v)))) for n, v in symbols.items()}
    return {name: pick(range(1, LIMIT + 1)) for name in symbols}


def claims(result: Run, at: dict[str, int]) -> bool:
    """Return whether the closed forms of a run are said to hold at these sizes."""
    if result.record is None:
        return False
    points = {name: [value] for name, value in at.items()}
    conditions = (*result.record.conditions, *result.record.fixed)
    return all(c.over(points, 1, {})[0] for c in conditions)


def _wrong(result: Run, sizes: Fit, at: dict[str, int], numbers: Run) -> str:
    known = not any(
        all(mask >> at[name] & 1 for name, mask in zip(sizes.symbols, box, strict=True))
        for box in sizes.unknown
    )
    fits = numbers.error is None and not _misplaced(numbers)
    if known and (at in sizes) is not fits:
        return f"fit says {at in sizes} at {at}, the run: {numbers.error}"
    if not claims(result, at):
        return ""
    if numbers.error is not None:
        return f"at {at} all conditions hold, but: {numbers.error}"
    return differs(result, numbers, at)


def differs(result: Run, numbers: Run, at: dict[str, int]) -> str:
    """Return the difference at these sizes between closed forms and a run with numbers, if any."""
    if len(result.calls) != len(numbers.calls):
        return "" if "depends" in result.note else f"at {at} there are other calls"
    for ours, theirs in zip(result.calls, numbers.calls, strict=True):
        for closed, plain in zip(tensors(ours.result), tensors(theirs.result), strict=True):
            if _unclear(closed.shape):
                continue
            if [at_sizes(n, at) for n in closed.shape] != [*plain.shape]:
                return f"at {at}: {list(map(_text, closed.shape))} is {tuple(plain.shape)}"
    return ""


def _misplaced(numbers: Run) -> bool:
    return bool(getattr(numbers, "misplaced", ""))


def _unclear(shape: Any) -> bool:
    return any(isinstance(n, Dim) and "?" in n.expression.symbols for n in shape)


def _text(size: int) -> str:
    return str(size.expression) if isinstance(size, Dim) else str(size)
