"""Containers."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import Any

from ...tensor import Tensor
from ..parameter import Parameter
from .module import Module, indented


class _Numbered(Module):
    """Children named 0, 1, 2, ..., reached by index as in a list."""

    _is_container = True

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def _key(self, index: int) -> str:
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} is out of range")
        return list(self._modules)[index]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._sliced(list(self._modules.items())[index])
        return self._modules[self._key(index)]

    def _sliced(self, items: list[tuple[str, Module | None]]) -> Module:
        raise NotImplementedError

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._key(index), module)

    def __delitem__(self, index: Any) -> None:
        keys = list(self._modules)[index] if isinstance(index, slice) else [self._key(index)]
        for key in keys:
            del self._modules[key]
        kept = list(self._modules.values())
        self._modules.clear()
        self._modules.update((str(i), module) for i, module in enumerate(kept))

    def pop(self, key: int) -> Any:
        module = self[key]
        del self[key]
        return module

    def append(self, module: Module) -> _Numbered:
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> _Numbered:
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> _Numbered:
        kept = list(self._modules.values())
        kept.insert(index, module)
        self._modules.clear()
        for i, item in enumerate(kept):
            self.add_module(str(i), item)
        return self


class Sequential(_Numbered):
    """Modules applied one after the other.

    Args:
        args: the modules, or one ``OrderedDict`` of names and modules.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            for index, module in enumerate(args):
                if isinstance(module, Module):
                    self._modules[str(index)] = module  # a number is the name of nothing else
                else:
                    self.add_module(str(index), module)

    def _joined(self, other: Any) -> Iterator[Any]:
        if not isinstance(other, Sequential):
            raise ValueError(
                f"a Sequential is added to a Sequential, not to {type(other).__name__}"
            )
        return chain(self, other)

    def __add__(self, other: Any) -> Sequential:
        return Sequential(*self._joined(other))

    def __iadd__(self, other: Any) -> Sequential:
        self._joined(other)
        self.extend(list(other))
        return self

    def _times(self, count: Any) -> int:
        if not isinstance(count, int):
            raise TypeError(f"a Sequential is repeated a whole number of times, not {count!r}")
        if count <= 0:
            raise ValueError(f"a Sequential is repeated at least once, not {count} times")
        return count

    def __mul__(self, other: Any) -> Sequential:
        return Sequential(*list(self) * self._times(other))

    __rmul__ = __mul__

    def __imul__(self, other: Any) -> Sequential:
        self.extend(list(self) * (self._times(other) - 1))
        return self

    def _sliced(self, items: list[tuple[str, Module | None]]) -> Module:
        return type(self)(OrderedDict(items))

    def forward(self, input: Any) -> Any:
        """Give each module the output of the one before."""
        for module in self:
            input = module(input)
        return input


class ModuleList(_Numbered):
    """Modules in a list; it has no `forward` of its own."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return type(self)(chain(self, other))

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        self.extend(modules)
        return self

    def _children_repr(self) -> list[str]:
        """Write neighbours that print the same once: ``(0-2): 3 x Linear(...)``."""
        lines, first = [], 0
        for text, alike in groupby(map(repr, self)):
            count = len(list(alike))
            last = first + count - 1
            lines.append(
                f"({first}-{last}): {count} x {text}" if count > 1 else f"({first}): {text}"
            )
            first += count
        return [indented(line) for line in lines]

    def _sliced(self, items: list[tuple[str, Module | None]]) -> Module:
        return type(self)(module for _, module in items if module is not None)


class ModuleDict(Module):
    """Modules in a dictionary; it has no `forward` of its own."""

    _is_container = True

    def __init__(
        self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None
    ) -> None:
        super().__init__()
        self.update(modules or {})

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def keys(self) -> Iterable[str]:
        return self._modules.keys()

    def values(self) -> Iterable[Module | None]:
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Module | None]]:
        return self._modules.items()

    def pop(self, key: str) -> Module | None:
        return self._modules.pop(key)

    def clear(self) -> None:
        self._modules.clear()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules, or replace those of the same name."""
        for name, module in dict(modules).items():
            self[name] = module


class Container(Module):
    """Modules by name, given as keywords; it has no `forward` of its own."""

    def __init__(self, **kwargs: Module | None) -> None:
        super().__init__()
        for name, module in kwargs.items():
            self.add_module(name, module)


class _Values(Module):
    """Parameters, and other values, as attributes of a module that is not called."""

    def _keep(self, name: str, value: Any) -> None:
        """Keep a value; a tensor becomes a parameter."""
        if isinstance(value, Tensor) and not isinstance(value, Parameter):
            value = Parameter(value)
        setattr(self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"{type(self).__name__} should not be called.")


#: How torch calls a tensor of each dtype in an older way, which it still prints.
_OLD_NAMES = {
    "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int",
    "int64": "Long", "float16": "Half", "bfloat16": "BFloat16", "float32": "Float",
    "float64": "Double", "complex32": "ComplexHalf", "complex64": "ComplexFloat",
    "complex128": "ComplexDouble",
}  # fmt: skip


def _described(name: Any, value: Any, old: bool = False) -> str:
    if not isinstance(value, Parameter):
        return f"  ({name}): Object of type: {type(value).__name__}"
    kind = f"torch.{_OLD_NAMES[value.dtype.name]}Tensor" if old else value.dtype
    return f"  ({name}): Parameter containing: [{kind} of size {'x'.join(map(str, value.shape))}]"


class ParameterList(_Values):
    """Parameters in a list; it has no `forward`."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        self.extend(values or ())

    def _key(self, index: Any) -> str:
        number = operator.index(index)
        if not -len(self) <= number < len(self):
            raise IndexError(f"index {number} is out of range")
        return str(number % len(self))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(self[i] for i in range(len(self))[index])
        return getattr(self, self._key(index))

    def __setitem__(self, index: int, param: Any) -> None:
        self._keep(self._key(index), param)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __iadd__(self, parameters: Iterable[Any]) -> ParameterList:
        return self.extend(parameters)

    def append(self, value: Any) -> ParameterList:
        self._size += 1
        self[-1] = value
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        if isinstance(values, Tensor) or not hasattr(type(values), "__iter__"):
            raise TypeError(f"ParameterList.extend needs an iterable, but receives {values!r}")
        for value in values:
            self.append(value)
        return self

    def extra_repr(self) -> str:
        return "\n".join(_described(i, value) for i, value in enumerate(self))


class ParameterDict(_Values):
    """Parameters in a dictionary; it has no `forward`."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(f"a key of ParameterDict is a string, not {key!r}")
        self._keep(key, value)
        self._keys[key] = None

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __or__(self, other: Any) -> ParameterDict:
        result = self.copy()
        result.update(other)
        return result

    def __ror__(self, other: Any) -> Any:
        result = other.copy()
        result.update(self)
        return result

    def __ior__(self, other: Any) -> ParameterDict:
        self.update(other)
        return self

    def copy(self) -> ParameterDict:
        return ParameterDict(OrderedDict(self.items()))

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """Return another dictionary, with one value for all names."""
        return ParameterDict((key, default) for key in keys)

    def keys(self) -> Iterable[str]:
        return self._keys.keys()

    def values(self) -> Iterable[Any]:
        return (self[key] for key in self._keys)

    def items(self) -> Iterable[tuple[str, Any]]:
        return ((key, self[key]) for key in self._keys)

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 - this is get

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return a value; where there is not one of that name it is the default from now on."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove the value that was added last, and return its name and it."""
        key = next(reversed(self._keys)) if self._keys else self._keys.popitem()[0]
        return key, self.pop(key)

    def clear(self) -> None:
        for key in list(self._keys):
            del self[key]

    def update(self, parameters: Any) -> None:
        """Add values, or replace those of the same name; of a plain mapping in order of names."""
        if isinstance(parameters, (OrderedDict, ParameterDict)):
            pairs: Any = parameters.items()
        else:
            pairs = sorted(parameters.items()) if isinstance(parameters, Mapping) else parameters
        for key, value in pairs:
            self[key] = value

    def extra_repr(self) -> str:
        return "\n".join(_described(key, value, old=True) for key, value in self.items())
