"""A progress bar on standard error, for what takes longer than a second on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

#: Seconds until it shows.
_PATIENCE = 1.0


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Yield what is called at each step, with the number of all of them.

    Args:
        what: what takes so long, said before the bar.
    """
    bar = _Bar(what)
    try:
        yield bar.step
    finally:
        bar.close()


class _Bar:
    def __init__(self, what: str) -> None:
        self._what = what
        self._started = monotonic()
        self._done = 0
        self._shown: Any = None

    def step(self, total: int) -> None:
        self._done += 1
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=self._done, total=total)
        elif sys.stderr.isatty() and monotonic() - self._started > _PATIENCE:
            self._show(total)

    def _show(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._shown = Progress(console=Console(stderr=True), transient=True)
        self._shown.add_task(self._what, total=total, completed=self._done)
        self._shown.start()

    def close(self) -> None:
        if self._shown is not None:
            self._shown.stop()
