"""Convolutions, and how windows are padded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.tensor import Tensor
from ..graph import Node
from .common import F, listed, numbers, sized, spatial


def padding_of(node: Node, input: Tensor, kernel: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the padding before and behind each spatial axis of ``(N, C, *size)``.

    With ``auto_pad`` there are ``ceil(size / stride)`` windows, and the odd element is put behind
    (``SAME_UPPER``) or before (``SAME_LOWER``).
    """
    count = len(kernel)
    auto = node.attribute("auto_pad") or "NOTSET"
    if auto == "NOTSET":
        pads = listed(node, "pads", 2 * count, 0)
        return pads[:count], pads[count:]
    if auto == "VALID":
        return [0] * count, [0] * count
    if auto not in ("SAME_UPPER", "SAME_LOWER"):
        raise ShapeError(f"has auto_pad={auto!r}, which ONNX does not have")
    totals = []
    steps = zip(listed(node, "strides", count, 1), listed(node, "dilations", count, 1), strict=True)
    for size, k, (stride, dilation) in zip(input.shape[2:], kernel, steps, strict=True):
        windows = -(-size // stride)
        totals.append(max((windows - 1) * stride + dilation * (k - 1) + 1 - size, 0))
    return halves(totals, auto)


def halves(totals: Sequence[int], auto: str) -> tuple[list[int], list[int]]:
    """Return padding as what is before and behind."""
    small, large = [t // 2 for t in totals], [t - t // 2 for t in totals]
    return (large, small) if auto == "SAME_LOWER" else (small, large)


def padded(input: Tensor, before: Sequence[int], behind: Sequence[int]) -> Tensor:
    """Return an input with padding around its spatial axes, the last first as torch wants them."""
    pairs = zip(reversed(before), reversed(behind), strict=True)
    amounts = [n for pair in pairs for n in pair]
    result: Tensor = F.pad(input, amounts) if any(amounts) else input
    return result


def _weight(node: Node, input: Tensor, weight: Tensor) -> int:
    """Return how many spatial axes there are, if the weight fits them."""
    count = spatial(input)
    if weight.ndim != input.ndim:
        shapes = f"a weight {shape_text(weight.shape)}", f"an input {shape_text(input.shape)}"
        raise ShapeError(f"has {shapes[0]} for {shapes[1]}")
    kernel = node.attribute("kernel_shape")
    if kernel and tuple(kernel) != weight.shape[2:]:
        sizes = shape_text(tuple(kernel)), shape_text(weight.shape)
        raise ShapeError(f"has kernel_shape {sizes[0]}, but its weight is {sizes[1]}")
    if count > 3:
        raise UnknownOperation(f"has {count} spatial axes; convshape supports 1 to 3")
    return count


def conv(node: Node, input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """``(N, C, *size)`` with ``(M, C/group, *kernel)`` gives ``(N, M, *size)``."""
    count = _weight(node, input, weight)
    before, behind = padding_of(node, input, weight.shape[2:])
    if before != behind:
        input, before = padded(input, before, behind), [0] * count
    return getattr(F, f"conv{count}d")(
        input,
        weight,
        bias,
        stride=tuple(listed(node, "strides", count, 1)),
        padding=tuple(before),
        dilation=tuple(listed(node, "dilations", count, 1)),
        groups=node.attribute("group", 1),
    )


def conv_transpose(node: Node, input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """``(N, C, *size)`` with ``(C, M/group, *kernel)`` gives ``(N, M, *size)``."""
    count = _weight(node, input, weight)
    strides, dilations = (listed(node, name, count, 1) for name in ("strides", "dilations"))
    extra = listed(node, "output_padding", count, 0)
    before, behind = _cut(node, input, weight.shape[2:], strides, dilations, extra)
    same = before == behind and min(before) >= 0
    result = getattr(F, f"conv_transpose{count}d")(
        input,
        weight,
        bias,
        stride=tuple(strides),
        padding=tuple(before) if same else 0,
        output_padding=tuple(extra),
        groups=node.attribute("group", 1),
        dilation=tuple(dilations),
    )
    return result if same else padded(result, [-n for n in before], [-n for n in behind])


def _cut(
    node: Node,
    input: Tensor,
    kernel: Sequence[int],
    strides: list[int],
    dilations: list[int],
    extra: list[int],
) -> tuple[list[int], list[int]]:
    """Return what is cut off before and behind each axis of the whole result."""
    auto = node.attribute("auto_pad") or "NOTSET"
    wanted = node.attribute("output_shape")
    if auto in ("SAME_UPPER", "SAME_LOWER") and not wanted:
        wanted = [n * s for n, s in zip(input.shape[2:], strides, strict=True)]
    if not wanted:
        return padding_of(node, input, kernel)
    sizes = zip(
        input.shape[2:], kernel, strides, dilations, extra, wanted[-len(kernel) :], strict=True
    )
    totals = [s * (n - 1) + e + d * (k - 1) + 1 - w for n, k, s, d, e, w in sizes]
    return halves(totals, "SAME_LOWER" if auto != "SAME_UPPER" else auto)


def col2im(node: Node, input: Tensor, image: Tensor, block: Tensor) -> Any:
    """``(N, C × block, L)`` gives ``(N, C, *image)``."""
    size, kernel = numbers(image, "image_shape") or [], numbers(block, "block_shape") or []
    count = len(size)
    strides, dilations = (listed(node, name, count, 1) for name in ("strides", "dilations"))
    pads = listed(node, "pads", 2 * count, 0)
    if count == 2 and pads[:2] == pads[2:]:
        return F.fold(
            input, tuple(size), tuple(kernel), tuple(dilations), tuple(pads[:2]), tuple(strides)
        )
    windows = elements = 1
    sides = zip(size, kernel, strides, dilations, pads[:count], pads[count:], strict=True)
    for n, k, stride, dilation, low, high in sides:
        windows *= (n + low + high - dilation * (k - 1) - 1) // stride + 1
        elements *= k
    if input.ndim != 3 or input.shape[1] % elements or input.shape[2] != windows:
        wanted = f"(N, C × {elements}, {windows})"
        raise ShapeError(
            f"needs an input of shape {wanted}, but receives {shape_text(input.shape)}"
        )
    return sized(input, (input.shape[0], input.shape[1] // elements, *size))


OPERATORS = {"Conv": conv, "ConvTranspose": conv_transpose, "Col2Im": col2im}
