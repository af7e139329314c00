"""Expressions as people write them: ``16·⌊(H − 12)/4⌋·⌊(W − 12)/4⌋``."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from math import gcd

from .expression import Atom, Expression, Product


@lru_cache(4096)  # pragma: no mutate
def text(expression: Expression) -> str:
    """Write an expression, as a product where it is one."""
    if expression.constant is not None:
        return _number(expression.constant)
    factor, parts = factored(expression)
    if not is_product(expression):
        return _sum(expression)  # 8·x − 92, not 4·(2·x − 23)
    words = [str(abs(factor))] if abs(factor) != 1 else []
    for part in dict.fromkeys(parts):
        power = parts.count(part)
        words.append(_factor(part) + ("" if power == 1 else _raised(power)))
    return "−" * (factor < 0) + "·".join(words)


@lru_cache(4096)  # pragma: no mutate
def is_product(expression: Expression) -> bool:
    """Return whether an expression is written as a product: of several factors, or of one word."""
    if expression.constant is not None:
        return True
    factor, parts = factored(expression)
    return len(parts) > 1 or (_is_single(parts[0]) and (factor > 0 or not parts[0].offset))


def factored(expression: Expression) -> tuple[int, list[Expression]]:
    """Return a number and expressions whose product this is.

    Sizes are products of what comes of each symbol alone, and of squares; others stay as they are.
    """
    content = gcd(*(count for _, count in expression.terms))
    if expression.terms and expression.terms[0][1] < 0:
        content = -content
    rest = Expression({product: count // content for product, count in expression.terms})
    parts: list[Expression] = []
    for name in sorted(rest.symbols):
        split = _separated(rest, name)
        if split is not None:
            parts += _powers(split[0])
            rest = split[1]
    if rest.constant is None:
        parts += _powers(rest)
    else:
        content *= rest.constant
    return content, parts


def _separated(expression: Expression, name: str) -> tuple[Expression, Expression] | None:
    """Return two factors of an expression: one with this symbol alone, the other without it."""
    rows: dict[Product, dict[Product, int]] = defaultdict(dict)
    for product, count in expression.terms:
        ours = tuple(atom for atom in product if name in atom.symbols)
        if any(atom.symbols != {name} for atom in ours):
            return None
        rows[ours][tuple(atom for atom in product if name not in atom.symbols)] = count
    first = next(iter(rows.values()))
    base = gcd(*first.values())
    other = {product: count // base for product, count in first.items()}
    terms = {}
    pivot = next(iter(other))
    for ours, row in rows.items():
        if row.keys() != other.keys() or row[pivot] % other[pivot]:
            return None
        times = terms[ours] = row[pivot] // other[pivot]
        if any(row[product] != times * count for product, count in other.items()):
            return None
    return Expression(terms), Expression(other)


def _powers(expression: Expression) -> list[Expression]:
    """Return the factors of ``(a + c)ⁿ``, or the expression alone."""
    lead, count = expression.terms[0]
    if len(set(lead)) == 1 and len(lead) > 1 and count == 1:
        n = len(lead)
        linear = dict(expression.terms).get(lead[:-1], 0)
        root = Expression({lead[:1]: 1, (): linear // n})
        whole = root
        for _ in range(n - 1):
            whole = whole.times(root)
        if whole == expression:
            return [root] * n
    if len(expression.terms) == 1 and count == 1:
        return [Expression({(atom,): 1}) for atom in lead]
    return [expression]


def _factor(expression: Expression) -> str:
    written = _sum(expression)
    return written if _is_single(expression) else f"({written})"


def _is_single(expression: Expression) -> bool:
    """Return whether an expression is one word: a symbol, or a floor that takes in its constant."""
    terms = [(product, count) for product, count in expression.terms if product]
    if len(terms) != 1 or terms[0][1] != 1 or len(terms[0][0]) != 1:
        return False
    return not expression.offset or _takes_constant(terms[0][0][0])


def _takes_constant(atom: Atom) -> bool:
    return not atom.symbol and bool(atom.divisor.constant)


def _sum(expression: Expression) -> str:
    """Write the terms one after another; a constant goes into a floor that it belongs to."""
    offset = expression.offset
    terms = [(product, count) for product, count in expression.terms if product]
    takes = [
        i
        for i, (product, count) in enumerate(terms)
        if offset and len(product) == 1 and abs(count) == 1 and _takes_constant(product[0])
    ]
    words = []
    for i, (product, count) in enumerate(terms):
        inside = offset * count if takes and i == takes[0] else 0
        atoms = dict.fromkeys(product)
        factors = [
            _atom(atom, inside) + ("" if product.count(atom) == 1 else _raised(product.count(atom)))
            for atom in atoms
        ]
        factors = [str(abs(count)), *factors] if abs(count) != 1 else factors
        words.append((count < 0, "·".join(factors)))
    if offset and not takes:
        words.append((offset < 0, str(abs(offset))))
    if words[0][0]:  # 8 − H, not −H + 8
        words.sort(key=lambda word: word[0])
    first = ("−" if words[0][0] else "") + words[0][1]
    return first + "".join((" − " if negative else " + ") + word for negative, word in words[1:])


def _atom(atom: Atom, inside: int) -> str:
    """Write a symbol, or a floor with a constant taken into it: ``⌊(H − 12)/4⌋``."""
    if atom.symbol:
        return atom.symbol
    number = atom.divisor.constant
    numerator = atom.numerator.plus(inside * number) if inside and number else atom.numerator
    if number and numerator.offset == number - 1 and numerator.coefficients() == [1]:
        left, right = "⌈⌉"  # people see a ceiling in (H + n − 1)/n
        numerator = numerator.plus(1 - number)
    else:
        left, right = "⌊⌋"
    above = _sum(numerator) if numerator.constant is None else str(numerator.constant)
    below = str(atom.divisor)
    above = above if len(numerator.terms) == 1 else f"({above})"
    below = below if number or _is_single(atom.divisor) else f"({below})"
    return f"{left}{above}/{below}{right}"


_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _raised(power: int) -> str:
    return str(power).translate(_DIGITS)


def _number(value: int) -> str:
    return f"−{-value}" if value < 0 else str(value)
