"""Distances and similarities."""

from __future__ import annotations

from ...tensor import Tensor
from .. import functional as F
from .layer import Layer


class CosineSimilarity(Layer):
    """Cosine of the angle between the vectors of two tensors along `dim`, which disappears.

    Raises:
        ShapeError: when called: the shapes cannot be broadcast, or there is no dimension `dim`.
    """

    _function = staticmethod(F.cosine_similarity)
    _example = ("CosineSimilarity()", "128 128")
    dim: int = 1
    eps: float = 1e-8


class PairwiseDistance(Layer):
    """Distance of the vectors of two tensors along the last dimension: ``(N, D)`` to ``(N,)``.

    Raises:
        ShapeError: when called: the shapes cannot be broadcast.
    """

    _example = ("PairwiseDistance()", "128 128")
    p: float = 2.0
    eps: float = 1e-6
    keepdim: bool = False

    def _assemble(self) -> None:
        self.norm = self.p  # torch's own name

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Measure two tensors, whose other dimensions are broadcast."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
