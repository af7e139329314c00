"""Finds in pasted text the errors, and of each the user's own line and the layer that it calls.

It reads the tracebacks of Python (with and without the marks below a line), IPython and notebooks of every age,
Colab, pytest, Rich and TorchScript, with what logs, launchers and terminals put before a line.
"""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

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
#: What pytest, editors and groups of exceptions put before a line.
_MARGIN = r"^(?:[E>|\]\s]|\[\w+\]:?)*"
_ERROR = re.compile(
    _MARGIN
    + r"(?:.{0,300}:\d+: )?(?:[A-Za-z_][\w.]{0,100}\.)?([A-Z]\w{0,60}(?:Error|Exception|Warning)\b): ?(.*)"
)
_CHAINED = re.compile(
    r"The above exception was the direct cause|During handling of the above exception"
)
#: Behind these stands no more of the message.
_END = re.compile(
    _CHAINED.pattern + r"|Traceback \(most recent call last\)|from user code:|^\s*Set TORCH\w+=1"
)
_FILE = r"(?:[A-Za-z]:)?[^:\"<>|*?()]{1,400}?\.pyx?|<[^<>]{1,120}>|(?:Cell|Input) In ?\[\d{1,9}\]"
_FRAME = re.compile(_MARGIN + r'File "(?P<file>[^"]{1,500})", line (?P<line>\d{1,9})(?:, in .*)?$')
_SHORT_FRAME = re.compile(rf"^(?P<file>{_FILE}):(?P<line>\d{{1,9}}): in .*$")  # of pytest
_HEADER = re.compile(
    rf"^\W{{0,4}}?(?:File )?(?P<file>(?:[~/\\.]|\b)?(?:{_FILE}))(?::\d{{1,9}})?(?:,? (?:in|line) .*)?$"
)
_ARROW = re.compile(_MARGIN + r"(?:-+>|❱) (?P<line>\d{1,9})\s(?P<code>.*)")
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
_LAYER = re.compile(
    r"[/\\]torch[/\\](?:nn[/\\]modules|utils[/\\]data[/\\]_utils)[/\\](?!module\.|container\.)(\w+\.py)$"
)
#: A module that calls others: of torch, or of another package.
_CONTAINER = re.compile(r"[/\\]container\.py$|-packages[/\\](?!torch[/\\])\w+[/\\]")
_CALLED = re.compile(r"(?<![\w.])(self(?:\.\w+|\[\w+\])+|[A-Za-z_]\w*)\(")
#: What people call the layers of a file of torch's.
_USUAL = {
    "conv.py": "conv|stem|down|up",
    "linear.py": "fc|lin|dense|head|classif|proj|out|mlp",
    "batchnorm.py": "bn|norm",
    "instancenorm.py": "in|norm",
    "normalization.py": "ln|gn|norm",
    "pooling.py": "pool",
    "rnn.py": "rnn|lstm|gru|enc|dec",
    "sparse.py": "emb",
    "activation.py": "attn|att|mha|relu|prelu",
}


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


class Pasted:
    """What a pasted text says of one error.

    Attributes:
        type: its type, ``RuntimeError``, or nothing.
        message: the error in one line, without its type.
        where: ``file:line`` of the user's own line, or nothing.
        line: that line of code, or nothing.
        name: the layer that the line calls, ``self.fc1``, or ``self.layers[...]`` for one of a Sequential, or
            nothing where that is not clear.
        library: torch's file of the layer that refused, ``linear.py``, or nothing.
        entered: whether torch's own lines follow: the line calls a module that refuses, or one in it.
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
                self.name = _called(frame.code, frame.part)
                last = frame
                continue
            self.entered = True
            layer = _LAYER.search(frame.file)
            self.library = layer[1] if layer else self.library
            contained = contained or bool(_CONTAINER.search(frame.file))
        if self.line and not self.name:
            self.name = _usual(last.part, self.library)
        if self.name and contained:
            self.name += "[...]"


def read(text: str) -> list[Pasted]:
    """Return the errors in `text`, the one that it is about first.

    That is the last one, and of a chain of exceptions the first, which caused the others. Where no line looks like
    an error, all of the text is the message.
    """
    lines = _cleaned(text)
    starts = [(at, found) for at, each in enumerate(lines) if (found := _ERROR.match(each))]
    if not starts:
        whole = _joined(lines)
        return [Pasted("", whole, list(_frames(lines)))] if whole else []
    errors: list[Pasted] = []
    chain: list[Pasted] = []
    begin, behind = 0, ""
    for number, (at, first) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(lines)
        tail = lines[at + 1 : end]
        stop = next((n for n, each in enumerate(tail) if _END.search(each)), len(tail))
        frames = [*_frames(lines[begin:at], tail[:stop]), *_user_code(tail[stop:])]
        pasted = Pasted(first[1], _joined([first[2], *tail[:stop]]), frames)
        if behind and not _CHAINED.search(behind):
            errors, chain = [*chain, *errors], []
        chain += [*_assertion(lines[begin:at], pasted), pasted]
        begin, behind = at + 1, "\n".join(tail) or " "
    errors = [*chain, *errors]
    _share_places(errors)
    return errors


def _cleaned(text: str) -> list[str]:
    """Return the lines without what terminals, logs, mails and Colab add to them."""
    lines = _CONTROLS.sub("", text[-_LONGEST:]).splitlines()
    quoted = sum(line.startswith(">") for line in lines)
    if quoted > 1 and quoted > 0.8 * sum(map(bool, lines)):
        lines = [line[1:].removeprefix(" ") for line in lines]
    return list(map(_bare, lines))


def _bare(line: str) -> str:
    while (found := _PREFIX.match(line)) and found.end():
        line = line[found.end() :]
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
            yield from _frames(lines[at + 1 :])
            return


def _assertion(lines: list[str], pasted: Pasted) -> list[Pasted]:
    """Return what a kernel on the GPU says of itself before its error, which says nothing."""
    if "device-side assert" not in pasted.message:
        return []
    said = [line for line in lines if "Assertion `" in line]
    return [_placed(Pasted("", " ".join(said[-1].split()), []), pasted)] if said else []


def _share_places(errors: list[Pasted]) -> None:
    """Give errors without a line of the user's the one of the nearest error that has it."""
    for at, each in enumerate(errors):
        if not each.line:
            for other in (*errors[at + 1 :], *reversed(errors[:at])):
                if other.line:
                    library = each.library
                    _placed(each, other)
                    each.library = library or other.library
                    break


def _placed(pasted: Pasted, other: Pasted) -> Pasted:
    vars(pasted).update(vars(other), type=pasted.type, message=pasted.message)
    return pasted


def _frames(lines: list[str], tail: list[str] | tuple[()] = ()) -> Iterator[Frame]:
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
    if not code.strip(" |") or _FRAME.match(code) or _ERROR.match(code):
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


def _called(line: str, part: str) -> str:
    """Return the one layer that is called in `part` of a line, or nothing."""
    if part.strip() != line:
        return _outermost(part.strip(), line)
    layers = [name for name in _CALLED.findall(part) if name.startswith("self.")]
    return str(layers[0]) if len(layers) == 1 else ""


def _outermost(part: str, line: str) -> str:
    """Return what is called in the marked part of a line; what stands in its brackets has been worked out."""
    if part and f"{part}(" in line:
        return part  # TorchScript marks the name alone
    try:
        called = ast.parse(part, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    name = ast.unparse(called.func) if isinstance(called, ast.Call) else ""
    return name if _CALLED.fullmatch(f"{name}(") else ""


def _usual(part: str, library: str) -> str:
    """Return the one layer in a line whose name goes with torch's file that refused, or nothing."""
    usual = _USUAL.get(library)
    if not usual:
        return ""
    names = [n for n in _CALLED.findall(part) if n.startswith("self.")]
    like = [n for n in names if re.search(rf"(?:{usual})", n.rpartition(".")[2], re.IGNORECASE)]
    return str(like[0]) if len(like) == 1 else ""
