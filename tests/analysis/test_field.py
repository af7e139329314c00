"""The field of several elements is that of each of them together, counted one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convshape.analysis.receptive_field.field import Field, hull

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
