"""What is drawn: one layer's window, or a network; and what is too large to be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .analysis.sliding import sliding
from .errors import ShapeError, SpecError, suggestion
from .one_layer import size_of
from .render.picture.layer import LayerPicture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .one_layer import Sizes
    from .result import Trace

#: How many cells a picture of a layer may have, of input, padding and output together.
MOST_CELLS = 4000
#: How many layers a figure of a network may have.
MOST_LAYERS = 2000
_FORMATS, _STYLES = ("svg", "dot", "mmd", "static"), ("blocks", "graph")


def layer_picture(
    command: str, size: str, arguments: Mapping[str, str | bool | None], one_axis: bool = False
) -> LayerPicture:
    """Return the picture of the window of one layer that slides over its input.

    Args:
        command: ``conv``, ``pool`` or ``deconv``.
        size: the spatial size, ``"5"`` (square) or ``"5x9"``.
        arguments: the layer's, as text, as `one_layer.size_of` takes them.
        one_axis: whether the layer has one spatial axis, as ``Conv1d``.

    Raises:
        SpecError: a size cannot be read, there are three axes, or more cells than can be drawn.
        ShapeError: torch would refuse it.
    """
    answer = size_of(command, size, dict(arguments))
    if one_axis and len(answer.inputs) > 1:
        raise SpecError("--1d takes one size for each option", fix=f"--1d --in {answer.inputs[-1]}")
    if len(answer.inputs) == 1 and not one_axis:
        answer = size_of(command, f"{size}x{size}", dict(arguments))
    if len(answer.inputs) > 2:
        raise SpecError(
            f"a picture has 1 or 2 axes, not {len(answer.inputs)}",
            fix=f"--in {'x'.join(map(str, answer.inputs[-2:]))}, two sizes in the other options",
        )
    if any(type(n) is not int for n in (*answer.inputs, *answer.outputs)):
        raise SpecError("a picture needs numbers, not symbols", fix="--in 5x5")
    if not (min(answer.inputs) and min(answer.outputs)):
        raise SpecError("nothing to draw: a size is 0", fix="--in 5x5")
    cells = _cells(answer)
    if cells > MOST_CELLS:
        raise SpecError(
            f"the picture would have {cells:,} cells, more than {MOST_CELLS:,}",
            fix=_smaller(command, answer, arguments) or "a smaller input, kernel and padding",
        )
    windows = sliding(answer.module, answer.inputs, answer.outputs)
    return LayerPicture(answer.module, answer.inputs, windows, answer.note)


def _cells(answer: Sizes) -> int:
    return sliding(answer.module, answer.inputs, answer.outputs).cell_count


def _smaller(command: str, answer: Sizes, arguments: Mapping[str, str | bool | None]) -> str:
    """Return the largest input of the same proportions of windows that can be drawn, if any.

    Its sizes are cut by whole strides, so that the same elements are left over at the end.
    """
    low, high, best = 0, MOST_CELLS, ""
    strides = getattr(answer.module, "stride", 1)
    strides = strides if isinstance(strides, tuple) else (strides,) * len(answer.inputs)
    while low < high:
        cap = (low + high + 1) // 2
        sizes = [
            n if n <= cap else cap - (cap - n) % s
            for n, s in zip(answer.inputs, strides, strict=True)
        ]
        size = "x".join(map(str, sizes))
        try:
            smaller = size_of(command, size, dict(arguments))
        except ShapeError:  # the kernel does not fit
            low = cap
            continue
        if _cells(smaller) <= MOST_CELLS:
            low, best = cap, size
        else:
            high = cap - 1
    return f"--in {best}" if best else ""


def network_picture(
    trace: Trace, format: str, style: str | None = None, depth: int | None = None
) -> str:
    """Return a network as a picture, up to where it stops.

    Args:
        trace: what ran.
        format: ``svg``; ``static``, the same for renderers; ``dot`` or ``mmd``.
        style: ``blocks`` or ``graph``; unless given blocks for a chain, and a graph where there are
            branches.
        depth: how many modules below the root are shown; all unless given.

    Raises:
        SpecError: nothing ran, there are more layers than can be drawn, or the format or the style
            is not known.
    """
    from .render.picture import blocks, diagrams, graph
    from .render.picture.network import Figure

    for what, value, known in (("picture", format, _FORMATS), ("style", style, _STYLES)):
        if value is not None and value not in known:
            raise SpecError(f"there is no {what} {value!r}", fix=", ".join(known))
    figure = Figure(trace.analysis, depth)
    if not figure.layers:
        raise SpecError("nothing to draw: no layer ran")
    if format in ("dot", "mmd"):
        return diagrams.dot(figure) if format == "dot" else diagrams.mermaid(figure)
    if len(figure.layers) > MOST_LAYERS:
        raise SpecError(
            f"the picture would have {len(figure.layers):,} layers, more than {MOST_LAYERS:,}",
            fix="--depth 1" if depth != 1 else "-o net.dot",
        )
    style = style or ("blocks" if figure.is_chain else "graph")
    draw = blocks.render if style == "blocks" else graph.render
    return draw(figure, format == "static")


def field_picture(trace: Trace, layer: str, static: bool = False) -> str:
    """Return what one element of a layer sees of the network's input, drawn on it, as SVG.

    Args:
        trace: what ran.
        layer: the path of the layer; where it ran several times the last time counts.
        static: leave out what depends on the reader's settings, for renderers.

    Raises:
        SpecError: there is no such layer, or its field is not known.
    """
    from .render.picture import field

    rows = {row.path: row for row in trace.record.begun(all=True) if row.ended}
    if layer not in rows:
        names = ", ".join([*filter(None, rows)][:8])
        raise SpecError(f"no layer {layer!r} with an output", fix=suggestion(layer, rows, names))
    seen = trace.analysis.seen_by(rows[layer])
    if seen is None:
        raise SpecError(
            f"the receptive field of {layer} is not known",
            fix="pick a layer that has one in trace --columns layer,field",
        )
    return field.render(rows[layer], seen, static)
