"""Activations: they keep the shape of ``(*)``."""

from __future__ import annotations

from ....errors import ShapeError
from ... import dtypes
from ...tensor import Tensor, number_dtype
from .. import functional as F
from .layer import Layer
from .module import Module
from .utils import parameter


class _Replacing(Layer):
    """An activation that may be computed in place of its input; the printed form says when."""

    def extra_repr(self) -> str:
        shown = super().extra_repr()
        return ", ".join(filter(None, (shown, self.inplace and "inplace=True")))


class _InPlace(_Replacing):
    inplace: bool = False


class ReLU(_InPlace):
    """``max(0, x)``."""

    _function, _example = staticmethod(F.relu), ("ReLU()", "6x28x28")


class SELU(_InPlace):
    """A scaled `ELU` that keeps mean and variance."""

    _function, _example = staticmethod(F.selu), ("SELU()", "64")


class SiLU(_InPlace):
    """``x·σ(x)``."""

    _function, _example = staticmethod(F.silu), ("SiLU()", "64")


class Mish(_InPlace):
    """``x·tanh(softplus(x))``."""

    _function, _example = staticmethod(F.mish), ("Mish()", "64")


class Hardswish(Layer):
    """``x·relu6(x + 3)/6``."""

    _function, _example = staticmethod(F.hardswish), ("Hardswish()", "64")
    inplace: bool = False


class Hardsigmoid(Layer):
    """``relu6(x + 3)/6``."""

    _function, _example = staticmethod(F.hardsigmoid), ("Hardsigmoid()", "64")
    inplace: bool = False


class Sigmoid(Layer):
    """``1/(1 + e⁻ˣ)``."""

    _function, _example = staticmethod(F.sigmoid), ("Sigmoid()", "64")


class Tanh(Layer):
    """``tanh(x)``."""

    _function, _example = staticmethod(F.tanh), ("Tanh()", "64")


class LogSigmoid(Layer):
    """``log(σ(x))``."""

    _function, _example = staticmethod(F.logsigmoid), ("LogSigmoid()", "64")


class Softsign(Layer):
    """``x/(1 + |x|)``."""

    _function, _example = staticmethod(F.softsign), ("Softsign()", "64")


class Tanhshrink(Layer):
    """``x − tanh(x)``."""

    _function, _example = staticmethod(F.tanhshrink), ("Tanhshrink()", "64")


class LeakyReLU(_Replacing):
    """``x``, or ``negative_slope·x`` below 0."""

    _function, _example = staticmethod(F.leaky_relu), ("LeakyReLU(0.2)", "64")
    _shown = "negative_slope={negative_slope}"
    negative_slope: float = 0.01
    inplace: bool = False


class _Alpha(_Replacing):
    _shown = "alpha={alpha}"
    alpha: float = 1.0
    inplace: bool = False


class ELU(_Alpha):
    """``x``, or ``alpha·(eˣ − 1)`` below 0."""

    _function, _example = staticmethod(F.elu), ("ELU()", "64")


class CELU(_Alpha):
    """``max(0, x) + min(0, alpha·(e^(x/alpha) − 1))``."""

    _function, _example = staticmethod(F.celu), ("CELU()", "64")


class GELU(Layer):
    """``x·Φ(x)``, or its approximation by tanh."""

    _function, _example = staticmethod(F.gelu), ("GELU()", "64")
    _shown = "approximate={approximate!r}"
    approximate: str = "none"

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        return F.gelu(input, approximate=self.approximate)


class Softplus(Layer):
    """``log(1 + e^(beta·x))/beta``."""

    _function, _example = staticmethod(F.softplus), ("Softplus()", "64")
    _shown = "beta={beta}, threshold={threshold}"
    beta: float = 1.0
    threshold: float = 20.0


class _Shrink(Layer):
    _shown = "{lambd}"
    lambd: float = 0.5


class Softshrink(_Shrink):
    """``x`` moved `lambd` towards 0."""

    _function, _example = staticmethod(F.softshrink), ("Softshrink()", "64")


class Hardshrink(_Shrink):
    """``x``, or 0 within `lambd` of 0."""

    _function, _example = staticmethod(F.hardshrink), ("Hardshrink()", "64")


class Hardtanh(_Replacing):
    """``min(max(min_val, x), max_val)``.

    Raises:
        ShapeError: `max_val` is not above `min_val`.
    """

    _function, _example = staticmethod(F.hardtanh), ("Hardtanh()", "64")
    _shown = "min_val={min_val}, max_val={max_val}"
    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False

    def _assemble(self) -> None:
        low, high = self.min_val, self.max_val
        if not high > low:
            raise ShapeError(f"max_val={high!r} is not above min_val={low!r}")


class ReLU6(_InPlace, Hardtanh):
    """``min(max(0, x), 6)``."""

    _function, _example = staticmethod(F.relu6), ("ReLU6()", "6x28x28")
    _shown, min_val, max_val = "", 0.0, 6.0


class Threshold(_Replacing):
    """``x``, or `value` where it is not above `threshold`."""

    _function, _example = staticmethod(F.threshold), ("Threshold(0.1, 20)", "64")
    _shown = "threshold={threshold}, value={value}"
    threshold: float
    value: float
    inplace: bool = False


class RReLU(_Replacing):
    """`LeakyReLU` of a random slope between `lower` and `upper`."""

    _function, _example = staticmethod(F.rrelu), ("RReLU()", "64")
    _shown = "lower={lower}, upper={upper}"
    lower: float = 1.0 / 8
    upper: float = 1.0 / 3
    inplace: bool = False


class PReLU(Layer):
    """`LeakyReLU` with learned slopes: one, or one for each channel of ``(N, C, *)``.

    Raises:
        ShapeError: `num_parameters` is negative, or (when called) neither 1 nor the channels.
    """

    _example = ("PReLU(16)", "16x5x5")
    _shown = "num_parameters={num_parameters}"
    num_parameters: int = 1
    init: float = 0.25
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, device: object, dtype: dtypes.dtype | None) -> None:
        self.weight = parameter(self.num_parameters, dtype=dtype)
        number_dtype(self.init)
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(N, C, *)``; the shape stays."""
        return F.prelu(input, self.weight)


class _Softmax(Layer):
    _shown = "dim={dim}"
    dim: int | None = None


class Softmax(_Softmax):
    """Positive numbers of sum 1 along `dim`."""

    _function, _example = staticmethod(F.softmax), ("Softmax(1)", "10")


class Softmin(_Softmax):
    """`Softmax` of ``−x``."""

    _function, _example = staticmethod(F.softmin), ("Softmin(1)", "10")


class LogSoftmax(_Softmax):
    """The logarithm of `Softmax`."""

    _function, _example = staticmethod(F.log_softmax), ("LogSoftmax(1)", "10")


class Softmax2d(Layer):
    """`Softmax` over the channels of ``(N, C, H, W)`` or ``(C, H, W)``."""

    _example = ("Softmax2d()", "21x8x8")

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(N, C, H, W)`` or ``(C, H, W)``; the shape stays."""
        F.spatial(input, 2)
        return F.softmax(input, -3)


class GLU(Layer):
    """``a·σ(b)`` for the halves a and b along `dim`, which comes out half as long."""

    _function, _example = staticmethod(F.glu), ("GLU(1)", "16x5")
    _shown = "dim={dim}"
    dim: int = -1
