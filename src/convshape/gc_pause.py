"""When Python's garbage collector may rest."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Pause the collector while much is made and kept, which it would search in vain.

    What was made counts as old afterwards, so that only a full collection searches it.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            if not gc.get_freeze_count():  # else somebody wants some objects to stay frozen
                gc.freeze()
                gc.unfreeze()
            gc.enable()
