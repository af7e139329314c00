"""Two traces as one table, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text

from ..shapetorch.arguments import shape
from .columns import output_text
from .markup import CODE, latex_table, markdown_table
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


class _Column(NamedTuple):
    """A column: its heading, its cells, and what is below them.

    Attributes:
        wraps: whether its cells may take several lines, broken between words.
    """

    name: str
    cells: list[Text]
    total: str = ""
    right: bool = False
    wraps: bool = False

    @property
    def least(self) -> int:
        """The characters without which a cell is broken where it should not be."""
        words = (word for cell in self.cells for word in cell.plain.split())
        lines = (line for cell in self.cells for line in cell.plain.split("\n"))
        return max(map(len, (self.total, *(words if self.wraps else lines))), default=0)


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
        width = options.max_width
        wide = width >= _WIDE and self._fits(self._columns(True), width)
        columns = self._columns(wide)
        if not self._fits(columns, width):
            columns = [column for column in columns if column.name != "params"]
        has_totals = any(column.right for column in columns)
        out = Table(box=box.SIMPLE_HEAD, show_footer=has_totals, pad_edge=False)
        for column in columns:
            out.add_column(
                Text(column.name, overflow="fold"),
                column.total,
                justify="right" if column.right else "left",
                no_wrap=not column.wraps,
                overflow="fold",
                min_width=min(column.least, width),
            )
        for row in zip(*(column.cells for column in columns), strict=True):
            out.add_row(*row)
        yield out

    def markup(self, format: str) -> str:
        """Return the table in ``markdown`` or ``latex``."""
        columns = self._columns(True)
        code, text = CODE[format]
        cells = [
            [(code if column.wraps else text)(cell.plain) for cell in column.cells]
            for column in columns
        ]
        foot = [text(column.total) for column in columns]
        table = latex_table if format == "latex" else markdown_table
        right = [column.right for column in columns]
        names = [column.name for column in columns]
        return "\n".join(table(names, [*zip(*cells, strict=True), foot], right))

    @staticmethod
    def _fits(columns: Sequence[_Column], width: int) -> bool:
        return sum(column.least + 3 for column in columns) <= width

    def _columns(self, wide: bool) -> list[_Column]:
        """Return the columns, calls apart from the output if there is room."""
        shown = list(self._shown())
        folded = [Text(f"⋮ {item} unchanged", "dim") for item in shown if isinstance(item, int)]
        rest = iter(folded)
        signs = ["" if isinstance(pair, int) else _SIGNS[pair[1]] for pair in shown]
        paths = [
            next(rest) if isinstance(pair, int) else Text(inline(pair[0]), _STYLES[pair[1]])
            for pair in shown
        ]
        columns = [_Column("", [Text(sign) for sign in signs]), _Column("layer", paths, "total")]
        for side, (name, analysis) in enumerate(self.sides):
            inputs = ", ".join(map(shape, analysis.run.input_shapes))
            cells = [
                [Text("")] * 3
                if isinstance(pair, int)
                else _cells((pair[3], pair[4])[side], analysis, pair, wide)
                for pair in shown
            ]
            calls, outputs, params = (list(column) for column in zip(*cells, strict=True))
            if wide:
                columns.append(_Column(name, calls, wraps=True))
            columns.append(
                _Column(inputs if wide else f"{name}\n{inputs}", outputs, wraps=not wide)
            )
            columns.append(_Column("params", params, digits_text(analysis.params), right=True))
        return columns

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
    """Return the call, the output and the parameters of a side of a line.

    If it is narrow, the call is above the output, and only where it changed.
    """
    if row is None:
        return [Text("")] * 3
    _, change, changed, *_ = pair
    usual = _STYLES[change]
    styles = {
        name: "bold yellow" if name in changed else usual for name in ("layer", "out", "params")
    }
    run, count = analysis.run, analysis.params_of(row)
    call = Text(inline(row.layer), styles["layer"])
    output = Text(output_text(row, run), "red" if row is run.failed else styles["out"])
    params = Text("" if row.is_container else digits_text(count), styles["params"])
    if not wide and (change in ("removed", "added") or "layer" in changed):
        output = Text("\n").join([call, output])
    return [call, output, params]
