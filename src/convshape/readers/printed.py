"""Printed models: the text of ``print(model)``, read back as a module.

A print shows what a model is made of and not what its `forward` does. Layers and `Sequential` are
certain. A class of the user's own is read as its children one after the other, which is a reading;
where that does not work, or where another reading would give another shape, it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

from ..errors import Error, ShapeError, SpecError, UnknownOperation
from ..run.input_check import check_inputs
from ..run.program import Program
from ..run.runner import copied
from ..shapetorch import hooks
from ..shapetorch.nn import Linear, Module, ModuleList
from ..shapetorch.nn.modules.constructor import arguments, call_text
from ..shapetorch.tensor import Tensor
from .expressions.evaluate import Making, evaluate
from .expressions.syntax import Plain
from .expressions.vocabulary import LAYERS, SHAPETORCH, Vocabulary
from .printed_text import CONTAINERS, MOST_MODULES, Node, parse
from .shape import sample

#: Words that torch prints without quotes, and numbers that Python prints so.
_PLAIN = (
    "same valid zeros reflect replicate circular relu tanh nearest linear bilinear trilinear "
    "bicubic"
)
_WORDS: dict[str, Any] = {
    **{word: word for word in _PLAIN.split()},
    "inf": float("inf"),
    "nan": float("nan"),
}
#: What is printed in the parentheses and is not an argument: unknown channels of a lazy layer.
_UNKNOWN_CHANNELS = re.compile(r"^(in_features=)?0, ")
_NO_ARGUMENT = dict.fromkeys(
    ("UpsamplingNearest2d", "UpsamplingBilinear2d"), re.compile(r", mode='\w+'$")
)
#: How torch 0.2 to 1.1 wrote arguments, and how it does today.
_OLDER = (
    (re.compile(r"^(\d+) -> (\d+)$"), r"in_features=\1, out_features=\2"),
    (re.compile(r"(^|, )inplace$"), r"\1inplace=True"),
    (re.compile(r"^size=(?=.*stride=)"), "kernel_size="),
)
_NO_BIAS_TOLD = "this version of torch does not print the bias of a Linear: it is read with one"
#: Arguments that change a shape or the parameters, but are not printed (LayerNorm's in old torch).
_UNTOLD = {
    "AvgPool1d": "ceil_mode",
    "AvgPool2d": "ceil_mode",
    "AvgPool3d": "ceil_mode",
    "EmbeddingBag": "include_last_offset",
    "LayerNorm": "bias",
    "MaxPool1d": "ceil_mode",
    "MaxPool2d": "ceil_mode",
    "MaxPool3d": "ceil_mode",
}
#: Layers that take a target too, which `forward` of no network has.
_LOSSES = tuple(name for name in LAYERS if name.endswith(("Loss", "Loss2d")))
#: Layers that print too little of themselves, and what they leave out.
_UNSAID = {
    "CosineSimilarity": "its arguments",
    "FractionalMaxPool2d": "its arguments",
    "FractionalMaxPool3d": "its arguments",
    "MultiheadAttention": "the number of heads, batch_first and other arguments",
    "PairwiseDistance": "its arguments",
    **dict.fromkeys(_LOSSES, "its reduction and other arguments"),
}
#: Modules whose children run one after the other; the last three have one child.
_IN_ORDER = ("Sequential", "DataParallel", "DistributedDataParallel", "OptimizedModule")
_GATES = ("Sigmoid", "Hardsigmoid")
_ADVICE = "trace the model's source, which has forward, or write a network file"


def read(
    text: str,
    filename: str,
    *,
    input: str | Sequence[str] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
    vocabulary: Vocabulary = SHAPETORCH,
) -> Program:
    """Read the text of ``print(model)``.

    Args:
        text: what was printed.
        filename: what to call it in errors.
        input: shape of one sample, which a print does not show; inferred unless given.
        batch: samples in a batch, 1 unless given.
        constants: none; a print has no constants.
        vocabulary: what the layers' names mean: the module is one of this vocabulary.

    Raises:
        SpecError: it cannot be read, or no input is found.
        ShapeError: it has a layer that torch would refuse to make.
    """
    for name in constants or {}:
        raise SpecError(f"--set {name}: a printed model has no constants")
    root = parse(text, filename)
    shapes = [input] if isinstance(input, str) else list(input or ())
    builder = _Builder()
    module = builder.build(root, "", last=True)
    tensors = [sample(shape, 1 if batch is None else batch) for shape in shapes]
    program = Program(module, tensors, name=root.name, where=builder.where, batch=batch)
    if not shapes:
        from ..analysis.inference import infer_input

        infer_input(program)
    if len(program.inputs) != 1:
        what = "is read with one input" if shapes else "does not show its input"
        raise SpecError(f"a printed model {what}", where=root.where, fix="add --in 3x32x32")
    flattening = builder.flattening(module, program.inputs[0])
    notes = filter(None, (program.note, _note(module), flattening, builder.unsaid()))
    program.note = "; ".join(notes)
    if not vocabulary.is_ours:
        program.module = builder.read_as(vocabulary, module, "")
    return program


class _Builder(Plain):
    """Makes modules of the nodes of one text; the modules ask it where they are.

    Attributes:
        where: ``file:line:column`` of modules, by path.
        trying: a module is run to find out what it would give.
        is_biased: there is a Linear that does not show whether it has a bias.
        flattened: the children before which `forward` flattens.
        losses: the children that are left out.
    """

    def __init__(self) -> None:
        self.where: dict[str, str] = {}
        self.trying = self.is_biased = False
        self.flattened: dict[str, None] = {}
        self.losses: list[str] = []
        self._texts: dict[str, str] = {}
        self._classes: dict[tuple[str, tuple[type[Module], ...]], Any] = {}
        self._making = Making(most=MOST_MODULES)

    def flattening(self, module: Module, input: Tensor) -> str:
        """Say where `forward` is taken to flatten, found by a run that nobody watches."""
        if not _note(module):
            return ""
        self.trying = True
        try:
            _untraced(copied(module, list(module.modules())), input)
        except (Error, RuntimeError, TypeError, ValueError):
            pass  # which the trace tells
        finally:
            self.trying = False
        return (
            f"it is taken to flatten before {', '.join(self.flattened)}" if self.flattened else ""
        )

    def unsaid(self) -> str:
        """Say what of the parameters is not printed, and what is left out."""
        left_out = f"{', '.join(self.losses)} left out, as a loss takes a target too"
        return "; ".join([_NO_BIAS_TOLD] * self.is_biased + [left_out] * bool(self.losses))

    def build(self, node: Node, path: str, last: bool) -> Module:
        """Make the module of a node; `last` says whether nothing runs after it."""
        self.where[path] = node.where
        if any(child.key == "parametrizations" for child in node.children):
            what = f"a printed {node.name} does not show how its weights are computed"
            raise SpecError(what, where=node.where, fix="trace the model's source")
        is_told = node.name in LAYERS and node.name not in _UNSAID
        if is_told and not node.children and node.name not in CONTAINERS:
            return self.layer(node, path)
        module: _Printed = self.class_of(node)(self, path, "\n".join(node.extra))
        steps = [child for child in node.children if module.certain or not _is_loss(child)]
        steps = steps or node.children
        for child in node.children:
            keys = child.keys
            for key in keys:
                if key in module._modules:
                    what = f"there are two ({key}) in {node.name}"
                    raise SpecError(what, where=child.where)
                ends = last and child is steps[-1] and key == keys[-1]
                below = f"{path}.{key}" if path else key
                module._modules[key] = self.build(child, below, ends) if child.name else None
                if child in steps:
                    module.steps.append(key)
                else:
                    self.losses.append(below)
        module.last = last
        module.doubtful = not module.certain or any(map(_is_doubtful, module._modules.values()))
        return module

    def class_of(self, node: Node) -> Any:
        """Return a class of the printed name, by which repr, traces and errors call a module."""
        is_empty = node.name in CONTAINERS and not node.extra
        bases: tuple[type[Module], ...] = (_Unknown,)
        if node.name not in _UNSAID and (node.children or is_empty):
            is_list = node.name == "ModuleList" or any(child.count > 1 for child in node.children)
            bases = (_Chain, ModuleList) if is_list else (_Chain,)
        known = node.name, bases
        if known not in self._classes:
            self._classes[known] = type(node.name, bases, {"__module__": __name__})
        return self._classes[known]

    def layer(self, node: Node, path: str) -> Module:
        """Make a layer of torch's from its printed arguments."""
        extra = " ".join(node.extra)
        alien = _UNKNOWN_CHANNELS if node.name.startswith("Lazy") else _NO_ARGUMENT.get(node.name)
        if alien:
            extra = alien.sub("", extra)
        self.is_biased |= " -> " in extra and node.name == "Linear"
        for written, today in _OLDER:
            extra = written.sub(today, extra)
        place, _, column = node.where.rpartition(":")

        def locate(start: int, end: int) -> tuple[str, str]:
            return f"{place}:{int(column) + start}", ""

        self._texts[path] = f"{node.name}({extra})"
        try:
            module: Module = evaluate(self._texts[path], _WORDS, locate, self._making)
        except Error as error:
            error.note(path=path)
            raise
        if type(module).__name__ != node.name:  # brackets that close and open another expression
            what = f"{extra[:40]!r} are not arguments of {node.name}"
            raise SpecError(what, where=node.where)
        untold = _UNTOLD.get(node.name)
        if untold and f"{untold}=" not in extra:
            ask = partial(_ask, untold, node.where, path)
            module.register_forward_pre_hook(ask, with_kwargs=True)
        return module

    def read_as(self, vocabulary: Vocabulary, module: Module, path: str) -> Any:
        """Return a module that was built as one of another vocabulary, read in the same way."""
        text = self._texts.get(path)
        if text is not None:
            locate = lambda start, end: (self.where[path], "")  # noqa: E731
            return evaluate(text, _WORDS, locate, Making(vocabulary, MOST_MODULES))
        chain = type(type(module).__name__, (_Steps, vocabulary.Module), {"__module__": __name__})()
        chain.flattened, chain.steps = set(), module.steps
        for name, child in module._modules.items():
            below = f"{path}.{name}" if path else name
            chain.add_module(name, child and self.read_as(vocabulary, child, below))
            if below in self.flattened:
                chain.flattened.add(name)
        return chain


class _Steps:
    """Children that run one after the other; a mixin, for another vocabulary's `Module`.

    Attributes:
        flattened: the names of those that take a flat input.
        steps: the names of those that run.
    """

    flattened: set[str]
    steps: list[str]

    def forward(self, input: Any) -> Any:
        """Give each child the output of the one before."""
        for name in self.steps:
            child = self._modules[name]  # type: ignore[attr-defined]
            if child is not None:
                input = child(input.flatten(1) if name in self.flattened else input)
        return input


def _is_loss(node: Node) -> bool:
    return node.name in _LOSSES or (bool(node.children) and all(map(_is_loss, node.children)))


def _is_doubtful(module: Module | None) -> bool:
    return isinstance(module, _Printed) and module.doubtful


def _ask(
    untold: str,
    where: str,
    path: str,
    module: Module,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    """Refuse a layer whose answer hangs on an argument that is not printed."""
    values = arguments(module)
    both = [type(module)(**values | {untold: value}) for value in (False, True)]
    without, with_it = (_outcome(layer, args, kwargs) for layer in both)
    if without != with_it:
        what = f"a printed {type(module).__name__} does not show {untold}: "
        what += f"with False it gives {without}, with True {with_it}"
        fix = f"write {untold}=False or {untold}=True into its brackets, as the model has it"
        raise SpecError(what, path=path, where=where, fix=fix)


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
    """A module of a class that is not torch's, or holds others.

    Attributes:
        certain: the print alone says how the children run, theirs not considered.
        doubtful: it does not, or not for one of the children.
        last: nothing runs after it.
        steps: the names of the children that run.
    """

    def __init__(self, builder: _Builder, path: str, extra: str) -> None:
        Module.__init__(self)
        self.builder = builder
        self.path = path
        self.extra = extra
        self.certain = type(self).__name__ in _IN_ORDER
        self.doubtful = self.last = True
        self.steps: list[str] = []

    def extra_repr(self) -> str:
        return self.extra

    def refusal(
        self, message: str, path: str, fix: str, kind: type[SpecError] = SpecError
    ) -> SpecError:
        why = "print(model) does not show forward"
        where = self.builder.where.get(path, "")
        return kind(message, path=path, where=where, why=why, fix=fix)


class _Unknown(_Printed):
    """A module that the print says too little of."""

    def forward(self, *inputs: Any) -> Any:
        """Refuse.

        Raises:
            UnknownOperation: always.
        """
        name = type(self).__name__
        message = f"unknown layer {name!r}"
        if name in _UNSAID:
            message = f"a printed {name} does not show {_UNSAID[name]}"
        raise self.refusal(message, self.path, _ADVICE, UnknownOperation)


class _Chain(_Printed):
    """Children that run one after the other: certain of a `Sequential`, else a reading."""

    def forward(self, input: Tensor) -> Any:
        """Give each child the output of the one before.

        Raises:
            ShapeError: it does not fit, whatever `forward` the user's classes have.
            SpecError: it does not fit, or not only, and `forward` would show why.
        """
        if type(self).__name__ == "ModuleDict":
            raise self.refusal("a ModuleDict is picked from by forward", self.path, _ADVICE)
        value: Any = input
        doubtful = False
        before = ""
        for name in self.steps:
            child = self._modules[name]
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
            doubtful = doubtful or not self.certain or _is_doubtful(child)
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
        if not self.certain and _is_flattened(child, value):
            value = value.flatten(1)
            self.builder.flattened[path] = None
        return child(value)

    def broken(
        self, error: ShapeError, name: str, child: Module, value: Any, path: str
    ) -> SpecError:
        """Say that the children do not run one after the other, and where."""
        fix = _before_linear(name, _first_layer(child), value) or _ADVICE
        what = f"the children of {type(self).__name__} do not simply run one after the other"
        refusal = self.refusal(f"{what}: {error.message}", error.path or path, fix)
        return refusal.changed(path=None)

    def refuse_side_path(
        self, child: Module, input: Tensor, value: Any, result: Any, path: str
    ) -> None:
        """Refuse a child that could as well run beside those before it, as in a residual block."""
        are_tensors = isinstance(value, Tensor) and isinstance(result, Tensor)
        if self.builder.trying or not are_tensors or result.shape == value.shape:
            return
        self.builder.trying = True
        try:
            beside = _untraced(child, input)
        except Error:
            return
        finally:
            self.builder.trying = False
        if isinstance(beside, Tensor) and beside.shape == value.shape:
            owner = type(self).__name__
            message = f"it can run after the others in {owner}, or in parallel as"
            message += " a residual block's short cut, and the shapes differ"
            raise self.refusal(message, path, _in_order(owner))

    def refuse_two_axes(self, child: Module, value: Any, path: str) -> None:
        """Refuse a Linear that fits the width of an image as well as its channels."""
        layer = _first_layer(child)
        if isinstance(layer, Linear) and value.ndim > 3 and value.shape[1] == layer.in_features:
            message = f"{call_text(layer)} fits the channels of its input as well as its last axis"
            raise self.refusal(message, path, _in_order(type(self).__name__))

    def refuse_gate(self, input: Tensor, value: Any) -> None:
        """Refuse what ends as squeeze and excitation does: in factors for `forward` to multiply."""
        layer = list(self.modules())[-1]
        is_gate = type(layer).__name__ in _GATES and isinstance(value, Tensor)
        if not is_gate or value.shape == input.shape:
            return
        pairs = zip(value.shape, input.shape, strict=False)
        if value.ndim == input.ndim and all(size in (1, other) for size, other in pairs):
            owner = type(self).__name__
            message = f"{owner} ends in {call_text(layer)}, as a gate does that forward multiplies"
            raise self.refusal(f"{message} with the input", self.path, _in_order(owner))


def _first_layer(module: Module) -> Module:
    return next((layer for layer in module.modules() if not layer._modules), module)


def _is_flattened(child: Module, value: Tensor) -> bool:
    """Return whether a child that begins with a Linear takes an image flattened to one axis."""
    layers = (layer for layer in child.modules() if not layer._modules)
    first = next((layer for layer in layers if layer._parameters), None)
    is_image = isinstance(first, Linear) and value.ndim > 2 and value.shape[-1] != first.in_features
    return is_image and prod(value.shape[1:]) == getattr(first, "in_features", 0)


def _before_linear(name: str, layer: Module, value: Any) -> str:
    """Say which layers `forward` may call before a Linear that takes no image, or nothing."""
    if not isinstance(layer, Linear) or not isinstance(value, Tensor) or value.ndim <= 2:
        return ""
    flat = prod(value.shape[1:])
    line = f"(flatten): Flatten() before ({name})"
    if flat == layer.in_features:
        sizes = " × ".join(map(str, value.shape[1:]))
        return f"if forward flattens {sizes} = {flat}, add a line {line}"
    if layer.in_features == value.shape[1] and value.ndim < 6:
        pool = f"(mean): AdaptiveAvgPool{value.ndim - 2}d(1)"
        return f"if forward takes the mean of each channel, add the lines {pool} and {line}"
    return ""


def _note(module: Module) -> str:
    """Name the classes whose children are run in order without the print saying so."""
    chains = (m for m in module.modules() if isinstance(m, _Chain) and not m.certain)
    names = list(dict.fromkeys(type(chain).__name__ for chain in chains))
    if not names:
        return ""
    *others, last = [*names[:3], *(["others"] if len(names) > 3 else [])]
    listed = " and ".join(filter(None, (", ".join(others), last)))
    return f"print(model) does not show forward: the children of {listed} run in order here"


def _in_order(owner: str) -> str:
    fix = f"write Sequential( for {owner}( if its children simply run one after the other"
    return f"{fix}; else {_ADVICE}"
