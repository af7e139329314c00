"""Which names of a module hang on a value that was not known when it was imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from linecache import getlines
from types import FunctionType, ModuleType
from typing import Any

from ...python_syntax import parsed
from ...shapetorch.placeholder import Guess, Placeholder, is_network

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def unlearn(guesses: Iterable[Guess], files: Iterable[str]) -> dict[int, Placeholder]:
    """Put placeholders for the values of a module that hang on guesses.

    Args:
        guesses: those of the import.
        files: what the module is made of, in the order in which they were run: one, or cells.

    Returns:
        What each class, function or network that hangs on one needs, by its `id`.
    """
    by_file: dict[str, list[Guess]] = {}
    for guess in guesses:
        by_file.setdefault(guess.file, []).append(guess)
    result: dict[int, Placeholder] = {}
    doubtful: dict[str, Placeholder] = {}
    names: dict[str, Any] = {}
    for file in files:
        names = next((guess.module for guess in by_file.get(file, ())), names)
        _follow(file, by_file.get(file, []), doubtful, names)
    for name, source in doubtful.items():
        value = names.get(name)
        if isinstance(value, (type, FunctionType)) or is_network(value):
            result[id(value)] = source
        elif name in names and not isinstance(value, (ModuleType, Placeholder)):
            names[name] = source
    return result


def _follow(
    file: str, guesses: list[Guess], doubtful: dict[str, Placeholder], names: dict[str, Any]
) -> None:
    """Follow the statements of a file: which names are made of guesses, or of such names."""
    for statement in statements_of(file):
        lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
        nodes = list(run_at_once(statement))
        sources = [guess.placeholder for guess in guesses if guess.line in lines]
        sources += [doubtful[n.id] for n in nodes if _is_read(n) and n.id in doubtful]
        for name in set(_assigned(nodes, names)):
            if sources:
                doubtful[name] = sources[0]
            else:
                doubtful.pop(name, None)


def statements_of(file: str) -> list[ast.stmt]:
    """Return the statements of a file or cell, or none if it is not Python and did not run."""
    from .notebook import without_magics

    try:
        return parsed(without_magics("".join(getlines(file)))).body
    except SyntaxError:
        return []


def _is_read(node: Any) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def run_at_once(node: ast.AST) -> Iterator[Any]:
    """Yield the nodes of a statement, but for bodies of functions and names of comprehensions."""
    yield node
    for field, value in ast.iter_fields(node):
        if field == "body" and isinstance(node, _DEFINITIONS):
            continue
        if field == "target" and isinstance(node, ast.comprehension):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from run_at_once(part)


def _assigned(nodes: list[Any], names: dict[str, Any]) -> Iterator[str]:
    """Yield the names that a statement gives a value, or whose lists it may add to."""
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    inside = {id(part) for kind in classes for part in ast.walk(kind) if part is not kind}
    inside |= {id(node.targets[0]) for node in nodes if _is_itself(node, names)}
    for node in nodes:
        if id(node) in inside:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif _adds(node) and isinstance(names.get(node.value.id), (list, dict, set)):
            yield node.value.id


def _is_itself(node: Any, names: dict[str, Any]) -> bool:
    """Return whether a network is given to its own name: ``model = model.train()``."""
    function = getattr(node.value, "func", None) if isinstance(node, ast.Assign) else None
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return False
    name = function.value.id
    return ast.unparse(node.targets[0]) == name and is_network(names.get(name))


def _adds(node: Any) -> bool:
    """Return whether a node may add to a list: ``layers.append``, ``sizes[3] = ``."""
    is_part = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    return (is_part or isinstance(node, ast.Attribute)) and isinstance(node.value, ast.Name)
