"""PyTorch source on torch itself, whose meta device computes shapes without data: the same rows.

It needs torch, and knows every operation that torch has for its meta device.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..errors import Error, ShapeError, SpecError
from ..run.program import Program
from ..run.record import Call, Row, Run, shapes
from ..shapetorch import dtypes, hooks, nn
from ..shapetorch.known_values import MOST, values_of
from ..shapetorch.nn.modules.module import REQUIRED, Module, arguments, signature
from ..shapetorch.nn.parameter import Parameter
from ..shapetorch.ops import FUNCTIONS, METHODS
from ..shapetorch.tensor import Tensor, new
from .inputs import listed, read_inputs
from .source import opened, refuse_constants
from .source_errors import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any


#: What torch reports as calls of functions where a tensor's attributes are read and written.
_NO_CALLS = ("", "get", "set")
#: RuntimeErrors that say nothing of shapes.
_NO_REFUSALS = (NotImplementedError, RecursionError)


def read(
    target: str,
    *,
    input: Any = None,
    named: Mapping[str, Any] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
    allow: Iterable[str] = (),
) -> Program:
    """Read the network that `target` names, to be run on torch; for the arguments see `source.read`.

    Raises:
        SpecError, ShapeError: as `source.opened`; or torch is not installed.
    """
    try:
        import torch
    except ImportError:
        lacks = "--engine torch needs torch, which is not installed"
        raise SpecError(lacks, fix="pip install torch") from None
    refuse_constants(target, constants)
    with ExitStack() as stack:
        making = stack.enter_context(_weights_on_meta(torch))
        network, note, refused = stack.enter_context(opened(target, torch.nn.Module, allow=allow))
        making.active = False
        inputs = read_inputs(network, listed(input), named or {}, batch)
        _to_meta(torch, network)
        session = stack.pop_all()
    return Program(
        network,
        inputs.by_place,
        named=inputs.by_name,
        undeclared=inputs.undeclared,
        note=note,
        refused=refused,
        session=lambda: session,
        engine=_Engine(torch),
    )


class _Engine:
    """Runs programs on torch's meta device."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.tensors: list[Any] = []

    def run(self, program: Program) -> Run:
        """Run a network of torch's and return what happened, also where it stopped."""
        torch, network = self.torch, program.module
        inputs, named = self.on_meta([program.inputs, program.named])
        recorder = _Recorder(torch, network, self.tensors)
        result = recorder.run
        result.name, result.note = program.name, program.note
        try:
            with torch.no_grad(), torch.device("meta"), recorder.watching():
                network.train(program.train)(*inputs, **named)
        except KeyboardInterrupt:
            raise
        except BaseException as refusal:
            result.error = _told(refusal)
        return result

    def on_meta(self, value: Any) -> Any:
        """Return what torch has for a value, however deep its tensors are in it; keep these."""
        if isinstance(value, dict):
            return {name: self.on_meta(item) for name, item in value.items()}
        if isinstance(value, (tuple, list)):
            return type(value)(map(self.on_meta, value))
        if not isinstance(value, Tensor):
            return value
        dtype = getattr(self.torch, value.dtype.name)
        values = values_of(value)
        if values is not None:
            tensor = self.torch.tensor(values, dtype=dtype, device="cpu").reshape(value.shape)
        else:
            tensor = self.torch.empty(value.shape, dtype=dtype, device="meta")
        self.tensors.append(tensor)
        return tensor


def _told(refusal: BaseException) -> Error:
    """Return what torch, or the user's code, has raised as an error."""
    assert hooks.explain is not None  # while a source is open
    error = hooks.explain(refusal)
    refuses = isinstance(refusal, RuntimeError) or _is_from_torch(refusal)
    if refuses and not isinstance(refusal, _NO_REFUSALS):
        what = " ".join(words(refusal).split())
        return ShapeError(what, where=error.where, snippet=error.snippet)
    return error


def _is_from_torch(refusal: BaseException) -> bool:
    """Tell whether it is a ValueError of a layer of torch's, which checks its input in Python."""
    at = refusal.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    name = at.tb_frame.f_globals.get("__name__", "") if at is not None else ""
    return isinstance(refusal, ValueError) and str(name).startswith("torch.nn.")


@contextmanager
def _weights_on_meta(torch: Any) -> Iterator[Any]:
    """Make layers without memory for their weights; small tensors keep their values, for `item`."""

    class Making(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        active = True

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            tensor = func(*args, **(kwargs or {}))
            if self.active and func is torch.empty and tensor.numel() > MOST:
                return torch.empty_like(tensor, device="meta")
            return tensor

    with Making() as making:
        yield making


def _to_meta(torch: Any, network: Any) -> None:
    moved: dict[int, tuple[Any, Any]] = {}  # what modules share, they share afterwards too

    def on_meta(tensor: Any) -> Any:
        if id(tensor) not in moved:
            other = tensor.detach().to("meta")
            if isinstance(tensor, torch.nn.Parameter):
                other = torch.nn.Parameter(other, tensor.requires_grad)
            moved[id(tensor)] = tensor, other
        return moved[id(tensor)][1]

    for module in network.modules():
        for members in (module._parameters, module._buffers, vars(module)):
            for name, value in members.items():
                if isinstance(value, torch.Tensor):
                    members[name] = on_meta(value)


class _Recorder:
    """Keeps the calls of one run on torch, as `runner` keeps those of one on `shapetorch`."""

    def __init__(self, torch: Any, network: Any, inputs: list[Any]) -> None:
        self._torch = torch
        # Of modules and tensors, which are kept: ids are unique.
        self._twins: dict[int, tuple[Any, Any]] = {}
        self._inside_layer = False
        self._path = ""
        self._paths = {id(module): path for path, module in network.named_modules()}
        self.run = Run(self._module(network), [self._plain(each) for each in inputs])

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

        kind.__call__ = call
        try:
            with Watching():
                yield
        finally:
            kind.__call__ = original

    def call_module(self, call: Callable[..., Any], module: Any, args: Any, kwargs: Any) -> Any:
        path = self._paths.get(id(module))
        if path is None:
            path = self._below(type(module).__name__)
        where = hooks.line() if path and hooks.line is not None else ""
        plain = self._module(module), self._plain(args), self._plain(kwargs)
        row = Row(self.run, path, *plain, where)
        outside = self._inside_layer, self._path
        self._inside_layer, self._path = _is_torchs(module), path
        try:
            result = call(module, *args, **kwargs)
        except BaseException as refusal:
            self.run.refused(row, refusal)
            raise
        finally:
            self._inside_layer, self._path = outside
        row.finish(self._plain(result))
        return result

    def call_function(self, function: Any, args: Any, kwargs: Any) -> Any:
        name = getattr(function, "__name__", "").strip("_")
        try:
            result = function(*args, **kwargs)
        except BaseException as refusal:
            if not self._inside_layer and name not in _NO_CALLS:
                row = Row(self.run, self._below(name), *self._call(name, args, kwargs), "")
                self.run.refused(row, refusal)
            raise
        output = self._plain(result)
        if name in _NO_CALLS or not shapes(output):
            return result
        call = self._call(name, args, kwargs)
        if self._inside_layer:
            self.run.calls.append(Call(*call, output))
            return result
        where = hooks.line() if hooks.line is not None else ""
        row = Row(self.run, self._below(name), *call, where)
        row.finish_operation(output)
        return result

    def _call(
        self, name: str, args: Any, kwargs: Any
    ) -> tuple[Callable[..., Any], Any, dict[str, Any]]:
        """Return the function of `shapetorch` that was called, and its arguments without defaults."""
        known: Any = METHODS.get(name) or FUNCTIONS.get(name) or getattr(nn.functional, name, None)
        named = self._plain(kwargs)
        if known is None:
            return _named(name), self._plain(args), named
        defaults = signature(known)
        named = {n: v for n, v in named.items() if v is not defaults.get(n, REQUIRED)}
        return known, self._plain(args), named

    def _below(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _plain(self, value: Any) -> Any:
        """Return what `shapetorch` has for a value: for each tensor always the same."""
        if isinstance(value, self._torch.Tensor):
            if id(value) not in self._twins:
                plain = new(tuple(value.shape), _dtype(value.dtype))
                is_parameter = isinstance(value, self._torch.nn.Parameter)
                twin = Parameter(plain, value.requires_grad) if is_parameter else plain
                self._twins[id(value)] = value, twin
            return self._twins[id(value)][1]
        if type(value) in (tuple, list):
            return type(value)(map(self._plain, value))
        if isinstance(value, (tuple, list)):  # a named tuple, or a size
            return tuple(map(self._plain, value))
        if isinstance(value, dict):
            return {name: self._plain(item) for name, item in value.items()}
        return _dtype(value) if isinstance(value, self._torch.dtype) else value

    def _module(self, module: Any) -> Module:
        """Return a module of `shapetorch` that prints as this one of torch's, with its parameters."""
        if id(module) not in self._twins:
            twin = self._layer(module) or type(type(module).__name__, (Module,), {})()
            self._twins[id(module)] = module, twin
            for registry in ("_parameters", "_buffers"):
                twin.__dict__[registry] = self._plain(dict(vars(module)[registry]))
            twin.__dict__["_modules"] = {
                name: child and self._module(child) for name, child in module._modules.items()
            }
        result: Module = self._twins[id(module)][1]
        return result

    def _layer(self, module: Any) -> Module | None:
        kind = type(module)
        known: Any = getattr(nn, kind.__name__, None) if _is_torchs(module) else None
        if not (isinstance(known, type) and issubclass(known, Module)):
            return None
        try:
            layer: Module = known(**self._plain(arguments(module)))
        except (Error, TypeError, AttributeError):
            return None  # it prints as its name alone
        return layer


def _is_torchs(module: Any) -> bool:
    return str(type(module).__module__).startswith("torch.")


def _dtype(dtype: Any) -> dtypes.dtype:
    result: dtypes.dtype = getattr(dtypes, str(dtype).removeprefix("torch."))
    return result


def _named(name: str) -> Callable[..., Any]:
    """Return what stands for a function that `shapetorch` does not know: its name."""

    def function() -> None: ...

    function.__name__ = name
    return function
