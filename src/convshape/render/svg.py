"""A trace as a picture of its table in a terminal, for a README."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .columns import View


def render(view: View) -> str:
    """Return the table as SVG."""
    import io

    from rich.console import Console
    from rich.measure import Measurement
    from rich.text import Text

    from .table import rich_table
    from .text import error_text

    found = rich_table(view)
    console = Console(record=True, file=io.StringIO(), width=500)
    console.width = max(Measurement.get(console, console.options, found).maximum, 40)
    console.print(found)
    if view.run.error is not None:
        # Behind the last line stands one more: the picture ends above the feet of its letters.
        console.print(Text(f"\n{error_text(view.run.error, console.width)}\n", "red"))
    # Rich has its pictures fetch a font; these fetch nothing, and have the reader's own.
    style, end, rest = console.export_svg(title=view.title).partition("</style>")
    return re.sub(r"@font-face \{.*?\}\s*", "", style, flags=re.S) + end + rest
