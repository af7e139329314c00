"""Linear maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import shape
from ...memory import follow, is_packed, itself, packing, strides
from ...recording import operation
from ...tensor import UNKNOWN, broadcast_shapes, new, result_type, tensor
from .common import same_dtype

if TYPE_CHECKING:
    from ...tensor import Tensor


@operation
@packing
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
    result = new((*input.shape[:-1], *out_features), input.dtype)
    if bias is not None:
        if bias.dtype is not input.dtype and not _added_in_place(result, input, bias):
            same_dtype(input, bias)
        alone = not out_features and (bias.shape or input.ndim == 2)
        each = bool(out_features) and bias.shape == (*out_features,)  # as nearly always
        if alone or not (each or broadcast_shapes(result.shape, bias.shape) == result.shape):
            raise ShapeError(
                f"makes {shape(result.shape)}, to which its bias of {shape(bias.shape)} cannot be added"
            )
    if input.dtype is dtypes.bool and result.numel() and (in_features or bias is not None):
        raise ShapeError("is not defined for bool")
    return result


def _added_in_place(result: Tensor, input: Tensor, bias: Tensor) -> bool:
    """Tell whether torch adds a bias of another dtype: where it cannot do with one product of matrices."""
    at_once = input.ndim < 3 or all(is_packed(each.shape, strides(each)) for each in (input, bias))
    return not at_once and dtypes.can_cast(result_type(result, bias), input.dtype)


@operation
@itself
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``x₁ᵀ·W·x₂ + b``: ``(*, in1)`` and ``(*, in2)`` to ``(*, out)``, with ``weight`` ``(out, in1, in2)``.

    Raises:
        ShapeError: the inputs differ but for their last dimension, or the weights are not for these.
    """
    for name, each in (("input1", input1), ("input2", input2)):
        if not tensor(name, each).shape:
            raise ShapeError(f"expects at least one dimension of {name}, but receives a scalar")
    if input1.shape[:-1] != input2.shape[:-1]:
        raise ShapeError(
            f"receives {shape(input1.shape)} and {shape(input2.shape)}, which must be alike but for the last"
        )
    if tensor("weight", weight).ndim != 3:
        raise ShapeError(f"needs weights of 3 dimensions, but has {shape(weight.shape)}")
    for i, each in enumerate((input1, input2), 1):
        if each.shape[-1] != weight.shape[i]:
            raise ShapeError(
                f"expects {weight.shape[i]} features in input{i}, but receives {each.shape[-1]}",
                change={f"in{i}_features": each.shape[-1]},
            )
        same_dtype(each, weight)
        if not each.shape[-1]:
            raise ShapeError(f"receives no features in input{i}")
    made = new((*input1.shape[:-1], weight.shape[0]), weight.dtype)
    if bias is not None:
        same_dtype(bias, weight)
        if bias.shape[:1] != weight.shape[:1]:
            raise ShapeError(f"makes {weight.shape[0]} features, but has a bias of {shape(bias.shape)}")
        made = follow(new(broadcast_shapes(made.shape, bias.shape), weight.dtype), made, bias)
    if weight.dtype is dtypes.bool and made.numel():
        raise ShapeError("is not defined for bool")
    if not made.numel():
        made.memory = UNKNOWN
    return made
