"""Losses: of scores and classes, and of sequences of them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, integer, integers, one_of, shape
from ...known_values import check_indices
from ...tensor import Tensor, new
from .activation import log_softmax, logsigmoid
from .common import check_shape
from .linear_maps import linear
from .loss_common import (
    check_classes,
    check_weight,
    common_shape,
    dtype_of_32_bits_or_64,
    loss_operation,
    of_floats,
    reduced,
    reduction_of,
)

if TYPE_CHECKING:
    from ..modules.linear_cross_entropy_options import LinearCrossEntropyOptions


# Of scores and classes


@loss_operation
def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Margin loss of scores ``(N, C)`` or ``(C,)`` with the classes of each, −1 behind the last.

    The target has the shape of the scores and is of int64.
    """
    batch = _batch_of_scores(input)
    rank_fits = target.ndim == input.ndim if batch else target.ndim < 2
    if not rank_fits or (
        target.shape != input.shape and (batch or target.numel() != input.numel())
    ):
        raise ShapeError(
            f"has a target of {shape(target.shape)} for an input of {shape(input.shape)}"
        )
    check_classes(target)
    loss = new(batch, dtype_of_32_bits_or_64(input))
    return reduced(loss, reduction, size_average, reduce)


def _batch_of_scores(input: Tensor) -> Ints:
    """Return ``(N,)`` or ``()`` of scores ``(N, C)`` or ``(C,)`` of at least one class."""
    sizes = input.shape
    if len(sizes) > 2 or (sizes and not sizes[-1]):
        raise ShapeError(
            f"expects an input (N, C) or (C), with classes, but receives {shape(sizes)}"
        )
    return tuple(sizes[:-1])


@loss_operation
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`binary_cross_entropy_with_logits` of ``(*, C)`` twice, its mean over the classes."""
    common_shape(input, target)
    if not input.shape:
        raise ShapeError("expects at least 1 dimension (C), but receives a scalar")
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    loss = loss.sum(dim=input.ndim - 1) / input.shape[-1]
    return reduced(loss, reduction, size_average, reduce, strict=True)


@loss_operation
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: Any = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Margin loss of scores ``(N, C)`` or ``(C,)`` with one class ``(N,)`` or ``()`` of each.

    Classes are int64, `p` is 1 or 2, `weight` is ``(C,)``.
    """
    one_of("p", p, (1, 2))
    batch = _batch_of_scores(input)
    if target.ndim > 1 or target.numel() != prod(batch):
        raise ShapeError(
            f"has a target of {shape(target.shape)} for an input of {shape(input.shape)}"
        )
    if weight is not None:
        classes = input.shape[-1] if input.shape else 1
        check_weight(input, weight, classes, weight.shape == (classes,))
    check_classes(target)
    loss = new(target.shape, dtype_of_32_bits_or_64(input))
    return reduced(loss, reduction, size_average, reduce)


@loss_operation
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """The log-probability ``(N, C, *)`` or ``(C,)`` of the class ``(N, *)`` or ``()`` of each.

    Classes are int64, `weight` is ``(C,)``.
    """
    sizes, rank = input.shape, input.ndim
    if not sizes:
        raise ShapeError("expects at least 1 dimension (C), but receives a scalar")
    wanted = (sizes[0], *sizes[2:]) if rank > 1 else ()
    if target.shape != wanted and not (rank == 1 and target.shape == (1,)):
        raise ShapeError(
            f"needs a target of {shape(wanted)} for {shape(sizes)}, "
            f"but receives {shape(target.shape)}"
        )
    check_classes(target, *[dtypes.uint8] * (rank < 3), fix="a target of int64")
    classes = sizes[min(rank - 1, 1)]
    check_indices(target, classes, ignored=ignore_index)
    if weight is not None:
        vector = weight.ndim == 1 or rank > 2
        check_weight(input, weight, classes, vector and weight.numel() == classes)
    return reduced(new(wanted, of_floats(input).dtype), reduction, size_average, reduce)


@loss_operation
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy of scores ``(N, C, *)`` or ``(C,)`` with classes, or the probabilities of all.

    Classes are ``(N, *)`` or ``()`` of int64, probabilities have the shape of the scores, `weight`
    is ``(C,)``, `label_smoothing` at most 1.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    sizes = input.shape
    if label_smoothing > 1:
        raise ShapeError(f"has label_smoothing={label_smoothing!r}, which must be from 0 to 1")
    if target.shape != sizes:
        if label_smoothing > 0:
            _check_smoothing(sizes, target, weight, reduction)
        scores = log_softmax(input, 0 if len(sizes) == 1 else 1)
        return nll_loss(scores, target, weight, None, ignore_index, None, reduction)
    if target.dtype.kind != dtypes.FLOATING:
        raise ShapeError(
            f"needs probabilities of floating-point numbers, but receives {target.dtype.name}"
        )
    if ignore_index >= 0:
        _refuse_ignored(ignore_index)
    if not sizes:
        raise ShapeError("expects at least 1 dimension (C), but receives a scalar")
    axis = 0 if len(sizes) == 1 else 1
    loss = log_softmax(input, axis) * target
    if weight is not None:
        check_shape("weights", weight, (sizes[axis],))
        loss = loss * weight.view(-1, *(1,) * (len(sizes) - axis - 1))
    return reduced(loss.sum(axis), reduction)


def _check_smoothing(sizes: Ints, target: Tensor, weight: Tensor | None, reduction: str) -> None:
    """Refuse what `nll_loss` takes, but not with smoothed labels."""
    if len(sizes) == 1 and target.shape:
        raise ShapeError(f"needs one class for {shape(sizes)}, but receives {shape(target.shape)}")
    if weight is None:
        return
    mean = reduction in ("mean", "elementwise_mean")
    if weight.shape[:1] != (weight.numel(),) or (mean and weight.ndim > 1):
        raise ShapeError(f"needs a vector of weights, but receives {shape(weight.shape)}")
    if mean:
        check_classes(target)


def _refuse_ignored(index: Any) -> None:
    raise ShapeError(f"has ignore_index={index!r}, which a target of probabilities does not have")


@loss_operation
def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: Any = None,
    label_smoothing: Any = 0.0,
    options: LinearCrossEntropyOptions | None = None,
) -> Tensor:
    """`cross_entropy` of a linear map of ``(N, in_features)`` or ``(in_features,)`` to scores.

    `linear_weight` is ``(C, *, in_features)``, the scores are ``(N, C, *)``.

    Raises:
        ShapeError: as `linear` and `cross_entropy`; or the `options` do not fit.
    """
    lead, rows = input.shape[:-1], linear_weight.shape[:-1]
    _check_linear(input, linear_weight, linear_bias)
    if target.shape == (*lead, *rows) and ignore_index is not None:
        _refuse_ignored(ignore_index)
    if input.shape[-1] != linear_weight.shape[-1]:
        raise ShapeError(
            f"expects {linear_weight.shape[-1]} features, but receives {input.shape[-1]}"
        )
    in_pieces = reduction in ("mean", "sum", "none") and label_smoothing == 0.0
    if options is not None and in_pieces and len(rows) == 1 and target.dtype is dtypes.int64:
        _check_options(input, linear_weight, ignore_index, options)
        if prod(lead):  # else torch looks no closer
            _check_pieces(input, linear_weight, target, weight, options)
        return new(lead if reduction == "none" else (), input.dtype)
    flat = linear_weight.reshape(prod(rows), input.shape[-1])
    scores = linear(input, flat, None if linear_bias is None else linear_bias.reshape(prod(rows)))
    return cross_entropy(
        scores.reshape(*lead, *rows),
        target,
        weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def _check_linear(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    rows = weight.shape[:-1]
    if input.ndim not in (1, 2) or not rows:
        raise ShapeError(
            "expects an input (N, in_features) or (in_features) and weights (C, *, in_features), "
            f"but receives {shape(input.shape)} and {shape(weight.shape)}"
        )
    if bias is not None:
        check_shape("linear_bias", bias, rows)
    if len(rows) > 1 and input.ndim == 1:
        raise ShapeError(f"needs a batch (N, in_features) for weights of {shape(weight.shape)}")


def _check_options(
    input: Tensor, linear_weight: Tensor, ignore_index: Any, options: LinearCrossEntropyOptions
) -> None:
    if not hasattr(options, "check_pieces"):
        raise ShapeError(f"needs LinearCrossEntropyOptions as options, but receives {options!r}")
    options.check_pieces(prod(input.shape[:-1]), input.shape[-1], linear_weight.shape[0])
    options.accumulates(input.dtype)
    if ignore_index is not None and not isinstance(ignore_index, bool):
        integer("ignore_index", ignore_index)


def _check_pieces(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    weight: Tensor | None,
    options: LinearCrossEntropyOptions,
) -> None:
    """Refuse what torch cannot work out one piece of the batch after the other."""
    lead, classes = input.shape[:-1], linear_weight.shape[0]
    if linear_weight.dtype is not input.dtype and not options.casts_weights(input.dtype):
        raise ShapeError(
            f"needs weights of {input.dtype.name}, but receives {linear_weight.dtype.name}"
        )
    if target.ndim != len(lead) or target.numel() < prod(lead):
        raise ShapeError(f"needs classes {shape(lead)}, but receives {shape(target.shape)}")
    if not classes:
        raise ShapeError(
            f"needs weights of at least 1 class, but receives {shape(linear_weight.shape)}"
        )
    if weight is None or (target.numel() == 1 and not weight.shape):  # a scalar is indexed once
        return
    if weight.ndim != 1 or not weight.shape[0]:
        raise ShapeError(f"needs weights of {classes}, but receives {shape(weight.shape)}")


# Of sequences


@loss_operation
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Connectionist temporal classification of log-probabilities ``(T, N, C)`` or ``(T, C)``.

    Targets are ``(N, S)``, or all in a row; the lengths are ``(N,)`` integers, `blank` is a class.
    """
    sizes = log_probs.shape
    if len(sizes) not in (2, 3):
        raise ShapeError(f"expects log_probs (T, N, C) or (T, C), but receives {shape(sizes)}")
    if 0 in sizes:
        raise ShapeError(f"needs log-probabilities, of which {shape(sizes)} has none")
    if targets.ndim not in (1, 2):
        raise ShapeError(
            f"expects targets (N, S), or all in a row, but receives {shape(targets.shape)}"
        )
    if not 0 <= blank < sizes[-1]:
        raise ShapeError(f"has blank={blank}, but there are {sizes[-1]} classes")
    if isinstance(input_lengths, Tensor) != isinstance(target_lengths, Tensor):
        raise ShapeError("needs both lengths as tensors, or both as tuples")
    batch = sizes[1] if len(sizes) == 3 else 1
    _check_lengths("input_lengths", input_lengths, batch, sizes[0])
    _check_lengths("target_lengths", target_lengths, batch, targets.shape[-1])
    if targets.ndim == 2 and targets.shape[0] != batch:
        raise ShapeError(f"has targets of {shape(targets.shape)} for a batch of {batch}")
    in_row = targets.ndim == 1 and not isinstance(target_lengths, Tensor)
    if in_row and sum(target_lengths) != targets.shape[0]:
        raise ShapeError(f"has {targets.shape[0]} targets for target_lengths={target_lengths!r}")
    kind = dtype_of_32_bits_or_64(log_probs, "log_probs")
    return reduced(new(sizes[1:-1], kind), reduction)


def _check_lengths(name: str, value: Any, batch: int, most: int) -> None:
    """Refuse what are no lengths up to `most`; of those in a tensor only their number is known."""
    if isinstance(value, Tensor):
        if value.dtype.kind != dtypes.INTEGER:
            what = f"needs {name} of integers, but receives {value.dtype.name}"
            raise ShapeError(what, wanted=dtypes.int64)
        count = value.numel()
    else:
        count = len(integers(name, value))
        if any(not 0 <= n <= most for n in value):
            raise ShapeError(f"has {name}={value!r}, which must be from 0 to {most}")
    if count != batch:
        raise ShapeError(f"has {count} {name} for a batch of {batch}")
