"""``trace``: a network, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SpecError
from .output import traced
from .parameters import BATCH, FORMAT, JSON, argument, flag, option

if TYPE_CHECKING:
    from ..record import Trace


def trace(
    file: str = argument(
        metavar="FILE", help="A network file, the text of print(model), or - for standard input."
    ),
    inputs: list[str] = option(
        "--in",
        default=(),
        many=True,
        metavar="SHAPE",
        help="Shape of one sample, in place of the file's own; of several inputs repeat it for each.",
    ),
    batch: int | None = BATCH,
    constants: list[str] = option(
        "--set",
        default=(),
        many=True,
        metavar="NAME=VALUE",
        help="Another value for a constant of the file; may be repeated.",
    ),
    watch: bool = flag("--watch", "-w", help="Trace again whenever the file is saved, until Ctrl-C."),
    json: bool = JSON,
    format: str = FORMAT,
) -> None:
    """Layer-by-layer table of a network, or where it stops fitting.

    Examples: convshape trace lenet.yaml --in 3x36x36; convshape trace lenet.yaml --watch
    """

    def work() -> Trace:
        from ..api import trace as trace_file

        return trace_file(file, input=inputs, batch=batch, constants=_constants(constants))

    def show() -> None:
        traced(work, json or format == "json", show=True)

    if watch:
        from .watching import watch as again

        again(file, show)
    else:
        show()


def _constants(pairs: list[str]) -> dict[str, str]:
    constants = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise SpecError(f"cannot read --set {pair!r}", fix="write it as --set width=32")
        constants[name.strip()] = value.strip()
    return constants
