"""What torch has in its own namespace; loading it gives tensors their methods."""

from . import dtypes, tensor_attributes
from .aten import FUNCTIONS as ATEN
from .dtypes import can_cast, dtype, finfo, iinfo, promote_types
from .nn import functional as F
from .ops import attributes
from .ops.spaces import FUNCTIONS, METHODS
from .tensor import Tensor, broadcast_shapes, result_type
from .tensor_attributes import Size, device, layout, memory_format

#: Functions of `nn.functional` that torch has in its own namespace too.
_OF_LAYERS = {
    name: getattr(F, name)
    for name in (
        "adaptive_avg_pool1d avg_pool1d channel_shuffle conv1d conv2d conv3d "
        "conv_transpose1d conv_transpose2d conv_transpose3d hardshrink pixel_shuffle "
        "pixel_unshuffle prelu bilinear celu_ cosine_similarity pairwise_distance pdist relu_ "
        "rms_norm rrelu_ selu_ threshold_"
    ).split()
} | ATEN
for _name in ("hardshrink", "prelu"):  # methods too
    METHODS[_name] = getattr(F, _name)
    setattr(Tensor, _name, METHODS[_name])
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
    **{each.__name__: each for each in (Size, Tensor, device, dtype, finfo, iinfo)},
    **{each.__name__: each for each in (broadcast_shapes, can_cast, promote_types, result_type)},
    "layout": layout,
    "memory_format": memory_format,
    **FUNCTIONS,
    **_OF_LAYERS,
    **_ASKED,
    **_DTYPES,
    **_CONSTANTS,
}
