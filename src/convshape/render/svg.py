"""A trace as a picture of its table, for a README: light or dark, as the reader has it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from .table import rich_table
from .text import error_text
from .view import View

#: The width of a character, the height of a line and the margin, in pixels.
_WIDTH, _HEIGHT, _MARGIN = 8.4, 18, 12
_STYLE = """\
svg{background:#fff;color:#1f2328}
text{fill:currentColor;white-space:pre}
text{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.bold{font-weight:bold}
.dim{opacity:.65}
.red{fill:#c62828}
.cyan{fill:#0b5cad}
@media(prefers-color-scheme:dark){
svg{background:#0d1117;color:#e6edf3}
.red{fill:#ff8f85}
.cyan{fill:#7cb0ff}
}"""


def render(view: View) -> str:
    """Return the table as SVG."""
    table = rich_table(view)
    console = Console(file=StringIO(), width=500, color_system="truecolor", force_terminal=True)
    console.width = columns = max(Measurement.get(console, console.options, table).maximum, 40)
    lines = console.render_lines(table, pad=False)
    if view.run.error is not None:
        error = Text(f"\n{error_text(view.run.error, columns)}", "red")
        lines += console.render_lines(error, pad=False)
    width, height = columns * _WIDTH + 2 * _MARGIN, len(lines) * _HEIGHT + 2 * _MARGIN
    texts = [text for row, line in enumerate(lines) for text in _texts(line, row)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" '
            f'width="{width:g}" height="{height}">',
            f"<title>{escape(view.title)}</title>\n<style>\n{_STYLE}\n</style>",
            *texts,
            "</svg>",
        ]
    )


def _texts(line: list[Segment], row: int) -> Iterator[str]:
    """Yield the texts of a line, each as wide as it is in a terminal, whatever the font."""
    column, y = 0, _MARGIN + row * _HEIGHT + 14
    for text, style, _ in line:
        words = text.strip()
        if words:
            x = _MARGIN + (column + text.index(words)) * _WIDTH
            yield (
                f'<text x="{x:g}" y="{y}" textLength="{cell_len(words) * _WIDTH:g}"'
                f"{_class(style)}>{escape(words)}</text>"
            )
        column += cell_len(text)


def _class(style: Style | None) -> str:
    """Return the attribute for the style of a text in the terminal."""
    if style is None:
        return ""
    color = style.color.name if style.color else ""
    names = ("bold" * bool(style.bold), "dim" * bool(style.dim), color)
    classes = " ".join(name for name in names if f".{name}{{" in _STYLE)
    return f' class="{classes}"' if classes else ""
