"""torch with the data left out: its names, arguments and refusals; a tensor is its shape and dtype."""

from . import nn
from .tensor import Tensor, broadcast_shapes, result_type

flatten = Tensor.flatten
reshape = Tensor.reshape

__all__ = ["Tensor", "broadcast_shapes", "flatten", "nn", "reshape", "result_type"]
