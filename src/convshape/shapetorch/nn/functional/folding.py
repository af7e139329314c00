"""Sliding blocks."""

from __future__ import annotations

from math import prod
from typing import Any

from .... import sizes
from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, integers, ntuple, shape
from ...layout import PACKED
from ...operation import Unknown, operation
from ...tensor import Tensor, new
from .common import check_least, check_nonempty, spatial

_COLUMNS = operation(layout=PACKED, macs=None, field=Unknown("its columns are not a spatial axis"))


@_COLUMNS
def unfold(
    input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """Windows of ``(N, C, H, W)`` as columns: ``(N, C·∏kernel_size, L)``, also without the batch.

    The windows along an axis follow `convshape.sizes.unfold_blocks`; L is their product.

    Raises:
        ShapeError: the kernel is larger than the padded input, or the input is empty.
    """
    kernel, dilation, padding, stride = _block(kernel_size, dilation, padding, stride)
    lead, size = spatial(input, 2)
    check_nonempty(input, lead[-1], *size)
    blocks = tuple(map(sizes.unfold_blocks, size, kernel, stride, padding, dilation))
    if any(n < 1 for n in blocks):
        raise ShapeError(
            f"has a kernel of {shape(kernel)}, larger than its padded input {shape(size)}"
        )
    return new((*lead[:-1], lead[-1] * prod(kernel), prod(blocks)), _not_integer(input))


@_COLUMNS
def fold(
    input: Tensor,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Tensor:
    """Sum columns ``(N, C·∏kernel_size, L)`` to ``(N, C, *output_size)``, or without the batch.

    Raises:
        ShapeError: the columns are not those of an input of `output_size`.
    """
    output = _two("output_size", output_size)
    check_least(1, "which must be at least 1", output_size=output)
    kernel, dilation, padding, stride = _block(kernel_size, dilation, padding, stride)
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise ShapeError(
            f"expects 3 dimensions (N, C·k·k, L), or 2 without the batch: {shape(input.shape)}"
        )
    *lead, columns, count = input.shape
    if columns % prod(kernel):
        raise ShapeError(f"expects columns of a multiple of {prod(kernel)}, but receives {columns}")
    blocks = tuple(map(sizes.unfold_blocks, output, kernel, stride, padding, dilation))
    if any(n < 1 for n in blocks) or prod(blocks) != count:
        raise ShapeError(f"expects {shape(blocks)} = {prod(blocks)} columns, but receives {count}")
    return new((*lead, columns // prod(kernel), *output), _not_integer(input))


def _not_integer(input: Tensor) -> dtypes.dtype:
    if input.dtype.kind == dtypes.INTEGER:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="an input of float32")
    return input.dtype


def _two(name: str, value: Any) -> Ints:
    values = integers(name, ntuple(value, 2))
    if len(values) != 2:
        raise ShapeError(f"needs two ints for {name}, but receives {len(values)}: {values}")
    return values


def _block(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[Ints, ...]:
    kernel, dilation = _two("kernel_size", kernel_size), _two("dilation", dilation)
    padding, stride = _two("padding", padding), _two("stride", stride)
    check_least(1, "which must be at least 1", kernel_size=kernel, dilation=dilation, stride=stride)
    check_least(0, "and padding cannot be negative", padding=padding)
    return kernel, dilation, padding, stride
