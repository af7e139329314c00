"""Makes modules from bodies: a `Graph` for the network, and one for each use of a block.

A body is a list of entries, ``conv1: Conv2d(3, 6, 5)``, of a block or of the network. Building it
makes the layers of each entry, once, and registers them under the entry's name, so that paths are
torch's: ``layer1.0.conv1``. The kind of entry determines what it does when the network runs:

- a layer is applied to the value before it;
- anything else is an expression of earlier values, and its result is the entry's value.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import Error, SpecError, nearest
from ..expressions.calls import usage
from ..expressions.evaluate import MOST_LAYERS, Evaluation, Frame, Making
from ..expressions.syntax import Block, Body, Entry, Expression
from ..expressions.validate import correction
from ..expressions.values import Deferred, kind
from ..expressions.vocabulary import LAYERS, SHAPETORCH, Vocabulary
from .graph import Graph, Plan, Shared, Step, give_plan, plan_of, trail

if TYPE_CHECKING:
    import ast


_DEEPEST = 50


class Builder(Making):
    """Makes modules from bodies.

    Args:
        constants: the file's constants, and its blocks.
        bodies: those of the blocks.
        entries: how many entries the file has.
        vocabulary: what the names of the language mean.
    """

    def __init__(
        self,
        constants: dict[str, Any],
        bodies: Mapping[str, Body],
        entries: int,
        vocabulary: Vocabulary = SHAPETORCH,
    ) -> None:
        super().__init__(vocabulary, MOST_LAYERS + entries)
        self.constants = constants
        self.bodies = bodies
        self.shared = Shared(self.most, self.places)
        self.types: dict[str, Any] = {}
        #: The names of the entries that are being made, each within the one before.
        self.path: list[str] = []
        self.depth = 0

    def network(self, body: Body) -> Any:
        """Return the module of the network itself.

        Raises:
            SpecError, ShapeError: a layer cannot be made.
        """
        name = body.name if body.name.isidentifier() else "Network"
        network = self.graph(body, self.type(name), {})
        if self.types:  # it has blocks
            for path, module in network.named_modules():
                if isinstance(module, Graph):
                    plan_of(module).path = path
        return network

    def type(self, name: str) -> Any:
        return type(name, (Graph, self.vocabulary.Module), {"__module__": __name__})

    def block(
        self,
        block: Block,
        args: list[Any],
        kwargs: dict[str, Any],
        expression: Expression,
        node: ast.AST,
    ) -> Any:
        """Make a block whose arguments are known to be its own."""
        body = self.bodies[block.name]
        self.spend(len(body.entries), expression, node)
        if self.depth == _DEEPEST:
            raise expression.fail(node, f"blocks are nested more than {_DEEPEST} deep")
        arguments = dict(zip(block.parameters, args, strict=False)) | kwargs
        for name, default in block.parameters.items():
            if name not in arguments:
                arguments[name] = self.default(name, default)
        if block.name not in self.types:
            self.types[block.name] = self.type(block.name)
        self.depth += 1
        self.blocks.insert(0, (expression, node))
        try:
            return self.graph(body, self.types[block.name], arguments)
        except Error as error:
            error.note(why=f"in {expression.source(node)}, {expression.place(node)[0]}")
            raise
        finally:
            self.depth -= 1
            self.blocks.pop(0)

    def default(self, name: str, default: Expression) -> Any:
        value, _ = Evaluation(default, Frame(self.constants, {}, self)).run()
        if isinstance(value, Deferred):
            raise default.fail(default.tree, f"the default of {name} is not a constant")
        return value

    def graph(self, body: Body, cls: Any, arguments: dict[str, Any]) -> Any:
        """Return the module of a body, whose parameters have these values."""
        graph, steps = cls(), []
        constants = ChainMap(arguments, self.constants) if arguments else self.constants
        frame = Frame(constants, dict.fromkeys(body.inputs), self, partial(trail, body))
        for name, value in arguments.items():
            if isinstance(value, self.vocabulary.Module):
                graph.add_module(name, value)
        before = list(body.inputs)
        for entry in body.entries:
            self.path.append(entry.name)
            try:
                steps.append(self.step(graph, frame, entry, before))
            except Error as error:
                if not error.path:
                    fix = correction(entry.expression, constants, frame.values)
                    error = error.changed(fix=fix.text, fixes=(fix,)) if fix else error
                error.note(path=".".join(self.path))
                raise error from None
            finally:
                self.path.pop()
            before = entry.names
            frame.values.update(dict.fromkeys(before))
        give_plan(graph, Plan(body, steps, frame.applied, self.shared))
        return graph

    def step(self, graph: Any, frame: Frame, entry: Entry, before: list[str]) -> Step:
        """Make the layers of an entry and register them."""
        words, expression = self.vocabulary, entry.expression
        result, layers = Evaluation(expression, frame).run()
        if isinstance(result, words.Module):
            self.register(graph, entry, result)
            frame.layers[entry.name] = result
            if len(before) != 1:
                raise self.unclear(entry.name, expression, before)
            return Step(entry, result, None)
        if isinstance(result, words.Parameter):
            self.register(graph, entry, result)
            return Step(entry, None, lambda values: result)
        if not isinstance(result, Deferred):
            raise self.no_layer(entry.name, expression, result)
        if len(layers) == 1:
            self.register(graph, entry, layers[0])
            if result.layer is layers[0]:
                frame.layers[entry.name] = layers[0]
        elif layers:
            self.register(graph, entry, words.ModuleList(layers))
        return Step(entry, None, result.run)

    def register(self, graph: Any, entry: Entry, child: Any) -> None:
        try:
            if isinstance(child, self.vocabulary.Module):
                graph.add_module(entry.name, child)
            else:
                graph.register_parameter(entry.name, child)
        except KeyError as error:
            where, snippet = entry.place()
            what = f"a layer cannot be called {entry.name!r}: {error.args[0]}"
            name = entry.name.rpartition(".")[2]
            fix = f"call it {name}" if name.isidentifier() and name != entry.name else ""
            raise SpecError(what, path="", where=where, snippet=snippet, fix=fix) from None

    def unclear(self, name: str, expression: Expression, before: list[str]) -> SpecError:
        """Return the refusal to apply a layer to one of several values before it."""
        several = f"{name} could be applied to each of {', '.join(before)}"
        call = f"{expression.source(expression.tree)}({(before or ['input'])[0]})"
        what = several if before else f"nothing comes before {name}"
        return expression.fail(expression.tree, what, f"say to which: {call}")

    def no_layer(self, name: str, expression: Expression, result: Any) -> SpecError:
        fix = "a layer such as Conv2d(3, 6, 5)"
        if isinstance(result, Block):
            fix = f"{result.name}(...)"
        elif callable(result):
            meant = nearest(result.__name__.replace("_", ""), LAYERS)
            fix = usage(meant, LAYERS[meant]) if meant else f"{result.__name__}()"
        what = f"{name} is {kind(result)}, not a layer"
        return expression.fail(expression.tree, what, fix).changed(path="")
