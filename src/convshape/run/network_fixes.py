"""Changes of a network that would mend a run: what is to stand before a layer, and other layers."""

from __future__ import annotations

import ast
from ast import literal_eval
from contextlib import suppress
from copy import copy
from functools import partial
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from ..errors import ShapeError
from ..shapetorch import hooks
from ..shapetorch.arguments import per_axis
from ..shapetorch.nn.functional import interpolate
from ..shapetorch.nn.modules.fitting import other_layers
from ..shapetorch.nn.modules.linear import Linear
from ..shapetorch.nn.modules.module import (
    REQUIRED,
    Module,
    arguments,
    call_text,
    is_layer,
    signature,
)
from .record import tensors
from .rewrites import arguments as arguments_at
from .rewrites import (
    edited_call,
    entry_before,
    first_argument,
    layer_before,
    several,
    whole_call,
)
from .trial import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ..edits import CallText
    from ..shapetorch.tensor import Tensor
    from .diagnosis import Diagnosis
    from .record import Row
    from .rewrites import Rewrite

    Shape = tuple[int, ...]

#: Arguments of layers that say how many channels or features arrive.
OUTPUTS = ("out_channels", "out_features", "hidden_size")
CHANNELS = {"in_channels", "in_features", "input_size", "num_features"}


def flat_samples(run: Diagnosis) -> Iterator[Change]:
    """Flatten each sample by itself, where a call makes one row of the batch, or other rows."""
    batch = run.run.batch
    givers = run.givers(run.refused) if run.refused else iter(run.done[::-1])
    giver = next((row for row in (*givers, run.refused) if row and _mixes(row, batch)), None)
    if giver is None:
        return
    if giver.name == "flatten":
        rewrite = whole_call(run.line_of(giver), "flatten", _flat_text)
        text = "flatten(1) in place of flatten()"
        yield Change(text, calls={run.site(giver): _flat}, rewrites=[rewrite])
    elif giver.name in ("view", "reshape"):
        text = f"{giver.name}(x.size(0), -1) in place of {giver.layer}" if hooks.line else ""
        rewrite = whole_call(run.line_of(giver), giver.name, _viewed_text)
        yield Change(text, calls={run.site(giver): _viewed}, rewrites=[rewrite])


def _mixes(row: Row, batch: int | None) -> bool:
    """Return whether a call changes the rows of a batch, or leaves several axes per sample."""
    if row.name not in ("flatten", "view", "reshape") or isinstance(row.call, Module):
        return False
    came, went = (row.inputs or [()])[0], (row.outputs or [()])[0]
    return batch is not None and came[:1] == (batch,) and (went[:1] != (batch,) or len(went) > 2)


def _flat(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    kwargs.clear()
    return (args[0], 1)


def _viewed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    return (args[0], (args[0].shape[0], -1))


def _flat_text(call: CallText) -> str:
    return f"{_tensor(call)}.flatten(1)"


def _viewed_text(call: CallText) -> str:
    x = _tensor(call)
    return f"{x}.{call.name}({x}.size(0), -1)"


def _tensor(call: CallText) -> str:
    """Return the text of the tensor of a call: ``x.view(...)``, ``torch.flatten(x)``."""
    callee = call.node.func
    is_method = isinstance(callee, ast.Attribute) and ast.unparse(callee.value) != "torch"
    return call.part(callee.value if is_method else call.node.args[0])


def flattening(run: Diagnosis) -> Iterator[Change]:
    """Flatten what arrives at a layer of features, where that is what is missing."""
    layer, arrived = run.error.module, run.arrived
    if not isinstance(layer, Linear) or arrived is None or arrived.ndim < 3 or not run.refused:
        return
    if "in_features" not in run.error.change:
        return
    before = f"{'torch.flatten(x, 1)' if run.made_at else 'Flatten()'} before it"
    rewrite = several(*_before(run, "flat", "Flatten()", "{}.flatten(1)"))
    flat = Change(before, calls={run.site(run.refused): _flattened}, only=True, rewrites=[rewrite])
    features = prod(arrived.shape[1:])
    if features == layer.in_features:
        yield flat
    elif arrived.ndim > 3:
        yield flat.joined(_changed(run, layer, {"in_features": features}))._replace(
            argument={"in_features": features}
        )


def _before(run: Diagnosis, name: str, layer: str, template: str) -> Iterator[Rewrite]:
    """Yield how to write that something is done with what arrives at the layer that refuses."""
    row = run.refused
    if row is None or not isinstance(row.call, Module):
        return
    called = run.path_of(row.call).rpartition(".")[2]
    line = run.line_of(row)
    yield first_argument(line, called, template)
    if hooks.line is None:
        yield first_argument(line, "", template)
        yield entry_before(line, name, layer or template)
    else:
        yield first_argument(line, "", template)
    if layer:
        for place in run.places(row.call)[:1]:
            yield layer_before(place, type(row.call).__name__, layer)


def _flattened(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    return (args[0].flatten(1), *args[1:])


def _changed(run: Diagnosis, layer: Module, change: dict[str, Any]) -> Change:
    """Return the change of a layer's arguments."""
    other = type(layer)(**arguments(layer) | change)
    text = call_text(layer, **change)
    rewrites = [run.with_arguments(layer, change)]
    return Change(text, {run.path_of(layer): other}, argument=change, rewrites=rewrites)


def other_axes(run: Diagnosis) -> Iterator[Change]:
    """Put the axes of what arrives in the order that a layer wants: a swap, or a rotation."""
    row, arrived = run.refused, run.arrived
    if row is None or arrived is None or arrived.ndim < 3 or not isinstance(row.call, Module):
        return
    if "in_features" in run.error.change or not run.error.changes:
        return
    if run.giver(arrived) is None and not run.made_at:
        return  # it is the input, which is given in another order
    if _has_channels_first(run, row):
        return
    wanted = {getattr(row.call, name, None) for name in CHANNELS & run.error.change.keys()}
    giver = run.giver(arrived)
    name = giver.path.rpartition(".")[2] if giver else ""
    value = name if name.isidentifier() and not run.made_at else "x"
    if not wanted & set(arrived.shape[2:]):
        return
    last = arrived.ndim - 1
    swaps: list[tuple[str, Any]] = [("movedim(-1, 1)", lambda x: x.movedim(-1, 1))]
    for axis in range(2, last + 1):
        swaps.append((f"transpose(1, {axis})", partial(_transposed, axis)))
    if last == 2:
        swaps.reverse()
    for text, move in swaps:
        moved = f"{value if hooks.line is None else '{}'}.{text}"
        change = Change(
            f"{value}.{text} before it",
            calls={run.site(row): partial(_moved, move)},
            only=giver is not None,
            rewrites=[
                several(
                    *_before(run, "moved", "", f"{{}}.{text}"),
                    entry_before(run.line_of(row), "moved", moved),
                )
            ],
        )
        if text.startswith("movedim") and arrived.shape[-1] in wanted:
            yield change._replace(text=f"{change.text}: its channels are the last")
        elif not text.startswith("movedim"):
            yield change


def _has_channels_first(run: Diagnosis, row: Row) -> bool:
    """Tell whether a layer before gave the channels as the second axis, whatever the sizes are."""
    return any(getattr(giver.call, "_axes", 0) for giver in run.givers(row))


def _transposed(axis: int, x: Tensor) -> Tensor:
    moved: Tensor = x.transpose(1, axis)
    return moved


def _moved(
    move: Callable[[Tensor], Tensor], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ...]:
    return (move(args[0]), *args[1:])


class _Turned(Module):
    """A layer whose channels are the second axis, between two calls of transpose."""

    def __init__(self, layer: Module, axis: int) -> None:
        super().__init__()
        self.layer, self.axis = layer, axis

    def forward(self, x: Tensor) -> Tensor:
        turned: Tensor = self.layer(x.transpose(1, self.axis)).transpose(1, self.axis)
        return turned


def turned(run: Diagnosis) -> Iterator[Change]:
    """Turn what arrives so that its channels, the last axis, are the second, and back behind it."""
    row, arrived = run.refused, run.arrived
    if row is None or arrived is None or arrived.ndim < 3 or not isinstance(row.call, Module):
        return
    names = (CHANNELS - {"in_features", "input_size"}) & run.error.change.keys()
    wanted = {getattr(row.call, name, None) for name in names}
    if arrived.shape[-1] in wanted and not _has_channels_first(run, row):
        axis = arrived.ndim - 1
        text = f"x.transpose(1, {axis}) before it, and again after it"
        name = run.path_of(row.call).rpartition(".")[2]
        rewrite = whole_call(run.line_of(row), name, partial(_turned_text, axis))
        layers = {run.path_of(row.call): _Turned(copy(row.call), axis)}
        yield Change(text, layers, rewrites=[rewrite])


def _turned_text(axis: int, call: CallText) -> str | None:
    edit = call.with_first(f"{{}}.transpose(1, {axis})")
    if edit is None:
        return None
    return f"{edited_call(call, edit)}.transpose(1, {axis})"


def other_block(run: Diagnosis) -> Iterator[Change]:
    """Make a block of the user's own with another argument, where others are made of its class."""
    layer, network = run.error.module, run.run.module
    names = [name for change in run.error.changes for name in CHANNELS & change.keys()]
    if not isinstance(layer, Module) or network is None or not names:
        return
    modules = dict(network.named_modules())
    path = run.path_of(layer).rpartition(".")[0]
    while path and not modules[path]._made_by[0]:
        path = path.rpartition(".")[0]
    block = modules.get(path)
    if not path or block is None or sum(type(m) is type(block) for m in modules.values()) < 2:
        return
    old, new = getattr(layer, names[0]), run.error.change[names[0]]
    place, values = block._made_by
    for name, value in values.items():
        if value == old and type(value) is int:
            with suppress(Exception):  # whatever the user's own constructor raises
                other = type(block)(**values | {name: new})
                text = f"{path}: {_block_text(type(block), values | {name: new})} in {place}"
                maker: Any = type(block)
                order = list(signature(maker))
                rewrite = arguments_at(place, type(block).__name__, {name: repr(new)}, order)
                yield Change(text, layers={path: other}, rewrites=[rewrite])


def _block_text(kind: type[Module], values: dict[str, Any]) -> str:
    maker: Callable[..., Any] = kind
    defaults = signature(maker)
    parts = [
        repr(value) if defaults[name] is REQUIRED else f"{name}={value!r}"
        for name, value in values.items()
        if defaults[name] is REQUIRED or value != defaults[name]
    ]
    return f"{kind.__name__}({', '.join(parts)})"


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
        inward = next((n for n in ("in_channels", "in_features") if hasattr(maker, n)), "")
        if isinstance(maker, Module) and inward and is_layer(maker):
            out = inward.replace("in_", "out_")
            if getattr(maker, inward) == wanted and getattr(maker, out) != wanted:
                yield _swapped(run, maker, inward, out)
            return


def _swapped(run: Diagnosis, layer: Module, first: str, second: str) -> Change:
    change = {first: getattr(layer, second), second: getattr(layer, first)}
    other = _changed(run, layer, change)
    return other if layer is run.error.module else other._replace(argument={})


def own_fix(run: Diagnosis) -> Iterator[Change]:
    """Do what the refusal itself says, which knows that it helps."""
    row = run.refused
    reshapes = row is not None and not isinstance(row.call, Module)
    if row is not None and reshapes and run.error.fix.startswith("the shape ("):
        shape = literal_eval(run.error.fix.removeprefix("the shape "))
        text = run.error.fix.removeprefix("the shape ").strip("()").removesuffix(",")
        rewrite = whole_call(run.line_of(row), row.name, partial(_reshaped_text, text))
        reshaped = partial(_reshaped, shape)
        yield Change(run.error.fix, calls={run.site(row): reshaped}, rewrites=[rewrite])
    elif run.error.fix and run.error.tried:
        yield Change(run.error.fix, only=run.error.only, argument=run.error.change)


def _reshaped_text(shape: str, call: CallText) -> str:
    return f"{_tensor(call)}.{call.name}({shape})"


def _reshaped(
    shape: tuple[int, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ...]:
    return (args[0], shape)


def other_layer(run: Diagnosis) -> Iterator[Change]:
    """Change the arguments of the layer that refuses, or take one of another rank."""
    layer = run.error.module
    if isinstance(layer, Module) and is_layer(layer):
        path = run.path_of(layer)
        for other, change in other_layers(run.error):
            text = call_text(layer, **change) if change else call_text(other)
            rewrite = run.with_arguments(layer, change) if change else run.with_layer(layer, other)
            yield Change(text, layers={path: other}, argument=change, rewrites=[rewrite])


def own_advice(run: Diagnosis) -> Iterator[Change]:
    """Do what the refusal itself says, which often helps."""
    if run.error.fix and not run.error.tried and not run.error.fix.startswith("the shape ("):
        yield Change(run.error.fix, argument=run.error.change)


def other_output(run: Diagnosis) -> Iterator[Change]:
    """Let the layer before give the channels that the one that refuses expects."""
    layer, row = run.error.module, run.refused
    names = CHANNELS & run.error.change.keys()
    if not (isinstance(layer, Module) and is_layer(layer)) or row is None or not names:
        return
    wanted = getattr(layer, next(iter(names)))
    for giver in run.givers(row):
        maker = giver.call
        if isinstance(maker, Module) and hasattr(maker, "out_channels"):
            if maker.out_channels != wanted and isinstance(wanted, int):
                with suppress(ShapeError):
                    change = _changed(run, maker, {"out_channels": wanted})
                    yield change._replace(text=_named(giver.path, change.text, maker), argument={})
            return


def _named(path: str, text: str, layer: Module) -> str:
    place = f" in {layer._made_at}" if layer._made_at else ""
    return f"{path}: {text}{place}".removeprefix(": ")


def resampling(run: Diagnosis) -> Iterator[Change]:
    """Bring the second of two maps to the size of the first where they meet."""
    row = run.refused
    if row is None or row.name not in ("cat", "concat", "add", "mul") or hooks.line is None:
        return
    both = tensors((row.args, row.kwargs))
    if len(both) == 2 and both[0].ndim == both[1].ndim > 2:
        text = "F.interpolate(y, size=x.shape[2:]) of the second before it"
        line = run.line_of(row)
        homes = ("F", "nn.functional", "torch.nn.functional")
        ways = (whole_call(line, row.name, partial(_resampled_text, home)) for home in homes)
        yield Change(text, calls={run.site(row): _resampled}, rewrites=[several(*ways)])


def _resampled_text(home: str, call: CallText) -> str | None:
    group = call.node.args[0] if call.node.args else None
    if not isinstance(group, (ast.List, ast.Tuple)) or len(group.elts) != 2:
        return None
    first, second = (call.part(each) for each in group.elts)
    start, end = call.span(group.elts[1])
    if not isinstance(group.elts[0], ast.Name):
        return None
    text = f"{home}.interpolate({second}, size={first}.shape[2:])"
    return edited_call(call, call.source.edit(start, end, text))


def _resampled(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    if isinstance(args[0], (tuple, list)):
        first, *rest = args[0]
        return ([first, *(interpolate(each, first.shape[2:]) for each in rest)], *args[1:])
    return (args[0], interpolate(args[1], args[0].shape[2:]), *args[2:])


def naming(run: Diagnosis) -> Iterator[Change]:
    """Name the values of a call that gave several, where one is wanted."""
    values = run.refused.args[0] if run.refused is not None and run.refused.args else None
    giver = next((row for row in reversed(run.done) if row.result is values), None)
    if not isinstance(values, tuple) or giver is None or not isinstance(giver.call, Module):
        return
    name = giver.path.rpartition(".")[2]
    names = ", ".join(["out" if name.isdigit() else name, *"_" * (len(values) - 1)])
    called = f"{giver.layer}(...)" if len(giver.args) > 1 else giver.layer
    if name.isdigit():
        text = f"take the {giver.name} out of its sequence and its first value alone: {names}"
    elif giver.call._made_at:
        text = f"{names} = self.{name}(...)"
    else:
        text = f"{names}: {called}"
    yield Change(text)


def resizing(run: Diagnosis) -> Iterator[Change]:
    """Change the layer that gave one of two tensors its size, where the other has another."""
    if run.refused is None or isinstance(run.refused.call, Module):
        return
    both = tensors((run.refused.args, run.refused.kwargs))
    if len(both) != 2 or both[0].ndim != both[1].ndim:
        return
    both.sort(key=lambda each: -prod(each.shape[2:]))  # first make the larger one smaller
    found = [
        (maker, change)
        for tensor, other in (both, reversed(both))
        if (maker := _maker_of_size(run, tensor)) is not None
        for change in _other_sizes(maker, tensor.shape[2:], other.shape[2:])
    ]
    for maker, change in sorted(found, key=lambda pair: len(pair[1])):
        assert isinstance(maker.call, Module)
        made = _changed(run, maker.call, change)
        text = _named(maker.path, made.text, maker.call)
        yield made._replace(text=text, argument={}, only=True)


def _maker_of_size(run: Diagnosis, tensor: Tensor) -> Row | None:
    """Return the call of a layer with a stride that gave a tensor its size."""
    last = run.giver(tensor)
    for row in (last, *run.givers(last)) if last else ():
        is_layer_call = isinstance(row.call, Module) and hasattr(row.call, "stride")
        if is_layer_call and getattr(row.call, "_axes", 0) == tensor.ndim - 2:
            return row
        if (row.inputs or [()])[0][2:] != tensor.shape[2:]:
            return None
    return None


def _other_sizes(row: Row, sizes: Shape, wanted: Shape) -> Iterator[dict[str, Any]]:
    """Yield changes of a layer with which it gives other sizes: of few arguments first."""
    layer = row.call
    assert isinstance(layer, Module)
    if sizes == wanted:
        return  # they differ elsewhere
    own = arguments(layer)
    stride = per_axis("stride", own["stride"] or own["kernel_size"], len(sizes))
    if "output_padding" in own:
        paddings = per_axis("output_padding", own["output_padding"], len(sizes))
        axes = zip(paddings, sizes, wanted, strict=True)
        yield from _giving(row, wanted, [{"output_padding": tuple(p + w - s for p, s, w in axes)}])
        sizes, wanted = wanted, sizes  # a larger stride makes it larger
    steps = tuple(
        max(1, round(step * size / max(want, 1)))
        for step, size, want in zip(stride, sizes, wanted, strict=True)
    )
    if "output_padding" in own:
        sizes, wanted = wanted, sizes
    strides: list[dict[str, Any]] = [{"stride": steps}] if steps != tuple(stride) else []
    pads: list[dict[str, Any]] = [
        {"padding": n} for n in range(9) if "padding" in own and n != own["padding"]
    ]
    both = [one | two for one, two in product(strides, pads)]
    yield from _giving(row, wanted, [*strides, *pads, *both])


def _giving(row: Row, wanted: Shape, changes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield those changes of a layer with which its call gives the sizes that are wanted."""
    layer = row.call
    assert isinstance(layer, Module)
    for change in changes:
        with suppress(ShapeError, ValueError, RuntimeError):
            other = type(layer)(**arguments(layer) | change).eval()
            if tensors(other._call(row.args, row.kwargs))[0].shape[2:] == wanted:
                yield change
