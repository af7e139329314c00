"""Of recurrent layers and attention."""

from __future__ import annotations

import re

from ...shapetorch.arguments import divisor_near
from .common import Fields

#: What people ask of an output.
_OF_TENSORS = frozenset(
    "shape size dim ndim view reshape flatten squeeze unsqueeze permute transpose contiguous float "
    "to detach cpu mean sum log_softmax relu max argmax backward item".split()
)


def rnn(fields: Fields) -> Fields:
    name = re.search(r"\b(LSTM|GRU|RNN)\b", fields["line"])
    wanted, received = fields.get("wanted", ()), fields.get("given", ())
    states = isinstance(received, tuple) and len(wanted) == len(received) == 3
    differ = states and wanted[1] != received[1]
    return {
        "rnn": name[1] if name else "LSTM, GRU or RNN",
        "batch": received[1] if differ else None,
        "other": wanted[1] if differ else None,
    }


def rnn_dimensions(fields: Fields) -> Fields:
    return {"many": fields["given"] > 3, "two": fields["given"] == 2, "few": fields["given"] < 2}


def rnn_tuple(fields: Fields) -> Fields:
    attribute = fields.get("attribute")
    if attribute is not None and attribute not in _OF_TENSORS:
        raise ValueError("no attribute of a tensor")
    what = f".{attribute} is asked of" if attribute else f"{fields['function']} receives"
    return {"what": what}


def attention_mask(fields: Fields) -> Fields:
    wanted, received = fields["wanted"], fields["given"]
    repeated = len(wanted) == len(received) == 3 and wanted[1:] == received[1:]
    heads = (
        wanted[0] // received[0]
        if repeated and received[0] and wanted[0] % received[0] == 0
        else None
    )
    return {"heads": heads}


def attention_heads(fields: Fields) -> Fields:
    call = re.search(
        r"(MultiheadAttention|Transformer\w+)\(\D{0,12}(\d{1,9}), *\D{0,12}(\d{1,9})",
        fields["line"],
    )
    if call is None or int(call[3]) < 1:
        return dict.fromkeys(("name", "features", "heads", "near", "more")) | {"unknown": True}
    features, heads = int(call[2]), int(call[3])
    return {
        "name": call[1],
        "features": features,
        "heads": heads,
        "near": divisor_near(features, heads),
        "more": -(-features // heads) * heads,
        "unknown": False,
    }
