"""torch.nn's layers, one file a family, as in torch."""

# ruff: noqa: F403
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

else:
    from ... import on_demand as _on_demand

    #: Classes that torch has in single files only, or not at all.
    _OF_FILES = set(
        "IncompatibleKeys Layer LazyLayer LazyModuleMixin NonDynamicallyQuantizableLinear "
        "RemovableHandle".split()
    )

    def _is_layer(value, home):
        """Return whether a value of a file is a layer or container of one of the files."""
        return (
            isinstance(value, type)
            and value.__module__.startswith(f"{__name__}.")
            and value.__name__ not in _OF_FILES
        )

    _files = _on_demand.Files(
        globals(),
        "module conv pooling linear activation container flatten batchnorm dropout padding "
        "upsampling normalization loss rnn sparse attention transformer adaptive instancenorm "
        "channelshuffle distance fold linear_cross_entropy_options pixelshuffle",
        _is_layer,
    )

    def __getattr__(name):
        return __dir__() if name == "__all__" else _files.find(name)

    def __dir__():
        return list(_files.all)
