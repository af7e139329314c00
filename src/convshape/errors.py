"""The two ways in which a question can fail, each saying what, where, why and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class Error(ValueError):
    """What is wrong, and what would make it right.

    Attributes:
        what: what is wrong, with the numbers; where `subject` is set it goes on from it.
        subject: the layer or function that refuses, as text.
        path: the refusing layer's name in its network, as in `named_modules()`; None outside of a trace.
        where: ``file:line:column``, or empty where there is no file.
        snippet: the line there, and below it a caret under the part in question.
        why: where the numbers come from.
        fix: the change that would make it right.
        tried: whether the fix is known to do so; else it is general advice.
        only: whether nothing but the fix does so, such as another input.
        changes: constructor arguments of the refusing layer that may make it right, best first.
        others: what else is wrong, each in a way of its own.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        snippet: str = "",
        why: str = "",
        fix: str = "",
        tried: bool = False,
        only: bool = False,
        change: dict[str, Any] | None = None,
        or_change: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.snippet = snippet
        self.why = why
        self.fix = fix
        self.tried = tried or only
        self.only = only
        self.changes = [each for each in (change, or_change) if each is not None]
        self.subject = ""
        self.path: str | None = None
        self.module: object = None
        self.others: list[Error] = []

    @property
    def change(self) -> dict[str, Any]:
        """The first of the changes, or none."""
        return self.changes[0] if self.changes else {}

    @property
    def marked(self) -> str:
        """The part of the snippet that is in question."""
        line, _, carets = self.snippet.partition("\n")
        return line[carets.find("^") : carets.rfind("^") + 1]

    @property
    def message(self) -> str:
        """The whole sentence: path, subject and what is wrong."""
        sentence = f"{self.subject} {self.what}" if self.subject else self.what
        return f"{self.path}: {sentence}" if self.path else sentence

    def to_dict(self) -> dict[str, Any]:
        """Return the parts as JSON has them."""
        return {
            "message": self.message,
            "where": self.where,
            "snippet": self.snippet,
            "why": self.why,
            "fix": self.fix,
            "others": [each.to_dict() for each in self.others],
        }

    def __str__(self) -> str:
        return f"{self.message} (fix: {self.fix})" if self.fix else self.message


class ShapeError(Error):
    """It can be read, but it does not fit: torch would refuse it too."""


class SpecError(Error):
    """It cannot be read: a file, an expression or an argument that says nothing definite."""


class UnknownOperation(SpecError):  # noqa: N818 - the name that the design promises
    """A layer, function or argument that convshape does not know, and does not guess."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the one of the `known` names that is most like `name`, or nothing."""
    from difflib import get_close_matches  # only a mistake pays for it

    names: dict[str, str] = {}
    for each in known:
        names.setdefault(each.lower(), each)
    wanted = name.lower()
    longer = [each for each in names if each.startswith(wanted) and len(wanted) > 2]
    close = (
        sorted(longer, key=len)
        or get_close_matches(wanted, names, n=1, cutoff=0.7)
        or get_close_matches(
            wanted, [each for each in names if len(each) == len(wanted)], n=1, cutoff=0.66
        )
        or [each for each in names if len(each) > 3 and wanted.startswith(each)]
    )
    return names[close[0]] if close else ""
