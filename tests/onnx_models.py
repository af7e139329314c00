"""ONNX models for the tests: built by `onnx.helper`, stored in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="builds models with the onnx package: pip install onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

node = helper.make_node
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def weight(name: str, *shape: int) -> Any:
    return numpy_helper.from_array(np.zeros(shape, np.float32), name)


def ints(name: str, *values: int) -> Any:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def model(nodes: Any, stored: Any = (), opset: int = 17, **inputs: Any) -> Any:
    """Return a model with its last node's output; inputs are float32, or pairs with a type."""
    values = [
        helper.make_tensor_value_info(name, *(of if isinstance(of, tuple) else (FLOAT, of)))
        for name, of in inputs.items()
    ]
    outputs = [helper.make_tensor_value_info(n, FLOAT, None) for n in nodes[-1].output if n]
    graph = helper.make_graph(nodes, "net", values, outputs, list(stored))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def stored(model: Any, folder: Path, name: str = "net.onnx") -> str:
    """Store a model and return the path of its file."""
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return str(path)
