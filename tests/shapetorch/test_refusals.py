"""Refusals are exceptions of torch's class, so that code that catches them runs as in torch."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

import convshape as cs
from convshape import shapetorch
from convshape.errors import ShapeError

CLASSES = (RuntimeError, ValueError, IndexError, TypeError, AssertionError)
CALLS = """\
torch.cat([torch.zeros(2, 3), torch.zeros(2, 4)])
torch.stack([torch.zeros(2), torch.zeros(3)])
torch.zeros(2, 3) @ torch.zeros(2, 3)
torch.zeros(2, 3) + torch.zeros(2, 4)
torch.zeros(2, 3).view(4)
torch.zeros(2, 3).expand(4, 3)
torch.zeros(2, 3).size(2)
torch.zeros(2, 3).sum(2)
torch.zeros(2, 3).transpose(0, 2)
torch.zeros(2, 3)[2]
torch.zeros(2, 3)[0, 0, 0]
torch.zeros(2, 3).view('a')
torch.zeros(2.5)
torch.nn.Conv2d(3, 4, 3)(torch.zeros(1, 4, 8, 8))
torch.nn.Conv2d(3, 4, 3, padding='full')
torch.nn.Conv2d(3, 4, 3, groups=2)
torch.nn.Linear(3, 4)(torch.zeros(1, 4))
torch.nn.BatchNorm2d(3)(torch.zeros(1, 3))
torch.nn.BatchNorm1d(3)(torch.zeros(1, 3))
torch.nn.MultiheadAttention(5, 2)
torch.nn.Embedding(3, 4, padding_idx=5)
torch.nn.GRU(3, 4)(torch.zeros(1, 2, 3, 4))
torch.nn.functional.interpolate(torch.zeros(1, 1, 4))
torch.nn.functional.interpolate(torch.zeros(1, 1, 4), size=2, scale_factor=2)
torch.nn.functional.embedding(torch.arange(111), torch.zeros(40, 2))
torch.nn.functional.embedding_bag(torch.arange(6).view(2, 3), torch.zeros(5, 2))
torch.nn.functional.one_hot(torch.tensor([1, -1]), 4)
torch.nn.functional.cross_entropy(torch.zeros(2, 4), torch.tensor([0, 4]))
torch.zeros(3, 4)[torch.tensor([0, 3])]
torch.zeros(3, 4)[:, [0, -5]]
torch.zeros(3, 4).index_select(0, torch.tensor([-1]))
torch.zeros(3, 4).gather(0, torch.tensor([[3]]))
torch.zeros(3, 4).take(torch.tensor([12]))
torch.zeros(3, 4).index_fill(0, torch.tensor([3]), 1.0)
torch.zeros(3, 4).index_add(0, torch.tensor([3]), torch.zeros(1, 4))
torch.zeros(3, 4).index_copy(0, torch.tensor([-1]), torch.zeros(1, 4))
torch.zeros(3, 4).scatter(0, torch.tensor([[3]]), 1.0)
torch.zeros(3, 4).put(torch.tensor([12]), torch.zeros(1))
torch.zeros(3, 4).index_put((torch.tensor([3]),), torch.tensor(1.0))
""".splitlines()
#: Indices at the edge, and arguments by name, which torch takes.
TAKEN = """\
torch.pow(torch.zeros(3), exponent=2)
torch.clamp_min(torch.zeros(3), min=0)
torch.zeros(3).clamp_max(max=torch.zeros(2, 3))
torch.nn.functional.one_hot(input=torch.tensor([1]), num_classes=4)
torch.zeros(3).copy_(other=torch.zeros(3))
torch.linalg.det(A=torch.zeros(3, 3))
torch.hsplit(torch.zeros(4), sections=2)
torch.zeros(4).uniform_(**{'from': 1, 'to': 2})
torch.nn.functional.embedding(torch.arange(40), torch.zeros(40, 2))
torch.nn.functional.cross_entropy(torch.zeros(2, 4), torch.tensor([3, -100]))
torch.zeros(3, 4)[torch.tensor([2, -3])]
torch.zeros(3, 0)[torch.tensor([5])]
torch.zeros(3, 4).take(torch.tensor([11, -12]))
torch.zeros(3, 4).index_fill(0, torch.tensor([-3]), 1.0)
""".splitlines()


def refusal(call: str, words: Any) -> set[type] | None:
    """Return the classes that catch the refusal of a call; None if it is accepted."""
    try:
        eval(call, {"torch": words})
    except Exception as error:
        return {kind for kind in CLASSES if isinstance(error, kind)}
    return None


@pytest.mark.parametrize("call", CALLS)
def test_it_is_of_torchs_class(call: str) -> None:
    theirs, here = refusal(call, torch), refusal(call, shapetorch)
    assert theirs
    assert here == theirs | {ValueError}  # as every error of convshape is


@pytest.mark.parametrize("call", TAKEN)
def test_calls_that_torch_takes(call: str) -> None:
    assert refusal(call, torch) is None
    assert refusal(call, shapetorch) is None


def test_a_copy_is_of_the_same_class() -> None:
    error = ShapeError("does not fit", kind=IndexError, fix="another")
    others = (copy.copy(error), pickle.loads(pickle.dumps(error)), error.changed(why="so"))
    for other in others:
        assert isinstance(other, IndexError)
        assert isinstance(other, ShapeError)
        assert not isinstance(other, RuntimeError)
        assert (other.what, other.fix) == ("does not fit", "another")


NETWORK = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        try:
            self.conv = nn.Conv2d(3, 8, 3, padding="full")
        except ValueError:
            self.conv = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        x = self.conv(x)
        try:
            y = torch.cat([x, x[:, :, 1:]], dim=1)
        except RuntimeError:
            y = x
        try:
            n = y.size(7)
        except (TypeError, IndexError):
            n = y.size(-1)
        try:
            return self.fc(y)
        except RuntimeError:
            return self.fc(y.mean((2, 3)))[:, : n - 5]
"""


def test_a_network_that_copes_goes_torchs_way(tmp_path: Path) -> None:
    file = tmp_path / "copes.py"
    file.write_text(NETWORK)
    names: dict[str, Any] = {}
    exec(NETWORK, names)
    trace = cs.trace(str(file), (3, 8, 8))
    assert trace.error is None
    assert trace.rows[-1].outputs == [tuple(names["Net"]()(torch.zeros(1, 3, 8, 8)).shape)]
    assert trace.failed is None


def test_what_it_does_not_catch_ends_it(tmp_path: Path) -> None:
    file = tmp_path / "fails.py"
    file.write_text(NETWORK.replace("except RuntimeError", "except IndexError"))
    error = cs.trace(str(file), (3, 8, 8)).error
    assert isinstance(error, ShapeError)
    assert isinstance(error, RuntimeError)
    assert error.operation == "cat"
