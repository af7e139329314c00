"""A trace as an HTML table, for notebooks and pages, in the colors and font around it.

Modules fold with plain ``details``: if one is closed, a rule of the style sheet hides the rows in
it, in its own table only. Where style sheets are removed, as on GitHub, all rows are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from .columns import COLUMNS
from .numbers import shapes_text
from .text import error_text
from .view import Line, View

#: Text on white and on black: as far from the one as from the other.
_RED = "color:#e03030"
_LINE = "1px solid rgba(128,128,128,.35)"
_MONOSPACE = "var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,monospace))"
_STYLE = ".convshape summary{cursor:pointer}.convshape td code{background:none;padding:0}"
#: Inline, so that they hold where style sheets are taken away.
_CELL = f"padding:.15em .7em;white-space:nowrap;border:0;border-bottom:{_LINE};vertical-align:top"


def render(view: View) -> str:
    """Return a page with the table, light or dark as the browser is."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<meta name="color-scheme" content="light dark"/>\n'
        f"<title>{escape(view.title)}</title>\n"
        "<style>body{margin:1.5rem;font:15px/1.45 system-ui,sans-serif}</style>\n"
        f"</head>\n<body>\n{fragment(view)}\n</body>\n</html>"
    )


def fragment(view: View) -> str:
    """Return a `table` element, and the error if there is one as a `pre`."""
    lines = list(view.lines(headings=True))
    parts = _folding(lines)
    gap = any(part.number is not None for part in parts)  # for the triangles of those that fold
    rows = [_line(line, part, view, gap) for line, part in zip(lines, parts, strict=True)]
    columns = [COLUMNS[name] for name in view.columns]
    head = _row("th", zip(view.columns, columns, strict=True))
    title = f"<b>{escape(view.title)}</b> {escape(shapes_text(view.run.input_shapes))}"
    relied_on = view.conditions()
    conditions = f"<br>if {escape(relied_on)}" if relied_on else ""
    caption = f"{title}<br>{escape(view.summary())}{conditions}"
    return (
        f'{_style(parts)}<table class="convshape" style="border-collapse:collapse;'
        f'color:inherit;font-size:inherit">\n'
        f'<caption style="caption-side:top;text-align:left;color:inherit;padding:.3em .7em">'
        f"{caption}</caption>\n<thead>\n{head}\n</thead>\n<tbody>\n"
        + "\n".join(rows)
        + f"\n</tbody>{_foot(view)}\n</table>{_error(view)}"
    )


class _Part(NamedTuple):
    """Where a line is among those that fold: the modules that it is in, and its own number."""

    inside: Sequence[int]
    number: int | None


def _folding(lines: Sequence[Line]) -> list[_Part]:
    """Return for each line the modules that it is in; one with lines below it has a number."""
    parts, above = list[_Part](), list[tuple[int, int]]()  # depth and number
    for index, line in enumerate(lines):
        while above and above[-1][0] >= line.depth:
            above.pop()
        inside = [number for _, number in above]
        folds = index + 1 < len(lines) and lines[index + 1].depth > line.depth
        parts.append(_Part(inside, index if folds else None))
        if folds:
            above.append((line.depth, index))
    return parts


def _style(parts: Sequence[_Part]) -> str:
    rules = [
        f".convshape:has(details.f{part.number}:not([open])) tr.in{part.number}{{display:none}}"
        for part in parts
        if part.number is not None
    ]
    return f"<style>{_STYLE}{''.join(rules)}</style>\n" if rules else ""


def _line(line: Line, part: _Part, view: View, gap: bool) -> str:
    cells = []
    for name in view.columns:
        column = COLUMNS[name]
        text = escape(line.label if name == "layer" else column.cell(line, view))
        if name == "layer":
            text = _name(text, line, part, gap)
        elif name in ("call", "equation") and text:
            text = f'<code style="font-family:{_MONOSPACE};color:inherit">{text}</code>'
        is_plain = line.leaf or (part.number is not None and name == "layer")
        cells.append((text if is_plain else f"<b>{text}</b>", column))
    inside = " ".join(f"in{number}" for number in part.inside)
    return _row("td", cells, _RED if line.failed else "", inside)


def _name(text: str, line: Line, part: _Part, gap: bool) -> str:
    """Return the name of a line, which of a module opens and closes."""
    if part.number is None:
        return f'<span style="padding-left:{line.depth * 1.2 + gap:g}em">{text}</span>'
    style = f"margin-left:{line.depth * 1.2:g}em;font-weight:bold"
    summary = f"<summary>{text}</summary>"
    return f'<details open class="f{part.number}" style="{style}">{summary}</details>'


def _foot(view: View) -> str:
    texts = view.total_texts()
    if not texts:
        return ""
    cells = zip(map(escape, texts), map(COLUMNS.__getitem__, view.columns), strict=True)
    return f"\n<tfoot>\n{_row('th', cells)}\n</tfoot>"


def _error(view: View) -> str:
    error = view.run.error
    if error is None:
        return ""
    word, _, text = escape(error_text(error), quote=False).partition(":")
    return (
        f'\n<pre style="color:inherit;background:none;white-space:pre;overflow-x:auto;'
        f'font-family:{_MONOSPACE}"><b style="{_RED}">{word}:</b>{text}</pre>'
    )


def _row(tag: str, cells: Iterable[tuple[str, object]], style: str = "", kind: str = "") -> str:
    parts = []
    for text, column in cells:
        side = "right" if getattr(column, "right", False) else "left"
        parts.append(f'<{tag} style="text-align:{side};{_CELL}">{text}</{tag}>')
    style = f' style="{style}"' if style else ""
    kind = f' class="{kind}"' if kind else ""
    return f"<tr{kind}{style}>{''.join(parts)}</tr>"
