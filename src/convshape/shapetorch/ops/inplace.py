"""In-place operations: ``x.add_(y)``, ``x += y``, ``x[0] = y``."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import SEQUENCES, is_numpy_bool, shape
from ..arguments import size as _sizes
from ..layout import OWN, alone
from ..operation import BOTH, METHOD, Unknown, declaring, known_of, rule_of
from ..operation import named as named_rule
from ..tensor import (
    UNKNOWN,
    Tensor,
    broadcast_shapes,
    check_value,
    new,
    number_dtype,
    packed,
    tensor,
)
from . import indexing, matrices, pointwise, rearranging, reductions, scattering, views

#: Declares what writes into its first tensor.
writing = declaring(layout=OWN, field=Unknown("it writes over what it had"), spaces=METHOD)


def _fit(self: Tensor, result: Tensor) -> Tensor:
    """Check that `result` has a shape and dtype that a tensor can have, and return that."""
    if result.shape != self.shape:
        raise ShapeError(
            f"works in place, but its result is {shape(result.shape)} and its tensor "
            f"{shape(self.shape)}"
        )
    if not dtypes.can_cast(result.dtype, self.dtype):
        raise ShapeError(
            f"works in place, but its result is {result.dtype.name} and its tensor "
            f"{self.dtype.name}"
        )
    return self


def _write(self: Tensor, result: Tensor) -> Tensor:
    """Check that `result` can be written into a tensor, and return that."""
    return alone(_fit(self, result))


def _write_exactly(self: Tensor, result: Tensor) -> Tensor:
    """Return the tensor, if `result` has its dtype, where torch does not convert dtypes."""
    if result.dtype is not self.dtype:
        raise ShapeError(
            f"works in place, but its result is {result.dtype.name} and its tensor "
            f"{self.dtype.name}"
        )
    return _write(self, result)


def _write_numbers(self: Tensor, result: Tensor) -> Tensor:
    """Check as `_write`; of integers nothing is written."""
    return _fit(self, result) if self.dtype.kind < dtypes.FLOATING else _write(self, result)


def _write_if_known(self: Tensor, result: Tensor) -> Tensor:
    """Check as `_write`, but that torch takes some expanded tensors and others not."""
    _fit(self, result)
    try:
        return alone(self)
    except ShapeError as error:
        raise UnknownOperation(error.what, fix=error.fix) from None


def _become(self: Tensor, result: Tensor) -> Tensor:
    """Give a tensor the shape of `result`, and return it."""
    self.shape, self.memory = result.shape, result.memory
    return self


def _in_place(
    name: str, function: Any, finish: Callable[[Tensor, Tensor], Tensor]
) -> Callable[..., Tensor]:
    compute = rule_of(function)

    def call(self: Tensor, *args: Any, **named: Any) -> Tensor:
        return finish(self, compute(tensor("input", self), *args, **named))

    call.__doc__ = f"As `{name[:-1]}`, in place of the tensor itself, whose shape and dtype stay."
    known = known_of(function)
    facts = {
        "macs": known.macs,
        "spaces": BOTH if name[:-1] in _FUNCTIONS else METHOD,
        "names": {"input": "self", **known.names},
        "numbers": known.numbers,
        "older": known.older,
        "stars": known.stars,
    }
    if known.field == "pointwise":
        facts["field"] = "in_place"
    return writing(**facts)(named_rule(name, call))


#: Of the operations in place, those that are functions too.
_FUNCTIONS = frozenset(
    "abs acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh ceil clamp "
    "clamp_max clamp_min clip conj_physical cos cosh deg2rad detach erf erfc exp exp2 expm1 fix "
    "floor frac gcd i0 lcm log log10 log1p log2 logit nan_to_num neg negative rad2deg reciprocal "
    "relu round rsqrt sigmoid sin sinc sinh sqrt square tan tanh trunc xlogy".split()
)
#: The operations that work in place too: where they are, and what becomes of their results.
_TWINS: tuple[tuple[Any, Callable[[Tensor, Tensor], Tensor], str], ...] = (
    (
        pointwise,
        _write,
        "acos acosh add addcdiv addcmul arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin "
        "asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_not bitwise_or "
        "bitwise_right_shift bitwise_xor ceil clamp clamp_max clamp_min clip conj_physical "
        "copysign cos cosh deg2rad detach digamma div divide eq erf erfc erfinv exp exp2 expm1 "
        "fix floor floor_divide fmod frac gcd ge greater greater_equal gt heaviside hypot i0 "
        "igamma igammac lcm ldexp le lerp less less_equal lgamma log log10 log1p log2 logical_and "
        "logical_not logical_or logical_xor logit lt mul multiply mvlgamma ne neg negative "
        "nextafter not_equal pow rad2deg reciprocal relu remainder round rsqrt sgn sigmoid sign "
        "sin sinc sinh sqrt square sub subtract tan tanh true_divide trunc xlogy",
    ),
    (matrices, _write, "addr"),
    (
        scattering,
        _write,
        "index_add index_copy index_reduce masked_scatter put scatter scatter_add scatter_reduce",
    ),
    (reductions, _write, "renorm"),
    (pointwise, _write_exactly, "abs absolute float_power"),
    (scattering, _fit, "index_fill masked_fill"),  # one value everywhere: into expanded ones too
    (pointwise, _write_numbers, "nan_to_num"),
    (rearranging, _write_if_known, "tril triu"),
    (scattering, _write_if_known, "index_put"),
    (views, _become, "squeeze swapaxes swapdims t transpose unsqueeze"),
)
globals().update(
    {
        f"{name}_": _in_place(f"{name}_", getattr(module, name), finish)
        for module, finish, names in _TWINS
        for name in names.split()
    }
)
polygamma_ = _in_place("polygamma_", pointwise.polygamma_of, _write)


@writing(macs="added_product", older=matrices.SCALES)
def addmm_(self: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """Add a product of matrices, in place of the tensor itself."""
    return _write(self, rule_of(matrices.addmm)(self, mat1, mat2, beta=beta, alpha=alpha))


@writing(macs="added_product", older=matrices.SCALES)
def addbmm_(
    self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    """Add the sum of products of matrices to the tensor, which becomes as large as the sum."""
    result = rule_of(matrices.addbmm)(self, batch1, batch2, beta=beta, alpha=alpha)
    if result.shape == self.shape or (not self.shape and result.numel() == 1):
        return _write(self, result)
    result.memory = UNKNOWN
    return _become(self, result)


@writing(macs="added_product", spaces=BOTH, older=matrices.SCALES)
def addmv_(self: Tensor, mat: Tensor, vec: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """Add a product of a matrix and a vector, in place of the tensor itself."""
    _fit(self, rule_of(matrices.mv)(mat, vec))
    _fit(self, rule_of(matrices.addmv)(self, mat, vec, beta=beta, alpha=alpha))
    return alone(self) if beta and not mat.numel() else self


#: With this many products torch uses matrix libraries, which check that the result is writable.
_MANY_PRODUCTS = 400


@writing(macs="added_product", older=matrices.SCALES)
def baddbmm_(
    self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1
) -> Tensor:
    """Add products of matrices, in place of the tensor itself."""
    _fit(self, rule_of(matrices.baddbmm)(self, batch1, batch2, beta=beta, alpha=alpha))
    inner = batch1.shape[2]
    if not inner:
        return alone(self) if beta else self
    if self.numel() and inner * prod(self.shape[1:]) >= _MANY_PRODUCTS:
        alone(rule_of(indexing.getitem)(self, 0))
    return self


def _running(name: str) -> Callable[..., Tensor]:
    rule = rule_of(getattr(reductions, name))

    def call(self: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
        """Make running totals along `dim`, in place of the tensor itself."""
        result = rule(self, dim, dtype=dtype)
        if dtype is not None:
            return _write_exactly(self, result)
        return _write(self, result) if self.numel() and self.shape else alone(self)

    return writing(macs=None)(named_rule(f"{name}_", call))


cumsum_, cumprod_ = map(_running, ("cumsum", "cumprod"))


@writing(macs=None)
def copy_(self: Tensor, other: Any, non_blocking: bool = False) -> Tensor:
    """Copy `other`, a number or a tensor that expands to this shape, of any dtype.

    Raises:
        ShapeError: `other` does not expand to the shape.
    """
    if not isinstance(other, Tensor):
        number_dtype(other)
    elif broadcast_shapes(self.shape, other.shape) != self.shape:
        raise ShapeError(f"cannot copy {shape(other.shape)} into {shape(self.shape)}")
    return alone(self)


@writing(macs=None, field="in_place", spaces=BOTH, names={"input": "self"})
def fill_(self: Tensor, value: Any) -> Tensor:
    """Set each element to `value`, a number or a scalar."""
    result = rule_of(pointwise.fill)(self, value)
    return _write(self, result) if isinstance(value, Tensor) else self


@writing(macs=None, spaces=BOTH, names={"input": "self"})
def zero_(self: Tensor) -> Tensor:
    """Set each element to 0."""
    return tensor("input", self)


@writing(macs=None)
def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Set the diagonal of a matrix, or of a cube of any number of dimensions, to a number."""
    check_value(fill_value, self.dtype)
    if self.ndim < 2 or (self.ndim > 2 and any(n != self.shape[0] for n in self.shape)):
        raise ShapeError(
            f"expects a matrix, or a cube of more dimensions, but receives {shape(self.shape)}"
        )
    return self


@writing(macs=None)
def share_memory_(self: Tensor) -> Tensor:
    """Leave the tensor as it is: there is no memory to share."""
    return self


@writing(macs=None)
def resize_(self: Tensor, *size: Any, memory_format: Any = None) -> Tensor:
    """Give the tensor another shape, with more elements or fewer."""
    resized = new(
        _sizes(size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size),
        self.dtype,
    )
    return _resized(self, resized, memory_format)


def _resized(self: Tensor, resized: Tensor, memory_format: Any) -> Tensor:
    if memory_format is not None or (self.shape != resized.shape and self.memory is not None):
        resized.memory = UNKNOWN
    elif self.shape == resized.shape:
        resized.memory = self.memory
    return _become(self, resized)


def _from_memory(source: Tensor, *where: Any) -> Tensor:
    result: Tensor
    try:
        result = rule_of(views.as_strided)(source, *where)
    except ShapeError as error:  # torch makes a memory larger that is too short
        raise UnknownOperation(f"set_: {error.what}") from None
    return result


@writing(macs=None)
def set_(
    self: Tensor, source: Any = None, storage_offset: int = 0, size: Any = None, stride: Any = None
) -> Tensor:
    """Take the place of another tensor, of one dtype: its memory, and its shape unless given.

    Raises:
        ShapeError: the dtypes differ, or the memory is too short.
    """
    other = new((0,), self.dtype) if source is None else tensor("source", source)
    if other.dtype is not self.dtype:
        raise ShapeError(f"has elements of {self.dtype.name}, not {other.dtype.name}")
    if size is not None:
        steps = packed(tuple(size)) if stride is None or not size else stride
        other = _from_memory(other, size, steps, storage_offset)
    self.contents = other.contents
    return _become(self, other)


@writing(macs=None, spaces=BOTH)
def as_strided_(self: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """View the memory of the tensor in another way, in place of the tensor itself."""
    return _become(self, rule_of(views.as_strided)(self, size, stride, storage_offset))


@writing(macs=None)
def resize_as_(self: Tensor, the_template: Tensor, *, memory_format: Any = None) -> Tensor:
    """Give the tensor the shape of another, with more elements or fewer."""
    resized = new(tensor("the_template", the_template).shape, self.dtype)
    return _resized(self, resized, memory_format)


def _tensors_among(index: Any) -> list[Any]:
    """Return the indices that torch makes tensors of, and for which it converts no values."""
    items = index if isinstance(index, tuple) else (index,)
    return [
        item
        for item in items
        if isinstance(item, SEQUENCES)
        or type(item).__name__ == "ndarray"
        or (isinstance(item, bool) and items is index)
        or (isinstance(item, Tensor) and (item.shape or item.dtype.kind != dtypes.INTEGER))
    ]


def _is_mask(index: Any) -> bool:
    if isinstance(index, Tensor):
        return index.dtype is dtypes.bool and index.ndim > 0
    return isinstance(index, list) and any(isinstance(item, bool) for item in index)


def _check_conversion(input: Tensor, index: Any, value: Tensor) -> None:
    """Refuse a value of another dtype, unless it is one number for where a mask is true."""
    indices = _tensors_among(index)
    fills = value.numel() == 1 == len(indices) and _is_mask(indices[0])
    loses = value.dtype.is_complex and not input.dtype.is_complex
    if indices and (loses or not fills):
        raise ShapeError(f"needs a value of {input.dtype.name}, but receives {value.dtype.name}")


def _without_masks(index: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a subscript with all of the dimensions that its masks pick from."""
    masks = [isinstance(item, Tensor) and item.dtype is dtypes.bool for item in index]
    parts = [[slice(None)] * i.ndim if mask else [i] for i, mask in zip(index, masks, strict=True)]
    return tuple(part for items in parts for part in items)


def _put_picked(input: Tensor, mask: Any, value: indexing.Picked) -> None:
    """Put what a mask picks of another tensor where it picks of this one."""
    if value.tensor.dtype is not input.dtype:
        kinds = f"{input.dtype.name}, but receives {value.tensor.dtype.name}"
        raise ShapeError(f"needs a value of {kinds}")
    wanted, rest = (t.shape[value.mask.ndim :] for t in (input, value.tensor))
    if mask is not value.mask or len(rest) != len(wanted):
        raise value._unknown()
    if broadcast_shapes(wanted, rest) != wanted:
        raise ShapeError(f"cannot put {shape(rest)} into {shape(wanted)} for each that is picked")


@writing(macs=None, spaces="", takes_numpy=False)
def setitem(input: Tensor, index: Any, value: Any) -> None:
    """``input[index] = value``: a number, or a tensor that expands to what the index picks.

    Raises:
        ShapeError: as reading it; or the value does not expand to what is picked.
        UnknownOperation: the number of picked elements depends on data, and `value` has dimensions.
    """
    if isinstance(value, indexing.Picked):
        _put_picked(input, index, value)
        return
    one = not isinstance(value, Tensor)
    if type(value).__module__ == "numpy" and hasattr(value, "bit_count"):
        value = int(value)  # of NumPy's other numbers torch takes those that are Python's
    elif is_numpy_bool(value):
        raise ShapeError(f"needs a tensor or a number, but receives {value!r}", kind=TypeError)
    if one and (number_dtype(value).is_complex or input.dtype.kind < dtypes.FLOATING):
        check_value(value, input.dtype)  # floating-point numbers may become infinite here
    try:
        target = rule_of(indexing.getitem)(
            input, None if index is True else index
        )  # which is no mask here
    except UnknownOperation:
        if not one and value.numel() != 1:
            raise
        index = _without_masks(index)
        target = rule_of(indexing.getitem)(input, index)
    if isinstance(target, indexing.Picked):
        if one or value.numel() == 1:
            return
        raise target._unknown()
    picked = alone(target).shape
    if not one and index is not False:  # which picks nothing
        if value.dtype is not input.dtype:
            _check_conversion(input, index, value)
        sizes = value.shape
        # torch passes over ones in front
        while sizes and sizes[0] == 1 and len(sizes) > len(picked):
            sizes = sizes[1:]
        pairs = zip(reversed(sizes), reversed(picked), strict=False)
        if len(sizes) > len(picked) or not all(n in (1, m) for n, m in pairs):
            raise ShapeError(f"cannot put {shape(value.shape)} into {shape(picked)}")
