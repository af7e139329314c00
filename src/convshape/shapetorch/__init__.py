"""torch with the data left out: its names, arguments and refusals; a tensor is its shape and dtype."""

from . import nn
from .ops import FUNCTIONS
from .tensor import Tensor, broadcast_shapes, result_type

globals().update(FUNCTIONS)

__all__ = ["Tensor", "broadcast_shapes", "nn", "result_type", *FUNCTIONS]
