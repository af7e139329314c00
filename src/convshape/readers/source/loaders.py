"""Loaders of the user's files, which prepare a module and note what it defines."""

from __future__ import annotations

import builtins
import os
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import decode_source
from linecache import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ... import user_frames
from ...shapetorch.placeholder import Placeholder, following, stand_in
from .. import text_of
from .command_line import nothing_required
from .missing_packages import Starred

if TYPE_CHECKING:
    from .finder import Finder


class Rewritten(SourceFileLoader):
    """Runs a file of the user's, perhaps with another text."""

    def __init__(self, name: str, path: str, finder: Finder) -> None:
        super().__init__(name, path)
        self.finder = finder

    def get_data(self, path: str) -> bytes:
        """Return what the file holds, or is to hold."""
        text = self.finder.texts.get(os.path.abspath(path))
        return super().get_data(path) if text is None else text.encode()

    def path_stats(self, path: str) -> Mapping[str, Any]:
        """Return the age of the file, except with another text: its bytecode is useless then."""
        if os.path.abspath(path) in self.finder.texts:
            raise OSError
        return super().path_stats(path)


class Observed(Rewritten):
    """Runs the user's file."""

    def source_to_code(self, data: Any, path: Any, **options: Any) -> Any:  # type: ignore[override]
        """Compile the file; what Jupyter has left in a file that it exported is left out."""
        try:
            notes = notes_taken()
            code = notes.noted(data, path) if notes else data
            return super().source_to_code(code, path, **options)
        except SyntaxError:
            from .notebook import without_magics

            text = decode_source(data) if isinstance(data, bytes) else str(data)
            clean = without_magics(text)
            if clean == text:
                raise
            return super().source_to_code(clean, path, **options)

    def get_code(self, fullname: str) -> Any:
        """Return the code of the file, from Python's cache unless it is to take notes."""
        if notes_taken() is None:
            return super().get_code(fullname)
        return self.source_to_code(self.get_data(self.path), self.path)

    def set_data(self, *args: Any, **options: Any) -> None:
        """Write no file."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the file."""
        for key in (self.path, user_frames.shown(self.path)):
            cache.pop(key, None)  # perhaps a text of that name, traced before
        self.finder.files = [self.path]
        prepare(module, text_of(self.path), self.finder)
        super().exec_module(module)


#: What a class that is pasted without its imports means by these names.
_USUAL = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "np": "numpy",
    "math": "math",
}
_IMPORTS_TORCH = r"(?m)^\s*(import|from)\s+[\w., ]*\btorch\b"


class _Names(dict):  # type: ignore[type-arg]
    """Python's builtins, and any other name that ``from missing import *`` may have defined."""

    module: dict[str, Any]
    starred: list[Starred]

    def __missing__(self, name: str) -> Any:
        packages = [star for star in self.starred if star.names is self.module]
        if not packages or name.startswith("__"):
            raise KeyError(name)
        if name in _USUAL:
            return import_module(_USUAL[name])
        return stand_in(f"{packages[-1].package}.{name}", packages[-1].fix)


def prepare(module: ModuleType, text: str, finder: Finder) -> None:
    """Give a module of the user's what Python's builtins do not have."""
    names = _Names(vars(builtins), next=following)
    names.module, names.starred = vars(module), finder.starred
    if not re.search(_IMPORTS_TORCH, text):
        for name, home in _USUAL.items():
            if re.search(rf"\b{name}\b", text):
                names[name] = import_module(home)
        layers = vars(import_module("torch.nn"))
        names |= {n: layers[n] for n in re.findall(r"\b[A-Z]\w+(?=\()", text) if n in layers}
    notes = notes_taken()
    names |= notes.names() if notes else {}
    if "argparse" in text:
        finder.keeping(nothing_required())
    if "get_ipython" in text or "display(" in text:
        for name in ("get_ipython", "display"):
            names[name] = Placeholder(name, "run it in Jupyter")
    module.__dict__["__builtins__"] = names
    finder.module = module


def notes_taken() -> Any:
    """Return what takes notes of statements where somebody wants them; who does has loaded it."""
    noting = sys.modules.get(f"{__package__}.noting")
    return noting if noting is not None and noting.names() else None
