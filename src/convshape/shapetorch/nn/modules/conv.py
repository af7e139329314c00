"""Convolution and transposed convolution."""

from __future__ import annotations

from math import gcd
from typing import Any, ClassVar

from ....errors import ShapeError
from ....sizes import same_padding
from ... import dtypes
from ...arguments import ntuple, number, one_of, size
from ...memoize import remembered
from ...tensor import Tensor
from ...tensor_attributes import Size
from .. import functional as F
from ..parameter import new_parameter
from .constructor import for_any_axes
from .layer import Layer
from .lazy import LazyLayer
from .module import Module
from .utils import _pair as _pair
from .utils import _single as _single
from .utils import _triple as _triple
from .utils import parameter

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def _half(kernel_size: Any, dilation: Any) -> tuple[int, ...]:
    """Return the padding that keeps the size at stride 1, where it is the same on both sides."""
    if not all(type(n) is int for n in (*kernel_size, *dilation)):
        return ()
    return tuple(same_padding(k, d)[0] for k, d in zip(kernel_size, dilation, strict=False))


class _ConvNd(Layer):
    """What convolutions in any number of axes share.

    Parameters: ``weight`` and ``bias`` (``(out_channels,)``), where torch has them.
    """

    _axes: int
    transposed = False
    in_channels: int
    out_channels: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0

    def _assemble(self, bias: bool, device: object, dtype: dtypes.dtype | None) -> None:
        n, padding = self._axes, self.padding
        kernel_size, dilation = ntuple(self.kernel_size, n), ntuple(self.dilation, n)
        weight = _checked_weight_size(
            self.in_channels, self.out_channels, self.groups, kernel_size, self.transposed
        )
        padding = padding if isinstance(padding, str) else ntuple(padding, n)
        self.__dict__.update(
            kernel_size=kernel_size,
            stride=ntuple(self.stride, n),
            padding=padding,
            dilation=dilation,
            output_padding=ntuple(getattr(self, "output_padding", 0), n),
            _padded=(padding, kernel_size, dilation),  # as it was made, whatever changes later
        )
        if isinstance(padding, str):
            self._check_word()
        one_of("padding_mode", self.padding_mode, _PADDING_MODES, kind=ValueError)
        self.__dict__["_parameters"] = {
            "weight": new_parameter(weight, dtype),
            "bias": parameter(self.out_channels, dtype=dtype) if bias else None,
        }
        self.reset_parameters()

    reset_parameters = Module._nothing

    def _check_word(self) -> None:
        """Refuse a word for the padding that is none, or cannot keep the size."""
        padding, stride = self.padding, self.stride
        if padding not in ("same", "valid"):
            lower = padding.lower()
            is_word = lower in ("same", "valid")
            raise ShapeError(
                f"padding={padding!r} must be a number, 'same' or 'valid'",
                kind=ValueError,
                fix=f"padding={lower!r}" if is_word else "",
                change={"padding": lower} if is_word else None,
            )
        if padding == "valid":
            return
        if any(s != 1 for s in stride):
            half = _half(self.kernel_size, self.dilation)
            raise ShapeError(
                "padding='same' keeps the size only at stride 1, and stride is "
                f"{for_any_axes(stride)}",
                fix=f"padding={for_any_axes(half)}" if half else "a number for padding",
                change={"padding": half} if half else None,
            )
        for d, _ in zip(self.dilation, self.kernel_size, strict=False):  # torch looks at no more
            number("dilation", d)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        text += f", stride={self.stride}"
        for name, usual in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            value = getattr(self, name, ())
            if value != (usual,) * len(value):
                text += f", {name}={value}"
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
            raise ShapeError(f"needs an int for {name}, but receives {value!r}", wanted=int)
    if groups <= 0:
        raise ShapeError(f"groups={groups} is not a positive number", kind=ValueError)
    for name, value in (("in_channels", in_channels), ("out_channels", out_channels)):
        if value % groups:
            fitting = gcd(in_channels, out_channels, groups)
            raise ShapeError(
                f"{name}={value} is not divisible by groups={groups}",
                kind=ValueError,
                fix=f"groups={fitting}",
                tried=True,
                change={"groups": fitting},
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

    ``weight`` is ``(out_channels, in_channels/groups, *kernel_size)``; the size of each axis
    follows `convshape.sizes.conv_size`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output, one for each filter.
        kernel_size: size of the window, in elements, one int or one for each axis; so are the
            following.
        stride: step of the window.
        padding: elements added on both sides, or ``'valid'`` for none, or ``'same'`` to keep the
            size.
        dilation: distance between the elements that the window sees.
        groups: number of blocks of channels that do not see one another.
        bias: whether a learnable bias is added.
        padding_mode: ``'zeros'``, ``'reflect'``, ``'replicate'`` or ``'circular'``.
        device: taken and ignored; nothing is stored.
        dtype: of the parameters.

    Raises:
        ShapeError: the channels are not divisible by `groups`, `padding` is a string with a stride
            or none of ``'same'`` and ``'valid'``, `padding_mode` is unknown; when called: the input
            has other channels or dimensions, or the kernel is larger than the padded input.
    """

    dilation: Any = 1
    groups: int = 1
    bias: Any = True
    padding_mode: str = "zeros"
    device: object = None
    dtype: dtypes.dtype | None = None

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Any:
        """Convolve with weights that a subclass may have made of its own."""
        convolve = self._function
        if self.padding_mode == "zeros":
            return convolve(
                input, weight, bias, self.stride, self.padding, self.dilation, self.groups
            )
        padded = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
        return convolve(padded, weight, bias, self.stride, 0, self.dilation, self.groups)

    def forward(self, input: Tensor) -> Any:
        """Convolve ``(N, C, *size)`` or ``(C, *size)``."""
        return self._conv_forward(input, self.weight, self.bias)

    @property
    def _reversed_padding_repeated_twice(self) -> tuple[int, ...]:
        """What `F.pad` adds if not zeros: (left, right) of each axis, the last axis first."""
        padding, kernel_size, dilation = self._padded
        if padding == "same":
            sides = [same_padding(k, d) for k, d in zip(kernel_size, dilation, strict=False)]
            # torch leaves out what has no dilation.
            sides += [(0, 0)] * (len(kernel_size) - len(sides))
        else:
            sides = [(p, p) for p in ((0,) * len(kernel_size) if padding == "valid" else padding)]
        return tuple(side for pair in reversed(sides) for side in pair)


class Conv1d(_Conv):
    _axes, _function = 1, staticmethod(F.conv1d)
    _example = ("Conv1d(1, 32, 80, stride=16)", "1x8000")


class Conv2d(_Conv):
    _axes, _function = 2, staticmethod(F.conv2d)
    _example = ("Conv2d(3, 64, 7, stride=2, padding=3)", "3x224x224")


class Conv3d(_Conv):
    _axes, _function = 3, staticmethod(F.conv3d)
    _example = ("Conv3d(3, 64, 3, padding=1)", "3x16x112x112")


class _ConvTransposeNd(_ConvNd):
    """Transposed convolution: ``(N, in_channels, *size)`` to ``(N, out_channels, *out)``.

    Unbatched input has no N. ``weight`` is ``(in_channels, out_channels/groups, *kernel_size)``;
    the size of each axis follows `convshape.sizes.conv_transpose_size`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window, in elements, one int or one for each axis; so are the
            following.
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
        ShapeError: the channels are not divisible by `groups`, `padding_mode` is not ``'zeros'``;
            when called: the input has other channels or dimensions, `output_padding` is not
            smaller than stride or dilation, nothing is left, or `output_size` is out of reach.
    """

    transposed = True
    output_padding: Any = 0
    groups: int = 1
    bias: Any = True
    dilation: Any = 1
    padding_mode: str = "zeros"
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(self, bias: bool, device: object, dtype: dtypes.dtype | None) -> None:
        if self.padding_mode != "zeros":
            raise ShapeError(
                f"padding_mode={self.padding_mode!r} is not possible: "
                "a transposed convolution pads with zeros",
                kind=ValueError,
            )
        self.padding = ntuple(self.padding, self._axes)  # of 'same' torch makes its four letters
        super()._assemble(bias, device, dtype)

    def forward(self, input: Tensor, output_size: Any = None) -> Any:
        """Enlarge ``(N, C, *size)`` or ``(C, *size)``.

        Where the stride leaves a choice of sizes, `output_size` makes it.
        """
        output_padding, stride, padding = self.output_padding, self.stride, self.padding
        if output_size is not None:
            kernel = self.weight.shape[2:]
            output_padding = F.output_padding_for(
                input, output_size, kernel, stride, padding, self.dilation, self._axes
            )
        return self._function(
            input,
            self.weight,
            self.bias,
            stride,
            padding,
            output_padding,
            self.groups,
            self.dilation,
        )


class ConvTranspose1d(_ConvTransposeNd):
    _axes, _function = 1, staticmethod(F.conv_transpose1d)
    _example = ("ConvTranspose1d(4, 2, 3, stride=2)", "4x10")


class ConvTranspose2d(_ConvTransposeNd):
    _axes, _function = 2, staticmethod(F.conv_transpose2d)
    _example = ("ConvTranspose2d(8, 4, 4, stride=2, padding=1)", "8x7x7")


class ConvTranspose3d(_ConvTransposeNd):
    _axes, _function = 3, staticmethod(F.conv_transpose3d)
    _example = ("ConvTranspose3d(2, 2, 2, stride=2)", "2x4x4x4")


class _LazyConv(LazyLayer):
    """A convolution that takes its `in_channels` from its first input, then an ordinary one.

    Raises:
        ShapeError: as the ordinary one, what concerns the channels when it is called.
    """

    _blank: ClassVar[dict[str, Any]] = {"in_channels": 0, "out_channels": 0, "bias": False}

    def initialize_parameters(self, input: Tensor, *args: Any, **kwargs: Any) -> None:
        """Make the weights for the channels of `input`."""
        self.in_channels = F.spatial(input, self._axes)[0][-1]
        if self.in_channels % self.groups:
            raise ShapeError(
                f"cannot divide {self.in_channels} channels among {self.groups} groups",
                kind=ValueError,
            )
        number("out_channels", self.out_channels)
        channels = (self.in_channels, self.out_channels, self.groups)
        self.weight.materialize(_weight_size(*channels, self.kernel_size, self.transposed))
        if self.bias is not None:
            self.bias.materialize((self.out_channels,))


class LazyConv1d(_LazyConv, Conv1d):
    cls_to_become = Conv1d
    _example = ("LazyConv1d(6, 5)", "3x31")


class LazyConv2d(_LazyConv, Conv2d):
    cls_to_become = Conv2d
    _example = ("LazyConv2d(6, 5)", "3x31x32")


class LazyConv3d(_LazyConv, Conv3d):
    cls_to_become = Conv3d
    _example = ("LazyConv3d(6, 5)", "3x8x9x10")


class _LazyConvTranspose(_LazyConv):
    """A transposed convolution that takes its `in_channels` from its first input.

    Raises:
        ShapeError: as the ordinary one, what concerns the channels when it is called.
    """


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    cls_to_become = ConvTranspose1d
    _example = ("LazyConvTranspose1d(4, 4, stride=2, padding=1)", "8x31")


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    cls_to_become = ConvTranspose2d
    _example = ("LazyConvTranspose2d(4, 4, stride=2, padding=1)", "8x31x32")


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    cls_to_become = ConvTranspose3d
    _example = ("LazyConvTranspose3d(4, 4, stride=2, padding=1)", "8x8x9x10")
