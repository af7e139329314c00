"""Runs a program and records its calls: those of modules, and those of functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import Error, ShapeError
from ..gc_pause import paused
from ..shapetorch import dtypes, hooks
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.constructor import signature
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.nn.parameter import is_lazy
from ..shapetorch.tensor import Tensor
from .input_check import check_inputs, forward_of, missing_keys
from .record import FOLDED, Call, Note, Row, Run, exchanged, noted_shapes, tensors

if TYPE_CHECKING:
    from .program import Program


class _Recorder:
    """Keeps the calls of one run. It is what `hooks` calls a recorder, while it is entered."""

    def __init__(
        self,
        paths: Mapping[Module, str],
        inputs: list[Tensor],
        where: Mapping[str, str] | None = None,
    ) -> None:
        self.run = Run(next(iter(paths)), inputs)
        self._where = where or {}
        self._has_places = bool(where) or hooks.line is not None
        self.inside_operation = False
        self._inside_layer = False
        self._paths = paths
        self._path = self.entry = ""

    def __enter__(self) -> None:
        hooks.recorder = self

    def __exit__(self, *_: object) -> None:
        hooks.recorder = None
        self.run.settle()

    def call_module(self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        path = self._paths.get(module)
        if path is None:  # made while the network runs, so it has no name
            path = self._below(type(module).__name__)
        place = self._place(path) if self._has_places else ""
        row = Row(self.run, path, module, _as_it_is(args), kwargs, place)
        outside = self._inside_layer, self._path, self.entry
        self._inside_layer, self._path, self.entry = module._is_layer, path, ""
        try:
            result = module._call(args, kwargs)
        except BaseException as refusal:
            self.run.refused(row, refusal)
            if isinstance(refusal, ShapeError):
                refusal.note(path=path)
            raise
        finally:
            self._inside_layer, self._path, self.entry = outside
        row.finish(result)
        if module._folded:
            row.level = FOLDED
        return result

    def call_function(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self.inside_operation = True
        in_place = function.__name__[-1] == "_" and args and type(args[0]) is Tensor
        before = args[0].data if in_place else None
        noted = _as_it_is(args)
        try:
            result = function(*args, **kwargs)
        except BaseException as refusal:
            if not self._inside_layer:
                path = self._below(self.entry or function.__name__)
                self.run.refused(
                    Row(self.run, path, function, noted, kwargs, self._place(path)), refusal
                )
            raise
        finally:
            self.inside_operation = False
        if before is not None and args[0].shape != before.shape:
            self.run.reshaped(args[0], before)
            noted = (before, *args[1:])
        if self._inside_layer:
            self.run.calls.append(Call(function, noted, kwargs, result))
            return result
        path = self._below(self.entry or function.__name__)
        row = Row(self.run, path, function, noted, kwargs, self._place(path))
        row.finish_operation(result)
        return result

    def note(self, statement: tuple[Any, ...], is_part: bool, value: Any) -> None:
        self.run.notes.append(Note(statement, is_part, noted_shapes(value)))

    def _below(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _place(self, path: str) -> str:
        """Return the line that makes the call, or where its layer is."""
        if hooks.line is not None and path:
            return hooks.line()
        return place_of(path, self._where) if self._where else ""


def _as_it_is(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arguments with a copy of a leading list, as the network may change its own."""
    return ([*args[0]], *args[1:]) if args and type(args[0]) is list else args


def place_of(path: str, where: Mapping[str, str]) -> str:
    """Return where a module is, or the one that it is in."""
    while path and path not in where:
        path = path.rpartition(".")[0]
    return where.get(path, "")


@paused()
def run(program: Program) -> Run:
    """Run a program; tensors without a declared dtype become int64 where indices are needed.

    For what it returns and raises see `_run`.
    """
    return retyped(program, _run)


def retyped(program: Program, attempt: Callable[[Program], Run]) -> Run:
    """Run a program by `attempt`, again with int64 for inputs where the network wants indices."""
    result, changed = attempt(program), []
    for tensor in _indices(program, result):
        if result.error is None or result.error.wanted is not dtypes.int64:
            break
        changed.append(tensor)
        tensor.dtype = dtypes.int64
        other = attempt(program)
        if other.error is not None and len(other.calls) <= len(result.calls):
            tensor.dtype = dtypes.float32
            changed.pop()
            continue
        result = other
    if changed:
        names = ", ".join(_names(program, changed))
        note = f"{names}: int64, since the network takes indices there"
        result.note = "; ".join(filter(None, (result.note, note)))
    return result


def _indices(program: Program, result: Run) -> list[Tensor]:
    """Return the inputs that may be indices, where a call wants such, those of the call first."""
    error = result.error
    if error is None or error.wanted is not dtypes.int64:
        return []
    failed = tensors([result.failed.args, result.failed.kwargs]) if result.failed else []
    free = [t for t in program.undeclared if t.dtype is dtypes.float32]
    return sorted(free, key=lambda tensor: not any(tensor is other for other in failed))


def _names(program: Program, changed: Sequence[Tensor]) -> Iterator[str]:
    """Yield the names of inputs: the argument's, or what shape it has."""
    names = program.names or list(signature(forward_of(program.module)))[1:]
    arguments = dict(zip(names, program.inputs, strict=False)) | program.named
    for tensor in changed:
        holders = (n for n, value in arguments.items() if any(t is tensor for t in tensors(value)))
        yield next(holders, shape_text(tensor.shape))


def _run(program: Program) -> Run:
    """Run a program, in evaluation mode by default, and return what happened up to its end.

    Its network is left as it was, but for lazy layers, which become what they infer.

    Raises:
        SpecError: the network does not take such inputs.
        Exception: whatever else its code raises; of a source file that is an error of the run.
    """
    module, inputs, named = program.module, program.inputs, program.named
    check_inputs(module, inputs, named)
    paths = {child: path for path, child in module.named_modules()}
    recorder = _Recorder(paths, tensors([inputs, named]), program.where)
    result = recorder.run
    result.name, result.note = program.name, program.note
    result.inferred = program.inferred
    result.arguments, result.train = (inputs, named), program.train
    result.before = copied(module, paths)
    result.batch = program.batch
    result.state = [(child, vars(child).copy()) for child in paths]
    try:
        with mode(paths, program.train), recorder:
            call(module, inputs, named)
    except KeyboardInterrupt:
        raise
    except BaseException as refusal:  # a network that ends the program has not run
        if hooks.explain is not None:
            result.error = hooks.explain(refusal)
        elif isinstance(refusal, Error):
            result.error = refusal
        else:
            raise
        if result.error.fix == "":
            result.error.note(fix=missing_keys(refusal, module, inputs, named))
    return result


def call(module: Module, inputs: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Call a module with copies of the lists and dictionaries, which it may change."""
    args, kwargs = exchanged([list(inputs), dict(named)], {})
    return module(*args, **kwargs)


@contextmanager
def mode(modules: Collection[Module], train: bool) -> Iterator[None]:
    """Keep a network, the first of its modules, in one mode, and leave it as it was."""
    states = list(map(vars, modules))
    before = [child.training for child in modules]
    try:
        if train:
            network = next(iter(modules))
            network.train()  # which it may have its own of: frozen layers stay as they are
        elif any(type(child).train is not Module.train for child in modules):
            next(iter(modules)).eval()  # of which a module makes more: fused weights, a cache
        else:
            for state in states:
                state["training"] = False
        yield
    finally:
        for state, training in zip(states, before, strict=True):
            state["training"] = training


@contextmanager
def restored(run: Run) -> Iterator[None]:
    """Let the modules of a run be as they were before it, and as they are now afterwards."""
    now = [(module, type(module), vars(module).copy()) for module, _ in run.state]
    for module, before in run.state:
        _set_state(module, before)
    try:
        yield
    finally:
        for module, kind, after in now:
            module.__class__ = kind
            _set_state(module, after)


def _set_state(module: Module, state: Mapping[str, Any]) -> None:
    """Give a module its attributes, with lists and dictionaries of its own."""
    attributes = vars(module)
    attributes.clear()
    for name, value in state.items():
        attributes[name] = value.copy() if type(value) in (list, dict, set) else value


def copied(module: Module, modules: Collection[Module]) -> Module:
    """Return a copy of a network with lazy layers, which a call changes; another as it is."""
    kinds = {
        type(member): member
        for registry in ("_parameters", "_buffers")
        for original in modules
        if registry in original.__dict__
        for member in original.__dict__[registry].values()
    }
    if not any(map(is_lazy, kinds.values())):
        return module
    from copy import deepcopy

    return deepcopy(module)
