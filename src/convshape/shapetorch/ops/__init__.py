"""torch's functions of tensors, by the headings of its documentation, and the tensor's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..recording import operation
from ..tensor import Tensor
from . import creation, indexing, joining, matrices, pointwise, reductions, views

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_ALL: dict[str, Callable[..., Any]] = {
    name: value
    for module in (creation, indexing, joining, matrices, pointwise, reductions, views)
    for name, value in vars(module).items()
    if hasattr(value, "__wrapped__") and not name.startswith("_")
}
_METHODS_ONLY = frozenset(
    "cpu cuda contiguous expand expand_as new_empty new_full new_ones new_zeros repeat reshape_as to type_as "
    "unfold view view_as getitem item tolist".split()
)
_FUNCTIONS_ONLY = frozenset(
    "arange atleast_1d atleast_2d atleast_3d block_diag broadcast_tensors cartesian_prod cat cdist "
    "column_stack concat concatenate dstack einsum empty empty_like eye full full_like hstack linspace "
    "literal logspace meshgrid normal ones ones_like rand rand_like randint randn randn_like randperm "
    "row_stack scalar_tensor stack std_mean tensordot tril_indices triu_indices var_mean vstack zeros "
    "zeros_like rsub real imag selu view_as_real view_as_complex".split()
)
#: What stands in the namespace `torch`, and what every tensor has.
FUNCTIONS = {name: f for name, f in _ALL.items() if name not in _METHODS_ONLY}
FUNCTIONS["tensor"] = FUNCTIONS.pop("literal")
METHODS = {name: f for name, f in _ALL.items() if name not in _FUNCTIONS_ONLY} | pointwise.CASTS


def _with_sizes(function: Any) -> Callable[..., Any]:
    """Return a method whose list of ints may be written as arguments: ``x.permute(0, 2, 1)``."""

    def method(self: Tensor, *sizes: Any, **named: Any) -> Any:
        if sizes and not isinstance(sizes[0], (tuple, list, Tensor)) and hasattr(sizes[0], "__index__"):
            sizes = (sizes,)
        return function.__wrapped__(self, *sizes, **named)

    method.__name__ = function.__name__
    method.__doc__ = function.__doc__
    return operation(method)


for _name in ("broadcast_to", "expand", "flip", "permute", "repeat", "reshape", "tile", "view"):
    METHODS[_name] = _with_sizes(_ALL[_name])
for _name, _method in METHODS.items():
    setattr(Tensor, _name, _method)


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: function(other, self)


def _equality(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an == that leaves it to Python to compare a tensor with what is neither tensor nor number."""

    def compare(self: Tensor, other: Any) -> Any:
        known = isinstance(other, (Tensor, int, float, complex))
        return function(self, other) if known else NotImplemented

    return compare


_OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "pow", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift", "matmul": "matmul",
}  # fmt: skip
for _name, _function in _OPERATORS.items():
    setattr(Tensor, f"__{_name}__", _ALL[_function])
    setattr(Tensor, f"__r{_name}__", _reflected(_ALL[_function]))
for _name in ("eq", "ne"):
    setattr(Tensor, f"__{_name}__", _equality(_ALL[_name]))
for _name in ("lt", "le", "gt", "ge", "neg", "abs", "getitem"):
    setattr(Tensor, f"__{_name}__", _ALL[_name])
setattr(Tensor, "__invert__", _ALL["bitwise_not"])  # noqa: B010 - mypy knows no such method
Tensor.T = property(lambda self: views.permute(self, tuple(range(self.ndim))[::-1]))  # type: ignore[attr-defined]
Tensor.real = property(_ALL["real"])  # type: ignore[attr-defined]
Tensor.imag = property(_ALL["imag"])  # type: ignore[attr-defined]
Tensor.mT = property(views.adjoint)  # type: ignore[attr-defined]
