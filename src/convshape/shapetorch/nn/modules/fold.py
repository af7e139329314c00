"""Sliding blocks."""

from __future__ import annotations

from typing import Any

from .. import functional as F
from .layer import Layer


class Unfold(Layer):
    """Windows of ``(N, C, H, W)`` as columns: ``(N, C·∏kernel_size, L)``.

    The windows along an axis follow `convshape.sizes.unfold_blocks`; L is their product.
    """

    _function = staticmethod(F.unfold)
    _shown = "kernel_size={kernel_size}, dilation={dilation}, padding={padding}, stride={stride}"
    _example = ("Unfold(3, padding=1, stride=2)", "3x8x8")
    kernel_size: Any
    dilation: Any = 1
    padding: Any = 0
    stride: Any = 1


class Fold(Layer):
    """Columns ``(N, C·∏kernel_size, L)`` summed to ``(N, C, *output_size)``."""

    _function = staticmethod(F.fold)
    _shown = f"output_size={{output_size}}, {Unfold._shown}"
    _example = ("Fold(8, 3, padding=1, stride=2)", "27x16")
    output_size: Any
    kernel_size: Any
    dilation: Any = 1
    padding: Any = 0
    stride: Any = 1
