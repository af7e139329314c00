"""A trace as an HTML table, for notebooks and pages; it takes its colors from where it stands."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .columns import COLUMNS, shapes_text
from .text import error_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .columns import View


_RED = "color:#c33"


def render(view: View) -> str:
    """Return a `table` element, and the error if there is one as a `pre`."""
    columns = [COLUMNS[name] for name in view.columns]
    title = f"<b>{escape(view.title)}</b> {escape(shapes_text(view.run.input_shapes))}"
    head = _row("th", zip(view.columns, columns, strict=True))
    lines = []
    for line in view.lines(headings=True):
        cells = []
        for name, column in zip(view.columns, columns, strict=True):
            text = escape(line.label if name == "layer" else column.cell(line, view))
            if name == "layer":
                text = f'<span style="padding-left:{line.depth * 1.2:g}em">{text}</span>'
            elif name in ("call", "equation") and text:
                text = f"<code>{text}</code>"
            cells.append((text if line.leaf else f"<b>{text}</b>", column))
        lines.append(_row("td", cells, _RED if line.failed else ""))
    totals = [view.total(name) for name in view.columns]
    foot = _row(
        "th",
        [
            (
                "total" if name == "layer" else "" if total is None else escape(column.text(total)),
                column,
            )
            for name, column, total in zip(view.columns, columns, totals, strict=True)
        ],
    )
    error = ""
    if view.run.error is not None:
        text = escape(error_text(view.run.error))
        error = f'\n<pre style="{_RED}; white-space: pre-wrap">{text}</pre>'
    relied_on = view.conditions()
    conditions = f"<br>if {escape(relied_on)}" if relied_on else ""
    return (
        f'<table style="border-collapse:collapse">\n<caption style="text-align:left">{title}<br>'
        f"{escape(view.summary())}{conditions}</caption>\n<thead>\n{head}\n</thead>\n<tbody>\n"
        + "\n".join(lines)
        + f"\n</tbody>\n<tfoot>\n{foot}\n</tfoot>\n</table>{error}"
    )


def _row(tag: str, cells: Iterable[tuple[str, object]], style: str = "") -> str:
    parts = []
    for text, column in cells:
        side = "right" if getattr(column, "right", False) else "left"
        parts.append(f'<{tag} style="text-align:{side};padding:0 .6em">{text}</{tag}>')
    return f'<tr style="{style}">{"".join(parts)}</tr>' if style else f"<tr>{''.join(parts)}</tr>"
