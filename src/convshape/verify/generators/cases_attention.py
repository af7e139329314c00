"""Random calls of attention and of the layers built from it."""

from __future__ import annotations

from typing import Any

from .cases import (
    INPUT,
    KINDS,
    NOT_POSITIVE,
    Case,
    Choice,
    Member,
    Pick,
    T,
    arguments,
    mostly,
    often,
    parameters,
    some_of,
)


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


def multihead_attention(pick: Pick) -> Case:
    """MultiheadAttention, of itself and of others, with and without masks."""
    heads = often(pick, (1, 2, 2, 4), NOT_POSITIVE)
    width = often(pick, (4, 8), (6, 1, *NOT_POSITIVE))
    dims = {
        n: often(pick, (None, None, width), (3, 3, 6, 0, -1, True, 2.0)) for n in ("kdim", "vdim")
    }
    choices: dict[str, Choice] = {
        "embed_dim": (width,),
        "num_heads": (heads,),
        "dropout": mostly((0.0, 0.5), (1.5, -1, "x", None)),
        "bias": mostly((True, False), (None, 1)),
        "add_bias_kv": (True, False),
        "add_zero_attn": (True, False),
        "kdim": (dims["kdim"],),
        "vdim": (dims["vdim"],),
        "batch_first": mostly((True, True, False), (1, None)),
    }
    args, kwargs = arguments(pick, choices, 2)
    wide = max(width, 0) if type(width) is int else 4
    kdim, vdim = (
        (d if type(d) is int and d >= 0 else wide) for d in map(kwargs.get, ("kdim", "vdim"))
    )
    batched = pick((True, True, True, False))
    batch, length, source = (often(pick, (1, 2, 3), (0,)) for _ in range(3))
    own = pick((True, False))
    source = length if own else source

    def sizes(sequence: int, features: int) -> tuple[int, ...]:
        lead = (batch, sequence) if kwargs.get("batch_first") else (sequence, batch)
        return (*(lead if batched else (sequence,)), features)

    own_dtype, kind = parameters(pick)
    kwargs |= own_dtype
    key = T(changed(pick, sizes(source, kdim)), kind_near(pick, kind))
    value = T(changed(pick, sizes(source, vdim)), kind_near(pick, kind))
    others = (INPUT, INPUT) if own else (key, pick((key, value, value)))
    extra = ("add_bias_kv" in kwargs) + ("add_zero_attn" in kwargs)
    padded = often(pick, (source,), (source + extra,))
    count = (heads if type(heads) is int else 1) * (batch if batched else 1)
    attends = pick(((length, source), (length, source), (max(count, 0), length, source)))
    call = some_of(
        pick,
        key_padding_mask=lambda _: mask_near(pick, (batch, padded) if batched else (padded,), kind),
        need_weights=mostly((False, True), (None, 1)),
        attn_mask=lambda _: mask_near(pick, attends, kind),
        average_attn_weights=mostly((True, False), (None, 1)),
    )
    if pick((True, False, False)):
        call["is_causal"] = often(pick, (True, False), (None, 1))
    training = pick((False, False, True))
    return Case(
        "MultiheadAttention",
        args,
        kwargs,
        changed(pick, sizes(length, wide)),
        kind,
        training,
        call,
        others,
    )


def transformer_layer(pick: Pick, decoder: bool) -> tuple[Member, int, bool]:
    """Pick a layer of a transformer, its features and whether the batch is first."""
    heads = often(pick, (1, 2, 2), NOT_POSITIVE)
    width = often(pick, (2, 4), (3, *NOT_POSITIVE))
    first = often(pick, (True, False), (1, None))
    relu = Member("functional.relu")
    choices: dict[str, Choice] = {
        "d_model": (width,),
        "nhead": (heads,),
        "dim_feedforward": mostly((3, 8), NOT_POSITIVE),
        "dropout": mostly((0.0, 0.5), (1.5, -1, "x", None)),
        "activation": mostly(
            (
                "relu",
                "gelu",
                relu,
                Member("functional.gelu"),
                Member("ReLU", ()),
                Member("GLU", ()),
            ),
            ("tanh", None, 3),
        ),
        "layer_norm_eps": mostly((1e-5, 1), ("x", None, 0)),
        "batch_first": (first,),
        "norm_first": mostly((True, False), (1, None)),
        "bias": mostly((True, False), (None, 1)),
    }
    args, kwargs = arguments(pick, choices, 3)
    layer = Member(f"Transformer{'Decoder' if decoder else 'Encoder'}Layer", args, kwargs)
    return layer, (max(width, 0) if type(width) is int else 2), bool(kwargs.get("batch_first"))


def transformer(pick: Pick) -> Case:
    """Transformer, its encoder and decoder, and their layers."""
    name = pick(("EncoderLayer", "DecoderLayer", "Encoder", "Decoder", ""))
    layer, width, first = transformer_layer(pick, "Decoder" in name)
    own_dtype, kind = parameters(pick)
    layer = Member(layer.name, layer.args, layer.kwargs | own_dtype)
    args, kwargs = layer.args or (), layer.kwargs
    if name in ("Encoder", "Decoder"):
        norm = Member("LayerNorm", (often(pick, (width,), (3,)),), own_dtype)
        copied = often(pick, (layer,), (Member("Linear", (width, width)), None))
        args = (
            copied,
            often(pick, (1, 2), (0, -1, 2.0, None, True)),
            *pick(((), (norm,), (None,))),
        )
        kwargs = {}
        if name == "Encoder" and pick((True, False)):
            kwargs = {"enable_nested_tensor": pick((True, False))}
    elif not name:
        layers = {
            n: often(pick, (1, 1, 2), (0, -1)) for n in ("num_encoder_layers", "num_decoder_layers")
        }
        kwargs = kwargs | layers | {"dim_feedforward": args[2]}
        args = args[:2]
        if pick(range(8)) == 0:
            kwargs["custom_encoder"] = pick((Member("TransformerEncoder", (layer, 1)), 3))
    batched = pick((True, True, False))
    batch, length, source = (often(pick, (1, 2, 3), (0,)) for _ in range(3))

    def sequence(n: int) -> tuple[int, ...]:
        lead = (batch, n) if first else (n, batch)
        return changed(pick, (*(lead if batched else (n,)), width))

    heads = kwargs.get("nhead", args[1] if len(args) > 1 and type(args[1]) is int else 1)

    def mask(rows: int, columns: int) -> Any:
        every = (max(heads, 0) * (batch if batched else 1), rows, columns)
        return mask_near(pick, pick(((rows, columns), (rows, columns), every)), kind)

    def padding(n: int) -> Any:
        return mask_near(pick, (batch, n) if batched else (n,), kind)

    causal = mostly((False, None), (True, 1))

    src, tgt = sequence(length), sequence(source)
    if name.startswith("Encoder"):
        own = {"src_mask" if name == "EncoderLayer" else "mask": lambda _: mask(length, length)}
        own |= {"src_key_padding_mask": lambda _: padding(length), "is_causal": causal}
        return Case(
            f"Transformer{name}",
            args,
            kwargs,
            src,
            kind,
            pick((False, False, True)),
            some_of(pick, **own),
        )
    own = {
        "memory_mask": lambda _: mask(source, length),
        "tgt_mask": lambda _: mask(source, source),
        "tgt_key_padding_mask": lambda _: padding(source),
        "memory_key_padding_mask": lambda _: padding(length),
        "tgt_is_causal": causal,
        "memory_is_causal": causal,
    }
    given = (tgt, src)
    if not name:
        own |= {
            "src_mask": lambda _: mask(length, length),
            "src_key_padding_mask": lambda _: padding(length),
            "src_is_causal": causal,
        }
        given = (src, tgt)
    call = {n: each for n, each in some_of(pick, **own).items() if pick((True, False))}
    training = pick((False, False, True))
    return Case(
        f"Transformer{name}",
        args,
        kwargs,
        given[0],
        kind,
        training,
        call,
        (T(given[1], kind_near(pick, kind)),),
    )
