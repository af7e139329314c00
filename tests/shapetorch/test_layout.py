"""Memory layout of tensors: strides, views that torch refuses, and unknown layouts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import convshape as cs
from convshape import Tensor, shapetorch
from convshape import shapetorch as t
from convshape.api import traced
from convshape.readers.network_file.reader import read
from convshape.run.program import Program
from convshape.shapetorch.layout import is_unknown
from convshape.verify.generators.chains import chain, evaluated
from convshape.verify.generators.choices import arranged
from convshape.verify.generators.data import Layout
from convshape.verify.generators.judging import by_convshape, by_torch

#: Expressions of x, 2×3×4, and c, 2×3×4×5 with its channels last, and the strides of what they
#: give.
STRIDES = [
    ("x", (12, 4, 1)),
    ("x.transpose(1, 2)", (12, 1, 4)),
    ("x.permute(2, 0, 1)", (1, 12, 4)),
    ("x[:, ::2]", (12, 8, 1)),
    ("x[:, 0]", (12, 1)),
    ("x[..., None, 1:]", (12, 4, 4, 1)),
    ("x.chunk(2, dim=1)[1]", (12, 4, 1)),
    ("x[0].expand(5, 3, 4)", (0, 4, 1)),
    ("x.unfold(2, 3, 1)", (12, 4, 1, 1)),
    ("x.diagonal(0, 1, 2)", (12, 5)),
    ("x.mT.unsqueeze(1)", (12, 4, 1, 4)),
    ("x[:, :, :1].squeeze(2)", (12, 4)),
    ("x.view(6, 4)", (4, 1)),
    ("x.view(torch.float64)", (6, 2, 1)),
    ("x.to(torch.complex64).imag", (24, 8, 2)),
    ("x.as_strided((2, 2), (1, 5), 3)", (1, 5)),
    # element by element: as the first that has an order
    ("x.mT + 1", (12, 1, 4)),
    ("x.mT * x.mT.contiguous()", (12, 1, 4)),
    ("x.mT.contiguous() * x.mT", (12, 3, 1)),
    ("F.gelu(x.permute(2, 0, 1))", (1, 12, 4)),
    ("x[:, ::2].exp()", (8, 4, 1)),
    ("x[0].expand(5, 3, 4) * 2", (12, 4, 1)),
    ("x.mT > 0", (12, 1, 4)),
    ("x.mT.clone()", (12, 1, 4)),
    ("torch.zeros_like(x.mT)", (12, 1, 4)),
    ("x.mT.double()", (12, 1, 4)),
    ("torch.zeros_like(c.contiguous(), memory_format=torch.channels_last)", (60, 1, 15, 3)),
    ("torch.empty(2, 3, 4, 5, memory_format=torch.channels_last)", (60, 1, 15, 3)),
    # means: over all places as the input, over windows so too with channels last of 2 axes
    ("F.adaptive_avg_pool2d(c, 2)", (12, 1, 6, 3)),
    ("F.adaptive_avg_pool2d(c, 1)", (3, 1, 3, 3)),
    ("F.adaptive_avg_pool2d(c[0], 2)", (4, 2, 1)),
    ("F.adaptive_avg_pool2d(c[0], 1)", (1, 1, 1)),
    *(
        (
            "F.adaptive_avg_pool3d(c[:, :, None].to(memory_format=torch.channels_last_3d), "
            f"{size})",
            strides,
        )
        for size, strides in (
            (1, (3, 1, 3, 3, 3)),
            (2, (24, 8, 4, 2, 1)),
            ((1, 1, 2), (6, 2, 2, 2, 1)),
        )
    ),
    # anew
    ("x.mT.contiguous()", (12, 3, 1)),
    ("x.mT.reshape(2, -1)", (12, 1)),
    ("x.mT.softmax(-1)", (12, 3, 1)),
    ("x.mT.sum(0)", (3, 1)),
    ("x.mT @ x", (16, 4, 1)),
    ("torch.cat([x.mT, x.mT])", (12, 3, 1)),
    ("nn.LayerNorm(3)(x.mT)", (12, 3, 1)),
    ("nn.Linear(3, 5)(x.mT)", (20, 5, 1)),
    ("x[:, [0, 1]]", (8, 4, 1)),
    ("x.mT[:, [0, 1]]", (6, 3, 1)),
    # channels last
    ("c", (60, 1, 15, 3)),
    ("F.relu(c)", (60, 1, 15, 3)),
    ("nn.Conv2d(3, 8, 3, padding=1)(c)", (160, 1, 40, 8)),
    ("nn.Conv2d(3, 8, 3).to(memory_format=torch.channels_last)(c.contiguous())", (48, 1, 24, 8)),
    ("nn.BatchNorm2d(3).eval()(c)", (60, 1, 15, 3)),
    ("F.max_pool2d(c, 2)", (12, 1, 6, 3)),
    ("F.interpolate(c, scale_factor=2)", (240, 1, 30, 3)),
    ("torch.cat([c, c], 1)", (120, 1, 30, 6)),
    ("torch.cat([c, c.contiguous()], 1)", (120, 20, 5, 1)),
    ("c.mean((2, 3))", (3, 1)),
    ("c.to(memory_format=torch.contiguous_format)", (60, 20, 5, 1)),
    (
        "c[:, :, :3, :1].as_strided((3, 3, 3, 1), (9, 1, 3, 12)) + c.as_strided((3, 3, 3, 1), (9, "
        "1, 3, 3))",
        (9, 1, 3, 3),
    ),
    # out of order without having been given anything so
    ("nn.LSTM(4, 5, batch_first=True)(x)[0]", (5, 10, 1)),
    ("nn.MultiheadAttention(4, 2, batch_first=True)(x, x, x)[0]", (4, 8, 1)),
    ("torch.einsum('bij->bji', x)", (12, 1, 4)),
    ("torch.einsum('bij,kj->kbi', x, x[0])", (6, 3, 1)),
    ("torch.einsum('bij,kj->kbi', x[:1], x[0])", (3, 3, 1)),
    ("torch.einsum('bij,kj->bik', x[:1], x[0])", (9, 3, 1)),
]


def _of(library: Any) -> tuple[Any, Any]:
    x = library.zeros(2, 3, 4)
    return x, library.zeros(2, 3, 4, 5).to(memory_format=library.channels_last)


@pytest.mark.parametrize(("expression", "strides"), STRIDES, ids=[e for e, _ in STRIDES])
def test_strides(expression: str, strides: tuple[int, ...]) -> None:
    for library in (shapetorch, torch):
        x, c = _of(library)
        torch.backends.mha.set_fastpath_enabled(False)
        names = {"x": x, "c": c, "torch": library, "F": library.nn.functional, "nn": library.nn}
        with torch.no_grad():
            assert eval(expression, names).stride() == strides


def test_what_is_read_of_the_memory_of_a_tensor() -> None:
    """The same expression gives the same on tensors of torch's."""
    expressions = (
        "x.stride(-1)", "x.mT.stride(1)", "x.storage_offset()", "x[1, 1:].storage_offset()",
        "x.is_contiguous()", "x.mT.is_contiguous()", "x[:1].mT.mT.is_contiguous()",
        "x[:, :1].mT.is_contiguous()", "x[1:].is_contiguous()",
        "c.is_contiguous()", "c.is_contiguous(memory_format=torch.channels_last)", "c.dim_order()",
        "x.mT.dim_order()", "c[:, :1].is_contiguous(memory_format=torch.channels_last)",
        "torch.zeros(0, 3).mT.is_contiguous()", "x.mT.contiguous().is_contiguous()",
        "c.contiguous(memory_format=torch.channels_last).stride()",
        "torch.zeros(2, 0, 3).stride()", "x.data.mT.stride()", "nn.Parameter(x.mT).stride()",
        "x.mT.requires_grad_().stride()", "[part.storage_offset() for part in x.unbind(1)]",
        "[row.storage_offset() for row in x]", "x[0].t_().stride()",
    )  # fmt: skip
    for text in expressions:
        found = []
        for library in (shapetorch, torch):
            x, c = _of(library)
            found.append(eval(text, {"x": x, "c": c, "torch": library, "nn": library.nn}))
        assert found[0] == found[1], text


@settings(max_examples=300)
@given(
    terms=st.lists(st.text("abcdX", min_size=1, max_size=4), min_size=2, max_size=2),
    sizes=st.lists(st.sampled_from((1, 2, 3)), min_size=5, max_size=5),
    data=st.data(),
)
def test_products_of_two_tensors_lie_as_torchs(
    terms: list[str], sizes: list[int], data: st.DataObject
) -> None:
    terms = ["".join(dict.fromkeys(term)) for term in terms]
    letters = data.draw(st.permutations(sorted({*terms[0], *terms[1]})))
    equation = f"{','.join(terms)}->{''.join(letters[: data.draw(st.integers(0, len(letters)))])}"
    shapes = [[sizes["abcdX".index(letter)] for letter in term] for term in terms]
    result = shapetorch.einsum(equation, *map(shapetorch.zeros, shapes))
    real = torch.einsum(equation, *map(torch.zeros, shapes))
    assert result.shape == real.shape
    assert is_unknown(result) or result.stride() == real.stride()


@settings(max_examples=300)
@given(data=st.data())
def test_chains_of_views_and_operations_are_torchs(data: st.DataObject) -> None:
    """A view at their end is refused if torch refuses it; else strides and offset are torch's."""

    def pick(choices: Sequence[Any]) -> Any:
        return data.draw(st.sampled_from(choices))

    call = arranged(pick, chain(pick))
    assert by_convshape(call).agrees(by_torch(call)), call


@given(data=st.data())
def test_a_layout_is_what_it_says(data: st.DataObject) -> None:
    """The tensors that the other tests are made of have the same memory here and there."""

    def pick(choices: Sequence[Any]) -> Any:
        return data.draw(st.sampled_from(choices))

    shape = tuple(pick((1, 2, 3)) for _ in range(pick((1, 2, 3, 4))))
    order = data.draw(st.permutations(range(len(shape))))
    layout = Layout(tuple(order), tuple(pick((0, 1, 2)) for _ in shape), pick((False, True)))
    ours, theirs = layout.of(shape, Tensor), layout.of(shape, torch.zeros)
    assert ours.shape == tuple(theirs.shape) == shape
    assert ours.stride() == theirs.stride()


x = Tensor((2, 3, 4))
y = x.transpose(1, 2)

REFUSALS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: y.view(2, -1),
        "view cannot give 2×4×3 the shape 2×12 without a copy: its elements are out of order in "
        "memory, with strides (12, 1, 4) (fix: `reshape`, or `.contiguous()` before it)",
    ),
    (
        lambda: x[:, ::2].view(-1),
        "view cannot give 2×2×4 the shape 16 without a copy: its elements are out of order in "
        "memory, with strides (12, 8, 1) (fix: `reshape`, or `.contiguous()` before it)",
    ),
    (lambda: y.view_as(x),
     "view_as cannot give 2×4×3 the shape 2×3×4 without a copy: its elements are out of order in "
     "memory, with strides (12, 1, 4) (fix: `reshape`, or `.contiguous()` before it)"),
    (lambda: (y + 1).view(24),
     "view cannot give 2×4×3 the shape 24 without a copy: its elements are out of order in memory, "
     "with strides (12, 1, 4) (fix: `reshape`, or `.contiguous()` before it)"),
    (
        lambda: y.view(t.float64),
        "view cannot read rows of 3 torch.float32 as whole torch.float64",
    ),
    (
        lambda: x[..., 1:3].view(t.float64),
        "view cannot read torch.float32 as torch.float64: of strides (12, 4, 1) and an offset of 1 "
        "the last stride must be 1, and all else multiples of 2 (fix: "
        "`.clone(memory_format=torch.contiguous_format)` before it)",
    ),
    (
        lambda: t.view_as_complex(x[..., 1:3]),
        "view_as_complex needs pairs that are contiguous in memory: with strides (12, 4, 1) and an "
        "offset of 1 the last stride must be 1, and all else even (fix: "
        "`.clone(memory_format=torch.contiguous_format)` before it)",
    ),
    (
        lambda: x[0].expand(5, 3, 4).add_(1),
        "add_ cannot write into 5×3×4, which is expanded: 5 elements share a place in memory (fix: "
        "`.clone()` before it)",
    ),
    (
        lambda: t.nn.functional.relu(x[0].expand(5, 3, 4), inplace=True),
        "relu cannot write into 5×3×4, which is expanded: 5 elements share a place in memory (fix: "
        "`.clone()` before it)",
    ),
    (lambda: t.zeros(2, memory_format=t.contiguous_format),
     "zeros has no argument 'memory_format'"),
    (lambda: x.as_strided((3, 9), (9, 1)), "as_strided reaches element 26 of a memory that has 24"),
    (lambda: x.as_strided((3,), (1, 2)), "as_strided has 1 sizes and 2 strides"),
    (lambda: x.as_strided((3,), (-1,)),
     "as_strided has stride=(-1,) and storage_offset=0, of which none can be negative"),
    (
        lambda: y.contiguous(memory_format=t.preserve_format),
        "contiguous needs a memory_format to change to, but receives torch.preserve_format",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[m[:40] for _, m in REFUSALS])
def test_refusals(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        call()
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "call",
    [
        lambda: t.fft.fft(x).view(-1),
        lambda: t.linalg.qr(x).Q.stride(),
        lambda: t.fft.fft(x).is_contiguous(),
        lambda: (t.fft.fft(x) + 1).real.view(24),
        lambda: t.fft.fft(y).abs().storage_offset(),
        lambda: t.fft.fft(y).mT.unflatten(0, (1, 2)),
        lambda: t.view_as_complex(t.linalg.qr(x[..., :2]).Q),
        lambda: t.fft.fft(x)[0].expand(5, 3, 4).add_(1),
        lambda: x[0].expand(5, 3, 4).tril_(),
        lambda: t.nn.functional.conv1d(x, t.zeros(3, 5, 1).transpose(0, 1)).view(-1),
        lambda: t.nn.functional.conv3d(
            t.zeros(1, 3, 4, 4, 4).to(memory_format=t.channels_last_3d), t.zeros(2, 3, 1, 1, 1)
        ).view(-1),
    ],
)
def test_what_is_not_known_is_not_guessed(call: Callable[[], Any]) -> None:
    with pytest.raises(cs.UnknownOperation, match=r"in memory.*(contiguous|clone)"):
        call()


def test_what_is_not_known_is_known_again_once_it_is_laid_out_anew() -> None:
    spectrum = t.fft.fft(y)
    assert spectrum.contiguous().view(-1).shape == (24,)
    assert spectrum.abs().sum(0).view(-1).shape == (12,)
    assert spectrum.reshape(-1).shape == (24,)
    assert spectrum[:0].view(0).shape == (0,)


def test_a_network_says_how_its_view_would_fit() -> None:
    network = read(
        "input: 3x4\nlayers:\n  turned: input.transpose(1, 2)\n  flat: turned.view(1, -1)\n",
        "net.yaml",
    )
    error = traced(Program(network.module, network.inputs, where=network.where)).error
    assert error is not None
    assert error.message.endswith(
        "cannot give 1×4×3 the shape 1×12 without a copy: its elements are out of order in memory, "
        "with strides (12, 1, 4)"
    )
    assert error.fix == "`reshape`, or `.contiguous()` before it"
    assert error.why == "turned is 1×4×3, from input 1×3×4"


def test_memory_formats_of_a_module() -> None:
    for library in (shapetorch, torch):
        layer = library.nn.Conv2d(3, 4, 2).to(memory_format=library.channels_last)
        assert layer.weight.stride() == (12, 1, 6, 3)
        assert evaluated("x.stride()", library, layer(library.zeros(1, 3, 5, 5)), None) == (
            64,
            1,
            16,
            4,
        )
