"""The networks of ``examples/`` equal the originals, by every layer's shape and name.

Each is judged by torch too, which reads the same file; and what no other implementation says of it
(the parameters and names that torchvision has, or a network written by hand) is said here.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from terminal import ROOT
from torch import Tensor, nn
from torch_networks import TORCH, by_convshape, by_torch

import convshape as cs
from convshape.readers.network_file.reader import read

#: How many parameters each has, and some of torchvision's names for them, where it has the network.
ZOO: dict[str, tuple[int, dict[str, tuple[int, ...]]]] = {
    "resnet18": (
        11_689_512,
        {
            "bn1.weight": (64,),
            "layer1.1.conv2.weight": (64, 64, 3, 3),
            "layer4.0.downsample.0.weight": (512, 256, 1, 1),
            "fc.bias": (1000,),
        },
    ),
    "resnet50": (
        25_557_032,
        {
            "layer1.0.conv1.weight": (64, 64, 1, 1),
            "layer1.0.downsample.1.bias": (256,),
            "layer3.5.conv3.weight": (1024, 256, 1, 1),
            "fc.weight": (1000, 2048),
        },
    ),
    "googlenet": (
        6_624_904,
        {
            "conv1.conv.weight": (64, 3, 7, 7),
            "inception3a.branch1.conv.weight": (64, 192, 1, 1),
            "inception4d.branch3.1.bn.weight": (64,),
            "inception5b.branch4.1.conv.weight": (128, 832, 1, 1),
        },
    ),
    "densenet121": (
        7_978_856,
        {
            "features.conv0.weight": (64, 3, 7, 7),
            "features.denseblock1.denselayer1.norm1.weight": (64,),
            "features.denseblock3.denselayer24.conv1.weight": (128, 992, 1, 1),
            "features.transition3.conv.weight": (512, 1024, 1, 1),
            "classifier.weight": (1000, 1024),
        },
    ),
    "mobilenetv2": (
        3_504_872,
        {
            "features.0.0.weight": (32, 3, 3, 3),
            "features.1.conv.1.weight": (16, 32, 1, 1),
            "features.17.conv.1.0.weight": (960, 1, 3, 3),
            "features.18.1.weight": (1280,),
            "classifier.1.bias": (1000,),
        },
    ),
    "squeezenet": (
        1_235_496,
        {
            "features.3.squeeze.weight": (16, 64, 1, 1),
            "features.12.expand3x3.weight": (256, 64, 3, 3),
            "classifier.1.weight": (1000, 512, 1, 1),
        },
    ),
    "unet": (31_030_658, {}),
    "fcn8s": (134_489_759, {}),
    "wavenet": (537_536, {}),
    "vae": (652_824, {}),
    "vit": (22_050_664, {}),
    "lstm_classifier": (5_568_514, {}),
}


def text(name: str) -> str:
    return (ROOT / "examples" / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ZOO)
def test_every_layer_equals_torch(name: str) -> None:
    params, names = ZOO[name]
    file = f"{text(name)}batch: 2\n"
    ours = by_convshape(file)
    with torch.device("meta"):
        theirs = by_torch(file, "meta")
    assert theirs.accepted, theirs.message
    assert ours == theirs
    assert ours.count == params
    assert dict(ours.parameters).items() >= names.items()


def unet() -> nn.Module:
    class UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            widths = (1, 64, 128, 256, 512, 1024)
            self.down = nn.ModuleList(self.two(a, b) for a, b in pairwise(widths))
            self.up = nn.ModuleList(nn.ConvTranspose2d(2 * c, c, 2, 2) for c in widths[-2:0:-1])
            self.joined = nn.ModuleList(self.two(2 * c, c) for c in widths[-2:0:-1])
            self.last = nn.Conv2d(64, 2, 1)

        def two(self, cin: int, cout: int) -> nn.Module:
            return nn.Sequential(
                nn.Conv2d(cin, cout, 3), nn.ReLU(), nn.Conv2d(cout, cout, 3), nn.ReLU()
            )

        def forward(self, x: Tensor) -> Tensor:
            skips = []
            for down in self.down:
                x = down(F.max_pool2d(x, 2) if skips else x)
                skips.append(x)
            for up, joined, skip in zip(self.up, self.joined, skips[-2::-1], strict=True):
                x = up(x)
                edge = (x.shape[2] - skip.shape[2]) // 2  # negative: it cuts
                x = joined(torch.cat([F.pad(skip, [edge] * 4), x], 1))
            return self.last(x)

    return UNet()


def fcn8s() -> nn.Module:
    class FCN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers: list[nn.Module] = []
            cin = 3
            for cout in (
                64,
                64,
                0,
                128,
                128,
                0,
                256,
                256,
                256,
                0,
                512,
                512,
                512,
                0,
                512,
                512,
                512,
                0,
            ):
                layers += (
                    [nn.Conv2d(cin, cout, 3, padding=1 if layers else 100), nn.ReLU()]
                    if cout
                    else [nn.MaxPool2d(2, ceil_mode=True)]
                )
                cin = cout or cin
            self.to3, self.to4, self.to5 = (
                nn.Sequential(*layers[a:b]) for a, b in ((0, 17), (17, 24), (24, 31))
            )
            self.fc = nn.Sequential(
                nn.Conv2d(512, 4096, 7), nn.ReLU(), nn.Conv2d(4096, 4096, 1), nn.ReLU()
            )
            self.score = nn.ModuleList(nn.Conv2d(c, 21, 1) for c in (4096, 512, 256))
            self.up = nn.ModuleList(
                nn.ConvTranspose2d(21, 21, k, s, bias=False) for k, s in ((4, 2), (4, 2), (16, 8))
            )

        def forward(self, x: Tensor) -> Tensor:
            height, width = x.shape[2:]
            pool3 = self.to3(x)
            pool4 = self.to4(pool3)
            y = self.up[0](self.score[0](self.fc(self.to5(pool4))))
            y = self.up[1](
                y + self.score[1](pool4).narrow(2, 5, y.shape[2]).narrow(3, 5, y.shape[3])
            )
            y = self.up[2](
                y + self.score[2](pool3).narrow(2, 9, y.shape[2]).narrow(3, 9, y.shape[3])
            )
            return y.narrow(2, 31, height).narrow(3, 31, width)

    return FCN()


def wavenet() -> nn.Module:
    class WaveNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv1d(256, 64, 2)
            self.both = nn.ModuleList(nn.Conv1d(64, 128, 2, dilation=2**i) for i in range(10))
            self.residual, self.skip = (
                nn.ModuleList(nn.Conv1d(64, c, 1) for _ in range(10)) for c in (64, 256)
            )
            self.last = nn.Sequential(
                nn.ReLU(), nn.Conv1d(256, 256, 1), nn.ReLU(), nn.Conv1d(256, 256, 1)
            )

        def forward(self, x: Tensor) -> Tensor:
            x, skips = self.first(F.pad(x, (1, 0))), []
            for both, residual, skip in zip(self.both, self.residual, self.skip, strict=True):
                filtered, gate = both(F.pad(x, (both.dilation[0], 0))).chunk(2, 1)
                gated = filtered.tanh() * gate.sigmoid()
                x = x + residual(gated)
                skips.append(skip(gated))
            return self.last(sum(skips))

    return WaveNet()


def vae() -> nn.Module:
    class VAE(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encode = nn.Sequential(nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 40))
            self.decode = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784))

        def forward(self, x: Tensor) -> tuple[Tensor, ...]:
            mean, variance = self.encode(x.flatten(1)).chunk(2, 1)
            return self.decode(mean + (variance / 2).exp()), mean, variance

    return VAE()


def vit() -> nn.Module:
    class ViT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches = nn.Conv2d(3, 384, 16, 16)
            self.token = nn.Parameter(torch.zeros(1, 1, 384))
            self.places = nn.Parameter(torch.zeros(197, 384))
            layer = nn.TransformerEncoderLayer(384, 6, 1536, batch_first=True, norm_first=True)
            self.encoder = nn.TransformerEncoder(
                layer, 12, nn.LayerNorm(384), enable_nested_tensor=False
            )
            self.head = nn.Linear(384, 1000)

        def forward(self, x: Tensor) -> Tensor:
            x = self.patches(x).flatten(2).mT
            x = torch.cat([self.token.repeat(len(x), 1, 1), x], 1) + self.places
            return self.head(self.encoder(x)[:, 0])

    return ViT()


def lstm_classifier() -> nn.Module:
    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(25000, 128)
            self.forth, self.back = (nn.LSTM(128, 256) for _ in range(2))
            self.forth2, self.back2 = (nn.LSTM(512, 256) for _ in range(2))
            self.last = nn.Linear(512, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.words(x.T)
            x = torch.cat([self.forth(x)[0], self.back(x.flip(0))[0].flip(0)], 2)
            return self.last(torch.cat([self.forth2(x)[0][-1], self.back2(x.flip(0))[0][-1]], 1))

    return Classifier()


@pytest.mark.parametrize("build", [unet, fcn8s, wavenet, vae, vit, lstm_classifier])
def test_it_is_the_network_that_one_writes_by_hand(build: object) -> None:
    name = build.__name__
    trace = cs.trace(ROOT / "examples" / f"{name}.yaml", batch=2)
    (given,) = trace.rows[0].inputs
    with torch.device("meta"):
        module = build().eval()
        output = module(
            torch.zeros(given, dtype=torch.int64 if name == "lstm_classifier" else None)
        )
    outputs = output if isinstance(output, tuple) else (output,)
    assert trace.rows[0].outputs == [tuple(each.shape) for each in outputs]
    assert trace.params == sum(each.numel() for each in module.parameters())


def test_what_the_papers_say_of_sizes() -> None:
    def output(name: str, **options: object) -> tuple[int, ...]:
        (shape,) = cs.trace(ROOT / "examples" / f"{name}.yaml", **options).rows[0].outputs
        return shape

    assert output("unet") == (1, 2, 388, 388)
    assert output("unet", input="1x188x204") == (1, 2, 4, 20)
    assert output("fcn8s") == (1, 21, 500, 500)
    assert output("fcn8s", input="3x375x501") == (1, 21, 375, 501)
    assert output("fcn8s", input="3x1x64") == (1, 21, 1, 64)


def test_the_constants_make_the_others_of_a_family() -> None:
    base = cs.trace(ROOT / "examples/vit.yaml", constants={"width": "768", "heads": "12"})
    assert base.params == 86_567_656
    paper = cs.trace(ROOT / "examples/googlenet.yaml", constants={"five": "5"})
    fives = [row for row in paper if row.path.endswith("branch3.1.conv")]
    assert {row.inputs[0][2:] == row.outputs[0][2:] for row in fives} == {True}
    assert paper.params - 6_624_904 == sum(
        row.inputs[0][1] * row.outputs[0][1] for row in fives
    ) * (25 - 9)


def test_a_prediction_of_wavenet_sees_1025_samples() -> None:
    trace = cs.trace(ROOT / "examples/wavenet.yaml")
    fields = {row.path: row.field for row in trace}
    assert [fields[path][0][0] for path in ("causal", "layer1", "layer5.gate")] == [2, 3, 33]
    assert trace.rows[-1].field == [(1025, 1, -1024)]
    small = text("wavenet").replace("256x16000", "2x1100")
    small = small.replace("width: 64, skips: 256, levels: 256", "width: 1, skips: 1, levels: 2")
    module = read(small, "net.yaml", vocabulary=TORCH).module.double()
    for parameter in module.parameters():
        nn.init.constant_(parameter, 0.1)
    x = torch.zeros(1, 2, 1100, dtype=torch.float64, requires_grad=True)
    module(x)[0, 0, -1].backward()
    assert x.grad is not None
    assert x.grad[0].any(0).nonzero().flatten().tolist() == list(range(1100 - 1025, 1100))


def test_the_last_block_of_resnet50_sees_427_pixels() -> None:
    trace = cs.trace(ROOT / "examples/resnet50.yaml")
    block = next(row for row in trace if row.path == "layer4.2")
    assert block.field == [(427, 32, -213)] * 2
