"""Runs with symbolic inputs: the values that the symbols take, and what the runs give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import StringIO

from ..diagnosis.doubts import misplaced, run_output
from ..errors import ShapeError
from ..run.fit import fit
from ..run.program import Program
from ..run.record import Row, Run, tensors
from ..run.trial import keeps_batch
from ..run.varying import Varying
from ..shapetorch.tensor_attributes import Size
from ..symbolic.dim import Dim, Record, lost, recording
from ..symbolic.region import smallest
from ..symbolic.words import closed
from ..thread_output import muted

#: Sizes that networks are written for, the usual ones first: of images, and of series.
USUAL = (224, 32, 28, 64, 256, 128, 96, 112, 299, 227, 512, 384, 48, 16, 8, 1024, 16000)
#: The largest size at which a network is tried for a fit, such as the samples of a second.
_LIMIT = 2**14
#: How much larger sizes are at which the closed forms are held against another run.
_SHIFTS = range(1, 65)


def closed_forms(program: Program) -> Run:
    """Run a program whose inputs have symbols; sizes of the run are `Dim` with closed forms.

    If it fits at no values of the symbols without a value, it is run at the usual ones, and its
    error has numbers.
    """
    varying = Varying(program)
    for sizes in _candidates(varying):
        printed = StringIO()
        with muted(printed):
            result = _recorded(varying, sizes)
        if result is not None:
            print(printed.getvalue(), end="")
            _check(result, varying, sizes)
            return result
    result = varying.run(sizes, plain=True)
    _tell_closed(result, varying, sizes)
    return result


def _candidates(varying: Varying) -> Iterator[dict[str, int]]:
    """Yield values of the symbols: theirs, usual ones, and what `fit` finds; given values stay."""
    yield varying.symbols
    if varying.given.keys() == varying.symbols.keys():
        return
    for size in USUAL:
        yield {n: v if n in varying.given else size for n, v in varying.symbols.items()}
    yield _found(varying) or varying.symbols


def _recorded(varying: Varying, sizes: dict[str, int]) -> Run | None:
    """Run a network, and note what the run relied on; None where it does not take these sizes."""
    record = Record(sizes)
    try:
        with recording(record):
            result = varying.run(sizes)
    except Exception:  # of a module of the caller's, which may be of these sizes alone
        return None
    result.record = record
    batch = varying.batch
    whole = batch is None or keeps_batch(run_output(result), batch)
    return result if result.error is None and whole and not misplaced(result) else None


def _found(varying: Varying) -> dict[str, int] | None:
    """Return the smallest values at which the network runs, with those that are given."""
    answer = fit(varying, _LIMIT)
    region = [
        box
        for box in answer.region
        if all(
            name not in varying.given or mask >> varying.symbols[name] & 1
            for name, mask in zip(answer.symbols, box, strict=True)
        )
    ]
    sizes = smallest(region)
    if sizes is None:
        return None
    chosen = dict(zip(answer.symbols, sizes, strict=True))
    return chosen | varying.given


def _check(result: Run, varying: Varying, sizes: dict[str, int]) -> None:
    """Compare closed forms with a run at other sizes: a number that differs is not a constant."""
    other = _elsewhere(result, sizes)
    if other is None:
        return
    again = varying.run(other, plain=True)
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


def _tell_closed(result: Run, varying: Varying, sizes: dict[str, int]) -> None:
    """Add closed forms of the arguments with which the layer would fit to the error of a run."""
    with muted():
        symbolic = varying.run(sizes).error
    change = symbolic.change if isinstance(symbolic, ShapeError) else {}
    by_name = {name: closed(n) for name, n in change.items() if isinstance(n, Dim)}
    forms = [f"{name} = {form}" for name, form in by_name.items() if form not in sizes]
    if forms and result.error is not None:
        result.error = result.error.changed(what=f"{result.error.what} ({', '.join(forms)})")


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
