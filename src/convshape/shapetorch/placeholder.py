"""Placeholders for unknown names: those that convshape lacks, and those of missing packages.

Code that mentions such a name goes on. What needs its value is refused, or, while modules are being
imported, goes on with a guess that is remembered: nothing may be traced that hangs on it.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator
from types import FrameType, FunctionType
from typing import Any, NamedTuple

from .. import user_frames
from ..errors import UnknownOperation
from .tensor import Tensor

HINT = "--engine torch runs it on torch itself, where that is installed"
#: What torch has for training, which a network may hold and a forward pass does not use.
TRAINING = ("torch.optim.", "torch.utils.tensorboard.", "torch.amp.", "torch.cuda.amp.")
#: Calls that give back the networks and other things that they prepare for training.
PREPARING = (".prepare", ".prepare_model", ".setup", ".initialize", ".DistributedDataParallel")
#: Bases that are modules with a constructor of their own, which is nn.Module's.
SCRIPT_MODULES = ("torch.jit.ScriptModule",)
#: Bases called mix-ins that are modules themselves: diffusers', and others'.
MODULE_MIXINS = ("ModelMixin", "ModuleMixin")


class Guess(NamedTuple):
    """A value that a module needed at its import, and got a wrong one of.

    Attributes:
        module: the names of that module.
        file: where it is.
        line: of that file.
        placeholder: what would have the value.
    """

    module: dict[str, Any]
    file: str
    line: int
    placeholder: Placeholder


#: After so many at one line, a loop waits for data: ``while step < 1000: for x in loader: ...``. It
#: has many divisors, so that a loop with several of them is known too.
MOST_GUESSES = 5040
#: Those since the user's file was opened.
guesses: list[Guess] = []
#: How many modules were being imported when the user's file was opened: another is the user's.
outside = 0


class Placeholder:
    """An unknown name of torch or of a package that is not installed, or a value from it."""

    #: What stands for an array, which tensors are made of.
    _tensor: Tensor | None = None

    def __init__(self, name: str, fix: str = HINT, is_value: bool = False, where: str = "") -> None:
        self.__dict__.update(_name=name, _fix=fix, _is_value=is_value, _where=where)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            what = f"{self.__dict__.get('_name')} has no attribute {name!r}"
            raise AttributeError(what, name=name, obj=self)
        return stand_in(f"{self._name}.{name}", self._fix, self._is_value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs and len(args) == 1 and _is_decorated(args[0]):
            return args[0]
        if self._name.removesuffix("()").endswith(PREPARING) and any(map(is_network, args)):
            return args[0] if len(args) == 1 else args
        if not _importing() and self._is_missed((*args, *kwargs.values())):
            raise self._unknown("is called")
        return self._value("()")

    def _is_missed(self, arguments: tuple[Any, ...]) -> bool:
        """Return whether what the call gives may take part in a network."""
        if self._fix is HINT:
            return not self._name.startswith(TRAINING)
        return any(map(_holds_tensor, arguments)) and not _is_discarded(sys._getframe(2))

    def _value(self, suffix: str = "") -> Placeholder:
        is_short = self._fix is not HINT and len(self._name) < 80
        where = "" if _importing() else user_frames.here()
        return type(self)(f"{self._name}{suffix * is_short}", self._fix, True, where)

    def _unknown(self, what: str = "is needed here") -> UnknownOperation:
        kind = f"{what}, and its package is not installed"
        if self._fix is HINT:
            kind = "is not known to convshape"
        near = self._meant()
        fix = f"did you mean {near}?" if near else self._fix
        where = user_frames.here() or self._where
        return UnknownOperation(f"{self._name} {kind}", where=where, fix=fix)

    def _meant(self) -> str:
        """Return the name of torch that differs in nothing but capitals and underscores."""
        home, _, last = self._name.rpartition(".")
        is_torchs = home.partition(".")[0] == "torch" and home in sys.modules
        plain = last.lower().replace("_", "")
        for name in vars(sys.modules[home]) if is_torchs else ():
            if name.lower().replace("_", "") == plain and name != last:
                return f"{home}.{name}"
        return ""

    def _guess(self, value: Any) -> Any:
        """Return a value that is needed and not known, while modules are being imported.

        Raises:
            UnknownOperation: the network is being made or run.
        """
        frame = _module_frame() if _importing() else None
        if frame is None:
            raise self._unknown()
        guess = Guess(frame.f_globals, frame.f_code.co_filename, frame.f_lineno, self)
        if len(guesses) >= MOST_GUESSES and guess[:3] == guesses[-MOST_GUESSES][:3]:
            raise self._unknown()
        guesses.append(guess)
        return value

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        """Return the class that a subclass has as its base."""
        from .missing_base import module_base
        from .nn import Module

        full = self._name.partition("[")[0]
        name = full.rpartition(".")[2]
        if full in SCRIPT_MODULES:
            return (type(name, (Module,), {}),)
        if full.startswith("torch.nn."):
            return (type(name, (Module,), {"__init__": _refusing(self)}),)
        others = (base for base in bases if isinstance(base, type))
        is_mixin = name.endswith("Mixin") and name not in MODULE_MIXINS
        if is_mixin or self._fix is HINT or not all(base is object for base in others):
            return (type(name, (Mixin,), {"_placeholder": self}),)
        return (module_base(name, self),)

    def __getitem__(self, item: Any) -> Placeholder:
        return self._value("[...]")

    def __setitem__(self, item: Any, value: Any) -> None:
        pass

    __delitem__: Any = __getitem__

    def __or__(self, other: Any) -> Any:
        return self._value() if self._is_value else Any

    __ror__ = __or__

    def __instancecheck__(self, instance: Any) -> bool:
        return False

    __subclasscheck__ = __instancecheck__

    def __iter__(self) -> Iterator[Any]:
        count = _unpacked(sys._getframe(1))
        return Nothing(self._guess(self), count)

    def __contains__(self, item: Any) -> bool:
        return bool(self._guess(False))

    def __eq__(self, other: object) -> bool:
        return self is other or (self._is_value and bool(self._guess(False)))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return not self._is_value or bool(self._guess(True))

    def __len__(self) -> int:
        return int(self._guess(0))

    __int__ = __index__ = __len__

    def __float__(self) -> float:
        return float(self._guess(0.0))

    def __fspath__(self) -> str:
        return str(self._guess(self._name))

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __enter__(self) -> Placeholder:
        return self

    def __exit__(self, *args: Any) -> None:
        pass

    def __deepcopy__(self, memo: Any = None) -> Placeholder:
        return self

    __copy__ = __deepcopy__

    def __reduce__(self) -> Any:
        return Placeholder, (self._name, self._fix, self._is_value)

    def __repr__(self) -> str:
        why = "known to convshape" if self._fix is HINT else "installed"
        return f"<{self._name}, which is not {why}>"


class Mixin:
    """A base class that is not known, beside others or of torch's: it is not a module."""

    _placeholder: Placeholder

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        make = super().__new__
        return make(cls) if make is object.__new__ else make(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(*args, **kwargs)
        except TypeError:
            raise self._placeholder._unknown() from None

    def __init_subclass__(cls, **options: Any) -> None:
        pass

    def __class_getitem__(cls, item: Any) -> Any:
        return cls


class Unavailable(Placeholder):
    """A value that is not known for another reason; in place of a fix it says which."""

    def __getattr__(self, name: str) -> Any:
        return type(self)(super().__getattr__(name)._name, self._fix, True)

    def _unknown(self, what: str = "") -> UnknownOperation:
        where = user_frames.here() or self._where
        return UnknownOperation(f"{self._name} is not known", where=where, why=self._fix)

    def __repr__(self) -> str:
        return f"<{self._name}, which is not known>"


def _computed(self: Placeholder, *others: Any) -> Placeholder:
    return self._value()


for _name in "add sub mul truediv floordiv mod divmod pow matmul lshift rshift and xor".split():
    for _prefix in ("", "r", "i"):
        setattr(Placeholder, f"__{_prefix}{_name}__", _computed)
for _name in "neg pos abs invert round trunc floor ceil lt le gt ge".split():
    setattr(Placeholder, f"__{_name}__", _computed)


class Nothing:
    """The iterator of a placeholder: it is at its end, unless it is unpacked into names.

    Attributes:
        source: the placeholder.
    """

    def __init__(self, source: Placeholder, count: int) -> None:
        self.source = source
        self._left = count

    def __iter__(self) -> Nothing:
        return self

    def __next__(self) -> Placeholder:
        if not self._left:
            raise StopIteration
        self._left -= 1
        return self.source._value("[...]")


def _unpacked(frame: FrameType) -> int:
    """Return how many names the line at work unpacks a value into, or 0 if it does not."""
    from opcode import opmap

    code = frame.f_code.co_code
    at = frame.f_lasti
    return code[at + 1] if code[at] == opmap["UNPACK_SEQUENCE"] else 0


def _is_discarded(frame: FrameType) -> bool:
    """Return whether the line at work makes nothing of what it calls: ``wandb.log(...)``."""
    from opcode import opmap

    rest = frame.f_code.co_code[frame.f_lasti + 2 :: 2]
    return next((code for code in rest if code), None) == opmap["POP_TOP"]


def following(iterator: Any, *default: Any) -> Any:
    """Return what ``next`` does; of a placeholder's values there is always one."""
    source = iterator.source if isinstance(iterator, Nothing) else iterator
    if isinstance(source, Placeholder) and not default:
        return source._value("[...]")
    return builtins.next(iterator, *default)


def is_asked_for(frame: FrameType) -> bool:
    """Return whether the line at work only asks for an attribute, by `hasattr` or `getattr`."""
    from opcode import opname

    is_import = frame.f_globals.get("__name__") == "importlib._bootstrap"
    return not is_import and "CALL" in opname[frame.f_code.co_code[frame.f_lasti]]


def stand_in(full: str, fix: str, is_value: bool = False) -> Any:
    """Return the stand-in for the name `full`: a class for an exception, else a placeholder."""
    name = full.rpartition(".")[2]
    if not is_value and name[:1].isupper() and name.endswith(("Error", "Exception")):
        return type(name, (Exception,), {"__module__": full.rpartition(".")[0]})
    if not is_value and name[:1].isupper() and name.endswith("Warning"):
        return type(name, (UserWarning,), {"__module__": full.rpartition(".")[0]})
    return Placeholder(full, fix, is_value)


def unknown_result(arguments: tuple[Any, ...]) -> Placeholder | None:
    """Return a placeholder for the result of an operation, while a file is imported.

    It is None unless an argument, or an item of one, is a placeholder.
    """
    groups = (v if isinstance(v, (list, tuple)) else (v,) for v in arguments)
    unknown = (v for group in groups for v in group if isinstance(v, Placeholder))
    first = next(unknown, None)
    return first._value() if first is not None and _importing() else None


def _is_decorated(value: Any) -> bool:
    """Return whether a class or function is being defined: it does not yet have its name."""
    if not isinstance(value, (type, FunctionType)) or value.__name__ == "<lambda>":
        return False
    home = sys.modules.get(value.__module__)
    return getattr(home, value.__name__, None) is not value


def is_network(value: Any) -> bool:
    """Return whether a value is a module, of ours or of torch's."""
    return not isinstance(value, Placeholder) and hasattr(value, "_modules")


def _holds_tensor(value: Any) -> bool:
    items = value.values() if type(value) is dict else value
    is_group = type(value) in (list, tuple, dict)
    return isinstance(value, Tensor) or (is_group and any(isinstance(x, Tensor) for x in items))


def _refusing(placeholder: Placeholder) -> Callable[..., None]:
    def refuse(*args: Any, **kwargs: Any) -> None:
        if not _importing():
            raise placeholder._unknown()

    return refuse


# What is at work


def _importing() -> bool:
    """Return whether a module of the user's is being imported, and not yet the network run."""
    return importing() > outside


def importing() -> int:
    """Return how many modules are being imported, or run."""
    count, frame = 0, sys._getframe(1)
    while frame is not None:
        count += frame.f_code.co_name == "<module>"
        frame = frame.f_back  # type: ignore[assignment]
    return count


def _module_frame() -> FrameType | None:
    """Return the line of the innermost module that is being imported."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame
