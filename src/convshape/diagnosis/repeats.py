"""The same change in other calls with the same text: a mistake may be copied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..edits import CallText, Source
    from ..fixes import Edit
    from ..rewrites import Sources

_BLOCK = re.compile(r"^[ \t]*(?:async def|def|class) ", re.M)


def repeated(sources: Sources, edits: Sequence[Edit]) -> Iterator[tuple[Edit, ...]]:
    """Yield edits with the same change of the other calls in the function, and in the file.

    Calls with the same text come before calls that have the changed argument in common.
    """
    edits = [_shortest(sources, edit) for edit in edits]
    tried = {tuple(edits)}
    for same_text, in_function in ((True, True), (True, False), (False, True)):
        more = [other for edit in edits for other in _again(sources, edit, same_text, in_function)]
        both = tuple(dict.fromkeys([*edits, *more]))
        if both not in tried:
            tried.add(both)
            yield both


def _again(sources: Sources, edit: Edit, same_text: bool, in_function: bool) -> Iterator[Edit]:
    """Yield an edit of each other call that is written like the one that an edit changes."""
    source = sources.of_file(edit.file)
    call = next(iter(source.around(edit)), None)
    if call is None:
        return
    start, end = _block(source, call.start) if in_function else (0, len(source.text))
    named = re.compile(rf"\b{call.name}\(").finditer(source.text, start, end)
    for line in dict.fromkeys(source.place(match.start())[0] for match in named):
        for other in source.calls(line, call.name):
            if other.end != call.end and (other.text == call.text or not same_text):
                yield from _moved(edit, call, other)


def _shortest(sources: Sources, edit: Edit) -> Edit:
    """Return an edit without what it leaves as it is, at its start and at its end."""
    source = sources.of_file(edit.file)
    first, last = source.offsets(edit)
    old, new = source.text[first:last], edit.text
    before = _in_common(old, new)
    after = _in_common(old[:before:-1], new[:before:-1])
    return source.edit(first + before, last - after, new[before : len(new) - after])


def _in_common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their start."""
    differ = (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differ, min(len(one), len(other)))


def _block(source: Source, offset: int) -> tuple[int, int]:
    """Return where the function that an offset is in starts and ends."""
    heads = [match.start() for match in _BLOCK.finditer(source.text)]
    before = [head for head in heads if head <= offset]
    return before[-1] if before else 0, next((h for h in heads if h > offset), len(source.text))


def _moved(edit: Edit, call: CallText, other: CallText) -> Iterator[Edit]:
    """Yield the same edit of another call: at the same place, or of the same argument."""
    source = call.source
    first, last = source.offsets(edit)
    if other.text == call.text or other.text.endswith(source.text[first - 1 : call.end]):
        shift = other.end - call.end
        yield source.edit(first + shift, last + shift, edit.text)
        return
    mine, others = _arguments(call), _arguments(other)
    if mine.keys() != others.keys():
        return
    if first == last and not source.text[last : call.end].strip(") ,\n"):  # an argument is added
        end = other.end - (call.end - first)
        yield source.edit(end, end, edit.text)
    for name, argument in mine.items():
        is_same = source.text[slice(*others[name])] == source.text[first:last]
        if argument == (first, last) and is_same:
            yield source.edit(*others[name], edit.text)


def _arguments(call: CallText) -> dict[int | str | None, tuple[int, int]]:
    """Return where the arguments of a call are, by place and by name."""
    placed = {place: call.span(node) for place, node in enumerate(call.node.args)}
    return placed | {keyword.arg: call.span(keyword.value) for keyword in call.node.keywords}
