"""``draw conv``, ``draw pool`` and ``draw deconv``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from .output import can_show, write, write_file, write_json, write_note, write_rich
from .sizes import CONV, DECONV, POOL

if TYPE_CHECKING:
    from ..render.picture.layer import LayerPicture
    from ..render.picture.layer_text import LayerText
    from .parameters import Parameter

#: The options of each layer, as the command of its name has them.
_OPTIONS: dict[str, dict[str, Parameter]] = {
    "conv": CONV.parameters,
    "pool": POOL.parameters,
    "deconv": DECONV.parameters,
}
_FORMATS = (".svg", ".png", ".gif", ".pdf")
_SECONDS = 0.4
#: How many windows a GIF has at most: each is a whole picture.
_MOST_FRAMES = 400


def draw_layer(
    command: str,
    sizes: Sequence[str],
    arguments: dict[str, Any],
    one_axis: bool,
    step: int | None,
    animate: bool,
    output: str,
    json: bool,
) -> None:
    """Draw the window of one layer, in the terminal or to a file."""
    from ..pictures import layer_picture

    if len(sizes) != 1:
        raise SpecError(f"draw {command} takes one --in", fix="--in 5x5")
    picture = layer_picture(command, sizes[0], _arguments(command, arguments), one_axis)
    count = picture.count
    if step is not None and step >= count:
        raise SpecError(f"no window {step}: they are counted from 0", fix=f"--step {count - 1}")
    if animate and (output or json or step is not None or not sys.stdout.isatty()):
        raise SpecError("--animate is for a terminal, alone", fix="-o conv.svg, which is animated")
    if output:
        _write_file(picture, step, output)
    if json:
        write_json(_to_dict(command, picture, output))
        return
    if picture.note:
        write_note(picture.note)
    if animate:
        _animate(picture)
    elif not output:
        _show(picture, step)


def _arguments(command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that a layer takes.

    Raises:
        SpecError: one is missing, or another layer's.
    """
    options = _OPTIONS[command]
    if arguments["kernel_size"] is None:
        raise SpecError(f"draw {command} takes a --kernel-size", fix="--k 3")
    written = {name: value for name, value in arguments.items() if value is not None}
    for name in written:
        if name not in options:
            others = [layer for layer, known in _OPTIONS.items() if name in known]
            raise SpecError(
                f"{command} has no --{name.replace('_', '-')}", fix=f"draw {', '.join(others)}"
            )
    return {name: written.get(name, option.default) for name, option in options.items()}


def _write_file(picture: LayerPicture, step: int | None, file: str) -> None:
    from ..render.picture.layer_svg import LayerSvg
    from .pictures import ending

    kind = ending(file, _FORMATS)
    drawing = LayerSvg(picture)
    if kind == ".svg":
        write_file(file, drawing.document(step).encode())
        return
    from ..render.picture import raster

    if kind == ".gif":
        count = picture.count
        if count > _MOST_FRAMES:
            raise SpecError(
                f"a GIF of {count} windows is too large",
                fix=f"a smaller --in, or -o {file[:-4]}.svg",
            )
        steps = range(count) if step is None else [step]
        frames = [drawing.document(number, static=True) for number in steps]
        write_file(file, raster.gif(frames, drawing.milliseconds))
    else:
        draw = raster.png if kind == ".png" else raster.pdf
        write_file(file, draw(drawing.document(step or 0, static=True)))


def _show(picture: LayerPicture, step: int | None) -> None:
    from ..render.picture.layer_text import UNICODE, LayerText, rich_text, text

    drawing = LayerText(picture, can_show("".join(UNICODE.values())))
    steps = None if step is None else [step]
    if not sys.stdout.isatty():
        write(text(drawing.lines(steps)))
        return

    def shown(width: int) -> Any:
        _check_width(drawing, width)
        return rich_text(drawing.lines(steps, width))

    write_rich(shown)


def _check_width(drawing: LayerText, width: int) -> None:
    if drawing.width() > width:
        raise SpecError(
            f"the picture is {drawing.width()} columns wide, the terminal {width}",
            fix="-o layer.svg, or a smaller --in",
        )


def _animate(picture: LayerPicture) -> None:
    """Let the window slide, over and over, until Ctrl-C."""
    from rich.console import Console
    from rich.live import Live

    from ..render.picture.layer_text import UNICODE, LayerText, rich_text

    drawing, console = LayerText(picture, can_show("".join(UNICODE.values()))), Console()
    _check_width(drawing, console.width)
    step = 0
    try:
        with Live(console=console, auto_refresh=False) as live:
            while True:
                live.update(rich_text(drawing.lines([step], console.width)), refresh=True)
                time.sleep(_SECONDS)
                step = (step + 1) % picture.count
    except KeyboardInterrupt:
        return


def _to_dict(command: str, picture: LayerPicture, file: str) -> dict[str, Any]:
    """Return where the windows are, axis by axis, positions counted from the input's first."""
    return {
        "schema": 1,
        "command": f"draw {command}",
        "file": file or None,
        "in": picture.inputs,
        "out": picture.outputs,
        "axes": [
            {
                "cells": [axis.cells[0], axis.cells[-1]],
                "kinds": axis.kinds(),
                "windows": [[start + tap for tap in axis.taps] for start in axis.starts],
                "dropped": axis.dropped,
            }
            for axis in picture.axes
        ],
        "equations": picture.equations,
        **({"note": picture.note} if picture.note else {}),
        "error": None,
    }
