"""What a torch error means, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .text import wrapped

if TYPE_CHECKING:
    from ..torch_errors import Explanation


def explanation_text(answer: Explanation) -> str:
    """Return an explanation as paragraphs: what happened, where, the layer, and what to write."""
    lines = [wrapped(answer.what, "", "  ")]
    if answer.line:
        lines.append(
            f"  --> {answer.where}: {answer.line}" if answer.where else f"  --> {answer.line}"
        )
    layer = ", ".join(filter(None, (answer.name, f"likely {answer.layer}" if answer.layer else "")))
    if layer:
        lines.append(wrapped(layer, "   layer: ", " " * 10))
    for number, (code, when) in enumerate(answer.fixes):
        label = "    or: " if number else "   fix: "
        lines.append(wrapped(f"{code}, {when}" if when else code, label, " " * 10))
    return "\n".join(lines)


def term_text(term: Any) -> str:
    """Return a term as paragraphs: definition, equation, example, picture, command and page."""
    parts = [wrapped(f"{term.name}: {term.about}", "", "  ")]
    if term.equation:
        parts.append(wrapped(term.equation, "  size: ", " " * 8))
    if term.example:
        parts.append("\n".join(wrapped(line, "  ", "    ") for line in term.example.split("\n")))
    if term.picture:
        parts += ["", term.picture, ""]
    parts.append(f"  $ {term.command}")
    parts.append(f"  docs: {term.page}")
    return "\n".join(parts)
