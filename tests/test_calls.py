"""The functions and methods of tensors against torch: a property over legal and illegal calls, and refusals."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from calls import CALLS, call_convshape, call_torch
from hypothesis import given
from hypothesis import strategies as st

import convshape as cs
from convshape import Tensor
from convshape import shapetorch as t
from convshape.shapetorch.ops import FUNCTIONS, METHODS


@pytest.mark.parametrize("family", CALLS)
@given(data=st.data())
def test_a_family_of_calls_agrees_with_torch(family: str, data: st.DataObject) -> None:
    """Accepted by torch where accepted here; then the same shapes and dtypes."""
    call = CALLS[family](lambda choices: data.draw(st.sampled_from(choices)))
    assert call_convshape(call) == call_torch(call), call


@pytest.mark.parametrize("family", CALLS)
def test_what_the_device_accepts_has_our_shape(family: str, device: str) -> None:
    rng = random.Random(family)
    accepted = 0
    for _ in range(300):
        call = CALLS[family](rng.choice)
        ours = call_convshape(call)
        if ours.called:
            theirs = call_torch(call, device)
            accepted += theirs.called
            assert not theirs.called or theirs == ours, call
    assert accepted > 30


def test_functions_and_methods_are_where_torch_has_them() -> None:
    assert [name for name in FUNCTIONS if not hasattr(torch, name)] == []
    assert [name for name in METHODS if not hasattr(torch.Tensor, name) and name != "getitem"] == []


x = Tensor((2, 3, 4))
mask = Tensor((2, 3), t.dtypes.bool)

REFUSALS = [
    (lambda: x.view(5, -1), "view cannot give 2×3×4 = 24 elements the shape (5, -1)"),
    (lambda: x.permute(0, 1), "permute needs all 3 dimensions in dims, but receives 2: (0, 1)"),
    (lambda: x.permute(0, 1, 1), "permute has dimension 1 twice in dims=(0, 1, 1)"),
    (lambda: x.transpose(1, 3), "transpose has no dimension dim1=3: its input has 3, numbered -3..2"),
    (lambda: x.expand(2, 3, 5), "expand cannot expand 2×3×4 to (2, 3, 5): dimension -1 is 4, not 1"),
    (lambda: x.repeat(2), "repeat has 1 repeats for 3 dimensions: 2×3×4"),
    (lambda: x[:, 3], "getitem has index 3 in a dimension of 3"),
    (lambda: x[0, 0, 0, 0], "getitem has 4 indices for 3 dimensions: 2×3×4"),
    (lambda: x[::-1], "getitem has a slice with step -1, which must be positive (fix: flip)"),
    (
        lambda: t.cat([x, Tensor((2, 5, 5))], dim=1),
        "cat cannot join 2×3×4 and 2×5×5 along dimension 1: dimension 2 is 4 in one and 5 in the other",
    ),
    (lambda: t.cat([x, Tensor((2, 3))]), "cat cannot join 2×3×4 and 2×3: they differ in dimensions"),
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
    (lambda: t.einsum("bij,bjk->bik", x, x), "einsum has 'j' = 4 and = 3 in 'bij,bjk->bik'"),
    (lambda: x + Tensor((2, 4)), None),
    (lambda: x.gather(1, Tensor((2, 3, 4))), "gather needs index of int64, but receives float32"),
    (lambda: x.masked_fill(x, 0), "masked_fill needs a mask of bool, but receives float32"),
    (
        lambda: Tensor((2,), t.dtypes.float16).masked_fill(Tensor((2,), t.dtypes.bool), -1e9),
        "masked_fill cannot put -1000000000.0 into float16: it is out of range",
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
        lambda: x[mask],
        lambda: t.masked_select(x, x > 0),
        lambda: t.nonzero(x),
        lambda: t.where(x > 0),
        lambda: t.unique(x),
        lambda: x.repeat_interleave(Tensor((2,), t.dtypes.int64), dim=0),
        lambda: bool(x),
        lambda: t.zeros(2, 10**7).unbind(1),
    ],
)
def test_a_shape_that_depends_on_data_is_not_guessed(call: Callable[[], Any]) -> None:
    with pytest.raises(cs.UnknownOperation):
        call()


def test_examples() -> None:
    assert x.permute(0, 2, 1).shape == x.mT.shape == x.transpose(1, 2).shape == (2, 4, 3)
    assert x[:, 1:, ::2].shape == (2, 2, 2)
    assert x[..., None, -1].shape == (2, 3, 1)
    assert [part.shape for part in x.chunk(2, dim=1)] == [(2, 2, 4), (2, 1, 4)]
    assert t.stack([x, x], dim=1).flatten(1, 2).shape == (2, 6, 4)
    assert x.max(dim=1).values.shape == (2, 4)
    assert t.einsum("nqd,nkd->nqk", x, x).shape == (2, 3, 3)
    assert [y.shape for y in t.meshgrid(t.arange(3), t.arange(4), indexing="ij")] == [(3, 4), (3, 4)]
    assert (x > 0).dtype is t.dtypes.bool
    assert x.half().dtype is x.to(t.dtypes.float16).dtype is t.dtypes.float16
