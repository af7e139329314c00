"""Resampling: the spatial axes made longer or shorter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .... import sizes
from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, integers, number, shape
from ...layout import OWN, format_strides
from ...operation import Unknown, operation, rule_of
from ...tensor import Tensor, new
from .adaptive_pooling import ADAPTIVE_AVG_POOL, AVERAGE_LAYOUT
from .common import check_nonempty, floating

#: The numbers of spatial axes that each mode is made for.
_MODES: dict[str, Ints] = {
    **dict.fromkeys(("nearest", "nearest-exact", "area"), (1, 2, 3)),
    "linear": (1,),
    **dict.fromkeys(("bilinear", "bicubic", "lanczos"), (2,)),
    "trilinear": (3,),
}
_ANTIALIASED = ("bilinear", "bicubic", "lanczos")


def _layout(result: Tensor, operands: Sequence[Any]) -> Any:
    kind: Any = AVERAGE_LAYOUT[result.ndim - 2] if "area" in operands else format_strides
    return kind(result, operands)


@operation(layout=_layout, macs=None, field="interpolate", equation=sizes.upsample_size)
def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: Any = None,
    antialias: Any = False,
) -> Tensor:
    """Resample ``(N, C, *size)`` to `size`, or by `scale_factor`: one number or one for each axis.

    With `scale_factor` each axis follows `convshape.sizes.upsample_size`.

    Raises:
        ShapeError: neither or both are given, nothing would come out, or the mode is not for this
            many axes.
    """
    _check_mode(input, mode, align_corners, antialias)
    if (size is None) == (scale_factor is None):
        raise ShapeError("needs either size or scale_factor, and not both", kind=ValueError)
    if size is not None and recompute_scale_factor:
        raise ShapeError(
            "has recompute_scale_factor=True, which means nothing beside a size", kind=ValueError
        )
    lead, inner = input.shape[:2], input.shape[2:]
    out = _size(inner, size, scale_factor)
    if mode == "area":
        pooled: Tensor = rule_of(ADAPTIVE_AVG_POOL[len(inner)])(input, out)
        return pooled
    if any(n < 1 for n in out) or 0 in inner:
        raise ShapeError(f"cannot make {shape(out)} of {shape(inner)}: a size is at least 1")
    check_nonempty(input, lead[1])
    if antialias and out == inner:
        return new(input.shape, input.dtype)  # torch copies it
    if antialias and input.dtype.itemsize == 2:
        raise ShapeError(f"has antialias=True, which is not defined for {input.dtype.name}")
    if input.dtype is not dtypes.uint8:
        floating(input)
    return new((*lead, *out), input.dtype)


_LINEAR = ("linear", "bilinear", "trilinear")


def _check_mode(input: Tensor, mode: str, align_corners: bool | None, antialias: Any) -> None:
    """Refuse a mode that is not for the axes, or not for how it is to sample."""
    ranks = _MODES.get(mode, ())
    if input.ndim - 2 not in ranks:
        wants = " or ".join(str(n + 2) for n in ranks)
        raise ShapeError(
            (f"expects {wants} dimensions with mode={mode!r}" if ranks else f"has no mode {mode!r}")
            + f", and receives {shape(input.shape)}",
            change={"mode": _LINEAR[input.ndim - 3]} if ranks and 3 <= input.ndim <= 5 else None,
        )
    if align_corners is not None and mode in ("nearest", "nearest-exact", "area"):
        raise ShapeError(
            f"has align_corners, which means nothing with mode={mode!r}", kind=ValueError
        )
    if mode == "lanczos" and (align_corners or not antialias):
        raise ShapeError(
            "has mode='lanczos', which needs antialias=True and no align_corners", kind=ValueError
        )
    if antialias and mode not in _ANTIALIASED:
        raise ShapeError(
            f"has antialias=True, which is for modes {', '.join(_ANTIALIASED)}, not {mode!r}"
        )


def _size(input: Ints, size: Any, scale_factor: Any) -> Ints:
    """Return the spatial sizes that are asked for."""
    wanted = scale_factor if size is None else size
    values = wanted if isinstance(wanted, (tuple, list)) else (wanted,) * len(input)
    if len(values) != len(input):
        name = "scale_factor" if size is None else "size"
        raise ShapeError(
            f"needs {name} as one number or {len(input)}, but receives {len(values)}: {wanted!r}"
        )
    if size is not None:
        return integers("size", values)
    if any(isinstance(factor, Tensor) for factor in values):
        raise ShapeError(f"needs numbers for scale_factor, but receives {scale_factor!r}")
    factors = [number("scale_factor", factor) for factor in values]
    try:
        return tuple(map(sizes.upsample_size, input, factors))
    except (OverflowError, ValueError):
        raise ShapeError(
            f"has scale_factor={scale_factor!r}, which is not a finite number"
        ) from None


_OLDER = operation(layout=OWN, macs=None, field=Unknown("deprecated"))


@_OLDER
def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate` by its older name."""
    return interpolate(input, size, scale_factor, mode, align_corners)


@_OLDER
def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` with ``mode='nearest'``."""
    return interpolate(input, size, scale_factor, mode="nearest")


@_OLDER
def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` with ``mode='bilinear'`` and aligned corners."""
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)
