"""Pixel and channel shuffle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....errors import ShapeError
from ...arguments import Ints, divisor_near, shape
from ...layout import FORMAT, copied_strides, format_strides, prefers_channels_last, strides
from ...operation import operation
from ...tensor import Tensor, new
from .common import check_rank


@operation(layout=FORMAT, macs=None, field="pixel_shuffle")
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """``(*, C·r², H, W)`` to ``(*, C, H·r, W·r)`` for r = `upscale_factor`.

    Raises:
        ShapeError: the channels are not divisible by r², or there are fewer than 3 dimensions.
    """
    r = upscale_factor
    _check_image(input, "upscale_factor", r)
    *lead, channels, height, width = input.shape
    if channels % r**2:
        divides = [n for n in range(2, channels + 1) if channels % n**2 == 0]
        nearest = min(divides, key=lambda n: abs(n - r), default=0)
        raise ShapeError(
            f"expects a multiple of {r**2} channels, but receives {channels}",
            argument="channels",
            wanted=channels + -channels % r**2,
            received=channels,
            change={"upscale_factor": nearest} if nearest else None,
        )
    return new((*lead, channels // r**2, height * r, width * r), input.dtype)


def _unshuffled(result: Tensor, operands: Sequence[Any]) -> Ints | None:
    return (format_strides if result.numel() else copied_strides)(result, operands)


@operation(layout=_unshuffled, macs=None, field="pixel_unshuffle")
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """``(*, C, H·r, W·r)`` to ``(*, C·r², H, W)`` for r = `downscale_factor`.

    Raises:
        ShapeError: height or width is not divisible by r, or there are fewer than 3 dimensions.
    """
    r = downscale_factor
    _check_image(input, "downscale_factor", r)
    *lead, channels, height, width = input.shape
    if height % r or width % r:
        raise ShapeError(f"cannot divide {height}×{width} by {r}")
    if not input.numel():
        return new(input.shape, input.dtype)  # torch leaves what is empty as it is
    return new((*lead, channels * r**2, height // r, width // r), input.dtype)


def _check_image(input: Tensor, name: str, factor: int) -> None:
    check_rank(input, 3, "C, H, W")
    if factor < 1:
        raise ShapeError(f"has {name}={factor}, which must be at least 1")
    if input.ndim == 5 and prefers_channels_last(input.shape, strides(input)):
        raise ShapeError(
            f"takes no {shape(input.shape)} with its channels last in memory",
            fix="`.contiguous()` before it",
            only=True,
        )


@operation(layout=FORMAT, macs=None, field="channels_mixed")
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Mix the channels of ``(N, C, *size)`` among `groups`; the shape stays.

    Raises:
        ShapeError: the channels are not divisible by `groups`, or there are fewer than 3
            dimensions.
    """
    check_rank(input, 3, "N, C, *")
    if groups < 1 or input.shape[1] % groups:
        raise ShapeError(
            f"cannot divide {input.shape[1]} channels among {groups} groups",
            change={"groups": divisor_near(input.shape[1], groups)},
        )
    return new(input.shape, input.dtype) if input.numel() else input
