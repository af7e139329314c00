"""A network file with the shapes that its layers give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from ..errors import SpecError
from ..readers.network_file.document import Document
from ..render.comments import Place, lines_of
from ..run.record import Row
from . import Annotated, Outcome, is_same_file, place_of


class AnnotatedNetwork(Annotated):
    """A network file, and what its layers gave in a run."""

    @staticmethod
    def _decoded(data: bytes) -> tuple[str, str]:
        encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
        return encoding, data.decode(encoding)

    @cached_property
    def _is_json(self) -> bool:
        try:
            json.loads(self.source)
        except ValueError:
            return False
        return True

    def _refuse_comments(self) -> None:
        if self._is_json:
            raise SpecError(f"{self.file} is JSON, which has no comments", fix="a file in YAML")

    def _outcomes(self) -> Iterator[tuple[Place, Outcome]]:
        by_line: dict[int, Row] = {}  # the last call of each
        end = 1  # of the network itself and the calls in those before
        for row in self.trace.record.begun(all=True):
            file, line = place_of(row.where)
            if row.path and row.index >= end and is_same_file(file, self.file):
                by_line[line], end = row, row.end
        ends = dict(_spans(Document(self.source, self.file).compose()))
        for line, row in by_line.items():
            if row.outputs:
                end = ends.get(line, line)
                yield self._place(end), Outcome(line, end, 1, row.outputs, row.outputs)

    def _place(self, line: int) -> Place:
        """Return where the comment of a line is, or would be."""
        lines = lines_of(self.source)
        text = lines[line - 1].rstrip("\r\n")
        if not self._is_json:
            for sign in re.finditer(r"(?<=\s)#", text):
                code = text[: sign.start()].rstrip()
                if self._is_same(
                    self.source, "".join([*lines[: line - 1], code + "\n", *lines[line:]])
                ):
                    return Place(line, len(code), sign.start())
        return Place(line, len(text.rstrip()), None)

    @staticmethod
    def _is_same(one: str, other: str) -> bool:
        try:
            same: bool = _plain(Document(one, "").compose()) == _plain(
                Document(other, "").compose()
            )
        except SpecError:
            return False
        return same

    def groups(self) -> Iterator[list[int]]:
        """Yield all lines."""
        yield [*range(1, len(lines_of(self.source)) + 1)]


def _spans(node: Any) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of each node that ends before a comment may follow."""
    is_block = node.style in ("|", ">") if node.id == "scalar" else not node.flow_style
    if not is_block:
        yield node.start_mark.line + 1, node.end_mark.line + 1
        return
    for item in node.value if node.id != "scalar" else ():
        yield from _spans(item[1] if isinstance(item, tuple) else item)


def _plain(node: Any) -> Any:
    """Return a YAML node without its places."""
    if isinstance(node.value, list):
        items = [
            _plain(pair) if not isinstance(pair, tuple) else [*map(_plain, pair)]
            for pair in node.value
        ]
        return [node.tag, items]
    return [node.tag, node.value]
