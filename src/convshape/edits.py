"""Changes of a text: where the calls of a line are in it, and what they are to become.

A line is one of Python, or of a network file: the calls in both are Python's.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .fixes import Edit
from .python_syntax import expression

_CALLED = re.compile(r"[A-Za-z_][\w.]*(?:\[[^][]*\])?\(")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|#[^\n]*")
_LONGEST = 20_000


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with all of these edits of it, which do not overlap."""
    source = Source("", text)
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.column), reverse=True):
        first, last = source.offsets(edit)
        text = text[:first] + edit.text + text[last:]
    return text


def composed(source: Source, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """Return the edits of a text that do what `first` does, and then what `second` does.

    There are none where the second changes what the first has written.
    """
    later = Source(source.file, edited(source.text, first))
    wanted = edited(later.text, second)
    for parts in (second, [_without_ends(later, edit) for edit in second]):
        edits = list(first)
        for edit in parts:
            start, end = (_before(source, first, offset) for offset in later.offsets(edit))
            edits.append(source.edit(start, end, edit.text))
        if edited(source.text, edits) == wanted:
            return edits
    return []


def _without_ends(source: Source, edit: Edit) -> Edit:
    """Return an edit without what is at both of its ends as it was."""
    start, end = source.offsets(edit)
    head = _alike(source.text[start:end], edit.text)
    old, new = source.text[start + head : end], edit.text[head:]
    tail = _alike(old[::-1], new[::-1])
    return source.edit(start + head, end - tail, new[: len(new) - tail])


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with that are the same."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _before(source: Source, edits: Iterable[Edit], offset: int) -> int:
    """Return where in a text is what is at an offset once it is edited."""
    grown = 0
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.column)):
        first, last = source.offsets(edit)
        if offset <= first + grown:
            break
        grown += len(edit.text) - (last - first)
    return min(offset - grown, len(source.text))


class Source:
    """A text that can be edited.

    Attributes:
        file: what it is called.
        text: what it holds.
        starts: where each line begins.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Return the edit of what is from one offset to another."""
        return Edit(self.file, *self.place(start), *self.place(end), text)

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset; both count from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, line: int) -> tuple[int, int]:
        """Return where a line starts, and where it ends, its line break left out."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return start, start + len(self.text[start:end].rstrip("\r\n"))

    def offsets(self, edit: Edit) -> tuple[int, int]:
        """Return where an edit of this text starts, and where it ends."""
        first, last = self.starts[edit.line - 1], self.starts[edit.end_line - 1]
        return first + edit.column - 1, last + edit.end_column - 1

    def beside(self, line: int, text: str) -> str:
        """Return a text as a line of its own, as far to the right as another line."""
        start, end = self.span(line)
        content = self.text[start:end]
        return f"{content[: len(content) - len(content.lstrip())]}{text}\n"

    def calls(self, line: int, name: str = "") -> list[CallText]:
        """Return the calls that begin in a line, or only those of the function `name`."""
        if not 1 <= line <= len(self.starts):
            return []
        first, last = self.span(line)
        calls: list[CallText] = []
        for match in _CALLED.finditer(self.text, first, last):
            if not calls or match.start() >= max(call.end for call in calls):
                calls += _calls_from(self, match.start())
        return [call for call in calls if call.start < last and name in ("", call.name)]

    def around(self, edit: Edit) -> list[CallText]:
        """Return the calls that an edit changes, the innermost first."""
        first, last = self.offsets(edit)
        lines = range(max(1, edit.line - 3), edit.line + 1)
        calls = (call for line in lines for call in self.calls(line))
        more = edit.text.startswith(",")  # one argument more, of a call around the last one
        around = (call for call in calls if call.start <= first and last <= call.end - more)
        return sorted(around, key=lambda call: call.end - call.start)

    def numbers(self, line: int) -> Iterator[tuple[int, int, int]]:
        """Yield the whole numbers in a line: where each starts and ends, and its value."""
        first, last = self.span(line)
        shown = _QUOTED.sub(lambda m: re.sub(r"\d", "_", m[0]), self.text[first:last])
        for match in re.finditer(r"(?<![\w.])\d+(?![\w.])", shown):
            yield first + match.start(), first + match.end(), int(match[0])


class CallText(NamedTuple):
    """A call in a text.

    Attributes:
        source: the text.
        start, end: where it is.
        node: the call, parsed alone.
    """

    source: Source
    start: int
    end: int
    node: Any  # an ast.Call

    @property
    def text(self) -> str:
        """What is there."""
        return self.source.text[self.start : self.end]

    @property
    def callee(self) -> str:
        """What is called: ``nn.Conv2d``."""
        return ast.unparse(self.node.func)

    @property
    def name(self) -> str:
        """The last name of what is called: ``Conv2d``."""
        func = self.node.func
        return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Return where a part of the call is."""
        lines = self.text.splitlines(keepends=True)

        def offset(line: int, column: int) -> int:
            characters = lines[line - 1].encode()[:column].decode(errors="ignore")
            return self.start + sum(map(len, lines[: line - 1])) + len(characters)

        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)

    def argument(self, name: str, order: Sequence[str]) -> ast.expr | None:
        """Return the argument of a name, if it is given; `order` is as in `with_arguments`."""
        named = {keyword.arg: keyword.value for keyword in self.node.keywords}
        if name in named:
            value: ast.expr = named[name]
            return value
        place = order.index(name) if name in order else len(self.node.args)
        return self.node.args[place] if place < len(self.node.args) else None

    def is_named(self, name: str, order: Sequence[str]) -> bool:
        """Return whether an argument is given by names, as ``cin`` and ``2 * cin`` are."""
        node = self.argument(name, order)
        return node is not None and any(isinstance(part, ast.Name) for part in ast.walk(node))

    def part(self, node: ast.expr) -> str:
        """Return the text of a part of the call."""
        start, end = self.span(node)
        return self.source.text[start:end]

    def with_first_two_swapped(self) -> list[Edit]:
        """Return the edits that exchange its first two arguments, if they differ."""
        args = self.node.args[:2]
        texts = [*map(self.part, args)]
        is_plain = len({*texts}) == 2 and not any(isinstance(arg, ast.Starred) for arg in args)
        pairs = zip(args, reversed(texts), strict=True)
        return [self.source.edit(*self.span(arg), text) for arg, text in pairs if is_plain]

    def without(self, name: str) -> Edit:
        """Return the edit that leaves an argument out which is given by name, behind others."""
        values = [*self.node.args, *(keyword.value for keyword in self.node.keywords)]
        index = len(self.node.args) + [entry.arg for entry in self.node.keywords].index(name)
        return self.source.edit(self.span(values[index - 1])[1], self.span(values[index])[1], "")

    def replaced(self, text: str) -> Edit:
        """Return the edit that puts a text in place of the call."""
        return self.source.edit(self.start, self.end, text)

    def with_first(self, template: str) -> Edit | None:
        """Return the edit of its first argument: ``{}.flatten(1)``, where it has one."""
        if not self.node.args or isinstance(self.node.args[0], ast.Starred):
            return None
        start, end = self.span(self.node.args[0])
        text = self.source.text[start:end]
        if not isinstance(self.node.args[0], (ast.Name, ast.Call, ast.Attribute, ast.Subscript)):
            text = f"({text})"
        return self.source.edit(start, end, template.format(text))

    def with_arguments(self, change: Mapping[str, str], order: Sequence[str]) -> list[Edit]:
        """Return the edits that give a call other arguments.

        Args:
            change: what they are to be, by name.
            order: the names of all arguments that may be given by place.
        """
        edits, added = [], []
        keywords = {keyword.arg: keyword.value for keyword in self.node.keywords}
        for name, text in change.items():
            place = order.index(name) if name in order else len(self.node.args)
            spread = [i for i, arg in enumerate(self.node.args) if isinstance(arg, ast.Starred)]
            if name in keywords:
                edits.append(self.source.edit(*self.span(keywords[name]), text))
            elif place < min([len(self.node.args), *spread]):
                edits.append(self.source.edit(*self.span(self.node.args[place]), text))
            else:
                added.append(f"{name}={text}")
        if added:
            comma = ", " if self.node.args or self.node.keywords else ""
            behind = self.source.text[: self.end - 1].rstrip()
            if behind.endswith(","):
                comma = " "
            edits.append(self.source.edit(len(behind), len(behind), comma + ", ".join(added)))
        return edits


def _calls_from(source: Source, start: int) -> list[CallText]:
    """Return the calls of the expression at `start`; ``self.conv(x).flatten()`` has two."""
    text, end, whole = source.text, start, None
    while True:
        opened = re.compile(r"[\w.]*[(\[]").match(text, end)
        if opened is None:
            break
        end = _closed(text, opened.end())
        node = _parsed(text[start:end])
        if node is None:
            break
        whole = CallText(source, start, end, node)
    if whole is None:
        return []
    nodes = (node for node in ast.walk(whole.node) if isinstance(node, ast.Call))
    spans = sorted({whole.span(node) for node in nodes})
    calls = (CallText(source, a, b, _parsed(text[a:b])) for a, b in spans)
    return [call for call in calls if isinstance(call.node, ast.Call)]


def _parsed(text: str) -> ast.expr | None:
    try:
        return expression(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _closed(text: str, opened: int) -> int:
    """Return the offset behind the bracket that closes one that was opened."""
    depth, end, quote = 1, opened, ""
    stop = min(len(text), opened + _LONGEST)
    while end < stop and depth:
        sign = text[end]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "#":
            end = max(end, text.find("\n", end))
        else:
            depth += (sign in "([{") - (sign in ")]}")
        end += 1
    return end
