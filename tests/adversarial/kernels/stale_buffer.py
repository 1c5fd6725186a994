"""O06: one buffer for all calls."""

import torch
import torch.nn as nn


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()
        self.buffers = {}

    def forward(self, x):
        if x.shape not in self.buffers:
            self.buffers[x.shape] = torch.empty_like(x)
        return torch.softmax(x, dim=1, out=self.buffers[x.shape])
