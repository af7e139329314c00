"""Normalisation within a sample: it keeps the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import divisor_near, number, shape
from ...tensor import new, tensor
from .. import functional as F
from .module import Module
from .utils import parameter

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor


class GroupNorm(Module):
    """Mean 0 and variance 1 for each group of channels of ``(N, C, *)``; the shape stays.

    ``weight`` and ``bias`` are ``(num_channels,)``.

    Raises:
        ShapeError: `num_channels` is not divisible by `num_groups`; when called: the input has other
            channels, or a single value a group.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: object = None,
        dtype: dtypes.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        for name, value in (("num_groups", num_groups), ("num_channels", num_channels)):
            if not isinstance(value, (int, float)):
                raise ShapeError(f"needs an int for {name}, but receives {value!r}")
        if not num_groups or num_channels % num_groups:
            near = (
                divisor_near(num_channels, num_groups)
                if isinstance(num_channels, int) and num_channels > 0
                else 1
            )
            raise ShapeError(
                f"num_channels={num_channels} is not divisible by num_groups={num_groups}",
                fix=f"GroupNorm({near}, {num_channels})",
                tried=True,
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.register_parameter("weight", parameter(num_channels, dtype=dtype) if affine else None)
        self.register_parameter(
            "bias", parameter(num_channels, dtype=dtype) if affine and bias else None
        )
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, *)``."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


def _normalized(shape: Any) -> tuple[Any, ...]:
    if not isinstance(shape, int) and not hasattr(type(shape), "__iter__"):
        raise ShapeError(f"needs an int or a tuple for normalized_shape, but receives {shape!r}")
    return (shape,) if isinstance(shape, int) else tuple(shape)


class LayerNorm(Module):
    """Mean 0 and variance 1 over the last dimensions, which are `normalized_shape`; the shape stays.

    ``weight`` and ``bias`` have the shape `normalized_shape`.

    Raises:
        ShapeError: when called: the input ends otherwise.
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _normalized(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        for name, wanted in (("weight", elementwise_affine), ("bias", elementwise_affine and bias)):
            self.register_parameter(
                name, parameter(*self.normalized_shape, dtype=dtype) if wanted else None
            )
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(*, *normalized_shape)``."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """Root mean square 1 over the last dimensions, which are `normalized_shape`; the shape stays.

    ``weight`` has the shape `normalized_shape`.

    Raises:
        ShapeError: when called: the input ends otherwise.
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _normalized(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        weight = parameter(*self.normalized_shape, dtype=dtype) if elementwise_affine else None
        self.register_parameter("weight", weight)
        self.reset_parameters()

    reset_parameters = Module._nothing

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(*, *normalized_shape)``."""
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class LocalResponseNorm(Module):
    """Normalisation over `size` neighbouring channels of ``(N, C, *)``; the shape stays."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, *)``."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(Module):
    """`LocalResponseNorm` of ``(N, C, H, W)`` as its inventors' networks have it; the shape stays.

    Raises:
        ShapeError: when called: the input has other dimensions or no channels, or `size` is 0.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, H, W)``."""
        if tensor("input", input).ndim != 4:
            raise ShapeError(
                f"expects 4 dimensions (N, C, H, W), but receives {shape(input.shape)}"
            )
        reach = int((number("size", self.size) - 1) / 2 + 1)
        if not input.shape[1] or not self.size or (reach < 0 and input.shape[1] > 1):
            raise ShapeError(f"has size={self.size} for {input.shape[1]} channels")
        for name in ("alpha", "beta", "k"):
            number(name, getattr(self, name))
        if input.dtype.kind < dtypes.FLOATING:
            raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
        return new(input.shape, input.dtype)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
