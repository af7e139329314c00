"""New tensors."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, isfinite
from typing import Any

from ...errors import ShapeError
from .. import dtypes, hooks
from ..arguments import NOT_GIVEN, SEQUENCES, flag, integer, is_number, number, plain_number, shape
from ..arguments import size as _sizes
from ..layout import OWN, PACKED, UNKNOWN_LAYOUT, follow_copy, lay
from ..operation import FUNCTION, METHOD, declaring, named
from ..tensor import Tensor, check_value, new, number_dtype
from ..tensor_attributes import Size, device, preserve_format
from .attributes import converted

#: Declares what makes a tensor, as a function or as a method of another.
creating = declaring(macs=None, field="constant", spaces=FUNCTION)
of_another = declaring(macs=None, field="constant", spaces=METHOD)

#: What torch's factories take by name, besides the dtype, that changes no shape.
_OPTIONS = frozenset("device layout pin_memory requires_grad".split())


def _dtype(options: dict[str, Any], default: dtypes.dtype) -> dtypes.dtype:
    """Return the dtype among the options of a factory, or the default."""
    for name in sorted(options.keys() - _OPTIONS - {"dtype"}):
        raise ShapeError(f"has no argument {name!r}")
    if options.get("device") is not None:
        device(options["device"])
    value = options.get("dtype")
    kind = default if value is None else dtypes.as_dtype(value)
    trained = options.get("requires_grad")
    if trained is not None and flag("requires_grad", trained) and kind.kind < dtypes.FLOATING:
        raise ShapeError(
            f"{kind.name} has no gradient: only floating-point and complex numbers have"
        )
    return kind


def draws(options: dict[str, Any] | None = None) -> None:
    """Refuse to draw random numbers where `vmap` does not know what they are to be.

    Args:
        options: the options of a factory, of which those that draw take a generator.
    """
    if options:
        options.pop("generator", None)
    if hooks.randomness == "error":
        raise ShapeError(
            "draws random numbers, which vmap refuses with randomness='error'",
            fix="vmap(..., randomness='different')",
        )


def _random(dtype: dtypes.dtype) -> dtypes.dtype:
    if dtype.kind < dtypes.FLOATING:
        raise ShapeError(f"makes no random numbers of {dtype.name}")
    return dtype


def _factory(name: str) -> Callable[..., Tensor]:
    random = name.startswith("rand")

    def call(*size: Any, **options: Any) -> Tensor:
        """Make a tensor of this shape.

        Raises:
            ShapeError: a size is negative or no int.
        """
        if random:
            draws(options)
        sizes = _size(size, options)
        memory_format = options.pop("memory_format", None) if name == "empty" else None
        kind = _dtype(options, dtypes.float32)
        result = new(sizes, _random(kind) if random else kind)
        if memory_format is preserve_format:
            raise ShapeError(
                "has memory_format=torch.preserve_format, but nothing whose it could be"
            )
        return result if memory_format is None else converted(result, kind, memory_format)

    return creating(layout=PACKED)(named(name, call))


def _size(sizes: tuple[Any, ...], options: dict[str, Any]) -> tuple[int, ...]:
    """Return the sizes of ``zeros(2, 3)``, ``zeros((2, 3))`` and ``zeros(size=(2, 3))``."""
    if not sizes:
        if "size" not in options:
            raise ShapeError("needs a size", kind=TypeError)
        return _sizes(options.pop("size"))
    return _sizes(sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes)


zeros, ones, empty, rand, randn = map(_factory, ("zeros", "ones", "empty", "rand", "randn"))


def like_another(input: Any, options: dict[str, Any]) -> Tensor:
    """Return a new tensor of another's shape, and of its dtype and layout unless options differ."""
    memory_format = options.pop("memory_format", None)
    kind = _dtype(options, input.dtype)
    return converted(
        input, kind, preserve_format if memory_format is None else memory_format, copy=True
    )


def _like(name: str) -> Callable[..., Tensor]:
    random = name.startswith("rand")

    def call(input: Tensor, **options: Any) -> Tensor:
        """Make a tensor of the shape of another, and of its dtype unless given."""
        if random:
            draws(options)
        result = like_another(input, options)
        if random and (input.numel() or name == "rand_like"):
            _random(result.dtype)
        return result

    return creating(layout=OWN)(named(name, call))


zeros_like, ones_like, empty_like, rand_like, randn_like = map(
    _like, ("zeros_like", "ones_like", "empty_like", "rand_like", "randn_like")
)


def _new(name: str) -> Callable[..., Tensor]:
    def call(input: Tensor, *size: Any, **options: Any) -> Tensor:
        """Make a tensor of this shape, and of the dtype of another unless given."""
        sizes = _size(size, options)
        return new(sizes, _dtype(options, input.dtype))

    return of_another(layout=PACKED)(named(name, call))


new_zeros, new_ones, new_empty = map(_new, ("new_zeros", "new_ones", "new_empty"))


def _of_value(value: Any) -> dtypes.dtype:
    return value.dtype if isinstance(value, Tensor) else number_dtype(value)


def _filled(sizes: tuple[int, ...], value: Any, dtype: dtypes.dtype) -> Tensor:
    if not isinstance(value, Tensor):
        check_value(value, dtype)
    elif not is_number(value):
        raise ShapeError(f"needs one value, but receives {value!r}")
    return new(sizes, dtype)


@creating(layout=PACKED)
def full(size: Any, fill_value: Any, **options: Any) -> Tensor:
    """Make a tensor of this shape, of one value."""
    return _filled(_sizes(size), fill_value, _dtype(options, _of_value(fill_value)))


@creating(layout=OWN)
def full_like(input: Tensor, fill_value: Any, **options: Any) -> Tensor:
    """Make a tensor of the shape of another, of one value."""
    result = like_another(input, options)
    _filled(result.shape, fill_value, result.dtype)
    return result


@of_another(layout=PACKED)
def new_full(input: Tensor, size: Any, fill_value: Any, **options: Any) -> Tensor:
    """Make a tensor of this shape, of one value, and of the dtype of another unless given."""
    return _filled(_sizes(size), fill_value, _dtype(options, input.dtype))


def _counted(dtype: dtypes.dtype) -> dtypes.dtype:
    """Refuse a dtype in which torch does not count."""
    if dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
        raise ShapeError(f"is not defined for {dtype.name}")
    return dtype


@creating(layout=PACKED)
def arange(*range: Any, **options: Any) -> Tensor:
    """Count from `start`, 0 unless given, in steps to below `end`.

    Raises:
        ShapeError: the step is 0 or leads away from `end`.
    """
    alone = len(range) == 1 and "end" not in options
    arguments = dict(zip(("end",) if alone else ("start", "end", "step"), range, strict=False))
    arguments |= {name: options.pop(name) for name in ("start", "end", "step") if name in options}
    if "step" in arguments and "start" not in arguments:
        raise ShapeError("needs a start where it has a step", kind=TypeError, fix="start=0")
    limits: list[Any] = [arguments.get("start", 0), arguments.get("end"), arguments.get("step", 1)]
    start, end, step = (v.item() if isinstance(v, Tensor) else v for v in limits)
    for name, value in (("start", start), ("end", end), ("step", step)):
        if not isinstance(value, int) and not isfinite(number(name, value)):
            raise ShapeError(f"has {name}={value}")
    whole = isinstance(start, int) and isinstance(end, int) and isinstance(step, int)
    kind = _counted(_dtype(options, dtypes.int64 if whole else dtypes.float32))
    rising = (end - start) * step
    if kind is dtypes.int64:  # in which torch counts; others it counts as floats
        start, end, step = (v if isinstance(v, int) else int(v) for v in (start, end, step))
        whole = True
    if step == 0 or rising < 0:
        raise ShapeError(f"cannot count from {start} to {end} in steps of {step}")
    count = -((start - end) // step) if whole else ceil((end - start) / step)
    return new((count,), kind)


@creating(layout=UNKNOWN_LAYOUT)
def range(start: Any, end: Any, step: Any = 1, **options: Any) -> Tensor:
    """Count from `start` in steps to `end`, which is among the numbers; torch advises against it.

    Raises:
        ShapeError: the step is 0 or leads away from `end`.
    """
    for name, value in (("start", start), ("end", end), ("step", step)):
        if not isfinite(number(name, value)):
            raise ShapeError(f"has {name}={value}")
    kind = _counted(_dtype(options, dtypes.float32))
    whole = kind.kind < dtypes.FLOATING  # then torch counts in whole numbers
    for low, high, by in ((start, end, step), (int(start), int(end), int(step)))[: 1 + whole]:
        if by == 0 or (high - low) * by < 0:
            raise ShapeError(f"cannot count from {start} to {end} in steps of {step}")
    if whole:
        return new(((int(end) - int(start)) // int(step) + 1,), kind)
    return new((floor((end - start) / step) + 1,), kind)


def _spaced(name: str) -> Callable[..., Tensor]:
    def call(start: Any, end: Any, steps: int, base: float = 10.0, **options: Any) -> Tensor:
        """Make `steps` numbers from `start` to `end`, both included, in equal or log steps."""
        limits = [_of_value(limit) for limit in (start, end)]
        if any(isinstance(limit, Tensor) and limit.shape for limit in (start, end)):
            raise ShapeError("needs numbers for start and end")
        if steps < 0:
            raise ShapeError(f"cannot make {steps} steps")
        is_complex = any(kind.kind == dtypes.COMPLEX for kind in limits)
        result = new((steps,), _dtype(options, (dtypes.float32, dtypes.complex64)[is_complex]))
        if result.dtype is dtypes.bool and steps > 1:
            raise ShapeError("is not defined for bool")
        for limit in (start, end) if steps > 1 and name == "linspace" else ():
            if not isinstance(limit, Tensor):
                check_value(limit, result.dtype)
        if is_complex and result.dtype.kind != dtypes.COMPLEX:
            raise ShapeError(f"cannot put complex numbers into {result.dtype.name}")
        return result

    return creating(layout=PACKED)(named(name, call))


linspace = _spaced("linspace")
logspace = _spaced("logspace")


@creating(layout=PACKED)
def eye(n: Any, m: Any = NOT_GIVEN, **options: Any) -> Tensor:
    """Make a matrix of ones on the diagonal and zeros elsewhere."""
    return new(
        _sizes((n, n if m is NOT_GIVEN else integer("m", m))), _dtype(options, dtypes.float32)
    )


@creating(layout=PACKED)
def randint(*args: Any, **options: Any) -> Tensor:
    """Make a tensor of random ints: ``randint(high, size)`` or ``randint(low, high, size)``."""
    draws(options)
    *bounds, size = bounded(args, options, "size")
    return drawn(new(_sizes(size), _dtype(options, dtypes.int64)), bounds)


def bounded(args: tuple[Any, ...], options: dict[str, Any], *rest: str) -> list[Any]:
    """Take ``(high, *rest)`` or ``(low, high, *rest)`` from the arguments, positional or named."""
    named = [name for name in ("low", "high", *rest) if name in options]
    names = ("low", "high", *rest) if len(args) + len(named) > 1 + len(rest) else ("high", *rest)
    if named != list(names[len(args) :]) or len(args) > len(names):
        needs = " and ".join(("high", *rest))
        raise ShapeError(f"needs {needs}, with low before them or without, each once")
    return [*args, *map(options.pop, named)]


def drawn(result: Tensor, bounds: list[Any]) -> Tensor:
    """Return a tensor of random ints below the bound, or from the first to below the second.

    Raises:
        ShapeError: there are none, or its dtype cannot hold them.
    """
    low, high = (0, *(integer("bound", b) for b in bounds))[-2:]
    if low >= high:
        raise ShapeError(f"finds no int from {low} to below {high}")
    kind = result.dtype
    if kind.kind == dtypes.COMPLEX:
        raise ShapeError(f"makes no random ints of {kind.name}")
    least, most = _span(kind)
    if not least <= low < high <= most + 1:
        raise ShapeError(f"cannot hold ints from {low} to below {high} in {kind.name}")
    return result


def _span(kind: dtypes.dtype) -> tuple[float, float]:
    """Return the least and the greatest number that a dtype holds."""
    if kind is dtypes.bool:
        return 0, 1
    limits: Any = (dtypes.iinfo if kind.kind == dtypes.INTEGER else dtypes.finfo)(kind)
    return limits.min, limits.max


@creating(layout=PACKED)
def randperm(n: Any, **options: Any) -> Tensor:
    """Make a random order of the ints from 0 to below `n`."""
    draws(options)
    return new(_sizes((n,)), _counted(_dtype(options, dtypes.int64)))


def _triangle_indices(name: str) -> Callable[..., Tensor]:
    lower = name == "tril_indices"

    def call(row: Any, col: Any, offset: int = 0, **options: Any) -> Tensor:
        """List the rows and columns of a triangle of a matrix: ``(2, count)``."""
        rows, columns = _sizes((row, col))
        below = _below(rows, columns, offset - (0 if lower else 1))
        kind = _dtype(options, dtypes.int64)
        dtypes.check_whole("dtype", kind, dtypes.int32)
        return new((2, below if lower else rows * columns - below), kind)

    return creating(layout=PACKED)(named(name, call))


def _below(rows: int, columns: int, offset: int) -> int:
    """Count the elements of a matrix on a diagonal and below it."""
    first = max(0, min(rows, -offset))  # rows without any
    full = max(0, min(rows, columns - offset))  # from here on, rows with all
    partial = max(full - first, 0)
    return (
        partial * (first + offset + 1)
        + partial * (partial - 1) // 2
        + (rows - max(full, first)) * columns
    )


tril_indices = _triangle_indices("tril_indices")
triu_indices = _triangle_indices("triu_indices")


@creating(layout=PACKED)
def scalar_tensor(s: Any, **options: Any) -> Tensor:
    """Make a scalar."""
    return _filled((), s, _dtype(options, dtypes.float32))


def _literal(value: Any, depth: int = 0) -> tuple[tuple[int, ...], dtypes.dtype | None]:
    if isinstance(value, Tensor):
        return value.shape, value.dtype
    if not isinstance(value, SEQUENCES):
        return _array(value) if hasattr(value, "__array__") else ((), number_dtype(value))
    if depth == 64:
        raise ShapeError("is nested deeper than a tensor has dimensions")
    first: Any = value[0] if value else None
    an_array = not isinstance(first, Tensor) and hasattr(first, "__array__") and first.shape
    rows = an_array or isinstance(first, SEQUENCES)
    inner = [_literal(item, depth + 1) if rows else _element(item) for item in value]
    if any(sizes != inner[0][0] for sizes, _ in inner):
        raise ShapeError("has rows of different lengths")
    kind: dtypes.dtype | None = None
    for _, item in inner:
        if item is not None:
            kind = item if kind is None else dtypes.promote_types(kind, item)
    return (len(value), *(inner[0][0] if inner else ())), kind


def _element(value: Any) -> tuple[tuple[int, ...], dtypes.dtype]:
    """Return the shape and dtype of an element of a list: a number, or a tensor or array of one."""
    if isinstance(value, Tensor):
        if value.numel() != 1:
            raise ShapeError(
                f"takes tensors of one element in a list, not {shape(value.shape)}", fix="stack"
            )
        return (), value.dtype
    return _array(value) if hasattr(value, "__array__") else ((), number_dtype(value))


def _check_elements(data: Any, dtype: dtypes.dtype, inside: bool = False) -> None:
    """Refuse elements that torch does not convert to a dtype; it converts arrays and tensors."""
    if isinstance(data, SEQUENCES):
        for item in data:
            _check_elements(item, dtype, inside=True)
    elif isinstance(data, complex) and dtypes.BOOL < dtype.kind < dtypes.COMPLEX:
        raise ShapeError(f"cannot put {data!r} into {dtype.name}")
    elif dtype.kind == dtypes.INTEGER and isinstance(plain_number(data), (int, float)):
        check_value(plain_number(data), dtype)
    elif inside and isinstance(data, Tensor) and dtype.kind < dtypes.FLOATING <= data.dtype.kind:
        raise ShapeError(f"cannot put a tensor of {data.dtype.name} in a list into {dtype.name}")


def _of_array(array: Any) -> Tensor:
    """Return a tensor in the memory of a NumPy array."""
    result, steps = new(*_array(array)), getattr(array, "strides", ())
    if any(step < 0 for step in steps):
        raise ShapeError("has an array that runs backwards in memory", fix="array.copy()")
    if steps:
        lay(result, tuple(step // array.itemsize for step in steps))
    return result


def _read(data: Any) -> Any:
    """Return data with a tensor in place of an array; a number remains."""
    is_array = hasattr(data, "__array__") and plain_number(data) is data
    return _of_array(data) if is_array and not isinstance(data, Tensor) else data


def _array(value: Any) -> tuple[tuple[int, ...], dtypes.dtype]:
    """Return the shape and dtype of a NumPy array or number, without NumPy."""
    kind = getattr(dtypes, str(value.dtype), None)
    if not isinstance(kind, dtypes.dtype):
        raise ShapeError(f"cannot make a tensor of NumPy's {value.dtype}")
    return tuple(value.shape), kind


@creating(layout=PACKED)
def from_numpy(ndarray: Any) -> Tensor:
    """Make a tensor of the shape and dtype of a NumPy array."""
    result = _read(ndarray)
    if not isinstance(result, Tensor):
        raise ShapeError(f"needs a NumPy array, but receives {ndarray!r}", kind=TypeError)
    return result


def _made_of(name: str) -> Callable[..., Tensor]:
    def call(data: Any, *args: Any, **options: Any) -> Tensor:
        """Make a tensor of numbers written out, in lists for each dimension, or of a NumPy array.

        Raises:
            ShapeError: the lists are of different lengths, or hold what is not a number.
        """
        if args:
            raise ShapeError("takes its options by name: dtype=, device=")
        asked = options.pop("copy", None) if name == "asarray" else None
        copy = asked is not None and flag("copy", asked)
        data = _read(data)
        sizes, kind = _literal(data)
        result = new(sizes, _dtype(options, kind or dtypes.float32))
        _check_elements(data, result.dtype)
        if asked is False and not (isinstance(data, Tensor) and result.dtype is kind):
            raise ShapeError("cannot be made without a copy", fix="copy=None")
        if not isinstance(data, Tensor):
            return result
        return (
            data
            if name != "tensor" and result.dtype is data.dtype and not copy
            else follow_copy(result, data)
        )

    names = {"obj": "data"} if name == "asarray" else {}
    return creating(layout=PACKED, names=names, takes_numpy=False)(named(name, call))


#: The first is torch's `tensor`, whose name `arguments.tensor` has here.
literal, as_tensor, asarray = map(_made_of, ("tensor", "as_tensor", "asarray"))


@of_another(layout=PACKED, takes_numpy=False)
def new_tensor(input: Tensor, data: Any, **options: Any) -> Tensor:
    """Make a tensor of numbers written out, of the dtype of another unless given."""
    data = _read(data)
    result = new(_literal(data)[0], _dtype(options, input.dtype))
    _check_elements(data, result.dtype)
    return follow_copy(result, data) if isinstance(data, Tensor) else result


def _new_of(input: Tensor, *args: Any, device: Any = None) -> Tensor:
    """Make a tensor of this dtype from sizes or a list of elements, or in another's shape."""
    if len(args) == 1 and isinstance(args[0], Tensor):
        if args[0].dtype is not input.dtype:
            raise ShapeError(
                f"needs a tensor of {input.dtype.name}, but receives {args[0].dtype.name}"
            )
        return new(args[0].shape, input.dtype)
    if len(args) == 1 and isinstance(args[0], (tuple, list)) and not isinstance(args[0], Size):
        return new(_literal(args[0])[0], input.dtype)
    return new(_sizes(args[0] if args and isinstance(args[0], Size) else args or (0,)), input.dtype)


_new_of.__name__ = "new"
#: Torch's `Tensor.new`, an older way.
new_of = of_another(layout=UNKNOWN_LAYOUT)(_new_of)
