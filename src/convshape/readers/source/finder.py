"""Finds modules while a source runs: torch's, the user's own, and stand-ins for missing ones."""

from __future__ import annotations

import os
import re
import sys
from _thread import RLock
from _weakref import ref  # weakref takes longer to import
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from importlib import import_module
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
)
from linecache import getline, getlines
from time import monotonic, sleep
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ... import user_frames
from ...errors import SpecError
from ...shapetorch import hooks, placeholder
from ...shapetorch.placeholder import Placeholder
from ...shapetorch.torch_module import VERSION, Namespace, namespace
from ...shapetorch.versions import Version
from .guard import Guard
from .loaders import Observed, Rewritten
from .missing_packages import NEWEST, Missing, Ready, Starred, distribution, normalized
from .neighbours import Imports, kept, output_apart
from .project import folders_above, has_python
from .source_errors import importer, installing, told

if TYPE_CHECKING:
    from contextlib import AbstractContextManager as ContextManager
    from importlib.metadata import Distribution, DistributionFinder


_alone = RLock()


@contextmanager
def standing_in(for_torch: bool = True, allow: Iterable[str] = ()) -> Iterator[Finder]:
    """Keep stand-ins for missing packages, and for torch too unless it is to be torch itself.

    They are for the thread at work, and those that it starts. What they run is guarded. Afterwards
    the interpreter is as it was: modules, import hooks, the path, warnings, standard streams.

    Args:
        for_torch: whether torch is stood in for.
        allow: what a source may do nevertheless, of `guard.KINDS`.
    """
    guard = Guard(allow)
    finder = Finder(for_torch, guard)
    with _alone, ExitStack() as stack:
        stack.enter_context(kept())
        stack.enter_context(_restored(finder))
        stack.enter_context(output_apart(guard.is_own))
        hooks.line = user_frames.here
        hooks.trail = user_frames.trail
        hooks.explain = lambda error: told(error, finder.missing, finder.note, guard.notes)
        hooks.train = _Patience().train
        placeholder.outside = placeholder.importing()
        placeholder.guesses.clear()
        stack.enter_context(guard)
        finder.keeping = stack.enter_context
        yield finder


class _Patience:
    """Lets a file train for some seconds while it is imported: no shape depends on it."""

    seconds = 2.0

    def __init__(self) -> None:
        self._end: float | None = None

    def train(self) -> None:
        """Note a step of training.

        Raises:
            SpecError: it has taken too long.
        """
        if self._end is None:
            self._end = monotonic() + self.seconds
        elif monotonic() > self._end and placeholder.importing() > placeholder.outside:
            raise SpecError("no shape depends on its training, which takes long")


@contextmanager
def _restored(finder: Finder) -> Iterator[None]:
    import warnings

    lists: tuple[list[Any], ...] = (sys.meta_path, sys.path, sys.argv)
    before = [list(kept) for kept in lists]
    _settle()
    sys.meta_path.insert(0, finder)  # from now on it notes what other threads load
    modules = dict(sys.modules)
    line, explain, train = hooks.line, hooks.explain, hooks.train
    is_inner = isinstance(modules.get("torch"), Namespace)  # a source is read again while it runs
    if finder.for_torch and "torch" in modules and not is_inner:
        finder.dropped = _using_torch(modules)
        finder.real = {n: m for n, m in modules.items() if n.partition(".")[0] == "torch"}
    others = Imports(finder.guard.is_own, finder.hides, modules, _alone)
    with nullcontext() if is_inner else others:
        try:
            _drop(finder.dropped, modules)
            with warnings.catch_warnings():
                yield
        finally:
            hooks.line, hooks.explain, hooks.train = line, explain, train
            for kept, items in zip(lists, before, strict=True):
                kept[:] = items
            finder.clear(modules)
            sys.modules.update(modules)


def _settle() -> None:
    """Wait until torch is loaded, where another thread is about to."""
    spec = getattr(sys.modules.get("torch"), "__spec__", None)
    for _ in range(3000):
        if not getattr(spec, "_initializing", False):
            break
        sleep(0.01)


def _drop(packages: set[str], names: Iterable[str]) -> None:
    for name in names:
        if name.partition(".")[0] in packages:
            sys.modules.pop(name, None)


class Finder:
    """Gives the modules of torch, and a stand-in for each package that is missing.

    Attributes:
        missing: packages and compiled modules that are not there, and what would fix it.
        main: the name of the user's module.
        module: that module, once its code runs.
        files: what its code is called: a file, or the cells of a notebook.
        note: where the module stopped, and why, if it did.
        stopped: what stopped it.
        texts: what some of the user's files hold in place of what they do, by their paths.
        guard: what refuses what it may not do, and notes it.
        real: the modules of the torch that is stood in for.
        dropped: packages that use the torch that is stood in for, and are loaded again.
        keeping: enters a context until the stand-ins go.
    """

    keeping: Callable[[ContextManager[None]], None]

    def __init__(self, for_torch: bool, guard: Guard) -> None:
        self.for_torch = for_torch
        self.guard = guard
        self.dropped: set[str] = set()
        self.real: dict[str, ModuleType] = {}
        self._served: set[str] = set()
        self._others: set[str] = set()
        self.missing: dict[str, str] = {}
        self.main = ""
        self.module: ModuleType | None = None
        self.files: list[str] = []
        self.note = ""
        self.stopped: BaseException | None = None
        self.texts: Mapping[str, str] = {}
        self._top = self._folder = ""
        self._versions: dict[str, str] = {}
        self.starred: list[Starred] = []

    def own(self, top: str, folder: str) -> None:
        """Say what is the user's: a package and a folder; drop what of it is loaded already."""
        self._top, self._folder = top, os.path.join(folder, "")
        for name in list(sys.modules):
            if self._is_own(name):
                sys.modules.pop(name, None)

    def stop(self, error: BaseException) -> None:
        """Note what stops the user's module; what it has defined until then is there."""
        if self.stopped is None:
            self.stopped = error
            self.note = _stop_note(error, self.missing)

    def mentions(self, wanted: str) -> bool:
        """Return whether the user's code has a name, perhaps where it was not run any more."""
        name = re.match(r"\w*", wanted)
        text = "".join(line for file in self.files for line in getlines(file))
        return name is not None and re.search(rf"\b{name[0]}\b", text) is not None

    def has_main_block(self) -> bool:
        """Return whether the user's file defines something only where it is run."""
        return any("__main__" in line for file in self.files for line in getlines(file))

    def replaces(self, error: BaseException | None, file: str = "") -> bool:
        """Return whether what cannot be imported is found or stood in for from now on.

        Args:
            error: what the import raises.
            file: the file that imports it, unless the error says.
        """
        if isinstance(error, AssertionError):
            return self._add_version(error)
        if isinstance(error, AttributeError):
            return _load_as_torch_does(error)
        if not isinstance(error, ImportError):
            return False
        name = error.name or ""
        quoted = re.search(
            r"'([A-Za-z][\w.-]*)", name
        )  # where the metadata of a package is asked for
        name = quoted[1] if quoted else name
        top = name.partition(".")[0]
        if not isinstance(error, ModuleNotFoundError):
            if self._add_compiled(error) or self._add_version(error):
                return True
            # ``except ImportError: raise ImportError("install it")``
            return error.name is None and self.replaces(error.__context__)
        if not name or name in self.missing:
            return False
        if self._add_root(name):
            return True
        if top not in sys.modules and top not in (self._top, *self.missing):
            self.missing[top] = installing(top, file or importer(error))
        elif name.rpartition(".")[2].startswith("_") and "." in name:
            self.missing[name] = ""
        elif "." in name and self._is_folder(top):
            self.missing[name] = f"{name.replace('.', os.sep)}.py beside the file that imports it"
        else:
            return False
        return True

    def _is_folder(self, package: str) -> bool:
        """Return whether a package is a folder without ``__init__.py``: files may be missing."""
        has_no_init = package == self._top and not os.path.isfile(
            os.path.join(self._folder, "__init__.py")
        )
        module = sys.modules.get(package)
        return has_no_init or (
            module is not None
            and getattr(module, "__path__", None) is not None
            and (getattr(module, "__file__", None) is None)
        )

    def _add_compiled(self, error: ImportError) -> bool:
        """Stand in for a compiled module that cannot be loaded, or was never built."""
        name = error.name or ""
        lacking = re.match(r"cannot import name '(_\w+)' from", error.msg or "")
        if lacking:
            name = f"{name}.{lacking[1]}"
        elif str(error.path).endswith(tuple(EXTENSION_SUFFIXES)):
            name = _module_at(str(error.path))
        else:
            return False
        known = name in self.missing
        self.missing.setdefault(name, "")
        return bool(name) and not known

    def _add_version(self, error: Exception) -> bool:
        """Let a package that is stood in for have the least version that is asked of it."""
        asked = re.search(r"\b([\w.-]+) ?>= ?\[?(\d+((\.|, )\d+)*)", str(error))
        package = normalized(asked[1]) if asked else ""
        if asked is None or NEWEST not in str(error) or package in self._versions:
            return False
        self._versions[package] = asked[2].replace(", ", ".")
        sys.modules.pop(asked[1], None)
        return True

    def _add_root(self, name: str) -> bool:
        """Put a folder further up on the path, if the module lies below it."""
        for folder in folders_above(self._folder):
            path = os.path.join(folder, *name.split("."))
            if folder not in sys.path and (os.path.isfile(f"{path}.py") or has_python(path)):
                sys.path.insert(0, folder)
                if self._folder.startswith(os.path.join(folder, "")):
                    self._folder = os.path.join(folder, "")
                hiding = getattr(sys.modules.get(name.partition(".")[0]), "__file__", None)
                if hiding and os.path.dirname(hiding) in sys.path:
                    sys.path.remove(os.path.dirname(hiding))
                return True
        return False

    def clear(self, before: Iterable[str]) -> None:
        """Drop what is loaded since `before` and is the user's, or uses the torch that was here."""
        names = list(sys.modules)  # which other threads change
        later = [name for name in names if name not in before and not self._is_others(name)]
        gone = (_using_torch(later) | {*self.missing}) if self.for_torch else set()
        for name in later:
            if name.partition(".")[0] in gone or self._is_own(name):
                sys.modules.pop(name, None)

    def _is_others(self, name: str) -> bool:
        """Return whether another thread has loaded a module, perhaps with the real torch."""
        module = sys.modules.get(name)
        if name in self._others or not self.real or not isinstance(module, ModuleType):
            return name in self._others
        values = list(vars(module).values())
        return any(isinstance(v, ModuleType) and v is self.real.get(v.__name__) for v in values)

    def _is_own(self, name: str) -> bool:
        top = name.partition(".")[0]
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None) or ""
        if not file and isinstance(module, ModuleType):  # a folder without `__init__.py`
            path = getattr(module, "__path__", None)
            known = getattr(path, "_path", path)  # it asks its package, which may be gone
            file = next(iter(known if known is not None else ()), "")
        inside = bool(self._folder) and file.startswith(self._folder)
        is_own = top == self._top or (inside and f"-packages{os.sep}" not in file)
        return is_own and top not in ("convshape", "__main__")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not self.guard.is_own():
            self._others.add(name)
            return None
        self._others.discard(name)  # no other thread has found it
        top = name.partition(".")[0]
        if top not in sys.modules and top not in sys.stdlib_module_names:
            self._served.add(top)
        module: ModuleType | None = None
        if top == "torch" and self.for_torch:
            module = namespace(name)
        elif (fix := self._remedy(name)) is not None:
            module = Missing(name, fix, self.starred, self.for_torch)
            module.__version__ = Version(self._versions.get(normalized(name), NEWEST))
        elif name == self.main:
            return self.observed(PathFinder.find_spec(name, path, target))
        elif self.texts and top not in ("convshape", *sys.stdlib_module_names):
            return self._rewritten(PathFinder.find_spec(name, path, target))
        elif name == top not in sys.stdlib_module_names and self._stands_in(name):
            return self.find_spec(name, path, target)
        if module is None:
            return None
        return ModuleSpec(name, Ready(module), is_package=True)  # type: ignore[arg-type]

    def _stands_in(self, package: str) -> bool:
        """Return whether a package that is imported unconditionally is found or replaced."""
        file = _unconditional()
        others = (finder for finder in sys.meta_path if not isinstance(finder, Finder))
        try:
            if not file or any(finder.find_spec(package, None) for finder in others):
                return False
        except ModuleNotFoundError:  # from a finder of the user's
            pass
        return self.replaces(ModuleNotFoundError(name=package), file)

    def _remedy(self, name: str) -> str | None:
        """Return what would fix that a module is missing; None of one that is not."""
        fixes = (
            fix for missing, fix in self.missing.items() if f"{name}.".startswith(f"{missing}.")
        )
        return next(fixes, None)

    def hides(self, top: str) -> bool:
        """Return whether a package is not what it is for other threads."""
        is_torch = top == "torch" and self.for_torch
        return is_torch or top in self.dropped or top in self._served or top == self._top

    def observed(self, spec: ModuleSpec | None) -> ModuleSpec | None:
        """Return the spec of the user's module, run by a loader that notes what it defines."""
        loader = spec.loader if spec else None
        if spec and type(loader) is SourceFileLoader:
            spec.loader = Observed(loader.name, loader.path, self)
        return spec

    def _rewritten(self, spec: ModuleSpec | None) -> ModuleSpec | None:
        """Return the spec of a file with another text, or None for another finder."""
        if spec is None or spec.origin is None or spec.origin not in self.texts:
            return None
        spec.loader = Rewritten(spec.name, spec.origin, self)
        return spec

    def find_distributions(self, context: DistributionFinder.Context) -> Iterator[Distribution]:
        """Yield what `importlib.metadata` reports of the packages that are stood in for."""
        versions = [*self._versions.items(), *((package, NEWEST) for package in self.missing)]
        if self.for_torch:
            versions.append(("torch", VERSION))
        for package, version in versions:
            if context.name is None or normalized(context.name) == normalized(package):
                yield distribution(package, version)


#: What imports the user's module: the frames above it are not theirs.
_IMPORTER = f"{__package__}.user_code"


def _unconditional() -> str:
    """Return the file that imports, if nothing around the import catches its failure."""
    frame, first = sys._getframe(1), ""
    while frame.f_globals.get("__name__") != _IMPORTER and frame.f_back is not None:
        file, frame_line = frame.f_code.co_filename, frame.f_lineno
        if user_frames.shown(file):
            if not re.match(r"import |from ", getline(file, frame_line)):
                return ""
            first = first or file
        elif not first and _is_of_python(frame.f_globals.get("__name__", "")):
            return ""  # Python's own modules catch what they import in vain
        frame = frame.f_back
    return first


def _is_of_python(module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names and top not in ("__main__", "importlib")


#: Modules that held nothing of torch when they had so many names, by their own names: there are
#: thousands, and most never change.
_without_torch: dict[str, tuple[ref[ModuleType], int]] = {}


def _using_torch(names: Iterable[str]) -> set[str]:
    """Return the loaded packages that are torch, or that use it and can be loaded again."""
    passed = {"convshape", "__main__", *sys.stdlib_module_names}
    modules: dict[str, Any] = {}
    for name in names:
        top, module = name.partition(".")[0], sys.modules.get(name)
        if isinstance(module, ModuleType) and top not in passed:  # anything may be put there
            modules[name] = module
            loader = getattr(getattr(module, "__spec__", None), "loader", None)
            if isinstance(loader, ExtensionFileLoader):
                passed.add(top)  # numpy among them, whose many names need not be looked at
    packages = {"torch"}
    for name, module in modules.items():
        top = name.partition(".")[0]
        if top in passed or top in packages:
            continue
        values = [*vars(module).values()]
        state = ref(module), len(values)
        if _without_torch.get(name) != state:
            if any(map(_is_of_torch, values)):
                packages.add(top)
            else:
                _without_torch[name] = state
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


#: Packages of Python's that `import torch` loads with their modules, which sources then have.
_LOADED_BY_TORCH = "asyncio concurrent email http importlib multiprocessing unittest urllib".split()


def _load_as_torch_does(error: AttributeError) -> bool:
    """Import what a package of Python's lacks: ``multiprocessing.connection``."""
    package = getattr(error.obj, "__name__", "")
    if not isinstance(error.obj, ModuleType) or package not in _LOADED_BY_TORCH:
        return False
    try:
        import_module(f"{package}.{error.name}")
    except ImportError:
        return False
    return hasattr(error.obj, str(error.name))


def _stop_note(error: BaseException, missing: Mapping[str, str]) -> str:
    """Say where the user's file stopped, and that what is above is traced."""
    refusal = told(error, missing, has_network=False)
    is_end = isinstance(error, SystemExit)
    what = "it ends the program" if is_end else refusal.message.removesuffix(": ")
    where = next((at for at, _ in user_frames.of(error.__traceback__)), refusal.where)
    return (
        f"{where} failed: {what}" if ", cell " in where else f"the file stopped at {where}: {what}"
    )


def _module_at(path: str) -> str:
    """Return the name of the compiled module in a file, of a package that is loaded."""
    folder, file = os.path.split(path)
    name = file.partition(".")[0]
    for package, module in list(sys.modules.items()):
        if folder in list(getattr(module, "__path__", None) or ()):
            return f"{package}.{name}"
    return name
