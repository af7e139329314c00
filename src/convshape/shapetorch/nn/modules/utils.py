"""What the constructors of layers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import dtypes
from ...arguments import ntuple
from ...arguments import size as checked
from ...memoize import remembered
from ...tensor_attributes import Size
from ..parameter import Parameter, new_parameter


def _ntuple(n: int, name: str = "parse") -> Callable[[Any], tuple[Any, ...]]:
    return lambda value: ntuple(value, n)


_single, _pair, _triple, _quadruple = map(_ntuple, range(1, 5))


def _reverse_repeat_tuple(t: tuple[Any, ...], n: int) -> tuple[Any, ...]:
    return tuple(item for item in reversed(t) for _ in range(n))


def parameter(*size: Any, dtype: dtypes.dtype | None = None) -> Parameter:
    """Return a new parameter of shape `size`.

    Raises:
        ShapeError: a size is negative or no int, or the dtype cannot have gradients.
    """
    return new_parameter(_size(*size), dtype)


@remembered
def _size(*size: Any) -> Size:
    return Size(checked(size))
