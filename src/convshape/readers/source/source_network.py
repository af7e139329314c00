"""The network in a module of the user's: the one that is named, or the only one."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from types import FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any

from ...errors import SpecError, nearest, suggestion
from ...shapetorch.nn.modules.constructor import REQUIRED, signature, takes_any
from ...shapetorch.placeholder import Mixin, Placeholder
from ...user_frames import STDIN


class Absent(SpecError):  # noqa: N818 - what it says
    """A file has no such network, as far as it came."""


def make(
    module: ModuleType,
    home: str,
    wanted: str,
    base: type,
    doubtful: Mapping[int, Placeholder] | None = None,
) -> Any:
    """Return the network of a module.

    Args:
        module: the user's.
        home: what they call it.
        wanted: a network in it, a class or a function with arguments, or nothing for the only one.
        base: what a network is.
        doubtful: what the classes, functions and networks need that hang on values not known.

    Raises:
        SpecError: there is no such network, or it needs other arguments or values.
    """
    doubtful = doubtful or {}
    if not wanted:
        only = _only_network(module, home, base)
        is_own = type(only).__module__ == module.__name__
        call = f"'{home}:{type(only).__name__}(...)'" if is_own else ""
        _refuse_doubtful(only, doubtful, call)
        return only if isinstance(only, base) else _called(only, only.__name__, home, [], {})
    call, part = _apart(wanted)
    name, args, kwargs = _call(call, module)
    value = _member(module, name, home)
    _refuse_doubtful(value, doubtful)
    if isinstance(value, base):
        return value
    if not callable(value):
        raise SpecError(f"{home}:{name} is {type(value).__name__}, not a network")
    if isinstance(value, MethodType):  # of a class: its own first argument is given
        value = partial(value)
    network = _part(_called(value, name, home, args, kwargs), part, f"{home}:{call}")
    if not isinstance(network, base):
        _refuse_doubtful(network, {})
        if isinstance(network, Mixin):
            raise network._placeholder._unknown()
        raise SpecError(f"{home}:{wanted} makes {type(network).__name__}, not a network")
    return network


def _refuse_doubtful(value: Any, doubtful: Mapping[int, Placeholder], call: str = "") -> None:
    """Refuse what is made of a value that is not known; `call` makes it of another."""
    if id(value) in doubtful:
        error = doubtful[id(value)]._unknown()
        raise error.changed(fix=f"{error.fix}, or {call}" if call else error.fix)
    if isinstance(value, Placeholder):
        raise value._unknown()


def _member(module: ModuleType, name: str, home: str) -> Any:
    value: Any = module
    for part in name.split("."):
        public = [member for member in dir(value) if not member.startswith("_")]
        if not hasattr(value, part):
            near = nearest(part, public)
            file = "-" if home == STDIN else home
            modules = [m for m in public if isinstance(getattr(value, m), type)]
            names = f"one of {', '.join(f'{file}:{m}' for m in modules[:5])}" if modules else ""
            fix = f"did you mean {file}:{near}?" if near else names
            raise Absent(f"{home} has no {name!r}", fix=fix)
        value = getattr(value, part)
    return value


def _apart(text: str) -> tuple[str, str]:
    """Return a call, and what of its result is meant: ``Net(3)`` and ``.encoder[0]``."""
    if not re.search(r"\)\s*[.[]", text):
        return text, ""
    import ast

    from ...python_syntax import expression

    try:
        node: Any = expression(text)
    except (SyntaxError, ValueError):
        return text, ""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    code, end = text.encode(), node.end_col_offset if isinstance(node, ast.Call) else None
    return (code[:end].decode(), code[end:].decode()) if end else (text, "")


def _part(whole: Any, part: str, call: str) -> Any:
    """Return what `part` means of a network: ``.encoder[0]``."""
    try:
        return eval(f"whole{part}", {"whole": whole, "__builtins__": {}})
    except AttributeError as error:
        names = [name for name, _ in getattr(error.obj, "named_children", dict)()]
        fix = suggestion(error.name or "", names) or ", ".join(f".{name}" for name in names[:8])
        raise Absent(f"{call} has no {part!r}", fix=fix) from None
    except (LookupError, TypeError) as error:
        raise Absent(f"{call} has no {part!r}: {error}") from None


#: What of Python's may make an argument.
_BUILTINS = {kind.__name__: kind for kind in (dict, list, range, tuple, SimpleNamespace)}
_BUILTINS["Namespace"] = SimpleNamespace  # as argparse calls it


def _call(text: str, module: ModuleType) -> tuple[str, list[Any], dict[str, Any]]:
    """Read ``name`` or ``name(arguments)``, whose arguments are made of the names of a module."""
    plain = text.removesuffix("()")
    if plain.isascii() and all(map(str.isidentifier, plain.split("."))):
        return plain, [], {}
    import ast

    from ...python_syntax import expression

    try:
        node = expression(text)
        name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
        if not all(map(str.isidentifier, name.split("."))):
            raise SyntaxError
        if not isinstance(node, ast.Call):
            return name, [], {}
        names = {**vars(module), "__builtins__": _BUILTINS}
        args = [eval(ast.unparse(arg), names) for arg in node.args]
        kwargs = {word.arg or "**": eval(ast.unparse(word.value), names) for word in node.keywords}
    except (SyntaxError, ValueError, NameError) as error:
        fix = "a name, with arguments of numbers, text or names in the file: 'LeNet(classes=10)'"
        why = f": {error}" if isinstance(error, NameError) else ""
        raise SpecError(f"cannot read {text!r}{why}", fix=fix) from None
    return name, args, kwargs


#: How classes are called that are no networks, though they are modules.
_LOSS = r"(?i)(loss|criterion)$"


def _only_network(module: ModuleType, home: str, base: Any) -> Any:
    """Return the network that a file is about: of its classes the one that is part of no other.

    It is made by the file, where its class or the choice among several needs more to be known.
    """
    defined = [v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__]
    networks: list[Any] = [v for v in defined if isinstance(v, type) and issubclass(v, base)]
    classes = [kind for kind in dict.fromkeys(networks) if kind.forward is not base.forward]
    used = {name for kind in classes for name in _uses(kind) - {kind.__name__}}
    outer = [kind for kind in classes if kind.__name__ not in used]
    outer = [kind for kind in outer if not re.search(_LOSS, kind.__name__)] or outer
    ready = [kind for kind in outer if not _missing(kind, [], {})]
    if len(ready) == 1:
        return ready[0]
    instances = _instances(module, base)
    kinds = {name: set(map(type, vars(module)[name].modules())) for name in instances}
    of_outer = [name for name in instances if not kinds[name].isdisjoint(outer)]
    if len({repr(vars(module)[name]) for name in of_outer}) == 1:
        return vars(module)[of_outer[0]]
    if len(outer) == 1 or (outer and not ready):
        return outer[-1]
    if not classes and len(instances) == 1:
        return getattr(module, instances[0])
    names = [kind.__name__ for kind in outer or classes] or instances
    if not names:
        for name in ("model", "net", "network", "_"):
            _refuse_doubtful(vars(module).get(name), {})
        idle = ", ".join(kind.__name__ for kind in networks)
        what = (
            f"{idle} in {home} has no forward method" if idle else f"no nn.Module found in {home}"
        )
        part = f"a part of it: '{home}:{networks[-1].__name__}(...).part'" if idle else ""
        raise Absent(what, fix=_functions(module, home) or part)
    fix = "one of " + ", ".join(f"{home}:{name}" for name in names)
    if home.startswith("<"):
        fix = f"save it as net.py, then name one of them: net.py:{names[-1]}"
    raise SpecError(f"{home} defines several networks", fix=fix)


def _instances(module: ModuleType, base: Any) -> list[str]:
    """Return the first name of each network of a file that is not a loss or part of another."""
    named = [(n, v) for n, v in reversed(vars(module).items()) if isinstance(v, base)]
    names = {id(v): n for n, v in named if not _is_loss(v)}
    parts = (part for _, whole in named for part in whole.modules() if part is not whole)
    for part in parts:
        names.pop(id(part), None)
    return list(names.values())[::-1]


def _is_loss(module: Any) -> bool:
    return type(module).__module__.endswith("nn.modules.loss")


def _uses(kind: type) -> set[str]:
    """Return the names that the code of a class mentions, and those of its bases."""
    names = {base.__name__ for base in kind.__mro__[1:]}
    members = (getattr(value, "__func__", value) for value in vars(kind).values())
    pending: list[Any] = [f.__code__ for f in members if isinstance(f, FunctionType)]
    while pending:
        code = pending.pop()
        names.update(code.co_names)
        pending.extend(const for const in code.co_consts if hasattr(const, "co_names"))
    return names


def _wanted(value: Any) -> dict[str, Any] | None:
    """Return the arguments of a class or function with their defaults, if they can be known."""
    try:
        return signature(value)
    except (AttributeError, TypeError):  # not written in Python, or an object of the user's own
        return None


def _missing(value: Any, args: list[Any], kwargs: dict[str, Any]) -> list[str]:
    """Return the arguments that a call of a class or function still needs."""
    rest = list((_wanted(value) or {}).items())[len(args) :]
    return [name for name, default in rest if default is REQUIRED and name not in kwargs]


def _called(value: Any, name: str, home: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    wanted = _wanted(value)
    if wanted is None:
        return value(*args, **kwargs)
    parameters = (n if d is REQUIRED else f"{n}={_written(d)}" for n, d in wanted.items())
    call = f"{name}({', '.join(parameters)})"
    many, any_name = takes_any(value)
    unknown = [word for word in kwargs if word not in wanted]
    if unknown and not any_name:
        fix = suggestion(unknown[0], wanted)
        raise SpecError(f"{call} has no argument {unknown[0]!r}", fix=fix)
    missing = _missing(value, args, kwargs)
    if missing:
        known = [*map(repr, args), *(f"{word}={arg!r}" for word, arg in kwargs.items())]
        wishes = (f"{argument}={_example(value, argument)}" for argument in missing)
        arguments = ", ".join([*known, *wishes])
        others = _functions(sys.modules[value.__module__], home) if isinstance(value, type) else ""
        fix = f"'{home}:{name}({arguments})'" + (f", or {others}" if others else "")
        raise SpecError(f"{call} needs {', '.join(missing)}", fix=fix)
    if len(args) > len(wanted) and not many:
        takes = f"{len(wanted)} argument{'s' * (len(wanted) != 1)}"
        raise SpecError(f"{call} takes {takes}, but {len(args)} are given")
    return value(*args, **kwargs)


def _written(default: Any) -> str:
    return default.__name__ if isinstance(default, (type, FunctionType)) else repr(default)


def _example(value: Any, argument: str) -> str:
    """Return how to write an argument: ``Namespace(width=...)`` if it is asked for attributes."""
    from dis import get_instructions

    function = vars(value).get("__init__") if isinstance(value, type) else value
    code = getattr(function, "__code__", None)
    steps = list(get_instructions(code)) if code is not None else []
    attributes = dict.fromkeys(
        after.argval
        for step, after in pairwise(steps)
        if step.argval == argument and after.opname == "LOAD_ATTR"
    )
    return f"Namespace({', '.join(f'{name}=...' for name in attributes)})" if attributes else "..."


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
