"""The terms of tables and layers, which `convshape explain` defines in plain words.

They are in ``terms.txt``: a term with its other names, and below it a definition, the function of
`sizes` that decides a size, a layer that shows it with its input shape, a command, a page of the
documentation and a picture.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from .. import sizes
from ..files import packaged
from ..render.equation import formula
from ..render.explanation import term_text
from .vocabulary import worked_example


class Term(NamedTuple):
    """A term in plain words.

    Attributes:
        name: the term.
        about: what it is.
        equation: the size along an axis, in symbols, or nothing.
        example: a layer with its input and output shapes and the equation with numbers, or nothing.
        command: a command that shows it.
        page: the page of the documentation about it, and its heading there.
        picture: the windows of a layer that shows it, or nothing.
    """

    name: str
    about: str
    equation: str
    example: str
    command: str
    page: str
    picture: str

    def __repr__(self) -> str:
        return f"<{self.name}: {self.about}>"

    def __str__(self) -> str:
        return term_text(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the term as JSON has it."""
        return self._asdict()


def term(text: str) -> Term | None:
    """Return what a column, an argument or a unit is, or None if it is not a known term.

    Case, dashes and blanks do not matter: ``Receptive field`` and ``--ceil-mode`` are terms. So is
    a question: ``What is padding?``
    """
    words = text.strip().strip("-?").lower().replace("-", "_").split()
    name = "_".join(word for word in words if word not in _ASKING)
    for known, facts in _read().items():
        if name in known:
            equation = getattr(sizes, facts["equation"]) if "equation" in facts else None
            layer, _, shape = facts.get("layer", "").partition(" <- ")
            return Term(
                known[0],
                facts["about"],
                formula(equation) if equation else "",
                worked_example(layer, shape) if layer else "",
                facts["command"],
                facts["page"],
                _picture(facts["picture"]) if "picture" in facts else "",
            )
    return None


#: Words of a question that are no part of a term.
_ASKING = frozenset("what is are a an the does do mean how same".split())


def _picture(text: str) -> str:
    """Return the first and the last window of a layer: ``conv 5 kernel_size=3``."""
    from ..pictures import layer_picture
    from ..render.picture import layer_text

    command, size, *pairs = text.split()
    arguments: dict[str, Any] = dict(pair.split("=") for pair in pairs)
    if "ceil_mode" in arguments:
        arguments["ceil_mode"] = True
    drawn = layer_text.LayerText(layer_picture(command, size, arguments, one_axis=True)).lines()
    return layer_text.text(drawn[:-1])  # without the equation


def names() -> list[str]:
    """Return all terms, without their other names."""
    return sorted(known[0] for known in _read())


def _read() -> dict[tuple[str, ...], dict[str, str]]:
    """Return the facts of each term by its names."""
    terms: dict[tuple[str, ...], dict[str, str]] = {}
    facts: dict[str, str] = {}
    for line in packaged(os.path.dirname(__file__), "terms.txt").splitlines():
        key, colon, text = line.strip().partition(": ")
        if line.startswith("  ") and colon:
            facts[key] = text
        elif line:
            facts = terms.setdefault(tuple(line.split()), {})
    return terms
