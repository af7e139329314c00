"""Arcs above volumes: they join blocks that are not neighbors, within a row or from row to row."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .figure_style import head
from .svg import element, number, tail, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .blocks import Block

_LINE, _BELOW, _ASIDE = 13, 20, 9
#: The share of the height of its control points that a curve reaches.
_REACHED = 0.75
#: The width of a character of a label, and how far labels reach beyond their blocks, in pixels.
_CHARACTER, _BEYOND = 6.0, 24


class Arcs:
    """The arcs of a figure.

    From row to row an arc is two short lines, each below the name of the block at its other end.

    Args:
        skips: the pairs of blocks that they join, which have their rows and columns.
    """

    def __init__(self, skips: Sequence[tuple[Block, Block]]) -> None:
        self._within = [(one, other) for one, other in skips if one.row == other.row]
        self._entering: dict[Block, list[str]] = defaultdict(list)
        self._leaving: dict[Block, list[str]] = defaultdict(list)
        for one, other in skips:
            if one.row != other.row:
                self._entering[other].append(f"from {tail(one.last, _room(other))}")
                self._leaving[one].append(f"to {tail(other.first, _room(one))}")

    def _labels(self, block: Block) -> list[str]:
        return [*self._entering.get(block, ()), *self._leaving.get(block, ())]

    def room(self, row: Sequence[Block]) -> float:
        """Return the height of arcs and labels above the highest block of a row."""
        high = max(block.high for block in row) / 2
        arches = (
            max(one.high, other.high) / 2 - high + _rise(one, other) * _REACHED
            for one, other in self._within
            if one in row
        )
        lines = max(len(self._labels(block)) for block in row)
        return max([0.0, *arches]) + (_LINE * lines + _BELOW if lines else 0)

    def draw(self, row: Sequence[Block], top: float) -> Iterator[str]:
        """Yield the arcs of a row, and its labels from its top down."""
        for one, other in self._within:
            if one in row:
                yield _arc(one, other)
        for block in row:
            labels = self._labels(block)
            for i, label in enumerate(labels, 1):
                middle = block.column + block.wide / 2
                y = top + _LINE * i - 2
                yield text(middle, y, label, class_="call", text_anchor="middle")
            x, y = _summit(block)
            below = number(top + _LINE * len(labels) + 2)
            if block in self._entering:
                path = f"M{number(x - _ASIDE)} {below}V{number(y - 8)}"
                yield element("path", class_="skip", d=path) + head(x - _ASIDE, y - 2)
            if block in self._leaving:
                path = f"M{number(x + _ASIDE)} {number(y - 3)}V{below}"
                yield element("path", class_="skip", d=path)


def _room(block: Block) -> int:
    """Return how many characters of a name fit above a block."""
    return max(8, int((block.wide + _BEYOND) / _CHARACTER) - len("from "))


def _rise(one: Block, other: Block) -> float:
    return 24.0 + min((other.column - one.column) * 0.12, 130.0)


def _summit(block: Block) -> tuple[float, float]:
    return block.x + (block.front + block.depth) / 2, block.axis - block.high / 2


def _arc(one: Block, other: Block) -> str:
    (x, y), (to_x, to_y) = _summit(one), _summit(other)
    top = number(min(y, to_y) - _rise(one, other))
    path = (
        f"M{number(x)} {number(y - 3)}C{number(x)} {top} "
        f"{number(to_x)} {top} {number(to_x)} {number(to_y - 8)}"
    )
    return element("path", class_="skip", d=path) + head(to_x, to_y - 2)
