"""Mistakes of spelling that keep an expression from being read at all, and what may be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import SpecError
from .syntax import Expression

#: Quotes as text processors write them.
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")
_ASSIGNED = re.compile(r"^(?:self\.)?\w+\s*=\s*(?=[\w.]+\()")
_REMARK = re.compile(r"(?<=\))\s*//.*$")
_COLON = re.compile(r"(?<=[(,])(\s*)(\w+)\s*:\s*(?=\S)")
_RESERVED = re.compile(r"\bin(?=\s*=)")
#: A size as an input has it: ``kernel_size=3x3``.
_TIMES = re.compile(r"(?<=[(,=\s])(\d+)x(\d+)(?:x(\d+))?(?=\s*[,)])")
_REPEATED = re.compile(r"^(\d+)\s*[x×]\s*(?=[A-Za-z])")
_SPACED = re.compile(r"([A-Za-z_][\w.]*)((?:\s+[\d.]+)+)")


def parsed(text: str) -> Expression | None:
    """Return a text as an expression, or None where it cannot be read."""
    try:
        return Expression(text, lambda start, end: ("", ""))
    except SpecError:
        return None


def readings(text: str) -> Iterator[str]:
    """Yield a text with the mistakes of spelling fixed, that keep it from being read at all."""
    text = _ASSIGNED.sub("", text.translate(_STRAIGHT))
    text = _REMARK.sub("", text).rstrip(" ,;")
    text = _RESERVED.sub("in_", _REPEATED.sub(r"\1 * ", text))
    text = _TIMES.sub(lambda sizes: f"({', '.join(filter(None, sizes.groups()))})", text)
    spaced = _SPACED.fullmatch(text)
    text = f"{spaced[1]}({', '.join(spaced[2].split())})" if spaced else text
    for reading in (text, _with_equals(text)):
        yield reading
        yield reading + ")"
        yield reading[:-1] + "')" if reading.count("'") % 2 else reading
        yield reading[:-1] + '")' if reading.count('"') % 2 else reading
        for comma in re.finditer(r"(?<=\w) +(?=[\w'\"])", reading):
            yield reading[: comma.start()] + ", " + reading[comma.end() :]


def _with_equals(text: str) -> str:
    """Return a text with ``=`` for the colon behind the name of an argument."""
    return _COLON.sub(lambda part: f"{part[1] or ''}{part[2]}=", text)
