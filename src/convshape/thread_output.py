"""Standard streams of one thread, while the others print where they always did."""

from __future__ import annotations

import sys
from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class Output:
    """What replaces a standard stream: some threads print elsewhere, until it is put out of use.

    Args:
        is_own: whether the thread at work is one of those.
        output: where they print; None for nowhere.
        others: where all others print.
    """

    def __init__(
        self, is_own: Callable[[], bool], output: TextIO | None, others: TextIO | None
    ) -> None:
        self._is_own = is_own
        self._own = output
        self._others = others
        self.in_use = True

    def _goes_apart(self) -> bool:
        return self.in_use and self._is_own()

    def __getattr__(self, name: str) -> Any:
        output = self._own or sys.__stderr__
        return getattr(output if self._goes_apart() else self._others, name)

    def write(self, text: str) -> int:
        """Write to whichever stream is meant; those of a trace may be closed, full, or none."""
        if self._goes_apart():
            with suppress(OSError, ValueError):
                if self._own is not None:
                    self._own.write(text)
        elif self._others is not None:
            self._others.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush whichever stream is meant."""
        if not self._goes_apart():
            if self._others is not None:
                self._others.flush()
        elif self._own is not None:
            with suppress(OSError, ValueError):
                self._own.flush()

    def close(self) -> None:
        """Stay open: the stream is the process's."""


@contextmanager
def muted(stream: TextIO | None = None) -> Iterator[None]:
    """Have this thread print to a stream or nowhere, as it only tries something."""
    thread, before = get_ident(), (sys.stdout, sys.stderr)
    outputs: list[Any] = [
        Output(lambda: get_ident() == thread, stream, former) for former in before
    ]
    sys.stdout, sys.stderr = outputs
    try:
        yield
    finally:
        for output in outputs:
            output.in_use = False
        if [sys.stdout, sys.stderr] == outputs:
            sys.stdout, sys.stderr = before
