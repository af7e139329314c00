"""Views, reshaping and reordering: views, permutations, repetitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import prod
from typing import Any

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import NOT_GIVEN, Axis, Ints, Shape, axes, axis, integers, shape
from ..layout import (
    OWN,
    PACKED,
    is_packed,
    is_unknown,
    known_strides,
    offset,
    part,
    strides,
    viewed,
)
from ..operation import FUNCTION, METHOD, Unknown, named, operation, rule_of
from ..tensor import Memory, Tensor, new, tensor

#: What views have in common, and what operations do that give packed tensors of their own.
VIEW: dict[str, Any] = {"layout": OWN, "macs": None}
NEW: dict[str, Any] = {"layout": PACKED, "macs": None}
#: Why a receptive field is not followed through an operation.
SCATTERED = Unknown("the elements that it takes lie apart, and convshape follows windows")
REINTERPRETED = Unknown("it reads the same bytes as other numbers")


def _view(input: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Give the same elements another shape without moving them."""
    if input.memory is None:
        return _of_same_memory(input, sizes)
    steps = viewed(input.shape, strides(input), sizes)
    if is_unknown(input) and 0 not in sizes:
        raise UnknownOperation(
            f"whether {shape(input.shape)} takes the shape {shape(sizes)} without a copy depends "
            "on how it lies in memory, which is not known to convshape here",
            fix="`reshape`, or `.contiguous()` before it",
        )
    if steps is None:
        raise ShapeError(
            f"cannot give {shape(input.shape)} the shape {shape(sizes)} without a copy: "
            f"its elements are out of order in memory, with strides {strides(input)}",
            argument="view",
            wanted="reshape",
            fix="`reshape`, or `.contiguous()` before it",
            only=True,
        )
    return part(input, sizes, steps)


def _of_same_memory(input: Tensor, sizes: tuple[int, ...]) -> Tensor:
    result = new(sizes, input.dtype)
    result.contents = input.contents
    return result


def _reshape(input: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Give the same elements another shape, moving them where there is no other way."""
    if input.memory is None:
        return _of_same_memory(input, sizes)
    steps = viewed(input.shape, strides(input), sizes)
    if steps is None and not is_unknown(input):
        return new(sizes, input.dtype)
    return part(input, sizes, steps or ())


@operation(**VIEW, field="reshape", stars=True)
def reshape(input: Tensor, shape: Ints) -> Tensor:
    """Give the same elements another shape; one size may be -1 and is computed.

    Raises:
        ShapeError: the element counts differ, or -1 is there twice or has no single answer.
    """
    return _reshape(input, _completed(input.shape, shape))


@operation(**VIEW, field="reshape", spaces=METHOD, stars=True)
def view(input: Tensor, size: Any = None, *, dtype: Any = None) -> Tensor:
    """As `reshape`; or, given a dtype, the same bytes read as another type.

    Raises:
        ShapeError: as `reshape`; or the elements do not lie in memory so that they have this shape,
            or the last dimension does not hold whole elements of the dtype.
        UnknownOperation: how they lie there is not known.
    """
    size = size if dtype is None else dtype
    if isinstance(size, dtypes.dtype):
        return _reinterpreted(input, size)
    return _view(input, _completed(input.shape, integers("size", size)))


@operation(**VIEW, field="reshape")
def _view_anew(input: Tensor, size: Any) -> Any:
    """As `view`, of elements that may move."""
    return rule_of(view if isinstance(size, dtypes.dtype) else reshape)(input, size)


def _completed(old: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape for as many elements as another has, with its -1 computed."""
    if wanted.count(-1) > 1:
        raise ShapeError(f"cannot work out {wanted.count(-1)} sizes at once: only one may be -1")
    if any(n < -1 for n in wanted):
        raise ShapeError(f"has a negative size in {wanted}")
    count, known = prod(old), prod(n for n in wanted if n != -1)
    if -1 in wanted and known and count % known == 0:
        return tuple(count // known if n == -1 else n for n in wanted)
    if -1 in wanted and known == 0 == count:
        raise ShapeError(f"cannot work out the -1 in {wanted}: any size would hold 0 elements")
    if -1 in wanted or known != count:
        what = f"cannot give {shape(old)} = {count} elements the shape {wanted}"
        fitting = _fitting(old, wanted)
        fix = f"the shape {fitting}" if fitting else ""
        raise ShapeError(what, argument="size", wanted=fitting, fix=fix, tried=True)
    return wanted


def _fitting(old: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape wanted with another size, so that it has as many elements, or ()."""
    # What is advised says nothing of when it fits: symbols are left behind.
    old, wanted = (tuple(map(int.__int__, sizes)) for sizes in (old, wanted))
    count = prod(old)
    for index in reversed(range(len(wanted))):
        others = [*wanted[:index], *wanted[index + 1 :]]
        if -1 in wanted[1:]:  # it stands for what is left, and another size for what was there
            size = old[index] if index < len(old) else 0
            fits = size > 0 and count % (-prod(others) * size or 1) == 0
        else:  # in front it stands for the batch, as far as one can know
            known = prod(old[0] if n == -1 and old else n for n in others)
            size = count // known if known > 0 else 0
            fits = size * known == count
        if wanted[index] != -1 and fits:
            return (*wanted[:index], size, *wanted[index + 1 :])
    return ()


def _reinterpreted(input: Tensor, dtype: dtypes.dtype) -> Tensor:
    old, wanted = input.dtype.itemsize, dtype.itemsize
    if old == wanted:
        return part(input, input.shape, strides(input), dtype=dtype)
    if not input.shape:
        raise ShapeError(f"cannot read a scalar {input.dtype} as {dtype}: their sizes differ")
    *lead, row = input.shape
    if row * old % wanted:
        raise ShapeError(f"cannot read rows of {row} {input.dtype} as whole {dtype}")
    *outer, inner = known_strides(input)
    start = offset(input)
    if inner != 1 or any(n * old % wanted for n in (*outer, start)):
        raise ShapeError(
            f"cannot read {input.dtype} as {dtype}: of strides {(*outer, inner)} and an offset of "
            f"{start} the last stride must be 1, and all else multiples of "
            f"{max(wanted // old, 1)}",
            fix=_COPY,
            only=True,
        )
    steps = (*(n * old // wanted for n in outer), 1)
    return _reread(input, (*lead, row * old // wanted), steps, dtype, start * old // wanted)


#: What makes a view of another type fit.
_COPY = "`.clone(memory_format=torch.contiguous_format)` before it"


def _reread(input: Tensor, sizes: Ints, steps: Ints, dtype: dtypes.dtype, start: int) -> Tensor:
    """Return a view as another type, in whose elements the offset counts."""
    result = part(input, sizes, steps, dtype=dtype)
    if result.memory is not None and not is_unknown(result):
        result.memory = result.memory._replace(offset=start)
    return result


@operation(**VIEW, field="reshape", spaces=METHOD)
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """Give the same elements the shape of `other`, as `view` does."""
    return _view(input, _completed(input.shape, other.shape))


@operation(**VIEW, field="reshape", spaces=METHOD)
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """Give the same elements the shape of `other`."""
    return _reshape(input, _completed(input.shape, other.shape))


@operation(**VIEW, field="reshape")
def flatten(input: Tensor, start_dim: Axis = 0, end_dim: Axis = -1) -> Tensor:
    """Make one dimension of the dimensions `start_dim` to `end_dim`.

    Raises:
        ShapeError: a dimension does not exist, or the first comes after the last.
    """
    if start_dim > end_dim:
        raise ShapeError(f"has start_dim={start_dim} after end_dim={end_dim}")
    s = input.shape
    if start_dim == end_dim and s:
        return input
    joined = prod(s[start_dim : end_dim + 1])
    return _reshape(input, (*s[:start_dim], joined, *s[end_dim + 1 :]))


@operation(**VIEW, field="reshape")
def ravel(input: Tensor) -> Tensor:
    """Make one dimension of all."""
    count = (input.numel(),)
    if count[0] and (is_unknown(input) or not is_packed(input.shape, strides(input))):
        return new(count, input.dtype)
    return _view(input, count)


@operation(**VIEW, field="reshape", takes_numpy=False)
def unflatten(input: Tensor, dim: Axis, sizes: Ints) -> Tensor:
    """Make several dimensions, `sizes`, of dimension `dim`; one size may be -1 and is computed.

    Raises:
        ShapeError: there is no dimension `dim`, or `sizes` does not multiply to it.
    """
    if not input.shape:
        raise ShapeError("cannot unflatten a scalar")
    if not sizes:
        raise ShapeError("needs at least one size")
    s = input.shape
    return _view(input, (*s[:dim], *_completed(s[dim : dim + 1], sizes), *s[dim + 1 :]))


@operation(**VIEW, field="reshape", copies=True, stars=True)
def squeeze(input: Tensor, dim: Any = NOT_GIVEN) -> Tensor:
    """Drop the dimensions of size 1: all, or those in `dim`, of which others stay."""
    s = input.shape
    chosen = range(len(s)) if dim is NOT_GIVEN else axes("dim", dim, len(s))
    return _chosen(input, [i for i, n in enumerate(s) if n != 1 or i not in chosen])


def _chosen(input: Tensor, dims: Iterable[int]) -> Tensor:
    """Return a view of these dimensions, in this order."""
    s, steps = tuple(input.shape), strides(input)
    return part(input, tuple([s[i] for i in dims]), tuple([steps[i] for i in dims]))


@operation(**VIEW, field="reshape", copies=True)
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Put a dimension of size 1 at `dim`."""
    i = axis("dim", dim, input.ndim + 1)
    s, steps = tuple(input.shape), strides(input)
    step = s[i] * steps[i] if i < len(s) else 1
    return part(input, (*s[:i], 1, *s[i:]), (*steps[:i], step, *steps[i:]))


@operation(**VIEW, field="permute", stars=True, copies=True)
def permute(input: Tensor, dims: Ints) -> Tensor:
    """Put the dimensions in the order `dims`.

    Raises:
        ShapeError: `dims` does not name each dimension once.
    """
    order = axes("dims", dims, input.ndim)
    if len(order) != input.ndim:
        raise ShapeError(
            f"needs all {input.ndim} dimensions in dims, but receives {len(order)}: {dims!r}"
        )
    return _chosen(input, order)


def _exchanged(input: Tensor, a: int, b: int) -> Tensor:
    order = [*range(input.ndim)]
    if order:
        order[a], order[b] = order[b], order[a]
    return _chosen(input, order)


def _transpose(name: str, copies: bool) -> Any:
    def transpose(input: Tensor, dim0: Axis, dim1: Axis) -> Tensor:
        """Exchange two dimensions."""
        return _exchanged(input, dim0, dim1)

    return operation(**VIEW, field="transpose", copies=copies)(named(name, transpose))


transpose, swapdims = _transpose("transpose", copies=True), _transpose("swapdims", copies=False)


@operation(**VIEW, field="transpose")
def swapaxes(input: Tensor, axis0: Axis, axis1: Axis) -> Tensor:
    """Exchange two dimensions."""
    return _exchanged(input, axis0, axis1)


@operation(**VIEW, field="transpose", copies=True)
def t(input: Tensor) -> Tensor:
    """Exchange the dimensions of a matrix; a vector stays."""
    if input.ndim > 2:
        raise ShapeError(
            f"expects at most 2 dimensions, but receives {input.ndim}: {shape(input.shape)}",
            fix="mT for the last two",
        )
    return _exchanged(input, 0, -1)


@operation(**VIEW, field="transpose")
def adjoint(input: Tensor) -> Tensor:
    """Exchange the last two dimensions."""
    if input.ndim == 1:
        raise ShapeError(f"expects matrices, but receives {shape(input.shape)}")
    return _exchanged(input, -2, -1)


def H(input: Tensor) -> Tensor:  # noqa: N802 - torch's name
    """Exchange the dimensions of a matrix; a scalar stays."""
    if input.ndim not in (0, 2):
        raise ShapeError(
            f"H expects a matrix, but receives {shape(input.shape)}", fix="mH for the last two"
        )
    return _exchanged(input, 0, -1)


def _movedim(name: str) -> Any:
    def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
        """Move the dimensions `source` to `destination`; the others keep their order.

        Raises:
            ShapeError: the two differ in length, or one names a dimension twice or one too many.
        """
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

    return operation(**VIEW, field="movedim")(named(name, movedim))


movedim, moveaxis = map(_movedim, ("movedim", "moveaxis"))


def check_dims(input: Tensor, least: int) -> None:
    """Refuse a tensor of fewer dimensions."""
    if input.ndim < least:
        sizes = shape(input.shape) if input.shape else "a scalar"
        dims = "dimension" if least == 1 else "dimensions"
        raise ShapeError(f"expects at least {least} {dims}, but receives {sizes}")


def parts(
    input: Tensor, index: int, sizes: Sequence[int], starts: Iterable[int] | None = None
) -> tuple[Tensor, ...]:
    """Return the parts of a tensor that have these sizes along dimension `index`, as views."""
    s, steps = tuple(input.shape), strides(input)
    return tuple(
        part(input, (*s[:index], n, *s[index + 1 :]), steps, start * steps[index])
        for n, start in zip(sizes, starts or accumulate(sizes, initial=0), strict=False)
    )


def _at_least(dims: int) -> Any:
    def at_least(*tensors: Any) -> Any:
        """Give a tensor, or each of several, this number of dimensions at least."""
        if len(tensors) != 1:
            return tuple(map(at_least, tensors))
        if isinstance(tensors[0], (tuple, list)):
            return tuple(map(at_least, tensors[0]))
        input = tensor("tensors", tensors[0])
        after = dims == 3 and 0 < input.ndim < 3  # the third comes last
        while input.ndim < dims - after:
            input = unsqueeze(input, 0)
        return unsqueeze(input, -1) if after else input

    field = "reshape" if dims == 1 else Unknown("of several tensors")
    name = f"atleast_{dims}d"
    return operation(**VIEW, field=field, spaces=FUNCTION)(named(name, at_least))


atleast_1d, atleast_2d, atleast_3d = map(_at_least, (1, 2, 3))


@operation(**VIEW, field=SCATTERED, spaces=METHOD, copies=True)
def unfold(input: Tensor, dimension: Axis, size: int, step: int) -> Tensor:
    """Take all windows of `size` elements along a dimension, `step` apart, into a new last one.

    Raises:
        ShapeError: a window is larger than the dimension, or `step` is not positive.
    """
    s, steps, i = input.shape or (1,), strides(input) or (1,), dimension
    if not 0 <= size <= s[i]:
        raise ShapeError(f"has windows of size={size} in a dimension of {s[i]}")
    if step <= 0:
        raise ShapeError(f"step={step} is not a positive number")
    if not input.shape:
        return part(input, (size,), (1,))
    windows = (*steps[:i], steps[i] * step, *steps[i + 1 :], steps[i])
    return part(input, (*s[:i], (s[i] - size) // step + 1, *s[i + 1 :], size), windows)


@operation(**VIEW, field=REINTERPRETED, spaces=FUNCTION, copies=True)
def view_as_real(input: Tensor) -> Tensor:
    """Split complex numbers into two in a new last dimension."""
    if input.dtype.kind != dtypes.COMPLEX:
        raise ShapeError(f"is defined for complex numbers, but receives {input.dtype.name}")
    return _component(input, (*input.shape, 2), (1,))


@operation(**VIEW, field=REINTERPRETED, spaces=FUNCTION, copies=True)
def view_as_complex(input: Tensor) -> Tensor:
    """Make complex numbers of the pairs in the last dimension."""
    if input.dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    if not input.shape or input.shape[-1] != 2:
        raise ShapeError(f"needs a last dimension of size 2, but receives {shape(input.shape)}")
    *outer, inner = known_strides(input)
    start = offset(input)
    odd = (step for n, step in zip(input.shape, outer, strict=False) if n != 1 and step % 2)
    if inner != 1 or start % 2 or any(odd):
        raise ShapeError(
            f"needs pairs that are contiguous in memory: with strides {(*outer, inner)} and an "
            f"offset of {start} the last stride must be 1, and all else even",
            fix=_COPY,
            only=True,
        )
    halves, dtype = tuple(n // 2 for n in outer), dtypes.to_complex(input.dtype)
    return _reread(input, input.shape[:-1], halves, dtype, start // 2)


def _component(input: Tensor, sizes: Ints, inner: Ints = (), at: int = 0) -> Tensor:
    """Return a view of the real numbers that complex ones are made of."""
    steps = (*(2 * n for n in strides(input)), *inner)
    return _reread(input, sizes, steps, dtypes.to_real(input.dtype), 2 * offset(input) + at)


@operation(**VIEW, field=REINTERPRETED, spaces=FUNCTION)
def real(input: Tensor) -> Tensor:
    """Take the real parts; real numbers stay."""
    return _component(input, input.shape) if input.dtype.kind == dtypes.COMPLEX else input


@operation(**VIEW, field=REINTERPRETED, spaces=FUNCTION)
def imag(input: Tensor) -> Tensor:
    """Take the imaginary parts.

    Raises:
        ShapeError: there are only real numbers.
    """
    if input.dtype.kind != dtypes.COMPLEX:
        raise ShapeError(f"is not defined for {input.dtype.name}")
    return _component(input, input.shape, at=1)


@operation(**VIEW, field=SCATTERED)
def as_strided(
    input: Tensor, size: Shape, stride: Ints, storage_offset: int | None = None
) -> Tensor:
    """View the memory of a tensor as elements at these distances, from `storage_offset` on.

    Raises:
        ShapeError: there are not as many sizes as distances, one is negative, or the memory is too
            short.
        UnknownOperation: how the tensor lies in memory is not known.
    """
    known_strides(input)
    memory = input.memory or Memory((), 0, input.numel() * input.dtype.itemsize)
    first = memory.offset if storage_offset is None else storage_offset
    if len(size) != len(stride):
        raise ShapeError(f"has {len(size)} sizes and {len(stride)} strides")
    if any(n < 0 for n in (*stride, first)):
        raise ShapeError(
            f"has stride={stride} and storage_offset={first}, of which none can be negative"
        )
    last = first + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    count = memory.size // input.dtype.itemsize
    if prod(size) and last >= count:
        raise ShapeError(f"reaches element {last} of a memory that has {count}")
    return part(input, size, stride, first - memory.offset)
