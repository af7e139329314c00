"""A source with the shapes that its lines give.

(The file is not called ``annotate`` because ``convshape.annotate`` is the function.)
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ShapeError, SpecError
from ..files import reason, write_atomically
from ..readers import kind_of, source_parts
from ..render import comments
from ..render.comments import Place, value_comment

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..api import TraceOptions
    from ..result import Trace

    Shape = tuple[int, ...]


class Outcome(NamedTuple):
    """What a statement gave.

    Attributes:
        line: its first line, from 1.
        end_line: its last line.
        times: how often it gave tensors.
        first: the shapes of the tensors that it gave the first time.
        last: those of the last time.
    """

    line: int
    end_line: int
    times: int
    first: list[Shape]
    last: list[Shape]

    @property
    def text(self) -> str:
        """The shapes as a comment has them: ``1×8×32×32 … 1×16×16×16 (2 times)``."""
        return value_comment(self.first, self.last, self.times)


class Line(NamedTuple):
    """A line with what its statements gave.

    Attributes:
        place: where its comment goes.
        outcomes: of its statements, in their order.
        comment: what the comment should say, without its sign.
        written: what the comment of ours says that is there, or None.
    """

    place: Place
    outcomes: list[Outcome]
    comment: str
    written: str | None

    @property
    def number(self) -> int:
        """The number of the line, from 1."""
        return self.place.line


class Annotated(ABC):
    """A source or network file, and what its lines gave in a run.

    Attributes:
        trace: the run.
        file: the source.
        source: its text.
        lines: those that gave tensors, from the first.
    """

    def __init__(self, trace: Trace, file: str, data: bytes) -> None:
        self.trace = trace
        self.file = file
        self._data = data
        self._encoding, self.source = self._decoded(data)
        by_place: dict[Place, list[Outcome]] = {}
        for place, outcome in self._outcomes():
            by_place.setdefault(place, []).append(outcome)
        self.lines = [
            Line(
                place,
                outcomes,
                comments.comment([outcome.text for outcome in outcomes]),
                comments.written(self.source, place),
            )
            for place, outcomes in sorted(by_place.items())
        ]

    def __repr__(self) -> str:
        return f"<Annotated {self.file}: {len(self.lines)} lines>"

    def __str__(self) -> str:
        from ..render.listing import listing
        from ..render.numbers import shapes_text

        shapes = {line.place: comments.shapes_of(line.comment) for line in self.lines}
        error = self.trace.error
        failed = self.failed_line, error.message if error is not None else ""
        source = comments.lines_of(self.source)
        title = f"{self.trace.name}  {shapes_text(self.trace.inputs)}"
        relied_on = [f"if {', '.join(self.conditions)}"] if self.conditions else []
        shown = listing(source, self.groups(), shapes, failed)
        return "\n".join([title, *relied_on, *shown])

    @property
    def conditions(self) -> list[str]:
        """What the shapes rely on, where the inputs have symbols: ``H ≥ 4``."""
        from ..symbolic.words import relied_on

        record = self.trace.record.record
        return relied_on(record) if record is not None else []

    @staticmethod
    @abstractmethod
    def _decoded(data: bytes) -> tuple[str, str]:
        """Return the encoding of what is in the file, and its text."""

    @abstractmethod
    def _outcomes(self) -> Iterable[tuple[Place, Outcome]]:
        """Return what gave tensors, and where the comment on it goes."""

    @staticmethod
    @abstractmethod
    def _is_same(one: str, other: str) -> bool:
        """Return whether two texts mean the same."""

    @abstractmethod
    def groups(self) -> Iterator[list[int]]:
        """Yield the numbers of the lines that are shown, those together that belong together."""

    @cached_property
    def failed_line(self) -> int | None:
        """The line at which the run stopped, or the innermost of this file that led there."""
        if self.trace.error is None:
            return None
        begun = [row.where for row in self.trace.record.unfinished()]
        for where in (self.trace.error.where, *reversed(begun)):
            file, number = place_of(where)
            if number and is_same_file(file, self.file):
                return number
        return None

    @cached_property
    def text(self) -> str:
        """The source with the comments; what else is in it is as it was."""
        words = {line.place: line.comment for line in self.lines}
        return comments.commented(self.source, words, self._is_same)

    @property
    def outdated(self) -> list[Line]:
        """The lines whose comment is missing or says something else, and can be written."""
        before, after = comments.lines_of(self.source), comments.lines_of(self.text)
        return [line for line in self.lines if before[line.number - 1] != after[line.number - 1]]

    def write(self) -> int:
        """Write the comments into the file, whole or not at all; return how many have changed.

        Raises:
            ShapeError: the network stops, so that its lines are not all known.
            SpecError: the file cannot be written, or not in its encoding.
        """
        if self.trace.error is not None:
            raise self.trace.error
        self._refuse_comments()
        try:
            data = self.text.encode(self._encoding)
        except UnicodeEncodeError as error:
            what = f"{self.file} is in {self._encoding}, which has no {self.text[error.start]!r}"
            raise SpecError(what, fix="save it as UTF-8") from None
        if data == self._data:
            return 0
        if read_bytes(self.file) != self._data:
            raise SpecError(f"{self.file} has changed in the meantime", fix="annotate it again")
        write_atomically(self.file, data)
        return len(self.outdated)

    @abstractmethod
    def _refuse_comments(self) -> None:
        """Raise a SpecError where the file can have no comments."""

    def check(self) -> ShapeError | None:
        """Return an error that names the lines with missing or outdated comments, if any."""
        self._refuse_comments()
        wrong = [self._wrong(line) for line in self.outdated]
        if not wrong:
            return None
        count = f"{len(wrong)} comment{'s' * (len(wrong) != 1)}"
        verb = "are" if len(wrong) != 1 else "is"
        error = ShapeError(
            f"{self.file}: {count} of shapes {verb} missing or out of date", fix="annotate --write"
        )
        return error.changed(others=wrong)

    def _wrong(self, line: Line) -> ShapeError:
        shapes = comments.shapes_of(line.comment)
        what = f"the line gives {shapes}, but has no comment"
        if line.written is not None:
            what = f"the line gives {shapes}, but says {comments.shapes_of(line.written)}"
        return ShapeError(what, where=f"{self.file}:{line.number}")

    def to_dict(self) -> dict[str, Any]:
        """Return the lines as JSON has them, schema 1."""
        from ..symbolic.words import closed

        facts: dict[str, Any] = closed(
            {
                "schema": 1,
                "command": "annotate",
                "file": self.file,
                "name": self.trace.name,
                "in": [list(shape) for shape in self.trace.inputs],
                "lines": [_line_dict(line) for line in self.lines],
                "note": self.trace.note,
                "failed_line": self.failed_line,
                "conditions": self.conditions,
                "error": self.trace.error and self.trace.error.to_dict(),
            }
        )
        return facts


def annotate(
    target: str | os.PathLike[str], *inputs: Any, **options: Unpack[TraceOptions]
) -> Annotated:
    """Run PyTorch source or a network file, and note what each of its lines gives.

    Args:
        target: ``net.py:Net``, or a network file.
        inputs: as `convshape.trace` takes them.
        options: as `convshape.trace` takes them, but for ``engine``.

    Raises:
        SpecError: it cannot be read, is not a file with lines of its own, or none gives a tensor.
        ShapeError: a layer cannot be made.
    """
    from ..api import trace
    from .network import AnnotatedNetwork
    from .source import annotate_source

    target = os.fspath(target)
    parts = source_parts(target)
    if target == "-" or (parts and parts[0] == "-"):
        raise SpecError("standard input has no file to annotate", fix="annotate net.py:Net")
    if parts is not None:
        return annotate_source(target, *parts, inputs, options)
    kind, text, _ = kind_of(target)
    if kind == "source" and text is not None:
        raise SpecError(f"{target} does not have a Python file name", fix="a file that ends in .py")
    if kind == "printed":
        what = f"{target} is a printed model, which cannot have comments"
        raise SpecError(what, fix=f"convshape trace {target}")
    data = read_bytes(target)
    result = trace(target, *inputs, **options)
    return AnnotatedNetwork(result, target, data)


def _line_dict(line: Line) -> dict[str, Any]:
    return {
        "line": line.number,
        "comment": line.comment,
        "written": line.written,
        "statements": [
            {
                "line": outcome.line,
                "end_line": outcome.end_line,
                "times": outcome.times,
                "first": _sizes(outcome.first),
                "last": _sizes(outcome.last),
            }
            for outcome in line.outcomes
        ],
    }


def _sizes(shapes: Iterable[Shape]) -> list[list[int]]:
    return [list(shape) for shape in shapes]


def place_of(where: str) -> tuple[str, int]:
    """Return file and line of ``net.py:7`` and ``net.yaml:7:3``; line 0 where there is none."""
    match = re.fullmatch(r"(.*?):(\d+)(?::\d+)?", where)
    return (match[1], int(match[2])) if match else (where, 0)


def is_same_file(one: str, other: str) -> bool:
    """Return whether two paths are of the same file."""
    return os.path.abspath(one) == os.path.abspath(other)


def read_bytes(file: str) -> bytes:
    """Return what is in a file.

    Raises:
        SpecError: it cannot be read.
    """
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except (OSError, ValueError) as error:
        raise SpecError(f"cannot read {file}: {reason(error)}") from None
