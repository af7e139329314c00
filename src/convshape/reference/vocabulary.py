"""The vocabulary, for `convshape layers`: the names by family, and what each one is."""

from __future__ import annotations

import re
import sys
from typing import Any, NamedTuple

from .. import shapetorch
from ..api import trace_expression
from ..docstrings import docstring
from ..errors import UnknownOperation, nearest
from ..readers.expressions.calls import usage
from ..readers.expressions.vocabulary import (
    LAYERS,
    MODULES,
    PREFIXES,
    SPACES,
    method_names,
    prefixed,
)
from ..render.equation import lines, symbols
from ..shapetorch.arguments import shape
from ..shapetorch.nn import Module
from ..shapetorch.ops.spaces import METHODS
from .examples import EXAMPLES


def families() -> dict[str, list[str]]:
    """Return the names of the vocabulary by family: layers, functions, tensor methods.

    A family is a file of `shapetorch`, or one of torch's modules, and its heading what that says of
    itself.
    """
    result: dict[str, list[str]] = {}
    known = {name: SPACES[name] for name in ("F", "torch", *MODULES)}
    names = method_names()
    methods = {name: value for name, value in METHODS.items() if name in names}
    known = {"nn": LAYERS, **known, "Tensor": methods}
    listed: set[Any] = set()
    for space, members in known.items():
        for name, value in members.items():
            if not callable(value) or (space not in ("F", *MODULES) and value in listed):
                continue  # a method that is a function too is listed once
            listed.add(value)
            home = f"{shapetorch.__name__}.{space}" if space in MODULES else _home(value)
            heading = _sentence(docstring(sys.modules[home]))
            result.setdefault(f"{space}: {heading}", []).append(name)
    return {family: sorted(names) for family, names in result.items()}


def matching(text: str) -> dict[str, list[str]]:
    """Return the families, as `families` does, whose heading or names contain words in any case.

    A family whose heading has words that start with them is returned whole. A name that differs
    from the word only in case is a misspelling, not a search: the result is empty then.
    """
    words = re.findall(r"\w+", text.lower())
    result: dict[str, list[str]] = {}
    for family, names in families().items():
        if len(words) == 1 and words[0] in map(str.lower, names):
            return {}
        heading = family.partition(": ")[2].lower().split()
        rest = [word for word in words if not any(part.startswith(word) for part in heading)]
        if chosen := [name for name in names if all(word in name.lower() for word in rest)]:
            result[family] = chosen
    return result


def _home(value: Any) -> str:
    """Return the module that defines a layer or a function."""
    return str(getattr(value, "__wrapped__", value).__module__)


class Entry(NamedTuple):
    """What is to be known of one name.

    Attributes:
        usage: its arguments and their defaults, as a call.
        about: what it does, with the shapes.
        equation: the size along an axis, in symbols, or nothing.
        refuses: what it refuses, or nothing.
        example: of a layer: a call with the shapes that go in and come out, and the equation with
            numbers.
    """

    usage: str
    about: str
    equation: str = ""
    refuses: str = ""
    example: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the entry as JSON has it."""
        return self._asdict()


def describe(name: str) -> Entry:
    """Return what is to be known of a name.

    It may be a layer, a function (with or without its prefix) or a tensor's method.

    Raises:
        UnknownOperation: there is no such name.
    """
    prefix, _, last = name.rpartition(".")
    space = (
        METHODS
        if prefix == "Tensor"
        else SPACES[prefix]
        if prefix in PREFIXES or not prefix
        else {}
    )
    function = space.get(last) or (METHODS.get(last) if not prefix else None)
    if function is None or not callable(function):
        near = prefixed(last) or nearest(last, [*SPACES[""], *METHODS])
        raise UnknownOperation(
            f"unknown layer, function or method {name!r}",
            fix=f"did you mean {near}?" if near else "run convshape layers --all for a list",
        )
    about, refuses = _documented(function)
    if last not in EXAMPLES:
        return Entry(usage(last, function), about, "", refuses)
    refuses = refuses or next((r for f in _functions(last) if (r := _documented(f)[1])), "")
    text, sample = EXAMPLES[last]
    return Entry(
        usage(last, function), about, symbols(function), refuses, worked_example(text, sample)
    )


def _documented(function: Any) -> tuple[str, str]:
    """Return what the docstring says, and what is refused; a layer without one has its base's."""
    kinds = function.__mro__[:-1] if isinstance(function, type) else (function,)
    text = next(filter(None, map(docstring, kinds)), "")
    paragraphs = [" ".join(part.split()) for part in text.replace("`", "").split("\n\n")]
    refused = [part for part in paragraphs if part.startswith("Raises: ")]
    about = [part for part in paragraphs if not part.startswith(("Raises: ", "Args: "))]
    return "\n\n".join(about), re.sub(r"^Raises: \w+: ", "", refused[0]) if refused else ""


def _functions(layer: str) -> list[Any]:
    """Return the functions of ``F`` that a layer is made of, by its name: ``max_pool2d``."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", layer).lower()
    names = (words, layer.lower(), re.sub(r"\dd$", "", words))
    return [SPACES["F"][name] for name in names if name in SPACES["F"]]


def _sentence(text: str) -> str:
    return text.partition("\n")[0].partition(":")[0].rstrip(".")


def worked_example(text: str, sample: str) -> str:
    """Return a layer with the shapes that go in and come out, its equation and its parameters.

    Args:
        text: the layer, as a call.
        sample: the shapes of its inputs, between blanks.
    """
    row = trace_expression(text, *sample.split()).rows[0]
    ins, outs = (", ".join(map(shape, shapes or ())) for shapes in (row.inputs, row.outputs))
    assert isinstance(row.call, Module)  # every example is of a layer
    state = ", ".join(f"{name} {shape(t.shape)}" for name, t in row.call.state_dict().items())
    parameters = [f"{row.params:,} parameters: {state}"] if row.params else []
    return "\n".join([f"{text}: {ins} → {outs}", *lines(row.call, row.inputs[0]), *parameters])
