"""Random calls of what makes tensors, fills and converts them."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...shapetorch.ops.spaces import METHODS
from .choices import KINDS, Pick, any_shape, flagged, mostly, often, some_of
from .data import Call, D, T
from .matrices import matrix
from .pointwise import OPERATORS, along, binary, other_pointwise, unary
from .tensors import Way, again, broadcast, kind, kinds, one_of, some, takes
from .views import indexing, subscript, view


def _data(x: T, one: T) -> tuple[tuple[Any, ...], ...]:
    """Return what `torch.tensor` may be called with: numbers, and tensors among them."""
    numbers: tuple[Any, ...] = (
        1, 2.5, True, [1, 2], [[1, 2], [3.5, 4]], [], [[]], [[1], [2, 3]], ((1, 2), [3, 4]), 1j,
        "a", [None],
    )  # fmt: skip
    tensors = (
        x, [x], [x, x], [one], [one, 1], [1, one], [one, T((1,))], [[1, 2], T((2,))], [[x], [x]],
        [one, [1]],
    )  # fmt: skip
    return numbers, tensors


class _Sizes(NamedTuple):
    """What new tensors may be made of."""

    sizes: tuple[Any, ...]
    written: tuple[Any, ...]  # the sizes as arguments: in one tuple, or a number each
    x: T  # what they may be like
    fill: Any


_SIZE = mostly((1, 2, 3, 0), (-1, True, 1.0, None, "2"))


def _some_sizes(pick: Pick) -> _Sizes:
    sizes = tuple(_SIZE(pick) for _ in range(pick(range(4))))
    as_one = pick((True, False))
    written = (sizes,) if as_one or not sizes else sizes
    return _Sizes(sizes, written, some(pick), pick((0, 1.5, True, 1j)))


def _arange(pick: Pick, name: str, of: _Sizes) -> Call:
    values = [pick((0, 1, 5, -3, 0.5, 2.5, 7, True)) for _ in range(pick((1, 2, 3)))]
    return Call(name, tuple(values))


def _randint(pick: Pick, name: str, of: _Sizes) -> Call:
    bounds = (pick((1, 5, 0, -1)),) if pick((True, False)) else (pick((0, 3)), pick((2, 5)))
    return Call(name, (*bounds, of.sizes))


def _triangle(pick: Pick, name: str, of: _Sizes) -> Call:
    args = (pick((0, 1, 3, 5, -1)), pick((0, 1, 3, 5, -1)))
    return Call(name, args if pick((True, False)) else (*args, pick((0, 1, -1, 2, -2, 7, -7))))


def _of_data(pick: Pick, name: str, of: _Sizes) -> Call:
    one = T(pick(((), (1,), (1, 1))), kind(pick))
    named = some_of(pick, dtype=lambda pick: D(kind(pick))) if pick((True, False, False)) else {}
    data = pick(pick(_data(of.x, one)))
    if pick(range(4)):
        return Call(name, (data,), named)
    return Call("new_tensor", (of.x, data), named, method=True)


_CREATED: dict[str, Way[_Sizes]] = {
    **dict.fromkeys(
        "zeros ones empty rand randn".split(), lambda pick, name, of: Call(name, of.written)
    ),
    **dict.fromkeys(
        "zeros_like ones_like empty_like rand_like randn_like".split(),
        lambda pick, name, of: Call(name, (of.x,)),
    ),
    **dict.fromkeys(
        "new_zeros new_ones new_empty".split(),
        lambda pick, name, of: Call(name, (of.x, *of.written), method=True),
    ),
    "new_full": lambda pick, name, of: Call(name, (of.x, of.sizes, of.fill), method=True),
    "full": lambda pick, name, of: Call(name, (of.sizes, of.fill)),
    "full_like": lambda pick, name, of: Call(name, (of.x, of.fill)),
    "arange": _arange,
    **dict.fromkeys(
        ("linspace", "logspace"),
        lambda pick, name, of: Call(name, (pick((0, 1.5, -1)), pick((1, 2.5)), _SIZE(pick))),
    ),
    "eye": lambda pick, name, of: Call(name, tuple(_SIZE(pick) for _ in range(pick((1, 2))))),
    "randint": _randint,
    "randperm": lambda pick, name, of: Call(name, (_SIZE(pick),)),
    **dict.fromkeys(("tril_indices", "triu_indices"), _triangle),
    **dict.fromkeys(("tensor", "as_tensor", "asarray"), _of_data),
}


def creation(pick: Pick) -> Call:
    """New tensors."""
    return one_of(pick, _CREATED, _some_sizes)


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
    dtypes = kinds(pick)
    x = T(any_shape(pick), pick(dtypes), 1)
    other = T(broadcast(pick, x.shape), pick(dtypes), 1)
    number: Any = pick((0, 1.5, True, -1e9, 1j, "a"))
    if name == "operator":
        operation = pick(OPERATORS)
        return Call(f"__i{operation}__", (x, pick((other, other, 2, 1.5, True))), method=True)
    if name == "fill":
        return Call(name, (x, pick((number, other, T(())))))
    if name in ("copy_", "fill_"):
        return Call(name, (x, pick((other, number, T((), pick(dtypes))))), method=True)
    index = subscript(pick).args[1]
    if pick(range(8)) == 0:
        mask = T(pick((x.shape, x.shape[:1], x.shape[1:])), "bool", 1)
        return Call(name, (x, mask, pick((number, T((), x.dtype)))), method=True)
    others = (other, T(any_shape(pick), pick(dtypes)), T((1, *other.shape[1:]), x.dtype))
    return Call(name, (x, index, pick((number, number, *others, T((), x.dtype)))), method=True)


def sampling(pick: Pick) -> Call:
    """Random numbers, in place of a tensor and otherwise."""
    name = pick(
        (
            "normal_ uniform_ exponential_ cauchy_ log_normal_ geometric_ bernoulli_ zero_ "
            "bernoulli multinomial poisson normal randint_like"
        ).split()
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
    D("float64"), D("int8"), float, int, bool, "cpu", "cpu:0", "nowhere", T((2,), "int32"), None,
    "x",
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
        target = pick((D("int8"), "torch.LongTensor", "LongTensor", "torch.BoolTensor", int))
        return Call(name, (x, target), method=True)
    if name == "requires_grad_":
        return Call(name, (x, *pick(((), (True,), (False,), (1,)))), method=True)
    return Call(name, (x,), formats, method=True)
