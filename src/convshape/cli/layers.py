"""``layers``: the vocabulary."""

from __future__ import annotations

from .output import json_error, reported, write, write_json
from .parameters import FORMAT, JSON, argument


def layers(
    name: str | None = argument(
        default=None, metavar="[NAME]", help="A layer, a function or a tensor method."
    ),
    json: bool = JSON,
    format: str = FORMAT,
) -> None:
    """List the supported layers, or describe one.

    Examples: convshape layers; convshape layers MaxPool2d; convshape layers F.pad
    """
    json = json or format == "json"
    with reported(json_error if json else None):
        from ..vocabulary import describe, families

        if name is None:
            known = families()
        else:
            entry = describe(name)
    if json:
        found = {"families": known} if name is None else entry.to_dict()
        write_json({"schema": 1, **found, "error": None})
        return
    from ..render.vocabulary import entry_text, families_text

    write(families_text(known) if name is None else entry_text(**entry.to_dict()))
