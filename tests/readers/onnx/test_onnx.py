"""ONNX files: read without their weights and without the onnx package, each node a row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx_models import INT64, ints, model, node, onnx, stored, weight

import convshape as cs
from convshape.errors import SpecError, UnknownOperation
from convshape.readers.onnx.model_file import model as parsed
from convshape.shapetorch.arguments import shape as shape_text

LENET = model(
    [
        node("Conv", ["x", "w1", "b1"], ["a"], name="/conv1/Conv", kernel_shape=[5, 5]),
        node("BatchNormalization", ["a", "g", "b", "m", "v"], ["n"], name="/bn/BatchNormalization"),
        node("Relu", ["n"], ["r"], name="/relu/Relu"),
        node("MaxPool", ["r"], ["p"], name="/pool/MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
        node("Shape", ["p"], ["s"]),
        node("Gather", ["s", "zero"], ["batch"], axis=0),
        node("Unsqueeze", ["batch", "zeros"], ["batches"]),
        node("Concat", ["batches", "rest"], ["sizes"], axis=0),
        node("Reshape", ["p", "sizes"], ["flat"], name="/Reshape"),
        node("Gemm", ["flat", "w2", "b2"], ["y"], name="/fc/Gemm", transB=1),
    ],
    [
        weight("w1", 6, 1, 5, 5),
        weight("b1", 6),
        *(weight(name, 6) for name in "gbmv"),
        onnx.numpy_helper.from_array(np.array(0, np.int64), "zero"),
        ints("zeros", 0),
        ints("rest", -1),
        weight("w2", 10, 1176),
        weight("b2", 10),
    ],
    x=["batch", 1, 28 + 4, 32],
)


@pytest.fixture
def lenet(tmp_path: Path) -> str:
    return stored(LENET, tmp_path)


def rows(trace: cs.Trace) -> list[tuple[Any, ...]]:
    return [(r.path, r.layer, r.outputs, r.params, r.macs) for r in trace.rows[1:]]


def test_each_node_is_a_row(lenet: str) -> None:
    trace = cs.trace(lenet)
    assert rows(trace) == [
        ("conv1.Conv", "Conv(kernel_shape=[5, 5])", [(1, 6, 28, 28)], 156, 117600),
        ("bn.BatchNormalization", "BatchNormalization()", [(1, 6, 28, 28)], 12, 0),
        ("relu.Relu", "Relu()", [(1, 6, 28, 28)], 0, 0),
        ("pool.MaxPool", "MaxPool(kernel_shape=[2, 2], strides=[2, 2])", [(1, 6, 14, 14)], 0, 0),
        ("Reshape", "Reshape()", [(1, 1176)], 0, 0),
        ("fc.Gemm", "Gemm(transB=1)", [(1, 10)], 11770, 11760),
    ]
    assert trace.error is None
    assert trace.params == 156 + 12 + 11770  # without the statistics
    assert trace.rows[4].field == [(6, 2, 0)] * 2
    assert {"Shape_4", "Gather_5", "Concat_7"} <= {row.path for row in trace.calls()}


def test_the_modules_that_a_node_was_in_are_its_path(tmp_path: Path) -> None:
    """As ``torch.onnx.export(dynamo=True)`` writes them."""
    net = model([node("Relu", ["x"], ["y"], name="node_relu")], x=[2])
    scopes = "['', 'layer1', 'layer1.0', 'relu']"
    net.graph.node[0].metadata_props.add(key="pkg.torch.onnx.name_scopes", value=scopes)
    assert cs.trace(stored(net, tmp_path)).rows[-1].path == "layer1.0.Relu"


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_a_batch_goes_through_the_sizes_that_are_computed(lenet: str, batch: int) -> None:
    assert cs.trace(lenet, batch=batch).rows[-1].outputs == [(batch, 10)]


def test_it_needs_no_package_and_no_weights(lenet: str, tmp_path: Path) -> None:
    code = (
        f"import sys, convshape as cs; cs.trace({lenet!r}); print([m for m in ('onnx', "
        f"'google') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
    apart = tmp_path / "apart.onnx"
    onnx.save(LENET, apart, save_as_external_data=True, location="apart.data", size_threshold=1024)
    (tmp_path / "apart.data").unlink()
    assert rows(cs.trace(str(apart))) == rows(cs.trace(lenet))
    with pytest.raises(SpecError, match="engine='torch' is for PyTorch source"):
        cs.trace(lenet, engine="torch")
    with pytest.raises(SpecError, match="is an ONNX model, and its weights are not read"):
        cs.annotate(lenet)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows writes the zeros of sparse files")
def test_a_file_of_three_gigabytes_is_read_in_no_time(tmp_path: Path) -> None:
    size = 30_000 * 25_000 * 4
    net = model([node("Gemm", ["x", "w"], ["y"], name="fc")], x=[1, 30_000])
    head = _varint(1, 30_000) + _varint(1, 25_000) + b"\x10\x01\x42\x01w" + b"\x4a" + _length(size)
    graph = net.graph.SerializeToString() + b"\x2a" + _length(len(head) + size) + head
    with open(tmp_path / "big.onnx", "wb") as file:
        file.write(b"\x42\x02\x10\x11\x3a" + _length(len(graph) + size) + graph)
        file.truncate(file.tell() + size)
    trace = cs.trace(str(tmp_path / "big.onnx"))
    assert os.path.getsize(tmp_path / "big.onnx") > 2**31
    assert (trace.params, trace.rows[-1].outputs) == (750_000_000, [(1, 25_000)])


def _length(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _varint(field: int, value: int) -> bytes:
    return _length(field << 3) + _length(value)


def _field(number: int, value: bytes) -> bytes:
    return _length(number << 3 | 2) + _length(len(value)) + value


# Inputs


IMAGE = model(
    [node("Conv", ["x", "w"], ["y"], name="c")], [weight("w", 4, 3, 3, 3)], x=["N", 3, "H", "W"]
)


def test_sizes_that_are_open_are_symbols(tmp_path: Path) -> None:
    path = stored(IMAGE, tmp_path)
    assert shape_text(cs.trace(path).rows[-1].outputs[0]) == "1×4×(H − 2)×(W − 2)"
    assert cs.trace(path, input="3x8x9").rows[-1].outputs == [(1, 4, 6, 7)]
    assert cs.trace(path, (3, 8, 9), batch=2).rows[-1].outputs == [(2, 4, 6, 7)]
    assert cs.trace(path, x=(3, 8, 9)).rows[-1].outputs == [(1, 4, 6, 7)]
    with pytest.raises(SpecError, match="has no input 'y'"):
        cs.trace(path, input="y=3x8x9")
    with pytest.raises(SpecError, match=r"has 1 input \(x\), but 2 are given"):
        cs.trace(path, input=["3x8x9", "4"])


@pytest.mark.parametrize(
    ("sizes", "batch", "given"),
    [
        (["batch", 3], None, (1, 3)),
        (["batch", 3], 4, (4, 3)),
        ([6, "batch_size", 3], 4, (6, 4, 3)),  # a sequence
        ([6, "batch_size", 3], None, (6, 1, 3)),
        (["batch", "Batch", 3], 4, (4, "Batch", 3)),
        ([6, "n", 3], 4, (4, "n", 3)),
        ([6, 3], 4, (4, 3)),
    ],
)
def test_the_axis_of_the_batch(
    sizes: list[Any], batch: int | None, given: tuple[Any, ...], tmp_path: Path
) -> None:
    path = stored(model([node("Relu", ["x"], ["y"])], x=sizes), tmp_path)
    assert shape_text(cs.trace(path, batch=batch).inputs[0]) == "×".join(map(str, given))


@pytest.mark.parametrize("op", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("layout", [0, 1])
def test_the_table_of_a_recurrent_layer(op: str, layout: int, tmp_path: Path) -> None:
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
    weights = [weight("w", 1, 2 * gates, 3), weight("r", 1, 2 * gates, 2)]
    net = one(op, 4, 1, 3, weights=weights, layout=layout, hidden_size=2)
    trace = cs.trace(stored(net, tmp_path))
    assert f"{op}(hidden_size=2" in trace.to("plain")


def test_symbols_go_through_the_sizes_that_a_model_computes(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Slice", ["s", "two", "four"], ["hw"]),
        node("ReduceProd", ["hw"], ["places"], axes=[0]),
        node("Concat", ["front", "places"], ["sizes"], axis=0),
        node("Reshape", ["x", "sizes"], ["flat"], name="flat"),
    ]
    constants = [ints("two", 2), ints("four", 4), ints("front", 1, 3)]
    trace = cs.trace(stored(model(nodes, constants, x=[1, 3, "H", "W"]), tmp_path))
    assert trace.error is None
    assert shape_text(trace.rows[-1].outputs[0]) == "1×3×H·W"


def test_another_size_than_the_file_declares_is_said(lenet: str) -> None:
    trace = cs.trace(lenet, input="1x36x36")
    assert "x: the file declares" in trace.note
    assert trace.error is not None
    assert trace.error.path == "fc.Gemm"


def test_inputs_have_the_dtypes_and_values_that_are_given(tmp_path: Path) -> None:
    net = model([node("Reshape", ["x", "s"], ["y"], name="r")], x=[3, 4], s=(INT64, [2]))
    path = stored(net, tmp_path)
    trace = cs.trace(path)
    assert isinstance(trace.error, UnknownOperation)
    assert "depends on the values of shape" in trace.error.message
    assert cs.trace(path, input="s=int64:[6, 2]").rows[-1].outputs == [(6, 2)]


# What is refused

RELU = node("Relu", ["x"], ["y"])


def one(op: str, *shape: int, opset: int = 17, weights: Any = (), **options: Any) -> Any:
    """Return a model of one node, whose inputs are ``x`` and the weights unless they are named."""
    inputs = options.pop("inputs", ["x", *(w.name for w in weights)])
    outputs = options.pop("outputs", ["y"])
    item = node(op, inputs, outputs, name="here", **options)
    return model([item], weights, opset, x=list(shape))


def floats(name: str, *values: float) -> Any:
    return onnx.numpy_helper.from_array(np.array(values, np.float32), name)


def numbers(**values: int) -> Any:
    """Return scalars by name."""
    return [onnx.numpy_helper.from_array(np.array(v, np.int64), n) for n, v in values.items()]


#: Indices ``(2, 3)``.
PLACES = onnx.numpy_helper.from_array(np.zeros((2, 3), np.int64), "i")


REFUSED = [
    (one("Covn", 1, 3),
     "here: Covn() is an operator that convshape does not know (fix: did you mean Conv?)"),
    (one("Odd", 1, 3, domain="my.ops"),
     "here: Odd() is an operator of my.ops that convshape does not know"),
    (one("NonZero", 3, 4), "here: NonZero() its shape depends on the data"),
    (one("Conv", 1, 4, 8, 8, weights=[weight("w", 6, 3, 3, 3)]),
     "here: Conv() expects 3 channels, but receives 4"),
    (one("Conv", 1, 3, 8, 8, weights=[weight("w", 6, 3, 3)]),
     "has a weight 6×3×3 for an input 1×3×8×8"),
    (one("Conv", 1, 3, 8, 8, weights=[weight("w", 6, 3, 3, 3)], strides=[1]),
     "has 1 strides for 2 axes"),
    (one("Reshape", 2, 3, weights=[ints("s", 4, 2)]), "here: Reshape()"),
    (one("Squeeze", 2, 3, weights=[ints("s", 0)]), "has 2 elements, not 1"),
    (one("Gemm", 2, 3, weights=[weight("w", 4, 5)]), "here: Gemm()"),
    (one("Flatten", 2, 3, axis=5), "has axis 5, but its input has 2 axes"),
    (one("Relu", 2, 3, weights=[ints("s", 4, 2)]), "here: Relu() does not take 2 inputs"),
    (one("Relu", 2, 3, outputs=["y", "z"]),
     "has more outputs than the 1 that convshape supports"),
    (one("CenterCropPad", 2, 3, opset=18, weights=[ints("s", 4)]),
     "has inputs or attributes that convshape cannot read"),
    (one("Conv", 1, 2, weights=[weight("w", 2, 2)]), "needs an input of shape (N, C, *size)"),
    (one("Conv", 1, 2, 5, 5, weights=[weight("w", 2, 2, 3, 3)], kernel_shape=[3, 2]),
     "has kernel_shape 3×2, but its weight is 2×2×3×3"),
    (one("Conv", 1, 2, 5, 5, weights=[weight("w", 2, 2, 3, 3)], auto_pad="SOME"),
     "has auto_pad='SOME', which ONNX does not have"),
    (one("Conv", 1, 2, 5, 5, 5, 5, weights=[weight("w", 2, 2, 3, 3, 3, 3)]),
     "has 4 spatial axes; convshape supports 1 to 3"),
    (one("Col2Im", 1, 4, 3, opset=18, weights=[ints("i", 5), ints("b", 2)]),
     "needs an input of shape (N, C × 2, 4), but receives 1×4×3"),
    (one("MaxPool", 1, 2, 5, 5, kernel_shape=[2]), "has kernel_shape [2] for 1×2×5×5"),
    (one("MaxPool", 1, 2, 2, 2, kernel_shape=[5, 5], pads=[0, 0, 1, 1]),
     "has a kernel of 5×5, larger than its padded input 3×3"),
    (one("MaxUnpool", 2, 2, 3, kernel_shape=[2], weights=[PLACES]),
     "has indices 2×3 for an input 2×2×3"),
    (one("Resize", 1, 2, 4, 4, inputs=["x", "", "s"], weights=[floats("s", 2, 2)]),
     "has 2 scales for 4 axes"),
    (one("Upsample", 1, 2, 4, 4, opset=9, weights=[floats("s", 2, 2)]), "has 2 scales for 4 axes"),
    (one("DepthToSpace", 1, 4, 3, blocksize=2), "needs an input of shape (N, C, H, W)"),
    (one("Gather", 4, 5, weights=[ints("i", 4)]), "has indices [4] into an axis of 4 elements"),
    (one("GatherND", 4, 5, weights=[PLACES]), "has indices of 3 axes into 4×5"),
    (one("Gemm", 1, 2, 3, weights=[weight("w", 3, 4)]), "multiplies matrices, but receives 1×2×3"),
    (one("Gemm", 2, 3, weights=[weight("w", 3, 4), weight("c", 5, 2, 4)]),
     "adds 5×2×4, which cannot be repeated to 2×4"),
    (one("PRelu", 2, 3, weights=[weight("s", 4, 1, 1)]),
     "has a slope 4×1×1, which cannot be repeated to 2×3"),
    (one("Attention", 1, 4, 6, opset=23, inputs=["x"] * 3, q_num_heads=4, kv_num_heads=4),
     "has 4 heads, which do not divide 6"),
    (one("InstanceNormalization", 1, 3, 4, weights=[weight("s", 4), weight("b", 3)]),
     "has 4 for the channels of 1×3×4"),
    (one("LayerNormalization", 2, 3, weights=[weight("s", 5, 1, 1)]),
     "has 5×1×1, which cannot be repeated to 3"),
    (one("GroupNormalization", 1, 4, 3, opset=21, num_groups=2, weights=[weight("s", 2)] * 2),
     "needs weights of shape (4,), but has 2"),
    (one("LSTM", 4, 3, weights=[weight("w", 1, 8, 3), weight("r", 1, 8, 2)]),
     "needs an input of three axes, but receives 4×3"),
    (one("LSTM", 4, 1, 3, weights=[weight("w", 1, 8, 5), weight("r", 1, 8, 2)]),
     "needs a weight 1×8×3, but has 1×8×5"),
    (one("Reshape", 2, 3, weights=[ints("s", 2, 3, 0)]), "copies an axis that 2×3 does not have"),
    (one("Pad", 2, 3, weights=[ints("p", 1, 1)]), "has 2 pads for 2 axes"),
    (one("Unsqueeze", 2, 3, weights=[ints("a", 1, 1)]),
     "has axes [1, 1], of which two are the same"),
    (one("Tile", 2, 3, weights=[ints("r", 2)]), "has 1 repeats for 2 axes"),
    (one("Squeeze", 1, 3, weights=[ints("a", 4)]), "has axis 4, but its input has 2 axes"),
    (one("Range", inputs=[*"abc"], weights=numbers(a=5, b=1, c=0)), "has a step of 0"),
]  # fmt: skip


@pytest.mark.parametrize(("net", "message"), REFUSED, ids=lambda case: str(case)[:40])
def test_what_does_not_fit_is_named_with_its_node(net: Any, message: str, tmp_path: Path) -> None:
    trace = cs.trace(stored(net, tmp_path))
    assert trace.error is not None
    assert message in str(trace.error)
    assert trace.error.path == "here"


ACCEPTED = [
    (one("MaxPool", 1, 2, 5, 5, 5, 5, kernel_shape=[2] * 4, strides=[2] * 4, ceil_mode=1),
     (1, 2, 3, 3, 3, 3)),
    (one("AveragePool", 1, 2, 5, 5, 5, 5, kernel_shape=[2] * 4, strides=[2] * 4),
     (1, 2, 2, 2, 2, 2)),
    (one("GlobalAveragePool", 1, 2, 5, 5, 5, 5), (1, 2, 1, 1, 1, 1)),
    (one("GlobalLpPool", 1, 2, 5, 5), (1, 2, 1, 1)),
    (one("Resize", 1, 2, 4, 4, opset=10, weights=[floats("s", 1, 1, 2, 1.5)]), (1, 2, 8, 6)),
    (one("Resize", 1, 2, 4, 4, inputs=["x", "", "s"], weights=[floats("s", 1, 2, 2, 2)]),
     (1, 4, 8, 8)),
    (one("Resize", 1, 1, 4, 4, inputs=["x", "r", "s"], weights=[
        floats("r", 0, 0, 0, 0, 1, 1, 1, .5), floats("s", 1, 1, 2, 2)],
        coordinate_transformation_mode="tf_crop_and_resize"), (1, 1, 8, 4)),
    (one("Slice", 3, 8, opset=9, starts=[1], ends=[-1], axes=[1]), (3, 6)),
    (one("Range", inputs=[*"abc"], weights=numbers(a=5, b=1, c=2)), (0,)),
    (one("Gather", 2, 3, inputs=["w", "i"], weights=[weight("w", 10, 4), PLACES]), (2, 3, 4)),
    (one("NonZero", inputs=["w"], weights=[ints("w", 0, 3, 4)]), (1, 2)),
    (one("GridSample", 1, 2, 5, opset=20, weights=[weight("g", 1, 7, 1)]), (1, 2, 7)),
    (one("InstanceNormalization", 1, 3, 1, weights=[weight("s", 3), weight("b", 3)]), (1, 3, 1)),
    (one("Pad", 1, 1, 3, weights=[ints("p", 0, 0, 5, 0, 0, 0)], mode="reflect"), (1, 1, 8)),
    (one("RandomNormal", inputs=[], shape=[2, 3]), (2, 3)),
    (one("Transpose", *[1] * 9, perm=[*range(9)]), (1,) * 9),
    (one("Constant", inputs=[], value_strings=["a", "b"]), (2,)),
    (one("Constant", inputs=[], value_string="a"), ()),
    (one("Constant", inputs=[], value_floats=[1.0, 2.0]), (2,)),
]  # fmt: skip
#: Where ONNX's reference has no answer, or one that its specification does not have.
UNLIKE_REFERENCE = {"GlobalLpPool", "MaxPool", "Resize"}


@pytest.mark.parametrize(("net", "shape"), ACCEPTED, ids=lambda case: str(case)[:40])
def test_a_node_has_the_shape_of_the_specification(
    net: Any, shape: tuple[int, ...], tmp_path: Path
) -> None:
    trace = cs.trace(stored(net, tmp_path))
    assert trace.error is None
    assert trace.rows[0].outputs == [shape]
    if net.graph.node[0].op_type not in UNLIKE_REFERENCE:
        from onnx.reference import ReferenceEvaluator

        sizes = [d.dim_value for d in net.graph.input[0].type.tensor_type.shape.dim]
        (result,) = ReferenceEvaluator(net).run(None, {"x": np.zeros(sizes, np.float32)})
        assert np.shape(result) == shape


def nested(depth: int) -> bytes:
    """Return a model whose graph has a node with a graph, and so on."""
    graph = b""
    for _ in range(depth):
        graph = _field(1, _field(5, _field(6, graph)))
    return _field(7, graph)


FILES = [
    (nested(1000), "the graphs are nested too deep"),
    (b"", "is empty, not an ONNX model"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a pointer of Git LFS"),
    (b"<!DOCTYPE html><html></html>", "this is not an ONNX model"),
    (b"\x08\x08", "there is no graph in it"),
    (LENET.SerializeToString()[:200], "it ends in the middle of a field"),
    (_field(7, _field(1, _field(5, _field(7, b"123")))), "ends in the middle of one"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), FILES, ids=[message for _, message in FILES])
def test_what_is_no_model_is_said(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    with pytest.raises(SpecError, match=message):
        cs.trace(str(path))


def written(op: str, attribute: bytes, weight: bytes = b"", opset: int = 18) -> bytes:
    """Return a model of one node on a tensor of 2×3×4, with its lists as other writers have them.

    Google's library, which the onnx package uses, writes the numbers of a list one by one, or all
    in one field, as the format says; readers have to understand both.
    """
    inputs = [b"x", b"", b"w"] if op == "Resize" else [b"x", b"w"] if weight else [b"x"]
    body = b"".join(_field(1, name) for name in inputs)
    body += _field(2, b"z") + _field(4, op.encode()) + _field(5, attribute)
    graph = model([RELU], x=[2, 3, 4]).graph.SerializeToString()
    graph += _field(1, body) + _field(5, weight) * bool(weight) + _field(12, _field(1, b"z"))
    return _field(8, _varint(2, opset)) + _field(7, graph)


TWO = np.array([2, 3], np.float32).tobytes()
WRITTEN = [
    (
        written(
            "Resize",
            _field(1, b"axes") + _field(8, bytes([1, 0])) + _varint(20, 7),
            _varint(1, 2) + _varint(2, 1) + _field(8, b"w") + _field(4, TWO),
        ),
        (6, 6, 4),
    ),
    (
        written(
            "Reshape",
            b"",
            _varint(1, 2) + _varint(2, 7) + _field(8, b"w") + _varint(7, 4) + _varint(7, 6),
        ),
        (4, 6),
    ),
    (
        written(
            "Upsample",
            _field(1, b"scales") + _field(7, TWO[:4] + TWO) + _varint(20, 6),
            opset=7,
        ),
        (4, 6, 12),
    ),
    (written("Flatten", _field(1, b"axis") + _varint(3, 2)), (6, 4)),
]


@pytest.mark.parametrize(
    ("data", "shape"),
    WRITTEN,
    ids=["packed ints", "numbers one by one", "packed floats", "no type, as in 2017"],
)
def test_what_other_writers_write_is_read(
    data: bytes, shape: tuple[int, ...], tmp_path: Path
) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    assert cs.trace(str(path)).rows[-1].outputs == [shape]


def test_a_sparse_weight_has_values(tmp_path: Path) -> None:
    net = one("Relu", 2, 3)
    net.graph.sparse_initializer.add(dims=[2, 3])
    with pytest.raises(SpecError, match="a sparse tensor of the file has no values"):
        cs.trace(stored(net, tmp_path))
    values = onnx.helper.make_tensor("w", 1, [1], [1.0])
    net.graph.sparse_initializer[0].values.CopyFrom(values)
    assert cs.trace(stored(net, tmp_path)).error is None
    sparse = onnx.helper.make_sparse_tensor(values, ints("i", 3), [5])
    constant = one("Constant", inputs=[], sparse_value=sparse)
    assert cs.trace(stored(constant, tmp_path)).rows[0].outputs == [(5,)]


#: What is refused before a node runs.
UNREADABLE = [
    (model([node("Constant", [], ["c"], valu=1), RELU], x=[2]),
     "a Constant of the file has no value"),
    (model([RELU], [onnx.TensorProto(name="w", dims=[3], data_type=1, raw_data=b"12")], x=[2]),
     "the tensor 'w' has fewer values than its shape holds"),
    (model([RELU], [onnx.TensorProto(name="w", dims=[3], data_type=99)], x=[2]),
     "the tensor 'w' has the element type 99, which ONNX does not have"),
    (model([RELU], x=(77, [2])), "the input 'x' has the element type 77"),
    (model([RELU], x=(1, None)), "the file does not say the shape of its input 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("net", "message"), UNREADABLE, ids=[why for _, why in UNREADABLE])
def test_what_a_model_lacks_is_said(net: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=message):
        cs.trace(stored(net, tmp_path))


def test_an_input_that_is_a_sequence_is_refused(tmp_path: Path) -> None:
    net = model([RELU], x=[2])
    net.graph.input[0].CopyFrom(onnx.helper.make_tensor_sequence_value_info("x", 1, [2]))
    with pytest.raises(SpecError, match="the input 'x' is not a tensor"):
        cs.trace(stored(net, tmp_path))


def test_an_input_without_a_shape_takes_the_one_that_is_given(tmp_path: Path) -> None:
    trace = cs.trace(stored(model([RELU], x=(1, None)), tmp_path), "3x4")
    assert (trace.rows[0].outputs, trace.note) == ([(1, 3, 4)], "")


def test_old_models_and_missing_names(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="uses opset 6; convshape supports opset 7 and newer"):
        cs.trace(stored(one("Relu", 2, 3, opset=6), tmp_path))
    with pytest.raises(SpecError, match="file not found"):
        cs.trace(str(tmp_path / "none.onnx"))
    with pytest.raises(SpecError, match="no constants by name"):
        cs.trace(stored(IMAGE, tmp_path), constants={"a": "1"})
    lost = model([node("Relu", ["q"], ["y"], name="r")], x=[2, 3])
    trace = cs.trace(stored(lost, tmp_path))
    assert trace.error is not None
    assert trace.error.message == "r: Relu() needs 'q', which no earlier node outputs"


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_damaged_files_are_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    whole = bytearray(LENET.SerializeToString()[:700] if data.draw(st.booleans()) else b"")
    whole += data.draw(st.binary(max_size=60))
    for place in data.draw(st.lists(st.integers(0, max(len(whole) - 1, 0)), max_size=4)):
        if whole:
            whole[place] = data.draw(st.integers(0, 255))
    with suppress(SpecError):
        assert parsed(memoryview(bytes(whole)), "net.onnx").graph is not None


# Graphs in graphs


def test_a_branch_is_chosen_where_its_condition_is_known(tmp_path: Path) -> None:
    def branch(name: str, width: int) -> Any:
        item = node("Slice", ["x", "start", f"end{width}", "axis"], [name])
        out = onnx.helper.make_tensor_value_info(name, 1, None)
        return onnx.helper.make_graph([item], name, [], [out])

    for flag, width in ((True, 2), (False, 3)):
        flags = onnx.numpy_helper.from_array(np.array(flag), "flag")
        item = node(
            "If", ["flag"], ["y"], name="if", then_branch=branch("a", 2), else_branch=branch("b", 3)
        )
        constants = [flags, ints("start", 0), ints("end2", 2), ints("end3", 3), ints("axis", 1)]
        trace = cs.trace(stored(model([item], constants, x=[1, 5]), tmp_path))
        assert trace.error is None
        assert trace.rows[-1].outputs == [(1, width)]
    open_ = cs.trace(stored(model([item], constants[1:], x=[1, 5], flag=(9, [])), tmp_path))
    assert isinstance(open_.error, UnknownOperation)
    assert "branches give different shapes" in open_.error.message
    same = node("If", ["flag"], ["y"], then_branch=branch("a", 2), else_branch=branch("b", 2))
    alike = cs.trace(stored(model([same], constants[1:], x=[1, 5], flag=(9, [])), tmp_path))
    assert alike.rows[0].outputs == [(1, 2)]


def value(name: str, shape: Any = None, kind: int = 1) -> Any:
    return onnx.helper.make_tensor_value_info(name, kind, shape)


def looped(result: str, grows: bool = False, **inputs: Any) -> Any:
    """A loop that multiplies what it carries by a matrix, and collects it; or one that grows."""
    nodes = [
        node("MatMul", ["h", "w"], ["next"], name="product"),
        node("Identity", ["go"], ["on"]),
        node("Identity", ["next"], ["row"]),
    ]
    if grows:
        nodes[0] = node("Concat", ["h", "h"], ["next"], name="twice", axis=0)
    outputs = [value("on", [], 9), value("next"), value("row")][: 2 if grows else 3]
    body = onnx.helper.make_graph(
        nodes, "body", [value("i", [], INT64), value("go", [], 9), value("h")], outputs
    )
    results = ["last"] if grows else ["last", "rows"]
    loop = node("Loop", ["count", "true", "x"], results, name="loop", body=body)
    true = onnx.numpy_helper.from_array(np.array(True), "true")
    return model([loop, node("Identity", [result], ["y"])], [weight("w", 4, 4), true], **inputs)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_loop_runs_as_often_as_it_says(count: int, tmp_path: Path) -> None:
    counted = looped("rows", x=[3, 4], count=(INT64, []))
    counted.graph.initializer.append(onnx.numpy_helper.from_array(np.array(count), "count"))
    trace = cs.trace(stored(counted, tmp_path))
    assert trace.error is None
    assert trace.rows[0].outputs == [(count, 3, 4)]
    assert trace.macs == count * 3 * 4 * 4
    assert trace.params == 16


def test_a_loop_that_nobody_can_count_keeps_its_shapes_or_is_not_known(tmp_path: Path) -> None:
    sizes = {"x": [3, 4], "count": (INT64, [])}
    alone = looped("last", **sizes)
    del alone.graph.node[0].output[1]
    del alone.graph.node[0].attribute[0].g.output[2]
    trace = cs.trace(stored(alone, tmp_path))
    assert (trace.error, trace.rows[0].outputs) == (None, [(3, 4)])
    assert trace.note == "loop runs several times, of which one is counted"
    for net, why in (
        (looped("rows", **sizes), "on the number of iterations"),
        (looped("last", grows=True, **sizes), "each iteration changes it"),
    ):
        trace = cs.trace(stored(net, tmp_path))
        assert isinstance(trace.error, UnknownOperation)
        assert why in trace.error.message


def test_a_loop_ends_where_its_condition_says_so(tmp_path: Path) -> None:
    """After one iteration, the condition that it carries on is false."""
    net = looped("rows", x=[3, 4], count=(INT64, []))
    net.graph.initializer.append(onnx.numpy_helper.from_array(np.array(7), "count"))
    net.graph.initializer.append(onnx.numpy_helper.from_array(np.array(False), "false"))
    net.graph.node[0].attribute[0].g.node[1].input[0] = "false"
    assert cs.trace(stored(net, tmp_path)).rows[0].outputs == [(1, 3, 4)]


def test_what_a_loop_collects_is_not_known_without_an_iteration(tmp_path: Path) -> None:
    net = looped("rows", x=[3, 4], count=(INT64, []))
    net.graph.initializer.append(onnx.numpy_helper.from_array(np.array(0), "count"))
    error = cs.trace(stored(net, tmp_path)).error
    assert isinstance(error, UnknownOperation)
    assert "the loop runs no iteration" in error.message


def test_sizes_that_fit_are_found_through_a_loop(tmp_path: Path) -> None:
    net = looped("last", x=[3, "W"], count=(INT64, []))
    del net.graph.node[0].output[1]
    del net.graph.node[0].attribute[0].g.output[2]
    assert cs.fit(stored(net, tmp_path)).smallest == {"W": 4}


def test_a_loop_that_grows_is_followed(tmp_path: Path) -> None:
    net = looped("last", grows=True, x=[3, 4], count=(INT64, []))
    net.graph.initializer.append(onnx.numpy_helper.from_array(np.array(3), "count"))
    assert cs.trace(stored(net, tmp_path)).rows[0].outputs == [(24, 4)]


@pytest.mark.parametrize(
    ("axis", "out_axis", "size"),
    [
        (0, 0, [6, 3, 4]),
        (1, 0, [3, 6, 4]),
        (0, 1, [6, 3, 4]),
        (0, 0, ["T", 3, 4]),
        (0, -1, [5000, 3, 4]),
    ],
)
def test_a_scan_runs_for_each_slice(axis: int, out_axis: int, size: Any, tmp_path: Path) -> None:
    nodes = [
        node("MatMul", ["h", "w"], ["product"]),
        node("Add", ["product", "slice"], ["next"]),
        node("Identity", ["next"], ["row"]),
    ]
    body = onnx.helper.make_graph(
        nodes, "body", [value("h"), value("slice")], [value("next"), value("row")]
    )
    axes: dict[str, Any] = {"scan_input_axes": [axis], "scan_output_axes": [out_axis]}
    axes |= {"body": body, "num_scan_inputs": 1}
    item = node("Scan", ["start", "x"], ["last", "y"], name="scan", **axes)
    net = model([item], [weight("w", 4, 4)], x=size, start=[3, 4])
    net.graph.output[0].name = "y"
    trace = cs.trace(stored(net, tmp_path))
    assert trace.error is None
    shape = [3, 4]
    shape.insert(out_axis % 3, size[axis])
    assert shape_text(trace.rows[0].outputs[-1]) == "×".join(map(str, shape))
    followed = size[axis] == 6
    assert trace.macs == 3 * 4 * 4 * (6 if followed else 1)
    assert ("of which one is counted" in trace.note) != followed


def test_a_scan_of_inputs_of_different_lengths_is_refused(tmp_path: Path) -> None:
    body = onnx.helper.make_graph(
        [node("Add", ["a", "b"], ["c"])], "body", [value("a"), value("b")], [value("c")]
    )
    item = node("Scan", ["x", "z"], ["y"], body=body, num_scan_inputs=2, name="scan")
    trace = cs.trace(stored(model([item], x=[5, 2], z=[6, 2]), tmp_path))
    assert "has inputs of different lengths: 5, 6" in str(trace.error)


def test_a_scan_of_a_batch_without_samples_is_refused(tmp_path: Path) -> None:
    """In opset 8 each sample is scanned alone."""
    body = onnx.helper.make_graph([node("Relu", ["a"], ["b"])], "body", [value("a")], [value("b")])
    item = node("Scan", ["", "x"], ["y"], body=body, num_scan_inputs=1, name="scan")
    trace = cs.trace(stored(model([item], opset=8, x=[0, 5, 2]), tmp_path))
    assert "has a batch without samples" in str(trace.error)


def test_functions_of_the_model_are_rows_with_their_nodes(tmp_path: Path) -> None:
    inner = [node("Relu", ["a"], ["b"]), node("Flatten", ["b"], ["c"])]
    function = onnx.helper.make_function(
        "local", "Tail", ["a"], ["c"], inner, [onnx.helper.make_opsetid("", 17)]
    )
    net = model([node("Tail", ["x"], ["y"], name="tail", domain="local")], x=[2, 3, 4])
    net.functions.append(function)
    net.opset_import.append(onnx.helper.make_opsetid("local", 1))
    trace = cs.trace(stored(net, tmp_path))
    assert [(row.path, row.outputs) for row in trace.rows[1:]][-1] == (
        "tail.function.Flatten_1",
        [(2, 12)],
    )


def referring(op: str, attribute: str, kind: int, *inputs: str, output: str = "c") -> Any:
    """Return a node whose attribute is the attribute ``of_call`` of its function."""
    item = node(op, inputs, [output])
    item.attribute.add(name=attribute, ref_attr_name="of_call", type=kind)
    return item


def calling(nodes: Any, opset: int = 17, default: Any = None, name: str = "F", **given: Any) -> Any:
    """Return a model of one call of a function, ``a`` to ``c``, on a tensor of 2×3×4."""
    defaults = [] if default is None else [onnx.helper.make_attribute("of_call", default)]
    opsets = [onnx.helper.make_opsetid(*pair) for pair in (("", opset), ("local", 1))]
    function = onnx.helper.make_function(
        "local", name, ["a"], ["c"], nodes, opsets, [*given], defaults
    )
    call = node(name, ["x"], ["y"], name="call", domain="local", **given)
    net = model([call], x=[2, 3, 4])
    net.functions.append(function)
    net.opset_import.append(opsets[1])
    return net


FLATTEN = referring("Flatten", "axis", 2, "a")


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (calling([FLATTEN], of_call=2), (6, 4)),
        (calling([FLATTEN], default=2), (6, 4)),
        (calling([FLATTEN], default=2, of_call=0), (1, 24)),
        (calling([FLATTEN]), (2, 12)),
        (
            calling(
                [
                    referring("Constant", "value_ints", 7, output="sizes"),
                    node("Reshape", ["a", "sizes"], ["c"]),
                ],
                of_call=[4, 6],
            ),
            (4, 6),
        ),
        (calling([node("Flatten", ["a"], ["c"], axis=2)], name="Identity"), (6, 4)),
    ],
)
def test_a_function_has_the_attributes_of_its_call(
    net: Any, shape: tuple[int, ...], tmp_path: Path
) -> None:
    assert cs.trace(stored(net, tmp_path)).rows[0].outputs == [shape]


def test_a_function_has_operators_of_its_own_version(tmp_path: Path) -> None:
    """From opset 21 on, this one has weights for each channel and no longer for each group."""
    nodes = [
        node("Constant", [], ["g"], value_floats=[1.0]),
        node("GroupNormalization", ["a", "g", "g"], ["c"], num_groups=1),
    ]
    assert cs.trace(stored(calling(nodes, 18), tmp_path)).error is None
    error = cs.trace(stored(calling(nodes, 21), tmp_path)).error
    assert error is not None
    assert "needs weights of shape (3,), but has 1" in error.message


def test_a_function_that_calls_itself_is_refused(tmp_path: Path) -> None:
    net = calling([node("F", ["a"], ["c"], domain="local")])
    with pytest.raises(SpecError, match="functions call each other without end"):
        cs.trace(stored(net, tmp_path))


# The same shapes as ONNX's reference, and as torch


@st.composite
def windows(draw: Any) -> Any:
    op = draw(st.sampled_from(["Conv", "ConvTranspose", "MaxPool", "AveragePool"]))
    axes = draw(st.integers(1, 2))
    numbers = lambda low, high: draw(st.lists(st.integers(low, high), min_size=axes, max_size=axes))  # noqa: E731
    kernel, size = numbers(1, 3), numbers(5, 10)
    attributes: dict[str, Any] = {"kernel_shape": kernel, "strides": numbers(1, 3)}
    if op in ("Conv", "ConvTranspose", "MaxPool"):
        attributes["dilations"] = numbers(1, 2)
    auto = draw(st.sampled_from(["NOTSET"] * 3 + ["VALID", "SAME_UPPER", "SAME_LOWER"]))
    if auto == "NOTSET":
        most = min(kernel) - 1 if "Pool" in op else 2
        attributes["pads"] = draw(
            st.lists(st.integers(0, most), min_size=2 * axes, max_size=2 * axes)
        )
        if "Pool" in op:
            attributes["ceil_mode"] = draw(st.integers(0, 1))
    else:
        attributes["auto_pad"] = auto
    stored = [weight("w", 2, 2, *kernel)] if "Conv" in op else []
    return one(op, 1, 2, *size, weights=stored, **attributes)


def _windows_that_begin_in_the_input(item: Any, size: int, axis: int) -> int:
    """Count the windows of a pooling that rounds up, one after the other."""
    values = {a.name: onnx.helper.get_attribute_value(a) for a in item.attribute}
    axes = len(values["kernel_shape"])
    low, high = values["pads"][axis], values["pads"][axis + axes]
    stride, dilation = values["strides"][axis], values.get("dilations", [1] * axes)[axis]
    extent = dilation * (values["kernel_shape"][axis] - 1) + 1
    starts = range(-low, size, stride)
    ends = size + high
    return sum(start == -low or start - stride + extent < ends for start in starts)


@given(windows())
@settings(deadline=None, max_examples=150)
def test_windows_are_where_onnx_infers_them(tmp_path_factory: Any, net: Any) -> None:
    item = net.graph.node[0]
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in item.attribute}
    inferred = onnx.shape_inference.infer_shapes(net).graph.output[0].type.tensor_type.shape.dim
    assume(inferred and all(d.HasField("dim_value") and d.dim_value > 0 for d in inferred))
    wanted = [d.dim_value for d in inferred]
    sizes = [d.dim_value for d in net.graph.input[0].type.tensor_type.shape.dim[2:]]
    if attributes.get("ceil_mode"):  # ONNX infers one too many, its reference does not
        wanted[2:] = [_windows_that_begin_in_the_input(item, n, i) for i, n in enumerate(sizes)]
    if str(attributes.get("auto_pad", "")).startswith("b'SAME") and item.op_type == "ConvTranspose":
        wanted[2:] = [n * stride for n, stride in zip(sizes, attributes["strides"], strict=True)]
    trace = cs.trace(stored(net, tmp_path_factory.mktemp("windows")))
    assert trace.error is None, item
    assert trace.rows[-1].outputs == [tuple(wanted)], item


def exported(module: Any, example: Any, path: Path) -> None:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), (example,), str(path), dynamo=False)


def test_what_torch_exports_has_the_shapes_of_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, stride=2, padding=1),
        torch.nn.Upsample(scale_factor=1.7),
        torch.nn.AvgPool2d(3, 2, 1, ceil_mode=True),
        torch.nn.ConvTranspose2d(8, 4, 3, 2, 1, output_padding=1),
        torch.nn.PixelUnshuffle(2),
        torch.nn.Flatten(2),
        torch.nn.LayerNorm(169),
        torch.nn.GRU(169, 5, bidirectional=True, batch_first=True),
    )
    example = torch.zeros(2, 3, 29, 29)
    shape = tuple(net(example)[0].shape)
    try:
        exported(net, example, tmp_path / "net.onnx")
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"torch cannot export here: {error}")
    trace = cs.trace(str(tmp_path / "net.onnx"))
    assert trace.error is None
    result = trace.record.calls[0].result
    assert tuple(result[0].shape) == shape


EXPORTED = json.loads((Path(__file__).parent / "shapes.json").read_text())


@pytest.mark.parametrize("name", EXPORTED)
def test_networks_of_torchvision_have_the_shapes_of_torch(name: str) -> None:
    """Their graphs are stored without weights; `tests/store_onnx.py` writes them."""
    trace = cs.trace(str(Path(__file__).parent / f"{name}.onnx"))
    assert trace.error is None
    rows = [row for row in trace if row.layer.startswith(("Conv(", "Gemm("))]
    assert [list(row.outputs[0]) for row in rows] == EXPORTED[name]


# The command line


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "convshape", "trace", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_on_the_command_line(lenet: str, tmp_path: Path) -> None:
    answer = run(lenet, "--json", "--batch", "2")
    value = json.loads(answer.stdout)
    assert (answer.returncode, value["rows"][-1]["out"]) == (0, [[2, 10]])
    broken = run(stored(REFUSED[3][0], tmp_path, "a.onnx"))
    assert (broken.returncode, "does not fit" in broken.stdout) == (1, True)
    for words in (["verify", lenet], ["trace", lenet, "--engine", "torch"]):
        command = [sys.executable, "-m", "convshape", *words]
        refused = subprocess.run(command, capture_output=True, text=True)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "Traceback" not in refused.stderr
    unknown = run(stored(REFUSED[0][0], tmp_path, "b.onnx"))
    assert unknown.returncode == 2
    assert "Traceback" not in unknown.stderr + broken.stderr
