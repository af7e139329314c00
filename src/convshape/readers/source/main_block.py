"""Names that a network reads and that its file defines under ``if __name__ == "__main__":``.

That block is not run. But some files keep the sizes of their networks there.
"""

from __future__ import annotations

import ast
import builtins
import dis
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from .guesses import run_at_once, statements_of


def define(module: ModuleType, files: Iterable[str], networks: Iterable[type]) -> str:
    """Run what the block of a file does for the names that networks read, and say so.

    Args:
        module: the user's, which gets the names.
        files: what it is made of.
        networks: its classes.

    Returns:
        A note, or nothing if they miss none.
    """
    names = vars(module)
    known = names.keys() | vars(builtins).keys()
    missing = {name for kind in networks for name in _globals(kind)} - known
    notes = []
    for file in files if missing else ():
        needed = _slice(_block(statements_of(file)), missing)
        try:
            exec(compile(ast.Module(needed, []), file, "exec"), names)
        except Exception:  # the network will miss the name where it reads it
            continue
        defined = sorted(missing & names.keys())
        if needed and defined:
            notes.append(f'{", ".join(defined)} from below if __name__ == "__main__"')
    return "; ".join(notes)


def _globals(kind: type) -> Iterator[str]:
    """Yield the global names that the methods of a class read."""
    pending = [f.__code__ for f in vars(kind).values() if hasattr(f, "__code__")]
    while pending:
        code = pending.pop()
        pending.extend(const for const in code.co_consts if hasattr(const, "co_code"))
        for instruction in dis.get_instructions(code):
            if instruction.opname == "LOAD_GLOBAL":
                yield instruction.argval


def _block(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements below ``if __name__ == "__main__":``."""
    for node in statements:
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            return node.body
    return []


def _slice(block: list[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """Return the statements that the values of some names come from."""
    needed, result = set(wanted), []
    for node in reversed(block):
        parts = list(run_at_once(node))
        if not needed.isdisjoint(_changed(parts)):
            result.append(node)
            needed |= {part.id for part in parts if isinstance(part, ast.Name)}
    return result[::-1]


def _changed(parts: list[Any]) -> Iterator[str]:
    """Yield the names that a statement gives a value, or whose value it may change."""
    for part in parts:
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            yield part.name
        elif isinstance(part, ast.alias):
            yield (part.asname or part.name).partition(".")[0]
        elif isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.value, ast.Name):
            stored = isinstance(part.ctx, ast.Store) or isinstance(part, ast.Attribute)
            yield from [part.value.id] * stored
