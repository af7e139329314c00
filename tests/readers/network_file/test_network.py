"""Network files: what they may say, and what is told to someone who says it wrong."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
import yaml

import convshape as cs
from convshape.api import traced
from convshape.edits import edited
from convshape.readers.network_file.reader import read
from convshape.readers.shape import sample
from convshape.render.text import error_text
from convshape.run.program import Program


def trace(text: str, **options: object) -> cs.Trace:
    network = read(textwrap.dedent(text), "net.yaml", **options)
    return traced(Program(network.module, network.inputs, name=network.name, where=network.where))


def layers(*lines: str) -> str:
    return "input: 3x32x32\nlayers:\n" + "".join(f"  {line}\n" for line in lines)


def refused(text: str) -> cs.SpecError | cs.ShapeError:
    try:
        error = trace(text).error
    except (cs.SpecError, cs.ShapeError) as refusal:
        error = refusal
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("3x32x48", (1, 3, 32, 48)),
        ("3×32×48", (1, 3, 32, 48)),
        ("3,32,48", (1, 3, 32, 48)),
        ("(3, 32, 48)", (1, 3, 32, 48)),
        (" 3 x 32 x 48 ", (1, 3, 32, 48)),
        ("77", (1, 77)),
        ("77xNx512", (77, 1, 512)),
        ("N", (1,)),
    ],
)
def test_a_shape_is_one_sample(text: str, shape: tuple[int, ...]) -> None:
    assert sample(text).shape == shape


def test_a_sample_may_have_a_dtype() -> None:
    assert repr(sample("int64:77", 2)) == "Tensor((2, 77), dtype=torch.int64)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot read the shape '': a size is missing"),
        ("3x32x", "cannot read the shape '3x32x': a size is missing"),
        ("3xax32", "cannot read the shape '3xax32': 'a' is not a whole number"),
        ("3x1.5", "cannot read the shape '3x1.5': '1.5' is not a whole number"),
        ("NxN", "the shape 'NxN' names the batch axis N twice"),
        ("3x-1", "the shape '3x-1' has a negative size"),
        ("3xH=0", "cannot read the shape '3xH=0': a size is at least 1, but H is 0"),
        ("9" * 25, f"the shape '{'9' * 25}' is larger than torch can count in 64 bits"),
    ],
)
def test_a_shape_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(cs.SpecError) as refusal:
        sample(text)
    assert refusal.value.message == message


@pytest.mark.parametrize("spelling", ["3x8x8", "3×8×8", "3,8,8", "[3, 8, 8]", "'3x8x8'"])
def test_the_spellings_of_an_input(spelling: str) -> None:
    assert trace(f"input: {spelling}\nlayers: [ReLU()]").inputs == [(1, 3, 8, 8)]


def test_an_input_of_other_axes_has_sizes_of_its_own() -> None:
    assert trace("input: 3x32x32\nlayers: [ReLU()]", input="CxHxW").inputs == [(1, 3, 32, 32)]
    assert trace("input: 3x32x32\nlayers: [ReLU()]", input="5xW").inputs == [(1, 5, 224)]


def test_layers_as_a_mapping_have_names_and_as_a_list_positions() -> None:
    named = trace(layers("conv1: Conv2d(3, 6, 5)", "relu1: ReLU()"))
    listed = trace("input: 3x32x32\nlayers:\n  - Conv2d(3, 6, 5)\n  - ReLU()\n")
    assert [row.path for row in named] == ["", "conv1", "relu1"]
    assert [row.path for row in listed] == ["", "0", "1"]
    assert (
        [row.outputs for row in named] == [row.outputs for row in listed] == [[(1, 6, 28, 28)]] * 3
    )


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ("conv1: Conv2d(3, 6, 5)", ["conv1"]),
        ("conv2d: nn.Conv2d(3, 6, 5)", ["conv2d"]),  # also what could be called
        ("conv1: {type: Conv2d, out_channels: 6, kernel_size: 5}", ["conv1"]),
        ("conv1: {Conv2d: [3, 6, 5]}", ["conv1"]),
        ('{conv1: "Conv2d(3, 6, 5)"}', ["conv1"]),
        ("a, b, c: input.chunk(3, 1)", ["a"]),
        ("Conv2d: [3, 6, 5]", ["0"]),
        ("type: ReLU", ["0"]),
        ("Sequential: Conv2d(3, 6, 5)", ["0", "0.0"]),
    ],
)
def test_items_of_a_list_may_have_names(item: str, names: list[str]) -> None:
    traced = trace(f"input: 3x32x32\nlayers:\n  - {item}\n")
    assert [row.path for row in traced][1:] == names


def test_an_item_with_a_name_is_located() -> None:
    with pytest.raises(cs.SpecError) as caught:
        trace("input: 3x32x32\nlayers:\n  - conv1: Conv2d(3, 6, 5)\n  - relu1: ReLU\n")
    assert (caught.value.what, caught.value.fix) == (
        "relu1 is the class ReLU, not a layer",
        "- relu1: ReLU()",
    )


def test_x_is_the_value_before() -> None:
    with pytest.raises(cs.SpecError, match="'x'") as caught:
        trace(layers("conv1: Conv2d(3, 6, 5)", "flat: torch.flatten(x, 1)"))
    assert caught.value.fix == "did you mean conv1?"


def test_a_file_below_a_key_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("model:\n  input: 3\n\n  layers:\n    fc: Linear(3, 4)\n")
    with pytest.raises(cs.SpecError, match="the keys of the file are below 'model'") as caught:
        cs.trace(str(file))
    (fix,) = caught.value.fixes
    assert edited(file.read_text(), fix.edits) == "input: 3\n\nlayers:\n  fc: Linear(3, 4)\n"


def test_a_file_of_ultralytics() -> None:
    with pytest.raises(cs.SpecError, match="this is a YOLO file of Ultralytics") as caught:
        trace("nc: 80\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [-1, 1, SPPF, [5]]\n")
    assert caught.value.fix.startswith("trace its ONNX file: yolo export model=")


def test_expressions_vars_and_batch() -> None:
    text = """
        name: Small
        input: 3x32x32
        batch: 2 * k
        vars: {width: 64, classes: 10, k: 'width // 32 + 1'}
        layers:
          conv: nn.Conv2d(3, width, k, padding=(k - 1) // 2 if k % 2 else 'same')
          flat: torch.nn.Flatten()
          fc: Linear(width*32*32, classes)
    """
    result = trace(text)
    assert result.name == "Small"
    assert [row.outputs for row in result][1:] == [[(6, 64, 32, 32)], [(6, 65536)], [(6, 10)]]
    changed = trace(text, constants={"width": "8"}, input="3x16x16", batch=1)
    assert changed.rows[0].outputs == [(1, 8, 16, 16)]
    assert changed.error is not None  # fc still has 32·32 written into it


def test_the_mapping_form_is_the_same_call() -> None:
    text = """
        input: 3x32x32
        vars: {w: 6}
        layers:
          a: {Conv2d: {in_channels: 3, out_channels: w, kernel_size: [3, 5], padding: same,
                       bias: false}}
          b: {Conv2d: [w, 8, 3]}
          c: {MaxPool2d: 2}
          d: {nn.Conv2d: {in_channels: 8, out_channels: 2*w, kernel_size: 3, padding: 1,
                          padding_mode: reflect}}
    """
    assert [row.layer for row in trace(text)][1:] == [
        "Conv2d(3, 6, (3, 5), padding='same', bias=False)",
        "Conv2d(6, 8, 3)",
        "MaxPool2d(2)",
        "Conv2d(8, 12, 3, padding=1, padding_mode='reflect')",
    ]


def test_json_windows_line_ends_and_a_byte_order_mark(tmp_path) -> None:
    file = tmp_path / "net.json"
    file.write_bytes(
        b'\xef\xbb\xbf{"input": "3x32x32",\r\n "layers": {"a": "Conv2d(3, 6, 5)"}}\r\n'
    )
    assert cs.trace(file).rows[-1].outputs == [(1, 6, 28, 28)]


def test_yaml_1_1_surprises_do_not_apply() -> None:
    result = trace("input: 3x8x8\nname: no\nlayers:\n  on: ReLU()\n  1_000: ReLU()\n  y: ReLU()\n")
    assert [row.path for row in result] == ["", "on", "1_000", "y"]
    assert result.name == "no"


MISTAKES = {
    "unknown layer": (
        layers("a: Conv2D(3, 6, 5)"),
        "a: unknown layer, function or name 'Conv2D'",
        "net.yaml:3:6",
        "did you mean Conv2d?",
    ),
    "unknown argument": (
        layers("a: Conv2d(3, 6, 5, paddin=2)"),
        "a: Conv2d has no argument 'paddin'",
        "net.yaml:3:22",
        "did you mean padding?",
    ),
    "missing argument": (
        layers("a: Linear(3)"),
        "a: Linear lacks the argument 'out_features'",
        "net.yaml:3:6",
        "a: Linear(?, 3)",
    ),
    "too many arguments": (
        layers("a: ReLU(1, 2)"),
        "a: ReLU takes 1 arguments, but 2 are given",
        "net.yaml:3:6",
        "ReLU(inplace=False)",
    ),
    "a keyword twice": (
        layers("a: MaxPool2d(3, stride=2, stride=2)"),
        "a: MaxPool2d is given 'stride' twice",
        "net.yaml:3:29",
        None,
    ),
    "a carriage return in an expression": (
        layers('a: "ReLU(\\r Foo())"'),
        "a: unknown layer, function or name 'Foo'",
        "net.yaml:3:14",
        None,
    ),
    "an argument twice": (
        layers("a: MaxPool2d(2, kernel_size=2)"),
        "a: MaxPool2d is given 'kernel_size' twice",
        "net.yaml:3:6",
        None,
    ),
    "groups": (
        layers("a: Conv2d(3, 6, 5)", "b: Conv2d(6, 8, 3, groups=4)"),
        "b: Conv2d(6, 8, 3, groups=4): in_channels=6 is not divisible by groups=4",
        "net.yaml:4:6",
        None,
    ),
    "a power": (
        layers("a: Linear(16**16**16, 5)"),
        "a: '16**16' is larger than torch can count in 64 bits",
        "net.yaml:3:17",
        None,
    ),
    "a negative power chain": (
        layers("a: Linear((-2)**(2**62), 5)"),
        "a: '(-2)**(2**62)' is larger than torch can count in 64 bits",
        "net.yaml:3:13",
        None,
    ),
    "a huge product": (
        layers("a: Linear(2**62 * 2, 5)"),
        "a: '2**62 * 2' is larger than torch can count in 64 bits",
        "net.yaml:3:13",
        None,
    ),
    "infinity": (layers("a: Dropout(1e400)"), "a: '1e400' is not finite", "net.yaml:3:14", None),
    "a division by zero": (
        layers("a: Linear(3 // 0, 5)"),
        "a: '3 // 0' divides by zero",
        "net.yaml:3:13",
        None,
    ),
    "repetition of a string": (
        layers("""a: Linear('a' * 10**10, 5)"""),
        "a: \"'a' * 10**10\": there is no such operation on a string and an int",
        "net.yaml:3:13",
        None,
    ),
    "an attribute": (
        layers("a: ReLU().__class__"),
        "a: 'ReLU().__class__' reads an attribute, and an expression is data, not code",
        "net.yaml:3:6",
        None,
    ),
    "an attribute of the vocabulary": (
        layers("a: nn.functional.__globals__"),
        "a: unknown layer, function or name '__globals__'",
        "net.yaml:3:6",
        None,
    ),
    "a builtin": (
        layers("a: open('secret')"),
        "a: unknown layer, function or name 'open'",
        "net.yaml:3:6",
        None,
    ),
    "an import": (
        layers("a: __import__('os').system('id')"),
        "a: unknown layer, function or name '__import__'",
        "net.yaml:3:6",
        None,
    ),
    "a loop": (
        layers("a: '[i for i in (1, 2)]'"),
        "a: '[i for i in (1, 2)]': there are no loops; an expression is data, not code",
        "net.yaml:3:7",
        None,
    ),
    "a lambda": (
        layers("a: '(lambda: 1)()'"),
        "a: 'lambda: 1': a function cannot be defined here; an expression is data, not code",
        "net.yaml:3:8",
        None,
    ),
    "a syntax error in an expression": (
        layers("a: Conv2d(3, 6 5)"),
        "a: cannot read 'Conv2d(3, 6 5)': invalid syntax",
        "net.yaml:3:16",
        None,
    ),
    "a number for a layer": (
        layers("a: 3"),
        "a is an int, not a layer",
        "net.yaml:3:6",
        "a layer such as Conv2d(3, 6, 5)",
    ),
    "a layer that is not called": (
        layers("a: ReLU"),
        "a is the class ReLU, not a layer",
        "net.yaml:3:6",
        "a: ReLU()",
    ),
    "nothing": (
        layers("a:"),
        "a: an expression is missing",
        "net.yaml:3:5",
        "an expression such as ReLU()",
    ),
    "a duplicate key": (
        layers("a: ReLU()", "b: ReLU()", "a: ReLU()"),
        "'a' is defined twice; first on line 3",
        "net.yaml:5:3",
        None,
    ),
    "a name with a dot": (
        layers("a.b: ReLU()"),
        "a layer cannot be called 'a.b': module name can't contain \".\", got: 'a.b'",
        "net.yaml:3:3",
        None,
    ),
    "a name that every module has": (
        layers("forward: ReLU()"),
        "a layer cannot be called 'forward': attribute 'forward' already exists",
        "net.yaml:3:3",
        None,
    ),
    "an unknown key": (
        "input: 3x32x32\nlayer: [ReLU()]",
        "unknown key 'layer'",
        "net.yaml:2:1",
        "layers:",
    ),
    "no layers": (
        "input: 3x32x32",
        "there are no layers",
        "net.yaml:1:1",
        "add 'layers:' and the layers below it",
    ),
    "empty layers": ("input: 3x32x32\nlayers: []", "there are no layers", "net.yaml:2:9", None),
    "no input": (
        "layers: [ReLU()]",
        "there is no input",
        "net.yaml:1:1",
        "add 'input: 3x32x32' (one sample), or input=\"3x32x32\"",
    ),
    "a wrong input": (
        "input: 3x32xw\nlayers: [ReLU()]",
        "cannot read the shape '3x32xw': 'w' is not a whole number",
        "net.yaml:1:8",
        "write it as 3x32x32, or 3xHxW with capital letters for sizes",
    ),
    "an empty file": ("", "the file is empty", "net.yaml", None),
    "a word": ("hello", "the file is text, not a mapping of names", "net.yaml:1:1", None),
    "a YAML syntax error": (
        layers("a: ReLU()") + " b: [\n",
        "indentation matches no line above",
        "net.yaml:4:2",
        "indent it like its neighbours",
    ),
    "Python in place of a colon": (
        layers("self.conv1 = nn.Conv2d(3, 6, 5)", "relu: ReLU()"),
        "missing ': ' between name and expression",
        "net.yaml:3:3",
        "conv1: nn.Conv2d(3, 6, 5)",
    ),
    "no colon, at the end": (
        layers("a: ReLU()", "conv1 Conv2d(3, 6, 5)"),
        "missing ': ' between name and expression",
        "net.yaml:4:3",
        "conv1: Conv2d(3, 6, 5)",
    ),
    "no space behind the colon": (
        layers("# the first", "conv1:Conv2d(3, 6, 5)", "", "a: ReLU()"),
        "missing ': ' between name and expression",
        "net.yaml:4:3",
        "conv1: Conv2d(3, 6, 5)",
    ),
    "no name": (
        layers("Conv2d(3, 6, 5)", "a: ReLU()"),
        "missing ': ' between name and expression",
        "net.yaml:3:3",
        "name: Conv2d(3, 6, 5)",
    ),
    "indented too far": (
        layers("a: ReLU()", "  b: ReLU()"),
        "unexpected indentation below line 3, which already has a value",
        "net.yaml:4:1",
        "the indentation of line 3",
    ),
    "a tab": (
        "input: 3x32x32\nlayers:\n\ta: ReLU()",
        "tab used for indentation; YAML requires spaces",
        "net.yaml:3:1",
        "spaces in place of the tab",
    ),
    "a bracket at the end": (
        "input: 3x32x32\nvars: {w layer:",
        "a value is missing",
        "net.yaml:2:16",
        "",
    ),
    "a bracket that is not closed, behind what Python warns of": (
        layers("a: Conv2d(3, 6, 3if 1 else 2"),
        "a: cannot read 'Conv2d(3, 6, 3if 1 else 2': '(' was never closed",
        "net.yaml:3:12",
        "a: Conv2d(3, 6, 3if 1 else 2)",
    ),
    "two colons": (
        layers("a: lambda x: x"),
        "this colon is the second of its line",
        "net.yaml:3:14",
        "quotes: 'lambda x: x'",
    ),
    "a colon at the end": (
        layers("a: ReLU():"),
        "this colon is the second of its line",
        "net.yaml:3:12",
        "ReLU()",
    ),
    "a quote that stays open": (
        layers("a: 'ReLU()", "b: ReLU()"),
        "this quote is not closed",
        "net.yaml:3:6",
        "' at the end",
    ),
    "more than the quotes": (
        layers("a: 'ReLU()' + 1"),
        "the value has ended before this",
        "net.yaml:3:15",
        "quotes around all of it",
    ),
    "a sign that YAML keeps for itself": (
        layers("a: @relu"),
        "an expression cannot begin with '@'",
        "net.yaml:3:6",
        "quotes: '@relu'",
    ),
    "an item among names": (
        layers("a: ReLU()", "- ReLU()"),
        "list item among names",
        "net.yaml:4:3",
        "a name in place of the -",
    ),
    "a name among items": (
        layers("- ReLU()", "a: ReLU()"),
        "name among list items",
        "net.yaml:4:3",
        "- ReLU()",
    ),
    "a bracket of an expression that stays open": (
        layers("a: Linear(128, 10"),
        "a: cannot read 'Linear(128, 10': '(' was never closed",
        "net.yaml:3:12",
        "a: Linear(128, 10)",
    ),
    "a bracket too many": (
        layers("a: Linear(128, 10))"),
        "a: cannot read 'Linear(128, 10))': unmatched ')'",
        "net.yaml:3:21",
        "Linear(128, 10)",
    ),
    "a semicolon": (
        layers("a: ReLU();"),
        "a: cannot read 'ReLU();': invalid syntax",
        "net.yaml:3:12",
        "a: ReLU()",
    ),
    "a comma behind": (
        layers("a: ReLU(),"),
        "a: a list cannot hold a layer",
        "net.yaml:3:6",
        "a: ReLU()",
    ),
    "quotes of a text processor": (
        layers("a: Conv2d(3, 6, 3, padding=‘same’)"),
        "a: cannot read 'Conv2d(3, 6, 3, padding=‘same’)': invalid character '‘' (U+2018)",
        "net.yaml:3:30",
        "a: Conv2d(3, 6, 3, padding='same')",
    ),
    "a text without its quotes": (
        layers("a: Conv2d(3, 6, 3, padding=same)"),
        "a: unknown layer, function or name 'same'",
        "net.yaml:3:30",
        "a: Conv2d(3, 6, 3, padding='same')",
    ),
    "a word of YAML": (
        layers("a: Conv2d(3, 6, 3, bias=false)"),
        "a: unknown layer, function or name 'false'",
        "net.yaml:3:27",
        "did you mean False?",
    ),
    "a function without a value": (
        layers("pool: MaxPool2d(2)", "flat: flatten()"),
        "flat: flatten lacks the argument 'input'",
        "net.yaml:4:9",
        "flat: Flatten()",
    ),
    "a function for the layer": (
        layers("a: conv2d(3, 6, 5)"),
        "a: conv2d needs a tensor as input, but receives 3",
        "net.yaml:3:6",
        "Conv2d(3, 6, 5), the layer",
    ),
    "tensors that are no list": (
        layers("a: ReLU()", "b: cat(a, input)"),
        "b: cat needs a list of tensors as tensors, but receives a tensor of 1×3×32×32",
        "net.yaml:4:6",
        "[...] around the tensors",
    ),
    "a division": (
        layers("a: Linear(64/2, 10)"),
        "a: Linear(64/2, 10): needs an int for size, but receives 32.0",
        "net.yaml:3:6",
        "Linear(64//2, 10) in net.yaml:3",
    ),
    "a number in quotes": (
        layers("a: Linear('32', 10)"),
        "a: Linear('32', 10): needs an int for size, but receives '32'",
        "net.yaml:3:6",
        "a: Linear(32, 10)",
    ),
    "a padding in capitals": (
        layers("a: Conv2d(3, 6, 3, padding='SAME')"),
        "a: Conv2d(3, 6, 3, padding='SAME'): padding='SAME' must be a number, 'same' or 'valid'",
        "net.yaml:3:6",
        "Conv2d(3, 6, 3, padding='same') in net.yaml:3",
    ),
    "a padding that a stride does not go with": (
        layers("a: Conv2d(3, 6, 5, 2, 'same')"),
        "a: Conv2d(3, 6, 5, 2, 'same'): padding='same' keeps the size only at stride 1, and stride "
        "is 2",
        "net.yaml:3:6",
        "Conv2d(3, 6, 5, 2, 2) in net.yaml:3",
    ),
    "a constant that is not declared": (
        layers("a: Flatten()", "b: Linear(3072, num_labels)"),
        "b: unknown layer, function or name 'num_labels'",
        "net.yaml:4:19",
        "vars: {num_labels: ...}, if it is a constant",
    ),
    "a layer of another library": (
        layers("a: Dense(10)"),
        "a: unknown layer, function or name 'Dense'",
        "net.yaml:3:6",
        "a: Linear(?, 10)",
    ),
    "a quote of an expression that stays open": (
        layers("a: Conv2d(3, 6, 3, padding='same)"),
        None,
        "net.yaml:3:30",
        "a: Conv2d(3, 6, 3, padding='same')",
    ),
    "a list of layers": (
        layers("a: [ReLU(), Tanh()]"),
        "a: the layer is a list, not text",
        "net.yaml:3:6",
        "Sequential(ReLU(), Tanh())",
    ),
    "layers below a name": (
        layers("a:", "  b: ReLU()", "  c: Tanh()"),
        "a: expected one layer per entry, found 2 keys",
        "net.yaml:4:5",
        "Sequential(ReLU(), Tanh()), or a block",
    ),
    "commas inside the brackets of a constant": (
        "input: 3x8x8\nvars: {a: (1, 2)}\nlayers: [ReLU()]",
        "cannot read '(1': '(' was never closed",
        "net.yaml:2:11",
        "quote the expression: inside [ ] and { }, commas are YAML syntax",
    ),
    "a layer of several inputs": (
        layers("a: Sequential(ReLU(), Bilinear(3, 4, 5))"),
        "a: Bilinear missing 1 required positional argument: 'input2'",
        "net.yaml:3:6",
        "",
    ),
    "a list of one layer": (
        layers("a: [ReLU()]"),
        "a: the layer is a list, not text",
        "net.yaml:3:6",
        "ReLU(), without the brackets",
    ),
    "a name that is like nothing": (
        layers("a: print(1)"),
        "a: unknown layer, function or name 'print'",
        "net.yaml:3:6",
        "",
    ),
    "a method without its value": (
        layers("pool: MaxPool2d(2)", "flat: view(-1, 768)"),
        "flat: view is a tensor method: call it on a value",
        "net.yaml:4:9",
        "pool.view(...)",
    ),
    "a method of an unknown value": (
        layers("pool: MaxPool2d(2)", "flat: x.view(-1, 768)"),
        "flat: 'x.view': unknown name 'x'",
        "net.yaml:4:9",
        "pool.view(...)",
    ),
    "an index of several values": (
        layers("a: flatten(input, 1, 2)", "b: LSTM(32, 8)", "c: b[:, -1]"),
        "c: 'b[:, -1]': b is 2 values, not one",
        "net.yaml:5:6",
        "b[0][:, -1]",
    ),
    "a misspelt argument that may be left out": (
        layers("a: {Conv2d: {in_channel: 3, out_channels: 6, kernel_size: 5}}"),
        "a: Conv2d has no argument 'in_channel'",
        "net.yaml:3:16",
        "did you mean in_channels?",
    ),
    "a power as others write it": (
        layers("a: Linear(2^4, 3)"),
        "a: '2^4': there is no such operation on an int and an int",
        "net.yaml:3:13",
        "** is the power",
    ),
    "one input as many": (
        "inputs: 3x32x32\nlayers: [ReLU()]",
        "inputs is text, not a mapping of names",
        "net.yaml:1:9",
        "inputs: {image: 3x32x32}, or input: 3x32x32",
    ),
    "a bracket that stays open": (
        layers("a: {Conv2d: {out_channels: 3", "b: ReLU()"),
        "{ of line 3 is not closed, or a comma is missing",
        "net.yaml:4:4",
        None,
    ),
    "a tag that would make an object": (
        layers("a: !!python/object/apply:os.system id"),
        "a: unknown tag 'python/object/apply:os.system'",
        "net.yaml:3:6",
        "leave it out",
    ),
    "an alias bomb": (
        layers(
            "a: {Conv2d: {kernel_size: &a [1,1,1,1,1,1,1,1,1], stride: &b "
            "[*a,*a,*a,*a,*a,*a,*a,*a,*a], padding: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b], dilation: "
            "[*c,*c,*c,*c,*c,*c,*c,*c,*c]}}"
        ),
        "a: aliases (*name) repeat more than the file holds",
        "net.yaml:3:37",
        None,
    ),
    "an anchor that refers to itself": (
        layers("a: &a {Conv2d: *a}"),
        "a: the argument Conv2d is a mapping, not text",
        "net.yaml:3:6",
        None,
    ),
    "deep parentheses": (
        layers("a: " + "(" * 5000),
        f"a: cannot read '{'(' * 57}...': too many nested parentheses",
        "net.yaml:3:206",
        None,
    ),
    "many signs": (
        layers("a: " + "-" * 5000 + "1"),
        f"a: cannot read '{'-' * 57}...': it is nested too deep",
        "net.yaml:3:6",
        None,
    ),
    "a long expression": (
        layers("a: " + "1+" * 6000 + "1"),
        "a: an expression of 12,001 characters is too long",
        "net.yaml:3:6",
        None,
    ),
    "channels": (
        layers("a: Conv2d(3, 6, 5)", "r: ReLU()", "b: Conv2d(16, 8, 3)"),
        "b: Conv2d(16, 8, 3) expects 16 channels, but receives 6: 1×6×28×28",
        "net.yaml:5:6",
        "Conv2d(6, 8, 3)",
    ),
    "a vector that is as long as no axis": (
        layers("a: ReLU()", "b: a + zeros(7)"),
        "b: add cannot combine 1×3×32×32 and 7: dimension -1 is 32 in one and 7 in another, and "
        "neither is 1",
        "net.yaml:4:6",
        "",
    ),
    "commas inside brackets": (
        "input: 3x32x32\nlayers: [Conv2d(3, 6, 5)]",
        "0: cannot read 'Conv2d(3': '(' was never closed",
        "net.yaml:2:16",
        "quote the expression: inside [ ] and { }, commas are YAML syntax",
    ),
    "a batch axis too many": (
        "input: 1x3x32x32\nlayers: ['Conv2d(3, 6, 5)']",
        None,
        "net.yaml:2:11",
        "an input of 3×32×32: the batch axis is added in front of it",
    ),
}


def blocks(text: str, *lines: str) -> str:
    return (
        "input: 3x32x32\nblocks:\n"
        + textwrap.indent(text, "  ")
        + "\n"
        + layers(*lines).partition("\n")[2]
    )


MISTAKES |= {
    "a list that is repeated": (
        layers("a: '[0] * 10**10'"),
        "a: '[0] * 10**10': there is no such operation on a list and an int",
        "net.yaml:3:7",
        None,
    ),
    "a million blocks": (
        blocks("Block: [ReLU()]", "a: 1000000 * Block()"),
        "a: '1000000 * Block()': that makes more than 50,002 layers",
        "net.yaml:5:6",
        None,
    ),
    "blocks that multiply": (
        blocks(
            "".join(f"B{i}: [10 * B{i + 1}()]\n" for i in range(10)) + "B10: [ReLU()]", "a: B0()"
        ),
        "a.0.0.0.0.0.0: '10 * B6()': that makes more than 50,012 layers",
        "net.yaml:8:8",
        None,
    ),
    "blocks that call each other": (
        blocks(
            "B0: [ReLU()]\n"
            + "".join(
                f"B{i}: {{b: B{i - 1}(), {', '.join(f'c{j}: b(b)' for j in range(9))}}}\n"
                for i in range(1, 9)
            ),
            "a: B8()",
        ),
        None,
        "net.yaml:6:81",
        None,
    ),
    "a block in itself": (
        blocks("A(n): ['A(n - 1) if n > 1 else ReLU()']", "a: A(3)"),
        "the block A uses itself: A → A",
        "net.yaml:3:11",
        None,
    ),
    "blocks in each other": (
        blocks("A: [B()]\nB: [C()]\nC: [A()]", "a: ReLU()"),
        "the block A uses itself: A → B → C → A",
        "net.yaml:5:7",
        None,
    ),
    "a block that is given itself": (
        blocks("A(b): [b(b)]", "a: A(A)"),
        "a" + ".0" * 50 + ": blocks are nested more than 50 deep",
        "net.yaml:3:10",
        None,
    ),
    "lists that double": (
        layers("l0: (input, input)", *(f"l{i}: (l{i - 1}, l{i - 1})" for i in range(1, 60))),
        "l10: '(l9, l9)' is nested too deep",
        "net.yaml:13:8",
        None,
    ),
    "an anchor in its own list": (
        "input: 3\nlayers: &l [*l, *l]",
        "0: the layer is a list, not text",
        "net.yaml:2:9",
        None,
    ),
    "too few arguments of a block": (
        blocks("Block(cin, cout, k=2*1): [ReLU()]", "a: Block(1)"),
        "a: Block lacks the argument 'cout'",
        "net.yaml:5:6",
        "Block(cin, cout, k=2*1)",
    ),
    "too many arguments of a block": (
        blocks("Block(cin): [ReLU()]", "a: Block(1, 2)"),
        "a: Block takes 1 arguments, but 2 are given",
        "net.yaml:5:6",
        "Block(cin)",
    ),
    "an unknown argument of a block": (
        blocks("Block(stride=1): [ReLU()]", "a: Block(strid=2)"),
        "a: Block has no argument 'strid'",
        "net.yaml:5:12",
        "did you mean stride?",
    ),
    "a wrong number of inputs of a block": (
        blocks("Join()(x, y): {sum: x + y}", "a: Join()"),
        "a: Join takes 2 inputs (x, y), but 1 is given",
        "net.yaml:5:6",
        None,
    ),
    "an argument that cannot be made into a layer": (
        blocks("Block(c):\n  conv: Conv2d(3, c, 3, groups=2)", "a: Block(4)"),
        "a.conv: Conv2d(3, c, 3, groups=2): in_channels=3 is not divisible by groups=2",
        "net.yaml:4:11",
        None,
    ),
    "no signature": (
        blocks("A(1): [ReLU()]", "a: ReLU()"),
        "'A(1)' is not a block header",
        "net.yaml:3:3",
        "Block(cin, cout, stride=1)",
    ),
    "a parameter twice": (
        blocks("A(a, a): [ReLU()]", "a: ReLU()"),
        "'A(a, a)' has the name a twice",
        "net.yaml:3:3",
        None,
    ),
    "a name used before it exists": (
        layers("a: b + 1", "b: ReLU()"),
        "a: 'b' is used before it is defined at net.yaml:4:3",
        "net.yaml:3:6",
        "move it above",
    ),
    "a layer of a layer's name": (
        layers("ReLU: ReLU()"),
        "'ReLU' cannot be the name of a layer: it is torch's layer",
        "net.yaml:3:3",
        "another name, such as relu",
    ),
    "a layer of a constant's name": (
        "input: 3\nvars: {w: 3}\nlayers: {w: ReLU()}",
        "'w' cannot be the name of a layer: it is the name of a constant",
        "net.yaml:3:10",
        "another name, such as w1",
    ),
    "a layer of the input's name": (
        layers("input: ReLU()"),
        "'input' cannot be the name of a layer: it is an input",
        "net.yaml:3:3",
        None,
    ),
    "a function that is hidden": (
        layers("cat: cat([input, input])", "b: cat([input, cat])"),
        "b: cat is a value here, which cannot be called",
        "net.yaml:4:6",
        "torch.cat(...) is torch's function",
    ),
    "too many names": (
        layers("a, b, c: input.chunk(2, dim=2)"),
        "a: a, b, c are 3 names, but there are 2 values",
        "net.yaml:3:12",
        None,
    ),
    "a layer after two values": (
        layers("a, b: input.chunk(2, dim=2)", "c: ReLU()"),
        "c: c could be applied to each of a, b",
        "net.yaml:4:6",
        "say to which: ReLU()(a)",
    ),
    "a layer made from a value": (
        layers("a: ReLU()", "b: Conv2d(a.shape[1], 8, 3)"),
        "b: Conv2d is made before any input arrives, so its arguments cannot use values",
        "net.yaml:4:13",
        "LazyConv2d(...) takes its channels from its input",
    ),
    "a list of layers": (
        layers("a: '[ReLU(), ReLU()]'"),
        "a: a list cannot hold a layer",
        "net.yaml:3:8",
        "Sequential(...) holds layers",
    ),
    "a method that is none": (
        layers("a: input.chnk(2)"),
        "a: unknown tensor method 'chnk'",
        "net.yaml:3:6",
        "did you mean chunk?",
    ),
    "a function of a module of torch without its prefix": (
        layers("a: svdvals(input)"),
        "a: unknown layer, function or name 'svdvals'",
        "net.yaml:3:6",
        "did you mean linalg.svdvals?",
    ),
    "a misspelt module of torch": (
        layers("a: torch.linlag.norm(input)"),
        "a: 'torch.linlag.norm' reads an attribute, and an expression is data, not code: only nn., "
        "F., torch., fft., linalg. and special. are allowed before a name",
        "net.yaml:3:6",
        "did you mean torch.linalg.norm?",
    ),
    "an unknown argument of a function of a module of torch": (
        layers("a: linalg.qr(input, mod='r')"),
        "a: linalg.qr has no argument 'mod'",
        "net.yaml:3:23",
        "did you mean mode?",
    ),
    "what is no function of a module of torch": (
        layers("a: linalg.LinAlgError(input)"),
        "a: unknown layer, function or name 'LinAlgError'",
        "net.yaml:3:6",
        None,
    ),
    "an attribute of a value": (
        layers("a: input.shape.__class__"),
        "a: 'input.shape.__class__' reads an attribute, and an expression is data, not code",
        "net.yaml:3:6",
        None,
    ),
    "an attribute of a layer": (layers("a: ReLU().forward(input)"), None, "net.yaml:3:6", None),
    "an output that is none": (
        layers("conv: ReLU()") + "outputs: [conf]",
        "unknown output 'conf'",
        "net.yaml:4:11",
        "did you mean conv?",
    ),
    "a layer for a constant": (
        "input: 3\nvars: {act: ReLU()}\nlayers: [ReLU()]",
        "the constant act is a layer, not a constant",
        "net.yaml:2:13",
        None,
    ),
    "an argument of a layer of a layer": (
        layers("a: Sequential(ReLU(), Conv2d(4, 4, 3))"),
        "a.1: Conv2d(4, 4, 3) expects 4 channels, but receives 3: 1×3×32×32",
        "net.yaml:3:25",
        "Conv2d(3, 4, 3), or an input of 4×32×32",
    ),
    "shapes that do not go together": (
        layers("a: MaxPool2d(2)", "b: ReLU()", "c: relu(cat([b, input], dim=1))"),
        "c: cat cannot join 1×3×16×16 and 1×3×32×32 along dimension 1: dimension 2 is 16 in one "
        "and 32 in the other",
        "net.yaml:5:11",
        None,
    ),
}

#: Operators of the language, on values that they are not for.
MISTAKES |= {
    line: (layers(f"a: {line}"), f"a: {message}", f"net.yaml:3:{column}", None)
    for line, column, message in [
        ("ReLU() + 1", 6, "'ReLU() + 1': there is no such operation on a layer (ReLU) and an int"),
        ("-(3 * ReLU())", 6, "'-(3 * ReLU())': there is no such operation on a list of layers"),
        ("Linear(-'x', 3)", 13, "\"-'x'\": there is no such operation on a string"),
        ("Dropout(2.0 ** 5000)", 14, "'2.0 ** 5000' is too large"),
        ("Linear((-1) ** 0.5, 3)", 13, "'(-1) ** 0.5' is a complex number"),
        ("Linear(1j, 3)", 13, "'1j' is neither a number nor a string"),
        ("Linear(b'x', 3)", 13, "\"b'x'\" is neither a number nor a string"),
        ("ReLU() if 'a' < 1 else Tanh()", 16, "\"'a' < 1\" compares values that have no order"),
        ("ReLU() if 1 is 2 else Tanh()", 16, "'1 is 2': only == != < <= > >= can compare here"),
        ("Linear((1, 2)['a':], 3)", 13,
         "\"(1, 2)['a':]\": a slice is made of ints, its step not 0"),
        ("Linear((1, 2)[2], 3)", 13, "'(1, 2)[2]': there are 2 items, numbered from 0"),
        ("input.shape.view(3)", 6,
         "'input.shape.view': a size has no 'view'; only a tensor has methods here"),
        ("(input + 1)(input)", 6, "'(input + 1)(input)': a value cannot be called"),
        ("(2)(input)", 6, "'(2)(input)': an int cannot be called"),
        ("Sequential(3)", 6, "Sequential(3): 3 is not a Module subclass"),
        ("Parameter(3)", 16, "a parameter is a tensor, not an int"),
        ("0 * ReLU()", 6, "'0 * ReLU()': the number of layers is 0, not at least 1"),
        ("ReLU(**input)", 6, "'ReLU(**input)': ** is not part of the language"),
        ("-" * 400 + "1", 6, f"cannot read '{'-' * 57}...': it is nested too deep"),
        ("+".join("1" * 600), 6, f"cannot read '{'1+' * 28}1...': it is nested too deep"),
    ]
}  # fmt: skip
MISTAKES |= {
    "a block that is not called": (
        blocks("B: [ReLU()]", "a: B"),
        "a is the block B itself, not a layer",
        "net.yaml:5:6",
        "B(...)",
    ),
    "a layer of a block's name": (
        blocks("B: [ReLU()]", "B: ReLU()"),
        "'B' cannot be the name of a layer: it is the name of a block",
        "net.yaml:5:3",
        "another name, such as b",
    ),
    "an argument of a block that a block does not take": (
        blocks("A(b): [b(1)]\nB: [ReLU()]", "a: A(B)"),
        "a.0: b takes 0 arguments, but 1 are given",
        "net.yaml:3:10",
        "b()",
    ),
    "a layer of a block that is repeated": (
        blocks("A(l): [2 * l]", "a: A(ReLU())"),
        "a.0: 'l' is one layer, and '2 * l' would apply it repeatedly",
        "net.yaml:3:14",
        "repeat a layer where it is made: 3 * Conv2d(...)",
    ),
    "layers nested deeper than they can be run": (
        blocks(f"A(l): ['{'Sequential(' * 100}l{')' * 100}']", "a: A(A(A(A(ReLU()))))"),
        "the layers are nested too deep",
        "",
        None,
    ),
    "a default that is no constant": (
        blocks("A(x=zeros(3)): [ReLU()]", "a: A()"),
        "a: the default of x is not a constant",
        "net.yaml:3:7",
        None,
    ),
    "a header of two calls": (
        blocks("A()(): [ReLU()]", "a: A()"),
        "'A()()' is not a block header",
        "net.yaml:3:3",
        "Block(cin, cout, stride=1)",
    ),
    "a header that is no call": (
        blocks("A + 1: [ReLU()]", "a: A()"),
        "'A + 1' is not a block header",
        "net.yaml:3:3",
        None,
    ),
    "a constant that hangs on an input": (
        "input: 3\nvars: {a: zeros(3)}\nlayers: [ReLU()]",
        "the constant a is a value that is known when the network runs, not a constant",
        "net.yaml:2:11",
        None,
    ),
    "a number among names": (
        layers("a, 1: input.chunk(2)"),
        "'a, 1' are not names to unpack a value into",
        "net.yaml:3:6",
        "half, rest",
    ),
    "a number that is unpacked": (
        layers("a, b: input.shape[0]"),
        "a: a, b are 2 names, but there is an int",
        "net.yaml:3:9",
        None,
    ),
    "an attention of one value": (
        "input: 5x8\nlayers:\n  a: MultiheadAttention(8, 2)",
        "a: MultiheadAttention(8, 2) takes 3 inputs (query, key, value), but 1 is given",
        "net.yaml:3:6",
        "MultiheadAttention(8, 2)(input, input, input)",
    ),
    "text for layers": (
        "input: 3\nlayers: hello",
        "a line of layers begins with a name and a colon, or with a dash",
        "net.yaml:2:9",
        "a network file has 'input: 3x32x32' and, below 'layers:', lines such as "
        "'conv1: Conv2d(3, 6, 5)'",
    ),
    "layers without dashes, with an empty line": (
        "input: 3x8x8\nlayers:\n  Conv2d(3, 6, 5)\n\n  ReLU()\n",
        "a line of layers begins with a name and a colon, or with a dash",
        "net.yaml:3:3",
        "- Conv2d(3, 6, 5)",
    ),
    "a negative batch": (
        "input: 3\nbatch: -1\nlayers: [ReLU()]",
        "batch is -1, not a whole number from 0",
        "net.yaml:2:8",
        None,
    ),
    "input and inputs": (
        "input: 3\ninputs: {a: 3}\nlayers: [ReLU()]",
        "there are both input and inputs",
        "net.yaml:2:9",
        "list all of them below inputs",
    ),
    "no inputs": (
        "inputs: {}\nlayers: [ReLU()]",
        "there is no input",
        "net.yaml:1:1",
        "inputs: {image: 3x32x32, text: int64:77}",
    ),
    "no outputs": (
        "input: 3\noutputs: []\nlayers: [ReLU()]",
        "there are no outputs",
        "net.yaml:2:10",
        "leave outputs out: the last value is the output",
    ),
    "an input that is left open": (
        "input: ?\nlayers: [ReLU()]",
        "an input has whole numbers for its sizes",
        "net.yaml:1:8",
        "input: 3x32x32",
    ),
    "a shape beside inputs": (
        "inputs: {a: 3}\nshape: 3\nlayers: [ReLU()]",
        "unknown key 'shape'",
        "net.yaml:2:1",
        "the keys are name, input, inputs, batch, vars, blocks, layers, outputs",
    ),
    "a shape that is none": (
        "shape: abc\nlayers: [ReLU()]",
        "unknown key 'shape'",
        "net.yaml:1:1",
        "input:",
    ),
    "a colon in a call that cannot be read": (
        layers("a: Conv2d(3, 6, kernel_size: x y)"),
        "this colon is the second of its line",
        "net.yaml:3:30",
        "quotes: 'Conv2d(3, 6, kernel_size: x y)'",
    ),
    "a list for a call": (
        layers("a: [Conv2d, 3, 6, 5]"),
        "a: the layer is a list, not text",
        "net.yaml:3:6",
        "Conv2d(3, 6, 5)",
    ),
    "a layer of Keras's in brackets": (
        "input: 3x8x8\nlayers: [Flatten(), Dense(10)]",
        "1: unknown layer, function or name 'Dense'",
        "net.yaml:2:21",
        "layers: [Flatten(), 'Linear(?, 10)']",
    ),
    "a bracket that closes nothing": (
        "input: 3x8x8\nlayers:\n  - ReLU()\n]\n",
        "] closes nothing",
        "net.yaml:4:1",
        "leave it out",
    ),
    "a bracket for a value": (layers("a: }"), "} closes nothing", "net.yaml:3:6", "leave it out"),
    "a comma before a name": (
        layers(", a: ReLU()"),
        "there is nothing before this comma",
        "net.yaml:3:3",
        "leave it out",
    ),
    "a first line too far to the right": (
        "  input: 3x8x8\nlayers:\n  a: ReLU()\n",
        "indentation matches no line above",
        "net.yaml:2:1",
        "indent it like the first line",
    ),
    "text behind the end": (
        "{input: 3x8x8, layers: [ReLU()]}\nok\n",
        "the file has ended before this",
        "net.yaml:2:1",
        "leave it out",
    ),
    "a second document": (
        layers("a: ReLU()") + "---\nb: 1\n",
        "a network file has one document",
        "net.yaml:4:1",
        "leave --- out",
    ),
    "a bar before a layer": (
        layers("a: |ReLU()"),
        "an expression cannot begin with '|', which has another meaning in YAML",
        "net.yaml:3:7",
        "a: ReLU()",
    ),
    "a star before a layer": (
        layers("- *ReLU()"),
        "an expression cannot begin with '*', which has another meaning in YAML",
        "net.yaml:3:10",
        "- ReLU()",
    ),
    "an ampersand alone": (
        layers("a: &"),
        "an expression cannot begin with '&', which has another meaning in YAML",
        "net.yaml:3:7",
        "leave it out",
    ),
    "an alias without an anchor": (
        layers("a: *block"),
        "*block refers to an anchor that does not exist",
        "net.yaml:3:6",
        "&block before what it refers to",
    ),
    "an item in the line of a name": (
        layers("a: - ReLU()"),
        "list item in the line of its name",
        "net.yaml:3:6",
        "a line of its own",
    ),
    "a backslash": (
        layers(r'a: "\q"'),
        "backslash in double quotes, where YAML takes it for an escape",
        "net.yaml:3:7",
        "single quotes",
    ),
    "a control character": (
        layers("ä: ReLU()  # ä", "b: ReLU()\x07"),
        "this is not YAML: the character U+0007 is not allowed",
        "net.yaml:4:12",
        "leave it out",
    ),
}


@pytest.mark.parametrize(("text", "message", "where", "fix"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_explained(
    text: str, message: str | None, where: str, fix: str | None
) -> None:
    error = refused(text)
    assert message is None or error.message == message
    assert error.where == where
    assert fix is None or error.fix == fix


@pytest.mark.parametrize(
    ("text", "message", "fix"), [(m[0], m[1], m[3]) for m in MISTAKES.values()]
)
def test_a_mistake_is_explained_without_the_c_library(
    text: str, message: str | None, fix: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    error = refused(text)
    assert message is None or error.message == message
    assert fix is None or error.fix == fix


def test_a_tab_behind_a_value_is_explained_without_the_c_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    error = refused(layers("a: ReLU()\t# a comment"))
    assert error.message == "tab used behind a value; YAML requires spaces"
    assert (error.where, error.fix) == ("net.yaml:3:12", "spaces in place of the tab")


def nested(depth: int) -> str:
    """Return a file with `depth` lists in one another, in two mappings."""
    return f"input: 3\nlayers:\n  a: {'[' * depth}{']' * depth}\n"


def test_brackets_are_refused_from_a_depth_on() -> None:
    assert refused(nested(998)).message == "a: the layer is a list, not text"
    assert refused(nested(999)).message == "this is nested too deep"


def test_brackets_too_deep_have_their_place_also_without_the_c_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    assert refused(nested(999)).where == "net.yaml:3:1004"
    assert refused(nested(900)).message == "this is nested too deep"  # for Python's own stack


def test_brackets_too_deep_are_refused() -> None:
    error = refused(layers("a: " + "[" * 100_000))
    assert error.message == "this is nested too deep"
    assert error.where.startswith("net.yaml:3:")  # how far in, versions of libyaml differ


def test_what_cannot_be_read_at_all(tmp_path) -> None:
    def message(name: str, data: bytes | None = None) -> str:
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(cs.SpecError) as refusal:
            cs.trace(path)
        return str(refusal.value).replace(str(tmp_path), "")

    assert message("a.yaml", b"\x01\xff") == "this is not UTF-8 text (is it a binary file?)"
    assert message("a.png", b"\x00\x01\xff") == "/a.png is a binary file, not a network file"
    assert message("a.pt", b"\x00\xff").startswith("/a.pt has weights, not the code of a network")
    assert message("a.bin", b"\x00\x01").startswith("/a.bin has weights, not the code of a network")
    assert message("a.h5", b"\x00\xff").startswith("/a.h5 is a TensorFlow model, and convshape")
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(2**26 + 1)
    assert message("big.yaml") == "/big.yaml is larger than 64 MB"
    assert message("c\0.yaml") == r"cannot read /c\x00.yaml: embedded null byte"
    assert message("b.yaml", b"input: 3\0") == "/b.yaml is a binary file, not a network file"
    assert message("c.yaml", "input: 3".encode("utf-16")).endswith("(fix: save it as UTF-8)")
    assert message("aa.yaml") == "file not found: /aa.yaml (fix: did you mean /a.yaml?)"
    assert message("") == " is a directory, not a network file (fix: name a file in it: /net.py)"
    (tmp_path / "link.yaml").symlink_to("nowhere.yaml")
    assert message("link.yaml") == (
        "file not found: /link.yaml (fix: the file that it is a link to: nowhere.yaml)"
    )
    assert message("no/such.yaml") == "file not found: /no/such.yaml"


def test_the_error_of_a_linear_names_the_cause_and_two_ways_out() -> None:
    """The example of the design, word for word."""
    lenet = (
        "input: 3x36x36",
        "layers:",
        "  conv1: Conv2d(3, 6, 5)",
        "  relu1: ReLU()",
        "  pool1: MaxPool2d(2)",
        "  conv2: Conv2d(6, 16, 5)",
        "  relu2: ReLU()",
        "  pool2: MaxPool2d(2)",
        "  flat: Flatten()",
        "  fc1: Linear(16*5*5, 120)",
    )
    result = trace("\n".join(lenet))
    assert result.error is not None
    assert result.error.to_dict() | {"fixes": []} == {
        "message": "fc1: Linear(400, 120) expects 400 features, but receives 576",
        "where": "net.yaml:10:8",
        "snippet": "  fc1: Linear(16*5*5, 120)\n       ^^^^^^^^^^^^^^^^^^^",
        "why": "flat gave 16 × 6 × 6 = 576, because the input is 36 × 36",
        "fix": "Linear(576, 120), or an input of 32..35 × 32..35",
        "fixes": [],
        "others": [],
    }
    assert [row.path for row in result] == [
        "conv1",
        "relu1",
        "pool1",
        "conv2",
        "relu2",
        "pool2",
        "flat",
    ]


def test_an_offered_input_fits() -> None:
    text = layers(
        "a: Conv2d(3, 4, 5, stride=2)", "p: MaxPool2d(3)", "f: Flatten()", "l: Linear(36, 2)"
    )
    errors = {n: trace(text, input=f"3x{n}x{n}").error for n in range(20, 80)}
    fitting = [n for n, error in errors.items() if error is None]
    sizes = f"{fitting[0]}..{fitting[-1]}"
    for size, error in errors.items():
        assert (fitting[0] <= size <= fitting[-1]) == (error is None)
        assert error is None or error.fix.endswith(f"or an input of {sizes} × {sizes}")


def test_the_values_that_led_there_are_told() -> None:
    error = refused(
        layers(
            "stem: Conv2d(3, 8, 3)",
            "pool: MaxPool2d(2)",
            "act: ReLU()",
            "sum: act + stem",
            "d: Dropout()",
        )
    )
    assert error.where == "net.yaml:6:8"
    assert error.snippet == "  sum: act + stem\n       ^^^^^^^^^^"
    assert error.why == (
        "act is 1×8×15×15, from stem 1×8×30×30, from input 1×3×32×32; stem is 1×8×30×30, from "
        "input 1×3×32×32"
    )


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        (
            ("a: input.chunk(3, 1)", "b: cat(a, 5)"),
            "a is (1×1×32×32, 1×1×32×32, 1×1×32×32), from input 1×3×32×32",
        ),
        (("relu: relu(input)", "x: relu + zeros(7)"), "relu is 1×3×32×32"),
    ],
)
def test_the_way_of_several_values_and_of_a_name_that_is_a_function_too(
    entries: tuple[str, ...], why: str
) -> None:
    assert refused(layers(*entries)).why == why


def test_independent_mistakes_are_told_together() -> None:
    text = blocks(
        "Block(cin):\n  a: Conv2d(cin, cni, 3)\n  b: Relu()",
        "x: Conv2d(3, 6 5)",
        "y: ReLU(inplac=1) + x",
        "z: y",
    )
    with pytest.raises(cs.SpecError) as refusal:
        trace(text)
    first = refusal.value
    assert [(each.path, each.where, each.fix) for each in (first, *first.others)] == [
        ("x", "net.yaml:7:16", "x: Conv2d(3, 6, 5)"),
        ("Block.a", "net.yaml:4:20", "did you mean cin?"),
        ("Block.b", "net.yaml:5:8", "did you mean ReLU?"),
        ("y", "net.yaml:8:11", "did you mean inplace?"),
    ]
    assert error_text(first).count("\n  --> ") == 4


@pytest.mark.parametrize(
    "text",
    [
        layers(*(f"a{i}: Foo{i}()" for i in range(10_000))),
        layers("a: " + " + ".join(f"foo{i}()" for i in range(30))),
    ],
)
def test_ten_thousand_mistakes_are_not_told(text: str) -> None:
    assert len(refused(text).others) == 19


def test_twenty_thousand_layers() -> None:
    result = trace(
        layers(*(f"c{i}: Conv2d(3, 3, 3, padding=1)\n  r{i}: ReLU()" for i in range(10_000)))
    )
    assert len(result.rows) == 20_001
    assert result.params == 10_000 * 84


def test_windows_line_ends_keep_their_places() -> None:
    error = refused(layers("a: ReLU()", "b: ReLU(inplac=1)").replace("\n", "\r\n"))
    assert (error.where, error.snippet) == (
        "net.yaml:4:11",
        "  b: ReLU(inplac=1)\n          ^^^^^^^^",
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: >\n    Conv2d(3, 6,\n    5, paddin=2)",
        "a: |\n    Conv2d(3, 6,\n           5, paddin=2)",
        "a: Conv2d(3, 6,\n    5, paddin=2)",
        "a: 'Conv2d(3, 6,\n    5, paddin=2)'",
    ],
)
def test_a_caret_in_an_expression_of_two_lines(text: str) -> None:
    line, caret = refused(layers(text)).snippet.split("\n")
    assert caret.index("^") == line.index("paddin")
    assert caret.count("^") == len("paddin=2")


def test_a_caret_in_a_long_line() -> None:
    error = refused(layers(f"a: {' + '.join(['input'] * 100)} + inptu"))
    line, caret = error.snippet.split("\n")
    assert line[caret.index("^") :][: caret.count("^")] == "inptu"
    assert len(line) <= 100


def test_a_layer_may_have_the_name_of_a_function() -> None:
    result = trace(layers("a: relu(input)", "relu: ReLU()", "b: relu(a)", "c: F.relu(b)"))
    assert [row.path for row in result] == ["", "relu", "relu"]
