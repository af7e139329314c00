"""What new users type first is answered, or refused with the right command line."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from terminal import LENET, ROOT, on_screen, run

from convshape.cli import COMMANDS
from convshape.cli.first_tries import meant

LENET_SOURCE = str(ROOT / "benchmarks" / "lenet.py")
ANSWERED = {
    # students
    "conv 32 5": "28\n",
    "conv 32 --k 5": "28\n",
    "conv 32 5 --s 2 --p 1": "15\n",
    "conv 32 3 2 1": "16\n",
    "conv 32 3 stride=2 padding=1": "16\n",
    "conv --in=32 5": "28\n",
    "conv -i 32 -k 5": "28\n",
    "conv (32,32) 3": "30\n",
    "conv2d 32 5": "28\n",
    "pool 28 2": "14\n",
    "pool 112 3 2": "55\n",
    "maxpool 28 2": "14\n",
    "deconv 7 4 --s 2 --p 1": "14\n",
    "conv --input 32 --kernel 5": "28\n",
    "Conv2d(3,6,5) --in 3x32x32": "1x6x28x28\n",
    "Conv2d(3,6,5) 3x32x32": "1x6x28x28\n",
    "Linear(400,120)": "1x120\n",
    "nn.Linear(400,120) --in 400": "1x120\n",
    "F.max_pool2d(input,2) --in 6x28x28": "1x6x14x14\n",
    "padding": "padding: Elements that are added",
    "explain receptive field": "field: The receptive field",
    # engineers
    f"{LENET} --depth 1": "LeNet",
    f"{LENET_SOURCE}:LeNet --in 3x32x32": "LeNet",
    f"{LENET_SOURCE} LeNet 3x32x32": "LeNet",
    f"summary {LENET}": "LeNet",
    f"info {LENET}": "LeNet",
    f"trace {LENET} --input 3x32x32": "LeNet",
    f"trace {LENET} --input-size 3x32x32 --batch-size 2": "2x6x28x28",
    f"{LENET} -b N": "Nx6x28x28",
    f"fit {LENET} 540x960": "smallest",
    f"check {LENET} --expect out=10": "",
    # teachers
    "conv 32 5 --latex": "\\left\\lfloor \\frac{32",
    "conv 32 5 --format tex": "\\[ \\left\\lfloor",
    f"trace {LENET} --md": "| conv1 | `Conv2d(3, 6, 5)` |",
    f"{LENET} -f latex": "\\toprule",
    "draw conv 5 3": "convolution: 5×5 → 3×3",
    "solve 224 112": "224 → 112: 11 solutions",
    "conv --in 224 --out 112": "11 solutions",
    "layers pool": "MaxPool2d",
    "list": "Convolution and transposed convolution: Conv1d/2d/3d",
    "examples": "lenet ",
    # authors of scripts
    "conv 32 5 -q": "28\n",
    "-q conv 32 5": "28\n",
    "--json conv 32 5": '"out": [28]',
    "conv 32 5 -j": '"out": [28]',
    f"trace {LENET} -f json": '"schema": 1',
    f"trace {LENET} --csv": "layer,call,output,params",
    "--no-color conv 32 5": "28\n",
    "-V": "convshape ",
    "-v": "convshape ",
    "version": "convshape ",
    "help": "Usage: convshape",
    "help conv": "Usage: convshape conv",
    "conv help": "Usage: convshape conv",
    "completion bash": "_convshape_completion",
    "": "Usage: convshape",
}


@pytest.mark.parametrize("command", ANSWERED)
def test_a_first_try_is_answered(command: str) -> None:
    status, out, _ = run(*command.split())
    assert status == 0
    assert ANSWERED[command] in out


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("command", ["conv 32 5", "summary " + LENET, "list", "padding"])
def test_a_first_try_is_answered_on_a_terminal(command: str, columns: int) -> None:
    shown = on_screen(*command.split(), columns=columns)
    assert "error" not in shown
    assert max(map(len, shown.splitlines())) <= columns


REFUSED = {
    "conv --in 32": "fix: convshape conv --in 32 --k 5",
    "conv --in 32 --k 5 --out-channels 6": "convshape layer 'Conv2d(3, 16, 3)' --in 3x32x32",
    "conv 32 3 1 1 1": "fix: name the options after the kernel size: convshape conv 112 3 --s 2",
    "Conv2d 3 6 5": "fix: convshape layer 'Conv2d(3, 6, 5)'\n",
    "linear 400 120": "fix: convshape layer 'Linear(400, 120)'\n",
    "layer Conv2d": "fix: convshape layer 'Conv2d(3, 64, 7, stride=2, padding=3)' --in 3x224x224",
    "layer ReLU()": "fix: --in 3x32x32",
    "F.relu(input)": "fix: convshape layer 'F.relu(input)' --in 3x32x32",
    "lenet": "fix: convshape init lenet, then convshape trace lenet.yaml",
    "init resnet": "fix: did you mean resnet18?",
    "solve --in 224 --out 112": "fix: convshape solve conv --in 224 --out 112",
    f"trace {LENET} --device cuda": "convshape verify FILE --device cuda",
    f"trace {LENET} {LENET}": f"fix: one file at a time; two side by side: convshape diff {LENET}",
    f"draw {LENET}": "fix: -o lenet.svg",
    f"check {LENET} out=10": "fix: --expect out=10",
    f"check {LENET} --out 10": "convshape check FILE --expect out=10",
    f"trace {LENET} -q": "convshape check FILE is silent",
    f"trace {LENET} --verbose": "convshape trace FILE --all",
    "conv 32 5 --color loud": "fix: --color always, never or auto",
    "modle:Net": "fix: the file itself: convshape trace modle.py:Net",
    "trace": "fix: convshape trace net.yaml",
    "tracee net.yaml": "fix: did you mean trace?",
    "conv --in 32 --kernel-sise 5": "fix: did you mean --kernel-size?",
    "missing.yaml": "error: file not found: missing.yaml",
    "frobnicate": "error: no such command 'frobnicate'",
}


@pytest.mark.parametrize("command", REFUSED)
def test_a_wrong_try_is_told_what_is_right(command: str) -> None:
    status, out, told = run(*command.split())
    assert (status, out) == (2, "")
    assert REFUSED[command] in told
    assert "Usage:" not in told


TRIES = re.findall(
    r"^(.*?) +(==|!!) ?(.*)$",
    Path(__file__).with_name("first_tries.txt").read_text(encoding="utf-8"),
    re.MULTILINE,
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in the folder of a project."""
    for name in ("lenet", "unet"):
        shutil.copy(ROOT / "examples" / f"{name}.yaml", tmp_path)
    (tmp_path / "models").mkdir()
    shutil.copy(LENET_SOURCE, tmp_path / "net.py")
    shutil.copy(LENET_SOURCE, tmp_path / "models" / "net.py")
    (tmp_path / "weights.pt").write_bytes(b"PK\x03\x04\0\xff")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("command", "kind", "expected"), TRIES, ids=[try_[0] for try_ in TRIES])
def test_a_first_try(command: str, kind: str, expected: str) -> None:
    status, out, told = run(*shlex.split(command))
    assert expected in (out if kind == "==" else told)
    assert (status == 0) == (kind == "=="), told
    assert "Usage:" not in told


def test_every_group_has_forty_tries() -> None:
    text = Path(__file__).with_name("first_tries.txt").read_text(encoding="utf-8")
    groups = text.split("\n\n")[1:]
    assert len(groups) == 4
    assert all(len(group.splitlines()) > 40 for group in groups)


def test_an_image_with_its_channels() -> None:
    status, out, note = run("conv", "--in", "3x32x32", "--k", "3")
    assert (status, out) == (0, "30x30\n")
    assert note.startswith("note: conv takes sizes without channels: --in 32x32")
    assert run("conv", "--in", "3x32x32", "--k", "3x3x3")[1:] == ("1x30x30\n", "")
    assert run("conv", "--in", "16x112x112", "--k", "3")[1:] == ("14x110x110\n", "")


WORDS = st.sampled_from([*COMMANDS, "--in", "32", "-k", "5", "--json", "a.yaml", "H"])


@given(st.lists(WORDS))
@example(["--json", "--json", "--json", "conv"])
def test_what_was_meant_is_not_read_otherwise_again(words: list[str]) -> None:
    once = meant(words, COMMANDS)
    assert meant(once, COMMANDS) == once


OPTIONS = (["--in", "32"], ["-k", "5"], ["--stride=2"], ["--json"])


@given(st.sampled_from(["conv", "deconv", "pool"]), st.permutations(OPTIONS))
def test_what_is_right_stays_as_it_is(command: str, options: list[list[str]]) -> None:
    words = [command, *(word for option in options for word in option)]
    assert meant(words, COMMANDS) == words
