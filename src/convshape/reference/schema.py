"""The JSON Schema of network files, with which editors complete them and mark mistakes."""

from __future__ import annotations

from typing import Any

from ..readers.expressions.calls import usage
from ..readers.expressions.vocabulary import INFERRED, LAYERS, MODULES, SPACES
from ..shapetorch.nn.modules.constructor import REQUIRED, signature, takes_any
from .examples import EXAMPLES

Schema = dict[str, Any]

_NAME = r"^[^\W\d]\w*$"
_SIGNATURE = r"^\s*[^\W\d]\w*\s*(\(.*\)\s*){0,2}$"
_SCALAR = ["string", "number", "boolean", "null"]


def schema() -> Schema:
    """Return the JSON Schema (draft 7, which editors know) of a network file."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "convshape network file",
        "type": "object",
        "required": ["layers"],
        "additionalProperties": False,
        "not": {"required": ["input", "inputs"]},
        "properties": _properties(),
        # Where there are no blocks, only the vocabulary can be called.
        "if": {"not": {"required": ["blocks"]}},
        "then": {"properties": {"layers": {"additionalProperties": _KNOWN, "items": _KNOWN}}},
        "definitions": _definitions(),
    }


def _properties() -> Schema:
    """Return the schema of each key of a network file."""
    return {
        "name": {"type": "string", "description": "The network's name; the file's unless given."},
        "input": _described(
            "shape", "One sample, channels first: 3x32x32; the batch axis N is added."
        ),
        "inputs": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": _NAME},
            "additionalProperties": {"$ref": "#/definitions/shape"},
            "description": "Several inputs by name, a sample of each: "
            "{image: 3x32x32, text: int64:77}.",
        },
        "batch": _described("expression", "Samples in a batch; 1 unless given."),
        "vars": {
            "type": "object",
            "propertyNames": {"pattern": _NAME},
            "additionalProperties": {"$ref": "#/definitions/expression"},
            "description": "Constants for every expression; --set NAME=VALUE gives another value.",
        },
        "blocks": {
            "type": "object",
            "propertyNames": {"pattern": _SIGNATURE},
            "additionalProperties": {"$ref": "#/definitions/body"},
            "description": "Parts to be used like layers: Name(argument, argument=default): "
            "its layers.",
        },
        "layers": _described(
            "body", "A mapping of names to layers, or a list. The last is the output."
        ),
        "outputs": {
            "type": ["string", "array"],
            "minItems": 1,
            "items": {"type": "string"},
            "description": "Names of the values that come out; the last unless given.",
        },
    }


def _definitions() -> Schema:
    """Return the schemas that others refer to."""
    return {
        "shape": {
            "type": ["string", "integer", "array"],
            "minLength": 1,
            "minItems": 1,
            "items": {"type": ["string", "integer"]},
        },
        "expression": {"type": _SCALAR},
        "argument": {"type": [*_SCALAR, "array"], "items": {"$ref": "#/definitions/argument"}},
        "arguments": {
            "type": [*_SCALAR, "array", "object"],
            "items": {"$ref": "#/definitions/argument"},
            "additionalProperties": {"$ref": "#/definitions/argument"},
        },
        "body": {
            "type": ["object", "array"],
            "minProperties": 1,
            "minItems": 1,
            "additionalProperties": {"$ref": "#/definitions/value"},
            "items": {"$ref": "#/definitions/value"},
        },
        "value": {
            "type": ["string", "number", "object"],
            "minLength": 1,
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {name: _call(name) for name in LAYERS},
            "additionalProperties": {"$ref": "#/definitions/arguments"},
            "examples": [call for call, _ in EXAMPLES.values()],
        },
    }


def _described(definition: str, description: str) -> Schema:
    return {"allOf": [{"$ref": f"#/definitions/{definition}"}], "description": description}


def _call(name: str) -> Schema:
    """Return the schema of a layer as a mapping: ``{Conv2d: {out_channels: 6, stride: 2}}``."""
    taken = signature(LAYERS[name])
    required = [
        word for word, default in taken.items() if default is REQUIRED and word not in INFERRED
    ]
    return {
        "description": usage(name, LAYERS[name]),
        "type": [*_SCALAR, "array", "object"],
        "items": {"$ref": "#/definitions/argument"},
        "properties": {word: {"$ref": "#/definitions/argument"} for word in taken},
        "required": required,
        "additionalProperties": any(takes_any(LAYERS[name])),
    }


_KNOWN: Schema = {
    "propertyNames": {
        "anyOf": [
            {"enum": sorted(SPACES[""])},
            {"pattern": rf"^(torch\.)?(nn|F|torch|{'|'.join(MODULES)})\."},
        ]
    }
}
