"""Layers that keep their arguments and call a function with them: a declaration each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .module import REQUIRED, Module, signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Signature:
    """What `inspect.signature` asks of a class: its arguments."""

    def __get__(self, instance: Any, kind: type[Layer]) -> Any:
        from inspect import Parameter, Signature

        return Signature(
            [
                Parameter(
                    name,
                    Parameter.POSITIONAL_OR_KEYWORD,
                    default=getattr(kind, name, Parameter.empty),
                )
                for name in kind._fields
            ]
        )


class Layer(Module):
    """A layer that keeps its arguments and calls a function with them.

    A subclass declares its arguments in torch's order, as annotated attributes with their defaults:

        class Softplus(Layer):
            _function = F.softplus
            _shown = "beta={beta}, threshold={threshold}"
            beta: float = 1.0
            threshold: float = 20.0

    The function gets those arguments that it has, and `training` if it has that.
    """

    #: The function that `forward` calls: a `staticmethod`.
    _function: Callable[..., Any]
    #: What the printed form says between the brackets, with the arguments in braces.
    _shown = ""
    #: The names of the arguments.
    _fields: tuple[str, ...] = ()
    #: What `forward` hands on behind its inputs, once it has been called: names, and defaults of what is between.
    _passed: tuple[tuple[str, Any], ...] | None = None
    __signature__ = _Signature()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls._is_layer:
            declared = vars(cls).get("__annotations__", {})
            own = [name for name in declared if name[0] != "_" and name not in cls._fields]
            cls._fields = (*cls._fields, *own)
            cls._passed = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.__dict__.update(self._bound(args, kwargs))

    @classmethod
    def _bound(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments by name, in order, defaults included."""
        names = cls._fields
        call = f"{cls.__name__}.__init__()"
        if len(args) > len(names):
            count = f"{len(names) + 1} positional arguments but {len(args) + 1} were given"
            raise TypeError(f"{call} takes {count}")
        given = dict(zip(names, args, strict=False))
        for name in kwargs:
            if name in given:
                raise TypeError(f"{call} got multiple values for argument {name!r}")
            if name not in names:
                raise TypeError(f"{call} got an unexpected keyword argument {name!r}")
        given |= kwargs
        result = {name: given.get(name, getattr(cls, name, REQUIRED)) for name in names}
        for name, value in result.items():
            if value is REQUIRED:
                raise TypeError(f"{call} missing 1 required positional argument: {name!r}")
        return result

    def forward(self, *inputs: Any) -> Any:
        """Call the function with the inputs and the layer's own arguments."""
        passed = self._passed
        if passed is None:
            passed = type(self)._passed = self._arguments_passed(len(inputs))
        own = self.__dict__
        return self._function(*inputs, *[own.get(name, default) for name, default in passed])

    def _arguments_passed(self, inputs: int) -> tuple[tuple[str, Any], ...]:
        parameters = list(signature(self._function).items())[inputs:]
        mine = {*self._fields, "training"}
        last = max((i for i, (name, _) in enumerate(parameters, 1) if name in mine), default=0)
        return tuple((name if name in mine else "", value) for name, value in parameters[:last])

    def extra_repr(self) -> str:
        return self._shown.format_map(vars(self))
