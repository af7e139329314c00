"""A tensor with the data left out: shape and dtype, and what depends on nothing else."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate
from math import prod
from operator import mul
from typing import TYPE_CHECKING, Any

from ..errors import ShapeError, UnknownOperation
from . import dtypes, hooks
from .arguments import INT64_END, axis, flag, is_number, is_numpy_bool, shape, shown, size
from .tensor_attributes import CPU, Size, device, layout, strided

#: How far elements lie apart along each dimension, where the first lies, and the bytes of the whole
#: memory; `layout` has the rules. Where convshape does not know, there are no strides.
Memory = namedtuple("Memory", ("strides", "offset", "size"))
UNKNOWN = Memory(None, 0, 0)


def packed(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of elements one after the other, the last dimension innermost."""
    plain = [n or 1 for n in sizes] if 0 in sizes else [*sizes]
    return tuple(accumulate(reversed(plain), mul, initial=1))[-2::-1]


class Handle:
    """What takes a hook away that was never put there."""

    def remove(self) -> None:
        """Do nothing."""


class Tensor:
    """A shape and a dtype; and how its elements lie in memory: None for one after the other.

    Args:
        shape: one int for each dimension, e.g. ``(N, C, H, W)``.
        dtype: the element type, float32 unless given.

    Raises:
        ShapeError: a size is negative or no int, or torch could not count the bytes in 64 bits.
    """

    __slots__ = ("__dict__", "contents", "dtype", "memory", "requires_grad", "shape")

    # A tensor's own value wherever torch works without gradients, as a trace does.
    grad = grad_fn = None
    is_leaf = True
    is_cuda = is_meta = is_mps = is_quantized = is_sparse = is_xpu = False
    __array_priority__ = 1000  # by which NumPy's numbers leave ``np.log(2) * tensor`` to tensors

    shape: Size
    dtype: dtypes.dtype
    memory: Memory | None
    #: What the memory holds, if that may be known; `known_values` has it.
    contents: Any
    requires_grad: bool

    def __init__(self, shape: tuple[int, ...], dtype: dtypes.dtype = dtypes.float32) -> None:
        self.shape = Size(size(shape))
        self.dtype = dtype
        self.memory = self.contents = None
        self.requires_grad = False
        _check_bytes(self.shape, dtype)
        if 0 in self.shape:
            self.memory = Memory(packed(self.shape), 0, 0)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    def dim(self) -> int:
        """Return the number of dimensions."""
        return len(self.shape)

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the size of dimension `dim`."""
        if dim is None:
            return self.shape
        return self.shape[dimension(self, dim)]

    def numel(self) -> int:
        """Return the number of elements."""
        return prod(self.shape)

    ndimension = dim
    nelement = numel

    def element_size(self) -> int:
        """Return the bytes of an element."""
        return self.dtype.itemsize

    @property
    def itemsize(self) -> int:
        """The bytes of an element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self.numel() * self.dtype.itemsize

    @property
    def data(self) -> Tensor:
        """The same elements as another tensor; what is assigned to it takes their place."""
        result = new(self.shape, self.dtype)
        result.memory, result.contents = self.memory, self.contents
        return result

    @data.setter
    def data(self, value: Tensor) -> None:
        self.shape, self.dtype, self.memory = value.shape, value.dtype, value.memory
        self.contents = value.contents

    @property
    def device(self) -> device:
        """Always the CPU."""
        return CPU

    @property
    def layout(self) -> layout:
        """Always dense."""
        return strided

    def get_device(self) -> int:
        """Return the number of the GPU that it is on: -1, for none."""
        return -1

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set whether torch would work out its gradient."""
        if flag("requires_grad", requires_grad) and self.dtype.kind < dtypes.FLOATING:
            raise ShapeError(
                f"{self.dtype.name} has no gradient: only floating-point and complex numbers have"
            )
        self.requires_grad = requires_grad
        return self

    def backward(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing but say so: there are no gradients."""
        if hooks.train is not None:
            hooks.train()

    def retain_grad(self) -> None:
        """Do nothing: there are no gradients."""

    def to_sparse(self, *args: Any, **kwargs: Any) -> Any:
        """Return what is not known, but may be kept: convshape has dense tensors only."""
        from .placeholder import Unavailable

        return Unavailable("Tensor.to_sparse()", "convshape has dense tensors only", is_value=True)

    def register_hook(self, hook: Any) -> Handle:
        """Return what would take the hook away: without gradients it is never called."""
        return Handle()

    register_post_accumulate_grad_hook = register_hook

    def is_signed(self) -> bool:
        """Return whether the elements can be negative."""
        return self.dtype.is_signed

    def is_floating_point(self) -> bool:
        """Return whether the elements are real floating-point numbers."""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """Return whether the elements are complex numbers."""
        return self.dtype.is_complex

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-d tensor")
        return int(self.shape[0])  # which says that a size with symbols is used as a number

    def __repr__(self) -> str:
        kind = "" if self.dtype is dtypes.float32 else f", dtype={self.dtype}"
        return f"{type(self).__name__}({tuple(self.shape)}{kind})"

    def __format__(self, spec: str) -> str:
        """Write its value, or itself if that is not known; torch refuses more than one."""
        if self.shape or not spec:
            return object.__format__(self, spec)
        try:
            return format(self.item(), spec)
        except UnknownOperation:
            return repr(self)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        array = self.numpy()
        if not hasattr(array, "astype") or hasattr(array, "_unknown"):
            raise array._unknown()
        return array if dtype is None else array.astype(dtype)

    def __array_wrap__(self, array: Any, *context: Any) -> Tensor:
        from .ops.creation import from_numpy

        return from_numpy(array)

    def __bool__(self) -> bool:
        return bool(_value(self, "whether a tensor is true depends on its data"))

    def __int__(self) -> int:
        return int(_value(self, "a value depends on data"))

    def __float__(self) -> float:
        return float(_value(self, "a value depends on data"))

    def __index__(self) -> int:
        if self.numel() != 1 or self.dtype.kind > dtypes.INTEGER:
            raise ShapeError(f"needs an int, but receives {self!r}", kind=TypeError)
        return int(_value(self, "a value depends on data"))

    if TYPE_CHECKING:  # `ops.spaces` gives it the other operations as methods

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, index: Any) -> Tensor: ...
        def __iter__(self) -> Iterator[Tensor]: ...
        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...

    else:

        def __getattr__(self, name):
            from .ops import spaces  # noqa: F401 - it gives tensors their methods

            if not hasattr(Tensor, name):
                from . import aten  # noqa: F401 - it gives them two more
            return object.__getattribute__(self, name)


#: Operators of two operands, and the operations that they are.
OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "pow", "and": "bitwise_and", "or": "bitwise_or",
    "xor": "bitwise_xor", "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift",
    "matmul": "matmul",
}  # fmt: skip


_SPECIAL = {f"{way}{name}" for name in OPERATORS for way in ("", "r", "i")} - {"imatmul"}
_SPECIAL |= {*"abs eq ge getitem gt invert iter le lt ne neg pos setitem".split()}


def _loading(name: str) -> Callable[..., Any]:
    """Return a placeholder of an operator: the first use of one loads them all."""

    def call(*operands: Any) -> Any:
        from .ops import spaces  # noqa: F401 - it gives tensors their operators

        return getattr(Tensor, name)(*operands)

    return call


for _name in _SPECIAL:
    setattr(Tensor, f"__{_name}__", _loading(f"__{_name}__"))


def _value(tensor: Tensor, what: str) -> Any:
    from .known_values import only_value

    return only_value(tensor, what)


def new(shape: tuple[int, ...], dtype: dtypes.dtype, kind: type[Tensor] = Tensor) -> Tensor:
    """Return a tensor whose sizes are known to be ints from 0, such as an operation's result."""
    result = object.__new__(kind)
    result.memory = result.contents = None
    if not 0 < prod(shape) * dtype.itemsize < INT64_END:
        _check_bytes(shape, dtype)
        result.memory = Memory(packed(shape), 0, 0)
    result.shape = shape if type(shape) is Size else tuple.__new__(Size, shape)
    result.dtype = dtype
    result.requires_grad = False
    return result


def several(name: str, *fields: str) -> Callable[..., Any]:
    """Return what makes a result of several tensors with names, whose type waits until needed."""
    return lambda *values: _names(name, fields)(*values)


@cache
def _names(name: str, fields: tuple[str, ...]) -> Any:
    return namedtuple(name, fields)


def _check_bytes(sizes: tuple[int, ...], dtype: dtypes.dtype) -> None:
    # torch multiplies the strides even where a size is 0, so 0 counts as 1.
    count = prod(sizes) or prod(n or 1 for n in sizes)
    if count * dtype.itemsize >= INT64_END:
        raise ShapeError(
            f"a tensor of {shape(sizes)} {dtype.name} is larger than torch can count in 64 bits"
        )


def tensor(name: str, value: Any) -> Tensor:
    """Return `value` if it is a tensor."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (tuple, list)) and any(isinstance(v, Tensor) for v in value):
        raise ShapeError(
            f"needs one tensor as {name}, but receives {len(value)} of them", kind=TypeError
        )
    is_layer = hasattr(value, "named_modules")  # whose arguments may be tensors, which were meant
    text = f"a layer, {type(value).__name__}" if is_layer else repr(value)
    what = f"needs a tensor as {name}, but receives {text}"
    raise ShapeError(what, kind=TypeError, wanted=Tensor)


def tensor_list(name: str, value: Any) -> tuple[Tensor, ...]:
    """Return `value` as a tuple of tensors, at least one."""
    if not isinstance(value, (tuple, list)):
        one = isinstance(value, Tensor)
        raise ShapeError(
            f"needs a list of tensors as {name}, but receives "
            + (f"a tensor of {shape(value.shape)}" if one else repr(value)),
            wanted=list,
            fix=f"[...] around the {name}" if one else "",
        )
    if not value:
        raise ShapeError(f"needs at least one tensor in {name}")
    return tuple(tensor(f"{name}[{i}]", item) for i, item in enumerate(value))


def dimension(tensor: Tensor, dim: int) -> int:
    """Return a dimension, counted from the front; a scalar has none."""
    if not tensor.shape:
        raise ShapeError(f"has no dimension {dim}: it is a scalar", kind=IndexError)
    return axis("dim", dim, tensor.ndim)


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """Return the shape that all of `shapes` expand to; an int is the shape of a vector.

    Raises:
        ShapeError: two sizes differ where neither is 1.
    """
    shapes = tuple((sizes,) if isinstance(sizes, int) else sizes for sizes in shapes)
    result: list[int] = []
    for sizes in shapes:
        known = len(result)
        result[:0] = sizes[: max(len(sizes) - known, 0)]
        for i in range(1, min(known, len(sizes)) + 1):
            mine, other = result[-i], sizes[-i]
            if mine is other or mine == other:
                continue
            if mine == 1:
                result[-i] = other
            elif other != 1:
                raise ShapeError(
                    f"cannot combine {' and '.join(map(shape, shapes))}: dimension {-i} is "
                    f"{mine} in one and {other} in another, and neither is 1"
                )
    return tuple(result)


def result_type(*operands: Any) -> dtypes.dtype:
    """Return the dtype of an operation on tensors and Python numbers, as `torch.result_type`.

    A scalar changes the result only where its kind is higher than that of tensors with dimensions.
    """
    levels: dict[int, dtypes.dtype] = {}  # 0: with dimensions, 1: without, 2: Python numbers
    for operand in operands:
        if isinstance(operand, Tensor):
            level, kind = (0 if operand.shape else 1), operand.dtype
        else:
            level, kind = 2, number_dtype(operand)
        levels[level] = dtypes.promote_types(levels.get(level, kind), kind)
    result, *lower = (levels[level] for level in sorted(levels))
    for kind in lower:
        if kind.kind > result.kind:
            result = dtypes.to_complex(result) if kind.kind == dtypes.COMPLEX else kind
    return result


_OF_NUMBERS = {
    bool: dtypes.bool, int: dtypes.int64, float: dtypes.float32, complex: dtypes.complex64,
}  # fmt: skip


#: Python's numbers of the kinds of dtypes.
_PYTHONS: dict[int, complex] = {
    dtypes.BOOL: False, dtypes.INTEGER: 0, dtypes.FLOATING: 0.0, dtypes.COMPLEX: 0j,
}  # fmt: skip


def number_dtype(value: object) -> dtypes.dtype:
    """Return the dtype that a Python number has among tensors; refuse what is none."""
    for kind, result in _OF_NUMBERS.items():  # bool comes before int, which it is
        if isinstance(value, kind):
            if type(value) is int and not -INT64_END <= value < 2 * INT64_END:
                raise ShapeError(f"cannot hold {shown(value)}: torch counts in 64 bits")
            return result
    if is_number(value):
        return number_dtype(_PYTHONS[value.dtype.kind])  # type: ignore[attr-defined]
    if is_numpy_bool(value):
        return dtypes.float32
    raise ShapeError(f"needs a tensor or a number, but receives {value!r}", kind=TypeError)


def check_cast(value: Any, dtype: dtypes.dtype) -> None:
    """As `check_value`, where floating-point numbers of 16 bits may become infinite."""
    if number_dtype(value).is_complex or dtype not in (dtypes.float16, dtypes.bfloat16):
        check_value(value, dtype)


def check_value(value: Any, dtype: dtypes.dtype) -> None:
    """Refuse what is not a number, or none that a tensor of `dtype` can hold."""
    number_dtype(value)
    if not dtypes.holds(dtype, value):
        raise ShapeError(f"cannot put {value!r} into {dtype.name}: it is out of range")
