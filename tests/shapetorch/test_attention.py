"""Attention and transformers: examples, refusals, and torch's shortcut for the same calls.

The properties against torch are those of every layer: `test_layers` and `test_calls` draw from
these families too.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import torch

import convshape as cs
from convshape import Tensor, nn
from convshape import shapetorch as t
from convshape.shapetorch.nn import functional as F
from convshape.shapetorch.torch_module import namespace
from convshape.verify.generators import FAMILIES
from convshape.verify.generators.judging import by_convshape, by_torch

E = 8
x, memory = Tensor((2, 5, E)), Tensor((2, 7, E))
BOTH = nn.MultiheadAttention(E, 2, batch_first=True)
CODER = {"d_model": E, "nhead": 2, "dim_feedforward": 16, "batch_first": True}


def mask(*shape: int) -> Tensor:
    return Tensor(shape, t.bool)


EXAMPLES = [
    (lambda: BOTH(x, x, x), [(2, 5, E), (2, 5, 5)]),
    (lambda: BOTH(x, memory, memory), [(2, 5, E), (2, 5, 7)]),
    (lambda: BOTH(x, memory, memory, average_attn_weights=False), [(2, 5, E), (2, 2, 5, 7)]),
    (lambda: BOTH(x, memory, memory, need_weights=False), [(2, 5, E), None]),
    (lambda: BOTH(x, memory, memory, mask(2, 7), attn_mask=mask(5, 7)), [(2, 5, E), (2, 5, 7)]),
    (lambda: BOTH(x, memory, memory, attn_mask=mask(4, 5, 7)), [(2, 5, E), (2, 5, 7)]),
    (lambda: BOTH(Tensor((5, E)), Tensor((7, E)), Tensor((7, E))), [(5, E), (5, 7)]),
    (
        lambda: nn.MultiheadAttention(E, 2)(Tensor((5, 2, E)), *[Tensor((7, 2, E))] * 2),
        [(5, 2, E), (2, 5, 7)],
    ),
    (
        lambda: nn.MultiheadAttention(E, 4, kdim=3, vdim=6, batch_first=True)(
            x, Tensor((2, 7, 3)), Tensor((2, 7, 6))
        ),
        [(2, 5, E), (2, 5, 7)],
    ),
    (
        lambda: nn.MultiheadAttention(E, 2, add_bias_kv=True, add_zero_attn=True, batch_first=True)(
            x, x, x
        ),
        [(2, 5, E), (2, 5, 7)],
    ),
    (lambda: nn.TransformerEncoderLayer(**CODER)(x, mask(5, 5), mask(2, 5)), [(2, 5, E)]),
    (lambda: nn.TransformerDecoderLayer(**CODER, norm_first=True)(x, memory), [(2, 5, E)]),
    (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(**CODER), 3, nn.LayerNorm(E))(x),
        [(2, 5, E)],
    ),
    (
        lambda: nn.Transformer(E, 2, 1, 1, 16)(
            Tensor((7, 2, E)),
            Tensor((5, 2, E)),
            tgt_mask=nn.Transformer.generate_square_subsequent_mask(5),
        ),
        [(5, 2, E)],
    ),
    (
        lambda: F.scaled_dot_product_attention(*[Tensor((2, 4, 5, E))] * 3, is_causal=True),
        [(2, 4, 5, E)],
    ),
    (
        lambda: F.scaled_dot_product_attention(
            Tensor((2, 8, 5, E)), Tensor((2, 2, 7, E)), Tensor((2, 2, 7, 3)), enable_gqa=True
        ),
        [(2, 8, 5, 3)],
    ),
    (
        lambda: F.scaled_dot_product_attention(
            Tensor((3, 1, 5, E)), Tensor((4, 7, E)), Tensor((7, 6)), mask(5, 7)
        ),
        [(3, 4, 5, 6)],
    ),
]


@pytest.mark.parametrize(("call", "shapes"), EXAMPLES)
def test_examples(call: Callable[[], Any], shapes: list[Any]) -> None:
    result = call()
    results = result if isinstance(result, tuple) else (result,)
    assert [None if each is None else each.shape for each in results] == shapes


REFUSALS = [
    (
        lambda: nn.MultiheadAttention(10, 4),
        "embed_dim=10 is not divisible by num_heads=4 (fix: num_heads=5)",
    ),
    (lambda: nn.MultiheadAttention(8, 0), "num_heads=0 is not a positive number"),
    (
        lambda: BOTH(Tensor((2, 5, 6)), memory, memory),
        "MultiheadAttention(8, 2, batch_first=True) expects queries of embed_dim=8 features, but "
        "receives 6 (fix: MultiheadAttention(6, 2, kdim=8, vdim=8, batch_first=True))",
    ),
    (
        lambda: BOTH(x, Tensor((2, 7, 3)), Tensor((2, 7, 3))),
        "MultiheadAttention(8, 2, batch_first=True) needs in_proj_weight of 24×3, but has 24×8 "
        "(fix: MultiheadAttention(8, 2, kdim=3, vdim=3, batch_first=True))",
    ),
    (
        lambda: BOTH(x, memory, x),
        "MultiheadAttention(8, 2, batch_first=True) has 7 keys and 5 values",
    ),
    (
        lambda: BOTH(x, *[Tensor((3, 7, E))] * 2),
        "MultiheadAttention(8, 2, batch_first=True) has a batch of 3 in key, and another in query",
    ),
    (
        lambda: BOTH(x, memory, memory, attn_mask=mask(7, 5)),
        "MultiheadAttention(8, 2, batch_first=True) needs attn_mask of 5×7, but receives 7×5",
    ),
    (
        lambda: BOTH(x, memory, memory, mask(2, 5)),
        "MultiheadAttention(8, 2, batch_first=True) needs key_padding_mask of 2×7, but receives "
        "2×5",
    ),
    (
        lambda: BOTH(x, memory, memory, Tensor((2, 7), t.int64)),
        "MultiheadAttention(8, 2, batch_first=True) needs key_padding_mask of bool or "
        "floating-point numbers, but receives int64",
    ),
    (
        lambda: BOTH(x, x, x, is_causal=True),
        "MultiheadAttention(8, 2, batch_first=True) needs attn_mask where is_causal is set "
        "(fix: attn_mask=Transformer.generate_square_subsequent_mask(L))",
    ),
    (
        lambda: nn.TransformerEncoderLayer(8, 3),
        "embed_dim=8 is not divisible by num_heads=3 (fix: num_heads=2)",
    ),
    (
        lambda: nn.TransformerEncoderLayer(8, 2, activation="tanh"),
        "has activation='tanh', which is neither 'relu' nor 'gelu'",
    ),
    (
        lambda: nn.Transformer(E, 2, 1, 1)(Tensor((7, 2, E)), Tensor((5, 3, E))),
        "Transformer(d_model=8, nhead=2, num_encoder_layers=1, num_decoder_layers=1) has batches "
        "of 2 in src and 3 in tgt: 7×2×8 and 5×3×8",
    ),
    (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2), 0)(x),
        "TransformerEncoder has no layers",
    ),
    (
        lambda: F.scaled_dot_product_attention(x, Tensor((2, 7, 6)), memory),
        "scaled_dot_product_attention has queries of 8 features and keys of 6: 2×5×8 and 2×7×6",
    ),
    (
        lambda: F.scaled_dot_product_attention(x, memory, x),
        "scaled_dot_product_attention has 7 keys and 5 values: 2×7×8 and 2×5×8",
    ),
    (
        lambda: F.scaled_dot_product_attention(x, memory, memory, mask(5, 8)),
        "scaled_dot_product_attention needs attn_mask of 2×5×7, but receives 5×8",
    ),
    (
        lambda: F.scaled_dot_product_attention(x, x, x, mask(5, 5), is_causal=True),
        "scaled_dot_product_attention has a mask already, the causal one (fix: attn_mask or "
        "is_causal, not both)",
    ),
    (
        lambda: F.scaled_dot_product_attention(
            Tensor((2, 9, 5, E)), *[Tensor((2, 2, 7, E))] * 2, enable_gqa=True
        ),
        "scaled_dot_product_attention cannot share 2 heads of keys or values among 9 heads of "
        "queries",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS)
def test_refusals(call: Callable[[], Any], message: str | None) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        call()
    assert message is None or str(refusal.value) == message


def test_too_many_layers_are_not_made() -> None:
    with pytest.raises(cs.UnknownOperation):
        nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2), 10**9)


def test_a_copy_has_parameters_of_its_own() -> None:
    layer = nn.TransformerEncoderLayer(8, 2)
    stack = nn.TransformerEncoder(layer, 3)
    own = sum(p.numel() for p in layer.parameters())
    assert sum(p.numel() for p in stack.parameters()) == 3 * own
    assert deepcopy(layer)(x).shape == x.shape  # a copied dtype is the same dtype


@pytest.mark.parametrize("family", ["multihead_attention", "transformer"])
def test_the_shortcut_of_torch_gives_the_same(family: str, device: str) -> None:
    """Without gradients torch takes a path with bool flags only, which makes no empty weights."""
    rng = random.Random(family)
    compared = 0
    while compared < 150:
        case = FAMILIES[family](rng.choice)
        flags = (v for k, v in (*case.call.items(), *case.kwargs.items()) if k in FLAGS)
        layers = [
            each.kwargs.get("norm_first", True) for each in case.args if hasattr(each, "kwargs")
        ]
        if 0 in case.input or not all(v is True or v is False for v in (*flags, *layers)):
            continue
        ours = by_convshape(case)
        if ours.called and case.dtype == "float32":
            compared += 1
            assert by_torch(case, device, shortcut=True) == ours, case


FLAGS = ("need_weights", "average_attn_weights", "norm_first")


@pytest.mark.parametrize("name", [None, "float64", "float16", "bool", "int64"])
def test_the_causal_mask(name: str | None) -> None:
    try:
        theirs = torch.nn.Transformer.generate_square_subsequent_mask(
            3, dtype=name and getattr(torch, name)
        )
    except (RuntimeError, TypeError):
        with pytest.raises(cs.ShapeError):
            nn.Transformer.generate_square_subsequent_mask(3, dtype=getattr(t, name or ""))
        return
    ours = nn.Transformer.generate_square_subsequent_mask(3, dtype=name and getattr(t, name))
    assert (ours.shape, str(ours.dtype)) == (tuple(theirs.shape), str(theirs.dtype))


FLEX = """
f(r(1, 4, 16, 8), r(1, 4, 20, 8), r(1, 4, 20, 6))
f(r(1, 4, 16, 8), r(1, 4, 20, 8), r(1, 4, 16, 6))
f(r(1, 4, 16, 8), r(1, 2, 20, 8), r(1, 2, 20, 8))
f(r(1, 4, 16, 8), r(1, 2, 20, 8), r(1, 2, 20, 8), enable_gqa=True)
f(r(1, 4, 16, 8), r(1, 3, 20, 8), r(1, 3, 20, 8), enable_gqa=True)
f(r(1, 4, 16, 8), r(1, 4, 16, 6), r(1, 4, 16, 8))
f(r(4, 16, 8), r(4, 16, 8), r(4, 16, 8))
f(r(2, 4, 16, 8), r(1, 4, 16, 8), r(1, 4, 16, 8))
f(r(2, 4, 16, 8), r(2, 4, 16, 8), r(2, 4, 16, 8), return_lse=True)[1]
f(r(2, 4, 16, 8), r(2, 4, 16, 8), r(2, 4, 16, 8), block_mask=m(c, 2, 4, 16, 16, device="cpu"))
f(r(2, 4, 16, 8), r(2, 4, 16, 8), r(2, 4, 16, 8), block_mask=m(c, None, None, 32, 32, device="cpu"))
f(r(2, 4, 16, 8), r(1, 4, 16, 8), r(1, 4, 16, 8), block_mask=m(c, 2, None, 16, 16, device="cpu"))
f(r(2, 4, 16, 8), r(1, 4, 16, 8), r(1, 4, 16, 8), block_mask=m(c, None, None, 16, 16, device="cpu"))
f(r(1, 4, 16, 8), r(2, 4, 16, 8), r(2, 4, 16, 8), block_mask=m(c, None, None, 16, 16, device="cpu"))
f(r(2, 4, 16, 8), r(2, 4, 16, 8), r(2, 4, 16, 8), score_mod=lambda s, b, h, q, k: s + (q - k))
""".strip().split("\n")


@pytest.mark.parametrize("call", FLEX)
@pytest.mark.filterwarnings("ignore")
def test_flex_attention_gives_what_torch_gives(call: str) -> None:
    def outcome(library: Any, home: Any) -> Any:
        flex, mask = home.flex_attention, home.create_block_mask
        names = {"f": flex, "m": mask, "r": library.rand, "c": lambda b, h, q, k: q >= k}
        try:
            return tuple(eval(call, names).shape)
        except (RuntimeError, ValueError, NotImplementedError):
            return "refused"

    theirs = importlib.import_module("torch.nn.attention.flex_attention")
    mine = namespace("torch.nn.attention.flex_attention")
    assert outcome(namespace("torch"), mine) == outcome(torch, theirs)
