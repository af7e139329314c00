"""What files that are copied out of timm take from its layers, where it is not installed."""

from __future__ import annotations

from typing import Any

from ...shapetorch.arguments import ntuple
from ...shapetorch.nn import GELU, Conv2d, Dropout, Identity, Linear, Module
from ...shapetorch.nn.functional import scaled_dot_product_attention
from ...shapetorch.tensor import Tensor


class DropPath(Module):
    """Drop whole residual branches of some samples while it is trained: the shape stays."""

    def __init__(self, drop_prob: float = 0.0, scale_by_keep: bool = True) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        return x

    def extra_repr(self) -> str:
        return f"drop_prob={round(self.drop_prob, 3):0.3f}"


class PatchEmbed(Module):
    """Patches of an image as vectors: ``(N, C, H, W)`` becomes ``(N, patches, embed_dim)``."""

    def __init__(
        self,
        img_size: Any = 224,
        patch_size: Any = 16,
        in_chans: int = 3,
        embed_dim: int = 768,
        norm_layer: Any = None,
        flatten: bool = True,
        bias: bool = True,
        strict_img_size: bool = True,
    ) -> None:
        super().__init__()
        self.img_size = size = ntuple(img_size, 2)
        self.patch_size = patch = ntuple(patch_size, 2)
        self.grid_size = (size[0] // patch[0], size[1] // patch[1])
        self.num_patches = self.grid_size[0] * self.grid_size[1]
        self.flatten, self.strict_img_size = flatten, strict_img_size
        self.proj = Conv2d(in_chans, embed_dim, patch, patch, bias=bias)
        self.norm = norm_layer(embed_dim) if norm_layer else Identity()

    def forward(self, x: Tensor) -> Any:
        for size, wanted, patch in zip(x.shape[2:], self.img_size, self.patch_size, strict=True):
            fits = size == wanted if self.strict_img_size else size % patch == 0
            assert fits, f"input is {size}, but PatchEmbed is for {wanted} in patches of {patch}"
        x = self.proj(x)
        return self.norm(x.flatten(2).transpose(1, 2) if self.flatten else x)


class Mlp(Module):
    """Two linear layers, ``(*, in_features)`` to ``(*, out_features)``."""

    def __init__(
        self,
        in_features: int,
        hidden_features: int | None = None,
        out_features: int | None = None,
        act_layer: Any = GELU,
        norm_layer: Any = None,
        bias: Any = True,
        drop: Any = 0.0,
    ) -> None:
        super().__init__()
        hidden, biases, drops = hidden_features or in_features, ntuple(bias, 2), ntuple(drop, 2)
        self.fc1 = Linear(in_features, hidden, biases[0])
        self.act = act_layer()
        self.drop1 = Dropout(drops[0])
        self.norm = norm_layer(hidden) if norm_layer else Identity()
        self.fc2 = Linear(hidden, out_features or in_features, biases[1])
        self.drop2 = Dropout(drops[1])

    def forward(self, x: Tensor) -> Any:
        return self.drop2(self.fc2(self.norm(self.drop1(self.act(self.fc1(x))))))


class Attention(Module):
    """Self-attention in several heads: ``(N, L, dim)`` stays."""

    def __init__(
        self,
        dim: int,
        num_heads: int = 8,
        qkv_bias: bool = False,
        qk_norm: bool = False,
        proj_bias: bool = True,
        attn_drop: float = 0.0,
        proj_drop: float = 0.0,
        norm_layer: Any = None,
    ) -> None:
        super().__init__()
        assert dim % num_heads == 0, "dim should be divisible by num_heads"
        self.num_heads, self.head_dim = num_heads, dim // num_heads
        self.qkv = Linear(dim, dim * 3, qkv_bias)
        self.q_norm = norm_layer(self.head_dim) if qk_norm else Identity()
        self.k_norm = norm_layer(self.head_dim) if qk_norm else Identity()
        self.attn_drop = Dropout(attn_drop)
        self.norm = Identity()
        self.proj = Linear(dim, dim, proj_bias)
        self.proj_drop = Dropout(proj_drop)

    def forward(self, x: Tensor, attn_mask: Tensor | None = None) -> Any:
        n, length, width = x.shape
        qkv = self.qkv(x).reshape(n, length, 3, self.num_heads, self.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        x = scaled_dot_product_attention(self.q_norm(q), self.k_norm(k), v, attn_mask=attn_mask)
        x = self.norm(x.transpose(1, 2).reshape(n, length, width))
        return self.proj_drop(self.proj(x))


def trunc_normal_(tensor: Any, *args: Any, **kwargs: Any) -> Any:
    """Fill a tensor with random numbers."""
    return tensor


def _to_tuple(count: int) -> Any:
    return lambda value: ntuple(value, count)


_LAYERS = {
    **{kind.__name__: kind for kind in (Attention, DropPath, Mlp, PatchEmbed)},
    "trunc_normal_": trunc_normal_,
    **{f"to_{count}tuple": _to_tuple(count) for count in (1, 2, 3, 4)},
}
#: By the modules of timm that have them.
_HOMES = ("timm.layers", "timm.models.layers")
NAMES = dict.fromkeys(
    (
        *_HOMES,
        *(f"{home}.{file}" for home in _HOMES for file in ("drop", "helpers", "weight_init")),
        "timm.models.vision_transformer",
    ),
    _LAYERS,
)
