"""References: what operations compute from known values, in plain Python, in row-major order.

A reference gets the results of an operation, of which it uses only shape and dtype, then its
arguments. It returns the values of the result, or a tuple of lists of values if there are several
results. It raises `UnknowableError` if torch's result depends on the order in which torch rounds.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from functools import partial
from itertools import accumulate, combinations, pairwise, product
from struct import error as unheld
from struct import pack, unpack
from typing import TYPE_CHECKING

from . import dtypes
from .known_values import MOST, Near, values_of
from .ops import indexing
from .tensor import Tensor, broadcast_shapes, packed, result_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Values = list[Any]
    Ints = Sequence[int]


class UnknowableError(Exception):
    """What torch gives is not known."""


FAILURES = (UnknowableError, ArithmeticError, LookupError, TypeError, ValueError, unheld)


def evaluated(
    reference: Callable[..., Any], results: tuple[Tensor, ...], args: Any, kwargs: Any
) -> Any:
    """Return a list of values for each result, None for unknown ones; or None for all."""
    try:
        values = reference(results, *args, **kwargs)
        columns = values if isinstance(values, tuple) else (values,)
        return [
            None if column is None else held(column, result.dtype)
            for column, result in zip(columns, results, strict=True)
        ]
    except FAILURES:
        return None


def known(value: Any) -> Values:
    """Return the values of a tensor in rows, or say that they are not known."""
    values = values_of(value)
    if values is None:
        raise UnknowableError
    return values


def ordered(value: Any) -> Values:
    """Return values that can be put in order, among which is none that is no number."""
    values = known(value)
    if any(isinstance(v, complex) or v != v for v in values):
        raise UnknowableError
    return values


# Numbers as a dtype holds them


def held(values: Iterable[Any], dtype: dtypes.dtype) -> Values:
    """Return `values` as a tensor of `dtype` holds them: float32 has seven digits.

    Raises:
        ArithmeticError, TypeError, ValueError, struct.error: it cannot hold one of them.
    """
    values = list(values)
    if any(type(v) is Near for v in values):
        return [_held_nearly(v, dtype) if type(v) is Near else held([v], dtype)[0] for v in values]
    if dtype.kind == dtypes.BOOL:
        return list(map(bool, values))
    if dtype.kind == dtypes.INTEGER:
        whole = list(map(_whole_number, values))
        plain = list(map(int.__int__, whole))  # that 64 bits hold a size is no condition on it
        if plain and not (dtypes.holds(dtype, min(plain)) and dtypes.holds(dtype, max(plain))):
            raise OverflowError
        return [value % 256 for value in whole] if dtype is dtypes.uint8 else whole
    if dtype.kind == dtypes.COMPLEX:
        raise UnknowableError  # since views of them may be conjugate
    if any(isinstance(v, int) and abs(v) > 2**53 for v in values):
        raise OverflowError
    if dtype.itemsize == 8:
        return list(map(float, values))
    code = f"{len(values)}{'e' if dtype is dtypes.float16 else 'f'}"
    single = list(unpack(code, pack(code, *values)))
    return list(map(_bfloat16, single)) if dtype is dtypes.bfloat16 else single


def _whole_number(value: Any) -> int:
    """Return a number as an int; sizes with symbols in them keep these."""
    return +value if isinstance(value, int) else int(value)


def _held_nearly(value: Near, dtype: dtypes.dtype) -> Any:
    low, guess, high = held([value.low, value.guess, value.high], dtype)
    if dtype.kind == dtypes.BOOL and value.low <= 0 <= value.high:
        raise UnknowableError
    return low if low == high else Near(low, guess, high)


def _bfloat16(value: float) -> float:
    bits = int.from_bytes(pack(">f", value), "big")
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
    return float(unpack(">f", bits.to_bytes(4, "big"))[0])


# Element by element

#: By how much the last digits of torch's functions may differ from the nearest number.
_LAST_DIGITS = 4e-7


def _elementwise(
    function: Callable[..., Any], rounded: bool = True, approximate: bool = False
) -> Callable[..., Any]:
    """Return the reference of a function of each element of operands, expanded to the result.

    Args:
        function: of numbers.
        rounded: its results are numbers that a dtype may not hold exactly.
        approximate: torch's last digits may differ; all such functions are monotonic in each
            operand.
    """

    def reference(results: Any, *operands: Any, **named: Any) -> Values:
        operands += tuple(named.pop(name) for name in ("other", "exponent") if name in named)
        (result,) = results
        common = _common(result, operands)
        if named or (rounded and common.kind == dtypes.FLOATING and common.itemsize < 4):
            raise UnknowableError  # torch works on these in a wider type, which is not followed
        if common.kind == dtypes.COMPLEX:
            raise UnknowableError
        columns = [_expanded(operand, common, result.shape) for operand in operands]
        return [_applied(function, row, approximate) for row in zip(*columns, strict=True)]

    return reference


def _common(result: Tensor, operands: Sequence[Any]) -> dtypes.dtype:
    """Return the dtype that torch converts operands to before it works on them."""
    common = result_type(*operands)
    floats = result.dtype.kind == dtypes.FLOATING and common.kind < dtypes.FLOATING
    return result.dtype if floats else common


def _applied(function: Callable[..., Any], row: tuple[Any, ...], approximate: bool) -> Any:
    if not any(type(value) is Near for value in row):
        value = function(*row)
        return about(value) if approximate and value != int(value) else value
    if function in _UNEVEN or (
        function not in _RISING and any(v.low <= 0 <= v.high for v in row if type(v) is Near)
    ):
        raise UnknowableError  # what is at the ends says nothing of what is between them
    ends = [(v.low, v.high) if type(v) is Near else (v,) for v in row]
    corners = [function(*corner) for corner in product(*ends)]
    low, high = min(corners), max(corners)
    if low == high:
        return low
    return about(low, function(*(v.guess if type(v) is Near else v for v in row)), high)


def about(low: float, *others: float) -> Near:
    """Return what is known of a number between the first and the last, but for the last digits."""
    guess, high = others or (low, low)
    margin = _LAST_DIGITS * max(abs(low), abs(high))
    return Near(low - margin, guess, high + margin)


def _expanded(operand: Any, dtype: dtypes.dtype, sizes: Ints) -> Values:
    """Return the values of an operand, converted, and repeated along the axes that it lacks."""
    if not isinstance(operand, Tensor):
        return held([operand], dtype) * math.prod(sizes)
    values = known(operand)
    if operand.dtype is not dtype:
        values = held(values, dtype)
    return _spread(values, operand.shape, sizes)


def _spread(values: Values, old: Ints, sizes: Ints) -> Values:
    if tuple(old) == tuple(sizes):
        return values
    lead = len(sizes) - len(old)
    steps = packed(tuple(old))
    spread = [0] * lead + [0 if n == 1 else step for n, step in zip(old, steps, strict=True)]
    return [values[at] for at in walk(sizes, spread)]


def walk(sizes: Ints, steps: Ints) -> list[int]:
    """Return the places of the elements of a shape, in rows, whose axes have these strides."""
    places = [0]
    for n, step in zip(sizes, steps, strict=True):
        places = [at + i * step for at in places for i in range(n)]
    return places


def _true_divide(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if not a or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def _over(results: Any, input: Any, other: Any) -> Values:
    inverse = _plain(results[0], _elementwise(_inverse)(results, input))
    values: Values = _elementwise(operator.mul)(results, inverse, other)
    return values


def _inverse(value: float) -> float:
    return _true_divide(1, value)


def _divide(results: Any, input: Any, other: Any, *, rounding_mode: Any = None) -> Values:
    function = {None: _true_divide, "floor": _floor_divide, "trunc": _truncated}[rounding_mode]
    values: Values = _elementwise(function)(results, input, other)
    return values


def _floor_divide(a: Any, b: Any) -> Any:
    if isinstance(a, int):
        return a // b
    whole = Fraction(a) // Fraction(b)
    if abs(whole) > 2**20:
        raise UnknowableError
    return float(whole) if whole else math.copysign(0.0, a / b)


def _truncated(a: Any, b: Any) -> Any:
    if isinstance(a, int):
        whole = abs(a) // abs(b)
        return whole if (a < 0) == (b < 0) else -whole
    ratio = a / b
    if ratio != round(ratio) and math.isclose(ratio, round(ratio), rel_tol=1e-6):
        raise UnknowableError
    return math.copysign(float(math.trunc(ratio)), ratio)


def _remainder(a: Any, b: Any) -> Any:
    if isinstance(a, int):
        return a % b
    rest = math.fmod(a, b)
    return rest + b if rest and (rest < 0) != (b < 0) else rest


def _power(a: Any, b: Any) -> Any:
    if isinstance(a, int):
        if b < 0:
            raise UnknowableError
        return a**b
    if b in (1.0, 2.0):
        return a**b
    value = a**b
    if isinstance(value, complex) or a <= 0:
        raise UnknowableError
    return value if value == int(value) < 2**20 else about(value)


def _scaled(sign: int) -> Callable[..., Any]:
    def reference(results: Any, input: Any, other: Any, *, alpha: Any = 1) -> Values:
        if alpha != 1 and results[0].dtype.kind != dtypes.INTEGER:
            raise UnknowableError  # whether torch rounds the product before it adds it depends
        function = lambda a, b: a + sign * alpha * b  # noqa: E731
        values: Values = _elementwise(function)(results, input, other)
        return values

    return reference


def _to_even(value: float) -> float:
    return math.copysign(float(round(value)), value)


def _whole(function: Callable[[float], int]) -> Callable[[Any], Any]:
    return lambda v: v if isinstance(v, int) else math.copysign(float(function(v)), v)


def _not(value: Any) -> Any:
    return not value if isinstance(value, bool) else ~value


_COMPARED: dict[str, Callable[..., Any]] = {
    "eq": operator.eq, "ne": operator.ne, "not_equal": operator.ne, "lt": operator.lt,
    "less": operator.lt, "le": operator.le, "less_equal": operator.le, "gt": operator.gt,
    "greater": operator.gt, "ge": operator.ge, "greater_equal": operator.ge,
    "logical_and": lambda a, b: bool(a) and bool(b), "logical_or": lambda a, b: bool(a) or bool(b),
    "logical_xor": lambda a, b: bool(a) != bool(b), "logical_not": lambda a: not a,
    "bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor,
    "bitwise_not": _not, "isnan": lambda v: v != v, "isfinite": math.isfinite, "isinf": math.isinf,
    "neg": operator.neg, "negative": operator.neg, "abs": abs, "absolute": abs,
    "sign": lambda v: (v > 0) - (v < 0), "relu": lambda v: max(v, 0),
    "floor": _whole(math.floor), "ceil": _whole(math.ceil), "trunc": _whole(math.trunc),
    "fix": _whole(math.trunc), "gcd": math.gcd, "lcm": math.lcm,
}  # fmt: skip
_ROUNDED: dict[str, Callable[..., Any]] = {
    "mul": operator.mul, "multiply": operator.mul, "true_divide": _true_divide,
    "floor_divide": _floor_divide, "remainder": _remainder, "fmod": math.fmod, "pow": _power,
    "square": lambda v: v * v, "reciprocal": _inverse,
    "bitwise_left_shift": operator.lshift, "bitwise_right_shift": operator.rshift,
}  # fmt: skip
_APPROXIMATE: dict[str, Callable[..., Any]] = {
    "sqrt": math.sqrt, "exp": math.exp, "exp2": lambda v: 2**v, "log": math.log, "log2": math.log2,
    "log10": math.log10, "log1p": math.log1p, "expm1": math.expm1,
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)), "tanh": math.tanh, "rsqrt": lambda v: v**-0.5,
}  # fmt: skip


#: Functions that rise or fall all the way, also through 0; and those of which the ends say nothing.
_RISING = {operator.lt, operator.le, operator.gt, operator.ge, operator.neg, math.exp, math.tanh}
_UNEVEN = {operator.eq, operator.ne, _remainder, math.fmod}


def _rounded_to(results: Any, input: Any, *, decimals: int = 0) -> Values:
    if decimals:
        raise UnknowableError
    values: Values = _elementwise(lambda v: v if isinstance(v, int) else _to_even(v), False)(
        results, input
    )
    return values


def _outermost(pick: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b: a + b if a != a or b != b else pick(a, b)


_larger: Callable[..., Any] = _outermost(max)
_smaller: Callable[..., Any] = _outermost(min)


def _clamp(results: Any, input: Any, min: Any = None, max: Any = None) -> Values:
    values = input
    for limit, function in ((min, _larger), (max, _smaller)):
        if limit is not None:
            column = _elementwise(function, rounded=False)(results, values, limit)
            values = _plain(results[0], column)
    return known(values)


def _clamp_max(results: Any, input: Any, max: Any) -> Values:
    return _clamp(results, input, None, max)


def _plain(like: Tensor, values: Values) -> Tensor:
    from .known_values import attach
    from .tensor import new

    return attach(new(like.shape, like.dtype), held(values, like.dtype))


def _where(results: Any, condition: Any, input: Any, other: Any) -> Values:
    (result,) = results
    conditions = _spread(known(condition), condition.shape, result.shape)
    yes, no = (_expanded(v, result.dtype, result.shape) for v in (input, other))
    return [a if c else b for c, a, b in zip(conditions, yes, no, strict=True)]


def _masked_fill(results: Any, input: Any, mask: Any, value: Any) -> Values:
    return _where(results, mask, value, input)


def _cast(results: Any, input: Any, *args: Any, **named: Any) -> Values:
    values, (result,) = known(input), results
    if result.dtype is dtypes.uint8 and any(type(v) is float and v < 0 for v in values):
        raise UnknowableError
    return values


def _copied(results: Any, input: Any, src: Any, non_blocking: bool = False) -> Values:
    (result,) = results
    return _expanded(src, src.dtype if isinstance(src, Tensor) else result.dtype, result.shape)


# Reductions: of all elements, or along dimensions


def _groups(input: Tensor, dims: Ints, values: Values | None = None) -> list[Values]:
    """Return the values along dimensions, a list for each place in the others."""
    values = known(input) if values is None else values
    steps = packed(input.shape)
    kept = [i for i in range(input.ndim) if i not in dims]
    outer = walk([input.shape[i] for i in kept], [steps[i] for i in kept])
    inner = walk([input.shape[i] for i in dims], [steps[i] for i in dims])
    return [[values[o + i] for i in inner] for o in outer]


def _back(lines: Iterable[Values], sizes: Ints, dim: int) -> Values:
    """Put what was made of the lines along a dimension back into a tensor of these sizes."""
    if not sizes:
        return next(iter(lines))
    steps = packed(tuple(sizes))
    rest = [i for i in range(len(sizes)) if i != dim]
    values: Values = [None] * math.prod(sizes)
    outer = walk([sizes[i] for i in rest], [steps[i] for i in rest])
    for at, line in zip(outer, lines, strict=True):
        if len(line) != sizes[dim]:
            raise UnknowableError
        for i, value in enumerate(line):
            values[at + i * steps[dim]] = value
    return values


def _dims(input: Tensor, dim: Any) -> tuple[int, ...]:
    if dim is None or dim == ():
        return tuple(range(input.ndim))
    dims = dim if isinstance(dim, (tuple, list)) else (dim,)
    return tuple(sorted(d % input.ndim for d in dims)) if input.ndim else ()


def _reduction(function: Callable[[Values], Any], order: bool = False) -> Callable[..., Any]:
    def reference(
        results: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
    ) -> Values:
        values = ordered(input) if order else known(input)
        if dtype is not None or results[0].dtype.kind > input.dtype.kind:
            values = held(values, results[0].dtype)
        return [function(group) for group in _groups(input, _dims(input, dim), values)]

    return reference


def _binary_places(values: Values) -> tuple[list[int], int]:
    """Return numbers as ints over a power of two, as small as can be."""
    pairs = [float(v).as_integer_ratio() for v in values]
    most = max((below for _, below in pairs), default=1)
    return [above * (most // below) for above, below in pairs], most


def _digits(dtype: dtypes.dtype) -> int:
    return 53 if dtype is dtypes.float64 else 24


def _sum(values: Values, dtype: dtypes.dtype) -> Any:
    """Add, where all orders of adding give the same."""
    if dtype.kind < dtypes.FLOATING:
        return sum(map(_whole_number, values))
    if not any(values):
        return 0.0
    whole, below = _binary_places(values)
    twos = min((n & -n).bit_length() - 1 for n in whole if n)
    exact = sum(map(abs, whole)) >> twos < 2 ** _digits(dtype)
    if not exact and sum(map(bool, values)) > 2:
        raise UnknowableError
    return float(Fraction(sum(whole), below))


def _product(values: Values, dtype: dtypes.dtype) -> Any:
    """Multiply, where all orders of multiplying give the same."""
    if dtype.kind < dtypes.FLOATING:
        return math.prod(map(_whole_number, values))
    whole = [above for above, _ in (float(v).as_integer_ratio() for v in values)]
    odd = math.prod(n // (n & -n) for n in whole if n)
    if abs(odd) >= 2 ** _digits(dtype) and sum(v != 1 for v in values) > 2:
        raise UnknowableError
    return math.prod(values, start=1.0)


def _mean(values: Values, dtype: dtypes.dtype) -> Any:
    if dtype.itemsize < 4:
        raise UnknowableError
    return held([_sum(values, dtype)], dtype)[0] / len(values)


def _of_dtype(function: Callable[..., Any]) -> Callable[..., Any]:
    def reference(results: Any, *args: Any, **named: Any) -> Any:
        dtype = results[0].dtype
        return _reduction(lambda values: function(values, dtype))(results, *args, **named)

    return reference


def _extreme(pick: Callable[..., Any], pair: Callable[..., Any]) -> Callable[..., Any]:
    """Return the reference of `max` or `min`: overall, along a dimension or of two tensors."""

    def reference(
        results: Any, input: Any, dim: Any = None, keepdim: bool = False, **named: Any
    ) -> Any:
        other = named.get("other", dim)
        if isinstance(other, Tensor):
            return _elementwise(pair, rounded=False)(results, input, other)
        groups = _groups(input, _dims(input, dim), ordered(input))
        values = [pick(group) for group in groups]
        if len(results) == 1:
            return values
        return values, [g.index(v) for g, v in zip(groups, values, strict=True)]

    return reference


def _place(pick: Callable[..., Any]) -> Callable[..., Any]:
    return _reduction(lambda values: values.index(pick(values)), order=True)


def _running(combine: Callable[..., Any]) -> Callable[..., Any]:
    def reference(results: Any, input: Any, dim: int, *, dtype: Any = None) -> Values:
        (result,) = results
        if result.dtype.kind > dtypes.INTEGER and result.dtype.itemsize < 4:
            raise UnknowableError
        along = _dims(input, dim)
        start = -0.0 if combine is operator.mul else 0  # -0.0 + 0 is 0.0
        values = [v + start for v in held(known(input), result.dtype)]
        lines = _groups(input, along, values)
        return _back(
            (list(accumulate(line, combine)) for line in lines), result.shape, *along or (0,)
        )

    return reference


def _running_extreme(better: Callable[..., bool]) -> Callable[..., Any]:
    def reference(results: Any, input: Any, dim: int) -> Any:
        along = _dims(input, dim)
        lines = [_records(line, better) for line in _groups(input, along, ordered(input))]
        sizes, at = results[0].shape, along[0] if along else 0
        return tuple(_back((line[i] for line in lines), sizes, at) for i in (0, 1))

    return reference


def _records(line: Values, better: Callable[..., bool]) -> tuple[Values, Values]:
    values: Values = []
    places: list[int] = []
    for i, value in enumerate(line):
        record = not i or better(value, values[-1])
        values.append(value if record else values[-1])
        places.append(i if record else places[-1])
    return values, places


def _order(line: Values, descending: bool) -> list[int]:
    """Return the places of values in their order; equal ones stay as they are."""
    sign = -1 if descending else 1
    return sorted(range(len(line)), key=lambda i: sign * line[i])


def _sort(
    results: Any, input: Any, dim: int = -1, descending: bool = False, *, stable: Any = False
) -> Any:
    along = _dims(input, dim)
    lines = _groups(input, along, ordered(input))
    orders = [_order(line, descending) for line in lines]
    sizes, at = results[0].shape, along[0] if along else 0
    values = _back(_chosen(lines, orders), sizes, at)
    ties = not stable and any(len({*line}) < len(line) for line in lines)
    return values, None if ties else _back(orders, sizes, at)


def _chosen(lines: list[Values], orders: list[list[int]]) -> Iterable[Values]:
    return ([line[i] for i in order] for line, order in zip(lines, orders, strict=True))


def _argsort(
    results: Any, input: Any, dim: int = -1, descending: bool = False, *, stable: Any = False
) -> Any:
    return _sort((results[0], results[0]), input, dim, descending)[1]


def _topk(
    results: Any, input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> Any:
    along = _dims(input, dim)
    lines = _groups(input, along, ordered(input))
    orders = [_order(line, largest)[:k] for line in lines]
    sizes, at = results[0].shape, along[0] if along else 0
    chosen = list(_chosen(lines, orders))
    if not sorted:
        raise UnknowableError
    ties = any(line.count(value) > 1 for line, c in zip(lines, chosen, strict=True) for value in c)
    return _back(chosen, sizes, at), None if ties else _back(orders, sizes, at)


def _diff(
    results: Any, input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None
) -> Values:
    (result,) = results
    ends = [end for end in (prepend, input, append) if end is not None]
    if result.dtype is dtypes.bool or result.dtype.itemsize < 4 <= result.dtype.kind:
        raise UnknowableError
    (at,) = _dims(input, dim)
    parts = [_groups(end, [at], held(known(end), result.dtype)) for end in ends]
    lines = [[value for part in row for value in part] for row in zip(*parts, strict=True)]
    for _ in range(n):
        lines = [held((b - a for a, b in pairwise(line)), result.dtype) for line in lines]
    return _back(lines, result.shape, at)


# The same elements elsewhere


def _joined(results: Any, tensors: Any, dim: int = 0) -> Values:
    (result,) = results
    parts = [t for t in tensors if t.shape != (0,)] if any(t.numel() for t in tensors) else []
    columns = [held(known(t), result.dtype) for t in parts]
    if not parts:
        return []
    at = dim % result.ndim
    groups = [_groups(t, [at], c) for t, c in zip(parts, columns, strict=True)]
    lines = ([v for part in row for v in part] for row in zip(*groups, strict=True))
    return _back(lines, result.shape, at)


def _stacked(results: Any, tensors: Any, dim: int = 0) -> Values:
    (result,) = results
    rows = zip(*(held(known(t), result.dtype) for t in tensors), strict=True)
    return _back(map(list, rows), result.shape, dim % result.ndim)


def _flip(results: Any, input: Any, *args: Any, dims: Any = (), fixed: Any = ()) -> Values:
    values = known(input)
    for dim in fixed or dims or _listed(args):
        at = dim % input.ndim
        values = _back((line[::-1] for line in _groups(input, [at], values)), input.shape, at)
    return values


def _listed(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(values[0]) if len(values) == 1 and isinstance(values[0], (tuple, list)) else values


def _roll(results: Any, input: Any, shifts: Any, dims: Any = ()) -> Values:
    values = known(input)
    by = shifts if isinstance(shifts, (tuple, list)) else (shifts,)
    along = dims if isinstance(dims, (tuple, list)) else (dims,)
    if not along:
        cut = -by[0] % max(len(values), 1)
        return values[cut:] + values[:cut]
    for shift, dim in zip(by, along, strict=True):
        at = dim % input.ndim
        cut = -shift % max(input.shape[at], 1)
        lines = (line[cut:] + line[:cut] for line in _groups(input, [at], values))
        values = _back(lines, input.shape, at)
    return values


def _repeat(results: Any, input: Any, *repeats: Any) -> Values:
    (result,) = results
    lead = result.ndim - input.ndim
    sizes, steps = (1,) * lead + tuple(input.shape), (0,) * lead + packed(input.shape)
    values, places = known(input), [0]
    for n, wanted, step in zip(sizes, result.shape, steps, strict=True):
        places = [at + i % n * step for at in places for i in range(wanted)]
    return [values[at] for at in places]


def _repeat_interleave(
    results: Any, input: Any, repeats: Any = None, dim: Any = None, *, output_size: Any = None
) -> Values:
    if repeats is None:
        return [i for i, n in enumerate(known(input)) for _ in range(n)]
    counts = known(repeats) if isinstance(repeats, Tensor) else [repeats]
    lines = [known(input)] if dim is None else _groups(input, _dims(input, dim))

    def repeated(line: Values) -> Values:
        each = counts * len(line) if len(counts) == 1 else counts
        return [v for v, n in zip(line, each, strict=True) for _ in range(n)]

    return _back(map(repeated, lines), results[0].shape, 0 if dim is None else _dims(input, dim)[0])


def _index_select(results: Any, input: Any, dim: int, index: Any) -> Values:
    along = _dims(input, dim)
    places = known(index)
    lines = ([line[i] for i in places] for line in _groups(input, along))
    return _back(lines, results[0].shape, along[0] if along else 0)


def _gather(results: Any, input: Any, dim: int, index: Any, **named: Any) -> Values:
    values, steps = known(input), packed(input.shape)
    if not input.ndim:
        return values
    at = dim % input.ndim
    others = walk(index.shape, [0 if i == at else step for i, step in enumerate(steps)])
    return [values[o + i * steps[at]] for o, i in zip(others, known(index), strict=True)]


def _scatter(
    results: Any, input: Any, dim: int, index: Any, src: Any = None, **named: Any
) -> Values:
    value = named.pop("value", src)
    if named or not input.ndim:
        raise UnknowableError
    values, steps, at = known(input).copy(), packed(input.shape), dim % input.ndim
    others = walk(index.shape, [0 if i == at else step for i, step in enumerate(steps)])
    places = [o + i * steps[at] for o, i in zip(others, known(index), strict=True)]
    if len(set(places)) < len(places) and isinstance(value, Tensor):
        raise UnknowableError
    if isinstance(value, Tensor):
        all_of_it = known(value)
        source = [all_of_it[i] for i in walk(index.shape, packed(value.shape))]
    else:
        source = [value] * len(places)
    for place, number in zip(places, source, strict=True):
        values[place] = number
    return values


def _index_fill(results: Any, input: Any, dim: int, index: Any, value: Any) -> Values:
    number = known(value)[0] if isinstance(value, Tensor) else value
    at = dim % input.ndim
    chosen = {i % input.shape[at] for i in known(index)}
    lines = (
        [number if i in chosen else v for i, v in enumerate(li)] for li in _groups(input, [at])
    )
    return _back(lines, input.shape, at)


def picked(sizes: Ints, index: Any) -> tuple[list[int], tuple[int, ...]]:
    """Return which elements a subscript selects, as row-major offsets, and their shape."""
    items, steps = indexing.items_of(index, tuple(sizes)), packed(tuple(sizes))
    if any(item.what is indexing.SOMEWHERE for item in items):
        raise UnknowableError
    kept, kept_steps, start = indexing.window(items, tuple(sizes), steps)
    tensors = [(item, item.what) for item in items if isinstance(item.what, Tensor)]
    at = indexing.place(items) if tensors else 0
    chosen = broadcast_shapes(*(index.shape for _, index in tensors)) if tensors else ()
    middle = [0] * math.prod(chosen)
    for item, tensor in tensors:
        n, step = item.length or 1, steps[item.at] if item.length is not None else 0
        if any(not -n <= v < n for v in known(tensor)):
            raise UnknowableError
        column = _spread(known(tensor), tensor.shape, chosen)
        middle = [m + v % n * step for m, v in zip(middle, column, strict=True)]
    outer, inner = walk(kept[:at], kept_steps[:at]), walk(kept[at:], kept_steps[at:])
    places = [start + o + m + i for o in outer for m in middle for i in inner]
    return places, (*kept[:at], *chosen, *kept[at:])


def _getitem(results: Any, input: Any, index: Any) -> Values:
    values = known(input)
    return [values[at] for at in picked(input.shape, index)[0]]


def _setitem(results: Any, input: Any, index: Any, value: Any) -> Values:
    places, sizes = picked(input.shape, index)
    values = known(input).copy()
    old: Ints = value.shape if isinstance(value, Tensor) else ()
    old = old[max(len(old) - len(sizes), 0) :]
    source = known(value) if isinstance(value, Tensor) else [value]
    for at, number in zip(places, _spread(source, old, sizes), strict=True):
        values[at] = number
    return values


def _index_put(
    results: Any, input: Any, indices: Any, values: Any, accumulate: bool = False
) -> Values:
    if accumulate:
        raise UnknowableError
    return _setitem(results, input, tuple(indices), values)


def _take(results: Any, input: Any, index: Any) -> Values:
    values = known(input)
    return [values[i] for i in known(index)]


def _triangle(keep: Callable[[int, int], bool]) -> Callable[..., Any]:
    def reference(results: Any, input: Any, diagonal: int = 0) -> Values:
        rows, columns = input.shape[-2:]
        return [
            v if keep(i % columns - i // columns % rows, diagonal) else 0
            for i, v in enumerate(known(input))
        ]

    return reference


def _triangle_indices(keep: Callable[[int, int], bool]) -> Callable[..., Any]:
    def reference(results: Any, row: int, col: int, offset: int = 0, **options: Any) -> Values:
        pairs = [(i, j) for i in range(row) for j in range(col) if keep(j - i, offset)]
        return [i for i, _ in pairs] + [j for _, j in pairs]

    return reference


def _diag(results: Any, input: Any, diagonal: int = 0) -> Values:
    values, (result,) = known(input), results
    rows, columns = result.shape if input.ndim == 1 else input.shape
    on = [i * columns + i + diagonal for i in range(rows) if 0 <= i + diagonal < columns]
    if input.ndim != 1:
        return [values[at] for at in on]
    matrix = dict(zip(on, values, strict=True))
    return [matrix.get(at, 0) for at in range(rows * columns)]


def _outer(results: Any, input: Any, vec2: Any) -> Values:
    dtype = results[0].dtype
    return [a * b for a in held(known(input), dtype) for b in held(known(vec2), dtype)]


def _cartesian(results: Any, *tensors: Any) -> Values:
    return [v for row in product(*map(known, tensors)) for v in row]


def _combinations(results: Any, input: Any, r: int = 2, with_replacement: bool = False) -> Values:
    if with_replacement:
        raise UnknowableError
    return [v for row in combinations(known(input), r) for v in row]


def _pad(results: Any, input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Values:
    if mode != "constant" or min(pad) < 0:
        raise UnknowableError
    (result,) = results
    before = [0] * (input.ndim - len(pad) // 2) + [*pad[::2]][::-1]
    steps = packed(result.shape)
    start = sum(n * step for n, step in zip(before, steps, strict=True))
    values = [value or 0] * result.numel()
    for at, v in zip(walk(input.shape, steps), known(input), strict=True):
        values[start + at] = v
    return values


def _one_hot(results: Any, tensor: Any, num_classes: int = -1) -> Values:
    classes = range(results[0].shape[-1])
    return [int(v == i) for v in known(tensor) for i in classes]


def _isin(results: Any, elements: Any, test_elements: Any, **named: Any) -> Values:
    if named.get("assume_unique"):
        raise UnknowableError
    among = known(test_elements) if isinstance(test_elements, Tensor) else [test_elements]
    values = known(elements) if isinstance(elements, Tensor) else [elements]
    return [(v in among) != named.get("invert", False) for v in values]


def _matmul(results: Any, input: Any, other: Any) -> Values:
    """Multiply matrices and vectors, where no rounding is lost on the way."""
    if not 0 < input.ndim <= 2 or not 0 < other.ndim <= 2:
        raise UnknowableError
    (result,) = results
    rows = _groups(input, [input.ndim - 1])
    columns = _groups(other, [0])
    return [
        _sum([a * b for a, b in zip(row, column, strict=True)], result.dtype)
        for row in rows
        for column in columns
    ]


# New tensors


def _filled(value: Any) -> Callable[..., Any]:
    return lambda results, *args, **named: [value] * results[0].numel()


def _of_value(
    results: Any, input: Any, size: Any = None, fill_value: Any = None, **options: Any
) -> Values:
    value = fill_value if fill_value is not None else size
    number = known(value)[0] if isinstance(value, Tensor) else value
    if number is None:
        raise UnknowableError
    return [number] * results[0].numel()


def _full(results: Any, size: Any = None, fill_value: Any = None, **options: Any) -> Values:
    return _of_value(results, None, fill_value, **options)


def _new_full(
    results: Any, input: Any, size: Any = None, fill_value: Any = None, **o: Any
) -> Values:
    return _of_value(results, input, fill_value)


def _counted(results: Any, *bounds: Any, **named: Any) -> Values:
    (result,) = results
    names = ("start", "end", "step") if len(bounds) > 1 or "end" in named else ("end",)
    limits = {**dict(zip(names, bounds, strict=False)), **named}
    start, step = limits.get("start", 0), limits.get("step", 1)
    if result.dtype.kind < dtypes.FLOATING:
        start, step = int(start), int(step)
    if result.dtype.itemsize < 4 and result.dtype.kind == dtypes.FLOATING:
        raise UnknowableError
    if result.dtype.kind < dtypes.FLOATING:
        return [start + i * step for i in range(result.numel())]
    return _on_line(start, step, result)


def _on_line(start: Any, step: Any, result: Tensor, last: float | None = None) -> Values:
    """Return numbers in steps from a start, and back from the last one in the second half.

    Processors that work on several at once add the step in other ways, so only those are
    known to the last digit that are exact.
    """
    count, exact = result.numel(), Fraction(start)
    by = Fraction(step) if last is None else (Fraction(last) - exact) / max(count - 1, 1)
    line = (float(exact + i * by) for i in range(count))
    guesses = held(line, result.dtype)
    if last is not None:
        half = count // 2
        guesses = [start + step * i for i in range(half)] + [
            last - step * i for i in reversed(range(count - half))
        ]
    on_grid = by == Fraction(step) and all(
        exact + i * by == Fraction(v) for i, v in enumerate(guesses)
    )
    margin = _LAST_DIGITS * max(map(abs, (*guesses, 0)))
    return guesses if on_grid else [start, *(Near(v - margin, v, v + margin) for v in guesses[1:])]


def _spaced(results: Any, start: Any, end: Any, steps: int, **options: Any) -> Values:
    (result,) = results
    first, last = (known(v)[0] if isinstance(v, Tensor) else v for v in (start, end))
    if result.dtype not in (dtypes.float32, dtypes.float64):
        raise UnknowableError
    first, last = held([first, last], result.dtype)
    if steps < 2:
        return [first] * steps
    (span,) = held([last - first], result.dtype)
    (step,) = held([span / (steps - 1)], result.dtype)
    return _on_line(first, step, result, last)


def _eye(results: Any, *args: Any, **named: Any) -> Values:
    rows, columns = results[0].shape
    return [int(i == j) for i in range(rows) for j in range(columns)]


def _literal(results: Any, data: Any, *args: Any, **options: Any) -> Values:
    return _written(data)


def _written(data: Any) -> Values:
    """Return the numbers of nested lists in rows."""
    if isinstance(data, Tensor):
        return known(data)
    if not isinstance(data, (tuple, list)):
        return _written(data.tolist()) if hasattr(data, "tolist") else [data]
    values: Values = []
    for item in data:
        values += _written(item)
        if len(values) > MOST:
            raise UnknowableError
    return values


def _new_tensor(results: Any, input: Any, data: Any, **options: Any) -> Values:
    return _written(data)


def _unknown(results: Any, *args: Any, **named: Any) -> Values:
    """Give none: what is written later into parts of the tensor may be known."""
    raise UnknowableError


_CASTS = (
    "bfloat16 bool byte cdouble cfloat char chalf clone contiguous cpu cuda double flatten float "
    "half int long pin_memory positive ravel reshape short to type type_as"
).split()
#: What torch makes of known values, by the names of operations.
REFERENCES: dict[str, Callable[..., Any]] = {
    **{name: _elementwise(f, rounded=False) for name, f in _COMPARED.items()},
    **{name: _elementwise(f) for name, f in _ROUNDED.items()},
    **{name: _elementwise(f, approximate=True) for name, f in _APPROXIMATE.items()},
    **dict.fromkeys(_CASTS, _cast),
    **dict.fromkeys(("add",), _scaled(1)), **dict.fromkeys(("sub", "subtract"), _scaled(-1)),
    **dict.fromkeys(("div", "divide"), _divide), "round": _rounded_to,
    "maximum": _elementwise(_larger, False), "minimum": _elementwise(_smaller, False),
    "clamp": _clamp, "clip": _clamp, "clamp_min": _clamp,
    "clamp_max": _clamp_max,
    "where": _where, "copy": _copied, "_over": _over, "masked_fill": _masked_fill,
    "sum": _of_dtype(_sum), "mean": _of_dtype(_mean), "prod": _of_dtype(_product),
    "any": _reduction(any), "all": _reduction(all),
    "count_nonzero": _reduction(lambda values: sum(map(bool, values))),
    "amax": _reduction(max, order=True), "amin": _reduction(min, order=True),
    "max": _extreme(max, _larger), "min": _extreme(min, _smaller),
    "argmax": _place(max), "argmin": _place(min),
    "cumsum": _running(operator.add), "cumprod": _running(operator.mul),
    "cummax": _running_extreme(operator.ge), "cummin": _running_extreme(operator.le),
    "sort": _sort, "argsort": _argsort, "topk": _topk, "diff": _diff,
    **dict.fromkeys(("cat", "concat", "concatenate"), _joined), "stack": _stacked,
    "flip": _flip, "roll": _roll, "repeat": _repeat, "tile": _repeat,
    "fliplr": partial(_flip, fixed=(1,)), "flipud": partial(_flip, fixed=(0,)),
    "repeat_interleave": _repeat_interleave, "index_select": _index_select, "gather": _gather,
    "scatter": _scatter, "index_fill": _index_fill, "getitem": _getitem, "setitem": _setitem,
    "index_put": _index_put, "take": _take, "pad": _pad, "one_hot": _one_hot, "isin": _isin,
    "tril": _triangle(operator.le), "triu": _triangle(operator.ge), "diag": _diag,
    "tril_indices": _triangle_indices(operator.le), "triu_indices": _triangle_indices(operator.ge),
    "outer": _outer, "ger": _outer, "cartesian_prod": _cartesian, "combinations": _combinations,
    **dict.fromkeys(("matmul", "mm", "mv", "dot"), _matmul),
    "zeros": _filled(0), "ones": _filled(1), "zero": _filled(0), "fill": _of_value,
    **dict.fromkeys(("zeros_like", "new_zeros"), _filled(0)),
    **dict.fromkeys(("ones_like", "new_ones"), _filled(1)),
    "full": _full, "full_like": _of_value, "new_full": _new_full, "arange": _counted,
    "linspace": _spaced, "eye": _eye, "new_tensor": _new_tensor,
    **dict.fromkeys(("tensor", "as_tensor", "asarray", "from_numpy"), _literal),
    "scalar_tensor": lambda results, s, **options: [s],
    **dict.fromkeys(("empty", "empty_like", "new_empty"), _unknown),
}  # fmt: skip
