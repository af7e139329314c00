"""What an error of torch's means, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
