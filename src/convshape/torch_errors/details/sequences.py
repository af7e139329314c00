"""Of recurrent layers and attention."""

from __future__ import annotations

import re

from ...shapetorch.arguments import divisor_near
from .common import Found

#: What people ask of an output.
_OF_TENSORS = frozenset(
    "shape size dim ndim view reshape flatten squeeze unsqueeze permute transpose contiguous float "
    "to detach cpu mean sum log_softmax relu max argmax backward item".split()
)


def rnn(found: Found) -> Found:
    name = re.search(r"\b(LSTM|GRU|RNN)\b", found["line"])
    wanted, given = found.get("wanted", ()), found.get("given", ())
    states = isinstance(given, tuple) and len(wanted) == len(given) == 3
    differ = states and wanted[1] != given[1]
    return {
        "rnn": name[1] if name else "LSTM, GRU or RNN",
        "batch": given[1] if differ else None,
        "other": wanted[1] if differ else None,
    }


def rnn_dimensions(found: Found) -> Found:
    return {"many": found["given"] > 3, "two": found["given"] == 2, "few": found["given"] < 2}


def rnn_tuple(found: Found) -> Found:
    attribute = found.get("attribute")
    if attribute is not None and attribute not in _OF_TENSORS:
        raise ValueError("no attribute of a tensor")
    what = f".{attribute} is asked of" if attribute else f"{found['function']} receives"
    return {"what": what}


def attention_mask(found: Found) -> Found:
    wanted, given = found["wanted"], found["given"]
    repeated = len(wanted) == len(given) == 3 and wanted[1:] == given[1:]
    heads = wanted[0] // given[0] if repeated and given[0] and wanted[0] % given[0] == 0 else None
    return {"heads": heads}


def attention_heads(found: Found) -> Found:
    call = re.search(
        r"(MultiheadAttention|Transformer\w+)\(\D{0,12}(\d{1,9}), *\D{0,12}(\d{1,9})", found["line"]
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
