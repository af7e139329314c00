"""What the names of an expression may mean: torch's layers, functions, dtypes and methods."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from ... import shapetorch
from ...errors import nearest
from ...shapetorch.dtypes import dtype
from ...shapetorch.nn import functional as F
from ...shapetorch.nn.modules.constructor import signature
from ...shapetorch.nn.modules.module import Module
from ...shapetorch.tensor import Tensor

if TYPE_CHECKING:
    _Space = Mapping[str, Any]


class Names(Mapping[str, "Any"]):
    """What names mean: each is found when it is asked for, and all are when they are listed.

    Args:
        find: returns what a name means, or None.
        listed: returns the names, perhaps with some that mean nothing.
    """

    def __init__(self, find: Callable[[str], Any], listed: Callable[[], Iterable[str]]) -> None:
        self._find, self._listed = find, listed
        self._known: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return what a name means, or the default."""
        if name not in self._known:
            self._known[name] = self._find(name)
        value = self._known[name]
        return default if value is None else value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __getitem__(self, name: str) -> Any:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._listed() if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _layer(name: str) -> Any:
    value: Any = getattr(shapetorch.nn, name, None) if name[:1].isupper() else None
    is_module = isinstance(value, type) and issubclass(value, Module)
    return value if is_module and value.forward is not Module.forward else None


def _member(name: str) -> Any:
    return getattr(shapetorch.nn, name) if name in _NO_LAYERS else LAYERS.get(name)


def _functional(name: str) -> Any:
    value = None if name[:1].isupper() else getattr(F, name, None)
    return value if hasattr(value, "__wrapped__") else None


def _of_torch(name: str) -> Any:
    from ...shapetorch.namespace import NAMES

    value = NAMES[name] if name in NAMES else getattr(shapetorch, name, None)
    return value if hasattr(value, "__wrapped__") or isinstance(value, dtype) else None


def _lazy(name: str) -> str | None:
    is_open = name in LAYERS and not INFERRED.isdisjoint(signature(LAYERS[name]))
    return f"Lazy{name}" if is_open and f"Lazy{name}" in LAYERS else None


#: What is in ``nn`` besides layers.
_NO_LAYERS = ("LinearCrossEntropyOptions", "Parameter")
LAYERS = Names(_layer, lambda: shapetorch.nn.__all__)
_NN = Names(_member, lambda: shapetorch.nn.__all__)
FUNCTIONAL = Names(_functional, lambda: F.__all__)
_TORCH = Names(_of_torch, lambda: shapetorch.__all__)
#: Layers that can take the size of what arrives for their first argument, and the layers that do.
LAZY = Names(_lazy, lambda: LAYERS)
#: That argument.
INFERRED = frozenset({"in_channels", "in_features", "num_features"})
#: torch's dtypes that have the names of Python's types, which they are not: they need their prefix.
_PREFIXED = {"bool", "complex", "float", "int"}
#: The modules of torch whose functions need their prefix, ``linalg.norm`` or ``torch.linalg.norm``.
MODULES = ("fft", "linalg", "special")
ATTRIBUTE_NAMES = frozenset("H T device dtype imag mH mT ndim real shape".split())


@cache
def method_names() -> set[str]:
    """Return the names of a tensor's methods, for which all operations are loaded."""
    from ...shapetorch import aten  # noqa: F401 - it adds to them
    from ...shapetorch.ops.spaces import METHODS

    return METHODS.keys() - {"getitem"} | {"dim", "numel", "size"}


#: Words of other languages and libraries for Python's and torch's.
TRANSLATED = {
    "true": "True", "false": "False", "null": "None", "none": "None", "nil": "None",
    "Dense": "Linear", "Conv2DTranspose": "ConvTranspose2d", "BatchNormalization": "BatchNorm2d",
    "Concatenate": "cat", "Reshape": "Unflatten",
}  # fmt: skip
#: Arguments that are texts, which stand in quotes.
TEXTS = frozenset(
    "area bicubic border circular nearest reflect replicate same trilinear valid".split()
)


class Spaces(dict):  # type: ignore[type-arg]  # Any is not there at run time
    """What each prefix selects from; no prefix from all but `MODULES`, which are loaded on demand.

    Args:
        torch: where those are.
        layers: what is in ``nn``.
        functional: what is in ``nn.functional``.
        torchs: what is in torch itself.
    """

    def __init__(self, torch: Any, layers: _Space, functional: _Space, torchs: _Space) -> None:
        def find(name: str) -> Any:
            spaces = (layers, functional) if name in _PREFIXED else (layers, functional, torchs)
            return next((space[name] for space in spaces if name in space), None)

        self.torch = torch
        self.update(dict.fromkeys(("nn", "torch.nn"), layers))
        self.update(dict.fromkeys(("F", "nn.functional", "torch.nn.functional"), functional))
        self.update({"torch": torchs, "": Names(find, lambda: {**layers, **functional, **torchs})})

    def __missing__(self, prefix: str) -> Any:
        name = prefix.removeprefix("torch.")
        home = getattr(self.torch, name)
        self[prefix] = {
            function: getattr(home, function)
            for function, value in vars(getattr(shapetorch, name)).items()
            if hasattr(value, "__wrapped__") and hasattr(home, function)
        }
        return self[prefix]


SPACES = Spaces(shapetorch, _NN, FUNCTIONAL, _TORCH)
#: What may stand before a name and a point.
PREFIXES = frozenset({*SPACES, *MODULES, *(f"torch.{name}" for name in MODULES)}) - {""}


class Vocabulary:
    """What the names of the language mean: in convshape's torch, or in the real one.

    Args:
        torch: `convshape.shapetorch`, or the module torch, in which the same names are looked up.
    """

    def __init__(self, torch: Any) -> None:
        self.is_ours = torch is shapetorch
        self.Tensor = Tensor if self.is_ours else torch.Tensor
        self.Module, self.Parameter = torch.nn.Module, torch.nn.Parameter
        self.Sequential, self.ModuleList = torch.nn.Sequential, torch.nn.ModuleList
        self.spaces = SPACES
        if not self.is_ours:
            homes = zip(
                (torch.nn, torch.nn.functional, torch), (_NN, FUNCTIONAL, _TORCH), strict=True
            )
            self.spaces = Spaces(torch, *(_in(home, names) for home, names in homes))


def _in(home: Any, names: Iterable[str]) -> _Space:
    return {name: getattr(home, name) for name in names if hasattr(home, name)}


SHAPETORCH = Vocabulary(shapetorch)


class Scope:
    """What names mean where an expression is; the file's own come before the vocabulary.

    Attributes:
        constants: numbers, strings, lists, layer classes and blocks by name; a layer given to a
            block.
        values: the names of the inputs and of the entries above, in order.
    """

    def __init__(
        self,
        constants: Mapping[str, Any],
        values: dict[str, None],
        vocabulary: Vocabulary = SHAPETORCH,
    ) -> None:
        self.constants = constants
        self.values = values
        self.vocabulary = vocabulary

    def owns(self, name: str) -> bool:
        """Return whether a name is one of the file's."""
        return name in self.values or name in self.constants

    def constant(self, name: str) -> Any:
        """Return what a name means that is not a value, or None."""
        constants = self.constants
        return constants[name] if name in constants else self.vocabulary.spaces[""].get(name)

    def space(self, node: ast.Attribute) -> _Space | None:
        """Return what ``prefix.name`` selects from; None where it is an attribute of a value."""
        prefix = dotted(node.value)
        if prefix not in PREFIXES or self.owns(str(prefix).partition(".")[0]):
            return None
        names: _Space = self.vocabulary.spaces[prefix]
        return names


def dotted(node: ast.expr) -> str | None:
    """Return ``a.b.c`` for such a node, or None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        prefix = dotted(node.value)
        return None if prefix is None else f"{prefix}.{node.attr}"
    return None


def prefixed(name: str) -> str:
    """Return a name with the prefix that it needs, if it is in one of `MODULES` alone."""
    return next((f"{home}.{name}" for home in MODULES if name in SPACES[home]), "")


def meant(name: str, known: Iterable[str]) -> str:
    """Return what a name that is not known may mean, or nothing."""
    if name.lower() in TEXTS:
        return f"{name.lower()!r}, in quotes"
    return as_of_images(prefixed(name) or TRANSLATED.get(name) or nearest(name, known), name)


def as_of_images(near: str, name: str) -> str:
    """Return the two-dimensional form of what a name may mean: most networks are of images."""
    image = f"{near[:-2]}2d"
    return image if near[-2:] == "1d" and "1" not in name and image in SPACES[""] else near
