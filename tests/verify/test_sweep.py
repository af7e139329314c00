"""`verify --sweep`: what it counts, what it finds, and the lines that show it."""

from __future__ import annotations

import json
import random
import shlex
from typing import Any

import pytest
import torch
from terminal import run

from convshape.errors import SpecError
from convshape.shapetorch.nn import functional as F
from convshape.verify.generators import CALLS, FAMILIES, judge
from convshape.verify.generators.data import Call, Case, Layout, T
from convshape.verify.pasting import pasted
from convshape.verify.sweep import family_names, sweep


def test_a_sweep_agrees_and_is_repeatable(device: str) -> None:
    found = sweep(400, seed=7, device=device)
    assert found.agrees, found.disagreements
    assert found.count == 400
    assert set(found.families) == set(family_names())
    assert sweep(400, seed=7).families == found.families != sweep(400, seed=8).families


def test_only_the_families_that_are_asked_for() -> None:
    found = sweep(30, families=["conv", "indexing"])
    assert list(found.families) == ["conv", "indexing"]
    assert sum(each.accepted + each.refused for each in found.families.values()) == 30


def test_a_mistake_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a torch whose ReLU is another function, one a family finds it and says how to see it."""
    monkeypatch.setattr(torch.nn.ReLU, "forward", lambda self, x: x.reshape(-1))
    seed = next(s for s in range(200) if not sweep(8, families=["activation"], seed=s).agrees)
    found = sweep(8, families=["activation"], seed=seed)
    assert found.families["activation"].disagreements == len(found.disagreements) > 0
    first = found.disagreements[0]
    assert first.line.startswith("convshape layer 'ReLU(")
    assert first.here != first.torch
    status, out, _ = run(*f"verify --sweep 8 --family activation --seed {seed}".split())
    assert status == 1
    assert first.line in out
    assert "disagreement" in out


def test_a_crash_of_ours_is_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise ZeroDivisionError("no answer")

    monkeypatch.setattr("convshape.verify.generators.by_convshape", broken)
    found = sweep(1, families=["conv"])
    assert "ZeroDivisionError" in found.disagreements[0].here


def test_json_and_the_summary() -> None:
    status, out, _ = run(*"verify --sweep 6 --family conv --family network --json".split())
    found = json.loads(out)
    assert (status, found["count"], found["disagreements"]) == (0, 6, [])
    assert [each["family"] if "family" in each else each["name"] for each in found["families"]] == [
        "conv",
        "network",
    ]
    status, out, _ = run(*"verify --sweep 6 --family conv".split())
    assert (status, "6 random calls agree with torch" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--sweep 5 --family con", "did you mean conv?|conv"),
        ("--sweep 5 --device cuda:63", "cuda|CUDA"),
        ("--sweep 5 net.yaml", "together"),
        ("", "neither"),
        ("net.yaml --family conv", "--family is of --sweep"),
    ],
)
def test_what_cannot_be_swept(arguments: str, message: str) -> None:
    status, out, err = run("verify", *arguments.split())
    assert (status, out) == (2, "")
    assert any(each in err for each in message.split("|"))


def test_python_refuses_a_family_that_there_is_not() -> None:
    with pytest.raises(SpecError, match="unknown family 'nothing'"):
        sweep(1, families=["nothing"])


@pytest.mark.parametrize(
    ("case", "line"),
    [
        (
            Case("Conv2d", (3, 4, 3), {"stride": 2}, (1, 3, 9, 9)),
            "convshape layer 'Conv2d(3, 4, 3, stride=2)' --in float32:@1x3x9x9",
        ),
        (
            Case("Bilinear", (3, 4, 2), {}, (5, 3), others=(T((5, 4)),)),
            "convshape layer 'Bilinear(3, 4, 2)(input, zeros((5, 4), dtype=torch.float32))' --in "
            "float32:@5x3",
        ),
        (
            Call("cat", ([T((2, 3), "int64"), T((2, 3))], 1)),
            "convshape layer 'torch.cat([input, zeros((2, 3), dtype=torch.float32)], 1)' --in "
            "int64:@2x3",
        ),
        (
            Call("__getitem__", (T((4, 5)), (slice(None, None, 2), ..., None)), method=True),
            "convshape layer 'input[::2, ..., None]' --in float32:@4x5",
        ),
        (
            Call("__rsub__", (T((4,)), 2), method=True),
            "convshape layer '2 - input' --in float32:@4",
        ),
        (
            Call("relu", (T((2, 3), layout=Layout((1, 0), (1, 1))),), method=True),
            "convshape layer 'input.relu()' --in float32:@2x3  # laid out in memory as dimensions "
            "(1, 0), steps (1, 1)",
        ),
    ],
)
def test_lines_that_can_be_pasted(case: Case | Call, line: str) -> None:
    assert pasted(case) == line
    _, *arguments = shlex.split(line, comments=True)
    status, out, _ = run(*arguments)
    assert (status, bool(out)) == (0, True)


def test_most_lines_say_what_the_sweep_says() -> None:
    """Of calls of the layers, whose line is whole: it is accepted where the case is."""
    rng, checked = random.Random(1), 0
    for name in list(FAMILIES)[:20] * 3:
        case = FAMILIES[name](rng.choice)
        if case.training or case.others or case.call:
            continue
        ours, _ = judge(case)
        _, *arguments = shlex.split(pasted(case), comments=True)
        status, _, err = run(*arguments)
        assert (status == 0) == ours.called, (pasted(case), err)
        checked += 1
    assert checked > 20


def test_every_function_of_the_layers_is_reached() -> None:
    assert {"conv2d", "linear"} <= set(F.__all__)
    assert len(FAMILIES) > 25
    assert len(CALLS) > 25
