"""How an error looks: the failing call, numbered fixes, at most twelve lines, terminal colors."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

import convshape as cs
from convshape.errors import ShapeError
from convshape.fixes import Fix
from convshape.render.text import error_text, wants_colors

ERROR = ShapeError(
    "expects 400 features, but receives 576",
    layer="Linear(400, 120)",
    path="fc1",
    where="net.py:20",
    snippet="        x = self.fc1(x)\n            ^^^^^^^^^^^",
    why="flat gave 576",
).changed(column=13, fix="Linear(576, 120)")


def test_the_call_stands_in_a_gutter_without_its_indentation() -> None:
    assert error_text(ERROR).splitlines() == [
        "error: fc1: Linear(400, 120) expects 400 features, but receives 576",
        "  --> net.py:20:13",
        " 20 | x = self.fc1(x)",
        "    |     ^^^^^^^^^^^",
        "   flat gave 576",
        "   fix: Linear(576, 120)",
    ]


def test_several_fixes_are_numbered() -> None:
    several = ERROR.changed(fixes=(Fix("Linear(576, 120)"), Fix("an input of 32×32")))
    assert error_text(several).splitlines()[-2:] == [
        "   fix: 1. Linear(576, 120)",
        "        2. an input of 32×32",
    ]


def test_an_error_has_twelve_lines_at_most() -> None:
    many = ERROR.changed(fixes=tuple(Fix(f"Linear({n}, 120), or else " * 8) for n in range(20)))
    assert 9 < len(error_text(many, 80).splitlines()) <= 12
    assert len(error_text(many).splitlines()) == 12


def test_colours() -> None:
    lines = error_text(ERROR, colors=True).splitlines()
    assert lines[0].startswith("\x1b[1;31merror:\x1b[0m fc1")
    assert lines[1] == "  \x1b[34m--> net.py:20:13\x1b[0m"
    assert lines[3] == " \x1b[34m   |\x1b[0m \x1b[33m    ^^^^^^^^^^^\x1b[0m"
    assert lines[5] == "   \x1b[32mfix:\x1b[0m Linear(576, 120)"
    odd = ERROR.changed(what="is \x1b[31mred", why="\x1b[2J", fix="\x1b[0m")
    text = error_text(odd, colors=True)
    assert text.count("\x1b[") == lines_with_colours(text)
    assert "\\x1b[2J" in text


def lines_with_colours(text: str) -> int:
    """Return how many of the codes in a text are ours: every colour is put on and off."""
    return 2 * sum(text.count(f"\x1b[{code}m") for code in ("1;31", "34", "33", "32"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "piped", "terminal"),
    [
        ({}, False, True),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, False, True),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_who_sees_colours(
    environment: dict[str, str], piped: bool, terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colors(io.StringIO()) is piped
    assert wants_colors(Terminal()) is terminal


SOURCE = """import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 6, 5), nn.Conv2d(8, 6, 5)

    def forward(self, x):
{}
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not know the columns")
@pytest.mark.parametrize(
    ("code", "marked"),
    [
        ("return torch.relu(self.b(self.a(x)))", "self.b(self.a(x))"),
        ("return torch.relu(self.a(torch.cat([x, x[:, :, 1:]], 1)))",
         "torch.cat([x, x[:, :, 1:]], 1)"),
        ("return self.a(x) + x", "self.a(x) + x"),
        ("é = self.a(x); return self.b(é)", "self.b(é)"),
        ("x = self.a(x).view(-1, 5)\n        return x", "self.a(x).view(-1, 5)"),
        ("return self.b(\n            self.a(x))", "return self.b("),
    ],
)  # fmt: skip
def test_the_call_that_fails_is_marked(
    code: str, marked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(SOURCE.format(f"        {code}"), encoding="utf-8")
    error = cs.trace("net.py", "3x32x32").error
    assert error is not None
    assert error.marked == marked
    assert error.where == "net.py:10"  # of the line, as that of its row
    shown = error_text(error).splitlines()
    column = 9 + code.partition("\n")[0].index(marked)
    assert shown[1] == f"  --> net.py:10:{column}"
    assert shown[2] == f" 10 | {code.partition(chr(10))[0]}"
    assert shown[3] == "    | " + " " * (column - 9) + "^" * len(marked)
