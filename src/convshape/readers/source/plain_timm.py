"""What files that are copied out of timm take from its layers, where it is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...shapetorch.nn import Module
from ...shapetorch.nn.modules.utils import ntuple

if TYPE_CHECKING:
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


def trunc_normal_(tensor: Any, *args: Any, **kwargs: Any) -> Any:
    """Fill a tensor with random numbers."""
    return tensor


def _to_tuple(count: int) -> Any:
    return lambda value: ntuple(value, count)


_LAYERS = {
    "DropPath": DropPath,
    "trunc_normal_": trunc_normal_,
    **{f"to_{count}tuple": _to_tuple(count) for count in (1, 2, 3, 4)},
}
#: By the modules of timm that have them.
NAMES = dict.fromkeys(("timm.layers", "timm.models.layers", "timm.layers.drop"), _LAYERS)
