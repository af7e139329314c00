"""A trace as a Rich table: a line for each call, modules as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from .columns import COLUMNS, shapes_text

if TYPE_CHECKING:
    from .columns import Line, View

_STYLES = {"params": "green", "macs": "yellow", "field": "magenta", "equation": "dim"}


def rich_table(view: View, width: int | None = None) -> Group:
    """Return the table of a view, with the totals below if there are any.

    Args:
        view: what is shown.
        width: the characters in a line; of the usual columns those are left out that do not fit.
    """
    names = list(view.columns)
    lines = list(view.lines(headings=True))
    cells = {name: [_cell(name, line, view) for line in lines] for name in names}
    totals = {name: _total(name, view) for name in names}
    least = {
        name: max(
            len(name), len(totals[name]), *(_least(name, cell.plain) for cell in cells[name]), 0
        )
        for name in names
    }
    for name in _LEFT_OUT:
        if (
            width is not None
            and view.usual
            and name in names
            and sum(least.values()) + 2 * len(least) > width
        ):
            names.remove(name)
            del least[name]
    out = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_footer=any(text for name, text in totals.items() if name != "layer"),
        pad_edge=False,
    )
    for name in names:
        out.add_column(
            name,
            totals[name],
            justify="right" if COLUMNS[name].right else "left",
            no_wrap=name not in _WRAPPED,
            overflow="fold",
            min_width=least[name],
        )
    for row in zip(*(cells[name] for name in names), strict=True):
        out.add_row(*row)
    title = Text.assemble((view.title, "bold"), "  ", (shapes_text(view.run.input_shapes), "dim"))
    parts: list[Table | Text] = [title, out, Text(f" {view.summary()}", "dim")]
    if view.conditions():
        parts.append(Text(f" if {view.conditions()}", "dim"))
    if view.memory:
        from .memory import memory_text

        parts.append(Text("\n" + memory_text(view.analysis.memory(view.dtype))))
    return Group(*parts)


#: Columns that are left out where there is no room, in this order.
_LEFT_OUT = ("input", "unused", "start", "stride", "params%", "macs%", "bytes", "macs", "field")
#: Columns whose cells may take several lines, broken between words.
_WRAPPED = ("call", "equation")


def _least(name: str, text: str) -> int:
    """Return the characters without which a cell is broken where it should not be."""
    return max(map(len, text.split()), default=0) if name in _WRAPPED else len(text)


def _total(name: str, view: View) -> str:
    total = "total" if name == "layer" else view.total(name)
    return "" if total is None else COLUMNS[name].text(total)


def _cell(name: str, line: Line, view: View) -> Text:
    strong = "red" if line.failed else "" if line.leaf else "bold"
    if name == "layer":
        return Text("  " * line.depth + line.label, strong)
    text = COLUMNS[name].cell(line, view)
    styles = {"call": strong or "cyan", "output": "red" if line.failed else "", **_STYLES}
    return Text(text, styles.get(name, ""))
