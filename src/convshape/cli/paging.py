"""Long answers on a terminal, one screen at a time, as git shows them."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from shutil import which


def paged(text: str) -> bool:
    """Show a text in the pager if it is longer than the terminal; return whether it was shown.

    ``PAGER`` names the program, ``less`` by default. There is none if ``PAGER`` is empty or
    ``cat``, or if ``NO_PAGER`` is set.
    """
    command = _pager()
    if not command or text.count("\n") + 1 < _lines():
        return False
    sys.stdout.flush()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pager
    try:
        done = subprocess.run(
            command,
            input=f"{text}\n".encode(sys.stdout.encoding, "replace"),
            env={"LESS": "FRX", "LV": "-c", **os.environ},
            check=False,
        )
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, before)
    return done.returncode not in (126, 127)


def _pager() -> list[str]:
    """Return the pager's command line, or nothing if there is none."""
    if os.environ.get("NO_PAGER") or os.environ.get("TERM") == "dumb":
        return []
    command = []
    with suppress(ValueError):  # a quotation that does not end
        command = shlex.split(os.environ.get("PAGER", "less"))
    return command if command and command != ["cat"] and which(command[0]) else []


def _lines() -> float:
    """Return the height of the terminal; it has no end if nobody knows it."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).lines or float("inf")
    except (OSError, ValueError):
        return float("inf")
