"""Other threads, while a source runs: their imports and their output are theirs.

What a process has once only cannot be kept apart: ``sys.path``, ``sys.argv``, ``sys.modules`` as a
dictionary, warning filters, the current folder. `docs/pytorch-source.md` says so, and how to run a
source in a process of its own.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import Any

from ...thread_output import Output

_bootstrap: Any = import_module("importlib._bootstrap")
#: How long another thread waits for what it cannot have before the trace has ended.
_SECONDS = 30


class Imports:
    """Serves imports of other threads by what the process has without the source.

    Args:
        is_own: whether the thread at work is the source's.
        hides: whether a package is stood in for, or not what it was.
        before: the modules that were there before.
        running: held while a source runs.
    """

    def __init__(
        self,
        is_own: Callable[[], bool],
        hides: Callable[[str], bool],
        before: Mapping[str, Any],
        running: Any,
    ) -> None:
        self._is_own = is_own
        self._hides = hides
        self._before = before
        self._running = running
        self._import, self._load = builtins.__import__, _bootstrap._gcd_import
        self._open = False

    def __enter__(self) -> None:
        self._open = True
        builtins.__import__ = self._imported
        _bootstrap._gcd_import = self._loaded

    def __exit__(self, *_: object) -> None:
        self._open = False
        builtins.__import__, _bootstrap._gcd_import = self._import, self._load

    def _imported(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        """Do what ``import`` does."""
        load = partial(self._import, name, globals, locals, fromlist, level)
        if not self._open or self._is_own():
            return load()
        full = _full(name, (globals or {}).get("__package__"), level)
        module = full if fromlist or level else full.partition(".")[0]
        return self._without_source(load, full, fromlist or (), module)

    def _loaded(self, name: str, package: Any = None, level: int = 0) -> Any:
        """Do what `importlib.import_module` does."""
        load = partial(self._load, name, package, level)
        if not self._open or self._is_own():
            return load()
        full = _full(name, package, level)
        return self._without_source(load, full, (), full)

    def _without_source(
        self, load: Callable[[], Any], full: str, members: Iterable[str], result: str
    ) -> Any:
        """Return a module as the process has it without the source.

        Args:
            load: imports it.
            full: its full name.
            members: what is imported from it.
            result: the name of what ``import`` returns: the module, or its package.
        """
        top = full.partition(".")[0]
        if not self._hides(top):
            module = load()
            if not self._hides(top):  # the source has not begun to import it meanwhile
                return module
        if self._has(full, members):
            return self._before[result]
        with self._ended(full):
            return load()

    def _has(self, name: str, members: Iterable[str]) -> bool:
        """Return whether a module was there before, with all that is imported from it."""
        module = self._before.get(name)
        return module is not None and all(hasattr(module, member) for member in members)

    @contextmanager
    def _ended(self, name: str) -> Iterator[None]:
        """Wait until the import system has a module again that no source has to do with.

        Raises:
            ModuleNotFoundError: there is none.
            ImportError: the trace does not end.
        """
        top = name.partition(".")[0]
        if top not in self._before and not _exists(top):
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
        if not self._running.acquire(timeout=_SECONDS):
            raise ImportError(f"{name} is not available while convshape traces source", name=name)
        try:
            yield
        finally:
            self._running.release()


def _full(name: str, package: Any, level: int) -> str:
    """Return the full name of a module, of which `level` dots are written before its name."""
    return str(_bootstrap._resolve_name(name, package or "", level)) if level else name


def _exists(package: str) -> bool:
    """Return whether a package is installed, whatever replaces it now."""
    from importlib.machinery import PathFinder

    return PathFinder.find_spec(package) is not None


@contextmanager
def output_apart(is_own: Callable[[], bool]) -> Iterator[None]:
    """Have a source print to stderr, and give its streams back to the process afterwards."""
    streams = sys.stdin, sys.stdout, sys.stderr
    outputs: list[Any] = [Output(is_own, sys.stderr, stream) for stream in streams[1:]]
    sys.stdout, sys.stderr = outputs
    try:
        yield
    finally:
        for output in outputs:
            output.in_use = False
        sys.stdin, sys.stdout, sys.stderr = streams


@contextmanager
def kept() -> Iterator[None]:
    """Keep what a source may change of the process: folder, environment, the seed of `random`."""
    folder, environment = _folder(), dict(os.environ)
    random = sys.modules.get("random")
    state = random.getstate() if random is not None else None
    try:
        yield
    finally:
        if folder and _folder() != folder:
            with suppress(OSError):
                os.chdir(folder)
        for name in {*os.environ} - {*environment}:
            del os.environ[name]
        os.environ.update(environment.items() - dict(os.environ).items())
        if random is not None:
            random.setstate(state)


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return ""
