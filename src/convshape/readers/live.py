"""PyTorch source on torch itself, whose meta device computes shapes and keeps no data: the same rows.

It needs torch, and knows every operation that torch has for its meta device.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..errors import Error, ShapeError, SpecError
from ..shapetorch import dtypes, nn, recording
from ..shapetorch.constants import MOST
from ..shapetorch.nn.modules.module import REQUIRED, Module, arguments, signature
from ..shapetorch.ops import METHODS
from ..tracing import Row, Trace
from .source import opened, read_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from ..shapetorch.tensor import Tensor


def trace(target: str, inputs: Sequence[Any], batch: int = 1) -> Trace:
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
    shapes: list[tuple[int, ...]] = [each.shape for each in (*placed, *named.values())]

    def meta(tensor: Tensor) -> Any:
        return torch.empty(tensor.shape, dtype=getattr(torch, tensor.dtype.name), device="meta")

    with ExitStack() as stack:
        making = stack.enter_context(_weights_on_meta(torch))
        network = stack.enter_context(opened(target, torch.nn.Module))
        making.active = False
        _to_meta(torch, network)
        recorder = _Recorder(torch, network)
        given = [meta(each) for each in placed]
        given_by_name = {name: meta(each) for name, each in named.items()}
        error: Error | None = None
        try:
            with torch.no_grad(), torch.device("meta"), recorder.watching():
                network.eval()(*given, **given_by_name)
        except Exception as refusal:
            assert recording.explain is not None  # while a source is open
            error = recording.explain(refusal)
            if isinstance(refusal, RuntimeError) and not isinstance(refusal, NotImplementedError):
                error, where = ShapeError(" ".join(str(refusal).split())), error.where
                error.where = where
        rows = [row for row in recorder.rows if row.outputs is not None]
        return Trace(type(network).__name__, shapes, rows, _params(network), error)


@contextmanager
def _weights_on_meta(torch: Any) -> Iterator[Any]:
    """Make layers without memory for their weights; small tensors keep their values, for `item`."""

    class Making(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        active = True

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
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


def _params(module: Any) -> int:
    return sum(p.numel() for p in module.parameters())


class _Recorder:
    """Keeps the rows of one run on torch, as `tracing` keeps them of one on `shapetorch`."""

    def __init__(self, torch: Any, network: Any) -> None:
        self.rows: list[Row] = []
        self._torch = torch
        self._inside_layer = False
        self._path = ""
        self._paths = {id(module): path for path, module in network.named_modules()}
        self._twins: dict[int, Module] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Record the calls of modules and functions."""
        recorder, kind = self, self._torch.nn.Module
        original = kind.__call__

        class Watching(self._torch.overrides.TorchFunctionMode):  # type: ignore[misc, name-defined]
            def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
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
        path = self._paths.get(id(module), None)
        if path is None:
            path = self._below(type(module).__name__)
        where = recording.line() if path and recording.line is not None else ""
        row = Row(path, self._twin(module), _shapes((args, kwargs)), where)
        self.rows.append(row)
        outside = self._inside_layer, self._path
        self._inside_layer, self._path = _is_torchs(module), path
        try:
            result = call(module, *args, **kwargs)
        finally:
            self._inside_layer, self._path = outside
        row.outputs = _shapes(result)
        row.params = _params(module)
        return result

    def call_function(self, function: Any, args: Any, kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if self._inside_layer:
            return result
        inputs, outputs = _shapes((args, kwargs)), _shapes(result)
        name = getattr(function, "__name__", "").strip("_")
        if name and name != "get" and any(shape not in inputs for shape in outputs):
            where = recording.line() if recording.line is not None else ""
            row = Row(self._below(name), _text(name, args, kwargs), inputs, where)
            row.outputs = outputs
            self.rows.append(row)
        return result

    def _below(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _twin(self, module: Any) -> Module:
        """Return a module of `shapetorch` that prints as this one of torch's does."""
        if id(module) not in self._twins:
            self._twins[id(module)] = twin = self._made(module)
            for name, child in module.named_children():
                if name not in twin._modules:
                    twin.add_module(name, self._twin(child))
        return self._twins[id(module)]

    def _made(self, module: Any) -> Module:
        kind = type(module)
        known: Any = getattr(nn, kind.__name__, None) if _is_torchs(module) else None
        if isinstance(known, type) and issubclass(known, Module) and not module._modules:
            try:
                twin: Module = known(**{k: _plain(v) for k, v in arguments(module).items()})
                return twin
            except (Error, TypeError, AttributeError):
                pass  # it prints as its name alone
        named: type[Module] = type(kind.__name__, (Module,), {})
        return named()


def _is_torchs(module: Any) -> bool:
    return str(type(module).__module__).startswith("torch.")


def _plain(value: Any) -> Any:
    """Return an argument of a layer of torch's as `shapetorch` has it."""
    name = str(value)
    return getattr(dtypes, name[6:], value) if name.startswith("torch.") else value


def _shapes(value: Any) -> list[tuple[int, ...]]:
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return [tuple(value.shape)]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        return []
    return [shape for item in value for shape in _shapes(item)]


def _text(name: str, args: Any, kwargs: Any) -> str:
    """Write a call without its tensors and without the arguments that have their defaults."""
    known: Any = METHODS.get(name) or getattr(nn.functional, name, None)
    defaults = {} if known is None else signature(known)
    shown = [repr(a) for a in args if not _shapes(a)]
    shown += [f"{k}={v!r}" for k, v in kwargs.items() if not _shapes(v) and (v != defaults.get(k, REQUIRED))]
    return f"{name}({', '.join(shown)})"
