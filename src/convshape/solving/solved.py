"""What solving one layer gives: the solutions, and how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..analysis.values import Ratio, Values
from ..errors import ShapeError
from ..one_layer import layer_of
from ..render.equation import lines
from .bounds import DEFAULTS, TITLES, option

if TYPE_CHECKING:
    from ..analysis.inverse import Axis

Ints = tuple[int, ...]


class ConvSolution(NamedTuple):
    """Arguments of a convolution, a number for each spatial axis, and the sizes that they join.

    `in_` and `out` are empty where every input size has the relation that was asked for.
    """

    in_: Ints
    out: Ints
    kernel_size: Ints
    stride: Ints
    padding: Ints
    dilation: Ints


class PoolSolution(NamedTuple):
    """Arguments of a pooling, as those of `ConvSolution`; `ceil_mode` is one for all axes."""

    in_: Ints
    out: Ints
    kernel_size: Ints
    stride: Ints
    padding: Ints
    dilation: Ints
    ceil_mode: bool


class ConvTransposeSolution(NamedTuple):
    """Arguments of a transposed convolution, as those of `ConvSolution`."""

    in_: Ints
    out: Ints
    kernel_size: Ints
    stride: Ints
    padding: Ints
    dilation: Ints
    output_padding: Ints


Solution = ConvSolution | PoolSolution | ConvTransposeSolution


class Solved(NamedTuple):
    """The answer to a question.

    Attributes:
        kind: what was solved for, ``conv``, ``pool`` or ``deconv``.
        axes: what was asked along each axis, with the bounds that were searched.
        solutions: what people write comes first; `convshape.analysis.solve.MOST` at most.
        total: how many there are.
        note: what was not searched, or searched beyond the defaults; else empty.
        complete: whether all within the bounds was tried.
        nearest: where there is none, what comes nearest within the bounds.
        fix: where there is none, what to do.
    """

    kind: str
    axes: list[Axis]
    solutions: list[Solution]
    total: int
    note: str
    complete: bool
    nearest: Solution | None = None
    fix: str = ""

    @property
    def sentence(self) -> str:
        """What was asked: ``224 → 112``."""
        ratio = self.axes[0].outputs
        if not self.is_for_every_size or not isinstance(ratio, Ratio):
            return f"{_asked(self.axes, 'inputs')} → {_asked(self.axes, 'outputs')}"
        every = {1: "every n", 2: "every even n"}.get(ratio.divisor)
        return f"n → {ratio.text('n')}, for {every or f'every multiple n of {ratio.divisor}'}"

    @property
    def title(self) -> str:
        """What was asked, and how many solutions there are."""
        listed = f", {len(self.solutions):,} listed" if len(self.solutions) < self.total else ""
        least = "" if self.complete else "at least "
        plural = "s" * (self.total != 1)
        return f"{self.sentence}: {least}{self.total:,} solution{plural}{listed}"

    @property
    def is_for_every_size(self) -> bool:
        """Whether arguments were asked for that have a ratio for every input size."""
        return self.axes[0].inputs is None and isinstance(self.axes[0].outputs, Ratio)

    @property
    def symbols(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The sizes that come in and out where that `is_for_every_size`: ``n`` and ``n/2``."""
        ratio = self.axes[0].outputs
        assert isinstance(ratio, Ratio)
        return ("n",) * len(self.axes), (ratio.text("n"),) * len(self.axes)

    @property
    def open_sizes(self) -> tuple[bool, bool]:
        """Whether the sizes that come in, and those that come out, were left open."""
        if self.is_for_every_size:
            return False, False
        ins = any(axis.inputs is None or axis.inputs.count > 1 for axis in self.axes)
        outs = any(not isinstance(a.outputs, Ratio) and a.outputs.count > 1 for a in self.axes)
        return ins, outs or any(len(_ratio_sizes(axis)) > 1 for axis in self.axes)

    def equations(self) -> list[str]:
        """Return the first solution's equation with its numbers, once for axes that are equal."""
        first = self.solutions[0]
        layer = layer_of(self.kind, len(self.axes), arguments_of(first))
        ratio = self.axes[0].outputs
        if first.in_ or not isinstance(ratio, Ratio):
            return lines(layer, first.in_)
        example = -(-32 // ratio.divisor) * ratio.divisor
        return [f"n = {example}: {line}" for line in lines(layer, (example,) * len(self.axes))]

    @property
    def error(self) -> ShapeError:
        """Why there is no solution."""
        axis, kind = self.axes[0], self.kind
        bounds = " ".join(f"{option(n)} {_asked(self.axes, n)}" for n in DEFAULTS)
        if axis.own_stride:
            bounds = bounds.replace(" --padding", " or the kernel's size, --padding")
        near = self.nearest
        return ShapeError(
            f"no {TITLES[kind]} takes {self.sentence.replace(' → ', ' to ')}"
            f"{',' * self.is_for_every_size} with {bounds}",
            why=f"the nearest is {solution_text(near)}" if near else "",
            fix=self.fix,
        )


def _ratio_sizes(axis: Axis) -> set[int]:
    """Return the sizes that a ratio makes of those that come in, as far as two of them differ."""
    if not isinstance(axis.outputs, Ratio) or axis.inputs is None:
        return set()
    ends = (axis.inputs.least, axis.inputs.most)
    return {size for end in ends for wanted in axis.outputs.of(end) for size in wanted}


def _asked(axes: Sequence[Axis], name: str) -> str:
    texts = []
    for axis in axes:
        value = getattr(axis, name)
        if isinstance(value, Ratio) and axis.inputs is not None:
            is_one = axis.inputs.count == 1
            several = value.text(f"({axis.inputs})")
            value = Values(*value.of(axis.inputs.least)) if is_one else several
        texts.append("?" if value is None else str(value))
    return shape_text(texts)


def shape_text(values: Sequence[object]) -> str:
    """Write a value for each axis: ``3×5``, or ``3`` where all are the same."""
    texts = list(map(str, values))
    return "×".join(texts if len(set(texts)) > 1 else texts[:1])


def arguments_of(solution: Solution) -> dict[str, Any]:
    """Return the arguments of a solution by their names, without the sizes."""
    return dict(zip(solution._fields[2:], solution[2:], strict=True))


def solution_text(solution: Solution) -> str:
    """Write a solution in a line: ``224 → 112 with kernel_size=3, stride=2``."""
    values = [
        f"{name}={value if isinstance(value, bool) else shape_text(value)}"
        for name, value in arguments_of(solution).items()
    ]
    sizes = f"{shape_text(solution.in_)} → {shape_text(solution.out)}"
    return f"{sizes} with {', '.join(values)}"
