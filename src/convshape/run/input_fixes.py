"""Inputs near the one of a run that stopped which the whole network takes: each is tried."""

from __future__ import annotations

import re
from functools import partial
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from .. import clock
from ..errors import Fix
from ..shapetorch import dtypes
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.module import REQUIRED, Module, signature
from ..shapetorch.tensor import Tensor
from .diagnosis import SECONDS
from .network_fixes import CHANNELS
from .record import SHOWN, tensors
from .trial import Change, keeps_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from .diagnosis import Diagnosis
    from .program import Program
    from .record import Row
    from .trial import Outcome

#: How many layer calls the search may take: well under a second.
_SEARCH_CALLS = 20_000
#: Sizes of images that networks are written for, the usual ones first.
USUAL = (224, 32, 28, 64, 256, 128, 96, 112, 299, 227, 512, 384, 48, 16)


def other_input(run: Diagnosis) -> Iterator[Fix]:
    """Yield other inputs, of a network that has one with a batch axis."""
    if len(run.inputs) == 1 and run.inputs[0].shape:
        search = _Search(run)
        for inputs in (_dtypes, _batch, _batches, _forgotten, _order, _images, _channels, _sizes):
            yield from filter(search.holds, inputs(search))


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
        self.offered: dict[tuple[str, ...], list[Tensor]] = {}
        calls = sum(row.level == SHOWN for row in run.rows)
        self.reach = min(
            2 * max(self.sample[1:], default=0) + 64, _SEARCH_CALLS // (2 * max(calls, 1))
        )

    def fits(
        self, sample: Sequence[int], dtype: dtypes.dtype | None = None, batch: int | None = None
    ) -> bool:
        """Tell whether the network takes such samples; none once the time is up."""
        count = self.batch if batch is None else batch
        change = Change("", inputs=[Tensor((count, *sample), dtype or self.dtype)])
        outcome = self.run.tried(change)
        if not outcome.ok or outcome.misplaced:
            return False
        return self.run.run.batch is None or keeps_batch(outcome.output, count)

    def text(self, sample: Sequence[int], dtype: dtypes.dtype | None = None) -> str:
        """Write such an input."""
        plain = dtype in (None, dtypes.float32) and self.dtype is dtypes.float32
        kind = "" if plain else f"{(dtype or self.dtype).name}:"
        return f"an input of {kind}{shape_text(tuple(sample))}"

    def option(self, sample: Sequence[int], dtype: dtypes.dtype | None = None) -> str:
        """Write an input as ``--in`` takes it."""
        kind = dtype or self.dtype
        sizes = "x".join(map(str, sample)) or "()"
        return sizes if kind is dtypes.float32 else f"{kind.name}:{sizes}"

    def fix(
        self,
        text: str,
        *samples: Sequence[int],
        dtype: dtypes.dtype | None = None,
        batch: int | None = None,
        only: bool = False,
    ) -> Fix:
        """Return the offer of one or more samples to choose from."""
        inputs = tuple(dict.fromkeys(self.option(sample, dtype) for sample in samples))
        self.offered[inputs] = [
            Tensor((self.batch if batch is None else batch, *sample), dtype or self.dtype)
            for sample in samples
        ]
        return Fix(text, only=only, inputs=inputs, batch=batch)

    def holds(self, fix: Fix) -> bool:
        """Return whether the network runs on each offered input, twice, with the batch whole."""
        mends = self.run.mends
        return all(mends(Change("", inputs=[each])) for each in self.offered[fix.inputs])

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
            yield search.fix(search.text(search.sample, dtype), search.sample, dtype=dtype)


def _batch(search: _Search) -> Iterator[Fix]:
    """Yield the input without its first axis, which may have been given for the batch axis."""
    count, *sample = search.sample or [0]
    if sample and not search.change and search.fits(sample, batch=count):
        many = f" and a batch of {count}" if count != 1 else ""
        text = f"{search.text(sample)}{many}: the batch axis is added in front of it"
        yield search.fix(text, sample, batch=count)


def _batches(search: _Search) -> Iterator[Fix]:
    """Yield a batch of the size for which the network keeps something, such as a state."""
    row = search.run.refused
    if row is None or search.change:
        return
    sizes = {n for each in tensors((row.args, row.kwargs)) for n in each.shape}
    for count in sorted(sizes - {search.batch, 0}):
        if search.fits(search.sample, batch=count):
            text = f"a batch of {count} (--batch {count}), or states made for x.size(0) samples"
            yield search.fix(text, search.sample, batch=count)


def _forgotten(search: _Search) -> Iterator[Fix]:
    """Yield the input with the axis that was left out: the channels, or one of the sizes."""
    first = _first_layer(search.run.rows)
    axes, channels = getattr(first, "_axes", 0), getattr(first, "in_channels", 0)
    if len(search.sample) != axes or not channels:
        return
    for sample in ([channels, *search.sample], [*search.sample, *search.sample[-1:]]):
        if sample[0] == channels and search.fits(sample):
            yield search.fix(search.text(sample), sample, only=channels == 1)


def _order(search: _Search) -> Iterator[Fix]:
    """Yield a video with the channels before its frames, where they stand behind."""
    sample = search.sample
    if len(sample) == 4 and getattr(search.layer, "in_channels", 0) == sample[1]:
        swapped = [sample[1], sample[0], *sample[2:]]
        if search.fits(swapped):
            yield search.fix(f"{search.text(swapped)}: the channels come first", swapped)


def _first_layer(rows: Iterable[Row]) -> Any:
    """Return the first layer that was called."""
    return next(
        (row.call for row in rows if isinstance(row.call, Module) and not row.is_container), None
    )


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
            sample = [channels, *[each] * axes]
            yield search.fix(search.text(sample), sample)


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
        text = f"{search.text(to_front)}: the channels come first"
        yield search.fix(text, to_front, only=True)
    for near in (first, to_front, [wanted, *sample], last, to_back):
        if search.fits(near):
            yield search.fix(search.text(near), near)


def _sizes(search: _Search) -> Iterator[Fix]:
    """Yield other sizes of an image, or whatever has channels."""
    if len(search.sample) < 2 or _counts_channels(search):
        return
    sizes = search.sample[1:]
    if len(set(sizes)) > 1:
        yield from _by_axis(search)
        shift = search.nearest(_around(1, search.reach))
        if shift is not None:
            yield _of_sizes(search, [n + shift for n in sizes])
        yield from _together(search)
        return
    nearest = search.nearest(_around(1, search.reach))
    if nearest is None:
        nearest = search.nearest(size - sizes[0] for size in USUAL if size != sizes[0])
    if nearest is not None:
        yield _range(search, nearest)
    yield from _together(search)


def _together(search: _Search) -> Iterator[Fix]:
    """Yield the size with which a flattened map of two axes has the features that are wanted.

    Along each axis the map grows with the input, so an axis is searched by halves, the other kept.
    """
    wanted = getattr(search.layer, "in_features", 0)
    rows = search.run.givers(search.run.refused) if search.run.refused else iter(())
    shape = next((row.outputs[0] for row in rows if row.outputs and len(row.outputs[0]) == 4), ())
    if len(search.sample) != 3 or not wanted or not all(shape[1:]) or not shape:
        return
    if wanted % shape[1]:
        return
    _, channels, *maps = shape

    def size_of_map(axis: int, size: int) -> int:
        sizes = [size if i == axis else n for i, n in enumerate(search.sample[1:])]
        inputs = [Tensor((search.batch, search.sample[0], *sizes), search.dtype)]
        error = search.run.tried(Change("", inputs=inputs)).error
        features = getattr(error, "change", {}).get("in_features", wanted if error is None else 0)
        return int(features // (channels * maps[1 - axis]))

    def least(axis: int, of_map: int) -> int:
        low, high = 0, 2 * search.sample[1 + axis] + 64
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if size_of_map(axis, middle) >= of_map else (middle, high)
        return high

    count = wanted // channels
    pairs = [(n, count // n) for n in range(1, count + 1) if count % n == 0]
    pairs.sort(key=lambda pair: abs(pair[0] * maps[1] - pair[1] * maps[0]) / (pair[0] + pair[1]))
    for pair in pairs[:4]:
        sizes = [least(axis, of_map) for axis, of_map in enumerate(pair)]
        if search.fits([search.sample[0], *sizes]):
            yield _of_sizes(search, sizes)


def _counts_channels(search: _Search) -> bool:
    """Tell whether a layer refuses the number of channels, which hangs on no size."""
    arrived = search.run.arrived
    axes = getattr(search.layer, "_axes", 0)
    if not axes or arrived is None or arrived.ndim != axes + 2:
        return False
    return bool({"in_channels", "num_features"} & search.change.keys())


def _of_sizes(search: _Search, *sizes: Sequence[int], rule: int = 0) -> Fix:
    """Offer one or two sizes, and the rule of those that fit if there is one."""
    texts = dict.fromkeys(search.sizes_text(*each) for each in sizes)
    text = f"an input of {' or '.join(texts)}" + f" (multiples of {rule})" * bool(rule)
    return search.fix(text, *([search.sample[0], *each] for each in sizes))


def _by_axis(search: _Search) -> Iterator[Fix]:
    """Yield the sizes that fit, each axis on its own: those around, and their rule."""
    channels, *sizes = search.sample
    reach, axes = search.reach, range(len(sizes))
    bases = [*(n for size in sizes for n in (size, -(-size // 32) * 32)), *USUAL]
    base = next((n for n in bases if search.fits([channels, *[n] * len(sizes)])), 0)
    if not base:
        return

    def fits(axis: int, size: int) -> bool:  # with a size that fits along the other axes
        others = [size if i == axis else base for i in axes]
        return size >= 1 and search.fits([channels, *others])

    def first(axis: int, step: int) -> int:
        tries = range(sizes[axis], max(0, sizes[axis] + step * reach), step)
        return next((n for n in tries if fits(axis, n)), 0)

    up, down = ([first(i, step) for i in axes] for step in (1, -1))
    if all(up) and not any(d and d != n for d, n in zip(down, sizes, strict=True)):
        least = [
            n if d != n else _least(fits, i, n)
            for i, (n, d) in enumerate(zip(up, down, strict=True))
        ]
        if all(fits(i, n + 1) for i, n in enumerate(up)):
            some, here = search.sizes_text(*least), search.sizes_text(*up)
            text = f"an input of at least {some}" + f"; for this input {here}" * (here != some)
            yield search.fix(text, [channels, *up], [channels, *least])
    near = [[n for n in pair if n] for pair in zip(up, down, strict=True)]
    if not all(near):
        return
    best = [min(pair, key=partial(_distance, sizes[i])) for i, pair in enumerate(near)]
    above = [n or best[i] for i, n in enumerate(up)]
    below = [n or best[i] for i, n in enumerate(down)]
    both = [each for each in (above, below) if search.fits([channels, *each])]
    rules = {a - b for a, b in zip(above, below, strict=True) if a != b}
    rule = rules.pop() if len(rules) == 1 else 0
    grid = rule > 1 and all(n % rule == 0 for n in above)
    if both:
        yield _of_sizes(search, *both, rule=rule * grid)


def _distance(size: int, other: int) -> int:
    return abs(other - size)


def _least(fits: Callable[[int, int], bool], axis: int, size: int) -> int:
    """Return the smallest size of those that fit without a gap below one that does."""
    while fits(axis, size - 1):
        size -= 1
    return size


def _around(start: int, end: int) -> Iterator[int]:
    return (shift for distance in range(start, end) for shift in (distance, -distance))


def _range(search: _Search, nearest: int) -> Fix:
    """Offer the sizes around one that fits, the same along every axis."""
    channels, size, *others = search.sample
    axes, reach = 1 + len(others), search.reach

    def alike(size: int) -> list[int]:
        return [channels, *[size] * axes]

    def text(*sizes: object) -> str:
        return " to ".join(search.sizes_text(*[each] * axes) for each in sizes)

    low, high = _last(search.fits_at, nearest, -1, reach), _last(search.fits_at, nearest, 1, reach)
    first, last = size + low, size + high
    near = sorted((first, last), key=partial(_distance, size))
    if high >= reach - 1 and search.fits_at(2 * reach) and search.fits_at(3 * reach + 1):
        return search.fix(f"an input of at least {text(first)}", alike(first))
    if first == last:  # a grid of sizes fits, whose neighbours are on both sides
        side = -1 if nearest > 0 else 1
        across = search.nearest(side * distance for distance in range(1, reach))
        both = sorted({first, first if across is None else size + across})
        rule = both[-1] - both[0]
        grid = rule > 1 and first % rule == 0
        return _of_sizes(search, *([each] * axes for each in both), rule=rule * grid)
    samples = [alike(each) for each in near]
    if all(search.fits([channels, *corner]) for corner in product((first, last), repeat=axes)):
        return search.fix(f"an input of {text(f'{first}..{last}')}", *samples)
    return search.fix(f"an input of {text(first, last)}, the same along every axis", *samples)


def _last(fits_at: Callable[[int], bool], shift: int, step: int, reach: int) -> int:
    """Return the last shift that fits in one direction, not past none and not past the reach."""
    while shift + step != 0 and abs(shift) < reach and fits_at(shift + step):
        shift += step
    return shift


def inferred(program: Program, attempt: Callable[[Sequence[Tensor]], Outcome]) -> None:
    """Give a program without an input one that fits, and note which layers determine it."""
    needed = [
        d for d in list(signature(type(program.module).forward).values())[1:] if d is REQUIRED
    ]
    if program.inputs or program.named or len(needed) != 1:
        return
    layers = [(p, m) for p, m in program.module.named_modules() if not m._modules]
    deadline = clock.seconds() + SECONDS
    tries = [(path, each, dtype) for path, m in layers[:4] for each, dtype in _samples(m)]
    furthest, reached = None, 0
    for path, sample, dtype in tries:
        outcome = attempt([Tensor((1, *sample), dtype)])
        if outcome.ok and keeps_batch(outcome.output, 1):
            larger = [Tensor((1, *sample[:1], *(2 * n for n in sample[1:])), dtype)]
            refusing = attempt(larger).path
            also = [refusing] if refusing not in ("", path) else []
            furthest = [path, *also], sample, dtype
            break
        if _is_miscounted(outcome.error):  # another size mends nothing: the run tells what it is
            furthest = [path], sample, dtype
            break
        if outcome.reached > reached:
            furthest, reached = ([path], sample, dtype), outcome.reached
        if clock.seconds() > deadline:
            break
    if furthest is not None:
        origin, sample, dtype = furthest
        program.inputs, program.batch = [Tensor((1, *sample), dtype)], 1
        program.inferred = {"from": origin, "sizes": None}


def _is_miscounted(error: BaseException | None) -> bool:
    """Tell whether a function was called with arguments that it does not have, or too few."""
    return isinstance(error, TypeError) and re.search(r"\bargument", str(error)) is not None


def _samples(layer: Module) -> Iterator[tuple[list[int], dtypes.dtype]]:
    """Yield the samples that a layer may be the first for."""
    axes, channels = getattr(layer, "_axes", 0), getattr(layer, "in_channels", 0)
    if axes and channels:
        usual = (28, 32, *USUAL) if channels == 1 else USUAL
        for size in (*usual, *range(1, 300, 4)):
            yield [channels, *([16] * (axes == 3)), *[size] * min(axes, 2)], dtypes.float32
    elif hasattr(layer, "in_features"):
        features = layer.in_features
        yield [features], dtypes.float32
        for depth in (1, 3):
            side = round((features / depth) ** 0.5)
            if depth * side * side == features:
                yield [depth, side, side], dtypes.float32
    elif hasattr(layer, "num_embeddings"):
        yield [16], dtypes.int64
    elif hasattr(layer, "input_size"):
        yield [16, layer.input_size], dtypes.float32
