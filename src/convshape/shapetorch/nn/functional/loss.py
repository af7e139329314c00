"""Losses: of values and of vectors, a number for each element, sample or batch, by `reduction`.

Every loss refuses, with `ShapeError`, a reduction that is unknown and shapes that do not fit
together; its own text has what else it wants. `size_average` and `reduce` are torch's older words
for `reduction`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....errors import ShapeError
from ...arguments import read_by, shape
from ...operation import named, rule_of
from ...ops.indexing import where
from ...tensor import Tensor, new, result_type, tensor
from .activation import logsigmoid
from .common import check_shape, numeric
from .distance import pairwise_distance
from .loss_common import (
    check_dtype,
    check_same_rank,
    check_same_size,
    common_shape,
    loss_operation,
    of_floats,
    reduced,
    reduction_of,
)

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
        sizes = common_shape(input, target)
        a, b = input.expand(sizes), target.expand(sizes)  # a scalar is none any more
        if weight is None and name == "mse_loss":
            return reduced(of_floats(a + b), reduction, size_average, reduce)
        loss: Tensor = (a - b).abs() if name == "l1_loss" else (a - b).pow(2)
        if weight is None:
            return reduced(loss, reduction, size_average, reduce)
        reduction = reduction_of(size_average, reduce, reduction)
        loss = _weigh(loss, weight, input)
        if reduction == "mean":
            loss, reduction = reduced(loss, "sum") / weight.sum(), "none"
        return reduced(loss, reduction, strict=True)

    declared: Callable[..., Tensor] = loss_operation(named(name, loss))
    return declared


def _weigh(loss: Tensor, weight: Tensor, input: Tensor) -> Tensor:
    check_shape("weights", weight, input.shape)
    result: Tensor = loss * weight
    return result


l1_loss = _differences("l1_loss")
mse_loss = _differences("mse_loss")


@loss_operation
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


@loss_operation
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """`mse_loss` within `delta`, which must be positive, and a line beyond it, of ``(*)`` both."""
    sizes = common_shape(input, target)
    if delta <= 0:
        raise ShapeError(f"has delta={delta!r}, which must be above 0")
    of_floats(new(sizes, result_type(input, target)))
    loss = of_floats(input.expand(sizes).clone())
    if weight is None:
        return reduced(loss, reduction)
    return reduced(_weigh(loss, weight, input), reduction, strict=True)


@loss_operation
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """``log(1 + exp(−target·input))`` of ``(*)`` and a target of 1 and −1 that expands to it."""
    common_shape(input, target)
    return reduced((-input).mul_(target).exp_(), reduction, size_average, reduce)


@loss_operation
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Cross-entropy of probabilities ``(*)`` with targets ``(*)``; `weight` expands to that."""
    check_same_size(input, target)
    check_dtype(input, target, "target")
    loss = of_floats(input.clone())
    if weight is not None:
        loss.mul_(weight)
    return reduced(loss, reduction, size_average, reduce)


@loss_operation
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
    check_same_size(input, target)
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
    return reduced(loss, reduction)


@loss_operation
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Kullback-Leibler divergence of log-probabilities ``(*)`` from probabilities ``(*)``."""
    common_shape(of_floats(input), of_floats(target))
    cross, entropy = target * input, target.xlogy(target)
    loss = target.exp() * (target - input) if log_target else entropy - cross
    if reduction != "batchmean":
        return reduced(loss, reduction, size_average, reduce)
    result = reduced(loss, "sum", size_average, reduce)
    return result / input.shape[0] if input.shape else result


@loss_operation
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
    common_shape(input, target)
    mean = input.exp() if log_input else input
    loss = mean - target * (input if log_input else (input + float(eps)).log())
    if full:
        stirling = target * target.log() - target + 0.5 * (6.3 * target).log()
        loss += stirling.masked_fill(target.le(1), 0)
    return reduced(loss, reduction, size_average, reduce, strict=True)


@loss_operation
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
    return reduced(loss, reduction, strict=True)


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


@loss_operation
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Tensor:
    """Distances ``(*)`` where the target is 1, what they lack to `margin` where it is −1."""
    common_shape(input, target)
    zeros = numeric(input, margin)
    lacking = input.clone().fill_(float(margin)).sub_(input).clamp_min_(0)
    loss = where(target.ne(1), lacking, zeros) + where(target.ne(-1), input, zeros)
    return reduced(loss, reduction, size_average, reduce)


# Of several vectors


@loss_operation
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
    check_same_rank(input1=input1, input2=input2, target=target)
    reduction = reduction_of(size_average, reduce, reduction)
    return ranking_loss(input1, input2, target, margin, reduction)


@read_by
def ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float, reduction: str
) -> Tensor:
    """As `margin_ranking_loss`, of tensors of any dimensions."""
    return reduced((-target * (input1 - input2) + float(margin)).clamp_min_(0), reduction)


@loss_operation
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
    return reduced(loss, reduction, size_average, reduce)


@loss_operation
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
    return reduced(loss, reduction, size_average, reduce)


@loss_operation
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
    return reduced(loss, reduction, strict=True)


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
    check_same_rank(anchor=anchor, positive=positive, negative=negative)
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    loss: Tensor = (margin + near - far).clamp_min(0)
    return loss
