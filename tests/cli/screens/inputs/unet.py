"""A U-Net with padding, so that what is joined has one size where the input is a multiple of 4."""

import torch
from torch import Tensor, nn


def double(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(cout, cout, 3, padding=1),
        nn.ReLU(),
    )


class UNet(nn.Module):
    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.down1, self.down2 = double(1, width), double(width, 2 * width)
        self.bottom = double(2 * width, 4 * width)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.conv2 = double(4 * width, 2 * width)
        self.up1 = nn.Upsample(scale_factor=2, mode="bilinear")
        self.conv1 = double(3 * width, width)
        self.out = nn.Conv2d(width, 2, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        down1 = self.down1(image)
        down2 = self.down2(self.pool(down1))
        up2 = self.conv2(torch.cat([down2, self.up2(self.bottom(self.pool(down2)))], dim=1))
        up1 = self.conv1(torch.cat([down1, self.up1(up2)], dim=1))
        return self.out(up1), up2
