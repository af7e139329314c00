"""Pooling: to a size, over windows that divide the input or lie at random distances."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, integers, number, shape, single
from ...layout import PACKED, ROW_FORMAT, format_strides
from ...operation import Unknown
from ...tensor import Tensor, new
from .common import by_rank, check_nonempty, exactly, floating, other_shape, spatial
from .pooling import WINDOW_LAYOUT

if TYPE_CHECKING:
    from ...layout import Layout


def _adaptive_size(input: Tensor, output_size: Any, axes: int) -> Ints:
    """Return the sizes that an adaptive pooling makes; beyond one axis, None keeps an axis."""
    if axes > 1 and not isinstance(output_size, int):
        output_size = _listed(output_size, axes)
    if not isinstance(output_size, (tuple, list)):
        wanted = (single("output_size", output_size),) * axes
    else:
        if axes > 1 and input.ndim <= len(output_size):
            raise ShapeError(
                f"expects more dimensions than output_size has, but receives {shape(input.shape)}"
            )
        if axes > 1 and output_size:
            kept = input.shape[-len(output_size) :]
            output_size = tuple(
                n if w is None else w for n, w in zip(kept, output_size, strict=True)
            )
        wanted = integers("output_size", output_size)
    if len(wanted) != axes:
        raise ShapeError(
            f"needs {axes} size{'s' * (axes != 1)} in output_size, but receives {len(wanted)}: "
            f"{wanted}"
        )
    if any(n < 0 for n in wanted):
        raise ShapeError(f"has output_size {shape(wanted)}, and a size cannot be negative")
    return wanted


def _listed(output_size: Any, axes: int) -> tuple[Any, ...]:
    """Return the items of what is not an int, as torch reads them: NumPy's int has none."""
    try:
        return tuple(output_size)
    except TypeError:
        what = f"needs an int or {axes} of them for output_size, but receives {output_size!r}"
        raise ShapeError(what, kind=TypeError) from None


def _adaptive_avg_pool(axes: int) -> Callable[..., Tensor]:
    def adaptive_avg_pool(input: Tensor, output_size: Any) -> Tensor:
        """Mean over windows that divide ``(N, C, *size)`` into `output_size`.

        Raises:
            ShapeError: `output_size` is none, or there is nothing to divide.
        """
        wanted = _adaptive_size(input, output_size, axes)
        if (
            all(n == 1 for n in wanted)
            and input.ndim >= axes
            and (axes > 1 or input.ndim in (2, 3))
        ):
            # This is the plain mean, to which torch gives input of any rank, complex or empty.
            if input.dtype.kind < dtypes.FLOATING:
                raise ShapeError(
                    f"is not defined for {input.dtype.name}", fix="an input of float32"
                )
            return new((*input.shape[:-axes], *wanted), input.dtype)
        lead, size = spatial(input, axes)
        check_nonempty(input, *size, *(input.shape[1:] if axes == 3 else ()))
        result = new((*lead, *wanted), input.dtype)
        if axes == 3 or result.numel():
            floating(input)
        return result

    return adaptive_avg_pool


def _mean_format(axes: int) -> Layout:
    """Return the layout of a mean over all places, which torch takes of any rank."""
    return lambda result, operands: (
        format_strides(result, operands)
        if result.ndim == axes + 2 and (axes == 2 or result.shape[-3:] == (1, 1, 1))
        else None
    )


_ADAPTIVE: dict[str, Any] = {"macs": None, "field": "adaptive_pool", "takes_numpy": False}
#: How an average over windows of any size lies, by the number of axes.
AVERAGE_LAYOUT: dict[int, Layout] = {1: ROW_FORMAT, 2: _mean_format(2), 3: _mean_format(3)}
ADAPTIVE_AVG_POOL = by_rank(
    "adaptive_avg_pool{}d", _adaptive_avg_pool, layout=AVERAGE_LAYOUT, **_ADAPTIVE
)
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = ADAPTIVE_AVG_POOL.values()


def _adaptive_max_pool(axes: int, always: bool = False) -> Callable[..., Any]:
    def adaptive_max_pool(input: Tensor, output_size: Any, return_indices: Any = False) -> Any:
        """Maximum over windows that divide ``(N, C, *size)`` into `output_size`.

        Returns the maxima, or with `return_indices` the maxima and their positions (int64).

        Raises:
            ShapeError: `output_size` is none, or there is nothing to divide.
        """
        wanted = _adaptive_size(input, output_size, axes)
        lead, _ = spatial(input, axes)
        check_nonempty(input, *input.shape[1:])
        result = new((*lead, *wanted), floating(input).dtype)
        return (result, new(result.shape, dtypes.int64)) if always or return_indices else result

    return adaptive_max_pool


_ADAPTIVE |= {"layout": {**WINDOW_LAYOUT, 3: PACKED}}
ADAPTIVE_MAX_POOL = by_rank("adaptive_max_pool{}d", _adaptive_max_pool, **_ADAPTIVE)
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = ADAPTIVE_MAX_POOL.values()
(
    adaptive_max_pool1d_with_indices,
    adaptive_max_pool2d_with_indices,
    adaptive_max_pool3d_with_indices,
) = by_rank(
    "adaptive_max_pool{}d_with_indices", partial(_adaptive_max_pool, always=True), **_ADAPTIVE
).values()


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
        kernel = exactly("kernel_size", kernel_size, axes)
        wanted = exactly("output_size", output_size, axes)
        check_nonempty(input, *input.shape[1:])
        for n, k, w in zip(size, kernel, wanted, strict=True):
            if w < 0 or w + k - 1 > n - (axes == 3):  # torch leaves one element free in 3 axes
                raise ShapeError(f"cannot place {w} windows of {k} in an axis of {n}")
        result = new((*lead, *wanted), input.dtype)
        if _random_samples is not None:
            batch = lead[0] if len(lead) == 2 else 1
            _check_samples(_random_samples, input.dtype, (batch, lead[-1], axes))
        if result.numel() or (_random_samples is None and input.dtype.kind < dtypes.FLOATING):
            floating(input)
        return (result, new(result.shape, dtypes.int64)) if always or return_indices else result

    return fractional_max_pool


_FRACTIONAL: dict[str, Any] = {
    "ranks": (2, 3), "layout": PACKED, "macs": None, "field": Unknown("its windows lie at random")
}  # fmt: skip
FRACTIONAL_MAX_POOL = by_rank("fractional_max_pool{}d", _fractional_max_pool, **_FRACTIONAL)
fractional_max_pool2d, fractional_max_pool3d = FRACTIONAL_MAX_POOL.values()
fractional_max_pool2d_with_indices, fractional_max_pool3d_with_indices = by_rank(
    "fractional_max_pool{}d_with_indices", partial(_fractional_max_pool, always=True), **_FRACTIONAL
).values()


def _check_samples(samples: Tensor, dtype: dtypes.dtype, wanted: Ints) -> None:
    """Refuse random numbers but one for each axis of each channel of at least each sample."""
    if samples.ndim != 3 or samples.shape[0] < wanted[0] or samples.shape[1:] != wanted[1:]:
        raise other_shape("_random_samples", samples, wanted)
    if samples.dtype is not dtype:
        raise ShapeError(
            f"needs _random_samples of {dtype.name}, but receives {samples.dtype.name}"
        )


def _share(size: Ints, ratio: Any) -> Ints:
    """Return the sizes that are `ratio` of `size`; of too many ratios the first ones."""
    axes = len(size)
    if axes == 2 and not (isinstance(ratio, (tuple, list)) and len(ratio) == 2):
        raise ShapeError(f"needs output_ratio as a tuple of 2, but receives {ratio!r}")
    ratios = ratio if isinstance(ratio, (tuple, list)) else (ratio,) * axes
    if len(ratios) < axes:
        raise ShapeError(f"needs output_ratio as one number or {axes}, but receives {ratio!r}")
    try:
        return tuple(int(n * number("output_ratio", r)) for n, r in zip(size, ratios, strict=False))
    except (OverflowError, ValueError):
        raise ShapeError(f"has output_ratio={ratio!r}, which is not a finite number") from None
