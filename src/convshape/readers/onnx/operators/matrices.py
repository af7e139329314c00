"""Products of matrices, and attention, which is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....errors import ShapeError
from ....shapetorch.arguments import shape as shape_text
from ....shapetorch.tensor import Tensor, broadcast_shapes
from ..graph import Node
from .common import F, same, sized, torch


def gemm(node: Node, a: Any, b: Any, c: Tensor | None = None) -> Any:
    """``(M, K)`` times ``(K, N)`` plus what can be repeated to ``(M, N)``."""
    for matrix in (a, b):
        if matrix.ndim != 2:
            raise ShapeError(f"multiplies matrices, but receives {shape_text(matrix.shape)}")
    a = a.t() if node.attribute("transA", 0) else a
    if node.attribute("transB", 0):
        bias = c if c is not None and c.shape == b.shape[:1] else None
        result = F.linear(a, b, bias)
        c = None if bias is not None else c
    else:
        result = torch.matmul(a, b)
    if c is None:
        return result
    if broadcast_shapes(result.shape, c.shape) != result.shape:
        shapes = shape_text(c.shape), shape_text(result.shape)
        raise ShapeError(f"adds {shapes[0]}, which cannot be repeated to {shapes[1]}")
    return torch.add(result, c)


def matmul(node: Node, a: Tensor, b: Tensor) -> Any:
    """``(*batch, M, K)`` times ``(*batch, K, N)`` gives ``(*batch, M, N)``, as NumPy multiplies."""
    return torch.matmul(a, b)


def attention(
    node: Node,
    query: Any,
    key: Any,
    value: Any,
    mask: Tensor | None = None,
    past_key: Tensor | None = None,
    past_value: Tensor | None = None,
    lengths: Tensor | None = None,
) -> Any:
    """``(N, heads, L, size)``, or ``(N, L, heads × size)``, with keys and values of S places.

    Returns:
        the result, laid out as the query; then the keys and values with those of the past before
        them, ``(N, heads, S, size)``; then the scores, ``(N, heads, L, S)``.
    """
    is_flat = query.ndim == 3
    if is_flat:
        heads = node.attribute("q_num_heads", 1), node.attribute("kv_num_heads", 1)
        query = _headed(query, heads[0])
        key, value = _headed(key, heads[1]), _headed(value, heads[1])
    if past_key is not None:
        key, value = torch.cat([past_key, key], 2), torch.cat([past_value, value], 2)
    grouped = query.shape[1] != key.shape[1]
    result = F.scaled_dot_product_attention(query, key, value, enable_gqa=grouped)
    scores = sized(query, (*query.shape[:3], key.shape[2]))
    if is_flat:
        n, heads_, places, size = result.shape
        result = result.transpose(1, 2).reshape((n, places, heads_ * size))
    return result, key, value, scores


def _headed(input: Any, heads: int) -> Any:
    n, places, width = input.shape
    if width % heads:
        raise ShapeError(f"has {heads} heads, which do not divide {width}")
    return input.reshape((n, places, heads, width // heads)).transpose(1, 2)


OPERATORS: dict[str, Callable[..., Any]] = {
    "Gemm": gemm,
    "MatMul": matmul,
    "Einsum": lambda node, *inputs: torch.einsum(node.attribute("equation"), *inputs),
    "Det": lambda node, x: torch.det(x),
    "Attention": attention,
    "RotaryEmbedding": same,
}
