"""Of arguments."""

from __future__ import annotations

from ...errors import nearest
from ...readers.expressions.calls import usage
from ...readers.expressions.vocabulary import LAYERS
from ...shapetorch.nn.modules.constructor import REQUIRED, signature
from .common import Found


def padding_text(found: Found) -> Found:
    lower = found["given"].lower()
    return {"near": lower if lower in ("same", "valid") else None}


def called_layer(found: Found) -> Found:
    layer = found["called"].split()[-1]
    if layer not in LAYERS:
        raise ValueError("a class of the user's own")
    return {"layer": layer, "usage": usage(layer, LAYERS[layer])}


def unknown_argument(found: Found) -> Found:
    known = called_layer(found)
    return known | {"near": nearest(found["name"], signature(LAYERS[known["layer"]]))}


def called_with(found: Found) -> Found:
    given = found["given"]
    is_layer, is_method = given in LAYERS, "method" in given
    data = not (is_layer or is_method)
    return {"made": given if is_layer else None, "method": is_method, "data": data}


def size_kind(found: Found) -> Found:
    return {"float": found["given"] == "float", "other": found["given"] != "float"}


def called_with_other(found: Found) -> Found:
    if found["given"] in ("Tensor", "Parameter", "numpy.ndarray"):
        raise ValueError("a tensor, which is not what is wrong")
    return called_with(found)


def not_called(found: Found) -> Found:
    if found["made"] not in LAYERS:
        raise ValueError("not a layer of torch's")
    return {}


def member(found: Found) -> Found:
    if not found["owner"][:1].isupper() or found["owner"] == "Tensor":
        raise ValueError("no class of a module")
    return {}


def forward_arguments(found: Found) -> Found:
    if found["layer"] not in LAYERS:
        raise ValueError("a class of the user's own")
    inputs = [n for n, d in signature(LAYERS[found["layer"]].forward).items() if d is REQUIRED]
    return {"inputs": ", ".join(inputs[1:]), "attention": "key" in inputs}
