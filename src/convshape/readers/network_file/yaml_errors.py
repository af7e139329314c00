"""What YAML's own errors mean in a network file, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

_CALL = re.compile(r"(?<![\w.'\"])[\w.]+\([^'\"]*\w\s*:")
_OPEN = re.compile(r":\s*(\?)\s*(?=$|[,}#])")
_KEY = re.compile(r":(\s|$)")
#: ``self.conv1 = nn.Conv2d(...)``, ``conv1 Conv2d(...)`` or ``conv1:Conv2d(...)``.
_ENTRY = re.compile(r"(?:self\.)?(\w+)\s*[\s:=]\s*(.+)")


class Trouble(NamedTuple):
    """What is wrong, what fixes it, and where: a line's number, and its characters from and to."""

    what: str
    fix: str
    line: int
    start: int
    end: int
    #: What is to stand in the line, from a character to another, to mend it.
    better: tuple[int, int, str] | None = None


class _Spot(NamedTuple):
    """Where YAML stopped: the lines, the number and the column there, and where it came from."""

    lines: Sequence[str]
    number: int
    column: int
    context: Any

    @property
    def line(self) -> str:
        return self.lines[self.number]

    @property
    def rest(self) -> str:
        return self.line[self.column :].rstrip()

    def here(self, what: str, fix: str = "") -> Trouble:
        return Trouble(what, fix, self.number, self.column, self.column + 1)

    def line_with(self, start: int, end: int, text: str, what: str) -> Trouble:
        """Return the trouble that another text in the line fixes."""
        behind, _, _ = self.line[end:].partition(" #")  # a comment
        fix = f"{self.line[:start]}{text}{behind}".strip()
        return self.here(what, fix)._replace(better=(start, end, text))


def trouble(error: Any, lines: Sequence[str]) -> Trouble:
    """Say what a `yaml.MarkedYAMLError` means.

    Args:
        error: the error.
        lines: those of the file.
    """
    mark = error.problem_mark or error.context_mark
    last = len(lines) - 1
    if mark.line > last or (mark.line == last and not lines[last]):  # behind the last line
        mark = error.context_mark or mark
    number, column = mark.line, mark.column
    if number > last:
        number, column = last, len(lines[last])
    spot = _Spot(lines, number, column, error.context_mark)
    said = " ".join(filter(None, (error.context, error.problem)))
    before = spot.line[: column + 1]
    if "\t" in before:  # behind a value only PyYAML's own parser refuses it
        of = "for indentation" if before.isspace() else "behind a value"
        what = f"tab used {of}; YAML requires spaces"
        return spot.here(what, "spaces in place of the tab")
    starts = (mark.line for mark in (error.context_mark, error.problem_mark) if mark)
    unfinished = next(filter(None, (_unfinished(spot, min(line, last)) for line in starts)), None)
    if unfinished:
        return unfinished
    unknown = f"this is not YAML: {said}"
    meanings = (meaning(spot) for text, meaning in _MEANINGS.items() if re.search(text, said))
    return next(filter(None, meanings), spot.here(unknown))


def _unfinished(spot: _Spot, number: int) -> Trouble | None:
    """Explain a line that belongs to the call of a line above, which YAML has ended before it."""
    still_open = 0
    for first in range(number - 1, -1, -1):
        text = _uncommented(spot.lines[first])
        still_open += text.count("(") - text.count(")")
        if still_open > 0:
            break
    else:
        return None
    line = spot.lines[number]
    what = f"this line belongs to the call of line {first + 1}, which YAML has ended before it"
    fix = f"indent it further than line {first + 1}"
    if any("#" in spot.lines[n] for n in range(first, number)):
        fix = f"leave out the comments of the lines from {first + 1} on"
    return Trouble(what, fix, number, _indent(line), len(line.rstrip()))


def _no_key(spot: _Spot) -> Trouble:
    if spot.column != _indent(spot.line):
        end = len(spot.line.rstrip())
        what = "the value has ended before this"
        return Trouble(what, "quotes around all of it", spot.number, spot.column, end)
    if spot.rest.startswith("-"):
        return spot.here("list item among names", "a name in place of the -")
    what = "indentation matches no line above"
    return spot.here(what, "indent it like its neighbours")


def _open_quote(spot: _Spot) -> Trouble:
    number, start = spot.context.line, spot.context.column
    fix = f"{spot.lines[number][start]} at the end"
    return Trouble("this quote is not closed", fix, number, start, start + 1)


def _open_bracket(spot: _Spot) -> Trouble:
    number = spot.context.line
    of = f" of line {number + 1}" if number != spot.number else ""
    bracket = spot.lines[number][spot.context.column]
    return spot.here(f"{bracket}{of} is not closed, or a comma is missing")


def _without_colon(lines: Sequence[str], number: int) -> Trouble:
    text, start = lines[number].strip(), _indent(lines[number])
    entry = _ENTRY.fullmatch(text)
    fix = f"{entry[1]}: {entry[2]}" if entry else f"name: {text}"
    what = "missing ': ' between name and expression"
    return Trouble(what, fix, number, start, start + len(text))


def _second_colon(spot: _Spot) -> Trouble:
    """Explain a colon behind a value, which that of a line above may be."""
    line = spot.line
    first = _KEY.search(line)
    call = _CALL.search(line)
    if call and call.start() < spot.column:
        text = line[call.start() :].partition(" #")[0].rstrip()
        better = with_equals(text)
        if better:
            what = "use = for an argument: YAML reads the colon as its own syntax"
            return spot.line_with(call.start(), call.start() + len(text), better, what)
    if first and first.start() < spot.column:
        value = line[first.end() :].strip()
        fix = value.rstrip(":") if value.endswith(":") else f"quotes: {_quoted(value)}"
        return spot.here("this colon is the second of its line", fix)
    filled = (n for n in range(spot.number - 1, -1, -1) if _uncommented(spot.lines[n]).strip())
    above = next(filled, spot.number)
    if not _KEY.search(_uncommented(spot.lines[above])):
        return _without_colon(spot.lines, above)
    below = f"below line {above + 1}, which already has a value"
    what = f"unexpected indentation {below}"
    fix = f"the indentation of line {above + 1}"
    return Trouble(what, fix, spot.number, 0, max(_indent(line), 1))


def with_equals(text: str) -> str:
    """Return a call whose arguments have ``=`` for the colon, or nothing if that is none."""
    from ..expressions.corrections import corrected

    return corrected(text, lambda better: True)


def _open(spot: _Spot) -> Trouble | None:
    """Explain a question mark alone, which YAML takes for a key."""
    match = _OPEN.search(spot.line)
    what = "? alone has another meaning in YAML"
    if match is None:
        return None
    if spot.line.lstrip().startswith("input"):
        return spot.here("an input has whole numbers for its sizes", "input: 3x32x32")
    return spot.line_with(*match.span(1), "'?'", what)


def _mark(spot: _Spot) -> Trouble:
    """Explain a character at the start of a value that YAML gives another meaning."""
    behind = re.match(r"\s*(?:- +)*(?:[\w.]+:\s+)?", spot.line)
    start = behind.end() if behind else 0
    mark, rest = spot.line[start], spot.line[start + 1 :].lstrip()
    what = f"an expression cannot begin with {mark!r}, which has another meaning in YAML"
    end = len(spot.line) - len(rest)
    return spot.line_with(start, end, "", what) if rest else spot.here(what, "leave it out")


def _bracket(spot: _Spot) -> Trouble | None:
    """Explain a bracket or a comma that nothing before it asks for."""
    mark = spot.rest[:1]
    if mark in ("]", "}"):
        return spot.here(f"{mark} closes nothing", "leave it out")
    return spot.here("there is nothing before this comma", "leave it out") if mark == "," else None


def _behind_the_end(spot: _Spot) -> Trouble:
    """Explain what follows a whole document."""
    first = next(line for line in spot.lines if _uncommented(line).strip())
    if spot.column < _indent(first):
        return spot.here("indentation matches no line above", "indent it like the first line")
    return spot.here("the file has ended before this", "leave it out")


#: What is in PyYAML's context and problem, in the words of libyaml or of PyYAML's own parser, and
#: what that means; the first that fits.
_MEANINGS: dict[str, Callable[[_Spot], Trouble | None]] = {
    "cannot start any token": lambda spot: spot.here(
        f"an expression cannot begin with {spot.rest[:1]!r}", f"quotes: {_quoted(spot.rest)}"
    ),
    "could not find expected ':'": lambda spot: _without_colon(spot.lines, spot.context.line),
    "mapping values are not allowed": _second_colon,
    "quoted scalar.*end of stream": _open_quote,
    "did not find expected node content|expected the node content": lambda spot: (
        _bracket(spot) or _open(spot) or (None if spot.rest else spot.here("a value is missing"))
    ),
    "mapping keys are not allowed": _open,
    "block mapping (did not find expected key|expected <block end>)": lambda spot: (
        _bracket(spot) or _no_key(spot)
    ),
    "expected '-' indicator|block collection expected <block end>": lambda spot: (
        _bracket(spot)
        or spot.here("name among list items", f"- {spot.rest.partition(': ')[2] or spot.rest}")
    ),
    "while parsing a flow.*expected ','": _open_bracket,
    "scanning (a block scalar|an alias|an anchor)": _mark,
    "undefined alias": lambda spot: spot.here(
        f"{spot.rest.partition(' ')[0]} refers to an anchor that does not exist",
        f"&{spot.rest[1:].partition(' ')[0]} before what it refers to",
    ),
    "sequence entries are not allowed": lambda spot: spot.here(
        "list item in the line of its name", "a line of its own"
    ),
    "<document start>": _behind_the_end,
    "another document": lambda spot: spot.here("a network file has one document", "leave --- out"),
    "unknown escape": lambda spot: spot.here(
        "backslash in double quotes, where YAML takes it for an escape", "single quotes"
    ),
}


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _uncommented(line: str) -> str:
    return line.partition("#")[0]


def _quoted(text: str) -> str:
    quote = '"' if "'" in text else "'"
    return f"{quote}{text}{quote}"
