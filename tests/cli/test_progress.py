"""The bar on standard error: where it takes long, and on a terminal alone."""

from __future__ import annotations

import sys
from unittest import mock

import pytest
from test_screens import Stream

from convshape.cli import progress as bars
from convshape.cli.progress import progress


@pytest.mark.parametrize(
    ("terminal", "patience", "shown"), [(True, -1, True), (True, 60, False), (False, -1, False)]
)
def test_the_bar_shows_on_a_terminal_after_a_while(
    terminal: bool, patience: float, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bars, "_PATIENCE", patience)
    monkeypatch.setenv("TERM", "xterm")
    err, out = Stream(terminal=terminal), Stream(terminal=True)
    with mock.patch.multiple(sys, stderr=err, stdout=out), progress("torch on cpu") as step:
        for _ in range(3):
            step(3)
    assert ("torch on cpu" in err.written()) == shown
    assert (err.written() == "") == (not shown)
    assert out.written() == ""
