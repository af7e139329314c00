"""The equations of one layer the other way round, along an axis: which padding, which inputs.

They follow from the equations of `convshape.sizes` in closed form, as an interval that holds all
candidates for a size; each candidate is then put into the layer's own equation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .. import sizes
from .unused import Window, unused

if TYPE_CHECKING:
    from .values import Ratio, Values

Rank = tuple[int, ...]

#: Sizes from here on are none that torch could count the bytes of, in 32-bit numbers.
END = 2**60


class Arguments(NamedTuple):
    """The arguments of a layer along an axis.

    `extra` is the output padding of a transposed convolution, and 1 for a pooling with ceil_mode.
    """

    kernel_size: int
    stride: int
    padding: int
    dilation: int
    extra: int


class Axis(NamedTuple):
    """What is asked along an axis: the values that each argument may have.

    Attributes:
        inputs: the sizes that come in; None where they are asked for.
        outputs: the sizes that shall come out, or how they relate to those that come in.
        own_stride: whether the stride may also be the kernel's size, as it is in pooling by
            default.
    """

    inputs: Values | None
    outputs: Values | Ratio
    kernel_size: Values
    stride: Values
    padding: Values
    dilation: Values
    extra: Values
    own_stride: bool = False


class Conv:
    """Convolution, as `solve` needs to know it."""

    def out(self, size: int, a: Arguments) -> int:
        """Return the size that comes out."""
        return int(sizes.conv_size(size, *a[:4]))

    def most_padding(self, kernel_size: int) -> int:
        """Return the most padding that the layer takes."""
        return END

    def most_extra(self, stride: int, dilation: int) -> int:
        """Return the largest of the values of `Arguments.extra` that the layer takes."""
        return 0

    def padded(self, out: range, a: Arguments) -> tuple[int, int]:
        """Return the least and the most of ``size + 2·padding`` that can give these sizes."""
        least, most = (
            sizes.conv_transpose_size(n, a.kernel_size, a.stride, dilation=a.dilation)
            for n in (out[0], out[-1])
        )
        return least, most + a.stride - 1

    def paddings(self, size: int, out: range, a: Arguments) -> tuple[int, int]:
        """Return the least and the most padding by which `size` can give these sizes."""
        least, most = self.padded(out, a)
        return -((size - least) // 2), (most - size) // 2

    def inputs(self, out: range, a: Arguments) -> tuple[int, int]:
        """Return the least and the most of the sizes that can give these."""
        least, most = self.padded(out, a)
        return least - 2 * a.padding, most - 2 * a.padding

    def largest_kernel(self, axis: Axis) -> int:
        """Return a size that no kernel which fits is larger than."""
        if axis.inputs is None:
            return END
        return axis.inputs.most + 2 * axis.padding.most

    def rank(self, size: int, out: int, a: Arguments) -> Rank:
        """Return what comes first when solutions are sorted: what people write, small before large.

        Nothing thrown away, an odd kernel, a padding of half of it or none.
        """
        even = int(a.kernel_size % 2 == 0)
        return (_wastes(size, out, a), even, _oddity(a), *_smallness(size, a))


class Pool(Conv):
    """Pooling, with `Arguments.extra` for ceil_mode."""

    def out(self, size: int, a: Arguments) -> int:
        """Return the size that comes out."""
        return int(sizes.pool_size(size, *a[:4], ceil_mode=bool(a.extra)))

    def most_padding(self, kernel_size: int) -> int:
        """Return the most padding that the layer takes."""
        return int(sizes.most_pool_padding(kernel_size))

    def most_extra(self, stride: int, dilation: int) -> int:
        """Return the largest of the values of `Arguments.extra` that the layer takes."""
        return 1

    def padded(self, out: range, a: Arguments) -> tuple[int, int]:
        """Return the least and the most of ``size + 2·padding`` that can give these sizes.

        Rounded up, a window more begins a stride earlier. The last size is the same: until there,
        the window more begins in the padding, of half a kernel at most, and is dropped.
        """
        least, most = super().padded(out, a)
        return (least - a.stride + 1 if a.extra else least), most

    def largest_kernel(self, axis: Axis) -> int:
        """Return a size that no kernel which fits is larger than."""
        return END if axis.extra.most else super().largest_kernel(axis)

    def rank(self, size: int, out: int, a: Arguments) -> Rank:
        """Return what comes first: nothing thrown away, no ceil_mode, windows side by side."""
        overlaps = int(a.stride != a.kernel_size)
        return (_wastes(size, out, a), a.extra, _oddity(a), overlaps, *_smallness(size, a))


class ConvTranspose(Conv):
    """Transposed convolution, with `Arguments.extra` for the output padding."""

    def out(self, size: int, a: Arguments) -> int:
        """Return the size that comes out."""
        out = sizes.conv_transpose_size(
            size, a.kernel_size, a.stride, a.padding, a.extra, a.dilation
        )
        return int(out)

    def most_extra(self, stride: int, dilation: int) -> int:
        """Return the largest of the values of `Arguments.extra` that the layer takes."""
        return sizes.most_output_padding(stride, dilation)

    def paddings(self, size: int, out: range, a: Arguments) -> tuple[int, int]:
        """Return the least and the most padding by which `size` can give these sizes."""
        uncut = self.out(size, a._replace(padding=0))
        return -((out[-1] - uncut) // 2), (uncut - out[0]) // 2

    def inputs(self, out: range, a: Arguments) -> tuple[int, int]:
        """Return the least and the most of the sizes that can give these."""
        first, last = (sizes.conv_size(n - a.extra, *a[:4]) for n in (out[0], out[-1]))
        return first, last

    def largest_kernel(self, axis: Axis) -> int:
        """Return a size that no kernel which fits is larger than."""
        return END

    def rank(self, size: int, out: int, a: Arguments) -> Rank:
        """Return what comes first: no output padding, and a kernel that covers evenly.

        A kernel that is not a multiple of the stride adds up more windows in some places than in
        others. Source: Odena, Dumoulin and Olah, "Deconvolution and checkerboard artifacts",
        Distill (2016).
        """
        uneven = int(a.kernel_size % a.stride > 0)
        even = int(a.stride == 1 and a.kernel_size % 2 == 0)
        return (a.extra, uneven, even, *_smallness(size, a))


def _wastes(size: int, out: int, a: Arguments) -> int:
    left = unused(size, out, Window(*a[:4]))
    return int(left is None or left.total > 0)


def _oddity(a: Arguments) -> int:
    """Tell how far the padding is from what people write: none, or half of the kernel exactly."""
    over = 2 * a.padding - (sizes.effective_kernel(a.kernel_size, a.dilation) - 1)
    return 0 if not a.padding or not over else 1 if over < 0 else 2


def _smallness(size: int, a: Arguments) -> Rank:
    return (a.dilation, a.kernel_size, a.stride, a.padding, size)
