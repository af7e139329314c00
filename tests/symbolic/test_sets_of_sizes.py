"""Sets of sizes of two axes, compared with the pairs that they hold."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convshape.symbolic.sizes import Sizes, nearest

PAIRS = st.sets(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=8)
SIZE = st.integers(1, 12)


def of_pairs(pairs: set[tuple[int, int]]) -> Sizes:
    return Sizes("HW", [(1 << h, 1 << w) for h, w in sorted(pairs)])


def held(sizes: Sizes) -> list[tuple[int, int]]:
    """Return the pairs of all entries, each with the sizes of its progressions."""

    def numbers(parts: list[tuple[int, int, int]]) -> list[int]:
        return [n for first, last, step in parts for n in range(first, last + 1, step)]

    return sorted(
        pair for entry in sizes.sizes for pair in product(numbers(entry["H"]), numbers(entry["W"]))
    )


@given(PAIRS)
def test_a_set_holds_its_pairs(pairs: set[tuple[int, int]]) -> None:
    sizes = of_pairs(pairs)
    assert held(sizes) == sorted(pairs)
    for h, w in product(range(1, 14), repeat=2):
        assert ({"H": h, "W": w} in sizes) is ((h, w) in pairs)


@given(PAIRS)
def test_the_smallest_has_the_fewest_elements_and_is_the_most_even(
    pairs: set[tuple[int, int]],
) -> None:
    least = of_pairs(pairs).smallest
    if not pairs:
        assert least is None
        return
    expected = min(pairs, key=lambda pair: (pair[0] * pair[1], max(pair), pair))
    assert least == {"H": expected[0], "W": expected[1]}


@given(st.sets(SIZE, min_size=1), st.sets(SIZE, min_size=1))
def test_axes_are_independent_if_all_pairs_are_held(heights: set[int], widths: set[int]) -> None:
    pairs = set(product(heights, widths))
    assert of_pairs(pairs).independent
    assert len(of_pairs(pairs).boxes) == 1
    one_less = pairs - {(max(heights), max(widths))}
    tied = len(heights) > 1 and len(widths) > 1
    assert of_pairs(one_less).independent is not tied


@given(st.sets(SIZE, min_size=1), st.sets(SIZE, min_size=1), SIZE, SIZE)
def test_on_independent_axes_the_nearest_are_one_below_and_one_above(
    heights: set[int], widths: set[int], h: int, w: int
) -> None:
    def next_to(sizes: set[int], wanted: int) -> list[int]:
        if wanted in sizes:
            return [wanted]
        below = sorted(n for n in sizes if n < wanted)
        above = sorted(n for n in sizes if n > wanted)
        return below[-1:] + above[:1]

    near = of_pairs(set(product(heights, widths))).near({"H": h, "W": w})
    expected = product(next_to(heights, h), next_to(widths, w))
    assert sorted(tuple(each.values()) for each in near) == sorted(expected)
    steps = [(abs(each["H"] - h), abs(each["W"] - w)) for each in near]
    assert steps == sorted(steps, key=lambda step: (max(step), sum(step)))


@given(PAIRS.filter(bool), SIZE, SIZE)
def test_the_nearest_of_a_box_is_as_near_as_any(
    pairs: set[tuple[int, int]], h: int, w: int
) -> None:
    for box in of_pairs(pairs).region:
        (worst, all_steps), sizes = nearest(box, (h, w))
        inside = [
            n
            for n in product(range(13), repeat=2)
            if all(b >> i & 1 for b, i in zip(box, n, strict=True))
        ]
        assert sizes in inside
        assert all_steps == abs(sizes[0] - h) + abs(sizes[1] - w)
        assert worst == min(max(abs(a - h), abs(b - w)) for a, b in inside)


@pytest.mark.parametrize(
    ("pairs", "json"),
    [
        (set(), {"H": [], "W": []}),
        ({(2, 3), (4, 3)}, {"H": [[2, 4, 2]], "W": [[3, 3, 1]]}),
        (
            {(4, 5), (2, 3)},
            [{"H": [[2, 2, 1]], "W": [[3, 3, 1]]}, {"H": [[4, 4, 1]], "W": [[5, 5, 1]]}],
        ),
    ],
)
def test_json_has_the_progressions_of_each_axis(pairs: set[tuple[int, int]], json: object) -> None:
    assert of_pairs(pairs).to_json() == json
