"""PyTorch source with the shapes that its statements give, and the layers that it lists."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from io import BytesIO
from tokenize import TokenError, detect_encoding
from typing import Any

from .. import user_frames
from ..errors import SpecError
from ..python_syntax import parsed
from ..readers.source.noting import Statement, noting
from ..render import comments
from ..render.comments import Place
from ..result import Trace
from ..run.record import FOLDED, SHOWN
from ..shapetorch.nn import Module
from . import Annotated, Outcome, is_same_file, place_of, read_bytes

Shape = tuple[int, ...]
#: The shapes that came out of each place, each time.
Values = dict[Statement, list[list[Shape]]]


def annotate_source(
    target: str, home: str, name: str, inputs: Sequence[Any], options: Mapping[str, Any]
) -> Annotated:
    """Run PyTorch source, and note what each statement of its functions gives."""
    from ..api import trace

    if home.endswith(".ipynb"):
        raise SpecError(
            "a notebook is not annotated", fix=f"jupyter nbconvert --to script {home}, then the .py"
        )
    with noting() as layers:
        result = trace(target, *inputs, **options)
    files = [*dict.fromkeys(note.statement[0] for note in result.record.notes)]
    if files:
        home = user_frames.shown(files[0]) or files[0]
    elif result.error is None:
        rows = (place_of(row.where)[0] for row in result.record.rows(SHOWN, FOLDED))
        other = next(filter(None, rows), "another file")
        what = f"no line of {home} gives a tensor: what {name or 'the network'} runs is in {other}"
        raise SpecError(what, fix=f"annotate {other}:..., with the class that is called there")
    elif not home.endswith(".py"):
        raise result.error
    return AnnotatedSource(result, home, read_bytes(home), layers)


class AnnotatedSource(Annotated):
    """A Python file, and what its statements gave in a run."""

    def __init__(
        self, trace: Trace, file: str, data: bytes, layers: Mapping[Module, tuple[Any, ...]]
    ) -> None:
        self._layers = layers
        super().__init__(trace, file, data)

    @staticmethod
    def _decoded(data: bytes) -> tuple[str, str]:
        encoding, _ = detect_encoding(BytesIO(data).readline)
        return encoding, data.decode(encoding)

    @cached_property
    def _places(self) -> comments.Places:
        try:
            return comments.places(self.source)
        except (TokenError, SyntaxError) as error:
            raise SpecError(f"{self.file} is not plain Python: {error.args[0]}") from None

    def _outcomes(self) -> Iterator[tuple[Place, Outcome]]:
        for places, values in (
            (self._places.statements, _statements(self.trace)),
            (self._places.elements, _elements(self.trace, self._layers)),
        ):
            for where, runs in sorted(values.items()):
                place = places.get(where.end_line)
                if place is not None and is_same_file(where.file, self.file):
                    first, last = runs[0], runs[-1]
                    yield place, Outcome(where.line, where.end_line, len(runs), first, last)

    def _refuse_comments(self) -> None:
        pass

    @staticmethod
    def _is_same(one: str, other: str) -> bool:
        return comments.same_code(one, other)

    def groups(self) -> Iterator[list[int]]:
        """Yield the lines of each function that ran, a class's first one with the class header."""
        lines = {line.number for line in self.lines} | {self.failed_line or 0}
        for node in parsed(self.source).body:
            inner = node.body if isinstance(node, ast.ClassDef) else [node]
            spans = [range(part.lineno, (part.end_lineno or part.lineno) + 1) for part in inner]
            spans = [span for span in spans if lines.intersection(span)]
            for i, span in enumerate(spans):
                yield [*([node.lineno] if i == 0 and isinstance(node, ast.ClassDef) else []), *span]


def _statements(trace: Trace) -> Values:
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


def _elements(trace: Trace, layers: Mapping[Module, tuple[Any, ...]]) -> Values:
    """Return what the layers gave that a source lists, each time that they were called."""
    values: Values = {}
    for row in trace.record.rows(SHOWN, FOLDED):
        place = layers.get(row.call) if isinstance(row.call, Module) else None
        if place is not None and row.outputs:
            values.setdefault(Statement(*place), []).append(row.outputs)
    return values
