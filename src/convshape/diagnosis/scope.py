"""Names that may be meant in a line: those that its function, or its block, takes."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..edits import Source
    from ..errors import Edit
    from ..rewrites import Rewrite, Sources


def renamed(where: str, name: str, argument: str, order: Sequence[str]) -> Rewrite:
    """Give an argument of a call the name of another value: ``BatchNorm2d(cin)`` that of `cout`."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        source, line = sources.at(where) or (None, 0)
        names = parameters_at(source, line) if source else []
        for call in sources.calls(where, name) if names else ():
            node = call.argument(argument, order)
            for other in names:
                is_other = isinstance(node, ast.Name) and node.id != other
                if is_other or (node is None and other == argument):
                    yield call.with_arguments({argument: other}, order)

    return rewrite


def parameters_at(source: Source, line: int) -> list[str]:
    """Return the names that the function, or the block, which a line is in takes."""
    above = source.text[: source.span(line)[1]]
    heads = re.findall(r"(?m)^\s*(?:def \w+|[A-Z]\w*)\(([^()]*)\)[^:\n]*:\s*$", above)
    parts = heads[-1].split(",") if heads else []
    names = [re.split(r"[=:]", part)[0].strip() for part in parts]
    return [name for name in names if name.isidentifier() and name != "self"]
