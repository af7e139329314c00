"""Network files: YAML (or JSON) that lists layers, each an expression in torch's vocabulary.

A file is read in three steps. First its parts become plain data (`syntax`), with every expression
parsed; then all expressions are checked, and what is wrong is told together; then `Builder` makes the
module.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from ..errors import Error, SpecError, nearest
from ..gc_pause import paused
from ..run.program import Program
from ..shapetorch.nn.modules.module import REQUIRED
from .build import Builder
from .document import Document, Item, NodePlace
from .evaluate import Evaluation, Frame, Making
from .mapping_form import mapped_call
from .shape import sample
from .syntax import Block, Body, Entry, Expression, names_of, raise_all, snippet
from .validate import MOST_ERRORS, UNKNOWN, check
from .values import Deferred, kind
from .vocabulary import LAYERS, SHAPETORCH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from ..shapetorch.tensor import Tensor
    from .document import Node
    from .syntax import Place, Target
    from .vocabulary import Vocabulary

_KEYS = ("name", "input", "inputs", "batch", "vars", "blocks", "layers", "outputs")
#: Stands for the expression of an entry that cannot be read.
_NOTHING = Expression("None", lambda start, end: ("", ""))


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
        vocabulary: what the names stand for: the module is one of this vocabulary.

    Raises:
        SpecError: it cannot be read.
        ShapeError: it has a layer that torch would refuse to make.
    """
    shapes = [input] if isinstance(input, str) else list(input or ())
    with paused():
        return _Reader(Document(text, filename), vocabulary).program(shapes, batch, constants or {})


class _Reader:
    """Reads one file.

    Attributes:
        names: the constants by name, and then the blocks too.
        trees: the parsed form of each text.
        errors: what is wrong with expressions, to be told together.
    """

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.fail = document.fail
        self.vocabulary = vocabulary
        self.names: dict[str, Any] = {}
        self.trees: dict[str, ast.expr] = {}
        self.errors: list[Error] = []

    def program(
        self, shapes: list[str], batch: int | None, constants: Mapping[str, str]
    ) -> Program:
        root = self.document.compose()
        parts = {item.name: item.value for item in self.document.entries(root, "the file", _KEYS)}
        self.read_vars(parts.get("vars"), constants)
        if "layers" not in parts:
            fix = "add 'layers:' and the layers below it"
            raise self.fail(root, "there are no layers", fix)
        name = self.document.scalar(parts["name"], "name") if "name" in parts else ""
        if batch is None:
            batch = self.integer(parts["batch"], "batch") if "batch" in parts else 1
        inputs = self.inputs(root, parts, shapes, batch)
        bodies = self.blocks(parts["blocks"]) if "blocks" in parts else {}
        entries = self.entries(parts["layers"], "layers", dict.fromkeys(inputs, "an input"))
        outputs = parts.get("outputs")
        names = None if outputs is None else self.outputs(outputs, list(inputs), entries)
        body = Body(name or _stem(self.document.filename), list(inputs), entries, names)
        module = self.build(body, bodies)
        where = self.places(parts["layers"])
        return Program(module=module, inputs=list(inputs.values()), name=body.name, where=where)

    def build(self, body: Body, bodies: Mapping[str, Body]) -> Any:
        """Check all expressions and make the module."""
        for block in bodies.values():
            self.check(block, self.names[block.name].parameters, f"{block.name}.")
        self.check(body, {}, "")
        if bodies:
            self.refuse_recursion(bodies)
        raise_all(self.errors)
        total = sum(len(each.entries) for each in (body, *bodies.values()))
        try:
            return Builder(self.names, bodies, total, self.vocabulary).network(body)
        except RecursionError:
            where = self.document.filename
            raise SpecError("the layers are nested too deep", where=where) from None

    def places(self, layers: Node) -> dict[str, str]:
        """Return where the layers of the network stand, by name."""
        where = {"": self.document.place(layers.start_mark)}
        for index, item in enumerate(layers.value):
            name, node = (item[0].value, item[1]) if layers.id == "mapping" else (str(index), item)
            where[name] = self.document.place(node.start_mark)
        return where

    def report(self, error: Error) -> None:
        """Keep an error, to be told with the others; enough is enough."""
        self.errors.append(error)
        if len(self.errors) == MOST_ERRORS:
            raise_all(self.errors)

    def expression(self, item: Item, what: str) -> Expression:
        """Parse a scalar, once where the same text stands in several places."""
        node = item.value
        text = self.document.scalar(node, what)
        try:
            expression = Expression(text, NodePlace(self.document, node), self.trees.get(text))
        except SpecError as error:
            if _is_cut(error, item):
                raise error.changed(fix=_CUT) from None
            raise
        self.trees[text] = expression.tree
        return expression

    def refuse_name(
        self, name: str, key: Node, what: str, taken: Mapping[str, str] | None = None
    ) -> None:
        """Refuse a name that cannot be used, or that would hide a layer or another of the file."""
        if what != "a layer" and not name.isidentifier():
            message = f"{name!r} cannot be the name of {what}"
            raise self.fail(key, message, "a word of letters, digits and _")
        is_now = (taken or {}).get(name) or self.meaning(name, what)
        if is_now:
            other = name.lower() if name.lower() != name else name + "1"
            message = f"{name!r} cannot be the name of {what}: it is {is_now}"
            raise self.fail(key, message, f"another name, such as {other}")

    def meaning(self, name: str, what: str) -> str:
        if name in LAYERS:
            return "torch's layer"
        if isinstance(self.names.get(name), Block):
            return "the name of a block"
        if name in self.names and what != "a parameter":  # which is the block's own affair
            return "the name of a constant"
        return ""

    # Constants

    def constant(self, expression: Expression, name: str) -> Any:
        """Evaluate an expression of the constants that are known so far."""
        raise_all(check(expression, self.names, {}))
        frame = Frame(self.names, {}, Making(self.vocabulary))
        result, layers = Evaluation(expression, frame).run()
        if layers or isinstance(result, Deferred):
            what = "a layer" if layers else kind(result)
            message = f"{name} is {what}, and a constant is wanted"
            raise expression.fail(expression.tree, message)
        return result

    def integer(self, node: Node, what: str) -> int:
        value = self.constant(self.expression(Item(what, node, node), what), what)
        if type(value) is not int or value < 0:
            raise self.fail(node, f"{what} is {value!r}, not a whole number from 0")
        return value

    def read_vars(self, node: Node | None, constants: Mapping[str, str]) -> None:
        items = list(self.document.entries(node, "vars")) if node is not None else []
        known = [item.name for item in items]
        for name in constants:
            if name not in known:
                near = nearest(name, known)
                own = f"the vars are {', '.join(known) or 'none'}"
                fix = f"did you mean {near}?" if near else own
                raise SpecError(f"--set {name}: the file has no such constant in its vars", fix=fix)
        for item in items:
            name, what = item.name, f"the constant {item.name}"
            self.refuse_name(name, item.key, "a constant")
            if name in constants:
                text = constants[name]
                expression = Expression(text, partial(_set, name, text))
            else:
                expression = self.expression(item, what)
            self.names[name] = self.constant(expression, what)

    # Inputs and outputs

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
        if shapes and len(shapes) != len(items):
            raise _miscounted([item.name for item in items], shapes)
        result: dict[str, Tensor] = {}
        for index, (name, key, node, _) in enumerate(items):
            if key is not None:
                self.refuse_name(name, key, "an input")
            if shapes:
                result[name] = sample(shapes[index], batch)
            elif node is not None:
                result[name] = self.input(node, batch)
            else:
                fix = "add 'input: 3x32x32' (one sample), or --in 3x32x32"
                raise self.fail(root, "there is no input", fix)
        return result

    def input(self, node: Node, batch: int) -> Tensor:
        what = "a size of the input" if node.id == "sequence" else "the input"
        items = self.document.items(node)
        text = "x".join(self.document.scalar(item, what) for item in items)
        try:
            return sample(text, batch)
        except Error as error:
            where, line = NodePlace(self.document, node)()
            error.note(where=where, snippet=line)
            raise

    def outputs(self, node: Node, inputs: list[str], entries: Sequence[Entry]) -> list[str]:
        known = {*inputs, *(name for entry in entries for name in entry.names)}
        items = self.document.items(node)
        names = [self.document.scalar(item, "an output") for item in items]
        for name, item in zip(names, items, strict=True):
            if name not in known:
                near = nearest(name, known)
                fix = f"did you mean {near}?" if near else ""
                self.report(self.fail(item, f"there is no value {name!r} to be an output", fix))
        if not names:
            fix = "leave outputs out: the last value is the output"
            raise self.fail(node, "there are no outputs", fix)
        return names

    # Blocks and layers

    def blocks(self, node: Node) -> dict[str, Body]:
        """Read the blocks, which may use each other in any order, and return their bodies."""
        values: list[tuple[Block, Node]] = []
        for text, key, value, _ in self.document.entries(node, "blocks"):
            block = self.signature(text, key)
            self.refuse_name(block.name, key, "a block")
            self.names[block.name] = block
            values.append((block, value))
        bodies = {}
        for block, value in values:
            taken = dict.fromkeys(block.parameters, "a parameter of the block")
            taken.update(dict.fromkeys(block.inputs, "an input"))
            entries = self.entries(value, f"the block {block.name}", taken)
            bodies[block.name] = Body(block.name, block.inputs, entries)
        return bodies

    def signature(self, text: str, key: Node) -> Block:
        """Read ``Name(a, b=1)``, or ``Name(a, b=1)(x, y)`` for a block with several inputs."""
        expression = Expression(text, NodePlace(self.document, key))
        tree = expression.tree
        signature = _signature(tree)
        if signature is None:
            fix = "Block(cin, cout, stride=1)"
            raise expression.fail(tree, f"{text!r} is not how a block begins", fix)
        name, parameters, defaults, inputs = signature
        names = [*parameters, *defaults, *inputs]
        twice, times = Counter(names).most_common(1)[0]
        if times > 1:
            raise expression.fail(tree, f"{text!r} has the name {twice} twice")
        for parameter in names:
            self.refuse_name(parameter, key, "a parameter")
        known: dict[str, Any] = dict.fromkeys(parameters, REQUIRED)
        for parameter, value in defaults.items():
            default = known[parameter] = Expression(text, expression.locate, value)
            self.errors += check(default, self.names, {})
        return Block(name, known, inputs)

    def entries(self, node: Node, what: str, taken: dict[str, str]) -> list[Entry]:
        """Read the entries of a block or of the network; what cannot be read is told later.

        Args:
            node: the list or mapping of them.
            what: what it is, for errors.
            taken: names that have a meaning already, and which.
        """
        if node.id == "sequence":
            listed = enumerate(self.document.items(node))
            items = [Item(str(index), item, item, node.flow_style) for index, item in listed]
        else:
            items = list(self.document.entries(node, what))
        if not items:
            raise self.fail(node, "there are no layers")
        entries = []
        for item in items:
            target = self.target(item) if "," in item.name else item.name
            names = names_of(target)
            for name in names:
                self.refuse_name(name, item.key, "a layer", taken)
                taken[name] = "the name of another layer"
            expression = self.layer(item, names, taken)
            entries.append(Entry(target, expression, NodePlace(self.document, item.key)))
        return entries

    def layer(self, item: Item, names: Sequence[str], taken: Collection[str]) -> Expression:
        """Read what an entry says, in either form."""
        try:
            if item.value.id != "mapping":
                return self.expression(item, "the layer")
            return mapped_call(
                self.document, item.value, lambda word: word in self.names or word in taken
            )
        except Error as error:
            error.note(path=(names or "_")[0])
            if _is_cut(error, item):  # what follows is the rest of it
                raise_all([*self.errors, error])
            self.report(error)
            return _NOTHING

    def target(self, item: Item) -> Target:
        """Read the names that unpack a value: ``half, rest`` or ``out, (h, c)``."""
        expression = Expression(item.name, NodePlace(self.document, item.key))

        def names(node: ast.expr) -> Target:
            if isinstance(node, ast.Name):
                return node.id
            if not isinstance(node, ast.Tuple) or not node.elts:
                message = f"{item.name!r} are no names to unpack a value into"
                raise expression.fail(node, message, "half, rest")
            return tuple(map(names, node.elts))

        return names(expression.tree)

    # What is wrong before anything is made

    def check(self, body: Body, parameters: Collection[str], path: str) -> None:
        """Find what is wrong with the expressions of a body."""
        constants = self.names | dict.fromkeys(parameters, UNKNOWN) if parameters else self.names
        values = dict.fromkeys(body.inputs)
        later = {name: entry for entry in body.entries for name in entry.names}
        times: Counter[ast.expr] = Counter()
        # What has passed, and would again: none of its names is a value here.
        passed: set[ast.expr] = set()
        for entry in body.entries:
            tree = entry.expression.tree
            if tree not in passed:
                errors = check(entry.expression, constants, values, later)
                for error in errors:
                    error.note(path=path + entry.name)
                    self.report(error)
                times[tree] += 1
                if times[tree] == 2 and not errors:  # most stand in a file once
                    used = {name.id for name in _names(tree)}
                    if used.isdisjoint(later) and used.isdisjoint(values):
                        passed.add(tree)
            values.update(dict.fromkeys(entry.names))

    def refuse_recursion(self, bodies: Mapping[str, Body]) -> None:
        """Refuse blocks that use themselves, also by way of others."""
        from graphlib import CycleError, TopologicalSorter

        uses: dict[str, dict[str, tuple[Expression, ast.Name]]] = {
            block: {
                name.id: (entry.expression, name)
                for entry in body.entries
                for name in _names(entry.expression.tree)
                if name.id in bodies
            }
            for block, body in bodies.items()
        }
        while True:
            try:
                return TopologicalSorter(uses).prepare()
            except CycleError as error:
                circle = _from_first(list(reversed(error.args[1])), list(bodies))
            expression, name = uses[circle[-2]].pop(circle[-1])
            message = f"the block {circle[0]} uses itself: {' → '.join(circle)}"
            self.report(expression.fail(name, message))


def _signature(
    tree: ast.expr,
) -> tuple[str, list[str], dict[str, ast.expr], list[str]] | None:
    """Return the name, the parameters without and with a default, and the inputs of a block."""
    args: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    inputs: list[ast.expr] = [ast.Name("input")]
    match tree:
        case ast.Name(id=name):
            pass
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            pass
        case ast.Call(
            func=ast.Call(func=ast.Name(id=name), args=args, keywords=keywords),
            args=[_, *_] as inputs,
            keywords=[],
        ):
            pass
        case _:
            return None
    parameters = [arg.id for arg in args if isinstance(arg, ast.Name)]
    values = [arg.id for arg in inputs if isinstance(arg, ast.Name)]
    defaults = {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
    if len(parameters) < len(args) or len(values) < len(inputs) or len(defaults) < len(keywords):
        return None
    return name, parameters, defaults, values


def _from_first(circle: list[str], order: list[str]) -> list[str]:
    """Return ``B → C → B`` or whatever goes round, from the first of `order` on."""
    around = circle[:-1]
    start = around.index(min(around, key=order.index))
    return [*around[start:], *around[: start + 1]]


def _names(tree: ast.expr) -> Iterator[ast.Name]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name))


def _miscounted(names: list[str], shapes: list[str]) -> SpecError:
    takes = f"{len(names)} input{'s' * (len(names) != 1)} ({', '.join(names)})"
    are = "1 shape is" if len(shapes) == 1 else f"{len(shapes)} shapes are"
    fix = " ".join(f"--in {shape}" for shape in (shapes * len(names))[: len(names)])
    return SpecError(f"the network takes {takes}, but {are} given", fix=fix)


def _set(name: str, text: str, start: int, end: int) -> Place:
    """Return the place of a part of what is given in place of a constant."""
    return f"--set {name}", snippet(text, start, end)


_CUT = "quote the expression: inside [ ] and { } YAML takes its commas for its own"


def _is_cut(error: Error, item: Item) -> bool:
    """Tell whether an expression ends at a comma that YAML took for its own."""
    is_plain = item.value.id == "scalar" and not item.value.style
    return item.in_flow and is_plain and error.what.endswith("was never closed")


def _stem(filename: str) -> str:
    return filename.replace("\\", "/").rpartition("/")[2].partition(".")[0]
