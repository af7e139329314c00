"""Properties of tensors and dtypes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import axis
from ..layout import OWN, is_channels_last, is_packed, known_strides, offset
from ..operation import METHOD, Unknown, named, operation, rule_of
from ..tensor import Tensor, tensor
from ..tensor_attributes import RANKS, channels_last, channels_last_3d, contiguous_format

if TYPE_CHECKING:
    from typing import Any

_FORMATS = (contiguous_format, channels_last, channels_last_3d)
_ASKED: dict[str, Any] = {
    "layout": OWN,
    "macs": None,
    "field": Unknown("it gives no tensor"),
    "spaces": METHOD,
}


def is_tensor(obj: Any) -> bool:
    """Return whether it is a tensor."""
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
    """Return whether two tensors have one shape."""
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
    """Return whether the elements lie one after the other, in the order of this format."""
    steps = known_strides(input)
    if memory_format is contiguous_format:
        return is_packed(input.shape, steps)
    if memory_format not in (channels_last, channels_last_3d):
        raise ShapeError(
            f"needs a memory_format such as torch.channels_last, but receives {memory_format!r}"
        )
    return input.ndim == RANKS[memory_format] and is_channels_last(input.shape, steps)


@operation(**_ASKED)
def dim_order(input: Tensor, *, ambiguity_check: Any = False) -> tuple[int, ...]:
    """Return the dimensions as they lie in memory, outermost first.

    Raises:
        ShapeError: `ambiguity_check` asks for it, and there is more than one order: a size of 1, or
            two equal strides, and not exactly one of the memory formats that it may list.
    """
    steps = known_strides(input)
    formats = ambiguity_check if isinstance(ambiguity_check, list) else []
    if not isinstance(ambiguity_check, (bool, list)) or any(f not in _FORMATS for f in formats):
        raise ShapeError("needs ambiguity_check as a bool or a list of memory formats")
    several = 1 in input.shape or any(a == b for a, b in pairwise(steps))
    fitting = [f for f in formats if rule_of(is_contiguous)(input, f)]
    if ambiguity_check and 0 in steps and 0 not in input.shape:
        several, fitting = True, []
    if several and len(fitting) == 1 and rule_of(is_contiguous)(input, channels_last):
        raise UnknownOperation("dim_order: which of two formats is meant is not known to convshape")
    if ambiguity_check is not False and several and len(fitting) != 1:
        raise ShapeError(f"has more than one order of dimensions: {tuple(input.shape)}, {steps}")
    return tuple(sorted(range(input.ndim), key=lambda i: -steps[i]))
