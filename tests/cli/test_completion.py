"""What shells complete: networks, layers, columns, terms, and the classes of a source."""

from __future__ import annotations

import os
from unittest import mock

import pytest
from terminal import ROOT, run

SOURCE = str(ROOT / "benchmarks" / "lenet.py")


def in_bash(line: str) -> list[str]:
    """Return what bash is offered for the last word of a line, which it takes apart at colons."""
    words = line.replace(":", " : ").split(" ")
    environment = {
        "_CONVSHAPE_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    with mock.patch.dict(os.environ, environment):
        return run()[1].split()


def in_zsh(line: str) -> str:
    environment = {"_CONVSHAPE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}
    with mock.patch.dict(os.environ, environment):
        return run()[1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("convshape dr", ["draw"]),
        ("convshape trace --wa", ["--watch"]),
        ("convshape init al", ["alexnet"]),
        ("convshape layers MaxPool", ["MaxPool1d", "MaxPool2d", "MaxPool3d"]),
        ("convshape layer MaxPool2", ["MaxPool2d"]),
        ("convshape layers F.pad", ["F.pad"]),
        ("convshape layers nope", []),
        ("convshape trace net.yaml --columns pa", ["params", "params%"]),
        ("convshape trace net.yaml --columns al", ["all"]),
        ("convshape trace net.yaml --columns layer,pa", ["layer,params", "layer,params%"]),
        ("convshape explain padd", ["padding", "padding_mode"]),
        (f"convshape trace {SOURCE}:", ["LeNet"]),
        (f"convshape trace {SOURCE}:Le", ["LeNet"]),
        (f"convshape annotate {SOURCE}:X", []),
        ("convshape trace missing.py:", []),
        ("convshape trace net.yaml", []),
    ],
)
def test_bash(line: str, words: list[str]) -> None:
    assert in_bash(line) == words


def test_a_source_is_not_run(tmp_path: object) -> None:
    file = ROOT.__class__(str(tmp_path)) / "net.py"
    file.write_text(
        "raise SystemExit\nclass Net(Base):\n    def forward(self): ...\nclass A(B): ...\n"
    )
    assert in_bash(f"convshape trace {file}:") == ["Net"]
    file.write_text("class Net(:\n")
    assert in_bash(f"convshape trace {file}:") == []


def test_zsh_keeps_apostrophes() -> None:
    assert "the file’s own" in in_zsh("convshape trace --batc")
    assert "''" not in in_zsh("convshape trace --")
    assert "''" not in in_zsh("convshape ")
