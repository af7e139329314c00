"""Two traces as one table, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from ..shapetorch.arguments import shape
from .columns import output_text
from .text import digits_text, inline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

    from ..analysis import Analysis
    from ..run.record import Row

    #: The path, how it is changed, what of it, and the row of either side or of both.
    Pair = tuple[str, str, list[str], Row | None, Row | None]

#: From this width on the calls have columns of their own.
_WIDE = 100
_SIGNS = {"same": " ", "changed": "~", "removed": "-", "added": "+"}
_STYLES = {"same": "dim", "changed": "", "removed": "red", "added": "green"}


class DiffTable:
    """The table of a comparison, as wide as where it is printed.

    Args:
        sides: what to call the two runs, and their analyses.
        pairs: their rows side by side.
        whole: also show all rows that are the same, which are folded else where there are many.
    """

    def __init__(
        self, sides: Sequence[tuple[str, Analysis]], pairs: Sequence[Pair], whole: bool = False
    ) -> None:
        self.sides = [(inline(name), analysis) for name, analysis in sides]
        self.pairs = pairs
        self.whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= _WIDE
        out = Table(box=box.SIMPLE_HEAD, show_footer=True, pad_edge=False)
        out.add_column(no_wrap=True)
        out.add_column("layer", "total", no_wrap=not wide, overflow="fold")
        for name, analysis in self.sides:
            inputs = ", ".join(map(shape, analysis.run.input_shapes))
            if wide:
                out.add_column(Text(name, overflow="fold"), overflow="fold")
            out.add_column(
                inputs if wide else Text(f"{name}\n{inputs}", overflow="fold"), overflow="fold"
            )
            out.add_column("params", digits_text(analysis.params), justify="right", no_wrap=True)
        for pair in self._shown():
            if isinstance(pair, int):
                out.add_row("", Text(f"⋮ {pair} unchanged", "dim"))
                continue
            path, change, _, *rows = pair
            cells = [
                cell
                for row, (_, analysis) in zip(rows, self.sides, strict=True)
                for cell in _cells(row, analysis, pair, wide)
            ]
            out.add_row(_SIGNS[change], Text(inline(path), _STYLES[change]), *cells)
        yield out

    def _shown(self) -> Iterator[Pair | int]:
        """Yield the pairs in order, and in place of those far from any change their number."""
        pairs = [pair for pair in self.pairs if pair[0] or len(self.pairs) == 1]
        near = {
            index + step
            for index, (_, change, *_) in enumerate(pairs)
            if change != "same"
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


def _cells(row: Row | None, analysis: Analysis, pair: Pair, wide: bool) -> list[Text]:
    """Return a side of a line; if it is narrow, the call stands there only where it changed."""
    if row is None:
        return [Text("")] * (3 if wide else 2)
    _, change, changed, *_ = pair
    usual = _STYLES[change]
    styles = {
        name: "bold yellow" if name in changed else usual for name in ("layer", "out", "params")
    }
    run, count = analysis.run, analysis.params_of(row)
    call = Text(inline(row.layer), styles["layer"])
    output = Text(output_text(row, run), "red" if row is run.failed else styles["out"])
    params = Text(digits_text(count) if count and not row.is_container else "", styles["params"])
    if wide:
        return [call, output, params]
    shown = change in ("removed", "added") or "layer" in changed
    return [Text("\n").join([call, output]) if shown else output, params]
