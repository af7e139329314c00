"""Tries edits of a network's text: reads the new text and runs the network to its end, twice."""

from __future__ import annotations

from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from .. import clock
from ..errors import Error, ShapeError
from ..fixes import Fix
from ..rewrites import Sources, alternatives
from ..run.runner import run
from ..run.trial import Change, Outcome, attempt, holds, run_state
from ..shapetorch import hooks
from ..thread_output import muted
from .repeats import repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ..fixes import Edit
    from ..rewrites import Rewrite
    from ..run.program import Program
    from ..run.record import Run
    from ..shapetorch.nn.modules.module import Module

#: A file that takes longer to read is not read again and again.
_SLOWEST = 0.5


class Proof:
    """Tries edits of the text that a run is of.

    Attributes:
        sources: the texts.
        one_batch: whether the network may be written for its number of samples alone.
        start: what came of the network as it is.
        repeated: edits that make one change in several calls.
    """

    def __init__(self, program: Program, run: Run) -> None:
        self.program = program
        self.run = run
        self.one_batch = run.batch != 1
        self.start = Outcome(None, "", -1, None)
        self.repeated: set[tuple[Edit, ...]] = set()
        self.sources = Sources(program.source)
        self._trails: dict[str, list[str]] | None = None
        #: The edits with which the network stopped, as they were tried, and what stopped it.
        self._stopped: dict[tuple[Edit, ...], Outcome] = {}
        self._tried: dict[tuple[Edit, ...], bool] = {}
        self._slow = False

    @property
    def possible(self) -> bool:
        """Whether there is a text, and time to read it."""
        return self.program.reread is not None and not self._slow

    def edits(self, rewrites: Sequence[Rewrite]) -> tuple[Edit, ...]:
        """Return the first edits that may be meant with which the network runs, or none."""
        if not self.possible or not rewrites:
            return ()
        tries = takewhile(lambda _: not clock.is_over(), alternatives(rewrites, self.sources))
        return next(filter(None, map(self.held, filter(None, tries))), ())

    def held(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Return edits with which the network runs, these or with the same in other calls."""
        if self.holds(edits):
            return tuple(edits)
        if not _is_same_mistake(self.start, self._stopped.get(tuple(edits))):
            return ()
        both = next(filter(self.holds, repeated(self.sources, edits)), ())
        self.repeated.add(both)
        return both

    def holds(self, edits: Sequence[Edit]) -> bool:
        """Return whether the edited network runs to the end, twice, and keeps the batch whole."""
        key = tuple(edits)
        if key not in self._tried:
            if clock.is_over():
                return False
            result = self._read(self.sources.edited(edits), partial(self._runs, edits))
            self._tried[key] = result is True
            if isinstance(result, Error) and not clock.is_over():
                self._note(edits, Outcome(result, "", -1, None))
        return self._tried[key]

    def _read(
        self, texts: Mapping[str, str], use: Callable[[Program], bool], *, searching: bool = True
    ) -> bool | BaseException:
        """Read the network with other texts and do something with it; return what came of it.

        Args:
            texts: the other texts, by file.
            use: what is done.
            searching: whether errors need no fixes.
        """
        assert self.program.reread is not None
        outside = hooks.recorder, hooks.searching
        hooks.recorder, hooks.searching = None, searching
        begun = clock.seconds()
        try:
            with muted():
                try:
                    program = self.program.reread(texts)
                finally:
                    self._slow = clock.seconds() - begun > _SLOWEST
                with program.session():
                    return use(program)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # whatever the user's own code raises
            return error
        finally:
            hooks.recorder, hooks.searching = outside

    def refusal(self, edits: Sequence[Edit]) -> BaseException | None:
        """Return what stops the edited network, if it can be made and something does."""
        errors: list[BaseException | None] = [None]

        def stops(program: Program) -> bool:
            errors[0] = self._attempt(self._state(program), None).error
            return True

        self._read(self.sources.edited(edits), stops)
        return errors[0]

    def _runs(self, edits: Sequence[Edit], program: Program) -> bool:
        old, new = self.program.module, program.module
        if old and _has(old, self.start.path) and not _has(new, self.start.path):
            return False  # it leaves out the layer that refuses
        state = self._state(program)
        if not state.inputs:
            return True  # it can be made, which is all that is asked

        def tried(batch: int | None) -> Outcome:
            outcome = self._attempt(state, batch)
            if batch is None and outcome.error is not None:
                self._note(edits, outcome)
            return outcome

        return holds(tried, state.batch, self.one_batch)

    def _note(self, edits: Sequence[Edit], outcome: Outcome) -> None:
        """Keep what stops the edited network, without the network itself."""
        assert outcome.error is not None
        outcome.error.__traceback__ = None
        self._stopped[tuple(edits)] = outcome

    def further(self) -> list[Fix]:
        """Return the edits that get the network furthest, with what then stops it, if any do."""
        edits = next(iter(self.furthest()), ())
        outcome = self._stopped.get(edits, self.start)
        # A call that is put in before one is no progress.
        least = self.start.reached + bool(self.start.path)
        is_told = edits and outcome.reached > least and isinstance(outcome.error, Error)
        return [getting_further(self.sources.shown(edits), outcome)] if is_told else []

    def furthest(self) -> list[tuple[Edit, ...]]:
        """Return the edits with which the network stops later: those that get it furthest first.

        Of those that get it to the same call, the first: others may make more calls on the way.
        """
        reached: dict[str, tuple[int, int]] = {}
        for outcome in self._stopped.values():
            reached[outcome.path] = max(outcome.progress, reached.get(outcome.path, (-1, 0)))
        least, at = (self.start.progress, False), _at(self.start)
        later = [
            edits
            for edits, outcome in self._stopped.items()
            if (outcome.progress, _at(outcome) != at) > least
        ]
        return sorted(later, key=lambda edits: reached[self._stopped[edits].path], reverse=True)

    def continued(
        self, further: Iterable[Sequence[Edit]], diagnose: Callable[[Program, Run], Error]
    ) -> tuple[Edit, ...]:
        """Return edits that get the network further, with those that fix what stops it then.

        Args:
            further: the edits that get it further.
            diagnose: gives what stops the edited network, with its fixes.
        """
        fixes = ((edits, fix) for edits in further for fix in self._fixes(edits, diagnose))
        several = (self.sources.composed(edits, fix.edits) for edits, fix in fixes if fix.edits)
        return next((edits for edits in several if edits and self.holds(edits)), ())

    def fix(self, edits: Sequence[Edit]) -> Fix:
        """Return edits as a fix, which shows them."""
        return Fix(self.sources.shown(edits), edits=tuple(edits))

    def _fixes(
        self, edits: Sequence[Edit], diagnose: Callable[[Program, Run], Error]
    ) -> Sequence[Fix]:
        """Return what fixes the edited network."""
        stopped: list[BaseException | bool | None] = []

        def runs(program: Program) -> bool:
            program.train = self.run.train
            if not (program.inputs or program.named):
                program.inputs, program.named = self.run.arguments
                program.batch = self.run.batch
            result = run(program)
            stopped.append(result.error and diagnose(program, result))
            return True

        stopped.append(self._read(self.sources.edited(edits), runs, searching=False))
        return next((error.fixes for error in stopped if isinstance(error, Error)), ())

    def _attempt(self, state: Run, batch: int | None) -> Outcome:
        return attempt(state, Change(""), batch=batch)

    def _state(self, program: Program) -> Run:
        """Return a run of nothing, for trials of a program, with the inputs that were found."""
        state = run_state(program)
        state.train = self.run.train
        if not state.inputs:  # which were found in the network, if at all
            state.inputs, state.arguments = self.run.inputs, self.run.arguments
            state.batch = self.run.batch
        for tensor, old in zip(state.inputs, self.run.inputs, strict=False):
            tensor.dtype = old.dtype  # which the run may have found
        return state

    def trail(self, path: str) -> list[str]:
        """Return the lines that led to a layer, the innermost first."""
        if self._trails is None:
            self._trails = dict(self._walk())
        return self._trails.get(path, [])

    def _walk(self) -> Iterator[tuple[str, list[str]]]:
        module = self.program.module
        paths = list(module.named_modules())
        if not any(child._made_at for _, child in paths):
            yield from ((path, self.program.places(child)) for path, child in paths)
        elif self.possible:
            trails: dict[str, list[str]] = {}
            outside, hooks.trails = hooks.trails, {}
            try:
                self._read({}, lambda program: _note(program, trails))
            finally:
                hooks.trails = outside
            yield from trails.items()


def _is_same_mistake(start: Outcome, later: Outcome | None) -> bool:
    """Return whether a network that gets further is refused there as it was at first."""
    if later is None or later.progress <= start.progress:
        return False
    first, then = start.error, later.error
    if not isinstance(first, ShapeError) or not isinstance(then, ShapeError):
        return False
    kinds = (type(first.module).__name__, type(then.module).__name__)
    return first.operation == then.operation and kinds[0] == kinds[1]


def _has(network: Module, path: str) -> bool:
    """Return whether a network has a layer of its own at a path."""
    return path != "" and any(path == other for other, _ in network.named_modules())


def _at(outcome: Outcome) -> str:
    """Return where a network stopped: at a call, or at the line of a layer that cannot be made."""
    return outcome.path or getattr(outcome.error, "where", "")


def getting_further(change: str, outcome: Outcome) -> Fix:
    """Return a change in words, with what stops the network then."""
    assert isinstance(outcome.error, Error)
    what = outcome.path or outcome.error.subject
    stops = f"{what} stops: {outcome.error.what}" if what else outcome.error.what
    return Fix(f"{change} (then {stops})", tried=False)


def _note(program: Program, trails: dict[str, list[str]]) -> bool:
    trails_of = hooks.trails or {}
    for path, module in program.module.named_modules():
        trails[path] = trails_of.get(module) or vars(module).get("_trail", [])  # of what it copies
    return True
