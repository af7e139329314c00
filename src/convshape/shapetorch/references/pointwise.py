"""References of operations that work element by element."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from .. import dtypes
from ..known_values import Near
from ..tensor import Tensor, result_type
from .values import UnknowableError, Values, about, expanded, known, plain, spread


def elementwise(
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
        columns = [expanded(operand, common, result.shape) for operand in operands]
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


def _true_divide(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if not a or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def _over(results: Any, input: Any, other: Any) -> Values:
    inverse = plain(results[0], elementwise(_inverse)(results, input))
    values: Values = elementwise(operator.mul)(results, inverse, other)
    return values


def _inverse(value: float) -> float:
    return _true_divide(1, value)


def _divide(results: Any, input: Any, other: Any, *, rounding_mode: Any = None) -> Values:
    function = {None: _true_divide, "floor": _floor_divide, "trunc": _truncated}[rounding_mode]
    values: Values = elementwise(function)(results, input, other)
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
        values: Values = elementwise(function)(results, input, other)
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
    values: Values = elementwise(lambda v: v if isinstance(v, int) else _to_even(v), False)(
        results, input
    )
    return values


def _outermost(pick: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b: a + b if a != a or b != b else pick(a, b)


larger: Callable[..., Any] = _outermost(max)

smaller: Callable[..., Any] = _outermost(min)


def _clamp(results: Any, input: Any, min: Any = None, max: Any = None) -> Values:
    values = input
    for limit, function in ((min, larger), (max, smaller)):
        if limit is not None:
            column = elementwise(function, rounded=False)(results, values, limit)
            values = plain(results[0], column)
    return known(values)


def _clamp_max(results: Any, input: Any, max: Any) -> Values:
    return _clamp(results, input, None, max)


def _where(results: Any, condition: Any, input: Any, other: Any) -> Values:
    (result,) = results
    conditions = spread(known(condition), condition.shape, result.shape)
    yes, no = (expanded(v, result.dtype, result.shape) for v in (input, other))
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
    return expanded(src, src.dtype if isinstance(src, Tensor) else result.dtype, result.shape)


def _one_hot(results: Any, tensor: Any, num_classes: int = -1) -> Values:
    classes = range(results[0].shape[-1])
    return [int(v == i) for v in known(tensor) for i in classes]


def _isin(results: Any, elements: Any, test_elements: Any, **named: Any) -> Values:
    if named.get("assume_unique"):
        raise UnknowableError
    among = known(test_elements) if isinstance(test_elements, Tensor) else [test_elements]
    values = known(elements) if isinstance(elements, Tensor) else [elements]
    return [(v in among) != named.get("invert", False) for v in values]


_CASTS = (
    "bfloat16 bool byte cdouble cfloat char chalf clone contiguous cpu cuda double flatten float "
    "half int long pin_memory positive ravel reshape short to type type_as"
).split()
REFERENCES: dict[str, Callable[..., Any]] = {
    **{name: elementwise(f, rounded=False) for name, f in _COMPARED.items()},
    **{name: elementwise(f) for name, f in _ROUNDED.items()},
    **{name: elementwise(f, approximate=True) for name, f in _APPROXIMATE.items()},
    **dict.fromkeys(_CASTS, _cast),
    "add": _scaled(1), **dict.fromkeys(("sub", "subtract"), _scaled(-1)),
    **dict.fromkeys(("div", "divide"), _divide), "_over": _over, "round": _rounded_to,
    "maximum": elementwise(larger, False), "minimum": elementwise(smaller, False),
    "clamp": _clamp, "clip": _clamp, "clamp_min": _clamp, "clamp_max": _clamp_max,
    "where": _where, "masked_fill": _masked_fill, "copy": _copied, "isin": _isin,
    "one_hot": _one_hot,
}  # fmt: skip
