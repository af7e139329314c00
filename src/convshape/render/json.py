"""A trace as JSON, schema 1: see docs/trace.md and docs/trace.schema.json."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .columns import View


def render(view: View) -> str:
    """Return the trace as text, a line for each row."""
    parts = view.trace.to_dict(view.dtype)
    if view.all:
        parts["rows"] = [row.to_dict() for row in view.trace.calls()]
    rows = ",\n".join("  " + dumps(row, ensure_ascii=False) for row in parts["rows"])
    lines = [
        f" {dumps(key)}: "
        + (f"[\n{rows}\n ]" if key == "rows" and rows else dumps(value, ensure_ascii=False))
        for key, value in parts.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}"
