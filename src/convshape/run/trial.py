"""Runs a changed network again: how far it gets, and whether the batch stays whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import clock
from ..shapetorch import hooks
from ..shapetorch.nn.modules.module import Module, is_layer
from ..shapetorch.tensor import Tensor
from .record import Run, exchanged, tensors
from .runner import copied, mode, restored

if TYPE_CHECKING:
    from ..rewrites import Rewrite
    from .program import Program

    #: Changes the arguments of a call: those by place, and those by name.
    Rearrange = Callable[[tuple[Any, ...], dict[str, Any]], tuple[Any, ...]]

#: The size of a batch that is tried besides: prime, and none that a network has elsewhere.
UNUSUAL = 13
_OTHER = 11


class Change(NamedTuple):
    """What is changed in a trial, and what is said of it.

    Attributes:
        text: the change in words.
        layers: the layers that are in place of others, by the paths of those.
        calls: what is done to the arguments of calls, by their `CallSite`.
        inputs: other inputs, if any.
        argument: constructor arguments of the refusing layer that it changes.
        only: whether nothing else is to be offered beside it.
        one_size: whether it helps inputs of one size alone, so that another size is offered first.
        rewrites: the change as one of the text, if it can be written.
        works: whether the network runs with it, if that has been tried.
    """

    text: str
    layers: Mapping[str, Module] = {}
    calls: Mapping[CallSite, Rearrange] = {}
    inputs: Sequence[Any] | None = None
    argument: Mapping[str, Any] = {}
    only: bool = False
    one_size: bool = False
    rewrites: Sequence[Rewrite] = ()
    works: bool | None = None

    def joined(self, other: Change) -> Change:
        """Return both changes as one."""
        layers, calls = {**self.layers, **other.layers}, {**self.calls, **other.calls}
        text = f"{self.text} and {other.text}"
        whole = bool(self.rewrites and other.rewrites)
        rewrites = (*self.rewrites, *other.rewrites) if whole else ()
        return self._replace(text=text, layers=layers, calls=calls, rewrites=rewrites, works=None)


class CallSite(NamedTuple):
    """The calls that one piece of the user's text makes: of a module, its path and class.

    Of a function in a source file, the line and its name; in a network file, the entry's path.
    """

    where: str
    path: str
    name: str


class Outcome(NamedTuple):
    """What came of a trial.

    Attributes:
        error: what stopped it, or None.
        path: of the call that refused.
        reached: how many calls came to their end.
        output: what it gave.
        misplaced: an unpooling that gives another size than was pooled: torch refuses some of its
            indices.
        lost: which calls outside of layers, counted from 0, gave no axis of the batch's size
            though one came in, and the first axis of what each gave.
        sizes: the shapes that the parameters of a network with lazy layers got.
    """

    error: BaseException | None
    path: str
    reached: int
    output: Any
    misplaced: str = ""
    lost: Sequence[tuple[int, int]] = ()
    sizes: Sequence[tuple[int, ...]] = ()

    @property
    def progress(self) -> tuple[int, int]:
        """How far it came: how many calls, and of several tensors to join how many fitted."""
        _, _, part = getattr(self.error, "argument", "").rstrip("]").partition("[")
        return self.reached, int(part) if part.isdigit() else 0

    @property
    def ok(self) -> bool:
        """Whether it ran to the end."""
        return self.error is None


class _Replay:
    """What `hooks` calls a recorder: it counts the calls, and changes some."""

    def __init__(
        self,
        paths: Mapping[Module, str],
        change: Change,
        batch: int | None = None,
    ) -> None:
        self.inside_operation = False
        self.entry = self.path = ""
        self.reached = 0
        self.refused: tuple[BaseException | None, str] = (None, "")
        self._paths = paths
        self._layers = change.layers
        self._calls = change.calls
        self._at_lines = any(site.where for site in change.calls)
        self._inside_layer = False
        #: Indices of a pooling, by id, with the sizes of what was pooled.
        self._pooled: dict[int, tuple[Tensor, tuple[int, ...]]] = {}
        self.misplaced = ""
        #: The batch size to look for, the calls outside of layers so far, and `Outcome.lost`.
        self._batch = batch
        self._functions = 0
        self.lost: list[tuple[int, int]] = []

    def call_module(self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        clock.check()
        path = self._paths.get(module)
        if path is None:  # made while the network runs: what stands for it is called instead
            path = self._below(type(module).__name__)
            module = self._layers.get(path, module)
        if self._calls:
            site = CallSite("", path, type(module).__name__)
            args = self._rearranged(site, args, kwargs)
        outside = self._inside_layer, self.path, self.entry
        self._inside_layer, self.path, self.entry = is_layer(module), path, ""
        try:
            result = module._call(args, kwargs)
        except BaseException as refusal:
            self._note(refusal, path)
            raise
        finally:
            self._inside_layer, self.path, self.entry = outside
        self.reached += 1
        return result

    def call_function(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        clock.check()
        path = self._below(self.entry or function.__name__)
        if self._calls and not self._inside_layer:
            where = hooks.line() if self._at_lines and hooks.line is not None else ""
            site = CallSite(where, "" if where else path, function.__name__)
            args = self._rearranged(site, args, kwargs)
        self.inside_operation = True
        try:
            result = function(*args, **kwargs)
        except BaseException as refusal:
            self._note(refusal, path)
            raise
        finally:
            self.inside_operation = False
        if not self._inside_layer:
            self.reached += 1
            if self._batch is not None:
                self._watch_batch((args, kwargs), result)
            self._functions += 1
        if "max_" in function.__name__ and "pool" in function.__name__:
            self._watch_indices(function.__name__, args, kwargs, result)
        return result

    def _watch_batch(self, args: Any, result: Any) -> None:
        """Note a call from which the axis of the batch does not come out."""
        outputs = tensors(result)
        kept = any(self._batch in tensor.shape for tensor in outputs)
        if outputs and not kept and any(self._batch in tensor.shape for tensor in tensors(args)):
            self.lost.append((self._functions, (outputs[0].shape or (0,))[0]))

    def _watch_indices(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
    ) -> None:
        """Note an unpooling to another size than was pooled, where the indices do not fit."""
        if isinstance(result, tuple):
            self._pooled[id(result[1])] = result[1], tensors((args, kwargs))[0].shape
        elif "unpool" in name:
            indices = tensors((args, kwargs))[1]
            _, size = self._pooled.get(id(indices), (indices, result.shape))
            if size[-2:] != result.shape[-2:]:
                self.misplaced = self.misplaced or self.path or name

    def note(self, statement: tuple[Any, ...], is_part: bool, value: Any) -> None:
        """Take no notes: what is tried is nobody's source."""

    def _below(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _note(self, refusal: BaseException, path: str) -> None:
        if refusal is not self.refused[0]:
            self.refused = refusal, self.path if self._inside_layer else path

    def _rearranged(
        self, site: CallSite, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, ...]:
        """Change the arguments of a call, as the calls that do so are nobody's business."""
        change = self._calls.get(site)
        if change is None:
            return args
        before, self.inside_operation = self.inside_operation, True
        try:
            return change(args, kwargs)
        finally:
            self.inside_operation = before


def attempt(run: Run, change: Change, *, batch: int | None = None) -> Outcome:
    """Run the network of a run again, with a change, and leave it as it was before.

    Args:
        run: the run, whose network is taken as it was before.
        change: what is to be different.
        batch: samples in a batch in place of those that were asked.
    """
    if clock.is_over():
        return Outcome(clock.TimeIsUpError(), "", 0, None)
    assert run.before is not None
    paths = run.paths or {module: path for path, module in run.before.named_modules()}
    network = copied(run.before, paths)
    if network is run.before:
        run.paths = paths
    else:
        paths = {module: path for path, module in network.named_modules()}
    inputs = list(run.inputs if change.inputs is None else change.inputs)
    if batch is not None:
        inputs = [with_batch(item, batch) for item in inputs]
    args, kwargs = list(inputs), {}
    if run.inputs:  # which may be anywhere in the arguments
        others = {id(old): new for old, new in zip(run.inputs, inputs, strict=False)}
        args, kwargs = exchanged(run.arguments, others)
    searching, recorder = hooks.searching, hooks.recorder
    hooks.searching, error, output = True, None, None
    with restored(run), mode(paths, run.train):
        for path, layer in change.layers.items():
            _stand_in(network, path, layer.train(run.train))
        replay = hooks.recorder = _Replay(paths, change, batch)
        try:
            output = network(*args, **kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as refusal:  # the user's own checks refuse too
            error = refusal
        finally:
            hooks.searching, hooks.recorder = searching, recorder
    path, is_copy = replay.refused[1], network is not run.before
    sizes = [item.shape for item in network.parameters()] if is_copy and error is None else ()
    return Outcome(error, path, replay.reached, output, replay.misplaced, replay.lost, sizes)


def run_state(program: Program) -> Run:
    """Return a run of nothing, for trials of a program that has not been run."""
    result = Run(program.module, tensors((program.inputs, program.named)))
    result.arguments = program.inputs, program.named
    result.batch, result.train = program.batch, program.train
    modules = list(program.module.modules())
    result.before = copied(program.module, modules)
    result.state = [(module, vars(module).copy()) for module in modules]
    return result


def holds(
    tried: Callable[[int | None], Outcome], batch: int | None, one_batch: bool = False
) -> bool:
    """Return whether a network runs, and does so again, with the batch whole and of another size.

    Args:
        tried: runs it, with another number of samples if one is given.
        batch: samples in a batch, None where nothing counts them.
        one_batch: whether it may be written for this number of samples alone, as states are.
    """
    first = tried(None)
    if not first.ok or first.misplaced:
        return False
    if batch is None:
        return tried(None).ok
    other = unusual(batch)
    second = tried(other)
    if second.ok:
        if first.sizes != second.sizes:  # a lazy layer takes the batch for the channels
            return False
        return keeps_batch(first.output, batch, second.output, other)
    whole = all(tensor.shape[:1] == (batch,) for tensor in tensors(first.output)[:1])
    return one_batch and whole and tried(None).ok


def _stand_in(network: Module, path: str, layer: Module) -> None:
    """Let a layer be another, for all who hold it."""
    at = dict(network.named_modules()).get(path)
    if at is not None:
        at.__class__ = type(layer)
        attributes = vars(at)
        attributes.clear()
        attributes.update(vars(layer))


def with_batch(tensor: Any, batch: int) -> Any:
    """Return an input of another number of samples."""
    if not isinstance(tensor, Tensor) or not tensor.shape:
        return tensor
    return Tensor((batch, *tensor.shape[1:]), tensor.dtype)


def unusual(batch: int) -> int:
    """Return a size of a batch that no network expects."""
    return _OTHER if batch == UNUSUAL else UNUSUAL


def keeps_batch(output: Any, batch: int, other: Any = None, of_other: int = 0) -> bool:
    """Return whether the first tensor that a network gives has its samples apart.

    Args:
        output: what it gives for a batch of `batch` samples.
        batch: the size of the batch.
        other: what it gives for a batch of `of_other`, if that is known.
        of_other: the size of the other batch, 0 where there is none.
    """
    shape = next((tensor.shape for tensor in tensors(output)), ())
    if not of_other:
        return not shape or batch in shape
    second = next((tensor.shape for tensor in tensors(other)), ())
    same_rank = len(shape) == len(second)
    return same_rank and (not shape or (batch, of_other) in zip(shape, second, strict=True))
