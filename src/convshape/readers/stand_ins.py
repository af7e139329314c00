"""What stands for torch, and for packages that are missing, while the user's source is run."""

from __future__ import annotations

import os
import re
import sys
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from ..shapetorch.torch_module import VERSION, Namespace, Placeholder, Version, namespace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import Distribution, DistributionFinder
    from typing import Any


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
        gone = (using_torch(later) | self.missing) if self.for_torch else set()
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


def using_torch(names: Iterable[str]) -> set[str]:
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
