"""Linear functions."""

from __future__ import annotations

from math import prod

from ....errors import ShapeError
from ... import dtypes
from ...arguments import shape
from ...layout import PACKED, UNKNOWN_LAYOUT, is_packed, strides
from ...operation import Unknown, operation, rule_of
from ...tensor import Tensor, broadcast_shapes, new, result_type
from ...tensor_attributes import Size
from .common import same_dtype


@operation(layout=PACKED, macs="linear", field="linear")
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiply ``(*, in_features)`` with ``weight`` ``(out_features, in_features)``, or a vector.

    Raises:
        ShapeError: the last dimension is not `in_features`, or there is none.
    """
    if not input.shape:
        raise ShapeError("expects at least one dimension, but receives a scalar")
    *out_features, in_features = weight.shape or (None,)
    if len(out_features) > 1 or in_features is None:
        raise ShapeError(f"needs weights of 1 or 2 dimensions, but has {shape(weight.shape)}")
    if input.shape[-1] != in_features:
        raise ShapeError(
            f"expects {in_features} feature{'s' * (in_features != 1)}, but receives "
            f"{input.shape[-1]}",
            change={"in_features": input.shape[-1]},
        )
    result = new((*input.shape[:-1], *out_features), input.dtype)
    at_once = bias is not None and added_at_once(input, bias)
    if weight.dtype is not input.dtype or input.dtype is dtypes.bool:
        result.dtype = _unusual_dtype(result, input, weight, at_once)
    if bias is not None:
        _check_bias(result, bias, at_once, bool(out_features))
    return result


def _unusual_dtype(result: Tensor, input: Tensor, weight: Tensor, at_once: bool) -> dtypes.dtype:
    """Return the dtype of a product of bools, or of two dtypes: some of nothing torch makes."""
    if at_once or weight.requires_grad or (result.numel() and input.shape[-1]):
        same_dtype(input, weight)  # so both are bools
        if result.numel():
            raise ShapeError("is not defined for bool")
        return input.dtype
    from ...ops.matrices import matmul  # which hardly any network needs

    product: Tensor = rule_of(matmul)(input, weight.t())
    return product.dtype


def added_at_once(input: Tensor, bias: Tensor) -> bool:
    """Return whether torch adds the bias as it multiplies matrices, and not to their product."""
    if input.ndim == 2:
        return True
    vector = bias.ndim == 1 or sum(n != 1 for n in bias.shape) == 1
    return vector and all(is_packed(t.shape, strides(t)) for t in (input, bias))


def check_bias_dtype(result: Tensor, bias: Tensor, at_once: bool) -> None:
    """Refuse a bias of another dtype, unless it is added in place to what can hold it."""
    if bias.dtype is not result.dtype and (
        at_once or not dtypes.can_cast(result_type(result, bias), result.dtype)
    ):
        same_dtype(result, bias, "a bias")


def _check_bias(result: Tensor, bias: Tensor, at_once: bool, matrix: bool) -> None:
    check_bias_dtype(result, bias, at_once)
    sizes = result.shape
    if at_once and matrix:
        sizes = Size((prod(sizes[:-1]), sizes[-1]))
    if (at_once and not matrix) or (
        bias.shape != sizes[-1:] and broadcast_shapes(sizes, bias.shape) != sizes
    ):
        raise ShapeError(
            f"makes {shape(result.shape)}, to which its bias of {shape(bias.shape)} cannot be added"
        )


@operation(layout=UNKNOWN_LAYOUT, macs=None, field=Unknown("it reads two inputs at once"))
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``x₁ᵀ·W·x₂ + b``: ``(*, in1)`` and ``(*, in2)`` to ``(*, out)``, W ``(out, in1, in2)``.

    Raises:
        ShapeError: the inputs differ but for their last dimension, or the weights are not for
            these.
    """
    inputs = (input1, input2)
    for i, input in enumerate(inputs, 1):
        if not input.shape:
            raise ShapeError(f"expects at least one dimension of input{i}, but receives a scalar")
    if input1.shape[:-1] != input2.shape[:-1]:
        both = " and ".join(shape(input.shape) for input in inputs)
        raise ShapeError(f"receives {both}, which must match in all but the last")
    if weight.ndim != 3:
        raise ShapeError(f"needs weights of 3 dimensions, but has {shape(weight.shape)}")
    for i, input in enumerate(inputs, 1):
        features = input.shape[-1]
        if features != weight.shape[i]:
            raise ShapeError(
                f"expects {weight.shape[i]} features in input{i}, but receives {features}",
                change={f"in{i}_features": features},
            )
        same_dtype(input, weight)
        if not features:
            raise ShapeError(f"receives no features in input{i}")
    sizes = (*input1.shape[:-1], weight.shape[0])
    if bias is not None:
        same_dtype(input1, bias, "a bias")
        if bias.shape[:1] != weight.shape[:1]:
            raise ShapeError(
                f"makes {weight.shape[0]} features, but has a bias of {shape(bias.shape)}"
            )
        sizes = broadcast_shapes(sizes, bias.shape)
    result = new(sizes, weight.dtype)
    if weight.dtype is dtypes.bool and result.numel():
        raise ShapeError("is not defined for bool")
    return result
