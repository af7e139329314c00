"""``layers``: the vocabulary."""

from __future__ import annotations

import sys

from .options import FORM, Form
from .output import json_error, reported, write, write_json, write_long
from .parameters import argument, flag


def layers(
    name: str | None = argument(
        complete="layers",
        default=None,
        metavar="[NAME]",
        help="A layer, function or tensor method; or a search word.",
    ),
    all: bool = flag("--all", "-a", help="List functions and tensor methods too."),
    form: Form = FORM,
) -> None:
    """List the supported layers, or describe one.

    Examples: convshape layers; convshape layers pool; convshape layers MaxPool2d; convshape layers
    F.pad
    """
    with reported(json_error if form.json else None):
        from ..errors import UnknownOperation
        from ..reference.vocabulary import describe, families, matching

        known, entry = {}, None
        try:
            if name is None:
                known = families()
            else:
                entry = describe(name)
        except UnknownOperation:
            known = matching(name or "")
            if not known:
                raise
    if form.json:
        facts = {"families": known} if entry is None else entry.to_dict()
        write_json({"schema": 1, **facts, "error": None})
        return
    from ..render.text import wants_colors
    from ..render.vocabulary import entry_markup, entry_text, families_text, overview

    if form.format != "table":
        from ..render.markup import table

        rows = [(family, ", ".join(names)) for family, names in known.items()]
        lines = table(["family", "names"], rows, form.format, right=False)
        write("\n".join(lines) if entry is None else entry_markup(form.format, **entry.to_dict()))
        return
    colors = wants_colors(sys.stdout, answer=True)
    if entry is not None:
        text = entry_text(**entry.to_dict(), colors=colors)
    else:
        text = (overview if name is None and not all else families_text)(known, colors)
    write_long(text, styled=True)
