"""One number, one argument or one pair of them changed in the text, where nothing better is known.

What is near the refusing call comes first: its line, the lines that made its layer, those of the
calls before it; and of the numbers the nearest ones, and those in the refusal.
"""

from __future__ import annotations

import ast
import re
from heapq import heappop, heappush
from itertools import chain, islice
from typing import TYPE_CHECKING

from .. import clock, user_frames
from ..rewrites import line_of
from ..run.record import tensors
from ..shapetorch.nn.modules.module import Module
from .scope import parameters_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..edits import CallText
    from ..fixes import Edit
    from ..rewrites import Sources
    from .diagnosis import Diagnosis

#: How many changes are tried at most, and how many of the calls before are looked at.
_MOST = 600
_BEFORE = 12
#: How many lines a change may come before its own: it is of rank -1, in the line of a constant.
_LEAD = 9
#: How many of those that gave one of several tensors.
_CHAIN = 3
#: Numbers up to this one say nothing where they stand in a refusal: of axes, of single samples.
_SMALL = 4
#: What is before a number that may be 0: a padding, an axis, an index; a size of 0 is empty.
_MAY_BE_ZERO = re.compile(
    r"((padding|dim|axis)\s*[=:]\s*|\[[^]]*|"
    r"(flatten|squeeze|unsqueeze|transpose|permute|movedim|size|mean|sum|max|softmax|cat|stack)"
    r"\([^()]*)$"
)
#: What may have been left out.
_LEFT_OUT = {
    "padding": r"(Conv|MaxPool|AvgPool)\w*\d?d?|max_pool\dd|avg_pool\dd|conv\dd",
    "stride": r"Conv\w*\dd",
    "dim": r"cat|concat|stack",
    "batch_first": r"LSTM|GRU|RNN|MultiheadAttention|Transformer\w*",
}


def repairs(sources: Sources, places: Sequence[str], what: str) -> Iterator[Sequence[Edit]]:
    """Yield changes of one place in the text, likely ones first.

    Args:
        sources: the texts.
        places: the lines that may be wrong, the nearest first; those of their files follow.
        what: the refusal, whose numbers may be meant.
    """
    told = [n for n in map(int, re.findall(r"\d+", what)) if n > _SMALL]
    near = dict.fromkeys(filter(None, map(line_of, places)))
    defined = {line: [*_definitions(sources, line)] for line in near}
    constants = {*chain.from_iterable(defined.values())}
    lines = [place for line, definitions in defined.items() for place in (line, *definitions)]
    lines = list(dict.fromkeys([*lines, *_all_lines(sources, lines)]))
    yield from islice(_likely_first(sources, lines, constants, told), _MOST)


def _likely_first(
    sources: Sources, lines: Sequence[str], constants: set[str], told: Sequence[int]
) -> Iterator[Sequence[Edit]]:
    """Yield changes of lines, no more of which are read than the time allows."""
    waiting: list[tuple[int, int, int, Sequence[Edit]]] = []
    for near, place in enumerate(lines):
        if clock.is_over():
            return
        for index, (rank, edits) in enumerate(_of_line(sources, place, told)):
            score = near + 3 * rank - 6 * (place in constants)
            heappush(waiting, (score, index, near, edits))
        while waiting and waiting[0][0] <= near - _LEAD:  # no later line has one as likely
            yield heappop(waiting)[-1]
    yield from (edits for *_, edits in sorted(waiting))


def suspects(run: Diagnosis) -> list[str]:
    """Return the lines that may be wrong: of the refusal, of the layer, and of the calls before."""
    places = [run.error.where]
    if isinstance(run.error.module, Module):
        places += run.places(run.error.module)
    rows = [row for row in (run.failed, run.refused) if row]
    before = run.done[::-1][:_BEFORE]
    if run.refused:
        last = [run.giver(tensor) for tensor in tensors((run.refused.args, run.refused.kwargs))]
        chains = [[row, *islice(run.givers(row), _CHAIN)] for row in reversed(last) if row]
        before = [*chain.from_iterable(chains), *list(run.givers(run.refused))[:_BEFORE], *before]
    for row in (*rows, *before):
        places.append(row.where)
        if isinstance(row.call, Module):
            places += run.places(row.call)
    return places


def _definitions(sources: Sources, place: str) -> Iterator[str]:
    """Yield the lines that define the numbers of a line: ``width = 64``, ``vars: {k: 3}``."""
    source, line = sources.at(place) or (None, 0)
    if source is None:
        return
    names = dict.fromkeys(
        re.findall(r"(?<![\w.])[A-Za-z_]\w*\b(?!\s*[(=])", source.text[slice(*source.span(line))])
    )
    for name in names:
        match = re.search(rf"(?<!\w){name}\s*(?::\s*int\s*)?[:=]\s*\d", source.text)
        if match:
            line = source.text.count("\n", 0, match.start()) + 1
            yield user_frames.place(source.file, line)


def _all_lines(sources: Sources, lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the files, the nearest to one of some lines first."""
    there = [place for line in lines if (place := sources.at(line)) is not None]
    for source in dict.fromkeys(source for source, _ in there):
        near = [line for other, line in there if other is source]
        away = {n: min(abs(n - line) for line in near) for n in range(1, len(source.starts) + 1)}
        yield from (user_frames.place(source.file, n) for n in sorted(away, key=away.__getitem__))


def _of_line(
    sources: Sources, place: str, told: Sequence[int]
) -> Iterator[tuple[int, Sequence[Edit]]]:
    """Yield changes of a line, each with its rank."""
    there = sources.at(place)
    if there is None:
        return
    source, line = there
    start, end = source.span(line)
    text = source.text[start:end]
    if re.match(r"\s*(#|import |from |input|name:|batch:|class )", text):
        return
    for first, last, value in source.numbers(line):
        if source.text[first - 1] == "-":  # -1 counts from the end, or is whatever is left
            yield from [(1, [source.edit(first, last, "1")])] if value > 1 else []
            continue
        for rank, other in enumerate(_values(told, value), 0 if value in told else 2):
            factor = re.search(r"\s*\*\s*$", text[: first - start])
            if other == 1 and factor:
                yield rank, [source.edit(start + factor.start(), last, "")]
            elif other or _MAY_BE_ZERO.search(text[: first - start]):
                yield rank, [source.edit(first, last, str(other))]
    for match in re.finditer(r"\b([a-z_]+)(\d)\b(?![\w(=.]|\s*=)", text):
        others = re.findall(rf"\b{match[1]}\d\b(?=\s*=)", source.text)
        for other in sorted(
            set(others) - {match[0]}, key=lambda n: abs(int(n[-1]) - int(match[2]))
        ):
            yield 0, [source.edit(start + match.start(), start + match.end(), other)]
    for old, new in _FLAGS.items():
        for match in re.finditer(rf"=\s*{old}\b", text):
            yield 1, [source.edit(start + match.end() - len(old), start + match.end(), new)]
    names = parameters_at(source, line)
    for call in source.calls(line):
        yield from _of_call(call, names, told)


def _is_used_again(call: CallText, name: str) -> bool:
    """Return whether a function uses a name elsewhere too: else it would take it for nothing."""
    above = call.source.text[: call.start]
    body = call.source.text[above.rfind("def ") :]
    return len(re.findall(rf"\b{name}\b", re.split(r"\n\s*(?:def|class) ", body)[0])) > 2


#: What is made of a size that may be one too small or too large.
_SIZED = ("zeros", "ones", "empty", "rand", "randn", "Linear", "Embedding", "arange")
_FLAGS = {"True": "False", "False": "True"}


def _values(told: Sequence[int], value: int) -> list[int]:
    """Return what may be meant by a number, likely ones first."""
    near = sorted(
        {n for n in told if n != value and n <= 4 * value + 4}, key=lambda n: abs(n - value)
    )
    steps = [value - 1, value + 1, *([value // 2] if value % 2 == 0 else []), 2 * value]
    small = list(range(4)) if value <= 4 else []
    factors = range(2 * value, 1, -1) if 1 < value < 512 else ()
    dividing = [n for n in factors if any(m % n == 0 for m in told if m > 2 * n)]
    dividing = sorted(dividing, key=lambda n: abs(n - value))[:3]
    is_told = value in told
    values = [*near[:3], *dividing, *steps, *small] if is_told else [*steps, *small, *near[:3]]
    return [n for n in dict.fromkeys(values) if n >= 0 and n != value]


def _of_call(
    call: CallText, names: Sequence[str], told: Sequence[int]
) -> Iterator[tuple[int, Sequence[Edit]]]:
    """Yield calls with their first arguments swapped, another name, or one that was left out."""
    args = call.node.args
    for node in (*args, *(keyword.value for keyword in call.node.keywords)):
        for rank, text in _other_names(call, call.part(node), names, told):
            yield rank, [call.source.edit(*call.span(node), text)]
    swap = call.with_first_two_swapped()
    if swap:
        yield 0, swap
    keywords = {keyword.arg for keyword in call.node.keywords}
    for name, pattern in _LEFT_OUT.items():
        if name not in keywords and re.fullmatch(pattern, call.name):
            for value in _meant(name, call):
                yield 1, call.with_arguments({name: value}, ())


def _other_names(
    call: CallText, name: str, names: Sequence[str], told: Sequence[int]
) -> Iterator[tuple[int, str]]:
    """Yield what may be meant by a name: another one, or a number more or less."""
    if name.isdigit() or name in ("True", "False", "None"):
        return
    if name in names and _is_used_again(call, name):
        yield from ((2, other) for other in names if other != name)
    is_sum = name.isidentifier() or name.endswith(tuple("0123456789)"))
    if is_sum and call.name in _SIZED and any(a - b == 1 for a in told for b in told):
        yield -1, f"{name} + 1"
        yield -1, f"{name} - 1"


def _meant(name: str, call: CallText) -> list[str]:
    if name == "padding":
        values = [
            *call.node.args[2:3],
            *(k.value for k in call.node.keywords if k.arg == "kernel_size"),
        ]
        kernel = next((v.value for v in values if isinstance(v, ast.Constant)), 3)
        return [str(kernel // 2)] if isinstance(kernel, int) and kernel > 1 else ["1"]
    return {"stride": ["2"], "dim": ["1", "-1"]}.get(name, ["True"])
