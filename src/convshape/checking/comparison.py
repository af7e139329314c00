"""Two traces side by side: which rows belong together, and what is different in them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from ..render.json import row_dict

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..render.diff import DiffTable
    from ..result import Trace
    from ..run.record import Row


class Pair(NamedTuple):
    """A row of either trace, or of both.

    Attributes:
        path: what the row is called.
        change: ``"removed"``, ``"added"``, ``"changed"`` or ``"same"``.
        changed: what differs between the two, by its name in JSON: layer, in, out, params, macs.
        a: the row of the first trace; None where it was added.
        b: the row of the second trace; None where it was removed.
    """

    path: str
    change: str
    changed: list[str]
    a: Row | None
    b: Row | None


def _paired(a: Row, b: Row, in_a: Analysis, in_b: Analysis) -> Pair:
    """Pair the rows of two traces that have one path; the call of a network is its own name."""
    before, after = _compared(a, in_a), _compared(b, in_b)
    changed = [name for name, value in before.items() if value != after[name]]
    return Pair(a.path, "changed" if changed else "same", changed, a, b)


def _compared(row: Row, analysis: Analysis) -> dict[str, Any]:
    return {
        "layer": row.layer if row.path else "",
        "in": row.inputs,
        "out": row.outputs,
        "params": analysis.params_of(row),
        "macs": analysis.macs_of(row),
    }


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
        in_a, in_b = a.analysis, b.analysis
        rows_a, rows_b = in_a.run.begun(), in_b.run.begun()
        matcher = SequenceMatcher(None, _keys(rows_a), _keys(rows_b))
        self.pairs: list[Pair] = []
        for tag, start_a, end_a, start_b, end_b in matcher.get_opcodes():
            some_a, some_b = rows_a[start_a:end_a], rows_b[start_b:end_b]
            if tag == "equal":
                both = zip(some_a, some_b, strict=True)
                self.pairs += [_paired(*rows, in_a, in_b) for rows in both]
            else:
                self.pairs += [Pair(row.path, "removed", [], row, None) for row in some_a]
                self.pairs += [Pair(row.path, "added", [], None, row) for row in some_b]

    def __repr__(self) -> str:
        count = sum(pair.change != "same" for pair in self.pairs)
        names = f"{self.a.name} and {self.b.name}"
        return f"<Comparison of {names}: {count} of {len(self.pairs)} rows differ>"

    def table(
        self, names: tuple[str, str] | None = None, whole: bool = False, depth: int | None = None
    ) -> DiffTable:
        """Return the table of the rows side by side, which Rich prints.

        Args:
            names: what to call the two networks; their own names unless given.
            whole: also show all rows that are the same, which are folded otherwise.
            depth: how many modules below the root are shown; all unless given.
        """
        from ..render.diff import DiffTable

        pairs = self.pairs if depth is None else at_depth(self.pairs, depth)
        a, b = names or (self.a.name, self.b.name)
        return DiffTable([(a, self.a.analysis), (b, self.b.analysis)], pairs, whole)

    def to_markdown(self, whole: bool = False, depth: int | None = None) -> str:
        """Return the table in GitHub's Markdown; for the arguments see `table`."""
        return self.table(None, whole, depth).markup("markdown")

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
        rows = [self._pair_dict(pair) for pair in self.pairs]
        return {"schema": 1, "alike": self.alike, **sides, "rows": rows, "error": None}

    def _pair_dict(self, pair: Pair) -> dict[str, Any]:
        rows = {
            "a": pair.a and row_dict(pair.a, self.a.analysis),
            "b": pair.b and row_dict(pair.b, self.b.analysis),
        }
        return {"path": pair.path, "change": pair.change, "changed": pair.changed, **rows}


def at_depth(pairs: Sequence[Pair], depth: int) -> list[Pair]:
    """Return pairs without those below modules at a depth, which are changed if one of them is.

    Args:
        pairs: those of a `Comparison`.
        depth: how many modules below the root are shown, at least 1.
    """
    result: list[Pair] = []
    places: dict[str, int] = {}  # in the result, by path
    for pair in pairs:
        parts = pair.path.split(".")
        above = (".".join(parts[:level]) for level in range(depth, len(parts)))
        place = next((places[path] for path in above if path in places), None)
        if place is None:
            places[pair.path] = len(result)
            result.append(pair)
        elif pair.change != "same" and result[place].change == "same":
            result[place] = result[place]._replace(change="changed")
    return result


def _keys(rows: list[Row]) -> list[tuple[str, int]]:
    """Return what is different for every row: its path, and how often that was called before."""
    calls: dict[str, int] = {}
    keys = []
    for row in rows:
        keys.append((row.path, calls.get(row.path, 0)))
        calls[row.path] = calls.get(row.path, 0) + 1
    return keys
