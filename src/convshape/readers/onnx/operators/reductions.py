"""Operators that work over whole axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....shapetorch.tensor import Tensor
from ..graph import Node
from .common import axes_of, axis_of, torch


def _reduction(name: str) -> Callable[..., Any]:
    def rule(node: Node, input: Any, axes: Tensor | None = None) -> Any:
        """Reduce over the given axes, or over all; they stay with size 1 unless keepdims is 0."""
        chosen = axes_of(node, axes) or []
        keep = bool(node.attribute("keepdims", 1))
        if not chosen and node.attribute("noop_with_empty_axes", 0):
            return input.clone()
        places = tuple(axis_of(a, input.ndim) for a in chosen) or tuple(range(input.ndim))
        empty = any(input.shape[a] == 0 for a in places)
        if name == "prod" and not empty:
            result = input
            for axis in sorted(places, reverse=True):
                result = torch.prod(result, axis, keepdim=keep)
        else:
            function = torch.sum if empty or name == "prod" else getattr(torch, name)
            result = function(input, places, keepdim=keep) if places else input.clone()
        return result if result.dtype is input.dtype else result.to(input.dtype)

    return rule


def _place(name: str) -> Callable[..., Any]:
    def rule(node: Node, input: Any) -> Any:
        """Return the places of the largest or smallest elements along an axis."""
        keep = bool(node.attribute("keepdims", 1))
        return getattr(torch, name)(input, node.attribute("axis", 0), keepdim=keep)

    return rule


OPERATORS: dict[str, Callable[..., Any]] = {
    "ReduceMax": _reduction("amax"),
    "ReduceMin": _reduction("amin"),
    "ReduceProd": _reduction("prod"),
    **{
        f"Reduce{name}": _reduction("sum")
        for name in ("Mean", "Sum", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")
    },
    "ArgMax": _place("argmax"),
    "ArgMin": _place("argmin"),
}
