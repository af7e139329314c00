"""The networks of ``examples/``, which the package holds."""

from __future__ import annotations

import os

from .files import packaged

#: Where they are in the package.
_PACKED = "zoo"


def names() -> list[str]:
    """Return the names of the networks."""
    folder = _folder()
    files = os.listdir(folder) if os.path.isdir(folder) else _zipped()
    parts = (file.partition(".yaml") for file in files)
    return sorted(name for name, suffix, _ in parts if suffix)


def text(name: str) -> str:
    """Return the network file of one of the `names`."""
    return packaged(_folder(), f"{name}.yaml")


def _folder() -> str:
    """Return where the networks are: in the package, or in a checkout beside its ``src``."""
    here = os.path.dirname(os.path.abspath(__file__))
    packed, checkout = os.path.join(here, _PACKED), os.path.join(here, "..", "..", "examples")
    return checkout if os.path.isdir(checkout) and not os.path.isdir(packed) else packed


def _zipped() -> list[str]:
    """Return the files of the networks if the package is in a zip archive."""
    from importlib.resources import files

    return [file.name for file in files(__package__).joinpath(_PACKED).iterdir()]
