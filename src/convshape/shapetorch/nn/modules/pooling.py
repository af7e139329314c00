"""Pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ...arguments import number
from .. import functional as F
from .layer import Layer
from .module import Module
from .utils import ntuple

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor


class _Pool(Layer):
    """A pooling over windows, whose step is the size of the window unless given."""

    _axes: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.stride is None:
            self.__dict__["stride"] = self.kernel_size


class _MaxPool(_Pool):
    """Maximum of a sliding window: ``(N, C, *size)`` or unbatched to ``(N, C, *out)``.

    The size of each axis follows `convshape.sizes.pool_size`.

    Args:
        kernel_size: size of the window, in elements, one int or one for each axis; so are all the following.
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
    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    dilation: Any = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool1d(_MaxPool):
    __doc__ = _MaxPool.__doc__
    _axes, _function = 1, staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPool):
    __doc__ = _MaxPool.__doc__
    _axes, _function = 2, staticmethod(F.max_pool2d)


class MaxPool3d(_MaxPool):
    __doc__ = _MaxPool.__doc__
    _axes, _function = 3, staticmethod(F.max_pool3d)


class _AvgPool(Module):
    """Mean of a sliding window: ``(N, C, *size)`` or unbatched to ``(N, C, *out)``.

    The size of each axis follows `convshape.sizes.pool_size`.

    Args:
        kernel_size: size of the window, in elements, one int or one for each axis; so are all the following.
        stride: step of the window; the kernel size unless given.
        padding: zeros added on both sides, at most half the kernel.
        ceil_mode: keep a last window that reaches beyond the input.
        count_include_pad: whether the zeros count in the mean.
        divisor_override: divide by this number instead (not in one axis).
    """

    _axes: int

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """Pool ``(N, C, *size)`` or ``(C, *size)``."""
        return F.AVG_POOL[self._axes](
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    __doc__ = _AvgPool.__doc__
    _axes = 1

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        # In one axis torch keeps tuples, and prints them.
        stride = kernel_size if stride is None else stride
        super().__init__(
            ntuple(kernel_size, 1),
            ntuple(stride, 1),
            ntuple(padding, 1),
            ceil_mode,
            count_include_pad,
        )


class AvgPool2d(_AvgPool):
    __doc__ = _AvgPool.__doc__
    _axes = 2


class AvgPool3d(_AvgPool):
    __doc__ = _AvgPool.__doc__
    _axes = 3


class _Adaptive(Module):
    """Pooling over windows that divide ``(N, C, *size)`` or ``(C, *size)`` into `output_size`.

    Args:
        output_size: the spatial sizes that come out, one int or one for each axis; None keeps an axis.

    Raises:
        ShapeError: when called: `output_size` is none, or there is nothing to divide.
    """

    _axes: int

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class _AdaptiveAvgPool(_Adaptive):
    def forward(self, input: Tensor) -> Tensor:
        """Pool ``(N, C, *size)`` or ``(C, *size)``."""
        return F.ADAPTIVE_AVG_POOL[self._axes](input, self.output_size)


class _AdaptiveMaxPool(_Adaptive):
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """Pool ``(N, C, *size)`` or ``(C, *size)``."""
        return F.ADAPTIVE_MAX_POOL[self._axes](input, self.output_size, self.return_indices)


class _LPPool(Module):
    """Power-average of a sliding window: ``(N, C, *size)`` or unbatched to ``(N, C, *out)``.

    The size of each axis follows `convshape.sizes.pool_size`.

    Args:
        norm_type: the power; infinity gives the maximum.
        kernel_size: size of the window, in elements, one int or one for each axis.
        stride: step of the window; the kernel size unless given.
        ceil_mode: keep a last window that reaches beyond the input.
    """

    _axes: int

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """Pool ``(N, C, *size)`` or ``(C, *size)``."""
        return F.LP_POOL[self._axes](
            input,
            float(number("norm_type", self.norm_type)),
            self.kernel_size,
            self.stride,
            self.ceil_mode,
        )

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    __doc__ = _Adaptive.__doc__
    _axes = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    __doc__ = _Adaptive.__doc__
    _axes = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    __doc__ = _Adaptive.__doc__
    _axes = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    __doc__ = _Adaptive.__doc__
    _axes = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    __doc__ = _Adaptive.__doc__
    _axes = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    __doc__ = _Adaptive.__doc__
    _axes = 3


class LPPool1d(_LPPool):
    __doc__ = _LPPool.__doc__
    _axes = 1


class LPPool2d(_LPPool):
    __doc__ = _LPPool.__doc__
    _axes = 2


class LPPool3d(_LPPool):
    __doc__ = _LPPool.__doc__
    _axes = 3


class _FractionalMaxPool(Module):
    """Maximum of windows at random distances: ``(N, C, *size)`` or unbatched to ``(N, C, *out)``.

    The size of each axis is `output_size`, or ``⌊size·output_ratio⌋``.

    Args:
        kernel_size: size of the window, in elements, one int or one for each axis; so are all the following.
        output_size: the spatial sizes that come out.
        output_ratio: or their shares of the input's, between 0 and 1.
        return_indices: return the positions of the maxima too, a second tensor of the same shape.

    Raises:
        ShapeError: both or neither of `output_size` and `output_ratio` are given, or the ratio is not between
            0 and 1; when called: so many windows do not fit.
    """

    _axes: int

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = ntuple(kernel_size, self._axes)
        known = isinstance(kernel_size, (tuple, list, int))
        if (
            self._axes == 3
            and known
            and any(number("kernel_size", k) <= 0 for k in self.kernel_size)
        ):
            raise ShapeError(f"kernel_size={kernel_size!r} is not positive")
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else ntuple(output_size, self._axes)
        self.output_ratio = None if output_ratio is None else ntuple(output_ratio, self._axes)
        if (output_size is None) == (output_ratio is None):
            raise ShapeError("needs either output_size or output_ratio, and not both")
        if self.output_ratio is not None:
            if len(self.output_ratio) < self._axes:
                raise ShapeError(
                    f"needs {self._axes} ratios in output_ratio, but receives {output_ratio!r}"
                )
            if any(not 0 < number("output_ratio", r) < 1 for r in self.output_ratio[: self._axes]):
                raise ShapeError(f"output_ratio={output_ratio!r} is not between 0 and 1")

    def forward(self, input: Tensor) -> Any:
        """Pool ``(N, C, *size)`` or ``(C, *size)``."""
        return F.FRACTIONAL_MAX_POOL[self._axes](
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            _random_samples=self._random_samples,
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    __doc__ = _FractionalMaxPool.__doc__
    _axes = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    __doc__ = _FractionalMaxPool.__doc__
    _axes = 3


class _MaxUnpool(Module):
    """Maxima put back where they were, with zeros around: ``(N, C, *size)`` to ``(N, C, *out)``.

    The size of each axis follows `convshape.sizes.unpool_size`, or is the `output_size` of the call.

    Args:
        kernel_size: of the pooling, one int or one for each axis; so are all the following.
        stride: of the pooling; the kernel size unless given.
        padding: of the pooling.
    """

    _axes: int

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = ntuple(kernel_size, self._axes)
        self.stride = ntuple(kernel_size if stride is None else stride, self._axes)
        self.padding = ntuple(padding, self._axes)

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Unpool ``(N, C, *size)`` or ``(C, *size)`` with `indices` of the same shape."""
        return F.MAX_UNPOOL[self._axes](
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    __doc__ = _MaxUnpool.__doc__
    _axes = 1


class MaxUnpool2d(_MaxUnpool):
    __doc__ = _MaxUnpool.__doc__
    _axes = 2


class MaxUnpool3d(_MaxUnpool):
    __doc__ = _MaxUnpool.__doc__
    _axes = 3
