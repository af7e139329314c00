"""The names, blocks and layers of a network file, as plain data with parsed expressions."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from ...errors import Error, SpecError
from ...fixes import Fix
from ...shapetorch.nn.modules.constructor import REQUIRED
from ..expressions.evaluate import Evaluation, Frame, Making
from ..expressions.syntax import Block, Body, Entry, Expression, names_of, raise_all
from ..expressions.validate import MOST_ERRORS, check, correction
from ..expressions.values import Deferred, kind
from ..expressions.vocabulary import LAYERS, TRANSLATED, Vocabulary
from .document import EXAMPLE, Document, Item, NodePlace

if TYPE_CHECKING:
    from ..expressions.syntax import Target
    from .document import Node

#: Stands for the expression of an entry that cannot be read.
_NOTHING = Expression("None", lambda start, end: ("", ""))
_CUT = "quote the expression: inside [ ] and { }, commas are YAML syntax"


class BodyReader:
    """Reads what has names in a file.

    Attributes:
        names: the constants by name, and then the blocks too.
        trees: the parsed form of each text.
        errors: what is wrong with expressions, to be reported together.
    """

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.fail = document.fail
        self.vocabulary = vocabulary
        self.names: dict[str, Any] = {}
        self.trees: dict[str, ast.expr] = {}
        self.errors: list[Error] = []

    def report(self, error: Error) -> None:
        """Keep an error, to be reported with the others; enough is enough."""
        self.errors.append(error)
        if len(self.errors) == MOST_ERRORS:
            raise_all(self.errors)

    def expression(self, item: Item, what: str) -> Expression:
        """Parse a scalar, once where the same text is in several places."""
        node = item.value
        text = self.document.scalar(node, what)
        text = TRANSLATED[text] if text in ("true", "false", "null") else text  # as YAML has it
        try:
            expression = Expression(text, NodePlace(self.document, node), self.trees.get(text))
        except SpecError as error:
            if _is_cut(error, item):
                raise error.changed(fix=_CUT) from None
            fix = correction((text, NodePlace(self.document, node)), self.names, {})
            raise error.changed(fix=fix.text, fixes=(fix,)) if fix else error from None
        self.trees[text] = expression.tree
        return expression

    def refuse_name(
        self, name: str, key: Node, what: str, taken: Mapping[str, str] | None = None
    ) -> None:
        """Refuse a name that cannot be used, or that would hide a layer or another of the file."""
        if what != "a layer" and (not name.isidentifier() or iskeyword(name)):
            word = ", which is a Python keyword" if iskeyword(name) else ""
            message = f"{name!r} cannot be the name of {what}{word}"
            raise self.fail(key, message, "a word of letters, digits and _")
        if re.match(r"(for|if|elif|while|with)\s", name):
            message = f"{name!r} cannot be the name of a layer: there are no loops and no branches"
            fix = "conv: 3 * Conv2d(8, 8, 3), or conv: Conv2d(8, 8, 3) if deep else Identity()"
            raise self.fail(key, message, fix)
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

    def constant(self, expression: Expression, name: str) -> Any:
        """Evaluate an expression of the constants that are known so far."""
        raise_all(check(expression, self.names, {}))
        frame = Frame(self.names, {}, Making(self.vocabulary))
        result, layers = Evaluation(expression, frame).run()
        if layers or isinstance(result, Deferred):
            what = "a layer" if layers else kind(result)
            message = f"{name} is {what}, not a constant"
            raise expression.fail(expression.tree, message)
        return result

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
            raise expression.fail(tree, f"{text!r} is not a block header", fix)
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
        """Read the entries of a block or of the network; what cannot be read is reported later.

        Args:
            node: the list or mapping of them.
            what: what it is, for errors.
            taken: names that have a meaning already, and which.
        """
        if node.id == "scalar" and node.value:
            raise self.no_list(node, what)
        if node.id == "sequence":
            nodes = self.document.items(node)
            items = [self.listed(i, item, node.flow_style) for i, item in enumerate(nodes)]
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
            place = partial(self.document.at, item.key.start_mark.index, item.key.end_mark.index)
            entries.append(Entry(target, expression, place))
        return entries

    def listed(self, index: int, node: Node, in_flow: bool) -> Item:
        """Return an item of a list as an entry: its name is its position, unless it has one.

        Those of ``- conv1: Conv2d(3, 6, 5)`` and ``- {name: conv1, type: Conv2d}`` have one.
        """
        if node.id != "mapping":
            return Item(str(index), node, node, in_flow)
        from .mapping_form import entry_with_name, name_in

        named = entry_with_name(node, self.names)
        return named or Item(name_in(node) or str(index), node, node, in_flow)

    def no_list(self, node: Node, what: str) -> SpecError:
        """Return the refusal of lines that have neither a name nor a dash."""
        from ..expressions.corrections import with_dashes

        start, end = node.start_mark.index, node.end_mark.index
        lines = with_dashes(self.document, start, end)
        message = f"a line of {what} begins with a name and a colon, or with a dash"
        error = self.fail(node, message, EXAMPLE)
        if not lines:
            return error
        fix = Fix(lines[0][0], tried=False, edits=tuple(edit for _, edit in lines))
        return error.changed(fix=fix.text, fixes=(fix,))

    def layer(self, item: Item, names: Sequence[str], taken: Collection[str]) -> Expression:
        """Read what an entry says, in either form."""
        try:
            if item.value.id != "mapping":
                return self.expression(item, "the layer")
            self.refuse_colon(item.value)
            from .mapping_form import mapped_call  # which few files have

            return mapped_call(
                self.document, item.value, lambda word: word in self.names or word in taken
            )
        except Error as error:
            error.note(path=(names or "_")[0])
            if _is_cut(error, item):  # what follows is the rest of it
                raise_all([*self.errors, error])
            self.report(error)
            return _NOTHING

    def refuse_colon(self, node: Node) -> None:
        """Refuse ``- Conv2d(3, 6, kernel_size: 5)``, which YAML takes for a name and a value."""
        first = node.value[0][0] if node.value else node
        if first.id != "scalar" or first.style or first.value.count("(") <= first.value.count(")"):
            return
        what = "use = for an argument: YAML reads the colon as its own syntax"
        start, last = first.start_mark.index, node.value[-1][1].end_mark.index
        text = self.document.text[start:last].partition(" #")[0].rstrip()
        fix = correction((text, lambda *_: self.document.at(start, last)), self.names, {})
        colon = first.end_mark.index
        where, shown = self.document.at(colon, colon + 1)
        error = SpecError(what, where=where, snippet=shown)
        raise error.changed(fix=fix.text, fixes=(fix,)) if fix else error

    def target(self, item: Item) -> Target:
        """Read the names that unpack a value: ``half, rest`` or ``out, (h, c)``."""
        expression = Expression(item.name, NodePlace(self.document, item.key))

        def names(node: ast.expr) -> Target:
            if isinstance(node, ast.Name):
                return node.id
            if not isinstance(node, ast.Tuple) or not node.elts:
                message = f"{item.name!r} are not names to unpack a value into"
                raise expression.fail(node, message, "half, rest")
            return tuple(map(names, node.elts))

        return names(expression.tree)


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


def _is_cut(error: Error, item: Item) -> bool:
    """Return whether an expression ends at a comma that YAML took for its own."""
    is_plain = item.value.id == "scalar" and not item.value.style
    return item.in_flow and is_plain and error.what.endswith("was never closed")
