"""What is asked of tensors and dtypes, and what only data or memory could answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..recording import operation
from ..tensor import Tensor, tensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def is_tensor(obj: Any) -> bool:
    """Tell whether it is a tensor."""
    return isinstance(obj, Tensor)


def numel(input: Tensor) -> int:
    """Return the number of elements."""
    return tensor("input", input).numel()


def is_floating_point(input: Tensor) -> bool:
    """Tell whether the elements are real floating-point numbers."""
    return tensor("input", input).is_floating_point()


def is_complex(input: Tensor) -> bool:
    """Tell whether the elements are complex numbers."""
    return tensor("input", input).is_complex()


def is_signed(input: Tensor) -> bool:
    """Tell whether the elements can be negative."""
    return tensor("input", input).is_signed()


def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors have one shape."""
    return tensor("input", input).shape == tensor("other", other).shape


def _no(name: str) -> Callable[..., bool]:
    def call(input: Tensor, *args: Any) -> bool:
        """Say no: it is about memory that convshape does not have."""
        tensor("input", input)
        return False

    call.__name__ = call.__qualname__ = name
    return call


is_inference, is_pinned, is_shared = map(_no, ("is_inference", "is_pinned", "is_shared"))


def get_device(input: Tensor) -> int:
    """Return the number of the GPU that the tensor is on: -1, for none."""
    return tensor("input", input).get_device()


def get_default_dtype() -> dtypes.dtype:
    """Return the dtype of numbers that are given none: float32."""
    return dtypes.float32


def set_default_dtype(d: dtypes.dtype) -> None:
    """Take float32 as the dtype of numbers that are given none.

    Raises:
        UnknownOperation: it is another.
    """
    if dtypes.as_dtype(d).kind != dtypes.FLOATING:
        raise ShapeError(f"set_default_dtype takes a floating-point type, but receives {d!r}")
    if d is not dtypes.float32:
        raise UnknownOperation(f"set_default_dtype: convshape's default is float32, and not {d!r}")


def manual_seed(seed: Any) -> None:
    """Do nothing: there are no random numbers."""


def _unknown(name: str, why: str) -> Callable[..., Any]:
    def call(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Refuse: convshape has shapes only.

        Raises:
            UnknownOperation: always.
        """
        raise UnknownOperation(f"{name}: {why}, and convshape has shapes only")

    call.__name__ = call.__qualname__ = name
    return operation(call)


_DATA = "the values are data"
_MEMORY = "how a tensor lies in memory depends on how it was made"
numpy, data_ptr, storage, untyped_storage = (
    _unknown(name, _DATA) for name in ("numpy", "data_ptr", "storage", "untyped_storage")
)
stride, storage_offset, is_contiguous, dim_order = (
    _unknown(name, _MEMORY) for name in ("stride", "storage_offset", "is_contiguous", "dim_order")
)
