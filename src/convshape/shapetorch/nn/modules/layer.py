"""Layers that are declared: their arguments with defaults, and the function that they call."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar

from ...arguments import with_plain_numbers
from ...dtypes import as_dtype
from ...operation import unwrapped
from ...tensor_attributes import device
from .constructor import declares, signature
from .module import Module

#: How what torch's factories take besides a size is read.
_OF_TENSORS: dict[str, Callable[[Any], Any]] = {"device": device, "dtype": as_dtype}

#: The annotation of an argument whose name begins with an underscore, as other attributes do.
Argument = Any


class _Signature:
    """What `inspect.signature` asks of a class: its arguments."""

    def __get__(self, instance: Any, kind: type[Layer]) -> Any:
        if not declares(kind):
            return None  # of the user's, with a constructor of its own
        from inspect import signature

        whole = signature(kind._bind)
        return whole.replace(parameters=list(whole.parameters.values())[1:])  # without self


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
    #: These, and those of the classes that it is derived from.
    _known: frozenset[str] = frozenset()
    #: The defaults of those that have one.
    _defaults: ClassVar[dict[str, Any]] = {}
    #: What takes the place of arguments that a subclass leaves out.
    _left_out: ClassVar[dict[str, Any]] = {}
    #: Python's own reading of arguments: returns them by name, with ``self``.
    _bind: Callable[..., dict[str, Any]]
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
        known = cls._known = cls._known.union(cls._fields)
        defaults = {name: value for name, value in members.items() if name in known}
        for name in defaults:  # which would hide a parameter of this name
            delattr(cls, name)
        cls._defaults = cls._defaults | defaults
        cls._left_out = {n: value for n, value in cls._defaults.items() if n not in cls._fields}
        cls._bind = _binder(cls)
        cls._spent = tuple(name for name in _argument_names(cls._assemble) if name in known)
        cls._passed = _Passed()
        if "_function" in members and cls.forward.__module__ in (__name__, Module.__module__):
            cls.forward = _forward(cls)  # type: ignore[method-assign]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        if self._takes_numpy:
            args, kwargs = with_plain_numbers(args, kwargs)
        arguments = self._bind(*args, **kwargs)
        del arguments["self"]
        self._keep(arguments | self._left_out if self._left_out else arguments)

    def _keep(self, arguments: dict[str, Any]) -> None:
        for name, read in _OF_TENSORS.items():
            value = arguments.get(name)
            if value is not None and not hasattr(value, "_unknown"):  # as placeholders have
                arguments[name] = read(value)
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


def _binder(kind: type[Layer]) -> Any:
    """Return a method that takes what the constructor does, in Python's words where it does not."""
    names, defaults = ("self", *kind._fields), kind._defaults
    positional = len(names) - kind._keyword_only
    code = _LOCALS.replace(
        co_argcount=positional,
        co_kwonlyargcount=kind._keyword_only,
        co_nlocals=len(names),
        co_varnames=names,
    )
    usual = tuple(defaults[name] for name in names[:positional] if name in defaults)
    result = FunctionType(code, {}, "__init__", usual)
    result.__kwdefaults__ = {n: defaults[n] for n in names[positional:] if n in defaults}
    result.__qualname__ = f"{kind.__name__}.__init__"
    return result


#: The code of a function that returns its arguments by their names, whichever it is given.
_LOCALS = (lambda: locals()).__code__


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
