"""Rules that are asked the same thing again and again: networks repeat their layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from marshal import dumps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    R = TypeVar("R")

#: How many results `remembered` keeps of a rule, and below how many bytes of arguments.
_KEPT, _LONGEST = 4096, 1024


def remembered(rule: Callable[..., R]) -> Callable[..., R]:
    """Keep what a rule makes of numbers, alone or in tuples.

    Arguments are distinguished by their bytes: as keys of a dictionary ``1`` and ``True`` are the
    same.
    """
    known: dict[bytes, R] = {}

    @wraps(rule)
    def look_up(*args: Any) -> R:
        try:
            key = dumps(args, 2)  # version 2 has no references, which tell equal numbers apart
        except ValueError:  # what is no plain number is for the rule to refuse, or to read
            return rule(*args)
        result = known.get(key)
        if result is None:
            result = rule(*args)
            if len(known) < _KEPT and len(key) < _LONGEST:
                known[key] = result
        return result

    return look_up
