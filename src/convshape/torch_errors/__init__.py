"""What torch's shape errors mean: turns a pasted error into an explanation and its fixes."""

from __future__ import annotations

import re
from typing import Any

from ..errors import SpecError
from . import catalogue
from .traceback import Pasted, read


class Explanation:
    """What a torch error means.

    Attributes:
        kind: a name for errors of its kind: ``linear-features``.
        message: the error as torch raised it, in one line.
        what: what happened, in plain words.
        layer: the likely layer, as a call with the arguments that are known, or nothing.
        name: what the user's own line calls the layer, ``self.fc1``, or nothing.
        where: ``file:line`` of the user's own line, or nothing.
        line: the user's own line, or nothing.
        fixes: what to write instead, best first, each with its case if there are several.
    """

    def __init__(
        self, kind: str, pasted: Pasted, what: str, layer: str, fixes: list[tuple[str, str]]
    ) -> None:
        self.kind = kind
        self.message = pasted.message
        self.what = what
        self.layer = layer
        self.name = pasted.name
        self.where = pasted.where
        self.line = pasted.line
        self.fixes = fixes

    def __repr__(self) -> str:
        fixes = "; ".join(f"{code}, {when}" if when else code for code, when in self.fixes)
        return f"<{self.kind}: {self.what} (fix: {fixes})>"

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON has it."""
        fixes = [{"code": code, "when": when} for code, when in self.fixes]
        return {**vars(self), "fixes": fixes}


def explain(text: str) -> Explanation:
    """Explain the error in `text`: a message, or a whole traceback with text around it.

    Of several errors it is the last one, of a chain of exceptions the first that is known.

    >>> explain("mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)").fixes
    [('Linear(1568, 10)', '')]

    Raises:
        SpecError: there is no error in it, or none that is known here.
    """
    known = catalogue.read()
    errors = read(text)
    for pasted in errors[:_MOST]:
        for kind in known:
            answer = kind.explain(pasted)
            if answer is not None:
                if kind.family in _FUNCTIONS and not pasted.entered:
                    pasted.name = ""
                return Explanation(kind.name, pasted, *answer)
    if not errors:
        raise SpecError("no error found", fix=_EXAMPLE)
    raise _unknown(errors[0], text)


def _unknown(pasted: Pasted, text: str) -> SpecError:
    """Return that an error is not known, and whose it is where that can be seen."""
    shown = f"{pasted.type}: {pasted.message}" if pasted.type else pasted.message
    shown = shown[:200] + ("..." if len(shown) > 200 else "")
    owner = next((name for name, form in _OTHERS.items() if re.search(form, text)), "")
    if owner:
        what = f"this is an error from {owner}; convshape explains errors from torch: {shown}"
        return SpecError(
            what,
            fix="write the network in PyTorch or as a network file, then run convshape trace FILE",
        )
    what = f"convshape does not recognize this error: {shown}"
    return SpecError(what, fix="run convshape trace FILE to see where the shapes break")


#: The families of what a user's own line does, where no layer refuses.
_FUNCTIONS = frozenset(
    ("views", "joining and splitting", "elementwise operations", "matrix products")
)
#: Errors of others that are about shapes too.
_OTHERS = {
    "Keras or TensorFlow": r"(?:^|[/\\.\s])(?:tensorflow|keras)[/\\.]|InvalidArgumentError"
    r"|Incompatible shapes: \["
    r"|Input \d+ of layer"
    r"|Matrix size-incompatible|logits and labels must be|Dimensions must be equal, but are"
    r"|Negative dimension size caused by",
    "JAX": r"\bjax[./\\]|dot_general requires|Incompatible shapes for broadcasting"
    r"|got incompatible shapes for",
    "NumPy": r"operands could not be broadcast together|matmul: Input operand"
    r"|all the input array dimensions"
    r"|shapes \(\d[\d,]*\) and \(\d[\d,]*\) not aligned|cannot reshape array of size",
}
#: More errors than a log's last lines are of interest.
_MOST = 100
_EXAMPLE = "convshape explain 'mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)'"
