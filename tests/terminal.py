"""The program as a user sees it: on a pseudo-terminal, and piped."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from unittest import mock

import pytest

from convshape.cli import main

ROOT = Path(__file__).parent.parent
LENET = str(ROOT / "examples" / "lenet.yaml")


def pseudo_terminal() -> tuple[int, int]:
    """Open a pseudo-terminal: our end and the program's. Skip the test where there is none."""
    return pytest.importorskip("pty").openpty()


def on_terminal(*args: str, columns: int = 80, encoding: str = "utf-8", folder: Path = ROOT) -> str:
    """Run the program in `folder`; return what it shows, without colors and trailing blanks."""
    ours, theirs = pseudo_terminal()
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
    return plain(shown.decode(encoding).replace("\r\n", "\n"))


def plain(shown: str) -> str:
    """Return what is shown without colors and trailing blanks."""
    return re.sub(r" +\n", "\n", re.sub(r"\x1b\[[0-9;]*m", "", shown))


class Stream(io.TextIOWrapper):
    """A stream in memory, a terminal or not."""

    def __init__(self, text: str = "", terminal: bool = False) -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8", newline="\n")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def written(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


def on_screen(*args: str, columns: int = 80, folder: Path = ROOT) -> str:
    """Return what `on_terminal` does, for a terminal in memory and without a process of its own."""
    screen, before = Stream(terminal=True), Path.cwd()
    with (
        mock.patch.multiple(sys, stdin=Stream(terminal=True), stdout=screen, stderr=screen),
        mock.patch.dict(os.environ, {"COLUMNS": str(columns), "TERM": "xterm"}),
        suppress(SystemExit),
    ):
        os.chdir(folder)
        try:
            main(args)
        finally:
            os.chdir(before)
    return plain(screen.written())


def run(*args: str, input: str | None = None) -> tuple[int, str, str]:
    """Run the command line in this process, piped; return its exit status and what it wrote."""
    streams = [
        io.TextIOWrapper(io.BytesIO((input or "").encode()), encoding="utf-8") for _ in range(3)
    ]
    streams[1:] = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    status = 0
    with (
        mock.patch.multiple(sys, stdin=streams[0], stdout=streams[1], stderr=streams[2]),
        mock.patch.dict(os.environ),  # which --color changes
    ):
        try:
            main(args)
        except SystemExit as end:
            status = int(end.code or 0)
        written = []
        for stream in streams[1:]:
            stream.flush()
            written.append(stream.buffer.getvalue().decode())
    return status, written[0], written[1]
