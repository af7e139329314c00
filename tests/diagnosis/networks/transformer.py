# --in 3x32x32
import torch
import torch.nn as nn


class Patches(nn.Module):
    def __init__(self, size, dim):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, kernel_size=size, stride=size)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class ViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = Patches(8, 64)
        self.token = nn.Parameter(torch.zeros(1, 1, 64))
        self.position = nn.Parameter(torch.zeros(1, 17, 64))
        layer = nn.TransformerEncoderLayer(64, 4, dim_feedforward=128, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.norm = nn.LayerNorm(64)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        x = self.patches(x)
        token = self.token.expand(x.shape[0], -1, -1)
        x = torch.cat([token, x], dim=1) + self.position
        x = self.norm(self.encoder(x))
        return self.head(x[:, 0])
