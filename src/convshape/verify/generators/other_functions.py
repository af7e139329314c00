"""Random calls of what is left of torch's functions."""

from __future__ import annotations

from typing import Any

from ...shapetorch.ops.spaces import FUNCTIONS
from .choices import KINDS, Pick, any_shape, flagged, mostly, often, some_of
from .data import Call, D, T
from .layer_functions import layer_function
from .losses import native_loss
from .tensors import Way, again, broadcast, dim, dims, form, one_of, some, takes
from .views import indexing, splitting, view


def _tensor(pick: Pick) -> T:
    return T(any_shape(pick), often(pick, ("float32",), KINDS), 1)


def _flat(pick: Pick) -> T:
    return T(often(pick, ((4,), (1,)), ((0,), (), (2, 2))), often(pick, ("float32",), KINDS))


def _beside(pick: Pick, x: T) -> T:
    """Pick a tensor that broadcasts with another, of its dtype, nearly always."""
    return T(broadcast(pick, x.shape), often(pick, (x.dtype,), KINDS))


def _and(pick: Pick, name: str, x: T, *arguments: tuple[Any, ...]) -> Call:
    """Call a function with one of several tuples of further arguments."""
    return form(pick, name, x, *pick(arguments))


def _pair(pick: Pick, name: str, x: T) -> Call:
    other = _beside(pick, x)
    if "float16" in (x.dtype, other.dtype):
        x, other = T(x.shape), T(other.shape)
    return Call(name, (x, other))


def _index_put(pick: Pick, name: str, x: T) -> Call:
    count = pick((1, 1, 2))
    indices = tuple(T(pick(((2,), (1,), ())), "int64") for _ in range(count))
    rest = x.shape[count:]
    shape = pick(((*indices[0].shape, *rest), rest, ()))
    return Call(name, (x, indices, T(shape, _beside(pick, x).dtype)))


def _masked_scatter(pick: Pick, name: str, x: T) -> Call:
    other = _beside(pick, x)
    mask = T(other.shape, often(pick, ("bool",), KINDS))
    return form(pick, name, x, mask, T((1000,), other.dtype))


def _select_scatter(pick: Pick, name: str, x: T) -> Call:
    along = dim(pick)
    at = along + len(x.shape) if type(along) is int and along < 0 else along
    rest = tuple(n for i, n in enumerate(x.shape) if i != at)
    src = T(pick((rest, rest, broadcast(pick, x.shape))), x.dtype)
    return form(pick, name, x, src, along, pick((0, -1, 1, 5)))


def _diagonal_scatter(pick: Pick, name: str, x: T) -> Call:
    src = T((*x.shape[2:], min(x.shape[:2], default=1)), x.dtype)
    return form(pick, name, x, src, *pick(((), (1,), (0, 1, 0))))


def _slice_scatter(pick: Pick, name: str, x: T) -> Call:
    n = x.shape[0] if x.shape else 1
    src = T((max(n - pick((0, 0, 1)), 0), *x.shape[1:]), x.dtype)
    return form(pick, name, x, src, 0, *pick(((), (0,), (1,), (0, 9), (1, None))))


def _bucketize(pick: Pick, name: str, x: T) -> Call:
    boundaries = T(pick(((3,), (0,), (), (2, 2))), x.dtype)
    return Call(name, (pick((x, 1.0, 2)), boundaries), some_of(pick, right=flagged))


def _searchsorted(pick: Pick, name: str, x: T) -> Call:
    row = (*x.shape[:-1], 4)
    values = T(x.shape, x.dtype)
    args = (T(pick(((3,), row, row)), x.dtype), pick((values, values, 1.0)))
    return Call(name, args, some_of(pick, out_int32=flagged))


def _isin(pick: Pick, name: str, x: T) -> Call:
    other = _beside(pick, x)
    return Call(name, (pick((x, x, 1)), pick((other, other, 2.0))))


def _outer(pick: Pick, name: str, x: T) -> Call:
    return form(pick, name, T((2,), x.dtype), T((3,), x.dtype))


def _sum_to_size(pick: Pick, name: str, x: T) -> Call:
    return Call(name, (x, broadcast(pick, x.shape)), method=True)


def _quantile(pick: Pick, name: str, x: T) -> Call:
    q = (0.5, 0, 1, 1.5, T((2,), x.dtype), T((), x.dtype), T((2, 2), x.dtype))
    return takes(q, dim=dim, keepdim=flagged)(pick, name, x)


def _combinations(pick: Pick, name: str, x: T) -> Call:
    r = pick(((), (1,), (3,), (0,), (-1,)))
    return form(pick, name, _flat(pick), *r, **some_of(pick, with_replacement=flagged))


_OTHER: dict[str, Way[T]] = {
    **dict.fromkeys(("complex", "polar", "heaviside", "dist"), _pair),
    "index_put": _index_put, "masked_scatter": _masked_scatter,
    "select_scatter": _select_scatter, "diagonal_scatter": _diagonal_scatter,
    "slice_scatter": _slice_scatter, "bucketize": _bucketize, "searchsorted": _searchsorted,
    "isin": _isin, "ger": _outer, "sum_to_size": _sum_to_size,
    **dict.fromkeys(("trapezoid", "trapz", "cumulative_trapezoid"), takes(dim=dim)),
    **dict.fromkeys(("quantile", "nanquantile"), _quantile), "combinations": _combinations,
    "renorm": takes((1, 2, 0.5, 0), dim, (1, 0.5, -1)),
    "narrow_copy": takes(dim, (0,), (0, 1, 2)), **dict.fromkeys(("cov", "corrcoef"), takes()),
    "histc": lambda *call: _and(*call, (), (5,), (0,), (5, 0, 1), (5, 2, 1)),
    "diagflat": lambda *call: _and(*call, (), (1,), (-2,), (True,)),
}  # fmt: skip


def other_functions(pick: Pick) -> Call:
    """What else networks call."""
    return one_of(pick, _OTHER, _tensor)


def _number(pick: Pick) -> Any:
    return often(pick, (1, 0.5, -1, 2), (0, True, "x", None, 1j))


def _rrelu(pick: Pick, name: str, x: T) -> Call:
    args = pick(((), (0.1,), (0.1, 0.3), (0.3, 0.1), (_number(pick), 2)))
    return Call(name, (x, *args), some_of(pick, training=flagged))


def _prelu(pick: Pick, name: str, x: T) -> Call:
    count = x.shape[1] if len(x.shape) > 1 else 1
    shape = often(pick, ((1,), (count,)), ((), (2,), (1, 1)))
    return form(pick, name, x, T(shape, often(pick, (x.dtype,), KINDS)))


def _constant_pad(pick: Pick, name: str, x: T) -> Call:
    pad = [often(pick, (0, 1, 2, -1), (-3, True, 1.0)) for _ in range(pick((2, 2, 4, 0, 3, 6)))]
    return Call(name, (x, pad), some_of(pick, value=(0, 1.5, -1, True, 1000, -1e9, -1.0)))


def _conv_tbc(pick: Pick, name: str, x: T) -> Call:
    length, batch, channels, out, wide = (often(pick, (1, 2, 3, 4), (0,)) for _ in range(5))
    shapes = ((length, batch, channels), (wide, channels, out), (out,))
    kind = mostly((often(pick, ("float32",), KINDS),), KINDS)
    tensors = (
        T(often(pick, (s,), ((*s[:-1], s[-1] + 1), any_shape(pick))), kind(pick)) for s in shapes
    )
    return Call(name, tuple(tensors), some_of(pick, pad=mostly((0, 1, 2), (-1, True))))


def _max_pool(pick: Pick, name: str, x: T) -> Call:
    call = again(pick, layer_function, lambda call: call.name == "max_pool1d")
    return Call(name, call.args, {k: v for k, v in call.kwargs.items() if k != "return_indices"})


def _grid_sampler(pick: Pick, name: str, x: T) -> Call:
    n, c, *rest = (often(pick, (1, 2, 3), (0,)) for _ in range(4 + pick((0, 1))))
    kind = often(pick, ("float32",), ("float64", "int64"))
    shape = (n, *(2 for _ in rest), often(pick, (len(rest),), (1,)))
    grid = T(shape, often(pick, (kind,), ("float64",)))
    modes = (often(pick, (0, 1, 2), (True,)), often(pick, (0, 1, 2), (True, 1.0)))
    return Call(name, (T((n, c, *rest), kind), grid, *modes, flagged(pick)))


_NAMESAKES: dict[str, Way[T]] = {
    "celu": lambda pick, name, x: Call(name, (x, *pick(((), (_number(pick),))))),
    "threshold": takes(_number, _number), "rrelu": _rrelu,
    "hardshrink": lambda *call: _and(*call, (), (0.5,), (_number(call[0]),)), "prelu": _prelu,
    "constant_pad_nd": _constant_pad, "conv_tbc": _conv_tbc,
    "max_pool1d_with_indices": _max_pool, "grid_sampler": _grid_sampler,
    "loss": lambda pick, name, x: native_loss(pick),
}  # fmt: skip


def namesake(pick: Pick) -> Call:
    """Functions and losses of `nn.functional` that stand in `torch` with other arguments."""
    return one_of(pick, _NAMESAKES, some)


def _put(pick: Pick, name: str, x: T) -> Call:
    count = pick((0, 1, 2, 3))
    index = T(pick(((count,), (count, 1), (count, 2))), often(pick, ("int64",), KINDS))
    shape = often(pick, (index.shape,), ((count,), (4,)))
    source = T(shape, often(pick, (x.dtype,), KINDS))
    return form(pick, name, x, index, source, **some_of(pick, accumulate=flagged))


def _index_reduce(pick: Pick, name: str, x: T) -> Call:
    call = again(pick, indexing, lambda call: call.name == "index_add")
    how = often(pick, ("prod", "mean", "amax", "amin"), ("sum", None))
    if call.args[0].dtype in ("float16", "bfloat16"):
        how = "mean"  # torch multiplies single halves only with an assertion
    return form(pick, name, *call.args, how, **some_of(pick, include_self=flagged))


def _in_place(pick: Pick, name: str, x: T) -> Call:
    call = again(pick, other_functions, lambda call: f"{call.name}_" == name)
    return Call(name, call.args, call.kwargs, method=True)


def _nonzero_static(pick: Pick, name: str, x: T) -> Call:
    named = {"size": often(pick, (0, 1, 3), (-1, True, 1.0))}
    return form(pick, name, x, **named | some_of(pick, fill_value=(0, -1, True)))


def _unravel_index(pick: Pick, name: str, x: T) -> Call:
    index = T(any_shape(pick), often(pick, ("int64", "int32"), KINDS))
    sizes = often(pick, ((2, 3), [4], 5, (2, 1, 3)), ((), (-1, 2), True, 1.0, (0, 2)))
    return Call(name, (index, sizes))


def _range(pick: Pick, name: str, x: T) -> Call:
    whole = pick((True, False))  # torch divides by a step that is cut to 0
    numbers = (0, 1, 5, -3, 7, True) if whole else (0, 1, 5, -3, 0.5, 2.5, 7, True)
    kind = pick(("float64", "int64", "bool", "complex64") if whole else ("float64", "float32"))
    bounds = tuple(pick(numbers) for _ in range(pick((2, 3))))
    return Call(name, bounds, some_of(pick, dtype=(D(kind),)))


def _histogram(pick: Pick, name: str, x: T) -> Call:
    count = often(pick, (3,), (0, -1, True))
    bins = pick((5, 1, count, T(pick(((3,), (1,), (0,), (), (2, 2))), x.dtype, 1)))
    weights = lambda pick: T(pick((x.shape, x.shape, (2,))), x.dtype, 1)  # noqa: E731
    named = some_of(pick, density=flagged, weight=weights)
    if not isinstance(bins, T):
        named |= some_of(pick, range=((0, 2), (0.0, 1.0), (2, 1), (1,)))
    return form(pick, name, x, bins, **named)


def _binomial(pick: Pick, name: str, x: T) -> Call:
    return Call(name, (x, _beside(pick, x)))


def _unsafe(pick: Pick, name: str, x: T) -> Call:
    call = again(pick, splitting, lambda call: f"unsafe_{call.name}" == name)
    return Call(name, call.args, call.kwargs, method=call.method)


def _low_rank(pick: Pick, name: str, x: T) -> Call:
    sizes = often(pick, ((3, 2), (2, 4), (2, 3, 3)), ((3,), (0, 3, 2)))
    kind = often(pick, ("float32",), ("float64", "int64", "bool"))
    return Call(name, (T(sizes, kind, 1),), some_of(pick, q=mostly((1, 2), (0, 3, -1, 7))))


def _copy(pick: Pick, name: str, x: T) -> Call:
    call = view(pick)
    while f"{call.name}_copy" not in FUNCTIONS:
        call = pick((view, splitting))(pick)
    return Call(f"{call.name}_copy", call.args, call.kwargs)


_BOUNDS = ((), (3,), (2, 5), (0,), (-1,), (5, 2), (300,), (-3, 4))
_NEW = ((), (2,), (2, 3), ([1, 2],), ((2, 3),), ([[1], [2]],), (-1,))
_MISFITS: dict[str, Way[T]] = {
    **dict.fromkeys(("put", "put_"), _put),
    **dict.fromkeys(("index_reduce", "index_reduce_"), _index_reduce),
    **dict.fromkeys(("index_put_", "masked_scatter_", "renorm_"), _in_place),
    "nonzero_static": _nonzero_static, "unravel_index": _unravel_index, "range": _range,
    "gradient": takes(
        spacing=(1, 2.0, True, (1,), (1, 2), [1.0, 2.0, 1]), dim=dims, edge_order=(1, 2, 3, 0)
    ),
    "histogram": _histogram, "binomial": _binomial,
    **dict.fromkeys(("unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes"), _unsafe),
    **dict.fromkeys(("svd_lowrank", "pca_lowrank"), _low_rank), "copies": _copy,
    "norm_except_dim": takes(dim=dim, pow=(2, 1, 3, 0, -1, True)), "share_memory_": takes(),
    "random_": lambda *call: _and(*call, *_BOUNDS),
    "new": lambda *call: _and(*call, *_NEW, (call[2],), (T((2,), "int64"),), (2, -3)),
}  # fmt: skip


def misfits(pick: Pick) -> Call:
    """The rest of torch's functions: indices of all kinds, histograms, gradients, new tensors."""
    return one_of(pick, _MISFITS, _tensor)
