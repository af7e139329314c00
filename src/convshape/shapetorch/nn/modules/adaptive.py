"""Adaptive softmax, for many classes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ....errors import ShapeError
from ... import dtypes
from ...arguments import shape
from ...tensor import Tensor, new, several, tensor
from .. import functional as F
from .container import ModuleList, Sequential
from .layer import Layer
from .linear import Linear
from .module import Module

_ASMoutput = several("_ASMoutput", "output", "loss")


class AdaptiveLogSoftmaxWithLoss(Layer):
    """Log-probabilities of classes ``(N,)``, and the mean loss ``()``, of ``(N, in_features)``.

    The classes from one of the `cutoffs` to the next share a projection, `div_value` times narrower
    than the one before; those below the first are each in the head.

    Raises:
        ShapeError: the cutoffs do not rise from 1 to below `n_classes`; when called: the shapes are
            others.
    """

    _example = ("AdaptiveLogSoftmaxWithLoss(64, 1000, [100, 500])", "64 int64:N")
    in_features: int
    n_classes: int
    cutoffs: Sequence[int]
    div_value: float = 4.0
    head_bias: bool = False
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, cutoffs: Sequence[int], device: object, dtype: dtypes.dtype | None) -> None:
        features, narrow = self.in_features, self._widths(cutoffs)
        self._arguments = {"cutoffs": cutoffs}
        self.cutoffs = [*cutoffs, self.n_classes]
        self.shortlist_size = cutoffs[0]
        self.n_clusters = len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(features, self.head_size, self.head_bias, dtype=dtype)
        self.tail = ModuleList()
        for width, (first, last) in zip(narrow, pairwise(self.cutoffs), strict=True):
            self.tail.append(
                Sequential(
                    Linear(features, width, bias=False, dtype=dtype),
                    Linear(width, last - first, bias=False, dtype=dtype),
                )
            )

    def _widths(self, cutoffs: Sequence[int]) -> list[int]:
        """Return the widths of the projections of the classes from each of the cutoffs on."""
        features, classes, factor = self.in_features, self.n_classes, self.div_value
        try:
            ends = [0, *cutoffs, classes]
            rising = len(ends) > 2 and all(a < b for a, b in pairwise(ends))
            rising = rising and all(int(c) == c for c in cutoffs)
            widths = [int(features // factor**i) for i in range(1, len(ends) - 1)]
        except (ArithmeticError, TypeError, ValueError):
            raise ShapeError(
                f"cannot divide in_features={features!r} and n_classes={classes!r} by "
                f"div_value={factor!r} and cutoffs={cutoffs!r}"
            ) from None
        if not rising:
            raise ShapeError(
                f"needs cutoffs rising from 1 to below {classes} classes, but has {cutoffs!r}"
            )
        return widths

    reset_parameters = Module._nothing

    def forward(self, input_: Tensor, target_: Tensor) -> Any:
        """Compare ``(N, in_features)`` with classes ``(N,)``, or ``(in_features,)`` with ``()``."""
        wanted = tensor("target_", target_).shape
        if len(wanted) > 1 or tensor("input_", input_).ndim != len(wanted) + 1:
            raise ShapeError(
                "expects an input (N, in_features) with classes (N), or (in_features) with one, "
                f"but receives {shape(input_.shape)} with {shape(wanted)}"
            )
        if input_.shape[:-1] != wanted:
            raise ShapeError(
                f"has a batch of {shape(input_.shape[:-1])} and classes {shape(wanted)}"
            )
        if target_.numel() or target_.is_complex():
            dtypes.check_whole("classes", target_.dtype, dtypes.int32)
        self.log_prob(input_ if wanted else input_.unsqueeze(0))
        return _ASMoutput(new(wanted, input_.dtype), new((), input_.dtype))

    def log_prob(self, input: Tensor) -> Tensor:
        """Return the log-probabilities of all classes, ``(N, n_classes)``, of inputs."""
        head = F.log_softmax(self.head(input), 1)
        for cluster in self.tail:
            F.log_softmax(cluster(input), 1)
        return new((head.shape[0], self.n_classes), input.dtype)

    def predict(self, input: Tensor) -> Tensor:
        """Return the most probable classes: ``(N, in_features)`` to ``(N,)``."""
        result: Tensor = self.log_prob(input).argmax(1)
        return result
