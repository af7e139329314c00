"""Embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import shape
from ...tensor import tensor
from .. import functional as F
from ..parameter import Parameter
from .module import Module
from .utils import parameter

if TYPE_CHECKING:
    from typing import Any

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
        self.padding_idx = _row(padding_idx, num_embeddings)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        self.weight = _table(
            num_embeddings, embedding_dim, _weight, dtype, requires_grad=not _freeze
        )
        if _weight is None:
            self.reset_parameters()

    reset_parameters = Module._nothing

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Embedding:
        """Make an embedding of a table ``(num_embeddings, embedding_dim)``; with `freeze` it stays.

        Raises:
            ShapeError: the table is no matrix, or as the constructor.
        """
        return cls(
            *_sizes(embeddings),
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            embeddings,
            freeze,
        )

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


def _row(index: Any, rows: Any) -> int | None:
    """Return the number of the row that `index` is, counted from the front."""
    if index is None:
        return None
    if not isinstance(index, int) or not isinstance(rows, int):
        raise ShapeError(f"needs an int for padding_idx, but receives {index!r}")
    if not -rows <= index < rows:
        raise ShapeError(f"padding_idx={index} is none of the {rows} rows")
    return rows + index if index < 0 else index


def _sizes(embeddings: Any) -> tuple[int, int]:
    """Return the rows and the columns of a table that is given."""
    if tensor("embeddings", embeddings).ndim != 2:
        raise ShapeError(
            f"expects embeddings (num_embeddings, embedding_dim), but receives {shape(embeddings.shape)}"
        )
    rows, columns = embeddings.shape
    return rows, columns


def _table(
    rows: int, columns: int, given: Tensor | None, dtype: dtypes.dtype | None, requires_grad: bool
) -> Parameter:
    """Return the weights that are given, or new ones."""
    if given is None:
        made = parameter(rows, columns, dtype=dtype)
        made.requires_grad = requires_grad
        return made
    if given.shape != (rows, columns):
        raise ShapeError(f"_weight is {shape(given.shape)}, not {rows}×{columns}")
    return Parameter(given, requires_grad)


class EmbeddingBag(Module):
    """Sum, mean or maximum of the rows of each bag of indices: ``(B, N)`` to ``(B, embedding_dim)``.

    Also ``(N,)`` of indices and the offsets at which a bag starts. ``weight`` is
    ``(num_embeddings, embedding_dim)``.

    Raises:
        ShapeError: `padding_idx` is no row; when called: the indices are no integers, offsets are missing or
            too many, or an argument is not for this `mode`.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.padding_idx = _row(padding_idx, num_embeddings)
        self.weight = _table(num_embeddings, embedding_dim, _weight, dtype, requires_grad=True)
        self.mode = mode
        self.sparse = sparse
        self.include_last_offset = include_last_offset
        if _weight is None:
            self.reset_parameters()

    reset_parameters = Module._nothing

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> EmbeddingBag:
        """Make bags of a table ``(num_embeddings, embedding_dim)``; with `freeze` it stays.

        Raises:
            ShapeError: the table is no matrix, or as the constructor.
        """
        made = cls(
            *_sizes(embeddings),
            max_norm,
            norm_type,
            scale_grad_by_freq,
            mode,
            sparse,
            embeddings,
            include_last_offset,
            padding_idx,
        )
        made.weight.requires_grad = not freeze
        return made

    def forward(
        self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None
    ) -> Tensor:
        """Look up ``(B, N)``, or ``(N,)`` with the offsets of the bags."""
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm!r}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type!r}"
        if self.scale_grad_by_freq is not False:
            text += f", scale_grad_by_freq={self.scale_grad_by_freq!r}"
        text += f", mode={self.mode!r}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx!r}"
        return text
