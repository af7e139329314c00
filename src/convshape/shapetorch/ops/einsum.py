"""An einsum: the labels of the dimensions of its operands, and what comes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

from ...errors import ShapeError
from .. import dtypes
from ..arguments import integer, shape
from ..layout import is_unknown, iterated, lay, part, strides, viewed
from ..tensor import UNKNOWN, Tensor, new, packed, tensor_list
from .reductions import sum_dtype

#: The letters of the subscripts 0, 1, 2, ...
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Einsum(NamedTuple):
    """What an einsum multiplies and sums.

    A dimension is labelled by its letter. Those that ``...`` means are labelled ``.1``, ``.2``
    and so on, from the last one on.
    """

    equation: str
    operands: tuple[Tensor, ...]
    #: The labels of each operand, and those of the result.
    terms: tuple[tuple[str, ...], ...]
    result: tuple[str, ...]

    @classmethod
    def parse(cls, args: Sequence[Any]) -> Einsum:
        """Read the arguments of `einsum`.

        Raises:
            ShapeError: they are no equation and tensors, or letters and dimensions differ.
        """
        equation, operands = _equation(args)
        operands = tensor_list("operands", operands)
        if re.search(r"- +>|\. +\.", equation):
            raise ShapeError(
                f"cannot read the equation {equation!r}: -> and ... have no spaces in them"
            )
        left, arrow, right = equation.replace(" ", "").partition("->")
        texts = left.split(",")
        if len(texts) != len(operands):
            raise ShapeError(f"has {len(texts)} terms in {equation!r} for {len(operands)} tensors")
        terms = tuple(
            _labels(text, operand, equation) for text, operand in zip(texts, operands, strict=True)
        )
        known = {label for term in terms for label in term}
        if arrow:
            return cls(equation, operands, terms, _result(right, known, equation))
        once = sorted(c for c in known if c.isalpha() and left.count(c) == 1)
        return cls(equation, operands, terms, (*_dots(known), *once))

    def each_sizes(self) -> list[dict[str, int]]:
        """Return the size of each label of each operand.

        Raises:
            ShapeError: a letter means two sizes in one operand.
        """
        result = []
        for term, operand in zip(self.terms, self.operands, strict=True):
            sizes: dict[str, int] = {}
            for label, n in zip(term, operand.shape, strict=True):
                if sizes.setdefault(label, n) != n:
                    raise ShapeError(
                        f"has {label!r} twice in {''.join(term)!r}, as {sizes[label]} and as {n}"
                    )
            result.append(sizes)
        return result

    def sizes(self) -> dict[str, int]:
        """Return the size of each label, to which sizes of 1 expand.

        Raises:
            ShapeError: a label has two sizes.
        """
        result: dict[str, int] = {}
        for sizes in self.each_sizes():
            for label, n in sizes.items():
                known = result.get(label, 1)
                if known != 1 and n not in (1, known):
                    name = label if label.isalpha() else "..."
                    raise ShapeError(f"has {name!r} of {known} and of {n} in {self.equation!r}")
                result[label] = n if known == 1 else known
        return result


def _equation(args: Sequence[Any]) -> tuple[str, Any]:
    """Return the equation that the arguments spell in letters or in ints, and the operands."""
    if len(args) < 2:
        raise ShapeError("needs an equation and tensors, or each tensor with a list of subscripts")
    first, *operands = args
    if isinstance(first, Tensor):
        terms = ",".join(map(_in_letters, args[1::2]))
        if len(args) % 2:
            return f"{terms}->{_in_letters(args[-1])}", args[:-1:2]
        return terms, args[::2]
    if not isinstance(first, str):
        raise ShapeError(f"needs an equation such as 'bij,bjk->bik', but receives {first!r}")
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        return first, operands[0]
    return first, operands


def _in_letters(subscripts: Any) -> str:
    if not hasattr(subscripts, "__iter__"):
        raise ShapeError(
            f"needs a list of subscripts after each tensor, but receives {subscripts!r}"
        )
    return "".join(map(_letter, subscripts))


def _letter(subscript: Any) -> str:
    if subscript is ...:
        return "..."
    index = integer("a subscript", int(subscript) if isinstance(subscript, bool) else subscript)
    if not 0 <= index < len(_LETTERS):
        raise ShapeError(f"has the subscript {index}, and they go from 0 to {len(_LETTERS) - 1}")
    return _LETTERS[index]


def _split(text: str, equation: str) -> tuple[str, str, str]:
    """Return the letters before ``...``, the dots, if there are any, and the letters after."""
    head, dots, tail = text.partition("...")
    if not all(c.isascii() and c.isalpha() for c in head + tail):
        raise ShapeError(
            f"cannot read the equation {equation!r}: letters, commas, ... and one -> make it"
        )
    return head, dots, tail


def _labels(text: str, operand: Tensor, equation: str) -> tuple[str, ...]:
    head, dots, tail = _split(text, equation)
    count = len(head + tail)
    between = operand.ndim - count
    if between < 0 or (between and not dots):
        raise ShapeError(
            f"has {count} letters in {text!r} for {operand.ndim} dimensions: {shape(operand.shape)}"
        )
    return (*head, *(f".{i}" for i in range(between, 0, -1)), *tail)


def _dots(known: set[str]) -> list[str]:
    """Return the labels of what ``...`` means."""
    count = sum(not label.isalpha() for label in known)
    return [f".{i}" for i in range(count, 0, -1)]


def _result(text: str, known: set[str], equation: str) -> tuple[str, ...]:
    head, dots, tail = _split(text, equation)
    for letter in head + tail:
        if letter not in known or (head + tail).count(letter) > 1:
            raise ShapeError(
                f"has {letter!r} in its result, which no operand has, or twice: {equation!r}"
            )
    return (*head, *(_dots(known) if dots else ()), *tail)


def result_of(args: Sequence[Any]) -> Tensor:
    """Return the result of `einsum` for its arguments.

    Raises:
        ShapeError: as `Einsum.parse`; or a letter has two sizes, or the dtypes differ.
    """
    parsed = Einsum.parse(args)
    sizes = parsed.sizes()
    result = new(tuple(sizes[label] for label in parsed.result), _einsum_dtype(parsed))
    whole = sizes.keys() <= {*parsed.result}  # nothing is summed
    if len(parsed.operands) == 1 and whole:
        result.memory = _view(parsed, 0).memory
    elif result.ndim > 1:
        result.memory = UNKNOWN
        if len(parsed.operands) == 2 and 0 not in sizes.values():
            (_lay_elements if whole else _lay_batches)(result, parsed)
    return result


def _view(parsed: Einsum, place: int) -> Tensor:
    """Return the view of an operand that has the dimensions of the result, those it lacks as 1."""
    operand, term = parsed.operands[place], parsed.terms[place]
    sizes = dict(zip(term, operand.shape, strict=True))
    steps = {label: 0 if label in term else 1 for label in parsed.result}
    for label, step in zip(term, strides(operand), strict=True):
        steps[label] += step  # along a diagonal
    return part(operand, tuple(sizes.get(c, 1) for c in steps), tuple(steps.values()))


def _lay_elements(result: Tensor, parsed: Einsum) -> None:
    """Lay out a product of two operands that is made element by element."""
    views = [_view(parsed, place) for place in (0, 1)]
    if views[0].dtype is views[1].dtype and not any(map(is_unknown, views)):
        lay(result, iterated(result.shape, [(view.shape, strides(view)) for view in views]))


def _lay_batches(result: Tensor, parsed: Einsum) -> None:
    """Lay out a product of two operands that `bmm` makes of batches, rows and columns."""
    left, right = ({label for label, n in s.items() if n != 1} for s in parsed.each_sizes())
    all_sizes = parsed.sizes()
    others = sorted(all_sizes.keys() - {*parsed.result})
    summed = left.intersection(right, others)
    if not summed:
        return
    sizes = [*result.shape, *(1 for _ in others)]
    groups: dict[str, list[int]] = {"batches": [], "rows": [], "sums": [], "columns": []}
    for i, label in enumerate((*parsed.result, *others)):
        in_left, in_right = label in left - {*others}, label in right - {*others}
        both = "sums" if label in summed else "batches" if in_left and in_right else ""
        groups[both or ("rows" if in_left else "columns")].append(i)
    rows, columns = groups["rows"], groups["columns"]
    if rows and columns and columns[-1] < rows[0]:  # torch exchanges the operands
        groups |= {"rows": columns, "columns": rows}
    order = [i for group in groups.values() for i in group]
    matrices = tuple(prod(sizes[i] for i in groups[g]) for g in ("batches", "rows", "columns"))
    steps = viewed(matrices, packed(matrices), tuple(sizes[i] for i in order)) or ()
    by_place = dict(zip(order, steps, strict=True))
    whole = tuple(by_place[i] for i in range(len(sizes)))
    lay(result, viewed(tuple(sizes), whole, result.shape))


def _einsum_dtype(parsed: Einsum) -> dtypes.dtype:
    """Return the dtype as torch's steps make it, one operand after the other.

    A letter that only one of two operands has (or has with a size other than 1) is summed, and sums
    of integers are int64; letters of both are contracted, which needs one dtype; else they promote.
    """
    dtype = parsed.operands[0].dtype
    each_sizes = parsed.each_sizes()
    last = {c: i for i, sizes in enumerate(each_sizes) for c, n in sizes.items() if n != 1}
    seen: dict[str, int] = {}
    for i, (operand, sizes) in enumerate(zip(parsed.operands, each_sizes, strict=True)):
        other = operand.dtype
        going = {c for c in parsed.sizes() if c not in parsed.result and last.get(c, 0) == i}
        here = {c for c in going if sizes.get(c, 1) != 1}
        both = {c for c in here if seen.get(c, 1) != 1}
        if not i:
            dtype = sum_dtype(dtype) if here or (going and len(each_sizes) == 1) else dtype
        else:
            other = sum_dtype(other) if here - both else other
            dtype = _joined_dtype(dtype, other, bool(both), 0 in (seen | sizes).values())
        seen |= {c: n for c, n in sizes.items() if seen.get(c, 1) == 1}
    return dtype


def _joined_dtype(
    dtype: dtypes.dtype, other: dtypes.dtype, contracted: bool, nothing: bool
) -> dtypes.dtype:
    """Return the dtype of a product of two, summed over what both have if it is contracted."""
    if contracted and nothing:
        return other  # as `bmm`, which does not look closer at nothing
    if contracted and (dtype is not other or dtype is dtypes.bool):
        raise ShapeError(
            f"needs one dtype to sum products of, but receives {dtype.name} and {other.name}"
        )
    return dtypes.promote_types(dtype, other)
