# --in 1x4000
import torch.nn as nn


class M5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(1, 32, kernel_size=80, stride=4)
        self.bn1 = nn.BatchNorm1d(32)
        self.pool = nn.MaxPool1d(4)
        self.conv2 = nn.Conv1d(32, 64, kernel_size=3)
        self.bn2 = nn.BatchNorm1d(64)
        self.fc1 = nn.Linear(64, 35)

    def forward(self, x):
        x = self.pool(self.bn1(self.conv1(x)))
        x = self.pool(self.bn2(self.conv2(x)))
        x = nn.functional.avg_pool1d(x, x.shape[-1])
        x = x.permute(0, 2, 1)
        return self.fc1(x).squeeze(1)
