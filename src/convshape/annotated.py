"""A source with the shapes that its lines give.

(The file is not called ``annotate`` because ``convshape.annotate`` is the function.)
"""

from __future__ import annotations

import os
from functools import cached_property
from tokenize import TokenError, detect_encoding
from typing import TYPE_CHECKING, NamedTuple

from . import user_frames
from .errors import ShapeError, SpecError
from .readers import source_parts
from .readers.noting import Statement, noting
from .render import comments
from .render.comments import Place, value_comment
from .run.record import FOLDED, SHOWN
from .shapetorch.nn import Module

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from .result import Trace

    Shape = tuple[int, ...]
    #: The shapes that came out of each place, each time.
    Values = dict[Statement, list[list[Shape]]]


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

    @property
    def is_current(self) -> bool:
        """Whether the comment says what it should."""
        return self.written == self.comment


class Annotated:
    """A source, and what its lines gave in a run.

    Attributes:
        trace: the run.
        file: the source.
        source: its text.
        lines: those that gave tensors, from the first.
    """

    def __init__(
        self, trace: Trace, file: str, data: bytes, layers: Mapping[Module, tuple[Any, ...]]
    ) -> None:
        self.trace = trace
        self._layers = layers
        self.file = file
        self._data = data
        self._encoding, self.source = _decoded(file, data)
        self.lines = self._lines()

    def __repr__(self) -> str:
        return f"<Annotated {self.file}: {len(self.lines)} lines>"

    def __str__(self) -> str:
        from .render.listing import listing

        return "\n".join(listing(self))

    @cached_property
    def places(self) -> comments.Places:
        """Where the comments go.

        Raises:
            SpecError: it is not Python as it stands, such as a notebook's code with magics in it.
        """
        try:
            return comments.places(self.source)
        except (TokenError, SyntaxError) as error:
            raise SpecError(f"{self.file} is not plain Python: {error.args[0]}") from None

    def _lines(self) -> list[Line]:
        by_place: dict[Place, list[Outcome]] = {}
        for places, values in (
            (self.places.statements, statements(self.trace)),
            (self.places.elements, elements(self.trace, self._layers)),
        ):
            for outcome in outcomes(values, self.file):
                place = places.get(outcome.end_line)
                if place is not None:
                    by_place.setdefault(place, []).append(outcome)
        return [
            Line(
                place,
                values,
                comments.comment([each.text for each in values]),
                comments.written(self.source, place),
            )
            for place, values in sorted(by_place.items())
        ]

    @cached_property
    def failed_line(self) -> int | None:
        """The line at which the run stopped, or the innermost of this file that led there."""
        if self.trace.error is None:
            return None
        begun = [row.where for row in self.trace.record.unfinished()]
        for where in (self.trace.error.where, *reversed(begun)):
            file, _, rest = where.partition(".py:")
            number = rest.partition(":")[0]
            if number.isdigit() and _is_same(f"{file}.py", self.file):
                return int(number)
        return None

    @cached_property
    def text(self) -> str:
        """The source with the comments; what else is in it is as it was."""
        return comments.commented(self.source, {line.place: line.comment for line in self.lines})

    @property
    def outdated(self) -> list[Line]:
        """The lines whose comment is missing, or says something else."""
        return [line for line in self.lines if not line.is_current]

    def write(self) -> int:
        """Write the comments into the file, whole or not at all; return how many have changed.

        Raises:
            ShapeError: the network stops, so that its lines are not all known.
            SpecError: the file cannot be written, or not in its encoding.
        """
        from .files import write_atomically

        if self.trace.error is not None:
            raise self.trace.error
        try:
            data = self.text.encode(self._encoding)
        except UnicodeEncodeError as error:
            what = f"{self.file} is in {self._encoding}, which has no {self.text[error.start]!r}"
            raise SpecError(what, fix="save it as UTF-8") from None
        if data == self._data:
            return 0
        if _read(self.file) != self._data:
            raise SpecError(f"{self.file} has changed meanwhile", fix="annotate it again")
        write_atomically(self.file, data)
        return len(self.outdated)

    def check(self) -> ShapeError | None:
        """Return an error that names the lines whose comments are missing or out of date, if any."""
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
        said = "has no comment" if line.written is None else f"its comment says {line.written}"
        where = f"{self.file}:{line.number}"
        return ShapeError(f"the line gives {line.comment}, but {said}", where=where)

    def to_dict(self) -> dict[str, Any]:
        """Return the lines as JSON has them, schema 1."""
        return {
            "schema": 1,
            "command": "annotate",
            "file": self.file,
            "name": self.trace.name,
            "in": [list(each) for each in self.trace.inputs],
            "lines": [_line_dict(line) for line in self.lines],
            "note": self.trace.note,
            "failed_line": self.failed_line,
            "error": self.trace.error and self.trace.error.to_dict(),
        }


def annotate(target: str | os.PathLike[str], *inputs: Any, **options: Any) -> Annotated:
    """Run PyTorch source, and note what each statement of its functions gives.

    Args:
        target: the source, ``net.py:Net``.
        inputs: as `convshape.trace` takes them.
        options: as `convshape.trace` takes them, but for ``engine``.

    Raises:
        SpecError: it is no Python file, cannot be read, or no line of it gives a tensor.
        ShapeError: a layer cannot be made.
    """
    from .api import trace

    target = os.fspath(target)
    home, name = _refused(target)
    with noting() as layers:
        result = trace(target, *inputs, **options)
    files = [*dict.fromkeys(each.statement[0] for each in result.record.notes)]
    file = _relative(files[0]) if files else home
    if not files and result.error is None:
        what = f"no line of {home} gives a tensor: {name or 'the network'} stands in another file"
        raise SpecError(what, fix="annotate the file that it stands in")
    return Annotated(result, file, _read(file), layers)


def _refused(target: str) -> tuple[str, str]:
    """Return file and name of PyTorch source; refuse all else."""
    parts = source_parts(target)
    if parts is None:
        raise SpecError(
            f"{target} is no Python file: only PyTorch source has lines to annotate",
            fix=f"convshape trace {target}",
        )
    home, name = parts
    if home.endswith(".ipynb"):
        raise SpecError(
            "a notebook is not annotated", fix=f"jupyter nbconvert --to script {home}, then the .py"
        )
    if home == "-":
        raise SpecError("standard input has no file to annotate", fix="annotate net.py:Net")
    return home, name


def statements(trace: Trace) -> Values:
    """Return what the statements of a source gave in a run, each time that it was a tensor."""
    values: Values = {}
    parts: dict[Statement, list[Shape]] = {}
    for note in trace.record.notes:
        statement = Statement(*note.statement)
        if note.is_part:
            parts.setdefault(statement, []).extend(note.shapes)
            continue
        worked_out = parts.pop(statement, [])
        if note.shapes or worked_out:
            values.setdefault(statement, []).append(note.shapes or worked_out)
    return values


def elements(trace: Trace, layers: Mapping[Module, tuple[Any, ...]]) -> Values:
    """Return what the layers gave that a source lists, each time that they were called."""
    values: Values = {}
    for row in trace.record.rows(SHOWN, FOLDED):
        place = layers.get(row.call) if isinstance(row.call, Module) else None
        if place is not None and row.outputs:
            values.setdefault(Statement(*place), []).append(row.outputs)
    return values


def outcomes(values: Values, file: str) -> list[Outcome]:
    """Return what was given in a file, by its places."""
    return [
        Outcome(place.line, place.end_line, len(runs), runs[0], runs[-1])
        for place, runs in sorted(values.items())
        if _is_same(place.file, file)
    ]


def _line_dict(line: Line) -> dict[str, Any]:
    return {
        "line": line.number,
        "comment": line.comment,
        "written": line.written,
        "statements": [
            {
                "line": each.line,
                "end_line": each.end_line,
                "times": each.times,
                "first": _sizes(each.first),
                "last": _sizes(each.last),
            }
            for each in line.outcomes
        ],
    }


def _sizes(shapes: Iterable[Shape]) -> list[list[int]]:
    return [list(each) for each in shapes]


def _relative(path: str) -> str:
    return user_frames.shown(path) or path


def _is_same(one: str, other: str) -> bool:
    return os.path.abspath(one) == os.path.abspath(other)


def _read(file: str) -> bytes:
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SpecError(f"cannot read {file}: {reason}") from None


def _decoded(file: str, data: bytes) -> tuple[str, str]:
    """Return the encoding of a Python source, and its text."""
    from io import BytesIO

    try:
        encoding, _ = detect_encoding(BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise SpecError(f"{file} cannot be read: {error}", fix="save it as UTF-8") from None
    if text.encode(encoding) != data:
        raise SpecError(f"{file} cannot be written back in {encoding}", fix="save it as UTF-8")
    return encoding, text
