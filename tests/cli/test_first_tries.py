"""What new users type first is answered, or refused with the right command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import LENET, ROOT, run

from convshape.cli import COMMANDS
from convshape.cli.first_tries import meant

LENET_SOURCE = str(ROOT / "benchmarks" / "lenet.py")
ANSWERED = {
    # students
    "conv 32 5": "28\n",
    "conv 32 --k 5": "28\n",
    "conv 32 5 --s 2 --p 1": "15\n",
    "conv --in=32 5": "28\n",
    "pool 28 2": "14\n",
    "deconv 7 4 --s 2 --p 1": "14\n",
    "conv --input 32 --kernel 5": "28\n",
    "Conv2d(3,6,5) --in 3x32x32": "1x6x28x28\n",
    "nn.Linear(400,120) --in 400": "1x120\n",
    "F.max_pool2d(input,2) --in 6x28x28": "1x6x14x14\n",
    # engineers
    f"{LENET} --depth 1": "LeNet",
    f"{LENET_SOURCE}:LeNet --in 3x32x32": "LeNet",
    f"summary {LENET}": "LeNet",
    f"trace {LENET} --input 3x32x32": "LeNet",
    f"trace {LENET} --input-size 3x32x32 --batch-size 2": "2x6x28x28",
    # teachers and authors of scripts
    "-V": "convshape ",
    "help": "Usage: convshape",
    "help conv": "Usage: convshape conv",
    "": "Usage: convshape",
}


@pytest.mark.parametrize("command", ANSWERED)
def test_a_first_try_is_answered(command: str) -> None:
    status, out, _ = run(*command.split())
    assert status == 0
    assert ANSWERED[command] in out


REFUSED = {
    "conv --in 32": "fix: convshape conv --in 32 --k 5",
    "conv --in 32 --k 5 --out-channels 6": "convshape layer 'Conv2d(3, 16, 3)' --in 3x32x32",
    "pool 112 3 2": "fix: name the options after the kernel size: convshape pool 112 3 --s 2 --p 1",
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


def test_an_image_with_its_channels() -> None:
    status, out, note = run("conv", "--in", "3x32x32", "--k", "3")
    assert (status, out) == (0, "30x30\n")
    assert note.startswith("note: conv takes sizes without channels: --in 32x32")
    assert run("conv", "--in", "3x32x32", "--k", "3x3x3")[1:] == ("1x30x30\n", "")
    assert run("conv", "--in", "16x112x112", "--k", "3")[1:] == ("14x110x110\n", "")


@given(st.lists(st.sampled_from([*COMMANDS, "--in", "32", "-k", "5", "--json", "a.yaml", "H"])))
def test_what_is_right_stays_as_it_is(words: list[str]) -> None:
    once = meant(words, COMMANDS)
    assert meant(once, COMMANDS) == once
    if "--in" in words and "-k" in words and words[0] in COMMANDS:
        assert once == words
