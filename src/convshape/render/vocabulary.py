"""The vocabulary, for people: its names by family, and what is to be known of one."""

from __future__ import annotations

from .markup import CODE, equations
from .text import painter, wrapped

_MORE = """\
convshape layers --all        functions and tensor methods too
convshape layers pool         search
convshape layers MaxPool2d    describe a layer"""


def overview(families: dict[str, list[str]], colors: bool = False) -> str:
    """Return the layers of ``nn`` by family, a paragraph each, and how to find more."""
    paint = painter(colors)
    lines = []
    for family, names in families.items():
        space, _, heading = family.partition(": ")
        if space == "nn":
            text = wrapped(f"{heading}: {' '.join(_ranks(names))}", "", "  ")
            lines.append(text.replace(f"{heading}:", paint(f"{heading}:", "heading"), 1))
    return "\n".join([*lines, "", _MORE])


def _ranks(names: list[str]) -> list[str]:
    """Return names with those that differ in their rank together: ``Conv1d/2d/3d``."""
    ranks: dict[str, list[str]] = {}
    for name in names:
        stem, rank = (name[:-2], name[-2:]) if name[-2:] in ("1d", "2d", "3d") else (name, "")
        ranks.setdefault(stem, []).append(rank)
    return [stem + "/".join(several) for stem, several in ranks.items()]


def families_text(families: dict[str, list[str]], colors: bool = False) -> str:
    """Return the names of each family below its heading, as wide as the terminal."""
    paint = painter(colors)
    return "\n\n".join(
        f"{paint(family, 'heading')}\n{wrapped(' '.join(names))}"
        for family, names in families.items()
    )


def entry_markup(
    format: str, usage: str, about: str, equation: str, refuses: str, example: str
) -> str:
    """Return what is to be known of a name, in Markdown or LaTeX."""
    code, text = CODE[format]
    parts = [
        code(usage),
        *map(text, about.split("\n\n")),
        *equations(filter(None, [equation]), format),
    ]
    parts += [text(f"Refuses: {refuses}")] * bool(refuses)
    parts += [code(line) for line in example.split("\n") if line]
    return "\n\n".join(parts)


def entry_text(
    usage: str, about: str, equation: str, refuses: str, example: str, colors: bool = False
) -> str:
    """Return what is to be known of a name: its call, then paragraphs, then the example."""
    paint = painter(colors)
    parts = [
        paint(wrapped(usage, ""), "name"),
        *(wrapped(part, "") for part in about.split("\n\n")),
    ]
    for heading, text in (("size", equation), ("refuses", refuses)):
        if text:
            parts.append(f"{paint(heading, 'heading')}\n{wrapped(text)}")
    if example:
        lines = "\n".join(wrapped(line) for line in example.split("\n"))
        parts.append(f"{paint('example', 'heading')}\n{lines}")
    return "\n\n".join(parts)
