"""A trace as a LaTeX table with the rules of booktabs."""

from __future__ import annotations

from .columns import COLUMNS
from .markup import latex_code, latex_math, latex_table, latex_text
from .numbers import shapes_text
from .text import error_text
from .view import Line, View

_NEEDS = "% \\usepackage{booktabs}, and amsmath for equations"


def render(view: View) -> str:
    """Return a ``table``; totals, conditions and the error are in comments below it."""
    rows = ([_cell(name, line, view) for name in view.columns] for line in view.lines())
    title = f"{view.title} {shapes_text(view.run.input_shapes)}".strip()
    conditions = f"if {view.conditions()}" if view.conditions() else ""
    error = error_text(view.run.error) if view.run.error is not None else ""
    below = "\n".join(filter(None, [view.summary(), conditions, error]))
    return "\n".join(
        [
            _NEEDS,
            "\\begin{table}",
            "\\centering",
            f"\\caption{{{latex_text(title)}}}",
            *latex_table(
                view.columns,
                rows,
                [COLUMNS[name].right for name in view.columns],
                map(latex_text, view.total_texts()),
            ),
            "\\end{table}",
            *(f"% {line}" for line in below.split("\n")),
        ]
    )


def _cell(name: str, line: Line, view: View) -> str:
    if name == "layer":
        return latex_text(f"{line.path} ×{line.times}" if line.times > 1 else line.path)
    cell = COLUMNS[name].cell(line, view)
    if name == "equation" and cell:
        return " ".join(f"${latex_math(part)}$" for part in cell.split("; "))
    return latex_code(cell) if name == "call" else latex_text(cell)
