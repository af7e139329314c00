"""Names that may be meant in a line: those that its function takes, or a loop around it gives."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..edits import Source
    from ..fixes import Edit
    from ..rewrites import Rewrite, Sources


#: Arguments on which sizes hang: there, only a name that is the same is meant.
SIZES = {"kernel_size", "padding", "stride", "dilation", "output_padding"}
#: By how many directions, parts or tensors that are joined a size is multiplied.
_FACTORS = (2, 3, 4)


def renamed(where: str, name: str, argument: str, order: Sequence[str]) -> Rewrite:
    """Give an argument of a call the name of another value: ``BatchNorm2d(cin)`` that of `cout`."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        source, line = sources.at(where) or (None, 0)
        if source is None:
            return
        names = [*looped(source, line), *parameters_at(source, line)]
        names = [other for other in names if argument not in SIZES or other == argument]
        for call in sources.calls(where, name) if names else ():
            node = call.argument(argument, order)
            is_name = isinstance(node, (ast.Name, ast.Subscript))
            for other in names:
                is_other = node is not None and is_name and call.part(node) != other
                if is_other or (node is None and other == argument):
                    yield call.with_arguments({argument: other}, order)

    return rewrite


def enlarged(
    where: str,
    name: str,
    argument: str,
    order: Sequence[str],
    old: object,
    new: object,
    joined: bool,
) -> Rewrite:
    """Give an argument a multiple of the value that it names, ``hidden * 2``; if joined, a sum."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        source, line = sources.at(where) or (None, 0)
        if source is None or not isinstance(old, int) or not isinstance(new, int):
            return
        for call in sources.calls(where, name):
            node = call.argument(argument, order)
            if isinstance(node, (ast.Name, ast.Attribute)):
                text = call.part(node)
                others = {*parameters_at(source, line)} - {text, *SIZES}
                products = [f"{text} * {n}" for n in _FACTORS if n * old == new]
                sums = [f"{text} + {other}" for other in sorted(others) if joined and new > old]
                for value in [*products, *sums] if new == 2 * old else [*sums, *products]:
                    yield call.with_arguments({argument: value}, order)

    return rewrite


def defaulted(where: str, name: str, argument: str, order: Sequence[str], value: object) -> Rewrite:
    """Give a parameter another default value, where an argument of a call is that parameter."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        source, line = sources.at(where) or (None, 0)
        for call in sources.calls(where, name) if source and type(value) is int else ():
            node = call.argument(argument, order)
            if source and isinstance(node, ast.Name):
                pattern = rf"(?m)^\s*(?:def \w+|[A-Z]\w*)\(.*?\b{node.id}\s*=\s*(\d+)"
                defaults = [*re.finditer(pattern, source.text[: source.span(line)[1]])]
                yield [source.edit(*match.span(1), str(value)) for match in defaults[-1:]]

    return rewrite


def looped(source: Source, line: int) -> list[str]:
    """Return the names that a comprehension, or a loop, in a line or the one before it gives."""
    start, end = source.span(max(1, line - 1))[0], source.span(line)[1]
    loops = re.findall(r"\bfor ([\w, ()]+?) in\b", source.text[start:end])
    return re.findall(r"\w+", " ".join(loops))


def parameters_at(source: Source, line: int) -> list[str]:
    """Return the names that the function, or the block, which a line is in takes."""
    above = source.text[: source.span(line)[1]]
    heads = re.findall(r"(?m)^\s*(?:def \w+|[A-Z]\w*)\(([^()]*)\)[^:\n]*:\s*$", above)
    parts = heads[-1].split(",") if heads else []
    parts = [part for part in parts if not re.search(r"=\s*(\d*\.\d|True|False|['\"])", part)]
    names = [re.split(r"[=:]", part)[0].strip() for part in parts]
    return [name for name in names if name.isidentifier() and name != "self"]
