"""A file, a module or an expression in, a trace out: a reader, the run, and the diagnosis."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypedDict

from .errors import Error, ShapeError, SpecError
from .gc_pause import paused
from .readers import is_live, load
from .readers.inputs import listed, read_inputs
from .result import Trace
from .run.program import Program
from .run.runner import run
from .shapetorch.nn import Module
from .shapetorch.nn.modules.constructor import arguments, call_text
from .shapetorch.tensor import Tensor
from .symbolic import is_symbolic

if TYPE_CHECKING:
    from .run.record import Run

    class TraceOptions(TypedDict, total=False):
        """The keyword arguments of `trace`; those of a `forward` are ``input=["img=3x8x8"]``."""

        batch: Any
        engine: str | None
        train: bool
        input: str | Sequence[str]
        constants: Mapping[str, object] | None
        allow: Sequence[str]
        isolated: bool
        no_input: bool


@paused()
def trace(
    target: str | os.PathLike[str] | Module | Callable[..., Any],
    *inputs: Any,
    batch: Any = None,
    engine: str | None = None,
    train: bool = False,
    input: str | Sequence[str] = (),
    constants: Mapping[str, object] | None = None,
    allow: Sequence[str] = (),
    isolated: bool = False,
    no_input: bool = False,
    **named: Any,
) -> Trace:
    """Trace a network file, a printed model, PyTorch source, or a module.

    Args:
        target: a network file, the text of ``print(model)``, a module of `convshape.nn`, a live
            torch module, which is left unchanged, or PyTorch source, which is run: ``lenet.py``,
            ``lenet.py:LeNet(classes=2)``, ``package.file:name``.
        inputs: for a module or source, the arguments of its `forward`: for a tensor the shape of
            one sample, ``(3, 32, 32)`` or ``"int64:77"``, to which a batch axis is added in front;
            a `Tensor`, a number, a flag or None, which is used unchanged; or a list, tuple or
            dictionary of these.
        batch: samples in a batch, 1 unless given.
        engine: for source: ``"torch"`` runs it on torch itself, which must be installed.
        train: run it in training mode.
        input: the inputs as on the command line: ``"3x32x32"``, ``["img=3x8x8", "tab=4"]``; for a
            network file they replace its own.
        constants: for a network file, ``{"width": 32}`` in place of its own.
        allow: what source may do while it runs, which is refused otherwise: ``"run"`` programs,
            reach the ``"network"``, or ``"write"`` and delete files outside of temporary folders.
            This guards against accidents; it is not a sandbox.
        isolated: whether a file is read and run in a separate process, so that it touches nothing
            in this one: for servers and notebooks. The trace is equal, except for the code of the
            user's classes.
        no_input: show modules and parameters alone, without running it; it takes no inputs then.
        named: arguments of the `forward` by name; ``batch`` too, if it is not an int.

    Returns:
        The trace; its `error` says why it stopped, and is None where everything fits.

    Raises:
        SpecError: the file cannot be read.
        ShapeError: a layer cannot be made.
    """
    file = os.fspath(target) if isinstance(target, (str, os.PathLike)) else None
    options: dict[str, Any] = {
        "engine": engine,
        "batch": batch,
        "constants": constants,
        "allow": allow,
    }
    if isolated and file is not None:
        from .isolated import run_apart

        options |= {"input": input, "train": train, "no_input": no_input, **named}
        return Trace(run_apart(file, inputs, options))
    # What a module raises is for its caller, in whose process it was made.
    with _ends_told() if file is not None else nullcontext():
        if no_input:
            options["batch"], named = _parted(batch, named)
            return _without_input(target, [*inputs, *listed(input), *named], options)
        return traced(program_of(target, *inputs, train=train, input=input, **options, **named))


def program_of(
    target: Any,
    *inputs: Any,
    batch: Any = None,
    engine: str | None = None,
    train: bool = False,
    input: str | Sequence[str] = (),
    constants: Mapping[str, object] | None = None,
    allow: Sequence[str] = (),
    **named: Any,
) -> Program:
    """Return what `trace` runs, for the same arguments."""
    batch, named = _parted(batch, named)
    if isinstance(target, Module):
        return _program(target, [*inputs, *listed(input)], named, batch, train)
    if is_live(target) and not isinstance(target, type):
        from .readers.on_torch.live import read

        values = [*inputs, *listed(input)]
        return read(target, values, named=named, batch=batch, train=train)
    if not isinstance(target, (str, os.PathLike)):
        raise _no_target(target)
    program = load(
        os.fspath(target),
        inputs,
        named=named,
        engine=engine,
        input=input,
        batch=batch,
        constants=constants,
        allow=allow,
    )
    program.train = train
    return program


def _parted(batch: Any, named: dict[str, Any]) -> tuple[int | None, dict[str, Any]]:
    """Return the batch size and the arguments of `forward`, one of which may be ``batch``."""
    if batch is None or (isinstance(batch, int) and not isinstance(batch, bool)):
        return batch, named
    return None, named | {"batch": batch}


#: What Python raises for arguments of kinds that nobody expects, in torch too.
_OF_ARGUMENTS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)


@contextmanager
def _ends_told() -> Iterator[None]:
    """Turn any other exception of the user's code, as in ``__repr__``, into a `SpecError`.

    Raises:
        SpecError: it raised something, or would have ended the program.
    """
    try:
        yield
    except (Error, KeyboardInterrupt):
        raise
    except BaseException as error:
        from .user_frames import of

        theirs = any(of(error.__traceback__)) or isinstance(error, _OF_ARGUMENTS)
        if isinstance(error, Exception) and not theirs:
            raise  # a mistake of ours
        from .readers.source.source_errors import told

        raise told(error, ()) from error


def _without_input(target: Any, inputs: Sequence[Any], options: Mapping[str, Any]) -> Trace:
    """Return the modules and parameters of a network that is not run.

    Raises:
        SpecError: it cannot be read, or inputs are given.
    """
    from .run.inventory import inventory

    if inputs:
        what = "a network is shown without an input, and inputs are given"
        raise SpecError(what, fix="leave out the inputs, or --no-input")
    if isinstance(target, Module):
        return Trace(inventory(Program(target), target))
    if is_live(target) and not isinstance(target, type):
        program = Program(target)
    elif isinstance(target, (str, os.PathLike)):
        program = load(os.fspath(target), no_input=True, **options)
    else:
        raise _no_target(target)
    with program.session():
        if isinstance(program.module, Module):
            return Trace(inventory(program, program.module))
        from .readers.on_torch.torch_twins import twin_of

        return Trace(inventory(program, twin_of(program.module)))


def _no_target(target: object) -> SpecError:
    """Return the error of what is neither a file nor a module."""
    takes = "trace takes a file or a module"
    if isinstance(target, type) and (issubclass(target, Module) or is_live(target)):
        name = target.__name__
        return SpecError(f"{name} is a class, and {takes}", fix=f"trace({name}(...), (3, 32, 32))")
    if isinstance(target, Mapping):  # as `torch.load` mostly returns
        what = (
            f"{type(target).__name__} is not a module, and {takes}; a state_dict has weights only"
        )
        return SpecError(what, fix="trace(Net(...), (3, 32, 32)), with the class of its network")
    what = f"{target!r:.40} is not a file, and {takes}"
    return SpecError(what, fix="trace('net.py:Net(2)', '3x32x32')")


def _program(
    module: Module,
    values: Sequence[Any],
    named: Mapping[str, Any],
    batch: int | None,
    train: bool = False,
) -> Program:
    inputs = read_inputs(module, values, named, batch)
    return Program(
        module,
        inputs.by_place,
        named=inputs.by_name,
        undeclared=inputs.undeclared,
        train=train,
        batch=inputs.batch,
    )


@paused()
def traced(program: Program) -> Trace:
    """Run a program and return its trace, whose `error` says why it stopped, if it did."""
    with program.session():
        if program.engine is not None:
            result = program.engine.run(program)
        else:
            from .diagnosis.doubts import doubts

            if not program.inputs and not program.named:
                from .analysis.inference import infer_input

                infer_input(program)
            if _has_symbols(program):
                from .analysis.symbols import closed_forms

                result = closed_forms(program)
            else:
                result = run(program)
            if result.error is None:
                doubt = doubts(result)
                result.note = "; ".join(
                    filter(None, (result.note, _answers(program, result), doubt))
                )
        if result.error is not None:
            from .diagnosis.diagnose import diagnose

            result.stop(diagnose(program, result))
        result.state = []  # nobody goes back to it from here, and it is large
        result.wanted = list(program.refused)
    return Trace(result)


def _has_symbols(program: Program) -> bool:
    from .run.record import tensors

    inputs = tensors((program.inputs, program.named))
    return any(is_symbolic(size) for tensor in inputs for size in tensor.shape)


def _answers(program: Program, result: Run) -> str:
    """Say what the sizes are that the file leaves open, as ``?``."""
    module = result.module or program.module
    said = ", ".join(_answer(path, module, result) for path in program.left_open[:3])
    return said + ", ..." * (len(program.left_open) > 3)


def _answer(path: str, module: Module, result: Run) -> str:
    """Say what a layer is, in closed form and number where there are symbols."""
    layer = module.get_submodule(path)
    sizes = arguments(layer).items()
    plain = {name: int.__int__(n) for name, n in sizes if is_symbolic(n)}
    at = ", ".join(
        f"{name} = {n}" for name, n in (result.record.sizes if result.record else {}).items()
    )
    return f"{path} is {call_text(layer)}" + f", {call_text(layer, **plain)} at {at}" * bool(plain)


def trace_expression(text: str, *inputs: str, batch: int = 1) -> Trace:
    """Trace one layer, ``Conv2d(3, 6, 5)``, or a function, ``F.max_pool2d(input, 2)``.

    Args:
        text: the expression, in the language of network files.
        inputs: shapes of one sample of each input, ``3x32x32``, or with a name, ``mask=32x32``; a
            function calls one without a name ``input`` or ``x``.
        batch: samples in a batch, 1 unless given.

    Raises:
        SpecError: the expression or a shape cannot be read, or makes neither a layer nor a tensor.
        ShapeError: the layer cannot be made.
    """
    with _ends_told():
        return _expression_trace(text, inputs, batch)


def _expression_trace(text: str, inputs: Sequence[str], batch: int) -> Trace:
    from .readers.expressions.calls import usage
    from .readers.expressions.values import kind

    function = _program(_Function(text), inputs, {}, batch)
    function.name, function.names = text, ["input"]
    if "self" in function.named:
        raise SpecError("an input cannot be called 'self'", fix="another name")
    is_open = len(function.inputs) > 1  # which of them a name means
    naming = f"names for the inputs: --in a={inputs[0]} --in b={inputs[1]}" if is_open else ""
    try:
        value = function.module.forward(*function.inputs, **function.named)
    except SpecError as error:
        raise error.changed(fix=error.fix or naming) from None
    except ShapeError as error:
        if error.module is None and not error.subject.endswith(":"):
            return traced(function)  # it refuses its input: the trace tells why
        raise
    if isinstance(value, Module):
        program = _program(value, inputs, {}, batch)
        program.name = text
        return traced(program)
    if (
        isinstance(value, (tuple, list))
        and value
        and all(isinstance(item, Tensor) for item in value)
    ):
        value = value[0]  # what takes a tensor apart gives several
    if isinstance(value, Tensor):
        if naming:
            count = len(function.inputs)
            raise SpecError(f"{text!r} takes one input, got {count}", fix=naming)
        return traced(function)
    fix = usage(text, value) if callable(value) else ""
    raise SpecError(f"{text!r} is {kind(value)}, neither a layer nor a tensor", fix=fix)


class _Function(Module):
    """An expression as a network: of an input without a name, which is ``input`` and ``x``."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def forward(self, *inputs: Any, **named: Any) -> Any:
        first = dict.fromkeys(("input", "x"), inputs[0]) if inputs else {}
        return _evaluate(self.text, first | named)


def _evaluate(text: str, names: dict[str, Any]) -> Any:
    from .readers.expressions.evaluate import evaluate
    from .readers.expressions.syntax import snippet

    return evaluate(
        text, names, lambda start, end: (_place(text, start), snippet(text, start, end))
    )


def _place(text: str, start: int) -> str:
    """Return what to call a place in an expression, which may have several lines."""
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    lines = f"line {line}, " if "\n" in text else ""
    return f"{lines}column {column} of the expression"
