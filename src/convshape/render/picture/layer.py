"""What a picture of one layer shows, apart from how: panels of cells, captions, legend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

from ...analysis.sliding import Sliding
from ...shapetorch.arguments import shape
from ..equation import lines
from ..numbers import across

#: What cells are called in legends.
LEGEND = {
    "input": "input",
    "padding": "padding",
    "inserted": "inserted zero",
    "unused": "no window reaches it",
    "output": "output",
}
_COMMANDS = {"Conv": "convolution", "MaxPool": "pooling", "ConvTranspose": "transposed convolution"}


class LayerPicture:
    """A layer's window, the cells that it slides over, and those that come out.

    Args:
        module: the layer.
        inputs: its spatial sizes, ``(H, W)`` or ``(L,)``.
        sliding: where its windows are.
        note: how the sizes were read, if not as they were written.
    """

    def __init__(
        self, module: Any, inputs: Sequence[int], sliding: Sliding, note: str = ""
    ) -> None:
        self.module = module
        self.note = note
        self.inputs = tuple(inputs)
        self.outputs = sliding.outputs
        self.axes = sliding.axes
        self.equations = lines(module, inputs)
        self._kinds = [axis.kinds() for axis in self.axes]
        self._read = [axis.read() for axis in self.axes]

    @property
    def name(self) -> str:
        """What the layer is: ``transposed convolution``."""
        return _COMMANDS[type(self.module).__name__[:-2]]

    @property
    def title(self) -> str:
        """The layer and its sizes: ``convolution: 5×5 → 3×3``."""
        return f"{self.name}: {shape(self.inputs)} → {shape(self.outputs)}"

    @property
    def count(self) -> int:
        """How many positions the window takes."""
        return prod(self.outputs)

    @property
    def arguments(self) -> str:
        """The layer's arguments in words: ``kernel 3×3, stride 2×2, padding 1×1``."""
        words = []
        for name in ("kernel_size", "stride", "padding", "output_padding", "dilation"):
            value = getattr(self.module, name, None)
            if name == "stride" and value is None:
                value = self.module.kernel_size
            values = value if isinstance(value, tuple) else (value,)
            usual = 1 if name in ("stride", "dilation") else 0
            if name == "kernel_size" or any(n not in (usual, None) for n in values):
                label = name.removesuffix("_size").replace("_", " ")
                words.append(f"{label} {across(map(str, values))}")
        if getattr(self.module, "ceil_mode", False):
            words.append("ceil mode")
        return ", ".join(words)

    @property
    def description(self) -> str:
        """The picture in sentences."""
        positions = f"{self.count} position{'s' * (self.count != 1)}"
        parts = [f"The window of a {self.name} takes {positions}"]
        parts[0] += f" over an input of {shape(self.inputs)}, with {self.arguments}."
        parts += [self.dropped_note] if self.dropped_note else []
        return " ".join((*parts, *(f"{equation}." for equation in self.equations)))

    @property
    def dropped_note(self) -> str:
        """What is said of windows that `ceil_mode` would add but torch drops."""
        count = sum(axis.dropped is not None for axis in self.axes)
        if count > 1:
            return "The dashed windows are dropped: they would start in the right padding."
        return "The dashed window is dropped: it would start in the right padding." * count

    @property
    def kinds(self) -> set[str]:
        """The kinds of its cells."""
        return {
            self.cell(*places)
            for places in product(*(range(len(axis.cells)) for axis in self.axes))
        }

    def cell(self, *places: int) -> str:
        """Return what the cell is at one place along each axis, counted from the first cell."""
        kinds = [kinds[place] for kinds, place in zip(self._kinds, places, strict=True)]
        if "padding" in kinds:
            return "padding"
        if "inserted" in kinds:
            return "inserted"
        return "input" if self.reached(*places) else "unused"

    def reached(self, *places: int) -> bool:
        """Return whether some window reads a cell."""
        return all(
            axis.cells[place] in read
            for axis, read, place in zip(self.axes, self._read, places, strict=True)
        )

    def window(self, step: int) -> tuple[int, ...]:
        """Return the place of the element that results from a window, counted from 0 in order."""
        if len(self.outputs) == 1:
            return (step,)
        return divmod(step, self.outputs[1])
