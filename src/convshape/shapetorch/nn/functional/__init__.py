"""The rules of the layers: what each accepts, and the shape that comes out.

Every function takes torch's arguments in torch's order and refuses with `ShapeError` what torch
2.13 refuses on the CPU. Sizes along an axis come from `convshape.sizes`, which has the equations.
"""

import sys

# ruff: noqa: F403 - each file says what it defines
from .activation import *
from .adaptive_pooling import *
from .attention import *
from .common import *
from .conv import *
from .distance import *
from .dropout import *
from .fold import *
from .linear import *
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

#: What the files define: they also import operations of `ops`, some by the same names.
_DEFINED = {
    name: value
    for home in sorted(name for name in sys.modules if name.startswith(f"{__name__}."))
    for name, value in vars(sys.modules[home]).items()
    if getattr(value, "__module__", "") == home and name[0] != "_"
}
#: The functions, as torch has them here.
__all__ = [name for name, value in _DEFINED.items() if hasattr(value, "__wrapped__")]
for _name in [name for name, value in globals().items() if hasattr(value, "__wrapped__")]:
    del globals()[_name]
globals().update(_DEFINED)
