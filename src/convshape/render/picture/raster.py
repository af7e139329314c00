"""Pictures in SVG as PNG, GIF and PDF, by Typst, which brings its renderer and fonts along."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from ...errors import SpecError

#: Pixels of a PNG for each of the picture's.
_SCALE = 2
#: A pixel of a browser in points.
_POINTS = 0.75


def png(picture: str) -> bytes:
    """Return a picture as PNG, two pixels for each of its own."""
    return _pages([picture], "png")[0]


def pdf(picture: str) -> bytes:
    """Return a picture as PDF: lines stay lines, and text text."""
    return _pages([picture], "pdf")[0]


def gif(frames: Sequence[str], milliseconds: int) -> bytes:
    """Return pictures one after the other, over and over, each for so long."""
    image = _imported("PIL.Image")
    pages = [image.open(io.BytesIO(page)).convert("RGB") for page in _pages(frames, "png", 1)]
    palette = pages[0].quantize(64)
    pages = [page.quantize(palette=palette, dither=0) for page in pages]
    out = io.BytesIO()
    pages[0].save(out, "GIF", save_all=True, append_images=pages[1:], duration=milliseconds, loop=0)
    return out.getvalue()


def _pages(pictures: Sequence[str], format: str, scale: int = _SCALE) -> list[bytes]:
    typst = _imported("typst")
    match = re.search(r'width="([\d.]+)" height="([\d.]+)"', pictures[0])
    assert match is not None
    wide, high = (float(n) * _POINTS for n in match.groups())
    files = {f"{i}.svg": picture.encode() for i, picture in enumerate(pictures)}
    pages = "#pagebreak(weak: true)\n".join(f'#image("{name}", width: 100%)\n' for name in files)
    page = f"#set page(width: {wide}pt, height: {high}pt, margin: 0pt)\n"
    document = (page + pages).encode()
    timestamp = {"timestamp": 0} if format == "pdf" else {}  # the same file whenever it is made
    result = typst.compile(
        {"main.typ": document, **files}, format=format, ppi=96 * scale, **timestamp
    )
    return result if isinstance(result, list) else [result]


def _imported(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise SpecError(
            f"PNG, GIF and PDF are drawn by {name.partition('.')[0]}, which is not installed",
            fix="pip install 'convshape[png]'",
        ) from None
