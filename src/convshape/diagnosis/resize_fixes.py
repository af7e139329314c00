"""Changes of the layer that gave one of two tensors its size, where they do not meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from ..errors import ShapeError
from ..run.record import Row, tensors
from ..run.trial import Change
from ..shapetorch.arguments import per_axis
from ..shapetorch.nn.modules.constructor import arguments, for_any_axes
from ..shapetorch.nn.modules.module import Module
from .size_fixes import changed, remade

if TYPE_CHECKING:
    from ..shapetorch.tensor import Tensor
    from .diagnosis import Diagnosis

    Shape = tuple[int, ...]


def resizing(run: Diagnosis) -> Iterator[Change]:
    """Change the layer that gave one of two tensors its size, where the other has another."""
    if run.refused is None or isinstance(run.refused.call, Module):
        return
    maps = tensors((run.refused.args, run.refused.kwargs))
    other = next((item for item in maps if item.shape[2:] != maps[0].shape[2:]), None)
    if other is None or other.ndim != maps[0].ndim:
        return
    both = sorted((maps[0], other), key=lambda item: -prod(item.shape[2:]))  # the larger first
    makers = [
        (maker, change, tensor)
        for tensor, other in (both, reversed(both))
        if (maker := _maker_of_size(run, tensor)) is not None
        for change in _other_sizes(maker, tensor.shape[2:], other.shape[2:])
        if "kernel_size" not in change or _enlarges(maker, change)
    ]
    best: dict[int, Change] = {}  # of each of the two
    failed: list[Change] = []
    for maker, sizes, tensor in sorted(makers, key=_likelihood):
        is_odd = _is_rounded(maker, sizes)
        if id(tensor) in best or (is_odd and "padding" in sizes and "Pool" in maker.name):
            continue
        change = changed(run, maker, sizes)._replace(one_size=is_odd)
        if isinstance(maker.call, Module):  # it alone, though others may be made in the same line
            change = change._replace(layers={run.path_of(maker.call): remade(maker.call, sizes)})
        if run.mends(change):
            best[id(tensor)] = change._replace(works=True)
        else:
            failed.append(change._replace(works=False))
    is_sure = not any(item.one_size for item in best.values())
    for index, change in enumerate(best.values(), 1):
        yield change._replace(only=is_sure and index == len(best))
    yield from failed  # which may get further


def _is_rounded(row: Row, change: dict[str, Any]) -> bool:
    """Return whether a change only makes up for how a stride rounds the size of this input."""
    if "output_padding" in change:
        return not _enlarges(row, change)
    return change.keys() == {"padding"} and not _keeps_size(row, change)


def mirrored(run: Diagnosis) -> Iterator[Change]:
    """Let each transposed convolution enlarge by its whole stride, as the strides before divide."""
    if run.refused is None or isinstance(run.refused.call, Module):
        return
    rewrites = []
    for row in run.done:
        values = arguments(row.call) if isinstance(row.call, Module) else {}
        if "output_padding" not in values or _enlarges(row, {}):
            continue
        names = ("kernel_size", "stride", "padding", "dilation")
        axes = zip(*(per_axis(n, values[n], row.result.ndim - 2) for n in names), strict=True)
        missing = {s - d * (k - 1) - 1 + 2 * p for k, s, p, d in axes}
        if len(missing) == 1 and min(missing) > 0:
            assert isinstance(row.call, Module)
            rewrites.append(run.with_arguments(row.call, {"output_padding": missing.pop()}))
    if rewrites:
        yield Change("", rewrites=rewrites)


def _likelihood(maker: tuple[Row, dict[str, Any], Tensor]) -> tuple[bool, bool, int]:
    """Order changes: whole factors first, then paddings that keep the size, then the shortest."""
    row, change, _ = maker
    return not _enlarges(row, change), not _keeps_size(row, change), len(change)


def _keeps_size(row: Row, change: dict[str, Any]) -> bool:
    """Return whether a padding keeps the size of what a kernel slides over."""
    values = arguments(row.call) | change if isinstance(row.call, Module) else {}
    if "padding" not in change or "kernel_size" not in values:
        return False
    names = ("kernel_size", "padding", "dilation")
    axes = zip(*(per_axis(n, values.get(n, 1), row.result.ndim - 2) for n in names), strict=True)
    return all(2 * padding == dilation * (kernel - 1) for kernel, padding, dilation in axes)


def _enlarges(row: Row, change: dict[str, Any]) -> bool:
    """Return whether a layer makes each axis larger by a whole factor, whatever its size is."""
    values = row.arguments() if not isinstance(row.call, Module) else arguments(row.call)
    if "scale_factor" in values:
        return True
    values = values | change
    names = ("kernel_size", "dilation", "padding", "output_padding", "stride")
    if "output_padding" not in values:
        return False
    axes = zip(*(per_axis(name, values[name], row.result.ndim - 2) for name in names), strict=True)
    return all(d * (k - 1) + 1 - 2 * p + more == stride for k, d, p, more, stride in axes)


def _maker_of_size(run: Diagnosis, tensor: Tensor) -> Row | None:
    """Return the call of a layer with a stride, or a factor, that gave a tensor its size."""
    last = run.giver(tensor)
    for row in (last, *run.givers(last)) if last else ():
        is_layer_call = isinstance(row.call, Module) and hasattr(row.call, "stride")
        if is_layer_call and getattr(row.call, "_axes", 0) == tensor.ndim - 2:
            return row
        if getattr(row.call, "scale_factor", None) or row.name == "interpolate":
            return row
        if (row.inputs or [()])[0][2:] != tensor.shape[2:]:
            return None
    return None


def _other_sizes(row: Row, sizes: Shape, wanted: Shape) -> Iterator[dict[str, Any]]:
    """Yield changes of a layer with which it gives other sizes: of few arguments first."""
    if sizes == wanted:
        return  # they differ elsewhere
    named = arguments(row.call) if isinstance(row.call, Module) else row.arguments()
    factor = named.get("scale_factor")
    if "stride" not in named:
        if isinstance(factor, (int, float)) and factor * wanted[0] % sizes[0] == 0:
            yield {"scale_factor": int(factor * wanted[0] // sizes[0])}
        return
    stride = per_axis("stride", named["stride"] or named["kernel_size"], len(sizes))
    changes: list[dict[str, Any]] = []
    ratio = sizes, wanted
    if "output_padding" in named:
        paddings = per_axis("output_padding", named["output_padding"], len(sizes))
        kernels = per_axis("kernel_size", named["kernel_size"], len(sizes))
        more = [w - s for s, w in zip(sizes, wanted, strict=True)]
        for name, values in (("output_padding", paddings), ("kernel_size", kernels)):
            changes.append({name: tuple(n + m for n, m in zip(values, more, strict=True))})
        ratio = wanted, sizes  # a larger stride makes it larger
    steps = tuple(
        max(1, round(step * size / max(want, 1)))
        for step, size, want in zip(stride, *ratio, strict=True)
    )
    strides: list[dict[str, Any]] = [{"stride": steps}] if steps != tuple(stride) else []
    kernel, dilation = (for_any_axes(named.get(name, 1)) for name in ("kernel_size", "dilation"))
    most = min(9, dilation * (kernel - 1) + 1) if type(kernel) is type(dilation) is int else 9
    pads: list[dict[str, Any]] = [
        {"padding": n}
        for n in range(most)
        if "padding" in named and n != for_any_axes(named["padding"])
    ]
    both = [one | two for one, two in product(strides, pads)]
    yield from _giving(row, wanted, [*changes, *strides, *pads, *both])


def _giving(row: Row, wanted: Shape, changes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield those changes of a layer with which its call gives the sizes that are wanted."""
    layer = row.call
    assert isinstance(layer, Module)
    for change in changes:
        with suppress(ShapeError, ValueError, RuntimeError):
            other = type(layer)(**arguments(layer) | change).eval()
            if tensors(other._call(row.args, row.kwargs))[0].shape[2:] == wanted:
                yield change
