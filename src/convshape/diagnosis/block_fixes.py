"""Changes of the blocks of the user's own, and of the loops that make layers."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from ..rewrites import Sources, exchanged, several
from ..rewrites import arguments as arguments_at
from ..run.trial import Change
from ..shapetorch.nn.modules.constructor import REQUIRED, arguments, signature
from ..shapetorch.nn.modules.module import Module, is_layer
from .network_fixes import CHANNELS, OUTWARD
from .scope import looped

if TYPE_CHECKING:
    from ..fixes import Edit
    from .diagnosis import Diagnosis


def carried(run: Diagnosis) -> Iterator[Change]:
    """Let a loop go on with the channels that its layer gives: ``in_channels = v``."""
    layer, names = run.error.module, CHANNELS & run.error.change.keys()
    if isinstance(layer, Module) and names:
        inward = next(iter(names))
        for place in run.places(layer)[:1]:
            yield Change("", rewrites=[partial(_carried, place, layer, inward)])


def _carried(place: str, layer: Module, inward: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    kind: Any = type(layer)
    order = list(signature(kind))
    for call in sources.calls(place, layer._made_as or kind.__name__):
        ends = (call.argument(name, order) for name in (inward, OUTWARD.get(inward, "")))
        taken, gives = (call.part(node) if isinstance(node, ast.Name) else "" for node in ends)
        source = call.source
        line, _ = source.place(call.start)
        if taken and gives and re.search(rf"(?<![.\w]){taken} = ", source.text[: call.start]):
            last, _ = source.place(source.text.index("\n", call.end))
            start = source.span(last)[1] + 1
            yield [source.edit(start, start, source.beside(line, f"{taken} = {gives}"))]


def grown(run: Diagnosis) -> Iterator[Change]:
    """Let what a loop makes take what the steps before it have added: ``width + i * growth``."""
    layer, change = run.error.module, run.error.change
    inward = next(iter(CHANNELS & change.keys()), "")
    if not isinstance(layer, Module) or not inward:
        return
    old, new = getattr(layer, inward, 0), change[inward]
    for path, module in run.around(layer):
        index = path.rpartition(".")[2]
        if index.isdigit() and int(index) and (new - old) % int(index) == 0:
            step = (new - old) // int(index)
            yield Change("", rewrites=[partial(_grown, _made(run, module), old, step)])


def _made(run: Diagnosis, module: Module) -> tuple[str, str, dict[str, Any]]:
    """Return where a layer, or a block, is made, by which name and with what arguments."""
    name = module._made_as or type(module).__name__
    if is_layer(module):
        return "".join(run.places(module)[:1]), name, arguments(module)
    place, values = module._made_by
    return place, name, values


def _grown(
    creation: tuple[str, str, dict[str, Any]], old: int, step: int, sources: Sources
) -> Iterator[Sequence[Edit]]:
    """Add a step for each round of the loop to one argument, where another one is the step."""
    place, called, values = creation
    names = {value: name for name, value in reversed(values.items()) if type(value) is int}
    growing, order = names.get(old, ""), list(values)
    for call in sources.calls(place, called):
        nodes = (call.argument(name, order) for name in (growing, names.get(step, "")))
        texts = [call.part(node) for node in nodes if node is not None]
        line, _ = call.source.place(call.start)
        for turn in looped(call.source, line) if len(texts) == 2 else ():
            yield call.with_arguments({growing: f"{texts[0]} + {turn} * {texts[1]}"}, order)


def other_block(run: Diagnosis) -> Iterator[Change]:
    """Make a block of the user's own with another argument, where others are made of its class."""
    layer, network = run.error.module, run.run.module
    names = [name for change in run.error.changes for name in CHANNELS & change.keys()]
    if not isinstance(layer, Module) or network is None or not names:
        return
    modules = dict(network.named_modules())
    path = run.path_of(layer).rpartition(".")[0]
    while path and not modules[path]._made_by[0]:
        path = path.rpartition(".")[0]
    block = modules.get(path)
    if not path or block is None or sum(type(m) is type(block) for m in modules.values()) < 2:
        return
    old, new = getattr(layer, names[0]), run.error.change[names[0]]
    place, values = block._made_by
    for name, value in values.items():
        if value == old and type(value) is int:
            with suppress(Exception):  # whatever the user's own constructor raises
                other = type(block)(**values | {name: new})
                text = f"{path}: {_block_text(type(block), values | {name: new})} in {place}"
                maker: Any = type(block)
                order = list(signature(maker))
                called = type(block).__name__
                swaps = (exchanged(place, called, name, n, order) for n in values if n != name)
                yield Change("", rewrites=[several(*swaps)])
                rewrite = arguments_at(place, called, {name: repr(new)}, order)
                yield Change(text, layers={path: other}, rewrites=[rewrite])


def _block_text(kind: type[Module], values: dict[str, Any]) -> str:
    maker: Callable[..., Any] = kind
    defaults = signature(maker)
    parts = [
        repr(value) if defaults[name] is REQUIRED else f"{name}={value!r}"
        for name, value in values.items()
        if defaults[name] is REQUIRED or value != defaults[name]
    ]
    return f"{kind.__name__}({', '.join(parts)})"
