"""Runs programs on torch itself, on any of its devices: the same rows, of torch's own answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

from ...errors import Error, ShapeError, SpecError
from ...run.program import Program
from ...run.record import Call, Row, Run, shapes, tensors
from ...run.runner import mode
from ...shapetorch import dtypes, hooks
from ...shapetorch.known_values import values_of
from ...shapetorch.tensor import Tensor
from ..source.source_errors import words
from .torch_twins import Twins, is_torchs, name_of

#: What torch reports as calls of functions where a tensor's attributes are read and written.
_NO_CALLS = ("", "get", "set")
#: What torch says in C++ where it refuses a dtype or a number of dimensions as not implemented.
_REFUSALS = ("not implemented for '", "are supported for now")
#: Words of refusals of floating-point numbers, where torch wants indices or classes.
_INDICES = r"int64|integer|indices|LongTensor"
#: Words of refusals on the meta device that say nothing of shapes.
_DOUBTS = ("meta", "device", "out of memory")


class TorchEngine:
    """Runs programs on torch.

    Args:
        torch: the module torch.
        device: where: ``meta`` computes shapes without data.
        counting: whether the operations are counted too.
        watcher: is called at each call of a module.

    Attributes:
        macs: with `counting`, half of the operations that torch counts in each row, by its index.
        refusal: what the network has raised, or None.
    """

    def __init__(
        self,
        torch: Any,
        device: str = "meta",
        counting: bool = False,
        watcher: Callable[[], None] | None = None,
    ) -> None:
        self.torch = torch
        self.device = device
        self.counting = counting
        self.watcher = watcher
        self.macs: dict[int, int] = {}
        self.refusal: BaseException | None = None

    def run(self, program: Program) -> Run:
        """Run a network of torch's and return what happened, also where it stopped."""
        torch, network = self.torch, program.module
        twins = Twins(torch)
        inputs, named = self.on_device([program.inputs, program.named])
        result = Run(twins.module(network), tensors(twins.plain([inputs, named])))
        result.name, result.note = program.name, program.note
        result.train, result.batch = program.train, program.batch
        result.arguments = tuple(twins.plain([inputs, named]))
        recorder = _Recorder(self, result, twins, network)
        try:
            with (
                torch.no_grad(),
                self.default_device(),
                mode(list(network.modules()), program.train),
                recorder.watching(),
            ):
                network(*inputs, **named)
        except KeyboardInterrupt:
            raise
        except BaseException as refusal:
            self.refusal = refusal
            result.error = _told(refusal)
        return result

    def is_certain(self) -> bool:
        """Tell whether the last run, without data, is that with data as far as shapes go."""
        if self.refusal is None:
            return True
        said = str(self.refusal).lower()
        return is_refusal(self.refusal) and not any(word in said for word in _DOUBTS)

    def default_device(self) -> Any:
        """Return the context in which tensors are made where the network runs."""
        return self.torch.device(self.device)

    def on_device(self, value: Any) -> Any:
        """Return what torch has for a value, however deep its tensors are in it."""
        if isinstance(value, dict):
            return {name: self.on_device(item) for name, item in value.items()}
        if type(value) in (tuple, list):
            return type(value)(map(self.on_device, value))
        if isinstance(value, self.torch.Tensor):
            return value.detach().to(self.device)
        return self.tensor(value) if isinstance(value, Tensor) else value

    def tensor(self, tensor: Tensor) -> Any:
        """Return a tensor of torch's: of zeros, unless its values are known."""
        dtype = getattr(self.torch, tensor.dtype.name)
        values = values_of(tensor)
        if values is None:
            return self.torch.zeros(tensor.shape, dtype=dtype, device=self.device)
        device = "cpu" if self.device == "meta" else self.device
        return self.torch.tensor(values, dtype=dtype, device=device).reshape(tensor.shape)


def _told(refusal: BaseException) -> Error:
    """Return what torch, or the user's code, has raised as an error."""
    explain = hooks.explain or _said
    error = explain(refusal)
    if is_refusal(refusal):
        what = " ".join(words(refusal).split())
        wanted = dtypes.int64 if re.search(_INDICES, what) else None
        refused = ShapeError(what, wanted=wanted)
        return refused.changed(path=error.path, where=error.where, snippet=error.snippet)
    return error


def _said(refusal: BaseException) -> Error:
    """Return what is raised where no file of the user's is read."""
    if isinstance(refusal, Error):
        return refusal
    return SpecError(f"{type(refusal).__name__}: {' '.join(words(refusal).split())}")


def is_refusal(refusal: BaseException) -> bool:
    """Return whether it is torch that refuses, because something does not fit."""
    if isinstance(refusal, (Error, RecursionError)):
        return isinstance(refusal, ShapeError)
    if isinstance(refusal, NotImplementedError):  # also of a device that lacks an operation
        said = any(text in str(refusal) for text in _REFUSALS)
        return said or _raised_in(refusal) == "torch.nn.functional"
    if isinstance(refusal, ValueError):  # of a layer, which checks its input in Python
        return _raised_in(refusal).startswith("torch.nn.")
    return isinstance(refusal, RuntimeError)


def _raised_in(refusal: BaseException) -> str:
    """Return the name of the Python module that raised it."""
    at = refusal.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return str(at.tb_frame.f_globals.get("__name__", "")) if at is not None else ""


class _Recorder:
    """Keeps the calls of one run on torch, as `runner` keeps those of one on `shapetorch`."""

    def __init__(self, engine: TorchEngine, run: Run, twins: Twins, network: Any) -> None:
        self.run = run
        self.twins = twins
        self.entry = ""
        self._engine = engine
        self._torch = engine.torch
        self._inside_layer = False
        self._path = ""
        self._paths = {id(module): path for path, module in network.named_modules()}
        self._counter: Any = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Run the calls of modules and functions."""
        recorder, kind = self, self._torch.nn.Module
        original = kind.__call__

        class Watching(self._torch.overrides.TorchFunctionMode):  # type: ignore[misc, name-defined]
            def __torch_function__(
                self, func: Any, types: Any, args: Any = (), kwargs: Any = None
            ) -> Any:
                return recorder.call_function(func, args, kwargs or {})

        def call(module: Any, *args: Any, **kwargs: Any) -> Any:
            return recorder.call_module(original, module, args, kwargs)

        before, hooks.entries = hooks.entries, self
        kind.__call__ = call
        try:
            with ExitStack() as stack:
                if self._engine.counting:
                    self._counter = stack.enter_context(_counter())
                stack.enter_context(Watching())
                yield
        finally:
            kind.__call__ = original
            hooks.entries = before

    def call_module(self, call: Callable[..., Any], module: Any, args: Any, kwargs: Any) -> Any:
        path = self._paths.get(id(module))
        if path is None:
            path = self._below(type(module).__name__)
        where = hooks.line() if path and hooks.line is not None else ""
        plain = self.twins.module(module), self.twins.plain(args), self.twins.plain(kwargs)
        row = Row(self.run, path, *plain, where)
        if self._engine.watcher is not None:
            self._engine.watcher()
        outside, before = (self._inside_layer, self._path, self.entry), self._counted()
        self._inside_layer, self._path, self.entry = is_torchs(module), path, ""
        try:
            result = call(module, *args, **kwargs)
        except BaseException as refusal:
            self.run.refused(row, refusal)
            raise
        finally:
            self._inside_layer, self._path, self.entry = outside
        self.twins.renew(module)
        row.finish(self.twins.plain(result))
        self._engine.macs[row.index] = self._counted() - before
        return result

    def call_function(self, function: Any, args: Any, kwargs: Any) -> Any:
        name = name_of(function)
        before = self._counted()
        # What it writes into may have another shape afterwards.
        written = self.twins.plain(args) if name.endswith("_") else args
        try:
            result = function(*args, **kwargs)
        except BaseException as refusal:
            if not self._inside_layer and name not in _NO_CALLS:
                path = self._below(self.entry or name)
                row = Row(self.run, path, *self.twins.call(function, args, kwargs), "")
                self.run.refused(row, refusal)
            raise
        output = self.twins.plain(result)
        if name in _NO_CALLS or not (shapes(output) or name == "setitem"):
            return result
        call = self.twins.call(function, written, kwargs)
        if self._inside_layer:
            self.run.calls.append(Call(*call, output))
            return result
        where = hooks.line() if hooks.line is not None else ""
        row = Row(self.run, self._below(self.entry or name), *call, where)
        row.finish_operation(output)
        self._engine.macs[row.index] = self._counted() - before
        return result

    def _below(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _counted(self) -> int:
        return 0 if self._counter is None else int(self._counter.get_total_flops()) // 2


def _counter() -> Any:
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    counter.mod_tracker = _WholeNetwork()
    return counter


class _WholeNetwork(nullcontext[None]):
    """Stands for torch's tracker of modules, which fails where a parameter is the input of one."""

    parents = frozenset({"Global"})
