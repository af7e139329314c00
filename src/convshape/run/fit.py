"""Which sizes of its input a network takes: all of them, found by what its runs rely on.

A run at one size says, by its conditions, at which other sizes it goes the same way: all of these
fit, or none. The rest is split by the first condition that does not hold, and each part is run once,
until nothing is left.
"""

from __future__ import annotations

from functools import reduce
from heapq import heappop, heappush
from itertools import count as counter
from itertools import product
from math import prod
from operator import or_
from typing import TYPE_CHECKING

from .. import clock
from ..errors import SpecError, UnknownOperation
from ..shapetorch.arguments import shape
from ..symbolic.region import Axes, TooManyError, count, least, merged, progressions, smallest
from ..thread_output import muted
from .varying import Varying, fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from ..symbolic.dim import Record
    from ..symbolic.region import Box
    from .program import Program
    from .record import Run

#: How long the sizes are explored, in seconds.
SECONDS = 4.0
#: The largest size of an axis that is looked at: unless more is asked for, and at all.
LARGEST, _FURTHEST = 2048, 2**14
#: How many parts that fit are run at a second size: what a loop counts leaves no condition.
_CHECKED = 3
_LATE = "the time limit was reached"


class Fit:
    """The sizes that a network takes.

    Attributes:
        symbols: the axes that vary.
        limit: the largest size that was looked at.
        region: the sizes that fit.
        unknown: sizes of which nothing is known, since time was up or they depend on more than conditions.
        why: what stopped the exploration, if anything.
        refusal: where nothing fits, what stopped the run that came furthest.
    """

    def __init__(
        self,
        symbols: Sequence[str],
        limit: int,
        region: list[Box],
        unknown: list[Box],
        why: str = "",
        refusal: str = "",
    ) -> None:
        self.symbols = tuple(symbols)
        self.limit = limit
        self.region = merged(region)
        self.unknown = merged(unknown)
        self.why = why
        self.refusal = refusal

    @property
    def independent(self) -> bool:
        """Whether each axis may have any of its sizes, whatever those of the others are."""
        return count(self.region) == prod(sizes.bit_count() for sizes in self._projected())

    @property
    def boxes(self) -> list[Box]:
        """The sizes of each axis as bits, one box where axes are independent."""
        return [tuple(self._projected())] if self.independent and self.region else self.region

    @property
    def sizes(self) -> list[dict[str, list[tuple[int, int, int]]]]:
        """The sizes of each axis as progressions: first, last, step; one entry where axes are independent."""
        return [
            {name: progressions(sizes) for name, sizes in zip(self.symbols, box, strict=True)}
            for box in self.boxes
        ]

    @property
    def smallest(self) -> dict[str, int] | None:
        """The sizes of the input with the fewest elements; None where nothing fits."""
        sizes = smallest(self.region)
        return None if sizes is None else dict(zip(self.symbols, sizes, strict=True))

    def __contains__(self, sizes: Mapping[str, int]) -> bool:
        return any(
            all(box[i] >> sizes[name] & 1 for i, name in enumerate(self.symbols))
            for box in self.region
        )

    def near(self, sizes: Mapping[str, int]) -> list[dict[str, int]]:
        """Return the sizes that fit nearest to some: where axes are independent, of each below and above.

        They are in order of how many elements are cut or added.
        """
        wanted = [sizes[name] for name in self.symbols]
        corners = {corner for box in self.region for corner in product(*map(around, box, wanted))}
        by_distance = sorted((distance(corner, wanted), corner) for corner in corners)
        return [dict(zip(self.symbols, corner, strict=True)) for _, corner in by_distance]

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON has it, schema 1."""
        found = [{n: [list(p) for p in parts] for n, parts in each.items()} for each in self.sizes]
        independent = self.independent
        return {
            "schema": 1,
            "symbols": list(self.symbols),
            "independent": independent,
            "max": self.limit,
            "sizes": (found[0] if found else {n: [] for n in self.symbols})
            if independent
            else found,
            "smallest": self.smallest,
            "complete": not self.why,
            "why": self.why or None,
        }

    def _projected(self) -> list[int]:
        axes = range(len(self.symbols))
        return [reduce(or_, (box[axis] for box in self.region), 0) for axis in axes]


def around(sizes: int, wanted: int) -> list[int]:
    """Return the wanted size, or the nearest ones of a set below and above it."""
    if sizes >> wanted & 1:
        return [wanted]
    below, above = sizes & ((1 << wanted) - 1), sizes >> wanted << wanted
    return [below.bit_length() - 1] * bool(below) + [least(above)] * bool(above)


def distance(sizes: Sequence[int], wanted: Sequence[int]) -> tuple[int, int]:
    """Return by how much sizes are different: along the worst axis, and along all."""
    steps = [abs(a - b) for a, b in zip(sizes, wanted, strict=True)]
    return max(steps), sum(steps)


def nearest(box: Box, wanted: Sequence[int]) -> tuple[tuple[int, int], tuple[int, ...]]:
    """Return the sizes of a box that are nearest to some, behind their distance."""
    sizes = tuple(
        min((abs(n - size), n) for n in around(mask, size))[1]
        for mask, size in zip(box, wanted, strict=True)
    )
    return distance(sizes, wanted), sizes


def fit(
    program: Program,
    limit: int | None = None,
    seconds: float = SECONDS,
    accepts: Callable[[Run], bool] | None = None,
) -> Fit:
    """Find the sizes that a network takes.

    Args:
        program: the network with its inputs, in which the axes that vary are `Dim`; without any, the
            spatial axes of the first input vary.
        limit: the largest size of an axis, `LARGEST` or twice the largest that it has unless given.
        seconds: how long at most.
        accepts: what else a run must give, by comparing sizes.

    Raises:
        SpecError: no axis varies, or `accepts` says that there is nothing of what it wants.
    """
    varying = Varying(program, accepts)
    if not varying.symbols:
        shapes = ", ".join(shape(tensor.shape) for tensor in varying.inputs) or "none"
        raise SpecError(
            f"no input size is variable: {shapes}", fix="--in 3xHxW: letters for sizes that vary"
        )
    return explored(varying, limit, seconds)


def explored(varying: Varying, limit: int | None = None, seconds: float = SECONDS) -> Fit:
    """Find the sizes that a network takes; the arguments are those of `fit`."""
    return _Exploration(varying, limit, seconds).run()


class _Exploration:
    """The sizes that are still to be explored, and what is known of the others."""

    def __init__(self, varying: Varying, limit: int | None, seconds: float) -> None:
        self.varying = varying
        self.deadline = clock.seconds() + seconds
        self.own = list(varying.symbols.values())
        usual = max(LARGEST, 2 * max(self.own) * (max(self.own) > LARGEST))
        wanted = usual if limit is None else limit
        self.axes = Axes(tuple(varying.symbols), min(wanted, max(_FURTHEST, usual)))
        #: Regions with their sizes that are nearest to those that the symbols have: these come first.
        self.pending: list[tuple[tuple[int, int], int, tuple[int, ...], list[Box]]] = []
        self.order = counter()
        self.fitting: list[Box] = []
        self.unknown: list[Box] = []
        self.why = ""
        if wanted > self.axes.limit:
            self.why = f"only sizes up to {self.axes.limit} were searched"
        #: How far the best of the runs came that were refused, and what stopped it.
        self.refused = (-1, "")

    def run(self) -> Fit:
        self._add(self.axes.all)
        with muted():
            while self.pending and clock.seconds() <= self.deadline:
                _, _, sizes, region = heappop(self.pending)
                self._explore(dict(zip(self.axes.symbols, sizes, strict=True)), region)
        if self.pending:
            self._give_up(_LATE, *(region for *_, region in self.pending))
        refusal = "" if self.fitting else self.refused[1]
        axes = self.axes
        return Fit(axes.symbols, axes.limit, self.fitting, self.unknown, self.why, refusal)

    def _add(self, region: list[Box]) -> None:
        """Note a region as one that is still to be explored."""
        distance, sizes = min(nearest(box, self.own) for box in region)
        heappush(self.pending, (distance, next(self.order), sizes, region))

    def _explore(self, sizes: dict[str, int], region: list[Box]) -> None:
        """Run one of the sizes of a region, and add the parts that this says nothing of."""
        outcome, record = self.varying.outcome(sizes)
        if outcome.error is not None and outcome.reached > self.refused[0]:
            at = shape(tuple(sizes.values()))
            self.refused = outcome.reached, f"at {at} {outcome.error}"
        region, why = self._narrowed(region, record)
        if isinstance(outcome.error, UnknownOperation):
            why = why or str(outcome.error)
        elif not why and fitting(outcome) and not self._holds(region, sizes):
            why = "it depends on a size by more than comparisons"
        if why:
            self._give_up(why, region)
        elif fitting(outcome):
            self.fitting += region

    def _narrowed(self, region: list[Box], record: Record) -> tuple[list[Box], str]:
        """Return the part of a region at which a run goes the same way, and what kept it from being found."""
        for condition in (*record.conditions, *record.fixed):
            if clock.seconds() > self.deadline:
                return region, _LATE
            try:
                region, outside = self.axes.split(region, condition)
            except TooManyError:
                return region, f"{condition} ties many sizes together"
            if outside:
                self._add(outside)
        return region, ""

    def _holds(self, region: list[Box], sizes: dict[str, int]) -> bool:
        """Tell whether another size of a region fits as well: what a loop counts leaves no condition."""
        if len(self.fitting) > _CHECKED:
            return True
        corner = [each.bit_length() - 1 for each in region[-1]] if region else [*sizes.values()]
        other = dict(zip(sizes, corner, strict=True))
        return other == sizes or self.varying.fits(other)

    def _give_up(self, why: str, *regions: list[Box]) -> None:
        self.why = self.why or why
        for region in regions:
            self.unknown += region
