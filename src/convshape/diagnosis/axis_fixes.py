"""Changes of what arrives at a layer: flattened, transposed, with more or fewer axes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from math import isqrt, prod
from typing import TYPE_CHECKING, Any

from ..rewrites import entry_before, first_argument, layer_before, receiver, several, whole_call
from ..run.trial import Change
from ..shapetorch import hooks
from ..shapetorch.dtypes import dtype
from ..shapetorch.nn.modules.constructor import arguments
from ..shapetorch.nn.modules.linear import Linear
from ..shapetorch.nn.modules.module import Module, is_layer
from .network_fixes import CHANNELS, layer_with
from .operands import operand

if TYPE_CHECKING:
    from ..edits import CallText
    from ..rewrites import Rewrite
    from ..run.record import Row
    from ..shapetorch.tensor import Tensor
    from .diagnosis import Diagnosis


def flat_samples(run: Diagnosis) -> Iterator[Change]:
    """Flatten each sample by itself, where a call makes one row of the batch, or other rows."""
    batch = run.run.batch
    last = run.giver(run.arrived) if run.arrived is not None else None
    if last is not None and last.name == "squeeze":
        yield Change("", rewrites=[whole_call(run.line_of(last), last.name, receiver)])
    givers = run.givers(run.refused) if run.refused else iter(run.done[::-1])
    giver = next((row for row in (*givers, run.refused) if row and _mixes(row, batch)), None)
    if giver is None:
        return
    if giver.name in ("flatten", "squeeze"):
        rewrite = whole_call(run.line_of(giver), giver.name, _flat_text)
        text = f"flatten(1) in place of {giver.layer if giver.args[1:] else f'{giver.name}()'}"
        calls = {run.site(giver): _flat} if giver.name == "flatten" else {}
    elif giver.name in ("view", "reshape") and giver.layer.count(",") < 2:
        text = f"{giver.name}(x.size(0), -1) in place of {giver.layer}" if hooks.line else ""
        rewrite = whole_call(run.line_of(giver), giver.name, _viewed_text)
        calls = {run.site(giver): _viewed}
    else:
        return
    yield Change(text, calls=calls, rewrites=[rewrite])
    layer, features = run.error.module, prod(giver.inputs[0][1:])
    if isinstance(layer, Linear) and layer.in_features != features:
        rewrites = [rewrite, run.with_arguments(layer, {"in_features": features})]
        yield Change("", rewrites=rewrites)


def numbered_samples(run: Diagnosis) -> Iterator[Change]:
    """Count the samples in a view of their number, ``x.view(4, -1)``, and change the layer too."""
    layer, row = run.error.module, run.refused
    views = (giver for giver in run.givers(row) if giver.name in ("view", "reshape")) if row else ()
    if isinstance(layer, Module) and is_layer(layer) and run.error.change:
        for giver in views:
            rewrite = whole_call(run.line_of(giver), giver.name, _counted_text)
            yield Change("", rewrites=[rewrite, run.with_arguments(layer, run.error.change)])
            return


def _counted_text(call: CallText) -> str | None:
    x, args = receiver(call), call.node.args
    if not (x.isidentifier() and args and isinstance(args[0], ast.Constant)):
        return None
    others = "".join(f", {call.part(size)}" for size in args[1:])
    return f"{x}.{call.name}({x}.size(0){others})"


def _mixes(row: Row, batch: int | None) -> bool:
    """Return whether a call changes the rows of a batch, or leaves several axes per sample."""
    if row.name not in ("flatten", "view", "reshape", "squeeze") or isinstance(row.call, Module):
        return False
    came, went = (row.inputs or [()])[0], (row.outputs or [()])[0]
    return batch is not None and came[:1] == (batch,) and (went[:1] != (batch,) or len(went) > 2)


def _flat(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    kwargs.clear()
    return (args[0], 1)


def _viewed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    return (args[0], (args[0].shape[0], -1))


def _flat_text(call: CallText) -> str:
    return f"{receiver(call)}.flatten(1)"


def _viewed_text(call: CallText) -> str:
    x = receiver(call)
    return f"{x}.{call.name}({x}.size(0), -1)" if x.isidentifier() else f"{x}.flatten(1)"


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
        yield flat.joined(layer_with(run, layer, {"in_features": features}))._replace(
            argument={"in_features": features}
        )


def _before(run: Diagnosis, name: str, layer: str, template: str) -> Iterator[Rewrite]:
    """Yield how to write that something is done with what arrives at the layer that refuses."""
    row = run.refused
    if row is None or not isinstance(row.call, Module):
        return
    line = run.line_of(row)
    yield first_argument(line, called(run, row), template)
    yield first_argument(line, "", template)
    if hooks.line is None:
        yield entry_before(line, name, layer or template.format(_value(run)))
    if layer:
        for place in run.places(row.call)[:1]:
            yield layer_before(place, type(row.call).__name__, layer)


def _flattened(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    return (args[0].flatten(1), *args[1:])


def other_axes(run: Diagnosis) -> Iterator[Change]:
    """Put the axes of what arrives in the order that a layer wants: a swap, or a rotation."""
    row, arrived = run.refused, run.arrived
    if row is None or arrived is None or arrived.ndim < 3 or not isinstance(row.call, Module):
        return
    if "in_features" in run.error.change or not run.error.changes:
        return
    if not run.made_at and any(arrived.shape == tensor.shape for tensor in run.inputs):
        return  # it is the input, which is given in another order
    if has_channels_first(run, row):
        return
    wanted = {getattr(row.call, name, None) for name in CHANNELS & run.error.change.keys()}
    giver, value = run.giver(arrived), _value(run)
    if not wanted & set(arrived.shape[2:]):
        return
    last = arrived.ndim - 1
    swaps: list[tuple[str, Any]] = [("movedim(-1, 1)", lambda x: x.movedim(-1, 1))]
    for axis in range(2, last + 1):
        swaps.append((f"transpose(1, {axis})", partial(_transposed, axis)))
    if last == 2:
        swaps.reverse()
    for text, move in swaps:
        change = Change(
            f"{value}.{text} before it",
            calls={run.site(row): partial(_moved, move)},
            only=giver is not None,
            rewrites=[several(*_before(run, "moved", "", f"{{}}.{text}"))],
        )
        if text.startswith("movedim") and arrived.shape[-1] in wanted:
            yield change._replace(text=f"{change.text}: its channels are the last")
        elif not text.startswith("movedim"):
            yield change


def with_channels(run: Diagnosis) -> Iterator[Change]:
    """Add the axis of one channel before a layer that took the batch for channels."""
    if run.run.batch is None:
        return
    refused = run.refused
    for row in (refused, *run.givers(refused)) if refused else run.done[::-1]:
        axes, came = getattr(row.call, "_axes", 0), (row.inputs or [()])[0]
        if axes and len(came) == axes + 1 and getattr(row.call, "in_channels", 0) == 1:
            line = run.line_of(row)
            named, any_call = (
                first_argument(line, name, "{}.unsqueeze(1)") for name in (called(run, row), "")
            )
            yield Change("", rewrites=[several(named, any_call)])


def with_features(run: Diagnosis) -> Iterator[Change]:
    """Add the axis of one feature before a layer that took the steps, or the batch, for it."""
    arrived, layer = run.arrived, run.error.module
    features = getattr(layer, "input_size", getattr(layer, "in_features", 0))
    axes = 1 if hasattr(layer, "in_features") else 2
    if arrived is not None and features == 1 < arrived.shape[-1] and arrived.ndim == axes:
        rewrite = several(*_before(run, "column", "", "{}.unsqueeze(-1)"))
        yield Change("", only=axes == 1, rewrites=[rewrite])


def last_state(run: Diagnosis) -> Iterator[Change]:
    """Take the state of the last layer, where those of all layers arrive."""
    arrived = run.arrived
    giver = run.giver(arrived) if arrived is not None else None
    result = giver.result if giver is not None and hasattr(giver.call, "hidden_size") else None
    is_state = isinstance(result, tuple) and arrived is not result[0]
    if is_state and not hasattr(run.error.module, "hidden_size"):
        yield Change("", rewrites=[several(*_before(run, "last", "", "{}[-1]"))])


def cast(run: Diagnosis) -> Iterator[Change]:
    """Give what arrives the kind of number that is wanted: ``x.float()``."""
    wanted, row = run.error.wanted, run.refused
    if row is None or not isinstance(wanted, dtype):
        return
    text = _CASTS.get(wanted.name, f"to(torch.{wanted.name})")
    yield Change(
        "",
        rewrites=[
            several(
                *_before(run, "cast", "", f"{{}}.{text}"),
                operand(run.line_of(row), row.name, 0, f"{{x}}.{text}"),
            )
        ],
    )


#: Methods of tensors by the dtypes that they give.
_CASTS = {"float32": "float()", "float64": "double()", "float16": "half()", "int64": "long()"}


def _value(run: Diagnosis) -> str:
    """Return the name of what arrives at the layer that refuses: in source it is x."""
    giver = run.giver(run.arrived) if run.arrived is not None else None
    name = giver.path.rpartition(".")[2] if giver else "input"
    return name if name.isidentifier() and not run.made_at else "x"


def other_form(run: Diagnosis) -> Iterator[Change]:
    """Give a layer the axes that it takes: more, fewer, or in another order."""
    row, arrived = run.refused, run.arrived
    if row is None or arrived is None or not isinstance(row.call, Module):
        return
    if any(arrived is tensor for tensor in run.inputs) and not run.made_at:
        return  # it is the input, which is given in another form
    values = arguments(row.call)
    wanted = next((values[name] for name in _WIDTHS if type(values.get(name)) is int), 0)
    if "num_features" in values and arrived.ndim > 3:
        return  # the layer of the right rank is what is meant
    for template in _forms(arrived.shape, wanted, getattr(row.call, "_axes", 0)):
        rewrite = several(*_before(run, "formed", "", template))
        yield Change(
            "", one_size=any(arrived is tensor for tensor in run.inputs), rewrites=[rewrite]
        )


_WIDTHS = ("in_channels", "in_features", "input_size", "embed_dim", "d_model", "num_features")


def _forms(shape: tuple[int, ...], wanted: int, axes: int) -> Iterator[str]:
    """Yield what makes of a shape one with the channels, or features, in their place.

    Args:
        shape: what arrives.
        wanted: how many channels or features there are to be.
        axes: the axes behind the channels; 0 for a layer of features, which are the last.
    """
    ndim = len(shape)
    if axes:
        if ndim == axes + 1 and wanted == 1:
            yield "{}.unsqueeze(1)"
        if ndim == 2 and shape[1] == wanted:
            yield f"{{}}[:, :, {', '.join(['None'] * axes)}]"
        side = isqrt(shape[-1] // wanted) if wanted and ndim == 2 and axes == 2 else 0
        if side and wanted * side * side == shape[1]:
            yield f"{{}}.view(-1, {wanted}, {side}, {side})"
        return
    if ndim == 4:
        if prod(shape[2:]) == wanted:
            yield "{}.flatten(2)"
        if 1 != shape[1] == wanted // shape[2] and wanted % shape[2] == 0:
            yield "{}.flatten(1, 2).transpose(1, 2)"
        if shape[1] == wanted:
            yield "{}.mean((2, 3))"
            yield "{}.flatten(2).transpose(1, 2)"
            yield "{}.permute(0, 2, 3, 1)"
    if ndim == 2 and shape[1] == wanted:
        yield "{}.unsqueeze(0)"
        yield "{}.unsqueeze(1)"
    if ndim == 3 and shape[1] == wanted:
        yield "{}.transpose(1, 2)"
    if ndim > 3 and 1 in shape[1:]:
        yield f"{{}}.squeeze({shape.index(1, 1)})"


def has_channels_first(run: Diagnosis, row: Row) -> bool:
    """Return whether the second axis is that of the channels, as a layer before gave it."""
    return any(getattr(giver.call, "_axes", 0) for giver in run.givers(row))


def _transposed(axis: int, x: Tensor) -> Tensor:
    moved: Tensor = x.transpose(1, axis)
    return moved


def _moved(
    move: Callable[[Tensor], Tensor], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ...]:
    return (move(args[0]), *args[1:])


def called(run: Diagnosis, row: Row) -> str:
    """Return by which name the text calls a layer."""
    return run.path_of(row.call).rpartition(".")[2] if isinstance(row.call, Module) else row.name
