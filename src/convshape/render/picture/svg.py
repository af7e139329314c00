"""What all pictures in SVG share: the document, its elements, colors, and how wide text is.

Everything is written in integers or rounded to a tenth, in the order in which it is drawn: the same
picture is the same file, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from math import inf
from zlib import crc32

from ..text import visible

#: What browsers, and the renderers of PNG and PDF, have everywhere.
FONT = "Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif"

#: The side of a square of a legend.
_KEY = 14

#: Colors by name, each on a light page and on a dark one.
Colors = Mapping[str, tuple[str, str]]
#: Those of paper, ink and lines.
_COLORS: Colors = {
    "paper": ("#ffffff", "#0d1117"),
    "ink": ("#1a1a1a", "#e6edf3"),
    "soft": ("#5a5a5a", "#a5adb8"),
    "line": ("#8c8c8c", "#6e7681"),
}


def number(value: float) -> str:
    """Write a coordinate: an integer, or rounded to a tenth."""
    text = f"{value:.1f}"
    return "0" if text in ("0.0", "-0.0") else text.removesuffix(".0")


def element(tag: str, content: str = "", /, **attributes: object) -> str:
    """Return an element; ``class_`` and ``data_path`` are written ``class`` and ``data-path``."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def _value(value: object) -> str:
    return number(value) if isinstance(value, (int, float)) else escape(visible(str(value)))


def identity(words: str) -> str:
    """Return what distinguishes the elements of one picture from those of others on the page."""
    return f"{crc32(words.encode('utf-8', 'replace')):08x}"


def content(words: str) -> str:
    """Return words as the content of an element."""
    return escape(visible(words), quote=False)


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """Return a line of text, its baseline at ``y``."""
    return element("text", content(words), x=x, y=y, **attributes)


def text_width(words: str, size: float = 12) -> float:
    """Return how wide a line is at most in a sans-serif font of this size, in pixels."""
    return sum(_wide(character) for character in words) * size


def legend(
    entries: Iterable[tuple[str, str]], x: float, y: float, width: float = inf
) -> tuple[list[str], float, float]:
    """Return what the colors mean: a square of the class ``key-…`` before each entry's words.

    Args:
        entries: class and words of each.
        x: the left end.
        y: the top.
        width: how long a line may be.

    Returns:
        The elements, their right end and their lower end.
    """
    drawn, left, right = [], x, x
    for kind, words in entries:
        end = x + _KEY + 6 + text_width(words)
        if x > left and end > left + width:
            x, y, end = left, y + 22, left + end - x
        drawn.append(element("rect", class_=f"key-{kind}", x=x, y=y, width=_KEY, height=_KEY))
        drawn.append(text(x + _KEY + 6, y + 11, words))
        right, x = max(right, end), end + 18
    return drawn, right, y + _KEY


def shortened(words: str, length: int) -> str:
    """Return words of at most so many characters, with a … at the end of what is cut."""
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def tail(name: str, length: int) -> str:
    """Return at most so many characters of a name: its end, which says more than its start."""
    return name if len(name) <= length else f"…{name[1 - length :]}"


def shortened_call(call: str, length: int) -> str:
    """Return a call of at most so many characters, without its last arguments: ``Conv2d(3, …)``."""
    if len(call) <= length:
        return call
    kept = call[: length - 4]
    while ", " in kept:
        kept = kept.rpartition(", ")[0]
        if kept.count("(") == kept.count(")") + 1:  # not within a tuple
            return f"{kept}, …)"
    return shortened(f"{call.partition('(')[0]}(…)", length)


def _wide(character: str) -> float:
    if character in "iljI.,:;|'!()[] ":
        return 0.36
    if character in "mwMW@%—…→" or ord(character) > 0x2E80:
        return 1.0
    return 0.72 if character.isupper() else 0.6


def document(
    width: float,
    height: float,
    title: str,
    description: str,
    body: Iterable[str],
    rules: str,
    colors: Colors,
    more: str = "",
    static: bool = False,
) -> str:
    """Return a whole picture.

    Args:
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        title: what it shows, in a few words.
        description: what it shows, for those who do not see it.
        body: the elements.
        rules: of its style, with ``{name}`` for a color.
        colors: the colors that the rules name, besides those of all pictures.
        more: further rules, of what moves.
        static: leave out what moves and what depends on the reader's settings, for renderers.
    """
    rules, key = _BASE + rules, identity(title + description)
    colors = {**_COLORS, **colors}
    style = _colored(rules, colors, 0)
    if not static:
        style += "\n@media (prefers-color-scheme:dark){\n"
        style += _only_colors(rules, colors) + "\n}" + more
    return "\n".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg"'
            f' viewBox="0 0 {number(width)} {number(height)}"'
            f' width="{number(width)}" height="{number(height)}" role="img"'
            f' aria-labelledby="title-{key} desc-{key}">',
            element("title", content(title), id=f"title-{key}"),
            element("desc", content(description), id=f"desc-{key}"),
            f"<style>\n{style}\n</style>",
            element("rect", class_="paper", width=width, height=height),
            *body,
            "</svg>\n",
        )
    )


_BASE = f""".paper{{fill:{{paper}}}}
text{{font-family:{FONT};font-size:12px;fill:{{ink}}}}
.soft{{fill:{{soft}}}}
"""


def _colored(rules: str, colors: Colors, page: int) -> str:
    for name, shades in colors.items():
        rules = rules.replace(f"{{{name}}}", shades[page])
    return rules.strip("\n")


def _only_colors(rules: str, colors: Colors) -> str:
    """Return the rules that name a color, with what names one in them alone, on a dark page."""
    lines = []
    for rule in rules.strip("\n").split("\n"):
        selector, _, declarations = rule.rstrip("}").partition("{")
        kept = [part for part in (declarations + "}").split(";") if "{" in part]
        if kept:
            lines.append(f"{selector}{{{';'.join(kept)}".rstrip("}") + "}}")
    return _colored("\n".join(lines), colors, 1)
