"""Each example that is a chain of layers equals a torch network: shapes, names, parameters."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from test_zoo import ZOO
from torch import nn

import convshape as cs

EXAMPLES = Path(__file__).parent.parent / "examples"


def named(*layers: tuple[str, nn.Module]) -> nn.Sequential:
    return nn.Sequential(OrderedDict(layers))


def lenet() -> nn.Sequential:
    return named(
        ("conv1", nn.Conv2d(3, 6, 5)),
        ("relu1", nn.ReLU()),
        ("pool1", nn.MaxPool2d(2)),
        ("conv2", nn.Conv2d(6, 16, 5)),
        ("relu2", nn.ReLU()),
        ("pool2", nn.MaxPool2d(2)),
        ("flat", nn.Flatten()),
        ("fc1", nn.Linear(400, 120)),
        ("relu3", nn.ReLU()),
        ("fc2", nn.Linear(120, 84)),
        ("relu4", nn.ReLU()),
        ("fc3", nn.Linear(84, 10)),
    )


def alexnet() -> nn.Sequential:
    def block(
        i: int, cin: int, cout: int, *args: int, pool: bool = False
    ) -> list[tuple[str, nn.Module]]:
        layers = [(f"conv{i}", nn.Conv2d(cin, cout, *args)), (f"relu{i}", nn.ReLU())]
        return [*layers, (f"pool{i}", nn.MaxPool2d(3, 2))] if pool else layers

    return named(
        *block(1, 3, 64, 11, 4, 2, pool=True),
        *block(2, 64, 192, 5, 1, 2, pool=True),
        *block(3, 192, 384, 3, 1, 1),
        *block(4, 384, 256, 3, 1, 1),
        *block(5, 256, 256, 3, 1, 1, pool=True),
        ("flat", nn.Flatten()),
        ("drop6", nn.Dropout()),
        ("fc6", nn.Linear(9216, 4096)),
        ("relu6", nn.ReLU()),
        ("drop7", nn.Dropout()),
        ("fc7", nn.Linear(4096, 4096)),
        ("relu7", nn.ReLU()),
        ("fc8", nn.Linear(4096, 1000)),
    )


def head(features: int, classes: int) -> list[tuple[str, nn.Module]]:
    return [
        ("flat", nn.Flatten()),
        ("fc6", nn.Linear(features, 4096)),
        ("relu6", nn.ReLU()),
        ("drop6", nn.Dropout()),
        ("fc7", nn.Linear(4096, 4096)),
        ("relu7", nn.ReLU()),
        ("drop7", nn.Dropout()),
        ("fc8", nn.Linear(4096, classes)),
    ]


def vgg16() -> nn.Sequential:
    layers: list[tuple[str, nn.Module]] = []
    channels = 3
    for block, (width, count) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), 1):
        for i in range(1, count + 1):
            layers += [
                (f"conv{block}_{i}", nn.Conv2d(channels, width, 3, padding=1)),
                (f"relu{block}_{i}", nn.ReLU()),
            ]
            channels = width
        layers.append((f"pool{block}", nn.MaxPool2d(2)))
    return named(*layers, *head(25088, 1000))


def dcgan_generator() -> nn.Sequential:
    layers: list[tuple[str, nn.Module]] = []
    widths = (100, 512, 256, 128, 64)
    for i, (cin, cout) in enumerate(itertools.pairwise(widths), 1):
        step = {} if i == 1 else {"stride": 2, "padding": 1}
        layers += [
            (f"up{i}", nn.ConvTranspose2d(cin, cout, 4, bias=False, **step)),
            (f"norm{i}", nn.BatchNorm2d(cout)),
            (f"relu{i}", nn.ReLU()),
        ]
    return named(
        *layers, ("up5", nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False)), ("image", nn.Tanh())
    )


def conv1d_audio() -> nn.Sequential:
    layers: list[tuple[str, nn.Module]] = []
    for i, (cin, cout, kernel, stride) in enumerate(
        ((1, 32, 80, 16), (32, 32, 3, 1), (32, 64, 3, 1), (64, 64, 3, 1)), 1
    ):
        layers += [
            (f"conv{i}", nn.Conv1d(cin, cout, kernel, stride)),
            (f"norm{i}", nn.BatchNorm1d(cout)),
            (f"relu{i}", nn.ReLU()),
        ]
        if i < 4:
            layers.append((f"pool{i}", nn.MaxPool1d(4)))
    return named(
        *layers,
        ("mean", nn.AvgPool1d(5)),
        ("flat", nn.Flatten()),
        ("fc", nn.Linear(64, 35)),
        ("out", nn.LogSoftmax(1)),
    )


def c3d() -> nn.Sequential:
    def conv(name: str, cin: int, cout: int) -> list[tuple[str, nn.Module]]:
        return [(f"conv{name}", nn.Conv3d(cin, cout, 3, padding=1)), (f"relu{name}", nn.ReLU())]

    return named(
        *conv("1a", 3, 64),
        ("pool1", nn.MaxPool3d((1, 2, 2))),
        *conv("2a", 64, 128),
        ("pool2", nn.MaxPool3d(2)),
        *conv("3a", 128, 256),
        *conv("3b", 256, 256),
        ("pool3", nn.MaxPool3d(2)),
        *conv("4a", 256, 512),
        *conv("4b", 512, 512),
        ("pool4", nn.MaxPool3d(2)),
        *conv("5a", 512, 512),
        *conv("5b", 512, 512),
        ("pool5", nn.MaxPool3d(2, padding=(0, 1, 1))),
        *head(8192, 487),
    )


NETWORKS = {
    "lenet": (lenet, (3, 32, 32), 62_006),
    "alexnet": (alexnet, (3, 224, 224), 61_100_840),
    "vgg16": (vgg16, (3, 224, 224), 138_357_544),
    "dcgan_generator": (dcgan_generator, (100, 1, 1), 3_576_704),
    "conv1d_audio": (conv1d_audio, (1, 8000), 26_915),
    "c3d": (c3d, (3, 16, 112, 112), 79_991_015),
}


def test_every_example_is_compared() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == {*NETWORKS, *ZOO}


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_an_example_equals_torch(name: str, batch: int, device: str) -> None:
    build, sample, params = NETWORKS[name]
    with torch.device("meta"):  # random weights would take longer than all the rest
        network = build().eval()
    for value in network.to_empty(device=device).state_dict().values():
        value.zero_()
    expected = []

    def record(module: nn.Module, args: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        expected.append(
            (list(args[0].shape), list(output.shape), sum(p.numel() for p in module.parameters()))
        )

    for _, child in network.named_children():
        child.register_forward_hook(record)
    with torch.no_grad():
        out = network(torch.zeros(batch, *sample, device=device))

    answer = cs.trace(EXAMPLES / f"{name}.yaml", batch=batch).to_dict()
    assert answer["error"] is None
    root, *rows = answer["rows"]
    total = sum(p.numel() for p in network.parameters())
    assert [row["path"] for row in answer["rows"]] == [path for path, _ in network.named_modules()]
    assert [(row["in"], row["out"], row["params"]) for row in rows] == [
        ([i], [o], p) for i, o, p in expected
    ]
    assert (root["in"], root["out"], root["params"]) == (
        [[batch, *sample]],
        [list(out.shape)],
        total,
    )
    assert answer["total"]["params"] == total == params


@pytest.mark.parametrize("name", NETWORKS)
def test_the_command_line_prints_the_same_json(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    command = [sys.executable, "-m", "convshape", "trace", str(path), "--format", "json"]
    shown = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=True
    ).stdout
    assert json.loads(shown) == cs.trace(path).to_dict()


def test_the_layers_as_text_are_the_calls_that_make_them() -> None:
    for name, (build, _, _) in NETWORKS.items():
        rows = cs.trace(EXAMPLES / f"{name}.yaml").rows[1:]
        with torch.device("meta"):
            for row, layer in zip(rows, build(), strict=True):
                assert repr(eval(row.layer, vars(nn))) == repr(layer)
