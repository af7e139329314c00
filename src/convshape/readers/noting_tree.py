"""Calls around what the statements of a source give, put into its syntax tree; for `noting`."""

from __future__ import annotations

import ast
from typing import Any


def with_notes(source: Any, file: str, note: str, layer: str) -> ast.Module:
    """Return the tree of a source (text, bytes or a tree) with calls for notes.

    Args:
        source: the source.
        file: what places call it.
        note: the name of what is called with what a statement gives.
        layer: the name of what is called with a layer that a ``Sequential`` lists.
    """
    tree = source if isinstance(source, ast.Module) else ast.parse(source, file)
    noted: ast.Module = ast.fix_missing_locations(_Noting(file, note, layer).visit(tree))
    return noted


class _Noting(ast.NodeTransformer):
    """Puts calls around what the statements of functions give, and around layers that are listed."""

    def __init__(self, file: str, note: str, layer: str) -> None:
        self._file = file
        self._note = note
        self._layer = layer
        self._inside = False

    def _visit_function(self, node: Any) -> Any:
        outside, self._inside = self._inside, True
        node.body = [statement for each in node.body for statement in self._statements(each)]
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
        """Note what it gives, and what is worked out for it: ``maps.append(f(x))`` gives nothing."""
        self.generic_visit(node)
        value = node.value
        if not self._inside or isinstance(value, ast.Constant):
            return node
        if isinstance(value, ast.Call):
            value.args = [
                self._noted(node, each, is_part=True) if _is_worked_out(each) else each
                for each in value.args
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
                self._call(self._layer, each, self._place(each), each)
                if isinstance(each, ast.Call)
                else each
                for each in node.args
            ]
        return node

    def _noted(self, node: ast.stmt, value: ast.expr, is_part: bool = False) -> ast.expr:
        where = value if hasattr(value, "lineno") else node
        return self._call(self._note, where, self._place(node), ast.Constant(is_part), value)

    def _place(self, node: Any) -> ast.expr:
        ends = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        return ast.Constant((self._file, *ends))  # type: ignore[arg-type]  # as compile takes them

    @staticmethod
    def _call(name: str, where: Any, *arguments: ast.expr) -> ast.expr:
        call = ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [*arguments], []), where)
        for each in (call.func, *arguments):
            if not hasattr(each, "lineno"):
                ast.copy_location(each, where)
        return call


def _is_worked_out(node: ast.expr) -> bool:
    return not isinstance(node, (ast.Starred, ast.Constant, ast.Name))
