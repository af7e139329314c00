"""The settings of OmegaConf, from which files make their layers, without that package."""

from __future__ import annotations

import re
from collections import UserList
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from ...shapetorch.placeholder import Unavailable

#: ``${model.width}``; the names after a dot in front are of the same mapping.
_REFERENCE = re.compile(r"\$\{(\.?)([\w.]+)\}")


class DictConfig(MutableMapping[str, Any]):
    """A mapping with its items as attributes; ``${model.width}`` is the value of another item."""

    _content: dict[str, Any]
    _parent: DictConfig | None

    def __init__(self, content: Any = None, parent: Any = None, **options: Any) -> None:
        self.__dict__.update(_content={}, _parent=parent)
        self.update(content or {})

    def __getitem__(self, name: str) -> Any:
        return _resolved(self._content[name], self)

    def __setitem__(self, name: str, value: Any) -> None:
        self._content[name] = _node(value, self)

    def __delitem__(self, name: str) -> None:
        del self._content[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._content:
            raise AttributeError(f"Missing key {name}")
        return self[name]

    __setattr__ = __setitem__

    def __repr__(self) -> str:
        return repr(self._content)


class ListConfig(UserList[Any]):
    """A list of settings."""

    def __init__(self, content: Any = (), parent: Any = None) -> None:
        super().__init__(_node(value, parent) for value in content)
        self._parent = parent

    def __getitem__(self, index: Any) -> Any:
        return _resolved(super().__getitem__(index), self._parent)


class OmegaConf:
    """Makes settings of dictionaries, texts, files and data classes."""

    @staticmethod
    def create(obj: Any = None, parent: Any = None, flags: Any = None) -> Any:
        """Return the settings of a dictionary, a list or a YAML text."""
        if isinstance(obj, str):
            import yaml

            obj = yaml.safe_load(obj)
        return _node({} if obj is None else obj, parent)

    @staticmethod
    def load(file_: Any) -> Any:
        """Return the settings of a YAML file."""
        text = file_.read() if hasattr(file_, "read") else Path(file_).read_text(encoding="utf-8")
        return OmegaConf.create(text)

    structured = create

    @staticmethod
    def merge(*configs: Any) -> Any:
        """Return settings in which the later ones replace the earlier."""
        result: dict[str, Any] = {}
        for config in configs:
            _merge(result, _plain(OmegaConf.create(config)))
        return OmegaConf.create(result)

    @staticmethod
    def to_container(cfg: Any, *, resolve: bool = False, **options: Any) -> Any:
        """Return settings as dictionaries and lists."""
        return _plain(cfg, resolve)

    to_object = to_container

    @staticmethod
    def select(cfg: Any, key: str, *, default: Any = None, **options: Any) -> Any:
        """Return the value of ``model.width``."""
        for name in key.split("."):
            if name not in cfg:
                return default
            cfg = cfg[name]
        return cfg

    @staticmethod
    def to_yaml(cfg: Any, **options: Any) -> str:
        """Return settings as YAML."""
        import yaml

        return str(yaml.safe_dump(_plain(cfg), sort_keys=False))

    @staticmethod
    def is_config(obj: Any) -> bool:
        """Return whether an object is settings."""
        return isinstance(obj, (DictConfig, ListConfig))

    @staticmethod
    def set_struct(*arguments: Any) -> None:
        """Do nothing: names are not refused."""

    set_readonly = register_new_resolver = resolve = set_struct


def _node(value: Any, parent: Any) -> Any:
    if is_dataclass(value):
        value = value() if isinstance(value, type) else value
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return DictConfig(_plain(value), parent)
    return ListConfig(value, parent) if isinstance(value, (list, tuple, ListConfig)) else value


def _plain(node: Any, resolve: bool = False) -> Any:
    if isinstance(node, DictConfig):
        return {k: _plain(node[k] if resolve else v, resolve) for k, v in node._content.items()}
    if isinstance(node, ListConfig):
        return [_plain(value, resolve) for value in (node if resolve else node.data)]
    return node


def _merge(result: dict[str, Any], other: Mapping[str, Any]) -> None:
    for name, value in other.items():
        if isinstance(value, dict) and isinstance(result.get(name), dict):
            _merge(result[name], value)
        else:
            result[name] = value


def _resolved(value: Any, node: Any) -> Any:
    """Return a value with the values of the items that it names."""
    if not isinstance(value, str) or ("${" not in value and value != "???"):
        return value
    root = node
    while root._parent is not None:
        root = root._parent
    missing = object()

    def referred(match: re.Match[str]) -> Any:
        selected = OmegaConf.select(node if match[1] else root, match[2], default=missing)
        return match[0] if selected is missing else selected

    whole = _REFERENCE.fullmatch(value)
    result = referred(whole) if whole else _REFERENCE.sub(lambda m: str(referred(m)), value)
    if isinstance(result, str) and ("${" in result or result == "???"):
        return Unavailable(result, "OmegaConf would look it up", is_value=True)
    return result


#: By the modules that have them.
NAMES = {
    "omegaconf": {
        "DictConfig": DictConfig,
        "ListConfig": ListConfig,
        "MISSING": "???",
        "OmegaConf": OmegaConf,
    }
}
