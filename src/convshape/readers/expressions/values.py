"""What an expression comes to, and what the operators of the language do with it.

A number, a text, a list, a dtype, a layer or a function is known while the file is read. What hangs
on an input is `Deferred` until the network runs. Every number and every list is bounded.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import Error
from ...shapetorch.arguments import INT64_END
from ...shapetorch.dtypes import dtype
from ...shapetorch.nn import Module
from .syntax import Block, Expression

if TYPE_CHECKING:
    #: The values of the names, and under None the layers that are applied (`Frame.applied`).
    Values = dict[Any, Any]

#: Items of a list with the lists in it, and how deep they may lie: a list can double at every line.
_MOST_ITEMS = 100_000
_DEEPEST_LIST = 10


class Deferred:
    """What an expression comes to each time that the network runs.

    Attributes:
        run: gives it, from the values of the names.
        layer: the layer that is applied, if this is the application of a layer.
        is_method: it is a tensor's method, to be called.
        is_free: it depends on no name.
    """

    __slots__ = ("is_free", "is_method", "layer", "run")

    def __init__(self, run: Callable[[Values], Any], is_free: bool = False) -> None:
        self.run = run
        self.layer: Any = None
        self.is_method = False
        self.is_free = is_free


class Repeated(list):  # type: ignore[type-arg]  # Any is not there at run time
    """What ``3 * Block(...)`` makes: layers, each with parameters of its own."""


def kind(value: Any) -> str:
    """Say what a value is, for an error: ``a layer (Conv2d)``, ``an int``."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, Block):
        return f"the block {value.name} itself"
    if isinstance(value, Module):
        return f"a layer ({type(value).__name__})"
    if isinstance(value, Repeated):
        return "a list of layers"
    if isinstance(value, Deferred):
        return "a value that is known when the network runs"
    if callable(value):
        return f"the function {getattr(value, '__name__', value)} itself"
    return _KINDS.get(type(value), f"a {type(value).__name__.lower()}")


_KINDS: dict[Any, str] = {int: "an int", dtype: "a dtype", str: "a string", type(None): "None"}

_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_OF_NUMBERS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
#: Ints have the last three too, but here ints are sizes, which nobody takes the bits of.
_OF_TENSORS = _OF_NUMBERS | {
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Operators:
    """What the operators of an expression do with values.

    Each takes a node and the values of its parts, and raises a SpecError where there is no such
    operation on them.

    Args:
        expression: where the operators are.
        tensor: the class of tensors.
    """

    def __init__(self, expression: Expression, tensor: Any) -> None:
        self.expression = expression
        self.tensor = tensor

    def attribute(self, node: ast.Attribute, owner: Any) -> Any:
        if not isinstance(owner, self.tensor):
            lacks = f": {kind(owner)} has no {node.attr!r}; only a tensor has methods here"
            raise self.expression.refuse(node, lacks)
        return getattr(owner, node.attr)

    def collect(self, node: ast.Tuple | ast.List, *items: Any) -> Any:
        pending: list[tuple[Any, int]] = [(items, 1)]
        count = 0
        while pending:
            values, depth = pending.pop()
            count += len(values)
            if count > _MOST_ITEMS or depth > _DEEPEST_LIST:
                raise self.expression.refuse(node, " is nested too deep")
            pending += [(item, depth + 1) for item in values if isinstance(item, (tuple, list))]
        return items if isinstance(node, ast.Tuple) else list(items)

    def unary(self, node: ast.UnaryOp, operand: Any) -> Any:
        apply = _UNARY[type(node.op)]
        known = (self.tensor,) if apply is operator.invert else (int, float, self.tensor)
        if not (isinstance(operand, known) or apply is operator.not_):
            raise self.expression.refuse(node, f": there is no such operation on {kind(operand)}")
        return apply(operand)

    def binary(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        tensors = isinstance(left, self.tensor) or isinstance(right, self.tensor)
        known = _OF_TENSORS if tensors else _OF_NUMBERS if numbers else {}
        apply = known.get(type(node.op))
        if apply is None:
            what = f": there is no such operation on {kind(left)} and {kind(right)}"
            is_power = numbers and isinstance(node.op, ast.BitXor)
            raise self.expression.refuse(node, what, "** is the power" if is_power else "")
        if numbers and apply is operator.pow and not _is_small(left, right):
            raise self.expression.refuse(node, " is larger than torch can count in 64 bits")
        try:
            result = apply(left, right)
        except Error:  # a refusal may be a TypeError as well, as torch's is
            raise
        except ZeroDivisionError:
            raise self.expression.refuse(node, " divides by zero") from None
        except OverflowError:
            raise self.expression.refuse(node, " is too large") from None
        except TypeError:
            what = f": there is no such operation on {kind(left)} and {kind(right)}"
            raise self.expression.refuse(node, what) from None
        return self.bounded(node, result) if numbers else result

    def bounded(self, node: ast.expr, number: Any) -> Any:
        """Pass a number that torch could hold."""
        if isinstance(number, complex):
            raise self.expression.refuse(node, " is a complex number")
        if isinstance(number, float) and not abs(number) < float("inf"):
            raise self.expression.refuse(node, " is not finite")
        if isinstance(number, int) and not -INT64_END <= number < INT64_END:
            raise self.expression.refuse(node, " is larger than torch can count in 64 bits")
        return number

    def compare(self, node: ast.Compare, *values: Any) -> Any:
        holds: Any = True
        for op, left, right in zip(node.ops, values, values[1:], strict=False):
            if not holds:
                return False
            try:
                holds = COMPARE[type(op)](left, right)
            except Error:
                raise
            except TypeError:
                raise self.expression.refuse(node, " compares values that have no order") from None
        return holds

    def item(self, node: ast.Subscript, owner: Any, index: Any) -> Any:
        if isinstance(owner, self.tensor):
            return owner[index]
        is_list = isinstance(owner, (tuple, list))
        if is_list and isinstance(index, tuple):
            name = self.expression.source(node.value)
            first = f"{name}[0][{self.expression.source(node.slice)}]"
            raise self.expression.refuse(node, f": {name} is {len(owner)} values, not one", first)
        if not is_list or type(index) not in (int, slice):
            raise self.expression.refuse(node, ": only a tensor, a tuple or a list can be indexed")
        try:
            return owner[index]
        except IndexError:
            what = f": there are {len(owner)} items, numbered from 0"
            raise self.expression.refuse(node, what).changed(argument="index") from None
        except (TypeError, ValueError):
            raise self.expression.refuse(
                node, ": a slice is made of ints, its step not 0"
            ) from None

    def slice(self, node: ast.Slice, *ends: Any) -> Any:
        return slice(*ends)


#: The operators of the language whose parts are all worked out first.
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Tuple: Operators.collect,
    ast.List: Operators.collect,
    ast.Subscript: Operators.item,
    ast.Slice: Operators.slice,
    ast.UnaryOp: Operators.unary,
    ast.BinOp: Operators.binary,
    ast.Compare: Operators.compare,
}


def _is_small(base: float, exponent: float) -> bool:
    """Return whether a power is worth working out: at most 64 bits, or a float."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        return abs(base) < 2 or (exponent <= 64 and base.bit_length() * exponent <= 128)
    return True
