"""How random calls of functions and methods of tensors are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ...shapetorch.ops.spaces import FUNCTIONS, METHODS
from .choices import KINDS, Choice, Pick, any_shape, chosen, often, some_of
from .data import Call, T

DIMS = (0, 0, 1, 1, 2, -1, -1, -2)
ODD_DIMS = (3, -3, 5, -6, True, 1.0, None, "0")


def kind(pick: Pick) -> str:
    return pick(KINDS)


def kinds(pick: Pick) -> tuple[str, ...]:
    """Pick dtypes that may meet: float16 and complex make complex32, which torch has in part."""
    left_out = pick(("float16", "complex64"))
    return tuple(k for k in KINDS[5:] if k != left_out)


def some(pick: Pick, dtype: str | None = None, value: int = 0) -> T:
    return T(any_shape(pick), dtype or kind(pick), value)


def dim(pick: Pick) -> Any:
    return often(pick, DIMS, ODD_DIMS)


def dims(pick: Pick) -> Any:
    """Pick one dimension, or a tuple or list of them."""
    if pick((True, False)):
        return dim(pick)
    values = [dim(pick) for _ in range(pick((1, 2, 2, 3, 0)))]
    return pick((tuple, list))(values)


def size(pick: Pick) -> Any:
    return often(pick, (1, 2, 3, 4, -1), (0, -2, True, 1.0, None))


def broadcast(pick: Pick, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Pick a shape that broadcasts with another, nearly always."""
    sizes = [often(pick, (n, n, 1), (n + 1,)) for n in shape]
    return tuple(sizes[pick(range(len(sizes) + 1)) :] if pick((True, False)) else sizes)


def form(pick: Pick, name: str, *args: Any, **kwargs: Any) -> Call:
    """Make a function or a method of it, whichever there is."""
    method = name in METHODS and (name not in FUNCTIONS or pick((True, False)))
    return Call(name, args, kwargs, method)


Subject = TypeVar("Subject")
#: How a function is called, by its name, on a tensor, or on what else a family is about.
Way = Callable[[Pick, str, Subject], Call]


def takes(*required: Choice, **optional: Choice) -> Way[T]:
    """Return what calls a function or method of a tensor by its name, with chosen arguments."""

    def call(pick: Pick, name: str, x: T) -> Call:
        args = [chosen(pick, argument) for argument in required]
        return form(pick, name, x, *args, **some_of(pick, **optional))

    return call


def one_of(
    pick: Pick, ways: Mapping[str, Way[Subject]], subject: Callable[[Pick], Subject]
) -> Call:
    """Call one of several functions on a random tensor, or on what else they are about."""
    name = pick(list(ways))
    return ways[name](pick, name, subject(pick))


def again(pick: Pick, family: Callable[[Pick], Call], fits: Callable[[Call], bool]) -> Call:
    """Draw calls of a family until one fits."""
    call = family(pick)
    while not fits(call):
        call = family(pick)
    return call
