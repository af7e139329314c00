"""Which sizes of its input a network takes: all of them, found by what its runs rely on.

A run at one size says, by its conditions, at which other sizes it takes the same path: all of them
fit, or none. The rest is split by the first condition that does not hold, and each part is run
once, until nothing is left.
"""

from __future__ import annotations

from copy import copy
from functools import reduce
from itertools import product
from math import prod
from operator import or_
from typing import TYPE_CHECKING

from .. import clock
from ..errors import SpecError, UnknownOperation
from ..run.record import exchanged, tensors
from ..run.runner import copied, restored, run
from ..run.trial import Change, attempt, keeps_batch, run_state
from ..shapetorch import dtypes
from ..shapetorch.arguments import shape
from ..shapetorch.tensor import Tensor
from ..symbolic.dim import Dim, Record, recording
from ..symbolic.region import Axes, TooManyError, count, least, merged, progressions, smallest
from ..thread_output import muted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from ..run.program import Program
    from ..run.record import Run
    from ..run.trial import Outcome
    from ..symbolic.region import Box

#: How long the sizes are explored, in seconds.
SECONDS = 4.0
#: The largest size of an axis that is looked at: unless more is asked for, and at all.
LARGEST, _FURTHEST = 2048, 2**14
#: How many parts that fit are run at a second size: what a loop counts leaves no condition.
_CHECKED = 3
#: What the spatial axes of an input are called, by their number.
_NAMES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


class Fit:
    """The sizes that a network takes.

    Attributes:
        symbols: the axes that vary.
        limit: the largest size that was looked at.
        region: the sizes that fit.
        unknown: sizes about which nothing is known, as time was up or they depend on more than
            conditions.
        why: what stopped the exploration, if anything.
        refusal: where nothing fits, what stopped the run that came furthest.
    """

    def __init__(
        self,
        symbols: Sequence[str],
        limit: int,
        region: list[Box],
        unknown: list[Box],
        why: str = "",
        refusal: str = "",
    ) -> None:
        self.symbols = tuple(symbols)
        self.limit = limit
        self.region = merged(region)
        self.unknown = merged(unknown)
        self.why = why
        self.refusal = refusal

    @property
    def independent(self) -> bool:
        """Whether each axis may have any of its sizes, whatever those of the others are."""
        return count(self.region) == prod(sizes.bit_count() for sizes in self._projected())

    @property
    def boxes(self) -> list[Box]:
        """The sizes of each axis as bits, one box where axes are independent."""
        return [tuple(self._projected())] if self.independent and self.region else self.region

    @property
    def sizes(self) -> list[dict[str, list[tuple[int, int, int]]]]:
        """The sizes of each axis as (first, last, step); one entry where axes are independent."""
        return [
            {name: progressions(sizes) for name, sizes in zip(self.symbols, box, strict=True)}
            for box in self.boxes
        ]

    @property
    def smallest(self) -> dict[str, int] | None:
        """The sizes of the input with the fewest elements; None where nothing fits."""
        sizes = smallest(self.region)
        return None if sizes is None else dict(zip(self.symbols, sizes, strict=True))

    def __contains__(self, sizes: Mapping[str, int]) -> bool:
        return any(
            all(box[i] >> sizes[name] & 1 for i, name in enumerate(self.symbols))
            for box in self.region
        )

    def near(self, sizes: Mapping[str, int]) -> list[dict[str, int]]:
        """Return the nearest sizes that fit: on independent axes, one below and one above each.

        They are in order of how many elements are cut or added.
        """
        wanted = [sizes[name] for name in self.symbols]
        corners = {corner for box in self.region for corner in product(*map(_around, box, wanted))}
        nearest = sorted(corners, key=lambda found: (_distance(found, wanted), found))
        return [dict(zip(self.symbols, found, strict=True)) for found in nearest]

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON has it, schema 1."""
        found = [{n: [list(p) for p in parts] for n, parts in each.items()} for each in self.sizes]
        independent = self.independent
        return {
            "schema": 1,
            "symbols": list(self.symbols),
            "independent": independent,
            "max": self.limit,
            "sizes": (found[0] if found else {n: [] for n in self.symbols})
            if independent
            else found,
            "smallest": self.smallest,
            "complete": not self.why,
            "why": self.why or None,
        }

    def _projected(self) -> list[int]:
        axes = range(len(self.symbols))
        return [reduce(or_, (box[axis] for box in self.region), 0) for axis in axes]


def _around(sizes: int, wanted: int) -> list[int]:
    """Return the wanted size, or the nearest ones below and above it."""
    if sizes >> wanted & 1:
        return [wanted]
    below, above = sizes & ((1 << wanted) - 1), sizes >> wanted << wanted
    return [below.bit_length() - 1] * bool(below) + [least(above)] * bool(above)


def _distance(found: Sequence[int], wanted: Sequence[int]) -> tuple[int, int]:
    steps = [abs(a - b) for a, b in zip(found, wanted, strict=True)]
    return max(steps), sum(steps)


def fit(
    program: Program,
    limit: int | None = None,
    seconds: float = SECONDS,
    accepts: Callable[[Run], bool] | None = None,
) -> Fit:
    """Find the sizes that a network takes.

    Args:
        program: the network with its inputs, in which the axes that vary are `Dim`; without any,
            the spatial axes of the first input vary.
        limit: the largest size of an axis, `LARGEST` or twice the largest that it has unless given.
        seconds: how long at most.
        accepts: what else a run must give, by comparing sizes.

    Raises:
        SpecError: no axis varies, or `accepts` says that there is nothing of what it wants.
    """
    trials = Trials(program, accepts)
    if not trials.symbols:
        shapes = ", ".join(shape(tensor.shape) for tensor in trials.inputs) or "none"
        raise SpecError(
            f"no input size is variable: {shapes}", fix="--in 3xHxW: letters for sizes that vary"
        )
    return _Exploration(trials, limit, seconds).run()


class Trials:
    """The network of a program, to be run at different sizes.

    Attributes:
        inputs: its tensors, with symbols for the axes that vary.
        symbols: the values that these have.
        given: the symbols whose values somebody said.
    """

    def __init__(self, program: Program, accepts: Callable[[Run], bool] | None = None) -> None:
        self.program = program
        self.batch = program.batch
        self.accepts = accepts
        self.state = run_state(program)
        self.state.train = program.train
        inputs = tensors((program.inputs, program.named))
        self.state.inputs = inputs
        self.state.arguments = (program.inputs, program.named)
        self.inputs = inputs if symbols_of(inputs) else with_symbols(inputs)
        self.symbols = symbols_of(self.inputs)
        self.given = {
            name
            for tensor in self.inputs
            for size in tensor.shape
            if isinstance(size, Dim) and size.given
            for name in size.expression.symbols
        }

    def fits(self, sizes: Mapping[str, int]) -> bool:
        """Tell whether the network takes inputs of these sizes."""
        return fitting(self.outcome(sizes)[0])

    def outcome(self, sizes: Mapping[str, int]) -> tuple[Outcome, Record]:
        """Run it at these sizes, and return what came of it and what that relied on."""
        record = Record()
        with recording(record):
            outcome = attempt(self.state, Change("", inputs=with_sizes(self.inputs, sizes)))
            if outcome.error is None and not self._is_wanted(outcome, sizes):
                outcome = outcome._replace(output=_REFUSED)
        return outcome, record

    def _is_wanted(self, outcome: Outcome, sizes: Mapping[str, int]) -> bool:
        if self.batch is not None and not keeps_batch(outcome.output, self.batch):
            return False
        return self.accepts is None or self.accepts(self.run(sizes))

    def run(self, sizes: Mapping[str, int], plain: bool = False) -> Run:
        """Run it at these sizes for its rows, and leave its modules as they were."""
        with restored(self.state):
            return run(self.at(sizes, plain))

    def at(self, sizes: Mapping[str, int], plain: bool = False) -> Program:
        """Return the program with other values for its symbols, or with plain ints for them."""
        inputs = with_sizes(self.inputs, sizes, plain)
        others = {id(old): new for old, new in zip(self.state.inputs, inputs, strict=True)}
        program = copy(self.program)
        program.module = copied(program.module, list(program.module.modules()))
        program.inputs, program.named = exchanged(self.state.arguments, others)
        program.undeclared = exchanged(program.undeclared, others)
        return program


def fitting(outcome: Outcome) -> bool:
    """Tell whether a run came to its end, and gave what is wanted."""
    return outcome.error is None and not outcome.misplaced and outcome.output is not _REFUSED


#: What stands for an output that is not wanted.
_REFUSED = object()


class _Exploration:
    """The sizes that are still to be explored, and what is known of the others."""

    def __init__(self, trials: Trials, limit: int | None, seconds: float) -> None:
        self.trials = trials
        self.deadline = clock.seconds() + seconds
        self.symbols = trials.symbols
        own = max(self.symbols.values())
        usual = LARGEST if own <= LARGEST else 2 * own
        wanted = usual if limit is None else limit
        self.axes = Axes(tuple(self.symbols), min(wanted, max(_FURTHEST, usual)))
        self.fitting: list[Box] = []
        self.unknown: list[Box] = []
        self.why = ""
        if wanted > self.axes.limit:
            self.why = f"only sizes up to {self.axes.limit} were searched"
        #: How far the best of the runs came that were refused, and what stopped it.
        self.refused = (-1, "")

    def run(self) -> Fit:
        pending = [self.axes.all] if self.symbols else []
        with muted():
            while pending:
                if clock.seconds() > self.deadline:
                    self._give_up("the time limit was reached", *pending)
                    break
                region = pending.pop()
                pending += self._explored(region)
        refusal = "" if self.fitting else self.refused[1]
        axes = self.axes
        return Fit(axes.symbols, axes.limit, self.fitting, self.unknown, self.why, refusal)

    def _explored(self, region: list[Box]) -> list[list[Box]]:
        """Run one of the sizes of a region, and return the parts that this says nothing of."""
        sizes = self._chosen(region)
        outcome, record = self.trials.outcome(sizes)
        rest: list[list[Box]] = []
        if outcome.error is not None and outcome.reached > self.refused[0]:
            at = shape(tuple(sizes.values()))
            self.refused = outcome.reached, f"at {at} {outcome.error}"
        for condition in (*record.conditions, *record.fixed):
            if clock.seconds() > self.deadline:
                self._give_up("the time limit was reached", region)
                return rest
            try:
                inside, outside = self.axes.split(region, condition)
            except TooManyError:
                self._give_up(f"{condition} ties many sizes together", region)
                return rest
            if outside:
                rest.append(outside)
            region = inside
        if isinstance(outcome.error, UnknownOperation):
            self._give_up(str(outcome.error), region)
        elif fitting(outcome):
            if len(self.fitting) > _CHECKED or self._holds(region, sizes):
                self.fitting += region
            else:
                self._give_up("it depends on a size by more than comparisons", region)
        return rest

    def _holds(self, region: list[Box], sizes: dict[str, int]) -> bool:
        """Return whether another size of a region fits too: loop counts record no condition."""
        corner = (
            {
                name: each.bit_length() - 1
                for name, each in zip(self.axes.symbols, region[-1], strict=True)
            }
            if region
            else sizes
        )
        return corner == sizes or self.trials.fits(corner)

    def _chosen(self, region: list[Box]) -> dict[str, int]:
        """Return the sizes to run: those that symbols have now, if they are in the region."""
        own = list(self.symbols.values())
        if any(all(mask >> n & 1 for mask, n in zip(box, own, strict=True)) for box in region):
            return dict(self.symbols)
        return dict(zip(self.axes.symbols, smallest(region) or own, strict=True))

    def _give_up(self, why: str, *regions: list[Box]) -> None:
        self.why = self.why or why
        for region in regions:
            self.unknown += region


def symbols_of(inputs: Sequence[Tensor]) -> dict[str, int]:
    """Return the symbols in inputs, each with the size that it has."""
    return {
        name: int.__int__(size)
        for tensor in inputs
        for size in tensor.shape
        if isinstance(size, Dim)
        for name in size.expression.symbols
    }


def with_symbols(inputs: Sequence[Tensor]) -> list[Tensor]:
    """Return inputs with symbols for the spatial axes of the first, after batch and channels."""
    first, *rest = inputs
    lead = 1 if first.dtype.kind == dtypes.INTEGER or first.ndim < 3 else 2
    names = _NAMES.get(first.ndim - lead, ())
    sizes = [Dim(name, n) for name, n in zip(names, first.shape[lead:], strict=bool(names))]
    return [Tensor((*first.shape[: first.ndim - len(sizes)], *sizes), first.dtype), *rest]


def with_sizes(
    inputs: Sequence[Tensor], sizes: Mapping[str, int], plain: bool = False
) -> list[Tensor]:
    """Return inputs with other values for their symbols, or with plain ints for them."""

    def sized(size: int) -> int:
        if not isinstance(size, Dim):
            return size
        (name,) = size.expression.symbols
        return sizes[name] if plain else Dim(name, sizes[name])

    return [Tensor(tuple(map(sized, tensor.shape)), tensor.dtype) for tensor in inputs]
