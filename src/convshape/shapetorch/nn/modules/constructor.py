"""How a layer is created: what its class takes, with which arguments it was made, and its call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ....symbolic import is_symbolic
from ... import dtypes
from ...operation import unwrapped
from .module import Module, is_layer

#: Stands for the default of an argument that has none.
REQUIRED = object()
#: How many functions are remembered: more than a network has kinds of calls, few enough for a
#: process that reads a user's source again and again, each time with other functions.
_REMEMBERED = 256


def _function(function: Callable[..., Any]) -> Any:
    """Return the function that takes the arguments when `function`, or a class, is called."""
    if not isinstance(function, type):
        return unwrapped(function)
    kind: Any = function
    return kind._bind if declares(kind) else kind.__init__


def declares(kind: Any) -> bool:
    """Return whether a class takes what it declares as a `Layer`, by no constructor of a user's."""
    return hasattr(kind, "_bind") and _flags(kind.__init__) == (True, True)


def _flags(function: Any) -> tuple[bool, bool]:
    flags = function.__code__.co_flags
    return bool(flags & 0x04), bool(flags & 0x08)  # inspect's CO_VARARGS and CO_VARKEYWORDS


@lru_cache(_REMEMBERED)
def signature(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the arguments of a function, or of a class without its self, each with its default.

    It reads what `inspect.signature` would, without the milliseconds that importing inspect takes.
    """
    target = _function(function)
    code = target.__code__
    positional = code.co_varnames[isinstance(function, type) : code.co_argcount]
    defaults = target.__defaults__ or ()
    result = dict.fromkeys(positional, REQUIRED)
    result |= dict(zip(reversed(positional), reversed(defaults), strict=False))
    named = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return result | dict.fromkeys(named, REQUIRED) | (target.__kwdefaults__ or {})


@lru_cache(_REMEMBERED)
def takes_any(function: Callable[..., Any]) -> tuple[bool, bool]:
    """Return whether a function or class takes any number of arguments, and any keywords."""
    return _flags(_function(function))


#: What gives an argument its value where none is given: of pooling and of attention.
_GIVES = {"stride": "kernel_size", "kdim": "embed_dim", "vdim": "embed_dim"}


def arguments(module: Module) -> dict[str, Any]:
    """Return the constructor arguments that make this layer.

    A layer keeps each of its arguments under the argument's own name, as in torch; where torch
    keeps the parameter instead (``bias``), its presence is the argument.
    """
    result: dict[str, Any] = {}
    values: Mapping[str, Any] = getattr(module, "_arguments", {})  # a layer of torch's own has none
    kind: Callable[..., Any] = type(module)
    for name, default in signature(kind).items():
        if name == "dtype":
            value = next(
                (p.dtype for p in module.parameters() if p.dtype is not dtypes.float32), default
            )
        else:
            value = values[name] if name in values else getattr(module, name, default)
        if isinstance(default, bool) and not isinstance(value, bool):
            value = value is not None
        elif default is None and value == getattr(module, _GIVES.get(name, ""), REQUIRED):
            value = None
        result[name] = value
    return result


def call_text(module: Module, **change: Any) -> str:
    """Write the shortest call that makes this layer: ``Conv2d(3, 6, 5, padding=2)``.

    A container, or a class of the user's own, is its name alone.
    """
    if module._written:
        return module._written
    kind: Callable[..., Any] = type(module)
    name = kind.__name__
    if not is_layer(module) or (module._is_container and module._modules):
        return name
    name = module._made_as or name
    defaults = signature(kind)
    axes = getattr(module, "_axes", 0)
    parts = []
    for argument, value in (arguments(module) | change).items():
        if isinstance(value, tuple) and len(value) == axes:
            value = for_any_axes(value)
        if defaults[argument] is REQUIRED:
            parts.append(argument_text(value))
        elif value != defaults[argument] or argument in change:
            parts.append(f"{argument}={argument_text(value)}")
    return f"{name}({', '.join(parts)})"


def argument_text(value: Any) -> str:
    """Write an argument as it is in a call, a size with symbols in closed form."""
    if isinstance(value, Module):
        return call_text(value)
    if is_symbolic(value):
        from ....symbolic.text import text

        return text(value.expression)
    if type(value).__module__ == "numpy":
        return str(value)
    return (
        f"F.{value.__name__}" if callable(value) and hasattr(value, "__wrapped__") else repr(value)
    )


def for_any_axes(value: Any) -> Any:
    """Return the number that is for all axes in place of a tuple of equal ones."""
    return (
        value[0]
        if isinstance(value, tuple) and value and value == value[:1] * len(value)
        else value
    )
