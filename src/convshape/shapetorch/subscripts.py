"""The subscripts of an einsum: a label for each dimension of its operands and its result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ShapeError
from .arguments import integer, shape
from .tensor import Tensor, tensor_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

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
