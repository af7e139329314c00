"""PyTorch source on torch itself, whose meta device computes shapes and keeps no data: the same rows.

It needs torch, and knows every operation that torch has for its meta device.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..errors import Error, ShapeError, SpecError
from ..run.record import Call, Row, Run, shapes
from ..shapetorch import dtypes, hooks, nn
from ..shapetorch.known_values import MOST
from ..shapetorch.nn.modules.module import REQUIRED, Module, arguments, signature
from ..shapetorch.nn.parameter import Parameter
from ..shapetorch.ops import FUNCTIONS, METHODS
from ..shapetorch.tensor import new
from .source import opened, read_inputs, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from ..shapetorch.tensor import Tensor


#: What torch reports as calls of functions where a tensor's attributes are read and written.
_NO_CALLS = ("", "get", "set")
#: RuntimeErrors that say nothing of shapes.
_NO_REFUSALS = (NotImplementedError, RecursionError)


def trace(target: str, inputs: Sequence[Any], batch: int = 1) -> Run:
    """Trace the network that `target` names, on torch.

    Args:
        target: as `source.opened` takes it.
        inputs: shapes of one sample of each input, with ``name=`` before those that are given by name.
        batch: samples in a batch.

    Raises:
        SpecError, ShapeError: as `source.opened`; or torch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise SpecError(
            "--engine torch needs torch, which is not installed", fix="pip install torch"
        ) from None

    placed, named = read_inputs(inputs, batch)

    def meta(tensor: Tensor) -> Any:
        return torch.empty(tensor.shape, dtype=getattr(torch, tensor.dtype.name), device="meta")

    with ExitStack() as stack:
        making = stack.enter_context(_weights_on_meta(torch))
        network = stack.enter_context(opened(target, torch.nn.Module))
        making.active = False
        _to_meta(torch, network)
        given = [meta(each) for each in placed]
        given_by_name = {name: meta(each) for name, each in named.items()}
        recorder = _Recorder(torch, network, [*given, *given_by_name.values()])
        error: Error | None = None
        try:
            with torch.no_grad(), torch.device("meta"), recorder.watching():
                network.eval()(*given, **given_by_name)
        except KeyboardInterrupt:
            raise
        except BaseException as refusal:
            assert hooks.explain is not None  # while a source is open
            error = hooks.explain(refusal)
            if isinstance(refusal, RuntimeError) and not isinstance(refusal, _NO_REFUSALS):
                what = " ".join(words(refusal).split())
                error = ShapeError(what, where=error.where, snippet=error.snippet)
            recorder.run.stop(error)
        recorder.run.name = type(network).__name__
        return recorder.run


@contextmanager
def _weights_on_meta(torch: Any) -> Iterator[Any]:
    """Make layers without memory for their weights; small tensors keep their values, for `item`."""

    class Making(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        active = True

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            made = func(*args, **(kwargs or {}))
            if self.active and func is torch.empty and made.numel() > MOST:
                return torch.empty_like(made, device="meta")
            return made

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
    """Keeps the calls of one run on torch, as `tracing` keeps those of one on `shapetorch`."""

    def __init__(self, torch: Any, network: Any, inputs: list[Any]) -> None:
        self._torch = torch
        self._twins: dict[
            int, tuple[Any, Any]
        ] = {}  # of modules and tensors, which are kept: ids are unique
        self._inside_layer = False
        self._path = ""
        self._paths = {id(module): path for path, module in network.named_modules()}
        self.run = Run(self._module(network), [self._plain(each) for each in inputs])

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Record the calls of modules and functions."""
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
        row = Row(
            self.run, path, self._module(module), self._plain(args), self._plain(kwargs), where
        )
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
                given, named = self._plain(args), self._plain(kwargs)
                known = _known(name, given, named)
                self.run.refused(Row(self.run, self._below(name), known, given, named, ""), refusal)
            raise
        made = self._plain(result)
        if name in _NO_CALLS or not shapes(made):
            return result
        given, named = self._plain(args), self._plain(kwargs)
        known = _known(name, given, named)
        if self._inside_layer:
            self.run.calls.append(Call(known, given, named, made))
            return result
        where = hooks.line() if hooks.line is not None else ""
        row = Row(self.run, self._below(name), known, given, named, where)
        row.finish_operation(made)
        return result

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
            return {key: self._plain(each) for key, each in value.items()}
        return _dtype(value) if isinstance(value, self._torch.dtype) else value

    def _module(self, module: Any) -> Module:
        """Return a module of `shapetorch` that prints as this one of torch's does, with its parameters."""
        if id(module) not in self._twins:
            twin = self._made(module)
            self._twins[id(module)] = module, twin
            for registry in ("_parameters", "_buffers"):
                twin.__dict__[registry] = self._plain(dict(vars(module)[registry]))
            twin.__dict__["_modules"] = {
                name: child and self._module(child) for name, child in module._modules.items()
            }
        found: Module = self._twins[id(module)][1]
        return found

    def _made(self, module: Any) -> Module:
        kind = type(module)
        known: Any = getattr(nn, kind.__name__, None) if _is_torchs(module) else None
        if isinstance(known, type) and issubclass(known, Module):
            try:
                twin: Module = known(**self._plain(arguments(module)))
                return twin
            except (Error, TypeError, AttributeError):
                pass  # it prints as its name alone
        named: type[Module] = type(kind.__name__, (Module,), {})
        return named()


def _is_torchs(module: Any) -> bool:
    return str(type(module).__module__).startswith("torch.")


def _dtype(dtype: Any) -> dtypes.dtype:
    found: dtypes.dtype = getattr(dtypes, str(dtype).removeprefix("torch."))
    return found


def _known(name: str, args: Any, kwargs: dict[str, Any]) -> Callable[..., Any]:
    """Return the function of `shapetorch` that was called on torch; what has its default is left out."""
    known: Any = METHODS.get(name) or FUNCTIONS.get(name) or getattr(nn.functional, name, None)
    if known is None:
        return _named(name)
    defaults = signature(known)
    for each in [each for each, value in kwargs.items() if value is defaults.get(each, REQUIRED)]:
        del kwargs[each]
    found: Callable[..., Any] = known
    return found


def _named(name: str) -> Callable[..., Any]:
    """Return what stands for a function that `shapetorch` does not know: its name."""

    def function() -> None: ...

    function.__name__ = name
    return function
