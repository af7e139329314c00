"""Reductions and other operations along a dimension: extremes, order, quantiles, histograms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ShapeError
from .. import dtypes
from ..arguments import NOT_GIVEN, Axis, axis, integer, number, shape
from ..layout import PRESERVED, UNKNOWN_LAYOUT
from ..operation import FUNCTION, Unknown, declaring
from ..operation import named as named_rule
from ..tensor import UNKNOWN, Tensor, new, result_type, several
from .pointwise import _real, _real_number, maximum, minimum  # type: ignore[attr-defined]
from .reductions import (
    PICKED,
    along_dim,
    check_elements,
    real_float,
    reduced_shape,
    reducing,
    statistic,
)
from .views import NEW, view


def _extreme(
    name: str, what: str, rule: Callable[[Tensor], dtypes.dtype], default: Any = None
) -> Callable[..., Tensor]:
    """Return a reduction of at least one element to what `rule` makes of its dtype."""
    one_dim = default is None

    def call(input: Tensor, dim: Any = default, keepdim: bool = False) -> Tensor:
        """Find the extreme elements along `dim`, or of all, or where they are.

        Raises:
            ShapeError: there is no element among which to look, or the dtype has no order.
        """
        if one_dim and dim is not None:
            integer("dim", dim)
        sizes = reduced_shape(input, dim, keepdim)
        check_elements(input, dim, what)
        return new(sizes, rule(input))

    return reducing()(named_rule(name, call))


def _extreme_dtype(input: Tensor) -> dtypes.dtype:
    return _real(input.dtype) if input.numel() else input.dtype  # of nothing torch looks no closer


def _place_dtype(input: Tensor) -> dtypes.dtype:
    _real_number(input.dtype)
    return dtypes.int64


amax = _extreme("amax", "maximum", _extreme_dtype, ())
amin = _extreme("amin", "minimum", _extreme_dtype, ())
argmax = _extreme("argmax", "place of an element", _place_dtype)
argmin = _extreme("argmin", "place of an element", _place_dtype)


def _values_and_indices(name: str) -> Callable[..., Any]:
    """Return what makes values of a shape and dtype with their indices."""
    result = several(name, "values", "indices")
    return lambda sizes, dtype: result(new(sizes, dtype), new(sizes, dtypes.int64))


def _shape_along(input: Tensor, dim: Any, keepdim: Any, what: str) -> tuple[int, ...]:
    """Return the shape without one dimension, along which there must be an element to find."""
    sizes = reduced_shape(input, dim if dim is NOT_GIVEN else integer("dim", dim), keepdim)
    check_elements(input, dim, what)
    return sizes


def _maximum(name: str, compare: Callable[..., Tensor]) -> Callable[..., Any]:
    result = _values_and_indices(name)

    def call(input: Tensor, dim: Any = NOT_GIVEN, keepdim: Any = NOT_GIVEN) -> Any:
        """Find the element of all, or along `dim` with where it is; or compare two tensors.

        Raises:
            ShapeError: there is no element among which to look, or the dtype has no order.
        """
        if isinstance(dim, Tensor) and keepdim is NOT_GIVEN:
            _real(result_type(input, dim))
            return compare(input, dim)
        kind = _real(input.dtype)
        sizes = _shape_along(input, dim, keepdim, f"{name}imum")
        return new(sizes, kind) if dim is NOT_GIVEN else result(sizes, kind)

    return reducing(names={"other": "dim", "dim": "dim"})(named_rule(name, call))


max, min = _maximum("max", maximum), _maximum("min", minimum)


_Extremes = several("_Extremes", "min", "max")


@reducing()
def aminmax(input: Tensor, *, dim: Axis | None = None, keepdim: bool = False) -> Any:
    """Find the smallest and the largest element along `dim`, or of all."""
    kind = _real(input.dtype)
    check_elements(input, dim, "extremes")
    sizes = reduced_shape(input, dim, keepdim)
    return _Extremes(new(sizes, kind), new(sizes, kind))


def _running_extreme(name: str) -> Callable[..., Any]:
    result = _values_and_indices(name)

    def call(input: Tensor, dim: int) -> Any:
        """Find the extreme element so far along `dim`, and where it is; the shape stays."""
        if input.numel():  # torch does not look closer at nothing
            axis("dim", dim, input.ndim)
            _real(input.dtype if input.shape else dtypes.bool)
        return result(input.shape, input.dtype)

    return along_dim()(named_rule(name, call))


cummax, cummin = _running_extreme("cummax"), _running_extreme("cummin")
_mode, _topk, _sort, _kthvalue = map(_values_and_indices, ("mode", "topk", "sort", "kthvalue"))


def _median(name: str) -> Callable[..., Any]:
    result = _values_and_indices(name)

    def call(input: Tensor, dim: Any = NOT_GIVEN, keepdim: Any = NOT_GIVEN) -> Any:
        """Find the element in the middle of all, or along `dim` with where it is.

        Raises:
            ShapeError: there is no element along `dim`, or the dtype has no order.
        """
        if input.numel() or dim is not NOT_GIVEN:  # torch does not look closer at nothing
            _real_number(input.dtype)
        if dim is NOT_GIVEN:
            return new(reduced_shape(input, dim, keepdim), input.dtype)
        return result(_shape_along(input, dim, keepdim, "median"), input.dtype)

    return reducing()(named_rule(name, call))


median, nanmedian = _median("median"), _median("nanmedian")


@statistic(field=PICKED)
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """Find the most frequent element along `dim`, and where it is."""
    if input.numel() and input.shape:  # torch does not look closer at nothing
        _real(input.dtype)
    return _mode(_shape_along(input, dim, keepdim, "mode"), input.dtype)


@statistic(field=PICKED)
def topk(input: Tensor, k: int, dim: Axis = -1, largest: bool = True, sorted: bool = True) -> Any:
    """Find the `k` largest elements along `dim`, and where they are.

    Raises:
        ShapeError: there are fewer than `k`, or the dtype has no order.
    """
    s = input.shape
    _check_place(input, k, dim, 0, f"the {k} largest of")
    return _topk((*s[:dim], k, *s[dim + 1 :]) if s else s, _real_number(input.dtype))


def _check_place(input: Tensor, k: int, dim: int, least: int, what: str) -> None:
    """Refuse more elements, or a later one, than there are along a dimension."""
    length = input.shape[dim] if input.shape else 1
    if not least <= k <= length:
        raise ShapeError(f"cannot find {what} {length} elements along dimension {dim}")


@along_dim(layout=PRESERVED, field="softmax")
def sort(input: Tensor, dim: Axis = -1, descending: bool = False, *, stable: Any = False) -> Any:
    """Put the elements along `dim` in order, with where they stood; the shape stays."""
    return _sort(input.shape, _real(input.dtype))


@along_dim(layout=PRESERVED, field="softmax")
def argsort(
    input: Tensor, dim: Axis = -1, descending: bool = False, *, stable: bool = False
) -> Tensor:
    """Find where the elements along `dim` are in their order; the shape stays."""
    _real(input.dtype)
    return new(input.shape, dtypes.int64)


@statistic(layout=PRESERVED, field=PICKED)
def msort(input: Tensor) -> Tensor:
    """Put the elements along dimension 0 in order; the shape stays."""
    return new(input.shape, _real(input.dtype))


@statistic(field=PICKED)
def kthvalue(input: Tensor, k: int, dim: Axis = -1, keepdim: bool = False) -> Any:
    """Find the `k`-th smallest element along `dim`, and where it is."""
    _check_place(input, k, dim, 1, f"number {k} of")
    if input.shape:
        _real_number(input.dtype)
    return _kthvalue(reduced_shape(input, dim, keepdim), input.dtype)


def _quantile(name: str) -> Callable[..., Tensor]:
    def call(
        input: Tensor,
        q: Any,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        interpolation: str = "linear",
    ) -> Tensor:
        """Find the elements below which the fractions `q` of all, or of those along `dim`, lie.

        Raises:
            ShapeError: there are no elements, or a fraction is not from 0 to 1 or of another dtype.
        """
        kind = input.dtype
        if kind not in (dtypes.float32, dtypes.float64):
            raise ShapeError(f"is defined for float32 and float64, but receives {kind.name}")
        if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
            raise ShapeError(f"has interpolation={interpolation!r}, which is unknown")
        if not input.numel():
            raise ShapeError(f"cannot find quantiles of no elements: {shape(input.shape)}")
        rest = reduced_shape(input, dim, keepdim)
        if not isinstance(q, Tensor):
            if not 0 <= number("q", q) <= 1:
                raise ShapeError(f"has q={q!r}, which must be from 0 to 1")
            return new(rest, kind)
        if q.ndim > 1 or q.dtype is not kind:
            raise ShapeError(f"needs fractions of {kind.name} in a vector, but receives {q!r}")
        result = new((*q.shape, *rest), kind)
        if q.shape:  # the dimension in front has been moved there
            result.memory = UNKNOWN
        return result

    return statistic(field=PICKED)(named_rule(name, call))


quantile, nanquantile = _quantile("quantile"), _quantile("nanquantile")


def _check_bins(bins: int) -> None:
    if bins <= 0:
        raise ShapeError(f"cannot count into {bins} bins")


@statistic(field=PICKED)
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """Count the elements in each of `bins` intervals of one length."""
    _check_bins(bins)
    if min > max:
        raise ShapeError(f"has min={min!r} above max={max!r}")
    return new((bins,), real_float(input.dtype))


_histogram = several("_histogram", "hist", "bin_edges")


@statistic(layout=UNKNOWN_LAYOUT, field=PICKED)
def histogram(
    input: Tensor,
    bins: Any = 100,
    *,
    range: Any = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Any:
    """Count the elements in `bins` intervals, ``(bins,)``, between edges ``(bins + 1,)``.

    Raises:
        ShapeError: there are no intervals, or a shape or dtype does not fit.
    """
    kind = real_float(input.dtype)
    if weight is not None and (weight.numel() != input.numel() or weight.dtype is not kind):
        raise ShapeError(f"needs a weight for each element of {input!r}, but receives {weight!r}")
    if isinstance(bins, Tensor):
        if bins.ndim != 1 or bins.numel() < 2 or bins.dtype is not kind:
            raise ShapeError(f"needs a vector of {kind.name} as bins, but receives {bins!r}")
        if range is not None:
            raise ShapeError("has a range, which bins in a tensor have already")
        count = bins.numel() - 1
    else:
        count = integer("bins", bins)
        _check_bins(count)
        _check_range(range)
        if kind.itemsize == 2 and range is None and input.numel():
            raise ShapeError(
                f"is not defined for {kind.name} without a range", fix="a tensor of float32"
            )
    return _histogram(new((count,), kind), new((count + 1,), kind))


def _check_range(range: Any) -> None:
    if range is None:
        return
    if not isinstance(range, (tuple, list)) or len(range) != 2:
        raise ShapeError(f"needs a range of two numbers, but receives {range!r}")
    if number("range", range[0]) > number("range", range[1]):
        raise ShapeError(f"has a range that falls: {range!r}")


searching = declaring(**NEW, field=Unknown("it gives places"), spaces=FUNCTION)


@searching(numbers={"self": "input"})
def bucketize(
    input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """Find between which boundaries, a sorted vector, each element lies."""
    if boundaries.ndim != 1:
        raise ShapeError(f"needs a vector of boundaries, but receives {shape(boundaries.shape)}")
    return _places(boundaries, input, out_int32)


@searching(numbers={"self": "input"})
def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Find where each value would are in a sorted vector, or in that of its row.

    Raises:
        ShapeError: there is not one sorted vector for each row of values.
    """
    rows = sorted_sequence.shape
    if not rows:
        raise ShapeError("searches vectors, but receives a scalar")
    if side not in (None, "left", "right") or (right and side == "left"):
        raise ShapeError(
            f"has side={side!r} and right={right}, which is neither the left nor the right"
        )
    if sorter is not None and (sorter.shape != rows or sorter.dtype is not dtypes.int64):
        raise ShapeError(f"needs a sorter of {shape(rows)} int64, but receives {sorter!r}")
    sizes = input.shape if isinstance(input, Tensor) else ()
    if len(rows) > 1 and (not sizes or sizes[:-1] != rows[:-1]):
        raise ShapeError(f"needs values of {shape(rows[:-1])} rows as the sorted {shape(rows)}")
    return _places(sorted_sequence, input, out_int32)


def _places(sequence: Tensor, values: Any, out_int32: bool) -> Tensor:
    searched = [t for t in (sequence, values) if isinstance(t, Tensor)]
    if len(searched) == 1:
        number("values", values)
    sizes = values.shape if isinstance(values, Tensor) else ()
    for dtype in (t.dtype for t in searched if 0 not in sizes):  # torch looks for nothing in all
        if dtype.is_complex or (dtype is dtypes.bool and len(searched) == 2):
            raise ShapeError(f"is not defined for {dtype.name}")
    return new(sizes, dtypes.int32 if out_int32 else dtypes.int64)


@searching(numbers={"element": "elements", "test_element": "test_elements"})
def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Tell which elements are among others."""
    if not isinstance(elements, Tensor) and not isinstance(test_elements, Tensor):
        raise ShapeError("needs a tensor as elements or test_elements")
    for value in (elements, test_elements):
        if not isinstance(value, Tensor):
            number("elements", value)
        elif value.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
            raise ShapeError(f"is not defined for {value.dtype.name}")
    sizes, count = (elements.shape, elements.numel()) if isinstance(elements, Tensor) else ((), 1)
    if isinstance(test_elements, Tensor) and test_elements.numel() < int(10 * count**0.145):
        # torch compares all with all
        view(test_elements, (*(1,) * len(sizes), test_elements.numel()))
    return new(sizes, dtypes.bool)
