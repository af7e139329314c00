"""How large tensors are drawn as boxes: channels as width, sizes as height and depth."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import NamedTuple

from .network import Layer
from .svg import element, number

Shape = tuple[int, ...]

#: The largest and the smallest height, width and depth, in pixels.
_HEIGHT, _LEAST_HEIGHT = 170.0, 8.0
_WIDTH, _LEAST_WIDTH = 54.0, 4.0
_DEPTH = 0.42
#: The exponent of the scale: large sizes are drawn smaller, or small ones could not be seen.
_POWER = 0.6
#: A vector is as wide as this, and what only follows another layer (an activation) as that.
_VECTOR, THIN = 14.0, 6.0


class Volume(NamedTuple):
    """A tensor as a box, in pixels: its front is wide by channels and high by size."""

    width: float
    height: float
    depth: float


class Scale:
    """How tensors are drawn beside each other.

    Args:
        shapes: all that are drawn, the first axis being the batch, and whether the channels of each
            are its last axis.
    """

    def __init__(self, shapes: Iterable[tuple[Shape, bool]]) -> None:
        parts = [_parts(shape, last) for shape, last in shapes]
        sizes = [(c, max(size)) for c, size in parts if size]
        self._channels = max((channels for channels, _ in sizes), default=1) or 1
        self._size = max((size for _, size in sizes), default=1) or 1
        self._features = max((channels for channels, size in parts if not size), default=1) or 1

    def volume(self, shape: Shape, channels_last: bool) -> Volume:
        """Return the box of a tensor."""
        channels, size = _parts(shape, channels_last)
        if not size:
            return Volume(_VECTOR, _scaled(channels, self._features, _HEIGHT, 16.0), _VECTOR / 2)
        height = _scaled(size[0], self._size, _HEIGHT, _LEAST_HEIGHT)
        width = _scaled(channels, self._channels, _WIDTH, _LEAST_WIDTH)
        deep = _scaled(size[-1], self._size, _HEIGHT, _LEAST_HEIGHT) if len(size) > 1 else _VECTOR
        return Volume(width, height, deep * _DEPTH)


def _parts(shape: Shape, channels_last: bool) -> tuple[int, Shape]:
    """Return the channels of a tensor, and height and width; a vector has channels alone."""
    _, *rest = map(int, shape if len(shape) > 1 else (1, *shape))
    if len(rest) < 2:
        return prod(rest), ()
    if channels_last:
        return rest[-1], tuple(rest[:-1])[-2:]
    return rest[0], tuple(rest[1:])[-2:]


def channels_last(layer: Layer) -> bool:
    """Return whether a layer works on the last axis: linear layers, attention, embeddings."""
    return layer.kind in ("linear", "sequence") or layer.call.startswith("Embedding")


def _scaled(value: int, most: int, room: float, least: float) -> float:
    share: float = (value / most) ** _POWER
    return round(max(least, room * share), 1)


def box(volume: Volume, x: float, axis: float) -> str:
    """Return the front, the top and the side of a box whose middle is at height `axis`."""
    up = volume.depth * 0.6
    y = axis - volume.height / 2 + up / 2
    right, bottom = x + volume.width, y + volume.height
    back = number(volume.depth)
    faces = (
        f"M{number(x)} {number(y)}H{number(right)}V{number(bottom)}H{number(x)}z",
        f"M{number(x)} {number(y)}l{back} {number(-up)}h{number(volume.width)}"
        f"L{number(right)} {number(y)}z",
        f"M{number(right)} {number(y)}l{back} {number(-up)}v{number(volume.height)}"
        f"L{number(right)} {number(bottom)}z",
    )
    drawn = [element("path", class_="face", d=face) for face in faces]
    return "".join((*drawn, element("path", class_="shade", d=faces[-1])))
