"""ONNX files as messages, after ``onnx.proto``: the graph is read, the weights are not."""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
from math import prod
from struct import error as unpack_error
from struct import pack, unpack, unpack_from
from typing import Any

from ...errors import SpecError
from ...shapetorch import dtypes
from ...shapetorch.known_values import MOST, attach
from ...shapetorch.tensor import Tensor
from .. import unreadable
from .protobuf import Message, Schema, parse, signed, varints

#: The fields of each message that are read: number, name and kind.
_FIELDS = {
    "Model": "1 ir_version int, 2 producer text, 7 graph Graph, 8 opsets Opset*, "
    "25 functions Function*",
    "Opset": "1 domain text, 2 version int",
    "Graph": "1 nodes Node*, 2 name text, 5 initializers Tensor*, 11 inputs Value*, "
    "12 outputs Value*, 15 sparse_initializers SparseTensor*",
    "Function": "1 name text, 4 inputs text*, 5 outputs text*, 7 nodes Node*, 9 opsets Opset*, "
    "10 domain text, 11 attributes Attribute*",
    "Node": "1 inputs text*, 2 outputs text*, 3 name text, 4 op_type text, "
    "5 attributes Attribute*, 7 domain text, 9 metadata Pair*",
    "Pair": "1 key text, 2 value text",
    "Attribute": "1 name text, 2 f float, 3 i int, 4 s text, 5 t Tensor, 6 g Graph, "
    "7 floats float*, 8 ints int*, 9 strings text*, 20 type int, 21 reference text, "
    "22 sparse SparseTensor",
    "Tensor": "1 dims int*, 2 data_type int, 4 float_data bytes*, 5 int32_data bytes*, "
    "7 int64_data bytes*, 8 name text, 9 raw_data bytes, 10 double_data bytes*, "
    "11 uint64_data bytes*",
    "SparseTensor": "1 values Tensor, 3 dims int*",
    "Value": "1 name text, 2 type Type",
    "Type": "1 tensor TensorType",
    "TensorType": "1 elem_type int, 2 shape Shape",
    "Shape": "1 dims Dim*",
    "Dim": "1 size int?, 2 symbol text",
}


def _schema(fields: str) -> Schema:
    parts = (field.split() for field in fields.split(", "))
    return {int(number): (name, kind) for number, name, kind in parts}


SCHEMAS = {message: _schema(fields) for message, fields in _FIELDS.items()}
#: Which field of an attribute its type names.
_OF_TYPE = {
    1: "f", 2: "i", 3: "s", 4: "t", 5: "g", 6: "floats", 7: "ints", 8: "strings", 11: "sparse"
}  # fmt: skip
#: ONNX's element types; for those that torch lacks, one of the same size.
DTYPES = {
    1: dtypes.float32, 2: dtypes.uint8, 3: dtypes.int8, 4: dtypes.int16, 5: dtypes.int16,
    6: dtypes.int32, 7: dtypes.int64, 8: dtypes.uint8, 9: dtypes.bool, 10: dtypes.float16,
    11: dtypes.float64, 12: dtypes.int32, 13: dtypes.int64, 14: dtypes.complex64,
    15: dtypes.complex128, 16: dtypes.bfloat16, 17: dtypes.uint8, 18: dtypes.uint8,
    19: dtypes.uint8, 20: dtypes.uint8, 21: dtypes.uint8, 22: dtypes.int8, 23: dtypes.uint8,
    24: dtypes.uint8, 25: dtypes.uint8, 26: dtypes.int8,
}  # fmt: skip
#: For types whose values may determine a shape: their format in raw data, and their list.
_LAYOUTS = {
    1: ("f", "float_data"), 2: ("B", "int32_data"), 3: ("b", "int32_data"),
    5: ("h", "int32_data"), 6: ("i", "int32_data"), 7: ("q", "int64_data"),
    9: ("?", "int32_data"), 10: ("H", "int32_data"), 11: ("d", "double_data"),
    16: ("H", "int32_data"),
}  # fmt: skip

#: The dtypes of constants that are written as numbers or texts, one or several.
_CONSTANTS = {
    "value_int": dtypes.int64, "value_float": dtypes.float32, "value_string": dtypes.uint8,
}  # fmt: skip


def model_of(path: str) -> Message:
    """Return the model of a file, which is mapped into memory and not read beyond its graph.

    Raises:
        SpecError: there is no such file, or it is not an ONNX model.
    """
    try:
        with open(path, "rb") as file:
            is_empty = not os.path.getsize(path)
            data = b"" if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if not data:
        raise SpecError(f"{path} is empty, not an ONNX model")
    return model(memoryview(data), path)


def model(data: memoryview, path: str) -> Message:
    """Return the model that these bytes are; `path` is named in errors.

    Raises:
        SpecError: they are none.
    """
    if bytes(data[:40]).startswith(b"version https://git-lfs"):
        what = f"{path} is a pointer of Git LFS: the model itself has not been fetched"
        raise SpecError(what, fix="git lfs pull")
    try:
        result = parse("Model", data, SCHEMAS)
    except SpecError as error:
        raise error.changed(where=path) from None
    except RecursionError:
        raise SpecError("the graphs are nested too deep", where=path) from None
    if result.graph is None:
        what = "this is not an ONNX model, or it is damaged: there is no graph in it"
        raise SpecError(what, where=path, fix="export it again")
    return result


def attributes_of(message: Message, of_call: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the attributes of a node or function by name.

    Args:
        message: the node or function.
        of_call: the attributes of the function that a node is in: its own may refer to them.
    """
    known = of_call or {}
    return {
        a.name: known[a.reference] if a.reference else _value(a)
        for a in message.attributes
        if not a.reference or a.reference in known
    }


def _value(attribute: Message) -> Any:
    """Return the value of an attribute: a number, text, a tensor, a graph, or a list."""
    name = _OF_TYPE.get(attribute.type)
    if name is None and not attribute.type:  # files of 2017 have no types
        name = next(
            (n for n in _OF_TYPE.values() if getattr(attribute, n) not in ("", 0, None, [])), "i"
        )
    return getattr(attribute, name) if name else None


def constant(attributes: Mapping[str, Any]) -> Tensor:
    """Return the tensor that a node of the operator Constant holds.

    Raises:
        SpecError: it holds none.
    """
    for name, value in attributes.items():
        if name == "value":
            return tensor_of(value)
        if name == "sparse_value":
            return sparse_tensor(value)
        dtype = _CONSTANTS.get(name.removesuffix("s"))
        if dtype is not None:
            shape = (len(value),) if name.endswith("s") else ()
            tensor = Tensor(shape, dtype)
            is_text = dtype is dtypes.uint8
            return tensor if is_text else attach(tensor, list(value) if shape else [value])
    raise SpecError("a Constant of the file has no value", fix="export it again")


def sparse_tensor(message: Message) -> Tensor:
    """Return a sparse tensor that a file holds, ``(*dims)``.

    Raises:
        SpecError: it has no values, or their element type is not known.
    """
    values = getattr(message, "values", None)
    if values is None:
        raise SpecError("a sparse tensor of the file has no values")
    return Tensor(tuple(message.dims), tensor_of(values).dtype)


def dtype_of(number: int, what: str) -> dtypes.dtype:
    """Return the dtype of the elements of something, which ONNX numbers.

    Raises:
        SpecError: there is no such number.
    """
    if number not in DTYPES:
        raise SpecError(f"{what} has the element type {number}, which ONNX does not have")
    return DTYPES[number]


def tensor_of(message: Message) -> Tensor:
    """Return the tensor that a file holds, ``(*dims)``: with its values where they are few.

    Raises:
        SpecError: the element type is not known, or the values do not fill the shape.
    """
    dtype = dtype_of(message.data_type, f"the tensor {message.name!r}")
    result = Tensor(tuple(message.dims), dtype)
    if prod(message.dims) <= MOST and message.data_type in _LAYOUTS:
        values = _values(message)
        if values is not None:
            attach(result, values)
    return result


def _values(message: Message) -> list[Any] | None:
    """Return the values of a small tensor in rows; None where they are in another file."""
    code, name = _LAYOUTS[message.data_type]
    count = prod(message.dims)
    try:
        if message.raw_data is not None:
            values: list[Any] = list(unpack_from(f"<{count}{code}", message.raw_data))
        elif code in "fd":
            values = _listed(getattr(message, name), code)
        else:
            values = [n for item in getattr(message, name) for n in _integers(item)]
    except (unpack_error, TypeError):  # too few, or of another type than the file says
        what = f"the tensor {message.name!r} has fewer values than its shape holds"
        raise SpecError(what, fix="export it again") from None
    if len(values) < count:
        return None
    if code == "H":  # the bits of a float16, or the upper half of those of a float32
        half = message.data_type == 10
        return [
            unpack("<e", pack("<H", v))[0] if half else unpack("<f", pack("<I", v << 16))[0]
            for v in values
        ]
    return list(map(bool, values)) if code == "?" else values


def _integers(item: int | memoryview) -> list[int]:
    return [signed(item)] if isinstance(item, int) else varints(item)


def _listed(chunks: list[memoryview], code: str) -> list[float]:
    size = {"f": 4, "d": 8}[code]
    return [v for chunk in chunks for v in unpack_from(f"<{len(chunk) // size}{code}", chunk)]
