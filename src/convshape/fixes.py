"""What would make it right: a `Fix`, and the `Edit`s of a text that it makes."""

from __future__ import annotations

from typing import Any, NamedTuple


class Edit(NamedTuple):
    """What is from one place of a text to another is to be `text`.

    Attributes:
        file: what the text is called in places.
        line, column: of its first character; both count from 1, columns in characters.
        end_line, end_column: of the first character after it.
        text: what is to be there.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Fix(NamedTuple):
    """A change that would make it right.

    Attributes:
        text: the change.
        tried: whether it is known to help; else it is general advice.
        only: whether nothing else is to be offered beside it.
        one_size: whether it helps inputs of one size alone.
        change: constructor arguments of the refusing layer that it changes.
        edits: the change as one of the text of the network, which has been tried with it; without
            edits, it is only described.
        inputs: the change as inputs to run it on, as ``--in`` takes them.
        batch: samples in a batch, where it is to be another.
    """

    text: str
    tried: bool = True
    only: bool = False
    one_size: bool = False
    change: dict[str, Any] = {}  # noqa: RUF012 - of a tuple, and never written
    edits: tuple[Edit, ...] = ()
    inputs: tuple[str, ...] = ()
    batch: int | None = None

    @property
    def where(self) -> str:
        """The place of its first edit, ``file:line``, or nothing."""
        from .user_frames import place

        return place(self.edits[0].file, self.edits[0].line) if self.edits else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the parts as JSON has them."""
        parts = {"text": self.text, "tried": self.tried, "where": self.where}
        edits = [edit._asdict() for edit in self.edits]
        return parts | {"edits": edits, "inputs": list(self.inputs), "batch": self.batch}
