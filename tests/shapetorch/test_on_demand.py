"""Names are loaded when they are asked for, and none is missing."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

import convshape as cs
from convshape.shapetorch import nn
from convshape.shapetorch.ops import spaces  # noqa: F401 - it gives tensors their operators
from convshape.shapetorch.tensor import Tensor
from convshape.shapetorch.torch_module import namespace


def of_its_files(package: ModuleType) -> dict[str, Any]:
    """Return what the files of a package define."""
    homes = [import_module(f"{package.__name__}.{path.stem}") for path in files(package)]
    return {
        name: value
        for home in homes
        for name, value in vars(home).items()
        if getattr(value, "__module__", "") == home.__name__ and name[0] != "_"
    }


def files(package: ModuleType) -> list[Path]:
    return [path for path in Path(package.__path__[0]).glob("*.py") if path.stem[0] != "_"]


def test_every_layer_of_every_file_is_there() -> None:
    layers = {
        name: value
        for name, value in of_its_files(nn.modules).items()
        if isinstance(value, type) and "_example" in vars(value)
    }
    assert len(layers) > 100
    assert {name: getattr(nn, name) for name in layers} == layers
    assert layers.keys() <= {*nn.__all__}


def test_every_function_of_every_file_is_there() -> None:
    functions = {
        name: value
        for name, value in of_its_files(nn.functional).items()
        if hasattr(value, "__wrapped__")
    }
    assert {name: getattr(nn.functional, name) for name in nn.functional.__all__} == functions
    assert len(functions) > 100


@pytest.mark.parametrize("package", [nn.functional, nn])
def test_what_is_not_there_is_said(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Conv9d'"):
        _ = package.Conv9d


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        (
            "from convshape.shapetorch.tensor import Tensor; "
            "print(Tensor((2, 3)).flatten(), Tensor((6,)).prelu(Tensor((1,))))",
            "Tensor((6,)) Tensor((6,))",
        ),
        (
            "import convshape as cs; members = {'forward': lambda self, x: -x}; "
            "print(cs.trace(type('Net', (cs.nn.Module,), members)(), (3, 4)).ok)",
            "True",
        ),
        ("import convshape.shapetorch as t; print(t.layout is type(t.strided))", "True"),
        ("from convshape.shapetorch.nn import *; print(Linear.__name__)", "Linear"),
    ],
)
def test_a_new_process_has_it(code: str, printed: str) -> None:
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == printed


@pytest.mark.parametrize(
    "text",
    ["x + 1", "1 - x", "-x", "x @ x", "x[0]", "x == x", "x != 1", "~(x > 0)", "[*x][0]", "abs(x)"],
)
def test_every_operator_can_be_the_first(text: str) -> None:
    head = "from convshape.shapetorch.tensor import Tensor; x = Tensor((2, 2)); "
    code = f"{head}print((({text}).ndim, ({text}).dtype) == (({text}).ndim, ({text}).dtype))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "True\n"


@pytest.mark.parametrize("text", ["y += 1", "y[0] = 1", "y //= 2"])
def test_a_first_operator_in_place_is_one(text: str) -> None:
    head = "from convshape.shapetorch.tensor import Tensor; x = y = Tensor((2, 2))"
    code = f"{head}\n{text}\nprint(x is y)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "True\n"


def test_no_operator_is_left_to_be_loaded() -> None:
    left = [n for n in dir(Tensor) if "_loading" in getattr(getattr(Tensor, n), "__qualname__", "")]
    assert left == []


@pytest.mark.parametrize("name", ["torch.nn", "torch.nn.functional", "torch.nn.init"])
def test_who_lists_a_module_of_torchs_gets_all(name: str) -> None:
    home = import_module(f"convshape.shapetorch{name.removeprefix('torch')}")
    module: Any = namespace(name)
    public = set(home.__all__) if hasattr(home, "__all__") else {"xavier_uniform_"}
    assert public <= {*dir(module)}
    assert all(vars(module)[n] is getattr(home, n) for n in public)
    assert "promoted" not in vars(namespace("torch.nn.functional"))  # a helper


@pytest.mark.parametrize("call", ["x.hardshrink()", "x.prelu(Parameter(zeros(3)))"])
def test_a_network_file_has_all_methods(call: str, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(f"inputs: {{x: 3x8x8}}\nlayers:\n  y: {call}\n")
    assert cs.trace(file).output == (1, 3, 8, 8)


def test_relu_in_place_has_a_field(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x8x8\nlayers:\n  c: Conv2d(3, 4, 3)\n  r: torch.relu_(c)\n")
    assert cs.trace(file).field == [(3, 1, 0), (3, 1, 0)]


def test_a_call_without_a_name_is_of_no_layer() -> None:
    assert getattr(nn, "", None) is None


@pytest.mark.parametrize("module", [torch, torch.nn, torch.nn.functional])
def test_code_that_asks_for_a_name_gets_the_answer_of_torch(module: ModuleType) -> None:
    ours = namespace(module.__name__)
    known = {name for name in dir(module) if name[0] != "_"}
    assert all(hasattr(ours, name) for name in known)
    near = {f"{name}s" for name in known} | {name.upper() for name in known}
    assert {name for name in near if hasattr(ours, name)} == near & known
