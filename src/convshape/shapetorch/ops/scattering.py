"""Indexing: values put at indices, and where a mask is true."""

from __future__ import annotations

from math import prod
from typing import Any

from ...errors import ShapeError
from .. import dtypes
from ..arguments import NOT_GIVEN, Axis, number, one_of, shape
from ..known_values import check_indices
from ..layout import PACKED, PRESERVED, UNKNOWN_LAYOUT
from ..operation import Unknown, named, operation, rule_of
from ..tensor import Tensor, broadcast_shapes, check_value, new, tensor
from .indexing import (
    BY_INDEX,
    check_within,
    getitem,
    index_vector,
    select,
    sliced,
)
from .rearranging import diagonal
from .views import NEW

_PUT: dict[str, Any] = {"layout": PACKED, "macs": None, "field": BY_INDEX}


def _check_mask(mask: Tensor) -> None:
    if mask.dtype is not dtypes.bool:
        raise ShapeError(f"needs a mask of bool, but receives {mask.dtype.name}")


def _check_filling(value: Any, dtype: dtypes.dtype) -> None:
    """Refuse what is not a number that `dtype` holds, and no scalar."""
    if not isinstance(value, Tensor):
        check_value(value, dtype)
    elif value.shape:
        raise ShapeError(f"needs one value, but receives {shape(value.shape)}")


@operation(**NEW, field="pointwise")
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Put `value` where `mask`, of bools, is true; both are expanded to each other."""
    _check_mask(mask)
    _check_filling(value, input.dtype)
    return new(broadcast_shapes(input.shape, mask.shape), input.dtype)


@operation(**_PUT)
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Put the elements of `source`, in their order, where `mask` is true; the two are expanded.

    Raises:
        ShapeError: the mask is not of bools or the dtypes differ.
    """
    _check_mask(mask)
    _check_source(source, input)
    return new(broadcast_shapes(input.shape, mask.shape), input.dtype)


def _check_source(source: Tensor, input: Tensor, name: str = "a source") -> None:
    if source.dtype is not input.dtype:
        raise ShapeError(f"needs {name} of {input.dtype.name}, but receives {source.dtype.name}")


@operation(**_PUT | {"layout": PRESERVED})
def index_fill(input: Tensor, dim: Axis, index: Tensor, value: Any) -> Tensor:
    """Put `value` at the indices, a vector, along `dim`; the shape stays."""
    _check_filling(value, input.dtype)
    index_vector(index)
    _check_room(input, dim, index)
    if input.numel():
        check_indices(index, input.shape[dim] if input.shape else 1, wraps=True)
    return new(input.shape, input.dtype)


def _check_room(input: Tensor, along: int, index: Tensor) -> None:
    others = prod(n for i, n in enumerate(input.shape) if i != along)
    if index.numel() and input.shape and not input.shape[along] and others:
        raise ShapeError("puts into a dimension of size 0")


def _index_put(name: str) -> Any:
    def put(input: Tensor, dim: Axis, index: Tensor, source: Tensor, **named: Any) -> Tensor:
        """Put or add `source` at the indices, a vector, along `dim`; the shape stays.

        Raises:
            ShapeError: `source` is not the input's shape with as many elements along `dim` as
                there are indices.
        """
        count = index_vector(index, *[dtypes.int32] * (name == "index_add"))
        _check_source(source, input)
        number("alpha", named.get("alpha", 1))
        wanted = (*input.shape[:dim], count, *input.shape[dim + 1 :])
        if source.shape != wanted and (input.shape or source.numel() != 1 or count != 1):
            raise ShapeError(
                f"needs a source of {shape(wanted)}, but receives {shape(source.shape)}"
            )
        if name == "index_copy" or input.ndim == 1:  # torch adds slices to nothing without looking
            _check_room(input, dim, index)
        if input.shape and source.numel():
            check_indices(index, input.shape[dim], kind=kind)
        return new(input.shape, input.dtype)

    kind = RuntimeError if name == "index_add" else IndexError
    return put


index_add, index_copy = (
    operation(**_PUT)(named(name, _index_put(name))) for name in ("index_add", "index_copy")
)


@operation(**_PUT | {"layout": UNKNOWN_LAYOUT})
def index_reduce(
    input: Tensor,
    dim: Axis,
    index: Tensor,
    source: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
) -> Any:
    """Combine `source` with what is at the indices, a vector, along `dim`; the shape stays.

    Raises:
        ShapeError: as `index_add`; or `reduce` is not one of torch's.
    """
    one_of("reduce", reduce, ("prod", "mean", "amax", "amin"))
    refused = {dtypes.BOOL: ("mean",), dtypes.COMPLEX: ("amax", "amin")}.get(input.dtype.kind)
    reduces = index.numel() and reduce in (refused or ())
    if refused and (not include_self or input.ndim < 2 or reduces):
        raise ShapeError(f"is not defined for {input.dtype.name} with reduce={reduce!r}")
    result = rule_of(index_add)(input, dim, index, source)
    if index.numel() and input.shape and not input.shape[dim]:
        raise ShapeError("puts into a dimension of size 0")
    return result


@operation(**_PUT | {"layout": UNKNOWN_LAYOUT})
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """Put the elements of `source` at the indices of all elements in rows; the shape stays.

    Raises:
        ShapeError: there are not as many elements as indices, or the dtypes are others.
    """
    _check_source(source, input)
    dtypes.check_whole("index", index.dtype)
    count = index.numel()
    if source.numel() != count:
        raise ShapeError(f"has {count} indices for {source.numel()} elements")
    if count and not input.numel():
        raise ShapeError(f"puts into a tensor of no elements: {shape(input.shape)}")
    check_indices(index, input.numel(), wraps=True)
    return new(input.shape, input.dtype)


def _scattered(input: Tensor, dim: int, index: Tensor, src: Tensor | None = None) -> Tensor:
    """Return the input after elements of `src`, or one number, were put at the indices.

    Raises:
        ShapeError: `index` is larger than the input besides `dim`, or larger than `src`.
    """
    check_within(input, dim, index)
    if src is not None:
        _check_source(src, input, "src")
        sizes, others = src.shape or (1,), index.shape or (1,)
        alike = len(sizes) == len(others)
        if index.numel() and not (alike and all(map(int.__ge__, sizes, others))):
            raise ShapeError(f"has indices of {shape(index.shape)} for src of {shape(src.shape)}")
    return new(input.shape, input.dtype)


@operation(**_PUT, numbers={"value": "src"})
def scatter(
    input: Tensor, dim: Axis, index: Tensor, src: Any = None, *, reduce: Any = NOT_GIVEN
) -> Tensor:
    """Put the elements of `src` at the indices along `dim`; the shape stays.

    Raises:
        ShapeError: `index` is larger than the input besides `dim`, or larger than `src`.
    """
    if reduce is not NOT_GIVEN:
        one_of("reduce", reduce, ("add", "multiply"))
    if isinstance(src, Tensor):
        return _scattered(input, dim, index, src)
    check_value(src, input.dtype)
    return _scattered(input, dim, index)


@operation(**_PUT)
def scatter_add(input: Tensor, dim: Axis, index: Tensor, src: Tensor) -> Tensor:
    """Add the elements of `src` at the indices along `dim`, as `scatter` puts them."""
    return _scattered(input, dim, index, src)


@operation(**_PUT)
def scatter_reduce(
    input: Tensor,
    dim: Axis,
    index: Tensor,
    src: Tensor,
    reduce: Any,
    *,
    include_self: bool = True,
) -> Tensor:
    """Combine the elements of `src` with those at the indices, as `scatter` puts them."""
    one_of("reduce", reduce, ("sum", "prod", "mean", "amax", "amin", "max", "min"))
    refused = {"mean": dtypes.BOOL, "sum": None, "prod": None}.get(reduce, dtypes.COMPLEX)
    if input.dtype.kind == refused and (index.numel() or refused == dtypes.BOOL):
        raise ShapeError(f"is not defined for {input.dtype.name} with reduce={reduce!r}")
    return _scattered(input, dim, index, src)


@operation(**_PUT | {"layout": PRESERVED})
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """Put `values` where a tuple of tensors of indices points; the shape stays.

    Raises:
        ShapeError: an index does not fit, or the values do not expand to what is picked.
    """
    if not isinstance(indices, (tuple, list)) or not indices:
        raise ShapeError("needs a tuple of tensors as indices")
    items = tuple(tensor("indices", index) for index in indices)
    picked = rule_of(getitem)(input, items).shape
    _check_source(values, input, "values")
    if broadcast_shapes(picked, values.shape) != picked:
        raise ShapeError(f"cannot put {shape(values.shape)} into {shape(picked)}")
    return new(input.shape, input.dtype)


_SCATTER: dict[str, Any] = {
    "layout": UNKNOWN_LAYOUT,
    "macs": None,
    "field": Unknown("it puts one tensor into another"),
}


def _put_into(input: Tensor, src: Tensor, wanted: tuple[int, ...]) -> Tensor:
    if src.shape != wanted:
        raise ShapeError(f"needs src of {shape(wanted)}, but receives {shape(src.shape)}")
    return new(input.shape, input.dtype)


@operation(**_SCATTER)
def select_scatter(input: Tensor, src: Tensor, dim: Axis, index: int) -> Tensor:
    """Put `src` at `index` along `dim`; the shape stays."""
    return _put_into(input, src, rule_of(select)(input, dim, index).shape)


@operation(**_SCATTER)
def diagonal_scatter(
    input: Tensor, src: Tensor, offset: int = 0, dim1: Axis = 0, dim2: Axis = 1
) -> Tensor:
    """Put `src` on the diagonals of the matrices in two dimensions; the shape stays."""
    return _put_into(input, src, rule_of(diagonal)(input, offset, dim1, dim2).shape)


@operation(**_SCATTER)
def slice_scatter(
    input: Tensor, src: Tensor, dim: Axis = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """Put `src` into a slice along `dim`; the shape stays."""
    s = input.shape
    if not s:
        raise ShapeError("has no dimension to slice: it is a scalar")
    length = sliced(s[dim], slice(start, end, step)).length
    return _put_into(input, src, (*s[:dim], length, *s[dim + 1 :]))
