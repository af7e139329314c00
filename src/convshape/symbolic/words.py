"""Conditions and sets of sizes in words: ``H ≥ 16``, ``H mod 32 = 0``, ``multiples of 32``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .condition import EQUAL, Condition
from .dim import Dim, Record
from .progressions import progressions, runs_of
from .region import Axes, TooManyError
from .text import text

#: Up to which size it is looked at whether a condition says more than the others.
_LIMIT, _LIMIT_OF_SEVERAL = 1024, 256
#: The furthest that a bound may lie to be looked for.
_FURTHEST = 2**16
#: How many progressions are written as such.
_FEW = 3


def relied_on(record: Record) -> list[str]:
    """Return what a run relied on in a few words: of each symbol, and of several together."""
    single = [c for c in record.conditions if len(c.symbols) == 1]
    names = sorted({name for c in record.conditions for name in c.symbols})
    words: list[str] = []
    for name in names:
        alone = [c for c in single if c.symbols == {name}]
        bounds = (abs(c.simplified().expression.offset) for c in alone)
        most = 2 * max(record.sizes.get(name, 0), *bounds, 0)  # pragma: no mutate
        axes = Axes((name,), min(max(_LIMIT, most), _FURTHEST))
        region = axes.all
        for condition in alone:
            region, _ = axes.split(region, condition)
        sizes = region[0][0] if region else 0
        words += _of_sizes(name, sizes, alone, axes.limit)
    several = [c for c in record.conditions if len(c.symbols) > 1]
    return words + list(_of_several(record, single, several))


def _of_sizes(name: str, sizes: int, conditions: Sequence[Condition], limit: int) -> Iterator[str]:
    """Yield in words that a symbol has one of these sizes."""
    parts = progressions(sizes)
    if not parts or len(parts) > _FEW:
        yield from dict.fromkeys(map(str, conditions))
        return
    if len(parts) > 1:
        yield f"{name} in {sizes_text(sizes, limit)}"
        return
    first, last, step = parts[0]
    if first == last:
        yield f"{name} = {first}"
        return
    if step > 1:
        yield f"{name} mod {step} = {first % step}"
    if first > step:
        yield f"{name} ≥ {first}"
    if last + step <= limit:
        yield f"{name} ≤ {last}"


def _of_several(
    record: Record, single: Sequence[Condition], several: Sequence[Condition]
) -> Iterator[str]:
    """Yield conditions that tie symbols together, where the others do not say the same."""
    names = sorted({name for c in several for name in c.symbols})
    axes = Axes(names, _LIMIT_OF_SEVERAL)
    region = axes.all
    for condition in single:
        if condition.symbols <= set(names):
            region, _ = axes.split(region, condition)
    for condition in sorted(several, key=lambda condition: condition.op != EQUAL):
        try:
            inside, outside = axes.split(region, condition)
        except TooManyError:
            inside = outside = region
        if not outside and region:
            continue
        region = inside or region
        sides = record.conditions[condition]
        yield f"{text(sides[0])} = {text(sides[1])}" if sides else str(condition)


def sizes_text(sizes: int, limit: int) -> str:
    """Write a set of sizes: ``32..35``, ``multiples of 16 from 16``, ``any from 63``."""
    parts = progressions(sizes)
    if len(parts) > 1:
        runs = runs_of(sizes)
        step = runs[1][0] - runs[0][0]
        if len(runs) >= _FEW and _repeats(runs, step, limit):
            shown = ", ".join(f"{a}..{b}" for a, b in runs[:_FEW])
            return shown + (", …" if runs[-1][0] + step > limit else f", …, {_span(*runs[-1])}")
    return ", ".join(_progression(*part, limit) for part in parts) or "none"


def multiples(sizes: int, limit: int) -> str:
    """Write a set if it is multiples of a size up to a limit: ``multiples of 32``; else nothing."""
    words, _, start = sizes_text(sizes, limit).partition(" from ")
    return words if words.startswith("multiples") and start.isdecimal() else ""


def _repeats(runs: Sequence[tuple[int, int]], step: int, limit: int) -> bool:
    """Return whether runs are equally long and equally far apart; the limit may cut the last."""
    start, end = runs[0]
    return end > start and all(
        (a, b) == (start + i * step, min(end + i * step, limit)) for i, (a, b) in enumerate(runs)
    )


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}..{last}"


def _progression(first: int, last: int, step: int, limit: int) -> str:
    if first == last:
        return str(first)
    endless = last + step > limit
    if step == 1:
        if endless:
            return "any" if first == 1 else f"any from {first}"
        return f"{first}..{last}" if last > first + 1 else f"{first}, {last}"
    if first + step == last:
        return f"{first}, {last}"
    until = "" if endless else f" to {last}"
    if first % step == 0:
        return f"multiples of {step} from {first}{until}"
    return f"{first}, {first + step}, {first + 2 * step}, …{until and f', {last}'}"


def closed(value: Any) -> Any:
    """Return what a value is for programs: the closed form of a size with symbols, as text."""
    if isinstance(value, Dim):
        return text(value.expression)
    if isinstance(value, (tuple, list)):
        return [closed(item) for item in value]
    if isinstance(value, dict):
        return {name: closed(item) for name, item in value.items()}
    return value
