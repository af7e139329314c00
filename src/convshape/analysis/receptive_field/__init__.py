"""What each call of a run sees of the network's input, by a rule for each operation.

The rules say how an operation reads the dimensions of its tensors; `field` does the arithmetic. An
operation without a rule, and what no rule can follow exactly, gives no field, there and in all that
follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...run.record import Call, Row, Run, tensors
from ...shapetorch.nn.modules.module import Module, is_layer
from ...shapetorch.operation import facts_of
from . import layers, reductions, views
from .dependence import (
    UNKNOWN,
    AxisDependence,
    Dependence,
    Dependences,
    elementwise,
    first_of,
    nothing,
)

if TYPE_CHECKING:
    from ...shapetorch.tensor import Tensor
    from .field import Ends

    #: Size, stride and start; `field.Field` says what they mean where elements differ.
    Axis = tuple[int, float, int]
    #: One for each spatial axis, ``"whole"``, or None.
    ReceptiveField = list[Axis] | str | None

_RESHAPE_IN_PLACE = frozenset(
    "squeeze_ swapaxes_ swapdims_ t_ transpose_ unsqueeze_ resize_ resize_as_".split()
)
_HOMES_OF_VIEWS = frozenset(
    f"ops.{home}"
    for home in "attributes indexing joining pointwise rearranging scattering views".split()
)
#: The rules of operations by the kinds that their declarations name.
KINDS: dict[str, Any] = {
    **layers.KINDS,
    **reductions.KINDS,
    **views.KINDS,
    "pointwise": elementwise,
    "in_place": elementwise,
    "constant": nothing,
}


def _rule(row: Call) -> Any:
    """Return the rule of a call by what is declared of its function or layer, or None."""
    if isinstance(row.call, Module):
        return KINDS.get(row.call._field) if is_layer(row.call) else None
    facts = facts_of(row.call)
    return KINDS.get(facts.field) if facts and isinstance(facts.field, str) else None


def _writes(row: Call) -> bool:
    """Return whether a call is an operation in place."""
    return row.name.endswith(("_", "setitem"))


class _Rules(Dependences):
    """Applies the rules of operations, one after the other."""

    def __init__(self, run: Run, axes: tuple[int, ...]) -> None:
        super().__init__(run, axes)
        #: An operation has lost sight of the input, all of which was not seen yet.
        self.lost = False
        #: Tensors of which no more is known than that they are made of what has seen all of the
        #: input.
        self._after_all: set[int] = set()
        #: Which tensors may share memory; None where nothing is ever written into a tensor.
        self.groups: dict[int, set[int]] | None = None
        if any(map(_writes, run.calls)):
            self.groups = {}

    def apply(self, row: Call) -> None:
        """Find what the results of a call see, if nothing in it has shown it already."""
        if isinstance(row.call, Module):
            rule = _rule(row)
            if rule is None:
                return
            results = tensors(row.result)
            if all(id(tensor) in self.of_tensor for tensor in results):
                return
        else:
            results = tensors(row.result)
            rule = _rule(row)
            if self.groups is not None and _writes(row):
                self.write(row)
                self.look(row, [first_of(row)])
                return
            if (
                self.groups is not None
                and results
                and row.call.__module__.rpartition("shapetorch.")[2] in _HOMES_OF_VIEWS
            ):
                group = self.group(first_of(row))
                for tensor in results:
                    group.add(id(tensor))
                    self.groups[id(tensor)] = group
        known = rule and results and all(tensor.numel() for tensor in results)
        dependences = rule(self, row) if rule and known else None
        if dependences is None:
            blind = all(
                self.of(tensor) is self.nothing for tensor in tensors((row.args, row.kwargs))
            )
            dependences = self.nothing if blind else self.unknown
        if isinstance(dependences, Dependence):
            dependences = [dependences] * len(results)
        for tensor, dependence in zip(results, dependences, strict=False):
            self.of_tensor[id(tensor)] = dependence
        self.look(row, results)

    def look(self, row: Call, results: Sequence[Tensor]) -> None:
        """Notice where a call loses sight of the input, unless all of it has been seen."""
        lost = [t for t in results if any(seen is UNKNOWN for seen in self.of(t).axes)]
        if not lost:
            return
        if all(map(self._has_nothing_to_lose, tensors((row.args, row.kwargs)))):
            self._after_all.update(map(id, lost))
        elif (
            lost[0] is results[0]
        ):  # whose field is that of the row; where others are used, it shows there
            self.lost = True

    def _has_nothing_to_lose(self, tensor: Tensor) -> bool:
        dependence = self.of(tensor)
        return (
            dependence is self.nothing
            or id(tensor) in self._after_all
            or _shown(dependence, self.limits) == "whole"
        )

    def group(self, tensor: Tensor) -> set[int]:
        """Return the tensors that may share the memory of one."""
        assert self.groups is not None
        return self.groups.setdefault(id(tensor), {id(tensor)})

    def write(self, row: Call) -> None:
        """Find what an operation in place makes of its tensor; give up what shares its memory."""
        target = first_of(row)
        rule = _rule(row)
        dependence = rule(self, row) if rule else self.unknown
        for tensor_id in self.group(target):
            self.of_tensor[tensor_id] = self.unknown
        self.of_tensor[id(target)] = dependence


def _axes_of_input(run: Run) -> tuple[int, ...]:
    """Return the axes of the first input that its first layers take as spatial."""
    dims = run.inputs[0].ndim
    axes: tuple[int, ...] | None = None
    wanted = dims  # dimensions of the tensors that tell
    for row in run.calls:
        operands = tensors((row.args, row.kwargs))
        if not operands or operands[0].ndim != wanted or row.result is None:
            continue
        if isinstance(row.call, Module):
            if row.name in _SEQUENTIAL and is_layer(row.call):
                return (1,) if row.call.batch_first and wanted == 3 else (0,)
            continue
        facts = facts_of(row.call)
        if facts is None:
            continue
        if facts.spatial:
            return axes or tuple(range(dims - facts.spatial, dims))
        if facts.field == "embedding" and axes is None:
            axes, wanted = tuple(range(1, dims)), dims + 1
        elif facts.field in ("linear", "attention") and axes is None:
            axes = tuple(range(1, dims - 1))
    return tuple(range(2, dims)) if axes is None else axes


#: Layers that say which axis is the sequence.
_SEQUENTIAL = ("RNN", "LSTM", "GRU", "MultiheadAttention")


def fields(run: Run) -> tuple[list[ReceptiveField], bool]:
    """Return the field of the first result of each row, and whether one on the way is not known.

    A field is None also where it is known but no simple matter.
    """
    result: list[ReceptiveField] = [None] * len(run.calls)
    axes = _spatial_axes(run)
    if not axes:
        return result, False
    rules = _Rules(run, axes)
    for row, dependence in _followed(run, rules):
        result[row.index] = _shown(dependence, rules.limits)
    return result, rules.lost


def seen_by(run: Run, row: Row) -> Seen | None:
    """Return what the elements of the first result of a row see, or None where it is not known."""
    axes = _spatial_axes(run)
    if not axes:
        return None
    rules = _Rules(run, axes)
    for other, dependence in _followed(run, rules):
        if other is row:
            known = _shown(dependence, rules.limits) is not None
            return Seen(axes, dependence.axes, rules.limits, other) if known else None
    return None


class Seen:
    """What the elements of a row's first result see of the first input, axis by axis.

    Attributes:
        axes: the axes of the input.
        sizes: their sizes.
        shape: that of the result.
    """

    def __init__(
        self,
        axes: Sequence[int],
        dependences: Sequence[AxisDependence],
        sizes: Sequence[int],
        row: Row,
    ) -> None:
        self.axes = tuple(axes)
        self.sizes = tuple(sizes)
        self.shape = tensors(row.result)[0].shape
        self._dependences = dependences

    def at(self, share: float) -> list[Ends]:
        """Return the first and the last that one element sees, along each axis.

        Args:
            share: where the element is along each dimension: 0 for the first, 1 for the last,
                0.5 for that in the middle.
        """
        return [
            seen.field.at(int(share * (self.shape[seen.dims[0]] - 1) + 0.5))
            if seen.field
            else seen.ends
            for seen in self._dependences
        ]

    def place(self, share: float) -> tuple[int, ...]:
        """Return the place of that element along the dimensions in which elements differ."""
        dims = sorted({seen.dims[0] for seen in self._dependences if seen.field})
        return tuple(int(share * (self.shape[d] - 1) + 0.5) for d in dims)

    def all(self) -> list[Ends]:
        """Return the first and the last that all elements see together, along each axis."""
        return [
            seen.field.over(range(self.shape[seen.dims[0]])) if seen.field else seen.ends
            for seen in self._dependences
        ]


def _reshapes_in_place(run: Run) -> bool:
    return any(row.name in _RESHAPE_IN_PLACE and row.ended for row in run.calls)


def _spatial_axes(run: Run) -> tuple[int, ...]:
    """Return the axes of the first input that are looked at; none where there is nothing to see."""
    if not run.inputs or not run.inputs[0].numel():
        return ()
    if _reshapes_in_place(run):
        return ()  # of a tensor that has had several shapes the last alone is known
    return _axes_of_input(run)


def _followed(run: Run, rules: _Rules) -> Iterator[tuple[Row, Dependence]]:
    """Apply the rules to all calls, and yield each row that gives a tensor with what that sees."""
    open_rows: list[Row] = []

    def close(until: int) -> Iterator[tuple[Row, Dependence]]:
        while open_rows and open_rows[-1].end <= until:
            row = open_rows.pop()
            rules.apply(row)
            results = tensors(row.result)
            if results:
                yield row, rules.of(results[0])

    for index, call in enumerate(run.calls):
        yield from close(index)
        if not isinstance(call, Row):
            rules.apply(call)
        elif call.ended:
            open_rows.append(call)
    yield from close(len(run.calls))


def _shown(dependence: Dependence, limits: Sequence[int]) -> ReceptiveField:
    result: list[Axis] = []
    whole = 0
    for seen, limit in zip(dependence.axes, limits, strict=True):
        if seen.field is not None:
            result.append((seen.field.size, seen.field.stride, seen.field.start))
        elif seen.ends is not None and (not seen.dims or seen.grows):
            first, last = seen.ends
            result.append((last - first + 1, 0, first))
            whole += first <= 0 and last >= limit - 1
        else:
            return None
    return "whole" if whole == len(limits) else result
