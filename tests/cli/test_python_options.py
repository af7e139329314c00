"""The program says the same under every option of Python's."""

from __future__ import annotations

import os
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


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return variables by which what ``-OO`` compiles is kept from one process to the next."""
    folder = str(tmp_path_factory.mktemp("bytecode"))
    return {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}


@pytest.mark.parametrize("options", [["-OO"], ["-W", "error", "-X", "dev"]], ids=" ".join)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_answer_is_the_same(
    words: list[str],
    options: list[str],
    bytecode: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "net.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, *options, "-m", "convshape", *words]
    environment = os.environ | (bytecode if "-OO" in options else {})
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == run(*words)
