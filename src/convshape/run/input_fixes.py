"""Inputs near the one of a run that stopped which the whole network takes: each is tried."""

from __future__ import annotations

from itertools import product
from math import prod
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import Fix
from ..shapetorch import dtypes
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.tensor import Tensor
from .network_fixes import CHANNELS
from .record import SHOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .diagnosis import Diagnosis

#: How many layer calls the search may take: well under a second. Where calls take longer, or copies
#: of lazy layers, it ends after so many seconds.
_SEARCH_CALLS, _SEARCH_SECONDS = 20_000, 2


def other_input(run: Diagnosis) -> Iterator[Fix]:
    """Yield other inputs, of a network that has one with a batch axis."""
    if len(run.inputs) == 1 and run.inputs[0].shape:
        search = _Search(run)
        for inputs in (_dtypes, _batch, _images, _channels, _sizes):
            yield from inputs(search)


class _Search:
    """One search.

    Attributes:
        batch, sample, dtype: of the input, the sample's shape without the batch axis.
        reach: how far from its sizes others are tried.
    """

    def __init__(self, run: Diagnosis) -> None:
        self.run = run
        self.change = run.error.change
        self.layer = run.error.module
        self.batch, *self.sample = run.inputs[0].shape
        self.dtype = run.inputs[0].dtype
        self._deadline = monotonic() + _SEARCH_SECONDS
        calls = sum(row.level == SHOWN for row in run.rows)
        self.reach = min(
            2 * max(self.sample[1:], default=0) + 64, _SEARCH_CALLS // (2 * max(calls, 1))
        )

    def fits(
        self, sample: Sequence[int], dtype: dtypes.dtype | None = None, batch: int | None = None
    ) -> bool:
        """Tell whether the network takes such samples; none once the time is up."""
        if monotonic() > self._deadline:
            return False
        count = self.batch if batch is None else batch
        return self.run.runs(Tensor((count, *sample), dtype or self.dtype))

    def text(self, sample: Sequence[int], dtype: dtypes.dtype | None = None) -> str:
        """Write such an input."""
        plain = dtype in (None, dtypes.float32) and self.dtype is dtypes.float32
        kind = "" if plain else f"{(dtype or self.dtype).name}:"
        return f"an input of {kind}{shape_text(tuple(sample))}"

    def sizes_text(self, *sizes: object) -> str:
        """Write sizes; a series has its channels with it: one number could be either."""
        return " × ".join(map(str, sizes if len(sizes) > 1 else (self.sample[0], *sizes)))

    def fits_at(self, shift: int) -> bool:
        """Tell whether a sample fits whose sizes are all larger by so much."""
        channels, *sizes = self.sample
        return min(sizes) + shift >= 1 and self.fits([channels, *(n + shift for n in sizes)])

    def nearest(self, shifts: Iterable[int]) -> int | None:
        """Return the first of these shifts at which a sample fits."""
        return next(filter(self.fits_at, shifts), None)


def _dtypes(search: _Search) -> Iterator[Fix]:
    for dtype in (dtypes.float32, dtypes.int64):
        if dtype is not search.dtype and search.fits(search.sample, dtype):
            yield Fix(search.text(search.sample, dtype))


def _batch(search: _Search) -> Iterator[Fix]:
    """Yield the input without its first axis, which may have been given for the batch axis."""
    count, *sample = search.sample or [0]
    if sample and not search.change and search.fits(sample, batch=count):
        many = f" and a batch of {count}" if count != 1 else ""
        yield Fix(f"{search.text(sample)}{many}: the batch axis is added in front of it")


def _images(search: _Search) -> Iterator[Fix]:
    """Yield images with the channels that a layer wants: of as many elements, of a usual size."""
    layer, count = search.layer, prod(search.sample)
    channels = getattr(layer, "in_channels", getattr(layer, "num_features", None))
    axes = getattr(layer, "_axes", 0)
    if search.change or not (axes and isinstance(channels, int) and channels):
        return
    side = round((count / channels) ** (1 / axes))
    sides = [side] if channels * side**axes == count else []
    for each in (*sides, 32):
        if search.fits([channels, *[each] * axes]):
            yield Fix(search.text([channels, *[each] * axes]))


def _channels(search: _Search) -> Iterator[Fix]:
    """Yield inputs with the channels, or the features, that a layer wants."""
    # A function has no such attribute of its own, and its module none or another.
    names = CHANNELS & search.change.keys()
    wanted = next((getattr(search.layer, name, None) for name in names), None)
    if not isinstance(wanted, int):
        return
    sample = search.sample
    first, last = [wanted, *sample[1:]], [*sample[:-1], wanted]
    to_front, to_back = [*sample[-1:], *sample[:-1]], [*sample[1:], *sample[:1]]
    if sample[-1:] == [wanted] and search.fits(to_front):
        # That the layer could be changed instead helps nobody.
        yield Fix(f"{search.text(to_front)}: the channels come first", only=True)
    for near in (first, to_front, [wanted, *sample], last, to_back):
        if search.fits(near):
            yield Fix(search.text(near))


def _sizes(search: _Search) -> Iterator[Fix]:
    """Yield other sizes of an image, or whatever has channels."""
    if len(search.sample) < 2:
        return
    sizes = search.sample[1:]
    if len(set(sizes)) > 1:
        others = _size_by_axis(search) or _alike_shifted(search)
        if others:
            yield Fix(f"an input of {search.sizes_text(*others)}")
        return
    nearest = search.nearest(_around(1, search.reach))
    if nearest is not None:
        yield Fix(f"an input of {_range_text(search, nearest)}")


def _around(start: int, end: int) -> Iterator[int]:
    return (shift for distance in range(start, end) for shift in (distance, -distance))


def _size_by_axis(search: _Search) -> list[int]:
    """Return sizes that fit together, each the nearest that fits along all axes; else none."""
    channels, *sizes = search.sample

    def fits(size: int) -> bool:
        return size >= 1 and search.fits([channels, *[size] * len(sizes)])

    near = [next((n + s for s in _around(0, search.reach) if fits(n + s)), 0) for n in sizes]
    return near if all(near) and search.fits([channels, *near]) else []


def _alike_shifted(search: _Search) -> list[int]:
    """Return the nearest sizes that fit of those that are all larger, or smaller, by as much."""
    shift = search.nearest(_around(1, search.reach))
    return [] if shift is None else [n + shift for n in search.sample[1:]]


def _range_text(search: _Search, nearest: int) -> str:
    """Write the sizes around one that fits, the same along every axis."""
    channels, size, *others = search.sample
    axes, reach = 1 + len(others), search.reach

    def alike(*sizes: object) -> list[str]:
        return [search.sizes_text(*[each] * axes) for each in sizes]

    low, high = _last(search.fits_at, nearest, -1, reach), _last(search.fits_at, nearest, 1, reach)
    first, last = size + low, size + high
    if high >= reach - 1 and search.fits_at(2 * reach) and search.fits_at(3 * reach + 1):
        return f"at least {alike(first)[0]}"
    if first == last:  # a grid of sizes fits, whose neighbours are on both sides
        side = -1 if nearest > 0 else 1
        across = search.nearest(side * distance for distance in range(1, reach))
        return " or ".join(alike(*sorted({first, first if across is None else size + across})))
    if all(search.fits([channels, *corner]) for corner in product((first, last), repeat=axes)):
        return alike(f"{first}..{last}")[0]
    return f"{' to '.join(alike(first, last))}, the same along every axis"


def _last(fits_at: Callable[[int], bool], shift: int, step: int, reach: int) -> int:
    """Return the last shift that fits in one direction, not past none and not past the reach."""
    while shift + step != 0 and abs(shift) < reach and fits_at(shift + step):
        shift += step
    return shift
