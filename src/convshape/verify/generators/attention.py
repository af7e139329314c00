"""Random calls of attention, of the layers built from it and of their functions."""

from __future__ import annotations

from typing import Any

from .choices import (
    KINDS,
    NOT_POSITIVE,
    Choice,
    Pick,
    arguments,
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


def multihead_attention(pick: Pick) -> Case:
    """MultiheadAttention, of itself and of others, with and without masks."""
    heads = often(pick, (1, 2, 2, 4), NOT_POSITIVE)
    width = often(pick, (4, 8), (6, 1, *NOT_POSITIVE))
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
    wide = max(width, 0) if type(width) is int else 4
    kdim, vdim = (
        size if type(size) is int and size >= 0 else wide for size in map(kwargs.get, dims)
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
    return layer, (max(width, 0) if type(width) is int else 2), bool(kwargs.get("batch_first"))


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
        counts = {f"num_{each}_layers": layers(pick) for each in ("encoder", "decoder")}
        kwargs = kwargs | counts | {"dim_feedforward": args[2]}
        args = args[:2]
        if pick(range(8)) == 0:
            kwargs["custom_encoder"] = pick((Member("TransformerEncoder", (layer, 1)), 3))
    return args, kwargs


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

    def mask(rows: int, columns: int) -> Choice:
        every = (max(heads, 0) * (batch if batched else 1), rows, columns)
        sizes = ((rows, columns), (rows, columns), every)
        return lambda pick: mask_near(pick, pick(sizes), kind)

    def padding(n: int) -> Choice:
        return lambda pick: mask_near(pick, (batch,) * batched + (n,), kind)

    causal = mostly((False, None), (True, 1))
    src, tgt = sequence(length), sequence(source)
    masks: dict[str, Choice]
    if name.startswith("Encoder"):
        mask_name = "src_mask" if name == "EncoderLayer" else "mask"
        masks = {mask_name: mask(length, length), "src_key_padding_mask": padding(length)}
        mode = pick((False, False, True))
        call = some_of(pick, **masks, is_causal=causal)
        return Case(f"Transformer{name}", args, kwargs, src, kind, mode, call)
    masks = {
        "memory_mask": mask(source, length),
        "tgt_mask": mask(source, source),
        "tgt_key_padding_mask": padding(source),
        "memory_key_padding_mask": padding(length),
        **dict.fromkeys(("tgt_is_causal", "memory_is_causal"), causal),
    }
    given = (tgt, src)
    if not name:
        masks |= {"src_mask": mask(length, length), "src_key_padding_mask": padding(length)}
        masks["src_is_causal"] = causal
        given = (src, tgt)
    call = {n: each for n, each in some_of(pick, **masks).items() if pick((True, False))}
    mode = pick((False, False, True))
    others = (T(given[1], kind_near(pick, kind)),)
    return Case(f"Transformer{name}", args, kwargs, given[0], kind, mode, call, others)


def _broadcast(pick: Pick, sizes: tuple[int, ...]) -> tuple[int, ...]:
    own = tuple(often(pick, (n, n, n, 1), (n + 1,)) for n in sizes)
    return own[pick((0, 0, 0, len(own), 1)) :]


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
    given = [T(changed(pick, each), kind_near(pick, kind)) for each in sizes]
    if chosen.get("enable_gqa"):  # torch divides by the heads of the keys, and dies of none
        given = [
            each if len(each.shape) < 3 or each.shape[-3] else T((1, *each.shape[-2:]))
            for each in given
        ]
    if any(
        0 in each.shape for each in given
    ):  # of nothing torch makes other dtypes, in one step or another
        given = [T(each.shape) for each in given]
    q, k, v = (each.shape for each in given)
    if (
        q[-1:] == v[-1:]
    ):  # torch's fused computation does not look whether there are as many values as keys
        given[2] = T((*v[:-2], *k[-2:-1], *v[-1:]), given[2].dtype)
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
    return Call("nn.functional.scaled_dot_product_attention", tuple(given), chosen)


def multi_head_attention(pick: Pick) -> Call:
    """F.multi_head_attention_forward, with weights of its own."""
    width, heads = often(pick, (4, 2), (0, 3)), often(pick, (1, 2), (0, 4, 2.0, True))
    batch, length, source = (often(pick, (1, 2), (0,)) for _ in range(3))
    keys, values = (often(pick, (width,), (3,)) for _ in range(2))
    something = (
        batch and length and source and width
    )  # torch does not look at what multiplies nothing
    kind = often(pick, ("float32",), KINDS if something else ("float64",))

    def some(*sizes: int) -> Any:
        near = T(changed(pick, sizes), kind_near(pick, kind)) if something else T(sizes, kind)
        return often(pick, (near,), (None,))

    batched = pick((True, False))
    sizes = [
        ((n, batch, w) if batched else (n, w))
        for n, w in ((length, width), (source, keys), (source, values))
    ]
    given = tuple(T(changed(pick, each), kind_near(pick, kind)) for each in sizes)
    separate = pick((True, False))
    bias = pick((True, False)) and some(3 * width)
    extra = pick((True, False)) and (some(1, 1, width), some(1, 1, width))
    args = (
        *given, often(pick, (width,), (5,)), heads,
        None if separate else some(3 * width, width), bias or None, *(extra or (None, None)),
        pick((True, False)), often(pick, (0.0,), (2, None)),
        T(changed(pick, (width, width)), kind), pick((None, T((width,), kind))),
    )  # fmt: skip
    named: dict[str, Any] = {"use_separate_proj_weight": separate}
    if separate:
        named |= {
            f"{n}_proj_weight": some(width, w)
            for n, w in (("q", width), ("k", keys), ("v", values))
        }
    named |= some_of(
        pick,
        training=(True, False),
        need_weights=flagged,
        average_attn_weights=flagged,
        is_causal=mostly((False,), (True,)),
    )
    rows = batch if batched else 1
    every = rows * int(heads)
    if not extra and pick(range(3)) == 0 and int(heads):
        own = (every, source, width // int(heads))
        named |= {f"static_{n}": T(changed(pick, own), kind) for n in pick(("k", "v", "kv"))}
    if pick(range(3)) == 0:
        named["attn_mask"] = mask_near(
            pick, pick(((length, source), (every, length, source))), kind
        )
    if pick(range(3)) == 0:
        more = (source + bool(extra) + args[9],)
        named["key_padding_mask"] = mask_near(pick, (batch, *more) if batched else more, kind)
    return Call("nn.functional.multi_head_attention_forward", args, named)
