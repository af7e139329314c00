"""Runs a program and records its calls: those of modules, and those of functions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import Error, ShapeError, SpecError, nearest
from ..gc_pause import paused
from ..shapetorch import dtypes, hooks
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.module import (
    REQUIRED,
    Module,
    call_text,
    is_layer,
    signature,
    takes_any,
)
from ..shapetorch.nn.parameter import is_lazy
from ..shapetorch.tensor import Tensor
from .record import Call, Row, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

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
        row = Row(self.run, path, module, args, kwargs, self._place(path))
        outside = self._inside_layer, self._path, self.entry
        self._inside_layer, self._path, self.entry = is_layer(module), path, ""
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
        return result

    def call_function(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self.inside_operation = True
        in_place = function.__name__.endswith("_") and args and type(args[0]) is Tensor
        before = args[0].data if in_place else None
        try:
            result = function(*args, **kwargs)
        except BaseException as refusal:
            if not self._inside_layer:
                path = self._below(self.entry or function.__name__)
                self.run.refused(
                    Row(self.run, path, function, args, kwargs, self._place(path)), refusal
                )
            raise
        finally:
            self.inside_operation = False
        if before is not None and args[0].shape != before.shape:
            self.run.reshaped(args[0], before)
            args = (before, *args[1:])
        if self._inside_layer:
            self.run.calls.append(Call(function, args, kwargs, result))
            return result
        path = self._below(self.entry or function.__name__)
        row = Row(self.run, path, function, args, kwargs, self._place(path))
        row.finish_operation(result)
        return result

    def _below(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _place(self, path: str) -> str:
        """Return the line that makes the call, or where its layer stands."""
        if hooks.line is not None and path:
            return hooks.line()
        return place_of(path, self._where) if self._where else ""


def place_of(path: str, where: Mapping[str, str]) -> str:
    """Return where a module stands, or the one that it is in."""
    while path and path not in where:
        path = path.rpartition(".")[0]
    return where.get(path, "")


@paused()
def run(program: Program) -> Run:
    """Run a program in evaluation mode and return what happened, also where it stopped.

    Its network is left as it was, but for lazy layers, which become what they infer.

    Raises:
        SpecError: the network does not take such inputs.
        Exception: whatever else its code raises; of a source file that is an error of the run.
    """
    module, inputs, named = program.module, program.inputs, program.named
    check_inputs(module, inputs, named)
    paths = {each: path for path, each in module.named_modules()}
    recorder = _Recorder(paths, [*inputs, *named.values()], program.where)
    result = recorder.run
    result.name, result.note = program.name, program.note
    result.before = copied(module, paths)
    try:
        with evaluating(paths), recorder:
            module(*inputs, **named)
    except KeyboardInterrupt:
        raise
    except BaseException as refusal:  # a network that ends the program has not run
        if hooks.explain is not None:
            result.error = hooks.explain(refusal)
        elif isinstance(refusal, Error):
            result.error = refusal
        else:
            raise
    return result


@contextmanager
def evaluating(modules: Iterable[Module]) -> Iterator[None]:
    """Keep modules in evaluation mode, and leave them as they were."""
    training = [each for each in modules if each.training]
    try:
        for each in training:
            vars(each)["training"] = False
        yield
    finally:
        for each in training:
            vars(each)["training"] = True


def copied(module: Module, modules: Collection[Module]) -> Module:
    """Return a copy of a network with lazy layers, which a call changes; another as it is."""
    kinds = {
        type(member): member
        for registry in ("_parameters", "_buffers")
        for each in modules
        if registry in each.__dict__
        for member in each.__dict__[registry].values()
    }
    if not any(map(is_lazy, kinds.values())):
        return module
    from copy import deepcopy

    return deepcopy(module)


def check_inputs(
    module: Module, inputs: Sequence[Tensor], named: Mapping[str, Tensor] | None = None
) -> None:
    """Refuse inputs that the module's `forward` does not take.

    Raises:
        SpecError: there are too few or too many, or one has another name than its.
    """
    named = named or {}
    many, any_name = takes_any(type(module).forward)
    arguments = dict(list(signature(type(module).forward).items())[1:])
    open = {
        name: default
        for name, default in list(arguments.items())[len(inputs) :]
        if name not in named
    }
    required = list(arguments.values()).count(REQUIRED)
    for name in named:
        if name not in arguments and not any_name:
            near = nearest(name, arguments)
            fix = (
                f"did you mean {near}?"
                if near
                else f"its inputs are {', '.join(arguments) or 'none'}"
            )
            raise SpecError(f"{call_text(module)} has no input {name!r}", fix=fix)
    if REQUIRED not in open.values() and (many or len(inputs) <= len(arguments)):
        return
    takes = f"{required} input{'s' * (required != 1)}"
    given = len(inputs) + len(named)
    raise SpecError(
        f"{call_text(module)} takes {takes}, but {given} {'is' if given == 1 else 'are'} given",
        fix=" ".join(_as_options(arguments, inputs, named)),
    )


def _as_options(
    arguments: Mapping[str, Any], inputs: Sequence[Tensor], named: Mapping[str, Tensor]
) -> Iterator[str]:
    """Yield the option for each input that is wanted, with the shape of one that is given."""
    given = [*inputs, *named.values()]
    for index, (name, default) in enumerate(arguments.items()):
        if default is REQUIRED:
            like = named.get(
                name, given[min(index, len(given) - 1)] if given else Tensor((1, 3, 32, 32))
            )
            kind = "" if like.dtype is dtypes.float32 else f"{like.dtype.name}:"
            text = shape_text(like.shape[1:]).replace("×", "x")
            yield f"--in {name + '=' if named else ''}{kind}{text}"
