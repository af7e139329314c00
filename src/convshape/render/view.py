"""What is shown of a trace: the lines of its table, its totals, and a summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypedDict

from ..errors import SpecError, nearest
from ..run.record import SHOWN, Call, Row, Run, tensors
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.nn.parameter import Parameter, is_lazy
from .columns import COLUMNS
from .numbers import axis_text, byte_text, count_text
from .text import digits_text, inline, written

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..shapetorch.dtypes import dtype

    class ViewOptions(TypedDict, total=False):
        """What is shown of a trace; see `View`."""

        columns: Sequence[str] | None
        depth: int | None
        all: bool
        dtype: dtype | None
        weights: bool
        memory: bool


def joins(call: Call) -> bool:
    """Return whether a call has several tensors that are no parameters."""
    several = {
        id(tensor)
        for tensor in tensors((call.args, call.kwargs))
        if not isinstance(tensor, Parameter)
    }
    return len(several) > 1


DEFAULT = ("layer", "call", "output", "params", "macs", "field")
#: The columns of the default that are there only if they say something of this network.
_IF_ANY = ("output", "macs", "field")
#: Those that are left out where they would be long sums: they are in symbols.
_IN_SYMBOLS = ("macs", "macs%", "bytes", "params%")
#: The columns that are there only if they are asked for by name.
_ASKED_FOR = ("kernel", "trainable", "again", "equation")


class Line:
    """A line of a table: a row, or several identical ones that follow each other.

    Attributes:
        row: the row; of several the last.
        first: the row; of several the first.
        name: its path in the module that calls it: ``conv1``, ``down.0`` for an item of a list,
            which is not called itself, or ``1-22`` for several.
        path: the whole of it.
        depth: how many lines it is below.
        times: how many there are.
        failed: whether it is the call that refused.
        leaf: whether its numbers are in it: no line below it has them in parts.
        heading: whether it has a name alone: of modules that are not called, as a list of them.
        weight: the parameter that it shows in place of the row, or None.
    """

    __slots__ = "depth failed first heading leaf name path row times weight".split()

    def __init__(
        self,
        row: Row,
        name: str,
        path: str,
        depth: int,
        times: int = 1,
        failed: bool = False,
        leaf: bool = False,
        heading: bool = False,
        weight: Parameter | None = None,
        first: Row | None = None,
    ) -> None:
        self.weight = weight
        self.row: Row = row
        self.first = first or row
        self.name = inline(name)
        self.path: str = inline(path)
        self.depth = depth
        self.times = times
        self.failed = failed
        self.leaf = leaf
        self.heading = heading

    @property
    def label(self) -> str:
        """Its name, and how many there are: ``1-22 ×22``."""
        return f"{self.name} ×{self.times}" if self.times > 1 else self.name


class _Node:
    """A row and the rows of the calls in it."""

    __slots__ = ("below", "params", "row")

    def __init__(self, row: Row, params: int) -> None:
        self.row: Row = row
        self.params = params
        self.below: list[_Node] = []

    def alike(self, other: _Node) -> bool:
        """Return whether two have the same calls, sizes and parameters under the same names."""
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


def _within(row: Row, inside: str) -> str:
    """Return the path of a call in the module in whose call it is, if it is a part of it."""
    return row.path.removeprefix(f"{inside}." if inside else "")


def _parent(row: Row, inside: str) -> str:
    """Return the path of uncalled modules between a call and the module that makes the call."""
    return _within(row, inside).rpartition(".")[0]


class View:
    """What is shown of a run, in text without control characters.

    Args:
        analysis: the run, and what can be computed from it.
        columns: names of columns, in their order; the usual ones unless given.
        depth: how many modules below the root are shown; all unless given.
        all: whether operations that keep the shape are shown, and each of several identical
            rows.
        dtype: what floating-point numbers are kept in, for sizes in bytes; their own dtype unless
            given.
        weights: whether each parameter has a line below its module.
        memory: whether the estimates of memory are below.
        joins: whether operations that keep the shape are shown where they join several tensors.
        operations: whether they are all shown, and identical rows are folded nevertheless.

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
        weights: bool = False,
        memory: bool = False,
        joins: bool = False,
        operations: bool = False,
    ) -> None:
        for name in columns or ():
            if name not in COLUMNS:
                raise SpecError(
                    f"unknown column {name!r}", fix=nearest(name, COLUMNS) or ", ".join(COLUMNS)
                )
        self.analysis = analysis
        self.run: Run = analysis.run
        self.depth = depth
        self.all = all
        self.dtype = dtype
        self.weights = weights
        self.memory = memory
        self.joins = joins
        self.operations = operations
        self.columns = tuple(
            columns or (DEFAULT if not all else (c for c in COLUMNS if c not in _ASKED_FOR))
        )
        self.usual = not columns
        if self.usual:
            self.columns = tuple(c for c in self.columns if c not in _IF_ANY or self._tells(c))
            if self.run.record is not None:
                self.columns = tuple(c for c in self.columns if c not in _IN_SYMBOLS)

    @property
    def title(self) -> str:
        """The name of the network."""
        return inline(self.run.name)

    def _tells(self, column: str) -> bool:
        if column in ("macs", "field"):
            return bool(self.analysis.macs) if column == "macs" else self.analysis.has_fields
        return self.run.error is not None or any(row.outputs for row in self.run.begun())

    def lines(self, fold: bool = True, headings: bool = False) -> Iterator[Line]:
        """Yield the lines; with `fold`, unless all are shown, one for identical rows.

        With `headings` modules that are not called have lines above those in them.
        """
        top: list[_Node] = []
        above: list[_Node] = []
        for row in self._rows():
            while above and above[-1].row.end <= row.index:
                above.pop()
            node = _Node(row, self.analysis.params_of(row))
            (above[-1].below if above else top).append(node)
            above.append(node)
        if len(top) == 1 and top[0].below and not top[0].row.path:
            top = top[0].below  # the root is the title
        for line in self._lines(top, fold and not self.all, "", 0):
            if headings or not line.heading:
                yield line

    def _rows(self) -> list[Row]:
        """Return the rows that are shown, and where it stopped."""
        if not self.joins:
            return self.run.begun(self.all or self.operations)
        return [
            row
            for row in self.run.begun(all=True)
            if row.level == SHOWN or not row.ended or joins(row)
        ]

    def _lines(self, nodes: Sequence[_Node], fold: bool, inside: str, depth: int) -> Iterator[Line]:
        """Yield the lines of the calls in a module, whose path is `inside`."""
        for parent, group in groupby(nodes, lambda node: _parent(node.row, inside)):
            members = list(group)
            row = members[0].row
            has_heading = bool(parent) and (len(members) > 1 or bool(members[0].below))
            if has_heading:
                path = f"{inside}.{parent}".lstrip(".")
                yield Line(row, parent, path, depth, heading=True)
            for start, end in self._runs(members, fold):
                yield from self._line(members[start:end], fold, inside, depth + has_heading)

    def _runs(self, nodes: Sequence[_Node], fold: bool) -> Iterator[tuple[int, int]]:
        """Yield where identical calls begin and end."""
        start = 0
        while start < len(nodes):
            end = start + 1
            while fold and end < len(nodes) and _follows(nodes[end - 1], nodes[end]):
                end += 1
            if end - start < (2 if nodes[start].below else 3):
                end = start + 1
            yield start, end
            start = end

    def _line(self, nodes: Sequence[_Node], fold: bool, inside: str, depth: int) -> Iterator[Line]:
        """Yield the line of identical calls, and those below the last of them."""
        first, last = nodes[0].row, nodes[-1]
        name, path = _within(first, inside), first.path
        if len(nodes) > 1:
            name, path = (f"{text}-{_name(last.row)}" for text in (name, path))
        level = first.path.count(".") + 1
        below = last.below
        if self.depth is not None and level >= self.depth:
            below = [node for node in below if not node.row.ended]  # where it stopped is shown
        failed = last.row is self.run.failed
        leaf = not below or level == self.depth
        yield Line(last.row, name, path, depth, len(nodes), failed, leaf, first=first)
        if self.weights:
            yield from self._weights(last.row, depth + 1)
        yield from self._lines(below, fold, last.row.path, depth + 1)

    def _weights(self, row: Row, depth: int) -> Iterator[Line]:
        """Yield the lines of a module's own parameters, at its first call."""
        if not isinstance(row.call, Module) or self.analysis.is_again(row):
            return
        for name, weight in row.call._parameters.items():
            if weight is not None and not is_lazy(weight):
                path = f"{row.path}.{name}".lstrip(".")
                yield Line(row, name, path, depth, leaf=True, weight=weight)

    def total(self, column: str) -> Any:
        """Return what a column has for the whole network, or None."""
        whole = self.analysis
        totals: dict[str, Callable[[], Any]] = {
            "params": lambda: whole.params,
            "macs": lambda: whole.macs,
            "field": lambda: axis_text(whole.field, 0),
            "bytes": lambda: whole.activation_bytes(self.dtype),
        }
        return written(totals[column]()) if column in totals else None

    def totals(self) -> list[Any]:
        """Return the cells of the row of totals; none if no column has a total."""
        values = [self.total(name) for name in self.columns]
        if all(value is None for value in values):
            return []
        return [
            "total" if name == "layer" else value
            for name, value in zip(self.columns, values, strict=True)
        ]

    def total_texts(self) -> list[str]:
        """Return the `totals` as people read them."""
        return [
            "" if value is None else COLUMNS[name].text(value)
            for name, value in zip(self.columns, self.totals(), strict=False)
        ]

    def conditions(self) -> str:
        """Return in a line what the sizes rely on, of a run with symbols in its inputs."""
        if self.run.record is None:
            return ""
        from ..symbolic.words import relied_on

        return ", ".join(relied_on(self.run.record))

    def summary(self) -> str:
        """Return the totals in a line: parameters, multiply-accumulates, memory."""
        whole = self.analysis
        kind = f" in {self.dtype.name}" if self.dtype is not None else ""
        parts = []
        if whole.params:
            frozen = whole.params - whole.trainable
            parts.append(
                f"{digits_text(whole.params)} parameters"
                + (f" ({digits_text(whole.trainable)} trainable)" if frozen else "")
            )
            parts[-1] += f" {byte_text(whole.param_bytes(self.dtype))}"
        if self.run.record is not None:
            return " · ".join(parts)
        so_far = "so far: " if self.run.error is not None and self.run.failed else ""
        parts.append(f"{so_far}activations {byte_text(whole.activation_bytes(self.dtype))}{kind}")
        if whole.macs:
            parts.append(f"{count_text(whole.macs)} MACs")
        return " · ".join(parts)


def _follows(one: _Node, other: _Node) -> bool:
    """Return whether two are numbered one after the other, and the same."""
    a, b = _name(one.row), _name(other.row)
    return a.isdigit() and b.isdigit() and int(b) == int(a) + 1 and one.alike(other)
