"""Network files by beginners: each is read, or answered with the corrected line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import convshape as cs
from convshape import apply_fix
from convshape.api import traced
from convshape.errors import Error
from convshape.readers import load_text
from convshape.readers.expressions.keras import translated


def lines(*entries: str, input: str = "3x32x32") -> str:
    return f"input: {input}\nlayers:\n" + "".join(f"  {entry}\n" for entry in entries)


def trace(text: str) -> Any:
    return traced(load_text(text, "net.yaml"))


def errors(text: str) -> list[Error]:
    with pytest.raises((cs.SpecError, cs.ShapeError)) as refusal:
        trace(text)
    return [refusal.value, *refusal.value.others]


#: What is written, and what it is read as.
READ = {
    "a list with types": (
        lines("- type: Conv2d", "  in_channels: 3", "  out_channels: 6", "  kernel_size: 5"),
        ["Conv2d(3, 6, 5)"],
    ),
    "types in braces": (
        lines("a: {type: Conv2d, out_channels: 6, kernel_size: 5, padding: same}",
            "b: {type: ReLU}"),
        ["Conv2d(3, 6, 5, padding='same')", "ReLU()"],
    ),
    "a type in small letters": (lines("- {type: max_pool2d, kernel_size: 2}"), ["MaxPool2d(2)"]),
    "arguments in a mapping": (
        lines("- type: Conv2d", "  params: {in_channels: 3, out_channels: 6, kernel_size: 5}"),
        ["Conv2d(3, 6, 5)"],
    ),
    "arguments in a list": (lines("- {layer: Conv2d, args: [3, 6, 5]}"), ["Conv2d(3, 6, 5)"]),
    "arguments that are not indented": (
        lines("- Conv2d:", "  out_channels: 6", "  kernel_size: 5", "- ReLU:"),
        ["Conv2d(3, 6, 5)", "ReLU()"],
    ),
    "numbers in quotes": (
        lines("- {Conv2d: {in_channels: '3', out_channels: \"6\", kernel_size: '5'}}"),
        ["Conv2d(3, 6, 5)"],
    ),
    "a question mark": (lines("a: Flatten()", "b: Linear(?, 10)"),
        ["Flatten()", "Linear(3072, 10)"]),
    "a question mark by name": (lines("a: Conv2d(in_channels=?, out_channels=6, kernel_size=5)"),
        ["Conv2d(3, 6, 5)"]),
    "a question mark in a sequence": (lines("a: Sequential(Conv2d(?, 6, 5), BatchNorm2d(?))"),
        ["Sequential", "Conv2d(3, 6, 5)", "BatchNorm2d(6)"]),
    "a question mark in a mapping": (lines("a: {Conv2d: {in_channels: '?', out_channels: 6, "
                                           "kernel_size: 5}}"), ["Conv2d(3, 6, 5)"]),
    "None": (lines("a: Flatten()", "b: Linear(None, 10)"), ["Flatten()", "Linear(3072, 10)"]),
    "left out": (lines("a: Flatten()", "b: Linear(out_features=10)"),
        ["Flatten()", "Linear(3072, 10)"]),
    "left out, with nothing else": (lines("a: BatchNorm2d()"), ["BatchNorm2d(3)"]),
    "a tuple": (lines("a: ReLU()", input="(3, 32, 32)"), ["ReLU()"]),
    "stars": (lines("a: ReLU()", input="3*32*32"), ["ReLU()"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "layers"), READ.values(), ids=READ)
def test_it_is_read(text: str, layers: list[str]) -> None:
    result = trace(text)
    assert result.error is None
    assert [row.layer for row in result][1:] == layers


def test_a_list_may_name_its_layers() -> None:
    result = trace(lines("- {name: stem, type: ReLU}", "- {name: head, type: Flatten}"))
    assert [row.path for row in result][1:] == ["stem", "head"]
    assert result.rows[1].where == "net.yaml:3:5"


def test_what_a_question_mark_is_is_told() -> None:
    result = trace(lines("a: Flatten()", "b: Linear(?, 10)"))
    assert result.note == "b is Linear(3072, 10)"
    wrong = trace(lines("a: Conv2d(?, 6, 5)", "b: Flatten()", "c: Linear(400, 10)"))
    assert wrong.rows[0].layer == "Conv2d(3, 6, 5)"


def test_a_question_mark_stands_for_an_argument_alone() -> None:
    (error,) = errors(lines("a: Linear(? + 1, 10)"))
    assert error.message == "a: cannot read 'Linear(? + 1, 10)': ? can only be an argument"
    assert error.where == "net.yaml:3:13"


#: What is written in a line, and the line as it should stand.
MISTAKES = {
    "a colon for =": ("a: Conv2d(3, 6, 5, padding: same)", "a: Conv2d(3, 6, 5, padding='same')"),
    "a colon, and more behind it": ("a: Conv2d(3, 6, 5, padding: 2, stride: 1)",
        "a: Conv2d(3, 6, 5, padding=2, stride=1)"),
    "a colon in a list": ("- Conv2d(3, 6, kernel_size: 5)", "- Conv2d(3, 6, kernel_size=5)"),
    "a colon without a blank": ("a: Conv2d(3, 6, kernel_size:5)", "a: Conv2d(3, 6, kernel_size=5)"),
    "sizes as of an input": ("a: Conv2d(3, 6, 3x5)", "a: Conv2d(3, 6, (3, 5))"),
    "a layer several times": ("a: 3 x Conv2d(3, 3, 1)", "a: 3 * Conv2d(3, 3, 1)"),
    "a layer that is not called": ("- ReLU", "- ReLU()"),
    "one with its prefix": ("- nn.ReLU", "- nn.ReLU()"),
    "one in small letters": ("- relu", "- ReLU()"),
    "one that needs channels": ("- BatchNorm2d", "- BatchNorm2d(?)"),
    "numbers in quotes": ('a: Conv2d("3", "6", "5")', "a: Conv2d(3, 6, 5)"),
    "a number in quotes by name": ("a: Conv2d(3, 6, kernel_size='5')",
        "a: Conv2d(3, 6, kernel_size=5)"),
    "in_features left out": ("a: Linear(10)", "a: Linear(?, 10)"),
    "-1 for what arrives": ("a: Linear(-1, 10)", "a: Linear(?, 10)"),
    "dots for what arrives": ("a: Conv2d(..., 6, 5)", "a: Conv2d(?, 6, 5)"),
    "no kernel": ("a: Conv2d(3, 6, padding=1)", "a: Conv2d(3, 6, kernel_size=3, padding=1)"),
    "no kernel by name": ("a: nn.MaxPool2d(stride=2)", "a: nn.MaxPool2d(stride=2, kernel_size=3)"),
    "the function": ("a: conv2d(3, 32, kernel_size=3)", "a: Conv2d(3, 32, kernel_size=3)"),
    "the function of a layer without channels": ("a: max_pool2d(2)", "a: MaxPool2d(2)"),
    "Keras's arguments": (
        "- Conv2D(filters=32, kernel_size=3, strides=2, activation='relu', input_shape=(28, 28, "
        "3))",
        "- Sequential(Conv2d(3, 32, 3, stride=2), ReLU())",
    ),
    "Keras's arguments of torch's layer": (
        "a: Conv2d(filters=32, kernel_size=3, strides=1, activation='relu')",
        "a: Sequential(Conv2d(?, 32, 3, stride=1), ReLU())",
    ),
    "Keras's and torch's arguments": ("a: Conv2d(3, 32, 3, activation='relu')",
        "a: Sequential(Conv2d(3, 32, 3), ReLU())"),
    "a dense layer": ("- Dense(units=64, activation='tanh')",
        "- Sequential(Linear(?, 64), Tanh())"),
    "a dense layer with its module": ("- tf.keras.layers.Dense(10)", "- Linear(?, 10)"),
    "units": ("a: Linear(units=10)", "a: Linear(?, 10)"),
    "an activation": ("a: Activation('relu')", "a: ReLU()"),
    "batches": ("a: BatchNormalization(axis=-1, momentum=0.9)", "a: BatchNorm2d(?)"),
    "global pooling": ("a: GlobalAveragePooling2D()",
        "a: Sequential(AdaptiveAvgPool2d(1), Flatten())"),
    "upsampling": ("a: UpSampling2D(2)", "a: Upsample(scale_factor=2)"),
    "indices": ("a: Embedding(100, 8, input_length=7)", "a: Embedding(100, 8)"),
    "features by their name": ("- Dense(10, input_dim=3072)", "- Linear(3072, 10)"),
    "no padding": ("a: Conv2D(6, 3, padding='valid')", "a: Conv2d(?, 6, 3)"),
    "padding for a stride": ("a: Conv2D(6, (3, 3), strides=(2, 2), padding='same')",
        "a: Conv2d(?, 6, (3, 3), stride=(2, 2), padding=1)"),
    "padding for a stride, of each axis": ("a: Conv2D(6, (3, 5), strides=2, padding='same')",
        "a: Conv2d(?, 6, (3, 5), stride=2, padding=(1, 2))"),
    "zeros around": ("a: ZeroPadding2D()", "a: ZeroPad2d(1)"),
    "zeros for each axis": ("a: ZeroPadding2D(padding=(1, 2))", "a: ZeroPad2d((2, 2, 1, 1))"),
    "zeros for each side": ("a: ZeroPadding2D(padding=((1, 2), (3, 4)))",
        "a: ZeroPad2d((3, 4, 1, 2))"),
    "zeros before and behind": ("a: ZeroPadding1D(padding=(1, 2))", "a: ZeroPad1d((1, 2))"),
    "a slope": ("a: LeakyReLU(alpha=0.2)", "a: LeakyReLU(0.2)"),
    "several words": ("a: Conv2d(in_ch=3, out_ch=6, k=5, s=1, p=2)",
        "a: Conv2d(in_channels=3, out_channels=6, kernel_size=5, stride=1, padding=2)"),
    "a word of Python's": ("a: Conv2d(in=3, out=6, kernel=5)",
        "a: Conv2d(in_channels=3, out_channels=6, kernel_size=5)"),
    "a layer in a sequence that is not called": ("a: Sequential(Conv2D(8, 3), relu)",
        "a: Sequential(Conv2d(?, 8, 3), ReLU())"),
    "an assignment": ("- self.conv1 = nn.Conv2d(3, 6, 5)", "- nn.Conv2d(3, 6, 5)"),
    "square brackets": ("a: Conv2d[3, 6, 5]", "a: Conv2d(3, 6, 5)"),
    "no brackets": ("a: Conv2d 3 6 5", "a: Conv2d(3, 6, 5)"),
    "a semicolon": ("a: Conv2d(3, 6, 5);", "a: Conv2d(3, 6, 5)"),
    "a comma": ("- Conv2d(3, 6, 5),", "- Conv2d(3, 6, 5)"),
    "a remark": ("a: Conv2d(3, 6, 5) // first", "a: Conv2d(3, 6, 5)"),
    "a text without quotes": ("a: Conv2d(3, 6, 5, padding=same, bias=false)",
        "a: Conv2d(3, 6, 5, padding='same', bias=False)"),
    "in quotes of YAML's": ("a: 'Conv2d(3, 6, 5, padding=same)'",
        "a: 'Conv2d(3, 6, 5, padding=\"same\")'"),
    "= for the colon": ("conv1 = Conv2d(3, 6, 5)", "conv1: Conv2d(3, 6, 5)"),
    "no name": ("Conv2d(3, 6, 5)", "- Conv2d(3, 6, 5)"),
    "a question mark in a mapping": ("a: {Conv2d: {in_channels: ?, out_channels: 6, kernel_size: "
                                     "5}}",
                                     "a: {Conv2d: {in_channels: '?', out_channels: 6, kernel_size: "
                                     "5}}"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "right"), MISTAKES.values(), ids=MISTAKES)
def test_a_line_is_answered_as_it_should_stand(line: str, right: str, tmp_path: Path) -> None:
    text = lines("- Flatten()", line) if "Linear" in right and line[0] == "-" else lines(line)
    (error,) = errors(text)
    (fix,) = error.fixes
    assert error.fix == fix.text == right
    file = tmp_path / "net.yaml"
    file.write_text(text)
    with pytest.raises((cs.SpecError, cs.ShapeError)) as refusal:
        cs.trace(file)
    _, changes = apply_fix.corrected(str(file), refusal.value, input=[], batch=None, constants={})
    ((_, new),) = changes.values()
    assert new.text == text.replace(line, right)


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("a: MaxPooling2D((2, 3), padding='same')", "did you mean MaxPool2d?"),
        (
            "a: Conv2DTranspose(6, (3, 5), strides=2, padding='same')",
            "did you mean ConvTranspose2d?",
        ),
        ("a: Conv2D(6, k, strides=2, padding='same')", "did you mean Conv2d?"),
        ("a: Conv2D(6, 3, activation='foo')", "did you mean Conv2d?"),
        ("a: Conv2D(6, **more)", "did you mean Conv2d?"),
    ],
)
def test_what_has_no_plain_translation_is_named(line: str, fix: str) -> None:
    assert errors(lines(line))[0].fix == fix


def test_blocks_of_the_file_keep_their_names() -> None:
    text = (
        "input: 3x32x32\nblocks:\n  MyConv(cin, cout, padding=0):\n"
        "    c: Conv2d(cin, cout, 3, padding=padding)\nlayers:\n  a: MyConv(3, 6, padding: same)\n"
    )
    assert [error.fix for error in errors(text)] == ["a: MyConv(3, 6, padding='same')"]
    two = text.replace("padding: same", "padding=same, cuot=3")
    assert next(error.fix for error in errors(two)) == "did you mean 'same', in quotes?"


#: Files whose parts are not where they belong, and what is said of it.
PARTS = {
    "layers without a header": (
        "input: 3x8x8\nconv1: Conv2d(3, 6, 5)\nrelu1: ReLU()\n",
        "'layers:' in a line above, and two spaces before each layer: '  conv1: Conv2d(3, 6, 5)'",
        "input: 3x8x8\nlayers:\n  conv1: Conv2d(3, 6, 5)\n  relu1: ReLU()\n",
    ),
    "layers at the margin": (
        "input: 3x8x8\nlayers:\nconv1: Conv2d(3, 6, 5)\n",
        "two spaces before each layer: '  conv1: Conv2d(3, 6, 5)'",
        "input: 3x8x8\nlayers:\n  conv1: Conv2d(3, 6, 5)\n",
    ),
    "another header": ("input: 3x8x8\nmodel:\n  a: ReLU()\n", "layers:",
        "input: 3x8x8\nlayers:\n  a: ReLU()\n"),
    "large letters": ("Input: 3x8x8\nlayers: [ReLU()]\n", "input: 3x8x8",
        "input: 3x8x8\nlayers: [ReLU()]\n"),
    "channels last": ("input_shape: 28x28x1  # Keras\nlayers: [ReLU()]\n", "input: 1x28x28",
        "input: 1x28x28  # Keras\nlayers: [ReLU()]\n"),
    "a list of sizes": ("input_size: [3, 8, 8]\nlayers: [ReLU()]\n", "input: 3x8x8",
        "input: 3x8x8\nlayers: [ReLU()]\n"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "fix", "right"), PARTS.values(), ids=PARTS)
def test_parts_are_where_they_belong(text: str, fix: str, right: str, tmp_path: Path) -> None:
    (error,) = errors(text)
    assert error.fix == fix
    file = tmp_path / "net.yaml"
    file.write_text(text)
    with pytest.raises(cs.SpecError) as refusal:
        cs.trace(file)
    _, changes = apply_fix.corrected(str(file), refusal.value, input=[], batch=None, constants={})
    assert [new.text for _, new in changes.values()] == [right]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("- Conv2d(3, 6, 5)\n- ReLU()\n", "'layers:' in a line above it"),
        ("input: (None, 3, 32, 32)\nlayers: [ReLU()]\n", "write it as 3x32x32"),
        ("input: torch.Size([1, 3, 32, 32])\nlayers: [ReLU()]\n", "write it as 3x32x32"),
        ("input: 3 32 32\nlayers: [ReLU()]\n", "write it as 3x32x32"),
        ("input: {channels: 3, height: 8, width: 8}\nlayers: [ReLU()]\n", "input: 3x8x8"),
        ("layers:\n  - Input(3, 32, 32)\n  - ReLU()\n", "'input: 3x32x32' above 'layers:'"),
        ("layers: [ReLU()]\n", "add 'input: 3x32x32' (one sample), or input=\"3x32x32\""),
    ],
)  # fmt: skip
def test_an_input_is_answered_with_its_sizes(text: str, fix: str) -> None:
    assert errors(text)[0].fix == fix


@pytest.mark.parametrize("kernel", range(1, 6))
@pytest.mark.parametrize("stride", range(1, 5))
@pytest.mark.parametrize("size", range(5, 12))
def test_keras_same_is_the_same_size_in_torch(kernel: int, stride: int, size: int) -> None:
    """Keras: padded convolutions divide the size by the stride; transposed ones multiply it."""
    given = {"kernel_size": str(kernel), "strides": str(stride), "padding": "'same'"}
    conv = str(translated("Conv1D", ["7"], given)).replace("?", "3")
    if kernel % 2 or stride == 1:
        assert cs.api.trace_expression(conv, f"3x{size}").rows[0].outputs == [
            (1, 7, -(-size // stride))
        ]
    transposed = (translated("Conv1DTranspose", ["7"], given) or "").replace("?", "3")
    if transposed:
        assert cs.api.trace_expression(transposed, f"3x{size}").rows[0].outputs == [
            (1, 7, size * stride)
        ]
    assert transposed or (kernel % 2 == 0 and stride == 1)


@pytest.mark.parametrize(
    ("size", "pool"), [(size, pool) for size in range(3, 12) for pool in range(1, 4)]
)
def test_keras_pools_keep_what_is_left_over(size: int, pool: int) -> None:
    text = str(translated("MaxPooling1D", [str(pool)], {"padding": "'same'"}))
    (shape,) = cs.api.trace_expression(text, f"3x{size}").rows[0].outputs
    assert shape == (1, 3, -(-size // pool))
