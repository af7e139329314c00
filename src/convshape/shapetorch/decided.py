"""Operations whose result depends on values in its shape, or is not a tensor."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from math import isclose
from typing import Any

from ..errors import ShapeError
from . import dtypes
from .arguments import shape
from .known_values import MOST, Near, attach, only_value, values_of
from .layout import lay
from .placeholder import Unavailable
from .references.values import UnknowableError, held, known, ordered, walk
from .tensor import Tensor, broadcast_shapes, new, packed


def _vector(values: list[Any], dtype: dtypes.dtype = dtypes.int64) -> Tensor:
    return attach(new((len(values),), dtype), values)


def _item(input: Tensor) -> Any:
    return only_value(input, "item: a value depends on data")


def _tolist(input: Tensor) -> Any:
    values = [v.guess if type(v) is Near else v for v in known(input)]
    return _nested(values, input.shape)


def _nested(values: list[Any], sizes: tuple[int, ...]) -> Any:
    if not sizes:
        return values[0]
    width = len(values) // (sizes[0] or 1)
    return [_nested(values[i * width : (i + 1) * width], sizes[1:]) for i in range(sizes[0])]


def _numpy(input: Tensor, *, force: bool = False) -> Any:
    """Return an array where NumPy is installed; else the tensor, which answers as an array does.

    What depends on data has a shape, and no values.
    """
    if values_of(input) is None:
        why = "its values depend on data, and convshape has shapes only"
        array = Unavailable("Tensor.numpy()", why, is_value=True)
        array.__dict__["_tensor"] = input.data
        return array
    values = _tolist(input)
    try:
        import numpy
    except ImportError:
        return input.data
    return numpy.array(values, dtype=input.dtype.name)


def _nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    steps = packed(input.shape)
    places = [i for i, value in enumerate(known(input)) if value]
    rows = [[i // step % n for step, n in zip(steps, input.shape, strict=True)] for i in places]
    if as_tuple:
        columns = zip(*rows, strict=True) if rows else [()] * input.ndim
        return (
            tuple(_vector(list(c)) for c in columns)
            if input.ndim
            else (_vector([0] * len(places)),)
        )
    result = new((len(rows), input.ndim), dtypes.int64)
    lay(result, (1, len(rows)))  # torch finds them dimension by dimension
    return attach(result, [i for row in rows for i in row])


def _masked_select(input: Tensor, mask: Tensor) -> Tensor:
    sizes = broadcast_shapes(input.shape, mask.shape)
    if mask.dtype is not dtypes.bool:
        raise ShapeError(f"needs a mask of bool, but receives {mask.dtype.name}")
    chosen = [i for i, on in enumerate(_spread(mask, sizes)) if on]
    values = values_of(input)
    if values is None:
        return new((len(chosen),), input.dtype)
    spread = _spread(input, sizes)
    return _vector([spread[i] for i in chosen], input.dtype)


def _spread(input: Tensor, sizes: tuple[int, ...]) -> list[Any]:
    values, lead = known(input), (0,) * (len(sizes) - input.ndim)
    pairs = zip(input.shape, packed(input.shape), strict=True)
    return [
        values[at] for at in walk(sizes, (*lead, *(0 if n == 1 else step for n, step in pairs)))
    ]


def _unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: Any = None,
) -> Any:
    """Return the values that differ; and where each is among them, and how often."""
    if dim is not None and input.ndim != 1:
        raise UnknowableError
    values = ordered(input)
    distinct = list(dict.fromkeys(values))
    if sorted:
        distinct.sort()
    return _counted(input, values, distinct, return_inverse, return_counts, sorted)


def _unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    if dim is not None and input.ndim != 1:
        raise UnknowableError
    runs = [(value, len(list(run))) for value, run in groupby(ordered(input))]
    results = [_vector([value for value, _ in runs], input.dtype)]
    if return_inverse:
        inverse = [i for i, (_, count) in enumerate(runs) for _ in range(count)]
        results.append(attach(new(input.shape, dtypes.int64), inverse))
    if return_counts:
        results.append(_vector([count for _, count in runs]))
    return tuple(results) if len(results) > 1 else results[0]


def _counted(
    input: Tensor, values: list[Any], distinct: list[Any], inverse: bool, counts: bool, sorted: bool
) -> Any:
    places = {value: i for i, value in enumerate(distinct)}
    results: list[Any] = [(input.dtype, (len(distinct),), distinct)]
    if inverse:
        results.append((dtypes.int64, input.shape, [places[value] for value in values]))
    if counts:
        results.append((dtypes.int64, (len(distinct),), list(map(values.count, distinct))))
    tensors = tuple(
        attach(new(sizes, dtype), numbers) if sorted else new(sizes, dtype)
        for dtype, sizes, numbers in results
    )
    return tensors if len(tensors) > 1 else tensors[0]


def _bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    values = known(input)
    if input.ndim != 1 or input.dtype.kind != dtypes.INTEGER or min(values, default=0) < 0:
        raise ShapeError(f"needs a vector of ints from 0, but receives {shape(input.shape)}")
    if weights is not None and weights.shape != input.shape:
        raise ShapeError(f"has {shape(weights.shape)} weights for {shape(input.shape)}")
    length = max(max(values, default=-1) + 1, minlength)
    if weights is not None:
        return new((length,), weights.dtype if weights.dtype is dtypes.float32 else dtypes.float64)
    if length > MOST:
        return new((length,), dtypes.int64)
    return _vector([values.count(i) for i in range(length)])


def _equal(input: Tensor, other: Tensor) -> bool:
    if input.dtype is not other.dtype:
        raise UnknowableError
    return input.shape == other.shape and known(input) == known(other)


def _allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    if input.dtype is not other.dtype:
        raise ShapeError(f"needs one dtype, but receives {input.dtype.name} and {other.dtype.name}")
    sizes = broadcast_shapes(input.shape, other.shape)
    return all(
        _is_close(a, b, rtol, atol, equal_nan)
        for a, b in zip(_spread(input, sizes), _spread(other, sizes), strict=True)
    )


def _is_close(a: Any, b: Any, rtol: float, atol: float, equal_nan: bool) -> bool:
    if a == b:
        return True
    if a != a or b != b:
        return equal_nan and a != a and b != b
    apart, allowed = abs(a - b), atol + rtol * abs(b)
    if isclose(apart, allowed, rel_tol=1e-3):
        raise UnknowableError  # as torch rounds it
    return bool(apart < allowed)


def _classes(input: Tensor) -> int:
    return int(max(ordered(input))) + 1


def _total(input: Tensor) -> int:
    return sum(held(known(input), dtypes.int64))


def _is_nonzero(input: Tensor) -> bool:
    return bool(_item(input))


#: By operation; `one_hot` asks for "classes", and `repeat_interleave` for the "total".
DECIDED: dict[str, Callable[..., Any]] = {
    "item": _item, "tolist": _tolist, "numpy": _numpy, "equal": _equal, "allclose": _allclose,
    "is_nonzero": _is_nonzero, "nonzero": _nonzero, "argwhere": _nonzero,
    "masked_select": _masked_select, "unique": _unique, "unique_consecutive": _unique_consecutive,
    "bincount": _bincount, "classes": _classes, "total": _total,
}  # fmt: skip
