"""`Quotient`: a size divided by an int, a floating-point number that remembers its size."""

from __future__ import annotations

from math import isfinite
from typing import Any

#: A factor such as 1.5 has a power of two below the line. Up to this one its products are exact.
FINEST = 2**10
#: Operations of floating-point numbers that keep no expression.
_PLAIN = (
    "abs bool divmod floordiv mod neg pos pow rdivmod rfloordiv rmod round rpow rsub rtruediv trunc"
)


def _by_value(name: str) -> Any:
    """Return an operation of floating-point numbers, which notes that the value is used."""
    plain = getattr(float, name)

    def operation(self: Quotient, *others: Any) -> Any:
        return plain(float(self), *others)

    return operation


def _comparison(name: str) -> Any:
    """Return a comparison, of sizes if that is exact: ``size / 4 > 1.5`` is ``2·size > 12``."""
    by_value = _by_value(name)

    def compare(self: Quotient, other: Any) -> Any:
        if type(other) in (int, float) and isfinite(other):
            above, below = other.as_integer_ratio()
            is_power = self._divisor & (self._divisor - 1) == 0
            if below == 1 or (is_power and below <= FINEST):
                return getattr(self._dividend * below, name)(above * self._divisor)
        return by_value(self, other)

    return compare


class Quotient(float):
    """``dividend / divisor`` of a size and a positive int; its floor and ceiling are sizes."""

    _dividend: int
    _divisor: int

    def __new__(cls, dividend: int, divisor: int) -> Quotient:
        """Divide a size."""
        quotient = float.__new__(cls, int.__int__(dividend) / divisor)
        quotient._dividend, quotient._divisor = dividend, divisor
        return quotient

    def __floor__(self) -> int:
        floor: int = self._dividend // self._divisor
        return floor

    def __ceil__(self) -> int:
        ceiling: int = -(-self._dividend // self._divisor)
        return ceiling

    def __add__(self, other: Any) -> Any:
        if type(other) is int:
            return Quotient(self._dividend + other * self._divisor, self._divisor)
        return float(self) + other

    def __sub__(self, other: Any) -> Any:
        return self + -other if type(other) is int else float(self) - other

    def __mul__(self, other: Any) -> Any:
        # Only halves, quarters, ... are exact floats: 1 / 49 * 49 is below 1.
        if type(other) is int and self._divisor & (self._divisor - 1) == 0:
            return Quotient(self._dividend * other, self._divisor)
        return float(self) * other

    def __truediv__(self, other: Any) -> Any:
        if type(other) is int and other > 0:
            return Quotient(self._dividend, self._divisor * other)
        return float(self) / other

    __radd__, __rmul__ = __add__, __mul__

    def __int__(self) -> int:
        whole = -self._dividend // self._divisor if self < 0 else self._dividend // self._divisor
        return -int(whole) if self < 0 else int(whole)

    def __float__(self) -> float:
        return int(self._dividend) / self._divisor

    __hash__ = _by_value("__hash__")
    __eq__, __ne__ = _comparison("__eq__"), _comparison("__ne__")
    __lt__, __le__ = _comparison("__lt__"), _comparison("__le__")
    __gt__, __ge__ = _comparison("__gt__"), _comparison("__ge__")


for _name in _PLAIN.split():
    setattr(Quotient, f"__{_name}__", _by_value(f"__{_name}__"))
