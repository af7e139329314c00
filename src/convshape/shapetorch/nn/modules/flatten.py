"""Layers that only reshape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...ops.views import flatten, unflatten
from .module import Module

if TYPE_CHECKING:
    from typing import Any

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
        return flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Dimension `dim` made several, `unflattened_size`: ``(N, C·H·W)`` to ``(N, C, H, W)``.

    Raises:
        ShapeError: `unflattened_size` is no tuple of ints; when called, it does not make up the dimension.
    """

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        sizes = unflattened_size
        if not isinstance(sizes, (tuple, list)) or not all(isinstance(n, int) for n in sizes):
            raise ShapeError(f"needs a tuple of ints for unflattened_size, but receives {sizes!r}")
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Unflatten ``(*)``."""
        return unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
