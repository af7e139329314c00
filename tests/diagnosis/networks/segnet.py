# --in 3x32x64
import torch.nn as nn
import torch.nn.functional as F


class SegNet(nn.Module):
    def __init__(self, classes=4):
        super().__init__()
        self.e1 = nn.Conv2d(3, 16, 3, padding=1)
        self.e2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2, 2)
        self.d2 = nn.Conv2d(32, 16, 3, padding=1)
        self.d1 = nn.Conv2d(16, classes, 3, padding=1)

    def forward(self, x):
        x, i1 = self.pool(F.relu(self.e1(x)))
        x, i2 = self.pool(F.relu(self.e2(x)))
        x = F.relu(self.d2(self.unpool(x, i2)))
        return self.d1(self.unpool(x, i1))
