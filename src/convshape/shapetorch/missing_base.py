"""Base classes of modules that are not installed, such as Lightning's."""

from __future__ import annotations

import sys
from abc import ABCMeta
from types import CodeType, FrameType
from typing import Any

from .. import user_frames
from ..errors import UnknownOperation, suggestion
from .dtypes import float32
from .nn import Module
from .placeholder import Placeholder
from .tensor_attributes import device


class _Inherited(Placeholder):
    """An attribute that a class has not itself, and a base class that is not installed may have."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._value()

    def _unknown(self, what: str = "") -> UnknownOperation:
        owner, _, name = self._name.partition(".")
        what = f"{owner} has no {name!r}, unless of its base class, which is not installed"
        return UnknownOperation(what, where=user_frames.here() or self._where, fix=self._fix)


class _Hyperparameters(dict[str, Any]):
    """What `save_hyperparameters` keeps, as attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no hyperparameter {name!r}") from None

    __setattr__ = dict.__setitem__


class _Kind(ABCMeta):
    """The kind of a class whose base is not installed: it has whatever the base may have."""

    _placeholder: Placeholder

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        return _Inherited(f"{cls.__name__}.{name}", cls._placeholder._fix)


def module_base(name: str, placeholder: Placeholder) -> type:
    """Return an nn.Module to replace a base class that is not installed."""
    home = placeholder._name.rpartition(".")[0]
    return _Kind(name, (_Base,), {"__module__": home, "_placeholder": placeholder})


class _Base(Module, metaclass=_Kind):
    """Has whatever method is asked of it; those do nothing."""

    device, dtype = device("cpu"), float32

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self: Any = super().__new__(cls)
        Module.__init__(self)  # others than modules have such bases, and do not call theirs
        vars(self)["hparams"] = _Hyperparameters()
        return self

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args:  # what PreTrainedModel calls its only argument
            vars(self).setdefault("config", args[0])

    def __getattr__(self, attribute: str) -> Any:
        try:
            return Module.__getattr__(self, attribute)
        except AttributeError:
            file = sys._getframe(1).f_code.co_filename
            if attribute.startswith("__") or not user_frames.shown(file):
                raise
        near = suggestion(attribute, (*self._modules, *self._parameters, *self._buffers))
        fix = " or ".join(filter(None, (near, self._placeholder._fix)))
        return _Inherited(f"{type(self).__name__}.{attribute}", fix)

    def save_hyperparameters(self, *args: Any, **kwargs: Any) -> None:
        """Keep the arguments of the constructor that calls this, or those that are named."""
        self.hparams.update(_hyperparameters(self, args, **kwargs))


def _hyperparameters(
    module: Any, args: tuple[Any, ...], ignore: Any = (), **kwargs: Any
) -> dict[str, Any]:
    if len(args) == 1 and not isinstance(args[0], str):
        return dict(args[0]) if isinstance(args[0], dict) else dict(vars(args[0]))
    known: dict[str, Any] = {}
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_name == "__init__":
        known = _arguments_of(frame, module) | known
        frame = frame.f_back  # type: ignore[assignment]
    ignored = (ignore,) if isinstance(ignore, str) else tuple(ignore or ())
    names = args or tuple(known)
    return {name: known[name] for name in names if name in known and name not in ignored}


def _arguments_of(frame: FrameType, module: Any) -> dict[str, Any]:
    """Return the arguments of a running constructor of the module's."""
    code: CodeType = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    first, *names = code.co_varnames[:count] or ("",)
    if frame.f_locals.get(first) is not module:
        return {}
    extra = code.co_varnames[count + bool(code.co_flags & 4)] if code.co_flags & 8 else ""
    keywords: dict[str, Any] = frame.f_locals.get(extra, {})
    return {name: frame.f_locals[name] for name in names} | keywords
