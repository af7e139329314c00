"""Resampling: the spatial axes made longer or shorter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import sizes
from ....errors import ShapeError
from ... import dtypes
from ...arguments import flag, integers, number, shape
from ...layout import follow_format, itself
from ...operation import operation
from ...tensor import new, tensor
from .common import floating
from .pooling import ADAPTIVE_AVG_POOL

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor

#: The numbers of spatial axes that each mode is made for.
_MODES: dict[str, tuple[int, ...]] = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "area": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "lanczos": (2,),
    "trilinear": (3,),
}
_ANTIALIASED = ("bilinear", "bicubic", "lanczos")


@operation
@itself
def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resample ``(N, C, *size)`` to `size`, or by `scale_factor`, each one number or one for each axis.

    With `scale_factor` each axis follows `convshape.sizes.upsample_size`.

    Raises:
        ShapeError: neither or both are given, nothing would come out, or the mode is not for this many axes.
    """
    axes = tensor("input", input).ndim - 2
    if axes not in _MODES.get(mode, ()):
        ranks = " or ".join(str(n + 2) for n in _MODES.get(mode, ()))
        wants = (
            f"expects {ranks} dimensions with mode={mode!r}" if ranks else f"has no mode {mode!r}"
        )
        raise ShapeError(f"{wants}, and receives {shape(input.shape)}")
    if align_corners is not None and mode in ("nearest", "nearest-exact", "area"):
        raise ShapeError(f"has align_corners, which means nothing with mode={mode!r}")
    if align_corners is not None:
        flag("align_corners", align_corners)
    if mode == "lanczos" and (align_corners or not antialias):
        raise ShapeError("has mode='lanczos', which needs antialias=True and no align_corners")
    if antialias and mode not in _ANTIALIASED:
        raise ShapeError(
            f"has antialias=True, which is for modes {', '.join(_ANTIALIASED)}, not {mode!r}"
        )
    if (size is None) == (scale_factor is None):
        raise ShapeError("needs either size or scale_factor, and not both")
    if size is not None and recompute_scale_factor:
        raise ShapeError("has recompute_scale_factor=True, which means nothing beside a size")
    out = _wanted(input.shape[2:], size, scale_factor)
    if mode == "area":
        pooled: Tensor = ADAPTIVE_AVG_POOL[axes](input, out)
        return pooled
    if min(out) < 1 or 0 in input.shape[2:]:
        raise ShapeError(
            f"cannot make {shape(out)} of {shape(input.shape[2:])}: a size is at least 1"
        )
    if not input.shape[1]:
        raise ShapeError(f"receives an empty input: {shape(input.shape)}")
    result = follow_format(new((*input.shape[:2], *out), input.dtype), input)
    if antialias and out == input.shape[2:]:
        return result  # torch copies it
    if antialias and input.dtype.itemsize == 2:
        raise ShapeError(f"has antialias=True, which is not defined for {input.dtype.name}")
    if input.dtype is not dtypes.uint8:
        floating(input)
    return result


def _wanted(given: tuple[int, ...], size: Any, scale_factor: Any) -> tuple[int, ...]:
    """Return the spatial sizes that are asked for."""
    wanted = scale_factor if size is None else size
    values = wanted if isinstance(wanted, (tuple, list)) else (wanted,) * len(given)
    if len(values) != len(given):
        name = "scale_factor" if size is None else "size"
        raise ShapeError(
            f"needs {name} as one number or {len(given)}, but receives {len(values)}: {wanted!r}"
        )
    if size is not None:
        return integers("size", values)
    factors = [number("scale_factor", factor) for factor in values]
    try:
        return tuple(map(sizes.upsample_size, given, factors))
    except (OverflowError, ValueError):
        raise ShapeError(f"has scale_factor={scale_factor!r}, which is no finite number") from None


@operation
@itself
def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate` by its older name."""
    return interpolate(input, size, scale_factor, mode, align_corners)


@operation
@itself
def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` with ``mode='nearest'``."""
    return interpolate(input, size, scale_factor, mode="nearest")


@operation
@itself
def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` with ``mode='bilinear'`` and aligned corners."""
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)
