"""The mapping form of a layer, ``{Conv2d: {out_channels: 6, kernel_size: 5}}``: a call in YAML."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..shapetorch.dtypes import dtype
from ..shapetorch.nn.modules.module import signature
from .document import Document, NodePlace
from .syntax import Expression, short
from .vocabulary import LAYERS, SPACES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

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
#: Arguments that may be left out in the mapping form: the layer is lazy then.
INFERRED = {"in_channels", "in_features", "num_features"}
_DEEPEST_LIST = 4


class MappedCall(Expression):
    """The expression of a mapping form, whose nodes have their places in the file for columns."""

    __slots__ = ()

    def span(self, node: ast.AST) -> tuple[int, int]:
        return node.col_offset, node.end_col_offset  # type: ignore[attr-defined]

    def source(self, node: ast.AST) -> str:
        return short(ast.unparse(node))


def mapped_call(document: Document, node: Node, is_name: Callable[[str], bool]) -> MappedCall:
    """Read a mapping form: the same call with keywords.

    Args:
        document: the file.
        node: the mapping.
        is_name: tells whether a word is a name of the file, and so does not stand for itself.

    Raises:
        SpecError: it is none.
    """
    return _MappingForm(document, is_name).call(node)


class _MappingForm:
    def __init__(self, document: Document, is_name: Callable[[str], bool]) -> None:
        self.document = document
        self.is_name = is_name

    def call(self, node: Node) -> MappedCall:
        entries = list(self.document.entries(node, "a layer"))
        if len(entries) != 1:
            calls = [e.value.value for e in entries if e.value.id == "scalar"]
            calls = [call for call in calls if "(" in call]
            fix = short(f"Sequential({', '.join(calls)})") + ", or a block" if calls else ""
            message = f"a layer has one name, not {len(entries)}"
            raise self.document.fail(node, message, fix or "{Conv2d: {out_channels: 6, ...}}")
        name, key, arguments, _ = entries[0]
        call = ast.Call(self.expression(key, "the layer"), [], [])
        if arguments.id == "mapping":
            for word, word_key, value, _ in self.document.entries(arguments, name):
                keyword = ast.keyword(word, self.argument(value, word))
                call.keywords.append(_spanning(keyword, word_key, value))
        elif arguments.id == "sequence":
            items = self.document.items(arguments)
            call.args = [self.argument(item, name) for item in items]
        elif self.document.scalar(arguments, name):
            call.args = [self.argument(arguments, name)]
        if _is_lazy(name, call):
            lazy = ast.Name("Lazy" + name.rpartition(".")[2])
            call.func = ast.copy_location(lazy, call.func)
        document = self.document
        return MappedCall(document.text, document.at, _spanning(call, node, node))

    def argument(self, node: Node, what: str, depth: int = 0) -> ast.expr:
        """Read an argument: a list, an expression, or a word that stands for itself."""
        if node.id == "sequence" and depth < _DEEPEST_LIST:
            items = self.document.items(node)
            values = [self.argument(item, what, depth + 1) for item in items]
            return _spanning(ast.Tuple(values, ast.Load()), node, node)
        text = self.document.scalar(node, f"the argument {what}")
        is_quoted = node.style in ("'", '"') and "(" not in text
        if is_quoted or text in _WORDS or self.is_word(text):
            return _spanning(ast.Constant(_WORDS.get(text, text)), node, node)
        return self.parsed(node, text)

    def expression(self, node: Node, what: str) -> ast.expr:
        return self.parsed(node, self.document.scalar(node, f"the argument {what}"))

    def parsed(self, node: Node, text: str) -> ast.expr:
        """Parse an expression; its nodes stand where they do in the file."""
        expression = Expression(text, NodePlace(self.document, node))
        start = node.start_mark.index
        for part in ast.walk(expression.tree):
            if hasattr(part, "col_offset"):
                first, last = expression.span(part)
                part.col_offset, part.end_col_offset = start + first, start + last  # type: ignore[attr-defined]
        return expression.tree

    def is_word(self, text: str) -> bool:
        """Tell whether an argument stands for itself: ``same``, ``reflect``; no name does."""
        is_name = text in LAYERS or self.is_name(text)
        is_dtype = isinstance(SPACES[""].get(text), dtype)
        return text.isidentifier() and not is_name and not is_dtype


def _is_lazy(name: str, call: ast.Call) -> bool:
    """Tell whether a call leaves out the channels that arrive, and there is a lazy layer."""
    lazy = "Lazy" + name.rpartition(".")[2]
    words = {str(keyword.arg) for keyword in call.keywords}
    if lazy not in LAYERS or call.args or INFERRED & words:
        return False
    return words <= signature(LAYERS[lazy]).keys()


def _spanning(tree: AnyNode, first: Node, last: Node) -> AnyNode:
    tree.col_offset = first.start_mark.index
    tree.end_col_offset = last.end_mark.index
    return tree
