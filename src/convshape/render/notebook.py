"""An error in a notebook: as in the terminal, with the lines of the cells that led to it."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator

from ..errors import Error
from ..user_frames import place, shown
from .text import error_text

#: As wide as an output of Jupyter is on a small screen.
_WIDTH = 100


def lines(error: Error) -> list[str]:
    """Return the lines of an error, coloured, in place of a traceback.

    Where it has no place in a file of its own, it is the innermost line of the user's.
    """
    steps = list(_steps(error))
    if steps and not error.where:
        where, line = steps.pop()
        text = line.strip()
        error = error.changed(where=where, snippet=f"{text}\n{'^' * len(text)}" if text else "")
    result = error_text(error, _WIDTH, colors=True).split("\n")
    return [
        *result,
        *(f"   called from {where}: {line.strip()}" for where, line in reversed(steps)),
    ]


def _steps(error: Error) -> Iterator[tuple[str, str]]:
    """Yield the lines that led to an error from the cell on, outermost first: place and text."""
    at, in_cell = error.__traceback__, False
    while at is not None:
        file, number = at.tb_frame.f_code.co_filename, at.tb_lineno
        cell = _cell(file)
        in_cell = in_cell or bool(cell)
        name = shown(file)
        if cell:
            yield f"{cell}, line {number}", linecache.getline(file, number)
        elif in_cell and name:
            yield place(name, number), linecache.getline(file, number)
        at = at.tb_next


def _cell(filename: str) -> str:
    """Return what IPython calls the cell that a file means, ``Cell In[3]``, or nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    name = shell.compile.format_code_name(filename) if shell is not None else None
    return " ".join(name) if name else ""
