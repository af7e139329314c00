"""Embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import shape
from .. import functional as F
from ..parameter import Parameter
from .module import Module
from .utils import parameter

if TYPE_CHECKING:
    from ... import dtypes
    from ...tensor import Tensor


class Embedding(Module):
    """A row of numbers for each index: ``(*)`` of integers to ``(*, embedding_dim)``.

    ``weight`` is ``(num_embeddings, embedding_dim)``.

    Raises:
        ShapeError: `padding_idx` is no row; when called, the indices are no integers.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        if padding_idx is not None:
            if not isinstance(padding_idx, int) or not isinstance(num_embeddings, int):
                raise ShapeError(f"needs an int for padding_idx, but receives {padding_idx!r}")
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ShapeError(f"padding_idx={padding_idx} is none of the {num_embeddings} rows")
            padding_idx = num_embeddings + padding_idx if padding_idx < 0 else padding_idx
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if _weight is None:
            self.weight = parameter(num_embeddings, embedding_dim, dtype=dtype)
        elif _weight.shape != (num_embeddings, embedding_dim):
            raise ShapeError(f"_weight is {shape(_weight.shape)}, not {num_embeddings}×{embedding_dim}")
        else:
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    def forward(self, input: Tensor) -> Tensor:
        """Look up ``(*)``."""
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type)

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq is not False:
            text += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        if self.sparse is not False:
            text += ", sparse=True"
        return text
