"""The known errors of torch: the table in ``catalogue.txt``, which says at its top how to read it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from ..errors import SpecError
from ..files import packaged
from ..shapetorch.arguments import shape
from . import details

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
        errors: what stands in the messages, as the table has it.
    """

    def __init__(self, name: str, family: str) -> None:
        self.name = name
        self.family = family
        self.errors: list[str] = []
        self._values: Callable[[dict[str, Any]], dict[str, Any]] = lambda found: {}
        self._texts = {"means": "", "layer": ""}
        self._writes: list[tuple[str, str]] = []  # of what it depends, and the text

    def add(self, key: str, text: str) -> None:
        """Take in a line of the table."""
        if key == "error":
            self.errors.append(text)
        elif key == "values":
            self._values = getattr(details, text)
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
        for error in self.errors:
            found = fields(error, message)
            if found is None:
                continue
            try:
                found |= self._values({**found, **known})
            except SpecError:
                raise
            except (ValueError, IndexError, ZeroDivisionError):
                return None  # torch does not write such numbers
            means, layer = (text.format_map(found) for text in self._texts.values())
            return means, layer, list(self._fixes(found))
        return None

    def _fixes(self, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for condition, text in self._writes:
            names = [condition, *_NAMED.findall(text)] if condition else _NAMED.findall(text)
            if not any(
                found[name] is None or found[name] is False or found[name] == "" for name in names
            ):
                code, _, when = text.format_map(found).partition(" | ")
                yield code, when


def fields(error: str, message: str) -> dict[str, Any] | None:
    """Return the values of the fields of `error` in a message that has it, or None."""
    parts = _FIELD.split(error)
    if not all(text in message for text in parts[::3]):
        return None  # which costs less than making the pattern
    forms = [_FIELDS[form or ""] for form in parts[2::3]]
    pattern = re.escape(parts[0])
    for (form, _), after in zip(forms, parts[3::3], strict=True):
        pattern += form + re.escape(after)
    if parts[-2:] == ["*", ""]:  # words at the end are one word
        pattern += r"(?=[.!,;]?(?:\s|$))"
    match = re.search(pattern, message)
    return match and {
        name: read(text)
        for name, (_, read), text in zip(parts[1::3], forms, match.groups(), strict=True)
    }


def read() -> list[Kind]:
    """Read the table."""
    kinds: list[Kind] = []
    family = ""
    text = packaged(os.path.dirname(__file__), "catalogue.txt")
    lines = text.partition("\n\n")[2].splitlines()
    for line in lines:
        key, colon, text = line.strip().partition(": ")
        if line.startswith("# "):
            family = line[2:]
        elif line.startswith("  ") and colon:
            kinds[-1].add(key, text)
        elif line:
            kinds.append(Kind(line, family))
    return kinds
