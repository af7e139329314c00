"""Standard streams that are closed, full, or read by nobody any more."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from typing import Any

from ..files import reason
from ..wording import visible


def open_closed() -> None:
    """Put streams in the place of those that were closed before the program began.

    Reading and writing them fails as of any closed stream; and no file that is opened later gets
    their numbers, by which programs that are started would write into it.
    """
    for name, mode, access in (
        ("stdin", "r", os.O_WRONLY),
        ("stdout", "w", os.O_RDONLY),
        ("stderr", "w", os.O_RDONLY),
    ):
        if getattr(sys, name) is None:
            stream = open(os.open(os.devnull, access), mode, 1, "utf-8")  # noqa: SIM115
            setattr(sys, name, stream)


def buffer() -> None:
    """Put a buffer before stdout and stderr, which have none under ``python -u``.

    Without one Python drops, and reports as written, what a full disk or a broken pipe does not
    take of a text.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(getattr(stream, "buffer", None), FileIO):
            kept = {"encoding": stream.encoding, "errors": stream.errors, "closefd": False}
            setattr(sys, name, open(stream.fileno(), "w", 1, **kept))  # noqa: SIM115


#: Why a stream cannot be written. Its errors have no file name.
_UNWRITABLE = (errno.EBADF, errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EINVAL, errno.EAGAIN)


def lost(error: OSError) -> int:
    """Report an error of the system on stderr, if it is left; return the exit status.

    Nothing is said of a broken pipe: who reads only the head of an answer, as in ``| head``, has
    all that was wanted. What still waits to be written is given up, for the end of the process
    would fail with it.
    """
    with suppress(OSError, ValueError):
        if not isinstance(error, BrokenPipeError):
            output = error.filename is None and error.errno in _UNWRITABLE
            what = "cannot write the output" if output else error.filename
            sys.stderr.write(f"error: {f'{what}: ' if what else ''}{reason(error)}\n")
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
                stream.flush()
    return 2


class _Unwritten(BaseException):
    """What could not be written, as no error of the system's that Typer would judge by itself."""


class _Watched:
    """A stream whose failures are `_Unwritten`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        try:
            self._stream.write(painted_help(visible(text), self._stream))
        except OSError as error:
            raise _Unwritten from error

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            raise _Unwritten from error


#: A heading, or the names of an option, an argument or a command.
_HELP = r"(?m)^(?:((?:  )?[A-Z][a-z]+:)|  (\S+(?:, \S+)*)(?= {2}| [A-Z<{\[(]|$))"


def painted_help(text: str, stream: Any) -> str:
    """Return a page of help in colours if the stream shows them: headings bold, names cyan."""
    from ..render.text import painter, wants_colors

    if not (text.startswith("Usage: ") and wants_colors(stream)):
        return text
    paint = painter(True)
    return re.sub(
        _HELP,
        lambda part: paint(part[1], "heading") if part[1] else f"  {paint(part[2], 'name')}",
        text,
    )


@contextmanager
def watched() -> Iterator[None]:
    """Keep what fails in writing from Typer, which takes a broken pipe for status 1.

    Raises:
        OSError: something could not be written.
    """
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_Watched, before)
    try:
        yield
    except _Unwritten as unwritten:
        raise unwritten.__cause__ or OSError from None
    finally:
        sys.stdout, sys.stderr = before
