"""One layer backwards: torch gives the size of every solution and of nothing else in bounds."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import convshape as cs
from convshape.solving.layer import solve

Bounds = dict[str, list[int]]


@cache
def by_torch(kind: str, size: int, k: int, s: int, p: int, d: int, extra: int) -> int | None:
    """Return the size that torch makes, or None where it refuses."""
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, k)
    calls = {
        "conv": lambda: F.conv1d(x, weight, None, s, p, d),
        "pool": lambda: F.max_pool1d(x, k, s, p, d, bool(extra)),
        "deconv": lambda: F.conv_transpose1d(x, weight, None, s, p, extra, 1, d),
    }
    try:
        return int(calls[kind]().shape[2])
    except (RuntimeError, ValueError):
        return None


def ours(kind: str, in_: Any, out: Any, bounds: dict[str, Any], **more: Any) -> list[Any]:
    call: Any = {
        "conv": cs.solve_conv, "pool": cs.solve_pool, "deconv": cs.solve_conv_transpose
    }[kind]  # fmt: skip
    return list(call(in_, out, **bounds, **more))


def plain(solutions: list[Any]) -> list[tuple[int, ...]]:
    """Return solutions along an axis: size, out, kernel, stride, padding, dilation, extra."""
    rows = [tuple(v if isinstance(v, bool) else v[0] for v in each) for each in solutions]
    return [tuple(map(int, (*row, 0)[:7])) for row in rows]


def brute_force(
    kind: str, ins: Iterable[int], outs: list[int], bounds: Bounds, extras: list[int]
) -> set[tuple[int, ...]]:
    names = ("kernel_size", "stride", "padding", "dilation")
    found = set()
    for size, *arguments, extra in product(ins, *(bounds[name] for name in names), extras):
        out = by_torch(kind, size, *arguments, extra)
        if out in outs:
            found.add((size, out, *arguments, extra))
    return found


some = st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True)
BOUNDS = st.fixed_dictionaries(
    {
        "kernel_size": some,
        "stride": st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True),
        "padding": st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True),
        "dilation": st.lists(st.integers(1, 3), min_size=1, max_size=2, unique=True),
    }
)
#: The bounds of what only one kind has: output_padding, or ceil_mode.
EXTRAS = {"conv": [0], "pool": [0, 1], "deconv": [0, 1, 2, 3, 4]}


@pytest.mark.parametrize("kind", ["conv", "pool", "deconv"])
@given(bounds=BOUNDS, outs=some, ins=st.lists(st.integers(1, 20), min_size=1, max_size=3))
def test_the_arguments_are_all_that_torch_takes(
    kind: str, bounds: Bounds, outs: list[int], ins: list[int]
) -> None:
    expected = brute_force(kind, set(ins), outs, bounds, EXTRAS[kind])
    try:
        shown = plain(ours(kind, ins, outs, bounds))
    except cs.SpecError:
        shown = []  # no layer is legal within the bounds
    assert len(shown) == len(set(shown))
    assert set(shown) == expected


@pytest.mark.parametrize("kind", ["conv", "pool", "deconv"])
@given(bounds=BOUNDS, out=st.integers(1, 6))
def test_the_inputs_are_all_that_torch_takes(kind: str, bounds: Bounds, out: int) -> None:
    """No input beyond 45 gives 6, by strides and kernels as small as these."""
    expected = brute_force(kind, range(1, 46), [out], bounds, EXTRAS[kind])
    try:
        shown = plain(ours(kind, None, out, bounds))
    except cs.SpecError:
        shown = []
    assert set(shown) == expected
    assert len(shown) == len(expected)


RATIOS = {"same": (1, 1), "half": (1, 2), "/3": (1, 3), "x2": (2, 1), "x3": (3, 1)}


@pytest.mark.parametrize("kind", ["conv", "pool", "deconv"])
@given(bounds=BOUNDS, name=st.sampled_from(list(RATIOS)))
@settings(max_examples=80)
def test_a_ratio_holds_for_every_size(kind: str, bounds: Bounds, name: str) -> None:
    factor, divisor = RATIOS[name]
    names = ("kernel_size", "stride", "padding", "dilation")
    expected = {
        (*arguments, extra)
        for *arguments, extra in product(*(bounds[n] for n in names), EXTRAS[kind])
        if all(
            by_torch(kind, n, *arguments, extra) == n * factor // divisor
            for n in range(divisor, 31, divisor)
        )
    }
    try:
        solutions = ours(kind, None, name, bounds)
    except cs.SpecError:
        solutions = []
    assert all(each.in_ == each.out == () for each in solutions)
    rows = [(each[2:] if each else ()) for each in solutions]
    assert {
        tuple(int(v if isinstance(v, bool) else v[0]) for v in (*row, (0,))[:5]) for row in rows
    } == expected


@pytest.mark.parametrize("kind", ["conv", "pool", "deconv"])
@given(bounds=BOUNDS, outs=st.tuples(st.integers(1, 6), st.integers(1, 6)), per_axis=st.booleans())
@settings(max_examples=60)
def test_axes_share_their_arguments_or_not(
    kind: str, bounds: Bounds, outs: tuple[int, int], per_axis: bool
) -> None:
    single = []
    try:
        for size, out in zip((9, 12), outs, strict=True):
            single.append(plain(ours(kind, size, out, bounds)))
        both = ours(kind, (9, 12), outs, bounds, per_axis=per_axis)
    except cs.SpecError:
        return
    expected = {
        tuple(zip(h, w, strict=True))
        for h, w in product(*single)
        if (h[2:] == w[2:]) or (per_axis and (kind != "pool" or h[6] == w[6]))
    }
    shown = {
        tuple((int(v),) * 2 if isinstance(v, bool) else v for v in (*each, (0, 0))[:7])
        for each in both
    }
    assert shown == expected
    assert len(both) == len(expected)


@pytest.mark.parametrize("kind", ["conv", "pool", "deconv"])
@given(bounds=BOUNDS, size=st.integers(1, 12), out=st.integers(1, 40))
@settings(max_examples=80)
def test_the_nearest_is_as_near_as_any(kind: str, bounds: Bounds, size: int, out: int) -> None:
    names = ("kernel_size", "stride", "padding", "dilation")
    distances = {
        abs(made - out)
        for *arguments, extra in product(*(bounds[n] for n in names), EXTRAS[kind])
        if (made := by_torch(kind, size, *arguments, extra)) is not None
    }
    try:
        solved = solve(kind, size, out, dict(bounds))
    except cs.SpecError:
        return
    assert bool(solved.solutions) == (0 in distances)
    if not solved.solutions:
        near = solved.nearest
        assert (near and abs(near.out[0] - out)) == min(distances, default=None)


@given(bounds=BOUNDS, sizes=st.tuples(*[st.integers(1, 9)] * 2), outs=st.tuples(some, some))
@settings(max_examples=80)
def test_the_nearest_of_two_axes(
    bounds: Bounds, sizes: tuple[int, int], outs: tuple[list[int], list[int]]
) -> None:
    out = (outs[0][0], outs[1][0])
    solved = solve("conv", sizes, out, dict(bounds))
    names = ("kernel_size", "stride", "padding", "dilation")
    made = [
        [by_torch("conv", size, *arguments, 0) for size in sizes]
        for arguments in product(*(bounds[n] for n in names))
    ]
    distances = {
        abs(h - out[0]) + abs(w - out[1]) for h, w in made if h is not None and w is not None
    }
    if not solved.solutions:
        near = solved.nearest
        shown = near and sum(abs(a - b) for a, b in zip(near.out, out, strict=True))
        assert shown == min(distances, default=None)


@pytest.mark.parametrize(
    ("in_", "out", "bounds", "first"),
    [
        (224, 112, {}, (3, 2, 1, 1)),
        (32, 28, {}, (5, 1, 0, 1)),
        (227, 55, {}, (11, 4, 0, 1)),  # AlexNet's, by which nothing is thrown away
        (6, 2, {"kernel_size": [3, 4], "stride": 2, "padding": 0}, (4, 2, 0, 1)),
        (56, 56, {"kernel_size": 5, "dilation": 2}, (5, 1, 4, 2)),
        (64, 64, {"kernel_size": 15}, (15, 1, 7, 1)),  # beyond the usual bounds of the padding
        (None, "half", {"kernel_size": 7}, (7, 2, 3, 1)),
        (None, "half", {}, (3, 2, 1, 1)),
    ],
)
def test_what_people_write_comes_first(
    in_: Any, out: Any, bounds: dict[str, Any], first: tuple[int, ...]
) -> None:
    solution = cs.solve_conv(in_, out, **bounds)[0]
    assert solution[2:] == tuple((value,) for value in first)


def test_the_usual_pooling_and_transposed_convolution_come_first() -> None:
    pools = cs.solve_pool(28, 14)
    assert (pools[0].kernel_size, pools[0].stride, pools[0].ceil_mode) == ((2,), (2,), False)
    assert cs.solve_pool(27, 9)[0].stride == (3,)  # the kernel's size, as torch has it by default
    assert cs.solve_conv_transpose(7, 14, kernel_size=4)[0].padding == (1,)
    assert cs.solve_conv_transpose(7, 14, kernel_size=3)[0].output_padding == (1,)


def test_inputs_that_are_asked_for() -> None:
    solutions = cs.solve_conv(out=112, kernel_size=7, stride=2, padding=3)
    assert [each.in_ for each in solutions] == [(223,), (224,)]


def test_nothing_fits() -> None:
    assert cs.solve_conv(32, 100) == []
    assert cs.solve_conv(10, 12, kernel_size=15, stride=1) == []  # by a padding of 8
    assert solve("conv", 10, 12, {"kernel_size": 15, "stride": 1}).note == ""
    # by a padding of 3221225469, beyond what torch counts
    assert cs.solve_conv(1, 1, kernel_size=2**31 - 1, dilation=3, stride=1) == []


def test_an_argument_for_each_axis() -> None:
    assert cs.solve_conv((32, 48), (16, 24), kernel_size=(3, 5), stride=2) == []
    solution = cs.solve_conv((32, 48), (16, 24), kernel_size=(3, 5), stride=2, per_axis=True)[0]
    assert (solution.kernel_size, solution.padding) == ((3, 5), (1, 2))
    solution = cs.solve_conv((32, 48), (16, 24), kernel_size=(3, 5), padding=(1, 2))[0]
    assert solution.stride == (2, 2)
    assert cs.solve_conv_transpose((7, 8), (14, 17)) == []
    steps: Any = {"kernel_size": 2, "stride": [2, 3], "padding": 0, "ceil_mode": False}
    assert cs.solve_pool((4, 6), (2, 2), **steps) == []
    assert cs.solve_pool((4, 6), (2, 2), **steps, per_axis=True)[0].stride == (2, 3)
    pools = cs.solve_pool((4, 6), (2, 2), kernel_size=[2, 3], padding=0, per_axis=True)
    assert pools[0].kernel_size == (2, 3)
    # 5 gives 3 with ceil_mode only and 2 without it only, and it is one for all axes.
    assert not cs.solve_pool((5, 5), (3, 2), kernel_size=2, stride=2, padding=0, per_axis=True)


def test_what_is_nearest_for_no_axis_may_be_nearest_for_both() -> None:
    bounds: Any = {"kernel_size": 1, "stride": 1, "padding": "0..5"}
    near = solve("conv", (4, 8), (9, 3), bounds).nearest
    assert near is not None
    assert sum(abs(a - b) for a, b in zip(near.out, (9, 3), strict=True)) == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"in_": 224}, "solve conv needs out, the wanted output size"),
        ({"in_": 0, "out": 1}, 'in_="0" starts below the minimum, 1'),
        ({"in_": 4, "out": 2, "padding": -1}, 'padding="-1" starts below the minimum, 0'),
        ({"in_": 4, "out": 2, "kernel_size": []}, "kernel_size has no values"),
        ({"in_": 4, "out": 2, "stride": 1.5}, "stride needs an int, a range or a list of ints"),
        ({"in_": 4, "out": "twice"}, 'cannot read out="twice"'),
        ({"in_": 4, "out": 2, "stride": "3..1"}, "the range 3..1 is empty"),
        ({"in_": (4, 4), "out": (2, 2, 2)}, "in_ has 2 axes, but out has 3"),
        ({"in_": 4, "out": 2, "stride": 2**31}, "is larger than torch can count"),
        ({"in_": 2**60, "out": 2}, "is larger than torch can count"),
        ({"in_": "4,0", "out": 2}, 'in_="4,0" starts below the minimum, 1'),
        ({"in_": "4,9,2..1", "out": 2}, "the range 2..1 is empty"),
        ({"in_": (4,) * 4, "out": 2}, "conv takes 1 to 3 spatial dimensions, got 4"),
        ({"in_": 4, "out": "x1001"}, "the factor is from 1 to 1000"),
        ({"in_": 4, "out": "/0"}, "the factor is from 1 to 1000"),
        ({"in_": 4, "out": "x12345678901"}, "the factor is from 1 to 1000"),
        ({"in_": 4, "out": "x²"}, 'cannot read out="x²"'),
        ({"in_": 4, "out": "4" * 31}, "is not a whole number"),
        ({"in_": "n", "out": 4}, "solve needs numbers, and 'n' is a symbol"),
        ({"in_": 4, "out": "4,"}, "a number is missing"),
        ({"in_": 4, "out": "a" * 41}, f": {'a' * 40!r} is not a whole number"),
        ({"in_": 4, "out": "a" * 61}, f'cannot read out="{"a" * 60}"'),
        (
            {"in_": 4, "out": 2, "stride": "3000000000," * 9 + "1"},
            f'stride="{("3000000000," * 9)[:60]}" is larger than torch can count',
        ),
        (
            {"in_": 4, "out": 2, "stride": "00," + "0," * 40 + "1"},
            f'stride="{("00," + "0," * 40)[:60]}" starts below the minimum, 1',
        ),
        (
            {"in_": 4, "out": 2, "stride": "99999," + "3..1," * 20 + "1"},
            f'stride="{("99999," + "3..1," * 20)[:60]}": the range 3..1 is empty',
        ),
        ({"in_": (4, 4), "out": 2, "stride": ("3..1", 2)}, 'stride="3..1": the range 3..1'),
        ({"in_": (4, 4), "out": 2, "stride": "3..1x2"}, 'stride="3..1x2": the range 3..1'),
        ({"in_": 4, "out": 2, "padding": "same"}, 'padding="same": solve needs a number'),
        ({"in_": 4, "out": 2, "stride": ()}, "stride has no values"),
        ({"out": 1, "kernel_size": range(1, 10**9)}, "the bounds are too wide to try everything"),
    ],
)
def test_refusals(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(cs.SpecError) as error:
        cs.solve_conv(**arguments)
    assert message in error.value.message
    assert "--" not in str(error.value)


def test_bounds_in_which_no_layer_is_legal() -> None:
    with pytest.raises(cs.SpecError, match="more than half of kernel_size=3"):
        cs.solve_pool(10, 5, kernel_size=3, padding=2)
    with pytest.raises(cs.SpecError, match="is not smaller than stride=2"):
        cs.solve_conv_transpose(7, 14, stride=2, output_padding=2)


@pytest.mark.parametrize(("mode", "modes"), [(True, {True}), (False, set()), (None, {True})])
def test_a_mode_that_is_given_is_the_only_one(mode: bool | None, modes: set[bool]) -> None:
    bounds = {"kernel_size": 2, "stride": 2, "padding": 0, "dilation": 1}
    options = {} if mode is None else {"ceil_mode": mode}
    found = ours("pool", 7, 4, bounds, **options)
    assert {each.ceil_mode for each in found} == modes


@pytest.mark.parametrize(
    ("bound", "fix"),
    [
        ("0..5", 'kernel_size="1..5"'),
        ("0..2", 'kernel_size="1..2"'),
        ("0..1", "kernel_size=1"),
        ("0", "kernel_size=1"),
        ("7..5", 'kernel_size="5..7"'),
        (2**31, "kernel_size=2147483647 at most"),
    ],
)
def test_a_bound_out_of_its_limits_is_corrected(bound: str | int, fix: str) -> None:
    with pytest.raises(cs.SpecError) as refused:
        cs.solve_conv(10, 8, kernel_size=bound)
    assert refused.value.fix == fix


@pytest.mark.parametrize(
    ("in_", "out", "bounds"),
    [
        (2**60 - 1, 2**60 - 1, {"kernel_size": 1, "padding": 0}),
        (2**31, 2, {"kernel_size": 1, "stride": 2**31 - 1, "padding": 0}),
        (1, 1000, {"kernel_size": 1, "padding": "999,1000"}),
        (1, "x1000", {"kernel_size": 1002, "padding": 1000}),
    ],
)
def test_the_largest_numbers_are_taken(in_: int, out: Any, bounds: dict[str, Any]) -> None:
    assert isinstance(cs.solve_conv(in_, out, **bounds), list)


def test_of_paddings_that_are_not_half_of_the_kernel_the_smaller_one_comes_first() -> None:
    solutions = cs.solve_conv(10, [12, 8], kernel_size=[3, 7], stride=1, padding=2)
    assert [each.kernel_size for each in solutions] == [(7,), (3,)]


def test_half_of_a_kernel_comes_before_less_of_a_smaller_one() -> None:
    solutions = cs.solve_conv(10, [8, 10], kernel_size=[5, 7], stride=1, padding=[1, 3])
    assert [each.kernel_size for each in solutions] == [(7,), (5,)]


def test_an_odd_kernel_comes_before_a_smaller_even_one() -> None:
    solutions = cs.solve_conv(10, [6, 7], kernel_size=[4, 5], stride=1, padding=0)
    assert [each.kernel_size for each in solutions] == [(5,), (4,)]


def test_half_of_a_small_kernel_comes_before_no_padding_of_a_larger_one() -> None:
    solutions = cs.solve_conv(10, [10, 6], kernel_size=[3, 5], stride=1, padding=[0, 1])
    assert [each.kernel_size for each in solutions] == [(3,), (5,)]


def test_an_odd_kernel_comes_before_an_even_one_where_nothing_is_enlarged() -> None:
    solutions = cs.solve_conv_transpose(10, [13, 14], kernel_size=[4, 5], stride=1, padding=0)
    assert [each.kernel_size for each in solutions] == [(5,), (4,)]


def test_a_kernel_that_covers_evenly_comes_first() -> None:
    solutions = cs.solve_conv_transpose(7, 15, kernel_size=3, stride=[2, 3], padding=[0, 3])
    assert [each.stride for each in solutions] == [(3,), (2,)]


def test_the_largest_output_padding_that_is_legal() -> None:
    [solution] = cs.solve_conv_transpose(
        7, 14, kernel_size=3, stride=2, padding=1, output_padding=1
    )
    assert solution.output_padding == (1,)


@pytest.mark.parametrize(("word", "fix"), [("same", 'out="same"'), ("valid", "padding=0")])
def test_a_padding_by_name_is_put_as_a_size(word: str, fix: str) -> None:
    with pytest.raises(cs.SpecError) as refused:
        cs.solve_conv(10, 8, padding=word)
    assert refused.value.fix == fix


@pytest.mark.parametrize(
    ("size", "out", "strides", "nearest"),
    [
        (115, "20..100", [1, 12], (10,)),  # of 10 and 115
        ([26, 41], "28..40", [1], (41,)),  # of 26 and 41
    ],
)
def test_the_nearest_may_be_below_a_range_or_above_it(
    size: Any, out: str, strides: list[int], nearest: tuple[int, ...]
) -> None:
    bounds: Any = {"kernel_size": 1, "stride": strides, "padding": 0}
    near = solve("conv", size, out, bounds).nearest
    assert near is not None
    assert near.out == nearest


def test_of_more_than_are_listed_the_best_are_listed() -> None:
    single = solve("conv", 40, "1..30", {})
    both = solve("conv", (40, 40), "1..30", {}, per_axis=True)
    assert both.total == single.total**2 > 10_000
    assert len(both.solutions) == 10_000
    few = solve("conv", (40, 40), ("1..30", "30"), {}, per_axis=True)
    assert single.total > 100
    assert len(few.solutions) == few.total < 10_000
    best = single.solutions[0]
    assert both.solutions[0] == type(best)(*(value * 2 for value in best))
