"""References of operations that put the same elements elsewhere, or pick some of them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import partial
from itertools import combinations, product
from typing import Any

from ..ops import indexing
from ..tensor import Tensor, broadcast_shapes, packed
from .values import (
    Ints,
    UnknowableError,
    Values,
    dimensions,
    from_lines,
    held,
    known,
    lines_along,
    spread,
    walk,
)


def _joined(results: Any, tensors: Any, dim: int = 0) -> Values:
    (result,) = results
    parts = [t for t in tensors if t.shape != (0,)] if any(t.numel() for t in tensors) else []
    columns = [held(known(t), result.dtype) for t in parts]
    if not parts:
        return []
    at = dim % result.ndim
    groups = [lines_along(t, [at], c) for t, c in zip(parts, columns, strict=True)]
    lines = ([v for part in row for v in part] for row in zip(*groups, strict=True))
    return from_lines(lines, result.shape, at)


def _stacked(results: Any, tensors: Any, dim: int = 0) -> Values:
    (result,) = results
    rows = zip(*(held(known(t), result.dtype) for t in tensors), strict=True)
    return from_lines(map(list, rows), result.shape, dim % result.ndim)


def _flip(results: Any, input: Any, *args: Any, dims: Any = (), fixed: Any = ()) -> Values:
    values = known(input)
    for dim in fixed or dims or _listed(args):
        at = dim % input.ndim
        values = from_lines(
            (line[::-1] for line in lines_along(input, [at], values)), input.shape, at
        )
    return values


def _listed(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(values[0]) if len(values) == 1 and isinstance(values[0], (tuple, list)) else values


def _roll(results: Any, input: Any, shifts: Any, dims: Any = ()) -> Values:
    values = known(input)
    by = shifts if isinstance(shifts, (tuple, list)) else (shifts,)
    along = dims if isinstance(dims, (tuple, list)) else (dims,)
    if not along:
        cut = -by[0] % max(len(values), 1)
        return values[cut:] + values[:cut]
    for shift, dim in zip(by, along, strict=True):
        at = dim % input.ndim
        cut = -shift % max(input.shape[at], 1)
        lines = (line[cut:] + line[:cut] for line in lines_along(input, [at], values))
        values = from_lines(lines, input.shape, at)
    return values


def _repeat(results: Any, input: Any, *repeats: Any) -> Values:
    (result,) = results
    lead = result.ndim - input.ndim
    sizes, steps = (1,) * lead + tuple(input.shape), (0,) * lead + packed(input.shape)
    values, places = known(input), [0]
    for n, wanted, step in zip(sizes, result.shape, steps, strict=True):
        places = [at + i % n * step for at in places for i in range(wanted)]
    return [values[at] for at in places]


def _repeat_interleave(
    results: Any, input: Any, repeats: Any = None, dim: Any = None, *, output_size: Any = None
) -> Values:
    if repeats is None:
        return [i for i, n in enumerate(known(input)) for _ in range(n)]
    counts = known(repeats) if isinstance(repeats, Tensor) else [repeats]
    lines = [known(input)] if dim is None else lines_along(input, dimensions(input, dim))

    def repeated(line: Values) -> Values:
        repeats = counts * len(line) if len(counts) == 1 else counts
        return [v for v, n in zip(line, repeats, strict=True) for _ in range(n)]

    return from_lines(
        map(repeated, lines), results[0].shape, 0 if dim is None else dimensions(input, dim)[0]
    )


def _index_select(results: Any, input: Any, dim: int, index: Any) -> Values:
    along = dimensions(input, dim)
    places = known(index)
    lines = ([line[i] for i in places] for line in lines_along(input, along))
    return from_lines(lines, results[0].shape, along[0] if along else 0)


def _gather(results: Any, input: Any, dim: int, index: Any, **named: Any) -> Values:
    values, steps = known(input), packed(input.shape)
    if not input.ndim:
        return values
    at = dim % input.ndim
    others = walk(index.shape, [0 if i == at else step for i, step in enumerate(steps)])
    return [values[o + i * steps[at]] for o, i in zip(others, known(index), strict=True)]


def _scatter(
    results: Any, input: Any, dim: int, index: Any, src: Any = None, **named: Any
) -> Values:
    value = named.pop("value", src)
    if named or not input.ndim:
        raise UnknowableError
    values, steps, at = known(input).copy(), packed(input.shape), dim % input.ndim
    others = walk(index.shape, [0 if i == at else step for i, step in enumerate(steps)])
    places = [o + i * steps[at] for o, i in zip(others, known(index), strict=True)]
    if len(set(places)) < len(places) and isinstance(value, Tensor):
        raise UnknowableError
    if isinstance(value, Tensor):
        all_of_it = known(value)
        source = [all_of_it[i] for i in walk(index.shape, packed(value.shape))]
    else:
        source = [value] * len(places)
    for place, number in zip(places, source, strict=True):
        values[place] = number
    return values


def _index_fill(results: Any, input: Any, dim: int, index: Any, value: Any) -> Values:
    number = known(value)[0] if isinstance(value, Tensor) else value
    at = dim % input.ndim
    chosen = {i % input.shape[at] for i in known(index)}
    lines = (
        [number if i in chosen else v for i, v in enumerate(li)] for li in lines_along(input, [at])
    )
    return from_lines(lines, input.shape, at)


def _picked(sizes: Ints, index: Any) -> tuple[list[int], tuple[int, ...]]:
    """Return which elements a subscript selects, as row-major offsets, and their shape."""
    items, steps = indexing.items_of(index, tuple(sizes)), packed(tuple(sizes))
    if any(item.what is indexing.SOMEWHERE for item in items):
        raise UnknowableError
    kept, kept_steps, start = indexing.window(items, tuple(sizes), steps)
    tensors = [(item, item.what) for item in items if isinstance(item.what, Tensor)]
    at = indexing.place(items) if tensors else 0
    chosen = broadcast_shapes(*(index.shape for _, index in tensors)) if tensors else ()
    middle = [0] * math.prod(chosen)
    for item, tensor in tensors:
        n, step = item.length or 1, steps[item.at] if item.length is not None else 0
        if any(not -n <= v < n for v in known(tensor)):
            raise UnknowableError
        column = spread(known(tensor), tensor.shape, chosen)
        middle = [m + v % n * step for m, v in zip(middle, column, strict=True)]
    outer, inner = walk(kept[:at], kept_steps[:at]), walk(kept[at:], kept_steps[at:])
    places = [start + o + m + i for o in outer for m in middle for i in inner]
    return places, (*kept[:at], *chosen, *kept[at:])


def _getitem(results: Any, input: Any, index: Any) -> Values:
    values = known(input)
    return [values[at] for at in _picked(input.shape, index)[0]]


def _setitem(results: Any, input: Any, index: Any, value: Any) -> Values:
    places, sizes = _picked(input.shape, index)
    values = known(input).copy()
    old: Ints = value.shape if isinstance(value, Tensor) else ()
    old = old[max(len(old) - len(sizes), 0) :]
    source = known(value) if isinstance(value, Tensor) else [value]
    for at, number in zip(places, spread(source, old, sizes), strict=True):
        values[at] = number
    return values


def _index_put(
    results: Any, input: Any, indices: Any, values: Any, accumulate: bool = False
) -> Values:
    if accumulate:
        raise UnknowableError
    return _setitem(results, input, tuple(indices), values)


def _take(results: Any, input: Any, index: Any) -> Values:
    values = known(input)
    return [values[i] for i in known(index)]


def _triangle(keep: Callable[[int, int], bool]) -> Callable[..., Any]:
    def reference(results: Any, input: Any, diagonal: int = 0) -> Values:
        rows, columns = input.shape[-2:]
        return [
            v if keep(i % columns - i // columns % rows, diagonal) else 0
            for i, v in enumerate(known(input))
        ]

    return reference


def _diag(results: Any, input: Any, diagonal: int = 0) -> Values:
    values, (result,), diagonal = known(input), results, operator.index(diagonal)
    rows, columns = result.shape if input.ndim == 1 else input.shape
    on = [i * columns + i + diagonal for i in range(rows) if 0 <= i + diagonal < columns]
    if input.ndim != 1:
        return [values[at] for at in on]
    matrix = dict(zip(on, values, strict=True))
    return [matrix.get(at, 0) for at in range(rows * columns)]


def _cartesian(results: Any, *tensors: Any) -> Values:
    return [v for row in product(*map(known, tensors)) for v in row]


def _combinations(results: Any, input: Any, r: int = 2, with_replacement: bool = False) -> Values:
    if with_replacement:
        raise UnknowableError
    return [v for row in combinations(known(input), r) for v in row]


def _pad(results: Any, input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Values:
    if mode != "constant" or min(pad) < 0:
        raise UnknowableError
    (result,) = results
    before = [0] * (input.ndim - len(pad) // 2) + [*pad[::2]][::-1]
    steps = packed(result.shape)
    start = sum(n * step for n, step in zip(before, steps, strict=True))
    values = [value or 0] * result.numel()
    for at, v in zip(walk(input.shape, steps), known(input), strict=True):
        values[start + at] = v
    return values


REFERENCES: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("cat", "concat", "concatenate"), _joined), "stack": _stacked,
    "flip": _flip, "fliplr": partial(_flip, fixed=(1,)), "flipud": partial(_flip, fixed=(0,)),
    "roll": _roll, "repeat": _repeat, "tile": _repeat, "repeat_interleave": _repeat_interleave,
    "index_select": _index_select, "gather": _gather, "scatter": _scatter,
    "index_fill": _index_fill, "index_put": _index_put, "take": _take,
    "getitem": _getitem, "setitem": _setitem, "pad": _pad,
    "tril": _triangle(operator.le), "triu": _triangle(operator.ge), "diag": _diag,
    "cartesian_prod": _cartesian, "combinations": _combinations,
}  # fmt: skip
