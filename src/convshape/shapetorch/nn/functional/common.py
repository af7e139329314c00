"""What the rules of the layers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import shape
from ...layout import itself
from ...operation import named, operation
from ...tensor import new, tensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from ...layout import Layout
    from ...tensor import Tensor

    R = TypeVar("R")


def spatial(input: Any, axes: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Split the shape ``(N, C, *size)`` or ``(C, *size)`` into what leads and the spatial sizes."""
    return split(tuple(tensor("input", input).shape), axes)


def split(sizes: tuple[int, ...], axes: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Split a shape as `spatial` does."""
    if len(sizes) not in (axes + 1, axes + 2):
        example = shape((1, 3, *(32,) * axes))
        raise ShapeError(
            f"expects {axes + 2} dimensions ({_AXES[axes]}), or {axes + 1} "
            f"without the batch, but receives {len(sizes)}: {shape(sizes)}",
            fix=f"an input such as {example}",
        )
    return sizes[:-axes], sizes[-axes:]


_AXES = {1: "N, C, L", 2: "N, C, H, W", 3: "N, C, D, H, W"}
RANKS = (1, 2, 3)


def by_rank(
    name: str,
    make: Callable[[int], Callable[..., R]],
    ranks: tuple[int, ...] = RANKS,
    layout: dict[int, Layout] | Layout = None,
    **facts: Any,
) -> dict[int, Callable[..., R]]:
    """Declare the one-, two- and three-dimensional members of a family, by their number of axes.

    Args:
        name: with ``{}`` for the number of axes.
        make: makes the rule for a number of axes.
        ranks: the numbers of axes.
        layout: the kind of layout, of all members or of each.
        facts: what else is known of all members.
    """
    family = {}
    for axes in ranks:
        rule = named(name.format(axes), make(axes))
        if not facts:
            family[axes] = operation(itself(rule))
            continue
        kind = layout[axes] if isinstance(layout, dict) else layout
        family[axes] = operation(layout=kind, spatial=axes, **facts)(rule)
    return family


def enough_padding(
    size: tuple[int, ...], reach: tuple[int, ...], padding: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the least padding, from `padding` up, with which a window of `reach` elements fits."""
    return tuple(max(p, -((n - r) // 2)) for n, r, p in zip(size, reach, padding, strict=True))


def small_kernel(
    size: tuple[int, ...], kernel: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the largest kernel, up to `kernel`, that fits into `size` and has an element."""
    fitting = tuple((n - 1) // d + 1 for n, d in zip(size, dilation, strict=True))
    return tuple(max(min(k, n), 1) for k, n in zip(kernel, fitting, strict=True))


def same_dtype(input: Tensor, weight: Tensor) -> None:
    """Refuse an input of another dtype than the weights."""
    if input.dtype is not weight.dtype:
        raise ShapeError(
            f"has {weight.dtype.name} weights, but receives {input.dtype.name}",
            fix=f"an input of {weight.dtype.name}",
        )


def check_shape(name: str, value: Tensor, sizes: tuple[int, ...]) -> None:
    """Refuse a tensor that has not the shape that it is needed in."""
    if value.shape != sizes:
        raise ShapeError(f"needs {name} of {shape(sizes)}, but receives {shape(value.shape)}")


def numeric(input: Any, *limits: float) -> Tensor:
    """Pass a tensor of integers or real floating-point numbers, which can hold the `limits`."""
    input = tensor("input", input)
    if input.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    if input.dtype is dtypes.uint8 and any(limit < 0 for limit in limits):
        raise ShapeError(f"has {min(limits)}, which uint8 cannot hold")
    return new(input.shape, input.dtype)


def floating(input: Any) -> Tensor:
    """Pass a tensor of real floating-point numbers."""
    input = tensor("input", input)
    if input.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    return new(input.shape, input.dtype)


def promoted(input: Any, of_bool: bool = True) -> Tensor:
    """Make floating-point numbers of integers, and pass the rest."""
    input = tensor("input", input)
    if input.dtype is dtypes.bool and not of_bool:
        raise ShapeError("is not defined for bool")
    return new(input.shape, dtypes.float32 if input.dtype.kind < dtypes.FLOATING else input.dtype)


def at_least(least: int, values: tuple[int, ...]) -> tuple[int, ...]:
    """Return `values` with `least` for those below it: a change that is offered where some are."""
    return tuple(max(least, each) for each in values)
