"""Resampling."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError
from ..functional.resampling import interpolate
from .layer import Layer


class Upsample(Layer):
    """``(N, C, *size)`` resampled to `size`, or by `scale_factor`.

    Args:
        size: the spatial sizes that come out, one int or one for each axis.
        scale_factor: or how much longer each axis becomes: ``⌊size·scale_factor⌋``.
        mode: ``'nearest'``, ``'nearest-exact'``, ``'area'``; ``'linear'`` in one axis,
            ``'bilinear'`` and ``'bicubic'`` in two, ``'trilinear'`` in three.
        align_corners: whether the corner elements stay what they are, in the linear and cubic
            modes.
        recompute_scale_factor: whether the values are computed from the rounded sizes.

    Raises:
        ShapeError: `scale_factor` is not a number; when called: `mode` is for other axes,
            both or neither of `size` and `scale_factor` are given, or a size comes out below 1.
    """

    _function = staticmethod(interpolate)
    _example = ("Upsample(scale_factor=2)", "3x7x9")
    size: Any = None
    scale_factor: Any = None
    mode: str = "nearest"
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None

    def _assemble(self) -> None:
        self.scale_factor = _floats(self.scale_factor)

    def extra_repr(self) -> str:
        what = "size" if self.scale_factor is None else "scale_factor"
        return f"{what}={getattr(self, what)!r}, mode={self.mode!r}"


def _floats(scale_factor: Any) -> Any:
    try:
        if isinstance(scale_factor, tuple):
            return tuple(float(factor) for factor in scale_factor)
        return float(scale_factor) if scale_factor else None
    except (TypeError, ValueError):
        raise ShapeError(
            f"needs a number or a tuple for scale_factor, but receives {scale_factor!r}"
        ) from None


class UpsamplingNearest2d(Upsample):
    """`Upsample` with ``mode='nearest'``."""

    _example = ("UpsamplingNearest2d((8, 8))", "3x4x4")
    _fields = ("size", "scale_factor")


class UpsamplingBilinear2d(Upsample):
    """`Upsample` with ``mode='bilinear'`` and aligned corners."""

    _example = ("UpsamplingBilinear2d(scale_factor=3)", "3x4x4")
    _fields = ("size", "scale_factor")
    mode, align_corners = "bilinear", True
