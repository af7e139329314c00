"""Estimates of memory, beside what torch keeps for the pass backwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from terminal import LENET, ROOT, run

import convshape as cs
from convshape.readers.on_torch.torch_engine import load

#: How far the estimate may be off: attention keeps what nobody sees.
CLOSE = {"vit": 0.1, "wavenet": 0.07}
NETWORKS = (
    "alexnet dcgan_generator densenet121 googlenet lenet mobilenetv2 resnet18 squeezenet "
    "unet vae vgg16 vit wavenet"
)


def kept_by_torch(file: str) -> int:
    """Count the storage bytes that autograd keeps in training, without parameters and buffers."""
    program = load(file, "meta")
    module = program.module.train()

    def storage(tensor: torch.Tensor) -> Any:
        return tensor.untyped_storage()

    owned = {storage(t)._cdata for t in (*module.parameters(), *module.buffers())}
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[storage(tensor)._cdata] = tensor
        return tensor

    inputs = [torch.zeros(t.shape, device="meta") for t in program.inputs]
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        module(*inputs)
    return sum(storage(t).nbytes() for key, t in kept.items() if key not in owned)


@pytest.mark.parametrize("name", NETWORKS.split())
def test_saved_activations_are_what_torch_keeps(name: str) -> None:
    file = str(ROOT / "examples" / f"{name}.yaml")
    memory = cs.trace(file, train=True).memory()
    kept = kept_by_torch(file)
    assert memory.saved + memory.input == pytest.approx(kept, rel=CLOSE.get(name, 0.02))


def test_the_parts_of_the_estimate() -> None:
    trace = cs.trace(LENET)
    memory = trace.memory()
    assert memory.input == 3 * 32 * 32 * 4
    assert memory.parameters == memory.gradients == 4 * trace.params
    assert memory.forward_backward == 2 * trace.activation_bytes()
    assert memory.total == memory.input + memory.forward_backward + memory.parameters
    assert [memory.state(name) for name in ("SGD", "SGD with momentum", "Adam")] == [
        0,
        memory.gradients,
        2 * memory.gradients,
    ]
    assert memory.training("Adam") == (
        memory.input + memory.saved + memory.parameters + 3 * memory.gradients
    )
    half = trace.memory(cs.trace(LENET).rows[0].result.dtype.__class__("float16", 2, 2))
    assert half.parameters * 2 == memory.parameters


def test_frozen_parameters_have_no_gradients() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Linear(5, 6))
    net[0].requires_grad_(False)
    memory = cs.trace(net, (4,)).memory()
    assert (memory.parameters, memory.gradients) == (4 * (25 + 36), 4 * 36)


def test_it_stands_below_the_table_and_in_json() -> None:
    _, out, _ = run("trace", LENET, "--memory")
    assert "estimated memory of training" in out
    assert "248 kB SGD with momentum, 496 kB Adam" in out
    _, plain, _ = run("trace", LENET)
    assert out.startswith(plain.rstrip("\n"))
    import json

    total = json.loads(run("trace", LENET, "--memory", "--json")[1])["total"]["memory"]
    assert total == cs.trace(LENET).memory().to_dict()
    assert "memory" not in json.loads(run("trace", LENET, "--json")[1])["total"]


@pytest.mark.parametrize(
    ("call", "size"),
    [
        ("x.relu_()", 16),
        ("torch.relu_(x)", 16),
        ("nn.functional.relu(x, inplace=True)", 16),
        ("x.view(2, 2)", 16),
        ("x.relu()", 32),
        ("x.size()", 16),
    ],
)
def test_what_is_written_in_place_is_no_other_activation(
    call: str, size: int, tmp_path: Path
) -> None:
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 4)\n"
        f"    def forward(self, x):\n        x = self.fc(x)\n        {call}\n        return x\n"
    )
    assert cs.trace(str(tmp_path / "net.py"), "3").activation_bytes() == size
