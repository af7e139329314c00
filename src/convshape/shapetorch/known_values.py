"""Small tensors whose values are known, because the program wrote them out: ``torch.linspace(0, 0.1, 12)``.

A network is often made with such numbers (``[x.item() for x in torch.linspace(0, rate, depth)]``). They are
kept through what is known here, and lost by everything else: there is no wrong value, only none.
"""

from __future__ import annotations

import math
import operator
from itertools import pairwise
from struct import error as unheld
from struct import pack, unpack
from typing import TYPE_CHECKING

from ..errors import UnknownOperation
from . import dtypes
from .arguments import axis, flag
from .layout import is_unknown, packing, strides
from .operation import named_as, operation
from .ops import FUNCTIONS
from .tensor import Tensor, new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

#: As many elements a constant may have: more than any schedule of a network, and copied in no time.
MOST = 4096


class _Memory:
    """What a tensor and its views share: whether nobody wrote into it."""

    __slots__ = ("untouched",)

    def __init__(self) -> None:
        self.untouched = True


class Constant(Tensor):
    """A tensor with its values, in rows; they are forgotten once anything may have written into it."""

    __slots__ = ("_memory", "_values")

    _memory: _Memory
    _values: list[Any]

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if name[0] != "_" and name not in _HARMLESS and name not in _KEPT:
            object.__getattribute__(self, "_memory").untouched = False
        return found

    def __repr__(self) -> str:
        return Tensor.__repr__(self).replace("Constant", "Tensor", 1)

    def __bool__(self) -> bool:
        return bool(_one(self, "whether a tensor is true"))

    def __int__(self) -> int:
        return int(_one(self, "a value"))

    def __float__(self) -> float:
        return float(_one(self, "a value"))

    def __index__(self) -> int:
        return operator.index(_one(self, "a value"))

    def __iter__(self) -> Iterator[Tensor]:
        if not self.shape:
            return Tensor.__iter__(self)
        return (self[i] for i in range(self.shape[0]))

    def item(self) -> Any:
        """Return the one value."""
        return _one(self, "item: a value")

    def tolist(self) -> Any:
        """Return the values in lists, one for each dimension."""
        values = values_of(self)
        if values is None:
            raise UnknownOperation("tolist: a value depends on data, and convshape has shapes only")
        return _nested(values, self.shape)


def constant(tensor: Tensor, values: list[Any], memory: _Memory | None = None) -> Tensor:
    """Return `tensor` with its values, if they are not too many and it can hold them."""
    if tensor.numel() > MOST:
        return tensor
    result: Constant = Constant.__new__(Constant)
    result.data, result.requires_grad = tensor, tensor.requires_grad
    try:
        result._values = _held(values, tensor.dtype)
    except (ArithmeticError, TypeError, ValueError, unheld):
        return tensor
    result._memory = memory or _Memory()
    return result


def _held(values: list[Any], dtype: dtypes.dtype) -> list[Any]:
    """Return `values` as a tensor of `dtype` holds them: float32 has seven digits.

    Raises:
        ArithmeticError, TypeError, ValueError, struct.error: it cannot hold one of them.
    """
    if dtype.kind == dtypes.BOOL:
        return list(map(bool, values))
    if dtype.kind == dtypes.INTEGER:
        whole = list(map(int, values))
        if whole and not (dtypes.holds(dtype, min(whole)) and dtypes.holds(dtype, max(whole))):
            raise OverflowError
        return [each % 256 for each in whole] if dtype is dtypes.uint8 else whole
    if dtype.kind == dtypes.COMPLEX or dtype.itemsize == 8:
        return list(map(complex if dtype.kind == dtypes.COMPLEX else float, values))
    code = f"{len(values)}{'e' if dtype is dtypes.float16 else 'f'}"
    held = list(unpack(code, pack(code, *values)))
    return list(map(_bfloat16, held)) if dtype is dtypes.bfloat16 else held


def _bfloat16(value: float) -> float:
    bits = int.from_bytes(pack(">f", value), "big")
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
    return float(unpack(">f", bits.to_bytes(4, "big"))[0])


def values_of(value: Any) -> list[Any] | None:
    """Return the values of a constant, or None if they are not known."""
    if isinstance(value, Constant) and value._memory.untouched:
        return value._values
    return None


def _nested(values: list[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return values[0]
    width = len(values) // (shape[0] or 1)
    return [_nested(values[i * width : (i + 1) * width], shape[1:]) for i in range(shape[0])]


def _one(tensor: Constant, what: str) -> Any:
    values = values_of(tensor)
    if values is None or len(values) != 1:
        raise UnknownOperation(f"{what} depends on data, and convshape has shapes only")
    return values[0]


# What is known of functions: from the values that go in and the tensor that comes out to its values.


def _each(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule of a function of each element, of one operand or of two expanded to each other."""

    def rule(result: Tensor, *operands: Any, **named: Any) -> list[Any] | None:
        if named:
            return None
        columns = []
        for operand in operands:
            values = [operand] if isinstance(operand, (int, float)) else values_of(operand)
            if values is None:
                return None
            columns.append(
                values if len(values) == result.numel() else _expanded(operand, values, result)
            )
        try:
            found = [function(*row) for row in zip(*columns, strict=True)]
        except (
            ArithmeticError,
            ValueError,
        ):  # infinities and what is no number are torch's to tell
            return None
        return found

    return rule


def _expanded(operand: Any, values: list[Any], result: Tensor) -> list[Any]:
    """Repeat values along the axes that the result has and the operand has not, or has as 1."""
    if len(values) == 1:
        return values * result.numel()
    sizes = (1,) * (result.ndim - operand.ndim) + operand.shape
    found = [0]
    step = len(values)
    for own, wanted in zip(sizes, result.shape, strict=True):
        step //= own
        found = [at + (i * step if own > 1 else 0) for at in found for i in range(wanted)]
    return [values[at] for at in found]


def _all(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """Return the rule of a function of all elements together."""

    def rule(result: Tensor, input: Any, *args: Any, **named: Any) -> list[Any] | None:
        values = values_of(input)
        if (
            not values
            or args
            or named
            or (function in (sum, math.prod) and result.dtype.kind != dtypes.INTEGER)
        ):
            return None  # in what order torch adds up numbers that are rounded is its own affair
        return [function(values)]

    return rule


def _cumsum(result: Tensor, input: Any, dim: Any = 0, **named: Any) -> list[Any] | None:
    values = values_of(input)
    if values is None or result.ndim != 1 or named or result.dtype.kind != dtypes.INTEGER:
        return None
    return [sum(values[: i + 1]) for i in range(len(values))]


def _diff(result: Tensor, input: Any, *args: Any, **named: Any) -> list[Any] | None:
    values = values_of(input)
    if values is None or args or named or input.ndim != 1 or result.dtype.kind != dtypes.INTEGER:
        return None
    return [later - one for one, later in pairwise(values)]


def _same(result: Tensor, input: Any, *args: Any, **named: Any) -> list[Any] | None:
    return values_of(input)


def _joined(result: Tensor, tensors: Any, dim: Any = 0, **named: Any) -> list[Any] | None:
    parts = [values_of(each) for each in tensors]
    if named or any(part is None for part in parts) or axis("dim", dim, max(1, result.ndim)):
        return None
    return [value for part in parts for value in part or ()]


def _flip(result: Tensor, input: Any, *dims: Any) -> list[Any] | None:
    values = values_of(input)
    return values[::-1] if values is not None and result.ndim == 1 else None


def _item(result: Any, input: Any, index: Any) -> list[Any] | None:
    values = values_of(input)
    rows = input.shape[0] if input.shape else 1
    if values is None or not isinstance(index, (int, slice)) or isinstance(index, bool):
        return None
    width = len(values) // (rows or 1)
    taken = range(rows)[index] if isinstance(index, slice) else [range(rows)[index]]
    return [value for row in taken for value in values[row * width : (row + 1) * width]]


def _viewed(result: Tensor, *args: Any, **named: Any) -> list[Any] | None:
    """Return the values of a view, whose elements lie where those of its tensor do."""
    input: Any = args[0] if args else named.get("input", named.get("tensor"))
    values = values_of(input)
    if values is None or is_unknown(input) or is_unknown(result):
        return None
    at = dict(zip(_places(input), values, strict=True))
    return [at[place] for place in _places(result)]


def _places(tensor: Tensor) -> list[int]:
    """Return where in memory the elements of a tensor lie, in rows."""
    places = [0 if tensor.memory is None else tensor.memory.offset]
    for n, stride in zip(tensor.shape, strides(tensor), strict=True):
        places = [place + i * stride for place in places for i in range(n)]
    return places


def _round(value: float) -> float:
    return float(round(value))


_ELEMENTWISE: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("add", "radd"), operator.add),
    **dict.fromkeys(("sub", "subtract"), operator.sub),
    **dict.fromkeys(("mul", "multiply", "rmul"), operator.mul),
    **dict.fromkeys(("div", "divide", "true_divide"), operator.truediv),
    "floor_divide": operator.floordiv, "remainder": operator.mod, "pow": operator.pow, "neg": operator.neg,
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt,
    "ge": operator.ge, "abs": abs, "round": _round, "floor": math.floor, "ceil": math.ceil, "sqrt": math.sqrt,
    "exp": math.exp, "log": math.log, "log2": math.log2, "log10": math.log10, "maximum": max, "minimum": min,
}  # fmt: skip
#: Functions whose result has memory of its own.
RULES: dict[str, Callable[..., Any]] = {
    **{name: _each(function) for name, function in _ELEMENTWISE.items()},
    "sum": _all(sum),
    "prod": _all(math.prod),
    "max": _all(max),
    "min": _all(min),
    "cumsum": _cumsum,
    "diff": _diff,
    "cat": _joined,
    "stack": _joined,
    "flip": _flip,
    "clone": _same,
}
#: Functions whose result may be a view: writing into it writes into what it was made of.
VIEWS: dict[str, Callable[..., Any]] = {
    "getitem": _item,
    **dict.fromkeys(
        "broadcast_to chunk diagonal dsplit expand expand_as hsplit moveaxis movedim narrow permute select "
        "split split_with_sizes swapaxes swapdims t tensor_split transpose unbind unfold vsplit".split(),
        _viewed,
    ),
    **dict.fromkeys(
        "contiguous cpu cuda detach double flatten float int long ravel reshape squeeze to unsqueeze "
        "view".split(),
        _same,
    ),
}
_HARMLESS = frozenset(
    "device dim dtype element_size is_complex is_contiguous is_cuda is_floating_point item memory ndim "
    "ndimension nelement numel requires_grad shape size storage_offset stride tolist".split()
)
_KEPT = RULES.keys() | VIEWS.keys() | {"unique"}


def valued(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of torch's that keeps the values of constants if it is known how."""
    rule = RULES.get(name) or VIEWS.get(name)

    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        constants = [a for a in _flat((*args, *kwargs.values())) if isinstance(a, Constant)]
        if not constants:
            return result
        parts = result if isinstance(result, (tuple, list)) else (result,)
        values = [
            rule(part, *args, **kwargs)
            for part in parts
            if rule is not None and isinstance(part, Tensor) and part.numel() <= MOST
        ]
        if len(values) == len(parts) and None not in values:
            memory = constants[0]._memory if name in VIEWS else None
            known = [constant(*row, memory) for row in zip(parts, values, strict=True)]
            return known[0] if isinstance(result, Tensor) else type(result)(known)
        if name not in RULES:  # the result may be a view, which is written into unseen
            for each in constants:
                each._memory.untouched = False
        return result

    return named_as(function, call)


def _flat(args: tuple[Any, ...]) -> Iterator[Any]:
    for arg in args:
        if isinstance(arg, (tuple, list)):
            yield from arg
        else:
            yield arg


def _method(name: str, special: str = "") -> None:
    setattr(Constant, special or name, valued(name, getattr(Tensor, special or name)))


for _name in _KEPT:
    if hasattr(Tensor, _name):
        _method(_name)
_OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "pow", "neg": "neg",
    "eq": "eq", "ne": "ne", "lt": "lt", "le": "le", "gt": "gt", "ge": "ge",
    "abs": "abs", "getitem": "getitem",
}  # fmt: skip
for _operator, _name in _OPERATORS.items():
    _method(_name, f"__{_operator}__")


_sorted = sorted  # whose name an argument of `unique` has


def _unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """Return the values that differ, which are known; and where each stands among them, and how often."""
    values = values_of(input) or []
    distinct = list(dict.fromkeys(values)) if not flag("sorted", sorted) else _sorted(set(values))
    size = (len(distinct),)
    wanted = (
        (True, size, input.dtype, distinct),
        (
            flag("return_inverse", return_inverse),
            input.shape,
            dtypes.int64,
            map(distinct.index, values),
        ),
        (flag("return_counts", return_counts), size, dtypes.int64, map(values.count, distinct)),
    )
    found = [
        constant(new(shape, dtype), list(of)) if sorted else new(shape, dtype)
        for asked, shape, dtype, of in wanted
        if asked
    ]
    return tuple(found) if len(found) > 1 else found[0]


_unique.__name__ = "unique"
_unique_values = operation(packing(_unique))


def _differing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return torch's `unique`, which knows what it makes of a constant's values."""

    def call(input: Any, *args: Any, **kwargs: Any) -> Any:
        values = values_of(input)
        whole = len(args) < 4 and kwargs.get("dim") is None
        if values is None or not whole or any(isinstance(v, complex) or v != v for v in values):
            return function(input, *args, **kwargs)
        return _unique_values(input, *args, **kwargs)

    return named_as(function, call)


setattr(Constant, "unique", _differing(getattr(Tensor, "unique")))  # noqa: B009, B010 - mypy knows neither


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: function(other, self)


for _operator in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    _name = _OPERATORS[_operator]
    setattr(Constant, f"__r{_operator}__", _reflected(valued(_name, FUNCTIONS[_name])))


def _writer(name: str) -> Callable[..., Any]:
    """Return an operator that writes into the tensor, or gives way to the one that does not."""
    inherited = getattr(Tensor, name, None)

    def call(self: Constant, *args: Any) -> Any:
        self._memory.untouched = False
        return NotImplemented if inherited is None else inherited(self, *args)

    return call


for _operator in "add sub mul truediv floordiv mod pow and or xor lshift rshift matmul".split():
    setattr(Constant, f"__i{_operator}__", _writer(f"__i{_operator}__"))
if hasattr(Tensor, "__setitem__"):
    setattr(Constant, "__setitem__", _writer("__setitem__"))  # noqa: B010 - mypy knows no such method


def literal_values(data: Any) -> list[Any] | None:
    """Return the numbers of nested lists in rows, or None if there are too many or tensors without values."""
    if isinstance(data, Tensor):
        return values_of(data)
    if not isinstance(data, (tuple, list)):
        return [data]
    found: list[Any] = []
    for each in data:
        inner = literal_values(each)
        if inner is None or len(found) + len(inner) > MOST:
            return None
        found += inner
    return found


def _literal(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(data: Any, *args: Any, **kwargs: Any) -> Any:
        if hasattr(data, "tolist") and not isinstance(data, Tensor):  # an array of numpy's
            kwargs.setdefault("dtype", getattr(dtypes, str(getattr(data, "dtype", "")), None))
            data = data.tolist()
        result = function(data, *args, **kwargs)
        values = literal_values(data)
        return result if values is None else constant(result, values)

    return named_as(function, call)


literal = _literal(FUNCTIONS["tensor"])


def _made(function: Callable[..., Any], values: Callable[..., Any]) -> Callable[..., Any]:
    """Return a factory of torch's that remembers the values."""

    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        options = {
            k: v for k, v in kwargs.items() if k in ("start", "end", "step", "steps", "fill_value")
        }
        if result.numel() > MOST or len(options) + 1 < len(kwargs.keys() - _SILENT):
            return result
        return constant(result, values(result, *args, **options))

    return named_as(function, call)


_SILENT = {"device", "dtype", "requires_grad", "layout", "pin_memory", "size"}


def _counted(
    result: Tensor, *range_: Any, start: Any = None, end: Any = None, step: Any = None
) -> list[Any]:
    given = list(range_)
    if len(given) == 1 and start is None and end is None:
        given = [0, *given]
    first = given[0] if given and start is None else start or 0
    by = given[2] if len(given) > 2 else 1 if step is None else step
    return [first + i * by for i in range(result.numel())]


def _spaced(
    result: Tensor, *ends: Any, start: Any = None, end: Any = None, steps: Any = None
) -> list[Any]:
    first, last = (
        float(each) for each in ((*ends, end) if start is None else (start, *ends, end))[:2]
    )
    count = result.numel()
    if count < 2:
        return [first] * count
    (step,) = _held([(last - first) / (count - 1)], dtypes.float32)
    return [
        first + step * i if i < count // 2 else last - step * (count - 1 - i) for i in range(count)
    ]


def _full(result: Tensor, *args: Any, fill_value: Any = None) -> list[Any]:
    return [args[1] if fill_value is None else fill_value] * result.numel()


def _of(value: int) -> Callable[..., Any]:
    return lambda result, *args: [value] * result.numel()


def functions() -> dict[str, Callable[..., Any]]:
    """Return the functions of the namespace `torch`, which make constants and keep their values."""
    found = {name: valued(name, function) for name, function in FUNCTIONS.items()}
    factories: dict[str, Callable[..., Any]] = {
        "arange": _counted,
        "linspace": _spaced,
        "full": _full,
        "zeros": _of(0),
        "ones": _of(1),
    }
    found |= {name: _made(FUNCTIONS[name], values) for name, values in factories.items()}
    found["tensor"] = literal
    found["unique"] = _differing(found["unique"])
    return found
