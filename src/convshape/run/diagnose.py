"""What stopped a run: where it happened, which layers gave the numbers, and what would mend it.

A change is tried before it is offered. Only a mistake pays for any of this.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from itertools import chain
from typing import TYPE_CHECKING

from ..errors import Fix, ShapeError
from ..gc_pause import paused
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.fitting import other_layers
from ..shapetorch.nn.modules.module import Module, call_text, is_layer
from .diagnosis import Diagnosis
from .input_fixes import other_input
from .network_fixes import (
    flat_samples,
    flattening,
    naming,
    other_axes,
    other_block,
    other_layer,
    other_output,
    own_advice,
    own_fix,
    resampling,
    resizing,
    turned,
)
from .record import SHOWN
from .runner import mode, place_of
from .trial import Change

if TYPE_CHECKING:
    from typing import Any

    from ..errors import Error
    from .diagnosis import Proposer
    from .program import Program
    from .record import Run
    from .trial import Outcome

#: Who proposes changes of the network, the best first.
PROPOSERS: tuple[Proposer, ...] = (
    flat_samples,
    flattening,
    other_axes,
    own_fix,
    other_block,
    turned,
    other_layer,
    other_output,
    resizing,
    naming,
    own_advice,
    resampling,
)


@paused()
def diagnose(program: Program, run: Run) -> Error:
    """Return what stopped a run: where it happened, what gave the numbers, what would mend it."""
    error = run.error
    assert error is not None
    if not isinstance(error, ShapeError) or program.engine is not None:
        return error
    where = error.where or place_of(error.path or "", program.where)
    diagnosis = Diagnosis(error, run)
    with redirect_stdout(None), mode(diagnosis.module, run.train):
        fix = _network_fix(diagnosis)
        why = error.why or _why(diagnosis, (fix and fix.change) or error.change)
        if fix and fix.change and diagnosis.made_at not in ("", where):
            # Where the layer is made, which is where it is changed.
            fix = fix._replace(text=f"{fix.text} in {diagnosis.made_at}")
        fix = _or_input(fix, diagnosis)
    final = error.changed(where=where, why=why)
    return final.mended(fix) if fix else final.changed(fix="", changes=())


def _network_fix(diagnosis: Diagnosis) -> Fix | None:
    """Return the first change with which the whole network runs; else one that gets further."""
    start = diagnosis.tried(Change(""))
    if start.ok or diagnosis.tried(Change("")).path != start.path:
        return None  # it does something else each time: no change can be told to help
    further: list[tuple[Change, Outcome]] = []
    advice: Fix | None = None
    for change in chain.from_iterable(propose(diagnosis) for propose in PROPOSERS):
        if not (change.layers or change.calls):
            known = diagnosis.error.tried and change.text == diagnosis.error.fix
            advice = advice or Fix(change.text, known, change.only, dict(change.argument))
            continue
        outcome = diagnosis.tried(change)
        if diagnosis.mends(change, outcome):
            return _fix(change)
        if not outcome.ok and outcome.reached > start.reached:
            further.append((change, outcome))
    for change, outcome in further[:3]:
        more = _with_the_next(diagnosis, change, outcome)
        if more is not None:
            return _fix(more)
    return advice or _getting_further(further)


def _with_the_next(diagnosis: Diagnosis, change: Change, outcome: Outcome) -> Change | None:
    """Return a change with that of the layer where it then stops, if that mends the network."""
    error = outcome.error
    layer = error.module if isinstance(error, ShapeError) else None
    if not isinstance(error, ShapeError) or not isinstance(layer, Module) or not is_layer(layer):
        return None
    for other, argument in other_layers(error):
        text = call_text(layer, **argument) if argument else call_text(other)
        both = change.joined(Change(f"{outcome.path}: {text}", layers={outcome.path: other}))
        if diagnosis.mends(both, diagnosis.tried(both)):
            return both
    return None


def _getting_further(further: list[tuple[Change, Outcome]]) -> Fix | None:
    for change, outcome in further:
        if isinstance(outcome.error, ShapeError) and outcome.path:
            text = f"{change.text} (then {outcome.path} stops: {outcome.error.what})"
            return Fix(text, tried=False)
    return None


def _fix(change: Change) -> Fix:
    return Fix(change.text, only=change.only, change=dict(change.argument))


def _or_input(fix: Fix | None, diagnosis: Diagnosis) -> Fix | None:
    """Return a fix of the network and beside it, unless it is the only one, one of the input."""
    other = None if fix and fix.only else next(other_input(diagnosis), None)
    if fix is None or other is None:
        return fix or other
    if other.only or not fix.tried:  # which the other has been
        return other
    return fix._replace(text=f"{fix.text}, or {other.text}")


def _why(run: Diagnosis, change: dict[str, Any]) -> str:
    """Name the layer that gave the numbers that do not fit: the last that changed them."""
    given = run.inputs[0].shape if run.inputs else ()
    size = " × ".join(map(str, given[1:] if len(given) == 3 else given[2:]))
    because = f", because the input is {size}" if size else ""
    givers = run.givers(run.refused) if run.refused else reversed(run.done)
    last = next((row for row in givers if row.level == SHOWN), None)
    if last is None:
        return f"the input, with its batch axis, is {shape_text(given)}"
    came, went = ((shapes or [()])[0] for shapes in (last.inputs, last.outputs))
    if "in_features" in change:
        if len(went) == 2 and len(came) > 2:
            return f"{last.path} gave {' × '.join(map(str, came[1:]))} = {went[-1]}{because}"
        return f"{last.path} gave {shape_text(went)}, whose last dimension is the feature dimension"
    channels = change.get("in_channels", change.get("num_features"))
    if channels is not None:
        # Back to the layer that made this number of channels.
        for row in (last, *run.givers(last)):
            if channels not in (row.inputs or [()])[0][:2]:
                return f"{row.path}: {row.layer} gave {channels} channels"
        if run.arrived is not None and run.arrived.ndim - 2 != getattr(
            run.error.module, "_axes", 2
        ):
            return f"{shape_text(run.arrived.shape)} has a different number of spatial dimensions"
        return f"the input has {channels} channels"
    return f"{last.path} gave {shape_text(went)}{because}"
