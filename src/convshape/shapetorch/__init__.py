"""torch with the data left out: its names, arguments and refusals; a tensor is its shape and dtype."""

from . import dtypes, nn
from .ops import FUNCTIONS
from .tensor import Tensor, broadcast_shapes, result_type

_DTYPES = {name: value for name, value in vars(dtypes).items() if isinstance(value, dtypes.dtype)}
globals().update(FUNCTIONS | _DTYPES)

__all__ = ["Tensor", "broadcast_shapes", "nn", "result_type", *FUNCTIONS, *_DTYPES]
