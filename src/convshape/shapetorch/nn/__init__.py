"""torch.nn."""

from typing import TYPE_CHECKING

from . import functional
from .modules import *  # noqa: F403
from .modules import __all__ as _layers
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

if TYPE_CHECKING:
    from types import ModuleType

    from . import init as init
    from . import utils as utils

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter", "functional", *_layers]


def __getattr__(name: str) -> "ModuleType":
    if name not in ("init", "utils"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return import_module(f".{name}", __name__)
