"""A network as volumes in a row, in the manner of the classic figures of convolutional networks.

Each layer is a box, as wide as it has channels, as high and deep as its sizes; what keeps the shape
(an activation) is a thin slab at the layer before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...shapetorch.arguments import shape
from .captions import caption
from .figure_style import RULES, group, head, inner, page
from .network import LARGE
from .stations import stations
from .svg import element, number, text, text_width
from .volumes import THIN, Scale, Volume, box, channels_last

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .network import Figure, Repeat

_MARGIN, _TOP, _GAP, _LINE, _BRACKET = 28.0, 56.0, 30.0, 15.0, 28.0
#: How wide a row of a chain is about, and at most where there is one alone.
_ROW, _ONE_ROW = 1100.0, 1400.0
_RULES = (
    RULES
    + """.size{font-weight:bold}
.skip{fill:none;stroke:{edge};stroke-width:1.2}
.shade{fill:#000;fill-opacity:.12}
"""
)


class Block:
    """The volumes of some layers side by side, and what is written below them.

    Attributes:
        slabs: the boxes, and the places of their layers; −1 for an input.
        lines: what is written below, and the class of each line.
        repeats: the repeated parts that they stand in.
        x: the left end of the first box.
        column: the left end of all that is drawn.
        axis: the y of the middle.
        row: which row it stands in.
    """

    def __init__(
        self,
        slabs: Sequence[tuple[Volume, int]],
        lines: Sequence[tuple[str, str]],
        repeats: Sequence[Repeat] = (),
    ) -> None:
        self.slabs = list(slabs)
        self.lines = list(lines)
        self.repeats = tuple(repeats)
        self.x = self.column = self.axis = 0.0
        self.row = 0

    @property
    def front(self) -> float:
        """The width of the fronts of all boxes."""
        return sum(volume.width for volume, _ in self.slabs)

    @property
    def depth(self) -> float:
        """How far the last goes back, to the right and up."""
        return max(volume.depth for volume, _ in self.slabs)

    @property
    def high(self) -> float:
        """From the lowest to the highest point."""
        return max(volume.height + volume.depth * 0.6 for volume, _ in self.slabs)

    @property
    def wide(self) -> float:
        """The width of the boxes or of what is written, whichever is larger."""
        written = max(
            text_width(words) * (1.1 if kind == "size" else 1) for words, kind in self.lines
        )
        return max(self.front + self.depth, written)

    @property
    def right(self) -> float:
        """The right end of the boxes."""
        return self.x + self.front + self.depth


class Blocks:
    """The drawing of a network as volumes.

    Args:
        figure: what is drawn.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        layers = figure.layers
        shapes = [(size, False) for size in figure.inputs]
        shapes += [(size, channels_last(layer)) for layer in layers for size in layer.shapes[:1]]
        self.scale = Scale(shapes)
        self._home: dict[int, int] = {}
        self.blocks: list[Block] = []
        for i, size in enumerate(figure.inputs, 1):
            self._home[-i] = len(self.blocks)
            volume = self.scale.volume(size, False)
            self.blocks.append(
                Block([(volume, -1)], [(shape(size), "size"), (figure.input_name(-i), "")])
            )
        for station in stations(figure):
            self._home.update((place, len(self.blocks)) for place in station.layers)
            self.blocks.append(self._block(station.layers, station.repeats))
        self.rows = self._place()

    def _block(self, places: Sequence[int], repeats: Sequence[Repeat]) -> Block:
        layers = [self.figure.layers[place] for place in places]
        first = layers[0]
        size = first.shapes[0] if first.shapes else (first.inputs or [(1,)])[0]
        volume = self.scale.volume(size, channels_last(first))
        slabs = [
            (
                volume
                if i == 0 or layer.kind in LARGE
                else Volume(THIN, volume.height, volume.depth),
                place,
            )
            for i, (layer, place) in enumerate(zip(layers, places, strict=True))
        ]
        return Block(slabs, list(caption(layers)), repeats)

    def _place(self) -> list[list[Block]]:
        """Return the blocks in rows, and give them their places; what is no chain is one row."""
        most = self._longest_row()
        rows: list[list[Block]] = [[]]
        x = _MARGIN
        for block in self.blocks:
            if rows[-1] and x + block.wide > most:
                rows.append([])
                x = _MARGIN
            block.row, block.column = len(rows) - 1, x
            block.x = x + (block.wide - block.front - block.depth) / 2
            x += block.wide + _GAP
            rows[-1].append(block)
        y = _TOP + self._arch()
        for row in rows:
            high = max(block.high for block in row)
            for block in row:
                block.axis = y + high / 2
            y += high + 22 + _LINE * max(len(block.lines) for block in row) + 24
            y += _BRACKET * max(len(block.repeats) for block in row)
        self.bottom = y
        return rows

    def _longest_row(self) -> float:
        """Return where a row ends: rows are about as long as each other."""
        total = sum(block.wide + _GAP for block in self.blocks)
        if not self.figure.is_chain or total <= _ONE_ROW:
            return float("inf")
        widest = max(block.wide for block in self.blocks)
        return _MARGIN + total / -(-total // _ROW) + widest / 2

    def _skips(self) -> list[tuple[Block, Block]]:
        """Return the pairs of blocks that an arc joins: those that are not neighbours."""
        pairs = dict.fromkeys(
            (self._home[edge.source], self._home[edge.target]) for edge in self.figure.edges
        )
        return [(self.blocks[a], self.blocks[b]) for a, b in pairs if b - a > 1]

    def _arch(self) -> float:
        """Return the room for the arcs above the highest block of what is one row."""
        tops = (
            max(a.high, b.high) / 2 + _rise(b.column - a.column) * 0.75 for a, b in self._skips()
        )
        return max(max(tops, default=0.0) - max(block.high for block in self.blocks) / 2, 0.0)

    def document(self, static: bool = False) -> str:
        """Return the picture."""
        figure = self.figure
        right = max(
            340.0,
            text_width(figure.title, 18),
            *(block.column + block.wide for block in self.blocks),
            *(block.right for block in self.blocks),
        )
        parts = [
            *self._repeats(),
            *self._arcs(),
            *(each for block in self.blocks for each in self._drawn(block)),
            *self._arrows(),
        ]
        return page(figure, parts, right, self.bottom, _MARGIN, _RULES, static)

    def _drawn(self, block: Block) -> Iterator[str]:
        x = block.x
        for volume, place in block.slabs:
            drawing = box(volume, x, block.axis)
            x += volume.width
            if place < 0:
                yield element("g", drawing, class_="input")
            else:
                layer = self.figure.layers[place]
                yield group(layer, inner(layer, drawing))
        middle = block.column + block.wide / 2
        y = self._floor(block) + 22
        for words, kind in block.lines:
            yield text(middle, y, words, class_=kind or None, text_anchor="middle")
            y += _LINE

    def _floor(self, block: Block) -> float:
        return block.axis + max(other.high for other in self.rows[block.row]) / 2

    def _arrows(self) -> Iterator[str]:
        """Yield the arrows between neighbours, from the back of one to the front of the other."""
        pairs = {(self._home[edge.source], self._home[edge.target]) for edge in self.figure.edges}
        for i, (one, other) in enumerate(zip(self.blocks, self.blocks[1:], strict=False)):
            if (i, i + 1) not in pairs:
                continue
            start = one.right + 3
            end = other.x - 3 if one.row == other.row else start + 18
            if end - start >= 8:
                yield _arrow(start, end, one.axis)
            if one.row != other.row:
                yield _arrow(other.x - 21, other.x - 3, other.axis)

    def _arcs(self) -> Iterator[str]:
        for one, other in self._skips():
            x, to_x = (
                one.x + one.front / 2 + one.depth / 2,
                other.x + other.front / 2 + other.depth / 2,
            )
            y, to_y = one.axis - one.high / 2, other.axis - other.high / 2
            top = min(y, to_y) - _rise(other.column - one.column)
            path = (
                f"M{number(x)} {number(y - 3)}C{number(x)} {number(top)} "
                f"{number(to_x)} {number(top)} {number(to_x)} {number(to_y - 8)}"
            )
            yield element("path", class_="skip", d=path) + head(to_x, to_y - 2)

    def _repeats(self) -> Iterator[str]:
        """Yield a line below each repeated part, with what it is."""
        for row in self.rows:
            members: dict[Repeat, list[Block]] = {}
            for block in row:
                for repeat in block.repeats:
                    members.setdefault(repeat, []).append(block)
            deepest = max(len(block.repeats) for block in row)
            written = self._floor(row[0]) + 22 + _LINE * max(len(block.lines) for block in row)
            for repeat, blocks in members.items():
                y = written + _BRACKET * (deepest - 1 - blocks[0].repeats.index(repeat))
                x, right = blocks[0].column, blocks[-1].column + blocks[-1].wide
                path = f"M{number(x)} {number(y - 5)}v5H{number(right)}v-5"
                yield element("path", class_="repeat", d=path)
                yield text(x, y + 15, repeat.label, class_="repeat-label")


def _rise(distance: float) -> float:
    return 24.0 + min(distance * 0.12, 130.0)


def _arrow(start: float, end: float, y: float) -> str:
    path = f"M{number(start)} {number(y)}H{number(end - 5)}"
    return element("path", class_="arrow", d=path) + head(end, y, right=True)


def render(figure: Figure, static: bool = False) -> str:
    """Return a network as volumes in SVG; `static` for renderers without a reader's settings."""
    return Blocks(figure).document(static)
