"""``out=``: a function of `torch` that writes its result into a tensor which is there already."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from ..errors import ShapeError, UnknownOperation
from . import dtypes, known_values
from .layout import alone
from .operation import facts_of, named_as, rule_of
from .ops.spaces import FUNCTIONS, METHODS
from .tensor import Tensor, tensor

#: The kinds of operations that take it.
_KINDS = frozenset("pointwise reduction running cat stack matmul".split())
#: Those whose result is converted to its dtype; of the others convshape knows none.
_CONVERTED = frozenset(
    "add sub subtract mul multiply div divide true_divide eq ne not_equal lt le gt ge less "
    "less_equal greater greater_equal logical_and logical_or logical_xor logical_not maximum "
    "minimum pow exp log sqrt sin cos tanh sigmoid cat concat concatenate stack".split()
)
#: Those that take it along a dimension only.
_ALONG = frozenset("sum prod median nanmedian".split())
#: Operations of these kinds that do not take it.
_WITHOUT = frozenset(
    "clone conj count_nonzero detach fill isclose isfinite isinf isnan isreal masked_fill positive "
    "relu resolve_conj resolve_neg rsub selu".split()
)
_COPY = rule_of(METHODS["copy_"])


@cache
def with_out() -> dict[str, Callable[..., Any]]:
    """Return the functions of `torch`, of which those that take ``out=`` do."""
    return {name: _taking(f) if _takes(name, f) else f for name, f in FUNCTIONS.items()}


def _takes(name: str, function: Any) -> bool:
    facts = facts_of(function)
    return facts is not None and facts.field in _KINDS and name not in _WITHOUT


def _taking(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if out is None:
            return result
        if len(args) + len(kwargs) == 1 and function.__name__ in _ALONG:
            raise ShapeError("takes out= along a dimension only")
        return _written(function, result, out)

    return named_as(function, call)


def _written(function: Any, result: Any, out: Any) -> Any:
    if isinstance(result, Tensor):
        return _write(function, result, tensor("out", out))
    if not isinstance(out, (tuple, list)) or len(out) != len(result):
        raise ShapeError(f"needs {len(result)} tensors as out")
    pairs = zip(result, out, strict=True)
    return type(result)(*(_write(function, part, tensor("out", o)) for part, o in pairs))


def _write(function: Any, result: Tensor, out: Tensor) -> Tensor:
    if result.dtype is not out.dtype:
        if function.__name__ not in _CONVERTED:
            raise UnknownOperation(f"{function.__name__}: out= of another dtype is not known")
        if not dtypes.can_cast(result.dtype, out.dtype):
            raise ShapeError(f"cannot put {result.dtype.name} into out of {out.dtype.name}")
    if out.shape == result.shape:
        numbers = known_values.written(_COPY, (alone(out), result), {})
        known_values.write(_COPY, out, numbers)
        return out
    known_values.forget(out)
    out.shape, out.memory, out.contents = result.shape, result.memory, None
    if result.dtype is out.dtype:
        out.contents = result.contents
    return out
