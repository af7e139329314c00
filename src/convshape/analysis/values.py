"""What an argument may be, in a search: whole numbers in ranges, or a ratio of sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Values:
    """Whole numbers in ascending order, kept as ranges: ``1..11``, ``1,2,4``."""

    __slots__ = ("ranges",)

    def __init__(self, *ranges: range) -> None:
        merged: list[range] = []
        for part in sorted(filter(None, ranges), key=lambda r: r.start):
            if merged and part.start <= merged[-1].stop:
                stop = max(merged[-1].stop, part.stop)
                merged[-1] = range(merged[-1].start, stop)
            else:
                merged.append(part)
        self.ranges = merged

    def __iter__(self) -> Iterator[int]:
        for part in self.ranges:
            yield from part

    def __str__(self) -> str:
        parts = (str(r.start) if len(r) == 1 else _range_text(r) for r in self.ranges)
        return ",".join(parts)

    @property
    def count(self) -> int:
        """How many there are, of which `len` could not count all."""
        return sum(part.stop - part.start for part in self.ranges)

    @property
    def least(self) -> int:
        """The smallest; 0 where there is none."""
        return self.ranges[0].start if self.ranges else 0

    @property
    def most(self) -> int:
        """The largest; 0 where there is none."""
        return self.ranges[-1].stop - 1 if self.ranges else 0

    def plus(self, value: int) -> Values:
        """Return these and another one."""
        return Values(*self.ranges, range(value, value + 1))

    def within(self, least: int, most: int) -> Values:
        """Return those that lie between two numbers, these included."""
        if least <= self.least and self.most <= most:
            return self
        return Values(*(range(max(r.start, least), min(r.stop, most + 1)) for r in self.ranges))

    def around(self, least: int, most: int, near: bool) -> Iterator[int]:
        """Yield those `within`, or with `near`, where there is none, the next below and above."""
        inside = self.within(least, most)
        yield from inside
        if near and not inside.ranges:
            below, above = self.within(0, least - 1), self.within(most + 1, self.most)
            if below.ranges:
                yield below.most
            if above.ranges:
                yield above.least


def _range_text(numbers: range) -> str:
    separator = "," if len(numbers) == 2 else ".."
    return f"{numbers.start}{separator}{numbers.stop - 1}"


class Ratio(NamedTuple):
    """How the size that comes out relates to that which comes in: ``factor / divisor``."""

    factor: int
    divisor: int

    def of(self, size: int) -> list[range]:
        """Return the allowed sizes: if the division has a remainder, the ones on both sides."""
        whole, rest = divmod(size * self.factor, self.divisor)
        least = max(whole, 1)
        return [range(least, whole + (1 if not rest else 2))] if whole or rest else []

    def exactly(self, size: int) -> int:
        """Return the size of a multiple of the divisor."""
        return size * self.factor // self.divisor

    def example(self, stride: int) -> range:
        """Return a size whose ratio is whole, as a range of one."""
        size = 8 * stride * self.divisor
        return range(size, size + 1)

    def text(self, name: str) -> str:
        """Write the size that results from one that has a name: ``n/2``, ``2n``."""
        factor = f"{self.factor}" if self.factor > 1 else ""
        return f"{factor}{name}" + (f"/{self.divisor}" if self.divisor > 1 else "")
