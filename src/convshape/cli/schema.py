"""``schema``: what a network file may hold, for editors."""

from __future__ import annotations

from .output import write


def schema() -> None:
    """Print the JSON Schema of network files, for editors.

    Example: convshape schema > network.schema.json
    """
    from json import dumps

    from ..reference.schema import schema as network_schema

    write(dumps(network_schema(), ensure_ascii=False, indent=1))
