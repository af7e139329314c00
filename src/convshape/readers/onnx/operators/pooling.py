"""Poolings, and what undoes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor
from struct import pack, unpack
from typing import Any

from ....errors import ShapeError
from ....shapetorch import dtypes
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.tensor import Tensor
from ..graph import Node
from .common import F, axis_of, listed, numbers, sized, spatial
from .convolution import padded, padding_of


def _windows(node: Node, input: Tensor) -> tuple[Tensor, dict[str, Any]]:
    """Return the input and arguments for torch's pooling; the input is padded if torch cannot."""
    kernel = node.attribute("kernel_shape")
    count = spatial(input)
    if not kernel or len(kernel) != count:
        raise ShapeError(f"has kernel_shape {kernel} for {shape_text(input.shape)}")
    strides, dilations = (listed(node, name, count, 1) for name in ("strides", "dilations"))
    before, behind = padding_of(node, input, kernel)
    auto = node.attribute("auto_pad") or "NOTSET"
    ceil = bool(node.attribute("ceil_mode", 0)) and auto == "NOTSET"
    if before != behind or any(2 * p > k for p, k in zip(before, kernel, strict=True)):
        sides = zip(input.shape[2:], kernel, strides, dilations, before, behind, strict=True)
        behind = [_behind(n, k, s, d, low, high, ceil) for n, k, s, d, low, high in sides]
        input, before, ceil = padded(input, before, behind), [0] * count, False
    arguments = {
        "kernel_size": tuple(kernel),
        "stride": tuple(strides),
        "padding": tuple(before),
        "dilation": tuple(dilations),
        "ceil_mode": ceil,
    }
    return input, arguments


def _behind(size: int, k: int, stride: int, dilation: int, low: int, high: int, ceil: bool) -> int:
    """Return the padding behind an axis that its windows just fill; what they leave is cut off."""
    extent = dilation * (k - 1) + 1
    room = size + low + high - extent
    if room < 0:
        return high
    windows = (-(-room // stride) if ceil else room // stride) + 1
    if ceil and (windows - 1) * stride >= size + low:  # it would start in the padding
        windows -= 1
    return (windows - 1) * stride + extent - size - low


def max_pool(node: Node, input: Tensor) -> Any:
    """``(N, C, *size)`` gives ``(N, C, *size)``, and the indices if they are wanted."""
    count = spatial(input)
    input, arguments = _windows(node, input)
    if count > 3:
        return _of_many_axes(input, arguments)
    result = getattr(F, f"max_pool{count}d")(input, **arguments)
    if len(node.outputs) < 2 or not node.outputs[1]:
        return result
    return result, sized(result, result.shape, dtypes.int64)


def _of_many_axes(input: Tensor, arguments: dict[str, Any]) -> Any:
    sides = zip(
        *(arguments[n] for n in ("kernel_size", "stride", "padding", "dilation")), strict=True
    )
    sizes = []
    for n, (k, stride, pad, dilation) in zip(input.shape[2:], sides, strict=True):
        extra = _behind(n, k, stride, dilation, pad, pad, arguments["ceil_mode"])
        sizes.append((n + pad + extra - dilation * (k - 1) - 1) // stride + 1)
    return sized(input, (*input.shape[:2], *sizes))


def average_pool(node: Node, input: Tensor) -> Any:
    """``(N, C, *size)`` gives ``(N, C, *size)``."""
    count = spatial(input)
    input, arguments = _windows(node, input)
    if count > 3:
        return _of_many_axes(input, arguments)
    if set(arguments["dilation"]) != {1} or node.op_type == "LpPool":  # torch has none of these
        return getattr(F, f"max_pool{count}d")(input, **arguments)
    del arguments["dilation"]
    return getattr(F, f"avg_pool{count}d")(input, **arguments)


def _global(kind: str) -> Callable[..., Any]:
    def rule(node: Node, input: Any) -> Any:
        """``(N, C, *size)`` gives ``(N, C, 1, ...)``."""
        count = spatial(input)
        if count > 3 or kind == "lp":
            return input.sum(tuple(range(2, input.ndim)), keepdim=True)
        return getattr(F, f"adaptive_{kind}_pool{count}d")(input, 1)

    return rule


def max_unpool(
    node: Node, input: Tensor, indices: Tensor, output_shape: Tensor | None = None
) -> Any:
    """``(N, C, *size)`` and as many indices give ``(N, C, *size)``."""
    kernel, count = node.attribute("kernel_shape"), spatial(input)
    if indices.shape != input.shape:
        shapes = shape_text(indices.shape), shape_text(input.shape)
        raise ShapeError(f"has indices {shapes[0]} for an input {shapes[1]}")
    wanted = numbers(output_shape, "output_shape")
    if wanted is not None:
        return sized(input, wanted)
    strides, pads = listed(node, "strides", count, 1), listed(node, "pads", 2 * count, 0)
    sides = zip(input.shape[2:], kernel, strides, pads[:count], pads[count:], strict=True)
    return sized(input, (*input.shape[:2], *((n - 1) * s + k - a - b for n, k, s, a, b in sides)))


# Other sizes


def resize(
    node: Node,
    input: Tensor,
    roi: Tensor | None = None,
    scales: Tensor | None = None,
    sizes: Tensor | None = None,
) -> Any:
    """``(*size)`` gives as many axes: of these sizes, or as many times as large, rounded down."""
    if node.opset < 11 and scales is None:
        roi, scales = None, roi
    axes = [axis_of(a, input.ndim) for a in node.attribute("axes") or range(input.ndim)]
    factors, wanted = numbers(scales, "scales"), numbers(sizes, "sizes")
    result = list(input.shape)
    if wanted:
        kept = _kept(node, [input.shape[a] for a in axes], wanted)
        for a, size in zip(axes, kept, strict=True):
            result[a] = size
        return _interpolated(input, result)
    if not factors or len(factors) != len(axes):
        raise ShapeError(f"has {len(factors or ())} scales for {len(axes)} axes")
    region = _region(node, numbers(roi, "roi"), len(axes))
    for a, factor, part in zip(axes, factors, region, strict=True):
        result[a] = _scaled(input.shape[a], factor, part)
    return _interpolated(input, result)


def _scaled(size: int, factor: float, part: float = 1.0) -> int:
    """Return a size times a factor in float32, as ONNX multiplies."""
    if factor == int(factor) and part == 1:
        return int(size * int(factor))
    return int(unpack("<f", pack("<f", size * part * factor))[0] // 1)


def _kept(node: Node, sizes: Sequence[int], wanted: Sequence[int]) -> Sequence[int]:
    """Return the sizes that are wanted, or those that keep the aspect ratio."""
    policy = node.attribute("keep_aspect_ratio_policy", "stretch")
    if policy == "stretch":
        return wanted
    smallest = policy == "not_larger"
    ratios = [w / n for w, n in zip(wanted, sizes, strict=True)]
    factor = min(ratios) if smallest else max(ratios)
    return [floor(factor * n + 0.5) for n in sizes]


def _region(node: Node, roi: Sequence[float] | None, count: int) -> list[float]:
    if node.attribute("coordinate_transformation_mode") != "tf_crop_and_resize" or not roi:
        return [1.0] * count
    return [end - start for start, end in zip(roi[:count], roi[count:], strict=True)]


def _interpolated(input: Tensor, shape: Sequence[int]) -> Any:
    usual = tuple(shape[:2]) == input.shape[:2] and 3 <= input.ndim <= 5
    if usual and min(shape) > 0 and input.numel():
        return F.interpolate(input, size=tuple(shape[2:]))
    return sized(input, shape)


def upsample(node: Node, input: Tensor, scales: Tensor | None = None) -> Any:
    """As `resize`, with scales alone; the oldest have them as an attribute."""
    factors = numbers(scales, "scales") or node.attribute("scales") or []
    if len(factors) != input.ndim:
        raise ShapeError(f"has {len(factors)} scales for {input.ndim} axes")
    return _interpolated(input, [_scaled(n, f) for n, f in zip(input.shape, factors, strict=True)])


def _block(node: Node, input: Tensor) -> int:
    if input.ndim != 4:
        raise ShapeError(
            f"needs an input of shape (N, C, H, W), but receives {shape_text(input.shape)}"
        )
    return int(node.attribute("blocksize"))


OPERATORS: dict[str, Callable[..., Any]] = {
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "LpPool": average_pool,
    "GlobalAveragePool": _global("avg"),
    "GlobalMaxPool": _global("max"),
    "GlobalLpPool": _global("lp"),
    "MaxUnpool": max_unpool,
    "Resize": resize,
    "Upsample": upsample,
    "DepthToSpace": lambda node, x: F.pixel_shuffle(x, _block(node, x)),
    "SpaceToDepth": lambda node, x: F.pixel_unshuffle(x, _block(node, x)),
}
