"""Runs with symbolic inputs: the values that the symbols take, and what the runs give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..run.input_fixes import USUAL as IMAGES
from ..run.record import Row, tensors
from ..run.runner import run
from ..shapetorch.tensor_attributes import Size
from ..symbolic.dim import Dim, Record, lost, recording
from ..symbolic.region import smallest
from ..thread_output import muted
from .fit import Trials, fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..run.program import Program
    from ..run.record import Run

#: Sizes that networks are written for, the usual ones first: of images, and of series.
USUAL = (*IMAGES, 8, 1024, 16000)
#: The largest size at which a network is tried for a fit, such as the samples of a second.
_LIMIT = 2**14
#: How much larger sizes are at which the closed forms are held against another run.
_SHIFTS = range(1, 65)


def closed_forms(program: Program) -> Run:
    """Run a program whose inputs have symbols; sizes of the run are `Dim` with closed forms.

    If it fits at no values of the symbols without a value, it is run at the usual ones, and its
    error has numbers.
    """
    trials = Trials(program)
    sizes = _chosen(trials) or _found(program, trials)
    if sizes is not None:
        record = Record(sizes)
        with recording(record):
            result = run(trials.at(sizes))
        if result.error is None:
            result.record = record
            _check(result, trials, sizes)
            return result
    return trials.run(sizes or trials.symbols, plain=True)


def _chosen(trials: Trials) -> dict[str, int] | None:
    """Return values at which the network runs: those that are given, for the others a usual one."""
    with muted():
        for size in USUAL:
            sizes = {n: v if n in trials.given else size for n, v in trials.symbols.items()}
            if trials.fits(sizes):
                return sizes
            if trials.given >= sizes.keys():
                break
    return None


def _found(program: Program, trials: Trials) -> dict[str, int] | None:
    """Return the smallest values at which the network runs, with those that are given."""
    found = fit(program, _LIMIT)
    region = [
        box
        for box in found.region
        if all(
            name not in trials.given or mask >> trials.symbols[name] & 1
            for name, mask in zip(found.symbols, box, strict=True)
        )
    ]
    sizes = smallest(region)
    if sizes is None:
        return None
    chosen = dict(zip(found.symbols, sizes, strict=True))
    return chosen | {name: trials.symbols[name] for name in trials.given}


def _check(result: Run, trials: Trials, sizes: dict[str, int]) -> None:
    """Compare closed forms with a run at other sizes: a number that differs is not a constant."""
    other = _elsewhere(result, sizes)
    if other is None:
        return
    again = trials.run(other, plain=True)
    if again.error is not None or len(again.calls) != len(result.calls):
        _say(result, "how many calls it makes depends on a size")
        return
    sized: dict[int, Size] = {}  # by the id of the shape that it stands for
    for call, second in zip(result.calls, again.calls, strict=True):
        pairs = zip(tensors(call.result), tensors(second.result), strict=False)
        for tensor, expected in pairs:
            if id(tensor.shape) not in sized:
                sized[id(tensor.shape)] = Size(
                    n if at_sizes(n, other) == m else lost(n)
                    for n, m in zip(tensor.shape, expected.shape, strict=False)
                )
    if any(isinstance(n, Dim) and "?" in n.expression.symbols for s in sized.values() for n in s):
        _say(result, "? has no closed form")
        _exchange(result, sized)


def _say(result: Run, note: str) -> None:
    result.note = "; ".join(filter(None, (result.note, note)))


def at_sizes(size: int, sizes: Mapping[str, int]) -> int:
    """Return a size where symbols have other values."""
    return size.expression.at(sizes) if isinstance(size, Dim) else size


def _exchange(result: Run, sized: dict[int, Size]) -> None:
    for call in result.calls:
        for tensor in tensors(call.result):
            tensor.shape = sized.get(id(tensor.shape), tensor.shape)
        if isinstance(call, Row):
            call.exchange(sized)
    result.notes = [
        note._replace(shapes=[sized.get(id(shape), shape) for shape in note.shapes])
        for note in result.notes
    ]


def _elsewhere(result: Run, sizes: dict[str, int]) -> dict[str, int] | None:
    """Return other values of the symbols at which the run goes the same way."""
    assert result.record is not None
    conditions = [c for c in result.record.conditions if c.symbols]
    for shift in _SHIFTS:
        for moved in (
            {n: v + shift for n, v in sizes.items()},
            *(sizes | {name: value + shift} for name, value in sizes.items()),
        ):
            points = {name: [value] for name, value in moved.items()}
            if all(c.over(points, 1, {})[0] for c in conditions):
                return moved
    return None
