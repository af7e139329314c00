"""Tensors that belong to a module."""

from __future__ import annotations

from ...errors import ShapeError
from .. import dtypes
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that a module registers as its parameter when it is assigned to it.

    Args:
        data: the tensor whose shape and dtype it has.
        requires_grad: whether training changes it.

    Raises:
        ShapeError: training could not change it, because it has integers.
    """

    __slots__ = ("requires_grad",)

    dtype: dtypes.dtype

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        if requires_grad and data.dtype.kind < dtypes.FLOATING:
            raise ShapeError(f"a parameter of {data.dtype.name} cannot be trained", fix="requires_grad=False")
        self.shape = data.shape
        self.dtype = data.dtype
        self.requires_grad = requires_grad
