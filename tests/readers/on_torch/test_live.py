"""Live modules of torch: the trace of their source, and nothing of them is changed."""

from __future__ import annotations

import json
import random
import threading
import warnings
from collections import namedtuple
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import convshape as cs
from convshape.errors import ShapeError, SpecError
from convshape.run.record import tensors

SOURCE = """\
import torch
from torch import nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.down = nn.Conv2d(cin, cout, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)) + self.down(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(3, 8, 2), Block(8, 8))
        self.shared = nn.Linear(8, 8)
        self.tied = nn.Linear(8, 8)
        self.tied.weight = self.shared.weight
        self.head = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        x = self.blocks(x).flatten(2).transpose(1, 2)
        x = self.tied(self.shared(self.shared(x)))
        return self.head(x, x, x)[0].mean(1)
"""


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.bn = nn.BatchNorm2d(4)
        self.drop = nn.Dropout()
        self.calls: list[int] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls.append(len(self.calls))
        self.last = x
        return self.drop(F.relu(self.bn(self.conv(x)))) + torch.rand(()) + random.random()


class OfValues(Small):
    """It asks for values, so that it cannot run without arithmetic."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = super().forward(x)
        np.random.rand()
        return y if float(y.detach().sum()) > -1e9 else y[:, :1]


MODULES = [Small, OfValues]


@pytest.fixture(params=MODULES, ids=[kind.__name__ for kind in MODULES])
def module(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.mark.parametrize("train", [False, True])
def test_the_trace_of_a_module_is_that_of_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, train: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(SOURCE)
    names: dict[str, Any] = {}
    exec(compile(SOURCE, str(tmp_path / "net.py"), "exec"), names)
    ours = cs.trace("net.py:Net", (3, 8, 8), batch=2, train=train)
    live = cs.trace(names["Net"](), (3, 8, 8), batch=2, train=train)
    assert live.error is None
    # What a class of the user's was made with, only its source tells.
    text = (
        json.dumps(ours.to_dict())
        .replace("Block(3, 8, 2)", "Block")
        .replace("Block(8, 8)", "Block")
    )
    assert live.to_dict() == json.loads(text)
    assert [row.outputs for row in live.calls()] == [row.outputs for row in ours.calls()]
    assert {row.where for row in live.rows[1:]} > {"net.py:14", "net.py:27"}


# It is left as it was


def test_the_mode_stays(module: Any) -> None:
    module.bn.eval()
    before = [part.training for part in module.modules()]
    for train in (False, True):
        cs.trace(module, (3, 8, 8), batch=2, train=train)
        assert [part.training for part in module.modules()] == before


def test_the_device_and_the_tensors_stay(module: Any) -> None:
    tensors = dict(module.named_parameters()) | dict(module.named_buffers())
    values = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    versions = {name: tensor._version for name, tensor in tensors.items()}
    cs.trace(module, (3, 8, 8), batch=2, train=True)
    after = dict(module.named_parameters()) | dict(module.named_buffers())
    for name, tensor in tensors.items():
        assert after[name] is tensor
        assert tensor.device.type == "cpu"
        assert tensor._version == versions[name]
        assert torch.equal(tensor, values[name])


def test_hooks_stay_and_run_on_the_copy(module: Any) -> None:
    seen: list[Any] = []
    module.conv.register_forward_hook(lambda part, args, out: seen.append(part))
    hooks = deepcopy(list(module.conv._forward_hooks))
    cs.trace(module, (3, 8, 8))
    assert list(module.conv._forward_hooks) == hooks
    assert not module._forward_hooks
    assert not module._forward_pre_hooks
    assert seen
    assert all(part is not module.conv for part in seen)
    assert "__call__" not in vars(nn.Module) or nn.Module.__call__.__name__ != "call"


def test_gradients_stay(module: Any) -> None:
    module(torch.rand(2, 3, 8, 8)).sum().backward()
    before = {name: p.grad.clone() for name, p in module.named_parameters()}
    cs.trace(module, (3, 8, 8))
    for name, parameter in module.named_parameters():
        assert torch.equal(parameter.grad, before[name])
        assert parameter.requires_grad
    assert torch.is_grad_enabled()


def test_attributes_stay(module: Any) -> None:
    before = dict(vars(module))
    cs.trace(module, (3, 8, 8))
    assert vars(module) == before
    assert module.calls == []


def test_random_numbers_stay(module: Any) -> None:
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    cs.trace(module, (3, 8, 8), train=True)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert (np.random.get_state()[1] == states[2]).all()


def test_inputs_stay(module: Any) -> None:
    x = torch.rand(2, 3, 8, 8)
    before, version = x.clone(), x._version
    net = nn.Sequential(nn.ReLU(inplace=True), module)
    assert cs.trace(net, x - 0.5).rows[0].outputs == [(2, 4, 6, 6)]
    assert cs.trace(net, x).error is None
    assert torch.equal(x, before)
    assert x._version == version


def test_a_lazy_module_stays_lazy() -> None:
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(5))
    trace = cs.trace(net, (3, 8, 8))
    assert [row.layer for row in trace.rows[1:]] == [
        "Conv2d(3, 4, 3)",
        "Flatten()",
        "Linear(144, 5)",
    ]
    assert trace.params == 4 * 27 + 4 + 144 * 5 + 5
    assert isinstance(net[0], nn.LazyConv2d)
    assert isinstance(net[2], nn.LazyLinear)
    assert nn.parameter.is_lazy(net[2].weight)


def test_a_lazy_module_whose_forward_needs_values_stays_lazy() -> None:
    class Values(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.LazyLinear(3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.layer(x)
            return y if y.sum().item() < 1e9 else y[0]

    module = Values()
    assert cs.trace(module, (4,)).output == (1, 3)
    assert isinstance(module.layer, nn.LazyLinear)


def test_it_stays_where_it_cannot_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where memory has no room for a copy the module itself runs, and gets everything back."""

    def no_room(*args: Any) -> Any:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr("convshape.readers.on_torch.live.copy_of", no_room)
    module = Small()
    values = {name: b.clone() for name, b in module.named_buffers()}
    before = dict(vars(module))
    assert cs.trace(module, (3, 8, 8), batch=2, train=True).rows[0].outputs == [(2, 4, 6, 6)]
    assert vars(module) == before
    assert module.calls == []
    for name, buffer in module.named_buffers():
        assert torch.equal(buffer, values[name]), name


def test_memory_that_is_full_is_said() -> None:
    class Full(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GB")

    error = cs.trace(Full(), (3,)).error
    assert isinstance(error, SpecError)
    assert "not enough memory" in error.message


# What goes in and comes out

Point = namedtuple("Point", "x y")


@dataclass
class Result:
    logits: torch.Tensor
    hidden: list[torch.Tensor]


class Many(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 5)

    def forward(self, batch: Any, scale: float = 1.0, *, mask: Any = None) -> Any:
        x = self.fc(batch["a"]) * scale
        for other in batch["b"]:
            x = x + other
        return Result(x if mask is None else x * mask, [x, Point(x.sum(1), {"deep": x[0]})])


@pytest.mark.parametrize(
    ("args", "named", "size"),
    [
        (({"a": (4,), "b": [(5,), (5,)]},), {}, 1),
        (({"a": torch.zeros(3, 4), "b": ()},), {"scale": 0.5, "mask": torch.ones(3, 1)}, 3),
        (({"a": (4,), "b": ()}, 2.0), {"mask": (1,)}, 1),
        ((), {"batch": {"a": (4,), "b": [torch.ones(1, 5)]}}, 1),
    ],
)
def test_nested_inputs_and_outputs(args: Any, named: Any, size: int) -> None:
    trace = cs.trace(Many(), *args, **named)
    assert trace.error is None, trace.error
    x = (size, 5)
    assert trace.rows[0].outputs == [x, x, (size,), (5,)]


class Policy(nn.Module):
    def __init__(self, make: Any) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.make = make

    def forward(self, x: torch.Tensor) -> Any:
        return self.make(self.fc(x))


@pytest.mark.parametrize(
    ("make", "outputs"),
    [
        (lambda y: torch.distributions.Categorical(logits=y), [(1, 3), (1, 3)]),
        (lambda y: torch.distributions.Normal(y, 1.0), [(1, 3), (1, 3)]),
        (lambda y: torch.distributions.Poisson(y.exp()), [(1, 3)]),
        (lambda y: torch.distributions.StudentT(2.0, y), [(1, 3), (1, 3), (1, 3)]),
        (
            lambda y: torch.distributions.MultivariateNormal(y, scale_tril=torch.eye(3)),
            [(1, 3), (1, 3, 3)],
        ),
    ],
)
def test_distributions_are_shown_by_their_parameters(
    make: Any, outputs: list[tuple[int, ...]]
) -> None:
    trace = cs.trace(Policy(make), (4,))
    assert trace.error is None, trace.error
    assert trace.rows[0].outputs == outputs
    assert trace.macs == 12  # what torch computes to show them is not the network's


def test_indices_are_int64() -> None:
    trace = cs.trace(nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 2)), (7,))
    assert trace.rows[0].outputs == [(1, 7, 2)]
    assert "int64" in trace.note


def test_samples_have_the_dtype_of_the_parameters() -> None:
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        trace = cs.trace(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).to(dtype), (3, 8, 8))
        assert trace.error is None
        assert trace.rows[0].result.dtype.name == str(dtype).removeprefix("torch.")
        assert trace.param_bytes() == (4 * 27 + 4) * dtype.itemsize


# Modules that are wrapped, shared, called again


def test_shared_modules_count_once() -> None:
    shared = nn.Linear(4, 4)
    trace = cs.trace(nn.Sequential(shared, nn.ReLU(), shared), (4,))
    assert [row.path for row in trace] == ["", "0", "1", "0"]
    assert trace.params == 20
    assert trace.macs == 32


def test_compiled_modules_are_those_that_were_compiled() -> None:
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    wanted = cs.trace(plain, (3, 8, 8)).to_dict()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = torch.compile(plain)
        within = nn.Sequential(torch.compile(plain[0]), plain[1])
    assert cs.trace(compiled, (3, 8, 8)).to_dict() == wanted
    assert cs.trace(within, (3, 8, 8)).to_dict() == wanted
    plain.compile()
    assert cs.trace(plain, (3, 8, 8)).to_dict() == wanted
    assert plain._compiled_call_impl is not None


def test_data_parallel() -> None:
    trace = cs.trace(nn.DataParallel(nn.Conv2d(3, 4, 3)), (3, 8, 8))
    assert [(row.path, row.outputs) for row in trace] == [
        ("", [(1, 4, 6, 6)]),
        ("module", [(1, 4, 6, 6)]),
    ]


def test_scripted_and_quantized_modules() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()))
        kinds = {nn.Linear}
        quantized = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(4, 5)), kinds)
        assert cs.trace(scripted, (3, 8, 8)).rows[0].outputs == [(1, 4, 6, 6)]
        assert cs.trace(quantized, (4,)).rows[0].outputs == [(1, 5)]


def test_what_cannot_be_copied_is_shared() -> None:
    class Locked(Small):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()
            self.source = (n for n in range(3))

    assert cs.trace(Locked(), (3, 8, 8)).rows[0].outputs == [(1, 4, 6, 6)]


# What does not fit


def test_a_refusal_is_explained_in_our_words() -> None:
    trace = cs.trace(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(100, 5)), (3, 8, 8))
    assert isinstance(trace.error, ShapeError)
    assert trace.error.message == "2: Linear(100, 5) expects 100 features, but receives 144"
    assert trace.error.fix == "Linear(144, 5)"
    assert "torch says" in trace.error.why
    assert trace.failed is not None
    assert trace.failed.path == "2"


def test_a_refusal_of_what_only_torch_knows_is_torchs() -> None:
    class Lists(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch._foreach_add([x], [x, x])[0]

    error = cs.trace(Lists(), (4,)).error
    assert error is not None
    assert "Tensor lists must have the same number of tensors" in error.message


@pytest.mark.parametrize(
    ("args", "named", "message"),
    [
        ((), {}, "takes 1 input"),
        (((3, 8, 8), (3, 8, 8)), {}, "takes 1 input"),
        (((3, 8, 8),), {"y": (3,)}, "no input 'y'"),
        (("3x",), {}, "cannot read"),
    ],
)
def test_inputs_that_it_does_not_take(args: Any, named: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        cs.trace(Small(), *args, **named)


def test_a_class_is_no_module() -> None:
    with pytest.raises(SpecError, match="Small is a class") as raised:
        cs.trace(Small, (3, 8, 8))
    assert "trace(Small(...), (3, 32, 32))" in raised.value.fix


def test_an_error_of_the_users_code_is_said() -> None:
    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return {}["nothing"]

    error = cs.trace(Broken(), (3,)).error
    assert isinstance(error, SpecError)
    assert "KeyError" in error.message
    assert "test_live.py" in error.where


def test_a_dtype_is_said_inside_of_dictionaries_and_lists() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(10, 4)

        def forward(self, batch: dict[str, Any], more: list[Any]) -> Any:
            return self.embed(batch["ids"]) + self.embed(more[1]) + batch["x"] + more[0]

    named = {"x": (7, 4), "ids": "int64:7"}
    trace = cs.trace(Tokens().half(), named, [(7, 4), "int32:7"])
    assert (trace.error, trace.note) == (None, "")
    kinds = [t.dtype.name for t in tensors(trace.record.arguments)]
    assert kinds == ["float16", "int64", "float16", "int32"]
