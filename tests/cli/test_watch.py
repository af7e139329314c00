"""``convshape trace FILE --watch``, as a process of its own that is waited for."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import pseudo_terminal, run

_LIMIT = 60  # seconds that nothing takes, unless it never happens


class Watched:
    """The program, watching a file and writing to a pipe or to a terminal."""

    def __init__(self, path: Path, terminal: bool) -> None:
        self.ours, theirs = pseudo_terminal() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "convshape", "trace", str(path), "--watch"],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"TERM": "xterm", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
        )
        os.close(theirs)
        self.seen = ""

    def shows(self, text: str) -> str:
        """Wait until `text` is written, and return all that was since the last wait."""
        end = time.monotonic() + _LIMIT
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            if select.select([self.ours], [], [], 1)[0]:
                self.seen += os.read(self.ours, 65536).decode()
        before, _, self.seen = self.seen.partition(text)
        return before

    def ends(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_LIMIT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.yaml"


@pytest.fixture(params=["pipe", "terminal"])
def watched(path: Path, request: pytest.FixtureRequest) -> Iterator[Watched]:
    path.write_text(network(10))
    result = Watched(path, request.param == "terminal")
    yield result
    result.process.kill()
    result.process.wait()
    os.close(result.ours)


def network(width: int) -> str:
    return f"input: 10\nlayers: {{fc: 'Linear({width}, 1)'}}\n"


def test_it_traces_again_whenever_the_file_is_saved(watched: Watched, path: Path) -> None:
    watched.shows("Linear(10, 1)")
    watched.shows("total" if not os.isatty(watched.ours) else "Watching")
    path.write_text(network(20))
    watched.shows("error: fc: Linear(20, 1) expects 20 features, but receives 10")

    new = path.with_suffix(".new")  # as editors save: written beside it, and then in its place
    new.write_text("input: 10\nlayers: [nonsense(]\n")
    os.replace(new, path)
    watched.shows("error: ")
    watched.shows("net.yaml:2:")

    path.unlink()
    path.write_text(network(10).replace("1)", "7)"))
    watched.shows("Linear(10, 7)")
    assert watched.ends() == 0


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "later.yaml"
    watched = Watched(path, terminal=True)
    assert watched.shows("error: file not found").startswith("\x1b[H\x1b[2J")
    watched.shows("Ctrl-C to stop")
    path.write_text(network(10))
    assert "\x1b[H\x1b[2J" in watched.shows("Linear(10, 1)")
    watched.shows("Ctrl-C to stop")
    assert watched.ends() == 0
    assert "Traceback" not in watched.seen
    os.close(watched.ours)


def test_a_python_file_is_watched_without_the_name_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    watched = Watched(tmp_path / "net.py:Net", terminal=True)
    watched.shows(f"Watching {path} (")
    path.write_text("class Net: ...\n")
    watched.shows("\x1b[H\x1b[2J")
    assert watched.ends() == 0
    os.close(watched.ours)


def test_standard_input_cannot_be_watched() -> None:
    status, out, said = run("trace", "-", "--watch")
    assert (status, out) == (2, "")
    assert said == "error: standard input cannot be watched\n   fix: give the file's name\n"
