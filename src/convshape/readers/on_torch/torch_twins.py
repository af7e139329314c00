"""What `shapetorch` has for tensors and modules of torch: the same facts, without data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from ...errors import Error
from ...shapetorch import distributions, dtypes, nn
from ...shapetorch.nn.modules.constructor import REQUIRED, arguments, signature
from ...shapetorch.nn.modules.module import Module
from ...shapetorch.nn.parameter import Parameter, UninitializedBuffer, UninitializedParameter
from ...shapetorch.ops.spaces import FUNCTIONS, METHODS
from ...shapetorch.tensor import new

#: Where torch keeps the classes of its layers; those of quantized layers have their names too.
_TORCHS = "torch."


class Twins:
    """The twins of torch's tensors and modules, for each always the same.

    Args:
        torch: the module torch.
    """

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        # Of modules and tensors, which are kept: ids are unique.
        self._twins: dict[int, tuple[Any, Any]] = {}

    def plain(self, value: Any) -> Any:
        """Return what `shapetorch` has for a value, however deep its tensors are in it."""
        if isinstance(value, self._torch.Tensor):
            return self._tensor(value)
        if type(value) in (tuple, list):
            return type(value)(map(self.plain, value))
        if isinstance(value, (tuple, list)):  # a named tuple, or a size
            return tuple(map(self.plain, value))
        if isinstance(value, dict):
            return {name: self.plain(item) for name, item in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            members = {field.name: getattr(value, field.name, None) for field in fields(value)}
            return {name: self.plain(member) for name, member in members.items()}
        if isinstance(value, self._torch.distributions.Distribution):
            return self._parameters(value)
        if isinstance(value, self._torch.ScriptObject):  # it fails at whatever it is asked for
            return "..."
        return dtype_of(value) if isinstance(value, self._torch.dtype) else value

    def _parameters(self, distribution: Any) -> list[Any]:
        """Return what a distribution was made of, of which torch computes a part when asked."""
        known = vars(distributions).get(type(distribution).__name__)
        names = known.parameter_names() if known else distribution.arg_constraints
        with self._torch._C.DisableTorchFunction():
            return [self.plain(getattr(distribution, name)) for name in names]

    def _tensor(self, tensor: Any) -> Any:
        if self._torch.nn.parameter.is_lazy(tensor):  # it becomes another, under the same id
            is_parameter = isinstance(tensor, self._torch.nn.Parameter)
            return (UninitializedParameter if is_parameter else UninitializedBuffer)()
        _, known = self._twins.get(id(tensor), (None, None))
        if known is None or known.shape != tuple(tensor.shape):  # or it has changed in place
            twin = new(tuple(tensor.shape), dtype_of(tensor.dtype))
            if isinstance(tensor, self._torch.nn.Parameter):
                twin = Parameter(twin, tensor.requires_grad)
            self._twins[id(tensor)] = tensor, twin
        return self._twins[id(tensor)][1]

    def module(self, module: Any) -> Module:
        """Return the `shapetorch` module that prints as a torch module, with its parameters."""
        if id(module) not in self._twins:
            self._twins[id(module)] = module, _twin(self, module)
            self.renew(module)
        result: Module = self._twins[id(module)][1]
        return result

    def renew(self, module: Any) -> None:
        """Give the twin of a module what the module has become, as a lazy one does when it runs."""
        twin = self._twins[id(module)][1]
        if type(twin).__name__ != type(module).__name__:
            other = _twin(self, module)
            twin.__class__ = type(other)
            twin.__dict__.update(other.__dict__)
        for registry in ("_parameters", "_buffers"):
            twin.__dict__[registry] = self.plain(dict(getattr(module, registry).items()))
        twin.__dict__["_modules"] = {
            name: child and self.module(child) for name, child in module._modules.items()
        }

    def call(
        self, function: Any, args: Any, kwargs: Any
    ) -> tuple[Callable[..., Any], Any, dict[str, Any]]:
        """Return the `shapetorch` function that was called, and its arguments without defaults."""
        name = name_of(function)
        known: Any = METHODS.get(name) or FUNCTIONS.get(name) or getattr(nn.functional, name, None)
        named = self.plain(kwargs)
        is_others = not getattr(function, "_qualified_op_name", "aten::").startswith("aten::")
        if known is None or is_others:  # such as quantized::conv2d
            return _named(name), self.plain(args), named
        defaults = signature(known)
        named = {n: v for n, v in named.items() if v is not defaults.get(n, REQUIRED)}
        return known, self.plain(args), named


def twin_of(module: Any) -> Module:
    """Return the module of `shapetorch` that replaces a live one."""
    import torch

    return Twins(torch).module(module)


def name_of(function: Any) -> str:
    """Return the name of a function or method of torch's, or nothing."""
    name = str(getattr(function, "__name__", ""))
    return name.strip("_") if name.startswith("__") else name  # relu_ writes in place


def is_torchs(module: Any) -> bool:
    """Return whether a module is of one of torch's own classes."""
    return str(type(module).__module__).startswith(_TORCHS)


def dtype_of(dtype: Any) -> dtypes.dtype:
    """Return the dtype of the same name; of those that only torch has, one of that size."""
    name = str(dtype).removeprefix("torch.")
    known = getattr(dtypes, name, None)
    if isinstance(known, dtypes.dtype):
        return known
    if name not in _OTHERS:
        kind = dtypes.FLOATING if dtype.is_floating_point else dtypes.INTEGER
        _OTHERS[name] = dtypes.dtype(name, dtype.itemsize, kind)
    return _OTHERS[name]


_OTHERS: dict[str, dtypes.dtype] = {}


def _twin(twins: Twins, module: Any) -> Module:
    return _layer(twins, module) or type(type(module).__name__, (Module,), {})()


def _layer(twins: Twins, module: Any) -> Module | None:
    kind = type(module)
    known: Any = getattr(nn, kind.__name__, None) if is_torchs(module) else None
    if not (isinstance(known, type) and issubclass(known, Module)):
        return None
    try:
        layer: Module = known(**twins.plain(arguments(module)))
    except (Error, TypeError, AttributeError):
        return None  # it prints as its name alone
    return layer


def _named(name: str) -> Callable[..., Any]:
    """Return what replaces a function that `shapetorch` does not know: its name."""

    def function() -> None: ...

    function.__name__ = name
    return function
