"""Copies of live modules, so that a run leaves the modules themselves as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

#: Makes the tensor that stands in a copy for another.
Convert = Callable[[Any], Any]


def copy_of(torch: Any, network: Any, convert: Convert) -> Any:
    """Return a copy of a network: other modules, which share no tensor with it.

    What cannot be copied, such as a lock or an open file, is shared with the copy. Compiled modules
    are copied as the modules that were compiled, and `DataParallel` as one that works on one
    device.

    Args:
        torch: the module torch.
        network: a live module.
        convert: makes the tensors of the copy; what modules share, they share in the copy too.
    """
    memo: dict[int, Any] = {}
    with _converting(torch, convert):
        modules = list(network.modules())
        for module in modules:
            if _copies_itself(module):
                memo.setdefault(id(module), deepcopy(module, memo))
            elif id(module) not in memo:
                memo[id(module)] = object.__new__(type(original(module)))
        for module in modules:
            if not _copies_itself(module):
                _fill(memo[id(module)], original(module), memo)
    return memo[id(network)]


def original(module: Any) -> Any:
    """Return the module that was compiled, or wrapped for several processes; another as it is."""
    while True:
        wrapped = dict(module._modules.items()).get("_orig_mod")
        if wrapped is None and type(module).__name__ == "DistributedDataParallel":
            wrapped = module.module
        if wrapped is None:
            return module
        module = wrapped


def _copies_itself(module: Any) -> bool:
    return hasattr(type(original(module)), "__deepcopy__")


def _fill(copy: Any, module: Any, memo: dict[int, Any]) -> None:
    """Give a copy the attributes of a module, copied too."""
    for name, value in vars(module).items():
        try:
            copy.__dict__[name] = deepcopy(value, memo)
        except Exception:  # it cannot be copied: whatever the user's own class does
            copy.__dict__[name] = value
    if copy.__dict__.get("_compiled_call_impl") is not None:
        copy.__dict__["_compiled_call_impl"] = None
    if type(copy).__name__ == "DataParallel":
        copy.__dict__["device_ids"] = []


@contextmanager
def _converting(torch: Any, convert: Convert) -> Iterator[None]:
    """Let `deepcopy` make tensors by `convert`."""
    kinds = (torch.Tensor, torch.nn.Parameter, torch.nn.UninitializedParameter)
    before = [kind.__deepcopy__ for kind in kinds]
    for kind in kinds:
        kind.__deepcopy__ = lambda tensor, memo: convert(tensor)  # `deepcopy` keeps the memo
    try:
        yield
    finally:
        for kind, method in zip(kinds, before, strict=True):
            kind.__deepcopy__ = method


@contextmanager
def kept(torch: Any, network: Any) -> Iterator[None]:
    """Give a network back its attributes and the values of its buffers, which a run may change."""
    parts = [(module, type(module), dict(vars(module))) for module in network.modules()]
    groups = [
        (group, group.copy())
        for _, _, attributes in parts
        for group in attributes.values()
        if isinstance(group, (list, dict, set))
    ]
    values = [
        (buffer, buffer.detach().clone())
        for buffer in network.buffers()
        if not torch.nn.parameter.is_lazy(buffer)
    ]
    try:
        yield
    finally:
        for module, kind, attributes in parts:
            module.__class__ = kind
            vars(module).clear()
            vars(module).update(attributes)
        for group, members in groups:
            group.clear()
            (group.extend if isinstance(group, list) else group.update)(members)
        with torch.no_grad():
            for buffer, value in values:
                buffer.copy_(value)


@contextmanager
def same_randomness(torch: Any) -> Iterator[None]:
    """Leave the generators of random numbers as they were: torch's, Python's and NumPy's."""
    import random
    import sys

    numpy = sys.modules.get("numpy")
    states = random.getstate(), numpy.random.get_state() if numpy is not None else None
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    try:
        with torch.random.fork_rng(list(devices)):
            yield
    finally:
        random.setstate(states[0])
        if numpy is not None:
            numpy.random.set_state(states[1])
