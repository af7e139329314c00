"""Random calls of tensor functions and methods, legal and illegal, as `cases` has of layers."""

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
    D,
    Outcome,
    Pick,
    T,
    any_shape,
    flagged,
    flat,
    in_convshape,
    in_torch,
    memory_of,
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
    """Pick dtypes for one call; float16 with complex would make complex32."""
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


OPERATORS = (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
)


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
    name = pick(
        (
            "clamp",
            "clip",
            "clamp_min",
            "clamp_max",
            "lerp",
            "addcmul",
            "addcdiv",
            "isclose",
            "type_as",
        )
    )
    own = kind(pick)
    x = T(any_shape(pick), own, 1)

    def second() -> T:
        return T(broadcast(pick, x.shape), often(pick, (own,), KINDS), 1)

    def limit() -> Any:
        return pick((None, 0, 1, -1.5, True, second(), second()))

    if name in ("clamp", "clip"):
        return form(pick, name, x, **some_of(pick, min=limit, max=limit))
    if name in ("clamp_min", "clamp_max"):
        return form(pick, name, x, limit())
    if name == "lerp":
        return form(pick, name, x, second(), pick((0.5, 1, second(), True, 1j, T((), pick(KINDS)))))
    if name in ("isclose", "type_as"):
        return form(pick, name, x, second())
    return form(
        pick, name, x, second(), second(), **some_of(pick, value=lambda: pick((1, 0.5, True, 1j)))
    )


def reduction(pick: Pick) -> Call:
    """Sums, means, extremes and what else reduces."""
    name = pick(
        [
            "sum",
            "nansum",
            "mean",
            "nanmean",
            "amax",
            "amin",
            "any",
            "all",
            "prod",
            "argmax",
            "argmin",
            "max",
            "min",
            "median",
            "nanmedian",
            "mode",
            "std",
            "var",
            "std_mean",
            "var_mean",
            "logsumexp",
            "norm",
            "count_nonzero",
            "aminmax",
        ]
    )
    x = some(pick)
    one = name in (
        "prod",
        "argmax",
        "argmin",
        "max",
        "min",
        "median",
        "nanmedian",
        "mode",
        "aminmax",
    )
    chosen: dict[str, Any] = {}
    if pick((True, True, False)) or name == "logsumexp":
        chosen["dim"] = dim(pick) if one and pick(range(8)) else dims(pick)
    keeps = not one or "dim" in chosen or name in ("argmax", "argmin")
    if keeps and name != "count_nonzero" and pick((True, False)):
        chosen["keepdim"] = flagged(pick)
    if name in ("sum", "mean", "prod", "nansum") and pick(range(4)) == 0:
        return form(pick, name, x, **chosen)
    if name in ("std", "var", "std_mean", "var_mean") and chosen.get("dim") is True:
        # By position True is `unbiased`, by name torch refuses it: convshape reads the former.
        chosen["dim"] = 0
    if name in ("std", "var", "std_mean", "var_mean") and pick((True, False)):
        chosen["correction"] = pick((0, 1, 2, None, 0.5))
    if name == "norm" and pick((True, False)):
        chosen["p"] = pick(("fro", 1, 2, 0.5, float("inf"), "nuc", "l2", None))
    if name in ("max", "min") and pick(range(4)) == 0:
        return form(pick, name, x, T(broadcast(pick, x.shape), kind(pick)))
    if (
        chosen
        and next(iter(chosen)) == "dim"
        and pick((True, False))
        and name not in ("norm", "aminmax")
    ):
        return form(pick, name, x, chosen.pop("dim"), **chosen)
    return form(pick, name, x, **chosen)


def along(pick: Pick) -> Call:
    """What works along a dimension and keeps it."""
    name = pick(
        [
            "cumsum",
            "cumprod",
            "logcumsumexp",
            "cummax",
            "cummin",
            "topk",
            "sort",
            "argsort",
            "msort",
            "kthvalue",
            "diff",
        ]
    )
    x = some(pick)
    if name in ("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"):
        return form(pick, name, x, dim(pick))
    if name in ("topk", "kthvalue"):
        k = often(pick, (1, 1, 2, 3), (0, -1, 5, True, None, 1.0))
        more = (
            {"keepdim": lambda: flagged(pick)}
            if name == "kthvalue"
            else {"largest": lambda: flagged(pick)}
        )
        return form(pick, name, x, k, **some_of(pick, dim=lambda: dim(pick), **more))
    if name in ("softmax", "log_softmax"):
        return form(pick, name, x, dim(pick))
    if name == "msort":
        return form(pick, name, x)
    if name == "diff":
        return form(
            pick, name, x, **some_of(pick, n=lambda: pick((0, 1, 2, 9, -1)), dim=lambda: dim(pick))
        )
    return form(
        pick, name, x, **some_of(pick, dim=lambda: dim(pick), descending=lambda: flagged(pick))
    )


def size(pick: Pick) -> Any:
    return often(pick, (1, 2, 3, 4, -1), (0, -2, True, 1.0, None))


def view(pick: Pick) -> Call:
    """Other shapes for the same elements."""
    x = some(pick)
    rank = len(x.shape)
    name = pick(
        [
            "reshape",
            "view",
            "view_as",
            "reshape_as",
            "flatten",
            "ravel",
            "unflatten",
            "squeeze",
            "unsqueeze",
            "permute",
            "transpose",
            "swapaxes",
            "swapdims",
            "t",
            "adjoint",
            "movedim",
            "moveaxis",
            "expand",
            "broadcast_to",
            "expand_as",
            "repeat",
            "tile",
            "repeat_interleave",
            "flip",
            "fliplr",
            "flipud",
            "rot90",
            "roll",
            "tril",
            "triu",
            "diagonal",
            "diag",
            "diag_embed",
            "atleast_1d",
            "atleast_2d",
            "atleast_3d",
            "unfold",
            "view_as_real",
            "view_as_complex",
            "broadcast_tensors",
            "meshgrid",
            "block_diag",
        ]
    )
    if name in ("reshape", "view", "expand", "broadcast_to", "repeat", "tile"):
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
    if name in ("view_as", "reshape_as"):
        return form(pick, name, x, pick((T((*x.shape[::-1],)), some(pick))))
    if name == "expand_as":
        return form(pick, name, T(broadcast(pick, x.shape)), x)
    if name == "flatten":
        return form(
            pick, name, x, **some_of(pick, start_dim=lambda: dim(pick), end_dim=lambda: dim(pick))
        )
    if name == "unflatten":
        return form(
            pick,
            name,
            x,
            dim(pick),
            pick((tuple, list))(size(pick) for _ in range(pick((1, 2, 2, 3, 0)))),
        )
    if name == "squeeze":
        return form(pick, name, x, **some_of(pick, dim=lambda: dims(pick)))
    if name in ("unsqueeze", "expand_dims"):
        return form(pick, name, x, dim(pick))
    if name in ("permute", "flip"):
        order = list(range(rank))
        for _ in range(rank):
            order.append(order.pop(pick(range(rank))))
        if name == "flip":
            order = order[: pick(range(rank + 1))]
        order = [often(pick, (i, i - rank), (i + 1, True, 1.0)) for i in order]
        if pick((True, False)):
            return form(pick, name, x, pick((tuple, list))(order))
        return Call(name, (x, *order), method=pick((True, True, False)))
    if name in ("transpose", "swapaxes", "swapdims"):
        return form(pick, name, x, dim(pick), dim(pick))
    if name in ("movedim", "moveaxis"):
        return form(pick, name, x, dims(pick), dims(pick))
    if name == "repeat_interleave":
        repeats = pick((1, 2, 3, 0, -1, True, 1.0, 2))
        return form(pick, name, x, repeats, **some_of(pick, dim=lambda: dim(pick)))
    if name == "rot90":
        named = some_of(
            pick,
            k=lambda: pick((0, 1, 2, 3, -1)),
            dims=lambda: pick(((0, 1), [1, 2], (0, -1), (0, 0), (0,))),
        )
        return form(pick, name, x, **named)
    if name == "roll":
        shifts = pick((1, -2, (1,), (1, 2), 0))
        return form(
            pick, name, x, shifts, **some_of(pick, dims=lambda: pick((dims(pick), (0,), (0, 1))))
        )
    if name in ("tril", "triu", "diag"):
        return form(pick, name, x, **some_of(pick, diagonal=lambda: pick((0, 1, -1, 7, True))))
    if name in ("diagonal", "diag_embed"):
        return form(
            pick,
            name,
            x,
            **some_of(
                pick,
                offset=lambda: pick((0, 1, -1, 7)),
                dim1=lambda: dim(pick),
                dim2=lambda: dim(pick),
            ),
        )
    if name == "unfold":
        return form(pick, name, x, dim(pick), pick((1, 2, 3, 0, -1, 5)), pick((1, 2, 0, -1, 3)))
    if name in (
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
        "broadcast_tensors",
        "meshgrid",
        "block_diag",
    ):
        more = [T(broadcast(pick, x.shape), x.dtype) for _ in range(pick(range(3)))]
        if name == "meshgrid":
            given = [
                T(often(pick, ((2,), (3,), ()), ((0,), (2, 2))), often(pick, (x.dtype,), KINDS))
                for _ in range(pick(range(4)))
            ]
            return Call(
                name, tuple(given), some_of(pick, indexing=lambda: pick(("ij", "xy", "yx")))
            )
        return Call(name, (x, *more))
    return form(pick, name, x)


def joining(pick: Pick) -> Call:
    """Cat, stack and the like."""
    name = pick(
        [
            "cat",
            "concat",
            "concatenate",
            "stack",
            "hstack",
            "vstack",
            "row_stack",
            "dstack",
            "column_stack",
            "cartesian_prod",
            "nn.utils.rnn.pad_sequence",
        ]
    )
    x = some(pick)
    along = dim(pick)
    others = []
    for _ in range(pick((0, 1, 1, 2))):
        shape = list(x.shape)
        if (
            isinstance(along, int)
            and -len(shape) <= along < len(shape)
            and pick((True, True, False))
        ):
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
        sides = lambda: often(pick, ("left", "right"), ("up",))  # noqa: E731
        values = lambda: often(pick, (0.5, 1, True), (1j, "a"))  # noqa: E731
        named = some_of(
            pick, batch_first=lambda: flagged(pick), padding_side=sides, padding_value=values
        )
        return Call(name, (tensors,), named)
    if (name.startswith("c") and name != "column_stack") or name == "stack":
        return Call(name, (tensors,), {"dim": along} if pick((True, True, False)) else {})
    return Call(name, (tensors,))


def splitting(pick: Pick) -> Call:
    """Split, chunk and the like."""
    name = pick(
        [
            "split",
            "split_with_sizes",
            "chunk",
            "tensor_split",
            "hsplit",
            "vsplit",
            "dsplit",
            "unbind",
            "narrow",
            "select",
        ]
    )
    x = some(pick)
    along = dim(pick)
    known = type(along) is int and -len(x.shape) <= along < len(x.shape)
    length = x.shape[along] if known else 2
    cut = pick(range(length + 1))
    sizes = pick(([cut, length - cut], (length,), [cut, length - cut, 0], (1, 1), [cut, -1]))
    parts = often(pick, (1, 2, 3), (0, -1, 7, True, 1.0, None))
    if name == "unbind":
        return form(pick, name, x, **some_of(pick, dim=lambda: along))
    if name == "narrow":
        return form(pick, name, x, along, pick((0, 1, -1, 3, 5)), pick((0, 1, 2, -1)))
    if name == "select":
        return form(pick, name, x, along, often(pick, (0, -1, 1), (3, -5, True, None)))
    if name == "split_with_sizes":
        return form(pick, name, x, sizes, **some_of(pick, dim=lambda: along))
    if name == "chunk":
        return form(pick, name, x, parts, **some_of(pick, dim=lambda: along))
    if name == "tensor_split":
        return form(
            pick,
            name,
            x,
            pick((parts, (1, 2), [0], (-1, 2), ())),
            **some_of(pick, dim=lambda: along),
        )
    if name in ("hsplit", "vsplit", "dsplit"):
        return form(pick, name, x, pick((parts, (1, 2), [0])))
    return form(pick, name, x, pick((parts, sizes)), **some_of(pick, dim=lambda: along))


def subscript(pick: Pick) -> Call:
    """``x[...]``."""
    x = some(pick)

    def bound() -> Any:
        return often(pick, (None, 0, 1, 2, -1), (9, -9, True))

    def item() -> Any:
        which = pick(
            [
                "int",
                "int",
                "slice",
                "slice",
                "slice",
                "none",
                "dots",
                "tensor",
                "tensor",
                "list",
                "bool",
                "odd",
            ]
        )
        if which == "int":
            return often(pick, (0, 0, -1), (1, 3, -4))
        if which == "slice":
            return slice(bound(), bound(), often(pick, (None, None, 1, 2), (0, -1, 9)))
        if which == "tensor":
            return T(
                pick(((), (2,), (1,), (3,), (2, 3), (0,), (2, 1))),
                often(pick, ("int64",), ("int32", "float32", "int16")),
            )
        if which == "list":
            return pick(([0, 0], [0], [[0, 0], [0, 0]], [0, -1]))
        return {"none": None, "dots": ..., "bool": pick((True, False)), "odd": pick((1.0, "a"))}[
            which
        ]

    items = [item() for _ in range(pick((1, 1, 2, 2, 3, 4)))]
    while (
        items.count(...) > 1
    ):  # torch takes a second one where nothing comes after it; convshape does not
        items.remove(...)
    return Call(
        "__getitem__",
        (x, tuple(items) if len(items) > 1 or pick((True, False)) else items[0]),
        method=True,
    )


def indexing(pick: Pick) -> Call:
    """Gather, scatter, fill and the like."""
    name = pick(
        [
            "gather",
            "index_select",
            "take",
            "take_along_dim",
            "masked_fill",
            "where",
            "index_fill",
            "index_add",
            "index_copy",
            "scatter",
            "scatter_add",
        ]
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
        src = T(
            tuple(often(pick, (n,), (n + 1, max(n - 1, 0))) for n in like),
            often(pick, (x.dtype,), KINDS),
        )
        return form(
            pick,
            name,
            x,
            along,
            index,
            src if name == "scatter_add" or pick((True, True, False)) else 1.0,
        )
    if name == "index_select":
        return form(pick, name, x, along, vector)
    if name == "index_fill":
        return form(pick, name, x, along, vector, pick((0, 1.5, True, T(()), T((1,)))))
    if name in ("index_add", "index_copy"):
        shape = list(x.shape)
        if type(along) is int and -len(shape) <= along < len(shape):
            shape[along] = vector.shape[0] if vector.shape else 1
        source = T(
            tuple(often(pick, (n,), (n + 1,)) for n in shape), often(pick, (x.dtype,), KINDS)
        )
        return form(pick, name, x, along, vector, source)
    if name == "take":
        return form(pick, name, x, T(any_shape(pick), index_kind))
    if name == "take_along_dim":
        other = tuple(often(pick, (n, 1), (n + 1,)) for n in x.shape)
        return form(pick, name, x, T(other, index_kind), **some_of(pick, dim=lambda: along))
    mask = T(broadcast(pick, x.shape), often(pick, ("bool",), ("uint8", "float32", "int64")))
    if name == "masked_fill":
        return form(
            pick,
            name,
            x,
            mask,
            pick((0, -1e9, float("-inf"), True, T((), kind(pick)), T((1,)), None)),
        )
    second = T(broadcast(pick, x.shape), kind(pick))
    return Call("where", (mask, pick((x, 0.0, 1)), pick((second, 1.5, 2, True))))


def matrix(pick: Pick) -> Call:
    """Products of matrices."""
    name = pick(
        [
            "mm",
            "bmm",
            "mv",
            "dot",
            "vdot",
            "matmul",
            "inner",
            "outer",
            "addmm",
            "addmv",
            "baddbmm",
            "addbmm",
            "addr",
            "tensordot",
            "einsum",
            "cdist",
            "trace",
            "kron",
        ]
    )
    own = kind(pick)
    b, n, k, m = (often(pick, (1, 2, 3), (0, 4)) for _ in range(4))

    def t(*shape: int) -> T:
        sizes = tuple(often(pick, (s,) * 3, (s + 1, 1)) for s in shape)
        if pick(range(24)) == 0:
            sizes = any_shape(pick)
        return T(sizes, often(pick, (own,) * 2, (own, *KINDS)))

    if name in ("mm", "bmm", "mv", "dot", "vdot", "outer"):
        shapes = {
            "mm": ((n, k), (k, m)), "bmm": ((b, n, k), (b, k, m)), "mv": ((n, k), (k,)),
            "dot": ((k,), (k,)), "vdot": ((k,), (k,)), "outer": ((n,), (m,)),
        }[name]  # fmt: skip
        return form(pick, name, *(t(*s) for s in shapes))
    if name in ("matmul", "cdist"):
        lead = tuple(often(pick, (1, 2), (0, 3)) for _ in range(pick((0, 0, 1, 2))))
        other = lead[pick(range(len(lead) + 1)) :]
        right = (m, k) if name == "cdist" else pick(((k, m), (k, m), (k,)))
        left = pick(((n, k), (n, k), (k,)))
        first, second = (
            t(*lead, *left) if left != (k,) else t(k),
            t(*other, *right) if len(right) > 1 else t(k),
        )
        return form(pick, name, first, second) if name == "matmul" else Call(name, (first, second))
    if name == "inner":
        return form(pick, name, t(*any_shape(pick)[:2], k), t(*any_shape(pick)[:2], k))
    if name.startswith("add") or name == "baddbmm":
        product = {
            "addmm": (n, m),
            "addmv": (n,),
            "baddbmm": (b, n, m),
            "addbmm": (n, m),
            "addr": (n, m),
        }[name]
        pair = {
            "addmm": ((n, k), (k, m)), "addmv": ((n, k), (k,)), "baddbmm": ((b, n, k), (b, k, m)),
            "addbmm": ((b, n, k), (b, k, m)), "addr": ((n,), (m,)),
        }[name]  # fmt: skip
        extra = (
            some_of(pick, beta=lambda: pick((1, 0, 2, True, 1.5)), alpha=lambda: pick((1, 2)))
            if pick((True, False))
            else {}
        )
        first = T(broadcast(pick, product), own)
        return form(pick, name, first, t(*pair[0]), t(*pair[1]), **extra)
    if name == "tensordot" and own == "bool":
        own = "int64"  # torch multiplies bools here on some of its ways, and refuses them on others
    if name == "tensordot":
        how = pick(
            (
                1,
                2,
                0,
                3,
                -1,
                ([0], [0]),
                ((1, 0), (0, 1)),
                ([-1], [0]),
                ([0, 0], [0, 1]),
                ([0],),
                True,
            )
        )
        return Call(name, (t(n, k), pick((t(k, m), t(n, k), t(k, n)))), {"dims": how})
    if name == "einsum":
        equation, *shapes = pick(
            (
                ("ij,jk->ik", (n, k), (k, m)), ("bij,bjk->bik", (b, n, k), (b, k, m)),
                ("ij->ji", (n, k)), ("ii->i", (n, n)), ("ij,jk", (n, k), (k, m)),
                ("...ij,...jk->...ik", (b, n, k), (k, m)),
                ("nhqd,nhkd->nhqk", (b, 2, n, k), (b, 2, m, k)), ("i,j->ij", (n,), (m,)),
                ("ij->", (n, k)), ("ij,kj->q", (n, k), (m, k)), ("...->...", (n, k)),
                ("ba", (n, k)), ("i j -> j i", (n, k)),
                ("ij,jk->ii", (n, k), (k, m)), ("b...,b->b...", (b, n, k), (b,)), ("1j->j", (n, k)),
                ("...a->a...", (b, n, k)), ("ij,ij->ij", (n, k), (n, k)), ("Aij->iA", (b, n, k)),
                ("ij,", (n, k), ()),
            )
        )  # fmt: skip
        return Call(name, (equation, *(t(*s) for s in shapes)))
    if name == "trace":
        return form(pick, name, t(n, m))
    return form(pick, name, some(pick), some(pick))


def creation(pick: Pick) -> Call:
    """New tensors."""
    name = pick(
        [
            "zeros",
            "ones",
            "empty",
            "rand",
            "randn",
            "zeros_like",
            "ones_like",
            "empty_like",
            "rand_like",
            "randn_like",
            "new_zeros",
            "new_ones",
            "new_empty",
            "new_full",
            "full",
            "full_like",
            "arange",
            "linspace",
            "logspace",
            "eye",
            "randint",
            "randperm",
            "tril_indices",
            "triu_indices",
            "tensor",
            "as_tensor",
            "asarray",
        ]
    )

    def n() -> Any:
        return often(pick, (1, 2, 3, 0), (-1, True, 1.0, None, "2"))

    shape = [n() for _ in range(pick(range(4)))]
    as_one = pick((True, False))
    x = some(pick)
    fill = pick((0, 1.5, True, 1j))
    if name in ("zeros", "ones", "empty", "rand", "randn"):
        return Call(name, (tuple(shape),) if as_one or not shape else tuple(shape))
    if name.endswith("_like") and name != "full_like":
        return Call(name, (x,))
    if name in ("new_zeros", "new_ones", "new_empty"):
        return Call(name, (x, tuple(shape)) if as_one or not shape else (x, *shape), method=True)
    if name == "new_full":
        return Call(name, (x, tuple(shape), fill), method=True)
    if name == "full":
        return Call(name, (tuple(shape), fill))
    if name == "full_like":
        return Call(name, (x, fill))
    if name == "arange":
        values = [pick((0, 1, 5, -3, 0.5, 2.5, 7, True)) for _ in range(pick((1, 2, 3)))]
        return Call(name, tuple(values))
    if name in ("linspace", "logspace"):
        return Call(name, (pick((0, 1.5, -1)), pick((1, 2.5)), n()))
    if name == "eye":
        return Call(name, (n(),) if pick((True, False)) else (n(), n()))
    if name == "randint":
        return Call(
            name,
            (pick((1, 5, 0, -1)), tuple(shape))
            if pick((True, False))
            else (pick((0, 3)), pick((2, 5)), tuple(shape)),
        )
    if name == "randperm":
        return Call(name, (n(),))
    if name in ("tril_indices", "triu_indices"):
        args = (pick((0, 1, 3, 5, -1)), pick((0, 1, 3, 5, -1)))
        return Call(name, args if pick((True, False)) else (*args, pick((0, 1, -1, 2, -2, 7, -7))))
    one = T(pick(((), (1,), (1, 1))), kind(pick))
    written: tuple[Any, ...] = (
        1,
        2.5,
        True,
        [1, 2],
        [[1, 2], [3.5, 4]],
        [],
        [[]],
        [[1], [2, 3]],
        ((1, 2), [3, 4]),
        1j,
        "a",
        [None],
    )
    tensors = (
        x,
        [x],
        [x, x],
        [one],
        [one, 1],
        [1, one],
        [one, T((1,))],
        [[1, 2], T((2,))],
        [[x], [x]],
        [one, [1]],
    )
    named = some_of(pick, dtype=lambda: D(kind(pick))) if pick((True, False, False)) else {}
    data = pick(pick((written, tensors)))
    return (
        Call(name, (data,), named)
        if pick(range(4))
        else Call("new_tensor", (x, data), named, method=True)
    )


def inplace(pick: Pick) -> Call:
    """Operations in place of their first tensor."""
    families = (unary, binary, other_pointwise, along, view, indexing, matrix)
    call = pick(families)(pick)
    while f"{call.name}_" not in METHODS or not call.args or not isinstance(call.args[0], T):
        call = pick(families)(pick)
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
    others = (
        other,
        T(any_shape(pick), pick(own)),
        T((1, *other.shape[1:]), x.dtype),
        T((), x.dtype),
    )
    values = (number, number, *others)
    return Call(name, (x, index, pick(values)), method=True)


def sampling(pick: Pick) -> Call:
    """Random numbers, in place of a tensor and otherwise."""
    name = pick(
        "normal_ uniform_ exponential_ cauchy_ log_normal_ geometric_ bernoulli_ zero_ bernoulli "
        "multinomial poisson normal randint_like".split()
    )
    x = some(pick, value=1)
    n = [pick((0, 1, 0.5, -1, 2, 1e6)) for _ in range(2)]
    if name == "poisson":
        return Call(name, (x,))
    if name == "multinomial":
        weights = T(pick(((3,), (2, 3), (), (1, 2, 3), (4,))), often(pick, ("float32",), KINDS), 1)
        return form(
            pick,
            name,
            weights,
            pick((1, 2, 3, 5, 0)),
            **some_of(pick, replacement=lambda: flagged(pick)),
        )
    if name == "randint_like":
        return Call(name, (x, *pick(((1,), (5,), (0,), (-1,), (0, 3), (2, 2)))))
    if name == "normal":
        mean, std = pick((x, 0, 1.5)), pick((T(broadcast(pick, x.shape), x.dtype, 1), 0, 1.5, -1))
        sizes = () if isinstance(mean, T) or isinstance(std, T) else (any_shape(pick),)
        return Call(name, (mean, std, *sizes))
    if name in ("bernoulli_", "bernoulli"):
        p = pick((0.5, 0, 1, 1.5, -1))
        if name == "bernoulli_":
            p = pick((p, T(broadcast(pick, x.shape), often(pick, ("float32",), KINDS))))
        return Call(name, (x, p) if pick((True, False)) else (x,), method=True)
    if name == "zero_":
        return Call(name, (x,), method=True)
    if name == "geometric_":
        return Call(name, (x, pick((0.5, 0, 1))), method=True)
    return Call(
        name, (x, *n[: pick((0, 1, 1)) if name == "exponential_" else pick((0, 1, 2))]), method=True
    )


def conversion(pick: Pick) -> Call:
    """Conversions: ``to``, ``type`` and the like, by dtypes and devices as torch writes them."""
    name = pick(
        ("to", "to", "to", "type", "float", "half", "contiguous", "clone", "cpu", "requires_grad_")
    )
    x = some(pick)

    def other() -> Any:
        return pick(
            (
                D("float64"),
                D("int8"),
                float,
                int,
                bool,
                "cpu",
                "cpu:0",
                "nowhere",
                T((2,), "int32"),
                None,
                "x",
            )
        )

    formats = some_of(
        pick,
        memory_format=lambda: D(pick(("channels_last", "contiguous_format", "preserve_format"))),
    )
    if name == "to":
        named = some_of(
            pick, dtype=lambda: pick((D("int8"), None, float, "cpu")), device=lambda: "cpu"
        )
        named |= some_of(pick, copy=lambda: flagged(pick)) | formats
        args = [other() for _ in range(pick((0, 1, 1, 1, 2, 3)))]
        return Call(
            name, (x, *args), named if pick((True, False, False)) or not args else {}, method=True
        )
    if name == "type":
        return Call(
            name,
            (x, pick((D("int8"), "torch.LongTensor", "LongTensor", "torch.BoolTensor", int))),
            method=True,
        )
    if name == "requires_grad_":
        return Call(name, (x, *pick(((), (True,), (False,), (1,)))), method=True)
    return Call(name, (x,), {} if name == "requires_grad_" else formats, method=True)


def linear_algebra(pick: Pick) -> Call:
    """Determinants, decompositions and norms; only matrices of 1 row are not singular."""
    name = pick(
        "linalg.det linalg.slogdet linalg.inv linalg.svd linalg.svdvals linalg.qr linalg.eigh "
        "linalg.eigvalsh linalg.eig linalg.eigvals linalg.cholesky linalg.solve linalg.cross "
        "linalg.matrix_power linalg.matrix_rank linalg.pinv linalg.vecdot linalg.diagonal "
        "linalg.multi_dot det logdet slogdet inverse svd qr cholesky cross matrix_power "
        "matrix_exp pinverse chain_matmul vander".split()
    )
    n, m = pick((1, 1, 2, 0, 3)), pick((1, 2, 3, 0))
    solving = name.rpartition(".")[2] in ("inv", "inverse", "cholesky", "solve")
    if solving and n > 1:
        n = 1
    lead = pick(((), (), (2,), (2, 1), (0,)))
    own = kind(pick)
    x = T((*lead, n, often(pick, (n,), (m,)) if solving else pick((n, n, m))), own, 1)
    if pick(range(12)) == 0 and not solving:
        x = T(any_shape(pick), own, 1)
    if solving and 0 in x.shape:
        x = T((*lead, n, n), own, 1)
    last = name.rpartition(".")[2]
    if name == "vander":
        return Call(name, (T(pick(((3,), (0,), (), (2, 2))), own), *pick(((), (2,), (0,), (-1,)))))
    if last in ("eigh", "eigvalsh"):
        return Call(name, (x,), some_of(pick, UPLO=lambda: pick(("L", "U", "x"))))
    if name == "linalg.svd":
        return Call(name, (x,), some_of(pick, full_matrices=lambda: flagged(pick)))
    if name == "svd":
        return form(
            pick,
            name,
            x,
            **some_of(pick, some=lambda: flagged(pick), compute_uv=lambda: flagged(pick)),
        )
    if name == "linalg.qr":
        return Call(name, (x,), some_of(pick, mode=lambda: pick(("reduced", "complete", "r", "x"))))
    if last == "matrix_power":
        small = max(x.shape[-2:], default=0) <= 1  # a larger matrix of one number has no inverse
        x = T(x.shape, x.dtype, 1 if small else 0)
        return Call(name, (x, pick((0, 1, 2, 3, -1) if small else (0, 1, 2, 3))))
    if last == "solve":
        other = pick(((*lead, n), (n, m), (n,), (*lead, n, m), (m, n), any_shape(pick)))
        return Call(
            name,
            (x, T(other, often(pick, (own,), KINDS), 1)),
            some_of(pick, left=lambda: flagged(pick)),
        )
    if last == "cross":
        sizes = tuple(pick((3, 3, 2, 1)) for _ in range(pick((1, 2, 3))))
        other = tuple(often(pick, (each, each, 1), (4,)) for each in sizes)
        return Call(
            name,
            (T(sizes, own), T(other, often(pick, (own,), KINDS))),
            some_of(pick, dim=lambda: dim(pick)),
        )
    if last == "vecdot":
        x = T(any_shape(pick), own)
        return Call(
            name, (x, T(broadcast(pick, x.shape), own)), some_of(pick, dim=lambda: dim(pick))
        )
    if last in ("multi_dot", "chain_matmul"):
        rows = [pick((1, 2, 3)) for _ in range(4)]
        given = [T((a, often(pick, (b,), (b + 1,))), own) for a, b in pairwise(rows)]
        given = given[: pick((1, 2, 3))]
        if pick(range(4)) == 0:
            given[0] = T((given[0].shape[1],), own)
        return Call(name, tuple(given) if last == "chain_matmul" else (given,))
    return Call(name, (x,))


def decomposition(pick: Pick) -> Call:
    """Decompositions and solvers that use them; some matrices must not be singular."""
    name = pick(
        "linalg.cholesky_ex linalg.cond linalg.householder_product linalg.ldl_factor "
        "linalg.ldl_factor_ex linalg.ldl_solve linalg.lstsq linalg.lu linalg.lu_factor "
        "linalg.lu_factor_ex linalg.lu_solve linalg.solve_ex linalg.solve_triangular "
        "linalg.tensorinv linalg.tensorsolve linalg.vander linalg.inv_ex cholesky_inverse "
        "cholesky_solve geqrf orgqr ormqr lu_solve lu_unpack triangular_solve".split()
    )
    last = name.rpartition(".")[2]
    n, m, k = (often(pick, (1, 2, 3), (0, 4)) for _ in range(3))
    if last in ("ldl_factor", "lu_factor", "cholesky_inverse"):
        n, m = min(n, 1), min(m, 1)
    lead = pick(((), (), (2,), (2, 1), (0,)))
    other_lead = pick((lead, lead, lead[1:], (), (1, *lead), (3,)))
    own = often(pick, ("float32", "float64", "complex64"), KINDS)
    rows, columns = pick(((n, n), (n, n), (n, m), (m, n)))
    if (
        last in ("cholesky_inverse", "ldl_factor", "lu_factor")
        and rows != columns
        and pick(range(8))
    ):
        rows = columns = n
    x = T((*lead, rows, columns), own, 1)
    if pick(range(16)) == 0 and last not in ("ldl_factor", "lu_factor", "cholesky_inverse"):
        x = T(any_shape(pick), own, 1)

    def right(kind: str | None = None) -> T:
        sizes = pick(
            (
                (*other_lead, rows, k),
                (*lead, rows, k),
                (*lead, rows, k),
                (*other_lead, k, columns),
                (rows,),
            )
        )
        return T(often(pick, (sizes,), (any_shape(pick),)), kind or often(pick, (own,), KINDS), 1)

    def flags(*names: str) -> dict[str, Any]:
        return some_of(pick, **{each: lambda: flagged(pick) for each in names})

    def pivots(count: int) -> T:
        sizes = often(pick, ((*lead, count),), ((*lead, count + 1), (count,), ()))
        return T(sizes, often(pick, ("int32",), ("int64", "float32")), 1)

    if last == "cond":
        ways = (None, 2, -2, 1, -1, float("inf"), "fro", "nuc")
        return Call(name, (x, *pick(((), (often(pick, ways, (3, "x")),)))))
    if last == "lstsq" and len(x.shape) > 1:
        usual = (None, "gelsy", "gels") if min(x.shape[-2:]) == 1 else (None, "gelsy")
        return Call(name, (x, right()), some_of(pick, driver=lambda: often(pick, usual, ("x",))))
    if last in ("householder_product", "orgqr", "ormqr"):
        count = often(pick, (min(rows, columns),), (columns, 1, columns + 1))
        tau = T(often(pick, ((*lead, count),), ((count,), ())), often(pick, (own,), KINDS), 1)
        if last == "ormqr":
            sizes = pick(((*lead, rows, k), (*lead, k, rows), (*other_lead, rows, rows)))
            return form(
                pick,
                name,
                x,
                tau,
                T(sizes, often(pick, (own,), KINDS)),
                **flags("left", "transpose"),
            )
        return Call(name, (x, tau)) if last != "orgqr" else form(pick, name, x, tau)
    if last in ("solve_triangular", "triangular_solve"):
        if last == "triangular_solve":
            return form(pick, name, right(), x, **flags("upper", "transpose", "unitriangular"))
        return Call(name, (x, right()), {"upper": flagged(pick)} | flags("left", "unitriangular"))
    if last == "cholesky_solve":
        return form(pick, name, right(), x, **flags("upper"))
    if last == "solve_ex":
        return Call(name, (x, right()), flags("left"))
    if last == "ldl_solve":  # which reads past the end where the batches differ
        other = T((*x.shape[:-2], rows, k), often(pick, (x.dtype,), KINDS), 1)
        return Call(name, (x, pivots(rows), other), flags("hermitian"))
    if last == "lu_solve":
        if name == last:
            return form(pick, name, right(), x, pivots(rows))
        return Call(name, (x, pivots(rows), right()), flags("left", "adjoint"))
    if last == "lu_unpack":  # which reads past the end of what is no pivots
        few = T(
            (*x.shape[:-2], min(x.shape[-2:], default=0)),
            often(pick, ("int32",), ("int64", "float32")),
            1,
        )
        return Call(name, (x, few), flags("unpack_data", "unpack_pivots"))
    if last == "tensorinv":  # of one element, or of none: others have no inverse
        sizes = often(
            pick, ((1, 1, 1), (1, 1), (1,), (1, 1, 1, 1)), ((2, 1), (), (0, 0), (0, 1, 1, 0))
        )
        return Call(
            name, (T(sizes, own, 1),), some_of(pick, ind=lambda: pick((1, 2, 3, 0, -1, True)))
        )
    if last == "tensorsolve":
        sizes = often(
            pick, ((1, 1, 1), (1, 1), (1,), (1, 1, 1, 1)), ((2, 1), (), (0, 0), (0, 1, 1, 0))
        )
        other = pick((sizes[: len(sizes) // 2], sizes[:1], (1, 1), ()))
        named = some_of(pick, dims=lambda: pick(((0,), (0, 1), [1], (-1,), (3,), ())))
        return Call(name, (T(sizes, own, 1), T(other, often(pick, (own,), KINDS), 1)), named)
    if last == "vander":
        return Call(
            name,
            (T(any_shape(pick), kind(pick)),),
            some_of(pick, N=lambda: pick((1, 2, 3, 0, -1, True, None))),
        )
    if last == "cholesky_inverse":
        return form(pick, name, x, **flags("upper"))
    extra = {
        "lu": ("pivot",),
        "lu_factor": ("pivot",),
        "lu_factor_ex": ("pivot",),
        "cholesky_ex": ("upper",),
    }
    hermitian = ("hermitian",) if last.startswith("ldl") else ()
    return form(pick, name, x, **flags(*extra.get(last, hermitian)))


def norms(pick: Pick) -> Call:
    """Norms of vectors and matrices."""
    name = pick(("linalg.norm", "linalg.vector_norm", "linalg.matrix_norm"))
    named = some_of(
        pick,
        ord=lambda: pick((1, 2, -1, -2, 0, 3, float("inf"), -float("inf"), "fro", "nuc", "x")),
        dim=lambda: pick((0, 1, -1, (0, 1), (-2, -1), (0,), [1], (0, 0), (0, 1, 2), 7)),
        keepdim=lambda: flagged(pick),
    )
    return Call(name, (some(pick, often(pick, ("float32",), KINDS)),), named)


def fourier(pick: Pick) -> Call:
    """Fourier transforms, windows and frequencies."""
    base = pick(("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"))
    which = pick(("", "", "2", "n", "shift", "freq", "window", "stft", "stft"))
    norm = some_of(pick, norm=lambda: often(pick, ("ortho", "forward", None), ("x",)))
    x = T(any_shape(pick), often(pick, ("float32", "float64", "complex64", "int64"), KINDS))
    points = (1, 2, 3, 5, 8)
    if which == "":
        return Call(
            f"fft.{base}",
            (x,),
            norm
            | some_of(
                pick, n=lambda: often(pick, points, (0, -1, None, True)), dim=lambda: dim(pick)
            ),
        )
    if which in ("2", "n"):
        sizes = [often(pick, (*points, -1), (0,)) for _ in range(pick((1, 2, 2, 3)))]
        return Call(
            f"fft.{base}{which}",
            (x,),
            norm | some_of(pick, s=lambda: pick((tuple, list))(sizes), dim=lambda: dims(pick)),
        )
    if which == "shift":
        return Call(
            pick(("fft.fftshift", "fft.ifftshift")), (x,), some_of(pick, dim=lambda: dims(pick))
        )
    if which == "freq":
        return Call(
            pick(("fft.fftfreq", "fft.rfftfreq")),
            (pick((0, 1, 4, 5, -1)),),
            some_of(pick, d=lambda: 0.5),
        )
    if which == "window":
        name = f"{pick(('hann', 'hamming', 'blackman', 'bartlett', 'kaiser'))}_window"
        return Call(name, (pick((0, 1, 5, -1, True, 2.0)), *pick(((), (True,), (False,), (1,)))))
    n_fft = pick((4, 8, 10, 5, 1, 0))
    named = some_of(
        pick,
        hop_length=lambda: pick((1, 2, 3, 5, 0)),
        win_length=lambda: pick((n_fft, n_fft, 4, 20)),
        center=lambda: pick((True, False)),
        onesided=lambda: pick((True, False)),
    )
    if pick((True, False)):
        length = often(pick, (named.get("win_length", n_fft),), (3,))
        named["window"] = T((length,), "float32", 1)
    if pick((True, False)):
        named |= some_of(
            pick,
            return_complex=lambda: pick((True, True, False)),
            pad_mode=lambda: pick(("reflect", "constant", "replicate", "circular")),
        )
        return Call(
            "stft",
            (
                T(
                    pick(((40,), (2, 33), (3,), (2, 9), (), (2, 2, 40))),
                    often(pick, ("float32",), KINDS),
                ),
                n_fft,
            ),
            named,
        )
    frames = (pick((n_fft // 2 + 1, n_fft // 2 + 1, n_fft)), pick((1, 5, 9)))
    named |= some_of(pick, length=lambda: pick((10, 7, 30)))
    return Call(
        "istft",
        (T(pick(((*frames,), (2, *frames))), often(pick, ("complex64",), KINDS), 1), n_fft),
        named,
    )


def namesake(pick: Pick) -> Call:
    """Functions and losses of `nn.functional` that stand in `torch` with other arguments."""
    from .calls_losses import native_loss

    names = (
        "celu threshold rrelu constant_pad_nd conv_tbc max_pool1d_with_indices grid_sampler "
        "hardshrink prelu loss"
    ).split()
    name = pick(names)
    x = some(pick)
    number = often(pick, (1, 0.5, -1, 2), (0, True, "x", None, 1j))
    if name == "celu":
        return Call(name, (x, *pick(((), (number,)))))
    if name == "threshold":
        return Call(name, (x, number, pick((number, 0))))
    if name == "rrelu":
        args = pick(((), (0.1,), (0.1, 0.3), (0.3, 0.1), (number, 2)))
        return Call(name, (x, *args), some_of(pick, training=lambda: flagged(pick)))
    if name == "hardshrink":
        return form(pick, name, x, *pick(((), (0.5,), (number,))))
    if name == "prelu":
        count = x.shape[1] if len(x.shape) > 1 else 1
        weight = T(
            often(pick, ((1,), (count,)), ((), (2,), (1, 1))), often(pick, (x.dtype,), KINDS)
        )
        return form(pick, name, x, weight)
    if name == "constant_pad_nd":
        pad = [often(pick, (0, 1, 2, -1), (-3, True, 1.0)) for _ in range(pick((2, 2, 4, 0, 3, 6)))]
        return Call(
            name, (x, pad), some_of(pick, value=lambda: pick((0, 1.5, -1, True, 1000, -1e9, -1.0)))
        )
    if name == "conv_tbc":
        length, batch, channels, out, wide = (often(pick, (1, 2, 3, 4), (0,)) for _ in range(5))
        own = often(pick, ("float32",), KINDS)
        sizes = ((length, batch, channels), (wide, channels, out), (out,))
        given = (
            T(
                often(pick, (s,), ((*s[:-1], s[-1] + 1), any_shape(pick))),
                often(pick, (own,), KINDS),
            )
            for s in sizes
        )
        return Call(
            name, tuple(given), some_of(pick, pad=lambda: often(pick, (0, 1, 2), (-1, True)))
        )
    if name == "max_pool1d_with_indices":
        case = layer_function(pick)
        while (
            not case[0].endswith("max_pool1d") or "adaptive" in case[0] or "fractional" in case[0]
        ):
            case = layer_function(pick)
        return Call(name, case[1], {k: v for k, v in case[2].items() if k != "return_indices"})
    if name == "grid_sampler":
        n, c, *rest = (often(pick, (1, 2, 3), (0,)) for _ in range(4 + pick((0, 1))))
        own = often(pick, ("float32",), ("float64", "int64"))
        grid = T(
            (n, *(2 for _ in rest), often(pick, (len(rest),), (1,))),
            often(pick, (own,), ("float64",)),
        )
        modes = (often(pick, (0, 1, 2), (True,)), often(pick, (0, 1, 2), (True, 1.0)))
        return Call(name, (T((n, c, *rest), own), grid, *modes, flagged(pick)))
    return native_loss(pick)


def misfits(pick: Pick) -> Call:
    """The rest of torch's functions: indices of all kinds, histograms, gradients, new tensors."""
    name = pick(
        "put put_ index_reduce index_reduce_ index_put_ masked_scatter_ renorm_ nonzero_static "
        "unravel_index range gradient histogram binomial unsafe_chunk unsafe_split "
        "unsafe_split_with_sizes svd_lowrank pca_lowrank random_ new copies norm_except_dim "
        "share_memory_".split()
    )
    own = often(pick, ("float32",), KINDS)
    x = T(any_shape(pick), own, 1)
    method = name.endswith("_")
    if name in ("put", "put_"):
        count = pick((0, 1, 2, 3))
        index = T(pick(((count,), (count, 1), (count, 2))), often(pick, ("int64",), KINDS))
        source = T(often(pick, (index.shape,), ((count,), (4,))), often(pick, (own,), KINDS))
        named = some_of(pick, accumulate=lambda: flagged(pick))
        return (
            Call(name, (x, index, source), named, method=True)
            if method
            else form(pick, name, x, index, source, **named)
        )
    if name in ("index_reduce", "index_reduce_"):
        call = indexing(pick)
        while call.name != "index_add":
            call = indexing(pick)
        how = often(pick, ("prod", "mean", "amax", "amin"), ("sum", None))
        if call.args[0].dtype in (
            "float16",
            "bfloat16",
        ):  # torch multiplies single halves only with an assertion
            how = "mean"
        named = some_of(pick, include_self=lambda: flagged(pick))
        return Call(name, (*call.args, how), named, method=method or pick((True, False)))
    if name in ("index_put_", "masked_scatter_", "renorm_"):
        call = other_functions(pick)
        while f"{call.name}_" != name:
            call = other_functions(pick)
        return Call(name, call.args, call.kwargs, method=True)
    if name == "nonzero_static":
        named = {"size": often(pick, (0, 1, 3), (-1, True, 1.0))} | some_of(
            pick, fill_value=lambda: pick((0, -1, True))
        )
        return form(pick, name, x, **named)
    if name == "unravel_index":
        index = T(any_shape(pick), often(pick, ("int64", "int32"), KINDS))
        return Call(
            name,
            (index, often(pick, ((2, 3), [4], 5, (2, 1, 3)), ((), (-1, 2), True, 1.0, (0, 2)))),
        )
    if name == "range":  # torch divides by a step that is cut to 0
        whole = pick((True, False))
        numbers = (0, 1, 5, -3, 7, True) if whole else (0, 1, 5, -3, 0.5, 2.5, 7, True)
        own = pick(("float64", "int64", "bool", "complex64") if whole else ("float64", "float32"))
        bounds = tuple(pick(numbers) for _ in range(pick((2, 3))))
        return Call(name, bounds, some_of(pick, dtype=lambda: D(own)))
    if name == "gradient":
        spaces = lambda: pick((1, 2.0, True, (1,), (1, 2), [1.0, 2.0, 1]))  # noqa: E731
        named = some_of(
            pick, spacing=spaces, dim=lambda: dims(pick), edge_order=lambda: pick((1, 2, 3, 0))
        )
        return Call(name, (x,), named)
    if name == "histogram":
        bins = pick(
            (
                5,
                1,
                often(pick, (3,), (0, -1, True)),
                T(pick(((3,), (1,), (0,), (), (2, 2))), own, 1),
            )
        )
        named = some_of(
            pick,
            density=lambda: flagged(pick),
            weight=lambda: T(pick((x.shape, x.shape, (2,))), own, 1),
        )
        if not isinstance(bins, T):
            named |= some_of(pick, range=lambda: pick(((0, 2), (0.0, 1.0), (2, 1), (1,))))
        return form(pick, name, x, bins, **named)
    if name == "binomial":
        return Call(name, (x, T(broadcast(pick, x.shape), often(pick, (own,), KINDS))))
    if name.startswith("unsafe"):
        call = splitting(pick)
        while f"unsafe_{call.name}" != name:
            call = splitting(pick)
        return Call(name, call.args, call.kwargs, method=call.method)
    if name.endswith("lowrank"):
        sizes = often(pick, ((3, 2), (2, 4), (2, 3, 3)), ((3,), (0, 3, 2)))
        own = often(pick, ("float32",), ("float64", "int64", "bool"))
        return Call(
            name, (T(sizes, own, 1),), some_of(pick, q=lambda: often(pick, (1, 2), (0, 3, -1, 7)))
        )
    if name == "random_":
        bounds = pick(((), (3,), (2, 5), (0,), (-1,), (5, 2), (300,), (-3, 4)))
        return Call(name, (x, *bounds), method=True)
    if name == "new":
        args = pick(
            (
                (),
                (2,),
                (2, 3),
                ([1, 2],),
                ((2, 3),),
                ([[1], [2]],),
                (-1,),
                (x,),
                (T((2,), "int64"),),
                (2, -3),
            )
        )
        return Call(name, (x, *args), method=True)
    if name == "copies":
        call = view(pick)
        while f"{call.name}_copy" not in FUNCTIONS:
            call = pick((view, splitting))(pick)
        return Call(f"{call.name}_copy", call.args, call.kwargs)
    if name == "norm_except_dim":
        return Call(
            name,
            (x,),
            some_of(pick, dim=lambda: dim(pick), pow=lambda: pick((2, 1, 3, 0, -1, True))),
        )
    return Call(name, (x,), method=True)


def other_functions(pick: Pick) -> Call:
    """What else networks call."""
    name = pick(
        "complex polar heaviside index_put masked_scatter select_scatter diagonal_scatter "
        "slice_scatter bucketize searchsorted isin quantile nanquantile histc cov corrcoef dist "
        "renorm trapezoid trapz cumulative_trapezoid diagflat sum_to_size combinations ger "
        "narrow_copy".split()
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
        return Call(
            name, (x, indices, T(pick(((*indices[0].shape, *rest), rest, ())), other.dtype))
        )
    if name == "masked_scatter":
        return form(
            pick, name, x, T(other.shape, often(pick, ("bool",), KINDS)), T((1000,), other.dtype)
        )
    if name == "select_scatter":
        along = dim(pick)
        rest = tuple(
            n
            for i, n in enumerate(x.shape)
            if i != (along if type(along) is not int or along >= 0 else along + len(x.shape))
        )
        return form(
            pick, name, x, T(pick((rest, rest, other.shape)), own), along, pick((0, -1, 1, 5))
        )
    if name == "diagonal_scatter":
        rest = x.shape[2:]
        return form(
            pick,
            name,
            x,
            T((*rest, min(x.shape[:2], default=1)), own),
            *pick(((), (1,), (0, 1, 0))),
        )
    if name == "slice_scatter":
        n = x.shape[0] if x.shape else 1
        return form(
            pick,
            name,
            x,
            T((max(n - pick((0, 0, 1)), 0), *x.shape[1:]), own),
            0,
            *pick(((), (0,), (1,), (0, 9), (1, None))),
        )
    if name == "bucketize":
        return Call(
            name,
            (pick((x, 1.0, 2)), T(pick(((3,), (0,), (), (2, 2))), own)),
            some_of(pick, right=lambda: flagged(pick)),
        )
    if name == "searchsorted":
        rows = x.shape[:-1]
        return Call(
            name,
            (
                T(pick(((3,), (*rows, 4), (*rows, 4))), own),
                pick((T(x.shape, own), T(x.shape, own), 1.0)),
            ),
            some_of(pick, out_int32=lambda: flagged(pick)),
        )
    if name == "isin":
        return Call(name, (pick((x, x, 1)), pick((other, other, 2.0))))
    if name in ("quantile", "nanquantile"):
        q = pick((0.5, 0, 1, 1.5, T((2,), own), T((), own), T((2, 2), own)))
        return form(
            pick, name, x, q, **some_of(pick, dim=lambda: dim(pick), keepdim=lambda: flagged(pick))
        )
    if name == "histc":
        return form(pick, name, x, *pick(((), (5,), (0,), (5, 0, 1), (5, 2, 1))))
    if name == "renorm":
        return form(pick, name, x, pick((1, 2, 0.5, 0)), dim(pick), pick((1, 0.5, -1)))
    if name in ("trapezoid", "trapz", "cumulative_trapezoid"):
        return Call(name, (x,), some_of(pick, dim=lambda: dim(pick)))
    if name == "diagflat":
        return form(pick, name, x, *pick(((), (1,), (-2,), (True,))))
    if name == "sum_to_size":
        return Call(name, (x, other.shape), method=True)
    if name == "combinations":
        vector = T(pick(((4,), (0,), (1,), (), (2, 2))), own)
        return form(
            pick,
            name,
            vector,
            *pick(((), (1,), (3,), (0,), (-1,))),
            **some_of(pick, with_replacement=lambda: flagged(pick)),
        )
    if name == "ger":
        return form(pick, name, T((2,), own), T((3,), own))
    if name == "narrow_copy":
        return form(pick, name, x, dim(pick), 0, pick((0, 1, 2)))
    return form(pick, name, x)
