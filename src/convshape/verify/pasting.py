"""Random calls as command lines that can be pasted: what convshape says of them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from functools import partial
from typing import Any

from .generators.chains import Chain
from .generators.data import INPUT, Call, Case, D, Member, T

#: The operators of Python, by the names of their methods.
_OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>", "matmul": "@",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
}  # fmt: skip


def pasted(case: Case | Call | str) -> str:
    """Return a command line for a call; of a network file, the file on standard input.

    How tensors lie in memory, and training mode, no command line says: they are behind a ``#``.
    """
    if isinstance(case, str):
        return f"convshape trace - <<'END'\n{case}END"
    if isinstance(case, Case):
        text, first, rest = _layer(case)
    elif isinstance(case, Chain):
        text, first, rest = _chain(case)
    else:
        text, first, rest = _function(case)
    line = f"convshape layer {shlex.quote(text)} --in {shlex.quote(_shape(first))}"
    return line + (f"  # {', '.join(rest)}" if rest else "")


def _layer(case: Case) -> tuple[str, T, list[str]]:
    (first, *others), named = case.call_arguments
    constructor = f"{case.layer}({_arguments(case.args, case.kwargs)})"
    rest = ["in training mode"] if case.training else []
    rest += _layouts([first, *others, *named.values()])
    if not (others or named):
        return constructor, first, rest
    texts = ["input" if item is INPUT else _text(item, first) for item in others]
    texts += [f"{name}={_text(item, first)}" for name, item in named.items()]
    return f"{constructor}({', '.join(['input', *texts])})", first, rest


def _function(call: Call) -> tuple[str, T, list[str]]:
    tensors = list(_tensors([call.args, call.kwargs]))
    first = tensors[0] if tensors else T(())
    args = [_text(item, first) for item in call.args]
    named = [f"{name}={_text(item, first)}" for name, item in call.kwargs.items()]
    if call.name == "__setitem__":
        return f"{args[0]}.index_put({', '.join(args[1:])})", first, ["an assignment"]
    if call.name == "__getitem__":
        return f"input[{_subscript(call.args[1], first)}]", first, _layouts(tensors)
    operator = _OPERATORS.get(call.name.strip("_").removeprefix("r"))
    operator = operator or _OPERATORS.get(call.name.strip("_"))
    if call.name.startswith("__") and operator and len(args) == 2:
        ordered = args[::-1] if call.name.startswith("__r") and call.name != "__rshift__" else args
        return f" {operator} ".join(ordered), first, _layouts(tensors)
    if call.method:
        receiver, *args = args
        text = f"{receiver}.{call.name}({', '.join(args + named)})"
    else:
        text = f"{call.name.replace('nn.functional.', 'F.')}({', '.join(args + named)})"
        text = text if text.startswith("F.") else f"torch.{text}"
    return text, first, _layouts(tensors)


def _chain(call: Chain) -> tuple[str, T, list[str]]:
    first, *steps = call.args
    text = "input"
    for step in steps:
        names = {"x": text, "y": "input"}
        text = re.sub(r"\b[xy]\b", partial(_name, names), step)
    return text, first, _layouts([first])


def _name(names: dict[str, str], match: re.Match[str]) -> str:
    return names[match[0]]


def _arguments(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    nothing = T(())
    texts = [_text(item, nothing) for item in args]
    return ", ".join([*texts, *(f"{name}={_text(item, nothing)}" for name, item in kwargs.items())])


def _text(value: Any, first: T) -> str:
    """Write a value in the language of network files; the first tensor is its input."""
    if value is first:
        return "input"
    if isinstance(value, T):
        function = "ones" if value.value == 1 else "zeros"
        return f"{function}({value.shape}, dtype=torch.{value.dtype})"
    if isinstance(value, D):
        return f"torch.{value.name}"
    if isinstance(value, Member):
        if value.args is None:
            return f"nn.{value.name}"
        return f"nn.{value.name}({_arguments(value.args, value.kwargs)})"
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, (tuple, list)):
        items = [_text(item, first) for item in value]
        if isinstance(value, list):
            return f"[{', '.join(items)}]"
        return f"({', '.join(items)}{',' * (len(items) == 1)})"
    return repr(value)


def _subscript(value: Any, first: T) -> str:
    """Write an index as it is in brackets."""
    if isinstance(value, tuple) and value:
        return ", ".join(_subscript(item, first) for item in value) + "," * (len(value) == 1)
    if isinstance(value, slice):
        ends = [
            "" if item is None else _text(item, first)
            for item in (value.start, value.stop, value.step)
        ]
        return f"{ends[0]}:{ends[1]}" + f":{ends[2]}" * bool(ends[2])
    return "..." if value is ... else _text(value, first)


def _shape(tensor: T) -> str:
    sizes = "x".join(map(str, tensor.shape)) if tensor.shape else "()"
    return f"{tensor.dtype}:{'@' * bool(tensor.shape)}{sizes}"


def _tensors(value: Any) -> list[T]:
    if isinstance(value, T):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [t for item in value for t in _tensors(item)] if isinstance(value, (list, tuple)) else []


def _layouts(values: Sequence[Any]) -> list[str]:
    layouts = [item.layout for item in values if isinstance(item, T) and item.layout is not None]
    return [
        f"laid out in memory as dimensions {layout.order}, steps {layout.steps}"
        + " from an offset" * layout.later
        for layout in layouts
    ]
