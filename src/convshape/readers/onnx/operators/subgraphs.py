"""Operators with graphs in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ....run.record import shapes
from ....shapetorch import dtypes, hooks
from ....shapetorch.known_values import attach, values_of
from ....shapetorch.tensor import Tensor, new
from ..graph import Node
from .common import axis_of, sized, torch

#: Iterations are run one by one, as long as there are no more.
_MOST = 1000


def if_(node: Node, condition: Tensor) -> Any:
    """Run the branch that is taken; where nobody knows which, both, which must agree."""
    taken = _single(condition)
    names = ("then_branch", "else_branch")
    if taken is not None:
        return _run(node, names[0] if taken else names[1])
    results = [_run(node, name) for name in names]
    if shapes(results[0]) != shapes(results[1]):
        raise UnknownOperation(
            "its branches give different shapes, and which one runs is not known"
        )
    return results[0]


def loop(node: Node, count: Tensor | None = None, condition: Any = None, *carried: Any) -> Any:
    """Run the body as often as its values say.

    Where nobody knows how often that is, it runs once: what it carries on must keep its shape.

    Raises:
        UnknownOperation: nobody knows how often, and a shape depends on it.
    """
    most = None if count is None else _single(count)
    ends = count is None or most is not None
    state = list(carried)
    rows: list[list[Any]] = []
    condition = _number(True) if condition is None else condition
    while most is None or len(rows) < most:
        runs = _single(condition)
        if runs is None or not ends or len(rows) == _MOST:
            return _once(node, [_number(None), condition], state, ())
        if not runs:
            break
        condition, *results = _parts(_run(node, "body", _number(len(rows)), condition, *state))
        state = results[: len(state)]
        rows.append(results[len(state) :])
    if not rows and len(node.outputs) > len(state):
        raise UnknownOperation("its shape is not known: the loop runs no iteration")
    return _all(state, [torch.stack(column, 0) for column in zip(*rows, strict=True)])


def scan(node: Node, *inputs: Any) -> Any:
    """Run the body for each slice of the last inputs, ``(*before, n, *behind)`` along their axes.

    In opset 8 the inputs are lengths, and batches of what is carried on and of what is sliced:
    each sample is run alone.

    Raises:
        ShapeError: the inputs have different numbers of slices, or no samples.
        UnknownOperation: it changes the shape of what it carries on.
    """
    if node.opset > 8:
        return _scan(node, inputs)
    _, *batches = inputs
    if not batches[0].shape[0]:
        raise ShapeError("has a batch without samples")
    samples = zip(*(torch.unbind(batch, 0) for batch in batches), strict=True)
    columns = zip(*(_parts(_scan(node, sample)) for sample in samples), strict=True)
    return _all([torch.stack(column, 0) for column in columns], ())


def _scan(node: Node, inputs: Sequence[Any]) -> Any:
    first = len(inputs) - node.attribute("num_scan_inputs")
    state, scanned = list(inputs[:first]), inputs[first:]
    written = node.attribute("scan_input_axes") or [0] * len(scanned)
    axes = [axis_of(axis, x.ndim) for axis, x in zip(written, scanned, strict=True)]
    lengths = [x.shape[axis] for axis, x in zip(axes, scanned, strict=True)]
    if len(set(lengths)) > 1:
        raise ShapeError(f"has inputs of different lengths: {', '.join(map(str, lengths))}")
    length = lengths[0]
    out_axes = node.attribute("scan_output_axes") or [0] * (len(node.outputs) - first)
    is_counted = type(length) is int and 0 < length <= _MOST
    if not is_counted:
        slices = [sized(x, _without(x.shape, axis)) for axis, x in zip(axes, scanned, strict=True)]
        return _once(node, [], state, out_axes, slices, length)
    rows = []
    for index in range(length):
        slices = [torch.select(x, axis, index) for axis, x in zip(axes, scanned, strict=True)]
        results = _parts(_run(node, "body", *state, *slices))
        state = results[:first]
        rows.append(results[first:])
    columns = zip(zip(*rows, strict=True), out_axes, strict=True)
    return _all(state, [torch.stack(column, axis) for column, axis in columns])


def _once(
    node: Node,
    before: Sequence[Tensor],
    state: Sequence[Tensor],
    out_axes: Sequence[int],
    slices: Sequence[Tensor] = (),
    length: int | None = None,
) -> Any:
    """Run a body once in place of many times; what it carries on must keep its shape."""
    state = [new(tuple(tensor.shape), tensor.dtype) for tensor in state]  # of no known values
    results = _parts(_run(node, "body", *before, *state, *slices))[len(before) and 1 :]
    kept, rows = results[: len(state)], results[len(state) :]
    if [tensor.shape for tensor in kept] != [tensor.shape for tensor in state]:
        raise UnknownOperation("its shape depends on the data: each iteration changes it")
    if rows and length is None:
        raise UnknownOperation("its shape depends on the data: on the number of iterations")
    run = getattr(hooks.recorder, "run", None)  # a trial keeps none
    if run is not None:
        run.doubt = f"{node.path} runs several times, of which one is counted"
    kept = [new(tuple(tensor.shape), tensor.dtype) for tensor in kept]
    stacked = []
    for row, out_axis in zip(rows, out_axes, strict=True):
        axis = axis_of(out_axis, row.ndim + 1)
        stacked.append(sized(row, (*row.shape[:axis], length, *row.shape[axis:])))
    return _all(kept, stacked)


def _run(node: Node, name: str, *inputs: Any) -> Any:
    graph: Any = node._modules[name]
    graph.scope = node.scope
    try:
        return graph(*inputs)
    finally:
        graph.scope = {}


def _parts(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


def _all(state: Sequence[Any], rows: Sequence[Any]) -> Any:
    results = (*state, *rows)
    return results[0] if len(results) == 1 else results


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]


def _single(tensor: Any) -> Any:
    """Return the value of a tensor of one element, None where it is not known."""
    values = values_of(tensor)
    return values[0] if values is not None and len(values) == 1 else None


def _number(value: int | None) -> Tensor:
    """Return a condition or the number of an iteration, ``()``."""
    dtype = dtypes.bool if value is True else dtypes.int64
    return new((), dtype) if value is None else attach(Tensor((), dtype), [value])


OPERATORS: dict[str, Callable[..., Any]] = {"If": if_, "Loop": loop, "Scan": scan}
