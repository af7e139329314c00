"""What torchinfo also shows: weights as rows, trainable parts, repeated calls, no input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from terminal import LENET, run
from torch import nn

import convshape as cs
from convshape.errors import SpecError


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, (3, 5))
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(4, 4)
        self.frozen = nn.Linear(4, 2).requires_grad_(False)
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.conv(x)).mean((2, 3)) * self.scale
        return self.frozen(self.fc(self.fc(x)))


def table(trace: Any, **options: Any) -> dict[str, list[str]]:
    """Return the columns of the rows, by the path and how often it stood before."""
    lines = trace.to_csv(**options).splitlines()
    return {f"{line.split(',')[0]}{'+' * index}": line.split(",")[1:] for index, line in
            ((sum(before.split(",")[0] == line.split(",")[0] for before in lines[:i]), line)
             for i, line in enumerate(lines))}  # fmt: skip


def test_each_weight_has_a_line_at_the_first_call() -> None:
    rows = table(cs.trace(Net(), (3, 9, 9)), columns=["layer", "call", "params"], weights=True)
    assert rows["conv.weight"] == ["4x3x3x5 float32", "180"]
    assert rows["conv.bias"] == ["4 float32", "4"]
    assert rows["fc.weight"] == ["4x4 float32", "16"]
    assert "fc+" in rows
    assert "fc.weight+" not in rows


def test_weights_in_json() -> None:
    _, out, _ = run("trace", LENET, "--weights", "--json")
    rows = {row["path"]: row["weights"] for row in json.loads(out)["rows"]}
    assert rows["conv1"][0] == {
        "name": "weight",
        "shape": [6, 3, 5, 5],
        "dtype": "float32",
        "params": 450,
        "trainable": True,
    }
    assert rows["relu1"] == []


def test_kernels_what_is_trained_and_what_is_called_again() -> None:
    columns = ["layer", "kernel", "trainable", "again"]
    rows = table(cs.trace(Net(), (3, 9, 9)), columns=columns, weights=True)
    assert rows["conv"] == ["3x5", "yes", ""]
    assert rows["pool"] == ["2", "", ""]
    assert rows["fc+"] == ["", "yes", "again"]
    assert rows["frozen"] == ["", "no", ""]
    assert rows["frozen.weight"] == ["", "no", ""]
    mixed = nn.Sequential(nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4).requires_grad_(False)))
    assert table(cs.trace(mixed, (4,)), columns=["layer", "trainable"])["0"] == ["partly"]


@pytest.mark.parametrize("kind", ["live", "shape", "torch", "yaml", "print"])
def test_without_an_input(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = (
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.conv = nn.Conv2d(3, 4, 3)\n"
        "        self.list = nn.ModuleList([nn.Linear(4, 5)])\n"
    )
    Path("net.py").write_text(code + "    def forward(self, x, y): ...\n")
    Path("net.yaml").write_text(
        "input: 3x8x8\nlayers: {conv: 'Conv2d(3, 4, 3)', fc: 'Linear(6, 5)'}"
    )
    Path("net.txt").write_text("Net(\n  (conv): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))\n)")
    names: dict[str, Any] = {}
    exec(code, names)
    target = {"live": names["Net"](), "yaml": "net.yaml", "print": "net.txt"}.get(kind, "net.py")
    engine = kind if kind in ("shape", "torch") else None
    trace = cs.trace(target, no_input=True, engine=engine)
    assert trace.error is None
    assert [row.path for row in trace][:2] == ["", "conv"]
    assert trace.rows[1].layer == "Conv2d(3, 4, 3)"
    assert trace.rows[1].params == 112
    assert (trace.macs, trace.rows[1].outputs) == (0, [])
    assert trace.params > 100
    assert "output" not in str(trace)


def test_without_an_input_on_the_command_line() -> None:
    status, out, _ = run("trace", LENET, "--no-input")
    assert status == 0
    assert out.splitlines()[2].split() == ["layer", "call", "params"]
    status, _, err = run("trace", LENET, "--no-input", "--in", "3x32x32")
    assert status == 2
    assert "leave out" in err
    with pytest.raises(SpecError, match="without an input"):
        cs.trace(Net(), (3, 9, 9), no_input=True)
    with pytest.raises(SpecError, match="is a class"):
        cs.trace(Net, no_input=True)
