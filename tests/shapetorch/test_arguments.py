"""Calls that were once unknown, against torch: keywords, ``out=``, packed sequences."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from convshape.errors import Error
from convshape.shapetorch import nn
from convshape.shapetorch.nn.modules.constructor import call_text
from convshape.shapetorch.nn.utils import rnn
from convshape.shapetorch.torch_module import namespace

if TYPE_CHECKING:
    from typing import Any

ours: Any = namespace("torch")
for name in ("jit", "compiler", "linalg", "special"):
    setattr(ours, name, namespace(f"torch.{name}"))

CALLS = """
torch.ones(3).split(2, dim=0)
torch.split(torch.ones(3), split_size_or_sections=2)
torch.ones(3,4).split(split_size=[1,3], dim=1)
torch.ones(3).split([1,1])
torch.ones(5).split(torch.tensor(2))
torch.ones(5).tensor_split(torch.tensor([2,3]))
torch.ones(5).tensor_split(torch.tensor(2))
torch.ones(3).set_(torch.ones(2,2))
torch.ones(3).set_(torch.ones(2,2).t())
torch.ones(3).set_(torch.ones(2).long())
torch.ones(3).set_()
torch.ones(3).set_(source=torch.ones(2))
torch.ones(3).set_(torch.ones(4), 1, (2,), (1,))
torch.ones(3).set_(torch.ones(4), 1, (2, 1))
torch.asarray([1,2], copy=True)
torch.asarray(torch.ones(2), copy=True)
torch.asarray(torch.ones(2), copy=False, dtype=torch.int64)
torch.asarray(torch.ones(2), dtype=torch.int64)
torch.asarray(torch.ones(2), copy=1)
torch.asarray([1.], copy=False)
torch.asarray([1.], copy=None, requires_grad=False, device='cpu')
torch.jit.isinstance([torch.ones(2)], typing.List[torch.Tensor])
torch.jit.isinstance([1], typing.List[torch.Tensor])
torch.jit.isinstance({"a": torch.ones(2)}, typing.Dict[str, torch.Tensor])
torch.jit.isinstance({"a": 1}, typing.Dict[str, torch.Tensor])
torch.jit.isinstance((1, 2.0), typing.Tuple[int, float])
torch.jit.isinstance((1, 2), typing.Tuple[int, float])
torch.jit.isinstance(None, typing.Optional[int])
torch.jit.isinstance(3, (int, str))
torch.jit.isinstance(torch.ones(2), torch.Tensor)
torch.jit.isinstance([], typing.List[int])
torch.compiler.is_exporting()
torch.ones(2,3,4).dim_order()
torch.ones(2,3,4).dim_order(ambiguity_check=True)
torch.ones(2,1,4).dim_order(ambiguity_check=True)
torch.ones(2,1,4,4).dim_order(ambiguity_check=[torch.contiguous_format])
torch.ones(2,1,4,4).dim_order(ambiguity_check=[torch.contiguous_format, torch.channels_last])
torch.ones(2,3,4,4).dim_order(ambiguity_check=[torch.channels_last])
torch.ones(2,3).t().dim_order(ambiguity_check=True)
torch.ones(3).expand(2,3).dim_order(ambiguity_check=True)
torch.ones(2,1,4).dim_order(ambiguity_check=1)
torch.trapezoid(torch.ones(4,3), torch.ones(3))
torch.trapezoid(torch.ones(4,3), torch.ones(4), dim=0)
torch.trapezoid(torch.ones(4,3), torch.ones(2))
torch.trapezoid(torch.ones(4,3), x=torch.ones(4,3))
torch.trapezoid(torch.ones(4,3), x=torch.ones(1,3))
torch.trapezoid(torch.ones(2,4,3), x=torch.ones(4,3))
torch.trapezoid(torch.ones(4,3), x=torch.ones(2,4,3))
torch.trapezoid(torch.ones(3), x=torch.ones(2,3))
torch.trapz(torch.ones(4,3), torch.ones(3))
torch.trapz(torch.ones(4,3), x=torch.arange(3))
torch.trapezoid(torch.arange(3), torch.arange(3))
torch.trapezoid(torch.ones(3,0), torch.ones(0))
torch.trapezoid(torch.ones(3,0), torch.ones(2))
torch.cumulative_trapezoid(torch.ones(4,3), torch.ones(3))
torch.cumulative_trapezoid(torch.ones(4,3), torch.ones(4,3), dim=0)
torch.cumulative_trapezoid(torch.ones(3,0), torch.ones(0))
torch.trapezoid(torch.ones(4,3).bool(), torch.ones(3))
torch.trapezoid(torch.ones(4,3), torch.ones(3), dx=2)
torch.trapezoid(torch.ones(4,3).double(), torch.ones(3))
torch.trapezoid(torch.ones(4,3), dx=2.)
torch.trapezoid(torch.ones(()), torch.ones(1))
torch.linalg.lu_solve(torch.ones(5,3,3), torch.ones(5,3).int(), torch.ones(5,3,2))
torch.linalg.lu_solve(torch.ones(5,3,3), torch.ones(5,3).int(), torch.ones(3,2))
torch.linalg.lu_solve(torch.ones(3,3), torch.ones(3).int(), torch.ones(5,3,2))
torch.linalg.lu_solve(torch.ones(1,3,3), torch.ones(1,3).int(), torch.ones(5,3,2))
torch.linalg.lu_solve(torch.ones(5,3,3), torch.ones(3).int(), torch.ones(5,3,2))
torch.linalg.lu_solve(*torch.linalg.lu_factor(torch.randn(5,3,3)), torch.ones(5,3,2))
torch.linalg.lu_solve(*torch.linalg.lu_factor(torch.randn(2,5,3,3)), torch.ones(2,5,3,2))
torch.linalg.lu_solve(*torch.linalg.lu_factor(torch.randn(5,3,3)), torch.ones(5,2,3), left=False)
torch.linalg.lu_solve(*torch.linalg.lu_factor(torch.randn(5,3,3)), torch.ones(2,5,3,2))
torch.linalg.ldl_solve(*torch.linalg.ldl_factor(torch.eye(3).expand(5,3,3)), torch.ones(5,3,2))
torch.linalg.ldl_solve(*torch.linalg.ldl_factor(torch.eye(3)), torch.ones(5,3,2))
torch.lu_solve(torch.ones(5,3,2), *torch.linalg.lu_factor(torch.randn(5,3,3)))
torch.ones(5,3,2).lu_solve(*torch.linalg.lu_factor(torch.randn(5,3,3)))
U.pack_padded_sequence(torch.ones(5,3,4), [5,4,2])
U.pack_padded_sequence(torch.ones(3,5,4), [5,4,2], batch_first=True)
U.pack_padded_sequence(torch.ones(3,5,4), torch.tensor([5,4,2]), batch_first=True)
U.pack_padded_sequence(torch.ones(3,5,4), lengths=torch.tensor([2,4,3]), batch_first=True)
U.pack_padded_sequence(torch.ones(3,5,4), lengths=torch.tensor([2,4,3]), batch_first=True, enforce_sorted=False)
U.pack_padded_sequence(torch.ones(5,3,4), [6,4,2])
U.pack_padded_sequence(torch.ones(5,3,4), [5,4,0])
U.pack_padded_sequence(torch.ones(5,3,4), [5,4])
U.pack_padded_sequence(torch.ones(5,3), [5,4,1])
U.pack_padded_sequence(torch.ones(5), [5])
U.pack_padded_sequence(torch.ones(5,3,4,2), [5,4,4])
U.pad_packed_sequence(U.pack_padded_sequence(torch.ones(5,3,4), [4,4,2]))
U.pad_packed_sequence(U.pack_padded_sequence(torch.ones(5,3,4), [4,4,2]), batch_first=True)
U.pad_packed_sequence(U.pack_padded_sequence(torch.ones(5,3,4), [4,4,2]), batch_first=True, total_length=9)
U.pad_packed_sequence(U.pack_padded_sequence(torch.ones(5,3,4), [4,4,2]), total_length=3)
U.pad_packed_sequence(U.pack_padded_sequence(torch.ones(5,3,4), [1,4,2], enforce_sorted=False))[1].tolist()
U.pack_sequence([torch.ones(4,2), torch.ones(3,2)])
U.pack_sequence([torch.ones(3,2), torch.ones(4,2)])
U.pack_sequence([torch.ones(3,2), torch.ones(4,2)], enforce_sorted=False)
U.pack_sequence([torch.ones(3,2), torch.ones(4,3)], enforce_sorted=False)
U.unpack_sequence(U.pack_sequence([torch.ones(3,2), torch.ones(4,2)], enforce_sorted=False))
U.unpad_sequence(torch.ones(5,3,4), torch.tensor([5,2,1]))
U.unpad_sequence(torch.ones(3,5,4), torch.tensor([5,2,1]), batch_first=True)
nn.LSTM(4,6)(U.pack_padded_sequence(torch.ones(5,3,4), [5,4,2]))
nn.LSTM(4,6,2,bidirectional=True,batch_first=True)(U.pack_padded_sequence(torch.ones(5,3,4), [5,4,2]))
nn.GRU(4,6,2)(U.pack_padded_sequence(torch.ones(5,3,4), [5,4,2]), torch.zeros(2,3,6))
nn.GRU(4,6,2)(U.pack_padded_sequence(torch.ones(5,3,4), [5,4,2]), torch.zeros(2,2,6))
nn.RNN(4,6)(U.pack_padded_sequence(torch.ones(5,3,5), [5,4,2]))
nn.RNN(4,6)(U.pack_padded_sequence(torch.ones(5,3,4,2), [5,4,2]))
U.pad_packed_sequence(nn.GRU(4,6,2)(U.pack_padded_sequence(torch.ones(5,3,4), [5,4,2]))[0], True)
U.pack_padded_sequence(torch.ones(5,3,4), [5,4,2]).batch_sizes.tolist()
U.pack_padded_sequence(torch.ones(5,3,4), [5,4,2]).data
torch.add(torch.ones(3), 1, out=torch.empty(0))
torch.add(torch.ones(3), 1, out=torch.empty(2,2))
torch.add(torch.ones(3), 1, out=torch.empty(3).double())
torch.add(torch.ones(3), 1, out=torch.empty(3).long())
torch.logical_and(torch.ones(3), torch.ones(3), out=torch.empty(3).bool())
torch.logical_and(torch.ones(3), torch.ones(3), out=torch.empty(3))
torch.logical_not(torch.ones(3), out=torch.empty(0).long())
torch.logical_or(torch.ones(2,3), torch.ones(3), out=torch.empty(0, dtype=torch.bool))
torch.logical_xor(torch.ones(2,3), torch.ones(4), out=torch.empty(0, dtype=torch.bool))
torch.cat([torch.ones(3), torch.ones(2)], out=torch.empty(0))
torch.cat([torch.ones(3), torch.ones(2)], 0, out=torch.empty(0).double())
torch.cat([torch.ones(3), torch.ones(2)], 0, out=torch.empty(0).long())
torch.stack([torch.ones(3), torch.ones(3)], out=torch.empty(5))
torch.sum(torch.ones(3,2), 0, out=torch.empty(0))
torch.sum(torch.ones(3,2), out=torch.empty(0))
torch.mean(torch.ones(3,2), 1, True, out=torch.empty(0))
torch.max(torch.ones(3,2), 1, out=(torch.empty(0), torch.empty(0).long()))
torch.max(torch.ones(3,2), 1, out=torch.empty(0))
torch.cumsum(torch.ones(3,2), 1, out=torch.empty(0))
torch.matmul(torch.ones(3,2), torch.ones(2,4), out=torch.empty(0))
torch.mm(torch.ones(3,2), torch.ones(2,4), out=torch.empty(0))
torch.exp(torch.ones(3), out=torch.empty(1).expand(3))
torch.exp(torch.ones(3), out=3)
torch.clamp(torch.ones(3), 0, out=torch.empty(3))
torch.eq(torch.ones(3), 1, out=torch.empty(3).bool())
torch.add(torch.arange(3), 1, out=torch.zeros(3)).tolist()
torch.ones(3).add(1, out=torch.empty(3))
torch.argmax(torch.ones(3,2), 1, out=torch.empty(0).long())
torch.all(torch.ones(3), out=torch.empty(0).bool())
torch.amax(torch.ones(3,2), 1, out=torch.empty(0))
torch.std(torch.ones(3,2), 1, out=torch.empty(0))
torch.prod(torch.ones(3,2), 1, out=torch.empty(0))
torch.logsumexp(torch.ones(3,2), 1, out=torch.empty(0))
torch.ones(3).split(split_size=2)
torch.arange(2, end=5)
torch.arange(end=5, step=2)
torch.asarray(data=torch.ones(4,4))
torch.asarray(obj=torch.ones(4,4))
torch.bucketize(input=1.0, boundaries=torch.ones(4,4)[0])
torch.bucketize(self=1.0, boundaries=torch.ones(4,4)[0])
torch.cholesky_solve(torch.ones(4,4), L=torch.ones(4,4))
torch.cholesky_solve(torch.ones(4,4), input2=torch.ones(4,4))
torch.clamp_max(torch.ones(4,4), limit=1)
torch.clamp_min(torch.ones(4,4), min=1)
torch.hsplit(torch.ones(4,4), indices_or_sections=2)
torch.hsplit(torch.ones(4,4), sections=2)
torch.hsplit(torch.ones(4,4), indices=2)
torch.isin(torch.ones(4,4), test_elements=2.0)
torch.isin(torch.ones(4,4), test_element=2.0)
torch.linalg.cholesky(A=torch.ones(4,4))
torch.linalg.det(A=torch.ones(4,4))
torch.linalg.det(input=torch.ones(4,4))
torch.max(torch.ones(4,4), other=torch.ones(4,4))
torch.orgqr(torch.ones(4,4), input2=torch.ones(4,4)[0])
torch.orgqr(torch.ones(4,4), tau=torch.ones(4,4)[0])
torch.pinverse(torch.ones(4,4), hermitian=True)
torch.pow(self=2, exponent=torch.ones(4,4))
torch.pow(torch.ones(4,4), other=2)
torch.pow(x1=torch.ones(4,4), exponent=2)
torch.scatter(torch.ones(4,4), 0, torch.ones(4,4).long(), src=1.0)
torch.scatter(torch.ones(4,4), 0, torch.ones(4,4).long(), value=1.0)
torch.searchsorted(torch.ones(4,4), values=torch.ones(4,4))
torch.searchsorted(torch.ones(4,4), input=torch.ones(4,4))
torch.special.airy_ai(x=torch.ones(4,4))
torch.special.airy_ai(input=torch.ones(4,4))
torch.special.hermite_polynomial_h(x=torch.ones(4,4), n=2)
torch.where(torch.ones(4,4) > 0, input=1, other=torch.ones(4,4))
torch.where(torch.ones(4,4) > 0, self=1, other=torch.ones(4,4))
torch.zeros(2).random_(from_=1, to=3)
torch.zeros(2).random_(**{'from': 1, 'to': 3})
torch.zeros(2).random_(**{'from': 1})
torch.zeros(size=3)
"""  # noqa: E501


def shown(value: Any) -> Any:
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return tuple(value.shape), str(getattr(value.dtype, "name", value.dtype)).rpartition(".")[2]
    return tuple(map(shown, value)) if isinstance(value, (tuple, list)) else value


def outcome(call: str, names: dict[str, Any]) -> Any:
    try:
        return shown(eval(call, names))
    except (Error, RuntimeError, TypeError, ValueError, IndexError):
        return "refused"


@pytest.mark.parametrize("call", CALLS.split("\n")[1:-1])
@pytest.mark.filterwarnings("ignore")
def test_it_gives_what_torch_gives(call: str) -> None:
    theirs = {"torch": torch, "nn": torch.nn, "U": torch.nn.utils.rnn, "typing": typing}
    mine = {"torch": ours, "nn": nn, "U": rnn, "typing": typing}
    assert outcome(call, mine) == outcome(call, theirs)


def test_what_gradients_would_do_is_nothing() -> None:
    tensor = ours.ones(3)
    tensor.sum().backward()
    tensor.register_hook(print).remove()


def test_a_call_shows_a_number_of_numpy_as_a_number() -> None:
    assert call_text(nn.Linear(8, np.int64(34))) == "Linear(8, 34)"


#: Each with NumPy's numbers, some of which torch takes for no int or bool.
OF_NUMPY = """
nn.AdaptiveAvgPool1d(np.int64(2))(torch.ones(1, 4, 8))
nn.AdaptiveMaxPool2d(np.int64(2))(torch.ones(1, 4, 8, 8))
nn.AdaptiveAvgPool2d((np.int64(2), 2))(torch.ones(1, 4, 8, 8))
nn.AdaptiveAvgPool2d(np.array([2, 3]))(torch.ones(1, 4, 8, 8))
nn.AdaptiveAvgPool2d(range(2, 4))(torch.ones(1, 4, 8, 8))
nn.AdaptiveAvgPool3d(np.int32(2))(torch.ones(1, 4, 8, 8, 8))
nn.functional.adaptive_avg_pool2d(torch.ones(1, 4, 8, 8), np.int64(2))
nn.functional.adaptive_max_pool3d(torch.ones(1, 4, 8, 8, 8), [np.int64(2)] * 3)
nn.functional.interpolate(torch.ones(1, 4, 8), scale_factor=[np.int64(2)])
nn.FractionalMaxPool3d([np.int64(2)] * 3, output_size=3)(torch.ones(1, 4, 8, 8, 8))
torch.ones(4).split(np.int64(2))
torch.split(torch.ones(4), np.array(2))
torch.ones(4).split([np.int64(2), 2])
torch.ones(4).chunk(np.int64(2))
torch.ones(4) == np.int64(1)
np.int64(1) != torch.ones(4)
torch.ones(4) == np.ones((3, 1))
torch.ones(4) == np.bool_(True)
torch.ones(4).long() * np.bool_(True)
torch.full((2,), np.bool_(True))
torch.ones(2, 3).sum(0, np.bool_(True))
torch.sort(torch.ones(2, 3), descending=np.bool_(True))
nn.MaxPool2d(2, ceil_mode=np.bool_(True))(torch.ones(1, 4, 8, 8))
nn.MultiheadAttention(4, 2, batch_first=np.bool_(True))(*[torch.ones(1, 2, 4)] * 3)
nn.Conv2d(4, 8, 3, bias=np.bool_(False))(torch.ones(1, 4, 8, 8))
""".split("\n")[1:-1]


@pytest.mark.parametrize("call", OF_NUMPY)
def test_numbers_of_numpy(call: str) -> None:
    names = {"np": np, "nn": nn, "torch": ours}
    assert outcome(call, names) == outcome(call, {**names, "nn": torch.nn, "torch": torch})
