"""Which layers of a figure are drawn as one box."""

from __future__ import annotations

from collections.abc import Sequence

from .network import LARGE, Figure, Layer, Repeat


class Station:
    """Layers that are drawn as one box: the first, and those that only follow and keep the shape.

    Attributes:
        layers: their places in `Figure.layers`.
        repeats: the repeated parts that they are in.
    """

    __slots__ = ("layers", "repeats")

    def __init__(self, layer: int, repeats: Sequence[Repeat]) -> None:
        self.layers = [layer]
        self.repeats = tuple(repeats)


def stations(figure: Figure) -> list[Station]:
    """Return the layers in boxes, in the order of the calls."""
    feeds: dict[int, set[int]] = {}
    fed: dict[int, set[int]] = {}
    for edge in figure.edges:
        feeds.setdefault(edge.source, set()).add(edge.target)
        fed.setdefault(edge.target, set()).add(edge.source)
    result: list[Station] = []
    home: dict[int, Station] = {}
    for place, layer in enumerate(figure.layers):
        before = fed.get(place, set())
        (source,) = before if len(before) == 1 else (-1,)
        station = home.get(source)
        if station is not None and feeds[source] == {place} and _joins(figure, station, layer):
            station.layers.append(place)
        else:
            station = Station(place, layer.repeats)
            result.append(station)
        home[place] = station
    return result


def _joins(figure: Figure, station: Station, layer: Layer) -> bool:
    """Return whether a layer is drawn in the box of the one before it."""
    first, before = (figure.layers[station.layers[i]] for i in (0, -1))
    return (
        not layer.failed
        and layer.shapes == before.shapes
        and layer.repeats == before.repeats
        and layer.kind not in ("join", "sequence", "module")
        and (layer.kind == first.kind or not {layer.kind, first.kind} <= LARGE)
        and station.layers[-1] not in {place for place, _ in figure.results}
    )
