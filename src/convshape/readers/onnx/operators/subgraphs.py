"""Operators with graphs in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import UnknownOperation
from ....run.record import shapes
from ....shapetorch.known_values import values_of
from .indexing import depends

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ....shapetorch.tensor import Tensor
    from ..graph import Node


def if_(node: Node, condition: Tensor) -> Any:
    """Run the branch that is taken; where nobody knows which, both, which must agree."""
    values = values_of(condition)
    names = ("then_branch", "else_branch")
    if values is not None and len(values) == 1:
        return _run(node, names[0] if values[0] else names[1])
    results = [_run(node, name) for name in names]
    if shapes(results[0]) != shapes(results[1]):
        raise UnknownOperation(
            "its branches give different shapes, and which one runs is not known"
        )
    return results[0]


def _run(node: Node, name: str) -> Any:
    branch: Any = node._modules[name]
    branch.scope = node.scope
    try:
        return branch()
    finally:
        branch.scope = {}


OPERATORS: dict[str, Callable[..., Any]] = {
    "If": if_,
    "Loop": depends("a loop runs as often as its values say"),
    "Scan": depends("convshape does not run loops"),
}
