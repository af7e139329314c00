"""torch.nn."""

from typing import TYPE_CHECKING

from . import functional
from .modules import *  # noqa: F403
from .modules import __all__ as _layers
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

if TYPE_CHECKING:
    from . import init as init
    from . import utils as utils

__all__ = [
    "Buffer",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
    "functional",
    *_layers,
]


def __getattr__(name: str) -> object:
    if name not in ("DataParallel", "init", "parallel", "utils"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name == "DataParallel":
        return getattr(import_module(".parallel", __name__), name)
    return import_module(f".{name}", __name__)
