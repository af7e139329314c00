"""``diff``: two networks side by side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..errors import SpecError
from .output import json_error, reported, write_error, write_json, write_rich
from .parameters import (
    ALLOW_NETWORK,
    ALLOW_RUN,
    ALLOW_WRITE,
    BATCH,
    CONSTANTS,
    JSON,
    SAMPLES,
    allowed,
    argument,
    constants_from,
    flag,
)

if TYPE_CHECKING:
    from typing import Any


def diff(
    a: str = argument(metavar="A", help="A network file, or - for standard input."),
    b: str = argument(
        metavar="B", help="Another network, or another version; one of the two can be -."
    ),
    inputs: list[str] = SAMPLES,
    batch: int | None = BATCH,
    constants: list[str] = CONSTANTS,
    allow_run: bool = ALLOW_RUN,
    allow_network: bool = ALLOW_NETWORK,
    allow_write: bool = ALLOW_WRITE,
    whole: bool = flag("--all", help="Show every row, even identical ones."),
    json: bool = JSON,
) -> None:
    """Compare two networks side by side, aligned by layer name.

    Example: git show HEAD:net.yaml | convshape diff - net.yaml. Exit codes: 0 the same,
    1 different, 2 invalid input.
    """
    with reported(json_error if json else None):
        from ..api import trace
        from ..comparison import Comparison

        if a == b == "-":
            raise SpecError(
                "only one of the two can be standard input", fix="convshape diff - net.yaml"
            )
        options: dict[str, Any] = {
            "input": inputs,
            "batch": batch,
            "constants": constants_from(constants),
            "allow": allowed(allow_run, allow_network, allow_write),
        }
        found = Comparison(*(trace(file, **options) for file in (a, b)))
    if json:
        write_json(found.to_dict())
    else:
        if not found.alike:
            from ..render.diff import DiffTable

            sides = [(a, found.a.analysis), (b, found.b.analysis)]
            write_rich(lambda width: DiffTable(sides, found.pairs, whole))
        for side in (found.a, found.b):
            if side.error is not None:
                write_error(side.error)
    sys.exit(0 if found.alike else 1)
