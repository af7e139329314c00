"""What a file defines below the line where it stops.

A script that first loads its data stops there. The classes that follow are defined nevertheless.
"""

from __future__ import annotations

import ast
from linecache import getlines
from typing import TYPE_CHECKING

from ..errors import SpecError
from .notebook import without_magics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

#: What stops a file for a reason outside of it: its data, a device, a package, the guard.
OUTSIDE = (OSError, SpecError, AssertionError, LookupError, EOFError)
_DEFINITIONS = (
    ast.ClassDef,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Import,
    ast.ImportFrom,
)


def define(module: ModuleType, error: BaseException, notes: Any) -> None:
    """Run the definitions below the statement that failed. One that fails too is left out.

    Args:
        module: the user's, which gets the names.
        error: what stopped it.
        notes: what takes notes of statements, or None.
    """
    names = vars(module)
    file, line = _stop(error, names)
    for node in _definitions(file, line):
        tree = ast.Module([node], [])
        code = compile(notes.noted(tree, file) if notes else tree, file, "exec")
        try:
            exec(code, names)
        except Exception:  # a network that needs it says so
            continue


def _stop(error: BaseException, names: dict[str, Any]) -> tuple[str, int]:
    """Return the file and the line of the module's statement that failed."""
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals is names and frame.f_code.co_name == "<module>":
            return frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next
    return "", 0


def _definitions(file: str, line: int) -> Iterator[ast.stmt]:
    """Yield the definitions below a line: classes, functions, imports and names of constants."""
    text = without_magics("".join(getlines(file)))
    for node in ast.parse(text).body if line else ():
        is_constant = isinstance(node, (ast.Assign, ast.AnnAssign)) and not any(
            isinstance(part, ast.Call) for part in ast.walk(node)
        )
        if node.lineno > line and (is_constant or isinstance(node, _DEFINITIONS)):
            yield node
