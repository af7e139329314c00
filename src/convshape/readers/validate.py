"""What can be told of an expression before anything is made: names and arguments that do not exist.

All that is wrong with a file in this way is found at once, in blocks that are never used too.
"""

from __future__ import annotations

import ast
from itertools import chain, islice
from typing import TYPE_CHECKING

from ..errors import Error, nearest
from ..shapetorch.ops import METHODS
from ..shapetorch.tensor import Tensor
from .expression import (
    ATTRIBUTE_NAMES,
    METHOD_NAMES,
    PREFIXES,
    SPACES,
    check_arguments,
    dotted,
    is_prefix,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

    from .build import Entry
    from .expression import Expression


class Unknown:
    """Stands for the value of a block's parameter, which is another in each use of the block."""


UNKNOWN = Unknown()
#: Errors that are told of a file; whoever made more has enough to do.
MOST_ERRORS = 20
#: Names of the file that are compared with one that does not exist.
_MOST_NAMES = 1000


def check(
    expression: Expression,
    constants: Mapping[str, Any],
    values: Collection[str],
    later: Mapping[str, Entry] | None = None,
) -> list[Error]:
    """Return what is wrong with an expression.

    Args:
        expression: the expression.
        constants: constants and blocks by name; `UNKNOWN` for a parameter of a block.
        values: the names of inputs and of the entries above.
        later: the names that exist at the end, and the entry that makes each.
    """
    checker = _Checker(expression, constants, values, later or {}, in_file=later is not None)
    try:
        checker.visit(expression.tree)
    except RecursionError:
        return [expression.too_deep()]
    return checker.errors


class _Checker:
    def __init__(
        self,
        expression: Expression,
        constants: Mapping[str, Any],
        values: Collection[str],
        later: Mapping[str, Entry],
        in_file: bool,
    ) -> None:
        self.expression = expression
        self.constants = constants
        self.values = values
        self.later = later
        self.in_file = in_file
        self.errors: list[Error] = []

    def fail(self, node: ast.AST, message: str, fix: str = "") -> None:
        self.errors.append(self.expression.fail(node, message, fix))

    def source(self, node: ast.AST) -> str:
        return self.expression.source(node)

    def visit(self, node: ast.expr) -> None:
        kind = type(node)
        if len(self.errors) == MOST_ERRORS:
            return
        if kind is ast.Call:
            self.visit_call(node)  # type: ignore[arg-type]
        elif kind is ast.Name:
            self.visit_name(node)  # type: ignore[arg-type]
        elif kind is ast.Attribute:
            self.visit_attribute(node)  # type: ignore[arg-type]
        elif kind is ast.Constant:
            value = node.value  # type: ignore[attr-defined]
            if not (isinstance(value, (bool, int, float, str)) or value is None or value is ...):
                self.fail(node, f"{self.source(node)!r} is neither a number nor a string")
        elif kind in _PARTS:
            if kind is ast.Compare and not all(type(op) in _COMPARISONS for op in node.ops):  # type: ignore[attr-defined]
                self.fail(node, f"{self.source(node)!r}: only == != < <= > >= compare here")
            for part in _parts(node):
                self.visit(part)
        else:
            reason = _NOT_DATA.get(kind, f"{kind.__name__} is not part of the language")
            self.fail(node, f"{self.source(node)!r}: {reason}; an expression is data, not code")

    def visit_name(self, node: ast.Name, called: bool = False) -> None:
        if not (node.id in self.values or node.id in self.constants or node.id in SPACES[""]):
            if node.id in self.later:
                self.fail(
                    node,
                    f"{node.id!r} is used before it exists: it is made at {self.later[node.id].key()[0]}",
                    "move it above",
                )
            elif node.id in METHOD_NAMES:
                self.fail(
                    node,
                    f"{node.id} is a tensor's method, which stands behind a value",
                    self.of_value(node.id),
                )
            else:
                self.unknown(node, f"layer, function or name {node.id!r}", node.id, "")
                if self.in_file and not called:
                    self.errors[-1].note(fix=f"vars: {{{node.id}: ...}}, if it is a constant")

    def of_value(self, name: str) -> str:
        """Write a method or attribute of the value before."""
        last = next(reversed([*self.values]), "input")
        return f"{last}.{name}" + ("(...)" if name in METHOD_NAMES else "")

    def visit_attribute(self, node: ast.Attribute) -> None:
        prefix = dotted(node.value)
        if prefix is not None and is_prefix(prefix, self.constants, self.values):
            if node.attr not in SPACES[prefix]:
                self.unknown(node, f"layer, function or name {node.attr!r}", node.attr, prefix)
            return
        first = None if prefix is None else prefix.partition(".")[0]
        own = first is None or first in self.values or first in self.constants
        if not own and not (prefix == first and first in self.later):
            if prefix == first and (node.attr in METHOD_NAMES or node.attr in ATTRIBUTE_NAMES):
                fix = self.of_value(node.attr)
                self.fail(node, f"{self.source(node)!r}: there is no value {prefix!r}", fix)
                return
            near = nearest(str(prefix), PREFIXES)
            self.fail(
                node,
                f"{self.source(node)!r} reads an attribute, and an expression is data, not code: "
                "only nn., F., torch., fft., linalg. and special. may stand before a name",
                f"did you mean {near}.{node.attr}?" if near and node.attr in SPACES[near] else "",
            )
            return
        self.visit(node.value)
        if node.attr in METHOD_NAMES or node.attr in ATTRIBUTE_NAMES:
            return
        if node.attr.startswith("_"):
            self.fail(
                node,
                f"{self.source(node)!r} reads an attribute, and an expression is data, not code",
            )
            return
        known = METHOD_NAMES | ATTRIBUTE_NAMES
        self.errors.append(
            self.expression.unknown(node, f"tensor method {node.attr!r}", node.attr, known)
        )

    def unknown(self, node: ast.expr, what: str, name: str, prefix: str) -> None:
        own = () if prefix else islice(chain(self.constants, self.values), _MOST_NAMES)
        known = [*SPACES[prefix], *own]
        self.errors.append(self.expression.unknown(node, what, name, known))

    def visit_call(self, node: ast.Call) -> None:
        before = len(self.errors)
        if isinstance(node.func, ast.Name):
            self.visit_name(node.func, called=True)
        else:
            self.visit(node.func)
        is_known = len(self.errors) == before
        for item in node.args:
            self.visit(item)
        names = []
        for keyword in node.keywords:
            self.visit(keyword.value)
            if keyword.arg is None:
                self.fail(node, f"{self.source(node)!r}: ** is not part of the language")
            elif keyword.arg in names:
                self.fail(keyword, f"{self.source(node.func)} is given {keyword.arg!r} twice")
            else:
                names.append(keyword.arg)
        function, is_method = self.callee(node.func) if is_known else (None, False)
        if function is None or len(names) < len(node.keywords):
            return
        try:
            check_arguments(self.expression, node, function, len(node.args), names, is_method)
        except Error as error:
            self.errors.append(error)

    def callee(self, node: ast.expr) -> tuple[Any, bool]:
        """Return what is called, if it is known already, and whether it is a method."""
        if isinstance(node, ast.Name):
            if node.id in self.values:
                return None, False
            function = self.constants.get(node.id, SPACES[""].get(node.id))
            return (function if callable(function) else None), False
        if not isinstance(node, ast.Attribute):
            return None, False
        prefix = dotted(node.value)
        if prefix is not None and is_prefix(prefix, self.constants, self.values):
            function = SPACES[prefix][node.attr]
            return (function if callable(function) else None), False
        function = METHODS.get(node.attr) or getattr(Tensor, node.attr)
        return (function, True) if callable(function) else (None, False)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the expressions directly below a node of the kinds of `_PARTS`."""
    for field in _PARTS[type(node)]:
        below = getattr(node, field)
        if isinstance(below, list):
            yield from below
        elif below is not None:
            yield below


_PARTS: dict[type[ast.expr], tuple[str, ...]] = {
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Subscript: ("value", "slice"),
    ast.Slice: ("lower", "upper", "step"),
    ast.IfExp: ("test", "body", "orelse"),
    ast.BoolOp: ("values",),
    ast.Compare: ("left", "comparators"),
}
_COMPARISONS = {ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE}
_NOT_DATA: dict[type[ast.AST], str] = {
    ast.Lambda: "a function cannot be defined here",
    ast.ListComp: "there are no loops",
    ast.SetComp: "there are no loops",
    ast.DictComp: "there are no loops",
    ast.GeneratorExp: "there are no loops",
    ast.JoinedStr: "there are no f-strings",
    ast.Starred: "a list cannot be unpacked here",
}
