"""Operators that give their input another shape, and those that make tensors of shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from ....errors import ShapeError
from ....shapetorch import dtypes
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.known_values import attach
from ....shapetorch.tensor import Tensor, broadcast_shapes, new
from ..graph import Node
from ..model_file import DTYPES, dtype_of, tensor_of
from .common import F, axes_of, axis_of, numbers, sized, torch, vector


def reshape(node: Node, input: Any, shape: Tensor) -> Any:
    """Return ``(*shape)``: 0 keeps the axis at its place, -1 is what is left."""
    sizes = numbers(shape, "shape") or []
    if not node.attribute("allowzero", 0):
        if any(not n and i >= input.ndim for i, n in enumerate(sizes)):
            raise ShapeError(f"copies an axis that {shape_text(input.shape)} does not have")
        sizes = [n or input.shape[i] for i, n in enumerate(sizes)]
    return input.reshape(tuple(sizes))


def flatten(node: Node, input: Any) -> Any:
    """``(*before, *behind)`` gives ``(prod(before), prod(behind))``."""
    axis = node.attribute("axis", 1)
    axis += input.ndim if axis < 0 else 0
    if not 0 <= axis <= input.ndim:
        raise ShapeError(f"has axis {axis}, but its input has {input.ndim} axes")
    return input.reshape((prod(input.shape[:axis]), prod(input.shape[axis:])))


def concat(node: Node, *inputs: Any) -> Any:
    """Join tensors along ``axis``; all others agree."""
    axis_of(node.attribute("axis", 1), inputs[0].ndim)
    return torch.cat(list(inputs), node.attribute("axis", 1))


def pad(
    node: Node,
    input: Tensor,
    pads: Tensor | None = None,
    value: Tensor | None = None,
    axes: Tensor | None = None,
) -> Any:
    """Put elements before and behind each axis, or take them away where there are fewer than 0."""
    amounts = numbers(pads, "pads") if pads is not None else node.attribute("pads")
    chosen = numbers(axes, "axes")
    places = range(input.ndim) if chosen is None else [axis_of(a, input.ndim) for a in chosen]
    if amounts is None or len(amounts) != 2 * len(places):
        raise ShapeError(f"has {len(amounts or ())} pads for {len(places)} axes")
    sides = [(0, 0)] * input.ndim
    for i, axis in enumerate(places):
        sides[axis] = amounts[i], amounts[i + len(places)]
    last = next((i for i, side in enumerate(sides) if any(side)), input.ndim)
    flat = [n for side in reversed(sides[last:]) for n in side]
    return _padded(input, flat, node.attribute("mode", "constant"))


def _padded(input: Tensor, amounts: Sequence[int], mode: str) -> Any:
    modes = {"reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    axes = len(amounts) // 2
    if mode in modes and axes in (1, 2, 3) and input.ndim == axes + 2 and min(amounts) >= 0:
        ends = [n for n in reversed(input.shape) for _ in range(2)]
        if all(amount < size for amount, size in zip(amounts, ends, strict=False)):
            return F.pad(input, amounts, modes[mode])
    return F.pad(input, amounts)


def transpose(node: Node, input: Any) -> Any:
    """Put the axes in another order; reversed unless ``perm`` says it."""
    order = node.attribute("perm")
    return input.permute(tuple(reversed(range(input.ndim)) if order is None else order))


def split(node: Node, input: Tensor, sizes: Tensor | None = None) -> Any:
    """Take a tensor apart along ``axis``: into parts of these sizes, or into equal ones."""
    axis = axis_of(node.attribute("axis", 0), input.ndim)
    parts = numbers(sizes, "split") if sizes is not None else node.attribute("split")
    if parts is None:
        count = node.attribute("num_outputs") or len(node.outputs)
        size = -(-input.shape[axis] // count)
        if not node.attribute("num_outputs") and size * count != input.shape[axis]:
            raise ShapeError(f"cannot take {input.shape[axis]} apart into {count} equal parts")
        parts = [size] * (count - 1)
        parts.append(input.shape[axis] - size * (count - 1))
    return tuple(torch.split(input, list(parts), axis))


def slice_(
    node: Node,
    input: Any,
    starts: Tensor | None = None,
    ends: Tensor | None = None,
    axes: Tensor | None = None,
    steps: Tensor | None = None,
) -> Any:
    """Take the elements from start to end of each axis, as Python slices do."""
    if starts is None:
        first, last, chosen = (node.attribute(name) for name in ("starts", "ends", "axes"))
    else:
        first, last = numbers(starts, "starts"), numbers(ends, "ends")
        chosen = numbers(axes, "axes")
    by = numbers(steps, "steps") or [1] * len(first)
    chosen = range(len(first)) if chosen is None else chosen
    index = [slice(None)] * input.ndim
    for start, end, axis, step in zip(first, last, chosen, by, strict=True):
        axis = axis_of(axis, input.ndim)
        if step > 0:
            index[axis] = slice(start, end, step)
        else:
            places = range(input.shape[axis])[slice(start, end, step)]
            input = torch.index_select(input, axis, vector(places, dtypes.int64))
    return input[tuple(index)] if any(item != slice(None) for item in index) else input.clone()


def squeeze(node: Node, input: Any, axes: Tensor | None = None) -> Any:
    """Take axes of one element away; all of them unless ``axes`` says which."""
    chosen = axes_of(node, axes)
    if chosen is None:
        return torch.squeeze(input)
    places = [axis_of(axis, input.ndim) for axis in chosen]
    for axis in places:
        if input.shape[axis] != 1:
            what = f"cannot take away axis {axis} of {shape_text(input.shape)}"
            raise ShapeError(f"{what}, which has {input.shape[axis]} elements, not 1")
    return torch.squeeze(input, tuple(places)) if places else input.clone()


def unsqueeze(node: Node, input: Any, axes: Tensor | None = None) -> Any:
    """Put axes of one element in; they are counted in the result."""
    chosen = axes_of(node, axes) or []
    ndim = input.ndim + len(chosen)
    places = sorted(axis_of(axis, ndim) for axis in chosen)
    if len(set(places)) < len(places):
        raise ShapeError(f"has axes {chosen}, of which two are the same")
    for axis in places:
        input = torch.unsqueeze(input, axis)
    return input


def expand(node: Node, input: Any, shape: Tensor) -> Any:
    """Repeat axes of one element until the tensor and the shape agree; both may be repeated."""
    sizes = broadcast_shapes(input.shape, tuple(numbers(shape, "shape") or ()))
    return input.expand(tuple(sizes))


def tile(node: Node, input: Any, repeats: Tensor) -> Any:
    """Repeat a tensor so many times along each axis."""
    times = numbers(repeats, "repeats") or []
    if len(times) != input.ndim:
        raise ShapeError(f"has {len(times)} repeats for {input.ndim} axes")
    return input.repeat(tuple(times))


def shape(node: Node, input: Tensor) -> Tensor:
    """Return the sizes of the axes, or of those from start to end, ``(axes,)``."""
    return vector(
        input.shape[slice(node.attribute("start", 0), node.attribute("end"))], dtypes.int64
    )


def size(node: Node, input: Tensor) -> Tensor:
    """Return the number of elements, ``()``."""
    return attach(new((), dtypes.int64), [input.numel()])


def constant_of_shape(node: Node, shape: Tensor) -> Any:
    """Return a tensor of one value, ``(*shape)``."""
    sizes, value = numbers(shape, "shape") or [], node.attribute("value")
    one = vector([0.0], dtypes.float32) if value is None else tensor_of(value)
    fill = numbers(one, "value") or [0]
    return torch.full(tuple(sizes), fill[0], dtype=one.dtype)


def range_(node: Node, start: Tensor, limit: Tensor, delta: Tensor) -> Any:
    """Return the numbers from start to limit in steps, ``(ceil((limit - start) / delta),)``."""
    values = [
        (numbers(t, name) or [0])[0]
        for t, name in ((start, "start"), (limit, "limit"), (delta, "delta"))
    ]
    if not values[2]:
        raise ShapeError("has a step of 0")
    if (values[1] - values[0]) / values[2] <= 0:
        return Tensor((0,), start.dtype)
    return torch.arange(*values, dtype=start.dtype)


def one_hot(node: Node, indices: Tensor, depth: Tensor, values: Tensor) -> Any:
    """Put an axis of ``depth`` elements into the shape of the indices."""
    (count,) = numbers(depth, "depth") or [0]
    axis = axis_of(node.attribute("axis", -1), indices.ndim + 1)
    shape = (*indices.shape[:axis], int(count), *indices.shape[axis:])
    return sized(indices, shape, values.dtype)


def of_dtype(node: Node, input: Tensor) -> Any:
    """Return the same shape in the type that the node says."""
    return sized(input, input.shape, DTYPES.get(node.attribute("dtype", 0), input.dtype))


def crop_or_pad(node: Node, input: Tensor, shape: Tensor) -> Any:
    """Cut or pad around the middle until the axes have these sizes."""
    wanted, result = numbers(shape, "shape") or [], list(input.shape)
    for axis, n in zip(node.attribute("axes") or range(input.ndim), wanted, strict=True):
        result[axis_of(axis, input.ndim)] = n
    return sized(input, result)


def random(node: Node) -> Tensor:
    """Return a tensor of the shape that the node says."""
    return Tensor(
        tuple(node.attribute("shape")), dtype_of(node.attribute("dtype", 1), node.op_type)
    )


OPERATORS: dict[str, Callable[..., Any]] = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Concat": concat,
    "Pad": pad,
    "Transpose": transpose,
    "Split": split,
    "Slice": slice_,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Expand": expand,
    "Tile": tile,
    "Shape": shape,
    "Size": size,
    "ConstantOfShape": constant_of_shape,
    "Range": range_,
    "OneHot": one_hot,
    **dict.fromkeys(("EyeLike", "RandomNormalLike", "RandomUniformLike", "Bernoulli"), of_dtype),
    "CenterCropPad": crop_or_pad,
    "RandomNormal": random,
    "RandomUniform": random,
}
