"""Sampling at any places of an image, and the places of an affine map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import flag, integers, shape
from ...layout import packing
from ...operation import operation
from ...tensor import new, tensor
from .common import floating

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor


@operation
@packing
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Sample ``(N, C, *size)`` at the places ``(N, *out, axes)`` to ``(N, C, *out)``, in 2 or 3 axes.

    Raises:
        ShapeError: the grid is of another batch or number of axes, there is nothing to sample, or the mode is
            not for this number of axes.
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ShapeError(f"has mode={mode!r}, which is none of 'bilinear', 'nearest', 'bicubic'")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ShapeError(
            f"has padding_mode={padding_mode!r}, which is none of 'zeros', 'border', 'reflection'"
        )
    if align_corners is not None:
        flag("align_corners", align_corners)
    size, places = tensor("input", input).shape, tensor("grid", grid).shape
    if len(size) not in (4, 5):
        raise ShapeError(
            f"expects 4 or 5 dimensions (N, C, H, W) or (N, C, D, H, W), but receives {shape(size)}"
        )
    wanted = (size[0], *("…",) * (len(size) - 2), len(size) - 2)
    if len(places) != len(size) or places[0] != size[0] or places[-1] != len(size) - 2:
        raise ShapeError(
            f"expects a grid of {'×'.join(map(str, wanted))} for an input of {shape(size)}, "
            f"but receives {shape(places)}"
        )
    if 0 in size[2:]:
        raise ShapeError(f"receives an empty input: {shape(size)}")
    if mode == "bicubic" and len(size) == 5:
        raise ShapeError("has mode='bicubic', which is for 4 dimensions, and receives 5")
    result = new((*size[:2], *places[1:-1]), input.dtype)
    if result.numel() or len(size) == 5:
        floating(input)
    if result.numel() and grid.dtype is not input.dtype:
        raise ShapeError(f"samples {input.dtype.name} at places of {grid.dtype.name}")
    return result


@operation
@packing
def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """Places for `grid_sample` that map an output of `size` ``(N, C, *out)`` by `theta`: ``(N, *out, axes)``.

    `theta` is ``(N, 2, 3)`` for 2 axes and ``(N, 3, 4)`` for 3.

    Raises:
        ShapeError: `theta` is of another batch or number of axes, or a size is below 1.
    """
    wanted = integers("size", size)
    if align_corners is not None:
        flag("align_corners", align_corners)
    if tensor("theta", theta).dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"needs theta of floating-point numbers, but receives {theta.dtype.name}")
    axes = len(wanted) - 2
    if axes not in (2, 3):
        raise ShapeError(f"needs size as (N, C, H, W) or (N, C, D, H, W), but receives {size!r}")
    # torch looks at the sizes only where no axis is of a single aligned element.
    if min(wanted) < 1 and not (align_corners and min(wanted[2:]) == 1):
        raise ShapeError(f"has size {shape(wanted)}, and a size must be at least 1")
    if theta.shape != (wanted[0], axes, axes + 1):
        raise ShapeError(
            f"needs theta of {shape((wanted[0], axes, axes + 1))} for a size of {shape(wanted)}, "
            f"but receives {shape(theta.shape)}"
        )
    if theta.dtype.itemsize == 2 and 1 in wanted[2:]:
        raise ShapeError(
            f"has {shape(wanted[2:])} places, and a single one is not defined for {theta.dtype.name}"
        )
    return new((wanted[0], *wanted[2:], axes), theta.dtype)
