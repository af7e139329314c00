"""Sets of sizes: of one axis as the bits of an int, of several as boxes of them.

Bit ``n`` of a set of sizes says whether ``n`` is in it, so one step of the processor compares many
sizes. A region is a list of boxes that do not overlap; a box is all combinations of the sizes of
its axes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, compress, product
from math import gcd, inf, prod
from operator import or_

from .. import clock
from .condition import EQUAL, LEAST, UNEQUAL, Condition
from .expression import Atom, Expression, Product

#: The sizes of each axis, as bits.
Box = tuple[int, ...]
#: How many combinations of sizes a condition that ties axes together is looked at.
_MOST = 1_000_000


class TooManyError(Exception):
    """A condition ties more sizes together than can be looked at, or than there is time for."""


class Axes:
    """The sizes that are looked at: 1 to a limit, of each symbol, until a deadline."""

    def __init__(self, symbols: Sequence[str], limit: int, deadline: float = inf) -> None:
        self.symbols = tuple(symbols)
        self.limit = limit
        self.deadline = deadline
        self._line = range(1, limit + 1)
        self._known: dict[str, dict[Atom, list[int]]] = {name: {} for name in symbols}
        self._masks: dict[Condition, int] = {}

    @property
    def all(self) -> list[Box]:
        """All sizes of all axes."""
        return [((1 << (self.limit + 1)) - 2,) * len(self.symbols)]

    def split(self, region: Iterable[Box], condition: Condition) -> tuple[list[Box], list[Box]]:
        """Return the parts of a region where a condition holds, and where not.

        Raises:
            TooManyError: it ties too many sizes together, or the time is up.
        """
        inside: list[Box] = []
        outside: list[Box] = []
        names = [name for name in self.symbols if name in condition.symbols]
        for box in region:
            if len(names) == 1:
                index = self.symbols.index(names[0])
                mask = self._mask(condition, names[0])
                kept, left = box[index] & mask, box[index] & ~mask
                inside += [(*box[:index], kept, *box[index + 1 :])] * bool(kept)
                outside += [(*box[:index], left, *box[index + 1 :])] * bool(left)
            else:
                self._tied(box, condition, names, inside, outside)
        return merged(inside), merged(outside)

    def _mask(self, condition: Condition, name: str) -> int:
        """Return the sizes of the one symbol of a condition at which it holds."""
        mask = self._masks.get(condition)
        if mask is None:
            mask = _bounds(condition, self.limit)
            if mask is None:
                holds = condition.over({name: self._line}, self.limit, self._known[name])
                mask = _bits(holds) << 1
            self._masks[condition] = mask
        return mask

    def _tied(
        self,
        box: Box,
        condition: Condition,
        names: Sequence[str],
        inside: list[Box],
        outside: list[Box],
    ) -> None:
        """Split a box by a condition on several symbols, class by class of equivalent sizes."""
        indices = [self.symbols.index(name) for name in names]
        classes = [
            self._classes(condition.expression, name, box[index])
            for name, index in zip(names, indices, strict=True)
        ]
        for firsts, kept in self._kept(condition, names, classes):
            sizes = list(box)
            for index, mask in zip(indices, firsts, strict=False):
                sizes[index] = mask
            for mask, boxes in ((kept, inside), (box[indices[-1]] & ~kept, outside)):
                if mask:
                    sizes[indices[-1]] = mask
                    boxes.append(tuple(sizes))

    def _kept(
        self, condition: Condition, names: Sequence[str], classes: Sequence[dict[int, int]]
    ) -> Iterator[tuple[tuple[int, ...], int]]:
        """Yield a class of each symbol but the last, and the sizes of the last that fit them."""
        *others, last = classes
        if len(others) == 1:
            linear = _linear(condition.expression, *names)
            if linear is not None:
                yield from _by_order(condition, linear, names, *classes)
                return
            pairs = _by_ratio(condition, names, *classes) if condition.op != LEAST else None
            if pairs is not None:
                yield from pairs
                return
        if prod(map(len, classes)) > _MOST:
            raise TooManyError
        sizes, masks = list(last), list(last.values())
        shared: dict[Atom, list[int]] = {}
        for firsts in product(*(group.items() for group in others)):
            if clock.seconds() > self.deadline:
                raise TooManyError
            points = {
                name: [size] * len(sizes) for name, (size, _) in zip(names, firsts, strict=False)
            }
            points[names[-1]] = sizes
            known = dict(shared)
            kept = sum(compress(masks, condition.over(points, len(sizes), known)))
            if not shared:
                shared = {a: values for a, values in known.items() if a.symbols == {names[-1]}}
            yield tuple(mask for _, mask in firsts), kept

    def _classes(self, expression: Expression, name: str, sizes: int) -> dict[int, int]:
        """Return classes of sizes with equal coefficients, each by its least size.

        The expression is a sum of products of other symbols, whose coefficients depend on this one.
        """
        rows = _rows(expression, name)
        if rows is None:
            return {n: 1 << n for n in members(sizes)}
        line, known = {name: self._line}, self._known[name]
        values = [row.over(line, self.limit, known) for row in rows.values()]
        by_values: dict[tuple[int, ...], int] = {}
        for n, key in enumerate(zip(*values, strict=True), 1):
            if sizes >> n & 1:
                by_values[key] = by_values.get(key, 0) | 1 << n
        return {least(mask): mask for mask in by_values.values()}


def _bounds(condition: Condition, limit: int) -> int | None:
    """Return the sizes to a limit that a condition allows by bounds alone, as ``H ≥ 16`` does."""
    expression, op = condition
    if op == LEAST:
        return _half_line(condition.simplified(), limit)
    above, below = (Condition(form, LEAST) for form in (expression, expression.scaled(-1)))
    at_least, at_most = (_half_line(side.simplified(), limit) for side in (above, below))
    if at_least is None or at_most is None:
        return None
    equal = at_least & at_most
    return equal if op == EQUAL else ((1 << (limit + 1)) - 2) ^ equal


def _half_line(condition: Condition, limit: int) -> int | None:
    """Return the sizes to a limit that ``H ≥ c`` or ``H ≤ c`` allows; None for other conditions."""
    product, sign = condition.expression.terms[0]
    single = len(condition.expression.coefficients()) == len(product) == abs(sign) == 1
    if not single or not product[0].symbol:
        return None
    offset = condition.expression.offset
    first, last = (max(1, -offset), limit) if sign > 0 else (1, min(limit, offset))
    return (1 << (last + 1)) - (1 << first) if first <= last else 0


def _rows(expression: Expression, name: str) -> dict[Product, Expression] | None:
    """Return an expression as a sum of products of other symbols, with their coefficients.

    None where a floor has this symbol and others.
    """
    rows: dict[Product, dict[Product, int]] = {}
    for terms, times in expression.terms:
        if any(name in atom.symbols != {name} for atom in terms):
            return None
        part = tuple(atom for atom in terms if name in atom.symbols)
        others = tuple(atom for atom in terms if name not in atom.symbols)
        rows.setdefault(others, {})[part] = times
    return {others: Expression(row) for others, row in rows.items()}


def _linear(
    expression: Expression, name: str, other: str
) -> tuple[Expression, Expression, Expression] | None:
    """Return factor, variable and rest of ``factor·variable + rest``; the variable has `other`."""
    rows = _rows(expression, name)
    variables = [others for others in rows or () if others]
    if rows is None or len(variables) != 1:
        return None
    rest = rows.get((), Expression({}))
    return rows[variables[0]], Expression({variables[0]: 1}), rest


def _by_order(
    condition: Condition,
    linear: tuple[Expression, Expression, Expression],
    names: Sequence[str],
    firsts: dict[int, int],
    lasts: dict[int, int],
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield as `_kept`, by looking up at which value of the variable a condition begins to hold."""
    factor, variable, rest = linear
    values = variable.over({names[1]: list(lasts)}, len(lasts))
    pairs = sorted(zip(values, lasts.values(), strict=True))
    values = [value for value, _ in pairs]
    below = [*accumulate((mask for _, mask in pairs), or_, initial=0)]
    points = {names[0]: list(firsts)}
    factors, rests = (item.over(points, len(firsts)) for item in (factor, rest))
    every = below[-1]
    for mask, times, plus in zip(firsts.values(), factors, rests, strict=True):
        if not times:
            holds = plus >= 0 if condition.op == LEAST else plus == 0
            kept = every if holds else 0
        elif condition.op != LEAST:
            value, remainder = divmod(-plus, times)
            start, end = bisect_left(values, value), bisect_right(values, value)
            kept = 0 if remainder else below[end] ^ below[start]
        elif times > 0:
            kept = every ^ below[bisect_left(values, -(plus // times))]
        else:
            kept = below[bisect_right(values, plus // -times)]
        yield (mask,), kept if condition.op != UNEQUAL else every ^ kept


def _by_ratio(
    condition: Condition, names: Sequence[str], firsts: dict[int, int], lasts: dict[int, int]
) -> list[tuple[tuple[int, ...], int]] | None:
    """Return what `_kept` yields for ``p·x + q·y = 0``: where ``x : y`` equals ``q : −p``."""
    rows = _rows(condition.expression, names[0])
    if rows is None or len(rows) != 2:
        return None
    values = (row.over({names[0]: list(firsts)}, len(firsts)) for row in rows.values())
    others = (Expression({p: 1}).over({names[1]: list(lasts)}, len(lasts)) for p in rows)
    by_ratio: dict[tuple[int, int], int] = {}
    everything = 0
    for mask, x, y in zip(lasts.values(), *others, strict=True):
        ratio = _ratio(x, y)
        by_ratio[ratio] = by_ratio.get(ratio, 0) | mask
        everything |= mask
    always = by_ratio.get((0, 0), 0)
    result: list[tuple[tuple[int, ...], int]] = []
    for mask, p, q in zip(firsts.values(), *values, strict=True):
        kept = by_ratio.get(_ratio(q, -p), 0) | always if p or q else everything
        result.append(((mask,), kept if condition.op != UNEQUAL else everything ^ kept))
    return result


def _ratio(x: int, y: int) -> tuple[int, int]:
    shared = gcd(x, y)
    if not shared:
        return 0, 0
    return (x // shared, y // shared) if (x, y) > (0, 0) else (-x // shared, -y // shared)


def _bits(holds: Iterable[bool]) -> int:
    return int("".join(map("01".__getitem__, holds))[::-1], 2)


def members(sizes: int) -> Iterator[int]:
    """Yield the sizes of a set, from the least."""
    while sizes:
        low = sizes & -sizes
        yield low.bit_length() - 1
        sizes ^= low


def least(sizes: int) -> int:
    """Return the least of a set of sizes."""
    return (sizes & -sizes).bit_length() - 1


def count(region: Iterable[Box]) -> int:
    """Return how many combinations of sizes a region has."""
    return sum(prod(sizes.bit_count() for sizes in box) for box in region)


def merged(region: list[Box]) -> list[Box]:
    """Return a region in fewer boxes: those that differ in one axis alone are one."""
    if len(region) < 2:
        return region
    for index in range(len(region[0])):
        groups: dict[tuple[Box, Box], int] = {}
        for box in region:
            key = box[:index], box[index + 1 :]
            groups[key] = groups.get(key, 0) | box[index]
        region = [(*before, sizes, *after) for (before, after), sizes in groups.items()]
    return region


def smallest(region: Iterable[Box]) -> tuple[int, ...] | None:
    """Return the combination of sizes with the fewest elements, of these the most even one."""
    corners = [tuple(map(least, box)) for box in region]
    return min(corners, key=lambda sizes: (prod(sizes), max(sizes), sizes), default=None)
