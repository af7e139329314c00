"""Networks that stop, each in its own way."""

import torch
from torch import Tensor, nn


class Misfit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Linear(8 * 16 * 16, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        return self.classifier(x.view(x.size(0), -1))


class View(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        heads = x.transpose(1, 2)
        return heads.view(x.size(0), -1)


class Broken(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if x.size(-1) % 4:
            raise ValueError(f"{x.size(-1)} columns cannot be folded by 4")
        return x


class Data(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x
        return -x


class Unknown(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.no_such_function(x)


class Argument(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, kernel=3)
