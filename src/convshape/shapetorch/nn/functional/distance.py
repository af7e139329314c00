"""Distances and similarities."""

from __future__ import annotations

from ....errors import ShapeError
from ... import dtypes
from ...arguments import axis, shape
from ...layout import OWN
from ...operation import Unknown, operation
from ...ops.reductions import norm
from ...tensor import Tensor, broadcast_shapes, new
from .common import floating

_DISTANCE = operation(layout=OWN, macs=None, field=Unknown("it compares vectors with each other"))


@_DISTANCE
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Cosine of the angle between vectors along `dim`, which disappears; the rest is broadcast.

    Raises:
        ShapeError: the shapes cannot be broadcast, there is no dimension `dim`, or no
            floating-point number.
    """
    if not eps >= 0:
        raise ShapeError(f"has eps={eps}, which must be at least 0")
    sizes = broadcast_shapes(x1.shape, x2.shape)
    index = axis("dim", dim, len(sizes))
    kind = dtypes.promote_types(x1.dtype, x2.dtype)
    if kind.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {kind.name}", fix="an input of float32")
    return new((*sizes[:index], *sizes[index + 1 :]), kind)


@_DISTANCE
def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """Distance of vectors along the last dimension, which disappears unless with `keepdim`.

    Raises:
        ShapeError: the shapes cannot be broadcast.
    """
    last = max(x1.ndim, x2.ndim) - 1
    return norm(x1 - x2 + float(eps), p, last, keepdim)


@_DISTANCE
def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """Distances of all pairs of the rows of a matrix: ``(N, M)`` to ``(N·(N − 1)/2,)``.

    Raises:
        ShapeError: the input is not a matrix of floating-point numbers, or `p` is negative.
    """
    if input.ndim != 2:
        raise ShapeError(f"expects a matrix, but receives {shape(input.shape)}")
    if p < 0:
        raise ShapeError(f"has p={p!r}, which must be at least 0")
    rows, width = input.shape
    pairs = rows * (rows - 1) // 2
    if pairs and width and input.dtype.itemsize == 2:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    return new((pairs,), floating(input).dtype)
