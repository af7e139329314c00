"""Fixes of a network that cannot be created: a layer refuses its arguments before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import clock, user_frames
from ..errors import Fix
from ..shapetorch import hooks
from ..thread_output import muted
from .diagnosis import SECONDS
from .program import Program
from .proof import Proof
from .record import Run
from .repairs import repairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..errors import ShapeError


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
        edits = next(filter(proof.holds, repairs(proof.sources, places, error.what)), None)
    if not edits:
        return error
    fix = Fix(proof.sources.shown(edits), edits=tuple(edits))
    return error.mended(fix).changed(fixes=(fix,))
