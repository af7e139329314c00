"""Random calls of attention, of the layers built from it and of their functions."""

from __future__ import annotations

from typing import Any, NamedTuple

from .choices import (
    KINDS,
    NOT_POSITIVE,
    Choice,
    Pick,
    arguments,
    as_size,
    flagged,
    mostly,
    often,
    parameters,
    some_of,
)
from .data import INPUT, Call, Case, Member, T


def changed(pick: Pick, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Pick `sizes` nearly always; or one of them other, one left out or one more."""
    if pick(range(24)) or not sizes:
        return sizes
    i = pick(range(len(sizes)))
    return pick(
        (
            (*sizes[:i], pick((0, 1, sizes[i] + 1)), *sizes[i + 1 :]),
            sizes[:i] + sizes[i + 1 :],
            (2, *sizes),
        )
    )


def kind_near(pick: Pick, usual: str) -> str:
    return pick(KINDS) if pick(range(48)) == 0 else usual


def mask_near(pick: Pick, sizes: tuple[int, ...], kind: str = "float32") -> T:
    return T(changed(pick, sizes), often(pick, ("bool", "bool", kind), KINDS))


class _Masks(NamedTuple):
    """What the masks of a call are about.

    Attributes:
        kind: the dtype that they may have besides bool.
        lead: the batch, if there is one.
        every: how many matrices a mask has that has one for each head.
    """

    kind: str
    lead: tuple[int, ...]
    every: int

    def attention(self, rows: int, columns: int) -> Choice:
        """Return the choice of what may not attend to what."""
        sizes = ((rows, columns), (rows, columns), (self.every, rows, columns))
        return lambda pick: mask_near(pick, pick(sizes), self.kind)

    def padding(self, length: int) -> Choice:
        """Return the choice of what is padding."""
        return lambda pick: mask_near(pick, (*self.lead, length), self.kind)


def _multihead_layer(
    pick: Pick, width: Any, heads: Any
) -> tuple[tuple[Any, ...], dict[str, Any], tuple[int, int, int]]:
    """Pick the arguments of the layer, and the features of queries, keys and values."""
    features = mostly((None, None, width), (3, 3, 6, 0, -1, True, 2.0))
    dims = {name: features(pick) for name in ("kdim", "vdim")}
    choices: dict[str, Choice] = {
        "embed_dim": (width,),
        "num_heads": (heads,),
        "dropout": mostly((0.0, 0.5), (1.5, -1, "x", None)),
        "bias": mostly((True, False), (None, 1)),
        **dict.fromkeys(("add_bias_kv", "add_zero_attn"), (True, False)),
        **{name: (size,) for name, size in dims.items()},
        "batch_first": mostly((True, True, False), (1, None)),
    }
    args, kwargs = arguments(pick, choices, 2)
    wide = as_size(width, 4)
    keys, values = (
        size if type(size) is int and size >= 0 else wide for size in map(kwargs.get, dims)
    )
    return args, kwargs, (wide, keys, values)


def multihead_attention(pick: Pick) -> Case:
    """MultiheadAttention, of itself and of others, with and without masks."""
    heads = often(pick, (1, 2, 2, 4), NOT_POSITIVE)
    width = often(pick, (4, 8), (6, 1, *NOT_POSITIVE))
    args, kwargs, (wide, keys, values) = _multihead_layer(pick, width, heads)
    batched = pick((True, True, True, False))
    batch, length, source = (often(pick, (1, 2, 3), (0,)) for _ in range(3))
    is_self = pick((True, False))
    source = length if is_self else source

    def sizes(sequence: int, features: int) -> tuple[int, ...]:
        lead = (batch, sequence) if kwargs.get("batch_first") else (sequence, batch)
        return (*(lead if batched else (sequence,)), features)

    own_dtype, kind = parameters(pick)
    kwargs |= own_dtype
    key = T(changed(pick, sizes(source, keys)), kind_near(pick, kind))
    value = T(changed(pick, sizes(source, values)), kind_near(pick, kind))
    others = (INPUT, INPUT) if is_self else (key, pick((key, value, value)))
    extra = ("add_bias_kv" in kwargs) + ("add_zero_attn" in kwargs)
    padded = often(pick, (source,), (source + extra,))
    count = (heads if type(heads) is int else 1) * (batch if batched else 1)
    attends = pick(((length, source), (length, source), (max(count, 0), length, source)))
    call = some_of(
        pick,
        key_padding_mask=lambda pick: mask_near(pick, (batch,) * batched + (padded,), kind),
        need_weights=mostly((False, True), (None, 1)),
        attn_mask=lambda pick: mask_near(pick, attends, kind),
        average_attn_weights=mostly((True, False), (None, 1)),
    )
    if pick((True, False, False)):
        call["is_causal"] = often(pick, (True, False), (None, 1))
    mode = pick((False, False, True))
    shape = changed(pick, sizes(length, wide))
    return Case("MultiheadAttention", args, kwargs, shape, kind, mode, call, others)


def transformer_layer(pick: Pick, decoder: bool) -> tuple[Member, int, bool]:
    """Pick a layer of a transformer, its features and whether the batch is first."""
    heads = often(pick, (1, 2, 2), NOT_POSITIVE)
    width = often(pick, (2, 4), (3, *NOT_POSITIVE))
    first = often(pick, (True, False), (1, None))
    functions = [Member(f"functional.{name}") for name in ("relu", "gelu")]
    functions += [Member(name, ()) for name in ("ReLU", "GLU")]
    choices: dict[str, Choice] = {
        "d_model": (width,),
        "nhead": (heads,),
        "dim_feedforward": mostly((3, 8), NOT_POSITIVE),
        "dropout": mostly((0.0, 0.5), (1.5, -1, "x", None)),
        "activation": mostly(("relu", "gelu", *functions), ("tanh", None, 3)),
        "layer_norm_eps": mostly((1e-5, 1), ("x", None, 0)),
        "batch_first": (first,),
        "norm_first": mostly((True, False), (1, None)),
        "bias": mostly((True, False), (None, 1)),
    }
    args, kwargs = arguments(pick, choices, 3)
    layer = Member(f"Transformer{'Decoder' if decoder else 'Encoder'}Layer", args, kwargs)
    return layer, as_size(width, 2), bool(kwargs.get("batch_first"))


def _transformer_arguments(
    pick: Pick, name: str, layer: Member, width: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Pick the arguments of a transformer, or of an encoder or decoder of one layer repeated."""
    args, kwargs = layer.args or (), layer.kwargs
    if name in ("Encoder", "Decoder"):
        dtype = {"dtype": kwargs["dtype"]} if "dtype" in kwargs else {}
        norm = Member("LayerNorm", (often(pick, (width,), (3,)),), dtype)
        copied = often(pick, (layer,), (Member("Linear", (width, width)), None))
        count = often(pick, (1, 2), (0, -1, 2.0, None, True))
        nested = {"enable_nested_tensor": pick((True, False))}
        named = nested if name == "Encoder" and pick((True, False)) else {}
        return (copied, count, *pick(((), (norm,), (None,)))), named
    if not name:
        layers = mostly((1, 1, 2), (0, -1))
        counts = {f"num_{part}_layers": layers(pick) for part in ("encoder", "decoder")}
        kwargs = kwargs | counts | {"dim_feedforward": args[2]}
        args = args[:2]
        if pick(range(8)) == 0:
            kwargs["custom_encoder"] = pick((Member("TransformerEncoder", (layer, 1)), 3))
    return args, kwargs


_CAUSAL = mostly((False, None), (True, 1))


def _encoder_masks(name: str, masks: _Masks, length: int) -> dict[str, Choice]:
    argument = "src_mask" if name == "EncoderLayer" else "mask"
    return {
        argument: masks.attention(length, length),
        "src_key_padding_mask": masks.padding(length),
        "is_causal": _CAUSAL,
    }


def _decoder_masks(masks: _Masks, length: int, source: int) -> dict[str, Choice]:
    """Return the masks of a decoder of `source` elements that reads `length`."""
    return {
        "memory_mask": masks.attention(source, length),
        "tgt_mask": masks.attention(source, source),
        "tgt_key_padding_mask": masks.padding(source),
        "memory_key_padding_mask": masks.padding(length),
        **dict.fromkeys(("tgt_is_causal", "memory_is_causal"), _CAUSAL),
    }


def transformer(pick: Pick) -> Case:
    """Transformer, its encoder and decoder, and their layers."""
    name = pick(("EncoderLayer", "DecoderLayer", "Encoder", "Decoder", ""))
    layer, width, first = transformer_layer(pick, "Decoder" in name)
    own_dtype, kind = parameters(pick)
    layer = Member(layer.name, layer.args, layer.kwargs | own_dtype)
    args, kwargs = _transformer_arguments(pick, name, layer, width)
    batched = pick((True, True, False))
    batch, length, source = (often(pick, (1, 2, 3), (0,)) for _ in range(3))

    def sequence(n: int) -> tuple[int, ...]:
        lead = (batch, n) if first else (n, batch)
        return changed(pick, (*(lead if batched else (n,)), width))

    heads = kwargs.get("nhead", args[1] if len(args) > 1 and type(args[1]) is int else 1)
    every = max(heads, 0) * (batch if batched else 1)
    masks = _Masks(kind, (batch,) * batched, every)
    src, tgt = sequence(length), sequence(source)
    if name.startswith("Encoder"):
        mode = pick((False, False, True))
        call = some_of(pick, **_encoder_masks(name, masks, length))
        return Case(f"Transformer{name}", args, kwargs, src, kind, mode, call)
    inputs, choices = (tgt, src), _decoder_masks(masks, length, source)
    if not name:
        inputs = (src, tgt)
        choices |= {"src_mask": masks.attention(length, length)}
        choices |= {"src_key_padding_mask": masks.padding(length), "src_is_causal": _CAUSAL}
    call = {n: value for n, value in some_of(pick, **choices).items() if pick((True, False))}
    mode = pick((False, False, True))
    others = (T(inputs[1], kind_near(pick, kind)),)
    return Case(f"Transformer{name}", args, kwargs, inputs[0], kind, mode, call, others)


def _broadcast(pick: Pick, sizes: tuple[int, ...]) -> tuple[int, ...]:
    result = tuple(often(pick, (n, n, n, 1), (n + 1,)) for n in sizes)
    return result[pick((0, 0, 0, len(result), 1)) :]


def _without_luck(tensors: list[T], grouped: Any) -> list[T]:
    """Return queries, keys and values of which torch says the same by whatever way it computes."""
    if grouped:  # it divides by the heads of the keys, and dies of none
        tensors = [
            tensor if len(tensor.shape) < 3 or tensor.shape[-3] else T((1, *tensor.shape[-2:]))
            for tensor in tensors
        ]
    if any(0 in tensor.shape for tensor in tensors):  # of nothing it makes other dtypes
        tensors = [T(tensor.shape) for tensor in tensors]
    q, k, v = tensors
    if q.shape[-1:] != v.shape[-1:]:
        return tensors
    # Its fused computation does not look whether there are as many values as keys.
    return [q, k, T((*v.shape[:-2], *k.shape[-2:-1], *v.shape[-1:]), v.dtype)]


def dot_product_attention(pick: Pick) -> Call:
    """F.scaled_dot_product_attention."""
    lead = tuple(often(pick, (1, 2, 3), (0,)) for _ in range(pick((0, 1, 2, 2, 2, 3))))
    length, source = (often(pick, (1, 2, 3), (0,)) for _ in range(2))
    width, values = often(pick, (4, 2, 8), (0, 1)), often(pick, (4, 2), (0, 1))
    kind = often(pick, ("float32", "float32", "float64", "float16", "bfloat16"), KINDS)
    alike = pick((True, True, False))
    leads = [lead if alike else _broadcast(pick, lead) for _ in range(3)]
    chosen: dict[str, Any] = {}
    if pick((True, False, False)) and len(lead) > 1:
        chosen["enable_gqa"] = flagged(pick)
        heads = pick((1, 2, 4))
        leads[0] = (*lead[:-1], heads * pick((1, 2, 3)))
        leads[1:] = [(*lead[:-1], often(pick, (heads,), (1, 3))) for _ in range(2)]
    sizes = [(*leads[0], length, width), (*leads[1], source, width), (*leads[2], source, values)]
    tensors = [T(changed(pick, size), kind_near(pick, kind)) for size in sizes]
    tensors = _without_luck(tensors, chosen.get("enable_gqa"))
    weights = (*lead, length, source)
    if pick((True, False, False)):
        mask = pick(((length, source), weights, _broadcast(pick, weights), changed(pick, weights)))
        chosen["attn_mask"] = T(mask, often(pick, ("bool", kind, "float32"), KINDS))
    if pick((True, False, False)) and (pick(range(8)) == 0 or "attn_mask" not in chosen):
        chosen["is_causal"] = flagged(pick)
    chosen |= some_of(
        pick,
        dropout_p=mostly((0.0, 0, 0.0), (1.5, "x", None, 0.5, 1)),
        scale=mostly((None, 0.5, 1), ("x", True, 0)),
    )
    return Call("nn.functional.scaled_dot_product_attention", tuple(tensors), chosen)


_FLAGS: dict[str, Choice] = {
    "training": (True, False),
    **dict.fromkeys(("need_weights", "average_attn_weights"), flagged),
    "is_causal": mostly((False,), (True,)),
}


def multi_head_attention(pick: Pick) -> Call:
    """F.multi_head_attention_forward, with weights of its own."""
    width, heads = often(pick, (4, 2), (0, 3)), often(pick, (1, 2), (0, 4, 2.0, True))
    batch, length, source = (often(pick, (1, 2), (0,)) for _ in range(3))
    keys, values = (often(pick, (width,), (3,)) for _ in range(2))
    # torch does not look at what multiplies nothing.
    something = batch and length and source and width
    kind = often(pick, ("float32",), KINDS if something else ("float64",))

    def some(*sizes: int) -> Any:
        near = T(changed(pick, sizes), kind_near(pick, kind)) if something else T(sizes, kind)
        return often(pick, (near,), (None,))

    batched = pick((True, False))
    inputs = tuple(
        T(changed(pick, (n, *(batch,) * batched, w)), kind_near(pick, kind))
        for n, w in ((length, width), (source, keys), (source, values))
    )
    separate = pick((True, False))
    bias = pick((True, False)) and some(3 * width)
    extra = pick((True, False)) and (some(1, 1, width), some(1, 1, width))
    args = (
        *inputs, often(pick, (width,), (5,)), heads,
        None if separate else some(3 * width, width), bias or None, *(extra or (None, None)),
        pick((True, False)), often(pick, (0.0,), (2, None)),
        T(changed(pick, (width, width)), kind), pick((None, T((width,), kind))),
    )  # fmt: skip
    named: dict[str, Any] = {"use_separate_proj_weight": separate}
    for letter, w in (("q", width), ("k", keys), ("v", values)) if separate else ():
        named[f"{letter}_proj_weight"] = some(width, w)
    named |= some_of(pick, **_FLAGS)
    every = (batch if batched else 1) * int(heads)
    if not extra and pick(range(3)) == 0 and int(heads):
        static = (every, source, width // int(heads))
        named |= {f"static_{n}": T(changed(pick, static), kind) for n in pick(("k", "v", "kv"))}
    if pick(range(3)) == 0:
        attends = pick(((length, source), (every, length, source)))
        named["attn_mask"] = mask_near(pick, attends, kind)
    if pick(range(3)) == 0:
        padded = (*(batch,) * batched, source + bool(extra) + args[9])
        named["key_padding_mask"] = mask_near(pick, padded, kind)
    return Call("nn.functional.multi_head_attention_forward", args, named)
