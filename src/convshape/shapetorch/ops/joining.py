"""Joining and splitting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import prod
from typing import Any

from ...errors import ShapeError, UnknownOperation
from ..arguments import INT64_END, Axis, Ints, Tensors, axis, integer, integers, shape
from ..known_values import decided
from ..layout import lay_joined, part, strides, viewed
from ..operation import FUNCTION, METHOD, Unknown, named, operation, rule_of
from ..tensor import Tensor, new, result_type, tensor
from .rearranging import check_vectors
from .views import NEW, VIEW, atleast_1d, atleast_2d, atleast_3d, check_dims, parts, unsqueeze

#: More parts than any network takes a tensor apart into; torch would fill the memory with them.
_MOST_PARTS = 100_000
#: Why a receptive field is not followed.
_OVERLAPPING = Unknown("its parts may overlap, or be out of order")
_RESHAPED = Unknown("it gives its tensors other dimensions first")
_COMBINED = Unknown("each row combines elements from everywhere")


def _cat(tensors: Sequence[Tensor], dim: int) -> Tensor:
    dtype = tensors[0].dtype
    if any(t.dtype is not dtype for t in tensors):
        dtype = result_type(*tensors)
    # torch passes over empty vectors for the sake of old programs.
    solid = [t for t in tensors if t.shape != (0,)]
    if not solid:
        integer("dim", dim)
        return new((0,), dtype)
    if any(not t.shape for t in tensors):
        raise ShapeError("cannot join scalars along a dimension", fix="stack")
    first = solid[0].shape
    index = axis("dim", dim, len(first))
    for place, item in enumerate(solid):
        _check_joinable(first, item.shape, index, f"tensors[{place}]")
    total = sum(t.shape[index] for t in solid)
    result = new((*first[:index], total, *first[index + 1 :]), dtype)
    if any(t.memory is not None for t in tensors):
        lay_joined(result, tensors)
    return result


def _check_joinable(first: tuple[int, ...], other: tuple[int, ...], index: int, name: str) -> None:
    if len(other) != len(first):
        raise ShapeError(
            f"cannot join {shape(first)} and {shape(other)}: "
            f"they have {len(first)} and {len(other)} dimensions",
            argument=name,
        )
    for i, (a, b) in enumerate(zip(first, other, strict=True)):
        if a != b and i != index:
            raise ShapeError(
                f"cannot join {shape(first)} and {shape(other)} along dimension {index}: "
                f"dimension {i} is {a} in one and {b} in the other",
                argument=name,
            )


def _joiner(name: str) -> Callable[..., Tensor]:
    def join(tensors: Tensors, dim: int = 0) -> Tensor:
        """Join tensors along a dimension that they have, in which alone their sizes may differ.

        Raises:
            ShapeError: they differ in another dimension, or there is no dimension `dim`.
        """
        return _cat(tensors, dim)

    return operation(**VIEW, field="cat", spaces=FUNCTION)(named(name, join))


cat, concat, concatenate = map(_joiner, ("cat", "concat", "concatenate"))


@operation(**VIEW, field="stack", spaces=FUNCTION)
def stack(tensors: Tensors, dim: int = 0) -> Tensor:
    """Join tensors of one shape along a new dimension.

    Raises:
        ShapeError: their shapes differ, or there is no place `dim`.
    """
    first = tensors[0].shape
    index = axis("dim", dim, len(first) + 1)
    for item in tensors:
        if item.shape != first:
            raise ShapeError(
                f"cannot stack {shape(first)} and {shape(item.shape)}: the shapes differ",
                argument="stack",
                wanted="cat",
            )
    result = new((*first[:index], len(tensors), *first[index:]), result_type(*tensors))
    if not first or all(t.memory is None for t in tensors):
        return result
    if index == len(first):
        lay_joined(result, [unsqueeze(t, index) for t in tensors])
        return result
    # Joined along the dimension, which is split afterwards.
    joined = new((*first[:index], len(tensors) * first[index], *first[index + 1 :]), result.dtype)
    lay_joined(joined, tensors)
    return part(joined, result.shape, viewed(joined.shape, strides(joined), result.shape) or ())


def _stacker(name: str, prepare: Callable[[Tensor], Tensor], dim: int) -> Callable[..., Tensor]:
    def join(tensors: Tensors) -> Tensor:
        """Join tensors along a dimension that those without it are given first.

        Raises:
            ShapeError: their other sizes differ.
        """
        prepared = [prepare(t) for t in tensors]
        return _cat(prepared, min(dim, prepared[0].ndim - 1))

    return operation(**VIEW, field=_RESHAPED, spaces=FUNCTION)(named(name, join))


hstack = _stacker("hstack", atleast_1d, 1)
vstack = _stacker("vstack", atleast_2d, 0)
row_stack = _stacker("row_stack", atleast_2d, 0)
dstack = _stacker("dstack", atleast_3d, 2)
column_stack = _stacker("column_stack", lambda t: t.reshape(t.numel(), 1) if t.ndim < 2 else t, 1)


def _length(input: Tensor, dim: int) -> int:
    """Return the size of the dimension that a tensor is taken apart along."""
    if not input.shape:
        raise ShapeError("cannot take a scalar apart")
    return input.shape[dim]


def _bounded(parts: int) -> int:
    if parts > _MOST_PARTS:
        raise UnknownOperation(f"would make {parts:,} tensors, which is more than convshape keeps")
    return parts


def _equal_parts(input: Tensor, dim: int, length: int, size: int) -> tuple[Tensor, ...]:
    """Take apart into parts of one size, of which the last may be smaller; at least one."""
    count = max(-(-length // size), 1) if size else 1
    last = length - size * (count - 1)
    return parts(input, dim, [size] * (int(_bounded(count)) - 1) + [last])


@operation(**VIEW, field="split", spaces=FUNCTION, takes_numpy=False)
def split(tensor: Tensor, split_size_or_sections: Any, dim: Axis = 0) -> Any:
    """Take apart along `dim`: into parts of one size (the last may be smaller), or of these sizes.

    Raises:
        ShapeError: the sizes do not sum to that of the dimension, or one is negative.
    """
    if isinstance(split_size_or_sections, (tuple, list)):
        return _in_sections(tensor, integers("split_sizes", split_size_or_sections), dim)
    if type(split_size_or_sections).__module__ == "numpy":  # torch asks for Python's
        what = f"needs an int or a tuple of ints, but receives {split_size_or_sections!r}"
        raise ShapeError(what, kind=TypeError)
    size, length = integer("split_size", split_size_or_sections), _length(tensor, dim)
    if size < 0 or (size == 0 and length):
        raise ShapeError(f"cannot split {length} elements into parts of {size}")
    return _equal_parts(tensor, dim, length, size)


def _split_of(input: Tensor, split_size: Any, dim: Axis = 0) -> Any:
    """Split along `dim` into parts of one size (the last may be smaller), or of the given sizes."""
    return rule_of(split)(input, split_size, dim)


#: Torch's `Tensor.split`, whose arguments have other names.
split_of = operation(**VIEW, field="split", spaces=METHOD, takes_numpy=False)(
    named("split", _split_of)
)


@operation(**VIEW, field="split")
def unsafe_split(input: Tensor, split_size: int, dim: Axis = 0) -> Any:
    """Take apart along `dim` into parts of one size, of which the last may be smaller."""
    return rule_of(split)(input, split_size, dim)


def _in_sections(input: Tensor, sizes: Ints, dim: int) -> tuple[Tensor, ...]:
    length = _length(input, dim)
    if sum(sizes) != length or any(n < 0 for n in sizes):
        raise ShapeError(
            f"cannot split {length} elements into {[*sizes]}, which sum to {sum(sizes)}"
        )
    return parts(input, dim, sizes)


@operation(**VIEW, field="split", copies=True)
def split_with_sizes(input: Tensor, split_sizes: Ints, dim: Axis = 0) -> tuple[Tensor, ...]:
    """Take apart along `dim` into parts of these sizes.

    Raises:
        ShapeError: the sizes do not sum to that of the dimension, or one is negative.
    """
    return _in_sections(input, split_sizes, dim)


@operation(**VIEW, field="split")
def chunk(input: Tensor, chunks: int, dim: Axis = 0) -> tuple[Tensor, ...]:
    """Take apart along `dim` into at most `chunks` parts of one size, the last perhaps smaller.

    Raises:
        ShapeError: `chunks` is not positive, or there is no dimension `dim`.
    """
    length = _length(input, dim)
    if chunks <= 0:
        raise ShapeError(f"chunks={chunks} is not a positive number")
    if not length:
        return parts(input, dim, [0] * _bounded(chunks))
    return _equal_parts(input, dim, length, -(-length // chunks))


def _split_before(input: Tensor, indices_or_sections: Any, index: int) -> tuple[Tensor, ...]:
    length = input.shape[index]
    if isinstance(indices_or_sections, Tensor):
        known = decided("tolist", indices_or_sections)
        if known is None:
            raise UnknownOperation(
                "where it splits depends on the values of a tensor", fix="a tuple of ints"
            )
        indices_or_sections = known
    if not isinstance(indices_or_sections, (tuple, list)):
        sections = integer("sections", indices_or_sections)
        if sections <= 0:
            raise ShapeError(f"sections={sections} is not a positive number")
        size, larger = divmod(length, _bounded(sections))
        larger = int(larger)
        return parts(input, index, [size + 1] * larger + [size] * (sections - larger))
    cuts = integers("indices", indices_or_sections)
    inside = [min(max(n + length if n < 0 else n, 0), length) for n in (0, *cuts)] + [length]
    return parts(input, index, [max(b - a, 0) for a, b in pairwise(inside)], inside)


def _one_way(indices_or_sections: Any, indices: Any, sections: Any) -> Any:
    """Return where to split, which is given by one of the names."""
    where = [x for x in (indices_or_sections, indices, sections) if x is not None]
    if len(where) != 1 or isinstance(indices, int) or isinstance(sections, (tuple, list)):
        raise ShapeError("needs either indices or a number of sections")
    return where[0]


@operation(**VIEW, field=_OVERLAPPING, names={"indices_or_sections": ""})
def tensor_split(
    input: Tensor,
    indices_or_sections: Any = None,
    dim: Axis = 0,
    *,
    indices: Any = None,
    sections: Any = None,
) -> tuple[Tensor, ...]:
    """Take apart along `dim`: into as many parts, as equal as can be, or before these indices."""
    where = _one_way(indices_or_sections, indices, sections)
    _length(input, dim)
    return _split_before(input, where, dim)


def _splitter(name: str, least: int, dim: int) -> Callable[..., tuple[Tensor, ...]]:
    def split(
        input: Tensor, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
    ) -> tuple[Tensor, ...]:
        """Take apart along one dimension: into this many equal parts, or before these indices.

        Raises:
            ShapeError: it has too few dimensions, or the parts would not be equal.
        """
        check_dims(input, least)
        index = min(dim, input.ndim - 1)
        parts = _one_way(indices_or_sections, indices, sections)
        if isinstance(parts, int) and (parts == 0 or input.shape[index] % parts):
            raise ShapeError(f"cannot split {input.shape[index]} elements into {parts} equal parts")
        return _split_before(input, parts, index)

    return operation(**VIEW, field=_OVERLAPPING, names={"indices_or_sections": ""})(
        named(name, split)
    )


hsplit = _splitter("hsplit", 1, 1)
vsplit = _splitter("vsplit", 2, 0)
dsplit = _splitter("dsplit", 3, 2)


@operation(**VIEW, field="unbind", copies=True)
def unbind(input: Tensor, dim: Axis = 0) -> tuple[Tensor, ...]:
    """Take apart along `dim`, which the parts lose."""
    count = _bounded(_length(input, dim))
    return tuple(_rows(input, dim, range(int(count))))


def _rows(input: Tensor, dim: int, places: Iterable[int]) -> Iterator[Tensor]:
    s, steps = tuple(input.shape), strides(input)
    sizes, others = (*s[:dim], *s[dim + 1 :]), (*steps[:dim], *steps[dim + 1 :])
    return (part(input, sizes, others, i * steps[dim]) for i in places)


def iterate(input: Tensor) -> Iterator[Tensor]:
    """Return the parts along dimension 0, one after the other."""
    if not input.shape:
        raise ShapeError("cannot iterate over a scalar")
    return _rows(input, 0, range(int(input.shape[0])))


@operation(**VIEW, field=_COMBINED, spaces=FUNCTION)
def cartesian_prod(*tensors: Any) -> Tensor:
    """List all combinations of the elements of vectors."""
    vectors = [tensor("tensors", t) for t in tensors]
    if not vectors:
        raise ShapeError("needs at least one tensor")
    check_vectors(vectors, (1,))
    if len(vectors) == 1:
        return vectors[0]
    return new((prod(t.shape[0] for t in vectors), len(vectors)), vectors[0].dtype)


@operation(**NEW, field=_COMBINED, spaces=FUNCTION)
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """List the combinations of `r` elements of a vector, a row each."""
    if input.ndim != 1:
        raise ShapeError(f"expects a vector, but receives {shape(input.shape)}")
    if r < 0:
        raise ShapeError(f"cannot combine {r} elements")
    if not r:
        return new((0,), input.dtype)
    n = input.shape[0] + (r - 1 if with_replacement and input.shape[0] else 0)
    return new((_choices(n, r), r), input.dtype)


def _choices(n: int, r: int) -> int:
    """Count the ways to choose `r` of `n`, as far as torch can count."""
    count = 1
    for chosen in range(min(r, n - r)):
        count = count * (n - chosen) // (chosen + 1)
        if count >= INT64_END:
            raise ShapeError("there are more of them than torch can count in 64 bits")
    return count if r <= n else 0
