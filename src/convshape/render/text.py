"""Plain text for people: errors, shapes, and what a terminal without UTF-8 can show of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..errors import Error

_ASCII = str.maketrans(
    {"×": "x", "·": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "→": "->", "…": "..."}
)


def printable(text: str, encoding: str | None) -> str:
    """Return `text` as a stream of that encoding can show it."""
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding or "ascii", "replace").decode(encoding or "ascii")
    return text


def error_text(error: Error) -> str:
    """Return an error as lines: what, where, why, fix."""
    lines = [f"error: {error.message}"]
    if error.where:
        lines.append(f"  --> {error.where}")
    if error.why:
        lines.append(f"   {error.why}")
    if error.fix:
        lines.append(f"   fix: {error.fix}")
    return "\n".join(lines)
