"""Values that an argument may have: the same as a set of numbers, and ratios as fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convshape.analysis.values import Ratio, Values

RANGES = st.lists(
    st.builds(lambda start, length: range(start, start + length), *[st.integers(0, 9)] * 2),
    max_size=4,
)
NUMBERS = st.integers(0, 20)


@given(ranges=RANGES, value=NUMBERS)
def test_they_are_a_set_in_order(ranges: list[range], value: int) -> None:
    values, numbers = Values(*ranges), sorted({n for each in ranges for n in each})
    assert list(values) == numbers
    assert values.count == len(numbers)
    assert (values.least, values.most) == ((numbers[0], numbers[-1]) if numbers else (0, 0))
    assert list(values.plus(value)) == sorted({*numbers, value})


@given(ranges=RANGES, least=NUMBERS, most=NUMBERS)
def test_those_in_an_interval_or_the_next_on_both_sides(
    ranges: list[range], least: int, most: int
) -> None:
    values, numbers = Values(*ranges), sorted({n for each in ranges for n in each})
    inside = [n for n in numbers if least <= n <= most]
    below, above = [n for n in numbers if n < least], [n for n in numbers if n > most]
    assert list(values.within(least, most)) == inside
    assert list(values.around(least, most, near=False)) == inside
    assert list(values.around(least, most, near=True)) == inside or not inside
    if not inside:
        assert list(values.around(least, most, near=True)) == below[-1:] + above[:1]


@pytest.mark.parametrize(
    ("ranges", "text"),
    [
        ([], ""),
        ([range(3, 4)], "3"),
        ([range(3, 5)], "3,4"),
        ([range(3, 6)], "3..5"),
        ([range(1, 3), range(3, 5)], "1..4"),
        ([range(7, 9), range(1, 3), range(4, 5)], "1,2,4,7,8"),
        ([range(1, 9), range(2, 3)], "1..8"),
    ],
)
def test_they_are_written_as_on_the_command_line(ranges: list[range], text: str) -> None:
    assert str(Values(*ranges)) == text


@given(factor=st.integers(1, 4), divisor=st.integers(1, 4), size=st.integers(0, 40))
def test_a_ratio_leaves_the_whole_sizes_next_to_the_fraction(
    factor: int, divisor: int, size: int
) -> None:
    exact = Fraction(size * factor, divisor)
    allowed = {n for n in (math.floor(exact), math.ceil(exact)) if n >= 1}
    assert {n for each in Ratio(factor, divisor).of(size) for n in each} == allowed
    if exact.denominator == 1:
        assert Ratio(factor, divisor).exactly(size) == exact


@given(factor=st.integers(1, 4), divisor=st.integers(1, 4), stride=st.integers(1, 9))
def test_the_example_of_a_ratio_divides_and_is_many_strides_long(
    factor: int, divisor: int, stride: int
) -> None:
    [size] = Ratio(factor, divisor).example(stride)
    assert size % divisor == 0
    assert size >= 8 * stride


@pytest.mark.parametrize(
    ("ratio", "text"), [(Ratio(1, 1), "n"), (Ratio(1, 2), "n/2"), (Ratio(3, 1), "3n")]
)
def test_a_ratio_is_written_with_the_name_of_the_size(ratio: Ratio, text: str) -> None:
    assert ratio.text("n") == text
