"""References of reductions, running totals, sorting and matrix products."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from .. import dtypes
from ..tensor import Tensor
from .pointwise import elementwise, larger, smaller
from .values import (
    UnknowableError,
    Values,
    dimensions,
    from_lines,
    held,
    known,
    lines_along,
    ordered,
    whole_number,
)


def _reduction(function: Callable[[Values], Any], order: bool = False) -> Callable[..., Any]:
    def reference(
        results: Any, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
    ) -> Values:
        values = ordered(input) if order else known(input)
        if dtype is not None or results[0].dtype.kind > input.dtype.kind:
            values = held(values, results[0].dtype)
        return [function(group) for group in lines_along(input, dimensions(input, dim), values)]

    return reference


def _binary_places(values: Values) -> tuple[list[int], int]:
    """Return numbers as ints over a power of two, as small as can be."""
    pairs = [float(v).as_integer_ratio() for v in values]
    most = max((below for _, below in pairs), default=1)
    return [above * (most // below) for above, below in pairs], most


def _digits(dtype: dtypes.dtype) -> int:
    return 53 if dtype is dtypes.float64 else 24


def exact_sum(values: Values, dtype: dtypes.dtype) -> Any:
    """Add, where all orders of adding give the same."""
    if dtype.kind < dtypes.FLOATING:
        return sum(map(whole_number, values))
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
        return math.prod(map(whole_number, values))
    whole = [above for above, _ in (float(v).as_integer_ratio() for v in values)]
    odd = math.prod(n // (n & -n) for n in whole if n)
    if abs(odd) >= 2 ** _digits(dtype) and sum(v != 1 for v in values) > 2:
        raise UnknowableError
    return math.prod(values, start=1.0)


def _mean(values: Values, dtype: dtypes.dtype) -> Any:
    if dtype.itemsize < 4:
        raise UnknowableError
    return held([exact_sum(values, dtype)], dtype)[0] / len(values)


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
            return elementwise(pair, rounded=False)(results, input, other)
        groups = lines_along(input, dimensions(input, dim), ordered(input))
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
        along = dimensions(input, dim)
        start = -0.0 if combine is operator.mul else 0  # -0.0 + 0 is 0.0
        values = [v + start for v in held(known(input), result.dtype)]
        lines = lines_along(input, along, values)
        return from_lines(
            (list(accumulate(line, combine)) for line in lines), result.shape, *along or (0,)
        )

    return reference


def _running_extreme(better: Callable[..., bool]) -> Callable[..., Any]:
    def reference(results: Any, input: Any, dim: int) -> Any:
        along = dimensions(input, dim)
        lines = [_records(line, better) for line in lines_along(input, along, ordered(input))]
        sizes, at = results[0].shape, along[0] if along else 0
        return tuple(from_lines((line[i] for line in lines), sizes, at) for i in (0, 1))

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
    along = dimensions(input, dim)
    lines = lines_along(input, along, ordered(input))
    orders = [_order(line, descending) for line in lines]
    sizes, at = results[0].shape, along[0] if along else 0
    values = from_lines(_chosen(lines, orders), sizes, at)
    ties = not stable and any(len({*line}) < len(line) for line in lines)
    return values, None if ties else from_lines(orders, sizes, at)


def _chosen(lines: list[Values], orders: list[list[int]]) -> Iterable[Values]:
    return ([line[i] for i in order] for line, order in zip(lines, orders, strict=True))


def _argsort(
    results: Any, input: Any, dim: int = -1, descending: bool = False, *, stable: Any = False
) -> Any:
    return _sort((results[0], results[0]), input, dim, descending)[1]


def _topk(
    results: Any, input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> Any:
    along = dimensions(input, dim)
    lines = lines_along(input, along, ordered(input))
    orders = [_order(line, largest)[:k] for line in lines]
    sizes, at = results[0].shape, along[0] if along else 0
    chosen = list(_chosen(lines, orders))
    if not sorted:
        raise UnknowableError
    ties = any(line.count(value) > 1 for line, c in zip(lines, chosen, strict=True) for value in c)
    return from_lines(chosen, sizes, at), None if ties else from_lines(orders, sizes, at)


def _diff(
    results: Any, input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None
) -> Values:
    (result,) = results
    ends = [end for end in (prepend, input, append) if end is not None]
    if result.dtype is dtypes.bool or result.dtype.itemsize < 4 <= result.dtype.kind:
        raise UnknowableError
    (at,) = dimensions(input, dim)
    parts = [lines_along(end, [at], held(known(end), result.dtype)) for end in ends]
    lines = [[value for part in row for value in part] for row in zip(*parts, strict=True)]
    for _ in range(n):
        lines = [held((b - a for a, b in pairwise(line)), result.dtype) for line in lines]
    return from_lines(lines, result.shape, at)


def _matmul(results: Any, input: Any, other: Any) -> Values:
    """Multiply matrices and vectors, where no rounding is lost on the way."""
    if not 0 < input.ndim <= 2 or not 0 < other.ndim <= 2:
        raise UnknowableError
    (result,) = results
    rows = lines_along(input, [input.ndim - 1])
    columns = lines_along(other, [0])
    return [
        exact_sum([a * b for a, b in zip(row, column, strict=True)], result.dtype)
        for row in rows
        for column in columns
    ]


REFERENCES: dict[str, Callable[..., Any]] = {
    "sum": _of_dtype(exact_sum), "mean": _of_dtype(_mean), "prod": _of_dtype(_product),
    "any": _reduction(any), "all": _reduction(all),
    "count_nonzero": _reduction(lambda values: sum(map(bool, values))),
    "amax": _reduction(max, order=True), "amin": _reduction(min, order=True),
    "max": _extreme(max, larger), "min": _extreme(min, smaller),
    "argmax": _place(max), "argmin": _place(min),
    "cumsum": _running(operator.add), "cumprod": _running(operator.mul),
    "cummax": _running_extreme(operator.ge), "cummin": _running_extreme(operator.le),
    "sort": _sort, "argsort": _argsort, "topk": _topk, "diff": _diff,
    **dict.fromkeys(("matmul", "mm", "mv", "dot"), _matmul),
}  # fmt: skip
