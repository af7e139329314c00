"""Multiply-accumulates: half of what torch's own counter counts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_examples import EXAMPLES, NETWORKS
from torch.utils.flop_counter import FlopCounterMode

import convshape as cs
from convshape.analysis.macs import is_counted_by_torch
from convshape.readers.expressions.evaluate import evaluate
from convshape.shapetorch import dtypes


def counted(call: Any) -> float:
    """Return half of the operations that torch counts, without fused kernels, which hide them."""
    with (
        torch.device("meta"),
        torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH),
        FlopCounterMode(display=False) as counter,
    ):
        call()
    return counter.get_total_flops() / 2


def calculated(text: str, *inputs: tuple[int, ...]) -> int:
    """Return the multiply-accumulates of an expression of x, y and z."""
    return traced(text, *map(cs.Tensor, inputs)).macs


def traced(text: str, *inputs: cs.Tensor) -> cs.Trace:

    class Network(cs.nn.Module):
        def forward(self, *tensors: cs.Tensor) -> Any:
            return evaluate(text, dict(zip("xyz", tensors, strict=False)), str)

    result = cs.trace(Network(), *inputs)
    assert result.error is None
    return result


def measured(text: str, *inputs: tuple[int, ...]) -> float:
    names: dict[str, Any] = vars(torch) | vars(torch.nn) | {"F": torch.nn.functional}

    def call() -> None:
        eval(text, names | dict(zip("xyz", map(torch.empty, inputs), strict=False)))

    return counted(call)


CALLS: list[tuple[Any, ...]] = [
    ("Conv1d(4, 6, 3, stride=2, padding=1)(x)", (2, 4, 9)),
    ("Conv2d(4, 6, (3, 2), groups=2, dilation=2)(x)", (4, 9, 8)),
    ("Conv2d(4, 4, 3, padding='same', padding_mode='reflect')(x)", (1, 4, 9, 8)),
    ("Conv3d(2, 3, 2)(x)", (1, 2, 4, 5, 6)),
    ("ConvTranspose2d(4, 6, 3, stride=2, groups=2)(x)", (2, 4, 5, 5)),
    ("Linear(4, 5)(x)", (4,)),
    ("Linear(4, 5, bias=False)(x)", (2, 3, 4)),
    ("x @ y", (3, 4), (4, 5)),
    ("x @ y", (2, 1, 3, 4), (7, 4, 5)),
    ("x @ y", (4,), (2, 4, 5)),
    ("x.bmm(y)", (2, 3, 4), (2, 4, 5)),
    ("addmm(z, x, y)", (3, 4), (4, 5), (5,)),
    ("baddbmm(z, x, y)", (2, 3, 4), (2, 4, 5), (5,)),
    ("tensordot(x, y)", (3, 4, 5), (4, 5, 6)),
    ("tensordot(x, y, dims=([0, 2], [1, 0]))", (3, 4, 5), (5, 1, 6)),
    ("tensordot(x, y, dims=1)", (3, 4, 5), (5, 6)),
    ("F.scaled_dot_product_attention(x, y, z)", (2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 9)),
    ("F.scaled_dot_product_attention(x, y, z)", (5, 8), (7, 8), (7, 9)),
    ("einsum('bhid,bhjd->bhij', x, y)", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("einsum('...ij,...jk', x, y)", (2, 3, 4), (2, 4, 5)),
    ("einsum('ij,jk,kl->il', x, y, z)", (2, 3), (3, 2), (2, 7)),
    ("einsum('ij,kj->', x, y)", (3, 4), (5, 4)),
    ("einsum('i,j->ij', x, y)", (3,), (4,)),
    ("einsum('ij->i', x)", (3, 4)),
    ("einsum(x, [..., 0, 1], y, [..., 1, 2], [0, ..., 2])", (2, 3, 4), (2, 4, 5)),
    ("einsum(x, [7, 30], y, [30, 2])", (3, 4), (4, 5)),
    ("RNN(4, 6, 2)(x)", (5, 3, 4)),
    ("LSTM(4, 6, bidirectional=True, proj_size=3)(x)", (5, 3, 4)),
    ("GRU(4, 6, batch_first=True)(x)", (5, 4)),
    ("LSTM(4, 6)(x, (y, z))", (5, 3, 4), (1, 3, 6), (1, 3, 6)),
    ("LSTMCell(4, 6)(x)", (3, 4)),
    ("F.max_pool2d(F.relu(x), 2).softmax(1) + 1", (1, 3, 4, 4)),
    ("F.layer_norm(x, [4]).cumsum(0).permute(1, 0)", (3, 4)),
]


@pytest.mark.parametrize("case", CALLS, ids=[case[0] for case in CALLS])
def test_half_of_what_torch_counts(case: tuple[Any, ...]) -> None:
    text, *inputs = case
    expression = text.replace("[0, 2], [1, 0]", "(0, 2), (1, 0)") if "tensordot" in text else text
    assert calculated(expression, *inputs) == measured(text, *inputs)


@pytest.mark.parametrize(
    ("text", "inputs", "macs"),
    [
        ("x @ y", [(3, 4), (4,)], 12),
        ("F.linear(x, y)", [(3, 4), (4,)], 12),
        ("addmv(z, x, y)", [(3, 4), (4,), (3,)], 12),
        ("addbmm(z, x, y)", [(2, 3, 4), (2, 4, 5), (3, 5)], 120),
        ("z.addmm_(x, y, alpha=2, beta=0)", [(3, 4), (4, 5), (3, 5)], 60),
        ("z.addmm_(mat2=y, mat1=x)", [(3, 4), (4, 5), (3, 5)], 60),
        ("z.baddbmm_(x, y)", [(2, 3, 4), (2, 4, 5), (2, 3, 5)], 120),
        ("inner(x, y)", [(), (4,)], 0),
        ("inner(x, y)", [(2, 4), (3, 4)], 24),
    ],
)
def test_products_count_where_torch_does_not_look(
    text: str, inputs: list[tuple[int, ...]], macs: int
) -> None:
    """A matrix meets a vector, or a product is added up or written in place."""
    assert calculated(text, *inputs) == macs
    assert measured(text, *inputs) in (0, macs)


def test_einsum_with_a_vector_counts() -> None:
    assert calculated("einsum('ij,j->i', x, y)", (3, 4), (4,)) == 12
    assert measured("einsum('ij,j->i', x, y)", (3, 4), (4,)) == 12


@pytest.mark.parametrize(
    ("text", "inputs", "dtype", "counted_of", "counted_of_fused"),
    [
        ("x @ y", [(3, 4), (4, 5)], "float32", True, True),
        ("x @ y", [(3, 4), (4,)], "float32", False, False),
        ("x @ y", [(4,), (4, 5)], "float32", False, False),
        ("x @ y", [(3, 4), (4, 5)], "complex64", False, False),
        ("F.linear(x, y, z)", [(3, 4), (5, 4), (5,)], "float32", True, True),
        ("relu(x)", [(4,)], "float32", True, True),
        ("LSTM(4, 6)(x)", [(5, 4)], "float32", True, False),
        ("F.scaled_dot_product_attention(x, x, x)", [(5, 4)], "float32", True, False),
    ],
)
def test_where_torch_looks(
    text: str, inputs: list[Any], dtype: str, counted_of: bool, counted_of_fused: bool
) -> None:
    run = traced(text, *(cs.Tensor(shape, getattr(dtypes, dtype)) for shape in inputs)).record
    for fused, expected in ((False, counted_of), (True, counted_of_fused)):
        assert all(is_counted_by_torch(call, fused) for call in run.calls) is expected


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_random_products(data: st.DataObject) -> None:
    size = st.integers(1, 4)
    letters = {c: data.draw(size) for c in "abcd"}
    terms = data.draw(
        st.lists(
            st.text("abcd", min_size=1, max_size=3).filter(lambda t: len(set(t)) == len(t)),
            min_size=1,
            max_size=2,
        )
    )
    kept = data.draw(st.permutations(sorted(set("".join(terms)))))
    kept = kept[: data.draw(st.integers(0, len(kept)))]
    text = f"einsum('{','.join(terms)}->{''.join(kept)}', {', '.join('xyz'[: len(terms)])})"
    shapes = [tuple(letters[c] for c in term) for term in terms]
    assert calculated(text, *shapes) == measured(text, *shapes)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_examples(name: str) -> None:
    result = cs.trace(EXAMPLES / f"{name}.yaml", batch=2)
    counter = FlopCounterMode(display=False)
    with torch.device("meta"), counter:
        network = NETWORKS[name][0]().eval()
        network(torch.empty(result.inputs[0]))
    assert result.macs == counter.get_total_flops() / 2
    of_layer = {
        path.partition(".")[2]: sum(c.values()) / 2 for path, c in counter.get_flop_counts().items()
    }
    assert {row.path: row.macs for row in result if row.path} == {
        row.path: of_layer.get(row.path, 0) for row in result if row.path
    }


def test_attention_with_added_zeros() -> None:
    def make(nn: Any) -> Any:
        return nn.MultiheadAttention(16, 2, add_zero_attn=True).eval()

    expected = counted(lambda: make(torch.nn)(*[torch.empty(5, 2, 16)] * 3))
    assert cs.trace(make(cs.nn), *[cs.Tensor((5, 2, 16))] * 3).macs == expected == 12160


def test_attention_with_an_output_of_another_width() -> None:
    def attend(space: Any, x: Any) -> Any:
        weights = [space.zeros(48, 16), None, None, None, False, 0.0, space.zeros(7, 16), None]
        function = space.nn.functional.multi_head_attention_forward
        return function(x, x, x, 16, 2, *weights, need_weights=False)[0]

    class Network(cs.nn.Module):
        def forward(self, x: cs.Tensor) -> Any:
            return attend(cs.shapetorch, x)

    expected = counted(lambda: attend(torch, torch.empty(5, 2, 16)))
    assert cs.trace(Network(), cs.Tensor((5, 2, 16))).macs == expected == 10400


ATTENTION: list[tuple[Any, ...]] = [
    (lambda nn: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (2, 5, 8)),
    (lambda nn: nn.TransformerDecoderLayer(8, 2, 16), (5, 2, 8), (7, 2, 8)),
    (lambda nn: nn.Transformer(8, 2, 1, 1, 16), (5, 2, 8), (7, 2, 8)),
]


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("case", ATTENTION, ids=["encoder", "decoder", "both"])
def test_attention(case: tuple[Any, ...]) -> None:
    make, *inputs = case
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # whose kernels torch does not look into
    try:
        expected = counted(lambda: make(torch.nn).eval()(*map(torch.empty, inputs)))
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
    result = cs.trace(make(cs.nn), *map(cs.Tensor, inputs))
    assert result.macs == expected
    assert result.rows[0].field == "whole"
