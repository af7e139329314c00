"""One file a format, each: text to a module and its inputs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ..errors import SpecError

if TYPE_CHECKING:
    from typing import Any

    from ..run.program import Program

#: Larger than any network that a person or a generator writes, and read in a moment.
_LARGEST = 64 * 2**20
#: How a printed model begins and no network file does: ``Name(`` or ``Name(...)`` alone in the first line.
_PRINTED = r"\s*[^\W\d]\w*\(([^\n]*\))?[ \t\r]*(\n|\Z)"


def load(path: str, **options: Any) -> Program:
    """Read the network in the file `path`, or in standard input where it is ``-``.

    Args:
        path: a network file, or the text of ``print(model)``: what it holds decides.
        options: as `network.read`: `input`, `batch`, `constants`.

    Raises:
        SpecError: there is no such file, or it cannot be read.
        ShapeError: it has a layer that torch would refuse to make.
    """
    import re

    text, name = text_of(path), "<stdin>" if path == "-" else path
    if re.match(_PRINTED, text):
        from .printed import read

        return read(text, name, **options)
    from .network import read as read_network

    return read_network(text, name, **options)


def source_parts(target: str) -> tuple[str, str] | None:
    """Return the file or module of PyTorch source, and what is named in it; None for another kind of file.

    ``lenet.py``, ``lenet.py:LeNet(2)`` and ``package.file:LeNet`` are source.
    """
    end = target.find(".py:", 1)
    if end > 0:
        return target[: end + 3], target[end + 4 :].strip()
    if target.endswith(".py") and target != ".py":
        return target, ""
    home, _, name = target.partition(":")
    named = all(map(str.isidentifier, (*home.split("."), name[:1])))
    return (home, name.strip()) if named and not os.path.exists(target) else None


def text_of(path: str) -> str:
    """Return the text of a file, or of standard input where `path` is ``-``; say what is wrong with it."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(_LARGEST + 1)
    except IsADirectoryError:
        raise SpecError(f"{path} is a directory, not a network file") from None
    except FileNotFoundError:
        raise SpecError(f"there is no file {path}", fix=_nearby(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecError(f"cannot read {path!r}: {reason}") from None
    if len(data) > _LARGEST:
        raise SpecError(f"{path} is larger than {_LARGEST >> 20} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        fix = "save it as UTF-8" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        where = f"{path}:{line}:{column}"
        raise SpecError(
            "this is no text in UTF-8 (is it a binary file?)", where=where, fix=fix
        ) from None
    if "\0" in text:
        raise SpecError(f"{path} is a binary file, not a network file")
    return text


def _nearby(path: str) -> str:
    """Suggest the file of the same folder with a similar name."""
    from difflib import get_close_matches

    folder, name = os.path.split(path)
    try:
        files = {os.path.splitext(each)[0]: each for each in sorted(os.listdir(folder or "."))}
    except OSError:
        return ""
    near = get_close_matches(
        os.path.splitext(name)[0], files, n=1
    )  # an ending would make all alike
    return f"did you mean {os.path.join(folder, files[near[0]])}?" if near else ""
