"""Changes of what Python itself refuses while a network runs: values unpacked, indices, names."""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import TYPE_CHECKING

from ..python_syntax import parsed
from ..rewrites import appended, first_argument, first_name, line_of, whole_call
from ..run.trial import Change
from ..shapetorch.nn.modules.module import Module
from .axis_fixes import called
from .network_fixes import OUTPUTS, first_of, layer_with, named
from .operands import span
from .slip_fixes import called_with, of_locals, of_self, of_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..edits import CallText, Source
    from ..errors import Error
    from ..fixes import Edit
    from ..rewrites import Sources
    from ..run.record import Row
    from .diagnosis import Diagnosis

_UNPACKED = re.compile(r"(?:not enough|too many) values to unpack \(expected (\d+)(?:, got (\d+))?")
#: How a size of a tensor is read: ``x.shape[2]``, ``x.size(2)``.
_SIZE = re.compile(r"(?:\bshape\[|\bsize\()(\d)(?=[\])])")
_NEAR = 2


def unpacked(run: Diagnosis) -> Iterator[Change]:
    """Let a call give as many values as are named, or name as many as it gives."""
    told = _UNPACKED.search(run.error.what)
    row = next(_here(run), None) if told else None
    if told and "too many" in told[0]:
        yield Change("", rewrites=[partial(_more_names, run.error.where)])
    if told is None:
        return
    wanted = int(told[1])
    yield Change("", rewrites=[partial(_fewer_names, run.error.where, int(told[2] or wanted))])
    if row is None:
        return
    if "MaxPool" in row.name and isinstance(row.call, Module) and wanted == 2:
        yield Change("", rewrites=[run.with_arguments(row.call, {"return_indices": True})])
    count = len(row.result) if isinstance(row.result, tuple) else 0
    for giver in (row, *run.givers(row)) if row.name in ("chunk", "split") else ():
        out = next((n for n in OUTPUTS if type(getattr(giver.call, n, None)) is int), "")
        if out and isinstance(giver.call, Module):
            change = {out: getattr(giver.call, out) * wanted // count}
            other = layer_with(run, giver.call, change)
            text = named(giver.path, other.text, giver.call)
            yield other._replace(text=text, argument={})
            break
    yield Change("", rewrites=[partial(_one_name, run.error.where)])


def _here(run: Diagnosis) -> Iterator[Row]:
    """Yield the calls that the line of the error made, the last first."""
    here = line_of(run.error.where)
    return (row for row in reversed(run.done) if line_of(row.where) == here)


def _one_name(where: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Name one state in place of two, ``out, (h, c) = self.gru(x)``: a GRU has one."""
    for source, match in _head(where, r"[ \t]*\w+, (\((\w+), \w+\)) =", sources):
        yield [source.edit(*match.span(1), match[2])]


def _fewer_names(where: str, count: int, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Leave out the last names, which get no value."""
    for source, match in _head(where, r"[ \t]*\w+(?:, \w+)*(?= = )", sources):
        names = match[0].split(", ")
        if 1 < count < len(names):
            yield [source.edit(*match.span(), ", ".join(names[:count]))]


def _more_names(where: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Name one value more, or two, or three, of which nothing is wanted."""
    for source, match in _head(where, r"[ \t]*\w+(?:, \w+)*(?= = )", sources):
        if re.match(r" = [\w.]+\.(?:shape|size\(\))\n", source.text[match.end() :]):
            behind = re.compile(r"[ \t]*\w+").match(source.text, match.start())  # the batch
            at = behind.end() if behind and match[0].count(", ") > 1 else match.end()
            yield [source.edit(at, at, ", _")]
        for missing in (1, 2, 3):
            yield [source.edit(match.end(), match.end(), ", _" * missing)]


def _head(where: str, pattern: str, sources: Sources) -> Iterator[tuple[Source, re.Match[str]]]:
    """Yield the text that a place is in, and the match of a pattern at the start of its line."""
    source, line = sources.at(where) or (None, 0)
    match = source and re.compile(pattern).match(source.text, source.starts[line - 1])
    if source and match:
        yield source, match


def of_several(run: Diagnosis) -> Iterator[Change]:
    """Take the first value of a call that gave several, where one is used."""
    if "tuple indices must be" in run.error.what or "'tuple' object has no" in run.error.what:
        givers = (row for row in reversed(run.done) if isinstance(row.result, tuple))
        for row in givers:
            yield from first_of(run, row)
            return


def of_pooling(run: Diagnosis) -> Iterator[Change]:
    """Give an unpooling the indices of the pooling before it, which are to be returned."""
    if "argument: 'indices'" not in run.error.what or run.failed is None:
        return
    pools = (row for row in reversed(run.done) if "MaxPool" in row.name)
    row = next(pools, None)
    if row is not None and isinstance(row.call, Module) and isinstance(run.failed.call, Module):
        returned = run.with_arguments(row.call, {"return_indices": True})
        named = first_name(run.line_of(row), 2, "indices")
        name = called(run, run.failed)
        used = appended(run.error.where, name, "indices")
        yield Change("", rewrites=[returned, named, used])
        yield Change("", rewrites=[returned, first_argument(run.error.where, name, "*{}")])


def uncalled(run: Diagnosis) -> Iterator[Change]:
    """Call the layers that are created with a tensor in place of their arguments: ``ReLU(x)``."""
    if re.match(r"\w*Error: '[A-Z]\w+' object has no attribute", run.error.what):
        yield Change("", rewrites=[partial(called_with, run.error.where)])


def in_order(run: Diagnosis) -> Iterator[Change]:
    """Call the layers of a list one after the other: ``nn.Sequential(*[...])``."""
    layers = run.failed.call if run.failed is not None else None
    if isinstance(layers, Module) and "[ModuleList]" in run.error.what:
        for place in run.places(layers)[:1]:
            yield Change("", rewrites=[whole_call(place, "ModuleList", _in_order)])
    if re.search(r"'(list|tuple)' object is not callable", run.error.what):
        yield Change("", rewrites=[partial(_as_layers, run.error.where)])


def _as_layers(where: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Write a sequence for a list of layers, and one layer for it with a comma after it."""
    source, line = sources.at(where) or (None, 0)
    text = source.text[slice(*source.span(line))] if source else ""
    called = re.findall(r"\bself\.(\w+)\(", text)
    for node in ast.walk(parsed(source.text)) if source and called else ():
        targets = node.targets if isinstance(node, ast.Assign) else []
        value = getattr(node, "value", None)
        if source is None or getattr(targets[:1] and targets[0], "attr", "") not in called:
            continue
        if isinstance(value, ast.List):
            start, end = span(source, value)
            home = "nn" if re.search(r"\bnn\.", source.text) else "torch.nn"
            edits = [(start, f"{home}.Sequential(*"), (end, ")")]
            yield [source.edit(at, at, text) for at, text in edits]
        elif isinstance(value, ast.Tuple) and len(value.elts) == 1:
            (_, start), (_, end) = span(source, value.elts[0]), span(source, value)
            yield [source.edit(start, end, "")]


def counted(run: Diagnosis) -> Iterator[Change]:
    """Call a module with as many tensors as its `forward` takes."""
    many, few = _MANY.search(run.error.what), _FEW.search(run.error.what)
    if many:
        extra = int(many[2]) - int(many[1])
        yield Change("", rewrites=[partial(_without_last, run.error.where, extra)])
    if few:
        names = re.findall(r"'(\w+)'", few[1])
        yield Change("", rewrites=[appended(run.error.where, "", ", ".join(names))])


_MANY = re.compile(r"forward\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) ")
_FEW = re.compile(r"forward\(\) missing \d+ required positional arguments?: (.+)")


def _without_last(where: str, count: int, sources: Sources) -> Iterator[Sequence[Edit]]:
    for call in sources.calls(where):
        args = call.node.args
        if len(args) > count:
            start, end = call.span(args[-count - 1])[1], call.span(args[-1])[1]
            yield [call.source.edit(start, end, "")]


def _in_order(call: CallText) -> str | None:
    args = call.node.args
    home = call.callee.removesuffix("ModuleList")
    return f"{home}Sequential(*{call.part(args[0])})" if args else f"{home}Sequential()"


def indices(run: Diagnosis) -> Iterator[Change]:
    """Count the axes of a tensor from 0: ``shape[2]`` and ``shape[3]`` are those of an image."""
    if run.error.argument == "index":
        for lines in (_NEAR, 0):
            yield Change("", rewrites=[partial(_counted_from_0, run.error.where, lines)])


def _counted_from_0(where: str, lines: int, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Take one from each index of a size in a line, and in so many lines around it."""
    source, line = sources.at(where) or (None, 0)
    if source is None:
        return
    edits = []
    for near in range(max(1, line - lines), min(len(source.starts), line + lines) + 1):
        for match in _SIZE.finditer(source.text, *source.span(near)):
            if int(match[1]) > 1:
                edits.append(source.edit(*match.span(1), str(int(match[1]) - 1)))
    yield edits


def meant(run: Diagnosis) -> Iterator[Change]:
    """Write the name that is meant in place of one that a module does not have."""
    yield Change("", only=run.error.only, rewrites=[partial(corrected, run.error)])


def corrected(error: Error, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Write the attribute, or the argument, that an error means in place of the one it names."""
    yield from of_self(error, sources)
    yield from of_sizes(error, sources)
    yield from of_locals(error, sources)
    wrong, right = error.argument, error.wanted
    source, line = sources.at(error.where) or (None, 0)
    if source and wrong and isinstance(right, str) and right:
        name = re.compile(rf"(?<=\.){wrong}\b|\b{wrong}(?=\s*=|\()")
        matches = name.finditer(source.text, *source.span(line))
        yield [source.edit(*match.span(), right) for match in matches]
