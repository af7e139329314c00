"""Operators of quantized networks: shapes as of those that are not, in small integers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....shapetorch import dtypes
from ....shapetorch.tensor import Tensor
from ..graph import Node
from ..model_file import DTYPES
from .common import sized
from .convolution import conv
from .matrices import matmul


def quantize(node: Node, input: Tensor, scale: Tensor, zero: Tensor | None = None) -> Any:
    """Return the same shape in the type of the zero point, 8 bits unless it says another."""
    dtype = DTYPES.get(node.attribute("output_dtype", 0), dtypes.uint8)
    return sized(input, input.shape, dtype if zero is None else zero.dtype)


def dequantize(node: Node, input: Tensor, scale: Tensor, zero: Tensor | None = None) -> Any:
    """Return the same shape in the type of the scale."""
    return sized(input, input.shape, scale.dtype)


def dynamic_quantize(node: Node, input: Tensor) -> Any:
    """Return the same shape in 8 bits, then a scale and a zero point."""
    return (
        sized(input, input.shape, dtypes.uint8),
        sized(input, (), dtypes.float32),
        sized(input, (), dtypes.uint8),
    )


def _floats(tensor: Any) -> Any:
    return tensor.to(dtypes.float32)


def qlinear_conv(
    node: Node, x: Any, xs: Any, xz: Any, w: Any, ws: Any, wz: Any, ys: Any, yz: Any, b: Any = None
) -> Any:
    """As a convolution of ``(N, C, *size)`` with ``(M, C/group, *kernel)``."""
    result = conv(node, _floats(x), _floats(w), None if b is None else _floats(b))
    return sized(result, result.shape, yz.dtype)


def qlinear_matmul(
    node: Node, a: Any, a_s: Any, az: Any, b: Any, bs: Any, bz: Any, ys: Any, yz: Any
) -> Any:
    """As a product of matrices."""
    result = matmul(node, _floats(a), _floats(b))
    return sized(result, result.shape, yz.dtype)


def conv_integer(node: Node, x: Any, w: Any, *zeros: Any) -> Any:
    """As a convolution, in int32."""
    return conv(node, _floats(x), _floats(w)).to(dtypes.int32)


def matmul_integer(node: Node, a: Any, b: Any, *zeros: Any) -> Any:
    """As a product of matrices, in int32."""
    return matmul(node, _floats(a), _floats(b)).to(dtypes.int32)


OPERATORS: dict[str, Callable[..., Any]] = {
    "QuantizeLinear": quantize,
    "DequantizeLinear": dequantize,
    "DynamicQuantizeLinear": dynamic_quantize,
    "QLinearConv": qlinear_conv,
    "QLinearMatMul": qlinear_matmul,
    "ConvInteger": conv_integer,
    "MatMulInteger": matmul_integer,
}
