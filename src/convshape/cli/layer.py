"""``layer``: the shape that comes out of any layer or function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .output import exit_with, reported, shape_text, wants_equation, write, write_stopped
from .parameters import BATCH, EXPLAIN, FORMAT, JSON, QUIET, argument, option

if TYPE_CHECKING:
    from ..result import Trace


def layer(
    expression: str = argument(
        metavar="LAYER", help="A layer, or a function call that uses 'input'."
    ),
    inputs: list[str] = option(
        "--in",
        many=True,
        metavar="SHAPE",
        help="Input shape without the batch axis: 3x32x32; repeat for several inputs.",
    ),
    batch: int | None = BATCH,
    explain: bool = EXPLAIN,
    quiet: bool = QUIET,
    json: bool = JSON,
    format: str = FORMAT,
) -> None:
    """Output shape of any layer or function.

    Examples: convshape layer 'Conv2d(3, 6, 5)' --in 3x32x32; 'F.max_pool2d(input, 2)' --in 6x28x28
    """
    json = json or format == "json"

    with reported(write_stopped if json else None):
        from ..api import trace_expression

        result = trace_expression(expression, *inputs, batch=1 if batch is None else batch)
    if json:
        write(result.to_json())
    exit_with(result.error, json)
    if not json:
        _show(result, wants_equation(explain, quiet))


def _show(result: Trace, with_equation: bool) -> None:
    """Write the shape that comes out, and where it is wanted how."""
    row = result.rows[0]
    out = row.outputs or []
    write(", ".join(map(shape_text, out)))
    if with_equation:
        from ..render.equation import lines
        from ..render.text import digits_text
        from ..shapetorch.arguments import shape

        ins, outs = (", ".join(map(shape, shapes)) for shapes in (row.inputs, out))
        params = f", {digits_text(row.params)} parameters" if row.params else ""
        write(f"{result.name}: {ins} → {outs}{params}")
        for line in lines(row.call, row.inputs[0]):
            write(line)
        axes = len(row.unused or ())
        if row.kind == "module" and axes:
            from ..render.unused import unused_lines

            for line in unused_lines(row.call, row.inputs[0][-axes:], out[0][-axes:]):
                write(line)
