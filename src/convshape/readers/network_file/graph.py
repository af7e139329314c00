"""A body as a module: its layers are the children, and `forward` evaluates the entries.

Used as a value, a name is the output of its entry; called, ``relu(x)``, it is the entry's layer.
"""

from __future__ import annotations

from ast import Name, walk
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import Error, ShapeError, SpecError
from ...shapetorch import hooks
from ...shapetorch.arguments import shape as shape_text
from ...shapetorch.nn.modules.constructor import REQUIRED, signature
from ...shapetorch.nn.modules.module import Module
from ..expressions.syntax import Plain
from ..expressions.values import kind

if TYPE_CHECKING:
    import ast

    from ..expressions.syntax import Body, Entry, Expression, Target
    from ..expressions.values import Values

#: Shapes that an error goes back through.
_LONGEST_TRAIL = 5


class Step(NamedTuple):
    """What an entry does when the network runs: apply `layer` to the value before, or `run`."""

    entry: Entry
    layer: Any
    run: Callable[[Values], Any] | None


class Shared(Plain):
    """What all graphs of a network share.

    Args:
        most: entries that one run may evaluate: names that call names can multiply them.
        places: as `Making.places`.
    """

    def __init__(self, most: int, places: dict[int, tuple[Expression, ast.AST]]) -> None:
        self.most = self.left = most
        self.depth = 0
        self.places = places


class Plan:
    """What a graph does.

    Attributes:
        applied: as `Frame.applied`.
        path: the graph's name in the network.
    """

    def __init__(self, body: Body, steps: list[Step], applied: list[Any], shared: Shared) -> None:
        self.body = body
        self.steps = steps
        self.applied = applied
        self.shared = shared
        self.path = ""

    def note(self, error: Error, step: Step) -> None:
        """Note in an error the place where it happened; a graph within this one may have."""
        expression = step.entry.expression
        whole = expression, expression.tree
        expression, node = self.shared.places.get(id(error.module), whole)
        name = step.entry.name
        path = f"{self.path}.{name}" if self.path else name
        expression.mark(error, node)
        error.note(path=path)


#: Where a graph keeps its plan: a name that no layer can have.
_PLAN = "its plan"


def plan_of(graph: Any) -> Plan:
    """Return what a graph does."""
    plan: Plan = vars(graph)[_PLAN]
    return plan


def give_plan(graph: Any, plan: Plan) -> None:
    """Let a graph do what a plan says."""
    vars(graph)[_PLAN] = plan


class Graph:
    """A module made from a body; a mixin, for whichever vocabulary's `Module`."""

    def forward(self, *inputs: Any) -> Any:
        """Evaluate the entries, and return the value of the last or of those named as outputs."""
        plan = plan_of(self)
        shared = plan.shared
        if not shared.depth:
            shared.left = shared.most
        shared.left -= len(plan.steps)
        if shared.left < 0:
            what = f"that more than {shared.most:,} entries are to be evaluated"
            raise SpecError(f"blocks call each other so often {what}")
        shared.depth += 1
        try:
            return _run(plan, inputs)
        except RecursionError:
            if shared.depth > 1:
                raise
            raise SpecError("the layers are nested too deep") from None
        finally:
            shared.depth -= 1


def _run(plan: Plan, inputs: tuple[Any, ...]) -> Any:
    names = plan.body.inputs
    if len(inputs) != len(names):
        takes = f"{len(names)} input{'s' * (len(names) > 1)} ({', '.join(names)})"
        are = f"{len(inputs)} {'is' if len(inputs) == 1 else 'are'} given"
        raise ShapeError(f"{plan.body.name} takes {takes}, but {are}")
    values: Values = dict(zip(names, inputs, strict=True))
    values[None] = plan.applied
    value = inputs[0] if len(inputs) == 1 else inputs
    watching = hooks.recorder or hooks.entries
    step: Step
    try:
        for step in plan.steps:
            if step.layer is not None:
                value = step.layer(value)
            else:
                if watching is not None:
                    watching.entry = step.entry.name
                value = step.run(values)  # type: ignore[misc]
            target = step.entry.target
            if isinstance(target, str):
                values[target] = value
            else:
                _unpack(target, value, values)
                value = _packed(step.entry.names, values)
    except Error as error:  # a refusal may be a TypeError as well, as torch's is
        plan.note(error, step)
        raise
    except TypeError as error:
        if "required positional argument" not in str(error):
            raise
        refusal = _of_several(error, step, values)
        plan.note(refusal, step)
        raise refusal from None
    return value if plan.body.outputs is None else _packed(plan.body.outputs, values)


def _of_several(error: TypeError, step: Step, values: Values) -> ShapeError:
    """Return the refusal of a layer that takes several values and is called with the one before."""
    defaults = signature(type(step.layer).forward) if isinstance(step.layer, Module) else {}
    wanted = [name for name in list(defaults)[1:] if defaults[name] is REQUIRED]
    if len(wanted) < 2:  # a layer in it
        return ShapeError(str(error).replace(".forward()", ""))
    call = step.entry.expression.text
    before = next(name for name in reversed(values) if name is not None)
    same = wanted == ["query", "key", "value"]  # of an attention, mostly
    return ShapeError(
        f"{call} takes {len(wanted)} inputs ({', '.join(wanted)}), but 1 is given",
        fix=f"{call}({', '.join([before] * 3 if same else [before, *wanted[1:]])})",
    )


def _packed(names: Sequence[str], values: Values) -> Any:
    return values[names[0]] if len(names) == 1 else tuple(values[name] for name in names)


def _unpack(target: Target, value: Any, values: Values) -> None:
    if isinstance(target, str):
        values[target] = value
        return
    try:
        sizes = getattr(value, "shape", None)  # a size with symbols is compared as such
        count = sizes[0] if sizes else len(value)
    except TypeError:
        count = -1
    if count != len(target):
        counted = "is one value" if count == 1 else f"are {count:,} values"
        there = counted if count >= 0 else f"is {kind(value)}"
        names = _shown(target)
        fix = ", ".join([names, *"_" * (count - len(target))]) if len(target) < count < 10 else ""
        if count == 2 and isinstance(value[1], tuple) and len(target) == 1 + len(value[1]):
            first, *states = target  # of an LSTM
            fix = f"{_shown(first)}, ({', '.join(map(_shown, states))})"
        what = f"{names} are {len(target)} names, but there {there}"
        raise ShapeError(what, fix=fix, only=bool(fix))
    for part, item in zip(target, value, strict=True):
        _unpack(part, item, values)


def _shown(target: Target) -> str:
    if isinstance(target, str):
        return target
    return ", ".join(
        _shown(part) if isinstance(part, str) else f"({_shown(part)})" for part in target
    )


def trail(body: Body, node: ast.AST, values: Values) -> str:
    """Say which shapes the names in a part of an expression have, and which they came from."""
    origins: dict[str, tuple[Entry, Sequence[str]]] = {}
    before = body.inputs
    for entry in body.entries:
        origins.update(dict.fromkeys(entry.names, (entry, before)))
        before = entry.names
    return "; ".join(_way(name, origins, values) for name in _used(node, values))


def _way(name: str, origins: dict[str, tuple[Entry, Sequence[str]]], values: Values) -> str:
    shape = _shape(values[name])
    shapes, seen = [f"{name} is {shape}"], {name}
    while name in origins and len(shapes) < _LONGEST_TRAIL:
        entry, before = origins[name]
        name = (_used(entry.expression.tree, values) or before)[0]
        after, shape = shape, _shape(values.get(name))
        if shape != after:
            shapes.append(f"from {name} {shape}")
        if name in seen:  # a function, whose name the entry has taken since
            break
        seen.add(name)
    return ", ".join(shapes)


def _used(tree: ast.AST, values: Values) -> list[str]:
    """Return the names of values in an expression, each once."""
    names = (node.id for node in walk(tree) if isinstance(node, Name))
    return list(dict.fromkeys(name for name in names if name in values))


def _shape(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_shape, value[:4]))}{', ...' * (len(value) > 4)})"
    return shape_text(tuple(value.shape)) if hasattr(value, "shape") else repr(value)
