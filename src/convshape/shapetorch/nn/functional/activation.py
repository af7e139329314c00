"""Activations: the shape stays, and what they refuse is a dtype or a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import axis, flag, number, shape
from ...layout import alone, elementwise, follow, follow_copy, itself, packing, part, strides
from ...operation import operation
from ...ops.reductions import normalised
from ...tensor import check_value, new, tensor
from .common import floating, numeric, promoted, same_dtype

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...tensor import Tensor


def _placed(
    input: Tensor, result: Tensor, inplace: bool, lay: Callable[[Tensor, Tensor], Tensor] = follow
) -> Tensor:
    """Lay a result out in memory: anew, or in place of the input."""
    if input.memory is None:  # as nearly always
        return result
    if inplace:
        result.memory = alone(input).memory
        return result
    return lay(result, input)


@operation
@itself
def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """``max(0, x)``."""
    return _placed(input, numeric(input), inplace)


@operation
@itself
def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """``min(max(0, x), 6)``."""
    return _placed(input, numeric(input), inplace, follow_copy)


@operation
@itself
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """``x``, or ``negative_slope·x`` below 0."""
    number("negative_slope", negative_slope)
    return _placed(input, floating(input), inplace)


@operation
@itself
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``x``, or ``alpha·(eˣ − 1)`` below 0."""
    number("alpha", alpha)
    return _placed(input, floating(input), inplace)


@operation
@itself
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """A scaled `elu` that keeps mean and variance."""
    return _placed(input, floating(input), inplace)


@operation
@itself
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``max(0, x) + min(0, alpha·(e^(x/alpha) − 1))``."""
    if number("alpha", alpha) == 0:
        raise ShapeError("cannot divide by alpha=0")
    return _placed(input, floating(input), inplace)


@operation
@elementwise
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """``x·Φ(x)``, or its approximation by tanh."""
    if approximate not in ("none", "tanh"):
        raise ShapeError(f"has approximate={approximate!r}, which is neither 'none' nor 'tanh'")
    return floating(input)


@operation
@itself
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """``x·σ(x)``."""
    return _placed(
        input,
        new(input.shape, input.dtype) if input.dtype.kind == dtypes.COMPLEX else floating(input),
        inplace,
    )


@operation
@itself
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x·tanh(softplus(x))``."""
    return _placed(input, floating(input), inplace)


@operation
@elementwise
def sigmoid(input: Tensor) -> Tensor:
    """``1/(1 + e⁻ˣ)``."""
    return promoted(input)


@operation
@elementwise
def tanh(input: Tensor) -> Tensor:
    """``tanh(x)``."""
    return promoted(input)


@operation
@elementwise
def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """``log(1 + e^(beta·x))/beta``."""
    number("beta", beta)
    number("threshold", threshold)
    return floating(input)


@operation
@elementwise
def softsign(input: Tensor) -> Tensor:
    """``x/(1 + |x|)``."""
    return promoted(input, of_bool=False)


@operation
@elementwise
def tanhshrink(input: Tensor) -> Tensor:
    """``x − tanh(x)``."""
    return promoted(input, of_bool=False)


@operation
@elementwise
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x`` moved `lambd` towards 0."""
    if number("lambd", lambd) < 0:
        raise ShapeError(f"has lambd={lambd!r}, which must be at least 0")
    return floating(input)


@operation
@elementwise
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x``, or 0 within `lambd` of 0."""
    number("lambd", lambd)
    return floating(input)


@operation
@itself
def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x·relu6(x + 3)/6``."""
    return _placed(input, floating(input), inplace)


@operation
@itself
def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """``relu6(x + 3)/6``."""
    return _placed(input, floating(input), inplace)


@operation
@itself
def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """``min(max(min_val, x), max_val)``."""
    if number("min_val", min_val) > number("max_val", max_val):
        raise ShapeError(f"has min_val={min_val!r} above max_val={max_val!r}")
    return _placed(input, numeric(input, min_val, max_val), inplace, follow_copy)


@operation
@packing
def logsigmoid(input: Tensor) -> Tensor:
    """``log(σ(x))``."""
    return floating(input)


@operation
@itself
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """``x``, or `value` where it is not above `threshold`."""
    result = _above(input, threshold, value)
    return input.data if inplace else follow(result, input)


def _above(input: Tensor, threshold: float, value: float) -> Tensor:
    result = numeric(input)
    for name, each in (("threshold", threshold), ("value", value)):
        check_value(number(name, each), input.dtype)
        if (
            input.dtype is dtypes.uint8 and isinstance(each, float) and each < 0
        ):  # an int would wrap around
            raise ShapeError(f"has {name}={each!r}, which uint8 cannot hold")
    return result


@operation
@itself
def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """`leaky_relu` of a random slope."""
    if number("lower", lower) > number("upper", upper):
        raise ShapeError(f"has lower={lower!r} above upper={upper!r}")
    if training and input.dtype is dtypes.float16:
        raise ShapeError("is not defined for float16 while training")
    result = floating(input)
    if inplace:
        result.memory = alone(input).memory
    return result


@operation
@itself
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
    return follow_copy(result, input)


def _softmax(name: str) -> Callable[..., Tensor]:
    def softmax(
        input: Tensor,
        dim: int | None = None,
        _stacklevel: int = 3,
        dtype: dtypes.dtype | None = None,
    ) -> Tensor:
        """Make the elements along `dim` positive with sum 1 (or their logarithms); the shape stays.

        Raises:
            ShapeError: there is no dimension `dim`.
        """
        input = tensor("input", input)
        if dim is not None:  # torch's own choice, where none is given, always exists
            axis("dim", dim, input.ndim)
        if name == "softmin" and input.dtype is dtypes.bool:
            raise ShapeError("is not defined for bool")
        return normalised(input, dtype)

    softmax.__name__ = softmax.__qualname__ = name
    return operation(packing(softmax))


softmax = _softmax("softmax")
softmin = _softmax("softmin")
log_softmax = _softmax("log_softmax")


@operation
@packing
def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """`softmax` of a random sample, or with `hard` a single one where it is largest; the shape stays.

    Raises:
        ShapeError: there is no dimension `dim`, or nothing along it to choose from.
    """
    number("tau", tau)
    result = floating(logits) if tensor("logits", logits).numel() else promoted(logits)
    index = axis("dim", dim, result.ndim)
    if hard and logits.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
        raise ShapeError(f"is not defined for {logits.dtype.name}", fix="an input of float32")
    if hard and result.shape and not result.shape[index]:
        raise ShapeError(f"has nothing to choose from along dimension {dim}: {shape(result.shape)}")
    return result


@operation
@itself
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """``a·σ(b)`` for the halves a and b along `dim`, which comes out half as long.

    Raises:
        ShapeError: there is no dimension `dim`, or it is odd.
    """
    input = tensor("input", input)
    if not input.shape:
        raise ShapeError("cannot halve a scalar")
    index = axis("dim", dim, input.ndim)
    half, odd = divmod(input.shape[index], 2)
    if odd:
        raise ShapeError(
            f"cannot halve dimension {dim} of {shape(input.shape)}: {input.shape[index]} is odd"
        )
    sizes = (*input.shape[:index], half, *input.shape[index + 1 :])
    first = second = part(input, sizes, strides(input))
    return follow(new(sizes, floating(input).dtype), first, second)


# torch's in-place spellings of its own functions. Their arguments are those, without `inplace`.


@operation
@itself
def relu_(input: Tensor) -> Tensor:
    """`relu` in place."""
    return relu(input, inplace=True)


@operation
@itself
def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu` in place."""
    return leaky_relu(input, negative_slope, inplace=True)


@operation
@itself
def elu_(input: Tensor, alpha: float = 1.0, scale: float = 1, input_scale: float = 1) -> Tensor:
    """`elu` in place."""
    number("scale", scale)
    number("input_scale", input_scale)
    return elu(input, alpha, inplace=True)


@operation
@itself
def selu_(input: Tensor) -> Tensor:
    """`selu` in place."""
    return selu(input, inplace=True)


@operation
@itself
def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`celu` in place."""
    return celu(input, alpha, inplace=True)


@operation
@itself
def hardtanh_(input: Tensor, min_val: float = -1, max_val: float = 1) -> Tensor:
    """`hardtanh` in place."""
    return _placed(
        input, numeric(input, number("min_val", min_val), number("max_val", max_val)), True
    )


@operation
@itself
def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """`threshold` in place."""
    _above(input, threshold, value)
    return input.data


@operation
@itself
def rrelu_(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False
) -> Tensor:
    """`rrelu` in place."""
    flag("training", training)
    return rrelu(input, lower, upper, inplace=True)
