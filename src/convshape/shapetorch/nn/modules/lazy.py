"""Layers that take the size of their first input for what they are not given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from ..parameter import UninitializedParameter, is_lazy
from .module import Module


class LazyModuleMixin(Module):
    """Makes its parameters by `initialize_parameters` at the first call, then `cls_to_become`."""

    cls_to_become: ClassVar[type[Module] | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._initialize_hook = self.register_forward_pre_hook(
            self._infer_parameters, with_kwargs=True
        )

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Make the parameters that fit the first call; every subclass defines its own."""
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}"
        )

    def has_uninitialized_params(self) -> bool:
        """Return whether a parameter or buffer has no shape yet."""
        return any(map(is_lazy, (self._parameters | self._buffers).values()))

    def _infer_parameters(
        self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.initialize_parameters(*args, **kwargs)
        if self.has_uninitialized_params():
            raise RuntimeError(f"module {type(self).__name__} has not been fully initialized")
        # The handle may know hooks of before: a network that is run again gets copies of them.
        self._forward_pre_hooks.pop(self._initialize_hook.id, None)
        del self._initialize_hook
        if self.cls_to_become is not None:
            self.__class__ = self.cls_to_become  # type: ignore[assignment]

    if TYPE_CHECKING:
        _keep: Callable[..., None]


class LazyLayer(LazyModuleMixin):
    """One that takes the arguments of `cls_to_become`, a declared layer, but for the first."""

    #: What `cls_to_become` is made with meanwhile: of no size.
    _blank: ClassVar[dict[str, Any]]
    _fields: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        kind: Any = cls.cls_to_become
        if kind is not None:
            cls._fields = kind._fields[1:]
        super().__init_subclass__(**kwargs)

    def _keep(self, arguments: dict[str, Any]) -> None:
        kept = {name: arguments[name] for name in self._blank.keys() & arguments.keys() - {"bias"}}
        weights, dtype = self._weights(arguments), arguments["dtype"]
        super()._keep(arguments | self._blank)
        self.__dict__.update(kept)
        for name in weights:
            self.register_parameter(name, UninitializedParameter(dtype=dtype))

    def _weights(self, arguments: dict[str, Any]) -> tuple[str, ...]:
        """Return the parameters whose shapes are left to the first call."""
        return ("weight", "bias") if arguments["bias"] else ("weight",)
