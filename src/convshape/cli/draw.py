"""``draw``: a layer's window that slides, and networks as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SpecError
from .output import json_error, reported
from .parameters import JSON, argument, flag, option

if TYPE_CHECKING:
    from typing import Any


def _of_layer(*names: str, help: str) -> Any:
    return option(*names, default=None, metavar="SIZE", help=help)


def draw(
    what: str = argument(
        metavar="WHAT", help="conv, pool or deconv for one layer; or a FILE, as trace reads it."
    ),
    inputs: list[str] = option(
        "--in",
        default=(),
        many=True,
        metavar="SHAPE",
        help="Of a layer: its spatial size, 5 (one axis) or 5x5 (two). Of a network: the shape of one "
        "sample, as trace takes it.",
    ),
    kernel_size: str | None = _of_layer(
        "--kernel-size", "--k", "-k", help="Of a layer: size of the window: 3 or 3x5."
    ),
    stride: str | None = _of_layer("--stride", "--s", "-s", help="Of a layer: step of the window."),
    padding: str | None = _of_layer(
        "--padding",
        "--p",
        "-p",
        help="Of a layer: elements added on both sides; cut off by deconv.",
    ),
    dilation: str | None = _of_layer(
        "--dilation", "--d", "-d", help="Of a layer: distance between the window's elements."
    ),
    output_padding: str | None = _of_layer(
        "--output-padding", "--op", help="Of deconv: elements added on one side of the output."
    ),
    ceil_mode: bool = flag(
        "--ceil-mode", "--ceil", help="Of pool: keep a last window that reaches beyond the input."
    ),
    step: int | None = option(
        "--step",
        type=int,
        default=None,
        least=0,
        metavar="I",
        help="Of a layer: show the window of this output element, counted from 0.",
    ),
    animate: bool = flag("--animate", help="Of a layer: let the window slide, until Ctrl-C."),
    output: str = option(
        "--output",
        "-o",
        default="",
        metavar="FILE",
        help="The picture. Its ending chooses the format: .svg; .png, .gif (of a layer) and .pdf "
        "with convshape[png].",
    ),
    json: bool = JSON,
) -> None:
    """The window that slides over one layer as a picture.

    Examples: convshape draw conv --in 5x5 --k 3 --s 2 --p 1; convshape draw deconv --in 3x3 --k 3
    --s 2 -o deconv.svg
    """
    with reported(json_error if json else None):
        from .draw_layer import LAYERS, draw_layer

        arguments = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "output_padding": output_padding,
            "ceil_mode": ceil_mode or None,
        }
        if what not in LAYERS:
            raise SpecError(f"{what} is none of {', '.join(LAYERS)}")
        draw_layer(what, inputs, arguments, step, animate, output, json)
