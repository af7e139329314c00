"""Activations: the shape stays, and what they refuse is a dtype or a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....errors import ShapeError
from ... import dtypes
from ...arguments import Axis, Ints, axis, number, one_of, shape
from ...layout import (
    ELEMENTWISE,
    OWN,
    PACKED,
    PRESERVED,
    alone,
    follow,
    follow_copy,
    iterated,
    strides,
)
from ...operation import named, operation
from ...tensor import Tensor, broadcast_shapes, check_value, new, result_type
from .common import floating, numeric, promoted, same_dtype

Rule = Callable[[Tensor], Tensor]


_ELEMENTWISE, _PACKED, _OWN = (
    operation(layout=layout, macs=None, field="pointwise") for layout in (ELEMENTWISE, PACKED, OWN)
)


def _placed(
    input: Tensor, result: Tensor, inplace: Any, lay: Callable[[Tensor, Tensor], Tensor] = follow
) -> Tensor:
    """Lay a result out in memory: anew, or in place of the input."""
    if input.memory is None:  # as nearly always
        return result
    if inplace:
        result.memory = alone(input).memory
        return result
    return lay(result, input)


# Activations without numbers: what each makes of a dtype, or refuses


def _of_input(
    name: str, equation: str, rule: Rule, declare: Any = _ELEMENTWISE
) -> Callable[..., Tensor]:
    def activation(input: Tensor) -> Tensor:
        return rule(input)

    activation.__doc__ = equation
    declared: Callable[..., Tensor] = declare(named(name, activation))
    return declared


def _of_input_or_in_place(
    name: str, equation: str, rule: Rule, lay: Any = follow
) -> Callable[..., Tensor]:
    def activation(input: Tensor, inplace: Any = False) -> Tensor:
        return _placed(input, rule(input), inplace, lay)

    activation.__doc__ = equation
    return _OWN(named(name, activation))


def _promoted_unless_bool(input: Tensor) -> Tensor:
    return promoted(input, of_bool=False)


def _floating_or_complex(input: Tensor) -> Tensor:
    complex_ = input.dtype.kind == dtypes.COMPLEX
    return new(input.shape, input.dtype) if complex_ else floating(input)


sigmoid = _of_input("sigmoid", "``1/(1 + e⁻ˣ)``.", promoted)
tanh = _of_input("tanh", "``tanh(x)``.", promoted)
softsign = _of_input("softsign", "``x/(1 + |x|)``.", _promoted_unless_bool)
tanhshrink = _of_input("tanhshrink", "``x − tanh(x)``.", _promoted_unless_bool)
logsigmoid = _of_input("logsigmoid", "``log(σ(x))``.", floating, _PACKED)

relu = _of_input_or_in_place("relu", "``max(0, x)``.", numeric)
relu6 = _of_input_or_in_place("relu6", "``min(max(0, x), 6)``.", numeric, follow_copy)
selu = _of_input_or_in_place("selu", "A scaled `elu` that keeps mean and variance.", floating)
silu = _of_input_or_in_place("silu", "``x·σ(x)``.", _floating_or_complex)
mish = _of_input_or_in_place("mish", "``x·tanh(softplus(x))``.", floating)
hardswish = _of_input_or_in_place("hardswish", "``x·relu6(x + 3)/6``.", floating)
hardsigmoid = _of_input_or_in_place("hardsigmoid", "``relu6(x + 3)/6``.", floating)


# Activations with numbers


@_OWN
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: Any = False) -> Tensor:
    """``x``, or ``negative_slope·x`` below 0."""
    return _placed(input, floating(input), inplace)


@_OWN
def elu(input: Tensor, alpha: float = 1.0, inplace: Any = False) -> Tensor:
    """``x``, or ``alpha·(eˣ − 1)`` below 0."""
    return _placed(input, floating(input), inplace)


@_OWN
def celu(input: Tensor, alpha: float = 1.0, inplace: Any = False) -> Tensor:
    """``max(0, x) + min(0, alpha·(e^(x/alpha) − 1))``."""
    if alpha == 0:
        raise ShapeError("cannot divide by alpha=0")
    return _placed(input, floating(input), inplace)


@_ELEMENTWISE
def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """``x·Φ(x)``, or its approximation by tanh."""
    one_of("approximate", approximate, ("none", "tanh"))
    return floating(input)


@_ELEMENTWISE
def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """``log(1 + e^(beta·x))/beta``."""
    return floating(input)


@_ELEMENTWISE
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x`` moved `lambd` towards 0."""
    if lambd < 0:
        raise ShapeError(f"has lambd={lambd!r}, which must be at least 0")
    return floating(input)


@_ELEMENTWISE
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x``, or 0 within `lambd` of 0."""
    return floating(input)


@_OWN
def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: Any = False
) -> Tensor:
    """``min(max(min_val, x), max_val)``."""
    if min_val > max_val:
        raise ShapeError(f"has min_val={min_val!r} above max_val={max_val!r}")
    return _placed(input, numeric(input, min_val, max_val), inplace, follow_copy)


@_OWN
def threshold(input: Tensor, threshold: float, value: float, inplace: Any = False) -> Tensor:
    """``x``, or `value` where it is not above `threshold`."""
    result = _above(input, threshold=threshold, value=value)
    return input.data if inplace else follow(result, input)


def _above(input: Tensor, **limits: float) -> Tensor:
    result = numeric(input)
    for limit in limits.values():
        check_value(limit, input.dtype)
    return result


@_OWN
def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: Any = False,
    inplace: Any = False,
) -> Tensor:
    """`leaky_relu` of a random slope."""
    if lower > upper:
        raise ShapeError(f"has lower={lower!r} above upper={upper!r}")
    if training and input.dtype is dtypes.float16:
        raise ShapeError("is not defined for float16 while training")
    return _placed(input, floating(input), inplace, lambda result, _: result)


@operation(layout=PRESERVED, macs=None, field="pointwise")
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """`leaky_relu` with learned slopes: one, or one for each channel of ``(N, C, *)``."""
    result = floating(input)
    same_dtype(input, weight)
    if weight.ndim > 1:
        raise ShapeError(f"needs a vector of slopes, but has {shape(weight.shape)}")
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.numel() != 1 and (not input.shape or weight.numel() != channels):
        raise ShapeError(
            f"has {weight.numel()} slopes for {channels} channels: {shape(input.shape)}",
            change={"num_parameters": channels},
        )
    return result


# Along a dimension

_SOFTMAX = operation(layout=PACKED, macs=None, field="softmax")


def _softmax(name: str) -> Callable[..., Tensor]:
    def softmax(
        input: Tensor, dim: Axis | None = None, _stacklevel: Any = 3, dtype: Any = None
    ) -> Tensor:
        """Make the elements along `dim` positive with sum 1 (or their logarithms); the shape stays.

        Without `dim` it is a dimension of torch's choice, which always exists.

        Raises:
            ShapeError: there is no dimension `dim`.
        """
        from ...ops.reductions import normalised  # few networks have one

        if name == "softmin" and input.dtype is dtypes.bool:
            raise ShapeError("is not defined for bool")
        return normalised(input, dtype)

    return _SOFTMAX(named(name, softmax))


softmax = _softmax("softmax")
softmin = _softmax("softmin")
log_softmax = _softmax("log_softmax")


@_SOFTMAX
def gumbel_softmax(
    logits: Tensor, tau: Any = 1, hard: Any = False, eps: Any = 1e-10, dim: int = -1
) -> Tensor:
    """`softmax` of a random sample, or with `hard` a one where that is largest; the shape stays.

    Raises:
        ShapeError: there is no dimension `dim`, or nothing along it to choose from.
    """
    result = floating(logits) if logits.numel() else promoted(logits)
    if isinstance(tau, Tensor):  # which torch divides by
        result = new(broadcast_shapes(result.shape, tau.shape), result_type(result, tau))
    else:
        number("tau", tau)
    index = axis("dim", dim, result.ndim)
    if hard and logits.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
        raise ShapeError(f"is not defined for {logits.dtype.name}", fix="an input of float32")
    if hard and result.shape and not result.shape[index]:
        raise ShapeError(f"has nothing to choose from along dimension {dim}: {shape(result.shape)}")
    return result


def _of_halves(half: Tensor, operands: Sequence[Tensor]) -> Ints | None:
    """Return the strides of what is made element by element of the halves of a tensor."""
    return iterated(half.shape, [(half.shape, strides(operands[0]))])


@operation(layout=_of_halves, macs=None, field="glu")
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """``a·σ(b)`` for the halves a and b along `dim`, which comes out half as long.

    Raises:
        ShapeError: there is no dimension `dim`, or it is odd.
    """
    if not input.shape:
        raise ShapeError("cannot halve a scalar")
    index = axis("dim", dim, input.ndim)
    length = input.shape[index]
    if length % 2:
        raise ShapeError(f"cannot halve dimension {dim} of {shape(input.shape)}: {length} is odd")
    sizes = (*input.shape[:index], length // 2, *input.shape[index + 1 :])
    return new(sizes, floating(input).dtype)


# torch's in-place spellings of its own functions. Their arguments are those, without `inplace`.


relu_ = _of_input("relu_", "`relu` in place.", lambda x: relu(x, True), _OWN)
selu_ = _of_input("selu_", "`selu` in place.", lambda x: selu(x, True), _OWN)


@_OWN
def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu` in place."""
    return leaky_relu(input, negative_slope, True)


@_OWN
def elu_(input: Tensor, alpha: float = 1.0, scale: float = 1, input_scale: float = 1) -> Tensor:
    """`elu` in place."""
    return elu(input, alpha, True)


@_OWN
def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`celu` in place."""
    return celu(input, alpha, True)


@_OWN
def hardtanh_(input: Tensor, min_val: float = -1, max_val: float = 1) -> Tensor:
    """`hardtanh` in place, of limits in any order."""
    return _placed(input, numeric(input, min_val, max_val), True)


@_OWN
def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """`threshold` in place."""
    _above(input, threshold=threshold, value=value)
    return input.data


@_OWN
def rrelu_(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    """`rrelu` in place."""
    return rrelu(input, lower, upper, False, True)
