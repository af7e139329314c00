"""What YAML's own errors mean in a network file, in plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    #: What is wrong, what mends it, and where: the line's number, and its characters from one to another.
    Trouble = tuple[str, str, int, int, int]

_KEY = re.compile(r":(\s|$)")
#: ``self.conv1 = nn.Conv2d(...)``, ``conv1 Conv2d(...)`` or ``conv1:Conv2d(...)``.
_ENTRY = re.compile(r"(?:self\.)?(\w+)\s*[\s:=]\s*(.+)")


def trouble(error: Any, lines: Sequence[str]) -> Trouble:
    """Say what a `yaml.MarkedYAMLError` means.

    Args:
        error: the error.
        lines: those of the file.
    """
    mark = error.problem_mark or error.context_mark
    problem, context = error.problem or "", error.context or ""
    number, column = mark.line, mark.column
    if number >= len(lines) or (
        number == len(lines) - 1 and not lines[number]
    ):  # behind the last line
        mark = error.context_mark or mark
        number, column = mark.line, mark.column
    if number >= len(lines):
        number, column = len(lines) - 1, len(lines[-1])
    line = lines[number]
    rest = line[column:].rstrip()
    indent = len(line) - len(line.lstrip())
    here = number, column, column + 1
    if "\t" in line[: column + 1]:
        return (
            "a tab indents this line, and YAML is indented with spaces",
            "spaces in place of the tab",
            *here,
        )
    if "cannot start any token" in problem:
        return f"an expression cannot begin with {rest[:1]!r}", f"quotes: {_quoted(rest)}", *here
    if "could not find expected ':'" in problem:
        return _without_colon(lines, error.context_mark.line)
    if "mapping values are not allowed" in problem:
        return _second_colon(lines, number, column)
    if "quoted scalar" in context and "end of stream" in problem:
        start = error.context_mark.column
        quote = lines[error.context_mark.line][start]
        return (
            "this quote is not closed",
            f"{quote} at the end",
            error.context_mark.line,
            start,
            start + 1,
        )
    if "did not find expected key" in problem and column == indent:
        if rest.startswith("-"):
            return "an item of a list stands among names", "a name in place of the -", *here
        return (
            "this line is indented as none above it is",
            "the indentation of its neighbours",
            *here,
        )
    if "did not find expected key" in problem:
        end = len(line.rstrip())
        return "the value has ended before this", "quotes around all of it", number, column, end
    if "expected '-' indicator" in problem:
        return (
            "a name stands among the items of a list",
            f"- {rest.partition(': ')[2] or rest}",
            *here,
        )
    if "did not find expected ','" in problem and error.context_mark:
        opened = lines[error.context_mark.line][error.context_mark.column]
        of = f" of line {error.context_mark.line + 1}" if error.context_mark.line != number else ""
        return f"{opened}{of} is not closed, or a comma is missing", "", *here
    return f"this is not YAML: {' '.join(filter(None, (context, problem)))}", "", *here


def _without_colon(lines: Sequence[str], number: int) -> Trouble:
    text = lines[number].strip()
    entry = _ENTRY.fullmatch(text)
    start = len(lines[number]) - len(lines[number].lstrip())
    fix = f"{entry[1]}: {entry[2]}" if entry else f"name: {text}"
    return (
        "there is no ': ' between a name and an expression here",
        fix,
        number,
        start,
        start + len(text),
    )


def _second_colon(lines: Sequence[str], number: int, column: int) -> Trouble:
    """Explain a colon behind a value, which that of a line above may be."""
    line = lines[number]
    first = _KEY.search(line)
    if first and first.start() < column:
        value = line[first.end() :].strip()
        fix = value.rstrip(":") if value.endswith(":") else f"quotes: {_quoted(value)}"
        return "this colon is the second of its line", fix, number, column, column + 1
    above = next(
        (n for n in range(number - 1, -1, -1) if lines[n].partition("#")[0].strip()), number
    )
    if not _KEY.search(lines[above].partition("#")[0]):
        return _without_colon(lines, above)
    start = len(line) - len(line.lstrip())
    what = f"this line is indented as if it stood below line {above + 1}, which has a value already"
    return what, f"the indentation of line {above + 1}", number, 0, max(start, 1)


def _quoted(text: str) -> str:
    quote = '"' if "'" in text else "'"
    return f"{quote}{text}{quote}"
