"""Network files as graphs: each equals the same network written by hand in torch, name by name."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch_networks import by_convshape, by_torch, torch_rows

import convshape as cs
from convshape.api import traced
from convshape.readers.network_file.reader import read
from convshape.run.program import Program
from convshape.verify.generators.networks import random_network


def trace(text: str, **options: Any) -> cs.Trace:
    network = read(textwrap.dedent(text), "net.yaml", **options)
    return traced(Program(network.module, network.inputs, name=network.name, where=network.where))


def network(layers: str, head: str = "input: 3x32x32") -> str:
    return f"{textwrap.dedent(head)}\nlayers:\n" + textwrap.indent(textwrap.dedent(layers), "  ")


def equals(text: str, module: nn.Module, *shapes: tuple[int, ...]) -> None:
    """Hold a file against a module of torch: every call by name, and every parameter."""
    text = textwrap.dedent(text)
    ours = by_convshape(text)
    assert ours.accepted, ours.message
    assert ours.rows == torch_rows(module, *map(torch.zeros, shapes))
    assert dict(ours.parameters) == {name: tuple(p.shape) for name, p in module.named_parameters()}
    assert ours.count == sum(p.numel() for p in module.parameters())
    assert by_torch(text) == ours


class BasicBlock(nn.Module):
    def __init__(self, cin: int, cout: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.down: Any = None
        if stride != 1 or cin != cout:
            self.down = nn.Conv2d(cin, cout, 1, stride=stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (x if self.down is None else self.down(x)))


class ResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(8, 8), BasicBlock(8, 8))
        self.layer2 = nn.Sequential(BasicBlock(8, 16, 2), BasicBlock(16, 16), BasicBlock(16, 16))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.avgpool(self.layer2(self.layer1(self.pool(self.stem(x)))))
        return self.fc(x.flatten(1))


RESNET = """
    input: 3x64x64
    vars: {width: 8, classes: 10}
    blocks:
      BasicBlock(cin, cout, stride=1):
        conv1: Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)
        bn1: BatchNorm2d(cout)
        relu: ReLU()
        conv2: Conv2d(cout, cout, 3, padding=1, bias=False)
        bn2: BatchNorm2d(cout)
        down: Conv2d(cin, cout, 1, stride=stride, bias=False)(input)
              if stride != 1 or cin != cout else input
        sum: bn2 + down
        out: relu(sum)
    layers:
      stem: Conv2d(3, width, 7, stride=2, padding=3, bias=False)
      pool: MaxPool2d(3, 2, 1)
      layer1: 2 * BasicBlock(width, width)
      layer2: Sequential(BasicBlock(width, 2*width, 2), 2 * BasicBlock(2*width, 2*width))
      avgpool: AdaptiveAvgPool2d(1)
      flat: avgpool.flatten(1)
      fc: Linear(2*width, classes)(flat)
"""


def test_a_residual_network() -> None:
    equals(RESNET, ResNet(), (1, 3, 64, 64))


def test_vars_reach_into_blocks() -> None:
    result = trace(RESNET, constants={"width": "4"}, input="3x32x32", batch=2)
    rows = {row.path: row for row in result}
    assert rows["layer2.0.down"].layer == "Conv2d(4, 8, 1, stride=2, bias=False)"
    assert rows["fc"].outputs == [(2, 10)]


class Inception(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.b1 = nn.Conv2d(3, 4, 1)
        self.b2 = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 6, 3, padding=1))
        self.b3 = nn.Conv2d(3, 2, 1)
        self.merged = nn.ModuleList([nn.Conv2d(3, 2, 5, padding=2), nn.Conv2d(3, 5, 3, padding=1)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        branches = [self.b1(x), self.b2(x), self.b3(F.max_pool2d(x, 3, stride=1, padding=1))]
        return torch.cat([*branches, *(layer(x) for layer in self.merged)], dim=1)


def test_branches() -> None:
    text = network("""
        b1: Conv2d(3, 4, 1)
        b2: Sequential(Conv2d(3, 4, 1), Conv2d(4, 6, 3, padding=1))(input)
        b3: Conv2d(3, 2, 1)(F.max_pool2d(input, 3, stride=1, padding=1))
        merged: cat([b1, b2, b3, Conv2d(3, 2, 5, padding=2)(input),
                     Conv2d(3, 5, 3, padding=1)(input)], dim=1)
    """)
    equals(text, Inception(), (1, 3, 32, 32))


class Up(nn.Module):
    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(cin, cout, 2, stride=2)
        self.conv = nn.Conv2d(2 * cout, cout, 3)

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        up = self.up(x)
        edge = (skip.shape[2] - up.shape[2]) // 2
        return self.conv(torch.cat([skip[:, :, edge:-edge, edge:-edge], up], dim=1))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.Conv2d(1, 4, 3)
        self.pool = nn.MaxPool2d(2)
        self.mid = nn.Conv2d(4, 8, 3)
        self.dec = Up(8, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        enc = self.enc(x)
        return self.dec(self.mid(self.pool(enc)), enc)


def test_a_u_net_level_crops_by_indexing() -> None:
    text = """
        input: 1x62x62
        blocks:
          Up(cin, cout)(x, skip):
            up: ConvTranspose2d(cin, cout, 2, stride=2)(x)
            edge: (skip.shape[2] - up.shape[2]) // 2
            crop: skip[:, :, edge:-edge, edge:-edge]
            cat: cat([crop, up], dim=1)
            conv: Conv2d(2*cout, cout, 3)
        layers:
          enc: Conv2d(1, 4, 3)
          pool: MaxPool2d(2)
          mid: Conv2d(4, 8, 3)
          dec: Up(8, 4)(mid, enc)
    """
    equals(text, UNet(), (1, 1, 62, 62))


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> Any:
        once = self.relu(self.conv(x))
        return self.relu(self.conv(once)) + once


def test_a_shared_layer_is_counted_once() -> None:
    text = network("""
        conv: Conv2d(3, 3, 3, padding=1)
        relu: ReLU()
        again: relu(conv(relu))
        sum: again + relu
    """)
    equals(text, Shared(), (1, 3, 32, 32))
    assert trace(text).params == 3 * 3 * 9 + 3


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.words = nn.Embedding(100, 8)
        self.cls = nn.Parameter(torch.zeros(1, 1, 8))

    def forward(self, image: torch.Tensor, text: torch.Tensor) -> Any:
        features = self.conv(image).flatten(2).transpose(1, 2)
        words = torch.cat([self.cls.expand(text.size(0), -1, -1), self.words(text)], dim=1)
        return words @ features.transpose(1, 2), words


def test_two_inputs_and_two_outputs() -> None:
    text = """
        inputs: {image: 3x10x10, text: int64:7}
        layers:
          conv: Conv2d(3, 8, 3)(image)
          features: conv.flatten(2).transpose(1, 2)
          cls: Parameter(zeros(1, 1, 8))
          words: Embedding(100, 8)(text)
          all: cat([cls.expand(text.size(0), -1, -1), words], dim=1)
          scores: all @ features.mT
        outputs: [scores, all]
    """
    text = textwrap.dedent(text)
    module = Two()
    ours = by_convshape(text)
    zeros = torch.zeros((1, 7), dtype=torch.int64)
    assert ours.rows == torch_rows(module, torch.zeros(1, 3, 10, 10), zeros)
    assert ours.rows[0] == ("", ((1, 8, 64), (1, 8, 8)))
    assert ours.count == sum(p.numel() for p in module.parameters())
    assert by_torch(text) == ours
    assert trace(text, input=["3x12x12", "int64:9"], batch=2).rows[0].outputs == [
        (2, 10, 100),
        (2, 10, 8),
    ]


#: What each construct gives: the layers, and the rows of the trace but the first.
CONSTRUCTS = {
    "an operator": ("a: input * 2 + 1\nb: 1 - a\nc: a @ b", []),
    "unpacking": (
        "half, rest: input.chunk(2, dim=2)\nsum: half + rest",
        [("half", [(1, 3, 16, 32), (1, 3, 16, 32)])],
    ),
    "dropping": (
        "pool, _: MaxPool2d(2, return_indices=True)\nconv: Conv2d(3, 4, 3)",
        [("pool", [(1, 3, 16, 16), (1, 3, 16, 16)]), ("conv", [(1, 4, 14, 14)])],
    ),
    "unpacking in unpacking": (
        "seq: input.flatten(0, 1)\nout, (h, c): LSTM(32, 5, batch_first=True)(seq)\nsum: h + c",
        [("seq", [(3, 32, 32)]), ("out", [(3, 32, 5), (1, 3, 5), (1, 3, 5)])],
    ),
    "a condition that waits": (
        "a: F.max_pool2d(input, 2) if input.shape[2] > 16 else input\n"
        "b: a or input if 1 > 2 else a",
        [("a", [(1, 3, 16, 16)])],
    ),
    "a function before and a layer after": (
        "a: relu(input)\nrelu: ReLU()\nb: relu(a)\nc: F.relu(b)",
        [("relu", [(1, 3, 32, 32)])] * 2,
    ),
    "a tuple is indexed": (
        "a: input.split(8, dim=2)\nb: a[1][:, 0]",
        [("a", [(1, 3, 8, 32)] * 4), ("b", [(1, 32, 32), (1, 8, 32)][1:])],
    ),
    "comparisons in a row, and powers": (
        "a: Conv2d(3, 4 if 1 > 2 > 3 else 2 ** 1, 1)\nb: Dropout(2 ** -1)",
        [("a", [(1, 2, 32, 32)]), ("b", [(1, 2, 32, 32)])],
    ),
    "the size of a parameter": (
        "a: Conv2d(Parameter(zeros(3)).shape[0], 2, 1)",
        [("a", [(1, 2, 32, 32)])],
    ),
    "arguments by numpy's names": (
        "a: cat([input, input], axis=1)\nb: a.mean(axis=(2, 3), keepdims=True)",
        [("a", [(1, 6, 32, 32)]), ("b", [(1, 6, 1, 1)])],
    ),
    "layers of lists": (
        "a: Flatten()\nb: '[a, [a, (a,)]]'\nc: cat([b[0], b[1][0]])",
        [("a", [(1, 3072)]), ("c", [(2, 3072)])],
    ),
    "repeated sequences": (
        "a: 2 * Sequential(ReLU(), Conv2d(3, 3, 1))",
        [("a", 0), ("a.0", 0), ("a.0.0", 0), ("a.0.1", 0), ("a.1", 0), ("a.1.0", 0), ("a.1.1", 0)],
    ),
    "a sequence in mapping form": (
        "a: {Sequential: ['Conv2d(3, 4, 3)', ReLU(), 2 * ReLU()]}",
        [("a", 0), ("a.0", 0), ("a.1", 0), ("a.2", 0), ("a.3", 0)],
    ),
    "inferred channels": (
        "a: LazyConv2d(6, 5)\nb: {Conv2d: {out_channels: 4, kernel_size: 3}}\n"
        "c: {BatchNorm2d: {}}\nd: Flatten()\ne: {Linear: {out_features: 2}}",
        [
            ("a", [(1, 6, 28, 28)]),
            ("b", [(1, 4, 26, 26)]),
            ("c", [(1, 4, 26, 26)]),
            ("d", [(1, 2704)]),
            ("e", [(1, 2)]),
        ],
    ),
}


@pytest.mark.parametrize(("layers", "rows"), CONSTRUCTS.values(), ids=CONSTRUCTS)
def test_a_construct(layers: str, rows: list[Any]) -> None:
    text = network(layers)
    result = trace(text)
    assert result.error is None
    got = [(row.path, row.outputs if rows and rows[0][1] else 0) for row in result][1:]
    assert got == rows
    assert by_torch(text) == by_convshape(text)


@pytest.mark.parametrize(
    "layers",
    [
        "a: input.chunk(2, dim=2)\nb: ReLU()",
        "a: input.chunk(2, dim=2)\nb: ReLU()(a)",
        "a: Sequential(3)",
        "a: Conv2d(3, 4, 3, groups=2)",
        "a: input + zeros(7)",
        "a: Parameter(3)",
    ],
)
def test_what_torch_refuses_is_refused(layers: str) -> None:
    text = network(layers)
    assert not by_torch(text).accepted
    assert not by_convshape(text).accepted


def test_blocks_take_blocks_and_layers() -> None:
    text = """
        input: 4x8x8
        blocks:
          Residual(body):
            out: body(input) + input
          ConvAct(c, act=ReLU, norm=BatchNorm2d(4)):
            conv: Conv2d(c, c, 3, padding=1)
            norm1: norm
            act1: act()
          Stage(block, depth):
            blocks: depth * block(4)
          Half: [MaxPool2d(2)]
        layers:
          a: Residual(Sequential(ConvAct(4), ConvAct(4, act=GELU)))
          b: Stage(ConvAct, 2)
          c: Stage(block=ConvAct, depth=2)(a)
          d: Half()
    """
    text = textwrap.dedent(text)
    ours = by_convshape(text)
    paths = [path for path, _ in ours.rows]
    assert paths[1:6] == ["a", "a.body", "a.body.0", "a.body.0.conv", "a.body.0.norm"]
    assert "b.blocks.1.act1" in paths
    assert ours.count == 6 * (4 * 4 * 9 + 4 + 8)
    assert ours == by_torch(text)


def test_a_block_is_printed_as_a_module_of_its_name() -> None:
    module = read(textwrap.dedent(RESNET), "net.yaml").module
    assert "(0): BasicBlock(\n      (conv1): Conv2d(8, 8," in repr(module)
    assert "layer2.0.down.weight" in module.state_dict()


def test_operations_have_the_names_of_their_entries() -> None:
    result = trace(
        network("""
        flat: input.flatten(2)
        pooled: F.max_pool2d(input, 2)
    """)
    )
    assert [(row.path, row.layer) for row in result][1:] == [
        ("flat", "flatten(2)"),
        ("pooled", "max_pool2d(2)"),
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_random_networks_are_torchs(device: str, data: st.DataObject) -> None:
    text = random_network(lambda choices: data.draw(st.sampled_from(choices)))
    assert by_convshape(text).agrees(by_torch(text, device))


def test_a_copy_applies_its_own_layers() -> None:
    """A failing trace looks for inputs in a copy, whose lazy layers the network does not get."""
    result = trace(
        network("""
        a: LazyConv2d(6, 5)(input)
        f: a.flatten(1)
        g: LazyLinear(7)(f)
        l: Linear(10, 2)
    """)
    )
    assert result.error is not None
    assert result.params == (6 * 75 + 6) + (6 * 28 * 28 * 7 + 7) + 22


def test_an_index_is_written_as_one() -> None:
    assert (
        trace(network("a: input[:, 0, 2:-1, ::2, None]")).rows[-1].layer
        == "[:, 0, 2:-1, ::2, None]"
    )


def test_modules_of_torch() -> None:
    result = trace("""
        input: 3x16x16
        layers:
          spectrum: torch.fft.rfft2(input)
          energy: linalg.vector_norm(spectrum, dim=(2, 3))
          gate: special.expit(energy)
          left, values, right: torch.linalg.svd(input, full_matrices=False)
          half: fft.rfft(left, dim=1)
          fc: Linear(3, 4)(gate)
    """)
    shapes = {row.path: row.outputs for row in result}
    assert shapes["spectrum"] == [(1, 3, 16, 9)]
    assert shapes["energy"] == [(1, 3)]
    assert shapes["half"] == [(1, 2, 16, 16)]
    assert trace("input: 3x8\nlayers: [{fft.rfft: {input: input, dim: 1}}]").rows[-1].outputs == [
        (1, 2, 8)
    ]
    hidden = trace(
        "input: 3x8\nlayers: {fft: ReLU(), a: fft.sum(1), b: 'torch.fft.fft(a)'}"
    )  # a name of one's own
    assert hidden.rows[-1].outputs == [(1, 8)]
