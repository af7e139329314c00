"""Dropout: the shape stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import number, shape, tensor
from ...recording import operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...tensor import Tensor


def check_probability(p: Any) -> None:
    """Refuse a `p` that is no probability."""
    if number("p", p) < 0 or p > 1:
        raise ShapeError(f"has p={p!r}, and a probability is from 0 to 1")


@operation
def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero elements of a tensor of any shape; the shape stays.

    Raises:
        ShapeError: `p` is no probability.
    """
    check_probability(p)
    return tensor("input", input)


def _feature_dropout(name: str, least_dims: int) -> Callable[..., Tensor]:
    def feature_dropout(
        input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> Tensor:
        """Zero whole channels of ``(N, C, *)``; the shape stays.

        Raises:
            ShapeError: `p` is no probability, or there are too few dimensions to have channels.
        """
        check_probability(p)
        if training and p and input.numel() and input.ndim < least_dims:
            raise ShapeError(f"needs at least {least_dims} dimensions, but receives {input.ndim}")
        if name == "dropout1d" and input.ndim not in (2, 3):
            raise ShapeError(f"expects 2 or 3 dimensions (N, C, L), but receives {shape(input.shape)}")
        return tensor("input", input)

    feature_dropout.__name__ = feature_dropout.__qualname__ = name
    return operation(feature_dropout)


dropout1d = _feature_dropout("dropout1d", 2)
dropout2d = _feature_dropout("dropout2d", 2)
dropout3d = _feature_dropout("dropout3d", 1)


@operation
def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """`dropout` that keeps mean and variance; the shape stays.

    Raises:
        ShapeError: `p` is no probability.
    """
    check_probability(p)
    return tensor("input", input)


@operation
def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """`alpha_dropout` of whole channels of ``(N, C, *)``; the shape stays.

    Raises:
        ShapeError: `p` is no probability, or there are too few dimensions to have channels.
    """
    check_probability(p)
    if training and p and input.numel() and input.ndim < 2:
        raise ShapeError(f"needs at least 2 dimensions, but receives {input.ndim}")
    return tensor("input", input)
