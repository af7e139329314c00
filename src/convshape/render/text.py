"""Plain text for people: errors, shapes, and what a terminal without UTF-8 can show of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..errors import Error
    from ..torch_errors import Explanation
    from ..vocabulary import Entry

_ASCII = str.maketrans(
    {
        "×": "x",
        "·": "*",
        "−": "-",
        "⌊": "floor(",
        "⌋": ")",
        "⌈": "ceil(",
        "⌉": ")",
        "→": "->",
        "…": "...",
        "⋮": ":",
        "✗": "!",
    }
)


#: What steers a terminal or turns the direction of the text around, newlines and tabs aside.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""Return `text` with control characters as ``\x1b`` and the like: nobody's file steers a terminal.

    From ``\u007f`` on, which JSON leaves as they are, they are written as JSON may have them.
    """
    return _CONTROLS.sub(lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x20 else f"\\u{code:04x}"


def printable(text: str, encoding: str | None, styled: bool = False) -> str:
    """Return `text` as a stream of that encoding can show it, and `visible` unless it is `styled`."""
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
        return _wrapped(text, "", "      ", width) if width else text

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


def explanation_text(answer: Explanation) -> str:
    """Return an explanation as paragraphs, wrapped: what happened, where, the layer, and what to write."""
    lines = [_wrapped(answer.what, "", "  ")]
    if answer.line:
        lines.append(
            f"  --> {answer.where}: {answer.line}" if answer.where else f"  --> {answer.line}"
        )
    layer = ", ".join(filter(None, (answer.name, f"likely {answer.layer}" if answer.layer else "")))
    if layer:
        lines.append(_wrapped(layer, "   layer: ", " " * 10))
    for number, (code, when) in enumerate(answer.fixes):
        label = "    or: " if number else "   fix: "
        lines.append(_wrapped(f"{code}, {when}" if when else code, label, " " * 10))
    return "\n".join(lines)


def families_text(families: dict[str, list[str]]) -> str:
    """Return the names of each family below its heading, as wide as the terminal."""
    return "\n\n".join(
        f"{family}\n{_wrapped(' '.join(names))}" for family, names in families.items()
    )


def entry_text(entry: Entry) -> str:
    """Return what is to be known of a name: its call, then paragraphs, then the example."""
    parts = [_wrapped(entry.usage, ""), *(_wrapped(part, "") for part in entry.about.split("\n\n"))]
    for heading, text in (("size", entry.equation), ("refuses", entry.refuses)):
        if text:
            parts.append(f"{heading}\n{_wrapped(text)}")
    if entry.example:
        parts.append("example\n" + "\n".join(_wrapped(line) for line in entry.example.split("\n")))
    return "\n\n".join(parts)


def _wrapped(text: str, indent: str = "  ", hanging: str = "", width: int = 0) -> str:
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
