"""Network files: YAML (or JSON) that lists layers, each an expression in torch's vocabulary.

The file is composed, not loaded: every scalar stays the text that was written, with its line and column, so
that YAML's own ideas of ``no``, ``1_000`` or ``12:30`` never apply and no tag can make an object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Error, SpecError, nearest
from ..shapetorch.nn import Module, Sequential
from ..shapetorch.tensor import Tensor
from .expression import LAYERS, call, evaluate, kind
from .shape import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    Node = Any  # a yaml.Node, of which the type stubs know too little

_DEEPEST = 1000
_KEYS = ("name", "input", "batch", "vars", "layers")


class Network:
    """What a reader makes of a file.

    Attributes:
        name: the network's.
        module: the network.
        inputs: its arguments, batch axis included.
        where: ``file:line:column`` of each layer, by path.
        note: what the file left open, and how it was read.
    """

    def __init__(
        self, name: str, module: Module, inputs: list[Tensor], where: dict[str, str], note: str = ""
    ) -> None:
        self.name = name
        self.module = module
        self.inputs = inputs
        self.where = where
        self.note = note


def read(
    text: str,
    filename: str,
    *,
    input: str | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
) -> Network:
    """Read a network file.

    Args:
        text: what the file holds.
        filename: what to call it in errors.
        input: shape of one sample, in place of the file's own.
        batch: samples in a batch, in place of the file's own.
        constants: expressions in place of those in the file's `vars`.

    Raises:
        SpecError: it cannot be read.
        ShapeError: it has a layer that torch would refuse to make.
    """
    return _Reader(text, filename).network(input, batch, constants or {})


class _Reader:
    def __init__(self, text: str, filename: str) -> None:
        self.text = text
        self.filename = filename
        self.names: dict[str, Any] = {}
        # Aliases name the same node again and again; no honest file has more nodes than characters.
        self.budget = len(text)

    def network(self, input: str | None, batch: int | None, constants: Mapping[str, str]) -> Network:
        root = self.compose()
        entries = dict(self.entries(root, "the file", _KEYS))
        self.read_vars(entries.get("vars"), constants)
        if "layers" not in entries:
            raise self.fail(root, "there are no layers", fix="add 'layers:' and the layers below it")
        count = batch if batch is not None else self.integer(entries.get("batch"), "batch", default=1)
        shape = self.input(root, entries.get("input"), input, count)
        module, where = self.layers(entries["layers"])
        name = self.scalar(entries["name"], "name") if "name" in entries else ""
        return Network(name or _stem(self.filename), module, [shape], where)

    # YAML

    def compose(self) -> Node:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self.refuse_depth(loader)
            root = yaml.compose(self.text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = " ".join(filter(None, (error.context, error.problem)))
            raise SpecError(f"this is not YAML: {problem}", where=self.place(mark)) from None
        except yaml.YAMLError as error:
            raise SpecError(
                f"this is not YAML: {' '.join(str(error).split())}", where=self.filename
            ) from None
        except RecursionError:
            raise SpecError("this is nested too deep", where=self.filename) from None
        if root is None:
            raise SpecError("the file is empty", where=self.filename, fix=_EXAMPLE)
        return root

    def refuse_depth(self, loader: Any) -> None:
        """Refuse nesting that would overflow the stack of the composer, which is recursive C."""
        brackets = self.text.count("[") + self.text.count("{")
        if brackets < _DEEPEST and max(map(len, self.text.split("\n"))) < _DEEPEST:
            return  # each level needs a bracket or another column, so it cannot be deep
        import yaml

        depth = 0
        for event in yaml.parse(self.text, Loader=loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEEPEST:
                raise SpecError("this is nested too deep", where=self.place(event.start_mark))

    def place(self, mark: Any, offset: int = 0) -> str:
        if mark is None:
            return self.filename
        return f"{self.filename}:{mark.line + 1}:{mark.column + 1 + offset}"

    def within(self, node: Node) -> Callable[[int], str]:
        """Return the place of an offset in a scalar's text, as near as YAML lets one say."""
        single = node.start_mark.line == node.end_mark.line
        quote = 1 if node.style in ("'", '"') else 0
        return lambda offset: self.place(node.start_mark, offset + quote if single else 0)

    def fail(self, node: Node, message: str, fix: str = "") -> SpecError:
        return SpecError(message, where=self.place(node.start_mark), fix=fix)

    def spend(self, node: Node) -> None:
        self.budget -= 1
        if self.budget < 0:
            raise self.fail(node, "aliases (*name) repeat more than the file holds")

    def scalar(self, node: Node, what: str) -> str:
        self.spend(node)
        if node.id != "scalar":
            raise self.fail(node, f"{what} is a {node.id}, not text")
        self.refuse_tag(node)
        text: str = node.value
        return text

    def refuse_tag(self, node: Node) -> None:
        if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python"):
            raise self.fail(
                node,
                f"the tag {node.tag.removeprefix('tag:yaml.org,2002:')!r} means nothing here",
                "leave it out",
            )

    def entries(self, node: Node, what: str, known: tuple[str, ...] = ()) -> Iterator[tuple[str, Node]]:
        """Yield the keys of a mapping, which are different and, if it is said which there are, known."""
        self.spend(node)
        self.refuse_tag(node)
        if node.id != "mapping":
            raise self.fail(node, f"{what} is a {node.id}, not a mapping of names", _EXAMPLE if known else "")
        seen: dict[str, Node] = {}
        for key_node, value in node.value:
            key = self.scalar(key_node, f"a key of {what}")
            if key in seen:
                first = seen[key].start_mark
                raise self.fail(key_node, f"{key!r} stands twice; the first is in line {first.line + 1}")
            if known and key not in known:
                near = nearest(key, known)
                fix = f"did you mean {near}?" if near else f"the keys are {', '.join(known)}"
                raise self.fail(key_node, f"there is no key {key!r}", fix)
            seen[key] = key_node
            yield key, value

    # The parts of a file

    def expression(self, node: Node, what: str) -> Any:
        return evaluate(self.scalar(node, what), self.names, self.within(node))

    def integer(self, node: Node | None, what: str, default: int) -> int:
        if node is None:
            return default
        value = self.expression(node, what)
        if type(value) is not int or value < 0:
            raise self.fail(node, f"{what} is {value!r}, not a whole number from 0")
        return value

    def read_vars(self, node: Node | None, constants: Mapping[str, str]) -> None:
        declared = dict(self.entries(node, "vars")) if node is not None else {}
        for name in constants:
            if name not in declared:
                near = nearest(name, declared)
                fix = f"did you mean {near}?" if near else f"the vars are {', '.join(declared) or 'none'}"
                raise SpecError(f"--set {name}: the file has no such constant in its vars", fix=fix)
        for name, value in declared.items():
            if not name.isidentifier():
                raise self.fail(value, f"{name!r} cannot be the name of a constant")
            if name in constants:
                self.names[name] = evaluate(constants[name], self.names, _nowhere)
            else:
                self.names[name] = self.expression(value, f"the constant {name}")

    def input(self, root: Node, node: Node | None, given: str | None, batch: int) -> Tensor:
        if given is not None:
            return sample(given, batch)
        if node is None:
            raise self.fail(root, "there is no input", "add 'input: 3x32x32' (one sample), or --in 3x32x32")
        if node.id == "sequence":
            self.spend(node)
            text = "x".join(self.scalar(item, "a size of the input") for item in node.value)
        else:
            text = self.scalar(node, "the input")
        try:
            return sample(text, batch)
        except Error as error:
            error.where = self.place(node.start_mark)
            raise

    def layers(self, node: Node) -> tuple[Module, dict[str, str]]:
        network, where = Sequential(), {"": self.place(node.start_mark)}
        if node.id == "sequence":
            self.spend(node)
            named = [(str(index), item, item) for index, item in enumerate(node.value)]
        else:
            keys = {key.value: key for key, _ in node.value} if node.id == "mapping" else {}
            named = [(name, keys[name], value) for name, value in self.entries(node, "layers")]
        if not named:
            raise self.fail(node, "there are no layers")
        for name, key, value in named:
            layer = self.layer(value, name)
            try:
                network.add_module(name, layer)
            except KeyError as error:
                raise self.fail(key, f"a layer cannot be called {name!r}: {error.args[0]}") from None
            where[name] = self.place(value.start_mark)
        return network, where

    def layer(self, node: Node, name: str) -> Module:
        try:
            layer = self.mapping_form(node) if node.id == "mapping" else self.expression(node, "the layer")
        except Error as error:
            error.path = error.path or name
            if node.id == "scalar" and not node.style and node.value.count("(") > node.value.count(")"):
                error.fix = "quote the expression: inside [ ] and { } YAML takes its commas for its own"
            raise
        if isinstance(layer, Module):
            return layer
        fix = "a layer such as Conv2d(3, 6, 5)"
        if callable(layer):
            fix = f"{nearest(layer.__name__.replace('_', ''), LAYERS) or layer.__name__}()"
        raise self.fail(node, f"{name} is {kind(layer)}, and a layer is wanted", fix)

    def mapping_form(self, node: Node) -> Any:
        """Read ``{Conv2d: {out_channels: 6, kernel_size: 5}}``: the same call with keywords."""
        entries = list(self.entries(node, "a layer"))
        if len(entries) != 1:
            raise self.fail(
                node, f"a layer has one name, not {len(entries)}", "{Conv2d: {out_channels: 6, ...}}"
            )
        name, arguments = entries[0]
        args, kwargs = [], {}
        if arguments.id == "mapping":
            kwargs = {key: self.plain_value(value, key) for key, value in self.entries(arguments, name)}
        elif arguments.id == "sequence":
            self.spend(arguments)
            args = [self.plain_value(item, name) for item in arguments.value]
        elif self.scalar(arguments, name):
            args = [self.plain_value(arguments, name)]
        return call(name, args, kwargs, self.names, lambda _: self.place(node.start_mark))

    def plain_value(self, node: Node, what: str, depth: int = 0) -> Any:
        """Read an argument of the mapping form: a list, an expression, or a word that stands for itself."""
        if node.id == "sequence" and depth < 4:
            self.spend(node)
            return tuple(self.plain_value(item, what, depth + 1) for item in node.value)
        text = self.scalar(node, f"the argument {what}")
        if node.style in ("'", '"'):
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text.isidentifier() and text not in self.names:
            return text
        return self.expression(node, what)


_WORDS = {"true": True, "false": False, "null": None, "~": None, "True": True, "False": False, "None": None}
_EXAMPLE = "a network file has 'input: 3x32x32' and, below 'layers:', lines such as 'conv1: Conv2d(3, 6, 5)'"


def _nowhere(offset: int) -> str:
    """Return the place of what stands on the command line, which the reader of it has before his eyes."""
    return ""


def _stem(filename: str) -> str:
    return filename.replace("\\", "/").rpartition("/")[2].partition(".")[0]
