"""torch.nn."""

from . import functional
from .modules import *  # noqa: F403
from .modules import __all__ as _layers
from .parameter import Parameter

__all__ = ["Parameter", "functional", *_layers]
