"""One layer backwards, as users ask for it: what ``solve`` and `convshape.solve_conv` answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..analysis import solve as search
from ..analysis.values import Values
from ..sizes import effective_kernel
from .bounds import ARGUMENT_END, DEFAULTS, LAYERS, Bound, axes_of, option
from .solved import (
    ConvSolution,
    ConvTransposeSolution,
    PoolSolution,
    Solution,
    Solved,
    arguments_of,
    shape_text,
)

if TYPE_CHECKING:
    from ..analysis.inverse import Axis
    from ..analysis.solve import Answer, Entry

_SOLUTIONS: dict[str, Callable[..., Solution]] = {
    "conv": ConvSolution,
    "pool": PoolSolution,
    "deconv": ConvTransposeSolution,
}


def solve(
    kind: str,
    in_: Bound | None,
    out: Bound | None,
    arguments: dict[str, Bound | bool | None],
    per_axis: bool = False,
) -> Solved:
    """Find what gives a size.

    Args:
        kind: ``conv``, ``pool`` or ``deconv``.
        in_: the sizes that come in; None asks for them.
        out: the sizes that shall come out, or ``same``, ``half``, ``/4``, ``x2``.
        arguments: bounds of the layer's arguments; None for those of `DEFAULTS`.
        per_axis: whether every axis may have arguments of its own.

    Raises:
        SpecError: a bound cannot be read, or the bounds contradict each other.
    """
    axes, names = axes_of(kind, in_, out, arguments)
    layer = LAYERS[kind]
    fields = (*DEFAULTS, "extra")
    apart = fields if per_axis else tuple(names)
    shared = [f for f in fields if f not in apart or (kind == "pool" and f == "extra")]
    answer = search.solve(layer, axes, shared)
    note = ""
    if not answer.total and answer.complete and arguments.get("padding") is None:
        wider = [_with_half_padding(axis) for axis in axes]
        if wider != axes and search.solve(layer, wider, shared).total:
            axes, answer = wider, search.solve(layer, wider, shared)
            note = (
                f"no padding of {DEFAULTS['padding']} does it; up to half of the kernel was tried"
            )
    if not answer.complete:
        note = _incomplete(answer)
    solutions = [_solution(kind, entries) for entries in answer.solutions]
    solved = Solved(kind, axes, solutions, answer.total, note, answer.complete)
    return solved if answer.total else _unsolved(solved, shared)


def _with_half_padding(axis: Axis) -> Axis:
    """Let the padding reach half of the largest kernel."""
    half = effective_kernel(axis.kernel_size.most, axis.dilation.most) // 2
    if half <= axis.padding.most or half >= ARGUMENT_END:
        return axis
    return axis._replace(padding=Values(range(half + 1)))


def _incomplete(answer: Answer) -> str:
    upto = f"kernels up to {answer.kernel_size} were" if answer.kernel_size else "no kernel was"
    return f"the bounds are too wide to try everything: {upto} searched completely"


def _unsolved(solved: Solved, shared: Sequence[str]) -> Solved:
    """Add what comes nearest, and what would help, to an answer that has no solution."""
    entries = None
    if not solved.is_for_every_size:
        entries = search.nearest(LAYERS[solved.kind], solved.axes, shared)
    near = _solution(solved.kind, entries) if entries else None
    fix = _tried_fix(solved, shared) if solved.complete else "narrower bounds"
    if near and not fix:
        fix = f"--out {shape_text(near.out).replace('×', 'x')}"
    return solved._replace(nearest=near, fix=fix)


#: Where the wider bounds end that are tried where nothing fits.
_WIDER = {"stride": 17, "kernel_size": 65, "padding": 33}


def _tried_fix(solved: Solved, shared: Sequence[str]) -> str:
    """Return what makes a solution: axes on their own, a wider bound, or the opposite layer."""
    kind, layer = solved.kind, LAYERS[solved.kind]
    first, *spatial = solved.axes
    channels = len(spatial) == 2 and first.inputs is not None and first.inputs.most in (1, 3)
    if channels and search.solve(layer, spatial, shared).total:
        sizes = "x".join(str(axis.inputs) for axis in spatial)
        return f"--in {sizes}: leave the channels out"
    alone = [name for name in shared if kind == "pool" and name == "extra"]
    if len(solved.axes) > 1 and search.solve(layer, solved.axes, alone).total:
        return "--per-axis: each axis has solutions of its own"
    other = "conv" if kind == "deconv" else "deconv"
    by_other = search.solve(LAYERS[other], _usual(other, solved.axes), shared).total
    for names in (("stride",), ("kernel_size",), ("kernel_size", "padding")):
        if len(names) > 1 and by_other:
            return f"solve {other}"
        best = search.solve(layer, [_wider(axis, names) for axis in solved.axes], shared)
        if best.total:
            values = arguments_of(_solution(kind, best.solutions[0]))
            texts = ((option(n), shape_text(values[n]).replace("×", "x")) for n in names)
            return " ".join(f"{name} {text}" for name, text in texts)
    return ""


def _wider(axis: Axis, names: Sequence[str]) -> Axis:
    values: dict[str, Any] = {
        name: Values(range(name != "padding", _WIDER[name])) for name in names
    }
    return axis._replace(**values)


def _usual(kind: str, axes: Sequence[Axis]) -> list[Axis]:
    """Ask the same of another layer within its usual bounds."""
    [usual], _ = axes_of(kind, None, 1, {})
    return [usual._replace(inputs=axis.inputs, outputs=axis.outputs) for axis in axes]


def _solution(kind: str, entries: Sequence[Entry]) -> Solution:
    columns = list(zip(*(entry.arguments for entry in entries), strict=True))
    extra = {"conv": (), "pool": (bool(columns[4][0]),), "deconv": (columns[4],)}[kind]
    sizes = [(entry.size, entry.out) for entry in entries]
    ins, outs = zip(*sizes, strict=True) if all(size for size, _ in sizes) else ((), ())
    return _SOLUTIONS[kind](ins, outs, *columns[:4], *extra)
