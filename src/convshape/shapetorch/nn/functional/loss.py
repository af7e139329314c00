"""Losses: a number for each element, sample or batch, by `reduction`.

Every loss refuses, with `ShapeError`, a reduction that is unknown and shapes that do not fit
together; its own text has what else it wants. `size_average` and `reduce` are torch's older words
for `reduction`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import integer, integers, read_by, shape
from ...known_values import check_indices
from ...layout import OWN
from ...operation import Unknown, named, operation, rule_of
from ...ops.indexing import where
from ...tensor import Tensor, broadcast_shapes, new, result_type, tensor
from .activation import log_softmax, logsigmoid
from .common import check_shape, numeric
from .distance import pairwise_distance
from .linear import linear

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...arguments import Ints
    from ..modules.linear_cross_entropy_options import LinearCrossEntropyOptions

_loss = operation(layout=OWN, macs=None, field=Unknown("a loss sees the target too"))


# Reductions


def reduction_of(size_average: Any, reduce: Any, reduction: str) -> str:
    """Return the reduction, by `size_average` and `reduce` where either is given."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is not None and not reduce:
        return "none"
    return "mean" if size_average is None or size_average else "sum"


def _reduce(
    loss: Tensor, reduction: str, size_average: Any = None, reduce: Any = None, strict: bool = False
) -> Tensor:
    """Return a loss of each element, or the sum or mean, which has an old name unless `strict`."""
    reduction = reduction_of(size_average, reduce, reduction)
    if reduction == "elementwise_mean" and not strict:
        reduction = "mean"
    if reduction not in ("none", "mean", "sum"):
        raise ShapeError(
            f"has reduction={reduction!r}, which is not one of 'none', 'mean' and 'sum'",
            kind=ValueError,
        )
    result: Tensor = loss if reduction == "none" else getattr(loss, reduction)()
    return result


# What losses need


def _common_shape(input: Tensor, target: Tensor) -> Ints:
    """Return the shape that input and target are expanded to."""
    try:
        return broadcast_shapes(input.shape, target.shape)
    except ShapeError:
        raise ShapeError(
            f"has an input of {shape(input.shape)} and a target of {shape(target.shape)}",
            fix="one shape",
        ) from None


def _check_same_size(input: Tensor, target: Tensor) -> None:
    if input.shape != target.shape:
        raise ShapeError(
            f"has an input of {shape(input.shape)} and a target of {shape(target.shape)}, "
            "and needs one shape"
        )


def _check_same_rank(**tensors: Tensor) -> None:
    if len({tensor.ndim for tensor in tensors.values()}) > 1:
        listed = ", ".join(f"{name} of {shape(tensor.shape)}" for name, tensor in tensors.items())
        raise ShapeError(f"needs as many dimensions in each, but receives {listed}")


def _check_dtype(input: Tensor, other: Tensor, name: str) -> None:
    if other.dtype is not input.dtype:
        raise ShapeError(
            f"has an input of {input.dtype.name}, but receives {name} of {other.dtype.name}"
        )


def _of_floats(loss: Tensor) -> Tensor:
    if loss.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {loss.dtype.name}", fix="tensors of float32")
    return loss


def _dtype_of_32_bits_or_64(input: Tensor, name: str = "an input") -> dtypes.dtype:
    if input.dtype not in (dtypes.float32, dtypes.float64):
        raise ShapeError(f"is not defined for {input.dtype.name}", fix=f"{name} of float32")
    return input.dtype


def _check_classes(target: Tensor, *others: dtypes.dtype, fix: str = "") -> None:
    if target.dtype not in (dtypes.int64, *others):
        raise ShapeError(f"needs a target of int64, but receives {target.dtype.name}", fix=fix)


def _check_weight(input: Tensor, weight: Tensor, classes: int, fits: bool) -> None:
    if not fits:
        raise ShapeError(
            f"needs weights of {classes}, one for each class, but receives {shape(weight.shape)}"
        )
    _check_dtype(input, weight, "weights")


# Element by element


def _differences(name: str) -> Callable[..., Tensor]:
    def loss(
        input: Tensor,
        target: Tensor,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
    ) -> Tensor:
        """Measure how far the elements of `input` ``(*)`` are from those of `target` ``(*)``."""
        sizes = _common_shape(input, target)
        a, b = input.expand(sizes), target.expand(sizes)  # a scalar is none any more
        if weight is None and name == "mse_loss":
            return _reduce(_of_floats(a + b), reduction, size_average, reduce)
        loss: Tensor = (a - b).abs() if name == "l1_loss" else (a - b).pow(2)
        if weight is None:
            return _reduce(loss, reduction, size_average, reduce)
        reduction = reduction_of(size_average, reduce, reduction)
        loss = _weigh(loss, weight, input)
        if reduction == "mean":
            loss, reduction = _reduce(loss, "sum") / weight.sum(), "none"
        return _reduce(loss, reduction, strict=True)

    declared: Callable[..., Tensor] = _loss(named(name, loss))
    return declared


def _weigh(loss: Tensor, weight: Tensor, input: Tensor) -> Tensor:
    check_shape("weights", weight, input.shape)
    result: Tensor = loss * weight
    return result


l1_loss = _differences("l1_loss")
mse_loss = _differences("mse_loss")


@_loss
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """`mse_loss` within `beta`, which is not negative, and `l1_loss` beyond it, of ``(*)`` both."""
    if beta < 0:
        raise ShapeError(f"has beta={beta!r}, which must be at least 0")
    rule: Callable[..., Tensor] = rule_of(l1_loss if beta == 0 else mse_loss)
    return rule(input, target, size_average, reduce, reduction)


@_loss
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """`mse_loss` within `delta`, which must be positive, and a line beyond it, of ``(*)`` both."""
    sizes = _common_shape(input, target)
    if delta <= 0:
        raise ShapeError(f"has delta={delta!r}, which must be above 0")
    _of_floats(new(sizes, result_type(input, target)))
    loss = _of_floats(input.expand(sizes).clone())
    if weight is None:
        return _reduce(loss, reduction)
    return _reduce(_weigh(loss, weight, input), reduction, strict=True)


@_loss
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """``log(1 + exp(−target·input))`` of ``(*)`` and a target of 1 and −1 that expands to it."""
    _common_shape(input, target)
    return _reduce((-input).mul_(target).exp_(), reduction, size_average, reduce)


@_loss
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Cross-entropy of probabilities ``(*)`` with targets ``(*)``; `weight` expands to that."""
    _check_same_size(input, target)
    _check_dtype(input, target, "target")
    loss = _of_floats(input.clone())
    if weight is not None:
        loss.mul_(weight)
    return _reduce(loss, reduction, size_average, reduce)


@_loss
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of the sigmoid of ``(*)``; the weights expand to that."""
    _check_same_size(input, target)
    reduction = reduction_of(size_average, reduce, reduction)
    return logit_loss(input, target, weight, pos_weight, reduction)


@read_by
def logit_loss(
    input: Tensor, target: Tensor, weight: Tensor | None, pos_weight: Tensor | None, reduction: str
) -> Tensor:
    """As `binary_cross_entropy_with_logits`, of tensors that need only broadcast."""
    log_sigmoid = logsigmoid(input)
    if pos_weight is not None:
        log_sigmoid.mul_((pos_weight - 1).mul(target).add_(1))
    loss: Tensor = target.clone().sub_(1).mul_(input).sub_(log_sigmoid)
    if weight is not None:
        loss.mul_(weight)
    return _reduce(loss, reduction)


@_loss
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Kullback-Leibler divergence of log-probabilities ``(*)`` from probabilities ``(*)``."""
    _common_shape(_of_floats(input), _of_floats(target))
    cross, entropy = target * input, target.xlogy(target)
    loss = target.exp() * (target - input) if log_target else entropy - cross
    if reduction != "batchmean":
        return _reduce(loss, reduction, size_average, reduce)
    result = _reduce(loss, "sum", size_average, reduce)
    return result / input.shape[0] if input.shape else result


@_loss
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: Any = None,
    eps: float = 1e-8,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Negative log-likelihood of counts ``(*)`` from a Poisson distribution of means ``(*)``."""
    _common_shape(input, target)
    mean = input.exp() if log_input else input
    loss = mean - target * (input if log_input else (input + float(eps)).log())
    if full:
        stirling = target * target.log() - target + 0.5 * (6.3 * target).log()
        loss += stirling.masked_fill(target.le(1), 0)
    return _reduce(loss, reduction, size_average, reduce, strict=True)


@_loss
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: Any = False,
    eps: Any = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """Negative log-likelihood of a target ``(*)`` from a Gaussian of means ``(*)``.

    The variances `var` are a number from 0, or ``(*)``, also with 1 as last dimension or without.
    """
    variance = _variance(input, var).clone().clamp_(min=eps)
    loss = 0.5 * (variance.log() + (input - target).pow(2) / variance)
    return _reduce(loss, reduction, strict=True)


def _variance(input: Tensor, var: Any) -> Any:
    if isinstance(var, float):
        if var < 0:
            raise ShapeError(f"has var={var!r}, and a variance is at least 0")
        return var * input.clone()
    wanted, sizes = input.shape, tensor("var", var).shape
    if sizes != wanted and sizes == wanted[:-1]:
        return var.unsqueeze(-1)
    one_differs = len(sizes) == len(wanted) and (
        [n for n, m in zip(sizes, wanted, strict=True) if n != m] == [1]
    )
    if sizes != wanted and not one_differs:
        raise ShapeError(f"has variances of {shape(sizes)} for an input of {shape(wanted)}")
    return var


@_loss
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Distances ``(*)`` where the target is 1, what they lack to `margin` where it is −1."""
    _common_shape(input, target)
    zeros = numeric(input, margin)
    lacking = input.clone().fill_(float(margin)).sub_(input).clamp_min_(0)
    loss = where(target.ne(1), lacking, zeros) + where(target.ne(-1), input, zeros)
    return _reduce(loss, reduction, size_average, reduce)


# Of several vectors


@_loss
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, −target·(input1 − input2) + margin)``, all ``(*)`` of as many dimensions."""
    _check_same_rank(input1=input1, input2=input2, target=target)
    reduction = reduction_of(size_average, reduce, reduction)
    return ranking_loss(input1, input2, target, margin, reduction)


@read_by
def ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float, reduction: str
) -> Tensor:
    """As `margin_ranking_loss`, of tensors of any dimensions."""
    return _reduce((-target * (input1 - input2) + float(margin)).clamp_min_(0), reduction)


@_loss
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """``1 − cos`` of two vectors where the target is 1, ``max(0, cos − margin)`` where it is −1.

    The vectors are ``(N, D)`` and the target ``(N,)``, or ``(D,)`` and ``()``.
    """
    rank = target.ndim
    for name, vectors in (("input1", input1), ("input2", input2)):
        if rank > 1 or vectors.ndim != rank + 1:
            raise ShapeError(
                "expects inputs (N, D) with a target (N), or (D) with a scalar, but receives "
                f"{name} of {shape(vectors.shape)} with a target of {shape(target.shape)}"
            )
    squares = [(vectors * vectors).sum(rank) + 1e-12 for vectors in (input1, input2)]
    cos = (input1 * input2).sum(rank) / (squares[0] * squares[1]).sqrt_()
    apart = (cos - float(margin)).clamp_min_(0)
    loss = where(target.eq(1), 1 - cos, cos) + where(target.eq(-1), apart, cos)
    return _reduce(loss, reduction, size_average, reduce)


@_loss
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """By how much the negative is not `margin` farther from the anchor than the positive.

    All are ``(*, D)`` of as many dimensions; `margin` is above 0.
    """
    loss = _triplet(
        lambda a, b: pairwise_distance(a, b, p, eps), anchor, positive, negative, margin, swap
    )
    return _reduce(loss, reduction, size_average, reduce)


@_loss
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: Any = False,
    reduction: str = "mean",
) -> Tensor:
    """`triplet_margin_loss` by a distance of one's own."""
    distance = pairwise_distance if distance_function is None else distance_function
    loss = _triplet(distance, anchor, positive, negative, margin, swap)
    return _reduce(loss, reduction, strict=True)


def _triplet(
    distance: Callable[[Tensor, Tensor], Tensor],
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float,
    swap: Any,
) -> Tensor:
    if margin <= 0:
        raise ShapeError(f"has margin={margin!r}, which must be above 0")
    _check_same_rank(anchor=anchor, positive=positive, negative=negative)
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    loss: Tensor = (margin + near - far).clamp_min(0)
    return loss


# Of scores and classes


@_loss
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
    _check_classes(target)
    loss = new(batch, _dtype_of_32_bits_or_64(input))
    return _reduce(loss, reduction, size_average, reduce)


def _batch_of_scores(input: Tensor) -> Ints:
    """Return ``(N,)`` or ``()`` of scores ``(N, C)`` or ``(C,)`` of at least one class."""
    sizes = input.shape
    if len(sizes) > 2 or (sizes and not sizes[-1]):
        raise ShapeError(
            f"expects an input (N, C) or (C), with classes, but receives {shape(sizes)}"
        )
    return tuple(sizes[:-1])


@_loss
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """`binary_cross_entropy_with_logits` of ``(*, C)`` twice, its mean over the classes."""
    _common_shape(input, target)
    if not input.shape:
        raise ShapeError("expects at least 1 dimension (C), but receives a scalar")
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    loss = loss.sum(dim=input.ndim - 1) / input.shape[-1]
    return _reduce(loss, reduction, size_average, reduce, strict=True)


@_loss
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
    if p not in (1, 2):
        raise ShapeError(f"has p={p!r}, which is neither 1 nor 2")
    batch = _batch_of_scores(input)
    if target.ndim > 1 or target.numel() != prod(batch):
        raise ShapeError(
            f"has a target of {shape(target.shape)} for an input of {shape(input.shape)}"
        )
    if weight is not None:
        classes = input.shape[-1] if input.shape else 1
        _check_weight(input, weight, classes, weight.shape == (classes,))
    _check_classes(target)
    loss = new(target.shape, _dtype_of_32_bits_or_64(input))
    return _reduce(loss, reduction, size_average, reduce)


@_loss
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
    _check_classes(target, *[dtypes.uint8] * (rank < 3), fix="a target of int64")
    classes = sizes[min(rank - 1, 1)]
    check_indices(target, classes, ignored=ignore_index)
    if weight is not None:
        vector = weight.ndim == 1 or rank > 2
        _check_weight(input, weight, classes, vector and weight.numel() == classes)
    return _reduce(new(wanted, _of_floats(input).dtype), reduction, size_average, reduce)


@_loss
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
    return _reduce(loss.sum(axis), reduction)


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
        _check_classes(target)


def _refuse_ignored(index: Any) -> None:
    raise ShapeError(f"has ignore_index={index!r}, which a target of probabilities does not have")


@_loss
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


@_loss
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
    kind = _dtype_of_32_bits_or_64(log_probs, "log_probs")
    return _reduce(new(sizes[1:-1], kind), reduction)


def _check_lengths(name: str, value: Any, batch: int, most: int) -> None:
    """Refuse what are no lengths up to `most`; of those in a tensor only their number is known."""
    if isinstance(value, Tensor):
        if value.dtype.kind != dtypes.INTEGER:
            raise ShapeError(f"needs {name} of integers, but receives {value.dtype.name}")
        count = value.numel()
    else:
        count = len(integers(name, value))
        if any(not 0 <= n <= most for n in value):
            raise ShapeError(f"has {name}={value!r}, which must be from 0 to {most}")
    if count != batch:
        raise ShapeError(f"has {count} {name} for a batch of {batch}")
