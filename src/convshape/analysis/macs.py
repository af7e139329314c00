"""How many multiply-accumulates a call takes: those of convolutions and of products of matrices.

They are half of what `torch.utils.flop_counter.FlopCounterMode` counts, where it looks: it sees
none in the fused kernels for recurrent layers and attention on the CPU, nor where a matrix meets a
vector. Everything else (elementwise operations, pooling, normalisation, embeddings, distances)
counts as 0, there as here.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from ..run.record import Call, tensors
from ..shapetorch.nn.modules.module import Module, is_layer
from ..shapetorch.operation import facts_of


def macs(row: Call) -> int:
    """Count the multiply-accumulates of one call itself, without those of the calls in it."""
    kind = _kind(row)
    return KINDS[kind](row) if kind and row.result is not None else 0


def is_counted_by_torch(row: Call, is_fused: bool) -> bool:
    """Return whether torch's counter finds the multiply-accumulates of a call, if it has any.

    It does not look where a matrix meets a vector; of complex numbers it counts the real products.

    Args:
        row: the call.
        is_fused: it ran on a device that has fused kernels for recurrent layers and attention,
            into which the counter does not look.
    """
    kind = _kind(row)
    if not kind:
        return True
    operands = tensors((row.args, row.kwargs))
    has_vector = kind in ("product", "added_product", "linear") and any(
        operand.ndim == 1 for operand in operands[:2]
    )
    is_hidden = is_fused and kind in ("recurrent", "attention", "multi_head_attention")
    return not (is_hidden or has_vector or any(operand.dtype.is_complex for operand in operands))


def _kind(row: Call) -> str:
    """Return which of `KINDS` a call is, or nothing."""
    kind: Any = None
    if not isinstance(row.call, Module):
        facts = facts_of(row.call)
        kind = facts and facts.macs
    elif is_layer(row.call):
        kind = row.call._macs
    return kind if isinstance(kind, str) else ""


def _conv(row: Call) -> int:
    return row.result.numel() * prod(row.arguments()["weight"].shape[1:])


def _conv_transpose(row: Call) -> int:
    arguments = row.arguments()
    return arguments["input"].numel() * prod(arguments["weight"].shape[1:])


def _linear(row: Call) -> int:
    arguments = row.arguments()
    return arguments["input"].numel() * prod(arguments["weight"].shape[:-1])


def _product(row: Call) -> int:
    """Count those of a product over the last dimension of its first factor."""
    (first, *_) = row.arguments().values()
    return row.result.numel() * first.shape[-1] if first.shape else 0


def _added_product(row: Call) -> int:
    _, first, second, *_ = row.arguments().values()
    return first.numel() * (second.shape[-1] if second.ndim > 1 else 1)


def _tensordot(row: Call) -> int:
    arguments = row.arguments()
    a, b, dims = arguments["a"].shape, arguments["b"].shape, arguments["dims"]
    if isinstance(dims, (tuple, list)):
        left, right = (d if isinstance(d, (tuple, list)) else (d,) for d in dims)
    else:
        left, right = tuple(range(len(a) - dims, len(a))), tuple(range(dims))
    # Where one of the two sizes is 1, torch sums over the other before it multiplies.
    return row.result.numel() * prod(min(a[i], b[j]) for i, j in zip(left, right, strict=True))


def _einsum(row: Call) -> int:
    from ..shapetorch.ops.einsum import Einsum  # few networks have one

    einsum = Einsum.parse(row.args)
    left, *others = einsum.each_sizes()
    total = 0
    for index, right in enumerate(others, 1):  # as torch does, one operand after the other
        later = set(einsum.result).union(*others[index:])
        summed = {c for c in left | right if c not in later}
        both = [c for c in summed if left.get(c, 1) != 1 != right.get(c, 1)]
        left = {
            c: left.get(c, 1) if right.get(c, 1) == 1 else right[c]
            for c in left | right
            if c not in summed
        }
        total += prod(left.values()) * prod(right[c] for c in both) if both else 0
    return total


def _attention(row: Call) -> int:
    arguments = row.arguments()
    query, key, result = arguments["query"].shape, arguments["key"].shape, row.result
    return prod(result.shape[:-2]) * query[-2] * key[-2] * query[-1] + result.numel() * key[-2]


def _multi_head(row: Call) -> int:
    arguments = row.arguments()
    query, key, value = (arguments[name].shape for name in ("query", "key", "value"))
    width, batch = query[-1], query[1] if len(query) == 3 else 1
    projections = sum(prod(shape) * width for shape in (query, key, value))
    source = key[0] if arguments["static_k"] is None else arguments["static_k"].shape[1]
    source += (arguments["bias_k"] is not None) + arguments["add_zero_attn"]
    output = prod(query) * arguments["out_proj_weight"].shape[0]
    return projections + 2 * batch * query[0] * source * width + output


def _recurrent(row: Call) -> int:
    weights = (p for p in row.call.parameters() if p.ndim == 2)  # type: ignore[union-attr]
    return prod(tensors((row.args, row.kwargs))[0].shape[:-1]) * sum(p.numel() for p in weights)


#: The rules by the kinds that declarations name.
KINDS: dict[str, Callable[[Call], int]] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "linear": _linear,
    "product": _product,
    "added_product": _added_product,
    "tensordot": _tensordot,
    "einsum": _einsum,
    "attention": _attention,
    "multi_head_attention": _multi_head,
    "recurrent": _recurrent,
}
