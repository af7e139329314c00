"""Indexing: subscripts, and by tensors of indices."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from ...errors import ShapeError, UnknownOperation
from ...user_frames import here
from .. import dtypes
from ..arguments import Axis, Ints, integer, integers, shape
from ..known_values import Elsewhere, check_indices, decided, values_of
from ..layout import (
    OWN,
    UNKNOWN_LAYOUT,
    expanded,
    is_unknown,
    iterated,
    lay,
    operands,
    part,
    preserved,
    strides,
    viewed,
)
from ..operation import BOTH, FUNCTION, METHOD, Unknown, named, operation, rule_of
from ..placeholder import HINT, Unavailable
from ..tensor import UNKNOWN, Tensor, broadcast_shapes, check_cast, new, result_type
from .creation import literal
from .views import NEW, VIEW, view

#: Why a receptive field is not followed through what picks and puts by indices.
BY_INDEX = Unknown("which elements it reads depends on the values of its indices")
BY_DATA = Unknown("its shape depends on data")

#: The dtypes of masks: uint8 was the one before there were bools.
_OF_MASKS = (dtypes.bool, dtypes.uint8)

# Subscripts


#: One thing in a subscript, checked: the `range` or the int that it takes of a dimension, the
#: Tensor that picks from it, or None for a new dimension. `at` counts the dimensions before it,
#: `length` is the size of the one that it takes; None and what a bool stands for take none.
_Item = namedtuple("_Item", ("what", "at", "length"))


class Uncounted(Unavailable):
    """What is made of elements whose number depends on data."""

    def _unknown(self, what: str = "") -> UnknownOperation:
        return UnknownOperation(self._fix, where=self._where, fix=HINT)


class Picked(Uncounted):
    """What a mask picks that depends on data: it can only be put where the same mask picks."""

    def __init__(self, tensor: Tensor, mask: Tensor) -> None:
        why = "how many elements a mask picks depends on data, and convshape has shapes only"
        super().__init__("input[mask]", why, is_value=True, where=here())
        self.__dict__.update(tensor=tensor, mask=mask)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._value(), name)

    def _value(self, suffix: str = "") -> Uncounted:
        return Uncounted(f"{self._name}{suffix}", self._fix, is_value=True, where=self._where)


@operation(**VIEW, field="getitem", spaces=METHOD)
def getitem(input: Tensor, index: Any) -> Any:
    """``input[index]`` for ints, slices, None, ``...``, lists and tensors of ints, and tuples.

    Raises:
        ShapeError: an index is outside its dimension, or there are more of them than dimensions.
        UnknownOperation: the shape depends on data, as with tensors of bools among the indices.
    """
    if isinstance(index, Tensor) and index.dtype is dtypes.bool and values_of(index) is None:
        _check_mask(index, input.shape)
        return Picked(input, index)
    items = items_of(index, input.shape)
    sizes, steps, start = window(items, input.shape, strides(input))
    picking = [item.what for item in items if isinstance(item.what, Tensor)]
    if not picking:
        result = part(input, sizes, steps, start)
        return _somewhere(result) if any(item.what is SOMEWHERE for item in items) else result
    at = place(items)
    chosen = broadcast_shapes(*(index.shape for index in picking))
    if 0 not in chosen and any(isinstance(what, Tensor) and n == 0 for what, _, n in items):
        raise ShapeError("picks from a dimension of size 0", kind=IndexError)
    result = new((*sizes[:at], *chosen, *sizes[at:]), input.dtype)
    for what, _, n in items if result.numel() else ():
        if isinstance(what, Tensor) and n is not None:
            check_indices(what, n, wraps=True)
    if any(map(is_unknown, (input, *picking))):
        result.memory = UNKNOWN
    else:
        spread = (*steps[:at], *(0,) * len(chosen), *steps[at:])
        lay(result, _picked_strides(result.shape, spread, at, chosen, picking))
    return result


def window(items: list[Any], sizes: Ints, steps: Ints) -> tuple[Ints, Ints, int]:
    """Return the shape and strides of what is left after each item took its part, and its start.

    The dimensions that tensors pick from are gone.
    """
    result: list[tuple[int, int]] = []
    start = 0
    for what, at, _ in items:
        if what is None:
            result.append((1, sizes[at] * steps[at] if at < len(sizes) else 1))
        elif isinstance(what, Slice):
            start += what.start * steps[at]
            result.append((what.length, what.step * steps[at]))
        elif isinstance(what, int):
            start += what * steps[at]
    return tuple(n for n, _ in result), tuple(step for _, step in result), start


def place(items: list[Any]) -> int:
    """Return where the dimensions of the index tensors come in the result.

    It is where they are together; or in front, if something that keeps a dimension is between.
    """
    kept, places = 0, set()
    for what, _, _ in items:
        if isinstance(what, Tensor):
            places.add(kept)
        elif not isinstance(what, int):
            kept += 1
    return places.pop() if len(places) == 1 else 0


def _picked_strides(
    sizes: Ints, steps: Ints, at: int, chosen: Ints, picking: list[Tensor]
) -> Ints | None:
    """Return the strides of what tensors of indices pick, which torch iterates over with them."""
    aligned = (*(1,) * at, *chosen, *(1,) * (len(sizes) - at - len(chosen)))
    tensors = [(sizes, steps)]
    for index in picking:
        spread = expanded(chosen, index.shape, strides(index))
        if index.dtype is dtypes.int32:  # which torch converts, after it is expanded
            spread = preserved(chosen, spread)
        tensors.append((aligned, viewed(chosen, spread, aligned) or ()))
    return iterated(sizes, tensors)


def _as_list(item: Any) -> Any:
    """Return another sequence, such as a ``range``, as a list, also in tuples and lists."""
    if isinstance(item, (tuple, list)):
        return type(item)(map(_as_list, item)) if type(item) in (tuple, list) else item
    is_sequence = isinstance(item, Sequence) and not isinstance(item, (str, bytes))
    return list(map(_as_list, item)) if is_sequence else item


#: What in a list makes torch read it as the tuple that it could have been.
_MAKES_TUPLE = (Tensor, list, tuple, slice, type(None), type(...))


def items_of(index: Any, sizes: Ints) -> list[Any]:
    """Read a subscript: check each item, and put slices for ``...`` and what is left out."""
    index = _as_list(index)
    if isinstance(index, list) and any(isinstance(i, _MAKES_TUPLE) or _has_rows(i) for i in index):
        index = tuple(index)
    written = [*index] if isinstance(index, tuple) else [index]
    while written and written[-1] is ... and any(item is ... for item in written[:-1]):
        written.pop()
    taken = sum(map(_takes, written))
    if taken > len(sizes):
        raise ShapeError(
            f"has {taken} indices for {len(sizes)} dimensions: {shape(sizes)}", kind=IndexError
        )
    rest = [slice(None)] * (len(sizes) - taken)
    if rest and sum(item is ... for item in written) > 1:
        raise ShapeError("has more than one ...", kind=IndexError)
    filled: list[Any] = []
    for item in written if any(item is ... for item in written) else (*written, ...):
        filled += rest if item is ... else [item]
    items, at = [], 0
    for item in filled:
        takes, what = _takes(item), _read(item, sizes[at:])
        for i, taken in enumerate(what if isinstance(what, tuple) else (what,)):
            items.append(_Item(taken, at + i, sizes[at + i] if takes else None))
        at += takes
    return items


def _has_rows(item: Any) -> bool:
    """Return whether an index is an array of NumPy's, and no number."""
    return hasattr(type(item), "__array__") and bool(item.shape)


def _takes(item: Any) -> int:
    """Return how many dimensions an index uses up."""
    if item is None or item is ... or isinstance(item, bool):
        return 0
    return item.ndim if isinstance(item, Tensor) and item.dtype in _OF_MASKS else 1


def _read(item: Any, sizes: Ints) -> Any:
    """Return an index of a subscript, checked against the dimensions that are left."""
    if item is None:
        return None
    if isinstance(item, bool):
        picking = new((int(item),), dtypes.int64)
        picking.memory = UNKNOWN
        return picking
    if isinstance(item, slice):
        return sliced(sizes[0], item)
    if isinstance(item, (Tensor, list, tuple)) or _has_rows(item):
        return _picking(item if isinstance(item, Tensor) else _listed(item), sizes)
    position = integer("index", item)
    if not -sizes[0] <= position < sizes[0]:
        raise ShapeError(f"has index {position} in a dimension of {sizes[0]}", kind=IndexError)
    return position + sizes[0] if position < 0 else position


def _picking(index: Tensor, sizes: Ints) -> Any:
    if index.dtype in _OF_MASKS:
        return _mask(index, sizes)
    if not sizes[0] and not index.shape:
        raise ShapeError("picks from a dimension of size 0", kind=IndexError)
    if not index.shape and index.dtype.kind == dtypes.INTEGER:  # as good as an int
        return SOMEWHERE if values_of(index) is None else _read(int(index), sizes)
    dtypes.check_whole("index", index.dtype, dtypes.int32)
    return index


class Slice:
    """What a slice takes of a dimension: from `start` on `length` elements, `step` apart."""

    __slots__ = ("length", "start", "step")

    def __init__(self, start: int, length: int, step: int) -> None:
        self.start = start
        self.length = length
        self.step = step


def sliced(length: int, item: slice) -> Slice:
    """Return what a slice takes of a dimension of a length."""
    start, stop, step = (
        default if b is None else integer("slice", int(b) if isinstance(b, bool) else b)
        for b, default in ((item.start, 0), (item.stop, length), (item.step, 1))
    )
    if step <= 0:
        raise ShapeError(f"has a slice with step {step}, which must be positive", fix="flip")
    first, end = (_within(bound, length) for bound in (start, stop))
    return Slice(first, -((first - end) // step) if end > first else 0, step)


def _within(bound: int, length: int) -> int:
    """Return where a slice begins or ends, counted from the front and inside the dimension."""
    bound = bound + length if bound < 0 else bound
    return 0 if bound < 0 else length if bound > length else bound


class _Somewhere(int):
    """A place in a dimension that is not known; 0 is as good as any."""


SOMEWHERE = _Somewhere(0)


def _somewhere(view: Tensor) -> Tensor:
    """Return a view that lies at a place that is not known: so are its values."""
    if view.contents is not None:
        view.contents = Elsewhere(view.contents)
    return view


def _listed(item: Any) -> Tensor:
    """Return the tensor of indices that a list, perhaps of lists, writes out."""
    kind = literal(item).dtype
    result: Tensor = literal(item, dtype=kind if kind in _OF_MASKS else dtypes.int64)
    return result


def _check_mask(mask: Tensor, sizes: Ints) -> None:
    covered = sizes[: mask.ndim]
    if mask.shape != covered:
        raise ShapeError(
            f"has a mask of {shape(mask.shape)} for dimensions of {shape(covered)}", kind=IndexError
        )


def _mask(mask: Tensor, sizes: Ints) -> tuple[Tensor, ...]:
    """Return the places that a mask picks, a vector for each dimension."""
    _check_mask(mask, sizes)
    places: tuple[Tensor, ...] = _decided(
        "nonzero", "how many elements a mask picks", mask, as_tuple=True
    )
    return places


@operation(**VIEW, field="select", copies=True)
def select(input: Tensor, dim: Axis, index: int) -> Tensor:
    """Take what is at `index` along `dim`, which is lost."""
    s, steps = tuple(input.shape), strides(input)
    if not s:
        raise ShapeError("cannot select from a scalar", kind=IndexError)
    if not -s[dim] <= index < s[dim]:
        raise ShapeError(f"has index {index} in a dimension of {s[dim]}", kind=IndexError)
    start = (index + s[dim] if index < 0 else index) * steps[dim]
    return part(input, (*s[:dim], *s[dim + 1 :]), (*steps[:dim], *steps[dim + 1 :]), start)


@operation(**VIEW, field="narrow")
def narrow(input: Tensor, dim: Axis, start: Any, length: int) -> Tensor:
    """Take `length` elements from `start` on along `dim`."""
    s, steps = input.shape, strides(input)
    if not s:
        raise ShapeError("cannot narrow a scalar")
    first, n = integer("start", start), s[dim]
    if not -n <= first <= n:
        raise ShapeError(f"has start={first} in a dimension of {n}", kind=IndexError)
    first += n if first < 0 else 0
    if length < 0 or first + length > n:
        raise ShapeError(f"has start={first} and length={length} in a dimension of {n}")
    return part(input, (*s[:dim], length, *s[dim + 1 :]), steps, first * steps[dim])


@operation(**NEW, field="narrow")
def narrow_copy(input: Tensor, dim: Axis, start: Any, length: int) -> Tensor:
    """Copy `length` elements from `start` on along `dim`."""
    return new(rule_of(narrow)(input, dim, start, length).shape, input.dtype)


def index_vector(index: Tensor, *kinds: dtypes.dtype) -> int:
    """Return the length of a vector of indices, of int64 or so; a scalar counts as one."""
    dtypes.check_whole("index", index.dtype, *kinds)
    if index.ndim > 1:
        raise ShapeError(f"needs a vector of indices, but receives {shape(index.shape)}")
    return index.numel()


@operation(**NEW, field=BY_INDEX)
def index_select(input: Tensor, dim: Axis, index: Tensor) -> Tensor:
    """Take what is at the indices, a vector, along `dim`."""
    s, count = input.shape, index_vector(index, dtypes.int32)
    if not s:
        if count != 1:
            raise ShapeError(f"picks {count} elements from a scalar")
        return new((), input.dtype)
    if count and not s[dim]:
        raise ShapeError("picks from a dimension of size 0", kind=IndexError)
    check_indices(index, s[dim])
    return new((*s[:dim], count, *s[dim + 1 :]), input.dtype)


@operation(**NEW, field=BY_INDEX)
def gather(input: Tensor, dim: Axis, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """Take along `dim` what is at the indices; the result has their shape.

    Raises:
        ShapeError: `index` has other dimensions, or is larger than the input in one besides `dim`.
    """
    check_within(input, dim, index)
    return new(index.shape, input.dtype)


def check_within(input: Tensor, along: int, index: Tensor) -> None:
    """Refuse indices along a dimension that reach beyond the tensor."""
    if not index.numel():  # torch does not look closer at nothing
        return
    dtypes.check_whole("index", index.dtype, dtypes.int32)
    sizes, others = (t.shape or (1,) for t in (input, index))
    if len(sizes) != len(others):
        raise ShapeError(
            f"needs indices of {input.ndim} dimensions, but receives {shape(index.shape)}"
        )
    if any(b > a for i, (a, b) in enumerate(zip(sizes, others, strict=True)) if i != along):
        raise ShapeError(
            f"has indices of {shape(index.shape)}, which reach beyond {shape(input.shape)} "
            f"in a dimension besides {along}"
        )
    if not sizes[along]:
        raise ShapeError("picks from a dimension of size 0", kind=IndexError)
    check_indices(index, sizes[along], kind=RuntimeError)


@operation(**NEW, field=BY_INDEX)
def take(input: Tensor, index: Tensor) -> Tensor:
    """Take the elements at the indices into the flattened input; the result has their shape."""
    dtypes.check_whole("index", index.dtype)
    if index.numel() and not input.numel():
        raise ShapeError("picks from an empty tensor", kind=IndexError)
    check_indices(index, input.numel(), wraps=True)
    return new(index.shape, input.dtype)


@operation(**NEW, field=BY_INDEX)
def take_along_dim(input: Tensor, indices: Tensor, dim: Axis | None = None) -> Tensor:
    """Take along `dim` what is at the indices, both expanded to each other elsewhere."""
    if indices.numel() or dim is not None:
        dtypes.check_whole("indices", indices.dtype, *[dtypes.int32] * (dim is None))
    if dim is None:
        if indices.numel() and not input.numel():
            raise ShapeError("picks from an empty tensor", kind=IndexError)
        view(input, (input.numel(),))
        return new(view(indices, (indices.numel(),)).shape, input.dtype)
    if input.ndim != indices.ndim:
        raise ShapeError(
            f"needs indices of {input.ndim} dimensions, but receives {shape(indices.shape)}"
        )
    if not input.shape:
        raise ShapeError("has no dimension to pick along: it is a scalar")
    wanted = (*input.shape[:dim], indices.shape[dim], *input.shape[dim + 1 :])
    sizes = broadcast_shapes(wanted, indices.shape)
    if not input.shape[dim] and 0 not in sizes:
        raise ShapeError("picks from a dimension of size 0", kind=IndexError)
    return new(sizes, input.dtype)


def _where_strides(result: Tensor, arguments: Any) -> Any:
    condition, *values = arguments  # of which torch converts the values only
    if not values:
        return None
    tensors = [(condition.shape, strides(condition)), *operands(result, values)]
    return iterated(result.shape, tensors)


@operation(layout=_where_strides, macs=None, field="pointwise", numbers={"self": "input"})
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """Take from `input` where `condition` is true and from `other` elsewhere, all expanded.

    Raises:
        ShapeError: the shapes do not fit together, or the condition is not of bools.
        UnknownOperation: no values are given: how many elements are true depends on data.
    """
    if input is None and other is None:
        return _decided("nonzero", "how many elements are true", condition, as_tuple=True)
    if condition.dtype not in _OF_MASKS:
        raise ShapeError(f"needs a condition of bool, but receives {condition.dtype.name}")
    tensors = [t for t in (condition, input, other) if isinstance(t, Tensor)]
    kind = result_type(input, other)
    for value in (input, other):
        if not isinstance(value, Tensor):
            check_cast(value, kind)
    return new(broadcast_shapes(*(t.shape for t in tensors)), kind)


def _by_data(name: str, why: str, spaces: str = BOTH, **facts: Any) -> Any:
    def ask(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Tell what depends on data, where that is known.

        Raises:
            UnknownOperation: it is not known.
        """
        return _decided(name, f"{name}: {why}", input, *args, **kwargs)

    return operation(layout=OWN, macs=None, field=BY_DATA, spaces=spaces, **facts)(named(name, ask))


def _decided(operation: str, what: str, *args: Any, **kwargs: Any) -> Any:
    result = decided(operation, *args, **kwargs)
    if result is None:
        raise UnknownOperation(f"{what} depends on data, and convshape has shapes only", fix=HINT)
    return result


item = _by_data("item", "a value", METHOD)
tolist = _by_data("tolist", "a value", METHOD)
numpy = _by_data("numpy", "a value", METHOD)
equal = _by_data("equal", "whether they are equal")
allclose = _by_data("allclose", "whether they are nearly equal")
masked_select = _by_data("masked_select", "how many elements a mask picks")
nonzero = _by_data("nonzero", "how many elements are not zero")
unique = _by_data("unique", "how many elements differ", takes_numpy=False)
unique_consecutive = _by_data("unique_consecutive", "how many elements differ", takes_numpy=False)
argwhere = _by_data("argwhere", "how many elements are not zero")
is_nonzero = _by_data("is_nonzero", "whether it is not zero")
bincount = _by_data("bincount", "how many values there are")


@operation(layout=UNKNOWN_LAYOUT, macs=None, field=BY_DATA)
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """Find where the elements are not zero, for `size` of them: ``(size, ndim)``."""
    if size < 0:
        raise ShapeError(f"has size={size}, which must be at least 0")
    return new((size, input.ndim), dtypes.int64)


@operation(**NEW, field=Unknown("it gives places"), spaces=FUNCTION)
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """Find where elements of a tensor of this shape are: a tensor for each dimension."""
    if indices.dtype.kind != dtypes.INTEGER:
        what = f"needs indices of integers, but receives {indices.dtype.name}"
        raise ShapeError(what, wanted=dtypes.int64)
    sizes = integers("shape", (int(shape),) if isinstance(shape, int) else shape)
    if any(n < 0 for n in sizes) or (0 in sizes and indices.numel()):
        raise ShapeError(f"has shape={shape!r}, which holds no elements")
    result = tuple(new(indices.shape, dtypes.int64) for _ in sizes)
    for places in result:
        places.memory = UNKNOWN
    return result
