"""A run that stopped, as those see it who say why it did and what would fix it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from math import inf, prod
from typing import TYPE_CHECKING, Any

from .. import clock, rewrites
from ..run.record import Row, Run, tensors
from ..run.trial import CallSite, Change, Outcome, attempt, holds
from ..shapetorch import hooks
from ..shapetorch.nn.modules.constructor import (
    argument_text,
    arguments,
    call_text,
    for_any_axes,
    signature,
)
from ..shapetorch.nn.modules.module import Module, is_layer
from .proof import Proof
from .scope import defaulted, enlarged, renamed

if TYPE_CHECKING:
    from ..edits import CallText
    from ..errors import Error
    from ..fixes import Edit
    from ..rewrites import Rewrite, Sources
    from ..run.program import Program
    from ..shapetorch.tensor import Tensor

    #: Yields what may mend a run, best first.
    Proposer = Callable[["Diagnosis"], Iterator[Change]]

#: How long changes are tried, those of the network, the input and the text together.
SECONDS = 1.8
#: How many calls back tensors may have been joined.
_NEAR = 4


class Diagnosis:
    """A run that stopped.

    Attributes:
        error: what stopped it.
        module: the network as it was before the run.
        inputs: its inputs.
        rows: its calls of modules, and of functions outside of layers.
        done: those that gave something; of a module with others in it, theirs count instead.
        refused: the call that refused, unless it is one of a module with others in it.
        arrived: the first tensor that it was given.
        made_at: where a source file makes the module that refused.
        proof: tries changes of the text.
        is_inner: whether it is part of the search of fixes for a text that this one is edited from.
    """

    def __init__(self, error: Error, run: Run, program: Program) -> None:
        assert run.before is not None
        self.error = error
        self.run = run
        self.failed = run.failed
        self._begun, self._seconds = clock.seconds(), min(SECONDS, clock.left())
        self.is_inner = clock.left() < inf
        self.proof = Proof(program, run)
        self._paths: dict[int, str] | None = None
        self.module = run.before
        self.inputs = run.inputs
        self.rows = [row for row in run.calls if isinstance(row, Row)]
        self.done = [row for row in self.rows if row.outputs and not row.is_container]
        self.refused = run.failed if run.failed and _is_whole(run.failed) else None
        self.arrived = _first_tensor(self.refused) if self.refused else None
        self.made_at = error.module._made_at if isinstance(error.module, Module) else ""

    def until(self, share: float) -> None:
        """Try changes until a share of the time is up, counted from the beginning."""
        clock.until(self._begun + share * self._seconds)

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
        """Return whether the whole network takes such inputs, whatever becomes of the batch."""
        outcome = self.tried(Change("", inputs=inputs))
        return outcome.ok and not outcome.misplaced

    def tried(self, change: Change, batch: int | None = None) -> Outcome:
        """Return what comes of a change; nothing once the time is up."""
        return attempt(self.run, change, batch=batch)

    def mends(self, change: Change) -> bool:
        """Return whether with a change the network runs, twice, with the batch whole."""
        if change.works is not None:
            return change.works
        batch = self.run.batch
        if batch is not None and change.inputs:
            batch = change.inputs[0].shape[0]
        return holds(partial(self.tried, change), batch, self.proof.one_batch)

    def with_arguments(self, module: Module, change: Mapping[str, Any]) -> Rewrite:
        """Return how to write other arguments of a layer: where it is made, or a block it is in."""
        return partial(self._with_arguments, module, change)

    def _with_arguments(
        self, module: Module, change: Mapping[str, Any], sources: Sources
    ) -> Iterator[Sequence[Edit]]:
        places = self.places(module)[:1]
        kind: Any = type(module)
        texts = {name: argument_text(for_any_axes(value)) for name, value in change.items()}
        name, order = module._made_as or kind.__name__, list(signature(kind))
        before = islice(self.givers(self.refused), _NEAR) if self.refused else ()
        joined = any(giver.name in ("cat", "concat") for giver in before)
        for place in places:
            inside = rewrites.arguments(place, name, texts, order)
            if len(change) > 1:
                yield from inside(sources)
                return
            argument, value = *change, for_any_axes(*change.values())
            yield from renamed(place, name, argument, order)(sources)
            old = arguments(module).get(argument)
            yield from enlarged(place, name, argument, order, old, value, joined)(sources)
            if argument == "in_features":
                sizes = self._flattened(value)
                yield from rewrites.product_of(place, name, argument, order, sizes)(sources)
            outside = self._outside(module, argument, value)
            is_named = any(call.is_named(argument, order) for call in sources.calls(place, name))
            for rewrite in (*outside, inside) if is_named else (inside, *outside):
                yield from rewrite(sources)

    def _outside(self, module: Module, argument: str, value: Any) -> Iterator[Rewrite]:
        """Yield how to write an argument of a layer where the block that it is in gets it."""
        inner, *places = self.places(module)
        kind: Any = type(module)
        old = for_any_axes(arguments(module)[argument])
        name, order = module._made_as or kind.__name__, list(signature(kind))
        if type(value) is type(old) is int:
            yield from (rewrites.swapped_numbers(place, old, value) for place in places)
            for place in places:
                yield rewrites.parameter(inner, name, argument, order, place, value)
        yield defaulted(inner, name, argument, order, value)
        if type(value) is type(old) is int:
            yield from (rewrites.number(place, old, value) for place in places)

    def _flattened(self, features: int) -> Sequence[int]:
        """Return the sizes that were flattened to a number of features, or the number alone."""
        giver = next(self.givers(self.refused), None) if self.refused else None
        came = (giver.inputs or [()])[0][1:] if giver is not None else ()
        return came if prod(came) == features else (features,)

    def with_layer(self, module: Module, other: Module) -> Rewrite:
        """Return how to write another layer, where a layer is made."""
        name = module._made_as or type(module).__name__
        change = partial(_of_same, call_text(other))
        places = self.places(module)[:1]
        return rewrites.several(*(rewrites.whole_call(at, name, change) for at in places))

    def line_of(self, row: Row) -> str:
        """Return the place of the text that makes a call."""
        if row is self.failed and self.error.where:
            return self.error.where
        return row.where

    def places(self, module: Module) -> list[str]:
        """Return the lines that led to a layer, the innermost first."""
        return self.proof.trail(self.path_of(module)) or [module._made_at] * bool(module._made_at)

    def site(self, row: Row) -> CallSite:
        """Return the text that makes a call: its line, or in a network file its entry."""
        is_function = hooks.line is not None and not isinstance(row.call, Module)
        where = row.where if is_function else ""
        return CallSite(where, "" if where else row.path, row.name)

    def path_of(self, module: Module) -> str:
        """Return the path of a layer in the network, or of one that it makes while it runs."""
        if self._paths is None:
            network = self.run.module
            named = network.named_modules() if network is not None else ()
            self._paths = {id(child): path for path, child in named}
        path = self._paths.get(id(module), "")
        return path or (self.failed.path if self.failed else "")

    def around(self, layer: Module) -> Iterator[tuple[str, Module]]:
        """Yield a layer and the modules that it is in, the innermost first, with their paths."""
        network, path = self.run.module, self.path_of(layer)
        modules = dict(network.named_modules()) if network is not None else {}
        while path in modules and path:
            yield path, modules[path]
            path = path.rpartition(".")[0]


def _is_whole(row: Row) -> bool:
    """Return whether a call has no calls of modules below it, or is a layer of torch's."""
    return not row.is_container or (isinstance(row.call, Module) and is_layer(row.call))


def _of_same(text: str, call: CallText) -> str:
    """Write a layer in place of another of the same module: ``nn.Conv2d(3, 8, 3)``."""
    home = call.callee.rpartition(".")[0]
    return f"{home}.{text}" if home else text


def _first_tensor(row: Row) -> Tensor | None:
    return next(iter(tensors((row.args, row.kwargs))), None)
