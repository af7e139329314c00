"""Functions of layers, called with weights: refusals and results, next to torch."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import torch

import convshape as cs
from convshape import shapetorch
from convshape.api import trace_expression


def called(call: str, torch: Any, tensor: Any) -> Any:
    names = {"F": torch.nn.functional, "T": lambda *shape: tensor(shape), "t": torch}
    return eval(call, names)


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
            "linear has a bias of float64, but receives float32 (fix: a bias of float32)",
        ),
        (
            "F.linear(T(2,4), T(5,4).double())",
            "linear has weights of float64, but receives float32 (fix: an input of float64)",
        ),
        (
            "F.conv2d(T(2,4,8,8), T(6,4,3,3), T(6).double())",
            "conv2d has a bias of float64, but receives float32 (fix: a bias of float32)",
        ),
        (
            "F.bilinear(T(2,3), T(2,4), T(5,3,4), T(5).double())",
            "bilinear has a bias of float64, but receives float32 (fix: a bias of float32)",
        ),
        (
            "F.linear(T(2,3,4), T(5,4), T(0,5).double())",
            "linear cannot combine 2×3×5 and 0×5: dimension -2 is 3 in one and 0 in another, "
            "and neither is 1",
        ),
        ("F.linear(T(4), T(4), T(5))", "linear makes (), to which its bias of 5 cannot be added"),
        ("F.linear(T(2,4), T(4), T(1))", "linear makes 2, to which its bias of 1 cannot be added"),
        (
            "F.bilinear(T(2,3), T(2,4), T(5,3,4), T(6))",
            "bilinear makes 5 features, but has a bias of 6",
        ),
        ("F.pad(T(1, 3, 5), (1, ))", "pad needs two amounts for each axis, but receives 1: (1,)"),
        (
            "F.pad(T(1, 3, 5), (1, 1, 1, 1, 1, 1, 1, 1))",
            "pad has amounts for 4 axes, but its input has 3: 1×3×5",
        ),
        (
            "F.pad(T(1, 3, 5), (1, 1), 'wrap')",
            "pad has mode='wrap', which is not one of 'constant', 'reflect', 'replicate' "
            "and 'circular'",
        ),
        (
            "F.pad(T(1, 3, 5), (1, 1), 'reflect', value=1)",
            "pad has mode='reflect', which takes no value, but value=1",
        ),
        (
            "F.pad(T(3), (1, 1), 'reflect')",
            "pad expects 3 dimensions (N, C, L), or 2 without the batch, but receives 1: 3 "
            "(fix: an input such as 1×3×32)",
        ),
        (
            "F.pad(T(2, 2, 2, 2, 2, 2), (1, )*8, 'replicate')",
            "pad pads 1, 2 or 3 axes with mode='replicate', not 4",
        ),
        ("F.pad(T(1, 3, 5).bool(), (1, 1), 'reflect')", "pad is not defined for bool"),
        ("F.pad(T(1, 0, 5), (1, 1), 'reflect')", "pad receives an empty input: 1×0×5"),
        (
            "F.pad(T(1, 3, 5), (5, 4), 'reflect')",
            "pad reflects 5, which must be less than the axis of 5",
        ),
        (
            "F.pad(T(1, 3, 5), (6, 4), 'circular')",
            "pad wraps 6 around, which is more than the axis of 5",
        ),
        (
            "F.pad(T(1, 3, 5, 4), (4, 3, 5, 1), 'reflect')",
            "pad reflects 5, which must be less than the axis of 5",
        ),
        ("F.pad(T(1, 3, 5), (-3, -3))", "pad cannot cut 3 and 3 off an axis of 5"),
        ("F.pad(T(1, 3, 5), (-6, 2))", "pad cannot cut 6 and 0 off an axis of 5"),
        ("F.pad(T(1, 3, 5), (-3, -2), 'replicate')", "pad would leave nothing of 1×3×5"),
        ("F.pad(T(1, 3, 5), (-3, -3), 'replicate')", "pad cannot cut 6 off an axis of 5"),
        ("F.pad(T(1, 3, 5).byte(), (1, 1), value=-1)", "pad has value=-1, which uint8 cannot hold"),
        (
            "F.pad(T(1, 3, 5).byte(), (1, 1), value=300)",
            "pad cannot put 300.0 into uint8: it is out of range",
        ),
        (
            "F.max_pool2d(T(1, 3, 8, 8), 3, padding=2)",
            "max_pool2d has padding 2×2, more than half its kernel of 3×3: a window could "
            "contain only padding",
        ),
        (
            "F.max_pool2d(T(1, 3, 8, 8), 2, stride=0)",
            "max_pool2d has stride 0×0, which must be at least 1",
        ),
        (
            "F.max_pool2d(T(1, 3, 2, 8), 3)",
            "max_pool2d has a kernel of 3×3, larger than its padded input 2×8",
        ),
        (
            "F.max_pool2d(T(1, 3, 8, 8), (3, 3, 3))",
            "max_pool2d needs kernel_size as one int or 2, one for each spatial axis, but "
            "receives 3: (3, 3, 3)",
        ),
        (
            "F.max_pool2d(T(3, 8), 2)",
            "max_pool2d expects 4 dimensions (N, C, H, W), or 3 without the batch, but "
            "receives 2: 3×8 (fix: an input such as 1×3×32×32)",
        ),
        ("F.max_pool2d(T(1, 0, 8, 8), 2)", "max_pool2d receives an empty input: 1×0×8×8"),
        ("F.max_pool2d(T(1, 3, 0, 8), 2)", "max_pool2d receives an empty input: 1×3×0×8"),
        (
            "F.avg_pool2d(T(1, 3, 8, 8), 2, divisor_override=0)",
            "avg_pool2d needs divisor_override as an int other than 0, but receives 0",
        ),
        (
            "F.avg_pool2d(T(1, 3, 8, 8), 4, padding=3)",
            "avg_pool2d has padding 3×3, more than half its kernel of 4×4: a window could "
            "contain only padding",
        ),
        (
            "F.adaptive_avg_pool2d(T(1, 3, 8, 8), (-1, 4))",
            "adaptive_avg_pool2d has output_size -1×4, and a size cannot be negative",
        ),
        (
            "F.lp_pool1d(T(3, 8), 2, 9)",
            "avg_pool1d has a kernel of 9, larger than its padded input 8",
        ),
        (
            "F.max_unpool2d(T(1, 3, 4, 4), T(1, 3, 4, 4).long(), 2, output_size=(10, 10))",
            "max_unpool2d cannot make 10 where it makes 8, give or take less than the stride 2",
        ),
        (
            "F.max_unpool2d(T(1, 3, 4, 4), T(1, 3, 4, 4), 2)",
            "max_unpool2d needs indices of int64, but receives float32",
        ),
        (
            "F.max_unpool2d(T(1, 3, 4, 4), T(1, 3, 4, 5).long(), 2)",
            "max_unpool2d receives 1×3×4×4, but indices of 1×3×4×5",
        ),
        (
            "F.fractional_max_pool2d(T(1, 3, 8, 8), 2, output_size=8)",
            "fractional_max_pool2d cannot place 8 windows of 2 in an axis of 8",
        ),
        (
            "F.max_pool1d(T(3, 8).long(), 2)",
            "max_pool1d is not defined for int64 unless with return_indices=True",
        ),
        ("F.max_pool2d(T(1, 3, 8, 8).bool(), 2)", "max_pool2d is not defined for bool"),
        (
            "F.adaptive_avg_pool1d(T(8), 1)",
            "adaptive_avg_pool1d expects 3 dimensions (N, C, L), or 2 without the batch, but "
            "receives 1: 8 "
            "(fix: an input such as 1×3×32)",
        ),
        (
            "F.max_pool2d(T(1,3,16,16).byte().contiguous(memory_format=t.channels_last), 2)",
            "max_pool2d counts the 256 places of 1×3×16×16, whose channels are last in "
            "memory, in 8 bits "
            "(fix: `.contiguous()` before it)",
        ),
        (
            "F.max_pool2d(T(1,3,256,128).short().contiguous(memory_format=t.channels_last), 2)",
            "max_pool2d counts the 32768 places of 1×3×256×128, whose channels are last in "
            "memory, in 16 bits "
            "(fix: `.contiguous()` before it)",
        ),
    ],
)
def test_refusals(call: str, message: str) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        called(call, shapetorch, cs.Tensor)
    assert str(refusal.value) == message
    with pytest.raises((RuntimeError, ValueError)):
        called(call, torch, torch.zeros)


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
        ("F.pad(T(1, 3, 5), (1, 1), 'circular', value=0)", (1, 3, 7)),
        ("F.pad(T(1, 3, 5).bool(), (1, 1), 'circular')", (1, 3, 7)),
        ("F.pad(T(0, 3, 5), (1, 1), 'reflect')", (0, 3, 7)),
        ("F.pad(T(1, 3, 5), (4, 4), 'reflect')", (1, 3, 13)),
        ("F.pad(T(1, 3, 5), (5, 5), 'circular')", (1, 3, 15)),
        ("F.pad(T(1, 3, 5), (-2, -3))", (1, 3, 0)),
        ("F.pad(T(1, 3, 5), (-6, 3), 'replicate')", (1, 3, 2)),
        ("F.pad(T(1, 3, 5), (-3, -2), 'circular')", (1, 3, 0)),
        ("F.pad(T(1, 3, 5), (1, 2, 3, 4))", (1, 10, 8)),
        ("F.pad(T(1, 3, 5).byte(), (0, 0), value=-1)", (1, 3, 5)),
        ("F.pad(T(1, 3, 5).byte(), (1, -1), value=0.0)", (1, 3, 5)),
        ("F.max_pool2d(T(1, 3, 8, 8), (3, ))", (1, 3, 2, 2)),
        ("F.max_pool2d(T(0, 3, 8, 8), 2)", (0, 3, 4, 4)),
        ("F.adaptive_avg_pool2d(T(1, 3, 8, 8), (0, 4))", (1, 3, 0, 4)),
        ("F.adaptive_avg_pool2d(T(1, 3, 8, 8), (None, 4))", (1, 3, 8, 4)),
        ("F.adaptive_max_pool2d(T(1, 3, 8, 8), 4)", (1, 3, 4, 4)),
        ("F.lp_pool2d(T(1, 3, 8, 8), 2, 3)", (1, 3, 2, 2)),
        ("F.max_unpool2d(T(1, 3, 4, 4), T(1, 3, 4, 4).long(), 2)", (1, 3, 8, 8)),
        (
            "F.max_unpool2d(T(1, 3, 4, 4), T(1, 3, 4, 4).long(), 2, output_size=(9, 9))",
            (1, 3, 9, 9),
        ),
        ("F.fractional_max_pool2d(T(1, 3, 8, 8), 2, output_size=7)", (1, 3, 7, 7)),
        ("F.avg_pool1d(T(3, 8).long(), 2)", (3, 4)),
        ("F.lp_pool2d(T(1,3,8,8), float('inf'), 3, 1)", (1, 3, 6, 6)),
        ("F.lp_pool2d(T(1,3,8,8), float('-inf'), 3, 1)", (1, 3, 6, 6)),
        ("F.adaptive_avg_pool1d(T(3,8), 1)", (3, 1)),
        ("F.adaptive_avg_pool2d(T(2,2,2,3,8), 1)", (2, 2, 2, 1, 1)),
        (
            "F.max_pool2d(T(1,3,8,8).byte().contiguous(memory_format=t.channels_last), 2)",
            (1, 3, 4, 4),
        ),
        ("F.max_pool2d(T(1,3,16,16).byte(), 2)", (1, 3, 8, 8)),
        ("F.pad(T(2,3,4,5).permute(0,2,3,1), (0,0))", (2, 4, 5, 3)),
        ("F.pad(T(2,3,4,5).permute(0,2,3,1), (1,0))", (2, 4, 5, 4)),
        ("F.pad(T(2,3,4,5).permute(0,2,3,1), (-1,0))", (2, 4, 5, 2)),
        ("F.conv1d(T(2,3,8).transpose(1,2).contiguous().transpose(1,2), T(4,3,3))", (2, 4, 6)),
        (
            "F.conv2d(T(2,3,8,8).contiguous(memory_format=t.channels_last), T(4,3,3,3))",
            (2, 4, 6, 6),
        ),
    ],
)
def test_examples(call: str, shape: tuple[int, ...]) -> None:
    result, expected = called(call, shapetorch, cs.Tensor), called(call, torch, torch.zeros)
    assert result.shape == shape == tuple(expected.shape)
    with suppress(cs.UnknownOperation):
        assert result.stride() == expected.stride()


def test_groups_that_fit_other_channels_are_offered() -> None:
    error = trace_expression("Conv2d(12, 8, 3, groups=4)", "10x9x9").error
    assert error is not None
    assert error.fix.startswith("Conv2d(10, 8, 3, groups=2)")


def test_convolution_keeps_the_channels_last_in_memory() -> None:
    call = "F.conv2d(T(2,3,8,8).contiguous(memory_format=t.channels_last), T(4,3,3,3))"
    strides = called(call, shapetorch, cs.Tensor).stride()
    assert strides == called(call, torch, torch.zeros).stride() == (144, 1, 24, 4)
