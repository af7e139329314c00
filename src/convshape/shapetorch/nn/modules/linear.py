"""Linear layers."""

from __future__ import annotations

from typing import Any, ClassVar

from ....errors import ShapeError
from ... import dtypes
from ...tensor import Tensor, tensor
from .. import functional as F
from .layer import Layer
from .lazy import LazyLayer
from .module import Module
from .utils import parameter


class Identity(Module):
    """Its input, whatever arguments it is made with."""

    _example = ("Identity()", "16x5x5")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input


class Linear(Layer):
    """``y = x·Wᵀ + b``: ``(*, in_features)`` to ``(*, out_features)``.

    ``weight`` is ``(out_features, in_features)``, ``bias`` ``(out_features,)``.

    Args:
        in_features: size of the last dimension of the input.
        out_features: size of the last dimension of the output.
        bias: whether a learnable bias is added.
        device: taken and ignored; nothing is stored.
        dtype: of the parameters.

    Raises:
        ShapeError: when called: the last dimension is not `in_features`, or the dtype is not the
            weight's.
    """

    _shown = "in_features={in_features}, out_features={out_features}, bias={bias}"
    _example = ("Linear(16*5*5, 120)", "400")
    in_features: int
    out_features: int
    bias: Any = True
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, bias: bool, device: object, dtype: dtypes.dtype | None) -> None:
        self.__dict__["_parameters"] = {
            "weight": parameter(self.out_features, self.in_features, dtype=dtype),
            "bias": parameter(self.out_features, dtype=dtype) if bias else None,
        }
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Multiply the last dimension of ``(*, in_features)``."""
        return F.linear(input, self.weight, self.bias)


class LazyLinear(LazyLayer, Linear):
    """A `Linear` that takes its `in_features` from its first input, then an ordinary one.

    Raises:
        ShapeError: when called: the input is a scalar, or `out_features` is not a size.
    """

    _example = ("LazyLinear(120)", "400")
    cls_to_become = Linear
    _blank: ClassVar[dict[str, Any]] = {"in_features": 0, "out_features": 0, "bias": False}

    def initialize_parameters(self, input: Tensor) -> None:
        """Make the weights for the features of `input`."""
        if not tensor("input", input).shape:
            raise ShapeError("expects at least one dimension, but receives a scalar")
        self.in_features = input.shape[-1]
        self.weight.materialize((self.out_features, self.in_features))
        if self.bias is not None:
            self.bias.materialize((self.out_features,))


class Bilinear(Layer):
    """``y = x₁ᵀ·W·x₂ + b``.

    ``(*, in1_features)`` and ``(*, in2_features)`` become ``(*, out_features)``. ``weight`` is
    ``(out_features, in1_features, in2_features)``, ``bias`` ``(out_features,)``.

    Raises:
        ShapeError: `in1_features` is not positive; when called: the inputs differ but for their
            last dimension, or that is not the features'.
    """

    _shown = (
        "in1_features={in1_features}, in2_features={in2_features}, out_features={out_features}, "
        "bias={bias}"
    )
    _example = ("Bilinear(20, 30, 40)", "20 30")
    in1_features: int
    in2_features: int
    out_features: int
    bias: Any = True
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, bias: bool, device: object, dtype: dtypes.dtype | None) -> None:
        width, size = self.out_features, (self.in1_features, self.in2_features)
        self.weight = parameter(width, *size, dtype=dtype)
        self.register_parameter("bias", parameter(width, dtype=dtype) if bias else None)
        if size[0] <= 0:
            raise ShapeError(f"in1_features={size[0]} is not a positive number")
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Multiply the last dimensions of ``(*, in1_features)`` and ``(*, in2_features)``."""
        return F.bilinear(input1, input2, self.weight, self.bias)


class NonDynamicallyQuantizableLinear(Linear):
    __doc__ = Linear.__doc__
