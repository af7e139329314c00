"""The part of NumPy that networks use, without NumPy: functions of plain numbers, and arrays.

``int(np.prod(image_shape))`` gives a number. An array, such as that of a position encoding, is a
tensor by another name, made by the functions that torch shares with NumPy. All other NumPy names
give an unknown value.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import partial, partialmethod, reduce, wraps
from typing import Any

from ...errors import Error
from ...run.record import exchanged, tensors
from ...shapetorch import dtypes
from ...shapetorch.known_values import values_of
from ...shapetorch.ops.spaces import FUNCTIONS
from ...shapetorch.placeholder import Placeholder, stand_in
from ...shapetorch.tensor import Tensor

_FIX = "pip install numpy"


def _of_numbers(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of plain numbers; of all else its result is an array, or not known."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs or not all(map(_is_plain, args)):
            return _array(name, *args, **kwargs)
        try:
            result = function(*args)
        except (TypeError, ValueError, OverflowError):  # another number of arguments, or an array
            return stand_in(f"numpy.{name}", _FIX)(*args)
        return _Float(result) if isinstance(result, float) else result

    return call


class _Float(float):
    """A number as NumPy's functions give it: ``np.ceil(np.log(n)).astype("int").item()``."""

    def astype(self, dtype: Any) -> Any:
        """Return the number as an int or a float, by the name of its type."""
        name = getattr(dtype, "__name__", str(dtype)).rpartition(".")[2]
        return _Int(self) if "int" in name else self

    def item(self) -> float:
        """Return Python's number."""
        return float(self)


class _Int(int):
    """As `_Float`, an int."""

    def item(self) -> int:
        """Return Python's number."""
        return int(self)


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, (int, float)) for item in value)
    return isinstance(value, (int, float))


def _items(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


def _mean(values: Any) -> float:
    return math.fsum(_items(values)) / len(_items(values))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in "sqrt log log2 log10 exp sin cos tan tanh".split()},
    "prod": lambda values: math.prod(_items(values)),
    "sum": lambda values: sum(_items(values)),
    "max": lambda values: max(_items(values)),
    "min": lambda values: min(_items(values)),
    "mean": _mean,
    "floor": lambda value: float(math.floor(value)),
    "ceil": lambda value: float(math.ceil(value)),
    "round": lambda value, digits=0: round(float(value), digits),
    "abs": abs,
    "power": pow,
    "maximum": lambda a, b: a if a > b else b,
    "minimum": lambda a, b: a if a < b else b,
}
# Arrays


class Array(Placeholder):
    """An array: a tensor with NumPy's names. What torch does in another way is unknown."""

    _tensor: Tensor

    def __init__(self, name: str, tensor: Tensor) -> None:
        super().__init__(name, _FIX, True)
        self.__dict__["_tensor"] = tensor

    def __getattr__(self, name: str) -> Any:
        if name in ("shape", "ndim"):
            return getattr(self._tensor, name)
        if name == "size":
            return self._tensor.numel()
        if name == "T":
            return Array(f"{self._name}.T", self._tensor.T)
        return partial(_array, name, self) if name in _METHODS else super().__getattr__(name)

    def _value(self, suffix: str = "") -> Placeholder:
        return Placeholder(f"{self._name}{suffix}", _FIX, True)

    def __getitem__(self, item: Any) -> Any:
        return _array("getitem", self, item)

    def __setitem__(self, item: Any, value: Any) -> None:
        self._tensor.contents = None

    def __len__(self) -> int:
        return len(self._tensor)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __int__(self) -> int:
        return int(self._tensor)

    def __float__(self) -> float:
        return float(self._tensor)

    def __deepcopy__(self, memo: Any = None) -> Array:
        return Array(self._name, self._tensor.clone())

    __copy__ = __deepcopy__


#: Functions that NumPy and torch have alike, but for the dtype that floats have by default.
_ARRAYS = (
    "eye zeros ones empty full arange linspace stack concatenate vstack hstack sin cos tan tanh "
    "exp log sqrt abs absolute square power outer einsum tril triu reshape zeros_like ones_like "
    "where clip floor ceil round sum mean prod cumsum maximum minimum multiply subtract add matmul "
    "tile expand_dims swapaxes any all"
).split()
_CREATING = "array asarray eye identity zeros ones empty full arange linspace".split()
_METHODS = (
    "astype copy reshape flatten ravel sum mean prod cumsum clip squeeze swapaxes any all".split()
)
_OPERATORS = "add sub mul truediv floordiv mod pow matmul neg abs lt le gt ge eq ne".split()


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: function(y, x)


_ELSEWHERE: dict[str, Callable[..., Any]] = {
    "array": FUNCTIONS["tensor"],
    "asarray": FUNCTIONS["tensor"],
    "identity": FUNCTIONS["eye"],
    "atleast_1d": lambda x: FUNCTIONS["atleast_1d"](FUNCTIONS["asarray"](x)),
    "max": FUNCTIONS["amax"],
    "min": FUNCTIONS["amin"],
    "power": FUNCTIONS["pow"],
    "expand_dims": FUNCTIONS["unsqueeze"],
    "astype": lambda x, dtype, **_: x.to(dtype),
    "triu": lambda x, k=0: x.triu(k),
    "tril": lambda x, k=0: x.tril(k),
    "copy": lambda x: x.clone(),
    "getitem": lambda x, item: x[item],
    "meshgrid": lambda *x, indexing="xy": FUNCTIONS["meshgrid"](*x, indexing=indexing),
    **{name: getattr(operator, name) for name in _OPERATORS},
    **{f"r{name}": _reflected(getattr(operator, name)) for name in _OPERATORS},
}


def _set_operators() -> None:
    for name in _OPERATORS:
        for prefix, function in (("", name), ("i", name), ("r", f"r{name}")):
            method = partialmethod(lambda x, f, *y: _array(f, x, *y), function)
            setattr(Array, f"__{prefix}{name}__", method)


_set_operators()


def _array(name: str, *args: Any, **kwargs: Any) -> Any:
    """Return the result of a function or method; unknown if torch does not have it."""
    method = getattr(Tensor, name, None) if args and isinstance(args[0], Array) else None
    function: Any = _ELSEWHERE.get(name) or method or FUNCTIONS.get(name)
    unknown = stand_in(f"numpy.{name}", _FIX)
    try:
        values = [_plain(name, value) for value in args]
        named = {key: _dtype(v) if key == "dtype" else _plain(name, v) for key, v in kwargs.items()}
        if name == "astype":
            values[1:2] = map(_dtype, args[1:2])
        result = function(*(values if name == "getitem" else _alike(values)), **named)
    except (Error, TypeError, ValueError, KeyError):
        return unknown(*args, **kwargs)
    if (
        name in _CREATING
        and getattr(result, "dtype", None) is dtypes.float32
        and "dtype" not in named
    ):
        result = function(*values, dtype=dtypes.float64, **named)
    floats = [v for v in (*values, *named.values()) if getattr(v, "dtype", v) is dtypes.float32]
    return _wrapped(name, result, dtypes.float32 if floats else dtypes.float64)


def _alike(values: list[Any]) -> list[Any]:
    """Return arguments with all tensors in one dtype: torch does not promote everywhere."""
    kinds = {tensor.dtype for tensor in tensors(values)}
    if len(kinds) < 2:
        return values
    kind = reduce(dtypes.promote_types, kinds)
    return list(exchanged(values, {id(x): x.to(kind) for x in tensors(values)}))


def _wrapped(name: str, result: Any, floats: dtypes.dtype) -> Any:
    if isinstance(result, (tuple, list)):
        return type(result)(_wrapped(name, item, floats) for item in result)
    if not isinstance(result, Tensor):
        return result
    if not result.shape and values_of(result) is not None:
        return result.item()
    return Array(f"numpy.{name}()", result.to(floats) if result.dtype is dtypes.float32 else result)


def _plain(name: str, value: Any) -> Any:
    """Return an argument with tensors for arrays."""
    if isinstance(value, Array):
        return value._tensor
    if isinstance(value, (list, tuple)) and value:
        items = [_plain(name, item) for item in value]
        if name in ("array", "asarray") and isinstance(items[0], Tensor):
            return FUNCTIONS["stack"](items)
        return type(value)(items)
    return value


def _dtype(value: Any) -> dtypes.dtype | None:
    """Return the dtype that NumPy's, Python's or a text names."""
    if value is None or isinstance(value, dtypes.dtype):
        return value
    name = getattr(value, "_name", None) or getattr(value, "__name__", value)
    name = str(name).removeprefix("numpy.")
    result: dtypes.dtype = getattr(dtypes, {"float": "float64", "int": "int64"}.get(name, name))
    return result


_NUMPY: dict[str, Any] = {
    **{name: getattr(math, name) for name in ("pi", "e", "inf", "nan")},
    "newaxis": None,
    **{name: partial(_array, name) for name in (*_ARRAYS, *_ELSEWHERE)},
    **{name: _of_numbers(name, function) for name, function in _FUNCTIONS.items()},
}
#: By the module that has them.
NAMES = {"numpy": _NUMPY}
