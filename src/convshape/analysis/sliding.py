"""Where the window of a convolution, pooling or transposed convolution is, axis by axis.

A transposed convolution is seen as the convolution that gives the same: its input stretched, with
``stride − 1`` zeros between its elements, and a window that moves by one. Source: Dumoulin and
Visin, "A guide to convolution arithmetic for deep learning" (2016), chapters 2 to 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..sizes import ceil_size, effective_kernel, same_padding


class SlidingAxis(NamedTuple):
    """One axis of the elements that a window slides over.

    Positions count from the first element of the input, which is 0; padding before it is negative.

    Attributes:
        cells: the positions that there are: the input, stretched or not, with its padding.
        inputs: the positions of the elements of the input.
        starts: the position of the first element of each window, one for each element that comes
            out.
        taps: the distances of a window's elements from its first.
        dropped: where the window starts that `ceil_mode` would add but torch drops, or None.
    """

    cells: range
    inputs: range
    starts: range
    taps: range
    dropped: int | None = None

    @property
    def extent(self) -> range:
        """All positions of cells and of windows, which `ceil_mode` lets reach beyond the cells."""
        starts = [self.starts[0], self.starts[-1]]
        starts += [] if self.dropped is None else [self.dropped]
        return range(
            min(self.cells.start, *starts), max(self.cells.stop, max(starts) + self.taps[-1] + 1)
        )

    def read(self) -> set[int]:
        """Return the positions that some window reads."""
        return {start + tap for start in self.starts for tap in self.taps}

    def kinds(self) -> list[str]:
        """Return of each cell what it is: ``input``, ``padding``, ``inserted`` (a zero)."""
        within = range(self.inputs[0], self.inputs[-1] + 1)
        return [
            "input" if at in self.inputs else "inserted" if at in within else "padding"
            for at in self.cells
        ]


class Sliding:
    """A window that slides over one or several axes, in the order of the elements that come out."""

    __slots__ = ("axes",)

    def __init__(self, axes: Sequence[SlidingAxis]) -> None:
        self.axes = tuple(axes)

    @property
    def outputs(self) -> tuple[int, ...]:
        """The size that comes out."""
        return tuple(len(axis.starts) for axis in self.axes)

    @property
    def cell_count(self) -> int:
        """How many cells there are, of the input with its padding and of the output."""
        before = after = 1
        for axis in self.axes:
            before *= len(axis.cells)
            after *= len(axis.starts)
        return before + after


def sliding(module: Any, inputs: Sequence[int], outputs: Sequence[int]) -> Sliding:
    """Return where the windows of a layer are.

    Args:
        module: a convolution, a max pooling or a transposed convolution.
        inputs: its spatial sizes, ``(H, W)`` or as many as it has axes.
        outputs: the spatial sizes of its result.
    """
    axis = _transposed if getattr(module, "transposed", False) else _direct
    return Sliding(
        [
            axis(size, out, {name: _of_axis(getattr(module, name, 0), i) for name in _NAMES})
            for i, (size, out) in enumerate(zip(inputs, outputs, strict=True))
        ]
    )


_NAMES = ("kernel_size", "stride", "padding", "dilation", "output_padding", "ceil_mode")


def _of_axis(value: Any, axis: int) -> Any:
    if not isinstance(value, (tuple, list)):
        return value
    return value[axis if len(value) > 1 else 0]


def _direct(size: int, out: int, layer: dict[str, Any]) -> SlidingAxis:
    kernel, dilation, padding = layer["kernel_size"], layer["dilation"], layer["padding"]
    if padding == "same":
        before, after = same_padding(kernel, dilation)
    else:
        before = after = 0 if padding == "valid" else padding
    stride = kernel if layer["stride"] is None else layer["stride"]
    dropped = None
    if layer["ceil_mode"] and ceil_size(size, kernel, stride, padding, dilation) > out:
        dropped = out * stride - before
    return SlidingAxis(
        range(-before, size + after),
        range(size),
        range(-before, out * stride - before, stride),
        range(0, effective_kernel(kernel, dilation), dilation),
        dropped,
    )


def _transposed(size: int, out: int, layer: dict[str, Any]) -> SlidingAxis:
    reach = effective_kernel(layer["kernel_size"], layer["dilation"])
    before = reach - 1 - layer["padding"]  # negative where padding cuts elements of the input off
    inputs = range(0, (size - 1) * layer["stride"] + 1, layer["stride"])
    return SlidingAxis(
        range(min(0, -before), max(inputs[-1] + 1, out - 1 - before + reach)),
        inputs,
        range(-before, out - before),
        range(0, reach, layer["dilation"]),
    )
