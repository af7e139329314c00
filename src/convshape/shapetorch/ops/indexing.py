"""Picking elements: subscripts, and by tensors of indices."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import axis, flag, integer, integers, number, shape
from ..layout import (
    alone,
    expanded,
    follow_copy,
    is_unknown,
    iterated,
    itself,
    lay,
    operands,
    packing,
    part,
    preserved,
    preserving,
    rule,
    strides,
    viewed,
)
from ..operation import operation, rule_of
from ..tensor import (
    UNKNOWN,
    Tensor,
    broadcast_shapes,
    check_value,
    new,
    number_dtype,
    result_type,
    tensor,
)
from .views import diagonal, view

if TYPE_CHECKING:
    from typing import Any

_INDEX = (dtypes.int64, dtypes.int32)


@operation
@itself
def getitem(input: Tensor, index: Any) -> Tensor:
    """``input[index]`` for ints, slices, None, ``...``, lists and tensors of ints, and tuples of these.

    Raises:
        ShapeError: an index is outside its dimension, or there are more of them than dimensions.
        UnknownOperation: the shape depends on data, as with a tensor of bools.
    """
    if isinstance(index, list) and any(isinstance(i, _MAKES_TUPLE) for i in index):
        index = tuple(index)
    items = index if isinstance(index, tuple) else (index,)
    taken = sum(_takes(item) for item in items)
    if sum(item is ... for item in items) > 1:
        raise ShapeError("has more than one ...")
    left = list(zip(input.shape, strides(input), strict=True))
    result: list[tuple[int, int]] = []  # sizes and strides
    start = 0  # which element is the first
    advanced: list[tuple[int, Tensor]] = []  # where in the result, and the indices
    empty = False  # whether one of them picks from nothing
    for item in items:
        if _takes(item) > len(left):
            raise ShapeError(
                f"has {taken} indices for {input.ndim} dimensions: {shape(input.shape)}"
            )
        if item is ...:
            keep = max(input.ndim - taken, 0)
            result += left[:keep]
            del left[:keep]
        elif item is None:
            result.append((1, left[0][0] * left[0][1] if left else 1))
        elif isinstance(item, slice):
            along, step = left.pop(0)
            picked = _sliced(along, item)
            start += picked.start * step
            result.append((len(picked), step * picked.step))
        elif item is True or item is False:
            index = new((int(item),), dtypes.int64)
            index.memory = UNKNOWN
            advanced.append((len(result), index))
        elif isinstance(item, (Tensor, list, tuple)):
            one = item if isinstance(item, Tensor) else _listed(item)
            if one.dtype is dtypes.bool or (one.dtype is dtypes.uint8 and one.shape):
                _mask(one, [n for n, _ in left])
            along, step = left.pop(0)
            if not along and one.shape == ():
                raise ShapeError("picks from a dimension of size 0")
            empty |= not along
            if one.shape or one.dtype.kind != dtypes.INTEGER:  # a scalar is as good as an int
                _indices(one)
                advanced.append((len(result), one))
        else:
            at = integer("index", item)
            along, step = left.pop(0)
            if not -along <= at < along:
                raise ShapeError(f"has index {at} in a dimension of {along}")
            start += (at + along if at < 0 else at) * step
    result += left
    if not advanced:
        return part(input, tuple(n for n, _ in result), tuple(step for _, step in result), start)
    # Their dimensions stand where they stood together, or in front if something is between them.
    first, last = advanced[0][0], advanced[-1][0]
    at = first if first == last else 0
    chosen = broadcast_shapes(*(each.shape for _, each in advanced))
    if empty and 0 not in chosen:
        raise ShapeError("picks from a dimension of size 0")
    result[at:at] = [(n, 0) for n in chosen]
    sizes = tuple(n for n, _ in result)
    aligned = (*(1,) * at, *chosen, *(1,) * (len(sizes) - at - len(chosen)))
    made = new(sizes, input.dtype)
    if any(map(is_unknown, (input, *(index for _, index in advanced)))):
        made.memory = UNKNOWN
        return made
    each = [(sizes, tuple(step for _, step in result))]
    for _, index in advanced:
        own = expanded(chosen, index.shape, strides(index))
        if index.dtype is dtypes.int32:  # which torch converts, after it is expanded
            own = preserved(chosen, own)
        each.append((aligned, viewed(chosen, own, aligned) or ()))
    lay(made, iterated(sizes, each))
    return made


#: What in a list makes torch read it as the tuple that it could have been.
_MAKES_TUPLE = (Tensor, list, tuple, slice, type(None), type(...))


def _takes(item: Any) -> int:
    """Return how many dimensions an index uses up."""
    if item is None or item is ... or isinstance(item, bool):
        return 0
    if isinstance(item, Tensor) and item.dtype is dtypes.bool:
        return item.ndim
    if isinstance(item, Tensor) and item.dtype is dtypes.uint8:
        return item.ndim or 1
    return 1


def _sliced(length: int, item: slice) -> range:
    bounds = [
        None if b is None else integer("slice", int(b) if isinstance(b, bool) else b)
        for b in (item.start, item.stop, item.step)
    ]
    if bounds[2] is not None and bounds[2] <= 0:
        raise ShapeError(f"has a slice with step {bounds[2]}, which must be positive", fix="flip")
    return range(length)[slice(*bounds)]


def _listed(item: Any) -> Tensor:
    """Return the tensor of indices that a list, perhaps of lists, writes out."""
    sizes: list[int] = []
    kind: set[type] = set()
    level = [item]
    while level and isinstance(level[0], (list, tuple)):
        sizes.append(len(level[0]))
        if any(not isinstance(each, (list, tuple)) or len(each) != sizes[-1] for each in level):
            raise ShapeError("has an index of rows of different lengths")
        level = [inner for each in level for inner in each]
    kind = {type(each) for each in level}
    if kind == {bool}:
        raise UnknownOperation(
            "a list of bools as index is not known to convshape", fix="a list of ints"
        )
    for each in level:
        integer("index", each)
    return new(tuple(sizes), dtypes.int64)


def _mask(mask: Tensor, sizes: list[int]) -> None:
    if mask.shape != tuple(sizes[: mask.ndim]):
        raise ShapeError(
            f"has a mask of {shape(mask.shape)} for dimensions of {shape(tuple(sizes[: mask.ndim]))}"
        )
    raise UnknownOperation(
        "how many elements a mask picks depends on its data, and convshape has shapes only"
    )


@operation
@itself
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """Take what stands at `index` along `dim`, which is lost."""
    s = tensor("input", input).shape
    if not s:
        raise ShapeError("cannot select from a scalar")
    along = axis("dim", dim, len(s))
    if not -s[along] <= integer("index", index) < s[along]:
        raise ShapeError(f"has index {index} in a dimension of {s[along]}")
    own = strides(input)
    at = (index + s[along] if index < 0 else index) * own[along]
    return part(input, (*s[:along], *s[along + 1 :]), (*own[:along], *own[along + 1 :]), at)


@operation
@itself
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """Take `length` elements from `start` on along `dim`."""
    s = tensor("input", input).shape
    if not s:
        raise ShapeError("cannot narrow a scalar")
    along = axis("dim", dim, len(s))
    if isinstance(start, Tensor):
        raise UnknownOperation("where it starts depends on data, and convshape has shapes only")
    first = integer("start", start)
    if not -s[along] <= first <= s[along]:
        raise ShapeError(f"has start={first} in a dimension of {s[along]}")
    first += s[along] if first < 0 else 0
    if integer("length", length) < 0 or first + length > s[along]:
        raise ShapeError(f"has start={first} and length={length} in a dimension of {s[along]}")
    own = strides(input)
    return part(input, (*s[:along], length, *s[along + 1 :]), own, first * own[along])


@operation
@packing
def narrow_copy(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """Copy `length` elements from `start` on along `dim`."""
    return new(rule_of(narrow)(input, dim, start, length).shape, input.dtype)


def _indices(index: Any, name: str = "index", kinds: tuple[dtypes.dtype, ...] = _INDEX) -> Tensor:
    if tensor(name, index).dtype not in kinds:
        raise ShapeError(f"needs {name} of int64, but receives {index.dtype.name}")
    checked: Tensor = index
    return checked


@operation
@packing
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Take what stands at the indices, a vector, along `dim`."""
    s = tensor("input", input).shape
    along = axis("dim", dim, len(s))
    count = _indices(index).numel()
    if index.ndim > 1:
        raise ShapeError(f"needs a vector of indices, but receives {shape(index.shape)}")
    if not s:
        if count != 1:
            raise ShapeError(f"picks {count} elements from a scalar")
        return new((), input.dtype)
    if count and not s[along]:
        raise ShapeError("picks from a dimension of size 0")
    return new((*s[:along], count, *s[along + 1 :]), input.dtype)


@operation
@packing
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """Take along `dim` what stands at the indices; the result has their shape.

    Raises:
        ShapeError: `index` has other dimensions, or is larger than the input in one besides `dim`.
    """
    along = axis("dim", dim, tensor("input", input).ndim)
    _within(input, along, index)
    return new(index.shape, input.dtype)


def _within(input: Tensor, along: int, index: Tensor) -> None:
    if not tensor("index", index).numel():  # torch does not look closer at nothing
        return
    _indices(index)
    own, other = (t.shape or (1,) for t in (input, index))
    if len(own) != len(other):
        raise ShapeError(
            f"needs indices of {input.ndim} dimensions, but receives {shape(index.shape)}"
        )
    if any(b > a for i, (a, b) in enumerate(zip(own, other, strict=True)) if i != along):
        raise ShapeError(
            f"has indices of {shape(index.shape)}, which reach beyond {shape(input.shape)} "
            f"in a dimension besides {along}"
        )
    if not own[along]:
        raise ShapeError("picks from a dimension of size 0")


@operation
@packing
def take(input: Tensor, index: Tensor) -> Tensor:
    """Take the elements at the indices into the flattened input; the result has their shape."""
    if _indices(index, kinds=(dtypes.int64,)).numel() and not tensor("input", input).numel():
        raise ShapeError("picks from an empty tensor")
    return new(index.shape, input.dtype)


@operation
@packing
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """Take along `dim` what stands at the indices, both expanded to each other in the other dimensions."""
    if tensor("indices", indices).numel() or dim is not None:
        _indices(indices, "indices", _INDEX if dim is None else (dtypes.int64,))
    if dim is None:
        if indices.numel() and not tensor("input", input).numel():
            raise ShapeError("picks from an empty tensor")
        return new(
            view(indices, (-1,) if indices.numel() else (0,)).shape,
            view(input, (input.numel(),)).dtype,
        )
    if tensor("input", input).ndim != indices.ndim:
        raise ShapeError(
            f"needs indices of {input.ndim} dimensions, but receives {shape(indices.shape)}"
        )
    along = axis("dim", dim, input.ndim)
    if not input.shape:
        raise ShapeError("has no dimension to pick along: it is a scalar")
    own = list(input.shape)
    own[along] = indices.shape[along]
    sizes = broadcast_shapes(tuple(own), indices.shape)
    if not input.shape[along] and 0 not in sizes:
        raise ShapeError("picks from a dimension of size 0")
    return new(sizes, input.dtype)


@operation
@packing
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Put `value` where `mask`, of bools, is true; both are expanded to each other."""
    if tensor("mask", mask).dtype is not dtypes.bool:
        raise ShapeError(f"needs a mask of bool, but receives {mask.dtype.name}")
    if isinstance(value, Tensor):
        if value.shape:
            raise ShapeError(f"needs one value, but receives {shape(value.shape)}")
    else:
        check_value(value, tensor("input", input).dtype)
    return new(broadcast_shapes(input.shape, mask.shape), input.dtype)


def _chosen_strides(result: Tensor, given: Any) -> Any:
    condition, *values = given  # of which torch converts the values only
    return iterated(
        result.shape, [(condition.shape, strides(condition)), *operands(result, values)]
    )


@operation
@rule(_chosen_strides)
def where(condition: Tensor, input: Any = None, other: Any = None) -> Tensor:
    """Take from `input` where `condition` is true and from `other` elsewhere, all expanded to each other.

    Raises:
        ShapeError: the shapes do not fit together, or the condition is not of bools.
        UnknownOperation: no values are given: how many elements are true depends on data.
    """
    if input is None and other is None:
        raise UnknownOperation(
            "how many elements are true depends on data, and convshape has shapes only"
        )
    if tensor("condition", condition).dtype not in (dtypes.bool, dtypes.uint8):
        raise ShapeError(f"needs a condition of bool, but receives {condition.dtype.name}")
    given = [t for t in (condition, input, other) if isinstance(t, Tensor)]
    return new(broadcast_shapes(*(t.shape for t in given)), result_type(input, other))


def _by_data(name: str, why: str) -> Any:
    def call(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Refuse: the shape depends on data.

        Raises:
            UnknownOperation: always.
        """
        raise UnknownOperation(f"{name}: {why} depends on data, and convshape has shapes only")

    call.__name__ = call.__qualname__ = name
    return operation(call)


item = _by_data("item", "a value")
tolist = _by_data("tolist", "a value")
equal = _by_data("equal", "whether they are equal")
allclose = _by_data("allclose", "whether they are nearly equal")
masked_select = _by_data("masked_select", "how many elements a mask picks")
nonzero = _by_data("nonzero", "how many elements are not zero")
unique = _by_data("unique", "how many elements differ")
unique_consecutive = _by_data("unique_consecutive", "how many elements differ")
argwhere = _by_data("argwhere", "how many elements are not zero")
is_nonzero = _by_data("is_nonzero", "whether it is not zero")
bincount = _by_data("bincount", "how many values there are")


@operation
@preserving
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """Put `value` at the indices, a vector, along `dim`; the shape stays."""
    along = axis("dim", dim, tensor("input", input).ndim)
    if _indices(index, kinds=(dtypes.int64,)).ndim > 1:
        raise ShapeError(f"needs a vector of indices, but receives {shape(index.shape)}")
    if isinstance(value, Tensor) and value.shape:
        raise ShapeError(f"needs one value, but receives {shape(value.shape)}")
    if not isinstance(value, Tensor):
        check_value(value, input.dtype)
    _puts(input, along, index)
    return new(input.shape, input.dtype)


def _index_put(name: str) -> Any:
    def call(input: Tensor, dim: int, index: Tensor, source: Tensor, **named: Any) -> Tensor:
        """Put or add `source` at the indices, a vector, along `dim`; the shape stays.

        Raises:
            ShapeError: `source` is not the input's shape with as many elements along `dim` as indices.
        """
        along = axis("dim", dim, tensor("input", input).ndim)
        if _indices(index, kinds=_INDEX if name == "index_add" else (dtypes.int64,)).ndim > 1:
            raise ShapeError(f"needs a vector of indices, but receives {shape(index.shape)}")
        if tensor("source", source).dtype is not input.dtype:
            raise ShapeError(
                f"needs a source of {input.dtype.name}, but receives {source.dtype.name}"
            )
        if "alpha" in named:
            number("alpha", named["alpha"])
        wanted = (*input.shape[:along], index.numel(), *input.shape[along + 1 :])
        if source.shape != wanted and (input.shape or source.numel() != 1 or index.numel() != 1):
            raise ShapeError(
                f"needs a source of {shape(wanted)}, but receives {shape(source.shape)}"
            )
        if name == "index_copy" or input.ndim == 1:  # torch adds slices to nothing without looking
            _puts(input, along, index)
        return new(input.shape, input.dtype)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


@operation
def index_reduce(
    input: Tensor,
    dim: int,
    index: Tensor,
    source: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
) -> Tensor:
    """Combine `source` with what is at the indices, a vector, along `dim`; the shape stays.

    Raises:
        ShapeError: as `index_add`; or `reduce` is none of torch's.
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise ShapeError(
            f"has reduce={reduce!r}, which is none of 'prod', 'mean', 'amax' and 'amin'"
        )
    kind = tensor("input", input).dtype.kind
    whole = flag("include_self", include_self)
    refused = {dtypes.BOOL: ("mean",), dtypes.COMPLEX: ("amax", "amin")}.get(kind)
    reduces = tensor("index", index).numel() and reduce in (refused or ())
    if refused and (not whole or input.ndim < 2 or reduces):
        raise ShapeError(f"is not defined for {input.dtype.name} with reduce={reduce!r}")
    result: Tensor = rule_of(index_add)(input, dim, index, source)
    if index.numel() and input.shape and not input.shape[dim]:
        raise ShapeError("puts into a dimension of size 0")
    return result


@operation
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """Put the elements of `source` at the indices of all elements in rows; the shape stays.

    Raises:
        ShapeError: there are not as many elements as indices, or the dtypes are others.
    """
    flag("accumulate", accumulate)
    if tensor("source", source).dtype is not tensor("input", input).dtype:
        raise ShapeError(f"needs a source of {input.dtype.name}, but receives {source.dtype.name}")
    count = _indices(index, kinds=(dtypes.int64,)).numel()
    if source.numel() != count:
        raise ShapeError(f"has {count} indices for {source.numel()} elements")
    if count and not input.numel():
        raise ShapeError(f"puts into a tensor of no elements: {shape(input.shape)}")
    return new(input.shape, input.dtype)


@operation
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """Find where the elements are not zero, for `size` of them: ``(size, ndim)``."""
    integer("fill_value", fill_value)
    if integer("size", size) < 0:
        raise ShapeError(f"has size={size}, which must be at least 0")
    return new((size, tensor("input", input).ndim), dtypes.int64)


@operation
@itself
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """Find where elements of a tensor of this shape stand, counted in rows: a tensor for each dimension."""
    if tensor("indices", indices).dtype.kind != dtypes.INTEGER:
        raise ShapeError(f"needs indices of integers, but receives {indices.dtype.name}")
    sizes = integers("shape", (int(shape),) if isinstance(shape, int) else shape)
    if min(sizes, default=0) < 0 or (0 in sizes and indices.numel()):
        raise ShapeError(f"has shape={shape!r}, which holds no elements")
    result = tuple(new(indices.shape, dtypes.int64) for _ in sizes)
    for each in result:
        each.memory = UNKNOWN
    return result


def _puts(input: Tensor, along: int, index: Tensor) -> None:
    rest = (n for i, n in enumerate(input.shape) if i != along)
    if index.numel() and input.shape and not input.shape[along] and prod(rest):
        raise ShapeError("puts into a dimension of size 0")


index_add = _index_put("index_add")
index_copy = _index_put("index_copy")


def _scatter(name: str) -> Any:
    def call(
        input: Tensor, dim: int, index: Tensor, src: Any = None, *args: Any, **named: Any
    ) -> Tensor:
        """Put or add the elements of `src` at the indices along `dim`; the shape stays.

        Raises:
            ShapeError: `index` is larger than the input besides `dim`, or larger than `src`.
        """
        along = axis("dim", dim, tensor("input", input).ndim)
        src = named.get("value", src)
        _within(input, along, index)
        if isinstance(src, Tensor):
            if src.dtype is not input.dtype:
                raise ShapeError(f"needs src of {input.dtype.name}, but receives {src.dtype.name}")
            own, other = src.shape or (1,), index.shape or (1,)
            if index.numel() and (
                len(own) != len(other) or any(b > a for a, b in zip(own, other, strict=True))
            ):
                raise ShapeError(
                    f"has indices of {shape(index.shape)} for src of {shape(src.shape)}"
                )
        elif name != "scatter":
            raise ShapeError(f"needs a tensor as src, but receives {src!r}")
        else:
            number_dtype(src)
        return new(input.shape, input.dtype)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


scatter = _scatter("scatter")
scatter_add = _scatter("scatter_add")
scatter_reduce = _scatter("scatter_reduce")


@operation
@preserving
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """Put `values` where a tuple of tensors of indices points; the shape stays.

    Raises:
        ShapeError: an index does not fit, or the values do not expand to what is picked.
    """
    for each in (indices := tuple(indices) if isinstance(indices, (tuple, list)) else ()):
        if each is not None:
            tensor("indices", each)
    if not indices:
        raise ShapeError("needs a tuple of tensors as indices")
    picked = rule_of(getitem)(input, tuple(slice(None) if i is None else i for i in indices)).shape
    if tensor("values", values).dtype is not input.dtype:
        raise ShapeError(f"needs values of {input.dtype.name}, but receives {values.dtype.name}")
    if broadcast_shapes(picked, values.shape) != picked:
        raise ShapeError(f"cannot put {shape(values.shape)} into {shape(picked)}")
    return new(input.shape, input.dtype)


@operation
@packing
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Put the elements of `source`, in their order, where `mask` is true; both are expanded to each other.

    Raises:
        ShapeError: the mask is not of bools or the dtypes differ.
    """
    if tensor("mask", mask).dtype is not dtypes.bool:
        raise ShapeError(f"needs a mask of bool, but receives {mask.dtype.name}")
    if tensor("source", source).dtype is not tensor("input", input).dtype:
        raise ShapeError(f"needs a source of {input.dtype.name}, but receives {source.dtype.name}")
    return new(broadcast_shapes(input.shape, mask.shape), input.dtype)


def _scattered(input: Tensor, src: Any, wanted: tuple[int, ...]) -> Tensor:
    if tensor("src", src).shape != wanted:
        raise ShapeError(f"needs src of {shape(wanted)}, but receives {shape(src.shape)}")
    result = new(input.shape, input.dtype)
    try:  # where no elements share a place, torch copies all of the memory
        result.memory = alone(input).memory
    except ShapeError:
        follow_copy(result, input)
    return result


@operation
@itself
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """Put `src` at `index` along `dim`; the shape stays."""
    return _scattered(input, src, rule_of(select)(input, dim, index).shape)


@operation
@itself
def diagonal_scatter(
    input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> Tensor:
    """Put `src` on the diagonals of the matrices in two dimensions; the shape stays."""
    return _scattered(input, src, rule_of(diagonal)(input, offset, dim1, dim2).shape)


@operation
@itself
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """Put `src` into a slice along `dim`; the shape stays."""
    s = tensor("input", input).shape
    if not s:
        raise ShapeError("has no dimension to slice: it is a scalar")
    along = axis("dim", dim, len(s))
    length = len(_sliced(s[along], slice(start, end, integer("step", step))))
    return _scattered(input, src, (*s[:along], length, *s[along + 1 :]))


@operation
@packing
def bucketize(
    input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """Find between which boundaries, a sorted vector, each element lies."""
    if tensor("boundaries", boundaries).ndim != 1:
        raise ShapeError(f"needs a vector of boundaries, but receives {shape(boundaries.shape)}")
    return _places(boundaries, input, out_int32, right)


@operation
@packing
def searchsorted(
    sorted_sequence: Tensor,
    values: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Find where each value would stand in a sorted vector, or in that of its row.

    Raises:
        ShapeError: there is not one sorted vector for each row of values.
    """
    own = tensor("sorted_sequence", sorted_sequence).shape
    if not own:
        raise ShapeError("searches vectors, but receives a scalar")
    if side not in (None, "left", "right") or (right and side == "left"):
        raise ShapeError(
            f"has side={side!r} and right={right}, which is neither the left nor the right"
        )
    if sorter is not None and (
        tensor("sorter", sorter).shape != own or sorter.dtype is not dtypes.int64
    ):
        raise ShapeError(f"needs a sorter of {shape(own)} int64, but receives {sorter!r}")
    if len(own) > 1 and (
        not isinstance(values, Tensor) or values.shape[:-1] != own[:-1] or not values.shape
    ):
        raise ShapeError(f"needs values of {shape(own[:-1])} rows as the sorted {shape(own)}")
    return _places(sorted_sequence, values, out_int32, right)


def _places(sequence: Tensor, values: Any, out_int32: bool, right: bool) -> Tensor:
    flag("right", right)
    kind = dtypes.int32 if flag("out_int32", out_int32) else dtypes.int64
    if not isinstance(values, Tensor):
        number("values", values)
    sizes = values.shape if isinstance(values, Tensor) else ()
    for each in (sequence, values) if 0 not in sizes else ():  # torch looks for nothing in anything
        if isinstance(each, Tensor) and (
            each.dtype.is_complex or (each.dtype is dtypes.bool and isinstance(values, Tensor))
        ):
            raise ShapeError(f"is not defined for {each.dtype.name}")
    return new(sizes, kind)


@operation
@packing
def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Tell which elements are among others."""
    given = [each for each in (elements, test_elements) if isinstance(each, Tensor)]
    if not given:
        raise ShapeError("needs a tensor as elements or test_elements")
    for each in (elements, test_elements):
        if not isinstance(each, Tensor):
            number("elements", each)
        elif each.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
            raise ShapeError(f"is not defined for {each.dtype.name}")
    sizes, count = (elements.shape, elements.numel()) if isinstance(elements, Tensor) else ((), 1)
    if isinstance(test_elements, Tensor) and test_elements.numel() < int(10 * count**0.145):
        view(
            test_elements, (*(1,) * len(sizes), test_elements.numel())
        )  # torch compares all with all
    return new(sizes, dtypes.bool)
