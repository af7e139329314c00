"""torch.nn's layers, one file a family, as in torch."""

# ruff: noqa: F403
from typing import TYPE_CHECKING

from .activation import *
from .adaptive import *
from .attention import *
from .batchnorm import *
from .channelshuffle import *
from .container import *
from .conv import *
from .distance import *
from .dropout import *
from .flatten import *
from .fold import *
from .instancenorm import *
from .linear import *
from .linear_cross_entropy_options import *
from .loss import *
from .module import Module as Module
from .normalization import *
from .padding import *
from .pixelshuffle import *
from .pooling import *
from .rnn import *
from .sparse import *
from .transformer import *
from .upsampling import *

#: Classes that torch has in single files only, or not at all.
_OF_FILES = {"Layer", "LazyLayer", "LazyModuleMixin", "NonDynamicallyQuantizableLinear"}


def _is_public(value: object) -> bool:
    """Return whether a file defines it as a layer or container, and does not only use it."""
    return (
        isinstance(value, type)
        and value.__module__.startswith(f"{__name__}.")
        and value.__name__ not in _OF_FILES
    )


if not TYPE_CHECKING:  # mypy reads the imports, of which it knows which names they export
    _names = [name for name in globals() if name[0] != "_"]
    __all__ = sorted(name for name in _names if _is_public(globals()[name]))
    for _name in _names:
        _is_file = getattr(globals()[_name], "__package__", "") == __name__
        if _name not in __all__ and not _is_file:
            del globals()[_name]
