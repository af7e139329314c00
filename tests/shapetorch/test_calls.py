"""Tensor functions and methods against torch: a property of random calls, and refusals."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import convshape as cs
from convshape import Tensor
from convshape import shapetorch as t
from convshape.shapetorch.ops.spaces import FUNCTIONS, METHODS
from convshape.verify.generators import CALLS
from convshape.verify.generators.choices import arranged
from convshape.verify.generators.data import Call, T
from convshape.verify.generators.judging import by_convshape, by_torch


@pytest.mark.parametrize("family", CALLS)
@settings(max_examples=200)
@given(random=st.randoms(use_true_random=True))  # a draw for each choice would take the most time
def test_a_family_of_calls_agrees_with_torch(family: str, random: random.Random) -> None:
    """What is accepted here, torch accepts with the same shapes, dtypes and (known) strides."""
    call = arranged(random.choice, CALLS[family](random.choice))
    assert by_convshape(call).agrees(by_torch(call)), call


@pytest.mark.parametrize("family", CALLS)
def test_what_the_device_accepts_has_our_shape(family: str, device: str) -> None:
    rng = random.Random(family)
    accepted = 0
    for _ in range(300):
        call = CALLS[family](rng.choice)
        ours = by_convshape(call)
        if ours.called:
            theirs = by_torch(call, device)
            accepted += theirs.called
            assert not theirs.called or theirs == ours, call
    assert accepted > 30


def test_functions_and_methods_are_where_torch_has_them() -> None:
    assert [name for name in FUNCTIONS if not hasattr(torch, name)] == []
    assert [name for name in METHODS if not hasattr(torch.Tensor, name) and name != "getitem"] == []


x = Tensor((2, 3, 4))
mask = Tensor((2, 3), t.dtypes.bool)

REFUSALS = [
    (
        lambda: x.view(5, -1),
        "view cannot give 2×3×4 = 24 elements the shape (5, -1) (fix: the shape (2, -1))",
    ),
    (lambda: x.permute(0, 1), "permute needs all 3 dimensions in dims, but receives 2: (0, 1)"),
    (lambda: x.permute(0, 1, 1), "permute has dimension 1 twice in dims=(0, 1, 1)"),
    (
        lambda: x.transpose(1, 3),
        "transpose has no dimension dim1=3: its input has 3, numbered -3..2",
    ),
    (
        lambda: x.expand(2, 3, 5),
        "expand cannot expand 2×3×4 to (2, 3, 5): dimension -1 is 4, not 1",
    ),
    (lambda: x.repeat(2), "repeat has 1 repeats for 3 dimensions: 2×3×4"),
    (lambda: x[:, 3], "getitem has index 3 in a dimension of 3"),
    (lambda: x[0, 0, 0, 0], "getitem has 4 indices for 3 dimensions: 2×3×4"),
    (lambda: x[::-1], "getitem has a slice with step -1, which must be positive (fix: flip)"),
    (
        lambda: t.cat([x, Tensor((2, 5, 5))], dim=1),
        "cat cannot join 2×3×4 and 2×5×5 along dimension 1: dimension 2 is 4 in one and 5 in the "
        "other",
    ),
    (
        lambda: t.cat([x, Tensor((2, 3))]),
        "cat cannot join 2×3×4 and 2×3: they have 3 and 2 dimensions",
    ),
    (lambda: t.cat([]), "cat needs at least one tensor in tensors"),
    (lambda: t.cat(3), "cat needs a list of tensors as tensors, but receives 3"),
    (lambda: t.stack([x, Tensor((2, 3))]), "stack cannot stack 2×3×4 and 2×3: the shapes differ"),
    (lambda: x.split([1, 1], dim=1), "split cannot split 3 elements into [1, 1], which sum to 2"),
    (lambda: x.chunk(0), "chunk chunks=0 is not a positive number"),
    (lambda: x.sum(3), "sum has no dimension dim=3: its input has 3, numbered -3..2"),
    (lambda: x.sum(keepdim=True), "sum has keepdim without dim (fix: dim=None for all dimensions)"),
    (lambda: Tensor((0, 3)).max(), "max cannot find the maximum of no elements: 0×3"),
    (
        lambda: t.zeros(2, dtype=t.dtypes.int64).mean(),
        "mean is not defined for int64 (fix: a tensor of float32, or dtype=torch.float32)",
    ),
    (lambda: x.topk(5), "topk cannot find the 5 largest of 4 elements along dimension 2"),
    (lambda: x @ Tensor((3, 4)), "matmul cannot multiply 2×3×4 and 3×4: 4 columns meet 3 rows"),
    (lambda: t.bmm(x, Tensor((3, 4, 5))), "bmm has batches of 2 and 3"),
    (lambda: t.einsum("ij,jk->ik", x, x), "einsum has 2 letters in 'ij' for 3 dimensions: 2×3×4"),
    (lambda: t.einsum("bij,bjk->bik", x, x), "einsum has 'j' of 4 and of 3 in 'bij,bjk->bik'"),
    (lambda: x + Tensor((2, 4)), None),
    (lambda: x.gather(1, Tensor((2, 3, 4))), "gather needs index of int64, but receives float32"),
    (lambda: x.masked_fill(x, 0), "masked_fill needs a mask of bool, but receives float32"),
    (
        lambda: Tensor((2,), t.dtypes.float16).masked_fill(Tensor((2,), t.dtypes.bool), -1e9),
        "masked_fill cannot put -1000000000.0 into float16: it is out of range",
    ),
    (
        lambda: x.add_(Tensor((5, 2, 3, 4))),
        "add_ works in place, but its result is 5×2×3×4 and its tensor 2×3×4",
    ),
    (
        lambda: t.zeros(2, dtype=t.dtypes.int64).div_(2),
        "div_ works in place, but its result is float32 and its tensor int64",
    ),
    (lambda: x[0].copy_(x), "copy_ cannot copy 2×3×4 into 3×4"),
    (lambda: x.__setitem__(0, Tensor((3, 5))), None),
    (lambda: x.to("gpu"), None),
    (
        lambda: x.contiguous(memory_format=t.channels_last),
        "contiguous needs 4 dimensions for torch.channels_last, but receives 3",
    ),
    (lambda: t.linalg.inv(x), "inv expects square matrices, but receives 2×3×4"),
    (
        lambda: t.cross(x, x, dim=2),
        "cross needs 3 elements along a dimension, but receives 2×3×4 and 2×3×4",
    ),
    (lambda: t.fft.rfft(x, n=0), "rfft cannot transform 0 points: dimension 2 of 2×3×4"),
    (
        lambda: t.stft(Tensor((1, 100)), 400, return_complex=True),
        "stft pads 200 elements at each end in mode reflect, but there are 100",
    ),
    (
        lambda: t.multinomial(x[0], 5),
        "multinomial cannot draw 5 of 4 without replacement (fix: replacement=True)",
    ),
    (
        lambda: t.put(x, t.zeros(2, dtype=t.int64), Tensor((3,))),
        "put has 2 indices for 3 elements",
    ),
    (
        lambda: x.index_reduce(1, t.zeros(2, dtype=t.int64), Tensor((2, 2, 4)), "sum"),
        "index_reduce has reduce='sum', which is not one of 'prod', 'mean', 'amax' and 'amin'",
    ),
    (
        lambda: t.unravel_index(x, (2, 3)),
        "unravel_index needs indices of integers, but receives float32",
    ),
    (lambda: t.gradient(x, edge_order=3), "gradient has edge_order=3, which is neither 1 nor 2"),
    (
        lambda: t.special.expit(x, x),
        "expit takes one tensor and nothing else",
    ),
    (
        lambda: t.special.zeta(x.half(), 2),
        "zeta is not defined for float16 (fix: a tensor of float32)",
    ),
    (lambda: t.special.polygamma(-1, x), "polygamma has n=-1, which must be at least 0"),
    (lambda: t.ldexp(x, x.bool()), "ldexp is not defined for float32 and bool"),
    (
        lambda: t.linalg.solve_triangular(x, x, upper=True),
        "solve_triangular expects square matrices, but receives 2×3×4",
    ),
    (
        lambda: t.linalg.lstsq(x, Tensor((2, 4, 1))),
        "lstsq cannot solve for 2×4×1 with 2×3×4",
    ),
    (
        lambda: t.linalg.lu_factor(x, pivot=False),
        "lu_factor has pivot=False, which torch does not have on the CPU (fix: pivot=True)",
    ),
    (
        lambda: t.linalg.tensorsolve(x, Tensor((2, 3))),
        "tensorsolve cannot solve for 2×3 with 2×3×4",
    ),
    (
        lambda: t.lu_unpack(x, Tensor((2, 3))),
        "lu_unpack needs pivots of int32, but receives float32",
    ),
    (
        lambda: t.nn.functional.pad(x.half(), (1, 1), value=-1e9),
        "pad cannot put -1000000000.0 into float16: it is out of range",
    ),
    (
        lambda: t.nn.utils.rnn.pad_sequence([x, Tensor((3, 5))]),
        "pad_sequence cannot combine 3×3×4 and 3×5: dimension -1 is 4 in one and 5 in another, and "
        "neither is 1",
    ),
    (lambda: t.arange(5, 0), "arange cannot count from 5 to 0 in steps of 1"),
    (lambda: t.zeros(2, -1), "zeros a tensor of shape 2×-1 would have a negative size"),
    (lambda: t.zeros(2, devize="cpu"), "zeros has no argument 'devize'"),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[str(m)[:40] for _, m in REFUSALS])
def test_refusals(call: Callable[[], Any], message: str | None) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        call()
    assert message is None or str(refusal.value) == message


@pytest.mark.parametrize(
    "call",
    [
        lambda: x[(mask,)],
        lambda: t.masked_select(x, x > 0),
        lambda: t.nonzero(x),
        lambda: t.where(x > 0),
        lambda: t.unique(x),
        lambda: x.repeat_interleave(Tensor((2,), t.dtypes.int64), dim=0),
        lambda: bool(x[0, 0, 0]),
        lambda: x.add(1, out=x),
        lambda: t.zeros(2, 10**7).unbind(1),
        lambda: t.nn.utils.rnn.pack_padded_sequence(x, Tensor((2,), t.int64)),
        lambda: x[0, 0, 0].is_nonzero(),
        lambda: t.linalg.lstsq(x.mT, Tensor((2, 4, 1)), driver="gelsd"),
    ],
)
def test_a_shape_that_depends_on_data_is_not_guessed(call: Callable[[], Any]) -> None:
    with pytest.raises(cs.UnknownOperation):
        call()


def test_what_is_read_of_a_tensor() -> None:
    """The same expression gives the same on a tensor of torch's."""
    expressions = (
        "x.shape[1:].numel()", "x.size().numel()", "len(x)", "(x.shape + (1,)).numel()",
        "x.device.type", "x.is_cuda", "str(x.device)", "repr(t.device('cuda:1'))",
        "t.device('cpu') == x.device", "x.requires_grad", "x.grad",
        "x.is_leaf", "repr(x.layout)", "x.itemsize", "x.nbytes", "x.get_device()", "x.type()",
        "x.half().type()", "x.is_floating_point()", "t.is_tensor(x)", "t.is_tensor(1)",
        "t.numel(x)", "t.finfo(t.float16).max", "t.finfo(t.bfloat16).eps", "t.finfo(t.float32).min",
        "t.finfo(t.float64).tiny", "t.iinfo(t.uint8).max",
        "t.iinfo(t.int64).min", "t.can_cast(t.float32, t.int8)",
        "repr(t.promote_types(t.int8, t.uint8))", "repr(t.get_default_dtype())",
        "tuple(x.mH.shape)", "tuple(x[0].H.shape)", "x.requires_grad_().requires_grad",
        "repr(t.as_tensor([1, 2.0], dtype=float).dtype)", "repr(x.new_tensor([1]).dtype)",
        "x.is_signed()",
    )  # fmt: skip
    for text in expressions:
        ours, theirs = (eval(text, {"t": lib, "x": lib.zeros(2, 3, 4)}) for lib in (t, torch))
        assert ours == theirs, text


def test_arrays_of_numpy() -> None:
    array = np.zeros((2, 3), dtype="int16")
    made = (t.from_numpy(array), t.as_tensor(array), t.tensor([array, array]))
    assert [(each.shape, each.dtype) for each in made] == [
        ((2, 3), t.int16), ((2, 3), t.int16), ((2, 2, 3), t.int16)
    ]  # fmt: skip


NUMPY_NAMES = [
    Call("cat", ([T((2, 3)), T((2, 3))],), {"axis": 1}),
    Call("cat", ([T((2, 3)), T((2, 3))],), {"dim": 1, "axis": 1}),
    Call("sum", (T((2, 3)),), {"axis": -1, "keepdims": True}),
    Call("max", (T((2, 3)),), {"axis": 0}, method=True),
    Call("cumsum_", (T((2, 3)),), {"axis": 1}, method=True),
    Call("mean", (T((2, 3)), 1), {"axis": 1}),
    Call("add", (), {"x1": T((2, 3)), "x2": T((3,))}),
    Call("add", (), {"x": T((2, 3)), "a": T((2, 3)), "x2": T((3,))}),
    Call("relu", (T((2, 3)),), {"axis": 1}),
    Call("norm", (T((2, 3)),), {"axis": 1}),
    Call("split", (T((2, 3)), 1), {"axis": 1}, method=True),
    Call("linalg.norm", (T((2, 3)),), {"axis": 1}),
    Call("fft.fft", (T((2, 3)),), {"axis": 1}),
    Call("nn.functional.softmax", (T((2, 3)),), {"axis": 1}),
]


@pytest.mark.parametrize("call", NUMPY_NAMES, ids=str)
def test_the_names_of_numpy_are_taken_where_torch_takes_them(call: Call) -> None:
    assert by_convshape(call).agrees(by_torch(call))


def test_operations_in_place_change_their_tensor() -> None:
    y = Tensor((2, 1, 3))
    z = y
    z += 1
    z[0] = Tensor((3,))
    assert y.squeeze_(1).transpose_(0, 1).unsqueeze_(0) is z is y
    assert y.shape == (1, 3, 2)
    y.data = Tensor((4,), t.float64)
    assert (y.shape, y.dtype) == ((4,), t.float64)


def test_examples() -> None:
    assert x.permute(0, 2, 1).shape == x.mT.shape == x.transpose(1, 2).shape == (2, 4, 3)
    assert x[:, 1:, ::2].shape == (2, 2, 2)
    assert x[..., None, -1].shape == (2, 3, 1)
    assert [part.shape for part in x.chunk(2, dim=1)] == [(2, 2, 4), (2, 1, 4)]
    assert t.stack([x, x], dim=1).flatten(1, 2).shape == (2, 6, 4)
    assert x.max(dim=1).values.shape == (2, 4)
    assert t.einsum("nqd,nkd->nqk", x, x).shape == (2, 3, 3)
    assert [y.shape for y in t.meshgrid(t.arange(3), t.arange(4), indexing="ij")] == [
        (3, 4),
        (3, 4),
    ]
    assert (x > 0).dtype is t.dtypes.bool
    assert x.half().dtype is x.to(t.dtypes.float16).dtype is t.dtypes.float16
    assert [part.shape for part in t.linalg.lu(x)] == [(2, 3, 3), (2, 3, 3), (2, 3, 4)]
    assert t.linalg.lstsq(x, Tensor((2, 3, 5))).solution.shape == (2, 4, 5)
    assert t.linalg.cond(x).shape == (2,)
    assert t.linalg.tensorinv(Tensor((4, 6, 8, 3)), ind=2).shape == (8, 3, 4, 6)
    assert t.geqrf(x).tau.shape == (2, 3)
    assert t.special.logsumexp(x, 1).shape == (2, 4)
    assert t.frexp(x).exponent.dtype is t.int32
    assert t.histogram(x, 5).bin_edges.shape == (6,)
    assert t.nonzero_static(x, size=7).shape == (7, 3)
    assert len(t.unravel_index(t.zeros(5, dtype=t.int64), (2, 3, 4))) == 3
    assert x.new(2, 5).shape == (2, 5)
    assert t.nn.utils.rnn.pad_sequence(
        [Tensor((5, 2)), Tensor((3, 2))], batch_first=True
    ).shape == (2, 5, 2)
