"""``layers``: the vocabulary."""

from __future__ import annotations

from .options import FORM, Form
from .output import json_error, reported, write, write_json
from .parameters import argument, flag

_MORE = """\
convshape layers --all lists functions and tensor methods too, convshape layers pool
searches, convshape layers MaxPool2d describes a layer."""


def layers(
    name: str | None = argument(
        default=None, metavar="[NAME]", help="A layer, function or tensor method; or a search word."
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
        from ..vocabulary import describe, families, matching

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
        found = {"families": known} if entry is None else entry.to_dict()
        write_json({"schema": 1, **found, "error": None})
        return
    from ..render.vocabulary import entry_text, families_text

    if entry is not None:
        write(entry_text(**entry.to_dict()))
    elif name is not None or all:
        write(families_text(known))
    else:
        layers = {family: names for family, names in known.items() if family.startswith("nn: ")}
        write(f"{families_text(layers, apart=False)}\n\n{_MORE}")
