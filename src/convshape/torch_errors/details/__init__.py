"""The functions that add values to those found in an error, for the tables in ``known/``.

If the numbers determine the layer, it is made here and refuses by itself, so that one place decides
what fits. A value of None or False means that what depends on it does not apply. A function raises
ValueError if the numbers turn out to be of another kind.
"""

from __future__ import annotations

from collections.abc import Callable

from . import calls, devices, layers, losses, memory, norms, sequences, state_dict, tensors
from .common import Fields

MODULES = (layers, norms, sequences, losses, tensors, devices, memory, state_dict, calls)


def function(name: str) -> Callable[[Fields], Fields]:
    """Return the function of a name that a table gives."""
    result: Callable[[Fields], Fields] = next(
        vars(module)[name] for module in MODULES if name in vars(module)
    )
    return result
