"""How the elements of a tensor lie in memory: strides, and the rules by which operations lay out results.

A tensor whose elements lie one behind the other, and have the memory to themselves, has no `Memory`. One
without elements always has, since torch has more than one way to lay out nothing.
"""

from __future__ import annotations

from functools import wraps
from math import prod
from typing import TYPE_CHECKING

from ..errors import ShapeError, UnknownOperation
from . import dtypes
from .arguments import shape
from .tensor import UNKNOWN, Memory, Tensor, new, packed, result_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Literal, TypeVar

    Ints = tuple[int, ...]
    Layout = Callable[[Tensor, Sequence[Any]], Ints | Memory | None] | Literal[False] | None
    F = TypeVar("F", bound=Callable[..., Any])


#: Of a tensor of which only this is known: that several elements may have one place, since it was expanded.
SHARED = Memory(None, 1, 0)


# Strides


def ordered(sizes: Sequence[int], order: Sequence[int]) -> Ints:
    """Return the strides of elements one behind the other, the dimensions in this order, outermost first."""
    strides, step = [0] * len(sizes), 1
    for i in reversed(order):
        strides[i] = step
        step *= sizes[i]
    return tuple(strides)


def is_packed(sizes: Ints, strides: Ints) -> bool:
    """Tell whether elements lie one behind the other: torch's `is_contiguous`."""
    return 0 in sizes or _follow(sizes, strides, range(len(sizes)))


def is_channels_last(sizes: Ints, strides: Ints) -> bool:
    """Tell whether the elements of ``(N, C, *size)`` lie one behind the other, the channels innermost."""
    return len(sizes) in (4, 5) and _follow(sizes, strides, _channels_last(len(sizes)))


def _channels_last(dims: int) -> Sequence[int]:
    return (0, *range(2, dims), 1)


def _follow(sizes: Ints, strides: Ints, order: Sequence[int]) -> bool:
    step = 1
    for i in reversed(order):
        if sizes[i] != 1:
            if strides[i] != step:
                return False
            step *= sizes[i]
    return True


def is_dense(sizes: Ints, strides: Ints) -> bool:
    """Tell whether elements fill their memory without a gap and each has a place of its own."""
    if is_packed(sizes, strides):
        return True
    steps = sorted((step, n) for n, step in zip(sizes, strides, strict=True) if n > 1)
    expected = 1
    for step, n in steps:
        if step != expected:
            return False
        expected *= n
    return True


def prefers_channels_last(sizes: Ints, strides: Ints) -> bool:
    """Tell whether torch's layers take ``(N, C, *size)`` for one whose channels come last in memory."""
    if len(sizes) not in (4, 5) or not strides[1]:
        return False
    least = 0
    for i in (1, *range(len(sizes) - 1, 1, -1), 0):
        if not sizes[i] or strides[i] < least or (i == 0 and least == strides[1]):
            return False
        least = strides[i] * (sizes[i] if sizes[i] > 1 else 1)
    return True


def channels_last(sizes: Ints) -> Ints:
    """Return the strides of ``(N, C, *size)`` with the channels innermost."""
    return ordered(sizes, _channels_last(len(sizes)))


def viewed(sizes: Ints, strides: Ints, wanted: Ints) -> Ints | None:
    """Return the strides of the same elements in another shape, or None where they would have to move."""
    if not prod(sizes):
        return strides if sizes == wanted else packed(wanted)
    result: list[int] = []
    place = len(wanted) - 1
    step, run, count = strides[-1] if strides else 1, 1, 1
    for i in range(len(sizes) - 1, -1, -1):
        run *= sizes[i]
        if i and (sizes[i - 1] == 1 or strides[i - 1] == run * step):
            continue  # the dimension before is one with it in memory
        while place >= 0 and (count < run or wanted[place] == 1):
            result.append(count * step)
            count *= wanted[place]
            place -= 1
        if count != run:
            return None
        if i:
            step, run, count = strides[i - 1], 1, 1
    if not sizes:
        result = [1] * len(wanted)
    return tuple(reversed(result))


def _after(step: int, other: int, n: int, other_n: int) -> bool | None:
    """Tell whether a dimension belongs outside of another by their strides, if these say."""
    if not step or not other or (step == other and n <= other_n):
        return None
    return step >= other


def _sorted(sizes: Ints, each: Sequence[Ints]) -> list[int]:
    """Return the dimensions, outermost first, in the order that they have in the first tensor that tells."""
    order = list(range(len(sizes)))[::-1]
    for i in range(1, len(order)):
        moving = i
        for j in range(i - 1, -1, -1):
            inner, outer = order[j], order[moving]
            said = (_after(s[inner], s[outer], sizes[inner], sizes[outer]) for s in each)
            after = next((a for a in said if a is not None), None)
            if after:
                order[j], order[moving] = outer, inner
                moving = j
            elif after is False:
                break
    return order[::-1]


def expanded(sizes: Ints, own: Ints, strides: Ints) -> Ints:
    """Return the strides of a tensor that is expanded to `sizes`."""
    lead = len(sizes) - len(own)
    each = zip(own, strides, sizes[lead:], strict=True)
    return (*(0,) * lead, *(0 if n == 1 != wanted else step for n, step, wanted in each))


def iterated(sizes: Ints, each: Sequence[tuple[Ints, Ints]]) -> Ints | None:
    """Return the strides of a result over whose elements and those of others torch iterates; None is packed.

    Args:
        sizes: its shape.
        each: the shape and the strides of each tensor that it is made of, in torch's order.
    """
    if all(own == sizes for own, _ in each):
        if all(is_packed(*own) for own in each):
            return None
        if len(sizes) == 4 and all(is_channels_last(*own) for own in each):
            return channels_last(sizes)
        if all(is_dense(*own) for own in each) and len(set(each)) == 1:
            return each[0][1]
    order = _sorted(sizes, [expanded(sizes, *own) for own in each])
    return None if order == [*range(len(sizes))] else ordered(sizes, order)


def preserved(sizes: Ints, own: Ints) -> Ints:
    """Return the strides of a copy: the same, but without gaps, and each element with a place of its own."""
    if is_dense(sizes, own):
        return own
    return ordered([n or 1 for n in sizes], _sorted(sizes, [own]))


# Tensors


def strides(tensor: Tensor) -> Ints:
    """Return the strides of a tensor; where they are not known, some that nothing will be made of."""
    memory = tensor.memory
    known: Ints | None = None if memory is None else memory.strides
    return packed(tensor.shape) if known is None else known


def is_unknown(tensor: Tensor) -> bool:
    """Tell whether convshape does not know how the elements of a tensor lie."""
    return tensor.memory is not None and tensor.memory.strides is None


def is_laid_out(value: Any) -> bool:
    """Tell whether an argument is a tensor that has a `Memory`, or a list with one in it."""
    if isinstance(value, (tuple, list)):
        return any(isinstance(each, Tensor) and each.memory is not None for each in value)
    return isinstance(value, Tensor) and value.memory is not None


def known_strides(tensor: Tensor) -> Ints:
    """Return the strides of a tensor.

    Raises:
        UnknownOperation: they are not known.
    """
    if is_unknown(tensor):
        raise UnknownOperation(
            f"how {shape(tensor.shape)} lies in memory is not known to convshape here",
            fix="`.contiguous()` before it",
        )
    return strides(tensor)


def is_odd(tensor: Tensor) -> bool:
    """Tell whether elements lie one behind the other, but by other strides, as sizes of 1 may have any."""
    own = strides(tensor)
    return is_packed(tensor.shape, own) and own != packed(tensor.shape)


def alone(tensor: Tensor) -> Tensor:
    """Pass a tensor each of whose elements has a place of its own, so that it can be written.

    Raises:
        ShapeError: it is expanded.
        UnknownOperation: it may be, and how it lies in memory is not known.
    """
    memory = tensor.memory
    if memory == SHARED:
        raise UnknownOperation(
            f"whether elements of {shape(tensor.shape)}, once expanded, share a place in memory is not known",
            fix="`.contiguous()` before it",
        )
    if memory is not None and memory.strides is not None and 0 not in tensor.shape:
        for n, step in zip(tensor.shape, memory.strides, strict=True):
            if n > 1 and not step:
                raise ShapeError(
                    f"cannot write into {shape(tensor.shape)}, which is expanded: "
                    f"{n} elements share a place in memory",
                    fix="`.clone()` before it",
                    only=True,
                )
    return tensor


def lay(tensor: Tensor, own: Ints | None) -> None:
    """Give a new tensor these strides."""
    own = packed(tensor.shape) if own is None else own
    if 0 not in tensor.shape and own == packed(tensor.shape):
        tensor.memory = None
    else:
        tensor.memory = Memory(own, 0, _extent(tensor.shape, own) * tensor.dtype.itemsize)


def _extent(sizes: Ints, strides: Ints) -> int:
    return (
        1 + sum((n - 1) * step for n, step in zip(sizes, strides, strict=True))
        if prod(sizes)
        else 0
    )


def part(
    input: Tensor, sizes: Ints, own: Ints, offset: int = 0, dtype: dtypes.dtype | None = None
) -> Tensor:
    """Return a view of elements of a tensor: those at these strides, from `offset` after its own first."""
    result = new(sizes, dtype or input.dtype)
    memory = input.memory
    if memory is None:
        whole = prod(input.shape) * input.dtype.itemsize
    elif memory.strides is None:
        result.memory = memory
        return result
    else:
        _, first, whole = memory
        offset += first
    alike = (
        not offset and own[-1:] in ((1,), ()) and 0 < whole == prod(sizes) * result.dtype.itemsize
    )
    if not alike or own != packed(sizes):
        result.memory = Memory(own, offset, whole)
    return result


def follow(result: Tensor, *given: Any) -> Tensor:
    """Lay a new tensor out as torch's iterator does; a number counts as a tensor without dimensions."""
    tensors = _tensors(given)
    if any(map(is_unknown, tensors)):
        result.memory = UNKNOWN
    elif any(t.memory is not None for t in tensors):
        lay(result, elementwise_strides(result, given))
    return result


def follow_copy(result: Tensor, input: Tensor) -> Tensor:
    """Lay a new tensor out as a copy of another."""
    if is_unknown(input):
        result.memory = UNKNOWN
    elif input.memory is not None:
        lay(result, preserved(input.shape, strides(input)))
    return result


def follow_format(result: Tensor, *given: Tensor) -> Tensor:
    """Lay a new tensor out with its channels innermost, if they are so in one of the given."""
    if all(t.memory is None for t in given):
        return result
    if any(map(is_unknown, given)):
        result.memory = UNKNOWN
    elif any(prefers_channels_last(t.shape, strides(t)) for t in given):
        lay(result, channels_last(result.shape))
    return result


def _tensors(given: Sequence[Any]) -> list[Tensor]:
    return [each for each in given if isinstance(each, Tensor)]


# Kinds: how the results of an operation lie in memory, by its arguments, of which one is not packed.


def operands(result: Tensor, given: Sequence[Any]) -> list[tuple[Ints, Ints]]:
    """Return the shapes and strides of what torch iterates over: where it converts, those of a copy."""
    kind = given[0].dtype if len(given) == 1 else result_type(*given)
    if kind.kind < dtypes.FLOATING <= result.dtype.kind:
        kind = result.dtype
    each: list[tuple[Ints, Ints]] = []
    for one in given:
        if isinstance(one, Tensor):
            own = strides(one)
            each.append((one.shape, own if one.dtype is kind else preserved(one.shape, own)))
        else:
            each.append(((), ()))
    return each


def elementwise_strides(result: Tensor, given: Sequence[Any]) -> Ints | None:
    """Return the strides of a result that is made element by element, of numbers too."""
    return iterated(result.shape, operands(result, given))


def copied_strides(result: Tensor, given: Sequence[Any]) -> Ints:
    """Return the strides of a result that is laid out as a copy of the first argument."""
    return preserved(given[0].shape, strides(given[0]))


def format_strides(result: Tensor, given: Sequence[Any]) -> Ints | None:
    """Return the strides of a result whose channels are innermost if they are so in a tensor given."""
    if any(prefers_channels_last(t.shape, strides(t)) for t in _tensors(given)):
        return channels_last(result.shape)
    return None


def row_format_strides(result: Tensor, given: Sequence[Any]) -> Ints | None:
    """Return the strides of ``(N, C, L)``, which torch works on as an image ``(N, C, 1, L)``."""
    rows = [t.unsqueeze(-2) for t in _tensors(given)]
    plane = (*result.shape[:-1], 1, result.shape[-1])
    image = format_strides(new(plane, result.dtype), rows)
    return image and (*image[:-2], image[-1])


def volume_format_strides(result: Tensor, given: Sequence[Any]) -> Ints | None:
    """Return the strides of ``(N, C, D, H, W)`` as `format_strides`, also of ``(C, D, H, W)``."""
    if result.ndim == 5:
        return format_strides(result, given)
    batches = [t.unsqueeze(0) for t in _tensors(given)]
    if any(
        is_channels_last(t.shape, strides(t)) and not is_packed(t.shape, strides(t))
        for t in batches
    ):
        return channels_last((1, *result.shape))[1:]
    return None


#: The operation lays its results out itself: it gives views, or writes in place.
OWN: Layout = False
#: The result lies one element behind the other, whatever is given: that is what a new tensor has.
PACKED = OWN
#: The result is made element by element of all tensors that are given.
ELEMENTWISE: Layout = lambda result, given: elementwise_strides(result, _tensors(given))  # noqa: E731
#: The same of two operands, each a tensor or a number.
PAIRWISE: Layout = lambda result, given: elementwise_strides(result, given[:2])  # noqa: E731
#: The result is laid out as a copy of the first tensor.
PRESERVED: Layout = copied_strides
#: The result has its channels innermost in memory if a tensor given has them so (`channels_last`).
FORMAT: Layout = format_strides
#: The same of a row ``(N, C, L)``.
ROW_FORMAT: Layout = row_format_strides
#: The same of a volume ``(N, C, D, H, W)``.
VOLUME_FORMAT: Layout = volume_format_strides
#: How the result lies is not known wherever a tensor given is not packed.
UNKNOWN_LAYOUT: Layout = None
#: How it lies is not known of packed tensors either: it comes from a library, such as LAPACK.
NEVER_KNOWN: Layout = lambda result, given: UNKNOWN if result.ndim > 1 else None  # noqa: E731


def rule(strides: Any) -> Callable[[F], F]:
    """Return the decorator, below an `operation` without facts, that says its kind of layout."""

    def mark(function: F) -> F:
        function.strides = strides  # type: ignore[attr-defined]
        return function

    return mark


elementwise, pairwise, preserving = rule(ELEMENTWISE), rule(PAIRWISE), rule(PRESERVED)
itself = packing = rule(OWN)


def unknowable(function: F) -> F:
    """Make an operation whose results lie in a way that convshape does not know, whatever is given."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        for each in result if isinstance(result, tuple) else (result,):
            if each.ndim > 1:
                each.memory = UNKNOWN
        return result

    marked: F = itself(call)  # type: ignore[assignment]
    return marked


def arrange(
    layout: Layout, rule: Any, args: Sequence[Any], kwargs: dict[str, Any], result: Any
) -> None:
    """Lay out the results of an operation by its kind of layout."""
    given = list(args)
    if kwargs:  # in the order of the function's own arguments
        while hasattr(rule, "__wrapped__"):
            rule = rule.__wrapped__
        given += [kwargs[name] for name in rule.__code__.co_varnames if name in kwargs]
    for item in result if isinstance(result, tuple) else (result,):
        if not isinstance(item, Tensor) or any(item is argument for argument in given):
            continue
        own = (
            layout(item, given) if layout and not any(map(is_unknown, _tensors(given))) else UNKNOWN
        )
        if own is UNKNOWN:
            item.memory = UNKNOWN
        else:
            lay(item, own)
