"""Runs a module on tensors and keeps a record: a row for every call that gives a shape, and the totals.

(The module is not called ``trace`` because ``convshape.trace`` is the function.)
"""

from __future__ import annotations

from contextlib import redirect_stdout
from itertools import product
from typing import TYPE_CHECKING

from .collecting import paused
from .errors import Error, ShapeError, SpecError, nearest
from .record import SHOWN, Call, Record, Row, Trace, count_params, tensors
from .shapetorch import dtypes, recording
from .shapetorch.arguments import shape as shape_text
from .shapetorch.nn.modules.module import REQUIRED, Module, call_text, is_layer, signature, takes_any
from .shapetorch.nn.parameter import is_lazy
from .shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import Any

    Shape = tuple[int, ...]

#: How many layer calls the search for input sizes that fit may take: well under a second.
_SEARCH_CALLS = 20_000


class _Recorder:
    """Keeps the calls of one run. It is what `recording` calls a recorder."""

    def __init__(
        self, paths: Mapping[Module, str], inputs: list[Tensor], where: Mapping[str, str] | None = None
    ) -> None:
        self.record = Record(next(iter(paths)), inputs)
        self._where = where or {}
        self.inside_operation = False
        self._inside_layer = False
        self._paths = paths
        self._path = self.entry = ""

    def call_module(self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        path = self._paths.get(module)
        if path is None:  # made while the network runs, so it has no name
            path = self._below(type(module).__name__)
        row = Row(self.record, path, module, args, kwargs, self._place(path))
        outside = self._inside_layer, self._path, self.entry
        self._inside_layer, self._path, self.entry = is_layer(module), path, ""
        try:
            result = module._call(args, kwargs)
        except Exception as refusal:
            self.record.refused(row, refusal)
            if isinstance(refusal, ShapeError) and refusal.path is None:
                refusal.path = path
            raise
        finally:
            self._inside_layer, self._path, self.entry = outside
        row.finish(result)
        return result

    def call_function(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self.inside_operation = True
        in_place = function.__name__.endswith("_") and args and type(args[0]) is Tensor
        before = args[0].data if in_place else None
        try:
            result = function(*args, **kwargs)
        except Exception as refusal:
            if not self._inside_layer:
                path = self._below(self.entry or function.__name__)
                self.record.refused(
                    Row(self.record, path, function, args, kwargs, self._place(path)), refusal
                )
            raise
        finally:
            self.inside_operation = False
        if before is not None and args[0].shape != before.shape:
            self.record.keep(args[0], before)
            args = (before, *args[1:])
        if self._inside_layer:
            self.record.calls.append(Call(function, args, kwargs, result))
            return result
        path = self._below(self.entry or function.__name__)
        row = Row(self.record, path, function, args, kwargs, self._place(path))
        row.finish_operation(result)
        return result

    def _below(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _place(self, path: str) -> str:
        """Return the line that makes the call, or where its layer stands."""
        if recording.line is not None and path:
            return recording.line()
        return _place(path, self._where) if self._where else ""


def _place(path: str, where: Mapping[str, str]) -> str:
    """Return where a module stands, or the one that it is in."""
    while path and path not in where:
        path = path.rpartition(".")[0]
    return where.get(path, "")


@paused()
def run(
    module: Module,
    inputs: Sequence[Tensor],
    *,
    named: Mapping[str, Tensor] | None = None,
    name: str = "",
    where: Mapping[str, str] | None = None,
) -> Trace:
    """Run `module` in evaluation mode on `inputs` and return what happened, also where it stopped.

    Args:
        module: the network; it is left as it was, but for lazy layers, which become what they infer.
        inputs: its arguments, each ``(N, C, *size)`` or whatever it takes.
        named: its arguments by name.
        name: the network's, its class unless given.
        where: ``file:line:column`` of modules, by path.
    """
    named = named or {}
    check_inputs(module, inputs, named)
    modules = {each: path for path, each in module.named_modules()}
    as_it_was = _copied(module, modules)
    recorder = _Recorder(modules, [*inputs, *named.values()], where)
    training = [each for each in modules if each.training]
    error: Error | None = None
    try:
        for each in training:
            vars(each)["training"] = False
        recording.recorder = recorder
        module(*inputs, **named)
    except Exception as refusal:
        recording.recorder = None
        if recording.explain is not None:
            error = recording.explain(refusal)
        elif isinstance(refusal, Error):
            error = refusal
        else:
            raise
        if isinstance(error, ShapeError):
            with redirect_stdout(None):  # the search for what fits runs the user's code again
                _explain(error, recorder.record, as_it_was, recorder.record.inputs, where or {})
        recorder.record.stop(error)
    finally:
        recording.recorder = None
        for each in training:
            vars(each)["training"] = True
    rows = recorder.record.rows(SHOWN)
    params = count_params(modules)
    sizes: list[Shape] = [t.shape for t in recorder.record.inputs]
    return Trace(name or type(module).__name__, sizes, rows, params, error, recorder.record)


def _copied(module: Module, modules: Collection[Module]) -> Module:
    """Return a copy of a network with lazy layers, which the first call changes; another as it is."""
    kinds = {
        type(member): member
        for registry in ("_parameters", "_buffers")
        for each in modules
        if registry in each.__dict__
        for member in each.__dict__[registry].values()
    }
    if not any(map(is_lazy, kinds.values())):
        return module
    from copy import deepcopy

    return deepcopy(module)


def check_inputs(module: Module, inputs: Sequence[Tensor], named: Mapping[str, Tensor] | None = None) -> None:
    """Refuse inputs that the module's `forward` does not take.

    Raises:
        SpecError: there are too few or too many, or one has another name than its.
    """
    named = named or {}
    many, any_name = takes_any(type(module).forward)
    arguments = dict(list(signature(type(module).forward).items())[1:])
    open = {name: default for name, default in list(arguments.items())[len(inputs) :] if name not in named}
    required = list(arguments.values()).count(REQUIRED)
    for name in named:
        if name not in arguments and not any_name:
            near = nearest(name, arguments)
            fix = f"did you mean {near}?" if near else f"its inputs are {', '.join(arguments) or 'none'}"
            raise SpecError(f"{call_text(module)} has no input {name!r}", fix=fix)
    if REQUIRED not in open.values() and (many or len(inputs) <= len(arguments)):
        return
    takes = f"{required} input{'s' * (required != 1)}"
    wanted = [name for name, default in arguments.items() if default is REQUIRED]
    raise SpecError(
        f"{call_text(module)} takes {takes}, but {len(inputs) + len(named)} are given",
        fix=" ".join(f"--in {name}=3x32x32" if named else "--in 3x32x32" for name in wanted),
    )


def _explain(
    error: ShapeError, record: Record, module: Module, inputs: Sequence[Tensor], where: Mapping[str, str]
) -> None:
    """Say in `error` where it happened, which layers explain the numbers, and which inputs would fit."""
    error.where = error.where or _place(error.path or "", where)
    rows = [row for row in record.calls if isinstance(row, Row)]
    done = [row for row in rows if row.outputs and not row.is_container]
    refused = record.failed if record.failed and not record.failed.is_container else None
    error.why = error.why or _why(error, refused, done, inputs)
    made_at = error.module._made_at if isinstance(error.module, Module) else ""
    if error.fix and error.change and made_at not in ("", error.where):
        error.fix += f" in {made_at}"  # where the layer is made, which is where it is changed
    if error.only:
        return
    recording.searching = True
    try:
        fitting = _fitting_input(module, inputs, sum(row.level == SHOWN for row in rows))
    finally:
        recording.searching = False
    if fitting:  # which has been tried, as general advice has not
        error.fix = f"{error.fix}, or {fitting}" if error.fix and error.tried else fitting


def _givers(row: Row, done: list[Row]) -> Iterator[Row]:
    """Yield the call that gave a call its first tensor, the one that gave that its own, and so on back."""
    given = next(iter(tensors((row.args, row.kwargs))), None)
    for each in reversed(done):  # once through: what gives ran before what takes
        if each.index < row.index and any(t is given for t in tensors(each.result)):
            yield each
            row, given = each, next(iter(tensors((each.args, each.kwargs))), None)


def _why(error: ShapeError, refused: Row | None, done: list[Row], inputs: Sequence[Tensor]) -> str:
    """Name the layer that gave the numbers that do not fit: the last that changed the ones in question."""
    given = inputs[0].shape if inputs else ()
    size = " × ".join(map(str, given[2:]))
    because = f", because the input is {size}" if size else ""
    givers = _givers(refused, done) if refused else reversed(done)
    last = next((row for row in givers if row.level == SHOWN), None)
    if last is None:
        return f"the input is {shape_text(given)}, batch included"
    came, went = ((shapes or [()])[0] for shapes in (last.inputs, last.outputs))
    change = error.change
    if "in_features" in change:
        if len(went) == 2 and len(came) > 2:
            return f"{last.path} gave {' × '.join(map(str, came[1:]))} = {went[-1]}{because}"
        return f"{last.path} gave {shape_text(went)}"
    channels = change.get("in_channels", change.get("num_features"))
    if channels is not None:
        for row in (last, *_givers(last, done)):  # back to the layer that made this number of channels
            if channels not in (row.inputs or [()])[0][:2]:
                return f"{row.path}: {row.layer} gave {channels} channels"
        return f"the input has {channels} channels"
    return f"{last.path} gave {shape_text(went)}{because}"


def _fitting_input(module: Module, inputs: Sequence[Tensor], calls: int) -> str:
    """Look near the input for others that the whole network takes; each is tried before it is offered."""
    if len(inputs) != 1 or not inputs[0].shape:
        return ""
    batch, *sample = inputs[0].shape
    given = inputs[0].dtype
    modules = list(module.modules())

    def fits(sample: Sequence[int], dtype: dtypes.dtype = given) -> bool:
        try:
            _copied(module, modules)(Tensor((batch, *sample), dtype))
        except Exception:  # the user's own checks refuse too
            return False
        return True

    for other in (dtypes.float32, dtypes.int64):
        if other is not given and fits(sample, other):
            return f"an input of {other.name}:{shape_text(tuple(sample))}"
    if len(sample) < 2:
        return ""
    if sample[0] == 1 and fits(sample[1:]):
        return f"an input of {shape_text(tuple(sample[1:]))}: the batch axis is added in front of it"
    channels, *size = sample
    reach = min(2 * max(size) + 64, _SEARCH_CALLS // (2 * max(calls, 1)))

    def fits_at(shift: int) -> bool:
        return min(size) + shift >= 1 and fits([channels, *(n + shift for n in size)])

    nearest = next((s for d in range(1, reach) for s in (d, -d) if fits_at(s)), None)
    if nearest is None:
        return ""
    if len(set(size)) > 1:
        return f"an input of {' × '.join(str(n + nearest) for n in size)}"
    low = high = nearest
    while low - 1 != 0 and low > -reach and fits_at(low - 1):
        low -= 1
    while high + 1 != 0 and high < reach and fits_at(high + 1):
        high += 1
    first, last = size[0] + low, size[0] + high
    if high >= reach - 1:
        return "an input of at least " + " × ".join([str(first)] * len(size))
    if first == last:
        return "an input of " + " × ".join([str(first)] * len(size))
    if all(fits([channels, *corner]) for corner in product((first, last), repeat=len(size))):
        return "an input of " + " × ".join([f"{first}..{last}"] * len(size))
    least, most = (" × ".join([str(n)] * len(size)) for n in (first, last))
    return f"an input of {least} to {most}, the same along every axis"
