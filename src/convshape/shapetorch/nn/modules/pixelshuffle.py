"""Pixel shuffle."""

from __future__ import annotations

from .. import functional as F
from .layer import Layer


class PixelShuffle(Layer):
    """``(*, C·r², H, W)`` to ``(*, C, H·r, W·r)`` for r = `upscale_factor`."""

    _function = staticmethod(F.pixel_shuffle)
    _shown = "upscale_factor={upscale_factor}"
    _example = ("PixelShuffle(3)", "9x4x4")
    upscale_factor: int


class PixelUnshuffle(Layer):
    """``(*, C, H·r, W·r)`` to ``(*, C·r², H, W)`` for r = `downscale_factor`."""

    _function = staticmethod(F.pixel_unshuffle)
    _shown = "downscale_factor={downscale_factor}"
    _example = ("PixelUnshuffle(2)", "3x8x8")
    downscale_factor: int
