"""What the README shows is what the program does; its commands are run by test_docs.py."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from terminal import ROOT, run

import convshape as cs

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_commands_in_its_text_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"`convshape (draw .*?)`", README)
    assert len(commands) == 2
    for command in commands:
        words = [
            str(ROOT / word) if word.startswith("examples/") else word
            for word in shlex.split(command)
        ]
        assert run(*words)[0] == 0
        assert (tmp_path / words[-1]).read_text(encoding="utf-8").startswith("<svg")


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 120


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def test_the_python_does_what_its_comments_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    exec(code[1], {})
    assert cs.conv_size(32, kernel_size=5) == 28
    assert cs.trace("examples/lenet.yaml").rows[-1].outputs == [(1, 10)]
    layer = cs.nn.Conv2d(3, 6, 5)
    assert layer(cs.Tensor((1, 3, 32, 32))).shape == (1, 6, 28, 28)
    assert "1×6×28×28" in cs.trace(layer, (3, 32, 32))._repr_html_()
