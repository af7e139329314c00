"""A network as volumes in a row, in the manner of the classic figures of convolutional networks.

Each layer is a box, as wide as it has channels, as high and deep as its sizes; what keeps the shape
(an activation) is a thin slab at the layer before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ...shapetorch.arguments import shape
from .arcs import Arcs
from .captions import caption
from .figure_style import RULES, group, head, inner, page
from .network import LARGE, Figure, Repeat
from .stations import stations
from .svg import element, number, text, text_width
from .volumes import THIN, Scale, Volume, box, channels_last

_MARGIN, _TOP, _GAP, _LINE, _BRACKET = 28.0, 56.0, 30.0, 15.0, 28.0
#: How wide rows are about, and at most if there is only one; the part of a row that can be its end.
_ROW, _ONE_ROW, _LATE = 1100.0, 1400.0, 0.6
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
        first: its first layer.
        last: its last layer.
        slabs: the boxes, and the places of their layers; −1 for an input.
        lines: what is written below, and the class of each line.
        repeats: the repeated parts that they are in.
        x: the left end of the first box.
        column: the left end of all that is drawn.
        axis: the y of the middle.
        row: which row it is in.
    """

    def __init__(
        self,
        names: Sequence[str],
        slabs: Sequence[tuple[Volume, int]],
        lines: Sequence[tuple[str, str]],
        repeats: Sequence[Repeat] = (),
    ) -> None:
        self.first, self.last = names[0], names[-1]
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
            name, volume = figure.input_name(-i), self.scale.volume(size, False)
            lines = [(shape(size), "size"), (name, "")]
            self.blocks.append(Block([name], [(volume, -1)], lines))
        for station in stations(figure):
            self._home.update((place, len(self.blocks)) for place in station.layers)
            self.blocks.append(self._block(station.layers, station.repeats))
        self._place()

    def _block(self, places: Sequence[int], repeats: Sequence[Repeat]) -> Block:
        layers = [self.figure.layers[place] for place in places]
        first = layers[0]
        size = first.shapes[0] if first.shapes else (first.inputs or [(1,)])[0]
        volume = self.scale.volume(size, channels_last(first))
        thin = volume._replace(width=THIN)
        slabs = [
            (volume if i == 0 or layer.kind in LARGE else thin, place)
            for i, (layer, place) in enumerate(zip(layers, places, strict=True))
        ]
        return Block([layer.label for layer in layers], slabs, list(caption(layers)), repeats)

    def _place(self) -> None:
        """Give the blocks their places in one row, or in rows of about the same length."""
        pairs = dict.fromkeys(
            (self._home[edge.source], self._home[edge.target]) for edge in self.figure.edges
        )
        skips = [(one, other) for one, other in pairs if other - one > 1]
        starts = self._row_starts(skips)
        self.rows = [self.blocks[i:j] for i, j in pairwise([*starts, len(self.blocks)])]
        for i, row in enumerate(self.rows):
            x = _MARGIN
            for block in row:
                block.row, block.column = i, x
                block.x = x + (block.wide - block.front - block.depth) / 2
                x += block.wide + _GAP
        self.arcs = Arcs([(self.blocks[one], self.blocks[other]) for one, other in skips])
        self.tops, y = [], _TOP
        for row in self.rows:
            high = max(block.high for block in row)
            self.tops.append(y)
            y += self.arcs.room(row)
            for block in row:
                block.axis = y + high / 2
            y += high + 22 + _LINE * max(len(block.lines) for block in row) + 24
            y += _BRACKET * max(len(block.repeats) for block in row)
        self.bottom = y

    def _row_starts(self, skips: Sequence[tuple[int, int]]) -> list[int]:
        """Return the blocks at which rows begin: where few arcs pass, near the end of the room."""
        most = self._longest_row()
        starts, lefts, x, i = [0], [0.0] * len(self.blocks), _MARGIN, 0
        while i < len(self.blocks):
            wide = self.blocks[i].wide
            if i > starts[-1] and x + wide > most:
                late = [j for j in range(starts[-1] + 1, i) if lefts[j] > most * _LATE]
                i = min((*late, i), key=lambda j: (sum(a < j <= b for a, b in skips), -j))
                starts.append(i)
                x = _MARGIN
            lefts[i] = x
            x += self.blocks[i].wide + _GAP
            i += 1
        return starts

    def _longest_row(self) -> float:
        """Return where a row ends at most."""
        total = sum(block.wide + _GAP for block in self.blocks)
        if total <= _ONE_ROW:
            return _MARGIN + total
        widest = max(block.wide for block in self.blocks)
        return _MARGIN + total / -(-total // _ROW) + widest / 2

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
            *(
                drawing
                for row, top in zip(self.rows, self.tops, strict=True)
                for drawing in self.arcs.draw(row, top)
            ),
            *(line for block in self.blocks for line in self._drawn(block)),
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


def _arrow(start: float, end: float, y: float) -> str:
    path = f"M{number(start)} {number(y)}H{number(end - 5)}"
    return element("path", class_="arrow", d=path) + head(end, y, right=True)


def render(figure: Figure, static: bool = False) -> str:
    """Return a network as volumes in SVG; `static` for renderers without a reader's settings."""
    return Blocks(figure).document(static)
