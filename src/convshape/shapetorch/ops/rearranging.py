"""Views, reshaping and reordering: repetitions, reversals, diagonals and triangles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import Axis, Ints, axes, axis, integer, integers, one_of, shape, size
from ..known_values import decided
from ..layout import (
    PRESERVED,
    SHARED,
    UNKNOWN_LAYOUT,
    follow_copy,
    is_unknown,
    lay_joined,
    part,
    strides,
)
from ..operation import FUNCTION, METHOD, Unknown, named, operation
from ..tensor import Tensor, broadcast_shapes, new, result_type, tensor
from .views import NEW, SCATTERED, VIEW, check_dims, parts, transpose, view


@operation(**VIEW, field="same", spaces=METHOD, stars=True, copies=True)
def expand(input: Tensor, size: Ints, *, implicit: bool = False) -> Tensor:
    """Repeat dimensions of size 1 until the shape is `size`, without copying; -1 keeps a size.

    Raises:
        ShapeError: `size` has fewer dimensions, or another size where the input's is not 1.
    """
    lead = len(size) - input.ndim
    if lead < 0:
        raise ShapeError(f"has {len(size)} sizes for {input.ndim} dimensions: {shape(input.shape)}")
    old = (1,) * lead + input.shape
    wanted = [n if i < lead or n != -1 else old[i] for i, n in enumerate(size)]
    for i, n in enumerate(wanted):
        if n < 0 or old[i] not in (1, n):
            raise ShapeError(
                f"cannot expand {shape(input.shape)} to {size}: dimension "
                + (f"{i - len(size)} is {old[i]}, not 1" if n >= 0 else f"{i} has no size")
            )
    return _spread(input, tuple(wanted))


def _spread(input: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Return a view in which one element is repeated along a dimension that the tensor has not."""
    old, lead = strides(input), len(sizes) - input.ndim
    steps: list[int] = []
    for i in reversed(range(len(sizes))):
        if i >= lead:
            steps.append(old[i - lead] if input.shape[i - lead] == sizes[i] else 0)
        else:
            steps.append(steps[-1] * sizes[i + 1] if sizes[i] == 1 and old else 0)
    result = part(input, sizes, tuple(reversed(steps)))
    if is_unknown(result) and sizes != input.shape:
        result.memory = SHARED
    return result


@operation(**VIEW, field="same", stars=True)
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """As `expand`."""
    return expand(input, size)


@operation(**VIEW, field="same", spaces=METHOD)
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Expand to the shape of `other`."""
    return expand(input, other.shape)


def _listed(tensors: tuple[Any, ...]) -> list[Tensor]:
    """Return the tensors that are given one by one, or in one list."""
    in_list = len(tensors) == 1 and isinstance(tensors[0], (tuple, list))
    return [tensor("tensors", item) for item in (tensors[0] if in_list else tensors)]


@operation(**VIEW, field=Unknown("of several tensors"), spaces=FUNCTION)
def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Expand the tensors to the shape that all of them expand to."""
    items = [tensor("tensors", item) for item in tensors]
    sizes = broadcast_shapes(*(t.shape for t in items))
    return tuple(t if t.shape == sizes else _spread(t, sizes) for t in items)


@operation(**VIEW, field=Unknown("of several tensors"), spaces=FUNCTION)
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Make the grids of the coordinates that the vectors hold, one for each.

    Raises:
        ShapeError: one has more than one dimension, their dtypes differ, or `indexing` is unknown.
    """
    items = _listed(tensors)
    if not items:
        raise ShapeError("needs at least one tensor")
    if indexing is not None:
        one_of("indexing", indexing, ("ij", "xy"))
    check_vectors(items, (0, 1))
    swapped = 2 if indexing == "xy" and len(items) > 1 else 0
    items[:swapped] = items[:swapped][::-1]
    sizes = tuple(t.numel() for t in items)
    grids = [
        _spread(view(t, (*(1,) * i, sizes[i], *(1,) * (len(sizes) - i - 1))), sizes)
        for i, t in enumerate(items)
    ]
    grids[:swapped] = grids[:swapped][::-1]
    return tuple(grids)


def check_vectors(tensors: Sequence[Tensor], ranks: tuple[int, ...]) -> None:
    """Refuse tensors that are not of one dtype or of another rank."""
    for t in tensors:
        if t.ndim not in ranks or t.dtype is not tensors[0].dtype:
            raise ShapeError(
                f"needs vectors of one dtype, but receives {shape(t.shape)} {t.dtype.name}"
            )


@operation(**NEW, field="repeat", spaces=METHOD, stars=True)
def repeat(input: Tensor, repeats: Ints) -> Tensor:
    """Lay copies side by side, ``repeats[i]`` along dimension i; more add dimensions in front.

    Raises:
        ShapeError: there are fewer repeats than dimensions, or one is negative.
    """
    lead = len(repeats) - input.ndim
    if lead < 0:
        raise ShapeError(
            f"has {len(repeats)} repeats for {input.ndim} dimensions: {shape(input.shape)}"
        )
    old = (1,) * lead + input.shape
    return new(size(tuple(n * k for n, k in zip(old, repeats, strict=True))), input.dtype)


@operation(**NEW, field="repeat", stars=True)
def tile(input: Tensor, dims: Ints) -> Tensor:
    """As `repeat`, and fewer repeats than dimensions mean the last ones."""
    return repeat(input, (1,) * (input.ndim - len(dims)) + dims)


@operation(**NEW, field=SCATTERED)
def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: Axis | None = None, *, output_size: int | None = None
) -> Tensor:
    """Repeat each element `repeats` times along `dim`, or those of the flattened tensor.

    Raises:
        ShapeError: `repeats` is negative, or there is no dimension `dim`.
        UnknownOperation: `repeats` is a tensor and its sum is not given as `output_size`.
    """
    if repeats is None:  # then they are what is given, and it counts
        _check_repeats(input, input.numel())
        return new((_count_repeats(input, input.numel()),), input.dtype)
    sizes = input.shape if dim is not None else (input.numel(),)
    if not sizes:
        raise ShapeError("has no dimension to repeat along: it is a scalar")
    index = dim or 0
    if isinstance(repeats, Tensor):
        _check_repeats(repeats, sizes[index])
        count = _count_repeats(repeats, sizes[index]) if output_size is None else output_size
    else:
        if integer("repeats", repeats) < 0:
            raise ShapeError(f"cannot repeat {repeats} times")
        count = sizes[index] * repeats
        if output_size not in (None, count):
            raise ShapeError(
                f"makes {count} elements along dim {index}, not output_size={output_size}"
            )
    return new((*sizes[:index], count, *sizes[index + 1 :]), input.dtype)


def _count_repeats(repeats: Tensor, along: int) -> int:
    count: int | None = decided("total", repeats)
    if count is None:
        raise UnknownOperation("the size depends on the values of repeats", fix="output_size=")
    return count * along if repeats.numel() == 1 != along else count


def _check_repeats(repeats: Tensor, along: int) -> None:
    dtypes.check_whole("repeats", repeats.dtype, dtypes.int32)
    if repeats.ndim > 1 or repeats.numel() not in (1, along):
        raise ShapeError(f"needs one repeat, or {along}, but receives {shape(repeats.shape)}")


@operation(layout=PRESERVED, macs=None, field="flip", stars=True)
def flip(input: Tensor, dims: Ints) -> Tensor:
    """Reverse the order along `dims`; the shape stays."""
    axes("dims", dims, input.ndim)
    return new(input.shape, input.dtype)


def _flip(name: str, dim: int) -> Any:
    def flip(input: Tensor) -> Tensor:
        """Reverse the order along one dimension; the shape stays."""
        check_dims(input, dim + 1)
        return new(input.shape, input.dtype)

    return operation(layout=PRESERVED, macs=None, field="flip")(named(name, flip))


fliplr, flipud = _flip("fliplr", 1), _flip("flipud", 0)


@operation(**VIEW, field=Unknown("its axes change places"))
def rot90(input: Tensor, k: int = 1, dims: Ints = (0, 1)) -> Tensor:
    """Rotate by `k` quarter turns in the plane of two dimensions."""
    if input.ndim < 2 or len(dims) != 2:
        raise ShapeError(
            f"needs 2 of at least 2 dimensions, but has dims={dims!r} of {shape(input.shape)}"
        )
    a, b = axes("dims", dims, input.ndim)
    if k % 4 == 0:
        return new(input.shape, input.dtype)
    flipped = flip(input, ((b,), (a, b), (a,))[k % 4 - 1])
    return transpose(flipped, a, b) if k % 2 else flipped


@operation(**VIEW, field=Unknown("its elements come in again at the other end"))
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Shift the elements along `dims`, those that leave coming in at the other end.

    Raises:
        ShapeError: there are not as many shifts as dimensions, or one of these does not exist.
    """
    by = integers("shifts", shifts if isinstance(shifts, (tuple, list)) else (shifts,))
    dims = () if dims is None else dims
    along = integers("dims", dims if isinstance(dims, (tuple, list)) else (dims,))
    if not by or (len(along) != len(by) and not (len(by) == 1 and not along)):
        raise ShapeError(f"has {len(by)} shifts for {len(along)} dims")
    if along and not input.shape:
        raise ShapeError("has no dimensions to roll along: it is a scalar")
    result = new(input.shape, input.dtype)
    if not input.numel():  # torch does not look closer at nothing
        return follow_copy(result, input) if along or input.ndim == 1 else result
    for shift, dim in zip(by, along, strict=False):
        index = axis("dim", dim, input.ndim)
        first, n = -shift % input.shape[index], input.shape[index]
        result = new(input.shape, input.dtype)
        lay_joined(result, parts(input, index, (first, n - first)))
        input = result
    return result


def _triangle(name: str) -> Any:
    def triangle(input: Tensor, diagonal: int = 0) -> Tensor:
        """Keep the triangle of each matrix on one side of a diagonal; the shape stays."""
        if input.ndim < 2:
            raise ShapeError(f"expects matrices, but receives {shape(input.shape)}")
        return new(input.shape, input.dtype)

    return operation(**NEW, field="pointwise")(named(name, triangle))


tril, triu = map(_triangle, ("tril", "triu"))


def _diagonal_length(rows: int, columns: int, offset: int) -> int:
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


def _check_plane(dim1: int, dim2: int, input: Tensor) -> None:
    if dim1 == dim2 or not input.shape:
        raise ShapeError(
            f"needs two dimensions, but has dim1={dim1} and dim2={dim2} of {shape(input.shape)}"
        )


@operation(**VIEW, field=SCATTERED, copies=True)
def diagonal(input: Tensor, offset: int = 0, dim1: Axis = 0, dim2: Axis = 1) -> Tensor:
    """Take the diagonals of the matrices in dimensions `dim1` and `dim2` as the last dimension."""
    _check_plane(dim1, dim2, input)
    s, steps = tuple(input.shape), strides(input)
    length = _diagonal_length(s[dim1], s[dim2], offset)
    first = max(offset, 0) * steps[dim2] - min(offset, 0) * steps[dim1]
    rest = [i for i in range(len(s)) if i not in (dim1, dim2)]
    return part(
        input,
        (*(s[i] for i in rest), length),
        (*(steps[i] for i in rest), steps[dim1] + steps[dim2]),
        first if length else 0,
    )


@operation(**NEW, field=SCATTERED)
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Take the diagonal of a matrix, or make the matrix that has this one."""
    if input.ndim == 1:
        return new((input.shape[0] + abs(diagonal),) * 2, input.dtype)
    if input.ndim != 2:
        raise ShapeError(f"expects a vector or a matrix, but receives {shape(input.shape)}")
    rows, columns = input.shape
    return new((_diagonal_length(rows, columns, diagonal),), input.dtype)


@operation(**NEW, field=SCATTERED)
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Make matrices, in two new dimensions, that have the last dimension as their diagonal."""
    rank = input.ndim + 1
    plane = axis("dim1", dim1, rank), axis("dim2", dim2, rank)
    _check_plane(*plane, input)
    side = input.shape[-1] + abs(offset)
    rest = iter(input.shape[:-1])
    return new(tuple(side if i in plane else next(rest) for i in range(rank)), input.dtype)


@operation(**NEW, field=Unknown("of several tensors"), spaces=FUNCTION)
def block_diag(*tensors: Any) -> Tensor:
    """Put matrices along the diagonal of a larger one."""
    items = [tensor("tensors", item) for item in tensors] or [new((1, 0), dtypes.float32)]
    for matrix in items:
        if matrix.ndim > 2:
            raise ShapeError(f"expects matrices, but receives {shape(matrix.shape)}")
    rows, columns = zip(*((1,) * (2 - t.ndim) + t.shape for t in items), strict=True)
    return new((sum(rows), sum(columns)), result_type(*items))


@operation(**NEW, field=SCATTERED)
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """Make the matrix that has all elements on its diagonal."""
    return new((input.numel() + abs(offset),) * 2, input.dtype)


@operation(
    layout=UNKNOWN_LAYOUT,
    macs=None,
    field=Unknown("which dimensions it sums depends on both shapes"),
    spaces=METHOD,
    stars=True,
)
def sum_to_size(input: Tensor, size: Ints) -> Tensor:
    """Sum over the dimensions that were expanded from `size`."""
    if len(size) > input.ndim or broadcast_shapes(size, input.shape) != input.shape:
        raise ShapeError(f"cannot sum {shape(input.shape)} to {size}, which does not expand to it")
    if size and size == input.shape:
        return input
    return new(size, dtypes.int64 if input.dtype.kind < dtypes.FLOATING else input.dtype)
