"""``explain``: what an error of torch's means."""

from __future__ import annotations

import os
import sys

from ..errors import SpecError
from .output import json_error, reported, write, write_json
from .parameters import JSON, argument

_END = 2**20


def explain(
    words: list[str] = argument(
        default=["-"],
        metavar="[ERROR|FILE]...",
        help="The error, a file that holds it, or - for standard input: a whole traceback will do.",
        many=True,
    ),
    json: bool = JSON,
) -> None:
    """What an error of torch's means, which layer it was, and what to write instead.

    Example: convshape explain 'mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)'
    """
    with reported(json_error if json else None):
        from ..torch_errors import explain as explained

        answer = explained(_text(words))
    if json:
        write_json({"schema": 1, **answer.to_dict(), "error": None})
        return
    from ..render.explanation import explanation_text

    write(explanation_text(answer))


def _text(words: list[str]) -> str:
    """Return what is to be explained: words, or what a file or standard input holds."""
    if words in ([], ["-"]):
        return _pasted()
    if len(words) > 1:
        return " ".join(words)
    [word] = words
    if len(word) < 1000 and os.path.isfile(word):
        return _read(word)
    if os.path.isdir(word):
        raise SpecError(f"cannot read {word}: it is a folder", fix="a file, or the error itself")
    if not any(map(str.isspace, word)) and os.path.splitext(word)[1] in _ENDINGS:
        raise SpecError(
            f"cannot read {word}: no such file", fix="convshape explain < FILE, or the error itself"
        )
    return word


_ENDINGS = (".txt", ".log", ".out", ".err", ".py", ".ipynb", ".md")


def _read(path: str) -> str:
    """Return the end of a file, which may be the log of a night."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - _END))
            return _decoded(file.read())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SpecError(f"cannot read {path}: {reason}") from None


def _pasted() -> str:
    """Return the end of standard input."""
    if sys.stdin.isatty():
        print("paste the error, then end the input: Ctrl-D", file=sys.stderr)
    end = b""
    while chunk := sys.stdin.buffer.read(_END):
        end = (end + chunk)[-_END:]
    return _decoded(end)


def _decoded(data: bytes) -> str:
    """Read UTF-8, or the UTF-16 that PowerShell writes."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[1:8:2] == b"\0\0\0\0"
    return data.decode("utf-16" if wide else "utf-8", "replace").lstrip("\ufeff")
