"""torch's dtypes and the lattice in which they promote one another."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

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


def promote_types(a: dtype, b: dtype) -> dtype:
    """Return the smallest dtype that both convert to, as `torch.promote_types`."""
    if a is b:
        return a
    if a.kind != b.kind:
        low, high = sorted((a, b), key=lambda t: t.kind)
        return promote_types(high, to_complex(low)) if high.kind == COMPLEX and low.kind == FLOATING else high
    if a.itemsize != b.itemsize:
        low, high = sorted((a, b), key=lambda t: t.itemsize)
        return high
    # The pairs of one width: two that each hold something the other cannot.
    return int16 if a.kind == INTEGER else float32


_LARGEST: dict[str, builtins.float] = {
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float32": 3.4028234663852886e38,
}


def holds(dtype: dtype, value: builtins.float | complex) -> builtins.bool:
    """Tell whether a tensor of `dtype` can hold a number; what is lost after the point does not count."""
    if dtype.kind == BOOL:
        return True
    if isinstance(value, complex):
        return dtype.kind == COMPLEX or (not value.imag and holds(dtype, value.real))
    if dtype.kind == INTEGER:
        most: builtins.int = 2 ** (8 * dtype.itemsize - (dtype is not uint8))
        least = 1 - most if dtype is uint8 else -most  # torch lets negative numbers wrap around
        return least <= value < most
    largest = _LARGEST.get(to_real(dtype).name)
    return largest is None or not largest < abs(value) < inf


def to_complex(floating: dtype) -> dtype:
    """Return the complex dtype whose parts are `floating`, complex64 for the rest."""
    return {"float16": complex32, "float64": complex128}.get(floating.name, complex64)


def to_real(complex: dtype) -> dtype:
    """Return the dtype of the parts of `complex`, and any other dtype as it is."""
    return {"complex32": float16, "complex64": float32, "complex128": float64}.get(complex.name, complex)
