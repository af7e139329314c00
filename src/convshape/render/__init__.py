"""One file a format, each: a run and its analysis to text, or what else people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..analysis import Analysis

#: The formats that a trace is written in as text, and the endings of file names that choose them.
FORMATS = {
    "table": "",
    "plain": ".txt",
    "json": ".json",
    "csv": ".csv",
    "markdown": ".md",
    "html": ".html",
    "svg": ".svg",
    "latex": ".tex",
}
#: Other names of formats.
NAMES = {"md": "markdown"}


def render(analysis: Analysis, format: str, **options: Any) -> str:
    """Return a run and its analysis in a format, as its renderer writes it.

    Raises:
        SpecError: there is no such format, or a column is not known.
    """
    from importlib import import_module

    from ..errors import SpecError
    from .view import View

    format = NAMES.get(format, format)
    if not FORMATS.get(format):
        raise SpecError(f"unknown format {format!r}", fix=", ".join(filter(FORMATS.get, FORMATS)))
    text: str = import_module(f".{format}", __name__).render(View(analysis, **options))
    return text
