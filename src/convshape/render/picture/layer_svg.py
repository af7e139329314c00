"""A layer's window that slides, as one animated picture in SVG, without a script.

Each cell is an element of one of the classes ``input``, ``padding``, ``inserted``, ``unused`` and
``output``, and each position of the window one of class ``window``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from . import svg
from .layer import LEGEND, LayerPicture
from .svg import element, text

#: Colors that those who are color-blind can distinguish (Okabe and Ito), and that differ in grey;
#: each on a light page and on a dark one.
COLORS = {
    "input": ("#8ecbf0", "#2f7fb0"),
    "zero": ("#f5f5f5", "#21262d"),
    "unused": ("#e3e3e3", "#484f58"),
    "output": ("#58b899", "#2f8f72"),
    "window": ("#d55e00", "#ffa657"),
    "mark": ("#9c3d00", "#ffc48a"),
    "edge": ("#333333", "#c9d1d9"),
}
_RULES = """.title{font-size:15px;font-weight:bold}
.input,.key-input{fill:{input};stroke:{edge};stroke-width:1}
.padding,.key-padding{fill:{paper};stroke:{line};stroke-width:1;stroke-dasharray:3 2}
.inserted,.key-inserted{fill:{zero};stroke:{line};stroke-width:1}
.unused,.key-unused{fill:{unused};stroke:{edge};stroke-width:1;stroke-dasharray:1 2}
.output,.key-output{fill:{output};stroke:{edge};stroke-width:1}
.window{fill:{window};stroke:{mark};fill-opacity:.5;stroke-width:2.5;opacity:0}
.window[data-step="0"]{opacity:1}
.ray{stroke-width:1;stroke-opacity:.7;fill:none}
.dropped,.key-dropped{fill:none;stroke:{mark};stroke-width:2;stroke-dasharray:6 4}
.key-window{fill:{window};fill-opacity:.5;stroke:{mark};stroke-width:2}
"""
_MARGIN, _GAP, _TOP = 24, 64, 64
_LARGEST, _SMALLEST, _ROOM = 30, 8, 540


class LayerSvg:
    """The drawing of one layer: where things are, in pixels."""

    def __init__(self, picture: LayerPicture) -> None:
        self.picture = picture
        self._shape = f"window-{svg.identity(picture.description)}"
        extents = [axis.extent for axis in picture.axes]
        most = max(*map(len, extents), *picture.outputs)
        self.cell = max(_SMALLEST, min(_LARGEST, _ROOM // most))
        self.flat = len(extents) == 1
        rows, columns = (range(1), extents[0]) if self.flat else extents
        self.origin = (_MARGIN - columns.start * self.cell, _TOP - rows.start * self.cell)
        out_rows, out_columns = (1, picture.outputs[0]) if self.flat else picture.outputs
        wide, high = (self.cell * len(cells) for cells in (columns, rows))
        out_wide, out_high = self.cell * out_columns, self.cell * out_rows
        if self.flat:
            self.output = (_MARGIN + max(0, (wide - out_wide) // 2), _TOP + high + _GAP)
            self.right, self.bottom = _MARGIN + max(wide, out_wide), self.output[1] + out_high
        else:
            self.output = (_MARGIN + wide + _GAP, _TOP + max(0, (high - out_high) // 2))
            self.right, self.bottom = self.output[0] + out_wide, _TOP + max(high, out_high)

    def document(self, frame: int | None = None, static: bool = False) -> str:
        """Return the animated picture, or with `static` one window that does not move."""
        picture = self.picture
        legend, legend_right, _ = svg.legend(self._legend(), _MARGIN, self.bottom + 22)
        words = [*picture.equations, *filter(None, [picture.dropped_note])]
        width = max(
            self.right,
            legend_right,
            _MARGIN + svg.text_width(picture.title, 16),
            _MARGIN + svg.text_width(picture.arguments),
            *(_MARGIN + svg.text_width(line) for line in words),
        )
        body = [
            text(_MARGIN, 26, picture.title, class_="title"),
            text(_MARGIN, 46, picture.arguments, class_="soft"),
            f"<defs>{self._taps()}</defs>",
            *self._cells(),
            *self._outputs(),
            *self._dropped(),
            *(self._windows() if frame is None else [self._window(frame)]),
            *legend,
            *(text(_MARGIN, self.bottom + 62 + 20 * i, line) for i, line in enumerate(words)),
        ]
        return svg.document(
            width + _MARGIN,
            self.bottom + 62 + 20 * len(words),
            picture.title,
            picture.description,
            body,
            _RULES if frame is None else _RULES.replace("opacity:0}", "opacity:1}"),
            COLORS,
            more="" if self.picture.count == 1 or frame is not None else self._motion(),
            static=static,
        )

    @property
    def milliseconds(self) -> int:
        """How long the window stays at each position."""
        return max(100, min(700, 30_000 // self.picture.count))

    def _motion(self) -> str:
        """Return the rules that show one window after the other, if the reader wants motion."""
        share = f"{100 / self.picture.count:.4f}".rstrip("0").rstrip(".")
        duration = self.milliseconds * self.picture.count
        return f"""
@keyframes slide{{0%{{opacity:1}}{share}%{{opacity:0}}100%{{opacity:0}}}}
@media (prefers-reduced-motion:no-preference){{
.window{{animation:slide {duration}ms step-end infinite}}
}}
@media (prefers-reduced-motion:reduce){{
.window[data-step="{self.picture.count - 1}"]{{opacity:1}}
}}"""

    def _at(self, places: tuple[int, ...]) -> tuple[int, int]:
        """Return the corner of the cell at a position along each axis."""
        row, column = (0, *places) if self.flat else places
        return self.origin[0] + column * self.cell, self.origin[1] + row * self.cell

    def _square(self, kind: str, x: int, y: int, places: tuple[int, ...]) -> str:
        at = ",".join(map(str, places))
        side = self.cell - 2
        return element("rect", class_=kind, x=x + 1, y=y + 1, width=side, height=side, data_at=at)

    def _cells(self) -> Iterator[str]:
        axes = self.picture.axes
        for places in product(*(range(len(axis.cells)) for axis in axes)):
            at = tuple(axis.cells[place] for axis, place in zip(axes, places, strict=True))
            yield self._square(self.picture.cell(*places), *self._at(at), at)

    def _out(self, places: tuple[int, ...]) -> tuple[int, int]:
        row, column = (0, *places) if self.flat else places
        return self.output[0] + column * self.cell, self.output[1] + row * self.cell

    def _outputs(self) -> Iterator[str]:
        for places in product(*map(range, self.picture.outputs)):
            yield self._square("output", *self._out(places), places)

    def _taps(self) -> str:
        """Return the window as a shape: one square, or with a dilation one for each element."""
        taps = [axis.taps for axis in self.picture.axes]
        rows, columns = (range(1), taps[0]) if self.flat else taps
        path = "".join(
            f"M{x * self.cell} {y * self.cell}h{wide * self.cell}v{high * self.cell}"
            f"h{-wide * self.cell}z"
            for y, high in _joined(rows)
            for x, wide in _joined(columns)
        )
        return element("path", id=self._shape, d=path)

    def _windows(self) -> Iterator[str]:
        return map(self._window, range(self.picture.count))

    def _window(self, step: int) -> str:
        picture = self.picture
        out = picture.window(step)
        start = tuple(axis.starts[place] for axis, place in zip(picture.axes, out, strict=True))
        x, y = self._at(start)
        out_x, out_y = self._out(out)
        taps = [axis.taps[-1] + 1 for axis in picture.axes]
        high, wide = (self.cell * n for n in ((1, *taps) if self.flat else taps))
        if self.flat:
            rays = (
                f"M{x} {y + high}L{out_x} {out_y}M{x + wide} {y + high}L{out_x + self.cell} {out_y}"
            )
        else:
            rays = (
                f"M{x + wide} {y}L{out_x} {out_y}M{x + wide} {y + high}L{out_x} {out_y + self.cell}"
            )
        delay = f"animation-delay:{step * self.milliseconds}ms" if self.picture.count > 1 else None
        return element(
            "g",
            element("use", href=f"#{self._shape}", x=x, y=y)
            + element("path", class_="ray", d=rays)
            + element("rect", x=out_x, y=out_y, width=self.cell, height=self.cell),
            class_="window",
            data_step=step,
            data_at=",".join(map(str, start)),
            data_out=",".join(map(str, out)),
            style=delay,
        )

    def _dropped(self) -> Iterator[str]:
        """Yield the first window along each axis that is dropped there."""
        axes = self.picture.axes
        for i, axis in enumerate(axes):
            if axis.dropped is not None:
                starts = [
                    axis.dropped if j == i else other.starts[0] for j, other in enumerate(axes)
                ]
                x, y = self._at(tuple(starts))
                yield element("use", class_="dropped", href=f"#{self._shape}", x=x, y=y)

    def _legend(self) -> list[tuple[str, str]]:
        """Return what the colors mean."""
        present = self.picture.kinds | {"output"}
        entries = [(kind, words) for kind, words in LEGEND.items() if kind in present]
        entries.append(("window", "window"))
        if self.picture.dropped_note:
            entries.append(("dropped", "dropped window"))
        return entries


def _joined(taps: Any) -> list[tuple[int, int]]:
    """Return start and length of a window's elements along an axis, those side by side as one."""
    return [(0, len(taps))] if taps.step == 1 else [(tap, 1) for tap in taps]
