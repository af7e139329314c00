"""Of arguments."""

from __future__ import annotations

import re

from ...errors import nearest
from ...readers.expressions.calls import usage
from ...readers.expressions.vocabulary import LAYERS
from ...shapetorch.nn.modules.constructor import REQUIRED, signature
from .common import Fields


def padding_text(fields: Fields) -> Fields:
    lower = fields["given"].lower()
    return {"near": lower if lower in ("same", "valid") else None}


def called_layer(fields: Fields) -> Fields:
    layer = fields["called"].split()[-1]
    if layer not in LAYERS:
        raise ValueError("a class of the user's own")
    return {"layer": layer, "usage": usage(layer, LAYERS[layer])}


def unknown_argument(fields: Fields) -> Fields:
    known = called_layer(fields)
    return known | {"near": nearest(fields["name"], signature(LAYERS[known["layer"]]))}


def called_with(fields: Fields) -> Fields:
    receiver = fields["given"]
    other = {
        "made": receiver if receiver in LAYERS else None,
        "method": "method" in receiver,
        "packed": receiver == "PackedSequence",
        "output": re.search(r"Output(With\w+)?$", receiver) is not None,
        "key": receiver == "str",
    }
    return other | {"data": not any(other.values())}


def size_kind(fields: Fields) -> Fields:
    is_float, several = (fields["given"] in kinds for kinds in (("float",), ("tuple", "list")))
    return {"float": is_float, "several": several, "other": not (is_float or several)}


def called_with_other(fields: Fields) -> Fields:
    is_size = fields["function"].endswith("empty")
    if is_size or fields["given"] in ("Tensor", "Parameter", "numpy.ndarray"):
        raise ValueError("a tensor, or a size, which is not what is wrong")
    return called_with(fields)


def not_called(fields: Fields) -> Fields:
    if fields["made"] not in LAYERS:
        raise ValueError("not a layer of torch's")
    return {}


def missing_inputs(fields: Fields) -> Fields:
    names = re.findall(r"'(\w+)'", fields["message"])
    return {"names": ", ".join(names), "them": "it" if len(names) == 1 else "them"}


def dictionary(fields: Fields) -> Fields:
    moved = fields["name"] in ("to", "cuda", "cpu")
    return {"moved": moved, "read": not moved}


def member(fields: Fields) -> Fields:
    if not fields["owner"][:1].isupper() or fields["owner"] == "Tensor":
        raise ValueError("no class of a module")
    return {}


def forward_arguments(fields: Fields) -> Fields:
    if fields["layer"] not in LAYERS:
        raise ValueError("a class of the user's own")
    inputs = [n for n, d in signature(LAYERS[fields["layer"]].forward).items() if d is REQUIRED]
    return {"inputs": ", ".join(inputs[1:]), "attention": "key" in inputs}
