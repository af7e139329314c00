"""``conv``, ``pool`` and ``deconv``: the spatial size that results from one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .options import ANSWER, CEIL_MODE, DILATION, KERNEL, OUTPUT_PADDING, PADDING, STRIDE, Form
from .output import json_error, reported, shape_text, write_json, write_note, write_painted
from .parameters import flag, group, option

if TYPE_CHECKING:
    from ..one_layer import Sizes

_SIZE = option("--in", metavar="SIZE", help="Spatial size: 32 (square), 32x48 or 16x112x112.")
_KERNEL = option(*KERNEL, metavar="SIZE", help="Kernel size: 3 or 3x5.")
_STRIDE = option(*STRIDE, default="1", metavar="SIZE", help="Stride.")
_DILATION = option(*DILATION, default="1", metavar="SIZE", help="Spacing between kernel elements.")


def _padding(help: str) -> Any:
    return option(*PADDING, default="0", metavar="SIZE", help=help)


CONV = group(
    dict,
    kernel_size=_KERNEL,
    stride=_STRIDE,
    padding=_padding("Padding on each side: a size, 'same' or 'valid'."),
    dilation=_DILATION,
)
POOL = group(
    dict,
    kernel_size=_KERNEL,
    stride=option(
        *STRIDE, default=None, metavar="SIZE", help="Stride; the kernel size by default."
    ),
    padding=_padding("Padding on each side, at most half the kernel size."),
    dilation=_DILATION,
    ceil_mode=flag(*CEIL_MODE, help="Round the output size up (ceil_mode)."),
)
DECONV = group(
    dict,
    kernel_size=_KERNEL,
    stride=_STRIDE,
    padding=_padding("Padding to remove from each side."),
    output_padding=option(
        *OUTPUT_PADDING,
        default="0",
        metavar="SIZE",
        help="Extra size added to one side of the output.",
    ),
    dilation=_DILATION,
)


def conv(input: str = _SIZE, arguments: dict[str, Any] = CONV, form: Form = ANSWER) -> None:
    """Output size of a convolution.

    Examples: convshape conv 32 5; convshape conv --in 32 --k 5 --s 2 --p 1
    """
    _answer("conv", input, arguments, form)


def pool(input: str = _SIZE, arguments: dict[str, Any] = POOL, form: Form = ANSWER) -> None:
    """Output size of a pooling layer.

    Examples: convshape pool 28 2; convshape pool --in 112 --k 3 --s 2 --p 1 --ceil
    """
    _answer("pool", input, arguments, form)


def deconv(input: str = _SIZE, arguments: dict[str, Any] = DECONV, form: Form = ANSWER) -> None:
    """Output size of a transposed convolution.

    Examples: convshape deconv 7 4; convshape deconv --in 7 --k 4 --s 2 --p 1
    """
    _answer("deconv", input, arguments, form)


def _answer(command: str, size: str, arguments: dict[str, Any], form: Form) -> None:
    """Print the size that comes out, and where it is wanted how."""
    with reported(json_error if form.json else None):
        from ..one_layer import size_of

        answer = size_of(command, size, arguments)
    if form.json:
        write_json({"schema": 1, "command": command, **_facts(command, answer), "error": None})
        return
    if form.format == "table":
        alike = len(set(answer.outputs)) == 1 and not any(
            "x" in str(a) for a in (size, *arguments.values())
        )
        write_painted(shape_text(answer.outputs[:1] if alike else answer.outputs), "heading")
    if answer.note:
        write_note(answer.note)
    if form.with_equation:
        from ..render.equation import lines

        for line in lines(answer.module, answer.inputs, form.format):
            write_painted(line, "aside")
        if form.format == "table" and command != "deconv" and any(_unused(answer)):
            from ..render.unused import unused_lines

            for line in unused_lines(answer.module, answer.inputs, answer.outputs, as_options=True):
                write_painted(line, "aside")


def _facts(command: str, answer: Sizes) -> dict[str, Any]:
    """Return what is known of an answer, as JSON has it."""
    from ..render.equation import lines

    facts: dict[str, Any] = {"in": answer.inputs, "out": answer.outputs}
    facts["equations"] = lines(answer.module, answer.inputs)
    if answer.note:
        facts["note"] = answer.note
    if command != "deconv":
        facts["unused"] = _unused(answer)
    return facts


def _unused(answer: Sizes) -> list[int | None]:
    """Return how many elements of each axis no window looks at."""
    from ..analysis.unused import unused_of_layer

    axes = unused_of_layer(answer.module, answer.inputs, answer.outputs)
    return [axis and axis.total for axis in axes]
