"""Convolution and transposed convolution."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from .... import sizes
from ....errors import ShapeError
from ... import dtypes
from ...arguments import integers, per_axis, shape
from ...layout import follow_format, is_odd, is_unknown
from ...memoize import remembered
from ...tensor import UNKNOWN, new, result_type, tensor
from ...tensor_attributes import Size
from .common import at_least, by_rank, enough_padding, same_dtype, small_kernel, spatial, split

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...tensor import Tensor


def _check_windows(filters: int, groups: Any, stride: Any, padding: Any, dilation: Any) -> None:
    """Refuse what is wrong with a convolution, or a transposed one, whatever its input is."""
    if min(stride) <= 0:
        change = {"stride": at_least(1, stride)}
        raise ShapeError(
            f"has stride {shape(stride)}, and a stride must be at least 1", change=change
        )
    if min(padding) < 0:
        change = {"padding": at_least(0, padding)}
        raise ShapeError(
            f"has padding {shape(padding)}, and padding cannot be negative", change=change
        )
    if min(dilation) <= 0:
        change = {"dilation": at_least(1, dilation)}
        raise ShapeError(
            f"has dilation {shape(dilation)}, and a dilation must be at least 1", change=change
        )
    if type(groups) is not int or groups < 1:
        raise ShapeError(f"needs groups as a positive int, but receives {groups!r}")
    if filters < groups or filters % groups:
        raise ShapeError(f"cannot divide {filters} filters among {groups} groups")


def _check_content(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    lead: tuple[int, ...],
    strict: bool,
    dense: bool,
) -> dtypes.dtype:
    """Check what torch does not look at where there is no batch or no channel; return the result's dtype.

    torch looks at the dtype of the bias always (`strict`), or only so far as its backends do; and it has a
    backend for small integers where the window is `dense`.
    """
    if lead[-1] and 0 in weight.shape:
        if 0 in weight.shape[2:]:
            raise ShapeError(
                f"has a kernel of {shape(weight.shape[2:])}, and a kernel must be at least 1"
            )
        raise ShapeError(f"has no channels in its weights of {shape(weight.shape)}")
    kind = input.dtype
    if 0 in lead:
        # torch multiplies by the first weight where there is no batch, by no weight where there is no channel
        result = result_type(input, new((1,) if not lead[-1] else (), weight.dtype))
        if kind.is_complex:
            same_dtype(input, weight)
        other = None if bias is None or bias.dtype is kind else bias.dtype
        if other and (strict or kind.is_complex or other.kind > result.kind):
            raise ShapeError(f"cannot add a bias of {other.name} to {result.name}")
        return result
    if 0 in input.shape:
        raise ShapeError(f"receives an empty input: {shape(input.shape)}")
    same_dtype(input, weight)
    if bias is not None:  # some of torch's backends add any other bias
        same_dtype(input, bias)
    if kind is dtypes.bool or (
        kind.kind == dtypes.INTEGER and kind is not dtypes.int64 and not dense
    ):
        raise ShapeError(f"is not defined for {kind.name}", fix="an input of float32")
    return kind


def _check_bias(bias: Tensor | None, channels: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ShapeError(f"makes {channels} channels, but has a bias of {shape(bias.shape)}")


def _check_channels(
    given: tuple[int, ...], axes: int, expected: int, filters: int, groups: int
) -> None:
    channels = given[-axes - 1]
    if channels != expected:
        raise ShapeError(
            f"expects {expected} channels, but receives {channels}: {shape(given)}",
            change={"in_channels": channels},
            or_change={"in_channels": channels, "groups": gcd(channels, filters, groups)},
        )


@remembered
def _convolved(
    given: tuple[int, ...],
    weight: tuple[int, ...],
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
    axes: int,
) -> tuple[Size, bool]:
    """Return the shape that a convolution makes of a shape, and whether its window has no gaps."""
    _, size = split(given, axes)
    kernel = weight[2:]
    stride = per_axis("stride", stride, axes)
    dilation = per_axis("dilation", dilation, axes)
    if len(kernel) != axes:
        raise ShapeError(
            f"needs a kernel of {axes} sizes, one for each axis, but has {len(kernel)}"
        )
    if isinstance(padding, str):
        if padding == "same":
            if max(stride) > 1:
                raise ShapeError(
                    f"has padding='same', which keeps the size only at stride 1, not {stride}"
                )
            pads = [sum(sizes.same_padding(k, d)) for k, d in zip(kernel, dilation, strict=True)]
        elif padding == "valid":
            pads = [0] * axes
        else:
            raise ShapeError(
                f"has padding={padding!r}, which is none of 'same', 'valid' or a number"
            )
        if min(pads) < -1:  # of a kernel of 0; torch halves -1 to 0
            raise ShapeError(f"has a kernel of {shape(kernel)}, and a kernel must be at least 1")
        padded = tuple(n + p for n, p in zip(size, pads, strict=True))
        padding = (0,) * axes
    else:
        padding = per_axis("padding", padding, axes)
        padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    _check_windows(weight[0], groups, stride, padding, dilation)
    _check_channels(given, axes, weight[1] * groups, weight[0], groups)
    out = tuple(map(sizes.conv_size, padded, kernel, stride, (0,) * axes, dilation))
    if min(out) < 1:
        reach = tuple(map(sizes.effective_kernel, kernel, dilation))
        dilated = f" (dilated to {shape(reach)})" if reach != kernel else ""
        raise ShapeError(
            f"has a kernel of {shape(kernel)}{dilated}, larger than its padded input {shape(padded)}",
            change={"padding": enough_padding(size, reach, padding)},
            or_change={"kernel_size": small_kernel(padded, kernel, dilation)},
        )
    # Without input channels torch gives none out, whatever the number of filters.
    filters = weight[0] if given[-axes - 1] else 0
    return Size((*given[: -axes - 1], filters, *out)), max(dilation) == 1


def _laid(result: Tensor, input: Tensor, weight: Tensor) -> Tensor:
    """Lay out the result of a convolution: its channels are innermost where those of input or weight are."""
    if input.memory is None and weight.memory is None:
        return result
    if not result.numel() or result.dtype.is_complex or is_unknown(input) or is_unknown(weight):
        result.memory = UNKNOWN
        return result
    axes = weight.ndim - 2
    batched = input.ndim == axes + 2
    if not batched:
        input, result = input.unsqueeze(0), new((1, *result.shape), result.dtype)
    if axes == 1:  # torch lays out the input anew, unless it only differs in sizes of 1
        if weight.memory is not None or is_odd(input):
            result.memory = UNKNOWN
    elif follow_format(result, input, weight).memory is not None and axes == 3:
        result.memory = UNKNOWN  # which of torch's backends works depends on threads and processors
    return result if batched else result.squeeze(0)


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
        given, filters = tuple(tensor("input", input).shape), tuple(tensor("weight", weight).shape)
        out, dense = _convolved(given, filters, stride, padding, dilation, groups, axes)
        _check_bias(bias, filters[0])
        strict = not isinstance(padding, str)
        return _laid(
            new(out, _check_content(input, weight, bias, given[:-axes], strict, dense)),
            input,
            weight,
        )

    return conv


CONV = by_rank("conv{}d", _conv)
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
        lead, size = spatial(input, axes)
        kernel = tensor("weight", weight).shape[2:]
        stride = per_axis("stride", stride, axes)
        padding = per_axis("padding", padding, axes)
        output_padding = per_axis("output_padding", output_padding, axes)
        dilation = per_axis("dilation", dilation, axes)
        if len(kernel) != axes:
            raise ShapeError(
                f"needs a kernel of {axes} sizes, one for each axis, but has {len(kernel)}"
            )
        _check_windows(weight.shape[0], groups, stride, padding, dilation)
        _check_channels(tuple(input.shape), axes, weight.shape[0], weight.shape[1] * groups, groups)
        for extra, s, d in zip(output_padding, stride, dilation, strict=True):
            if extra < 0 or (extra >= max(s, d) and 0 not in lead):
                raise ShapeError(
                    f"has output_padding {shape(output_padding)}, which must be from 0 and smaller than the "
                    f"stride {shape(stride)} or the dilation {shape(dilation)}",
                    change={
                        "output_padding": tuple(
                            min(max(o, 0), max(s, d) - 1)
                            for o, s, d in zip(output_padding, stride, dilation, strict=True)
                        )
                    },
                )
        out = tuple(
            map(sizes.conv_transpose_size, size, kernel, stride, padding, output_padding, dilation)
        )
        # Some of torch's backends let an output of 0 pass, others do not; which one works depends on threads.
        if min(out) < 1:
            raise ShapeError(
                f"would make an output of {shape(out)} from {shape(size)}, which is too small",
                change={
                    "padding": tuple(
                        max(p + (n - 1) // 2, 0) if n < 1 else p
                        for n, p in zip(out, padding, strict=True)
                    )
                },
            )
        _check_bias(bias, weight.shape[1] * groups)
        kind = _check_content(input, weight, bias, lead, strict=False, dense=False)
        return _laid(new((*lead[:-1], weight.shape[1] * groups, *out), kind), input, weight)

    return conv_transpose


CONV_TRANSPOSE = by_rank("conv_transpose{}d", _conv_transpose)
conv_transpose1d, conv_transpose2d, conv_transpose3d = CONV_TRANSPOSE.values()


def output_padding_for(
    input: Tensor,
    output_size: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    axes: int,
) -> tuple[int, ...]:
    """Return the output padding that gives a transposed convolution the wanted `output_size`.

    Raises:
        ShapeError: no output padding below the stride reaches it.
    """
    lead, size = spatial(input, axes)
    wanted = integers("output_size", output_size)
    if len(wanted) == len(lead) + axes:
        wanted = wanted[len(lead) :]
    if len(wanted) != axes:
        raise ShapeError(
            f"needs {axes} sizes in output_size, but receives {len(wanted)}: {shape(wanted)}"
        )
    given = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
    for name, value in given.items():
        if len(value) < axes:
            raise ShapeError(f"needs {name} for each of {axes} axes, but has {value!r}")
    kernel_size, stride, padding, dilation = (
        per_axis(name, value, axes) for name, value in given.items()
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
