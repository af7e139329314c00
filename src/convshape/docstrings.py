"""Docstrings that are shown to users, also where ``python -OO`` has left them out."""

from __future__ import annotations

import sys
from functools import cache
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast


def docstring(value: Any) -> str:
    """Return the docstring of a module, class or function of ours, or nothing."""
    if value.__doc__ or sys.flags.optimize < 2:
        return value.__doc__ or ""
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    home = value if hasattr(value, "__spec__") else sys.modules[value.__module__]
    return _in_source(home, getattr(value, "__qualname__", ""), getattr(value, "__code__", None))


def _in_source(module: ModuleType, qualified: str, code: CodeType | None) -> str:
    """Read a docstring from the source of a function, of the named class or of the module."""
    import ast

    tree: Any = _tree(module.__name__)
    nodes = [tree]
    if code is not None:  # it may have another name by now
        kinds = ast.FunctionDef
        nodes = [
            n for n in ast.walk(tree) if isinstance(n, kinds) and _first(n) == code.co_firstlineno
        ]
    elif qualified:
        nodes = [n for n in tree.body if getattr(n, "name", "") == qualified]
    return (ast.get_docstring(nodes[0], clean=False) or "") if nodes else ""


def _first(node: Any) -> int:
    """Return the line in which a function begins, decorators included."""
    lines: list[int] = [node.lineno, *(decorator.lineno for decorator in node.decorator_list)]
    return min(lines)


@cache
def _tree(module: str) -> ast.Module:
    from ast import parse

    spec = sys.modules[module].__spec__
    get_source = getattr(spec and spec.loader, "get_source", None)
    return parse((get_source(module) if get_source else None) or "")
