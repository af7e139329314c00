"""Traceback lines of Python, IPython, notebooks of any age, Colab, pytest, Rich and TorchScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

#: What pytest, editors and groups of exceptions put before a line.
MARGIN = r"^(?:[E>|\]\s]|\[\w+\]:?)*"
#: The line of an error: its type, and the message.
ERROR = re.compile(
    MARGIN + r"(?:.{0,300}:\d+: )?(?:[A-Za-z_][\w.]{0,100}\.)?"
    r"([A-Z]\w{0,60}(?:Error|Exception|Warning)\b): ?(.*)"
)
_FILE = r"(?:[A-Za-z]:)?[^:\"<>|*?()]{1,400}?\.pyx?|<[^<>]{1,120}>|(?:Cell|Input) In ?\[\d{1,9}\]"
_FRAME = re.compile(MARGIN + r'File "(?P<file>[^"]{1,500})", line (?P<line>\d{1,9})(?:, in .*)?$')
_SHORT_FRAME = re.compile(rf"^(?P<file>{_FILE}):(?P<line>\d{{1,9}}): in .*$")  # of pytest
_HEADER = re.compile(
    rf"^\W{{0,4}}?(?:File )?(?P<file>(?:[~/\\.]|\b)?(?:{_FILE}))(?::\d{{1,9}})?"
    r"(?:,? (?:in|line) .*)?$"
)
_ARROW = re.compile(MARGIN + r"(?:-+>|❱) (?P<line>\d{1,9})\s(?P<code>.*)")
_LOCATION = re.compile(rf"^(?P<file>{_FILE}):(?P<line>\d{{1,9}}): ?(?:\w+(?:Error|Exception))?\s*$")
_MARKED = re.compile(r"^> {3,}(?P<code>\S.*)")  # of pytest, the line that failed
_MARKS = re.compile(r"^[\s|]*[~^]+\s*$")
_HERE = re.compile(r"^\s*(?P<marks>~+) <--- HERE\s*$")
_LIBRARY = re.compile(
    r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib[/\\]python\d|[/\\]Python\d+[/\\]lib[/\\]|\.egg[/\\]"
    r"|[/\\](?:ana|mini)conda\d?[/\\](?:envs[/\\][^/\\]+[/\\])?lib[/\\]|^<frozen"
    r"|(?:^|[/\\])torch[/\\](?:nn|_|utils|jit|fx|autograd|export|functional\.py)",
    re.IGNORECASE,
)
#: Lines of torch's own that stand between a user's, should the file be missing.
_LIBRARY_CODE = re.compile(
    r"self\._call_impl\(|forward_call\(|self\._slow_forward\(|= self\.forward\(\*input"
)


class Frame(NamedTuple):
    """A line of a traceback.

    Attributes:
        file: the file, the cell, or nothing.
        line: its number, or nothing.
        code: the line itself.
        part: what marks below it point at, else the whole line.
    """

    file: str
    line: str
    code: str
    part: str

    @property
    def is_library(self) -> bool:
        """Whether the line is one of torch's or another package's."""
        return bool(
            _LIBRARY.search(self.file) or (not self.file and _LIBRARY_CODE.search(self.code))
        )


def frames(lines: list[str], tail: list[str] | tuple[()] = ()) -> Iterator[Frame]:
    """Yield the frames in lines; of a `tail` behind the error, where pytest says the place."""
    file, failed = "", ""
    for at, text in enumerate(lines):
        plain = _FRAME.match(text) or _SHORT_FRAME.match(text)
        if plain:
            yield _plain(plain["file"], plain["line"], lines[at + 1 :])
            file = ""
        elif arrow := _ARROW.match(text):
            code = arrow["code"].strip()
            yield Frame(file, arrow["line"], code, code)
        elif marked := _MARKED.match(text):
            failed = marked["code"]
        elif failed and (place := _LOCATION.match(text)):
            yield Frame(place["file"], place["line"], failed, failed)
            failed = ""
        elif header := _HEADER.match(text):
            file = header["file"].strip()
    place = next(filter(None, map(_LOCATION.match, tail)), None)
    if failed:
        yield Frame(place["file"] if place else "", place["line"] if place else "", failed, failed)


def _plain(file: str, line: str, rest: list[str]) -> Frame:
    """Return a frame of Python's, or TorchScript's, from the lines behind its place."""
    code = rest[0] if rest else ""
    if not code.strip(" |") or _FRAME.match(code) or ERROR.match(code):
        return Frame(file, line, "", "")
    for above, below in pairwise(rest):
        if _FRAME.match(below):
            break
        if here := _HERE.match(below):
            return Frame(file, line, above.strip(), above[here.start("marks") : here.end("marks")])
    below = rest[1] if len(rest) > 1 else ""
    if not _MARKS.match(below):
        return Frame(file, line, code.strip(" |"), code.strip(" |"))
    start = len(below) - len(below.lstrip(" |"))
    return Frame(file, line, code.strip(" |"), code[start : len(below.rstrip())])
