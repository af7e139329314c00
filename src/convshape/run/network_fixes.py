"""Changes of a network that would mend a run: what is to stand before a layer, and other layers."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ..errors import Fix
from ..shapetorch.arguments import per_axis
from ..shapetorch.nn.modules.fitting import layer_fixes
from ..shapetorch.nn.modules.linear import Linear
from ..shapetorch.nn.modules.module import Module, arguments, call_text, is_layer
from .record import tensors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..shapetorch.tensor import Tensor
    from .diagnosis import Diagnosis
    from .record import Row

    Shape = tuple[int, ...]

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
CHANNELS = {"in_channels", "in_features", "input_size", "num_features"}


def flattening(run: Diagnosis) -> Iterator[Fix]:
    """Flatten what arrives at a layer of features, where that is what is missing."""
    layer, arrived = run.error.module, run.arrived
    if not isinstance(layer, Linear) or arrived is None or arrived.ndim < 3:
        return
    if "in_features" not in run.error.change:
        return
    before = f"{'torch.flatten(x, 1)' if run.made_at else 'Flatten()'} before it"
    features = prod(arrived.shape[1:])
    if features == layer.in_features:
        yield Fix(before, only=True)
    elif arrived.ndim > 3:
        change = {"in_features": features}
        yield Fix(f"{before} and {call_text(layer, **change)}", only=True, change=change)


def channels_first(run: Diagnosis) -> Iterator[Fix]:
    """Move the channels that another layer has made last to where a layer expects them."""
    if run.refused is None or run.arrived is None or run.arrived.ndim < 3:
        return
    givers = list(run.givers(run.refused))
    if not any(row.name in _CHANNELS_LAST for row in givers):
        return  # others have them first, whatever the sizes are
    if any(getattr(row.call, "_axes", 0) for row in givers):
        return
    change = run.error.change
    wanted = {getattr(run.error.module, name, None) for name in CHANNELS & change.keys()}
    if "in_features" in change or run.arrived.shape[-1] not in wanted:
        return
    name = givers[0].path.rpartition(".")[2]
    value = name if name.isidentifier() else "x"
    yield Fix(f"{value}.movedim(-1, 1) before it: its channels are the last", only=True)


def own_fix(run: Diagnosis) -> Iterator[Fix]:
    """Do what the refusal itself says, which knows that it helps."""
    if run.error.fix and run.error.tried:
        yield Fix(run.error.fix, only=run.error.only, change=run.error.change)


def other_layer(run: Diagnosis) -> Iterator[Fix]:
    """Change the arguments of the layer that refuses, or take one of another rank."""
    if isinstance(run.error.module, Module) and is_layer(run.error.module):
        yield from layer_fixes(run.error)


def own_advice(run: Diagnosis) -> Iterator[Fix]:
    """Do what the refusal itself says, which often helps."""
    if run.error.fix:
        yield Fix(run.error.fix, tried=False, change=run.error.change)


def naming(run: Diagnosis) -> Iterator[Fix]:
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
    yield Fix(text, tried=False)


def resizing(run: Diagnosis) -> Iterator[Fix]:
    """Change the layer that gave one of two tensors its size, where the other has another."""
    if run.refused is None or isinstance(run.refused.call, Module):
        return
    both = tensors((run.refused.args, run.refused.kwargs))
    if len(both) != 2 or both[0].ndim != both[1].ndim:
        return
    layers = dict(run.module.named_modules())
    both.sort(key=lambda each: -prod(each.shape[2:]))  # first make the larger one smaller
    for tensor, other in (both, reversed(both)):
        maker = _maker_of_size(run, tensor)
        layer = layers.get(maker.path) if maker else None
        if maker is None or layer is None:
            continue
        for change in _other_sizes(layer, tensor.shape[2:], other.shape[2:]):
            if run.runs_with(layer, change):
                place = f" in {layer._made_at}" if layer._made_at else ""
                yield Fix(f"{maker.path}: {call_text(layer, **change)}{place}", only=True)


def _maker_of_size(run: Diagnosis, tensor: Tensor) -> Row | None:
    """Return the call of a layer with a stride that gave a tensor its size."""
    last = run.giver(tensor)
    for row in (last, *run.givers(last)) if last else ():
        if hasattr(row.call, "stride") and getattr(row.call, "_axes", 0) == tensor.ndim - 2:
            return row
        if (row.inputs or [()])[0][2:] != tensor.shape[2:]:
            return None
    return None


def _other_sizes(layer: Module, sizes: Shape, wanted: Shape) -> Iterator[dict[str, Any]]:
    """Yield changes of a layer that may make it give other sizes."""
    if sizes == wanted:
        return  # they differ elsewhere
    own = arguments(layer)
    if "output_padding" in own:
        paddings = per_axis("output_padding", own["output_padding"], len(sizes))
        axes = zip(paddings, sizes, wanted, strict=True)
        yield {"output_padding": tuple(padding + want - size for padding, size, want in axes)}
        sizes, wanted = wanted, sizes  # a larger stride makes it larger
    stride = per_axis("stride", own["stride"] or own["kernel_size"], len(sizes))
    axes = zip(stride, sizes, wanted, strict=True)
    steps = tuple(max(1, round(step * size / max(want, 1))) for step, size, want in axes)
    if steps != tuple(stride):
        yield {"stride": steps}
