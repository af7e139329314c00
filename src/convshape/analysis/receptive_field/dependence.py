"""What the elements of tensors see of the network's input, and how that moves with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from ...run.record import Call, Run, tensors
from ...shapetorch.tensor import Tensor
from . import field
from .field import Field, WindowReads, hull

if TYPE_CHECKING:
    from .field import Ends

    Shape = tuple[int, ...]


class AxisDependence:
    """What the elements of a tensor see of one axis of the input.

    Attributes:
        dims: the dimensions along which it differs; none where all elements see the same.
        field: what they see along the one dimension; None where it is not a simple matter.
        ends: the first and last that all elements together see; None for nothing.
        grows: the last element along the dimensions sees all of that.
    """

    __slots__ = ("dims", "ends", "field", "grows")

    def __init__(
        self, dims: tuple[int, ...], ends: Ends, field: Field | None = None, grows: bool = False
    ) -> None:
        self.dims = dims
        self.ends = ends
        self.field = field
        self.grows = grows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AxisDependence) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    __hash__ = None  # type: ignore[assignment]


NOTHING = AxisDependence((), None)
UNKNOWN = AxisDependence((-1,), None)


class Dependence:
    """What the elements of a tensor see of each axis of the input that is looked at.

    Attributes:
        axes: for each of these axes.
        uneven: dimensions along which the elements see different things for another reason than
            where they are: channels that came from branches. What is said is true of all of them
            together.
    """

    __slots__ = ("axes", "uneven")

    def __init__(
        self, axes: Sequence[AxisDependence], uneven: frozenset[int] = frozenset()
    ) -> None:
        self.axes = axes
        self.uneven = uneven


class Use(Enum):
    """What an operation does with a dimension of its tensor, which the result reads.

    A plan says for each dimension its use, which dimensions of the result it becomes, and how it is
    read.
    """

    KEEP = "each reads its own"
    READ = "each reads those of a window"
    ALL = "every one reads all"
    SPREAD = "it becomes several, or part of a longer one"
    MIX = "each reads some; which is unknown"
    PICK = "one alone is read"
    GROW = "each reads all up to its own"


KEEP, READ, ALL, SPREAD, MIX, PICK, GROW = Use  # read at every call: a global costs less


def keep(to: int) -> Any:
    """Each element reads its own."""
    return KEEP, (to,), None


def read(to: int, window: WindowReads | None) -> Any:
    """Each element reads those of a window."""
    return (READ, (to,), window) if window else mix(to)


#: Every element reads all of it.
EVERY = (ALL, (), None)


def mix(*to: int) -> Any:
    """Each element reads some, nobody knows which."""
    return MIX, to, None


class Dependences:
    """What each tensor of a run depends on so far, along the axes that are looked at."""

    def __init__(self, run: Run, axes: tuple[int, ...]) -> None:
        first = run.inputs[0]
        self.limits = [first.shape[axis] for axis in axes]
        alone = field.own()
        self.unknown = Dependence([UNKNOWN] * len(axes))
        self.nothing = Dependence([NOTHING] * len(axes))
        self.of_tensor: dict[int, Dependence] = {id(tensor): self.nothing for tensor in run.inputs}
        self.of_tensor[id(first)] = Dependence(
            [AxisDependence((axis,), (0, first.shape[axis] - 1), alone) for axis in axes]
        )
        if run.module is not None:
            for constant in (*run.module.parameters(), *run.module.buffers()):
                self.of_tensor[id(constant)] = self.nothing

    def of(self, tensor: Tensor) -> Dependence:
        """Return what is known of a tensor."""
        return self.of_tensor.get(id(tensor), self.unknown)

    def moved(self, dependence: Dependence, shape: Shape, plan: Sequence[Any]) -> Dependence:
        """Return what is seen after an operation that treats the dimensions as the plan says."""
        if any(plan[d][0] in (READ, PICK) for d in dependence.uneven):
            return self.unknown
        uneven = {to for d in dependence.uneven for to in plan[d][1]}
        axes = [
            self._moved(seen, shape, plan, limit)
            for seen, limit in zip(dependence.axes, self.limits, strict=True)
        ]
        return Dependence(axes, frozenset(uneven))

    def _moved(
        self, seen: AxisDependence, shape: Shape, plan: Sequence[Any], limit: int
    ) -> AxisDependence:
        if seen is UNKNOWN:
            return seen
        if seen.field is None:
            left = []
            for d in seen.dims:
                what, to, index = plan[d]
                if what is PICK and seen.grows and index == shape[d] - 1:
                    continue
                if what not in (KEEP, ALL, SPREAD) and not (what is GROW and seen.grows):
                    return UNKNOWN
                left += to
            if left:
                return AxisDependence(tuple(sorted(set(left))), seen.ends, None, seen.grows)
            return clipped(seen.ends, limit)
        (d,) = seen.dims
        what, to, how = plan[d]
        if what is KEEP:
            return AxisDependence(to, seen.ends, seen.field)
        if what is ALL:
            return clipped(seen.ends, limit)
        if what is PICK:
            return clipped(seen.field.at(how), limit)
        if what in (SPREAD, GROW):
            return AxisDependence(to, seen.ends, None, what is GROW)
        result = seen.field.through(how) if what is READ else None
        return UNKNOWN if result is None else AxisDependence(to, None, result)

    def finished(self, dependence: Dependence, shape: Shape) -> Dependence:
        """Say what all elements see together of a tensor of this shape, where it is not said."""
        axes = []
        for seen in dependence.axes:
            if seen.field is not None and seen.ends is None:
                (d,) = seen.dims
                seen = AxisDependence((d,), seen.field.over(range(shape[d])), seen.field)
                seen = seen if seen.ends else NOTHING
            axes.append(seen)
        return Dependence(axes, dependence.uneven)

    def through(self, row: Call, plan: Sequence[Any], input: Tensor | None = None) -> Dependence:
        """Return what the first result sees of a tensor (the first argument) by a plan."""
        input = first_of(row) if input is None else input
        dependence = self.moved(self.of(input), input.shape, plan)
        return self.finished(dependence, tensors(row.result)[0].shape)

    def union(self, dependences: Iterable[Dependence]) -> Dependence:
        several = iter(dependences)
        result = next(several, self.nothing)
        for dependence in several:
            axes = [
                _union(*pair)
                for pair in zip(result.axes, dependence.axes, self.limits, strict=True)
            ]
            result = Dependence(axes, result.uneven | dependence.uneven)
        return result

    def broadcast(self, operands: Iterable[Tensor], shape: Shape) -> Dependence:
        """Return what is seen of tensors that are combined element by element to a shape."""
        dependences = []
        for operand in operands:
            if operand.shape == shape:
                dependences.append(self.of(operand))
                continue
            ahead = len(shape) - operand.ndim
            plan = [
                keep(d + ahead) if n == shape[d + ahead] else (PICK, (), 0)
                for d, n in enumerate(operand.shape)
            ]
            dependence = self.of(operand)
            # What is picked is the only one.
            dependences.append(
                self.moved(
                    Dependence(dependence.axes, dependence.uneven & _kept(plan)),
                    operand.shape,
                    plan,
                )
            )
        return self.union(dependences)

    def contract(
        self,
        operands: Sequence[Tensor],
        terms: Sequence[Sequence[str]],
        row: Call,
        kept: Sequence[str],
    ) -> Dependence:
        """Return what is seen of a product of tensors, summed over letters that are not kept."""
        dependences = []
        shape = tensors(row.result)[0].shape
        for operand, term in zip(operands, terms, strict=True):
            plan = []
            for letter, n in zip(term, operand.shape, strict=True):
                to = list(kept).index(letter) if letter in kept else None
                plan.append(EVERY if to is None or (n == 1 != shape[to]) else keep(to))
            dependences.append(self.moved(self.of(operand), operand.shape, plan))
        return self.union(dependences)


def _kept(plan: Sequence[Any]) -> frozenset[int]:
    return frozenset(d for d, (what, _, _) in enumerate(plan) if what is KEEP)


def clipped(ends: Ends, limit: int) -> AxisDependence:
    """Return what all elements see, less what lies beyond the input."""
    if ends is None:
        return NOTHING
    first, last = max(ends[0], 0), min(ends[1], limit - 1)
    return AxisDependence((), (first, last)) if first <= last else NOTHING


def _union(a: AxisDependence, b: AxisDependence, limit: int) -> AxisDependence:
    whole = (0, limit - 1)
    for one, other in ((a, b), (b, a)):
        if one is NOTHING or (not other.dims and other.ends == whole):
            return other
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if a == b:
        return a
    ends, dims = hull((a.ends, b.ends)), tuple(sorted({*a.dims, *b.dims}))
    if not dims:
        return AxisDependence((), ends)
    if a.field and b.field and len(dims) == 1:
        both = a.field.union(b.field)
        if both is not None:
            return AxisDependence(dims, ends, both)
    grows = any(
        s.grows and s.ends is not None and s.ends[0] <= 0 and s.ends[1] >= limit - 1 for s in (a, b)
    )
    return AxisDependence(dims, ends, None, grows)


# Rules


def first_of(row: Call) -> Tensor:
    """Return the first tensor of a call, in whatever order its keywords are."""
    values = (*row.args, row.kwargs.get("input"), row.kwargs)
    return next(tensor for value in values for tensor in tensors(value))


def same(known: Dependences, row: Call) -> Dependence:
    """Each element sees what that of the first tensor does."""
    return known.broadcast([first_of(row)], tensors(row.result)[0].shape)


def elementwise(known: Dependences, row: Call) -> Dependence:
    """Each element sees what those of all tensors do."""
    return known.broadcast(tensors((row.args, row.kwargs)), tensors(row.result)[0].shape)


def nothing(known: Dependences, row: Call) -> Dependence:
    """No element sees anything."""
    return known.nothing
