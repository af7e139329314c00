"""PyTorch networks whose input sizes people ask about; convshape reads them, torch runs them."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import nn


class LeNet(nn.Module):
    """LeCun and others 1998, with the classifier for 32 × 32."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2 = nn.Linear(16 * 5 * 5, 120), nn.Linear(120, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))


class AlexNet(nn.Module):
    """Krizhevsky 2014, narrow, without the adaptive pooling of torchvision's."""

    def __init__(self, width=4):
        super().__init__()
        w = width
        self.features = nn.Sequential(
            nn.Conv2d(3, w, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(w, w, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(w, w, 3, padding=1), nn.ReLU(),
            nn.Conv2d(w, w, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.classifier = nn.Linear(w * 6 * 6, 10)

    def forward(self, x):
        x = self.features(x)
        return self.classifier(x.view(x.size(0), -1))


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.down = (
            nn.Conv2d(cin, cout, 1, stride, bias=False) if stride > 1 or cin != cout else None
        )

    def forward(self, x):
        side = x if self.down is None else self.down(x)
        return F.relu(self.conv2(F.relu(self.conv1(x))) + side)


class ResNet18(nn.Module):
    """He and others 2015, narrow."""

    def __init__(self, width=2):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        blocks, cin = [], width
        for i in range(4):
            for stride in (1 if i == 0 else 2, 1):
                blocks.append(Block(cin, width * 2**i, stride))
                cin = width * 2**i
        self.blocks = nn.Sequential(*blocks)
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(cin, 10)

    def forward(self, x):
        return self.fc(torch.flatten(self.pool(self.blocks(self.stem(x))), 1))


def double(cin, cout, padding):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=padding),
        nn.ReLU(),
        nn.Conv2d(cout, cout, 3, padding=padding),
        nn.ReLU(),
    )


class UNet(nn.Module):
    """Ronneberger and others 2015, narrow: with padding, or cropped without, as in the paper."""

    def __init__(self, padding=1, depth=4, width=2):
        super().__init__()
        self.padding = padding
        widths = [width * 2**i for i in range(depth + 1)]
        self.inc = double(1, width, padding)
        self.downs = nn.ModuleList(double(a, b, padding) for a, b in itertools.pairwise(widths))
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(b, a, 2, 2) for a, b in itertools.pairwise(widths)
        )
        self.convs = nn.ModuleList(double(2 * a, a, padding) for a in widths[:-1])

    def forward(self, x):
        skips = [self.inc(x)]
        for down in self.downs:
            skips.append(down(F.max_pool2d(skips[-1], 2)))
        x = skips.pop()
        for up, conv in reversed(list(zip(self.ups, self.convs, strict=True))):
            x, skip = up(x), skips.pop()
            if not self.padding:
                top = (skip.shape[2] - x.shape[2]) // 2
                left = (skip.shape[3] - x.shape[3]) // 2
                skip = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
            x = conv(torch.cat([skip, x], dim=1))
        return x


class Discriminator(nn.Module):
    """DCGAN's, Radford and others 2015, for 64 × 64, narrow."""

    def __init__(self, width=2):
        super().__init__()
        w = width
        self.main = nn.Sequential(
            nn.Conv2d(3, w, 4, 2, 1, bias=False), nn.LeakyReLU(0.2),
            nn.Conv2d(w, 2 * w, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * w), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * w, 4 * w, 4, 2, 1, bias=False), nn.BatchNorm2d(4 * w), nn.LeakyReLU(0.2),
            nn.Conv2d(4 * w, 8 * w, 4, 2, 1, bias=False), nn.BatchNorm2d(8 * w), nn.LeakyReLU(0.2),
            nn.Conv2d(8 * w, 1, 4, 1, 0, bias=False), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        return self.main(x)


class SegNet(nn.Module):
    """Badrinarayanan and others 2015, narrow: maxima go back to where they came from."""

    def __init__(self, depth=3, width=2, sized=True):
        super().__init__()
        self.sized = sized
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.encoder = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(depth))
        self.decoder = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(depth))
        self.pool = nn.MaxPool2d(2, 2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2, 2)

    def forward(self, x):
        x, pooled = self.first(x), []
        for conv in self.encoder:
            x = conv(x)
            size = x.size()
            x, indices = self.pool(x)
            pooled.append((indices, size))
        for conv in self.decoder:
            indices, size = pooled.pop()
            x = conv(
                self.unpool(x, indices, output_size=size) if self.sized else self.unpool(x, indices)
            )
        return x


class M5(nn.Module):
    """Dai and others 2016, on 8 kHz audio, narrow."""

    def __init__(self, width=2):
        super().__init__()
        w = width
        self.layers = nn.Sequential(
            nn.Conv1d(1, w, 80, stride=16), nn.BatchNorm1d(w), nn.ReLU(), nn.MaxPool1d(4),
            nn.Conv1d(w, w, 3), nn.BatchNorm1d(w), nn.ReLU(), nn.MaxPool1d(4),
            nn.Conv1d(w, 2 * w, 3), nn.BatchNorm1d(2 * w), nn.ReLU(), nn.MaxPool1d(4),
        )  # fmt: skip
        self.fc = nn.Linear(2 * w, 35)

    def forward(self, x):
        x = self.layers(x)
        x = F.avg_pool1d(x, x.shape[-1]).permute(0, 2, 1)
        return F.log_softmax(self.fc(x), dim=2)


class Patches(nn.Module):
    """A vision transformer's beginning: patches, one more token, and a place for each."""

    def __init__(self, size=32, patch=8, width=4):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, patch)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.place = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, width))

    def forward(self, x):
        x = self.proj(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], dim=1) + self.place
        return x[:, 0]


class Windows(nn.Module):
    """Swin's windows, cut out of an image and put together again."""

    def __init__(self, window=4, heads=2, width=4):
        super().__init__()
        self.window, self.heads = window, heads
        self.proj, self.qkv = nn.Conv2d(3, width, 2, 2), nn.Linear(width, 3 * width)

    def forward(self, x):
        x = self.proj(x).permute(0, 2, 3, 1)
        b, h, w, c = x.shape
        m = self.window
        x = x.view(b, h // m, m, w // m, m, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, m * m, c)
        q, k, v = (
            self.qkv(x)
            .reshape(x.shape[0], m * m, 3, self.heads, -1)
            .permute(2, 0, 3, 1, 4)
            .unbind(0)
        )
        x = ((q @ k.transpose(-2, -1)).softmax(-1) @ v).transpose(1, 2).reshape(x.shape)
        return x.view(b, h // m, w // m, m, m, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)


class Resizing(nn.Module):
    """What FPN and others do: scale factors, whole and not, and the size of another."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3, 2, 1), nn.Conv2d(4, 4, 3, 2, 1)
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, x):
        a = self.a(x)
        b = self.b(a)
        b = F.interpolate(b, scale_factor=1.5) + F.adaptive_avg_pool2d(
            a, (b.shape[2] * 3 // 2, b.shape[3] * 3 // 2)
        )
        c = F.interpolate(self.a(x), size=b.shape[-2:], mode="bilinear")
        left, right = self.shuffle(c + b).chunk(2, dim=-1)
        return left + right


class Sequences(nn.Module):
    """Positions by arange, a convolution, a recurrent layer and attention over a series."""

    def __init__(self, longest=60):
        super().__init__()
        self.conv, self.gru = nn.Conv1d(4, 8, 3, stride=2), nn.GRU(8, 8, batch_first=True)
        self.place = nn.Embedding(longest, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        x = self.conv(x).transpose(1, 2)
        x, _ = self.gru(x + self.place(torch.arange(x.size(1), device=x.device)))
        x, weights = self.attention(x, x, x)
        return torch.einsum("btc,bst->bsc", x, weights)


class Folds(nn.Module):
    """Blocks taken apart and put together, padding by what is missing to a multiple of 8."""

    def forward(self, x):
        h, w = x.shape[-2:]
        x = F.pad(x, (0, -w % 8, 0, -h % 8))
        blocks = F.unfold(x, 4, stride=4)
        x = F.fold(blocks, x.shape[-2:], 4, stride=4)
        first, second = torch.split(x, [x.shape[2] // 2, x.shape[2] - x.shape[2] // 2], dim=2)
        return torch.stack([first, second]).expand(2, -1, -1, -1, -1)[..., :h, :w]
