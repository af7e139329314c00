"""Small tensors whose values are known, as the program wrote them: ``torch.linspace(0, 0.1, 12)``.

A network is often made with such numbers (``[x.item() for x in torch.linspace(0, rate, depth)]``).
They are kept through what is known here, and lost by everything else: no value is wrong.
"""

from __future__ import annotations

import math
import operator
from itertools import accumulate, pairwise
from struct import error as unheld
from struct import pack, unpack
from typing import TYPE_CHECKING

from ..errors import UnknownOperation
from . import dtypes
from .arguments import axis
from .layout import PACKED, is_unknown, offset, strides
from .operation import Unknown, named, named_as, operation
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
    """A tensor with its values, in rows; they are forgotten once it may have been written into."""

    __slots__ = ("_memory", "_values")

    _memory: _Memory
    _values: list[Any]

    def __getattribute__(self, name: str) -> Any:
        value = object.__getattribute__(self, name)
        if name[0] != "_" and name not in _HARMLESS and name not in _KEPT:
            object.__getattribute__(self, "_memory").untouched = False
        return value

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
        return [value % 256 for value in whole] if dtype is dtypes.uint8 else whole
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


# What is known of functions: from the tensor that comes out and the arguments to its values.


def _values_by_element(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule of a function of each element, of one operand or of two expanded."""

    def rule(result: Tensor, *operands: Any, **named: Any) -> list[Any] | None:
        columns = [_expanded(operand, result) for operand in operands]
        if named or None in columns:
            return None
        try:
            return [function(*row) for row in zip(*columns, strict=True)]
        except (
            ArithmeticError,
            ValueError,
        ):  # infinities and what is no number are torch's to tell
            return None

    return rule


def _expanded(operand: Any, result: Tensor) -> list[Any] | None:
    """Return the values of an operand, repeated along the axes that it has not, or has as 1."""
    values = [operand] if isinstance(operand, (int, float)) else values_of(operand)
    if values is None or len(values) == result.numel():
        return values
    if len(values) == 1:
        return values * result.numel()
    sizes = (1,) * (result.ndim - operand.ndim) + operand.shape
    places, step = [0], len(values)
    for n, wanted in zip(sizes, result.shape, strict=True):
        step //= n
        places = [at + (i * step if n > 1 else 0) for at in places for i in range(wanted)]
    return [values[at] for at in places]


def _by_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule of a function of the first argument's values, without arguments by name."""

    def rule(result: Tensor, input: Any, *args: Any, **named: Any) -> list[Any] | None:
        values = values_of(input)
        return None if values is None or named else function(result, values, *args)

    return rule


def _whole(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """Return the rule of a function of all elements together."""

    def rule(result: Tensor, values: list[Any], *args: Any) -> list[Any] | None:
        # In what order torch adds up numbers that are rounded is its own affair.
        rounded = function in (sum, math.prod) and result.dtype.kind != dtypes.INTEGER
        return None if rounded or args or not values else [function(values)]

    return _by_values(rule)


@_by_values
def _cumsum(result: Tensor, values: list[Any], dim: int) -> list[Any] | None:
    integers = result.ndim == 1 and result.dtype.kind == dtypes.INTEGER
    return list(accumulate(values)) if integers else None


@_by_values
def _diff(result: Tensor, values: list[Any], *args: Any) -> list[Any] | None:
    if args or result.ndim != 1 or result.dtype.kind != dtypes.INTEGER:
        return None
    return [later - earlier for earlier, later in pairwise(values)]


@_by_values
def _flip(result: Tensor, values: list[Any], *dims: Any) -> list[Any] | None:
    return values[::-1] if result.ndim == 1 else None


def _same(result: Tensor, input: Any, *args: Any, **named: Any) -> list[Any] | None:
    return values_of(input)


def _joined(result: Tensor, tensors: Any, dim: Any = 0, **named: Any) -> list[Any] | None:
    parts = [values_of(tensor) for tensor in tensors]
    if named or None in parts or axis("dim", dim, max(1, result.ndim)):
        return None
    return [value for part in parts for value in part or ()]


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
    places = [offset(tensor)]
    for n, stride in zip(tensor.shape, strides(tensor), strict=True):
        places = [place + i * stride for place in places for i in range(n)]
    return places


def _item(result: Tensor, input: Any, index: Any) -> list[Any] | None:
    items = index if isinstance(index, tuple) else (index,)
    basic = (int, slice, type(None), type(...))
    views = all(isinstance(item, basic) and not isinstance(item, bool) for item in items)
    return _viewed(result, input) if views else None


_BY_ELEMENT: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("add", "radd"), operator.add),
    **dict.fromkeys(("sub", "subtract"), operator.sub),
    **dict.fromkeys(("mul", "multiply", "rmul"), operator.mul),
    **dict.fromkeys(("div", "divide", "true_divide"), operator.truediv),
    "floor_divide": operator.floordiv, "remainder": operator.mod, "pow": operator.pow,
    "neg": operator.neg, "eq": operator.eq, "ne": operator.ne, "lt": operator.lt,
    "le": operator.le, "gt": operator.gt, "ge": operator.ge, "abs": abs,
    "round": lambda value: float(round(value)), "floor": math.floor, "ceil": math.ceil,
    "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "log2": math.log2, "log10": math.log10,
    "maximum": max, "minimum": min,
}  # fmt: skip
#: Functions whose result has memory of its own.
RULES: dict[str, Callable[..., Any]] = {
    **{name: _values_by_element(function) for name, function in _BY_ELEMENT.items()},
    "sum": _whole(sum), "prod": _whole(math.prod), "max": _whole(max), "min": _whole(min),
    "cumsum": _cumsum, "diff": _diff, "cat": _joined, "stack": _joined, "flip": _flip,
    "clone": _same,
}  # fmt: skip
#: Functions whose result may be a view: writing into it writes into what it was made of.
VIEWS: dict[str, Callable[..., Any]] = {
    "getitem": _item,
    **dict.fromkeys(
        "broadcast_to chunk diagonal dsplit expand expand_as hsplit moveaxis movedim narrow "
        "permute select split split_with_sizes swapaxes swapdims t tensor_split transpose unbind "
        "unfold vsplit".split(),
        _viewed,
    ),
    **dict.fromkeys(
        "contiguous cpu cuda detach double flatten float int long ravel reshape squeeze to "
        "unsqueeze view".split(),
        _same,
    ),
}
_HARMLESS = frozenset(
    "device dim dtype element_size is_complex is_contiguous is_cuda is_floating_point item memory "
    "ndim ndimension nelement numel requires_grad shape size storage_offset stride tolist".split()
)
_KEPT = RULES.keys() | VIEWS.keys() | {"unique"}


def valued(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of torch's that keeps the values of constants if it is known how."""
    rule = RULES.get(name) or VIEWS.get(name)

    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        constants = [value for value in _flat((*args, *kwargs.values())) if type(value) is Constant]
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
            known = [constant(*pair, memory) for pair in zip(parts, values, strict=True)]
            return known[0] if isinstance(result, Tensor) else type(result)(known)
        if name not in RULES:  # the result may be a view, which is written into unseen
            for value in constants:
                value._memory.untouched = False
        return result

    return named_as(function, call)


def _flat(args: tuple[Any, ...]) -> Iterator[Any]:
    for arg in args:
        yield from arg if isinstance(arg, (tuple, list)) else (arg,)


def _unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: Any = None,
) -> Any:
    """Return the values that differ; and where each stands among them, and how often."""
    values = values_of(input) or []
    distinct = list(dict.fromkeys(values))
    if sorted:
        distinct.sort()
    size: tuple[int, ...] = (len(distinct),)
    results = [(input.dtype, size, distinct)]
    if return_inverse:
        results.append((dtypes.int64, input.shape, list(map(distinct.index, values))))
    if return_counts:
        results.append((dtypes.int64, size, list(map(values.count, distinct))))
    tensors = tuple(
        constant(new(shape, dtype), known) if sorted else new(shape, dtype)
        for dtype, shape, known in results
    )
    return tensors if len(tensors) > 1 else tensors[0]


_unique_values = operation(layout=PACKED, macs=None, field=Unknown("it sorts values"))(
    named("unique", _unique)
)


def _differing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return torch's `unique`, which knows what it makes of a constant's values."""

    def call(input: Any, *args: Any, **kwargs: Any) -> Any:
        values = values_of(input)
        whole = len(args) < 4 and kwargs.get("dim") is None
        if values is None or not whole or any(isinstance(v, complex) or v != v for v in values):
            return function(input, *args, **kwargs)
        return _unique_values(input, *args, **kwargs)

    return named_as(function, call)


# The methods and operators of a constant


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: function(other, self)


def _writer(name: str) -> Callable[..., Any]:
    """Return an operator that writes into the tensor, or gives way to the one that does not."""
    inherited = getattr(Tensor, name, None)

    def call(self: Constant, *args: Any) -> Any:
        self._memory.untouched = False
        return NotImplemented if inherited is None else inherited(self, *args)

    return call


_ARITHMETIC = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "pow",
}  # fmt: skip
_METHODS = {name: name for name in _KEPT if hasattr(Tensor, name)}
_METHODS |= {f"__{operator}__": name for operator, name in _ARITHMETIC.items()}
_METHODS |= {f"__{name}__": name for name in "neg eq ne lt le gt ge abs getitem".split()}
for _attribute, _name in _METHODS.items():
    setattr(Constant, _attribute, valued(_name, getattr(Tensor, _attribute)))
setattr(Constant, "unique", _differing(getattr(Tensor, "unique")))  # noqa: B009, B010
for _operator, _name in _ARITHMETIC.items():
    setattr(Constant, f"__r{_operator}__", _reflected(valued(_name, FUNCTIONS[_name])))
for _operator in (*_ARITHMETIC, "and", "or", "xor", "lshift", "rshift", "matmul"):
    setattr(Constant, f"__i{_operator}__", _writer(f"__i{_operator}__"))
setattr(Constant, "__setitem__", _writer("__setitem__"))  # noqa: B010


# What makes constants


def literal_values(data: Any) -> list[Any] | None:
    """Return the numbers of nested lists in rows, or None if they are too many or not known."""
    if isinstance(data, Tensor):
        return values_of(data)
    if not isinstance(data, (tuple, list)):
        return [data]
    values: list[Any] = []
    for item in data:
        inner = literal_values(item)
        if inner is None or len(values) + len(inner) > MOST:
            return None
        values += inner
    return values


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


def _factory(function: Callable[..., Any], values: Callable[..., Any]) -> Callable[..., Any]:
    """Return a factory of torch's that remembers the values."""

    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        options = {name: value for name, value in kwargs.items() if name in _OPTIONS}
        if result.numel() > MOST or len(options) + 1 < len(kwargs.keys() - _SILENT):
            return result
        return constant(result, values(result, *args, **options))

    return named_as(function, call)


_OPTIONS = {"start", "end", "step", "steps", "fill_value"}
_SILENT = {"device", "dtype", "requires_grad", "layout", "pin_memory", "size"}


def _counted(
    result: Tensor, *bounds: Any, start: Any = 0, end: Any = None, step: Any = 1
) -> list[Any]:
    if len(bounds) > 1 or (bounds and end is not None):  # otherwise what stands there is the end
        start = bounds[0]
    step = bounds[2] if len(bounds) > 2 else step
    return [start + i * step for i in range(result.numel())]


def _spaced(
    result: Tensor, *ends: Any, start: Any = None, end: Any = None, steps: Any = None
) -> list[Any]:
    first, last = map(float, ((*ends, end) if start is None else (start, *ends, end))[:2])
    count = result.numel()
    if count < 2:
        return [first] * count
    (step,) = _held([(last - first) / (count - 1)], dtypes.float32)
    half = count // 2
    return [first + step * i for i in range(half)] + [
        last - step * i for i in reversed(range(count - half))
    ]


def _full(result: Tensor, *args: Any, fill_value: Any = None) -> list[Any]:
    return [args[1] if fill_value is None else fill_value] * result.numel()


_FACTORIES: dict[str, Callable[..., Any]] = {
    "arange": _counted,
    "linspace": _spaced,
    "full": _full,
    "zeros": lambda result, *size: [0] * result.numel(),
    "ones": lambda result, *size: [1] * result.numel(),
}


def functions() -> dict[str, Callable[..., Any]]:
    """Return the functions of the namespace `torch`, which make constants and keep their values."""
    result = {name: valued(name, function) for name, function in FUNCTIONS.items()}
    result |= {name: _factory(FUNCTIONS[name], values) for name, values in _FACTORIES.items()}
    return result | {"tensor": literal, "unique": _differing(result["unique"])}
