"""Layers that are declared: their arguments with defaults, and the function that they call."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from ...operation import unwrapped
from .constructor import declares, signature
from .module import Module

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

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
    #: What the printed form says between the brackets, with the arguments in braces.
    _shown = ""
    #: A call and one sample of each input, as `convshape layers` shows it.
    _example: tuple[str, str]
    #: The names of the arguments.
    _fields: tuple[str, ...] = ()
    #: The same, to look them up, and those that have no default.
    _names: frozenset[str] = frozenset()
    _required: frozenset[str] = frozenset()
    #: The defaults of those that have one, and what takes the place of arguments that a subclass
    #: leaves out.
    _defaults: ClassVar[dict[str, Any]] = {}
    #: How many of them, at the end, are given by name only.
    _keyword_only = 0
    #: Those that are not kept, because `_assemble` takes them.
    _spent: tuple[str, ...] = ()
    #: What `forward` hands on behind its inputs, once it has been called: the names of its
    #: arguments, and what stands for those that it has not.
    _passed: tuple[list[str], list[Any]] | None = None
    __signature__ = _Signature()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls._is_layer:
            return
        members = dict(vars(cls))
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
        cls._names = frozenset(cls._fields)
        cls._required = cls._names - cls._defaults.keys()
        known = cls._defaults.keys() | cls._fields
        cls._spent = tuple(name for name in _argument_names(cls._assemble) if name in known)
        cls._passed = None
        if "_function" in members and cls.forward.__module__ == __name__:
            cls.forward = _forward(cls)  # type: ignore[method-assign]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self._keep(self._bound(args, kwargs))

    @classmethod
    def _bound(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments by name, defaults included, or refuse them in Python's words."""
        names = cls._fields
        result = dict(zip(names, args, strict=False)) | kwargs
        if (
            len(args) > len(names) - cls._keyword_only
            or len(result) < len(args) + len(kwargs)
            or not cls._required <= result.keys() <= cls._names
        ):
            raise cls._refusal(cls._why_not(args, kwargs))
        return cls._defaults | result

    @classmethod
    def _why_not(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Return what Python says of arguments that the constructor does not take."""
        names, most = cls._fields, len(cls._fields) - cls._keyword_only
        if len(args) > most:
            takes = f"from {len(cls._required) + 1} to {most + 1}"
            takes = takes if len(cls._required) < most else f"{most + 1}"
            return f"takes {takes} positional arguments but {len(args) + 1} were given"
        for name in kwargs:
            if name in names[: len(args)]:
                return f"got multiple values for argument {name!r}"
            if name not in names:
                return f"got an unexpected keyword argument {name!r}"
        missing = [name for name in names[len(args) :] if name in cls._required - kwargs.keys()]
        count = f"{len(missing)} required positional argument{'s' * (len(missing) > 1)}"
        quoted = list(map(repr, missing))
        return f"missing {count}: {', '.join([*quoted[:-2], ' and '.join(quoted[-2:])])}"

    @classmethod
    def _refusal(cls, what: str) -> TypeError:
        return TypeError(f"{cls.__name__}.__init__() {what}")

    def _keep(self, arguments: dict[str, Any]) -> None:
        spent = {name: arguments.pop(name) for name in self._spent}
        self.__dict__.update(arguments)
        self._assemble(**spent)

    def _assemble(self, *args: Any, **kwargs: Any) -> None:
        """Check the arguments, and make parameters of those that a subclass names here."""

    def forward(self, *inputs: Any) -> Any:
        """Call the function with the inputs and the layer's own arguments."""
        passed = self._passed
        if passed is None:
            passed = type(self)._passed = self._arguments_passed()
        return self._function(*inputs, *map(self.__dict__.get, *passed))

    def _arguments_passed(self) -> tuple[list[str], list[Any]]:
        skipped = len(_inputs(type(self)))
        parameters = list(signature(self._function).items())[skipped:]
        mine = {*self._fields, *self._defaults, "training"}
        last = max((i for i, (name, _) in enumerate(parameters, 1) if name in mine), default=0)
        names = [name if name in mine else "" for name, _ in parameters[:last]]
        return names, [value for _, value in parameters[:last]]

    def extra_repr(self) -> str:
        return self._shown.format_map(vars(self))


def _argument_names(function: Any) -> tuple[str, ...]:
    code = function.__code__
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names


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
    result.__doc__ = Layer.forward.__doc__
    return result


#: `forward` of so many inputs.
_FORWARDS: dict[int, Any] = {
    1: lambda self, a: Layer.forward(self, a),
    2: lambda self, a, b: Layer.forward(self, a, b),
    3: lambda self, a, b, c: Layer.forward(self, a, b, c),
    4: lambda self, a, b, c, d: Layer.forward(self, a, b, c, d),
}
