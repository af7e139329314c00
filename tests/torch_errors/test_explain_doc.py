"""What docs/explain.md shows is what the program does."""

from __future__ import annotations

import re
import shlex

import pytest
from terminal import ROOT, on_screen

import convshape as cs

TEXT = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
SCREENS = re.findall(r"```console\n\$ convshape (.*?)\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), SCREENS)
def test_a_screen(command: str, shown: str) -> None:
    assert on_screen(*shlex.split(command), columns=140) == shown


def test_there_are_screens() -> None:
    assert len(SCREENS) == TEXT.count("```console") == 2


def test_in_python_it_has_the_parts_that_the_page_names() -> None:
    answer = cs.explain("mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)")
    assert isinstance(answer, cs.Explanation)
    assert (answer.layer, answer.fixes) == ("Linear(1050, 10)", [("Linear(1568, 10)", "")])
    assert all(hasattr(answer, name) for name in ("what", "name", "where", "line"))
    assert "Linear(1568, 10)" in repr(answer)
