"""Functions of layers, called with weights: what is refused and what the result is, next to torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import convshape as cs
from convshape.api import trace_expression
from convshape.shapetorch.nn import functional as F


def called(call: str, functions: Any, tensor: Any) -> tuple[int, ...]:
    result = eval(call, {"F": functions, "T": lambda *shape: tensor(shape)})
    return tuple(result.shape)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "F.conv2d(T(2,4,8,8), T(6,4,3,3), groups=0)",
            "conv2d needs groups as a positive int, but receives 0",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(6,4,3))",
            "conv2d needs a kernel of 2 sizes, one for each axis, but has 1",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(6,4,3,3,3))",
            "conv2d needs a kernel of 2 sizes, one for each axis, but has 3",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(5,2,3,3), groups=2)",
            "conv2d cannot divide 5 filters among 2 groups",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(1,2,3,3), groups=2)",
            "conv2d cannot divide 1 filters among 2 groups",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(6,4,0,3))",
            "conv2d has a kernel of 0×3, and a kernel must be at least 1",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(6,4,3,0))",
            "conv2d has a kernel of 3×0, and a kernel must be at least 1",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(6,0,3,3))",
            "conv2d expects 0 channels, but receives 4: 2×4×8×8",
        ),
        (
            "F.conv2d(T(0,4,8,8), T(6,4,3,3), T(6).double())",
            "conv2d cannot add a bias of float64 to float32",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(6,4,3,3), T(5))",
            "conv2d makes 6 channels, but has a bias of 5",
        ),
        (
            "F.conv_transpose2d(T(0,4,8,8).long(), T(4,6,3,3).long(), T(6))",
            "conv_transpose2d cannot add a bias of float32 to int64",
        ),
        (
            "F.conv_transpose2d(T(2,4,8,8), T(4,6,3,3), groups=3)",
            "conv_transpose2d cannot divide 4 filters among 3 groups",
        ),
        (
            "F.conv_transpose2d(T(2,3,8,8), T(4,6,3,3))",
            "conv_transpose2d expects 4 channels, but receives 3: 2×3×8×8",
        ),
        ("F.linear(T(2,3).bool(), T(4,3).bool())", "linear is not defined for bool"),
        (
            "F.linear(T(2,3,4), T(5,4), T(1,5).double())",
            "linear has float64 weights, but receives float32 (fix: an input of float64)",
        ),
        (
            "F.linear(T(2,3,4), T(5,4), T(0,5).double())",
            "linear cannot combine 2×3×5 and 0×5: dimension -2 is 3 in one and 0 in another, and neither is 1",
        ),
        ("F.linear(T(4), T(4), T(5))", "linear makes (), to which its bias of 5 cannot be added"),
        ("F.linear(T(2,4), T(4), T(1))", "linear makes 2, to which its bias of 1 cannot be added"),
        (
            "F.bilinear(T(2,3), T(2,4), T(5,3,4), T(6))",
            "bilinear makes 5 features, but has a bias of 6",
        ),
    ],
)
def test_refusals(call: str, message: str) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        called(call, F, cs.Tensor)
    assert str(refusal.value) == message
    with pytest.raises(RuntimeError):
        called(call, torch.nn.functional, torch.zeros)


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("F.conv2d(T(2,0,8,8), T(6,0,3,3))", (2, 0, 6, 6)),
        ("F.conv2d(T(0,4,8,8), T(6,4,3,3), T(6))", (0, 6, 6, 6)),
        ("F.conv_transpose2d(T(0,4,8,8), T(4,6,3,3), T(6).double())", (0, 6, 10, 10)),
        ("F.linear(T(0,3).bool(), T(4,3).bool())", (0, 4)),
        ("F.linear(T(2,0).bool(), T(4,0).bool())", (2, 4)),
        ("F.linear(T(2,3,4), T(5,4), T(3,5).double())", (2, 3, 5)),
        ("F.linear(T(4), T(5,4), T(1,5))", (5,)),
    ],
)
def test_examples(call: str, shape: tuple[int, ...]) -> None:
    assert called(call, F, cs.Tensor) == shape
    assert called(call, torch.nn.functional, torch.zeros) == shape


def test_groups_that_fit_other_channels_are_offered() -> None:
    error = trace_expression("Conv2d(12, 8, 3, groups=4)", "10x9x9").error
    assert error is not None
    assert error.fix.startswith("Conv2d(10, 8, 3, groups=2)")
