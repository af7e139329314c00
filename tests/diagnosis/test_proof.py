"""Fixes as edits: where they are in a text, and that torch runs the result (see `prove_fixes`)."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import prove_fixes
import pytest

import convshape as cs
from convshape import apply_fix
from convshape.api import program_of
from convshape.diagnosis.diagnose import diagnose
from convshape.edits import Source, composed, edited
from convshape.errors import ShapeError
from convshape.fixes import Edit
from convshape.run.runner import run

CALLS = [
    ("x = nn.Conv2d(3, 6, 5)", "Conv2d", {"out_channels": "8"}, "x = nn.Conv2d(3, 8, 5)"),
    ("x = nn.Conv2d(3, 6, kernel_size=5)", "Conv2d", {"kernel_size": "3"},
     "x = nn.Conv2d(3, 6, kernel_size=3)"),
    ("x = nn.Conv2d(3, 6, 5)", "Conv2d", {"padding": "2"}, "x = nn.Conv2d(3, 6, 5, padding=2)"),
    ("f(g(16 * 5 * 5, (1, 2)), 3)", "g", {"in_channels": "576"}, "f(g(576, (1, 2)), 3)"),
    ("a: Conv2d(3,\n    6,  # six\n    5)", "Conv2d", {"kernel_size": "1"},
     "a: Conv2d(3,\n    6,  # six\n    1)"),
    ("ü = Conv2d('é', 6)", "Conv2d", {"out_channels": "7"}, "ü = Conv2d('é', 7)"),
    ("f(*args)", "f", {"out_channels": "7"}, "f(*args, out_channels=7)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "change", "after"), CALLS)
def test_a_call_is_given_other_arguments(
    text: str, name: str, change: dict[str, str], after: str
) -> None:
    (call,) = Source("net.py", text).calls(1, name)
    edits = call.with_arguments(change, ["in_channels", "out_channels", "kernel_size"])
    assert edited(text, edits) == after


def test_edits_are_places_in_characters_from_one() -> None:
    assert (
        edited("ab\nüb\n", [Edit("f", 2, 2, 2, 3, "xy"), Edit("f", 1, 1, 1, 1, "> ")])
        == "> ab\nüxy\n"
    )


TWICE = [
    ([(0, 1, "xyz")], [(5, 6, "!")], "xyzbc!e"),
    ([(1, 1, "(")], [(3, 3, ")")], "a(b)cde"),
    ([(1, 2, "")], [(2, 3, "D"), (4, 4, "F")], "acDeF"),
    ([(1, 4, "\n")], [(1, 1, "-"), (2, 2, "+")], "a-\n+e"),
    ([(1, 2, "xyz")], [(2, 3, "Y")], ""),
]


@pytest.mark.parametrize(("first", "second", "after"), TWICE)
def test_edits_of_an_edited_text_are_edits_of_the_first(
    first: list[tuple[int, int, str]], second: list[tuple[int, int, str]], after: str
) -> None:
    source = Source("f", "abcde")
    edits = [source.edit(*each) for each in first]
    later = Source("f", edited(source.text, edits))
    both = composed(source, edits, [later.edit(*each) for each in second])
    assert (edited(source.text, both) if both else "") == after


def test_the_receiver_belongs_to_a_call() -> None:
    source = Source("net.py", "return self.f(self.c(x).flatten())")
    assert [call.text for call in source.calls(1, "flatten")] == ["self.c(x).flatten()"]


@pytest.mark.parametrize(
    "home", sorted(Path(__file__).parent.glob("networks/*.py")), ids=lambda p: p.stem
)
def test_fixes_of_broken_sources_run_in_torch(home: Path) -> None:
    network = next(n for n in prove_fixes.networks() if n.name == home.name)
    kinds = ["number", "padding", "flatten", "swapped", "batch"]
    counts = prove_fixes.Counts()
    for each in prove_fixes.broken(network, kinds, 1, random.Random(3)):
        prove_fixes.prove(each, network, counts, verbose=True)
    assert counts["failing"] == counts["long"] == 0


NUMBERS = [
    ("resnet.py", "stride=2)\n        self.linear", "stride=1)\n        self.linear"),
    ("resnet.py", "kernel_size=3, stride=1, padding=1", "kernel_size=3, stride=1, padding=0"),
    ("unet.py", "self.down1 = DoubleConv(16, 32)", "self.down1 = DoubleConv(16, 31)"),
    ("lenet.py", "nn.Conv2d(6, 16, 5)", "nn.Conv2d(7, 16, 5)"),
    ("lenet.py", "16 * 5 * 5", "16 * 5 * 6"),
    ("sequential.py", "            nn.Flatten(),\n", ""),
    ("autoencoder.py", "nn.Linear(latent, 784)", "nn.Linear(784, latent)"),
    ("audio.py", "x.permute(0, 2, 1)", "x.permute(0, 2, 2)"),
]


@pytest.mark.parametrize(("name", "right", "wrong"), NUMBERS)
def test_one_of_the_fixes_runs_in_torch(name: str, right: str, wrong: str) -> None:
    network = next(n for n in prove_fixes.networks() if n.name == name)
    assert right in network.text
    change = prove_fixes.Broken(
        "", network._replace(text=network.text.replace(right, wrong, 1)), ""
    )
    counts = prove_fixes.Counts()
    prove_fixes.prove(change, network, counts, verbose=True)
    assert (counts["broken"], counts["failing"], counts["first"]) == (1, 0, 1)


SOURCE = """
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, cin=8, cout=16):
        super().__init__()
        {}

    def forward(self, x):
        {}
"""
#: Layers, what is done with them, a sample, and the first fix.
FORMS = [
    (
        "self.q = self.k = nn.Linear(8, 8)",
        "return self.q(x) @ self.k(x)",
        "5x8",
        "return self.q(x) @ self.k(x).transpose(-2, -1)",
    ),
    (
        "self.fc = nn.Linear(8, 8)",
        "return x * self.fc(x.mean((2, 3)))",
        "8x4x4",
        "return x * self.fc(x.mean((2, 3)))[:, :, None, None]",
    ),
    (
        "self.c = nn.Parameter(torch.zeros(1, 1, 8))",
        "return torch.cat([self.c, x], dim=1)",
        "5x8",
        "torch.cat([self.c.expand(x.size(0), -1, -1), x], dim=1)",
    ),
    (
        "self.c = nn.Conv2d(8, 4, 1)",
        "return torch.cat([x.mean((2, 3)), self.c(x).mean(2)], 1)",
        "8x4x4",
        "torch.cat([x.mean((2, 3)), self.c(x).mean(2).flatten(1)], 1)",
    ),
    (
        "self.g = nn.GRU(12, 4, batch_first=True)",
        "return self.g(x.permute(0, 2, 1, 3))[0]",
        "3x5x4",
        "self.g(x.permute(0, 2, 1, 3).flatten(2))",
    ),
    (
        "self.g = nn.LSTM(8, 4, batch_first=True); self.f = nn.Linear(4, 2)",
        "x = self.g(x)\n        return self.f(x)",
        "5x8",
        "x, _ = self.g(x) in net.py:13",
    ),
    (
        "self.c = nn.Conv2d(3, 4, 3)",
        "return F.interpolate(self.c(x), scale_factor=2, mode='linear')",
        "3x8x8",
        "F.interpolate(self.c(x), scale_factor=2, mode='bilinear')",
    ),
    (
        "self.c = nn.Conv2d(cin, cout, 3); self.b = nn.BatchNorm2d(cin)",
        "return self.b(self.c(x))",
        "8x6x6",
        "nn.BatchNorm2d(cout) in net.py:10",
    ),
    (
        "self.u = nn.Linear(8, 60)",
        "return self.u(x).view(-1, 4, 4, 4)",
        "8",
        "u: Linear(8, 64) in net.py:10",
    ),
    (
        "self.c = nn.Conv2d(8, 12, 3, groups=cout)",
        "return self.c(x)",
        "8x6x6",
        "nn.Conv2d(8, 12, 3, groups=4) in net.py:10",
    ),
    (
        "self.c = nn.Conv2d(cin, cout, 3, padding=1)",
        "return self.c(x) + x",
        "8x6x6",
        "self.shortcut = nn.Conv2d(8, 16, 1) before net.py:11 and return self.c(x) "
        "+ self.shortcut(x) in net.py:13",
    ),
    (
        "self.d = nn.Conv2d(8, 8, 3, 2, 1); self.u = nn.ConvTranspose2d(8, 8, 3, 2, 1)",
        "return F.mse_loss(self.u(self.d(x)), x, reduction='none')",
        "8x6x6",
        "nn.ConvTranspose2d(8, 8, 3, 2, 1, output_padding=1) in net.py:10",
    ),
    (
        "self.a = nn.Conv2d(8, 8, 3); self.b = nn.Conv2d(8, 8, 3)",
        "return x + self.b(self.a(x))",
        "8x6x6",
        "nn.Conv2d(8, 8, 3, padding=1) in net.py:10",
    ),
    (
        "self.c = nn.Conv2d(8, 8, 1); self.p = nn.MaxPool2d(2, 2, 0, 1, True); "
        "self.u = nn.MaxUnpool2d(2)",
        "a, i = self.p(x)\n        b, j = self.p(a)\n        b = self.u(b, i)\n"
        "        return self.u(b, j)",
        "8x8x8",
        "self.u(b, j) in net.py:15 and self.u(b, i) in net.py:16",
    ),
    (
        "self.e = nn.TransformerEncoderLayer(8, 2, batch_first=True)",
        "return self.e(x, src_mask=torch.zeros(9, 9))",
        "5x8",
        "torch.zeros(9, 9)[:x.size(1), :x.size(1)]",
    ),
    (
        "self.c = nn.Conv2d(8, 4, 1)",
        "return self.c(x.permute(0, 2, 3, 1))",
        "6x5x8",
        "self.c(x.permute(0, 3, 1, 2))",
    ),
    (
        "self.e = nn.Embedding(9, 8); self.c = nn.Conv2d(1, 4, (3, 8)); self.f = nn.Linear(4, 2)",
        "return self.f(self.c(self.e(x)).squeeze(3).max(2)[0])",
        "int64:7",
        "self.c(self.e(x).unsqueeze(1))",
    ),
    (
        "self.c = nn.Conv2d(8, 16, 1); self.n = nn.LayerNorm(16)",
        "return self.n(self.c(x))",
        "8x6x6",
        "return self.n(self.c(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)",
    ),
    (
        "self.f = nn.Sequential(*[nn.Linear(cin, b) for a, b in ((8, 6), (6, 4))])",
        "return self.f(x)",
        "8",
        "nn.Linear(a, b) in net.py:10",
    ),
    (
        "self.c = nn.Conv2d(8, 10, 3); self.p = nn.PixelShuffle(2)",
        "return self.p(self.c(x))",
        "8x6x6",
        "c: Conv2d(8, 12, 3) in net.py:10",
    ),
    (
        "self.p = nn.Parameter(torch.zeros(1, (cin + 8) // 2, cout))\n"
        "        self.c = nn.Parameter(torch.zeros(1, 1, cout))",
        "return torch.cat([self.c.expand(x.size(0), -1, -1), x], 1) + self.p",
        "8x16",
        "torch.zeros(1, (cin + 8) // 2 + 1, cout) in net.py:10",
    ),
    (
        "self.c = nn.Conv2d(8, 4, 3, padding=1); self.f = nn.Linear(4 * 3 * 3, 2)",
        "return self.f(F.max_pool2d(self.c(x), 2).flatten(1))",
        "8x8x8",
        "Linear(64, 2) in net.py:10",
    ),
    (
        "self.n = nn.GroupNorm(12, cout)",
        "return self.n(x)",
        "16x4x4",
        "nn.GroupNorm(8, cout) in net.py:10",
    ),
    (
        "self.a = nn.Conv2d(8, 8, 3, padding=1); self.b = nn.Conv2d(8, 8, 3, padding=1, stride=2)\n"
        "        self.f = nn.Linear(288, 2)",
        "return self.f(self.b(self.a(x)).flatten(1))",
        "8x6x6",
        "Linear(72, 2) in net.py:11 | b: Conv2d(8, 8, 3, stride=1, padding=1) in net.py:10",
    ),
    (
        "self.f = self.make(16, 8, stride=2); self.g = nn.Conv2d(8, 8, 1)\n\n"
        "    def make(self, cin, cout, stride):\n"
        "        return nn.Conv2d(cin, cout, 3, padding=1)",
        "return self.f(x) + self.g(F.avg_pool2d(x[:, :8], 2))",
        "16x6x6",
        "nn.Conv2d(cin, cout, 3, padding=1, stride=stride) in net.py:13",
    ),
    (
        "self.f = self.make(16, 8); self.g = nn.Conv2d(16, 4, 1)\n\n"
        "    def make(self, cin, cout):\n"
        "        return nn.Conv2d(cin, cout, 3, padding=1)",
        "return self.f(self.g(x))",
        "16x6x6",
        "self.make(4, 8) in net.py:10",
    ),
    (
        "parts, n = [], 8\n"
        "        for m in (12, 16, 20):\n"
        "            parts.append(nn.Conv2d(n, m, 3))\n"
        "        self.f = nn.Sequential(*parts)",
        "return self.f(x)",
        "8x8x8",
        "n = m before net.py:13",
    ),
    (
        "self.n = nn.LayerNorm(8)",
        "y = self.n(x.permute(0, 2, 3, 1))\n        return x + y",
        "8x6x4",
        "return x + y.movedim(-1, 1)",
    ),
    (
        "self.p = nn.AdaptiveAvgPool2d(3); self.f = nn.Linear(8, 2)",
        "x = self.p(x).view(-1)\n        return self.f(x)",
        "8x6x6",
        "x = self.p(x).flatten(1) in net.py:13 and nn.Linear(72, 2) in net.py:10",
    ),
    (
        "self.f = nn.Sequential(nn.Linear(8, 6), nn.BatchNorm2d(6), nn.Linear(6, 2))",
        "return self.f(x)",
        "8",
        "BatchNorm1d(6) in net.py:10",
    ),
    (
        "self.c = nn.Conv2d(8, 8, [3, 3]); self.f = nn.Linear(72, 2)",
        "x = F.avg_pool2d(F.max_pool2d(self.c(x), [2, 2]), [3, 3], [1, 1])\n"
        "        return self.f(x.flatten(1))",
        "8x14x14",
        "Linear(128, 2) in net.py:10",
    ),
    (
        "self.f = nn.Linear(None, 2)",
        "return self.f(x.flatten(1))",
        "8x3x3",
        "nn.Linear(72, 2) in net.py:10",
    ),
]
#: What Python itself refuses, or a network of one number of samples: the same columns.
OF_PYTHON = [
    (
        "self.l = nn.LSTM(8, 4, batch_first=True)",
        "x = self.l(x)\n        return x[:, -1]",
        "5x8",
        "x, _ = self.l(x) in net.py:13",
    ),
    (  # the class that calls max has no argument dim
        "self.l = nn.Linear(8, 8)",
        "x = self.l(x).view(8)\n        return x.max(dim=1)",
        "8",
        "view(x.size(0), -1) in place of view(8)",
    ),
    (
        "self.l = nn.GRU(8, 4, batch_first=True)",
        "out, (h, c) = self.l(x)\n        return out[:, -1] + h[-1]",
        "5x8",
        "out, h = self.l(x)",
    ),
    (
        "self.c = nn.Conv2d(8, 8, 1); self.p = nn.MaxPool2d(2); self.u = nn.MaxUnpool2d(2)",
        "x, i = self.p(x)\n        return self.u(x, i)",
        "8x4x4",
        "nn.MaxPool2d(2, return_indices=True) in net.py:10",
    ),
    (
        "self.c = nn.Conv2d(8, 8, 1); self.p = nn.MaxPool2d(2); self.u = nn.MaxUnpool2d(2)",
        "x = self.p(x)\n        return self.u(x)",
        "8x4x4",
        "nn.MaxPool2d(2, return_indices=True) in net.py:10 and x, indices = self.p(x) "
        "in net.py:13 and self.u(x, indices) in net.py:14",
    ),
    (
        "self.c = nn.Conv2d(8, 8, 1); self.p = nn.MaxPool2d(2); self.u = nn.MaxUnpool2d(2)",
        "return self.u(self.p(x))",
        "8x4x4",
        "nn.MaxPool2d(2, return_indices=True) in net.py:10 and self.u(*self.p(x)) in net.py:13",
    ),
    (
        "self.c = nn.Conv2d(8, 4, 3, 1, 1, padding=1)",
        "return self.c(x)",
        "8x4x4",
        "nn.Conv2d(8, 4, 3, 1, 1) in net.py:10",
    ),
    (
        "self.a = self.make(8, stride=2); self.b = self.make(8)\n\n"
        "    def make(self, n, stride):\n"
        "        return nn.Conv2d(n, n, 3, stride)",
        "return self.b(self.a(x))",
        "8x9x9",
        "self.make(8, stride=2) in net.py:10",
    ),
    (
        "self.f = nn.Linear(72, 2)",
        "x = nn.MaxPool2d(x, 2)\n        x = nn.ReLU(x)\n        return self.f(x.flatten(1))",
        "8x6x6",
        "x = nn.MaxPool2d(2)(x) in net.py:13 and x = nn.ReLU()(x) in net.py:14",
    ),
    (
        "self.l = nn.Linear(8, 16)",
        "q, k, v = self.l(x).split(8, -1)\n        return q + k + v",
        "8",
        "l: Linear(8, 24) in net.py:10",
    ),
    (
        "self.c = nn.Conv2d(8, 4, 1)",
        "n, c = x.shape\n        return self.c(x)",
        "8x4x4",
        "n, c, _, _ = x.shape",
    ),
    (
        "self.c = nn.Conv2d(8, 4, 1)",
        "h = x.shape[3]\n        w = x.shape[4]\n        return self.c(x)[:, :, :h, :w]",
        "8x4x4",
        "h = x.shape[2] in net.py:13 and w = x.shape[3] in net.py:14",
    ),
    (
        "self.conv = nn.Conv2d(8, 4, 1)",
        "return self.cnov(x)",
        "8x4x4",
        "self.conv(x)",
    ),
    (
        "self.c = nn.Conv2d(8, 4, kernal_size=3)",
        "return self.c(x)",
        "8x4x4",
        "nn.Conv2d(8, 4, kernel_size=3) in net.py:10",
    ),
]


#: Lines that forget something, or take another one of several.
SLIPS = [
    ("self.c = nn.Conv2d(8, 4, 3)", "return F.relu(self.c)", "8x4x4", "F.relu(self.c(x))"),
    ("self.c = nn.Conv2d(8, 4, 3)", "x = F.relu(c(x))\n        return x", "8x4x4", "self.c(x)"),
    (
        "self.c = nn.Conv2d(8, 4, 3)",
        "return F.relu(self.half(x))\n\n    def half(self, x):\n        self.c(x)",
        "8x4x4",
        "return self.c(x) in net.py:16",
    ),
    (
        "self.c = nn.Conv2d(8, 4, 3)",
        "a, b = self.both(x)\n        return a + b\n\n"
        "    def both(self, x):\n        y = self.c(x), self.c(x)",
        "8x4x4",
        "return y before net.py:18",
    ),
    (
        "self.c = nn.Conv2d(8, cout / 4, 3)",
        "return self.c(x)",
        "8x4x4",
        "nn.Conv2d(8, cout // 4, 3) in net.py:10",
    ),
    (
        "self.d = cout / 4\n        self.c = nn.Conv2d(8, 4, 1)",
        "return self.c(x).view(len(x), self.d, -1)",
        "8x4x4",
        "self.d = cout // 4 in net.py:10",
    ),
    (
        "self.a = nn.Linear(8, 6)",
        "return x + self.a(x)",
        "5x8",
        "a: Linear(8, 8) in net.py:10",
    ),
    (
        "self.e = nn.Embedding(5, 4)",
        "return x + self.e(torch.arange(x.size(1)))",
        "5x8",
        "e: Embedding(5, 8) in net.py:10",
    ),
    (
        "self.c = nn.Linear(8, 8)",
        "q = self.c(x).view(len(x), 6, 2, 4).transpose(1, 2)\n        return q @ q.transpose(1, 2)",
        "6x8",
        "return q @ q.transpose(-2, -1)",
    ),
    (
        "self.c = nn.Linear(8, 8)",
        "v = self.c(x).view(len(x), 6, 2, 4)\n        return torch.ones(len(x), 2, 6, 6) @ v",
        "6x8",
        "return torch.ones(len(x), 2, 6, 6) @ v.transpose(1, 2)",
    ),
    (
        "self.c = nn.Conv2d(16, 4, 3)",
        "e1 = x\n        e2 = x[:, :4, ::2, ::2]\n        return self.c(torch.cat([x, e2], 1))",
        "8x8x8",
        "torch.cat([x, e1], 1)",
    ),
    (
        "self.c = nn.Conv2d(12, 4, 3)",
        "return self.c(torch.cat([x, x[:, :4]]))",
        "8x8x8",
        "torch.cat([x, x[:, :4]], dim=1)",
    ),
    (
        "self.c = nn.Conv2d(16, 4, 3)",
        "return self.c(torch.cat(x, x))",
        "8x8x8",
        "self.c(torch.cat([x, x], dim=1))",
    ),
    (
        "self.kv = nn.Linear(8, 8)",
        "k, v = self.kv(x).view(len(x), -1, 2, 8).unbind(2)\n        return x @ k.mT @ v",
        "5x8",
        "nn.Linear(8, 8 * 2) in net.py:10",
    ),
]


#: Mistakes of which each is found only when the one before it is mended.
SEVERAL = [
    (
        "self.a = nn.MultiheadAttention(8, 5); self.f = nn.Linear(9, 2)",
        "return self.f(self.a(x, x, x)[0])",
        "5x8",
        "nn.MultiheadAttention(8, 8) in net.py:10 and nn.Linear(8, 2) in net.py:10",
    ),
    (
        "self.a = nn.Conv2d(3, 16)\n        self.b = nn.Conv2d(16, 4)\n"
        "        self.f = nn.Linear(99, 2)",
        "return self.f(self.b(self.a(x)).flatten(1))",
        "3x9x9",
        "nn.Conv2d(3, 16, kernel_size=3) in net.py:10 and nn.Conv2d(16, 4, kernel_size=3) in "
        "net.py:11 and nn.Linear(100, 2) in net.py:12",
    ),
    (
        "self.conv1 = nn.Conv2d(3, 16, 3)\n        self.conv2 = nn.Conv2d(8, 4, 3)",
        "x = F.relu(self.con1(x))\n        return F.relu(self.con2(x))",
        "3x9x9",
        "self.conv1(x) in net.py:14 and self.conv2(x) in net.py:15 and nn.Conv2d(16, 4, 3) in "
        "net.py:11",
    ),
    (
        "self.a = nn.Linear(8, 7); self.b = nn.Linear(6, 5)\n        self.c = nn.Linear(6, 2)\n"
        "        self.n = nn.BatchNorm1d(9)",
        "return self.n(self.c(self.b(self.a(x))))",
        "8",
        "nn.Linear(7, 5) in net.py:10 and nn.Linear(5, 2) in net.py:11 and nn.BatchNorm1d(2) in "
        "net.py:12",
    ),
]


@pytest.mark.parametrize(
    ("layers", "forward", "sample", "fix"), [*FORMS, *OF_PYTHON, *SLIPS, *SEVERAL]
)
def test_operations_get_their_tensors_in_another_form(
    layers: str, forward: str, sample: str, fix: str
) -> None:
    network = prove_fixes.Network("net.py", SOURCE.format(layers, forward), sample)
    error = prove_fixes.traced_error(network, batch=3)
    assert error is not None
    assert " | ".join(each.text for each in error.fixes).startswith(fix)
    for changed, batches in prove_fixes.applied(network, error.fixes[0]):
        assert not prove_fixes.torch_runs(changed, batches)
    assert error.fixes[0].edits


def test_a_lazy_layer_has_to_take_a_batch_of_another_size_too() -> None:
    text = (
        "vars: {w: 4}\nlayers:\n"
        "  norm: BatchNorm2d(4)(input) if w > 3 else input\n"
        "  conv: LazyConv2d(2, 1)(norm)\n"
        "outputs: [input]\n"
    )
    network = prove_fixes.Network("net.yaml", text, "9x12")
    narrow = network._replace(text=text.replace("w: 4", "w: 3"))
    assert "Invalid channel dimensions" in prove_fixes.torch_runs(narrow, (1, 2))
    error = prove_fixes.traced_error(network)
    assert error is not None
    assert [fix.text for fix in error.fixes] == ["an input of 4×9×12"]


def test_a_layer_that_takes_the_batch_for_channels_is_not_mended_for_one_sample() -> None:
    text = (
        "layers:\n"
        "  column: input[:, :1].unflatten(1, (-1, 1))\n"
        "  conv: Conv2d(1, 1, 3, padding=1)\n"
        "  norm: InstanceNorm2d(1)\n"
    )
    network = prove_fixes.Network("net.yaml", text, "6")
    wider = network._replace(text=text.replace("1, 3,", "1, 2,"))
    assert not prove_fixes.torch_runs(wider, (1,))
    assert "Invalid channel dimensions" in prove_fixes.torch_runs(wider, (2,))
    error = prove_fixes.traced_error(network)
    assert error is not None
    assert not error.fixes


def test_what_only_gets_further_says_what_stops_then() -> None:
    layers = "self.a = nn.MultiheadAttention(8, 5)"
    network = prove_fixes.Network(
        "net.py", SOURCE.format(layers, "return self.a(x, x, x)[0].view(x.size(0), 7, 9)"), "5x8"
    )
    error = prove_fixes.traced_error(network)
    assert error is not None
    (fix,) = error.fixes
    assert (fix.tried, fix.edits) == (False, ())
    assert fix.text == (
        "nn.MultiheadAttention(8, 8) in net.py:10 (then view stops: cannot give 1×5×8 = 40 "
        "elements the shape (1, 7, 9))"
    )


def test_code_of_a_notebook_gets_fixes_of_its_cell(tmp_path: Path) -> None:
    code = SOURCE.format("self.a = nn.Linear(4, 3); self.b = nn.Linear(5, 2)",
                         "return self.b(self.a(x))")  # fmt: skip
    cells = [{"cell_type": "code", "source": text} for text in ("x = 1", code)]
    file = tmp_path / "net.ipynb"
    file.write_text(json.dumps({"cells": cells}), "utf-8")
    error = cs.trace(f"{file}:Net", "4").error
    assert error is not None
    (edit,) = error.fixes[0].edits
    assert (edit.file.rpartition(", ")[2], edit.line, edit.text) == ("cell 2", 10, "3")


def test_several_cells_of_a_notebook_are_changed(tmp_path: Path) -> None:
    half = SOURCE.replace("class Net", "class Half").format(
        "self.a = nn.Linear(4, 3); self.b = nn.Linear(5, 6)", "return self.b(self.a(x))"
    )
    whole = SOURCE.format("self.h = Half(); self.c = nn.Linear(7, 2)", "return self.c(self.h(x))")
    cells = [{"cell_type": "code", "source": text} for text in (half, whole)]
    file = tmp_path / "net.ipynb"
    file.write_text(json.dumps({"cells": cells}), "utf-8")
    error = cs.trace(f"{file}:Net", "4").error
    assert error is not None
    apply_fix.write(apply_fix.texts(error.fixes[0].edits))
    assert cs.trace(f"{file}:Net", "4").error is None


COPIES = """
import copy
from torch import nn


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.a, self.f = nn.MultiheadAttention(width, heads), nn.Linear(width, width)

    def forward(self, x):
        return self.f(self.a(x, x, value=x)[0])


class Net(nn.Module):
    def __init__(self, width=512, heads=8, layers=2, dropout=0.1, activation="relu",
                 normalize_before=False, return_intermediate_dec=False, batch_first=True):
        super().__init__()
        layer = Layer(width, heads)
        self.layers = nn.ModuleList([copy.deepcopy(layer) for _ in range(layers)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""


def test_a_fix_of_copies_names_what_it_changes(tmp_path: Path) -> None:
    """Copies are made where their layer is."""
    (tmp_path / "net.py").write_text(COPIES, "utf-8")
    error = cs.trace(f"{tmp_path / 'net.py'}:Net", "10x256").error
    assert error is not None
    assert error.fixes[0].text == f"Layer(256, heads) in {tmp_path / 'net.py'}:19"
    long = COPIES.replace("Layer(width, heads)", "Layer(width, heads  " + "#" * 100 + "\n)")
    (tmp_path / "net.py").write_text(long, "utf-8")
    error = cs.trace(f"{tmp_path / 'net.py'}:Net", "10x256").error
    assert error is not None
    assert error.fixes[0].text.startswith("layer = Layer(256, heads ##")


def test_a_fix_of_a_file_is_an_edit_of_it(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    text = "from torch import nn\n\nnet = nn.Sequential(nn.Flatten(), nn.Linear(9, 2))\n"
    file.write_text(text, encoding="utf-8")
    error = cs.trace(f"{file}:net", "1x2x4").error
    assert error is not None
    file.write_text(edited(text, error.fixes[0].edits), encoding="utf-8")
    assert cs.trace(f"{file}:net", "1x2x4").error is None


def test_a_layer_that_needs_two_other_arguments_gets_both_where_it_is_made(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text("from torch import nn\n\nnet = nn.Sequential(nn.Conv2d(3, 6, 5))\n", "utf-8")
    error = cs.trace(f"{file}:net", "1x3x5").error
    assert error is not None
    assert [edit.text for edit in error.fixes[0].edits] == ["1", ", padding=(1, 0)"]


SLOW = """
import torch
from torch import nn


def busy(x):
    sum(range(1_500_000))
    return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(8, 8, 3, padding=1) for _ in range(9))
        self.fc = nn.Linear(7, 2)

    def forward(self, x):
        for layer in self.layers:
            x = layer(busy(x))
        return self.fc(x.flatten(1))
"""


LONG = "input: 8x6x6\nlayers:\n" + 1000 * "  - Conv2d(8, 8, 3, padding=1)\n" + "  - GRU(7, 2)\n"


@pytest.mark.parametrize(("name", "text"), [("net.py", SLOW), ("net.yaml", LONG)])
def test_a_slow_network_is_not_tried_longer_than_two_seconds(
    name: str, text: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    begun = time.process_time()
    program = program_of(str(file), input="8x6x6")
    with program.session():
        result = run(program)
    once = time.process_time() - begun
    begun = time.process_time()
    diagnose(program, result)
    assert time.process_time() - begun < 2 + once / 4


CELL = """from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # é
        self.a = nn.Conv2d(3, 8, 3, padding=1)
    def forward(self, x):
        return self.a(x) + x"""


@pytest.mark.parametrize("is_list", [True, False])
@pytest.mark.parametrize("indent", [None, 1, "\t"])
@pytest.mark.parametrize("escaped", [True, False])
def test_a_fix_of_a_notebook_changes_the_lines_of_its_cell_alone(
    is_list: bool, indent: Any, escaped: bool, tmp_path: Path
) -> None:
    def notebook(*lines: str) -> str:
        code = "".join(lines) if not is_list else [*lines]
        cells = [
            {"cell_type": "markdown", "source": ["self.a(x) + x"]},
            {"cell_type": "code", "source": code, "outputs": [{"text": ["é"]}]},
        ]
        return json.dumps({"cells": cells}, indent=indent, ensure_ascii=escaped)

    lines = CELL.splitlines(keepends=True)
    file = tmp_path / "net.ipynb"
    file.write_text(notebook(*lines), "utf-8")
    error = cs.trace(f"{file}:Net", "3x8x8").error
    assert error is not None
    apply_fix.write(apply_fix.texts(error.fixes[0].edits))
    new = [*lines[:6], "        self.shortcut = nn.Conv2d(3, 8, 1)\n", lines[6]]
    new.append("        return self.a(x) + self.shortcut(x)")
    assert file.read_text("utf-8") == notebook(*new)
    assert cs.trace(f"{file}:Net", "3x8x8").error is None


@pytest.mark.parametrize(
    ("product", "again"), [("4 * 3 * 3", "4 * 4 * 4"), ("4*9", "4*16"), ("2*18", "2*32")]
)
def test_a_product_stays_a_product(product: str, again: str) -> None:
    layers = f"self.c = nn.Conv2d(8, 4, 3, padding=1); self.f = nn.Linear({product}, 2)"
    forward = "return self.f(F.max_pool2d(self.c(x), 2).flatten(1))"
    error = prove_fixes.traced_error(
        prove_fixes.Network("net.py", SOURCE.format(layers, forward), "8x8x8")
    )
    assert error is not None
    assert error.fixes[0].text == "Linear(64, 2) in net.py:10"
    assert [edit.text for edit in error.fixes[0].edits] == [again]


POSITIONS = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, length=50, width=16):
        super().__init__()
        position = torch.arange(length){as_column}
        rate = torch.exp(torch.arange(0, width, 2) * -0.5)
        table = torch.zeros(length, width)
        table[:, 0::2] = torch.sin(position * rate)
        table[:, 1::2] = torch.cos(position * rate)
        self.register_buffer("table", table)

    def forward(self, x):
        return x + self.table
"""


def test_a_vector_that_should_be_a_column_becomes_one_where_it_is_made(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(POSITIONS.format(as_column=""), "utf-8")
    with pytest.raises(ShapeError, match="cannot combine 50 and 8") as caught:
        cs.trace(str(file), "50x16")
    edits = caught.value.fixes[0].edits
    assert edited(file.read_text(), edits) == POSITIONS.format(as_column=".unsqueeze(1)")


PARTS = """
import torch
from torch import nn


class Heads(nn.Module):
    def __init__(self, width=64, heads=4):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, width * 3)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return ((q @ k.transpose(2, 3)).softmax(-1) @ v).transpose(1, 2).reshape(n, t, d)


class Latents(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.q = nn.Linear(width, width)
        self.kv = nn.Linear(width, width * 2)

    def forward(self, x):
        k, v = self.kv(x).chunk(2, dim=-1)
        return torch.einsum("nid,njd->nij", self.q(x), k).softmax(-1) @ v


class Modulated(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.modulation = nn.Linear(width, 6 * width)

    def forward(self, x):
        a, b, c, d, e, f = self.modulation(x).chunk(6, dim=-1)
        return c * (x * (1 + a) + b) + f * (x * (1 + d) + e)
"""


@pytest.mark.parametrize(
    ("name", "right", "mistake"),
    [
        ("Heads", "width * 3", "width * 4"),
        ("Latents", "width * 2", "width * 3"),
        ("Modulated", "6 * width", "4 * width"),
    ],
)
def test_a_layer_of_several_parts_gives_as_many_as_are_taken(
    name: str, right: str, mistake: str, tmp_path: Path
) -> None:
    file = tmp_path / "net.py"
    file.write_text(PARTS.replace(right, mistake), "utf-8")
    error = cs.trace(f"{file}:{name}", "10x64").error
    assert error is not None
    assert edited(file.read_text(), error.fixes[0].edits) == PARTS
