"""Normalization: the shape stays."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ... import dtypes
from ...arguments import Ints, divisor_near, integer, number, shape
from ...layout import (
    FORMAT,
    OWN,
    PACKED,
    UNKNOWN_LAYOUT,
    alone,
    channels_last,
    is_channels_last,
    is_packed,
    is_unknown,
    lay,
    prefers_channels_last,
    strides,
)
from ...operation import Unknown, operation
from ...ops.reductions import norm
from ...tensor import UNKNOWN, Memory, Tensor, new
from .common import check_rank, floating, promoted
from .pooling import AVERAGED

_LOW = (dtypes.float16, dtypes.bfloat16)


def _names(tensors: Iterable[Tensor]) -> str:
    return " and ".join(sorted({t.dtype.name for t in tensors})) or "no"


def _present(*members: Tensor | None) -> list[Tensor]:
    return [member for member in members if member is not None]


def _check_channels(input: Tensor, expected: int, is_right: bool) -> None:
    """Refuse statistics or weights of another number of channels."""
    if not is_right:
        raise ShapeError(
            f"expects {expected} channels, but receives {input.shape[1]}: {shape(input.shape)}",
            change={"num_features": input.shape[1]},
        )


def _check_statistics(mean: Tensor | None, var: Tensor | None, needed: bool) -> None:
    if (mean is None) != (var is None) or (needed and mean is None):
        rest = "" if needed else ", or neither of them"
        raise ShapeError(f"needs running_mean and running_var{rest}")


def _more_than_one(count: int, what: str, input: Tensor, fix: str = "") -> None:
    if count == 1:
        raise ShapeError(
            f"needs more than one value a {what} to take statistics of, "
            f"but receives {shape(input.shape)}",
            kind=ValueError,
            fix=fix,
        )


def _scaled(input: Tensor, weights: list[Tensor]) -> Tensor:
    """Return what torch makes of nothing: a copy, times the first weight, plus the first bias."""
    result: Tensor = input.clone()
    for weight in weights:
        result = result * weight
    return result


def _normalized(input: Tensor, *members: Tensor | None) -> Tensor:
    """Return floating-point numbers whose dtype goes with that of the weights."""
    weights = _present(*members)
    kinds = {weight.dtype for weight in weights}
    if not kinds <= {input.dtype} and not (input.dtype in _LOW and kinds == {dtypes.float32}):
        raise ShapeError(f"has {_names(weights)} weights, but receives {input.dtype.name}")
    return floating(input)


# Over the batch


@operation(layout=OWN, macs=None, field="batch_norm")
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
        ShapeError: the channels are not those of the statistics or the weights, or while training
            a channel has a single value.
    """
    if eps < 0 or (training and eps == 0):
        least = "positive" if training else "at least 0"
        raise ShapeError(f"has eps={eps!r}, which must be {least}")
    if training:
        count = prod(input.shape[:1] + input.shape[2:])
        fix = "a larger batch, or eval mode with running statistics"
        _more_than_one(count, "channel", input, fix)
    return normalize_batch(input, weight, bias, running_mean, running_var, training)


def normalize_batch(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor | None,
    var: Tensor | None,
    training: bool,
) -> Tensor:
    """Normalise each channel, also one with a single value."""
    weights = _present(weight, bias)
    members = _present(mean, var, *weights)
    if not input.numel():
        if not all(w.shape and w.shape[0] for w in weights):
            raise ShapeError("has no weight to multiply by")
        return _scaled(input, [new(w.shape[1:], w.dtype) for w in weights])
    _check_statistics(mean, var, not training)
    check_rank(input, 2, "N, C")
    for member in members:
        _check_channels(input, member.numel(), member.numel() == input.shape[1])
    kinds = {member.dtype for member in members}
    mixed = kinds == {dtypes.float32} and input.dtype in _LOW
    if input.dtype.kind != dtypes.FLOATING or not (mixed or kinds <= {input.dtype}):
        whole = var is not None and var.dtype.kind < dtypes.FLOATING
        if any(member.memory for member in members) or (whole and input.memory):
            raise UnknownOperation(  # since torch has another computation for them
                f"{_names(members)} statistics and weights with what is spread in memory are not "
                "known to convshape",
                fix="`.contiguous()` of all",
            )
        raise ShapeError(
            f"has {_names(members)} statistics and weights, but receives {input.dtype.name}"
        )
    result = new(input.shape, input.dtype)
    if input.memory is not None:
        lay(result, _batch_strides(input, members))
    return result


def _batch_strides(input: Tensor, members: list[Tensor]) -> Ints | Memory | None:
    sizes, steps = input.shape, strides(input)
    if is_unknown(input) or any(member.memory for member in members):
        return UNKNOWN
    if is_packed(sizes, steps):
        return None
    last = is_channels_last(sizes, steps) or prefers_channels_last(sizes, steps)
    return channels_last(sizes) if last else None


# Over channels of a sample


@operation(layout=OWN, macs=None, field="instance_norm")
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
        ShapeError: the channels are not those of the statistics or the weights, or a channel has
            one value.
    """
    if use_input_stats:
        _more_than_one(prod(input.shape[2:]), "channel", input)
    return normalize_instances(input, weight, bias, running_mean, running_var, use_input_stats)


def normalize_instances(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor | None,
    var: Tensor | None,
    use_input_stats: bool,
) -> Tensor:
    """Normalise each channel of each sample, also one with a single value."""
    check_rank(input, 2, "N, C")
    if not use_input_stats or input.numel():
        _check_statistics(mean, var, not use_input_stats)
    weights = _present(weight, bias)
    batch, channels = input.shape[:2]
    for statistics in (mean, var) if use_input_stats else ():
        if statistics is not None:
            alone(statistics)
        # While training torch keeps the statistics, of an empty batch too if they broadcast.
        features = channels if statistics is None else statistics.numel()
        fits = batch * features == batch * channels and channels in (1, features)
        _check_channels(input, features, fits)
    if not input.numel():
        if not all(batch * member.numel() for member in weights):
            raise ShapeError(f"has no weight to multiply by: {shape(input.shape)}")
        together = input.view(1, batch * channels, *input.shape[2:])
        result: Tensor = _scaled(together, [new((), w.dtype) for w in weights]).view(input.shape)
        if use_input_stats and mean is not None and result.dtype.kind < dtypes.FLOATING:
            floating(input)
        return result
    for member in _present(mean, var, *weights):
        _check_channels(input, member.numel(), member.shape == (channels,))
    return _normalized(input, *weights)


@operation(layout=FORMAT, macs=None, field="group_norm")
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
    result = normalize_groups(input, num_groups, weight, bias)
    _more_than_one(input.numel() // num_groups, "group", input)
    return result


def normalize_groups(
    input: Tensor, groups: int, weight: Tensor | None, bias: Tensor | None
) -> Tensor:
    """Normalise groups of channels, also one with a single value."""
    check_rank(input, 2, "N, C, *")
    channels = input.shape[1]
    regrouped = {"num_channels": channels, "num_groups": divisor_near(channels, groups)}
    if groups < 1 or channels % groups:
        raise ShapeError(
            f"cannot divide {channels} channels among {groups} groups", change=regrouped
        )
    for member in _present(weight, bias):
        if member.shape != (channels,):
            raise ShapeError(
                f"expects {member.numel()} channels, but receives {channels}: {shape(input.shape)}",
                change={"num_channels": channels},
                or_change=regrouped,
            )
    return _normalized(input, weight, bias)


@operation(layout=UNKNOWN_LAYOUT, macs=None, field="channels_mixed")
def local_response_norm(
    input: Tensor, size: Any, alpha: Any = 1e-4, beta: Any = 0.75, k: Any = 1.0
) -> Tensor:
    """Normalise over `size` neighbouring channels of ``(N, C, *)``; the shape stays.

    Raises:
        ShapeError: `size` is not positive, or there are fewer than 3 dimensions.
    """
    check_rank(input, 3, "N, C, *")
    if not input.numel():
        return input  # and torch does not look at the rest
    if integer("size", size) < 1:
        raise ShapeError(f"has size={size}, which must be at least 1")
    for name, value in (("alpha", alpha), ("beta", beta), ("k", k)):
        number(name, value)
    if input.dtype not in AVERAGED[2 if input.ndim == 3 else 3]:  # torch pools over the channels
        raise ShapeError(f"is not defined for {input.dtype.name}")
    if input.ndim > 3 and input.memory is not None:  # the rest of the axes as one
        input.mul(input).view(input.shape[0], 1, *input.shape[1:3], -1)
    return promoted(input)


# Over the last dimensions


@operation(layout=PACKED, macs=None, field="layer_norm")
def layer_norm(
    input: Tensor,
    normalized_shape: Ints,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise over the last dimensions, which are `normalized_shape`; the shape stays.

    Raises:
        ShapeError: the last dimensions are others.
    """
    _check_last(input, normalized_shape, weight, bias)
    return _normalized(input, weight, bias)


@operation(layout=OWN, macs=None, field="layer_norm")
def rms_norm(
    input: Tensor, normalized_shape: Ints, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Divide by the root mean square over the last dimensions, which are `normalized_shape`.

    Raises:
        ShapeError: the last dimensions are others.
    """
    _check_last(input, normalized_shape, weight)
    if input.dtype.kind < dtypes.FLOATING:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    if input.memory is None and (weight is None or weight.memory is None):
        return new(input.shape, input.dtype)
    count = len(normalized_shape)
    kind = dtypes.promote_types(input.dtype, dtypes.float32)
    scaled: Tensor = input.to(kind) * new((*input.shape[:-count], *(1,) * count), kind)
    if weight is not None:
        scaled = scaled * weight
    if not prefers_channels_last(input.shape, strides(input)):
        scaled = scaled.contiguous()
    result: Tensor = scaled.to(input.dtype)
    return result


def _check_last(input: Tensor, wanted: Ints, *members: Tensor | None) -> None:
    if not wanted:
        raise ShapeError("needs at least one size in normalized_shape")
    ends = input.shape[-len(wanted) :]
    if ends != wanted:
        raise ShapeError(
            f"expects an input that ends in {shape(wanted)}, but receives {shape(input.shape)}",
            change={"normalized_shape": ends},
        )
    for member in _present(*members):
        if member.shape != wanted:
            raise ShapeError(
                f"has weights of {shape(member.shape)}, but normalizes {shape(wanted)}"
            )


@operation(layout=OWN, macs=None, field=Unknown("it is divided by lengths along any dimension"))
def normalize(input: Tensor, p: Any = 2.0, dim: Any = 1, eps: Any = 1e-12) -> Tensor:
    """Divide the vectors along `dim` by their length; the shape stays.

    Raises:
        ShapeError: there is no dimension `dim`, or there are no floating-point numbers.
    """
    length: Tensor = norm(input, p, dim, True).clamp_min(eps)
    result: Tensor = input / length.expand_as(input)
    return result
