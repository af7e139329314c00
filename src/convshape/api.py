"""A file, a module or an expression in, a trace out: a reader, the run, and the diagnosis."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .errors import ShapeError, SpecError
from .readers import is_live, load
from .readers.inputs import listed, named_part, read_inputs
from .readers.shape import sample
from .result import Trace
from .run.program import Program
from .run.runner import run
from .shapetorch.nn import Module
from .shapetorch.nn.modules.module import call_text
from .shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


def trace(
    target: str | os.PathLike[str] | Module | Callable[..., Any],
    *inputs: Any,
    batch: Any = None,
    engine: str | None = None,
    train: bool = False,
    input: str | Sequence[str] = (),
    constants: Mapping[str, str] | None = None,
    no_input: bool = False,
    **named: Any,
) -> Trace:
    """Trace a network file, a printed model, PyTorch source, or a module.

    Args:
        target: a network file, the text of ``print(model)``, a module of `convshape.nn`, a live module
            of torch's, which is left as it is, or PyTorch source, which is run: ``lenet.py``,
            ``lenet.py:LeNet(classes=2)``, ``package.file:name``.
        inputs: for a module or source, the arguments of its `forward`: of a tensor the shape of one sample,
            ``(3, 32, 32)`` or ``"int64:77"``, to which the batch axis is added in front; a `Tensor`, a number,
            a flag or None, which is taken as it is; or a list, tuple or dictionary of these.
        batch: samples in a batch, 1 unless given.
        engine: for source: ``"torch"`` runs it on torch itself, which must be installed.
        train: run it in training mode.
        input: as the command line has them: ``"3x32x32"``, ``["img=3x8x8", "tab=4"]``; for a network file in
            place of its own.
        constants: for a network file, ``{"width": "32"}`` in place of its own.
        no_input: show modules and parameters alone, without running it; it takes no inputs then.
        named: arguments of the `forward` by name; ``batch`` too, if it is no int.

    Returns:
        The trace; its `error` says why it stopped, and is None where everything fits.

    Raises:
        SpecError: the file cannot be read.
        ShapeError: a layer cannot be made.
    """
    if batch is not None and (not isinstance(batch, int) or isinstance(batch, bool)):
        named, batch = named | {"batch": batch}, None
    if no_input:
        return _without_input(target, [*inputs, *listed(input), *named], engine, batch, constants)
    if isinstance(target, Module):
        return traced(_program(target, [*inputs, *listed(input)], named, batch, train))
    if is_live(target) and not isinstance(target, type):
        from .readers.live import read

        values = [*inputs, *listed(input)]
        return traced(read(target, values, named=named, batch=batch, train=train))
    if not isinstance(target, (str, os.PathLike)):
        raise _no_target(target)
    target = os.fspath(target)
    program = load(
        target,
        inputs,
        named=named,
        engine=engine,
        input=input,
        batch=batch,
        constants=constants,
    )
    program.train = train
    return traced(program)


def _without_input(
    target: Any,
    inputs: Sequence[Any],
    engine: str | None,
    batch: int | None,
    constants: Mapping[str, str] | None,
) -> Trace:
    """Return the modules and parameters of a network that is not run.

    Raises:
        SpecError: it cannot be read, or inputs are given.
    """
    from .run.inventory import inventory

    if inputs:
        what = "a network is shown without an input, and inputs are given"
        raise SpecError(what, fix="leave out the inputs, or no_input (--no-input)")
    if isinstance(target, Module):
        return Trace(inventory(Program(target), target))
    if is_live(target) and not isinstance(target, type):
        program = Program(target)
    elif isinstance(target, (str, os.PathLike)):
        file = os.fspath(target)
        program = load(file, engine=engine, batch=batch, constants=constants, no_input=True)
    else:
        raise _no_target(target)
    with program.session():
        if isinstance(program.module, Module):
            return Trace(inventory(program, program.module))
        from .readers.torch_twins import twin_of

        return Trace(inventory(program, twin_of(program.module)))


def _no_target(target: object) -> SpecError:
    """Return the error of what is neither a file nor a module."""
    takes = "trace takes a file or a module"
    if isinstance(target, type) and (issubclass(target, Module) or is_live(target)):
        name = target.__name__
        return SpecError(f"{name} is a class, and {takes}", fix=f"trace({name}(...), (3, 32, 32))")
    what = f"{target!r:.40} is not a file, and {takes}"
    return SpecError(what, fix="trace('net.py:Net(2)', '3x32x32')")


def _program(
    module: Module,
    values: Sequence[Any],
    named: Mapping[str, Any],
    batch: int | None,
    train: bool = False,
) -> Program:
    args, kwargs, undeclared = read_inputs(module, values, named, batch)
    return Program(
        module,
        args,
        named=kwargs,
        undeclared=undeclared,
        train=train,
        batch=_batch_of(values, batch),
    )


def traced(program: Program) -> Trace:
    """Run a program and return its trace, whose `error` says why it stopped, if it did."""
    with program.session():
        if program.engine is not None:
            result = program.engine.run(program)
        else:
            from .run.doubts import doubts, infer_input

            if not program.inputs and not program.named:
                infer_input(program)
            result = run(program)
            if result.error is None:
                doubt = doubts(result)
                result.note = "; ".join(filter(None, (result.note, _answers(program), doubt)))
        if result.error is not None:
            from .run.diagnose import diagnose

            result.stop(diagnose(program, result))
    return Trace(result)


def _answers(program: Program) -> str:
    """Say what the sizes are that the file leaves open, as ``?``."""
    layers = [(path, program.module.get_submodule(path)) for path in program.left_open[:3]]
    more = ", ..." if len(program.left_open) > 3 else ""
    said = ", ".join(f"{path} is {call_text(layer)}" for path, layer in layers)
    return said + more


def trace_expression(text: str, *inputs: str, batch: int = 1) -> Trace:
    """Trace one layer, ``Conv2d(3, 6, 5)``, or a function of ``input``, ``F.max_pool2d(input, 2)``.

    Args:
        text: the expression, in the language of network files.
        inputs: shapes of one sample of each input; the first is called ``input``.
        batch: samples in a batch, 1 unless given.

    Raises:
        SpecError: the expression or a shape cannot be read, or makes neither a layer nor a tensor.
        ShapeError: the layer cannot be made.
    """
    from .readers.calls import usage
    from .readers.values import kind

    tensors = [_tensor(each, batch) for each in inputs]
    names = {"input": tensors[0]} if tensors else {}
    try:
        value = _evaluate(text, names)
    except ShapeError as error:
        if error.module is None and not error.subject.endswith(":"):
            # It refuses its input: the trace tells why.
            return traced(Program(_Function(text), tensors, name=text, batch=batch))
        raise
    if isinstance(value, Module):
        program = _program(value, inputs, {}, batch)
        program.name = text
        return traced(program)
    if (
        isinstance(value, (tuple, list))
        and value
        and all(isinstance(each, Tensor) for each in value)
    ):
        value = value[0]  # what takes a tensor apart gives several
    if isinstance(value, Tensor):
        if len(tensors) > 1:
            raise SpecError(f"{text!r} takes one input, got {len(tensors)}")
        return traced(Program(_Function(text), tensors, name=text, batch=batch))
    fix = usage(text, value) if callable(value) else ""
    raise SpecError(f"{text!r} is {kind(value)}, neither a layer nor a tensor", fix=fix)


class _Function(Module):
    """An expression of its input as a network."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def forward(self, *inputs: Tensor) -> Any:
        return _evaluate(self.text, {"input": inputs[0]})


def _evaluate(text: str, names: dict[str, Any]) -> Any:
    from .readers.evaluate import evaluate
    from .readers.syntax import snippet

    return evaluate(
        text,
        names,
        lambda start, end: (f"column {start + 1} of the expression", snippet(text, start, end)),
    )


def _batch_of(inputs: Sequence[Any], batch: int | None) -> int | None:
    """Return the samples in a batch, unless an input is a tensor, which tells nothing of them."""
    whole = any(isinstance(each, Tensor) for each in inputs)
    return None if whole else 1 if batch is None else batch


def _tensor(value: Any, batch: int) -> Tensor:
    if isinstance(value, Tensor):
        return value
    if not isinstance(value, str):
        return Tensor((batch, *value))
    return sample(named_part(value)[1], batch)
