"""Attention."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError
from ... import dtypes
from ...arguments import divisor_near
from ...tensor import Tensor
from .. import functional as F
from ..functional.attention import additive_mask
from .layer import Layer
from .linear import NonDynamicallyQuantizableLinear
from .module import Module
from .utils import parameter

#: What `multi_head_attention_forward` takes by the names that the layer has for it.
_LENT = (
    "num_heads in_proj_weight in_proj_bias bias_k bias_v add_zero_attn "
    "q_proj_weight k_proj_weight v_proj_weight"
).split()


class MultiheadAttention(Layer):
    """Attention of `num_heads` heads, each to its own projection of queries, keys and values.

    ``in_proj_weight`` is ``(3·embed_dim, embed_dim)``; with another `kdim` or `vdim` there are
    instead ``q_proj_weight`` ``(embed_dim, embed_dim)``, ``k_proj_weight`` ``(embed_dim, kdim)``
    and ``v_proj_weight`` ``(embed_dim, vdim)``. ``in_proj_bias`` is ``(3·embed_dim,)``, ``bias_k``
    and ``bias_v`` are ``(1, 1, embed_dim)``, ``out_proj`` is a linear layer.

    Without gradients and in evaluation mode torch may take a shortcut, which also ignores
    `is_causal` where there is no mask, and gives no weights of an empty batch; the answer here is
    that of the ordinary way.

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
        ShapeError: `embed_dim` cannot be divided among `num_heads`; when called: an input has other
            features or dimensions, the batches or sequences differ, or a mask has another shape.
    """

    _runs_modules = False
    _example = ("MultiheadAttention(512, 8, batch_first=True)", "10x512 77x512 77x512")
    embed_dim: int
    num_heads: int
    dropout: float = 0.0
    bias: bool = True
    add_bias_kv: bool = False
    add_zero_attn: bool = False
    kdim: int | None = None
    vdim: int | None = None
    batch_first: bool = False
    device: object = None
    dtype: dtypes.dtype | None = None

    def _assemble(
        self,
        bias: Any,
        add_bias_kv: Any,
        kdim: int | None,
        vdim: int | None,
        device: object,
        dtype: dtypes.dtype | None,
    ) -> None:
        width, heads = self.embed_dim, self.num_heads
        for name, value in (("embed_dim", width), ("num_heads", heads)):
            if not isinstance(value, (int, float)) or value <= 0:
                raise ShapeError(f"{name}={value!r} is not a positive number", kind=ValueError)
        if width % heads:
            raise ShapeError(
                f"embed_dim={width} is not divisible by num_heads={heads}",
                kind=AssertionError,
                fix=f"num_heads={divisor_near(width, heads)}" if type(heads) is int else "",
            )
        self._arguments = {"bias": bool(bias), "add_bias_kv": bool(add_bias_kv)}
        self._arguments |= {"kdim": kdim, "vdim": vdim}
        self.kdim = width if kdim is None else kdim
        self.vdim = width if vdim is None else vdim
        self.head_dim = width // heads
        self._qkv_same_embed_dim = self.kdim == self.vdim == width
        sizes = {
            "in_proj_weight": (3 * width, width),
            "q_proj_weight": (width, width),
            "k_proj_weight": (width, self.kdim),
            "v_proj_weight": (width, self.vdim),
            "in_proj_bias": (3 * width,),
        }
        unused = {"q_proj_weight", "k_proj_weight", "v_proj_weight"}
        unused = unused if self._qkv_same_embed_dim else {"in_proj_weight"}
        unused |= set() if bias else {"in_proj_bias"}
        for name, size in sizes.items():
            self.register_parameter(name, None if name in unused else parameter(*size, dtype=dtype))
        self.out_proj = NonDynamicallyQuantizableLinear(width, width, bias=bias, dtype=dtype)
        for name in ("bias_k", "bias_v"):
            setattr(self, name, parameter(1, 1, width, dtype=dtype) if add_bias_kv else None)
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
        """Attend: ``(L, N, embed_dim)``, ``(S, N, kdim)``, ``(S, N, vdim)`` to the first of these.

        With `batch_first` N is first, and unbatched inputs have none. The second result is the
        weights ``(N, L, S)``, ``(N, num_heads, L, S)`` of each head, None without `need_weights`.
        """
        batch_first = self.batch_first and query.ndim == 3
        key_padding_mask = additive_mask("key_padding_mask", key_padding_mask, query.dtype)
        attn_mask = additive_mask("attn_mask", attn_mask, query.dtype)
        if batch_first:
            query, key, value = (input.transpose(1, 0) for input in (query, key, value))
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            **{name: getattr(self, name) for name in _LENT},
            dropout_p=self.dropout,
            out_proj_weight=self.out_proj.weight,
            out_proj_bias=self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (output.transpose(1, 0) if batch_first else output), weights
