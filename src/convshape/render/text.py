"""Plain text for people: errors, shapes, and what a terminal without UTF-8 can show of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from ..errors import Error

_ASCII = str.maketrans(
    {
        "×": "x",
        "·": "*",
        "−": "-",
        "⌊": "floor(",
        "⌋": ")",
        "⌈": "ceil(",
        "⌉": ")",
        "≥": ">=",
        "≤": "<=",
        "≠": "!=",
        "²": "^2",
        "³": "^3",
        "→": "->",
        "…": "...",
        "⋮": ":",
        "✗": "!",
    }
)


#: What steers a terminal or turns the direction of the text around, newlines and tabs aside.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""Return `text` with control characters as ``\x1b``: nobody's file steers a terminal.

    From ``\u007f`` on, which JSON leaves as they are, they are written as JSON may have them.
    """
    return text if text.isprintable() else _CONTROLS.sub(lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x20 else f"\\u{code:04x}"


def printable(text: str, encoding: str | None, styled: bool = False) -> str:
    """Return `text` as an encoding can show it, and `visible` unless it is `styled`."""
    text = text if styled else visible(text)
    if text.isascii():
        return text
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return (
            text.translate(_ASCII)
            .encode(encoding or "ascii", "replace")
            .decode(encoding or "ascii")
        )
    return text


def error_text(error: Error, width: int = 0) -> str:
    """Return an error as lines: what, where, why, fix; and those that were found with it.

    Where there is a `width`, no word is cut at the edge, and carets stay below what they mark.
    """

    def prose(text: str) -> str:
        text = visible(text)
        return wrapped(text, "", "      ", width) if width else text

    lines = [prose(f"error: {error.message}")]
    if error.where:
        lines.append(visible(f"  --> {error.where}"))
    if error.snippet:
        number = error.where.rsplit(":", 2)[-2] if error.where.count(":") > 1 else ""
        source, carets = error.snippet.split("\n")
        marked = zip(source.ljust(len(carets)), carets, strict=False)  # a caret may stand behind it
        carets = "".join(mark * len(visible(each)) for each, mark in marked)
        source = visible(source)
        if width:
            source, carets = _narrowed(source, carets, width - len(number) - 4)
        lines += [f" {number} | {source}", f" {' ' * len(number)} | {carets}"]
    if error.why:
        lines.append(prose(f"   {error.why}"))
    if error.fix:
        lines.append(prose(f"   fix: {error.fix}"))
    lines += (error_text(each, width) for each in error.others)
    return "\n".join(lines)


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


def columns() -> int:
    """Return the width of the terminal."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def written(count: Any) -> Any:
    """Return a number as it is, or as text where it has symbols in it."""
    return str(count.expression) if hasattr(count, "expression") else count
