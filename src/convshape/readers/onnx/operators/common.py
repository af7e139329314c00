"""What the operators share: arguments with known values, and results with only a shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ....shapetorch import dtypes, nn
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.known_values import Near, attach, values_of
from ....shapetorch.layout import PACKED
from ....shapetorch.operation import Unknown, operation
from ....shapetorch.ops.spaces import FUNCTIONS
from ....shapetorch.tensor import Tensor, new
from ..graph import Node

F: Any = nn.functional


class _Torch:
    """torch's functions as attributes."""

    def __getattr__(self, name: str) -> Any:
        return FUNCTIONS[name]


torch: Any = _Torch()


@operation(layout=PACKED, macs=None, field=Unknown("it depends on the operator"))
def sized(input: Tensor, shape: Any, dtype: Any = None) -> Tensor:
    """Return a tensor of a shape that the operator computes itself, `(*shape)`."""
    return Tensor(tuple(shape), dtype or input.dtype)


def same(node: Node, input: Tensor, *others: Tensor | None) -> Any:
    """Return a tensor of the same shape; what else goes in does not change it."""
    return sized(input, input.shape)


def vector(values: Sequence[Any], dtype: dtypes.dtype) -> Tensor:
    """Return a tensor of known values, ``(len(values),)``."""
    return attach(new((len(values),), dtype), list(values))


def numbers(tensor: Tensor | None, what: str) -> list[Any] | None:
    """Return the values of an argument that says how an operator works; None where it is left out.

    Raises:
        UnknownOperation: they depend on the data.
    """
    if tensor is None:
        return None
    values = values_of(tensor)
    if values is None:
        raise UnknownOperation(f"its shape depends on the values of {what}, which are not known")
    return [v.guess if type(v) is Near else v for v in values]


def axes_of(node: Node, tensor: Tensor | None) -> list[int] | None:
    """Return the axes of an operator, which older ones have as an attribute, newer as an input."""
    values = numbers(tensor, "axes")
    return node.attribute("axes") if values is None else values


def axis_of(axis: int, ndim: int) -> int:
    """Return an axis counted from the front.

    Raises:
        ShapeError: there is none.
    """
    if not -ndim <= axis < ndim:
        raise ShapeError(f"has axis {axis}, but its input has {ndim} axes")
    return axis % ndim


def spatial(input: Tensor) -> int:
    """Return how many spatial axes an input has: ``(N, C, *size)``.

    Raises:
        ShapeError: it has none.
    """
    if input.ndim < 3:
        raise ShapeError(
            f"needs an input of shape (N, C, *size), but receives {shape_text(input.shape)}"
        )
    return input.ndim - 2


def listed(node: Node, name: str, count: int, usual: int) -> list[int]:
    """Return an attribute with a number for each axis.

    Raises:
        ShapeError: it has more or fewer.
    """
    values: list[int] = list(node.attribute(name) or [usual] * count)
    if len(values) != count:
        raise ShapeError(f"has {len(values)} {name} for {count} axes")
    return values
