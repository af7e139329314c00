"""A trace as a Rich table: a line for each call, modules as a tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from .columns import COLUMNS
from .numbers import shapes_text
from .view import Line, View

_STYLES = {"params": "green", "macs": "yellow", "field": "magenta", "equation": "dim"}


def rich_table(view: View, width: int | None = None) -> Group:
    """Return the table of a view, with the totals below if there are any.

    Args:
        view: what is shown.
        width: the characters in a line. If not all columns fit, some of the usual columns are left
            out; columns that are asked for follow each other in several tables.
    """
    lines = list(view.lines(headings=True))
    totals = dict(zip(view.columns, view.total_texts(), strict=False))
    columns = {
        name: _Column(name, [_cell(name, line, view) for line in lines], totals.get(name, ""))
        for name in view.columns
    }
    title = Text.assemble((view.title, "bold"), "  ", (shapes_text(view.run.input_shapes), "dim"))
    parts: list[Table | Text] = [title]
    parts += map(_table, _fitting(columns, width, view.usual))
    parts.append(Text(f" {view.summary()}", "dim"))
    if view.conditions():
        parts.append(Text(f" if {view.conditions()}", "dim"))
    if view.memory:
        from .memory import memory_text

        parts.append(Text("\n" + memory_text(view.analysis.memory(view.dtype))))
    return Group(*parts)


class _Column(NamedTuple):
    name: str
    cells: list[Text]
    total: str

    @property
    def least(self) -> int:
        """The characters without which a cell is broken where it should not be."""
        wraps = self.name in _WRAPPED
        texts = [self.name, self.total, *(cell.plain for cell in self.cells)]
        return max(map(len, (word for t in texts for word in (t.split() if wraps else [t]))))


def _fitting(
    columns: dict[str, _Column], width: int | None, usual: bool
) -> Iterator[list[_Column]]:
    """Yield the columns of each table, so that no cell is broken where it should not be."""
    left_out = iter(_LEFT_OUT if usual else ())
    while width is not None and _width(columns.values()) > width:
        name = next(left_out, None)
        if name is None:
            break
        columns = {other: column for other, column in columns.items() if other != name}
    first = [column for column in columns.values() if column.name == "layer"]
    shown = list(first)
    for column in columns.values():
        if width is not None and len(shown) > len(first) and _width([*shown, column]) > width:
            yield shown
            shown = list(first)
        if column.name != "layer":
            shown.append(column)
    yield shown


def _width(columns: Collection[_Column]) -> int:
    return sum(column.least + 2 for column in columns)


def _table(columns: Sequence[_Column]) -> Table:
    out = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_footer=any(column.total for column in columns if column.name != "layer"),
        pad_edge=False,
    )
    for column in columns:
        out.add_column(
            column.name,
            column.total,
            justify="right" if COLUMNS[column.name].right else "left",
            no_wrap=column.name not in _WRAPPED,
            overflow="fold",
            min_width=column.least,
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        out.add_row(*row)
    return out


#: Columns that are left out where there is no room, in this order.
_LEFT_OUT = ("input", "unused", "start", "stride", "params%", "macs%", "bytes", "macs", "field")
#: Columns whose cells may take several lines, broken between words.
_WRAPPED = ("call", "equation")


def _cell(name: str, line: Line, view: View) -> Text:
    strong = "red" if line.failed else "" if line.leaf else "bold"
    if name == "layer":
        return Text("  " * line.depth + line.label, strong)
    text = COLUMNS[name].cell(line, view)
    styles = {"call": strong or "cyan", "output": "red" if line.failed else "", **_STYLES}
    return Text(text, styles.get(name, ""))
