"""Pooling."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError
from ...arguments import ntuple, number
from ...tensor import Tensor
from .. import functional as F
from .layer import Argument, Layer


class _Pool(Layer):
    """A pooling over windows, whose step is the size of the window unless given."""

    _axes: int
    kernel_size: Any
    stride: Any = None

    def _assemble(self) -> None:
        if self.stride is None:
            self.__dict__["stride"] = self.kernel_size


class _MaxPoolNd(_Pool):
    """Maximum of a sliding window: ``(N, C, *size)`` or unbatched to ``(N, C, *out)``.

    The size of each axis follows `convshape.sizes.pool_size`.

    Args:
        kernel_size: size of the window, in elements, one int or one for each axis; so are the
            following.
        stride: step of the window; the kernel size unless given.
        padding: elements of minus infinity added on both sides, at most half the kernel.
        dilation: distance between the elements that the window sees.
        return_indices: return the positions of the maxima too, a second tensor of the same shape.
        ceil_mode: keep a last window that reaches beyond the input.
    """

    _shown = (
        "kernel_size={kernel_size}, stride={stride}, padding={padding}, dilation={dilation}, "
        "ceil_mode={ceil_mode}"
    )
    padding: Any = 0
    dilation: Any = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool1d(_MaxPoolNd):
    _axes, _function = 1, staticmethod(F.max_pool1d)
    _example = ("MaxPool1d(4)", "2x31")


class MaxPool2d(_MaxPoolNd):
    _axes, _function = 2, staticmethod(F.max_pool2d)
    _example = ("MaxPool2d(3, stride=2, padding=1)", "64x112x112")


class MaxPool3d(_MaxPoolNd):
    _axes, _function = 3, staticmethod(F.max_pool3d)
    _example = ("MaxPool3d(2, padding=(0, 1, 1))", "512x2x7x7")


class _AvgPoolNd(_Pool):
    """Mean of a sliding window: ``(N, C, *size)`` or unbatched to ``(N, C, *out)``.

    The size of each axis follows `convshape.sizes.pool_size`.

    Args:
        kernel_size: size of the window, in elements, one int or one for each axis; so are the
            following.
        stride: step of the window; the kernel size unless given.
        padding: zeros added on both sides, at most half the kernel.
        ceil_mode: keep a last window that reaches beyond the input.
        count_include_pad: whether the zeros count in the mean.
        divisor_override: divide by this number instead (not in one axis).
    """

    _shown = "kernel_size={kernel_size}, stride={stride}, padding={padding}"
    padding: Any = 0
    ceil_mode: bool = False
    count_include_pad: bool = True


class AvgPool1d(_AvgPoolNd):
    _axes, _function = 1, staticmethod(F.avg_pool1d)
    _example = ("AvgPool1d(4, ceil_mode=True)", "2x31")

    def _assemble(self) -> None:
        super()._assemble()
        for name in ("kernel_size", "stride", "padding"):  # torch keeps tuples, and prints them
            self.__dict__[name] = ntuple(getattr(self, name), 1)


class AvgPool2d(_AvgPoolNd):
    _axes, _function = 2, staticmethod(F.avg_pool2d)
    _example = ("AvgPool2d(7)", "512x7x7")
    divisor_override: int | None = None


class AvgPool3d(_AvgPoolNd):
    _axes, _function = 3, staticmethod(F.avg_pool3d)
    _example = ("AvgPool3d((1, 2, 2))", "3x4x4x4")
    divisor_override: int | None = None


class _Adaptive(Layer):
    """Pooling over windows that divide ``(N, C, *size)`` or ``(C, *size)`` into `output_size`.

    Args:
        output_size: the spatial sizes that come out, one int or one for each axis; None keeps an
            axis.

    Raises:
        ShapeError: when called: `output_size` is none, or there is nothing to divide.
    """

    _axes: int
    _takes_numpy = False
    _shown = "output_size={output_size}"
    output_size: Any


class _AdaptiveAvgPoolNd(_Adaptive):
    """A mean; torch has a class for it."""


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    _axes, _function = 1, staticmethod(F.adaptive_avg_pool1d)
    _example = ("AdaptiveAvgPool1d(5)", "64x31")


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    _axes, _function = 2, staticmethod(F.adaptive_avg_pool2d)
    _example = ("AdaptiveAvgPool2d((6, None))", "256x13x12")


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    _axes, _function = 3, staticmethod(F.adaptive_avg_pool3d)
    _example = ("AdaptiveAvgPool3d(1)", "512x2x7x7")


class _AdaptiveMaxPoolNd(_Adaptive):
    return_indices: bool = False


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    _axes, _function = 1, staticmethod(F.adaptive_max_pool1d)
    _example = ("AdaptiveMaxPool1d(5)", "64x31")


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    _axes, _function = 2, staticmethod(F.adaptive_max_pool2d)
    _example = ("AdaptiveMaxPool2d(7)", "512x14x14")


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    _axes, _function = 3, staticmethod(F.adaptive_max_pool3d)
    _example = ("AdaptiveMaxPool3d((1, 7, 7))", "512x2x14x14")


class _LPPoolNd(Layer):
    """Power-average of a sliding window: ``(N, C, *size)`` or unbatched to ``(N, C, *out)``.

    The size of each axis follows `convshape.sizes.pool_size`.

    Args:
        norm_type: the power; infinity gives the maximum.
        kernel_size: size of the window, in elements, one int or one for each axis.
        stride: step of the window; the kernel size unless given.
        ceil_mode: keep a last window that reaches beyond the input.
    """

    _axes: int
    _shown = (
        "norm_type={norm_type}, kernel_size={kernel_size}, stride={stride}, ceil_mode={ceil_mode}"
    )
    norm_type: float
    kernel_size: Any
    stride: Any = None
    ceil_mode: bool = False

    def forward(self, input: Tensor) -> Any:
        """Pool ``(N, C, *size)`` or ``(C, *size)``."""
        power = float(number("norm_type", self.norm_type))
        return self._function(input, power, self.kernel_size, self.stride, self.ceil_mode)


class LPPool1d(_LPPoolNd):
    _axes, _function = 1, staticmethod(F.lp_pool1d)
    _example = ("LPPool1d(2, 3, stride=2)", "3x32")


class LPPool2d(_LPPoolNd):
    _axes, _function = 2, staticmethod(F.lp_pool2d)
    _example = ("LPPool2d(2, 3, stride=2)", "3x32x32")


class LPPool3d(_LPPoolNd):
    _axes, _function = 3, staticmethod(F.lp_pool3d)
    _example = ("LPPool3d(2, 2)", "3x8x8x8")


class _FractionalMaxPool(Layer):
    """Maximum of windows at random distances: ``(N, C, *size)`` or unbatched to ``(N, C, *out)``.

    The size of each axis is `output_size`, or ``⌊size·output_ratio⌋``.

    Args:
        kernel_size: size of the window, in elements, one int or one for each axis; so are the
            following.
        output_size: the spatial sizes that come out.
        output_ratio: or their shares of the input's, between 0 and 1.
        return_indices: return the positions of the maxima too, a second tensor of the same shape.

    Raises:
        ShapeError: both or neither of `output_size` and `output_ratio` are given, or the ratio is
            not between 0 and 1; when called: so many windows do not fit.
    """

    _axes: int
    kernel_size: Any
    output_size: Any = None
    output_ratio: Any = None
    return_indices: bool = False
    _random_samples: Argument = None

    def _assemble(self, _random_samples: Tensor | None) -> None:
        kernel_size, ratio, axes = self.kernel_size, self.output_ratio, self._axes
        self.kernel_size = ntuple(kernel_size, axes)
        known = isinstance(kernel_size, (tuple, list, int))
        if axes == 3 and known and any(number("kernel_size", k) <= 0 for k in self.kernel_size):
            raise ShapeError(f"kernel_size={kernel_size!r} is not positive")
        self.register_buffer("_random_samples", _random_samples)
        if (self.output_size is None) == (ratio is None):
            raise ShapeError("needs either output_size or output_ratio, and not both")
        if ratio is None:
            self.output_size = ntuple(self.output_size, axes)
            return
        self.output_ratio = ntuple(ratio, axes)
        if len(self.output_ratio) < axes:
            raise ShapeError(f"needs {axes} ratios in output_ratio, but receives {ratio!r}")
        if any(not 0 < number("output_ratio", r) < 1 for r in self.output_ratio[:axes]):
            raise ShapeError(f"output_ratio={ratio!r} is not between 0 and 1")

    def forward(self, input: Tensor) -> Any:
        """Pool ``(N, C, *size)`` or ``(C, *size)``."""
        return self._function(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            _random_samples=self._random_samples,
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    _axes, _function = 2, staticmethod(F.fractional_max_pool2d)
    _example = ("FractionalMaxPool2d(2, output_ratio=0.7)", "3x32x32")


class FractionalMaxPool3d(_FractionalMaxPool):
    _axes, _function = 3, staticmethod(F.fractional_max_pool3d)
    _example = ("FractionalMaxPool3d(2, output_size=5)", "3x8x8x8")


class _MaxUnpoolNd(_Pool):
    """Maxima put back where they were, with zeros around: ``(N, C, *size)`` to ``(N, C, *out)``.

    The size of each axis follows `convshape.sizes.unpool_size`, or is the `output_size` of the
    call.

    Args:
        kernel_size: of the pooling, one int or one for each axis; so are the following.
        stride: of the pooling; the kernel size unless given.
        padding: of the pooling.
    """

    _shown = "kernel_size={kernel_size}, stride={stride}, padding={padding}"
    padding: Any = 0

    def _assemble(self) -> None:
        super()._assemble()
        for name in ("kernel_size", "stride", "padding"):
            self.__dict__[name] = ntuple(getattr(self, name), self._axes)

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Any:
        """Unpool ``(N, C, *size)`` or ``(C, *size)`` with `indices` of the same shape."""
        return self._function(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool1d(_MaxUnpoolNd):
    _axes, _function = 1, staticmethod(F.max_unpool1d)
    _example = ("MaxUnpool1d(2)", "3x4 int64:3x4")


class MaxUnpool2d(_MaxUnpoolNd):
    _axes, _function = 2, staticmethod(F.max_unpool2d)
    _example = ("MaxUnpool2d(2)", "3x4x4 int64:3x4x4")


class MaxUnpool3d(_MaxUnpoolNd):
    _axes, _function = 3, staticmethod(F.max_unpool3d)
    _example = ("MaxUnpool3d(2)", "3x2x4x4 int64:3x2x4x4")
