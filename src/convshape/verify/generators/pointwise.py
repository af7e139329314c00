"""Random calls of operations on each element, reductions and what works along a dimension."""

from __future__ import annotations

from typing import Any

from ...shapetorch.ops.spaces import METHODS
from .choices import KINDS, Pick, any_shape, flagged, mostly, often
from .data import Call, T
from .tensors import broadcast, dim, dims, form, kind, kinds, one_of, some, takes


def unary(pick: Pick) -> Call:
    """Operations on each element."""
    from ...shapetorch.ops import pointwise

    names = sorted(name for line in pointwise._UNARY.values() for name in line.split())
    return form(pick, pick(names), some(pick, pick((*KINDS[5:], "int8", "int16", "complex128"))))


def special(pick: Pick) -> Call:
    """The functions of `torch.special`, and those that have a number beside their tensor."""
    from ...shapetorch import special

    of_two = [name for names in special._OF_TWO.values() for name in names.split()]
    kind = pick((*KINDS[5:], "int8", "complex128"))
    x = some(pick, kind, 1)
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
        if kind == "float16" and other.dtype.startswith("complex"):
            other = T(other.shape)
        if pick((True, False, False)):
            other = pick(NUMBERS)
        if kind in ("float16", "int8") and other == 1j:
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
    dtypes = kinds(pick)
    first = T(any_shape(pick), pick(dtypes), 1)
    second: Any = T(broadcast(pick, first.shape), pick(dtypes), 1)
    named = {}
    if pick((True, False, False)):
        second = pick(NUMBERS)
    if first.dtype == "float16" and second == 1j:
        second = 1
    if name in ("add", "sub", "subtract", "rsub") and pick((True, False, False)):
        alpha = pick((1, 2, 0.5, True, 1j, -1))
        if (
            name in ("add", "sub") and isinstance(second, T) and pick((True, False))
        ):  # by place, as torch once took it
            return Call(name, (first, alpha, second))
        named = {"alpha": alpha}
    if name in ("div", "divide") and pick((True, False)):
        named = {"rounding_mode": pick(("floor", "trunc", None, "up"))}
    if pick(range(6)) == 0:
        return Call(name, (second, first), named)
    return form(pick, name, first, second, **named)


OPERATORS = "add sub mul truediv floordiv mod pow and or xor lshift rshift".split()


def operator(pick: Pick) -> Call:
    """Python's operators."""
    name = pick((*OPERATORS, "eq", "ne", "lt", "le", "gt", "ge", "matmul"))
    dtypes = kinds(pick)
    first = T(any_shape(pick), pick(dtypes), 1)
    if pick(range(8)) == 0:
        return Call(f"__{pick(('neg', 'pos', 'abs', 'invert'))}__", (first,), method=True)
    second: Any = T(broadcast(pick, first.shape), pick(dtypes), 1)
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
    dtype = kind(pick)
    x = T(any_shape(pick), dtype, 1)

    def second(pick: Pick) -> T:
        return T(broadcast(pick, x.shape), often(pick, (dtype,), KINDS), 1)

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
    "sum nansum mean nanmean amax amin any all prod argmax argmin max min median nanmedian "
    "mode std var std_mean var_mean logsumexp norm count_nonzero aminmax"
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
