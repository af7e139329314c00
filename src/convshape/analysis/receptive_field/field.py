"""Receptive fields along one axis: which elements of an input an element of a tensor sees.

A field repeats: after some elements (the period) the same picture comes again, some elements of the
input further on (the step). A convolution has a period of 1, its step being the product of the
strides before it; what makes an axis longer by r has a period of r. Such fields are closed under
everything that convolutional networks do, so nothing here is rounded or estimated.

An element sees, of one axis, from the first to the last element that can change it, though a
dilated kernel leaves some out in between. Padding counts as elements that have no numbers: a field
may reach beyond the input. Source: Araujo, Norris and Sim, "Computing receptive fields of
convolutional neural networks", Distill (2019), for periods of 1.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Ends = tuple[int, int] | None

#: The longest period that is kept, and the most elements that are looked at to find one field.
_LONGEST, _MOST = 256, 20_000  # pragma: no mutate


class WindowReads:
    """Which elements of an axis are read, directly, for each element of the axis that comes out.

    Element ``q·len(reads) + r`` reads ``reads[r]``, shifted by ``q·step``.
    """

    __slots__ = ("reads", "step")

    def __init__(self, step: int, reads: Sequence[range]) -> None:
        self.step = step
        self.reads = reads


@lru_cache
def windows(kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> WindowReads:
    """Return what convolution and pooling read."""
    return WindowReads(
        stride, [range(-padding, dilation * (kernel_size - 1) - padding + 1, dilation)]
    )


@lru_cache
def transposed_windows(
    kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> WindowReads:
    """Return what transposed convolution reads.

    Element i lands on ``i·stride + dilation·j − padding`` for each j of the kernel.
    """
    if stride > _LONGEST:
        return WindowReads(1, [range(0)] * (_LONGEST + 1))  # which no field goes through
    hop = stride // gcd(
        stride, dilation
    )  # so many elements of the kernel are between two that are used
    reads = []
    for out in range(stride):
        used = (
            j for j in range(min(hop, kernel_size)) if (out + padding - dilation * j) % stride == 0
        )
        first = next(used, None)
        if first is None:
            reads.append(range(0))
            continue
        last = first + (kernel_size - 1 - first) // hop * hop
        low, high = ((out + padding - dilation * j) // stride for j in (last, first))
        reads.append(range(low, high + 1, max(dilation * hop // stride, 1)))
    return WindowReads(1, reads)


def adaptive_windows(size: int, out: int) -> WindowReads:
    """Return what adaptive pooling reads: ``⌊i·size/out⌋`` to before ``⌈(i + 1)·size/out⌉``."""
    period = out // gcd(size, out)
    return WindowReads(
        size * period // out,
        [
            range(i * size // out, -(-(i + 1) * size // out))
            for i in range(min(period, _LONGEST + 1))
        ],
    )


def shrunk(factor: int) -> WindowReads:
    """Return what reads `factor` elements for each: a shorter axis, the rest put elsewhere."""
    return WindowReads(factor, [range(factor)])


def stretched(factor: int) -> WindowReads:
    """Return what reads each element `factor` times: an axis made longer."""
    return WindowReads(1, [range(1)] * min(factor, _LONGEST + 1))


def strided(start: int, step: int = 1) -> WindowReads:
    """Return what reads one element for each, from `start` on; a negative step reads backwards."""
    return WindowReads(step, [range(start, start + 1)])


def mapped(indices: Sequence[range], size: int) -> WindowReads | None:
    """Return what reads a list of ranges of an axis of `size`, or None where it does not repeat."""
    out = len(indices)
    period, step = out // gcd(size, out), size // gcd(size, out)
    for i in range(period, out):
        before = indices[i - period]
        if indices[i] != range(before.start + step, before.stop + step, before.step):
            return None
    return WindowReads(step, indices[:period])


class Field:
    """What the elements along one axis of a tensor see of one axis of the input.

    Element ``q·len(ends) + r`` sees from first to last of ``ends[r]``, both shifted by ``q·step``;
    None sees nothing.
    """

    __slots__ = ("ends", "step")

    def __init__(self, step: int, ends: Sequence[Ends]) -> None:
        self.step = step
        self.ends = ends

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Field)
            and self.step == other.step
            and list(self.ends) == list(other.ends)
        )

    @property
    def size(self) -> int:
        """The most elements that one sees, those between included."""
        return max([last - first + 1 for first, last in filter(None, self.ends)], default=0)

    @property
    def stride(self) -> int | float:
        """How far the field moves from one element to the next, on average."""
        whole, rest = divmod(self.step, len(self.ends))
        return self.step / len(self.ends) if rest else whole

    @property
    def start(self) -> int:
        """Where the field of the first element that sees something begins."""
        return next((ends[0] for ends in self.ends if ends), 0)

    def at(self, index: int) -> Ends:
        """Return the first and the last that one element sees."""
        turns, phase = divmod(index, len(self.ends))
        ends = self.ends[phase]
        return ends and (ends[0] + turns * self.step, ends[1] + turns * self.step)

    def over(self, indices: range) -> Ends:
        """Return the first and the last that some elements see together."""
        period = len(self.ends)
        if period == 1 and self.ends[0] and indices:  # as nearly always
            first, last = self.ends[0]
            low, high = indices[0] * self.step, indices[-1] * self.step
            return (first + low, last + high) if low <= high else (first + high, last + low)
        if len(indices) > 2 * period:  # the ends lie in the first or in the last period
            return hull((self.over(indices[:period]), self.over(indices[-period:])))
        return hull(map(self.at, indices))

    def through(self, window: WindowReads) -> Field | None:
        """Return the field of what reads this axis by `window`; None if its period is too long."""
        if len(self.ends) == len(window.reads) == 1:  # as nearly always
            return Field(window.step * self.step, [self.over(window.reads[0])])
        repeats = len(self.ends) // gcd(window.step, len(self.ends))
        period = repeats * len(window.reads)
        looks = repeats * sum(min(len(read), 2 * len(self.ends)) for read in window.reads)
        if period > _LONGEST or looks > _MOST:
            return None
        ends = []
        for turn in range(repeats):
            shift = turn * window.step
            for read in window.reads:
                ends.append(self.over(range(read.start + shift, read.stop + shift, read.step)))
        return Field(repeats * window.step * self.step // len(self.ends), ends)

    def union(self, other: Field) -> Field | None:
        """Return what is seen by either; None if one outruns the other, or as `through`."""
        mine, its = len(self.ends), len(other.ends)
        period = mine * its // gcd(mine, its)
        if self.step * its != other.step * mine or period > _LONGEST:
            return None
        ends = [hull((self.at(i), other.at(i))) for i in range(period)]
        return Field(self.step * (period // mine), ends)


def own() -> Field:
    """Return the field of the input itself, where each element sees itself."""
    return Field(1, [(0, 0)])


def hull(several: Iterable[Ends]) -> Ends:
    """Return from the first of all firsts to the last of all lasts."""
    seen = [ends for ends in several if ends]
    return (min(first for first, _ in seen), max(last for _, last in seen)) if seen else None
