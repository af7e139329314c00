"""The known errors of torch: the tables in ``known/``, a file a family.

A line that is not indented names a kind of errors. Below it are:

    error   what is in the message of torch 2.13, all white space one blank; <n> is a number in it,
            <sizes[]> a shape, <words*> a few words
    old     the same of an older torch, from public reports
    values  the function of ``details/`` that adds values to those found
    means   what happened; {n} is the value n, {sizes!r} writes a shape as in code
    layer   what it was likely to be
    write   what to write instead | in which case; it is left out where one of its values, or the
            one after ``if``, does not apply

The first kind that fits a message explains it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import SpecError
from ..files import packaged
from ..shapetorch.arguments import shape
from . import details
from .traceback import Pasted

Answer = tuple[str, str, list[tuple[str, str]]]

#: The families, in the order in which they are asked.
FAMILIES = (
    "convolution", "linear", "pooling", "padding", "normalisation", "recurrent", "attention",
    "indices", "losses", "devices", "memory", "dtypes", "state_dict", "views", "joining",
    "elementwise", "products", "resampling", "training", "calls", "python",
)  # fmt: skip

_NUMBER = r"-?\d{1,18}"
_SHAPE = rf"(?:torch\.Size)?[\[(]*((?:{_NUMBER}(?:(?:\s?[x×,]\s?|\s){_NUMBER}){{0,30}})?),?[\])]*"
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
        errors: what is in the messages, as the table has it.
        old: the same of older versions of torch.
    """

    def __init__(self, name: str, family: str) -> None:
        self.name = name
        self.family = family
        self.errors: list[str] = []
        self.old: list[str] = []
        self._values: Callable[[dict[str, Any]], dict[str, Any]] = lambda values: {}
        self._texts = {"means": "", "layer": ""}
        self._writes: list[tuple[str, str]] = []  # of what it depends, and the text

    def add(self, key: str, text: str) -> None:
        """Take in a line of the table."""
        if key == "error":
            self.errors.append(text)
        elif key == "old":
            self.old.append(text)
        elif key == "values":
            self._values = details.function(text)
        elif key.startswith("write"):
            self._writes.append((key.partition(" if ")[2], text))
        else:
            self._texts[key] += text

    def explain(self, pasted: Pasted) -> Answer | None:
        """Return the meaning, the layer and the fixes of an error of this kind, or None."""
        known = {"message": pasted.message, "line": pasted.line, "library": pasted.library}
        for error in (*self.errors, *self.old):
            values = fields(error, pasted.message)
            if values is None:
                continue
            try:
                values |= self._values({**known, **values})
            except SpecError:
                raise
            except (ValueError, IndexError, ZeroDivisionError):
                return None  # torch does not write such numbers
            means, layer = (text.format_map(values) for text in self._texts.values())
            return means, layer, list(self._fixes(values))
        return None

    def _fixes(self, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for condition, text in self._writes:
            names = [condition, *_NAMED.findall(text)] if condition else _NAMED.findall(text)
            if not any(
                values[name] is None or values[name] is False or values[name] == ""
                for name in names
            ):
                code, _, when = text.format_map(values).partition(" | ")
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
    """Read the tables."""
    kinds: list[Kind] = []
    folder = os.path.join(os.path.dirname(__file__), "known")
    for family in FAMILIES:
        title, *lines = packaged(folder, f"{family}.txt").splitlines()
        for line in lines:
            key, colon, text = line.strip().partition(": ")
            if line.startswith("  ") and colon:
                kinds[-1].add(key, text)
            elif line:
                kinds.append(Kind(line, title.removeprefix("# ")))
    return kinds
