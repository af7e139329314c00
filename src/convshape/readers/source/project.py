"""Where the packages of the user's project are: the folders above a file."""

from __future__ import annotations

import os
from collections.abc import Iterator

#: What marks the top folder of a project, and how many folders further up one is looked for.
_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
_FOLDERS = 6


def folders_above(folder: str) -> Iterator[str]:
    """Yield the folders of the project that a folder is in, the nearest first."""
    folder = os.path.dirname(os.path.join(folder, ""))
    for _ in range(_FOLDERS):
        yield from (folder, os.path.join(folder, "src"))
        above = os.path.dirname(folder)
        is_top = any(os.path.exists(os.path.join(folder, mark)) for mark in _MARKS)
        if is_top or above in (folder, os.path.dirname(above), os.path.expanduser("~")):
            return
        folder = above


def has_python(path: str) -> bool:
    """Return whether a folder is a package: it has Python in it, or one folder below.

    A repository of that name, which has the package in it, is none.
    """
    inner = os.path.join(path, os.path.basename(path))
    if os.path.isdir(inner) and not os.path.isfile(os.path.join(path, "__init__.py")):
        return False
    from glob import escape, iglob

    files = (os.path.join(escape(path), pattern) for pattern in ("*.py", "*/*.py"))
    return any(any(iglob(pattern)) for pattern in files)
