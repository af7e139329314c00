"""Sizes that a network is to take: ``H=32..,multiple of 32``, and whether it does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import Error, ShapeError, SpecError
from ..fitting import fit
from ..run.fit import LARGEST, Fit
from ..symbolic.region import least

_FORM = "H=32..,multiple of 32, or 64..512 for all axes"
_PART = re.compile(
    r"(?P<first>\d{1,7})(?P<to>\.\.)?(?P<last>\d{1,7})?|multiples?\s+of\s+(?P<step>[1-9]\d{0,6})"
)


class Fits:
    """Sizes that one axis, or every axis, is to take.

    Args:
        text: ``H=32..,multiple of 32``, ``W=64``, ``32..512``: the sizes at which all of it holds.

    Attributes:
        name: the axis, empty for all.
        last: the largest size that is meant.

    Raises:
        SpecError: it cannot be read, or it means no size.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        name, equals, rest = text.rpartition("=")
        self.name = name.strip()
        parts = [_PART.fullmatch(part.strip()) for part in rest.split(",")]
        if not all(parts) or (equals and not re.fullmatch(r"[A-Z]\w*", self.name, re.ASCII)):
            raise SpecError(f"cannot read the sizes {text[:60]!r}", fix=_FORM)
        matches = [part.groupdict() for part in parts if part]
        ends = [int(m["last"] or (m["first"] if not m["to"] else 0)) for m in matches if m["first"]]
        self.last = max(ends, default=0) or LARGEST
        self._sizes = [range(1, self.last + 1), *(_sizes(m, self.last) for m in matches)]
        if not self.bits(self.last):
            raise SpecError(f"no size is meant by {text[:60]!r}", fix=_FORM)

    def bits(self, limit: int) -> int:
        """Return the sizes up to a limit, as bits."""
        shared = set[int].intersection(*map(set, self._sizes))
        return sum(1 << n for n in shared if n <= limit)


def _sizes(part: dict[str, str | None], limit: int) -> range:
    if part["step"]:
        return range(int(part["step"]), limit + 1, int(part["step"]))
    first = int(part["first"] or 0)
    return range(max(first, 1), (int(part["last"] or limit) if part["to"] else first) + 1)


def failures(target: Any, wanted: Sequence[Fits], *inputs: Any, **options: Any) -> list[Error]:
    """Return an error where a network does not take all sizes that it is to take.

    Args:
        target: a file or a module, as `convshape.fit` takes it.
        wanted: the sizes of its axes; of an axis that is not named some size is enough.
        inputs: those of `convshape.fit`.
        options: its other arguments.

    Raises:
        SpecError: no axis is called so, or the network cannot be read.
    """
    answer = fit(target, *inputs, max=max(LARGEST, *(want.last for want in wanted)), **options)
    unknown = next((w.name for w in wanted if w.name and w.name not in answer.symbols), None)
    if unknown is not None:
        names = ", ".join(answer.symbols)
        raise SpecError(f"no axis of the input is called {unknown}", fix=f"one of {names}")
    box: dict[str, int] = {}
    for want in wanted:
        for name in [want.name] if want.name else answer.symbols:
            box[name] = box.get(name, -1) & want.bits(answer.limit)
    missing = _outside(answer, box)
    if missing is None:
        return []
    said = " with ".join(f"{name} = {n}" for name, n in zip(box, missing, strict=True))
    text = "; ".join(want.text for want in wanted)
    if answer.why:
        return [ShapeError(f"cannot determine whether {said} fits, of {text}: {answer.why}")]
    return [ShapeError(f"is to take {text}, but {said} does not fit")]


def _outside(answer: Fit, wanted: dict[str, int]) -> tuple[int, ...] | None:
    """Return the first of the wanted sizes that does not fit."""
    axes = [answer.symbols.index(name) for name in wanted]
    left = [tuple(wanted.values())]
    for box in answer.region:
        inside = tuple(box[axis] for axis in axes)
        left = [rest for box_left in left for rest in _without(box_left, inside)]
    corners = [tuple(map(least, box_left)) for box_left in left]
    return min(corners, default=None)


def _without(box: tuple[int, ...], other: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    """Yield the parts of a box that are not in another."""
    for i, (sizes, taken) in enumerate(zip(box, other, strict=True)):
        if sizes & ~taken:
            shared = (a & b for a, b in zip(box[:i], other[:i], strict=True))
            yield (*shared, sizes & ~taken, *box[i + 1 :])
        if not sizes & taken:
            return
