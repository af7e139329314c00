"""What networks that are to be quantized have in place of operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .nn import Identity, Module
from .ops.spaces import FUNCTIONS
from .tensor import Tensor


class QuantStub(Module):
    """Where quantization begins: its input, until then."""

    def __init__(self, qconfig: object = None) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """Return `x`."""
        return x


class DeQuantStub(QuantStub):
    """Where quantization ends: its input, until then."""


class FloatFunctional(Module):
    """Operations that can be observed: each passes its result on to `activation_post_process`."""

    def __init__(self) -> None:
        super().__init__()
        self.activation_post_process = Identity()

    def _observed(self, name: str, *args: Any) -> Any:
        return self.activation_post_process(FUNCTIONS[name](*args))

    def add(self, x: Tensor, y: Tensor) -> Any:
        """Add two tensors."""
        return self._observed("add", x, y)

    def add_scalar(self, x: Tensor, y: float) -> Any:
        """Add a number, which is not observed."""
        return FUNCTIONS["add"](x, y)

    def mul(self, x: Tensor, y: Tensor) -> Any:
        """Multiply two tensors."""
        return self._observed("mul", x, y)

    def mul_scalar(self, x: Tensor, y: float) -> Any:
        """Multiply with a number, which is not observed."""
        return FUNCTIONS["mul"](x, y)

    def cat(self, x: Sequence[Tensor], dim: int = 0) -> Any:
        """Join tensors along a dimension."""
        return self._observed("cat", x, dim)

    def add_relu(self, x: Tensor, y: Tensor) -> Any:
        """Add two tensors and keep what is positive."""
        return self.activation_post_process(FUNCTIONS["relu"](FUNCTIONS["add"](x, y)))

    def matmul(self, x: Tensor, y: Tensor) -> Any:
        """Multiply two matrices."""
        return self._observed("matmul", x, y)
