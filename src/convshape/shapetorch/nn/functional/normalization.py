"""Normalisation: the shape stays."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ....errors import ShapeError, UnknownOperation
from ... import dtypes
from ...arguments import divisor_near, flag, integer, integers, number, shape
from ...layout import (
    alone,
    channels_last,
    follow,
    follow_copy,
    follow_format,
    is_channels_last,
    is_packed,
    is_unknown,
    itself,
    lay,
    prefers_channels_last,
    strides,
)
from ...operation import operation
from ...ops.reductions import norm
from ...tensor import UNKNOWN, new, tensor
from .common import floating, promoted
from .padding import pad
from .pooling import AVERAGED, AVG_POOL

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor


@operation
@itself
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel of ``(N, C, *)``; the shape stays.

    Raises:
        ShapeError: the channels are not those of the statistics or the weights, or while training a channel
            has a single value.
    """
    input = tensor("input", input)
    if number("eps", eps) < 0 or (training and eps == 0):
        raise ShapeError(
            f"has eps={eps!r}, which must be {'positive' if training else 'at least 0'}"
        )
    if training and prod(input.shape[:1] + input.shape[2:]) == 1:
        raise ShapeError(
            f"needs more than one value a channel to take statistics of, but receives {shape(input.shape)}",
            fix="a larger batch, or eval mode with running statistics",
        )
    return batch_normed(input, weight, bias, running_mean, running_var, training, momentum, eps)


def batch_normed(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    """Normalise each channel, also one with a single value."""
    input = tensor("input", input)
    flag("training", training)
    number("momentum", momentum)
    number("eps", eps)
    weights = [member for member in (weight, bias) if member is not None]
    members = [member for member in (running_mean, running_var) if member is not None] + weights
    if not input.numel():  # torch only multiplies by the first weight and adds the first bias
        if any(not member.shape or not member.shape[0] for member in weights):
            raise ShapeError("has no weight to multiply by")
        return _scaled(input, [new(w.shape[1:], w.dtype) for w in weights])
    _check_statistics(running_mean, running_var, not training)
    if input.ndim < 2:
        raise ShapeError(f"expects at least 2 dimensions (N, C), but receives {shape(input.shape)}")
    channels = input.shape[1]
    for member in members:
        if member.numel() != channels:
            raise ShapeError(
                f"expects {member.numel()} channels, but receives {channels}: {shape(input.shape)}",
                change={"num_features": channels},
            )
    kinds = {member.dtype for member in members}
    mixed = kinds == {dtypes.float32} and input.dtype in (dtypes.float16, dtypes.bfloat16)
    if input.dtype.kind != dtypes.FLOATING or not (mixed or kinds <= {input.dtype}):
        has = " and ".join(sorted(kind.name for kind in kinds)) or "no"
        whole = running_var is not None and running_var.dtype.kind < dtypes.FLOATING
        if any(member.memory for member in members) or (whole and input.memory):
            raise UnknownOperation(  # since torch has another computation for them
                f"{has} statistics and weights with what is spread in memory are not known to convshape",
                fix="`.contiguous()` of all",
            )
        raise ShapeError(f"has {has} statistics and weights, but receives {input.dtype.name}")
    result = new(input.shape, input.dtype)
    if is_unknown(input) or (input.memory and any(member.memory for member in members)):
        result.memory = UNKNOWN
    elif input.memory is not None and not is_packed(s := input.shape, own := strides(input)):
        lay(
            result,
            channels_last(s) if is_channels_last(s, own) or prefers_channels_last(s, own) else None,
        )
    return result


def _scaled(input: Tensor, weights: list[Tensor]) -> Tensor:
    """Return what torch makes of no elements: a copy, times the first weight, plus the first bias."""
    result: Tensor = input.clone()
    for weight in weights:
        result = result * weight
    return result


@operation
@itself
def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """Divide the vectors along `dim` by their length; the shape stays.

    Raises:
        ShapeError: there is no dimension `dim`, or there are no floating-point numbers.
    """
    length: Tensor = norm(input, p, dim, True).clamp_min(eps)
    result: Tensor = input / length.expand_as(input)
    return result


def _check_statistics(mean: Tensor | None, var: Tensor | None, needed: bool) -> None:
    if (mean is None) != (var is None) or (needed and mean is None):
        raise ShapeError(
            "needs running_mean and running_var" + ("" if needed else ", or neither of them")
        )


def _more_than_one(count: int, what: str, input: Tensor) -> None:
    if count == 1:
        raise ShapeError(
            f"needs more than one {what} to take statistics of, but receives {shape(input.shape)}"
        )


@operation
@itself
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise groups of channels of ``(N, C, *)``; the shape stays.

    Raises:
        ShapeError: the channels are not divisible by `num_groups` or not those of the weights.
    """
    result = group_normed(input, num_groups, weight, bias, eps)
    _more_than_one(input.numel() // num_groups, "value a group", input)
    return result


def group_normed(
    input: Tensor, num_groups: int, weight: Tensor | None, bias: Tensor | None, eps: float
) -> Tensor:
    """Normalise groups of channels, also one with a single value."""
    groups = integer("num_groups", num_groups)
    number("eps", eps)
    if tensor("input", input).ndim < 2:
        raise ShapeError(
            f"expects at least 2 dimensions (N, C, *), but receives {shape(input.shape)}"
        )
    channels = input.shape[1]
    if groups < 1 or channels % groups:
        raise ShapeError(
            f"cannot divide {channels} channels among {groups} groups",
            change={"num_channels": channels, "num_groups": divisor_near(channels, groups)},
        )
    for member in (weight, bias):
        if member is not None and member.shape != (channels,):
            raise ShapeError(
                f"expects {member.numel()} channels, but receives {channels}: {shape(input.shape)}",
                change={"num_channels": channels},
                or_change={"num_channels": channels, "num_groups": divisor_near(channels, groups)},
            )
    return follow_format(_normalised(input, weight, bias), input)


def _normalised(input: Tensor, *members: Tensor | None) -> Tensor:
    """Pass floating-point numbers whose dtype goes with that of the weights."""
    kinds = {member.dtype for member in members if member is not None}
    low = input.dtype in (dtypes.float16, dtypes.bfloat16) and kinds == {dtypes.float32}
    if not low and not kinds <= {input.dtype}:
        has = " and ".join(sorted(kind.name for kind in kinds))
        raise ShapeError(f"has {has} weights, but receives {input.dtype.name}")
    return floating(input)


@operation
@itself
def layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise over the last dimensions, which are `normalized_shape`; the shape stays.

    Raises:
        ShapeError: the last dimensions are others.
    """
    number("eps", eps)
    _check_normalized(input, normalized_shape, weight, bias)
    return _normalised(input, weight, bias)


@operation
@itself
def rms_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Divide by the root mean square over the last dimensions, which are `normalized_shape`.

    Raises:
        ShapeError: the last dimensions are others.
    """
    if eps is not None:
        number("eps", eps)
    _check_normalized(input, normalized_shape, weight)
    if input.dtype.kind < dtypes.FLOATING:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    result = new(input.shape, input.dtype)
    if input.memory is None and (weight is None or weight.memory is None):
        return result
    count = len(normalized_shape)
    scale = new(
        (*input.shape[:-count], *(1,) * count), dtypes.promote_types(input.dtype, dtypes.float32)
    )
    scaled = input.to(scale.dtype) * scale
    if weight is not None:
        scaled = scaled * weight
    last = prefers_channels_last(input.shape, strides(input))
    result.memory = (follow_copy(result, scaled) if last else scaled.contiguous()).memory
    return result


def _check_normalized(input: Tensor, normalized_shape: Any, *members: Tensor | None) -> None:
    wanted = integers("normalized_shape", normalized_shape)
    if not wanted:
        raise ShapeError("needs at least one size in normalized_shape")
    if tensor("input", input).shape[-len(wanted) :] != wanted:
        ends = input.shape[-len(wanted) :]
        raise ShapeError(
            f"expects an input that ends in {shape(wanted)}, but receives {shape(input.shape)}",
            change={"normalized_shape": ends},
        )
    for member in members:
        if member is not None and member.shape != wanted:
            raise ShapeError(
                f"has weights of {shape(member.shape)}, but normalizes {shape(wanted)}"
            )


@operation
@itself
def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel of each sample of ``(N, C, *size)``; the shape stays.

    Raises:
        ShapeError: the channels are not those of the statistics or the weights, or a channel has one value.
    """
    if use_input_stats:
        _more_than_one(prod(tensor("input", input).shape[2:]), "value a channel", input)
    return instance_normed(
        input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps
    )


def instance_normed(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    """Normalise each channel of each sample, also one with a single value."""
    number("momentum", momentum)
    number("eps", eps)
    if tensor("input", input).ndim < 2:
        raise ShapeError(f"expects at least 2 dimensions (N, C), but receives {shape(input.shape)}")
    if not flag("use_input_stats", use_input_stats) or input.numel():
        _check_statistics(running_mean, running_var, not use_input_stats)
    weights = [member for member in (weight, bias) if member is not None]
    batch, channels = input.shape[:2]
    for statistics in (running_mean, running_var) if use_input_stats else ():
        if statistics is not None:
            alone(statistics)
        # While training torch keeps the statistics, also of an empty batch if they can be broadcast.
        features = channels if statistics is None else statistics.numel()
        if batch * features != batch * channels or channels not in (1, features):
            raise ShapeError(
                f"expects {features} channels, but receives {channels}: {shape(input.shape)}",
                change={"num_features": channels},
            )
    if not input.numel():  # torch only multiplies by the first weight and adds the first bias
        if not all(batch * member.numel() for member in weights):
            raise ShapeError(f"has no weight to multiply by: {shape(input.shape)}")
        together = input.view(1, batch * channels, *input.shape[2:])
        result: Tensor = _scaled(together, [new((), w.dtype) for w in weights]).view(input.shape)
        if use_input_stats and running_mean is not None and result.dtype.kind < dtypes.FLOATING:
            raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
        return result
    for member in (running_mean, running_var, *weights):
        if member is not None and member.shape != (input.shape[1],):
            raise ShapeError(
                f"expects {member.numel()} channels, but receives {input.shape[1]}: {shape(input.shape)}",
                change={"num_features": input.shape[1]},
            )
    return _normalised(input, *weights)


@operation
@itself
def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Normalise over `size` neighbouring channels of ``(N, C, *)``; the shape stays.

    Raises:
        ShapeError: `size` is not positive, or there are fewer than 3 dimensions.
    """
    if tensor("input", input).ndim < 3:
        raise ShapeError(
            f"expects at least 3 dimensions (N, C, *), but receives {shape(input.shape)}"
        )
    if not input.numel():
        return input
    if integer("size", size) < 1:
        raise ShapeError(f"has size={size}, which must be at least 1")
    for name, value in (("alpha", alpha), ("beta", beta), ("k", k)):
        number(name, value)
    if input.dtype not in AVERAGED[2 if input.ndim == 3 else 3]:  # torch pools over the channels
        raise ShapeError(f"is not defined for {input.dtype.name}")
    result = promoted(input)
    if input.memory is None:
        return result
    # The sums over neighbours are made in a view with one dimension more.
    squares: Tensor = input.mul(input)
    if input.ndim > 3:
        squares = squares.view(input.shape[0], 1, *input.shape[1:3], -1)
    sums = pad(
        squares.unsqueeze(1) if input.ndim == 3 else squares,
        (*(0,) * (2 if input.ndim == 3 else 4), size // 2, (size - 1) // 2),
    )
    means = (
        AVG_POOL[2](sums, (size, 1), 1) if input.ndim == 3 else AVG_POOL[3](sums, (size, 1, 1), 1)
    )
    means = means.squeeze(1).view(input.shape)
    return follow(result, input, follow(new(means.shape, means.dtype), means, 1))
