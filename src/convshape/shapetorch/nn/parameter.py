"""Tensors that belong to a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..tensor import Tensor

if TYPE_CHECKING:
    from .. import dtypes


class Parameter(Tensor):
    """A tensor that a module registers as its parameter when it is assigned to it.

    Args:
        data: the tensor whose shape and dtype it has.
        requires_grad: whether training changes it.
    """

    __slots__ = ("requires_grad",)

    dtype: dtypes.dtype

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        self.shape = data.shape
        self.dtype = data.dtype
        self.requires_grad = requires_grad
