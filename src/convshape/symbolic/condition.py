"""What a run relied on: that an expression is 0, is not 0, or is at least 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from typing import NamedTuple

from .expression import Atom, Expression, number
from .text import factored, text

EQUAL, UNEQUAL, LEAST = "=", "≠", "≥"


class Condition(NamedTuple):
    """A statement: ``expression = 0``, ``expression ≠ 0`` or ``expression ≥ 0``."""

    expression: Expression
    op: str

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols in it."""
        return self.expression.symbols

    def negated(self) -> Condition:
        """Return the opposite."""
        if self.op == LEAST:
            return Condition(self.expression.scaled(-1).plus(-1), LEAST)
        return Condition(self.expression, UNEQUAL if self.op == EQUAL else EQUAL)

    def parts(self) -> list[Condition]:
        """Return statements that say the same together, where sizes are not negative.

        A product is not 0, or is positive, if each of its factors is: so axes are independent.
        """
        product = self.expression.plus(1) if self.op == LEAST else self.expression
        if self.op == EQUAL or len(product.symbols) < 2:
            return [self]
        factor, factors = factored(product)
        if factor < 0 or len(factors) < 2:
            return [self]
        shift = -1 if self.op == LEAST else 0
        return [Condition(part.plus(shift), self.op) for part in factors]

    def simplified(self) -> Condition:
        """Return the same statement in simpler terms: of a symbol, where it is of a floor of it."""
        expression, op = self
        shared = gcd(*expression.coefficients())
        if shared > 1 and (op == LEAST or expression.offset % shared == 0):
            terms = {product: count // shared for product, count in expression.terms}
            return Condition(Expression(terms), op).simplified()
        if op != LEAST and expression.terms[0][1] < 0:
            return Condition(expression.scaled(-1), op)
        product, sign = expression.terms[0]
        single = len(expression.coefficients()) == len(product) == abs(sign) == 1
        divisor = product[0].divisor.constant if single and not product[0].symbol else None
        if op != LEAST or not divisor:
            return Condition(expression, op)
        # ⌊x/n⌋ + c ≥ 0 where x + c·n ≥ 0, and c − ⌊x/n⌋ ≥ 0 where c·n + n − 1 − x ≥ 0.
        bound = expression.offset * divisor + (divisor - 1 if sign < 0 else 0)
        return Condition(product[0].numerator.scaled(sign).plus(bound), op).simplified()

    def over(
        self, points: Mapping[str, Sequence[int]], count: int, known: dict[Atom, list[int]]
    ) -> list[bool]:
        """Return whether it holds at each of several points; arguments as in `Expression.over`."""
        values = self.expression.over(points, count, known)
        if self.op == LEAST:
            return [value >= 0 for value in values]
        return [(value == 0) is (self.op == EQUAL) for value in values]

    def __str__(self) -> str:
        expression, op = self.simplified()
        return _of_remainder(expression, op) or _of_sides(expression, op)


def _of_remainder(expression: Expression, op: str) -> str:
    """Write ``x − n·⌊x/n⌋ = c`` as ``x mod n = c``; empty for what is nothing of the kind."""
    for product, count in expression.terms:
        if op == LEAST or len(product) != 1 or product[0].symbol:
            continue
        numerator, divisor = product[0].numerator, product[0].divisor.constant
        rest = expression.add(Expression({product: count}), -1)
        for whole in (numerator, numerator.floor_divided(number(1))):
            left = rest.add(whole, -1)
            if divisor and count == -divisor and left.constant is not None:
                return f"{_side(whole)} mod {divisor} {op} {-left.constant}"
    return ""


def _of_sides(expression: Expression, op: str) -> str:
    """Write what is positive at the left and what is negative at the right."""
    left = Expression({p: n for p, n in expression.terms if p and n > 0})
    right = Expression({p: -n for p, n in expression.terms if p and n < 0})
    offset = expression.offset
    if not left.terms:
        return f"{text(right)} {'≤' if op == LEAST else op} {offset}"
    if not right.terms:
        return f"{text(left)} {op} {text(number(-offset))}"
    return f"{text(left.plus(max(offset, 0)))} {op} {text(right.plus(max(-offset, 0)))}"


def _side(expression: Expression) -> str:
    written = text(expression)
    return written if len(expression.terms) == 1 else f"({written})"
