"""The texts of the tensors that operations take: ``skip`` and ``x`` in ``skip + x``."""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ..python_syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..edits import Source
    from ..fixes import Edit
    from ..rewrites import Rewrite, Sources

#: Operators by the functions that they call.
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.MatMult: "matmul",
}  # fmt: skip
#: What functions are attributes of; any other object before a dot is a tensor.
_HOMES = {"torch", "nn", "F", "functional", "self", "super"}
#: What needs no brackets before a dot.
_ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript)
#: An axis that is added and left out again, axes that are turned twice.
_UNDONE = re.compile(r"\.unsqueeze\((-?\d+)\)\.squeeze\(\1\)|\.T\.T(?=\.)")
#: Where an entry of a network file has its expression.
_ENTRY = re.compile(r"\s*(?:- |[\w, '\"]+:\s+)")


class Operand(NamedTuple):
    """One of the tensors that an operation takes: where its text is, and its syntax."""

    start: int
    end: int
    node: ast.expr


class Operation(NamedTuple):
    """A call or an operator in a text, and its tensors in order."""

    source: Source
    operands: list[Operand]

    def text(self, index: int) -> str:
        """Return the text of a tensor, in brackets where a method could not follow it."""
        start, end, node = self.operands[index]
        text = self.source.text[start:end]
        return text if isinstance(node, _ATOMS) else f"({text})"

    def edit(self, index: int, text: str) -> Edit:
        """Return the edit that puts a text in place of a tensor."""
        start, end, _ = self.operands[index]
        return self.source.edit(start, end, text)


def operand(where: str, name: str, index: int, *templates: str) -> Rewrite:
    """Put something else in place of one of the tensors that an operation takes.

    Args:
        where: the line of the operation.
        name: the function, layer or attribute that is called, or that an operator means.
        index: which of its tensors, from 0; a list of tensors counts as they do.
        templates: what it is to be: ``{x}`` is the tensor, ``{y}`` the first of the others.
    """
    return partial(_operand, where, name, index, templates)


def _operand(
    where: str, name: str, index: int, templates: Sequence[str], sources: Sources
) -> Iterator[Sequence[Edit]]:
    for operation in operations(sources, where, name):
        count = len(operation.operands)
        if index < count:
            other = operation.text(index == 0) if count > 1 else ""
            text = operation.text(index)
            for template in templates:
                changed = _UNDONE.sub("", template.format(x=text, y=other))
                if "{x}.T" not in template or ".T" not in changed:
                    yield [operation.edit(index, changed)]


def exchanged(where: str, name: str) -> Rewrite:
    """Exchange the two tensors of an operation."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for operation in operations(sources, where, name):
            if len(operation.operands) == 2:
                first, second = operation.text(0), operation.text(1)
                yield [operation.edit(0, second), operation.edit(1, first)]

    return rewrite


def operations(sources: Sources, where: str, name: str) -> Iterator[Operation]:
    """Yield the operations of a name in a line, the outermost first."""
    there = sources.at(where)
    if there is None:
        return
    source, line = there
    first, tree = _tree(source, line)
    for node in ast.walk(tree):
        if first + getattr(node, "lineno", 0) - 1 == line:
            operands = _operands(node, name.removesuffix("_"))
            spans = [Operand(*span(source, part, first), part) for part in operands]
            if spans:
                yield Operation(source, spans)


def _tree(source: Source, line: int) -> tuple[int, ast.AST]:
    """Return the syntax of Python, or of an entry of a network file, and its first line."""
    for first, text in ((1, source.text), (line, _expression(source, line))):
        try:
            return first, parsed(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return line, ast.Module([], [])


def _expression(source: Source, line: int) -> str:
    """Return the line of an entry with a bracket and spaces in place of its name."""
    text = source.text[slice(*source.span(line))]
    entry = _ENTRY.match(text)
    if entry is None:
        return text
    before = len(text[: entry.end()].encode())
    return f"({' ' * (before - 1)}{text[entry.end() :]}\n)"


def _operands(node: ast.AST, name: str) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and _OPERATORS.get(type(node.op)) == name:
        return [node.left, node.right]
    if isinstance(node, ast.AugAssign) and _OPERATORS.get(type(node.op)) == name:
        return [node.target, node.value]
    if not isinstance(node, ast.Call):
        return []
    func = node.func
    called = getattr(func, "attr", getattr(func, "id", ""))
    if called.removesuffix("_") != name:
        return []
    tensors = [*node.args]
    if tensors and isinstance(tensors[0], (ast.List, ast.Tuple)):
        return tensors[0].elts
    if isinstance(func, ast.Attribute):
        root: ast.expr = func
        while isinstance(root, ast.Attribute):
            root = root.value
        if getattr(root, "id", "") not in _HOMES:
            tensors.insert(0, func.value)
    return tensors


def span(source: Source, node: ast.expr, first: int = 1) -> tuple[int, int]:
    """Return where a part of a text is, whose syntax begins in the line `first`."""

    def offset(line: int, column: int) -> int:
        start, end = source.span(first + line - 1)
        return start + len(source.text[start:end].encode()[:column].decode(errors="ignore"))

    return (
        offset(node.lineno, node.col_offset),
        offset(node.end_lineno or node.lineno, node.end_col_offset or 0),
    )
