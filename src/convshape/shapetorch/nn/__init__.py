"""torch.nn."""

from importlib import import_module
from typing import TYPE_CHECKING

from . import functional as functional
from . import modules
from .parameter import Buffer as Buffer
from .parameter import Parameter as Parameter
from .parameter import UninitializedBuffer as UninitializedBuffer
from .parameter import UninitializedParameter as UninitializedParameter

if TYPE_CHECKING:
    from . import init as init
    from . import utils as utils
    from .modules import *  # noqa: F403

    __all__: list[str]


def __getattr__(name: str) -> object:
    if name in ("init", "parallel", "utils"):
        return import_module(f".{name}", __name__)
    if name == "DataParallel":
        return import_module(".parallel", __name__).DataParallel
    if name == "__all__":
        parameters = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter"]
        return [*parameters, *modules.__dir__()]  # dir() would sort them
    return globals().setdefault(name, getattr(modules, name))
