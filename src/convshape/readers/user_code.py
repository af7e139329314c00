"""Imports the user's file with ``torch`` standing for `shapetorch`, and restores the interpreter."""

from __future__ import annotations

import os
import sys
from _thread import RLock
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

from .. import user_frames
from ..shapetorch import hooks, torch_module
from . import text_of
from .source_errors import told
from .stand_ins import Finder, using_torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType
    from typing import Any

_alone = RLock()


@contextmanager
def standing_in(for_torch: bool = True) -> Iterator[Finder]:
    """Keep stand-ins for missing packages, and for torch too unless it is to be torch itself.

    Afterwards the interpreter is as it was: modules, import hooks, the path, warnings, standard
    output.
    """
    finder = Finder(for_torch)
    with _alone, _restored(finder), redirect_stdout(sys.stderr):
        sys.meta_path.insert(0, finder)
        hooks.line = user_frames.here
        hooks.explain = lambda error: told(error, finder.missing)
        torch_module.outside = torch_module.importing()
        yield finder


@contextmanager
def _restored(finder: Finder) -> Iterator[None]:
    import warnings

    lists: tuple[list[Any], ...] = (sys.meta_path, sys.path, sys.argv)
    before = [list(kept) for kept in lists]
    modules = dict(sys.modules)
    line, explain = hooks.line, hooks.explain
    try:
        if finder.for_torch and "torch" in modules:
            _drop(using_torch(modules), modules)
        with warnings.catch_warnings():
            yield
    finally:
        hooks.line, hooks.explain = line, explain
        for kept, items in zip(lists, before, strict=True):
            kept[:] = items
        finder.clear(modules)
        sys.modules.update(modules)


def _drop(packages: set[str], names: Iterable[str]) -> None:
    for name in names:
        if name.partition(".")[0] in packages:
            sys.modules.pop(name, None)


def imported(home: str, finder: Finder) -> ModuleType:
    """Import the file or module `home`; what it misses is replaced and it is imported again."""
    start = dict(sys.modules)
    load = _file_loader(home, finder) if home.endswith(".py") else _name_loader(home, finder)
    while True:
        try:
            return load()
        except ModuleNotFoundError as error:
            top = (error.name or "").partition(".")[0]
            if top in (home.partition(".")[0], "", *finder.missing) or top in sys.modules:
                raise
            finder.missing.add(top)
        finder.clear(start)


def _name_loader(home: str, finder: Finder) -> Callable[[], ModuleType]:
    folder = os.getcwd()
    if "" not in sys.path and folder not in sys.path:
        sys.path.insert(0, folder)
    finder.own(home.partition(".")[0], folder)
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
    if len(names) > 1 or name == "__init__.py":
        return lambda: import_module(".".join(names))

    def load() -> ModuleType:
        spec = spec_from_file_location(names[0], path)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[names[0]] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except ImportError as error:
            if error.name is not None or "relative import" not in error.msg:
                raise
        else:
            return module
        # A folder of a project's, which the program that imports it makes a package.
        above, package = os.path.split(folder)
        sys.path.insert(0, above)
        finder.own(package, folder)
        return import_module(f"{package}.{names[0]}")

    return load
