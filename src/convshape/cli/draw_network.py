"""``draw FILE``: a network as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from .output import exit_with, json_error, reported, write_file, write_json, write_notes
from .pictures import ending

if TYPE_CHECKING:
    from ..result import Trace
    from .options import Network

_FORMATS = (".svg", ".dot", ".mmd", ".png", ".pdf")


def draw_network(
    file: str,
    network: Network,
    style: str | None,
    depth: int | None,
    field: str,
    output: str,
    json: bool,
) -> None:
    """Draw a network, up to where it stops; then end with the status of what stops it."""
    from ..api import trace as trace_file
    from .trace import keep_apart

    with reported(json_error if json else None):
        if not output:
            raise SpecError("a network is drawn to a file", fix=f"-o {_stem(file)}.svg")
        kind = ending(output, _FORMATS)
        if kind in (".dot", ".mmd") and (style or field):
            option = "--style" if style else "--field"
            raise SpecError(f"{option} is not for {kind}", fix=f"-o {output[:-4]}.svg")
        if field and (style or depth):
            raise SpecError("--field goes with neither --style nor --depth", fix="leave them out")
        keep_apart(file, output)
        trace = trace_file(file, **network.options())
        if trace.begun():
            write_file(output, _content(trace, kind, style, depth, field))
    if json:
        write_json(_to_dict(trace, depth, output))
    else:
        write_notes(trace)
    exit_with(trace.error, json)


def _content(trace: Trace, kind: str, style: str | None, depth: int | None, field: str) -> bytes:
    from ..pictures import field_picture, network_picture

    static = kind in (".png", ".pdf")
    if field:
        picture = field_picture(trace, field, static)
    else:
        picture = network_picture(trace, "static" if static else kind[1:], style, depth)
    if not static:
        return picture.encode()
    from ..render.picture import raster

    return raster.png(picture) if kind == ".png" else raster.pdf(picture)


def _to_dict(trace: Trace, depth: int | None, output: str) -> dict[str, Any]:
    """Return what is drawn: the layers, and which feeds which."""
    from ..render.picture.network import Figure

    return {
        "schema": 1,
        "command": "draw",
        "file": output if trace.begun() else None,
        "name": trace.name,
        "in": trace.inputs,
        **Figure(trace.analysis, depth).to_dict(),
        "error": trace.error and trace.error.to_dict(),
    }


def _stem(file: str) -> str:
    """Return what a picture of a file may be called."""
    import os
    import re

    name = os.path.splitext(os.path.basename(re.sub(r"\.py:.*|\.ipynb:.*", "", file)))[0]
    return name if name.isidentifier() else "net"
