"""The node tests of ONNX itself: the shapes that we give are those of the outputs stored there."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any
from unittest import mock

import pytest

import convshape as cs
from convshape.errors import UnknownOperation
from convshape.readers.onnx.operators import OPERATORS

numpy = pytest.importorskip("numpy", reason="the node tests have arrays of NumPy")
onnx = pytest.importorskip("onnx", reason="the node tests are ONNX's own: pip install onnx")

#: Operators whose shape depends on the data.
DATA_DEPENDENT = {"NonZero", "Compress", "Unique", "NonMaxSuppression"}


def pooled(
    padded: Any, x_shape: Any, kernel: Any, strides: Any, out_shape: Any, *_: Any, **__: Any
) -> Any:
    """Return zeros in the place of ONNX's pooling in plain Python, which takes seconds."""
    return numpy.zeros((*x_shape[:2], *out_shape), padded.dtype)


@cache
def cases() -> list[Any]:
    with warnings.catch_warnings(), mock.patch("onnx.reference.ops.op_pool_common.pool", pooled):
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    return [case for case in found if _is_ours(case)]


def _is_ours(case: Any) -> bool:
    nodes = case.model.graph.node
    inputs = case.model.graph.input
    return (
        all(
            node.op_type in {*OPERATORS, "Constant"} and node.domain in ("", "ai.onnx")
            for node in nodes
        )
        and all(v.type.HasField("tensor_type") for v in (*inputs, *case.model.graph.output))
        and not case.model.functions
        and min(s.version for s in case.model.opset_import) >= 7
    )


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_node_has_the_shape_that_onnx_stores(case: Any, tmp_path: Any) -> None:
    path = tmp_path / "node.onnx"
    data_sets = case.data_sets
    inputs, outputs = data_sets[0]
    onnx.save(_with_values(case.model, inputs), path)
    wanted = [shape_of(array) for array in outputs]
    trace = cs.trace(str(path))
    if isinstance(trace.error, UnknownOperation) and _types_of(case.model) & DATA_DEPENDENT:
        assert "depends on" in trace.error.message
        return
    assert trace.error is None, trace.error
    last = trace.record.calls[0].result
    results = last if isinstance(last, (tuple, list)) else [last]
    assert [tuple(r.shape) for r in results] == wanted


def _types_of(model: Any) -> set[str]:
    return {node.op_type for node in model.graph.node}


def shape_of(array: Any) -> tuple[int, ...]:
    """Return the shape of a stored tensor, which of types that NumPy lacks is ONNX's own."""
    return tuple(array.dims if hasattr(array, "dims") else getattr(array, "shape", ()))


def _with_values(model: Any, arrays: Any) -> Any:
    """Return the model with inputs that shapes depend on, all but the first, as initializers."""
    result = type(model)()
    result.CopyFrom(model)
    alone = _types_of(model) & {"Range", "ConstantOfShape", "Loop", "If"}
    for place, (value, array) in enumerate(zip(list(result.graph.input), arrays, strict=True)):
        small = not hasattr(array, "dims") and array.size <= 64 and array.ndim < 2
        if small and (place or alone) and array.dtype.kind in "iufVb":
            result.graph.initializer.append(onnx.numpy_helper.from_array(array, value.name))
    return result
