"""The fuzzed targets: each reads any text, and may fail only with a convshape error."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from convshape import templates
from convshape.api import trace_expression, traced
from convshape.errors import Error
from convshape.readers import onnx, printed
from convshape.readers.expressions.evaluate import evaluate
from convshape.readers.inputs import read_inputs
from convshape.readers.network_file import reader as network
from convshape.readers.shape import sample
from convshape.readers.source.notebook import without_magics
from convshape.reference.examples import EXAMPLES
from convshape.run.program import Program
from convshape.shapetorch import nn
from convshape.torch_errors import explain

sys.path.append(str(Path(__file__).parent.parent / "docs" / "playground"))
import answer


class Target(NamedTuple):
    """One way for a text into the program.

    Attributes:
        read: reads a text, and writes what came of it in every way that shows other parts of it.
        seeds: gives the texts to begin with.
        words: what stands in such texts, to be put together anew.
    """

    read: Callable[[str], None]
    seeds: Callable[[], list[str]]
    words: tuple[str, ...]


def expression(text: str) -> None:
    trace = trace_expression(text, "6x9x9")
    for format in ("plain", "csv", "markdown", "html", "json"):
        trace.to(format)


def network_file(text: str) -> None:
    _written(network.read(text, "net.yaml"))


def printed_model(text: str) -> None:
    program = printed.read(text, "model.txt", input="3x9x9")
    _written(program)
    repr(program.module)


def _written(program: Program) -> None:
    trace = traced(program)
    trace.to_json()
    trace.to("html")
    str(trace)
    str(trace.error)


def shapes(text: str) -> None:
    with suppress(Error):
        sample(text, 2)
    read_inputs(nn.ReLU(), text.split("\n"), {}, None)


def explanation(text: str) -> None:
    explain(text).to_dict()


def source(text: str) -> None:
    """Read source as text: it is not run."""
    clean = without_magics(text)
    with warnings.catch_warnings(), suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        warnings.simplefilter("ignore")
        ast.parse(clean)


def playground(text: str) -> None:
    """Ask what a page asks: a text, and its fields after form feeds. Source would run: left out."""
    if not re.search(answer._SOURCE, text):
        text, *fields = text.split("\f")
        names = ("input", "batch", "network", "constants")
        request = {"text": text} | dict(zip(names, fields, strict=False))
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)  # it writes the text into the current folder
            try:
                json.loads(answer.answer_json(json.dumps(request)))
            finally:
                os.chdir(before)


def onnx_file(text: str) -> None:
    """Read the bytes of a file, one for each character."""
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(bytes(ord(c) & 0xFF for c in text))
        file.flush()
        _written(onnx.read(file.name))


def models() -> list[str]:
    """Return ONNX models, if the package that makes them is there."""
    try:
        from onnx import TensorProto, helper
    except ImportError:
        return ["\x08\x08:\x00"]
    shape = helper.make_tensor("s", TensorProto.INT64, [2], [1, -1])
    weight = helper.make_tensor("w", TensorProto.FLOAT, [4, 3, 3, 3], [0.0] * 108)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Reshape", ["b", "s"], ["c"]),
        helper.make_node("Concat", ["c", "c"], ["y"], axis=1),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    whole = helper.make_model(helper.make_graph(nodes, "net", [x], [y], [shape, weight]))
    return [whole.SerializeToString().decode("latin-1")]


def calls() -> list[str]:
    functions = [
        "F.max_pool2d(input, 2)",
        "input[:, 0].T @ input.flatten(2)",
        "cat([input, input], dim=-1)",
    ]
    return [call for call, _ in EXAMPLES.values()] + functions


def prints() -> list[str]:
    layers = [
        repr(evaluate(call, {"inf": float("inf")}, lambda *place: ("", "")))
        for call, _ in EXAMPLES.values()
    ]
    inner = "".join(f"\n  ({i}): {layer}" for i, layer in enumerate(layers))
    nested = (
        "Net(\n  scale=2\n  (a): Sequential(\n    (0): ReLU()\n  )\n  (b): L(\n"
        "    (0-2): 3 x ReLU()\n  )\n)"
    )
    return [*layers, f"Net({inner}\n)", nested]


def requests() -> list[str]:
    network = templates.text("lenet", "net.yaml")
    calling = [f"{call}\f3x9x9\f2\f\f" for call in calls()]
    return [*calling, f"{network}\f3x36x36\f\f\fclasses=7", *errors(), *prints()]


def errors() -> list[str]:
    return [
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)",
        "Given groups=1, weight of size [6, 3, 5, 5], expected input[1, 4, 32, 32] to have 3 "
        "channels, but got 4 channels instead",
        'Traceback (most recent call last):\n  File "net.py", line 7, in forward\n'
        "    x = self.fc1(x)\nRuntimeError: size mismatch",
        "shape '[-1, 400]' is invalid for input of size 576",
    ]


SHAPES = ["3x32x32", "3×8×8", "int64:77", "img=3x8x8\ntab=4", "mask=@7x7", "[3x8x8, 4]",
          "batch={img: 3x8x8, tab: 4}", "t=0.5\nflag=True\nmask=None", "77xNx512", "int64:[30,28]",
          "n='int(3)'", "()"]  # fmt: skip
SOURCES = ["import torch\nclass Net(torch.nn.Module):\n    def forward(self, x): return x\n",
           "%matplotlib inline\n!pip install x\n%%time\nx = !ls\nx?\n",
           "# coding: latin-1\nx = 'é'\n"]  # fmt: skip
SYNTAX = tuple(
    "( ) [ ] { } , : ; = == ** * / // % + - . @ ' \" \\ # \n "
    "\t 0 1 -1 2**63 1e309 nan \x00 \x1b µ × … ̈".split(" ")
)
TARGETS = {
    "expression": Target(expression, calls,
        (*SYNTAX, *EXAMPLES, "input", "F.", "dim=", "None", "True", "if", "else", "lambda")),
    "network": Target(
        network_file,
        lambda: [templates.text(name, "net.yaml") for name in templates.networks()],
        (*SYNTAX, "input:", "layers:", "blocks:", "vars:", "outputs:", "&a", "*a",
         "!!python/name:os.system", "|", ">", "- ", "? ", *EXAMPLES),
    ),
    "printed": Target(printed_model, prints,
        (*SYNTAX, "(0): ", "(0-2): 3 x ", "Sequential(", "(conv): ", *EXAMPLES)),
    "shapes": Target(shapes, lambda: SHAPES,
        (*SYNTAX, "x", "N", "int64:", "float16:", "bool:", "None")),
    "explain": Target(explanation, errors,
        (*SYNTAX, "Traceback", 'File "', "line", "RuntimeError: ", "size", "expected", "[1, 2]")),
    "playground": Target(playground, requests,
        (*SYNTAX, "\f", "3x9x9", "=", "Conv2d(3, 6, 5)", "layers:", *EXAMPLES)),
    "onnx": Target(onnx_file, models,
        (*(chr(i) for i in range(0, 256, 5)), "\xff" * 9, "\x00" * 8, "Conv", "Reshape", "Gemm",
         "Loop", "If", "Constant", "axis", "pads")),
    "source": Target(source, lambda: SOURCES,
        (*SYNTAX, "%", "!", "?", "%%", "import", "class", "def")),
}  # fmt: skip
