"""How views, and what puts tensors together, read the dimensions of their tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...run.record import Call, tensors
from . import field
from .dependence import PICK, SPREAD, Dependence, Dependences, first_of, keep, mix, read, same

if TYPE_CHECKING:
    from ...shapetorch.tensor import Tensor

    Shape = tuple[int, ...]


def _reshape(known: Dependences, row: Call) -> Dependence | None:
    input, out = first_of(row), tensors(row.result)[0]
    if input.numel() != out.numel():
        return None  # a view of another dtype
    return known.through(row, _regrouped(input.shape, out.shape))


def _regrouped(old: Shape, new: Shape) -> list[Any]:
    """Plan how dimensions of the same number of elements go over into others."""
    if old == new:
        return [keep(d) for d in range(len(old))]
    plan: list[Any] = [(PICK, (), 0)] * len(old)
    left, right = ([d for d, n in enumerate(s) if n != 1] for s in (old, new))
    i = j = 0
    while i < len(left):
        begin, first = i, j
        a, b = old[left[i]], new[right[j]]
        while a != b:
            if a < b:
                i += 1
                a *= old[left[i]]
            else:
                j += 1
                b *= new[right[j]]
        i, j = i + 1, j + 1
        into = tuple(right[first:j])
        for d in left[begin:i]:
            plan[d] = keep(into[0]) if i - begin == j - first == 1 else (SPREAD, into, None)
    return plan


def _permuted(
    order: Callable[[Call, int], Sequence[int]],
) -> Callable[[Dependences, Call], Dependence]:
    """Make the rule of what puts the dimensions in another order."""

    def rule(known: Dependences, row: Call) -> Dependence:
        dims = first_of(row).ndim
        plan: list[Any] = [None] * dims
        for to, d in enumerate(order(row, dims)):
            plan[d] = keep(to)
        return known.through(row, plan)

    return rule


def _dims(value: Any) -> list[int]:
    """Return dimensions that are given as one number, as a list, or one by one."""
    return (
        [d for item in value for d in _dims(item)] if isinstance(value, (tuple, list)) else [value]
    )


def _named_dims(row: Call) -> list[int]:
    return _dims(row.kwargs.get("dims", row.args[1:]))


def _permute_order(row: Call, dims: int) -> list[int]:
    return [d % dims for d in _named_dims(row)]


def _swapped(row: Call, dims: int) -> list[int]:
    order = list(range(dims))
    if row.name == "adjoint":
        a, b = -2, -1
    elif row.name == "t":
        a, b = 0, -1
    else:
        _, a, b = row.arguments().values()
    if order:
        order[a], order[b] = order[b], order[a]
    return order


def _moved_dims(row: Call, dims: int) -> list[int]:
    _, source, to = row.arguments().values()
    sources, targets = ([d % dims for d in _dims(dim)] for dim in (source, to))
    order = [d for d in range(dims) if d not in sources]
    for target, d in sorted(zip(targets, sources, strict=True)):
        order.insert(target, d)
    return order


def _repeat(known: Dependences, row: Call) -> Dependence:
    input, out = first_of(row), tensors(row.result)[0]
    ahead = out.ndim - input.ndim
    plan = [keep(d) if n == out.shape[d] else mix(d) for d, n in enumerate(input.shape, ahead)]
    return known.through(
        row, [(PICK, (), 0) if input.shape[d] == 1 else entry for d, entry in enumerate(plan)]
    )


def _flip(known: Dependences, row: Call) -> Dependence:
    input = first_of(row)
    plan = [keep(d) for d in range(input.ndim)]
    for d in {"fliplr": [1], "flipud": [0]}.get(row.name) or _named_dims(row):
        plan[d] = read(d % input.ndim, field.strided(input.shape[d] - 1, -1))
    return known.through(row, plan)


def _getitem(known: Dependences, row: Call) -> Dependence | None:
    input, index = first_of(row), row.arguments()["index"]
    items = list(index) if isinstance(index, tuple) else [index]
    if not all(
        item is None or item is ... or isinstance(item, slice) or type(item) is int
        for item in items
    ):
        return None
    rest = input.ndim - sum(item is not None and item is not ... for item in items)
    at = next((i for i, item in enumerate(items) if item is ...), len(items))
    items[at : at + 1] = [slice(None)] * rest
    plan: list[Any] = []
    to = 0
    for item in items:
        if item is None:
            to += 1
            continue
        n = input.shape[len(plan)]
        if isinstance(item, slice):
            plan.append(_part(to, n, range(n)[item]))
            to += 1
        else:
            plan.append((PICK, (), item % n))
    return known.through(row, plan)


def _part(to: int, length: int, chosen: range) -> Any:
    """Plan to read part of a dimension."""
    return (
        keep(to) if chosen == range(length) else read(to, field.strided(chosen.start, chosen.step))
    )


def _select(known: Dependences, row: Call) -> Dependence:
    input = first_of(row)
    _, dim, index = row.arguments().values()
    return known.through(row, _without(input, dim, (PICK, (), index % input.shape[dim])))


def _without(input: Tensor, dim: int, plan: Any) -> list[Any]:
    dim %= input.ndim
    return [plan if d == dim else keep(d - (d > dim)) for d in range(input.ndim)]


def _narrow(known: Dependences, row: Call) -> Dependence:
    input = first_of(row)
    _, dim, start, _ = row.arguments().values()
    dim %= input.ndim
    plan = [keep(d) for d in range(input.ndim)]
    start %= input.shape[dim]
    plan[dim] = _part(dim, input.shape[dim], range(start, start + row.result.shape[dim]))
    return known.through(row, plan)


def _split(known: Dependences, row: Call) -> list[Dependence]:
    input, results = first_of(row), tensors(row.result)
    dim = row.arguments()["dim"] % input.ndim
    dependences, start = [], 0
    for part in results:
        plan = [keep(d) for d in range(input.ndim)]
        plan[dim] = _part(dim, input.shape[dim], range(start, start + part.shape[dim]))
        dependence = known.moved(known.of(input), input.shape, plan)
        dependences.append(known.finished(dependence, part.shape))
        start += part.shape[dim]
    return dependences


def _unbind(known: Dependences, row: Call) -> list[Dependence]:
    input = first_of(row)
    dim = row.arguments()["dim"] % input.ndim
    dependence = known.of(input)
    return [
        known.moved(dependence, input.shape, _without(input, dim, (PICK, (), i)))
        for i in range(input.shape[dim])
    ]


def _cat(known: Dependences, row: Call) -> Dependence:
    operands = [operand for operand in tensors((row.args, row.kwargs)) if operand.numel()]
    dim = row.arguments()["dim"] % row.result.ndim
    if len(operands) == 1:
        return known.of(operands[0])
    plan = [(SPREAD, (d,), None) if d == dim else keep(d) for d in range(row.result.ndim)]
    dependences = [known.moved(known.of(operand), operand.shape, plan) for operand in operands]
    return _side_by_side(known, dependences, dim)


def _stack(known: Dependences, row: Call) -> Dependence:
    operands = tensors((row.args, row.kwargs))
    dim = row.arguments()["dim"] % row.result.ndim
    plan = [keep(d + (d >= dim)) for d in range(operands[0].ndim)]
    return _side_by_side(
        known, [known.moved(known.of(operand), operand.shape, plan) for operand in operands], dim
    )


def _side_by_side(known: Dependences, dependences: Sequence[Dependence], dim: int) -> Dependence:
    result = known.union(dependences)
    alike = all(
        one == other
        for dependence in dependences
        for one, other in zip(dependence.axes, dependences[0].axes, strict=True)
    )
    return result if alike else Dependence(result.axes, result.uneven | {dim})


#: The rules of functions by their names.
KINDS: dict[str, Any] = {
    "reshape": _reshape,
    "permute": _permuted(_permute_order),
    "transpose": _permuted(_swapped),
    "movedim": _permuted(_moved_dims),
    "same": same,
    "repeat": _repeat,
    "flip": _flip,
    "getitem": _getitem,
    "select": _select,
    "narrow": _narrow,
    "split": _split,
    "unbind": _unbind,
    "cat": _cat,
    "stack": _stack,
}
