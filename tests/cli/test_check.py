"""`convshape check`: what a network is expected to be, and what is said where it is otherwise."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import LENET, run

import convshape as cs
from convshape.checking.expect import Expectation, number
from convshape.errors import SpecError

HOLD = [
    "out=10", "out=1x10", "out=Nx10", "out=1x*", "out=*x10", "out=*", "out = 1 × 10", "out=(1, 10)",
    "in=3x32x32", "in=1x3x32x32", "fc1.in=400", "fc1.out=120", "fc1.params=48120", "fc1.macs=48000",
    "macs=651720", "params=62006", "params=62,006", "params=62_006",
    "conv1.out=6x28x28", "conv1.out=1x6x28x28", "conv1.out=6x*x*", "conv1.out=Nx*x28x28",
    "relu1.params=0", "conv1.in[0]=3x32x32", "out==10",
    "params<=62006", "params>=62006", "params<62007", "params > 62005", "params==62006",
    "fc1.params<=50k", "macs<1M",
]  # fmt: skip
FAIL = {
    "out=12": "expected out=12, but it is 1×10",
    "out=2x10": "expected out=2x10, but it is 1×10",
    "out=1x1x10": "expected out=1x1x10, but it is 1×10",
    "out=N": "expected out=N, but it is 1×10",
    "out=*x*x*": "expected out=*x*x*, but it is 1×10",
    "in=3x32": "expected in=3x32, but it is 1×3×32×32",
    "fc1.in=401": "expected fc1.in=401, but it is 1×400",
    "fc1.params=48119": "expected fc1.params=48119, but it is 48,120",
    "params=62k": "expected params=62k, but it is 62,006",
    "params<62006": "expected params<62006, but it is 62,006",
    "params<=62k": "expected params<=62k, but it is 62,006",
    "params>62006": "expected params>62006, but it is 62,006",
    "fc1.macs>=1M": "expected fc1.macs>=1M, but it is 48,000",
}
WRONG = {
    "fc11.in=400": (
        "expected fc11.in=400, but nothing is called 'fc11'",
        "did you mean fc1.in=400?",
    ),
    "out[1]=10": ("expected out[1]=10, but the network has 1 output", ""),
    "fc1.in[2]=10": ("expected fc1.in[2]=10, but Linear(400, 120) has 1 input", ""),
    "zzz.out=1": (
        "expected zzz.out=1, but nothing is called 'zzz'",
        "one of conv1, relu1, pool1, conv2, relu2, pool2, flat, fc1, relu3, ...",
    ),
}
UNREADABLE = [
    "", "=", "out", "out=", "=10", "out<10", "out[0]>=5", "out=>10", "<3",
    "params<", "params=<1M", "conv1=6x28x28", "out=10x", "out=x", "out=-1",
    "out=1.5", "out=ten", "out=**", "params=1x2", "params=-1", "params=1Q", "params[0]=1",
    "out[]=1", "out[a]=1", "out[-1]=1", "out=1" + "0" * 40, "macs.out",
]  # fmt: skip


def test_what_holds_is_silent() -> None:
    assert run("check", LENET) == (0, "", "")
    expectations = [word for text in HOLD for word in ("--expect", text)]
    assert run("check", LENET, *expectations, "--max-params", "1M", "--max-macs", "1M") == (
        0,
        "",
        "",
    )
    assert run("check", LENET, "--batch", "4", "--expect", "out=10", "--expect", "out=4x10") == (
        0,
        "",
        "",
    )
    assert run("check", LENET, LENET, "--in", "3x33x33", "--expect", "in=3x33x33") == (0, "", "")


@pytest.mark.parametrize(("text", "message"), FAIL.items())
def test_what_fails_is_shown(text: str, message: str) -> None:
    status, out, err = run("check", LENET, "--expect", text)
    assert (status, out) == (1, "")
    assert err.startswith(f"error: {message}\n  --> {LENET}\n")


def test_every_failure_is_shown() -> None:
    words = [word for text in ("out=10", *FAIL) for word in ("--expect", text)]
    status, _, err = run("check", LENET, *words, "--max-params", "61.7k")
    assert status == 1
    assert [line[7:] for line in err.splitlines() if line.startswith("error: ")] == [
        *FAIL.values(),
        "expected at most 61,700 params, but it has 62,006",
    ]
    assert "   fc1 is Linear(400, 120)\n" in err


@pytest.mark.parametrize(("text", "said"), WRONG.items())
def test_what_the_network_does_not_have(text: str, said: tuple[str, str]) -> None:
    status, out, _ = run("check", LENET, "--expect", text, "--expect", "out=11", "--json")
    (file,) = json.loads(out)["files"]
    assert status == 2
    assert [error["message"] for error in file["errors"]] == [
        said[0],
        "expected out=11, but it is 1×10",
    ]
    assert file["errors"][0]["fix"] == said[1]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_expectation(text: str) -> None:
    with pytest.raises(SpecError):
        Expectation(text)
    if text:
        status, out, err = run("check", LENET, f"--expect={text}")
        assert (status, out) == (2, "")
        assert "cannot read" in err
    assert (
        "conv1.out=6x28x28" in run("check", LENET, "--expect", "conv1=6x28x28")[2]
    )  # what was meant


def test_a_batch_that_is_not_the_first_axis_is_not_left_out() -> None:
    class Folds(cs.nn.Module):
        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return x.view(-1, 5)

    trace = cs.trace(Folds(), (10,))
    assert Expectation("out=5").failures(trace)  # there are two rows now, where one sample was
    assert not Expectation("out=2x5").failures(trace)


def test_every_call_of_a_layer_counts() -> None:
    class Twice(cs.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool = cs.nn.MaxPool2d(2)

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return self.pool(self.pool(x))

    trace = cs.trace(Twice(), (3, 8, 8))
    assert len(Expectation("pool.out=3x4x4").failures(trace)) == 1
    assert not Expectation("pool.out=3x*x*").failures(trace)


def test_where_the_network_does_not_fit_that_is_shown() -> None:
    status, out, err = run("check", LENET, "--in", "3x36x36", "--expect", "out=10")
    assert (status, out) == (1, "")
    assert err.count("error:") == 1
    assert "fc1: Linear(400, 120) expects 400 features" in err


def test_several_files(tmp_path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("input: 3x8x8\nlayers:\n  - Conv2d(4, 6, 5)\n")
    broken = tmp_path / "broken.yaml"
    broken.write_text("layers: [\n")
    assert run("check", LENET, str(bad))[0] == 1
    assert run("check", str(bad), str(broken))[0] == 2
    status, out, _ = run("check", LENET, str(bad), str(tmp_path / "none.yaml"), "--json")
    answer = json.loads(out)
    assert (status, answer["schema"], answer["error"]) == (2, 1, None)
    assert [file["ok"] for file in answer["files"]] == [True, False, False]
    assert answer["files"][1]["errors"][0]["where"].startswith(f"{bad}:3:")
    status, out, _ = run("check", LENET, "--expect", "out", "--json")
    assert status == 2
    assert "the value is missing" in json.loads(out)["error"]["message"]


@given(st.integers(0, 10**15), st.sampled_from(["", "k", "M", "G", "T"]))
def test_numbers(value: int, unit: str) -> None:
    factor = 1000 ** " kMGT".index(unit or " ")
    assert number(f"{value}{unit}") == value * factor
    assert number(f"{value:,}{unit}") == value * factor
    assert number(f"{value // 1000}.{value % 1000:03}{unit}") == value * factor // 1000
