"""The expression language of network files: calls of torch's vocabulary with arithmetic in their arguments.

An expression is data. It is parsed by Python's own parser, checked (`checking`), and evaluated by walking
the nodes: a name is looked up in the vocabulary and among the file's own, an attribute only selects from the
vocabulary, and every number and list is bounded. No attribute of a Python object, no builtin and no loop can
be reached.

It is evaluated in two stages. What depends on constants alone is worked out while the file is read, and this
includes every layer: a layer is made once, before any input arrives. What depends on an input, on the value
of another entry or on a function of tensors becomes a `Later`, which is run each time the network is.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from typing import TYPE_CHECKING

from .. import shapetorch
from ..errors import Error, ShapeError, SpecError, UnknownOperation, nearest
from ..shapetorch.arguments import INT64_END
from ..shapetorch.dtypes import dtype
from ..shapetorch.nn import Module
from ..shapetorch.nn import functional as F
from ..shapetorch.nn.modules.module import REQUIRED, argument_text, signature, takes_any
from ..shapetorch.operation import torch_names
from ..shapetorch.ops import METHODS
from ..shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Any, TypeVar

    from .build import Block

    AnyError = TypeVar("AnyError", bound=Error)
    #: The values of the names, and under None the layers that are applied (`Frame.applied`).
    Values = dict[Any, Any]

_LONGEST = 10_000
#: A line as Python's parser counts them, its end included.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_WIDEST = 100
#: Quotes as text processors write them.
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")
#: Words of other languages and libraries for Python's and torch's.
_TRANSLATED = {
    "true": "True", "false": "False", "null": "None", "none": "None", "nil": "None",
    "Dense": "Linear", "Conv2DTranspose": "ConvTranspose2d", "BatchNormalization": "BatchNorm2d",
    "Concatenate": "cat", "Reshape": "Unflatten",
}  # fmt: skip
#: Arguments that are texts, which stand in quotes.
_TEXTS = {
    "area",
    "bicubic",
    "border",
    "circular",
    "nearest",
    "reflect",
    "replicate",
    "same",
    "trilinear",
    "valid",
}
#: Layers that may be made, and entries that may run, beyond those that a file lists itself.
MOST_LAYERS = 50_000
#: Items of a list with the lists in it, and how deep they may lie: a list of lists can double at every line.
_MOST_ITEMS = 100_000
_DEEPEST_LIST = 10

LAYERS: dict[str, Any] = {
    name: value
    for name, value in vars(shapetorch.nn).items()
    if isinstance(value, type) and issubclass(value, Module) and value.forward is not Module.forward
}
_F: dict[str, Any] = {
    name: value for name, value in vars(F).items() if hasattr(value, "__wrapped__")
}
_TORCH: dict[str, Any] = {
    name: value
    for name, value in vars(shapetorch).items()
    if hasattr(value, "__wrapped__") or isinstance(value, dtype)
}
#: torch's dtypes that have the names of Python's types, which they are not: they need their prefix.
_PREFIXED = {"bool", "complex", "float", "int"}


#: The modules of torch whose functions need their prefix, ``linalg.norm`` or ``torch.linalg.norm``.
MODULES = ("fft", "linalg", "special")


class Spaces(dict):  # type: ignore[type-arg]  # Any is not there at run time
    """What each prefix selects from; no prefix from all but `MODULES`, which are loaded when asked for.

    Args:
        torch: where those are.
        layers: what is in ``nn``.
        functional: what is in ``nn.functional``.
        own: what is in torch itself.
    """

    def __init__(
        self, torch: Any, layers: dict[str, Any], functional: dict[str, Any], own: dict[str, Any]
    ) -> None:
        self.torch = torch
        free = {
            name: value for name, value in own.items() if name not in _PREFIXED | functional.keys()
        }
        self.update(dict.fromkeys(("nn", "torch.nn"), layers))
        self.update(dict.fromkeys(("F", "nn.functional", "torch.nn.functional"), functional))
        self.update({"torch": own, "": layers | functional | free})

    def __missing__(self, prefix: str) -> Any:
        name = prefix.removeprefix("torch.")
        if name not in MODULES:
            raise KeyError(prefix)
        known, home = vars(getattr(shapetorch, name)), getattr(self.torch, name)
        self[prefix] = {
            each: getattr(home, each)
            for each, value in known.items()
            if hasattr(value, "__wrapped__") and hasattr(home, each)
        }
        return self[prefix]


SPACES = Spaces(
    shapetorch,
    LAYERS
    | {name: getattr(shapetorch.nn, name) for name in ("LinearCrossEntropyOptions", "Parameter")},
    _F,
    _TORCH,
)
#: What may stand before a name and a point.
PREFIXES = frozenset({*SPACES, *MODULES, *(f"torch.{name}" for name in MODULES)}) - {""}
METHOD_NAMES = METHODS.keys() - {"getitem"} | {"dim", "numel", "size"}
ATTRIBUTE_NAMES = frozenset(
    {"H", "T", "device", "dtype", "imag", "mH", "mT", "ndim", "real", "shape"}
)


class Vocabulary:
    """What the names of the language stand for: in convshape's torch, or in the real one.

    Args:
        torch: `convshape.shapetorch`, or the module torch, in which the same names are looked up.
    """

    def __init__(self, torch: Any) -> None:
        self.is_ours = torch is shapetorch
        self.Tensor, self.Module, self.Parameter = torch.Tensor, torch.nn.Module, torch.nn.Parameter
        self.Sequential, self.ModuleList = torch.nn.Sequential, torch.nn.ModuleList
        homes = (torch.nn, torch.nn.functional, torch)
        self.spaces = (
            SPACES
            if self.is_ours
            else Spaces(
                torch,
                *(
                    {name: getattr(home, name) for name in names if hasattr(home, name)}
                    for home, names in zip(homes, (SPACES["nn"], _F, _TORCH), strict=True)
                ),
            )
        )


SHAPETORCH = Vocabulary(shapetorch)

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


def _tree(text: str) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's, about how it reads `3if x else y`
        return ast.parse(text, mode="eval").body


class Expression:
    """An expression, parsed, and where it stands.

    Args:
        text: the expression.
        locate: gives the place of a part of `text`, from its first character to the one after its last:
            ``file:line:column``, and the line with a caret below the part.
        tree: the parsed form of the text, if it is known.

    Raises:
        SpecError: it cannot be read.
    """

    __slots__ = ("locate", "text", "tree")

    def __init__(
        self, text: str, locate: Callable[[int, int], tuple[str, str]], tree: ast.expr | None = None
    ) -> None:
        self.text = text
        self.locate = locate
        self.tree = self._parse() if tree is None else tree

    def _parse(self) -> ast.expr:
        if not self.text.strip():
            raise self._fail_at(0, 0, "nothing stands here", "an expression such as ReLU()")
        if len(self.text) > _LONGEST:
            raise self._fail_at(0, 0, f"an expression of {len(self.text):,} characters is too long")
        try:
            return _tree(self.text.strip())
        except SyntaxError as error:
            start = self._offset(error.lineno or 1, (error.offset or 1) - 1, characters=True)
            reason = (error.msg or "invalid syntax").partition(". Perhaps")[0]
            message = f"cannot read {short(self.text)!r}: {reason}"
            raise self._fail_at(start, start + 1, message, self._readable(start)) from None
        except (RecursionError, MemoryError, ValueError):
            # So Python's parser gives up on brackets and signs nested too deep and on NUL bytes.
            raise self.too_deep() from None

    def _readable(self, wrong: int) -> str:
        """Return the text with the least change that lets it be read, or nothing."""
        before, sign, after = (
            self.text[:wrong],
            self.text[wrong : wrong + 1],
            self.text[wrong + 1 :],
        )
        changes = [self.text + ")", self.text + "]", self.text.translate(_STRAIGHT)]
        changes += [f"{self.text.rstrip()[:-1]}{quote}{self.text.rstrip()[-1]}" for quote in "'\""]
        changes += (
            [before + after] if sign in ",;:)]}" else [before + sign + after.replace(" ", ", ", 1)]
        )
        for change in map(str.strip, changes):
            try:
                _tree(change)
            except (SyntaxError, RecursionError, MemoryError, ValueError):
                continue
            return short(change)
        return ""

    def too_deep(self) -> SpecError:
        return self._fail_at(0, 0, f"cannot read {short(self.text)!r}: it is nested too deep")

    def _fail_at(self, start: int, end: int, message: str, fix: str = "") -> SpecError:
        where, snippet = self.locate(start, max(end, start + 1))
        return SpecError(message, where=where, snippet=snippet, fix=fix)

    def _offset(self, line: int, column: int, characters: bool = False) -> int:
        """Return the offset of a place in the stripped text, whose columns Python counts in bytes."""
        stripped = self.text.lstrip()
        lines = _LINE.findall(stripped)
        before = sum(map(len, lines[: line - 1]))
        if not characters:
            column = len(lines[line - 1].encode()[:column].decode(errors="ignore"))
        return len(self.text) - len(stripped) + before + column

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the offsets in the text of the first character of a node and of the one after its last."""
        start = self._offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        end = getattr(node, "end_col_offset", None)
        return start, start + 1 if end is None else self._offset(
            getattr(node, "end_lineno", 1), end
        )

    def place(self, node: ast.AST) -> tuple[str, str]:
        """Return ``file:line:column`` of a node, and its line with a caret below."""
        return self.locate(*self.span(node))

    def source(self, node: ast.AST) -> str:
        """Return the text of a node, the beginning of it if it is long."""
        start, end = self.span(node)
        return short(self.text[start:end])

    def fail(self, node: ast.AST, message: str, fix: str = "") -> SpecError:
        """Return the error that something is wrong with a part of the expression."""
        return self.mark(SpecError(message, fix=fix), node)

    def unknown(self, node: ast.AST, what: str, name: str, known: Collection[str]) -> SpecError:
        """Return the error that a name is not known, with the nearest one that is."""
        near = prefixed(name) or _TRANSLATED.get(name) or nearest(name, known)
        if name.lower() in _TEXTS:
            near = f"{name.lower()!r}, in quotes"
        return self.mark(
            UnknownOperation(f"there is no {what}", fix=f"did you mean {near}?" if near else ""),
            node,
        )

    def mark(self, error: AnyError, node: ast.AST) -> AnyError:
        """Say in an error where it happened, unless it is said already: the innermost part is named."""
        if not error.where:
            where, snippet = self.place(node)
            error.note(where=where, snippet=snippet)
        return error


class Later:
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


class Copies(list):  # type: ignore[type-arg]  # Any is not there at run time
    """What ``3 * Block(...)`` makes: layers, each with parameters of its own."""


class Budget:
    """How many layers may be made; names that stand for layers, and ``3 * ...``, can multiply them."""

    def __init__(self, most: int) -> None:
        self.most = self.left = most

    def spend(self, count: int, expression: Expression, node: ast.AST) -> None:
        """Count what is made by a part of an expression.

        Raises:
            SpecError: it is too much.
        """
        self.left -= count
        if self.left < 0:
            raise expression.fail(
                node, f"{expression.source(node)!r}: that makes more than {self.most:,} layers"
            )


class Frame:
    """What is known where an expression is evaluated.

    Attributes:
        constants: numbers, texts, lists, layer classes, blocks by name; a layer that was given to a block.
        values: the names of the inputs and of the entries above.
        layers: those of them that can be called, and the layer that each made.
        make: makes a block; it is given the expression and the node that ask for it.
        spend: counts what is made, and refuses what is too much.
        spans: where layers within layers were made.
        plain: what calls of layers that give nothing but numbers and texts come to: most files repeat theirs.
        why: says where the shapes in a part of an expression come from.
        applied: the layers that expressions apply, found by number when the network runs, so that a copy of
            the network applies its own.
    """

    def __init__(
        self,
        constants: Mapping[str, Any],
        values: Collection[str] = (),
        vocabulary: Vocabulary = SHAPETORCH,
        make: Callable[..., Any] | None = None,
        spend: Callable[[int, Expression, ast.AST], None] | None = None,
        spans: dict[int, Any] | None = None,
        plain: dict[ast.Call, tuple[Any, list[Any], dict[str, Any]]] | None = None,
    ) -> None:
        self.constants = constants
        self.values = set(values)
        self.layers: dict[str, Any] = {}
        self.vocabulary = vocabulary
        self.make = make
        self.spend = spend or Budget(MOST_LAYERS).spend
        self.spans = {} if spans is None else spans
        self.plain = {} if plain is None else plain
        self.why: Callable[[ast.AST, Values], str] | None = None
        self.applied: list[Any] = []


def evaluate(
    text: str,
    names: Mapping[str, Any],
    locate: Callable[[int, int], tuple[str, str]],
    budget: Budget | None = None,
) -> Any:
    """Evaluate an expression, of values too.

    Args:
        text: the expression, e.g. ``Linear(16*5*5, classes)``.
        names: the constants and values that it may use.
        locate: as for `Expression`.
        budget: what may be made, `MOST_LAYERS` unless given.

    Raises:
        SpecError: it cannot be read, or names something that is not known.
        ShapeError: it makes a layer that torch would refuse to make, or it does not fit.
    """
    from .validate import check

    expression = Expression(text, locate)
    values = {name for name, value in names.items() if isinstance(value, Tensor)}
    constants = {name: value for name, value in names.items() if name not in values}
    raise_all(check(expression, constants, values))
    frame = Frame(constants, values, spend=budget.spend if budget is not None else None)
    result, _ = Evaluation(expression, frame).run()
    return result.run({**names, None: frame.applied}) if isinstance(result, Later) else result


def raise_all(errors: Sequence[Error]) -> None:
    """Raise the first of some errors, which then tells of the others too."""
    if errors:
        raise errors[0].changed(others=errors[1:])


class Evaluation:
    """One evaluation of a checked expression: the constants in it are worked out and the layers made."""

    def __init__(self, expression: Expression, frame: Frame) -> None:
        self.expression = expression
        self.frame = frame
        #: The layers that are made here and belong to no other, with the node that made each.
        self.made: dict[int, tuple[Any, ast.AST]] = {}

    def run(self) -> tuple[Any, list[Any]]:
        """Return the result, which may be a `Later`, and the layers that were made for it.

        Raises:
            SpecError, ShapeError: as `evaluate`.
        """
        try:
            result = self.value(self.expression.tree)
        except RecursionError:
            raise self.expression.too_deep() from None
        if isinstance(result, Copies):
            result = self.sequential(result, self.expression.tree)
        return result, [layer for layer, _ in self.made.values()]

    def fail(self, node: ast.AST, message: str, fix: str = "") -> SpecError:
        return self.expression.fail(node, message, fix)

    def source(self, node: ast.AST) -> str:
        return self.expression.source(node)

    def value(self, node: ast.expr) -> Any:
        return _VISITS[type(node)](self, node)

    def apply(
        self, node: ast.expr, function: Callable[..., Any], *parts: Any, later: bool = False
    ) -> Any:
        """Return ``function(*parts)``, or how to get it later if one of the parts has to wait."""
        waiting = [part for part in parts if type(part) is Later]
        if not waiting and not later:
            return self.guarded(node, function, parts)

        def run(values: Values) -> Any:
            known = [part.run(values) if type(part) is Later else part for part in parts]
            try:
                return function(*known)
            except (ShapeError, UnknownOperation) as error:
                if not error.fix and isinstance(node, ast.Call):
                    error.note(fix=layer_meant(self.expression, node))
                if not error.where and not error.why and self.frame.why is not None:
                    error.note(why=self.frame.why(node, values))
                self.expression.mark(error, node)
                raise

        return Later(run, all(part.is_free for part in waiting))

    def guarded(self, node: ast.expr, function: Callable[..., Any], parts: Sequence[Any]) -> Any:
        try:
            return function(*parts)
        except (ShapeError, UnknownOperation) as error:  # of the innermost part that is refused
            self.expression.mark(error, node)
            raise

    # Names and literals

    def visit_Constant(self, node: ast.Constant) -> Any:
        return (
            self.bounded(node, node.value) if isinstance(node.value, (int, float)) else node.value
        )

    def visit_Name(self, node: ast.Name) -> Any:
        name = node.id
        if name in self.frame.values:
            return Later(lambda values: values[name])
        if name in self.frame.constants:
            return self.frame.constants[name]
        return self.frame.vocabulary.spaces[""][name]

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        prefix = dotted(node.value)
        if prefix is not None and is_prefix(prefix, self.frame.constants, self.frame.values):
            return self.frame.vocabulary.spaces[prefix][node.attr]
        result = self.apply(node, lambda owner: self.attribute(node, owner), self.value(node.value))
        if isinstance(result, Later):
            result.is_method = node.attr in METHOD_NAMES
        return result

    def attribute(self, node: ast.Attribute, owner: Any) -> Any:
        if not isinstance(owner, self.frame.vocabulary.Tensor):
            raise self.fail(
                node,
                f"{self.source(node)!r}: {kind(owner)} has no {node.attr!r}; only a tensor has methods here",
            )
        return getattr(owner, node.attr)

    def visit_Tuple(self, node: ast.Tuple) -> Any:
        return self.items(node, tuple, [self.value(item) for item in node.elts])

    def visit_List(self, node: ast.List) -> Any:
        return self.items(node, list, [self.value(item) for item in node.elts])

    def items(self, node: ast.expr, make: Callable[[Any], Any], items: list[Any]) -> Any:
        for item, each in zip(items, getattr(node, "elts", ()), strict=True):
            if isinstance(item, (self.frame.vocabulary.Module, Copies)):
                alone = type(node) is ast.Tuple and len(items) == 1
                fix = (
                    f"{self.source(each)}, without the comma"
                    if alone
                    else "Sequential(...) holds layers"
                )
                raise self.fail(each, "a list cannot hold a layer", fix)

        def collect(*values: Any) -> Any:
            self.refuse_many(node, values)
            return make(values)

        return self.apply(node, collect, *items)

    def refuse_many(self, node: ast.expr, values: Sequence[Any]) -> None:
        pending, count = [(values, 1)], 0
        while pending:
            each, depth = pending.pop()
            count += len(each)
            if count > _MOST_ITEMS or depth > _DEEPEST_LIST:
                raise self.fail(node, f"{self.source(node)!r} is a list with too many lists in it")
            pending.extend((item, depth + 1) for item in each if isinstance(item, (tuple, list)))

    # Operators

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        test = self.value(node.test)
        if not isinstance(test, Later):
            return self.value(node.body if test else node.orelse)
        parts = [self.single(self.value(node.body)), self.single(self.value(node.orelse))]
        return self.choice(node, test, parts)

    def choice(self, node: ast.expr, test: Later, parts: list[Any]) -> Later:
        def run(values: Values) -> Any:
            chosen = parts[0 if self.guarded(node, bool, [test.run(values)]) else 1]
            return chosen.run(values) if isinstance(chosen, Later) else chosen

        return Later(run)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        stop_at = isinstance(node.op, ast.Or)
        parts = []
        for item in node.values:
            parts.append(self.value(item))
            if not any(isinstance(part, Later) for part in parts) and bool(parts[-1]) is stop_at:
                break

        def decide(*values: Any) -> Any:
            return next((value for value in values if bool(value) is stop_at), values[-1])

        return self.apply(node, decide, *parts)

    def visit_Compare(self, node: ast.Compare) -> Any:
        parts = [self.value(node.left), *map(self.value, node.comparators)]
        return self.apply(node, lambda *values: self.compare(node, values), *parts)

    def compare(self, node: ast.Compare, values: Sequence[Any]) -> Any:
        holds: Any = True
        for op, left, right in zip(node.ops, values, values[1:], strict=False):
            if not holds:
                return False
            try:
                holds = _COMPARE[type(op)](left, right)
            except TypeError:
                raise self.fail(node, f"{self.source(node)!r} compares what has no order") from None
        return holds

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        return self.apply(node, lambda operand: self.unary(node, operand), self.value(node.operand))

    def unary(self, node: ast.UnaryOp, operand: Any) -> Any:
        apply, tensor = _UNARY[type(node.op)], self.frame.vocabulary.Tensor
        known = (tensor,) if apply is operator.invert else (int, float, tensor)
        if not (isinstance(operand, known) or apply is operator.not_):
            raise self.fail(
                node, f"{self.source(node)!r}: there is no such operation on {kind(operand)}"
            )
        return apply(operand)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Mult):
            for count, layer, again in ((left, right, node.right), (right, left, node.left)):
                if type(count) is int and isinstance(layer, (self.frame.vocabulary.Module, Copies)):
                    return self.copies(node, count, layer, again)
        return self.apply(node, lambda one, other: self.binary(node, one, other), left, right)

    def copies(self, node: ast.BinOp, count: int, first: Any, again: ast.expr) -> Copies:
        """Make the layers of ``3 * Block(...)``, each anew."""
        if not isinstance(first, Copies) and id(first) not in self.made:
            raise self.fail(
                again,
                f"{self.source(again)!r} is one layer, and {self.source(node)!r} would apply it repeatedly",
                "repeat a layer where it is made: 3 * Conv2d(...)",
            )
        if count < 1:
            raise self.fail(
                node, f"{self.source(node)!r}: the number of layers is {count}, not at least 1"
            )
        made = list(first) if isinstance(first, Copies) else [first]
        size = sum(1 for each in made for _ in each.modules())
        for each in (1, -1):  # refused before any is made, so that it takes no time
            self.frame.spend(each * size * (count - 1), self.expression, node)
        result = Copies(made)
        for _ in range(count - 1):
            copy = self.value(again)
            result.extend(copy if isinstance(copy, Copies) else [copy])
        return result

    def binary(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        tensor = self.frame.vocabulary.Tensor
        numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        tensors = isinstance(left, tensor) or isinstance(right, tensor)
        symbol, apply = _BINARY.get(type(node.op), ("", operator.add))
        if not symbol or not (tensors or (numbers and symbol not in _OF_TENSORS)):
            raise self.fail(
                node,
                f"{self.source(node)!r}: there is no such operation on {kind(left)} and {kind(right)}",
                "** is the power" if symbol == "^" and numbers else "",
            )
        if numbers and symbol == "**" and not _small_power(left, right):
            raise self.fail(
                node, f"{self.source(node)!r} is larger than torch can count in 64 bits"
            )
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
            raise self.fail(
                node, f"{self.source(node)!r} is larger than torch can count in 64 bits"
            )
        return number

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        parts = self.value(node.value), self.value(node.slice)
        return self.apply(node, lambda owner, index: self.item(node, owner, index), *parts)

    def item(self, node: ast.Subscript, owner: Any, index: Any) -> Any:
        if isinstance(owner, self.frame.vocabulary.Tensor):
            return owner[index]
        if isinstance(owner, (tuple, list)) and isinstance(index, tuple):
            first = f"{self.source(node.value)}[0][{self.source(node.slice)}]"
            raise self.fail(
                node,
                f"{self.source(node)!r}: {self.source(node.value)} is {len(owner)} values, not one",
                first,
            )
        if not isinstance(owner, (tuple, list)) or type(index) not in (int, slice):
            raise self.fail(
                node, f"{self.source(node)!r}: only a tensor, a tuple or a list can be indexed"
            )
        try:
            return owner[index]
        except IndexError:
            raise self.fail(
                node, f"{self.source(node)!r}: there are {len(owner)} items, numbered from 0"
            ) from None
        except (TypeError, ValueError):
            raise self.fail(
                node, f"{self.source(node)!r}: a slice is made of ints, its step not 0"
            ) from None

    def visit_Slice(self, node: ast.Slice) -> Any:
        ends = (None if n is None else self.value(n) for n in (node.lower, node.upper, node.step))
        return self.apply(node, slice, *ends)

    # Calls

    def visit_Call(self, node: ast.Call) -> Any:
        plain = self.frame.plain.get(node)
        if plain is not None:
            return self.make(node, *plain)
        function = self.callee(node.func)
        args = [self.value(item) for item in node.args]
        kwargs = {str(keyword.arg): self.value(keyword.value) for keyword in node.keywords}
        words = self.frame.vocabulary
        if isinstance(function, Later):
            if not function.is_method:
                raise self.fail(node, f"{self.source(node)!r}: a value cannot be called")
        elif isinstance(function, words.Module):
            result = self.later_call(node, self.application(function), args, kwargs)
            result.layer = function
            return result
        elif not callable(function):
            raise self.fail(node, f"{self.source(node)!r}: {kind(function)} cannot be called")
        elif isinstance(function, type) or is_block(function):
            return self.construct(node, function, args, kwargs)
        elif words.is_ours and self.is_own(node.func):
            check_arguments(self.expression, node, function, len(args), list(kwargs))
        return self.later_call(node, function, args, kwargs)

    def is_own(self, node: ast.expr) -> bool:
        """Tell whether a name is the file's own: `check` knows what it stands for only where it is fixed."""
        return isinstance(node, ast.Name) and node.id in self.frame.constants

    def callee(self, node: ast.expr) -> Any:
        """Return what is called: a name stands for the layer there, and elsewhere for the layer's output."""
        if not isinstance(node, ast.Name) or node.id not in self.frame.values:
            return self.value(node)
        if node.id in self.frame.layers:
            return self.frame.layers[node.id]
        function = node.id in SPACES[""]
        fix = (
            f"{'F' if node.id in _F else 'torch'}.{node.id}(...) is torch's function"
            if function
            else ""
        )
        raise self.fail(node, f"{node.id} is a value here, which cannot be called", fix)

    def later_call(
        self, node: ast.Call, function: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Later:
        count = len(args) + 1

        def run(function: Any, *given: Any) -> Any:
            try:
                return function(
                    *given[: count - 1], **dict(zip(kwargs, given[count - 1 :], strict=True))
                )
            except (TypeError, KeyError, AttributeError) as error:
                raise self.fail(node, f"{self.source(node)}: {error.args[0]}") from None

        parts = [self.single(part) for part in (*args, *kwargs.values())]
        result: Later = self.apply(node, run, function, *parts, later=True)
        return result

    def application(self, layer: Any) -> Later:
        """Return how to find a layer when the network runs."""
        number = len(self.frame.applied)
        self.frame.applied.append(layer)
        return Later(lambda values: values[None][number])

    def construct(
        self, node: ast.Call, function: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Make a layer, a block or a parameter, if its arguments are its own and are known."""
        words = self.frame.vocabulary
        if function is words.Parameter:
            args = [a.run({}) if isinstance(a, Later) and a.is_free else a for a in args]
            for argument, value in zip(node.args[:1], args, strict=False):
                if not isinstance(value, (words.Tensor, Later)):
                    raise self.fail(
                        argument,
                        f"a parameter is a tensor, not {kind(value)}",
                        "Parameter(zeros(1, 64))",
                    )
        for item, value in zip(
            (*node.args, *node.keywords), (*args, *kwargs.values()), strict=True
        ):
            if isinstance(value, Later):
                name = self.source(node.func)
                lazy = "Lazy" + name.rpartition(".")[2]
                raise self.fail(
                    item,
                    f"{name} is made before any input arrives, so its arguments cannot use values",
                    f"{lazy}(...) takes its channels from its input" if lazy in LAYERS else "",
                )
        if is_block(function) or (words.is_ours and self.is_own(node.func)):
            check_arguments(self.expression, node, function, len(args), list(kwargs))
        if isinstance(node.func, ast.Name) and node.func.id in LAYERS:
            given = (*node.args, *(keyword.value for keyword in node.keywords))
            if all(type(each) is ast.Constant for each in given):
                self.frame.plain[node] = function, args, kwargs
        return self.make(node, function, args, kwargs)

    def make(self, node: ast.Call, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Make a layer, a block or a parameter."""
        words = self.frame.vocabulary
        self.frame.spend(1, self.expression, node)
        if function is words.Sequential:
            args = [each for a in args for each in (a if isinstance(a, Copies) else [a])]
        if self.made:
            args = [self.owned(each) for each in args]
            kwargs = {name: self.owned(each) for name, each in kwargs.items()}
        try:
            if is_block(function):
                assert self.frame.make is not None
                layer = self.frame.make(function, args, kwargs, self.expression, node)
            else:
                layer = function(*args, **kwargs)
        except ShapeError as error:
            error.note(operation=f"{self.source(node)}:")
            self.expression.mark(error, node)
            raise
        except (TypeError, KeyError, AttributeError) as error:
            raise self.fail(node, f"{self.source(node)}: {error.args[0]}") from None
        if isinstance(layer, words.Module):
            self.made[id(layer)] = layer, node
        return layer

    def owned(self, value: Any) -> Any:
        """Return an argument of what is made; a layer in it belongs to that from now on."""
        value = self.single(value)
        made = self.made.pop(id(value), None)
        if made is not None:
            self.frame.spans[id(value)] = self.expression, made[1]
        return value

    def single(self, value: Any) -> Any:
        return self.sequential(value, self.expression.tree) if isinstance(value, Copies) else value

    def sequential(self, copies: Copies, node: ast.AST) -> Any:
        """Return copies of a layer as one that applies them one after the other."""
        result = self.frame.vocabulary.Sequential(*map(self.owned, copies))
        self.made[id(result)] = result, node
        return result


_VISITS: dict[type[ast.AST], Callable[..., Any]] = {
    getattr(ast, name.removeprefix("visit_")): method
    for name, method in vars(Evaluation).items()
    if name.startswith("visit_")
}


def is_block(function: Any) -> bool:
    """Tell whether a block of the file is meant."""
    return getattr(function, "is_block", False) is True


def check_arguments(
    expression: Expression,
    node: ast.Call,
    function: Callable[..., Any] | Block,
    count: int,
    names: list[str],
    is_method: bool = False,
) -> None:
    """Refuse arguments that do not exist or are missing, before Python does in its own words.

    Args:
        expression: where it is called.
        node: the call.
        function: a layer class, a block or a function.
        count: the number of arguments without a name.
        names: those with a name.
        is_method: the function is a tensor's method, which has its first argument already.
    """
    taken, any_number, any_name = _taken(function, is_method)
    known = list(taken)
    if hasattr(function, "__wrapped__"):
        names = torch_names(function, names)
    unknown = [] if any_name else [name for name in names if name not in taken]
    missing = [name for name in known[count:] if taken[name] is REQUIRED and name not in names]
    twice = [name for name in known[:count] if name in names]
    too_many = count > len(known) and not any_number
    if not (unknown or missing or twice or too_many):
        return
    called = expression.source(node.func)
    shown = ("" if is_method else layer_meant(expression, node)) or usage(
        called, function, is_method
    )
    if unknown:
        near = nearest(unknown[0], known)
        at = next(keyword for keyword in node.keywords if keyword.arg == unknown[0])
        message = f"{called} has no argument {unknown[0]!r}"
        raise expression.fail(at, message, f"did you mean {near}?" if near else shown)
    if too_many:
        raise expression.fail(
            node, f"{called} takes {len(known)} arguments, but {count} are given", shown
        )
    if twice:
        raise expression.fail(node, f"{called} is given {twice[0]!r} twice", shown)
    raise expression.fail(
        node, f"{called} lacks the argument {' and '.join(map(repr, missing))}", shown
    )


def layer_meant(expression: Expression, node: ast.Call) -> str:
    """Return the layer that a call of a function means which has no value to work on, or nothing."""
    if node.args and not (
        isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, (int, float))
    ):
        return ""
    text = expression.source(node)
    name = text.partition("(")[0].rpartition(".")[2]
    layer = next((each for each in LAYERS if each.lower() == name.replace("_", "").lower()), name)
    if layer == name:
        return ""
    taken = signature(LAYERS[layer])
    given = [*list(taken)[: len(node.args)], *(str(keyword.arg) for keyword in node.keywords)]
    fits = {each for each in taken if taken[each] is REQUIRED} <= {*given} <= taken.keys()
    return f"{layer}({text.partition('(')[2]}, the layer" if fits else ""


def _taken(function: Any, is_method: bool) -> tuple[dict[str, Any], bool, bool]:
    """Return the arguments with their defaults, and whether any number and any name is taken."""
    if is_block(function):
        return function.parameters, False, False
    taken = signature(function)
    return (dict(list(taken.items())[1:]) if is_method else taken, *takes_any(function))


def usage(name: str, function: Any, is_method: bool = False) -> str:
    """Write how to call a layer or function: its arguments with their defaults."""
    taken, any_number, any_name = _taken(function, is_method)
    arguments = [
        each if taken[each] is REQUIRED else f"{each}={_default(taken[each])}" for each in taken
    ]
    return f"{name}({', '.join([*arguments, *['...'] * (any_number or any_name)])})"


def _default(value: Any) -> str:
    return value.source(value.tree) if isinstance(value, Expression) else argument_text(value)


def is_prefix(prefix: str, *own: Collection[str]) -> bool:
    """Tell whether ``prefix.`` selects from the vocabulary; a name of the file's own comes first."""
    return prefix in PREFIXES and not any(prefix.partition(".")[0] in names for names in own)


def prefixed(name: str) -> str:
    """Return a name with the prefix that it needs, if it stands in one of `MODULES` alone."""
    return next((f"{home}.{name}" for home in MODULES if name in SPACES[home]), "")


def dotted(node: ast.expr) -> str | None:
    """Return ``a.b.c`` for such a node, or None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        prefix = dotted(node.value)
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
        return f"the class {value.__name__}"
    if is_block(value):
        return f"the block {value.name} itself"
    if isinstance(value, Module):
        return f"a layer ({type(value).__name__})"
    if isinstance(value, Copies):
        return "a list of layers"
    if isinstance(value, Later):
        return "a value that is known when the network runs"
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


def snippet(line: str, start: int, end: int) -> str:
    """Return a line, or the part of it in question if it is long, and below it carets from start to end."""
    end = max(min(end, len(line)), start + 1)
    first = max(0, min(start - 40, len(line) - _WIDEST)) if len(line) > _WIDEST else 0
    shown = line[first : first + _WIDEST].expandtabs(1)
    return f"{shown}\n{' ' * (start - first)}{'^' * min(end - start, max(1, len(shown) - start + first))}"


def short(text: str) -> str:
    """Return a text, the beginning of it if it is long."""
    return text if len(text) <= 60 else text[:57] + "..."
