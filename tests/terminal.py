"""The program on a pseudo-terminal, as a user sees it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def on_terminal(*args: str, columns: int = 80, encoding: str = "utf-8", folder: Path = ROOT) -> str:
    """Run the program in a folder, the checkout unless given, and return what it shows, without colors and trailing blanks."""
    ours, theirs = pty.openpty()
    environment = os.environ | {
        "COLUMNS": str(columns),
        "TERM": "xterm",
        "PYTHONIOENCODING": encoding,
    }
    command = [sys.executable, "-m", "convshape", *args]
    process = subprocess.Popen(
        command, stdout=theirs, stderr=theirs, stdin=theirs, env=environment, cwd=folder
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # so Linux says that the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    process.wait()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode(encoding)).replace("\r\n", "\n")
    return re.sub(r" +\n", "\n", plain)
