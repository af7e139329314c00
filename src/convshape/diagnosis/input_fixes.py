"""Inputs near the one of a run that stopped which the whole network takes: each is tried."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING

from .. import clock
from ..fixes import Fix
from ..run.fit import fit
from ..run.record import tensors
from ..run.trial import Change, keeps_batch, unusual
from ..run.varying import Varying
from ..shapetorch import dtypes
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.tensor import Tensor
from ..symbolic.progressions import progressions
from ..symbolic.sizes import around, distance, nearest
from ..symbolic.words import multiples
from .network_fixes import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..symbolic.region import Box
    from .diagnosis import Diagnosis


def other_input(run: Diagnosis) -> Iterator[Fix]:
    """Yield other inputs, of a network that has one with a batch axis."""
    if len(run.inputs) == 1 and run.inputs[0].shape:
        search = _Search(run)
        for inputs in (_dtypes, _batch, _batches, _forgotten, _order, _images, _channels, _sizes):
            yield from filter(search.holds, inputs(search))


#: How many numbers of channels are tried, and how many axes an image has.
_FEW, _IMAGE = 4, 3


class _Search:
    """One search.

    Attributes:
        batch, sample, dtype: of the input, the sample's shape without the batch axis.
    """

    def __init__(self, run: Diagnosis) -> None:
        self.run = run
        self.change = run.error.change
        self.layer = run.error.module
        self.batch, *self.sample = run.inputs[0].shape
        self.dtype = run.inputs[0].dtype
        self.offered: dict[tuple[str, ...], list[Tensor]] = {}

    def fits(
        self, sample: Sequence[int], dtype: dtypes.dtype | None = None, batch: int | None = None
    ) -> bool:
        """Return whether the network takes such samples; none once the time is up."""
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
        if fix.batch is not None and self.run.error.argument.startswith("hx"):
            return True  # states are made for that many
        mends = self.run.mends
        return all(mends(Change("", inputs=[sample])) for sample in self.offered[fix.inputs])

    def sizes_text(self, *sizes: object) -> str:
        """Write sizes; a series has its channels with it: one number could be either."""
        return " × ".join(map(str, sizes if len(sizes) > 1 else (self.sample[0], *sizes)))


def _dtypes(search: _Search) -> Iterator[Fix]:
    for dtype in (dtypes.float32, dtypes.int64):
        if dtype is not search.dtype and search.fits(search.sample, dtype):
            yield search.fix(search.text(search.sample, dtype), search.sample, dtype=dtype)


def _batch(search: _Search) -> Iterator[Fix]:
    """Yield the input without its first axis, which may have been given for the batch axis."""
    count, *sample = search.sample or [0]
    is_likely = (
        len(sample) == _IMAGE or not search.change
    )  # that has no batch axis, nor a wrong size
    if not sample or not is_likely:
        return
    # Of one size alone it may be the axis of the channels.
    if all(search.fits(sample, batch=size) for size in (count, unusual(count))):
        many = f" and a batch of {count}" if count != 1 else ""
        text = f"{search.text(sample)}{many}: the batch axis is added in front of it"
        yield search.fix(text, sample, batch=None if count == search.batch else count)


def _batches(search: _Search) -> Iterator[Fix]:
    """Yield a batch of the size for which the network keeps something, or of more than one."""
    row = search.run.refused
    if row is None or search.change:
        return
    operands = tensors((row.args, row.kwargs))
    is_state = len(operands) > 1 and search.run.error.argument.startswith("hx")
    states = ", or states made for x.size(0) samples" * is_state
    sizes = {n for operand in operands for n in operand.shape} if states else {2}
    for count in sorted(sizes - {search.batch, 0}):
        if search.fits(search.sample, batch=count):
            text = f"a batch of {count} (--batch {count}){states}"
            yield search.fix(text, search.sample, batch=count)


def _forgotten(search: _Search) -> Iterator[Fix]:
    """Yield the input with the axis that was left out: the channels, or one of the sizes."""
    layers = (row.call for row in search.run.rows if isinstance(row.call, Module))
    wanted = [_channels_of(layer) for layer in layers if _is_for(layer, search.sample)]
    for channels in list(dict.fromkeys(filter(None, wanted)))[:_FEW]:
        for sample in ([channels, *search.sample], [*search.sample, *search.sample[-1:]]):
            if sample[0] == channels and search.fits(sample):
                yield search.fix(search.text(sample), sample, only=channels == 1)


def _is_for(layer: Module, sample: Sequence[int]) -> bool:
    """Return whether a layer has the axes of a sample without the channels."""
    return getattr(layer, "_axes", 0) == len(sample)


def _channels_of(layer: Module) -> int:
    """Return how many channels a layer takes, 0 where it does not say."""
    channels: int = getattr(layer, "in_channels", getattr(layer, "num_features", 0))
    return channels


def _order(search: _Search) -> Iterator[Fix]:
    """Yield a video with the channels before its frames, where they are behind."""
    sample = search.sample
    if len(sample) == 4 and getattr(search.layer, "in_channels", 0) == sample[1]:
        swapped = [sample[1], sample[0], *sample[2:]]
        if search.fits(swapped):
            text = f"{search.text(swapped)}: the channels come first"
            yield search.fix(text, swapped, only=not search.run.made_at)


def _images(search: _Search) -> Iterator[Fix]:
    """Yield images with the channels that a layer wants: of as many elements, of a usual size."""
    layer, count = search.layer, prod(search.sample)
    channels = getattr(layer, "in_channels", getattr(layer, "num_features", None))
    axes = getattr(layer, "_axes", 0)
    if search.change or not (axes and isinstance(channels, int) and channels):
        return
    side = round((count / channels) ** (1 / axes))
    sides = [side] if channels * side**axes == count else []
    for size in (*sides, 32):
        if search.fits([channels, *[size] * axes]):
            sample = [channels, *[size] * axes]
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
    if sample[-1:] == [wanted] and wanted not in sample[:-1] and search.fits(to_front):
        text = f"{search.text(to_front)}: the channels come first"
        yield search.fix(text, to_front, only=True)
    flat = [wanted * sample[0] // max(1, prod(sample)), *sample[1:]]  # of as many in all
    for near in (first, to_front, [wanted, *sample], last, to_back, flat):
        if search.fits(near):
            yield search.fix(search.text(near), near)


def _sizes(search: _Search) -> Iterator[Fix]:
    """Yield other sizes along the spatial axes, the nearest that fit."""
    wanted = search.sample[1:]
    square = len({*wanted}) == 1  # whoever has square images will not take 223 × 240
    varying = Varying(search.run.proof.program, state=search.run.run, square=square)
    if not wanted or len(varying.symbols) != len({*wanted} if square else wanted):
        return
    answer = fit(varying, seconds=clock.left() / 2)
    boxes = [box * len(wanted) for box in answer.boxes] if square else answer.boxes
    ranked = sorted((nearest(box, wanted), box) for box in boxes)
    ranked = [entry for entry in ranked if _is_near(wanted, entry[0][1])]
    best = [(sizes, box) for (away, sizes), box in ranked if away == ranked[0][0][0]][:2]
    if len(best) > 1:
        yield _of_sizes(search, *(sizes for sizes, _ in best))
    for _, box in best[:1]:
        of_runs = None if answer.why else _of_runs(search, box, answer.limit)
        yield of_runs or _of_ends(search, box, answer.limit)


def _is_near(wanted: Sequence[int], sizes: Sequence[int]) -> bool:
    """Return whether sizes are not so much smaller that nothing of the input would be left."""
    return all(4 * size >= other for size, other in zip(sizes, wanted, strict=True))


def _of_runs(search: _Search, box: Box, limit: int) -> Fix | None:
    """Offer what fits where that is one run of sizes along each axis: up to the limit, or not."""
    channels, *wanted = search.sample
    parts = [
        [part for part in progressions(sizes) if 4 * part[1] >= n]  # as `_is_near`
        for sizes, n in zip(box, wanted, strict=True)
    ]
    runs = [(first, last) for (first, last, step), *more in parts if step == 1 and not more]
    least, most = zip(*runs, strict=True) if len(runs) == len(box) else ((), ())
    if least and len({*wanted}) == 1:  # square sizes were looked for: others must fit too
        oblong = [channels, *least[1:], min(most[0], 2 * least[0])]
        if not search.fits(oblong):
            return None
    if {limit} == {*most}:
        here = [max(pair) for pair in zip(least, wanted, strict=True)]
        some, these = search.sizes_text(*least), search.sizes_text(*here)
        text = f"an input of at least {some}" + f"; for this input {these}" * (these != some)
        return search.fix(text, [channels, *here], [channels, *least])
    if not runs or limit in most or least == most:
        return None
    text = search.sizes_text(*(f"{a}..{b}" if a < b else a for a, b in runs))
    ends = sorted((least, most), key=lambda sizes: distance(sizes, wanted))
    return search.fix(f"an input of {text}", *([channels, *sizes] for sizes in ends))


def _of_ends(search: _Search, box: Box, limit: int) -> Fix:
    """Offer the sizes above and below that fit, and the rule if all axes have one."""
    wanted = search.sample[1:]
    near = [around(*bits_and_size) for bits_and_size in zip(box, wanted, strict=True)]
    ends = sorted(
        (list(map(side, near)) for side in (max, min)), key=lambda sizes: distance(sizes, wanted)
    )
    rules = {
        multiples(sizes, limit) for sizes, n in zip(box, wanted, strict=True) if not sizes >> n & 1
    }
    return _of_sizes(search, *ends, rule=rules.pop() if len(rules) == 1 else "")


def _of_sizes(search: _Search, *sizes: Sequence[int], rule: str = "") -> Fix:
    """Offer one or two sizes, and the rule of those that fit if there is one."""
    wanted = search.sample[1:]
    sizes = tuple(filter(partial(_is_near, wanted), sizes)) or sizes
    texts = dict.fromkeys(search.sizes_text(*size) for size in sizes)
    text = f"an input of {' or '.join(texts)}" + f" ({rule})" * bool(rule)
    return search.fix(text, *([search.sample[0], *size] for size in sizes))
