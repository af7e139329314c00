"""Network files: YAML (or JSON) that lists layers, each an expression in torch's vocabulary.

The file is composed, not loaded: every scalar stays the text that was written, with its line and column, so
that YAML's own ideas of ``no``, ``1_000`` or ``12:30`` never apply and no tag can make an object.

It is read in three steps. First its parts become `Body` objects, with every expression parsed; then all
expressions are checked, and what is wrong is told together; then `graph.Builder` makes the module.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections import Counter
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ..errors import Error, SpecError, nearest
from ..gc_pause import paused
from ..shapetorch.dtypes import dtype
from ..shapetorch.nn.modules.module import REQUIRED, signature
from .build import Block, Body, Builder, Entry
from .expression import (
    LAYERS,
    SHAPETORCH,
    SPACES,
    Evaluation,
    Expression,
    Frame,
    Later,
    kind,
    raise_all,
    short,
    snippet,
)
from .shape import sample
from .validate import MOST_ERRORS, UNKNOWN, check
from .yaml_errors import trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, TypeVar

    from ..shapetorch.tensor import Tensor
    from .build import Target
    from .expression import Vocabulary

    AnyError = TypeVar("AnyError", bound=Error)
    AnyNode = TypeVar("AnyNode", ast.expr, ast.keyword)
    Node = Any  # a yaml.Node, of which the type stubs know too little

_DEEPEST = 1000
_KEYS = ("name", "input", "inputs", "batch", "vars", "blocks", "layers", "outputs")


class Network:
    """What a reader makes of a file.

    Attributes:
        name: the network's.
        module: the network.
        inputs: its arguments, batch axis included.
        where: ``file:line:column`` of modules, by path.
        note: what the file left open, and how it was read.
    """

    def __init__(
        self, name: str, module: Any, inputs: list[Tensor], where: dict[str, str], note: str = ""
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
    input: str | Sequence[str] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
    vocabulary: Vocabulary = SHAPETORCH,
) -> Network:
    """Read a network file.

    Args:
        text: what the file holds.
        filename: what to call it in errors.
        input: shape of one sample, in place of the file's own; of several inputs, the shape of each.
        batch: samples in a batch, in place of the file's own.
        constants: expressions in place of those in the file's `vars`.
        vocabulary: what the names of layers and functions stand for: the module is one of this vocabulary.

    Raises:
        SpecError: it cannot be read.
        ShapeError: it has a layer that torch would refuse to make.
    """
    given = [input] if isinstance(input, str) else list(input or ())
    with paused():
        return _Reader(text, filename, vocabulary).network(given, batch, constants or {})


class _Reader:
    def __init__(self, text: str, filename: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.filename = filename
        self.vocabulary = vocabulary
        #: The constants, and then the blocks too.
        self.names: dict[str, Any] = {}
        #: What is wrong with expressions, to be told together.
        self.errors: list[Error] = []
        self.trees: dict[str, ast.expr] = {}
        #: Names in the body that is read, and what they are the names of.
        self.known: dict[str, str] = {}
        # Aliases name the same node again and again; no honest file has more nodes than characters.
        self.budget = len(text)

    def network(self, given: list[str], batch: int | None, constants: Mapping[str, str]) -> Network:
        root = self.compose()
        parts = {key: value for key, _, value in self.entries(root, "the file", _KEYS)}
        self.read_vars(parts.get("vars"), constants)
        if "layers" not in parts:
            raise self.fail(
                root, "there are no layers", fix="add 'layers:' and the layers below it"
            )
        name = self.scalar(parts["name"], "name") if "name" in parts else ""
        count = batch if batch is not None else self.integer(parts.get("batch"), "batch", default=1)
        inputs = self.inputs(root, parts, given, count)
        blocks = self.blocks(parts["blocks"]) if "blocks" in parts else []
        body = self.body(parts["layers"], "layers", name or _stem(self.filename), list(inputs), {})
        if "outputs" in parts:
            body.outputs = self.outputs(parts["outputs"], body)
        for block in blocks:
            self.check(block.body, block.parameters, f"{block.name}.")
        self.check(body, {}, "")
        self.refuse_recursion(blocks)
        raise_all(self.errors)
        total = len(body.entries) + sum(len(block.body.entries) for block in blocks)
        try:
            module = Builder(self.names, total, self.vocabulary).network(body)
        except RecursionError:
            raise SpecError("the layers are nested too deep", where=self.filename) from None
        layers = parts["layers"]
        where = {"": self.place(layers.start_mark)}
        for index, each in enumerate(layers.value):
            name, node = (each[0].value, each[1]) if layers.id == "mapping" else (str(index), each)
            where[name] = self.place(node.start_mark)
        return Network(body.name, module, list(inputs.values()), where)

    # YAML

    def compose(self) -> Node:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self.refuse_depth(loader)
            root = yaml.compose(self.text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            if "nesting depth" in str(error):  # so later versions of libyaml refuse what is deep
                raise SpecError(
                    "this is nested too deep", where=self.place(error.problem_mark)
                ) from None
            what, fix, line, start, end = trouble(error, _BREAK.split(self.text))
            begin = self.starts[line]
            where, shown = self.at(begin + start, begin + end)
            raise SpecError(what, where=where, snippet=shown, fix=fix) from None
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

    # Places

    def place(self, mark: Any) -> str:
        return (
            self.filename if mark is None else f"{self.filename}:{mark.line + 1}:{mark.column + 1}"
        )

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        return [0, *(each.end() for each in _BREAK.finditer(self.text))]

    def at(self, first: int, last: int) -> tuple[str, str]:
        """Return ``file:line:column`` of a part of the file, and its line with carets below the part."""
        number = bisect_right(self.starts, first)
        begin = self.starts[number - 1]
        stop = _BREAK.search(self.text, first)
        line = self.text[begin : stop.start() if stop else len(self.text)]
        return f"{self.filename}:{number}:{first - begin + 1}", snippet(
            line, first - begin, last - begin
        )

    def fail(self, node: Node, message: str, fix: str = "") -> SpecError:
        where, shown = self.place(node.start_mark), ""
        if node.value if node.id == "scalar" else node.flow_style:
            where, shown = _Place(self, node)()
        return SpecError(message, where=where, snippet=shown, fix=fix)

    # Scalars and mappings

    def spend(self, node: Node) -> None:
        self.budget -= 1
        if self.budget < 0:
            raise self.fail(node, "aliases (*name) repeat more than the file holds")

    def scalar(self, node: Node, what: str) -> str:
        self.spend(node)
        if node.id != "scalar":
            layers = [
                str(each.value)
                for each in node.value
                if node.id == "sequence" and each.id == "scalar"
            ]
            fix = f"Sequential({', '.join(layers)})" if len(layers) > 1 else ""
            fix = f"{layers[0]}, without the brackets" if len(layers) == 1 else short(fix)
            raise self.fail(node, f"{what} is {_kind(node)}, not text", fix)
        self.refuse_tag(node)
        text: str = node.value
        return text

    def refuse_tag(self, node: Node) -> None:
        if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith(
            "tag:yaml.org,2002:python"
        ):
            raise self.fail(
                node,
                f"the tag {node.tag.removeprefix('tag:yaml.org,2002:')!r} means nothing here",
                "leave it out",
            )

    def entries(
        self, node: Node, what: str, known: tuple[str, ...] = (), fix: str = ""
    ) -> Iterator[tuple[str, Node, Node]]:
        """Yield the keys of a mapping, which are different and, if it is said which there are, known.

        Each comes with its node and that of its value.
        """
        self.spend(node)
        self.refuse_tag(node)
        if node.id != "mapping":
            raise self.fail(
                node, f"{what} is {_kind(node)}, not a mapping of names", fix or _EXAMPLE
            )
        seen: dict[str, Node] = {}
        for key_node, value in node.value:
            key = self.scalar(key_node, f"a key of {what}")
            if key in seen:
                first = seen[key].start_mark
                raise self.fail(
                    key_node, f"{key!r} stands twice; the first is in line {first.line + 1}"
                )
            if known and key not in known:
                near = nearest(key, known)
                fix = f"did you mean {near}?" if near else f"the keys are {', '.join(known)}"
                raise self.fail(key_node, f"there is no key {key!r}", fix)
            seen[key] = key_node
            yield key, key_node, value

    def expression(self, node: Node, what: str) -> Expression:
        text = self.scalar(node, what)
        expression = Expression(text, _Place(self, node), self.trees.get(text))
        self.trees[text] = expression.tree
        return expression

    # The parts of a file

    def constant(self, expression: Expression, name: str) -> Any:
        """Evaluate an expression of the constants that are known so far."""
        raise_all(check(expression, self.names, ()))
        result, made = Evaluation(expression, Frame(self.names, (), self.vocabulary)).run()
        if made or isinstance(result, Later):
            what = "a layer" if made else kind(result)
            raise expression.fail(expression.tree, f"{name} is {what}, and a constant is wanted")
        return result

    def integer(self, node: Node | None, what: str, default: int) -> int:
        if node is None:
            return default
        value = self.constant(self.expression(node, what), what)
        if type(value) is not int or value < 0:
            raise self.fail(node, f"{what} is {value!r}, not a whole number from 0")
        return value

    def read_vars(self, node: Node | None, constants: Mapping[str, str]) -> None:
        declared = list(self.entries(node, "vars")) if node is not None else []
        known = [name for name, _, _ in declared]
        for name in constants:
            if name not in known:
                near = nearest(name, known)
                fix = (
                    f"did you mean {near}?"
                    if near
                    else f"the vars are {', '.join(known) or 'none'}"
                )
                raise SpecError(f"--set {name}: the file has no such constant in its vars", fix=fix)
        for name, key, value in declared:
            self.refuse_name(name, key, "a constant")
            what = f"the constant {name}"
            try:
                expression = (
                    Expression(constants[name], partial(_set, name, constants[name]))
                    if name in constants
                    else self.expression(value, what)
                )
            except SpecError as error:
                raise _uncut(error, node, value) from None
            self.names[name] = self.constant(expression, what)

    def refuse_name(
        self, name: str, key: Node, what: str, own: Mapping[str, str] | None = None
    ) -> None:
        """Refuse a name that cannot be used, or that would hide a layer or another name of the file."""
        if what != "a layer" and not name.isidentifier():
            raise self.fail(
                key, f"{name!r} cannot be the name of {what}", "a word of letters, digits and _"
            )
        taken = (own or {}).get(name, "")
        if taken:
            pass
        elif name in LAYERS:
            taken = "torch's layer"
        elif isinstance(self.names.get(name), Block):
            taken = "the name of a block"
        elif name in self.names and what != "a parameter":  # which is the block's own affair
            taken = "the name of a constant"
        if taken:
            raise self.fail(
                key,
                f"{name!r} cannot be the name of {what}: it is {taken}",
                f"another name, such as {name.lower() if name.lower() != name else name + '1'}",
            )

    def inputs(
        self, root: Node, parts: Mapping[str, Node], given: list[str], batch: int
    ) -> dict[str, Tensor]:
        """Return the inputs by name; an only one may be called ``input``."""
        node = parts.get("inputs")
        if node is not None and "input" in parts:
            raise self.fail(
                node, "there are both input and inputs", "list all of them below inputs"
            )
        named = [("input", None, parts.get("input"))]
        if node is not None:
            named = list(
                self.entries(node, "inputs", fix="inputs: {image: 3x32x32}, or input: 3x32x32")
            )
        if not named:
            raise self.fail(root, "there is no input", "inputs: {image: 3x32x32, text: int64:77}")
        if given and len(given) != len(named):
            names = [name for name, _, _ in named]
            takes = f"{len(names)} input{'s' * (len(names) != 1)} ({', '.join(names)})"
            shapes = "1 shape is" if len(given) == 1 else f"{len(given)} shapes are"
            fix = " ".join(f"--in {each}" for each in (given * len(names))[: len(names)])
            raise SpecError(f"the network takes {takes}, but {shapes} given", fix=fix)
        result: dict[str, Tensor] = {}
        for index, (name, key, value) in enumerate(named):
            if key is not None:
                self.refuse_name(name, key, "an input")
            result[name] = sample(given[index], batch) if given else self.input(root, value, batch)
        return result

    def input(self, root: Node, node: Node | None, batch: int) -> Tensor:
        if node is None:
            raise self.fail(
                root, "there is no input", "add 'input: 3x32x32' (one sample), or --in 3x32x32"
            )
        if node.id == "sequence":
            self.spend(node)
            text = "x".join(self.scalar(item, "a size of the input") for item in node.value)
        else:
            text = self.scalar(node, "the input")
        try:
            return sample(text, batch)
        except Error as error:
            where, shown = _Place(self, node)()
            error.note(where=where, snippet=shown)
            raise

    def outputs(self, node: Node, body: Body) -> list[str]:
        known = [*body.inputs, *(name for entry in body.entries for name in entry.names)]
        items = node.value if node.id == "sequence" else [node]
        names = [self.scalar(item, "an output") for item in items]
        for name, item in zip(names, items, strict=True):
            if name not in known:
                near = nearest(name, known)
                fix = f"did you mean {near}?" if near else ""
                self.report(self.fail(item, f"there is no value {name!r} to be an output", fix))
        if not names:
            raise self.fail(
                node, "there are no outputs", "leave outputs out: the last value is the output"
            )
        return names

    def blocks(self, node: Node) -> list[Block]:
        bodies: list[tuple[Block, Node]] = []
        for text, key, value in self.entries(node, "blocks"):
            block = self.signature(text, key)
            self.refuse_name(block.name, key, "a block")
            self.names[block.name] = block
            bodies.append((block, value))
        for block, value in bodies:
            own = dict.fromkeys(block.parameters, "a parameter of the block")
            block.body = self.body(
                value, f"the block {block.name}", block.name, block.body.inputs, own
            )
        return [block for block, _ in bodies]

    def signature(self, text: str, key: Node) -> Block:
        """Read ``Name(a, b=1)``, or ``Name(a, b=1)(x, y)`` for a block with several inputs."""
        expression = Expression(text, _Place(self, key))
        calls: list[ast.Call] = []
        node = expression.tree
        while isinstance(node, ast.Call):
            calls.insert(0, node)
            node = node.func
        positional = [[arg.id for arg in call.args if isinstance(arg, ast.Name)] for call in calls]
        defaults = {keyword.arg: keyword.value for keyword in calls[0].keywords} if calls else {}
        parameters = positional[0] if calls else []
        inputs = positional[1] if len(calls) > 1 else ["input"]
        every = [*parameters, *defaults, *inputs]
        if (
            not isinstance(node, ast.Name)
            or len(calls) > 2
            or any(not isinstance(arg, ast.Name) for call in calls for arg in call.args)
            or (len(calls) > 1 and (calls[1].keywords or not inputs))
            or None in defaults
        ):
            raise expression.fail(
                expression.tree, f"{text!r} is not how a block begins", "Block(cin, cout, stride=1)"
            )
        twice = next((name for name in every if every.count(name) > 1), None)
        if twice:
            raise expression.fail(expression.tree, f"{text!r} has the name {twice} twice")
        for name in every:
            self.refuse_name(str(name), key, "a parameter")
        known: dict[str, Any] = dict.fromkeys(parameters, REQUIRED)
        for name, value in defaults.items():
            default = known[str(name)] = Expression(text, expression.locate, value)
            self.errors += check(default, self.names, ())
        return Block(Body(node.id, inputs, ()), known)

    def body(
        self, node: Node, what: str, name: str, inputs: Sequence[str], own: dict[str, str]
    ) -> Body:
        """Read the entries of a block or of the network; what cannot be read of them is told later."""
        if node.id == "sequence":
            self.spend(node)
            listed = [(str(index), item, item) for index, item in enumerate(node.value)]
        else:
            listed = list(self.entries(node, what))
        if not listed:
            raise self.fail(node, "there are no layers")
        self.known = taken = own | dict.fromkeys(inputs, "an input")
        entries = []
        for label, key, value in listed:
            target = self.target(label, key) if "," in label else label
            entry = Entry(target, _NOTHING, _Place(self, key))
            for each in entry.names:
                self.refuse_name(each, key, "a layer", taken)
                taken[each] = "the name of another layer"
            try:
                entry.expression = (
                    self.mapping_form(value)
                    if value.id == "mapping"
                    else self.expression(value, "the layer")
                )
            except Error as error:
                error.note(path=entry.name)
                uncut = _uncut(error, node, value)
                if uncut is not error:
                    raise_all([*self.errors, uncut])  # what follows is the rest of it
                self.report(error)
            entries.append(entry)
        return Body(name, inputs, entries)

    def target(self, label: str, key: Node) -> Target:
        """Read the names that unpack a value: ``half, rest`` or ``out, (h, c)``."""
        expression = Expression(label, _Place(self, key))

        def names(node: ast.expr) -> Target:
            if isinstance(node, ast.Name):
                return node.id
            if not isinstance(node, ast.Tuple) or not node.elts:
                raise expression.fail(
                    node, f"{label!r} are no names to unpack a value into", "half, rest"
                )
            return tuple(map(names, node.elts))

        return names(expression.tree)

    def report(self, error: Error) -> None:
        """Keep an error, to be told with the others; enough is enough."""
        self.errors.append(error)
        if len(self.errors) == MOST_ERRORS:
            raise_all(self.errors)

    def check(self, body: Body, parameters: Mapping[str, Any], path: str) -> None:
        """Find what is wrong with the expressions of a body."""
        constants = (
            {**self.names, **dict.fromkeys(parameters, UNKNOWN)} if parameters else self.names
        )
        values = dict.fromkeys(body.inputs)
        later = {name: entry for entry in body.entries for name in entry.names}
        times: Counter[ast.expr] = Counter()
        passed: set[ast.expr] = (
            set()
        )  # what has passed, and would again: none of its names is a value here
        for entry in body.entries:
            tree = entry.expression.tree
            if tree not in passed:
                errors = check(entry.expression, constants, values, later)
                for error in errors:
                    error.note(path=path + entry.name)
                    self.report(error)
                times[tree] += 1
                if times[tree] == 2 and not errors:  # most stand in a file once
                    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
                    if used.isdisjoint(later) and used.isdisjoint(values):
                        passed.add(tree)
            values.update(dict.fromkeys(entry.names))

    def refuse_recursion(self, blocks: list[Block]) -> None:
        """Refuse a block that uses itself, also by way of others."""
        uses: dict[str, dict[str, tuple[Expression, ast.AST]]] = {}
        for block in blocks:
            uses[block.name] = {
                node.id: (entry.expression, node)
                for entry in block.body.entries
                for node in ast.walk(entry.expression.tree)
                if isinstance(node, ast.Name) and isinstance(self.names.get(node.id), Block)
            }
        done: set[str] = set()
        for block in blocks:
            way = {
                block.name: iter(uses[block.name])
            }  # the blocks that led here, each with what it uses yet
            while way:
                name = next(reversed(way))
                used = next(way[name], None)
                if used is None:
                    done.add(name)
                    del way[name]
                elif used in way:
                    circle = [*list(way)[list(way).index(used) :], used]
                    expression, node = uses[name][used]
                    self.report(
                        expression.fail(node, f"the block {used} uses itself: {' → '.join(circle)}")
                    )
                elif used not in done:
                    way[used] = iter(uses[used])

    def mapping_form(self, node: Node) -> Expression:
        """Read ``{Conv2d: {out_channels: 6, kernel_size: 5}}``: the same call with keywords."""
        entries = list(self.entries(node, "a layer"))
        if len(entries) != 1:
            parts = [
                value.value
                for _, _, value in entries
                if value.id == "scalar" and "(" in value.value
            ]
            fix = short(f"Sequential({', '.join(parts)})") + ", or a block" if parts else ""
            message = f"a layer has one name, not {len(entries)}"
            raise self.fail(node, message, fix or "{Conv2d: {out_channels: 6, ...}}")
        name, key, arguments = entries[0]
        call = ast.Call(self.argument(key, "the layer", is_value=False), [], [])
        if arguments.id == "mapping":
            for word, word_key, value in self.entries(arguments, name):
                keyword = ast.keyword(word, self.argument(value, word))
                call.keywords.append(self.spanning(keyword, word_key, value))
        elif arguments.id == "sequence":
            self.spend(arguments)
            call.args = [self.argument(item, name) for item in arguments.value]
        elif self.scalar(arguments, name):
            call.args = [self.argument(arguments, name)]
        lazy = "Lazy" + name.rpartition(".")[2]
        words = {keyword.arg for keyword in call.keywords}
        if (
            lazy in LAYERS
            and not (call.args or INFERRED & words)
            and words <= signature(LAYERS[lazy]).keys()
        ):
            call.func = ast.copy_location(ast.Name(lazy), call.func)
        return _Mapping(self.text, self.at, self.spanning(call, node, node))

    def argument(self, node: Node, what: str, depth: int = 0, is_value: bool = True) -> ast.expr:
        """Read an argument of the mapping form: a list, an expression, or a word that stands for itself."""
        if node.id == "sequence" and depth < 4:
            self.spend(node)
            items = [self.argument(item, what, depth + 1) for item in node.value]
            return self.spanning(ast.Tuple(items, ast.Load()), node, node)
        text = self.scalar(node, f"the argument {what}")
        is_text = (
            (node.style in ("'", '"') and "(" not in text) or text in _WORDS or self.is_word(text)
        )
        if is_value and is_text:
            return self.spanning(ast.Constant(_WORDS.get(text, text)), node, node)
        expression = Expression(text, _Place(self, node))
        start = node.start_mark.index
        for each in ast.walk(expression.tree):  # to where it stands in the file
            if hasattr(each, "col_offset"):
                first, last = expression.span(each)
                each.col_offset, each.end_col_offset = start + first, start + last  # type: ignore[attr-defined]
        return expression.tree

    def is_word(self, text: str) -> bool:
        """Tell whether an argument stands for itself: ``same``, ``reflect``; functions are no arguments."""
        named = text in LAYERS or text in self.names or text in self.known
        return text.isidentifier() and not named and not isinstance(SPACES[""].get(text), dtype)

    def spanning(self, tree: AnyNode, first: Node, last: Node) -> AnyNode:
        tree.col_offset = first.start_mark.index
        tree.end_col_offset = last.end_mark.index
        return tree


class _Place:
    """Where a scalar stands: finds the parts of its text in the file, as near as YAML lets one."""

    __slots__ = ("first", "is_folded", "last", "quote", "reader", "text")

    def __init__(self, reader: _Reader, node: Node) -> None:
        start, end = node.start_mark, node.end_mark
        self.reader = reader
        self.first, self.last = start.index, end.index
        self.is_folded = start.line != end.line
        is_scalar = node.id == "scalar"
        self.quote = 1 if is_scalar and node.style in ("'", '"') else 0
        self.text = node.value if is_scalar and self.is_folded else ""

    def __call__(self, start: int | None = None, end: int = 0) -> tuple[str, str]:
        """Return the place of ``text[start:end]``, or of the whole scalar, and its line with carets."""
        first, last = self.first, self.last
        if start is None:
            return self.reader.at(first, last)
        if not self.is_folded:
            return self.reader.at(first + self.quote + start, first + self.quote + end)
        found = self.reader.text.find(self.text[start:end], first, last)
        return self.reader.at(*((found, found + end - start) if found >= 0 else (first, first + 1)))


class _Mapping(Expression):
    """The expression of a mapping form, whose nodes have their places in the file for columns."""

    __slots__ = ()

    def span(self, node: ast.AST) -> tuple[int, int]:
        return node.col_offset, node.end_col_offset  # type: ignore[attr-defined]

    def source(self, node: ast.AST) -> str:
        return short(ast.unparse(node))


_WORDS = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "True": True,
    "False": False,
    "None": None,
}
#: Arguments that may be left out in the mapping form: the layer is lazy then.
INFERRED = {"in_channels", "in_features", "num_features"}
_EXAMPLE = "a network file has 'input: 3x32x32' and, below 'layers:', lines such as 'conv1: Conv2d(3, 6, 5)'"
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
#: Stands for the expression of an entry that cannot be read.
_NOTHING = Expression("None", lambda start, end: ("", ""))


def _set(name: str, text: str, start: int, end: int) -> tuple[str, str]:
    """Return the place of a part of what is given in place of a constant."""
    return f"--set {name}", snippet(text, start, end)


def _uncut(error: AnyError, node: Node, value: Node) -> AnyError:
    """Return the error of an expression; another of one that ends at a comma that YAML took for its own."""
    if value.id != "scalar" or value.style or not node.flow_style:
        return error
    if not error.what.endswith("was never closed"):
        return error
    fix = "quote the expression: inside [ ] and { } YAML takes its commas for its own"
    return error.changed(fix=fix)


def _kind(node: Node) -> str:
    """Say what stands in a file."""
    if node.id == "scalar":
        return "text" if node.value else "empty"
    return "a list" if node.id == "sequence" else "a mapping"


def _stem(filename: str) -> str:
    return filename.replace("\\", "/").rpartition("/")[2].partition(".")[0]
