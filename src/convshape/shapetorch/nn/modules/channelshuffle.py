"""Channel shuffle."""

from __future__ import annotations

from .. import functional as F
from .layer import Layer


class ChannelShuffle(Layer):
    """The channels of ``(N, C, *size)`` mixed among `groups`; the shape stays."""

    _function = staticmethod(F.channel_shuffle)
    _shown = "groups={groups}"
    _example = ("ChannelShuffle(2)", "8x4x4")
    groups: int
