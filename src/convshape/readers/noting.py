"""Notes of what each statement of a source gives, taken while it runs.

Its statements are compiled with a call around what they give: ``x = f(x)`` notes ``f(x)``.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from ..shapetorch import hooks
from ..shapetorch.nn.modules.module import Module

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What the calls are called in the source's code: no names of anybody's.
NOTE, LAYER = "__convshape_note__", "__convshape_layer__"
_noting: ContextVar[dict[Module, tuple[Any, ...]] | None] = ContextVar("_noting", default=None)


class Statement(NamedTuple):
    """Where a statement stands: lines from 1, columns from 0 in bytes of UTF-8."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@contextmanager
def noting() -> Iterator[dict[Module, tuple[Any, ...]]]:
    """Let the sources that are read note what their statements give.

    Yields:
        Where the layers stand that a source lists in a ``Sequential``, whose calls are its lines.
    """
    layers: dict[Module, tuple[Any, ...]] = {}
    token = _noting.set(layers)
    try:
        yield layers
    finally:
        _noting.reset(token)


def names() -> dict[str, Any]:
    """Return what a source needs to take notes; nothing where it is to take none."""
    return {} if _noting.get() is None else {NOTE: note, LAYER: layer}


def noted(source: Any, file: str) -> Any:
    """Return what to compile of a source (text, bytes or a tree): with notes, if they are wanted."""
    if not names():
        return source
    from .noting_tree import with_notes

    return with_notes(source, file, NOTE, LAYER)


def note(statement: tuple[Any, ...], is_part: bool, value: Any) -> Any:
    """Tell the run that goes on, if any, what a statement gives, and return that.

    Args:
        statement: where it stands, as `Statement`.
        is_part: whether it is an argument of a call that may give nothing.
        value: what it gives.
    """
    if hooks.recorder is not None:
        hooks.recorder.note(statement, is_part, value)
    return value


def layer(place: tuple[Any, ...], value: Any) -> Any:
    """Note where a layer stands, and return it."""
    layers = _noting.get()
    if layers is not None and isinstance(value, Module):
        layers[value] = place
    return value
