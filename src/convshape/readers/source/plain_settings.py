"""The settings of yacs and easydict, from which files make their layers, without these packages."""

from __future__ import annotations

from ast import literal_eval
from copy import deepcopy
from pathlib import Path
from typing import Any


class CfgNode(dict[str, Any]):
    """Settings as attributes, some of which are such nodes again."""

    def __init__(
        self, init_dict: Any = None, key_list: Any = None, new_allowed: bool = False
    ) -> None:
        init_dict = deepcopy(init_dict or {})
        kind = type(self)
        super().__init__({k: kind(v) if isinstance(v, dict) else v for k, v in init_dict.items()})
        self.__dict__.update(_is_frozen=False, _takes_new=new_allowed)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if self.is_frozen():
            raise AttributeError(f"Attempted to set {name} to {value}, but CfgNode is immutable")
        self[name] = value

    def _mark(self, **state: bool) -> None:
        self.__dict__.update(state)
        for child in self.values():
            if isinstance(child, CfgNode):
                child._mark(**state)

    def freeze(self) -> None:
        """Refuse to set attributes from now on."""
        self._mark(_is_frozen=True)

    def defrost(self) -> None:
        """Let attributes be set again."""
        self._mark(_is_frozen=False)

    def is_frozen(self) -> bool:
        """Return whether no attribute can be set."""
        return bool(vars(self)["_is_frozen"])

    def set_new_allowed(self, is_new_allowed: bool) -> None:
        """Let what is merged have settings that are not there yet, or not."""
        self._mark(_takes_new=is_new_allowed)

    def is_new_allowed(self) -> bool:
        """Return whether what is merged may have new settings."""
        return bool(vars(self)["_takes_new"])

    def clone(self) -> Any:
        """Return a copy with copies of its nodes."""
        return deepcopy(self)

    def dump(self, **options: Any) -> str:
        """Return the settings as YAML."""
        import yaml

        return str(yaml.safe_dump(_plain(self), **options))

    @classmethod
    def load_cfg(cls, source: Any) -> Any:
        """Return the settings of a YAML text or of an open file."""
        import yaml

        return cls(yaml.safe_load(source))

    def merge_from_file(self, cfg_filename: Any) -> None:
        """Take over the settings of a YAML file."""
        self.merge_from_other_cfg(self.load_cfg(Path(cfg_filename).read_text(encoding="utf-8")))

    def merge_from_list(self, cfg_list: Any) -> None:
        """Take over settings from names and values in turn: ``["MODEL.WIDTH", 64]``."""
        assert len(cfg_list) % 2 == 0, f"Override list has odd length: {cfg_list}"
        for name, value in zip(cfg_list[::2], cfg_list[1::2], strict=True):
            *parents, last = name.split(".")
            node = self
            for parent in parents:
                assert parent in node, f"Non-existent key: {name}"
                node = node[parent]
            assert last in node, f"Non-existent key: {name}"
            node[last] = _like(node[last], self._decoded(value), name)

    def merge_from_other_cfg(self, cfg_other: Any, _path: str = "") -> None:
        """Take over the settings of another node."""
        for name, value in cfg_other.items():
            full, new = _path + name, self._decoded(deepcopy(value))
            if name in self:
                new = _like(self[name], new, full)
            elif not self.is_new_allowed():
                raise KeyError(f"Non-existent config key: {full}")
            if name in self and isinstance(new, CfgNode):
                self[name].merge_from_other_cfg(new, f"{full}.")
            else:
                self[name] = new

    def _decoded(self, value: Any) -> Any:
        if isinstance(value, dict):
            return type(self)(value)
        try:
            return literal_eval(value) if isinstance(value, str) else value
        except (ValueError, SyntaxError):
            return value


def _plain(node: Any) -> Any:
    if not isinstance(node, CfgNode):
        return node
    return {name: _plain(value) for name, value in node.items()}


def _like(old: Any, new: Any, name: str) -> Any:
    """Return a new value for a setting, in the type of the old one."""
    if type(new) is type(old) or new is None or old is None:
        return new
    if {type(new), type(old)} == {list, tuple}:
        return type(old)(new)
    raise ValueError(f"Type mismatch ({type(old)} vs. {type(new)}) for config key: {name}")


class EasyDict(dict[str, Any]):
    """A dictionary with its items as attributes, also those of dictionaries in it."""

    def __init__(self, d: Any = None, **items: Any) -> None:
        super().__init__()
        self.update(d, **items)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(name)

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, self._eased(value))

    __setattr__ = __setitem__
    __delattr__ = dict.__delitem__

    def _eased(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)(type(self)(x) if isinstance(x, dict) else x for x in value)
        is_plain = isinstance(value, dict) and not isinstance(value, type(self))
        return type(self)(value) if is_plain else value

    def update(self, e: Any = None, **items: Any) -> None:  # type: ignore[override]
        """Take over the items of a dictionary, and those that are named."""
        for name, value in {**(e or {}), **items}.items():
            setattr(self, name, value)


_NAMES = {"CfgNode": CfgNode, "load_cfg": CfgNode.load_cfg}
#: By the modules that have them: fvcore's is yacs's.
NAMES = {
    "yacs.config": _NAMES,
    "fvcore.common.config": _NAMES,
    "easydict": {"EasyDict": EasyDict},
}
