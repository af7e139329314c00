"""The same elements in another shape or order: views, permutations, repetitions."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import NOT_GIVEN, axes, axis, integer, integers, shape, size
from ..layout import (
    SHARED,
    channels_last,
    is_packed,
    is_unknown,
    itself,
    known_strides,
    lay,
    packing,
    part,
    prefers_channels_last,
    preserved,
    preserving,
    strides,
    viewed,
)
from ..operation import operation, rule_of
from ..tensor import UNKNOWN, Memory, Tensor, broadcast_shapes, new, result_type, tensor

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


def _view(input: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Give the same elements another shape without moving them."""
    if input.memory is None:
        return new(sizes, input.dtype)
    own = strides(input)
    steps = viewed(input.shape, own, sizes)
    if is_unknown(input) and 0 not in sizes:
        raise UnknownOperation(
            f"whether {shape(input.shape)} takes the shape {shape(sizes)} without a copy depends on how it "
            "lies in memory, which is not known to convshape here",
            fix="`reshape`, or `.contiguous()` before it",
        )
    if steps is None:
        raise ShapeError(
            f"cannot give {shape(input.shape)} the shape {shape(sizes)} without a copy: "
            f"its elements are out of order in memory, with strides {own}",
            fix="`reshape`, or `.contiguous()` before it",
            only=True,
        )
    return part(input, sizes, steps)


def _copied_or_view(input: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Give the same elements another shape, moving them where there is no other way."""
    if input.memory is None:
        return new(sizes, input.dtype)
    steps = viewed(input.shape, strides(input), sizes)
    return (
        new(sizes, input.dtype)
        if steps is None and not is_unknown(input)
        else part(input, sizes, steps or ())
    )


_sizes = size  # which is the name of an argument of torch's


@operation
@itself
def reshape(input: Tensor, shape: Any) -> Tensor:
    """Give the same elements another shape; one size may be -1 and is worked out.

    Raises:
        ShapeError: the element counts differ, or -1 stands twice or has no single answer.
    """
    return _copied_or_view(input, _reshaped(tensor("input", input).shape, integers("shape", shape)))


@operation
@itself
def view(input: Tensor, size: Any) -> Tensor:
    """As `reshape`; or, given a dtype, the same bytes read as another type.

    Raises:
        ShapeError: as `reshape`; or the elements do not lie in memory so that they have this shape, or the
            last dimension does not hold whole elements of the dtype.
        UnknownOperation: how they lie there is not known.
    """
    if isinstance(size, dtypes.dtype):
        return _reinterpreted(input, size)
    return _view(input, _reshaped(input.shape, integers("size", size)))


@operation
@itself
def _view_anew(input: Tensor, size: Any) -> Tensor:
    """As `view`, of elements that may move."""
    result: Tensor = rule_of(view if isinstance(size, dtypes.dtype) else reshape)(input, size)
    return result


def _reshaped(old: tuple[int, ...], new_shape: tuple[int, ...]) -> tuple[int, ...]:
    count = prod(old)
    unknown = [i for i, n in enumerate(new_shape) if n == -1]
    if len(unknown) > 1:
        raise ShapeError(f"cannot work out {len(unknown)} sizes at once: only one may be -1")
    if any(n < -1 for n in new_shape):
        raise ShapeError(f"has a negative size in {new_shape}")
    known = prod(n for n in new_shape if n != -1)
    if unknown and known and count % known == 0:
        return tuple(count // known if n == -1 else n for n in new_shape)
    if unknown and known == 0 and count == 0:
        raise ShapeError(f"cannot work out the -1 in {new_shape}: any size would hold 0 elements")
    if unknown or known != count:
        raise ShapeError(
            f"cannot give {shape(old)} = {count} elements the shape {new_shape}",
            fix=_fitting(old, new_shape),
            tried=True,
        )
    return new_shape


def _fitting(old: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Return the shape nearest to the one that is wanted which has as many elements: one size is another."""
    count = prod(old)
    for index in reversed(range(len(wanted))):
        others = [*wanted[:index], *wanted[index + 1 :]]
        if (
            -1 in wanted[1:]
        ):  # it stands for what is left, and another size for what the tensor has there
            size = old[index] if index < len(old) else 0
            fits = size > 0 and count % (-prod(others) * size or 1) == 0
        else:  # in front it stands for the batch, as far as one can know
            known = prod(old[0] if n == -1 and old else n for n in others)
            size = count // known if known > 0 else 0
            fits = size * known == count
        if wanted[index] != -1 and fits:
            return f"the shape {(*wanted[:index], size, *wanted[index + 1 :])}"
    return ""


def _reinterpreted(input: Tensor, dtype: dtypes.dtype) -> Tensor:
    own, wanted = input.dtype.itemsize, dtype.itemsize
    if own == wanted:
        return part(input, input.shape, strides(input), dtype=dtype)
    if not input.shape:
        raise ShapeError(f"cannot read a scalar {input.dtype} as {dtype}: their sizes differ")
    *lead, row = input.shape
    if row * own % wanted:
        raise ShapeError(f"cannot read rows of {row} {input.dtype} as whole {dtype}")
    *outer, inner = known_strides(input)
    offset = 0 if input.memory is None else input.memory.offset
    # Strides in elements of the new type, which must be whole numbers.
    steps = [n * own // wanted for n in (*outer, offset)]
    if inner != 1 or [n * wanted for n in steps] != [n * own for n in (*outer, offset)]:
        raise ShapeError(
            f"cannot read {input.dtype} as {dtype}: of strides {(*outer, inner)} and an offset of {offset} "
            f"the last stride must be 1, and all else multiples of {max(wanted // own, 1)}",
            fix=_COPY,
            only=True,
        )
    return _reread(
        part(input, (*lead, row * own // wanted), (*steps[:-1], 1), dtype=dtype), steps[-1]
    )


def _reread(result: Tensor, offset: int) -> Tensor:
    """Set the offset of a view that counts in elements of another type than its tensor."""
    if result.memory is not None and not is_unknown(result):
        result.memory = result.memory._replace(offset=offset)
    return result


#: What makes a view of another type fit.
_COPY = "`.clone(memory_format=torch.contiguous_format)` before it"


@operation
@itself
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """Give the same elements the shape of `other`, as `view` does."""
    return _view(input, _reshaped(input.shape, tensor("other", other).shape))


@operation
@itself
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """Give the same elements the shape of `other`."""
    return _copied_or_view(input, _reshaped(input.shape, tensor("other", other).shape))


@operation
@itself
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Make one dimension of the dimensions `start_dim` to `end_dim`.

    Raises:
        ShapeError: a dimension does not exist, or the first comes after the last.
    """
    input = tensor("input", input)
    start = axis("start_dim", start_dim, input.ndim)
    end = axis("end_dim", end_dim, input.ndim)
    if start > end:
        raise ShapeError(f"has start_dim={start_dim} after end_dim={end_dim}")
    s = input.shape
    if start == end and s:
        return input
    return _copied_or_view(input, (*s[:start], prod(s[start : end + 1]), *s[end + 1 :]))


@operation
@itself
def ravel(input: Tensor) -> Tensor:
    """Make one dimension of all."""
    count = (tensor("input", input).numel(),)
    if count[0] and (is_unknown(input) or not is_packed(input.shape, strides(input))):
        return new(count, input.dtype)
    return _view(input, count)


@operation
@itself
def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """Make several dimensions, `sizes`, of dimension `dim`; one size may be -1 and is worked out.

    Raises:
        ShapeError: there is no dimension `dim`, or `sizes` does not multiply to it.
    """
    if not tensor("input", input).shape:
        raise ShapeError("cannot unflatten a scalar")
    index = axis("dim", dim, input.ndim)
    wanted = integers("sizes", sizes)
    if not wanted:
        raise ShapeError("needs at least one size")
    s = input.shape
    return _view(input, (*s[:index], *_reshaped(s[index : index + 1], wanted), *s[index + 1 :]))


@operation
@itself
def squeeze(input: Tensor, dim: Any = NOT_GIVEN) -> Tensor:
    """Drop the dimensions of size 1: all, or those in `dim`, of which others stay."""
    s = tensor("input", input).shape
    chosen = range(len(s)) if dim is NOT_GIVEN else axes("dim", dim, len(s))
    kept = [i for i, n in enumerate(s) if n != 1 or i not in chosen]
    return _chosen(input, kept)


def _chosen(input: Tensor, dims: Iterable[int]) -> Tensor:
    """Return a view of these dimensions, in this order."""
    s, own = tuple(input.shape), strides(input)
    return part(input, tuple([s[i] for i in dims]), tuple([own[i] for i in dims]))


@operation
@itself
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Put a dimension of size 1 at `dim`."""
    index = axis("dim", dim, tensor("input", input).ndim + 1)
    s, own = tuple(input.shape), strides(input)
    step = s[index] * own[index] if index < len(s) else 1
    return part(input, (*s[:index], 1, *s[index:]), (*own[:index], step, *own[index:]))


@operation
@itself
def permute(input: Tensor, dims: Any) -> Tensor:
    """Put the dimensions in the order `dims`.

    Raises:
        ShapeError: `dims` does not name each dimension once.
    """
    order = axes("dims", integers("dims", dims), tensor("input", input).ndim)
    if len(order) != input.ndim:
        raise ShapeError(
            f"needs all {input.ndim} dimensions in dims, but receives {len(order)}: {dims!r}"
        )
    return _chosen(input, order)


@operation
@itself
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two dimensions."""
    order = [*range(tensor("input", input).ndim)]
    a, b = axis("dim0", dim0, len(order)), axis("dim1", dim1, len(order))
    if order:
        order[a], order[b] = b, a
    return _chosen(input, order)


@operation
@itself
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """Exchange two dimensions."""
    return transpose(input, axis0, axis1)


@operation
@itself
def swapdims(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two dimensions."""
    return transpose(input, dim0, dim1)


@operation
@itself
def t(input: Tensor) -> Tensor:
    """Exchange the dimensions of a matrix; a vector stays."""
    if tensor("input", input).ndim > 2:
        raise ShapeError(
            f"expects at most 2 dimensions, but receives {input.ndim}: {shape(input.shape)}",
            fix="mT for the last two",
        )
    return _chosen(input, range(input.ndim)[::-1])


@operation
@itself
def adjoint(input: Tensor) -> Tensor:
    """Exchange the last two dimensions."""
    if tensor("input", input).ndim == 1:
        raise ShapeError(f"expects matrices, but receives {shape(input.shape)}")
    order = range(input.ndim)
    return _chosen(input, (*order[:-2], *order[-2:][::-1]))


def H(input: Tensor) -> Tensor:  # noqa: N802 - torch's name
    """Exchange the dimensions of a matrix; a scalar stays."""
    if input.ndim not in (0, 2):
        raise ShapeError(
            f"H expects a matrix, but receives {shape(input.shape)}", fix="mH for the last two"
        )
    return _chosen(input, range(input.ndim)[::-1])


@operation
@itself
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Move the dimensions `source` to `destination`; the others keep their order.

    Raises:
        ShapeError: the two differ in length, or one names a dimension twice or that does not exist.
    """
    input = tensor("input", input)
    if isinstance(source, (tuple, list)) != isinstance(destination, (tuple, list)):
        raise ShapeError(
            f"has source={source!r} and destination={destination!r}: two ints, or two tuples"
        )
    old, to = axes("source", source, input.ndim), axes("destination", destination, input.ndim)
    if len(old) != len(to):
        raise ShapeError(f"has {len(old)} source and {len(to)} destination dimensions")
    rest = (i for i in range(input.ndim) if i not in old)
    moved = dict(zip(to, old, strict=True))
    return _chosen(input, [moved[i] if i in moved else next(rest) for i in range(input.ndim)])


@operation
@itself
def moveaxis(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Move the dimensions `source` to `destination`."""
    return movedim(input, source, destination)


@operation
@itself
def expand(input: Tensor, size: Any, *, implicit: bool = False) -> Tensor:
    """Repeat dimensions of size 1 until the shape is `size`, without copying; -1 keeps a size.

    Raises:
        ShapeError: `size` has fewer dimensions, or another size where the input's is not 1.
    """
    wanted = integers("size", size)
    lead = len(wanted) - input.ndim
    if lead < 0:
        raise ShapeError(
            f"has {len(wanted)} sizes for {input.ndim} dimensions: {shape(input.shape)}"
        )
    result = []
    for i, n in enumerate(wanted):
        own = input.shape[i - lead] if i >= lead else 1
        if n == -1 and i >= lead:
            n = own
        if n < 0 or own not in (1, n):
            raise ShapeError(
                f"cannot expand {shape(input.shape)} to {wanted}: dimension {i - len(wanted)} is {own}, not 1"
                if n >= 0
                else f"cannot expand {shape(input.shape)} to {wanted}: dimension {i} has no size"
            )
        result.append(n)
    return _spread(input, tuple(result))


def _spread(input: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Return a view in which the same element stands all along a dimension that is not the tensor's."""
    own, lead = strides(input), len(sizes) - input.ndim
    steps: list[int] = []
    for i in reversed(range(len(sizes))):
        if i >= lead:
            steps.append(own[i - lead] if input.shape[i - lead] == sizes[i] else 0)
        else:
            steps.append(steps[-1] * sizes[i + 1] if sizes[i] == 1 and own else 0)
    result = part(input, sizes, tuple(reversed(steps)))
    if is_unknown(result) and sizes != input.shape:
        result.memory = SHARED
    return result


@operation
@itself
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """As `expand`."""
    return expand(tensor("input", input), size)


@operation
@itself
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Expand to the shape of `other`."""
    return expand(input, tensor("other", other).shape)


@operation
@itself
def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Expand the tensors to the shape that all of them expand to."""
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    each = [tensor("tensors", t) for t in given]
    sizes = broadcast_shapes(*(t.shape for t in each))
    return tuple(t if t.shape == sizes else _spread(t, sizes) for t in each)


@operation
@packing
def repeat(input: Tensor, repeats: Any) -> Tensor:
    """Lay copies side by side, ``repeats[i]`` along dimension i; more repeats add dimensions in front.

    Raises:
        ShapeError: there are fewer repeats than dimensions, or one is negative.
    """
    times = integers("repeats", repeats)
    lead = len(times) - input.ndim
    if lead < 0:
        raise ShapeError(
            f"has {len(times)} repeats for {input.ndim} dimensions: {shape(input.shape)}"
        )
    return new(
        _sizes(tuple(n * k for n, k in zip((1,) * lead + input.shape, times, strict=True))),
        input.dtype,
    )


@operation
@packing
def tile(input: Tensor, dims: Any) -> Tensor:
    """As `repeat`, and fewer repeats than dimensions stand for the last ones."""
    times = integers("dims", dims)
    return repeat(tensor("input", input), (1,) * (input.ndim - len(times)) + times)


@operation
@packing
def repeat_interleave(
    input: Tensor, repeats: Any, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Repeat each element `repeats` times along `dim`, or those of the flattened tensor.

    Raises:
        ShapeError: `repeats` is negative, or there is no dimension `dim`.
        UnknownOperation: `repeats` is a tensor and its sum is not given as `output_size`.
    """
    input = tensor("input", input)
    sizes = input.shape if dim is not None else (input.numel(),)
    if not sizes:
        raise ShapeError("has no dimension to repeat along: it is a scalar")
    index = 0 if dim is None else axis("dim", dim, len(sizes))
    along = sizes[index]
    if isinstance(repeats, Tensor):
        if repeats.dtype not in (dtypes.int32, dtypes.int64):
            raise ShapeError(f"needs repeats of int64 or int32, but receives {repeats.dtype.name}")
        if repeats.ndim > 1 or repeats.numel() not in (1, along):
            raise ShapeError(f"needs one repeat, or {along}, but receives {shape(repeats.shape)}")
        if output_size is None:
            raise UnknownOperation("the size depends on the values of repeats", fix="output_size=")
        count = integer("output_size", output_size)
    else:
        times = integer("repeats", repeats)
        if times < 0:
            raise ShapeError(f"cannot repeat {times} times")
        count = along * times
        if output_size is not None and integer("output_size", output_size) != count:
            raise ShapeError(
                f"makes {count} elements along dim {index}, not output_size={output_size}"
            )
    return new((*sizes[:index], count, *sizes[index + 1 :]), input.dtype)


@operation
@preserving
def flip(input: Tensor, dims: Any) -> Tensor:
    """Reverse the order along `dims`; the shape stays."""
    axes("dims", integers("dims", dims), tensor("input", input).ndim)
    return new(input.shape, input.dtype)


@operation
@preserving
def fliplr(input: Tensor) -> Tensor:
    """Reverse the order along dimension 1; the shape stays."""
    if tensor("input", input).ndim < 2:
        raise ShapeError(f"expects at least 2 dimensions, but receives {shape(input.shape)}")
    return new(input.shape, input.dtype)


@operation
@preserving
def flipud(input: Tensor) -> Tensor:
    """Reverse the order along dimension 0; the shape stays."""
    if not tensor("input", input).ndim:
        raise ShapeError("expects at least 1 dimension, but receives a scalar")
    return new(input.shape, input.dtype)


@operation
@itself
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """Rotate by `k` quarter turns in the plane of two dimensions."""
    integer("k", k)
    plane = integers("dims", dims)
    if tensor("input", input).ndim < 2 or len(plane) != 2:
        raise ShapeError(
            f"needs 2 of at least 2 dimensions, but has dims={dims!r} of {shape(input.shape)}"
        )
    a, b = axes("dims", plane, input.ndim)
    if k % 4 == 0:
        return new(input.shape, input.dtype)
    flipped = flip(input, plane)
    return transpose(flipped, a, b) if k % 2 else flipped


@operation
@itself
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Shift the elements along `dims`, those that leave coming in at the other end; the shape stays."""
    input = tensor("input", input)
    by = (
        integers("shifts", shifts)
        if isinstance(shifts, (tuple, list))
        else (integer("shifts", shifts),)
    )
    along = (
        ()
        if dims is None
        else integers("dims", dims if isinstance(dims, (tuple, list)) else (dims,))
    )
    if not by or (len(along) != len(by) and not (len(by) == 1 and not along)):
        raise ShapeError(f"has {len(by)} shifts for {len(along)} dims")
    if along and not input.shape:
        raise ShapeError("has no dimensions to roll along: it is a scalar")
    result = new(input.shape, input.dtype)
    if not input.numel():  # torch does not look closer at nothing
        if along or input.ndim == 1:
            lay(result, preserved(input.shape, strides(input)))
        return result
    for shift, dim in zip(by, along, strict=False):
        input = _rolled(input, shift, axis("dims", dim, input.ndim))
    return input if along else result


def _rolled(input: Tensor, shift: int, dim: int) -> Tensor:
    """Return a tensor shifted along one dimension, which is cut and joined again."""
    result = new(input.shape, input.dtype)
    s = input.shape
    first = -shift % s[dim]
    ends = [(*s[:dim], n, *s[dim + 1 :]) for n in (s[dim] - first, first)]
    if is_unknown(input):
        result.memory = UNKNOWN
    elif all(prefers_channels_last(sizes, strides(input)) for sizes in ends):
        lay(result, channels_last(s))
    return result


def _triangle(name: str) -> Any:
    def call(input: Tensor, diagonal: int = 0) -> Tensor:
        """Keep the triangle of each matrix on one side of a diagonal; the shape stays."""
        integer("diagonal", diagonal)
        if tensor("input", input).ndim < 2:
            raise ShapeError(f"expects matrices, but receives {shape(input.shape)}")
        return new(input.shape, input.dtype)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


tril = _triangle("tril")
triu = _triangle("triu")


def _diagonal_length(rows: int, columns: int, offset: int) -> int:
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


@operation
@itself
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Take the diagonals of the matrices in dimensions `dim1` and `dim2` as the last dimension."""
    a, b = axis("dim1", dim1, tensor("input", input).ndim), axis("dim2", dim2, input.ndim)
    if a == b or not input.shape:
        raise ShapeError(
            f"needs two dimensions, but has dim1={dim1} and dim2={dim2} of {shape(input.shape)}"
        )
    s, own = tuple(input.shape), strides(input)
    length = _diagonal_length(s[a], s[b], integer("offset", offset))
    first = offset * own[b] if offset >= 0 else -offset * own[a]
    rest = [i for i in range(len(s)) if i not in (a, b)]
    steps = (*(own[i] for i in rest), own[a] + own[b])
    return part(input, (*(s[i] for i in rest), length), steps, first if length else 0)


@operation
@itself
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Take the diagonal of a matrix, or make the matrix that has this one."""
    offset = integer("diagonal", diagonal)
    if tensor("input", input).ndim == 1:
        return new((input.shape[0] + abs(offset),) * 2, input.dtype)
    if input.ndim != 2:
        raise ShapeError(f"expects a vector or a matrix, but receives {shape(input.shape)}")
    return new((_diagonal_length(input.shape[0], input.shape[1], offset),), input.dtype)


@operation
@packing
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Make matrices, in dimensions `dim1` and `dim2`, that have the last dimension as their diagonal."""
    rank = tensor("input", input).ndim + 1
    a, b = axis("dim1", dim1, rank), axis("dim2", dim2, rank)
    if a == b or not input.shape:
        raise ShapeError(f"needs two dimensions, but has dim1={dim1} and dim2={dim2} of {rank}")
    side = input.shape[-1] + abs(integer("offset", offset))
    rest = iter(input.shape[:-1])
    return new(tuple(side if i in (a, b) else next(rest) for i in range(rank)), input.dtype)


def _at_least(dims: int) -> Any:
    def call(*tensors: Any) -> Any:
        """Give a tensor, or each of several, this number of dimensions at least."""
        if len(tensors) != 1:
            return tuple(map(call, tensors))
        if isinstance(tensors[0], (tuple, list)):
            return tuple(map(call, tensors[0]))
        input = tensor("tensors", tensors[0])
        s: tuple[int, ...] = input.shape
        if dims == 3 and len(s) in (1, 2):
            return unsqueeze(atleast_2d(input), -1)
        while len(s) < dims:
            input = unsqueeze(input, 0)
            s = input.shape
        return input

    call.__name__ = call.__qualname__ = f"atleast_{dims}d"
    return operation(itself(call))


atleast_1d, atleast_2d, atleast_3d = map(_at_least, (1, 2, 3))


@operation
@itself
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Make the grids of the coordinates that the vectors hold, one for each.

    Raises:
        ShapeError: one has more than one dimension, their dtypes differ, or `indexing` is unknown.
    """
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    each = [tensor("tensors", t) for t in given]
    if not each:
        raise ShapeError("needs at least one tensor")
    if indexing not in (None, "ij", "xy"):
        raise ShapeError(f"has indexing={indexing!r}, which is neither 'ij' nor 'xy'")
    for one in each:
        if one.ndim > 1 or one.dtype is not each[0].dtype:
            raise ShapeError(
                f"needs vectors of one dtype, but receives {shape(one.shape)} {one.dtype.name}"
            )
    swaps = indexing == "xy" and len(each) > 1
    if swaps:
        each[:2] = each[1::-1]
    sizes = tuple(t.numel() for t in each)
    columns = (
        _view(t, (*(1,) * i, sizes[i], *(1,) * (len(sizes) - i - 1))) for i, t in enumerate(each)
    )
    grids = [_spread(column, sizes) for column in columns]
    if swaps:
        grids[:2] = grids[1::-1]
    return tuple(grids)


@operation
@itself
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Take all windows of `size` elements along a dimension, `step` apart, into a new last dimension.

    Raises:
        ShapeError: a window is larger than the dimension, or `step` is not positive.
    """
    s = input.shape
    index = axis("dimension", dimension, len(s))
    length = s[index] if s else 1
    if not 0 <= integer("size", size) <= length:
        raise ShapeError(f"has windows of size={size} in a dimension of {length}")
    if integer("step", step) <= 0:
        raise ShapeError(f"step={step} is not a positive number")
    if not s:
        return part(input, (size,), (1,))
    own = strides(input)
    steps = (*own[:index], own[index] * step, *own[index + 1 :], own[index])
    return part(input, (*s[:index], (length - size) // step + 1, *s[index + 1 :], size), steps)


@operation
@itself
def view_as_real(input: Tensor) -> Tensor:
    """Split complex numbers into two in a new last dimension."""
    if tensor("input", input).dtype.kind != dtypes.COMPLEX:
        raise ShapeError(f"is defined for complex numbers, but receives {input.dtype.name}")
    return _component(input, (*input.shape, 2), (1,))


@operation
@itself
def view_as_complex(input: Tensor) -> Tensor:
    """Make complex numbers of the pairs in the last dimension."""
    if tensor("input", input).dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    if not input.shape or input.shape[-1] != 2:
        raise ShapeError(f"needs a last dimension of size 2, but receives {shape(input.shape)}")
    *outer, inner = known_strides(input)
    offset = 0 if input.memory is None else input.memory.offset
    odd = (step for n, step in zip(input.shape, outer, strict=False) if n != 1 and step % 2)
    if inner != 1 or offset % 2 or any(odd):
        raise ShapeError(
            f"needs pairs one behind the other in memory: of strides {(*outer, inner)} and an offset of "
            f"{offset} the last stride must be 1, and all else even",
            fix=_COPY,
            only=True,
        )
    halves = tuple(n // 2 for n in outer)
    return _reread(
        part(input, input.shape[:-1], halves, dtype=dtypes.to_complex(input.dtype)), offset // 2
    )


def _component(
    input: Tensor, sizes: tuple[int, ...], inner: tuple[int, ...] = (), offset: int = 0
) -> Tensor:
    """Return a view of the real numbers that complex ones are made of."""
    steps = (*(2 * n for n in strides(input)), *inner)
    first = 0 if input.memory is None else input.memory.offset
    return _reread(part(input, sizes, steps, dtype=dtypes.to_real(input.dtype)), 2 * first + offset)


@operation
@itself
def real(input: Tensor) -> Tensor:
    """Take the real parts; real numbers stay."""
    if tensor("input", input).dtype.kind != dtypes.COMPLEX:
        return input
    return _component(input, input.shape)


@operation
@itself
def imag(input: Tensor) -> Tensor:
    """Take the imaginary parts.

    Raises:
        ShapeError: there are only real numbers.
    """
    if tensor("input", input).dtype.kind != dtypes.COMPLEX:
        raise ShapeError(f"is not defined for {input.dtype.name}")
    return _component(input, input.shape, offset=1)


@operation
@itself
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """View the memory of a tensor as elements at these distances, the first at `storage_offset`.

    Raises:
        ShapeError: there are not as many sizes as distances, one is negative, or the memory is too short.
        UnknownOperation: how the tensor lies in memory is not known.
    """
    sizes, steps = _sizes(size), integers("stride", stride)
    known_strides(tensor("input", input))
    own = input.memory or Memory((), 0, input.numel() * input.dtype.itemsize)
    first = own.offset if storage_offset is None else integer("storage_offset", storage_offset)
    if len(sizes) != len(steps):
        raise ShapeError(f"has {len(sizes)} sizes and {len(steps)} strides")
    if min((*steps, first)) < 0:
        raise ShapeError(
            f"has stride={steps} and storage_offset={first}, of which none can be negative"
        )
    last = first + sum((n - 1) * step for n, step in zip(sizes, steps, strict=True))
    there = own.size // input.dtype.itemsize
    if prod(sizes) and last >= there:
        raise ShapeError(f"reaches element {last} of a memory that has {there}")
    return part(input, sizes, steps, first - own.offset)


@operation
@packing
def block_diag(*tensors: Any) -> Tensor:
    """Put matrices along the diagonal of a larger one."""
    each = [tensor("tensors", t) for t in tensors] or [new((1, 0), dtypes.float32)]
    for one in each:
        if one.ndim > 2:
            raise ShapeError(f"expects matrices, but receives {shape(one.shape)}")
    sizes = [(1,) * (2 - t.ndim) + t.shape for t in each]
    return new((sum(a for a, _ in sizes), sum(b for _, b in sizes)), result_type(*each))


@operation
@packing
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """Make the matrix that has all elements on its diagonal."""
    return new((tensor("input", input).numel() + abs(integer("offset", offset)),) * 2, input.dtype)


@operation
def sum_to_size(input: Tensor, size: Any) -> Tensor:
    """Sum over the dimensions that were expanded from `size`."""
    wanted = integers("size", size)
    if len(wanted) > input.ndim or broadcast_shapes(wanted, input.shape) != input.shape:
        raise ShapeError(
            f"cannot sum {shape(input.shape)} to {wanted}, which does not expand to it"
        )
    if wanted and wanted == input.shape:
        return input
    return new(wanted, dtypes.int64 if input.dtype.kind < dtypes.FLOATING else input.dtype)
