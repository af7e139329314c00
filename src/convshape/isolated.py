"""A source traced in a process of its own, and its trace given back: ``trace(..., isolated=True)``.

What comes back is the run as plain data. The classes of the user's file come back by name, with
their layers and numbers but without their code: rows, totals, errors and all formats are those of
the other process, and nothing of the user's is loaded in this one.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from .errors import Error, ShapeError, SpecError
from .readers.expressions.vocabulary import SPACES
from .shapetorch.dtypes import dtype
from .shapetorch.nn import Module
from .shapetorch.ops.spaces import METHODS

if TYPE_CHECKING:
    from .run.record import Run

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_START = "import sys; sys.path[:] = {paths!r}; from convshape.isolated import answer; answer()"
_PLAIN = (type(None), bool, int, float, str, bytes, tuple, list, dict, set)


def run_apart(target: str, inputs: Sequence[Any], options: dict[str, Any]) -> Run:
    """Return the run of a source, made in another process.

    Raises:
        SpecError, ShapeError: as `trace`; or that process ended without an answer.
    """
    command = [sys.executable, "-c", _START.format(paths=[_HERE, *sys.path])]
    asked = pickle.dumps((target, tuple(inputs), options, list(sys.argv)))
    done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        raise SpecError(
            f"the process that ran {target} ended with {done.returncode}, and no result"
        )
    answered = pickle.loads(done.stdout)
    if isinstance(answered, Error):
        raise answered
    run: Run = answered
    return run


def answer() -> None:
    """Trace what standard input asks for, and write the run to standard output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the source prints, by whatever way
    target, inputs, options, sys.argv[:] = pickle.load(sys.stdin.buffer)
    from .api import trace

    answered: Run | Error
    try:
        answered = trace(target, *inputs, **options).record
        plain(answered)
    except Error as error:
        answered = _without_layers(error)
    with out:
        out.write(packed(answered))


def plain(run: Run) -> None:
    """Leave of a run what can be said of it without the user's code."""
    from .run.record import Row

    for call in run.calls:
        if isinstance(call, Row):
            _ = call.layer  # which is written by the user's own classes, and kept
    if run.error is not None:
        run.error = _without_layers(run.error)
    run.before, run.state, run.arguments, run._refusal = None, [], ([], {}), None


def _without_layers(error: Error) -> Error:
    others = [_without_layers(other) for other in error.others]
    return error.changed(module=None, call=((), {}), others=others).with_traceback(None)


def packed(value: Any) -> bytes:
    """Return a value as bytes that another process without the user's code can read."""
    out = BytesIO()
    _Pickler(out).dump(value)
    return out.getvalue()


class _Pickler(pickle.Pickler):
    """Pickles classes, functions and objects of the user's as what replaces them."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, dtype):
            return _dtype, (obj.name,)
        if isinstance(obj, type):
            return NotImplemented if _is_ours(obj) else (_class, _described(obj))
        if isinstance(obj, (FunctionType, MethodType)):
            return self._function(obj)
        if isinstance(obj, Module):
            state = {n: v for n, v in vars(obj).items() if _is_kept(v)}
            return _new, (type(obj),), state
        if _is_ours(type(obj)) or isinstance(obj, (ShapeError, *_PLAIN)):
            return NotImplemented
        return _class, (type(obj).__name__, type(obj).__module__, (object,))

    @staticmethod
    def _function(function: Any) -> Any:
        place = _operations().get(id(function))
        if place is not None:
            return _operation, place
        return NotImplemented if _is_ours(function) else (_stand_in, (function.__name__,))


def _is_ours(value: Any) -> bool:
    """Return whether a class or function is found by its name in any process that has convshape."""
    home = str(getattr(value, "__module__", ""))
    if home.partition(".")[0] not in ("convshape", "builtins", "collections", "functools"):
        return False
    value_there: Any = sys.modules.get(home)
    for name in value.__qualname__.split("."):
        value_there = getattr(value_there, name, None)
    return value_there is value


def _is_kept(value: Any) -> bool:
    """Return whether an attribute of a module is one that a trace shows, or may."""
    if isinstance(value, (Module, *_PLAIN)):
        return True
    return _is_ours(type(value))


def _described(kind: type) -> tuple[str, str, tuple[type, ...]]:
    return kind.__name__, kind.__module__, kind.__bases__


def _class(name: str, home: str, bases: tuple[type, ...]) -> type:
    return type(name, bases, {"__module__": home})


def _new(kind: type) -> Any:
    return object.__new__(kind)


def _dtype(name: str) -> Any:
    from .shapetorch import dtypes

    return getattr(dtypes, name)


@cache
def _operations() -> dict[int, tuple[str, str, int]]:
    """Return where each operation and each function that it wraps is: space, name and depth."""
    places: dict[int, tuple[str, str, int]] = {}
    for space, members in {**SPACES, "Tensor": METHODS}.items():
        for name, value in members.items():
            function, depth = value, 0
            while isinstance(function, FunctionType):
                places.setdefault(id(function), (space, name, depth))
                function, depth = getattr(function, "__wrapped__", None), depth + 1
    return places


def _operation(space: str, name: str, depth: int) -> Callable[..., Any]:
    function: Any = METHODS[name] if space == "Tensor" else SPACES[space][name]
    for _ in range(depth):
        function = function.__wrapped__
    operation: Callable[..., Any] = function
    return operation


def _stand_in(name: str) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{name} is a function of another process")

    function.__name__ = function.__qualname__ = name
    return function
