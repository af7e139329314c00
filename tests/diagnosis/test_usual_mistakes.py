"""Mistakes that people ask about most: the first fix is the usual answer, and runs in torch."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import prove_fixes
import pytest

import convshape as cs
from convshape.api import traced
from convshape.edits import edited
from convshape.readers.source.reader import read_text

SOURCE = """
import torch
import torch.nn.functional as F
from torch import nn


class Grow(nn.Module):
    def __init__(self, width, growth):
        super().__init__(); self.b, self.c = nn.BatchNorm2d(width), nn.Conv2d(width, growth, 1)

    def forward(self, x):
        return torch.cat([x, self.c(self.b(x))], 1)


class Both(nn.Module):
    def __init__(self, width):
        super().__init__(); self.f = nn.Linear(width, 6)

    def forward(self, x):
        return x, self.f(x)


class Net(nn.Module):
    def __init__(self, width=8, growth=4, steps=9):
        super().__init__()
        {}

    def forward(self, x):
        {}
"""


class Mistake(NamedTuple):
    """A network, the sample that it is asked for, and the fix that is offered first."""

    layers: str
    forward: str
    sample: str
    fix: str


MISTAKES = {
    "states of one direction": Mistake(
        "self.n = 2; self.l = nn.LSTM(8, 4, 2, batch_first=True, bidirectional=True)",
        "h = torch.zeros(self.n, x.size(0), 4)\n"
        "        c = torch.zeros(self.n, x.size(0), 4)\n"
        "        return self.l(x, (h, c))[0]",
        "5x8",
        "torch.zeros(self.n * 2, x.size(0), 4) in net.py:29, net.py:30",
    ),
    "states with the batch first": Mistake(
        "self.g = nn.GRU(8, 4, batch_first=True)",
        "h = torch.zeros(x.size(0), 1, 4)\n        return self.g(x, h)[0]",
        "5x8",
        "torch.zeros(1, x.size(0), 4) in net.py:29",
    ),
    "one state in place of two": Mistake(
        "self.l = nn.LSTM(8, 4, batch_first=True)",
        "h = torch.zeros(1, x.size(0), 4)\n        return self.l(x, h)[0]",
        "5x8",
        "self.l(x, (h, torch.zeros_like(h)))",
    ),
    "steps of a batch": Mistake(
        "self.l = nn.LSTMCell(8, 4)",
        "h = c = torch.zeros(x.size(0), 4)\n"
        "        for t in range(x.size(1)):\n"
        "            h, c = self.l(x[t], (h, c))\n"
        "        return h",
        "5x8",
        "self.l(x[:, t], (h, c))",
    ),
    "an image of one channel for a sequence": Mistake(
        "self.l = nn.LSTM(9, 4, batch_first=True)",
        "return self.l(x)[0]",
        "1x9x9",
        "self.l(x.squeeze(1))",
    ),
    "a mask for the batch first": Mistake(
        "self.e = nn.TransformerEncoderLayer(8, 2)",
        "m = nn.Transformer.generate_square_subsequent_mask(x.size(1))\n"
        "        return self.e(x, src_mask=m)",
        "5x8",
        "nn.TransformerEncoderLayer(8, 2, batch_first=True) in net.py:26",
    ),
    "attention and its weights": Mistake(
        "self.a = nn.MultiheadAttention(8, 2, batch_first=True)",
        "return x + self.a(x, x, x)",
        "5x8",
        "return x + self.a(x, x, x)[0]",
    ),
    "values of a series in attention": Mistake(
        "self.a = nn.MultiheadAttention(16, 2, batch_first=True)",
        "y, _ = self.a(x, x, x)\n        return y",
        "5x8",
        "self.proj = nn.Linear(8, 16) before net.py:27 and x = self.proj(x) before net.py:29",
    ),
    "patches that are not transposed": Mistake(
        "self.c = nn.Conv2d(3, 8, 4, 4); self.p = nn.Parameter(torch.zeros(1, 9, 8))\n"
        "        self.f = nn.Linear(8, 2)",
        "x = self.c(x).flatten(2)\n        x = x + self.p\n        return self.f(x)",
        "3x12x12",
        "x = x.transpose(-2, -1) + self.p",
    ),
    "positions of the longest text": Mistake(
        "self.e = nn.Embedding(9, 8); self.register_buffer('p', torch.zeros(steps, 8))",
        "return self.e(x) + self.p",
        "int64:5",
        "return self.e(x) + self.p[:self.e(x).size(1)]",
    ),
    "a mask of the longest text": Mistake(
        "self.f = nn.Linear(8, 8); self.register_buffer('m', torch.ones(steps, steps).tril())",
        "a = x @ self.f(x).transpose(1, 2)\n        return a.masked_fill(self.m == 0, 0.0)",
        "5x8",
        "a.masked_fill((self.m == 0)[:a.size(1), :a.size(2)], 0.0)",
    ),
    "a view of what is transposed": Mistake(
        "self.f = nn.Linear(40, 2)",
        "return self.f(x.transpose(1, 2).view(x.size(0), -1))",
        "8x5",
        "x.transpose(1, 2).reshape(x.size(0), -1)",
    ),
    "a layer that is not called": Mistake(
        "self.a = nn.Linear(8, 6); self.b = nn.Linear(6, 2)",
        "x = nn.ReLU(self.a(x))\n        return self.b(x)",
        "8",
        "x = nn.ReLU()(self.a(x)) in net.py:29",
    ),
    "a list in a sequence": Mistake(
        "self.f = nn.Sequential([nn.Linear(8, 6), nn.Linear(6, 2)])",
        "return self.f(x)",
        "8",
        "nn.Sequential(*[nn.Linear(8, 6), nn.Linear(6, 2)]) in net.py:26",
    ),
    "a list of layers that is called": Mistake(
        "self.f = nn.ModuleList([nn.Linear(8, 6), nn.Linear(6, 2)])",
        "return self.f(x)",
        "8",
        "self.f = nn.Sequential(*[nn.Linear(8, 6), nn.Linear(6, 2)]) in net.py:26",
    ),
    "channels that grow": Mistake(
        "self.c = nn.ModuleList([nn.Conv2d(width, growth, 1) for i in range(3)])",
        "for c in self.c:\n            x = torch.cat([x, c(x)], 1)\n        return x",
        "8x4x4",
        "nn.Conv2d(width + i * growth, growth, 1) in net.py:26",
    ),
    "blocks that grow": Mistake(
        "self.c = nn.Sequential(*[Grow(width, growth) for i in range(3)])",
        "return self.c(x)",
        "8x4x4",
        "Grow(width + i * growth, growth) in net.py:26",
    ),
    "squeeze and excitation": Mistake(
        "self.p = nn.AdaptiveAvgPool2d(1); self.f = nn.Linear(width, width)",
        "return x * self.f(self.p(x))",
        "8x4x4",
        "self.f(self.p(x).flatten(1))[:, :, None, None] in net.py:29",
    ),
    "a maximum and its places": Mistake(
        "self.c = nn.Conv2d(2, 1, 3, padding=1)",
        "m = torch.max(x, dim=1, keepdim=True)\n"
        "        return self.c(torch.cat([x.mean(1, keepdim=True), m], 1))",
        "8x4x4",
        "m, _ = torch.max(x, dim=1, keepdim=True) in net.py:29",
    ),
    "a squeeze too many": Mistake(
        "self.l = nn.LSTM(1, 4, batch_first=True)",
        "return self.l(x.squeeze())[0]",
        "5x1",
        "self.l(x)",
    ),
    "a view of three samples": Mistake(
        "self.f = nn.Linear(40, 2)",
        "x = x.view(3, -1)\n        return self.f(x)",
        "8x4",
        "x = x.view(x.size(0), -1) in net.py:29 and nn.Linear(32, 2) in net.py:26",
    ),
    "a product of vectors": Mistake(
        "self.f = nn.Linear(8, 5)",
        "return torch.bmm(self.f(x.mean(1)).softmax(-1), x)",
        "5x8",
        "torch.bmm(self.f(x.mean(1)).softmax(-1).unsqueeze(1), x)",
    ),
    "stack in place of cat": Mistake(
        "self.f = nn.Linear(8, 5)",
        "return torch.stack([x, self.f(x)], 1)",
        "8",
        "torch.cat([x, self.f(x)], 1)",
    ),
    "maps enlarged by a factor": Mistake(
        "self.c = nn.Conv2d(3, 3, 3, 2, 1)",
        "y = self.c(x)\n        return x + F.interpolate(y, scale_factor=2)",
        "3x9x9",
        "F.interpolate(y, size=x.shape[2:])",
    ),
    "learned positions of a longer sequence": Mistake(
        "self.p = nn.Parameter(torch.zeros(1, 512, 8)); self.l = nn.Linear(8, 2)",
        "x = x + self.p\n        return self.l(x)",
        "10x8",
        "x = x + self.p[:, :x.size(1)]",
    ),
    "branches without padding": Mistake(
        "self.a, self.b = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 5)\n"
        "        self.p = nn.MaxPool2d(3, stride=2, padding=1)",
        "return torch.cat([self.a(x), self.b(x), self.p(x)], 1)",
        "3x12x12",
        "nn.Conv2d(3, 4, 5, padding=2) in net.py:26 and "
        "nn.MaxPool2d(3, stride=1, padding=1) in net.py:27",
    ),
    "an axis of one element before a pooling": Mistake(
        "self.c = nn.Conv2d(1, 4, (3, 8)); self.f = nn.Linear(4, 2)",
        "x = self.c(x)\n        return self.f(F.max_pool1d(x, x.size(2)).squeeze(2))",
        "1x9x8",
        "F.max_pool1d(x.squeeze(3), x.size(2))",
    ),
    "a state for each layer": Mistake(
        "self.l = nn.GRU(8, 4, batch_first=True); self.f = nn.Linear(12, 2)",
        "_, h = self.l(x)\n        return self.f(torch.cat([x.mean(1), h], 1))",
        "5x8",
        "torch.cat([x.mean(1), h[-1]], 1)",
    ),
    "states in a layer of features": Mistake(
        "self.l = nn.GRU(8, 4, 2, batch_first=True); self.b = nn.BatchNorm1d(4)",
        "_, h = self.l(x)\n        return self.b(h)",
        "5x8",
        "self.b(h[-1])",
    ),
    "outputs of all classes for a target of steps": Mistake(
        "self.e = nn.Embedding(9, 8); self.f = nn.Linear(8, 6)",
        "y = self.f(self.e(x))\n"
        "        return F.cross_entropy(y.view(-1, 6), x, reduction='none').view(x.shape)",
        "int64:5",
        "F.cross_entropy(y.view(-1, 6), x.flatten(), reduction='none')",
    ),
    "the class that is the largest": Mistake(
        "self.f = nn.Linear(8, 6)",
        "y = x[:, 0].long()\n"
        "        return F.cross_entropy(self.f(x).argmax(1), y, reduction='none')",
        "8",
        "F.cross_entropy(self.f(x), y, reduction='none')",
    ),
    "a loss of other widths": Mistake(
        "self.f = nn.Linear(8, 6)",
        "return F.mse_loss(self.f(x), x, reduction='none')",
        "8",
        "f: Linear(8, 8) in net.py:26",
    ),
    "one index for each row": Mistake(
        "self.f = nn.Linear(8, 6)",
        "return self.f(x).gather(1, x[:, 0].long())",
        "8",
        "self.f(x).gather(1, x[:, 0].long().unsqueeze(1))",
    ),
    "a mask of numbers": Mistake(
        "self.f = nn.Linear(8, 8)",
        "return self.f(x).masked_fill(torch.ones(8), 0.0)",
        "8",
        "self.f(x).masked_fill(torch.ones(8).bool(), 0.0)",
    ),
    "an axis to be expanded": Mistake(
        "self.f = nn.Linear(8, 8)",
        "return self.f(x).expand(x.size(0), 5, 8)",
        "8",
        "self.f(x).unsqueeze(1).expand(x.size(0), 5, 8)",
    ),
    "repeats of the first axes": Mistake(
        "self.f = nn.Linear(8, 8)",
        "return self.f(x).unsqueeze(1).repeat(1, 5)",
        "8",
        "self.f(x).unsqueeze(1).repeat(1, 5, 1)",
    ),
    "one number for each channel": Mistake(
        "self.g = nn.Parameter(torch.ones(4)); self.c = nn.Conv2d(4, 2, 1)",
        "return self.c(x * self.g)",
        "4x6x6",
        "self.c(x * self.g[:, None, None])",
    ),
    "a matrix product of batches": Mistake(
        "self.f = nn.Linear(8, 8)",
        "return torch.mm(self.f(x), x.transpose(1, 2))",
        "5x8",
        "return torch.matmul(self.f(x), x.transpose(1, 2))",
    ),
    "a dot product of batches": Mistake(
        "self.f = nn.Linear(8, 8)",
        "return torch.dot(self.f(x), x)",
        "8",
        "return (self.f(x) * x).sum(-1)",
    ),
    "all axes turned round": Mistake(
        "self.f = nn.Linear(8, 8)",
        "k = self.f(x)\n        return x @ k.T",
        "5x8",
        "return x @ k.transpose(-2, -1)",
    ),
    "an einsum for one sample": Mistake(
        "self.f = nn.Linear(8, 8)",
        "return torch.einsum('id, jd -> ij', self.f(x), x)",
        "5x8",
        "torch.einsum('bid, bjd -> bij', self.f(x), x)",
    ),
    "positions with the steps first": Mistake(
        "self.f = nn.Linear(8, 8); self.register_buffer('p', torch.zeros(50, 1, 8))",
        "return self.f(x + self.p[:x.size(1)])",
        "5x8",
        "self.f(x + self.p[:x.size(1)].transpose(0, 1))",
    ),
    "a mean that leaves its axis out": Mistake(
        "self.f = nn.Linear(8, 5)",
        "y = self.f(x)\n        return y - y.mean(1)",
        "8",
        "y.mean(1, keepdim=True)",
    ),
    "a mean along the features": Mistake(
        "self.f = nn.Linear(8, 2)",
        "return self.f(x.mean(dim=-1))",
        "5x8",
        "x.mean(dim=1)",
    ),
    "a step of the features": Mistake(
        "self.l = nn.LSTM(8, 6, batch_first=True); self.f = nn.Linear(6, 2)",
        "y, _ = self.l(x)\n        return self.f(y[:, :, -1])",
        "5x8",
        "self.f(y[:, -1])",
    ),
    "a series of one feature": Mistake(
        "self.l = nn.LSTM(1, 6, batch_first=True); self.f = nn.Linear(6, 2)",
        "y, _ = self.l(x)\n        return self.f(y[:, -1])",
        "5",
        "self.l(x.unsqueeze(-1))",
    ),
    "a step without its axis": Mistake(
        "self.l = nn.GRU(8, 6); self.f = nn.Linear(6, 2)",
        "y, _ = self.l(x, torch.zeros(1, x.size(0), 6))\n        return self.f(y[0])",
        "8",
        "self.l(x.unsqueeze(0), torch.zeros(1, x.size(0), 6))",
    ),
    "frames of a video in a layer of images": Mistake(
        "self.c = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten()); self.f = nn.Linear(64, 2)",
        "x = self.c(x)\n        return self.f(x)",
        "7x3x6x6",
        "x = self.c(x.flatten(0, 1)).unflatten(0, x.shape[:2])",
    ),
    "a layer along the steps": Mistake(
        "self.t = nn.Linear(5, 5)",
        "return x + self.t(x)",
        "5x8",
        "return x + self.t(x.transpose(1, 2)).transpose(1, 2)",
    ),
    "features that are normalized before they are last": Mistake(
        "self.c = nn.Conv2d(3, 8, 4, 4); self.n = nn.LayerNorm(8); self.f = nn.Linear(8, 2)",
        "return self.f(self.n(self.c(x).flatten(2)).mean(1))",
        "3x12x12",
        "self.n(self.c(x).flatten(2).transpose(1, 2))",
    ),
    "a mask that lies on its side": Mistake(
        "self.e = nn.TransformerEncoderLayer(8, 2, batch_first=True)",
        "m = torch.zeros(x.size(1), x.size(0)).bool()\n"
        "        return self.e(x, src_key_padding_mask=m)",
        "5x8",
        "self.e(x, src_key_padding_mask=m.transpose(0, 1))",
    ),
    "two directions": Mistake(
        "self.l = nn.LSTM(8, width, bidirectional=True, batch_first=True)\n"
        "        self.f = nn.Linear(width, 2)",
        "return self.f(self.l(x)[0])",
        "5x8",
        "nn.Linear(width * 2, 2) in net.py:27",
    ),
    "two parts that are joined": Mistake(
        "self.f = nn.Linear(width, growth); self.g = nn.Linear(width, 2)",
        "return self.g(torch.cat([x, self.f(x)], 1))",
        "8",
        "nn.Linear(width + growth, 2) in net.py:26",
    ),
    "the output of a block and what it keeps": Mistake(
        "self.f = Both(width); self.g = nn.Linear(6, 2)",
        "y = self.f(x)\n        return self.g(y)",
        "8",
        "_, y = self.f(x) in net.py:29",
    ),
    "a list that is called": Mistake(
        "self.f = [nn.Linear(8, 6), nn.Linear(6, 2)]",
        "return self.f(x)",
        "8",
        "self.f = nn.Sequential(*[nn.Linear(8, 6), nn.Linear(6, 2)]) in net.py:26",
    ),
    "a comma behind a layer": Mistake(
        "self.f = nn.Linear(8, 6),",
        "return self.f(x)",
        "8",
        "self.f = nn.Linear(8, 6) in net.py:26",
    ),
    "layers that are appended": Mistake(
        "self.f = nn.ModuleList()\n        self.f.append(nn.Linear(8, 6))",
        "return self.f(x)",
        "8",
        "self.f = nn.Sequential() in net.py:26",
    ),
    "too many tensors": Mistake(
        "self.f = Grow(width, growth)",
        "return self.f(x, x)",
        "8x4x4",
        "self.f(x)",
    ),
    "a layer that is not kept": Mistake(
        "f = nn.Linear(8, 6)",
        "return self.f(x)",
        "8",
        "self.f = nn.Linear(8, 6) in net.py:26",
    ),
    "a size that is called": Mistake(
        "self.f = nn.Linear(32, 6)",
        "return self.f(x.view(x.shape(0), -1))",
        "8x4",
        "x.shape[0]",
    ),
    "sizes without the channels": Mistake(
        "self.f = nn.Linear(8, 6)",
        "n, h, w = x.shape\n        return self.f(x)",
        "3x4x8",
        "n, _, h, w = x.shape",
    ),
    "a class in a sequence": Mistake(
        "self.f = nn.Sequential(nn.Linear(8, 6), nn.ReLU)",
        "return self.f(x)",
        "8",
        "nn.Sequential(nn.Linear(8, 6), nn.ReLU())",
    ),
    "words in place of their features": Mistake(
        "self.e = nn.Embedding(99, width); self.l = nn.LSTM(99, 4, batch_first=True)",
        "return self.l(self.e(x))[0]",
        "int64:5",
        "LSTM(8, 4, batch_first=True) in net.py:26",
    ),
    "a block of a width that another has": Mistake(
        "self.f = nn.Sequential(*[Both(4) for i in range(1)]); self.g = Both(width)",
        "return self.g(x[:, :4])[1]",
        "8",
        "g: Both(4) in net.py:26",
    ),
    "columns of an odd width": Mistake(
        "self.f = nn.Linear(7, 2); p = torch.zeros(9, 7)\n"
        "        p[:, 0::2] = torch.ones(9, 4)\n        p[:, 1::2] = torch.ones(9, 4)",
        "return self.f(x)",
        "7",
        "torch.ones(9, 4)[:, :p[:, 1::2].size(1)]",
    ),
    "groups and channels exchanged": Mistake(
        "self.f = nn.GroupNorm(8, 4)",
        "return self.f(x)",
        "8x4x4",
        "nn.GroupNorm(4, 8)",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_the_first_fix_is_the_usual_answer(mistake: Mistake) -> None:
    layers, forward, sample, fix = mistake
    network = prove_fixes.Network("net.py", SOURCE.format(layers, forward), sample)
    assert prove_fixes.torch_runs(network, (3,))
    error = prove_fixes.traced_error(network, batch=3)
    assert error is not None
    assert error.fixes[0].text.startswith(fix)
    changed, batches = prove_fixes.applied(network, error.fixes[0])[0]
    assert not prove_fixes.torch_runs(changed, (*batches, 3))


def test_a_layer_of_another_kind_of_numbers_is_given_its_own() -> None:
    layers, forward = "self.f = nn.Linear(9, 2)", "return self.f(F.one_hot(x, 9))"
    network = prove_fixes.Network("net.py", SOURCE.format(layers, forward), "int64:5")
    error = prove_fixes.traced_error(network)
    assert error is not None
    assert error.fixes[0].text == "self.f(F.one_hot(x, 9).float())"


def test_a_number_is_found_behind_many_names() -> None:
    names = ", ".join(f"a{i}={i}" for i in range(9))
    text = SOURCE.replace("steps=9", f"{names}, hidden=100")
    text = text.format("self.f = nn.Linear(hidden, 2)", "return self.f(x)")
    error = prove_fixes.traced_error(prove_fixes.Network("net.py", text, "999"))
    assert error is not None
    assert "hidden=999" in error.fixes[0].text


def test_nothing_that_arrives_has_fixes_too() -> None:
    text = SOURCE.format(
        "self.f = nn.Linear(8, 0); self.g = nn.Linear(4, 2)", "return self.g(self.f(x))"
    )
    error = prove_fixes.traced_error(prove_fixes.Network("net.py", text, "8"))
    assert error is not None
    assert "Linear(0, 2)" in error.fixes[0].text


def test_no_input_is_left_for_nothing() -> None:
    text = SOURCE.replace("forward(self, x):\n        {}", "forward(self, x, y):\n        {}")
    text = text.format("self.f = nn.Linear(8, 2)", "return self.f(x) - self.f(y)")
    program = read_text(text, "net.py", input=["8", "5"])
    error = traced(program).error
    assert error is not None
    assert not any("self.f(x)" in fix.text for fix in error.fixes)


def test_the_lines_of_who_asks_are_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("from torch import nn\nnet = nn.Sequential(nn.ReLU(),\n nn.Linear(48, 2))\n")
    a = abs  # more calls in a line than ways to read a change are tried
    trace = cs.trace(path, (3, 4, 4), batch=a(a(a(a(a(a(a(a(a(a(a(a(a(a(a(a(a(2))))))))))))))))))
    error = trace.error
    assert error is not None
    assert error.fixes[0].text == f"nn.Flatten(), nn.Linear(48, 2) in {error.where}"
    assert error.where.endswith("net.py:3")


def test_channels_that_are_the_last_can_be_moved_in_the_text_too() -> None:
    layers, forward = "self.c = nn.Conv1d(8, 4, 3)", "return self.c(x)"
    network = prove_fixes.Network("net.py", SOURCE.format(layers, forward), "9x8")
    error = prove_fixes.traced_error(network, batch=3)
    assert error is not None
    first, second = error.fixes
    assert (first.inputs, second.text) == (("8x9",), "x.transpose(1, 2) before it")


def test_a_correction_of_every_line_is_told_in_its_own_words(tmp_path: Path) -> None:
    text = "model:\n  input: 3x8x8\n  layers:\n    - Flatten()\n    - Linear(9, 2)\n"
    (tmp_path / "net.yaml").write_text(text)
    with pytest.raises(cs.SpecError) as caught:
        cs.trace(tmp_path / "net.yaml")
    fix = caught.value.fixes[0]
    assert fix.text.startswith(
        "without it, 'input' and the others at the margin and Linear(192, 2)"
    )
    (tmp_path / "net.yaml").write_text(edited(text, fix.edits))
    assert cs.trace(tmp_path / "net.yaml").ok


def test_no_fix_contains_the_number_of_samples() -> None:
    layers = "self.a = nn.Linear(8, 7); self.b = nn.Linear(8, 6)"
    network = prove_fixes.Network(
        "n.py", SOURCE.format(layers, "return self.a(x) @ self.b(x)"), "8"
    )
    error = prove_fixes.traced_error(network, batch=5)
    assert error is not None
    assert not error.fixes


@pytest.mark.parametrize(
    ("layers", "fix"),
    [
        ("a: Conv2d(3, 8)\n  f: Flatten()\n  b: Linear(9, 2)", "Linear(1800, 2)"),
        ("a: Conv2D(3, 8, 3)\n  b: Conv2d(9, 2, 3)", "Conv2d(8, 2, 3)"),
        ("a: Conv2d(3, 8, 3, pad=1)\n  b: BatchNorm2d(9)\n  c: Linear(9, 2)", "BatchNorm2d(8)"),
    ],
)
def test_what_cannot_be_read_is_fixed_with_the_mistakes_behind_it(
    tmp_path: Path, layers: str, fix: str
) -> None:
    text = f"input: 3x17x17\nlayers:\n  {layers}\n"
    (tmp_path / "net.yaml").write_text(text)
    with pytest.raises((cs.SpecError, cs.ShapeError)) as caught:
        cs.trace(tmp_path / "net.yaml")
    assert fix in caught.value.fixes[0].text
    (tmp_path / "net.yaml").write_text(edited(text, caught.value.fixes[0].edits))
    assert cs.trace(tmp_path / "net.yaml").ok
