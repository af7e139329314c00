"""Two runs of one network, ours and torch's: what is compared, and what differs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..run.record import FOLDED, SHOWN, Row, Run, tensors
from ..shapetorch.arguments import shape
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.nn.parameter import is_lazy
from ..shapetorch.tensor import Tensor
from . import Analysis
from .macs import is_counted_by_torch

#: What is said of a thing that one of the two does not have.
_NONE = "none"


class Difference(NamedTuple):
    """One thing that is not the same.

    Attributes:
        path: of the call, the parameter or the buffer.
        what: what differs: ``output``, ``dtype``, ``params``, ``MACs``, ``refusal``, ...
        here: what convshape has.
        torch: what torch has.
    """

    path: str
    what: str
    here: str
    torch: str

    def __str__(self) -> str:
        return f"{self.path or 'the network'}: {self.what} {self.here} here, {self.torch} in torch"


class RowPair(NamedTuple):
    """A call here, and the same one in torch.

    Attributes:
        ours: the row; None where only torch makes the call.
        torchs: the row; None where torch has no call that is known to be the same, as where it
            computes a function in other steps.
        differences: what is not the same in it.
    """

    ours: Row | None
    torchs: Row | None
    differences: tuple[Difference, ...] = ()

    @property
    def agrees(self) -> bool | None:
        """Whether all is the same; None where there is nothing to compare with."""
        if self.differences:
            return False
        return None if self.torchs is None else True

    @property
    def row(self) -> Row:
        """The row of either."""
        row = self.ours or self.torchs
        assert row is not None
        return row


class Agreement:
    """What came of the comparison of two runs.

    Args:
        ours: the analysis of our run.
        torchs: the analysis of torch's.
        counted: multiply-accumulates that torch has counted, by the index of its rows; what is not
            in it is not compared.

    Attributes:
        pairs: the calls in our order, those that only torch makes at the end.
        differences: all of them: those of the calls, then those of parameters and buffers.
        refused: the call that both refuse, by its path; None where neither does, or only one.
    """

    def __init__(
        self,
        ours: Analysis,
        torchs: Analysis,
        counted: Mapping[int, int] | None = None,
        is_fused: bool = False,
    ) -> None:
        self.ours = ours
        self.torchs = torchs
        self._counted = counted or {}
        self._is_fused = is_fused
        self.pairs = list(self._pairs())
        of_calls = [difference for pair in self.pairs for difference in pair.differences]
        stops = list(self._stops())
        members = [] if stops else list(_members(ours.run.module, torchs.run.module))
        self.differences = [*of_calls, *stops, *members]
        both = ours.run.error is not None and torchs.run.error is not None
        self.refused = _stopped_at(ours.run) if both and not stops else None

    def _pairs(self) -> Iterator[RowPair]:
        """Pair modules one by one, in order; operations by path, where both have as many of it."""
        mine, its = (side.run.rows(SHOWN, FOLDED) for side in (self.ours, self.torchs))
        counts = [Counter(_key(row) for row in rows) for rows in (mine, its)]
        queues = defaultdict[tuple[str, str], list["Row"]](list)
        for row in reversed(its):
            queues[_key(row)].append(row)
        for row in mine:
            key = _key(row)
            alike = row.kind == "module" or counts[0][key] == counts[1][key]
            other = queues[key].pop() if alike and queues[key] else None
            if other is not None:
                yield RowPair(row, other, tuple(self._differences(row, other)))
            elif row.kind == "module":
                once = Difference(row.path, "call", row.layer, _NONE)
                yield RowPair(row, None, () if self.torchs.run.error is not None else (once,))
            else:
                yield RowPair(row, None)
        for row in its:
            if row.kind == "module" and row in queues[_key(row)] and self.ours.run.error is None:
                difference = Difference(row.path, "call", _NONE, row.layer)
                yield RowPair(None, row, (difference,))

    def _differences(self, row: Row, other: Row) -> Iterator[Difference]:
        facts: list[tuple[str, Any, Any]] = [
            ("input", _shapes(row.inputs), _shapes(other.inputs)),
            ("output", _shapes(row.outputs), _shapes(other.outputs)),
            ("dtype", _dtypes(row), _dtypes(other)),
            ("params", self.ours.params_of(row), self.torchs.params_of(other)),
        ]
        if other.index in self._counted and self._can_count(row):
            facts.append(("MACs", self.ours.macs_of(row), self._counted[other.index]))
        for what, here, there in facts:
            if here != there:
                yield Difference(row.path, what, _text(here), _text(there))

    def _can_count(self, row: Row) -> bool:
        """Return whether torch's counter looks into all that a call does."""
        calls = self.ours.run.calls[row.index : row.end]
        return all(is_counted_by_torch(call, self._is_fused) for call in calls)

    def _stops(self) -> Iterator[Difference]:
        """Yield the difference of where the two stop, or of that only one does."""
        mine, its = self.ours.run, self.torchs.run
        if mine.error is None and its.error is None:
            return
        places = [None if run.error is None else _stopped_at(run) for run in (mine, its)]
        if places[0] != places[1]:
            path = places[0] if places[0] is not None else places[1]
            yield Difference(path or "", "refusal", _refusal(mine), _refusal(its))


def _key(row: Row) -> tuple[str, str]:
    return row.kind, row.path


def _stopped_at(run: Run) -> str:
    if run.failed is not None:
        return run.failed.path
    return (run.error.path if run.error is not None else None) or ""


def _refusal(run: Run) -> str:
    if run.error is None:
        return _NONE
    return f"at {_stopped_at(run) or 'the network'} ({run.error.message})"


def _shapes(shapes: Sequence[tuple[int, ...]] | None) -> str:
    return ", ".join(map(shape, shapes or ())) or "no tensor"


def _dtypes(row: Row) -> str:
    return ", ".join(tensor.dtype.name for tensor in tensors(row.result)) or _NONE


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _members(ours: Module | None, torchs: Module | None) -> Iterator[Difference]:
    """Yield what differs in the parameters and buffers, by name."""
    for registry in ("parameter", "buffer"):
        mine, its = (_named(module, f"_{registry}s") for module in (ours, torchs))
        for path in mine | its:
            if mine.get(path) != its.get(path):
                yield Difference(path, registry, mine.get(path, _NONE), its.get(path, _NONE))


def _named(module: Module | None, registry: str) -> dict[str, str]:
    """Return the members of a network as text, by name."""
    members: dict[str, str] = {}
    for path, part in module.named_modules() if module is not None else ():
        for name, member in part.__dict__.get(registry, {}).items():
            if member is not None:
                members[f"{path}.{name}".lstrip(".")] = _member(member)
    return members


def _member(member: Tensor) -> str:
    if is_lazy(member):
        return "of no shape yet"
    return f"{shape(member.shape) or 'a number'} {member.dtype.name}"
