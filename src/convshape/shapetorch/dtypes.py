"""torch's dtypes and the lattice in which they promote one another."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from ..errors import ShapeError

if TYPE_CHECKING:
    import builtins  # this file gives int and bool the meaning that torch gives them

BOOL, INTEGER, FLOATING, COMPLEX = range(4)


class dtype:  # noqa: N801 - torch's name
    """One element type: its name, its bytes and its kind (bool, integer, floating, complex)."""

    __slots__ = ("itemsize", "kind", "name")

    def __init__(self, name: str, itemsize: builtins.int, kind: builtins.int) -> None:
        self.name = name
        self.itemsize: builtins.int = itemsize
        self.kind: builtins.int = kind

    @property
    def is_floating_point(self) -> builtins.bool:
        """Whether it is one of the real floating-point types."""
        return self.kind == FLOATING

    @property
    def is_complex(self) -> builtins.bool:
        """Whether it is one of the complex types."""
        return self.kind == COMPLEX

    @property
    def is_signed(self) -> builtins.bool:
        """Whether it can be negative."""
        return self.kind >= INTEGER and self.name != "uint8"

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name  # a copy is the dtype itself


bool = dtype("bool", 1, BOOL)
uint8 = dtype("uint8", 1, INTEGER)
int8 = dtype("int8", 1, INTEGER)
int16 = short = dtype("int16", 2, INTEGER)
int32 = int = dtype("int32", 4, INTEGER)
int64 = long = dtype("int64", 8, INTEGER)
float16 = half = dtype("float16", 2, FLOATING)
bfloat16 = dtype("bfloat16", 2, FLOATING)
float32 = float = dtype("float32", 4, FLOATING)
float64 = double = dtype("float64", 8, FLOATING)
complex32 = chalf = dtype("complex32", 4, COMPLEX)
complex64 = cfloat = dtype("complex64", 8, COMPLEX)
complex128 = cdouble = dtype("complex128", 16, COMPLEX)


_OF_PYTHON = {"bool": bool, "int": int64, "float": float64, "complex": complex128}


def as_dtype(value: Any) -> dtype:
    """Return `value` as torch reads a ``dtype`` argument: Python's types mean the widest."""
    if isinstance(value, dtype):
        return value
    if isinstance(value, type) and value.__module__ == "builtins" and value.__name__ in _OF_PYTHON:
        return _OF_PYTHON[value.__name__]
    raise ShapeError(f"needs a dtype such as torch.float32, but receives {value!r}")


def can_cast(from_: dtype, to: dtype) -> builtins.bool:
    """Return whether results of `from_` may be written into a tensor of `to`."""
    return as_dtype(from_).kind <= as_dtype(to).kind


class finfo:  # noqa: N801 - torch's name
    """The limits of a floating-point dtype, or of the parts of a complex one."""

    def __init__(self, type: dtype = float32) -> None:
        self.dtype = to_real(as_dtype(type)).name
        if self.dtype in _FLOAT8:
            self.max, self.min, self.eps, self.smallest_normal = _FLOAT8[self.dtype]
            self.bits, self.resolution, self.tiny = 8, 1.0, self.smallest_normal
            return
        if self.dtype not in _FLOATING:
            raise ShapeError(
                f"torch.finfo is of floating-point types, not of {self.dtype}", fix="torch.iinfo"
            )
        self.bits, digits, least, self.resolution = _FLOATING[self.dtype]
        self.eps = 2.0**-digits
        self.smallest_normal = self.tiny = 2.0**least
        self.max = (2.0 - self.eps) * 2.0 ** (1 - least)
        self.min = -self.max


#: Bits, digits after the point (binary), the least exponent, and the decimal resolution.
_FLOATING = {
    "float16": (16, 10, -14, 1e-3),
    "bfloat16": (16, 7, -126, 1e-2),
    "float32": (32, 23, -126, 1e-6),
    "float64": (64, 52, -1022, 1e-15),
}

#: The largest and the least number, the step after 1, and the smallest number of full precision.
_FLOAT8 = {
    "float8_e4m3fn": (448.0, -448.0, 2.0**-3, 2.0**-6),
    "float8_e4m3fnuz": (240.0, -240.0, 2.0**-3, 2.0**-7),
    "float8_e5m2": (57344.0, -57344.0, 2.0**-2, 2.0**-14),
    "float8_e5m2fnuz": (57344.0, -57344.0, 2.0**-3, 2.0**-15),
    "float8_e8m0fnu": (2.0**127, 2.0**-127, 1.0, 2.0**-127),
}


class iinfo:  # noqa: N801 - torch's name
    """The limits of an integer dtype."""

    def __init__(self, type: dtype) -> None:
        kind = as_dtype(type)
        if kind.name not in ("uint16", "uint32", "uint64") and kind.kind != INTEGER:
            raise ShapeError(f"torch.iinfo is of integer types, not {kind.name}", fix="torch.finfo")
        self.dtype = kind.name
        self.bits = 8 * kind.itemsize
        self.max: builtins.int = 2 ** (self.bits - kind.is_signed) - 1
        self.min = -self.max - 1 if kind.is_signed else 0


def check_whole(name: str, received: dtype, *kinds: dtype) -> None:
    """Refuse a dtype of indices, classes or counts that is neither int64 nor one of the others."""
    if received not in (int64, *kinds):
        what = f"needs {name} of int64, but receives {received.name}"
        raise ShapeError(what, argument=name, wanted=int64, received=received)


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """Return the smallest dtype that both convert to, as `torch.promote_types`."""
    a, b = type1, type2
    if a is b:
        return a
    if a.kind != b.kind:
        low, high = sorted((a, b), key=lambda t: t.kind)
        parts = high.kind == COMPLEX and low.kind == FLOATING
        return promote_types(high, to_complex(low)) if parts else high
    if a.itemsize != b.itemsize:
        return max(a, b, key=lambda t: t.itemsize)
    # The pairs of one width: two that each hold something the other cannot.
    return int16 if a.kind == INTEGER else float32


def holds(dtype: dtype, value: builtins.float | complex) -> builtins.bool:
    """Return whether a tensor of `dtype` can hold a number; digits after the point do not count."""
    if dtype.kind == BOOL:
        return True
    if isinstance(value, complex):
        return dtype.kind == COMPLEX or (not value.imag and holds(dtype, value.real))
    if dtype.kind == INTEGER:
        span = iinfo(dtype)
        wraps = dtype is uint8 and hasattr(value, "__index__")  # torch lets negative ints
        least = -span.max if wraps else span.min
        return least <= value <= span.max
    return not finfo(dtype).max < abs(value) < inf


def to_complex(floating: dtype) -> dtype:
    """Return the complex dtype whose parts are `floating`, complex64 for the rest."""
    return {"float16": complex32, "float64": complex128}.get(floating.name, complex64)


def to_real(complex: dtype) -> dtype:
    """Return the dtype of the parts of `complex`, and any other dtype as it is."""
    parts = {"complex32": float16, "complex64": float32, "complex128": float64}
    return parts.get(complex.name, complex)


#: What `Tensor.type` calls the dtypes.
TYPE_NAMES = {
    float32: "Float", float64: "Double", float16: "Half", bfloat16: "BFloat16",
    uint8: "Byte", int8: "Char", int16: "Short", int32: "Int",
    int64: "Long", bool: "Bool", complex32: "ComplexHalf",
    complex64: "ComplexFloat", complex128: "ComplexDouble",
}  # fmt: skip
_TYPES = {f"torch.{name}Tensor": kind for kind, name in TYPE_NAMES.items()}
_TYPES["torch.Tensor"] = float32


def of_type(value: Any) -> dtype:
    """Return the dtype of ``torch.FloatTensor`` or its name; a dtype is passed on."""
    if isinstance(value, type):
        value = f"torch.{value.__name__}"
    if isinstance(value, str):
        value = _TYPES.get(value.replace("torch.cuda.", "torch."))
    if not isinstance(value, dtype):
        raise ShapeError(
            "needs a dtype such as torch.float32, or a name such as 'torch.FloatTensor'"
        )
    return value
