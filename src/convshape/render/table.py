"""A trace as a Rich table: a line for each call, modules as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from .columns import COLUMNS, View, shapes_text

if TYPE_CHECKING:
    from typing import Any

    from ..record import Trace
    from .columns import Line

_STYLES = {"params": "green", "macs": "yellow", "field": "magenta", "equation": "dim"}


def table(trace: Trace, **options: Any) -> Table:
    """Return the table of a trace, with the totals below; for the options see `View`."""
    return rich_table(View(trace, **options))


def rich_table(view: View) -> Table:
    """Return the table of a view."""
    trace = view.trace
    out = Table(
        title=Text.assemble((trace.name, "bold"), "  ", (shapes_text(trace.inputs), "dim")),
        title_justify="left",
        title_style="",
        caption=Text(view.summary(), "dim") if trace.rows else None,
        caption_justify="left",
        caption_style="",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_footer=True,
        pad_edge=False,
    )
    for name in view.columns:
        total, column = view.total(name), COLUMNS[name]
        if name == "layer":
            total = "total"
        out.add_column(
            name,
            "" if total is None else column.text(total),
            justify="right" if column.right else "left",
            no_wrap=name != "equation",
            min_width=12 if name == "call" else None,
        )
    for line in view.lines():
        out.add_row(*(_cell(name, line, view) for name in view.columns))
    return out


def _cell(name: str, line: Line, view: View) -> Text:
    strong = "" if line.leaf else "bold"
    if name == "layer":
        return Text("  " * line.depth + line.label, strong)
    text = COLUMNS[name].cell(line, view)
    return Text(text, strong or "cyan" if name == "call" else _STYLES.get(name, ""))
