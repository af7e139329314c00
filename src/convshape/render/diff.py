"""Two traces as one table, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from ..shapetorch.arguments import shape
from .columns import output_text
from .text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderResult

    from ..diff import Comparison, Pair
    from ..run.record import Row, Trace

#: From this width on the calls have columns of their own.
_WIDE = 100
_SIGNS = {"same": " ", "changed": "~", "removed": "-", "added": "+"}
_STYLES = {"same": "dim", "changed": "", "removed": "red", "added": "green"}


class DiffTable:
    """The table of a comparison, as wide as where it is printed.

    Args:
        comparison: the two traces.
        names: what to call them.
        whole: also show all rows that are the same, which are folded else where there are many.
    """

    def __init__(self, comparison: Comparison, names: tuple[str, str], whole: bool = False) -> None:
        self.comparison = comparison
        self.names = tuple(map(visible, names))
        self.whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= _WIDE
        traces = (self.comparison.a, self.comparison.b)
        out = Table(box=box.SIMPLE_HEAD, show_footer=True, pad_edge=False)
        out.add_column(no_wrap=True)
        out.add_column("layer", "total", no_wrap=not wide, overflow="fold")
        for name, trace in zip(self.names, traces, strict=True):
            inputs = ", ".join(map(shape, trace.inputs))
            if wide:
                out.add_column(Text(name, overflow="fold"), overflow="fold")
            out.add_column(
                inputs if wide else Text(f"{name}\n{inputs}", overflow="fold"), overflow="fold"
            )
            out.add_column("params", f"{trace.params:,}", justify="right", no_wrap=True)
        for pair in self._shown():
            if isinstance(pair, int):
                out.add_row("", Text(f"⋮ {pair} alike", "dim"))
                continue
            style = _STYLES[pair.change]
            cells = [
                cell
                for row, trace in zip((pair.a, pair.b), traces, strict=True)
                for cell in _cells(row, trace, pair, wide)
            ]
            out.add_row(_SIGNS[pair.change], Text(visible(pair.path), style), *cells)
        yield out

    def _shown(self) -> Iterator[Pair | int]:
        """Yield the pairs in order, and in place of those far from any change their number."""
        pairs = [
            pair for pair in self.comparison.pairs if pair.path or len(self.comparison.pairs) == 1
        ]
        near = {
            index + step
            for index, pair in enumerate(pairs)
            if pair.change != "same"
            for step in (-1, 0, 1)
        }
        run: list[Pair] = []
        for index, pair in enumerate(pairs):
            if index not in near and not self.whole:
                run.append(pair)
                continue
            yield from _folded(run)
            run = []
            yield pair
        yield from _folded(run)


def _folded(run: list[Pair]) -> list[Pair] | list[int]:
    return [len(run)] if len(run) > 2 else run


def _cells(row: Row | None, trace: Trace, pair: Pair, wide: bool) -> list[Text]:
    """Return a side of a line: call, output and parameters; if narrow, the call only where it changed."""
    if row is None:
        return [Text("")] * (3 if wide else 2)
    style = _STYLES[pair.change]
    changed = {
        name: "bold yellow" if name in pair.changed else style
        for name in ("layer", "out", "params")
    }
    call = Text(visible(row.layer), changed["layer"])
    output = Text(output_text(row, trace), "red" if row is trace.failed else changed["out"])
    params = Text(
        f"{row.params:,}" if row.params and not row.is_container else "", changed["params"]
    )
    if wide:
        return [call, output, params]
    shown = pair.change in ("removed", "added") or "layer" in pair.changed
    return [Text("\n").join([call, output]) if shown else output, params]
