"""When Python's garbage collector may rest."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Pause the collector while much is made and kept, which it would search in vain.

    What was made stays young. Objects that are frozen and thawed are old at once, but not counted
    as new among the old: the collector would search for none of them again.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
