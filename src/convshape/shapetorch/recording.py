"""Who is watching: the recorder of the trace that is running, if any.

Modules and operations ask here whether somebody wants a record of their call; at most one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ShapeError, UnknownOperation
from .memory import is_laid_out, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, ParamSpec, Protocol, TypeVar

    from ..errors import Error
    from .nn.modules.module import Module

    P = ParamSpec("P")
    R = TypeVar("R")
    C = TypeVar("C", bound=Callable[..., Any])

    class Recorder(Protocol):
        """What a trace offers to the calls that it watches."""

        #: An operation is at work: those that it calls are its own business.
        inside_operation: bool
        #: What the operations that follow are called in their module; empty for their own names.
        entry: str

        def call_module(self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            """Run the module and record the call."""

        def call_function(
            self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> Any:
            """Run the operation and record the call."""


recorder: Recorder | None = None
#: Inputs are tried, of which most are refused: nobody reads why, or what would mend it.
searching = False
#: While a source file runs: tells the line of it that is at work, as ``file:line``.
line: Callable[[], str] | None = None
#: While a source file runs: makes of what its code raises an error that shows the user's lines.
explain: Callable[[BaseException], Error] | None = None


#: NumPy's names of arguments, which torch's functions take for their own.
_OF_NUMPY = {
    "axis": "dim",
    "keepdims": "keepdim",
    "x": "input",
    "a": "input",
    "x1": "input",
    "x2": "other",
}
#: Those that torch has written in Python, as most of `nn.functional`, which do not.
_IN_PYTHON = {"istft", "norm", "split", "stft", "unflatten", "unique", "unique_consecutive"}


def torch_names(function: Any, names: Iterable[str]) -> list[str]:
    """Return torch's own names of the arguments that an operation is given, perhaps by NumPy's."""
    function = unwrapped(function)
    home, code = function.__module__, function.__code__
    result = list(names)
    if ".nn." in home or (".ops." in home and function.__name__ in _IN_PYTHON):
        return result
    taken = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    any_name = code.co_flags & 0x08  # inspect's CO_VARKEYWORDS
    for i, name in enumerate(result):
        known = _OF_NUMPY.get(name)
        if known and name not in taken and known not in result and (known in taken or any_name):
            result[i] = known
    return result


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function of the vocabulary visible to the recorder and name it in its refusals.

    How its result lies in memory it says by one of the rules of `memory`, as a decorator below this one;
    else that is not known wherever an argument is not packed.
    """
    ruled = getattr(function, "strides", None) is not False

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if "out" in kwargs:
            raise UnknownOperation(
                f"{function.__name__}: out= is not known to convshape", fix="its result"
            )
        if kwargs and not _OF_NUMPY.keys().isdisjoint(kwargs):
            kwargs = dict(zip(torch_names(function, kwargs), kwargs.values(), strict=True))  # type: ignore[assignment]
        try:
            if recorder is None or recorder.inside_operation:
                result = function(*args, **kwargs)
            else:
                result = recorder.call_function(function, args, kwargs)
        except ShapeError as error:
            error.subject = error.subject or function.__name__
            raise
        if ruled and any(map(is_laid_out, (*args, *kwargs.values()) if kwargs else args)):
            settle(function, args, kwargs, result)
        return result

    return named_as(function, call)


def unwrapped(function: Any) -> Any:
    """Return the function that runs when `function` is called, which may be wrapped more than once."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def rule_of(operation: Any) -> Any:
    """Return the rule of an operation, which leaves it to its caller to be named in refusals."""
    return operation.__wrapped__


def named_as(function: Any, call: C) -> C:
    """Return `call` with the name and the text of the function that it stands for.

    It is `functools.wraps`, in a quarter of the time: there are a thousand operations at every start.
    """
    named: Any = call
    named.__module__, named.__doc__ = function.__module__, function.__doc__
    named.__name__, named.__qualname__ = function.__name__, function.__qualname__
    named.__wrapped__ = function
    return call
