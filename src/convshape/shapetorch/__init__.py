"""torch with the data left out: its names, arguments and refusals; a tensor is its shape and dtype."""

from . import dtypes, nn
from .ops import FUNCTIONS
from .tensor import Tensor, broadcast_shapes, result_type

#: Functions of `nn.functional` that torch has in its own namespace too.
_OF_LAYERS = {
    name: getattr(nn.functional, name)
    for name in (
        "adaptive_avg_pool1d avg_pool1d channel_shuffle conv1d conv2d conv3d "
        "conv_transpose1d conv_transpose2d conv_transpose3d hardshrink pixel_shuffle pixel_unshuffle prelu"
    ).split()
}
_DTYPES = {name: value for name, value in vars(dtypes).items() if isinstance(value, dtypes.dtype)}
globals().update(FUNCTIONS | _OF_LAYERS | _DTYPES)

__all__ = ["Tensor", "broadcast_shapes", "nn", "result_type", *FUNCTIONS, *_OF_LAYERS, *_DTYPES]
