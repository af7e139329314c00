"""Doing the same again whenever a file is saved."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from ..errors import SpecError
from .output import reported, write

_SECONDS = 0.1
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"


def watch(file: str, show: Callable[[], object]) -> None:
    """Call `show` now and whenever `file` is saved, until Ctrl-C; what it fails with ends nothing.

    A file that is gone is waited for: some editors delete a file and write it anew.
    """
    with reported(None):
        if file == "-":
            raise SpecError("standard input cannot be watched", fix="give the file's name")
    terminal = sys.stdout.isatty()
    os.environ["NO_PAGER"] = "1"  # which would wait for a key
    path, source, _ = file.partition(".py:")  # lenet.py:LeNet is in lenet.py
    path += ".py" if source else ""
    try:
        while True:
            shown = _stamp(path)
            if terminal:
                sys.stdout.write(_CLEAR)
            with suppress(SystemExit):  # the status of a trace that fails, which has said why
                show()
            gc.collect()  # a command does without, and this one goes on
            if terminal:
                write(f"\nWatching {path} (Ctrl-C to stop)")
            sys.stdout.flush()
            while _stamp(path) in (None, shown):
                time.sleep(_SECONDS)
    except KeyboardInterrupt:
        if terminal:
            write("")


def _stamp(path: str) -> tuple[int, int, int] | None:
    """Return what changes when the file is saved, or None where there is no file."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
