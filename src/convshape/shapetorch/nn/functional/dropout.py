"""Dropout: the shape stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import flag, number, shape
from ...layout import alone, follow, itself
from ...operation import operation
from ...tensor import UNKNOWN, new, tensor
from .common import floating

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...tensor import Tensor


def check_probability(p: Any) -> None:
    """Refuse a `p` that is no probability."""
    if number("p", p) < 0 or p > 1:
        raise ShapeError(f"has p={p!r}, and a probability is from 0 to 1")


def dropped(
    input: Tensor, p: Any, train: Any, least_dims: int = 0, inplace: bool = False
) -> Tensor:
    """Pass a tensor; where something is left to chance, only one with floating-point numbers and channels."""
    check_probability(p)
    input = tensor("input", input)
    if flag("training", train) and 0 < p < 1 and input.numel():
        if input.ndim < least_dims:
            raise ShapeError(f"needs at least {least_dims} dimensions, but receives {input.ndim}")
        floating(input)
    if input.memory is None or not train or not p or not input.numel():
        return input
    if inplace:
        return alone(input)
    result = follow(new(input.shape, input.dtype), input, input if p < 1 else 0)
    if least_dims:  # whole channels are multiplied by one random number each
        result.memory = UNKNOWN
    return result


def _dropout(name: str, least_dims: int, trained: bool) -> Callable[..., Tensor]:
    def dropout(
        input: Tensor, p: float = 0.5, training: bool = trained, inplace: bool = False
    ) -> Tensor:
        """Zero elements, or whole channels of ``(N, C, *)``, while training; the shape stays.

        Raises:
            ShapeError: `p` is no probability, or while training the tensor has no floating-point numbers or
                too few dimensions.
        """
        if name == "dropout1d" and tensor("input", input).ndim not in (2, 3):
            raise ShapeError(
                f"expects 2 or 3 dimensions (N, C, L), but receives {shape(input.shape)}"
            )
        return dropped(input, p, training, least_dims, inplace)

    dropout.__name__ = dropout.__qualname__ = name
    return operation(itself(dropout))


dropout = _dropout("dropout", 0, True)
dropout1d = _dropout("dropout1d", 2, True)
dropout2d = _dropout("dropout2d", 2, True)
dropout3d = _dropout("dropout3d", 1, True)
alpha_dropout = _dropout("alpha_dropout", 0, False)
feature_alpha_dropout = _dropout("feature_alpha_dropout", 2, False)
