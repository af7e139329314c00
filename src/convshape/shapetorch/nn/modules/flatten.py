"""Reshaping."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError
from ...ops import views
from .layer import Layer


class Flatten(Layer):
    """One dimension of the dimensions `start_dim` to `end_dim`: ``(N, C, H, W)`` to ``(N, C·H·W)``.

    Raises:
        ShapeError: when called: a dimension does not exist, or the first comes after the last.
    """

    _function = staticmethod(views.flatten)
    _shown = "start_dim={start_dim}, end_dim={end_dim}"
    _example = ("Flatten()", "16x5x5")
    start_dim: int = 1
    end_dim: int = -1


class Unflatten(Layer):
    """Dimension `dim` made several, `unflattened_size`: ``(N, C·H·W)`` to ``(N, C, H, W)``.

    Raises:
        ShapeError: `unflattened_size` is not a tuple of ints; when called: it does not make up the
            dimension.
    """

    _shown = "dim={dim}, unflattened_size={unflattened_size}"
    _example = ("Unflatten(1, (16, -1, 5))", "400")
    dim: int
    unflattened_size: Any

    def _assemble(self) -> None:
        sizes = self.unflattened_size
        if not isinstance(sizes, (tuple, list)) or not all(isinstance(n, int) for n in sizes):
            raise ShapeError(f"needs a tuple of ints for unflattened_size, but receives {sizes!r}")

    def forward(self, input: Any) -> Any:
        """Unflatten ``(*)``."""
        return views.unflatten(input, self.dim, self.unflattened_size)
