"""The functions of a source that ran, with what each line gave at its right."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from . import comments
from .columns import shapes_text
from .text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..annotated import Annotated

#: How far to the right shapes stand at most, unless their line is longer.
_WIDEST = 72


def listing(annotated: Annotated) -> Iterator[str]:
    """Yield the lines: the title, then each class's functions that ran, with the lines' numbers."""
    trace, source = annotated.trace, comments.lines_of(annotated.source)
    yield f"{visible(trace.name)}  {shapes_text(trace.inputs)}"
    shapes = {line.number: line.comment.removeprefix("shape ") for line in annotated.lines}
    places = {line.number: line.place for line in annotated.lines}
    failed = annotated.failed_line
    wide = len(str(len(source)))
    shown = [*_shown(annotated.source, {*shapes, *([failed] if failed else [])})]
    bare = {
        n: visible(comments.without(source[n - 1], places[n]).expandtabs())
        if n in shapes
        else visible(source[n - 1].rstrip().expandtabs())
        for group in shown
        for n in group
    }
    for group in shown:
        yield ""
        longest = max((len(bare[n]) for n in group if n in shapes), default=0)
        for n in group:
            code = bare[n]
            at_right = f"{code.ljust(min(longest, _WIDEST))}  {shapes[n]}" if n in shapes else code
            yield f"{n:>{wide}}  {at_right}".rstrip()
            if n == failed and trace.error is not None:
                indent = " " * (len(code) - len(code.lstrip()))
                yield f"{' ' * wide}  {indent}✗ {visible(trace.error.message)}"


def _shown(source: str, lines: set[int]) -> Iterator[list[int]]:
    """Yield the numbers of the lines of each class and function at the top that has some of `lines`.

    Of a class that is its header, and the functions that have some.
    """
    for node in ast.parse(source).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        spans = [range(each.lineno, (each.end_lineno or each.lineno) + 1) for each in inner]
        spans = [span for span in spans if lines.intersection(span)]
        for i, span in enumerate(spans):
            yield [*([node.lineno] if i == 0 and isinstance(node, ast.ClassDef) else []), *span]
