"""The vocabulary, for people: its names by family, and what is to be known of one."""

from __future__ import annotations

from .text import wrapped


def families_text(families: dict[str, list[str]], apart: bool = True) -> str:
    """Return the names of each family below its heading, as wide as the terminal.

    Args:
        families: the names by family.
        apart: whether blank lines separate the families.
    """
    return ("\n\n" if apart else "\n").join(
        f"{family}\n{wrapped(' '.join(names))}" for family, names in families.items()
    )


def entry_text(usage: str, about: str, equation: str, refuses: str, example: str) -> str:
    """Return what is to be known of a name: its call, then paragraphs, then the example."""
    parts = [wrapped(usage, ""), *(wrapped(part, "") for part in about.split("\n\n"))]
    for heading, text in (("size", equation), ("refuses", refuses)):
        if text:
            parts.append(f"{heading}\n{wrapped(text)}")
    if example:
        parts.append("example\n" + "\n".join(wrapped(line) for line in example.split("\n")))
    return "\n\n".join(parts)
