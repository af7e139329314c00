"""What the tables in ``known/`` need beyond the numbers in an error: a function adds values to those found.

Where the numbers tell the layer, it is made here and refuses by itself, so that what fits is decided where it
always is. A value of None or False says that what depends on it does not apply. A function raises ValueError
where the numbers are not of its kind after all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import calls, devices, layers, losses, memory, norms, sequences, state_dict, tensors

if TYPE_CHECKING:
    from collections.abc import Callable

    from .common import Found

MODULES = (layers, norms, sequences, losses, tensors, devices, memory, state_dict, calls)


def function(name: str) -> Callable[[Found], Found]:
    """Return the function of a name that a table gives."""
    found: Callable[[Found], Found] = next(
        vars(module)[name] for module in MODULES if name in vars(module)
    )
    return found
