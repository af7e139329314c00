"""What no window looks at, in words: ``the last 1 of 10 is never used``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..analysis.remedies import Remedies, remedies
from ..analysis.unused import Unused, unused_of_layer, windows_of_layer
from .equation import AXES


def unused_lines(
    layer: Any, size: Sequence[int], out: Sequence[int], as_options: bool = False
) -> list[str]:
    """Return a line for each axis of which something is unused, or one where they are all the same.

    Args:
        layer: a convolution or a pooling.
        size: the spatial sizes that come in.
        out: those that come out.
        as_options: whether arguments are written as the command line has them, and not Python.
    """
    axes = len(size)
    facts = [
        left and left.total and (n, left, remedies(layer, n, index, axes))
        for index, (n, left) in enumerate(zip(size, unused_of_layer(layer, size, out), strict=True))
    ]
    if facts[0] and all(fact == facts[0] for fact in facts):
        return [_sentence(*facts[0], _Writer(layer, range(axes), axes, as_options))]
    return [
        f"{label}: {_sentence(*fact, _Writer(layer, range(index, index + 1), axes, as_options))}"
        for index, (label, fact) in enumerate(zip(AXES[axes], facts, strict=True))
        if fact
    ]


class _Writer(NamedTuple):
    """How a change of an argument along some of the axes is written."""

    layer: Any
    changed: range
    axes: int
    as_options: bool

    def __call__(self, name: str, value: int | bool) -> str:
        """Write an argument: ``--padding 1x0`` or ``padding=(1, 0)``."""
        option = f"--{name.replace('_', '-')}"
        if value is True:
            return option if self.as_options else f"{name}=True"
        now = [getattr(window, name) for window in windows_of_layer(self.layer, self.axes)]
        values = [value if i in self.changed else n for i, n in enumerate(now)]
        if len(set(values)) == 1:
            return f"{option} {value}" if self.as_options else f"{name}={value}"
        if self.as_options:
            return f"{option} {'x'.join(map(str, values))}"
        return f"{name}={tuple(values)}"


def _sentence(size: int, left: Unused, change: Remedies, write: _Writer) -> str:
    verb = "is" if left.total == 1 else "are"
    which = "the last " if left.total == left.last else ""
    text = f"{which}{left.total:,} of {size:,} {verb} never used"
    ways = [
        write(name, value)
        for name, value in zip(change._fields[:3], change[:3], strict=True)
        if value is not None and hasattr(write.layer, name)
    ]
    if change.sizes:
        ways.append(f"an input of {' or '.join(map(str, change.sizes))}")
    listed = ", ".join(ways[:-1]) + (" or " if len(ways) > 1 else "") + "".join(ways[-1:])
    return f"{text}; all are with {listed}" if ways else text
