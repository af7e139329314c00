"""The program says the same under every option of Python's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import LENET, ROOT, run

COMMANDS = [
    ["conv", "--in", "32", "--k", "5", "-e"],
    ["pool", "--in", "5", "--k", "2", "--p", "1", "--ceil", "-e"],
    ["deconv", "--in", "7", "--k", "4", "-e"],
    ["layer", "Upsample(scale_factor=1.15)", "--in", "3x100x100", "-e"],
    ["trace", LENET, "-e"],
    ["trace", LENET, "--format", "html"],
    ["trace", "net.py", "--in", "3"],
    ["layers"],
    ["layers", "Conv2d"],
    ["layers", "MaxPool2d", "--json"],
    ["layers", "F.interpolate"],
    ["explain", "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"],
    ["check", LENET, "--expect", "out=11"],
    ["diff", LENET, str(ROOT / "examples" / "vae.yaml")],
    ["init", "-o", "-"],
    ["schema"],
    ["--help"],
    ["trace", "--help"],
    ["conv", "--nothing"],
]
SOURCE = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(3, 4)

    def forward(self, x):
        return self.fc(x)
"""


#: Answers the command lines of standard input as `terminal.run` does, in one process.
ANSWERS = """
import io, json, sys
from convshape.cli import main

def answer(words):
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    try:
        main(words)
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return [status, *(s.buffer.getvalue().decode() for s in (sys.stdout, sys.stderr))]

answers = [answer(words) for words in json.load(sys.stdin)]
json.dump(answers, sys.__stdout__)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = tmp_path_factory.mktemp("options")
    (result / "net.py").write_text(SOURCE)
    return result


@pytest.fixture(scope="module", params=[["-OO"], ["-W", "error", "-X", "dev"]], ids=" ".join)
def answers(request: pytest.FixtureRequest, folder: Path) -> list[list[object]]:
    """Return what the program answers under options of Python's."""
    command = [sys.executable, *request.param, "-c", ANSWERS]
    asked = json.dumps(COMMANDS)
    done = subprocess.run(command, input=asked, capture_output=True, text=True, cwd=folder)
    assert not done.stderr
    result: list[list[object]] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("index", range(len(COMMANDS)), ids=[" ".join(c) for c in COMMANDS])
def test_the_answer_is_the_same(
    index: int, answers: list[list[object]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert answers[index] == [*run(*COMMANDS[index])]
