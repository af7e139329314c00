"""The equations: tables that one can check by hand, and torch and NumPy as judges."""

from __future__ import annotations

import doctest
from typing import Any

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
    ],
)
def test_convolution(size: int, arguments: dict[str, int], out: int) -> None:
    assert cs.conv_size(size, **arguments) == out


@pytest.mark.parametrize(
    ("size", "arguments", "out"),
    [
        (28, {"kernel_size": 2}, 14),
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
    assert cs.effective_kernel(3) == 3
    assert cs.effective_kernel(3, dilation=2) == 5
    assert cs.same_padding(3) == (1, 1)
    assert cs.same_padding(4) == (1, 2)
    assert cs.same_padding(3, dilation=2) == (2, 2)
    assert cs.unpool_size(56, kernel_size=2, stride=2) == cs.unpool_size(56, 2) == 112
    assert cs.unfold_blocks(10, kernel_size=3) == 8
    assert cs.unfold_blocks(10, kernel_size=3, stride=2) == 4
    assert cs.upsample_size(7, 2) == 14
    assert sizes.ceil_size(7, kernel_size=2) == 6
    assert sizes.ceil_size(7, 2, stride=2) == 4
    assert sizes.ceil_size(7, 2, stride=4, padding=1, dilation=2) == 3


def test_an_equation_is_in_its_docstring() -> None:
    for name, equation in sizes.EQUATIONS.items():
        assert f"``{equation}``" in getattr(sizes, name).__doc__
    assert len(sizes.EQUATIONS) == 6


def test_the_examples_of_the_docstrings() -> None:
    result = doctest.testmod(sizes)
    assert (result.failed, result.attempted) == (0, 13)


def test_kernel_stands_for_kernel_size() -> None:
    assert (
        cs.conv_size(32, kernel=5) == cs.conv_size(32, kernel_size=5) == cs.conv_size(32, 5) == 28
    )
    assert cs.pool_size(112, kernel=3, stride=2, padding=1) == 56
    with pytest.raises(TypeError):
        cs.conv_size(32, kernel=5, kernel_size=5)


def test_integers_are_exact_at_any_size() -> None:
    assert cs.conv_size(10**40, kernel_size=1, stride=3) == (10**40 - 1) // 3 + 1


def test_an_array_keeps_what_does_not_fit() -> None:
    assert cs.conv_size(np.array([3, 8]), kernel_size=5).tolist() == [-1, 4]
    assert cs.pool_size(np.array([1, 8]), kernel_size=2).tolist() == [0, 4]


small = st.integers(1, 12)
size, kernel, step, amount = (
    st.integers(0, 40),
    st.integers(0, 12),
    st.integers(0, 4),
    st.integers(-1, 6),
)


def is_torchs(ours: Any, theirs: Any) -> None:
    """Both refuse, or give the same size."""
    try:
        expected = theirs().shape[2]
    except (RuntimeError, ValueError):
        with pytest.raises(cs.ShapeError):
            ours()
    else:
        assert ours() == expected


@given(size, kernel, step, amount, step)
def test_convolution_is_torchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    is_torchs(
        lambda: cs.conv_size(size, kernel, stride, padding, dilation),
        lambda: F.conv1d(x, weight, None, stride, padding, dilation),
    )


@given(size, kernel, st.none() | step, amount, step, st.booleans())
def test_pooling_is_torchs(
    size: int, kernel: int, stride: int | None, padding: int, dilation: int, ceil_mode: bool
) -> None:
    x = torch.zeros(1, 1, size)
    is_torchs(
        lambda: cs.pool_size(size, kernel, stride, padding, dilation, ceil_mode),
        lambda: F.max_pool1d(x, kernel, stride, padding, dilation, ceil_mode),
    )


@given(st.integers(0, 20), kernel, step, amount, st.integers(-1, 4), step)
def test_transposed_convolution_is_torchs(
    size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int
) -> None:
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    is_torchs(
        lambda: cs.conv_transpose_size(size, kernel, stride, padding, extra, dilation),
        lambda: F.conv_transpose1d(x, weight, None, stride, padding, extra, 1, dilation),
    )


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


@given(st.integers(0, 20), kernel, st.none() | step, amount)
def test_unpooling_is_torchs(size: int, kernel: int, stride: int | None, padding: int) -> None:
    indices = torch.arange(size).reshape(1, 1, size)
    out = sizes.unpool_size(size, kernel, stride, padding)
    assume(out < 1 or out >= size)  # the indices have a place
    is_torchs(
        lambda: cs.unpool_size(size, kernel, stride, padding),
        lambda: F.max_unpool1d(torch.zeros(1, 1, size), indices, kernel, stride, padding),
    )


@given(st.integers(0, 200), st.floats(-1, 4))
def test_resampling_is_torchs(size: int, factor: float) -> None:
    """The floor is that of a floating-point product, to the last bit."""
    is_torchs(
        lambda: cs.upsample_size(size, factor),
        lambda: F.interpolate(torch.zeros(1, 1, size), scale_factor=factor),
    )


@given(st.integers(0, 20), kernel, step, amount, step)
def test_unfold_is_torchs(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    x = torch.zeros(1, 1, size, 1)
    is_torchs(
        lambda: cs.unfold_blocks(size, kernel, stride, padding, dilation),
        lambda: F.unfold(x, (kernel, 1), (dilation, 1), (padding, 0), (stride, 1)).transpose(1, 2)[
            :, None, :
        ],
    )


EQUATIONS = [
    (sizes.conv_size, ("kernel_size", "stride", "padding", "dilation")),
    (sizes.pool_size, ("kernel_size", "stride", "padding", "dilation")),
    (
        lambda *a, **k: sizes.pool_size(*a, **k, ceil_mode=True),
        ("kernel_size", "stride", "padding", "dilation"),
    ),
    (sizes.conv_transpose_size, ("kernel_size", "stride", "padding", "output_padding", "dilation")),
    (sizes.unpool_size, ("kernel_size", "stride", "padding")),
    (sizes.unfold_blocks, ("kernel_size", "stride", "padding", "dilation")),
    (lambda _, **k: sizes.effective_kernel(**k), ("kernel_size", "dilation")),
    (lambda _, **k: sizes.same_padding(**k)[1], ("kernel_size", "dilation")),
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
