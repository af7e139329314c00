"""What is asked of tensors and dtypes, and what only data could answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import axis
from ..layout import is_channels_last, is_packed, itself, known_strides
from ..operation import operation
from ..tensor import Tensor, tensor
from ..tensor_attributes import RANKS, channels_last, channels_last_3d, contiguous_format

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
numpy, data_ptr, storage, untyped_storage = (
    _unknown(name, _DATA) for name in ("numpy", "data_ptr", "storage", "untyped_storage")
)


@operation
@itself
def stride(input: Tensor, dim: int | None = None) -> Any:
    """Return how far elements lie apart along each dimension, or along `dim`."""
    own = known_strides(input)
    return own if dim is None else own[axis("dim", dim, input.ndim)]


@operation
@itself
def storage_offset(input: Tensor) -> int:
    """Return which element of the memory is the first of the tensor."""
    known_strides(input)
    return 0 if input.memory is None else int(input.memory.offset)


@operation
@itself
def is_contiguous(input: Tensor, memory_format: Any = contiguous_format) -> bool:
    """Tell whether the elements lie one behind the other, in the order of this format."""
    own = known_strides(input)
    if memory_format is contiguous_format:
        return is_packed(input.shape, own)
    if memory_format not in (channels_last, channels_last_3d):
        raise ShapeError(
            f"needs a memory_format such as torch.channels_last, but receives {memory_format!r}"
        )
    return input.ndim == RANKS[memory_format] and is_channels_last(input.shape, own)


@operation
@itself
def dim_order(input: Tensor) -> tuple[int, ...]:
    """Return the dimensions as they lie in memory, outermost first."""
    own = known_strides(input)
    return tuple(sorted(range(input.ndim), key=lambda i: -own[i]))
