"""A run that stopped, as those see it who say why it did and what would mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shapetorch.nn.modules.module import Module
from .record import Row, exchanged, tensors
from .runner import call, copied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ..errors import Fix, ShapeError
    from ..shapetorch.tensor import Tensor
    from .program import Program
    from .record import Run

    #: Yields what would mend a run, best first; a change is tried before it is yielded.
    Proposer = Callable[["Diagnosis"], Iterator[Fix]]


class Diagnosis:
    """A run that stopped.

    Attributes:
        error: what stopped it.
        module: the network as it was before the run.
        inputs: its inputs.
        rows: its calls of modules, and of functions outside of layers.
        done: those that gave something; of a module with others in it, theirs stand for it.
        refused: the call that refused, unless it is one of a module with others in it.
        arrived: the first tensor that it was given.
        made_at: where a source file makes the module that refused.
    """

    def __init__(self, error: ShapeError, run: Run, program: Program) -> None:
        assert run.before is not None
        self.error = error
        self.module = run.before
        self.inputs = run.inputs
        self._arguments = program.inputs, program.named
        self._tensors = tensors(self._arguments)
        self.rows = [row for row in run.calls if isinstance(row, Row)]
        self.done = [row for row in self.rows if row.outputs and not row.is_container]
        self.refused = run.failed if run.failed and not run.failed.is_container else None
        self.arrived = _first_tensor(self.refused) if self.refused else None
        self.made_at = error.module._made_at if isinstance(error.module, Module) else ""

    def givers(self, row: Row) -> Iterator[Row]:
        """Yield the call that gave a call its first tensor, the one before that, and so on back."""
        tensor = _first_tensor(row)
        for earlier in reversed(self.done):  # once through: what gives ran before what takes
            if earlier.index < row.index and any(t is tensor for t in tensors(earlier.result)):
                yield earlier
                row, tensor = earlier, _first_tensor(earlier)

    def giver(self, tensor: Tensor) -> Row | None:
        """Return the last call that gave a tensor."""
        gave = (row for row in reversed(self.done) if any(t is tensor for t in tensors(row.result)))
        return next(gave, None)

    def runs(self, *inputs: Tensor) -> bool:
        """Tell whether the whole network takes such tensors in its inputs."""
        try:
            network = copied(self.module, list(self.module.modules()))
            others = {id(old): new for old, new in zip(self._tensors, inputs, strict=True)}
            call(network, *exchanged(self._arguments, others))
        except (Exception, SystemExit):  # the user's own checks refuse too
            return False
        return True

    def runs_with(self, layer: Module, change: dict[str, Any]) -> bool:
        """Tell whether the whole network runs where one of its layers has other arguments."""
        as_it_was = {name: getattr(layer, name) for name in change}
        try:
            vars(layer).update(change)
            return self.runs(*self.inputs)
        finally:
            vars(layer).update(as_it_was)


def _first_tensor(row: Row) -> Tensor | None:
    return next(iter(tensors((row.args, row.kwargs))), None)
