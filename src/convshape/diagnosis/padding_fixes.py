"""Padding of half the kernel in convolutions that have none, where two maps do not meet."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..run.record import Row, tensors
from ..run.trial import Change
from ..shapetorch.nn.modules.constructor import signature
from ..shapetorch.nn.modules.module import Module
from .size_fixes import behind, window_arguments

if TYPE_CHECKING:
    from ..fixes import Edit
    from ..rewrites import Rewrite, Sources
    from .diagnosis import Diagnosis

#: How many convolutions are padded at most.
_MOST = 16


def several_padded(run: Diagnosis) -> Iterator[Change]:
    """Pad each convolution that has no padding, if there are several."""
    yield from all_padded(run, least=2)


def all_padded(run: Diagnosis, least: int = 1) -> Iterator[Change]:
    """Pad each convolution that has no padding, where two maps do not meet."""
    if run.refused is None or run.error.changes or isinstance(run.refused.call, Module):
        return
    branches = [
        {id(row) for row in (giver, *behind(run, giver))}
        for tensor in tensors((run.refused.args, run.refused.kwargs))
        if (giver := run.giver(tensor))
    ]
    bare: dict[tuple[str, str, int], Rewrite] = {}
    apart = set()
    rows = [*_bare(run)]
    for row, layer, kernel in rows:
        kind: Any = type(layer)
        place, order = "".join(run.places(layer)[:1]), list(signature(kind))
        key = place, row.name, kernel
        bare[key] = partial(_each_with, place, row.name, kernel, order)
        apart |= {key} if sum(id(row) in branch for branch in branches) == 1 else set()
    if len(apart) == 1:  # which changes no size of what the two have in common
        yield Change("", rewrites=[bare[key] for key in apart])
    if len(rows) >= least and len(bare) <= _MOST:
        text = "padding of half the kernel in each convolution" if len(bare) > 1 else ""
        yield Change(text, rewrites=[*bare.values()])


def _bare(run: Diagnosis) -> Iterator[tuple[Row, Module, int]]:
    """Yield the convolutions that have no padding, with their kernels, where these are odd."""
    for row in run.done:
        values = window_arguments(row) if isinstance(row.call, Module) else {}
        kernel = values.get("kernel_size")
        is_bare = (
            values.get("padding") == 0 and "output_padding" not in values and "groups" in values
        )
        if isinstance(row.call, Module) and is_bare and type(kernel) is int and kernel % 2:
            yield from [(row, row.call, kernel)] if kernel > 1 else []


def _each_with(
    place: str, name: str, kernel: int, order: list[str], sources: Sources
) -> Iterator[Sequence[Edit]]:
    """Pad all calls of a name in a line by half of a kernel that they have, or each of them alone.

    Where the kernel has a name, its half is written: kernels of other sizes are made there too.
    """
    calls = []
    for call in sources.calls(place, name):
        node = call.argument("kernel_size", order)
        if isinstance(node, ast.Name):
            yield call.with_arguments({"padding": f"{node.id} // 2"}, order)
        if not isinstance(node, ast.Constant) or node.value == kernel:
            calls.append(call.with_arguments({"padding": str(kernel // 2)}, order))
    yield [edit for edits in calls for edit in edits]
    yield from calls
