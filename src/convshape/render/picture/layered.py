"""Where the boxes of a graph are: in layers, from the top down, with few crossings.

Source: Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
structures" (1981): layers by longest paths, dummy boxes where an edge passes a layer, an order in
each by barycenters, and coordinates by least squares in that order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

#: How wide the lane of an edge that passes a layer is, and what lies between boxes.
_LANE, _GAP = 10.0, 26.0
_SWEEPS = 8
#: How strongly an edge pulls: between neighbours, into the lane of what skips
#: others, along a lane.
_NEAR, _INTO, _ALONG = 1.0, 0.001, 0.5


class Layout:
    """Places boxes.

    Args:
        sizes: width and height of each box.
        edges: pairs of boxes, of which the first comes earlier in `sizes`.
        above: extra room above some boxes.
        gap: between layers.

    Attributes:
        centers: the x of the middle and the y of the top of each box.
        routes: for each edge the points that it goes through, from the bottom of its source to the
            top of its target.
        width: of the whole.
        height: of the whole.
    """

    def __init__(
        self,
        sizes: Sequence[tuple[float, float]],
        edges: Sequence[tuple[int, int]],
        above: Mapping[int, float],
        gap: float,
    ) -> None:
        self.sizes = list(sizes)
        self.edges = list(edges)
        self._layer = self._layers()
        self._chains = [self._lanes(source, target) for source, target in self.edges]
        self._order()
        xs = self._coordinates()
        tops, bottoms = self._heights(above, gap)
        self.centers = [(xs[i], tops[self._layer[i]]) for i in range(len(sizes))]
        self.routes = [self._route(chain, xs, tops, bottoms) for chain in self._chains]
        self.width = max(x + self.sizes[i][0] / 2 for i, x in enumerate(xs))
        self.height = max(bottoms)

    def _layers(self) -> list[int]:
        """Return the layer of each box: one below the lowest of those that feed it.

        What is fed by nothing, such as a constant, is just above what it feeds.
        """
        before, after = defaultdict(list), defaultdict(list)
        for source, target in self.edges:
            before[target].append(source)
            after[source].append(target)
        layer = [0] * len(self.sizes)
        for box in range(len(layer)):
            layer[box] = max((layer[source] + 1 for source in before[box]), default=0)
        for box in range(len(layer)):
            if not before[box] and after[box]:
                layer[box] = min(layer[target] for target in after[box]) - 1
        return layer

    def _lanes(self, source: int, target: int) -> list[int]:
        """Return what an edge goes through, with new boxes where it passes a layer."""
        chain = [source]
        for layer in range(self._layer[source] + 1, self._layer[target]):
            chain.append(len(self.sizes))
            self.sizes.append((_LANE, 0.0))
            self._layer.append(layer)
        return [*chain, target]

    def _order(self) -> None:
        """Order each layer so that few edges cross."""
        self._pulls: list[list[tuple[int, float]]] = [[] for _ in self.sizes]
        real = len(self.sizes) - sum(len(chain) - 2 for chain in self._chains)
        leaving = Counter(source for source, _ in self.edges)
        for chain in self._chains:
            into = _NEAR if leaving[chain[0]] == 1 else _INTO  # a branch, or what skips others
            for one, other in pairwise(chain):
                lanes = (one >= real) + (other >= real)
                pull = (_NEAR, into, _ALONG)[lanes]
                self._pulls[one].append((other, pull))
                self._pulls[other].append((one, pull))
        self._rows: list[list[int]] = [[] for _ in range(max(self._layer, default=0) + 1)]
        for box, layer in enumerate(self._layer):
            self._rows[layer].append(box)
        best, least = [list(row) for row in self._rows], self._crossings()
        for sweep in range(_SWEEPS):
            rows = self._rows if sweep % 2 == 0 else self._rows[::-1]
            for fixed, moved in pairwise(rows):
                self._sort(fixed, moved)
            crossings = self._crossings()
            if crossings < least:
                best, least = [list(row) for row in self._rows], crossings
        self._rows = best

    def _sort(self, fixed: Sequence[int], moved: list[int]) -> None:
        place = {box: i for i, box in enumerate(fixed)}
        here = {box: i for i, box in enumerate(moved)}

        def middle(box: int) -> tuple[float, int]:
            around = [place[other] for other, _ in self._pulls[box] if other in place]
            return (sum(around) / len(around) if around else here[box], here[box])

        moved.sort(key=middle)

    def _crossings(self) -> int:
        count = 0
        for upper, lower in pairwise(self._rows):
            place = {box: i for i, box in enumerate(lower)}
            ends = [
                place[other]
                for box in upper
                for other in sorted(
                    (other for other, _ in self._pulls[box] if other in place),
                    key=place.__getitem__,
                )
            ]
            count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
        return count

    def _coordinates(self) -> list[float]:
        """Return the x of each box: near what it is connected to, in the order of its layer."""
        xs = [0.0] * len(self.sizes)
        for row in self._rows:
            x = 0.0
            for box in row:
                xs[box] = x + self.sizes[box][0] / 2
                x += self.sizes[box][0] + _GAP
        for sweep in range(2 * _SWEEPS + 1):  # the last goes down
            down = sweep % 2 == 0
            for row in self._rows if down else self._rows[::-1]:
                self._settle(row, xs, down)
        left = min(x - self.sizes[i][0] / 2 for i, x in enumerate(xs))
        return [round(x - left, 1) for x in xs]

    def _wanted(self, box: int, xs: Sequence[float], down: bool) -> tuple[float, float]:
        """Return where a box is pulled by what is above it, or below, and how strongly."""
        layer = self._layer[box]
        pulls = [
            (other, pull)
            for other, pull in self._pulls[box]
            if (self._layer[other] < layer) == down
        ]
        if not pulls:
            return xs[box], _INTO
        if len(pulls) > 2:  # branches that meet are alike, of whatever length
            pulls = [(other, _NEAR) for other, _ in pulls]
        middle = sum(xs[other] * pull for other, pull in pulls) / sum(pull for _, pull in pulls)
        return middle, max(pull for _, pull in pulls)

    def _settle(self, row: Sequence[int], xs: list[float], down: bool) -> None:
        """Move the boxes of a layer to where they are pulled, as far as they leave each other room.

        The sum of the squared distances is the least that there is (pooled adjacent violators).
        """
        offset, offsets, pools = 0.0, [], list[list[float]]()
        before = None
        for box in row:
            if before is not None:
                offset += (self.sizes[before][0] + self.sizes[box][0]) / 2 + _GAP
            before = box
            offsets.append(offset)
            wanted, weight = self._wanted(box, xs, down)
            pools.append([wanted - offset, weight, 1])
            while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
                x, weight, count = pools.pop()
                pool = pools[-1]
                pool[0] = (pool[0] * pool[1] + x * weight) / (pool[1] + weight)
                pool[1] += weight
                pool[2] += count
        places = [x for x, _, count in pools for _ in range(int(count))]
        for box, x, moved in zip(row, places, offsets, strict=True):
            xs[box] = x + moved

    def _heights(self, above: Mapping[int, float], gap: float) -> tuple[list[float], list[float]]:
        tops, bottoms, y = [], [], 0.0
        for row in self._rows:
            y += max((above.get(box, 0.0) for box in row), default=0.0)
            tops.append(y)
            y += max((self.sizes[box][1] for box in row), default=0.0)
            bottoms.append(y)
            y += gap
        return tops, bottoms

    def _route(
        self,
        chain: Sequence[int],
        xs: Sequence[float],
        tops: Sequence[float],
        bottoms: Sequence[float],
    ) -> list[tuple[float, float]]:
        source, *lanes, target = chain
        points = [(xs[source], tops[self._layer[source]] + self.sizes[source][1])]
        if points[0][1] < bottoms[self._layer[source]]:  # past the taller boxes of its layer
            points.append((xs[source], bottoms[self._layer[source]]))
        for lane in lanes:
            layer = self._layer[lane]
            points += [(xs[lane], tops[layer]), (xs[lane], bottoms[layer])]
        return [*points, (xs[target], tops[self._layer[target]])]
