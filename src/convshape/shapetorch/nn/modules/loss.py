"""Losses: a number for each element, sample or batch, by `reduction`: "none", "mean" or "sum".

Every loss refuses, with `ShapeError` when it is called, shapes that do not fit together and a
reduction that is unknown. `size_average` and `reduce` are torch's older words for `reduction`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

from ....errors import ShapeError
from ...arguments import number, one_of, shape
from ...tensor import Tensor, tensor
from .. import functional as F
from ..functional.common import check_shape
from ..functional.loss_common import reduction_of
from .distance import PairwiseDistance
from .layer import Layer
from .linear import Linear

if TYPE_CHECKING:
    from ... import dtypes
    from .linear_cross_entropy_options import LinearCrossEntropyOptions


class _Loss(Layer):
    size_average: Any = None
    reduce: Any = None
    reduction: str = "mean"

    def _assemble(self, size_average: Any, reduce: Any) -> None:
        self.reduction = reduction_of(size_average, reduce, self.reduction)


class _WeightedLoss(_Loss):
    _fields: tuple[str, ...] = ("weight", "size_average", "reduce", "reduction")
    weight: Tensor | None = None

    def _assemble(self, size_average: Any, reduce: Any, weight: Tensor | None = None) -> None:
        super()._assemble(size_average, reduce)
        self._register("weight", weight)

    def _register(self, name: str, value: Tensor | None) -> None:
        self.register_buffer(name, None if value is None else tensor(name, value))

    def forward(self, input: Tensor, target: Tensor) -> Any:
        names = (name for name in self._fields if name not in ("size_average", "reduce"))
        return self._function(input, target, **{name: getattr(self, name) for name in names})


class L1Loss(_Loss):
    """Mean of ``|input − target|``, both ``(*)``; with `reduction` "none" ``(*)``, or the sum."""

    _function, _example = staticmethod(F.l1_loss), ("L1Loss()", "3x8x8 3x8x8")


class MSELoss(_Loss):
    """Mean of ``(input − target)²``, both ``(*)``; with `reduction` "none" ``(*)``, or the sum."""

    _function, _example = staticmethod(F.mse_loss), ("MSELoss(reduction='sum')", "3x8x8 3x8x8")


class SmoothL1Loss(_Loss):
    """`MSELoss` within `beta`, `L1Loss` beyond it."""

    _function, _example = staticmethod(F.smooth_l1_loss), ("SmoothL1Loss(beta=0.5)", "4 4")
    beta: float = 1.0


class HuberLoss(_Loss):
    """`MSELoss` within `delta`, a line beyond it.

    Raises:
        ShapeError: `delta` is not a number; when called: it is not positive.
    """

    _function, _example = staticmethod(F.huber_loss), ("HuberLoss()", "5 5")
    _fields = ("reduction", "delta")
    delta: float = 1.0

    def _assemble(self, size_average: Any, reduce: Any) -> None:
        number("delta", self.delta)


class SoftMarginLoss(_Loss):
    """``log(1 + exp(−target·input))`` of ``(*)`` and a target ``(*)`` of 1 and −1."""

    _function, _example = staticmethod(F.soft_margin_loss), ("SoftMarginLoss()", "5 5")


class BCELoss(_WeightedLoss):
    """Cross-entropy of probabilities ``(*)`` with targets ``(*)``; `weight` expands to that."""

    _function, _example = staticmethod(F.binary_cross_entropy), ("BCELoss()", "3 3")


class BCEWithLogitsLoss(_WeightedLoss):
    """`BCELoss` of the sigmoid of ``(*)``; `weight` and `pos_weight` are expanded to that."""

    _function = staticmethod(F.binary_cross_entropy_with_logits)
    _example = ("BCEWithLogitsLoss(reduction='none')", "3 3")
    pos_weight: Tensor | None = None

    def _assemble(
        self,
        size_average: Any,
        reduce: Any,
        weight: Tensor | None = None,
        pos_weight: Tensor | None = None,
    ) -> None:
        super()._assemble(size_average, reduce, weight)
        self._register("pos_weight", pos_weight)


class KLDivLoss(_Loss):
    """Kullback-Leibler divergence of log-probabilities ``(*)`` from probabilities ``(*)``.

    ``reduction="batchmean"`` divides the sum by the batch size.
    """

    _function, _example = staticmethod(F.kl_div), ("KLDivLoss(reduction='batchmean')", "10 10")
    log_target: bool = False


class PoissonNLLLoss(_Loss):
    """Negative log-likelihood of counts ``(*)`` from a Poisson distribution of means ``(*)``."""

    _function, _example = staticmethod(F.poisson_nll_loss), ("PoissonNLLLoss()", "5 5")
    _fields = ("log_input", "full", "size_average", "eps", "reduce", "reduction")
    log_input: bool = True
    full: bool = False
    eps: float = 1e-8

    def forward(self, log_input: Tensor, target: Tensor) -> Any:
        passed: Any = map(self.__dict__.get, *self._passed)
        return self._function(log_input, target, *passed)


class GaussianNLLLoss(_Loss):
    """Negative log-likelihood of targets ``(*)`` from a Gaussian of means ``(*)``.

    Its variances are ``(*)``, ``(*, 1)``, or without the last dimension.
    """

    _function, _example = staticmethod(F.gaussian_nll_loss), ("GaussianNLLLoss()", "5 5 1")
    _fields, _keyword_only = ("full", "eps", "reduction"), 3
    full: bool = False
    eps: float = 1e-6


class _Margin(_Loss):
    _fields = ("margin", "size_average", "reduce", "reduction")
    margin: float = 0.0


class HingeEmbeddingLoss(_Margin):
    """Distances ``(*)`` where the target is 1, what they lack to `margin` where it is −1."""

    _function, _example = staticmethod(F.hinge_embedding_loss), ("HingeEmbeddingLoss()", "5 5")
    margin: float = 1.0


class MarginRankingLoss(_Margin):
    """``max(0, −target·(input1 − input2) + margin)``, all ``(*)``."""

    _function, _example = staticmethod(F.margin_ranking_loss), ("MarginRankingLoss(0.5)", "N N N")


class CosineEmbeddingLoss(_Margin):
    """``1 − cos`` of vectors where the target is 1, else ``max(0, cos − margin)``.

    The vectors are ``(N, D)`` and the target ``(N,)``, or ``(D,)`` and ``()``.
    """

    _function = staticmethod(F.cosine_embedding_loss)
    _example = ("CosineEmbeddingLoss()", "128 128 int64:N")


class MultiLabelMarginLoss(_Loss):
    """Margin loss of scores ``(N, C)`` or ``(C,)`` with the classes ``(N, C)`` of each, then −1."""

    _function = staticmethod(F.multilabel_margin_loss)
    _example = ("MultiLabelMarginLoss()", "4 int64:4")


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """`BCEWithLogitsLoss` of scores and targets ``(*, C)``, its mean over the classes: ``(*)``."""

    _function = staticmethod(F.multilabel_soft_margin_loss)
    _example = ("MultiLabelSoftMarginLoss(reduction='none')", "4 4")


class MultiMarginLoss(_WeightedLoss):
    """Margin loss of scores ``(N, C)`` or ``(C,)`` with one class ``(N,)`` or ``()`` of each.

    Raises:
        ShapeError: `p` is neither 1 nor 2, or the weights are no vector.
    """

    _function, _example = staticmethod(F.multi_margin_loss), ("MultiMarginLoss()", "10 int64:N")
    _fields = ("p", "margin", "weight", "size_average", "reduce", "reduction")
    p: int = 1
    margin: float = 1.0

    def _assemble(self, size_average: Any, reduce: Any, weight: Tensor | None = None) -> None:
        super()._assemble(size_average, reduce, weight)
        one_of("p", self.p, (1, 2))
        if weight is not None and weight.ndim != 1:
            raise ShapeError(f"needs a vector of weights, but receives {shape(weight.shape)}")


class TripletMarginLoss(_Loss):
    """By how much the negative is not `margin` farther from the anchor than the positive.

    All are ``(N, D)``, of as many dimensions.

    Raises:
        ShapeError: `margin` is not positive.
    """

    _function = staticmethod(F.triplet_margin_loss)
    _example = ("TripletMarginLoss(reduction='none')", "128 128 128")
    _fields = ("margin", "p", "eps", "swap", "size_average", "reduce", "reduction")
    margin: float = 1.0
    p: float = 2.0
    eps: float = 1e-6
    swap: bool = False

    def _assemble(self, size_average: Any, reduce: Any) -> None:
        super()._assemble(size_average, reduce)
        _check_margin(self.margin)


def _check_margin(margin: Any) -> None:
    if number("margin", margin) <= 0:
        raise ShapeError(f"has margin={margin!r}, which must be above 0")


class TripletMarginWithDistanceLoss(_Loss):
    """`TripletMarginLoss` by a distance of one's own, `PairwiseDistance` unless given.

    Raises:
        ShapeError: `margin` is not positive.
    """

    _example = ("TripletMarginWithDistanceLoss(margin=0.5)", "128 128 128")
    _fields, _keyword_only = ("distance_function", "margin", "swap", "reduction"), 4
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None
    margin: float = 1.0
    swap: bool = False

    def _assemble(self, size_average: Any, reduce: Any, distance_function: Any = None) -> None:
        _check_margin(self.margin)
        self._arguments = {"distance_function": distance_function}
        plain = distance_function is None
        self.distance_function = PairwiseDistance() if plain else distance_function

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Compare ``(N, D)`` with ``(N, D)`` and ``(N, D)``."""
        options = {name: getattr(self, name) for name in self._fields}
        return F.triplet_margin_with_distance_loss(anchor, positive, negative, **options)


class NLLLoss(_WeightedLoss):
    """The log-probability ``(N, C, *)`` or ``(C,)`` of the class ``(N, *)`` or ``()`` of each.

    `weight` is ``(C,)``; classes are int64, and `ignore_index` is none.
    """

    _function, _example = staticmethod(F.nll_loss), ("NLLLoss()", "10 int64:N")
    _fields = ("weight", "size_average", "ignore_index", "reduce", "reduction")
    ignore_index: int = -100


class NLLLoss2d(NLLLoss):
    _example = ("NLLLoss2d(reduction='none')", "21x64x64 int64:64x64")


class CrossEntropyLoss(_WeightedLoss):
    """Cross-entropy of scores ``(N, C, *)`` with classes ``(N, *)`` or probabilities ``(N, C, *)``.

    `weight` is ``(C,)``; classes are int64, and `ignore_index` is none. Scores ``(C,)`` have one.
    """

    _function = staticmethod(F.cross_entropy)
    _example = ("CrossEntropyLoss(reduction='none')", "21x64x64 int64:64x64")
    _fields = ("weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing")
    ignore_index: int = -100
    label_smoothing: float = 0.0


class LinearCrossEntropyLoss(Layer):
    """`CrossEntropyLoss` of the scores that a linear layer gives ``(N, in_features)``.

    Classes are ``(N,)``.

    Raises:
        ShapeError: `weight` is not ``(num_classes,)``, or `label_smoothing` not from 0 to 1; when
            called: as `Linear` and `CrossEntropyLoss`.
    """

    _example = ("LinearCrossEntropyLoss(64, 1000)", "64 int64:N")
    _keyword_only = 9
    in_features: int
    num_classes: int
    out_features: tuple[int, ...] = ()
    bias: bool = False
    device: object = None
    dtype: dtypes.dtype | None = None
    reduction: str = "mean"
    weight: Tensor | None = None
    ignore_index: int | None = None
    label_smoothing: float = 0.0
    options: LinearCrossEntropyOptions | None = None

    def _assemble(
        self, in_features: int, bias: Any, device: Any, dtype: Any, weight: Tensor | None
    ) -> None:
        classes, sizes, smoothing = self.num_classes, self.out_features, self.label_smoothing
        if not 0 <= number("label_smoothing", smoothing) <= 1:
            raise ShapeError(f"has label_smoothing={smoothing!r}, which must be from 0 to 1")
        if not isinstance(sizes, (tuple, list)) or not isinstance(classes, int):
            raise ShapeError(
                "needs a number of classes and a tuple as out_features, "
                f"but has {classes!r} and {sizes!r}"
            )
        if weight is not None:
            check_shape("weights", tensor("weight", weight), (classes,))
        self.register_buffer("weight", weight)
        self._arguments = {"in_features": in_features, "bias": bool(bias)}
        self.linear = Linear(in_features, prod(sizes, start=classes), bias, dtype=dtype)

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
        linear = self.linear
        return (
            f"in_features={linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={linear.bias is not None}, "
            f"reduction={self.reduction}, ignore_index={self.ignore_index}, "
            f"label_smoothing={self.label_smoothing}, options={self.options}"
        )


class CTCLoss(_Loss):
    """Connectionist temporal classification: log-probabilities ``(T, N, C)`` of targets ``(N, S)``.

    The lengths of both are ``(N,)``.
    """

    _function = staticmethod(F.ctc_loss)
    _example = ("CTCLoss(reduction='sum')", "50xNx20 int64:10 int64:N int64:N")
    _fields = ("blank", "reduction", "zero_infinity")
    blank: int = 0
    zero_infinity: bool = False
