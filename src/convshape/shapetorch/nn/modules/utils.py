"""What the constructors of layers share."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...arguments import size as checked
from ...memoize import remembered
from ...tensor_attributes import Size
from ..parameter import Parameter, new_parameter


def parameter(*size: Any, dtype: dtypes.dtype | None = None) -> Parameter:
    """Return a new parameter of shape `size`.

    Raises:
        ShapeError: a size is negative or no int, or the dtype cannot have gradients.
    """
    return new_parameter(_size(*size), dtype)


@remembered
def _size(*size: Any) -> Size:
    return Size(checked(size))
