"""References of operations that create tensors."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .. import dtypes
from ..arguments import SEQUENCES
from ..known_values import MOST, Near
from ..tensor import Tensor
from .values import LAST_DIGITS, UnknowableError, Values, held, known


def _triangle_indices(keep: Callable[[int, int], bool]) -> Callable[..., Any]:
    def reference(results: Any, row: int, col: int, offset: int = 0, **options: Any) -> Values:
        pairs = [(i, j) for i in range(row) for j in range(col) if keep(j - i, offset)]
        return [i for i, _ in pairs] + [j for _, j in pairs]

    return reference


def _outer(results: Any, input: Any, vec2: Any) -> Values:
    dtype = results[0].dtype
    return [a * b for a in held(known(input), dtype) for b in held(known(vec2), dtype)]


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
    margin = LAST_DIGITS * max(map(abs, (*guesses, 0)))
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
    if not isinstance(data, SEQUENCES):
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


REFERENCES: dict[str, Callable[..., Any]] = {
    "zeros": _filled(0), "ones": _filled(1), "zero": _filled(0), "fill": _of_value,
    **dict.fromkeys(("zeros_like", "new_zeros"), _filled(0)),
    **dict.fromkeys(("ones_like", "new_ones"), _filled(1)),
    "full": _full, "full_like": _of_value, "new_full": _new_full, "arange": _counted,
    "linspace": _spaced, "eye": _eye, "outer": _outer, "ger": _outer,
    "tril_indices": _triangle_indices(operator.le), "triu_indices": _triangle_indices(operator.ge),
    **dict.fromkeys(("tensor", "as_tensor", "asarray", "from_numpy"), _literal),
    "new_tensor": _new_tensor, "scalar_tensor": lambda results, s, **options: [s],
    **dict.fromkeys(("empty", "empty_like", "new_empty"), _unknown),
}  # fmt: skip
