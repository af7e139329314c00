"""Which line of the user's own files is at work, or where an error arose."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from itertools import islice
from types import CodeType, FrameType, TracebackType

#: What standard input is called where it is code.
STDIN = "<stdin>"
#: Whoever calls it asks about a network: their lines are not the network's.
_ENTRY = os.path.join(os.path.dirname(__file__), "api.py")


def here(outermost: CodeType | None = None) -> str:
    """Return the innermost line of the user's that runs, as ``file:line``, or nothing.

    Args:
        outermost: the function from whose call on a line counts; any if None.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not outermost:
        file = shown(frame.f_code.co_filename)
        if file or frame.f_code.co_filename == _ENTRY:
            return place(file, frame.f_lineno) if file else ""
        frame = frame.f_back
    return ""


def trail() -> list[str]:
    """Return the lines of the user's that run, as ``file:line``, the innermost first."""
    places = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != _ENTRY:
        file = shown(frame.f_code.co_filename)
        if file:
            places.append(place(file, frame.f_lineno))
        frame = frame.f_back
    return places


def of(traceback: TracebackType | None) -> Iterator[tuple[str, str]]:
    """Yield ``file:line`` and function of the lines that led to an error, outermost first."""
    while traceback is not None:
        file = shown(traceback.tb_frame.f_code.co_filename)
        if file:
            yield place(file, traceback.tb_lineno), traceback.tb_frame.f_code.co_name
        traceback = traceback.tb_next


def columns(traceback: TracebackType | None) -> tuple[int, int] | None:
    """Return where in the user's innermost line an error arose: its first byte and its end.

    None where Python does not know: before 3.11, or where it is more than a line.
    """
    last = None
    while traceback is not None:
        if shown(traceback.tb_frame.f_code.co_filename):
            last = traceback
        traceback = traceback.tb_next
    positions = getattr(last and last.tb_frame.f_code, "co_positions", None)
    if last is None or positions is None:
        return None
    line, end_line, start, end = next(islice(positions(), last.tb_lasti // 2, None))
    is_whole = None not in (start, end) and line == end_line == last.tb_lineno
    return (start, end) if is_whole else None


def place(file: str, line: int | None) -> str:
    """Return how a line is called: ``net.py:7``, ``net.ipynb, cell 4, line 7``."""
    return f"{file}, line {line}" if ", cell " in file else f"{file}:{line}"


@cache
def shown(filename: str) -> str:
    """Return how to write the name of a user's file; nothing for Python's, torch's and ours."""
    if filename == STDIN or filename.startswith(f"{STDIN}, cell "):
        return filename
    if filename.startswith(("<", *_packages())) or _is_in_library(filename):
        return ""
    try:
        near = os.path.relpath(filename)
    except (OSError, ValueError):  # the current folder is gone, or on another drive
        return filename
    return filename if near.startswith("..") else near


@cache
def _packages() -> tuple[str, ...]:
    """Return the folders of our package and of torch."""
    torch = [os.path.join(path, "torch", "") for path in sys.path if path.endswith("-packages")]
    return os.path.join(os.path.dirname(__file__), ""), *torch


def _is_in_library(filename: str) -> bool:
    """Return whether a file is Python's own; the folder may be a zip file, as in Pyodide.

    Third-party packages are in the same folder: those whose networks are traced are the user's.
    """
    library = os.path.join(os.path.dirname(os.__file__), "")
    packages = tuple(f"{library}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
    return filename.startswith(library) and not filename.startswith(packages)
