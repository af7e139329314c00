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
    return bytes([field << 3]) + _length(value)


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


def one(op: str, *shape: int, opset: int = 17, **attributes: Any) -> Any:
    names = attributes.pop("weights", ())
    domain = attributes.pop("domain", "")
    item = node(
        op, ["x", *(w.name for w in names)], ["y"], name="here", domain=domain, **attributes
    )
    return model([item], names, opset, x=list(shape))


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
]  # fmt: skip


@pytest.mark.parametrize(("net", "message"), REFUSED, ids=lambda case: str(case)[:40])
def test_what_does_not_fit_is_named_with_its_node(net: Any, message: str, tmp_path: Path) -> None:
    trace = cs.trace(stored(net, tmp_path))
    assert trace.error is not None
    assert message in str(trace.error)
    assert trace.error.path == "here"


FILES = [
    (b"", "is empty, not an ONNX model"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a pointer of Git LFS"),
    (b"<!DOCTYPE html><html></html>", "this is not an ONNX model"),
    (b"\x08\x08", "there is no graph in it"),
    (LENET.SerializeToString()[:200], "it ends in the middle of a field"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), FILES, ids=[message for _, message in FILES])
def test_what_is_no_model_is_said(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    with pytest.raises(SpecError, match=message):
        cs.trace(str(path))


def test_a_sparse_weight_has_values(tmp_path: Path) -> None:
    net = one("Relu", 2, 3)
    net.graph.sparse_initializer.add(dims=[2, 3])
    with pytest.raises(SpecError, match="a sparse tensor of the file has no values"):
        cs.trace(stored(net, tmp_path))
    values = onnx.helper.make_tensor("w", 1, [1], [1.0])
    net.graph.sparse_initializer[0].values.CopyFrom(values)
    assert cs.trace(stored(net, tmp_path)).error is None


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
