"""Convolution and transposed convolution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd
from typing import Any

from .... import sizes
from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, per_axis, shape
from ...layout import format_strides, is_odd
from ...memoize import remembered
from ...tensor import UNKNOWN, Memory, Tensor, new, result_type
from ...tensor_attributes import Size
from .common import (
    by_rank,
    check_least,
    check_nonempty,
    kernel_too_large,
    output_sizes,
    same_dtype,
    spatial,
    split,
)


def _check_windows(weight: Ints, groups: Any, stride: Ints, padding: Ints, dilation: Ints) -> None:
    """Refuse what is wrong with a convolution, or a transposed one, whatever its input is."""
    if len(weight) - 2 != len(stride):
        raise ShapeError(
            f"needs a kernel of {len(stride)} sizes, one for each axis, but has {len(weight[2:])}"
        )
    check_least(1, "and a stride must be at least 1", stride=stride)
    check_least(0, "and padding cannot be negative", padding=padding)
    check_least(1, "and a dilation must be at least 1", dilation=dilation)
    if type(groups) is not int or groups < 1:
        raise ShapeError(f"needs groups as a positive int, but receives {groups!r}")
    if weight[0] < groups or weight[0] % groups:
        raise ShapeError(f"cannot divide {weight[0]} filters among {groups} groups")


def _check_channels(input: Ints, axes: int, expected: int, groups: int) -> None:
    channels = input[-axes - 1]
    if channels != expected:
        raise ShapeError(
            f"expects {expected} channel{'s' * (expected != 1)}, but receives {channels}: "
            f"{shape(input)}",
            change={"in_channels": channels},
            or_change={"in_channels": channels, "groups": gcd(channels, groups)},
        )


def _check_bias(bias: Tensor | None, channels: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ShapeError(f"makes {channels} channels, but has a bias of {shape(bias.shape)}")


def _dtype(
    input: Tensor, weight: Tensor, bias: Tensor | None, lead: Ints, strict: bool, dense: bool
) -> dtypes.dtype:
    """Return the dtype of a convolution, by weights that torch checks unless nothing comes in.

    It looks at the dtype of the bias always (`strict`), or only so far as its backends do; and it
    has a backend for small integers where the window is `dense`.
    """
    if lead[-1] and 0 in weight.shape:
        if 0 in weight.shape[2:]:
            raise _empty_kernel(weight.shape[2:])
        raise ShapeError(f"has no channels in its weights of {shape(weight.shape)}")
    kind = input.dtype
    if 0 in input.shape:
        if 0 in lead:
            return _dtype_of_nothing(input, weight, bias, lead, strict)
        check_nonempty(input, *input.shape)
    same_dtype(input, weight)
    if bias is not None:  # some of torch's backends add any other bias
        same_dtype(input, bias, "a bias")
    if kind is dtypes.bool or (
        kind.kind == dtypes.INTEGER and kind is not dtypes.int64 and not dense
    ):
        raise ShapeError(f"is not defined for {kind.name}", fix="an input of float32")
    return kind


def _dtype_of_nothing(
    input: Tensor, weight: Tensor, bias: Tensor | None, lead: Ints, strict: bool
) -> dtypes.dtype:
    """Return the dtype without a batch, of a product by the first weight, or without a channel."""
    result = result_type(input, new(() if lead[-1] else (1,), weight.dtype))
    if input.dtype.is_complex:
        same_dtype(input, weight)
        strict = True
    if bias is None or bias.dtype is input.dtype:
        return result
    if strict or bias.dtype.kind > result.kind:
        raise ShapeError(f"cannot add a bias of {bias.dtype.name} to {result.name}")
    return result


def _empty_kernel(kernel: Ints) -> ShapeError:
    return ShapeError(f"has a kernel of {shape(kernel)}, and a kernel must be at least 1")


def _padded(size: Ints, kernel: Ints, stride: Ints, padding: Any, dilation: Ints) -> Ints:
    """Return the spatial sizes with the padding, which may have a name."""
    if not isinstance(padding, str):
        return tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    if padding not in ("same", "valid"):
        raise ShapeError(f"has padding={padding!r}, which must be a number, 'same' or 'valid'")
    if padding == "valid":
        return size
    if max(stride) > 1:
        raise ShapeError(f"has padding='same', which keeps the size only at stride 1, not {stride}")
    pads = [sum(sizes.same_padding(k, d)) for k, d in zip(kernel, dilation, strict=True)]
    if min(pads) < -1:  # of a kernel of 0; torch halves -1 to 0
        raise _empty_kernel(kernel)
    return tuple(n + p for n, p in zip(size, pads, strict=True))


@remembered
def _convolve(
    input: Ints, weight: Ints, stride: Any, padding: Any, dilation: Any, groups: Any, axes: int
) -> tuple[Size, bool]:
    """Return the shape that a convolution makes of a shape, and whether its window has no gaps."""
    _, size = split(input, axes)
    kernel = weight[2:]
    stride = per_axis("stride", stride, axes)
    dilation = per_axis("dilation", dilation, axes)
    is_named = isinstance(padding, str)
    amounts = (0,) * axes if is_named else per_axis("padding", padding, axes)
    _check_windows(weight, groups, stride, amounts, dilation)
    padded = _padded(size, kernel, stride, padding if is_named else amounts, dilation)
    _check_channels(input, axes, weight[1] * groups, groups)
    out = tuple(map(sizes.conv_size, padded, kernel, stride, (0,) * axes, dilation))
    if any(n < 1 for n in out):
        raise kernel_too_large(size, padded, kernel, dilation, amounts)
    # Without input channels torch gives none out, whatever the number of filters.
    filters = weight[0] if input[-axes - 1] else 0
    return Size((*input[: -axes - 1], filters, *out)), max(dilation) == 1


def _layout(result: Tensor, operands: Sequence[Any]) -> Ints | Memory | None:
    """Return the strides of a convolution, by those of its input and weight."""
    input, weight = operands[:2]
    axes = weight.ndim - 2
    if not result.numel() or result.dtype.is_complex:
        return UNKNOWN
    if axes == 1:  # torch lays out the input anew, unless it only differs in sizes of 1
        return UNKNOWN if weight.memory is not None or is_odd(input) else None
    batched = input.ndim == axes + 2
    if not batched:
        input, result = input.unsqueeze(0), new((1, *result.shape), result.dtype)
    strides = format_strides(result, (input, weight))
    if strides and axes == 3:
        return UNKNOWN  # which of torch's backends works depends on threads and processors
    return strides if batched or strides is None else strides[1:]


def _conv(axes: int) -> Callable[..., Tensor]:
    def conv(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,
    ) -> Tensor:
        """Convolve ``(N, C, *size)`` with ``weight`` ``(out, C/groups, *kernel)``.

        Each axis of ``(N, out, *out_size)`` follows `convshape.sizes.conv_size`.

        Raises:
            ShapeError: the channels differ, or the kernel is larger than the padded input, or an
                argument is none that torch takes.
        """
        lead, filters = tuple(input.shape), tuple(weight.shape)
        out, dense = _convolve(lead, filters, stride, padding, dilation, groups, axes)
        _check_bias(bias, filters[0])
        strict = not isinstance(padding, str)
        return new(out, _dtype(input, weight, bias, lead[:-axes], strict, dense))

    return conv


CONV = by_rank(
    "conv{}d", _conv, layout=_layout, macs="conv", field="conv", equation=sizes.conv_size
)
conv1d, conv2d, conv3d = CONV.values()


def _check_output_padding(output_padding: Ints, stride: Ints, dilation: Ints, empty: bool) -> None:
    """Refuse an output padding that reaches a stride, or the distance of the window's elements."""
    limits = tuple(map(sizes.most_output_padding, stride, dilation))
    for extra, limit in zip(output_padding, limits, strict=True):
        if extra < 0 or (extra > limit and not empty):
            most = tuple(
                min(max(o, 0), limit) for o, limit in zip(output_padding, limits, strict=True)
            )
            raise ShapeError(
                f"has output_padding {shape(output_padding)}, which must be from 0 and smaller "
                f"than the stride {shape(stride)} or the dilation {shape(dilation)}",
                change={"output_padding": most},
            )


def _check_output(size: Ints, out: Ints, padding: Ints) -> None:
    """Refuse an empty output, which some of torch's backends let pass, depending on threads."""
    if any(n < 1 for n in out):
        less = (max(p + (n - 1) // 2, 0) if n < 1 else p for n, p in zip(out, padding, strict=True))
        raise ShapeError(
            f"would make an output of {shape(out)} from {shape(size)}, which is too small",
            change={"padding": tuple(less)},
        )


def _conv_transpose(axes: int) -> Callable[..., Tensor]:
    def conv_transpose(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: Any = 1,
        dilation: Any = 1,
    ) -> Tensor:
        """Transposed convolution of ``(N, C, *size)`` with ``weight`` ``(C, out/groups, *kernel)``.

        Each axis follows `convshape.sizes.conv_transpose_size`.

        Raises:
            ShapeError: the channels differ, the output would be empty, the output padding is not
                smaller than stride or dilation, or an argument is none.
        """
        lead, size = spatial(input, axes)
        stride = per_axis("stride", stride, axes)
        padding = per_axis("padding", padding, axes)
        extra = per_axis("output_padding", output_padding, axes)
        dilation = per_axis("dilation", dilation, axes)
        _check_windows(weight.shape, groups, stride, padding, dilation)
        channels, filters, *kernel = weight.shape
        _check_channels(tuple(input.shape), axes, channels, groups)
        _check_output_padding(extra, stride, dilation, 0 in lead)
        windows = (kernel, stride, padding, extra, dilation)
        out = tuple(map(sizes.conv_transpose_size, size, *windows))
        _check_output(size, out, padding)
        _check_bias(bias, filters * groups)
        kind = _dtype(input, weight, bias, lead, strict=False, dense=False)
        return new((*lead[:-1], filters * groups, *out), kind)

    return conv_transpose


CONV_TRANSPOSE = by_rank(
    "conv_transpose{}d",
    _conv_transpose,
    layout=_layout,
    macs="conv_transpose",
    field="conv_transpose",
    equation=sizes.conv_transpose_size,
)
conv_transpose1d, conv_transpose2d, conv_transpose3d = CONV_TRANSPOSE.values()


def output_padding_for(
    input: Tensor,
    output_size: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    axes: int,
) -> Ints:
    """Return the output padding that gives a transposed convolution the wanted `output_size`.

    Raises:
        ShapeError: no output padding below the stride reaches it.
    """
    lead, size = spatial(input, axes)
    wanted = output_sizes(output_size, len(lead), axes)
    windows = []
    names = ("kernel_size", "stride", "padding", "dilation")
    for name, value in zip(names, (kernel_size, stride, padding, dilation), strict=True):
        if len(value) < axes:
            raise ShapeError(f"needs {name} for each of {axes} axes, but has {value!r}")
        windows.append(per_axis(name, value, axes))
    kernel, stride, padding, dilation = windows
    none = (0,) * axes
    least = tuple(map(sizes.conv_transpose_size, size, kernel, stride, padding, none, dilation))
    extra = tuple(w - low for w, low in zip(wanted, least, strict=True))
    if any(not 0 <= e < s for e, s in zip(extra, stride, strict=True)):
        most = tuple(low + s - 1 for low, s in zip(least, stride, strict=True))
        raise ShapeError(
            f"cannot make {shape(wanted)} from {shape(size)}: "
            f"it reaches {shape(least)} to {shape(most)}"
        )
    return extra
