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
        ("F.linear(T(2,3), T(5,1))", "linear expects 1 feature, but receives 3"),
        ("F.linear(T(2,7,3), T(5,0))", "linear expects 0 features, but receives 3"),
        ("F.linear(T(2,7,3), T(5,2))", "linear expects 2 features, but receives 3"),
        ("F.linear(T(2,4), T(2,5,4))", "linear needs weights of 1 or 2 dimensions, but has 2×5×4"),
        ("F.linear(T(2,4), T(4)[0])", "linear needs weights of 1 or 2 dimensions, but has ()"),
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
            "F.linear(T(0,4), T(5,4).double(), T(5))",
            "linear has weights of float64, but receives float32 (fix: an input of float64)",
        ),
        (
            "F.linear(T(0,4), T(5,4).double())",
            "linear needs one dtype, but receives float32 and float64",
        ),
        (
            "F.linear(T(2,4), T(5,4), T(2,5).double())",
            "linear has a bias of float64, but receives float32 (fix: a bias of float32)",
        ),
        (
            "F.linear(T(2,3,4), T(5,4), T(1).double())",
            "linear has a bias of float64, but receives float32 (fix: a bias of float32)",
        ),
        # A bias that is a vector in memory is added to the matrix of all rows.
        (
            "F.linear(T(2,3,4), T(5,4), T(3,1))",
            "linear cannot combine 6×5 and 3×1: dimension -2 is 6 in one and 3 in another, "
            "and neither is 1",
        ),
        (
            "F.linear(T(2,3,4), T(5,4), T(1,6,1))",
            "linear makes 2×3×5, to which its bias of 1×6×1 cannot be added",
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
            "F.bilinear(T(3), T(4)[0], T(5,3,4))",
            "bilinear expects at least one dimension of input2, but receives a scalar",
        ),
        (
            "F.bilinear(T(2,3), T(2,4), T(5,3,4), T(6))",
            "bilinear makes 5 features, but has a bias of 6",
        ),
        (
            "F.bilinear(T(2,3,4), T(2,7,6), T(5,4,6))",
            "bilinear receives 2×3×4 and 2×7×6, which must match in all but the last",
        ),
        (
            "F.bilinear(T(2,3,4), T(2,3,6), T(5,3,6))",
            "bilinear expects 3 features in input1, but receives 4",
        ),
        (
            "F.bilinear(T(2,4), T(2,6), T(5,24))",
            "bilinear needs weights of 3 dimensions, but has 5×24",
        ),
        ("F.bilinear(T(2,4), T(2,0), T(5,4,0))", "bilinear receives no features in input2"),
        (
            "F.bilinear(T(2,4).bool(), T(2,6).bool(), T(5,4,6).bool())",
            "bilinear is not defined for bool",
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
        (
            "F.pad(T(1, 3, 5).byte(), (1, 1), value=-1)",
            "pad cannot put -1.0 into uint8: it is out of range",
        ),
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
        (
            "F.max_pool3d(T(2,3,4,5).contiguous(memory_format=t.channels_last), 2)",
            "max_pool3d takes no batch of 2×3×4×5 with its channels last in memory "
            "(fix: `.contiguous()` before it)",
        ),
        (
            "F.max_pool2d(T(1,1,8,8), 2, 2**31)",
            "max_pool2d has stride 2147483648×2147483648, and torch counts it in 32 bits",
        ),
        (
            "F.conv2d(T(1,1,5,5), T(1,1,3,3), padding='same', stride=2)",
            "conv2d has padding='same', which keeps the size only at stride 1, not (2, 2)",
        ),
        (
            "F.conv1d(T(1,0,5), T(1,0,0), padding='same', dilation=2)",
            "conv1d has a kernel of 0, and a kernel must be at least 1",
        ),
        (
            "F.adaptive_avg_pool1d(T(3,8), (4,4))",
            "adaptive_avg_pool1d needs 1 size in output_size, but receives 2: (4, 4)",
        ),
        (
            "F.adaptive_avg_pool2d(T(1,3,8,8), (4,))",
            "adaptive_avg_pool2d needs 2 sizes in output_size, but receives 1: (4,)",
        ),
        (
            "F.adaptive_avg_pool2d(T(3,8), (None, 4))",
            "adaptive_avg_pool2d expects more dimensions than output_size has, but receives 3×8",
        ),
        (
            "F.adaptive_avg_pool2d(T(1,3,8,8).long(), 1)",
            "adaptive_avg_pool2d is not defined for int64 (fix: an input of float32)",
        ),
        (
            "F.adaptive_avg_pool3d(T(1,3,4,4,4).long(), (0,2,2))",
            "adaptive_avg_pool3d is not defined for int64 (fix: an input of float32)",
        ),
        (
            "F.adaptive_avg_pool3d(T(1,0,4,4,4), 2)",
            "adaptive_avg_pool3d receives an empty input: 1×0×4×4×4",
        ),
        (
            "F.adaptive_max_pool2d(T(1,0,4,4), 2)",
            "adaptive_max_pool2d receives an empty input: 1×0×4×4",
        ),
        *(
            (
                f"F.fractional_max_pool2d(T(2,3,8,8), 2, 4, _random_samples={samples})",
                f"fractional_max_pool2d needs _random_samples of {needed}",
            )
            for samples, needed in (
                ("T(6,2)", "2×3×2, but receives 6×2"),
                ("T(1,3,2)", "2×3×2, but receives 1×3×2"),
                ("T(2,4,2)", "2×3×2, but receives 2×4×2"),
                ("T(2,3,3)", "2×3×2, but receives 2×3×3"),
                ("T(2,3,2).double()", "float32, but receives float64"),
            )
        ),
        (
            "F.fractional_max_pool2d(T(3,8,8), 2, 4, _random_samples=T(0,3,2))",
            "fractional_max_pool2d needs _random_samples of 1×3×2, but receives 0×3×2",
        ),
        (
            "F.fractional_max_pool2d(T(1,3,8,8).long(), 2, 0)",
            "fractional_max_pool2d is not defined for int64 (fix: an input of float32)",
        ),
        (
            "F.fractional_max_pool3d(T(1,3,8,8,8), 2, 7)",
            "fractional_max_pool3d cannot place 7 windows of 2 in an axis of 8",
        ),
        (
            "F.fractional_max_pool2d(T(1,3,8,8), 2, -1)",
            "fractional_max_pool2d cannot place -1 windows of 2 in an axis of 8",
        ),
        (
            "F.fractional_max_pool2d(T(1,3,8,8), 2, output_ratio=(0.5,0.5,0.5))",
            "fractional_max_pool2d needs output_ratio as a tuple of 2, but receives "
            "(0.5, 0.5, 0.5)",
        ),
        (
            "F.fractional_max_pool2d(T(1,3,8,8), 2, output_ratio=(float('inf'), 0.5))",
            "fractional_max_pool2d has output_ratio=(inf, 0.5), which is not a finite number",
        ),
        (
            "F.fractional_max_pool2d(T(1,3,8,8), 2, output_ratio=(float('nan'), 0.5))",
            "fractional_max_pool2d has output_ratio=(nan, 0.5), which is not a finite number",
        ),
    ],
)
def test_refusals(call: str, message: str) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        called(call, shapetorch, cs.Tensor)
    assert str(refusal.value) == message
    with pytest.raises((RuntimeError, ValueError, OverflowError)):
        called(call, torch, torch.zeros)


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("F.conv2d(T(2,0,8,8), T(6,0,3,3))", (2, 0, 6, 6)),
        ("F.conv1d(T(1,0,5), T(1,0,0), padding='same')", (1, 0, 5)),
        ("F.conv2d(T(0,4,8,8), T(6,4,3,3), T(6))", (0, 6, 6, 6)),
        ("F.conv_transpose2d(T(0,4,8,8), T(4,6,3,3), T(6).double())", (0, 6, 10, 10)),
        ("F.linear(T(0,3).bool(), T(4,3).bool())", (0, 4)),
        ("F.linear(T(2,0).bool(), T(4,0).bool())", (2, 4)),
        ("F.linear(T(2,3,0).bool(), T(4,0).bool())", (2, 3, 4)),
        ("F.linear(T(0,3).bool(), T(4,3).bool(), T(4).bool())", (0, 4)),
        ("F.linear(T(6,4), T(5,4), T(6,5))", (6, 5)),
        ("F.linear(T(2,3,4), T(5,4), T(6,1))", (2, 3, 5)),
        ("F.linear(T(2,3,4), T(5,4), T(1,3,5).double())", (2, 3, 5)),
        ("F.linear(T(2,3,4), T(5,4), T(10).double()[::2])", (2, 3, 5)),
        ("F.linear(T(3,2,4).transpose(0,1), T(5,4), T(3,1))", (2, 3, 5)),
        ("F.linear(T(2,3,4), T(4), T(2,3))", (2, 3)),
        ("F.linear(T(2,3,4), T(5,4), T(3,5).double())", (2, 3, 5)),
        ("F.linear(T(4), T(5,4), T(1,5))", (5,)),
        ("F.bilinear(T(2,3,4), T(2,3,6), T(5,4,6))", (2, 3, 5)),
        ("F.bilinear(T(4), T(6), T(5,4,6))", (5,)),
        ("F.bilinear(T(2,4), T(2,6), T(5,4,6), T(5,2,1))", (5, 2, 5)),
        ("F.bilinear(T(0,4).bool(), T(0,6).bool(), T(5,4,6).bool())", (0, 5)),
        ("F.pad(T(1, 3, 5), (1, 1), 'circular', value=0)", (1, 3, 7)),
        ("F.pad(T(1, 3, 5).bool(), (1, 1), 'circular')", (1, 3, 7)),
        ("F.pad(T(0, 3, 5), (1, 1), 'reflect')", (0, 3, 7)),
        ("F.pad(T(1, 3, 5), (4, 4), 'reflect')", (1, 3, 13)),
        ("F.pad(T(1, 3, 5), (5, 5), 'circular')", (1, 3, 15)),
        ("F.pad(T(1, 3, 5), (-2, -3))", (1, 3, 0)),
        ("F.pad(T(1, 3, 5), (0, -5))", (1, 3, 0)),
        ("F.pad(T(1, 3, 5), (-5, 2))", (1, 3, 2)),
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
        ("F.fractional_max_pool2d(T(1,3,8,8), 2, 7, return_indices=True)[1]", (1, 3, 7, 7)),
        ("F.fractional_max_pool2d_with_indices(T(1,3,8,8), 2, 7)[1]", (1, 3, 7, 7)),
        ("F.fractional_max_pool3d_with_indices(T(1,3,8,8,8), 2, 6)[1]", (1, 3, 6, 6, 6)),
        ("F.fractional_max_pool3d(T(1,3,8,8,8), 2, output_ratio=0.5)", (1, 3, 4, 4, 4)),
        ("F.fractional_max_pool3d(T(1,3,8,8,8), 2, output_ratio=4*(0.5,))", (1, 3, 4, 4, 4)),
        ("F.fractional_max_pool2d(T(2,3,8,8), 2, 4, _random_samples=T(5,3,2))", (2, 3, 4, 4)),
        ("F.fractional_max_pool2d(T(3,8,8), 2, 4, _random_samples=T(1,3,2))", (3, 4, 4)),
        (
            "F.fractional_max_pool2d(T(1,3,8,8).long(), 2, 0, _random_samples=T(1,3,2).long())",
            (1, 3, 0, 0),
        ),
        ("F.adaptive_max_pool2d_with_indices(T(1,3,8,8), 4)[1]", (1, 3, 4, 4)),
        ("F.adaptive_max_pool2d(T(0,3,4,4), 2)", (0, 3, 2, 2)),
        ("F.adaptive_avg_pool2d(T(1,0,4,4), 2)", (1, 0, 2, 2)),
        ("F.adaptive_avg_pool2d(T(1,3,8,8).long(), (0,4))", (1, 3, 0, 4)),
        ("F.adaptive_avg_pool2d(T(1,3,8,8).to(t.complex64), 1)", (1, 3, 1, 1)),
        ("F.adaptive_avg_pool1d(T(3,8).to(t.complex64), 1)", (3, 1)),
        ("F.adaptive_avg_pool1d(T(2,3,8).to(t.complex64), 1)", (2, 3, 1)),
        ("F.adaptive_avg_pool2d(T(3,8), 1)", (1, 1)),
        ("F.avg_pool1d(T(3, 8).long(), 2)", (3, 4)),
        ("F.lp_pool2d(T(1,3,8,8), float('inf'), 3, 1)", (1, 3, 6, 6)),
        ("F.lp_pool2d(T(1,3,8,8), float('-inf'), 3, 1)", (1, 3, 6, 6)),
        ("F.adaptive_avg_pool1d(T(3,8), 1)", (3, 1)),
        ("F.adaptive_avg_pool2d(T(2,2,2,3,8), 1)", (2, 2, 2, 1, 1)),
        (
            "F.max_pool2d(T(1,3,8,8).byte().contiguous(memory_format=t.channels_last), 2)",
            (1, 3, 4, 4),
        ),
        (
            "F.max_pool3d(T(1,3,4,4,4).contiguous(memory_format=t.channels_last_3d), 2)",
            (1, 3, 2, 2, 2),
        ),
        *(
            (
                f"F.adaptive_avg_pool3d(T(2,3,4,4,4).contiguous(memory_format="
                f"t.channels_last_3d), {size})",
                (2, 3, size, size, size),
            )
            for size in (1, 2)
        ),
        ("F.max_pool2d(T(1,3,8,8), 2, 2**31 - 1)", (1, 3, 1, 1)),
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
