"""The networks of ``examples/`` as files to start from: ``convshape init``."""

from __future__ import annotations

import re

from . import zoo
from .errors import SpecError, nearest

_HEAD = """\
# Show the shape after each layer: convshape trace {file} (--watch: again on every save).
# List the layers: convshape layers. Describe one: convshape layers Conv2d.

"""


def networks() -> dict[str, str]:
    """Return what each network is, in a line, by the network's name."""
    return {name: _about(zoo.text(name)) for name in zoo.names()}


def text(name: str, file: str) -> str:
    """Return the network `name` as a file that will be called `file`.

    Raises:
        SpecError: there is no such network.
    """
    names = zoo.names()
    if name not in names:
        near = nearest(name, names)
        fix = f"did you mean {near}?" if near else f"there are {', '.join(names)}"
        raise SpecError(f"unknown starter network {name[:60]!r}", fix=fix)
    return _HEAD.format(file=file) + zoo.text(name)


def _about(example: str) -> str:
    """Return the comment at the top, as far as the year of what it cites and without its title."""
    lines = re.match(r"(#.*\n)*", example)
    comment = " ".join(line.lstrip("# ") for line in (lines[0] if lines else "").splitlines())
    untitled = re.sub(r',? "[^"]*"', "", comment)
    cited = re.match(r".*?\(\d{4}\)", untitled)
    return cited[0] if cited else untitled.partition(". ")[0]
