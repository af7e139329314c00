"""What torch's own shape errors mean: a pasted error in, plain words and what to write instead out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SpecError
from . import catalogue
from .traceback import Pasted, read

if TYPE_CHECKING:
    from typing import Any


class Explanation:
    """What an error of torch's means.

    Attributes:
        kind: a name for errors of its kind: ``linear-features``.
        message: the error as torch raised it, in one line.
        what: what happened, in plain words.
        layer: the layer that it was likely to be, as a call as far as its arguments are known, or nothing.
        name: what the user's own line calls the layer, ``self.fc1``, or nothing.
        where: ``file:line`` of the user's own line, or nothing.
        line: the user's own line, or nothing.
        fixes: what to write instead, best first, each with the case that it is for where there are several.
    """

    def __init__(
        self,
        kind: str,
        pasted: Pasted,
        message: str,
        what: str,
        layer: str,
        fixes: list[tuple[str, str]],
    ) -> None:
        self.kind = kind
        self.message = message
        self.what = what
        self.layer = layer
        self.name = pasted.name
        self.where = pasted.where
        self.line = pasted.line
        self.fixes = fixes

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON has it."""
        fixes = [{"code": code, "when": when} for code, when in self.fixes]
        return {**vars(self), "fixes": fixes}


def explain(text: str) -> Explanation:
    """Explain the last error in `text`: a message, or a whole traceback with whatever stands around it.

    Raises:
        SpecError: there is no error in it, or none that is known here.
    """
    pasted = read(text)
    known = catalogue.read()
    for message in pasted.messages:
        for kind in known:
            answer = kind.explain(message, line=pasted.line, library=pasted.library)
            if answer is not None:
                return Explanation(kind.name, pasted, message, *answer)
    if not pasted.messages:
        raise SpecError("there is no error here", fix=_EXAMPLE)
    shown = pasted.messages[0][:200]
    families = dict.fromkeys(kind.family for kind in known)
    raise SpecError(
        f"this is no error that convshape can explain: {shown}",
        why=f"it knows the shape and dtype errors of {', '.join(families)}",
        fix="the shapes where it stops, from the network itself: convshape trace FILE",
    )


_EXAMPLE = "convshape explain 'mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)'"
