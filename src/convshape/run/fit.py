"""Which sizes of its input a network takes: all of them, found by what its runs rely on.

A run at one size says, by its conditions, at which other sizes it takes the same path: all of them
fit, or none. The rest is split by the first condition that does not hold, and each part is run
once, until nothing is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from heapq import heappop, heappush
from itertools import count as counter
from operator import or_
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import UnknownOperation
from ..shapetorch.arguments import shape
from ..symbolic.condition import LEAST, Condition
from ..symbolic.expression import symbol
from ..symbolic.region import Axes, Box, TooManyError, members, merged
from ..symbolic.sizes import Sizes, nearest
from ..thread_output import muted
from .varying import Varying, fitting

if TYPE_CHECKING:
    from ..symbolic.dim import Record

#: How long the sizes are explored, in seconds.
SECONDS = 4.0  # pragma: no mutate
#: The largest size of an axis that is looked at: unless more is asked for, and at all.
LARGEST, _FURTHEST = 2048, 2**14
#: How many parts that fit, and that do not, are run at a second size: what a loop counts leaves no
#: condition.
_CHECKED = 4  # pragma: no mutate
_LATE = "the time limit was reached"


class Fit(Sizes):
    """The sizes that a network takes.

    Attributes:
        axes: the sizes that were looked at.
        parts: the sizes that fit, in parts in which all runs take the same path, each after the
            sizes at which it was run.
        unknown: sizes about which nothing is known, as time was up or they depend on more than
            conditions.
        why: what stopped the exploration, if anything.
        refusal: where nothing fits, what stopped the run that came furthest.
        furthest: the sizes of that run.
        lossless: the sizes that fit at which no stride leaves out the last elements of an axis;
            None if they were not computed.
    """

    lossless: Sizes | None = None
    furthest: Mapping[str, int] | None = None

    def __init__(
        self,
        axes: Axes,
        parts: list[tuple[dict[str, int], list[Box]]],
        unknown: list[Box],
        why: str = "",
        refusal: str = "",
    ) -> None:
        super().__init__(axes.symbols, [box for _, region in parts for box in region])
        self.axes = axes
        self.parts = parts
        self.unknown = merged(unknown)
        self.why = why
        self.refusal = refusal

    @property
    def limit(self) -> int:
        """The largest size of an axis that was looked at."""
        return self.axes.limit

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON has it, schema 1."""
        return {
            "schema": 1,
            "symbols": list(self.symbols),
            "independent": self.independent,
            "max": self.limit,
            "sizes": self.to_json(),
            "smallest": self.smallest,
            "lossless": self.lossless and self.lossless.to_json(),
            "complete": not self.why,
            "why": self.why or None,
        }


def fit(varying: Varying, limit: int | None = None, seconds: float = SECONDS) -> Fit:
    """Find the sizes that a network takes.

    Args:
        varying: the network.
        limit: the largest size of an axis, `LARGEST` or twice the largest that it has unless given.
        seconds: how long at most.
    """
    return _Exploration(varying, limit, seconds).run()


class _Exploration:
    """The sizes that are still to be explored, and what is known of the others."""

    def __init__(self, varying: Varying, limit: int | None, seconds: float) -> None:
        self.varying = varying
        self.deadline = clock.seconds() + seconds
        self.own = list(varying.symbols.values())
        usual = max(LARGEST, 2 * max(self.own) * (max(self.own) > LARGEST))
        wanted = usual if limit is None else limit
        most = min(wanted, max(_FURTHEST, usual))
        self.axes = Axes(tuple(varying.symbols), most, self.deadline)
        #: Regions, the one nearest to the values of the symbols first, with its nearest sizes.
        self.pending: list[tuple[tuple[int, int], int, tuple[int, ...], list[Box]]] = []
        self.order = counter()
        self.fitting: list[tuple[dict[str, int], list[Box]]] = []
        self.unknown: list[Box] = []
        self.checked = {True: 0, False: 0}
        self.why = ""
        if wanted > self.axes.limit:
            self.why = f"only sizes up to {self.axes.limit} were searched"
        #: How far the best of the runs came that were refused, and what stopped it.
        self.refused: tuple[int, str, dict[str, int]] = (-1, "", {})

    def run(self) -> Fit:
        self._add(self.axes.all)
        with muted():
            while self.pending and clock.seconds() <= self.deadline:
                _, _, sizes, region = heappop(self.pending)
                self._explore(dict(zip(self.axes.symbols, sizes, strict=True)), region)
        if self.pending:
            self._give_up(_LATE, *(region for *_, region in self.pending))
        _, refusal, furthest = (0, "", None) if self.fitting else self.refused
        result = Fit(self.axes, self.fitting, self.unknown, self.why, refusal)
        result.furthest = furthest
        return result

    def _add(self, region: list[Box]) -> None:
        """Note a region as one that is still to be explored."""
        distance, sizes = min(nearest(box, self.own) for box in region)
        heappush(self.pending, (distance, next(self.order), sizes, region))

    def _explore(self, sizes: dict[str, int], region: list[Box]) -> None:
        """Run one of the sizes of a region, and add the parts that this says nothing of."""
        outcome, record = self.varying.outcome(sizes)
        if isinstance(outcome.error, clock.TimeIsUpError):
            self._give_up(_LATE, region)
            return
        if outcome.error is not None and outcome.reached > self.refused[0]:
            at = shape(tuple(sizes.values()))
            self.refused = outcome.reached, f"at {at} {outcome.error}", sizes
        region, why = self._narrowed(region, record, sizes)
        fits = fitting(outcome)
        if isinstance(outcome.error, UnknownOperation):
            why = why or str(outcome.error)
        elif not why and not self._agrees(region, sizes, fits):
            why = "it depends on a size by more than comparisons"
        if why:
            self._give_up(why, region)
        elif fits:
            self.fitting.append((sizes, region))

    def _narrowed(
        self, region: list[Box], record: Record, sizes: dict[str, int]
    ) -> tuple[list[Box], str]:
        """Return the part of a region in which runs take one path, and what stopped the search."""
        conditions = [*record.conditions, *record.fixed][::-1]
        while conditions:
            if clock.seconds() > self.deadline:
                return region, _LATE
            try:
                region, outside = self.axes.split(region, conditions[-1])
                conditions.pop()
            except TooManyError:
                region, outside = self.axes.split(region, _half(region, sizes))
            if outside:
                self._add(outside)
        return region, ""

    def _agrees(self, region: list[Box], sizes: dict[str, int], fits: bool) -> bool:
        """Return whether another size of a region fits too, or neither does."""
        self.checked[fits] += 1
        if self.checked[fits] > _CHECKED or not region:  # pragma: no mutate
            return True
        largest = [bits.bit_length() - 1 for bits in region[-1]]
        smallest = [(bits & -bits).bit_length() - 1 for bits in region[-1]]
        corner = smallest if largest == [*sizes.values()] else largest
        other = dict(zip(sizes, corner, strict=True))
        return other == sizes or self.varying.fits(other) is fits

    def _give_up(self, why: str, *regions: list[Box]) -> None:
        self.why = self.why or why
        for region in regions:
            self.unknown += region


def _half(region: list[Box], sizes: dict[str, int]) -> Condition:
    """Return a condition that holds at these sizes and in half of a region, on its longest axis."""
    lines = [[*members(reduce(or_, masks))] for masks in zip(*region, strict=True)]
    line, (name, size) = max(zip(lines, sizes.items(), strict=True), key=lambda pair: len(pair[0]))
    middle = line[len(line) // 2]
    upper = Condition(symbol(name).plus(-middle), LEAST)
    return upper if size >= middle else upper.negated()
