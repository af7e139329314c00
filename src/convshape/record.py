"""What is kept of a run: a row for every call, what can be worked out from them, and the totals."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from .shapetorch.nn.modules.module import Module, call_text, signature
from .shapetorch.nn.parameter import is_lazy
from .shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .errors import Error

    Shape = tuple[int, ...]

#: How much a row is shown: always, with the operations that keep the shape, never (it is inside of a layer).
SHOWN, FOLDED, INSIDE = range(3)


class Row:
    """One call of a module, or of a function or tensor operation.

    What it holds costs nothing to record; the rest is worked out when somebody asks.

    Attributes:
        path: the module's name in `named_modules()`, ``""`` for the root; below it, for a function, its own
            name or that of the entry of a network file.
        call: the module or the function.
        inputs: shapes of the tensors that came in, batch included.
        outputs: shapes of the tensors that came out; None while the call runs.
        level: `SHOWN`, `FOLDED` (an operation that keeps the shape) or `INSIDE` (of a layer).
    """

    __slots__ = (
        "_record", "args", "call", "end", "index", "inputs", "kwargs", "level", "outputs", "path", "result",
    )  # fmt: skip

    def __init__(
        self,
        record: Record,
        path: str,
        call: Module | Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        level: int = SHOWN,
    ) -> None:
        self._record = record
        self.path = path
        self.call = call
        self.args = args
        self.kwargs = kwargs
        self.level = level
        self.inputs: list[Shape] = []
        self.outputs: list[Shape] | None = None
        self.result: Any = None
        self.index = len(record.calls)
        self.end = self.index + 1
        record.calls.append(self)

    @property
    def kind(self) -> str:
        """``"module"`` or ``"function"``."""
        return "module" if isinstance(self.call, Module) else "function"

    @property
    def name(self) -> str:
        """The name of the module's class, or of the function."""
        return type(self.call).__name__ if isinstance(self.call, Module) else self.call.__name__

    @property
    def layer(self) -> str:
        """The call as text: ``Conv2d(3, 6, 5)``."""
        if isinstance(self.call, Module):
            return call_text(self.call)
        if self.name == "getitem":
            index = self.args[1] if isinstance(self.args[1], tuple) else (self.args[1],)
            return f"[{', '.join(map(_index_text, index))}]"
        # Without its tensors, which the row's shapes show.
        shown = [repr(a) for a in self.args if not shapes(a)]
        shown += [f"{k}={v!r}" for k, v in self.kwargs.items() if not shapes(v)]
        return f"{self.name}({', '.join(shown)})"

    @property
    def is_container(self) -> bool:
        """Whether it is a module with modules below it."""
        return isinstance(self.call, Module) and bool(self.call._modules)

    @property
    def params(self) -> int:
        """The number of parameters of the module and all below it, each counted once."""
        return count_params(self.call) if isinstance(self.call, Module) else 0

    @property
    def macs(self) -> int:
        """The multiplications and additions of the matrix products and convolutions in this call."""
        sums = self._record.macs
        return sums[self.end] - sums[self.index]

    @property
    def field(self) -> list[tuple[int, float, int]] | str | None:
        """What an element of the first output sees of the network's first input.

        ``(size, stride, start)`` of each spatial axis, ``"whole"`` for all of it, None where it is not known
        or not defined.
        """
        field: list[tuple[int, float, int]] | str | None = self._record.fields[self.index]
        return field

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function by their names, defaults included."""
        assert not isinstance(self.call, Module)
        names = signature(self.call)
        return names | dict(zip(names, self.args, strict=False)) | self.kwargs

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON has it."""
        return {
            "path": self.path,
            "kind": self.kind,
            "layer": self.layer,
            "in": [list(s) for s in self.inputs],
            "out": [list(s) for s in self.outputs or ()],
            "params": self.params,
            "macs": self.macs,
            "field": _field_dict(self.field),
        }


def _field_dict(field: list[tuple[int, float, int]] | str | None) -> Any:
    if field is None or isinstance(field, str):
        return field
    return dict(zip(("size", "stride", "start"), map(list, zip(*field, strict=True)), strict=True))


def _index_text(index: Any) -> str:
    if isinstance(index, slice):
        start, stop, step = ("" if n is None else str(n) for n in (index.start, index.stop, index.step))
        return f"{start}:{stop}" + f":{step}" * bool(step)
    if shapes(index):
        return "tensor"
    return "..." if index is ... else repr(index)


class Record:
    """The calls of one run in the order in which they began, those inside of layers too."""

    def __init__(self, module: Module | None = None, inputs: list[Tensor] | None = None) -> None:
        self.module = module
        self.inputs = inputs or []
        self.calls: list[Row] = []
        self._macs: list[int] = []
        self._fields: list[Any] = []

    @property
    def fields(self) -> list[Any]:
        """The field of each call."""
        if len(self._fields) < len(self.calls):
            from .receptive import fields

            self._fields = fields(self)
        return self._fields

    @property
    def macs(self) -> list[int]:
        """The multiply-accumulates of the calls before each, and at the end of all."""
        if len(self._macs) <= len(self.calls):
            from .macs import macs

            self._macs = [0, *accumulate(map(macs, self.calls))]
        return self._macs


class Trace:
    """What came of running a network: its rows in the order of the calls, parents first.

    Attributes:
        name: the network's.
        inputs: shapes of the inputs, batch included.
        rows: the calls that succeeded: of modules, and of operations that change a shape.
        params: number of parameters, each counted once.
        error: why it stopped, or None where everything fits.
        note: what the file left open, and how it was read.
        record: all calls.
    """

    def __init__(
        self,
        name: str,
        inputs: list[Shape],
        rows: list[Row],
        params: int,
        error: Error | None = None,
        record: Record | None = None,
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.rows = rows
        self.params = params
        self.error = error
        self.note = ""
        self.record = record or Record()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def macs(self) -> int:
        """The multiply-accumulates of all that ran."""
        return self.record.macs[-1]

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as JSON has it, schema 1."""
        return {
            "schema": 1,
            "name": self.name,
            "inputs": [list(s) for s in self.inputs],
            "rows": [row.to_dict() for row in self.rows],
            "total": {"params": self.params, "macs": self.macs},
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


def tensors(value: Any) -> list[Tensor]:
    """Return the tensors in `value`, however deep in tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        return []
    return [each for item in value for each in tensors(item)]


def shapes(value: Any) -> list[Shape]:
    """Return the shapes of the tensors in `value`, however deep in tuples, lists and dictionaries."""
    return [each.shape for each in tensors(value)]


def count_params(module: Module) -> int:
    """Count the parameters of a module and all below it, each once; a lazy one has no number yet."""
    if module._modules:
        parameters = {id(p): p for p in module.parameters()}
    else:
        parameters = {id(p): p for p in module._parameters.values() if p is not None}
    return sum(p.numel() for p in parameters.values() if not is_lazy(p))
