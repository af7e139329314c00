"""Attention."""

from __future__ import annotations

from typing import Any

from ....errors import ShapeError, UnknownOperation
from ... import dtypes
from ...arguments import Ints, number, shape
from ...layout import OWN, PACKED, follow_copy, is_unknown, strides
from ...operation import operation
from ...ops.joining import cat
from ...ops.matrices import baddbmm, bmm
from ...ops.reductions import softmax
from ...tensor import UNKNOWN, Tensor, broadcast_shapes, new, tensor
from .common import check_shape, other_shape, same_dtype
from .dropouts import check_probability
from .linear_maps import added_at_once, check_bias_dtype, linear
from .padding import pad


@operation(layout=OWN, macs="attention", field="attention")
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

    ``(*, L, E)`` queries, ``(*, S, E)`` keys and ``(*, S, Ev)`` values give ``(*, L, Ev)``; the
    rest is broadcast, `attn_mask` to ``(*, L, S)``. With `enable_gqa` several heads, dimension -3,
    of the queries share one head of the keys and values.

    Raises:
        ShapeError: queries and keys have other features, keys and values other numbers, or the rest
            does not broadcast; the mask is not a mask of ``(*, L, S)``, or given with `is_causal`.
    """
    _check_one_dtype(query, key, value, attn_mask)
    q, k, v = map(tuple, (query.shape, key.shape, value.shape))
    if not q[-2] or 0 in v:  # torch does not look closer at nothing
        nothing = new((*q[:-1], v[-1]), query.dtype)
        nothing.memory = UNKNOWN
        return nothing
    _check_features(q, k, v)
    if query.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {query.dtype.name}")
    if not 0 <= dropout_p <= 1:
        raise ShapeError(f"has dropout_p={dropout_p!r}, and a probability is from 0 to 1")
    # torch's fused computation, of four dimensions and no broadcasting, has limits and liberties.
    simple = len(q) == len(k) == len(v) == 4 and q[0] == k[0] and k[:2] == v[:2] and not dropout_p
    if enable_gqa:
        k, v = _repeat_heads(q, k), _repeat_heads(q, v)
    simple = simple and k[1] == q[1]
    fused = simple and q[-1] == v[-1] and all(strides(x)[-1] == 1 for x in (query, key, value))
    weights = (*broadcast_shapes(q[:-2], k[:-2]), q[-2], k[-2])
    if attn_mask is not None:
        fused = fused and attn_mask.ndim != 3
        _check_mask(attn_mask, weights, 2 if simple else 0, is_causal and not fused)
    result = new((*broadcast_shapes(weights[:-2], v[:-2]), q[-2], v[-1]), query.dtype)
    return _lay_as_queries(result, query, key, value) if fused else result


def _check_one_dtype(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> None:
    kind = query.dtype.name
    for name, input in (("query", query), ("key", key), ("value", value)):
        if input.ndim < 2:
            raise ShapeError(
                f"expects at least 2 dimensions (L, E) in {name}, but receives {shape(input.shape)}"
            )
        if input.dtype is not query.dtype:
            raise ShapeError(
                f"needs one dtype, but receives {kind} and {input.dtype.name} as {name}"
            )
    kinds = sorted({"bool", "float32", kind})
    if mask is not None and mask.dtype.name not in kinds:
        raise ShapeError(f"needs attn_mask of {' or '.join(kinds)}, but receives {mask.dtype.name}")


def _check_features(q: Ints, k: Ints, v: Ints) -> None:
    if q[-1] != k[-1]:
        raise ShapeError(
            f"has queries of {q[-1]} features and keys of {k[-1]}: {shape(q)} and {shape(k)}",
            kind=AssertionError,
        )
    if k[-2] != v[-2]:
        raise ShapeError(f"has {k[-2]} keys and {v[-2]} values: {shape(k)} and {shape(v)}")


def _check_mask(mask: Tensor, weights: Ints, least_dims: int, causal_too: bool) -> None:
    """Refuse a mask that does not expand to the weights ``(*, L, S)``, or is one too many."""
    ends = zip(reversed(mask.shape), reversed(weights), strict=False)
    if not least_dims <= mask.ndim <= len(weights) or any(m not in (1, n) for m, n in ends):
        raise other_shape("attn_mask", mask, weights)
    if causal_too:
        raise ShapeError(
            "has a mask already, the causal one", fix="attn_mask or is_causal, not both"
        )


def _repeat_heads(q: Ints, sizes: Ints) -> Ints:
    """Return the shape of keys or values with heads repeated, to be as many as the queries have."""
    if len(q) < 3 or len(sizes) < 3:
        raise ShapeError(f"has no heads to repeat, dimension -3, in {shape(q)} and {shape(sizes)}")
    if not sizes[-3] or q[-3] % sizes[-3]:
        raise ShapeError(
            f"cannot share {sizes[-3]} heads of keys or values among {q[-3]} heads of queries"
        )
    return (*sizes[:-3], q[-3], *sizes[-2:])


def _lay_as_queries(result: Tensor, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    if query.memory is not None and (is_unknown(key) or is_unknown(value)):
        result.memory = UNKNOWN
        return result
    return follow_copy(result, query)


@operation(layout=PACKED, macs="multi_head_attention", field="multi_head_attention")
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: Any,
    num_heads: Any,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: Any,
    dropout_p: Any,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: Any = True,
    key_padding_mask: Tensor | None = None,
    need_weights: Any = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: Any = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: Any = True,
    is_causal: Any = False,
) -> tuple[Tensor, Tensor | None]:
    """Attend with `num_heads` heads to projections of the inputs.

    Queries ``(L, N, E)``, keys ``(S, N, Ek)`` and values ``(S, N, Ev)`` give ``(L, N, E)`` and,
    with `need_weights`, weights ``(N, L, S)``, or ``(N, num_heads, L, S)`` of each head; without a
    batch, no N. `attn_mask` is ``(L, S)`` or ``(N·num_heads, L, S)``, the other mask ``(N, S)``.

    Raises:
        ShapeError: an input, a weight or a mask has another shape, or sequences or batches differ.
    """
    batched = _is_batched(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    _check_heads(query, embed_dim_to_check, num_heads)
    length, batch, _ = query.shape
    sizes = (batch * num_heads, length, key.shape[0])
    masks = _masks(attn_mask, key_padding_mask, query.dtype, sizes, is_causal, not need_weights)
    weights = 3 * (in_proj_weight,)
    if use_separate_proj_weight:
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
    projected = _project((query, key, value), weights, use_separate_proj_weight, in_proj_bias)
    others = (bias_k, bias_v, static_k, static_v, add_zero_attn)
    q, k, v = _split_heads(projected, *others, batch, num_heads)
    mask = _one_mask(masks, (bias_k is not None) + bool(add_zero_attn), k, batch)
    dropout_p = dropout_p if training else 0.0
    if not need_weights:
        is_causal = is_causal if key_padding_mask is None else False
        attended = _attend_fused(q, k, v, mask, dropout_p, is_causal, num_heads)
        return _output(attended, query, out_proj_weight, out_proj_bias, batched), None
    attended, dtype = _attend_with_weights(q, k, v, mask, dropout_p)
    lead = (batch,) * batched + (num_heads,) * (not average_attn_weights)
    attention = new((*lead, length, k.shape[1]), dtype)
    return _output(attended, query, out_proj_weight, out_proj_bias, batched), attention


def _is_batched(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None,
    attn_mask: Tensor | None,
    num_heads: int,
) -> bool:
    """Return whether the inputs have a batch; refuse inputs and masks of other dimensions."""
    rank = query.ndim
    if rank not in (2, 3):
        raise ShapeError(
            "expects 3 dimensions in query, or 2 without the batch, "
            f"but receives {shape(query.shape)}",
            kind=AssertionError,
        )
    others = (
        ("key", key, (rank,)),
        ("value", value, (rank,)),
        ("key_padding_mask", key_padding_mask, (rank - 1,)),
        ("attn_mask", attn_mask, (2, 3)),
    )
    for name, other, ranks in others:
        if other is not None and other.ndim not in ranks:
            raise ShapeError(
                f"expects {' or '.join(map(str, ranks))} dimensions in {name} "
                f"where query has {rank}, but receives {shape(other.shape)}",
                kind=AssertionError,
            )
    if rank == 2 and attn_mask is not None and attn_mask.ndim == 3:
        check_shape("attn_mask", attn_mask, (num_heads, query.shape[0], key.shape[0]))
    return rank == 3


def _check_heads(query: Tensor, embed_dim: int, num_heads: Any) -> None:
    width = query.shape[-1]
    if query.dtype.kind < dtypes.FLOATING:
        raise ShapeError(f"is not defined for {query.dtype.name}")
    if width != embed_dim:
        raise ShapeError(
            f"expects queries of embed_dim={embed_dim} features, but receives {width}",
            kind=AssertionError,
            change={"embed_dim": width},
        )
    if not isinstance(num_heads, int) or num_heads < 1 or width % num_heads:
        raise ShapeError(
            f"cannot divide embed_dim={width} among num_heads={num_heads!r}", kind=AssertionError
        )


def additive_mask(name: str, mask: Tensor | None, dtype: dtypes.dtype) -> Tensor | None:
    """Return a mask to be added to numbers of `dtype`: one of bools is turned into them."""
    if mask is None:
        return None
    kind = tensor(name, mask).dtype
    if kind is not dtypes.bool and kind.kind != dtypes.FLOATING:
        raise ShapeError(
            f"needs {name} of bool or floating-point numbers, but receives {kind.name}",
            kind=AssertionError,
        )
    return new(mask.shape, dtype) if kind is dtypes.bool else mask


def _masks(
    attn_mask: Tensor | None,
    key_padding_mask: Tensor | None,
    dtype: dtypes.dtype,
    sizes: Ints,
    is_causal: Any,
    fused: Any,
) -> tuple[Tensor | None, Tensor | None]:
    """Return masks to be added: ``(1, L, S)`` or ``(N·num_heads, L, S)``, and that of keys."""
    padding = additive_mask("key_padding_mask", key_padding_mask, dtype)
    if is_causal and attn_mask is None:
        raise ShapeError(
            "needs attn_mask where is_causal is set",
            fix="attn_mask=Transformer.generate_square_subsequent_mask(L)",
        )
    if attn_mask is None or (is_causal and padding is None and fused):  # which makes its own
        return None, padding
    mask: Any = additive_mask("attn_mask", attn_mask, dtype)
    check_shape("attn_mask", attn_mask, sizes[3 - attn_mask.ndim :])
    return mask if attn_mask.ndim == 3 else mask.unsqueeze(0), padding


def _one_mask(
    masks: tuple[Tensor | None, ...], more: int, keys: Tensor, batch: int
) -> Tensor | None:
    """Return the sum of both masks, where there are some keys more than these know of."""
    if more:
        masks = tuple(None if mask is None else pad(mask, (0, more)) for mask in masks)
    attn_mask, padding = masks
    if padding is None:
        return attn_mask
    check_shape("key_padding_mask", padding, (batch, keys.shape[1]))
    spread = new((keys.shape[0], 1, keys.shape[1]), padding.dtype)
    return spread if attn_mask is None else attn_mask + spread


def _project(
    inputs: tuple[Tensor, ...],
    weights: tuple[Tensor | None, ...],
    separate: Any,
    bias: Tensor | None,
) -> tuple[Tensor, ...]:
    """Return queries, keys and values of `embed_dim` features, by a weight ``(3·E, E)`` or 3."""
    query, key, value = inputs
    width = query.shape[-1]
    wide = {"kdim": key.shape[-1], "vdim": value.shape[-1]}
    if key.shape[0] != value.shape[0]:
        raise ShapeError(f"has {key.shape[0]} keys and {value.shape[0]} values")
    if key.shape[1] != value.shape[1]:
        raise ShapeError(f"has batches of {key.shape[1]} in key and {value.shape[1]} in value")
    if not separate and key.shape[2] != value.shape[2]:
        raise ShapeError(
            f"has keys of {key.shape[2]} features and values of {value.shape[2]}", change=wide
        )
    for part, input, optional in zip("qkv", inputs, weights, strict=True):
        name = f"{part}_proj_weight" if separate else "in_proj_weight"
        weight = tensor(name, optional)
        wanted = (width if separate else 3 * width, input.shape[-1])
        if weight.shape != wanted:
            raise ShapeError(
                f"needs {name} of {shape(wanted)}, but has {shape(weight.shape)}", change=wide
            )
        same_dtype(input, weight)
    if bias is not None:
        _check_projection_bias(inputs, bias)
    return tuple(new((*input.shape[:-1], width), input.dtype) for input in inputs)


def _check_projection_bias(inputs: tuple[Tensor, ...], bias: Tensor) -> None:
    query, width = inputs[0], inputs[0].shape[-1]
    if bias.shape != (3 * width,):
        raise ShapeError(f"needs in_proj_bias of {3 * width}, but has {shape(bias.shape)}")
    if bias.dtype is not query.dtype and bias.memory is not None:
        raise UnknownOperation(
            f"an in_proj_bias of {bias.dtype.name} that is spread in memory "
            "is not known to convshape",
            fix="`.contiguous()` of it",
        )
    for input in inputs:
        check_bias_dtype(input, bias, added_at_once(input, bias))


def _split_heads(
    projected: tuple[Tensor, ...],
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    static_k: Tensor | None,
    static_v: Tensor | None,
    add_zero_attn: Any,
    batch: int,
    num_heads: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return queries, keys and values, to which biases and zeros are added, of each head."""
    q, k, v = projected
    heads, width = batch * num_heads, q.shape[-1] // num_heads
    if (bias_k is None) != (bias_v is None):
        raise ShapeError("needs both of bias_k and bias_v, or neither", kind=AssertionError)
    if bias_k is not None and bias_v is not None:
        if static_k is not None or static_v is not None:
            raise ShapeError("cannot add a bias to static keys or values")
        k, v = cat([k, bias_k.repeat(1, batch, 1)]), cat([v, bias_v.repeat(1, batch, 1)])
    q = _of_heads("query", q, heads, width)
    k = _of_heads("key", k, heads, width, static_k)
    v = _of_heads("value", v, heads, width, static_v)
    if add_zero_attn:
        zero = new((heads, 1, width), q.dtype)
        k, v = cat([k, zero], 1), cat([v, zero], 1)
    return q, k, v


def _of_heads(
    name: str, input: Tensor, heads: int, width: int, static: Tensor | None = None
) -> Tensor:
    """Return ``(N·num_heads, length, width)`` of ``(length, N, num_heads·width)``, or `static`."""
    if static is not None:
        check_shape(f"static {name}", static, (heads, static.shape[1], width))
        return static
    length = input.shape[0]
    if input.numel() != length * heads * width:
        raise ShapeError(f"has a batch of {input.shape[1]} in {name}, and another in query")
    return new((heads, length, width), input.dtype)


def _attend_with_weights(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, dropout_p: Any
) -> tuple[Tensor, dtypes.dtype]:
    """Return what is attended to, ``(N·num_heads, L, width)``, and the dtype of the weights."""
    if not q.shape[-1]:
        raise ShapeError("divides by the features, of which there are none")
    keys = k.transpose(-2, -1)
    logits = bmm(q, keys) if mask is None else baddbmm(mask, q, keys)
    if number("dropout_p", dropout_p) > 0:
        check_probability(dropout_p)
    return bmm(softmax(logits, -1), v), logits.dtype


def _attend_fused(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    dropout_p: float,
    is_causal: bool,
    num_heads: int,
) -> Tensor:
    batch = q.shape[0] // num_heads
    if mask is not None:
        one = mask.shape[0] == 1
        mask = mask.unsqueeze(0) if one else mask.view(batch, num_heads, -1, k.shape[1])
    q, k, v = (input.view(batch, num_heads, *input.shape[1:]) for input in (q, k, v))
    return scaled_dot_product_attention(q, k, v, mask, dropout_p, is_causal)


def _output(
    attended: Tensor, query: Tensor, weight: Tensor, bias: Tensor | None, batched: bool
) -> Tensor:
    """Return the projection of what the heads attend to: ``(L, N, E)``."""
    length, batch, width = query.shape
    if weight.ndim != 2:
        raise ShapeError(
            f"needs out_proj_weight of {shape((width, width))}, but has {shape(weight.shape)}",
            kind=AssertionError,
        )
    output = linear(attended.reshape(length * batch, width), weight, bias)
    lead = (length, batch) if batched else (length,)
    result: Tensor = output.view(*lead, output.shape[1])
    return result
