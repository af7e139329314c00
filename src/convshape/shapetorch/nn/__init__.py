"""torch.nn."""

from . import functional
from .modules import *  # noqa: F403
from .modules import __all__ as _layers
from .parameter import Parameter, UninitializedBuffer, UninitializedParameter

__all__ = ["Parameter", "UninitializedBuffer", "UninitializedParameter", "functional", *_layers]
