"""What no window looks at: counted element by element, and torch's gradient as judge."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import convshape as cs
from convshape.analysis.remedies import remedies
from convshape.analysis.unused import Window, unused


@pytest.mark.parametrize(
    ("size", "out", "window", "total", "last"),
    [
        (10, 4, (3, 2, 0, 1), 1, 1),
        (10, 5, (3, 2, 1, 1), 0, 0),
        (10, 5, (1, 2, 0, 1), 5, 1),  # every other, the last one too
        (10, 5, (2, 2, 0, 1), 0, 0),
        (10, 4, (2, 2, 0, 2), 5, 1),
        (10**15, 10**12, (3, 1000, 0, 1), 10**15 - 3 * 10**12, 997),
    ],
)
def test_by_hand(
    size: int, out: int, window: tuple[int, int, int, int], total: int, last: int
) -> None:
    assert unused(size, out, Window(*window)) == (total, last)


def test_nobody_waits_for_a_kernel_of_millions() -> None:
    assert unused(10**15, 1, Window(10**10, 10**12, 0, 3)) is None


def seen_by_torch(layer: Any, size: int) -> list[bool]:
    """Return which elements of an axis the result depends on."""
    x = torch.rand(1, 1, size, dtype=torch.float64, requires_grad=True)
    layer.double()(x).sum().backward()
    assert x.grad is not None
    return [value != 0 for value in x.grad[0, 0].tolist()]


arguments = st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(0, 4), st.integers(1, 4))


@given(st.integers(1, 40), arguments)
def test_convolution_is_torchs(size: int, window: tuple[int, int, int, int]) -> None:
    layer = torch.nn.Conv1d(1, 1, *window)
    torch.nn.init.ones_(layer.weight)
    check(layer, cs.nn.Conv1d(1, 1, *window), size)


@given(st.integers(1, 40), arguments, st.booleans())
def test_pooling_is_torchs(size: int, window: tuple[int, int, int, int], ceil_mode: bool) -> None:
    """A mean depends on all that its windows look at, and torch's has no dilation."""
    kernel, stride, padding, _ = window
    values = (kernel, stride, min(padding, kernel // 2), ceil_mode)
    check(torch.nn.AvgPool1d(*values), cs.nn.AvgPool1d(*values), size)


def check(theirs: Any, ours: Any, size: int) -> None:
    try:
        seen = seen_by_torch(theirs, size)
    except RuntimeError:
        return
    [axis] = cs.trace(ours, (1, size)).rows[0].unused or []
    last = next((i for i, each in enumerate(reversed(seen)) if each), size)
    assert axis.total == seen.count(False)
    assert axis.last <= last  # it may be a window that leaves the last ones out
    assert axis.total > axis.last or axis.last == last


@given(st.integers(1, 30), arguments, st.booleans(), st.integers(1, 30))
def test_dilated_pooling_by_brute_force(
    size: int, window: tuple[int, int, int, int], ceil_mode: bool, out: int
) -> None:
    kernel, stride, padding, dilation = window
    seen = {i * stride + j * dilation - padding for i in range(out) for j in range(kernel)} & set(
        range(size)
    )
    ends = [(out - 1) * stride + dilation * (kernel - 1) - padding + 1, 0]
    assert unused(size, out, Window(*window)) == (size - len(seen), max(size - max(ends), 0))


@given(st.integers(1, 40), arguments)
def test_remedies_use_all(size: int, window: tuple[int, int, int, int]) -> None:
    layer = cs.nn.MaxPool1d(window[0], window[1], min(window[2], window[0] // 2), window[3])
    if cs.trace(layer, (1, size)).error:
        return
    change = remedies(layer, size, 0, 1)
    fields = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    now = {name: getattr(layer, name) for name in fields}
    for name, value in zip(change._fields[:3], change[:3], strict=True):
        if value is not None:
            assert left(cs.nn.MaxPool1d(**now | {name: value}), size) == 0
    for near in change.sizes:
        assert left(layer, near) == 0


def left(layer: Any, size: int) -> int:
    [axis] = cs.trace(layer, (1, size)).rows[0].unused or []
    return axis.total


@pytest.mark.parametrize(
    ("layer", "shape", "totals"),
    [
        (cs.nn.Conv2d(3, 6, 3, stride=2), (3, 10, 11), [1, 0]),
        (cs.nn.Conv2d(3, 6, 3, padding="same"), (3, 10, 11), [0, 0]),
        (cs.nn.MaxPool2d(2, return_indices=True), (3, 10, 11), [0, 1]),
        (cs.nn.LPPool2d(2, 3), (3, 10, 11), [1, 2]),
        (cs.nn.Conv1d(3, 6, 3, 2, 1, padding_mode="reflect"), (3, 11), [0]),
        # the first elements stand behind the last ones once more, where nothing looks at them
        (cs.nn.Conv1d(3, 6, 2, 4, 1, padding_mode="circular"), (3, 11), None),
        (cs.nn.ReLU(), (3, 10, 11), None),
        (cs.nn.Sequential(cs.nn.Sequential(cs.nn.Conv2d(3, 6, 3, stride=2))), (3, 10, 11), None),
        (cs.nn.ConvTranspose2d(3, 6, 3), (3, 10, 11), None),
    ],
)
def test_of_a_row(layer: Any, shape: tuple[int, ...], totals: list[int] | None) -> None:
    found = cs.trace(layer, shape).rows[0].unused
    assert (found and [axis.total for axis in found]) == totals


def test_the_column() -> None:
    net = cs.nn.Sequential(cs.nn.Conv2d(3, 6, 3, 2), cs.nn.ReLU(), cs.nn.MaxPool2d(2))
    table = cs.trace(net, (3, 10, 11)).to_csv(columns=["layer", "unused"])
    assert table.splitlines() == ["layer,unused", "0,1x0", "1,", "2,0x1"]
