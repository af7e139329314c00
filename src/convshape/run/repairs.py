"""One number, one argument or one pair of them changed in the text, where nothing better is known.

What is near the refusing call comes first: its line, the lines that made its layer, those of the
calls before it; and of the numbers the nearest ones, and those in the refusal.
"""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import TYPE_CHECKING

from ..shapetorch.nn.modules.module import Module
from .trial import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..edits import CallText
    from ..errors import Edit
    from .diagnosis import Diagnosis
    from .rewrites import Sources

#: How many changes are tried at most, and how many of the calls before are looked at.
_MOST = 150
_BEFORE = 12
#: What may have been left out.
_LEFT_OUT = {
    "padding": r"(Conv|MaxPool|AvgPool)\w*\d?d?|max_pool\dd|avg_pool\dd|conv\dd",
    "stride": r"Conv\w*\dd",
    "batch_first": r"LSTM|GRU|RNN|MultiheadAttention|Transformer\w*",
}


def repairs(run: Diagnosis) -> Iterator[Change]:
    """Yield changes of one place in the text."""
    sources = run.proof.sources
    scored = [
        (near + 3 * rank, index, edits)
        for near, place in enumerate(_places(run))
        for index, (rank, edits) in enumerate(_of_line(run, sources, place))
    ]
    for _, _, edits in sorted(scored, key=lambda item: item[:2])[:_MOST]:
        yield Change("", rewrites=[partial(_once, edits)])


def _once(edits: Sequence[Edit], sources: Sources) -> Iterator[Sequence[Edit]]:
    yield edits


def _places(run: Diagnosis) -> list[str]:
    """Return the lines that may be wrong, the nearest first."""
    places = [run.error.where]
    if isinstance(run.error.module, Module):
        places += run.places(run.error.module)
    rows = [row for row in (run.failed, run.refused) if row]
    before = run.done[::-1][:_BEFORE]
    if run.refused:
        before = [*list(run.givers(run.refused))[:_BEFORE], *before]
    for row in (*rows, *before):
        places.append(row.where)
        if isinstance(row.call, Module):
            places += run.places(row.call)
    lines = [match[0] for place in places if (match := re.match(r".+?:\d+", place))]
    return list(dict.fromkeys([*lines, *_all_lines(run, lines)]))


def _all_lines(run: Diagnosis, lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the files, those above the refusal first."""
    for file in dict.fromkeys(line.rpartition(":")[0] for line in lines):
        there = run.proof.sources.at(f"{file}:1")
        if there is not None:
            yield from (f"{file}:{line}" for line in range(1, len(there[0].starts) + 1))


def _of_line(run: Diagnosis, sources: Sources, place: str) -> Iterator[tuple[int, Sequence[Edit]]]:
    """Yield changes of a line, each with its rank."""
    there = sources.at(place)
    if there is None:
        return
    source, line = there
    start, end = source.span(line)
    if re.match(r"\s*(#|import |from |input|name:|batch:|class )", source.text[start:end]):
        return
    for first, last, value in source.numbers(line):
        told = str(value) in re.findall(r"\d+", run.error.what)
        for rank, other in enumerate(_values(run, value), 0 if told else 2):
            yield rank, [source.edit(first, last, str(other))]
    for call in source.calls(line):
        yield from _of_call(call)


def _values(run: Diagnosis, value: int) -> list[int]:
    """Return what may be meant by a number, likely ones first."""
    told = [int(number) for number in re.findall(r"\d+", run.error.what)]
    near = sorted(
        {n for n in told if n != value and n <= 4 * value + 4}, key=lambda n: abs(n - value)
    )
    steps = [value - 1, value + 1, *([value // 2] if value % 2 == 0 else []), 2 * value]
    small = list(range(4)) if value <= 4 else []
    values = [*near[:3], *steps, *small] if value in told else [*steps, *small, *near[:3]]
    return [n for n in dict.fromkeys(values) if n >= 0 and n != value]


def _of_call(call: CallText) -> Iterator[tuple[int, Sequence[Edit]]]:
    """Yield calls with their first arguments swapped, or with one that was left out."""
    args = call.node.args
    if len(args) > 1 and not any(isinstance(each, ast.Starred) for each in args[:2]):
        first, second = (call.part(each) for each in args[:2])
        if first != second:
            source = call.source
            yield (
                0,
                [
                    source.edit(*call.span(args[0]), second),
                    source.edit(*call.span(args[1]), first),
                ],
            )
    given = {keyword.arg for keyword in call.node.keywords}
    for name, pattern in _LEFT_OUT.items():
        if name not in given and re.fullmatch(pattern, call.name):
            for value in _meant(name, call):
                yield 1, call.with_arguments({name: value}, ())


def _meant(name: str, call: CallText) -> list[str]:
    if name == "padding":
        values = [
            *call.node.args[2:3],
            *(k.value for k in call.node.keywords if k.arg == "kernel_size"),
        ]
        kernel = next((v.value for v in values if isinstance(v, ast.Constant)), 3)
        return [str(kernel // 2)] if isinstance(kernel, int) and kernel > 1 else ["1"]
    return ["2"] if name == "stride" else ["True"]
