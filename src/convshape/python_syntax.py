"""Python's syntax of texts that users write, without Python's warnings about them."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


def parsed(text: str | bytes) -> ast.Module:
    """Return the tree of a file.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as of `ast.parse`.
    """
    with _no_warnings():
        return ast.parse(text)


def expression(text: str) -> ast.expr:
    """Return the tree of an expression.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as of `ast.parse`.
    """
    with _no_warnings():
        return ast.parse(text, mode="eval").body


@contextmanager
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's, about how it reads `3if x else y`
        yield
