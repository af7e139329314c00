"""Every fix that an error offers is applied, in torch too: the layer or network then fits."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn as torch_nn

import convshape as cs
from convshape import nn
from convshape.api import trace_expression, traced
from convshape.errors import ShapeError
from convshape.readers.expressions.evaluate import evaluate
from convshape.readers.network_file.reader import read
from convshape.readers.shape import sample
from convshape.run.program import Program


def split(fix: str) -> tuple[str, str]:
    """Return the offered change of the layer and that of the input; either may be missing."""
    change, _, given = fix.partition("an input of ")
    return change.removesuffix(", or "), given and f"an input of {given}"


def offered_inputs(text: str, shape: tuple[int, ...]) -> list[cs.Tensor]:
    """Return the inputs at the ends of what is offered, in place of one of this shape."""
    batch, channels, *size = shape
    text = re.sub(r" \(multiples of [^)]*\)", "", text)
    general, _, here = text.partition("; for this input ")
    if here:
        return [*offered_inputs(general, shape), *offered_inputs(f"an input of {here}", shape)]
    whole = re.fullmatch(r"an input of ([\w:×]+)(?: and a batch of \d+)?(?:: the .*)?", text)
    if whole:  # of another dtype, without the batch axis, with other channels
        return [sample(whole[1], batch)]
    if " or " in text:  # the nearest below and above
        sides = text.removeprefix("an input of ").split(" or ")
        return [tensor for each in sides for tensor in offered_inputs(f"an input of {each}", shape)]
    found = re.fullmatch(
        r"an input of (at least )?(.*?)(?: to (.*), the same along every axis)?", text
    )
    assert found is not None, text
    first = [each.split("..") for each in found[2].split(" × ")]
    ends = [[int(each[0]) for each in first], [int(each[-1]) for each in first]]
    if found[3]:
        ends.append([int(each) for each in found[3].split(" × ")])
    if len(size) == 1:  # of a series with its channels
        assert all(each.pop(0) == channels for each in ends)
    if found[1]:
        ends.append([each + 5 for each in ends[0]])
    assert all(len(each) == len(size) for each in ends)
    return [cs.Tensor((batch, channels, *each)) for each in ends]


def applied(text: str, shape: tuple[int, ...], dtype: str = "float32") -> None:
    """Make the layer that is offered, here and in torch, and call it."""
    evaluate(text, {}, lambda *_: ("", "")).eval()(
        cs.Tensor(shape, getattr(cs.shapetorch.dtypes, dtype))
    )
    layer = eval(text, dict(vars(torch_nn))).eval()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        layer(torch.zeros(shape, dtype=getattr(torch, dtype)))


LAYERS = [
    ("Conv2d(3, 6, 5)", "4x32x32", "Conv2d(4, 6, 5)"),
    ("Conv2d(4, 6, 5, groups=2)", "3x32x32", "Conv2d(3, 6, 5, groups=1)"),
    ("Conv2d(32, 32, 3, groups=32)", "64x8x8", "Conv2d(64, 32, 3, groups=32)"),
    ("Conv2d(32, 32, 3, groups=32)", "48x8x8", "Conv2d(48, 32, 3, groups=16)"),
    ("ConvTranspose2d(6, 4, 3, groups=2)", "9x8x8", "ConvTranspose2d(9, 4, 3, groups=1)"),
    ("Conv1d(3, 6, 5)", "3x8x8", "Conv2d(3, 6, 5)"),
    ("Conv2d(3, 6, (5, 5, 5))", "3x8x8", "Conv2d(3, 6, 5)"),
    ("Conv2d(3, 6, 5)", "3x4x4", "Conv2d(3, 6, 5, padding=1)"),
    ("Conv2d(3, 6, 9, padding=2, padding_mode='reflect')", "3x3x3",
     "Conv2d(3, 6, 7, padding=2, padding_mode='reflect')"),
    ("ConvTranspose2d(3, 6, 1, padding=3)", "3x4x4", "ConvTranspose2d(3, 6, 1, padding=1)"),
    ("ConvTranspose2d(3, 6, 3, stride=2, output_padding=2)", "3x4x4",
     "ConvTranspose2d(3, 6, 3, stride=2, output_padding=1)"),
    ("Linear(400, 120)", "576", "Linear(576, 120)"),
    ("MaxPool2d(3)", "4x2x2", "MaxPool2d(3, padding=1)"),
    ("MaxPool2d(9)", "4x2x2", "MaxPool2d(9, padding=4)"),
    ("MaxPool2d(3)", "4x1x1", "MaxPool2d(3, padding=1)"),
    ("MaxPool2d(2)", "4x1x1", "MaxPool2d(2, padding=1)"),
    ("MaxPool2d(3, dilation=9)", "4x5x5", "MaxPool2d(1, dilation=9)"),
    ("MaxPool2d(2, padding=2)", "4x8x8", "MaxPool2d(2, padding=1)"),
    ("MaxPool1d(2)", "4x8x8", "MaxPool2d(2)"),
    ("BatchNorm2d(16)", "32x4x4", "BatchNorm2d(32)"),
    ("BatchNorm2d(16)", "16x4", "BatchNorm1d(16)"),
    ("BatchNorm1d(16)", "32", "BatchNorm1d(32)"),  # one sample, in evaluation mode
    ("GroupNorm(4, 16)", "12x4x4", "GroupNorm(4, 12)"),
    ("GroupNorm(4, 16)", "14x4x4", "GroupNorm(2, 14)"),
    ("LayerNorm((16, 5, 5))", "16x4x4", "LayerNorm((16, 4, 4))"),
    ("PReLU(16)", "8x4x4", "PReLU(num_parameters=8)"),
    ("ChannelShuffle(3)", "8x4x4", "ChannelShuffle(2)"),
    ("ReflectionPad2d(8)", "3x8x8", "ReflectionPad2d((7, 7, 7, 7))"),
    ("CircularPad1d((9, 2))", "3x8", "CircularPad1d((8, 2))"),
    ("AvgPool3d(4, padding=2)", "3x3x4x4", "AvgPool3d((3, 4, 4), padding=(1, 2, 2))"),
    ("Conv2d(3, 6, 5)", "4x3x3", "Conv2d(4, 6, 5, padding=1)"),  # two changes at once
    ("LSTM(10, 20)", "5x8", "LSTM(8, 20)"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "shape", "fix"), LAYERS)
def test_the_layer_that_is_offered_fits(layer: str, shape: str, fix: str) -> None:
    error = trace_expression(layer, shape).error
    assert error is not None
    assert split(error.fix)[0] == fix
    applied(fix, sample(shape).shape)


@pytest.mark.parametrize(
    ("layer", "fix"),
    [("GroupNorm(3, 16)", "GroupNorm(2, 16)"), ("Conv2d(3, 6, 3, groups=2)", "groups=1"),
     ("Conv2d(4, 6, 3, groups=4)", "groups=2")],
)  # fmt: skip
def test_a_layer_that_cannot_be_made(layer: str, fix: str) -> None:
    with pytest.raises(ShapeError) as refusal:
        trace_expression(layer, "3x8x8")
    assert refusal.value.fix == fix
    eval(fix if "(" in fix else re.sub(r"groups=\d", fix, layer), dict(vars(torch_nn)))


@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.data())
def test_the_view_that_is_offered_fits(old: list[int], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    if data.draw(st.booleans()):
        wanted[data.draw(st.integers(0, len(wanted) - 1))] = -1
    x = cs.Tensor(tuple(old))
    try:
        assert x.view(*wanted).numel() == x.numel()
    except ShapeError as error:
        if error.fix:
            torch.zeros(old).view(eval(error.fix.removeprefix("the shape ")))
        else:
            assert len(wanted) > 1  # one size can always be what it must


def test_an_input_of_another_dtype_is_offered() -> None:
    for layer, shape, fix in (
        ("Embedding(10, 3)", "float32:7", "int64:7"),
        ("Conv2d(3, 4, 3)", "int64:3x8x8", "float32:3×8×8"),
    ):
        error = trace_expression(layer, shape).error
        assert error is not None
        assert error.fix == f"an input of {fix}"
        assert trace_expression(layer, fix).error is None


# Networks, whole


WHOLE = {
    "a flatten is missing": (
        ("a: Conv2d(3, 8, 3)", "b: MaxPool2d(2)", "c: Linear(8*15*15, 10)"),
        "Flatten() before it",
        ("a: Conv2d(3, 8, 3)", "b: MaxPool2d(2)", "f: Flatten()", "c: Linear(8*15*15, 10)"),
    ),
    "a flatten is missing, and the number is wrong": (
        ("a: Conv2d(3, 8, 3)", "c: Linear(100, 10)"),
        "Flatten() before it and Linear(7200, 10)",
        ("a: Conv2d(3, 8, 3)", "f: Flatten()", "c: Linear(7200, 10)"),
    ),
    "one of several values is wanted": (
        ("a: flatten(input, 1, 2)", "b: LSTM(32, 8)", "c: Linear(8, 2)"),
        "b, _: LSTM(32, 8)",
        ("a: flatten(input, 1, 2)", "b, _: LSTM(32, 8)", "c: Linear(8, 2)"),
    ),
    "of a layer in a sequence too": (
        ("a: Sequential(Flatten(1, 2), LSTM(32, 8), Linear(8, 2))",),
        "take the LSTM out of its sequence and its first value alone: out, _",
        ("a: Flatten(1, 2)", "out, _: LSTM(32, 8)", "c: Linear(8, 2)"),
    ),
    "the channels are the last": (
        ("a: flatten(input, 1, 2)", "b: LayerNorm(32)", "c: Conv1d(32, 8, 3)"),
        "b.transpose(1, 2) before it",
        ("a: flatten(input, 1, 2)", "b: LayerNorm(32)", "t: b.movedim(-1, 1)",
         "c: Conv1d(32, 8, 3)"),
    ),
    "an attention takes three": (
        ("a: flatten(input, 1, 2)", "b: MultiheadAttention(32, 8)"),
        "MultiheadAttention(32, 8)(a, a, a)",
        ("a: flatten(input, 1, 2)", "b: MultiheadAttention(32, 8)(a, a, a)"),
    ),
    "of an attention too one of several values is wanted": (
        ("a: flatten(input, 1, 2)", "b: MultiheadAttention(32, 8)(a, a, a)", "c: Linear(32, 2)"),
        "b, _: MultiheadAttention(32, 8)(...)",
        ("a: flatten(input, 1, 2)", "b, _: MultiheadAttention(32, 8)(a, a, a)", "c: Linear(32, 2)"),
    ),
    "more values than names": (
        ("a, b: input.chunk(4, dim=2)",),
        "a, b, _, _",
        ("a, b, _, _: input.chunk(4, dim=2)",),
    ),
    "the shortcut has another stride": (
        ("a: Conv2d(3, 8, 3, 2, 1)", "b: BatchNorm2d(8)", "c: Conv2d(3, 8, 1)(input)",
         "d: relu(c) + b"),
        "c: Conv2d(3, 8, 1, stride=2)",
        ("a: Conv2d(3, 8, 3, 2, 1)", "b: BatchNorm2d(8)", "c: Conv2d(3, 8, 1, stride=2)(input)",
         "d: relu(c) + b"),
    ),
    "a pooling has another stride": (
        ("a: MaxPool2d(4)", "b: AvgPool2d(2)(input)", "c: cat([a, b])"),
        "b: AvgPool2d(2, stride=4)",
        ("a: MaxPool2d(4)", "b: AvgPool2d(2, stride=4)(input)", "c: cat([a, b])"),
    ),
    "up again from an odd size": (
        ("a: Conv2d(3, 8, 3)", "b: MaxPool2d(4)", "c: ConvTranspose2d(8, 8, 4, 4)",
         "d: cat([c, a], 1)"),
        "an input of 34 × 34 or 30 × 30",
        ("a: Conv2d(3, 8, 3)", "b: MaxPool2d(4)", "c: ConvTranspose2d(8, 8, 4, 4, 0, 2)",
         "d: cat([c, a], 1)"),
    ),
    "a change that gets no further is not offered": (
        ("a: Conv2d(3, 4, 3, padding=1)", "b: MaxPool2d(2)", "c: cat([a, b], 1)"),
        "",
        ("a: Conv2d(3, 4, 3, padding=1)", "b: MaxPool2d(2)", "c: cat([a[:, :, ::2, ::2], b], 1)"),
    ),
    "up again by another factor": (
        ("a: MaxPool2d(4)", "b: ConvTranspose2d(3, 3, 4, 2)", "c: input + b"),
        "b: ConvTranspose2d(3, 3, 4, stride=4)",
        ("a: MaxPool2d(4)", "b: ConvTranspose2d(3, 3, 4, stride=4)", "c: input + b"),
    ),
}  # fmt: skip


def whole(lines: tuple[str, ...], shape: str = "3x32x32") -> cs.Trace:
    network = read(
        f"input: {shape}\nlayers:\n" + "\n".join(f"  {line}" for line in lines), "net.yaml"
    )
    return traced(Program(network.module, network.inputs))


@pytest.mark.parametrize(("lines", "fix", "mended"), WHOLE.values(), ids=WHOLE)
def test_what_is_offered_for_a_network_fits(lines: Any, fix: str, mended: Any) -> None:
    error = whole(lines).error
    assert error is not None
    assert error.fix == fix
    assert whole(mended).error is None


@pytest.mark.parametrize(
    ("layer", "shape", "fix"),
    [
        ("Conv2d(3, 6, 5)", "32x32x3", "an input of 3×32×32: the channels come first"),
        ("Conv2d(3, 6, 5)", "32x32", "an input of 3×32×32"),
        ("Conv2d(3, 6, 5)", "1x32x32", "Conv2d(1, 6, 5), or an input of 3×32×32"),
        ("Conv2d(3, 6, 5)", "8x3x32x32",
         "an input of 3×32×32 and a batch of 8: the batch axis is added in front of it"),
        ("Conv2d(1, 6, 5)", "784", "an input of 1×28×28"),
        ("ConvTranspose2d(100, 6, 4)", "100", "an input of 100×1×1"),
        ("Conv2d(16, 6, 5)", "784", "an input of 16×7×7"),
        ("Conv2d(16, 6, 5)", "100", "an input of 16×32×32"),
        ("BatchNorm2d(4)", "9x12", "an input of 4×9×12"),
        ("LSTM(32, 8)", "32x20", "LSTM(20, 8), or an input of 20×32"),
        ("Linear(784, 10)", "28", "Linear(28, 10), or an input of 784"),
    ],
)  # fmt: skip
def test_an_input_with_other_channels_is_offered(layer: str, shape: str, fix: str) -> None:
    error = trace_expression(layer, shape).error
    assert error is not None
    assert error.fix == fix
    (tensor,) = offered_inputs(split(fix)[1], sample(shape).shape)
    assert trace_expression(layer, "x".join(map(str, tensor.shape[1:]))).error is None


# PyTorch source

SOURCE = """
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, padding=1)
    def forward(self, x):
        return self.conv(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {layers}
    def forward(self, x):
        {forward}
"""
ADVICE = [
    ("self.c = nn.Conv2d(1, 4, 3); self.f = nn.Linear(2704, 10)",
     "return self.f(self.c(x).flatten())", "1x28x28", "flatten(1) in place of flatten()"),
    ("self.c = nn.Conv2d(3, 4, 3); self.f = nn.Linear(144, 10)", "return self.f(self.c(x))",
     "3x8x8", "torch.flatten(x, 1) before it"),
    ("self.c = nn.Conv3d(3, 4, 3); self.f = nn.Conv3d(4, 2, 1)", "return self.f(self.c(x))",
     "8x3x9x9", "x.transpose(1, 2) before it"),
    ("self.l = nn.Linear(5, 16); self.b = nn.BatchNorm1d(16); self.o = nn.Linear(16, 2)",
     "return self.o(self.b(self.l(x)))", "7x5", "x.transpose(1, 2) before it, and again after it"),
    ("self.a = Block(3, 16); self.b = Block(8, 32); self.c = Block(32, 4)",
     "return self.c(self.b(self.a(x)))", "3x8x8", "b: Block(16, 32)"),
    ("self.a = nn.Conv2d(3, 8, 3, padding=1); self.b = nn.Conv2d(3, 8, 5, stride=2)",
     "return torch.cat([self.a(x), self.b(x)], 1)", "3x32x32",
     "b: Conv2d(3, 8, 5, stride=1, padding=2)"),
    ("self.p = nn.MaxPool2d(8); self.u = nn.Upsample(scale_factor=8)",
     "return x + self.u(self.p(x))", "3x30x50", "32 × 56 or 24 × 48 (multiples of 8)"),
    ("self.c = nn.Conv2d(1, 4, 3); self.f = nn.Linear(2704, 10)",
     "return self.f(self.c(x).flatten(1))", "28x28", "an input of 1×28×28"),
    ("self.l = nn.LSTM(6, 4)",
     "return self.l(x, (torch.zeros(1, x.size(0), 4), torch.zeros(1, x.size(0), 4)))[0]", "9x6",
     "batch_first=True"),
]  # fmt: skip


def source_trace(folder: Any, layers: str, forward: str, *shapes: str, batch: int = 1) -> cs.Trace:
    file = folder / "net.py"
    file.write_text(SOURCE.format(layers=layers, forward=forward), encoding="utf-8")
    return cs.trace(f"{file}:Net", *shapes, batch=batch)


@pytest.mark.parametrize(("layers", "forward", "shape", "fix"), ADVICE)
def test_a_mistake_in_source_gets_its_own_kind_of_fix(
    layers: str, forward: str, shape: str, fix: str, tmp_path: Any
) -> None:
    error = source_trace(tmp_path, layers, forward, shape, batch=64).error
    assert error is not None
    assert fix in error.fix


@pytest.mark.parametrize(
    ("layers", "forward", "shape", "note"),
    [
        ("self.p = nn.MaxPool2d(2)", "return self.p(x).view(-1, 12)", "3x8x8",
         "1 sample in, 4 rows out: `view(-1, 12)`"),
        ("self.c = nn.Conv2d(1, 4, 3)", "return self.c(x)", "28x28", 'input="1x28x28"'),
        ("self.p = nn.MaxPool2d(2, return_indices=True); self.u = nn.MaxUnpool2d(2)",
         "return self.u(*self.p(x))", "1x7x7", "give output_size"),
        ("self.p = nn.MaxPool2d(2)", "return self.p(x).view(x.size(0), -1)", "3x8x8", ""),
        ("self.p = nn.MaxPool2d(2)", "self.p(x)", "3x8x8", "the network returns None: `return`"),
    ],
)  # fmt: skip
def test_what_torch_does_not_refuse_is_noted(
    layers: str, forward: str, shape: str, note: str, tmp_path: Any
) -> None:
    trace = source_trace(tmp_path, layers, forward, shape)
    assert trace.error is None
    assert note in trace.note
    assert bool(note) == bool(trace.note)


def test_an_input_that_is_not_given_is_found_in_the_network(tmp_path: Any) -> None:
    layers = "self.c = nn.Conv2d(1, 4, 3); self.f = nn.Linear(2704, 10)"
    trace = source_trace(tmp_path, layers, "return self.f(self.c(x).flatten(1))")
    assert trace.inputs == [(1, 1, 28, 28)]
    assert trace.note == "input 1×28×28, from c and f (28 alone fits); input to choose"


def test_a_network_that_does_something_else_each_time_gets_no_fix(tmp_path: Any) -> None:
    layers = "self.n = [0]; self.a = nn.Linear(3, 2); self.b = nn.Linear(4, 2)"
    forward = "import random; return (self.a if random.random() < 0.5 else self.b)(x[:, :2])"
    for _ in range(5):
        error = source_trace(tmp_path, layers, forward, "3").error
        assert error is not None
        assert "then" not in error.fix


# Random networks, most of them broken


@st.composite
def networks(draw: Any) -> tuple[list[str], tuple[int, ...]]:
    """Draw the calls of a convolutional network, some of whose numbers are wrong, and its input."""
    axes = draw(st.sampled_from([1, 2, 2, 2, 3]))
    size = tuple(draw(st.lists(st.integers(1, 24), min_size=axes, max_size=axes)))
    if draw(st.booleans()):
        size = size[:1] * axes
    channels = draw(st.sampled_from([1, 2, 3, 4, 6, 8]))
    shape = (draw(st.integers(1, 2)), channels, *size)
    layers: list[str] = []
    small = st.integers(1, 3)

    def near(number: int) -> int:
        wrong = draw(st.sampled_from([0, 0, 0, 0, 1, -1, 4]))
        return max(1, number + wrong)

    for _ in range(draw(st.integers(1, 5))):
        kind = draw(
            st.sampled_from(
                [
                    "conv",
                    "conv",
                    "pool",
                    "avg",
                    "norm",
                    "group",
                    "up",
                    "pad",
                    "relu",
                    "prelu",
                    "shuffle",
                ]
            )
        )
        d = draw(st.sampled_from([axes] * 9 + [1 + axes % 3]))
        k, s, p, dilation = (
            draw(st.integers(1, 7)),
            draw(small),
            draw(st.integers(0, 3)),
            draw(st.sampled_from([1, 1, 2, 3])),
        )
        out = draw(st.sampled_from([2, 4, 6, 8]))
        if kind == "conv":
            groups = draw(st.sampled_from([1, 1, 1, 2]))
            used = near(channels)
            groups = groups if used % groups == 0 and out % groups == 0 else 1
            layers.append(f"Conv{d}d({used}, {out}, {k}, {s}, {p}, {dilation}, {groups})")
            channels = out
        elif kind == "up":
            layers.append(
                f"ConvTranspose{d}d({near(channels)}, {out}, {k}, {s}, {p}, "
                f"{draw(st.integers(0, 2))})"
            )
            channels = out
        elif kind in ("pool", "avg"):
            layers.append(f"{'Max' if kind == 'pool' else 'Avg'}Pool{d}d({k}, {s}, {p})")
        elif kind == "norm":
            layers.append(f"BatchNorm{d}d({near(channels)})")
        elif kind == "group":
            used = near(channels)
            groups = draw(st.sampled_from([n for n in range(1, used + 1) if used % n == 0]))
            layers.append(f"GroupNorm({groups}, {used})")
        elif kind == "pad":
            layers.append(f"ReflectionPad{d}d({p})")
        elif kind == "prelu":
            layers.append(f"PReLU({near(channels)})")
        elif kind == "shuffle":
            layers.append(f"ChannelShuffle({draw(st.integers(1, 4))})")
        else:
            layers.append("ReLU()")
    if draw(st.booleans()):
        layers += ["Flatten()", f"Linear({draw(st.integers(1, 300))}, 10)"]
    return layers, shape


def build(layers: list[str]) -> nn.Module:
    return nn.Sequential(*(evaluate(each, {}, lambda *_: ("", "")) for each in layers)).eval()


@settings(max_examples=200)
@example((["ReLU()", "BatchNorm1d(2)"], (1, 1, 2)))  # its channels are the last axis
@example((["GroupNorm(2, 2)"], (1, 2, 1)))  # more than one value is wanted in each group
@given(networks())
def test_every_fix_of_a_broken_network_mends_it(network: tuple[list[str], tuple[int, ...]]) -> None:
    layers, shape = network
    trace = cs.trace(build(layers), cs.Tensor(shape))
    if trace.error is None:
        return
    change, given = split(trace.error.fix)
    index = int(trace.error.path or 0)
    before = torch_nn.Sequential(
        *(eval(each, dict(vars(torch_nn))) for each in layers[:index])
    ).eval()
    with torch.no_grad():
        arrived = before(torch.zeros(shape))
    again = ", and again after it"
    if " and " in change.removesuffix(again):
        pass  # two changes in one
    elif change.startswith("x.") and trace.error.tried:  # of what arrives, not of the layer
        form = change.partition(" before it")[0]
        first, *rest = (eval(each, dict(vars(torch_nn))).eval() for each in layers[index:])
        with torch.no_grad():
            result = first(eval(form, {"x": arrived}))
            result = eval(form, {"x": result}) if change.endswith(again) else result
            torch_nn.Sequential(*rest)(result)
    elif change.startswith("a batch of 2"):
        rest = [eval(each, dict(vars(torch_nn))) for each in layers]
        with torch.no_grad():
            torch_nn.Sequential(*rest).eval()(torch.zeros(2, *shape[1:]))
    elif change and ": " not in change and trace.error.tried:
        applied(change, tuple(arrived.shape))
    if given and (trace.error.tried or "such as" not in given):
        module = torch_nn.Sequential(*(eval(each, dict(vars(torch_nn))) for each in layers)).eval()
        for tensor in offered_inputs(given, shape):
            assert cs.trace(build(layers), tensor).error is None
            with torch.no_grad():
                module(torch.zeros(tensor.shape, dtype=getattr(torch, tensor.dtype.name)))
