"""Normalizations: they keep the shape, and check that their weights fit it."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from ....errors import ShapeError
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.tensor import Tensor, broadcast_shapes
from ..graph import Node
from .common import F, axis_of, same, sized


def batch_norm(
    node: Node, input: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, var: Tensor
) -> Any:
    """``(N, C, *size)`` with four times ``(C,)``; also the new statistics, if they are wanted."""
    result = F.batch_norm(input, mean, var, scale, bias, False)
    count = len(node.outputs)
    others = [sized(mean, mean.shape) for _ in range(count - 1)]
    return (result, *others) if others else result


def instance_norm(node: Node, input: Tensor, scale: Tensor, bias: Tensor) -> Any:
    """``(N, C, *size)`` with ``(C,)`` twice."""
    for weight in (scale, bias):
        if weight.shape != input.shape[1:2]:
            shapes = shape_text(weight.shape), shape_text(input.shape)
            raise ShapeError(f"has {shapes[0]} for the channels of {shapes[1]}")
    if prod(input.shape[2:]) > 1 and input.ndim > 2:
        return F.instance_norm(input, weight=scale, bias=bias, use_input_stats=True)
    return sized(input, input.shape)


def layer_norm(node: Node, input: Tensor, scale: Tensor, bias: Tensor | None = None) -> Any:
    """``(*before, *behind)`` normalized over the axes from ``axis`` on; also mean and deviation."""
    axis = axis_of(node.attribute("axis", -1), input.ndim)
    normalized = input.shape[axis:]
    for weight in (scale, bias):
        if weight is not None and broadcast_shapes(input.shape, weight.shape) != input.shape:
            shapes = shape_text(weight.shape), shape_text(normalized)
            raise ShapeError(f"has {shapes[0]}, which cannot be repeated to {shapes[1]}")
    fits = all(weight is None or weight.shape == normalized for weight in (scale, bias))
    if node.op_type == "RMSNormalization":
        return F.rms_norm(input, normalized, scale if fits else None)
    result = F.layer_norm(input, normalized, *((scale, bias) if fits else (None, None)))
    shape = (*input.shape[:axis], *(1 for _ in normalized))
    statistics = [sized(input, shape) for _ in node.outputs[1:]]
    return (result, *statistics) if statistics else result


def group_norm(node: Node, input: Tensor, scale: Tensor, bias: Tensor) -> Any:
    """``(N, C, *size)`` in groups of channels; weights are per group before opset 21."""
    groups = node.attribute("num_groups", 1)
    wanted = groups if node.opset < 21 else input.shape[1]
    for weight in (scale, bias):
        if weight.shape != (wanted,):
            raise ShapeError(
                f"needs weights of shape ({wanted},), but has {shape_text(weight.shape)}"
            )
    return F.group_norm(input, groups)


OPERATORS: dict[str, Callable[..., Any]] = {
    "BatchNormalization": batch_norm,
    "InstanceNormalization": instance_norm,
    "LayerNormalization": layer_norm,
    "RMSNormalization": layer_norm,
    "GroupNormalization": group_norm,
    "LRN": lambda node, x: F.local_response_norm(x, node.attribute("size")),
    "LpNormalization": same,
    "MeanVarianceNormalization": same,
}
