"""Recurrent layers: their gates are products, which are counted as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....errors import ShapeError
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.tensor import Tensor
from ..graph import Node
from .common import F, sized, torch


def recurrent(
    node: Node, input: Any, weight: Any, recurrence: Any, *others: Tensor | None
) -> tuple[Any, ...]:
    """``(L, N, C)``, or ``(N, L, C)`` with layout 1, with weights ``(directions, gates × H, ...)``.

    Returns:
        ``(L, directions, N, H)`` or ``(N, L, directions, H)``; the last states, and of an LSTM the
        last cells, ``(directions, N, H)`` or ``(N, directions, H)``.
    """
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[node.op_type]
    directions = 2 if node.attribute("direction", "forward") == "bidirectional" else 1
    hidden = node.attribute("hidden_size") or recurrence.shape[-1]
    if input.ndim != 3:
        raise ShapeError(f"needs an input of three axes, but receives {shape_text(input.shape)}")
    wanted = (
        (weight, (directions, gates * hidden, input.shape[2])),
        (recurrence, (directions, gates * hidden, hidden)),
    )
    for tensor, sizes in wanted:
        if tensor.shape != sizes:
            raise ShapeError(
                f"needs a weight {shape_text(sizes)}, but has {shape_text(tensor.shape)}"
            )
    first = node.attribute("layout", 0)
    places, batch = (input.shape[1], input.shape[0]) if first else input.shape[:2]
    states = sized(input, (*input.shape[:2], hidden))
    for direction in range(directions):
        torch.add(F.linear(input, weight[direction]), F.linear(states, recurrence[direction]))
    shape: tuple[int, ...]
    shape = (batch, places, directions, hidden) if first else (places, directions, batch, hidden)
    last = (batch, directions, hidden) if first else (directions, batch, hidden)
    result = sized(input, shape), sized(input, last), sized(input, last)
    return result if node.op_type == "LSTM" else result[:2]


OPERATORS: dict[str, Callable[..., Any]] = dict.fromkeys(("LSTM", "GRU", "RNN"), recurrent)
