"""Printed models: the text of ``print(model)``, read back as a module.

A print shows what a model is made of and not what its `forward` does. Layers and `Sequential` are certain. A
class of the user's own is read as its children one after the other, which is a reading; where that does not
work, or where another reading would give another shape, it is refused.
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING

from ..errors import Error, ShapeError, SpecError, UnknownOperation
from ..run.runner import check_inputs
from ..shapetorch import hooks
from ..shapetorch.nn import Linear, Module, ModuleList
from ..shapetorch.nn.modules.module import arguments, call_text
from ..shapetorch.tensor import Tensor
from .expression import LAYERS, Budget, evaluate
from .network import Network
from .shape import sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_CHILD = re.compile(r"\(([^()]+)\): (?:(\d{1,20}) x )?(?=\S)")
_RANGE = re.compile(r"(\d{1,20})-(\d{1,20})")
_MODULE = re.compile(r"([^\W\d]\w*)\(")

#: More than any model prints, and read and run in a moment.
_MOST_MODULES = 20_000
_DEEPEST = 80
#: More than any ``extra_repr`` has.
_MOST_LINES = 1_000

#: Words that torch prints without quotes, and numbers that Python prints so.
_WORDS: dict[str, Any] = {
    **{word: word for word in "same valid zeros reflect replicate circular relu tanh".split()},
    "inf": float("inf"),
    "nan": float("nan"),
}
#: What is printed between the brackets and is no argument: the channels that a lazy layer does not know yet.
_UNKNOWN_CHANNELS = re.compile(r"^(in_features=)?0, ")
_NO_ARGUMENT = dict.fromkeys(
    ("UpsamplingNearest2d", "UpsamplingBilinear2d"), re.compile(r", mode='\w+'$")
)
#: Arguments that change a shape or the parameters and are not printed (LayerNorm's: not by older versions).
_UNTOLD = {
    "AvgPool1d": "ceil_mode",
    "AvgPool2d": "ceil_mode",
    "AvgPool3d": "ceil_mode",
    "EmbeddingBag": "include_last_offset",
    "LayerNorm": "bias",
}
#: Layers that print too little of themselves, and what they leave out.
_UNSAID = {
    "CosineSimilarity": "its arguments",
    "FractionalMaxPool2d": "its arguments",
    "FractionalMaxPool3d": "its arguments",
    "MultiheadAttention": "the number of heads, batch_first and other arguments",
    "PairwiseDistance": "its arguments",
    **{
        name: "its reduction and other arguments"
        for name in LAYERS
        if name.endswith(("Loss", "Loss2d"))
    },
}
_CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
_GATES = ("Sigmoid", "Hardsigmoid")
_ADVICE = "trace the model's source, which has forward, or write a network file"


def read(
    text: str,
    filename: str,
    *,
    input: str | Sequence[str] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
) -> Network:
    """Read the text of ``print(model)``.

    Args:
        text: what was printed.
        filename: what to call it in errors.
        input: shape of one sample, which a print does not tell.
        batch: samples in a batch, 1 unless given.
        constants: none; a print has no constants.

    Raises:
        SpecError: it cannot be read, or the shape of the input is not given.
        ShapeError: it has a layer that torch would refuse to make.
    """
    for name in constants or {}:
        raise SpecError(f"--set {name}: a printed model has no constants")
    reading = _Reading(filename)
    root = reading.parse(text)
    given = [input] if isinstance(input, str) else list(input or ())
    if len(given) != 1:
        where = f"{filename}:{root.line}:{root.column}"
        what = "is read with one input" if given else "does not tell its input"
        raise SpecError(f"a printed model {what}", where=where, fix="add --in 3x32x32")
    module = reading.build(root, "", last=True)
    tensors = [sample(given[0], 1 if batch is None else batch)]
    return Network(root.name, module, tensors, reading.where, _note(module))


class _Node:
    """One module of the text: ``(first-...): count x name(extra``, and its children below it."""

    __slots__ = ("children", "column", "count", "extra", "key", "line", "name", "total")

    def __init__(self, key: str, count: int, name: str, line: int, column: int) -> None:
        self.key = key
        self.count = count
        self.name = name
        self.line = line
        self.column = column
        self.extra: list[str] = []
        self.children: list[_Node] = []
        self.total = 1


class _Reading:
    """One text while it is read, and while its modules run: what they know of where they stand."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.where: dict[str, str] = {}
        self.trying = False
        self._classes: dict[tuple[str, tuple[type[Module], ...]], Any] = {}
        self._budget = Budget(_MOST_MODULES)

    def fail(self, line: int, column: int, message: str, fix: str = "") -> SpecError:
        return SpecError(message, where=f"{self.filename}:{line}:{column}", fix=fix)

    # Text to nodes

    def parse(self, text: str) -> _Node:
        root: _Node | None = None
        open_nodes: list[_Node] = []
        for number, line in enumerate(text.split("\n"), 1):
            words = line.strip()
            if not words:
                continue
            column = len(line) - len(line.lstrip()) + 1
            if root is not None and not open_nodes:
                raise self.fail(
                    number, column, f"something follows the printed model: {words[:40]!r}"
                )
            if words == ")" and open_nodes:
                self.close(open_nodes)
                continue
            child = _CHILD.match(words) if open_nodes else None
            if child is None and open_nodes:
                self.add_extra(open_nodes[-1], words, number, column)
                continue
            key, count = child.groups() if child else ("", None)
            start = child.end() if child else 0
            module = _MODULE.match(words, start)
            if module is None:
                if child is None or words[start:] != "None":
                    shown = words[start : start + 40]
                    raise self.fail(
                        number, column + start, f"{shown!r} is no printed module", "Name(...)"
                    )
                node = _Node(key, 1, "", number, column + start)
            else:
                node = _Node(key, int(count or 1), module[1], number, column + start)
            if open_nodes:
                self.add_child(open_nodes[-1], node, column)
            else:
                root = node
            rest = words[module.end() :] if module else ")"
            if rest.endswith(")"):
                if rest[:-1].strip():
                    node.extra.append(rest[:-1])
                if open_nodes:
                    self.count(open_nodes[-1], node)
            elif rest:
                raise self.fail(number, column + start, f"{node.name}( is not closed in its line")
            else:
                open_nodes.append(node)
                if len(open_nodes) > _DEEPEST:
                    raise self.fail(number, column, "this is nested too deep")
        if root is None:
            raise SpecError(
                "the text is empty", where=self.filename, fix="python -c '...; print(model)'"
            )
        if open_nodes:
            node = open_nodes[-1]
            raise self.fail(
                node.line, node.column, f"{node.name}( is never closed", "a line of ) at the end"
            )
        return root

    def close(self, open_nodes: list[_Node]) -> None:
        node = open_nodes.pop()
        if open_nodes:
            self.count(open_nodes[-1], node)

    def count(self, parent: _Node, node: _Node) -> None:
        parent.total += node.count * node.total
        if parent.total > _MOST_MODULES:
            message = f"this makes more than {_MOST_MODULES:,} modules, which is more than convshape reads"
            raise self.fail(node.line, node.column, message)

    def add_extra(self, node: _Node, words: str, line: int, column: int) -> None:
        """Keep a line of the user's own ``extra_repr``."""
        alien = node.name in _CONTAINERS or node.children or words in ("...", "…")
        if alien or len(node.extra) == _MOST_LINES:
            raise self.fail(
                line, column, f"{words[:40]!r} is no printed module", "(name): Name(...)"
            )
        node.extra.append(words)

    def add_child(self, parent: _Node, node: _Node, column: int) -> None:
        numbers = _RANGE.fullmatch(node.key)
        counted = int(numbers[2]) - int(numbers[1]) + 1 if numbers else 0
        if node.count != 1 and node.count != max(counted, 1):
            message = f"({node.key}) does not number the {node.count} that follow"
            raise self.fail(node.line, column, message, f"(0-{node.count - 1}): {node.count} x ...")
        if "." in node.key:
            raise self.fail(node.line, column, f"({node.key}) has a dot in its name")
        parent.children.append(node)

    # Nodes to modules

    def build(self, node: _Node, path: str, last: bool) -> Module:
        """Make the module of a node; `last` tells whether nothing runs behind it."""
        self.where[path] = f"{self.filename}:{node.line}:{node.column}"
        if any(child.key == "parametrizations" for child in node.children):
            message = f"a printed {node.name} does not tell how its weights are worked out"
            raise self.fail(node.line, node.column, message, "trace the model's source")
        told = node.name in LAYERS and node.name not in _UNSAID
        if told and not node.children and node.name not in _CONTAINERS:
            return self.layer(node, path)
        empty = node.name in _CONTAINERS and not node.extra
        chained = node.name not in _UNSAID and (node.children or empty)
        repeated = node.name == "ModuleList" or any(child.count > 1 for child in node.children)
        bases = (_Chain, ModuleList) if chained and repeated else (_Chain if chained else _Unknown,)
        made: _Printed = self.class_of(node.name, bases)(self, path, "\n".join(node.extra))
        for child in node.children:
            first = int(child.key.partition("-")[0]) if child.count > 1 else 0
            for number in range(child.count):
                key = str(first + number) if child.count > 1 else child.key
                if key in made._modules:
                    raise self.fail(
                        child.line, child.column, f"there are two ({key}) in {node.name}"
                    )
                if not child.name:
                    made._modules[key] = None
                    continue
                final = last and child is node.children[-1] and number == child.count - 1
                made._modules[key] = self.build(child, f"{path}.{key}" if path else key, final)
        made.last = last
        made.doubtful = not made.certain or any(
            isinstance(child, _Printed) and child.doubtful for child in made._modules.values()
        )
        return made

    def class_of(self, name: str, bases: tuple[type[Module], ...]) -> Any:
        """Return a class of the printed name: repr, traces and errors call a module by its class."""
        if (name, bases) not in self._classes:
            self._classes[name, bases] = type(name, bases, {"__module__": __name__})
        return self._classes[name, bases]

    def layer(self, node: _Node, path: str) -> Module:
        extra = " ".join(node.extra)
        alien = _UNKNOWN_CHANNELS if node.name.startswith("Lazy") else _NO_ARGUMENT.get(node.name)
        if alien:
            extra = alien.sub("", extra)

        def place(start: int, end: int) -> tuple[str, str]:
            return f"{self.filename}:{node.line}:{node.column + start}", ""

        try:
            module: Module = evaluate(f"{node.name}({extra})", _WORDS, place, self._budget)
        except Error as error:
            error.note(path=path)
            raise
        if type(module).__name__ != node.name:  # brackets that close and open another expression
            raise self.fail(
                node.line, node.column, f"{extra[:40]!r} are no arguments of {node.name}"
            )
        untold = _UNTOLD.get(node.name)
        if untold and f"{untold}=" not in extra:
            module.register_forward_pre_hook(
                lambda module, args, kwargs: self.ask(module, args, kwargs, untold, path),
                with_kwargs=True,
            )
        return module

    def ask(
        self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any], untold: str, path: str
    ) -> None:
        """Refuse a layer whose answer hangs on an argument that is not printed."""
        both = [type(module)(**arguments(module) | {untold: value}) for value in (False, True)]
        outcomes = [_outcome(each, args, kwargs) for each in both]
        if outcomes[0] != outcomes[1]:
            name = type(module).__name__
            raise SpecError(
                f"a printed {name} does not tell {untold}: "
                f"with False it gives {outcomes[0]}, with True {outcomes[1]}",
                path=path,
                where=self.where[path],
                fix=f"write {untold}=False or {untold}=True into its brackets, as the model has it",
            )


def _outcome(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    try:
        shape = "×".join(map(str, _untraced(module, *args, **kwargs).shape))
    except ShapeError:
        return "nothing"
    params = sum(p.numel() for p in module.parameters())
    return f"{shape} and {params:,} parameters" if params else shape


def _untraced(module: Module, *args: Any, **kwargs: Any) -> Any:
    watching, hooks.recorder = hooks.recorder, None
    try:
        return module(*args, **kwargs)
    finally:
        hooks.recorder = watching


class _Printed(Module):
    """A module of a class that is not torch's, or holds others."""

    def __init__(self, reading: _Reading, path: str, extra: str) -> None:
        Module.__init__(self)
        self.reading = reading
        self.path = path
        self.extra = extra
        #: Whether the print alone says how the children run, theirs not considered.
        self.certain = type(self).__name__ == "Sequential"
        self.doubtful = True
        self.last = True

    def extra_repr(self) -> str:
        return self.extra

    def refusal(
        self, message: str, path: str, fix: str, kind: type[SpecError] = SpecError
    ) -> SpecError:
        why = "print(model) does not show forward"
        where = self.reading.where.get(path, "")
        return kind(message, path=path, where=where, why=why, fix=fix)


class _Unknown(_Printed):
    """A module that the print says too little of."""

    def forward(self, *inputs: Any) -> Any:
        """Refuse.

        Raises:
            UnknownOperation: always.
        """
        name = type(self).__name__
        message = f"there is no layer {name!r}"
        if name in _UNSAID:
            message = f"a printed {name} does not tell {_UNSAID[name]}"
        raise self.refusal(message, self.path, _ADVICE, UnknownOperation)


class _Chain(_Printed):
    """Children that run one after the other: certain of a `Sequential`, of another class a reading."""

    def forward(self, input: Tensor) -> Any:
        """Give each child the output of the one before.

        Raises:
            ShapeError: it does not fit, whatever `forward` the user's classes have.
            SpecError: it does not fit, or not only, and `forward` would tell why.
        """
        if type(self).__name__ == "ModuleDict":
            raise self.refusal("a ModuleDict is picked from by forward", self.path, _ADVICE)
        value: Any = input
        doubtful = False
        before = ""
        for name, child in self._modules.items():
            if child is None:
                continue
            path = f"{self.path}.{name}" if self.path else name
            try:
                result = self.step(child, value, path, before)
            except ShapeError as error:
                if not doubtful:
                    raise
                raise self.broken(error, name, child, value, path) from None
            if before and not self.certain:
                self.refuse_side_path(child, input, value, result, path)
                self.refuse_two_axes(child, value, path)
            doubtful = (
                doubtful or not self.certain or (isinstance(child, _Printed) and child.doubtful)
            )
            value, before = result, path
        if not (self.certain or self.last):
            self.refuse_gate(input, value)
        return value

    def step(self, child: Module, value: Any, path: str, before: str) -> Any:
        if not isinstance(value, Tensor):
            what = f"takes one tensor, but {before} gives several"
            raise ShapeError(what, layer=call_text(child), path=path)
        try:
            check_inputs(child, [value])
        except SpecError as error:
            raise self.refusal(error.what, path, _ADVICE) from None
        return child(value)

    def broken(
        self, error: ShapeError, name: str, child: Module, value: Any, path: str
    ) -> SpecError:
        """Say that the children do not run one after the other, and where."""
        fix = _ADVICE
        layer = _first_layer(child)
        if isinstance(layer, Linear) and isinstance(value, Tensor) and value.ndim > 2:
            flat = prod(value.shape[1:])
            sizes = " × ".join(map(str, value.shape[1:]))
            if flat == layer.in_features:
                fix = f"if forward flattens {sizes} = {flat}, add a line (flatten): Flatten() before ({name})"
            elif layer.in_features == value.shape[1] and value.ndim < 6:
                pool = f"(mean): AdaptiveAvgPool{value.ndim - 2}d(1)"
                fix = (
                    f"if forward takes the mean of each channel, add the lines {pool} and "
                    f"(flatten): Flatten() before ({name})"
                )
        owner = type(self).__name__
        message = f"the children of {owner} do not simply run one after the other: {error.message}"
        return self.refusal(message, error.path or path, fix).changed(path=None)

    def refuse_side_path(
        self, child: Module, input: Tensor, value: Any, result: Any, path: str
    ) -> None:
        """Refuse a child that could as well run beside those before it, as in a residual block."""
        tensors = isinstance(value, Tensor) and isinstance(result, Tensor)
        if self.reading.trying or not tensors or result.shape == value.shape:
            return
        self.reading.trying = True
        try:
            beside = _untraced(child, input)
        except Error:
            return
        finally:
            self.reading.trying = False
        if isinstance(beside, Tensor) and beside.shape == value.shape:
            owner = type(self).__name__
            message = (
                f"it can run behind the others in {owner}, or beside them as a residual block's short cut, "
                "and the shapes differ"
            )
            raise self.refusal(message, path, f"{_in_order(owner)}; else {_ADVICE}")

    def refuse_two_axes(self, child: Module, value: Any, path: str) -> None:
        """Refuse a Linear that fits the width of an image as well as its channels."""
        layer = _first_layer(child)
        if isinstance(layer, Linear) and value.ndim > 3 and value.shape[1] == layer.in_features:
            message = f"{call_text(layer)} fits the channels of its input as well as its last axis"
            raise self.refusal(message, path, f"{_in_order(type(self).__name__)}; else {_ADVICE}")

    def refuse_gate(self, input: Tensor, value: Any) -> None:
        """Refuse what ends as squeeze and excitation does: in factors for `forward` to multiply with."""
        layer = list(self.modules())[-1]
        if (
            type(layer).__name__ not in _GATES
            or not isinstance(value, Tensor)
            or value.shape == input.shape
        ):
            return
        pairs = zip(value.shape, input.shape, strict=False)
        if value.ndim == input.ndim and all(ours in (1, theirs) for ours, theirs in pairs):
            owner = type(self).__name__
            message = f"{owner} ends in {call_text(layer)}, as a gate does that forward multiplies with the input"
            raise self.refusal(message, self.path, f"{_in_order(owner)}; else {_ADVICE}")


def _first_layer(module: Module) -> Module:
    return next((each for each in module.modules() if not each._modules), module)


def _note(module: Module) -> str:
    """Name the classes whose children are run in order without the print saying so."""
    names = {
        type(m).__name__: None for m in module.modules() if isinstance(m, _Chain) and not m.certain
    }
    shown = [*list(names)[:3], *(["others"] if len(names) > 3 else [])]
    listed = " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
    return (
        f"print(model) does not show forward: the children of {listed} run in order here"
        if names
        else ""
    )


def _in_order(owner: str) -> str:
    return f"write Sequential( for {owner}( if its children simply run one after the other"
