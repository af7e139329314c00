"""Changes of the order of axes around a layer: transposed before it and back after it, permuted."""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import TYPE_CHECKING

from ..rewrites import edited_call, first_argument, receiver, whole_call
from ..run.record import tensors
from ..run.trial import Change
from ..shapetorch.nn.modules.module import Module
from .axis_fixes import called, has_channels_first
from .network_fixes import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..edits import CallText
    from ..shapetorch.tensor import Tensor
    from .diagnosis import Diagnosis


_SWAPPED = ".transpose(1, 2)"


def other_permutation(run: Diagnosis) -> Iterator[Change]:
    """Let a call of permute put the channels, or features, where a layer wants them."""
    row, arrived = run.refused, run.arrived
    giver = run.giver(arrived) if arrived is not None else None
    if row is None or giver is None or giver.name not in ("permute", "transpose"):
        return
    names = CHANNELS & run.error.change.keys()
    wanted = next((getattr(row.call, name, 0) for name in names), 0)
    came = giver.inputs[0] if giver.inputs else ()
    for axis in (n for n in range(1, len(came)) if came[n] == wanted):
        rest = [n for n in range(1, len(came)) if n != axis]
        order = [0, axis, *rest] if getattr(row.call, "_axes", 0) else [0, *rest, axis]
        is_same = order == sorted(order)
        text = "" if is_same else f".permute({', '.join(map(str, order))})"
        rewrite = whole_call(run.line_of(giver), giver.name, partial(_method_text, text))
        yield Change("", rewrites=[rewrite])


def other_turn(run: Diagnosis) -> Iterator[Change]:
    """Turn a factor of a product in another way than it is turned."""
    row = run.refused
    factors = tensors((row.args, row.kwargs)) if row and row.name in ("matmul", "bmm") else []
    for giver in map(run.giver, reversed(factors)):
        if giver is not None and giver.name in ("transpose", "permute"):
            for text in (".transpose(-2, -1)", ".transpose(1, 2)"):
                rewrite = whole_call(run.line_of(giver), giver.name, partial(_method_text, text))
                yield Change("", rewrites=[rewrite])


def _method_text(text: str, call: CallText) -> str:
    return f"{receiver(call)}{text}"


class _Turned(Module):
    """A layer whose channels are the second axis, between two calls of transpose."""

    def __init__(self, layer: Module, axis: int) -> None:
        super().__init__()
        self.layer, self.axis = layer, axis

    def forward(self, x: Tensor) -> Tensor:
        turned: Tensor = self.layer(x.transpose(1, self.axis)).transpose(1, self.axis)
        return turned


def turned(run: Diagnosis) -> Iterator[Change]:
    """Turn what arrives so that its channels, the last axis, are the second, and back after it."""
    row, arrived = run.refused, run.arrived
    if row is None or arrived is None or arrived.ndim < 3 or not isinstance(row.call, Module):
        return
    if getattr(row.call, "normalized_shape", None) == arrived.shape[1:2]:
        line, name = run.line_of(row), called(run, row)
        if arrived.ndim == 3:
            yield Change("", only=True, rewrites=[first_argument(line, name, f"{{}}{_SWAPPED}")])
        order = (".permute(0, 2, 3, 1)", ".permute(0, 3, 1, 2)")  # features last, and back
        order = (_SWAPPED, _SWAPPED) if arrived.ndim == 3 else order
        yield Change("", only=True, rewrites=[whole_call(line, name, partial(_between, *order))])
    names = (CHANNELS - {"in_features", "input_size"}) & run.error.change.keys()
    wanted = {getattr(row.call, name, None) for name in names}
    if arrived.shape[-1] in wanted and not has_channels_first(run, row):
        axis = arrived.ndim - 1
        text = f"x.transpose(1, {axis}) before it, and again after it"
        turn = f".transpose(1, {axis})"
        rewrite = whole_call(run.line_of(row), called(run, row), partial(_between, turn, turn))
        layers = {run.path_of(row.call): _Turned(copy(row.call), axis)}
        yield Change(text, layers, rewrites=[rewrite])


def along_steps(run: Diagnosis) -> Iterator[Change]:
    """Turn what arrives at a `Linear` so that its steps are the features; back after it, if so."""
    row, arrived, wanted = run.refused, run.arrived, getattr(run.error.module, "in_features", 0)
    if row is not None and arrived is not None and wanted and arrived.shape[1:-1] == (wanted,):
        line, name = run.line_of(row), called(run, row)
        yield Change("", rewrites=[first_argument(line, name, f"{{}}{_SWAPPED}")])
        both = partial(_between, _SWAPPED, _SWAPPED)
        yield Change("", rewrites=[whole_call(line, name, both)])


def folded(run: Diagnosis) -> Iterator[Change]:
    """Let a layer of images take each frame of a video for a sample, and unfold the frames."""
    row, arrived = run.refused, run.arrived
    axes, channels = (getattr(run.error.module, name, 0) for name in ("_axes", "in_channels"))
    if row is not None and arrived is not None and axes and arrived.ndim == axes + 3:
        rewrite = whole_call(run.line_of(row), "", _folded)
        yield from [Change("", rewrites=[rewrite])] if arrived.shape[2] == channels else []


def _folded(call: CallText) -> str | None:
    args = call.node.args
    frames = f".unflatten(0, {call.part(args[0])}.shape[:2])" if args else ""
    return _between(".flatten(0, 1)", frames, call)


def _between(before: str, after: str, call: CallText) -> str | None:
    """Write a call with one method called on its first argument, and another on its result."""
    edit = call.with_first(f"{{}}{before}")
    return None if edit is None else f"{edited_call(call, edit)}{after}"
