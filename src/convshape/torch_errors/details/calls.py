"""Of arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import nearest
from ...readers.expressions.calls import usage
from ...readers.expressions.vocabulary import LAYERS
from ...shapetorch.nn.modules.constructor import signature

if TYPE_CHECKING:
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
    return {"made": given if given in LAYERS else None, "data": given not in LAYERS}


def called_with_other(found: Found) -> Found:
    if found["given"] in ("Tensor", "Parameter", "numpy.ndarray"):
        raise ValueError("a tensor, which is not what is wrong")
    return called_with(found)
