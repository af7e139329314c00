"""Which other arguments, or which layer of another rank, would take the call that a layer refuses.

Only a mistake pays for any of this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ....fixes import Fix
from ... import hooks
from ...tensor import Tensor
from .constructor import arguments, call_text, for_any_axes, signature
from .module import Module

Changes = Sequence[dict[str, Any]]


def diagnose_layer(error: ShapeError) -> ShapeError:
    """Return the refusal of a layer that is called outside of any run, with what would fix it."""
    fix = next(layer_fixes(error), None)
    return error.mended(fix) if fix else error


def layer_fixes(error: ShapeError) -> Iterator[Fix]:
    """Yield what would make a layer take the call that it refuses: what it says so itself first."""
    module = error.module
    assert isinstance(module, Module)
    if error.fix and error.tried:
        yield Fix(error.fix, only=error.only, change=error.change)
    values = arguments(module)
    change = _mending(type(module), values, error, error.changes)
    if change:
        yield Fix(call_text(module, **change), change=change)
    if not error.changes:
        yield from (Fix(call_text(layer)) for layer in _of_other_ranks(error, values))


def other_layers(error: ShapeError) -> Iterator[tuple[Module, dict[str, Any]]]:
    """Yield layers that take the call that one refuses, with the arguments that differ."""
    module = error.module
    assert isinstance(module, Module)
    values, axes = arguments(module), _axes(error)
    ranks: list[tuple[Module, dict[str, Any]]]
    ranks = [(layer, {}) for layer in _of_other_ranks(error, values)]
    if axes != getattr(module, "_axes", axes):
        yield from ranks  # what it says of channels is of a sample without a batch axis
    change = _mending(type(module), values, error, error.changes)
    if change:
        yield type(module)(**values | change), change
    if values.get("batch_first") is False:
        change = {"batch_first": True}
        if _refusal(type(module), values | change, error) is None:
            yield type(module)(**values | change), change
    if axes == getattr(module, "_axes", axes) and not error.changes:
        yield from ranks


def _mending(
    kind: type[Module], values: dict[str, Any], refused: ShapeError, changes: Changes, deep: int = 2
) -> dict[str, Any]:
    """Return the first change with which a layer takes the call, and what more it then needs."""
    for change in changes:
        if not change.keys() <= values.keys():
            continue
        later = _refusal(kind, values | change, refused)
        if later is None:
            return change
        more = _mending(kind, values | change, refused, later.changes, deep - 1) if deep else None
        if more:
            return change | more
    return {}


def _refusal(kind: type[Module], values: dict[str, Any], refused: ShapeError) -> ShapeError | None:
    """Return what a layer of these arguments says against the refused call, if anything."""
    assert isinstance(refused.module, Module)
    args, kwargs = refused.call
    watching, searching = hooks.recorder, hooks.searching
    hooks.recorder, hooks.searching = None, True
    try:
        kind(**values).train(refused.module.training)._call(args, kwargs)
    except ShapeError as error:
        return error
    except UnknownOperation as error:
        return ShapeError(error.what)
    finally:
        hooks.recorder, hooks.searching = watching, searching
    return None


def _axes(error: ShapeError) -> int:
    """Return how many spatial axes a tensor has that is refused, if it has a batch."""
    args, _ = error.call
    return args[0].ndim - 2 if args and isinstance(args[0], Tensor) else 0


def _of_other_ranks(error: ShapeError, values: dict[str, Any]) -> Iterator[Module]:
    """Yield the layers that take the refused call: with one number for all axes, of other ranks."""
    kind = type(error.module)
    name, rank = kind.__name__[:-2], kind.__name__[-2:]
    if rank not in ("1d", "2d", "3d"):
        return
    family = vars(sys.modules[kind.__module__])
    for axes in (int(rank[0]), _axes(error), 1, 2, 3):
        other = family.get(f"{name}{axes}d")
        if other is not None:
            same = {n: for_any_axes(values[n]) for n in signature(other) if n in values}
            if _refusal(other, same, error) is None:
                yield other(**same)
