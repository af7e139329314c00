"""What would use all of an axis of which convolution or pooling leaves something unused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .inverse import Arguments, Conv, Pool
from .unused import Window, unused, windows_of_layer

#: How many paddings and sizes are looked at.
_MOST = 1000


class Remedies(NamedTuple):
    """Changes each of which leaves nothing unused; None, or no sizes, where there is none nearby.

    Attributes:
        kernel_size: the smallest kernel that leaves no gaps, if the stride is larger than it is
            now.
        padding: the least larger padding.
        ceil_mode: True where that is one.
        sizes: the nearest inputs, smaller and larger, less than two strides away.
    """

    kernel_size: int | None
    padding: int | None
    ceil_mode: bool | None
    sizes: tuple[int, ...]


def remedies(layer: Any, size: int, axis: int, axes: int) -> Remedies:
    """Return what would use all of an axis, with everything else as it is.

    Args:
        layer: a convolution or a pooling.
        size: of the axis.
        axis: its number among the spatial ones.
        axes: how many there are.
    """
    rounds_up = getattr(layer, "ceil_mode", None)
    kind = Conv() if rounds_up is None else Pool()
    a = Arguments(*windows_of_layer(layer, axes)[axis], int(bool(rounds_up)))

    def first(values: Iterable[int], change: str = "", size: int = size) -> int | None:
        """Return the first value of an argument, or of the size, that uses all."""
        for value in values:
            changed = a._replace(**{change: value}) if change else a
            if _uses_all(kind, size if change else value, changed):
                return value
        return None

    reach = min(2 * a.stride, _MOST)
    paddings = range(a.padding + 1, min(kind.most_padding(a.kernel_size), a.padding + reach) + 1)
    nearby = (
        first(range(size - 1, max(size - reach, 0), -1)),
        first(range(size + 1, size + reach)),
    )
    return Remedies(
        first([a.stride] if a.stride > a.kernel_size else [], "kernel_size"),
        first(paddings, "padding"),
        True if rounds_up is False and first([1], "extra") else None,
        tuple(n for n in nearby if n is not None),
    )


def _uses_all(kind: Conv, size: int, a: Arguments) -> bool:
    out = kind.out(size, a)
    left = unused(size, out, Window(*a[:4])) if out >= 1 else None
    return left is not None and not left.total
