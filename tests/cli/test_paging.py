"""Long answers on a terminal go through the pager, short ones and those in a pipe do not."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from terminal import LENET, ROOT, pseudo_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
RESNET = str(ROOT / "examples" / "resnet18.yaml")


def shown(lines: int, *words: str, **environment: str) -> str:
    """Return what the program shows on a terminal with some lines."""
    ours, theirs = pseudo_terminal()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "convshape", *words],
        stdout=theirs, stderr=theirs, stdin=theirs,
        env=os.environ | {"TERM": "xterm", "NO_COLOR": "1"} | environment,
    )  # fmt: skip
    os.close(theirs)
    text = b""
    try:
        while chunk := os.read(ours, 65536):
            text += chunk
    except OSError:
        pass  # so Linux says that the other end is closed
    os.close(ours)
    process.wait()
    return text.decode()


@pytest.fixture
def pager(tmp_path: Path) -> str:
    file = tmp_path / "pager"
    file.write_text("#!/bin/sh\necho paged with $LESS\ncat\n")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize("words", [("trace", RESNET), ("layers", "--all"), ("diff", LENET, RESNET)])
def test_a_long_answer_is_paged(words: tuple[str, ...], pager: str) -> None:
    text = shown(24, *words, PAGER=pager)
    assert text.count("paged with FRX") == 1


def test_a_short_answer_is_not(pager: str) -> None:
    assert "paged" not in shown(40, "trace", LENET, PAGER=pager)
    assert "paged" not in shown(24, "conv", "--in", "32", "--k", "5", PAGER=pager)


@pytest.mark.parametrize(
    "environment",
    [
        {"PAGER": ""},
        {"PAGER": "cat"},
        {"PAGER": "no-such-pager"},
        {"PAGER": "'"},
        {"NO_PAGER": "1"},
    ],
)
def test_there_may_be_no_pager(environment: dict[str, str], pager: str) -> None:
    text = shown(24, "trace", RESNET, **{"PAGER": pager} | environment)
    assert "paged" not in text
    assert "11,689,512 parameters" in text


def test_an_error_follows_the_table(pager: str) -> None:
    text = shown(8, "trace", LENET, "--in", "3x36x36", PAGER=pager)
    assert text.index("paged") < text.index("LeNet") < text.index("error:")
