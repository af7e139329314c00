"""Entries of a network file as a module: their layers are its children, and its `forward` evaluates them.

A body is a list of entries, ``conv1: Conv2d(3, 6, 5)``, of a block or of the network. Building it makes the
layers of each entry, once, and registers them under the entry's name, so that paths are torch's:
``layer1.0.conv1``. What an entry is tells what it does when the network runs:

- a layer is applied to the value before it;
- anything else is an expression of earlier values, and its result is the entry's value.

As a value a name is the output of its entry; called, ``relu(x)``, it is the layer that the entry made.
"""

from __future__ import annotations

from ast import Name, walk
from collections import ChainMap
from functools import partial
from typing import TYPE_CHECKING

from ..errors import Error, ShapeError, SpecError, nearest
from ..shapetorch import hooks
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.module import REQUIRED, Module, signature
from .expression import LAYERS, MOST_LAYERS, SHAPETORCH, Budget, Evaluation, Frame, Later, kind

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from .expression import Expression, Values, Vocabulary

    Target = str | tuple["Target", ...]

_DEEPEST = 50
#: Shapes that an error goes back through.
_LONGEST_TRAIL = 5


class _Uncopied:
    """What a copy of a network has in common with the network."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self


class Entry(_Uncopied):
    """One entry of a body.

    Attributes:
        target: the name that gets the value, or a tuple of names that unpack it; ``_`` drops it.
        expression: what it says.
        key: gives ``file:line:column`` of the name, and its line with a caret below.
    """

    __slots__ = ("expression", "key", "target")

    def __init__(
        self, target: Target, expression: Expression, key: Callable[..., tuple[str, str]]
    ) -> None:
        self.target = target
        self.expression = expression
        self.key = key

    @property
    def names(self) -> list[str]:
        """The names that get a value."""
        return [self.target] if isinstance(self.target, str) else _names(self.target)

    @property
    def name(self) -> str:
        """The name that its layer gets."""
        return self.target if isinstance(self.target, str) else (self.names or ["_"])[0]


def _names(target: Target) -> list[str]:
    if isinstance(target, str):
        return [] if target == "_" else [target]
    return [name for each in target for name in _names(each)]


class Body(_Uncopied):
    """The entries of a block or of the network, and the names of what comes in."""

    def __init__(self, name: str, inputs: Sequence[str], entries: Sequence[Entry]) -> None:
        self.name = name
        self.inputs = inputs
        self.entries = entries
        self.outputs: list[str] | None = None


class Block:
    """A block of the file: a body with parameters.

    Attributes:
        parameters: names with defaults, which are expressions of the file's constants.
    """

    is_block = True

    def __init__(self, body: Body, parameters: dict[str, Any]) -> None:
        self.body = body
        self.name = body.name
        self.parameters = parameters
        self.type: Any = None

    def __call__(self) -> None:
        """Blocks are callable in the language; a `Builder` makes them."""


class _Step:
    """What an entry does when the network runs: apply `layer` to the value before, or else `run`."""

    __slots__ = ("entry", "layer", "name", "run")

    def __init__(self, entry: Entry, layer: Any, run: Callable[[Values], Any] | None) -> None:
        self.entry = entry
        self.name = entry.target if isinstance(entry.target, str) else None
        self.layer = layer
        self.run = run


class _Shared(_Uncopied):
    """What all graphs of a network share.

    Attributes:
        most: entries that one run may evaluate: names that call names can multiply what there is to do.
        spans: where layers within layers were made.
        plain: as `Frame.plain`.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.left = most
        self.depth = 0
        self.spans: dict[int, tuple[Expression, ast.AST]] = {}
        self.plain: dict[ast.Call, Any] = {}


class _Plan:
    """What a graph does.

    Attributes:
        applied: as `Frame.applied`.
        path: the graph's name in the network.
    """

    def __init__(self, body: Body, steps: list[_Step], applied: list[Any], shared: _Shared) -> None:
        self.body = body
        self.applied = applied
        self.steps = steps
        self.shared = shared
        self.path = ""


class _Graph:
    """A module made from a body; a mixin, for whichever vocabulary's `Module`."""

    _plan: _Plan

    def forward(self, *inputs: Any) -> Any:
        """Evaluate the entries, and return the value of the last or of those named as outputs."""
        plan = self._plan
        shared = plan.shared
        if not shared.depth:
            shared.left = shared.most
        shared.left -= len(plan.steps)
        if shared.left < 0:
            raise SpecError(
                f"blocks call each other so often that more than {shared.most:,} entries are to be evaluated"
            )
        shared.depth += 1
        try:
            return _run(plan, inputs)
        except RecursionError:
            if shared.depth > 1:
                raise
            raise SpecError("the layers are nested too deep") from None
        finally:
            shared.depth -= 1


def _run(plan: _Plan, inputs: tuple[Any, ...]) -> Any:
    names = plan.body.inputs
    if len(inputs) != len(names):
        raise ShapeError(
            f"{plan.body.name} takes {len(names)} input{'s' * (len(names) > 1)} ({', '.join(names)}), "
            f"but {len(inputs)} {'is' if len(inputs) == 1 else 'are'} given"
        )
    values: Values = dict(zip(names, inputs, strict=True))
    values[None] = plan.applied
    value = inputs[0] if len(inputs) == 1 else inputs
    watching = hooks.recorder
    step = None
    try:
        for step in plan.steps:
            if step.layer is not None:
                value = step.layer(value)
            else:
                if watching is not None:
                    watching.entry = step.entry.name
                value = step.run(values)  # type: ignore[misc]
            if step.name is not None:
                values[step.name] = value
            else:
                _unpack(step.entry, step.entry.target, value, values)
                value = _packed(step.entry.names, values)
    except TypeError as error:
        if step is None or "required positional argument" not in str(error):
            raise
        refusal = _of_several(error, step, values)
        _explain(refusal, plan, step)
        raise refusal from None
    except Error as error:
        if step is not None:
            _explain(error, plan, step)
        raise
    if plan.body.outputs is not None:
        return _packed(plan.body.outputs, values)
    return value


def _of_several(error: TypeError, step: _Step, values: Values) -> ShapeError:
    """Return the refusal of a layer that takes several values and is called with the one before."""
    arguments = signature(type(step.layer).forward) if isinstance(step.layer, Module) else {}
    wanted = [name for name in list(arguments)[1:] if arguments[name] is REQUIRED]
    if len(wanted) < 2:  # a layer in it
        return ShapeError(str(error).replace(".forward()", ""))
    made = step.entry.expression.text
    before = next(name for name in reversed(values) if name is not None)
    same = wanted == ["query", "key", "value"]  # of an attention, mostly
    return ShapeError(
        f"{made} takes {len(wanted)} inputs ({', '.join(wanted)}), but 1 is given",
        fix=f"{made}({', '.join([before] * 3 if same else [before, *wanted[1:]])})",
    )


def _packed(names: list[str], values: Values) -> Any:
    return values[names[0]] if len(names) == 1 else tuple(values[name] for name in names)


def _unpack(entry: Entry, target: Target, value: Any, values: Values) -> None:
    if isinstance(target, str):
        values[target] = value
        return
    try:
        count = len(value)
    except TypeError:
        count = -1
    if count != len(target):
        gives = f"there are {count:,} values" if count >= 0 else f"there is {kind(value)}"
        gives = "there is one value" if count == 1 else gives
        more = [*"_" * (count - len(target))] if count < 10 else []
        refusal = ShapeError(
            f"{_shown(target)} are {len(target)} names, but {gives}",
            fix=", ".join([_shown(target), *more]) if more else "",
            only=bool(more),
        )
        raise entry.expression.mark(refusal, entry.expression.tree)
    for each, part in zip(target, value, strict=True):
        _unpack(entry, each, part, values)


def _shown(target: Target) -> str:
    if isinstance(target, str):
        return target
    return ", ".join(
        _shown(each) if isinstance(each, str) else f"({_shown(each)})" for each in target
    )


def _explain(error: Error, plan: _Plan, step: _Step) -> None:
    """Say in an error where it happened, unless a graph within this one did."""
    expression = step.entry.expression
    place = plan.shared.spans.get(id(error.module), (expression, expression.tree))
    place[0].mark(error, place[1])
    error.note(path=f"{plan.path}.{step.entry.name}" if plan.path else step.entry.name)


def _trail(body: Body, node: ast.AST, values: Values) -> str:
    """Say which shapes the names in a part of an expression have, and which they came from."""
    made, before = {}, list(body.inputs)
    for entry in body.entries:
        made.update(dict.fromkeys(entry.names, (entry, before)))
        before = entry.names
    parts = []
    for name in _used(node, values):
        shape = _shape(values[name])
        trail, origin, seen = [f"{name} is {shape}"], name, {name}
        while origin in made and len(trail) < _LONGEST_TRAIL:
            entry, before = made[origin]
            origin = (_used(entry.expression.tree, values) or before)[0]
            came, shape = shape, _shape(values.get(origin))
            if shape != came:
                trail.append(f"from {origin} {shape}")
            if origin in seen:  # a function, whose name the entry has taken since
                break
            seen.add(origin)
        parts.append(", ".join(trail))
    return "; ".join(parts)


def _used(tree: ast.AST, values: Values) -> list[str]:
    """Return the names of values in an expression, each once."""
    return list(
        {node.id: None for node in walk(tree) if isinstance(node, Name) and node.id in values}
    )


def _shape(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_shape, value[:4]))}{', ...' * (len(value) > 4)})"
    return shape_text(tuple(value.shape)) if hasattr(value, "shape") else repr(value)


class Builder:
    """Makes modules from bodies.

    Args:
        constants: the file's constants, and its blocks.
        entries: how many entries the file has.
        vocabulary: what the names of the language stand for.
    """

    def __init__(
        self, constants: dict[str, Any], entries: int, vocabulary: Vocabulary = SHAPETORCH
    ) -> None:
        self.constants = constants
        self.vocabulary = vocabulary
        self.shared = _Shared(MOST_LAYERS + entries)
        self.spend = Budget(self.shared.most).spend
        self.depth = 0

    def network(self, body: Body) -> Any:
        """Return the module of the network itself.

        Raises:
            SpecError, ShapeError: a layer cannot be made.
        """
        name = body.name if body.name.isidentifier() else "Network"
        network = self.graph(body, self.type(name), {})
        for path, module in network.named_modules():
            if isinstance(module, _Graph):
                module._plan.path = path
        return network

    def type(self, name: str) -> Any:
        return type(name, (_Graph, self.vocabulary.Module), {"__module__": __name__})

    def make(
        self,
        block: Block,
        args: list[Any],
        kwargs: dict[str, Any],
        expression: Expression,
        node: ast.AST,
    ) -> Any:
        """Make a block whose arguments are known to be its own."""
        body = block.body
        self.spend(len(body.entries), expression, node)
        if self.depth == _DEEPEST:
            raise expression.fail(node, f"blocks are nested more than {_DEEPEST} deep")
        given = dict(zip(block.parameters, args, strict=False)) | kwargs
        for name, default in block.parameters.items():
            if name not in given:
                given[name], _ = Evaluation(default, self.frame(self.constants)).run()
                if isinstance(given[name], Later):
                    raise default.fail(default.tree, f"the default of {name} is no constant")
        if block.type is None:
            block.type = self.type(block.name)
        self.depth += 1
        try:
            return self.graph(body, block.type, given)
        except Error as error:
            error.note(why=f"in {expression.source(node)}, {expression.place(node)[0]}")
            raise
        finally:
            self.depth -= 1

    def frame(self, constants: Mapping[str, Any], values: Sequence[str] = ()) -> Frame:
        shared = self.shared
        return Frame(
            constants, values, self.vocabulary, self.make, self.spend, shared.spans, shared.plain
        )

    def graph(self, body: Body, cls: Any, given: dict[str, Any]) -> Any:
        """Return the module of a body, whose parameters are `given`."""
        graph, steps = cls(), []
        frame = self.frame(
            ChainMap(given, self.constants) if given else self.constants, body.inputs
        )
        frame.why = partial(_trail, body)
        for name, value in given.items():
            if isinstance(value, self.vocabulary.Module):
                graph.add_module(name, value)
        before = list(body.inputs)
        for entry in body.entries:
            try:
                steps.append(self.step(graph, frame, entry, before))
            except Error as error:
                if error.path == "":  # of the errors that name the entry themselves
                    raise
                path = f"{entry.name}.{error.path}" if error.path else entry.name
                raise error.changed(path=path) from None
            before = entry.names
            frame.values.update(before)
        graph._plan = _Plan(body, steps, frame.applied, self.shared)
        return graph

    def step(self, graph: Any, frame: Frame, entry: Entry, before: list[str]) -> _Step:
        """Make the layers of an entry and register them."""
        words = self.vocabulary
        result, made = Evaluation(entry.expression, frame).run()
        name = entry.name
        if isinstance(result, words.Module):
            self.register(graph, entry, result)
            frame.layers[name] = result
            if len(before) != 1:
                source = entry.expression.source(entry.expression.tree)
                raise entry.expression.fail(
                    entry.expression.tree,
                    f"{name} could be applied to each of {', '.join(before)}"
                    if before
                    else f"no value is before {name}",
                    f"say to which: {source}({(before or ['input'])[0]})",
                )
            return _Step(entry, result, None)
        if isinstance(result, words.Parameter):
            self.register(graph, entry, result)
            return _Step(entry, None, lambda values: result)
        if not isinstance(result, Later):
            self.refuse(entry, result)
        if len(made) == 1:
            self.register(graph, entry, made[0])
            if result.layer is made[0]:
                frame.layers[name] = made[0]
        elif made:
            self.register(graph, entry, words.ModuleList(made))
        return _Step(entry, None, result.run)

    def register(self, graph: Any, entry: Entry, child: Any) -> None:
        try:
            if isinstance(child, self.vocabulary.Module):
                graph.add_module(entry.name, child)
            else:
                graph.register_parameter(entry.name, child)
        except KeyError as error:
            where, snippet = entry.key()
            raise SpecError(
                f"a layer cannot be called {entry.name!r}: {error.args[0]}",
                path="",
                where=where,
                snippet=snippet,
            ) from None

    def refuse(self, entry: Entry, result: Any) -> None:
        fix = "a layer such as Conv2d(3, 6, 5)"
        if isinstance(result, Block):
            fix = f"{result.name}(...)"
        elif callable(result):
            fix = f"{nearest(result.__name__.replace('_', ''), LAYERS) or result.__name__}()"
        what = f"{entry.name} is {kind(result)}, and a layer is wanted"
        raise entry.expression.mark(SpecError(what, path="", fix=fix), entry.expression.tree)
