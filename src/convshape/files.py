"""Files: written so that nothing is lost, and what the system says where it refuses."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from stat import S_IMODE, S_ISREG
from typing import Any

from .errors import SpecError


def write_atomically(
    path: str | os.PathLike[str], content: str | bytes, *, new: bool = False
) -> None:
    """Write a file whole or not at all, through a temporary file in the same folder.

    What is at `path` stays until all is on the disk: a full disk, a signal or an error leaves
    it as it was. Its permissions are kept, and a symbolic link goes on pointing to it. What is no
    regular file (a pipe, a device) is written to as it is.

    Args:
        path: the file.
        content: what is to be in it; text is written in UTF-8, line ends as they are.
        new: whether a file that is there already is an error.

    Raises:
        FileExistsError: there is such a file, and it is to be `new`.
        SpecError: it cannot be written.
    """
    path = os.fspath(path)
    data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    try:
        if new:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            _write(os.path.realpath(path), data)
        except BaseException:
            if new:
                os.unlink(path)
            raise
    except FileExistsError:
        raise
    except (OSError, ValueError) as error:
        raise SpecError(f"cannot write {path}: {reason(error)}") from None


def _write(path: str, data: bytes) -> None:
    """Write the file at `path`, which is not a symbolic link."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        status = None
    if status is not None:
        with open(path, "r+b" if S_ISREG(status.st_mode) else "wb") as file:  # may it be written?
            if not S_ISREG(status.st_mode):
                file.write(data)
                return
    temporary = os.path.join(os.path.dirname(path), f".convshape-{os.urandom(6).hex()}.tmp")
    try:
        with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if status is not None:
            with suppress(OSError):  # of somebody else, or on a file system that knows no owners
                os.chown(temporary, status.st_uid, status.st_gid)
            os.chmod(temporary, S_IMODE(status.st_mode))
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def keep_apart(output: str, *inputs: str | int) -> None:
    """Refuse to write over a file that is read, by whatever name.

    Args:
        output: the file to be written; empty for none.
        inputs: the files that are read, by name or descriptor.

    Raises:
        SpecError: they are the same.
    """
    for input in inputs:
        try:
            same = os.path.isfile(output) and os.path.samefile(input, output)
        except (OSError, ValueError):  # what is wrong with it is told where it is read
            continue
        if same:
            raise SpecError(
                f"{output} is the traced file: it is not overwritten", fix="-o with another name"
            )


def packaged(folder: str, name: str) -> str:
    """Return the text of a file of the package, which may be in a zip archive.

    Args:
        folder: its folder, from the ``__file__`` of a module.
        name: the file.
    """
    loader: Any = __spec__.loader
    data: bytes = loader.get_data(os.path.join(folder, name))
    return data.decode()


def standard_input(size: int) -> bytes:
    """Return at most `size` bytes of standard input.

    Raises:
        SpecError: it is closed, or cannot be read.
    """
    try:
        if sys.stdin is None:
            raise OSError("it is closed")
        return sys.stdin.buffer.read(size)
    except OSError as error:
        raise SpecError(f"cannot read standard input: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Return why a file cannot be read or written, as the system says it."""
    return (getattr(error, "strerror", None) or str(error)).lower()
