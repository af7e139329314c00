"""A trace from a process of its own is equal to one from this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from terminal import LENET, ROOT

import convshape as cs

SOURCE = """
import threading
import torch
from torch import nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, padding=1)
        self.norm = nn.BatchNorm2d(cout)
        self.choice = lambda x: x
        self.log = threading.Lock()

    def extra_repr(self):
        return "mine"

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.blocks = nn.ModuleList(Block(cin, 8) for cin in (3, 8, 8))
        self.head = nn.Linear(8 * 16 * 16, classes)

    def forward(self, x):
        print("hello")
        for block in self.blocks:
            x = block(x)
        x = F.max_pool2d(x, 2)
        return self.head(x.view(x.size(0), -1))
"""
FORMATS = ["plain", "csv", "markdown", "html", "json"]
COLUMNS = [
    "layer",
    "call",
    "input",
    "output",
    "params",
    "macs",
    "field",
    "stride",
    "start",
    "bytes",
    "equation",
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(SOURCE)


@pytest.mark.parametrize(
    ("target", "inputs"),
    [
        ("net.py", ["3x32x32"]),
        ("net.py:Net(classes=3)", []),
        ("net.py", ["3x36x36"]),
        ("net.py", [(4, 32, 32)]),
        (LENET, []),
        (str(ROOT / "examples" / "resnet18.yaml"), []),
        (str(ROOT / "examples" / "lstm_classifier.yaml"), []),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_trace_is_equal(target: str, inputs: list[str]) -> None:
    if not Path(target.partition(":")[0]).exists():
        pytest.skip(f"there is no {target}")
    here, there = (cs.trace(target, *inputs, isolated=isolated) for isolated in (False, True))
    assert there.to_dict() == here.to_dict()
    assert there.note == here.note
    for format in FORMATS:
        options = {} if format == "json" else {"columns": COLUMNS, "all": True}
        assert there.to(format, **options) == here.to(format, **options)
    assert str(there) == str(here)
    assert [row.layer for row in there.begun(all=True)] == [
        row.layer for row in here.begun(all=True)
    ]


def test_nothing_of_the_source_is_loaded_here(capfd: pytest.CaptureFixture[str]) -> None:
    modules, path = set(sys.modules), list(sys.path)
    Path("net.py").write_text(f"import os, signal\nos.chdir('/')\nMINE = 1\n{SOURCE}")
    trace = cs.trace("net.py", "3x32x32", isolated=True)
    assert trace.error is None
    new = {name for name in set(sys.modules) - modules if not name.startswith("convshape")}
    assert "net" not in sys.modules
    assert not any(name.startswith("torch.") for name in new)
    assert sys.path == path
    out, err = capfd.readouterr()
    assert out == ""
    assert "hello" in err


def test_what_is_wrong_is_raised_here() -> None:
    with pytest.raises(cs.SpecError, match="file not found"):
        cs.trace("missing.py", "3x8x8", isolated=True)
    Path("net.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    with pytest.raises(cs.SpecError, match=r"ended with -?9, and no result"):
        cs.trace("net.py", "3x8x8", isolated=True)
    with pytest.raises(cs.SpecError, match="takes a file or a module"):
        cs.trace(3, isolated=True)  # type: ignore[arg-type]


def test_it_is_guarded_there_too() -> None:
    Path("net.py").write_text(f"import os\nos.system('x')\n{SOURCE}")
    assert "net.py:2 wanted to start `x`" in cs.trace("net.py", "3x32x32", isolated=True).note
    assert os.getcwd() != "/"
