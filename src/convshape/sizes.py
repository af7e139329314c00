"""The output-size equations, one function each, one axis at a time.

Every argument may be an ``int`` or an array of integers (NumPy's, or anything with ``+ - * //`` and
comparison); sizes are counted in elements. The equations are torch 2.13's own, and nothing is
checked here: a result below 1 means that the kernel does not fit.
`convshape.shapetorch.nn.functional` refuses what torch refuses, and so does `convshape.equations`
for plain numbers, which defines ``convshape.conv_size`` and so on.

Source: the "Shape" sections of torch.nn, and Dumoulin and Visin, "A guide to convolution arithmetic
for deep learning" (2016), whose relations 6, 14 and 15 are the floor, transposed and dilated forms.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    Size = TypeVar("Size", int, Any)
    Function = TypeVar("Function", bound=Callable[..., Any])

#: The equations of the functions here, by name, in the names of their arguments.
EQUATIONS: dict[str, str] = {}


def _written(equation: str) -> Callable[[Function], Function]:
    """Return a decorator that records a function's equation and puts it into the docstring."""

    def note(function: Function) -> Function:
        EQUATIONS[function.__name__] = equation
        if function.__doc__ is not None:  # as under python -OO
            function.__doc__ = function.__doc__.replace("{equation}", equation)
        return function

    return note


@_written("dilation·(kernel_size − 1) + 1")
def effective_kernel(kernel_size: Size, dilation: Size = 1) -> Size:
    """Extent of a dilated kernel: ``{equation}``.

    Source: Dumoulin and Visin (2016), section 5.1.

    >>> effective_kernel(3, dilation=2)
    5
    """
    return dilation * (kernel_size - 1) + 1


@_written("⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1")
def conv_size(
    size: Size, kernel_size: Size, stride: Size = 1, padding: Size = 0, dilation: Size = 1
) -> Size:
    """Convolution: ``{equation}``.

    Source: torch.nn.Conv2d; Dumoulin and Visin (2016), relation 15.

    >>> conv_size(32, kernel_size=5)
    28
    """
    return (size + 2 * padding - effective_kernel(kernel_size, dilation)) // stride + 1


def same_padding(kernel_size: Size, dilation: Size = 1) -> tuple[Size, Size]:
    """Padding (left, right) that keeps the size at stride 1; an odd element goes to the right.

    ``left = ⌊dilation·(kernel_size − 1) / 2⌋``. Source: torch's ``padding='same'``.

    >>> same_padding(4)
    (1, 2)
    """
    total = effective_kernel(kernel_size, dilation) - 1
    left = total // 2
    return left, total - left


def most_pool_padding(kernel_size: Size) -> Size:
    """Most padding that pooling takes: half of its kernel, so that no window lies in padding alone.

    Source: torch's refusal, "pad should be at most half of effective kernel size", which means the
    kernel without its dilation.

    >>> most_pool_padding(3)
    1
    """
    return kernel_size // 2


def most_output_padding(stride: int, dilation: int) -> int:
    """Most output padding of a transposed convolution: one less than the stride or the dilation.

    Source: torch's refusal, "output padding must be smaller than either stride or dilation".

    >>> most_output_padding(2, dilation=1)
    1
    """
    return max(stride, dilation) - 1


@_written("⌈(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌉ + 1")
def ceil_size(
    size: Size, kernel_size: Size, stride: Size = 1, padding: Size = 0, dilation: Size = 1
) -> Size:
    """Windows that cover all: ``{equation}``.

    `conv_size` rounded up. Source: Dumoulin and Visin (2016), relation 6, with the other rounding.

    >>> ceil_size(5, kernel_size=2, stride=2, padding=1)
    4
    """
    return -((effective_kernel(kernel_size, dilation) - size - 2 * padding) // stride) + 1


def pool_size(
    size: Size,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> Size:
    """Pooling: `conv_size`, or `ceil_size` with `ceil_mode`; no window sees only padding.

    The stride defaults to the kernel's size. The last window is dropped if it would start in the
    right padding: ``(out − 1)·stride >= size + padding``.

    Source: torch's ``pooling_output_shape`` (ATen/native/Pool.h), which the documentation follows
    since 2.0.

    >>> pool_size(28, kernel_size=2)
    14
    >>> pool_size(112, kernel_size=3, stride=2, padding=1)
    56
    >>> pool_size(5, kernel_size=2, stride=2, padding=1, ceil_mode=True)
    3
    """
    stride = kernel_size if stride is None else stride
    if not ceil_mode:
        return conv_size(size, kernel_size, stride, padding, dilation)
    out = ceil_size(size, kernel_size, stride, padding, dilation)
    return out - ((out - 1) * stride >= size + padding)


@_written("(size − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1")
def conv_transpose_size(
    size: Size,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
) -> Size:
    """``{equation}``.

    The size of a transposed convolution: the largest input of a convolution that gives `size`, as
    far as `output_padding` goes. Source: torch.nn.ConvTranspose2d; Dumoulin and Visin (2016),
    relation 14.

    >>> conv_transpose_size(7, kernel_size=4, stride=2, padding=1)
    14
    """
    return (
        (size - 1) * stride - 2 * padding + effective_kernel(kernel_size, dilation) + output_padding
    )


@_written("(size − 1)·stride − 2·padding + kernel_size")
def unpool_size(
    size: Size, kernel_size: Size, stride: Size | None = None, padding: Size = 0
) -> Size:
    """Unpooling, the smallest size that pools to `size`: ``{equation}``.

    The stride is the kernel's size unless given. Source: torch.nn.MaxUnpool2d.

    >>> unpool_size(56, kernel_size=2, stride=2)
    112
    """
    return conv_transpose_size(
        size, kernel_size, kernel_size if stride is None else stride, padding
    )


@_written("⌊size·scale_factor⌋")
def upsample_size(size: int, scale_factor: float) -> int:
    """Resampling: ``{equation}``, the product rounded to a 64-bit floating-point number first.

    Source: torch.nn.Upsample; so 10 · 0.3 = 3, but 100 · 1.15 = 114.

    >>> upsample_size(100, 1.15)
    114
    """
    return floor(size * scale_factor)


def unfold_blocks(
    size: Size, kernel_size: Size, stride: Size = 1, padding: Size = 0, dilation: Size = 1
) -> Size:
    """Sliding blocks along one axis; the product over all axes is L of ``(N, C·∏kernel_size, L)``.

    The positions of a sliding window are those of a convolution. Source: torch.nn.Unfold.

    >>> unfold_blocks(10, kernel_size=3, stride=2)
    4
    """
    return conv_size(size, kernel_size, stride, padding, dilation)
