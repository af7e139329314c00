"""The rules of the layers: what each accepts, and the shape that comes out.

Every function takes torch's arguments in torch's order and refuses with `ShapeError` what torch
2.13 refuses on the CPU. Sizes along an axis come from `convshape.sizes`, which has the equations.
"""

# ruff: noqa: F403 - each file says what it defines
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .activation import *
    from .adaptive_pooling import *
    from .attention import *
    from .common import *
    from .conv import *
    from .distance import *
    from .dropouts import *
    from .folding import *
    from .linear_maps import *
    from .loss import *
    from .loss_common import *
    from .loss_of_classes import *
    from .normalization import *
    from .padding import *
    from .pixelshuffle import *
    from .pooling import *
    from .resampling import *
    from .sparse import *
    from .vision import *

    __all__: list[str]

else:
    from ...on_demand import Files

    def _is_defined(value, home):
        """Return whether a file defines a value: it also imports operations of the same names."""
        return getattr(value, "__module__", home) == home

    _files = Files(
        globals(),
        "conv pooling adaptive_pooling linear_maps activation normalization dropouts padding "
        "resampling loss loss_of_classes attention sparse distance folding pixelshuffle vision "
        "loss_common common",
        _is_defined,
    )

    def __getattr__(name):
        if name != "__all__":
            return _files.find(name)
        functions = {name: f for name, f in _files.all.items() if hasattr(f, "__wrapped__")}
        return sorted(functions, key=lambda name: functions[name].__module__)
