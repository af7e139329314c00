"""Changes of a network that would fix a run: what is to be before a layer, and other layers."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..errors import ShapeError
from ..rewrites import (
    Sources,
    exchanged,
    first_name,
    first_two_swapped,
    number,
    receiver,
    several,
    swapped_numbers,
    whole_call,
)
from ..run.record import Row, tensors
from ..run.trial import Change
from ..shapetorch.nn.modules.constructor import (
    arguments,
    call_text,
    for_any_axes,
    signature,
)
from ..shapetorch.nn.modules.fitting import other_layers
from ..shapetorch.nn.modules.module import Module, is_layer

if TYPE_CHECKING:
    from ..edits import CallText
    from ..fixes import Edit
    from .diagnosis import Diagnosis

    Shape = tuple[int, ...]

#: Arguments of layers that say how many channels or features arrive.
OUTPUTS = ("out_channels", "out_features", "hidden_size")
#: How many things one layer may give: keys and values; queries, keys and values.
_PARTS = (2, 3)
#: How many layers before an operation may give that many parts.
_LAYERS = {"view": 1, "reshape": 1, "einsum": 3, "matmul": 3}
CHANNELS = {
    "in_channels", "in_features", "input_size", "num_features", "num_channels", "num_parameters"
}  # fmt: skip


#: What says how many come out of a layer, by what says how many come in.
OUTWARD = {
    "in_channels": "out_channels",
    "in_features": "out_features",
    "num_embeddings": "embedding_dim",
}


def layer_with(run: Diagnosis, layer: Module, change: dict[str, Any]) -> Change:
    """Return the change of a layer's arguments."""
    other = type(layer)(**arguments(layer) | change)
    text = call_text(layer, **change)
    rewrites = [run.with_arguments(layer, change)]
    return Change(text, {run.path_of(layer): other}, argument=change, rewrites=rewrites)


def swapped(run: Diagnosis) -> Iterator[Change]:
    """Swap the channels that come in and those that go out, where those that go out arrive."""
    layer, row = run.error.module, run.refused
    if not isinstance(layer, Module) or row is None or not is_layer(layer):
        return
    names = list(CHANNELS & run.error.change.keys())
    out = next((n for n in OUTPUTS if type(getattr(layer, n, None)) is int), "")
    if names and out and getattr(layer, out) == run.error.change[names[0]]:
        yield _swapped(run, layer, names[0], out)
    for giver in run.givers(row) if names else ():
        maker, wanted = giver.call, getattr(layer, names[0])
        inward = next((n for n in OUTWARD if hasattr(maker, n)), "")
        if isinstance(maker, Module) and inward and is_layer(maker):
            out = OUTWARD[inward]
            is_table = getattr(maker, "num_embeddings", 0) > getattr(maker, out)  # as most are
            if getattr(maker, inward) == wanted != getattr(maker, out) and not is_table:
                yield _swapped(run, maker, inward, out)
            return


def _swapped(run: Diagnosis, layer: Module, first: str, second: str) -> Change:
    change = {first: getattr(layer, second), second: getattr(layer, first)}
    other = layer_with(run, layer, change)
    kind: Any = type(layer)
    name, order = layer._made_as or kind.__name__, list(signature(kind))
    made_at, *blocks = run.places(layer) or [""]
    texts = exchanged(made_at, name, first, second, order), *map(first_two_swapped, blocks)
    other = other._replace(rewrites=[several(*texts, *other.rewrites)])
    return other if layer is run.error.module else other._replace(argument={})


def own_fix(run: Diagnosis) -> Iterator[Change]:
    """Do what the refusal itself says, which knows that it helps."""
    row = run.refused
    reshapes = row is not None and not isinstance(row.call, Module)
    shape = run.error.wanted if run.error.argument == "size" else ()
    if row is not None and reshapes and shape:
        text = ", ".join(map(str, shape))
        rewrite = whole_call(run.line_of(row), row.name, partial(_reshaped_text, text))
        reshaped = partial(_reshaped, shape)
        yield Change(run.error.fix, calls={run.site(row): reshaped}, rewrites=[rewrite])
    elif run.error.fix and run.error.tried:
        yield Change(run.error.fix, only=run.error.only, argument=run.error.change)


def _reshaped_text(shape: str, call: CallText) -> str:
    return f"{receiver(call)}.{call.name}({shape})"


def _reshaped(
    shape: tuple[int, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ...]:
    return (args[0], shape)


def other_layer(run: Diagnosis) -> Iterator[Change]:
    """Change the arguments of the layer that refuses, or take one of another rank."""
    layer, arrived = run.error.module, run.arrived
    if arrived is not None and getattr(layer, "in_features", 0) == prod(arrived.shape[1:]):
        return  # it is to be flattened, and another mistake may follow
    if isinstance(layer, Module) and is_layer(layer) and isinstance(run.error, ShapeError):
        path, is_large = run.path_of(layer), run.error.argument == "kernel_size"
        for other, change in other_layers(run.error):
            text = call_text(layer, **change) if change else call_text(other)
            rewrite = run.with_arguments(layer, change) if change else run.with_layer(layer, other)
            yield Change(
                text,
                layers={path: other},
                argument=change,
                one_size=bool(run.done) and is_large and _is_for_one_size(layer, change),
                rewrites=[rewrite],
            )


def _is_for_one_size(layer: Module, change: dict[str, Any]) -> bool:
    """Return whether a padding, or a smaller kernel, only makes the window fit into a small map."""
    if not {"padding", "kernel_size"} & change.keys():
        return False
    values = arguments(layer) | change
    kernel, padding, dilation = (for_any_axes(values.get(n, 1)) for n in _OF_WINDOW)
    whole = all(type(n) is int for n in (kernel, padding, dilation))
    return not (whole and "Conv" in type(layer).__name__ and 2 * padding == dilation * (kernel - 1))


_OF_WINDOW = ("kernel_size", "padding", "dilation")


def for_view(run: Diagnosis) -> Iterator[Change]:
    """Let a layer of features give the elements of the shape that its result is viewed as."""
    row = run.refused
    if row is None or row.name not in ("view", "reshape", "unflatten", "Unflatten"):
        return
    givers = (item for item in run.givers(row) if hasattr(item.call, "out_features"))
    giver = next(givers, None)
    came = run.arrived.shape if run.arrived is not None else ()
    if giver is None or giver.outputs != [came]:
        return
    sizes = [n for size in row.args[1:] for n in (size if isinstance(size, tuple) else (size,))]
    sizes = [1, *getattr(row.call, "unflattened_size", sizes[1:])]
    features = prod(n for n in sizes[1:] if type(n) is int)
    if len(sizes) > 2 and all(type(n) is int and n > 0 for n in sizes[1:]):
        assert isinstance(giver.call, Module)
        change = layer_with(run, giver.call, {"out_features": features})
        yield change._replace(text=named(giver.path, change.text, giver.call), argument={})


def own_advice(run: Diagnosis) -> Iterator[Change]:
    """Do what the refusal itself says, which often helps."""
    if run.error.fix and not run.error.tried:
        yield Change(run.error.fix, argument=run.error.change)


def other_output(run: Diagnosis) -> Iterator[Change]:
    """Let the layer before give the channels that the one that refuses expects."""
    layer, row = run.error.module, run.refused
    names = CHANNELS & run.error.change.keys()
    wanted, came = run.error.wanted, run.error.received
    if not (isinstance(layer, Module) and is_layer(layer)) or row is None:
        return
    if names:
        name = next(iter(names))
        wanted, came = getattr(layer, name), run.error.change[name]
    for giver in run.givers(row) if isinstance(wanted, int) and came else ():
        maker = giver.call
        out = next((n for n in OUTPUTS[:2] if hasattr(maker, n)), "")
        if isinstance(maker, Module) and out:
            old = getattr(maker, out)
            new, rest = divmod(old * wanted, came)  # flattened, each channel is many features
            is_near = old == came or old <= 2 * new <= 4 * old
            if new != old and not rest and is_near:
                with suppress(ShapeError):
                    change = layer_with(run, maker, {out: new})
                    yield change._replace(text=named(giver.path, change.text, maker), argument={})
                yield _number(run, maker, old, new)
            return
        if giver.name in ("cat", "concat"):
            yield from _other_part(run, giver, wanted, came)
            return


def other_width(run: Diagnosis) -> Iterator[Change]:
    """Let a layer before a sum give as many features, or channels, as the other term has."""
    row = run.refused
    terms = tensors((row.args, row.kwargs)) if row else []
    met = ("add", "sub", "mul", "mse_loss", "l1_loss", "binary_cross_entropy", "with_logits")
    if row is None or len(terms) != 2 or not row.name.removesuffix("_").endswith(met):
        return
    widths = _apart(*(term.shape for term in terms))
    for term, width, wanted in zip(terms, widths, reversed(widths), strict=False):
        first = run.giver(term)
        for giver in (first, *run.givers(first)) if first else ():
            layer = giver.call
            out = next((name for name in (*OUTPUTS, "embedding_dim") if hasattr(layer, name)), "")
            if isinstance(layer, Module) and is_layer(layer) and out:
                if getattr(layer, out) == width:
                    change = layer_with(run, layer, {out: wanted})
                    yield change._replace(text=named(giver.path, change.text, layer), argument={})
                break


def several_times(run: Diagnosis) -> Iterator[Change]:
    """Let a `Linear` give another multiple of features, for the queries, keys and values."""
    row = run.refused
    first = [run.giver(tensor) for tensor in tensors((row.args, row.kwargs))] if row else []
    givers = [item for giver in first if giver for item in (giver, *run.givers(giver))]
    parts = [len(giver.result) for giver in givers if giver.name in ("chunk", "split")]
    count = _LAYERS.get(row.name, 3 if parts else 0) if row else 0
    layers = (item.call for item in givers if isinstance(item.call, Module) and is_layer(item.call))
    for layer in islice(layers, count):
        for factor in dict.fromkeys([*parts, *_PARTS]) if hasattr(layer, "out_features") else ():
            yield Change("", rewrites=[partial(_times, run.places(layer), factor)])


def _times(places: Sequence[str], factor: int, sources: Sources) -> Iterator[Sequence[Edit]]:
    for call in (call for place in places for call in sources.calls(place, "Linear")):
        node = call.argument("out_features", ["in_features", "out_features"])
        for side in (node.left, node.right) if isinstance(node, ast.BinOp) else ():
            if isinstance(side, ast.Constant):
                yield [call.source.edit(*call.span(side), str(factor))]
        if node is not None:
            yield [call.source.edit(*call.span(node), f"{call.part(node)} * {factor}")]


def _apart(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes in which two terms differ, if it is one axis that neither lacks."""
    pairs = [(n, m) for n, m in zip(reversed(a), reversed(b), strict=False) if n != m]
    apart = [pair for pair in pairs if 1 not in pair]
    lacks = len(a) != len(b) and all(
        n in (1, m) for n, m in zip(*sorted((a, b), key=len), strict=False)
    )
    return apart[0] if len(apart) == 1 and not lacks else ()


def _number(run: Diagnosis, layer: Module, old: int, new: int) -> Change:
    """Put another number in one of the lines that led to a layer."""
    places = run.places(layer)
    swaps = (swapped_numbers(at, old, new) for at in places)
    return Change("", rewrites=[several(*swaps, *(number(at, old, new) for at in places))])


def _other_part(run: Diagnosis, joined: Row, wanted: int, came: int) -> Iterator[Change]:
    """Let one of several maps that are joined have the channels that are missing, or too many.

    They may be parts of one block, so that all of them are changed by one number.
    """
    makers = [run.giver(tensor) for tensor in tensors((joined.args, joined.kwargs))]
    layers: list[tuple[int, Module]] = []  # each with how many it gives
    for maker in makers:
        rows = (maker, *run.givers(maker)) if maker is not None else ()
        outs = ((getattr(item.call, n, 0), item.call) for item in rows for n in OUTPUTS[:2])
        out, layer = next(filter(itemgetter(0), outs), (0, None))
        if isinstance(layer, Module) and out + wanted > came:
            layers.append((out, layer))
    changes = [(out, out + wanted - came, layer) for out, layer in layers]
    changes.sort(key=lambda change: change[1] & -change[1], reverse=True)  # 128 before 129
    changes += [(n, n * wanted // came, item) for n, item in layers[:1] if n * wanted % came == 0]
    for old, new, layer in changes:
        yield _number(run, layer, old, new)


def named(path: str, text: str, layer: Module) -> str:
    """Return the text of a layer's change with its path, and where it is made."""
    place = f" in {layer._made_at}" if layer._made_at else ""
    return f"{path}: {text}{place}".removeprefix(": ")


def naming(run: Diagnosis) -> Iterator[Change]:
    """Name the values of a call that gave several, where one is wanted."""
    args = run.refused.args if run.refused is not None else ()
    inner = [part for item in args if isinstance(item, list) for part in item]
    values = [item for item in (*args, *inner) if isinstance(item, tuple)]
    for giver in reversed(run.rows):
        if any(giver.result is item for item in values):
            yield from first_of(run, giver)
            return


def first_of(run: Diagnosis, giver: Row) -> Iterator[Change]:
    """Take the first of the values that a layer gives, if it gives several."""
    values = giver.result
    if not isinstance(values, tuple):
        return
    name, line = giver.path.rpartition(".")[2], run.line_of(giver)
    if not isinstance(giver.call, Module):
        first = whole_call(line, giver.name, partial(_part_text, 0))
        either = first_name(line, len(values)), first
        yield Change("", rewrites=[several(*either)])
        return
    names = ", ".join(["out" if name.isdigit() else name, *"_" * (len(values) - 1)])
    called = f"{giver.layer}(...)" if len(giver.args) > 1 else giver.layer
    count = len(values)
    if name.isdigit():
        text = f"take the {giver.name} out of its sequence and its first value alone: {names}"
    elif giver.call._made_at:
        text = f"{names} = self.{name}(...)"
    else:
        text = f"{names}: {called}"
    calls = {run.site(run.refused): _first_of_several} if run.refused else {}
    parts = [whole_call(line, name, partial(_part_text, index)) for index in range(count)]
    rewrites = [] if name.isdigit() else [several(first_name(line, count), *parts)]
    yield Change(text, calls=calls, rewrites=rewrites)
    yield Change("", rewrites=rewrites)  # another one than the first


def _first_of_several(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    several = (isinstance(arg, tuple) and tensors(arg) for arg in args)
    return tuple(arg[0] if is_one else arg for arg, is_one in zip(args, several, strict=True))


def _part_text(index: int, call: CallText) -> str:
    return f"{call.text}[{index}]"
