"""Sets of sizes of several axes: which they are, and which are near to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import product
from math import prod
from operator import or_
from typing import Any

from .progressions import progressions
from .region import Box, count, least, merged, smallest


class Sizes:
    """A set of sizes of several axes.

    Attributes:
        symbols: the axes.
        region: the sizes.
    """

    def __init__(self, symbols: Sequence[str], region: list[Box]) -> None:
        self.symbols = tuple(symbols)
        self.region = sorted(merged(region), key=lambda box: [*map(least, box)])

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
        """The sizes of each axis as (first, last, step); one entry where axes are independent."""
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
        """Return the nearest sizes that fit: on independent axes, one below and one above each.

        They are in order of how many elements are cut or added.
        """
        wanted = [sizes[name] for name in self.symbols]
        corners = {corner for box in self.region for corner in product(*map(around, box, wanted))}
        by_distance = sorted((distance(corner, wanted), corner) for corner in corners)
        return [dict(zip(self.symbols, corner, strict=True)) for _, corner in by_distance]

    def to_json(self) -> Any:
        """Return the progressions of each axis; a list of such objects if the axes are tied."""
        boxes = [{n: [list(p) for p in parts] for n, parts in box.items()} for box in self.sizes]
        if not self.independent:
            return boxes
        return boxes[0] if boxes else {name: [] for name in self.symbols}

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
