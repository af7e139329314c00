"""Losses: a number for each element, sample or batch, by `reduction`."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import number, shape
from ...tensor import tensor
from .. import functional as F
from .distance import PairwiseDistance
from .linear import Linear
from .module import Module

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ... import dtypes
    from ...tensor import Tensor
    from .linear_cross_entropy_options import LinearCrossEntropyOptions


class _Loss(Module):
    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        self.reduction = F.reduction_of(size_average, reduce, reduction)


class _WeightedLoss(_Loss):
    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self._register("weight", weight)

    def _register(self, name: str, value: Tensor | None) -> None:
        self.register_buffer(name, None if value is None else tensor(name, value))


class L1Loss(_Loss):
    """Mean of ``|input − target|``, both ``(*)``; or ``(*)`` with `reduction` "none", or the sum."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.l1_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """Mean of ``(input − target)²``, both ``(*)``; or ``(*)`` with `reduction` "none", or the sum."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.mse_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """`MSELoss` within `beta`, `L1Loss` beyond it."""

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """`MSELoss` within `delta`, a line beyond it.

    Raises:
        ShapeError: `delta` is no number; when called: it is not positive, or the shapes do not broadcast.
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = number("delta", delta)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.huber_loss(input, target, self.reduction, self.delta)


class SoftMarginLoss(_Loss):
    """``log(1 + exp(−target·input))`` of ``(*)`` and a target ``(*)`` of 1 and −1."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class BCELoss(_WeightedLoss):
    """Cross-entropy of probabilities ``(*)`` with targets ``(*)`` from 0 to 1; `weight` expands to that."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_WeightedLoss):
    """`BCELoss` of the sigmoid of ``(*)``; `weight` and `pos_weight` are expanded to that."""

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self._register("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class KLDivLoss(_Loss):
    """Kullback-Leibler divergence of log-probabilities ``(*)`` from probabilities ``(*)``.

    ``reduction="batchmean"`` divides the sum by the batch size.
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(_Loss):
    """Negative log-likelihood of counts ``(*)`` that a Poisson distribution of means ``(*)`` gave."""

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.poisson_nll_loss(
            log_input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    """Negative log-likelihood of targets ``(*)`` from a Gaussian of means ``(*)`` and variances `var`."""

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        """Compare ``(*)`` with ``(*)``, with a variance ``(*)``, ``(*, 1)`` or without the last dimension."""
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


class _Margin(_Loss):
    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin


class HingeEmbeddingLoss(_Margin):
    """Distances ``(*)`` where the target ``(*)`` is 1, what they lack to `margin` where it is −1."""

    def __init__(
        self,
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, size_average, reduce, reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


class MarginRankingLoss(_Margin):
    """``max(0, −target·(input1 − input2) + margin)``, all ``(*)``."""

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*)`` with ``(*)``."""
        return F.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(_Margin):
    """``1 − cos`` of vectors ``(N, D)`` where the target ``(N,)`` is 1, else ``max(0, cos − margin)``."""

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Compare ``(N, D)`` with ``(N, D)``, or ``(D,)`` with ``(D,)``."""
        return F.cosine_embedding_loss(
            input1, input2, target, self.margin, reduction=self.reduction
        )


class MultiLabelMarginLoss(_Loss):
    """Margin loss of scores ``(N, C)`` or ``(C,)`` with the classes ``(N, C)`` of each, then −1."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(N, C)`` with classes ``(N, C)``."""
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """`BCEWithLogitsLoss` of scores ``(*, C)`` and targets ``(*, C)``, its mean over the classes: ``(*)``."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(*, C)`` with ``(*, C)``."""
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


class MultiMarginLoss(_WeightedLoss):
    """Margin loss of scores ``(N, C)`` or ``(C,)`` with one class ``(N,)`` or ``()`` of each.

    Raises:
        ShapeError: `p` is neither 1 nor 2, or the weights are no vector; when called: a shape is another.
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ShapeError(f"has p={p!r}, which is neither 1 nor 2")
        if weight is not None and weight.ndim != 1:
            raise ShapeError(f"needs a vector of weights, but receives {shape(weight.shape)}")
        self.p = p
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(N, C)`` with classes ``(N,)``."""
        return F.multi_margin_loss(
            input, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


class TripletMarginLoss(_Loss):
    """By how much the negative is not `margin` farther from the anchor than the positive: all ``(N, D)``.

    Raises:
        ShapeError: `margin` is not positive; when called: the dimensions differ, or do not broadcast.
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        _check_margin(margin)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Compare ``(N, D)`` with ``(N, D)`` and ``(N, D)``."""
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.margin,
            self.p,
            self.eps,
            self.swap,
            reduction=self.reduction,
        )


def _check_margin(margin: Any) -> None:
    if number("margin", margin) <= 0:
        raise ShapeError(f"has margin={margin!r}, which must be above 0")


class TripletMarginWithDistanceLoss(_Loss):
    """`TripletMarginLoss` by a distance of one's own, `PairwiseDistance` unless given.

    Raises:
        ShapeError: `margin` is not positive; when called: the dimensions differ, or do not broadcast.
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction=reduction)
        _check_margin(margin)
        self._arguments = {"distance_function": distance_function}
        self.distance_function = (
            PairwiseDistance() if distance_function is None else distance_function
        )
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Compare ``(N, D)`` with ``(N, D)`` and ``(N, D)``."""
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


class NLLLoss(_WeightedLoss):
    """The log-probability of the class of each: ``(N, C, *)`` with ``(N, *)``, or ``(C,)`` with ``()``.

    `weight` is ``(C,)``; classes are int64, and `ignore_index` is none.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(N, C, *)`` with classes ``(N, *)``."""
        return F.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class NLLLoss2d(NLLLoss):
    __doc__ = NLLLoss.__doc__


class CrossEntropyLoss(_WeightedLoss):
    """Cross-entropy of scores ``(N, C, *)`` with classes ``(N, *)`` or probabilities ``(N, C, *)``.

    `weight` is ``(C,)``; classes are int64, and `ignore_index` is none. Scores ``(C,)`` have a class ``()``.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare ``(N, C, *)`` with classes ``(N, *)`` or probabilities ``(N, C, *)``."""
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class LinearCrossEntropyLoss(_WeightedLoss):
    """`CrossEntropyLoss` of the scores that a linear layer gives ``(N, in_features)``; classes ``(N,)``.

    Raises:
        ShapeError: `weight` is not ``(num_classes,)``, or `label_smoothing` not from 0 to 1; when called: as
            `Linear` and `CrossEntropyLoss`.
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: object = None,
        dtype: dtypes.dtype | None = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: LinearCrossEntropyOptions | None = None,
    ) -> None:
        super().__init__(weight, reduction=reduction)
        if weight is not None and weight.shape != (num_classes,):
            raise ShapeError(f"needs weights of {num_classes}, but receives {shape(weight.shape)}")
        if not 0 <= number("label_smoothing", label_smoothing) <= 1:
            raise ShapeError(f"has label_smoothing={label_smoothing!r}, which must be from 0 to 1")
        if not isinstance(out_features, (tuple, list)) or not isinstance(num_classes, int):
            raise ShapeError(
                f"needs a number of classes and a tuple as out_features, but has {num_classes!r} and "
                f"{out_features!r}"
            )
        self._arguments = {"in_features": in_features, "bias": bool(bias)}
        self.num_classes = num_classes
        self.out_features = out_features
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        self.linear = Linear(in_features, prod(out_features, start=num_classes), bias, dtype=dtype)
        self.options = options

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare the scores of ``(N, in_features)`` with classes ``(N,)``."""
        rows = (self.num_classes, *self.out_features)
        bias = self.linear.bias
        return F.linear_cross_entropy(
            input,
            self.linear.weight.reshape(*rows, self.linear.in_features),
            target,
            linear_bias=None if bias is None else bias.reshape(rows),
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
            options=self.options,
        )

    def extra_repr(self) -> str:
        names = (
            "num_classes",
            "out_features",
            "bias",
            "reduction",
            "ignore_index",
            "label_smoothing",
            "options",
        )
        own = {"bias": self.linear.bias is not None}
        text = (f", {name}={own[name] if name in own else getattr(self, name)}" for name in names)
        return f"in_features={self.linear.in_features}{''.join(text)}"


class CTCLoss(_Loss):
    """Connectionist temporal classification: log-probabilities ``(T, N, C)`` of targets ``(N, S)``."""

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        """Compare ``(T, N, C)`` with targets ``(N, S)`` of lengths ``(N,)``."""
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )
