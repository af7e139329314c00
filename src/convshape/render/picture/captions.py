"""What is written below the volumes of a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..numbers import shapes_text
from .network import Layer
from .svg import shortened, tail

#: How many characters a name and a line of calls have at most.
_NAME, _CALL = 24, 20


def caption(layers: Sequence[Layer]) -> Iterator[tuple[str, str]]:
    """Yield the lines below some layers: the output, their names and what they are."""
    yield shapes_text(layers[-1].shapes[:1]) if layers[-1].shapes else layers[-1].out, "size"
    names = list(dict.fromkeys((layers[0].name, layers[-1].name)))
    if len(" – ".join(names)) <= _NAME:
        yield " – ".join(names), ""
    else:
        yield from (
            (tail(name, _NAME) + " –" * (i < len(names) - 1), "") for i, name in enumerate(names)
        )
    counts: dict[str, int] = {}
    for call, alike in groupby(layer.call.partition("(")[0] for layer in layers):
        counts[call] = counts.get(call, 0) + len(list(alike))
    words = [f"{call} ×{count}" if count > 1 else call for call, count in counts.items()]
    line = ""
    for word in words:
        if line and len(line) + len(word) > _CALL:
            yield f"{line},", "call"
            line = ""
        line = f"{line}, {word}" if line else shortened(word, 2 * _CALL)
    yield line, "call"
