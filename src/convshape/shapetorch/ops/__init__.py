"""torch's functions of tensors, by the headings of its documentation, and the tensor's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..layout import follow, packing, rule
from ..operation import facts_of, operation, rule_of
from ..tensor import Tensor, new
from . import (
    attributes,
    creation,
    indexing,
    inplace,
    joining,
    linalg,
    matrices,
    pointwise,
    reductions,
    sampling,
    spectral,
    views,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MODULES = (
    attributes,
    creation,
    indexing,
    inplace,
    joining,
    linalg,
    matrices,
    pointwise,
    reductions,
    sampling,
    spectral,
    views,
)
_ALL: dict[str, Callable[..., Any]] = {
    name: value
    for module in _MODULES
    for name, value in vars(module).items()
    if hasattr(value, "__wrapped__") and not name.startswith("_")
}
_METHODS_ONLY = frozenset(
    "cpu cuda contiguous expand expand_as new_empty new_full new_ones new_tensor new_zeros repeat "
    "reshape_as sum_to_size to type_as unfold view view_as getitem item new_of polygamma_of tolist "
    "type_of numpy data_ptr storage untyped_storage stride storage_offset is_contiguous dim_order "
    "pin_memory".split()
)
_FUNCTIONS_ONLY = frozenset(
    "bartlett_window blackman_window bucketize chain_matmul combinations complex cumulative_trapezoid "
    "hamming_window hann_window kaiser_window isin polar searchsorted trapezoid trapz vander "
    "binomial gradient lu_unpack norm_except_dim pca_lowrank polygamma range svd_lowrank unravel_index "
    "arange as_tensor asarray atleast_1d atleast_2d atleast_3d block_diag broadcast_tensors "
    "cartesian_prod cat cdist column_stack concat concatenate dstack einsum empty empty_like eye "
    "from_numpy full full_like hstack linspace literal logspace meshgrid normal ones ones_like "
    "rand rand_like randint randn randn_like randperm normal poisson randint_like fill row_stack "
    "scalar_tensor stack std_mean tensordot tril_indices triu_indices var_mean vstack zeros "
    "zeros_like rsub real imag selu view_as_real view_as_complex".split()
)
#: Of the operations in place, those that are functions too.
_IN_PLACE_FUNCTIONS = frozenset(
    "abs_ acos_ acosh_ addmv_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_ asinh_ "
    "atan_ atanh_ ceil_ clamp_ clamp_max_ clamp_min_ clip_ conj_physical_ cos_ cosh_ deg2rad_ "
    "detach_ erf_ erfc_ exp2_ exp_ expm1_ fill_ fix_ floor_ frac_ gcd_ i0_ lcm_ log10_ log1p_ "
    "log2_ log_ logit_ nan_to_num_ neg_ negative_ rad2deg_ reciprocal_ relu_ round_ rsqrt_ "
    "sigmoid_ sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ xlogy_ zero_".split()
)
#: What stands in `torch.linalg` alone.
_OF_LINALG = frozenset(
    "eig eigh eigvals eigvalsh householder_product inv inv_ex linalg_cholesky linalg_cross linalg_diagonal "
    "linalg_norm linalg_qr linalg_svd matrix_norm matrix_rank multi_dot pinv solve svdvals vecdot "
    "vector_norm".split()
)
#: What stands in the namespace `torch`, and what every tensor has.
FUNCTIONS = {
    name: f
    for name, f in _ALL.items()
    if name not in _METHODS_ONLY | _OF_LINALG and (name[-1] != "_" or name in _IN_PLACE_FUNCTIONS)
}
FUNCTIONS["tensor"] = FUNCTIONS.pop("literal")
METHODS = {
    name: f for name, f in _ALL.items() if name not in _FUNCTIONS_ONLY | _OF_LINALG
} | pointwise.CASTS
#: Other names for the same.
_SAME = {
    "ger": "outer", "orgqr": "householder_product", "pinverse": "pinv",
    "unsafe_chunk": "chunk", "unsafe_split_with_sizes": "split_with_sizes",
}  # fmt: skip
for _name, _same in _SAME.items():
    FUNCTIONS[_name] = METHODS[_name] = _ALL[_same]


def _copying(name: str, view: Any) -> Callable[..., Any]:
    """Return a function that copies what a view shows."""

    def call(*args: Any, **kwargs: Any) -> Any:
        result = rule_of(view)(*args, **kwargs)
        if isinstance(result, tuple):
            return tuple(new(each.shape, each.dtype) for each in result)
        return new(result.shape, result.dtype)

    call.__name__ = call.__qualname__ = name
    call.__module__, call.__doc__ = (
        view.__module__,
        f"As `{name.removesuffix('_copy')}`, of a copy.",
    )
    call.__wrapped__ = rule_of(view)  # type: ignore[attr-defined]  # whose arguments are its own
    return operation(packing(call))


_COPIED = (
    "detach diagonal expand permute select split_with_sizes squeeze t transpose unbind unfold "
    "unsqueeze view_as_complex view_as_real"
)
FUNCTIONS |= {f"{name}_copy": _copying(f"{name}_copy", _ALL[name]) for name in _COPIED.split()}
FUNCTIONS["view_copy"] = _copying("view_copy", views._view_anew)
FUNCTIONS["split_copy"] = _copying("split_copy", _ALL["unsafe_split"])
for _name in ("new", "polygamma", "type"):  # those whose functions are others
    METHODS[_name] = METHODS.pop(f"{_name}_of")


def _with_sizes(function: Any) -> Callable[..., Any]:
    """Return a method whose list of ints may be written as arguments: ``x.permute(0, 2, 1)``."""
    own = rule_of(function)

    def method(self: Tensor, *sizes: Any, **named: Any) -> Any:
        if (
            sizes
            and not isinstance(sizes[0], (tuple, list, Tensor))
            and hasattr(sizes[0], "__index__")
        ):
            sizes = (sizes,)
        return own(self, *sizes, **named)

    method.__module__, method.__name__, method.__doc__ = (
        function.__module__,
        function.__name__,
        function.__doc__,
    )
    facts = facts_of(function)
    return operation(rule(facts.layout if facts else own.strides)(method))


for _name in (
    "broadcast_to",
    "expand",
    "flip",
    "permute",
    "repeat",
    "reshape",
    "sum_to_size",
    "tile",
    "view",
):
    METHODS[_name] = _with_sizes(_ALL[_name])
for _name, _method in METHODS.items():
    setattr(Tensor, _name, _method)
for _name in ("is_inference", "is_pinned", "is_same_size", "is_shared"):
    setattr(Tensor, _name, getattr(attributes, _name))


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: function(other, self)


def _over(self: Tensor, other: Any) -> Any:
    result = _ALL["div"](other, self)
    if self.memory is not None:  # torch multiplies by the reciprocal
        inverse = follow(new(self.shape, result.dtype), self)
        result.memory = follow(new(self.shape, result.dtype), inverse, other).memory
    return result


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
    setattr(Tensor, f"__r{_name}__", _over if _name == "truediv" else _reflected(_ALL[_function]))
    if _name != "matmul":
        setattr(Tensor, f"__i{_name}__", _ALL[f"{_function}_"])
for _name in ("eq", "ne"):
    setattr(Tensor, f"__{_name}__", _equality(_ALL[_name]))
for _name in ("lt", "le", "gt", "ge", "neg", "abs", "getitem"):
    setattr(Tensor, f"__{_name}__", _ALL[_name])
setattr(Tensor, "__setitem__", operation(inplace.setitem))  # noqa: B010 - as `__invert__`
setattr(Tensor, "__iter__", joining.iterate)  # noqa: B010
setattr(Tensor, "__invert__", _ALL["bitwise_not"])  # noqa: B010 - mypy knows no such method
setattr(Tensor, "__pos__", _ALL["positive"])  # noqa: B010
Tensor.T = property(lambda self: views.permute(self, tuple(range(self.ndim))[::-1]))  # type: ignore[attr-defined]
Tensor.real = property(_ALL["real"])  # type: ignore[attr-defined]
Tensor.imag = property(_ALL["imag"])  # type: ignore[attr-defined]
Tensor.mT = Tensor.mH = property(views.adjoint)  # type: ignore[attr-defined]
Tensor.H = property(views.H)  # type: ignore[attr-defined]
