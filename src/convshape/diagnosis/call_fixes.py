"""Changes of calls that lack something: the size of what was pooled, a mask for each head."""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import TYPE_CHECKING

from ..rewrites import number
from ..run.record import tensors
from ..run.trial import Change
from ..shapetorch.nn.modules.module import Module
from .size_fixes import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..errors import Edit
    from ..rewrites import Sources
    from ..run.record import Row
    from .diagnosis import Diagnosis


def per_head(run: Diagnosis) -> Iterator[Change]:
    """Repeat an attention mask for each head, where it has one for each sample."""
    row = run.refused
    heads = getattr(row.call, "num_heads", 0) if row else 0
    mask = row.kwargs.get("attn_mask") if row else None
    if not row or not heads or getattr(mask, "ndim", 0) != 3:
        return
    name = run.path_of(row.call).rpartition(".")[2] if isinstance(row.call, Module) else ""
    text = f"attn_mask=mask.repeat_interleave({heads}, 0): one for each head"
    rewrite = partial(_repeated, run.line_of(row), name, heads)
    yield Change(text, rewrites=[rewrite])


def _repeated(where: str, name: str, heads: int, sources: Sources) -> Iterator[Sequence[Edit]]:
    for call in sources.calls(where, name):
        masks = [each.value for each in call.node.keywords if each.arg == "attn_mask"]
        for mask in masks:
            text = call.part(mask)
            if not isinstance(mask, (ast.Name, ast.Attribute, ast.Call)):
                text = f"({text})"
            edit = call.source.edit(*call.span(mask), f"{text}.repeat_interleave({heads}, 0)")
            yield [edit]


def unpool_sizes(run: Diagnosis) -> Iterator[Change]:
    """Give each unpooling the size of what was pooled, where it would give another."""
    pooled = {
        id(row.result[1]): row.inputs[0]
        for row in run.done
        if "Pool" in row.name and isinstance(row.result, tuple) and row.inputs
    }
    rows = [row for row in (*run.done, run.refused) if row and "Unpool" in row.name]
    wrong: dict[int, tuple[int, ...]] = {}
    for row in rows:
        given = tensors((row.args, row.kwargs))
        size = pooled.get(id(given[1])) if len(given) > 1 else None
        if size is not None and (row.outputs is None or row.outputs[0] != size):
            wrong[row.index] = size[len(size) - getattr(row.call, "_axes", 2) :]
    if wrong:
        sizes = " and ".join(dict.fromkeys(map(str, wrong.values())))
        rewrite = partial(_sized, run, rows, wrong)
        yield Change(f"output_size={sizes} in the unpooling", rewrites=[rewrite])


def _sized(
    run: Diagnosis, rows: list[Row], wrong: dict[int, tuple[int, ...]], sources: Sources
) -> Iterator[Sequence[Edit]]:
    """Write the sizes in calls that follow one another, or are inside one another."""
    for step in (1, -1):
        edits: list[Edit] = []
        for line in dict.fromkeys(run.line_of(row) for row in rows):
            here = [row for row in rows if run.line_of(row) == line]
            call = here[0].call
            name = run.path_of(call).rpartition(".")[2] if isinstance(call, Module) else ""
            for row, text in zip(here, sources.calls(line, name)[::step], strict=False):
                if row.index in wrong:
                    size = str(wrong[row.index])
                    edits += text.with_arguments({"output_size": size}, ())
        if edits:
            yield edits


def other_arguments(run: Diagnosis) -> Iterator[Change]:
    """Give a function that refuses other arguments, as it says itself."""
    row = run.refused
    if row is None or isinstance(row.call, (Module, str)):
        return
    for change in run.error.changes:
        yield changed(run, row, change)


def made_sizes(run: Diagnosis) -> Iterator[Change]:
    """Create a state or a mask, such as ``torch.zeros(1, x.size(0), 32)``, of the right size."""
    told = re.search(r"of ((?:\d+×)*\d+), but receives ((?:\d+×)*\d+)$", run.error.what)
    row = run.refused
    if told is None or row is None:
        return
    wanted, came = (tuple(map(int, each.split("×"))) for each in told.groups())
    others = [pair for pair in zip(came, wanted, strict=False) if pair[0] != pair[1]]
    makers = [run.giver(each) for each in tensors((row.args, row.kwargs)) if each.shape == came]
    lines = dict.fromkeys(run.line_of(maker) for maker in makers if maker and not maker.inputs)
    if len(came) == len(wanted) and len(others) == 1 and lines:
        yield Change("", rewrites=[number(line, *others[0]) for line in lines])
