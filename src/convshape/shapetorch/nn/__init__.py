"""torch.nn."""

from typing import TYPE_CHECKING

from . import functional as functional
from .modules import *  # noqa: F403
from .parameter import Buffer as Buffer
from .parameter import Parameter as Parameter
from .parameter import UninitializedBuffer as UninitializedBuffer
from .parameter import UninitializedParameter as UninitializedParameter

if TYPE_CHECKING:
    from . import init as init
    from . import utils as utils
else:
    from .modules import __all__ as _layers

    __all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter", *_layers]


def __getattr__(name: str) -> object:
    if name not in ("DataParallel", "init", "parallel", "utils"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name == "DataParallel":
        return getattr(import_module(".parallel", __name__), name)
    return import_module(f".{name}", __name__)
