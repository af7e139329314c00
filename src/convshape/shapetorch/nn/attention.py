"""Attention with scores and masks of one's own, ``torch.nn.attention.flex_attention``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ShapeError
from ..arguments import shape
from ..tensor import new
from .functional import scaled_dot_product_attention

if TYPE_CHECKING:
    from typing import Any

    from ..tensor import Tensor


class BlockMask:
    """What `create_block_mask` gives: only its shape, ``(B or 1, H or 1, L, S)``, is known."""

    def __init__(self, sizes: tuple[int, int, int, int]) -> None:
        self.shape = sizes

    def to(self, device: Any) -> BlockMask:
        """Return the mask: it is on no device."""
        return self


def create_block_mask(
    mask_mod: Any,
    B: int | None,  # noqa: N803 - torch's name
    H: int | None,  # noqa: N803
    Q_LEN: int,  # noqa: N803
    KV_LEN: int,  # noqa: N803
    *args: Any,
    **kwargs: Any,
) -> BlockMask:
    """Return the mask of `Q_LEN` queries and `KV_LEN` keys; `mask_mod` is not called."""
    return BlockMask((B or 1, H or 1, Q_LEN, KV_LEN))


def and_masks(*mask_mods: Any) -> Any:
    """Return one of several masks, none of which is called."""
    return mask_mods[0]


or_masks = and_masks


def flex_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    score_mod: Any = None,
    block_mask: BlockMask | None = None,
    scale: float | None = None,
    enable_gqa: bool = False,
    return_lse: bool = False,
    kernel_options: Any = None,
) -> Any:
    """Attend ``(B, H, L, E)`` to ``(B, H, S, E)`` and ``(B, H, S, Ev)``; `score_mod` is not called.

    Returns ``(B, H, L, Ev)``, and with `return_lse` also the logarithms of the sums ``(B, H, L)``.

    Raises:
        ShapeError: the tensors have other dimensions, batches, heads or features, or the mask is
            for other lengths.
    """
    q, k, v = (tuple(tensor.shape) for tensor in (query, key, value))
    if not len(q) == len(k) == len(v) == 4:
        raise _refusal(f"takes (B, H, L, E), but receives {shape(q)}, {shape(k)} and {shape(v)}")
    masks = block_mask.shape[0] if block_mask else 1
    if q[0] != k[0] and not (k[0] == 1 and masks == q[0]):
        raise _refusal(f"has a batch of {q[0]} queries and of {k[0]} keys")
    if q[1] != k[1] and not enable_gqa:
        raise _refusal(f"has {q[1]} heads of queries and {k[1]} of keys", fix="enable_gqa=True")
    if block_mask and block_mask.shape[2:] != (q[2], k[2]):
        mask = shape(block_mask.shape[2:])
        raise _refusal(f"has a mask for {mask}, but {q[2]} queries and {k[2]} keys")
    result = scaled_dot_product_attention(query, key, value, scale=scale, enable_gqa=enable_gqa)
    return (result, new(q[:3], query.dtype)) if return_lse else result


def _refusal(what: str, fix: str = "") -> ShapeError:
    return ShapeError(f"flex_attention {what}", kind=ValueError, fix=fix)
