"""What someone meant who wrote an expression otherwise than the language has it: the exact text.

It is offered only where it can be read, and nothing is wrong with it.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...errors import nearest
from ...fixes import Edit, Fix
from ...shapetorch.nn.modules.constructor import REQUIRED, signature
from .keras import ONLY_KERAS, translated
from .spelling import parsed, readings
from .vocabulary import INFERRED, LAYERS, LAZY, PREFIXES, TEXTS, TRANSLATED, as_of_images, dotted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..network_file.document import Document
    from .syntax import Expression, Place

_LONGEST = 1000
_NAMED = re.compile(r"(?:self\.)?(\w+)\s*=\s*(?=[\w.]+\()")
#: Words for the arguments of layers, as people and other libraries have them.
_WORDS = {
    "kernel_size": "k kernel ksize kernel_shape size filter_size window",
    "stride": "s strides step",
    "padding": "p pad pads",
    "dilation": "d dilation_rate rate",
    "in_channels": "in_ in_ch inp in_planes inputs in_filters in_channel input_channels nin cin",
    "out_channels": "out out_ch filters out_planes num_filters num_output out_channel "
    "output_channels nout cout outputs channels",
    "in_features": "in_ inp inputs in_dim input_dim input_size nin in_feature input_features",
    "out_features": "out units outputs out_dim output_dim output_size nout out_feature",
    "num_features": "channels features num_channels in_ n",
    "p": "rate prob dropout drop_rate keep",
    "negative_slope": "alpha slope",
    "bias": "use_bias",
    "scale_factor": "size scale factor",
}


def corrected(
    text: str, is_right: Callable[[str], bool], is_known: Callable[[str], bool] = bool
) -> str:
    """Return an expression as the language has it; nothing where it is not plain what is meant.

    Args:
        text: the expression, as it was written.
        is_right: whether nothing is wrong with a text.
        is_known: whether a name is one of the file's; all may be, unless it is known.
    """
    if len(text) > _LONGEST:
        return ""
    readable = next(filter(parsed, readings(text.strip())), "")
    expression = parsed(readable) if readable else None
    if expression is None:
        return ""
    result = _Corrector(expression, is_known).text()
    return result if result != text.strip() and is_right(result) else ""


def correction(
    text: str,
    locate: Callable[[int, int], Place],
    is_right: Callable[[str], bool],
    is_known: Callable[[str], bool] = bool,
) -> Fix | None:
    """Return the fix that corrects an expression, if it is plain what is meant.

    Args:
        text: the expression.
        locate: gives the place of a part of it.
        is_right: as `corrected` takes it.
        is_known: as `corrected` takes it.
    """
    better = corrected(text, is_right, is_known)
    if not better:
        return None
    where, shown = locate(0, len(text))
    line = shown.partition("\n")[0]
    file, _, place = where.partition(":") if where.count(":") < 2 else where.rpartition(":")
    file, _, number = file.rpartition(":")
    if not (number.isdigit() and place.isdigit()):
        return Fix(better, tried=False)
    start, text = int(place) - 1, text.strip()
    if line[start : start + len(text)] != text:
        return Fix(better, tried=False)
    before, behind = line[:start], line[start + len(text) :]
    better = _quoted(before, better)
    edit = Edit(file, int(number), start + 1, int(number), start + 1 + len(text), better)
    behind, _, _ = behind.partition(" #")  # a comment
    return Fix(f"{before}{better}{behind}".strip(), tried=False, edits=(edit,))


def with_dashes(document: Document, start: int, end: int) -> list[tuple[str, Edit]]:
    """Return lines of a text without names or dashes as those of a network file, each an edit.

    They are calls, perhaps with a name: ``conv1 = Conv2d(3, 6, 5)``. Nothing where some are not.
    """
    lines, place = [], start
    for line in document.text[start:end].splitlines(keepends=True):
        text = line.strip()
        first = place + line.index(text)
        place += len(line)
        if not text:
            continue
        named = _NAMED.match(text)
        call = text[named.end() :] if named else text
        call = corrected(call, lambda better: True) or call.rstrip(" ,;")
        expression = parsed(call)
        if expression is None or not isinstance(expression.tree, ast.Call):
            return []
        better = f"{named[1]}: {call}" if named else f"- {call}"
        lines.append((better, document.edit(first, first + len(text), better)))
    return lines


def _quoted(before: str, text: str) -> str:
    """Return an expression as it may be behind the beginning of a line of YAML."""
    quote = before[-1:]
    if quote in ("'", '"'):
        return text.replace(quote, "'" if quote == '"' else '"')
    if not re.search(r"[][{},]", text) or not re.search(r"(^|[:\-,\[{]) *[\[{]", before):
        return text
    mark = '"' if "'" in text else "'"  # YAML would take its commas for its own
    return f"{mark}{text}{mark}"


class _Corrector:
    """Collects the changes of an expression: what is written out anew, and where."""

    def __init__(self, expression: Expression, is_known: Callable[[str], bool]) -> None:
        self.expression = expression
        self.is_known = is_known
        self.edits: list[tuple[int, int, str]] = []
        tree = expression.tree
        if isinstance(tree, (ast.Name, ast.Attribute)):
            self.bare(tree)
        else:
            self.visit(tree)

    def text(self) -> str:
        return self.part(0, len(self.expression.text))

    def part(self, start: int, end: int) -> str:
        """Return a part of the text with the changes in it."""
        text, last = "", start
        for first, stop, new in sorted(self.edits):
            if last <= first and stop <= end:
                text += self.expression.text[last:first] + new
                last = stop
        return text + self.expression.text[last:end]

    def source(self, node: ast.AST) -> str:
        return self.part(*self.expression.span(node))

    def replace(self, node: ast.AST, text: str) -> None:
        self.edits.append((*self.expression.span(node), text))

    def layer(self, name: str, is_function: bool = True) -> str:
        """Return the layer that a name means, unless it is one of the file's."""
        return name if name in LAYERS else "" if self.is_known(name) else _layer(name, is_function)

    def bare(self, node: ast.Name | ast.Attribute) -> None:
        """Make a layer of its name alone."""
        name = dotted(node) or ""
        layer = self.layer(name)
        if layer:
            required = [word for word, d in signature(LAYERS[layer]).items() if d is REQUIRED]
            open_ = "?" if required and required[0] in INFERRED and layer in LAZY else ""
            self.replace(node, f"{_prefix(name, layer)}{layer}({open_})")

    def visit(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        if isinstance(node, ast.Call):
            self.call(node)
        elif isinstance(node, ast.Subscript) and self.layer(dotted(node.value) or ""):
            self.brackets(node)

    def brackets(self, node: ast.Subscript) -> None:
        """Put round brackets for the square ones behind a layer."""
        _, behind = self.expression.span(node.value)
        _, end = self.expression.span(node)
        self.edits += [(behind, behind + 1, "("), (end - 1, end, ")")]

    def call(self, node: ast.Call) -> None:
        name = dotted(node.func) or ""
        short = name.rpartition(".")[2]
        if all(keyword.arg for keyword in node.keywords):
            words = {str(keyword.arg): keyword.value for keyword in node.keywords}
            kwargs = {word: self.source(value) for word, value in words.items()}
            keras = translated(short, [self.source(arg) for arg in node.args], kwargs)
            if keras is None:
                return
            if keras and (short not in LAYERS or ONLY_KERAS & kwargs.keys()):
                self.replace(node, keras)
                return
        layer = self.layer(name, is_function=_without_tensor(node))
        if not layer:
            for keyword in node.keywords:
                self.value(keyword.value)
            return
        if layer != short or name.rpartition(".")[0] not in ("", *PREFIXES):
            self.replace(node.func, f"{_prefix(name, layer)}{layer}")
        self.arguments(node, layer)

    def arguments(self, node: ast.Call, layer: str) -> None:
        known = signature(LAYERS[layer])
        present = {*list(known)[: len(node.args)]}
        for keyword in node.keywords:
            word = str(keyword.arg)
            meant = word if word in known else _argument(word, known)
            if meant != word and meant and meant not in present:
                start, _ = self.expression.span(keyword)
                self.edits.append((start, start + len(word), meant))
            present.add(meant)
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.value(value)
        if layer == "Sequential":
            for item in node.args:
                if isinstance(item, (ast.Name, ast.Attribute)):
                    self.bare(item)
        required = [word for word, default in known.items() if default is REQUIRED]
        first = required[0] if required else ""
        missing = [word for word in required if word not in present]
        written = self.expression.source(node.func).rpartition(".")[2]
        values = node.args or node.keywords
        if missing == ["kernel_size"] and written == layer and values:
            _, end = self.expression.span(values[-1])
            self.edits.append((end, end, ", kernel_size=3"))
        elif first in INFERRED and layer in LAZY and node.args:
            self.first(node, required, present)

    def first(self, node: ast.Call, required: list[str], written: set[str]) -> None:
        """Leave the size of what arrives open, where it is left out, or no size."""
        size = node.args[0]
        text = ast.unparse(size)
        if text in ("-1", "..."):
            self.replace(size, "?")
        elif (
            text != "None"
            and len(required) - len(written & {*required}) == 1
            and required[0] in written
        ):
            start, _ = self.expression.span(size)
            self.edits.append((start, start, "?, "))

    def value(self, node: ast.expr) -> None:
        """Write a number without quotes, a text with them, and Python's words for others'."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", node.value):
                self.replace(node, node.value.strip())
        elif isinstance(node, ast.Name):
            if node.id.lower() in TEXTS:
                self.replace(node, repr(node.id.lower()))
            elif node.id.lower() in TRANSLATED:
                self.replace(node, TRANSLATED[node.id.lower()])


def _layer(name: str, is_function: bool = True) -> str:
    """Return the layer that a name means, or nothing.

    Args:
        name: the name, with what is before it.
        is_function: it may be that of the function of the layer too.
    """
    short = name.rpartition(".")[2]
    if short in LAYERS:
        return short
    plain = short.replace("_", "").lower()
    same = next((known for known in LAYERS if known.lower() == plain), "")
    if same:
        return same if is_function or short[:1].isupper() else ""
    return "" if short.islower() else as_of_images(nearest(short, LAYERS), short)


def _prefix(name: str, layer: str) -> str:
    """Return what may be before a layer: what stood there, if that has it."""
    return "nn." if name.startswith("nn.") else "torch.nn." if name.startswith("torch.nn.") else ""


def _without_tensor(node: ast.Call) -> bool:
    """Return whether a function is called as a layer is made: without a tensor to work on."""
    return not node.args or isinstance(node.args[0], ast.Constant)


def _argument(word: str, known: dict[str, object]) -> str:
    """Return the argument that a word means, or nothing."""
    for name in known:
        if word.lower() in _WORDS.get(name, "").split():
            return name
    return nearest(word, known)
