"""Fixes of a network that cannot be created: a layer refuses its arguments before anything runs."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from .. import clock, user_frames
from ..errors import ShapeError, UnknownOperation
from ..rewrites import parameters
from ..run.program import Program
from ..run.record import Run
from ..run.trial import Outcome
from ..shapetorch import hooks, nn
from ..shapetorch.nn.modules.constructor import argument_text, for_any_axes, signature
from ..thread_output import muted
from .code_fixes import corrected
from .diagnose import diagnose
from .diagnosis import SECONDS
from .network_fixes import CHANNELS
from .operands import operations
from .proof import Proof
from .repairs import repairs
from .scope import renamed
from .slip_fixes import of_ints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..edits import CallText, Source
    from ..errors import AnyError, Error
    from ..fixes import Edit


def with_fixes(
    error: AnyError,
    source: Callable[[str], str],
    reread: Callable[[Mapping[str, str]], Program],
) -> AnyError:
    """Return what stops a network from being created, with a change of the text that fixes it.

    What corrects the text so far may be followed by fixes of what stops the network then.

    Args:
        error: the refusal of a layer's arguments, or what cannot be read, with its place.
        source: gives the text of a file by the name that places have for it.
        reread: reads the network with other texts for some of its files.
    """
    offered = next((fix.edits for fix in error.fixes if fix.edits and not error.others), ())
    if hooks.searching or (isinstance(error, UnknownOperation) and not offered):
        return error
    proof = Proof(Program(None, source=source, reread=reread), Run())
    proof.start = Outcome(error, "", -1, None)
    begun, seconds = clock.seconds(), min(SECONDS, clock.left())
    with muted(), clock.search():
        clock.until(begun + 0.6 * seconds)
        tries = chain.from_iterable(
            propose(error, proof) for propose in (_slips, _open, _own, _columns, _near)
        )
        if offered and (proof.holds(offered) or not isinstance(proof.refusal(offered), ShapeError)):
            return error  # what else cannot be read is corrected by itself
        edits = None if offered else next(filter(proof.holds, tries), None)
        clock.until(begun + seconds)
        edits = edits or proof.continued(proof.furthest(), diagnose)
    fixes = [proof.fix(edits)] if edits else [] if offered else proof.further()
    if edits and offered:  # a correction may change each line of the file
        also = proof.sources.shown(edits[len(offered) :])
        fixes = [fixes[0]._replace(text=f"{error.fix} and {also}")]
    return error.mended(fixes[0]).changed(fixes=tuple(fixes)) if fixes else error


def _slips(error: Error, proof: Proof) -> Iterator[Sequence[Edit]]:
    """Yield what Python itself misses: the call of ``super``, an argument, its right name."""
    there = proof.sources.at(error.where)
    if there is not None and error.operation == "setitem":
        yield from _as_long(*there)
    if there is not None and "before Module.__init__() call" in error.what:
        source, line = there
        start, _ = source.span(line)
        yield [source.edit(start, start, source.beside(line, "super().__init__()"))]
    yield from corrected(error, proof.sources)
    yield from of_ints(error, proof.sources)
    twice = re.search(r"got multiple values for argument '(\w+)'", error.what)
    missing = re.search(r"(\w+)\(\) missing 1 required positional argument: '(\w+)'", error.what)
    if "NoneType" in error.what and there is not None:
        for match in re.finditer(r"\b(\w+) = (?=\1\.(append|extend|insert)\()", there[0].text):
            yield [there[0].edit(*match.span(), "")]
    for call in proof.sources.calls(error.where):
        order = _order(call)
        if "is not a Module" in error.what:
            yield from ([edit] for edit in _layers_for(call))
        if "list is not a Module" in error.what and call.node.args:
            start, _ = call.span(call.node.args[0])
            yield [call.source.edit(start, start, "*")]
        if twice and twice[1] in {keyword.arg for keyword in call.node.keywords}:
            yield [call.without(twice[1])]
        if missing and missing[1] in ("__init__", call.name) and not hasattr(nn, call.name):
            yield from _as_others_give(call, missing[2])
        if missing and missing[2] == "kernel_size":
            yield call.with_arguments({"kernel_size": "3"}, order)


def _as_long(source: Source, line: int) -> Iterator[Sequence[Edit]]:
    """Yield a value that is cut to the columns it is put in: an odd width has fewer of one kind."""
    start, end = source.span(line)
    assignment = re.match(r"\s*(\w+\[:, .+\]) = ", source.text[start:end])
    if assignment:
        yield [source.edit(end, end, f"[:, :{assignment[1]}.size(1)]")]


def _layers_for(call: CallText) -> Iterator[Edit]:
    """Yield a layer for a class, or for a function: ``nn.ReLU()``."""
    home = call.callee.rpartition("Sequential")[0]
    layers = {name.lower(): name for name in dir(nn) if name[0].isupper()}
    for node in call.node.args:
        name = call.part(node).rpartition(".")[2].lower()
        if name.isidentifier() and name in layers:
            yield call.source.edit(*call.span(node), f"{home}{layers[name]}()")


def _as_others_give(call: CallText, argument: str) -> Iterator[Sequence[Edit]]:
    """Yield an argument of the user's own function as its other calls give it, or as 1."""
    source = call.source
    order = parameters(source.text, call.name)
    lines = range(1, len(source.starts) + 1)
    others = (other for line in lines for other in source.calls(line, call.name))
    nodes = ((other, other.argument(argument, order)) for other in others)
    values = Counter(other.part(node) for other, node in nodes if node is not None)
    for value in dict.fromkeys([*(text for text, _ in values.most_common()), "1"]):
        yield call.with_arguments({argument: value}, order)


def _open(error: Error, proof: Proof) -> Iterator[Sequence[Edit]]:
    """Yield the channels or features that a call leaves open, as ``Linear(None, 10)`` does."""
    for call in proof.sources.calls(error.where):
        order = _order(call)
        for name in CHANNELS & {*order}:
            node = call.argument(name, order)
            if node is None or call.part(node) == "None":
                refusal = proof.refusal(call.with_arguments({name: "1"}, order))
                change = refusal.change if isinstance(refusal, ShapeError) else {}
                yield call.with_arguments({name: str(change.get(name, 1))}, order)


def _order(call: CallText) -> list[str]:
    """Return the arguments of a layer, in order."""
    kind = getattr(nn, call.name, None)
    return list(signature(kind)) if isinstance(kind, type) else []


def _near(error: Error, proof: Proof) -> Iterator[Sequence[Edit]]:
    """Yield other numbers and names in the lines that led to a refusal."""
    if isinstance(error, ShapeError):
        lines = [at for at, _ in user_frames.of(error.__traceback__)]
        yield from repairs(proof.sources, [error.where, *reversed(lines)], error.what)


def _columns(error: Error, proof: Proof) -> Iterator[Sequence[Edit]]:
    """Yield one of two vectors as a column, for a table: ``torch.arange(length).unsqueeze(1)``."""
    if error.operation not in ("add", "sub", "mul", "div"):
        return
    for operation in operations(proof.sources, error.where, error.operation):
        for index, (start, *_) in enumerate(operation.operands):
            source, text = operation.source, operation.text(index)
            assignment = re.compile(rf"^[ \t]*{re.escape(text)} = .+\)$", re.M)
            for match in reversed([*assignment.finditer(source.text, 0, start)]):
                yield [source.edit(match.end(), match.end(), ".unsqueeze(1)")]
            yield [operation.edit(index, f"{text}.unsqueeze(1)")]


def _own(error: Error, proof: Proof) -> Iterator[Sequence[Edit]]:
    """Yield the argument that the refusal would have otherwise: as a name that has it, or so."""
    sources = proof.sources
    for call in sources.calls(error.where):
        order = _order(call)
        texts = {name: argument_text(for_any_axes(n)) for name, n in error.change.items()}
        if len(texts) > 1:
            yield call.with_arguments(texts, order)
        for name, text in texts.items():
            yield from renamed(error.where, call.name, name, order)(sources)
            yield call.with_arguments({name: text}, order)
