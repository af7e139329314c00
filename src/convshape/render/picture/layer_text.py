"""A layer's window in a terminal: the input with its padding, a window or two, and the output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from operator import contains
from typing import Any

from .layer import LayerPicture

#: A glyph, and what it stands for.
Cell = tuple[str, str]

#: What stands for each kind of cell, then for those that the window reads (and for what comes out
#: of it), in Unicode and in ASCII.
UNICODE = {
    "input": "□■",
    "padding": "·▪",
    "inserted": "◦•",
    "unused": "×",
    "output": "□■",
    "": " ▪",
}
_ASCII = {"input": "o#", "padding": ".+", "inserted": "0*", "unused": "x", "output": "o#", "": " +"}
_STYLES = {
    "input": "blue",
    "padding": "bright_black",
    "inserted": "cyan",
    "unused": "red",
    "output": "green",
    "window": "bold yellow",
}
_WORDS = {
    "padding": ("padding", "padding in the window"),
    "inserted": ("inserted zero", "zero in the window"),
    "unused": ("no window reaches it",),
}
_GAP = 4


class LayerText:
    """The picture of a layer as lines of glyphs.

    Args:
        picture: what is shown.
        unicode: whether it may be written in more than ASCII.
    """

    def __init__(self, picture: LayerPicture, unicode: bool = True) -> None:
        self.picture = picture
        self.glyphs = UNICODE if unicode else _ASCII

    def lines(self, steps: Sequence[int] | None = None, width: int = 0) -> list[list[Cell]]:
        """Return the picture: title, windows, output, what the glyphs mean, and the equation.

        Args:
            steps: the windows, counted from 0; the first and the last unless given.
            width: of the terminal; 0 for any.
        """
        picture = self.picture
        usual = steps is None
        shown = [*dict.fromkeys((0, self.picture.count - 1))] if steps is None else list(steps)
        panels = [(self._caption(step, usual), self._input(self._starts(step))) for step in shown]
        if picture.dropped_note and usual:
            panels.append(("dropped", self._input(self._dropped())))
        panels.append(("output", self._output(shown)))
        if len(picture.axes) == 1:
            body = self._stacked(panels)
        elif not width or self._wide(panels) <= width:
            body = self._beside(panels)
        else:
            body = []
            for caption, rows in panels:
                body += [*([[]] if body else []), *map(list, map(_spaced, rows)), _plain(caption)]
        title = f"{picture.title}   {picture.arguments}"
        return [
            _plain(title),
            [],
            *body,
            [],
            *self._legend(width or 80),
            *map(_plain, picture.equations),
        ]

    def width(self) -> int:
        """Return how wide the widest panel is, in columns."""
        axis = self.picture.axes[-1]
        left = len("first window") + _GAP if len(self.picture.axes) == 1 else 0
        return left + 2 * max(len(axis.extent), self.picture.outputs[-1]) - 1

    def _caption(self, step: int, usual: bool) -> str:
        if not usual:
            out = ", ".join(map(str, self.picture.window(step)))
            return f"window {step} → [{out}]" if len(self.picture.axes) > 1 else f"window {step}"
        if self.picture.count == 1:
            return "window"
        return "last window" if step else "first window"

    def _glyph(self, kind: str, read: bool) -> Cell:
        return self.glyphs[kind][-1 if read else 0], "window" if read else kind

    def _starts(self, step: int) -> list[int]:
        out = self.picture.window(step)
        return [axis.starts[place] for axis, place in zip(self.picture.axes, out, strict=True)]

    def _dropped(self) -> list[int]:
        """Return where the window starts behind the last, along each axis that drops one."""
        return [
            axis.starts[-1] if axis.dropped is None else axis.dropped for axis in self.picture.axes
        ]

    def _input(self, starts: Sequence[int]) -> list[list[Cell]]:
        axes = self.picture.axes
        taps = [
            {start + tap for tap in axis.taps} for axis, start in zip(axes, starts, strict=True)
        ]
        return _grid(
            [axis.extent for axis in axes], lambda at: self._cell(at, all(map(contains, taps, at)))
        )

    def _cell(self, at: tuple[int, ...], read: bool) -> Cell:
        axes = self.picture.axes
        if any(place not in axis.cells for axis, place in zip(axes, at, strict=True)):
            return self._glyph("", read)  # `ceil_mode` reaches beyond the cells
        places = (axis.cells.index(place) for axis, place in zip(axes, at, strict=True))
        return self._glyph(self.picture.cell(*places), read)

    def _output(self, steps: Sequence[int]) -> list[list[Cell]]:
        shown = [self.picture.window(step) for step in steps]
        sizes = map(range, self.picture.outputs)
        return _grid(sizes, lambda at: self._glyph("output", at in shown))

    def _wide(self, panels: Sequence[tuple[str, list[list[Cell]]]]) -> int:
        wide = (max(2 * len(rows[0]) - 1, len(caption)) for caption, rows in panels)
        return sum(wide) + _GAP * (len(panels) - 1)

    def _stacked(self, panels: Sequence[tuple[str, list[list[Cell]]]]) -> list[list[Cell]]:
        label = max(len(caption) for caption, _ in panels) + _GAP
        return [[*_plain(caption.ljust(label)), *_spaced(rows[0])] for caption, rows in panels]

    def _beside(self, panels: Sequence[tuple[str, list[list[Cell]]]]) -> list[list[Cell]]:
        high = max(len(rows) for _, rows in panels)
        lines: list[list[Cell]] = [[] for _ in range(high + 1)]
        for i, (caption, rows) in enumerate(panels):
            wide = max(2 * len(rows[0]) - 1, len(caption)) + _GAP * (i < len(panels) - 1)
            for y in range(high):
                cells = list(_spaced(rows[y])) if y < len(rows) else []
                lines[y] += cells + [(" ", "")] * (wide - len(cells))
            lines[high] += _plain(caption.ljust(wide))
        return lines

    def _legend(self, width: int) -> list[list[Cell]]:
        glyphs, present = self.glyphs, self.picture.kinds
        entries = [(glyphs["input"][1], "window", "window and its output")]
        entries.append((glyphs["input"][0], "input", "input, output"))
        for kind, words in _WORDS.items():
            if kind in present:
                entries += zip(glyphs[kind], (kind, "window"), words, strict=False)
        lines: list[list[Cell]] = [[]]
        for glyph, style, label in entries:
            entry = [(glyph, style), *_plain(f" {label}")]
            if lines[-1] and len(lines[-1]) + 3 + len(entry) > width:
                lines.append([])
            lines[-1] += [*_plain("   " if lines[-1] else ""), *entry]
        return lines


def _grid(spans: Iterable[range], cell: Callable[[tuple[int, ...]], Cell]) -> list[list[Cell]]:
    """Return the cells at the positions of one axis, in a row, or of two."""
    *above, across = spans
    return [[cell((*down, x)) for x in across] for down in product(*above)]


def _plain(text: str) -> list[Cell]:
    return [(character, "") for character in text]


def _spaced(row: Sequence[Cell]) -> Iterator[Cell]:
    for i, cell in enumerate(row):
        if i:
            yield " ", ""
        yield cell


def text(lines: Sequence[Sequence[Cell]]) -> str:
    """Return lines without their colors."""
    return "\n".join("".join(glyph for glyph, _ in line).rstrip() for line in lines)


def rich_text(lines: Sequence[Sequence[Cell]]) -> Any:
    """Return lines as Rich prints them, in colors."""
    from rich.text import Text

    result = Text()
    for i, line in enumerate(lines):
        result.append("\n" if i else "")
        for glyph, style in line:
            result.append(glyph, _STYLES.get(style))
    return result
