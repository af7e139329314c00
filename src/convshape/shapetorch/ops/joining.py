"""Putting tensors together and taking them apart."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import comb
from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from ..arguments import axis, flag, integer, integers, shape
from ..layout import (
    channels_last,
    is_unknown,
    itself,
    lay,
    packing,
    part,
    prefers_channels_last,
    strides,
    viewed,
)
from ..operation import operation, rule_of
from ..tensor import UNKNOWN, Tensor, new, result_type, tensor, tensor_list
from .views import atleast_1d, atleast_2d, atleast_3d, unsqueeze

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

#: More parts than any network takes a tensor apart into; torch would fill the memory with them.
_MOST_PARTS = 1_000_000


def _cat(given: tuple[Tensor, ...], dim: int) -> Tensor:
    dtype = given[0].dtype
    if any(t.dtype is not dtype for t in given):
        dtype = result_type(*given)
    # torch passes over empty vectors for the sake of old programs.
    solid = [t for t in given if t.shape != (0,)]
    if not solid:
        integer("dim", dim)
        return new((0,), dtype)
    first = solid[0].shape
    if any(not t.shape for t in given):
        raise ShapeError("cannot join scalars along a dimension", fix="stack")
    index = axis("dim", dim, len(first))
    total = 0
    for each in solid:
        if len(each.shape) != len(first):
            raise ShapeError(
                f"cannot join {shape(first)} and {shape(each.shape)}: they differ in dimensions"
            )
        for i, (a, b) in enumerate(zip(first, each.shape, strict=True)):
            if a != b and i != index:
                raise ShapeError(
                    f"cannot join {shape(first)} and {shape(each.shape)} along dimension {index}: "
                    f"dimension {i} is {a} in one and {b} in the other"
                )
        total += each.shape[index]
    result = new((*first[:index], total, *first[index + 1 :]), dtype)
    if any(t.memory is not None for t in given):
        _lay_joined(result, given)
    return result


def _lay_joined(result: Tensor, given: tuple[Tensor, ...]) -> None:
    """Lay a result out as the tensors that it is made of are, if all have their channels last."""
    if result.ndim not in (4, 5):
        return
    if any(is_unknown(t) for t in given):
        result.memory = UNKNOWN
    elif all(prefers_channels_last(t.shape, strides(t)) for t in given):
        lay(result, channels_last(result.shape))


def _joiner(name: str) -> Callable[..., Tensor]:
    def call(tensors: Any, dim: int = 0) -> Tensor:
        """Join tensors along a dimension that they have, in which alone their sizes may differ.

        Raises:
            ShapeError: they differ in another dimension, or there is no dimension `dim`.
        """
        return _cat(tensor_list("tensors", tensors), dim)

    call.__name__ = call.__qualname__ = name
    return operation(itself(call))


cat = _joiner("cat")
concat = _joiner("concat")
concatenate = _joiner("concatenate")


@operation
@itself
def stack(tensors: Any, dim: int = 0) -> Tensor:
    """Join tensors of one shape along a new dimension.

    Raises:
        ShapeError: their shapes differ, or there is no place `dim`.
    """
    given = tensor_list("tensors", tensors)
    first = given[0].shape
    index = axis("dim", dim, len(first) + 1)
    for each in given:
        if each.shape != first:
            raise ShapeError(
                f"cannot stack {shape(first)} and {shape(each.shape)}: the shapes differ"
            )
    result = new((*first[:index], len(given), *first[index:]), result_type(*given))
    if any(t.memory is not None for t in given) and first:
        if index == len(first):
            _lay_joined(result, tuple(unsqueeze(t, index) for t in given))
        else:  # joined along the dimension, which is split afterwards
            joined = new(
                (*first[:index], len(given) * first[index], *first[index + 1 :]), result.dtype
            )
            _lay_joined(joined, given)
            result.memory = part(
                joined, result.shape, viewed(joined.shape, strides(joined), result.shape) or ()
            ).memory
    return result


def _stacker(name: str, prepare: Callable[[Tensor], Tensor], dim: int) -> Callable[..., Tensor]:
    def call(tensors: Any) -> Tensor:
        """Join tensors along a dimension that those without it are given first.

        Raises:
            ShapeError: their other sizes differ.
        """
        given = tuple(prepare(t) for t in tensor_list("tensors", tensors))
        return _cat(given, min(dim, given[0].ndim - 1))

    call.__name__ = call.__qualname__ = name
    return operation(itself(call))


hstack = _stacker("hstack", atleast_1d, 1)
vstack = _stacker("vstack", atleast_2d, 0)
row_stack = _stacker("row_stack", atleast_2d, 0)
dstack = _stacker("dstack", atleast_3d, 2)
column_stack = _stacker("column_stack", lambda t: t.reshape(t.numel(), 1) if t.ndim < 2 else t, 1)


def _parts(
    input: Tensor, index: int, sizes: list[int], starts: Iterable[int] | None = None
) -> tuple[Tensor, ...]:
    s, own = tuple(input.shape), strides(input)
    return tuple(
        part(input, (*s[:index], n, *s[index + 1 :]), own, start * own[index])
        for n, start in zip(sizes, starts or accumulate(sizes, initial=0), strict=False)
    )


def _along(input: Tensor, dim: Any) -> tuple[int, int]:
    """Return the dimension to take a tensor apart along, and its size."""
    if not tensor("input", input).shape:
        raise ShapeError("cannot take a scalar apart")
    index = axis("dim", dim, input.ndim)
    return index, input.shape[index]


def _bounded(parts: int) -> int:
    if parts > _MOST_PARTS:
        raise UnknownOperation(f"would make {parts:,} tensors, which is more than convshape keeps")
    return parts


def _sections(length: int, sizes: Any) -> list[int]:
    result = list(integers("split_sizes", sizes))
    if sum(result) != length or any(n < 0 for n in result):
        raise ShapeError(
            f"cannot split {length} elements into {result}, which sum to {sum(result)}"
        )
    return result


@operation
@itself
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Take apart along `dim`: into parts of one size (the last may be smaller), or of the sizes given.

    Raises:
        ShapeError: the sizes do not sum to that of the dimension, or one is negative.
    """
    index, length = _along(tensor, dim)
    if isinstance(split_size_or_sections, (tuple, list)):
        return _parts(tensor, index, _sections(length, split_size_or_sections))
    size = integer("split_size", split_size_or_sections)
    if size < 0 or (size == 0 and length):
        raise ShapeError(f"cannot split {length} elements into parts of {size}")
    count = max(-(-length // size), 1) if size else 1
    return _parts(tensor, index, [size] * (_bounded(count) - 1) + [length - size * (count - 1)])


@operation
@itself
def unsafe_split(input: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Take apart along `dim` into parts of one size, of which the last may be smaller."""
    parts: tuple[Tensor, ...] = rule_of(split)(
        tensor("input", input), integer("split_size", split_size), dim
    )
    return parts


@operation
@itself
def split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Take apart along `dim` into parts of these sizes.

    Raises:
        ShapeError: the sizes do not sum to that of the dimension, or one is negative.
    """
    index, length = _along(input, dim)
    return _parts(input, index, _sections(length, split_sizes))


@operation
@itself
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Take apart along `dim` into at most `chunks` parts of one size, of which the last may be smaller.

    Raises:
        ShapeError: `chunks` is not positive, or there is no dimension `dim`.
    """
    index, length = _along(input, dim)
    if integer("chunks", chunks) <= 0:
        raise ShapeError(f"chunks={chunks} is not a positive number")
    if not length:
        return _parts(input, index, [0] * _bounded(chunks))
    size = -(-length // chunks)
    count = -(-length // size)
    return _parts(input, index, [size] * (_bounded(count) - 1) + [length - size * (count - 1)])


def _tensor_split(input: Tensor, indices_or_sections: Any, index: int) -> tuple[Tensor, ...]:
    length = input.shape[index]
    if isinstance(indices_or_sections, Tensor):
        raise UnknownOperation(
            "where it splits depends on the values of a tensor", fix="a tuple of ints"
        )
    if not isinstance(indices_or_sections, (tuple, list)):
        sections = integer("sections", indices_or_sections)
        if sections <= 0:
            raise ShapeError(f"sections={sections} is not a positive number")
        size, larger = divmod(length, _bounded(sections))
        return _parts(input, index, [size + 1] * larger + [size] * (sections - larger))
    cuts = integers("indices", indices_or_sections)
    inside = [min(max(n + length if n < 0 else n, 0), length) for n in (0, *cuts)] + [length]
    return _parts(input, index, [max(b - a, 0) for a, b in pairwise(inside)], inside)


@operation
@itself
def tensor_split(
    input: Tensor,
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    indices: Any = None,
    sections: Any = None,
) -> tuple[Tensor, ...]:
    """Take apart along `dim`: into this many parts, sizes as equal as can be, or before these indices."""
    given = [each for each in (indices_or_sections, indices, sections) if each is not None]
    if len(given) != 1 or isinstance(indices, int) or isinstance(sections, (tuple, list)):
        raise ShapeError("needs either indices or a number of sections")
    return _tensor_split(input, given[0], _along(input, dim)[0])


def _splitter(name: str, least: int, dim: int) -> Callable[..., tuple[Tensor, ...]]:
    def call(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Take apart along one dimension: into this many equal parts, or before these indices.

        Raises:
            ShapeError: it has too few dimensions, or the parts would not be equal.
        """
        if tensor("input", input).ndim < least:
            raise ShapeError(
                f"expects at least {least} dimensions, but receives {shape(input.shape)}"
            )
        index = min(dim, input.ndim - 1)
        parts = indices_or_sections
        if isinstance(parts, int) and (parts == 0 or input.shape[index] % parts):
            raise ShapeError(f"cannot split {input.shape[index]} elements into {parts} equal parts")
        return _tensor_split(input, parts, index)

    call.__name__ = call.__qualname__ = name
    return operation(itself(call))


hsplit = _splitter("hsplit", 1, 1)
vsplit = _splitter("vsplit", 2, 0)
dsplit = _splitter("dsplit", 3, 2)


@operation
@itself
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Take apart along `dim`, which the parts lose."""
    index, length = _along(input, dim)
    s, own = tuple(input.shape), strides(input)
    sizes, steps = (*s[:index], *s[index + 1 :]), (*own[:index], *own[index + 1 :])
    return tuple(part(input, sizes, steps, i * own[index]) for i in range(_bounded(length)))


def iterate(input: Tensor) -> Iterator[Tensor]:
    """Return the parts along dimension 0, one after the other."""
    if not input.shape:
        raise ShapeError("cannot iterate over a scalar")
    sizes, own = input.shape[1:], strides(input)
    return (part(input, sizes, own[1:], i * own[0]) for i in range(input.shape[0]))


@operation
@itself
def cartesian_prod(*tensors: Any) -> Tensor:
    """List all combinations of the elements of vectors."""
    given = [tensor("tensors", t) for t in tensors]
    if not given:
        raise ShapeError("needs at least one tensor")
    count = 1
    for each in given:
        if each.ndim != 1 or each.dtype is not given[0].dtype:
            raise ShapeError(
                f"needs vectors of one dtype, but receives {shape(each.shape)} {each.dtype.name}"
            )
        count *= each.shape[0]
    return new((count, len(given)), given[0].dtype) if len(given) > 1 else given[0]


@operation
@packing
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """List the combinations of `r` elements of a vector, a row each."""
    if tensor("input", input).ndim != 1:
        raise ShapeError(f"expects a vector, but receives {shape(input.shape)}")
    if integer("r", r) < 0:
        raise ShapeError(f"cannot combine {r} elements")
    again = flag("with_replacement", with_replacement)
    if not r:
        return new((0,), input.dtype)
    n = input.shape[0] + (r - 1 if again and input.shape[0] else 0)
    if n > _MOST_PARTS:
        raise UnknownOperation(
            f"combinations: of {n:,} elements there are more than convshape counts"
        )
    return new((comb(n, r), r), input.dtype)
