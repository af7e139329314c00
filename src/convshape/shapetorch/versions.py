"""Versions as sources compare them."""

from __future__ import annotations

import re
from typing import Any


def _numbers(version: Any) -> list[int]:
    parts = version if isinstance(version, tuple) else str(version).partition("+")[0].split(".")
    numbers = [int(re.match(r"\d*", str(part))[0] or 0) for part in parts]  # type: ignore[index]
    while numbers and not numbers[-1]:  # 2.6 is 2.6.0
        numbers.pop()
    return numbers


class Version(str):
    """A version that compares by its numbers, also with text: ``torch.__version__``."""

    __slots__ = ()

    def __lt__(self, other: Any) -> bool:
        return _numbers(self) < _numbers(other)

    def __le__(self, other: Any) -> bool:
        return _numbers(self) <= _numbers(other)

    def __gt__(self, other: Any) -> bool:
        return _numbers(self) > _numbers(other)

    def __ge__(self, other: Any) -> bool:
        return _numbers(self) >= _numbers(other)


class Release:
    """What ``packaging.version.parse`` makes of a version, where that is not installed."""

    def __init__(self, version: Any) -> None:
        self._version = str(version)

    __lt__, __le__, __gt__, __ge__ = Version.__lt__, Version.__le__, Version.__gt__, Version.__ge__

    def __eq__(self, other: object) -> bool:
        return _numbers(self) == _numbers(other)

    def __hash__(self) -> int:
        return hash(self.release)

    def __str__(self) -> str:
        return self._version

    @property
    def release(self) -> tuple[int, ...]:
        """Its numbers."""
        return tuple(_numbers(self))

    @property
    def base_version(self) -> str:
        """Its numbers as text, without what names a build."""
        return self._version.partition("+")[0]

    version = release

    def __getattr__(self, name: str) -> int:
        if name not in ("major", "minor", "micro"):
            raise AttributeError(f"a version has no attribute {name!r}")
        return (*self.release, 0, 0, 0)[("major", "minor", "micro").index(name)]
