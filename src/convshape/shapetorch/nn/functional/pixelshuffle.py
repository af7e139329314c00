"""Channels to pixels and back, and channels mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import divisor_near, integer, shape
from ...layout import follow_format, itself, prefers_channels_last, strides
from ...operation import operation
from ...tensor import new, tensor

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor


@operation
@itself
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """``(*, C·r², H, W)`` to ``(*, C, H·r, W·r)`` for r = `upscale_factor`.

    Raises:
        ShapeError: the channels are not divisible by r², or there are fewer than 3 dimensions.
    """
    factor, (*lead, channels, height, width) = _shuffled(input, "upscale_factor", upscale_factor)
    if channels % factor**2:
        raise ShapeError(f"expects a multiple of {factor**2} channels, but receives {channels}")
    result = new((*lead, channels // factor**2, height * factor, width * factor), input.dtype)
    return follow_format(result, input)


@operation
@itself
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """``(*, C, H·r, W·r)`` to ``(*, C·r², H, W)`` for r = `downscale_factor`.

    Raises:
        ShapeError: height or width is not divisible by r, or there are fewer than 3 dimensions.
    """
    factor, (*lead, channels, height, width) = _shuffled(
        input, "downscale_factor", downscale_factor
    )
    if height % factor or width % factor:
        raise ShapeError(f"cannot divide {height}×{width} by {factor}")
    if not input.numel():
        empty: Tensor = input.clone()  # torch leaves what is empty as it is
        return empty
    result = new((*lead, channels * factor**2, height // factor, width // factor), input.dtype)
    return follow_format(result, input)


def _shuffled(input: Tensor, name: str, factor: Any) -> tuple[int, tuple[int, ...]]:
    factor = integer(name, factor)
    if tensor("input", input).ndim < 3:
        raise ShapeError(
            f"expects at least 3 dimensions (C, H, W), but receives {shape(input.shape)}"
        )
    if factor < 1:
        raise ShapeError(f"has {name}={factor}, which must be at least 1")
    if input.ndim == 5 and prefers_channels_last(input.shape, strides(input)):
        raise ShapeError(
            f"takes no {shape(input.shape)} with its channels last in memory",
            fix="`.contiguous()` before it",
            only=True,
        )
    return factor, input.shape


@operation
@itself
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Mix the channels of ``(N, C, *size)`` among `groups`; the shape stays.

    Raises:
        ShapeError: the channels are not divisible by `groups`, or there are fewer than 3 dimensions.
    """
    groups = integer("groups", groups)
    if tensor("input", input).ndim < 3:
        raise ShapeError(
            f"expects at least 3 dimensions (N, C, *), but receives {shape(input.shape)}"
        )
    if groups < 1 or input.shape[1] % groups:
        raise ShapeError(
            f"cannot divide {input.shape[1]} channels among {groups} groups",
            change={"groups": divisor_near(input.shape[1], groups)},
        )
    return follow_format(new(input.shape, input.dtype), input) if input.numel() else input.data
