"""Live torch modules, which are traced without arithmetic where possible and left unchanged."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from copy import copy
from inspect import getattr_static
from types import FunctionType
from typing import Any

from ... import user_frames
from ...errors import ShapeError, SpecError
from ...run.input_check import check_inputs
from ...run.program import Program
from ...run.record import Row, Run
from ...run.runner import retyped
from ...shapetorch import dtypes, hooks
from ...shapetorch.nn.modules.module import Module
from ..inputs import read_inputs
from ..source.source_errors import told
from .torch_copies import copy_of, kept, original, same_randomness
from .torch_engine import on_meta
from .torch_run import TorchEngine
from .torch_twins import dtype_of


def read(
    network: Any,
    values: Sequence[Any] = (),
    *,
    named: Mapping[str, Any] | None = None,
    batch: int | None = None,
    train: bool = False,
) -> Program:
    """Return a live module as a program, whose run leaves the module as it is.

    Args:
        network: the module.
        values: its inputs: shapes of one sample, tensors as they are, lists, dictionaries, numbers.
        named: inputs by name.
        batch: samples in a batch, 1 unless given.
        train: run it in training mode.

    Raises:
        SpecError: an input cannot be read, or is not one of its `forward`.
    """
    torch = sys.modules["torch"]
    module = original(network)
    called = _with_its_forward(module)
    is_python = isinstance(getattr_static(module, "forward"), FunctionType)  # a script's is none
    inputs = read_inputs(module if is_python else called, values, named or {}, batch)
    check_inputs(called, inputs.by_place, inputs.by_name)
    dtype = _dtype(module)
    for tensor in inputs.undeclared:
        tensor.dtype = dtype
    return Program(
        module,
        inputs.by_place,
        named=inputs.by_name,
        undeclared=inputs.undeclared if dtype is dtypes.float32 else (),
        train=train,
        batch=inputs.batch,
        session=_session,
        engine=LiveEngine(torch),
    )


def _with_its_forward(module: Any) -> Module:
    """Return a module of `shapetorch` that takes what the live one takes."""
    kind = type(module)
    member = getattr_static(kind, "forward")
    forward = member if isinstance(member, FunctionType) else _anything
    twin: Module = type(kind.__name__, (Module,), {"forward": forward})()
    return twin


def _anything(module: Module, *args: Any, **kwargs: Any) -> None: ...


def _dtype(module: Any) -> dtypes.dtype:
    """Return what floating-point numbers a module computes with: those of its first parameter."""
    kinds = (tensor.dtype for tensor in (*module.parameters(), *module.buffers()))
    first = next((kind for kind in kinds if kind.is_floating_point), None)
    return dtypes.float32 if first is None else dtype_of(first)


@contextmanager
def _session() -> Iterator[None]:
    """Let the run find the user's lines: those of `forward`, not those that ask for the trace."""
    line, explain = hooks.line, hooks.explain
    run = TorchEngine.run.__code__
    hooks.line = lambda: user_frames.here(run)
    hooks.explain = lambda error: told(error, ())
    try:
        yield
    finally:
        hooks.line, hooks.explain = line, explain


class LiveEngine:
    """Runs live modules: a copy without data; where that cannot be, a copy with data.

    Only where memory has no room for the copy, or the module cannot be copied, the module itself
    runs, and is given back what it had.
    """

    def __init__(self, torch: Any) -> None:
        self.torch = torch

    def run(self, program: Program) -> Run:
        """Run the module and return what happened, also where it stopped."""
        with same_randomness(self.torch):
            run = retyped(program, self._run)
        if run.failed is not None and isinstance(run.error, ShapeError):
            run.error = _in_our_words(run.failed, run.error)
        return run

    def _run(self, program: Program) -> Run:
        without_data = self._without_data(program)
        if without_data is not None:
            return without_data
        engine = _WhereItLives(self.torch, _device(program.module))
        try:
            twin = copy_of(self.torch, program.module, _clone)
        except Exception:  # there is no room, or its class cannot be copied
            with kept(self.torch, program.module):
                return self._told(engine, engine.run(program))
        return self._told(engine, engine.run(_with(program, twin)))

    def _without_data(self, program: Program) -> Run | None:
        """Run a copy on the meta device; return None where it is not known what it would give."""
        engine = TorchEngine(self.torch)
        try:
            twin = copy_of(self.torch, program.module, lambda tensor: on_meta(self.torch, tensor))
            run = engine.run(_with(program, twin))
        except Exception:  # a tensor that cannot be without data: quantized, sparse, of a subclass
            return None
        return run if engine.is_certain() else None

    def _told(self, engine: TorchEngine, run: Run) -> Run:
        """Say of a module that could not be run for want of memory that this was so."""
        refusal = engine.refusal
        if refusal is not None and "out of memory" in str(refusal).lower():
            what = f"the device {engine.device} has not enough memory to run the module"
            run.error = SpecError(what, fix="a smaller batch, or free memory on the device")
        return run


def _in_our_words(failed: Row, error: ShapeError) -> ShapeError:
    """Return a refusal of torch's as convshape has it, if it refuses the same call."""
    try:
        failed.call(*failed.args, **failed.kwargs)  # type: ignore[operator]  # perhaps its name
    except ShapeError as ours:
        place = {"path": failed.path or None, "where": error.where, "snippet": error.snippet}
        return ours.changed(why=f"torch says: {error.what}", **place)
    except Exception:  # it is known by its name alone
        pass
    return error


class _WhereItLives(TorchEngine):
    """Torch on the device of a module, with whatever default device the user has chosen."""

    def default_device(self) -> Any:
        return nullcontext()

    def on_device(self, value: Any) -> Any:
        if isinstance(value, self.torch.Tensor):
            return value.detach().clone()  # as it is, and the network may write into it
        return super().on_device(value)


def _with(program: Program, module: Any) -> Program:
    """Return a program with another module."""
    other = copy(program)
    other.module = module
    return other


def _clone(tensor: Any) -> Any:
    """Return a tensor or parameter of the same kind and values."""
    if "Uninitialized" in type(tensor).__name__:
        return type(tensor)(tensor.requires_grad, device=tensor.device, dtype=tensor.data.dtype)
    other = tensor.detach().clone()
    if isinstance(tensor, sys.modules["torch"].nn.Parameter):
        return sys.modules["torch"].nn.Parameter(other, tensor.requires_grad)
    return other


def _device(module: Any) -> str:
    tensors = (*module.parameters(), *module.buffers())
    return str(next((tensor.device for tensor in tensors), "cpu"))
