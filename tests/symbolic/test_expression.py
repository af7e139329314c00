"""Sizes with symbols: their arithmetic is that of ints, and what is equal has one normal form."""

from __future__ import annotations

import fractions
import itertools
import math
import operator
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convshape as cs
from convshape.symbolic.condition import EQUAL, LEAST, UNEQUAL, Condition
from convshape.symbolic.dim import Dim, Record, expression_of, recording
from convshape.symbolic.progressions import progressions
from convshape.symbolic.region import Axes, count, members, merged, smallest
from convshape.symbolic.words import multiples, relied_on, sizes_text

H, W = Dim("H", 224), Dim("W", 100)


def shown(size: int) -> str:
    return str(expression_of(size))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (H + 0, "H"),
        (H - 4, "H − 4"),
        (4 - H, "4 − H"),
        (-H, "−H"),
        (H - H, "0"),
        (H - W + 5, "H − W + 5"),
        (-5, "−5"),
        (7, "7"),
        ((H + 1) * (2 * W + 3), "(H + 1)·(2·W + 3)"),
        (3 * H * W, "3·H·W"),
        ((H + 1) * (W - 1), "(H + 1)·(W − 1)"),
        (H * H, "H²"),
        ((H - 4) // 2, "⌊(H − 4)/2⌋"),
        ((H + 1) // 2, "⌈H/2⌉"),
        (-(-H // 8), "⌈H/8⌉"),
        (((H - 4) // 2 - 4) // 2, "⌊(H − 12)/4⌋"),
        (((H // 2) // 2) // 2, "⌊H/8⌋"),
        ((H * 4 + 6) // 4, "H + 1"),
        ((2 * H + 3) // 4, "⌈H/2⌉"),
        ((H * W) // W, "H"),
        (2 * ((H + 6 - 7) // 2 + 1), "2·⌈H/2⌉"),
        ((H - 3 * W) // 2, "⌊(H − W)/2⌋ − W"),
        (math.floor(H * 1.5), "H + ⌊H/2⌋"),
        (math.ceil(H / 3), "⌈H/3⌉"),
        (H << 1, "2·H"),
        ((H - 1) ** 2, "(H − 1)²"),
        ((H + 2) ** 3, "(H + 2)³"),
        (3 * (H - 1) ** 2, "3·(H − 1)²"),
        (-((H - 1) ** 2), "−(H − 1)²"),
        ((H - 1) ** 2 * (W - 1), "(H − 1)²·(W − 1)"),
        ((H - 1) ** 2 - 1, "H² − 2·H"),
        ((H + W) ** 2, "H² + 2·H·W + W²"),
        (H * H * W, "H²·W"),
        ((H // 2) ** 2, "⌊H/2⌋²"),
        (H * W + W, "(H + 1)·W"),
        (H**2 * W + H * W, "(H² + H)·W"),
        (H * (H // 2) * (W + 1), "H·⌊H/2⌋·(W + 1)"),
        (cs.Dim("D") * (W - H), "−D·(H − W)"),
        (16 * ((H - 12) // 4) * ((W - 12) // 4), "16·⌊(H − 12)/4⌋·⌊(W − 12)/4⌋"),
    ],
)
def test_how_sizes_are_written(size: int, text: str) -> None:
    assert shown(size) == text


def test_what_leaves_no_symbol_is_a_plain_int() -> None:
    assert type(H - H) is int
    assert type((H * 4 + 6) // 4 - H) is int


@pytest.mark.parametrize("name", ["", "2H", "H W", "H-1", "é"])
def test_a_symbol_is_a_word(name: str) -> None:
    with pytest.raises(ValueError, match="a symbol is a word"):
        cs.Dim(name)


@pytest.mark.parametrize("value", [0, -1])
def test_a_size_is_at_least_1(value: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        cs.Dim("H", value)


NUMBERS = st.integers(-9, 9)
OPERATORS: list[Any] = [operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod]


@st.composite
def formulas(draw: Any, depth: int = 4) -> Any:
    """Draw a function of a dictionary of sizes, by operators on them and on numbers."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        leaf = draw(st.one_of(st.sampled_from("HW"), NUMBERS))
        return lambda sizes: sizes[leaf] if isinstance(leaf, str) else leaf
    left, apply = draw(formulas(depth - 1)), draw(st.sampled_from(OPERATORS))
    right = draw(formulas(depth - 1))
    if apply in (operator.floordiv, operator.mod):  # sizes are divided by positive numbers mostly
        divisor = draw(st.integers(1, 7))
        right = draw(st.sampled_from((right, lambda sizes: divisor, lambda sizes: divisor)))
    return lambda sizes: apply(left(sizes), right(sizes))


@pytest.mark.parametrize(
    ("operate", "text"),
    [
        (lambda n: n >> 2, "⌊H/4⌋"),
        (lambda n: n << 2, "4·H"),
        (lambda n: divmod(n, 10)[0], "⌊H/10⌋"),
        (lambda n: divmod(n, 2)[1], "H − 2·⌊H/2⌋"),
        (lambda n: divmod(500, n)[0], "⌊500/H⌋"),
        (lambda n: divmod(500, n)[1], "500 − H·⌊500/H⌋"),
        (lambda n: 500 % n, "500 − H·⌊500/H⌋"),
        (lambda n: n**0, None),
        (lambda n: n**3, "H³"),
        (lambda n: n**8, "H⁸"),
        (lambda n: n**9, None),
        (lambda n: pow(n, 2, 7), None),
        (lambda n: +n, "H"),
        (lambda n: abs(-n), "H"),
        (lambda n: round(n, -1) if isinstance(n, Dim) else n, "H"),
        (lambda n: int(n / 2 + 1), None),
        (lambda n: int(n / 448), None),
        (lambda n: int((n - 227) / 5), None),
        (lambda n: math.sqrt(n / 4), None),
        (lambda n: math.floor((n / 2 - 1) * 3), "H + ⌊(H − 6)/2⌋"),
        (lambda n: math.ceil(3 * (n / 4) / 2), "⌊(3·H + 7)/8⌋"),
        (lambda n: math.floor(n / 3 / 2 + 2), "⌊(H + 12)/6⌋"),
        (lambda n: math.floor(n * 0.375), "⌊3·H/8⌋"),
        (lambda n: n / 2 + 0.5, None),
        (lambda n: n / 2 - 0.5, None),
        (lambda n: n / 2 * 0.5, None),
        (lambda n: n / 2 / 0.5, None),
        (lambda n: n / -2, None),
        (lambda n: n / 2.5, None),
        (lambda n: 7 / n, None),
        (lambda n: n * -0.5, None),
        (lambda n: float(n), None),
        (lambda n: bool(n), None),
        (lambda n: {n / 2: 1}[112.0], None),
    ],
)
def test_operators_are_those_of_ints_and_floats(operate: Any, text: str | None) -> None:
    result, plain = operate(H), operate(224)
    assert float(result) == float(plain)
    assert (shown(result) if isinstance(result, Dim) else None) == text


SIZES = st.fixed_dictionaries({"H": st.integers(1, 40), "W": st.integers(1, 40)})


@given(formulas(), SIZES, SIZES)
def test_arithmetic_is_that_of_ints_at_all_sizes(formula: Any, own: Any, other: Any) -> None:
    try:
        plain, elsewhere = formula(own), formula(other)
    except ZeroDivisionError:
        return
    size = formula({name: Dim(name, value) for name, value in own.items()})
    assert int.__int__(size) == plain
    assert expression_of(size).at(other) == elsewhere


@given(formulas(3), SIZES, SIZES)
def test_comparisons_are_those_of_ints_and_recorded(formula: Any, own: Any, other: Any) -> None:
    try:
        plain, elsewhere = formula(own), formula(other)
    except ZeroDivisionError:
        return
    size = formula({name: Dim(name, value) for name, value in own.items()})
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        record = Record(own)
        with recording(record):
            holds = compare(size, 3)
        assert holds is compare(plain, 3)
        points = {name: [value] for name, value in other.items()}
        if all(condition.over(points, 1, {})[0] for condition in record.conditions):
            assert compare(elsewhere, 3) is holds


@pytest.mark.parametrize(
    ("compare", "relied_on"),
    [
        (lambda n: n / 3 > 2, "H ≥ 7"),
        (lambda n: n / 4 > 1.5, "H ≥ 7"),
        (lambda n: n / 4 != 0.25, "H ≠ 1"),
        (lambda n: n / 4 < 2**-10, "H ≥ 1"),
        (lambda n: n / 4 < 2**-11, "H = 224"),  # of which floating-point numbers would be exact too
        (lambda n: n / 4 > 0.1, "H = 224"),  # from here on they are not
        (lambda n: n / 3 > 1.5, "H = 224"),
        (lambda n: n / 4 < math.inf, "H = 224"),
        (lambda n: n / 4 < fractions.Fraction(225, 4), "H = 224"),
    ],
)
def test_comparisons_of_quotients_are_of_sizes_where_that_is_exact(
    compare: Any, relied_on: str
) -> None:
    record = Record({"H": 224})
    with recording(record):
        assert compare(H) is compare(224)
    assert [str(condition) for condition in (*record.conditions, *record.fixed)] == [relied_on]


USES: list[Any] = [
    *(lambda q, v, compare=compare: compare(q, v) for compare in (operator.lt, operator.ge)),
    *(lambda q, v, compare=compare: compare(q, v) for compare in (operator.eq, operator.ne)),
    *(
        lambda q, v, use=use: use(q)
        for use in (int, math.floor, math.ceil, round, abs, bool, float)
    ),
    *(lambda q, v, use=use: use(q + 2, 3) for use in (operator.mod, operator.floordiv, pow)),
    lambda q, v: v - q,
    lambda q, v: math.floor(2 * q - 1),
    lambda q, v: math.floor(-q * 0.5),
]


@given(
    st.sampled_from(USES),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(-20, 20),
    st.integers(1, 8),
    st.one_of(st.integers(-3, 9), st.sampled_from((0.5, 1 / 3, 2.25, 0.1))),
)
def test_whatever_a_quotient_is_used_for_is_recorded(
    use: Any, own: int, other: int, shift: int, divisor: int, value: float
) -> None:
    record = Record()
    with recording(record):
        result = use((Dim("H", own) + shift) / divisor, value)
    assert _nearly(use((own + shift) / divisor, value)) == result
    points = {"H": [other]}
    conditions = [c for c in (*record.conditions, *record.fixed) if c.symbols]
    if all(condition.over(points, 1, {})[0] for condition in conditions):
        closed = expression_of(result).at({"H": other}) if isinstance(result, Dim) else result
        assert _nearly(use((other + shift) / divisor, value)) == closed


def _nearly(value: Any) -> Any:
    """Return what equals a value, or nearly: floats worked out in another order differ a little."""
    return pytest.approx(value, rel=1e-12) if isinstance(value, float) else value


@given(st.integers(1, 9), st.integers(1, 9), NUMBERS, NUMBERS)
def test_nested_floors_have_one_normal_form(m: int, n: int, a: int, b: int) -> None:
    # Graham, Knuth and Patashnik, "Concrete Mathematics", section 3.2.
    assert expression_of(((H + a) // m + b) // n) == expression_of((H + a + b * m) // (m * n))


@given(st.integers(1, 9), NUMBERS, NUMBERS)
def test_whole_multiples_leave_a_floor(n: int, a: int, b: int) -> None:
    assert expression_of((n * a * H + W + b) // n) == expression_of(a * H + (W + b) // n)


def test_sizes_are_the_same_in_another_process() -> None:
    size = 3 * ((H - 4) // 2) * W
    again = pickle.loads(pickle.dumps(size))
    assert int.__int__(again) == int.__int__(size)
    assert expression_of(again) == expression_of(size)


def test_numbers_that_leave_their_expression_are_noted() -> None:
    record = Record()
    with recording(record):
        assert int(H // 2) == 112
        assert {H: "in a dictionary"}[224] == "in a dictionary"
    assert [*map(str, record.fixed)] == ["⌊H/2⌋ = 112", "H = 224"]


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Condition(expression_of(H - 16), LEAST), "H ≥ 16"),
        (Condition(expression_of((H - 12) // 4 - 1), LEAST), "H ≥ 16"),
        (Condition(expression_of(8 - H // 4), LEAST), "H ≤ 35"),
        (Condition(expression_of(H % 32), EQUAL), "H mod 32 = 0"),
        (Condition(expression_of((H + 1) % 8 - 3), UNEQUAL), "(H + 1) mod 8 ≠ 3"),
        (Condition(expression_of(2 * H - 2 * W), EQUAL), "H = W"),
        (Condition(expression_of(W - H), EQUAL), "H = W"),
        (Condition(expression_of(5 - H), EQUAL), "H = 5"),
        (Condition(expression_of(4 - 3 * H), UNEQUAL), "3·H ≠ 4"),
        (Condition(expression_of(2 * H - 5), EQUAL), "2·H = 5"),
        (Condition(expression_of(2 * H - 5), LEAST), "H ≥ 3"),
        (Condition(expression_of(7 - H % 8), EQUAL), "H mod 8 = 7"),
        (Condition(expression_of(H // 4 - 3), EQUAL), "⌊H/4⌋ = 3"),
        (Condition(expression_of(5 - 2 * (H // 3)), LEAST), "H ≤ 8"),
        (Condition(expression_of(3 - W * H // 7), LEAST), "H·W ≤ 27"),
        (Condition(expression_of(3 - H // 4 * W), LEAST), "⌊H/4⌋·W ≤ 3"),
        (Condition(expression_of(3 - H // W), LEAST), "⌊H/W⌋ ≤ 3"),
        (Condition(expression_of(W + 4 - 3 * H), LEAST), "W + 4 ≥ 3·H"),
        (Condition(expression_of(H - W - 2), LEAST), "H ≥ W + 2"),
    ],
)
def test_how_conditions_are_written(condition: Condition, text: str) -> None:
    assert str(condition) == text


@pytest.mark.parametrize(
    ("product", "op", "parts"),
    [
        ((H - 1) * (W - 2) - 1, LEAST, ["H ≥ 2", "W ≥ 3"]),
        ((H - 1) * (W - 2), UNEQUAL, ["H ≠ 1", "W ≠ 2"]),
        ((H - 1) * (W - 2), EQUAL, ["H·W + 2 = 2·H + W"]),
        ((H // 2 - 1) * (W - 2) * cs.Dim("D") - 1, LEAST, ["D ≥ 1", "H ≥ 4", "W ≥ 3"]),
        (2 * H * W - 1, LEAST, ["H ≥ 1", "W ≥ 1"]),
        (H * H - 1, LEAST, ["H² ≥ 1"]),
        (5 - H * W, LEAST, ["H·W ≤ 5"]),
        ((1 - H) * W - 1, LEAST, ["W ≥ H·W + 1"]),
    ],
)
def test_a_product_is_split_where_its_factors_say_the_same(
    product: int, op: str, parts: list[str]
) -> None:
    assert [*map(str, Condition(expression_of(product), op).parts())] == parts


LIMIT = 14


@given(formulas(3), st.sampled_from((EQUAL, UNEQUAL, LEAST)))
def test_a_region_is_split_where_a_condition_holds(formula: Any, op: str) -> None:
    try:
        expression = expression_of(formula({"H": Dim("H", 5), "W": Dim("W", 9)}))
    except ZeroDivisionError:
        return
    if expression.constant is not None:
        return
    assert_split(expression, op, ("H", "W"), LIMIT)


def assert_split(expression: Any, op: str, symbols: tuple[str, ...], limit: int) -> None:
    """Compare the parts of all sizes up to a limit with what the condition says of each."""
    condition, axes = Condition(expression, op), Axes(symbols, limit)
    inside, outside = axes.split(axes.all, condition)
    assert count(inside) + count(outside) == limit ** len(symbols)
    for sizes in itertools.product(range(1, limit + 1), repeat=len(symbols)):
        value = expression.at(dict(zip(symbols, sizes, strict=True)))
        holds = {EQUAL: value == 0, UNEQUAL: value != 0, LEAST: value >= 0}[op]
        part = inside if holds else outside
        assert any(all(box[i] >> n & 1 for i, n in enumerate(sizes)) for box in part)


@pytest.mark.parametrize("op", [EQUAL, UNEQUAL, LEAST])
@pytest.mark.parametrize(
    "size",
    [
        H - 5,
        5 - H,
        3 * H - 5,
        H % 4 - 1,
        H - W - 2,
        2 * H - 3 * W,
        H + W - 9,
        H * W - 12,
        (H - 5) * W + 6,
        (5 - H) * W + 6,
        (H - 5) * W,
        (H - 5) * W - 1,
        (H - 3) * (W - 4),
        H // 2 * 3 - W // 3 * 2,
        H // 2 * W - W // 3 * H,
        H // 2 * (W // 2) - H // 3 * (W // 3),
        (H - 5) * W - (H - 7) * (W // 2),
        (H - 5) * W + (5 - H) * (W // 2),
        H % 3 - W % 3,
        (H + W) // 3 - 4,
        H * H - W * W,
    ],
    ids=shown,
)
def test_sizes_that_a_condition_ties(size: int, op: str) -> None:
    assert_split(expression_of(size), op, ("H", "W"), LIMIT)


def test_parts_are_split_again() -> None:
    depth, axes = cs.Dim("D"), Axes(("D", "H", "W"), 6)
    region, _ = axes.split(axes.all, Condition(expression_of(depth - 3), LEAST))
    region, _ = axes.split(region, Condition(expression_of(4 - W), LEAST))
    inside, outside = axes.split(region, Condition(expression_of(H + 1 - depth - W), LEAST))
    sizes = itertools.product(range(3, 7), range(1, 7), range(1, 5))
    assert count(inside) == sum(h + 1 >= d + w for d, h, w in sizes)
    assert count(inside) + count(outside) == 4 * 6 * 4


def test_sizes_are_compared_exactly_beyond_what_floats_hold() -> None:
    axes = Axes(("H", "W"), 300)
    inside, _ = axes.split(axes.all, Condition(expression_of(H**8 - W**8), EQUAL))
    assert count(inside) == 300


@pytest.mark.parametrize("op", [EQUAL, UNEQUAL, LEAST])
def test_three_sizes_that_a_condition_ties(op: str) -> None:
    depth = cs.Dim("D")
    for size in (depth + H - W, H // 2 * W // 3 - depth, (depth // 2 - H // 2) * (W // 2) - 1):
        assert_split(expression_of(size), op, ("D", "H", "W"), 6)


@given(formulas(3), st.sampled_from((EQUAL, UNEQUAL, LEAST)), SIZES)
def test_the_opposite_the_parts_and_the_simpler_form_say_the_same(
    formula: Any, op: str, sizes: Any
) -> None:
    try:
        size = formula({name: Dim(name, value) for name, value in sizes.items()})
    except ZeroDivisionError:
        return
    if expression_of(size).constant is not None:
        return
    condition, points = Condition(expression_of(size), op), {n: [v] for n, v in sizes.items()}

    def holds(each: Condition) -> bool:
        return each.over(points, 1, {})[0]

    assert holds(condition.negated()) is not holds(condition)
    assert holds(condition.simplified()) is holds(condition)


@given(st.sets(st.integers(1, 40)))
def test_progressions_are_the_set(sizes: set[int]) -> None:
    parts = progressions(sum(1 << n for n in sizes))
    shown = [n for first, last, step in parts for n in range(first, last + 1, step)]
    assert sorted(shown) == sorted(sizes)


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ([5], [(5, 5, 1)]),
        ([3, 4], [(3, 4, 1)]),
        ([4, 8], [(4, 8, 4)]),
        ([1, 2, 3, 8, 16], [(1, 3, 1), (8, 16, 8)]),
        ([1, 3, 4, 5, 7], [(1, 7, 2), (4, 4, 1)]),
        ([2, *range(5, 10)], [(2, 2, 1), (5, 9, 1)]),  # as few runs are easier to read
    ],
)
def test_progressions_are_few(sizes: list[int], parts: list[tuple[int, int, int]]) -> None:
    assert progressions(sum(1 << n for n in sizes)) == parts


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=5))
def test_merged_boxes_are_the_same_region(pairs: list[tuple[int, int]]) -> None:
    single = [(1 << a, 1 << b) for a, b in set(pairs)]
    boxes = merged(single)
    found = {(a, b) for box in boxes for a in members(box[0]) for b in members(box[1])}
    assert found == set(pairs)
    assert smallest([]) is None
    assert merged([(0b10, 0b100), (0b100, 0b100)]) == [(0b110, 0b100)]


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        (range(32, 36), "32..35"),
        (range(16, 101, 16), "multiples of 16 from 16"),
        (range(16, 81, 16), "multiples of 16 from 16 to 80"),
        (range(20, 81, 20), "multiples of 20 from 20 to 80"),
        (range(63, 101), "any from 63"),
        (range(1, 101), "any"),
        (range(20, 101, 8), "20, 28, 36, …"),
        ([7], "7"),
        ([7, 8], "7, 8"),
        ([], "none"),
        ([*range(3, 6), 9], "3..5, 9"),
        ([n for n in range(28, 101) if n % 28 < 4], "28..31, 56..59, 84..87, …"),
        ([n for n in range(8, 101) if n % 8 < 2], "8..9, 16..17, 24..25, …"),
        ([n for n in range(8, 61) if n % 8 < 2], "8..9, 16..17, 24..25, …, 56..57"),
    ],
)
def test_sets_of_sizes_in_words(sizes: Any, text: str) -> None:
    assert sizes_text(sum(1 << n for n in sizes), 100) == text


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        (range(16, 101, 16), "multiples of 16"),
        (range(16, 81, 16), ""),  # which end before the limit
        (range(20, 101, 8), ""),
        (range(63, 101), ""),
    ],
)
def test_multiples_in_words(sizes: Any, text: str) -> None:
    assert multiples(sum(1 << n for n in sizes), 100) == text


def test_what_a_run_relied_on_in_words() -> None:
    h, w = Dim("H", 32), Dim("W", 32)
    record = Record({"H": 32, "W": 32})
    with recording(record):
        assert h >= 4
        assert h >= 16
        assert (h - 12) // 4 >= 1  # the same
        assert w % 8 == 0
        assert 16 * ((h - 12) // 4) * ((w - 12) // 4) == 400
    assert relied_on(record) == ["H ≥ 16", "W mod 8 = 0", "16·⌊(H − 12)/4⌋·⌊(W − 12)/4⌋ = 400"]


@pytest.mark.parametrize(
    ("asserted", "words"),
    [
        (lambda h, w: h >= 1 and h != 0, []),
        (lambda h, w: h == 32, ["H = 32"]),
        (lambda h, w: 31 < h < 33, ["H = 32"]),
        (lambda h, w: h // 4 == 8, ["H ≥ 32", "H ≤ 35"]),
        (lambda h, w: 3 <= h <= 40, ["H ≥ 3", "H ≤ 40"]),
        (lambda h, w: h < 1024, ["H ≤ 1023"]),
        (lambda h, w: h <= 1500, ["H ≤ 1500"]),
        (lambda h, w: h // 4 <= 500, ["H ≤ 2003"]),
        (lambda h, w: h % 2 == 0, ["H mod 2 = 0"]),
        (lambda h, w: h % 8 == 0 and h >= 8, ["H mod 8 = 0"]),
        (lambda h, w: h % 8 == 0 and h >= 16, ["H mod 8 = 0", "H ≥ 16"]),
        (lambda h, w: h % 8 == 0 and h <= 512, ["H mod 8 = 0", "H ≤ 512"]),
        (lambda h, w: h % 3 == 2 and h > 20, ["H mod 3 = 2", "H ≥ 23"]),
        (lambda h, w: h != 5, ["H in 1..4, any from 6"]),
        (lambda h, w: h not in (5, 9), ["H in 1..4, 6..8, any from 10"]),
        (lambda h, w: h not in (5, 9, 40, 50), ["H ≠ 5", "H ≠ 9", "H ≠ 40", "H ≠ 50"]),
        (lambda h, w: h == w, ["H = W"]),
        (lambda h, w: h >= w, ["H ≥ W"]),
        (lambda h, w: h >= w and h + 5 >= w, ["H ≥ W"]),
        (lambda h, w: h >= w and h == w, ["H = W"]),
        (lambda h, w: h * w >= 20, ["H·W ≥ 20"]),
        (lambda h, w: h + w == 64, ["H + W = 64"]),
        (lambda h, w: (h - 1) * (w - 2) >= 1, ["H ≥ 2", "W ≥ 3"]),
    ],
)
def test_what_an_assertion_relied_on(asserted: Any, words: list[str]) -> None:
    record = Record({"H": 32, "W": 32})
    with recording(record):
        assert asserted(Dim("H", 32), Dim("W", 32))
    assert relied_on(record) == words


@pytest.mark.parametrize(
    ("asserted", "words"),
    [
        (lambda d, h, w: h >= 70_000, ["H ≥ 70000"]),
        (lambda d, h, w: h * w // d >= 3, ["⌊H·W/D⌋ ≥ 3"]),
    ],
)
def test_conditions_on_more_sizes_than_are_looked_at_stay_as_they_are(
    asserted: Any, words: list[str]
) -> None:
    record = Record()
    with recording(record):
        assert asserted(Dim("D", 3), Dim("H", 100_000), Dim("W", 32))
    assert relied_on(record) == words


def test_numbers_at_the_edge_of_arithmetic() -> None:
    assert Dim("H") == 224
    size = Dim("H", 5)
    with pytest.raises(ZeroDivisionError):
        size / 0
    assert type(size * 0.0) is float
    assert (size * 0.0, size * -0.5) == (0, -2.5)


def test_a_sum_divides_its_products() -> None:
    height, width = Dim("H", 6), Dim("W", 5)
    for factor in (height - 1, width * width - height + 3, 2 * height):
        quotient = (height + width) * factor // (height + width)
        assert expression_of(quotient) == expression_of(factor)
    half = (2 * height + width) // (height + width)
    assert half == 1
    assert expression_of(half).constant is None
