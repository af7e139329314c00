"""Network files: YAML (or JSON) that lists layers, each an expression in torch's vocabulary.

A file is read in three steps. First its parts become plain data (`syntax`), with every expression
parsed; then all expressions are checked, and all mistakes are reported together; then `Builder`
makes the module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from ...errors import Error, ShapeError, SpecError, suggestion
from ...gc_pause import paused
from ...run.program import Program
from ...shapetorch.tensor import Tensor
from ..expressions.syntax import Body, Expression, identifier, raise_all, snippet
from ..expressions.validate import check_body, recursions
from ..expressions.vocabulary import LAZY, SHAPETORCH, Vocabulary
from ..inputs import counted, named_part, value
from ..shape import plain_sizes, sample
from .bodies import BodyReader
from .build import Builder
from .document import Document, Item, NodePlace

if TYPE_CHECKING:
    from ..expressions.syntax import Entry, Place
    from .document import Node

_KEYS = ("name", "input", "inputs", "batch", "vars", "blocks", "layers", "outputs")


def read(
    text: str,
    filename: str,
    *,
    input: str | Sequence[str] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
    vocabulary: Vocabulary = SHAPETORCH,
) -> Program:
    """Read a network file.

    Args:
        text: what the file holds.
        filename: what to call it in errors.
        input: shape of one sample, in place of the file's own; of several inputs, of each.
        batch: samples in a batch, in place of the file's own.
        constants: expressions in place of those in the file's `vars`.
        vocabulary: what the names mean: the module is one of this vocabulary.

    Raises:
        SpecError: it cannot be read.
        ShapeError: it has a layer that torch would refuse to make.
    """
    shapes = [input] if isinstance(input, str) else list(input or ())

    def source(file: str) -> str:
        return text if file == filename else ""

    def reread(texts: Mapping[str, str]) -> Program:
        options: Any = {"batch": batch, "constants": constants, "vocabulary": vocabulary}
        return read(texts.get(filename, text), filename, input=input, **options)

    try:
        with paused():
            reader = _Reader(Document(text, filename), vocabulary)
            program = reader.program(shapes, batch, constants or {})
    except (ShapeError, SpecError) as error:
        from ...diagnosis.construction import with_fixes  # only a mistake pays for it

        raise with_fixes(error, source, reread) from None
    program.source, program.reread = source, reread
    return program


class _Reader:
    """Reads one file."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.fail = document.fail
        self.bodies = BodyReader(document, vocabulary)
        self.undeclared: list[Tensor] = []

    def program(
        self, shapes: list[str], batch: int | None, constants: Mapping[str, str]
    ) -> Program:
        root = self.document.compose()
        parts = self.parts(root)
        self.read_vars(parts.get("vars"), constants)
        if "layers" not in parts:
            fix = "add 'layers:' and the layers below it"
            raise self.fail(root, "there are no layers", fix)
        name = self.document.scalar(parts["name"], "name") if "name" in parts else ""
        if batch is None:
            batch = self.integer(parts["batch"], "batch") if "batch" in parts else 1
        inputs = self.inputs(root, parts, shapes, batch)
        bodies = self.bodies.blocks(parts["blocks"]) if "blocks" in parts else {}
        entries = self.bodies.entries(parts["layers"], "layers", dict.fromkeys(inputs, "an input"))
        outputs = parts.get("outputs")
        names = None if outputs is None else self.outputs(outputs, list(inputs), entries)
        body = Body(name or _stem(self.document.filename), list(inputs), entries, names)
        where = self.places(parts["layers"])
        del root, parts, outputs  # as large as the modules, which can have their memory
        module = self.build(body, bodies)
        return Program(
            module=module,
            inputs=list(inputs.values()),
            undeclared=self.undeclared,
            names=list(inputs),
            name=body.name,
            where=where,
            left_open=_left_open(module, self.document.text),
            batch=counted(inputs.values(), batch),
            places=self.made_at,
        )

    def parts(self, root: Node) -> dict[str, Node]:
        """Return the parts of the file by their names."""
        try:
            items = list(self.document.entries(root, "the file", _KEYS))
        except SpecError:
            from .headers import misnamed  # only a mistake pays for it

            error = misnamed(self.document, root, _KEYS)
            if error is None:
                raise
            raise error from None
        return {item.name: item.value for item in items}

    def build(self, body: Body, blocks: Mapping[str, Body]) -> Any:
        """Check all expressions and make the module."""
        reader, names = self.bodies, self.bodies.names
        wrong = [check_body(block, names, f"{block.name}.") for block in blocks.values()]
        for error in chain(*wrong, check_body(body, names, ""), recursions(blocks)):
            reader.report(error)
        raise_all(reader.errors)
        total = sum(len(mapping.entries) for mapping in (body, *blocks.values()))
        builder = Builder(names, blocks, total, reader.vocabulary)
        self.origins = builder.origins
        return builder.network(body)

    def places(self, layers: Node) -> dict[str, str]:
        """Return where the layers of the network are, by name."""
        where = {"": self.document.place(layers.start_mark)}
        for index, node in enumerate(layers.value):
            if layers.id == "mapping":
                name, node = node[0].value, node[1]
            else:
                name, _, node, _ = self.bodies.listed(index, node, in_flow=False)
            for part in name.split(","):  # of several values: ``half, rest: x.chunk(2)``
                where[identifier(part.strip())] = self.document.place(node.start_mark)
        return where

    def made_at(self, module: Any) -> list[str]:
        """Return where a layer is made, and where the blocks that it is in are, innermost first."""
        return [expression.place(node)[0] for expression, node in self.origins.get(id(module), ())]

    def integer(self, node: Node, what: str) -> int:
        value = self.bodies.constant(self.bodies.expression(Item(what, node, node), what), what)
        if type(value) is not int or value < 0:
            raise self.fail(node, f"{what} is {value!r}, not a whole number from 0")
        return value

    def read_vars(self, node: Node | None, constants: Mapping[str, str]) -> None:
        items = list(self.document.entries(node, "vars")) if node is not None else []
        known = [item.name for item in items]
        constants = {identifier(name): str(value) for name, value in constants.items()}
        for name in constants:
            if name not in known:
                names = f"one of {', '.join(known)}" if known else "the file has no vars"
                fix = suggestion(name, known, names)
                raise SpecError(f"--set {name}: the file has no such constant in its vars", fix=fix)
        for item in items:
            name, what = item.name, f"the constant {item.name}"
            self.bodies.refuse_name(name, item.key, "a constant")
            if name in constants:
                text = constants[name]
                expression = Expression(text, partial(_set, name, text))
            else:
                expression = self.bodies.expression(item, what)
            self.bodies.names[name] = self.bodies.constant(expression, what)

    def inputs(
        self, root: Node, parts: Mapping[str, Node], shapes: list[str], batch: int
    ) -> dict[str, Tensor]:
        """Return the inputs by name; an only one may be called ``input``."""
        items = [Item("input", None, parts.get("input"))]
        if "inputs" in parts:
            node = parts["inputs"]
            if "input" in parts:
                fix = "list all of them below inputs"
                raise self.fail(node, "there are both input and inputs", fix)
            fix = "inputs: {image: 3x32x32}, or input: 3x32x32"
            items = list(self.document.entries(node, "inputs", fix=fix))
        if not items:
            fix = "inputs: {image: 3x32x32, text: int64:77}"
            raise self.fail(root, "there is no input", fix)
        texts = _shapes_by_name([item.name for item in items], shapes)
        result: dict[str, Tensor] = {}
        for name, key, node, _ in items:
            if key is not None:
                self.bodies.refuse_name(name, key, "an input")
            if name in texts:
                text = texts[name]
                result[name] = _shape(name, text, batch)
                if node is not None and any(hasattr(n, "expression") for n in result[name].shape):
                    written = self.input(node, self.text(node), batch)
                    result[name] = _at_sizes_of(written, result[name])
            elif node is not None:
                text = self.text(node)
                result[name] = self.input(node, text, batch)
            else:
                self.bodies.report(self.fail(root, "there is no input", self.input_meant()))
                result[name], text = Tensor(()), ":"  # what is wrong below is told with it
            if ":" not in text:
                self.undeclared.append(result[name])
        return result

    def input_meant(self) -> str:
        """Return how to write the input, of which the file may say something among its layers."""
        pattern = (
            r"(?im)^\W*input(?:layer)?\b\s*[:(](.*)$|\binput_shape\s*[=:]\s*([\[(][^\])]*[\])])"
        )
        said = re.search(pattern, self.document.text)
        sizes = plain_sizes(said[1] or said[2]) if said else ""
        if sizes:
            return f"'input: {sizes}' above 'layers:'"
        return "add 'input: 3x32x32' (one sample), or --in 3x32x32"

    def text(self, node: Node) -> str:
        what = "a size of the input" if node.id == "sequence" else "the input"
        if node.id == "mapping":
            end = node.end_mark.index
            written = self.document.text[node.start_mark.index : end]
            fix = f"input: {plain_sizes(written) or '3x32x32'}"
            if re.search(r":\s*\d+x.*[,\n].*:", written):
                fix = "inputs: in place of input:, as there are several"
            raise self.fail(node, "the input is a mapping, not a shape", fix)
        items = self.document.items(node)
        return ", ".join(self.document.scalar(item, what) for item in items)

    def input(self, node: Node, text: str, batch: int) -> Tensor:
        try:
            return sample(text, batch)
        except Error as error:
            where, line = NodePlace(self.document, node)()
            error.note(where=where, snippet=line)
            raise

    def outputs(self, node: Node, inputs: list[str], entries: Sequence[Entry]) -> list[str]:
        known = {*inputs, *(name for entry in entries for name in entry.names)}
        items = self.document.items(node)
        names = [identifier(self.document.scalar(item, "an output")) for item in items]
        for name, item in zip(names, items, strict=True):
            if name not in known:
                fix = suggestion(name, known)
                self.bodies.report(self.fail(item, f"unknown output {name!r}", fix))
        if not names:
            fix = "leave outputs out: the last value is the output"
            raise self.fail(node, "there are no outputs", fix)
        return names


def _left_open(module: Any, text: str) -> list[str]:
    """Return the paths of the layers that infer a size, if the text leaves one open."""
    named = r"\(\s*out_(features|channels)"
    if "?" not in text and "None" not in text and not re.search(named, text):
        return []
    lazy = LAZY.values()
    return [path for path, layer in module.named_modules() if type(layer).__name__ in lazy]


def _shapes_by_name(names: list[str], texts: list[str]) -> dict[str, str]:
    """Return the shapes in place of the file's own: one for each input in order, or by name."""
    pairs = [named_part(text) for text in texts]
    result = {identifier(name): text for name, text in pairs if name}
    unknown = next((name for name in result if name not in names), None)
    if unknown is not None:
        fix = suggestion(unknown, names, f"its inputs are {', '.join(names)}")
        raise SpecError(f"the network has no input {unknown!r}", fix=fix)
    rest = [name for name in names if name not in result]
    plain = [text for name, text in pairs if not name]
    if len(result) + len(plain) != len(pairs) or (plain and len(plain) != len(rest)):
        raise _miscounted(names, texts)
    return result | dict(zip(rest, plain, strict=False))


def _shape(name: str, text: str, batch: int) -> Tensor:
    tensor = value(text, batch)
    if not isinstance(tensor, Tensor):
        fix = f"--in {name}=3x32x32; for a number, one of its vars and --set"
        raise SpecError(f"the input {name!r} of a network file is a tensor", fix=fix)
    return tensor


def _at_sizes_of(written: Tensor, tensor: Tensor) -> Tensor:
    """Return an input whose symbols without a value have the sizes of the file's own input."""
    from ...symbolic.dim import Dim

    def sized(size: int, usual: int) -> int:
        if not isinstance(size, Dim) or size.given or usual < 1:
            return size
        (name,) = size.expression.symbols
        dim = Dim(name, int.__int__(usual))
        dim.given = False
        return dim

    if tensor.ndim != written.ndim:
        return tensor
    return Tensor(tuple(map(sized, tensor.shape, written.shape)), tensor.dtype)


def _miscounted(names: list[str], texts: list[str]) -> SpecError:
    takes = f"{len(names)} input{'s' * (len(names) != 1)} ({', '.join(names)})"
    are = "1 shape is" if len(texts) == 1 else f"{len(texts)} shapes are"
    known = dict(zip(names, (named_part(text)[1] for text in texts), strict=False))
    options = (f"{name}={known.get(name, '...')}" for name in names)
    fix = " ".join(f"--in {option}" for option in options) if len(names) > 1 else f"--in {texts[0]}"
    return SpecError(f"the network takes {takes}, but {are} given", fix=fix)


def _set(name: str, text: str, start: int, end: int) -> Place:
    """Return the place of a part of what is given in place of a constant."""
    return f"--set {name}", snippet(text, start, end)


def _stem(filename: str) -> str:
    return filename.replace("\\", "/").rpartition("/")[2].partition(".")[0]
