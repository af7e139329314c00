"""A trace as a table in GitHub's Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .columns import COLUMNS, shapes_text
from .text import error_text

if TYPE_CHECKING:
    from .columns import View


def render(view: View) -> str:
    """Return a title, the table, the totals, and the error if there is one."""
    columns = [COLUMNS[name] for name in view.columns]
    totals = [view.total(name) for name in view.columns]
    lines = [
        f"**{_escaped(view.title)}** {shapes_text(view.run.input_shapes)}",
        "",
        _row(view.columns),
        _row("--:" if column.right else "---" for column in columns),
    ]
    for line in view.lines():
        cells = [column.cell(line, view) for column in columns]
        lines.append(
            _row(
                _escaped(f"{line.path} ×{line.times}" if line.times > 1 else line.path)
                if name == "layer"
                else _code(cell)
                if name in ("call", "equation")
                else f"**{cell}**"
                if name == "output" and line.failed
                else _escaped(cell)
                for name, cell in zip(view.columns, cells, strict=True)
            )
        )
    lines.append(
        _row(
            "**total**" if name == "layer" else "" if total is None else f"**{column.text(total)}**"
            for name, column, total in zip(view.columns, columns, totals, strict=True)
        )
    )
    lines += ["", view.summary()]
    if view.conditions():
        lines += ["", f"if {view.conditions()}"]
    if view.run.error is not None:
        error = error_text(view.run.error)
        fence = "`" * max(3, 1 + _longest_run(error))
        lines += ["", fence, error, fence]
    return "\n".join(lines)


def _row(cells: object) -> str:
    return f"| {' | '.join(cells)} |"  # type: ignore[arg-type]


def _code(text: str) -> str:
    if not text:
        return ""
    fence = "`" * (1 + _longest_run(text))
    gap = " " * (text[0] == "`" or text[-1] == "`")
    return f"{fence}{gap}{text}{gap}{fence}".replace("|", "\\|")


def _longest_run(text: str) -> int:
    """Return how many backticks follow each other in a text, at most."""
    return max(map(len, re.findall("`+", text)), default=0)


def _escaped(text: str) -> str:
    for mark in "\\|*_`<>[&~!":
        text = text.replace(mark, "\\" + mark)
    return text
