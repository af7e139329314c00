"""Doubts about a run that succeeded: samples that are mixed, maxima that are misplaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..run.record import Row, tensors
from ..shapetorch.nn.modules.module import Module
from ..thread_output import muted

if TYPE_CHECKING:
    from ..run.record import Run
    from ..shapetorch.tensor import Tensor

#: Networks of more calls are not run a second time.
_MOST_CALLS = 3000
#: What puts the elements of a tensor into other axes.
_VIEWS = ("view", "reshape", "flatten", "ravel", "unflatten", "view_as", "reshape_as")


def doubts(run: Run) -> str:
    """Return what is to be said of a run that came to its end, or nothing."""
    if run.doubt or len(run.calls) > _MOST_CALLS:
        return run.doubt
    with muted():
        return _uncalled(run) or misplaced(run) or _without_batch(run) or _mixed(run)


def _uncalled(run: Run) -> str:
    """Tell of a network that returns nothing, or a layer, ``nn.ReLU(x)``, not what it gives."""
    top = next((call for call in run.calls if isinstance(call, Row)), None)
    layer = top.result if top is not None else None
    if top is not None and layer is None and len(run.calls) > 1:
        return "the network returns None: `return` is missing at the end of its forward"
    if not isinstance(layer, Module):
        return ""
    name = type(layer).__name__
    return f"the output is a layer that was created and not called: {name}()(x), not {name}(x)"


def misplaced(run: Run) -> str:
    """Tell of an unpooling that gives another size than was pooled, or return nothing."""
    functions = {row.call for row in run.calls if not isinstance(row.call, (Module, str))}
    if not any("unpool" in function.__name__ for function in functions):
        return ""
    from ..run.trial import Change, attempt  # few networks are run a second time

    path = attempt(run, Change("")).misplaced
    if not path:
        return ""
    rule = "torch refuses it when a maximum lies in the last row or column"
    return f"{path} gives another size than was pooled, and {rule}: give output_size"


def _without_batch(run: Run) -> str:
    """Tell of a first layer that takes the batch axis for that of the channels."""
    rows = (row for row in run.calls if isinstance(row, Row) and not row.is_container)
    first = next((row for row in rows if isinstance(row.call, Module)), None)
    axes = getattr(first.call, "_axes", 0) if first else 0
    channels = getattr(first.call, "in_channels", 0) if first else 0
    arrived = (first.inputs or [()])[0] if first else ()
    if not run.batch or not first or not channels or len(arrived) != axes + 1:
        return ""
    if all(arrived != tensor.shape for tensor in run.inputs):
        return ""
    text, right = ("x".join(map(str, shape)) for shape in (arrived[1:], (channels, *arrived[1:])))
    return (
        f"did you mean {right}? {first.path} takes the batch of {text} for the channels of one "
        f"image: --in {right}"
    )


def _mixed(run: Run) -> str:
    """Tell where samples are mixed: a batch of another size is run, and looked for in each call."""
    batch, output = run.batch, run_output(run)
    if not batch or not output or not output[0].ndim:
        return ""
    functions = [
        row for row in run.calls if isinstance(row, Row) and not isinstance(row.call, Module)
    ]
    first_axis_kept = output[0].shape[:1] == (batch,)
    if first_axis_kept and not any(_may_mix(row, batch) for row in functions):
        return ""
    from ..run.trial import Change, attempt, keeps_batch, unusual

    other = unusual(batch)
    second = attempt(run, Change(""), batch=other)
    lost = [(functions[index], size) for index, size in second.lost if index < len(functions)]
    if not second.ok:  # it may be meant for one size, but not where that stands in a view
        lost = [
            (row, size)
            for row, size in lost
            if row.name in _VIEWS and row.outputs and row.outputs[0][:1] == (size,) == (batch,)
        ]
    if not lost or (second.ok and keeps_batch(output, batch, second.output, other)):
        return ""
    row = lost[0][0] if not second.ok else lost[-1][0]
    place = f" in {row.where}" if row.where else ""
    does = "mixes samples" if row.name in _VIEWS else "removes the batch axis"
    return f"{_rows_out(output[0], batch)}`{row.layer}`{place} {does}"


def _may_mix(row: Row, batch: int) -> bool:
    """Return whether a call may contain the batch size as a number, or mix samples."""
    if row.name == "flatten":
        return (row.outputs or [()])[0][:1] != (batch,)
    return row.name in _VIEWS


def _rows_out(output: Tensor, batch: int) -> str:
    if output.shape[:1] == (batch,):
        return ""
    what = f"{output.shape[0]} rows out" if output.ndim > 1 else "no batch axis out"
    return f"{batch} sample{'s' * (batch != 1)} in, {what}: "


def run_output(run: Run) -> list[Tensor]:
    """Return the tensors that the network gave."""
    top = next((call for call in run.calls if isinstance(call, Row)), None)
    return tensors(top.result) if top is not None else []
