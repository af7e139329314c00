"""A trace as a table in GitHub's Markdown."""

from __future__ import annotations

from .columns import COLUMNS
from .markup import longest_run, markdown_code, markdown_row, markdown_table, markdown_text
from .numbers import shapes_text
from .text import error_text
from .view import Line, View


def render(view: View) -> str:
    """Return a title, the table, the totals, and the error if there is one."""
    totals = [f"**{text}**" if text else "" for text in view.total_texts()]
    rows = ([_cell(name, line, view) for name in view.columns] for line in view.lines())
    lines = [
        f"**{markdown_text(view.title)}** {shapes_text(view.run.input_shapes)}",
        "",
        *markdown_table(view.columns, rows, [COLUMNS[name].right for name in view.columns]),
        *([markdown_row(totals)] if totals else []),
        "",
        view.summary(),
    ]
    if view.conditions():
        lines += ["", f"if {view.conditions()}"]
    if view.run.error is not None:
        lines += ["", *fenced(error_text(view.run.error))]
    return "\n".join(lines)


def fenced(text: str) -> list[str]:
    """Return a text as a block of code."""
    fence = "`" * max(3, 1 + longest_run(text))
    return [fence, text, fence]


def _cell(name: str, line: Line, view: View) -> str:
    cell = COLUMNS[name].cell(line, view)
    if name == "layer":
        return markdown_text(f"{line.path} ×{line.times}" if line.times > 1 else line.path)
    if name in ("call", "equation"):
        return markdown_code(cell)
    return f"**{cell}**" if name == "output" and line.failed else markdown_text(cell)
