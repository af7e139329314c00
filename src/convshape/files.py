"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from errno import EEXIST


def write_atomically(path: str | os.PathLike[str], text: str | bytes, *, new: bool = False) -> None:
    """Write a file at once: who reads it meanwhile has the old text or the new, never a part.

    The text goes to a file beside it, which then takes its name. A link is followed, and the
    permissions of what was there stay. What is no regular file, such as ``/dev/stdout``, is
    written to as it stands.

    Args:
        path: the file.
        text: what it is to hold: text in UTF-8, its line ends as they are; or bytes.
        new: refuse to write over a file that is there.

    Raises:
        FileExistsError: there is one, and it was to be new.
        OSError: it cannot be written; what was there stays.
    """
    data = text.encode("utf-8") if isinstance(text, str) else text
    home = os.path.realpath(path)
    if new and os.path.lexists(path):
        raise FileExistsError(EEXIST, os.strerror(EEXIST), os.fspath(path))
    if os.path.exists(home) and not os.path.isfile(home):
        with open(home, "wb") as device:
            device.write(data)
        return
    draft = os.path.join(os.path.dirname(home), f".convshape-{os.urandom(6).hex()}.tmp")
    try:
        with open(draft, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            os.chmod(draft, os.stat(home).st_mode & 0o7777)
        os.replace(draft, home)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)
