"""``draw``: a layer's window that slides, and networks as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SpecError
from .output import json_error, reported
from .parameters import (
    ALLOW_NETWORK,
    ALLOW_RUN,
    ALLOW_WRITE,
    BATCH,
    CONSTANTS,
    ENGINE,
    JSON,
    TRAIN,
    allowed,
    argument,
    flag,
    option,
)

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
        help="Of a layer: its spatial size, 5 (one axis) or 5x5 (two). Of a network: the shape of "
        "one sample, as trace takes it.",
    ),
    batch: int | None = BATCH,
    train: bool = TRAIN,
    constants: list[str] = CONSTANTS,
    engine: str = ENGINE,
    allow_run: bool = ALLOW_RUN,
    allow_network: bool = ALLOW_NETWORK,
    allow_write: bool = ALLOW_WRITE,
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
    style: str | None = option(
        "--style",
        default=None,
        choices=("blocks", "graph"),
        help="Of a network: volumes in a row, or boxes and arrows; blocks by default, graph where "
        "it branches.",
    ),
    depth: int | None = option(
        "--depth",
        type=int,
        default=None,
        least=1,
        metavar="N",
        help="Of a network: how deep nested modules are shown.",
    ),
    field: str = option(
        "--field",
        default="",
        metavar="LAYER",
        help="Of a network: draw on its input what one element of this layer sees.",
    ),
    output: str = option(
        "--output",
        "-o",
        default="",
        metavar="FILE",
        help="The picture. Its ending chooses the format: .svg; .dot and .mmd (Mermaid) of a "
        "network; .png, .pdf and .gif (of a layer) with convshape[png].",
    ),
    json: bool = JSON,
) -> None:
    """A network as a figure, or the window that slides over one layer.

    Examples: convshape draw conv --in 5x5 --k 3 --s 2 --p 1; convshape draw lenet.yaml -o lenet.svg
    """
    layer = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "output_padding": output_padding,
        "ceil_mode": ceil_mode or None,
    }
    allow = allowed(allow_run, allow_network, allow_write)
    network = {
        "batch": batch,
        "train": train,
        "constants": constants,
        "engine": engine,
        "allow": allow,
    }
    if what in LAYERS:
        with reported(json_error if json else None):
            _keep_to(
                what, {**network, "style": style, "depth": depth, "field": field}, _NETWORK_DEFAULTS
            )
            from .draw_layer import draw_layer

            draw_layer(what, inputs, layer, step, animate, output, json)
    else:
        from .draw_network import draw_network

        with reported(json_error if json else None):
            _keep_to(what, {**layer, "step": step, "animate": animate or None}, {})
        draw_network(what, inputs, network, style, depth, field, output, json)


#: What each layer is drawn by.
LAYERS = ("conv", "pool", "deconv")
_NETWORK_DEFAULTS = {"train": False, "constants": [], "engine": "shape", "field": "", "allow": []}


def _keep_to(what: str, options: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Refuse options that are of something else."""
    for name, value in options.items():
        if value != defaults.get(name):
            option = "set" if name == "constants" else name.replace("_", "-")
            option = f"allow-{value[0]}" if name == "allow" else option
            fix = "draw net.yaml -o net.svg" if what in LAYERS else "draw conv, pool or deconv"
            raise SpecError(f"draw {what} takes no --{option}", fix=fix)
