"""``diff``: two networks side by side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..errors import SpecError
from .options import DEPTH, FORM, NETWORK, OUTPUT, Form, Network
from .output import json_error, json_text, reported, rich_text, write_error, write_file, write_long
from .parameters import argument, flag

if TYPE_CHECKING:
    from ..checking.comparison import Comparison


def diff(
    a: str = argument(
        complete="classes", metavar="A", help="A network file, or - for standard input."
    ),
    b: str = argument(
        complete="classes",
        metavar="B",
        help="Another network, or another version; one of the two can be -.",
    ),
    network: Network = NETWORK,
    whole: bool = flag("--all", help="Show every row, even identical ones."),
    depth: int | None = DEPTH,
    output: str = OUTPUT,
    form: Form = FORM,
) -> None:
    """Compare two networks side by side.

    Examples: git show HEAD:net.yaml | convshape diff - net.yaml; convshape diff a.yaml b.yaml
    -o diff.md

    Exit codes: 0 the same, 1 different, 2 invalid input.
    """
    with reported(json_error if form.json else None):
        from ..api import trace
        from ..checking.comparison import Comparison

        if a == b == "-":
            raise SpecError(
                "only one of the two can be standard input", fix="convshape diff - net.yaml"
            )
        format = form.for_file(output, ("plain", "json", "markdown", "latex"))
        options = network.options()
        comparison = Comparison(*(trace(file, **options) for file in (a, b)))
        if output:
            write_file(output, _text(comparison, (a, b), format, whole, depth, 500) + "\n")
        elif format == "json" or not comparison.alike:
            write_long(_text(comparison, (a, b), format, whole, depth), styled=format == "table")
    if format != "json":
        for side in (comparison.a, comparison.b):
            if side.error is not None:
                write_error(side.error)
    sys.exit(0 if comparison.alike else 1)


def _text(
    comparison: Comparison,
    names: tuple[str, str],
    format: str,
    whole: bool,
    depth: int | None,
    width: int | None = None,
) -> str:
    """Return a comparison in a format, as wide as the terminal unless a width is given."""
    if format == "json":
        return json_text(comparison.to_dict())
    table = comparison.table(names, whole, depth)
    if format in ("markdown", "latex"):
        return table.markup(format)
    return rich_text(lambda width: table, width)
