"""Integer expressions over symbols, in one normal form: what is equal has equal terms.

An expression is a sum of products of *atoms* with whole coefficients. An atom is a symbol, or a
floor ``⌊numerator / divisor⌋`` that no rule splits further. The rules of the normal form:

- whole multiples leave a floor: ``⌊(4H + 6) / 4⌋ = H + ⌊6/4⌋ = H + 1``;
- what numerator and divisor share is cancelled: ``⌊(2H + 3) / 4⌋ = ⌊(H + 1) / 2⌋``;
- nested floors are merged: ``⌊(⌊x / m⌋ + b) / n⌋ = ⌊(x + b·m) / (m·n)⌋``;
- the leading coefficient in a floor is positive: ``⌊−x / n⌋ = −⌊(x + n − 1) / n⌋``.

Source of the floor identities: Graham, Knuth and Patashnik, "Concrete Mathematics", section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import gcd
from operator import add, mul
from typing import Any, ClassVar
from weakref import WeakValueDictionary

#: A product of atoms; the empty one is 1.
Product = tuple["Atom", ...]


class Atom:
    """A symbol, or a floor of an expression; equal ones are the same object.

    Attributes:
        symbol: the name of a symbol, empty for a floor.
        numerator, divisor: of a floor.
        symbols: the symbols in it.
    """

    __slots__ = ("__weakref__", "divisor", "key", "numerator", "symbol", "symbols")

    _known: ClassVar[WeakValueDictionary[Any, Atom]] = WeakValueDictionary()

    symbol: str
    numerator: Expression
    divisor: Expression
    symbols: frozenset[str]
    #: By which atoms are put in order: symbols before floors, and by name.
    key: tuple[Any, ...]

    @classmethod
    def of_symbol(cls, name: str) -> Atom:
        """Return the atom of a symbol."""
        return cls._known.get(name) or cls._add(name, name, frozenset((name,)), (0, name))

    @classmethod
    def of_floor(cls, numerator: Expression, divisor: Expression) -> Atom:
        """Return the atom of a floor that cannot be taken further apart."""
        known = cls._known.get((numerator, divisor))
        if known is not None:
            return known
        symbols = numerator.symbols | divisor.symbols
        key = (1, sorted(symbols), str(numerator), str(divisor))
        atom = cls._add((numerator, divisor), "", symbols, key)
        atom.numerator, atom.divisor = numerator, divisor
        return atom

    @classmethod
    def _add(cls, name: Any, symbol: str, symbols: frozenset[str], key: tuple[Any, ...]) -> Atom:
        atom = cls._known[name] = cls()
        atom.symbol, atom.symbols, atom.key = symbol, symbols, key
        return atom

    def __lt__(self, other: Atom) -> bool:
        return self.key < other.key

    def __reduce__(self) -> Any:
        return _atom, (self.symbol,) if self.symbol else ("", self.numerator, self.divisor)


def _atom(name: str, *floor: Expression) -> Atom:
    return Atom.of_floor(*floor) if floor else Atom.of_symbol(name)


class Expression:
    """A sum of products with whole coefficients, which never changes.

    Attributes:
        terms: each product with its coefficient, in one order; none is 0.
    """

    __slots__ = ("_hash", "_symbols", "terms")

    terms: tuple[tuple[Product, int], ...]

    def __init__(self, terms: Mapping[Product, int]) -> None:
        kept = [(product, count) for product, count in terms.items() if count]
        if len(kept) > 1:
            kept.sort(key=_degree)
        self.terms = tuple(kept)
        self._hash: int | None = None
        self._symbols: frozenset[str] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(self.terms)
        return self._hash

    def __reduce__(self) -> Any:
        return Expression, (dict(self.terms),)

    def __str__(self) -> str:
        from .text import text

        return text(self)

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols in it."""
        if self._symbols is None:
            self._symbols = frozenset().union(*(a.symbols for p, _ in self.terms for a in p))
        return self._symbols

    @property
    def is_product(self) -> bool:
        """Whether it is written as a product, which needs no brackets beside a ``×``."""
        from .text import is_product

        return is_product(self)

    @property
    def constant(self) -> int | None:
        """Its value where no symbol is in it."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    @property
    def offset(self) -> int:
        """The term without a symbol."""
        return self.terms[-1][1] if self.terms and not self.terms[-1][0] else 0

    def coefficients(self) -> list[int]:
        """Return the coefficients of the terms with symbols."""
        return [count for product, count in self.terms if product]

    def add(self, other: Expression, times: int = 1) -> Expression:
        """Return the sum of this and some times another."""
        if not other.terms:
            return self
        terms = dict(self.terms)
        for product, count in other.terms:
            terms[product] = terms.get(product, 0) + times * count
        return Expression(terms)

    def plus(self, number: int) -> Expression:
        """Return the sum with a number."""
        return self.add(Expression({(): number})) if number else self

    def scaled(self, factor: int) -> Expression:
        """Return a multiple."""
        if factor == 1:
            return self
        return Expression({product: factor * count for product, count in self.terms})

    def times(self, other: Expression) -> Expression:
        """Return the product with another."""
        terms: dict[Product, int] = {}
        for left, m in self.terms:
            for right, n in other.terms:
                product = tuple(sorted(left + right)) if left and right else left or right
                terms[product] = terms.get(product, 0) + m * n
        return Expression(terms)

    def floor_divided(self, divisor: Expression) -> Expression:
        """Return the floor of a quotient, in normal form."""
        number = divisor.constant
        if number is not None and number:
            return _floor(self, number)
        quotient = self._exact(divisor)
        if quotient is not None:
            return quotient
        return Expression({(Atom.of_floor(self, divisor),): 1})

    def _exact(self, divisor: Expression) -> Expression | None:
        """Return the quotient, if `divisor` divides this for all values of the symbols."""
        lead, first = divisor.terms[0]
        rest, quotient = self, NOTHING
        for _ in range(len(self.terms) * 4):
            if not rest.terms:
                return quotient
            product, count = rest.terms[0]
            left = _without(product, lead)
            if left is None or count % first:
                return None
            part = Expression({left: count // first})
            quotient, rest = quotient.add(part), rest.add(part.times(divisor), -1)
        return None

    def at(self, values: Mapping[str, int]) -> int:
        """Return the value where the symbols have these."""
        return self.over({name: (value,) for name, value in values.items()}, 1)[0]

    def over(
        self,
        points: Mapping[str, Sequence[int]],
        count: int,
        known: dict[Atom, list[int]] | None = None,
    ) -> list[int]:
        """Return the values at several points.

        Args:
            points: of each symbol its values.
            count: how many there are.
            known: what is remembered of atoms at these points.
        """
        known = {} if known is None else known
        sums = [self.offset] * count
        for product, factor in self.terms:
            if not product:
                continue
            values: Iterable[int] = (factor,) * count
            for atom in product:
                values = [*map(mul, values, _atom_over(atom, points, count, known))]
            sums = [*map(add, sums, values)]
        return sums


def _degree(term: tuple[Product, int]) -> tuple[int, tuple[Any, ...]]:
    return -len(term[0]), tuple(atom.key for atom in term[0])


def _atom_over(
    atom: Atom, points: Mapping[str, Sequence[int]], count: int, known: dict[Atom, list[int]]
) -> list[int]:
    values = known.get(atom)
    if values is None:
        if atom.symbol:
            values = list(points[atom.symbol])
        else:
            above = atom.numerator.over(points, count, known)
            number = atom.divisor.constant
            if number:
                values = [n // number for n in above]
            else:
                below = atom.divisor.over(points, count, known)
                values = [n // d if d else 0 for n, d in zip(above, below, strict=True)]
        known[atom] = values
    return values


@lru_cache(1024)
def number(value: int) -> Expression:
    """Return a number as an expression."""
    return Expression({(): int(value)})


def symbol(name: str) -> Expression:
    """Return a symbol as an expression."""
    return Expression({(Atom.of_symbol(name),): 1})


NOTHING = Expression({})


@lru_cache(4096)
def _floor(numerator: Expression, divisor: int) -> Expression:
    """Return ``⌊numerator / divisor⌋`` in normal form."""
    if divisor < 0:
        numerator, divisor = numerator.scaled(-1), -divisor
    whole, rest = {}, {}
    for product, count in numerator.terms:
        quotient = count // divisor
        if product and count < 0:  # towards zero, so that the sign can be turned
            quotient = -(-count // divisor)
        whole[product] = quotient
        rest[product] = count - quotient * divisor
    outside, left = Expression(whole), Expression(rest)
    shared = gcd(divisor, *left.coefficients())
    if not left.coefficients():
        return outside  # of 0 <= constant < divisor
    if shared > 1:
        below = {p: n // shared for p, n in left.terms}  # the constant by its floor
        left, divisor = Expression(below), divisor // shared
        return outside.add(_floor(left, divisor)) if divisor > 1 else outside.add(left)
    if left.terms[0][1] < 0:
        turned = _floor(left.scaled(-1).plus(divisor - 1), divisor)
        return outside.add(turned, -1)
    for product, count in left.terms:
        if count == 1 and len(product) == 1 and not product[0].symbol:
            inner = product[0].divisor.constant
            if inner:
                others = left.add(Expression({product: 1}), -1).scaled(inner)
                merged = product[0].numerator.add(others)
                return outside.add(_floor(merged, inner * divisor))
    return outside.add(Expression({(Atom.of_floor(left, number(divisor)),): 1}))


def _without(product: Product, factors: Product) -> Product | None:
    """Return a product without some of its factors, or None where they are not all in it."""
    left = list(product)
    for factor in factors:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left)
