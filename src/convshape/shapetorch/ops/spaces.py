"""All operations of `ops`: those in the namespace `torch`, and the methods of tensors."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ...errors import ShapeError
from .. import dtypes
from ..known_values import keep
from ..layout import PACKED, UNKNOWN_LAYOUT, follow
from ..operation import FUNCTION, METHOD, known_of, named, named_as, operation, rule_of
from ..tensor import OPERATORS, Tensor, new
from . import (
    attributes,
    creation,
    indexing,
    inplace,
    joining,
    linalg,
    matrices,
    ordering,
    pointwise,
    rearranging,
    reductions,
    sampling,
    scattering,
    spectral,
    views,
)

_MODULES = (
    attributes,
    creation,
    indexing,
    inplace,
    joining,
    linalg,
    matrices,
    pointwise,
    rearranging,
    reductions,
    sampling,
    scattering,
    ordering,
    spectral,
    views,
)
_ALL: dict[str, Any] = {
    name: value
    for module in _MODULES
    for name, value in vars(module).items()
    if hasattr(value, "__wrapped__") and not name.startswith("_")
}


def _in(space: str) -> dict[str, Any]:
    """Return the operations that are called in one way: as functions, or as methods."""
    return {name: f for name, f in _ALL.items() if space in f.facts.spaces}


#: What stands in the namespace `torch`, and what every tensor has.
FUNCTIONS, METHODS = _in(FUNCTION), _in(METHOD) | attributes.CASTS
FUNCTIONS["tensor"] = FUNCTIONS.pop("literal")
#: Other names for the same.
_SAME = {
    "ger": "outer",
    "unsafe_chunk": "chunk", "unsafe_split_with_sizes": "split_with_sizes",
}  # fmt: skip
for _name, _same in _SAME.items():
    FUNCTIONS[_name] = METHODS[_name] = _ALL[_same]


def _copying(name: str, view: Any) -> Callable[..., Any]:
    """Return a function that copies what a view shows."""

    def call(*args: Any, **kwargs: Any) -> Any:
        result = rule_of(view)(*args, **kwargs)
        if isinstance(result, tuple):
            return tuple(new(tensor.shape, tensor.dtype) for tensor in result)
        return new(result.shape, result.dtype)

    named_as(rule_of(view), call)  # whose arguments are its own
    call.__doc__ = f"As `{name.removesuffix('_copy')}`, of a copy."
    known = known_of(view)
    return operation(layout=PACKED, macs=None, field=known.field)(named(name, call))


FUNCTIONS |= {f"{n}_copy": _copying(f"{n}_copy", f) for n, f in _ALL.items() if f.facts.copies}
FUNCTIONS["view_copy"] = _copying("view_copy", views._view_anew)
FUNCTIONS["split_copy"] = _copying("split_copy", _ALL["unsafe_split"])
for _name in ("new", "polygamma", "split", "type"):  # those whose functions are others
    METHODS[_name] = METHODS.pop(f"{_name}_of")


def _with_sizes(function: Any) -> Callable[..., Any]:
    """Return a method whose list of ints may be written as arguments: ``x.permute(0, 2, 1)``."""
    rule = rule_of(function)

    def method(self: Tensor, *sizes: Any, **named: Any) -> Any:
        if sizes and not isinstance(sizes[0], (tuple, list)) and hasattr(sizes[0], "__index__"):
            sizes = (sizes,)
        return rule(self, *sizes, **named)

    named_as(rule, method)
    del method.__wrapped__  # type: ignore[attr-defined]  # its own arguments are others
    known = known_of(function)
    return operation(layout=known.layout, macs=known.macs, field=known.field)(method)


METHODS |= {name: _with_sizes(f) for name, f in METHODS.items() if f.facts.stars}
for _name, _method in METHODS.items():
    setattr(Tensor, _name, _method)
Tensor.where = named_as(  # type: ignore[attr-defined]  # the function has its condition first
    _ALL["where"], lambda self, condition, other: _ALL["where"](condition, self, other)
)
for _name in ("is_inference", "is_pinned", "is_same_size", "is_shared"):
    setattr(Tensor, _name, getattr(attributes, _name))


def _is_array(value: Any) -> bool:
    return type(value).__module__ == "numpy" and type(value).__name__ == "ndarray"


def _of_array(name: str, function: Any) -> Callable[..., Any]:
    """Return an operator on a tensor and an array, which torch leaves to NumPy."""

    def rule(input: Tensor, other: Any) -> Tensor:
        """Return a new tensor of NumPy's dtype; NumPy's bools become uint8."""
        from numpy import dtype, ones

        sizes = creation.from_numpy(other).shape
        try:
            if dtype(input.dtype.name).isbuiltin != 1:  # such as the bfloat16 of ml_dtypes
                raise TypeError(f"{input.dtype} is not a dtype of NumPy's own")
            number = getattr(operator, name)(ones(1, input.dtype.name), ones(1, other.dtype))
        except TypeError as error:
            raise ShapeError(f"is not defined by NumPy: {error}", kind=TypeError) from None
        kind: dtypes.dtype = getattr(dtypes, str(number.dtype))
        kind = dtypes.uint8 if kind is dtypes.bool else kind
        result: Tensor = rule_of(function)(new(input.shape, kind), new(sizes, kind))
        return new(result.shape, kind)

    declare = operation(layout=UNKNOWN_LAYOUT, macs=None, field=known_of(function).field)
    return declare(named(function.__name__, rule))


def _operator(function: Any, of_array: Any) -> Callable[..., Any]:
    """Return an operator for tensors, numbers and arrays."""

    def call(self: Tensor, other: Any) -> Any:
        if isinstance(other, Tensor) or not _is_array(other):
            return function(self, other)
        return of_array(self, other)

    return named_as(function, call)


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: function(other, self)


def _over(self: Tensor, other: Any) -> Any:
    if _is_array(other):
        return self.reciprocal() * other
    result = _ALL["div"](other, self)
    if self.memory is not None:  # torch multiplies by the reciprocal
        inverse = follow(new(self.shape, result.dtype), self)
        result.memory = follow(new(self.shape, result.dtype), inverse, other).memory
    if result.contents is not None:
        result.contents = None
        keep(_over, (self, other), {}, result)
    return result


def _equality(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an == that leaves comparisons with other types than tensors and numbers to Python."""

    def compare(self: Tensor, other: Any) -> Any:
        if type(other).__module__ == "numpy":
            other = creation.asarray(other)
        known = isinstance(other, (Tensor, int, float, complex))
        return function(self, other) if known else NotImplemented

    return compare


for _name, _function in OPERATORS.items():
    _array = _of_array(f"__{_name}__", _ALL[_function])
    setattr(Tensor, f"__{_name}__", _operator(_ALL[_function], _array))
    setattr(Tensor, f"__r{_name}__", _over if _name == "truediv" else _reflected(_ALL[_function]))
    if _name != "matmul":
        setattr(Tensor, f"__i{_name}__", _operator(_ALL[f"{_function}_"], _array))
for _name in ("eq", "ne"):
    setattr(Tensor, f"__{_name}__", _equality(_ALL[_name]))
for _name in ("lt", "le", "gt", "ge", "neg", "abs", "getitem"):
    setattr(Tensor, f"__{_name}__", _ALL[_name])
setattr(Tensor, "__setitem__", inplace.setitem)  # noqa: B010 - as `__invert__`
setattr(Tensor, "__iter__", joining.iterate)  # noqa: B010
setattr(Tensor, "__invert__", _ALL["bitwise_not"])  # noqa: B010 - mypy knows no such method
setattr(Tensor, "__pos__", _ALL["positive"])  # noqa: B010
Tensor.T = property(  # type: ignore[attr-defined]
    lambda self: views.permute(self, tuple(range(self.ndim))[::-1])
)
Tensor.real = property(_ALL["real"])  # type: ignore[attr-defined]
Tensor.imag = property(_ALL["imag"])  # type: ignore[attr-defined]
Tensor.mT = Tensor.mH = property(views.adjoint)  # type: ignore[attr-defined]
Tensor.H = property(views.H)  # type: ignore[attr-defined]
