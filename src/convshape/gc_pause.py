"""When Python's garbage collector may rest."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: So many new objects are too few to search for those that nobody holds any more.
_FEW = 100_000


class _Objects:
    """How many were made in pauses since all were searched, and how many there were then."""

    made = there = 0


@contextmanager
def paused() -> Iterator[None]:
    """Pause the collector while much is made and kept, which it would search in vain.

    What was made counts as old afterwards, because the collector searches the young ones often.
    It takes no notice of such old objects, so that a pause begins with a search of all if the
    pauses before it have made more of them than there were.
    """
    collecting = gc.isenabled()
    if collecting and _Objects.made > max(_FEW, _Objects.there):
        gc.collect()
        _Objects.made, _Objects.there = 0, len(gc.get_objects())
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            _Objects.made += gc.get_count()[0]
            if not gc.get_freeze_count():  # those of a server that forks stay frozen
                gc.freeze()
                gc.unfreeze()
            gc.enable()
