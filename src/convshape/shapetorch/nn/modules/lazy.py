"""Layers that take the size of their first input for what they are not told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..parameter import UninitializedParameter, is_lazy
from .module import Module

if TYPE_CHECKING:
    from typing import Any, ClassVar

    from ... import dtypes


class LazyModuleMixin(Module):
    """Makes its parameters at the first call, by `initialize_parameters`, and is then `cls_to_become`."""

    cls_to_become: ClassVar[type[Module] | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._initialize_hook = self.register_forward_pre_hook(
            self._infer_parameters, with_kwargs=True
        )

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Make the parameters that fit the arguments of the first call; every subclass defines its own."""
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}"
        )

    def has_uninitialized_params(self) -> bool:
        """Tell whether a parameter or buffer has no shape yet."""
        return any(map(is_lazy, (self._parameters | self._buffers).values()))

    def _infer_parameters(
        self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.initialize_parameters(*args, **kwargs)
        if self.has_uninitialized_params():
            raise RuntimeError(f"module {type(self).__name__} has not been fully initialized")
        self._initialize_hook.remove()
        del self._initialize_hook
        if self.cls_to_become is not None:
            self.__class__ = self.cls_to_become  # type: ignore[assignment]

    def _defer(self, bias: Any, dtype: dtypes.dtype | None) -> None:
        """Leave the shapes of weight and bias to the first call."""
        for name in ("weight", "bias") if bias else ("weight",):
            self.register_parameter(name, UninitializedParameter(dtype=dtype))
