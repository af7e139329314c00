"""Fixes of a network that cannot be created: a layer refuses its arguments before anything runs."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from .. import clock, user_frames
from ..errors import Fix
from ..run.program import Program
from ..run.record import Run
from ..shapetorch import hooks, nn
from ..shapetorch.nn.modules.constructor import signature
from ..thread_output import muted
from .diagnosis import SECONDS
from .proof import Proof
from .repairs import repairs
from .scope import renamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..errors import Edit, ShapeError
    from ..rewrites import Sources


def with_fixes(
    error: ShapeError,
    source: Callable[[str], str],
    reread: Callable[[Mapping[str, str]], Program],
) -> ShapeError:
    """Return the refusal of a layer's arguments with a change of the text that fixes it.

    Args:
        error: the refusal, with its place.
        source: gives the text of a file by the name that places have for it.
        reread: reads the network with other texts for some of its files.
    """
    if hooks.searching:
        return error
    proof = Proof(Program(None, source=source, reread=reread), Run())
    proof.deadline = clock.seconds() + SECONDS
    lines = [at for at, _ in user_frames.of(error.__traceback__)]
    places = [error.where, *reversed(lines)]
    with muted():
        tries = chain(_own(error, proof.sources), repairs(proof.sources, places, error.what))
        edits = next(filter(proof.holds, tries), None)
    if not edits:
        return error
    fix = Fix(proof.sources.shown(edits), edits=tuple(edits))
    return error.mended(fix).changed(fixes=(fix,))


def _own(error: ShapeError, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Yield the argument that the refusal names, ``groups=32``: as a name that has it, or so."""
    named = re.fullmatch(r"(\w+)=(\S+)", error.fix)
    for call in sources.calls(error.where) if named else ():
        assert named is not None
        kind = getattr(nn, call.name, None)
        order = list(signature(kind)) if isinstance(kind, type) else []
        yield from renamed(error.where, call.name, named[1], order)(sources)
        yield call.with_arguments({named[1]: named[2]}, order)
