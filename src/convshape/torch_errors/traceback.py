"""Finds in pasted text the error, and of a traceback the user's own line and the layer that it calls.

It reads the tracebacks of Python, with and without the marks below a line, and of IPython and notebooks.
"""

from __future__ import annotations

import re

#: Far more than a traceback; what stands before it is of no interest.
_LONGEST = 200_000
#: Colors, and what else a terminal would obey when it is shown again.
_CONTROLS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0e-\x1f\x7f-\x9f]")
#: What editors, pytest, logs and mails put before a line.
_PREFIX = r"^(?:[E>|\]\s]|\[\w+\]:?)*"
_ERROR = re.compile(
    _PREFIX
    + r"(?:.{0,300}:\d+: )?(?:[A-Za-z_][\w.]{0,100}\.)?[A-Z]\w{0,60}(?:Error|Exception|Warning)\b: ?(.*)"
)
_FRAME = re.compile(
    _PREFIX + r'File "(?P<file>[^"]{1,500})(?P<cell>)", line (?P<line>\d{1,9})(?:, in .*)?$'
)
_NOTEBOOK_FRAME = re.compile(
    _PREFIX
    # IPython's older format has no number behind the file.
    + r"(?:File )?(?:(?P<file>\S{1,500}?)(?::\d{1,9}|(?<=\.py|\w\w>)(?= in [\w<]+[>(]))"
    + r"|(?P<cell>Cell In ?\[\d{1,9}\]))(?:,? (?:in|line) .*)?$"
)
_NOTEBOOK_LINE = re.compile(_PREFIX + r"-+> (?P<line>\d{1,9}) (?P<code>.*)")
_MARKS = re.compile(r"^[\s|]*[~^]+\s*$")
_LIBRARY = re.compile(
    r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib[/\\]python\d|[/\\]torch[/\\](?:nn|_|utils)|^<frozen"
)
_LAYER = re.compile(
    r"[/\\]torch[/\\](?:nn[/\\]modules|utils[/\\]data[/\\]_utils)[/\\](?!module\.|container\.)(\w+\.py)$"
)
_CALLED = re.compile(r"(?<![\w.])(self(?:\.\w+|\[\w+\])+|[A-Za-z_]\w*)\(")


class Pasted:
    """What a pasted text says.

    Attributes:
        messages: the errors in it, the last one first, each in one line and without its type.
        where: ``file:line`` of the user's own line, or nothing.
        line: that line of code, or nothing.
        name: the layer that the line calls, ``self.fc1``, or ``self.layers[...]`` for one of a Sequential, or
            nothing where that is not clear.
        library: torch's file of the layer that refused, ``linear.py``, or nothing.
    """

    def __init__(self, messages: list[str]) -> None:
        self.messages = messages
        self.where = ""
        self.line = ""
        self.name = ""
        self.library = ""


def read(text: str) -> Pasted:
    """Return what is to be known of `text`; where no line looks like an error, all of it is the message."""
    lines = _CONTROLS.sub("", text[-_LONGEST:]).splitlines()
    starts = [
        (number, found[1]) for number, each in enumerate(lines) if (found := _ERROR.match(each))
    ]
    if not starts:
        whole = _joined(lines)
        return Pasted([whole] if whole else [])
    ends = [number for number, _ in starts[1:]] + [len(lines)]
    messages = [
        _joined([first, *lines[number + 1 : end]])
        for (number, first), end in zip(starts, ends, strict=True)
    ]
    pasted = Pasted(messages[::-1])
    _read_frames(pasted, lines[: starts[-1][0]])
    return pasted


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(re.sub(r"^E  +", "", line) for line in lines).split())


def _read_frames(pasted: Pasted, lines: list[str]) -> None:
    """Note the last frame that is the user's own, and the last one in torch after it."""
    frame: re.Match[str] | None = None
    for number, text in enumerate(lines):
        plain, shown = _FRAME.match(text), _NOTEBOOK_LINE.match(text)
        if plain is None and shown is None:
            frame = _NOTEBOOK_FRAME.match(text) or frame
            continue
        frame = plain or frame
        file = (frame["file"] or frame["cell"]) if frame else ""
        at = plain["line"] if plain else shown["line"] if shown else ""
        if _LIBRARY.search(file):
            layer = _LAYER.search(file)
            pasted.library = layer[1] if layer else pasted.library
            if (
                pasted.name
                and re.search(r"[/\\]container\.py$", file)
                and not pasted.name.endswith("]")
            ):
                pasted.name += "[...]"
            continue
        rest = lines[number + 1 :]
        code = shown["code"].strip() if shown else rest[0].strip() if rest else ""
        if code.startswith("File ") or not code:
            code, rest = "", []
        marks = rest[1] if plain and len(rest) > 1 and _MARKS.match(rest[1]) else ""
        pasted.where, pasted.line, pasted.library = f"{file}:{at}" if file else "", code, ""
        pasted.name = _called(code, _marked(rest[0], marks) if marks else code)


def _marked(code: str, marks: str) -> str:
    """Return the part of a line that Python points at with ``~~~~^^^`` below it."""
    start = len(marks) - len(marks.lstrip(" |"))
    return code[start : len(marks.rstrip())]


def _called(line: str, part: str) -> str:
    """Return the one layer that is called in `part` of a line, or nothing."""
    layers = [name for name in _CALLED.findall(part) if name.startswith("self.") or part != line]
    if part != line and layers:
        return str(
            layers[0]
        )  # the marks point at one call; what stands in its brackets has been worked out
    return str(layers[0]) if len(layers) == 1 else ""
