"""The part of NumPy that networks use, without NumPy: constants and functions of plain numbers.

``int(np.prod(image_shape))`` and the like. A function of anything else than numbers and lists of
them gives an unknown value, as all other NumPy names do.
"""

from __future__ import annotations

import math
from functools import wraps
from typing import TYPE_CHECKING

from ..shapetorch.placeholder import Placeholder, stand_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _of_numbers(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of plain numbers; of all else its result is not known."""
    unknown: Placeholder = stand_in(f"numpy.{name}", "pip install numpy")

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs or not all(map(_is_plain, args)):
            return unknown(*args, **kwargs)
        try:
            return function(*args)
        except (TypeError, ValueError, OverflowError):  # another number of arguments, or an array
            return unknown(*args)

    return call


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, (int, float)) for item in value)
    return isinstance(value, (int, float))


def _items(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


def _mean(values: Any) -> float:
    return math.fsum(_items(values)) / len(_items(values))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in "sqrt log log2 log10 exp sin cos tan tanh".split()},
    "prod": lambda values: math.prod(_items(values)),
    "sum": lambda values: sum(_items(values)),
    "max": lambda values: max(_items(values)),
    "min": lambda values: min(_items(values)),
    "mean": _mean,
    "floor": lambda value: float(math.floor(value)),
    "ceil": lambda value: float(math.ceil(value)),
    "round": lambda value, digits=0: round(float(value), digits),
    "abs": abs,
    "maximum": lambda a, b: a if a > b else b,
    "minimum": lambda a, b: a if a < b else b,
}
#: By their names in NumPy.
NAMES: dict[str, Any] = {
    **{name: getattr(math, name) for name in ("pi", "e", "inf", "nan")},
    "newaxis": None,
    **{name: _of_numbers(name, function) for name, function in _FUNCTIONS.items()},
}
