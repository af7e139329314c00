"""What one element of a layer sees of the network's input, drawn on the input, to scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...analysis.receptive_field import Seen
from ...run.record import Row
from ...shapetorch.arguments import shape
from ..equation import AXES
from ..numbers import shapes_text
from ..text import visible
from . import svg
from .layer_svg import COLORS
from .svg import element, number, text, text_width

_RULES = """.title{font-size:15px;font-weight:bold}
.input,.key-input{fill:{input};stroke:{edge};stroke-width:1}
.padding,.key-padding{fill:{paper};stroke:{line};stroke-width:1;stroke-dasharray:4 3}
.window,.key-window{fill:{window};fill-opacity:.5;stroke:{mark};stroke-width:2.5}
.corner,.key-corner{fill:none;stroke:{edge};stroke-width:1.5;stroke-dasharray:2 2}
.grid{stroke:{edge};stroke-width:.5;stroke-opacity:.6;fill:none}
"""
_MARGIN, _TOP, _ROOM = 28.0, 68.0, 460.0
#: The most elements along an axis between which lines are drawn.
_MOST_LINES = 64
_BAR = 36.0

#: First and last along the vertical and the horizontal axis.
Area = tuple[tuple[int, int], tuple[int, int]]


class FieldPicture:
    """The drawing of a receptive field.

    Args:
        row: the layer.
        seen: what its elements see.
    """

    def __init__(self, row: Row, seen: Seen) -> None:
        self.name = visible(row.path or row.name)
        self.row = row
        self.seen = seen
        self.flat = len(seen.sizes) == 1
        self.input = self._area([(0, n - 1) for n in seen.sizes])
        self.whole = self._around(self._area(seen.all()), self.input)
        self.middle, self.corner = self._area(seen.at(0.5)), self._area(seen.at(0))
        longest = max(last - first + 1 for first, last in self.whole)
        self.scale = _ROOM / longest
        self.scales = (_BAR if self.flat else self.scale, self.scale)

    def _area(self, ends: Sequence[tuple[int, int] | None]) -> Area:
        """Return what is drawn of an extent along each axis: the last two."""
        *_, across = ends
        down = (0, 0) if self.flat else ends[-2]
        return down or (0, -1), across or (0, -1)

    def _around(self, one: Area, other: Area) -> Area:
        (a, b), (c, d) = (
            (min(mine[0], its[0]), max(mine[1], its[1]))
            for mine, its in zip(one, other, strict=True)
        )
        return (a, b), (c, d)

    def document(self, static: bool = False) -> str:
        """Return the picture."""
        high = (self.whole[0][1] - self.whole[0][0] + 1) * self.scales[0]
        wide = (self.whole[1][1] - self.whole[1][0] + 1) * self.scales[1]
        lines = list(self._lines())
        keys, right, _ = svg.legend(self._legend(), _MARGIN, _TOP + high + 20)
        written = (text_width(line) for line in lines)
        width = max(wide, right - _MARGIN, text_width(self.title, 16), *written) + 2 * _MARGIN
        y = _TOP + high + 60
        body = [
            text(_MARGIN, 30, self.title, class_="title"),
            text(_MARGIN, 50, visible(self.row.layer), class_="soft"),
            *(self._rect("padding", self.whole) if self.whole != self.input else ()),
            *self._rect("input", self.input),
            *self._grid(),
            *(self._rect("corner", self.corner) if self.corner != self.middle else ()),
            *self._rect("window", self.middle),
            *keys,
            *(text(_MARGIN, y + 18 * i, line) for i, line in enumerate(lines)),
        ]
        bottom = y + 18 * len(lines) + 6
        return svg.document(
            width, bottom, self.title, " ".join(lines), body, _RULES, COLORS, static=static
        )

    @property
    def title(self) -> str:
        """Whose field it is: ``conv2: what one element sees``."""
        return f"{self.name}: what one element sees of the input"

    def _lines(self) -> Iterator[str]:
        """Yield the picture in words."""
        seen = self.seen
        yield (
            f"{_element(seen.place(0.5)).capitalize()} of {shapes_text([seen.shape])} sees, "
            f"of an input of {shape(seen.sizes)}:"
        )
        for name, ends, every, size in zip(
            AXES.get(len(seen.sizes), ("",) * len(seen.sizes)),
            seen.at(0.5),
            seen.all(),
            seen.sizes,
            strict=True,
        ):
            yield f"{name}: {_extent(ends, size)}; all elements: {_extent(every, size)}".lstrip(
                ": "
            )

    def _rect(self, kind: str, area: Area) -> Iterator[str]:
        (top, bottom), (left, right) = area
        if bottom < top or right < left:
            return
        x, y = self._at(top, left)
        yield element(
            "rect",
            class_=kind,
            x=x,
            y=y,
            width=(right - left + 1) * self.scales[1],
            height=(bottom - top + 1) * self.scales[0],
            data_from=f"{left}" if self.flat else f"{top},{left}",
            data_to=f"{right}" if self.flat else f"{bottom},{right}",
        )

    def _at(self, row: int, column: int) -> tuple[float, float]:
        return (
            _MARGIN + (column - self.whole[1][0]) * self.scales[1],
            _TOP + (row - self.whole[0][0]) * self.scales[0],
        )

    def _grid(self) -> Iterator[str]:
        """Yield lines between the elements of a small input."""
        (_, bottom), (_, right) = self.input
        if max(bottom, right) >= _MOST_LINES:
            return
        x, y = self._at(0, 0)
        to_x, to_y = self._at(bottom + 1, right + 1)
        across = (
            f"M{number(self._at(0, i)[0])} {number(y)}V{number(to_y)}" for i in range(1, right + 1)
        )
        down = (
            f"M{number(x)} {number(self._at(i, 0)[1])}H{number(to_x)}" for i in range(1, bottom + 1)
        )
        lines = "".join((*across, *down))
        if lines:
            yield element("path", class_="grid", d=lines)

    def _legend(self) -> Iterator[tuple[str, str]]:
        """Yield what the colors mean."""
        seen = self.seen
        yield "input", "input"
        if self.whole != self.input:
            yield "padding", "padding"
        yield "window", f"seen by {_element(seen.place(0.5))}"
        if self.corner != self.middle:
            yield "corner", f"by {_element(seen.place(0))}"


def _element(place: Sequence[int]) -> str:
    return f"element [{', '.join(map(str, place))}]" if place else "every element"


def _extent(ends: tuple[int, int] | None, size: int) -> str:
    """Write from where to where something reaches: ``−3 to 5 (9), 3 of them padding``."""
    if ends is None:
        return "nothing"
    first, last = ends
    beyond = max(0, min(-first, last - first + 1)) + max(0, min(last - size + 1, last - first + 1))
    padding = f", {beyond} of them padding" if beyond else ""
    span = f"{first} to {last}".replace("-", "−")
    return f"{span} ({last - first + 1}){padding}"


def render(row: Row, seen: Seen, static: bool = False) -> str:
    """Return the picture; `static` for renderers that know no settings of readers."""
    return FieldPicture(row, seen).document(static)
