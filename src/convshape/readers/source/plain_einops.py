"""einops where it is not installed: `rearrange`, `reduce` and `repeat`, as functions and as layers.

A pattern ``b (h w) c -> b c h w`` is read as einops reads it. What einops refuses is refused with
a `RuntimeError`, as einops does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from ...errors import ShapeError
from ...shapetorch.arguments import shape
from ...shapetorch.nn import Module
from ...shapetorch.ops.spaces import FUNCTIONS
from ...shapetorch.tensor import Tensor

#: The dimensions of one side of a pattern: the axes that each is made of.
Side = list[list[str]]

_TOKEN = re.compile(r"\s*(\.\.\.|…|\(|\)|[A-Za-z_]\w*|\d+)")


def _side(text: str, pattern: str, number: int) -> Side:
    """Read one side of a pattern; ``1`` and ``()`` are dimensions without axes.

    A number is an axis of its own, and so are dots in brackets.
    """
    result: Side = []
    inside, at = False, 0
    for match in _TOKEN.finditer(text.rstrip()):
        token, inside_before = match[1], inside
        if match.start() != at or token == ("(" if inside else ")"):
            raise _unread(pattern)
        at = match.end()
        if token in "()":
            inside = token == "("
        name = "..." if token in ("...", "…") else token
        name = (
            f"{token}#{number}.{at}"
            if token.isdigit()
            else f"({name})"
            if inside and name == "..."
            else name
        )
        if token != ")" and not inside_before:
            result.append([])
        if token not in ("(", ")", "1"):
            result[-1].append(name)
    names = [name for axes in result for name in axes]
    if inside or at != len(text.rstrip()) or len(set(names)) < len(names):
        raise _unread(pattern)
    return result


def _unread(pattern: str) -> ShapeError:
    return ShapeError(f"cannot read the pattern {pattern!r}", fix="'b (h w) c -> b c h w'")


def _transformed(
    name: str, tensor: Any, pattern: str, reduction: Any, lengths: dict[str, int]
) -> Any:
    """Take a tensor apart, reduce, permute and expand its axes, and join them again."""
    if isinstance(tensor, (list, tuple)):
        tensor = FUNCTIONS["stack"](list(tensor))
    sides = [_side(text, pattern, i) for i, text in enumerate(pattern.split("->"))]
    if len(sides) != 2:
        raise _unread(pattern)
    left, right = (_without_dots(side, sides[0], tensor, pattern) for side in sides)
    sizes = _sizes(left, tensor, pattern, lengths)
    axes, wanted = ([axis for dim in side for axis in dim] for side in (left, right))
    new_axes = [axis for axis in wanted if axis not in axes]
    gone = [i for i, axis in enumerate(axes) if axis not in wanted]
    for axis in new_axes:
        sizes[axis] = _number(axis) or lengths.get(axis, 0)
    if (
        (new_axes and name != "repeat")
        or (gone and name != "reduce")
        or 0 in map(sizes.get, new_axes)
    ):
        unknown = [*new_axes, *(axes[i] for i in gone)]
        raise ShapeError(f"has {', '.join(unknown)} on one side alone of {pattern!r}")
    result = _reshaped(tensor, [sizes[axis] for axis in axes])
    if gone:
        result = _reduced(result, reduction, gone)
    kept = [axis for axis in axes if axis in wanted]
    order = [kept.index(axis) for axis in wanted if axis in kept]
    if order != sorted(order):
        result = result.permute(order)
    if new_axes:
        for i, axis in enumerate(wanted):
            result = result.unsqueeze(i) if axis in new_axes else result
        result = result.expand([sizes[axis] for axis in wanted])
    return _reshaped(result, [prod(sizes[axis] for axis in dim) for dim in right])


def _number(axis: str) -> int:
    """Return the size of an axis that is a number, else 0."""
    number, _, is_number = axis.partition("#")
    return int(number) if is_number else 0


def _reshaped(tensor: Tensor, sizes: Sequence[int]) -> Tensor:
    return tensor if tensor.shape == tuple(sizes) else tensor.reshape(sizes)


def _reduced(tensor: Tensor, reduction: Any, gone: list[int]) -> Any:
    if callable(reduction):
        return reduction(tensor, tuple(gone))
    if reduction not in ("min", "max", "sum", "mean", "prod", "any", "all"):
        raise ShapeError(f"has reduction={reduction!r}, which einops does not know")
    if reduction in ("min", "max"):
        return getattr(tensor, f"a{reduction}")(tuple(gone))
    for i in reversed(gone):
        tensor = getattr(tensor, reduction)(i)
    return tensor


def _without_dots(side: Side, left: Side, tensor: Tensor, pattern: str) -> Side:
    """Return a side of a pattern with an axis for each dimension that ``...`` means."""
    count = tensor.ndim - len(left) + 1 if ["..."] in left else 0
    if count < 0 or (["..."] not in left and tensor.ndim != len(left)):
        raise ShapeError(
            f"expects {len(left) - (['...'] in left)} dimensions in {pattern!r}, "
            f"but receives {tensor.ndim}: {shape(tensor.shape)}"
        )
    dots = [f"...{i}" for i in range(count)]
    result: Side = []
    for dim in side:
        if dim == ["..."]:
            result += [[axis] for axis in dots]
        else:
            result.append([axis for name in dim for axis in (dots if name == "(...)" else [name])])
    return result


def _sizes(left: Side, tensor: Tensor, pattern: str, lengths: dict[str, int]) -> dict[str, int]:
    """Return the size of each axis of a tensor."""
    result: dict[str, int] = {}
    for dim, size in zip(left, tensor.shape, strict=True):
        known = {axis: lengths[axis] for axis in dim if axis in lengths}
        known |= {axis: _number(axis) for axis in dim if _number(axis)}
        unknown = [axis for axis in dim if axis not in known]
        rest = prod(known.values())
        if len(unknown) > 1:
            raise ShapeError(f"needs a length for {unknown[0]} or {unknown[1]} in {pattern!r}")
        if (not unknown and rest != size) or (unknown and (not rest or size % rest)):
            raise ShapeError(
                f"cannot divide {size} into ({' '.join(dim)}) of {pattern!r}: {shape(tensor.shape)}"
            )
        result |= known | dict.fromkeys(unknown, size // rest)
    return result


def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """Split, permute and join dimensions."""
    return _transformed("rearrange", tensor, pattern, None, axes_lengths)


def reduce(tensor: Any, pattern: str, reduction: Any, **axes_lengths: int) -> Any:
    """Rearrange, with the axes that are on the left side alone reduced."""
    return _transformed("reduce", tensor, pattern, reduction, axes_lengths)


def repeat(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """Rearrange, with the axes that are on the right side alone repeated."""
    return _transformed("repeat", tensor, pattern, None, axes_lengths)


def parse_shape(x: Tensor, pattern: str) -> dict[str, int]:
    """Return the sizes by the names of a pattern, but for those of ``_``."""
    return {name: n for name, n in zip(pattern.split(), x.shape, strict=True) if name != "_"}


def einsum(*arguments: Any) -> Any:
    """Sum products as `torch.einsum` does, of axes whose names are words."""
    *tensors, pattern = arguments
    names = sorted({*re.findall(r"[A-Za-z_]\w*", pattern)})
    letters = dict(zip(names, map(chr, (*range(97, 123), *range(65, 91))), strict=False))
    equation = re.sub(r"[A-Za-z_]\w*", lambda name: letters[name[0]], pattern).replace(" ", "")
    return FUNCTIONS["einsum"](equation, *tensors)


def pack(tensors: Sequence[Tensor], pattern: str) -> tuple[Tensor, list[Any]]:
    """Join tensors along ``*``, which means any dimensions of each."""
    before, after = (side.split() for side in pattern.split("*"))
    ends = [(len(before), x.ndim - len(after)) for x in tensors]
    packed = [x.shape[a:b] for x, (a, b) in zip(tensors, ends, strict=True)]
    flat = [
        x.reshape((*x.shape[:a], -1, *x.shape[b:])) for x, (a, b) in zip(tensors, ends, strict=True)
    ]
    return FUNCTIONS["cat"](flat, len(before)), packed


def unpack(tensor: Tensor, packed_shapes: Sequence[Any], pattern: str) -> list[Tensor]:
    """Take apart what `pack` has joined."""
    at = pattern.split().index("*")
    sizes = [-1 if -1 in sizes else prod(sizes) for sizes in packed_shapes]
    sizes = [tensor.shape[at] - sum(sizes) - 1 if n == -1 else n for n in sizes]
    parts = tensor.split(sizes, at)
    ends = tensor.shape[:at], tensor.shape[at + 1 :]
    return [
        x.reshape((*ends[0], *sizes, *ends[1]))
        for x, sizes in zip(parts, packed_shapes, strict=True)
    ]


def _layer(function: Callable[..., Any]) -> type[Module]:
    """Return the layer of a function: its constructor takes all but the tensor."""

    class Layer(Module):
        """A function of einops as a layer."""

        def __init__(self, pattern: str, *reduction: Any, **axes_lengths: int) -> None:
            super().__init__()
            self.arguments = (pattern, *reduction)
            self.axes_lengths = axes_lengths

        def forward(self, input: Tensor) -> Any:
            return function(input, *self.arguments, **self.axes_lengths)

        def extra_repr(self) -> str:
            named = (f"{name}={length}" for name, length in self.axes_lengths.items())
            return ", ".join([*map(repr, self.arguments), *named])

    Layer.__name__ = Layer.__qualname__ = function.__name__.title()
    return Layer


#: By the modules of einops that have them.
NAMES = {
    "einops": {
        f.__name__: f for f in (rearrange, reduce, repeat, parse_shape, einsum, pack, unpack)
    },
    "einops.layers.torch": {"Rearrange": _layer(rearrange), "Reduce": _layer(reduce)},
}
