"""The mapping form of a layer, ``{Conv2d: {out_channels: 6, kernel_size: 5}}``: a call in YAML."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ...shapetorch.dtypes import dtype
from ..expressions.syntax import Expression, short
from ..expressions.vocabulary import LAYERS, SPACES
from .document import Document, Item, NodePlace

if TYPE_CHECKING:
    from ...errors import SpecError
    from .document import Node

    AnyNode = TypeVar("AnyNode", ast.expr, ast.keyword)

_WORDS: dict[str, Any] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "~": None,
    "None": None,
}
_DEEPEST_LIST = 4
#: How other tools call the layer, its name and its arguments.
_KINDS = frozenset("type layer class class_name module op kind layer_type target _target_".split())
_NAMES = frozenset(["name", "id"])
_ARGUMENTS = frozenset("args arguments config kwargs options params parameters".split())
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class MappedCall(Expression):
    """The expression of a mapping form, whose nodes have their places in the file for columns."""

    __slots__ = ()

    @property
    def written(self) -> str:
        return ast.unparse(self.tree)

    def span(self, node: ast.AST) -> tuple[int, int]:
        return node.col_offset, node.end_col_offset  # type: ignore[attr-defined]

    def source(self, node: ast.AST) -> str:
        return short(ast.unparse(node))


def mapped_call(document: Document, node: Node, is_name: Callable[[str], bool]) -> MappedCall:
    """Read a mapping form: the same call with keywords.

    Args:
        document: the file.
        node: the mapping.
        is_name: whether a word is a name of the file, and so does not mean itself.

    Raises:
        SpecError: it is none.
    """
    return _MappingForm(document, is_name).call(node)


class _MappingForm:
    def __init__(self, document: Document, is_name: Callable[[str], bool]) -> None:
        self.document = document
        self.is_name = is_name

    def call(self, node: Node) -> MappedCall:
        name, key, arguments = self.parts(node)
        call = ast.Call(self.callee(key), [], [])
        for argument in arguments:
            self.add(call, argument, name)
        document = self.document
        return MappedCall(document.text, document.at, _spanning(call, node, node))

    def parts(self, node: Node) -> tuple[str, Node, list[Node | Item]]:
        """Return the name of a layer, its node, and its arguments: together, or each by its name.

        It is ``{Conv2d: {...}}``, or ``{type: Conv2d, ...}`` as other tools have it.
        """
        entries = list(self.document.entries(node, "a layer"))
        kind = _kind(entries)
        if kind is not None and not self.is_name(kind.name):
            rest = [entry for entry in entries if entry is not kind and entry.name not in _NAMES]
            arguments = [entry.value if entry.name in _ARGUMENTS else entry for entry in rest]
            return kind.value.value, kind.value, arguments
        first, *rest = entries
        if rest and not first.value.value and first.name.rpartition(".")[2] in LAYERS:
            return first.name, first.key, list(rest)  # its arguments are not indented
        if rest:
            raise self.several(node, entries)
        return first.name, first.key, [first.value]

    def several(self, node: Node, entries: list[Item]) -> SpecError:
        calls = [e.value.value for e in entries if e.value.id == "scalar"]
        calls = [call for call in calls if "(" in call]
        fix = short(f"Sequential({', '.join(calls)})") + ", or a block" if calls else ""
        message = f"expected one layer per entry, found {len(entries)} keys"
        return self.document.fail(node, message, fix or "{Conv2d: {out_channels: 6, ...}}")

    def callee(self, key: Node) -> ast.expr:
        """Read the name of a layer, in whatever letters."""
        tree = self.expression(key, "the layer")
        if isinstance(tree, ast.Name) and not self.is_name(tree.id):
            plain = tree.id.replace("_", "").lower()
            tree.id = next((layer for layer in LAYERS if layer.lower() == plain), tree.id)
        return tree

    def add(self, call: ast.Call, argument: Node | Item, name: str) -> None:
        """Add arguments to a call."""
        if isinstance(argument, Item):
            keyword = ast.keyword(argument.name, self.argument(argument.value, argument.name))
            call.keywords.append(_spanning(keyword, argument.key, argument.value))
        elif argument.id == "mapping":
            for entry in self.document.entries(argument, name):
                self.add(call, entry, name)
        elif argument.id == "sequence":
            items = self.document.items(argument)
            call.args += [self.argument(item, name) for item in items]
        elif self.document.scalar(argument, name):
            call.args.append(self.argument(argument, name))

    def argument(self, node: Node, what: str, depth: int = 0) -> ast.expr:
        """Read an argument: a list, an expression, or a word that means itself."""
        if node.id == "sequence" and depth < _DEEPEST_LIST:
            items = self.document.items(node)
            values = [self.argument(item, what, depth + 1) for item in items]
            return _spanning(ast.Tuple(values, ast.Load()), node, node)
        text = self.document.scalar(node, f"the argument {what}")
        if text == "?":  # as _WORDS, but for the quotes that YAML wants
            return _spanning(ast.Constant(None), node, node)
        if text.lower() in ("no", "off", "on", "yes") and not node.style and not self.is_name(text):
            fix = "true" if text.lower() in ("on", "yes") else "false"
            raise self.document.fail(node, f"{text} is neither true nor false here", fix)
        is_number = _NUMBER.fullmatch(text)
        is_quoted = node.style in ("'", '"') and "(" not in text and not is_number
        if is_quoted or text in _WORDS or self.is_word(text):
            return _spanning(ast.Constant(_WORDS.get(text, text)), node, node)
        return self.parsed(node, text)

    def expression(self, node: Node, what: str) -> ast.expr:
        return self.parsed(node, self.document.scalar(node, f"the argument {what}"))

    def parsed(self, node: Node, text: str) -> ast.expr:
        """Parse an expression; its nodes are where they are in the file."""
        expression = Expression(text, NodePlace(self.document, node))
        start = node.start_mark.index
        for part in ast.walk(expression.tree):
            if hasattr(part, "col_offset"):
                first, last = expression.span(part)
                part.col_offset = start + first
                part.end_col_offset = start + last  # type: ignore[attr-defined]
        return expression.tree

    def is_word(self, text: str) -> bool:
        """Return whether an argument means itself: ``same``, ``reflect``; no name does."""
        is_name = text in LAYERS or self.is_name(text)
        is_dtype = isinstance(SPACES[""].get(text), dtype)
        return text.isidentifier() and not is_name and not is_dtype


def is_layer(node: Node) -> bool:
    """Return whether a node is one that could be below ``layers:``."""
    if node.id == "mapping":
        names = [key.value for key, _ in node.value if key.id == "scalar"]
        return any(name in LAYERS or name == "type" for name in names)
    if node.id != "scalar":
        return False
    name, bracket, _ = str(node.value).partition("(")
    return bool(bracket) or name.rpartition(".")[2] in LAYERS


def entry_with_name(node: Node, names: Collection[str]) -> Item | None:
    """Return what a mapping in a list names, if it does: ``conv1: Conv2d(3, 6, 5)``.

    Args:
        node: the mapping.
        names: those of the file that can be called, as layers can.
    """
    (key, value), *others = node.value or [(node, node)]
    is_name = key.id == "scalar" and not any(key.value in k for k in (LAYERS, names, _KINDS))
    is_named = is_name and not others and is_layer(value)
    return Item(key.value, key, value, node.flow_style) if is_named else None


def name_in(node: Node) -> str:
    """Return the name that a mapping in a list gives its layer: ``{name: conv1, type: Conv2d}``."""
    entries = [Item(key.value, key, value) for key, value in node.value if key.id == "scalar"]
    names = (
        entry.value.value for entry in entries if entry.name == "name" and _is_word(entry.value)
    )
    return next(names, "") if _kind(entries) else ""


def _kind(entries: Sequence[Item]) -> Item | None:
    """Return the entry of a mapping that says which layer it is, if one does."""
    return next(
        (entry for entry in entries if entry.name in _KINDS and _is_word(entry.value)), None
    )


def _is_word(node: Node) -> bool:
    return node.id == "scalar" and str(node.value).replace(".", "").isidentifier()


def _spanning(tree: AnyNode, first: Node, last: Node) -> AnyNode:
    tree.col_offset = first.start_mark.index
    tree.end_col_offset = last.end_mark.index
    return tree
