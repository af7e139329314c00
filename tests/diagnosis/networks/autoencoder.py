# --in 1x28x28
import torch
import torch.nn as nn


class Autoencoder(nn.Module):
    def __init__(self, latent=16):
        super().__init__()
        self.enc1 = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.enc2 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.fc = nn.Linear(16 * 7 * 7, latent)
        self.back = nn.Linear(latent, 784)
        self.dec1 = nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1)
        self.dec2 = nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1, output_padding=1)

    def forward(self, x):
        y = torch.relu(self.enc1(x))
        y = torch.relu(self.enc2(y))
        z = self.fc(y.flatten(1))
        y = self.back(z).view(-1, 16, 7, 7)
        y = torch.relu(self.dec1(y))
        return torch.sigmoid(self.dec2(y)) + x
