"""The errors of torch's that are known: the table in ``kinds.txt``, which says how to read it at its top."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from ..shapetorch.arguments import shape
from . import values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_NUMBER = r"-?\d{1,18}"
_SHAPE = rf"(?:torch\.Size)?[\[(]*((?:{_NUMBER}(?:\s?[x,]\s?{_NUMBER}){{0,30}})?),?[\])]*"
#: What stands for a field in an error, and what is made of the text that it finds.
_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "": (f"({_NUMBER})", int),
    "[]": (_SHAPE, lambda text: Sizes(map(int, re.findall(_NUMBER, text)))),
    "*": (r"(.{0,80}?)", str),
}
_FIELD = re.compile(r"<(\w+)(\[\]|\*)?>")
_NAMED = re.compile(r"(?<!\{)\{(\w+)")


class Sizes(tuple[int, ...]):
    """A shape: ``2×3`` in words, and with ``!r`` ``(2, 3)`` as in code."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return shape(self)


class Kind:
    """The errors of one kind.

    Attributes:
        name: what it is called.
        family: what it is about.
    """

    def __init__(self, name: str, family: str) -> None:
        self.name = name
        self.family = family
        self._errors: list[tuple[re.Pattern[str], list[tuple[str, Callable[[str], Any]]]]] = []
        self._values: Callable[[dict[str, Any]], dict[str, Any]] = lambda found: {}
        self._texts = {"means": "", "layer": ""}
        self._writes: list[tuple[str, str]] = []  # of what it depends, and the text

    def add(self, key: str, text: str) -> None:
        """Take in a line of the table."""
        if key == "error":
            parts = _FIELD.split(text)
            forms = [_FIELDS[form or ""] for form in parts[2::3]]
            pattern = re.escape(parts[0])
            for (form, _), after in zip(forms, parts[3::3], strict=True):
                pattern += form + re.escape(after)
            if parts[-2:] == ["*", ""]:  # words at the end are one word
                pattern += r"(?=[.!,;]?(?:\s|$))"
            reads = [read for _, read in forms]
            self._errors.append((re.compile(pattern), list(zip(parts[1::3], reads, strict=True))))
        elif key == "values":
            self._values = getattr(values, text)
        elif key.startswith("write"):
            self._writes.append((key.partition(" if ")[2], text))
        else:
            self._texts[key] += text

    def explain(self, message: str, **known: str) -> tuple[str, str, list[tuple[str, str]]] | None:
        """Return what an error of this kind means, the layer, and what to write in which case; or nothing.

        Args:
            message: the error in one line.
            known: what else the values may depend on.
        """
        for pattern, fields in self._errors:
            match = pattern.search(message)
            if match is not None:
                found = {name: read(text) for (name, read), text in zip(fields, match.groups(), strict=True)}
                found |= self._values({**found, **known})
                means, layer = (text.format_map(found) for text in self._texts.values())
                return means, layer, list(self._fixes(found))
        return None

    def _fixes(self, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for condition, text in self._writes:
            if all(
                found[name] not in (None, "", False) for name in (condition, *_NAMED.findall(text)) if name
            ):
                code, _, when = text.format_map(found).partition(" | ")
                yield code, when


def read() -> list[Kind]:
    """Read the table."""
    kinds: list[Kind] = []
    family = ""
    with open(os.path.join(os.path.dirname(__file__), "kinds.txt"), encoding="utf-8") as file:
        lines = file.read().partition("\n\n")[2].splitlines()
    for line in lines:
        key, colon, text = line.strip().partition(": ")
        if line.startswith("# "):
            family = line[2:]
        elif line.startswith("  ") and colon:
            kinds[-1].add(key, text)
        elif line:
            kinds.append(Kind(line, family))
    return kinds
