"""What an error of a run means: where it happened, which layers gave the numbers, and what would mend it.

A change is tried before it is offered. Only a mistake pays for any of this.
"""

from __future__ import annotations

from itertools import product
from math import prod
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import ShapeError
from ..shapetorch import dtypes, hooks
from ..shapetorch.arguments import per_axis
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.linear import Linear
from ..shapetorch.nn.modules.module import Module, arguments, call_text
from ..shapetorch.tensor import Tensor
from .record import SHOWN, Record, Row, tensors
from .runner import copied, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    Shape = tuple[int, ...]

#: How many layer calls the search for input sizes that fit may take: well under a second. Where calls take
#: longer, or copies of lazy layers, it ends after so many seconds.
_SEARCH_CALLS, _SEARCH_SECONDS = 20_000, 2
#: Layers that have channels, or features, last.
_CHANNELS_LAST = {
    "Embedding",
    "GRU",
    "LSTM",
    "LayerNorm",
    "Linear",
    "MultiheadAttention",
    "RMSNorm",
    "RNN",
}
#: Arguments of layers that say how many channels or features arrive.
_CHANNELS = {"in_channels", "in_features", "input_size", "num_features"}


def explain(
    error: ShapeError,
    record: Record,
    module: Module,
    inputs: Sequence[Tensor],
    where: Mapping[str, str],
) -> None:
    """Say in `error` where it happened, which layers explain the numbers, and which inputs would fit."""
    error.where = error.where or place_of(error.path or "", where)
    rows = [row for row in record.calls if isinstance(row, Row)]
    done = [row for row in rows if row.outputs and not row.is_container]
    refused = record.failed if record.failed and not record.failed.is_container else None
    error.why = error.why or _why(error, refused, done, inputs)
    arrived = _arrived(refused) if refused else None
    if (
        refused is not None
        and refused.args
        and isinstance(refused.args[0], tuple)
        and not error.fix
    ):
        _offer_names(error, refused.args[0], done)
    made_at = error.module._made_at if isinstance(error.module, Module) else ""
    if refused is not None and arrived is not None:
        _offer_flatten(error, arrived, "torch.flatten(x, 1)" if made_at else "Flatten()")
        _offer_channels_first(error, refused, arrived, done)
        _offer_size(error, refused, done, module, inputs)
    if error.fix and error.change and made_at not in ("", error.where):
        error.fix += f" in {made_at}"  # where the layer is made, which is where it is changed
    if error.only:
        return
    hooks.searching = True
    try:
        fitting = _fitting_input(error, module, inputs, sum(row.level == SHOWN for row in rows))
    finally:
        hooks.searching = False
    if fitting:  # which has been tried, as general advice has not
        error.fix = f"{error.fix}, or {fitting}" if error.fix and error.tried else fitting


def _offer_flatten(error: ShapeError, arrived: Tensor, flatten: str) -> None:
    """Offer to flatten what arrives at a layer of features, where that is what is missing."""
    module = error.module
    if not isinstance(module, Linear) or "in_features" not in error.change or arrived.ndim < 3:
        return
    features = prod(arrived.shape[1:])
    if features == module.in_features:
        error.fix, error.changes = f"{flatten} before it", []
    elif arrived.ndim > 3:
        error.fix = f"{flatten} before it and {call_text(module, in_features=features)}"
    else:
        return
    error.only = True


def _offer_channels_first(
    error: ShapeError, refused: Row, arrived: Tensor, done: list[Row]
) -> None:
    """Offer to move the channels that another layer has made last to where a layer expects them."""
    givers = list(_givers(refused, done))
    if not any(each.name in _CHANNELS_LAST for each in givers):
        return  # others have them first, whatever the sizes are
    if any(getattr(each.call, "_axes", 0) for each in givers):
        return
    wanted = {getattr(error.module, name, None) for name in _CHANNELS & error.change.keys()}
    if "in_features" in error.change or arrived.ndim < 3 or arrived.shape[-1] not in wanted:
        return
    name = givers[0].path.rpartition(".")[2]
    error.fix = f"{name if name.isidentifier() else 'x'}.movedim(-1, 1) before it: its channels are the last"
    error.changes, error.only = [], True


def _offer_names(error: ShapeError, several: tuple[Any, ...], done: list[Row]) -> None:
    """Offer to name the values of a call that gave several, where one is wanted."""
    giver = next((row for row in reversed(done) if row.result is several), None)
    if giver is None or not isinstance(giver.call, Module):
        return
    name = giver.path.rpartition(".")[2]
    names = ", ".join(["out" if name.isdigit() else name, *"_" * (len(several) - 1)])
    called = f"{giver.layer}(...)" if len(giver.args) > 1 else giver.layer
    error.fix = f"{names} = self.{name}(...)" if giver.call._made_at else f"{names}: {called}"
    if name.isdigit():
        error.fix = f"take the {giver.name} out of its sequence and its first value alone: {names}"


def _offer_size(
    error: ShapeError, refused: Row, done: list[Row], module: Module, inputs: Sequence[Tensor]
) -> None:
    """Offer to change the layer that gave one of two tensors its size, where the other has another."""
    both = tensors((refused.args, refused.kwargs))
    if (
        error.fix
        or isinstance(refused.call, Module)
        or len(both) != 2
        or both[0].ndim != both[1].ndim
    ):
        return
    layers = dict(module.named_modules())
    both.sort(key=lambda each: -prod(each.shape[2:]))  # first make the larger one smaller
    for given, other in (both, reversed(both)):
        maker = _maker_of_size(given, done)
        layer = layers.get(maker.path) if maker else None
        if maker is None or layer is None:
            continue
        for change in _resizing(layer, given.shape[2:], other.shape[2:]):
            if _runs_with(change, layer, module, inputs):
                place = f" in {layer._made_at}" if layer._made_at else ""
                error.fix = f"{maker.path}: {call_text(layer, **change)}{place}"
                error.only = True
                return


def _runs_with(
    change: dict[str, Any], layer: Module, module: Module, inputs: Sequence[Tensor]
) -> bool:
    """Tell whether the whole network runs where one of its layers has other arguments."""
    as_it_was = {name: getattr(layer, name) for name in change}
    try:
        vars(layer).update(change)
        copied(module, list(module.modules()))(*inputs)
    except Exception:  # the user's own checks refuse too
        return False
    finally:
        vars(layer).update(as_it_was)
    return True


def _maker_of_size(given: Tensor, done: list[Row]) -> Row | None:
    """Return the call of a layer with a stride behind which nothing has changed the size of what it gave."""
    row = next(
        (each for each in reversed(done) if any(t is given for t in tensors(each.result))), None
    )
    for each in (row, *_givers(row, done)) if row else ():
        if hasattr(each.call, "stride") and getattr(each.call, "_axes", 0) == given.ndim - 2:
            return each
        if (each.inputs or [()])[0][2:] != given.shape[2:]:
            return None
    return None


def _resizing(layer: Module, sizes: Shape, wanted: Shape) -> Iterator[dict[str, Any]]:
    """Yield changes of a layer that may make it give other sizes."""
    own = arguments(layer)
    if sizes == wanted:
        return  # they differ elsewhere
    if "output_padding" in own:
        more = zip(
            per_axis("output_padding", own["output_padding"], len(sizes)),
            sizes,
            wanted,
            strict=True,
        )
        yield {"output_padding": tuple(padding + want - size for padding, size, want in more)}
        sizes, wanted = wanted, sizes  # a larger stride makes it larger
    stride = per_axis("stride", own["stride"] or own["kernel_size"], len(sizes))
    each = zip(stride, sizes, wanted, strict=True)
    steps = tuple(max(1, round(step * size / max(want, 1))) for step, size, want in each)
    if steps != tuple(stride):
        yield {"stride": steps}


def _arrived(row: Row) -> Tensor | None:
    """Return the first tensor that a call was given."""
    return next(iter(tensors((row.args, row.kwargs))), None)


def _givers(row: Row, done: list[Row]) -> Iterator[Row]:
    """Yield the call that gave a call its first tensor, the one that gave that its own, and so on back."""
    given = _arrived(row)
    for each in reversed(done):  # once through: what gives ran before what takes
        if each.index < row.index and any(t is given for t in tensors(each.result)):
            yield each
            row, given = each, _arrived(each)


def _why(error: ShapeError, refused: Row | None, done: list[Row], inputs: Sequence[Tensor]) -> str:
    """Name the layer that gave the numbers that do not fit: the last that changed the ones in question."""
    given = inputs[0].shape if inputs else ()
    size = " × ".join(map(str, given[1:] if len(given) == 3 else given[2:]))
    because = f", because the input is {size}" if size else ""
    givers = _givers(refused, done) if refused else reversed(done)
    last = next((row for row in givers if row.level == SHOWN), None)
    if last is None:
        return f"the input is {shape_text(given)}, batch included"
    came, went = ((shapes or [()])[0] for shapes in (last.inputs, last.outputs))
    change = error.change
    if "in_features" in change:
        if len(went) == 2 and len(came) > 2:
            return f"{last.path} gave {' × '.join(map(str, came[1:]))} = {went[-1]}{because}"
        return f"{last.path} gave {shape_text(went)}, whose last dimension counts as the features"
    channels = change.get("in_channels", change.get("num_features"))
    if channels is not None:
        for row in (
            last,
            *_givers(last, done),
        ):  # back to the layer that made this number of channels
            if channels not in (row.inputs or [()])[0][:2]:
                return f"{row.path}: {row.layer} gave {channels} channels"
        return f"the input has {channels} channels"
    return f"{last.path} gave {shape_text(went)}{because}"


def _fitting_input(error: ShapeError, module: Module, inputs: Sequence[Tensor], calls: int) -> str:
    """Look near the input for others that the whole network takes; each is tried before it is offered."""
    if len(inputs) != 1 or not inputs[0].shape:
        return ""
    batch, *sample = inputs[0].shape
    given = inputs[0].dtype
    modules = list(module.modules())
    deadline = monotonic() + _SEARCH_SECONDS

    def fits(sample: Sequence[int], dtype: dtypes.dtype = given, batch: int = batch) -> bool:
        if monotonic() > deadline:
            return False
        try:
            copied(module, modules)(Tensor((batch, *sample), dtype))
        except Exception:  # the user's own checks refuse too
            return False
        return True

    def of(sample: Sequence[int], dtype: dtypes.dtype = given) -> str:
        kind = "" if dtype is dtypes.float32 is given else f"{dtype.name}:"
        return f"an input of {kind}{shape_text(tuple(sample))}"

    for other in (dtypes.float32, dtypes.int64):
        if other is not given and fits(sample, other):
            return of(sample, other)
    if len(sample) > 1 and not error.change and fits(sample[1:], batch=sample[0]):
        many = f" and a batch of {sample[0]}" if sample[0] != 1 else ""
        return f"{of(sample[1:])}{many}: the batch axis is added in front of it"
    for image in () if error.change else _images(error.module, prod(sample)):
        if fits(image):
            return of(image)
    # A function has no such attribute of its own, and its module none or another.
    wanted = next(
        (getattr(error.module, name, None) for name in _CHANNELS & error.change.keys()), None
    )
    if isinstance(wanted, int):
        features_last = [*sample[:-1], wanted], [*sample[1:], sample[0]]
        channels_first = [wanted, *sample[1:]], [sample[-1], *sample[:-1]], [wanted, *sample]
        if sample[-1] == wanted and fits(channels_first[1]):
            error.tried = False  # that the layer could be changed instead helps nobody
            return f"{of(channels_first[1])}: the channels come first"
        for near in (*channels_first, *features_last):
            if fits(near):
                return of(near)
    return _fitting_size(sample, fits, calls)


def _images(layer: object, count: int) -> Iterator[list[int]]:
    """Yield shapes with the channels that a layer wants: of as many elements, and of a usual size."""
    channels = getattr(layer, "in_channels", getattr(layer, "num_features", None))
    axes = getattr(layer, "_axes", 0)
    if axes and isinstance(channels, int) and channels:
        side = round((count / channels) ** (1 / axes))
        if channels * side**axes == count:
            yield [channels, *[side] * axes]
        yield [channels, *[32] * axes]


def _fitting_size(sample: list[int], fits: Callable[[Sequence[int]], bool], calls: int) -> str:
    """Look for other sizes of an image, or whatever has channels, that fit."""
    if len(sample) < 2:
        return ""
    channels, *size = sample
    reach = min(2 * max(size) + 64, _SEARCH_CALLS // (2 * max(calls, 1)))

    def fits_at(shift: int) -> bool:
        return min(size) + shift >= 1 and fits([channels, *(n + shift for n in size)])

    def of(*sizes: object) -> str:
        # A series has its channels with it: one number could be either.
        return " × ".join(map(str, sizes if len(sizes) > 1 else (channels, *sizes)))

    if len(set(size)) > 1:
        other = _fitting_axes(sample, fits, reach)
        shift = (
            next((s for d in range(1, reach) for s in (d, -d) if fits_at(s)), None)
            if not other
            else None
        )
        other = [n + shift for n in size] if shift is not None else other
        return f"an input of {of(*other)}" if other else ""
    nearest = next((s for d in range(1, reach) for s in (d, -d) if fits_at(s)), None)
    if nearest is None:
        return ""
    low = high = nearest
    while low - 1 != 0 and low > -reach and fits_at(low - 1):
        low -= 1
    while high + 1 != 0 and high < reach and fits_at(high + 1):
        high += 1
    first, last = size[0] + low, size[0] + high
    alike = [first] * len(size)
    if high >= reach - 1 and fits_at(2 * reach) and fits_at(3 * reach + 1):
        return f"an input of at least {of(*alike)}"
    if first == last:  # a grid of sizes fits, whose neighbours are on both sides
        side = -1 if nearest > 0 else 1
        across = next((side * d for d in range(1, reach) if fits_at(side * d)), None)
        sides = sorted({first, first if across is None else size[0] + across})
        return "an input of " + " or ".join(of(*[n] * len(size)) for n in sides)
    if all(fits([channels, *corner]) for corner in product((first, last), repeat=len(size))):
        return f"an input of {of(*[f'{first}..{last}'] * len(size))}"
    return f"an input of {of(*alike)} to {of(*[last] * len(size))}, the same along every axis"


def _fitting_axes(
    sample: list[int], fits: Callable[[Sequence[int]], bool], reach: int
) -> list[int]:
    """Return sizes that fit together, each the nearest that fits along all axes; else none."""
    channels, *size = sample

    def nearest(n: int) -> int | None:
        shifts = (s for d in range(reach) for s in (d, -d) if n + s >= 1)
        return next((n + s for s in shifts if fits([channels, *[n + s] * len(size)])), None)

    sizes = [near for n in size if (near := nearest(n)) is not None]
    return sizes if len(sizes) == len(size) and fits([channels, *sizes]) else []
