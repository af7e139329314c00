"""Dropout: the shape stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....errors import ShapeError
from ...arguments import flag, number, shape
from ...layout import OWN, alone, follow
from ...operation import named, operation
from ...ops.creation import draws
from ...tensor import UNKNOWN, Tensor, new, tensor
from .common import floating


def check_probability(p: Any) -> None:
    """Refuse a `p` that is not a probability."""
    if not 0 <= number("p", p) <= 1:
        share = f"p={p / 100:g}" if 1 < p <= 100 else ""
        raise ShapeError(f"has p={p!r}, and a probability is from 0 to 1", fix=share)


def drop(input: Tensor, p: Any, train: Any, least_dims: int = 0, inplace: Any = False) -> Tensor:
    """Pass a tensor; where chance decides, one of floating-point numbers that has channels."""
    check_probability(p)
    input = tensor("input", input)
    at_random = flag("training", train) and p and input.numel()
    if at_random:
        draws()
    if at_random and p < 1:
        if input.ndim < least_dims:
            raise ShapeError(f"needs at least {least_dims} dimensions, but receives {input.ndim}")
        floating(input)
    if not at_random:
        return input
    if inplace:
        return alone(input)
    result = follow(new(input.shape, input.dtype), input, input if p < 1 else 0)
    if least_dims and input.memory is not None:
        result.memory = UNKNOWN  # whole channels are multiplied by one random number each
    return result


def _dropout(name: str, least_dims: int, trained: bool = True) -> Callable[..., Tensor]:
    def dropout(
        input: Tensor, p: float = 0.5, training: bool = trained, inplace: Any = False
    ) -> Tensor:
        """Zero elements, or whole channels of ``(N, C, *)``, while training; the shape stays.

        Raises:
            ShapeError: `p` is not a probability, or while training the tensor has no floating-point
                numbers or too few dimensions.
        """
        if name == "dropout1d" and input.ndim not in (2, 3):
            raise ShapeError(
                f"expects 2 or 3 dimensions (N, C, L), but receives {shape(input.shape)}"
            )
        return drop(input, p, training, least_dims, inplace)

    declare = operation(layout=OWN, macs=None, field="pointwise")
    return declare(named(name, dropout))


dropout = _dropout("dropout", 0)
dropout1d = _dropout("dropout1d", 2)
dropout2d = _dropout("dropout2d", 2)
dropout3d = _dropout("dropout3d", 1)
alpha_dropout = _dropout("alpha_dropout", 0, trained=False)
feature_alpha_dropout = _dropout("feature_alpha_dropout", 2, trained=False)
