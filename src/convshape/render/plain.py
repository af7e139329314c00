"""A trace as aligned text whose lines stay the same as long as their layers do, for diffs."""

from __future__ import annotations

from .columns import COLUMNS
from .numbers import shapes_text
from .text import aligned, error_text, printable
from .view import View


def render(view: View) -> str:
    """Return `rows`, and what does not fit below them."""
    error = view.run.error
    return rows(view) if error is None else f"{rows(view)}\n{printable(error_text(error), 'ascii')}"


def rows(view: View) -> str:
    """Return the title, a line for each row and the totals, in ASCII, numbers in full."""
    columns = [COLUMNS[name] for name in view.columns]
    cells = [[_text(column.value(line, view)) for column in columns] for line in view.lines()]
    rows = [[*view.columns], *cells, [_text(total) for total in view.totals()]]
    table = [[printable(cell, "ascii") for cell in row] for row in rows if row]
    lines = aligned(table, [column.right for column in columns])
    title = printable(f"{view.title}  {shapes_text(view.run.input_shapes)}".rstrip(), "ascii")
    if view.memory:
        from .memory import memory_text

        lines += ["", printable(memory_text(view.analysis.memory(view.dtype)), "ascii")]
    conditions = view.conditions()
    if conditions:
        lines += ["", printable(f"if {conditions}", "ascii")]
    return "\n".join([title, "", *lines])


def _text(value: object) -> str:
    return "" if value is None else str(value)
