"""Resampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from .. import functional as F
from .module import Module

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor


class Upsample(Module):
    """``(N, C, *size)`` resampled to `size`, or by `scale_factor`.

    Args:
        size: the spatial sizes that come out, one int or one for each axis.
        scale_factor: or how much longer each axis becomes: ``⌊size·scale_factor⌋``.
        mode: ``'nearest'``, ``'nearest-exact'``, ``'area'``; ``'linear'`` in one axis, ``'bilinear'`` and
            ``'bicubic'`` in two, ``'trilinear'`` in three.
        align_corners: whether the corner elements stay what they are, in the linear and cubic modes.
        recompute_scale_factor: whether the values are computed from the rounded sizes.

    Raises:
        ShapeError: `scale_factor` is no number; when called: `mode` is not for this number of axes, both or
            neither of `size` and `scale_factor` are given, or a size comes out below 1.
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        self.scale_factor = _floats(scale_factor)
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Resample ``(N, C, *size)``."""
        return F.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor!r}, mode={self.mode!r}"
        return f"size={self.size!r}, mode={self.mode!r}"


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

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """`Upsample` with ``mode='bilinear'`` and aligned corners."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
