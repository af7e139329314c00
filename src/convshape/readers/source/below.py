"""What a file defines below the line where it stops.

A script or a cell that first loads its data stops there. The statements that follow are run
nevertheless.
"""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

from ... import user_frames
from ...errors import SpecError
from ...shapetorch.placeholder import Unavailable, guesses, is_network
from .guesses import run_at_once, statements_of
from .source_errors import needed, told

#: What stops a file for a reason outside of it: its data, a device, a package, the guard.
OUTSIDE = (OSError, SpecError, AssertionError, LookupError, EOFError)


def define(module: ModuleType, error: BaseException, notes: Any, is_cell: bool) -> None:
    """Run the statements below the one that failed, and leave out those that fail too.

    It runs none of a script that fails by its own mistake. In notebooks users go on.

    Args:
        module: the user's, which gets the names.
        error: what stopped it.
        notes: what takes notes of statements, or None.
        is_cell: it stopped in a cell of a notebook.
    """
    names = vars(module)
    file, line = _stop(error, names)
    statements = statements_of(file)
    if not (is_cell or _is_outside(error, names) or _is_skipped(error, statements, line)):
        return
    _forget([node for node in statements if node.lineno <= line][-1:], names, error)
    for node in statements:
        if node.lineno > line:
            tree = ast.Module([node], [])
            code = compile(notes.noted(tree, file) if notes else tree, file, "exec")
            try:
                exec(code, names)
            except Exception as failure:
                _forget([node], names, failure)


def _is_outside(error: BaseException, names: dict[str, Any]) -> bool:
    """Return whether a reason outside of a file stops it, or a value that it lacks may."""
    is_known = isinstance(error, OUTSIDE) or needed(error) is not None
    return is_known or any(guess.module is names for guess in guesses)


def _forget(failed: list[ast.stmt], names: dict[str, Any], error: BaseException) -> None:
    """Put placeholders for the older values of the names that a failed statement assigns.

    A network that is assigned to its own name is kept: ``model = load(model)``.
    """
    file, line = _stop(error, names)
    parts = [part for node in failed for part in run_at_once(node)]
    starts = [part.lineno for part in parts if isinstance(part, ast.stmt) and part.lineno <= line]
    variables = [part for part in parts if isinstance(part, ast.Name) and part.id != "_"]
    read = {part.id for part in variables if isinstance(part.ctx, ast.Load)}
    for part in variables:
        is_old = isinstance(part.ctx, ast.Store) and part.lineno >= max(starts, default=0)
        if is_old and part.id in names and not (is_network(names[part.id]) and part.id in read):
            place = user_frames.place(user_frames.shown(file), line)
            why = f"{place} failed: {told(error, ()).message}"
            names[part.id] = Unavailable(part.id, why, is_value=True)


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
