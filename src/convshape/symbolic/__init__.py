"""Symbolic sizes: expressions, the ints that carry them, and the conditions that they record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from .dim import Dim, Record

#: What notes the comparisons of sizes that are going on, if anything does.
record: Record | None = None
#: While it is worked out how elements lie in memory: which of two strides is larger, each a product
#: of several sizes, is no condition on an input.
laying = False


def is_symbolic(value: Any) -> TypeGuard[Dim]:
    """Return whether a value is a `Dim`, without the import of its module."""
    return hasattr(value, "expression")
