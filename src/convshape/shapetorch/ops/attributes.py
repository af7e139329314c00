"""Copies, conversions and properties of tensors."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import flag
from ..layout import (
    OWN,
    follow_copy,
    is_channels_last,
    is_packed,
    is_unknown,
    known_strides,
    lay,
    offset,
    prefers_channels_last,
    strides,
)
from ..layout import channels_last as channels_last_strides
from ..operation import METHOD, Unknown, declaring, named, operation, rule_of
from ..tensor import Tensor, dimension, new, tensor
from ..tensor_attributes import (
    RANKS,
    channels_last,
    channels_last_3d,
    check_memory_format,
    contiguous_format,
    preserve_format,
)
from ..tensor_attributes import device as Device

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
    return steps if dim is None else steps[dimension(input, dim)]


@operation(**_ASKED)
def storage_offset(input: Tensor) -> int:
    """Return which element of the memory is the first of the tensor."""
    known_strides(input)
    return offset(input)


@operation(**_ASKED)
def is_contiguous(input: Tensor, *, memory_format: Any = contiguous_format) -> bool:
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
    fitting = [f for f in formats if rule_of(is_contiguous)(input, memory_format=f)]
    if ambiguity_check and 0 in steps and 0 not in input.shape:
        several, fitting = True, []
    if several and len(fitting) == 1 and rule_of(is_contiguous)(input, memory_format=channels_last):
        raise UnknownOperation("dim_order: which of two formats is meant is not known to convshape")
    if ambiguity_check is not False and several and len(fitting) != 1:
        raise ShapeError(f"has more than one order of dimensions: {tuple(input.shape)}, {steps}")
    return tuple(sorted(range(input.ndim), key=lambda i: -steps[i]))


#: Declares a method that converts to a dtype, a device or a memory format.
converting = declaring(layout=OWN, macs=None, field="same", spaces=METHOD)


def converted(input: Tensor, dtype: dtypes.dtype, memory_format: Any, copy: bool = False) -> Tensor:
    """Return a copy in a memory format, or the tensor where a copy would be the same."""
    memory_format = memory_format or preserve_format
    check_memory_format(input.ndim, memory_format)
    if not copy and dtype is input.dtype and memory_format in (preserve_format, _format(input)):
        return input
    result = new(input.shape, dtype)
    if memory_format in RANKS:
        lay(result, channels_last_strides(input.shape))
    elif memory_format is preserve_format:
        follow_copy(result, input)
    return result


def _format(input: Tensor) -> Any:
    last = prefers_channels_last(input.shape, strides(input))
    return (channels_last if input.ndim == 4 else channels_last_3d) if last else contiguous_format


def _cast(name: str, dtype: dtypes.dtype) -> Callable[..., Tensor]:
    def call(input: Tensor, *, memory_format: Any = preserve_format) -> Tensor:
        """Convert each element to this dtype; the shape stays."""
        return converted(input, dtype, memory_format)

    return converting()(named(name, call))


_CASTS = "bfloat16 bool cdouble cfloat chalf double float half int long short".split()
#: The methods that convert to a dtype.
CASTS = {name: _cast(name, getattr(dtypes, name)) for name in _CASTS} | {
    "byte": _cast("byte", dtypes.uint8),
    "char": _cast("char", dtypes.int8),
}


#: What `to` takes after a device, after a dtype and after a tensor.
_TO = {
    Device: ("device", "dtype", "non_blocking", "copy"),
    dtypes.dtype: ("dtype", "non_blocking", "copy"),
    Tensor: ("other", "non_blocking", "copy"),
}


@converting()
def to(input: Tensor, *args: Any, **named: Any) -> Tensor:
    """Convert to a dtype, or to that of another tensor; devices and memory formats change no shape.

    Raises:
        ShapeError: the arguments are none of ``(dtype)``, ``(device, dtype)`` and ``(other)``.
    """
    first = args[0] if args else None
    if isinstance(first, type):
        first = dtypes.as_dtype(first)
    names = next((names for kind, names in _TO.items() if isinstance(first, kind)), _TO[Device])
    taken = dict(zip(names, (first, *args[1:])[: len(args)], strict=False))
    if len(args) > len(names) or named.keys() - {*names[len(args) :], "memory_format"}:
        raise ShapeError("takes a dtype, a device and a dtype, or a tensor, then flags")
    taken |= named
    memory_format = taken.pop("memory_format", None) or preserve_format
    check_memory_format(input.ndim, memory_format)
    flag("non_blocking", taken.pop("non_blocking", False))
    copy = flag("copy", taken.pop("copy", False))
    if taken.get("device") is not None and Device(taken["device"]).index is not None:
        copy = True  # which is another device than that without a number
    dtype = tensor("other", taken["other"]).dtype if "other" in taken else taken.get("dtype")
    return converted(
        input, input.dtype if dtype is None else dtypes.as_dtype(dtype), memory_format, copy
    )


def _moved(name: str) -> Callable[..., Tensor]:
    def call(
        input: Tensor,
        device: Any = None,
        non_blocking: bool = False,
        memory_format: Any = preserve_format,
    ) -> Tensor:
        """Move to a device, which changes no shape."""
        return converted(input, input.dtype, memory_format)

    return converting()(named(name, call))


cpu, cuda, pin_memory = map(_moved, ("cpu", "cuda", "pin_memory"))


def _type_of(input: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Return the type's name, ``torch.FloatTensor``, or convert to a dtype or a named type."""
    if dtype is None:
        return f"torch.{dtypes.TYPE_NAMES[input.dtype]}Tensor"
    return converted(input, dtypes.of_type(dtype), preserve_format)


#: Torch's `Tensor.type`, whose name Python's own has here.
type_of = converting()(named("type", _type_of))


@converting()
def type_as(input: Tensor, other: Tensor) -> Tensor:
    """Convert to the dtype of `other`."""
    return converted(input, other.dtype, preserve_format)


@converting()
def contiguous(input: Tensor, *, memory_format: Any = contiguous_format) -> Tensor:
    """Copy where the elements do not lie in this order; the shape stays."""
    check_memory_format(input.ndim, memory_format)
    lies_so = is_channels_last if memory_format in RANKS else is_packed
    # Nothing always lies one after the other.
    known = not is_unknown(input) or (0 in input.shape and lies_so is is_packed)
    if known and lies_so(input.shape, strides(input)):
        return input
    if memory_format is preserve_format:
        raise ShapeError("needs a memory_format to change to, but receives torch.preserve_format")
    return converted(input, input.dtype, memory_format, copy=True)


@operation(layout=OWN, macs=None, field="pointwise")
def clone(input: Tensor, *, memory_format: Any = preserve_format) -> Tensor:
    """Copy; the shape stays."""
    return converted(input, input.dtype, memory_format, copy=True)
