"""Linear maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import shape, tensor
from ...recording import operation
from ...tensor import broadcast_shapes, new
from .common import same_dtype

if TYPE_CHECKING:
    from ...tensor import Tensor


@operation
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiply the last dimension: ``(*, in_features)`` with ``weight`` ``(out_features, in_features)``.

    Raises:
        ShapeError: the last dimension is not `in_features`, or there is none.
    """
    input = tensor("input", input)
    if not input.shape:
        raise ShapeError("expects at least one dimension, but receives a scalar")
    *out_features, in_features = tensor("weight", weight).shape or (None,)
    if len(out_features) > 1 or in_features is None:
        raise ShapeError(f"needs weights of 1 or 2 dimensions, but has {shape(weight.shape)}")
    if input.shape[-1] != in_features:
        raise ShapeError(
            f"expects {in_features} features, but receives {input.shape[-1]}",
            change={"in_features": input.shape[-1]},
        )
    same_dtype(input, weight)
    result = (*input.shape[:-1], *out_features)
    if bias is not None and broadcast_shapes(result, bias.shape) != result:
        raise ShapeError(f"makes {shape(result)}, to which its bias of {shape(bias.shape)} cannot be added")
    return new(result, input.dtype)
