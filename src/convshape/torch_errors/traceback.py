"""Finds in pasted text the errors, and of each the user's own line and the layer that it calls.

It reads them with what logs, launchers, mails and terminals put before a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .called import called, usual
from .frames import ERROR, Frame, frames

#: Far more than a traceback; what stands before it is of no interest.
_LONGEST = 200_000
#: Colors, and what else a terminal would obey when it is shown again.
_CONTROLS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0e-\x1f\x7f-\x9f]")
#: A path in Colab is a link.
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\(https?://[^()\s]{0,500}\)")
_TIME = r"(?:\d{4}[-/]\d\d[-/]\d\d[ T])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_LEVEL = r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|FATAL)"
#: What launchers and logs put before a line; there may be several of them.
_PREFIX = re.compile(
    r"\[(?:rank|default)\d{1,4}\]:? ?"
    r"|\(\w{1,80} pid=\d{1,9}[^)]{0,60}\) ?"
    r"|[EWI]\d{4} [\d:.]{8,20} +\d{1,9} [^\]]{1,300}\] (?:\[[\d/]{1,12}\] ?)?"
    rf"|\[?{_TIME}\]?(?: ?[-|:]? ?\[? ?{_LEVEL} ?\]?)?"
    rf"(?: [|-] ?\S{{1,80}} - | - \S{{1,80}} - {_LEVEL} - | ?: | - )? ?"
    rf"|\[? ?{_LEVEL} ?\](?::? ?)|{_LEVEL}:\w{{0,40}}:"
)
_CHAINED = re.compile(
    r"The above exception was the direct cause|During handling of the above exception"
)
#: Behind these stands no more of the message.
_END = re.compile(
    _CHAINED.pattern + r"|Traceback \(most recent call last\)|from user code:|^\s*Set TORCH\w+=1"
)
_LAYER = re.compile(
    r"[/\\]torch[/\\](?:nn[/\\]modules|utils[/\\]data[/\\]_utils)[/\\]"
    r"(?!module\.|container\.)(\w+\.py)$"
)
#: A module that calls others: of torch, or of another package.
_CONTAINER = re.compile(r"[/\\]container\.py$|-packages[/\\](?!torch[/\\])\w+[/\\]")


class Pasted:
    """What a pasted text says of one error.

    Attributes:
        type: its type, ``RuntimeError``, or nothing.
        message: the error in one line, without its type.
        where: ``file:line`` of the user's own line, or nothing.
        line: that line of code, or nothing.
        name: the layer that the line calls, ``self.fc1``, or ``self.layers[...]`` for one of a
            Sequential, or nothing if that is not clear.
        library: torch's file of the layer that refused, ``linear.py``, or nothing.
        entered: whether torch's own lines follow: the line calls a module that refuses or contains
            one.
    """

    def __init__(self, type: str, message: str, frames: list[Frame]) -> None:
        self.type = type
        self.message = message
        self.where = ""
        self.line = ""
        self.name = ""
        self.library = ""
        self.entered = False
        contained = False
        for frame in frames:
            if not frame.is_library:
                self.where = f"{frame.file}:{frame.line}" if frame.file else ""
                self.line, self.library, self.entered, contained = frame.code, "", False, False
                self.name = called(frame.code, frame.part)
                last = frame
                continue
            self.entered = True
            layer = _LAYER.search(frame.file)
            self.library = layer[1] if layer else self.library
            contained = contained or bool(_CONTAINER.search(frame.file))
        if self.line and not self.name:
            self.name = usual(last.part, self.library)
        if self.name and contained:
            self.name += "[...]"


def read(text: str) -> list[Pasted]:
    """Return the errors in `text`, the one that it is about first.

    That is the last one, and in a chain of exceptions the first, which caused the others. If no
    line looks like an error, the message is the whole text.
    """
    lines = _cleaned(text)
    places = [at for at, line in enumerate(lines) if ERROR.match(line)]
    if not places:
        whole = _joined(lines)
        return [Pasted("", whole, list(frames(lines)))] if whole else []
    chains: list[list[Pasted]] = [[]]
    for before, at, after in zip([-1, *places], places, [*places[1:], len(lines)], strict=False):
        above, below = lines[before + 1 : at], lines[at + 1 : after]
        error = _error(above, lines[at], below)
        chains[-1] += [*_assertion(above, error), error]
        if not _CHAINED.search("\n".join(below)):
            chains.append([])  # the next error has another cause
    errors = [error for chain in reversed(chains) for error in chain]
    _share_places(errors)
    return errors


def _error(above: list[str], line: str, below: list[str]) -> Pasted:
    """Return the error that a line begins, from the lines of its traceback and those below it."""
    first = ERROR.match(line)
    assert first is not None
    end = next((n for n, following in enumerate(below) if _END.search(following)), len(below))
    places = [*frames(above, below[:end]), *_user_code(below[end:])]
    return Pasted(first[1], _joined([first[2], *below[:end]]), places)


def _cleaned(text: str) -> list[str]:
    """Return the lines without what terminals, logs, mails and Colab add to them."""
    lines = _CONTROLS.sub("", text[-_LONGEST:]).splitlines()
    quoted = sum(line.startswith(">") for line in lines)
    if quoted > 1 and quoted > 0.8 * sum(map(bool, lines)):
        lines = [line[1:].removeprefix(" ") for line in lines]
    return list(map(_bare, lines))


def _bare(line: str) -> str:
    while (prefix := _PREFIX.match(line)) and prefix.end():
        line = line[prefix.end() :]
    if "&gt;" in line or "&lt;" in line:  # from the source of a web page
        line = line.replace("&gt;", ">").replace("&lt;", "<")
    if "│" in line:  # a frame that Rich draws
        line = line.strip().removeprefix("│").removesuffix("│").replace("│", " ").rstrip()
        line = line.strip() if "❱" in line or ".py:" in line else line
    return _LINK.sub(r"\1", line) if "](" in line else line


def _joined(lines: list[str]) -> str:
    text = " ".join(" ".join(re.sub(r"^E  +", "", line) for line in lines).split())
    return re.sub(r"\b(\d{1,18})L\b", r"\1", text)  # as Python 2 writes sizes


def _user_code(lines: list[str]) -> Iterator[Frame]:
    """Yield the frames that ``torch.compile`` and ``torch.export`` show behind the error."""
    for at, line in enumerate(lines):
        if "from user code:" in line:
            yield from frames(lines[at + 1 :])
            return


def _assertion(lines: list[str], pasted: Pasted) -> list[Pasted]:
    """Return what a kernel on the GPU says of itself before its error, which says nothing."""
    if "device-side assert" not in pasted.message:
        return []
    said = [line for line in lines if "Assertion `" in line]
    return [_placed(Pasted("", " ".join(said[-1].split()), []), pasted)] if said else []


def _share_places(errors: list[Pasted]) -> None:
    """Give errors without a line of the user's the one of the nearest error that has it."""
    for at, error in enumerate(errors):
        if not error.line:
            for other in (*errors[at + 1 :], *reversed(errors[:at])):
                if other.line:
                    library = error.library
                    _placed(error, other)
                    error.library = library or other.library
                    break


def _placed(pasted: Pasted, other: Pasted) -> Pasted:
    vars(pasted).update(vars(other), type=pasted.type, message=pasted.message)
    return pasted
