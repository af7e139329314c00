"""What the elements of tensors see of the network's input, and how it moves with their dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...run.record import tensors
from ...shapetorch.tensor import Tensor
from . import field
from .field import Field, Taps, hull

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from ...run.record import Call, Record
    from .field import Ends

    Shape = tuple[int, ...]


class Seen:
    """What the elements of a tensor see of one axis of the input.

    Attributes:
        dims: the dimensions along which it differs; none where all elements see the same.
        field: what they see along the one dimension; None where it is not a simple matter.
        ends: the first and last that all elements together see; None for nothing.
        grows: the last element along the dimension sees all of that.
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
        return isinstance(other, Seen) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    __hash__ = None  # type: ignore[assignment]


NOTHING = Seen((), None)
UNKNOWN = Seen((-1,), None)


class Sight:
    """What the elements of a tensor see of each axis of the input that is looked at.

    Attributes:
        axes: for each of these axes.
        uneven: dimensions along which the elements see different things for another reason than where they
            stand: channels that came from branches. What is said is true of all of them together.
    """

    __slots__ = ("axes", "uneven")

    def __init__(self, axes: Sequence[Seen], uneven: frozenset[int] = frozenset()) -> None:
        self.axes = axes
        self.uneven = uneven


# What an operation does with a dimension of its tensor: what, the dimensions of the result, how it reads it.
KEEP, READ, ALL, SPREAD, MIX, PICK, GROW = range(7)


def keep(to: int) -> Any:
    """Each element reads its own."""
    return KEEP, (to,), None


def read(to: int, taps: Taps | None) -> Any:
    """Each element reads some, by taps."""
    return (READ, (to,), taps) if taps else mix(to)


#: Every element reads all of it.
EVERY = (ALL, (), None)


def mix(*to: int) -> Any:
    """Each element reads some, nobody knows which."""
    return MIX, to, None


class Run:
    """What is known so far of a run, for an input some of whose axes are looked at."""

    def __init__(self, record: Record, axes: tuple[int, ...]) -> None:
        first = record.inputs[0]
        self.limits = [first.shape[axis] for axis in axes]
        own = field.own()
        self.unknown = Sight([UNKNOWN] * len(axes))
        self.nothing = Sight([NOTHING] * len(axes))
        self.known: dict[int, Sight] = {id(each): self.nothing for each in record.inputs[1:]}
        self.known[id(first)] = Sight(
            [Seen((axis,), (0, first.shape[axis] - 1), own) for axis in axes]
        )
        if record.module is not None:
            for constant in (*record.module.parameters(), *record.module.buffers()):
                self.known[id(constant)] = self.nothing

    def of(self, tensor: Tensor) -> Sight:
        """Return what is known of a tensor."""
        return self.known.get(id(tensor), self.unknown)

    def moved(self, sight: Sight, shape: Shape, plan: Sequence[Any]) -> Sight:
        """Return what is seen after an operation that does with each dimension what the plan says."""
        if any(plan[d][0] in (READ, PICK) for d in sight.uneven):
            return self.unknown
        uneven = {to for d in sight.uneven for to in plan[d][1]}
        axes = [
            self._moved(seen, shape, plan, limit)
            for seen, limit in zip(sight.axes, self.limits, strict=True)
        ]
        return Sight(axes, frozenset(uneven))

    def _moved(self, seen: Seen, shape: Shape, plan: Sequence[Any], limit: int) -> Seen:
        if seen is UNKNOWN or not seen.dims:
            return seen
        if seen.field is None:
            left = []
            for d in seen.dims:
                what, to, index = plan[d]
                if what == PICK and seen.grows and index == shape[d] - 1:
                    continue
                if what not in (KEEP, ALL, SPREAD) and not (what == GROW and seen.grows):
                    return UNKNOWN
                left += to
            if left:
                return Seen(
                    tuple(sorted(set(left))), seen.ends, None, seen.grows and len(left) == 1
                )
            return clipped(seen.ends, limit)
        (d,) = seen.dims
        what, to, how = plan[d]
        if what == KEEP:
            return Seen(to, seen.ends, seen.field)
        if what == ALL:
            return clipped(seen.ends, limit)
        if what == PICK:
            return clipped(seen.field.at(how), limit)
        if what in (SPREAD, GROW):
            return Seen(to, seen.ends, None, what == GROW)
        result = seen.field.through(how) if what == READ else None
        return UNKNOWN if result is None else Seen(to, None, result)

    def finished(self, sight: Sight, shape: Shape) -> Sight:
        """Say what all elements see together of a tensor of this shape, where it is not said."""
        axes = []
        for seen in sight.axes:
            if seen.field is not None and seen.ends is None:
                seen = Seen(seen.dims, seen.field.over(range(shape[seen.dims[0]])), seen.field)
                seen = seen if seen.ends else NOTHING
            axes.append(seen)
        return Sight(axes, sight.uneven)

    def through(self, row: Call, plan: Sequence[Any], given: Tensor | None = None) -> Sight:
        """Return what the first result sees of a tensor, the first argument unless given, by a plan."""
        given = first_of(row) if given is None else given
        sight = self.moved(self.of(given), given.shape, plan)
        return self.finished(sight, tensors(row.result)[0].shape)

    def union(self, sights: Iterable[Sight]) -> Sight:
        several = iter(sights)
        result = next(several, self.nothing)
        for sight in several:
            axes = [
                _union(*pair) for pair in zip(result.axes, sight.axes, self.limits, strict=True)
            ]
            result = Sight(axes, result.uneven | sight.uneven)
        return result

    def broadcast(self, given: Iterable[Tensor], shape: Shape) -> Sight:
        """Return what is seen of tensors that are combined element by element to a shape."""
        sights = []
        for each in given:
            if each.shape == shape:
                sights.append(self.of(each))
                continue
            ahead = len(shape) - each.ndim
            plan = [
                keep(d + ahead) if n == shape[d + ahead] else (PICK, (), 0)
                for d, n in enumerate(each.shape)
            ]
            sight = self.of(each)
            # What is picked is the only one.
            sights.append(
                self.moved(Sight(sight.axes, sight.uneven & _kept(plan)), each.shape, plan)
            )
        return self.union(sights)

    def lettered(
        self,
        given: Sequence[Tensor],
        terms: Sequence[Sequence[str]],
        row: Call,
        kept: Sequence[str],
    ) -> Sight:
        """Return what is seen of tensors that are multiplied, and summed over letters that are not kept."""
        sights = []
        shape = tensors(row.result)[0].shape
        for each, term in zip(given, terms, strict=True):
            plan = []
            for letter, n in zip(term, each.shape, strict=True):
                to = list(kept).index(letter) if letter in kept else None
                plan.append(EVERY if to is None or (n == 1 != shape[to]) else keep(to))
            sights.append(self.moved(self.of(each), each.shape, plan))
        return self.union(sights)


def _kept(plan: Sequence[Any]) -> frozenset[int]:
    return frozenset(d for d, (what, _, _) in enumerate(plan) if what == KEEP)


def clipped(ends: Ends, limit: int) -> Seen:
    """Return what all elements see alike, less what lies beyond the input."""
    first, last = ends or (0, -1)
    first, last = max(first, 0), min(last, limit - 1)
    return Seen((), (first, last)) if first <= last else NOTHING


def _union(a: Seen, b: Seen, limit: int) -> Seen:
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
        return Seen((), ends)
    if a.field and b.field and len(dims) == 1:
        both = a.field.union(b.field)
        if both is not None:
            return Seen(dims, ends, both)
    grows = any(
        s.grows and s.ends is not None and s.ends[0] <= 0 and s.ends[1] >= limit - 1 for s in (a, b)
    )
    return Seen(dims, ends, None, grows and len(dims) == 1)


# Rules


def first_of(row: Call) -> Tensor:
    """Return the first tensor of a call."""
    first = row.args[0] if row.args else None
    return first if isinstance(first, Tensor) else tensors((row.args, row.kwargs))[0]


def same(run: Run, row: Call) -> Sight:
    """Each element sees what that of the first tensor does."""
    return run.broadcast([first_of(row)], tensors(row.result)[0].shape)


def elementwise(run: Run, row: Call) -> Sight:
    """Each element sees what those of all tensors do."""
    return run.broadcast(tensors((row.args, row.kwargs)), tensors(row.result)[0].shape)


def nothing(run: Run, row: Call) -> Sight:
    """No element sees anything."""
    return run.nothing
