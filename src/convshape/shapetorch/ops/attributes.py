"""What is asked of tensors and dtypes, and what only data could answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import axis
from ..layout import OWN, is_channels_last, is_packed, known_strides, offset
from ..operation import METHOD, Unknown, named, operation
from ..tensor import Tensor, tensor
from ..tensor_attributes import RANKS, channels_last, channels_last_3d, contiguous_format

if TYPE_CHECKING:
    from typing import Any

_ASKED: dict[str, Any] = {
    "layout": OWN,
    "macs": None,
    "field": Unknown("it gives no tensor"),
    "spaces": METHOD,
}


def is_tensor(obj: Any) -> bool:
    """Tell whether it is a tensor."""
    return isinstance(obj, Tensor)


def _method(name: str) -> Any:
    def ask(input: Tensor) -> Any:
        return getattr(tensor("input", input), name)()

    ask.__doc__ = getattr(Tensor, name).__doc__
    return named(name, ask)


numel, is_floating_point, is_complex, is_signed, get_device = map(
    _method, ("numel", "is_floating_point", "is_complex", "is_signed", "get_device")
)


def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors have one shape."""
    return tensor("input", input).shape == tensor("other", other).shape


def _no(name: str) -> Any:
    def deny(input: Tensor, *args: Any) -> bool:
        """Say no: it is about memory that convshape does not have."""
        tensor("input", input)
        return False

    return named(name, deny)


is_inference, is_pinned, is_shared = map(_no, ("is_inference", "is_pinned", "is_shared"))


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


def _refused(name: str) -> Any:
    def refuse(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Refuse: convshape has shapes only.

        Raises:
            UnknownOperation: always.
        """
        raise UnknownOperation(f"{name}: the values are data, and convshape has shapes only")

    return operation(**_ASKED)(named(name, refuse))


data_ptr, storage, untyped_storage = map(_refused, ("data_ptr", "storage", "untyped_storage"))


@operation(**_ASKED)
def stride(input: Tensor, dim: int | None = None) -> Any:
    """Return how far elements lie apart along each dimension, or along `dim`."""
    steps = known_strides(input)
    return steps if dim is None else steps[axis("dim", dim, input.ndim)]


@operation(**_ASKED)
def storage_offset(input: Tensor) -> int:
    """Return which element of the memory is the first of the tensor."""
    known_strides(input)
    return offset(input)


@operation(**_ASKED)
def is_contiguous(input: Tensor, memory_format: Any = contiguous_format) -> bool:
    """Tell whether the elements lie one behind the other, in the order of this format."""
    steps = known_strides(input)
    if memory_format is contiguous_format:
        return is_packed(input.shape, steps)
    if memory_format not in (channels_last, channels_last_3d):
        raise ShapeError(
            f"needs a memory_format such as torch.channels_last, but receives {memory_format!r}"
        )
    return input.ndim == RANKS[memory_format] and is_channels_last(input.shape, steps)


@operation(**_ASKED)
def dim_order(input: Tensor) -> tuple[int, ...]:
    """Return the dimensions as they lie in memory, outermost first."""
    steps = known_strides(input)
    return tuple(sorted(range(input.ndim), key=lambda i: -steps[i]))
