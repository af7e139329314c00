"""Imports the user's source, as often as something that is missing can be replaced."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from linecache import cache
from types import ModuleType
from typing import Any

from ... import user_frames
from ...shapetorch import placeholder
from .. import is_notebook, text_of
from .finder import Finder
from .loaders import notes_taken, prepare


class _Retry(Exception):  # noqa: N818 - no error
    """What was missing is there now: the user's module is to be run again."""


def imported(home: str, finder: Finder, text: str | None, make: Callable[[ModuleType], Any]) -> Any:
    """Import `home` (a file, notebook or module) or `text` under its name, and return `make` of it.

    What either misses is replaced, and it is imported again. Where it fails, it is as far as it
    came: `Finder.note` and `stopped` say why.
    """
    start = dict(sys.modules)
    if text is not None or home.endswith(".ipynb"):
        load = _text_loader(home, text, finder)
    else:
        load = _file_loader(home, finder) if home.endswith(".py") else _name_loader(home, finder)
    while True:
        try:
            return make(_loaded(load, finder))
        except _Retry:
            pass
        except Exception as error:
            cause = error if isinstance(error, ImportError) else error.__cause__
            if not finder.replaces(cause):
                raise
        finder.module = finder.stopped = None
        finder.note = ""
        finder.clear(start)
        placeholder.guesses.clear()


def _loaded(load: Callable[[], ModuleType], finder: Finder) -> ModuleType:
    """Return the user's module, as far as it comes."""
    try:
        return load()
    except (_Retry, KeyboardInterrupt):
        raise
    except BaseException as error:
        if finder.replaces(error):
            raise _Retry from error
        return _as_far(error, finder)


def _as_far(error: BaseException, finder: Finder) -> ModuleType:
    """Return the user's module as far as it came, if it did."""
    if finder.module is None or isinstance(error, SyntaxError):
        raise error
    from .below import define

    finder.stop(error)
    sys.modules[finder.main] = finder.module
    define(finder.module, error, notes_taken(), is_cell=False)
    return finder.module


def _text_loader(home: str, text: str | None, finder: Finder) -> Callable[[], ModuleType]:
    """Return what runs the code of a text, or the cells of a notebook, one after the other."""
    path = os.path.abspath(home)
    text = text_of(home) if text is None else text
    is_cell = home.endswith(".ipynb") or is_notebook(text)
    parts = _cells(text, home) if is_cell else [(home, text)]
    parts = [(name, finder.texts.get(os.path.abspath(name), code)) for name, code in parts]
    folder = os.getcwd() if home == user_frames.STDIN else os.path.dirname(path)
    sys.path.insert(0, folder)
    sys.argv[:] = [home]
    finder.main = re.sub(r"\W", "_", os.path.basename(home).partition(".")[0]) or "network"
    finder.own(finder.main, folder)
    finder.files = [name for name, _ in parts]
    for name, code in parts:
        for key in (name, user_frames.shown(name) or name):
            cache[key] = (len(code), None, code.splitlines(keepends=True), key)

    def load() -> ModuleType:
        module = sys.modules[finder.main] = ModuleType(finder.main)
        module.__file__ = path
        prepare(module, "\n".join(code for _, code in parts), finder)
        for name, code in parts:
            _run(module, name, code, finder, is_cell)
        return module

    return load


def _cells(text: str, home: str) -> list[tuple[str, str]]:
    from .notebook import cells

    return cells(text, home)


def _run(module: ModuleType, name: str, code: str, finder: Finder, is_cell: bool) -> None:
    """Run a part of the user's code; behind a cell that fails come others."""
    try:
        exec(_compiled(code, name), vars(module))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if finder.replaces(error):
            raise _Retry from error
        if not is_cell:
            raise
        from .below import define

        finder.stop(error)
        define(module, error, notes_taken(), is_cell=True)


def _compiled(code: str, name: str) -> Any:
    """Compile code; what its last line gives is called ``_``, as where it is typed in."""
    import ast

    tree = ast.parse(code, name)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        target = ast.copy_location(ast.Name("_", ast.Store()), last)
        tree.body[-1] = ast.copy_location(ast.Assign([target], last.value), last)
    notes = notes_taken()
    return compile(notes.noted(tree, name) if notes else tree, name, "exec")


def _name_loader(home: str, finder: Finder) -> Callable[[], ModuleType]:
    folder = os.getcwd()
    if "" not in sys.path and folder not in sys.path:
        sys.path.insert(0, folder)
    finder.own(home.partition(".")[0], folder)
    finder.main = home
    return lambda: import_module(home)


def _file_loader(file: str, finder: Finder) -> Callable[[], ModuleType]:
    text_of(file)  # says what is wrong with the file, if it cannot be read
    path = os.path.abspath(file)
    folder, name = os.path.split(path)
    names = [] if name == "__init__.py" else [name.removesuffix(".py")]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        names.insert(0, package)
    sys.path.insert(0, folder)
    sys.argv[:] = [file]
    finder.own(names[0], folder)

    def load() -> ModuleType:
        spec = finder.observed(spec_from_file_location(names[0], path))
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[names[0]] = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    is_package = len(names) > 1 or name == "__init__.py"
    return lambda: _in_packages(None if is_package else load, names, folder, finder)


def _in_packages(
    load: Callable[[], ModuleType] | None, names: list[str], folder: str, finder: Finder
) -> ModuleType:
    """Return the user's module, in as many packages as its relative imports need.

    The program that imports it makes packages of the folders above it, without `__init__.py`.
    """
    finder.main = ".".join(names)
    try:
        return load() if load else import_module(finder.main)
    except ImportError as error:
        above, package = os.path.split(folder)
        if error.name is not None or "relative import" not in str(error) or not package:
            raise
    sys.path.insert(0, above)
    finder.own(package, folder)
    return _in_packages(None, [package, *names], above, finder)
