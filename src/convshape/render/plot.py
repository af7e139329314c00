"""Where the cost of a network sits: a bar for the parameters, MACs and bytes of each layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ..errors import SpecError
from ..symbolic import is_symbolic
from .numbers import byte_text, count_text, shapes_text
from .picture.svg import tail
from .view import Line, View

#: A text, and what it is: a quantity's name for its bars, else empty.
Cell = tuple[str, str]

#: What is shown of each layer, what it is called, and how it is written.
QUANTITIES: dict[str, tuple[str, Callable[[int], str]]] = {
    "params": ("parameters", count_text),
    "macs": ("MACs", count_text),
    "bytes": ("activations", byte_text),
}
_OTHER = "(other)"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_GAP = 2
#: How wide bars are at least and at most, in characters.
_NARROWEST, _BROADEST = 4, 40


class Bar(NamedTuple):
    """A layer, or several identical ones that follow each other.

    Attributes:
        label: its path, and how many there are.
        path: its path; empty for what is in no layer.
        counts: its `QUANTITIES`, by their names.
    """

    label: str
    path: str
    counts: dict[str, int]


class Plot:
    """The bars of a view: of each layer that costs anything, in the order of the calls.

    Args:
        view: what is shown, with the operations that keep the shape.

    Raises:
        SpecError: nothing costs anything, or the sizes are symbols.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        whole = view.analysis
        self.totals = {
            "params": whole.params,
            "macs": whole.macs,
            "bytes": whole.activation_bytes(view.dtype),
        }
        if any(is_symbolic(count) for count in self.totals.values()):
            raise SpecError("a plot needs numbers, not symbols", fix="--in 3x224x224")
        if not any(self.totals.values()):
            raise SpecError("there is nothing to plot: no layer ran")
        bars = list(self._bars())
        rest = {
            name: max(0, total - sum(bar.counts[name] for bar in bars))
            for name, total in self.totals.items()
        }
        bars.append(Bar(_OTHER, "", rest))
        self.bars = [bar for bar in bars if any(bar.counts.values())]

    def _bars(self) -> Iterator[Bar]:
        """Yield the bars of all lines with costs of their own."""
        above: list[tuple[Line, str, int]] = []  # what a line stands in: its path, and how often
        for line in self.view.lines():
            while above and above[-1][0].depth >= line.depth:
                above.pop()
            path, times = line.path, line.times
            if above:
                parent, start, often = above[-1]
                times *= often
                if path.startswith(f"{parent.row.path}."):
                    path = start + path[len(parent.row.path) :]
            above.append((line, path, times))
            if line.leaf:
                yield self._bar(line, path, times)

    def _bar(self, line: Line, path: str, times: int) -> Bar:
        whole, row = self.view.analysis, line.row
        counts = {
            "params": 0 if whole.is_again(row) else whole.params_of(row),
            "macs": whole.macs_of(row),
            "bytes": whole.activation_bytes_of(row, self.view.dtype),
        }
        label = f"{path} ×{times}" if times > 1 else path
        return Bar(label, path, {name: n * times for name, n in counts.items()})

    @property
    def title(self) -> str:
        """The network and its inputs."""
        return f"{self.view.title}  {shapes_text(self.view.run.input_shapes)}"

    def share(self, bar: Bar, quantity: str) -> float:
        """Return how long a bar is, from 0 to 1 for the longest of its quantity."""
        longest = max(other.counts[quantity] for other in self.bars)
        return bar.counts[quantity] / longest if longest else 0

    def to_dict(self) -> dict[str, Any]:
        """Return the bars as JSON has them, schema 1."""
        error = self.view.run.error
        return {
            "schema": 1,
            "command": "trace",
            "name": self.view.title,
            "bars": [{"path": bar.path, "label": bar.label, **bar.counts} for bar in self.bars],
            "total": self.totals,
            "error": error and error.to_dict(),
        }

    def lines(self, width: int, unicode: bool = True) -> list[list[Cell]]:
        """Return the bars as lines of text.

        Args:
            width: how many characters there are in a line.
            unicode: whether it may be written in more than ASCII.
        """
        shown = {name: title for name, title in QUANTITIES.items() if self.totals[name]}
        numbers = {
            name: [write(bar.counts[name]) if bar.counts[name] else "" for bar in self.bars]
            for name, (_, write) in shown.items()
        }
        totals = {name: write(self.totals[name]) for name, (_, write) in shown.items()}
        digits = {name: max(map(len, [*numbers[name], totals[name]])) for name in shown}
        labels = [tail(bar.label, max(12, width // 3)) for bar in self.bars]
        first = max(map(len, [*labels, "total"]))
        room = (width - first - sum(digits.values())) // len(shown) - _GAP - 1
        room = max(_NARROWEST, min(room, _BROADEST))

        def line(label: str, middle: dict[str, str], right: dict[str, str]) -> list[Cell]:
            cells = [(label.ljust(first), "")]
            for name in shown:
                cells.append((" " * _GAP, ""))
                cells.append((middle[name].ljust(room), name))
                cells.append((f" {right[name]:>{digits[name]}}", ""))
            return cells

        heads = {name: words[: room + digits[name]] for name, (words, _) in shown.items()}
        head: list[Cell] = [("".ljust(first), "")]
        for name in shown:
            head += [(" " * _GAP, ""), (heads[name].ljust(room + 1 + digits[name]), "")]
        result: list[list[Cell]] = [[(self.title, "title")], [], head]
        for i, (bar, label) in enumerate(zip(self.bars, labels, strict=True)):
            blocks = {name: _blocks(self.share(bar, name), room, unicode) for name in shown}
            result.append(line(label, blocks, {name: numbers[name][i] for name in shown}))
        result.append(line("total", dict.fromkeys(shown, ""), totals))
        return result


def text(lines: list[list[Cell]]) -> str:
    """Return lines without colors."""
    return "\n".join("".join(words for words, _ in line).rstrip() for line in lines)


def rich_text(lines: list[list[Cell]]) -> Any:
    """Return lines as Rich prints them."""
    from rich.text import Text

    styles = {"params": "green", "macs": "yellow", "bytes": "cyan", "title": "bold"}
    cells = [[(words, styles.get(kind, "")) for words, kind in line] for line in lines]
    return Text("\n", no_wrap=True).join(Text.assemble(*line) for line in cells)


def _blocks(share: float, width: int, unicode: bool) -> str:
    """Return a bar; what is there at all is at least as long as the smallest block."""
    if not unicode:
        return "#" * max(round(share * width), share > 0)
    eighths = max(round(share * width * 8), share > 0)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
