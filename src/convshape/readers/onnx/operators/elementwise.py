"""Operators that work element by element: their inputs are repeated to a shape in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....errors import ShapeError
from ....shapetorch import dtypes
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.tensor import Tensor, broadcast_shapes
from ..graph import Node
from ..model_file import DTYPES
from .common import F, same, sized, torch

#: torch's functions of one tensor, by the operators that are called otherwise there.
_UNARY = {
    "Abs": "abs", "Neg": "neg", "Ceil": "ceil", "Floor": "floor", "Round": "round", "Sqrt": "sqrt",
    "Exp": "exp", "Log": "log", "Sign": "sign", "Reciprocal": "reciprocal", "Not": "logical_not",
    "BitwiseNot": "bitwise_not", "IsNaN": "isnan", "IsInf": "isinf", "Relu": "relu",
    "Sigmoid": "sigmoid", "Tanh": "tanh", "Erf": "erf", "Sin": "sin", "Cos": "cos", "Tan": "tan",
    "Asin": "asin", "Acos": "acos", "Atan": "atan", "Sinh": "sinh", "Cosh": "cosh",
    "Asinh": "asinh", "Acosh": "acosh", "Atanh": "atanh", "Selu": "selu",
}  # fmt: skip
#: Those that torch has among the functions of layers.
_ACTIVATIONS = {
    "Elu": "elu", "Celu": "celu", "LeakyRelu": "leaky_relu", "HardSigmoid": "hardsigmoid",
    "HardSwish": "hardswish", "Softplus": "softplus", "Softsign": "softsign", "Gelu": "gelu",
    "Mish": "mish", "Swish": "silu", "ThresholdedRelu": "relu", "Shrink": "softshrink",
}  # fmt: skip
_BINARY = {
    "Add": "add", "Sub": "sub", "Mul": "mul", "And": "logical_and", "Or": "logical_or",
    "Xor": "logical_xor", "Equal": "eq", "Less": "lt", "LessOrEqual": "le", "Greater": "gt",
    "GreaterOrEqual": "ge", "BitwiseAnd": "bitwise_and", "BitwiseOr": "bitwise_or",
    "BitwiseXor": "bitwise_xor",
}  # fmt: skip


def _unary(name: str, home: Any) -> Callable[..., Any]:
    return lambda node, x: getattr(home, name)(x)


def _binary(name: str) -> Callable[..., Any]:
    return lambda node, a, b: getattr(torch, name)(a, b)


def divide(node: Node, a: Tensor, b: Tensor) -> Any:
    """Divide; whole numbers give whole numbers, rounded towards 0."""
    whole = a.dtype.kind < dtypes.FLOATING
    return torch.div(a, b, rounding_mode="trunc") if whole else torch.div(a, b)


def power(node: Node, a: Tensor, b: Tensor) -> Any:
    """Raise to a power; the result has the type of the base."""
    result = torch.pow(a, b)
    return result if result.dtype is a.dtype else result.to(a.dtype)


def modulo(node: Node, a: Tensor, b: Tensor) -> Any:
    """Return the remainder."""
    return torch.fmod(a, b) if node.attribute("fmod", 0) else torch.remainder(a, b)


def _folded(name: str) -> Callable[..., Any]:
    """Return the rule of an operator of any number of tensors."""

    def rule(node: Node, *inputs: Tensor) -> Any:
        result: Any = inputs[0]
        for other in inputs[1:]:
            result = getattr(torch, name)(result, other)
        return result.clone() if len(inputs) == 1 else result

    return rule


def clip(node: Node, input: Any, low: Tensor | None = None, high: Tensor | None = None) -> Any:
    """Keep values between two bounds, which are numbers."""
    if low is None and high is None:
        return input.clone()
    return torch.clamp(input, low, high)


def prelu(node: Node, input: Tensor, slope: Tensor) -> Any:
    """Multiply negative values with a slope, which is repeated to the shape of the input."""
    if broadcast_shapes(input.shape, slope.shape) != input.shape:
        shapes = shape_text(slope.shape), shape_text(input.shape)
        raise ShapeError(f"has a slope {shapes[0]}, which cannot be repeated to {shapes[1]}")
    return torch.relu(input)


def cast(node: Node, input: Any, like: Tensor | None = None) -> Any:
    """Return the elements in another type."""
    dtype = like.dtype if like is not None else DTYPES.get(node.attribute("to"), input.dtype)
    return input.clone() if dtype is input.dtype else input.to(dtype)


def dropout(
    node: Node, input: Tensor, ratio: Tensor | None = None, mode: Tensor | None = None
) -> Any:
    """Return the input, and a mask of its shape if one is wanted."""
    result = F.dropout(input, 0.5, False)
    return (result, sized(input, input.shape, dtypes.bool)) if len(node.outputs) > 1 else result


def softmax(node: Node, input: Tensor) -> Any:
    """Return the same shape."""
    return F.softmax(input, node.attribute("axis", -1 if node.opset >= 13 else 1))


OPERATORS: dict[str, Callable[..., Any]] = {
    **{name: _unary(function, torch) for name, function in _UNARY.items()},
    **{name: _unary(function, F) for name, function in _ACTIVATIONS.items()},
    **{name: _binary(function) for name, function in _BINARY.items()},
    "BitShift": lambda node, a, b: sized(a, broadcast_shapes(a.shape, b.shape)),
    "Div": divide,
    "Pow": power,
    "Mod": modulo,
    "Max": _folded("maximum"),
    "Min": _folded("minimum"),
    "Sum": _folded("add"),
    "Mean": _folded("add"),
    "Where": lambda node, condition, a, b: torch.where(condition, a, b),
    "Clip": clip,
    "PRelu": prelu,
    "Cast": cast,
    "CastLike": cast,
    "Identity": lambda node, x: x,
    "Dropout": dropout,
    "Softmax": softmax,
    "LogSoftmax": softmax,
    "Hardmax": softmax,
    "CumSum": same,
    "CumProd": same,
    "Trilu": lambda node, x, k=None: torch.tril(x),
    "ReverseSequence": same,
}
