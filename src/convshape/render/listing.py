"""The lines of a source that ran, with what each gave at its right."""

from __future__ import annotations

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
    """Yield the lines: the title, then those that are shown, with their numbers."""
    trace, source = annotated.trace, comments.lines_of(annotated.source)
    yield f"{visible(trace.name)}  {shapes_text(trace.inputs)}"
    shapes = {line.number: comments.shapes_of(line.comment) for line in annotated.lines}
    places = {line.number: line.place for line in annotated.lines}
    failed = annotated.failed_line
    wide = len(str(len(source)))
    shown = [*annotated.groups()]
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
