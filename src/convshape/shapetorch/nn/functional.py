"""The rules of the layers: what each accepts, and the shape that comes out.

Every function takes torch's arguments in torch's order and refuses with `ShapeError` what torch 2.13
refuses on the CPU. Sizes along an axis come from `convshape.sizes`, which has the equations.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ... import sizes
from ...errors import ShapeError
from .. import dtypes
from ..arguments import axis, flag, integers, number, per_axis, shape, tensor
from ..recording import operation
from ..tensor import broadcast_shapes, new, result_type

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from ..tensor import Tensor

    R = TypeVar("R")


def _spatial(input: Any, axes: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Split the shape ``(N, C, *size)`` or ``(C, *size)`` into what leads and the spatial sizes."""
    input = tensor("input", input)
    if input.ndim not in (axes + 1, axes + 2):
        example = shape((1, 3, *(32,) * axes))
        raise ShapeError(
            f"expects {axes + 2} dimensions ({_AXES[axes]}), or {axes + 1} "
            f"without the batch, but receives {input.ndim}: {shape(input.shape)}",
            fix=f"an input such as {example}",
        )
    return input.shape[:-axes], input.shape[-axes:]


_AXES = {1: "N, C, L", 2: "N, C, H, W", 3: "N, C, D, H, W"}
_RANKS = (1, 2, 3)


def _by_rank(name: str, make: Callable[[int], Callable[..., R]]) -> dict[int, Callable[..., R]]:
    """Make the one-, two- and three-dimensional members of a family, by their number of axes."""
    family = {}
    for axes in _RANKS:
        function = make(axes)
        function.__name__ = function.__qualname__ = name.format(axes)
        family[axes] = operation(function)
    return family


# Convolution


def _same_dtype(input: Tensor, weight: Tensor) -> None:
    if input.dtype is not weight.dtype:
        raise ShapeError(
            f"has {weight.dtype.name} weights, but receives {input.dtype.name}",
            fix=f"an input of {weight.dtype.name}",
        )


def _check_windows(weight: Tensor, groups: Any, stride: Any, padding: Any, dilation: Any) -> None:
    """Refuse what is wrong with a convolution, or a transposed one, whatever its input is."""
    if any(s <= 0 for s in stride):
        raise ShapeError(f"has stride {shape(stride)}, and a stride must be at least 1")
    if any(p < 0 for p in padding):
        raise ShapeError(f"has padding {shape(padding)}, and padding cannot be negative")
    if any(d <= 0 for d in dilation):
        raise ShapeError(f"has dilation {shape(dilation)}, and a dilation must be at least 1")
    if type(groups) is not int or groups < 1:
        raise ShapeError(f"needs groups as a positive int, but receives {groups!r}")
    if weight.shape[0] < groups or weight.shape[0] % groups:
        raise ShapeError(f"cannot divide {weight.shape[0]} filters among {groups} groups")


def _check_content(input: Tensor, weight: Tensor, bias: Tensor | None, lead: tuple[int, ...]) -> dtypes.dtype:
    """Check what torch does not look at where there is no batch or no channel; return the result's dtype."""
    if lead[-1] and not weight.numel():
        if 0 in weight.shape[2:]:
            raise ShapeError(f"has a kernel of {shape(weight.shape[2:])}, and a kernel must be at least 1")
        raise ShapeError(f"has no channels in its weights of {shape(weight.shape)}")
    if 0 in lead:
        if bias is not None or input.dtype.is_complex:
            _same_dtype(input, weight)
        # torch multiplies by the first weight where there is no batch, by no weight where there is no channel
        return result_type(input, new((1,) if not lead[-1] else (), weight.dtype))
    if 0 in input.shape:
        raise ShapeError(f"receives an empty input: {shape(input.shape)}")
    _same_dtype(input, weight)
    return input.dtype


def _check_bias(bias: Tensor | None, channels: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ShapeError(f"makes {channels} channels, but has a bias of {shape(bias.shape)}")


def _check_channels(input: Tensor, expected: int, lead: tuple[int, ...]) -> None:
    if lead[-1] != expected:
        raise ShapeError(
            f"expects {expected} channels, but receives {lead[-1]}: {shape(input.shape)}",
            change={"in_channels": lead[-1]},
        )


def _conv(axes: int) -> Callable[..., Tensor]:
    def conv(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:
        """Convolve ``(N, C, *size)`` with ``weight`` ``(out, C/groups, *kernel)`` to ``(N, out, *out_size)``.

        Each axis follows `convshape.sizes.conv_size`.

        Raises:
            ShapeError: the channels differ, or the kernel is larger than the padded input, or an argument is
                none that torch takes.
        """
        lead, size = _spatial(input, axes)
        kernel = tensor("weight", weight).shape[2:]
        stride = per_axis("stride", stride, axes)
        dilation = per_axis("dilation", dilation, axes)
        if len(kernel) != axes:
            raise ShapeError(f"needs a kernel of {axes} sizes, one for each axis, but has {len(kernel)}")
        checked_bias = bias
        if isinstance(padding, str):
            checked_bias = None  # torch forgets to, on this way
            if padding == "same":
                pads = [sum(sizes.same_padding(k, d)) for k, d in zip(kernel, dilation, strict=True)]
            elif padding == "valid":
                pads = [0] * axes
            else:
                raise ShapeError(f"has padding={padding!r}, which is none of 'same', 'valid' or a number")
            padded = tuple(n + p for n, p in zip(size, pads, strict=True))
            padding = (0,) * axes
        else:
            padding = per_axis("padding", padding, axes)
            padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
        _check_windows(weight, groups, stride, padding, dilation)
        _check_channels(input, weight.shape[1] * groups, lead)
        out = tuple(
            sizes.conv_size(n, k, s, 0, d)
            for n, k, s, d in zip(padded, kernel, stride, dilation, strict=True)
        )
        if min(out) < 1:
            reach = tuple(map(sizes.effective_kernel, kernel, dilation))
            dilated = f" (dilated to {shape(reach)})" if reach != kernel else ""
            raise ShapeError(
                f"has a kernel of {shape(kernel)}{dilated}, larger than its padded input {shape(padded)}"
            )
        _check_bias(bias, weight.shape[0])
        # Without input channels torch gives none out, whatever the number of filters.
        filters = weight.shape[0] if lead[-1] else 0
        return new((*lead[:-1], filters, *out), _check_content(input, weight, checked_bias, lead))

    return conv


CONV = _by_rank("conv{}d", _conv)
conv1d, conv2d, conv3d = CONV.values()


def _conv_transpose(axes: int) -> Callable[..., Tensor]:
    def conv_transpose(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Tensor:
        """Transposed convolution of ``(N, C, *size)`` with ``weight`` ``(C, out/groups, *kernel)``.

        Each axis follows `convshape.sizes.conv_transpose_size`.

        Raises:
            ShapeError: the channels differ, the output would be empty, the output padding is not smaller than
                stride or dilation, or an argument is none.
        """
        lead, size = _spatial(input, axes)
        kernel = tensor("weight", weight).shape[2:]
        stride = per_axis("stride", stride, axes)
        padding = per_axis("padding", padding, axes)
        output_padding = per_axis("output_padding", output_padding, axes)
        dilation = per_axis("dilation", dilation, axes)
        if len(kernel) != axes:
            raise ShapeError(f"needs a kernel of {axes} sizes, one for each axis, but has {len(kernel)}")
        _check_windows(weight, groups, stride, padding, dilation)
        _check_channels(input, weight.shape[0], lead)
        for extra, s, d in zip(output_padding, stride, dilation, strict=True):
            if extra < 0 or (extra >= max(s, d) and 0 not in lead):
                raise ShapeError(
                    f"has output_padding {shape(output_padding)}, which must be from 0 and smaller than the "
                    f"stride {shape(stride)} or the dilation {shape(dilation)}"
                )
        out = tuple(map(sizes.conv_transpose_size, size, kernel, stride, padding, output_padding, dilation))
        # Some of torch's backends let an output of 0 pass, others do not; which one works depends on threads.
        if min(out) < 1:
            raise ShapeError(f"would make an output of {shape(out)} from {shape(size)}, which is too small")
        _check_bias(bias, weight.shape[1] * groups)
        return new((*lead[:-1], weight.shape[1] * groups, *out), _check_content(input, weight, None, lead))

    return conv_transpose


CONV_TRANSPOSE = _by_rank("conv_transpose{}d", _conv_transpose)
conv_transpose1d, conv_transpose2d, conv_transpose3d = CONV_TRANSPOSE.values()


def output_padding_for(
    input: Tensor, output_size: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, axes: int
) -> tuple[int, ...]:
    """Return the output padding that gives a transposed convolution the wanted `output_size`.

    Raises:
        ShapeError: no output padding below the stride reaches it.
    """
    lead, size = _spatial(input, axes)
    wanted = integers("output_size", output_size)
    if len(wanted) == len(lead) + axes:
        wanted = wanted[len(lead) :]
    if len(wanted) != axes:
        raise ShapeError(f"needs {axes} sizes in output_size, but receives {len(wanted)}: {shape(wanted)}")
    kernel_size, stride, padding, dilation = (
        per_axis(name, value, axes)
        for name, value in (
            ("kernel_size", kernel_size),
            ("stride", stride),
            ("padding", padding),
            ("dilation", dilation),
        )
    )
    least = tuple(
        sizes.conv_transpose_size(n, k, s, p, 0, d)
        for n, k, s, p, d in zip(size, kernel_size, stride, padding, dilation, strict=True)
    )
    extra = tuple(w - low for w, low in zip(wanted, least, strict=True))
    if any(not 0 <= e < s for e, s in zip(extra, stride, strict=True)):
        most = tuple(low + s - 1 for low, s in zip(least, stride, strict=True))
        raise ShapeError(
            f"cannot make {shape(wanted)} from {shape(size)}: it reaches {shape(least)} to {shape(most)}"
        )
    return extra


# Pooling


def _pool(
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: Any,
    axes: int,
    bits: int = 32,
) -> tuple[int, ...]:
    """Return the shape that comes out of a pooling layer, which counts its windows in so many bits."""
    lead, size = _spatial(input, axes)
    kernel = per_axis("kernel_size", kernel_size, axes)
    stride = kernel if stride is None or stride in ((), []) else per_axis("stride", stride, axes)
    padding = per_axis("padding", padding, axes)
    dilation = per_axis("dilation", dilation, axes)
    ceil_mode = flag("ceil_mode", ceil_mode)
    for name, values in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if any(v < 1 for v in values):
            raise ShapeError(f"has {name} {shape(values)}, which must be at least 1")
        if bits == 32 and any(v >= 2**31 for v in values):
            raise ShapeError(f"has {name} {shape(values)}, and torch counts it in 32 bits")
    if any(p < 0 for p in padding):
        raise ShapeError(f"has padding {shape(padding)}, and padding cannot be negative")
    if any(p > k // 2 for p, k in zip(padding, kernel, strict=True)):
        raise ShapeError(
            f"has padding {shape(padding)}, more than half its kernel of {shape(kernel)}: "
            "a window could lie in the padding alone",
            change={"padding": tuple(min(p, k // 2) for p, k in zip(padding, kernel, strict=True))},
        )
    if 0 in lead[-1:] or 0 in size:
        raise ShapeError(f"receives an empty input: {shape(input.shape)}")
    out = tuple(
        sizes.pool_size(n, k, s, p, d, ceil_mode)
        for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True)
    )
    if min(out) < 1:
        padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
        raise ShapeError(f"has a kernel of {shape(kernel)}, larger than its padded input {shape(padded)}")
    return (*lead, *out)


def _max_pool(axes: int) -> Callable[..., Any]:
    def max_pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        """Maximum over windows of ``(N, C, *size)``; each axis follows `convshape.sizes.pool_size`.

        Returns the maxima, or with `return_indices` the maxima and their positions (int64).

        Raises:
            ShapeError: the kernel is larger than the padded input, the padding larger than half the kernel,
                or an argument is none.
        """
        bits = 64 if axes == 1 and not return_indices else 32
        out = _pool(input, kernel_size, stride, padding, dilation, ceil_mode, axes, bits)
        if input.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
            raise ShapeError(f"is not defined for {input.dtype.name}")
        if axes == 1 and not return_indices and input.dtype.kind != dtypes.FLOATING:
            raise ShapeError(f"is not defined for {input.dtype.name} unless with return_indices=True")
        result = new(out, input.dtype)
        return (result, new(out, dtypes.int64)) if return_indices else result

    return max_pool


MAX_POOL = _by_rank("max_pool{}d", _max_pool)
max_pool1d, max_pool2d, max_pool3d = MAX_POOL.values()


_AVERAGED_3D = (dtypes.float32, dtypes.float64, dtypes.int64)
_AVERAGED = (*_AVERAGED_3D, dtypes.float16, dtypes.bfloat16)


def _avg_pool(axes: int) -> Callable[..., Tensor]:
    def avg_pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Tensor:
        """Mean over windows of ``(N, C, *size)``; each axis follows `convshape.sizes.pool_size`.

        Raises:
            ShapeError: the kernel is larger than the padded input, the padding larger than half the kernel,
                the divisor is 0, or an argument is none.
        """
        out = _pool(input, kernel_size, stride, padding, 1, ceil_mode, axes)
        flag("count_include_pad", count_include_pad)
        if divisor_override is not None and (type(divisor_override) is not int or divisor_override == 0):
            raise ShapeError(
                f"needs divisor_override as an int other than 0, but receives {divisor_override!r}"
            )
        if axes == 3:
            size, kernel = input.shape[-3:], per_axis("kernel_size", kernel_size, 3)
            if any(n < k for n, k in zip(size, kernel, strict=True)):  # the padding does not help here
                raise ShapeError(f"has a kernel of {shape(kernel)}, larger than its input {shape(size)}")
        known = _AVERAGED_3D if axes == 3 else _AVERAGED
        if input.dtype not in known:
            raise ShapeError(f"is not defined for {input.dtype.name}")
        return new(out, input.dtype)

    return avg_pool


AVG_POOL = _by_rank("avg_pool{}d", _avg_pool)
avg_pool1d, avg_pool2d, avg_pool3d = AVG_POOL.values()


# Padding


@operation
def pad(input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """Pad the last axes: ``pad`` is (left, right) of the last axis, then of the one before it, and so on.

    Negative amounts cut off. ``reflect``, ``replicate`` and ``circular`` pad exactly the spatial axes of
    ``(N, C, *size)`` or ``(C, *size)``.

    Raises:
        ShapeError: an axis would be cut below nothing, or is too short to reflect or to wrap around.
    """
    input = tensor("input", input)
    amounts = integers("pad", pad)
    axes = len(amounts) // 2
    if len(amounts) % 2:
        raise ShapeError(f"needs two amounts for each axis, but receives {len(amounts)}: {amounts}")
    if axes > input.ndim:
        raise ShapeError(f"has amounts for {axes} axes, but its input has {input.ndim}: {shape(input.shape)}")
    if mode not in _PADDINGS:
        raise ShapeError(f"has mode={mode!r}, which is none of {', '.join(map(repr, _PADDINGS))}")
    if mode != "constant":
        if value is not None and value != 0:
            raise ShapeError(f"has mode={mode!r}, which takes no value, but value={value!r}")
        if axes not in _RANKS:
            raise ShapeError(f"pads 1, 2 or 3 axes with mode={mode!r}, not {axes}")
        lead, size = _spatial(input, axes)
        if mode != "circular" and (0 in lead[-1:] or 0 in size):
            raise ShapeError(f"receives an empty input: {shape(input.shape)}")
    head = input.shape[: input.ndim - axes]
    sides = list(zip(amounts[-2::-2], amounts[-1::-2], strict=True))
    out = tuple(
        _PADDINGS[mode](n, left, right)
        for n, (left, right) in zip(input.shape[len(head) :], sides, strict=True)
    )
    if mode in ("reflect", "replicate") and max(out) < 1:
        raise ShapeError(f"would leave nothing of {shape(input.shape)}")
    return new((*head, *out), input.dtype)


def _pad_constant(size: int, left: int, right: int) -> int:
    if size + min(left, 0) < 0 or size + min(left, 0) + min(right, 0) < 0:
        raise ShapeError(f"cannot cut {-min(left, 0)} and {-min(right, 0)} off an axis of {size}")
    return size + left + right


def _pad_replicate(size: int, left: int, right: int) -> int:
    if size + left + right < 0:
        raise ShapeError(f"cannot cut {-left - right} off an axis of {size}")
    return size + left + right


def _pad_reflect(size: int, left: int, right: int) -> int:
    if max(left, right) >= size:
        raise ShapeError(f"reflects {max(left, right)}, which must be less than the axis of {size}")
    return _pad_replicate(size, left, right)


def _pad_circular(size: int, left: int, right: int) -> int:
    if max(left, right) > size:
        raise ShapeError(f"wraps {max(left, right)} around, which is more than the axis of {size}")
    return _pad_replicate(size, left, right)


_PADDINGS = {
    "constant": _pad_constant,
    "reflect": _pad_reflect,
    "replicate": _pad_replicate,
    "circular": _pad_circular,
}


# Linear, normalisation, dropout


@operation
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiply the last dimension: ``(*, in_features)`` with ``weight`` ``(out_features, in_features)``.

    Raises:
        ShapeError: the last dimension is not `in_features`, or there is none.
    """
    input = tensor("input", input)
    if not input.shape:
        raise ShapeError("expects at least one dimension, but receives a scalar")
    *out_features, in_features = tensor("weight", weight).shape or (None,)
    if len(out_features) > 1 or in_features is None:
        raise ShapeError(f"needs weights of 1 or 2 dimensions, but has {shape(weight.shape)}")
    if input.shape[-1] != in_features:
        raise ShapeError(
            f"expects {in_features} features, but receives {input.shape[-1]}",
            change={"in_features": input.shape[-1]},
        )
    _same_dtype(input, weight)
    result = (*input.shape[:-1], *out_features)
    if bias is not None and broadcast_shapes(result, bias.shape) != result:
        raise ShapeError(f"makes {shape(result)}, to which its bias of {shape(bias.shape)} cannot be added")
    return new(result, input.dtype)


@operation
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel of ``(N, C, *)``; the shape stays.

    Raises:
        ShapeError: the channels are not those of the statistics or the weights, or while training a channel
            has a single value.
    """
    number("momentum", momentum)
    if number("eps", eps) < 0 or (training and eps == 0):
        raise ShapeError(f"has eps={eps!r}, which must be {'positive' if training else 'at least 0'}")
    if training and prod(input.shape[:1] + input.shape[2:]) == 1:
        raise ShapeError(
            f"needs more than one value a channel to take statistics of, but receives {shape(input.shape)}",
            fix="a larger batch, or eval mode with running statistics",
        )
    channels = input.shape[1]
    weights = [member for member in (weight, bias) if member is not None]
    members = [member for member in (running_mean, running_var) if member is not None] + weights
    if not input.numel():  # torch only multiplies by the first weight and adds the first bias
        if any(not member.shape[0] for member in weights):
            raise ShapeError("has no weight to multiply by")
        return new(input.shape, result_type(input, *(new(w.shape[1:], w.dtype) for w in weights)))
    for member in members:
        if member.shape != (channels,):
            raise ShapeError(
                f"expects {shape(member.shape)} channels, but receives {channels}: {shape(input.shape)}",
                change={"num_features": channels},
            )
    kinds = {member.dtype for member in members}
    mixed = kinds == {dtypes.float32} and input.dtype in (dtypes.float16, dtypes.bfloat16)
    if input.dtype.kind != dtypes.FLOATING or not (mixed or kinds <= {input.dtype}):
        has = " and ".join(sorted(kind.name for kind in kinds)) or "no"
        raise ShapeError(f"has {has} statistics and weights, but receives {input.dtype.name}")
    return new(input.shape, input.dtype)


def check_probability(p: Any) -> None:
    """Refuse a `p` that is no probability."""
    if number("p", p) < 0 or p > 1:
        raise ShapeError(f"has p={p!r}, and a probability is from 0 to 1")


@operation
def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero elements of a tensor of any shape; the shape stays.

    Raises:
        ShapeError: `p` is no probability.
    """
    check_probability(p)
    return tensor("input", input)


def _feature_dropout(name: str, least_dims: int) -> Callable[..., Tensor]:
    def feature_dropout(
        input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> Tensor:
        """Zero whole channels of ``(N, C, *)``; the shape stays.

        Raises:
            ShapeError: `p` is no probability, or there are too few dimensions to have channels.
        """
        check_probability(p)
        if training and p and input.numel() and input.ndim < least_dims:
            raise ShapeError(f"needs at least {least_dims} dimensions, but receives {input.ndim}")
        if name == "dropout1d" and input.ndim not in (2, 3):
            raise ShapeError(f"expects 2 or 3 dimensions (N, C, L), but receives {shape(input.shape)}")
        return tensor("input", input)

    feature_dropout.__name__ = feature_dropout.__qualname__ = name
    return operation(feature_dropout)


dropout1d = _feature_dropout("dropout1d", 2)
dropout2d = _feature_dropout("dropout2d", 2)
dropout3d = _feature_dropout("dropout3d", 1)


# Activations: the shape stays, and what they refuse is a dtype or a number


def _numeric(input: Any, *limits: float) -> Tensor:
    """Pass a tensor of integers or real floating-point numbers, which can hold the `limits`."""
    input = tensor("input", input)
    if input.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    if input.dtype is dtypes.uint8 and any(limit < 0 for limit in limits):
        raise ShapeError(f"has {min(limits)}, which uint8 cannot hold")
    return new(input.shape, input.dtype)


def _floating(input: Any) -> Tensor:
    """Pass a tensor of real floating-point numbers."""
    input = tensor("input", input)
    if input.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    return new(input.shape, input.dtype)


def _promoted(input: Any, of_bool: bool = True) -> Tensor:
    """Make floating-point numbers of integers, and pass the rest."""
    input = tensor("input", input)
    if input.dtype is dtypes.bool and not of_bool:
        raise ShapeError("is not defined for bool")
    return new(input.shape, dtypes.float32 if input.dtype.kind < dtypes.FLOATING else input.dtype)


@operation
def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """``max(0, x)``."""
    return _numeric(input)


@operation
def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """``min(max(0, x), 6)``."""
    return _numeric(input)


@operation
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """``x``, or ``negative_slope·x`` below 0."""
    number("negative_slope", negative_slope)
    return _floating(input)


@operation
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``x``, or ``alpha·(eˣ − 1)`` below 0."""
    number("alpha", alpha)
    return _floating(input)


@operation
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """A scaled `elu` that keeps mean and variance."""
    return _floating(input)


@operation
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``max(0, x) + min(0, alpha·(e^(x/alpha) − 1))``."""
    if number("alpha", alpha) == 0:
        raise ShapeError("cannot divide by alpha=0")
    return _floating(input)


@operation
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """``x·Φ(x)``, or its approximation by tanh."""
    if approximate not in ("none", "tanh"):
        raise ShapeError(f"has approximate={approximate!r}, which is neither 'none' nor 'tanh'")
    return _floating(input)


@operation
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """``x·σ(x)``."""
    return new(input.shape, input.dtype) if input.dtype.kind == dtypes.COMPLEX else _floating(input)


@operation
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x·tanh(softplus(x))``."""
    return _floating(input)


@operation
def sigmoid(input: Tensor) -> Tensor:
    """``1/(1 + e⁻ˣ)``."""
    return _promoted(input)


@operation
def tanh(input: Tensor) -> Tensor:
    """``tanh(x)``."""
    return _promoted(input)


@operation
def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """``log(1 + e^(beta·x))/beta``."""
    number("beta", beta)
    number("threshold", threshold)
    return _floating(input)


@operation
def softsign(input: Tensor) -> Tensor:
    """``x/(1 + |x|)``."""
    return _promoted(input, of_bool=False)


@operation
def tanhshrink(input: Tensor) -> Tensor:
    """``x − tanh(x)``."""
    return _promoted(input, of_bool=False)


@operation
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x`` moved `lambd` towards 0."""
    if number("lambd", lambd) < 0:
        raise ShapeError(f"has lambd={lambd!r}, which must be at least 0")
    return _floating(input)


@operation
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x``, or 0 within `lambd` of 0."""
    number("lambd", lambd)
    return _floating(input)


@operation
def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x·relu6(x + 3)/6``."""
    return _floating(input)


@operation
def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """``relu6(x + 3)/6``."""
    return _floating(input)


@operation
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """``min(max(min_val, x), max_val)``."""
    if number("min_val", min_val) > number("max_val", max_val):
        raise ShapeError(f"has min_val={min_val!r} above max_val={max_val!r}")
    return _numeric(input, min_val, max_val)


@operation
def logsigmoid(input: Tensor) -> Tensor:
    """``log(σ(x))``."""
    return _floating(input)


@operation
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """``x``, or `value` where it is not above `threshold`."""
    return _numeric(input, number("threshold", threshold), number("value", value))


@operation
def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """`leaky_relu` of a random slope."""
    if number("lower", lower) > number("upper", upper):
        raise ShapeError(f"has lower={lower!r} above upper={upper!r}")
    return _floating(input)


@operation
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """`leaky_relu` with learned slopes: one, or one for each channel of ``(N, C, *)``."""
    result = _floating(input)
    _same_dtype(input, weight)
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.numel() != 1 and (not input.shape or weight.numel() != channels):
        raise ShapeError(
            f"has {weight.numel()} slopes for {channels} channels: {shape(input.shape)}",
            change={"num_parameters": channels},
        )
    return result


def _softmax(name: str) -> Callable[..., Tensor]:
    def softmax(
        input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: dtypes.dtype | None = None
    ) -> Tensor:
        """Make the elements along `dim` positive with sum 1 (or their logarithms); the shape stays.

        Raises:
            ShapeError: there is no dimension `dim`.
        """
        input = tensor("input", input)
        if dim is not None:  # torch's own choice, where none is given, always exists
            axis("dim", dim, input.ndim)
        if name == "softmin" and input.dtype is dtypes.bool:
            raise ShapeError("is not defined for bool")
        if dtype is not None or not input.numel():
            return new(input.shape, dtype or input.dtype)
        return _floating(input)

    softmax.__name__ = softmax.__qualname__ = name
    return operation(softmax)


softmax = _softmax("softmax")
softmin = _softmax("softmin")
log_softmax = _softmax("log_softmax")
