"""What a file defines below the line where it stops.

A script that first loads its data stops there. The statements that follow run nevertheless, as the
cells of a notebook do.
"""

from __future__ import annotations

import ast
from linecache import getlines
from types import ModuleType
from typing import Any

from ...errors import SpecError
from .notebook import without_magics
from .source_errors import needed

#: What stops a file for a reason outside of it: its data, a device, a package, the guard.
OUTSIDE = (OSError, SpecError, AssertionError, LookupError, EOFError)


def define(module: ModuleType, error: BaseException, notes: Any) -> None:
    """Run the statements below the one that failed, and leave out those that fail too.

    It runs none of a file that fails by its own mistake.

    Args:
        module: the user's, which gets the names.
        error: what stopped it.
        notes: what takes notes of statements, or None.
    """
    names = vars(module)
    file, line = _stop(error, names)
    statements = ast.parse(without_magics("".join(getlines(file)))).body if line else []
    is_outside = isinstance(error, OUTSIDE) or needed(error) is not None
    if not is_outside and not _is_skipped(error, statements, line):
        return
    for node in statements:
        if node.lineno > line:
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


def _is_skipped(error: BaseException, statements: list[ast.stmt], line: int) -> bool:
    """Return whether a name is missing that a loop over missing data would have defined."""
    above = (node for node in statements if node.lineno < line and isinstance(node, ast.For))
    return isinstance(error, NameError) and any(
        isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and part.id == error.name
        for node in above
        for part in ast.walk(node)
    )
