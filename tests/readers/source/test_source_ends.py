"""Whatever way user code ends, it is reported with exit code 2, never as a network that fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import run

import convshape as cs

NETWORK = """\
import sys
import torch


class Wild(BaseException):
    pass


class Mute(Exception):
    def __str__(self):
        {speak}
    __repr__ = __str__


{top}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        {init}

    def forward(self, x):
        {forward}
        return x

    {method}
"""
ENDS = ["sys.exit()", "sys.exit(0)", "sys.exit(1)", "raise Wild('x')", "raise Mute('x')",
        "raise GeneratorExit", "raise StopIteration", "raise MemoryError",
        "raise SystemExit(torch)", "import os; os._exit(0)",
        "(lambda f: f(f))(lambda f: f(f))", "exit()", "quit(0)"]  # fmt: skip


#: Ends that are not the file's own fault: what is below them runs, with a note.
OUTSIDE = ["raise BrokenPipeError(32, 'x')", "open('input.txt')", "import os; os.environ['DATA']",
           "assert torch.cuda.is_available()", "x = missing"]  # fmt: skip


def source(**parts: str) -> None:
    usual = dict.fromkeys(("top", "init", "forward", "method"), "pass") | {
        "speak": "raise ValueError"
    }
    Path("net.py").write_text(NETWORK.format(**(usual | parts)))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "command", ["trace --in 3", "check", "trace --json", "check --json --in 3"]
)
@pytest.mark.parametrize("place", ["top", "init", "forward"])
@pytest.mark.parametrize("end", ENDS)
def test_every_end_is_told(end: str, place: str, command: str) -> None:
    source(**{place: end})
    status, out, err = run(*command.split(), "net.py:Net")
    assert status == 2
    assert '"message": "' in out if "--json" in command else err.startswith("error: ")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "speak", ["raise ValueError", "sys.exit(0)", "raise Wild", "return 3", "return None"]
)
def test_an_error_that_cannot_say_what_it_is(speak: str) -> None:
    source(forward="raise Mute('x')", speak=speak)
    status, _, err = run("trace", "net.py", "--in", "3")
    assert status == 2
    assert err.startswith("error: Mute\n  --> net.py:")


@pytest.mark.parametrize("end", ["sys.exit(0)", "raise Wild", "raise ValueError('x')"])
@pytest.mark.parametrize(
    "method",
    ["def __getattr__(self, name):", "def __repr__(self):", "def extra_repr(self):",
     "def __len__(self):", "def named_modules(self, *a, **k):", "def train(self, mode=True):",
     "def __call__(self, *x):", "def parameters(self, *a):", "def __hash__(self):",
     "def __eq__(self, other):", "def __setattr__(self, name, value):",
     "def __getattribute__(self, name):"],
)  # fmt: skip
def test_an_end_anywhere_else_is_no_traceback_and_no_other_status(method: str, end: str) -> None:
    source(method=f"{method} {end}")
    for words in (
        ["trace", "net.py", "--in", "3"],
        ["check", "net.py", "--expect", "out=3", "--in", "3"],
        ["trace", "net.py", "--json", "--in", "3", "--in", "4"],
    ):
        status, out, err = run(*words)
        assert status in (0, 2)
        assert status or out or words[0] == "check"
        assert "Traceback" not in err


@pytest.mark.parametrize("place", ["top", "init", "forward"])
def test_python_gets_an_error_of_ours_and_no_end_of_its_process(place: str) -> None:
    source(**{place: "raise Wild('x')"})
    if place == "forward":
        assert isinstance(cs.trace("net.py:Net", "3").error, cs.SpecError)
    else:
        with pytest.raises(cs.SpecError):
            cs.trace("net.py:Net", "3")


def test_ctrl_c_ends_it() -> None:
    source(forward="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        cs.trace("net.py:Net", "3")


@pytest.mark.parametrize("end", OUTSIDE[:-1])
def test_a_file_that_stops_for_another_reason_goes_on_below(end: str) -> None:
    source(top=f"{end}\nwidth = 3", init="self.scale = torch.nn.Parameter(torch.ones(width))")
    trace = cs.trace("net.py:Net", "3")
    assert (trace.output, trace.params) == ((1, 3), 3)
    assert trace.note.startswith("the file stopped at net.py:")


@pytest.mark.parametrize("end", [*OUTSIDE, "width = 2 / 0"])
def test_what_needs_a_value_from_there_names_the_line(end: str) -> None:
    source(top=f"{end}\nwidth = len(text)", init="self.layer = torch.nn.Linear(width, width)")
    with pytest.raises(cs.SpecError) as caught:
        cs.trace("net.py:Net", "3")
    assert caught.value.where == "net.py:15"


def test_an_older_value_is_not_taken() -> None:
    source(top="width = 2\nopen('x')\nwidth = len(text)", init="torch.nn.Linear(3, width)")
    with pytest.raises(cs.SpecError, match="width is not known") as caught:
        cs.trace("net.py:Net", "3")
    assert caught.value.why == "net.py:17 failed: NameError: name 'text' is not defined"


def test_a_division_by_the_length_of_missing_data_is_no_mistake() -> None:
    source(top="import digits\nsteps = 10 / len(digits.load())\nwidth = 3",
           init="self.layer = torch.nn.Linear(width, width)")  # fmt: skip
    assert cs.trace("net.py:Net", "3").params == 12


@pytest.mark.parametrize(
    "loop",
    [
        "while steps < 9:\n    for x in digits.load():\n        steps += 1",
        "while steps < 9:\n    n = len(digits.load()) + int(digits.a)\n    steps += n",
        "def train(steps):\n    while steps < 9:\n        steps += len(digits.load())\ntrain(0)",
    ],
)
def test_a_loop_that_waits_for_missing_data_ends(loop: str) -> None:
    source(top=f"import digits\nsteps = 0\n{loop}\nwidth = 3",
           init="self.layer = torch.nn.Linear(width, width)")  # fmt: skip
    trace = cs.trace("net.py:Net", "3")
    assert trace.params == 12
    assert "digits.load() is needed here" in trace.note


def test_a_mistake_above_the_class_is_an_error() -> None:
    source(top="width = missing")
    with pytest.raises(cs.SpecError, match="name 'missing' is not defined"):
        cs.trace("net.py:Net", "3")
