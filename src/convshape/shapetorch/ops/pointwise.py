"""Elementwise operations: what they refuse is a dtype, or shapes that do not broadcast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import flag, number
from ..dtypes import BOOL, COMPLEX, FLOATING, INTEGER
from ..layout import (
    ELEMENTWISE,
    OWN,
    PACKED,
    PAIRWISE,
    PRESERVED,
    UNKNOWN_LAYOUT,
    elementwise_strides,
    follow_copy,
    is_channels_last,
    is_packed,
    is_unknown,
    lay,
    prefers_channels_last,
    strides,
)
from ..layout import channels_last as channels_last_strides
from ..operation import BOTH, FUNCTION, METHOD, Unknown, declaring, rule_of
from ..operation import named as named_rule
from ..tensor import (
    UNKNOWN,
    Tensor,
    broadcast_shapes,
    check_value,
    new,
    number_dtype,
    result_type,
    several,
    tensor,
)
from ..tensor_attributes import (
    RANKS,
    channels_last,
    channels_last_3d,
    check_memory_format,
    contiguous_format,
    preserve_format,
)
from ..tensor_attributes import device as Device

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from ..layout import Layout

    Rule = Callable[[dtypes.dtype], dtypes.dtype]

#: Declares an operation on each element alone.
pointwise = declaring(macs=None, field="pointwise")


def _of(*kinds: int) -> Rule:
    """Return the rule of an operation that is defined for these kinds of dtypes and keeps them."""

    def rule(dtype: dtypes.dtype) -> dtypes.dtype:
        if dtype.kind not in kinds:
            raise ShapeError(f"is not defined for {dtype.name}")
        return dtype

    return rule


def promotion(dtype: dtypes.dtype) -> dtypes.dtype:
    """Return the dtype of a result that is not an integer: float32 for integers and bools."""
    return dtype if dtype.kind >= FLOATING else dtypes.float32


def _bool(dtype: dtypes.dtype) -> dtypes.dtype:
    return dtypes.bool


def _then(first: Rule, second: Rule) -> Rule:
    return lambda dtype: second(first(dtype))


_any = _of(BOOL, INTEGER, FLOATING, COMPLEX)
_real = _of(BOOL, INTEGER, FLOATING)
_number = _of(INTEGER, FLOATING, COMPLEX)
_real_number = _of(INTEGER, FLOATING)
_floating = _of(FLOATING)
_real_promotion = _then(_real, promotion)
_truth = _then(_any, _bool)
_real_truth = _then(_real, _bool)

#: Operations on one tensor that keep its shape, by what they make of its dtype.
_UNARY: dict[Rule, str] = {
    _any: "nan_to_num sgn",
    _number: "neg negative",
    _real: "sign",
    _real_number: "ceil fix floor relu round trunc",
    _floating: "frac selu",
    _of(BOOL, INTEGER): "bitwise_not",
    promotion: (
        "acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cos cosh "
        "exp exp2 expm1 log log10 log1p log2 reciprocal rsqrt sigmoid sin sinc sinh sqrt tan tanh"
    ),
    _real_promotion: "deg2rad digamma erf erfc erfinv i0 lgamma logit rad2deg",
    _truth: "isfinite isinf isnan isreal logical_not",
    _real_truth: "isneginf isposinf signbit",
    _then(_number, dtypes.to_real): "abs absolute",
    _then(promotion, dtypes.to_real): "angle",
    lambda dtype: dtypes.int64 if dtype is dtypes.bool else dtype: "square",
}


def _unless(test: Callable[[Tensor, Sequence[Any]], bool], layout: Layout) -> Layout:
    """Return a layout that is unknown where `test` is true of the result and the arguments."""
    return lambda result, arguments: (
        UNKNOWN if test(result, arguments) or not layout else layout(result, arguments)
    )


def _is_complex(result: Tensor, arguments: Sequence[Any]) -> bool:
    return bool(arguments[0].dtype.is_complex)


def _is_converted(result: Tensor, arguments: Sequence[Any]) -> bool:
    """Return whether torch first converts a tensor, which makes a copy with its own strides."""
    return any(isinstance(v, Tensor) and v.dtype is not result.dtype for v in arguments)


def _unary(name: str, rule: Rule, names: Mapping[str, str] = {}) -> Callable[..., Tensor]:
    def call(input: Tensor, *args: Any, **named: Any) -> Tensor:
        """Work on each element; the shape stays.

        Raises:
            ShapeError: it is not defined for the dtype.
        """
        if (args or named) and name not in _WITH_NUMBERS:
            raise ShapeError("takes one tensor and nothing else")
        for value in (*args, *named.values()):
            if value is not None:
                number("its arguments", value)
        return new(input.shape, rule(input.dtype))

    layout = _UNARY_LAYOUT.get(name, ELEMENTWISE)
    spaces = FUNCTION if name == "selu" else BOTH
    return pointwise(layout=layout, spaces=spaces, names=names)(named_rule(name, call))


#: How those results lie in memory that are not simply made element by element.
_UNARY_LAYOUT: dict[str, Layout] = {
    **dict.fromkeys(("isfinite", "isinf", "isreal", "ndtr"), UNKNOWN_LAYOUT),
    **dict.fromkeys(("deg2rad", "rad2deg", "nan_to_num"), PRESERVED),
    **dict.fromkeys(("abs", "absolute", "angle"), _unless(_is_complex, ELEMENTWISE)),
    "square": _unless(_is_converted, ELEMENTWISE),
}
_WITH_NUMBERS = ("logit", "nan_to_num", "round")


def _same(name: str, rule: Rule) -> Callable[..., Tensor]:
    def call(input: Tensor) -> Tensor:
        """Return the same elements, where they lie."""
        rule(input.dtype)
        is_view = name == "detach" or (name == "conj" and input.dtype.is_complex)
        return input.data if is_view else input

    return pointwise(layout=OWN, copies=name == "detach")(named_rule(name, call))


conj, detach, resolve_conj, resolve_neg = (
    _same(name, _any) for name in ("conj", "detach", "resolve_conj", "resolve_neg")
)
positive = _same("positive", _number)


@pointwise(layout=ELEMENTWISE)
def conj_physical(input: Tensor) -> Tensor:
    """Change the sign of the imaginary parts; real numbers are returned as they are."""
    return new(input.shape, input.dtype) if input.dtype.is_complex else input


#: Operations on two operands that are expanded to each other: what they make of the dtype that both
#: convert to, and where a Python number may stand for a tensor.
_BINARY: dict[str, tuple[Rule, str]] = {
    **dict.fromkeys(("add", "mul", "multiply"), (_any, "either")),
    **dict.fromkeys(("sub", "subtract"), (_any, "either")),
    "rsub": (_any, "second"),
    **dict.fromkeys(("div", "divide", "true_divide"), (promotion, "either")),
    **dict.fromkeys(("floor_divide", "remainder"), (_real_number, "either")),
    "fmod": (_real_number, "second"),
    "pow": (_any, "either"),
    "float_power": (lambda d: dtypes.complex128 if d.kind == COMPLEX else dtypes.float64, "either"),
    **dict.fromkeys(("maximum", "minimum", "fmax", "fmin"), (_real, "")),
    **dict.fromkeys(("atan2", "arctan2"), (_real_promotion, "")),
    **dict.fromkeys(("hypot", "igamma", "igammac", "logaddexp2", "nextafter"), (_floating, "")),
    "ldexp": (promotion, ""),
    "logaddexp": (_of(FLOATING, COMPLEX), ""),
    "copysign": (_real_promotion, "second"),
    "xlogy": (_real_promotion, "either"),
    **dict.fromkeys(("eq", "ne", "not_equal"), (_truth, "second")),
    **dict.fromkeys(
        ("lt", "le", "gt", "ge", "less", "less_equal", "greater", "greater_equal"),
        (_real_truth, "second"),
    ),
    **dict.fromkeys(("logical_and", "logical_or", "logical_xor"), (_truth, "")),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor"), (_of(BOOL, INTEGER), "either")),
    **dict.fromkeys(("bitwise_left_shift", "bitwise_right_shift"), (_of(INTEGER), "either")),
    **dict.fromkeys(("gcd", "lcm"), (_of(INTEGER), "")),
}


def _check_bools(dtype: dtypes.dtype, other: Any, *kinds: dtypes.dtype) -> None:
    if dtypes.bool in kinds:
        raise ShapeError("is not defined for a bool tensor", fix="logical_xor")


def _check_power(dtype: dtypes.dtype, other: Any, *kinds: dtypes.dtype) -> None:
    if dtype is dtypes.bool and other is not True:
        raise ShapeError("is not defined for bool")
    if dtype.kind == INTEGER and not isinstance(other, Tensor) and other < 0:
        raise ShapeError(f"takes no integers to the power of {other}", fix="a tensor of float32")


def _check_scale(
    dtype: dtypes.dtype, other: Any, first: dtypes.dtype, second: dtypes.dtype
) -> None:
    if (first.kind == FLOATING and second is dtypes.bool) or (
        first.kind == COMPLEX and second is dtypes.float16 and other.shape
    ):
        raise ShapeError(f"is not defined for {first.name} and {second.name}")


#: What some operations refuse besides the refusals of their dtype: by the dtype that both operands
#: convert to, the second operand, and the dtypes of both.
_CHECKS: dict[str, Callable[..., None]] = {
    **dict.fromkeys(("sub", "subtract", "rsub"), _check_bools),
    "pow": _check_power,
    "ldexp": _check_scale,
}
_BINARY_LAYOUT: dict[str, Layout] = {
    "pow": _unless(_is_converted, lambda result, operands: _powers(result, operands)),
    "float_power": _unless(_is_converted, lambda result, operands: _powers(result, operands)),
    "ldexp": UNKNOWN_LAYOUT,
    "rsub": lambda result, operands: elementwise_strides(result, operands[1::-1]),
}


def _powers(result: Tensor, operands: Sequence[Any]) -> Any:
    """Return the strides of powers; those of a number are packed."""
    tensors = [v for v in operands[:2] if isinstance(v, Tensor)]
    return elementwise_strides(result, tensors) if isinstance(operands[0], Tensor) else None


#: Those that take a number by the name of a tensor.
_ARITHMETIC = "add mul multiply sub subtract div divide true_divide floor_divide".split()
#: Those whose second argument torch names otherwise.
_POWERS = {"exponent": "other"}
_BINARY_NAMES = {"pow": _POWERS, "float_power": _POWERS}


def _binary(
    name: str, rule: Rule, numbers: str, names: Mapping[str, str] = {}
) -> Callable[..., Tensor]:
    check = _CHECKS.get(name)

    def call(input: Any, other: Any, **named: Any) -> Tensor:
        """Combine each element of one operand with that of the other, both expanded to one shape.

        Raises:
            ShapeError: the shapes do not broadcast, or it is not defined for the dtypes.
        """
        if not isinstance(input, Tensor) and (numbers != "either" or not isinstance(other, Tensor)):
            tensor("input", input)
        if not isinstance(other, Tensor) and not numbers:
            tensor("other", other)
        operands = (input, other)
        kinds = [v.dtype if isinstance(v, Tensor) else number_dtype(v) for v in operands]
        dtype = result_type(input, other)
        if named:
            dtype = _named(name, rule, dtype, kinds, named)
        else:
            if check is not None:
                check(dtype, other, *kinds)
            dtype = rule(dtype)
        return new(broadcast_shapes(*(v.shape for v in operands if isinstance(v, Tensor))), dtype)

    spaces = FUNCTION if name == "rsub" else BOTH
    by_number = numbers == "either" and name not in _ARITHMETIC and not names
    return pointwise(
        layout=_BINARY_LAYOUT.get(name, PAIRWISE),
        spaces=spaces,
        names=names or _BINARY_NAMES.get(name, {}),
        numbers={"self": "input"} if by_number else {},
    )(named_rule(name, call))


def _named(
    name: str, rule: Rule, dtype: dtypes.dtype, kinds: list[dtypes.dtype], named: dict[str, Any]
) -> dtypes.dtype:
    """Return the dtype of ``add(alpha=)``, ``sub(alpha=)`` and ``div(rounding_mode=)``."""
    if name in ("div", "divide") and named.keys() == {"rounding_mode"}:
        mode = named["rounding_mode"]
        if mode is None:
            return rule(dtype)
        if mode not in ("floor", "trunc"):
            raise ShapeError(
                f"has rounding_mode={mode!r}, which is neither 'floor', 'trunc' nor None"
            )
        return _real_number(dtype)
    if name not in ("add", "sub", "subtract", "rsub") or named.keys() != {"alpha"}:
        raise ShapeError(f"has no argument {next(iter(named))!r}")
    alpha = named["alpha"]
    kind = number_dtype(alpha)
    if (kind is dtypes.bool and dtype is not dtypes.bool) or kind.kind > max(dtype.kind, INTEGER):
        raise ShapeError(f"has alpha={alpha!r} for {dtype.name}")
    if name != "add" and dtypes.bool in kinds:
        raise ShapeError("is not defined for a bool tensor", fix="logical_xor")
    return rule(dtype)


globals().update(
    {name: _unary(name, rule) for rule, names in _UNARY.items() for name in names.split()}
)
globals().update({name: _binary(name, *rule) for name, rule in _BINARY.items()})


#: A number of each kind: bool, integer, floating, complex.
_ANY_NUMBER = (True, 1, 1.0, 1j)


def _check_real(limit: Any) -> None:
    """Refuse a limit with an imaginary part; a complex one without is taken for a real one."""
    if isinstance(limit, Tensor):
        if limit.dtype.is_complex:
            raise UnknownOperation(
                "whether a limit is real depends on data, and convshape has shapes only"
            )
    elif number_dtype(limit).is_complex and limit.imag:
        raise ShapeError(f"takes real limits, but receives {limit!r}")


def _limited(result: Tensor, arguments: Sequence[Any]) -> Any:
    """Return the strides of a clamped tensor, which depend on the limits if all are tensors."""
    tensors = [v for v in arguments if isinstance(v, Tensor)]
    limits = sum(v is not None for v in arguments[1:])
    return elementwise_strides(result, tensors if len(tensors) > limits else tensors[:1])


@pointwise(layout=_unless(_is_converted, _limited))
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Limit each element to between `min` and `max`, numbers or tensors.

    Raises:
        ShapeError: neither is given, the shapes do not broadcast, or the dtype has no order.
    """
    limits = [limit for limit in (min, max) if limit is not None]
    if not limits:
        raise ShapeError("needs min, max or both")
    tensors = [v for v in (input, *limits) if isinstance(v, Tensor)]
    if len(tensors) > len(limits):
        dtype = (_real if len(limits) == 1 else _real_number)(result_type(*tensors))
    else:
        dtype = _limited_by_numbers(input, limits)
    return new(broadcast_shapes(*(t.shape for t in tensors)), dtype)


def _limited_by_numbers(input: Tensor, limits: list[Any]) -> dtypes.dtype:
    """Return the dtype if a limit is a number: torch then treats a scalar tensor as one, too."""
    if any(isinstance(v, Tensor) and v.shape for v in limits):
        raise ShapeError("needs min and max to be both numbers or both tensors")
    numbers = [_ANY_NUMBER[v.dtype.kind] if isinstance(v, Tensor) else v for v in limits]
    floats = input.dtype.kind == FLOATING
    dtype = input.dtype if floats else _real_number(result_type(input, *numbers))
    for limit in limits:
        _check_real(limit)
    return dtype


@pointwise(layout=OWN)
def clip(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """As `clamp`."""
    return clamp(input, min, max)


def _clamp_one(name: str, limited: str) -> Callable[..., Tensor]:
    def call(input: Tensor, limit: Any) -> Tensor:
        """Limit each element to one side of a number or tensor."""
        if not isinstance(limit, Tensor) and number_dtype(limit).is_complex:
            raise ShapeError(f"takes a real limit, but receives {limit!r}")
        return clamp(input, limit)

    return pointwise(layout=OWN, names={limited: "limit"})(named_rule(name, call))


clamp_min, clamp_max = _clamp_one("clamp_min", "min"), _clamp_one("clamp_max", "max")


@pointwise(layout=ELEMENTWISE)
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """``input + weight·(end − input)``.

    Raises:
        ShapeError: the dtypes differ or are not floating-point, or the shapes do not broadcast.
    """
    tensors = [input, end]
    dtype = input.dtype
    if not isinstance(weight, Tensor):
        if number_dtype(weight).is_complex and not dtype.is_complex:
            raise ShapeError(f"has weight={weight!r} for {dtype.name}")
    elif weight.shape:  # torch reads a scalar tensor as a number
        tensors.append(weight)
    else:
        dtype = result_type(input, weight)
    for other in tensors:
        if other.dtype is not input.dtype:
            kinds = f"{input.dtype.name} and {other.dtype.name}"
            raise ShapeError(f"needs one dtype, but receives {kinds}")
    sizes = broadcast_shapes(*(t.shape for t in tensors))
    if dtype.kind < FLOATING or (dtype is dtypes.complex32 and 0 not in sizes):
        raise ShapeError(f"is not defined for {dtype.name}")
    return new(sizes, dtype)


def _whole(dtype: dtypes.dtype) -> dtypes.dtype:
    if dtype is dtypes.complex32:
        raise ShapeError("is not defined for complex32")
    return dtype


def _add_product(name: str, rule: Rule) -> Callable[..., Tensor]:
    def call(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
        """Add ``value`` times the product, or quotient, of two tensors; all three broadcast."""
        tensors = (input, tensor1, tensor2)
        dtype = rule(result_type(*tensors))
        if name == "addcdiv" and tensor1.dtype.kind < FLOATING and tensor2.dtype.kind < FLOATING:
            raise ShapeError("divides no integers", fix="tensors of float32")
        if number_dtype(value).kind == COMPLEX != dtype.kind:
            raise ShapeError(f"has value={value!r} for {dtype.name}")
        return new(broadcast_shapes(*(t.shape for t in tensors)), dtype)

    return pointwise(layout=ELEMENTWISE)(named_rule(name, call))


addcmul = _add_product("addcmul", _number)
addcdiv = _add_product("addcdiv", _then(_of(FLOATING, COMPLEX), _whole))


@pointwise(layout=ELEMENTWISE)
def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: Any = False
) -> Tensor:
    """Tell where two tensors of one dtype are nearly equal."""
    if input.dtype is not other.dtype:
        kinds = f"{input.dtype.name} and {other.dtype.name}"
        raise ShapeError(f"compares one dtype, but receives {kinds}")
    if rtol < 0 or atol < 0:
        raise ShapeError("needs tolerances of at least 0")
    return new(broadcast_shapes(input.shape, other.shape), dtypes.bool)


#: Declares a method that converts to a dtype, a device or a memory format.
converting = declaring(layout=OWN, macs=None, field="same", spaces=METHOD)


def converted(input: Tensor, dtype: dtypes.dtype, memory_format: Any, copy: bool = False) -> Tensor:
    """Return a copy in a memory format, or the tensor where a copy would be the same."""
    check_memory_format(input.ndim, memory_format)
    if not copy and dtype is input.dtype and memory_format in (preserve_format, _format(input)):
        return input
    result = new(input.shape, dtype)
    if memory_format in RANKS:
        lay(result, channels_last_strides(input.shape))
    elif memory_format is preserve_format:
        follow_copy(result, input)
    return result


def _format(input: Tensor) -> Any:
    last = prefers_channels_last(input.shape, strides(input))
    return (channels_last if input.ndim == 4 else channels_last_3d) if last else contiguous_format


def _cast(name: str, dtype: dtypes.dtype) -> Callable[..., Tensor]:
    def call(input: Tensor, *, memory_format: Any = preserve_format) -> Tensor:
        """Convert each element to this dtype; the shape stays."""
        return converted(input, dtype, memory_format)

    return converting()(named_rule(name, call))


_CASTS = "bfloat16 bool cdouble cfloat chalf double float half int long short".split()
#: The methods that convert to a dtype.
CASTS = {name: _cast(name, getattr(dtypes, name)) for name in _CASTS} | {
    "byte": _cast("byte", dtypes.uint8),
    "char": _cast("char", dtypes.int8),
}


#: What `to` takes after a device, after a dtype and after a tensor.
_TO = {
    Device: ("device", "dtype", "non_blocking", "copy"),
    dtypes.dtype: ("dtype", "non_blocking", "copy"),
    Tensor: ("other", "non_blocking", "copy"),
}


@converting()
def to(input: Tensor, *args: Any, **named: Any) -> Tensor:
    """Convert to a dtype, or to that of another tensor; devices and memory formats change no shape.

    Raises:
        ShapeError: the arguments are none of ``(dtype)``, ``(device, dtype)`` and ``(other)``.
    """
    first = args[0] if args else None
    if isinstance(first, type):
        first = dtypes.as_dtype(first)
    names = next((names for kind, names in _TO.items() if isinstance(first, kind)), _TO[Device])
    taken = dict(zip(names, (first, *args[1:])[: len(args)], strict=False))
    if len(args) > len(names) or named.keys() - {*names[len(args) :], "memory_format"}:
        raise ShapeError("takes a dtype, a device and a dtype, or a tensor, then flags")
    taken |= named
    memory_format = taken.pop("memory_format", preserve_format)
    check_memory_format(input.ndim, memory_format)
    flag("non_blocking", taken.pop("non_blocking", False))
    copy = flag("copy", taken.pop("copy", False))
    if taken.get("device") is not None and Device(taken["device"]).index is not None:
        copy = True  # which is another device than that without a number
    dtype = tensor("other", taken["other"]).dtype if "other" in taken else taken.get("dtype")
    return converted(
        input, input.dtype if dtype is None else dtypes.as_dtype(dtype), memory_format, copy
    )


def _moved(name: str) -> Callable[..., Tensor]:
    def call(
        input: Tensor,
        device: Any = None,
        non_blocking: bool = False,
        memory_format: Any = preserve_format,
    ) -> Tensor:
        """Move to a device, which changes no shape."""
        return converted(input, input.dtype, memory_format)

    return converting()(named_rule(name, call))


cpu, cuda, pin_memory = map(_moved, ("cpu", "cuda", "pin_memory"))


def type_(input: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Return the type's name, ``torch.FloatTensor``, or convert to a dtype or a named type."""
    if dtype is None:
        return f"torch.{dtypes.TYPE_NAMES[input.dtype]}Tensor"
    return converted(input, dtypes.of_type(dtype), preserve_format)


type_.__name__ = "type"
#: Torch's `Tensor.type`, whose name Python's own has here.
type_of = converting()(type_)


@converting()
def contiguous(input: Tensor, *, memory_format: Any = contiguous_format) -> Tensor:
    """Copy where the elements do not lie in this order; the shape stays."""
    check_memory_format(input.ndim, memory_format)
    lies_so = is_channels_last if memory_format in RANKS else is_packed
    known = not is_unknown(input) or (
        0 in input.shape and lies_so is is_packed
    )  # as nothing always does
    if known and lies_so(input.shape, strides(input)):
        return input
    if memory_format is preserve_format:
        raise ShapeError("needs a memory_format to change to, but receives torch.preserve_format")
    return converted(input, input.dtype, memory_format, copy=True)


@pointwise(layout=OWN)
def clone(input: Tensor, *, memory_format: Any = preserve_format) -> Tensor:
    """Copy; the shape stays."""
    return converted(input, input.dtype, memory_format, copy=True)


@pointwise(layout=PRESERVED, spaces=FUNCTION, field=Unknown("its value may be a tensor"))
def fill(input: Tensor, value: Any) -> Tensor:
    """Make a tensor of the same shape and dtype filled with `value`, a number or scalar tensor."""
    if isinstance(value, Tensor):
        if value.shape:
            raise ShapeError(f"needs one value, but receives {value!r}")
    elif input.numel() != 1 or input.dtype.kind < FLOATING or number_dtype(value).is_complex:
        check_value(value, input.dtype)  # torch does not look whether one element can hold it
    return new(input.shape, input.dtype)


@converting()
def type_as(input: Tensor, other: Tensor) -> Tensor:
    """Convert to the dtype of `other`."""
    return converted(input, other.dtype, preserve_format)


@pointwise(layout=ELEMENTWISE, spaces=FUNCTION)
def complex(real: Tensor, imag: Tensor) -> Tensor:
    """Make complex numbers of two tensors of one dtype, expanded to each other."""
    return _pair(real, imag, (dtypes.float16, dtypes.float32, dtypes.float64))


@pointwise(layout=ELEMENTWISE, spaces=FUNCTION)
def polar(abs: Tensor, angle: Tensor) -> Tensor:
    """Make complex numbers of their lengths and angles, of one dtype and expanded to each other."""
    return _pair(abs, angle, (dtypes.float32, dtypes.float64))


def _pair(first: Any, second: Any, kinds: tuple[dtypes.dtype, ...]) -> Tensor:
    dtype = tensor("the first part", first).dtype
    if tensor("the second part", second).dtype is not dtype or dtype not in kinds:
        raise ShapeError(f"is not defined for {dtype.name} and {second.dtype.name}")
    return new(broadcast_shapes(first.shape, second.shape), dtypes.to_complex(dtype))


@pointwise(layout=ELEMENTWISE)
def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 below 0, 1 above 0, and `values` at 0, of one dtype and expanded to each other."""
    dtype = _real(input.dtype)
    if values.dtype is not dtype:
        raise ShapeError(f"needs one dtype, but receives {dtype.name} and {values.dtype.name}")
    return new(broadcast_shapes(input.shape, values.shape), dtype)


@pointwise(layout=ELEMENTWISE, spaces=FUNCTION)
def polygamma(n: int, input: Tensor) -> Tensor:
    """The `n`-th derivative of `digamma` at each element; the shape stays."""
    if n < 0:
        raise ShapeError(f"has n={n}, which must be at least 0")
    return new(input.shape, _real_promotion(input.dtype))


def _polygamma_of(input: Tensor, n: int) -> Tensor:
    """The `n`-th derivative of `digamma` at each element; the shape stays."""
    result: Tensor = rule_of(polygamma)(n, input)
    return result


_polygamma_of.__name__ = "polygamma"
#: Torch's `Tensor.polygamma`, whose arguments stand the other way round.
polygamma_of = pointwise(layout=ELEMENTWISE, spaces=METHOD)(_polygamma_of)


@pointwise(layout=PACKED)
def mvlgamma(input: Tensor, p: int) -> Tensor:
    """The logarithm of the gamma function of `p` dimensions at each element; the shape stays."""
    if p < 1:
        raise ShapeError(f"has p={p}, which must be at least 1")
    return new(input.shape, promotion(_real_number(input.dtype)))


_frexp = several("_frexp", "mantissa", "exponent")


@pointwise(layout=PRESERVED)
def frexp(input: Tensor) -> Any:
    """Take each element apart: a mantissa from 0.5 to 1, and an exponent of 2 of int32."""
    sizes = input.shape
    return _frexp(new(sizes, _floating(input.dtype)), new(sizes, dtypes.int32))
