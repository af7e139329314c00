"""Imports the user's source, with stand-ins for torch and for packages that are missing."""

from __future__ import annotations

import os
import re
import sys
from _thread import RLock
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from .. import user_frames
from ..shapetorch import hooks, torch_module
from ..shapetorch.torch_module import VERSION, Namespace, Placeholder, Version, namespace
from . import text_of
from .source_errors import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from importlib.metadata import Distribution, DistributionFinder
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
            _drop(_using_torch(modules), modules)
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


class Finder:
    """Gives the modules of torch, and a stand-in for each package that is missing."""

    def __init__(self, for_torch: bool) -> None:
        self.for_torch = for_torch
        self.missing: set[str] = set()
        self._top = self._folder = ""

    def own(self, top: str, folder: str) -> None:
        """Say what is the user's: a package and a folder; drop what of it is loaded already."""
        self._top, self._folder = top, os.path.join(folder, "")
        for name in list(sys.modules):
            if self._is_own(name):
                del sys.modules[name]

    def clear(self, before: Iterable[str]) -> None:
        """Drop what is loaded since `before` and is the user's, or uses the torch that was here."""
        later = [name for name in sys.modules if name not in before]
        gone = (_using_torch(later) | self.missing) if self.for_torch else set()
        for name in later:
            if name.partition(".")[0] in gone or self._is_own(name):
                del sys.modules[name]

    def _is_own(self, name: str) -> bool:
        top = name.partition(".")[0]
        file = getattr(sys.modules[name], "__file__", None) or ""
        inside = bool(self._folder) and file.startswith(self._folder)
        is_own = top == self._top or (inside and f"-packages{os.sep}" not in file)
        return is_own and top not in ("convshape", "__main__")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        module: ModuleType | None = None
        if top == "torch" and self.for_torch:
            module = namespace(name)
        elif top in self.missing:
            module = _Missing(name)
        if module is None:
            return None
        return ModuleSpec(name, _Ready(module), is_package=True)  # type: ignore[arg-type]

    def find_distributions(self, context: DistributionFinder.Context) -> Iterator[Distribution]:
        """Yield what `importlib.metadata` tells of the packages that are stood in for."""
        versions = dict.fromkeys(self.missing, NEWEST)
        if self.for_torch:
            versions["torch"] = VERSION
        for package, version in versions.items():
            if context.name is None or _normalized(context.name) == _normalized(package):
                yield _distribution(package, version)


def _normalized(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def _distribution(package: str, version: str) -> Distribution:
    from importlib.metadata import Distribution

    class StandIn(Distribution):
        """The metadata of a package: its name and version."""

        def read_text(self, filename: str) -> str | None:
            text = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
            return text if filename == "METADATA" else None

        def locate_file(self, path: Any) -> Any:
            raise FileNotFoundError(path)

    return StandIn()


class _Ready:
    """The loader of a module that is already made."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        pass


#: The version of a package that is not installed: new beside numbers and years, also by a part.
NEWEST = Version("9999.9999.9999")


class _Missing(Namespace):
    """A package that is not installed: it is missed only where the network calls it."""

    __version__ = NEWEST

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        package = self.__name__.partition(".")[0]
        return Placeholder(f"{self.__name__}.{name}", f"pip install {package}")


def _using_torch(names: Iterable[str]) -> set[str]:
    """Return the packages among loaded modules that are torch, or use it and can be loaded again."""
    passed = {"convshape", "__main__", *sys.stdlib_module_names}
    modules: list[tuple[str, Any]] = []
    for name in names:
        top, module = name.partition(".")[0], sys.modules.get(name)
        if module is not None and top not in passed:
            modules.append((top, module))
            loader = getattr(getattr(module, "__spec__", None), "loader", None)
            if isinstance(loader, ExtensionFileLoader):
                passed.add(top)  # numpy among them, whose many names need not be looked at
    packages = {"torch"}
    for top, module in modules:
        known = top in passed or top in packages
        if not known and any(map(_is_of_torch, vars(module).values())):
            packages.add(top)
    return packages


def _is_of_torch(value: Any) -> bool:
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] == "torch"
    if not isinstance(value, (type, FunctionType)):
        return isinstance(value, Placeholder)
    home = str(value.__module__)
    if home == "torch" or home.startswith(("torch.", "convshape.shapetorch.")):
        return True
    functions = vars(value).values() if isinstance(value, type) else (value,)
    return any(isinstance(f, FunctionType) and "torch" in f.__code__.co_names for f in functions)


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
