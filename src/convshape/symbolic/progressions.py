"""Sets of sizes as progressions and runs, which people can read."""

from __future__ import annotations

import re
from itertools import islice

#: First, last, step.
Progression = tuple[int, int, int]
#: A progression begins with the least size, and its second is among this many from there on.
_SECONDS = 9  # pragma: no mutate


def progressions(sizes: int) -> list[Progression]:
    """Return a set of sizes as a few progressions: first, last and step of each."""
    runs = [(first, last, 1) for first, last in runs_of(sizes)]
    result: list[Progression] = []
    while sizes and len(result) < len(runs):
        first, last, step = _longest(_bits(sizes))
        result.append((first, last, step))
        members = ((1 << last - first + step) - 1) // ((1 << step) - 1) << first
        sizes &= ~members
    return runs if sizes else result


def _longest(bits: str) -> Progression:
    """Return the longest progression that begins with the least of a set of sizes."""
    first = bits.index("1")
    rest = bits[first:]

    def length(step: int) -> int:
        return (rest[::step] + "0").index("0")

    seconds = islice(re.finditer("1", rest), _SECONDS)
    step = max((second.start() or 1 for second in seconds), key=length)
    return first, first + (length(step) - 1) * step, step


def runs_of(sizes: int) -> list[tuple[int, int]]:
    """Return the first and last of each run of consecutive sizes."""
    return [(run.start(), run.end() - 1) for run in re.finditer("1+", _bits(sizes))]


def _bits(sizes: int) -> str:
    """Return whether each size from 0 is in a set, as 0 and 1."""
    return bin(sizes)[:1:-1]
