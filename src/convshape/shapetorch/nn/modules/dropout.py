"""Dropout: it keeps the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import functional as F
from .module import Module

if TYPE_CHECKING:
    from typing import Any, ClassVar

    from ...tensor import Tensor


class _Dropout(Module):
    """Zero elements, or whole channels, with probability `p` while training.

    Raises:
        ShapeError: `p` is no probability.
    """

    _function: ClassVar[Any]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        F.check_probability(p)
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        result: Tensor = type(self)._function(input, self.p, self.training, self.inplace)
        return result

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    __doc__ = _Dropout.__doc__
    _function = F.dropout


class Dropout1d(_Dropout):
    __doc__ = _Dropout.__doc__
    _function = F.dropout1d


class Dropout2d(_Dropout):
    __doc__ = _Dropout.__doc__
    _function = F.dropout2d


class Dropout3d(_Dropout):
    __doc__ = _Dropout.__doc__
    _function = F.dropout3d


class AlphaDropout(_Dropout):
    __doc__ = _Dropout.__doc__
    _function = F.alpha_dropout


class FeatureAlphaDropout(_Dropout):
    __doc__ = _Dropout.__doc__
    _function = F.feature_alpha_dropout
