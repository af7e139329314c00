"""The JSON Schema of network files: it accepts what the reader does, and marks mistakes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from terminal import ROOT, run

from convshape.readers.expressions.vocabulary import LAYERS

jsonschema = pytest.importorskip("jsonschema")

SCHEMA = json.loads(run("schema")[1])
CHECK = jsonschema.Draft7Validator(SCHEMA)


def mistakes(text: str) -> list[str]:
    return [error.message for error in CHECK.iter_errors(yaml.safe_load(text))]


def test_it_is_a_schema_and_knows_every_layer() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    layers = SCHEMA["definitions"]["value"]["properties"]
    assert layers.keys() == LAYERS.keys()
    conv = layers["Conv2d"]
    assert conv["description"].startswith(
        "Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0,"
    )
    assert {"in_channels", "kernel_size", "padding_mode"} < conv["properties"].keys()
    assert conv["required"] == ["out_channels", "kernel_size"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.stem
)
def test_it_takes_every_example(path: Any) -> None:
    assert mistakes(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "layers: [ReLU()]",
        "{input: 3x32x32, layers: {a: ReLU(), b: Flatten()}}",
        "{name: Net, input: [3, 32, 32], batch: 2, vars: {width: 64, wide: true}, layers: {a: "
        "'Linear(width, 2)'}}",
        "{input: 77, layers: [{Linear: [77, 2]}, {nn.ReLU: }, {Dropout: 0.5}, {Flatten: {}}]}",
        "{inputs: {image: 3x32x32, text: 'int64:77'}, layers: {a: 'cat([image, text])'}, outputs: "
        "[a]}",
        "{blocks: {'Block(a, b=1)': {c: ReLU(), d: {Conv2d: {out_channels: 6, kernel_size: [3, "
        "1]}}}}, layers: [{Block: {a: 1}}]}",
        "{input: 3x32x32, layers: [{fft.rfft: {input: input, dim: 1}}, {torch.linalg.vector_norm: "
        "[input]}]}",
        "{blocks: {'Two()(x, y)': {c: x + y}}, layers: {'a, b': 'Two()(input, input)'}, outputs: "
        "b}",
    ],
)
def test_it_takes_the_language(text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[]", "[] is not of type 'object'"),
        ("input: 3x32x32", "'layers' is a required property"),
        ("layers: []", "[] should be non-empty"),
        ("layers: {}", "{} should be non-empty"),
        ("layers: ReLU()", "'ReLU()' is not of type 'object', 'array'"),
        ("{layers: [ReLU()], layer: 1}",
         "Additional properties are not allowed ('layer' was unexpected)"),
        ("{layers: [ReLU()], input: 3, inputs: {a: 3}}",
         "should not be valid under {'required': ['input', 'inputs']}"),
        ("{layers: [ReLU()], input: 1.5}", "1.5 is not of type 'string', 'integer', 'array'"),
        ("{layers: [ReLU()], vars: {a b: 1}}", "'a b' does not match"),
        ("{layers: [ReLU()], vars: {a: [1]}}",
         "[1] is not of type 'string', 'number', 'boolean', 'null'"),
        ("{layers: {a: [ReLU()]}}", "['ReLU()'] is not of type 'string', 'number', 'object'"),
        ("layers: [{Conv2d: {out_channel: 6}}]",
         "Additional properties are not allowed ('out_channel' was unexpected)"),
        ("layers: [{Conv2d: {out_channels: 6}}]", "'kernel_size' is a required property"),
        ("layers: [{Conv2d: {out_channels: {}, kernel_size: 3}}]",
         "{} is not of type 'string', 'number', 'boolean', 'null', 'array'"),
        ("layers: [{Conv2dd: {out_channels: 6}}]",
         "'Conv2dd' is not valid under any of the given schemas"),
        ("layers: [{ReLU: , Flatten: }]",
         "{'ReLU': None, 'Flatten': None} has too many properties"),
        ("{layers: [ReLU()], outputs: []}", "[] should be non-empty"),
        ("{layers: [ReLU()], blocks: {B: [ReLU()], 'B C': [ReLU()]}}", "'B C' does not match"),
    ],
)  # fmt: skip
def test_it_marks_mistakes(text: str, mistake: str) -> None:
    assert any(mistake in message for message in mistakes(text)), mistakes(text)
