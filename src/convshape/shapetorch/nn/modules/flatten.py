"""Layers that only reshape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...arguments import tensor
from .module import Module

if TYPE_CHECKING:
    from ...tensor import Tensor


class Flatten(Module):
    """One dimension of the dimensions `start_dim` to `end_dim`: ``(N, C, H, W)`` to ``(N, C·H·W)``.

    Raises:
        ShapeError: when called: a dimension does not exist, or the first comes after the last.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Flatten ``(*)``."""
        return tensor("input", input).flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
