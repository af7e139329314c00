"""`Dim`: a size that remembers where it came from.

It is an int, so that every rule runs on it unchanged, and an expression over symbols; arithmetic
computes both. A comparison is decided by the ints. In a recording it is also noted as a `Condition`
that holds: one ordinary run of a network gives the closed form of each size, and says when another
run takes the same path.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .. import symbolic
from .condition import EQUAL, LEAST, UNEQUAL, Condition
from .expression import Expression, number, symbol
from .quotient import FINEST, Quotient

if TYPE_CHECKING:
    Sides = tuple[Expression, Expression]

#: A comparison with more than this asks whether 64 bits hold a size, and sets no condition.
_WORD = 2**40


class Record:
    """What a run relied on.

    Attributes:
        sizes: the values of the symbols.
        conditions: the comparisons in order, each once, with both sides as they were written if
            that is not the condition itself.
        fixed: the values that left their expressions, for example by ``int(size)`` or in
            floating-point numbers: the run is known to be the same only with these values.
    """

    def __init__(self, sizes: Mapping[str, int] | None = None) -> None:
        self.sizes = dict(sizes or {})
        self.conditions: dict[Condition, Sides | None] = {}
        self.fixed: dict[Condition, None] = {}
        #: Conditions, and whether they hold, from which these were made.
        self.seen: set[tuple[Condition, bool]] = set()


@contextmanager
def recording(record: Record | None) -> Iterator[None]:
    """Note in a record what is compared, or nowhere."""
    outer, symbolic.record = symbolic.record, record
    try:
        yield
    finally:
        symbolic.record = outer


def expression_of(value: int) -> Expression:
    """Return the expression of a size, which may be a plain int."""
    return value.expression if isinstance(value, Dim) else number(value)


def _dim(value: int, expression: Expression) -> int:
    """Return a size with an expression, a plain int where no symbol is in it."""
    if expression.constant is not None:
        return value
    dim = int.__new__(Dim, value)
    dim.expression = expression
    return dim


def _binary(
    plain: Callable[[int, int], int], combine: Callable[[Expression, Expression], Expression]
) -> Any:
    """Return an operator of two sizes, and the one with its operands exchanged."""

    def operator(self: Dim, other: Any) -> Any:
        if isinstance(other, int):
            return _dim(plain(self, other), combine(self.expression, expression_of(other)))
        return self._leaves()

    def exchanged(self: Dim, other: Any) -> Any:
        if isinstance(other, int):
            return _dim(plain(other, self), combine(expression_of(other), self.expression))
        return self._leaves()

    return operator, exchanged


def _floor_divide(dividend: Expression, divisor: Expression) -> Expression:
    _compared(divisor, EQUAL, False)
    return dividend.floor_divided(divisor)


def _remainder(dividend: Expression, divisor: Expression) -> Expression:
    return dividend.add(divisor.times(_floor_divide(dividend, divisor)), -1)


def _compared(difference: Expression, op: str, holds: bool, sides: Sides | None = None) -> None:
    record, condition = symbolic.record, Condition(difference, op)
    if record is None or (condition, holds) in record.seen or difference.constant is not None:
        return
    if not (symbolic.laying and len(condition.symbols) > 1):
        record.seen.add((condition, holds))
        parts = (condition if holds else condition.negated()).parts()
        for part in parts:
            is_whole = len(parts) == 1 and part.op == EQUAL
            record.conditions.setdefault(part, sides if is_whole else None)


def _comparison(plain: Callable[[int, int], bool], op: str, sign: int, shift: int) -> Any:
    """Return a comparison that is true where ``sign·(self − other) − shift`` is 0 (or positive)."""

    def compare(self: Dim, other: Any) -> Any:
        if not isinstance(other, int):
            return self._leaves()
        result = plain(self, other)
        if symbolic.record is not None and -_WORD < int.__int__(other) < _WORD:
            sides = self.expression, expression_of(other)
            difference = sides[0].add(sides[1], -1).scaled(sign).plus(-shift)
            holds = bool(result)
            _compared(difference, op, holds, sides)
        return result

    return compare


def _by_value(plain: Callable[..., int]) -> Any:
    """Return a method of ints that no expression follows."""

    def method(self: Dim, *others: int) -> int:
        self._leaves()
        return plain(self, *others)

    return method


def lost(size: int) -> int:
    """Return a size of which no closed form is known, with its value."""
    return _dim(int.__int__(size), symbol("?"))


class Dim(int):
    """A size with symbols in it: an int with its expression.

    Args:
        name: the symbol, a letter or a word: ``H``.
        value: the int that it is, from 1; where nobody says one, a usual size.

    Attributes:
        expression: what it is in symbols.
        given: of a symbol, whether somebody said its value.

    Raises:
        ValueError: the name is not a word, or the value is below 1.
    """

    expression: Expression
    given = False

    def __new__(cls, name: str, value: int | None = None) -> Dim:
        """Make a symbol."""
        if not (name.isascii() and name.isidentifier()):
            raise ValueError(f"a symbol is a word such as H, not {name!r}")
        if value is not None and value < 1:
            raise ValueError(f"a size is at least 1, but {name} is {value}")
        dim = int.__new__(cls, 224 if value is None else value)
        dim.expression, dim.given = symbol(name), value is not None
        return dim

    def _leaves(self) -> Any:
        """Note that the value is used by what knows no expressions."""
        if symbolic.record is not None:
            value = int.__int__(self)
            symbolic.record.fixed[Condition(self.expression.plus(-value), EQUAL)] = None
        return NotImplemented

    __add__, __radd__ = _binary(int.__add__, Expression.add)
    __sub__, __rsub__ = _binary(int.__sub__, lambda a, b: a.add(b, -1))
    _times, _ = _binary(int.__mul__, Expression.times)
    __and__ = __rand__ = _by_value(int.__and__)
    __or__ = __ror__ = _by_value(int.__or__)
    __xor__ = __rxor__ = _by_value(int.__xor__)
    __invert__ = _by_value(int.__invert__)
    bit_length = _by_value(int.bit_length)
    __floordiv__, __rfloordiv__ = _binary(int.__floordiv__, _floor_divide)
    __mod__, __rmod__ = _binary(int.__mod__, _remainder)

    __lt__ = _comparison(int.__lt__, LEAST, -1, 1)
    __le__ = _comparison(int.__le__, LEAST, -1, 0)
    __gt__ = _comparison(int.__gt__, LEAST, 1, 1)
    __ge__ = _comparison(int.__ge__, LEAST, 1, 0)
    __eq__ = _comparison(int.__eq__, EQUAL, 1, 0)
    __ne__ = _comparison(int.__ne__, UNEQUAL, 1, 0)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, float) and other > 0 and other < _WORD:
            above, below = other.as_integer_ratio()
            if below <= FINEST:  # the product is exact, as it is in floating-point numbers
                return Quotient(self * above, below)
        return self._times(other)

    __rmul__ = __mul__

    def __hash__(self) -> int:
        self._leaves()
        return int.__hash__(self)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __neg__(self) -> int:
        return _dim(int.__neg__(self), self.expression.scaled(-1))

    def __pos__(self) -> int:
        return self

    __floor__ = __ceil__ = __trunc__ = __pos__

    def __abs__(self) -> int:
        return self if self >= 0 else -self

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __pow__(self, power: Any, modulus: Any = None) -> Any:
        if type(power) is not int or not 0 <= power <= 8 or modulus is not None:
            self._leaves()
            return int.__pow__(self, power, modulus)
        return math.prod([self] * power)

    def __rshift__(self, bits: int) -> Any:
        return self // 2**bits

    def __lshift__(self, bits: int) -> Any:
        return self * 2**bits

    def __truediv__(self, other: Any) -> Any:
        if type(other) is int and other > 0:
            return Quotient(self, other)
        self._leaves()
        return int.__int__(self) / other

    def __rtruediv__(self, other: Any) -> Any:
        self._leaves()
        return other / int.__int__(self)

    def __int__(self) -> int:
        self._leaves()
        return int.__int__(self)

    def __float__(self) -> float:
        self._leaves()
        return float(int.__int__(self))

    def __round__(self, digits: Any = None) -> int:
        return self

    def __copy__(self) -> Dim:
        return self

    def __deepcopy__(self, memo: Any) -> Dim:
        return self

    def __reduce__(self) -> Any:
        return _dim, (int.__int__(self), self.expression)
