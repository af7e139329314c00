"""A network whose input sizes vary: it is run at some of them, and its conditions are recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from ..shapetorch import dtypes
from ..shapetorch.tensor import Tensor
from ..symbolic.dim import Dim, Record, recording
from .record import Run, exchanged
from .runner import copied, restored, run
from .trial import Change, Outcome, attempt, keeps_batch, run_state

if TYPE_CHECKING:
    from .program import Program

#: What the spatial axes of an input are called, by their number.
_NAMES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


class Varying:
    """The network of a program, to be run at different sizes of its inputs.

    Args:
        program: the network with its inputs, in which the axes that vary are `Dim`; without any,
            the spatial axes of the first input vary.
        accepts: what else a run must give, by comparing sizes.
        state: a run of it from before which it starts each time; that of the program unless given.
        square: whether the spatial axes vary together, as one symbol.

    Raises:
        SpecError: a symbol has two values.

    Attributes:
        inputs: its tensors, with symbols for the axes that vary.
        symbols: the values that these have.
        given: the symbols whose values somebody said.
    """

    def __init__(
        self,
        program: Program,
        accepts: Callable[[Run], bool] | None = None,
        state: Run | None = None,
        square: bool = False,
    ) -> None:
        self.program = program
        self.batch = program.batch
        self.accepts = accepts
        self.state = state or run_state(program)
        inputs = self.state.inputs
        self.inputs = inputs if symbols_of(inputs) else with_symbols(inputs, square)
        self.given = _given(self.inputs)
        self.symbols = symbols_of(self.inputs) | self.given

    def fits(self, sizes: Mapping[str, int]) -> bool:
        """Return whether the network takes inputs of these sizes."""
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
        """Run it at these sizes, as `Dim` or plain ints, and leave its modules as they were."""
        inputs = with_sizes(self.inputs, sizes, plain)
        others = {id(old): new for old, new in zip(self.state.inputs, inputs, strict=True)}
        program = copy(self.program)
        before: Any = self.state.before
        program.module = copied(before, list(before.modules()))
        program.inputs, program.named = exchanged(self.state.arguments, others)
        program.undeclared = exchanged(program.undeclared, others)
        with restored(self.state):
            return run(program)


def fitting(outcome: Outcome) -> bool:
    """Return whether a run came to its end, and gave what is wanted."""
    return outcome.error is None and not outcome.misplaced and outcome.output is not _REFUSED


#: What stands for an output that is not wanted.
_REFUSED = object()


def _given(inputs: Sequence[Tensor]) -> dict[str, int]:
    """Return the symbols whose values somebody said, with these.

    Raises:
        SpecError: one has two values.
    """
    sizes: dict[str, int] = {}
    for size in (n for tensor in inputs for n in tensor.shape if isinstance(n, Dim) and n.given):
        (name,), value = size.expression.symbols, int.__int__(size)
        if sizes.setdefault(name, value) != value:
            raise SpecError(
                f"{name} has two values: {sizes[name]} and {value}", fix=f"{name}={value}"
            )
    return sizes


def symbols_of(inputs: Sequence[Tensor]) -> dict[str, int]:
    """Return the symbols in inputs, each with the size that it has."""
    return {
        name: int.__int__(size)
        for tensor in inputs
        for size in tensor.shape
        if isinstance(size, Dim)
        for name in size.expression.symbols
    }


def with_symbols(inputs: Sequence[Tensor], square: bool = False) -> list[Tensor]:
    """Return inputs with symbols for the spatial axes of the first, after batch and channels."""
    first, *rest = inputs
    lead = 1 if first.dtype.kind == dtypes.INTEGER or first.ndim < 3 else 2
    names = _NAMES.get(first.ndim - lead, ())
    names = names[:1] * len(names) if square else names
    sizes = zip(names, first.shape[lead:], strict=bool(names))
    dims = [Dim(name, max(n, 1)) for name, n in sizes]  # also where the input is empty
    return [Tensor((*first.shape[: first.ndim - len(dims)], *dims), first.dtype), *rest]


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
