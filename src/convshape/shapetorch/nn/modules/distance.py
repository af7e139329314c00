"""Distances and likeness of vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import functional as F
from .module import Module

if TYPE_CHECKING:
    from ...tensor import Tensor


class CosineSimilarity(Module):
    """Cosine of the angle between the vectors of two tensors along `dim`, which disappears.

    Raises:
        ShapeError: when called: the shapes cannot be broadcast, or there is no dimension `dim`.
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Compare two tensors, whose other dimensions are broadcast."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """Distance of the vectors of two tensors along the last dimension: ``(N, D)`` twice to ``(N,)``.

    Raises:
        ShapeError: when called: the shapes cannot be broadcast.
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = self.p = p  # the first is torch's name, the second the argument's
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Measure two tensors, whose other dimensions are broadcast."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
