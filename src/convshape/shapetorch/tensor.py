"""A tensor with the data left out: shape and dtype, and the operations that depend on nothing else."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ..errors import ShapeError
from . import dtypes
from .arguments import INT64_END, axis, integer, integers, shape, size, tensor
from .recording import operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Tensor:
    """A shape and a dtype.

    Args:
        shape: one int for each dimension, e.g. ``(N, C, H, W)``.
        dtype: the element type, float32 unless given.

    Raises:
        ShapeError: a size is negative or no int, or torch could not count the bytes in 64 bits.
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: tuple[int, ...], dtype: dtypes.dtype = dtypes.float32) -> None:
        self.shape = size(shape)
        self.dtype = dtype
        _check_bytes(self.shape, dtype)

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
        return self.shape[axis("dim", dim, len(self.shape)) if self.shape else _no_axis(dim)]

    def numel(self) -> int:
        """Return the number of elements."""
        return prod(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __repr__(self) -> str:
        kind = "" if self.dtype is dtypes.float32 else f", dtype={self.dtype}"
        return f"{type(self).__name__}({self.shape}{kind})"

    # The first parameter is called `input` because torch.flatten(input=x) is this same function.

    @operation
    def reshape(input: Tensor, *shape: Any) -> Tensor:  # noqa: N805
        """Give the same elements another shape; one size may be -1 and is worked out.

        Raises:
            ShapeError: the element counts differ, or -1 stands twice or has no single answer.
        """
        return new(_reshaped(input.shape, _sizes(shape)), input.dtype)

    @operation
    def view(input: Tensor, *shape: Any) -> Tensor:  # noqa: N805
        """As `reshape`; or, given a dtype, the same bytes read as another type.

        Raises:
            ShapeError: as `reshape`, or the last dimension does not hold whole elements of the dtype.
        """
        if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
            return _reinterpreted(input, shape[0])
        return new(_reshaped(input.shape, _sizes(shape)), input.dtype)

    @operation
    def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:  # noqa: N805
        """Make one dimension of the dimensions `start_dim` to `end_dim`.

        Raises:
            ShapeError: a dimension does not exist, or the first comes after the last.
        """
        input = tensor("input", input)
        start = axis("start_dim", start_dim, input.ndim)
        end = axis("end_dim", end_dim, input.ndim)
        if start > end:
            raise ShapeError(f"has start_dim={start_dim} after end_dim={end_dim}")
        s = input.shape
        return new((*s[:start], prod(s[start : end + 1]), *s[end + 1 :]), input.dtype)

    @operation
    def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:  # noqa: N805
        """Make several dimensions, `sizes`, of dimension `dim`; one size may be -1 and is worked out.

        Raises:
            ShapeError: there is no dimension `dim`, or `sizes` does not multiply to it.
        """
        if not input.shape:
            raise ShapeError("cannot unflatten a scalar")
        index = axis("dim", dim, input.ndim)
        wanted = integers("sizes", sizes)
        if not wanted:
            raise ShapeError("needs at least one size")
        s = input.shape
        return new((*s[:index], *_reshaped(s[index : index + 1], wanted), *s[index + 1 :]), input.dtype)

    def __add__(self, other: Any) -> Tensor:
        return _arithmetic("+", self, other)

    def __sub__(self, other: Any) -> Tensor:
        return _arithmetic("-", self, other)

    def __mul__(self, other: Any) -> Tensor:
        return _arithmetic("*", self, other)

    def __truediv__(self, other: Any) -> Tensor:
        return _arithmetic("/", self, other)

    def __floordiv__(self, other: Any) -> Tensor:
        return _arithmetic("//", self, other)

    def __mod__(self, other: Any) -> Tensor:
        return _arithmetic("%", self, other)

    def __pow__(self, other: Any) -> Tensor:
        return _arithmetic("**", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return _arithmetic("+", other, self)

    def __rsub__(self, other: Any) -> Tensor:
        return _arithmetic("-", other, self)

    def __rmul__(self, other: Any) -> Tensor:
        return _arithmetic("*", other, self)

    def __rtruediv__(self, other: Any) -> Tensor:
        return _arithmetic("/", other, self)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return _arithmetic("//", other, self)

    def __rmod__(self, other: Any) -> Tensor:
        return _arithmetic("%", other, self)

    def __rpow__(self, other: Any) -> Tensor:
        return _arithmetic("**", other, self)

    def __neg__(self) -> Tensor:
        if self.dtype is dtypes.bool:
            raise ShapeError("- is not defined for a bool tensor", fix="~, or to another dtype first")
        return self


def new(shape: tuple[int, ...], dtype: dtypes.dtype) -> Tensor:
    """Return the result of an operation: a tensor whose sizes are already known to be ints from 0."""
    _check_bytes(shape, dtype)
    result = Tensor.__new__(Tensor)
    result.shape = shape
    result.dtype = dtype
    return result


def _check_bytes(sizes: tuple[int, ...], dtype: dtypes.dtype) -> None:
    # torch multiplies the strides even where a size is 0, so 0 counts as 1.
    count = prod(sizes) or prod(n or 1 for n in sizes)
    if count * dtype.itemsize >= INT64_END:
        raise ShapeError(f"a tensor of {shape(sizes)} {dtype.name} is larger than torch can count in 64 bits")


def _no_axis(dim: int) -> int:
    raise ShapeError(f"has no dimension {dim}: it is a scalar")


def _sizes(args: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the sizes of ``view(2, 3)``, ``view((2, 3))`` and ``view([2, 3])`` alike."""
    if len(args) == 1 and isinstance(args[0], (tuple, list)):
        args = tuple(args[0])
    return tuple(integer("shape", n) for n in args)


def _reshaped(old: tuple[int, ...], new_shape: tuple[int, ...]) -> tuple[int, ...]:
    count = prod(old)
    unknown = [i for i, n in enumerate(new_shape) if n == -1]
    if len(unknown) > 1:
        raise ShapeError(f"cannot work out {len(unknown)} sizes at once: only one may be -1")
    if any(n < -1 for n in new_shape):
        raise ShapeError(f"has a negative size in {new_shape}")
    known = prod(n for n in new_shape if n != -1)
    if unknown and known and count % known == 0:
        return tuple(count // known if n == -1 else n for n in new_shape)
    if unknown and known == 0 and count == 0:
        raise ShapeError(f"cannot work out the -1 in {new_shape}: any size would hold 0 elements")
    if unknown or known != count:
        raise ShapeError(f"cannot give {shape(old)} = {count} elements the shape {new_shape}")
    return new_shape


def _reinterpreted(input: Tensor, dtype: dtypes.dtype) -> Tensor:
    if dtype.itemsize == input.dtype.itemsize:
        return new(input.shape, dtype)
    if not input.shape:
        raise ShapeError(f"cannot read a scalar {input.dtype} as {dtype}: their sizes differ")
    last, rest = divmod(input.shape[-1] * input.dtype.itemsize, dtype.itemsize)
    wider = dtype.itemsize > input.dtype.itemsize
    if rest or (wider and not last and input.ndim > 1):  # rows of nothing lie one element apart
        raise ShapeError(f"cannot read rows of {input.shape[-1]} {input.dtype} as whole {dtype}")
    return new((*input.shape[:-1], last), dtype)


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that all of `shapes` expand to.

    Raises:
        ShapeError: two sizes differ where neither is 1.
    """
    result = [1] * max(map(len, shapes), default=0)
    for each in shapes:
        for i in range(1, len(each) + 1):
            if result[-i] == 1:
                result[-i] = each[-i]
            elif each[-i] not in (1, result[-i]):
                raise ShapeError(
                    f"cannot combine {' and '.join(map(shape, shapes))}: "
                    f"dimension {-i} is {result[-i]} in one and {each[-i]} in another, and neither is 1"
                )
    return tuple(result)


def result_type(*operands: Any) -> dtypes.dtype:
    """Return the dtype of an operation on tensors and Python numbers, as `torch.result_type`.

    A scalar changes the result only where its kind is higher than that of the tensors with dimensions.
    """
    levels: list[dtypes.dtype | None] = [None, None, None]  # with dimensions, without, Python numbers
    for operand in operands:
        if isinstance(operand, Tensor):
            level, kind = (0 if operand.shape else 1), operand.dtype
        else:
            level, kind = 2, _number_dtype(operand)
        known = levels[level]
        levels[level] = kind if known is None else dtypes.promote_types(known, kind)
    result: dtypes.dtype | None = None
    for lower in levels:
        if result is None:
            result = lower
        elif lower is not None and lower.kind > result.kind:
            result = dtypes.to_complex(result) if lower.kind == dtypes.COMPLEX else lower
    assert result is not None
    return result


def _number_dtype(value: object) -> dtypes.dtype:
    kinds = ((bool, dtypes.bool), (int, dtypes.int64), (float, dtypes.float32), (complex, dtypes.complex64))
    for kind, result in kinds:
        if isinstance(value, kind):
            return result
    raise ShapeError(f"needs a tensor or a number, but receives {value!r}")


def _binary(symbol: str) -> Callable[[Any, Any], Tensor]:
    def call(a: Any, b: Any) -> Tensor:
        dtype = result_type(a, b)
        kinds = [_number_dtype(v) if not isinstance(v, Tensor) else v.dtype for v in (a, b)]
        if symbol == "-" and dtypes.bool in kinds:
            raise ShapeError("is not defined for a bool tensor", fix="^ or logical_xor")
        if symbol in ("//", "%") and dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
            raise ShapeError(f"is not defined for {dtype.name}")
        if symbol == "**" and dtype is dtypes.bool and b is not True:
            raise ShapeError("is not defined for bool")
        if symbol == "/" and dtype.kind < dtypes.FLOATING:
            dtype = dtypes.float32
        shapes = (operand.shape for operand in (a, b) if isinstance(operand, Tensor))
        return new(broadcast_shapes(*shapes), dtype)

    call.__name__ = symbol
    return operation(call)


_OPERATORS = {symbol: _binary(symbol) for symbol in ("+", "-", "*", "/", "//", "%", "**")}


def _arithmetic(symbol: str, a: Any, b: Any) -> Tensor:
    return _OPERATORS[symbol](a, b)
