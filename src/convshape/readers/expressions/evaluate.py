"""Evaluates expressions: calls of torch's vocabulary with arithmetic in their arguments.

An expression is data. It is checked (`validate`) and evaluated by walking its nodes: a name is
looked up in the vocabulary and among the file's own, an attribute only selects from the vocabulary,
and every number and list is bounded. No attribute of a Python object, no builtin and no loop can be
reached.

It is evaluated in two stages. What depends on constants alone is computed while the file is read,
and this includes every layer: a layer is made once, before any input arrives. What depends on an
input, on the value of another entry or on a function of tensors becomes a `Deferred`, which is run
each time the network is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import Error, ShapeError, UnknownOperation
from ...shapetorch.tensor import Tensor
from .calls import layer_meant, wrong_call
from .syntax import Block, Expression, parts, raise_all
from .validate import check
from .values import OPERATORS, Deferred, Operators, Repeated, kind
from .vocabulary import (
    FUNCTIONAL,
    INFERRED,
    LAYERS,
    LAZY,
    SHAPETORCH,
    SPACES,
    Scope,
    Vocabulary,
    method_names,
)

if TYPE_CHECKING:
    from .syntax import Place
    from .values import Values

#: Layers that may be made, and entries that may run, beyond those that a file lists itself.
MOST_LAYERS = 50_000


class Making:
    """What all evaluations of one network share.

    Args:
        vocabulary: what the names of the language mean.
        most: how many layers may be made; names of layers, and ``3 * ...``, can multiply them.

    Attributes:
        places: where layers within layers were made, by id.
        origins: the calls that made each layer, by id: its own, and those of the blocks that it is
            in, the innermost first.
        blocks: the calls of the blocks that are being made.
        plain: what calls of layers that give nothing but numbers and texts come to: most files
            repeat theirs.
    """

    def __init__(self, vocabulary: Vocabulary = SHAPETORCH, most: int = MOST_LAYERS) -> None:
        self.vocabulary = vocabulary
        self.most = self.left = most
        self.places: dict[int, tuple[Expression, ast.AST]] = {}
        self.origins: dict[int, list[tuple[Expression, ast.AST]]] = {}
        self.blocks: list[tuple[Expression, ast.AST]] = []
        self.plain: dict[ast.Call, tuple[Any, list[Any], dict[str, Any]]] = {}

    def spend(self, count: int, expression: Expression, node: ast.AST) -> None:
        """Count what is made by a part of an expression.

        Raises:
            SpecError: it is too much.
        """
        self.left -= count
        if self.left < 0:
            raise expression.refuse(node, f": that makes more than {self.most:,} layers")

    def block(
        self,
        block: Block,
        args: list[Any],
        kwargs: dict[str, Any],
        expression: Expression,
        node: ast.AST,
    ) -> Any:
        """Make a block of the file whose arguments are known to be its own."""
        raise NotImplementedError


class Frame(Scope):
    """What is known where an expression is evaluated.

    Attributes:
        making: what the evaluations of the network share.
        why: says where the shapes in a part of an expression come from.
        layers: the names that can be called, and the layer that each made.
        applied: the layers that expressions apply, by number, so that a copy of the network
            applies its own.
    """

    def __init__(
        self,
        constants: Mapping[str, Any],
        values: dict[str, None],
        making: Making | None = None,
        why: Callable[[ast.AST, Values], str] | None = None,
    ) -> None:
        self.making = making or Making()
        super().__init__(constants, values, self.making.vocabulary)
        self.why = why
        self.layers: dict[str, Any] = {}
        self.applied: list[Any] = []


def evaluate(
    text: str,
    names: Mapping[str, Any],
    locate: Callable[[int, int], Place],
    making: Making | None = None,
) -> Any:
    """Evaluate an expression, of values too.

    Args:
        text: the expression, e.g. ``Linear(16*5*5, classes)``.
        names: the constants and values that it may use.
        locate: as for `Expression`.
        making: counts what is made, at most `MOST_LAYERS` unless given.

    Raises:
        SpecError: it cannot be read, or names something that is not known.
        ShapeError: it makes a layer that torch would refuse to make, or it does not fit.
    """
    expression = Expression(text, locate)
    values = dict.fromkeys(name for name in names if isinstance(names[name], Tensor))
    constants = {name: value for name, value in names.items() if name not in values}
    raise_all(check(expression, constants, values))
    frame = Frame(constants, values, making)
    result, _ = Evaluation(expression, frame).run()
    return result.run({**names, None: frame.applied}) if isinstance(result, Deferred) else result


class _Layers:
    """Makes the layers of an expression, and keeps those that belong to no other.

    Attributes:
        made: these, with the node that made each, by id.
    """

    def __init__(self, expression: Expression, making: Making) -> None:
        self.expression = expression
        self.making, self.words = making, making.vocabulary
        self.made: dict[int, tuple[Any, ast.AST]] = {}

    def make(self, node: ast.Call, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Make a layer, a block or a parameter.

        Raises:
            SpecError, ShapeError: torch would not make it with these arguments.
        """
        words, expression = self.words, self.expression
        self.making.spend(1, expression, node)
        if function is words.Sequential:
            args = [x for arg in args for x in (arg if isinstance(arg, Repeated) else [arg])]
        if self.made:
            args = [self.owned(arg) for arg in args]
            kwargs = {name: self.owned(arg) for name, arg in kwargs.items()}
        try:
            if isinstance(function, Block):
                layer = self.making.block(function, args, kwargs, expression, node)
            else:
                layer = function(*args, **kwargs)
        except ShapeError as error:
            error.note(operation=f"{expression.source(node)}:")
            expression.mark(error, node)
            raise
        except (TypeError, KeyError, AttributeError) as error:
            raise self.failed(node, error) from None
        except Exception as error:
            if words.is_ours or isinstance(error, Error):
                raise
            raise self.failed(node, error) from None
        if isinstance(layer, words.Module):
            self.made[id(layer)] = layer, node
            self.making.origins[id(layer)] = [(expression, node), *self.making.blocks]
        return layer

    def failed(self, node: ast.Call, error: Exception) -> Error:
        """Return the error of a call that makes nothing; torch itself refuses by any exception."""
        text = f"{self.expression.source(node)}: {error.args[0] if error.args else error}"
        if self.words.is_ours:
            return self.expression.fail(node, text)
        refusal = ShapeError(text)
        self.expression.mark(refusal, node)
        return refusal

    def owned(self, value: Any) -> Any:
        """Return an argument of what is made; a layer in it belongs to that from now on."""
        value = self.single(value)
        _, node = self.made.pop(id(value), (None, None))
        if node is not None:
            self.making.places[id(value)] = self.expression, node
        return value

    def single(self, value: Any) -> Any:
        """Return a value; for copies of a layer one that applies them one after the other."""
        if not isinstance(value, Repeated):
            return value
        result = self.words.Sequential(*map(self.owned, value))
        self.made[id(result)] = result, self.expression.tree
        return result


class _Evaluation:
    """What an evaluation does with all nodes that are no calls."""

    def __init__(self, expression: Expression, frame: Frame) -> None:
        self.expression = expression
        self.frame = frame
        self.words = frame.vocabulary
        self.operators = Operators(expression, self.words.Tensor)
        self.layers = _Layers(expression, frame.making)

    def value(self, node: ast.expr) -> Any:
        special = _SPECIAL.get(type(node))
        return self.operation(node) if special is None else special(self, node)

    def operation(self, node: ast.expr) -> Any:
        """Apply an operator to its parts, when these are known."""
        values = [None if part is None else self.value(part) for part in parts(node)]
        function = partial(OPERATORS[type(node)], self.operators, node)
        return self.apply(node, function, *values)

    def apply(
        self, node: ast.expr, function: Callable[..., Any], *parts: Any, always_later: bool = False
    ) -> Any:
        """Return ``function(*parts)``, or how to get it later if one of the parts has to wait."""
        waiting = [part for part in parts if type(part) is Deferred]
        if not waiting and not always_later:
            return function(*parts)

        def run(values: Values) -> Any:
            known = [part.run(values) if type(part) is Deferred else part for part in parts]
            return self.guarded(node, function, known, values)

        return Deferred(run, all(part.is_free for part in waiting))

    def guarded(
        self,
        node: ast.expr,
        function: Callable[..., Any],
        parts: Sequence[Any],
        values: Values,
    ) -> Any:
        """Call a function for a node, and note the place of what is refused, the innermost part."""
        try:
            return function(*parts)
        except (ShapeError, UnknownOperation) as error:
            self.explain(error, node, values)
            self.expression.mark(error, node)
            raise

    def explain(self, error: Error, node: ast.expr, values: Values) -> None:
        """Note where the shapes come from, or which layer was meant, when the network runs."""
        if not error.fix:
            error.note(fix=layer_meant(self.expression, node))
        if not error.where and not error.why and self.frame.why is not None:
            error.note(why=self.frame.why(node, values))

    def constant(self, node: ast.Constant) -> Any:
        value = node.value
        return self.operators.bounded(node, value) if isinstance(value, (int, float)) else value

    def name(self, node: ast.Name) -> Any:
        name = node.id
        if name in self.frame.values:
            return Deferred(lambda values: values[name])
        return self.frame.constant(name)

    def attribute(self, node: ast.Attribute) -> Any:
        space = self.frame.space(node)
        if space is not None:
            return space[node.attr]
        get = partial(self.operators.attribute, node)
        result = self.apply(node, get, self.value(node.value))
        if isinstance(result, Deferred):
            result.is_method = node.attr in method_names()
        return result

    def items(self, node: ast.Tuple | ast.List) -> Any:
        """Collect the items of a tuple or a list, which are no layers."""
        values = [self.value(item) for item in node.elts]
        for item, value in zip(node.elts, values, strict=True):
            if isinstance(value, (self.words.Module, Repeated)):
                fix = "Sequential(...) holds layers"
                if isinstance(node, ast.Tuple) and len(values) == 1:
                    fix = f"{self.expression.source(item)}, without the comma"
                raise self.expression.fail(item, "a list cannot hold a layer", fix)
        return self.apply(node, partial(self.operators.collect, node), *values)

    def conditional(self, node: ast.IfExp) -> Any:
        test = self.value(node.test)
        if not isinstance(test, Deferred):
            return self.value(node.body if test else node.orelse)
        parts = (node.body, node.orelse)
        body, otherwise = (self.layers.single(self.value(part)) for part in parts)

        def run(values: Values) -> Any:
            chosen = body if self.guarded(node, bool, [test.run(values)], values) else otherwise
            return chosen.run(values) if isinstance(chosen, Deferred) else chosen

        return Deferred(run)

    def boolean(self, node: ast.BoolOp) -> Any:
        stop_at = isinstance(node.op, ast.Or)
        parts: list[Any] = []
        for item in node.values:
            parts.append(self.value(item))
            if not any(isinstance(part, Deferred) for part in parts) and bool(parts[-1]) is stop_at:
                break

        def decide(*values: Any) -> Any:
            return next((value for value in values if bool(value) is stop_at), values[-1])

        return self.apply(node, decide, *parts)


class Evaluation(_Evaluation):
    """One evaluation of a checked expression: constants are computed, and layers made."""

    def run(self) -> tuple[Any, list[Any]]:
        """Return the result, which may be `Deferred`, and the layers that were made for it.

        Raises:
            SpecError, ShapeError: as `evaluate`.
        """
        try:
            result = self.layers.single(self.value(self.expression.tree))
        except RecursionError:
            raise self.expression.too_deep() from None
        return result, [layer for layer, _ in self.layers.made.values()]

    def call(self, node: ast.Call) -> Any:
        plain = self.frame.making.plain.get(node)
        if plain is not None:
            return self.layers.make(node, *plain)
        function = self.callee(node.func)
        args = [self.value(item) for item in node.args]
        kwargs = {str(keyword.arg): self.value(keyword.value) for keyword in node.keywords}
        if isinstance(function, Deferred):
            if not function.is_method:
                raise self.expression.refuse(node, ": a value cannot be called")
        elif isinstance(function, self.words.Module):
            result = self.deferred(node, self.application(function), args, kwargs)
            result.layer = function
            return result
        elif not callable(function):
            raise self.expression.refuse(node, f": {kind(function)} cannot be called")
        elif isinstance(function, (type, Block)):
            return self.construct(node, function, args, kwargs)
        else:
            self.refuse_wrong(node, function, kwargs)
        return self.deferred(node, function, args, kwargs)

    def callee(self, node: ast.expr) -> Any:
        """Return what is called: a name is the layer there, and elsewhere the layer's output."""
        if not isinstance(node, ast.Name) or node.id not in self.frame.values:
            return self.value(node)
        name = node.id
        if name in self.frame.layers:
            return self.frame.layers[name]
        home = "F" if name in FUNCTIONAL else "torch"
        fix = f"{home}.{name}(...) is torch's function" if name in SPACES[""] else ""
        raise self.expression.fail(node, f"{name} is a value here, which cannot be called", fix)

    def refuse_wrong(self, node: ast.Call, function: Any, kwargs: Mapping[str, Any]) -> None:
        """Refuse wrong arguments that `check` did not know: of a block, or of a name of the file.

        Raises:
            SpecError: they are not those of the function.
        """
        is_constant = isinstance(node.func, ast.Name) and node.func.id in self.frame.constants
        if isinstance(function, Block) or (self.words.is_ours and is_constant):
            error = wrong_call(self.expression, node, function, list(kwargs))
            if error is not None:
                raise error

    def application(self, layer: Any) -> Deferred:
        """Return how to find a layer when the network runs."""
        number = len(self.frame.applied)
        self.frame.applied.append(layer)
        return Deferred(lambda values: values[None][number])

    def deferred(
        self, node: ast.Call, function: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Deferred:
        """Return the call of a function, which waits until the network runs."""

        def run(function: Any, *values: Any) -> Any:
            named = dict(zip(kwargs, values[len(args) :], strict=True))
            try:
                return function(*values[: len(args)], **named)
            except Error:  # a refusal may be a TypeError as well, as torch's is
                raise
            except (TypeError, KeyError, AttributeError) as error:
                source = self.expression.source(node)
                raise self.expression.fail(node, f"{source}: {error.args[0]}") from None

        values = [self.layers.single(part) for part in (*args, *kwargs.values())]
        result: Deferred = self.apply(node, run, function, *values, always_later=True)
        return result

    def construct(
        self, node: ast.Call, function: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Make a layer, a block or a parameter, if its arguments are its own and are known."""
        if function is self.words.Parameter:
            args = self.tensors(node, args)
        values = (*args, *kwargs.values())
        for item, value in zip((*node.args, *node.keywords), values, strict=True):
            if isinstance(value, Deferred):
                name = self.expression.source(node.func)
                lazy = "Lazy" + name.rpartition(".")[2]
                raise self.expression.fail(
                    item,
                    f"{name} is made before any input arrives, so its arguments cannot use values",
                    f"{lazy}(...) takes its channels from its input" if lazy in LAYERS else "",
                )
        self.refuse_wrong(node, function, kwargs)
        if isinstance(function, type) and function.__name__ in LAZY:
            function, args, kwargs = self.inferring(function, args, kwargs)
        if isinstance(node.func, ast.Name) and node.func.id in LAYERS:
            literals = (*node.args, *(keyword.value for keyword in node.keywords))
            if all(type(literal) is ast.Constant for literal in literals):
                self.frame.making.plain[node] = function, args, kwargs
        return self.layers.make(node, function, args, kwargs)

    def inferring(self, kind: type, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Return a layer with its arguments, its lazy twin where the first is left open."""
        first = next(iter(INFERRED & kwargs.keys()), "")
        if (kwargs[first] if first else args[0] if args else None) is not None:
            return kind, args, kwargs
        rest = {name: value for name, value in kwargs.items() if name != first}
        return self.words.spaces["nn"][LAZY[kind.__name__]], args[not first :], rest

    def tensors(self, node: ast.Call, args: list[Any]) -> list[Any]:
        """Return the arguments of a parameter, of which the first is a tensor."""
        args = [a.run({}) if isinstance(a, Deferred) and a.is_free else a for a in args]
        for argument, value in zip(node.args[:1], args, strict=False):
            if not isinstance(value, (self.words.Tensor, Deferred)):
                what = f"a parameter is a tensor, not {kind(value)}"
                raise self.expression.fail(argument, what, "Parameter(zeros(1, 64))")
        return args

    def product(self, node: ast.BinOp) -> Any:
        """Work out an operator of two values, or make the layers of ``3 * Block(...)``."""
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Mult):
            for count, layer, again in ((left, right, node.right), (right, left, node.left)):
                if type(count) is int and isinstance(layer, (self.words.Module, Repeated)):
                    return self.repeated(node, count, layer, again)
        return self.apply(node, partial(self.operators.binary, node), left, right)

    def repeated(self, node: ast.BinOp, count: int, first: Any, again: ast.expr) -> Repeated:
        """Make the layers of ``3 * Block(...)``, each anew."""
        expression = self.expression
        copies = list(first) if isinstance(first, Repeated) else [first]
        if copies == [first] and id(first) not in self.layers.made:
            what = f" is one layer, and {expression.source(node)!r} would apply it repeatedly"
            fix = "repeat a layer where it is made: 3 * Conv2d(...)"
            raise expression.refuse(again, what, fix)
        if count < 1:
            raise expression.refuse(node, f": the number of layers is {count}, not at least 1")
        size = sum(1 for layer in copies for _ in layer.modules())
        for sign in (1, -1):  # refused before any is made, so that it takes no time
            self.frame.making.spend(sign * size * (count - 1), expression, node)
        result = Repeated(copies)
        for _ in range(count - 1):
            copy = self.value(again)
            result.extend(copy if isinstance(copy, Repeated) else [copy])
        return result


#: The nodes that are more than an operator of values.
_SPECIAL: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Attribute: Evaluation.attribute,
    ast.BinOp: Evaluation.product,
    ast.BoolOp: Evaluation.boolean,
    ast.Call: Evaluation.call,
    ast.Constant: Evaluation.constant,
    ast.IfExp: Evaluation.conditional,
    ast.List: Evaluation.items,
    ast.Name: Evaluation.name,
    ast.Tuple: Evaluation.items,
}
