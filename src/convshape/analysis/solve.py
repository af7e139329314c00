"""One layer backwards: which arguments, or which inputs, give a wanted size.

For each combination of kernel, stride, dilation and output padding (or ceil_mode) within bounds the
padding, or the input, follows in closed form (`inverse`). So no solution within the bounds is
missed, and what the layer's rules refuse is not tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from .inverse import END, Arguments, Axis, Conv, Rank
from .values import Ratio, Values

#: How many combinations are tried, and how many solutions are listed.
TRIES, MOST = 40_000, 10_000  # pragma: no mutate


class Entry(NamedTuple):
    """A solution along one axis; `size` and `out` are 0 where every input size has it."""

    size: int
    out: int
    arguments: Arguments
    rank: Rank


class Answer(NamedTuple):
    """What `solve` finds.

    Attributes:
        solutions: an entry for each axis, what people write first; `MOST` at most.
        total: how many there are.
        complete: whether all within the bounds were tried.
        kernel_size: the largest kernel for which that is so where it is not; 0 for none.
    """

    solutions: list[tuple[Entry, ...]]
    total: int
    complete: bool
    kernel_size: int


class _EnoughError(Exception):
    """More has been tried than anybody would wait for."""


class _Search:
    """The combinations of one axis, one after the other, and how far that came."""

    def __init__(self, layer: Conv, axis: Axis, together: bool = False) -> None:
        self.layer = layer
        self.axis = axis
        self.together = together  # what is near for one axis only may be nearest for several
        self.tries = 0
        self.complete = True
        self.kernel_size = 0

    def entries(self) -> Iterator[Entry]:
        """Yield the solutions."""
        axis, layer = self.axis, self.layer
        if axis.inputs is None and isinstance(axis.outputs, Ratio):
            for size, _, a in self._pairs(near=False):
                if _holds_always(layer, size, a, axis.outputs):
                    yield Entry(0, 0, a, layer.rank(size, axis.outputs.exactly(size), a))
            return
        for size, wanted, a in self._pairs(near=False):
            out = layer.out(size, a)
            if out in wanted:
                yield Entry(size, out, a, layer.rank(size, out, a))

    def misses(self) -> Iterator[tuple[int, Entry]]:
        """Yield combinations that come near, and by how much they miss."""
        for size, wanted, a in self._pairs(near=True):
            out = self.layer.out(size, a)
            if out >= 1:
                distance = max(wanted[0] - out, out - wanted[-1], 0)
                yield distance, Entry(size, out, a, self.layer.rank(size, out, a))

    def _pairs(self, near: bool) -> Iterator[tuple[int, range, Arguments]]:
        """Yield sizes that come in, those wanted, and arguments that may give one of them.

        With `near` also what comes nearest where none does.
        """
        try:
            for a in self._windows():
                paddings = self.axis.padding.within(0, self.layer.most_padding(a.kernel_size))
                for size, wanted, padding in self._of_window(a, paddings, near):
                    self._count()
                    yield size, wanted, a._replace(padding=padding)
        except _EnoughError:
            self.complete = False

    def _count(self) -> None:
        """Count a try, and stop the search where there are too many."""
        self.tries += 1
        if self.tries > TRIES:  # pragma: no mutate
            raise _EnoughError

    def _windows(self) -> Iterator[Arguments]:
        axis, layer = self.axis, self.layer
        for kernel in axis.kernel_size.within(1, layer.largest_kernel(axis)):
            strides = axis.stride.plus(kernel) if axis.own_stride else axis.stride
            for stride, dilation in _pairs_of(strides, axis.dilation):
                for extra in axis.extra.within(0, layer.most_extra(stride, dilation)):
                    self._count()
                    yield Arguments(kernel, stride, 0, dilation, extra)
            self.kernel_size = kernel

    def _of_window(
        self, a: Arguments, paddings: Values, near: bool
    ) -> Iterator[tuple[int, range, int]]:
        """Solve for the padding or for the input, whichever may have more values."""
        inputs, outputs = self.axis.inputs, self.axis.outputs
        if isinstance(outputs, Ratio) or (inputs is not None and inputs.count <= paddings.count):
            if inputs is None:
                assert isinstance(outputs, Ratio)
                inputs = Values(outputs.example(a.stride))
            for size in inputs:
                self._count()
                wanted_sizes = outputs.of(size) if isinstance(outputs, Ratio) else outputs.ranges
                for wanted in wanted_sizes:
                    ends = self.layer.paddings(size, wanted, a)
                    for padding in paddings if self.together else paddings.around(*ends, near):
                        yield size, wanted, padding
            return
        sizes_in = inputs or Values(range(1, END))
        for padding in paddings:
            self._count()
            a = a._replace(padding=padding)
            for wanted in outputs.ranges:
                for size in sizes_in.around(*self.layer.inputs(wanted, a), near):
                    yield size, wanted, padding


def _pairs_of(strides: Values, dilations: Values) -> Iterator[tuple[int, int]]:
    """Yield all pairs, without a list of either."""
    return ((stride, dilation) for stride in strides for dilation in dilations)


def _holds_always(layer: Conv, size: int, a: Arguments, ratio: Ratio) -> bool:
    """Return whether every size has the ratio, from `size` on.

    All equations repeat: a stride more goes in, then one more comes out, or the other way round. A
    ratio that holds a period later too is therefore the one between them, and holds at all sizes.
    """
    period = a.stride * ratio.divisor
    return all(layer.out(n, a) == ratio.exactly(n) for n in (size, size + period))


def solve(layer: Conv, axes: Sequence[Axis], shared: Sequence[str]) -> Answer:
    """Find all arguments, and inputs, that give what is wanted along each axis.

    Args:
        layer: what is solved for.
        axes: what is asked along each axis.
        shared: the fields of `Arguments` that are the same for all axes.
    """
    searches = [_Search(layer, axis) for axis in axes]
    groups: list[dict[tuple[int, ...], list[Entry]]] = []
    for search in searches:
        by_key: dict[tuple[int, ...], list[Entry]] = {}
        for entry in search.entries():
            by_key.setdefault(_key(entry, shared), []).append(entry)
        groups.append(by_key)
    together = [
        [by_key[key] for by_key in groups]
        for key in groups[0]
        if all(key in by_key for by_key in groups)
    ]
    incomplete = [search.kernel_size for search in searches if not search.complete]
    return Answer(
        _best(together),
        sum(prod(map(len, lists)) for lists in together),
        not incomplete,
        min(incomplete, default=0),
    )


def _key(entry: Entry, shared: Sequence[str]) -> tuple[int, ...]:
    return tuple(getattr(entry.arguments, name) for name in shared)


def _best(together: list[list[list[Entry]]]) -> list[tuple[Entry, ...]]:
    """Return the combinations of entries, a list for each axis, in their order; `MOST` at most."""
    for lists in together:
        for entries in lists:
            entries.sort(key=lambda entry: entry.rank)
    together.sort(key=lambda lists: _summed([entries[0] for entries in lists]))
    solutions: list[tuple[Entry, ...]] = []
    for lists in together:
        if len(solutions) >= MOST:  # pragma: no mutate
            break  # pragma: no mutate
        # The best of all are among the best of each axis.
        if prod(map(len, lists)) > MOST:  # pragma: no mutate
            most = round(MOST ** (1 / len(lists)))  # pragma: no mutate
            lists = [entries[:most] for entries in lists]
        solutions.extend(product(*lists))
    solutions.sort(key=_summed)
    return solutions[:MOST]


def _summed(entries: Sequence[Entry]) -> Rank:
    return tuple(map(sum, zip(*(entry.rank for entry in entries), strict=True)))


def nearest(layer: Conv, axes: Sequence[Axis], shared: Sequence[str]) -> tuple[Entry, ...] | None:
    """Return what comes nearest to what is wanted where nothing gives it; None if nothing runs."""
    groups = []
    for axis in axes:
        best: dict[tuple[int, ...], tuple[int, Entry]] = {}
        for distance, entry in _Search(layer, axis, together=len(axes) > 1).misses():
            key = _key(entry, shared)
            if key not in best or (distance, entry.rank) < (best[key][0], best[key][1].rank):
                best[key] = distance, entry
        groups.append(best)
    together = [
        [best[key] for best in groups] for key in groups[0] if all(key in best for best in groups)
    ]
    if not together:
        return None
    answer = min(
        together,
        key=lambda pairs: (sum(d for d, _ in pairs), _summed([entry for _, entry in pairs])),
    )
    return tuple(entry for _, entry in answer)
