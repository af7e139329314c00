"""Layers that are missing: in the shortcut of a block, and before an attention."""

from __future__ import annotations

from functools import partial
from itertools import permutations
from typing import TYPE_CHECKING

from ..rewrites import alternatives, entry_before
from ..run.record import tensors
from ..run.trial import Change
from ..shapetorch import hooks
from ..shapetorch.nn.modules.constructor import arguments
from ..shapetorch.nn.modules.module import Module
from .operands import operand
from .scope import parameters_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..fixes import Edit
    from ..rewrites import Sources
    from .diagnosis import Diagnosis


def shortcut(run: Diagnosis) -> Iterator[Change]:
    """Give the shortcut of a block the channels, and the stride, of what it is added to."""
    row = run.refused
    both = tensors((row.args, row.kwargs)) if row else []
    if (
        row is None
        or row.name.rstrip("_") != "add"
        or len(both) != 2
        or min(a.ndim for a in both) < 2
    ):
        return
    givers = [run.giver(item) for item in both]
    ages = [giver.index if giver else -1 for giver in givers]
    index = ages.index(min(ages))  # the input of the block is older than what the block gave
    (_, came, *sizes), (_, wanted, *others) = both[index].shape, both[1 - index].shape
    maker = givers[1 - index]
    if givers[index] is None and all(both[index] is not item for item in run.inputs):
        return  # a parameter
    if len(sizes) != len(others) or not sizes or came == wanted or maker is None:
        return
    pairs = [*zip(sizes, others, strict=True)]
    ratios = {-(-size // other) for size, other in pairs}
    layers = (item for item in (maker, *run.givers(maker)) if hasattr(item.call, "out_channels"))
    layer = next((item.call for item in layers if isinstance(item.call, Module)), None)
    if len(ratios) != 1 or layer is None:
        return
    (stride,) = ratios
    if any(-(-size // stride) != other for size, other in pairs):
        stride = 1  # the sizes differ for another reason, which is a mistake of its own
    kind = f"Conv{len(sizes)}d"
    rewrite = partial(
        _written,
        run.line_of(row),
        "".join(run.places(layer)[:1]),
        kind,
        index,
        came,
        wanted,
        stride,
    )
    yield Change("", rewrites=[rewrite])


def projected(run: Diagnosis) -> Iterator[Change]:
    """Give the features that arrive at an attention the width of its heads."""
    row, arrived = run.refused, run.arrived
    if row is None or arrived is None or not isinstance(row.call, Module) or arrived.ndim < 2:
        return
    width = next((n for n in _WIDTHS if n in arguments(row.call)), "")
    if width and arguments(row.call)[width] != arrived.shape[-1]:
        created_at = "".join(run.places(row.call)[:1])
        came, wanted = arrived.shape[-1], arguments(row.call)[width]
        yield Change("", rewrites=[partial(_projected, run.line_of(row), created_at, came, wanted)])


_WIDTHS = ("d_model", "embed_dim")


def _projected(
    where: str, created_at: str, came: int, wanted: int, sources: Sources
) -> Iterator[Sequence[Edit]]:
    """Write the layer below that of the attention, and its call in the line before."""
    if hooks.line is None:
        yield from entry_before(where, "proj", f"Linear({came}, {wanted})")(sources)
    maker, below = sources.at(created_at) or (None, 0)
    source, line = sources.at(where) or (None, 0)
    for call in sources.calls(where) if maker and source else ():
        first = call.part(call.node.args[0]) if call.node.args else ""
        if maker and source and first.isidentifier():
            end, start = min(maker.span(below)[1] + 1, len(maker.text)), source.span(line)[0]
            layer = maker.beside(below, f"self.proj = nn.Linear({came}, {wanted})")
            use = source.beside(line, f"{first} = self.proj({first})")
            yield [maker.edit(end, end, layer), source.edit(start, start, use)]


def _written(
    where: str,
    created_at: str,
    kind: str,
    index: int,
    came: int,
    wanted: int,
    stride: int,
    sources: Sources,
) -> Iterator[Sequence[Edit]]:
    """Write the layer where that of the block is made, and its call in the sum."""
    source, line = sources.at(created_at) or (None, 0)
    if source is None:
        return
    parameters = parameters_at(source, line)
    by = "stride=stride" if "stride" in parameters else f"stride={stride}"
    step = f", {by}" * (stride > 1)
    for channels in ((came, wanted), *permutations(parameters[:3], 2)):
        layer = f"{kind}({channels[0]}, {channels[1]}, 1{step})"
        if hooks.line is None:
            yield from alternatives([operand(where, "add", index, f"{layer}({{x}})")], sources)
            continue
        name = "shortcut" if "self.shortcut" not in source.text else "projection"
        added = source.beside(line, f"self.{name} = nn.{layer}")
        below = min(source.span(line)[1] + 1, len(source.text))
        use = operand(where, "add", index, f"self.{name}({{x}})")
        for edits in use(sources):
            yield [source.edit(below, below, added), *edits]
