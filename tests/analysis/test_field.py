"""What one element reads, and several together, counted one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convshape.analysis.receptive_field.field import (
    Field,
    WindowReads,
    adaptive_windows,
    hull,
    transposed_windows,
    windows,
)

ENDS = st.none() | st.tuples(st.integers(-20, 20), st.integers(0, 9)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


@given(
    ends=st.lists(ENDS, min_size=1, max_size=5),
    step=st.integers(-4, 6),
    start=st.integers(-12, 12),
    count=st.integers(0, 40),
    stride=st.sampled_from([-3, -2, -1, 1, 2, 3, 5]),
)
def test_the_field_of_a_range_is_the_hull_of_its_elements(
    ends: list[tuple[int, int] | None], step: int, start: int, count: int, stride: int
) -> None:
    field = Field(step, ends)
    indices = range(start, start + count * stride, stride)
    assert field.over(indices) == hull(map(field.at, indices))


def test_a_field_of_nothing_has_no_size() -> None:
    assert Field(1, [None]).size == 0
    assert Field(1, [None, (2, 4)]).size == 3


def elements(reads: WindowReads, out: int) -> set[int]:
    """Return what an element reads, by the definition of `WindowReads`."""
    whole, rest = divmod(out, len(reads.reads))
    return {i + whole * reads.step for i in reads.reads[rest]}


KERNELS = {"kernel": st.integers(1, 6), "stride": st.integers(1, 6), "padding": st.integers(0, 4)}


@given(**KERNELS, dilation=st.integers(1, 4))
def test_what_convolution_reads(kernel: int, stride: int, padding: int, dilation: int) -> None:
    reads = windows(kernel, stride, padding, dilation)
    for out in range(20):
        expected = {out * stride + dilation * j - padding for j in range(kernel)}
        assert elements(reads, out) == expected


@given(**KERNELS, dilation=st.integers(1, 4))
def test_what_transposed_convolution_reads(
    kernel: int, stride: int, padding: int, dilation: int
) -> None:
    reads = transposed_windows(kernel, stride, padding, dilation)
    for out in range(20):
        expected = {
            i
            for i in range(-40, 60)
            for j in range(kernel)
            if i * stride + dilation * j - padding == out
        }
        assert elements(reads, out) == expected


@given(size=st.integers(1, 60), out=st.integers(1, 60))
def test_what_adaptive_pooling_reads(size: int, out: int) -> None:
    reads = adaptive_windows(size, out)
    for i in range(out):
        first, end = i * size // out, -(-(i + 1) * size // out)
        assert elements(reads, i) == set(range(first, end))
