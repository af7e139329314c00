"""Dropout: it keeps the shape."""

from __future__ import annotations

from .. import functional as F
from ..functional.dropouts import check_probability
from .layer import Layer


class _DropoutNd(Layer):
    """Zero elements, or whole channels, with probability `p` while training.

    Raises:
        ShapeError: `p` is not a probability.
    """

    _shown = "p={p}, inplace={inplace}"
    p: float = 0.5
    inplace: bool = False

    def _assemble(self) -> None:
        check_probability(self.p)


class Dropout(_DropoutNd):
    _function, _example = staticmethod(F.dropout), ("Dropout(0.2)", "16")


class Dropout1d(_DropoutNd):
    _function, _example = staticmethod(F.dropout1d), ("Dropout1d()", "16x8")


class Dropout2d(_DropoutNd):
    _function, _example = staticmethod(F.dropout2d), ("Dropout2d()", "16x8x8")


class Dropout3d(_DropoutNd):
    _function, _example = staticmethod(F.dropout3d), ("Dropout3d()", "16x4x4x4")


class AlphaDropout(_DropoutNd):
    _function, _example = staticmethod(F.alpha_dropout), ("AlphaDropout(0.2)", "128")


class FeatureAlphaDropout(_DropoutNd):
    _function = staticmethod(F.feature_alpha_dropout)
    _example = ("FeatureAlphaDropout()", "16x8x8")
