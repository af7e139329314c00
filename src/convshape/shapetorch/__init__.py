"""torch without data: its names, arguments and refusals; a tensor has only a shape and dtype.

They are loaded when the first of them is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from . import dtypes, hooks, known_values, tensor_attributes  # noqa: F401 - all others need them
from .tensor_attributes import layout as layout  # torch's, in place of our file

if TYPE_CHECKING:
    from . import nn as nn
    from .tensor import Tensor as Tensor

    __all__: list[str]


def __getattr__(name: str) -> object:
    if name in ("fft", "linalg", "special"):
        return import_module(f".{name}", __name__)
    from .namespace import NAMES

    globals().update(NAMES)
    if name == "nn":
        return import_module(".nn", __name__)
    if name not in NAMES:
        from .aten import FUNCTIONS  # which few networks call there

        globals().update(FUNCTIONS)
        if name == "__all__":
            return [*NAMES, *FUNCTIONS, "nn"]
        if name not in FUNCTIONS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals()[name]
