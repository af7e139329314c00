"""Pooling: maximum, mean, power-average, and over windows that adapt to the size wanted."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from .... import sizes
from ....errors import ShapeError
from ... import dtypes
from ...arguments import flag, integer, integers, number, per_axis, shape
from ...layout import (
    FORMAT,
    PACKED,
    ROW_FORMAT,
    VOLUME_FORMAT,
    channels_last,
    follow,
    follow_format,
    is_channels_last,
    is_packed,
    is_unknown,
    known_strides,
    lay,
    prefers_channels_last,
    strides,
)
from ...memoize import remembered
from ...tensor import new, tensor
from ...tensor_attributes import Size
from .common import (
    at_least,
    by_rank,
    enough_padding,
    floating,
    promoted,
    small_kernel,
    spatial,
    split,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...tensor import Tensor


def _laid(result: Tensor, input: Tensor, axes: int, at: int = -2) -> Tensor:
    """Lay the result of a pooling out in memory: with its channels innermost, where the input has them so."""
    if input.memory is None:  # as nearly always
        return result
    if axes == 3 and input.ndim == 4 and not is_unknown(input):
        if _channels_innermost(input, axes):
            lay(result, channels_last((1, *result.shape))[1:])
        return result
    if axes > 1:
        return follow_format(result, input)
    plane = follow_format(
        result.unsqueeze(at), input.unsqueeze(at)
    )  # torch pools a row of height 1
    row: Tensor = plane.squeeze(at)
    return row


def _channels_innermost(input: Tensor, axes: int) -> bool:
    """Tell whether torch pools with the channels innermost, of an input that is laid out so."""
    if axes == 3 and input.ndim == 4:
        batch = input.unsqueeze(0)
        own = strides(batch)
        return not is_packed(batch.shape, own) and is_channels_last(batch.shape, own)
    plane = input if axes > 1 else input.unsqueeze(-2)
    return prefers_channels_last(plane.shape, strides(plane))


def _check_places(input: Tensor, axes: int) -> None:
    """Refuse more places than torch counts where channels are innermost: in as many bits as numbers have."""
    count = prod(input.shape[-axes:])
    kind = input.dtype
    width = max(kind.itemsize, 4) if kind.kind == dtypes.FLOATING else kind.itemsize
    if count < 2 ** (8 * width - 1):
        return
    known_strides(input)
    if _channels_innermost(input, axes):
        raise ShapeError(
            f"counts the {count} places of {shape(input.shape)}, whose channels are last in memory, "
            f"in {8 * width} bits",
            fix="`.contiguous()` before it",
            only=True,
        )


@remembered
def _pool(
    given: tuple[int, ...],
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: Any,
    axes: int,
    bits: int = 32,
) -> Size:
    """Return the shape that a pooling layer makes of a shape, counting its windows in so many bits."""
    lead, size = split(given, axes)
    kernel = per_axis("kernel_size", kernel_size, axes)
    stride = kernel if stride is None or stride in ((), []) else per_axis("stride", stride, axes)
    padding = per_axis("padding", padding, axes)
    dilation = per_axis("dilation", dilation, axes)
    ceil_mode = flag("ceil_mode", ceil_mode)
    for name, values in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if min(values) < 1:
            raise ShapeError(
                f"has {name} {shape(values)}, which must be at least 1",
                change={name: at_least(1, values)},
            )
        if bits == 32 and max(values) >= 2**31:
            raise ShapeError(f"has {name} {shape(values)}, and torch counts it in 32 bits")
    if min(padding) < 0:
        raise ShapeError(
            f"has padding {shape(padding)}, and padding cannot be negative",
            change={"padding": at_least(0, padding)},
        )
    if any(p > k // 2 for p, k in zip(padding, kernel, strict=True)):
        raise ShapeError(
            f"has padding {shape(padding)}, more than half its kernel of {shape(kernel)}: "
            "a window could lie in the padding alone",
            change={"padding": tuple(min(p, k // 2) for p, k in zip(padding, kernel, strict=True))},
        )
    if 0 in lead[-1:] or 0 in size:
        raise ShapeError(f"receives an empty input: {shape(given)}")
    out = tuple(map(sizes.pool_size, size, kernel, stride, padding, dilation, (ceil_mode,) * axes))
    if min(out) < 1:
        padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
        reach = tuple(map(sizes.effective_kernel, kernel, dilation))
        raise ShapeError(
            f"has a kernel of {shape(kernel)}, larger than its padded input {shape(padded)}",
            change={"padding": enough_padding(size, reach, padding)},
            or_change={"kernel_size": small_kernel(padded, kernel, dilation)},
        )
    return Size((*lead, *out))


def _max_pool(axes: int, always: bool = False) -> Callable[..., Any]:
    """Make a maximum pooling, which returns indices when asked to, or always."""

    def max_pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: Any = False,
    ) -> Any:
        """Maximum over windows of ``(N, C, *size)``; each axis follows `convshape.sizes.pool_size`.

        Returns the maxima, or with `return_indices` the maxima and their positions (int64).

        Raises:
            ShapeError: the kernel is larger than the padded input, the padding larger than half the kernel,
                or an argument is none.
        """
        if axes == 1 and return_indices and not always:
            return max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
        indices = always or return_indices
        bits = 64 if axes == 1 and not indices else 32
        out = _pool(
            tuple(input.shape), kernel_size, stride, padding, dilation, ceil_mode, axes, bits
        )
        if input.dtype.kind in (dtypes.BOOL, dtypes.COMPLEX):
            raise ShapeError(f"is not defined for {input.dtype.name}")
        if axes == 1 and not indices and input.dtype.kind != dtypes.FLOATING:
            raise ShapeError(
                f"is not defined for {input.dtype.name} unless with return_indices=True"
            )
        if axes == 3 and input.ndim == 4 and prefers_channels_last(input.shape, strides(input)):
            raise ShapeError(
                f"takes no batch of {shape(input.shape)} with its channels last in memory",
                fix="`.contiguous()` before it",
                only=True,
            )
        result = new(out, input.dtype)
        if input.memory is not None and (indices or axes > 1):
            _check_places(input, axes)
        return (result, new(out, dtypes.int64)) if indices else result

    return max_pool


def _with_indices(make: Callable[..., Callable[..., Any]]) -> Callable[[int], Callable[..., Any]]:
    return lambda axes: make(axes, always=True)


#: How a pooling lays out its result, by the number of its axes.
_LAYOUT = {1: ROW_FORMAT, 2: FORMAT, 3: VOLUME_FORMAT}
_WINDOWS: dict[str, Any] = {"macs": None, "field": "pool", "equation": sizes.pool_size}
MAX_POOL = by_rank("max_pool{}d", _max_pool, layout={**_LAYOUT, 1: PACKED}, **_WINDOWS)
max_pool1d, max_pool2d, max_pool3d = MAX_POOL.values()
max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices = by_rank(
    "max_pool{}d_with_indices", _with_indices(_max_pool), layout=_LAYOUT, **_WINDOWS
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
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Tensor:
        """Mean over windows of ``(N, C, *size)``; each axis follows `convshape.sizes.pool_size`.

        Raises:
            ShapeError: the kernel is larger than the padded input, the padding larger than half the kernel,
                the divisor is 0, or an argument is none.
        """
        out = _pool(tuple(input.shape), kernel_size, stride, padding, 1, ceil_mode, axes)
        flag("count_include_pad", count_include_pad)
        if divisor_override is not None and (
            type(divisor_override) is not int or divisor_override == 0
        ):
            raise ShapeError(
                f"needs divisor_override as an int other than 0, but receives {divisor_override!r}"
            )
        if axes == 3:
            size, kernel = input.shape[-3:], per_axis("kernel_size", kernel_size, 3)
            if any(
                n < k for n, k in zip(size, kernel, strict=True)
            ):  # the padding does not help here
                raise ShapeError(
                    f"has a kernel of {shape(kernel)}, larger than its input {shape(size)}",
                    change={"kernel_size": small_kernel(size, kernel, (1, 1, 1))},
                )
        if input.dtype not in AVERAGED[axes]:
            raise ShapeError(f"is not defined for {input.dtype.name}")
        return new(out, input.dtype)

    return avg_pool


AVG_POOL = by_rank("avg_pool{}d", _avg_pool, layout={**_LAYOUT, 3: PACKED}, **_WINDOWS)
avg_pool1d, avg_pool2d, avg_pool3d = AVG_POOL.values()


def _adaptive_size(input: Tensor, output_size: Any, axes: int) -> tuple[int, ...]:
    """Return the spatial sizes that an adaptive pooling makes; beyond one axis, None keeps an axis."""
    if not isinstance(output_size, (tuple, list)):
        wanted = (integer("output_size", output_size),) * axes
    else:
        kept = input.shape[-len(output_size) :] if axes > 1 and output_size else ()
        if axes > 1 and input.ndim <= len(output_size):
            raise ShapeError(
                f"expects more dimensions than output_size has, but receives {shape(input.shape)}"
            )
        if kept:
            output_size = tuple(
                n if w is None else w for n, w in zip(kept, output_size, strict=True)
            )
        wanted = integers("output_size", output_size)
    if len(wanted) != axes:
        raise ShapeError(f"needs {axes} sizes in output_size, but receives {len(wanted)}: {wanted}")
    if min(wanted) < 0:
        raise ShapeError(f"has output_size {shape(wanted)}, and a size cannot be negative")
    return wanted


def _adaptive_avg_pool(axes: int) -> Callable[..., Tensor]:
    def adaptive_avg_pool(input: Tensor, output_size: Any) -> Tensor:
        """Mean over windows that divide ``(N, C, *size)`` into `output_size`.

        Raises:
            ShapeError: `output_size` is none, or there is nothing to divide.
        """
        input = tensor("input", input)
        wanted = _adaptive_size(input, output_size, axes)
        if set(wanted) == {1} and input.ndim >= axes and (axes > 1 or input.ndim in (2, 3)):
            # This is the plain mean, to which torch gives input of any rank, complex or empty.
            if input.dtype.kind < dtypes.FLOATING:
                raise ShapeError(
                    f"is not defined for {input.dtype.name}", fix="an input of float32"
                )
            mean = new((*input.shape[:-axes], *wanted), input.dtype)
            return _laid(mean, input, axes) if input.ndim == axes + 2 else mean
        lead, size = spatial(input, axes)
        if 0 in size or (axes == 3 and 0 in input.shape[1:]):
            raise ShapeError(f"receives an empty input: {shape(input.shape)}")
        result = new((*lead, *wanted), input.dtype)
        if axes == 3 or result.numel():
            floating(input)
        return result if axes == 3 else _laid(result, input, axes)

    return adaptive_avg_pool


ADAPTIVE_AVG_POOL = by_rank("adaptive_avg_pool{}d", _adaptive_avg_pool)
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = ADAPTIVE_AVG_POOL.values()


def _adaptive_max_pool(axes: int, always: bool = False) -> Callable[..., Any]:
    def adaptive_max_pool(input: Tensor, output_size: Any, return_indices: Any = False) -> Any:
        """Maximum over windows that divide ``(N, C, *size)`` into `output_size`.

        Returns the maxima, or with `return_indices` the maxima and their positions (int64).

        Raises:
            ShapeError: `output_size` is none, or there is nothing to divide.
        """
        input = tensor("input", input)
        wanted = _adaptive_size(input, output_size, axes)
        lead, _ = spatial(input, axes)
        if 0 in input.shape[1:]:
            raise ShapeError(f"receives an empty input: {shape(input.shape)}")
        result, places = (
            new((*lead, *wanted), kind) for kind in (floating(input).dtype, dtypes.int64)
        )
        if axes < 3:
            result, places = (_laid(each, input, axes) for each in (result, places))
        return (result, places) if always or return_indices else result

    return adaptive_max_pool


ADAPTIVE_MAX_POOL = by_rank("adaptive_max_pool{}d", _adaptive_max_pool)
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = ADAPTIVE_MAX_POOL.values()
(
    adaptive_max_pool1d_with_indices,
    adaptive_max_pool2d_with_indices,
    adaptive_max_pool3d_with_indices,
) = by_rank("adaptive_max_pool{}d_with_indices", _with_indices(_adaptive_max_pool)).values()


def _fractional_max_pool(axes: int, always: bool = False) -> Callable[..., Any]:
    def fractional_max_pool(
        input: Tensor,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: Any = False,
        _random_samples: Tensor | None = None,
    ) -> Any:
        """Maximum over `output_size` windows of ``(N, C, *size)`` at random distances.

        Each axis comes out as `output_size`, or as ``⌊size·output_ratio⌋``.

        Returns the maxima, or with `return_indices` the maxima and their positions (int64).

        Raises:
            ShapeError: neither size nor ratio is given, or so many windows do not fit.
        """
        lead, size = spatial(input, axes)
        if output_size is None and output_ratio is None:
            raise ShapeError("needs output_size or output_ratio")
        if output_size is None:
            output_size = _share(size, output_ratio)
        kernel = _exactly("kernel_size", kernel_size, axes)
        wanted = _exactly("output_size", output_size, axes)
        if 0 in input.shape[1:]:
            raise ShapeError(f"receives an empty input: {shape(input.shape)}")
        for n, k, w in zip(size, kernel, wanted, strict=True):
            if w < 0 or w + k - 1 > n - (axes == 3):  # torch leaves one element free in 3 axes
                raise ShapeError(f"cannot place {w} windows of {k} in an axis of {n}")
        result = new((*lead, *wanted), input.dtype)
        if _random_samples is not None:
            _check_samples(
                _random_samples, input.dtype, (lead[0] if len(lead) == 2 else 1, lead[-1], axes)
            )
        if result.numel() or (_random_samples is None and input.dtype.kind < dtypes.FLOATING):
            floating(input)
        return (result, new(result.shape, dtypes.int64)) if always or return_indices else result

    return fractional_max_pool


FRACTIONAL_MAX_POOL = by_rank("fractional_max_pool{}d", _fractional_max_pool, (2, 3))
fractional_max_pool2d, fractional_max_pool3d = FRACTIONAL_MAX_POOL.values()
fractional_max_pool2d_with_indices, fractional_max_pool3d_with_indices = by_rank(
    "fractional_max_pool{}d_with_indices", _with_indices(_fractional_max_pool), (2, 3)
).values()


def _check_samples(samples: Any, dtype: dtypes.dtype, wanted: tuple[int, ...]) -> None:
    """Refuse random numbers that are not one for each axis of each channel of at least each sample."""
    given = tensor("_random_samples", samples)
    if given.ndim != 3 or given.shape[0] < wanted[0] or given.shape[1:] != wanted[1:]:
        raise ShapeError(
            f"needs _random_samples of {shape(wanted)}, but receives {shape(given.shape)}"
        )
    if given.dtype is not dtype:
        raise ShapeError(f"needs _random_samples of {dtype.name}, but receives {given.dtype.name}")


def _share(size: tuple[int, ...], ratio: Any) -> tuple[int, ...]:
    """Return the sizes that are `ratio` of `size`, as torch reads the ratio: more than enough is enough."""
    axes = len(size)
    if axes == 2 and not (isinstance(ratio, (tuple, list)) and len(ratio) == 2):
        raise ShapeError(f"needs output_ratio as a tuple of 2, but receives {ratio!r}")
    ratios = ratio if isinstance(ratio, (tuple, list)) else (ratio,) * axes
    if len(ratios) < axes:
        raise ShapeError(f"needs output_ratio as one number or {axes}, but receives {ratio!r}")
    try:
        return tuple(int(n * number("output_ratio", r)) for n, r in zip(size, ratios, strict=False))
    except (OverflowError, ValueError):
        raise ShapeError(f"has output_ratio={ratio!r}, which is no finite number") from None


def _exactly(name: str, value: Any, axes: int) -> tuple[int, ...]:
    """Return one int for each axis, where a tuple of a single one is none."""
    if isinstance(value, (tuple, list)) and len(value) != axes:
        raise ShapeError(
            f"needs {name} as one int or {axes}, one for each axis, but receives {value!r}"
        )
    return per_axis(name, value, axes)


def _lp_pool(axes: int) -> Callable[..., Tensor]:
    def lp_pool(
        input: Tensor,
        norm_type: float,
        kernel_size: Any,
        stride: Any = None,
        ceil_mode: bool = False,
    ) -> Tensor:
        """Power-average over windows of ``(N, C, *size)``; each axis follows `convshape.sizes.pool_size`.

        Raises:
            ShapeError: as `avg_pool2d`, or `norm_type` is 0.
        """
        if number("norm_type", norm_type) == 0:
            raise ShapeError("cannot take a root of order norm_type=0")
        pool = MAX_POOL if abs(norm_type) == float("inf") else AVG_POOL
        if isinstance(kernel_size, (tuple, list)):
            if axes == 1 and pool is AVG_POOL:
                raise ShapeError(f"needs an int for kernel_size, but receives {kernel_size!r}")
            if len(kernel_size) != axes:
                raise ShapeError(
                    f"needs {axes} sizes in kernel_size, but receives {len(kernel_size)}"
                )
        powers = input.pow(norm_type) if pool is AVG_POOL else _absolute(input)
        if pool is MAX_POOL and norm_type < 0:  # the least of all
            return -pool[axes](-powers, kernel_size, stride, 0, ceil_mode=ceil_mode)
        pooled: Tensor = pool[axes](powers, kernel_size, stride, 0, ceil_mode=ceil_mode)
        if pool is MAX_POOL:
            return pooled
        scaled = pooled.sign() * 1
        return follow(promoted(scaled), scaled)

    return lp_pool


def _absolute(input: Tensor) -> Tensor:
    real = {dtypes.complex64: dtypes.float32, dtypes.complex128: dtypes.float64}
    return follow(new(input.shape, real.get(input.dtype, input.dtype)), input)


LP_POOL = by_rank("lp_pool{}d", _lp_pool)
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

        Each axis follows `convshape.sizes.unpool_size`, or is `output_size`, within a stride of that.

        Raises:
            ShapeError: `output_size` cannot have been pooled to this, or the indices are of another shape.
        """
        kernel = _numbers("kernel_size", kernel_size, axes)
        step = kernel if stride is None else _numbers("stride", stride, axes)
        cut = _numbers("padding", padding, axes)
        if isinstance(kernel_size, (tuple, list)) and len(kernel_size) != axes:
            raise ShapeError(f"needs {axes} sizes in kernel_size, but receives {kernel_size!r}")
        lead, size = spatial(input, axes)
        out = tuple(map(sizes.unpool_size, size, kernel, step, cut))
        if output_size is None:
            out = integers("output_size", out)
        else:
            out = _unpooled(out, integers("output_size", output_size), step)
        if min(out) < 0:
            raise ShapeError(
                f"would make an output of {shape(out)} from {shape(size)}, which is too small"
            )
        if axes == 3:  # torch's function takes these too, and is as strict with them as elsewhere
            stride = per_axis("stride", step if stride is None else stride, 3)
            per_axis("padding", padding, 3)
            if min(stride) < 1:
                raise ShapeError(f"has stride {shape(stride)}, and a stride must be at least 1")
        if tensor("indices", indices).dtype is not dtypes.int64:
            raise ShapeError(f"needs indices of int64, but receives {indices.dtype.name}")
        if indices.shape != input.shape:
            raise ShapeError(
                f"receives {shape(input.shape)}, but indices of {shape(indices.shape)}"
            )
        if 0 in input.shape[1:]:
            raise ShapeError(f"receives an empty input: {shape(input.shape)}")
        result = new((*lead, *out), input.dtype)
        if result.numel():
            floating(input)
        return result if axes == 3 else _laid(result, input, axes, at=-1)

    return max_unpool


def _unpooled(
    default: tuple[Any, ...], wanted: tuple[int, ...], step: tuple[Any, ...]
) -> tuple[int, ...]:
    """Return the sizes wanted of an unpooling, if they differ from the default by less than a stride."""
    axes = len(default)
    wanted = wanted[2:] if len(wanted) == axes + 2 else wanted
    if len(wanted) != axes:
        raise ShapeError(
            f"needs {axes} sizes in output_size, but receives {len(wanted)}: {shape(wanted)}"
        )
    for want, made, s in zip(wanted, default, step, strict=True):
        if abs(want - made) >= s:
            raise ShapeError(
                f"cannot make {want} where it makes {made}, give or take less than the stride {s}"
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


MAX_UNPOOL = by_rank("max_unpool{}d", _max_unpool)
max_unpool1d, max_unpool2d, max_unpool3d = MAX_UNPOOL.values()
