"""What can be said of an expression before anything is made: names and arguments that do not exist.

All that is wrong with a file in this way is reported at once, in blocks that are never used too.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from ...errors import Error, UnknownOperation, nearest
from ...shapetorch.tensor import Tensor
from .calls import wrong_call
from .syntax import PARTS, Block, Expression, parts
from .values import COMPARE
from .vocabulary import (
    ATTRIBUTE_NAMES,
    LAYERS,
    PREFIXES,
    SPACES,
    Scope,
    dotted,
    meant,
    method_names,
)

if TYPE_CHECKING:
    from ...fixes import Fix
    from .syntax import Body, Entry, Place

#: Stands for the value of a block's parameter, which is another in each use of the block.
UNKNOWN = object()
#: Errors that are told of a file; whoever made more has enough to do.
MOST_ERRORS = 20
#: Names of the file that are compared with one that does not exist.
_MOST_NAMES = 1000


@cache
def _on_values() -> set[str]:
    return method_names() | ATTRIBUTE_NAMES


def check(
    expression: Expression,
    constants: Mapping[str, Any],
    values: dict[str, None],
    later: Mapping[str, Entry] | None = None,
) -> list[Error]:
    """Return what is wrong with an expression.

    Args:
        expression: the expression.
        constants: constants and blocks by name; `UNKNOWN` for a parameter of a block.
        values: the names of inputs and of the entries above.
        later: the names that exist at the end, and the entry that makes each; of a file alone.
    """
    errors = _errors(expression, constants, values, later)
    if errors:
        fix = correction(expression, constants, values)
        if fix is not None:
            errors = [_offering(fix, expression.written, errors)]
    return errors


def _offering(fix: Fix, written: str, errors: list[Error]) -> Error:
    """Return the first error with the correction of all; a word that is meant for one stays."""
    better = fix.edits[0].text if fix.edits else fix.text
    old, new = (re.findall(r"\w+|[^\w\s]", text) for text in (written, better))
    changed = [f"did you mean {b}?" for a, b in zip(old, new, strict=False) if a != b]
    if len(errors) == 1 and len(old) == len(new) and changed == [errors[0].fix]:
        fix = fix._replace(text=errors[0].fix)
    return errors[0].changed(fix=fix.text, fixes=(fix,))


def _errors(
    expression: Expression,
    constants: Mapping[str, Any],
    values: dict[str, None],
    later: Mapping[str, Entry] | None = None,
) -> list[Error]:
    checker = _Checker(expression, Scope(constants, values), later)
    try:
        checker.check(expression.tree)
    except RecursionError:
        return [expression.too_deep()]
    return checker.errors


def correction(
    expression: Expression | tuple[str, Callable[[int, int], Place]],
    constants: Mapping[str, Any],
    values: dict[str, None],
) -> Fix | None:
    """Return the fix that corrects an expression, if it is plain what is meant.

    Args:
        expression: the expression; of one that cannot be parsed, its text, and what locates it.
        constants: as `check` takes them.
        values: as `check` takes them.
    """
    from .corrections import correction as corrected  # only a mistake pays for it
    from .spelling import parsed

    def is_right(text: str) -> bool:
        better = parsed(text)
        return better is not None and not _errors(better, constants, values)

    owns = Scope(constants, values).owns
    if isinstance(expression, Expression):
        place = expression.place(expression.tree)
        return corrected(expression.written, lambda start, end: place, is_right, owns)
    return corrected(*expression, is_right, owns)


def check_body(body: Body, names: Mapping[str, Any], path: str) -> Iterator[Error]:
    """Yield what is wrong with the expressions of a body.

    Args:
        body: that of a block or of the network.
        names: the constants and blocks of the file.
        path: what its entries' names begin with in errors.
    """
    block = names.get(body.name)
    parameters = block.parameters if isinstance(block, Block) and path else {}
    constants = {**names, **dict.fromkeys(parameters, UNKNOWN)} if parameters else names
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
            yield from errors
            times[tree] += 1
            if times[tree] == 2 and not errors:  # most stand in a file once
                used = {name.id for name in _names(tree)}
                if used.isdisjoint(later) and used.isdisjoint(values):
                    passed.add(tree)
        values.update(dict.fromkeys(entry.names))


def recursions(bodies: Mapping[str, Body]) -> Iterator[Error]:
    """Yield an error for each way in which a block uses itself, also by way of others."""
    if not bodies:
        return
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
            *around, _ = reversed(error.args[1])
        start = around.index(next(block for block in bodies if block in around))
        circle = [*around[start:], *around[: start + 1]]
        expression, name = uses[circle[-2]].pop(circle[-1])
        what = f"the block {circle[0]} uses itself: {' → '.join(circle)}"
        yield expression.fail(name, what)


def _names(tree: ast.expr) -> Iterator[ast.Name]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name))


class _Checker:
    def __init__(
        self, expression: Expression, scope: Scope, later: Mapping[str, Entry] | None
    ) -> None:
        self.expression = expression
        self.source = expression.source
        self.scope = scope
        self.later = later
        self.errors: list[Error] = []

    def check(self, node: ast.AST) -> None:
        if len(self.errors) >= MOST_ERRORS:
            return
        if type(node) not in PARTS:
            kind = type(node)
            reason = _NOT_DATA.get(kind, f"{kind.__name__} is not part of the language")
            self.refuse(node, f": {reason}; an expression is data, not code")
        elif type(node) in _CHECKS:
            _CHECKS[type(node)](self, node)
        else:
            self.check_parts(node)

    def check_parts(self, node: ast.AST) -> None:
        for part in parts(node):
            if part is not None:
                self.check(part)

    def fail(self, node: ast.AST, message: str, fix: str = "") -> None:
        self.errors.append(self.expression.fail(node, message, fix))

    def refuse(self, node: ast.AST, what: str, fix: str = "") -> None:
        self.errors.append(self.expression.refuse(node, what, fix))

    def unknown(
        self, node: ast.AST, what: str, name: str, known: Collection[str], otherwise: str = ""
    ) -> None:
        near = meant(name, known)
        fix = f"did you mean {near}?" if near else otherwise
        error = self.expression.fail(node, f"unknown {what} {name!r}", fix, UnknownOperation)
        self.errors.append(error)

    def constant(self, node: ast.Constant) -> None:
        if not isinstance(node.value, (bool, int, float, str, type(None), type(...))):
            self.refuse(node, " is neither a number nor a string")

    def compare(self, node: ast.Compare) -> None:
        if not all(type(op) in COMPARE for op in node.ops):
            self.refuse(node, ": only == != < <= > >= can compare here")
        self.check_parts(node)

    # Names

    def name(self, node: ast.Name, is_called: bool = False) -> None:
        name = node.id
        if self.scope.owns(name) or name in SPACES[""]:
            return
        if self.later and name in self.later:
            place, _ = self.later[name].place()
            what = f"{name!r} is used before it is defined at {place}"
            self.fail(node, what, "move it above")
        elif name in method_names():
            what = f"{name} is a tensor method: call it on a value"
            self.fail(node, what, self.of_value(name))
        else:
            names = islice(chain(self.scope.constants, self.scope.values), _MOST_NAMES)
            in_file = self.later is not None and not is_called
            otherwise = f"vars: {{{name}: ...}}, if it is a constant" if in_file else ""
            if in_file and name in _RUNNING and self.running().isidentifier():
                otherwise = f"did you mean {self.running()}?"
            dashed = next((n for n in self.scope.values if n.startswith(f"{name}-")), "")
            if dashed:
                better = re.sub(r"\W", "_", dashed)
                otherwise = f"{better} in place of {dashed}, which reads as a difference"
            is_value = in_file and name.islower()  # not a class, and not called
            known = [n for n in names if n.isidentifier()]
            known = known if is_value else [*SPACES[""], *known]
            self.unknown(node, "layer, function or name", name, known, otherwise)

    def running(self) -> str:
        """Return what ``x`` means: the value before, or the input if that is there by its name."""
        last = next(reversed(self.scope.values), "")
        is_there = any(name.id == last for name in _names(self.expression.tree))
        return next(iter(self.scope.values)) if is_there else last

    def of_value(self, name: str) -> str:
        """Write a method or attribute of the value before."""
        last = next(reversed(self.scope.values), "input")
        return f"{last}.{name}" + ("(...)" if name in method_names() else "")

    def attribute(self, node: ast.Attribute) -> None:
        space = self.scope.space(node)
        prefix = dotted(node.value)
        if space is not None:
            if node.attr not in space:
                self.unknown(node, "layer, function or name", node.attr, space)
        elif prefix is not None and not self.is_value(prefix):
            self.no_value(node, prefix)
        elif node.attr not in _on_values() or not self.is_of_layer(node):
            self.check(node.value)
            if node.attr.startswith("_"):
                self.refuse(node, f" reads an attribute{_DATA}")
            elif node.attr not in _on_values():
                self.unknown(node, "tensor method", node.attr, _on_values())

    def item(self, node: ast.Subscript) -> None:
        if not self.is_of_layer(node):
            self.check_parts(node)

    def is_of_layer(self, node: ast.Attribute | ast.Subscript) -> bool:
        """Refuse a method or an item of a layer, where its output is meant: ``GRU(3, 4)[0]``."""
        name = dotted(node.value.func) or "" if isinstance(node.value, ast.Call) else ""
        if name.rpartition(".")[2] not in LAYERS or self.scope.owns(name):
            return False
        layer, last = self.source(node.value), next(reversed(self.scope.values), "input")
        fix = self.expression.written.replace(layer, f"{layer}({last})", 1)
        self.refuse(
            node, f": {layer} is a layer, not its output", fix if last.isidentifier() else ""
        )
        return True

    def is_value(self, prefix: str) -> bool:
        """Return whether ``a.b`` begins with a name of the file, or is one of an entry below."""
        first = prefix.partition(".")[0]
        return self.scope.owns(first) or (self.later is not None and prefix in self.later)

    def no_value(self, node: ast.Attribute, prefix: str) -> None:
        if "." not in prefix and node.attr in _on_values():
            self.refuse(node, f": unknown name {prefix!r}", self.of_value(node.attr))
            return
        near = nearest(prefix, PREFIXES)
        known = near and node.attr in SPACES[near]
        allowed = "only nn., F., torch., fft., linalg. and special. are allowed before a name"
        fix = f"did you mean {near}.{node.attr}?" if known else ""
        self.refuse(node, f" reads an attribute{_DATA}: {allowed}", fix)

    # Calls

    def call(self, node: ast.Call) -> None:
        before = len(self.errors)
        if isinstance(node.func, ast.Name):
            self.name(node.func, is_called=True)
        else:
            self.check(node.func)
        is_known = len(self.errors) == before
        for item in node.args:
            self.check(item)
        names: list[str] = []
        for keyword in node.keywords:
            self.check(keyword)
            if keyword.arg is None:
                self.refuse(node, ": ** is not part of the language")
            elif keyword.arg in names:
                called = self.source(node.func)
                self.fail(keyword, f"{called} is given {keyword.arg!r} twice")
            else:
                names.append(keyword.arg)
        function, is_method = self.callee(node.func) if is_known else (None, False)
        if callable(function) and len(names) == len(node.keywords):
            error = wrong_call(self.expression, node, function, names, is_method)
            self.errors += [error] if error is not None else []

    def callee(self, node: ast.expr) -> tuple[Any, bool]:
        """Return what is called, if it is known already, and whether it is a method."""
        if isinstance(node, ast.Name):
            is_value = node.id in self.scope.values
            return None if is_value else self.scope.constant(node.id), False
        if not isinstance(node, ast.Attribute):
            return None, False
        space = self.scope.space(node)
        if space is not None:
            return space[node.attr], False
        return getattr(Tensor, node.attr), True


_CHECKS: dict[type[ast.AST], Callable[..., None]] = {
    ast.Attribute: _Checker.attribute,
    ast.Call: _Checker.call,
    ast.Compare: _Checker.compare,
    ast.Constant: _Checker.constant,
    ast.Name: _Checker.name,
    ast.Subscript: _Checker.item,
}
#: What PyTorch code calls the value that goes from layer to layer.
_RUNNING = ("x", "out", "h", "y")
_DATA = ", and an expression is data, not code"
_NOT_DATA: dict[type[ast.AST], str] = {
    ast.Lambda: "a function cannot be defined here",
    ast.ListComp: "there are no loops",
    ast.SetComp: "there are no loops",
    ast.DictComp: "there are no loops",
    ast.GeneratorExp: "there are no loops",
    ast.JoinedStr: "there are no f-strings",
    ast.Starred: "a list cannot be unpacked here",
}
