"""`trace` and `explain` give the same advice, from the network and from torch's traceback."""

from __future__ import annotations

import linecache
import traceback
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import torch

import convshape as cs
from convshape.torch_errors import explain

SOURCE = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
{}

    def forward(self, x):
        return {}
"""

#: The layers, what is done with them, a sample, the words that both say, and the fix that both
#: offer.
MISTAKES = [
    ("fc = nn.Linear(400, 10)", "self.fc(x.flatten(1))", (3, 8, 8),
     "Linear(400, 10) expects 400 features, but receives 192", "Linear(192, 10)"),
    ("fc = nn.Linear(192, 10)", "self.fc(x)", (3, 8, 8),
     "Linear(192, 10) expects 192 features, but receives 8", "torch.flatten(x, 1)"),
    ("a = nn.Conv2d(3, 16, 5); b = nn.Conv2d(32, 8, 3)", "self.b(self.a(x))", (3, 32, 32),
     "Conv2d(32, 8, 3) expects 32 channels, but receives 16: 4×16×28×28", "Conv2d(16, 8, 3)"),
    ("a = nn.ConvTranspose2d(16, 8, 2)", "self.a(x)", (3, 8, 8),
     "ConvTranspose2d(16, 8, 2) expects 16 channels, but receives 3: 4×3×8×8",
     "ConvTranspose2d(3, 8, 2)"),
    ("a = nn.Conv2d(3, 16, 5); b = nn.BatchNorm2d(32)", "self.b(self.a(x))", (3, 32, 32),
     "expects 32 channels, but receives 16", "BatchNorm2d(16)"),
    ("a = nn.GroupNorm(4, 16)", "self.a(x)", (12, 8, 8),
     "expects 16 channels, but receives 12: 4×12×8×8", ""),
    ("a = nn.LayerNorm(16)", "self.a(x)", (9, 8),
     "expects an input that ends in 16, but receives 4×9×8", "LayerNorm((8,))"),
    ("a = nn.PReLU(16)", "self.a(x)", (8, 8, 8),
     "PReLU(num_parameters=16) has 16 slopes for 8 channels", "PReLU(num_parameters=8)"),
    ("a = nn.Conv2d(3, 16, 7)", "self.a(x)", (3, 5, 5),
     "has a kernel of 7×7, larger than its padded input 5×5", "padding=1"),
    ("a = nn.MaxPool2d(2, padding=2)", "self.a(x)", (3, 8, 8), "more than half its kernel of 2",
     "padding=1"),
    ("a = nn.Conv1d(3, 16, 3)", "self.a(x)", (3, 32, 32),
     "expects 3 dimensions (N, C, L), or 2 without the batch, but receives 4: 4×3×32×32", "Conv2d"),
    ("a = nn.LSTM(10, 20, batch_first=True)", "self.a(x)[0]", (7, 8),
     "expects input_size=10, but receives 8", ""),
    ("a = nn.MultiheadAttention(12, 3)", "self.a(x, x, x)[0]", (7, 10),
     "expects queries of embed_dim=12 features, but receives 10", ""),
    ("a = nn.PixelShuffle(2)", "self.a(x)", (3, 8, 8),
     "PixelShuffle(2) expects a multiple of 4 channels, but receives 3", ""),
    ("a = nn.Conv2d(3, 16, 3, padding=1); b = nn.Conv2d(3, 16, 3)", "self.a(x) + self.b(x)",
     (3, 32, 32), "is 32 in one and 30 in another, and neither is 1", ""),
    ("a = nn.Conv2d(3, 16, 5)", "self.a(x).view(-1, 400)", (3, 30, 30), "view cannot give ", ""),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "call", "sample", "words", "fix"), MISTAKES)
def test_the_advice_is_the_same(
    layers: str, call: str, sample: tuple[int, ...], words: str, fix: str, tmp_path: Path
) -> None:
    file = tmp_path / "net.py"
    made = "\n".join(f"self.{layer}" for layer in layers.split("; "))
    file.write_text(SOURCE.format(indent(made, " " * 8), call))
    traced = cs.trace(f"{file}:Net", sample, batch=4).error
    answer = explain(_raised(file, sample))
    assert traced is not None
    assert words in traced.message
    assert words in answer.what
    assert fix in traced.fix
    assert any(fix in code for code, _ in answer.fixes)
    assert (
        answer.where
        == f"{file}:{file.read_text().splitlines().index(f'        return {call}') + 1}"
    )


def _raised(file: Path, sample: tuple[int, ...]) -> str:
    """Return torch's traceback of the same network."""
    names: dict[str, Any] = {}
    linecache.checkcache(str(file))
    exec(compile(file.read_text(), str(file), "exec"), names)
    with pytest.raises((RuntimeError, AssertionError)) as raised:
        names["Net"]().eval()(torch.rand(4, *sample))
    return "".join(traceback.format_exception(raised.value))
