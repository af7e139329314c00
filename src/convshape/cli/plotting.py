"""``trace --plot``: where the cost sits, as bars."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from .output import can_show, write, write_file, write_json, write_rich

if TYPE_CHECKING:
    from ..result import Trace

#: How wide the bars are together where there is no terminal.
_WIDTH = 100


def check_plot(output: str, options: dict[str, Any]) -> None:
    """Refuse options that are for tables, and files that are no SVG."""
    for name in ("weights", "memory", "columns", "explain", "format"):
        if options.get(name):
            raise SpecError(f"--plot cannot be combined with --{name}", fix="one of them")
    if output:
        from .pictures import ending

        ending(output, (".svg",))


def write_plot(trace: Trace, output: str, json: bool, **options: Any) -> None:
    """Write the bars of a trace to the terminal, or to a file as SVG."""
    if not trace.begun() and trace.error is not None:
        return
    from ..render.plot import Plot, rich_text, text
    from ..render.view import View

    plot = Plot(View(trace.analysis, operations=True, **options))
    unicode = can_show("█▏▎▍▌▋▊▉…")
    if output:
        from ..render.picture.bars import render

        write_file(output, render(plot))
    if json:
        write_json(plot.to_dict())
    elif not output and sys.stdout.isatty():
        write_rich(lambda width: rich_text(plot.lines(width, unicode)))
    elif not output:
        write(text(plot.lines(_WIDTH, unicode)))
