"""The lines of a source that ran, with what each gave at its right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from . import comments
from .text import visible

#: How far to the right shapes stand at most, unless their line is longer.
_WIDEST = 72


def listing(
    source: Sequence[str],
    groups: Iterable[Sequence[int]],
    shapes: Mapping[comments.Place, str],
    failed: tuple[int | None, str],
) -> Iterator[str]:
    """Yield lines of a source with their numbers, and a blank line before each group of them.

    Args:
        source: all lines.
        groups: the numbers of those that are shown, from 1.
        shapes: what came out of lines, by the places of their comments.
        failed: the line where it stopped, and why, which is under it.
    """
    places = {place.line: place for place in shapes}
    wide = len(str(len(source)))
    for group in groups:
        yield ""
        code = {n: _code(source[n - 1], places.get(n)) for n in group}
        longest = max((len(code[n]) for n in group if n in places), default=0)
        for n in group:
            line = code[n]
            if n in places:
                line = f"{line.ljust(min(longest, _WIDEST))}  {shapes[places[n]]}"
            yield f"{n:>{wide}}  {line}".rstrip()
            if n == failed[0]:
                indent = " " * (len(code[n]) - len(code[n].lstrip()))
                yield f"{' ' * wide}  {indent}✗ {visible(failed[1])}"


def _code(line: str, place: comments.Place | None) -> str:
    """Return a line without its end, and without a comment of ours."""
    bare = line.rstrip() if place is None else comments.without(line, place)
    return visible(bare.expandtabs())
