"""The text of ``print(model)``, parsed into a tree of modules with their arguments."""

from __future__ import annotations

import re
from re import Match
from typing import NamedTuple

from ..errors import SpecError

_CHILD = re.compile(r"\(([^()]+)\): (?:(\d{1,20}) x )?(?=\S)")
_RANGE = re.compile(r"(\d{1,20})-(\d{1,20})")
_NAME = re.compile(r"([^\W\d][\w.]*) ?\(")  # torch 0.2 and 0.3 had a space in ``Net (``
#: A line behind a print that is no log's: another print, or a bracket too many.
_OTHER = re.compile(r"[()]|[^\W\d][\w.]* ?\((.*\))?$")
#: What stands before a print that is copied from where it was typed in.
_PROMPTS = re.compile(r">>>( |$)|\.\.\.( |$)|In ?\[\d*\]: ?|\$ |#|print ?\([\w.]+\)$")
_ANSWER = re.compile(r"Out\[\d*\]: ?")
#: More than any model prints, and read and run in a moment.
MOST_MODULES = 20_000
_DEEPEST = 80
#: More than any ``extra_repr`` has.
_MOST_LINES = 1_000
CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")


class Node:
    """One module of the text: ``(first-...): count x name(extra``, and its children below it.

    Attributes:
        name: that of the class; empty for a child that is None.
        total: how many modules it makes.
    """

    __slots__ = ("children", "count", "extra", "key", "name", "total", "where")

    def __init__(self, key: str, count: int, name: str, where: str) -> None:
        self.key = key
        self.count = count
        self.name = name
        self.where = where
        self.extra: list[str] = []
        self.children: list[Node] = []
        self.total = 1

    @property
    def keys(self) -> list[str]:
        """The names of the children that the node means: several for ``(0-2): 3 x``."""
        first = self.key.partition("-")[0]
        if self.count == 1:
            return [self.key]
        return [str(int(first) + number) for number in range(self.count)]


class _Line(NamedTuple):
    number: int
    column: int
    words: str


def parse(text: str, filename: str) -> Node:
    """Parse the text of one printed model.

    Raises:
        SpecError: it is none.
    """
    parser = _Parser(text, filename)
    if not parser.lines:
        fix = "python -c '...; print(model)'"
        raise SpecError("the text is empty", where=filename, fix=fix)
    root = parser.module(None, 1)
    others = [line for line in parser.lines if _OTHER.match(line.words)]
    if others:
        line = others[-1]
        words, fix = line.words[:40].rstrip(",; "), ""
        what = f"unexpected text after the printed model: {line.words[:40]!r}"
        if words.startswith(")"):
            fix = "the whole output of print(model)"
        elif words.endswith(")"):
            fix = f"a network file, in which the layers are below 'layers:', each as '- {words}'"
        elif _NAME.fullmatch(words):
            what, fix = f"a second printed model: {words}", "a file of its own for each model"
        raise parser.fail(line, what, fix)
    return root


class _Parser:
    """Takes a text apart line by line.

    Attributes:
        lines: those that are left, the next one last.
    """

    def __init__(self, text: str, filename: str) -> None:
        self.filename = filename
        self.lines: list[_Line] = []
        all_lines = text.split("\n")
        if all(line.lstrip().startswith("#") for line in all_lines if line.strip()):
            all_lines = [line.replace("#", " ", 1) for line in all_lines]
        for number, line in enumerate(all_lines, 1):
            line = line if self.lines else _ANSWER.sub(lambda out: " " * len(out[0]), line)
            words = line.strip()
            is_prompt = _PROMPTS.match(words) and (not self.lines or words[:3] == ">>>")
            if words and not is_prompt:
                self.lines.append(_Line(number, len(line) - len(line.lstrip()) + 1, words))
        self.lines.reverse()

    def where(self, line: _Line, start: int = 0) -> str:
        return f"{self.filename}:{line.number}:{line.column + start}"

    def fail(self, line: _Line, message: str, fix: str = "", start: int = 0) -> SpecError:
        return SpecError(message, where=self.where(line, start), fix=fix)

    def expect(
        self, pattern: re.Pattern[str], line: _Line, start: int, *, expected: str
    ) -> Match[str]:
        """Return what a pattern finds in a line, from `start` on.

        Raises:
            SpecError: it finds nothing.
        """
        match = pattern.match(line.words, start)
        if match is None:
            shown = line.words[start : start + 40]
            raise self.fail(line, f"{shown!r} is not a printed module", expected, start)
        return match

    def module(self, parent: Node | None, depth: int) -> Node:
        """Read a module, with all that is below it."""
        line = self.lines.pop()
        child = _CHILD.match(line.words) if parent is not None else None
        key, count = child.groups() if child else ("", None)
        start = child.end() if child else 0
        is_none = child is not None and line.words[start:] == "None"
        rest, name = ")", ""
        if not is_none:
            match = self.expect(_NAME, line, start, expected="Name(...)")
            rest, name = line.words[match.end() :], match[1]
        node = Node(key, 1 if is_none else int(count or 1), name, self.where(line, start))
        if parent is not None:
            self.refuse_key(node, line)
            parent.children.append(node)
        if rest.endswith(")"):
            node.extra += [rest[:-1]] if rest[:-1].strip() else []
        elif rest:
            raise self.fail(line, f"{name}( is not closed in its line", start=start)
        elif depth > _DEEPEST:
            raise self.fail(line, "this is nested too deep")
        else:
            self.inside(node, depth)
        if parent is not None:
            self.count(parent, node)
        return node

    def inside(self, node: Node, depth: int) -> None:
        """Read the lines between the brackets of a module: its own, and then its children."""
        while self.lines:
            line = self.lines[-1]
            if line.words == ")":
                self.lines.pop()
                return
            if _CHILD.match(line.words):
                self.module(node, depth + 1)
            else:
                self.extra(node, self.lines.pop())
        what = f"{node.name}( is never closed"
        raise SpecError(what, where=node.where, fix="a line of ) at the end")

    def extra(self, node: Node, line: _Line) -> None:
        """Keep a line of the user's own ``extra_repr``."""
        if line.words in ("...", "…"):
            what, fix = "the print leaves out layers", "the whole output of print(model)"
            raise self.fail(line, f"{what}: {line.words!r}", fix)
        alien = node.name in CONTAINERS or node.children
        if alien or len(node.extra) == _MOST_LINES:
            self.expect(_CHILD, line, 0, expected="(name): Name(...)")
        node.extra.append(line.words)

    def refuse_key(self, node: Node, line: _Line) -> None:
        numbers = _RANGE.fullmatch(node.key)
        counted = int(numbers[2]) - int(numbers[1]) + 1 if numbers else 0
        if node.count not in (1, max(counted, 1)):
            message = f"({node.key}) does not number the {node.count} that follow"
            raise self.fail(line, message, f"(0-{node.count - 1}): {node.count} x ...")
        if "." in node.key:
            raise self.fail(line, f"({node.key}) has a dot in its name")

    def count(self, parent: Node, node: Node) -> None:
        parent.total += node.count * node.total
        if parent.total > MOST_MODULES:
            message = f"this makes more than {MOST_MODULES:,} modules"
            raise SpecError(f"{message}, which is more than convshape reads", where=node.where)
