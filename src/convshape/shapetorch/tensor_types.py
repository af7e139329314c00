"""``torch.Tensor``, ``torch.FloatTensor`` and so on, and the dtypes that are names only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from .. import user_frames
from ..errors import ShapeError, UnknownOperation
from . import dtypes
from .arguments import plain_number
from .ops.spaces import FUNCTIONS
from .placeholder import HINT, Placeholder
from .tensor import Tensor, new
from .tensor_attributes import Size


class TensorType(type):
    """The type of ``torch.Tensor``: every tensor is one; called, it makes one as torch does."""

    def __instancecheck__(cls, instance: Any) -> bool:
        dtype = cls.__dict__.get("dtype")
        on_cpu = cls.__module__ != "torch.cuda"
        return on_cpu and isinstance(instance, Tensor) and dtype in (None, instance.dtype)

    def __eq__(cls, other: object) -> bool:
        """Compare as the type of tensors, which ``type(x) == torch.Tensor`` asks for."""
        is_type = "dtype" not in cls.__dict__ and other is Tensor
        return is_type or type.__eq__(cls, other) is True

    __hash__ = type.__hash__

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, Tensor) or type.__subclasscheck__(cls, subclass)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        dtype = cls.__dict__.get("dtype") or dtypes.float32
        args = tuple(map(plain_number, (*args, *([kwargs["data"]] if "data" in kwargs else ()))))
        if len(args) == 1 and isinstance(args[0], Size):
            return new(args[0], dtype)
        if len(args) == 1 and not isinstance(args[0], int):
            return _of_one(cls, args[0], dtype)
        return new(Tensor(args or (0,)).shape, dtype)

    def __getattr__(cls, name: str) -> Any:
        return getattr(Tensor, name)


def _of_one(kind: TensorType, data: Any, dtype: dtypes.dtype) -> Any:
    """Return what a type makes of the one argument that it is called with."""
    if isinstance(data, float):
        raise ShapeError(f"needs sizes or a list of numbers, but receives {data!r}", kind=TypeError)
    if not isinstance(data, Tensor):
        return as_tensor(data, dtype=dtype)
    if kind.__dict__.get("dtype", data.dtype) is not data.dtype:
        raise ShapeError(f"needs a tensor of {dtype.name}, but receives {data.dtype.name}")
    return data


_BY_PREFIX = {
    "Float": dtypes.float32, "Double": dtypes.float64, "Half": dtypes.float16,
    "Long": dtypes.int64, "Int": dtypes.int32, "Short": dtypes.int16, "Char": dtypes.int8,
    "Byte": dtypes.uint8, "Bool": dtypes.bool, "BFloat16": dtypes.bfloat16,
}  # fmt: skip


def tensor_types(home: str) -> dict[str, Any]:
    """Return ``torch.FloatTensor`` and so on, or those of ``torch.cuda``, which are on the CPU."""
    return {
        f"{prefix}Tensor": TensorType(f"{prefix}Tensor", (), {"dtype": dtype, "__module__": home})
        for prefix, dtype in _BY_PREFIX.items()
    }


def of_data(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of data, which may come from a package that is not installed."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Placeholder):
            if args[0]._tensor is None:
                return args[0]._value()
            args = (args[0]._tensor, *args[1:])
        return function(*args, **kwargs)

    return call


#: ``torch.as_tensor``.
as_tensor = of_data(FUNCTIONS["as_tensor"])


class _UnknownDtype(dtypes.dtype):
    """A dtype that convshape does not compute with: refused where its kind matters."""

    __slots__ = ()

    def __init__(self, name: str, itemsize: int) -> None:
        self.name = name
        self.itemsize = itemsize

    @property
    def kind(self) -> int:  # type: ignore[override]
        """Refuse: what it promotes to is not known."""
        what = f"torch.{self.name} is not known to convshape"
        raise UnknownOperation(what, where=user_frames.here(), fix=HINT)

    @property
    def is_floating_point(self) -> bool:
        """Whether it is one of the real floating-point types."""
        return self.name.startswith("float")

    @property
    def is_complex(self) -> bool:
        """Whether it is one of the complex types: none is."""
        return False

    @property
    def is_signed(self) -> bool:
        """Whether it can be negative."""
        return self.name.startswith(("float", "int", "qint"))


#: torch's dtypes besides those of `dtypes`, by their bytes.
_BY_BYTES = {
    1: "bit bits1x8 bits2x4 bits4x2 bits8 float4_e2m1fn_x2 float8_e4m3fn float8_e4m3fnuz "
    "float8_e5m2 float8_e5m2fnuz float8_e8m0fnu int1 int2 int3 int4 int5 int6 int7 qint8 quint2x4 "
    "quint4x2 quint8 uint1 uint2 uint3 uint4 uint5 uint6 uint7",
    2: "bits16 uint16",
    4: "qint32 uint32",
    8: "uint64",
}
UNKNOWN_DTYPES = {
    name: _UnknownDtype(name, size) for size, names in _BY_BYTES.items() for name in names.split()
}
