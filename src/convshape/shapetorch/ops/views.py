"""The same elements in another shape or order: views, permutations, repetitions."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import NOT_GIVEN, axes, axis, integer, integers, shape, size
from ..recording import operation
from ..tensor import Tensor, broadcast_shapes, new, result_type, tensor

if TYPE_CHECKING:
    from typing import Any


@operation
def reshape(input: Tensor, shape: Any) -> Tensor:
    """Give the same elements another shape; one size may be -1 and is worked out.

    Raises:
        ShapeError: the element counts differ, or -1 stands twice or has no single answer.
    """
    return new(_reshaped(tensor("input", input).shape, integers("shape", shape)), input.dtype)


@operation
def view(input: Tensor, size: Any) -> Tensor:
    """As `reshape`; or, given a dtype, the same bytes read as another type.

    Raises:
        ShapeError: as `reshape`, or the last dimension does not hold whole elements of the dtype.
    """
    if isinstance(size, dtypes.dtype):
        return _reinterpreted(input, size)
    return new(_reshaped(input.shape, integers("size", size)), input.dtype)


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
        if -1 in wanted[1:]:  # it stands for what is left, and another size for what the tensor has there
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
    if dtype.itemsize == input.dtype.itemsize:
        return new(input.shape, dtype)
    if not input.shape:
        raise ShapeError(f"cannot read a scalar {input.dtype} as {dtype}: their sizes differ")
    last, rest = divmod(input.shape[-1] * input.dtype.itemsize, dtype.itemsize)
    wider = dtype.itemsize > input.dtype.itemsize
    if rest or (wider and not last and input.ndim > 1):  # rows of nothing lie one element apart
        raise ShapeError(f"cannot read rows of {input.shape[-1]} {input.dtype} as whole {dtype}")
    return new((*input.shape[:-1], last), dtype)


@operation
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """Give the same elements the shape of `other`."""
    return new(_reshaped(input.shape, tensor("other", other).shape), input.dtype)


@operation
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """Give the same elements the shape of `other`."""
    return new(_reshaped(input.shape, tensor("other", other).shape), input.dtype)


@operation
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
    return new((*s[:start], prod(s[start : end + 1]), *s[end + 1 :]), input.dtype)


@operation
def ravel(input: Tensor) -> Tensor:
    """Make one dimension of all."""
    return new((tensor("input", input).numel(),), input.dtype)


@operation
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
    return new((*s[:index], *_reshaped(s[index : index + 1], wanted), *s[index + 1 :]), input.dtype)


@operation
def squeeze(input: Tensor, dim: Any = NOT_GIVEN) -> Tensor:
    """Drop the dimensions of size 1: all, or those in `dim`, of which others stay."""
    s = tensor("input", input).shape
    chosen = range(len(s)) if dim is NOT_GIVEN else axes("dim", dim, len(s))
    return new(tuple(n for i, n in enumerate(s) if n != 1 or i not in chosen), input.dtype)


@operation
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Put a dimension of size 1 at `dim`."""
    index = axis("dim", dim, tensor("input", input).ndim + 1)
    return new((*input.shape[:index], 1, *input.shape[index:]), input.dtype)


@operation
def permute(input: Tensor, dims: Any) -> Tensor:
    """Put the dimensions in the order `dims`.

    Raises:
        ShapeError: `dims` does not name each dimension once.
    """
    order = axes("dims", integers("dims", dims), tensor("input", input).ndim)
    if len(order) != input.ndim:
        raise ShapeError(f"needs all {input.ndim} dimensions in dims, but receives {len(order)}: {dims!r}")
    return new(tuple(input.shape[i] for i in order), input.dtype)


@operation
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two dimensions."""
    sizes = list(tensor("input", input).shape)
    a, b = axis("dim0", dim0, len(sizes)), axis("dim1", dim1, len(sizes))
    if sizes:
        sizes[a], sizes[b] = sizes[b], sizes[a]
    return new(tuple(sizes), input.dtype)


@operation
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """Exchange two dimensions."""
    return transpose(input, axis0, axis1)


@operation
def swapdims(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two dimensions."""
    return transpose(input, dim0, dim1)


@operation
def t(input: Tensor) -> Tensor:
    """Exchange the dimensions of a matrix; a vector stays."""
    if tensor("input", input).ndim > 2:
        raise ShapeError(
            f"expects at most 2 dimensions, but receives {input.ndim}: {shape(input.shape)}",
            fix="mT for the last two",
        )
    return new(input.shape[::-1], input.dtype)


@operation
def adjoint(input: Tensor) -> Tensor:
    """Exchange the last two dimensions."""
    if tensor("input", input).ndim == 1:
        raise ShapeError(f"expects matrices, but receives {shape(input.shape)}")
    return new((*input.shape[:-2], *input.shape[-2:][::-1]), input.dtype)


def H(input: Tensor) -> Tensor:  # noqa: N802 - torch's name
    """Exchange the dimensions of a matrix; a scalar stays."""
    if input.ndim not in (0, 2):
        raise ShapeError(f"H expects a matrix, but receives {shape(input.shape)}", fix="mH for the last two")
    return new(input.shape[::-1], input.dtype)


@operation
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Move the dimensions `source` to `destination`; the others keep their order.

    Raises:
        ShapeError: the two differ in length, or one names a dimension twice or that does not exist.
    """
    input = tensor("input", input)
    if isinstance(source, (tuple, list)) != isinstance(destination, (tuple, list)):
        raise ShapeError(f"has source={source!r} and destination={destination!r}: two ints, or two tuples")
    old, to = axes("source", source, input.ndim), axes("destination", destination, input.ndim)
    if len(old) != len(to):
        raise ShapeError(f"has {len(old)} source and {len(to)} destination dimensions")
    rest = (n for i, n in enumerate(input.shape) if i not in old)
    moved = {b: input.shape[a] for a, b in zip(old, to, strict=True) if input.shape}
    return new(tuple(moved[i] if i in moved else next(rest) for i in range(input.ndim)), input.dtype)


@operation
def moveaxis(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Move the dimensions `source` to `destination`."""
    return movedim(input, source, destination)


@operation
def expand(input: Tensor, size: Any, *, implicit: bool = False) -> Tensor:
    """Repeat dimensions of size 1 until the shape is `size`, without copying; -1 keeps a size.

    Raises:
        ShapeError: `size` has fewer dimensions, or another size where the input's is not 1.
    """
    wanted = integers("size", size)
    lead = len(wanted) - input.ndim
    if lead < 0:
        raise ShapeError(f"has {len(wanted)} sizes for {input.ndim} dimensions: {shape(input.shape)}")
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
    return new(tuple(result), input.dtype)


@operation
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """As `expand`."""
    return expand(tensor("input", input), size)


@operation
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Expand to the shape of `other`."""
    return expand(input, tensor("other", other).shape)


@operation
def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Expand the tensors to the shape that all of them expand to."""
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    each = [tensor("tensors", t) for t in given]
    sizes = broadcast_shapes(*(t.shape for t in each))
    return tuple(new(sizes, t.dtype) for t in each)


@operation
def repeat(input: Tensor, repeats: Any) -> Tensor:
    """Lay copies side by side, ``repeats[i]`` along dimension i; more repeats add dimensions in front.

    Raises:
        ShapeError: there are fewer repeats than dimensions, or one is negative.
    """
    times = integers("repeats", repeats)
    lead = len(times) - input.ndim
    if lead < 0:
        raise ShapeError(f"has {len(times)} repeats for {input.ndim} dimensions: {shape(input.shape)}")
    return new(size(tuple(n * k for n, k in zip((1,) * lead + input.shape, times, strict=True))), input.dtype)


@operation
def tile(input: Tensor, dims: Any) -> Tensor:
    """As `repeat`, and fewer repeats than dimensions stand for the last ones."""
    times = integers("dims", dims)
    return repeat(tensor("input", input), (1,) * (input.ndim - len(times)) + times)


@operation
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
            raise ShapeError(f"makes {count} elements along dim {index}, not output_size={output_size}")
    return new((*sizes[:index], count, *sizes[index + 1 :]), input.dtype)


@operation
def flip(input: Tensor, dims: Any) -> Tensor:
    """Reverse the order along `dims`; the shape stays."""
    axes("dims", integers("dims", dims), tensor("input", input).ndim)
    return new(input.shape, input.dtype)


@operation
def fliplr(input: Tensor) -> Tensor:
    """Reverse the order along dimension 1; the shape stays."""
    if tensor("input", input).ndim < 2:
        raise ShapeError(f"expects at least 2 dimensions, but receives {shape(input.shape)}")
    return new(input.shape, input.dtype)


@operation
def flipud(input: Tensor) -> Tensor:
    """Reverse the order along dimension 0; the shape stays."""
    if not tensor("input", input).ndim:
        raise ShapeError("expects at least 1 dimension, but receives a scalar")
    return new(input.shape, input.dtype)


@operation
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """Rotate by `k` quarter turns in the plane of two dimensions."""
    integer("k", k)
    plane = integers("dims", dims)
    if tensor("input", input).ndim < 2 or len(plane) != 2:
        raise ShapeError(f"needs 2 of at least 2 dimensions, but has dims={dims!r} of {shape(input.shape)}")
    a, b = axes("dims", plane, input.ndim)
    return transpose(input, a, b) if k % 2 else new(input.shape, input.dtype)


@operation
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Shift the elements along `dims`, those that leave coming in at the other end; the shape stays."""
    input = tensor("input", input)
    by = integers("shifts", shifts) if isinstance(shifts, (tuple, list)) else (integer("shifts", shifts),)
    along = () if dims is None else dims if isinstance(dims, (tuple, list)) else (dims,)
    if not by or (len(along) != len(by) and not (len(by) == 1 and not along)):
        raise ShapeError(f"has {len(by)} shifts for {len(along)} dims")
    if along and not input.shape:
        raise ShapeError("has no dimensions to roll along: it is a scalar")
    for dim in integers("dims", along):
        if input.numel():
            axis("dims", dim, input.ndim)
    return new(input.shape, input.dtype)


def _triangle(name: str) -> Any:
    def call(input: Tensor, diagonal: int = 0) -> Tensor:
        """Keep the triangle of each matrix on one side of a diagonal; the shape stays."""
        integer("diagonal", diagonal)
        if tensor("input", input).ndim < 2:
            raise ShapeError(f"expects matrices, but receives {shape(input.shape)}")
        return new(input.shape, input.dtype)

    call.__name__ = call.__qualname__ = name
    return operation(call)


tril = _triangle("tril")
triu = _triangle("triu")


def _diagonal_length(rows: int, columns: int, offset: int) -> int:
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


@operation
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Take the diagonals of the matrices in dimensions `dim1` and `dim2` as the last dimension."""
    a, b = axis("dim1", dim1, tensor("input", input).ndim), axis("dim2", dim2, input.ndim)
    if a == b or not input.shape:
        raise ShapeError(f"needs two dimensions, but has dim1={dim1} and dim2={dim2} of {shape(input.shape)}")
    length = _diagonal_length(input.shape[a], input.shape[b], integer("offset", offset))
    return new((*(n for i, n in enumerate(input.shape) if i not in (a, b)), length), input.dtype)


@operation
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Take the diagonal of a matrix, or make the matrix that has this one."""
    offset = integer("diagonal", diagonal)
    if tensor("input", input).ndim == 1:
        return new((input.shape[0] + abs(offset),) * 2, input.dtype)
    if input.ndim != 2:
        raise ShapeError(f"expects a vector or a matrix, but receives {shape(input.shape)}")
    return new((_diagonal_length(input.shape[0], input.shape[1], offset),), input.dtype)


@operation
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
            s = (1, *s, 1) if len(s) == 1 else (*s, 1)
        return new((1,) * (dims - len(s)) + s, input.dtype)

    call.__name__ = call.__qualname__ = f"atleast_{dims}d"
    return operation(call)


atleast_1d, atleast_2d, atleast_3d = map(_at_least, (1, 2, 3))


@operation
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
            raise ShapeError(f"needs vectors of one dtype, but receives {shape(one.shape)} {one.dtype.name}")
    sizes = [t.numel() for t in each]
    if indexing == "xy" and len(sizes) > 1:
        sizes[:2] = sizes[1::-1]
    return tuple(new(tuple(sizes), t.dtype) for t in each)


@operation
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
        return new((size,), input.dtype)
    return new((*s[:index], (length - size) // step + 1, *s[index + 1 :], size), input.dtype)


@operation
def view_as_real(input: Tensor) -> Tensor:
    """Split complex numbers into two in a new last dimension."""
    if tensor("input", input).dtype.kind != dtypes.COMPLEX:
        raise ShapeError(f"is defined for complex numbers, but receives {input.dtype.name}")
    return new((*input.shape, 2), dtypes.to_real(input.dtype))


@operation
def view_as_complex(input: Tensor) -> Tensor:
    """Make complex numbers of the pairs in the last dimension."""
    if tensor("input", input).dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    if not input.shape or input.shape[-1] != 2:
        raise ShapeError(f"needs a last dimension of size 2, but receives {shape(input.shape)}")
    return new(input.shape[:-1], dtypes.to_complex(input.dtype))


@operation
def block_diag(*tensors: Any) -> Tensor:
    """Put matrices along the diagonal of a larger one."""
    each = [tensor("tensors", t) for t in tensors] or [new((1, 0), dtypes.float32)]
    for one in each:
        if one.ndim > 2:
            raise ShapeError(f"expects matrices, but receives {shape(one.shape)}")
    sizes = [(1,) * (2 - t.ndim) + t.shape for t in each]
    return new((sum(a for a, _ in sizes), sum(b for _, b in sizes)), result_type(*each))


@operation
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """Make the matrix that has all elements on its diagonal."""
    return new((tensor("input", input).numel() + abs(integer("offset", offset)),) * 2, input.dtype)


@operation
def sum_to_size(input: Tensor, size: Any) -> Tensor:
    """Sum over the dimensions that were expanded from `size`."""
    wanted = integers("size", size)
    if len(wanted) > input.ndim or broadcast_shapes(wanted, input.shape) != input.shape:
        raise ShapeError(f"cannot sum {shape(input.shape)} to {wanted}, which does not expand to it")
    summed = (wanted != input.shape or not wanted) and input.dtype.kind < dtypes.FLOATING
    return new(wanted, dtypes.int64 if summed else input.dtype)
