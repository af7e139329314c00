"""How the arguments of random calls are chosen.

Choices are biased to the edges: sizes 0 to 14, kernels as large as the input, tuples of wrong
length, bools where ints belong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .data import Case, D, Layout, T, each_inside

Pick = Callable[[Sequence[Any]], Any]
#: How an argument is chosen: by a function, or among values.
Choice = Callable[[Pick], Any] | Sequence[Any]
AXES = (1, 2, 3)
#: What is no positive int, each in its own way. A dilation below 1, the first three, is refused by
#: some of torch's backends only, so those are not among the choices for it: convshape refuses it
#: always.
NOT_POSITIVE = (0, -1, False, True, 2.0, "2", None)
KINDS = ("float32",) * 6 + (*"float64 float16 bfloat16 int64 int32 uint8 bool complex64".split(),)
# Choices


def often(pick: Pick, usual: Sequence[Any], rare: Sequence[Any]) -> Any:
    """Pick a usual value, or one time in sixteen a rare one."""
    return pick(usual) if pick(range(16)) else pick(rare)


def per_axis(pick: Pick, axes: int, usual: Sequence[Any], rare: Sequence[Any]) -> Any:
    """Pick one value, or one for each axis, or a tuple of a wrong length."""
    kind = pick(("int",) * 6 + ("tuple",) * 5 + ("list", "list", "one", "one", "wrong"))
    if kind == "int":
        return often(pick, usual, rare)
    length = {"tuple": axes, "list": axes, "one": 1}.get(kind)
    if length is None:
        length = pick((0, axes + 1, axes))
    values = [often(pick, usual, rare) for _ in range(length)]
    return values if kind == "list" else tuple(values)


def mostly(usual: Sequence[Any], rare: Sequence[Any]) -> Callable[[Pick], Any]:
    """Return the choice that `often` makes."""
    return lambda pick: often(pick, usual, rare)


def for_axes(axes: int, usual: Sequence[Any], rare: Sequence[Any]) -> Callable[[Pick], Any]:
    """Return the choice that `per_axis` makes."""
    return lambda pick: per_axis(pick, axes, usual, rare)


def chosen(pick: Pick, choice: Choice) -> Any:
    """Make a choice: call a function of it, pick one of several values, or take the only one."""
    if callable(choice):
        return choice(pick)
    return pick(choice) if len(choice) > 1 else choice[0]


def arguments(
    pick: Pick, choices: Mapping[str, Choice], required: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Pick the first `required` arguments and some of the others, by position or by name."""
    names = list(choices)
    args = tuple(chosen(pick, choices[name]) for name in names[:required])
    rest = [name for name in names[required:] if pick((True, False, False))]
    return args, {name: chosen(pick, choices[name]) for name in rest}


def some_of(pick: Pick, **choices: Choice) -> dict[str, Any]:
    """Pick some arguments by name."""
    return {name: chosen(pick, choice) for name, choice in choices.items() if pick((True, False))}


def as_size(value: Any, otherwise: int) -> int:
    """Return what may be no size at all as one that a tensor can have."""
    return max(value, 0) if type(value) is int else otherwise


def flagged(pick: Pick) -> Any:
    return often(pick, (True, False), (1, None))


def dtype(pick: Pick) -> str:
    """Pick float32 nearly always."""
    if pick(range(16)):
        return "float32"
    return pick(("float64", "float16", "bfloat16", "int64", "uint8", "bool", "complex64"))


def parameters(pick: Pick) -> tuple[dict[str, Any], str]:
    """Pick the argument `dtype` of a layer, now and then, and the dtype of its input."""
    if pick((True, True, True, False)):
        return {}, dtype(pick)
    name = pick(("float64", "float64", "float32", "bfloat16", "float16", "int64", "complex64"))
    return {"dtype": D(name)}, often(pick, (name,), (dtype(pick),))


def spatial_input(pick: Pick, axes: int, channels: Any) -> tuple[int, ...]:
    """Pick ``(N, C, *size)``, unbatched or of a wrong rank now and then, sizes at the edges."""
    largest = {1: 14, 2: 14, 3: 9}.get(axes, 14)
    size = [often(pick, range(1, largest + 1), range(largest + 1)) for _ in range(axes)]
    lead = pick(("batch",) * 11 + ("none",) * 4 + ("wrong",))
    channels = channels if isinstance(channels, int) and 0 <= channels < 20 else 3
    channels = often(pick, (int(channels),), (0, 1, 2, 3, 6))
    if lead == "batch":
        return (often(pick, (1, 2), (0,)), channels, *size)
    if lead == "none":
        return (channels, *size)
    return tuple(pick(range(4)) for _ in range(pick(range(6))))


def any_shape(pick: Pick, last: int | None = None) -> tuple[int, ...]:
    """Pick any shape of up to five dimensions, its last one `last` more often than not."""
    sizes = [often(pick, (1, 2, 3, 4), (0, 5)) for _ in range(pick(range(6)))]
    if sizes and last is not None and pick((True, True, True, False)):
        sizes[-1] = last
    return tuple(sizes)


def arranged(pick: Pick, case: Any) -> Any:
    """Give some tensors of every other call another memory layout."""
    # With targets that are expanded torch's ctc_loss reads beyond its memory; so do lu_solve and
    # ldl_solve with pivots that are not one behind the other.
    if pick((True, False)) or "ctc" in case.name.lower():
        return case
    fixed = ("int32", "int64") if case.name.endswith(("lu_solve", "ldl_solve")) else ()

    def change(value: Any) -> Any:
        if not isinstance(value, T):
            return each_inside(value, change)
        if value.layout or type(value.value) is tuple or not value.shape or value.dtype in fixed:
            return value
        if pick((True, False, False)):
            return value
        return replace(value, layout=some_layout(pick, len(value.shape)))

    if isinstance(case, Case):
        layout = change(T(case.input, case.dtype, case.value)).layout
        return replace(case, layout=layout, others=change(case.others), call=change(case.call))
    return replace(case, args=change(case.args), kwargs=change(case.kwargs))


def some_layout(pick: Pick, dims: int) -> Layout:
    """Pick a layout: permuted, channels last, expanded or with gaps."""
    kinds = ("permuted", "permuted", "swapped", "channels last", "gaps", "expanded", "later", "any")
    kind = pick(kinds)
    order, steps = [*range(dims)], [1] * dims
    if kind in ("permuted", "any"):
        order = [order.pop(pick(range(len(order)))) for _ in range(dims)]
    if kind == "swapped":
        i = pick(range(dims))
        order[i - 1], order[i] = order[i], order[i - 1]
    if kind == "channels last" and dims > 2:
        order.append(order.pop(1))
    if kind in ("gaps", "expanded", "any"):
        step = {"gaps": (2,), "expanded": (0,), "any": (0, 2)}[kind]
        steps[pick(range(dims))] = chosen(pick, step)
    return Layout(tuple(order), tuple(steps), kind == "later")
