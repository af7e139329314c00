"""Embeddings."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError
from ... import dtypes
from ...arguments import shape
from ...tensor import Tensor, tensor
from .. import functional as F
from ..parameter import Parameter
from .layer import Argument, Layer
from .module import Module
from .utils import parameter


def _row(index: Any, rows: Any) -> int | None:
    """Return the number of the row that `index` is, counted from the front."""
    if index is None:
        return None
    if not isinstance(index, int) or not isinstance(rows, int):
        raise ShapeError(
            f"needs an int for padding_idx, but receives {index!r}", kind=AssertionError
        )
    if not -rows <= index < rows:
        raise ShapeError(
            f"padding_idx={index} is out of range for {rows} rows", kind=AssertionError
        )
    return rows + index if index < 0 else index


def _sizes(embeddings: Any) -> tuple[int, int]:
    """Return the rows and the columns of a table that is given."""
    if tensor("embeddings", embeddings).ndim != 2:
        raise ShapeError(
            "expects embeddings (num_embeddings, embedding_dim), but receives "
            f"{shape(embeddings.shape)}"
        )
    rows, columns = embeddings.shape
    return rows, columns


#: Arguments that `from_pretrained` does not take.
_OF_TABLE = ("num_embeddings", "embedding_dim", "_weight", "_freeze", "device", "dtype")


class _Embedding(Layer):
    """A table of numbers, of which rows are looked up."""

    num_embeddings: int
    embedding_dim: int

    def _assemble(
        self, _weight: Any, device: object, dtype: dtypes.dtype | None, _freeze: bool = False
    ) -> None:
        rows, columns = self.num_embeddings, self.embedding_dim
        self.__dict__["padding_idx"] = _row(self.padding_idx, rows)
        if _weight is None:
            self.weight = parameter(rows, columns, dtype=dtype)
            self.weight.requires_grad = not _freeze
            self.reset_parameters()
            return
        if _weight.shape != (rows, columns):
            raise ShapeError(f"_weight is {shape(_weight.shape)}, not {rows}×{columns}")
        self.weight = Parameter(_weight, not _freeze)

    reset_parameters = Module._nothing

    @classmethod
    def from_pretrained(
        cls, embeddings: Tensor, freeze: bool = True, *args: Any, **kwargs: Any
    ) -> Any:
        """Make a layer of a table ``(num_embeddings, embedding_dim)``; with `freeze` it stays.

        Args:
            embeddings: the table.
            freeze: whether training leaves it as it is.
            args: the constructor's arguments, in order, but for the sizes.
            kwargs: or by name.

        Raises:
            ShapeError: the table is not a matrix, or as the constructor.
        """
        rows, columns = _sizes(embeddings)
        names = [name for name in cls._fields if name not in _OF_TABLE]
        if len(args) > len(names):
            raise TypeError(f"{cls.__name__}.from_pretrained() takes no {len(args) + 2} arguments")
        settings = {name: cls._defaults[name] for name in names}
        settings |= dict(zip(names, args, strict=False)) | kwargs
        if "_freeze" in cls._fields:
            settings["_freeze"] = freeze
        layer = cls(num_embeddings=rows, embedding_dim=columns, _weight=embeddings, **settings)
        layer.weight.requires_grad = not freeze
        return layer

    def _shown_with(self, *names: str) -> str:
        """Write the sizes, and those of the arguments that are not as usual."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        for name in names:
            value, usual = getattr(self, name), self._defaults[name]
            if value is not usual and (name != "norm_type" or value != usual):
                text += f", {name}={value!r}"
        return text


class Embedding(_Embedding):
    """A row of numbers for each index: ``(*)`` of integers to ``(*, embedding_dim)``.

    ``weight`` is ``(num_embeddings, embedding_dim)``.

    Raises:
        ShapeError: `padding_idx` is not a row; when called, the indices are no integers.
    """

    _example = ("Embedding(10000, 300)", "int64:77")
    padding_idx: int | None = None
    max_norm: float | None = None
    norm_type: float = 2.0
    scale_grad_by_freq: bool = False
    sparse: bool = False
    _weight: Argument = None
    _freeze: Argument = False
    device: object = None
    dtype: dtypes.dtype | None = None

    def forward(self, input: Tensor) -> Tensor:
        """Look up ``(*)``."""
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type)

    def extra_repr(self) -> str:
        text = self._shown_with("padding_idx", "max_norm", "norm_type", "scale_grad_by_freq")
        return text if self.sparse is False else f"{text}, sparse=True"


class EmbeddingBag(_Embedding):
    """Sum, mean or maximum of rows for each bag of indices: ``(B, N)`` to ``(B, embedding_dim)``.

    Also ``(N,)`` of indices and the offsets at which a bag starts. ``weight`` is
    ``(num_embeddings, embedding_dim)``.

    Raises:
        ShapeError: `padding_idx` is not a row; when called: the indices are no integers, offsets
            missing or too many, or an argument is not for this `mode`.
    """

    _example = ("EmbeddingBag(1000, 64)", "int64:7")
    max_norm: float | None = None
    norm_type: float = 2.0
    scale_grad_by_freq: bool = False
    mode: str = "mean"
    sparse: bool = False
    _weight: Argument = None
    include_last_offset: bool = False
    padding_idx: int | None = None
    device: object = None
    dtype: dtypes.dtype | None = None

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
        text = self._shown_with("max_norm", "norm_type", "scale_grad_by_freq")
        text += f", mode={self.mode!r}"
        return text if self.padding_idx is None else f"{text}, padding_idx={self.padding_idx!r}"
