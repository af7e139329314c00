"""What the rules of the layers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .... import sizes
from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, integers, per_axis, shape
from ...operation import named, operation
from ...tensor import Tensor, check_value, new, tensor

if TYPE_CHECKING:
    from ...layout import Layout

    R = TypeVar("R")

#: What the dimensions of an input are called, by the number of its spatial axes.
AXES = {1: "N, C, L", 2: "N, C, H, W", 3: "N, C, D, H, W"}
RANKS = (1, 2, 3)


def by_rank(
    name: str,
    make: Callable[[int], Callable[..., R]],
    ranks: Ints = RANKS,
    *,
    layout: dict[int, Layout] | Layout,
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
        kind = layout[axes] if isinstance(layout, dict) else layout
        declare = operation(layout=kind, spatial=axes, **facts)
        family[axes] = declare(named(name.format(axes), make(axes)))
    return family


# Sizes


def spatial(input: Any, axes: int) -> tuple[Ints, Ints]:
    """Split the shape ``(N, C, *size)`` or ``(C, *size)`` into what leads and the spatial sizes."""
    return split(tuple(tensor("input", input).shape), axes)


def split(input: Ints, axes: int) -> tuple[Ints, Ints]:
    """Split a shape as `spatial` does."""
    if len(input) not in (axes + 1, axes + 2):
        raise ShapeError(
            f"expects {axes + 2} dimensions ({AXES[axes]}), or {axes + 1} "
            f"without the batch, but receives {len(input)}: {shape(input)}",
            fix=f"an input such as {shape((1, 3, *(32,) * axes))}",
        )
    return input[:-axes], input[-axes:]


def exactly(name: str, value: Any, axes: int) -> Ints:
    """Return one int for each axis, where a tuple of a single one is none."""
    if isinstance(value, (tuple, list)) and len(value) != axes:
        raise ShapeError(
            f"needs {name} as one int or {axes}, one for each axis, but receives {value!r}"
        )
    return per_axis(name, value, axes)


def output_sizes(value: Any, lead: int, axes: int) -> Ints:
    """Return the spatial sizes of an `output_size`, with or without those that lead."""
    wanted = integers("output_size", value)
    wanted = wanted[lead:] if len(wanted) == lead + axes else wanted
    if len(wanted) != axes:
        raise ShapeError(
            f"needs {axes} sizes in output_size, but receives {len(wanted)}: {shape(wanted)}"
        )
    return wanted


def check_rank(input: Tensor, least: int, names: str) -> None:
    """Refuse an input of too few dimensions, whose names are ``N, C`` and so on."""
    if input.ndim < least:
        raise ShapeError(
            f"expects at least {least} dimensions ({names}), but receives {shape(input.shape)}"
        )


def check_least(least: int, rule: str, **arguments: Ints) -> None:
    """Refuse an argument with a value below the least, which is offered in its place."""
    for name, values in arguments.items():
        if any(value < least for value in values):
            change = {name: tuple(max(least, value) for value in values)}
            raise ShapeError(f"has {name} {shape(values)}, {rule}", change=change)


def kernel_too_large(
    size: Ints, padded: Ints, kernel: Ints, dilation: Ints, padding: Ints
) -> ShapeError:
    """Return the refusal of a kernel that does not fit: more padding helps, or a smaller kernel."""
    reach = tuple(map(sizes.effective_kernel, kernel, dilation))
    dilated = f" (dilated to {shape(reach)})" if reach != kernel else ""
    enough = (max(p, -((n - r) // 2)) for n, r, p in zip(size, reach, padding, strict=True))
    return ShapeError(
        f"has a kernel of {shape(kernel)}{dilated}, larger than its padded input {shape(padded)}",
        argument="kernel_size",
        change={"padding": tuple(enough)},
        or_change={"kernel_size": small_kernel(padded, kernel, dilation)},
    )


def small_kernel(size: Ints, kernel: Ints, dilation: Ints) -> Ints:
    """Return the largest kernel, up to `kernel`, that fits into `size` and has an element."""
    fitting = ((n - 1) // d + 1 for n, d in zip(size, dilation, strict=True))
    return tuple(max(min(k, n), 1) for k, n in zip(kernel, fitting, strict=True))


def check_nonempty(input: Tensor, *counts: int) -> None:
    """Refuse an input with nothing in it along what `counts` counts."""
    if 0 in counts:
        raise ShapeError(f"receives an empty input: {shape(input.shape)}")


# Dtypes


def same_dtype(input: Tensor, weight: Tensor, name: str = "weights") -> None:
    """Refuse an input of another dtype than the weights, or than a parameter of another name."""
    if input.dtype is not weight.dtype:
        raise ShapeError(
            f"has {name} of {weight.dtype.name}, but receives {input.dtype.name}",
            fix=f"an input of {weight.dtype.name}"
            if name == "weights"
            else f"{name} of {input.dtype.name}",
            wanted=weight.dtype if name == "weights" else None,
        )


def check_shape(name: str, value: Any, sizes: tuple[int, ...]) -> Tensor:
    """Pass a tensor of the shape that it is needed in."""
    result = tensor(name, value)
    if result.shape != sizes:
        raise other_shape(name, result, sizes)
    return result


def other_shape(name: str, value: Tensor, sizes: tuple[int, ...]) -> ShapeError:
    """Return the refusal of a tensor that has another shape than it is needed in."""
    what = f"needs {name} of {shape(sizes)}, but receives {shape(value.shape)}"
    return ShapeError(what, argument=name, wanted=sizes, received=value.shape)


def numeric(input: Any, *limits: float) -> Tensor:
    """Pass a tensor of integers or real floating-point numbers, which can hold the `limits`."""
    input = tensor("input", input)
    if input.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    for limit in limits:  # negative ones do not wrap around
        check_value(float(limit), input.dtype)
    return new(input.shape, input.dtype)


def floating(input: Any) -> Tensor:
    """Pass a tensor of real floating-point numbers."""
    if tensor("input", input).dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    return new(input.shape, input.dtype)


def promoted(input: Any, of_bool: bool = True) -> Tensor:
    """Make floating-point numbers of integers, and pass the rest."""
    if tensor("input", input).dtype is dtypes.bool and not of_bool:
        raise ShapeError("is not defined for bool")
    return new(input.shape, dtypes.float32 if input.dtype.kind < dtypes.FLOATING else input.dtype)
