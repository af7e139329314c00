"""What happened in a run, as plain data: the calls, what went in, and where it stopped."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import symbolic
from ..shapetorch.arguments import shape
from ..shapetorch.nn.modules.constructor import argument_text, call_text, signature
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..errors import Error
    from ..symbolic.dim import Record

    Shape = tuple[int, ...]

#: How much a row is shown: always, with the operations that keep the shape, never (it is inside of
#: a layer).
SHOWN, FOLDED, INSIDE = range(3)
#: How deep values of a source's are looked into.
_DEEPEST = 8


class Call:
    """One call of a function or tensor operation inside of a layer; other calls are a `Row`."""

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

    What it holds costs nothing to record; the rest is computed when somebody asks.

    Attributes:
        path: the module's name in `named_modules()`, ``""`` for the root; below it, for a function,
            its own name or that of the entry of a network file.
        call: the module or the function; where a module's own code stops between its calls, that as
            text.
        level: `SHOWN` or `FOLDED` (an operation that keeps the shape).
        where: the line of the file that makes the call, or the layer; empty where there is no file.
    """

    __slots__ = (
        "_inputs",
        "_layer",
        "_outputs",
        "_run",
        "end",
        "index",
        "level",
        "path",
        "where",
    )

    def __init__(
        self,
        run: Run,
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
        self._run = run
        self.path = path
        self.level = SHOWN
        self._inputs = _compact((args, kwargs) if kwargs else args[0] if len(args) == 1 else args)
        self._outputs: list[Shape] | Shape | None = None
        self._layer = ""
        self.where = where
        calls = run.calls
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
        self.end = len(self._run.calls)

    def finish_operation(self, result: Any) -> None:
        """Do as `finish` for an operation, which is folded where it keeps the shape."""
        self.finish(result)
        record, symbolic.record = symbolic.record, None  # whether it is folded is no condition
        if all(shape in self.inputs for shape in shapes(result)):
            self.level = FOLDED
        symbolic.record = record

    def exchange(self, sized: Mapping[int, Shape]) -> None:
        """Put other shapes for some, which are given by their ids."""
        self._inputs = _exchanged(self._inputs, sized)
        if self._outputs is not None:
            self._outputs = _exchanged(self._outputs, sized)

    @property
    def inputs(self) -> list[Shape]:
        """The shapes of the tensors that came in, batch included."""
        return _listed(self._inputs)

    @property
    def outputs(self) -> list[Shape] | None:
        """The shapes of the tensors that came out; None while it runs, and where it refused."""
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


class Note(NamedTuple):
    """What a statement of a source gave once.

    Attributes:
        statement: where it is, as `readers.noting.Statement`.
        is_part: whether it is an argument of a call that may give nothing.
        shapes: those of the tensors in it.
    """

    statement: tuple[Any, ...]
    is_part: bool
    shapes: list[Shape]


class Run:
    """What happened: the calls in the order in which they began, those inside of layers too.

    Attributes:
        module: what was run.
        before: the same as it was before: where layers are lazy, the run has changed them.
        inputs: the tensors that went in.
        arguments: what the module was called with, by place and by name, these tensors in it.
        train: whether it ran in training mode.
        name: the network's.
        note: what the file left open, and how it was read.
        doubt: what its reader has to say of the result.
        inferred: how the input was found where nobody gave one; see `Program`.
        wanted: what its source wanted beside making a network, and was refused.
        batch: samples in a batch, where the first axis of every input counts them; else None.
        state: the attributes of each module before the run.
        paths: the paths of the modules, once a trial has asked for them.
        calls: a `Row` for each call that a reader may want to see, and a `Call` for each
            inside of a layer.
        notes: what the statements of a source gave, where it is to note that.
        error: why it stopped, or None where everything fits.
        record: of a run with symbols in its inputs what it relied on; else None.
        failed: the call that refused last; where there is an error, the one that stopped the run.
    """

    def __init__(
        self,
        module: Module | None = None,
        inputs: list[Tensor] | None = None,
        name: str = "",
        error: Error | None = None,
    ) -> None:
        self.module = module
        self.before = module
        self.inputs = inputs or []
        self.arguments: tuple[list[Any], dict[str, Any]] = ([], {})
        self.train = False
        self.name = name
        self.note = self.doubt = ""
        self.inferred: dict[str, Any] | None = None
        self.wanted: Sequence[str] = ()
        self.batch: int | None = None
        self.state: list[tuple[Module, dict[str, Any]]] = []
        self.paths: dict[Module, str] = {}
        self.calls: list[Call] = []
        self.notes: list[Note] = []
        self.error = error
        self.record: Record | None = None
        self.failed: Row | None = None
        self._refusal: BaseException | None = None
        #: How many calls there were when a tensor took another shape in place, it, and what it was.
        self._reshaped: list[tuple[int, Tensor, Tensor]] = []

    @property
    def input_shapes(self) -> list[Shape]:
        """The shapes of the inputs, batch included."""
        return shapes(self.inputs)

    def reshaped(self, tensor: Tensor, before: Tensor) -> None:
        """Note that a tensor takes another shape in place, and what it was until now."""
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
            setattr(call, name, exchanged(getattr(call, name), then))
        then.update((id(tensor), before) for _, tensor, before in reversed(changes))
        changes.clear()
        self.inputs = exchanged(self.inputs, then)

    def refused(self, row: Row, refusal: BaseException) -> None:
        """Note that a call ends with a refusal, which comes from the inside out."""
        row.end = len(self.calls)
        if refusal is not self._refusal:
            self._refusal, self.failed = refusal, row

    def stop(self, error: Error) -> None:
        """Note that the last refusal ends the run, and where that leaves it.

        A call with others in it that came to their end stopped after them, in its own code, which
        is a row.
        """
        self.error = error
        last, begun = self.failed, self.unfinished()
        self._refusal = None  # whose traceback would keep all that ran
        if last is None:
            return
        if any(isinstance(row, Row) for row in self.calls[last.index + 1 :]):
            entry = error.path if error.path != last.path else None  # of a network file
            path = entry or f"{last.path}.forward".lstrip(".")
            last = Row(self, path, error.statement or f"{last.name}.forward", (), {}, "")
            self.failed = last
            for row in begun:
                row.end = len(self.calls)
        last.where = last.where or error.where

    def unfinished(self) -> list[Row]:
        """Return the call that refused, and before it those that it is in.

        Of a module that calls itself they are the outermost.
        """
        last = self.failed
        if last is None:
            return []
        before = [row for row in self.calls[: last.index] if isinstance(row, Row) and not row.ended]
        outer = {row.path: row for row in reversed(before) if row.end > last.index}
        return [*outer.values(), last]

    def rows(self, *levels: int) -> list[Row]:
        """Return the calls that gave something, of these levels."""
        return [
            row for row in self.calls if row.level in levels and isinstance(row, Row) and row.ended
        ]

    def begun(self, all: bool = False) -> list[Row]:
        """Return the rows, with `all` also what keeps the shape, and where it stopped.

        That is the call that refused, which is the last, and those that it is in.
        """
        rows = self.rows(SHOWN, FOLDED) if all else self.rows(SHOWN)
        stopped = self.unfinished() if self.error is not None else []
        return sorted([*rows, *stopped], key=lambda row: row.index)


def tensors(value: Any) -> list[Tensor]:
    """Return the tensors in `value`, nested in tuples, lists, dictionaries and distributions."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif hasattr(type(value), "rsample"):  # a distribution
        value = value.parameters()
    elif not isinstance(value, (tuple, list)):
        return []
    result = []
    for item in value:
        if isinstance(item, Tensor):
            result.append(item)
        elif item is not None and not isinstance(item, (int, float, str)):
            result += tensors(item)
    return result


def exchanged(value: Any, others: Mapping[int, Tensor]) -> Any:
    """Return `value` with others for tensors of these ids, at whatever depth."""
    if isinstance(value, Tensor):
        return others.get(id(value), value)
    if isinstance(value, dict):
        return {key: exchanged(item, others) for key, item in value.items()}
    if not isinstance(value, (tuple, list)):
        return value
    return regrouped(value, [exchanged(item, others) for item in value])


def regrouped(group: Any, items: list[Any]) -> Any:
    """Return items as a group of the same kind: a list, a tuple or a named tuple."""
    if hasattr(group, "_fields"):
        return type(group)(*items)
    return items if isinstance(group, list) else tuple(items)


def shapes(value: Any) -> list[Shape]:
    """Return the shapes of the `tensors` in `value`."""
    return [tensor.shape for tensor in tensors(value)]


def noted_shapes(value: Any, depth: int = 0) -> list[Shape]:
    """Return the shapes of the tensors in a value of a source's, which may be anything."""
    if isinstance(value, Tensor):
        return [value.shape]
    items = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list, tuple)) or depth == _DEEPEST:
        return []
    return [shape for item in items for shape in noted_shapes(item, depth + 1)]


def first_shapes(row: Row) -> tuple[Shape, Shape]:
    """Return the shapes of the first tensor into a call and of the first out of it, or ``()``."""
    came, went = ((shapes or [()])[0] for shapes in (row.inputs, row.outputs))
    return came, went


def _compact(value: Any) -> list[Shape] | Shape:
    """Return the `shapes`, or where there is one tensor, the usual case, that alone."""
    return value.shape if type(value) is Tensor else shapes(value)


def _exchanged(compact: list[Shape] | Shape, sized: Mapping[int, Shape]) -> list[Shape] | Shape:
    if isinstance(compact, list):
        return [sized.get(id(shape), shape) for shape in compact]
    return sized.get(id(compact), compact)


def _listed(compact: list[Shape] | Shape) -> list[Shape]:
    return compact if isinstance(compact, list) else [compact]
