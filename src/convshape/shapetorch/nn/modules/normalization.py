"""Normalization within a sample: it keeps the shape."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError
from ... import dtypes
from ...arguments import divisor_near, number, shape
from ...tensor import Tensor, new, tensor
from .. import functional as F
from .layer import Layer
from .module import Module
from .utils import parameter


class GroupNorm(Layer):
    """Mean 0 and variance 1 for each group of channels of ``(N, C, *)``; the shape stays.

    ``weight`` and ``bias`` are ``(num_channels,)``.

    Raises:
        ShapeError: `num_channels` is not divisible by `num_groups`; when called: the input has
            other channels, or a single value a group.
    """

    _shown = "{num_groups}, {num_channels}, eps={eps}, affine={affine}, bias={bias}"
    _example = ("GroupNorm(4, 16)", "16x5x5")
    _keyword_only = 1
    num_groups: int
    num_channels: int
    eps: float = 1e-5
    affine: bool = True
    device: object = None
    dtype: dtypes.dtype | None = None
    bias: Any = True

    def _assemble(self, device: object, dtype: dtypes.dtype | None, bias: bool) -> None:
        groups, channels = self.num_groups, self.num_channels
        for name, value in (("num_groups", groups), ("num_channels", channels)):
            if not isinstance(value, (int, float)):
                raise ShapeError(f"needs an int for {name}, but receives {value!r}")
        if not groups or channels % groups:
            positive = isinstance(channels, int) and channels > 0
            change = {"num_groups": divisor_near(channels, groups) if positive else 1}
            if positive and groups and groups % channels == 0:  # they have changed places
                change = {"num_groups": channels, "num_channels": groups}
            near, channels_then = change["num_groups"], change.get("num_channels", channels)
            raise ShapeError(
                f"num_channels={channels} is not divisible by num_groups={groups}",
                kind=ValueError,
                fix=f"GroupNorm({near}, {channels_then})",
                tried=True,
                change=change,
            )
        for name, wanted in (("weight", self.affine), ("bias", self.affine and bias)):
            self.register_parameter(name, parameter(channels, dtype=dtype) if wanted else None)
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, *)``."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


def _normalized(shape: Any) -> tuple[Any, ...]:
    if not isinstance(shape, int) and not hasattr(type(shape), "__iter__"):
        raise ShapeError(f"needs an int or a tuple for normalized_shape, but receives {shape!r}")
    return (shape,) if isinstance(shape, int) else tuple(shape)


class LayerNorm(Layer):
    """Mean 0 and variance 1 over the last dimensions, `normalized_shape`; the shape stays.

    ``weight`` and ``bias`` have the shape `normalized_shape`.

    Raises:
        ShapeError: when called: the input ends otherwise.
    """

    _shown = "{normalized_shape}, eps={eps}, elementwise_affine={elementwise_affine}, bias={bias}"
    _example = ("LayerNorm((16, 5, 5))", "16x5x5")
    normalized_shape: Any
    eps: float = 1e-5
    elementwise_affine: bool = True
    bias: Any = True
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, bias: bool, device: object, dtype: dtypes.dtype | None) -> None:
        size = self.normalized_shape = _normalized(self.normalized_shape)
        affine = self.elementwise_affine
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            self.register_parameter(name, parameter(*size, dtype=dtype) if wanted else None)
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(*, *normalized_shape)``."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class RMSNorm(Layer):
    """Root mean square 1 over the last dimensions, which are `normalized_shape`; the shape stays.

    ``weight`` has the shape `normalized_shape`.

    Raises:
        ShapeError: when called: the input ends otherwise.
    """

    _example = ("RMSNorm(64)", "10x64")
    _shown = "{normalized_shape}, eps={eps}, elementwise_affine={elementwise_affine}"
    normalized_shape: Any
    eps: float | None = None
    elementwise_affine: bool = True
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, device: object, dtype: dtypes.dtype | None) -> None:
        size = self.normalized_shape = _normalized(self.normalized_shape)
        weight = parameter(*size, dtype=dtype) if self.elementwise_affine else None
        self.register_parameter("weight", weight)
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(*, *normalized_shape)``."""
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)


class LocalResponseNorm(Layer):
    """Normalization over `size` neighbouring channels of ``(N, C, *)``; the shape stays."""

    _function = staticmethod(F.local_response_norm)
    _example = ("LocalResponseNorm(5)", "16x5x5")
    _shown = "{size}, alpha={alpha}, beta={beta}, k={k}"
    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0


class CrossMapLRN2d(Layer):
    """`LocalResponseNorm` of ``(N, C, H, W)`` as its inventors' networks have it; the shape stays.

    Raises:
        ShapeError: when called: the input has other dimensions or no channels, or `size` is 0.
    """

    _example = ("CrossMapLRN2d(5)", "16x5x5")
    _shown = LocalResponseNorm._shown
    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, H, W)``."""
        if tensor("input", input).ndim != 4:
            raise ShapeError(
                f"expects 4 dimensions (N, C, H, W), but receives {shape(input.shape)}",
                kind=ValueError,
            )
        reach = int((number("size", self.size) - 1) / 2 + 1)
        if not input.shape[1] or not self.size or (reach < 0 and input.shape[1] > 1):
            raise ShapeError(f"has size={self.size} for {input.shape[1]} channels")
        for name in ("alpha", "beta", "k"):
            number(name, getattr(self, name))
        if input.dtype.kind < dtypes.FLOATING:
            raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
        return new(input.shape, input.dtype)
