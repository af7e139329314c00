"""Changes of lines that forget something: ``return``, ``self.``, the call of a layer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from ..python_syntax import parsed
from ..run.record import Row
from ..run.trial import Change
from ..shapetorch import nn
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.tensor import Tensor
from .scope import parameters_at

if TYPE_CHECKING:
    from ..edits import Source
    from ..errors import Error
    from ..fixes import Edit
    from ..rewrites import Sources
    from .diagnosis import Diagnosis


def of_self(error: Error, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Write ``self.`` before a name that is not defined."""
    undefined = re.search(r"NameError: name '(\w+)' is not defined", error.what)
    source, line = sources.at(error.where) or (None, 0)
    if source and undefined:
        name = re.compile(rf"(?<![\w.]){undefined[1]}\b")
        matches = name.finditer(source.text, *source.span(line))
        yield [source.edit(match.start(), match.start(), "self.") for match in matches]


def of_sizes(error: Error, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Read a size as torch has it: ``x.shape[0]`` for ``x.shape(0)`` and ``x.size[0]``."""
    source, line = sources.at(error.where) or (None, 0)
    if source and re.search(r"not (callable|subscriptable)", error.what):
        sizes = re.finditer(r"\.(?:shape\((-?\d)\)|size\[(-?\d)\])", source.text)
        here = [match for match in sizes if source.text.count("\n", 0, match.start()) == line - 1]
        yield [source.edit(*m.span(), f".shape[{m[1] or m[2]}]") for m in here]


def of_locals(error: Error, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Keep a layer that a name of ``__init__`` has: ``self.fc = nn.Linear(...)``."""
    source, _ = sources.at(error.where) or (None, 0)
    lacking = re.search(r"object has no attribute '(\w+)'", error.what)
    if source and lacking:
        for match in re.finditer(rf"(?m)(?:^[ \t]+|; ?)(?={lacking[1]} = )", source.text):
            yield [source.edit(match.end(), match.end(), "self.")]


def of_ints(error: Error, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Divide ints by ``//`` in a line that needs an int, or where its numbers are made."""
    source, line = sources.at(error.where) or (None, 0)
    if source is None or error.wanted is not int:
        return
    names = re.findall(r"\b[a-z_]\w*\b(?!\()", source.text[slice(*source.span(line))])
    assignment = re.compile(rf"^\s*(?:self\.)?(?:{'|'.join(names)})\s*=", re.M)
    lines = (source.text.count("\n", 0, m.end()) + 1 for m in assignment.finditer(source.text))
    for number in (line, *lines):
        slashes = re.finditer(r"(?<!/)/(?!/)", source.text[slice(*source.span(number))])
        start = source.span(number)[0]
        edits = [source.edit(start + m.start(), start + m.end(), "//") for m in slashes]
        yield from [edits] if edits else []


def divided(run: Diagnosis) -> Iterator[Change]:
    """Divide ints by ``//``."""
    yield Change("", rewrites=[partial(of_ints, run.error)])


def shared(run: Diagnosis) -> Iterator[Change]:
    """Divide a size of a view by another one: ``x.view(n, t, heads, width // heads)``."""
    row = run.refused
    if row is None or row.name not in ("view", "reshape"):
        return
    tensor, *rest = row.args
    sizes = [n for item in rest for n in (item if isinstance(item, tuple) else (item,))]
    if not all(type(n) is int and n > 0 for n in sizes):
        return
    for i, j in product(reversed(range(len(sizes))), range(len(sizes))):
        is_share = i != j and sizes[j] > 1 and sizes[i] % sizes[j] == 0
        if is_share and prod(sizes) == tensor.numel() * sizes[j]:
            yield Change("", rewrites=[partial(_shared, run.error.where, row.name, i, j)])


def _shared(where: str, name: str, i: int, j: int, sources: Sources) -> Iterator[Sequence[Edit]]:
    for call in sources.calls(where, name):
        args = call.node.args
        args = args[0].elts if len(args) == 1 and isinstance(args[0], ast.Tuple) else args
        if max(i, j) < len(args) and isinstance(args[i], (ast.Name, ast.Attribute, ast.Constant)):
            text = f"{call.part(args[i])} // {call.part(args[j])}"
            yield [call.source.edit(*call.span(args[i]), text)]


def not_called(run: Diagnosis) -> Iterator[Change]:
    """Call a layer that is given to a function itself: ``F.relu(self.conv)``."""
    if any(isinstance(value, Module) for value in _in_place_of_tensors(run)):
        for rewrite in (_with_calls, called_with):
            yield Change("", only=True, rewrites=[partial(rewrite, run.error.where)])


def called_with(where: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Call the layers that a function creates with a tensor as an argument: ``ReLU()(x)``."""
    source, line = sources.at(where) or (None, 0)
    if source is None:
        return
    first = source.text.count("\n", 0, source.text.rfind("def ", 0, source.span(line)[1])) + 1
    calls = (call for n in range(first, line + 1) for call in source.calls(n))
    edits = []
    for call in calls:
        args = call.node.args if hasattr(nn, call.name) and call.name[0].isupper() else []
        if args and not isinstance(args[0], ast.Constant):
            others = source.text[call.span(args[0])[1] : call.end - 1].lstrip(", ")
            edits.append(call.replaced(f"{call.callee}({others})({call.part(args[0])})"))
    yield edits


def _in_place_of_tensors(run: Diagnosis) -> list[Any]:
    """Return the arguments of a call that refuses something in place of a tensor."""
    row = run.failed if run.error.wanted is Tensor else None
    return [*row.args, *row.kwargs.values()] if row else []


def _with_calls(where: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    source, line = sources.at(where) or (None, 0)
    for call in sources.calls(where):
        ends = [call.span(n)[1] for n in call.node.args if isinstance(n, ast.Attribute)]
        for name in _values(source, line) if source and ends else ():
            yield [call.source.edit(end, end, f"({name})") for end in ends]


def _values(source: Source, line: int) -> list[str]:
    """Return the names that hold what a line may work on: its own, and its function's."""
    assigned = re.match(r"\s*(\w+) = ", source.text[slice(*source.span(line))])
    return [*([assigned[1]] if assigned else []), *parameters_at(source, line)]


def not_returned(run: Diagnosis) -> Iterator[Change]:
    """Return what the last line of a function gives, where the function gives nothing."""
    is_none = any(value is None for value in _in_place_of_tensors(run))
    if is_none or "NoneType" in run.error.what:
        rows = (row for row in run.run.calls if isinstance(row, Row) and row.result is None)
        classes = {type(row.call).__name__ for row in rows if isinstance(row.call, Module)}
        yield Change("", only=True, rewrites=[partial(_returning, run.error.where, classes)])


def _returning(where: str, classes: set[str], sources: Sources) -> Iterator[Sequence[Edit]]:
    source, line = sources.at(where) or (None, 0)
    if source is None:
        return
    called = re.findall(r"(\w+)\(", source.text[slice(*source.span(line))])
    try:
        kinds = [node for node in parsed(source.text).body if isinstance(node, ast.ClassDef)]
    except (SyntaxError, ValueError):  # the cells of a notebook have more than Python
        return
    for kind in kinds:
        for function in kind.body:
            name = getattr(function, "name", "")
            if name in called or (name == "forward" and kind.name in classes):
                yield from _with_return(source, function.body[-1])  # type: ignore[attr-defined]


def _with_return(source: Source, last: ast.stmt) -> Iterator[Sequence[Edit]]:
    if isinstance(last, ast.Expr):
        start = source.starts[last.lineno - 1] + last.col_offset
        yield [source.edit(start, start, "return ")]
    elif isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name):
        end = source.span(last.end_lineno or last.lineno)[1] + 1
        yield [source.edit(end, end, source.beside(last.lineno, f"return {last.targets[0].id}"))]
