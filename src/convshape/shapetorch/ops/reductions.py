"""Reductions and what else works along a dimension: sums, extremes, sorting, running totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import NOT_GIVEN, axes, axis, flag, integer, number, shape
from ..layout import itself, packing, preserving, unknowable
from ..operation import operation
from ..tensor import UNKNOWN, Tensor, broadcast_shapes, new, result_type, several, tensor
from .indexing import narrow
from .joining import cat
from .pointwise import clone, logical_xor, maximum, minimum, promotion, sub  # type: ignore[attr-defined]

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Rule = Callable[[dtypes.dtype], dtypes.dtype]


def _gone(dim: Any, dims: int) -> Sequence[int]:
    """Return the dimensions that a reduction takes away: `dim`, of which None and none mean all."""
    everything = dim is None or dim is NOT_GIVEN or (isinstance(dim, (tuple, list)) and not dim)
    return range(dims) if everything else axes("dim", dim, dims)


def _without(input: Tensor, dim: Any, keepdim: Any) -> tuple[int, ...]:
    """Return the shape without the dimensions `dim`, or with 1 in their place."""
    if dim is NOT_GIVEN and keepdim is not NOT_GIVEN:
        raise ShapeError("has keepdim without dim", fix="dim=None for all dimensions")
    keep = keepdim is not NOT_GIVEN and flag("keepdim", keepdim)
    s = input.shape
    gone = _gone(dim, len(s))
    if keep:
        return tuple(1 if i in gone else n for i, n in enumerate(s))
    return tuple(n for i, n in enumerate(s) if i not in gone)


def _element(input: Tensor, dim: Any, what: str) -> None:
    """Refuse to look for an element where there is none."""
    s = input.shape
    if s and 0 in [s[i] for i in _gone(dim, len(s))]:
        raise ShapeError(f"cannot find the {what} of no elements: {shape(s)}")


def _real(dtype: dtypes.dtype) -> dtypes.dtype:
    if dtype.kind == dtypes.COMPLEX:
        raise ShapeError(f"is not defined for {dtype.name}")
    return dtype


def _float(dtype: dtypes.dtype) -> dtypes.dtype:
    if dtype.kind < dtypes.FLOATING:
        raise ShapeError(
            f"is not defined for {dtype.name}", fix="a tensor of float32, or dtype=torch.float32"
        )
    return dtype


def _real_float(dtype: dtypes.dtype) -> dtypes.dtype:
    return _real(_float(dtype))


def _integers(dtype: dtypes.dtype) -> dtypes.dtype:
    return dtypes.int64 if dtype.kind < dtypes.FLOATING else dtype


def _given(dtype: dtypes.dtype) -> dtypes.dtype:
    return dtype


def _reduction(name: str, rule: Rule, default: Any = None, keep: Any = False) -> Any:
    wanted = _float if "mean" in name else _given

    def call(
        input: Tensor, dim: Any = default, keepdim: Any = keep, *, dtype: Any = None
    ) -> Tensor:
        """Reduce the dimensions `dim`, or all, to one number each.

        Raises:
            ShapeError: a dimension does not exist or is named twice, or the dtype is not one of these.
        """
        kind = rule(tensor("input", input).dtype) if dtype is None else wanted(dtype)
        return new(_without(input, dim, keepdim), kind)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


sum = _reduction("sum", _integers, NOT_GIVEN, NOT_GIVEN)
nansum = _reduction("nansum", lambda d: _integers(_real(d)))
mean = _reduction("mean", _float, NOT_GIVEN, NOT_GIVEN)
nanmean = _reduction("nanmean", _real_float)


def _extreme(name: str, what: str) -> Any:
    def call(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
        """Find the extreme elements along the dimensions `dim`, or of all.

        Raises:
            ShapeError: there is no element among which to look, or the dtype has no order.
        """
        sizes = _without(tensor("input", input), dim, keepdim)
        _element(input, dim, what)
        if input.numel():  # torch does not look closer at nothing
            _real(input.dtype)
        return new(sizes, input.dtype)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


amax = _extreme("amax", "maximum")
amin = _extreme("amin", "minimum")


def _any_all(name: str) -> Any:
    def call(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
        """Tell whether any, or all, elements along `dim` are true."""
        kind = dtypes.uint8 if tensor("input", input).dtype is dtypes.uint8 else dtypes.bool
        if isinstance(dim, (tuple, list)) and not dim:  # here none means none
            flag("keepdim", keepdim)
            return new(input.shape, kind)
        return new(_without(input, dim, keepdim), kind)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


any = _any_all("any")
all = _any_all("all")


@operation
@packing
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """Count the elements along `dim` that are not zero."""
    return new(_without(tensor("input", input), dim, False), dtypes.int64)


@operation
@packing
def prod(
    input: Tensor, dim: Any = NOT_GIVEN, keepdim: Any = NOT_GIVEN, *, dtype: Any = None
) -> Tensor:
    """Multiply the elements along `dim`, or all."""
    kind = _integers(tensor("input", input).dtype) if dtype is None else dtype
    return new(_without(input, dim if dim is NOT_GIVEN else integer("dim", dim), keepdim), kind)


def _index_of(name: str) -> Any:
    def call(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Find where the extreme element stands along `dim`, or in the flattened tensor."""
        if _real(tensor("input", input).dtype) is dtypes.bool:
            raise ShapeError("is not defined for bool")
        along = None if dim is None else integer("dim", dim)
        sizes = _without(input, along, keepdim)
        _element(input, along, "place of an element")
        return new(sizes, dtypes.int64)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


argmax = _index_of("argmax")
argmin = _index_of("argmin")


def _values_and_indices(name: str) -> Callable[..., Any]:
    return several(name, "values", "indices")


def _found(name: str, what: str) -> Any:
    result = _values_and_indices(name)
    compares = name in ("max", "min")
    default = -1 if name == "mode" else NOT_GIVEN

    keep = False if name == "mode" else NOT_GIVEN

    def call(input: Tensor, dim: Any = default, keepdim: Any = keep) -> Any:
        """Find the element itself in all, or along `dim` with where it stands; or compare with a tensor.

        Raises:
            ShapeError: there is no element among which to look, or the dtype has no order.
        """
        input = tensor("input", input)
        if isinstance(dim, Tensor) and compares:
            _real(result_type(input, dim))
            larger: Tensor = (maximum if name == "max" else minimum)(input, dim)
            return larger
        # torch does not look closer where there is nothing to compare.
        if (
            compares
            or (input.numel() and (input.shape or name != "mode"))
            or (dim is not NOT_GIVEN and name != "mode")
        ):
            _real(input.dtype)
            if "median" in name and input.dtype is dtypes.bool:
                raise ShapeError("is not defined for bool")
        along = dim if dim is NOT_GIVEN else integer("dim", dim)
        sizes = _without(input, along, keepdim)
        if along is not NOT_GIVEN or compares:
            _element(input, along, what)
        if along is NOT_GIVEN:
            return new(sizes, input.dtype)
        return result(new(sizes, input.dtype), new(sizes, dtypes.int64))

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


max = _found("max", "maximum")
min = _found("min", "minimum")
median = _found("median", "median")
nanmedian = _found("nanmedian", "median")
mode = _found("mode", "mode")

_Extremes = several("_Extremes", "min", "max")


@operation
@packing
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Find the smallest and the largest element along `dim`, or of all."""
    _real(tensor("input", input).dtype)
    sizes = _without(input, None if dim is None else integer("dim", dim), keepdim)
    _element(input, dim, "extremes")
    return _Extremes(new(sizes, input.dtype), new(sizes, input.dtype))


def _spread(name: str) -> Any:
    def call(
        input: Tensor,
        dim: Any = None,
        unbiased: Any = None,
        keepdim: bool = False,
        *,
        correction: Any = NOT_GIVEN,
    ) -> Any:
        """Measure how far the elements along `dim`, or all, lie apart.

        Raises:
            ShapeError: a dimension does not exist, or the dtype is not floating-point.
        """
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if unbiased is not None and correction is not NOT_GIVEN:
            raise ShapeError("has both unbiased and correction")
        if unbiased is not None:
            flag("unbiased", unbiased)
        if correction is not None and correction is not NOT_GIVEN:
            number("correction", correction)
        kind = dtypes.to_real(_float(tensor("input", input).dtype))
        sizes = _without(input, dim, keepdim)
        if name.endswith("_mean"):
            return new(sizes, kind), new(sizes, input.dtype)
        return new(sizes, kind)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


std = _spread("std")
var = _spread("var")
std_mean = _spread("std_mean")
var_mean = _spread("var_mean")


@operation
@packing
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """``log Σ eˣ`` along the dimensions `dim`."""
    if dim is None:
        raise ShapeError("needs a dimension as dim")
    sizes = _without(tensor("input", input), dim, keepdim)
    if isinstance(dim, (tuple, list)) and not dim and len(sizes) != input.ndim and input.numel():
        raise ShapeError("needs at least one dimension in dim", fix="keepdim=True")
    return new(sizes, promotion(input.dtype))


@operation
@packing
def norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """Measure the length of the vectors, or matrices, that the dimensions `dim` hold, or of all.

    Raises:
        ShapeError: a dimension does not exist, `p` is unknown, or the dtype is not floating-point.
    """
    kind = _float(tensor("input", input).dtype if dtype is None else dtype)
    if isinstance(p, str):
        if p not in ("fro", "nuc"):
            raise ShapeError(f"has p={p!r}, which is neither 'fro', 'nuc' nor a number")
        if dim or p == "nuc":
            count = len(dim if isinstance(dim, (tuple, list)) else _gone(dim, input.ndim))
            if p == "nuc" and kind.itemsize == 2:
                raise ShapeError(f"is not defined for {kind.name} with p='nuc'")
            if count > 2 or (p == "nuc" and count != 2):
                raise ShapeError(
                    f"takes the norm {p!r} of matrices, in 2 dimensions, but receives {count}"
                )
    elif p is not None and (number("p", p) < 0 or p == float("inf")):
        _element(input, dim, f"norm {p}")
    result = new(_without(input, dim, keepdim), dtypes.to_real(kind))
    if keepdim and p == "nuc":  # which singular values make, of dimensions in another order
        result.memory = UNKNOWN
    return result


@operation
@unknowable
def norm_except_dim(v: Tensor, pow: int = 2, dim: int = 0) -> Tensor:
    """Measure the length of what lies along each index of `dim`, which stays; with -1 of all elements.

    Raises:
        ShapeError: there is no dimension `dim`, or the dtype is not floating-point.
    """
    if integer("dim", dim) == -1:
        return norm(v, integer("pow", pow))
    if not tensor("v", v).shape:
        raise ShapeError("has no dimension to keep: it is a scalar")
    kept = axis("dim", dim, v.ndim)
    if not v.shape[kept]:
        raise ShapeError(f"measures along a dimension of no elements: {shape(v.shape)}")
    measured = norm(v, integer("pow", pow))
    return new(tuple(n if i == kept else 1 for i, n in enumerate(v.shape)), measured.dtype)


def _running(name: str, rule: Rule) -> Any:
    def call(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
        """Make running totals along `dim`; the shape stays.

        Raises:
            ShapeError: there is no dimension `dim`, or the dtype is not one of these.
        """
        axis("dim", dim, tensor("input", input).ndim)
        return new(input.shape, rule(input.dtype) if dtype is None else dtype)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


cumsum = _running("cumsum", _integers)
cumprod = _running("cumprod", _integers)


@operation
@packing
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """Make running logarithms of sums of exponentials along `dim`; the shape stays."""
    axis("dim", dim, tensor("input", input).ndim)
    return new(input.shape, _float(input.dtype))


def _running_extreme(name: str) -> Any:
    result = _values_and_indices(name)

    def call(input: Tensor, dim: int) -> Any:
        """Find the extreme element so far along `dim`, and where it stands; the shape stays."""
        integer("dim", dim)
        if tensor("input", input).numel():  # torch does not look closer at nothing
            axis("dim", dim, input.ndim)
            _real(input.dtype if input.shape else dtypes.bool)
        return result(new(input.shape, input.dtype), new(input.shape, dtypes.int64))

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


cummax = _running_extreme("cummax")
cummin = _running_extreme("cummin")

_topk, _sort, _kthvalue = map(_values_and_indices, ("topk", "sort", "kthvalue"))


@operation
@packing
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """Find the `k` largest elements along `dim`, and where they stand.

    Raises:
        ShapeError: there are fewer than `k`, or the dtype has no order.
    """
    s = tensor("input", input).shape
    along = axis("dim", dim, len(s))
    length = s[along] if s else 1
    if not 0 <= integer("k", k) <= length:
        raise ShapeError(
            f"cannot find the {k} largest of {length} elements along dimension {along}"
        )
    if _real(input.dtype) is dtypes.bool:
        raise ShapeError("is not defined for bool")
    flag("largest", largest)
    flag("sorted", sorted)
    sizes = (*s[:along], k, *s[along + 1 :]) if s else s
    return _topk(new(sizes, input.dtype), new(sizes, dtypes.int64))


@operation
@preserving
def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Any:
    """Put the elements along `dim` in order, with where they stood; the shape stays."""
    axis("dim", dim, tensor("input", input).ndim)
    flag("descending", descending)
    _real(input.dtype)
    return _sort(new(input.shape, input.dtype), new(input.shape, dtypes.int64))


@operation
@preserving
def argsort(
    input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False
) -> Tensor:
    """Say where the elements along `dim` stand in their order; the shape stays."""
    axis("dim", dim, tensor("input", input).ndim)
    flag("descending", descending)
    _real(input.dtype)
    return new(input.shape, dtypes.int64)


@operation
@preserving
def msort(input: Tensor) -> Tensor:
    """Put the elements along dimension 0 in order; the shape stays."""
    return new(tensor("input", input).shape, _real(input.dtype))


@operation
@packing
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """Find the `k`-th smallest element along `dim`, and where it stands."""
    s = tensor("input", input).shape
    along = axis("dim", dim, len(s))
    length = s[along] if s else 1
    if not 1 <= integer("k", k) <= length:
        raise ShapeError(f"cannot find number {k} of {length} elements along dimension {along}")
    if s and _real(input.dtype) is dtypes.bool:
        raise ShapeError("is not defined for bool")
    sizes = _without(input, along, keepdim)
    return _kthvalue(new(sizes, input.dtype), new(sizes, dtypes.int64))


#: More differences than anybody takes, one after the other.
_MOST_DIFFERENCES = 100


@operation
@itself
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None
) -> Tensor:
    """Subtract neighbours along `dim`, `n` times, after joining `prepend` and `append` to the ends."""
    if not tensor("input", input).shape:
        raise ShapeError("expects at least 1 dimension, but receives a scalar")
    if integer("n", n) < 0:
        raise ShapeError(f"cannot subtract {n} times")
    integer("dim", dim)
    if not n:
        return clone(input)
    along = axis("dim", dim, input.ndim)
    ends = [each for each in (prepend, input, append) if each is not None]
    joined = cat(ends, dim=along) if len(ends) > 1 else input
    s = joined.shape
    n = n if n < s[along] else s[along]
    if n > _MOST_DIFFERENCES:
        result = new((*s[:along], s[along] - n, *s[along + 1 :]), joined.dtype)
        result.memory = joined.memory and UNKNOWN
        return result
    for left in range(s[along] - 1, s[along] - n - 1, -1):
        pair = (narrow(joined, along, first, left) for first in (1, 0))
        joined = logical_xor(*pair) if joined.dtype is dtypes.bool else sub(*pair)
    return joined


def normalised(input: Tensor, dtype: Any) -> Tensor:
    """Return the result of a softmax: of floating-point numbers, or of what is converted to `dtype` first."""
    if dtype is not None or not input.numel():
        return new(input.shape, dtype or input.dtype)
    return new(input.shape, _real_float(input.dtype))


def _softmax(name: str) -> Any:
    def call(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
        """Make the elements along `dim` positive with sum 1 (or their logarithms); the shape stays.

        Raises:
            ShapeError: there is no dimension `dim`, or the dtype is not floating-point.
        """
        axis("dim", dim, tensor("input", input).ndim)
        return normalised(input, dtype)

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


softmax = _softmax("softmax")
log_softmax = _softmax("log_softmax")


def _quantile(name: str) -> Any:
    def call(
        input: Tensor,
        q: Any,
        dim: Any = None,
        keepdim: bool = False,
        *,
        interpolation: str = "linear",
    ) -> Tensor:
        """Find the elements below which the fractions `q` of all, or of those along `dim`, lie.

        Raises:
            ShapeError: there are no elements, or a fraction is not from 0 to 1 or of another dtype.
        """
        if tensor("input", input).dtype not in (dtypes.float32, dtypes.float64):
            raise ShapeError(f"is defined for float32 and float64, but receives {input.dtype.name}")
        if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
            raise ShapeError(f"has interpolation={interpolation!r}, which is unknown")
        if not input.numel():
            raise ShapeError(f"cannot find quantiles of no elements: {shape(input.shape)}")
        if isinstance(q, Tensor):
            if q.ndim > 1 or q.dtype is not input.dtype:
                raise ShapeError(
                    f"needs fractions of {input.dtype.name} in a vector, but receives {q!r}"
                )
        elif not 0 <= number("q", q) <= 1:
            raise ShapeError(f"has q={q!r}, which must be from 0 to 1")
        rest = _without(input, None if dim is None else integer("dim", dim), keepdim)
        result = new((*q.shape, *rest) if isinstance(q, Tensor) else rest, input.dtype)
        if result.ndim > len(rest):  # the dimension in front has been moved there
            result.memory = UNKNOWN
        return result

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


quantile, nanquantile = _quantile("quantile"), _quantile("nanquantile")


@operation
@packing
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """Count the elements in each of `bins` intervals of one length."""
    if integer("bins", bins) <= 0:
        raise ShapeError(f"cannot count into {bins} bins")
    for name, value in (("min", min), ("max", max)):
        number(name, value)
    if min > max:
        raise ShapeError(f"has min={min!r} above max={max!r}")
    return new((bins,), _real_float(tensor("input", input).dtype))


_histogram = several("_histogram", "hist", "bin_edges")


@operation
def histogram(
    input: Tensor,
    bins: Any = 100,
    *,
    range: Any = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Any:
    """Count the elements in intervals: a number of them, ``(bins,)``, or between edges ``(bins + 1,)``.

    Raises:
        ShapeError: there are no intervals, or a shape or dtype does not fit.
    """
    kind = _float(tensor("input", input).dtype)
    flag("density", density)
    if weight is not None and (
        tensor("weight", weight).numel() != input.numel() or weight.dtype is not kind
    ):
        raise ShapeError(f"needs a weight for each element of {input!r}, but receives {weight!r}")
    if isinstance(bins, Tensor):
        if bins.ndim != 1 or bins.numel() < 2 or bins.dtype is not kind:
            raise ShapeError(f"needs a vector of {kind.name} as bins, but receives {bins!r}")
        if range is not None:
            raise ShapeError("has a range, which bins in a tensor have already")
        count = bins.numel() - 1
    else:
        count = integer("bins", bins)
        if count <= 0:
            raise ShapeError(f"cannot count into {count} bins")
        if kind.itemsize == 2 and range is None and input.numel():
            raise ShapeError(
                f"is not defined for {kind.name} without a range", fix="a tensor of float32"
            )
        if range is not None and (not isinstance(range, (tuple, list)) or len(range) != 2):
            raise ShapeError(f"needs a range of two numbers, but receives {range!r}")
        for each in range or ():
            number("range", each)
        if range is not None and range[0] > range[1]:
            raise ShapeError(f"has a range that falls: {range!r}")
    if kind.is_complex:
        raise ShapeError(f"is not defined for {kind.name}")
    return _histogram(new((count,), kind), new((count + 1,), kind))


@operation
def gradient(
    input: Tensor, *, spacing: Any = None, dim: Any = None, edge_order: int = 1
) -> tuple[Tensor, ...]:
    """Estimate the gradient along each of the dimensions, all unless given: a tensor for each.

    Raises:
        ShapeError: a dimension is too short or named twice, or the spacings are not one for each.
    """
    s = tensor("input", input).shape
    along = tuple(i for i, _ in enumerate(s)) if dim is None else axes("dim", dim, len(s))
    if edge_order not in (1, 2) or isinstance(edge_order, bool):
        raise ShapeError(f"has edge_order={edge_order!r}, which is neither 1 nor 2")
    if input.dtype is dtypes.uint8 or (input.dtype is dtypes.bool and along):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    spacings = (
        spacing if isinstance(spacing, (tuple, list)) else () if spacing is None else (spacing,)
    )
    if isinstance(spacing, (tuple, list)) and len(spacing) != len(along):
        raise ShapeError(f"has {len(spacing)} spacings for {len(along)} dimensions")
    for each in spacings:
        if isinstance(each, Tensor):
            raise UnknownOperation("gradient: spacing= in tensors is not known to convshape")
        number("spacing", each)
    if along and not s:
        raise ShapeError("has no dimension to differentiate along: it is a scalar")
    for i in along:
        if s[i] < edge_order + 1:
            raise ShapeError(
                f"needs at least {edge_order + 1} elements along dimension {i} of {shape(s)}"
            )
    return tuple(new(s, promotion(input.dtype)) for _ in along)


def _covariance(name: str) -> Any:
    def call(input: Tensor, **named: Any) -> Tensor:
        """Relate the rows of a matrix to each other: ``(n, m)`` to ``(n, n)``."""
        if name == "cov":
            integer("correction", named.pop("correction", 1))
        for each, value in named.items():
            if value is not None:
                raise UnknownOperation(f"{name}: {each}= is not known to convshape")
        s = tensor("input", input).shape
        if len(s) > 2 or input.dtype is dtypes.bool:
            raise ShapeError(
                f"expects a matrix of numbers, but receives {shape(s)} {input.dtype.name}"
            )
        return new((s[0], s[0]) if len(s) == 2 and s[0] != 1 else (), promotion(input.dtype))

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


cov, corrcoef = _covariance("cov"), _covariance("corrcoef")


@operation
@packing
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """Measure the distance of two tensors, expanded to each other."""
    broadcast_shapes(tensor("input", input).shape, tensor("other", other).shape)
    if dtypes.bool in (input.dtype, other.dtype):
        raise ShapeError("is not defined for a bool tensor")
    return new((), dtypes.to_real(_float(result_type(input, other))))


@operation
@packing
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """Scale down what stands along `dim` where its norm is above `maxnorm`; the shape stays."""
    if tensor("input", input).ndim < 2:
        raise ShapeError(f"expects at least 2 dimensions, but receives {shape(input.shape)}")
    if number("p", p) <= 0 or number("maxnorm", maxnorm) < 0:
        raise ShapeError(f"has p={p!r} and maxnorm={maxnorm!r}, which must be positive")
    axis("dim", dim, input.ndim)
    return new(input.shape, _float(input.dtype))


def _integral(name: str) -> Any:
    def call(y: Tensor, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
        """Integrate along `dim` by trapezoids between neighbours."""
        if x is not None:
            raise UnknownOperation(f"{name}: x= is not known to convshape", fix="dx=")
        s = tensor("y", y).shape
        if not s:
            raise ShapeError("has no dimension to integrate along: it is a scalar")
        along = axis("dim", dim, len(s))
        if not s[along] and name != "cumulative_trapezoid":
            return new((*s[:along], *s[along + 1 :]), y.dtype)
        if y.dtype is dtypes.bool:
            raise ShapeError("is not defined for bool")
        if name == "cumulative_trapezoid":
            left = s[along] - 1 if s[along] else 0
            return new((*s[:along], left, *s[along + 1 :]), promotion(y.dtype))
        ends = (y.select(along, 0) + y.select(along, -1)) * 0.5
        result: Tensor = (y.sum(along) - ends) * 1
        return result

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


trapezoid, trapz, cumulative_trapezoid = map(
    _integral, ("trapezoid", "trapz", "cumulative_trapezoid")
)
