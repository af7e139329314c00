"""Our run beside torch's: a tick a row, and the first difference in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .numbers import shapes_text
from .text import aligned, inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderResult

    from ..analysis.agreement import Agreement

_MARKS = {True: "✓", False: "✗", None: "·"}
_STYLES = {True: "green", False: "bold red", None: "dim"}
_COLUMNS = ("", "layer", "call", "output", "torch")


class AgreementTable:
    """The table of an agreement, for Rich, as wide as where it is printed."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        out = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
        for name in _COLUMNS[: 5 if self.agreement.differences else 4]:
            out.add_column(name, no_wrap=name in ("", "layer"), overflow="fold")
        for pair, cells in zip(self.agreement.pairs, _cells(self.agreement), strict=True):
            style = _STYLES[pair.agrees]
            out.add_row(Text(cells[0], style), *(Text(cell) for cell in cells[1:]))
        yield out


def table_text(agreement: Agreement) -> str:
    """Return the table as aligned text, without colors."""
    names = _COLUMNS[: 5 if agreement.differences else 4]
    return "\n".join(aligned([names, *_cells(agreement)], [False] * len(names)))


def _cells(agreement: Agreement) -> Iterator[tuple[str, ...]]:
    for pair in agreement.pairs:
        cells = (
            _MARKS[pair.agrees],
            inline(pair.row.path),
            inline(pair.row.layer),
            _output(pair.ours),
        )
        theirs = _output(pair.torchs) if pair.differences else ""  # else it is the same
        yield (*cells, theirs) if agreement.differences else cells


def _output(row: object) -> str:
    return "" if row is None else shapes_text(getattr(row, "outputs", None) or [])


def verdict(agreement: Agreement, beside: str) -> str:
    """Say what came of it, in a line.

    Args:
        agreement: what was compared.
        beside: the torch and the device, as text: ``torch 2.13.0 on cpu``.
    """
    count = len(agreement.differences)
    if count:
        rows = sum(pair.agrees is False for pair in agreement.pairs)
        where = f" in {rows} of {len(agreement.pairs)} rows" if rows else ""
        return f"✗ {count} difference{'s' * (count > 1)}{where} from {beside}"
    compared = sum(pair.agrees is True for pair in agreement.pairs)
    same = f"{compared} row{'s' * (compared != 1)} agree{'s' * (compared == 1)} with {beside}"
    error = agreement.ours.run.error
    if agreement.refused is not None and error is not None:
        at = "" if error.path else f"{agreement.refused}: ".removeprefix(": ")
        return f"✓ {same}, and both refuse {inline(at + error.message)}"
    left = len(agreement.pairs) - compared
    steps = f" (· {left} that torch computes in different steps)" if left else ""
    return f"✓ {same}: shapes, dtypes, parameters, buffers, MACs{steps}"


def first_difference(agreement: Agreement) -> str:
    """Return the first difference in full, and how many there are besides."""
    first, *others = agreement.differences
    row = next((p.row for p in agreement.pairs if first in p.differences), None)
    call = f": {inline(row.layer)}" if row is not None and row.path else ""
    lines = [
        f"{inline(first.path) or 'the network'}{call}",
        f"  {first.what} here   {inline(first.here)}",
        f"  {' ' * len(first.what)} torch  {inline(first.torch)}",
    ]
    if row is not None:
        lines.append(f"  input  {shapes_text(row.inputs)}")
    lines += [f"and {inline(str(difference))}" for difference in others[:_MOST]]
    if len(others) > _MOST:
        lines.append(f"and {len(others) - _MOST} more: --json lists them")
    return "\n".join(lines)


#: Differences besides the first that are listed.
_MOST = 5
