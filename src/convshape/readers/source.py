"""PyTorch source: the user's own file is run, with ``torch`` standing for `shapetorch`.

It does what ``python model.py`` would do, but for what stands below ``if __name__ == "__main__":``.
Afterwards the interpreter is as it was: modules, import hooks, the path, warnings, standard output.
"""

from __future__ import annotations

import os
import re
import sys
from _thread import RLock
from contextlib import contextmanager, redirect_stdout
from functools import partial
from importlib import import_module
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING

from .. import user_frames
from ..errors import Error, SpecError, UnknownOperation, nearest
from ..shapetorch import hooks
from ..shapetorch.nn.modules.module import REQUIRED, Module, signature, takes_any
from ..shapetorch.tensor import Tensor
from ..shapetorch.torch_module import HINT, VERSION, Namespace, Placeholder, Version, namespace, run
from . import source_parts, text_of
from .shape import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.metadata import Distribution, DistributionFinder
    from typing import Any

    from ..result import Trace

_alone = RLock()


def trace(target: str, inputs: Sequence[Any], batch: int = 1) -> Trace:
    """Trace the network that `target` names.

    Args:
        target: as `opened` takes it.
        inputs: shapes of one sample of each input, with ``name=`` before those that are given by name.
        batch: samples in a batch.

    Raises:
        SpecError, ShapeError: as `opened`.
    """
    from ..api import traced
    from ..run.program import Program

    placed, named = read_inputs(inputs, batch)
    with opened(target) as network:
        result: Trace = run(lambda: traced(Program(network, placed, named=named)))
    return result


def read_inputs(inputs: Sequence[Any], batch: int) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Return the inputs by place, and those by name."""
    placed, named = [], {}
    for each in inputs:
        if not isinstance(each, str):
            placed.append(each if isinstance(each, Tensor) else Tensor((batch, *each)))
            continue
        name, equals, text = each.rpartition("=")
        if equals:
            named[name.strip()] = sample(text, batch)
        else:
            placed.append(sample(text, batch))
    return placed, named


@contextmanager
def opened(target: str, base: type = Module) -> Iterator[Any]:
    """Make the network that `target` names, and keep ``torch`` in its place until it has been run.

    Args:
        target: a file or an importable module, and after a colon what in it: a class, a function or an
            instance, the first two with arguments that are literals.
        base: what a network is: our `Module`, or torch's own to run it on torch itself.

    Yields:
        The network.

    Raises:
        SpecError: it cannot be found or read, fails by itself, or makes no network.
        ShapeError: it has a layer that torch would refuse to make.
    """
    home, wanted = source_parts(target) or (target, "")
    finder = _Finder(base is Module)
    with _alone, _restored(finder), redirect_stdout(sys.stderr):
        sys.meta_path.insert(0, finder)
        hooks.line = user_frames.here
        hooks.explain = lambda error: _error(error, finder)
        try:
            module = _imported(home, finder)
            network = run(lambda: _made(module, home, wanted, base))
        except KeyboardInterrupt:
            raise
        except SystemExit as error:
            ended = "the file ends the program before there is a network"
            fix = 'put what is not to run on import below if __name__ == "__main__":'
            where, why = _trail(error)
            raise _shown(SpecError(ended, where=where, why=why, fix=fix)) from None
        except BaseException as error:
            raise _error(error, finder) from None
        yield network


class _Finder:
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
        inside = (
            bool(self._folder)
            and file.startswith(self._folder)
            and f"-packages{os.sep}" not in file
        )
        return (top == self._top or inside) and top not in ("convshape", "__main__")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        made = None
        if top == "torch" and self.for_torch:
            made = namespace(name)
        elif top in self.missing:
            made = _Missing(name)
        return None if made is None else ModuleSpec(name, _Ready(made), is_package=True)  # type: ignore[arg-type]

    def find_distributions(self, context: DistributionFinder.Context) -> Iterator[Distribution]:
        """Yield what `importlib.metadata` tells of the packages that are stood in for."""
        versions = dict.fromkeys(self.missing, NEWEST) | (
            {"torch": VERSION} if self.for_torch else {}
        )
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


#: The version of a package that is not installed: new beside numbers and years, also by a part of it.
NEWEST = Version("9999.9999.9999")


class _Missing(Namespace):
    """A package that is not installed: it is missed only where the network calls it."""

    __version__ = NEWEST

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return Placeholder(
            f"{self.__name__}.{name}", f"pip install {self.__name__.partition('.')[0]}"
        )


# The interpreter, as it was


@contextmanager
def _restored(finder: _Finder) -> Iterator[None]:
    import warnings

    modules, finders, path, arguments = (
        dict(sys.modules),
        list(sys.meta_path),
        list(sys.path),
        list(sys.argv),
    )
    line, explain = hooks.line, hooks.explain
    try:
        if finder.for_torch and "torch" in modules:
            _drop(_using_torch(modules), modules)
        with warnings.catch_warnings():
            yield
    finally:
        hooks.line, hooks.explain = line, explain
        sys.meta_path[:], sys.path[:], sys.argv[:] = finders, path, arguments
        finder.clear(modules)
        sys.modules.update(modules)


def _drop(packages: set[str], names: Iterable[str]) -> None:
    for name in names:
        if name.partition(".")[0] in packages:
            sys.modules.pop(name, None)


def _using_torch(names: Iterable[str]) -> set[str]:
    """Return the packages among loaded modules that are torch, or use it and can be loaded once more."""
    passed = {"convshape", "__main__", *sys.stdlib_module_names}
    modules: list[tuple[str, Any]] = []
    for name in names:
        top, module = name.partition(".")[0], sys.modules.get(name)
        if module is not None and top not in passed:
            modules.append((top, module))
            if isinstance(
                getattr(getattr(module, "__spec__", None), "loader", None), ExtensionFileLoader
            ):
                passed.add(top)  # numpy among them, whose many names need not be looked at
    found = {"torch"}
    for top, module in modules:
        if top not in passed and top not in found and any(map(_is_of_torch, vars(module).values())):
            found.add(top)
    return found


def _is_of_torch(value: Any) -> bool:
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] == "torch"
    if not isinstance(value, (type, FunctionType)):
        return isinstance(value, Placeholder)
    if (
        str(value.__module__).startswith(("torch.", "convshape.shapetorch."))
        or value.__module__ == "torch"
    ):
        return True
    functions = vars(value).values() if isinstance(value, type) else (value,)
    return any(isinstance(f, FunctionType) and "torch" in f.__code__.co_names for f in functions)


# The user's file


def _imported(home: str, finder: _Finder) -> ModuleType:
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


def _name_loader(home: str, finder: _Finder) -> Callable[[], ModuleType]:
    folder = os.getcwd()
    if "" not in sys.path and folder not in sys.path:
        sys.path.insert(0, folder)
    finder.own(home.partition(".")[0], folder)
    return lambda: import_module(home)


def _file_loader(file: str, finder: _Finder) -> Callable[[], ModuleType]:
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


# The network in it


def _made(module: ModuleType, home: str, wanted: str, base: type) -> Any:
    if not wanted:
        found = _only_network(module, home, base)
        return found if isinstance(found, base) else _called(found, found.__name__, home, [], {})
    name, args, kwargs = _call(wanted)
    value: Any = module
    for part in name.split("."):
        members = dir(value)
        if not hasattr(value, part):
            near = nearest(part, [m for m in members if not m.startswith("_")])
            raise SpecError(
                f"{home} has no {name!r}", fix=f"did you mean {home}:{near}?" if near else ""
            )
        value = getattr(value, part)
    if isinstance(value, base):
        return value
    if not callable(value):
        raise SpecError(f"{home}:{name} is {type(value).__name__}, not a network")
    if isinstance(value, MethodType):  # of a class: its own first argument is given
        value = partial(value)
    made = _called(value, name, home, args, kwargs)
    if not isinstance(made, base):
        raise SpecError(f"{home}:{wanted} makes {type(made).__name__}, not a network")
    return made


def _call(text: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Read ``name`` or ``name(arguments)``, whose arguments are literals."""
    plain = text.removesuffix("()")
    if plain.isascii() and all(map(str.isidentifier, plain.split("."))):
        return plain, [], {}
    import ast

    try:
        node = ast.parse(text, mode="eval").body
        called = node.func if isinstance(node, ast.Call) else node
        name = ast.unparse(called)
        if not all(map(str.isidentifier, name.split("."))):
            raise SyntaxError
        if not isinstance(node, ast.Call):
            return name, [], {}
        args = [ast.literal_eval(each) for each in node.args]
        return (
            name,
            args,
            {each.arg or "**": ast.literal_eval(each.value) for each in node.keywords},
        )
    except (SyntaxError, ValueError):
        raise SpecError(
            f"cannot read {text!r}",
            fix="a name, with arguments that are numbers or text: 'LeNet(classes=10)'",
        ) from None


def _only_network(module: ModuleType, home: str, base: Any) -> Any:
    """Return the one network that a file is about: of its classes the one that is part of no other."""
    own = [
        value
        for value in vars(module).values()
        if getattr(value, "__module__", "") == module.__name__
    ]
    networks: list[Any] = [
        value for value in own if isinstance(value, type) and issubclass(value, base)
    ]
    classes = [each for each in dict.fromkeys(networks) if each.forward is not base.forward]
    used = {name for each in classes for name in _uses(each) - {each.__name__}}
    outer = [each for each in classes if each.__name__ not in used]
    ready = [each for each in outer if not _missing(each, [], {})]
    if len(outer) == 1 or (outer and not ready):
        return outer[-1]
    if len(ready) == 1:
        return ready[0]
    instances = [name for name, value in vars(module).items() if isinstance(value, base)]
    if not classes and len(instances) == 1:
        return getattr(module, instances[0])
    names = instances if not classes else [each.__name__ for each in outer or classes]
    if not names:
        raise SpecError(f"{home} has no class that is an nn.Module", fix=_functions(module, home))
    raise SpecError(
        f"{home} has several networks",
        fix="one of " + ", ".join(f"{home}:{name}" for name in names),
    )


def _uses(kind: type) -> set[str]:
    """Return the names that the code of a class mentions, and those of its bases."""
    found = {base.__name__ for base in kind.__mro__[1:]}
    pending: list[Any] = [
        getattr(value, "__func__", value).__code__
        for value in vars(kind).values()
        if isinstance(getattr(value, "__func__", value), FunctionType)
    ]
    while pending:
        code = pending.pop()
        found.update(code.co_names)
        pending.extend(const for const in code.co_consts if hasattr(const, "co_names"))
    return found


def _missing(value: Any, args: list[Any], kwargs: dict[str, Any]) -> list[str]:
    """Return the arguments that a call of a class or function still needs."""
    try:
        wanted = signature(value)
    except (AttributeError, TypeError):  # not written in Python, or an object of the user's own
        return []
    rest = list(wanted.items())[len(args) :]
    return [name for name, default in rest if default is REQUIRED and name not in kwargs]


def _called(value: Any, name: str, home: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    missing = _missing(value, args, kwargs)
    try:
        wanted = signature(value)
    except (AttributeError, TypeError):
        return value(*args, **kwargs)
    call = f"{name}({', '.join(n if d is REQUIRED else f'{n}={d!r}' for n, d in wanted.items())})"
    many, any_name = takes_any(value)
    unknown = [each for each in kwargs if each not in wanted]
    if unknown and not any_name:
        near = nearest(unknown[0], wanted)
        raise SpecError(
            f"{call} has no argument {unknown[0]!r}", fix=f"did you mean {near}?" if near else ""
        )
    if missing:
        given = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in kwargs.items())])
        more = ", ".join(f"{each}=..." for each in missing)
        others = _functions(sys.modules[value.__module__], home) if isinstance(value, type) else ""
        raise SpecError(
            f"{call} needs {', '.join(missing)}",
            fix=f"'{home}:{name}({', '.join(filter(None, (given, more)))})'"
            + (f", or {others}" if others else ""),
        )
    if len(args) > len(wanted) and not many:
        takes = f"{len(wanted)} argument{'s' * (len(wanted) != 1)}"
        raise SpecError(f"{call} takes {takes}, but {len(args)} are given")
    return value(*args, **kwargs)


def _functions(module: ModuleType, home: str) -> str:
    """Suggest the functions of a file that need no arguments: they may make networks."""
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(value, FunctionType)
        and value.__module__ == module.__name__
        and not name.startswith("_")
        and not _missing(value, [], {})
    ]
    return "a function: " + ", ".join(f"{home}:{name}" for name in names[:8]) if names else ""


# What goes wrong


def _error(error: BaseException, finder: _Finder) -> Error:
    """Make of whatever the user's code raises an error that shows their lines."""
    return _shown(_told(error, finder, *_trail(error)))


def _shown(error: Error) -> Error:
    error.note(snippet=_snippet(error.where))
    return error


def words(error: BaseException) -> str:
    """Return what an error says, or nothing where even that fails."""
    try:
        return str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:  # the user's own class
        return ""


def _told(error: BaseException, finder: _Finder, where: str, why: str) -> Error:
    if isinstance(error, Error):
        error.note(where=where)
        return error
    if isinstance(error, SyntaxError):
        where = (
            f"{user_frames.shown(error.filename)}:{error.lineno}:{error.offset}"
            if error.filename
            else ""
        )
        return SpecError(f"this is not Python: {error.msg}", where=where)
    if isinstance(error, SystemExit):
        return SpecError(
            "the network ends the program instead of giving a result", where=where, why=why
        )
    if isinstance(error, AttributeError) and isinstance(error.obj, Tensor):
        what = f"Tensor.{error.name} is not known to convshape"
        return UnknownOperation(what, where=where, why=why, fix=HINT)
    if finder.missing:
        absent = f"not installed here: {', '.join(sorted(finder.missing))}"
        why = "\n   ".join(filter(None, (why, absent)))
    lacking = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    fix = f"pip install {lacking}" if lacking else ""
    said = words(error)
    if "before Module.__init__() call" in said:
        fix = "super().__init__() before it"
    elif isinstance(error, AttributeError) and isinstance(error.obj, Module):
        fix = _attribute_meant(error.obj, error.name or "")
    unknown = _UNKNOWN_ARGUMENT.search(said) if isinstance(error, TypeError) else None
    layer, near = _argument_meant(unknown[1], where) if unknown else ("", "")
    if unknown and layer:
        return SpecError(f"{layer} has no argument {unknown[1]!r}", where=where, why=why, fix=near)
    return SpecError(f"{type(error).__name__}: {said}", where=where, why=why, fix=fix)


#: What Python says of an argument that a function does not take.
_UNKNOWN_ARGUMENT = re.compile(r"got an unexpected keyword argument '(\w+)'")


def _attribute_meant(module: Module, name: str) -> str:
    """Return what mends the reading of an attribute that a module does not have, or nothing."""
    kept = [vars(module).get(each, {}) for each in ("_modules", "_parameters", "_buffers")]
    near = nearest(
        name, [each for known in (*kept, vars(module)) for each in known if each[0] != "_"]
    )
    return f"did you mean {near}?" if near else ""


def _argument_meant(name: str, where: str) -> tuple[str, str]:
    """Return the layer in a line that has no such argument, and the one that is meant."""
    from .expression import LAYERS

    for layer in re.findall(r"(\w+)\(", _snippet(where)):
        if layer in LAYERS and name not in signature(LAYERS[layer]):
            near = nearest(name, signature(LAYERS[layer]))
            return layer, f"did you mean {near}?" if near else ""
    return "", ""


def _snippet(where: str) -> str:
    """Return the line of the user's that ``file:line`` names, with carets below, or nothing."""
    from linecache import checkcache, getline

    from .expression import snippet

    file, _, rest = where.partition(".py:")
    checkcache(f"{file}.py")
    number, _, column = rest.partition(":")
    line = getline(f"{file}.py", int(number)).rstrip() if number.isdigit() else ""
    start = int(column) - 1 if column.isdigit() else len(line) - len(line.lstrip())
    return snippet(line, start, start + 1 if column else len(line)) if line else ""


def _trail(error: BaseException) -> tuple[str, str]:
    """Return the user's line where an error arose, and those that led to it."""
    trail = list(user_frames.of(error.__traceback__))
    if not trail:
        return "", ""
    outer = [f"{at} in {name}" for at, name in reversed(trail[:-1])]
    return trail[-1][0], "called from " + ", ".join(outer[:5]) if outer else ""
