"""The columns of a table: what is in them for programs and for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..analysis.totals import bytes_of
from ..errors import ShapeError, UnknownOperation
from ..shapetorch.arguments import shape
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.nn.parameter import Parameter
from .numbers import across, axis_text, byte_text, count_text, shapes_text
from .text import digits_text, inline, written

if TYPE_CHECKING:
    from ..run.record import Row, Run
    from .view import Line, View


def output_text(row: Row, run: Run) -> str:
    """Write what came out of a call of a run; of the one that refused, that it did."""
    if row is not run.failed:
        return shapes_text(row.outputs or [])
    if isinstance(run.error, ShapeError):
        return "✗ does not fit"
    return "✗ unknown" if isinstance(run.error, UnknownOperation) else "✗ stops here"


class Column:
    """A column.

    Attributes:
        text: what is in it for people, from the value.
        right: whether it is aligned to the right.
        of_weight: what is in it of a parameter, if anything.
    """

    __slots__ = ("_value", "of_weight", "right", "text")

    def __init__(
        self,
        value: Callable[[Line, View], Any],
        text: Callable[[Any], str] = str,
        right: bool = False,
        of_weight: Callable[[Parameter, View], Any] | None = None,
    ) -> None:
        self._value = value
        self.text = text
        self.right = right
        self.of_weight = of_weight

    def value(self, line: Line, view: View) -> Any:
        """Return what is in it for programs."""
        if line.weight is None or self is COLUMNS["layer"]:
            return self._value(line, view)
        return self.of_weight(line.weight, view) if self.of_weight is not None else None

    def cell(self, line: Line, view: View) -> str:
        """Return the text of a line."""
        value = None if line.heading else self.value(line, view)
        return "" if value is None else self.text(value)


def _part(part: int) -> Callable[[Line, View], str | None]:
    def value(line: Line, view: View) -> str | None:
        field = view.analysis.field_of(line.row)
        return axis_text(field, part) if part == 0 or isinstance(field, list) else None

    return value


def _own(line: Line, count: int) -> int | None:
    """Return a number of a line that no line below it has in parts."""
    return written(count) if line.leaf else None


def _output(line: Line, view: View) -> str:
    return output_text(line.row, view.run)


def _bytes(line: Line, view: View) -> int | None:
    return written(view.analysis.bytes_of(line.row, view.dtype)) if line.row.ended else None


def _unused(line: Line, view: View) -> str | None:
    """Return what is never used: ``1``, or ``0×1`` where the axes differ."""
    axes = view.analysis.unused_of(line.row) if line.leaf else None
    return None if axes is None else across(str(axis.total) for axis in axes)


def _params(line: Line, view: View) -> int | None:
    count = view.analysis.params_of(line.row)
    return _own(line, count) if count or line.row is not view.run.failed else None


def _macs(line: Line, view: View) -> int | None:
    return _own(line, view.analysis.macs_of(line.row)) if line.row.ended else None


def _params_share(line: Line, view: View) -> float | None:
    return _share(_params(line, view), line.times, view.analysis.params)


def _macs_share(line: Line, view: View) -> float | None:
    return _share(_macs(line, view), line.times, view.analysis.macs)


def _share(count: int | None, times: int, total: int) -> float | None:
    """Return a number of one line as a percentage of the total."""
    if count is None or not total or isinstance(count, str):
        return None
    return round(100 * count * times / total, 2)


def _bar(percent: float) -> str:
    eighths = round(percent / 100 * 64)
    return f"{percent:4.1f}% " + ("█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8]).rstrip()


def _equation(line: Line, view: View) -> str | None:
    from .equation import failing_axes, lines

    row = line.row
    if row.kind != "module" or not line.leaf or not row.inputs:
        return None
    equations = (lines if row.ended else failing_axes)(row.call, row.inputs[0])
    return inline("; ".join(equations)) or None


def _kernel(line: Line, view: View) -> str | None:
    """Return the size of the window of a layer or a function."""
    call = line.row.call
    if isinstance(call, str):
        return None
    size = call.__dict__.get("kernel_size") if isinstance(call, Module) else None
    if size is None and not isinstance(call, Module):
        size = line.row.arguments().get("kernel_size")
    if isinstance(size, (tuple, list)):
        return "×".join(map(str, size))
    return str(size) if isinstance(size, int) else None


def _trainable(line: Line, view: View) -> str | None:
    trained, count = view.analysis.trainable_of(line.row)
    if not count:
        return None
    return "yes" if trained == count else "partly" if trained else "no"


def _again(line: Line, view: View) -> str | None:
    return "again" if view.analysis.is_again(line.row) else None


def _weight_text(weight: Parameter, view: View) -> str:
    return f"{shape(weight.shape)} {weight.dtype.name}"


def _weight_trainable(weight: Parameter, view: View) -> str:
    return "yes" if weight.requires_grad else "no"


def _weight_bytes(weight: Parameter, view: View) -> int:
    return bytes_of([weight], view.dtype)


COLUMNS: dict[str, Column] = {
    "layer": Column(lambda line, view: line.path),
    "call": Column(lambda line, view: inline(line.row.layer), of_weight=_weight_text),
    "input": Column(lambda line, view: shapes_text(line.row.inputs)),
    "output": Column(_output),
    "kernel": Column(_kernel, right=True),
    "params": Column(
        _params, digits_text, right=True, of_weight=lambda weight, view: weight.numel()
    ),
    "params%": Column(_params_share, _bar),
    "trainable": Column(_trainable, of_weight=_weight_trainable),
    "macs": Column(_macs, count_text, right=True),
    "macs%": Column(_macs_share, _bar),
    "field": Column(_part(0), right=True),
    "stride": Column(_part(1), right=True),
    "start": Column(_part(2), right=True),
    "bytes": Column(_bytes, byte_text, right=True, of_weight=_weight_bytes),
    "again": Column(_again),
    "unused": Column(_unused, right=True),
    "equation": Column(_equation),
}
