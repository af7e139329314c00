"""Numbers and shapes as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shapetorch.arguments import shape
from .text import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..analysis.receptive_field import ReceptiveField


def shapes_text(shapes: Sequence[tuple[int, ...]]) -> str:
    """Write shapes: ``1×6×28×28``."""
    return ", ".join(map(shape, shapes))


def count_text(count: int) -> str:
    """Write a large number in three digits: ``1.85G``."""
    return _scaled(count, "", "kMGTPE")


def byte_text(count: int) -> str:
    """Write a number of bytes in three digits: ``248 kB``."""
    return _scaled(count, " ", "kMGTPE") + ("B" if count >= 1000 else " B")


def _scaled(count: int, gap: str, units: str) -> str:
    if not isinstance(count, int) or written(count) is not count:
        return str(written(count))  # in symbols
    value, unit = float(count), ""
    for name in units:
        if value < 999.5:
            break
        value, unit = value / 1000, name
    if not unit:
        return str(count)
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}{gap}{unit}"


def axis_text(field: ReceptiveField, part: int) -> str | None:
    """Write size, stride or start of a field: ``212``, or ``5×7`` where the axes differ."""
    if field is None or isinstance(field, str):
        return field
    texts = [f"{axis[part]:.4g}" if part == 1 else str(axis[part]) for axis in field]
    return across(texts, ", " if part == 2 else "×")


def across(texts: Iterable[str], between: str = "×") -> str:
    """Write what there is of each axis: ``3×5``, or ``3`` where all are the same."""
    listed = list(texts)
    return between.join(listed if len(set(listed)) > 1 else listed[:1])
