"""Losses: a number for each element, sample or batch, by `reduction`."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import flag, integer, integers, number, shape
from ...layout import follow, itself
from ...operation import operation
from ...ops.indexing import where
from ...tensor import Tensor, broadcast_shapes, new, result_type, tensor
from .activation import log_softmax, logsigmoid
from .common import numeric
from .distance import pairwise_distance
from .linear import linear

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..modules.linear_cross_entropy_options import LinearCrossEntropyOptions


def reduction_of(size_average: Any, reduce: Any, reduction: str) -> str:
    """Return the reduction, by `size_average` and `reduce` where either is given."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is not None and not reduce:
        return "none"
    return "mean" if size_average is None or size_average else "sum"


def _reduced(
    loss: Tensor, reduction: str, known: Sequence[str] = ("none", "mean", "sum")
) -> Tensor:
    """Return a loss of each element, or their sum or mean, of which `elementwise_mean` is an old name."""
    if reduction == "elementwise_mean" and len(known) == 3:
        reduction = "mean"
    if reduction not in known:
        raise ShapeError(f"has reduction={reduction!r}, which is none of 'none', 'mean' and 'sum'")
    result: Tensor = (
        loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()
    )
    return result


#: Reductions without the old name.
_STRICT = ("none", "mean", "sum", "")


def _together(input: Tensor, target: Tensor) -> tuple[int, ...]:
    """Return the shape that input and target are expanded to."""
    a, b = tensor("input", input).shape, tensor("target", target).shape
    try:
        return broadcast_shapes(a, b)
    except ShapeError:
        raise ShapeError(
            f"has an input of {shape(a)} and a target of {shape(b)}", fix="one shape"
        ) from None


def _same_size(input: Tensor, target: Tensor) -> None:
    if tensor("input", input).shape != tensor("target", target).shape:
        raise ShapeError(
            f"has an input of {shape(input.shape)} and a target of {shape(target.shape)}, and needs one shape"
        )


def _weighted(loss: Tensor, weight: Tensor, input: Tensor) -> Tensor:
    if tensor("weight", weight).shape != input.shape:
        raise ShapeError(
            f"needs weights of {shape(input.shape)}, but receives {shape(weight.shape)}"
        )
    result: Tensor = loss * weight
    return result


def _differences(name: str) -> Callable[..., Tensor]:
    def call(
        input: Tensor,
        target: Tensor,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
    ) -> Tensor:
        """Measure how far the elements of `input` ``(*)`` are from those of `target` ``(*)``.

        Raises:
            ShapeError: the shapes do not broadcast, or the reduction is unknown.
        """
        sizes = _together(input, target)
        reduction = reduction_of(size_average, reduce, reduction)
        a, b = input.expand(sizes), target.expand(sizes)  # a scalar is none any more
        if weight is None and name == "mse_loss":
            loss = follow(new(sizes, result_type(a, b)), a, b)
            return _reduced(_of_floats(loss), reduction)
        loss = (a - b).abs() if name == "l1_loss" else (a - b).pow(2)
        if weight is None:
            return _reduced(loss, reduction)
        total = _reduced(
            _weighted(loss, weight, input), "sum" if reduction == "mean" else reduction, _STRICT
        )
        result: Tensor = total / weight.sum() if reduction == "mean" else total
        return result

    call.__name__ = call.__qualname__ = name
    return operation(itself(call))


def _of_floats(loss: Tensor) -> Tensor:
    if loss.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {loss.dtype.name}", fix="tensors of float32")
    return loss


l1_loss = _differences("l1_loss")
mse_loss = _differences("mse_loss")


@operation
@itself
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """`mse_loss` within `beta` and `l1_loss` beyond it, of ``(*)`` and ``(*)``.

    Raises:
        ShapeError: the shapes do not broadcast, `beta` is negative, or the reduction is unknown.
    """
    sizes = _together(input, target)
    reduction = reduction_of(size_average, reduce, reduction)
    if number("beta", beta) == 0:
        return l1_loss(input, target, reduction=reduction)
    if beta < 0:
        raise ShapeError(f"has beta={beta!r}, which must be at least 0")
    a, b = input.expand(sizes), target.expand(sizes)
    loss = follow(new(sizes, dtypes.promote_types(a.dtype, b.dtype)), a, b)
    return _reduced(_of_floats(loss), reduction)


@operation
@itself
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """`mse_loss` within `delta` and a line beyond it, of ``(*)`` and ``(*)``.

    Raises:
        ShapeError: the shapes do not broadcast, `delta` is not positive, or the reduction is unknown.
    """
    sizes = _together(input, target)
    if number("delta", delta) <= 0:
        raise ShapeError(f"has delta={delta!r}, which must be above 0")
    _of_floats(new(sizes, result_type(input, target)))
    loss = _of_floats(input.expand(sizes).clone())
    if weight is None:
        return _reduced(loss, reduction)
    return _reduced(_weighted(loss, weight, input), reduction, _STRICT)


@operation
@itself
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``log(1 + exp(−target·input))`` of ``(*)`` and a target ``(*)`` of 1 and −1.

    Raises:
        ShapeError: the target does not expand to the input, or the reduction is unknown.
    """
    _together(input, target)
    loss = (-input).mul_(target).exp_()
    return _reduced(loss, reduction_of(size_average, reduce, reduction))


@operation
@itself
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Cross-entropy of probabilities ``(*)`` with targets ``(*)`` from 0 to 1.

    Raises:
        ShapeError: the shapes differ, the weights do not expand to them, or the reduction is unknown.
    """
    _same_size(input, target)
    _one_dtype(input, target)
    loss = _of_floats(input.clone())
    if weight is not None:
        loss.mul_(tensor("weight", weight))
    return _reduced(loss, reduction_of(size_average, reduce, reduction))


def _one_dtype(input: Tensor, other: Tensor, name: str = "target") -> None:
    if other.dtype is not input.dtype:
        raise ShapeError(
            f"has an input of {input.dtype.name}, but receives {name} of {other.dtype.name}"
        )


@operation
@itself
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of the sigmoid of ``(*)``; targets are ``(*)``, weights are expanded to it.

    Raises:
        ShapeError: the shapes differ, the weights do not expand to them, or the reduction is unknown.
    """
    _same_size(input, target)
    return logits_compared(
        input, target, weight, pos_weight, reduction_of(size_average, reduce, reduction)
    )


def logits_compared(
    input: Tensor, target: Tensor, weight: Tensor | None, pos_weight: Tensor | None, reduction: str
) -> Tensor:
    """As `binary_cross_entropy_with_logits`, of tensors that need only broadcast."""
    log_sigmoid = logsigmoid(input)
    tensor("target", target)
    if pos_weight is not None:
        log_sigmoid.mul_((tensor("pos_weight", pos_weight) - 1).mul(target).add_(1))
    loss: Tensor = target.clone().sub_(1).mul_(input).sub_(log_sigmoid)
    if weight is not None:
        loss.mul_(tensor("weight", weight))
    return _reduced(loss, reduction)


@operation
@itself
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Kullback-Leibler divergence of log-probabilities ``(*)`` from probabilities ``(*)``.

    Raises:
        ShapeError: the shapes do not broadcast, or the reduction is unknown.
    """
    _together(input, target)
    for each in (input, target):
        _of_floats(each)
    of_batch = reduction == "batchmean"
    reduction = reduction_of(size_average, reduce, "sum" if of_batch else reduction)
    loss = (
        target.exp() * (target - input) if flag("log_target", log_target) else target.xlogy(target)
    )
    result = _reduced(loss if log_target else loss - target * input, reduction)
    return result / input.shape[0] if of_batch and input.shape else result


@operation
@itself
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Negative log-likelihood of counts ``(*)`` that a Poisson distribution of means ``(*)`` gave.

    Raises:
        ShapeError: the shapes do not broadcast, or the reduction is unknown.
    """
    _together(input, target)
    reduction = reduction_of(size_average, reduce, reduction)
    number("eps", eps)
    if flag("log_input", log_input):
        loss = input.exp() - target * input
    else:
        loss = input - target * (input + float(eps)).log()
    if flag("full", full):
        stirling = target * target.log() - target + 0.5 * (6.3 * target).log()
        loss += stirling.masked_fill(target.le(1), 0)
    return _reduced(loss, reduction, _STRICT)


@operation
@itself
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """Negative log-likelihood of a target ``(*)`` that a Gaussian of means ``(*)`` and variances `var` gave.

    `var` is a number, or ``(*)``, or that with 1 as its last dimension or without it.

    Raises:
        ShapeError: the shapes do not fit, a variance is negative, or the reduction is unknown.
    """
    sizes = tensor("input", input).shape
    tensor("target", target)
    if isinstance(var, float) and var < 0:
        raise ShapeError(f"has var={var!r}, and a variance is at least 0")
    variance: Any = var * input.clone() if isinstance(var, float) else tensor("var", var)
    own = variance.shape
    if own != sizes:
        differ = (
            [b for a, b in zip(sizes, own, strict=True) if a != b] if len(own) == len(sizes) else []
        )
        if sizes[:-1] == own:
            variance = variance.unsqueeze(-1)
        elif sum(differ) != 1:
            raise ShapeError(f"has variances of {shape(own)} for an input of {shape(sizes)}")
    variance = variance.clone().clamp_(min=eps)
    return _reduced(0.5 * (variance.log() + (input - target).pow(2) / variance), reduction, _STRICT)


@operation
@itself
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Distances ``(*)`` where the target ``(*)`` is 1, what they lack to `margin` where it is −1.

    Raises:
        ShapeError: the shapes do not broadcast, or the reduction is unknown.
    """
    _together(input, target)
    numeric(input, number("margin", margin))
    clamped = input.clone().fill_(float(margin)).sub_(input).clamp_min_(0)
    zeros = new(input.shape, input.dtype)
    loss = where(target.ne(1), clamped, zeros) + where(target.ne(-1), input, zeros)
    return _reduced(loss, reduction_of(size_average, reduce, reduction))


@operation
@itself
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, −target·(input1 − input2) + margin)``, all ``(*)``.

    Raises:
        ShapeError: the dimensions differ, the shapes do not broadcast, or the reduction is unknown.
    """
    _equal_ranks(input1=input1, input2=input2, target=target)
    return margin_ranked(
        input1, input2, target, margin, reduction_of(size_average, reduce, reduction)
    )


def margin_ranked(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float, reduction: str
) -> Tensor:
    """As `margin_ranking_loss`, of tensors of any dimensions."""
    for name, each in (("input1", input1), ("input2", input2), ("target", target)):
        tensor(name, each)
    loss = (-target * (input1 - input2) + float(number("margin", margin))).clamp_min_(0)
    return _reduced(loss, reduction)


def _equal_ranks(**given: Tensor) -> None:
    sizes = {name: tensor(name, each).shape for name, each in given.items()}
    if len(set(map(len, sizes.values()))) > 1:
        listed = ", ".join(f"{name} of {shape(each)}" for name, each in sizes.items())
        raise ShapeError(f"needs as many dimensions in each, but receives {listed}")


@operation
@itself
def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Margin loss of scores ``(N, C)`` or ``(C,)`` with the classes ``(N, C)`` of each, −1 behind the last.

    Raises:
        ShapeError: the target has another shape, is not of int64, or the reduction is unknown.
    """
    batch = _scores(input)
    if target.ndim != input.ndim if batch else tensor("target", target).ndim > 1:
        raise ShapeError(
            f"has a target of {shape(target.shape)} for an input of {shape(input.shape)}"
        )
    if target.shape != input.shape and (batch or target.numel() != input.numel()):
        raise ShapeError(
            f"has a target of {shape(target.shape)} for an input of {shape(input.shape)}"
        )
    _of_int64(target)
    return _reduced(new(batch, _of_singles(input)), reduction_of(size_average, reduce, reduction))


def _scores(input: Tensor) -> tuple[int, ...]:
    """Return ``(N,)`` or ``()`` of scores ``(N, C)`` or ``(C,)`` of at least one class."""
    sizes = tensor("input", input).shape
    if len(sizes) > 2 or (sizes and not sizes[-1]):
        raise ShapeError(
            f"expects an input (N, C) or (C), with classes, but receives {shape(sizes)}"
        )
    return tuple(sizes[:-1])


def _of_singles(input: Tensor) -> dtypes.dtype:
    if input.dtype not in (dtypes.float32, dtypes.float64):
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    return input.dtype


def _of_int64(target: Tensor) -> None:
    if target.dtype is not dtypes.int64:
        raise ShapeError(f"needs a target of int64, but receives {target.dtype.name}")


@operation
@itself
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """`binary_cross_entropy_with_logits` of ``(*, C)`` and ``(*, C)``, its mean over the classes.

    Raises:
        ShapeError: the shapes do not broadcast, there is no dimension, or the reduction is unknown.
    """
    _together(input, target)
    if not input.shape:
        raise ShapeError("expects at least 1 dimension (C), but receives a scalar")
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    loss = loss.sum(dim=input.ndim - 1) / input.shape[-1]
    return _reduced(loss, reduction_of(size_average, reduce, reduction), _STRICT)


@operation
@itself
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Margin loss of scores ``(N, C)`` or ``(C,)`` with one class ``(N,)`` or ``()`` of each.

    Raises:
        ShapeError: the target has another shape or is not of int64, the weights are not ``(C,)``, `p` is
            neither 1 nor 2, or the reduction is unknown.
    """
    if p not in (1, 2):
        raise ShapeError(f"has p={p!r}, which is neither 1 nor 2")
    number("margin", margin)
    batch = _scores(input)
    if tensor("target", target).ndim > 1 or target.numel() != prod(batch):
        raise ShapeError(
            f"has a target of {shape(target.shape)} for an input of {shape(input.shape)}"
        )
    classes = input.shape[-1] if input.shape else 1
    if weight is not None and tensor("weight", weight).shape != (classes,):
        raise ShapeError(
            f"needs weights of {classes}, one for each class, but receives {shape(weight.shape)}"
        )
    if weight is not None:
        _one_dtype(input, weight, "weights")
    _of_int64(target)
    loss = new(target.shape, _of_singles(input))
    return _reduced(loss, reduction_of(size_average, reduce, reduction))


@operation
@itself
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``1 − cos`` of two vectors where the target is 1, ``max(0, cos − margin)`` where it is −1.

    The vectors are ``(N, D)`` and the target ``(N,)``, or ``(D,)`` and ``()``.

    Raises:
        ShapeError: the dimensions are others, the shapes do not broadcast, or the reduction is unknown.
    """
    rank = tensor("target", target).ndim
    for name, each in (("input1", input1), ("input2", input2)):
        if rank > 1 or tensor(name, each).ndim != rank + 1:
            raise ShapeError(
                f"expects inputs (N, D) with a target (N), or (D) with a scalar, but receives {name} of "
                f"{shape(each.shape)} with a target of {shape(target.shape)}"
            )
    margin = float(number("margin", margin))
    magnitudes = [(each * each).sum(rank) + 1e-12 for each in (input1, input2)]
    cos = (input1 * input2).sum(rank) / (magnitudes[0] * magnitudes[1]).sqrt_()
    apart = (cos - margin).clamp_min_(0)
    loss = where(target.eq(1), 1 - cos, cos) + where(target.eq(-1), apart, cos)
    return _reduced(loss, reduction_of(size_average, reduce, reduction))


@operation
@itself
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """By how much the negative is not `margin` farther from the anchor than the positive: all ``(*, D)``.

    Raises:
        ShapeError: the dimensions differ, the shapes do not broadcast, `margin` is not positive, or the
            reduction is unknown.
    """
    number("p", p)
    number("eps", eps)

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return pairwise_distance(a, b, p, eps)

    loss = _triplet(distance, anchor, positive, negative, margin, flag("swap", swap))
    return _reduced(loss, reduction_of(size_average, reduce, reduction))


def _triplet(
    distance: Callable[[Tensor, Tensor], Tensor],
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float,
    swap: bool,
) -> Tensor:
    if number("margin", margin) <= 0:
        raise ShapeError(f"has margin={margin!r}, which must be above 0")
    _equal_ranks(anchor=anchor, positive=positive, negative=negative)
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    loss: Tensor = (margin + near - far).clamp_min(0)
    return loss


@operation
@itself
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """`triplet_margin_loss` by a distance of one's own.

    Raises:
        ShapeError: the dimensions differ, the shapes do not broadcast, `margin` is not positive, or the
            reduction is unknown.
    """
    distance = pairwise_distance if distance_function is None else distance_function
    return _reduced(
        _triplet(distance, anchor, positive, negative, margin, swap), reduction, _STRICT
    )


@operation
@itself
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The log-probability of the class of each: ``(N, C, *)`` with ``(N, *)``, or ``(C,)`` with ``()``.

    Raises:
        ShapeError: the target has another shape or is not of int64, the weights are not ``(C,)``, or the
            reduction is unknown.
    """
    integer("ignore_index", ignore_index)
    sizes, classes = tensor("input", input).shape, tensor("target", target).shape
    if not sizes:
        raise ShapeError("expects at least 1 dimension (C), but receives a scalar")
    wanted = (sizes[0], *sizes[2:]) if len(sizes) > 1 else ()
    if classes != wanted and not (len(sizes) == 1 and classes == (1,)):
        raise ShapeError(
            f"needs a target of {shape(wanted)} for {shape(sizes)}, but receives {shape(classes)}"
        )
    if target.dtype is not dtypes.int64 and (target.dtype is not dtypes.uint8 or len(sizes) > 2):
        raise ShapeError(
            f"needs a target of int64, but receives {target.dtype.name}", fix="a target of int64"
        )
    if weight is not None:
        count = sizes[min(len(sizes) - 1, 1)]
        if tensor("weight", weight).numel() != count or (weight.ndim != 1 and len(sizes) < 3):
            raise ShapeError(
                f"needs weights of {count}, one for each class, but receives {shape(weight.shape)}"
            )
        _one_dtype(input, weight, "weights")
    return _reduced(
        new(wanted, _of_floats(input).dtype), reduction_of(size_average, reduce, reduction)
    )


@operation
@itself
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy of scores ``(N, C, *)`` or ``(C,)`` with classes, or with the probability of each.

    Classes are ``(N, *)`` or ``()`` of int64; probabilities have the shape of the scores.

    Raises:
        ShapeError: the target has another shape or dtype, the weights are not ``(C,)``, or an argument or the
            reduction is unknown.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    sizes = tensor("input", input).shape
    if number("label_smoothing", label_smoothing) > 1:
        raise ShapeError(f"has label_smoothing={label_smoothing!r}, which must be from 0 to 1")
    if tensor("target", target).shape != sizes:
        if label_smoothing > 0:
            _check_smoothing(sizes, target, weight, reduction)
        scores = log_softmax(input, 0 if len(sizes) == 1 else 1)
        return nll_loss(scores, target, weight, None, ignore_index, None, reduction)
    if target.dtype.kind != dtypes.FLOATING:
        raise ShapeError(
            f"needs probabilities of floating-point numbers, but receives {target.dtype.name}"
        )
    if integer("ignore_index", ignore_index) >= 0:
        raise ShapeError(
            f"has ignore_index={ignore_index}, which a target of probabilities does not have"
        )
    axis = 0 if len(sizes) == 1 else 1
    if not sizes:
        raise ShapeError("expects at least 1 dimension (C), but receives a scalar")
    loss = log_softmax(input, axis) * target
    if weight is not None:
        if tensor("weight", weight).shape != (sizes[axis],):
            raise ShapeError(f"needs weights of {sizes[axis]}, but receives {shape(weight.shape)}")
        loss = loss * weight.view(sizes[axis], *(1,) * (len(sizes) - axis - 1))
    return _reduced(loss.sum(axis), reduction)


def _check_smoothing(
    sizes: tuple[int, ...], target: Tensor, weight: Tensor | None, reduction: str
) -> None:
    """Refuse what `nll_loss` takes, but not with smoothed labels."""
    if len(sizes) == 1 and target.shape:
        raise ShapeError(f"needs one class for {shape(sizes)}, but receives {shape(target.shape)}")
    if weight is None:
        return
    mean = reduction in ("mean", "elementwise_mean")
    if tensor("weight", weight).shape[:1] != (weight.numel(),) or (mean and weight.ndim > 1):
        raise ShapeError(f"needs a vector of weights, but receives {shape(weight.shape)}")
    if mean:
        _of_int64(target)


@operation
@itself
def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: LinearCrossEntropyOptions | None = None,
) -> Tensor:
    """`cross_entropy` of a linear map of ``(N, in_features)`` or ``(in_features,)`` to the scores of classes.

    ``linear_weight`` is ``(C, *, in_features)``, the scores are ``(N, C, *)``.

    Raises:
        ShapeError: as `linear` and `cross_entropy`; or the `options` do not fit.
    """
    if tensor("input", input).ndim not in (1, 2) or tensor("linear_weight", linear_weight).ndim < 2:
        raise ShapeError(
            "expects an input (N, in_features) or (in_features) and weights (C, *, in_features), but receives"
            f" {shape(input.shape)} and {shape(linear_weight.shape)}"
        )
    lead, rows = input.shape[:-1], linear_weight.shape[:-1]
    if linear_bias is not None and tensor("linear_bias", linear_bias).shape != rows:
        raise ShapeError(
            f"needs linear_bias of {shape(rows)}, but receives {shape(linear_bias.shape)}"
        )
    if len(rows) > 1 and not lead:
        raise ShapeError(
            f"needs a batch (N, in_features) for weights of {shape(linear_weight.shape)}"
        )
    if tensor("target", target).shape == (*lead, *rows) and ignore_index is not None:
        raise ShapeError(
            f"has ignore_index={ignore_index!r}, which a target of probabilities does not have"
        )
    if input.shape[-1] != linear_weight.shape[-1]:
        raise ShapeError(
            f"expects {linear_weight.shape[-1]} features, but receives {input.shape[-1]}"
        )
    in_pieces = reduction in ("mean", "sum", "none") and label_smoothing == 0.0
    if options is not None and in_pieces and len(rows) == 1 and target.dtype is dtypes.int64:
        _check_pieces(input, linear_weight, target, weight, ignore_index, options)
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


def _check_pieces(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int | None,
    options: LinearCrossEntropyOptions,
) -> None:
    """Refuse what torch cannot work out one piece of the batch after the other."""
    if not hasattr(options, "check_pieces"):
        raise ShapeError(f"needs LinearCrossEntropyOptions as options, but receives {options!r}")
    samples, classes = prod(input.shape[:-1]), linear_weight.shape[0]
    options.check_pieces(samples, input.shape[-1], classes)
    options.accumulates(input.dtype)
    if ignore_index is not None:
        integer(
            "ignore_index", int(ignore_index) if isinstance(ignore_index, bool) else ignore_index
        )
    if weight is not None:
        tensor("weight", weight)
    if not samples:  # then torch looks no closer
        return
    if linear_weight.dtype is not input.dtype and not options.casts_weights(input.dtype):
        raise ShapeError(
            f"needs weights of {input.dtype.name}, but receives {linear_weight.dtype.name}"
        )
    if target.ndim != input.ndim - 1 or target.numel() < samples:
        raise ShapeError(
            f"needs classes {shape(input.shape[:-1])}, but receives {shape(target.shape)}"
        )
    if not classes:
        raise ShapeError(
            f"needs weights of at least 1 class, but receives {shape(linear_weight.shape)}"
        )
    if weight is None:
        return
    sizes = weight.shape
    one = target.numel() == 1 and not sizes  # a scalar is indexed once
    if not one and (len(sizes) != 1 or not sizes[0]):
        raise ShapeError(f"needs weights of {classes}, but receives {shape(sizes)}")


@operation
@itself
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

    Targets are ``(N, S)``, or all in a row; the lengths are ``(N,)`` of integers.

    Raises:
        ShapeError: a shape or dtype is none of these, `blank` is no class, or the reduction is unknown.
    """
    sizes = tensor("log_probs", log_probs).shape
    if len(sizes) not in (2, 3):
        raise ShapeError(f"expects log_probs (T, N, C) or (T, C), but receives {shape(sizes)}")
    if 0 in sizes:
        raise ShapeError(f"needs log-probabilities, of which {shape(sizes)} has none")
    if tensor("targets", targets).ndim not in (1, 2):
        raise ShapeError(
            f"expects targets (N, S), or all in a row, but receives {shape(targets.shape)}"
        )
    if not 0 <= integer("blank", blank) < sizes[-1]:
        raise ShapeError(f"has blank={blank}, which is none of the {sizes[-1]} classes")
    flag("zero_infinity", zero_infinity)
    steps, batch = sizes[0], sizes[1] if len(sizes) == 3 else 1
    if isinstance(input_lengths, Tensor) != isinstance(target_lengths, Tensor):
        raise ShapeError("needs both lengths as tensors, or both as tuples")
    known = [
        _lengths(name, each, batch, most)
        for name, each, most in (
            ("input_lengths", input_lengths, steps),
            ("target_lengths", target_lengths, targets.shape[-1]),
        )
    ]
    if targets.ndim == 2 and targets.shape[0] != batch:
        raise ShapeError(f"has targets of {shape(targets.shape)} for a batch of {batch}")
    if targets.ndim == 1 and known[1] is not None and sum(known[1]) != targets.shape[0]:
        raise ShapeError(f"has {targets.shape[0]} targets for target_lengths={target_lengths!r}")
    if log_probs.dtype not in (dtypes.float32, dtypes.float64):
        raise ShapeError(f"is not defined for {log_probs.dtype.name}", fix="log_probs of float32")
    return _reduced(new(sizes[1:-1], log_probs.dtype), reduction)


def _lengths(name: str, value: Any, batch: int, most: int) -> tuple[int, ...] | None:
    """Return the lengths where they are known: those in a tensor are not, only how many they are."""
    if isinstance(value, Tensor):
        if value.dtype.kind != dtypes.INTEGER:
            raise ShapeError(f"needs {name} of integers, but receives {value.dtype.name}")
        count, known = value.numel(), None
    else:
        known = integers(name, value)
        count = len(known)
        if any(not 0 <= n <= most for n in known):
            raise ShapeError(f"has {name}={value!r}, which must be from 0 to {most}")
    if count != batch:
        raise ShapeError(f"has {count} {name} for a batch of {batch}")
    return known
