"""Sets of sizes as progressions and runs, which people can read."""

from __future__ import annotations

from itertools import islice

from .region import least, members

#: First, last, step.
Progression = tuple[int, int, int]
#: How many of the next sizes may be the second of a progression.
_STEPS = 8


def progressions(sizes: int) -> list[Progression]:
    """Return a set of sizes as a few progressions: first, last and step of each."""
    runs = [(first, last, 1) for first, last in runs_of(sizes)]
    result: list[Progression] = []
    while sizes:
        first = least(sizes)
        best = (first, first, 1, 1 << first)
        rest = sizes ^ (1 << first)
        for second in islice(members(rest), _STEPS):
            step, last, mask = second - first, first, 0
            while sizes >> last & 1:
                mask |= 1 << last
                last += step
            if mask.bit_count() > best[3].bit_count():
                best = (first, last - step, step, mask)
        result.append(best[:3])
        sizes &= ~best[3]
    return runs if len(runs) < len(result) else result


def runs_of(sizes: int) -> list[tuple[int, int]]:
    """Return the first and last of each run of consecutive sizes."""
    runs: list[tuple[int, int]] = []
    while sizes:
        first = least(sizes)
        length = least(~(sizes >> first))
        runs.append((first, first + length - 1))
        sizes &= -1 << first + length
    return runs
