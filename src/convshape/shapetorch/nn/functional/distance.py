"""Distances and likeness of vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import axis, flag, number, shape
from ...layout import itself
from ...operation import operation
from ...ops.reductions import norm
from ...tensor import broadcast_shapes, new, tensor
from .common import floating

if TYPE_CHECKING:
    from ...tensor import Tensor


@operation
@itself
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Cosine of the angle between vectors along `dim`, which disappears; the rest is broadcast.

    Raises:
        ShapeError: the shapes cannot be broadcast, there is no dimension `dim`, or no floating-point number.
    """
    together = broadcast_shapes(tensor("x1", x1).shape, tensor("x2", x2).shape)
    index = axis("dim", dim, len(together))
    number("eps", eps)
    kind = dtypes.promote_types(x1.dtype, x2.dtype)
    if kind.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {kind.name}", fix="an input of float32")
    return new((*together[:index], *together[index + 1 :]), kind)


@operation
@itself
def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """Distance of vectors along the last dimension, which disappears unless with `keepdim`.

    Raises:
        ShapeError: the shapes cannot be broadcast.
    """
    number("p", p)
    number("eps", eps)
    flag("keepdim", keepdim)
    last = max(tensor("x1", x1).ndim, tensor("x2", x2).ndim) - 1
    return norm(x1 - x2 + float(eps), p, last, keepdim)


@operation
@itself
def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """Distances of all pairs of the rows of a matrix: ``(N, M)`` to ``(N·(N − 1)/2,)``.

    Raises:
        ShapeError: the input is no matrix of floating-point numbers, or `p` is negative.
    """
    rows = tensor("input", input).shape
    if len(rows) != 2:
        raise ShapeError(f"expects a matrix, but receives {shape(rows)}")
    if number("p", p) < 0:
        raise ShapeError(f"has p={p!r}, which must be at least 0")
    pairs = rows[0] * (rows[0] - 1) // 2
    if pairs and rows[1] and input.dtype.itemsize == 2:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    return new((pairs,), floating(input).dtype)
