"""What stopped a run: where it happened, which layers gave the numbers, and what would fix it.

A change is tried before it is offered. Only a mistake pays for any of this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import prod
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import Error, ShapeError, UnknownOperation
from ..fixes import Fix
from ..rewrites import line_of
from ..run.record import SHOWN, Run, first_shapes, tensors
from ..run.runner import mode, place_of
from ..run.trial import Change, Outcome, unusual
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.constructor import call_text
from ..shapetorch.nn.modules.fitting import other_layers
from ..shapetorch.nn.modules.module import Module, is_layer
from ..thread_output import muted
from ..user_frames import place
from .diagnosis import Diagnosis
from .input_fixes import other_input
from .proof import getting_further
from .proposers import ODD_ONES, OF_PYTHON, OTHERS, PROPOSERS
from .repairs import repairs, suspects

if TYPE_CHECKING:
    from ..run.program import Program
    from .diagnosis import Proposer

#: How many fixes of the network are offered, and how many that only get further are looked into.
MOST = 3
_FURTHER = 3


def diagnose(program: Program, run: Run) -> Error:
    """Return what stopped a run: where it happened, what gave the numbers, what would fix it."""
    error = run.error
    assert error is not None
    if isinstance(error, UnknownOperation) or program.engine is not None:
        return error
    where = error.where or place_of(error.path or "", program.where)
    diagnosis = Diagnosis(error.changed(where=where), run, program)
    with muted(), mode(list(diagnosis.module.modules()), run.train), clock.search():
        fixes = _fixes(diagnosis) if _is_steady(diagnosis) else []
        change = next((fix.change for fix in fixes if fix.change), error.change)
        is_refusal = isinstance(error, ShapeError)
        why = error.why or (_why(diagnosis, change) if is_refusal else "")
    made_at = diagnosis.places(error.module) if isinstance(error.module, Module) else []
    where = where or next(iter(made_at), "")  # no line of the user's calls it
    final = error.changed(where=where, why=why, fixes=tuple(fixes))
    if fixes:
        return final.mended(_in_one(fixes))
    return final.changed(fix="", changes=()) if isinstance(error, ShapeError) else error


def _is_steady(diagnosis: Diagnosis) -> bool:
    """Return whether the network stops at the same call each time: else no fix is certain."""
    diagnosis.until(1)
    start = diagnosis.proof.start = diagnosis.tried(Change(""))
    if start.ok or diagnosis.tried(Change(""))[1:3] != start[1:3]:
        return False
    batch = diagnosis.run.batch
    if batch is not None:
        other = diagnosis.tried(Change(""), unusual(batch))
        is_earlier = other.reached < start.reached
        diagnosis.proof.one_batch = is_earlier and not _takes_batch_for_another(other.error)
    return True


def _takes_batch_for_another(error: BaseException | None) -> bool:
    """Return whether a layer refuses the batch axis itself, such as for that of the channels."""
    if not isinstance(error, ShapeError) or len(tensors(error.call)) != 1:
        return False
    return isinstance(error.module, Module) and is_layer(error.module)


def _fixes(diagnosis: Diagnosis) -> list[Fix]:
    """Return what fixes the network: changes of it, other inputs, and one place of its text."""
    diagnosis.until(0.4)
    is_refusal = isinstance(diagnosis.error, ShapeError)
    fixes = _changes(diagnosis, PROPOSERS if is_refusal else OF_PYTHON)
    is_sure = any(fix.only for fix in fixes)
    if not is_sure and (is_refusal or not (fixes or diagnosis.error.fix)):
        diagnosis.until(0.55)
        fixes = _with_input(fixes, next(other_input(diagnosis), None))
    diagnosis.until(0.65)
    odd = _new(fixes, _changes(diagnosis, ODD_ONES)) if is_refusal else []
    fixes = [fix for fix in fixes if fix.tried or not odd]
    fixes[1:1] = odd[: 1 if fixes else 2]
    if is_sure:
        return fixes
    diagnosis.until(0.7)
    if is_refusal and len([fix for fix in fixes if fix.tried]) < 2:
        fixes = _with_others(fixes, _changes(diagnosis, OTHERS))
    is_mended = any(fix.edits or fix.inputs for fix in fixes)
    return fixes if is_mended else _of_text(diagnosis, fixes, is_refusal)


def _of_text(diagnosis: Diagnosis, fixes: list[Fix], is_refusal: bool) -> list[Fix]:
    """Return what fixes the text: one change of any kind, or several; else the fixes there are."""
    proof, edits = diagnosis.proof, None
    further = proof.furthest()
    if is_refusal and not diagnosis.is_inner:
        fixes = fixes or proof.further()
        diagnosis.until(0.75)
        tries = repairs(proof.sources, suspects(diagnosis), diagnosis.error.what)
        edits = next(filter(None, map(proof.held, tries)), None)
    diagnosis.until(1)
    edits = edits or proof.continued(further, diagnose)
    return [proof.fix(edits)] if edits else fixes


def _with_others(fixes: list[Fix], others: list[Fix]) -> list[Fix]:
    """Return fixes and others behind them; what only gets further gives way to what fixes."""
    tried = _new(fixes, [fix for fix in others if fix.tried])
    return [*(fix for fix in fixes if fix.tried or not tried), *(tried if fixes else others)]


def _changes(diagnosis: Diagnosis, proposers: Sequence[Proposer]) -> list[Fix]:
    """Return changes with which the whole network runs, best first; else one that gets further."""
    further: list[tuple[Change, Outcome]] = []
    advice: list[Fix] = []
    fixes: list[Fix] = []
    for change in _proposed(diagnosis, proposers):
        if not (change.layers or change.calls or change.rewrites):
            known = diagnosis.error.tried and change.text == diagnosis.error.fix
            advice.append(Fix(change.text, known, change.only, change=dict(change.argument)))
        elif not (change.layers or change.calls) or diagnosis.mends(change):
            _add(fixes, _fix(diagnosis, change))
        elif len(further) < _FURTHER:
            outcome = diagnosis.tried(change)
            if not outcome.ok and outcome.progress > diagnosis.proof.start.progress:
                further.append((change, outcome))
                # The line may make other layers too, of which the next refuses.
                _add(fixes, _fix(diagnosis, change._replace(layers={}, calls={})))
        if len(fixes) == MOST or any(fix.only for fix in fixes):
            break
    with suppress(clock.TimeIsUpError):
        more = (_with_the_next(diagnosis, *partial) for partial in further if not fixes)
        _add(fixes, next((_fix(diagnosis, both) for both in more if both is not None), None))
    return _surest(fixes) or advice[:1] or _getting_further(further)


def _proposed(diagnosis: Diagnosis, proposers: Sequence[Proposer]) -> Iterator[Change]:
    """Yield what each proposes until the time is up: then none makes another layer."""
    for propose in proposers:
        with suppress(clock.TimeIsUpError):
            yield from propose(diagnosis)


def _fix(diagnosis: Diagnosis, change: Change) -> Fix | None:
    """Return a change as a fix, with its edits of the text; None where there are none to be had."""
    edits = diagnosis.proof.edits(change.rewrites)
    text = change.text
    is_untried = not (text and (change.layers or change.calls))
    if not edits and (is_untried or (change.rewrites and diagnosis.proof.possible)):
        return None  # what mends one layer does not mend the text that makes it
    shown, here = diagnosis.proof.sources.shown(edits), line_of(diagnosis.error.where)
    at = place(edits[0].file, edits[0].line) if edits else ""
    if at == here:
        shown = shown.removesuffix(f" in {at}")
    layer = diagnosis.error.module
    paths = [*change.layers]
    if change.argument and isinstance(layer, Module):
        paths = [diagnosis.path_of(layer)]
    made_at = next((line_of(at) for path in paths for at in diagnosis.proof.trail(path)), "")
    made_at = made_at or (layer._made_at if isinstance(layer, Module) else "")  # of a slow file
    is_elsewhere = made_at and at not in (made_at, here) and not text.endswith(f" in {at}")
    is_elsewhere = is_elsewhere or (text.endswith("before it") and at not in ("", here))
    is_elsewhere = is_elsewhere or edits in diagnosis.proof.repeated
    if edits and (not text or "..." in text or is_elsewhere or _names_a_value(edits[0].text)):
        text = shown  # the number stands elsewhere, as in the call of a block, or has a name
    elif not _says(text, made_at, here) and (change.argument or made_at == at):
        text = f"{text} in {made_at}"  # where the layer is made, which is where it is changed
    arguments = dict(change.argument)
    return Fix(text, only=change.only, one_size=change.one_size, change=arguments, edits=edits)


def _says(text: str, place: str, here: str) -> bool:
    """Return whether a text has a place at its end, or needs none: a notebook's has blanks."""
    return place in ("", here, *text.split()) or text.endswith(f" in {place}")


def _names_a_value(text: str) -> bool:
    """Return whether an argument has a name in it: ``cout``, ``, stride=stride``, ``width * 2``."""
    value = text.rpartition("=")[2]
    is_plain = re.fullmatch(r"[A-Za-z_][\w.]*(?: [*+] [\w.]+)?", value)
    return bool(is_plain) and value not in ("True", "False", "None")


def _add(fixes: list[Fix], fix: Fix | None) -> None:
    """Add a fix, unless it is one of them."""
    fixes += _new(fixes, [fix] if fix else [])


def _new(fixes: list[Fix], others: list[Fix]) -> list[Fix]:
    """Return the others that are none of some fixes."""
    known = {fix.text for fix in fixes} | {fix.edits for fix in fixes if fix.edits}
    return [fix for fix in others if not {fix.text, fix.edits} & known]


def _surest(fixes: list[Fix]) -> list[Fix]:
    """Return the fixes that have been tried with the text itself, if there are such."""
    return [fix for fix in fixes if fix.edits] or fixes


def _with_the_next(diagnosis: Diagnosis, change: Change, outcome: Outcome) -> Change | None:
    """Return a change with that of the layer where it then stops, if that fixes the network."""
    error = outcome.error
    layer = error.module if isinstance(error, ShapeError) else None
    if not isinstance(error, ShapeError) or not isinstance(layer, Module) or not is_layer(layer):
        return None
    came = next((tensor.shape for tensor in tensors(error.call)), ())
    is_spread = "in_features" in error.change and len(came) > 2
    if is_spread and (len(came) > 3 or prod(came[1:]) == getattr(layer, "in_features", 0)):
        return None  # it is to be flattened
    for other, argument in other_layers(error):
        text = call_text(layer, **argument) if argument else call_text(other)
        rewrites = [
            diagnosis.with_arguments(layer, argument)
            if argument
            else diagnosis.with_layer(layer, other)
        ]
        layers = {outcome.path: other}
        both = change.joined(Change(f"{outcome.path}: {text}", layers, rewrites=rewrites))
        if diagnosis.mends(both):
            return both
    return None


def _getting_further(further: list[tuple[Change, Outcome]]) -> list[Fix]:
    for change, outcome in further:
        if isinstance(outcome.error, ShapeError) and outcome.path:
            return [getting_further(change.text, outcome)]
    return []


def _with_input(fixes: list[Fix], other: Fix | None) -> list[Fix]:
    """Return fixes of the network and beside them one of the input."""
    if other is None:
        return fixes
    fixes = [fix for fix in fixes if fix.tried]  # which the other has been
    if other.only or not fixes:  # that the layer could be changed instead helps nobody
        return [other, *[fix for fix in fixes if fix.edits and not fix.change][:1]]
    if other.batch is not None and any(fix.edits for fix in fixes):
        return fixes  # a batch of another size only hides the mistake
    firm = 0 if fixes[0].one_size else 1
    return [*fixes[:firm], other, *fixes[firm:]]


def _in_one(fixes: list[Fix]) -> Fix:
    """Return the best fix of the network and that of the input in one sentence."""
    first, *others = fixes
    second = None if first.inputs else next((fix for fix in others if fix.inputs), None)
    return first._replace(text=f"{first.text}, or {second.text}") if second else first


def _why(run: Diagnosis, change: dict[str, Any]) -> str:
    """Name the layer that gave the numbers that do not fit: the last that changed them."""
    shape = run.inputs[0].shape if run.inputs else ()
    size = " × ".join(map(str, shape[1:] if len(shape) == 3 else shape[2:]))
    because = f", because the input is {size}" if size else ""
    givers = run.givers(run.refused) if run.refused else reversed(run.done)
    last = next((row for row in givers if row.level == SHOWN), None)
    if last is None:
        shapes = ", ".join(shape_text(tensor.shape) for tensor in run.inputs)
        if len(run.inputs) > 1:
            return f"the inputs, with their batch axes, are {shapes}"
        return f"the input, with its batch axis, is {shapes}"
    came, went = first_shapes(last)
    if "in_features" in change:
        if len(went) == 2 and len(came) > 2 and prod(came[1:]) == went[-1]:
            return f"{last.path} gave {' × '.join(map(str, came[1:]))} = {went[-1]}{because}"
        return f"{last.path} gave {shape_text(went)}, whose last dimension is the feature dimension"
    channels = change.get("in_channels", change.get("num_features"))
    if channels is not None:
        # Back to the layer that made this number of channels.
        for row in (last, *run.givers(last)):
            if channels not in (row.inputs or [()])[0][:2]:
                return f"{row.path}: {row.layer} gave {channels} channels"
        axes = getattr(run.error.module, "_axes", 0)
        if axes and run.arrived is not None and run.arrived.ndim - 2 != axes:
            return f"{shape_text(run.arrived.shape)} has a different number of spatial dimensions"
    return f"{last.path} gave {shape_text(went)}{because}"
