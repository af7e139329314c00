"""Plain text for people: errors, shapes, and what a terminal without UTF-8 can show of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from ..errors import Error
from ..symbolic import is_symbolic
from ..wording import visible as visible

_ASCII = str.maketrans({
    "×": "x", "·": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "≥": ">=",
    "≤": "<=", "≠": "!=", "²": "^2", "³": "^3", "→": "->", "…": "...", "⋮": ":", "✓": "+", "✗": "!",
    "■": "#", "□": "o", "▪": "+", "•": "@", "◦": "0",
})  # fmt: skip

#: Lines of an error; further fixes than fit into them are not told.
_MOST_LINES = 12
_NUMBER = r"(?::|, line )(\d+)(?::\d+)?$"
#: The colours of a terminal, as it is told them.
_COLORS = {
    "error": "1;31",
    "place": "34",
    "carets": "33",
    "fix": "32",
    "heading": "1",
    "name": "36",
    "aside": "2",
}


def inline(text: str) -> str:
    """Return a name or call as `visible`, in one line: it means no line of ours."""
    if text.isprintable():
        return text
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def printable(text: str, encoding: str | None, styled: bool = False) -> str:
    """Return `text` as an encoding can show it, and `visible` unless it is `styled`."""
    if text.isascii() and (styled or text.isprintable()):
        return text  # as nearly every cell of a table
    text = text if styled else visible(text)
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return (
            text.translate(_ASCII)
            .encode(encoding or "ascii", "replace")
            .decode(encoding or "ascii")
        )
    return text


def error_text(error: Error, width: int = 0, colors: bool = False) -> str:
    """Return an error as lines: what, where, why, fixes; and those that were found with it.

    Args:
        error: the error.
        width: that of the terminal: no word is cut at its edge, and carets stay below what they
            mark; 0 for any width.
        colors: whether it is coloured, for a terminal.
    """
    paint = painter(colors)

    def prose(text: str, hanging: str = "      ") -> list[str]:
        text = visible(text)
        return (wrapped(text, "", hanging, width) if width else text).split("\n")

    first, *rest = prose(f"error: {error.message}")
    lines = [paint(first[:6], "error") + first[6:], *rest]
    if error.where:
        lines.append(f"  {paint(f'--> {visible(_place(error))}', 'place')}")
    if error.snippet:
        number, line, carets = _marked(error, width)
        lines.append(f" {paint(f'{number} |', 'place')} {line}")
        lines.append(f" {paint(' ' * len(number) + ' |', 'place')} {paint(carets, 'carets')}")
    if error.why:
        lines += prose(f"   {error.why}")
    fixes = [prose(*parts) for parts in _fixes(error)]
    for index, fix in enumerate(fixes):
        if index and len(lines) + len(fix) > _MOST_LINES:
            break
        lines += [fix[0].replace("fix:", paint("fix:", "fix"), 1), *fix[1:]]
    return "\n".join([*lines, *_others(error, _MOST_LINES - len(lines), width, colors)])


def _others(error: Error, room: int, width: int, colors: bool) -> list[str]:
    """Return the errors that were found with one as lines: in short where there is no more room."""
    whole = [error_text(other, width, colors) for other in error.others]
    if sum(text.count("\n") + 1 for text in whole) <= room:
        return whole
    short = [f"  --> {_place(other)}: {other}" for other in error.others]
    kept = short if len(short) <= room else short[: max(room - 1, 1)]
    return [*map(visible, kept), *[f"  and {len(short) - len(kept)} more"] * (kept != short)]


def _fixes(error: Error) -> list[tuple[str, str]]:
    """Return the fixes as lines, numbered where there are several, and what they hang by."""
    if len(error.fixes) < 2:
        return [(f"   fix: {error.fix}", "      ")] if error.fix else []
    label = ["   fix: ", *["        "] * len(error.fixes)]
    return [(f"{label[n]}{n + 1}. {fix.text}", " " * 11) for n, fix in enumerate(error.fixes)]


def _place(error: Error) -> str:
    """Return the place with its column: ``net.py:20:15``."""
    if not error.column:
        return error.where
    word = ", column " if ", line " in error.where else ":"
    return f"{error.where}{word}{error.column}"


def _marked(error: Error, width: int) -> tuple[str, str, str]:
    """Return the number of the line in question, the line, and the carets below it."""
    number = re.search(_NUMBER, error.where)
    margin = number[1] if number else ""
    source, _, carets = error.snippet.partition("\n")
    if error.column:  # of a program's text the indentation says nothing
        indent = len(source) - len(source.lstrip())
        source, carets = source[indent:], carets[indent:]
    marked = zip(source.ljust(len(carets)), carets, strict=False)  # a caret may stand behind it
    carets = "".join(mark * len(visible(part)) for part, mark in marked)
    source = visible(source)
    if width:
        source, carets = _narrowed(source, carets, width - len(margin) - 4)
    return margin, source, carets


def painter(colors: bool) -> Callable[[str, str], str]:
    """Return what writes a text in the colour of its part, or as it is."""
    return _painted if colors else lambda text, part: text


def _painted(text: str, part: str) -> str:
    return f"\x1b[{_COLORS[part]}m{text}\x1b[0m"


def _narrowed(line: str, carets: str, room: int) -> tuple[str, str]:
    """Return the part of a line that there is room for, around its carets."""
    first = max(0, min(len(carets) - len(carets.lstrip()) - room // 4, len(line) - room))
    return line[first : first + room], carets[first : first + room]


def wrapped(text: str, indent: str = "  ", hanging: str = "", width: int = 0) -> str:
    """Return text broken between words, as wide as the terminal but at most 100 characters."""
    from textwrap import fill

    hanging = hanging or indent or "    "
    width = width or min(columns(), 100)
    return fill(
        text, width, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False
    )


def wants_colors(stream: TextIO, answer: bool = False) -> bool:
    """Return whether a stream shows colors: a terminal, unless a variable says otherwise.

    See no-color.org and force-color.org: each counts where it is set and not empty. An answer,
    which scripts read, is coloured in a pipe only by ``--color always``.
    """
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced and (not answer or forced == "always"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """Return the width of the terminal."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def aligned(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """Return rows of cells as lines, in columns that are aligned to the left or to the right."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    ]


def written(count: Any) -> Any:
    """Return a number as it is, or as text where it has symbols in it."""
    return str(count.expression) if is_symbolic(count) else count


def digits_text(count: int | str) -> str:
    """Write a number with all its digits: ``1,850,000``; one in symbols as it is."""
    value: int | str = written(count)
    return value if isinstance(value, str) else f"{value:,}"
