"""A trace as a Rich table: a line for each call, modules as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..shapetorch.arguments import shape

if TYPE_CHECKING:
    from ..record import Row, Trace


def table(trace: Trace) -> Table:
    """Return the table: path, call, output shape and parameters, and the total below."""
    title = Text.assemble((trace.name, "bold"), "  ", (_shapes(trace.inputs), "dim"))
    out = Table(
        title=title,
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        show_footer=True,
        pad_edge=False,
    )
    out.add_column("layer", "total", no_wrap=True)
    out.add_column("call", overflow="fold")
    out.add_column("output", no_wrap=True)
    out.add_column("params", f"{trace.params:,}", justify="right", no_wrap=True)
    for row in trace.rows:
        if row.path or len(trace.rows) == 1:
            out.add_row(*_cells(row))
    return out


def html(trace: Trace) -> str:
    """Return the table, and the error if there is one, as HTML."""
    import io

    from .text import error_text

    console = Console(record=True, file=io.StringIO(), width=120)
    console.print(table(trace))
    if trace.error is not None:
        console.print(Text(error_text(trace.error), "red"))
    return console.export_html(inline_styles=True, code_format="<pre>{code}</pre>")


def _cells(row: Row) -> tuple[Text, Text, Text, Text]:
    parents, _, name = row.path.rpartition(".")
    depth = parents.count(".") + 1 if parents else 0
    style = "bold" if row.is_container else ""
    params = f"{row.params:,}" if row.params and not row.is_container else ""
    return (
        Text("  " * depth + name, style),
        Text(row.layer, style or "cyan"),
        Text(_shapes(row.outputs or [])),
        Text(params, "green"),
    )


def _shapes(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(shape, shapes))
