"""``trace``: a network, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .output import traced
from .parameters import BATCH, CONSTANTS, FORMAT, JSON, SAMPLES, argument, constants_from, flag

if TYPE_CHECKING:
    from ..tracing import Trace


def trace(
    file: str = argument(
        metavar="FILE", help="A network file, the text of print(model), or - for standard input."
    ),
    inputs: list[str] = SAMPLES,
    batch: int | None = BATCH,
    constants: list[str] = CONSTANTS,
    watch: bool = flag("--watch", "-w", help="Trace again whenever the file is saved, until Ctrl-C."),
    json: bool = JSON,
    format: str = FORMAT,
) -> None:
    """Layer-by-layer table of a network, or where it stops fitting.

    Examples: convshape trace lenet.yaml --in 3x36x36; convshape trace lenet.yaml --watch
    """

    def work() -> Trace:
        from ..api import trace as trace_file

        return trace_file(file, input=inputs, batch=batch, constants=constants_from(constants))

    def show() -> None:
        traced(work, json or format == "json", show=True)

    if watch:
        from .watching import watch as again

        again(file, show)
    else:
        show()
