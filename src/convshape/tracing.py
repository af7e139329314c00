"""Runs a module on tensors and keeps a record: a row for every call that gives a shape, and the totals.

(The module is not called ``trace`` because ``convshape.trace`` is the function.)
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from .errors import Error, ShapeError, SpecError
from .shapetorch import dtypes, recording
from .shapetorch.arguments import shape as shape_text
from .shapetorch.nn.modules.module import REQUIRED, call_text, is_layer, signature, takes_any
from .shapetorch.nn.parameter import is_lazy
from .shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from .shapetorch.nn import Module

    Shape = tuple[int, ...]

#: How many layer calls the search for input sizes that fit may take: well under a second.
_SEARCH_CALLS = 20_000


class Row:
    """One call: of a module, or of a function or tensor operation that changed a shape.

    Attributes:
        path: the module's name in `named_modules()`, ``""`` for the root; below it, for a function, its own
            name or that of the entry of a network file.
        kind: ``"module"`` or ``"function"``.
        inputs: shapes of the tensors that came in, batch included.
        outputs: shapes of the tensors that came out; None while the call runs.
        params: number of parameters of the module and all below it, each counted once.
    """

    __slots__ = ("call", "inputs", "outputs", "params", "path")

    def __init__(self, path: str, call: Module | str, inputs: list[Shape]) -> None:
        self.path = path
        self.call = call
        self.inputs = inputs
        self.outputs: list[Shape] | None = None
        self.params = 0

    @property
    def kind(self) -> str:
        return "function" if isinstance(self.call, str) else "module"

    @property
    def layer(self) -> str:
        """The call as text: ``Conv2d(3, 6, 5)``."""
        return self.call if isinstance(self.call, str) else call_text(self.call)

    @property
    def is_container(self) -> bool:
        """Whether it is a module with modules below it."""
        return not isinstance(self.call, str) and bool(self.call._modules)

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON has it."""
        return {
            "path": self.path,
            "kind": self.kind,
            "layer": self.layer,
            "in": [list(s) for s in self.inputs],
            "out": [list(s) for s in self.outputs or ()],
            "params": self.params,
        }


class Trace:
    """What came of running a network: its rows in the order of the calls, parents first.

    Attributes:
        name: the network's.
        inputs: shapes of the inputs, batch included.
        rows: the calls that succeeded.
        params: number of parameters, each counted once.
        error: why it stopped, or None where everything fits.
        note: what the file left open, and how it was read.
    """

    def __init__(
        self, name: str, inputs: list[Shape], rows: list[Row], params: int, error: Error | None = None
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.rows = rows
        self.params = params
        self.error = error
        self.note = ""

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as JSON has it, schema 1."""
        return {
            "schema": 1,
            "name": self.name,
            "inputs": [list(s) for s in self.inputs],
            "rows": [row.to_dict() for row in self.rows],
            "total": {"params": self.params},
            "note": self.note,
            "error": None if self.error is None else self.error.to_dict(),
        }

    def to_json(self) -> str:
        """Return `to_dict` as text, a line for each row."""
        from json import dumps

        parts = self.to_dict()
        rows = ",\n".join("  " + dumps(row, ensure_ascii=False) for row in parts["rows"])
        lines = [
            f" {dumps(key)}: "
            + (f"[\n{rows}\n ]" if key == "rows" and rows else dumps(value, ensure_ascii=False))
            for key, value in parts.items()
        ]
        return "{\n" + ",\n".join(lines) + "\n}"

    def __rich__(self) -> Any:
        from .render.table import table

        return table(self)

    def _repr_html_(self) -> str:
        from .render.table import html

        return html(self)


class _Recorder:
    """Keeps the rows of one run. It is what `recording` calls a recorder."""

    def __init__(self, root: Module) -> None:
        self.rows: list[Row] = []
        self.inside_layer = False
        self._paths = {id(module): path for path, module in root.named_modules()}
        self._path = self.entry = ""

    def call_module(self, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        path = self._paths.get(id(module))
        if path is None:  # made while the network runs, so it has no name
            path = self._below(type(module).__name__)
        row = Row(path, module, _shapes((args, kwargs) if kwargs else args))
        self.rows.append(row)
        outside = self.inside_layer, self._path, self.entry
        self.inside_layer, self._path, self.entry = is_layer(module), path, ""
        try:
            result = module._call(args, kwargs)
        except ShapeError as error:
            if error.path is None:
                error.path = path
            raise
        finally:
            self.inside_layer, self._path, self.entry = outside
        row.outputs = _shapes(result)
        row.params = _params(module)
        return result

    def call_function(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self.inside_layer = True
        try:
            result = function(*args, **kwargs)
        finally:
            self.inside_layer = False
        inputs, outputs = _shapes((args, kwargs)), _shapes(result)
        if any(shape not in inputs for shape in outputs):
            path = self._below(self.entry or function.__name__)
            row = Row(path, _function_text(function.__name__, args, kwargs), inputs)
            row.outputs = outputs
            self.rows.append(row)
        return result

    def _below(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


def _shapes(value: Any) -> list[Shape]:
    """Return the shapes of the tensors in `value`, however deep in tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        return [value.shape]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        return []
    return [shape for item in value for shape in _shapes(item)]


def _function_text(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Write a call without its tensors, which the row's shapes show: ``max_pool2d(2, stride=1)``."""
    if name == "getitem":
        index = args[1] if isinstance(args[1], tuple) else (args[1],)
        return f"[{', '.join(map(_index_text, index))}]"
    shown = [repr(a) for a in args if not _shapes(a)]
    shown += [f"{k}={v!r}" for k, v in kwargs.items() if not _shapes(v)]
    return f"{name}({', '.join(shown)})"


def _index_text(index: Any) -> str:
    if isinstance(index, slice):
        start, stop, step = ("" if n is None else str(n) for n in (index.start, index.stop, index.step))
        return f"{start}:{stop}" + f":{step}" * bool(step)
    if _shapes(index):
        return "tensor"
    return "..." if index is ... else repr(index)


def run(
    module: Module, inputs: Sequence[Tensor], *, name: str = "", where: Mapping[str, str] | None = None
) -> Trace:
    """Run `module` in evaluation mode on `inputs` and return what happened, also where it stopped.

    Args:
        module: the network; it is left as it was, but for lazy layers, which become what they infer.
        inputs: its arguments, each ``(N, C, *size)`` or whatever it takes.
        name: the network's, its class unless given.
        where: ``file:line:column`` of modules, by path.
    """
    check_inputs(module, inputs)
    as_it_was = _copied(module)
    recorder = _Recorder(module)
    modes = [(each, each.training) for each in module.modules()]
    error: Error | None = None
    try:
        for each, _ in modes:
            each.training = False
        recording.recorder = recorder
        module(*inputs)
    except Error as refusal:
        recording.recorder = None
        error = refusal
        if isinstance(refusal, ShapeError):
            _explain(refusal, recorder.rows, as_it_was, inputs, where or {})
    finally:
        recording.recorder = None
        for each, mode in modes:
            each.training = mode
    rows = [row for row in recorder.rows if row.outputs is not None]
    return Trace(name or type(module).__name__, [t.shape for t in inputs], rows, _params(module), error)


def _copied(module: Module) -> Module:
    """Return a copy of a network with lazy layers, which the first call changes; another as it is."""
    if not any(map(is_lazy, (*module.parameters(), *module.buffers()))):
        return module
    from copy import deepcopy

    return deepcopy(module)


def check_inputs(module: Module, inputs: Sequence[Tensor]) -> None:
    """Refuse a number of inputs that the module's `forward` does not take.

    Raises:
        SpecError: there are too few or too many.
    """
    arguments = list(signature(type(module).forward).values())[1:]
    required = arguments.count(REQUIRED)
    if takes_any(type(module).forward)[0] or required <= len(inputs) <= len(arguments):
        return
    takes = f"{required} input{'s' * (required != 1)}"
    raise SpecError(f"{call_text(module)} takes {takes}, but {len(inputs)} are given")


def _params(module: Module) -> int:
    """Count the parameters of a module and all below it, each once; a lazy one has no number yet."""
    if module._modules:
        parameters = {id(p): p for p in module.parameters()}
    else:
        parameters = {id(p): p for p in module._parameters.values() if p is not None}
    return sum(p.numel() for p in parameters.values() if not is_lazy(p))


def _explain(
    error: ShapeError, rows: list[Row], module: Module, inputs: Sequence[Tensor], where: Mapping[str, str]
) -> None:
    """Say in `error` where it happened, which layers explain the numbers, and which inputs would fit."""
    path = error.path or ""
    while path and path not in where:
        path = path.rpartition(".")[0]
    error.where = error.where or where.get(path, "")
    done = [row for row in rows if row.outputs and not row.is_container]
    error.why = error.why or _why(error, done, inputs)
    fitting = _fitting_input(module, inputs, len(rows))
    if fitting:  # which has been tried, as general advice has not
        error.fix = f"{error.fix}, or {fitting}" if error.fix and error.tried else fitting


def _why(error: ShapeError, done: list[Row], inputs: Sequence[Tensor]) -> str:
    """Name the layer that gave the numbers that do not fit: the last that changed the ones in question."""
    given = inputs[0].shape if inputs else ()
    size = " × ".join(map(str, given[2:]))
    because = f", because the input is {size}" if size else ""
    if not done:
        return f"the input is {shape_text(given)}, batch included"
    last = done[-1]
    came, went = ((shapes or [()])[0] for shapes in (last.inputs, last.outputs))
    change = error.change
    if "in_features" in change:
        if len(went) == 2 and len(came) > 2:
            return f"{last.path} gave {' × '.join(map(str, came[1:]))} = {went[-1]}{because}"
        return f"{last.path} gave {shape_text(went)}"
    channels = change.get("in_channels", change.get("num_features"))
    if channels is not None:
        for row in reversed(done):  # back to the layer that made this number of channels
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

    def fits(sample: Sequence[int], dtype: dtypes.dtype = given) -> bool:
        try:
            _copied(module)(Tensor((batch, *sample), dtype))
        except Error:
            return False
        return True

    for other in (dtypes.float32, dtypes.int64):
        if other is not given and fits(sample, other):
            return f"an input of {other.name}:{shape_text(tuple(sample))}"
    if len(sample) < 2:
        return ""
    if len(sample) > 1 and sample[0] == 1 and fits(sample[1:]):
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
