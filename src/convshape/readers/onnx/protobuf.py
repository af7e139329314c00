"""Protocol buffers, as far as ONNX files need them; large fields are never read.

A model of many gigabytes is mostly weights. They are slices of the file, which is mapped into
memory, and are read only on demand; the limit of 2 GB of Google's library does not apply.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from struct import unpack_from
from typing import TYPE_CHECKING, Any

from ...errors import SpecError

#: A message's fields by their numbers: a name, and a kind. ``text``, ``int``, ``float`` and
#: ``bytes`` mean themselves, another name for a message; with a star there are several,
#: and a number with ``?`` is None where it is not set.
Schema = Mapping[int, tuple[str, str]]
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


class Message:
    """A message: its fields are attributes, those that are not set have empty values."""

    def __init__(self, fields: dict[str, Any]) -> None:
        vars(self).update(fields)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Return a field."""


def parse(kind: str, data: memoryview, schemas: Mapping[str, Schema]) -> Message:
    """Return a message of one of the `schemas`.

    Raises:
        SpecError: the data are no such message, or end before it does.
    """
    schema = schemas[kind]
    result: dict[str, Any] = {name: _empty(of) for name, of in schema.values()}
    for number, wire, value in _fields(data):
        if number not in schema:
            continue
        name, of = schema[number]
        many, of = of.endswith("*"), of.rstrip("*?")
        if wire == _LENGTH and many and of in ("int", "float"):
            result[name] += _packed(value, of)
            continue
        if many and of == "bytes" and wire != _LENGTH:
            result[name].append(value)  # one number of a list that is not packed
        elif many:
            result[name].append(_value(of, wire, value, schemas))
        else:
            result[name] = _value(of, wire, value, schemas)
    return Message(result)


def _empty(of: str) -> Any:
    empty: dict[str, Any] = {"text": "", "int": 0, "float": 0.0}
    return [] if of.endswith("*") else empty.get(of)


def _value(of: str, wire: int, value: Any, schemas: Mapping[str, Schema]) -> Any:
    wanted = {"int": _VARINT, "float": _FIXED32}.get(of, _LENGTH)
    if wire != wanted:
        raise _broken("a field has another type than it should")
    if of == "int":
        return signed(value)
    if of == "float":
        return unpack_from("<f", value)[0]
    if of == "text":
        return bytes(value).decode("utf-8", "replace")
    return value if of == "bytes" else parse(of, value, schemas)


def _fields(data: memoryview) -> Iterator[tuple[int, int, Any]]:
    """Yield number, wire type and value of each field: an int, or the slice of the data."""
    at, end = 0, len(data)
    while at < end:
        key, at = varint(data, at)
        wire = key & 7
        if wire == _VARINT:
            value: Any
            value, at = varint(data, at)
        elif wire in (_FIXED64, _FIXED32, _LENGTH):
            size, at = varint(data, at) if wire == _LENGTH else ({1: 8, 5: 4}[wire], at)
            if at + size > end:
                raise _broken("it ends in the middle of a field")
            value, at = data[at : at + size], at + size
        else:
            raise _broken(f"there is no wire type {wire}")
        yield key >> 3, wire, value


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the number that begins at a place, and where it ends."""
    result = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise _broken("it ends in the middle of a number")
        byte = data[at]
        at += 1
        result |= (byte & 127) << shift
        if byte < 128:
            return result, at
        shift += 7


def signed(value: int) -> int:
    """Return a number of 64 bits as one that may be negative."""
    value &= 2**64 - 1
    return value - 2**64 if value >> 63 else value


def _packed(data: memoryview, of: str) -> list[Any]:
    if of == "float":
        if len(data) % 4:
            raise _broken("a list of numbers ends in the middle of one")
        return list(unpack_from(f"<{len(data) // 4}f", data))
    return varints(data)


def varints(data: memoryview) -> list[int]:
    """Return the numbers of a packed list."""
    result, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        result.append(signed(value))
    return result


def _broken(why: str) -> SpecError:
    return SpecError(f"this is not an ONNX model, or it is damaged: {why}", fix="export it again")
