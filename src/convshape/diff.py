"""Two traces side by side: which rows belong together, and what is different in them."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from .run.record import Row, Trace

#: What a row is compared by: its name in JSON, and the attribute.
COMPARED = {"layer": "layer", "in": "inputs", "out": "outputs", "params": "params", "macs": "macs"}


class Pair:
    """A row of either trace, or of both.

    Attributes:
        path: what the row is called.
        a: the row of the first trace; None where it was added.
        b: the row of the second trace; None where it was removed.
        changed: the names in `COMPARED` of what differs between the two.
    """

    __slots__ = ("a", "b", "changed", "path")

    def __init__(self, a: Row | None, b: Row | None) -> None:
        row = a or b
        assert row is not None
        self.path = row.path
        self.a = a
        self.b = b
        self.changed: list[str] = []
        if a is not None and b is not None:
            compared = (
                COMPARED if row.path else {**COMPARED, "layer": "path"}
            )  # a network's name is its own
            self.changed = [
                name for name, part in compared.items() if getattr(a, part) != getattr(b, part)
            ]

    @property
    def change(self) -> str:
        """``"removed"``, ``"added"``, ``"changed"`` or ``"same"``."""
        if self.a is None:
            return "added"
        return "removed" if self.b is None else "changed" if self.changed else "same"

    def to_dict(self) -> dict[str, Any]:
        """Return the pair as JSON has it."""
        rows = {side: row and row.to_dict() for side, row in (("a", self.a), ("b", self.b))}
        return {"path": self.path, "change": self.change, "changed": self.changed, **rows}


class Comparison:
    """Two traces, their rows aligned by path: the second call of a layer with the second.

    Attributes:
        a: the first trace.
        b: the second trace.
        pairs: their rows, and the calls that did not end, in an order that is that of both.
    """

    def __init__(self, a: Trace, b: Trace) -> None:
        self.a = a
        self.b = b
        rows_a, rows_b = a.begun(), b.begun()
        matcher = SequenceMatcher(None, _keys(rows_a), _keys(rows_b))
        self.pairs: list[Pair] = []
        for tag, start_a, end_a, start_b, end_b in matcher.get_opcodes():
            some_a, some_b = rows_a[start_a:end_a], rows_b[start_b:end_b]
            if tag == "equal":
                self.pairs += map(Pair, some_a, some_b)
            else:
                self.pairs += [Pair(row, None) for row in some_a] + [
                    Pair(None, row) for row in some_b
                ]

    @property
    def alike(self) -> bool:
        """Whether both take the same input and do the same with it, to the end."""
        same = all(pair.change == "same" for pair in self.pairs) and self.a.inputs == self.b.inputs
        return same and self.a.error is None and self.b.error is None

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON has it, schema 1."""
        sides = {}
        for side, trace in (("a", self.a), ("b", self.b)):
            whole = trace.to_dict()
            sides[side] = {key: whole[key] for key in ("name", "inputs", "total", "error")}
        rows = [pair.to_dict() for pair in self.pairs]
        return {"schema": 1, "alike": self.alike, **sides, "rows": rows, "error": None}


def _keys(rows: list[Row]) -> list[tuple[str, int]]:
    """Return what is different for every row: its path, and how often that was called before."""
    calls: dict[str, int] = {}
    keys = []
    for row in rows:
        keys.append((row.path, calls.get(row.path, 0)))
        calls[row.path] = calls.get(row.path, 0) + 1
    return keys
