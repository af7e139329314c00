"""`verify`: what agrees with torch, what is seen to differ, and what cannot be compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from terminal import ROOT, run

from convshape.errors import SpecError
from convshape.verify import verify
from convshape.verify.device import check_device, version_note

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
NET = (
    "input: 3x8x8\nlayers:\n  conv: Conv2d(3, 4, 3)\n  act: ReLU()\n  flat: Flatten()\n"
    "  fc: Linear(144, 5)\n"
)
PRINTED = """\
Net(
  (features): Sequential(
    (0): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))
    (1): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (2): ReLU(inplace=True)
  )
  (fc): Linear(in_features=144, out_features=5, bias=True)
)
"""
SOURCE = """\
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.embed = nn.LazyLinear(5)
    def forward(self, x, scale=1.0, mask=None):
        x = torch.relu(self.conv(x)) * scale
        return self.embed(x.flatten(1))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def differs(found: Any) -> list[tuple[str, str]]:
    return [(each.path, each.what) for each in found.agreement.differences]


@pytest.mark.parametrize("file", EXAMPLES, ids=[file.stem for file in EXAMPLES])
def test_the_examples_agree(file: Path) -> None:
    found = verify(str(file), device="meta")
    assert found.agrees, found.agreement.differences
    assert all(pair.agrees for pair in found.agreement.pairs)


@pytest.mark.parametrize("where", ["cpu", "meta"])
@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("net.yaml", NET, {}),
        ("net.txt", PRINTED, {"input": ["3x8x8"]}),
        ("net.py", SOURCE, {"input": ["3x8x8", "scale=0.5"], "batch": 2}),
        ("lstm.yaml", "input: 5x4\nlayers: ['LSTM(4, 6, batch_first=True)']", {}),
        ("ids.yaml", "input: int64:7\nlayers: ['Embedding(9, 4)', 'LazyLinear(3)']", {}),
        ("bn.yaml", NET.replace("ReLU", "LazyBatchNorm2d"), {"train": True, "batch": 2}),
    ],
)
def test_every_kind_of_file_agrees(
    folder: Path, name: str, text: str, options: dict[str, Any], where: str
) -> None:
    Path(name).write_text(text)
    found = verify(name, device=where, **options)
    assert found.agrees, found.agreement.differences
    assert found.agreement.refused is None
    assert [pair.agrees for pair in found.agreement.pairs].count(True) >= 2
    assert found.ours.params == found.torchs.params > 0


def test_a_parameter_may_be_the_input_of_a_module(folder: Path) -> None:
    Path("net.py").write_text(
        SOURCE.replace(
            "self.embed = ", "self.token = nn.Parameter(torch.zeros(1, 144))\n        self.embed = "
        ).replace("x.flatten(1)", "self.token")
    )
    assert verify("net.py", input=["3x8x8"], device="meta").agrees


def test_an_example_agrees_where_there_are_numbers(device: str) -> None:
    assert verify(str(ROOT / "examples" / "lenet.yaml"), device=device).agrees


def halved(module: Any, x: torch.Tensor) -> torch.Tensor:
    return x[..., :4]


def doubled(module: Any, x: torch.Tensor) -> torch.Tensor:
    return x.double()


def refusing(module: Any, x: torch.Tensor) -> torch.Tensor:
    raise RuntimeError("not today")


@pytest.mark.parametrize(
    ("forward", "first"),
    [(halved, "output"), (doubled, "dtype"), (refusing, "refusal")],
)
def test_what_differs_is_seen(
    folder: Path, forward: Any, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a torch whose ReLU is another layer."""
    Path("net.yaml").write_text(NET)
    monkeypatch.setattr(torch.nn.ReLU, "forward", forward)
    found = verify("net.yaml")
    assert ("act", first) in differs(found)
    status, out, _ = run("verify", "net.yaml")
    assert status == 1
    assert "✗" in out
    assert f"{first} here " in out


def test_parameters_and_buffers_that_differ_are_seen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("net.yaml").write_text(NET)
    original = torch.nn.ReLU.__init__

    def init(self: Any, inplace: bool = False) -> None:
        original(self, inplace)
        self.register_buffer("scale", torch.ones(3))
        self.slope = torch.nn.Parameter(torch.ones(2))

    monkeypatch.setattr(torch.nn.ReLU, "__init__", init)
    found = differs(verify("net.yaml"))
    assert ("act", "params") in found
    assert ("act.slope", "parameter") in found
    assert ("act.scale", "buffer") in found


@pytest.mark.parametrize(
    ("layers", "at"),
    [
        ("{a: 'Conv2d(3, 4, 3)', b: 'Linear(7, 3)'}", "b"),
        ("{a: 'Conv2d(3, 4, -3)'}", "a"),
        ("{a: 'Conv2d(3, 4, 3)', b: 'a.view(7)'}", "b"),
        ("{a: 'Conv2d(4, 4, 3)'}", "a"),
        ("{a: 'ReLU()', b: 'MaxPool2d(3, padding=2)'}", "b"),
    ],
)
def test_what_both_refuse_at_the_same_call_agrees(folder: Path, layers: str, at: str) -> None:
    Path("net.yaml").write_text(f"input: 3x8x8\nlayers: {layers}")
    found = verify("net.yaml")
    assert found.agrees, found.agreement.differences
    assert found.agreement.refused == at
    status, out, err = run("verify", "net.yaml")
    assert (status, err) == (0, "")
    assert "both refuse" in out


def test_a_source_that_both_refuse_agrees(folder: Path) -> None:
    Path("net.py").write_text(SOURCE.replace("x.flatten(1)", "x.view(7)"))
    found = verify("net.py", input=["3x8x8"])
    assert (found.agrees, found.agreement.refused) == (True, "view")


def test_json(folder: Path) -> None:
    Path("net.yaml").write_text(NET)
    status, out, _ = run("verify", "net.yaml", "--json", "--device", "meta")
    found = json.loads(out)
    assert (status, found["schema"], found["command"]) == (0, 1, "verify")
    assert (found["agrees"], found["device"], found["differences"]) == (True, "meta", [])
    assert found["torch"] == torch.__version__.partition("+")[0]
    assert found["rows"][1] == {
        "path": "conv",
        "call": "Conv2d(3, 4, 3)",
        "out": [[1, 4, 6, 6]],
        "torch_out": [[1, 4, 6, 6]],
        "agrees": True,
    }


def test_standard_input_is_read_for_both() -> None:
    status, out, _ = run("verify", "-", "--device", "meta", input=NET)
    assert (status, "5 rows agree" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.yaml"], "file not found"),
        (["net.yaml", "--device", "abacus"], "torch has no device 'abacus'"),
        (["net.yaml", "--device", "cuda:63"], "cuda" if torch.cuda.is_available() else "CUDA"),
        (["net.yaml", "--in", "3x"], "cannot read"),
        (["broken.yaml"], "Conv9d"),
        (["net.txt"], "does not show its input"),
    ],
)
def test_what_cannot_be_compared(folder: Path, arguments: list[str], message: str) -> None:
    Path("net.yaml").write_text(NET)
    Path("net.txt").write_text("ReLU()")
    Path("broken.yaml").write_text(NET.replace("Conv2d", "Conv9d"))
    status, out, err = run("verify", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    status, out, err = run("verify", *arguments, "--json")
    assert (status, err) == (2, "")
    assert message in json.loads(out)["error"]["message"]


def test_what_meta_cannot_run_is_said(folder: Path) -> None:
    source = SOURCE.replace("x.flatten(1)", "x[x > -1].view(1, -1)")
    Path("net.py").write_text(source)
    with pytest.raises(SpecError):
        verify("net.py", input=["3x8x8"], device="meta")


def test_no_memory_is_no_refusal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("net.yaml").write_text(NET)

    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(torch.nn.ReLU, "forward", forward)
    with pytest.raises(SpecError, match="not enough memory") as raised:
        verify("net.yaml")
    assert "meta" in raised.value.fix


def test_without_torch_it_says_how_to_install_it(folder: Path) -> None:
    Path("net.yaml").write_text(NET)
    code = (
        "import sys; sys.modules['torch'] = None; from convshape.cli import main; "
        "main(['verify', 'net.yaml'])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 2
    assert "fix: pip install 'convshape[verify]'" in ended.stderr


def test_another_version_of_torch_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert version_note("2.13.1") == ""
    Path("net.yaml").write_text(NET)
    monkeypatch.setattr(torch, "__version__", "2.6.0+cu124")
    status, out, err = run("verify", "net.yaml", "--device", "meta")
    assert status == 0
    assert "torch 2.6.0 on meta" in out
    assert "this is torch 2.6.0" in err


def test_devices() -> None:
    for name in ("cpu", "meta"):
        check_device(torch, name)
    if not torch.cuda.is_available():
        with pytest.raises(SpecError, match=r"CUDA|cuda"):
            check_device(torch, "cuda")
