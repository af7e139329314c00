"""Activations: they keep the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from .. import functional as F
from .module import Module
from .utils import parameter

if TYPE_CHECKING:
    from typing import Any, ClassVar

    from ... import dtypes
    from ...tensor import Tensor


class _Activation(Module):
    """A function of `functional` as a layer: what its constructor keeps are the function's arguments."""

    _function: ClassVar[Any]

    def forward(self, input: Tensor) -> Tensor:
        """Apply the function to ``(*)``; the shape stays."""
        result: Tensor = type(self)._function(input)
        return result


class _InPlace(_Activation):
    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply the function to ``(*)``; the shape stays."""
        result: Tensor = type(self)._function(input, inplace=self.inplace)
        return result

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class ReLU(_InPlace):
    """``max(0, x)``."""

    _function = F.relu


class ReLU6(_InPlace):
    """``min(max(0, x), 6)``."""

    _function = F.relu6


class SELU(_InPlace):
    """A scaled `ELU` that keeps mean and variance."""

    _function = F.selu


class SiLU(_InPlace):
    """``x·σ(x)``."""

    _function = F.silu


class Mish(_InPlace):
    """``x·tanh(softplus(x))``."""

    _function = F.mish


class Hardswish(_InPlace):
    """``x·relu6(x + 3)/6``."""

    _function = F.hardswish

    def extra_repr(self) -> str:
        return ""


class Hardsigmoid(_InPlace):
    """``relu6(x + 3)/6``."""

    _function = F.hardsigmoid

    def extra_repr(self) -> str:
        return ""


class Sigmoid(_Activation):
    """``1/(1 + e⁻ˣ)``."""

    _function = F.sigmoid


class Tanh(_Activation):
    """``tanh(x)``."""

    _function = F.tanh


class LogSigmoid(_Activation):
    """``log(σ(x))``."""

    _function = F.logsigmoid


class Softsign(_Activation):
    """``x/(1 + |x|)``."""

    _function = F.softsign


class Tanhshrink(_Activation):
    """``x − tanh(x)``."""

    _function = F.tanhshrink


class LeakyReLU(Module):
    """``x``, or ``negative_slope·x`` below 0."""

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}" + (", inplace=True" if self.inplace else "")


class _Alpha(Module):
    _function: ClassVar[Any]

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        result: Tensor = type(self)._function(input, self.alpha, self.inplace)
        return result

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class ELU(_Alpha):
    """``x``, or ``alpha·(eˣ − 1)`` below 0."""

    _function = F.elu


class CELU(_Alpha):
    """``max(0, x) + min(0, alpha·(e^(x/alpha) − 1))``."""

    _function = F.celu


class GELU(Module):
    """``x·Φ(x)``, or its approximation by tanh."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """``log(1 + e^(beta·x))/beta``."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class _Shrink(Module):
    _function: ClassVar[Any]

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        result: Tensor = type(self)._function(input, self.lambd)
        return result

    def extra_repr(self) -> str:
        return str(self.lambd)


class Softshrink(_Shrink):
    """``x`` moved `lambd` towards 0."""

    _function = F.softshrink


class Hardshrink(_Shrink):
    """``x``, or 0 within `lambd` of 0."""

    _function = F.hardshrink


class Hardtanh(Module):
    """``min(max(min_val, x), max_val)``.

    Raises:
        ShapeError: `max_val` is not above `min_val`.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if not max_val > min_val:
            raise ShapeError(f"max_val={max_val!r} is not above min_val={min_val!r}")
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}" + (
            ", inplace=True" if self.inplace else ""
        )


class Threshold(Module):
    """``x``, or `value` where it is not above `threshold`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return f"threshold={self.threshold}, value={self.value}" + (
            ", inplace=True" if self.inplace else ""
        )


class RReLU(Module):
    """`LeakyReLU` of a random slope between `lower` and `upper`."""

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(*)``; the shape stays."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}" + (
            ", inplace=True" if self.inplace else ""
        )


class PReLU(Module):
    """`LeakyReLU` with learned slopes: one, or one for each channel of ``(N, C, *)``.

    Raises:
        ShapeError: `num_parameters` is negative, or (when called) neither 1 nor the number of channels.
    """

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = parameter(num_parameters, dtype=dtype)
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(N, C, *)``; the shape stays."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class _Softmax(Module):
    _function: ClassVar[Any]

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Apply it along `dim` of ``(*)``; the shape stays."""
        result: Tensor = type(self)._function(input, self.dim)
        return result

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(_Softmax):
    """Positive numbers of sum 1 along `dim`."""

    _function = F.softmax


class Softmin(_Softmax):
    """`Softmax` of ``−x``."""

    _function = F.softmin


class LogSoftmax(_Softmax):
    """The logarithm of `Softmax`."""

    _function = F.log_softmax


class Softmax2d(Module):
    """`Softmax` over the channels of ``(N, C, H, W)`` or ``(C, H, W)``."""

    def forward(self, input: Tensor) -> Tensor:
        """Apply it to ``(N, C, H, W)`` or ``(C, H, W)``; the shape stays."""
        F.spatial(input, 2)
        return F.softmax(input, -3)


class GLU(Module):
    """``a·σ(b)`` for the halves a and b along `dim`, which comes out half as long."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Halve dimension `dim` of ``(*)``."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
