"""The expression language of network files: calls of torch's vocabulary with arithmetic in their arguments.

An expression is data. It is parsed by Python's own parser and evaluated by walking the nodes: a name is
looked up in the vocabulary and the file's constants, an attribute only selects from the vocabulary, and
every number is bounded. No attribute of a Python object, no builtin and no loop can be reached.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING

from .. import shapetorch
from ..errors import ShapeError, SpecError, UnknownOperation, nearest
from ..shapetorch.arguments import INT64_END
from ..shapetorch.dtypes import dtype
from ..shapetorch.nn import Module
from ..shapetorch.nn import functional as F
from ..shapetorch.nn.modules.module import REQUIRED, signature, takes_any
from ..shapetorch.ops import METHODS
from ..shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_LONGEST = 10_000

LAYERS: dict[str, Any] = {
    name: value
    for name, value in vars(shapetorch.nn).items()
    if isinstance(value, type) and issubclass(value, Module) and value.forward is not Module.forward
}
_F: dict[str, Any] = {name: value for name, value in vars(F).items() if hasattr(value, "__wrapped__")}
_TORCH: dict[str, Any] = {
    name: value
    for name, value in vars(shapetorch).items()
    if hasattr(value, "__wrapped__") or isinstance(value, dtype)
}
#: torch's dtypes that have the names of Python's types, which they are not: they need their prefix.
_PREFIXED = {"bool", "complex", "float", "int"}
#: What each prefix selects from; no prefix selects from all.
SPACES: dict[str, dict[str, Any]] = {
    "nn": LAYERS,
    "F": _F,
    "torch": _TORCH,
    "torch.nn": LAYERS,
    "nn.functional": _F,
    "torch.nn.functional": _F,
    "": LAYERS | _F | {name: value for name, value in _TORCH.items() if name not in _PREFIXED},
}
_TENSOR_METHODS = METHODS.keys() - {"getitem"} | {"dim", "numel", "size"}
_TENSOR_ATTRIBUTES = frozenset({"H", "T", "imag", "mH", "mT", "ndim", "real", "shape"})

_BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.MatMult: ("@", operator.matmul),
    ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_),
    ast.BitXor: ("^", operator.xor),
}
#: Those that are for tensors alone: convshape's ints are sizes, which nobody takes the bits of.
_OF_TENSORS = ("@", "&", "|", "^")
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def evaluate(text: str, names: Mapping[str, Any], where: Callable[[int], str]) -> Any:
    """Evaluate an expression.

    Args:
        text: the expression, e.g. ``Linear(16*5*5, classes)``.
        names: the constants and values that it may use.
        where: gives ``file:line:column`` for an offset in `text`, or nothing.

    Raises:
        SpecError: it cannot be read, or names something that is not known.
        ShapeError: it makes a layer that torch would refuse to make.
    """
    return _Evaluation(text, names, where).run()


def call(
    name: str, args: list[Any], kwargs: dict[str, Any], names: Mapping[str, Any], where: Callable[[int], str]
) -> Any:
    """Call what `name` names in the vocabulary with arguments that are already evaluated.

    Raises:
        SpecError, ShapeError: as `evaluate`.
    """
    evaluation = _Evaluation(name, names, where)
    node = evaluation.parse()
    return evaluation.call(node, evaluation.value(node), args, kwargs)


class _Evaluation:
    def __init__(self, text: str, names: Mapping[str, Any], where: Callable[[int], str]) -> None:
        self.text = text
        self.names = names
        self.where = where

    def run(self) -> Any:
        try:
            return self.value(self.parse())
        except RecursionError:
            raise self.too_deep() from None

    def parse(self) -> ast.expr:
        if not self.text.strip():
            raise SpecError("nothing stands here", where=self.where(0), fix="an expression such as ReLU()")
        if len(self.text) > _LONGEST:
            raise SpecError(
                f"an expression of {len(self.text):,} characters is too long", where=self.where(0)
            )
        try:
            return ast.parse(self.text.strip(), mode="eval").body
        except SyntaxError as error:
            offset = (error.offset or 1) - 1
            reason = (error.msg or "invalid syntax").partition(". Perhaps")[0]
            raise SpecError(
                f"cannot read {_short(self.text)!r}: {reason}", where=self.where(offset)
            ) from None
        except (RecursionError, MemoryError, ValueError):
            # So Python's parser gives up on brackets and signs nested too deep and on NUL bytes.
            raise self.too_deep() from None

    def too_deep(self) -> SpecError:
        return SpecError(f"cannot read {_short(self.text)!r}: it is nested too deep", where=self.where(0))

    def fail(self, node: ast.AST, message: str, fix: str = "") -> SpecError:
        return SpecError(message, where=self.at(node), fix=fix)

    def at(self, node: ast.AST) -> str:
        stripped = self.text.lstrip()
        offset = len(stripped.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
        return self.where(len(self.text) - len(stripped) + offset)

    def source(self, node: ast.AST) -> str:
        return _short(ast.get_source_segment(self.text.strip(), node) or ast.unparse(node))

    def value(self, node: ast.expr) -> Any:
        visit = getattr(self, f"visit_{type(node).__name__}", None)
        if visit is None:
            reason = _NOT_DATA.get(type(node), f"{type(node).__name__} is not part of the language")
            raise self.fail(node, f"{self.source(node)!r}: {reason}; an expression is data, not code")
        try:
            return visit(node)
        except (ShapeError, UnknownOperation) as error:  # of the innermost part that is refused
            error.where = error.where or self.at(node)
            raise

    def visit_Constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, (bool, str)) or node.value is None or node.value is ...:
            return node.value
        if isinstance(node.value, (int, float)):
            return self.bounded(node, node.value)
        raise self.fail(node, f"{self.source(node)!r} is neither a number nor a string")

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id in self.names:
            return self.names[node.id]
        return self.lookup(node, "", node.id)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        prefix = _dotted(node.value)
        if prefix in SPACES and prefix.partition(".")[0] not in self.names:
            return self.lookup(node, prefix, node.attr)
        if prefix is not None and prefix.partition(".")[0] not in self.names:
            raise self.fail(
                node,
                f"{self.source(node)!r} reads an attribute, and an expression is data, not code: "
                "only nn., F. and torch. may stand before a name",
            )
        owner = self.value(node.value)
        if isinstance(owner, Tensor) and node.attr in _TENSOR_METHODS | _TENSOR_ATTRIBUTES:
            return getattr(owner, node.attr)
        if isinstance(owner, Tensor):
            known = _TENSOR_METHODS | _TENSOR_ATTRIBUTES
            raise self.unknown(node, f"tensor method {node.attr!r}", node.attr, known)
        raise self.fail(
            node, f"{self.source(node)!r} reads an attribute, and an expression is data, not code"
        )

    def lookup(self, node: ast.expr, prefix: str, name: str) -> Any:
        space = SPACES[prefix]
        if name in space:
            return space[name]
        known = [*space, *(self.names if not prefix else ())]
        raise self.unknown(node, f"layer, function or name {name!r}", name, known)

    def unknown(self, node: ast.AST, what: str, name: str, known: Any) -> SpecError:
        near = nearest(name, known)
        return UnknownOperation(
            f"there is no {what}", where=self.at(node), fix=f"did you mean {near}?" if near else ""
        )

    def visit_Tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self.value(item) for item in node.elts)

    def visit_List(self, node: ast.List) -> list[Any]:
        return [self.value(item) for item in node.elts]

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        stop_at = isinstance(node.op, ast.Or)
        for item in node.values:
            result = self.value(item)
            if bool(result) is stop_at:
                break
        return result

    def visit_Compare(self, node: ast.Compare) -> Any:
        left = self.value(node.left)
        holds: Any = True
        for op, item in zip(node.ops, node.comparators, strict=True):
            compare, right = _COMPARE.get(type(op)), self.value(item)
            if compare is None:
                raise self.fail(node, f"{self.source(node)!r}: only == != < <= > >= compare here")
            try:
                holds = compare(left, right)
            except TypeError:
                raise self.fail(node, f"{self.source(node)!r} compares what has no order") from None
            if op is not node.ops[-1] and not holds:
                return False
            left = right
        return holds

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        apply, operand = _UNARY[type(node.op)], self.value(node.operand)
        known = (Tensor,) if apply is operator.invert else (int, float, Tensor)
        if not (isinstance(operand, known) or apply is operator.not_):
            raise self.fail(node, f"{self.source(node)!r}: there is no such operation on {kind(operand)}")
        return apply(operand)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        tensors = isinstance(left, Tensor) or isinstance(right, Tensor)
        symbol, apply = _BINARY.get(type(node.op), ("", operator.add))
        if not symbol or not (tensors or (numbers and symbol not in _OF_TENSORS)):
            raise self.fail(
                node, f"{self.source(node)!r}: there is no such operation on {kind(left)} and {kind(right)}"
            )
        if numbers and symbol == "**" and not _small_power(left, right):
            raise self.fail(node, f"{self.source(node)!r} is larger than torch can count in 64 bits")
        try:
            result = apply(left, right)
        except ZeroDivisionError:
            raise self.fail(node, f"{self.source(node)!r} divides by zero") from None
        except OverflowError:
            raise self.fail(node, f"{self.source(node)!r} is too large") from None
        return self.bounded(node, result) if numbers else result

    def bounded(self, node: ast.expr, number: Any) -> Any:
        """Pass a number that torch could hold."""
        if isinstance(number, complex):
            raise self.fail(node, f"{self.source(node)!r} is a complex number")
        if isinstance(number, float) and not abs(number) < float("inf"):
            raise self.fail(node, f"{self.source(node)!r} is not finite")
        if isinstance(number, int) and not -INT64_END <= number < INT64_END:
            raise self.fail(node, f"{self.source(node)!r} is larger than torch can count in 64 bits")
        return number

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        owner, index = self.value(node.value), self.value(node.slice)
        if isinstance(owner, Tensor):
            return owner[index]
        if not isinstance(owner, (tuple, list)) or type(index) not in (int, slice):
            raise self.fail(node, f"{self.source(node)!r}: only a tensor, a tuple or a list can be indexed")
        try:
            return owner[index]
        except IndexError:
            raise self.fail(
                node, f"{self.source(node)!r}: there are {len(owner)} items, numbered from 0"
            ) from None
        except (TypeError, ValueError):
            raise self.fail(node, f"{self.source(node)!r}: a slice is made of ints, its step not 0") from None

    def visit_Slice(self, node: ast.Slice) -> slice:
        return slice(*(None if n is None else self.value(n) for n in (node.lower, node.upper, node.step)))

    def visit_Call(self, node: ast.Call) -> Any:
        if any(keyword.arg is None for keyword in node.keywords):
            raise self.fail(node, f"{self.source(node)!r}: ** is not part of the language")
        function = self.value(node.func)
        args = [self.value(item) for item in node.args]
        kwargs = {str(keyword.arg): self.value(keyword.value) for keyword in node.keywords}
        return self.call(node, function, args, kwargs)

    def call(self, node: ast.expr, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a layer class, a layer, a function or a tensor's method, if the arguments are its own."""
        if not callable(function):
            raise self.fail(node, f"{self.source(node)!r}: {kind(function)} cannot be called")
        if not isinstance(function, Module):
            self.check_arguments(node, function, args, kwargs)
        try:
            return function(*args, **kwargs)
        except ShapeError as error:
            if isinstance(function, type):
                error.subject = error.subject or f"{self.source(node)}:"
                error.where = error.where or self.at(node)
            raise
        except (TypeError, KeyError, AttributeError) as error:
            raise self.fail(node, f"{self.source(node)}: {error.args[0]}") from None

    def check_arguments(self, node: ast.expr, function: Any, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Refuse arguments that do not exist or are missing, before Python does in its own words."""
        taken = signature(function)
        names = list(taken)
        if getattr(function, "__self__", None) is not None:
            names = names[1:]  # a tensor's method has its tensor
        any_number, any_name = takes_any(function)
        unknown = [] if any_name else [name for name in kwargs if name not in names]
        missing = [name for name in names[len(args) :] if taken[name] is REQUIRED and name not in kwargs]
        twice = [name for name in names[: len(args)] if name in kwargs]
        too_many = len(args) > len(names) and not any_number
        if not (unknown or missing or twice or too_many):
            return
        called = self.source(node.func if isinstance(node, ast.Call) else node)
        shown = usage(called, function)
        if unknown:
            near = nearest(unknown[0], names)
            keywords = node.keywords if isinstance(node, ast.Call) else []
            at = next((keyword for keyword in keywords if keyword.arg == unknown[0]), node)
            message = f"{called} has no argument {unknown[0]!r}"
            raise self.fail(at, message, f"did you mean {near}?" if near else shown)
        if too_many:
            raise self.fail(node, f"{called} takes {len(names)} arguments, but {len(args)} are given", shown)
        if twice:
            raise self.fail(node, f"{called} is given {twice[0]!r} twice", shown)
        raise self.fail(node, f"{called} lacks the argument {' and '.join(map(repr, missing))}", shown)


def usage(name: str, function: Callable[..., Any]) -> str:
    """Write how to call a layer or function: its arguments with their defaults."""
    taken = signature(function)
    names = list(taken)[getattr(function, "__self__", None) is not None :]
    arguments = [each if taken[each] is REQUIRED else f"{each}={taken[each]!r}" for each in names]
    any_number, any_name = takes_any(function)
    return f"{name}({', '.join([*arguments, *['...'] * (any_number or any_name)])})"


_NOT_DATA: dict[type[ast.AST], str] = {
    ast.Lambda: "a function cannot be defined here",
    ast.ListComp: "there are no loops",
    ast.SetComp: "there are no loops",
    ast.DictComp: "there are no loops",
    ast.GeneratorExp: "there are no loops",
    ast.JoinedStr: "there are no f-strings",
    ast.Starred: "a list cannot be unpacked here",
}


def _dotted(node: ast.expr) -> str | None:
    """Return ``a.b.c`` for such a node, or None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        prefix = _dotted(node.value)
        return None if prefix is None else f"{prefix}.{node.attr}"
    return None


def _small_power(base: float, exponent: float) -> bool:
    """Tell whether ``base ** exponent`` is worth working out: at most 64 bits, or a float."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        return abs(base) < 2 or (exponent <= 64 and base.bit_length() * exponent <= 128)
    return True


def kind(value: Any) -> str:
    """Say what a value is, for an error: ``a layer (Conv2d)``, ``an int``."""
    if isinstance(value, type):
        return f"the layer {value.__name__} itself"
    if isinstance(value, Module):
        return f"a layer ({type(value).__name__})"
    if callable(value):
        return f"the function {getattr(value, '__name__', value)} itself"
    kinds: dict[Any, str] = {
        bool: "a bool",
        int: "an int",
        dtype: "a dtype",
        float: "a float",
        str: "a string",
        type(None): "None",
    }
    return kinds.get(type(value), f"a {type(value).__name__.lower()}")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
