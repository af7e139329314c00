"""The networks of ``examples/`` as files to start from: ``convshape init``."""

from __future__ import annotations

import os
import re

from .errors import SpecError, nearest
from .files import packaged

#: Where they are in the package.
_PACKED = "zoo"
_HEAD = """\
# Show the shape after each layer: convshape trace {file} (--watch: again on every save).
# List the layers: convshape layers. Describe one: convshape layers Conv2d.

"""


def networks() -> dict[str, str]:
    """Return what each network is, in a line, by the network's name."""
    return {name: _about(_example(name)) for name in _names()}


def text(name: str, file: str) -> str:
    """Return the network `name` as a file that will be called `file`.

    Raises:
        SpecError: there is no such network.
    """
    names = _names()
    if name not in names:
        near = nearest(name, names)
        fix = f"did you mean {near}?" if near else f"there are {', '.join(names)}"
        raise SpecError(f"unknown starter network {name[:60]!r}", fix=fix)
    return _HEAD.format(file=file) + _example(name)


def _folder() -> str:
    """Return where the networks are: in the package, or in a checkout beside its ``src``."""
    here = os.path.dirname(os.path.abspath(__file__))
    packed, checkout = os.path.join(here, _PACKED), os.path.join(here, "..", "..", "examples")
    return checkout if os.path.isdir(checkout) and not os.path.isdir(packed) else packed


def _names() -> list[str]:
    folder = _folder()
    files = os.listdir(folder) if os.path.isdir(folder) else _zipped()
    names = (file.partition(".yaml") for file in files)
    return sorted(name for name, suffix, _ in names if suffix)


def _zipped() -> list[str]:
    """Return the names of the networks where the package is in a zip archive."""
    from importlib.resources import files

    return [file.name for file in files(__package__).joinpath(_PACKED).iterdir()]


def _example(name: str) -> str:
    return packaged(_folder(), f"{name}.yaml")


def _about(example: str) -> str:
    """Return the comment at the top, as far as the year of what it cites and without its title."""
    lines = re.match(r"(#.*\n)*", example)
    comment = " ".join(line.lstrip("# ") for line in (lines[0] if lines else "").splitlines())
    untitled = re.sub(r',? "[^"]*"', "", comment)
    cited = re.match(r".*?\(\d{4}\)", untitled)
    return cited[0] if cited else untitled.partition(". ")[0]
