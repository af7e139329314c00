"""Files of pictures: what their endings mean, and the writing of them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..errors import SpecError


def ending(file: str, known: Sequence[str]) -> str:
    """Return the ending of a file's name, in small letters.

    Raises:
        SpecError: it is not a known one.
    """
    suffix = os.path.splitext(file)[1].lower()
    if suffix not in known:
        stem = os.path.splitext(file)[0].strip("-") or "picture"
        raise SpecError(
            f"cannot draw {file}: pictures are {', '.join(known)}", fix=f"-o {stem}{known[0]}"
        )
    return suffix
