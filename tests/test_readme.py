"""What the README shows is what the program does; its commands are run by test_docs.py."""

from __future__ import annotations

import re

import pytest
from terminal import ROOT

import convshape as cs

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_network_file_is_the_example() -> None:
    shown = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert (ROOT / "examples" / "lenet.yaml").read_text().endswith(shown[1])


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
