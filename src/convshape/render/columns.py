"""What the table formats share: the rows that are shown, and the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ShapeError, SpecError, UnknownOperation, nearest
from ..shapetorch.arguments import shape
from .text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from ..analysis import Analysis
    from ..analysis.receptive_field import ReceptiveField
    from ..run.record import Row, Run
    from ..shapetorch.dtypes import dtype

DEFAULT = ("layer", "call", "output", "params", "macs", "field")
#: The columns of the default that are there only if they say something of this network.
_IF_ANY = ("macs", "field")


class Line:
    """A line of a table: a row, or several alike that follow each other.

    Attributes:
        row: the row; of several the last.
        name: the last part of its path: ``conv1``, or ``1-22`` of several.
        path: the whole of it.
        depth: how many modules it is below the root.
        times: how many there are.
        failed: whether it is the call that refused.
        leaf: whether its numbers stand in it: no line below it tells them in parts.
    """

    __slots__ = ("depth", "failed", "leaf", "name", "path", "row", "times")

    def __init__(
        self, row: Row, name: str, path: str, depth: int, times: int, failed: bool, leaf: bool
    ) -> None:
        self.row = row
        self.name = visible(name)
        self.path = visible(path)
        self.depth = depth
        self.times = times
        self.failed = failed
        self.leaf = leaf

    @property
    def label(self) -> str:
        """Its name, and how many there are: ``1-22 ×22``."""
        return f"{self.name} ×{self.times}" if self.times > 1 else self.name


class _Node:
    """A row and the rows of the calls in it."""

    __slots__ = ("below", "params", "row")

    def __init__(self, row: Row, params: int) -> None:
        self.row = row
        self.params = params
        self.below: list[_Node] = []

    def alike(self, other: _Node) -> bool:
        """Tell whether two have the same calls, sizes and parameters under the same names."""
        a, b = self.row, other.row
        return (
            len(self.below) == len(other.below)
            and (a.inputs, a.outputs) == (b.inputs, b.outputs)
            and a.layer == b.layer
            and self.params == other.params
            and all(
                _name(mine.row) == _name(its.row) and mine.alike(its)
                for mine, its in zip(self.below, other.below, strict=True)
            )
        )


def _name(row: Row) -> str:
    return row.path.rpartition(".")[2]


class View:
    """What is shown of a run, in text without control characters.

    Args:
        analysis: the run, and what can be worked out of it.
        columns: names of columns, in their order; the usual ones unless given.
        depth: how many modules below the root are shown; all unless given.
        all: whether operations that keep the shape are shown, and each of several rows that are
            alike.
        dtype: what floating-point numbers are kept in, for sizes in bytes; their own dtype unless
            given.

    Raises:
        SpecError: a column is not known.
    """

    def __init__(
        self,
        analysis: Analysis,
        columns: Sequence[str] | None = None,
        depth: int | None = None,
        all: bool = False,
        dtype: dtype | None = None,
    ) -> None:
        for name in columns or ():
            if name not in COLUMNS:
                raise SpecError(
                    f"there is no column {name!r}", fix=nearest(name, COLUMNS) or ", ".join(COLUMNS)
                )
        self.analysis = analysis
        self.run: Run = analysis.run
        self.depth = depth
        self.all = all
        self.dtype = dtype
        self.columns = tuple(
            columns or (DEFAULT if not all else (c for c in COLUMNS if c != "equation"))
        )
        self.usual = not columns
        if self.usual:
            self.columns = tuple(c for c in self.columns if c not in _IF_ANY or self._tells(c))

    @property
    def title(self) -> str:
        """The name of the network."""
        return visible(self.run.name)

    def _tells(self, column: str) -> bool:
        return bool(self.analysis.macs) if column == "macs" else self.analysis.has_fields

    def lines(self, fold: bool = True) -> Iterator[Line]:
        """Yield the lines; with `fold`, unless all are shown, one for rows that are alike."""
        top: list[_Node] = []
        above: list[_Node] = []
        for row in self.run.begun(self.all):
            while above and above[-1].row.end <= row.index:
                above.pop()
            node = _Node(row, self.analysis.params_of(row))
            (above[-1].below if above else top).append(node)
            above.append(node)
        if len(top) == 1 and top[0].below and not top[0].row.path:
            top = top[0].below  # the root is the title
        yield from self._lines(top, fold and not self.all)

    def _lines(self, nodes: Sequence[_Node], fold: bool) -> Iterator[Line]:
        start = 0
        while start < len(nodes):
            end = start + 1
            while fold and end < len(nodes) and _follows(nodes[end - 1], nodes[end]):
                end += 1
            if end - start < (2 if nodes[start].below else 3):
                end = start + 1
            first, last = nodes[start].row, nodes[end - 1]
            name, path = _name(first), first.path
            if end - start > 1:
                name, path = (f"{each}-{_name(last.row)}" for each in (name, path))
            depth = first.path.count(".")
            below = last.below
            if self.depth is not None and depth + 1 >= self.depth:
                below = [
                    node for node in below if not node.row.ended
                ]  # where it stopped is always shown
            failed = last.row is self.run.failed
            leaf = not below or depth + 1 == self.depth
            yield Line(last.row, name, path, depth, end - start, failed, leaf)
            yield from self._lines(below, fold)
            start = end

    def total(self, column: str) -> Any:
        """Return what a column has for the whole network, or None."""
        whole = self.analysis
        totals: dict[str, Callable[[], Any]] = {
            "params": lambda: whole.params,
            "macs": lambda: whole.macs,
            "field": lambda: axis_text(whole.field, 0),
            "bytes": lambda: whole.activation_bytes(self.dtype),
        }
        return totals[column]() if column in totals else None

    def summary(self) -> str:
        """Return the totals in a line: parameters, multiply-accumulates, memory."""
        whole = self.analysis
        kind = f" in {self.dtype.name}" if self.dtype is not None else ""
        parts = []
        if whole.params:
            frozen = whole.params - whole.trainable
            parts.append(
                f"{whole.params:,} parameters"
                + (f" ({whole.trainable:,} trainable)" if frozen else "")
            )
            parts[-1] += f" {byte_text(whole.param_bytes(self.dtype))}"
        so_far = "so far: " if self.run.error is not None and self.run.failed else ""
        parts.append(f"{so_far}activations {byte_text(whole.activation_bytes(self.dtype))}{kind}")
        if whole.macs:
            parts.append(f"{count_text(whole.macs)} MACs")
        return " · ".join(parts)


def output_text(row: Row, run: Run) -> str:
    """Write what came out of a call of a run; of the one that refused, that it did."""
    if row is not run.failed:
        return shapes_text(row.outputs or [])
    if isinstance(run.error, ShapeError):
        return "✗ does not fit"
    return "✗ is not known" if isinstance(run.error, UnknownOperation) else "✗ stops here"


def _follows(one: _Node, other: _Node) -> bool:
    """Tell whether two are numbered one after the other, and alike."""
    a, b = _name(one.row), _name(other.row)
    return a.isdigit() and b.isdigit() and int(b) == int(a) + 1 and one.alike(other)


# Columns


class Column:
    """A column.

    Attributes:
        value: what stands in it for programs: text, a number, or None.
        text: what stands in it for people, from the value.
        right: whether it is aligned to the right.
    """

    __slots__ = ("right", "text", "value")

    def __init__(
        self,
        value: Callable[[Line, View], Any],
        text: Callable[[Any], str] = str,
        right: bool = False,
    ) -> None:
        self.value = value
        self.text = text
        self.right = right

    def cell(self, line: Line, view: View) -> str:
        """Return the text of a line."""
        value = self.value(line, view)
        return "" if value is None else self.text(value)


def shapes_text(shapes: Sequence[tuple[int, ...]]) -> str:
    """Write shapes: ``1×6×28×28``."""
    return ", ".join(map(shape, shapes))


def count_text(count: int) -> str:
    """Write a large number in three digits: ``1.85G``."""
    return _scaled(count, "", "kMGTPE")


def byte_text(count: int) -> str:
    """Write a number of bytes in three digits: ``248 kB``."""
    return _scaled(count, " ", "kMGTPE") + ("B" if count >= 1000 else " B")


def _scaled(count: int, gap: str, units: str) -> str:
    value, unit = float(count), ""
    for each in units:
        if value < 999.5:
            break
        value, unit = value / 1000, each
    if not unit:
        return str(count)
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}{gap}{unit}"


def axis_text(field: ReceptiveField, part: int) -> str | None:
    """Write size, stride or start of a field: ``212``, or ``5×7`` where the axes differ."""
    if field is None or isinstance(field, str):
        return field
    texts = [f"{axis[part]:.4g}" if part == 1 else str(axis[part]) for axis in field]
    return texts[0] if len(set(texts)) == 1 else (", " if part == 2 else "×").join(texts)


def _part(part: int) -> Callable[[Line, View], str | None]:
    def value(line: Line, view: View) -> str | None:
        field = view.analysis.field_of(line.row)
        return axis_text(field, part) if part == 0 or isinstance(field, list) else None

    return value


def _own(line: Line, count: int) -> int | None:
    """Return a number of a line that no line below it tells in parts."""
    return count if line.leaf and count else None


def _output(line: Line, view: View) -> str:
    return output_text(line.row, view.run)


def _bytes(line: Line, view: View) -> int | None:
    return view.analysis.bytes_of(line.row, view.dtype) if line.row.ended else None


def _params(line: Line, view: View) -> int | None:
    return _own(line, view.analysis.params_of(line.row))


def _macs(line: Line, view: View) -> int | None:
    return _own(line, view.analysis.macs_of(line.row))


def _params_share(line: Line, view: View) -> float | None:
    return _share(_params(line, view), line.times, view.analysis.params)


def _macs_share(line: Line, view: View) -> float | None:
    return _share(_macs(line, view), line.times, view.analysis.macs)


def _share(count: int | None, times: int, total: int) -> float | None:
    """Return a number of one line as a percentage of the total."""
    return None if count is None or not total else round(100 * count * times / total, 2)


def _bar(percent: float) -> str:
    eighths = round(percent / 100 * 64)
    return f"{percent:4.1f}% " + ("█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8]).rstrip()


def _equation(line: Line, view: View) -> str | None:
    from .equation import failing_axes, lines

    row = line.row
    if row.kind != "module" or not line.leaf or not row.inputs:
        return None
    equations = (lines if row.ended else failing_axes)(row.call, row.inputs[0])
    return visible("; ".join(equations)) or None


COLUMNS: dict[str, Column] = {
    "layer": Column(lambda line, view: line.path),
    "call": Column(lambda line, view: visible(line.row.layer)),
    "input": Column(lambda line, view: shapes_text(line.row.inputs)),
    "output": Column(_output),
    "params": Column(_params, "{:,}".format, right=True),
    "params%": Column(_params_share, _bar),
    "macs": Column(_macs, count_text, right=True),
    "macs%": Column(_macs_share, _bar),
    "field": Column(_part(0), right=True),
    "stride": Column(_part(1), right=True),
    "start": Column(_part(2), right=True),
    "bytes": Column(_bytes, byte_text, right=True),
    "equation": Column(_equation),
}
