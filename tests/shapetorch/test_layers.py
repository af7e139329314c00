"""Every layer against torch: a property over legal and illegal calls, examples, and refusals."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convshape as cs
from convshape import Tensor, nn, shapetorch
from convshape.api import trace_expression
from convshape.shapetorch.dtypes import int64 as INT64
from convshape.shapetorch.nn import functional as F
from convshape.verify.generators import FAMILIES
from convshape.verify.generators.choices import arranged
from convshape.verify.generators.data import Case
from convshape.verify.generators.judging import by_convshape, by_torch


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=200)
@given(random=st.randoms(use_true_random=True))  # a draw for each choice would take the most time
def test_a_family_agrees_with_torch(family: str, random: random.Random) -> None:
    """What is accepted here, torch accepts at the same time, with equal results, state and text."""
    pytest.importorskip("torch")  # without it each draw would fail at another place
    case = arranged(random.choice, FAMILIES[family](random.choice))
    assert by_convshape(case).agrees(by_torch(case)), case


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_device_accepts_has_our_shape(family: str, device: str) -> None:
    """On another device the CPU decides refusals; the results have the same shape."""
    rng = random.Random(family)
    accepted = 0
    for _ in range(300):
        case = FAMILIES[family](rng.choice)
        ours = by_convshape(case)
        if ours.called and case.dtype in ("float32", "int64"):
            theirs = by_torch(case, device)
            accepted += theirs.called
            assert not theirs.called or theirs == ours, case
    assert accepted > 30


EXAMPLES = [
    ("Conv1d(1, 32, 80, stride=16)", "1x8000", (1, 32, 496)),
    ("Conv2d(3, 6, 5)", "3x32x32", (1, 6, 28, 28)),
    ("Conv2d(3, 64, 7, 2, 3)", "3x224x224", (1, 64, 112, 112)),
    ("Conv2d(3, 6, (3, 5), padding=(1, 2))", "3x32x32", (1, 6, 32, 32)),
    ("Conv2d(3, 6, 4, padding='same', dilation=3)", "3x32x32", (1, 6, 32, 32)),
    ("Conv2d(3, 6, 3, padding=4, padding_mode='circular')", "3x4x4", (1, 6, 10, 10)),
    ("Conv2d(4, 8, 3, groups=4)", "4x8x8", (1, 8, 6, 6)),
    ("Conv3d(3, 64, 3, padding=1)", "3x16x112x112", (1, 64, 16, 112, 112)),
    ("ConvTranspose1d(4, 2, 3, stride=2)", "4x10", (1, 2, 21)),
    ("ConvTranspose2d(8, 4, 4, stride=2, padding=1)", "8x7x7", (1, 4, 14, 14)),
    ("ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1)", "8x7x7", (1, 4, 14, 14)),
    ("ConvTranspose3d(2, 2, 2, stride=2)", "2x4x4x4", (1, 2, 8, 8, 8)),
    ("MaxPool1d(4)", "2x31", (1, 2, 7)),
    ("MaxPool2d(3, 2, 1)", "64x112x112", (1, 64, 56, 56)),
    ("MaxPool2d(3, 2, ceil_mode=True)", "64x112x112", (1, 64, 56, 56)),
    ("MaxPool3d(2, padding=(0, 1, 1))", "512x2x7x7", (1, 512, 1, 4, 4)),
    ("AvgPool1d(4, ceil_mode=True)", "2x31", (1, 2, 8)),
    ("AvgPool2d(7)", "512x7x7", (1, 512, 1, 1)),
    ("AvgPool3d((1, 2, 2))", "3x4x4x4", (1, 3, 4, 2, 2)),
    ("AdaptiveAvgPool2d((6, None))", "256x13x12", (1, 256, 6, 12)),
    ("AdaptiveAvgPool2d(1)", "512x7x7", (1, 512, 1, 1)),
    ("AdaptiveMaxPool1d(5)", "64x31", (1, 64, 5)),
    ("LPPool2d(2, 3, stride=2)", "3x32x32", (1, 3, 15, 15)),
    ("ZeroPad2d((1, 2, 3, 4))", "3x8x8", (1, 3, 15, 11)),
    ("ReflectionPad2d(3)", "3x8x8", (1, 3, 14, 14)),
    ("CircularPad1d(-2)", "3x8", (1, 3, 4)),
    ("ConstantPad3d(1, 0.5)", "3x4x4x4", (1, 3, 6, 6, 6)),
    ("Unfold(3, padding=1, stride=2)", "3x8x8", (1, 27, 16)),
    ("Fold(8, 3, padding=1, stride=2)", "27x16", (1, 3, 8, 8)),
    ("Upsample(scale_factor=2)", "3x7x9", (1, 3, 14, 18)),
    ("Upsample(scale_factor=1.15)", "3x100", (1, 3, 114)),
    ("Upsample((5, 6), mode='bilinear', align_corners=True)", "3x7x9", (1, 3, 5, 6)),
    ("UpsamplingBilinear2d(scale_factor=3)", "3x4x4", (1, 3, 12, 12)),
    ("F.interpolate(input, scale_factor=0.5, mode='area')", "3x7x9", (1, 3, 3, 4)),
    ("PixelShuffle(3)", "9x4x4", (1, 1, 12, 12)),
    ("PixelUnshuffle(2)", "3x8x8", (1, 12, 4, 4)),
    ("ChannelShuffle(2)", "8x4x4", (1, 8, 4, 4)),
    ("GroupNorm(4, 16)", "16x5x5", (1, 16, 5, 5)),
    ("LayerNorm((16, 5, 5))", "16x5x5", (1, 16, 5, 5)),
    ("RMSNorm(64)", "10x64", (1, 10, 64)),
    ("InstanceNorm2d(16, affine=True)", "16x5x5", (1, 16, 5, 5)),
    ("LocalResponseNorm(5)", "16x5x5", (1, 16, 5, 5)),
    ("Unflatten(1, (16, -1, 5))", "400", (1, 16, 5, 5)),
    ("GLU(1)", "16x5", (1, 8, 5)),
    ("Linear(400, 120)", "400", (1, 120)),
    ("Linear(8, 4)", "5x6x8", (1, 5, 6, 4)),
    ("Flatten()", "16x5x5", (1, 400)),
    ("Flatten(2)", "16x5x5", (1, 16, 25)),
    ("Flatten(0, 1)", "16x5x5", (16, 5, 5)),
    ("BatchNorm2d(16)", "16x5x5", (1, 16, 5, 5)),
    ("Dropout(0.2)", "16", (1, 16)),
    ("PReLU(16)", "16x5x5", (1, 16, 5, 5)),
    ("Softmax(1)", "10", (1, 10)),
    ("FractionalMaxPool2d(2, output_ratio=(0.7, 0.5))", "3x32x32", (1, 3, 22, 16)),
    ("FractionalMaxPool3d(2, output_size=(3, 4, 5))", "3x8x8x8", (1, 3, 3, 4, 5)),
    ("SyncBatchNorm(16)", "16x5x5", (1, 16, 5, 5)),
    ("CrossMapLRN2d(5)", "16x5x5", (1, 16, 5, 5)),
    ("EmbeddingBag(1000, 64, mode='sum')", "int64:7", (1, 64)),
    ("F.normalize(input)", "16x5", (1, 16, 5)),
    ("F.one_hot(input, 10)", "int64:7", (1, 7, 10)),
    ("F.pdist(input[0])", "5x8", (10,)),
    ("F.affine_grid(input, (1, 3, 8, 9))", "2x3", (1, 8, 9, 2)),
    ("F.grid_sample(input, F.affine_grid(rand(1, 2, 3), (1, 3, 8, 9)))", "3x5x5", (1, 3, 8, 9)),
]


@pytest.mark.parametrize(("layer", "sample", "shape"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_examples(layer: str, sample: str, shape: tuple[int, ...]) -> None:
    trace = trace_expression(layer, sample)
    assert trace.error is None
    assert trace.rows[0].outputs == [shape]


REFUSALS = [
    (
        "Upsample(scale_factor=0.1)",
        "3x7x7",
        "Upsample(scale_factor=0.1) cannot make 0×0 of 7×7: a size is at least 1",
        "an input of at least 10 × 10",
    ),
    (
        "Upsample(4, mode='linear')",
        "3x7x7",
        "Upsample(size=4, mode='linear') expects 3 dimensions with mode='linear', and receives "
        "1×3×7×7",
        "Upsample(size=4, mode='bilinear')",
    ),
    (
        "Upsample(4, 2)",
        "3x7x7",
        "Upsample(size=4, scale_factor=2.0) needs either size or scale_factor, and not both",
        "",
    ),
    (
        "Embedding(10, 3)",
        "float32:7",
        "Embedding(10, 3) looks up indices of int64 or int32, but receives float32",
        "an input of int64:7",
    ),
    (
        "AdaptiveAvgPool2d((2, 2, 2))",
        "3x8x8",
        "AdaptiveAvgPool2d((2, 2, 2)) needs 2 sizes in output_size, but receives 3: (2, 2, 2)",
        "AdaptiveAvgPool2d(2)",
    ),
    (
        "AdaptiveMaxPool2d(-1)",
        "3x8x8",
        "AdaptiveMaxPool2d(-1) has output_size -1×-1, and a size cannot be negative",
        "",
    ),
    ("LPPool2d(0, 2)", "3x8x8", "LPPool2d(0, 2) cannot take a root of order norm_type=0", ""),
    (
        "ReflectionPad2d(8)",
        "3x8x8",
        "ReflectionPad2d((8, 8, 8, 8)) reflects 8, which must be less than the axis of 8",
        "ReflectionPad2d((7, 7, 7, 7)), or an input of at least 9 × 9",
    ),
    (
        "ReflectionPad2d((2, 1, 3, 0))",
        "3x1x4",
        "ReflectionPad2d((2, 1, 3, 0)) reflects 3, which must be less than the axis of 1",
        "ReflectionPad2d((2, 1, 0, 0))",
    ),
    (
        "ZeroPad2d(-5)",
        "3x8x8",
        "ZeroPad2d((-5, -5, -5, -5)) cannot cut 5 and 5 off an axis of 8",
        "an input of at least 10 × 10",
    ),
    (
        "Unfold(9)",
        "3x8x8",
        "Unfold(9) has a kernel of 9×9, larger than its padded input 8×8",
        "an input of at least 9 × 9",
    ),
    (
        "Fold(8, 2)",
        "12x48",
        "Fold(8, 2) expects 7×7 = 49 columns, but receives 48",
        "an input of 12 × 49",
    ),
    (
        "PixelShuffle(2)",
        "6x4x4",
        "PixelShuffle(2) expects a multiple of 4 channels, but receives 6",
        "",
    ),
    ("PixelUnshuffle(2)", "3x5x4", "PixelUnshuffle(2) cannot divide 5×4 by 2", "an input of 6 × 4"),
    (
        "ChannelShuffle(3)",
        "8x4x4",
        "ChannelShuffle(3) cannot divide 8 channels among 3 groups",
        "ChannelShuffle(2)",
    ),
    (
        "GroupNorm(2, 4)",
        "8x5",
        "GroupNorm(2, 4) expects 4 channels, but receives 8: 1×8×5",
        "GroupNorm(2, 8)",
    ),
    (
        "LayerNorm(16)",
        "10x20",
        "LayerNorm((16,)) expects an input that ends in 16, but receives 1×10×20",
        "LayerNorm((20,))",
    ),
    (
        "InstanceNorm2d(8, affine=True)",
        "16x5x5",
        "InstanceNorm2d(8, affine=True) expects 8 channels, but receives 16: 1×16×5×5",
        "InstanceNorm2d(16, affine=True)",
    ),
    (
        "Unflatten(1, (2, 3))",
        "4",
        "Unflatten(1, (2, 3)) cannot give 4 = 4 elements the shape (2, 3)",
        "the shape (2, 2)",
    ),
    ("GLU()", "5", "GLU() cannot halve dimension -1 of 1×5: 5 is odd", ""),
    (
        "Conv2d(3, 6, 5)",
        "4x32x32",
        "Conv2d(3, 6, 5) expects 3 channels, but receives 4: 1×4×32×32",
        "Conv2d(4, 6, 5)",
    ),
    (
        "Conv2d(3, 6, 5)",
        "3x4x4",
        "Conv2d(3, 6, 5) has a kernel of 5×5, larger than its padded input 4×4",
        "Conv2d(3, 6, 5, padding=1), or an input of at least 5 × 5",
    ),
    (
        "Conv2d(3, 6, 5, dilation=2)",
        "3x8x8",
        "Conv2d(3, 6, 5, dilation=2) has a kernel of 5×5 (dilated to 9×9), larger than its padded "
        "input 8×8",
        "Conv2d(3, 6, 5, padding=1, dilation=2), or an input of at least 9 × 9",
    ),
    (
        "Conv2d(3, 6, 5)",
        "3x32",
        "Conv2d(3, 6, 5) expects 3 channels, but receives 1: 1×3×32",
        "Conv1d(3, 6, 5), or an input of 3×32×32",  # Conv2d(1, 6, 5) would not fit either
    ),
    (
        "Conv2d(3, 6, 5)",
        "32",
        "Conv2d(3, 6, 5) expects 4 dimensions (N, C, H, W), or 3 without the batch, but receives "
        "2: 1×32",
        "an input of 3×32×32",
    ),
    (
        "Conv2d(3, 6, 5, stride=0)",
        "3x32x32",
        "Conv2d(3, 6, 5, stride=0) has stride 0×0, and a stride must be at least 1",
        "Conv2d(3, 6, 5, stride=1)",
    ),
    (
        "Conv2d(3, 6, 5, padding=-1)",
        "3x32x32",
        "Conv2d(3, 6, 5, padding=-1) has padding -1×-1, and padding cannot be negative",
        "Conv2d(3, 6, 5, padding=0)",
    ),
    (
        "Conv2d(3, 6, 5, dilation=0)",
        "3x32x32",
        "Conv2d(3, 6, 5, dilation=0) has dilation 0×0, and a dilation must be at least 1",
        "Conv2d(3, 6, 5, dilation=1)",
    ),
    (
        "Conv2d(3, 6, 0)",
        "3x32x32",
        "Conv2d(3, 6, 0) has a kernel of 0×0, and a kernel must be at least 1",
        "Conv2d(3, 6, 3)",
    ),
    (
        "Conv2d(3, 6, 3, padding=4, padding_mode='reflect')",
        "3x4x4",
        "Conv2d(3, 6, 3, padding=4, padding_mode='reflect') reflects 4, which must be less than "
        "the axis of 4",
        "an input of at least 5 × 5",
    ),
    (
        "Conv2d(3, 6, 3, padding=5, padding_mode='circular')",
        "3x4x4",
        "Conv2d(3, 6, 3, padding=5, padding_mode='circular') wraps 5 around, which is more than "
        "the axis of 4",
        "an input of at least 5 × 5",
    ),
    (
        "ConvTranspose2d(3, 6, 2, output_padding=1)",
        "3x4x4",
        "ConvTranspose2d(3, 6, 2, output_padding=1) has output_padding 1×1, which must be from 0 "
        "and smaller than the stride 1×1 or the dilation 1×1",
        "ConvTranspose2d(3, 6, 2, output_padding=0)",
    ),
    (
        "ConvTranspose2d(3, 6, 1, padding=3)",
        "3x4x9",
        "ConvTranspose2d(3, 6, 1, padding=3) would make an output of -2×3 from 4×9, which is too "
        "small",
        "ConvTranspose2d(3, 6, 1, padding=(1, 3))",
    ),
    (
        "ConvTranspose2d(3, 6, 1, padding=1)",
        "3x2x2",
        "ConvTranspose2d(3, 6, 1, padding=1) would make an output of 0×0 from 2×2, which is too "
        "small",
        "ConvTranspose2d(3, 6, 1, padding=0), or an input of at least 3 × 3",
    ),
    (
        "MaxPool2d(2, padding=2)",
        "3x8x8",
        "MaxPool2d(2, padding=2) has padding 2×2, more than half its kernel of 2×2: a window could "
        "contain only padding",
        "MaxPool2d(2, padding=1)",
    ),
    (
        "MaxPool2d(0)",
        "3x8x8",
        "MaxPool2d(0) has kernel_size 0×0, which must be at least 1",
        "MaxPool2d(1)",
    ),
    (
        "MaxPool2d(2, -1)",
        "3x8x8",
        "MaxPool2d(2, stride=-1) has stride -1×-1, which must be at least 1",
        "MaxPool2d(2, stride=1)",
    ),
    (
        "MaxPool2d((2, 2, 2))",
        "3x8x8",
        "MaxPool2d((2, 2, 2)) needs kernel_size as one int or 2, one for each spatial axis, but "
        "receives 3: (2, 2, 2)",
        "MaxPool2d(2)",
    ),
    (
        "AvgPool2d(9)",
        "3x8x8",
        "AvgPool2d(9) has a kernel of 9×9, larger than its padded input 8×8",
        "AvgPool2d(9, padding=1), or an input of at least 9 × 9",
    ),
    (
        "AvgPool2d(2, divisor_override=0)",
        "3x8x8",
        "AvgPool2d(2, divisor_override=0) needs divisor_override as an int other than 0, but "
        "receives 0",
        "",
    ),
    (
        "Linear(400, 120)",
        "576",
        "Linear(400, 120) expects 400 features, but receives 576",
        "Linear(576, 120)",
    ),
    (
        "Flatten(3)",
        "16",
        "Flatten(start_dim=3) has no dimension start_dim=3: its input has 2, numbered -2..1",
        "Flatten(start_dim=1)",
    ),
    ("Flatten(1, 0)", "16", "Flatten(end_dim=0) has start_dim=1 after end_dim=0", ""),
    (
        "BatchNorm2d(8)",
        "16x5x5",
        "BatchNorm2d(8) expects 8 channels, but receives 16: 1×16×5×5",
        "BatchNorm2d(16)",
    ),
    (
        "BatchNorm2d(8)",
        "8",
        "BatchNorm2d(8) expects 4 dimensions, batch included, but receives 2: 1×8",
        "BatchNorm1d(8)",
    ),
    (
        "PReLU(8)",
        "16x5x5",
        "PReLU(num_parameters=8) has 8 slopes for 16 channels: 1×16×5×5",
        "PReLU(num_parameters=16)",
    ),
    (
        "LSTM(40, 64)",
        "100x41",
        "LSTM(40, 64) expects input_size=40, but receives 41: 1×100×41",
        "LSTM(41, 64)",
    ),
    (
        "GRU(40, 64, batch_first=True)",
        "3x100x40",
        "GRU(40, 64, batch_first=True) expects 3 dimensions (N, L, input_size), or 2 without the "
        "batch, but receives 4: 1×3×100×40",
        "an input of 100×40 and a batch of 3",
    ),
    (
        "FractionalMaxPool2d(3, output_size=31)",
        "3x32x32",
        "FractionalMaxPool2d(3, output_size=31) cannot place 31 windows of 3 in an axis of 32",
        "an input of at least 33 × 33",
    ),
    (
        "FractionalMaxPool3d(2, output_size=4)",
        "3x5x5x5",
        "FractionalMaxPool3d(2, output_size=4) cannot place 4 windows of 2 in an axis of 5",
        "an input of at least 6 × 6 × 6",
    ),
    (
        "EmbeddingBag(10, 3)",
        "float32:7",
        "EmbeddingBag(10, 3) looks up indices of int64 or int32, but receives float32",
        "an input of int64:7",
    ),
    (
        "EmbeddingBag(10, 3)",
        "int64:7x2",
        "EmbeddingBag(10, 3) expects 2 dimensions (B, N), or 1 with offsets, but receives 1×7×2",
        "an input of int64:2 and a batch of 7",
    ),
    (
        "SyncBatchNorm(8)",
        "16x5x5",
        "SyncBatchNorm(8) expects 8 channels, but receives 16: 1×16×5×5",
        "SyncBatchNorm(16)",
    ),
    (
        "CrossMapLRN2d(5)",
        "16x5",
        "CrossMapLRN2d(5) expects 4 dimensions (N, C, H, W), but receives 1×16×5",
        "",
    ),
    (
        "RNN(40, 64, batch_first=True)",
        "0x40",
        "RNN(40, 64, batch_first=True) needs a sequence of at least 1 step, but receives 1×0×40",
        "",
    ),
    (
        "GRUCell(40, 64)",
        "100x40",
        "GRUCell(40, 64) expects 2 dimensions (N, input_size), or 1 without the batch, but "
        "receives 3: 1×100×40",
        "an input of 40 and a batch of 100",
    ),
    (
        "RNNCell(40, 64)",
        "41",
        "RNNCell(40, 64) expects input_size=40, but receives 41: 1×41",
        "RNNCell(41, 64)",
    ),
    (
        "Softmax(2)",
        "10",
        "Softmax(dim=2) has no dimension dim=2: its input has 2, numbered -2..1",
        "Softmax(dim=1)",
    ),
]


@pytest.mark.parametrize(
    ("layer", "sample", "message", "fix"), REFUSALS, ids=[r[0] for r in REFUSALS]
)
def test_refusals_when_called(
    layer: str, sample: str, message: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convshape.diagnosis.diagnosis.SECONDS", 60)  # also on a busy machine
    error = trace_expression(layer, sample).error
    assert error is not None
    assert error.message == message
    assert error.fix.startswith(fix) if fix else not error.fix


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(3, 6, 5, groups=2), "in_channels=3 is not divisible by groups=2"),
        (lambda: nn.Conv2d(4, 6, 5, groups=4), "out_channels=6 is not divisible by groups=4"),
        (lambda: nn.Conv2d(4, 6, 5, groups=0), "groups=0 is not a positive number"),
        (lambda: nn.Conv2d(3, 6, -1), "a tensor of shape 6×3×-1×-1 would have a negative size"),
        (lambda: nn.Conv2d(3, 6, 2.5), "needs an int for size, but receives 2.5"),
        (lambda: nn.Conv2d("3", 6, 3), "needs an int for in_channels, but receives '3'"),
        (
            lambda: nn.Conv2d(3, 6, 3, padding="full"),
            "padding='full' must be a number, 'same' or 'valid'",
        ),
        (
            lambda: nn.Conv2d(3, 6, 3, stride=2, padding="same"),
            "padding='same' keeps the size only at stride 1, and stride is 2",
        ),
        (
            lambda: nn.Conv2d(3, 6, 3, padding_mode="mirror"),
            "has padding_mode='mirror', which is not one of 'zeros', 'reflect', 'replicate' and "
            "'circular'",
        ),
        (
            lambda: nn.ConvTranspose2d(3, 6, 3, padding_mode="reflect"),
            "padding_mode='reflect' is not possible: a transposed convolution pads with zeros",
        ),
        (lambda: nn.Linear(-1, 5), "a tensor of shape 5×-1 would have a negative size"),
        (lambda: nn.Dropout(1.5), "has p=1.5, and a probability is from 0 to 1"),
        (
            lambda: nn.LSTM(40, 64, proj_size=64),
            "has proj_size=64, which must be from 0 to below hidden_size=64",
        ),
        (lambda: nn.GRU(0, 64), "input_size=0 is not a positive number"),
        (
            lambda: nn.RNN(40, 64, nonlinearity="gelu"),
            "has nonlinearity='gelu', which is neither 'tanh' nor 'relu'",
        ),
        (
            lambda: nn.FractionalMaxPool2d(2),
            "needs either output_size or output_ratio, and not both",
        ),
        (
            lambda: nn.FractionalMaxPool2d(2, output_ratio=1.5),
            "output_ratio=1.5 is not between 0 and 1",
        ),
        (lambda: nn.Bilinear(0, 3, 4), "in1_features=0 is not a positive number"),
        (lambda: nn.EmbeddingBag(5, 3, padding_idx=5), "padding_idx=5 is out of range for 5 rows"),
        (lambda: nn.Linear(2, 3, dtype=INT64), "a parameter of int64 cannot be trained"),
        (lambda: nn.Hardtanh(2, 1), "max_val=1 is not above min_val=2"),
        (
            lambda: nn.Linear(2**40, 2**40),
            "a tensor of 1099511627776×1099511627776 float32 is larger than torch can count in 64 "
            "bits",
        ),
        (lambda: Tensor((2**63,)), "cannot hold size=9223372036854775808: torch counts in 64 bits"),
    ],
)
def test_refusals_when_made(make: object, message: str) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        make()
    assert refusal.value.message == message


def test_the_output_size_of_a_transposed_convolution() -> None:
    layer = nn.ConvTranspose2d(16, 16, 3, stride=2, padding=1)
    x = Tensor((1, 16, 6, 6))
    assert layer(x).shape == (1, 16, 11, 11)
    assert layer(x, output_size=(12, 12)).shape == (1, 16, 12, 12)
    assert layer(x, output_size=(1, 16, 12, 11)).shape == (1, 16, 12, 11)
    with pytest.raises(cs.ShapeError) as refusal:
        layer(x, output_size=(13, 12))
    assert "cannot make 13×12 from 6×6: it reaches 11×11 to 12×12" in str(refusal.value)


@pytest.mark.parametrize(
    ("layer", "samples", "shapes"),
    [
        ("RNN(40, 64, batch_first=True)", "100x40", [(1, 100, 64), (1, 1, 64)]),
        ("GRU(40, 64, 2, bidirectional=True)", "100xNx40", [(100, 1, 128), (4, 1, 64)]),
        ("LSTM(40, 64, 2, batch_first=True)", "100x40", [(1, 100, 64), (2, 1, 64), (2, 1, 64)]),
        ("LSTM(40, 64, proj_size=10)", "100xNx40", [(100, 1, 10), (1, 1, 10), (1, 1, 64)]),
        ("RNNCell(40, 64)", "40 64", [(1, 64)]),
        ("GRUCell(40, 64)", "40", [(1, 64)]),
        ("LSTMCell(40, 64)", "40", [(1, 64), (1, 64)]),
    ],
)
def test_examples_of_recurrent_layers(
    layer: str, samples: str, shapes: list[tuple[int, ...]]
) -> None:
    trace = trace_expression(layer, *samples.split())
    assert trace.error is None
    assert trace.rows[0].outputs == shapes


def test_the_states_of_an_lstm_are_a_pair() -> None:
    layer, x = nn.LSTM(40, 64, proj_size=10), Tensor((100, 2, 40))
    _, (hidden, cell) = layer(x)
    assert layer(x, (hidden, cell))[0].shape == (100, 2, 10)
    for states, message in [
        (
            hidden,
            "LSTM(40, 64, proj_size=10) needs a pair of states (h_0, c_0) as hx, but receives "
            "Tensor(",
        ),
        ((cell, hidden), "LSTM(40, 64, proj_size=10) needs hx[0] of 1×2×10, but receives 1×2×64"),
    ]:
        with pytest.raises(cs.ShapeError) as refusal:
            layer(x, states)
        assert str(refusal.value).startswith(message)


INDICES, WEIGHTS = Tensor((7,), INT64), Tensor((10, 3))


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda: nn.Bilinear(20, 30, 40)(Tensor((8, 20)), Tensor((8, 30))), (8, 40)),
        (lambda: nn.CosineSimilarity(dim=2)(Tensor((8, 1, 20)), Tensor((8, 5, 20))), (8, 5)),
        (lambda: nn.PairwiseDistance(keepdim=True)(Tensor((8, 20)), Tensor((20,))), (8, 1)),
        (lambda: nn.EmbeddingBag(10, 3)(INDICES, Tensor((4,), INT64)), (4, 3)),
        (
            lambda: F.embedding_bag(
                INDICES, WEIGHTS, Tensor((4,), INT64), include_last_offset=True
            ),
            (3, 3),
        ),
        (lambda: F.gumbel_softmax(Tensor((8, 20)), hard=True), (8, 20)),
        (lambda: F.max_pool2d_with_indices(Tensor((1, 3, 8, 8)), 2)[1], (1, 3, 4, 4)),
        (lambda: F.upsample(Tensor((1, 3, 8, 8)), scale_factor=2), (1, 3, 16, 16)),
        (lambda: F.leaky_relu_(Tensor((8, 20)), 0.2), (8, 20)),
    ],
)
def test_examples_of_several_tensors(call: Callable[[], Tensor], shape: tuple[int, ...]) -> None:
    assert call().shape == shape


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.Bilinear(20, 30, 40)(Tensor((8, 20)), Tensor((8, 31))),
            "Bilinear(20, 30, 40) expects 30 features in input2, but receives 31 (fix: "
            "Bilinear(20, 31, 40))",
        ),
        (
            lambda: nn.Bilinear(20, 30, 40)(Tensor((8, 20)), Tensor((7, 30))),
            "Bilinear(20, 30, 40) receives 8×20 and 7×30, which must match in all but the last",
        ),
        (
            lambda: nn.CosineSimilarity()(Tensor((8, 20)), Tensor((8, 19))),
            "CosineSimilarity() cannot combine 8×20 and 8×19: dimension -1 is 20 in one and 19 in "
            "another, and neither is 1",
        ),
        (
            lambda: nn.EmbeddingBag(10, 3, mode="max")(INDICES, Tensor((4,), INT64), Tensor((7,))),
            "EmbeddingBag(10, 3, mode='max') has per_sample_weights, which are for mode='sum', not "
            "'max'",
        ),
        (
            lambda: nn.EmbeddingBag(10, 3)(INDICES),
            "EmbeddingBag(10, 3) needs offsets for an input of 1 dimension",
        ),
        (lambda: F.pdist(Tensor((2, 3, 4))), "pdist expects a matrix, but receives 2×3×4"),
        (
            lambda: F.one_hot(Tensor((3,)), 4),
            "one_hot needs classes of int64, but receives float32",
        ),
        (
            lambda: F.grid_sample(Tensor((2, 3, 5, 6)), Tensor((2, 4, 7, 3))),
            "grid_sample expects a grid of 2×…×…×2 for an input of 2×3×5×6, but receives 2×4×7×3",
        ),
        (
            lambda: F.affine_grid(Tensor((2, 2, 3)), (1, 3, 8, 9)),
            "affine_grid needs theta of 1×2×3 for a size of 1×3×8×9, but receives 2×2×3",
        ),
        (
            lambda: F.gumbel_softmax(Tensor((8, 0)), hard=True),
            "gumbel_softmax has nothing to choose from along dimension -1: 8×0",
        ),
    ],
)
def test_refusals_of_several_tensors(call: Callable[[], Tensor], message: str) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        call()
    assert str(refusal.value) == message


def test_torch_has_some_functions_with_other_arguments() -> None:
    x, ones = Tensor((1, 3, 8, 8)), Tensor((3,))
    assert [t.shape for t in shapetorch.adaptive_max_pool1d(x[0], 2)] == [(3, 8, 2), (3, 8, 2)]
    assert (
        shapetorch.embedding(WEIGHTS, INDICES).shape
        == F.embedding(INDICES, WEIGHTS).shape
        == (7, 3)
    )
    assert shapetorch.batch_norm(x, None, None, ones, ones, False, 0.1, 1e-5, True).shape == x.shape
    assert shapetorch.dropout(x, 0.5, True).shape == F.dropout(x).shape
    # In an expression a name without a prefix is that of nn.functional.
    assert trace_expression("dropout(input)", "16").error is None
    assert trace_expression("max_pool2d(input, 2, return_indices=True)", "3x8x8").error is None


def test_the_number_of_classes_depends_on_data() -> None:
    with pytest.raises(cs.UnknownOperation):
        F.one_hot(INDICES)


def test_indices_are_a_second_tensor() -> None:
    values, indices = nn.MaxPool2d(2, return_indices=True)(Tensor((1, 3, 8, 8)))
    assert values.shape == indices.shape == (1, 3, 4, 4)
    assert repr(indices.dtype) == "torch.int64"


@pytest.mark.parametrize(
    "shape", [(2**62, 2), (2**31, 2**31), (0, 2**62, 4), (2**61,), (2**61 - 1,), (2**62, 4, 0)]
)
def test_what_torch_cannot_count(shape: tuple[int, ...]) -> None:
    import torch

    def accepts(make: object) -> bool:
        try:
            make(shape)
        except (cs.ShapeError, RuntimeError):
            return False
        return True

    assert accepts(Tensor) == accepts(lambda s: torch.empty(s, device="meta"))


def test_a_case_prints_as_a_call() -> None:
    case = Case("Conv2d", (3, 6), {"kernel_size": 3}, (1, 3, 8, 8))
    assert str(case) == "nn.Conv2d(3, 6, kernel_size=3)((1, 3, 8, 8) float32)"
