"""Packages that are not installed: what replaces them, and how to install them."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ...shapetorch.placeholder import stand_in
from ...shapetorch.torch_module import Namespace
from ...shapetorch.versions import Release, Version

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution
    from types import ModuleType


def normalized(package: str) -> str:
    """Return the name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def distribution(package: str, version: str) -> Distribution:
    """Return what `importlib.metadata` reports of a package."""
    from importlib.metadata import Distribution

    class StandIn(Distribution):
        """The metadata of a package: its name and version."""

        def read_text(self, filename: str) -> str | None:
            text = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
            return text if filename == "METADATA" else None

        def locate_file(self, path: Any) -> Any:
            raise FileNotFoundError(path)

    return StandIn()


class Ready:
    """The loader of a module that is already made."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        pass


#: The version of a package that is not installed: new beside numbers and years, also by a part.
NEWEST = Version("9999.9999.9999")


#: What sources compare versions with, by the modules that have it.
_VERSIONS = {
    "packaging.version": ("parse", "Version", "LegacyVersion"),
    "pkg_resources": ("parse_version",),
    "distutils.version": ("LooseVersion", "StrictVersion"),
}


#: Packages of which convshape has what networks are made with.
_WRITTEN_OUT = {
    "numpy": f"{__package__}.plain_numpy",
    "einops": f"{__package__}.plain_einops",
    "timm": f"{__package__}.plain_timm",
    "yacs": f"{__package__}.plain_settings",
    "fvcore": f"{__package__}.plain_settings",
    "easydict": f"{__package__}.plain_settings",
    "omegaconf": f"{__package__}.plain_omegaconf",
}


class Starred(NamedTuple):
    """``from package import *`` of a package that is not installed.

    Attributes:
        package: its name.
        fix: how to install it.
        names: those of the module that has it.
    """

    package: str
    fix: str
    names: dict[str, Any]


class Missing(Namespace):
    """A package that is not installed: it is missed only where the network calls it."""

    __version__ = NEWEST
    __version_info__ = tuple(map(int, NEWEST.split(".")))

    def __init__(self, name: str, fix: str, starred: list[Starred], for_torch: bool) -> None:
        super().__init__(name)
        self._fix = fix
        self._starred = starred
        self.__dict__.update(dict.fromkeys(_VERSIONS.get(name, ()), Release))
        home = _WRITTEN_OUT.get(name.partition(".")[0])
        if home is not None and for_torch:
            self.__dict__.update(import_module(home).NAMES.get(name, {}))

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            self._starred.append(Starred(self.__name__, self._fix, sys._getframe(1).f_globals))
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        full = f"{self.__name__}.{name}"
        if full in _VERSIONS:
            return import_module(full)
        self.__dict__[name] = result = stand_in(full, self._fix)
        return result
