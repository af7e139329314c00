"""The equations: tables that one can check by hand, and torch and NumPy as judges."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

import convshape as cs
from convshape import sizes


@pytest.mark.parametrize(
    ("size", "arguments", "out"),
    [
        (32, {"kernel_size": 5}, 28),
        (5, {"kernel_size": 3}, 3),
        (224, {"kernel_size": 7, "stride": 2, "padding": 3}, 112),
        (28, {"kernel_size": 5, "padding": 2}, 28),
        (227, {"kernel_size": 11, "stride": 4}, 55),
        (32, {"kernel_size": 3, "dilation": 2}, 28),
        (7, {"kernel_size": 1, "stride": 2}, 4),
        (3, {"kernel_size": 5}, -1),  # below 1: it does not fit
        (4, {"kernel_size": 5, "stride": 3}, 0),
    ],
)
def test_convolution(size: int, arguments: dict[str, int], out: int) -> None:
    assert cs.conv_size(size, **arguments) == out


@pytest.mark.parametrize(
    ("size", "arguments", "out"),
    [
        (112, {"kernel_size": 3, "stride": 2, "padding": 1}, 56),
        (112, {"kernel_size": 3, "stride": 2, "ceil_mode": True}, 56),
        (112, {"kernel_size": 3, "stride": 2}, 55),
        # where rounding up alone would be wrong: the last window would start in the right padding
        (10, {"kernel_size": 1, "stride": 2, "ceil_mode": True}, 5),
        (9, {"kernel_size": 4, "stride": 4, "padding": 2, "ceil_mode": True}, 3),
        (5, {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True}, 3),
        (6, {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True}, 4),
        (7, {"kernel_size": 3, "stride": 2, "dilation": 2, "ceil_mode": True}, 2),
    ],
)
def test_pooling(size: int, arguments: dict[str, int], out: int) -> None:
    assert cs.pool_size(size, **arguments) == out


@pytest.mark.parametrize(
    ("size", "arguments", "out"),
    [
        (7, {"kernel_size": 4, "stride": 2, "padding": 1}, 14),
        (1, {"kernel_size": 4}, 4),
        (7, {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, 14),
        (5, {"kernel_size": 3, "dilation": 2}, 9),
    ],
)
def test_transposed_convolution(size: int, arguments: dict[str, int], out: int) -> None:
    assert cs.conv_transpose_size(size, **arguments) == out


def test_the_small_ones() -> None:
    assert cs.effective_kernel(3, dilation=2) == 5
    assert cs.same_padding(3) == (1, 1)
    assert cs.same_padding(4) == (1, 2)
    assert cs.same_padding(3, dilation=2) == (2, 2)
    assert cs.unpool_size(56, kernel_size=2, stride=2) == 112
    assert cs.unfold_blocks(10, kernel_size=3, stride=2) == 4
    assert cs.upsample_size(7, 2) == 14


def test_the_examples_of_the_docstrings() -> None:
    result = doctest.testmod(sizes)
    assert (result.failed, result.attempted) == (0, 10)


def test_kernel_stands_for_kernel_size() -> None:
    assert (
        cs.conv_size(32, kernel=5) == cs.conv_size(32, kernel_size=5) == cs.conv_size(32, 5) == 28
    )
    assert cs.pool_size(112, kernel=3, stride=2, padding=1) == 56
    with pytest.raises(TypeError):
        cs.conv_size(32, kernel=5, kernel_size=5)


def test_integers_are_exact_at_any_size() -> None:
    assert cs.conv_size(10**40, kernel_size=1, stride=3) == (10**40 - 1) // 3 + 1


small = st.integers(1, 12)


@given(st.integers(1, 40), small, st.integers(1, 5), st.integers(0, 5), st.integers(1, 4))
def test_convolution_is_torchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    ours = cs.conv_size(size, kernel, stride, padding, dilation)
    if ours < 1:
        with pytest.raises(RuntimeError):
            F.conv1d(x, weight, None, stride, padding, dilation)
    else:
        assert F.conv1d(x, weight, None, stride, padding, dilation).shape[2] == ours


@given(
    st.integers(1, 40),
    small,
    st.integers(1, 5),
    st.integers(0, 6),
    st.integers(1, 4),
    st.booleans(),
)
def test_pooling_is_torchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> None:
    assume(padding <= kernel // 2)
    ours = cs.pool_size(size, kernel, stride, padding, dilation, ceil_mode)
    x = torch.zeros(1, 1, size)
    if ours < 1:
        with pytest.raises(RuntimeError):
            F.max_pool1d(x, kernel, stride, padding, dilation, ceil_mode)
    else:
        assert F.max_pool1d(x, kernel, stride, padding, dilation, ceil_mode).shape[2] == ours


@given(
    st.integers(1, 20),
    small,
    st.integers(1, 5),
    st.integers(0, 5),
    st.integers(0, 4),
    st.integers(1, 4),
)
def test_transposed_convolution_is_torchs(
    size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int
) -> None:
    assume(extra < max(stride, dilation))
    ours = cs.conv_transpose_size(size, kernel, stride, padding, extra, dilation)
    assume(ours > 0)
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    theirs = F.conv_transpose1d(x, weight, None, stride, padding, extra, 1, dilation)
    assert theirs.shape[2] == ours


@given(st.integers(1, 30), small, st.integers(1, 4))
def test_same_padding_is_torchs(size: int, kernel: int, dilation: int) -> None:
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    left, right = cs.same_padding(kernel, dilation)
    assert 0 <= right - left <= 1
    ones = F.conv1d(
        torch.ones(1, 1, size), torch.ones(1, 1, kernel), padding="same", dilation=dilation
    )
    padded = F.conv1d(
        F.pad(torch.ones(1, 1, size), (left, right)), torch.ones(1, 1, kernel), dilation=dilation
    )
    assert torch.equal(ones, padded)
    assert F.conv1d(x, weight, padding="same", dilation=dilation).shape[2] == size


@given(st.integers(1, 20), small, st.integers(1, 4))
def test_unpooling_is_torchs(size: int, kernel: int, stride: int) -> None:
    ours = cs.unpool_size(size, kernel, stride)
    indices = torch.arange(size).reshape(1, 1, size)
    assert F.max_unpool1d(torch.zeros(1, 1, size), indices, kernel, stride).shape[2] == ours


@given(st.integers(1, 200), st.floats(0.01, 4))
def test_resampling_is_torchs(size: int, factor: float) -> None:
    """The floor is that of a floating-point product, to the last bit."""
    ours = cs.upsample_size(size, factor)
    assume(ours > 0)
    assert F.interpolate(torch.zeros(1, 1, size), scale_factor=factor).shape[2] == ours


@given(st.integers(1, 20), small, st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
def test_unfold_is_torchs(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    ours = cs.unfold_blocks(size, kernel, stride, padding, dilation)
    assume(ours > 0)
    x = torch.zeros(1, 1, size, 1)
    theirs = F.unfold(x, (kernel, 1), (dilation, 1), (padding, 0), (stride, 1))
    assert theirs.shape == (1, kernel, ours)


EQUATIONS = [
    (cs.conv_size, ("kernel_size", "stride", "padding", "dilation")),
    (cs.pool_size, ("kernel_size", "stride", "padding", "dilation")),
    (
        lambda *a, **k: cs.pool_size(*a, **k, ceil_mode=True),
        ("kernel_size", "stride", "padding", "dilation"),
    ),
    (cs.conv_transpose_size, ("kernel_size", "stride", "padding", "output_padding", "dilation")),
    (cs.unpool_size, ("kernel_size", "stride", "padding")),
    (cs.unfold_blocks, ("kernel_size", "stride", "padding", "dilation")),
    (lambda _, **k: cs.effective_kernel(**k), ("kernel_size", "dilation")),
    (lambda _, **k: cs.same_padding(**k)[1], ("kernel_size", "dilation")),
]


@pytest.mark.parametrize(("equation", "names"), EQUATIONS)
@given(data=st.data())
def test_an_array_gives_what_its_elements_give(
    equation: object, names: tuple[str, ...], data: st.DataObject
) -> None:
    """Arrays may stand anywhere, together with ints."""
    column = st.lists(st.integers(1, 50), min_size=4, max_size=4)
    arrays = {
        name: np.array(data.draw(column))
        if data.draw(st.booleans())
        else data.draw(st.integers(1, 9))
        for name in ("size", *names)
    }
    size, arguments = arrays["size"], {name: arrays[name] for name in names}
    together = np.broadcast_to(equation(size, **arguments), 4)
    for i in range(4):
        one = {name: int(np.broadcast_to(value, 4)[i]) for name, value in arguments.items()}
        assert together[i] == equation(int(np.broadcast_to(size, 4)[i]), **one)
