"""Random calls of recurrent layers and embeddings."""

from __future__ import annotations

import math
from typing import Any

from .choices import (
    NOT_POSITIVE,
    Choice,
    Pick,
    any_shape,
    arguments,
    as_size,
    mostly,
    often,
    parameters,
)
from .data import Case, D, T


def embedding(pick: Pick) -> Case:
    """Embedding."""
    choices: dict[str, Choice] = {
        "num_embeddings": mostly((1, 2, 5), (0, -1, True, 2.0, None)),
        "embedding_dim": mostly((1, 3, 8), (0, -1, True, 2.0, None)),
        "padding_idx": (None, 0, 1, -1, 2, -2, 5, -6),
        "max_norm": (None, 1.0),
        "norm_type": (2.0, 1.0, 2),
        **dict.fromkeys(("scale_grad_by_freq", "sparse"), (True, False)),
    }
    args, kwargs = arguments(pick, choices, 2)
    shape = any_shape(pick)
    kind = often(pick, ("int64", "int32"), ("float32", "bool", "uint8"))
    return Case("Embedding", args, kwargs, shape, kind)


def recurrent(pick: Pick) -> Case:
    """RNN, LSTM and GRU, with and without initial states."""
    layer = pick(("RNN", "LSTM", "GRU"))
    features = often(pick, (1, 2, 3), NOT_POSITIVE)
    hidden = often(pick, (2, 3, 4), (1, *NOT_POSITIVE))
    layers = often(pick, (1, 2), (3, 0, -1, True))
    both, first = often(pick, (True, False), (1, None)), often(pick, (True, False), (1, None))
    choices: dict[str, Choice] = {
        "input_size": (features,),
        "hidden_size": (hidden,),
        "num_layers": (layers,),
    }
    if layer == "RNN":
        choices["nonlinearity"] = mostly(("tanh", "relu"), ("gelu", None))
    choices |= {
        "bias": mostly((True, False), (None, 1)),
        "batch_first": (first,),
        "dropout": mostly((0, 0.5, 1), (-0.1, 1.1, True)),
        "bidirectional": (both,),
    }
    projected = layer == "LSTM" and pick((True, False))
    width = often(pick, (0, 1, 2), (-1, 4))
    args, kwargs = arguments(pick, choices, 2)
    if projected:
        kwargs["proj_size"] = width
    batched = pick((True, True, False))
    n, length = often(pick, (1, 2), (0,)), often(pick, (1, 3), (0,))
    size = ((n, length) if kwargs.get("batch_first") else (length, n)) if batched else (length,)
    shape = (*size, often(pick, (as_size(features, 2),), (1, 4)))
    if pick(range(20)) == 0:
        shape = any_shape(pick)
    named, kind = parameters(pick)
    kwargs |= named
    if pick((True, False)) or type(hidden) is not int or hidden < 0:
        return Case(layer, args, kwargs, shape, kind)
    count = kwargs.get("num_layers", 1) * (2 if kwargs.get("bidirectional") else 1)
    lead = (max(count, 0), *(n,) * batched)
    out = width if projected and width > 0 else hidden
    return Case(
        layer, args, kwargs, shape, kind, others=(_states(pick, layer, lead, out, hidden, kind),)
    )


def _states(pick: Pick, layer: str, lead: tuple[int, ...], out: int, hidden: int, kind: str) -> Any:
    """Pick the initial states: one, or of an LSTM two, of which the first is as wide as `out`."""
    # With half precision it depends on the processor what else may be a state.
    others = (
        (kind,) if kind in ("float16", "bfloat16") else ("float64", "float32", "int64", "complex64")
    )

    def state(wide: int) -> T:
        sizes = tuple(often(pick, (n,) * 3, (n + 1, 1)) for n in (*lead, wide))
        return T(often(pick, (sizes,), (sizes[1:], (1, *sizes))), often(pick, (kind,), others))

    if layer != "LSTM":
        return state(out)
    both = state(out), state(hidden)
    return often(pick, (both,), (both[0], both[:1], [*both]))


def recurrent_cell(pick: Pick) -> Case:
    """RNNCell, LSTMCell and GRUCell."""
    layer = pick(("RNNCell", "LSTMCell", "GRUCell"))
    features, hidden = often(pick, (1, 2, 3), NOT_POSITIVE), often(pick, (1, 2, 3), NOT_POSITIVE)
    choices: dict[str, Choice] = {
        "input_size": (features,),
        "hidden_size": (hidden,),
        "bias": mostly((True, False), (None, 1)),
    }
    if layer == "RNNCell":
        choices["nonlinearity"] = mostly(("tanh", "relu"), ("gelu", None))
    args, kwargs = arguments(pick, choices, 2)
    lead = often(pick, ((), (1,), (2,)), ((0,), (1, 2)))
    shape = (*lead, often(pick, (as_size(features, 2),), (1, 4)))
    named, kind = parameters(pick)
    kwargs |= named
    wide = as_size(hidden, 2)

    def state() -> T:
        sizes = (*lead, often(pick, (wide,), (1, 4)))
        return T(
            often(pick, (sizes,), (sizes[1:], (1, *sizes), (3, wide))),
            often(pick, (kind,), ("float64",)),
        )

    if pick((True, False)):
        return Case(layer, args, kwargs, shape, kind)
    states = [state(), state()]
    # torch crashes on a state of more dimensions than the input, or broadcasts it; convshape
    # refuses it.
    states = [item if len(item.shape) <= len(shape) else T((*lead, wide), kind) for item in states]
    hx: Any = tuple(states) if layer == "LSTMCell" else states[0]
    return Case(layer, args, kwargs, shape, kind, others=(hx,))


def embedding_bag(pick: Pick) -> Case:
    """EmbeddingBag, of rows and of offsets."""
    rows = often(pick, (1, 2, 5), (0, -1, True, 2.0, None))
    choices: dict[str, Choice] = {
        "num_embeddings": (rows,),
        "embedding_dim": mostly((1, 3, 8), (-1, True, 2.0, None)),
        "max_norm": (None, 1.0),
        "norm_type": (2.0, 1.0, 2),
        "scale_grad_by_freq": mostly((False, True), (1, None)),
        "mode": mostly(("sum", "mean", "max"), ("min", None)),
        "sparse": mostly((False, True), (1, None)),
        "include_last_offset": mostly((False, True), (1, None)),
        "padding_idx": (None, 0, 1, -1, 2, -2, 5, -6),
    }
    args, kwargs = arguments(pick, choices, 2)
    named, _ = parameters(pick)
    kind = often(pick, ("int64", "int32"), ("float32", "bool", "uint8"))
    n, length = often(pick, (1, 2, 3), (0,)), often(pick, (1, 3), (0,))
    shape = often(pick, ((n, length), (length,)), ((), (n, length, 1)))
    call: dict[str, Any] = {}
    if (len(shape) == 1) != (pick(range(12)) == 0):
        counts = often(pick, ((1,), (2,), (3,)), ((0,), (), (1, 1)))
        offsets: Any = 0
        if math.prod(shape) and (kwargs.get("include_last_offset") or counts == (0,)):
            # torch believes that there are bags and that the last offset is the number of indices.
            # Where it is not so, it writes beyond its memory.
            counts, offsets = (2,), (0, math.prod(shape))
        call["offsets"] = T(counts, often(pick, ("int64", "int32"), ("float32",)), offsets)
    if pick(range(4)) == 0:
        dtype = named.get("dtype", D("float32")).name
        weights = T(
            often(pick, (shape,), (shape[1:], (*shape, 1))), often(pick, (dtype,), ("float64",))
        )
        call["per_sample_weights"] = weights
    return Case("EmbeddingBag", args, kwargs | named, shape, kind, call=call)
