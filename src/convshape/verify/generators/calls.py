"""Random calls of the functions and methods of tensors, legal and illegal, as `cases` has them of layers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter
from typing import Any

from ... import shapetorch
from ...errors import ShapeError, UnknownOperation
from ...shapetorch.ops import FUNCTIONS, METHODS
from .cases import (
    KINDS,
    Choice,
    D,
    Outcome,
    Pick,
    T,
    any_shape,
    chosen,
    flagged,
    flat,
    in_convshape,
    in_torch,
    memory_of,
    mostly,
    often,
    out_of_nothing,
    some_of,
)  # fmt: skip
from .layer_calls import layer_function


@dataclass(frozen=True)
class Call:
    """One function of `torch`, or method of its first argument, called."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    method: bool = False

    def __str__(self) -> str:
        arguments = ", ".join(
            [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.kwargs.items())]
        )
        return f"{'Tensor' if self.method else 'torch'}.{self.name}({arguments})"

    def on(self, torch: Any, make: Callable[[Any], Any]) -> Any:
        args, kwargs = make((self.args, self.kwargs))
        if self.name == "__setitem__":
            args[0][args[1]] = args[2]
            return args[0]
        if self.method:
            return getattr(args[0], self.name)(*args[1:], **kwargs)
        return attrgetter(self.name)(torch)(*args, **kwargs)


def _facts(results: list[Any]) -> dict[str, Any]:
    return {
        "shapes": tuple(None if t is None else tuple(t.shape) for t in results),
        "dtypes": tuple(str(t.dtype) for t in results if t is not None),
        "memory": memory_of(results),
    }


def call_convshape(call: Call) -> Outcome:
    """Judge a call; anything but an answer or a ShapeError is an error of ours."""
    try:
        result = call.on(shapetorch, in_convshape)
    except ShapeError as error:
        return Outcome(made=True, message=str(error))
    except UnknownOperation as error:
        if "in memory" not in str(error):
            raise
        return Outcome(made=True, message=str(error), unknown=True)
    except (
        TypeError
    ) as error:  # Python's own, of a function called with arguments that it does not have
        if "argument" not in str(error):
            raise
        return Outcome(made=True, message=str(error))
    if result is NotImplemented:
        return Outcome(made=True)
    return Outcome(made=True, called=True, **_facts(flat(result)))


def call_torch(call: Call, device: str = "cpu") -> Outcome:
    """Judge a call by the oracle, for which any exception is a refusal."""
    import torch

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            result = call.on(torch, lambda value: in_torch(value, device))
        except Exception as error:
            return Outcome(made=True, message=f"{type(error).__name__}: {error}")
    if result is NotImplemented:  # so an operator refuses
        return Outcome(made=True)
    # torch expands a scalar to tensors of a negative size, which nothing can hold.
    if any(n < 0 for t in flat(result) if t is not None for n in t.shape):
        return Outcome(made=True)
    outcome = Outcome(made=True, called=True, **_facts(flat(result)))
    return Outcome(made=True) if out_of_nothing(call.name, outcome) else outcome


DIMS = (0, 0, 1, 1, 2, -1, -1, -2)
ODD_DIMS = (3, -3, 5, -6, True, 1.0, None, "0")


def kind(pick: Pick) -> str:
    return pick(KINDS)


def kinds(pick: Pick) -> tuple[str, ...]:
    """Pick dtypes that may meet: float16 and complex make complex32, which torch has in part only."""
    left_out = pick(("float16", "complex64"))
    return tuple(k for k in KINDS[5:] if k != left_out)


def some(pick: Pick, dtype: str | None = None, value: int = 0) -> T:
    return T(any_shape(pick), dtype or kind(pick), value)


def dim(pick: Pick) -> Any:
    return often(pick, DIMS, ODD_DIMS)


def dims(pick: Pick) -> Any:
    """Pick one dimension, or a tuple or list of them."""
    if pick((True, False)):
        return dim(pick)
    values = [dim(pick) for _ in range(pick((1, 2, 2, 3, 0)))]
    return pick((tuple, list))(values)


def form(pick: Pick, name: str, *args: Any, **kwargs: Any) -> Call:
    """Make a function or a method of it, whichever there is."""
    method = name in METHODS and (name not in FUNCTIONS or pick((True, False)))
    return Call(name, args, kwargs, method)


Way = Callable[[Pick, str, T], Call]


def takes(*required: Choice, **optional: Choice) -> Way:
    """Return what calls a function or method of a tensor by its name, with arguments as they are chosen."""

    def call(pick: Pick, name: str, x: T) -> Call:
        args = [chosen(pick, each) for each in required]
        return form(pick, name, x, *args, **some_of(pick, **optional))

    return call


def one_of(pick: Pick, ways: dict[str, Way], tensor: Callable[[Pick], T]) -> Call:
    """Call one of several functions on a random tensor."""
    name = pick(list(ways))
    return ways[name](pick, name, tensor(pick))


def unary(pick: Pick) -> Call:
    """Operations on each element."""
    from ...shapetorch.ops import pointwise

    names = sorted(name for line in pointwise._UNARY.values() for name in line.split())
    return form(pick, pick(names), some(pick, pick((*KINDS[5:], "int8", "int16", "complex128"))))


def broadcast(pick: Pick, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Pick a shape that broadcasts with another, nearly always."""
    own = [often(pick, (n, n, 1), (n + 1,)) for n in shape]
    return tuple(own[pick(range(len(own) + 1)) :] if pick((True, False)) else own)


def special(pick: Pick) -> Call:
    """The functions of `torch.special`, and those that have a number beside their tensor."""
    from ...shapetorch import special

    of_two = [name for names in special._OF_TWO.values() for name in names.split()]
    own = pick((*KINDS[5:], "int8", "complex128"))
    x = some(pick, own, 1)
    name = pick(
        (*special.__all__, *of_two, "polygamma", "mvlgamma", "frexp", "igamma", "igammac", "ldexp")
    )
    number = often(pick, (1, 2, 3, 0), (-1, True, 1.0, None))
    if name == "frexp":
        return form(pick, name, x)
    home = "" if name in METHODS and pick((True, False)) else "special."
    if name in ("polygamma", "mvlgamma", "multigammaln"):
        args = (number, x) if name == "polygamma" else (x, number)
        if name == "polygamma" and not home and pick((True, False)):
            return Call(name, args[::-1], method=True)
        return Call((home if name != "mvlgamma" else "") + name, args)
    if name in ("softmax", "log_softmax", "logsumexp"):
        return Call(f"special.{name}", (x, dim(pick)))
    if name in of_two or name in ("xlogy", "gammainc", "gammaincc", "igamma", "igammac", "ldexp"):
        other: Any = T(broadcast(pick, x.shape), pick(kinds(pick)), 1)
        if own == "float16" and other.dtype.startswith("complex"):
            other = T(other.shape)
        if pick((True, False, False)):
            other = pick(NUMBERS)
        if own in ("float16", "int8") and other == 1j:
            other = 1
        if name in ("igamma", "igammac", "ldexp"):
            return form(pick, name, x, other)
        return Call(f"special.{name}", (x, other) if pick((True, True, False)) else (other, x))
    return Call(f"special.{name}", (x,))


NUMBERS = (1, 1, 2, -1, 0.5, True, 1j, 1.5, "1", None)


def binary(pick: Pick) -> Call:
    """Operations on two operands."""
    from ...shapetorch.ops import pointwise

    name = pick(sorted(pointwise._BINARY))
    own = kinds(pick)
    first = T(any_shape(pick), pick(own), 1)
    second: Any = T(broadcast(pick, first.shape), pick(own), 1)
    named = {}
    if pick((True, False, False)):
        second = pick(NUMBERS)
    if first.dtype == "float16" and second == 1j:
        second = 1
    if name in ("add", "sub", "subtract", "rsub") and pick((True, False, False)):
        named = {"alpha": pick((1, 2, 0.5, True, 1j, -1))}
    if name in ("div", "divide") and pick((True, False)):
        named = {"rounding_mode": pick(("floor", "trunc", None, "up"))}
    if pick(range(6)) == 0:
        return Call(name, (second, first), named)
    return form(pick, name, first, second, **named)


OPERATORS = "add sub mul truediv floordiv mod pow and or xor lshift rshift".split()


def operator(pick: Pick) -> Call:
    """Python's operators."""
    name = pick((*OPERATORS, "eq", "ne", "lt", "le", "gt", "ge", "matmul"))
    own = kinds(pick)
    first = T(any_shape(pick), pick(own), 1)
    if pick(range(8)) == 0:
        return Call(f"__{pick(('neg', 'pos', 'abs', 'invert'))}__", (first,), method=True)
    second: Any = T(broadcast(pick, first.shape), pick(own), 1)
    if pick((True, False, False)):
        second = pick(NUMBERS[:-2])
        if first.dtype == "float16" and second == 1j:
            second = 1
        if name in OPERATORS and pick((True, False)):
            name = f"r{name}"
    return Call(f"__{name}__", (first, second), method=True)


def other_pointwise(pick: Pick) -> Call:
    """Clamp, lerp, products added, casts."""
    name = pick("clamp clip clamp_min clamp_max lerp addcmul addcdiv isclose type_as".split())
    own = kind(pick)
    x = T(any_shape(pick), own, 1)

    def second(pick: Pick) -> T:
        return T(broadcast(pick, x.shape), often(pick, (own,), KINDS), 1)

    def limit(pick: Pick) -> Any:
        return pick((None, 0, 1, -1.5, True, second(pick), second(pick)))

    def weight(pick: Pick) -> Any:
        return pick((0.5, 1, second(pick), True, 1j, T((), pick(KINDS))))

    ways = {
        **dict.fromkeys(("clamp", "clip"), takes(min=limit, max=limit)),
        **dict.fromkeys(("clamp_min", "clamp_max"), takes(limit)),
        "lerp": takes(second, weight),
        **dict.fromkeys(("isclose", "type_as"), takes(second)),
    }
    return ways.get(name, takes(second, second, value=(1, 0.5, True, 1j)))(pick, name, x)


_EXTREMES = "argmax argmin max min median nanmedian mode aminmax".split()
_SPREADS = ("std", "var", "std_mean", "var_mean")
_REDUCTIONS = (
    "sum nansum mean nanmean amax amin any all prod argmax argmin max min median nanmedian mode std var std_mean "
    "var_mean logsumexp norm count_nonzero aminmax"
).split()


def reduction(pick: Pick) -> Call:
    """Sums, means, extremes and what else reduces."""
    name = pick(_REDUCTIONS)
    x = some(pick)
    one = name == "prod" or name in _EXTREMES
    named: dict[str, Any] = {}
    if pick((True, True, False)) or name == "logsumexp":
        named["dim"] = dim(pick) if one and pick(range(8)) else dims(pick)
    keeps = not one or "dim" in named or name in ("argmax", "argmin")
    if keeps and name != "count_nonzero" and pick((True, False)):
        named["keepdim"] = flagged(pick)
    if name in ("sum", "mean", "prod", "nansum") and pick(range(4)) == 0:
        return form(pick, name, x, **named)
    if name in _SPREADS and named.get("dim") is True:
        named["dim"] = 0  # True is `unbiased` by position, and refused by name
    if name in _SPREADS and pick((True, False)):
        named["correction"] = pick((0, 1, 2, None, 0.5))
    if name == "norm" and pick((True, False)):
        named["p"] = pick(("fro", 1, 2, 0.5, float("inf"), "nuc", "l2", None))
    if name in ("max", "min") and pick(range(4)) == 0:
        return form(pick, name, x, T(broadcast(pick, x.shape), kind(pick)))
    by_place = next(iter(named), "") == "dim" and pick((True, False))
    if by_place and name not in ("norm", "aminmax"):
        return form(pick, name, x, named.pop("dim"), **named)
    return form(pick, name, x, **named)


_COUNTS = mostly((1, 1, 2, 3), (0, -1, 5, True, None, 1.0))
_ALONG = {
    **dict.fromkeys("cumsum cumprod logcumsumexp cummax cummin".split(), takes(dim)),
    "topk": takes(_COUNTS, dim=dim, largest=flagged),
    "sort": takes(dim=dim, descending=flagged),
    "argsort": takes(dim=dim, descending=flagged),
    "msort": takes(),
    "kthvalue": takes(_COUNTS, dim=dim, keepdim=flagged),
    "diff": takes(n=(0, 1, 2, 9, -1), dim=dim),
}


def along(pick: Pick) -> Call:
    """What works along a dimension and keeps it."""
    return one_of(pick, _ALONG, some)


def size(pick: Pick) -> Any:
    return often(pick, (1, 2, 3, 4, -1), (0, -2, True, 1.0, None))


def _resized(pick: Pick, name: str, x: T) -> Call:
    rank = len(x.shape)
    same = [*x.shape]
    if pick((True, False)) and name in ("reshape", "view"):
        same = [*reversed(same)]
    if name in ("expand", "broadcast_to") and pick((True, True, False)):
        x = T(broadcast(pick, x.shape)[-rank:] if rank else (), x.dtype)
    if pick((True, True, False)):
        wanted = [often(pick, (n,), (-1, 1, n + 1)) for n in same]
    else:
        wanted = [size(pick) for _ in range(pick((rank, rank + 1, rank - 1)) if rank else 1)]
    if name in ("repeat", "tile"):
        wanted = [size(pick) for _ in range(pick((rank, rank, rank + 1, max(rank - 1, 0))))]
    if pick((True, False)):
        return form(pick, name, x, pick((tuple, list))(wanted))
    return Call(name, (x, *wanted), method=name in METHODS)


def _like_another(pick: Pick, name: str, x: T) -> Call:
    return form(pick, name, x, pick((T(x.shape[::-1]), some(pick))))


def _expanded(pick: Pick, name: str, x: T) -> Call:
    return form(pick, name, T(broadcast(pick, x.shape)), x)


def _reordered(pick: Pick, name: str, x: T) -> Call:
    rank = len(x.shape)
    order = list(range(rank))
    for _ in range(rank):
        order.append(order.pop(pick(range(rank))))
    if name == "flip":
        order = order[: pick(range(rank + 1))]
    order = [often(pick, (i, i - rank), (i + 1, True, 1.0)) for i in order]
    if pick((True, False)):
        return form(pick, name, x, pick((tuple, list))(order))
    return Call(name, (x, *order), method=pick((True, True, False)))


def _with_others(pick: Pick, name: str, x: T) -> Call:
    more = [T(broadcast(pick, x.shape), x.dtype) for _ in range(pick(range(3)))]
    return Call(name, (x, *more))


def _grid(pick: Pick, name: str, x: T) -> Call:
    _with_others(pick, name, x)
    vector = mostly(((2,), (3,), ()), ((0,), (2, 2)))
    given = [T(vector(pick), often(pick, (x.dtype,), KINDS)) for _ in range(pick(range(4)))]
    return Call(name, tuple(given), some_of(pick, indexing=("ij", "xy", "yx")))


def _parts(pick: Pick) -> Any:
    return pick((tuple, list))(size(pick) for _ in range(pick((1, 2, 2, 3, 0))))


_VIEWS = {
    **dict.fromkeys(("reshape", "view"), _resized),
    **dict.fromkeys(("view_as", "reshape_as"), _like_another),
    "flatten": takes(start_dim=dim, end_dim=dim),
    "ravel": takes(),
    "unflatten": takes(dim, _parts),
    "squeeze": takes(dim=dims),
    "unsqueeze": takes(dim),
    "permute": _reordered,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), takes(dim, dim)),
    **dict.fromkeys(("t", "adjoint"), takes()),
    **dict.fromkeys(("movedim", "moveaxis"), takes(dims, dims)),
    **dict.fromkeys(("expand", "broadcast_to"), _resized),
    "expand_as": _expanded,
    **dict.fromkeys(("repeat", "tile"), _resized),
    "repeat_interleave": takes((1, 2, 3, 0, -1, True, 1.0, 2), dim=dim),
    "flip": _reordered,
    **dict.fromkeys(("fliplr", "flipud"), takes()),
    "rot90": takes(k=(0, 1, 2, 3, -1), dims=((0, 1), [1, 2], (0, -1), (0, 0), (0,))),
    "roll": takes((1, -2, (1,), (1, 2), 0), dims=lambda pick: pick((dims(pick), (0,), (0, 1)))),
    **dict.fromkeys(("tril", "triu"), takes(diagonal=(0, 1, -1, 7, True))),
    "diagonal": takes(offset=(0, 1, -1, 7), dim1=dim, dim2=dim),
    "diag": takes(diagonal=(0, 1, -1, 7, True)),
    "diag_embed": takes(offset=(0, 1, -1, 7), dim1=dim, dim2=dim),
    **dict.fromkeys(("atleast_1d", "atleast_2d", "atleast_3d"), _with_others),
    "unfold": takes(dim, (1, 2, 3, 0, -1, 5), (1, 2, 0, -1, 3)),
    **dict.fromkeys(("view_as_real", "view_as_complex"), takes()),
    "broadcast_tensors": _with_others,
    "meshgrid": _grid,
    "block_diag": _with_others,
}


def view(pick: Pick) -> Call:
    """Other shapes for the same elements."""
    x = some(pick)
    name = pick(list(_VIEWS))
    return _VIEWS[name](pick, name, x)


def joining(pick: Pick) -> Call:
    """Cat, stack and the like."""
    name = pick(
        "cat concat concatenate stack hstack vstack row_stack dstack column_stack cartesian_prod "
        "nn.utils.rnn.pad_sequence".split()
    )
    x = some(pick)
    along = dim(pick)
    others = []
    for _ in range(pick((0, 1, 1, 2))):
        shape = list(x.shape)
        within = isinstance(along, int) and -len(shape) <= along < len(shape)
        if within and pick((True, True, False)):
            shape[along] = pick((0, 1, 2))
        if pick(range(8)) == 0:
            shape = list(any_shape(pick))
        if pick(range(16)) == 0:
            shape = [0]
        others.append(T(tuple(shape), often(pick, (x.dtype,), KINDS)))
    if name == "cartesian_prod":
        given = [T((pick(range(4)),), x.dtype) for _ in range(pick((1, 2, 3)))]
        return Call(name, tuple(given) if pick(range(8)) else (x,))
    tensors = pick((tuple, list))([x, *others] if pick(range(20)) else [])
    if name == "nn.utils.rnn.pad_sequence":
        sides, values = mostly(("left", "right"), ("up",)), mostly((0.5, 1, True), (1j, "a"))
        named = some_of(pick, batch_first=flagged, padding_side=sides, padding_value=values)
        return Call(name, (tensors,), named)
    if (name.startswith("c") and name != "column_stack") or name == "stack":
        return Call(name, (tensors,), {"dim": along} if pick((True, True, False)) else {})
    return Call(name, (tensors,))


def splitting(pick: Pick) -> Call:
    """Split, chunk and the like."""
    name = pick(
        "split split_with_sizes chunk tensor_split hsplit vsplit dsplit unbind narrow select".split()
    )
    x = some(pick)
    along = dim(pick)
    known = type(along) is int and -len(x.shape) <= along < len(x.shape)
    length = x.shape[along] if known else 2
    cut = pick(range(length + 1))
    sizes = pick(([cut, length - cut], (length,), [cut, length - cut, 0], (1, 1), [cut, -1]))
    parts = often(pick, (1, 2, 3), (0, -1, 7, True, 1.0, None))
    at = {"dim": (along,)}
    ways = {
        "split": takes((parts, sizes), **at),
        "split_with_sizes": takes((sizes,), **at),
        "chunk": takes((parts,), **at),
        "tensor_split": takes((parts, (1, 2), [0], (-1, 2), ()), **at),
        "unbind": takes(**at),
        "narrow": takes((along,), (0, 1, -1, 3, 5), (0, 1, 2, -1)),
        "select": takes((along,), mostly((0, -1, 1), (3, -5, True, None))),
    }
    return ways.get(name, takes((parts, (1, 2), [0])))(pick, name, x)


def _bound(pick: Pick) -> Any:
    return often(pick, (None, 0, 1, 2, -1), (9, -9, True))


def _slice(pick: Pick) -> slice:
    return slice(_bound(pick), _bound(pick), often(pick, (None, None, 1, 2), (0, -1, 9)))


def _index(pick: Pick) -> T:
    shape = pick(((), (2,), (1,), (3,), (2, 3), (0,), (2, 1)))
    return T(shape, often(pick, ("int64",), ("int32", "float32", "int16")))


#: What may stand in a subscript.
_SUBSCRIPTS: dict[str, Choice] = {
    "int": mostly((0, 0, -1), (1, 3, -4)),
    "slice": _slice,
    "none": (None,),
    "dots": (...,),
    "tensor": _index,
    "list": ([0, 0], [0], [[0, 0], [0, 0]], [0, -1]),
    "bool": (True, False),
    "odd": (1.0, "a"),
}


def subscript(pick: Pick) -> Call:
    """``x[...]``."""
    x = some(pick)
    kinds = "int int slice slice slice none dots tensor tensor list bool odd".split()
    items = [chosen(pick, _SUBSCRIPTS[pick(kinds)]) for _ in range(pick((1, 1, 2, 2, 3, 4)))]
    while items.count(...) > 1:  # torch takes a second one at the end; convshape does not
        items.remove(...)
    whole = len(items) > 1 or pick((True, False))
    return Call("__getitem__", (x, tuple(items) if whole else items[0]), method=True)


def indexing(pick: Pick) -> Call:
    """Gather, scatter, fill and the like."""
    name = pick(
        "gather index_select take take_along_dim masked_fill where index_fill index_add index_copy scatter "
        "scatter_add".split()
    )
    x = some(pick)
    along = dim(pick)
    index_kind = often(pick, ("int64",), ("int32", "float32", "uint8"))
    vector = T(often(pick, ((2,), (1,), ()), ((0,), (2, 2))), index_kind)
    like = tuple(often(pick, (n, max(n - 1, 0)), (n + 1,)) for n in x.shape)
    if pick(range(16)) == 0:
        like = any_shape(pick)
    if name in ("gather", "scatter", "scatter_add"):
        index = T(like, index_kind)
        if name == "gather":
            return form(pick, name, x, along, index)
        shape = tuple(often(pick, (n,), (n + 1, max(n - 1, 0))) for n in like)
        src: Any = T(shape, often(pick, (x.dtype,), KINDS))
        src = src if name == "scatter_add" or pick((True, True, False)) else 1.0
        return form(pick, name, x, along, index, src)
    if name == "index_select":
        return form(pick, name, x, along, vector)
    if name == "index_fill":
        return form(pick, name, x, along, vector, pick((0, 1.5, True, T(()), T((1,)))))
    if name in ("index_add", "index_copy"):
        sizes = list(x.shape)
        if type(along) is int and -len(sizes) <= along < len(sizes):
            sizes[along] = vector.shape[0] if vector.shape else 1
        shape = tuple(often(pick, (n,), (n + 1,)) for n in sizes)
        return form(pick, name, x, along, vector, T(shape, often(pick, (x.dtype,), KINDS)))
    if name == "take":
        return form(pick, name, x, T(any_shape(pick), index_kind))
    if name == "take_along_dim":
        other = tuple(often(pick, (n, 1), (n + 1,)) for n in x.shape)
        return form(pick, name, x, T(other, index_kind), **some_of(pick, dim=(along,)))
    mask = T(broadcast(pick, x.shape), often(pick, ("bool",), ("uint8", "float32", "int64")))
    if name == "masked_fill":
        values = (0, -1e9, float("-inf"), True, T((), kind(pick)), T((1,)), None)
        return form(pick, name, x, mask, pick(values))
    second = T(broadcast(pick, x.shape), kind(pick))
    return Call("where", (mask, pick((x, 0.0, 1)), pick((second, 1.5, 2, True))))


#: Products: the shapes of their operands in the letters of the sizes, and of what they are added to.
_PRODUCTS = {
    "mm": "nk km",
    "bmm": "bnk bkm",
    "mv": "nk k",
    "dot": "k k",
    "vdot": "k k",
    "outer": "n m",
}
_ADDED_PRODUCTS = {
    "addmm": "nm nk km", "addmv": "n nk k", "baddbmm": "bnm bnk bkm", "addbmm": "nm bnk bkm", "addr": "nm n m",
}  # fmt: skip
_TENSORDOTS = (1, 2, 0, 3, -1, ([0], [0]), ((1, 0), (0, 1)), ([-1], [0]), ([0, 0], [0, 1]), ([0],), True)  # fmt: skip


def matrix(pick: Pick) -> Call:
    """Products of matrices."""
    name = pick(
        "mm bmm mv dot vdot matmul inner outer addmm addmv baddbmm addbmm addr tensordot einsum cdist trace kron".split()
    )
    own = kind(pick)
    b, n, k, m = (often(pick, (1, 2, 3), (0, 4)) for _ in range(4))
    size = {"b": b, "n": n, "k": k, "m": m}

    def t(*shape: int) -> T:
        sizes = tuple(often(pick, (s,) * 3, (s + 1, 1)) for s in shape)
        if pick(range(24)) == 0:
            sizes = any_shape(pick)
        return T(sizes, often(pick, (own,) * 2, (own, *KINDS)))

    if name in _PRODUCTS:
        return form(pick, name, *(t(*map(size.get, s)) for s in _PRODUCTS[name].split()))
    if name in ("matmul", "cdist"):
        lead = tuple(often(pick, (1, 2), (0, 3)) for _ in range(pick((0, 0, 1, 2))))
        other = lead[pick(range(len(lead) + 1)) :]
        right = (m, k) if name == "cdist" else pick(((k, m), (k, m), (k,)))
        left = pick(((n, k), (n, k), (k,)))
        first = t(*lead, *left) if left != (k,) else t(k)
        second = t(*other, *right) if len(right) > 1 else t(k)
        return form(pick, name, first, second) if name == "matmul" else Call(name, (first, second))
    if name == "inner":
        return form(pick, name, t(*any_shape(pick)[:2], k), t(*any_shape(pick)[:2], k))
    if name in _ADDED_PRODUCTS:
        extra: dict[str, Any] = {}
        if pick((True, False)):
            extra = some_of(pick, beta=(1, 0, 2, True, 1.5), alpha=(1, 2))
        added, *pair = (tuple(size[letter] for letter in s) for s in _ADDED_PRODUCTS[name].split())
        return form(pick, name, T(broadcast(pick, added), own), *(t(*s) for s in pair), **extra)
    if name == "tensordot":
        if own == "bool":  # torch multiplies bools on some of its ways, and refuses them on others
            own = "int64"
        how = pick(_TENSORDOTS)
        return Call(name, (t(n, k), pick((t(k, m), t(n, k), t(k, n)))), {"dims": how})
    if name == "einsum":
        equation, *shapes = pick(
            (
                ("ij,jk->ik", (n, k), (k, m)), ("bij,bjk->bik", (b, n, k), (b, k, m)), ("ij->ji", (n, k)),
                ("ii->i", (n, n)), ("ij,jk", (n, k), (k, m)), ("...ij,...jk->...ik", (b, n, k), (k, m)),
                ("nhqd,nhkd->nhqk", (b, 2, n, k), (b, 2, m, k)), ("i,j->ij", (n,), (m,)), ("ij->", (n, k)),
                ("ij,kj->q", (n, k), (m, k)), ("...->...", (n, k)), ("ba", (n, k)), ("i j -> j i", (n, k)),
                ("ij,jk->ii", (n, k), (k, m)), ("b...,b->b...", (b, n, k), (b,)), ("1j->j", (n, k)),
                ("...a->a...", (b, n, k)), ("ij,ij->ij", (n, k), (n, k)), ("Aij->iA", (b, n, k)), ("ij,", (n, k), ()),
            )
        )  # fmt: skip
        return Call(name, (equation, *(t(*s) for s in shapes)))
    if name == "trace":
        return form(pick, name, t(n, m))
    return form(pick, name, some(pick), some(pick))


def _written(x: T, one: T) -> tuple[tuple[Any, ...], ...]:
    """Return what `torch.tensor` may be called with: numbers, and tensors among them."""
    numbers = (
        1, 2.5, True, [1, 2], [[1, 2], [3.5, 4]], [], [[]], [[1], [2, 3]], ((1, 2), [3, 4]), 1j, "a", [None],
    )  # fmt: skip
    tensors = (
        x, [x], [x, x], [one], [one, 1], [1, one], [one, T((1,))], [[1, 2], T((2,))], [[x], [x]], [one, [1]],
    )  # fmt: skip
    return numbers, tensors


def creation(pick: Pick) -> Call:
    """New tensors."""
    name = pick(
        "zeros ones empty rand randn zeros_like ones_like empty_like rand_like randn_like new_zeros new_ones new_empty "
        "new_full full full_like arange linspace logspace eye randint randperm tril_indices triu_indices tensor "
        "as_tensor asarray".split()
    )
    n = mostly((1, 2, 3, 0), (-1, True, 1.0, None, "2"))
    shape = [n(pick) for _ in range(pick(range(4)))]
    as_one = pick((True, False))
    sizes = (tuple(shape),) if as_one or not shape else tuple(shape)
    x = some(pick)
    fill = pick((0, 1.5, True, 1j))
    if name in ("zeros", "ones", "empty", "rand", "randn"):
        return Call(name, sizes)
    if name.endswith("_like"):
        return Call(name, (x, fill) if name == "full_like" else (x,))
    if name in ("new_zeros", "new_ones", "new_empty"):
        return Call(name, (x, *sizes), method=True)
    if name == "new_full":
        return Call(name, (x, tuple(shape), fill), method=True)
    if name == "full":
        return Call(name, (tuple(shape), fill))
    if name == "arange":
        values = [pick((0, 1, 5, -3, 0.5, 2.5, 7, True)) for _ in range(pick((1, 2, 3)))]
        return Call(name, tuple(values))
    if name in ("linspace", "logspace"):
        return Call(name, (pick((0, 1.5, -1)), pick((1, 2.5)), n(pick)))
    if name == "eye":
        return Call(name, (n(pick),) if pick((True, False)) else (n(pick), n(pick)))
    if name == "randint":
        bounds = (pick((1, 5, 0, -1)),) if pick((True, False)) else (pick((0, 3)), pick((2, 5)))
        return Call(name, (*bounds, tuple(shape)))
    if name == "randperm":
        return Call(name, (n(pick),))
    if name in ("tril_indices", "triu_indices"):
        args = (pick((0, 1, 3, 5, -1)), pick((0, 1, 3, 5, -1)))
        return Call(name, args if pick((True, False)) else (*args, pick((0, 1, -1, 2, -2, 7, -7))))
    one = T(pick(((), (1,), (1, 1))), kind(pick))
    named = some_of(pick, dtype=lambda pick: D(kind(pick))) if pick((True, False, False)) else {}
    data = pick(pick(_written(x, one)))
    if pick(range(4)):
        return Call(name, (data,), named)
    return Call("new_tensor", (x, data), named, method=True)


def again(pick: Pick, family: Callable[[Pick], Call], fits: Callable[[Call], bool]) -> Call:
    """Draw calls of a family until one fits."""
    call = family(pick)
    while not fits(call):
        call = family(pick)
    return call


def inplace(pick: Pick) -> Call:
    """Operations in place of their first tensor."""
    families = (unary, binary, other_pointwise, along, view, indexing, matrix)

    def fits(call: Call) -> bool:
        return f"{call.name}_" in METHODS and bool(call.args) and isinstance(call.args[0], T)

    call = again(pick, lambda pick: pick(families)(pick), fits)
    return Call(f"{call.name}_", call.args, call.kwargs, method=True)


def assignment(pick: Pick) -> Call:
    """``x[...] = y``, ``x.copy_(y)``, ``x.fill_(y)`` and Python's operators in place."""
    name = pick(("__setitem__", "__setitem__", "__setitem__", "copy_", "fill_", "operator", "fill"))
    own = kinds(pick)
    x = T(any_shape(pick), pick(own), 1)
    other = T(broadcast(pick, x.shape), pick(own), 1)
    number: Any = pick((0, 1.5, True, -1e9, 1j, "a"))
    if name == "operator":
        operation = pick(OPERATORS)
        return Call(f"__i{operation}__", (x, pick((other, other, 2, 1.5, True))), method=True)
    if name == "fill":
        return Call(name, (x, pick((number, other, T(())))))
    if name in ("copy_", "fill_"):
        return Call(name, (x, pick((other, number, T((), pick(own))))), method=True)
    index = subscript(pick).args[1]
    if pick(range(8)) == 0:
        mask = T(pick((x.shape, x.shape[:1], x.shape[1:])), "bool", 1)
        return Call(name, (x, mask, pick((number, T((), x.dtype)))), method=True)
    others = (other, T(any_shape(pick), pick(own)), T((1, *other.shape[1:]), x.dtype))
    return Call(name, (x, index, pick((number, number, *others, T((), x.dtype)))), method=True)


def sampling(pick: Pick) -> Call:
    """Random numbers, in place of a tensor and otherwise."""
    name = pick(
        "normal_ uniform_ exponential_ cauchy_ log_normal_ geometric_ bernoulli_ zero_ bernoulli multinomial poisson "
        "normal randint_like".split()
    )
    x = some(pick, value=1)
    n = [pick((0, 1, 0.5, -1, 2, 1e6)) for _ in range(2)]
    if name == "poisson":
        return Call(name, (x,))
    if name == "multinomial":
        weights = T(pick(((3,), (2, 3), (), (1, 2, 3), (4,))), often(pick, ("float32",), KINDS), 1)
        return takes((1, 2, 3, 5, 0), replacement=flagged)(pick, name, weights)
    if name == "randint_like":
        return Call(name, (x, *pick(((1,), (5,), (0,), (-1,), (0, 3), (2, 2)))))
    if name == "normal":
        mean, std = pick((x, 0, 1.5)), pick((T(broadcast(pick, x.shape), x.dtype, 1), 0, 1.5, -1))
        sizes = () if isinstance(mean, T) or isinstance(std, T) else (any_shape(pick),)
        return Call(name, (mean, std, *sizes))
    if name.startswith("bernoulli"):
        p = pick((0.5, 0, 1, 1.5, -1))
        if name == "bernoulli_":
            p = pick((p, T(broadcast(pick, x.shape), often(pick, ("float32",), KINDS))))
        return Call(name, (x, p) if pick((True, False)) else (x,), method=True)
    if name == "zero_":
        return Call(name, (x,), method=True)
    if name == "geometric_":
        return Call(name, (x, pick((0.5, 0, 1))), method=True)
    count = pick((0, 1, 1)) if name == "exponential_" else pick((0, 1, 2))
    return Call(name, (x, *n[:count]), method=True)


_TARGETS = (
    D("float64"), D("int8"), float, int, bool, "cpu", "cpu:0", "nowhere", T((2,), "int32"), None, "x",
)  # fmt: skip


def _format(pick: Pick) -> D:
    return D(pick(("channels_last", "contiguous_format", "preserve_format")))


def conversion(pick: Pick) -> Call:
    """Conversions: ``to``, ``type`` and the like, by dtypes and devices as torch writes them."""
    name = pick("to to to type float half contiguous clone cpu requires_grad_".split())
    x = some(pick)
    formats = some_of(pick, memory_format=_format)
    if name == "to":
        named = some_of(pick, dtype=(D("int8"), None, float, "cpu"), device=("cpu",))
        named |= some_of(pick, copy=flagged) | formats
        args = [pick(_TARGETS) for _ in range(pick((0, 1, 1, 1, 2, 3)))]
        both = pick((True, False, False)) or not args
        return Call(name, (x, *args), named if both else {}, method=True)
    if name == "type":
        own = pick((D("int8"), "torch.LongTensor", "LongTensor", "torch.BoolTensor", int))
        return Call(name, (x, own), method=True)
    if name == "requires_grad_":
        return Call(name, (x, *pick(((), (True,), (False,), (1,)))), method=True)
    return Call(name, (x,), formats, method=True)


def linear_algebra(pick: Pick) -> Call:
    """Determinants, decompositions and norms; matrices of at least 2 rows are singular, so some have 1."""
    name = pick(
        "linalg.det linalg.slogdet linalg.inv linalg.svd linalg.svdvals linalg.qr linalg.eigh linalg.eigvalsh linalg.eig "
        "linalg.eigvals linalg.cholesky linalg.solve linalg.cross linalg.matrix_power linalg.matrix_rank linalg.pinv "
        "linalg.vecdot linalg.diagonal linalg.multi_dot det logdet slogdet inverse svd qr cholesky cross matrix_power "
        "matrix_exp pinverse chain_matmul vander".split()
    )
    n, m = pick((1, 1, 2, 0, 3)), pick((1, 2, 3, 0))
    last = name.rpartition(".")[2]
    solving = last in ("inv", "inverse", "cholesky", "solve")
    if solving and n > 1:
        n = 1
    lead = pick(((), (), (2,), (2, 1), (0,)))
    own = kind(pick)
    x = T((*lead, n, often(pick, (n,), (m,)) if solving else pick((n, n, m))), own, 1)
    if pick(range(12)) == 0 and not solving:
        x = T(any_shape(pick), own, 1)
    if solving and 0 in x.shape:
        x = T((*lead, n, n), own, 1)
    if name == "vander":
        return Call(name, (T(pick(((3,), (0,), (), (2, 2))), own), *pick(((), (2,), (0,), (-1,)))))
    if last in ("eigh", "eigvalsh"):
        return Call(name, (x,), some_of(pick, UPLO=("L", "U", "x")))
    if name == "linalg.svd":
        return Call(name, (x,), some_of(pick, full_matrices=flagged))
    if name == "svd":
        return takes(some=flagged, compute_uv=flagged)(pick, name, x)
    if name == "linalg.qr":
        return Call(name, (x,), some_of(pick, mode=("reduced", "complete", "r", "x")))
    if last == "matrix_power":
        small = max(x.shape[-2:], default=0) <= 1  # a larger matrix of one number has no inverse
        x = T(x.shape, x.dtype, 1 if small else 0)
        return Call(name, (x, pick((0, 1, 2, 3, -1) if small else (0, 1, 2, 3))))
    if last == "solve":
        other = pick(((*lead, n), (n, m), (n,), (*lead, n, m), (m, n), any_shape(pick)))
        right = T(other, often(pick, (own,), KINDS), 1)
        return Call(name, (x, right), some_of(pick, left=flagged))
    if last == "cross":
        sizes = tuple(pick((3, 3, 2, 1)) for _ in range(pick((1, 2, 3))))
        other = tuple(often(pick, (n, n, 1), (4,)) for n in sizes)
        pair = (T(sizes, own), T(other, often(pick, (own,), KINDS)))
        return Call(name, pair, some_of(pick, dim=dim))
    if last == "vecdot":
        x = T(any_shape(pick), own)
        return Call(name, (x, T(broadcast(pick, x.shape), own)), some_of(pick, dim=dim))
    if last in ("multi_dot", "chain_matmul"):
        rows = [pick((1, 2, 3)) for _ in range(4)]
        given = [T((a, often(pick, (b,), (b + 1,))), own) for a, b in pairwise(rows)]
        given = given[: pick((1, 2, 3))]
        if pick(range(4)) == 0:
            given[0] = T((given[0].shape[1],), own)
        return Call(name, tuple(given) if last == "chain_matmul" else (given,))
    return Call(name, (x,))


#: The flags of decompositions.
_FLAGS = {"lu": "pivot", "lu_factor": "pivot", "lu_factor_ex": "pivot", "cholesky_ex": "upper", "cholesky_inverse": "upper",
          "ldl_factor": "hermitian", "ldl_factor_ex": "hermitian"}  # fmt: skip


def decomposition(pick: Pick) -> Call:
    """What takes matrices apart, and what is solved with the parts; some of them must not be singular."""
    name = pick(
        "linalg.cholesky_ex linalg.cond linalg.householder_product linalg.ldl_factor linalg.ldl_factor_ex "
        "linalg.ldl_solve linalg.lstsq linalg.lu linalg.lu_factor linalg.lu_factor_ex linalg.lu_solve linalg.solve_ex "
        "linalg.solve_triangular linalg.tensorinv linalg.tensorsolve linalg.vander linalg.inv_ex cholesky_inverse "
        "cholesky_solve geqrf orgqr ormqr lu_solve lu_unpack triangular_solve".split()
    )
    last = name.rpartition(".")[2]
    regular = last in ("ldl_factor", "lu_factor", "cholesky_inverse")
    n, m, k = (often(pick, (1, 2, 3), (0, 4)) for _ in range(3))
    if regular:
        n, m = min(n, 1), min(m, 1)
    lead = pick(((), (), (2,), (2, 1), (0,)))
    other_lead = pick((lead, lead, lead[1:], (), (1, *lead), (3,)))
    own = often(pick, ("float32", "float64", "complex64"), KINDS)
    rows, columns = pick(((n, n), (n, n), (n, m), (m, n)))
    if regular and rows != columns and pick(range(8)):
        rows = columns = n
    x = T((*lead, rows, columns), own, 1)
    if pick(range(16)) == 0 and not regular:
        x = T(any_shape(pick), own, 1)

    def like(shape: tuple[int, ...]) -> T:
        return T(shape, often(pick, (own,), KINDS), 1)

    def right() -> T:
        usual = (*lead, rows, k)
        sizes = pick(((*other_lead, rows, k), usual, usual, (*other_lead, k, columns), (rows,)))
        return like(often(pick, (sizes,), (any_shape(pick),)))

    def flags(*names: str) -> dict[str, Any]:
        return some_of(pick, **dict.fromkeys(names, flagged))

    def pivots(count: int) -> T:
        sizes = often(pick, ((*lead, count),), ((*lead, count + 1), (count,), ()))
        return T(sizes, often(pick, ("int32",), ("int64", "float32")), 1)

    if last == "cond":
        ways = (None, 2, -2, 1, -1, float("inf"), "fro", "nuc")
        return Call(name, (x, *pick(((), (often(pick, ways, (3, "x")),)))))
    if last == "lstsq" and len(x.shape) > 1:
        usual = (None, "gelsy", "gels") if min(x.shape[-2:]) == 1 else (None, "gelsy")
        return Call(name, (x, right()), some_of(pick, driver=mostly(usual, ("x",))))
    if last in ("householder_product", "orgqr", "ormqr"):
        count = often(pick, (min(rows, columns),), (columns, 1, columns + 1))
        tau = like(often(pick, ((*lead, count),), ((count,), ())))
        if last == "ormqr":
            sizes = pick(((*lead, rows, k), (*lead, k, rows), (*other_lead, rows, rows)))
            other = T(sizes, often(pick, (own,), KINDS))
            return form(pick, name, x, tau, other, **flags("left", "transpose"))
        return Call(name, (x, tau)) if last != "orgqr" else form(pick, name, x, tau)
    if last == "triangular_solve":
        return form(pick, name, right(), x, **flags("upper", "transpose", "unitriangular"))
    if last == "solve_triangular":
        return Call(name, (x, right()), {"upper": flagged(pick)} | flags("left", "unitriangular"))
    if last == "cholesky_solve":
        return form(pick, name, right(), x, **flags("upper"))
    if last == "solve_ex":
        return Call(name, (x, right()), flags("left"))
    if last == "ldl_solve":  # which reads past the end where the batches differ
        other = T((*x.shape[:-2], rows, k), often(pick, (x.dtype,), KINDS), 1)
        return Call(name, (x, pivots(rows), other), flags("hermitian"))
    if name == "lu_solve":
        return form(pick, name, right(), x, pivots(rows))
    if last == "lu_solve":
        return Call(name, (x, pivots(rows), right()), flags("left", "adjoint"))
    if last == "lu_unpack":  # which reads past the end of what is no pivots
        count = min(x.shape[-2:], default=0)
        few = T((*x.shape[:-2], count), often(pick, ("int32",), ("int64", "float32")), 1)
        return Call(name, (x, few), flags("unpack_data", "unpack_pivots"))
    if last in ("tensorinv", "tensorsolve"):  # of one element, or of none: others have no inverse
        single, odd = ((1, 1, 1), (1, 1), (1,), (1, 1, 1, 1)), ((2, 1), (), (0, 0), (0, 1, 1, 0))
        sizes = often(pick, single, odd)
        if last == "tensorinv":
            return Call(name, (T(sizes, own, 1),), some_of(pick, ind=(1, 2, 3, 0, -1, True)))
        other = pick((sizes[: len(sizes) // 2], sizes[:1], (1, 1), ()))
        named = some_of(pick, dims=((0,), (0, 1), [1], (-1,), (3,), ()))
        return Call(name, (T(sizes, own, 1), like(other)), named)
    if last == "vander":
        x = T(any_shape(pick), kind(pick))
        return Call(name, (x,), some_of(pick, N=(1, 2, 3, 0, -1, True, None)))
    return form(pick, name, x, **flags(*_FLAGS.get(last, "").split()))


def norms(pick: Pick) -> Call:
    """Norms of vectors and matrices."""
    name = pick(("linalg.norm", "linalg.vector_norm", "linalg.matrix_norm"))
    named = some_of(
        pick,
        ord=(1, 2, -1, -2, 0, 3, float("inf"), -float("inf"), "fro", "nuc", "x"),
        dim=(0, 1, -1, (0, 1), (-2, -1), (0,), [1], (0, 0), (0, 1, 2), 7),
        keepdim=flagged,
    )
    return Call(name, (some(pick, often(pick, ("float32",), KINDS)),), named)


def fourier(pick: Pick) -> Call:
    """Fourier transforms, windows and frequencies."""
    base = pick(("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"))
    which = pick(("", "", "2", "n", "shift", "freq", "window", "stft", "stft"))
    norm = some_of(pick, norm=mostly(("ortho", "forward", None), ("x",)))
    x = T(any_shape(pick), often(pick, ("float32", "float64", "complex64", "int64"), KINDS))
    points = (1, 2, 3, 5, 8)
    if which == "":
        size = mostly(points, (0, -1, None, True))
        return Call(f"fft.{base}", (x,), norm | some_of(pick, n=size, dim=dim))
    if which in ("2", "n"):
        sizes = [often(pick, (*points, -1), (0,)) for _ in range(pick((1, 2, 2, 3)))]
        listed = some_of(pick, s=lambda pick: pick((tuple, list))(sizes), dim=dims)
        return Call(f"fft.{base}{which}", (x,), norm | listed)
    if which == "shift":
        return Call(pick(("fft.fftshift", "fft.ifftshift")), (x,), some_of(pick, dim=dims))
    if which == "freq":
        name = pick(("fft.fftfreq", "fft.rfftfreq"))
        return Call(name, (pick((0, 1, 4, 5, -1)),), some_of(pick, d=(0.5,)))
    if which == "window":
        name = f"{pick(('hann', 'hamming', 'blackman', 'bartlett', 'kaiser'))}_window"
        return Call(name, (pick((0, 1, 5, -1, True, 2.0)), *pick(((), (True,), (False,), (1,)))))
    return _short_time(pick)


def _short_time(pick: Pick) -> Call:
    n_fft = pick((4, 8, 10, 5, 1, 0))
    named = some_of(
        pick,
        hop_length=(1, 2, 3, 5, 0),
        win_length=(n_fft, n_fft, 4, 20),
        center=(True, False),
        onesided=(True, False),
    )
    if pick((True, False)):
        length = often(pick, (named.get("win_length", n_fft),), (3,))
        named["window"] = T((length,), "float32", 1)
    if pick((True, False)):
        modes = ("reflect", "constant", "replicate", "circular")
        named |= some_of(pick, return_complex=(True, True, False), pad_mode=modes)
        shape = pick(((40,), (2, 33), (3,), (2, 9), (), (2, 2, 40)))
        return Call("stft", (T(shape, often(pick, ("float32",), KINDS)), n_fft), named)
    frames = (pick((n_fft // 2 + 1, n_fft // 2 + 1, n_fft)), pick((1, 5, 9)))
    named |= some_of(pick, length=(10, 7, 30))
    x = T(pick(((*frames,), (2, *frames))), often(pick, ("complex64",), KINDS), 1)
    return Call("istft", (x, n_fft), named)


def namesake(pick: Pick) -> Call:
    """Functions and losses of `nn.functional` that stand in `torch` with other arguments."""
    from .calls_losses import native_loss

    name = pick(
        "celu threshold rrelu constant_pad_nd conv_tbc max_pool1d_with_indices grid_sampler hardshrink prelu loss".split()
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
    """What is left of torch's functions: indices of all kinds, histograms, gradients, new tensors."""
    name = pick(
        "put put_ index_reduce index_reduce_ index_put_ masked_scatter_ renorm_ nonzero_static unravel_index range "
        "gradient histogram binomial unsafe_chunk unsafe_split unsafe_split_with_sizes svd_lowrank pca_lowrank random_ "
        "new copies norm_except_dim share_memory_".split()
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


def other_functions(pick: Pick) -> Call:
    """What else networks call."""
    name = pick(
        "complex polar heaviside index_put masked_scatter select_scatter diagonal_scatter slice_scatter bucketize "
        "searchsorted isin quantile nanquantile histc cov corrcoef dist renorm trapezoid trapz cumulative_trapezoid "
        "diagflat sum_to_size combinations ger narrow_copy".split()
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
    more = {
        "histc": ((), (5,), (0,), (5, 0, 1), (5, 2, 1)),
        "diagflat": ((), (1,), (-2,), (True,)),
        "combinations": ((), (1,), (3,), (0,), (-1,)),
    }
    args = pick(more[name]) if name in more else ()
    named = some_of(pick, with_replacement=flagged) if name == "combinations" else {}
    return form(pick, name, x, *args, **named)
