"""Layers that are declared: their arguments with defaults, and the function that they call."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar

from ...arguments import with_plain_numbers
from ...operation import unwrapped
from .constructor import declares, signature
from .module import Module

#: The annotation of an argument whose name begins with an underscore, as other attributes do.
Argument = Any


class _Signature:
    """What `inspect.signature` asks of a class: its arguments."""

    def __get__(self, instance: Any, kind: type[Layer]) -> Any:
        if not declares(kind):
            return None  # of the user's, with a constructor of its own
        from inspect import Parameter, Signature

        positional = len(kind._fields) - kind._keyword_only
        return Signature(
            [
                Parameter(
                    name,
                    Parameter.POSITIONAL_OR_KEYWORD if i < positional else Parameter.KEYWORD_ONLY,
                    default=kind._defaults.get(name, Parameter.empty),
                )
                for i, name in enumerate(kind._fields)
            ]
        )


class Layer(Module):
    """A layer whose arguments are declared.

    A subclass lists them in torch's order, as annotated attributes with their defaults:

        class Softplus(Layer):
            _function = staticmethod(F.softplus)
            _shown = "beta={beta}, threshold={threshold}"
            beta: float = 1.0
            threshold: float = 20.0

    The function gets those arguments that it has, and `training` if it has that; its first ones,
    which have no defaults, are the inputs of `forward`. A layer with parameters has an `_assemble`.
    """

    #: The function that `forward` calls: a `staticmethod`.
    _function: Callable[..., Any]
    #: What the printed form says between the brackets, with the arguments in braces; of a bias,
    #: whether there is one.
    _shown = ""
    #: A call and one sample of each input, as `convshape layers` shows it.
    _example: tuple[str, str]
    #: The names of the arguments.
    _fields: tuple[str, ...] = ()
    #: The defaults of those that have one, and what takes the place of arguments that a subclass
    #: leaves out.
    _defaults: ClassVar[dict[str, Any]] = {}
    #: How many there are of both.
    _count = 0
    #: How many of `_fields`, at the end, are given by name only.
    _keyword_only = 0
    #: Whether NumPy's numbers are read as Python's.
    _takes_numpy = True
    #: Those that are not kept, because `_assemble` takes them, in its order.
    _spent: tuple[str, ...] = ()
    _passed: Any
    __signature__ = _Signature()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        members = dict(vars(cls))
        super().__init_subclass__(**kwargs)
        if not cls._is_layer:
            return
        cls._fields += tuple(
            name
            for name, kind in members.get("__annotations__", {}).items()
            if (name[0] != "_" or kind == "Argument") and name not in cls._fields
        )
        arguments = {name for kind in cls.__mro__ for name in vars(kind).get("_fields", ())}
        defaults = {name: members[name] for name in arguments if name in members}
        for name in defaults:  # which would hide a parameter of this name
            delattr(cls, name)
        cls._defaults = cls._defaults | defaults
        known = cls._defaults.keys() | cls._fields
        cls._count = len(known)
        cls._spent = tuple(name for name in _argument_names(cls._assemble) if name in known)
        cls._passed = _Passed()
        if "_function" in members and cls.forward.__module__ in (__name__, Module.__module__):
            cls.forward = _forward(cls)  # type: ignore[method-assign]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        if self._takes_numpy:
            args, kwargs = with_plain_numbers(args, kwargs)
        self._keep(self._bound(args, kwargs))

    @classmethod
    def _bound(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments by name, defaults included, or refuse them in Python's words."""
        names = cls._fields
        result = {**cls._defaults, **dict(zip(names, args, strict=False)), **kwargs}
        if len(args) > len(names) - cls._keyword_only or len(result) < cls._count:
            raise cls._refusal(args, kwargs)
        for name in kwargs:
            if name not in names or name in names[: len(args)]:
                raise cls._refusal(args, kwargs)
        return result

    @classmethod
    def _refusal(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TypeError:
        return TypeError(f"{cls.__name__}.__init__() {cls._why_not(args, kwargs)}")

    @classmethod
    def _why_not(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Return what Python says of arguments that the constructor does not take."""
        names, most = cls._fields, len(cls._fields) - cls._keyword_only
        required = [name for name in names if name not in cls._defaults]
        if len(args) > most:
            takes = f"from {len(required) + 1} to {most + 1}"
            takes = takes if len(required) < most else f"{most + 1}"
            return f"takes {takes} positional arguments but {len(args) + 1} were given"
        for name in kwargs:
            if name in names[: len(args)]:
                return f"got multiple values for argument {name!r}"
            if name not in names:
                return f"got an unexpected keyword argument {name!r}"
        missing = [name for name in required[len(args) :] if name not in kwargs]
        count = f"{len(missing)} required positional argument{'s' * (len(missing) > 1)}"
        quoted = list(map(repr, missing))
        return f"missing {count}: {', '.join([*quoted[:-2], ' and '.join(quoted[-2:])])}"

    def _keep(self, arguments: dict[str, Any]) -> None:
        spent = [*map(arguments.pop, self._spent)]
        self.__dict__.update(arguments)
        self._assemble(*spent)

    def _assemble(self, *args: Any, **kwargs: Any) -> None:
        """Check the arguments, and make parameters of those that a subclass names here."""

    def extra_repr(self) -> str:
        return self._shown.format_map(_Shown(self))


class _Shown:
    """What the printed form has of a layer: its attributes, and whether there is a bias."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer

    def __getitem__(self, name: str) -> Any:
        value = getattr(self._layer, name)
        return value is not None if name == "bias" else value


def _argument_names(function: Any) -> tuple[str, ...]:
    code = function.__code__
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names


class _Passed:
    """What `forward` passes on after its inputs: names of arguments, and the values of others.

    The first call looks it up and keeps it in its class.
    """

    def __get__(self, instance: Any, kind: type[Layer]) -> tuple[list[str], list[Any]]:
        parameters = list(signature(kind._function).items())[len(_inputs(kind)) :]
        mine = {*kind._fields, *kind._defaults, "training"}
        last = max((i for i, (name, _) in enumerate(parameters, 1) if name in mine), default=0)
        names = [name if name in mine else "" for name, _ in parameters[:last]]
        kind._passed = result = names, [value for _, value in parameters[:last]]
        return result


def _inputs(kind: type[Layer]) -> list[str]:
    """Return the names of the inputs: the function's arguments before the layer's own."""
    function = unwrapped(kind._function)
    names = _argument_names(function)
    required = names[: len(names) - len(function.__defaults__ or ())]
    arguments = (i for i, name in enumerate(required) if name in kind._fields)
    return list(required[: next(arguments, None)])


def _forward(kind: type[Layer]) -> Any:
    """Return a `forward` whose inputs have the names that they have in the function."""
    names = _inputs(kind)
    code = _FORWARDS[len(names)].__code__.replace(co_varnames=("self", *names))
    result = FunctionType(code, globals(), "forward")
    result.__qualname__ = f"{kind.__name__}.forward"
    result.__doc__ = "Call the function with the inputs and the layer's own arguments."
    return result


#: `forward` of so many inputs.
_FORWARDS: dict[int, Any] = {
    1: lambda self, a: self._function(a, *map(self.__dict__.get, *self._passed)),
    2: lambda self, a, b: self._function(a, b, *map(self.__dict__.get, *self._passed)),
    3: lambda self, a, b, c: self._function(a, b, c, *map(self.__dict__.get, *self._passed)),
    4: lambda self, a, b, c, d: self._function(a, b, c, d, *map(self.__dict__.get, *self._passed)),
}
