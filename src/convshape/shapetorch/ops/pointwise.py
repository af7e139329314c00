"""Elementwise operations: what they refuse is a dtype, or shapes that do not broadcast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import NOT_GIVEN, integer, number, one_of
from ..dtypes import BOOL, COMPLEX, FLOATING, INTEGER
from ..layout import (
    ELEMENTWISE,
    OWN,
    PACKED,
    PAIRWISE,
    PRESERVED,
    UNKNOWN_LAYOUT,
    elementwise_strides,
)
from ..operation import BOTH, FUNCTION, METHOD, Unknown, declaring
from ..operation import named as named_rule
from ..tensor import (
    UNKNOWN,
    Tensor,
    broadcast_shapes,
    check_cast,
    check_value,
    new,
    number_dtype,
    result_type,
    several,
    tensor,
)

if TYPE_CHECKING:
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


def _then(first: Rule, second: Rule) -> Rule:
    return lambda dtype: second(first(dtype))


_any = _of(BOOL, INTEGER, FLOATING, COMPLEX)
_real = _of(BOOL, INTEGER, FLOATING)
_number = _of(INTEGER, FLOATING, COMPLEX)
_real_number = _of(INTEGER, FLOATING)
_floating = _of(FLOATING)
_real_promotion = _then(_real, promotion)
_truth, _real_truth = (_then(rule, lambda _: dtypes.bool) for rule in (_any, _real))

#: Operations on one tensor that keep its shape, by what they make of its dtype.
_UNARY: dict[Rule, str] = {
    _any: "nan_to_num sgn",
    _number: "neg negative",
    _real: "sign",
    _real_number: "ceil fix floor relu trunc",
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
        names = _NUMBERS.get(name, ())
        if len(args) > len(names) or not named.keys() <= {*names}:
            others = " and ".join(names) or "nothing else"
            raise ShapeError(f"takes one tensor and {others}", kind=TypeError)
        for value in (*args, *named.values()):
            if value is not None:
                number("its arguments", value)
        return new(input.shape, rule(input.dtype))

    return pointwise(
        layout=_UNARY_LAYOUT.get(name, ELEMENTWISE),
        spaces=FUNCTION if name == "selu" else BOTH,
        names=names,
    )(named_rule(name, call))


#: How those results lie in memory that are not simply made element by element.
_UNARY_LAYOUT: dict[str, Layout] = {
    **dict.fromkeys(("isfinite", "isinf", "isreal", "ndtr"), UNKNOWN_LAYOUT),
    **dict.fromkeys(("deg2rad", "rad2deg", "nan_to_num"), PRESERVED),
    **dict.fromkeys(("abs", "absolute", "angle"), _unless(_is_complex, ELEMENTWISE)),
    "square": _unless(_is_converted, ELEMENTWISE),
}
#: The numbers that some take after the tensor.
_NUMBERS = {"logit": ("eps",), "nan_to_num": ("nan", "posinf", "neginf")}


def _same(name: str, rule: Rule) -> Callable[..., Tensor]:
    def call(input: Tensor) -> Tensor:
        """Return the same elements, where they lie."""
        rule(input.dtype)
        is_view = name == "detach" or (name == "conj" and input.dtype.is_complex)
        return input.data if is_view else input

    return pointwise(layout=OWN, copies=name == "detach")(named_rule(name, call))


conj, detach = _same("conj", _any), _same("detach", _any)
resolve_conj, resolve_neg = _same("resolve_conj", _any), _same("resolve_neg", _any)
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
    if not isinstance(other, Tensor):
        check_value(other, dtype)


def _check_scale(
    dtype: dtypes.dtype, other: Any, first: dtypes.dtype, second: dtypes.dtype
) -> None:
    by_half = second is dtypes.float16 and other.shape
    if (first.kind == FLOATING and second is dtypes.bool) or (first.kind == COMPLEX and by_half):
        raise ShapeError(f"is not defined for {first.name} and {second.name}")


#: What some operations refuse besides the refusals of their dtype: by the dtype that both operands
#: convert to, the second operand, and the dtypes of both.
def _check_divisor(dtype: dtypes.dtype, other: Any, *kinds: Any) -> None:
    if dtype.kind < FLOATING and not isinstance(other, Tensor) and other == 0:
        raise ShapeError(f"divides {dtype.name} by 0")


_CHECKS: dict[str, Callable[..., None]] = {
    **dict.fromkeys(("floor_divide", "remainder", "fmod"), _check_divisor),
    **dict.fromkeys(("sub", "subtract", "rsub"), _check_bools),
    "pow": _check_power,
    "ldexp": _check_scale,
}


def _powers(result: Tensor, operands: Sequence[Any]) -> Any:
    """Return the strides of powers; those of a number are packed."""
    tensors = [v for v in operands[:2] if isinstance(v, Tensor)]
    return elementwise_strides(result, tensors) if isinstance(operands[0], Tensor) else None


_BINARY_LAYOUT: dict[str, Layout] = {
    **dict.fromkeys(("pow", "float_power"), _unless(_is_converted, _powers)),
    "ldexp": UNKNOWN_LAYOUT,
    "rsub": lambda result, operands: elementwise_strides(result, operands[1::-1]),
}
#: Those that take a number by the name of a tensor.
_ARITHMETIC = "add mul multiply sub subtract div divide true_divide floor_divide".split()
#: Those whose second argument torch names otherwise.
_BINARY_NAMES = {name: {"exponent": "other"} for name in ("pow", "float_power")}


def _binary(
    name: str, rule: Rule, numbers: str, names: Mapping[str, str] = {}
) -> Callable[..., Tensor]:
    check = _CHECKS.get(name)

    def call(input: Any, other: Any, *alpha: Any, **named: Any) -> Tensor:
        """Combine each element of one operand with that of the other, both expanded to one shape.

        Raises:
            ShapeError: the shapes do not broadcast, or it is not defined for the dtypes.
        """
        if alpha:
            named |= _scale(name, other, *alpha)
        by_numbers = numbers == "either" and (name in _ARITHMETIC or isinstance(other, Tensor))
        if not isinstance(input, Tensor) and not by_numbers:
            tensor("input", input)
        if not isinstance(other, Tensor) and not numbers:
            tensor("other", other)
        operands = (input, other)
        kinds = [v.dtype if isinstance(v, Tensor) else number_dtype(v) for v in operands]
        dtype = result_type(input, other)
        dtype_rule = _rule_given(name, rule, dtype, named) if named else rule
        if check is not None:
            check(dtype, other, *kinds)
        dtype = dtype_rule(dtype)
        return new(broadcast_shapes(*(v.shape for v in operands if isinstance(v, Tensor))), dtype)

    by_number = numbers == "either" and name not in _ARITHMETIC and not names
    return pointwise(
        layout=_BINARY_LAYOUT.get(name, PAIRWISE),
        spaces=FUNCTION if name == "rsub" else BOTH,
        names=names or _BINARY_NAMES.get(name, {}),
        numbers={"self": "input"} if by_number else {},
        older=("alpha",) if name in ("add", "sub") else (),
    )(named_rule(name, call))


def _scale(name: str, other: Any, alpha: Any = NOT_GIVEN, *more: Any) -> dict[str, Any]:
    """Return what is given by place after two operands: the scale of a number."""
    if more or isinstance(other, Tensor):
        raise ShapeError("takes two operands, and the scale by name", kind=TypeError, fix="alpha=")
    return {"alpha": alpha}


def _rule_given(name: str, rule: Rule, dtype: dtypes.dtype, named: dict[str, Any]) -> Rule:
    """Return the rule of ``add(alpha=)``, ``sub(alpha=)`` and ``div(rounding_mode=)``."""
    if name in ("div", "divide") and named.keys() == {"rounding_mode"}:
        mode = named["rounding_mode"]
        one_of("rounding_mode", mode, ("floor", "trunc", None))
        return rule if mode is None else _real_number
    if name not in ("add", "sub", "subtract", "rsub") or named.keys() != {"alpha"}:
        raise ShapeError(f"has no argument {next(iter(named))!r}")
    alpha = named["alpha"]
    kind = number_dtype(alpha)
    if (kind is dtypes.bool and dtype is not dtypes.bool) or kind.kind > max(dtype.kind, INTEGER):
        raise ShapeError(f"has alpha={alpha!r} for {dtype.name}")
    if not isinstance(alpha, Tensor):
        check_value(alpha, dtype)
    return rule


globals().update(
    {name: _unary(name, rule) for rule, names in _UNARY.items() for name in names.split()}
)


@pointwise(layout=ELEMENTWISE)
def round(input: Tensor, *, decimals: Any = NOT_GIVEN) -> Tensor:
    """Round each element, to a number of decimals."""
    if decimals is NOT_GIVEN:
        return new(input.shape, _real_number(input.dtype))
    integer("decimals", decimals)
    return new(input.shape, _floating(input.dtype))


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
        if not isinstance(limit, Tensor):
            check_value(limit, dtype)
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
        return clamp(input, **{limited: limit})

    return pointwise(layout=OWN, names={limited: "limit"})(named_rule(name, call))


clamp_min, clamp_max = _clamp_one("clamp_min", "min"), _clamp_one("clamp_max", "max")


def _check_one_dtype(first: Tensor, second: Tensor, verb: str = "needs") -> None:
    if first.dtype is not second.dtype:
        kinds = f"{first.dtype.name} and {second.dtype.name}"
        raise ShapeError(f"{verb} one dtype, but receives {kinds}")


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
        _check_one_dtype(input, other)
    sizes = broadcast_shapes(*(t.shape for t in tensors))
    if dtype.kind < FLOATING or (dtype is dtypes.complex32 and 0 not in sizes):
        raise ShapeError(f"is not defined for {dtype.name}")
    return new(sizes, dtype)


def _not_complex32(dtype: dtypes.dtype) -> dtypes.dtype:
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
        if not isinstance(value, Tensor):
            check_cast(value, dtype)
        elif number_dtype(value).kind == COMPLEX != dtype.kind:
            raise ShapeError(f"has value={value!r} for {dtype.name}")
        return new(broadcast_shapes(*(t.shape for t in tensors)), dtype)

    return pointwise(layout=ELEMENTWISE, older=("value",))(named_rule(name, call))


addcmul = _add_product("addcmul", _number)
addcdiv = _add_product("addcdiv", _then(_of(FLOATING, COMPLEX), _not_complex32))


@pointwise(layout=ELEMENTWISE)
def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Tell where two tensors of one dtype are nearly equal."""
    _check_one_dtype(input, other, "compares")
    if rtol < 0 or atol < 0:
        raise ShapeError("needs tolerances of at least 0")
    return new(broadcast_shapes(input.shape, other.shape), dtypes.bool)


@pointwise(layout=PRESERVED, spaces=FUNCTION, field=Unknown("its value may be a tensor"))
def fill(input: Tensor, value: Any) -> Tensor:
    """Make a tensor of the same shape and dtype filled with `value`, a number or scalar tensor."""
    if isinstance(value, Tensor):
        if value.shape:
            raise ShapeError(f"needs one value, but receives {value!r}")
    elif input.numel() != 1 or input.dtype.kind < FLOATING or number_dtype(value).is_complex:
        check_value(value, input.dtype)  # torch does not look whether one element can hold it
    return new(input.shape, input.dtype)


def _pair(first: Tensor, second: Tensor, *kinds: dtypes.dtype) -> Tensor:
    if first.dtype is not second.dtype or first.dtype not in kinds:
        raise ShapeError(f"is not defined for {first.dtype.name} and {second.dtype.name}")
    return new(broadcast_shapes(first.shape, second.shape), dtypes.to_complex(first.dtype))


@pointwise(layout=ELEMENTWISE, spaces=FUNCTION)
def complex(real: Tensor, imag: Tensor) -> Tensor:
    """Make complex numbers of two tensors of one dtype, expanded to each other."""
    return _pair(real, imag, dtypes.float16, dtypes.float32, dtypes.float64)


@pointwise(layout=ELEMENTWISE, spaces=FUNCTION)
def polar(abs: Tensor, angle: Tensor) -> Tensor:
    """Make complex numbers of their lengths and angles, of one dtype and expanded to each other."""
    return _pair(abs, angle, dtypes.float32, dtypes.float64)


@pointwise(layout=ELEMENTWISE)
def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 below 0, 1 above 0, and `values` at 0, of one dtype and expanded to each other."""
    dtype = _real(input.dtype)
    _check_one_dtype(input, values)
    return new(broadcast_shapes(input.shape, values.shape), dtype)


@pointwise(layout=ELEMENTWISE, spaces=FUNCTION)
def polygamma(n: int, input: Tensor) -> Tensor:
    """The `n`-th derivative of `digamma` at each element; the shape stays."""
    if n < 0:
        raise ShapeError(f"has n={n}, which must be at least 0")
    return new(input.shape, _real_promotion(input.dtype))


def _polygamma_of(input: Tensor, n: int) -> Tensor:
    """The `n`-th derivative of `digamma` at each element; the shape stays."""
    return polygamma(n, input)


#: Torch's `Tensor.polygamma`, whose arguments stand the other way round.
polygamma_of = pointwise(layout=ELEMENTWISE, spaces=METHOD)(named_rule("polygamma", _polygamma_of))


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
    return _frexp(new(input.shape, _floating(input.dtype)), new(input.shape, dtypes.int32))
