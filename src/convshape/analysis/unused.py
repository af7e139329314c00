"""Which elements of an input no window looks at, of convolution and pooling, along one axis.

A window of ``kernel_size`` elements, ``dilation`` apart, begins at ``i·stride − padding`` for each
element i that comes out. Elements behind the last window are never used, nor are those that
windows leave out between them. Padding is not an element.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..shapetorch.arguments import per_axis
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.operation import facts_of
from ..sizes import effective_kernel, same_padding
from ..symbolic import is_symbolic

if TYPE_CHECKING:
    from ..run.record import Call, Row, Run

#: Elements of a kernel that are looked at one by one.
_MOST = 1_000_000


class Unused(NamedTuple):
    """How many elements along an axis no window looks at.

    Attributes:
        total: all of them.
        last: those behind the last window.
    """

    total: int
    last: int


class Window(NamedTuple):
    """The window that slides along one axis; `padding` is that in front."""

    kernel_size: int
    stride: int
    padding: int
    dilation: int


def unused(size: int, out: int, window: Window) -> Unused | None:
    """Return what is unused of an axis of `size`, from which `out` windows are taken.

    None where the kernel is so large that nobody would wait for the answer.
    """
    if is_symbolic(size):
        return None  # in symbols it is another number at every size
    kernel, stride, padding, dilation = window
    last = min(max(behind(size, out, window), 0), size)
    if dilation == 1 and (kernel >= stride or out == 1):
        return Unused(last, last)  # the windows leave nothing out
    kernel = min(kernel, (size - 1 + padding) // dilation + 1)
    if kernel > _MOST:
        return None
    return Unused(size - _looked_at(size, out, Window(kernel, stride, padding, dilation)), last)


def behind(size: int, out: int, window: Window) -> int:
    """Return how many elements are after the last window; negative if it reaches into padding."""
    kernel, stride, padding, dilation = window
    reach: int = effective_kernel(kernel, dilation)
    return size - ((out - 1) * stride + reach - padding)


def _looked_at(size: int, out: int, window: Window) -> int:
    """Count the elements that are looked at.

    Element j of the kernel looks at every stride-th element from ``dilation·j − padding`` on; those
    of the elements before it that look at the same remainder by the stride are counted once.
    """
    count, ends = 0, dict[int, int]()
    for j in range(window.kernel_size):
        turn, remainder = divmod(window.dilation * j - window.padding, window.stride)
        first = max(turn, ends.get(remainder, 0))
        end = min(turn + out, (size - 1 - remainder) // window.stride + 1)
        if end > first:
            count += end - first
            ends[remainder] = end
    return count


def windows(
    kernel_size: Any, stride: Any, padding: Any, dilation: Any, axes: int
) -> tuple[Window, ...]:
    """Return the window of each axis, by the arguments of a convolution or a pooling.

    A stride that is not given is the kernel's size; padding may be ``'same'`` or ``'valid'``.
    """
    kernel = per_axis("kernel_size", kernel_size, axes)
    steps = kernel if stride in (None, (), []) else per_axis("stride", stride, axes)
    dilations = per_axis("dilation", dilation, axes)
    if isinstance(padding, str):
        paddings = tuple(
            same_padding(k, d)[0] if padding == "same" else 0
            for k, d in zip(kernel, dilations, strict=True)
        )
    else:
        paddings = per_axis("padding", padding, axes)
    return tuple(map(Window, kernel, steps, paddings, dilations))


def windows_of_layer(layer: Any, axes: int) -> tuple[Window, ...]:
    """Return the windows of a layer of convolution or pooling."""
    arguments = (layer.kernel_size, layer.stride, getattr(layer, "padding", 0))
    return windows(*arguments, getattr(layer, "dilation", 1), axes)


def windows_of_call(call: Call) -> tuple[Window, ...]:
    """Return the windows of a call of a function of the kinds ``conv`` and ``pool``."""
    values = call.arguments()
    weight = values.get("weight")
    kernel = values["kernel_size"] if weight is None else tuple(weight.shape[2:])
    facts = facts_of(call.call)
    assert facts is not None
    return windows(
        kernel, values["stride"], values.get("padding", 0), values.get("dilation", 1), facts.spatial
    )


def unused_of_layer(layer: Any, size: Sequence[int], out: Sequence[int]) -> list[Unused | None]:
    """Return what a convolution or pooling leaves unused along each axis, by its spatial sizes."""
    return list(map(unused, size, out, windows_of_layer(layer, len(size))))


def unused_of(run: Run, row: Row) -> list[Unused] | None:
    """Return what a call leaves unused along each spatial axis of its input.

    None for other layers, and for a padding that repeats elements of the input, unless all are used
    without it.
    """
    result = []
    repeats = _repeats(row)
    for size, out, window in windows_in(run, row):
        axis = unused(size, out, window)
        if axis is None or (repeats and axis.total):
            return None
        result.append(axis)
    return result or None


def windows_in(run: Run, row: Row) -> list[tuple[int, int, Window]]:
    """Return of each spatial axis of a call its size, the number of windows, and the window.

    Nothing of a call that is not a convolution or pooling.
    """
    from ..run.record import tensors

    layer = row.call
    if not row.ended or (
        isinstance(layer, Module) and not _slides(getattr(layer, "_function", None))
    ):
        return []
    call = next((c for c in run.calls[row.index : row.end] if _slides(c.call)), None)
    if call is None or call.result is None:
        return []
    axes = windows_of_call(call)
    size: Sequence[int] = tensors((call.args, call.kwargs))[0].shape
    if _repeats(row):  # the call gets what is padded already
        axes, size = windows_of_layer(layer, len(axes)), row.inputs[0]
    out = tensors(call.result)[0].shape
    return list(zip(size[-len(axes) :], out[-len(axes) :], axes, strict=True))


def _repeats(row: Row) -> bool:
    """Return whether a convolution pads with elements of its input."""
    return getattr(row.call, "padding_mode", "zeros") != "zeros"


def _slides(function: Any) -> bool:
    """Return whether a function slides a window: convolution and pooling."""
    facts = facts_of(function)
    return facts is not None and facts.field in ("conv", "pool")
