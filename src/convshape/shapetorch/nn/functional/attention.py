"""Attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError, UnknownOperation
from ... import dtypes
from ...arguments import flag, number, shape
from ...layout import follow_copy, is_unknown, itself, strides
from ...operation import operation
from ...ops.joining import cat
from ...ops.matrices import baddbmm, bmm
from ...ops.reductions import softmax
from ...tensor import UNKNOWN, broadcast_shapes, new, tensor
from .common import same_dtype
from .dropout import check_probability
from .linear import added_at_once, check_bias_dtype, linear
from .padding import pad

if TYPE_CHECKING:
    from ...tensor import Tensor


@operation
@itself
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Mean of the values, weighted for each query by how well the keys match it.

    ``(*, L, E)`` queries, ``(*, S, E)`` keys and ``(*, S, Ev)`` values give ``(*, L, Ev)``; the rest is
    broadcast, `attn_mask` to ``(*, L, S)``. With `enable_gqa` several heads, dimension -3, of the queries
    share one head of the keys and values.

    Raises:
        ShapeError: queries and keys have other features, keys and values other numbers, or the rest does not
            broadcast; the mask is no mask of ``(*, L, S)``, or given with `is_causal`.
    """
    given = {"query": query, "key": key, "value": value}
    for name, each in given.items():
        if tensor(name, each).ndim < 2:
            raise ShapeError(
                f"expects at least 2 dimensions (L, E) in {name}, but receives {shape(each.shape)}"
            )
        if each.dtype is not query.dtype:
            raise ShapeError(
                f"needs one dtype, but receives {query.dtype.name} and {each.dtype.name} as {name}"
            )
    for name, switch in (("is_causal", is_causal), ("enable_gqa", enable_gqa)):
        flag(name, switch)
    for name, amount in (("dropout_p", dropout_p), ("scale", 1 if scale is None else scale)):
        number(name, amount)
    if attn_mask is not None:
        kinds = {dtypes.bool.name, dtypes.float32.name, query.dtype.name}
        if tensor("attn_mask", attn_mask).dtype.name not in kinds:
            raise ShapeError(
                f"needs attn_mask of {' or '.join(sorted(kinds))}, but receives {attn_mask.dtype.name}"
            )
    q, k, v = map(tuple, (query.shape, key.shape, value.shape))
    if not q[-2] or 0 in v:  # torch does not look closer at nothing
        nothing = new((*q[:-1], v[-1]), query.dtype)
        nothing.memory = UNKNOWN
        return nothing
    if query.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {query.dtype.name}")
    if not 0 <= dropout_p <= 1:
        raise ShapeError(f"has dropout_p={dropout_p!r}, and a probability is from 0 to 1")
    if q[-1] != k[-1]:
        raise ShapeError(
            f"has queries of {q[-1]} features and keys of {k[-1]}: {shape(q)} and {shape(k)}"
        )
    if k[-2] != v[-2]:
        raise ShapeError(f"has {k[-2]} keys and {v[-2]} values: {shape(k)} and {shape(v)}")
    alike = len(q) == len(k) == len(v) == 4 and q[0] == k[0] and k[:2] == v[:2] and not dropout_p
    rows = all(strides(each)[-1] == 1 for each in given.values())
    fused = alike and rows and q[-1] == v[-1] and (k[1] == q[1] or enable_gqa)
    if enable_gqa:
        k, v = (_repeated_heads(q, each) for each in (k, v))
    weights = (*broadcast_shapes(q[:-2], k[:-2]), q[-2], k[-2])
    if attn_mask is not None:
        mask = attn_mask.shape
        # torch's fused computation, of four dimensions and no broadcasting, has limits and liberties.
        alike = alike and k[1] == q[1]
        ends = zip(reversed(mask), reversed(weights), strict=False)
        if (
            len(mask) > len(weights)
            or any(m not in (1, n) for m, n in ends)
            or (alike and len(mask) < 2)
        ):
            raise ShapeError(f"needs attn_mask of {shape(weights)}, but receives {shape(mask)}")
        fused = fused and len(mask) != 3
        if is_causal and not (fused and k[1] == q[1]):
            raise ShapeError(
                "has a mask already, the causal one", fix="attn_mask or is_causal, not both"
            )
    result = new((*broadcast_shapes(weights[:-2], v[:-2]), q[-2], v[-1]), query.dtype)
    if fused and query.memory is not None:  # else the result is laid out anew
        if is_unknown(key) or is_unknown(value):
            result.memory = UNKNOWN
        else:
            follow_copy(result, query)
    return result


def _repeated_heads(q: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of keys or values with their heads repeated, to be as many as the queries have."""
    if len(q) < 3 or len(sizes) < 3:
        raise ShapeError(f"has no heads to repeat, dimension -3, in {shape(q)} and {shape(sizes)}")
    if not sizes[-3] or q[-3] % sizes[-3]:
        raise ShapeError(
            f"cannot share {sizes[-3]} heads of keys or values among {q[-3]} heads of queries"
        )
    return (*sizes[:-3], q[-3], *sizes[-2:])


@operation
@itself
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attend with `num_heads` heads to projections of the inputs.

    Queries ``(L, N, E)``, keys ``(S, N, Ek)`` and values ``(S, N, Ev)`` give ``(L, N, E)`` and, with
    `need_weights`, weights ``(N, L, S)``, or of each head ``(N, num_heads, L, S)``; without a batch, no N.
    `attn_mask` is ``(L, S)`` or ``(N·num_heads, L, S)``, `key_padding_mask` ``(N, S)``.

    Raises:
        ShapeError: an input has other dimensions or features than the weights want, the sequences or batches
            differ, or a mask has another shape.
    """
    batched = check_attention_ranks(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = (each.unsqueeze(1) for each in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, batch, width = query.shape
    if query.dtype.kind < dtypes.FLOATING:
        raise ShapeError(f"is not defined for {query.dtype.name}")
    key_padding_mask = additive_mask("key_padding_mask", key_padding_mask, query.dtype)
    if is_causal and attn_mask is None:
        raise ShapeError(
            "needs attn_mask where is_causal is set",
            fix="attn_mask=Transformer.generate_square_subsequent_mask(L)",
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None
    else:
        attn_mask = additive_mask("attn_mask", attn_mask, query.dtype)
        is_causal = is_causal if key_padding_mask is None else False
    if width != embed_dim_to_check:
        raise ShapeError(
            f"expects queries of embed_dim={embed_dim_to_check} features, but receives {width}",
            change={"embed_dim": width},
        )
    if not isinstance(num_heads, int) or num_heads < 1 or width % num_heads:
        raise ShapeError(f"cannot divide embed_dim={width} among num_heads={num_heads!r}")
    if use_separate_proj_weight:
        weights = {
            "q_proj_weight": q_proj_weight,
            "k_proj_weight": k_proj_weight,
            "v_proj_weight": v_proj_weight,
        }
    else:
        weights = {"in_proj_weight": in_proj_weight}
    q, k, v = _projected((query, key, value), weights, in_proj_bias)
    if attn_mask is not None:
        wanted: tuple[int, ...] = (length, key.shape[0])
        if attn_mask.ndim == 3:
            wanted = (batch * num_heads, *wanted)
        if attn_mask.shape != wanted:
            raise ShapeError(
                f"needs attn_mask of {shape(wanted)}, but receives {shape(attn_mask.shape)}"
            )
        attn_mask = attn_mask if attn_mask.ndim == 3 else attn_mask.unsqueeze(0)
    masks = [attn_mask, key_padding_mask]
    if (bias_k is None) != (bias_v is None):
        raise ShapeError("needs both of bias_k and bias_v, or neither")
    if bias_k is not None and bias_v is not None:
        if static_k is not None or static_v is not None:
            raise ShapeError("cannot add a bias to static keys or values")
        k, v = (cat([each, bias.repeat(1, batch, 1)]) for each, bias in ((k, bias_k), (v, bias_v)))
        masks = [None if each is None else pad(each, (0, 1)) for each in masks]
    heads = batch * num_heads
    q, k, v = (
        _split_heads(name, each, heads, width // num_heads, static)
        for name, each, static in (("query", q, None), ("key", k, static_k), ("value", v, static_v))
    )
    if add_zero_attn:
        zero = new((heads, 1, width // num_heads), q.dtype)
        k, v = cat([k, zero], 1), cat([v, zero], 1)
        masks = [None if each is None else pad(each, (0, 1)) for each in masks]
    attn_mask, key_padding_mask = masks
    source = k.shape[1]
    if key_padding_mask is not None:
        wanted = (batch, source)
        if key_padding_mask.shape != wanted:
            raise ShapeError(
                f"needs key_padding_mask of {shape(wanted)}, but receives {shape(key_padding_mask.shape)}"
            )
        spread = new((heads, 1, source), key_padding_mask.dtype)
        attn_mask = spread if attn_mask is None else attn_mask + spread
    if not training:
        dropout_p = 0.0
    if need_weights:
        if not width:
            raise ShapeError("divides by the features, of which there are none")
        logits = k.transpose(-2, -1)
        logits = bmm(q, logits) if attn_mask is None else baddbmm(attn_mask, q, logits)
        if number("dropout_p", dropout_p) > 0:
            check_probability(dropout_p)
        attended = bmm(softmax(logits, -1), v)
    else:
        if attn_mask is not None:
            one = attn_mask.shape[0] == 1
            attn_mask = (
                attn_mask.unsqueeze(0) if one else attn_mask.view(batch, num_heads, -1, source)
            )
        q, k, v = (
            each.view(batch, num_heads, n, width // num_heads)
            for each, n in ((q, length), (k, source), (v, source))
        )
        attended = scaled_dot_product_attention(q, k, v, attn_mask, dropout_p, is_causal)
    if tensor("out_proj_weight", out_proj_weight).ndim != 2:
        raise ShapeError(
            f"needs out_proj_weight of {shape((width, width))}, but has {shape(out_proj_weight.shape)}"
        )
    output = linear(attended.reshape(length * batch, width), out_proj_weight, out_proj_bias)
    output = output.view(length, batch, output.shape[1])
    output = output if batched else output.squeeze(1)
    if not need_weights:
        return output, None
    sizes = (length, source) if average_attn_weights else (num_heads, length, source)
    return output, new((batch, *sizes) if batched else sizes, logits.dtype)


def check_attention_ranks(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None,
    attn_mask: Tensor | None,
    num_heads: int,
) -> bool:
    """Tell whether the inputs have a batch; refuse inputs and masks of other dimensions than that."""
    rank = tensor("query", query).ndim
    if rank not in (2, 3):
        raise ShapeError(
            f"expects 3 dimensions in query, or 2 without the batch, but receives {shape(query.shape)}"
        )
    others: dict[str, tuple[Tensor, tuple[int, ...]]] = {
        "key": (key, (rank,)),
        "value": (value, (rank,)),
    }
    if key_padding_mask is not None:
        others["key_padding_mask"] = (key_padding_mask, (rank - 1,))
    if attn_mask is not None:
        others["attn_mask"] = (attn_mask, (2, 3))
    for name, (each, ranks) in others.items():
        if tensor(name, each).ndim not in ranks:
            raise ShapeError(
                f"expects {' or '.join(map(str, ranks))} dimensions in {name} where query has {rank}, "
                f"but receives {shape(each.shape)}"
            )
    if rank == 2 and attn_mask is not None and attn_mask.ndim == 3:
        wanted = (num_heads, query.shape[0], key.shape[0])
        if attn_mask.shape != wanted:
            raise ShapeError(
                f"needs attn_mask of {shape(wanted)}, but receives {shape(attn_mask.shape)}"
            )
    return rank == 3


def additive_mask(name: str, mask: Tensor | None, dtype: dtypes.dtype) -> Tensor | None:
    """Return a mask to be added to numbers of `dtype`: one of bools is turned into them."""
    if mask is None:
        return None
    kind = tensor(name, mask).dtype
    if kind is not dtypes.bool and kind.kind != dtypes.FLOATING:
        raise ShapeError(
            f"needs {name} of bool or floating-point numbers, but receives {kind.name}"
        )
    return new(mask.shape, dtype) if kind is dtypes.bool else mask


def _projected(
    given: tuple[Tensor, ...], weights: dict[str, Tensor | None], bias: Tensor | None
) -> tuple[Tensor, ...]:
    """Return queries, keys and values in `embed_dim` features, by one weight ``(3·E, E)`` or one for each."""
    query, key, value = given
    width = query.shape[-1]
    packed = len(weights) == 1
    wide = {"kdim": key.shape[-1], "vdim": value.shape[-1]}
    if key.shape[0] != value.shape[0]:
        raise ShapeError(f"has {key.shape[0]} keys and {value.shape[0]} values")
    if key.shape[1] != value.shape[1]:
        raise ShapeError(f"has batches of {key.shape[1]} in key and {value.shape[1]} in value")
    if packed and key.shape[2] != value.shape[2]:
        raise ShapeError(
            f"has keys of {key.shape[2]} features and values of {value.shape[2]}", change=wide
        )
    pairs = zip(given, 3 * [*weights.items()] if packed else weights.items(), strict=True)
    for each, (name, given_weight) in pairs:
        wanted = (3 * width if packed else width, each.shape[-1])
        weight = tensor(name, given_weight)
        if weight.shape != wanted:
            raise ShapeError(
                f"needs {name} of {shape(wanted)}, but has {shape(weight.shape)}", change=wide
            )
        same_dtype(each, weight)
    if bias is not None:
        if bias.shape != (3 * width,):
            raise ShapeError(f"needs in_proj_bias of {3 * width}, but has {shape(bias.shape)}")
        if bias.dtype is not query.dtype and bias.memory is not None:
            raise UnknownOperation(
                f"an in_proj_bias of {bias.dtype.name} that is spread in memory is not known to convshape",
                fix="`.contiguous()` of it",
            )
        for each in given:
            check_bias_dtype(each, bias, added_at_once(each, bias))
    return tuple(new((*each.shape[:-1], width), each.dtype) for each in given)


def _split_heads(name: str, each: Tensor, heads: int, width: int, static: Tensor | None) -> Tensor:
    """Return ``(N·num_heads, length, width)`` of ``(length, N, num_heads·width)``, or what stands for it."""
    if static is not None:
        wanted = (heads, static.shape[1], width)
        if static.shape != wanted:
            raise ShapeError(
                f"needs static {name} of {shape(wanted)}, but receives {shape(static.shape)}"
            )
        return static
    length = each.shape[0]
    if each.numel() != length * heads * width:
        raise ShapeError(f"has a batch of {each.shape[1]} in {name}, and another in query")
    return new((heads, length, width), each.dtype)
