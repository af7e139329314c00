"""``solve``: one layer backwards."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from .options import ANSWER, CEIL_MODE, DILATION, KERNEL, OUTPUT_PADDING, PADDING, STRIDE, Form
from .output import exit_with, json_error, reported, write, write_json, write_long, write_note
from .parameters import argument, flag, group, option

if TYPE_CHECKING:
    from ..solving.solved import Solution, Solved


def _bounds(*names: str, help: str) -> Any:
    return option(*names, default=None, metavar="BOUNDS", help=help)


_BOUNDS = group(
    dict,
    kernel_size=_bounds(*KERNEL, help="Kernel sizes to try: 3, or 3,5, or 1..11 (the default)."),
    stride=_bounds(
        *STRIDE, help="Strides to try: 1,2,4 by default; for pool also the kernel size."
    ),
    padding=_bounds(*PADDING, help="Paddings to try: 0..5 by default."),
    dilation=_bounds(*DILATION, help="Dilations to try: 1 by default."),
)


def solve(
    kind: str = argument(
        metavar="KIND",
        choices=("conv", "pool", "deconv"),
        help="Kind of layer: conv, pool or deconv.",
    ),
    input: str | None = option(
        "--in",
        default=None,
        metavar="SIZE",
        help="Input size: 224, 32x48 or 220..230. Leave it out to solve for it.",
    ),
    output: str | None = option(
        "--out",
        default=None,
        metavar="SIZE",
        help="Wanted output size: 112, 16x24, same, half, /4 or x2.",
    ),
    bounds: dict[str, Any] = _BOUNDS,
    output_padding: str | None = _bounds(
        *OUTPUT_PADDING,
        help="For deconv: output paddings to try; all that torch accepts by default.",
    ),
    ceil_mode: bool = flag(*CEIL_MODE, help="For pool: only solutions with ceil_mode."),
    no_ceil_mode: bool = flag(
        "--no-ceil-mode", "--no-ceil", help="For pool: only solutions without ceil_mode."
    ),
    per_axis: bool = flag("--per-axis", help="Allow different arguments for each axis."),
    all: bool = flag("--all", help="Show all solutions instead of the first ten."),
    form: Form = ANSWER,
) -> None:
    """Find the arguments or input sizes that give an output size.

    Examples: convshape solve conv --in 224 --out 112; convshape solve conv --out half --k 5
    """
    with reported(json_error if form.json else None):
        from ..solving.layer import solve as solved_by

        bounds |= _of_kind(kind, output_padding, ceil_mode, no_ceil_mode)
        solved = solved_by(kind, input, output, bounds, per_axis)
    if form.json:
        _write_json(solved)
    elif solved.solutions:
        _show(solved, all, form)
    if solved.note and not form.json:
        write_note(solved.note)
    if not solved.solutions:
        exit_with(solved.error, form.json)


def _of_kind(
    kind: str, output_padding: str | None, ceil_mode: bool, no_ceil_mode: bool
) -> dict[str, Any]:
    """Return the bounds of the argument that only some layers have."""
    if output_padding is not None and kind != "deconv":
        raise SpecError(
            f"--output-padding is an argument of deconv, not of {kind}",
            fix="solve deconv, or leave it out",
        )
    if (ceil_mode or no_ceil_mode) and kind != "pool":
        raise SpecError(
            f"--ceil-mode is an argument of pool, not of {kind}", fix="solve pool, or leave it out"
        )
    if ceil_mode and no_ceil_mode:
        raise SpecError(
            "--ceil-mode and --no-ceil-mode leave nothing", fix="leave both out for both"
        )
    if kind == "deconv":
        return {"output_padding": output_padding}
    return {"ceil_mode": ceil_mode if ceil_mode or no_ceil_mode else None} if kind == "pool" else {}


def _write_json(solved: Solved) -> None:
    answer: dict[str, Any] = {
        "schema": 1,
        "command": f"solve {solved.kind}",
        "solutions": [_to_dict(solved, solution) for solution in solved.solutions],
        "count": solved.total,
    }
    if solved.note:
        answer["note"] = solved.note
    if not solved.solutions:
        near = solved.nearest
        answer["nearest"] = near and _to_dict(solved, near)
        answer["error"] = solved.error.to_dict()
    write_json(answer)


def _to_dict(solved: Solved, solution: Solution) -> dict[str, Any]:
    """Return a solution as JSON has it; sizes that are no numbers are text."""
    from ..solving.solved import arguments_of

    ins, outs = (solution.in_, solution.out) if solution.in_ else solved.symbols
    return {"in": ins, "out": outs, **arguments_of(solution)}


def _show(solved: Solved, all: bool, form: Form) -> None:
    """Write the solutions in a table, and the equation of the first."""
    from ..render.markup import CODE, equations, table
    from ..render.solutions import SHOWN, lines, table_lines

    rows = lines(solved.solutions, solved.open_sizes)
    shown = rows if all else rows[:SHOWN]
    if form.format != "table":
        cells = [list(row.values()) for row in shown]
        texts = [CODE[form.format][1](solved.title), "", *table(list(rows[0]), cells, form.format)]
        write("\n".join([*texts, "", *equations(solved.equations(), form.format)]))
        return
    is_terminal = sys.stdout.isatty()
    texts = [] if form.quiet else [solved.title, ""]
    texts += table_lines(shown, "─" if is_terminal else "")
    if form.with_equation:
        texts += ["", *solved.equations()]
    if not form.quiet and len(shown) < len(rows):
        texts += ["", f"{len(rows) - len(shown):,} more: --all"]
    text = "\n".join(texts)
    write_long(text if is_terminal else text.replace("×", "x"))
