"""The clock of searches that end after a time, and when the one that is going on ends."""

from __future__ import annotations

from _thread import _local
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic, process_time

#: How much longer a search may take on the wall than on the processor: user code may sleep.
_PATIENCE = 5


class TimeIsUpError(Exception):
    """A run was ended in the middle, because the search that it is part of is over."""


class _Search(_local):
    """When the search of a thread ends, and when that is worth asking again."""

    deadline = inf
    asked_again = 0.0


def seconds() -> float:
    """Return the time of the processor, so that a busy machine finds what an idle one finds."""
    return max(process_time(), monotonic() / _PATIENCE - _START)


@contextmanager
def search() -> Iterator[None]:
    """Let the inside say `until` when it searches; outside of it nothing ends."""
    outside = _search.deadline
    try:
        yield
    finally:
        until(outside)


def until(moment: float) -> None:
    """Let the search end at a moment."""
    _search.deadline, _search.asked_again = moment, 0.0


def left() -> float:
    """Return for how many seconds is still searched."""
    return _search.deadline - seconds()


def is_over() -> bool:
    """Return whether the search is to end, which each call of a run may ask."""
    if _search.deadline == inf or monotonic() < _search.asked_again:
        return False
    # One processor's time is no faster than that of the wall.
    _search.asked_again = monotonic() + left()
    return left() < 0


def check() -> None:
    """End what a search tries in the middle when it is over: the user's own code may be slow.

    Raises:
        TimeIsUpError: it is over.
    """
    if is_over():
        raise TimeIsUpError


_START = monotonic() / _PATIENCE
_search = _Search()
