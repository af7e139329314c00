"""Random calls of the functions of attention."""

from __future__ import annotations

from typing import Any

from .calls import Call
from .cases import KINDS, Pick, T, flagged, mostly, often, some_of
from .cases_attention import changed, kind_near, mask_near


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
