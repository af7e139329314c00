"""Embeddings: numbers for indices."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError, UnknownOperation
from ... import dtypes
from ...arguments import flag, number, one_of, shape
from ...known_values import check_indices, decided, values_of
from ...layout import PACKED
from ...operation import Unknown, operation
from ...tensor import Tensor, new
from .common import floating


@operation(layout=PACKED, macs=None, field="embedding")
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: Any = 2.0,
    scale_grad_by_freq: Any = False,
    sparse: Any = False,
) -> Tensor:
    """Look up rows of `weight` ``(rows, embedding_dim)``: ``(*)`` to ``(*, embedding_dim)``.

    Raises:
        ShapeError: the indices are no integers of 32 or 64 bits, or the weights no matrix.
    """
    _check_indices(input.dtype, fix="an input of int64")
    _check_weights(weight)
    _check_rows(input, weight, IndexError)
    if padding_idx:  # 0 torch takes without rows, too
        _check_padding(padding_idx, weight.shape[0])
    if max_norm is not None:
        number("norm_type", norm_type)
    if max_norm is not None and input.numel() and weight.dtype.kind < dtypes.FLOATING:
        raise ShapeError(f"has max_norm={max_norm!r}, which is not defined for {weight.dtype.name}")
    return new((*input.shape, weight.shape[1]), weight.dtype)


def _check_indices(kind: dtypes.dtype, fix: str = "") -> None:
    if kind not in (dtypes.int32, dtypes.int64):
        what = f"looks up indices of int64 or int32, but receives {kind.name}"
        raise ShapeError(what, wanted=dtypes.int64, fix=fix)


def _check_weights(weight: Tensor) -> None:
    if weight.ndim != 2:
        raise ShapeError(f"needs a matrix of weights, but has {shape(weight.shape)}")


def _check_rows(indices: Tensor, weight: Tensor, kind: type[Exception]) -> None:
    if indices.numel() and not weight.shape[0]:
        raise ShapeError("has no rows to look up")
    check_indices(indices, weight.shape[0], kind=kind)


def _check_padding(index: int, rows: int) -> None:
    if not -rows <= index < rows:
        raise ShapeError(f"has padding_idx={index}, but there are {rows} rows", kind=AssertionError)


@operation(layout=PACKED, macs=None, field=Unknown("the indices of a bag are its channels"))
def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: Any = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: Any = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Sum, mean or maximum of the rows of `weight` in a bag: ``(B, N)`` to ``(B, embedding_dim)``.

    ``(N,)`` is divided into bags at the `offsets`, one for each bag, and with `include_last_offset`
    one more.

    Raises:
        ShapeError: the offsets are missing or too many, the indices are no integers, or an argument
            is not for this `mode`.
    """
    if weight.dtype is dtypes.int64 and input.dtype.is_floating_point:
        input, weight = weight, input  # an old order of arguments, which torch still takes
    _check_weights(weight)
    _check_mode(mode, scale_grad_by_freq or sparse, per_sample_weights)
    bags = _bags(input, offsets, include_last_offset)
    if input.numel() and not bags:  # torch then writes beyond its memory
        raise ShapeError(f"has {input.numel()} indices, but no bags")
    if offsets is not None:
        _check_indices(dtypes.promote_types(input.dtype, offsets.dtype))
    if offsets is None or max_norm is not None:
        _check_indices(input.dtype)
    _check_rows(input, weight, RuntimeError)
    if per_sample_weights is not None:
        _check_per_sample(per_sample_weights, input, weight)
    if padding_idx is not None:
        _check_padding(padding_idx, weight.shape[0])
    return new((bags, weight.shape[1]), floating(weight).dtype)


def _check_mode(mode: Any, of_gradients: bool, per_sample_weights: Tensor | None) -> None:
    one_of("mode", mode, ("sum", "mean", "max"), kind=ValueError)
    if mode == "max" and of_gradients:
        raise ShapeError("has mode='max', which takes neither scale_grad_by_freq nor sparse")
    if mode != "sum" and per_sample_weights is not None:
        raise ShapeError(f"has per_sample_weights, which are for mode='sum', not {mode!r}")


def _check_per_sample(weights: Tensor, input: Tensor, weight: Tensor) -> None:
    if weights.shape != input.shape or weights.dtype is not weight.dtype:
        raise ShapeError(
            f"needs per_sample_weights as {input!r}, of {weight.dtype.name}: {weights!r}"
        )


def _bags(input: Tensor, offsets: Tensor | None, include_last: Any) -> int:
    """Return the number of bags."""
    if input.ndim == 2:
        if offsets is not None:
            raise ShapeError(f"needs no offsets: each row of {shape(input.shape)} is a bag")
        if not input.shape[1]:
            raise ShapeError(f"receives empty bags: {shape(input.shape)}")
        return input.shape[0]
    if input.ndim != 1:
        raise ShapeError(
            f"expects 2 dimensions (B, N), or 1 with offsets, but receives {shape(input.shape)}",
            kind=ValueError,
        )
    if offsets is None:
        raise ShapeError("needs offsets for an input of 1 dimension", kind=ValueError)
    if offsets.ndim != 1:
        raise ShapeError(f"needs a vector of offsets, but receives {shape(offsets.shape)}")
    if flag("include_last_offset", include_last) and not offsets.shape[0]:
        raise ShapeError("needs at least 1 offset with include_last_offset")
    known = values_of(offsets)
    if known and (known[0] or known[-1] > input.shape[0]):
        raise ShapeError(
            f"has offsets from {known[0]} to {known[-1]}, which must be from 0 to at most the "
            f"{input.shape[0]} indices"
        )
    return offsets.shape[0] - bool(include_last)


@operation(layout=PACKED, macs=None, field=Unknown("each class is a separate vector"))
def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """Write each class as a vector of zeros with a single one: ``(*)`` to ``(*, num_classes)``.

    Raises:
        ShapeError: the classes are not of int64, or there are none.
        UnknownOperation: the number of classes is not given, so that it depends on the data.
    """
    dtypes.check_whole("classes", input.dtype)
    if num_classes < 1 and (num_classes != -1 or not input.numel()):
        raise ShapeError(f"has num_classes={num_classes}, which must be at least 1")
    if num_classes == -1:
        num_classes = decided("classes", input) or 0
    if not num_classes:
        raise UnknownOperation(
            "one_hot counts the classes in the data, which convshape has not",
            fix="one_hot(x, num_classes)",
        )
    check_indices(input, num_classes, kind=RuntimeError)
    return new((*input.shape, num_classes), dtypes.int64)
