"""A mistake that is made several times is fixed in all of its places."""

from __future__ import annotations

from pathlib import Path

import pytest

import convshape as cs
from convshape.edits import edited

HEAD = "import torch\nfrom torch import nn\n\n\n"
UNET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.d1, self.d2 = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.d3 = nn.Conv2d(32, 64, 3, padding=1)
        self.up1, self.up2 = nn.ConvTranspose2d(64, 32, 2, 2), nn.ConvTranspose2d(32, 16, 2, 2)
        self.u1, self.u2 = nn.Conv2d(64, 32, 3, padding=1), nn.Conv2d(32, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        a = self.d1(x)
        b = self.d2(self.pool(a))
        y = self.up1(self.d3(self.pool(b)))
        y = self.up2(self.u1(torch.cat([y, b], 1)))
        return self.u2(torch.cat([y, a], 1))
"""
BLOCK = """\
class Block(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        return self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(Block(3, 32), nn.MaxPool2d(2), Block(32, 64), nn.Conv2d(64, 5, 1))
"""
RESIDUAL = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 3, 3, padding=1)
        self.b = nn.Conv2d(3, 3, 3, padding=1)
        self.c = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        x = x + torch.relu(self.a(x))
        x = x + torch.relu(self.b(x))
        return x + torch.relu(self.c(x))
"""
BRANCHES = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3)
        self.pool = nn.MaxPool2d(2)
        self.mean = nn.Linear(8 * 15 * 15, 10)
        self.spread = nn.Linear(8 * 15 * 15, 10)

    def forward(self, x):
        a = self.pool(self.a(x)).flatten(1)
        b = self.pool(self.b(x)).flatten(1)
        return self.mean(a), self.spread(b)
"""
ATTENTION = """\
class Net(nn.Module):
    def __init__(self, width=32, heads=4):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))
        self.heads = heads

    def forward(self, x):
        n, t, d = x[:, 0].shape
        q = self.q(x[:, 0]).view(n, t, self.heads, d // self.heads).transpose(1, 2)
        k = self.k(x[:, 0]).view(n, t, self.heads, d // self.heads).transpose(1, 2)
        v = self.v(x[:, 0]).view(n, t, self.heads, d // self.heads).transpose(1, 2)
        weights = (q @ k.transpose(2, 3)).softmax(-1)
        return (weights @ v).transpose(1, 2).reshape(n, t, d)
"""
CASES = [
    (ATTENTION, "d // self.heads", "d"),
    (UNET, "], 1)", "], 0)"),
    (BLOCK, "BatchNorm2d(cout)", "BatchNorm2d(cin)"),
    (RESIDUAL, "3, 3, 3, padding=1)", "3, 3, 3)"),
    (BRANCHES, ").flatten(1)", ").view(-1, 8 * 16 * 16)"),
    (BRANCHES, "8 * 15 * 15, 10)", "8 * 16 * 16, 10)"),
]


@pytest.mark.parametrize(("right", "text", "mistake"), CASES)
def test_a_repeated_mistake_is_fixed_everywhere(
    right: str, text: str, mistake: str, tmp_path: Path
) -> None:
    file = tmp_path / "net.py"
    file.write_text(HEAD + right.replace(text, mistake))
    error = cs.trace(f"{file}:Net", "3x32x32").error
    assert error is not None
    assert edited(file.read_text(), error.fixes[0].edits) == HEAD + right


def test_a_call_of_another_function_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    other = "\n\ndef unused(cin):\n    return nn.BatchNorm2d(cin)\n"
    file.write_text(HEAD + BLOCK.replace("(cout)", "(cin)") + other)
    error = cs.trace(f"{file}:Net", "3x32x32").error
    assert error is not None
    assert edited(file.read_text(), error.fixes[0].edits) == HEAD + BLOCK + other


def test_the_places_of_the_same_text_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(HEAD + BLOCK.replace("(cout)", "(cin)"))
    error = cs.trace(f"{file}:Net", "3x32x32").error
    assert error is not None
    assert error.fix == f"nn.BatchNorm2d(cout) in {file}:9, {file}:11"
