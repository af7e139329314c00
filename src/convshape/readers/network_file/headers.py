"""What is meant where the parts of a network file have other names, or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import SpecError
from ...fixes import Edit, Fix
from ..expressions.vocabulary import LAYERS
from ..shape import plain_sizes
from .mapping_form import is_layer

if TYPE_CHECKING:
    from .document import Document, Node

_LAYERS = (
    "layer network model modules module sequential architecture net body backbone graph "
    "structure nodes forward features"
)
_INPUT = (
    "input_shape input_size inputshape inputsize in_shape shape image_size image_shape in_size "
    "input_dim input_dims in inp x img_size input_shapes data"
)
#: What the parts of a file are called, in small letters, and what they are.
_PARTS = {
    **dict.fromkeys(_LAYERS.split(), "layers"),
    **dict.fromkeys(_INPUT.split(), "input"),
    **{part: part for part in ("layers", "input", "inputs", "vars", "blocks", "outputs", "batch")},
    **dict.fromkeys(("variables", "constants", "params", "parameters"), "vars"),
    **dict.fromkeys(("output",), "outputs"),
    **dict.fromkeys(("batch_size", "batchsize"), "batch"),
}


def misnamed(document: Document, root: Node, known: Collection[str]) -> SpecError | None:
    """Return what is wrong with the parts of a file: other names, or layers without a header.

    Args:
        document: the file.
        root: its root node.
        known: what the parts are called.
    """
    if root.id == "sequence" and root.value:
        line = root.value[0].start_mark.line
        edit = document.edit(document.starts[line], document.starts[line], "layers:\n")
        what = "there is no 'layers:' above the list of layers"
        return _told(document.fail(root, what), "'layers:' in a line above it", [edit])
    if root.id != "mapping":
        return None
    parts = {key.value: (key, value) for key, value in root.value if key.id == "scalar"}
    if {"backbone", "head"} <= parts.keys():
        what = "this is a YOLO file of Ultralytics, whose modules are not torch's"
        fix = f"trace its ONNX file: yolo export model={document.filename} format=onnx"
        return document.fail(parts["backbone"][0], what, fix)
    unknown = [pair for name, pair in parts.items() if name not in known]
    for key, value in unknown:
        part = _PARTS.get(key.value.lower(), "")
        if is_layer(value):
            continue
        if part == "layers" and value.id == "mapping" and _has_part(value, known):
            return _nested(document, key, value)
        if part and part not in parts and not (part == "input" and "inputs" in parts):
            return _renamed(document, key, value, part)
    layers = [pair for pair in unknown if is_layer(pair[1])]
    headless = "layers" not in parts or not parts["layers"][1].value
    return _without_header(document, layers, parts) if layers and headless else None


def _told(error: SpecError, text: str, edits: list[Edit]) -> SpecError:
    fix = Fix(text, tried=False, edits=tuple(edits))
    return error.changed(fix=text, fixes=(fix,))


def _renamed(document: Document, key: Node, value: Node, part: str) -> SpecError:
    """Return the refusal of a part by another name."""
    edits = [document.edit(key.start_mark.index, key.end_mark.index, part)]
    text = f"{part}:"
    if part == "input":
        sizes = plain_sizes(document.text[value.start_mark.index : value.end_mark.index])
        if sizes:
            end = value.start_mark.index + len(_source(document, value))
            edits.append(document.edit(value.start_mark.index, end, sizes))
            text = f"input: {sizes}"
    return _told(document.fail(key, f"unknown key {key.value!r}"), text, edits)


def _has_part(node: Node, known: Collection[str]) -> bool:
    """Return whether a mapping has the layers of a file, or its input."""
    names = {key.value.lower() for key, _ in node.value if key.id == "scalar"}
    return any(_PARTS.get(name) in ("layers", "input") and name not in LAYERS for name in names)


def _nested(document: Document, key: Node, value: Node) -> SpecError:
    """Return the refusal of a file that is below a key of its own: ``model:``."""
    starts, first = document.starts, key.start_mark.line
    edits = [document.edit(starts[first], starts[first + 1], "")]
    last = document.line_and_column(value.start_mark.index + len(_source(document, value)))[0]
    for line in range(value.start_mark.line, last):
        start = starts[line]
        indent = min(value.start_mark.column, len(document.text) - start)
        blank = len(document.text[start : start + indent].rstrip(" ")) == 0
        edits += [document.edit(start, start + indent, "")] * blank
    error = document.fail(key, f"the keys of the file are below {key.value!r}")
    return _told(
        error, f"without it, {value.value[0][0].value!r} and the others at the margin", edits
    )


def _source(document: Document, node: Node) -> str:
    return document.text[node.start_mark.index : node.end_mark.index].rstrip()


def _without_header(
    document: Document, layers: list[tuple[Node, Node]], parts: Mapping[str, Any]
) -> SpecError:
    """Return the refusal of layers at the left margin."""
    first = layers[0][0]
    edits = []
    for key, value in layers:
        last = value.start_mark.index + len(_source(document, value))
        for line in range(key.start_mark.line, document.line_and_column(last)[0]):
            edits.append(document.edit(document.starts[line], document.starts[line], "  "))
    entry, _, _ = document.text[first.start_mark.index :].partition("\n")
    text = f"two spaces before each layer: '  {entry.strip()}'"
    what = "the layers are not indented below 'layers:'"
    if "layers" not in parts:
        place = document.starts[first.start_mark.line]
        edits[0] = document.edit(place, place, "layers:\n  ")
        text = f"'layers:' in a line above, and {text}"
        what = f"{first.value!r} is a layer, but there is no 'layers:' above it"
    return _told(document.fail(first, what), text, edits)
