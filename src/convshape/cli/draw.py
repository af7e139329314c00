"""``draw``: a layer's window that slides, and networks as figures."""

from __future__ import annotations

from typing import Any

from ..errors import SpecError
from .options import (
    CEIL_MODE,
    DILATION,
    JSON,
    KERNEL,
    NETWORK_ON_ENGINE,
    OUTPUT_PADDING,
    PADDING,
    STRIDE,
    Network,
)
from .output import json_error, reported
from .parameters import argument, flag, group, number, option, repeated

_SIZE_OR_SHAPE = repeated(
    "--in",
    metavar="SHAPE",
    help="For a layer: the spatial size, 5 (square) or 5x9. For a network: the input shape, "
    "as for trace.",
)
_NETWORK_OR_LAYER = group(Network, **NETWORK_ON_ENGINE.parameters | {"inputs": _SIZE_OR_SHAPE})


def _of_layer(*names: str, help: str) -> Any:
    return option(*names, default=None, metavar="SIZE", help=help)


_LAYER = group(
    dict,
    kernel_size=_of_layer(*KERNEL, help="For a layer: kernel size, 3 or 3x5."),
    stride=_of_layer(*STRIDE, help="For a layer: stride."),
    padding=_of_layer(*PADDING, help="For a layer: padding on each side; deconv removes it."),
    dilation=_of_layer(*DILATION, help="For a layer: spacing between kernel elements."),
    output_padding=_of_layer(
        *OUTPUT_PADDING, help="For deconv: extra size added to one side of the output."
    ),
    ceil_mode=flag(*CEIL_MODE, help="For pool: round the output size up (ceil_mode)."),
)


def draw(
    what: str = argument(
        complete="classes",
        metavar="WHAT",
        help="conv, pool or deconv for one layer; or a FILE that trace can read.",
    ),
    network: Network = _NETWORK_OR_LAYER,
    layer: dict[str, Any] = _LAYER,
    one_axis: bool = flag("--1d", help="For a layer: draw one axis, as of Conv1d, not two."),
    step: int | None = number(
        "--step",
        least=0,
        metavar="I",
        help="For a layer: show the window of this output element, counted from 0.",
    ),
    animate: bool = flag("--animate", help="For a layer: animate the sliding window until Ctrl-C."),
    style: str | None = option(
        "--style",
        default=None,
        choices=("blocks", "graph"),
        help="For a network: blocks (volumes in a row, the default) or graph (boxes and arrows, "
        "the default if it branches).",
    ),
    depth: int | None = number(
        "--depth",
        metavar="N",
        help="For a network: how many levels of nested modules to show; a module below them is one "
        "box. A long figure becomes short with --depth 1.",
    ),
    field: str = option(
        "--field",
        default="",
        metavar="LAYER",
        help="For a network: draw the receptive field of this layer on the input.",
    ),
    output: str = option(
        "--output",
        "-o",
        default="",
        metavar="FILE",
        help="Picture to write; format is inferred from the extension: .svg; .dot and .mmd "
        "(Mermaid) for a network; .png, .pdf and .gif (for a layer) with convshape[png].",
    ),
    json: bool = JSON,
) -> None:
    """Draw a network, or the sliding window of one layer.

    Examples: convshape draw conv --in 5 --k 3 --s 2 --p 1; convshape draw lenet.yaml -o lenet.svg
    """
    layer |= {"ceil_mode": layer["ceil_mode"] or None}
    if what in LAYERS:
        with reported(json_error if json else None):
            of_network = {"--style": style, "--depth": depth, "--field": field or None}
            _refuse(what, [*network.given(), *_given(of_network)])
            from .draw_layer import draw_layer

            draw_layer(what, network.inputs, layer, one_axis, step, animate, output, json)
    else:
        from .draw_network import draw_network

        with reported(json_error if json else None):
            names = {f"--{name.replace('_', '-')}": value for name, value in layer.items()}
            others = {"--1d": one_axis or None, "--step": step, "--animate": animate or None}
            _refuse(what, _given({**names, **others}))
        draw_network(what, network, style, depth, field, output, json)


#: What each layer is drawn by.
LAYERS = ("conv", "pool", "deconv")


def _given(options: dict[str, Any]) -> list[str]:
    return [name for name, value in options.items() if value is not None]


def _refuse(what: str, options: list[str]) -> None:
    """Refuse options that are of something else."""
    if options:
        fix = "draw net.yaml -o net.svg" if what in LAYERS else "draw conv, pool or deconv"
        raise SpecError(f"draw {what} takes no {options[0]}", fix=fix)
