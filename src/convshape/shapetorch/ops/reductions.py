"""Reductions and other operations along a dimension: sums, norms, running totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import NOT_GIVEN, Axis, axes, axis, flag, integer, number, one_of, shape
from ..dtypes import FLOATING
from ..layout import NEVER_KNOWN, PACKED, UNKNOWN_LAYOUT
from ..operation import BOTH, FUNCTION, Unknown, declaring, rule_of
from ..operation import named as named_rule
from ..tensor import UNKNOWN, Tensor, broadcast_shapes, new, result_type, tensor
from .attributes import clone
from .joining import cat
from .pointwise import _number, _real, promotion

Rule = Callable[[dtypes.dtype], dtypes.dtype]

#: Which elements come out depends on their values.
PICKED = Unknown("which elements it takes depends on data")
NEIGHBOURS = Unknown("it combines neighbours along a dimension")
#: Declare reductions to one number, and what keeps the shape along a dimension.
reducing = declaring(layout=PACKED, macs=None, field="reduction")
along_dim = declaring(layout=PACKED, macs=None, field="running")
statistic = declaring(layout=PACKED, macs=None)


def reduced_dims(dim: Any, dims: int) -> Sequence[int]:
    """Return the dimensions that a reduction takes away: `dim`, of which None and none mean all."""
    everything = dim is None or dim is NOT_GIVEN or (isinstance(dim, (tuple, list)) and not dim)
    return range(dims) if everything else axes("dim", dim, dims)


def reduced_shape(input: Tensor, dim: Any, keepdim: Any) -> tuple[int, ...]:
    """Return the shape without the dimensions `dim`, or with 1 in their place."""
    if dim is NOT_GIVEN and keepdim is not NOT_GIVEN:
        raise ShapeError("has keepdim without dim", fix="dim=None for all dimensions")
    keep = keepdim is not NOT_GIVEN and flag("keepdim", keepdim)
    gone = reduced_dims(dim, input.ndim)
    sizes = enumerate(input.shape)
    return tuple(1 if i in gone else n for i, n in sizes if keep or i not in gone)


def check_elements(input: Tensor, dim: Any, what: str) -> None:
    """Refuse to look for an element where there is none."""
    s = input.shape
    if s and 0 in [s[i] for i in reduced_dims(dim, len(s))]:
        raise ShapeError(f"cannot find the {what} of no elements: {shape(s)}")


def _float(dtype: dtypes.dtype) -> dtypes.dtype:
    if dtype.kind < FLOATING:
        raise ShapeError(
            f"is not defined for {dtype.name}",
            fix="a tensor of float32, or dtype=torch.float32",
            wanted=dtypes.float32,
        )
    return dtype


def real_float(dtype: dtypes.dtype) -> dtypes.dtype:
    """Refuse what is not a real floating-point number."""
    return _real(_float(dtype))


def sum_dtype(dtype: dtypes.dtype) -> dtypes.dtype:
    """Return the dtype of sums and products: int64 for integers and bools."""
    return dtypes.int64 if dtype.kind < FLOATING else dtype


def _same(dtype: dtypes.dtype) -> dtypes.dtype:
    return dtype


def _sum(
    name: str, rule: Rule, wanted: Rule = _same, default: Any = None, keep: Any = False
) -> Callable[..., Tensor]:
    """Return a reduction to what `rule` makes of the dtype, or `wanted` of the argument `dtype`."""

    def call(
        input: Tensor, dim: Any = default, keepdim: Any = keep, *, dtype: Any = None
    ) -> Tensor:
        """Reduce the dimensions `dim`, or all, to one number each.

        Raises:
            ShapeError: a dimension does not exist or is there twice, or the dtype does not fit.
        """
        if dtype is None or name.startswith("nan"):  # which looks for NaN before it converts
            kind = rule(input.dtype)
        if dtype is not None:
            kind = wanted(dtypes.as_dtype(dtype))
        return new(reduced_shape(input, dim, keepdim), kind)

    return reducing()(named_rule(name, call))


sum = _sum("sum", sum_dtype, _same, NOT_GIVEN, NOT_GIVEN)
nansum = _sum("nansum", lambda dtype: sum_dtype(_real(dtype)), _real)
mean = _sum("mean", _float, _float, NOT_GIVEN, NOT_GIVEN)
nanmean = _sum("nanmean", real_float, real_float)


def norm_dtype(input: Tensor, dtype: Any) -> dtypes.dtype:
    """Return the dtype of a norm, which may have more digits than its input."""
    usual = _float(input.dtype)
    wanted = usual if dtype is None else dtypes.as_dtype(dtype)
    if wanted.kind != usual.kind or dtypes.promote_types(usual, wanted) is not wanted:
        raise ShapeError(f"cannot take the norm of {usual.name} in {wanted.name}")
    return dtypes.to_real(wanted)


@reducing()
def prod(
    input: Tensor, dim: Any = NOT_GIVEN, keepdim: Any = NOT_GIVEN, *, dtype: Any = None
) -> Tensor:
    """Multiply the elements along `dim`, or all."""
    along = dim if dim is NOT_GIVEN else integer("dim", dim)
    result: Tensor = rule_of(sum)(input, along, keepdim, dtype=dtype)
    return result


def _truth(name: str) -> Callable[..., Tensor]:
    def call(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
        """Return whether any, or all, elements along `dim` are true."""
        kind = dtypes.uint8 if input.dtype is dtypes.uint8 else dtypes.bool
        nothing = isinstance(dim, (tuple, list)) and not dim  # here none means none
        return new(input.shape if nothing else reduced_shape(input, dim, keepdim), kind)

    return reducing()(named_rule(name, call))


any, all = _truth("any"), _truth("all")


@reducing()
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """Count the elements along `dim` that are not zero."""
    return new(reduced_shape(input, dim, False), dtypes.int64)


def _spread(name: str, with_mean: bool = False) -> Callable[..., Any]:
    def call(
        input: Tensor,
        dim: Any = None,
        unbiased: Any = None,
        keepdim: bool = False,
        *,
        correction: Any = NOT_GIVEN,
    ) -> Any:
        """Measure how far the elements along `dim`, or all, lie apart."""
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if unbiased is not None:
            flag("unbiased", unbiased)
            if correction is not NOT_GIVEN:
                raise ShapeError("has both unbiased and correction")
        if correction is not None and correction is not NOT_GIVEN:
            number("correction", correction)
        kind = dtypes.to_real(_float(input.dtype))
        sizes = reduced_shape(input, dim, keepdim)
        return (new(sizes, kind), new(sizes, input.dtype)) if with_mean else new(sizes, kind)

    return reducing(spaces=FUNCTION if with_mean else BOTH)(named_rule(name, call))


std, var = _spread("std"), _spread("var")
std_mean, var_mean = _spread("std_mean", True), _spread("var_mean", True)


@reducing()
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """``log Σ eˣ`` along the dimensions `dim`."""
    if dim is None:
        raise ShapeError("needs a dimension as dim")
    sizes = reduced_shape(input, dim, keepdim)
    if isinstance(dim, (tuple, list)) and not dim and len(sizes) != input.ndim and input.numel():
        raise ShapeError("needs at least one dimension in dim", fix="keepdim=True")
    return new(sizes, promotion(input.dtype))


@reducing(takes_numpy=False)
def norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    """Measure the length of the vectors, or matrices, that the dimensions `dim` hold, or of all.

    Raises:
        ShapeError: a dimension does not exist, `p` is unknown, or the dtype is not floating-point.
    """
    kind = norm_dtype(input, dtype)
    if isinstance(p, str):
        _check_matrix_norm(input, p, dim, kind)
    elif p is not None and (number("p", p) < 0 or number("p", p) == float("inf")):
        check_elements(input, dim, f"norm {p}")
    result = new(reduced_shape(input, dim, keepdim), kind)
    if keepdim and p == "nuc":  # which singular values make, of dimensions in another order
        result.memory = UNKNOWN
    return result


def _check_matrix_norm(input: Tensor, p: str, dim: Any, kind: dtypes.dtype) -> None:
    if p not in ("fro", "nuc"):
        raise ShapeError(f"has p={p!r}, which is neither 'fro', 'nuc' nor a number")
    if dim is not None and not isinstance(dim, (int, tuple, list)):
        raise ShapeError(f"needs dim as an int or a list of them, but receives {dim!r}")
    if not dim and p != "nuc":
        return
    count = len(dim if isinstance(dim, (tuple, list)) else reduced_dims(dim, input.ndim))
    if p == "nuc" and kind.itemsize == 2:
        raise ShapeError(f"is not defined for {kind.name} with p='nuc'")
    if count > 2 or (p == "nuc" and count != 2):
        raise ShapeError(f"takes the norm {p!r} of matrices, in 2 dimensions, but receives {count}")


@statistic(layout=NEVER_KNOWN, field=Unknown("it is of weights"), spaces=FUNCTION)
def norm_except_dim(v: Tensor, pow: int = 2, dim: int = 0) -> Tensor:
    """Measure the length of what lies along each index of `dim`; with -1 of all elements."""
    total = norm(v, pow)
    if dim == -1:
        return total
    if not v.shape:
        raise ShapeError("has no dimension to keep: it is a scalar")
    kept = axis("dim", dim, v.ndim)
    if not v.shape[kept]:
        raise ShapeError(f"measures along a dimension of no elements: {shape(v.shape)}")
    return new(tuple(n if i == kept else 1 for i, n in enumerate(v.shape)), total.dtype)


def _running(name: str) -> Callable[..., Tensor]:
    def call(input: Tensor, dim: Axis, *, dtype: Any = None) -> Tensor:
        """Make running totals along `dim`; the shape stays."""
        kind = sum_dtype(input.dtype) if dtype is None else dtypes.as_dtype(dtype)
        if kind is dtypes.bool and input.shape and input.numel():
            raise ShapeError(f"has dtype={kind!r}, which holds no totals")
        return new(input.shape, kind)

    return along_dim()(named_rule(name, call))


cumsum, cumprod = _running("cumsum"), _running("cumprod")


@along_dim()
def logcumsumexp(input: Tensor, dim: Axis) -> Tensor:
    """Make running logarithms of sums of exponentials along `dim`; the shape stays."""
    return new(input.shape, _float(input.dtype))


@statistic(layout=UNKNOWN_LAYOUT, field=NEIGHBOURS)
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None
) -> Tensor:
    """Subtract neighbours along `dim`, `n` times, with `prepend` and `append` at the ends."""
    if not input.shape:
        raise ShapeError("expects at least 1 dimension, but receives a scalar")
    if n < 0:
        raise ShapeError(f"cannot subtract {n} times")
    if not n:
        return clone(input)
    along = axis("dim", dim, input.ndim)
    ends = [end for end in (prepend, input, append) if end is not None]
    joined = cat(ends, dim=along) if len(ends) > 1 else input
    s = joined.shape
    left = s[along] - n if n < s[along] else 0
    return new((*s[:along], left, *s[along + 1 :]), joined.dtype)


def normalised(input: Tensor, dtype: Any) -> Tensor:
    """Return the result of a softmax: of floating-point numbers, or converted to `dtype` first."""
    kind = input.dtype if dtype is None else dtypes.as_dtype(dtype)
    return new(input.shape, real_float(kind) if input.numel() else kind)


def _softmax(name: str) -> Callable[..., Tensor]:
    def call(input: Tensor, dim: Axis, dtype: Any = None) -> Tensor:
        """Make the elements along `dim` positive with sum 1, or their logarithms."""
        return normalised(input, dtype)

    return along_dim(field="softmax")(named_rule(name, call))


softmax, log_softmax = _softmax("softmax"), _softmax("log_softmax")


@statistic(layout=UNKNOWN_LAYOUT, field=NEIGHBOURS, spaces=FUNCTION)
def gradient(
    input: Tensor, *, spacing: Any = None, dim: Any = None, edge_order: int = 1
) -> tuple[Tensor, ...]:
    """Estimate the gradient along each of the dimensions, all unless given: a tensor for each.

    Raises:
        ShapeError: a dimension is too short or named twice, or the spacings are not one for each.
    """
    s = input.shape
    along = tuple(range(len(s))) if dim is None else axes("dim", dim, len(s))
    one_of("edge_order", edge_order, (1, 2))
    if input.dtype is dtypes.uint8 or (input.dtype is dtypes.bool and along):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    _check_spacing(spacing, len(along))
    if along and not s:
        raise ShapeError("has no dimension to differentiate along: it is a scalar")
    for i in along:
        if s[i] < edge_order + 1:
            raise ShapeError(
                f"needs at least {edge_order + 1} elements along dimension {i} of {shape(s)}"
            )
    return tuple(new(s, promotion(input.dtype)) for _ in along)


def _check_spacing(spacing: Any, dims: int) -> None:
    if not isinstance(spacing, (tuple, list)):
        spacing = () if spacing is None else (spacing,) * dims
        dims = len(spacing)
    if len(spacing) != dims:
        raise ShapeError(f"has {len(spacing)} spacings for {dims} dimensions")
    for step in spacing:
        if isinstance(step, Tensor):
            raise UnknownOperation("gradient: spacing= in tensors is not known to convshape")
        number("spacing", step)


def _covariance(input: Tensor) -> Tensor:
    """Relate the rows of a matrix to each other: ``(n, m)`` to ``(n, n)``."""
    s = input.shape
    if len(s) > 2 or input.dtype is dtypes.bool:
        raise ShapeError(f"expects a matrix of numbers, but receives {shape(s)} {input.dtype.name}")
    return new((s[0], s[0]) if len(s) == 2 and s[0] != 1 else (), promotion(input.dtype))


@statistic(field=Unknown("it relates rows"))
def cov(
    input: Tensor, *, correction: int = 1, fweights: Any = None, aweights: Any = None
) -> Tensor:
    """Find the covariances of the rows of a matrix: ``(n, m)`` to ``(n, n)``."""
    for name, weights in (("fweights", fweights), ("aweights", aweights)):
        if weights is not None:
            raise UnknownOperation(f"cov: {name}= is not known to convshape")
    return _covariance(input)


@statistic(field=Unknown("it relates rows"))
def corrcoef(input: Tensor) -> Tensor:
    """Find the correlations of the rows of a matrix: ``(n, m)`` to ``(n, n)``."""
    return _covariance(input)


@statistic(field=Unknown("it compares whole tensors"))
def dist(input: Tensor, other: Tensor, p: Any = 2) -> Tensor:
    """Measure the distance of two tensors, expanded to each other."""
    broadcast_shapes(input.shape, other.shape)
    if dtypes.bool in (input.dtype, other.dtype):
        raise ShapeError("is not defined for a bool tensor")
    return new((), dtypes.to_real(_float(result_type(input, other))))


@statistic(field=Unknown("it scales by norms"))
def renorm(input: Tensor, p: float, dim: Axis, maxnorm: float) -> Tensor:
    """Scale down what is along `dim` where its norm is above `maxnorm`; the shape stays."""
    if input.ndim < 2:
        raise ShapeError(f"expects at least 2 dimensions, but receives {shape(input.shape)}")
    if p <= 0 or maxnorm < 0:
        raise ShapeError(f"has p={p!r} and maxnorm={maxnorm!r}, which must be positive")
    return new(input.shape, _float(input.dtype))


def _between(name: str, y: Tensor, x: Tensor, dim: int) -> Tensor:
    """Return the shape of trapezoids over `x`, with a value per sample or per element of `y`."""
    if dtypes.bool in (y.dtype, x.dtype):
        raise ShapeError("is not defined for bool")
    if not y.shape:
        raise ShapeError("has no dimension to integrate along: it is a scalar")
    if x.ndim == 1:
        if x.shape[0] != y.shape[dim]:
            raise ShapeError(f"has {x.shape[0]} places for {y.shape[dim]} samples")
        sizes = tuple(n if i == dim else 1 for i, n in enumerate(y.shape))
    else:
        sizes = (1,) * (y.ndim - x.ndim) + x.shape
    joined = broadcast_shapes(*(_one_less(side, dim) for side in (sizes, y.shape)))
    result = joined if name == "cumulative_trapezoid" else joined[:dim] + joined[dim + 1 :]
    return new(result, promotion(result_type(y, x)))


def _one_less(sizes: tuple[int, ...], dim: int) -> tuple[int, ...]:
    return tuple(n - (i == dim and n > 0) for i, n in enumerate(sizes))


def _trapezoids(name: str) -> Callable[..., Tensor]:
    def call(y: Tensor, x: Any = None, *, dx: Any = None, dim: Axis = -1) -> Tensor:
        """Integrate along `dim` by trapezoids between neighbours."""
        if x is not None and dx is not None:
            raise ShapeError("takes either x or dx")
        if x is not None and (y.shape[dim : dim + 1] != (0,) or name == "cumulative_trapezoid"):
            return _between(name, y, tensor("x", x), dim)
        if not y.shape:
            raise ShapeError("has no dimension to integrate along: it is a scalar")
        length, running = y.shape[dim], name == "cumulative_trapezoid"
        left = ((length - 1 if length else 0),) if running else ()
        sizes = (*y.shape[:dim], *left, *y.shape[dim + 1 :])
        if not length and not running:
            return new(sizes, y.dtype)
        return new(sizes, promotion(_number(y.dtype)))

    return statistic(layout=UNKNOWN_LAYOUT, field=NEIGHBOURS, spaces=FUNCTION)(
        named_rule(name, call)
    )


trapezoid, trapz, cumulative_trapezoid = map(
    _trapezoids, ("trapezoid", "trapz", "cumulative_trapezoid")
)
