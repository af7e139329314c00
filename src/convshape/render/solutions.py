"""The solutions of one layer as aligned text: a line for all input sizes of the same arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from .numbers import across
from .text import aligned

#: How many lines are shown unless all are.
SHOWN = 10


def lines(solutions: Sequence[Any], with_sizes: tuple[bool, bool]) -> list[dict[str, str]]:
    """Return the cells of each line by the names of their columns.

    Args:
        solutions: what was found; those that differ in the input size alone follow each other.
        with_sizes: whether input and output sizes have columns, as they are not always the same.
    """
    result = []
    for rest, group in groupby(solutions, lambda solution: solution[1:]):
        names = (name.rstrip("_") for name in solutions[0]._fields)
        ins = zip(*(solution[0] for solution in group), strict=True)
        cells = dict(zip(names, (across(map(_runs, ins)), *map(_cell, rest)), strict=True))
        for name, shown in zip(("in", "out"), with_sizes, strict=True):
            if not shown:
                del cells[name]
        result.append(cells)
    return result


def table_lines(rows: Sequence[dict[str, str]], rule: str = "") -> Iterator[str]:
    """Yield the names of the columns and the rows, numbers aligned to the right.

    Args:
        rows: the cells of each row by the names of their columns.
        rule: the character of the line below the names, if there is one.
    """
    names = list(rows[0])
    head, *lines = aligned([names, *(list(row.values()) for row in rows)], [True] * len(names))
    yield head
    if rule:
        yield rule * len(head)
    yield from lines


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return across(map(str, value))


def _runs(numbers: Sequence[int]) -> str:
    """Write numbers with those that follow each other together: ``223..224,230``."""
    ends: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ends and number == ends[-1][1] + 1:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    return ",".join(str(a) if a == b else f"{a}..{b}" for a, b in ends)
