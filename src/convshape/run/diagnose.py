"""What stopped a run: where it happened, which layers gave the numbers, and what would mend it.

A change is tried before it is offered. Only a mistake pays for any of this.
"""

from __future__ import annotations

from contextlib import contextmanager, redirect_stdout
from itertools import chain
from typing import TYPE_CHECKING

from ..errors import Fix, ShapeError
from ..gc_pause import paused
from ..shapetorch import hooks
from ..shapetorch.arguments import shape as shape_text
from .diagnosis import Diagnosis
from .input_fixes import other_input
from .network_fixes import (
    channels_first,
    flattening,
    naming,
    other_layer,
    own_advice,
    own_fix,
    resizing,
)
from .record import SHOWN
from .runner import mode, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..errors import Error
    from .diagnosis import Proposer
    from .program import Program
    from .record import Run

#: Who proposes changes of the network, the best first.
PROPOSERS: tuple[Proposer, ...] = (
    flattening,
    channels_first,
    own_fix,
    other_layer,
    own_advice,
    naming,
    resizing,
)


@paused()
def diagnose(program: Program, run: Run) -> Error:
    """Return what stopped a run: where it happened, what gave the numbers, what would mend it."""
    error = run.error
    assert error is not None
    if not isinstance(error, ShapeError) or program.engine is not None:
        return error
    where = error.where or place_of(error.path or "", program.where)
    diagnosis = Diagnosis(error, run, program)
    with _trying(diagnosis, program.train):
        fix = _proposed(diagnosis, *PROPOSERS)
        why = error.why or _why(diagnosis, (fix and fix.change) or error.change)
        if fix and fix.change and diagnosis.made_at not in ("", where):
            # Where the layer is made, which is where it is changed.
            fix = fix._replace(text=f"{fix.text} in {diagnosis.made_at}")
        fix = _or_input(fix, diagnosis)
    final = error.changed(where=where, why=why)
    return final.mended(fix) if fix else final


@contextmanager
def _trying(diagnosis: Diagnosis, train: bool) -> Iterator[None]:
    """Let the network, which may be the user's own code, be run again and again."""
    hooks.searching = True
    try:
        with redirect_stdout(None), mode(diagnosis.module, train):
            yield
    finally:
        hooks.searching = False


def _proposed(diagnosis: Diagnosis, *proposers: Proposer) -> Fix | None:
    """Return the first fix that is proposed."""
    return next(chain.from_iterable(propose(diagnosis) for propose in proposers), None)


def _or_input(fix: Fix | None, diagnosis: Diagnosis) -> Fix | None:
    """Return a fix of the network and beside it, unless it is the only one, one of the input."""
    other = None if fix and fix.only else _proposed(diagnosis, other_input)
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
        return f"the input is {shape_text(given)}, batch included"
    came, went = ((shapes or [()])[0] for shapes in (last.inputs, last.outputs))
    if "in_features" in change:
        if len(went) == 2 and len(came) > 2:
            return f"{last.path} gave {' × '.join(map(str, came[1:]))} = {went[-1]}{because}"
        return f"{last.path} gave {shape_text(went)}, whose last dimension counts as the features"
    channels = change.get("in_channels", change.get("num_features"))
    if channels is not None:
        # Back to the layer that made this number of channels.
        for row in (last, *run.givers(last)):
            if channels not in (row.inputs or [()])[0][:2]:
                return f"{row.path}: {row.layer} gave {channels} channels"
        return f"the input has {channels} channels"
    return f"{last.path} gave {shape_text(went)}{because}"
