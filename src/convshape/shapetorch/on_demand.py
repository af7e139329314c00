"""Packages that load their files when a name is asked for: most networks need few of torch's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any


class Files:
    """The files of a package, which are loaded in order until one has the name that is asked for.

    Args:
        names: the globals of the package, which get the names of each file that is loaded.
        files: the files, those that most networks need first.
        has: whether a value of the file of this name is one of the package.
    """

    def __init__(
        self, names: dict[str, Any], files: str, has: Callable[[object, str], bool]
    ) -> None:
        self._names = names
        self._files = files.split()
        self._has = has

    def find(self, name: str) -> Any:
        """Return what the package has by this name.

        Raises:
            AttributeError: it has nothing.
        """
        if name[:1] not in ("", "_"):
            for file in self._files:
                names = self._load(file)
                if name in names:
                    return names[name]
        raise AttributeError(f"module {self._names['__name__']!r} has no attribute {name!r}")

    @cached_property
    def all(self) -> dict[str, Any]:
        """All that the package has, by name."""
        return {name: value for file in self._files for name, value in self._load(file).items()}

    def _load(self, file: str) -> dict[str, Any]:
        home = import_module(f"{self._names['__name__']}.{file}")
        names = {
            name: value
            for name, value in vars(home).items()
            if name[0] != "_" and self._has(value, home.__name__)
        }
        self._names.update(names)
        return names
