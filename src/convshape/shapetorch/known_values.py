"""Small tensors whose values are known, as the program wrote them: ``torch.linspace(0, 0.1, 12)``.

A network is often made with such numbers (``[x.item() for x in torch.linspace(0, rate, depth)]``),
and depends on them (``if mask.any()``). They stay known through every operation that has a
reference in `references`, and become unknown after all others: no value is wrong.

A tensor and its views share one `Contents`, as they share their memory in torch. So the others read
what is written into one of them. Nothing is computed before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from ..errors import Error, ShapeError, UnknownOperation
from . import dtypes
from .arguments import shape
from .layout import is_unknown, offset, strides
from .tensor import Tensor, new

#: The numbers of a memory by their places in it.
Cells = list[Any] | dict[int, Any]

#: The most elements of a known tensor: more than any schedule of a network has, yet fast to read.
MOST = 4096
#: So many operations wait for one another until someone asks for a value.
_DEEPEST = 50


class Near:
    """A number whose last digits in torch are unknown: between two bounds, probably `guess`.

    What is made of it is known where it is the same all between the two; Python is given the guess.
    """

    __slots__ = ("guess", "high", "low")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, low: float, guess: float, high: float) -> None:
        self.low = low
        self.guess = guess
        self.high = high

    def __bool__(self) -> bool:
        raise TypeError

    def __eq__(self, other: object) -> bool:
        raise TypeError


class Numbers:
    """The numbers of a memory at one time, computed when they are asked for; they never change."""

    __slots__ = ("_cells", "_work", "depth")

    def __init__(self, work: Callable[[], Cells | None], depth: int = 0) -> None:
        self._work: Callable[[], Cells | None] | None = work
        self._cells: Cells | None = None
        self.depth = depth
        if depth > _DEEPEST:
            self.cells()

    def cells(self) -> Cells | None:
        """Return the numbers by their places, or None if they are not known."""
        if self._work is not None:
            self._cells = self._work()
            self._work, self.depth = None, 0
        return self._cells

    def __deepcopy__(self, memo: Any) -> Numbers:
        return self

    def __reduce__(self) -> Any:
        return _worked_out, (self.cells(),)


def _worked_out(cells: Cells | None) -> Numbers:
    return Numbers(lambda: cells)


class Contents:
    """What a memory holds now: numbers of a dtype, or None where they are not known."""

    __slots__ = ("dtype", "numbers")

    def __init__(self, dtype: dtypes.dtype, numbers: Numbers | None) -> None:
        self.dtype = dtype
        self.numbers = numbers


class Elsewhere(Contents):
    """What a part of a memory holds that lies at a place that is not known."""

    __slots__ = ("_whole",)

    def __init__(self, whole: Contents) -> None:
        self.dtype = whole.dtype
        self._whole = whole

    @property
    def numbers(self) -> None:
        """They are not known; and what is written into them makes all others unknown."""
        return None

    @numbers.setter
    def numbers(self, value: Numbers | None) -> None:
        self._whole.numbers = None


# Reading


def values_of(value: Any) -> list[Any] | None:
    """Return the values of a tensor in rows, some perhaps `Near`, or None if they are not known."""
    if not isinstance(value, Tensor) or not is_known(value) or is_unknown(value):
        return None
    cells = value.contents.numbers.cells()
    try:
        return None if cells is None else [cells[place] for place in places(value)]
    except LookupError:  # the memory was given another size
        return None


def is_known(value: Any) -> bool:
    """Return whether an argument is a tensor that may have known values, or a list with one."""
    if isinstance(value, (tuple, list)):
        return any(map(is_known, value))
    contents = value.contents if isinstance(value, Tensor) else None
    return contents is not None and contents.numbers is not None and contents.dtype is value.dtype


def have_contents(values: Iterable[Any]) -> bool:
    """Return whether one of the arguments, or of their items, is a tensor with known contents."""
    for value in values:
        if isinstance(value, Tensor):
            if value.contents is not None:
                return True
        elif isinstance(value, (tuple, list)) and have_contents(value):
            return True
    return False


def places(tensor: Tensor) -> list[int]:
    """Return where in memory the elements of a tensor lie, in rows."""
    result = [offset(tensor)]
    for n, stride in zip(tensor.shape, strides(tensor), strict=True):
        result = [place + i * stride for place in result for i in range(n)]
    return result


def only_value(tensor: Tensor, what: str) -> Any:
    """Return the value of a tensor of one element.

    Raises:
        ShapeError: it has more elements, or none.
        UnknownOperation: it is not known.
    """
    if tensor.numel() != 1:
        raise ShapeError(
            f"needs a tensor of one element, but receives {shape(tensor.shape)}",
            fix="any() or all()",
        )
    values = values_of(tensor)
    if values is None:
        from .placeholder import HINT

        raise UnknownOperation(f"{what}, and convshape has shapes only", fix=HINT)
    return values[0].guess if type(values[0]) is Near else values[0]


def check_indices(
    index: Tensor,
    size: int,
    *,
    wraps: bool = False,
    ignored: int | None = None,
    kind: type[Exception] = IndexError,
) -> None:
    """Refuse indices that are known and lie outside a dimension.

    Args:
        index: the indices.
        size: of the dimension.
        wraps: whether they may count from the end.
        ignored: one that may be anything.
        kind: the class of torch's error.

    Raises:
        ShapeError: one lies outside.
    """
    least = -size if wraps else 0
    for value in values_of(index) or ():
        if type(value) is not Near and not least <= value < size and value != ignored:
            raise ShapeError(f"has index {value} in a dimension of {size}", kind=kind)


# Keeping


def keep(rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """Give the results of an operation the values that its reference computes from known ones."""
    _forget_written(rule, args, kwargs)
    parts = result if isinstance(result, (tuple, list)) else (result,)
    reference, composed = _reference(rule.__name__)
    if not (reference or composed):
        _forget_inner(parts, _tensors((*args, *kwargs.values())))
    # How many values are kept is no condition on an input: numbers without their symbols.
    if not all(isinstance(p, Tensor) and int.__int__(p.numel()) <= MOST for p in parts):
        return
    arguments = {id(value) for value in _tensors((*args, *kwargs.values()))}
    fresh = {i for i, p in enumerate(parts) if p.contents is None and id(p) not in arguments}
    if reference is None or not fresh:  # others are views, or passed on
        return
    work = _work(reference, tuple(map(_frozen, parts)), args, kwargs)
    depth = 1 + _depth((*args, *kwargs.values()))
    for i in fresh:
        parts[i].contents = Contents(parts[i].dtype, _laid_out(work, i, parts[i], depth))


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _tensors(value)


def _forget_written(rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Forget what a function writes into: ``relu(x, inplace=True)``."""
    while hasattr(rule, "__wrapped__"):
        rule = rule.__wrapped__
    names = rule.__code__.co_varnames
    arguments = dict(zip(names, args, strict=False)) | kwargs
    if arguments.get("inplace"):
        forget(args[0] if args else kwargs.get("input"))
    for name in ("running_mean", "running_var"):
        forget(arguments.get(name))


def _forget_inner(results: Any, arguments: Iterable[Tensor]) -> None:
    """Forget the values that a rule left in its results, which it computed for their shapes."""
    shared = {id(tensor.contents) for tensor in arguments}
    for result in _tensors(results):
        if id(result.contents) not in shared and not isinstance(result.contents, Elsewhere):
            result.contents = None


def _reference(name: str) -> tuple[Callable[..., Any] | None, bool]:
    """Return what computes the values of an operation, and whether its rule does so itself."""
    from .references import COMPOSED, REFERENCES

    return REFERENCES.get(name), name in COMPOSED


def _laid_out(work: Callable[[], Any], index: int, tensor: Tensor, depth: int) -> Numbers:
    """Return the numbers of the new tensor at `index` of the lists that `work` gives."""
    if tensor.memory is None:
        return Numbers(lambda: (work() or {index: None})[index], depth)
    frozen = _frozen(tensor)

    def lay() -> Cells | None:
        rows = work()
        if rows is None or rows[index] is None or is_unknown(frozen):
            return None
        return dict(zip(places(frozen), rows[index], strict=True))

    return Numbers(lay, depth)


def _work(
    reference: Callable[..., Any], results: tuple[Tensor, ...], args: Any, kwargs: Any
) -> Callable[[], Any]:
    """Return what computes the values of the results, of the arguments as they are now."""
    args, kwargs = _frozen(args), {name: _frozen(value) for name, value in kwargs.items()}

    @cache
    def work() -> Any:
        from .references.values import evaluated

        return evaluated(reference, results, args, kwargs)

    return work


def _frozen(value: Any) -> Any:
    """Return an argument as it is now: what is written later into a tensor is not seen there."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(_frozen, value)) if type(value) in (tuple, list) else value
    if not isinstance(value, Tensor):
        return value
    result = new(value.shape, value.dtype)
    result.memory = value.memory
    contents = value.contents
    result.contents = contents and Contents(contents.dtype, contents.numbers)
    return result


def _depth(value: Any) -> int:
    if isinstance(value, (tuple, list)):
        return max(map(_depth, value), default=0)
    return value.contents.numbers.depth if isinstance(value, Tensor) and is_known(value) else 0


def attach(tensor: Tensor, values: list[Any]) -> Tensor:
    """Return a new tensor with its values, in rows, if they are not too many."""
    if len(values) <= MOST:
        tensor.contents = Contents(tensor.dtype, _laid_out(lambda: [values], 0, tensor, 0))
    return tensor


# Writing


def _items(cells: Cells) -> Iterable[tuple[int, Any]]:
    return enumerate(cells) if isinstance(cells, list) else cells.items()


#: Operations in place that give the tensor another shape and leave its memory alone.
_UNWRITTEN = frozenset(
    "detach_ requires_grad_ set_ share_memory_ squeeze_ swapaxes_ swapdims_ t_ transpose_ "
    "unsqueeze_".split()
)


def written(rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Numbers | None:
    """Return what the memory of a tensor will hold when an operation has written into it."""
    target = target_of(args, kwargs)
    contents = target.contents
    reference, _ = _reference(rule.__name__.removesuffix("_"))
    if contents is None or reference is None or contents.dtype is not target.dtype:
        return None
    if target.numel() > MOST:
        return None
    frozen = _frozen(target)
    work = _work(reference, (frozen,), args, kwargs)
    whole = target.memory is None or target.memory.size == target.nbytes

    def replace() -> Cells | None:
        values = None if is_unknown(frozen) else work()
        before = frozen.contents.numbers
        cells = before and before.cells()
        if values is None or (cells is None and not whole):
            return None
        new_cells = dict(zip(places(frozen), values[0], strict=True))
        if len(new_cells) < len(values[0]):  # several elements share a place
            return None
        return new_cells if cells is None else dict(_items(cells)) | new_cells

    return Numbers(replace, 1 + _depth((target, *args, *kwargs.values())))


def target_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """Return what an operation in place writes into: its first argument."""
    return args[0] if args else next(iter(kwargs.values()))  # type: ignore[no-any-return]


def write(rule: Any, target: Tensor, numbers: Numbers | None) -> None:
    """Put numbers into the memory of a tensor; None for those that are not known."""
    if target.contents is not None and rule.__name__ not in _UNWRITTEN:
        target.contents.numbers = numbers


def forget(tensor: Any) -> None:
    """Forget the values in a tensor's memory, after a write that is not tracked."""
    if isinstance(tensor, Tensor) and tensor.contents is not None:
        tensor.contents.numbers = None


def decided(name: str, *args: Any, **kwargs: Any) -> Any:
    """Return the result of an operation whose shape depends on values, or None if unknown."""
    from .decided import DECIDED
    from .references.values import FAILURES

    try:
        return DECIDED[name](*args, **kwargs)
    except Error:
        raise
    except FAILURES:
        return None
