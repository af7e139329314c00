"""What is kept of a run: a row for every call, what can be worked out from them, and the totals."""

from __future__ import annotations

from itertools import accumulate
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING

from ..shapetorch.arguments import shape
from ..shapetorch.nn.modules.module import Module, argument_text, call_text, signature
from ..shapetorch.nn.parameter import is_lazy
from ..shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from ..errors import Error
    from ..shapetorch.dtypes import dtype

    Shape = tuple[int, ...]
    #: ``(size, stride, start)`` of each spatial axis, ``"whole"``, or None.
    ReceptiveField = list[tuple[int, float, int]] | str | None

#: How much a row is shown: always, with the operations that keep the shape, never (it is inside of a layer).
SHOWN, FOLDED, INSIDE = range(3)


class Call:
    """One call inside of a layer, of a function or tensor operation; what other calls are is a `Row`."""

    __slots__ = ("args", "call", "kwargs", "result")

    level = INSIDE

    def __init__(
        self,
        call: Module | Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Any,
    ) -> None:
        self.call: Module | Callable[..., Any] | str = call
        self.args = args
        self.kwargs = kwargs or _NO_KWARGS
        self.result = result

    @property
    def name(self) -> str:
        """The name of the module's class, or of the function."""
        if isinstance(self.call, str):
            return self.call
        return type(self.call).__name__ if isinstance(self.call, Module) else self.call.__name__

    @property
    def ended(self) -> bool:
        """Whether it gave a result, without which none is kept."""
        return True

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function by their names, defaults included."""
        assert not isinstance(self.call, (Module, str))
        names = signature(self.call)
        return names | dict(zip(names, self.args, strict=False)) | self.kwargs


#: The keywords of all calls that have none.
_NO_KWARGS: dict[str, Any] = {}


class Row(Call):
    """One call of a module, or of a function or tensor operation, that a reader may want to see.

    What it holds costs nothing to record; the rest is worked out when somebody asks.

    Attributes:
        path: the module's name in `named_modules()`, ``""`` for the root; below it, for a function, its own
            name or that of the entry of a network file.
        call: the module or the function; where a module's own code stops between its calls, that as text.
        level: `SHOWN` or `FOLDED` (an operation that keeps the shape).
        where: the line of the file that makes the call, or the layer; empty where there is no file.
    """

    __slots__ = (
        "_inputs",
        "_layer",
        "_outputs",
        "_record",
        "end",
        "index",
        "level",
        "path",
        "where",
    )

    def __init__(
        self,
        record: Record,
        path: str,
        call: Module | Callable[..., Any] | str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        where: str,
    ) -> None:
        self.call = call
        self.args = args
        self.kwargs = kwargs or _NO_KWARGS
        self.result: Any = None
        self._record = record
        self.path = path
        self.level = SHOWN
        self._inputs = _compact((args, kwargs) if kwargs else args[0] if len(args) == 1 else args)
        self._outputs: list[Shape] | Shape | None = None
        self._layer = ""
        self.where = where
        calls = record.calls
        self.index = len(calls)
        self.end = self.index + 1
        calls.append(self)

    def __repr__(self) -> str:
        outputs = ", ".join(map(shape, self.outputs or ()))
        return f"<Row {self.path}: {self.layer}{' → ' * bool(outputs)}{outputs}>"

    def finish(self, result: Any) -> None:
        """Note what the call gave, and that the calls since are in it."""
        self.result = result
        self._outputs = _compact(result)
        self.end = len(self._record.calls)

    def finish_operation(self, result: Any) -> None:
        """Do as `finish` for a function or tensor operation, which is folded where it keeps the shape."""
        self.finish(result)
        if all(shape in self.inputs for shape in shapes(result)):
            self.level = FOLDED

    @property
    def inputs(self) -> list[Shape]:
        """The shapes of the tensors that came in, batch included."""
        return _listed(self._inputs)

    @property
    def outputs(self) -> list[Shape] | None:
        """The shapes of the tensors that came out; None while the call runs, and where it refused."""
        return None if self._outputs is None else _listed(self._outputs)

    @property
    def kind(self) -> str:
        """``"module"`` or ``"function"``."""
        return "module" if isinstance(self.call, Module) else "function"

    @property
    def layer(self) -> str:
        """The call as text: ``Conv2d(3, 6, 5)``."""
        if not self._layer:  # tables ask for it several times
            self._layer = self._text()
        return self._layer

    def _text(self) -> str:
        if isinstance(self.call, Module):
            return call_text(self.call)
        if isinstance(self.call, str):
            return self.call
        if self.name == "getitem":
            index = self.args[1] if isinstance(self.args[1], tuple) else (self.args[1],)
            return f"[{', '.join(map(_index_text, index))}]"
        # Without its tensors, which the row's shapes show.
        shown = [_argument_text(a) for a in self.args if not shapes(a)]
        shown += [f"{k}={_argument_text(v)}" for k, v in self.kwargs.items() if not shapes(v)]
        return f"{self.name}({', '.join(shown)})"

    @property
    def ended(self) -> bool:
        """Whether it gave a result; else it refused, or one of the calls in it did."""
        return self._outputs is not None

    @property
    def is_container(self) -> bool:
        """Whether it is a module with modules below it, which have rows of their own."""
        return (
            isinstance(self.call, Module) and bool(self.call._modules) and self.call._runs_modules
        )

    @property
    def params(self) -> int:
        """The number of parameters of the module and all below it, each counted once."""
        return count_params(self.call.modules()) if isinstance(self.call, Module) else 0

    @property
    def macs(self) -> int:
        """The multiplications and additions of the matrix products and convolutions in this call."""
        sums = self._record.macs
        return sums[self.end] - sums[self.index]

    @property
    def field(self) -> ReceptiveField:
        """What an element of the first output sees of the network's first input.

        ``(size, stride, start)`` of each spatial axis, ``"whole"`` for all of it, None where it is not known
        or not defined.
        """
        field: ReceptiveField = self._record.fields[self.index]
        return field

    def bytes(self, dtype: dtype | None = None) -> int:
        """Count the bytes of the outputs, their floating-point numbers in `dtype` if one is given."""
        return sum(size_in(each, dtype) for each in tensors(self.result))

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
            "field": field_dict(self.field),
            "where": self.where,
        }


def _index_text(index: Any) -> str:
    if isinstance(index, slice):
        parts = (index.start, index.stop, index.step)
        start, stop, step = ("" if n is None else _argument_text(n) for n in parts)
        return f"{start}:{stop}" + f":{step}" * bool(step)
    if shapes(index):
        return "tensor"
    return "..." if index is ... else _argument_text(index)


def _argument_text(value: Any) -> str:
    """Write an argument in one line; what is refused may be anything."""
    try:
        return " ".join(argument_text(value).replace("Ellipsis", "...").split())
    except Exception:  # a number of too many digits, or whatever the user's own class does
        return type(value).__name__


class Record:
    """The calls of one run in the order in which they began, those inside of layers too."""

    def __init__(self, module: Module | None = None, inputs: list[Tensor] | None = None) -> None:
        self.module = module
        #: The network as it was before: where layers are lazy, the run has changed them.
        self.before = module
        self.inputs = inputs or []
        self.name = self.note = ""
        #: What stopped the run, or None.
        self.error: Error | None = None
        self.calls: list[Call] = []
        #: The call that refused last: where a run has stopped, the one that stopped it.
        self.failed: Row | None = None
        self._refusal: BaseException | None = None
        #: How many calls there were when a tensor took another shape in place, the tensor, and what it was.
        self._reshaped: list[tuple[int, Tensor, Tensor]] = []
        self._macs: list[int] = []
        self._fields: list[Any] = []
        self._lost = False

    def reshaped(self, tensor: Tensor, before: Tensor) -> None:
        """Note that a tensor takes another shape in place, and what it was in all that is noted so far."""
        self._reshaped.append((len(self.calls), tensor, before))

    def settle(self) -> None:
        """Give the calls the tensors that have taken another shape in place as they were then."""
        changes, then = self._reshaped, dict[int, Tensor]()
        if not changes:
            return
        noted = [
            (end, call, name)
            for index, call in enumerate(self.calls, 1)
            for end, name in (
                (index, "args"),
                (index, "kwargs"),
                (call.end if isinstance(call, Row) else index, "result"),
            )
        ]
        for end, call, name in sorted(
            noted, key=itemgetter(0), reverse=True
        ):  # from the last to the first
            while changes and changes[-1][0] >= end:
                _, tensor, before = changes.pop()
                then[id(tensor)] = before
            setattr(call, name, _exchanged(getattr(call, name), then))
        then.update((id(tensor), before) for _, tensor, before in reversed(changes))
        changes.clear()
        self.inputs = _exchanged(self.inputs, then)

    def refused(self, row: Row, refusal: BaseException) -> None:
        """Note that a call ends with a refusal, which comes from the inside out."""
        row.end = len(self.calls)
        if refusal is not self._refusal:
            self._refusal, self.failed = refusal, row

    def stop(self, error: Error) -> None:
        """Note that the last refusal ends the run, and where that leaves it.

        A call with others in it that came to their end stopped after them, in its own code, which is a row.
        """
        last, begun = self.failed, self.unfinished()
        self._refusal = None  # whose traceback would keep all that ran
        if last is None:
            return
        if any(isinstance(row, Row) for row in self.calls[last.index + 1 :]):
            entry = error.path if error.path != last.path else None  # of a network file
            path = entry or f"{last.path}.forward".lstrip(".")
            last = Row(self, path, error.marked or f"{last.name}.forward", (), {}, "")
            self.failed = last
            for row in begun:
                row.end = len(self.calls)
        last.where = last.where or error.where

    def unfinished(self) -> list[Row]:
        """Return the call that refused, and before it those that it stands in.

        Of a module that calls itself they are the outermost.
        """
        last = self.failed
        if last is None:
            return []
        before = [row for row in self.calls[: last.index] if isinstance(row, Row) and not row.ended]
        outer = {row.path: row for row in reversed(before) if row.end > last.index}
        return [*outer.values(), last]

    @property
    def fields(self) -> list[Any]:
        """The field of each call."""
        if len(self._fields) < len(self.calls):
            from ..analysis.receptive_field import fields

            self._fields, self._lost = fields(self)
        return self._fields

    @property
    def field_is_lost(self) -> bool:
        """Whether a call on the way sees of the input nobody knows what."""
        return bool(self.fields) and self._lost

    @property
    def macs(self) -> list[int]:
        """The multiply-accumulates of the calls before each, and at the end of all."""
        if len(self._macs) <= len(self.calls):
            from ..analysis.macs import macs

            self._macs = [0, *accumulate(map(macs, self.calls))]
        return self._macs

    def rows(self, *levels: int) -> list[Row]:
        """Return the calls that gave something, of these levels."""
        return [
            row for row in self.calls if isinstance(row, Row) and row.level in levels and row.ended
        ]

    def activations(self) -> list[Tensor]:
        """Return what was computed, each tensor once: no inputs, and no views, which share its memory."""
        known = {id(each) for each in self.inputs}
        result = []
        for row in self.calls:
            if isinstance(row, Row) and row.end > row.index + 1:
                continue  # what it returns comes from the calls in it
            in_place = row.name.endswith("_")
            for each in tensors(row.result):
                if id(each) not in known and row.name not in _VIEWS and not in_place:
                    result.append(each)
                known.add(id(each))
        return result


#: Operations whose results share the memory of their tensor. Others return it itself, or make a copy.
_VIEWS = frozenset(
    "reshape view view_as reshape_as flatten ravel unflatten squeeze unsqueeze permute transpose swapaxes "
    "swapdims t adjoint movedim moveaxis expand broadcast_to expand_as narrow select getitem split chunk "
    "split_with_sizes tensor_split hsplit vsplit dsplit unbind diagonal detach real "
    "view_as_real view_as_complex".split()
)


class Trace:
    """What came of running a network: its rows in the order of the calls, parents first.

    Attributes:
        name: the network's.
        inputs: shapes of the inputs, batch included.
        rows: the calls that succeeded: of modules, and of operations that change a shape.
        params: number of parameters, each counted once.
        error: why it stopped, or None where everything fits.
        failed: the call that refused, which is none of the rows, or None.
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
        self.failed = self.record.failed if error is not None else None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __repr__(self) -> str:
        stopped = f", {self.error.message}" if self.error is not None else ""
        rows = f"{len(self.rows)} row{'s' * (len(self.rows) != 1)}"
        return f"<Trace {self.name}: {rows}, {self.params:,} parameters{stopped}>"

    def __str__(self) -> str:
        return self.to("plain")

    @property
    def macs(self) -> int:
        """The multiply-accumulates of all that ran."""
        return self.record.macs[-1]

    @property
    def trainable(self) -> int:
        """The number of parameters that training changes, each counted once."""
        module = self.record.module
        return count_params(module.modules(), trainable=True) if module is not None else 0

    @property
    def field(self) -> ReceptiveField:
        """The largest field of any row, as `Row.field`; ``"whole"`` if none is smaller than the input.

        None where a field on the way is not known, since it could be larger.
        """
        if self.record.field_is_lost:
            return None
        best: ReceptiveField = None
        for row in self.rows:
            each = row.field
            larger = not isinstance(best, list) or (
                isinstance(each, list) and _extent(each) >= _extent(best)
            )
            if each is not None and (best is None or (isinstance(each, list) and larger)):
                best = each
        return best

    def param_bytes(self, dtype: dtype | None = None) -> int:
        """Count the bytes of the parameters, in `dtype` if one is given."""
        module = self.record.module
        own = (
            {id(p): p for p in module.parameters() if not is_lazy(p)} if module is not None else {}
        )
        return sum(size_in(each, dtype) for each in own.values())

    def activation_bytes(self, dtype: dtype | None = None) -> int:
        """Count the bytes of all that was computed, views left out, in `dtype` if one is given."""
        return sum(size_in(each, dtype) for each in self.record.activations())

    def calls(self) -> list[Row]:
        """Return the rows and, between them, the operations that keep the shape."""
        return self.record.rows(SHOWN, FOLDED)

    def begun(self, all: bool = False) -> list[Row]:
        """Return the rows, with `all` the `calls`, and where it stopped also those that did not end.

        These are the one that refused, which is the last, and those that it stands in.
        """
        stopped = self.record.unfinished() if self.failed is not None else []
        return sorted([*(self.calls() if all else self.rows), *stopped], key=lambda row: row.index)

    def to_dict(self, dtype: dtype | None = None) -> dict[str, Any]:
        """Return the trace as JSON has it, schema 1; sizes in bytes are those in `dtype` if one is given."""
        return {
            "schema": 1,
            "name": self.name,
            "inputs": [list(s) for s in self.inputs],
            "rows": self.to_dicts(),
            "total": {
                "params": self.params,
                "trainable": self.trainable,
                "macs": self.macs,
                "param_bytes": self.param_bytes(dtype),
                "activation_bytes": self.activation_bytes(dtype),
                "field": field_dict(self.field),
            },
            "note": self.note,
            "error": self.error
            and self.error.to_dict() | {"row": self.failed and self.failed.to_dict()},
        }

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as JSON has them."""
        return [row.to_dict() for row in self.rows]

    def to_json(self) -> str:
        """Return `to_dict` as text, a line for each row."""
        return self.to("json")

    def to_csv(self, **options: Any) -> str:
        """Return the rows as comma-separated values; for the options see `to`."""
        return self.to("csv", **options)

    def to_markdown(self, **options: Any) -> str:
        """Return a table in GitHub's Markdown; for the options see `to`."""
        return self.to("markdown", **options)

    def to(self, format: str, **options: Any) -> str:
        """Return the trace in one of the formats of `convshape.render.FORMATS`.

        Args:
            format: ``plain``, ``json``, ``csv``, ``markdown``, ``html`` or ``svg``.
            options: those of `convshape.render.columns.View`: ``columns``, ``depth``, ``all``, ``dtype``.

        Raises:
            SpecError: the format or a column is not known.
        """
        from ..render import render

        return render(self, format, **options)

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from ..render.table import table
        from ..render.text import error_text

        yield table(self, options.max_width)
        if self.error is not None:
            yield error_text(self.error, options.max_width)

    def _repr_html_(self) -> str:
        return self.to("html")


def field_dict(field: ReceptiveField) -> Any:
    """Return a field as JSON has it."""
    if field is None or isinstance(field, str):
        return field
    return dict(zip(("size", "stride", "start"), map(list, zip(*field, strict=True)), strict=True))


def _extent(field: list[tuple[int, float, int]]) -> int:
    return prod(size for size, _, _ in field)


def size_in(tensor: Tensor, dtype: dtype | None) -> int:
    """Count the bytes of a tensor, floating-point numbers in `dtype` if one is given."""
    kind = dtype if dtype is not None and tensor.dtype.is_floating_point else tensor.dtype
    return tensor.numel() * kind.itemsize


def tensors(value: Any) -> list[Tensor]:
    """Return the tensors in `value`, however deep in tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        return []
    result = []
    for item in value:
        if isinstance(item, Tensor):
            result.append(item)
        elif isinstance(item, (tuple, list, dict)):
            result += tensors(item)
    return result


def _exchanged(value: Any, others: Mapping[int, Tensor]) -> Any:
    """Return `value` with others for tensors of these ids, however deep in tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        return others.get(id(value), value)
    if isinstance(value, dict):
        return {key: _exchanged(each, others) for key, each in value.items()}
    if not isinstance(value, (tuple, list)):
        return value
    items = [_exchanged(each, others) for each in value]
    return items if isinstance(value, list) else tuple(items)


def shapes(value: Any) -> list[Shape]:
    """Return the shapes of the `tensors` in `value`."""
    return [each.shape for each in tensors(value)]


def _compact(value: Any) -> list[Shape] | Shape:
    """Return the `shapes`, or where there is one tensor, as nearly always, that alone: it takes no list."""
    return value.shape if type(value) is Tensor else shapes(value)


def _listed(compact: list[Shape] | Shape) -> list[Shape]:
    return compact if isinstance(compact, list) else [compact]


def count_params(modules: Iterable[Module], trainable: bool = False) -> int:
    """Count the parameters of modules, each once; a lazy one has no number yet.

    With `trainable` those alone that training changes.
    """
    parameters = {
        id(p): p
        for each in modules
        if "_parameters" in each.__dict__
        for p in each.__dict__["_parameters"].values()
        if p is not None and (p.requires_grad or not trainable)
    }
    return sum(p.numel() for p in parameters.values() if not is_lazy(p))
