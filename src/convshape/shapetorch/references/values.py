"""Known values in row-major order: how references read them, and how a dtype holds them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from struct import error as unheld
from struct import pack, unpack
from typing import Any

from .. import dtypes
from ..known_values import Near, attach, values_of
from ..tensor import Tensor, new, packed

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
    """Return values that can be put in order, among which none is NaN."""
    values = known(value)
    if any(isinstance(v, complex) or v != v for v in values):
        raise UnknowableError
    return values


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
        whole = list(map(whole_number, values))
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


def whole_number(value: Any) -> int:
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


#: By how much the last digits of torch's functions may differ from the nearest number.
LAST_DIGITS = 4e-7


def about(low: float, *others: float) -> Near:
    """Return what is known of a number between the first and the last, but for the last digits."""
    guess, high = others or (low, low)
    margin = LAST_DIGITS * max(abs(low), abs(high))
    return Near(low - margin, guess, high + margin)


def expanded(operand: Any, dtype: dtypes.dtype, sizes: Ints) -> Values:
    """Return the values of an operand, converted, and repeated along the axes that it lacks."""
    if not isinstance(operand, Tensor):
        return held([operand], dtype) * math.prod(sizes)
    values = known(operand)
    if operand.dtype is not dtype:
        values = held(values, dtype)
    return spread(values, operand.shape, sizes)


def spread(values: Values, old: Ints, sizes: Ints) -> Values:
    """Return the values of a tensor of old sizes, expanded to new ones."""
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


def plain(like: Tensor, values: Values) -> Tensor:
    """Return a tensor of the shape and dtype of another, of these values."""
    return attach(new(like.shape, like.dtype), held(values, like.dtype))


def lines_along(input: Tensor, dims: Ints, values: Values | None = None) -> list[Values]:
    """Return the values along dimensions, a list for each place in the others."""
    values = known(input) if values is None else values
    steps = packed(input.shape)
    kept = [i for i in range(input.ndim) if i not in dims]
    outer = walk([input.shape[i] for i in kept], [steps[i] for i in kept])
    inner = walk([input.shape[i] for i in dims], [steps[i] for i in dims])
    return [[values[o + i] for i in inner] for o in outer]


def from_lines(lines: Iterable[Values], sizes: Ints, dim: int) -> Values:
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


def dimensions(input: Tensor, dim: Any) -> tuple[int, ...]:
    """Return which dimensions an argument `dim` names, from the front; all if it names none."""
    if dim in (None, (), []):
        return tuple(range(input.ndim))
    dims = dim if isinstance(dim, (tuple, list)) else (dim,)
    return tuple(sorted(d % input.ndim for d in dims)) if input.ndim else ()
