"""A network as a graph: layers as boxes, from the top down, with the shapes on the arrows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ...shapetorch.arguments import shape
from .figure_style import RULES, group, head, inner, page
from .layered import Layout
from .network import Figure, Layer, Repeat, shapes_of
from .stations import Station, stations
from .svg import element, number, shortened, shortened_call, tail, text, text_width

_MARGIN, _TOP, _STRIP, _GAP, _PAD = 28, 52, 20, 46, 12
#: How far an arrow goes straight down, beside its shape, and what a frame leaves for that.
_STRAIGHT, _BELOW = 17, 20
_LONGEST_NAME, _LONGEST_CALL = 36, 44
#: Room above a box at which a repeated part begins.
_ABOVE = 26


class Graph:
    """The drawing of a network: inputs, boxes and outputs are nodes of one layout.

    Args:
        figure: what is drawn.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.stations = stations(figure)
        self.ends = [f"{figure.input_name(-i)}" for i in range(1, len(figure.inputs) + 1)]
        self._home = {
            place: len(self.ends) + i
            for i, station in enumerate(self.stations)
            for place in station.layers
        }
        self._shapes: dict[int, list[str]] = defaultdict(list)
        self.edges = self._edges()
        self.layout = Layout(self._sizes(), self.edges, self._rooms(), _GAP)

    def document(self, static: bool = False) -> str:
        """Return the picture."""
        figure, layout = self.figure, self.layout
        frames, right = self._frames()
        below = _TOP + layout.height + 18
        width = max(_MARGIN + layout.width, right, _MARGIN + text_width(figure.title, 17), 340.0)
        parts = [*frames, *self._arrows(), *self._boxes(), *self._labels()]
        return page(figure, parts, width, below, _MARGIN, RULES, static)

    def _edges(self) -> list[tuple[int, int]]:
        """Return the pairs of nodes that an arrow joins, and note the shapes that leave each."""
        pairs: dict[tuple[int, int], None] = {}
        leaving = defaultdict(list)
        for edge in self.figure.edges:
            source = -edge.source - 1 if edge.source < 0 else self._home[edge.source]
            target = self._home[edge.target]
            if source != target:
                pairs[source, target] = None
                leaving[source].append(edge)
        self._shapes.update((node, [shapes_of(edges)]) for node, edges in leaving.items())
        results = defaultdict(list)
        for source, size in self.figure.results:
            results[-source - 1 if source < 0 else self._home[source]].append(shape(size))
        for node, sizes in results.items():
            self._shapes[node] = [*dict.fromkeys((*self._shapes[node], *sizes))]
        self._outputs = list(results)
        nodes = len(self.ends) + len(self.stations)
        pairs.update(((node, nodes + i), None) for i, node in enumerate(self._outputs))
        return list(pairs)

    def _label(self, node: int) -> str:
        return shortened(", ".join(self._shapes.get(node, ())), _LONGEST_CALL)

    def _sizes(self) -> list[tuple[float, float]]:
        """Return width and height of each node; its label, right of its middle, has room too."""
        sizes = [(self._end_width(name), float(_STRIP)) for name in self.ends]
        sizes += [
            (self.box_width(station), float(_STRIP * len(station.layers)))
            for station in self.stations
        ]
        sizes += [(self._end_width("output"), float(_STRIP))] * len(self._outputs)
        return [
            (
                max(wide, 2 * (text_width(self._label(node), 11) + 8))
                if self._label(node)
                else wide,
                high,
            )
            for node, (wide, high) in enumerate(sizes)
        ]

    def _end_width(self, name: str) -> float:
        return text_width(name) + 20

    def box_width(self, station: Station) -> float:
        """Return how wide the box of some layers is, that their names and calls fit in."""
        return max(self._strip_width(self.figure.layers[place]) for place in station.layers)

    def _strip_width(self, layer: Layer) -> float:
        name, call = self._words(layer)
        return text_width(name) * 1.08 + text_width(call, 11) + 30

    def _words(self, layer: Layer) -> tuple[str, str]:
        call = f"{layer.call}: {layer.out}" if layer.failed else layer.call
        return tail(layer.name, _LONGEST_NAME), shortened_call(call, _LONGEST_CALL)

    def _rooms(self) -> dict[int, float]:
        """Return the room above the boxes at which repeated parts begin."""
        rooms: dict[int, float] = {}
        before: set[Repeat] = set()
        for i, station in enumerate(self.stations, len(self.ends)):
            new = [repeat for repeat in station.repeats if repeat not in before]
            before.update(new)
            if new:
                rooms[i] = float(_ABOVE * len(new))
        return rooms

    def _at(self, node: int) -> tuple[float, float]:
        x, y = self.layout.centers[node]
        return x + _MARGIN, y + _TOP

    def _boxes(self) -> Iterator[str]:
        for node, name in enumerate(self.ends):
            yield self._end(node, name)
        for i, station in enumerate(self.stations, len(self.ends)):
            x, y = self._at(i)
            wide = self.box_width(station)
            for j, place in enumerate(station.layers):
                yield self._strip(self.figure.layers[place], x - wide / 2, y + _STRIP * j, wide)
        for i in range(len(self._outputs)):
            yield self._end(len(self.ends) + len(self.stations) + i, "output")

    def _end(self, node: int, name: str) -> str:
        x, y = self._at(node)
        return text(x, y + 14, name, text_anchor="middle")

    def _strip(self, layer: Layer, x: float, y: float, wide: float) -> str:
        name, call = self._words(layer)
        face = element("rect", class_="face", x=x, y=y, width=wide, height=_STRIP)
        left = text(x + 10, y + 14, name)
        right = text(x + wide - 10, y + 14, call, class_="call", text_anchor="end")
        return group(layer, inner(layer, face + left + right))

    def _arrows(self) -> Iterator[str]:
        """Yield the arrows; those to one box end side by side, in the order of their sources."""
        entering = defaultdict(list)
        for i, (_, target) in enumerate(self.edges):
            entering[target].append(i)
        for numbers in entering.values():
            numbers.sort(key=lambda i: self.layout.routes[i][-2])
            for place, i in enumerate(numbers):
                shift = 14 * (place - (len(numbers) - 1) / 2)
                yield self._arrow(self.layout.routes[i], shift)

    def _arrow(self, route: Sequence[tuple[float, float]], shift: float) -> str:
        points = [(x + _MARGIN, y + _TOP) for x, y in route]
        points[-1] = (points[-1][0] + shift, points[-1][1])
        (x, y), *rest = points
        path = f"M{number(x)} {number(y)}v{_STRAIGHT}"
        y += _STRAIGHT
        for i, (to_x, to_y) in enumerate(rest):
            end_y = to_y - 5 if i == len(rest) - 1 else to_y
            if x == to_x:
                path += f"V{number(end_y)}"
            else:
                middle = number((y + to_y) / 2)
                path += (
                    f"C{number(x)} {middle} {number(to_x)} {middle} {number(to_x)} {number(end_y)}"
                )
            x, y = to_x, to_y
        return element("path", class_="arrow", d=path) + head(x, y)

    def _labels(self) -> Iterator[str]:
        for node in range(len(self.ends) + len(self.stations)):
            label = self._label(node)
            if label:
                x, y = self._at(node)
                high = self.layout.sizes[node][1]
                yield text(x + 6, y + high + 14, label, class_="out halo")

    def _frames(self) -> tuple[list[str], float]:
        """Return a frame around each repeated part, with what it is, and where they end."""
        members: dict[Repeat, list[int]] = {}
        for i, station in enumerate(self.stations, len(self.ends)):
            for repeat in station.repeats:
                members.setdefault(repeat, []).append(i)
        drawn, right = [], 0.0
        for repeat, nodes in members.items():
            deeper = max(len(self.stations[node - len(self.ends)].repeats) for node in nodes)
            level = self.stations[nodes[0] - len(self.ends)].repeats.index(repeat)
            pad = _PAD * (deeper - level)
            x, y, to_x, to_y = self._around(nodes)
            wide = max(to_x - x + 2 * pad, text_width(repeat.label) * 1.08 + 20)
            top = y - _ABOVE * (deeper - level) + 6
            drawn.append(
                element(
                    "rect",
                    class_="repeat",
                    x=x - pad,
                    y=top,
                    width=wide,
                    height=to_y + _BELOW + 6 * (deeper - level - 1) - top,
                    rx=6,
                )
            )
            drawn.append(text(x - pad + 8, top + 14, repeat.label, class_="repeat-label"))
            right = max(right, x - pad + wide)
        return drawn, right

    def _around(self, nodes: Sequence[int]) -> tuple[float, float, float, float]:
        boxes = []
        for node in nodes:
            x, y = self._at(node)
            wide = self.box_width(self.stations[node - len(self.ends)])
            boxes.append((x - wide / 2, y, x + wide / 2, y + self.layout.sizes[node][1]))
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


def render(figure: Figure, static: bool = False) -> str:
    """Return a network as a graph in SVG; `static` for renderers without a reader's settings."""
    return Graph(figure).document(static)
