"""The summary of a sweep: a line a family."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .text import aligned

_COLUMNS = ("family", "accepted", "refused", "unknown", "disagreements")


def families_text(families: Iterable[tuple[Any, ...]]) -> str:
    """Return a table of the counts of families, each a tuple of a name and four numbers."""
    rows = [_COLUMNS, *([name, *map("{:,}".format, counts)] for name, *counts in families)]
    return "\n".join(aligned(rows, [name != "family" for name in _COLUMNS]))


def verdict(count: int, disagreements: int, beside: str, seed: int) -> str:
    """Say what came of it, in a line.

    Args:
        count: the number of calls.
        disagreements: of how many the two do not say the same.
        beside: the torch and the device, as text.
        seed: of the random numbers.
    """
    if not disagreements:
        return f"✓ {count:,} random calls agree with {beside} (seed {seed})"
    plural = "s" * (disagreements > 1)
    return (
        f"✗ {disagreements:,} disagreement{plural} in {count:,} random calls with {beside} "
        f"(seed {seed})"
    )
