"""Convolution and transposed convolution."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from ....errors import ShapeError
from ....sizes import same_padding
from ... import dtypes
from ...arguments import number, size
from ...memoize import remembered
from ...tensor import new
from ...tensor_attributes import Size
from .. import functional as F
from ..parameter import Parameter
from .lazy import LazyModuleMixin
from .module import Module, for_any_axes
from .utils import ntuple, parameter

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def _half(kernel_size: Any, dilation: Any) -> tuple[int, ...]:
    """Return the padding that keeps the size at stride 1, where it is the same on both sides."""
    if not all(type(each) is int for each in (*kernel_size, *dilation)):
        return ()
    return tuple(same_padding(k, d)[0] for k, d in zip(kernel_size, dilation, strict=False))


class _ConvNd(Module):
    """What convolutions in any number of axes share.

    Parameters: ``weight`` and ``bias`` (``(out_channels,)``), where torch has them.
    """

    _axes: int
    #: The convolution of `nn.functional`.
    _function: Any
    _transposed = False

    def _build(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        dtype: dtypes.dtype | None,
    ) -> None:
        """Check and register."""
        n = self._axes
        kernel_size, stride, dilation = (
            ntuple(kernel_size, n),
            ntuple(stride, n),
            ntuple(dilation, n),
        )
        padding = padding if isinstance(padding, str) else ntuple(padding, n)
        weight = _checked_weight_size(
            in_channels, out_channels, groups, kernel_size, self._transposed
        )
        self.__dict__.update(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            padding_mode=padding_mode,
            _padded=(padding, kernel_size, dilation),  # as it was made, whatever changes later
        )
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                lower = padding.lower()
                raise ShapeError(
                    f"padding={padding!r} is none of 'same', 'valid' or a number",
                    fix=f"padding={lower!r}" if lower in ("same", "valid") else "",
                )
            if padding == "same":
                if any(s != 1 for s in stride):
                    half = _half(kernel_size, dilation)
                    raise ShapeError(
                        "padding='same' keeps the size only at stride 1, and stride is "
                        f"{for_any_axes(stride)}",
                        fix=f"padding={for_any_axes(half)}" if half else "a number for padding",
                        change={"padding": half} if half else None,
                    )
                for each, _ in zip(dilation, kernel_size, strict=False):  # torch looks at no more
                    number("dilation", each)
        if padding_mode not in _PADDING_MODES:
            raise ShapeError(
                f"padding_mode={padding_mode!r} is none of {', '.join(map(repr, _PADDING_MODES))}"
            )
        self.__dict__["_parameters"] = {
            "weight": Parameter(new(weight, dtype or dtypes.float32)),
            "bias": parameter(out_channels, dtype=dtype) if bias else None,
        }
        self.reset_parameters()

    reset_parameters = Module._nothing

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * len(self.padding):
            text += f", padding={self.padding}"
        if self.dilation != (1,) * len(self.dilation):
            text += f", dilation={self.dilation}"
        output_padding = getattr(self, "output_padding", ())
        if output_padding != (0,) * len(output_padding):
            text += f", output_padding={output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


@remembered
def _checked_weight_size(
    in_channels: Any, out_channels: Any, groups: Any, kernel_size: tuple[Any, ...], transposed: bool
) -> Size:
    for name, value in (
        ("in_channels", in_channels),
        ("out_channels", out_channels),
        ("groups", groups),
    ):
        if not isinstance(value, int):
            raise ShapeError(f"needs an int for {name}, but receives {value!r}")
    if groups <= 0:
        raise ShapeError(f"groups={groups} is not a positive number")
    for name, value in (("in_channels", in_channels), ("out_channels", out_channels)):
        if value % groups:
            fitting = gcd(in_channels, out_channels, groups)
            raise ShapeError(
                f"{name}={value} is not divisible by groups={groups}",
                fix=f"groups={fitting}",
                tried=True,
            )
    return Size(size(_weight_size(in_channels, out_channels, groups, kernel_size, transposed)))


def _weight_size(
    in_channels: int, out_channels: int, groups: int, kernel_size: tuple[Any, ...], transposed: bool
) -> tuple[Any, ...]:
    if transposed:
        return in_channels, out_channels // groups, *kernel_size
    return out_channels, in_channels // groups, *kernel_size


class _Conv(_ConvNd):
    """Convolution: ``(N, in_channels, *size)`` or unbatched to ``(N, out_channels, *out)``.

    ``weight`` is ``(out_channels, in_channels/groups, *kernel_size)``; the size of each axis follows
    `convshape.sizes.conv_size`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output, one for each filter.
        kernel_size: size of the window, in elements, one int or one for each axis; so are all the following.
        stride: step of the window.
        padding: elements added on both sides, or ``'valid'`` for none, or ``'same'`` to keep the size.
        dilation: distance between the elements that the window sees.
        groups: number of blocks of channels that do not see one another.
        bias: whether a learnable bias is added.
        padding_mode: ``'zeros'``, ``'reflect'``, ``'replicate'`` or ``'circular'``.
        device: taken and ignored; nothing is stored.
        dtype: of the parameters.

    Raises:
        ShapeError: the channels are not divisible by `groups`, `padding` is a string with a stride or none of
            ``'same'`` and ``'valid'``, `padding_mode` is unknown; when called: the input has other channels
            or dimensions, or the kernel is larger than the padded input.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        self._build(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            dtype,
        )

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Convolve with weights that a subclass may have made of its own."""
        convolve = self._function
        if self.padding_mode == "zeros":
            padding: Any = self.padding
        else:
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            padding = 0
        result: Tensor = convolve(
            input, weight, bias, self.stride, padding, self.dilation, self.groups
        )
        return result

    def forward(self, input: Tensor) -> Tensor:
        """Convolve ``(N, C, *size)`` or ``(C, *size)``."""
        return self._conv_forward(input, self.weight, self.bias)

    @property
    def _reversed_padding_repeated_twice(self) -> tuple[int, ...]:
        """What `F.pad` adds where it is not zeros: (left, right) of each axis, the last axis first."""
        padding, kernel_size, dilation = self._padded
        if padding == "same":
            sides = [same_padding(k, d) for k, d in zip(kernel_size, dilation, strict=False)]
            sides += [(0, 0)] * (
                len(kernel_size) - len(sides)
            )  # torch leaves out what has no dilation
        else:
            sides = [(p, p) for p in ((0,) * len(kernel_size) if padding == "valid" else padding)]
        return tuple(side for pair in reversed(sides) for side in pair)


class Conv1d(_Conv):
    __doc__ = _Conv.__doc__
    _axes, _function = 1, staticmethod(F.conv1d)


class Conv2d(_Conv):
    __doc__ = _Conv.__doc__
    _axes, _function = 2, staticmethod(F.conv2d)


class Conv3d(_Conv):
    __doc__ = _Conv.__doc__
    _axes, _function = 3, staticmethod(F.conv3d)


class _ConvTranspose(_ConvNd):
    """Transposed convolution: ``(N, in_channels, *size)`` or unbatched to ``(N, out_channels, *out)``.

    ``weight`` is ``(in_channels, out_channels/groups, *kernel_size)``; the size of each axis follows
    `convshape.sizes.conv_transpose_size`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window, in elements, one int or one for each axis; so are all the following.
        stride: step of the window in the output.
        padding: elements cut off on both sides.
        output_padding: elements added on one side of the output.
        groups: number of blocks of channels that do not see one another.
        bias: whether a learnable bias is added.
        dilation: distance between the elements that the window sees.
        padding_mode: only ``'zeros'``.
        device: taken and ignored; nothing is stored.
        dtype: of the parameters.

    Raises:
        ShapeError: the channels are not divisible by `groups`, `padding_mode` is not ``'zeros'``; when
            called: the input has other channels or dimensions, `output_padding` is not smaller than stride
            or dilation, nothing is left, or `output_size` is out of reach.
    """

    _transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        if padding_mode != "zeros":
            raise ShapeError(
                f"padding_mode={padding_mode!r} is not possible: a transposed convolution pads with zeros"
            )
        self.output_padding = ntuple(output_padding, self._axes)
        padding = ntuple(padding, self._axes)  # so that 'same' is what it is in torch: four letters
        self._build(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            dtype,
        )

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Enlarge ``(N, C, *size)`` or ``(C, *size)``, to `output_size` where the stride leaves a choice."""
        output_padding = self.output_padding
        if output_size is not None:
            output_padding = F.output_padding_for(
                input,
                output_size,
                self.weight.shape[2:],
                self.stride,
                self.padding,
                self.dilation,
                self._axes,
            )
        shared = self.stride, self.padding, output_padding, self.groups, self.dilation
        result: Tensor = self._function(input, self.weight, self.bias, *shared)
        return result


class ConvTranspose1d(_ConvTranspose):
    __doc__ = _ConvTranspose.__doc__
    _axes, _function = 1, staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTranspose):
    __doc__ = _ConvTranspose.__doc__
    _axes, _function = 2, staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTranspose):
    __doc__ = _ConvTranspose.__doc__
    _axes, _function = 3, staticmethod(F.conv_transpose3d)


class _LazyConvNd(LazyModuleMixin, _ConvNd):
    """What lazy convolutions share: the number of input channels is that of the first input."""

    def initialize_parameters(self, input: Tensor, *args: Any, **kwargs: Any) -> None:
        """Make the weights for the channels of `input`."""
        self.in_channels = F.spatial(input, self._axes)[0][-1]
        if self.in_channels % self.groups:
            raise ShapeError(
                f"cannot divide {self.in_channels} channels among {self.groups} groups"
            )
        number("out_channels", self.out_channels)
        self.weight.materialize(
            _weight_size(
                self.in_channels, self.out_channels, self.groups, self.kernel_size, self._transposed
            )
        )
        if self.bias is not None:
            self.bias.materialize((self.out_channels,))


class _LazyConv(_LazyConvNd):
    """A convolution that takes its `in_channels` from its first input, and is an ordinary one after that.

    Raises:
        ShapeError: as the ordinary one, what concerns the channels when it is called.
    """

    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(
            0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode, dtype=dtype
        )
        self.out_channels = out_channels
        self._defer(bias, dtype)


class LazyConv1d(_LazyConv, Conv1d):
    __doc__ = _LazyConv.__doc__
    cls_to_become = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    __doc__ = _LazyConv.__doc__
    cls_to_become = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    __doc__ = _LazyConv.__doc__
    cls_to_become = Conv3d


class _LazyConvTranspose(_LazyConvNd):
    """A transposed convolution that takes its `in_channels` from its first input, then an ordinary one.

    Raises:
        ShapeError: as the ordinary one, what concerns the channels when it is called.
    """

    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__(
            0,
            0,
            kernel_size,
            stride,
            padding,
            output_padding,
            groups,
            False,
            dilation,
            padding_mode,
            dtype=dtype,
        )
        self.out_channels = out_channels
        self._defer(bias, dtype)


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    __doc__ = _LazyConvTranspose.__doc__
    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    __doc__ = _LazyConvTranspose.__doc__
    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    __doc__ = _LazyConvTranspose.__doc__
    cls_to_become = ConvTranspose3d
