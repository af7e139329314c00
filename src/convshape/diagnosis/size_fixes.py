"""Changes of kernels, strides and paddings before the refusing layer that make sizes match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..rewrites import arguments as arguments_at
from ..rewrites import several
from ..run.record import Row, tensors
from ..run.trial import Change
from ..shapetorch.arguments import per_axis
from ..shapetorch.nn.modules.constructor import (
    argument_text,
    arguments,
    call_text,
    for_any_axes,
    signature,
)
from ..shapetorch.nn.modules.module import Module
from .scope import SIZES, renamed

if TYPE_CHECKING:
    from .diagnosis import Diagnosis

    #: The sizes of a window by the names of their arguments.
    Window = tuple[tuple[str, Any], ...]

#: How many layers before the refusal are looked at, and how many changes are tried.
_LAYERS = 16
_MOST = 160
#: A convolution with a larger kernel may cut an image into patches: its stride is its kernel.
_PATCH = 3
#: How many of the nearest may leave out what their block takes.
_NEAR = 6
#: How many changes that mend are enough.
_ENOUGH = 2
#: Layers that meet no sizes: of others the number of elements, or two tensors, must fit.
_FUNCTIONS = ("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d")


def earlier_sizes(run: Diagnosis) -> Iterator[Change]:
    """Change a kernel, stride or padding of a layer before the refusal: likely ones first."""
    if not _hangs_on_sizes(run):
        return
    scored = [
        (near + 2 * rank, row, change)
        for near, row in enumerate(islice(_makers(run), _LAYERS))
        for rank, change in enumerate(_other_arguments(row))
    ]
    changes = ((row, change) for _, row, change in sorted(scored, key=itemgetter(0)))
    yield from islice(_working(run, changes), _ENOUGH)


def _working(run: Diagnosis, changes: Iterable[tuple[Row, dict[str, Any]]]) -> Iterator[Change]:
    """Yield the changes of calls with which the network runs."""
    for row, change in islice(changes, _MOST):
        with suppress(ValueError, RuntimeError, TypeError):
            other = changed(run, row, change)
            if run.mends(other):
                yield other._replace(works=True)


def odd_windows(run: Diagnosis) -> Iterator[Change]:
    """Let a window have the argument that others of its kind have, or keep the size.

    If all sizes are then right, this is what was meant.
    """
    if not _hangs_on_sizes(run):
        return
    rows = [(row, window_arguments(row)) for row in _makers(run)]
    yield from (
        _passed_on(run, row.call) for row, _ in rows[:_NEAR] if isinstance(row.call, Module)
    )
    windows = [(row.name, _window(values)) for row, values in rows]
    often, names = Counter(windows), {row.name for row, _ in rows}
    rarest = sorted(zip(map(often.get, windows), range(len(rows)), rows, strict=True))
    done = [row for row in run.done if row.name in names]
    others = Counter((row.name, _window(window_arguments(row))) for row in done)
    changes = (
        (row, change)
        for _, _, (row, values) in rarest
        for change in (*_as_others(others, row, values), *_keeping_size(values))
        if values | change != values
    )
    yield from _working(run, changes)


def _passed_on(run: Diagnosis, layer: Module) -> Change:
    """Give a layer the argument that its block takes, but does not pass on: ``stride=stride``."""
    kind: Any = type(layer)
    name, order = layer._made_as or kind.__name__, list(signature(kind))
    texts = (renamed(at, name, size, order) for at in run.places(layer)[:1] for size in SIZES)
    return Change("", rewrites=[several(*texts)])


def window_arguments(row: Row) -> dict[str, Any]:
    """Return the arguments of a window, of a layer or a function, as one number where they are."""
    values = arguments(row.call) if isinstance(row.call, Module) else row.arguments()
    plain = {n: tuple(value) if type(value) is list else value for n, value in values.items()}
    return {name: for_any_axes(value) for name, value in plain.items()}


def _window(values: dict[str, Any]) -> Window:
    return tuple((name, value) for name, value in values.items() if name in SIZES)


def _as_others(
    others: Counter[tuple[str, Window]], row: Row, values: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield what others of its kind have, where all else of the window is equal, often first."""
    changes: Counter[Window] = Counter()
    for (name, window), count in others.items():
        theirs = dict(window) if name == row.name else values
        different = tuple(
            (n, theirs.get(n)) for n, value in _window(values) if theirs.get(n) != value
        )
        if len(different) == 1 or {values[name] for name, _ in different} == {
            n for _, n in different
        }:
            changes[different] += count
    yield from (dict(change) for change, _ in changes.most_common())


def _keeping_size(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the padding, and the kernel, with which a window with a stride of 1 keeps the size."""
    kernel, padding, stride = (values.get(name) for name in ("kernel_size", "padding", "stride"))
    if stride == 1 and type(kernel) is type(padding) is int:
        yield {"padding": kernel // 2}
        yield from [{"kernel_size": 2 * padding + 1}] * (padding > 0)


def _hangs_on_sizes(run: Diagnosis) -> bool:
    """Return whether what is refused are sizes: of two tensors, or a number of features."""
    change = run.error.change
    if run.refused is None:
        return False
    if "in_features" in change or "shape" in change:
        return True
    return not change or bool(SIZES & change.keys())


def _makers(run: Diagnosis) -> Iterator[Row]:
    """Yield the calls that gave the sizes that do not fit, the nearest first, one for each line."""
    assert run.refused is not None
    seen: set[str] = set()
    wanted = {id(row) for row in (run.refused, *behind(run, run.refused))}
    for row in (run.refused, *reversed(run.done)):
        is_module = isinstance(row.call, Module)
        sized = hasattr(row.call, "kernel_size") if is_module else row.name in _FUNCTIONS
        if id(row) not in wanted or not sized:
            continue
        places = run.places(row.call) if isinstance(row.call, Module) else [row.where]
        place = next(filter(None, places), row.path)
        key = f"{place} {row.name} {_window(window_arguments(row))}"
        if key not in seen:
            seen.add(key)
            yield row


def behind(run: Diagnosis, row: Row) -> list[Row]:
    """Return the calls whose results a call hangs on."""
    wanted = {id(tensor) for tensor in tensors((row.args, row.kwargs))}
    rows = []
    for earlier in reversed(run.done):
        if earlier.index < row.index and any(id(t) in wanted for t in tensors(earlier.result)):
            rows.append(earlier)
            wanted.update(id(tensor) for tensor in tensors((earlier.args, earlier.kwargs)))
    return rows


def _other_arguments(row: Row) -> Iterator[dict[str, Any]]:
    """Yield other arguments of a layer: those that keep a size first, then the next numbers."""
    values = window_arguments(row)
    kernel = values.get("kernel_size")
    if type(kernel) is not int:
        return
    stride = values.get("stride") or kernel
    padding, dilation = values.get("padding", 0), values.get("dilation", 1)
    same = dilation * (kernel - 1) // 2 if type(dilation) is int else kernel // 2
    tries: list[tuple[str, Any]] = []
    if type(padding) is int:
        tries += [("padding", same)] * ("padding" in values)
    if type(stride) is int:
        patches = [kernel] if kernel > _PATCH and "groups" in values else []
        tries += [("stride", n) for n in (*patches, 2, 1)]
    kernels = (kernel - 1, kernel + 1, 3, 2 * kernel, kernel // 2)
    tries += [("kernel_size", n) for n in kernels if n > 1]
    if type(padding) is int and "padding" in values:
        tries += [("padding", n) for n in (0, 1, padding - 1, padding + 1, 2, 3)]
    if "output_padding" in values:
        tries += [("output_padding", n) for n in (1, 0)]
    if type(stride) is int:
        tries += [("stride", n) for n in (stride + 1, stride - 1, 2 * stride)]
    if type(dilation) is int and "dilation" in values:
        tries += [("dilation", n) for n in (1, 2, dilation + 1, dilation - 1)]
    for name, value in dict.fromkeys(tries):
        least = 0 if "padding" in name else 1
        if name == "padding" and value > same:
            continue  # it would pad with more than the kernel sees
        if name in values and value >= least and value != values[name]:
            yield {name: value}


def changed(run: Diagnosis, row: Row, change: dict[str, Any]) -> Change:
    """Return other arguments of a layer, and of all that the same text makes, or of a function."""
    if not isinstance(row.call, Module):
        order = list(signature(row.call)) if not isinstance(row.call, str) else []
        texts = {name: argument_text(value) for name, value in change.items()}
        line = run.line_of(row)
        said = ", ".join(f"{name}={text}" for name, text in texts.items())
        return Change(
            f"{row.name}(..., {said}) in {line}",
            calls={run.site(row): partial(_with, change)},
            rewrites=[arguments_at(line, row.name, texts, order)],
        )
    layers = {
        run.path_of(module): remade(module, change) for module in alike(run, row.call, change)
    }
    made_at = f" in {row.call._made_at}" if row.call._made_at else ""
    return Change(
        f"{row.path}: {call_text(row.call, **change)}{made_at}".removeprefix(": "),
        layers,
        rewrites=[run.with_arguments(row.call, change)],
    )


def remade(module: Module, change: dict[str, Any]) -> Module:
    """Return a layer with other arguments, along all of its axes."""
    axes = getattr(module, "_axes", 0)
    values = arguments(module)
    whole = {
        name: per_axis(name, value, axes) if isinstance(values[name], tuple) and axes else value
        for name, value in change.items()
    }
    kind: Any = type(module)
    result: Module = kind(**values | whole)
    return result


def alike(run: Diagnosis, module: Module, change: dict[str, Any]) -> list[Module]:
    """Return the layers that the same text makes with the same argument: one edit changes all."""
    places = run.places(module)[:1]
    network = run.run.module
    if not places or network is None:
        return [module]
    values = arguments(module)
    same = [
        other
        for other in network.modules()
        if type(other) is type(module) and run.places(other)[:1] == places
    ]
    return [layer for layer in same if all(arguments(layer)[n] == values[n] for n in change)] or [
        module
    ]


def _with(change: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    order = ["input", "kernel_size", "stride", "padding", "dilation"]
    values = list(args)
    for name, value in change.items():
        index = order.index(name) if name in order else len(values)
        if index < len(values):
            values[index] = value
        else:
            kwargs[name] = value
    return tuple(values)
