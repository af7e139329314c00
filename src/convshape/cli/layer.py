"""``layer``: the shape that results from any layer or function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SpecError
from .options import ANSWER, BATCH, Form, batch_size
from .output import (
    exit_with,
    reported,
    shape_text,
    write,
    write_notes,
    write_painted,
    write_stopped,
)
from .parameters import argument, repeated

if TYPE_CHECKING:
    from ..result import Trace


def layer(
    expression: str = argument(
        complete="layers",
        metavar="LAYER",
        help="A layer, or a call that uses 'input' or the names given with --in.",
    ),
    inputs: list[str] = repeated(
        "--in",
        metavar="SHAPE",
        help="Input shape without the batch axis: 3x32x32, or with a name: q=10x64; repeat for "
        "several inputs.",
    ),
    batch: str | None = BATCH,
    form: Form = ANSWER,
) -> None:
    """Output shape of any layer or function.

    Examples: convshape layer 'Conv2d(3, 6, 5)' --in 3x32x32; convshape layer
    'F.max_pool2d(input, 2)' --in 6x28x28; convshape layer 'torch.cat([a, b], 1)' --in a=3x8x8 --in
    b=5x8x8
    """
    with reported(write_stopped if form.json else None):
        from ..api import trace_expression

        size = batch_size(batch)
        try:
            result = trace_expression(expression, *inputs, batch=1 if size is None else size)
        except SpecError as error:
            fix = _command(expression) if not inputs else ""
            raise error.changed(fix=fix or error.fix) from None
    if form.json:
        write(result.to_json())
    exit_with(result.error, form.json)
    if not form.json:
        _show(result, form)
        write_notes(result)


def _command(expression: str) -> str:
    """Return the command for a layer that is named without arguments, or for a function."""
    from shlex import quote

    from ..reference.examples import EXAMPLES

    if expression in EXAMPLES:
        text, sample = EXAMPLES[expression]
        return f"convshape layer {quote(text)} --in {' --in '.join(sample.split())}"
    if "input" in expression:
        return f"convshape layer {quote(expression)} --in 3x32x32"
    return ""


def _show(result: Trace, form: Form) -> None:
    """Write the shape that comes out, and where it is wanted how."""
    row = result.rows[0]
    out = row.outputs or []
    if form.format == "table":
        write_painted(", ".join(map(shape_text, out)), "heading")
    if form.with_equation:
        from ..render.equation import lines
        from ..render.markup import CODE
        from ..render.text import digits_text
        from ..shapetorch.arguments import shape

        code, text = CODE[form.format]
        ins, outs = (", ".join(map(shape, shapes)) for shapes in (row.inputs, out))
        params = f", {digits_text(row.params)} parameters" if row.params else ""
        write(code(result.name) + text(f": {ins} → {outs}{params}"))
        for line in lines(row.call, row.inputs[0], form.format):
            write_painted(line, "aside")
    if form.with_equation and form.format == "table":
        axes = len(row.unused or ())
        if row.kind == "module" and axes:
            from ..render.unused import unused_lines

            for line in unused_lines(row.call, row.inputs[0][-axes:], out[0][-axes:]):
                write_painted(line, "aside")
