"""Grid sampling."""

from __future__ import annotations

from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, one_of, shape
from ...layout import PACKED
from ...operation import Unknown, operation
from ...tensor import Tensor, new
from .common import check_nonempty, floating

MODES = ("bilinear", "nearest", "bicubic")
PADDING_MODES = ("zeros", "border", "reflection")
_GRID = operation(layout=PACKED, macs=None, field=Unknown("the grid says which places it reads"))


@_GRID
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Sample ``(N, C, *size)`` at places ``(N, *out, axes)`` to ``(N, C, *out)``, in 2 or 3 axes.

    Raises:
        ShapeError: the grid is of another batch or number of axes, there is nothing to sample, or
            the mode is not for this number of axes.
    """
    one_of("mode", mode, MODES, kind=ValueError)
    one_of("padding_mode", padding_mode, PADDING_MODES, kind=ValueError)
    size, places = input.shape, grid.shape
    if len(size) not in (4, 5):
        raise ShapeError(
            f"expects 4 or 5 dimensions (N, C, H, W) or (N, C, D, H, W), but receives {shape(size)}"
        )
    axes = len(size) - 2
    if len(places) != len(size) or places[0] != size[0] or places[-1] != axes:
        raise ShapeError(
            f"expects a grid of {size[0]}×{'…×' * axes}{axes} for an input of {shape(size)}, "
            f"but receives {shape(places)}"
        )
    check_nonempty(input, *size[2:])
    if mode == "bicubic" and axes == 3:
        raise ShapeError("has mode='bicubic', which is for 4 dimensions, and receives 5")
    result = new((*size[:2], *places[1:-1]), input.dtype)
    if result.numel() or axes == 3:
        floating(input)
    if result.numel() and grid.dtype is not input.dtype:
        raise ShapeError(f"samples {input.dtype.name} at places of {grid.dtype.name}")
    return result


@_GRID
def affine_grid(theta: Tensor, size: Ints, align_corners: bool | None = None) -> Tensor:
    """Places for `grid_sample` that map an output of `size` ``(N, C, *out)``: ``(N, *out, axes)``.

    `theta`, the map, is ``(N, 2, 3)`` for 2 axes and ``(N, 3, 4)`` for 3.

    Raises:
        ShapeError: `theta` is of another batch or number of axes, or a size is below 1.
    """
    if theta.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"needs theta of floating-point numbers, but receives {theta.dtype.name}")
    axes = len(size) - 2
    if axes not in (2, 3):
        raise ShapeError(f"needs size as (N, C, H, W) or (N, C, D, H, W), but receives {size!r}")
    # torch looks at the sizes only where no axis is of a single aligned element.
    if any(n < 1 for n in size) and not (align_corners and min(size[2:]) == 1):
        raise ShapeError(f"has size {shape(size)}, and a size must be at least 1")
    if theta.shape != (size[0], axes, axes + 1):
        raise ShapeError(
            f"needs theta of {shape((size[0], axes, axes + 1))} for a size of {shape(size)}, "
            f"but receives {shape(theta.shape)}"
        )
    if theta.dtype.itemsize == 2 and 1 in size[2:]:
        raise ShapeError(
            f"has {shape(size[2:])} places, and a single one is not defined for {theta.dtype.name}"
        )
    return new((size[0], *size[2:], axes), theta.dtype)
