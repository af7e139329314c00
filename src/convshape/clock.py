"""The clock of searches that end after a time."""

from __future__ import annotations

from time import monotonic, process_time

#: How much longer a search may take on the wall than on the processor: user code may sleep.
_PATIENCE = 5


def seconds() -> float:
    """Return the time of the processor, so that a busy machine finds what an idle one finds."""
    return max(process_time(), monotonic() / _PATIENCE - _START)


_START = monotonic() / _PATIENCE
