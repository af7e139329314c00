"""A trace as comma-separated values: a header, then a line for each row, numbers in full."""

from __future__ import annotations

import csv
import io
import re

from .columns import COLUMNS
from .view import View


def render(view: View) -> str:
    """Return the columns of all rows; shapes are written with x, as in ``1x3x32x32``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(view.columns)
    for line in view.lines(fold=False):
        if not line.row.ended:
            continue
        values = (COLUMNS[name].value(line, view) for name in view.columns)
        writer.writerow(_safe(v.replace("×", "x")) if isinstance(v, str) else v for v in values)
    return out.getvalue().rstrip("\n")


#: The start of a cell that a spreadsheet would evaluate or send on, except numbers and sizes.
_FORMULA = re.compile(r"[=+\-@\t\r](?![\d.,x+\- ]*\Z)")


def _safe(text: str) -> str:
    """Return a cell that is text for spreadsheets too: behind an apostrophe, as is usual."""
    return f"'{text}" if _FORMULA.match(text) else text
