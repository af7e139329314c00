"""A large network that several tests run."""

from __future__ import annotations

import convshape as cs


class Bottleneck(cs.nn.Module):
    def __init__(self, cin: int, width: int, stride: int, early: bool) -> None:
        super().__init__()
        nn = cs.nn
        first, second = (stride, 1) if early else (1, stride)
        self.conv1 = nn.Conv2d(cin, width, 1, first, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, second, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or cin != 4 * width:
            self.downsample = nn.Sequential(
                nn.Conv2d(cin, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width)
            )

    def forward(self, x: cs.Tensor) -> cs.Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(out)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


def resnet50(early: bool) -> cs.nn.Module:
    nn = cs.nn
    net = nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
    )
    cin = 64
    for i, (width, count) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), 1):
        blocks = []
        for j in range(count):
            blocks.append(Bottleneck(cin, width, 2 if i > 1 and j == 0 else 1, early))
            cin = 4 * width
        net.add_module(f"layer{i}", nn.Sequential(*blocks))
    for name, layer in (
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flat", nn.Flatten()),
        ("fc", nn.Linear(2048, 1000)),
    ):
        net.add_module(name, layer)
    return net
