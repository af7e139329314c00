"""Notes of what each statement of a source gives, taken while it runs.

Its statements are compiled with a call around what they give: ``x = f(x)`` notes ``f(x)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from ...shapetorch import hooks
from ...shapetorch.nn.modules.module import Module

#: What the calls are called in the source's code: no names of anybody's.
NOTE, LAYER = "__convshape_note__", "__convshape_layer__"
_noting: ContextVar[dict[Module, tuple[Any, ...]] | None] = ContextVar("_noting", default=None)


class Statement(NamedTuple):
    """Where a statement is: lines from 1, columns from 0 in bytes of UTF-8."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@contextmanager
def noting() -> Iterator[dict[Module, tuple[Any, ...]]]:
    """Let the sources that are read note what their statements give.

    Yields:
        Where the layers are that a source lists in a ``Sequential``, whose calls are its lines.
    """
    layers: dict[Module, tuple[Any, ...]] = {}
    token = _noting.set(layers)
    try:
        yield layers
    finally:
        _noting.reset(token)


def names() -> dict[str, Any]:
    """Return what a source needs to take notes; nothing where it is to take none."""
    return {} if _noting.get() is None else {NOTE: note, LAYER: layer}


def noted(source: Any, file: str) -> Any:
    """Return what to compile of a source (text, bytes or a tree), with notes if wanted."""
    if not names():
        return source
    tree = source if isinstance(source, ast.Module) else ast.parse(source, file)
    return ast.fix_missing_locations(_Noting(file).visit(tree))


def note(statement: tuple[Any, ...], is_part: bool, value: Any) -> Any:
    """Tell the run that goes on, if any, what a statement gives, and return that.

    Args:
        statement: where it is, as `Statement`.
        is_part: whether it is an argument of a call that may give nothing.
        value: what it gives.
    """
    if hooks.recorder is not None:
        hooks.recorder.note(statement, is_part, value)
    return value


def layer(place: tuple[Any, ...], value: Any) -> Any:
    """Note where a layer is, and return it."""
    layers = _noting.get()
    if layers is not None and isinstance(value, Module):
        layers[value] = place
    return value


class _Noting(ast.NodeTransformer):
    """Wraps the values of a function's statements, and layers in lists, in calls that note them."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._inside = False

    def _visit_function(self, node: Any) -> Any:
        outside, self._inside = self._inside, True
        node.body = [statement for child in node.body for statement in self._statements(child)]
        self._inside = outside
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = _visit_function  # noqa: N815

    def _statements(self, node: ast.stmt) -> list[ast.stmt]:
        visited = self.visit(node)
        return visited if isinstance(visited, list) else [visited]

    def _visit_value(self, node: Any) -> Any:
        self.generic_visit(node)
        if self._inside and node.value is not None:
            node.value = self._noted(node, node.value)
        return node

    visit_Return = visit_Assign = visit_AnnAssign = _visit_value  # noqa: N815

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """Note what has become of the target, if looking at it again does nothing else."""
        self.generic_visit(node)
        target = node.target
        is_plain = isinstance(target, ast.Name) or (
            isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
        )
        if not (self._inside and is_plain):
            return node
        again = ast.parse(ast.unparse(target), mode="eval").body
        return [node, ast.copy_location(ast.Expr(self._noted(node, again)), node)]

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Note its value and its arguments' values: ``maps.append(f(x))`` itself returns None."""
        self.generic_visit(node)
        value = node.value
        if not self._inside or isinstance(value, ast.Constant):
            return node
        if isinstance(value, ast.Call):
            value.args = [
                self._noted(node, item, is_part=True) if _is_worked_out(item) else item
                for item in value.args
            ]
        elif isinstance(value, ast.Yield) and value.value is not None:
            value.value = self._noted(node, value.value, is_part=True)
        node.value = self._noted(node, value)
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """Note the layers in ``nn.Sequential(nn.Conv2d(3, 6, 5), ...)``."""
        self.generic_visit(node)
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name.endswith("Sequential"):
            node.args = [
                self._call(LAYER, argument, self._place(argument), argument)
                if isinstance(argument, ast.Call)
                else argument
                for argument in node.args
            ]
        return node

    def _noted(self, node: ast.stmt, value: ast.expr, is_part: bool = False) -> ast.expr:
        where = value if hasattr(value, "lineno") else node
        return self._call(NOTE, where, self._place(node), ast.Constant(is_part), value)

    def _place(self, node: Any) -> ast.expr:
        ends = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        return ast.Constant((self._file, *ends))  # type: ignore[arg-type]  # as compile takes them

    @staticmethod
    def _call(name: str, where: Any, *arguments: ast.expr) -> ast.expr:
        call = ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [*arguments], []), where)
        for part in (call.func, *arguments):
            if not hasattr(part, "lineno"):
                ast.copy_location(part, where)
        return call


def _is_worked_out(node: ast.expr) -> bool:
    return not isinstance(node, (ast.Starred, ast.Constant, ast.Name))
