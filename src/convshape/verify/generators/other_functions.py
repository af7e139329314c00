"""Random calls of what is left of torch's functions."""

from __future__ import annotations

from typing import Any

from ...shapetorch.ops import FUNCTIONS
from .choices import KINDS, Pick, any_shape, flagged, mostly, often, some_of
from .data import Call, D, T
from .layer_functions import layer_function
from .losses import native_loss
from .tensors import again, broadcast, dim, dims, form, some, takes
from .views import indexing, splitting, view


def other_functions(pick: Pick) -> Call:
    """What else networks call."""
    name = pick(
        (
            "complex polar heaviside index_put masked_scatter select_scatter diagonal_scatter "
            "slice_scatter bucketize searchsorted isin quantile nanquantile histc cov corrcoef "
            "dist renorm trapezoid trapz cumulative_trapezoid diagflat sum_to_size "
            "combinations ger narrow_copy"
        ).split()
    )
    own = often(pick, ("float32",), KINDS)
    x = T(any_shape(pick), own)
    other = T(broadcast(pick, x.shape), often(pick, (own,), KINDS))
    if name in ("complex", "polar", "heaviside", "dist"):
        if own == "float16" or other.dtype == "float16":
            x, other = T(x.shape), T(other.shape)
        return Call(name, (x, other))
    if name == "index_put":
        count = pick((1, 1, 2))
        indices = tuple(T(pick(((2,), (1,), ())), "int64") for _ in range(count))
        rest = x.shape[count:]
        values = T(pick(((*indices[0].shape, *rest), rest, ())), other.dtype)
        return Call(name, (x, indices, values))
    if name == "masked_scatter":
        mask = T(other.shape, often(pick, ("bool",), KINDS))
        return form(pick, name, x, mask, T((1000,), other.dtype))
    if name == "select_scatter":
        along = dim(pick)
        at = along + len(x.shape) if type(along) is int and along < 0 else along
        rest = tuple(n for i, n in enumerate(x.shape) if i != at)
        src = T(pick((rest, rest, other.shape)), own)
        return form(pick, name, x, src, along, pick((0, -1, 1, 5)))
    if name == "diagonal_scatter":
        src = T((*x.shape[2:], min(x.shape[:2], default=1)), own)
        return form(pick, name, x, src, *pick(((), (1,), (0, 1, 0))))
    if name == "slice_scatter":
        n = x.shape[0] if x.shape else 1
        src = T((max(n - pick((0, 0, 1)), 0), *x.shape[1:]), own)
        return form(pick, name, x, src, 0, *pick(((), (0,), (1,), (0, 9), (1, None))))
    if name == "bucketize":
        args = (pick((x, 1.0, 2)), T(pick(((3,), (0,), (), (2, 2))), own))
        return Call(name, args, some_of(pick, right=flagged))
    if name == "searchsorted":
        row = (*x.shape[:-1], 4)
        args = (T(pick(((3,), row, row)), own), pick((T(x.shape, own), T(x.shape, own), 1.0)))
        return Call(name, args, some_of(pick, out_int32=flagged))
    if name == "isin":
        return Call(name, (pick((x, x, 1)), pick((other, other, 2.0))))
    if name == "narrow_copy":
        return form(pick, name, x, dim(pick), 0, pick((0, 1, 2)))
    if name == "ger":
        return form(pick, name, T((2,), own), T((3,), own))
    if name == "sum_to_size":
        return Call(name, (x, other.shape), method=True)
    if name in ("trapezoid", "trapz", "cumulative_trapezoid"):
        return Call(name, (x,), some_of(pick, dim=dim))
    if name in ("quantile", "nanquantile"):
        q = (0.5, 0, 1, 1.5, T((2,), own), T((), own), T((2, 2), own))
        return takes(q, dim=dim, keepdim=flagged)(pick, name, x)
    if name == "renorm":
        return takes((1, 2, 0.5, 0), dim, (1, 0.5, -1))(pick, name, x)
    if name == "combinations":
        x = T(pick(((4,), (0,), (1,), (), (2, 2))), own)
    more: dict[str, tuple[Any, ...]] = {
        "histc": ((), (5,), (0,), (5, 0, 1), (5, 2, 1)),
        "diagflat": ((), (1,), (-2,), (True,)),
        "combinations": ((), (1,), (3,), (0,), (-1,)),
    }
    last = pick(more[name]) if name in more else ()
    named = some_of(pick, with_replacement=flagged) if name == "combinations" else {}
    return form(pick, name, x, *last, **named)


def namesake(pick: Pick) -> Call:
    """Functions and losses of `nn.functional` that stand in `torch` with other arguments."""
    name = pick(
        (
            "celu threshold rrelu constant_pad_nd conv_tbc max_pool1d_with_indices "
            "grid_sampler hardshrink prelu loss"
        ).split()
    )
    x = some(pick)
    number = often(pick, (1, 0.5, -1, 2), (0, True, "x", None, 1j))
    if name == "celu":
        return Call(name, (x, *pick(((), (number,)))))
    if name == "threshold":
        return Call(name, (x, number, pick((number, 0))))
    if name == "rrelu":
        args = pick(((), (0.1,), (0.1, 0.3), (0.3, 0.1), (number, 2)))
        return Call(name, (x, *args), some_of(pick, training=flagged))
    if name == "hardshrink":
        return form(pick, name, x, *pick(((), (0.5,), (number,))))
    if name == "prelu":
        count = x.shape[1] if len(x.shape) > 1 else 1
        shape = often(pick, ((1,), (count,)), ((), (2,), (1, 1)))
        return form(pick, name, x, T(shape, often(pick, (x.dtype,), KINDS)))
    if name == "constant_pad_nd":
        pad = [often(pick, (0, 1, 2, -1), (-3, True, 1.0)) for _ in range(pick((2, 2, 4, 0, 3, 6)))]
        return Call(name, (x, pad), some_of(pick, value=(0, 1.5, -1, True, 1000, -1e9, -1.0)))
    if name == "conv_tbc":
        length, batch, channels, out, wide = (often(pick, (1, 2, 3, 4), (0,)) for _ in range(5))
        own = often(pick, ("float32",), KINDS)
        sizes = ((length, batch, channels), (wide, channels, out), (out,))
        rare = mostly((own,), KINDS)
        given = [
            T(often(pick, (s,), ((*s[:-1], s[-1] + 1), any_shape(pick))), rare(pick)) for s in sizes
        ]
        return Call(name, tuple(given), some_of(pick, pad=mostly((0, 1, 2), (-1, True))))
    if name == "max_pool1d_with_indices":
        case = layer_function(pick)
        while case[0] != "max_pool1d":
            case = layer_function(pick)
        return Call(name, case[1], {k: v for k, v in case[2].items() if k != "return_indices"})
    if name == "grid_sampler":
        n, c, *rest = (often(pick, (1, 2, 3), (0,)) for _ in range(4 + pick((0, 1))))
        own = often(pick, ("float32",), ("float64", "int64"))
        shape = (n, *(2 for _ in rest), often(pick, (len(rest),), (1,)))
        grid = T(shape, often(pick, (own,), ("float64",)))
        modes = (often(pick, (0, 1, 2), (True,)), often(pick, (0, 1, 2), (True, 1.0)))
        return Call(name, (T((n, c, *rest), own), grid, *modes, flagged(pick)))
    return native_loss(pick)


_NEW = ((), (2,), (2, 3), ([1, 2],), ((2, 3),), ([[1], [2]],), (-1,))


def misfits(pick: Pick) -> Call:
    """The rest of torch's functions: indices of all kinds, histograms, gradients, new tensors."""
    name = pick(
        (
            "put put_ index_reduce index_reduce_ index_put_ masked_scatter_ renorm_ "
            "nonzero_static unravel_index range gradient histogram binomial unsafe_chunk "
            "unsafe_split unsafe_split_with_sizes svd_lowrank pca_lowrank random_ new copies "
            "norm_except_dim share_memory_"
        ).split()
    )
    own = often(pick, ("float32",), KINDS)
    x = T(any_shape(pick), own, 1)
    method = name.endswith("_")
    if name in ("put", "put_"):
        count = pick((0, 1, 2, 3))
        index = T(pick(((count,), (count, 1), (count, 2))), often(pick, ("int64",), KINDS))
        shape = often(pick, (index.shape,), ((count,), (4,)))
        source = T(shape, often(pick, (own,), KINDS))
        named = some_of(pick, accumulate=flagged)
        if method:
            return Call(name, (x, index, source), named, method=True)
        return form(pick, name, x, index, source, **named)
    if name in ("index_reduce", "index_reduce_"):
        call = again(pick, indexing, lambda call: call.name == "index_add")
        how = often(pick, ("prod", "mean", "amax", "amin"), ("sum", None))
        if call.args[0].dtype in ("float16", "bfloat16"):
            how = "mean"  # torch multiplies single halves only with an assertion
        named = some_of(pick, include_self=flagged)
        return Call(name, (*call.args, how), named, method=method or pick((True, False)))
    if name in ("index_put_", "masked_scatter_", "renorm_"):
        call = again(pick, other_functions, lambda call: f"{call.name}_" == name)
        return Call(name, call.args, call.kwargs, method=True)
    if name == "nonzero_static":
        named = {"size": often(pick, (0, 1, 3), (-1, True, 1.0))}
        return form(pick, name, x, **named | some_of(pick, fill_value=(0, -1, True)))
    if name == "unravel_index":
        index = T(any_shape(pick), often(pick, ("int64", "int32"), KINDS))
        sizes = often(pick, ((2, 3), [4], 5, (2, 1, 3)), ((), (-1, 2), True, 1.0, (0, 2)))
        return Call(name, (index, sizes))
    if name == "range":  # torch divides by a step that is cut to 0
        whole = pick((True, False))
        numbers = (0, 1, 5, -3, 7, True) if whole else (0, 1, 5, -3, 0.5, 2.5, 7, True)
        own = pick(("float64", "int64", "bool", "complex64") if whole else ("float64", "float32"))
        bounds = tuple(pick(numbers) for _ in range(pick((2, 3))))
        return Call(name, bounds, some_of(pick, dtype=(D(own),)))
    if name == "gradient":
        spaces = (1, 2.0, True, (1,), (1, 2), [1.0, 2.0, 1])
        return Call(name, (x,), some_of(pick, spacing=spaces, dim=dims, edge_order=(1, 2, 3, 0)))
    if name == "histogram":
        count = often(pick, (3,), (0, -1, True))
        bins = pick((5, 1, count, T(pick(((3,), (1,), (0,), (), (2, 2))), own, 1)))
        weights = lambda pick: T(pick((x.shape, x.shape, (2,))), own, 1)  # noqa: E731
        named = some_of(pick, density=flagged, weight=weights)
        if not isinstance(bins, T):
            named |= some_of(pick, range=((0, 2), (0.0, 1.0), (2, 1), (1,)))
        return form(pick, name, x, bins, **named)
    if name == "binomial":
        return Call(name, (x, T(broadcast(pick, x.shape), often(pick, (own,), KINDS))))
    if name.startswith("unsafe"):
        call = again(pick, splitting, lambda call: f"unsafe_{call.name}" == name)
        return Call(name, call.args, call.kwargs, method=call.method)
    if name.endswith("lowrank"):
        sizes = often(pick, ((3, 2), (2, 4), (2, 3, 3)), ((3,), (0, 3, 2)))
        own = often(pick, ("float32",), ("float64", "int64", "bool"))
        return Call(name, (T(sizes, own, 1),), some_of(pick, q=mostly((1, 2), (0, 3, -1, 7))))
    if name == "random_":
        bounds = pick(((), (3,), (2, 5), (0,), (-1,), (5, 2), (300,), (-3, 4)))
        return Call(name, (x, *bounds), method=True)
    if name == "new":
        args = pick((*_NEW, (x,), (T((2,), "int64"),), (2, -3)))
        return Call(name, (x, *args), method=True)
    if name == "copies":
        call = view(pick)
        while f"{call.name}_copy" not in FUNCTIONS:
            call = pick((view, splitting))(pick)
        return Call(f"{call.name}_copy", call.args, call.kwargs)
    if name == "norm_except_dim":
        return Call(name, (x,), some_of(pick, dim=dim, pow=(2, 1, 3, 0, -1, True)))
    return Call(name, (x,), method=True)
