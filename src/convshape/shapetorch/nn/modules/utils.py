"""What the constructors of layers share."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...arguments import size as checked
from ...memoize import remembered
from ...tensor_attributes import Size
from ..parameter import Parameter, new_parameter

#: The usual results of `ntuple`: a network has many, through which the garbage collector would have
#: to look.
_USUAL = [[(n,) * axes for n in range(16)] for axes in range(7)]


def ntuple(value: Any, axes: int) -> tuple[Any, ...]:
    """Return `value` for each spatial axis: as it is if it is iterable, else repeated."""
    if type(value) is int:  # as nearly always
        return _USUAL[axes][value] if 0 <= value < 16 else (value,) * axes
    return tuple(value) if hasattr(type(value), "__iter__") else (value,) * axes


def parameter(*size: Any, dtype: dtypes.dtype | None = None) -> Parameter:
    """Return a new parameter of shape `size`.

    Raises:
        ShapeError: a size is negative or no int, or the dtype cannot have gradients.
    """
    return new_parameter(_size(*size), dtype)


@remembered
def _size(*size: Any) -> Size:
    return Size(checked(size))
