"""Embeddings: numbers for indices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import shape, tensor
from ...recording import operation
from ...tensor import new

if TYPE_CHECKING:
    from ...tensor import Tensor


@operation
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Look up rows of `weight` ``(num_embeddings, embedding_dim)``: ``(*)`` to ``(*, embedding_dim)``.

    Raises:
        ShapeError: the indices are no integers of 32 or 64 bits, or the weights no matrix.
    """
    if tensor("input", input).dtype not in (dtypes.int32, dtypes.int64):
        raise ShapeError(f"looks up indices of int64 or int32, but receives {input.dtype.name}")
    if tensor("weight", weight).ndim != 2:
        raise ShapeError(f"needs a matrix of weights, but has {shape(weight.shape)}")
    return new((*input.shape, weight.shape[1]), weight.dtype)
