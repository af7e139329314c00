"""Attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from .. import functional as F
from .linear import NonDynamicallyQuantizableLinear
from .module import Module
from .utils import parameter

if TYPE_CHECKING:
    from ... import dtypes
    from ...tensor import Tensor


class MultiheadAttention(Module):
    """Attention of `num_heads` heads, each to its own projection of queries, keys and values.

    ``in_proj_weight`` is ``(3·embed_dim, embed_dim)``; with another `kdim` or `vdim` there are instead
    ``q_proj_weight`` ``(embed_dim, embed_dim)``, ``k_proj_weight`` ``(embed_dim, kdim)`` and
    ``v_proj_weight`` ``(embed_dim, vdim)``. ``in_proj_bias`` is ``(3·embed_dim,)``, ``bias_k`` and ``bias_v``
    are ``(1, 1, embed_dim)``, ``out_proj`` is a linear layer.

    Without gradients and in evaluation mode torch may take a shortcut, which also ignores `is_causal` where
    there is no mask, and gives no weights of an empty batch; the answer here is that of the ordinary way.

    Args:
        embed_dim: features of the queries and of the output.
        num_heads: how many heads share them.
        dropout: the probability with which a weight is zeroed while training.
        bias: whether the projections add a bias.
        add_bias_kv: whether a learned key and value is added to the sequence.
        add_zero_attn: whether a key and value of zeros is added to it.
        kdim: features of the keys, `embed_dim` unless given.
        vdim: features of the values, `embed_dim` unless given.
        batch_first: whether the inputs are ``(N, L, features)`` instead of ``(L, N, features)``.

    Raises:
        ShapeError: `embed_dim` cannot be divided among `num_heads`; when called: an input has other features
            or dimensions, the batches or sequences differ, or a mask has another shape.
    """

    _runs_modules = False

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: object = None,
        dtype: dtypes.dtype | None = None,
    ) -> None:
        super().__init__()
        for name, value in (("embed_dim", embed_dim), ("num_heads", num_heads)):
            if not isinstance(value, (int, float)) or value <= 0:
                raise ShapeError(f"{name}={value!r} is not a positive number")
        self._arguments = {
            "bias": bool(bias),
            "add_bias_kv": bool(add_bias_kv),
            "kdim": kdim,
            "vdim": vdim,
        }
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.head_dim = embed_dim // num_heads
        if embed_dim % num_heads:
            raise ShapeError(f"embed_dim={embed_dim} is not divisible by num_heads={num_heads}")
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        sizes = {
            "in_proj_weight": (3 * embed_dim, embed_dim),
            "q_proj_weight": (embed_dim, embed_dim),
            "k_proj_weight": (embed_dim, self.kdim),
            "v_proj_weight": (embed_dim, self.vdim),
        }
        for name, size in sizes.items():
            used = (name == "in_proj_weight") == self._qkv_same_embed_dim
            self.register_parameter(name, parameter(*size, dtype=dtype) if used else None)
        self.register_parameter(
            "in_proj_bias", parameter(3 * embed_dim, dtype=dtype) if bias else None
        )
        self.out_proj = NonDynamicallyQuantizableLinear(
            embed_dim, embed_dim, bias=bias, dtype=dtype
        )
        self.bias_k = self.bias_v = None
        if add_bias_kv:
            self.bias_k = parameter(1, 1, embed_dim, dtype=dtype)
            self.bias_v = parameter(1, 1, embed_dim, dtype=dtype)
        self._reset_parameters()

    _reset_parameters = Module._nothing

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend: ``(L, N, embed_dim)``, ``(S, N, kdim)``, ``(S, N, vdim)`` to ``(L, N, embed_dim)``.

        With `batch_first` N is first, and unbatched inputs have none. The second result is the weights
        ``(N, L, S)``, of each head ``(N, num_heads, L, S)``, or None without `need_weights`.
        """
        batched = query.ndim == 3
        key_padding_mask = F.additive_mask("key_padding_mask", key_padding_mask, query.dtype)
        attn_mask = F.additive_mask("attn_mask", attn_mask, query.dtype)
        if self.batch_first and batched:
            query, key, value = (each.transpose(1, 0) for each in (query, key, value))
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (output.transpose(1, 0) if self.batch_first and batched else output), weights
