"""How the elements of a tensor lie in memory: strides, and the kinds of layout of operations.

A tensor whose elements lie one after the other, with the memory to themselves, has no `Memory`.
One without elements always has, since torch has more than one way to lay out nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .. import symbolic
from ..errors import ShapeError, UnknownOperation
from . import dtypes
from .arguments import shape
from .tensor import UNKNOWN, Memory, Tensor, new, packed, result_type

if TYPE_CHECKING:
    Ints = tuple[int, ...]
    Layout = Callable[[Tensor, Sequence[Any]], Ints | Memory | None] | Literal[False] | None
    F = TypeVar("F", bound=Callable[..., Any])


#: Of a tensor of which only this is known: it was expanded, so several elements may have one place.
SHARED = Memory(None, 1, 0)


def of_strides(function: F) -> F:
    """Mark what compares strides: see `convshape.symbolic.laying`."""

    def compare(*args: Any, **kwargs: Any) -> Any:
        outer, symbolic.laying = symbolic.laying, True
        try:
            return function(*args, **kwargs)
        finally:
            symbolic.laying = outer

    marked: Any = compare
    marked.__name__, marked.__doc__ = function.__name__, function.__doc__
    return marked  # type: ignore[no-any-return]


# Strides


def ordered(sizes: Sequence[int], order: Sequence[int]) -> Ints:
    """Return the strides of elements one after the other, by dimensions from the outermost in."""
    strides, step = [0] * len(sizes), 1
    for i in reversed(order):
        strides[i] = step
        step *= sizes[i]
    return tuple(strides)


@of_strides
def is_packed(sizes: Ints, strides: Ints) -> bool:
    """Return whether elements lie one after the other: torch's `is_contiguous`."""
    return 0 in sizes or _follow(sizes, strides, range(len(sizes)))


@of_strides
def is_channels_last(sizes: Ints, strides: Ints) -> bool:
    """Return whether the elements of ``(N, C, *size)`` lie densely, the channels innermost."""
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


@of_strides
def is_dense(sizes: Ints, strides: Ints) -> bool:
    """Return whether elements fill their memory without a gap and each has a place of its own."""
    if is_packed(sizes, strides):
        return True
    steps = sorted((step, n) for n, step in zip(sizes, strides, strict=True) if n > 1)
    expected = 1
    for step, n in steps:
        if step != expected:
            return False
        expected *= n
    return True


@of_strides
def prefers_channels_last(sizes: Ints, strides: Ints) -> bool:
    """Return whether layers take ``(N, C, *size)`` for one with its channels last in memory."""
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


@of_strides
def viewed(sizes: Ints, strides: Ints, wanted: Ints) -> Ints | None:
    """Return the strides of the same elements in another shape, or None where they would move."""
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
    """Return whether a dimension belongs outside of another by their strides, if these say."""
    if not step or not other or (step == other and n <= other_n):
        return None
    return step >= other


def _sorted(sizes: Ints, strides: Sequence[Ints]) -> list[int]:
    """Return the dimensions, outermost first, as the first strides that differ order them."""
    order = list(range(len(sizes)))[::-1]
    for i in range(1, len(order)):
        moving = i
        for j in range(i - 1, -1, -1):
            inner, outer = order[j], order[moving]
            told = (_after(s[inner], s[outer], sizes[inner], sizes[outer]) for s in strides)
            after = next((a for a in told if a is not None), None)
            if after:
                order[j], order[moving] = outer, inner
                moving = j
            elif after is False:
                break
    return order[::-1]


def expanded(sizes: Ints, old: Ints, strides: Ints) -> Ints:
    """Return the strides of a tensor of sizes `old` that is expanded to `sizes`."""
    lead = len(sizes) - len(old)
    dims = zip(old, strides, sizes[lead:], strict=True)
    return (*(0,) * lead, *(0 if n == 1 != wanted else step for n, step, wanted in dims))


@of_strides
def iterated(sizes: Ints, operands: Sequence[tuple[Ints, Ints]]) -> Ints | None:
    """Return the strides of what torch makes by iterating over tensors; None is packed.

    Args:
        sizes: the shape of the result.
        operands: the shape and the strides of each tensor that it is made of, in torch's order.
    """
    if all(shape == sizes for shape, _ in operands):
        if all(is_packed(*operand) for operand in operands):
            return None
        if len(sizes) == 4 and all(is_channels_last(*operand) for operand in operands):
            return channels_last(sizes)
        if all(pair == operands[0] for pair in operands) and is_dense(*operands[0]):
            return operands[0][1]
    order = _sorted(sizes, [expanded(sizes, *operand) for operand in operands])
    return None if order == [*range(len(sizes))] else ordered(sizes, order)


@of_strides
def preserved(sizes: Ints, strides: Ints) -> Ints:
    """Return the strides of a copy: the same, but without gaps, and no element's place shared."""
    if is_dense(sizes, strides):
        return strides
    return ordered([n or 1 for n in sizes], _sorted(sizes, [strides]))


# Tensors


def strides(tensor: Tensor) -> Ints:
    """Return the strides of a tensor; where they are not known, some that nothing comes of."""
    memory = tensor.memory
    known: Ints | None = None if memory is None else memory.strides
    return packed(tensor.shape) if known is None else known


def offset(tensor: Tensor) -> int:
    """Return which element of its memory is the first of a tensor."""
    return 0 if tensor.memory is None else int(tensor.memory.offset)


def is_unknown(tensor: Tensor) -> bool:
    """Return whether convshape does not know how the elements of a tensor lie."""
    return tensor.memory is not None and tensor.memory.strides is None


#: Classes of most arguments, which hold no tensor.
_NO_TENSORS = {int, float, bool, str, type(None)}


def are_plain(values: Iterable[Any]) -> bool:
    """Return whether no argument has a `Memory` or known contents, as in nearly every call."""
    for value in values:
        kind = value.__class__
        if kind in _NO_TENSORS:
            continue
        if kind is tuple or kind is list:
            for item in value:
                if item.__class__ not in _NO_TENSORS:
                    return False
        elif not isinstance(value, Tensor) or not (value.memory is value.contents is None):
            return False
    return True


def are_laid_out(values: Iterable[Any]) -> bool:
    """Return whether one of the arguments is a tensor that has a `Memory`, or has one in a list."""
    for value in values:
        if isinstance(value, Tensor):
            if value.memory is not None:
                return True
        elif isinstance(value, (tuple, list)):
            for item in value:
                if isinstance(item, Tensor) and item.memory is not None:
                    return True
    return False


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


def alone(tensor: Tensor) -> Tensor:
    """Pass a tensor each of whose elements has a place of its own, so that it can be written.

    Raises:
        ShapeError: it is expanded.
        UnknownOperation: it may be, and how it lies in memory is not known.
    """
    memory = tensor.memory
    if memory == SHARED:
        raise UnknownOperation(
            f"whether elements of {shape(tensor.shape)}, once expanded, share a place in memory "
            "is not known",
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


@of_strides
def lay(tensor: Tensor, strides: Ints | Memory | None) -> None:
    """Give a new tensor these strides, or `UNKNOWN` ones; None is packed."""
    if strides is UNKNOWN:
        tensor.memory = UNKNOWN
        return
    steps = packed(tensor.shape) if strides is None else strides
    if 0 not in tensor.shape and steps == packed(tensor.shape):
        tensor.memory = None
        return
    last = sum((n - 1) * step for n, step in zip(tensor.shape, steps, strict=True))
    extent = 1 + last if 0 not in tensor.shape else 0
    tensor.memory = Memory(steps, 0, extent * tensor.dtype.itemsize)


@of_strides
def part(
    input: Tensor, sizes: Ints, steps: Ints, start: int = 0, dtype: dtypes.dtype | None = None
) -> Tensor:
    """Return a view of elements of a tensor: at these strides, from `start` after its first on."""
    result = new(sizes, dtype or input.dtype)
    result.contents = input.contents
    memory = input.memory
    if memory is None:
        whole = prod(input.shape) * input.dtype.itemsize
    elif memory.strides is None:
        result.memory = memory
        return result
    else:
        start += memory.offset
        whole = memory.size
    all_of_it = 0 < whole == prod(sizes) * result.dtype.itemsize
    if start or not all_of_it or steps != packed(sizes):
        result.memory = Memory(steps, start, whole)
    return result


@of_strides
def lay_joined(result: Tensor, tensors: Sequence[Tensor]) -> None:
    """Lay a result out as the tensors that it is made of are, if all have their channels last."""
    if result.ndim not in (4, 5):
        return
    if any(is_unknown(t) for t in tensors):
        result.memory = UNKNOWN
    elif all(prefers_channels_last(t.shape, strides(t)) for t in tensors):
        lay(result, channels_last(result.shape))


def _tensors(arguments: Sequence[Any]) -> list[Tensor]:
    return [value for value in arguments if isinstance(value, Tensor)]


# Kinds: how the results of an operation lie, by its arguments, of which one is not packed.


def operands(result: Tensor, values: Sequence[Any]) -> list[tuple[Ints, Ints]]:
    """Return the shapes and strides of what torch iterates over: where it converts, of a copy."""
    kind = values[0].dtype if len(values) == 1 else result_type(*values)
    if kind.kind < dtypes.FLOATING <= result.dtype.kind:
        kind = result.dtype
    pairs: list[tuple[Ints, Ints]] = []
    for value in values:
        if isinstance(value, Tensor):
            steps = strides(value)
            same = value.dtype is kind
            pairs.append((value.shape, steps if same else preserved(value.shape, steps)))
        else:
            pairs.append(((), ()))
    return pairs


def elementwise_strides(result: Tensor, values: Sequence[Any]) -> Ints | None:
    """Return the strides of a result that is made element by element, of numbers too."""
    return iterated(result.shape, operands(result, values))


def copied_strides(result: Tensor, arguments: Sequence[Any]) -> Ints:
    """Return the strides of a result that is laid out as a copy of the first argument."""
    return preserved(arguments[0].shape, strides(arguments[0]))


def format_strides(result: Tensor, arguments: Sequence[Any]) -> Ints | None:
    """Return the strides of a result whose channels are innermost if a tensor has them so."""
    if any(prefers_channels_last(t.shape, strides(t)) for t in _tensors(arguments)):
        return channels_last(result.shape)
    return None


def row_format_strides(result: Tensor, arguments: Sequence[Any]) -> Ints | None:
    """Return the strides of ``(N, C, L)``, which torch works on as an image ``(N, C, 1, L)``."""
    rows = [t.unsqueeze(-2) for t in _tensors(arguments)]
    plane = (*result.shape[:-1], 1, result.shape[-1])
    image = format_strides(new(plane, result.dtype), rows)
    return image and (*image[:-2], image[-1])


def volume_format_strides(result: Tensor, arguments: Sequence[Any]) -> Ints | None:
    """Return the strides of ``(N, C, D, H, W)`` as `format_strides`, also of ``(C, D, H, W)``."""
    if result.ndim == 5:
        return format_strides(result, arguments)
    for batch in (t.unsqueeze(0) for t in _tensors(arguments)):
        pair = batch.shape, strides(batch)
        if is_channels_last(*pair) and not is_packed(*pair):
            return channels_last((1, *result.shape))[1:]
    return None


def library_strides(result: Tensor, arguments: Sequence[Any]) -> Memory | None:
    """Tell that matrices from a library may lie in any way; pivots, of int32, are packed."""
    return UNKNOWN if result.ndim > 1 and result.dtype is not dtypes.int32 else None


#: The operation lays its results out itself: it gives views, or writes in place.
OWN: Layout = False
#: The result lies one element behind the other, as a new tensor does, whatever the arguments.
PACKED = OWN
#: The result is made element by element of all tensors among the arguments.
ELEMENTWISE: Layout = lambda result, args: elementwise_strides(result, _tensors(args))  # noqa: E731
#: The same of two operands, each a tensor or a number.
PAIRWISE: Layout = lambda result, args: elementwise_strides(result, args[:2])  # noqa: E731
#: The result is laid out as a copy of the first tensor.
PRESERVED: Layout = copied_strides
#: The result has its channels innermost in memory if a tensor has them so (`channels_last`).
FORMAT: Layout = format_strides
#: The same of a row ``(N, C, L)``.
ROW_FORMAT: Layout = row_format_strides
#: The same of a volume ``(N, C, D, H, W)``.
VOLUME_FORMAT: Layout = volume_format_strides
#: How the result lies is not known wherever a tensor among the arguments is not packed.
UNKNOWN_LAYOUT: Layout = None
#: How it lies is not known of packed tensors either: it comes from a library, such as LAPACK.
NEVER_KNOWN: Layout = library_strides


@of_strides
def arrange(
    layout: Layout, rule: Any, args: Sequence[Any], kwargs: dict[str, Any], result: Any
) -> None:
    """Lay out the results of an operation by its kind of layout."""
    arguments = list(args)
    if kwargs:  # in the order of the function's own arguments
        while hasattr(rule, "__wrapped__"):
            rule = rule.__wrapped__
        arguments += [kwargs[name] for name in rule.__code__.co_varnames if name in kwargs]
    for item in result if isinstance(result, tuple) else (result,):
        if not isinstance(item, Tensor) or any(item is argument for argument in arguments):
            continue
        if not layout or any(map(is_unknown, _tensors(arguments))):
            item.memory = UNKNOWN
        else:
            lay(item, layout(item, arguments))


# For rules whose results lie as no kind says.


@of_strides
def is_odd(tensor: Tensor) -> bool:
    """Return whether a packed tensor has other strides than `packed`: sizes of 1 may have any."""
    steps = strides(tensor)
    return is_packed(tensor.shape, steps) and steps != packed(tensor.shape)


def follow(result: Tensor, *values: Any) -> Tensor:
    """Lay a new tensor out as torch's iterator does; a number counts as a tensor without sizes."""
    tensors = _tensors(values)
    if any(map(is_unknown, tensors)):
        result.memory = UNKNOWN
    elif any(t.memory is not None for t in tensors):
        lay(result, elementwise_strides(result, values))
    return result


def follow_copy(result: Tensor, input: Tensor) -> Tensor:
    """Lay a new tensor out as a copy of another."""
    if is_unknown(input):
        result.memory = UNKNOWN
    elif input.memory is not None:
        lay(result, preserved(input.shape, strides(input)))
    return result


def follow_format(result: Tensor, *tensors: Tensor) -> Tensor:
    """Lay a new tensor out with its channels innermost, if they are so in one of others."""
    if all(t.memory is None for t in tensors):
        return result
    if any(map(is_unknown, tensors)):
        result.memory = UNKNOWN
    elif any(prefers_channels_last(t.shape, strides(t)) for t in tensors):
        lay(result, channels_last(result.shape))
    return result
