"""Operators that pick elements, or write into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ....shapetorch import dtypes
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.known_values import values_of
from ....shapetorch.nn.parameter import Parameter
from ....shapetorch.tensor import Tensor
from ..graph import Node
from .common import F, axis_of, numbers, same, sized, torch, vector


def gather(node: Node, input: Any, indices: Any) -> Any:
    """``(*before, n, *behind)`` gives ``(*before, *indices, *behind)``."""
    axis = axis_of(node.attribute("axis", 0), input.ndim)
    if not axis and input.ndim == 2 and isinstance(input, Parameter):
        return F.embedding(indices, input)
    picked = torch.index_select(input, axis, _from_front(indices, input.shape[axis]))
    shape = (*input.shape[:axis], *indices.shape, *input.shape[axis + 1 :])
    return picked if picked.shape == shape else picked.reshape(shape)


def _from_front(indices: Any, size: int) -> Any:
    """Return indices in a row, those that are known counted from the front."""
    values = values_of(indices)
    if values is None:
        return indices.reshape((indices.numel(),))
    if any(not -size <= v < size for v in values):
        raise ShapeError(f"has indices {values[:5]} into an axis of {size} elements")
    return vector([v % size for v in values], dtypes.int64)


def gather_nd(node: Node, input: Tensor, indices: Tensor) -> Any:
    """``(*input)`` and ``(*places, depth)`` give ``(*places, *input[batch_dims + depth:])``."""
    batch, depth = node.attribute("batch_dims", 0), indices.shape[-1]
    if batch + depth > input.ndim:
        raise ShapeError(f"has indices of {depth} axes into {shape_text(input.shape)}")
    return sized(input, (*indices.shape[:-1], *input.shape[batch + depth :]))


def gather_elements(node: Node, input: Tensor, indices: Any) -> Any:
    """Return a tensor of the shape of the indices."""
    return torch.gather(input, node.attribute("axis", 0), indices.to(dtypes.int64))


def depends(what: str) -> Callable[..., Any]:
    """Return the rule of an operator whose shape nobody knows before it runs."""

    def rule(node: Node, *inputs: Any) -> Any:
        raise UnknownOperation(f"its shape depends on the data: {what}")

    return rule


def nonzero(node: Node, input: Tensor) -> Any:
    """Return the places of elements that are not 0, ``(axes, count)``, where they are known."""
    if values_of(input) is None:
        return depends("as many places as elements are not 0")(node)
    return torch.nonzero(input).t()


def topk(node: Node, input: Tensor, k: Tensor) -> Any:
    """Return the largest elements along ``axis`` and their indices."""
    (count,) = numbers(k, "K") or [0]
    return tuple(torch.topk(input, int(count), node.attribute("axis", -1)))


def grid_sample(node: Node, input: Tensor, grid: Tensor) -> Any:
    """``(N, C, *size)`` and ``(N, *out, axes)`` give ``(N, C, *out)``."""
    if input.ndim in (4, 5):
        return F.grid_sample(input, grid, align_corners=False)
    return sized(input, (*input.shape[:2], *grid.shape[1:-1]))


def roi_align(node: Node, input: Tensor, rois: Tensor, batches: Tensor) -> Any:
    """``(N, C, H, W)`` and ``(regions, 4)`` give ``(regions, C, height, width)``."""
    size = node.attribute("output_height", 1), node.attribute("output_width", 1)
    return sized(input, (rois.shape[0], input.shape[1], *size))


OPERATORS: dict[str, Callable[..., Any]] = {
    "Gather": gather,
    "GatherND": gather_nd,
    "GatherElements": gather_elements,
    "Scatter": same,
    "ScatterElements": same,
    "ScatterND": same,
    "TensorScatter": same,
    "NonZero": nonzero,
    "Compress": depends("as many elements as the condition picks"),
    "Unique": depends("as many elements as there are different ones"),
    "NonMaxSuppression": depends("as many boxes as are kept"),
    "TopK": topk,
    "GridSample": grid_sample,
    "RoiAlign": roi_align,
}
