"""Pooling: maximum, mean and power-average over windows, and back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf, prod
from typing import TYPE_CHECKING, Any

from .... import sizes
from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, flag, integers, number, per_axis, shape
from ...layout import (
    FORMAT,
    OWN,
    PACKED,
    ROW_FORMAT,
    UNKNOWN_LAYOUT,
    VOLUME_FORMAT,
    format_strides,
    known_strides,
    prefers_channels_last,
    strides,
)
from ...memoize import remembered
from ...tensor import Tensor, new
from ...tensor_attributes import Size
from .common import (
    by_rank,
    check_least,
    check_nonempty,
    exactly,
    floating,
    kernel_too_large,
    output_sizes,
    small_kernel,
    spatial,
    split,
)

if TYPE_CHECKING:
    from ...layout import Layout

#: How a pooling lays out its result, by the number of its axes.
WINDOW_LAYOUT: dict[int, Layout] = {1: ROW_FORMAT, 2: FORMAT, 3: VOLUME_FORMAT}
_WINDOWS: dict[str, Any] = {"macs": None, "field": "pool", "equation": sizes.pool_size}


@remembered
def _pool(
    input: Ints,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: Any,
    axes: int,
    bits: int = 32,
) -> Size:
    """Return the shape that a pooling makes of a shape, counting its windows in a few bits."""
    lead, size = split(input, axes)
    kernel = per_axis("kernel_size", kernel_size, axes)
    is_usual = stride is None or (isinstance(stride, (tuple, list)) and not stride)
    stride = kernel if is_usual else per_axis("stride", stride, axes)
    padding = per_axis("padding", padding, axes)
    dilation = per_axis("dilation", dilation, axes)
    ceil_mode = flag("ceil_mode", ceil_mode)
    windows = {"kernel_size": kernel, "stride": stride, "dilation": dilation}
    check_least(1, "which must be at least 1", **windows)
    for name, values in windows.items():
        if bits == 32 and max(values) >= 2**31:
            raise ShapeError(f"has {name} {shape(values)}, and torch counts it in 32 bits")
    check_least(0, "and padding cannot be negative", padding=padding)
    half = tuple(map(sizes.most_pool_padding, kernel))
    if any(p > h for p, h in zip(padding, half, strict=True)):
        raise ShapeError(
            f"has padding {shape(padding)}, more than half its kernel of {shape(kernel)}: "
            "a window could contain only padding",
            change={"padding": tuple(map(min, padding, half))},
        )
    if 0 in (*lead[-1:], *size):
        raise ShapeError(f"receives an empty input: {shape(input)}")
    out = tuple(map(sizes.pool_size, size, kernel, stride, padding, dilation, (ceil_mode,) * axes))
    if any(n < 1 for n in out):
        padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
        raise kernel_too_large(size, padded, kernel, dilation, padding)
    return Size((*lead, *out))


def _check_memory(result: Tensor, input: Tensor, axes: int) -> None:
    """Refuse more places than torch counts where channels are innermost, in a number's bits."""
    if axes == 3 and input.ndim == 4 and prefers_channels_last(input.shape, strides(input)):
        raise ShapeError(
            f"takes no batch of {shape(input.shape)} with its channels last in memory",
            fix="`.contiguous()` before it",
            only=True,
        )
    count = prod(input.shape[-axes:])
    width = input.dtype.itemsize
    if input.dtype.kind == dtypes.FLOATING:
        width = max(width, 4)
    if count < 2 ** (8 * width - 1):
        return
    known_strides(input)
    layout: Any = WINDOW_LAYOUT[axes]
    if layout(result, (input,)) is not None:
        raise ShapeError(
            f"counts the {count} places of {shape(input.shape)}, whose channels are last in "
            f"memory, in {8 * width} bits",
            fix="`.contiguous()` before it",
            only=True,
        )


def _max_pool(axes: int, always: bool = False) -> Callable[..., Any]:
    """Make a maximum pooling, which returns indices when asked to, or always."""

    def max_pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: Any = False,
        return_indices: Any = False,
    ) -> Any:
        """Maximum over windows of ``(N, C, *size)``; each axis follows `convshape.sizes.pool_size`.

        Returns the maxima, or with `return_indices` the maxima and their positions (int64).

        Raises:
            ShapeError: the kernel is larger than the padded input, the padding larger than half
                the kernel, or an argument is none.
        """
        windows = (kernel_size, stride, padding, dilation, ceil_mode)
        if axes == 1 and return_indices and not always:
            return max_pool1d_with_indices(input, *windows)
        indices = always or return_indices
        bare = axes == 1 and not indices
        out = _pool(tuple(input.shape), *windows, axes, 64 if bare else 32)
        if input.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
            raise ShapeError(f"is not defined for {input.dtype.name}")
        if bare and input.dtype.kind != dtypes.FLOATING:
            raise ShapeError(
                f"is not defined for {input.dtype.name} unless with return_indices=True"
            )
        result = new(out, input.dtype)
        if input.memory is not None and not bare:
            _check_memory(result, input, axes)
        return (result, new(out, dtypes.int64)) if indices else result

    return max_pool


MAX_POOL = by_rank("max_pool{}d", _max_pool, layout={**WINDOW_LAYOUT, 1: PACKED}, **_WINDOWS)
max_pool1d, max_pool2d, max_pool3d = MAX_POOL.values()
max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices = by_rank(
    "max_pool{}d_with_indices", partial(_max_pool, always=True), layout=WINDOW_LAYOUT, **_WINDOWS
).values()


_WIDE = (dtypes.float32, dtypes.float64, dtypes.int64)
_ALL = (*_WIDE, dtypes.float16, dtypes.bfloat16)
#: The dtypes that torch averages, by the number of axes.
AVERAGED = {1: _ALL, 2: _ALL, 3: _WIDE}


def _avg_pool(axes: int) -> Callable[..., Tensor]:
    def avg_pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: Any = False,
        count_include_pad: bool = True,
        divisor_override: Any = None,
    ) -> Tensor:
        """Mean over windows of ``(N, C, *size)``; each axis follows `convshape.sizes.pool_size`.

        Raises:
            ShapeError: the kernel is larger than the padded input, the padding larger than half
                the kernel, the divisor is 0, or an argument is none.
        """
        out = _pool(tuple(input.shape), kernel_size, stride, padding, 1, ceil_mode, axes)
        if divisor_override is not None and (
            type(divisor_override) is not int or divisor_override == 0
        ):
            raise ShapeError(
                f"needs divisor_override as an int other than 0, but receives {divisor_override!r}"
            )
        if axes == 3:  # where the padding does not help
            size, kernel = input.shape[-3:], per_axis("kernel_size", kernel_size, 3)
            if any(n < k for n, k in zip(size, kernel, strict=True)):
                raise ShapeError(
                    f"has a kernel of {shape(kernel)}, larger than its input {shape(size)}",
                    change={"kernel_size": small_kernel(size, kernel, (1, 1, 1))},
                )
        if input.dtype not in AVERAGED[axes]:
            raise ShapeError(f"is not defined for {input.dtype.name}")
        return new(out, input.dtype)

    return avg_pool


AVG_POOL = by_rank("avg_pool{}d", _avg_pool, layout={**WINDOW_LAYOUT, 3: PACKED}, **_WINDOWS)
avg_pool1d, avg_pool2d, avg_pool3d = AVG_POOL.values()


def _lp_pool(axes: int) -> Callable[..., Tensor]:
    def lp_pool(
        input: Tensor,
        norm_type: float,
        kernel_size: Any,
        stride: Any = None,
        ceil_mode: Any = False,
    ) -> Tensor:
        """Power-average over windows of ``(N, C, *size)``.

        Each axis follows `convshape.sizes.pool_size`.

        Raises:
            ShapeError: as `avg_pool2d`, or `norm_type` is 0.
        """
        if norm_type == 0:
            raise ShapeError("cannot take a root of order norm_type=0")
        if isinstance(kernel_size, (tuple, list)):
            if axes == 1 and abs(norm_type) != inf:
                raise ShapeError(f"needs an int for kernel_size, but receives {kernel_size!r}")
            exactly("kernel_size", kernel_size, axes)
        result: Tensor
        if norm_type == inf:
            result = MAX_POOL[axes](input.abs(), kernel_size, stride, 0, 1, ceil_mode)
        elif norm_type == -inf:  # the least of all
            result = -MAX_POOL[axes](-input.abs(), kernel_size, stride, 0, 1, ceil_mode)
        else:
            means = AVG_POOL[axes](input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
            result = means.mul(1).pow(1.0 / norm_type)
        return result

    return lp_pool


LP_POOL = by_rank("lp_pool{}d", _lp_pool, layout=OWN, **_WINDOWS)
lp_pool1d, lp_pool2d, lp_pool3d = LP_POOL.values()


# Unpooling


def _max_unpool(axes: int) -> Callable[..., Tensor]:
    def max_unpool(
        input: Tensor,
        indices: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        output_size: Any = None,
    ) -> Tensor:
        """Put the maxima of ``(N, C, *size)`` back where `indices` says, with zeros around.

        Each axis follows `convshape.sizes.unpool_size`, or is `output_size`, within a stride of it.

        Raises:
            ShapeError: `output_size` cannot have been pooled to this, or the indices are of
                another shape.
        """
        kernel = _numbers("kernel_size", kernel_size, axes)
        step = kernel if stride is None else _numbers("stride", stride, axes)
        cut = _numbers("padding", padding, axes)
        if isinstance(kernel_size, (tuple, list)) and len(kernel_size) != axes:
            raise ShapeError(f"needs {axes} sizes in kernel_size, but receives {kernel_size!r}")
        lead, size = spatial(input, axes)
        out = tuple(map(sizes.unpool_size, size, kernel, step, cut))
        out = _chosen_size(out, output_size, step)
        if any(n < 0 for n in out):
            raise ShapeError(
                f"would make an output of {shape(out)} from {shape(size)}, which is too small"
            )
        if axes == 3:  # torch's function takes these too, and is as strict with them as elsewhere
            steps = per_axis("stride", step if stride is None else stride, 3)
            per_axis("padding", padding, 3)
            check_least(1, "and a stride must be at least 1", stride=steps)
        _check_indices(input, indices)
        result = new((*lead, *out), input.dtype)
        if result.numel():
            floating(input)
        return result

    return max_unpool


def _check_indices(input: Tensor, indices: Tensor) -> None:
    dtypes.check_whole("indices", indices.dtype)
    if indices.shape != input.shape:
        raise ShapeError(f"receives {shape(input.shape)}, but indices of {shape(indices.shape)}")
    check_nonempty(input, *input.shape[1:])


def _chosen_size(default: tuple[Any, ...], output_size: Any, step: tuple[Any, ...]) -> Ints:
    """Return the sizes wanted of an unpooling, within a stride of the default."""
    if output_size is None:
        return integers("output_size", default)
    wanted = output_sizes(output_size, 2, len(default))
    for want, usual, s in zip(wanted, default, step, strict=True):
        if abs(want - usual) >= s:
            raise ShapeError(
                f"cannot make {want} where it makes {usual}, give or take less than the stride {s}",
                kind=ValueError,
            )
    return wanted


def _numbers(name: str, value: Any, axes: int) -> tuple[Any, ...]:
    """Return a number for each axis; of more numbers the first ones, as torch does here."""
    values = tuple(value)[:axes] if isinstance(value, (tuple, list)) else (value,) * axes
    if len(values) != axes:
        raise ShapeError(
            f"needs {name} as one int or {axes}, one for each axis, but receives {value!r}"
        )
    return tuple(number(name, v) for v in values)


MAX_UNPOOL = by_rank(
    "max_unpool{}d",
    _max_unpool,
    layout={
        1: UNKNOWN_LAYOUT,
        2: lambda result, operands: format_strides(result, operands[:1]),
        3: PACKED,
    },
    macs=None,
    field="max_unpool",
    equation=sizes.unpool_size,
)
max_unpool1d, max_unpool2d, max_unpool3d = MAX_UNPOOL.values()
