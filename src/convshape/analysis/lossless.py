"""The sizes of a network's input at which no stride leaves out the last elements of an axis."""

from __future__ import annotations

from collections.abc import Iterator

from .. import clock
from ..run.fit import Fit
from ..run.record import Row, Run
from ..run.varying import Varying
from ..sizes import effective_kernel
from ..symbolic.condition import LEAST, Condition
from ..symbolic.dim import expression_of
from ..symbolic.region import Box, TooManyError
from ..symbolic.sizes import Sizes
from ..thread_output import muted
from .unused import behind, windows_in


def lossless(varying: Varying, answer: Fit, seconds: float) -> Sizes | None:
    """Return the sizes that fit at which all last elements are used; None if time was up."""
    deadline = clock.seconds() + seconds
    region: list[Box] = []
    for sizes, part in answer.parts:
        with muted():
            run = varying.run(sizes)
        for condition in _conditions(run):
            if clock.seconds() > deadline:
                return None
            try:
                _, part = answer.axes.split(part, condition)
            except TooManyError:
                return None
        region += part
    return Sizes(answer.symbols, region)


def _conditions(run: Run) -> Iterator[Condition]:
    """Yield the conditions each of which says that a stride leaves out the last elements.

    A stride larger than the kernel leaves out others too: nobody expects that all are used.
    """
    seen: set[Condition] = set()
    for row in run.calls:
        for size, out, window in windows_in(run, row) if isinstance(row, Row) else ():
            if 1 < window.stride <= effective_kernel(window.kernel_size, window.dilation):
                condition = Condition(expression_of(behind(size, out, window)).plus(-1), LEAST)
                if condition.symbols and condition not in seen:
                    seen.add(condition)
                    yield condition
