"""What a `forward` is called with, as people write it: shapes, and whatever else it takes.

``3x32x32``, ``int64:77``, ``bool:@7x7``, ``int64:[30, 28]``, ``{img: 3x8x8, tab: 4}``,
``[3x8x8, 3x8x8]``, ``0.5``, ``True``, ``None``, ``"train"``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from ..errors import SpecError, suggestion
from ..run.input_check import forward_of
from ..run.record import regrouped, tensors
from ..shapetorch.nn.modules.constructor import REQUIRED, signature, takes_any
from ..shapetorch.tensor import Tensor
from .shape import lists_sizes, sample

_NAME = r"[^\W\d][\w.-]*"
_NAMED = rf"(?s)\s*({_NAME})\s*=(.*)"
_KEY = rf"""\s*(?:"([^"]*)"|'([^']*)'|({_NAME}))\s*[:=]"""
_FLOAT = r"[+-]?((\d+\.\d*|\.\d+)([eE][+-]?\d+)?|\d+[eE][+-]?\d+)"
_INTEGER = r"[+-]?\d{1,30}"
_CALL = r"(int|float)\(\s*(.*?)\s*\)"
#: A word that is text: a shape has digits or capitals.
_WORD = r"[^\W\dA-Z]\w*"
_CONSTANTS = {"none": None, "null": None, "true": True, "false": False}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NUMBERS: dict[str, Callable[[str], Any]] = {"int": int, "float": float}
_DTYPE = r"\b(u?int|float|bfloat|complex|bool|long|half|double)\w*\s*:"
_DEEPEST = 20
_SPELLINGS = (
    "3x32x32, int64:77, 0.5, True, None, '\"text\"', '[3x8x8, 4]' or '{img: 3x8x8, tab: 4}'"
)


class Inputs(NamedTuple):
    """What a network is called with.

    Attributes:
        by_place: its arguments by place.
        by_name: those by name.
        undeclared: the tensors in them of which nobody said a dtype.
        batch: samples in a batch, as `counted` says.
    """

    by_place: list[Any]
    by_name: dict[str, Any]
    undeclared: list[Tensor]
    batch: int | None


def read_inputs(
    network: Any, values: Iterable[Any], named: Mapping[str, Any], batch: int | None
) -> Inputs:
    """Return what to call a network with.

    Args:
        network: the module; its `forward` says what it takes.
        values: the arguments by place, or as text ``name=value``; for what they may be see `value`.
        named: those by name.
        batch: the size of the batch axis, 1 unless given.

    Raises:
        SpecError: one cannot be read, or is given twice.
        ShapeError: torch could not count the bytes of a tensor in 64 bits.
    """
    values = list(values)
    kinds = argument_kinds(forward_of(network))
    size = 1 if batch is None else batch
    places = iter(kinds.values())
    arguments: list[Any] = []
    undeclared: list[Tensor] = []
    pairs: list[tuple[str, Any]] = []
    for item in values:
        name, text = named_part(item) if isinstance(item, str) else ("", item)
        if name:
            pairs.append((name, text))
        else:
            arguments.append(value(item, size, next(places, "")))
            undeclared += _undeclared(item, arguments[-1])
    keywords: dict[str, Any] = {}
    for name, item in (*pairs, *named.items()):
        if name in keywords:
            raise SpecError(f"the input {name!r} is given twice")
        keywords[name] = value(item, size, kinds.get(name, ""), by_name=True)
        undeclared += _undeclared(item, keywords[name])
    by_name = _in_dictionary(network, len(arguments), keywords)
    whole = any(hasattr(item, "shape") for item in (*values, *named.values()))
    samples = None if whole else counted(tensors([arguments, by_name]), size)
    return Inputs(arguments, by_name, undeclared, samples)


def counted(inputs: Iterable[Tensor], batch: int) -> int | None:
    """Return the samples in a batch, if the first axis of every input counts them; else None."""
    return batch if all(tensor.shape[:1] == (batch,) for tensor in inputs) else None


def _undeclared(item: Any, argument: Any) -> list[Tensor]:
    """Return the tensors of an argument, but for those that were read from what says a dtype."""
    if isinstance(item, dict) and isinstance(argument, dict):
        return [t for name in argument for t in _undeclared(item.get(name), argument[name])]
    if isinstance(argument, (list, tuple)) and isinstance(item, (list, tuple)):
        pairs = zip(item, argument, strict=False)
        return [t for declared, part in pairs for t in _undeclared(declared, part)]
    says = isinstance(item, str) and re.search(_DTYPE, item) is not None
    return [] if says or tensors(item) else tensors(argument)


def listed(input: Any) -> list[Any]:
    """Return inputs as a list; one alone is text."""
    return [input] if isinstance(input, str) else list(input or ())


def named_part(text: str) -> tuple[str, str]:
    """Return the name of an input, or nothing, and what it is: ``img=3x8x8``."""
    pair = re.fullmatch(_NAMED, text)
    return (pair[1], pair[2]) if pair else ("", text)


def value(item: Any, batch: int, kind: str = "", *, by_name: bool = False) -> Any:
    """Return one argument of a `forward`.

    Args:
        item: text; or the shape of one sample, ``(C, H, W)``; or a list, tuple or dictionary of
            arguments; or what is taken as it is: a tensor, a number, a flag, None.
        batch: the size of the batch axis, which samples have in front.
        kind: ``int``, ``float``, ``bool`` or ``str``, where the `forward` says that it takes one.
        by_name: it is behind a name, where a plain word is text.

    Raises:
        SpecError: it cannot be read.
    """
    if isinstance(item, str):
        return _of_kind(item.strip(), batch, kind, by_name)
    if isinstance(item, dict):
        return {name: value(member, batch, by_name=True) for name, member in item.items()}
    if not isinstance(item, (tuple, list)):
        return item
    if all(isinstance(size, int) and not isinstance(size, bool) for size in item):
        return Tensor((batch, *item))
    members = [value(member, batch) for member in item]
    return regrouped(item, members)


def argument_kinds(forward: Callable[..., Any]) -> dict[str, str]:
    """Return the arguments of a `forward`, each with the kind of its annotation or default.

    That is ``int``, ``float``, ``bool`` or ``str``, or nothing.
    """
    written = getattr(forward, "__annotations__", {})
    kinds = {}
    for name, default in list(signature(forward).items())[1:]:
        annotation = written.get(name, type(default))
        kind = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
        kind = kind.partition("|")[0].strip().removeprefix("Optional[").removesuffix("]")
        kinds[name] = kind if kind in ("int", "float", "bool", "str") else ""
    return kinds


def _of_kind(text: str, batch: int, kind: str, by_name: bool) -> Any:
    """Read text for an argument that the `forward` says is a number, a flag or text."""
    is_constant = text.lower() in _CONSTANTS
    if kind == "str" and not is_constant and text[:1] not in ("'", '"'):
        return text
    if kind in _NUMBERS and re.fullmatch(_INTEGER, text):
        return _NUMBERS[kind](text)
    result = _read(text, batch, by_name)
    if kind in ("int", "float", "bool") and isinstance(result, str):
        fix = {"int": "a whole number: 3", "float": "a number: 0.5", "bool": "True or False"}[kind]
        raise SpecError(f"the network takes no text {text[:40]!r} here", fix=fix)
    return result


def _read(text: str, batch: int, by_name: bool, depth: int = 0) -> Any:
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
        return text[1:-1]
    if re.fullmatch(_FLOAT, text):
        return float(text)
    number = re.fullmatch(_CALL, text)
    if number and (re.fullmatch(_INTEGER, number[2]) or re.fullmatch(_FLOAT, number[2])):
        return _NUMBERS[number[1]](number[2]) if number[1] == "float" else int(float(number[2]))
    if text[:1] == "{" or (text[:1] in ("(", "[") and not lists_sizes(text)):
        return _container(text, batch, depth)
    if by_name and re.fullmatch(_WORD, text) and text != "x":
        return text
    if text and not re.search(r"[\dA-Z()]", text):
        raise _unread(text)
    return sample(text, batch)


def _container(text: str, batch: int, depth: int) -> Any:
    if depth > _DEEPEST:
        raise _unread(text, "it is nested too deep")
    parts = _parts(text)
    if text[0] != "{":
        items = [_read(part.strip(), batch, True, depth + 1) for part in parts]
        return items if text[0] == "[" else tuple(items)
    result: dict[str, Any] = {}
    for part in parts:
        key = re.match(_KEY, part)
        if key is None:
            raise _unread(text, f"{part.strip()[:40]!r} has no name before it")
        name = key[1] or key[2] or key[3] or ""
        if name in result:
            raise _unread(text, f"it has {name!r} twice")
        result[name] = _read(part[key.end() :].strip(), batch, True, depth + 1)
    return result


def _parts(text: str) -> list[str]:
    """Return what is between the brackets of `text`, apart at the commas outside of others."""
    parts, closing, quote = [""], [_CLOSING[text[0]]], ""
    for index, char in enumerate(text[1:], 2):
        if quote or char in "\"'":
            quote = "" if char == quote else quote or char
        elif char in _CLOSING:
            closing.append(_CLOSING[char])
        elif char == closing[-1]:
            closing.pop()
            if not closing and index < len(text):
                raise _unread(text, f"{text[index:][:20]!r} comes after its end")
        if not closing:
            return [part for part in parts if part.strip()]
        if char == "," and len(closing) == 1 and not quote:
            parts.append("")
        else:
            parts[-1] += char
    raise _unread(text, f"{quote or closing[-1]} is missing")


def _unread(text: str, why: str = "") -> SpecError:
    return SpecError(f"cannot read the input {text[:60]!r}{': ' * bool(why)}{why}", fix=_SPELLINGS)


# A dictionary that a forward takes


def _in_dictionary(network: Any, places: int, keywords: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments by name; those of other names make up the one that is a dictionary.

    ``forward(self, batch)`` that reads ``batch["img"]`` takes ``img=``.

    Raises:
        SpecError: neither `forward` nor what the network reads has such a name.
    """
    arguments = dict(list(signature(forward_of(network)).items())[1:])
    others = [name for name in keywords if name not in arguments]
    if not others or takes_any(forward_of(network))[1]:
        return keywords
    rest = list(arguments.items())[places:]
    missing = [name for name, default in rest if default is REQUIRED and name not in keywords]
    keys = set(_keys(network)) if len(missing) == 1 else set()
    unknown = [name for name in others if name not in keys]
    if len(unknown) == len(others):
        return keywords  # which the run refuses, with the names that there are
    if unknown:
        fix = suggestion(unknown[0], [*arguments, *keys])
        raise SpecError(f"{missing[0]} has no {unknown[0]!r} in this network", fix=fix)
    members = {name: keywords[name] for name in others}
    return {name: v for name, v in keywords.items() if name in arguments} | {missing[0]: members}


def _keys(network: Any) -> Iterator[str]:
    """Yield the texts in a network's code and attributes, by which it may read a dictionary."""
    for module in network.modules():
        for value in vars(module).values():
            yield from _texts(value)
        for kind in type(module).__mro__:
            if kind.__module__.startswith(("torch.", "convshape.")):
                break
            for member in vars(kind).values():
                if isinstance(member, FunctionType):
                    yield from _constants(member.__code__)
        forward = getattr(type(module).forward, "__code__", None)
        if module is not network and forward is not None:  # which may be called with **batch
            yield from forward.co_varnames[1 : forward.co_argcount + forward.co_kwonlyargcount]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        yield from (item for item in value if isinstance(item, str))


def _constants(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _constants(constant)
        else:
            yield from _texts(constant)
