"""torch.nn.utils.parametrize: parameters that are computed from others each time they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ....errors import ShapeError
from ...arguments import shape
from ...tensor import Tensor
from ..modules.container import ModuleDict, ModuleList
from ..modules.module import Module, is_layer
from ..parameter import Parameter

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]


class ParametrizationList(ModuleList):
    """The modules that a parameter is computed with, in order, and what they are given.

    That is ``original``, or where the first of them takes several tensors ``original0``,
    ``original1``, ...

    Raises:
        ShapeError: the parameter would get another shape or dtype, and it is not `unsafe`.
    """

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ShapeError("ParametrizationList needs at least one module")
        super().__init__(modules)
        self.unsafe = unsafe
        value: Any = original
        for module in reversed(list(self)):
            if hasattr(module, "right_inverse"):
                with suppress(NotImplementedError):
                    value = module.right_inverse(value)
        self.is_tensor = isinstance(value, Tensor)
        if not self.is_tensor and not isinstance(value, (tuple, list)):
            raise ShapeError(f"right_inverse gives a tensor or several, not {value!r}")
        self.ntensors = 1 if self.is_tensor else len(value)
        wanted, kind = original.shape, original.dtype
        if self.is_tensor:
            if value.dtype is not kind:
                raise ShapeError(f"right_inverse makes {value.dtype.name} of {kind.name}")
            original.data = value
            _register(self, "original", original)
        else:
            for i, part in enumerate(value):
                if not isinstance(part, Tensor):
                    raise ShapeError(f"right_inverse gives tensors, not {part!r}")
                if isinstance(original, Parameter):
                    part = Parameter(part, original.requires_grad)
                _register(self, f"original{i}", part)
        if not unsafe:
            _check_same("a parametrization", self.forward(), wanted, kind)

    def right_inverse(self, value: Any) -> None:
        """Make the originals such that `value` is computed from them.

        Raises:
            ShapeError: it gives others in number or dtype.
            RuntimeError: one of the modules has no `right_inverse`.
        """
        for module in reversed(list(self)):
            if not hasattr(module, "right_inverse"):
                raise RuntimeError(f"parametrization {type(module).__name__} has no right_inverse")
            value = module.right_inverse(value)
        parts = (value,) if self.is_tensor else tuple(value)
        if len(parts) != self.ntensors:
            raise ShapeError(f"right_inverse gives {len(parts)} tensors, not {self.ntensors}")
        for original, part in zip(self._originals(), parts, strict=True):
            kind = original.dtype
            if not isinstance(part, Tensor) or part.dtype is not kind:
                raise ShapeError(f"right_inverse gives a tensor of {kind.name}, not {part!r}")
            original.data = part

    def _originals(self) -> list[Tensor]:
        names = (
            ("original",) if self.is_tensor else tuple(f"original{i}" for i in range(self.ntensors))
        )
        return [getattr(self, name) for name in names]

    def forward(self) -> Any:
        """Work the parameter out."""
        args = tuple(self._originals())
        for module in self:  # which are no layers of the network: a trace has no rows for them
            args = (module._call(args, {}),)
        return args[0]


def _register(module: Module, name: str, tensor: Tensor) -> None:
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def _check_same(what: str, result: Any, wanted: tuple[int, ...], kind: Any) -> None:
    if not isinstance(result, Tensor):
        raise ShapeError(f"{what} gives a tensor, not {result!r}")
    if result.shape != wanted or result.dtype is not kind:
        raise ShapeError(
            f"{what} makes {shape(result.shape)} {result.dtype.name} "
            f"of {shape(wanted)} {kind.name}",
            fix="unsafe=True",
        )


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Work a parameter or buffer of a module out with `parametrization` whenever it is read.

    Raises:
        ShapeError: there is not one of this name; or its shape or dtype would change, and it is not
            `unsafe`.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        before = getattr(module, tensor_name)
        if not unsafe:
            after = parametrization._call((before,), {})
            _check_same("a parametrization", after, before.shape, before.dtype)
            if hasattr(parametrization, "right_inverse"):
                try:
                    inverse = parametrization.right_inverse(after)
                except NotImplementedError:
                    inverse = before
                _check_same("right_inverse", inverse, before.shape, before.dtype)
        module.parametrizations[tensor_name].append(parametrization)
        module.parametrizations[tensor_name].unsafe |= unsafe
        return module
    if (module._parameters | module._buffers).get(tensor_name) is None:
        raise ShapeError(
            f"{type(module).__name__} has no parameter or buffer {tensor_name!r} to parametrize"
        )
    members = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        module.__class__ = _parametrized(module)
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, _worked_out(tensor_name))
    module.parametrizations[tensor_name] = members
    return module


def _parametrized(module: Module) -> type[Module]:
    """Return a class for a module alone, for the properties that replace its parameters."""
    kind = type(module)
    layer = is_layer(module) and not module._modules  # which does not become a container by this
    members = {
        "__doc__": kind.__doc__,
        "__module__": kind.__module__,
        "_made_as": kind.__name__ if layer else "",
        "_runs_modules": kind._runs_modules and not layer,
    }
    return type(f"Parametrized{kind.__name__}", (kind,), members)


_cache: dict[tuple[int, str], Tensor] | None = None


def _worked_out(name: str) -> property:
    def read(self: Module) -> Any:
        members = self.parametrizations[name]
        if _cache is None:
            return members._call((), {})
        key = (id(self), name)
        if key not in _cache:
            _cache[key] = members._call((), {})
        return _cache[key]

    return property(read, lambda self, value: self.parametrizations[name].right_inverse(value))


@contextmanager
def cached() -> Iterator[None]:
    """Work every parameter out once at most in here."""
    global _cache
    before = _cache
    _cache = {} if before is None else before
    try:
        yield
    finally:
        _cache = before


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Return whether a parameter of a module, or any, is computed from others."""
    members = getattr(module, "parametrizations", None)
    if not isinstance(members, ModuleDict):
        return False
    return bool(len(members)) if tensor_name is None else tensor_name in members


def remove_parametrizations(
    module: Module, tensor_name: str, leave_parametrized: bool = True
) -> Module:
    """Make a plain parameter of one that is computed: as it is now, or of its original.

    Raises:
        ShapeError: it is not computed; or of several originals, so that there is no single one.
    """
    if not is_parametrized(module, tensor_name):
        raise ShapeError(f"{type(module).__name__} has no parametrization of {tensor_name!r}")
    members = module.parametrizations[tensor_name]
    now = getattr(module, tensor_name)
    if members.is_tensor:
        plain = members.original
        if leave_parametrized:
            plain.data = now
    elif leave_parametrized:
        plain = (
            Parameter(now, requires_grad=True) if isinstance(members.original0, Parameter) else now
        )
    else:
        raise ShapeError(
            f"{tensor_name!r} is computed from {members.ntensors} tensors, "
            "and none of them can stay",
            fix="leave_parametrized=True",
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _register(module, tensor_name, plain)
    if not is_parametrized(module):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Module) -> type:
    """Return the class of a module without regard to its parametrizations."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)
