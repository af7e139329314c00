# --in int64:30
import torch
import torch.nn as nn


class Tagger(nn.Module):
    def __init__(self, words=500, width=48, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        self.lstm = nn.LSTM(width, hidden, num_layers=2, batch_first=True, bidirectional=True)
        self.norm = nn.LayerNorm(128)
        self.fc = nn.Linear(128, 7)

    def forward(self, x):
        x = self.embedding(x)
        _, (h, _) = self.lstm(x)
        last = torch.cat([h[-2], h[-1]], dim=1)
        return self.fc(self.norm(last))
