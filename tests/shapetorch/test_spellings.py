"""One call in many spellings, each against torch: which arguments it takes, and what comes out."""

from __future__ import annotations

from collections import OrderedDict
from importlib import import_module
from typing import Any

import ml_dtypes  # noqa: F401 - it teaches NumPy a bfloat16, as onnx needs it
import numpy as np
import pytest
import torch

from convshape.errors import ShapeError
from convshape.shapetorch.torch_module import namespace

ours: Any = namespace("torch")
for name in ("distributions", "nn", "sparse"):
    setattr(ours, name, namespace(f"torch.{name}"))
for name in ("functional", "init", "utils"):
    setattr(ours.nn, name, namespace(f"torch.nn.{name}"))
ours.func = namespace("torch.func")
ours.fft, ours.linalg = namespace("torch.fft"), namespace("torch.linalg")
ours.nn.utils.rnn = namespace("torch.nn.utils.rnn")

#: What a layer that normalizes has, without how many batches it has seen.
STATISTICS = ("weight", "bias", "running_mean", "running_var")

SPELLINGS = {
    "arrays of NumPy as operands": """
        torch.ones(4) * np.ones(4)
        torch.ones(4).half() + np.ones((3, 1), np.int8)
        torch.ones(4).long() / np.ones(4, np.int8)
        torch.ones(3, 4) @ np.ones((4, 2), bool)
        torch.ones(4).bool() & np.ones(4, bool)
        torch.ones(4) & np.ones(4, int)
        torch.ones(4).bfloat16() * np.ones(4)
        torch.ones(4) * np.ones(3)
        torch.ones(4) * np.array(["a"])
        (torch.ones(2, 4).t() - np.ones((4, 2))).shape
        np.ones((2, 4)) / torch.ones(4)
        np.ones(4) * torch.ones(4)
        torch.ones(4) < np.ones(4)
        torch.mul(torch.ones(4), np.ones(4))
        (x := torch.ones(4)).__imul__(np.float64(2)), x
    """,
    "numbers and arrays of NumPy as arguments": """
        F.adaptive_avg_pool1d(torch.ones(1, 2, 4), np.array(2))
        F.max_pool2d(torch.ones(1, 2, 4, 4), np.array(2))
        F.max_pool2d(torch.ones(1, 2, 4, 4), 2, np.array([1, 1]))
        nn.AvgPool1d(2, np.array([1]))(torch.ones(2, 4))
        torch.ones(3, 4).max(torch.tensor(1), True)
        torch.min(torch.ones(3, 4), torch.tensor(0), keepdim=False)
        torch.ones(3, 4).max(torch.tensor(1))
        F.unfold(torch.ones(1, 2, 4, 4), np.array([2, 2]))
        F.unfold(torch.ones(1, 2, 4, 4), np.array(2))
        F.fold(torch.ones(1, 8, 9), np.array([4, 4]), 2)
        torch.ones(2, 3).sum(np.array(1))
        torch.ones(2, 3).norm(dim=np.int64(1))
        torch.ones(2, 3).norm(2, dim=np.int64(1))
        torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), np.int64(1))
        torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), ([np.int64(1)], [0]))
        nn.Parameter(torch.ones(2), np.bool_(True))
        nn.LSTM(4, 2, np.int64(2))(torch.ones(3, 1, 4))
        nn.LSTM(4, np.int64(2))
        F.leaky_relu(torch.ones(2), np.bool_(True))
    """,
    "dimensions of tensordot": """
        torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), (1, 0))
        torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), ([1], [0]))
        torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), torch.tensor([[1], [0]]))
        torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), torch.tensor(1))
        torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), 1.0)
    """,
    "parameters": """
        nn.Parameter()
        nn.Parameter(None)
        nn.Parameter(torch.ones(2), 1)
        nn.Parameter(torch.ones(2), None)
    """,
    "numbers that were once arguments by place": """
        torch.add(torch.ones(2), 2, torch.ones(2))
        torch.arange(3).sub(2, torch.arange(3)).tolist()
        torch.add(2, torch.ones(2), torch.ones(2))
        torch.add(torch.ones(2), torch.ones(2), 2)
        torch.addmm(2, torch.ones(4), torch.ones(2, 3), torch.ones(3, 4))
        torch.ones(2, 4).addmm_(1, -2, torch.ones(2, 3), torch.ones(3, 4))
        torch.ones(2, 4).addmm_(1, -2, mat1=torch.ones(2, 3), mat2=torch.ones(3, 4))
        torch.ones(2, 4).addmm_(1, -2, 3, torch.ones(2, 3), torch.ones(3, 4))
        torch.baddbmm(0, torch.ones(5, 2, 4), 2, torch.ones(5, 2, 3), torch.ones(5, 3, 4))
        torch.ones(3).addcdiv_(-1, torch.ones(3), torch.ones(3))
        torch.addcmul(2, torch.ones(3), torch.ones(2, 1), torch.ones(3))
    """,
    "a number and its scale by place": """
        torch.add(torch.ones(2), .5, 2)
        torch.ones(2).sub_(1, 5)
        torch.rsub(torch.ones(2), 1, 2)
        torch.add(torch.ones(2), torch.ones(2), 2)
        torch.mul(torch.ones(2), 1, 2)
    """,
    "two numbers": """
        torch.add(1, 2)
        torch.mul(2, 2.5)
        torch.div(1, 2)
        torch.add(1, 2, 3)
        torch.sub(True, 1)
        torch.pow(1, 2)
    """,
    "dtypes that an operation does not make": """
        torch.softmax(torch.ones(3), 0, dtype=torch.int64)
        F.log_softmax(torch.ones(3), 0, dtype=torch.complex64)
        F.softmax(torch.ones(0), 0, dtype=torch.int64)
        torch.cumsum(torch.ones(3), 0, dtype=torch.bool)
        torch.ones(3).nansum(dtype=torch.complex64)
        torch.ones(3).long().nanmean(dtype=torch.float32)
        torch.arange(3, dtype=torch.bool)
        torch.linspace(0, 1, 3, dtype=torch.bool)
        torch.randperm(3, dtype=torch.complex64)
        torch.tril_indices(3, 3, dtype=torch.float32)
        torch.tril_indices(3, 3, dtype=torch.int32)
        torch.fft.fftfreq(3, dtype=torch.complex64)
        torch.ones(3).double().norm(dtype=torch.float32)
        torch.ones(3).half().norm(1, dtype=torch.bfloat16)
        torch.ones(3).half().norm(1, dtype=torch.float64)
        torch.linalg.vecdot(torch.ones(2, 3), torch.ones(2, 3).double())
        torch.scalar_tensor(1j)
    """,
    "devices and dtypes of layers": """
        nn.Linear(3, 4, True, torch.float64)
        nn.GroupNorm(2, 4, 1e-5, True, False)
        nn.LSTM(3, 4, device=1.5)
        nn.Linear(3, 4, device="nowhere")
        nn.Linear(3, 4, dtype=float).weight
        nn.BatchNorm1d(3, dtype=float).running_mean
        nn.Linear(3, 4, dtype="float32")
        nn.PReLU(3, None)
        torch.ones(2, device=True)
    """,
    "methods beside functions": """
        torch.ones(4).as_strided_((2, 2), (1, 1))
        torch.ones(2, 4).addbmm_(torch.ones(3, 2, 5), torch.ones(3, 5, 4))
        torch.zero_(input=torch.ones(2))
        torch.fill_(input=torch.ones(2), value=2)
        torch.promote_types(type1=torch.half, type2=torch.int16).itemsize
        torch.broadcast_shapes((2, 1), 3).numel()
        torch.broadcast_shapes((-1,), (1,))
        torch.ones(()).stride(0)
        torch.ones(2).is_contiguous(torch.contiguous_format)
        torch.ones(2).clone(memory_format=None)
        torch.ones(2, 3).index_put((None, torch.tensor([0])), torch.ones(2))
        torch.arange(4).where(torch.arange(4) > 1, 0).tolist()
        torch.ones(2).long().where(torch.ones(3, 1) > 0, 0.5)
        torch.ones(2).where(condition=torch.ones(2) > 0, other=torch.ones(2))
        torch.ones(2).where(torch.ones(2), torch.ones(2))
        torch.ones(2, 4).view(dtype=torch.float64)
        torch.ones(1, 3, 1).squeeze(0, 2)
        torch.ones(1, 3, 1).squeeze_(0, 2)
        torch.squeeze(torch.ones(1, 3, 1), 0, 2)
        torch.broadcast_tensors([torch.ones(3), torch.ones(2, 1)])
    """,
    "arguments that only some take": """
        torch.round(torch.ones(2), decimals=2)
        torch.round(torch.ones(2), 2)
        torch.round(torch.ones(2).long(), decimals=2)
        torch.round(torch.ones(2), nan=1)
        torch.logit(torch.ones(2), decimals=1)
        F.gelu(torch.ones(2), "tanh")
        nn.GELU("tanh")(torch.ones(2))
        torch.ones(2).argsort(stable=1)
        torch.isclose(torch.ones(2), torch.ones(2), equal_nan=None)
        torch.cdist(torch.ones(2, 3), torch.ones(2, 3), compute_mode=None)
        torch.linalg.matrix_norm(torch.ones(2, 2), 1j)
        F.cosine_similarity(torch.ones(2, 3), torch.ones(2, 3), eps=-1)
        F.embedding(torch.tensor([0]), torch.ones(2, 3), max_norm="mean")
        F.embedding(torch.tensor([0]), torch.ones(2, 3), max_norm=1, norm_type=None)
        torch.ones(2, 3).scatter(1, torch.zeros(2, 2).long(), 1, reduce="nope")
        torch.ones(2, 3).scatter(1, torch.zeros(2, 2).long(), 1, reduce="add")
        torch.ones(2, 3).scatter(1, torch.zeros(2, 2).long(), 1, "add")
        torch.ones(2, 3).scatter_reduce(1, torch.zeros(2, 2).long(), torch.ones(2, 2))
        torch.ones(2, 3).scatter_reduce(1, torch.zeros(2, 2).long(), torch.ones(2, 2), "amax")
        torch.ones(2, 3).scatter_reduce(1, torch.zeros(2, 2).long(), torch.ones(2, 2), "max")
    """,
    "tensors as numbers": """
        F.leaky_relu(torch.ones(2), torch.tensor(0.5))
        F.leaky_relu(torch.ones(2), torch.tensor([0.5]))
        F.leaky_relu(torch.ones(2), torch.rand(()))
        F.leaky_relu(torch.ones(2), nn.Parameter(torch.tensor(0.5)))
        F.dropout(torch.ones(2), torch.tensor(1.5))
        F.scaled_dot_product_attention(*[torch.ones(1, 2, 3)] * 3, scale=torch.rand(()))
        F.gumbel_softmax(torch.ones(2, 3), tau=nn.Parameter(torch.tensor(0.1)))
        F.gumbel_softmax(torch.ones(2, 3), tau=torch.ones(4, 1, 1).double())
        F.interpolate(torch.ones(1, 1, 4, 4), scale_factor=torch.tensor(2.))
        torch.add(torch.ones(2).long(), 1, alpha=torch.rand(()))
        torch.add(torch.ones(2).long(), 1, alpha=torch.tensor(2))
        torch.addmm(*[torch.ones(2, 2)] * 3, beta=torch.tensor(2.), alpha=torch.tensor(1))
        torch.full((2,), nn.Parameter(torch.tensor(2.)))
        torch.norm(torch.ones(2, 3), torch.tensor(2.), 1)
        nn.Softplus(torch.rand(()))(torch.ones(2))
    """,
    "numbers out of range": """
        torch.ones(2).byte().fill_(-1.5)
        torch.ones(2).byte().fill_(-1)
        torch.tensor(-1.5, dtype=torch.uint8)
        torch.full((2,), 255.5, dtype=torch.uint8)
        torch.ones(2).byte().clamp(max=300)
        torch.ones(2).byte().clamp(max=-1)
        torch.ones(2).half().clamp(max=1e9)
        torch.add(torch.ones(2).byte(), 1, alpha=300)
        torch.addcmul(*[torch.ones(2).byte()] * 3, value=300)
        torch.addcmul(*[torch.ones(2).half()] * 3, value=1e9)
        torch.ones(2).scatter(0, torch.tensor([0]), 1j)
        torch.where(torch.ones(2) > 0, torch.ones(2).byte(), 300)
        torch.where(torch.ones(2) > 0, torch.ones(2).half(), 1e9)
        torch.where(torch.ones(2) > 0, torch.ones(2), 1e39)
        torch.ones(2).byte() ** 300
        torch.linspace(0, 300, 3, dtype=torch.uint8)
        F.hardtanh(torch.ones(2).char(), 0, 300)
        torch.ones(2) * 2**64
        torch.ones(2) * 2**63
        torch.ones(2) > -2**63 - 1
        torch.ones(2).masked_fill(torch.ones(2) > 0, -2**64)
        torch.ones(2).long() % 0
        torch.ones(2) % 0
        nn.EmbeddingBag(4, 3)(torch.tensor([1, 2]), torch.tensor([1, 2]))
        nn.EmbeddingBag(4, 3)(torch.tensor([1, 2]), torch.tensor([0, 3]))
        nn.EmbeddingBag(4, 3)(torch.tensor([1, 2]), torch.tensor([0, 2]))
    """,
    "what a module loads": """
        nn.Linear(3, 4).load_state_dict(nn.Linear(3, 4).state_dict())
        nn.Linear(3, 4).load_state_dict(nn.Linear(3, 5).state_dict())
        nn.Linear(3, 4).load_state_dict({"weight": torch.ones(4, 3)})
        nn.Linear(3, 4).load_state_dict({"weight": torch.ones(4, 3)}, strict=False)
        nn.Linear(3, 4).load_state_dict({"weight": torch.ones(4, 4)}, strict=False)
        nn.Linear(3, 4, bias=False).load_state_dict(nn.Linear(3, 4).state_dict())
        nn.BatchNorm1d(3).load_state_dict({n: torch.ones(3) for n in STATISTICS})
        (m := nn.Linear(3, 4)).load_state_dict(nn.Linear(3, 4).half().state_dict()), m.weight
        (m := nn.Linear(3, 1)).load_state_dict(m.half().state_dict(), assign=True), m.weight
        nn.Linear(3, 4).to("nowhere")
        nn.utils.vector_to_parameters(torch.ones(16), nn.Linear(3, 4).parameters())
        nn.utils.vector_to_parameters(torch.ones(15), nn.Linear(3, 4).parameters())
        nn.utils.parameters_to_vector(nn.Linear(3, 4).parameters())
        nn.utils.parameters_to_vector([])
        isinstance(nn.Linear(3, 4).state_dict()["weight"], nn.Parameter)
        isinstance(nn.Linear(3, 4).state_dict(keep_vars=True)["weight"], nn.Parameter)
    """,
    "how results lie in memory": """
        torch.nonzero(torch.tensor([[1, 0, 2], [1, 1, 0]]))
        torch.sparse.mm(torch.ones(2, 3), torch.ones(3, 4))
        torch.sparse.mm(torch.ones(2, 3), torch.ones(3, 4)).view(-1)
        pack_padded_sequence(torch.ones(3, 2), torch.tensor([3., 2.])).data
        pad_packed_sequence(pack_sequence([torch.ones(3, 2), torch.ones(2, 2)]), True)
        pad_packed_sequence(pack_sequence([torch.ones(2), torch.ones(3)], False), True)
        torch.distributions.Categorical(torch.ones(2, 5, 3)).sample((4, 6))
        torch.distributions.Categorical(torch.ones(2, 3)).sample((4,)).view(-1)
        torch.distributions.Beta(torch.ones(2, 5), torch.ones(2, 5)).sample((4,))
    """,
    "what fills parameters": """
        nn.init.kaiming_normal_(torch.ones(2, 3), mode="fan_out", nonlinearity="relu")
        nn.init.kaiming_normal_(torch.ones(2, 3), mode="fanout")
        nn.init.kaiming_uniform_(torch.ones(2, 3), nonlinearity="swish")
        nn.init.kaiming_uniform_(torch.ones(0), nonlinearity="swish")
        nn.init.dirac_(torch.ones(3, 3, 4), 2)
        nn.init.normal_(torch.ones(2), std=-1)
        nn.init.uniform_(torch.ones(2), 1, 0)
        nn.init.constant_(torch.ones(2), value=1)
        nn.init.zeros_(torch.ones(2).long())
        nn.init.normal_(torch.ones(2).long())
        nn.init.ones_(3)
    """,
    "containers and protocols": """
        nn.Sequential({"a": nn.Linear(3, 4)})
        nn.Sequential(OrderedDict(a=nn.Linear(3, 4))).a.weight
        f"{torch.tensor(2.5):.2f}"
        f"{torch.ones(2):.2f}"
        [10, 20][torch.tensor([1])]
        torch.softmax(torch.ones(2, 3), torch.tensor([1]))
        torch.ones(3).diag(torch.tensor(1)).tolist()
        torch.func.grad(lambda x: x.sum())(torch.tensor(1))
        torch.func.jacrev(lambda x: x * 2, 1)(torch.ones(3))
        range(torch.tensor([1, 2]))
    """,
    "what code asks for": """
        type(torch.ones(2)) == torch.Tensor
        type(nn.Parameter(torch.ones(2))) in (int, torch.Tensor)
        type(torch.ones(2)) == torch.FloatTensor
        type(torch.ones(2)) != torch.Tensor
        {torch.Tensor: 1}[torch.Tensor]
        nn.Conv2d(3, 4, 3).output_padding, nn.Conv2d(3, 4, 3).transposed
        nn.ConvTranspose1d(3, 4, 3, 2, 0, 1).output_padding, nn.ConvTranspose1d(3, 4, 3).transposed
        import_module("torch.nn.modules.conv")._pair(3)
        import_module("torch.nn.modules.utils")._triple((1, 2, 3))
        import_module("torch.nn.modules.utils")._reverse_repeat_tuple((1, 2), 2)
        len(import_module("torch.nn.modules.transformer")._get_clones(nn.Linear(3, 4), 2))
        import_module("torch.nn.modules.transformer")._get_activation_fn("relu")(torch.ones(2))
        import_module("torch.nn.modules.transformer")._get_activation_fn("swish")
    """,
    "indices": """
        torch.ones(2, 3, 4)[:, range(2)]
        torch.ones(2, 3, 4)[[range(2), range(2)]]
        torch.ones(2, 3, 4)[[True, 0, 1], 0]
        torch.ones(2, 3, 4)[[1.5]]
        torch.ones(2, 3, 4)[[np.array([0, 1])]]
        torch.ones(2, 3, 4)[np.array([1], np.uint8)]
        torch.ones(2, 3, 4)[np.bool_(True)]
        torch.ones(2, 3, 4)[:, torch.tensor(1, dtype=torch.uint8)]
        torch.ones(2, 3, 4)[..., 0, ...]
        torch.ones(2).long().__setitem__((range(0),), torch.ones(0))
        torch.ones(2, 3, 4)[..., 0, 0, ..., 0]
        torch.ones(2, 3, 4)[..., 0, ..., 0]
        torch.arange(6)[[1.5, 2]].tolist()
        torch.arange(6).view(2, 3)[[[0, 1], [1, 0]], [[0, 1], [1, 2]]].tolist()
    """,
    "what is put at indices": """
        torch.ones(3).__setitem__(0, np.int64(2))
        torch.ones(3).__setitem__(0, np.float64(2))
        torch.ones(3).__setitem__(0, np.float32(2))
        torch.ones(3).__setitem__(0, np.bool_(True))
        torch.ones(3).__setitem__(torch.tensor([True, False, True]), torch.tensor(2))
        torch.ones(3).__setitem__([True, False, True], torch.tensor([2]))
        torch.ones(3).__setitem__(torch.tensor([True, False, True]), torch.tensor([2, 2]))
        torch.ones(3).__setitem__(torch.tensor([True, False, True]), torch.tensor(1j))
        torch.ones(3).__setitem__(torch.tensor(True), torch.tensor(2))
        torch.ones(3).__setitem__([0, 1], torch.tensor(2))
        torch.ones(3).__setitem__(np.array([0]), torch.tensor(2))
    """,
    "data": """
        torch.tensor(range(3)).tolist()
        torch.tensor([range(3), [4, 5, 6]]).tolist()
        torch.Tensor(range(3))
        torch.Tensor(data=[1])
        torch.Tensor(2.5)
        torch.Tensor(np.int64(2))
        torch.FloatTensor(torch.ones(2).long())
        torch.tensor(300, dtype=torch.uint8)
        torch.tensor([np.int64(300)], dtype=torch.uint8)
        torch.tensor(2**63)
        torch.tensor(float("nan"), dtype=torch.int32)
        torch.tensor(70000., dtype=torch.float16)
        torch.from_numpy(np.ones((4, 5, 3)).transpose(2, 0, 1))
        torch.from_numpy(np.ones((4, 5, 3)).transpose(2, 0, 1)).view(-1)
        torch.from_numpy(np.arange(6).reshape(2, 3).T).tolist()
        torch.from_numpy(np.ones((2, 3))[::-1])
        torch.from_numpy(np.ones((2, 3))[::-1].copy())
        torch.from_numpy(np.ones((4, 6))[::2, ::3])
        torch.from_numpy(np.zeros((0, 3)))
        torch.from_numpy([1])
        torch.from_numpy(np.float64(1))
        torch.tensor(np.ones((2, 3)).T)
        torch.tensor(np.ones((4, 6))[::2])
        torch.ones(1).new_tensor(np.ones((2, 3)).T)
        torch.as_tensor(np.ones((2, 3)).T, dtype=torch.float32)
    """,
    "factories": """
        torch.ones()
        torch.ones(2).new_zeros()
        torch.ones(2, names=None)
        torch.ones(2, generator=None)
        torch.rand(2, generator=None)
        torch.randint(5, (2,), generator=None)
        torch.ones(2, requires_grad=1)
        torch.arange(torch.tensor(5))
        torch.arange(torch.tensor(1), torch.tensor(5.), 2)
        torch.arange(5.5, dtype=torch.int32)
        torch.arange(5.5, dtype=torch.int64)
        torch.arange(0.5, 5.5, 0.5, dtype=torch.int32)
        torch.arange(0.2, 0.1, 1, dtype=torch.int64)
        torch.linspace(torch.tensor([0.]), 1, 3)
        torch.linspace(0j, 1, 3)
        torch.linspace(0j, 1, 3, dtype=torch.float32)
    """,
}


def shown(value: Any) -> Any:
    """Return what is compared: of tensors shape, dtype and strides."""
    if hasattr(value, "shape"):
        dtype = str(value.dtype).rpartition(".")[2]
        return tuple(value.shape), dtype, tuple(value.stride()), value.storage_offset()
    return tuple(map(shown, value)) if isinstance(value, (tuple, list)) else value


def outcome(call: str, library: Any) -> Any:
    """Return what comes of a call; the same of all refusals."""
    names = {"torch": library, "nn": library.nn, "F": library.nn.functional, "np": np}
    names["import_module"] = import_module if library is torch else namespace
    names |= {"STATISTICS": STATISTICS, "OrderedDict": OrderedDict}
    names |= vars(library.nn.utils.rnn)
    refusals = Exception if library is torch else (ShapeError, TypeError)
    try:
        return shown(eval(call, names))
    except refusals:
        return "refused"


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(line.strip(), id=f"{heading}: {line.strip()}")
        for heading, lines in SPELLINGS.items()
        for line in lines.strip().splitlines()
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_it_gives_what_torch_gives(call: str) -> None:
    assert outcome(call, ours) == outcome(call, torch)
