"""Comments of shapes at the ends of lines: their words, and where they go in a text.

They are put in and exchanged so that nothing else changes, not a space. Only those are exchanged
that are written as these are; whatever else a comment says stays, with the shapes after it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from tokenize import COMMENT, DEDENT, ENCODING, ENDMARKER, INDENT, NEWLINE, NL, generate_tokens
from typing import NamedTuple

from ..python_syntax import parsed
from ..shapetorch.arguments import shape

Shape = tuple[int, ...]

#: How many tensors of one value are written.
_MOST = 3
#: A size as `arguments.shape` writes it: a number, a letter, or an equation of them.
_TERM = r"[⌊⌈(−]*(?:about 2\^)?(?:\d+|[^\W\d]\w*|\?)[⁰¹²³⁴⁵⁶⁷⁸⁹⌋⌉)]*"
_SIZE = rf"{_TERM}(?: ?[·*/+−-] ?{_TERM})*"
_SHAPE = rf"(?:\(\)|{_SIZE}(?:×{_SIZE})*)"
_TENSORS = rf"{_SHAPE}(?:, {_SHAPE})*(?:, … \(\d+ tensors\))?"
_VALUE = rf"{_TENSORS}(?: … {_TENSORS})?(?: \(\d+ times\))?"
_VALUES = rf"{_VALUE}(?:; {_VALUE})*"
#: Before what may be a comment of somebody's own: ``# 16``, ``# H×W``.
_ARROW = "→ "
#: What nobody takes for anything but a shape: several sizes, of which the first is a number.
_PLAIN = re.compile(r"\d+×")
#: A comment of ours at the end of a comment.
_OURS = re.compile(rf"(?:^|(?<=\s))# (?:(?=\d+×)|→ (?!\d+×)){_VALUES}(?=\s*\Z)")


def shapes_comment(shapes: Sequence[Shape]) -> str:
    """Write the shapes of a value's tensors: ``1×8×16×16, 1×8``."""
    texts = [shape(item) for item in shapes]
    if len(texts) > _MOST:
        texts[_MOST:] = [f"… ({len(texts)} tensors)"]
    return ", ".join(texts)


def value_comment(first: Sequence[Shape], last: Sequence[Shape], times: int) -> str:
    """Write what a statement gave: once, or the first and the last time, and how often."""
    texts = [*dict.fromkeys((shapes_comment(first), shapes_comment(last)))]
    return " … ".join(texts) + (f" ({times} times)" if times > 1 else "")


def comment(values: Sequence[str]) -> str:
    """Write what the statements of a line gave as a comment, without its sign: ``1×6×28×28``."""
    text = "; ".join(values)
    return text if _PLAIN.match(text) else f"{_ARROW}{text}"


class Place(NamedTuple):
    """Where a comment of a line goes.

    Attributes:
        line: the line, from 1, at whose end it is.
        end: the column behind the code.
        comment: the column of the comment that is there, or None.
    """

    line: int
    end: int
    comment: int | None


def shapes_of(words: str) -> str:
    """Return the shapes of a comment."""
    return words.removeprefix(_ARROW)


def lines_of(text: str) -> list[str]:
    """Return the lines of a source as Python counts them, with their ends."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)


class Places(NamedTuple):
    """Where the comments of a Python source go.

    Attributes:
        statements: for each line of code, where the comment on its statement goes: at the end of
            the last line of the logical line that it is in.
        elements: for each line that ends within brackets, its own end.
    """

    statements: dict[int, Place]
    elements: dict[int, Place]


def places(text: str) -> Places:
    """Return where the comments of a Python source go."""
    plain = "".join(f"{_bare(line)}\n" for line in lines_of(text))
    result = Places({}, {})
    first = last = end = 0
    remark: int | None = None
    for token in generate_tokens(StringIO(plain).readline):
        row, column = token.start
        if token.type == COMMENT:
            remark = column
        elif token.type == NEWLINE:
            place = Place(row, end, remark)
            result.statements.update(dict.fromkeys(range(first or row, row + 1), place))
            first, remark = 0, None
        elif token.type == NL:
            if row == last:  # else it is an empty line, or a comment alone
                result.elements[row] = Place(row, end, remark)
            remark = None
        elif token.type not in (INDENT, DEDENT, ENCODING, ENDMARKER):
            first, (last, end) = first or row, token.end
    return result


def written(text: str, place: Place) -> str | None:
    """Return the comment of ours at a place, without its sign, or None."""
    match = _match(_bare(lines_of(text)[place.line - 1]), place)
    return None if match is None else match[0].removeprefix("# ")


def without(line: str, place: Place) -> str:
    """Return a line without its end, and without the comment of ours."""
    line = _bare(line)
    match = _match(line, place)
    return line if match is None else line[: (place.comment or 0) + match.start()].rstrip()


def commented(
    text: str, comments: Mapping[Place, str], same: Callable[[str, str], bool] | None = None
) -> str:
    """Return a text with comments; one that would make it another program is left out.

    Args:
        text: the source.
        comments: what is to be at each place, without the sign.
        same: whether two texts mean the same; as Python code unless given.
    """
    same = same or same_code
    lines = lines_of(text)
    changed = {p.line - 1: _changed(lines[p.line - 1], p, words) for p, words in comments.items()}
    result = _with(lines, changed)
    if same(text, result):
        return result
    harmless = {
        i: comment for i, comment in changed.items() if same(text, _with(lines, {i: comment}))
    }
    result = _with(lines, harmless)
    return result if same(text, result) else text


def same_code(one: str, other: str) -> bool:
    """Return whether two texts are the same Python code."""
    try:
        return ast.dump(parsed(one)) == ast.dump(parsed(other))
    except (SyntaxError, ValueError):
        return False


def _with(lines: Sequence[str], changed: Mapping[int, str]) -> str:
    return "".join(changed.get(i, line) for i, line in enumerate(lines))


def _bare(line: str) -> str:
    return line.rstrip("\r\n")


def _match(line: str, place: Place) -> re.Match[str] | None:
    return None if place.comment is None else _OURS.search(line[place.comment :])


def _changed(line: str, place: Place, words: str) -> str:
    """Return a line with a comment, in place of the one of ours or at its end."""
    bare = _bare(line)
    match = _match(bare, place)
    if match is not None:
        start, end = (place.comment or 0) + match.start(), (place.comment or 0) + match.end()
        return f"{bare[:start]}# {words}{bare[end:]}{line[len(bare) :]}"
    blanks = len(bare) - len(bare.rstrip(" \t"))
    return f"{bare}{' ' * max(0, 2 - blanks)}# {words}{line[len(bare) :]}"
