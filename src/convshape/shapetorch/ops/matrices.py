"""Products of vectors and matrices."""

from __future__ import annotations

import re
from math import prod
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from ...errors import ShapeError
from .. import dtypes
from ..arguments import axes, integer, number, shape
from ..layout import follow, is_packed, is_unknown, itself, packing, strides
from ..operation import operation
from ..tensor import (
    UNKNOWN,
    Tensor,
    broadcast_shapes,
    new,
    number_dtype,
    result_type,
    tensor,
    tensor_list,
)
from .pointwise import mul  # type: ignore[attr-defined]
from .views import diagonal, movedim, permute, unsqueeze, view

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _one_dtype(*given: Tensor) -> dtypes.dtype:
    for each in given:
        if each.dtype is not given[0].dtype:
            raise ShapeError(
                f"needs one dtype, but receives {given[0].dtype.name} and {each.dtype.name}"
            )
    return given[0].dtype


def _multiplied(a: Tensor, b: Tensor, result: tuple[int, ...]) -> dtypes.dtype:
    """Return the one dtype of both; torch multiplies bools only where there is nothing to multiply."""
    dtype = _one_dtype(a, b)
    if dtype is dtypes.bool and (not result or prod(a.shape) * prod(b.shape)):
        raise ShapeError("is not defined for bool")
    return dtype


def _inner(a: Tensor, b: Tensor, left: int, right: int) -> None:
    if left != right:
        raise ShapeError(
            f"cannot multiply {shape(a.shape)} and {shape(b.shape)}: {left} columns meet {right} rows"
        )


def _product(name: str, left: str, right: str) -> Callable[..., Tensor]:
    """Make a product of operands whose dimensions are named by letters; a letter has one size."""

    def call(input: Tensor, mat2: Tensor) -> Tensor:
        given = (tensor("input", input), tensor("mat2", mat2))
        for each, names in zip(given, (left, right), strict=True):
            if each.ndim != len(names):
                raise ShapeError(
                    f"expects {len(names)} dimensions, but receives {each.ndim}: {shape(each.shape)}"
                )
        _inner(input, mat2, input.shape[left.index("k")], mat2.shape[right.index("k")])
        if "b" in left and input.shape[0] != mat2.shape[0]:
            raise ShapeError(f"has batches of {input.shape[0]} and {mat2.shape[0]}")
        sizes = dict(zip(left + right, input.shape + mat2.shape, strict=True))
        result = tuple(n for c, n in sizes.items() if c != "k")
        if name == "bmm" and not prod(sizes.values()):  # torch does not look closer at nothing
            return new(result, mat2.dtype)
        return new(result, _multiplied(input, mat2, result))

    call.__doc__ = f"Multiply ``({', '.join(left)})`` by ``({', '.join(right)})``, summing over k."
    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


mm = _product("mm", "nk", "km")
bmm = _product("bmm", "bnk", "bkm")
mv = _product("mv", "nk", "k")
dot = _product("dot", "k", "k")
vdot = _product("vdot", "k", "k")


@operation
@packing
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """Multiply vectors or (batches of) matrices: ``(*, n, k)`` by ``(*, k, m)`` to ``(*, n, m)``.

    Raises:
        ShapeError: the columns of one are not the rows of the other, or the batches do not broadcast.
    """
    a, b = tensor("input", input).shape, tensor("other", other).shape
    if not a or not b:
        raise ShapeError(
            f"expects at least 1 dimension in each, but receives {shape(a)} and {shape(b)}"
        )
    _inner(input, other, a[-1], b[-2] if len(b) > 1 else b[0])
    lead = broadcast_shapes(a[:-2], b[:-2])
    result = (*lead, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))
    if not prod(result) * a[-1] and _in_batches(input, other):
        return new(result, other.dtype)  # as `bmm`, which does not look closer at nothing
    return new(result, _multiplied(input, other, result))


def _in_batches(a: Tensor, b: Tensor) -> bool:
    """Tell whether torch multiplies matrix by matrix, and not all rows of one operand as a single matrix."""
    larger, smaller = (a, b) if a.ndim >= b.ndim else (b if b.ndim < 2 else b.mT, a)
    if larger.ndim < 3 or smaller.ndim > 2:
        return smaller.ndim > 2
    if smaller.requires_grad or a.ndim == 2:
        return not smaller.requires_grad
    sizes, steps = larger.shape, strides(larger)
    apart = any(steps[i] != steps[i + 1] * sizes[i + 1] for i in range(larger.ndim - 2))
    return apart and 0 not in sizes


def _contracted(a: Tensor, b: Tensor, left: tuple[int, ...], right: tuple[int, ...]) -> Tensor:
    """Return the product that is summed over these dimensions of both."""
    own, others = (
        [i for i in range(each.ndim) if i not in gone] for each, gone in ((a, left), (b, right))
    )
    sizes = (*(a.shape[i] for i in own), *(b.shape[i] for i in others))
    dtype = _one_dtype(a, b)
    if dtype is dtypes.bool:
        for i, j in zip(left, right, strict=True):  # torch sums over what meets a size of 1
            if b.shape[j] == 1:
                a = new(tuple(1 if each == i else n for each, n in enumerate(a.shape)), dtype)
            elif a.shape[i] == 1:
                b = new(tuple(1 if each == j else n for each, n in enumerate(b.shape)), dtype)
        both = permute(a, (*own, *left)), permute(b, (*right, *others))
        # Vectors torch takes as such if they are in memory, too, and else element by element.
        vectors = prod(sizes) == 1 and bool(left)
        if (
            all(is_packed(each.shape, strides(each)) for each in both)
            if vectors
            else a.numel() * b.numel()
        ):
            raise ShapeError("is not defined for bool")
    return new(sizes, dtype)


@operation
@itself
def inner(input: Tensor, other: Tensor) -> Tensor:
    """Multiply and sum over the last dimensions of both."""
    a, b = tensor("input", input).shape, tensor("other", other).shape
    if not a or not b:
        scaled: Tensor = mul(input, other)
        return scaled
    _inner(input, other, a[-1], b[-1])
    return _contracted(input, other, (len(a) - 1,), (len(b) - 1,))


@operation
@itself
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Multiply each element of one vector with each of another."""
    for each in (tensor("input", input), tensor("vec2", vec2)):
        if each.ndim != 1:
            raise ShapeError(f"expects vectors, but receives {shape(each.shape)}")
    product: Tensor = mul(input.reshape(input.numel(), 1), vec2)
    return product


def _added(
    name: str, product: Callable[..., Tensor], batched: bool = False
) -> Callable[..., Tensor]:
    def call(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
        """``beta·input + alpha·(mat1 @ mat2)``, the input expanded to the shape of the product.

        Raises:
            ShapeError: as the product; or the input does not expand to it.
        """
        for value in (beta, alpha):
            number_dtype(value)
        result = product(mat1, mat2)
        sizes = result.shape[1:] if batched else result.shape
        dtype = result.dtype
        if name == "addr":  # of elements, which promote one another
            dtype = dtypes.promote_types(input.dtype, result_type(mat1, mat2))
            for value in (beta, alpha):
                kind = number_dtype(value).kind
                if (kind == dtypes.BOOL) > (dtype.kind == dtypes.BOOL) or kind > max(
                    dtype.kind, dtypes.INTEGER
                ):
                    raise ShapeError(f"has the factor {value!r} for {dtype.name}")
        elif name == "addbmm" and not mat1.shape[0]:  # torch does not look closer at no products
            dtype = tensor("input", input).dtype
            _scales(beta, dtype)
        elif tensor("input", input).dtype is not mat1.dtype or (
            name == "addbmm" and dtype is not mat1.dtype
        ):
            raise ShapeError(
                f"needs one dtype, but receives {input.dtype.name}, {mat1.dtype.name} and {mat2.dtype.name}"
            )
        elif name.endswith("mm") and not mat1.shape[-1] and 0 not in sizes:
            _scales(beta, dtype)
            if batched and mat1.shape[0] > 1:  # to the first batch it adds the others, once each
                _scales(1, dtype)
        elif dtype is dtypes.bool and 0 not in sizes and name != "addmv":
            raise ShapeError("is not defined for bool")
        if broadcast_shapes(input.shape, sizes) != sizes:
            raise ShapeError(f"cannot add {shape(input.shape)} to a product of {shape(sizes)}")
        if name == "addmv" and beta and not mat1.numel():  # torch returns the input as it is
            sizes = input.shape
        result = new(sizes, dtype)
        if name == "addr" and (input.memory is not None or 0 in sizes):
            result.memory = UNKNOWN
        return result

    call.__name__ = call.__qualname__ = name
    return operation(packing(call))


def _scales(beta: Any, dtype: dtypes.dtype) -> None:
    """Refuse a factor that a tensor to which nothing is added cannot be multiplied by in place."""
    if beta and not dtypes.can_cast(number_dtype(beta), dtype):
        raise ShapeError(f"has beta={beta!r} for {dtype.name}")


addmm = _added("addmm", mm)
addmv = _added("addmv", mv)
baddbmm = _added("baddbmm", bmm)
addbmm = _added("addbmm", bmm, batched=True)
addr = _added("addr", outer)


@operation
@packing
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Multiply and sum over `dims`: the last of `a` and the first of `b`, or a list for each.

    Raises:
        ShapeError: the sizes summed over differ, or `dims` does not fit.
    """
    a, b = tensor("a", a), tensor("b", b)
    if isinstance(dims, (tuple, list)):
        if len(dims) != 2:
            raise ShapeError(f"needs dims as an int or two lists, but receives {dims!r}")
        lists = [d if isinstance(d, (tuple, list)) else (d,) for d in dims]
    else:
        count = integer("dims", int(dims) if isinstance(dims, bool) else dims)
        if not 0 <= count <= min(a.ndim, b.ndim):
            raise ShapeError(
                f"cannot sum over {count} dimensions of {shape(a.shape)} and {shape(b.shape)}"
            )
        lists = [tuple(range(a.ndim - count, a.ndim)), tuple(range(count))]
    for each, chosen in zip((a, b), lists, strict=True):
        if chosen and not each.shape:
            raise ShapeError("has no dimension to sum over: it is a scalar")
    left, right = axes("dims", lists[0], a.ndim), axes("dims", lists[1], b.ndim)
    if len(left) != len(right):
        raise ShapeError(f"has {len(left)} and {len(right)} dimensions to sum over")
    for i, j in zip(left, right, strict=True):
        if a.shape[i] != b.shape[j] and 1 not in (a.shape[i], b.shape[j]):
            raise ShapeError(
                f"sums over dimension {i} of {shape(a.shape)} and {j} of {shape(b.shape)}: "
                f"{a.shape[i]} is not {b.shape[j]}"
            )
    return _contracted(a, b, left, right)


@operation
@itself
def einsum(*args: Any) -> Tensor:
    """Multiply and sum by letters, one for each dimension: ``einsum("bij,bjk->bik", x, y)``.

    In place of letters, ints may stand after each operand: ``einsum(x, [0, 1, 2], y, [0, 2, 3], [0, 1, 3])``.

    Raises:
        ShapeError: an operand has other dimensions than letters, or a letter has two sizes.
    """
    equation, operands = equation_of(args)
    given = tensor_list("operands", operands)
    if re.search(r"- +>|\. +\.", equation):
        raise ShapeError(
            f"cannot read the equation {equation!r}: -> and ... have no spaces in them"
        )
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(given):
        raise ShapeError(f"has {len(terms)} terms in {equation!r} for {len(given)} tensors")
    sizes: dict[str, int] = {}
    rest: tuple[int, ...] = ()
    each_sizes = []
    for term, each in zip(terms, given, strict=True):
        own, between = _lettered(term, each, equation)
        each_sizes.append(own)
        rest = broadcast_shapes(rest, between)
        for letter, n in own.items():
            known = sizes.get(letter, 1)
            if known != 1 and n not in (1, known):
                raise ShapeError(f"has {letter!r} = {known} and = {n} in {equation!r}")
            sizes[letter] = n if known == 1 else known
    if arrow:
        head, dots, tail = right.partition("...")
        _letters(head + tail, equation)
        for letter in head + tail:
            if letter not in sizes or (head + tail).count(letter) > 1:
                raise ShapeError(
                    f"has {letter!r} in its result, which no operand has, or twice: {equation!r}"
                )
    else:  # the letters that stand once, in alphabetical order
        head, dots, tail = "", "...", "".join(c for c in sorted(sizes) if left.count(c) == 1)
    middle = rest if dots else ()
    result = (*(sizes[c] for c in head), *middle, *(sizes[c] for c in tail))
    kept = set(head + tail) | (set() if dots or not rest else {"..."})
    made = new(result, _einsum_dtype(given, each_sizes, kept))
    if (
        len(given) > 2 or 0 in result or any(map(is_unknown, given))
    ):  # in which order torch joins more, depends
        made.memory = UNKNOWN
        return made
    labels = [_spelt(term, each.ndim) for term, each in zip(terms, given, strict=True)]
    spread = max(each.count("...") for each in labels)
    if any(
        "..." in term and each.count("...") < spread
        for term, each in zip(terms, labels, strict=True)
    ):
        made.memory = UNKNOWN
        return made
    out = [*head, *["..."] * (spread if dots else 0), *tail]
    summed = [*["..."] * (0 if dots else spread), *sorted({*"".join(terms)} - {*head, *tail, "."})]
    return _joined(
        made, [_aligned(*pair, out + summed) for pair in zip(given, labels, strict=True)], len(out)
    )


def equation_of(args: tuple[Any, ...]) -> tuple[str, Any]:
    """Return the equation that the arguments of `einsum` spell in letters or in ints, and the operands."""
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


#: The letters of the subscripts 0, 1, 2, ...
_LETTERS = ascii_uppercase + ascii_lowercase


def _spelt(term: str, dims: int) -> list[str]:
    """Return the letter of each dimension of an operand, dots for those that have none."""
    head, dots, tail = term.partition("...")
    return [*head, *["..."] * (dims - len(head) - len(tail) if dots else 0), *tail]


def _aligned(input: Tensor, labels: list[str], wanted: list[str]) -> Tensor:
    """Return a view with the dimensions in the wanted order; those that it has not are of size 1."""
    own: list[str] = []
    places: dict[str, int] = {}
    for label in labels:
        if label in places:
            input = movedim(diagonal(input, 0, places[label], len(own)), -1, places[label])
            continue
        if label != "...":
            places[label] = len(own)
        own.append(label)
    order: list[int] = []
    dots = [i for i, label in enumerate(own) if label == "..."]
    for label in wanted:
        if label == "..." and dots:
            order.append(dots.pop(0))
        elif label in places:
            order.append(places[label])
        else:
            input = unsqueeze(input, -1)
            order.append(input.ndim - 1)
    return permute(input, tuple(order))


def _joined(result: Tensor, given: list[Tensor], kept: int) -> Tensor:
    """Lay out the product of operands whose dimensions are aligned, and beyond the first `kept` summed."""
    dims = range(given[0].ndim)
    gone = tuple(dims[kept:])
    if len(given) == 1:
        result.memory = given[0].memory if not gone else None
        return result
    sizes = [each.shape for each in given]
    summed = [i for i in gone if sizes[0][i] != 1 != sizes[1][i]]
    for place, each in enumerate(given):
        alone = tuple(i for i in gone if each.shape[i] != 1 and i not in summed)
        if alone:  # of which a new tensor is made
            given[place] = new(
                tuple(1 if i in alone else n for i, n in enumerate(each.shape)), each.dtype
            )
    left, right = (each.shape for each in given)
    together = tuple(b if a == 1 else a for a, b in zip(left, right, strict=True))
    if not summed:
        product = follow(new(together, result.dtype), *given)
    else:
        both: list[int] = []
        first: list[int] = []
        second: list[int] = []
        for i in dims:
            if i not in summed:
                (both if left[i] != 1 != right[i] else first if left[i] != 1 else second).append(i)
        if first and second and max(second) < min(first):  # torch exchanges the operands
            first, second = second, first
        order = [*both, *first, *summed, *second]
        whole = tuple(1 if i in summed else n for i, n in enumerate(together))
        bmm = new(tuple(whole[i] for i in order), result.dtype)
        product = permute(bmm, tuple(order.index(i) for i in dims))
    result.memory = view(product, result.shape).memory if gone else product.memory
    return result


def _lettered(term: str, each: Tensor, equation: str) -> tuple[dict[str, int], tuple[int, ...]]:
    """Return the size of each letter of a term, and the sizes that its dots stand for."""
    head, dots, tail = term.partition("...")
    _letters(head + tail, equation)
    between = each.ndim - len(head) - len(tail)
    if between < 0 or (between and not dots):
        raise ShapeError(
            f"has {len(head + tail)} letters in {term!r} for {each.ndim} dimensions: {shape(each.shape)}"
        )
    own: dict[str, int] = {}
    lengths = each.shape[: len(head)] + each.shape[len(head) + between :]
    for letter, n in zip(head + tail, lengths, strict=True):
        if own.setdefault(letter, n) != n:
            raise ShapeError(f"has {letter!r} twice in {term!r}, as {own[letter]} and as {n}")
    return own, each.shape[len(head) : len(head) + between]


def _einsum_dtype(
    given: tuple[Tensor, ...], sizes: list[dict[str, int]], kept: set[str]
) -> dtypes.dtype:
    """Return the dtype as torch's steps make it, one operand after the other.

    A letter that only one of two operands has (or has with a size other than 1) is summed, and sums of
    integers are int64; letters of both are contracted, which needs one dtype; where none goes, they promote.
    """
    dtype = given[0].dtype
    done: dict[str, int] = {}
    last = {
        c: max((i for i, own in enumerate(sizes) if own.get(c, 1) != 1), default=0)
        for own in sizes
        for c in own
    }
    for i, (each, own) in enumerate(zip(given, sizes, strict=True)):
        other = each.dtype
        going = [c for c in last if c not in kept and last[c] == i]
        contracted = False
        for letter in going:
            if i and done.get(letter, 1) != 1 and own.get(letter, 1) != 1:
                contracted = True
            elif i and own.get(letter, 1) != 1:
                other = _summed(other)
            elif not i and (own.get(letter, 1) != 1 or len(given) == 1):
                dtype = _summed(dtype)
        if (
            contracted and 0 in (done | own).values()
        ):  # as `bmm`, which does not look closer at nothing
            dtype = other
        elif contracted and (dtype is not other or dtype is dtypes.bool):
            raise ShapeError(
                f"needs one dtype to sum products of, but receives {dtype.name} and {other.name}"
            )
        if i:
            dtype = dtypes.promote_types(dtype, other)
        for letter, n in own.items():
            if done.get(letter, 1) == 1:
                done[letter] = n
    return dtype


def _summed(dtype: dtypes.dtype) -> dtypes.dtype:
    return dtypes.int64 if dtype.kind < dtypes.FLOATING else dtype


def _letters(text: str, equation: str) -> None:
    if not all(c.isascii() and c.isalpha() for c in text):
        raise ShapeError(
            f"cannot read the equation {equation!r}: letters, commas, ... and one -> make it"
        )


@operation
@packing
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: Any = None) -> Tensor:
    """Distances of all pairs of rows: ``(*, n, k)`` and ``(*, m, k)`` to ``(*, n, m)``."""
    for each in (tensor("x1", x1), tensor("x2", x2)):
        if each.ndim < 2 or each.dtype.kind != dtypes.FLOATING:
            raise ShapeError(f"expects matrices of floating-point numbers, but receives {each!r}")
    _inner(x1, x2, x1.shape[-1], x2.shape[-1])
    if number("p", p) < 0:
        raise ShapeError(f"has p={p!r}, which must be at least 0")
    result = (*broadcast_shapes(x1.shape[:-2], x2.shape[:-2]), x1.shape[-2], x2.shape[-2])
    if prod(result) * x1.shape[-1] and _one_dtype(x1, x2).itemsize == 2:
        raise ShapeError(f"is not defined for {x1.dtype.name}")
    return new(result, x1.dtype)


@operation
@packing
def trace(input: Tensor) -> Tensor:
    """Sum the diagonal of a matrix."""
    if tensor("input", input).ndim != 2:
        raise ShapeError(f"expects a matrix, but receives {shape(input.shape)}")
    if input.dtype is dtypes.bool:
        raise ShapeError("is not defined for bool")
    return new((), _summed(input.dtype))


@operation
@itself
def kron(input: Tensor, other: Tensor) -> Tensor:
    """Put a copy of `other` in place of each element of `input`."""
    rank = max(tensor("input", input).ndim, tensor("other", other).ndim)
    a, b = ((1,) * (rank - len(s)) + s for s in (input.shape, other.shape))
    product = mul(
        view(input, tuple(n for m in a for n in (m, 1))),
        view(other, tuple(n for m in b for n in (1, m))),
    )
    return view(product, tuple(m * n for m, n in zip(a, b, strict=True)))


@operation
@packing
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:  # noqa: N803 - torch's name
    """Make the matrix of the powers of a vector's elements, `N` of them in each row."""
    if tensor("x", x).ndim != 1:
        raise ShapeError(f"expects a vector, but receives {shape(x.shape)}")
    columns = x.shape[0] if N is None else integer("N", N)
    if columns < 0:
        raise ShapeError(f"cannot make {columns} powers")
    return new((x.shape[0], columns), _summed(x.dtype))
