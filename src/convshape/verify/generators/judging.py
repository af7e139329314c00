"""What convshape and torch make of a random call."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ... import shapetorch
from ...errors import ShapeError, UnknownOperation
from .data import Call, Case, flat, in_convshape, in_torch


@dataclass(frozen=True)
class Outcome:
    """What came of a case: refused when made, refused when called, or the facts of the result."""

    made: bool
    called: bool = False
    shapes: tuple[tuple[int, ...] | None, ...] = ()
    dtypes: tuple[str, ...] = ()
    printed: str = ""
    state: tuple[tuple[str, tuple[int, ...]], ...] = ()
    message: str = field(default="", compare=False)
    #: Strides and offset of each result; None where convshape does not know, and says so.
    memory: tuple[Any, ...] = field(default=(), compare=False)
    #: Convshape says that it does not know.
    unknown: bool = field(default=False, compare=False)

    def agrees(self, theirs: Outcome) -> bool:
        """Return whether this, convshape's, is torch's."""
        known = zip(self.memory, theirs.memory, strict=False)
        return self.unknown or (self == theirs and all(a in (None, b) for a, b in known))


def memory_of(results: list[Any]) -> tuple[Any, ...]:
    """Return the strides and the offset of each tensor."""
    memory: list[Any] = []
    for result in results:
        try:
            memory.append(
                result if result is None else (tuple(result.stride()), result.storage_offset())
            )
        except UnknownOperation:
            memory.append(None)
    return tuple(memory)


def out_of_nothing(name: str, outcome: Outcome) -> bool:
    """Return whether a transposed convolution made nothing of something.

    Some of torch's backends let it,
    and others refuse; which one works depends on the number of threads. convshape
    refuses.
    """
    sizes = (outcome.shapes[0] or ()) if outcome.shapes else ()
    return "convtranspose" in name.lower().replace("_", "") and 0 in sizes[-int(name[-2]) :]


def by_convshape(case: Case | Call) -> Outcome:
    """Judge a case; anything but an answer or a refusal is an error of ours."""
    is_made = False
    try:
        layer = case.made(shapetorch, in_convshape)
        is_made = True
        result = case.result(layer, shapetorch, in_convshape)
    except ShapeError as error:
        return Outcome(is_made, message=str(error))
    except UnknownOperation as error:
        if not is_made or "in memory" not in str(error):
            raise
        return Outcome(is_made, message=str(error), unknown=True)
    except TypeError as error:  # Python's own, of a function that does not have such arguments
        if not is_made or "argument" not in str(error):
            raise
        return Outcome(is_made, message=str(error))
    return _outcome(layer, result)


def by_torch(case: Case | Call, device: str = "cpu", shortcut: bool = False) -> Outcome:
    """Judge a case by the oracle, for which any exception is a refusal."""
    import torch

    # convshape answers as torch does with gradients. Without them torch takes a shortcut through
    # attention, which accepts a little more (`test_attention` has what it refuses).
    torch.backends.mha.set_fastpath_enabled(shortcut)
    make = partial(in_torch, device=device)
    is_made = False
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            layer = case.made(torch, make)
            if layer is not None:
                layer.to(device)
            is_made = True
            result = case.result(layer, torch, make)
        except Exception as error:
            return Outcome(is_made, message=f"{type(error).__name__}: {error}")
        outcome = _outcome(layer, result)
    # torch pads or expands to tensors of a negative size, which nothing can hold.
    negative = any(n < 0 for shape in outcome.shapes for n in shape or ())
    return Outcome(made=True) if negative or out_of_nothing(case.name, outcome) else outcome


def _outcome(layer: Any, result: Any) -> Outcome:
    if result is NotImplemented:  # so an operator refuses
        return Outcome(made=True)
    results = flat(result)
    state = layer.state_dict().items() if layer is not None else ()
    return Outcome(
        made=True,
        called=True,
        shapes=tuple(None if t is None else tuple(t.shape) for t in results),
        dtypes=tuple(str(t.dtype) for t in results if t is not None),
        memory=memory_of(results),
        printed=repr(layer) if layer is not None else "",
        state=tuple((name, tuple(t.shape)) for name, t in state),
    )
