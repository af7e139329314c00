"""How torch's functions read their arguments: what counts as an int, a list of ints, a dimension.

torch accepts a bool in place of an int in some places only: not alone, not first in a list, but
later in a list. These functions do the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ShapeError
from ..symbolic import is_symbolic

if TYPE_CHECKING:
    from .tensor import Tensor

    R = TypeVar("R")


#: One more than the largest size, stride or padding that torch can hold.
INT64_END = 2**63

#: What the annotations of rules say beside `Tensor`, `int`, `bool` and `float`: see `read_by`.
Axis = int
Axes = tuple[int, ...]
Ints = tuple[int, ...]
Shape = tuple[int, ...]
Tensors = tuple["Tensor", ...]


#: What torch makes tensors of: rows of numbers, or of such rows.
SEQUENCES = (tuple, list, range)

_INTS = {int}
#: Numbers of more digits than this would fill the screen.
_LONG = 10**30


class _NotGiven:
    """The default of an argument for which None is refused, or differs from leaving it out."""

    def __repr__(self) -> str:
        return "..."


NOT_GIVEN = _NotGiven()


def integer(name: str, value: Any) -> int:
    """Return `value` as torch reads an ``int`` argument; a bool is none."""
    if type(value) is not int:
        one = not hasattr(type(value), "shape") or not value.shape
        if isinstance(value, bool) or not hasattr(type(value), "__index__") or not one:
            whole = isinstance(value, float) and value.is_integer()
            digits = isinstance(value, str) and value.isdecimal()
            fix = (
                f"{int(value)}: // divides ints"
                if whole
                else f"{value}, without quotes"
                if digits
                else ""
            )
            what = f"needs an int for {name}, but receives {value!r}"
            raise ShapeError(what, kind=TypeError, wanted=int, fix=fix)
        value = value if isinstance(value, int) else value.__index__()
    if not -INT64_END <= value < INT64_END:
        raise ShapeError(f"cannot hold {name}={shown(value)}: torch counts in 64 bits")
    result: int = value  # which may be a size with symbols in it
    return result


def single(name: str, value: Any) -> int:
    """Return `value` as torch reads one int for a list of them, or a dimension."""
    if type(value).__name__ == "ndarray":  # also without dimensions
        raise ShapeError(f"needs an int for {name}, but receives {value!r}", kind=TypeError)
    return integer(name, value)


def integers(name: str, value: Any) -> tuple[int, ...]:
    """Return `value` as torch reads a list of ints; only its first element must not be a bool."""
    if (
        type(value) is tuple
        and _INTS.issuperset(map(type, value))
        and (not value or max(value) < INT64_END > -min(value))
    ):
        return value  # as nearly always: shapes, kernels, strides
    if type(value) is not tuple and not isinstance(value, (tuple, list)):
        what = f"needs a tuple of ints for {name}, but receives {value!r}"
        raise ShapeError(what, kind=TypeError)
    for index, item in enumerate(value):
        if not (index and isinstance(item, bool)):
            integer(name, item)
    return tuple([n if isinstance(n, int) and n.__class__ is not bool else int(n) for n in value])


def per_axis(name: str, value: Any, axes: int) -> tuple[int, ...]:
    """Return `value`, one int for all axes or one for each, as a tuple of length `axes`."""
    if type(value) is int and -INT64_END <= value < INT64_END:
        return (value,) * axes
    if not isinstance(value, (tuple, list)):
        return (single(name, value),) * axes
    result = integers(name, value)
    if len(result) == axes:
        return result
    if len(result) == 1:
        return result * axes
    raise ShapeError(
        f"needs {name} as one int or {axes}, one for each spatial axis, but receives "
        f"{len(result)}: {value!r}"
    )


#: The usual results of `ntuple`: a network has many, through which the garbage collector would have
#: to look.
_USUAL = [[(n,) * axes for n in range(16)] for axes in range(7)]


def ntuple(value: Any, axes: int) -> tuple[Any, ...]:
    """Return `value` for each spatial axis: as it is if it is iterable, else repeated."""
    if type(value) is int:  # as nearly always
        return _USUAL[axes][value] if 0 <= value < 16 else (value,) * axes
    return tuple(value) if hasattr(type(value), "__iter__") else (value,) * axes


def flag(name: str, value: Any) -> bool:
    """Return `value` as torch reads a ``bool`` argument; an int is none."""
    if value is True or value is False:
        return value
    what = f"needs {name} to be True or False, but receives {value!r}"
    raise ShapeError(what, kind=TypeError)


def number(name: str, value: Any) -> float:
    """Return `value` as torch reads a ``float`` argument: an int, bool or 0-d tensor will do."""
    if not isinstance(value, (int, float)):
        value = value.item() if is_number(value) or is_numpy_bool(value) else plain_number(value)
    if isinstance(value, (int, float)):
        return value
    raise ShapeError(f"needs a number for {name}, but receives {value!r}", kind=TypeError)


def is_numpy_bool(value: Any) -> bool:
    """Return whether a value is a bool of NumPy's, which torch reads as a float."""
    return type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_")


def is_number(value: Any) -> bool:
    """Return whether a value is a tensor that torch reads as a number: without dimensions."""
    from .tensor import Tensor

    return isinstance(value, Tensor) and not value.shape and not value.requires_grad


def _setting(name: str, value: Any) -> float:
    """Return a number that changes no shape, such as a slope; any will do for one not known."""
    from .known_values import values_of

    return 0.5 if is_number(value) and values_of(value) is None else number(name, value)


def with_plain_numbers(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return arguments with Python's numbers in place of NumPy's, as torch reads them."""
    if "numpy" not in sys.modules:
        return args, kwargs
    return tuple(map(plain_number, args)), {name: plain_number(kwargs[name]) for name in kwargs}


def plain_number(value: Any) -> Any:
    """Return a number of NumPy's as Python's; its bools, which torch takes for no flag, stay."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.generic) or isinstance(value, numpy.bool_):
        return value
    return value.item()


def one_of(
    name: str, value: Any, known: Collection[Any], kind: type[Exception] = RuntimeError
) -> None:
    """Refuse a value that is not among those `known`."""
    if value not in known:
        *others, last = map(repr, known)
        what = "neither {} nor {}" if len(others) == 1 else "not one of {} and {}"
        what = what.format(", ".join(others), last)
        raise ShapeError(f"has {name}={value!r}, which is {what}", kind=kind)


def divisor_near(number: int, wanted: int) -> int:
    """Return the divisor of `number`, which is positive, that is nearest to `wanted`, or 1."""
    near = (n for distance in range(1000) for n in (wanted - distance, wanted + distance))
    return next((n for n in near if n > 0 and number % n == 0), 1)


def axis(name: str, value: Any, dims: int) -> int:
    """Return the dimension `value` of a tensor with `dims` of them, counted from the front."""
    index = single(name, value)
    dims = dims or 1  # torch treats a scalar as if it had one dimension here
    if not -dims <= index < dims:
        raise ShapeError(
            f"has no dimension {name}={index}: its input has {dims}, numbered {-dims}..{dims - 1}",
            kind=IndexError,
            change={name: dims - 1 if index >= dims else 0},
        )
    return index + dims if index < 0 else index


def axes(name: str, value: Any, dims: int) -> tuple[int, ...]:
    """Return the dimensions `value`, one or a list of them, each once, counted from the front."""
    values = integers(name, value) if isinstance(value, (tuple, list)) else (single(name, value),)
    result = tuple(axis(name, dim, dims) for dim in values)
    for dim, index in zip(values, result, strict=True):
        if result.count(index) > 1:
            raise ShapeError(f"has dimension {dim} twice in {name}={value!r}")
    return result


def size(value: Any) -> tuple[int, ...]:
    """Return `value` as the shape of a new tensor: ints from 0, with fewer than 2⁶³ elements."""
    result = integers("size", value)
    if any(n < 0 for n in result):
        raise ShapeError(f"a tensor of shape {shape(result)} would have a negative size")
    return result


def shape(sizes: tuple[int, ...]) -> str:
    """Write a shape as people do: ``1×6×28×28``; a scalar has none."""
    if len(sizes) < 2:
        return shown(sizes[0]) if sizes else "()"
    return "×".join(
        [str(n) if n.__class__ is int and -_LONG < n < _LONG else _factor(n) for n in sizes]
    )


def _factor(size: int) -> str:
    """Write a size that is beside others: a sum in brackets."""
    is_sum = is_symbolic(size) and not size.expression.is_product
    return f"({shown(size)})" if is_sum else shown(size)


def shown(value: int) -> str:
    """Write an integer, its magnitude if it has too many digits, or a symbolic size."""
    if value.__class__ is not int and is_symbolic(value):
        return str(value.expression)
    return str(value) if -_LONG < value < _LONG else f"about 2^{value.bit_length()}"


# Reading the arguments of a rule by its annotations


#: Those that count dimensions, of the first argument.
_OF_DIMENSIONS = {"Axis": axis, "Axes": axes}
_READERS = {
    "int": integer,
    "bool": flag,
    "float": _setting,
    "Ints": integers,
    "Shape": lambda name, value: size(value),
}
_KINDS = {"Tensor", "Tensors", *_OF_DIMENSIONS, *_READERS}
_KINDS |= {f"{kind} | None" for kind in _KINDS}


def read_by(rule: Callable[..., R]) -> Callable[..., R]:
    """Return a rule that first reads its arguments, as its annotations say.

    What they say is looked up at the first call: most operations are never called.
    """
    if _KINDS.isdisjoint({**rule.__annotations__, "return": ""}.values()):
        return rule
    plan: _Plan | None = None

    def read(*args: Any, **kwargs: Any) -> R:
        nonlocal plan
        if plan is None:
            plan = _Plan(rule)
        if not kwargs and len(args) >= plan.least:
            for index, right, _ in plan.positional:
                if index < len(args) and not isinstance(args[index], right):
                    break
            else:
                return rule(*args)  # as nearly always: tensors, flags and what nobody checks
        first = args[0] if args else kwargs.get(next(iter(plan.names), ""))
        values = list(args)
        for index, _, reader in plan.positional:
            if index < len(values):
                values[index] = reader(values[index], first)
        for name, value in kwargs.items():
            if name in plan.by_name:
                kwargs[name] = plan.by_name[name](value, first)
        for index, name, default in plan.dimensions:
            if index >= len(args) and name not in kwargs:
                kwargs[name] = plan.by_name[name](default, first)
        return rule(*values, **kwargs)

    return read


class _Plan:
    """How the arguments of a rule are read."""

    def __init__(self, rule: Any) -> None:
        code = rule.__code__
        self.names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        readers = {name: _reader(name, rule.__annotations__.get(name, "")) for name in self.names}
        self.by_name = {name: reader for name, reader in readers.items() if reader is not None}
        #: Of those by position: the place, classes that need no reading, and what reads others.
        self.positional = [
            (index, _right(rule.__annotations__[name]), self.by_name[name])
            for index, name in enumerate(self.names[: code.co_argcount])
            if name in self.by_name
        ]
        names = reversed(self.names[: code.co_argcount])
        defaults = dict(zip(names, reversed(rule.__defaults__ or ()), strict=False))
        defaults |= rule.__kwdefaults__ or {}
        #: Dimensions that are not given, which are counted from the front as well.
        self.dimensions = [
            (index, name, defaults[name])
            for index, name in enumerate(self.names)
            if rule.__annotations__.get(name, "").partition(" ")[0] in _OF_DIMENSIONS
            and defaults.get(name) is not None
        ]
        #: How many arguments by position leave out no dimension.
        self.least = max((index + 1 for index, *_ in self.dimensions), default=0)


def _right(annotation: str) -> tuple[type, ...]:
    """Return the classes of which any value is what an annotation says."""
    from .tensor import Tensor

    kind, _, rest = annotation.partition(" | ")
    right = {"Tensor": (Tensor,), "bool": (bool,), "float": (float, int)}.get(kind, ())
    return (*right, type(None)) if rest else right


def _dims(first: Any) -> int:
    """Return the dimensions of a first argument; one that is missing is refused by its rule."""
    return 0 if first is None else int(first.ndim)


def _reader(name: str, annotation: str) -> Callable[[Any, Any], Any] | None:
    """Return the function that reads an argument, from its value and the first argument."""
    kind, _, rest = annotation.partition(" | ")
    if kind in ("Tensor", "Tensors"):
        from .tensor import tensor, tensor_list

        plain: Any = tensor if kind == "Tensor" else tensor_list
    else:
        plain = _READERS.get(kind)
    if rest not in ("", "None"):
        return None
    if kind in _OF_DIMENSIONS:
        of_dimensions = _OF_DIMENSIONS[kind]
        reader: Any = lambda value, first: of_dimensions(name, value, _dims(first))  # noqa: E731
    elif plain is None:
        return None
    else:
        reader = lambda value, first: plain(name, value)  # noqa: E731
    return (
        (lambda value, first: value if value is None else reader(value, first)) if rest else reader
    )
