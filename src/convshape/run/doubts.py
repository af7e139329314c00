"""What a run that came to its end says nothing of: samples that are mixed, maxima that are misplaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shapetorch.nn.modules.module import Module
from ..thread_output import muted
from .record import Row, tensors
from .trial import Change, attempt, keeps_batch, unusual

if TYPE_CHECKING:
    from ..shapetorch.tensor import Tensor
    from .program import Program
    from .record import Run

#: Networks of more calls are not run a second time.
_MOST_CALLS = 3000
#: What puts the elements of a tensor into other axes.
_VIEWS = ("view", "reshape", "flatten", "ravel", "unflatten")


def infer_input(program: Program) -> None:
    """Give a program without an input one that its network takes, if one is found."""
    from .input_fixes import inferred

    empty = run_state(program)
    with muted():
        inferred(program, lambda inputs: attempt(empty, Change("", inputs=inputs)))


def run_state(program: Program) -> Run:
    """Return a run of nothing, for trials of a program that has no input yet."""
    from .record import Run
    from .runner import copied

    result = Run(program.module)
    modules = list(program.module.modules())
    result.before = copied(program.module, modules)
    result.state = [(each, dict(vars(each))) for each in modules]
    return result


def doubts(run: Run) -> str:
    """Return what is to be said of a run that came to its end, or nothing."""
    if len(run.calls) > _MOST_CALLS:
        return ""
    with muted():
        return _misplaced(run) or _without_batch(run) or _mixed(run)


def _misplaced(run: Run) -> str:
    if not any("unpool" in call.name for call in run.calls):
        return ""
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
    if all(arrived != each.shape for each in run.inputs):
        return ""
    text, right = ("x".join(map(str, each)) for each in (arrived[1:], (channels, *arrived[1:])))
    return f"{first.path} takes the batch of {text} for the channels of one image: --in {right}"


def _mixed(run: Run) -> str:
    """Tell where samples are mixed: a batch of another size is run, and its first axis looked at."""
    batch = run.batch
    if not batch:
        return ""
    rows = [row for row in run.calls if isinstance(row, Row) and row.name in _VIEWS]
    culprit = next(
        (
            row
            for row in reversed(rows)
            if row.outputs and row.inputs[0][:1] == (batch,) != row.outputs[0][:1]
        ),
        None,
    )
    if culprit is None and all(each.shape[:1] == (batch,) for each in run_output(run)):
        return ""
    other = unusual(batch)
    second = attempt(run, Change(""), batch=other)
    output = run_output(run)
    if (
        culprit is None
        or not output
        or (second.ok and keeps_batch(output, batch, second.output, other))
    ):
        return ""
    if output[0].shape[:1] == (batch,) and second.ok:
        return ""
    place = f" in {culprit.where}" if culprit.where else ""
    samples = f"{batch} sample{'s' * (batch != 1)} in"
    rows_out = output[0].shape[0] if output[0].ndim > 1 else 0
    what = f"{rows_out} rows out" if rows_out else "no batch axis out"
    said = f"{samples}, {what}: " if output[0].shape[:1] != (batch,) else ""
    return f"{said}`{culprit.layer}`{place} mixes samples"


def run_output(run: Run) -> list[Tensor]:
    """Return the tensors that the network gave."""
    top = next((call for call in run.calls if isinstance(call, Row)), None)
    return tensors(top.result) if top is not None else []
