"""What torch has in its own namespace, but for the functions of layers, which are in `aten`."""

from typing import Any

from . import dtypes, tensor_attributes
from .arguments import size
from .dtypes import can_cast, dtype, finfo, iinfo, promote_types
from .ops import attributes
from .ops.spaces import FUNCTIONS
from .tensor import Tensor, result_type
from .tensor import broadcast_shapes as _broadcast
from .tensor_attributes import Size, device, layout, memory_format


def broadcast_shapes(*shapes: Any) -> Size:
    """Return the shape that all of `shapes` expand to; an int is the shape of a vector."""
    return Size(size(_broadcast(*shapes)))


_DTYPES = {name: value for name, value in vars(dtypes).items() if isinstance(value, dtypes.dtype)}
#: What is asked of tensors, and what is no operation.
_ASKED = {
    name: getattr(attributes, name)
    for name in (
        "get_default_dtype get_device is_complex is_floating_point is_inference is_same_size "
        "is_signed is_tensor manual_seed numel set_default_dtype"
    ).split()
}
_CONSTANTS = {
    name: value
    for name, value in vars(tensor_attributes).items()
    if isinstance(value, (layout, memory_format))
}
NAMES = {
    **{member.__name__: member for member in (Size, Tensor, device, dtype, finfo, iinfo)},
    **{
        member.__name__: member
        for member in (broadcast_shapes, can_cast, promote_types, result_type)
    },
    "layout": layout,
    "memory_format": memory_format,
    **FUNCTIONS,
    **_ASKED,
    **_DTYPES,
    **_CONSTANTS,
}
